//! Files that are none, that are too large, that cannot be read, or that change while they are: one clear error and exit 2, soon and without much
//! memory.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::run::{self, EMPTY_PLAN, folder};
use crate::support::sketch::Sketch;

/// Far more than any run takes; what waits for a pipe never ends.
const LIMIT: Duration = Duration::from_mins(2);

/// How a run in a folder ended: its code, and what it said.
fn check(folder: &Path, args: &[&str]) -> (i32, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_keytrail"))
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let started = Instant::now();
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    // Read aside, so that a full pipe does not stop it.
    let read = std::thread::spawn(move || {
        let mut said = String::new();
        let _ = std::io::Read::read_to_string(&mut err, &mut said);
        said
    });
    let also = std::thread::spawn(move || {
        let mut said = String::new();
        let _ = std::io::Read::read_to_string(&mut out, &mut said);
        said
    });
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > LIMIT {
            child.kill().unwrap();
            panic!("{args:?} does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let said = also.join().unwrap() + &read.join().unwrap();
    (status.code().unwrap_or(-1), said)
}

fn here(name: &str) -> PathBuf {
    let plan = Sketch::new("{}").plan();
    let path = PathBuf::from(folder(
        name,
        &[("good.json", &plan), ("tree/main.tf", "locals {}\n")],
    ));
    std::fs::create_dir(path.join(".git")).unwrap();
    path
}

/// A file of so many bytes that takes no room on the disk.
fn sparse(path: &Path, start: &[u8], bytes: u64) {
    let mut file = std::fs::File::create(path).unwrap();
    file.write_all(start).unwrap();
    file.set_len(bytes).unwrap();
}

#[test]
fn a_file_that_is_too_large_is_not_read() {
    let here = here("hostile-large");
    sparse(&here.join("nothing.json"), b"", 4 << 30);
    sparse(
        &here.join("plan.json"),
        EMPTY_PLAN.as_bytes(),
        (4 << 30) + 1,
    );
    sparse(&here.join("just.json"), b"", (1 << 30) + 1);
    sparse(&here.join("keytrail.toml"), b"", 4 << 30);
    sparse(&here.join("base.json"), b"{", 4 << 30);
    sparse(&here.join("prod.tfvars"), b"", 4 << 30);
    sparse(&here.join("policy.json"), b"{", 2 << 20);
    let started = Instant::now();
    for (args, says) in [
        (&["--no-config", "nothing.json"][..], "more than 1 GiB"),
        (&["--no-config", "plan.json"], "more than 1 GiB"),
        (&["--no-config", "just.json"], "more than 1 GiB"),
        (&["good.json"], "more than 1048576 bytes"),
        (
            &["--no-config", "--baseline", "base.json", "good.json"],
            "more than 67108864 bytes",
        ),
        (
            &["--no-config", "--var-file", "prod.tfvars", "tree"],
            "more than 67108864 bytes",
        ),
        (
            &[
                "--no-config",
                "--key-policy",
                "arn:aws:kms:us-east-1:111122223333:key/1=policy.json",
                "good.json",
            ],
            "more than 1 MiB",
        ),
    ] {
        let (code, said) = check(&here, &[&["check"], args].concat());
        assert_eq!(code, 2, "{args:?}: {said}");
        assert!(
            said.contains(says) && said.contains("error"),
            "{args:?}: {said}"
        );
        let file = args
            .iter()
            .rev()
            .find(|it| !said.contains("keytrail.toml") && said.contains(*it));
        assert!(
            file.is_some() || said.contains("keytrail.toml") || said.contains("policy.json"),
            "{said}"
        );
    }
    let (code, said) = check(
        &here,
        &[
            "evaluate",
            "policy.json",
            "--principal",
            "*",
            "--action",
            "kms:Decrypt",
        ],
    );
    assert!(code == 2 && said.contains("more than 1 MiB"), "{said}");
    let name = "sparse.tf";
    sparse(&here.join("tree").join(name), b"", 5 << 30);
    let (code, said) = check(&here, &["check", "--no-config", "tree"]);
    assert!(code == 2 && said.contains(name), "{said}");
    // None of it was read: that takes seconds.
    assert!(started.elapsed() < LIMIT);
    std::fs::remove_dir_all(here).unwrap();
}

#[test]
#[cfg(unix)]
fn what_never_ends_is_read_to_a_limit() {
    let here = here("hostile-endless");
    std::os::unix::fs::symlink("/dev/zero", here.join("zero.json")).unwrap();
    for path in ["/dev/zero", "zero.json"] {
        let (code, said) = check(&here, &["check", path]);
        assert!(code == 2 && said.contains("more than 1 GiB"), "{said}");
    }
    for flag in ["--config", "--baseline", "--var-file"] {
        let (code, said) = check(&here, &["check", flag, "/dev/zero", "tree"]);
        assert!(
            code == 2 && said.contains("no regular file"),
            "{flag}: {said}"
        );
    }
    // What a pipe gives is an input like others.
    let output = Command::new("bash")
        .args([
            "-c",
            "\"$0\" check <(cat good.json)",
            env!("CARGO_BIN_EXE_keytrail"),
        ])
        .current_dir(&here)
        .output();
    if let Ok(output) = output {
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(said.contains("1 trail, 1 key"), "{said}");
    }
    std::fs::remove_dir_all(here).unwrap();
}

#[test]
#[cfg(unix)]
fn what_is_no_file_is_said_to_be_none() {
    use std::os::unix::fs::symlink;
    let here = here("hostile-kinds");
    std::fs::create_dir(here.join("plan.json")).unwrap();
    symlink("loop.json", here.join("loop.json")).unwrap();
    symlink("nowhere", here.join("dangling.json")).unwrap();
    for (args, says) in [
        (&["plan.json"][..], "holds no Terraform configuration"),
        (&["loop.json"], "loop"),
        (&["dangling.json"], "leads to a file that is not there"),
        (&["nowhere.json"], "there is no such file or folder"),
        (&["/dev/null"], "the file is empty"),
        (&["-"], "the file is empty"),
        (&["a\u{1b}[31m\nb.json"], "a\\u001b[31m\\u000ab.json"),
    ] {
        let (code, said) = check(&here, &[&["check"], args].concat());
        assert!(code == 2 && said.contains(says), "{args:?}: {said}");
        assert_eq!(said.matches("error: ").count(), 1, "{said}");
        assert!(!said.contains('\u{1b}'), "{said:?}");
    }
    std::fs::remove_dir_all(here).unwrap();
}

/// Root may read everything, so that nothing is shown where it runs the test.
#[test]
#[cfg(unix)]
fn what_may_not_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt as _;
    let here = here("hostile-permissions");
    let set = |name: &str, mode: u32| {
        std::fs::set_permissions(here.join(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    set("good.json", 0);
    set("tree/main.tf", 0);
    if std::fs::read(here.join("good.json")).is_ok() {
        eprintln!("SKIPPED: what_may_not_be_read_is_told: this user may read everything");
        return;
    }
    for path in ["good.json", "tree"] {
        let (code, said) = check(&here, &["check", path]);
        assert!(
            code == 2 && said.contains("permission denied"),
            "{path}: {said}"
        );
    }
    set("tree/main.tf", 0o644);
    std::fs::remove_dir_all(here).unwrap();
}

/// Files are written, cut, replaced, taken away and made links and pipes while they are read. What is said may be of either state; it ends, and it is
/// no panic.
#[test]
#[cfg(unix)]
fn files_that_change_while_they_are_read_are_read_or_told() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let here = here("hostile-race");
    let plan = std::fs::read(here.join("good.json")).unwrap();
    let main = "resource \"aws_kms_key\" \"k\" {\n  policy = file(\"${path.module}/p.json\")\n}\n\
                module \"m\" {\n  source = \"./m\"\n}\n";
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let target = here.join("plan.json");
            let tree = here.join("tree");
            let mut round = 0_usize;
            while !stop.load(Ordering::Relaxed) {
                round += 1;
                let cut = plan.len() * (round % 7) / 7;
                for path in [&target, &tree.join("main.tf"), &tree.join("p.json")] {
                    let _ = std::fs::remove_file(path);
                    let _ = std::fs::remove_dir_all(path);
                }
                let _ = std::fs::remove_dir_all(tree.join("m"));
                match round % 6 {
                    0 => {}
                    1 => {
                        let _ = std::fs::create_dir(&target);
                        let _ = std::os::unix::fs::symlink("/dev/zero", tree.join("p.json"));
                    }
                    2 => {
                        let _ = std::os::unix::fs::symlink("good.json", &target);
                        let _ = std::os::unix::fs::symlink("..", tree.join("m"));
                    }
                    _ => {
                        let _ = std::fs::write(&target, &plan[..cut]);
                        let _ = std::fs::write(tree.join("main.tf"), main);
                        let _ = std::fs::write(tree.join("p.json"), "{\"Statement\":[]}");
                        if let Ok(mut file) = std::fs::OpenOptions::new().append(true).open(&target)
                        {
                            let _ = file.write_all(&plan[cut..]);
                        }
                        let _ = std::fs::create_dir(tree.join("m"));
                        let _ = std::fs::write(tree.join("m/main.tf"), "locals {}\n");
                    }
                }
            }
        });
        for round in 0..60 {
            let path = ["plan.json", "tree"][round % 2];
            let (code, said) = check(&here, &["check", path]);
            let sound = (0..=2).contains(&code) && !said.contains("panicked");
            if !sound {
                stop.store(true, Ordering::Relaxed);
            }
            assert!(sound, "{code}: {said}");
        }
        stop.store(true, Ordering::Relaxed);
    });
    let _ = std::fs::remove_dir_all(here);
}

