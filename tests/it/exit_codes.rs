//! The exit code of each kind of input, and what each form of the report says of it: 0 and 1 only where everything was read, and no report
//! looks green where the code is 2.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::run::EMPTY_PLAN;

const TRAIL: &str =
    "resource \"aws_cloudtrail\" \"t\" {\n  name           = \"t\"\n  s3_bucket_name = \"b\"\n}\n";

/// A trail whose key does not let CloudTrail describe it: an error.
const BAD: &str = include_str!("../../examples/missing-describe/plan.json");

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// What a run that ends with 2 leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// A report in every form, each of which says that something is wrong; for people, nothing beside stderr where nothing was read.
    Reports,
    /// Nothing: it ended before the inputs were read.
    Nothing,
}
use Left::{Nothing, Reports};

/// The files that the runs are about.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let text = |it: &str| it.as_bytes().to_vec();
    let call = |it: &str| text(&format!("module \"m\" {{\n  {it}\n}}\n"));
    let plan = |from: &str, to: &str| EMPTY_PLAN.replace(from, to).into_bytes();
    let changes = |it: &str| {
        let list = format!("\"resource_changes\":[{it}]");
        EMPTY_PLAN
            .replace("\"resource_changes\":[]", &list)
            .into_bytes()
    };
    let trail =
        r#"{"address":"aws_cloudtrail.t","mode":"managed","type":"aws_cloudtrail","name":"t""#;
    let utf16: Vec<u8> = TRAIL.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut files = vec![
        ("plan.json", text(EMPTY_PLAN)),
        ("bad.json", text(BAD)),
        (
            "errored.json",
            plan("\"errored\":false", "\"errored\":true"),
        ),
        (
            "incomplete.json",
            plan("\"complete\":true", "\"complete\":false"),
        ),
        ("newer.json", plan("\"1.2\"", "\"1.9\"")),
        ("empty.json", text("")),
        ("truncated.json", text(&BAD[..BAD.len() / 2])),
        ("list.json", text("[1]")),
        ("other.json", text("{\"name\":\"x\"}")),
        ("tfplan", text("PK\u{3}\u{4}tfplan")),
        ("version.json", plan("\"1.2\"", "\"2.0\"")),
        ("twice.json", text(&[EMPTY_PLAN, EMPTY_PLAN].concat())),
        (
            "shape.json",
            plan("\"resource_changes\":[]", "\"resource_changes\":3"),
        ),
        ("unchanged.json", changes(&format!("{trail}}}"))),
        (
            "actionless.json",
            changes(&format!("{trail},\"change\":{{\"after\":{{}}}}}}")),
        ),
        (
            "addressless.json",
            changes(r#"{"type":"aws_cloudtrail","change":{"actions":["create"],"after":{}}}"#),
        ),
        (
            "latin.json",
            [
                b"{\"format_version\":\"1.2\",\"checks\":\"\xff",
                &EMPTY_PLAN.as_bytes()[EMPTY_PLAN.find("\",").unwrap()..],
            ]
            .concat(),
        ),
        (
            "state.tfstate",
            text(
                r#"{"version":4,"terraform_version":"1.15.5","serial":1,"lineage":"x","resources":[]}"#,
            ),
        ),
        ("good/main.tf", text(TRAIL)),
        ("nothing/main.tf", text("locals {\n  a = 1\n}\n")),
        ("docs/readme.txt", text("")),
        ("syntax/wrong.tf", text("locals {\n  a = \"x\n}\n")),
        (
            "conflict/wrong.tf",
            text("<<<<<<< HEAD\nlocals {}\n=======\n>>>>>>> x\n"),
        ),
        ("latin/wrong.tf", b"locals {\n  a = \"\xff\"\n}\n".to_vec()),
        ("json/wrong.tf.json", text("{\"locals\":")),
        ("tfvars/terraform.tfvars", text("a = \"x\n")),
        ("auto/x.auto.tfvars.json", text("{")),
        ("latin-tfvars/terraform.tfvars", b"a = \"\xff\"\n".to_vec()),
        ("module/call.tf", call("source = \"./sub\"")),
        ("module/sub/main.tf", text("resource {{{\n")),
        ("gone/call.tf", call("source = \"./nope\"")),
        ("gone-alone/main.tf", call("source = \"./nope\"")),
        ("broken-alone/main.tf", text("locals {\n  a = \"x\n}\n")),
        ("hollow/call.tf", call("source = \"./sub\"")),
        ("hollow/sub/readme.txt", text("")),
        ("sourceless/call.tf", call("a = 1")),
        ("encoding/main.tf", utf16),
        // Folders below that no trail hangs on.
        (
            "below/network/wrong.tf",
            text("resource \"aws_vpc\" \"v\" {{{\n"),
        ),
        (
            "below-expression/network/wrong.tf",
            text("resource \"aws_vpc\" \"v\" {\n  a = 1 +\n}\n"),
        ),
        (
            "below-label/network/wrong.tf",
            text("resource \"aws_vpc\" {\n}\n"),
        ),
        (
            "below-json/network/wrong.tf.json",
            text("{\"locals\": {\"a\": \"${1 +}\"}}"),
        ),
        ("below-latin/network/wrong.tf", b"# \xff\n".to_vec()),
        (
            "below-tfvars/network/main.tf",
            text("variable \"a\" {\n}\n"),
        ),
        ("below-tfvars/network/terraform.tfvars", text("a = [\n")),
        ("below-auto/network/main.tf", text("variable \"a\" {\n}\n")),
        ("below-auto/network/x.auto.tfvars.json", text("{\"a\": ")),
        ("below-module/network/main.tf", call("source = \"./sub\"")),
        (
            "below-module/network/sub/wrong.tf",
            text("locals {\n  a = f(\n}\n"),
        ),
        (
            "below-hollow/network/main.tf",
            call("source = \"../hollow\""),
        ),
        ("below-hollow/hollow/readme.txt", text("")),
        (
            "read/network/main.tf",
            text("resource \"aws_vpc\" \"v\" {\n}\n"),
        ),
        ("read/network/terraform.tfvars", text("a = [\n]\n")),
        ("read/network/unused.tfvars", text("a = [\n")),
        (
            "read/network/main.tf.json",
            text("{\"locals\": {\"a\": \"${1 + 1}\"}}"),
        ),
        ("read/network/x.auto.tfvars.json", text("{\"b\": null}")),
        (
            "irrelevant/wrong.tf",
            text("resource \"aws_vpc\" \"v\" {\n  a = 1 +\n}\n"),
        ),
        ("unknown.toml", text("[check]\nstrit = true\n")),
        ("broken.toml", text("[[")),
        ("wrong.tfvars", text("[[")),
        ("wrong.tfvars.json", text("{")),
        ("baseline.json", text("{}")),
        (
            "old-baseline.json",
            text(r#"{"version":9,"fingerprint":"keytrail/v1","findings":[]}"#),
        ),
        ("snapshot.json", text("{\"keytrail_snapshot\":1}")),
        ("new-snapshot.json", text("{\"keytrail_snapshot\":9}")),
        ("policy.json", text("{\"Version\":")),
        ("no-policy.json", text("{}")),
    ];
    for folder in [
        "syntax",
        "conflict",
        "latin",
        "json",
        "tfvars",
        "auto",
        "latin-tfvars",
        "module",
        "gone",
        "hollow",
        "sourceless",
        "irrelevant",
        "below",
        "below-expression",
        "below-label",
        "below-json",
        "below-latin",
        "below-tfvars",
        "below-auto",
        "below-module",
        "below-hollow",
        "read",
    ] {
        let name: &'static str = Box::leak(format!("{folder}/trail.tf").into_boxed_str());
        files.push((name, text(TRAIL)));
    }
    files
}

/// What ends with 0 or 1.
const READ: &[(i32, &[&str])] = &[
    (0, &["plan.json"]),
    (0, &["good"]),
    (0, &["nothing"]),
    (0, &["read"]),
    (0, &["newer.json"]),
    (0, &["errored.json"]),
    (0, &["incomplete.json"]),
    (0, &["plan.json", "good", "--require-trail"]),
    (0, &["bad.json", "--write-baseline", "written.json"]),
    (1, &["bad.json"]),
    (1, &["bad.json", "--require-trail"]),
    (1, &["plan.json", "bad.json"]),
    (1, &["good", "--fail-on", "warning"]),
];

/// What ends with 2.
const FAILED: &[(Left, &[&str])] = &[
    (Reports, &["missing.json"]),
    (Reports, &["missing"]),
    (Reports, &["missing.json", "plan.json"]),
    (Reports, &["missing.json", "bad.json"]),
    (Reports, &["empty.json"]),
    (Reports, &["truncated.json"]),
    (Reports, &["list.json"]),
    (Reports, &["other.json"]),
    (Reports, &["tfplan"]),
    (Reports, &["version.json"]),
    (Reports, &["twice.json"]),
    (Reports, &["shape.json"]),
    (Reports, &["latin.json"]),
    (Reports, &["unchanged.json"]),
    (Reports, &["actionless.json"]),
    (Reports, &["addressless.json"]),
    (Reports, &["state.tfstate"]),
    (Reports, &["docs"]),
    (Reports, &["syntax"]),
    (Reports, &["syntax", "--disable", "source-unreadable"]),
    (Reports, &["syntax", "--only", "trail-unencrypted"]),
    (
        Reports,
        &["syntax", "--quiet", "--disable", "source-unreadable"],
    ),
    (Reports, &["conflict"]),
    (Reports, &["latin"]),
    (Reports, &["json"]),
    (Reports, &["tfvars"]),
    (Reports, &["auto"]),
    (Reports, &["latin-tfvars"]),
    (Reports, &["module"]),
    (Reports, &["gone"]),
    (Reports, &["gone-alone"]),
    (Reports, &["broken-alone"]),
    (Reports, &["hollow"]),
    (Reports, &["sourceless"]),
    (Reports, &["encoding"]),
    (Reports, &["irrelevant"]),
    (Reports, &["below"]),
    (Reports, &["below-expression"]),
    (Reports, &["below-label"]),
    (Reports, &["below-json"]),
    (Reports, &["below-latin"]),
    (Reports, &["below-tfvars"]),
    (Reports, &["below-auto"]),
    (Reports, &["below-module"]),
    (Reports, &["below-hollow"]),
    (Reports, &["good", "--root", "missing"]),
    (Reports, &["plan.json", "--source", "missing"]),
    (Reports, &["plan.json", "--source", "docs"]),
    (Reports, &["plan.json", "--source", "syntax"]),
    (Reports, &["snapshot.json"]),
    (Reports, &["new-snapshot.json"]),
    (Reports, &["-"]),
    (Reports, &["plan.json", "--require-trail"]),
    (
        Reports,
        &["bad.json", "--write-baseline", "no/such/folder.json"],
    ),
    (
        Reports,
        &[
            "plan.json",
            "missing.json",
            "--write-baseline",
            "unwritten.json",
        ],
    ),
    (
        Reports,
        &["plan.json", "--format", "junit=no/such/folder.xml"],
    ),
    (Nothing, &[]),
    (Nothing, &["-", "-"]),
    (Nothing, &["plan.json", "--nonsense"]),
    (Nothing, &["plan.json", "--only", "nonsense"]),
    (Nothing, &["plan.json", "--format", "nonsense=x"]),
    (Nothing, &["plan.json", "--config", "unknown.toml"]),
    (Nothing, &["plan.json", "--config", "broken.toml"]),
    (Nothing, &["plan.json", "--config", "missing.toml"]),
    (Nothing, &["plan.json", "--baseline", "baseline.json"]),
    (Nothing, &["plan.json", "--baseline", "old-baseline.json"]),
    (Nothing, &["plan.json", "--baseline", "missing.json"]),
    (Nothing, &["good", "--var-file", "missing.tfvars"]),
    (Nothing, &["good", "--var-file", "wrong.tfvars"]),
    (Nothing, &["read", "--var-file", "wrong.tfvars"]),
    (Nothing, &["plan.json", "--var-file", "wrong.tfvars"]),
    (Nothing, &["good", "--var-file", "wrong.tfvars.json"]),
    (Nothing, &["good", "--var", "nonsense"]),
    (Nothing, &["good", "--changed-only"]),
];

fn world(name: &str) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&root);
    // No configuration file of a folder above counts.
    std::fs::create_dir_all(root.join(".git")).unwrap();
    for (name, bytes) in files() {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    root
}

