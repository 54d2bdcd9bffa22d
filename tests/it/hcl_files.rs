//! Files and templates, and that nothing is read outside the root.

use std::path::PathBuf;

use super::hcl_support::{Evaluated, evaluated};

const MODULE: &str = "";

/// A fresh folder with a root in it and a file beside the root.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("keytrail-hcl-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("root/sub")).unwrap();
    std::fs::write(folder.join("secret.txt"), "hunter2").unwrap();
    std::fs::write(folder.join("root/a.txt"), "inside").unwrap();
    std::fs::write(folder.join("root/sub/b.json"), "{}").unwrap();
    folder
}

#[test]
#[cfg(unix)]
fn nothing_is_read_outside_the_root() {
    let folder = folder("root");
    let root = folder.join("root");
    std::os::unix::fs::symlink("../secret.txt", root.join("link.txt")).unwrap();
    std::os::unix::fs::symlink("..", root.join("up")).unwrap();
    std::os::unix::fs::symlink("a.txt", root.join("fine.txt")).unwrap();
    let read = |call: &str| -> Evaluated { evaluated(MODULE, call, &root) };
    let outside = folder.join("secret.txt");
    for path in [
        "../secret.txt",
        "link.txt",
        "up/secret.txt",
        outside.to_str().unwrap(),
    ] {
        for call in ["file", "filebase64", "fileexists", "filesha256", "filemd5"] {
            let problem = read(&format!("{call}({path:?})")).problem();
            assert!(
                problem.contains("outside the folder"),
                "{call} {path}: {problem}"
            );
        }
        let problem = read(&format!("templatefile({path:?}, {{}})")).problem();
        assert!(problem.contains("outside the folder"), "{problem}");
    }
    assert!(read("fileset(\"..\", \"*\")").problem().contains("outside"));
    assert_eq!(read("file(\"fine.txt\")").text(), "inside");
    assert_eq!(read("file(\"sub/../a.txt\")").text(), "inside");
    assert_eq!(
        format!("{:?}", read("fileexists(\"none\")").value()),
        "false"
    );
    assert_eq!(
        read("jsonencode(fileset(\".\", \"**/*.{txt,json}\"))").text(),
        "[\"a.txt\",\"fine.txt\",\"link.txt\",\"sub/b.json\"]"
    );
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_template_file_sees_only_what_it_is_given() {
    let folder = folder("template");
    let root = folder.join("root");
    let write = |text: &str| std::fs::write(root.join("t.tftpl"), text).unwrap();
    let read = |call: &str| evaluated("locals { x = 1 }", call, &root);
    write("%{ for s in services ~}\n  ${s}!\n%{ endfor ~}\nend");
    let found = read("templatefile(\"t.tftpl\", { services = [\"a\", aws_x.y.arn] })");
    assert_eq!(found.text(), "  a!\n  ${aws_x.y.arn}!\nend");
    let location = found.sources.location(found.value().span());
    assert_eq!(location.file, "t.tftpl");
    write("${local.x}");
    assert!(
        read("templatefile(\"t.tftpl\", {})")
            .problem()
            .contains("`local`")
    );
    write("${templatefile(\"t.tftpl\", {})}");
    assert!(
        read("templatefile(\"t.tftpl\", {})")
            .problem()
            .contains("recursively")
    );
    write("${x");
    let found = read("templatefile(\"t.tftpl\", {})");
    let place = found.result.as_ref().unwrap_err().origin.span();
    assert_eq!(found.sources.location(place).file, "t.tftpl");
    assert_eq!(read("templatestring(\"<$${x}>\", { x = 1 })").text(), "<1>");
    std::fs::remove_dir_all(folder).unwrap();
}