/// Reports, baselines and snapshots that cannot be written are errors.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let here = here("hostile-full");
    for args in [
        &["check", "--format", "sarif=/dev/full", "good.json"][..],
        &["check", "--write-baseline", "/dev/full", "good.json"],
        &["snapshot", "--output", "/dev/full", "good.json"],
    ] {
        let (code, said) = check(&here, args);
        assert!(
            code == 2 && said.contains("No space left on device"),
            "{args:?}: {said}"
        );
    }
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let ended = Command::new(env!("CARGO_BIN_EXE_keytrail"))
        .args(["check", "good.json"])
        .current_dir(&here)
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(2));
    std::fs::remove_dir_all(here).unwrap();
}

/// The text of a plan in other encodings, with what JSON allows and nobody writes.
#[test]
fn odd_texts_are_read_or_refused_at_their_place() {
    let plan = Sketch::new("{}").plan();
    let with = |from: &str, to: &str| {
        assert!(plan.contains(from), "{from}");
        plan.replacen(from, to, 1)
    };
    let utf16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let text = format!("\u{feff}{plan}");
        text.encode_utf16().flat_map(bytes).collect()
    };
    let digits = format!("\"is_enabled\":true,\"x\":{}", "1".repeat(1_000_000));
    let name = "\"name\":\"main\"";
    let cases: Vec<(&str, Vec<u8>, i32, &str)> = vec![
        ("UTF-16 LE", utf16(u16::to_le_bytes), 1, "1 trail, 1 key"),
        ("UTF-16 BE", utf16(u16::to_be_bytes), 1, "1 trail, 1 key"),
        (
            "half of UTF-16",
            utf16(u16::to_le_bytes)[..501].to_vec(),
            2,
            "neither UTF-8 nor UTF-16",
        ),
        (
            "UTF-32",
            format!("\u{feff}{plan}")
                .chars()
                .flat_map(|it| u32::from(it).to_le_bytes())
                .collect(),
            2,
            "not JSON",
        ),
        (
            "a mark",
            format!("\u{feff}{plan}").into_bytes(),
            1,
            "1 trail, 1 key",
        ),
        (
            "CR",
            plan.replace(",\"", ",\r\"").into_bytes(),
            1,
            "1 trail, 1 key",
        ),
        (
            "NUL",
            with(name, "\"name\":\"ma\0in\"").into_bytes(),
            2,
            "error",
        ),
        (
            "no UTF-8",
            [&plan.as_bytes()[..300], b"\xff", &plan.as_bytes()[300..]].concat(),
            2,
            "error",
        ),
        (
            "half a surrogate",
            with(name, "\"name\":\"ma\\ud800in\"").into_bytes(),
            2,
            "half of a surrogate pair",
        ),
        (
            "an escaped NUL",
            with(name, "\"name\":\"ma\\u0000in\"").into_bytes(),
            1,
            "1 trail, 1 key",
        ),
        (
            "many digits",
            with("\"is_enabled\":true", &digits).into_bytes(),
            1,
            "1 trail, 1 key",
        ),
        (
            "much behind it",
            format!("{plan}{}", "x".repeat(1_000_000)).into_bytes(),
            2,
            "after its end",
        ),
        ("brackets", "[".repeat(10_000_000).into_bytes(), 2, "array"),
        (
            "braces",
            "{\"a\":".repeat(2_000_000).into_bytes(),
            2,
            "truncated",
        ),
        (
            "deep and ignored",
            plan.replacen(
                '{',
                &format!("{{\"zzz\":{}{},", "[".repeat(500_000), "]".repeat(500_000)),
                1,
            )
            .into_bytes(),
            1,
            "1 trail, 1 key",
        ),
    ];
    let here = here("hostile-texts");
    for (at, (name, bytes, code, says)) in cases.iter().enumerate() {
        let path = format!("{at}.json");
        std::fs::write(here.join(&path), bytes).unwrap();
        let (ended, said) = check(&here, &["check", &path]);
        assert!(
            ended == *code && said.contains(says),
            "{name}: {ended}: {said}"
        );
        assert!(*code != 2 || said.contains(&path), "{name}: {said}");
        assert!(said.len() < 20_000, "{name}: {}", said.len());
    }
    std::fs::remove_dir_all(here).unwrap();
}