fn check(root: &Path, args: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_keytrail"))
        .arg("check")
        .args(args)
        .current_dir(root)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap_or(-1),
        text(output.stdout),
        text(output.stderr),
    )
}

const FORMS: [&str; 7] = [
    "json", "sarif", "github", "gitlab", "junit", "markdown", "counts",
];

/// The report of each form, where there is one.
type Files = Vec<(&'static str, Option<String>)>;

/// Runs once, with every form in a file and the one for people on stdout: the code, stdout, stderr, and the files.
fn run(root: &Path, args: &[&str]) -> (i32, String, String, Files) {
    let path = |form: &str| root.join(format!("report.{form}"));
    let flags: Vec<String> = FORMS
        .iter()
        .map(|it| format!("--format={it}=report.{it}"))
        .collect();
    for form in FORMS {
        let _ = std::fs::remove_file(path(form));
    }
    let all: Vec<&str> = args
        .iter()
        .copied()
        .chain(flags.iter().map(String::as_str))
        .collect();
    let (code, stdout, stderr) = check(root, &all);
    let reports = FORMS
        .iter()
        .map(|it| (*it, std::fs::read_to_string(path(it)).ok()));
    (code, stdout, stderr, reports.collect())
}

/// The number that an attribute of the root has in JUnit XML.
fn counted(page: &str, name: &str) -> usize {
    let root = page.split_once("<testsuites ").unwrap().1;
    let value = root.split_once(&format!(" {name}=\"")).unwrap().1;
    value.split_once('"').unwrap().0.parse().unwrap()
}

/// True where a report says that the work could not be done in whole, or that something is gravely wrong.
fn is_red(form: &str, page: &str) -> bool {
    let json = || serde_json::from_str::<Value>(page).unwrap();
    match form {
        "json" => json()["exit_code"] == 2,
        "sarif" => json()["runs"][0]["invocations"][0]["executionSuccessful"] == false,
        "github" => page.starts_with("::error "),
        "gitlab" => json()
            .as_array()
            .unwrap()
            .iter()
            .any(|it| it["severity"] == "critical"),
        "junit" => counted(page, "errors") + counted(page, "failures") > 0,
        "markdown" => page.starts_with("## ⚠️ keytrail: the work could not be done in whole"),
        "counts" => page.contains("\nexit_code=2\n"),
        form => panic!("{form}"),
    }
}

#[test]
fn what_was_read_ends_with_0_or_1() {
    let root = world("exit-codes-read");
    for (wanted, args) in READ {
        let (code, stdout, stderr, reports) = run(&root, args);
        assert_eq!(code, *wanted, "{args:?}: {stdout}{stderr}");
        for (form, page) in reports {
            let page = page.unwrap();
            let told = match form {
                "json" => format!("\"exit_code\": {wanted},"),
                "sarif" => format!("\"exitCode\": {wanted},"),
                "counts" => format!("exit_code={wanted}\n"),
                "markdown" => ["✅", "❌"][usize::from(*wanted == 1)].to_owned(),
                _ => continue,
            };
            assert!(
                page.contains(&told),
                "{args:?}: {form} has no {told}: {page}"
            );
        }
    }
}

#[test]
fn what_was_not_read_ends_with_2_in_every_form() {
    let root = world("exit-codes-failed");
    for (left, args) in FAILED {
        let (code, stdout, stderr, reports) = run(&root, args);
        assert_eq!(code, 2, "{args:?}: {stdout}{stderr}");
        let told = stderr.contains("error") || stdout.contains("error[source-unreadable]");
        assert!(told, "{args:?}: {stdout}{stderr}");
        for (form, page) in reports {
            match (left, page) {
                (Reports, Some(page)) => {
                    assert!(is_red(form, &page), "{args:?}: {form} is green: {page}");
                }
                (Nothing, None) => {}
                (_, page) => panic!("{args:?}: {form}: {page:?}"),
            }
        }
        if *left == Nothing {
            assert_eq!(stdout, "", "{args:?}");
        }
    }
    assert!(!root.join("unwritten.json").exists());
}

/// The policy of a key, which is read after the inputs.
#[test]
fn a_key_policy_that_is_none_ends_with_2() {
    let root = world("exit-codes-policy");
    for file in [
        "policy.json",
        "no-policy.json",
        "missing.json",
        "empty.json",
    ] {
        let flag = format!("--key-policy={KEY}={file}");
        let (code, stdout, stderr) = check(&root, &["plan.json", &flag]);
        assert_eq!((code, stdout.as_str()), (2, ""), "{stderr}");
        assert!(stderr.starts_with("error: "), "{stderr}");
    }
}

/// Where every file is the superuser's nothing is unreadable, and the links alone are tried.
#[cfg(unix)]
#[test]
fn what_may_not_be_read_ends_with_2() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let root = world("exit-codes-unreadable");
    let close = |name: &str| {
        let path = root.join(name);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o0)).unwrap();
        std::fs::read(&path).is_err()
    };
    let mut runs: Vec<&[&str]> = Vec::new();
    std::fs::create_dir(root.join("linked")).unwrap();
    std::fs::write(root.join("linked/main.tf"), TRAIL).unwrap();
    symlink("nowhere.tf", root.join("linked/link.tf")).unwrap();
    std::fs::create_dir(root.join("linked-tfvars")).unwrap();
    std::fs::write(root.join("linked-tfvars/main.tf"), TRAIL).unwrap();
    symlink(
        "nowhere.tfvars",
        root.join("linked-tfvars/terraform.tfvars"),
    )
    .unwrap();
    symlink("nowhere.json", root.join("link.json")).unwrap();
    runs.extend([&["linked"][..], &["linked-tfvars"], &["link.json"]]);
    if close("bad.json") && close("syntax/wrong.tf") && close("tfvars/terraform.tfvars") {
        runs.extend([&["bad.json"][..], &["syntax"], &["tfvars"]]);
    }
    for args in runs {
        let (code, stdout, stderr, reports) = run(&root, args);
        assert_eq!(code, 2, "{args:?}: {stdout}{stderr}");
        for (form, page) in reports {
            let page = page.unwrap();
            assert!(is_red(form, &page), "{args:?}: {form} is green: {page}");
        }
    }
}