/// Names, addresses and lines without an end: no message repeats them whole, and no line of the report is wider than others by much.
#[test]
fn long_names_and_lines_are_cut() {
    let long = "n".repeat(1_000_000);
    let plan = Sketch::new(format!(
        "{{\"Statement\":[{{\"Sid\":\"{}\",\"Effect\":\"x\"}}]}}",
        "s".repeat(20_000)
    ))
    .trail(serde_json::json!({"name": long}))
    .plan();
    let path = run::file("hostile-long.json", &plan);
    let ended = run::keytrail(&["check", &path]);
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    let widest = ended
        .stdout
        .lines()
        .map(|it| it.chars().count())
        .max()
        .unwrap();
    assert!(
        widest < 1_000 && ended.stdout.len() < 100_000,
        "{widest}, {}",
        ended.stdout.len()
    );
    std::fs::remove_file(path).unwrap();
    let main = format!(
        "resource \"aws_kms_key\" \"k\" {{\n  policy = \"{{{}\"\n}}\nresource \"aws_cloudtrail\" \"t\" {{\n  name       = \"t\"\n  kms_key_id = aws_kms_key.k.arn\n}}\n",
        "x".repeat(10_000_000)
    );
    let tree = folder("hostile-line", &[("main.tf", &main)]);
    let ended = run::keytrail(&["check", &tree]);
    let widest = ended
        .stdout
        .lines()
        .map(|it| it.chars().count())
        .max()
        .unwrap();
    assert!(
        widest < 1_000 && ended.stdout.len() < 100_000,
        "{widest}, {}",
        ended.stdout.len()
    );
    std::fs::remove_dir_all(tree).unwrap();
}