/// Terraform reads these too, or tries to.
#[cfg(target_os = "linux")]
#[test]
fn what_is_no_file_or_has_another_name_ends_with_2() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let name = |bytes: &'static [u8]| OsStr::from_bytes(bytes);
    let broken = "resource {{{\n";
    let root = world("exit-codes-odd");
    let folder = |name: &str| {
        let folder = root.join(name);
        std::fs::create_dir_all(folder.join("below")).unwrap();
        std::fs::write(folder.join("below/main.tf"), "locals {\n}\n").unwrap();
        folder
    };
    std::fs::write(folder("name").join("below").join(name(b"\xff.tf")), broken).unwrap();
    let below = folder("folder").join(name(b"\xff"));
    std::fs::create_dir_all(&below).unwrap();
    std::fs::write(below.join("main.tf"), broken).unwrap();
    let link = folder("link").join("below/link.tf");
    std::os::unix::fs::symlink("nowhere", link).unwrap();
    let folder_link = folder("folder-link").join("below/link.tf");
    std::os::unix::fs::symlink("/", folder_link).unwrap();
    for (name, file) in [("pipe", "x.tf"), ("pipe-tfvars", "terraform.tfvars")] {
        let pipe = folder(name).join("below").join(file);
        let made = Command::new("mkfifo").arg(pipe).status().unwrap();
        assert!(made.success());
    }
    for name in [
        "name",
        "folder",
        "link",
        "folder-link",
        "pipe",
        "pipe-tfvars",
    ] {
        let (code, stdout, stderr) = check(&root, &[name]);
        assert_eq!(code, 2, "{name}: {stdout}{stderr}");
        assert!(
            stdout.contains("error[source-unreadable]"),
            "{name}: {stdout}"
        );
    }
}
