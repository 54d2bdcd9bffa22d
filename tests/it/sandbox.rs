//! What the program does to the world, as the kernel sees it: it opens no socket, starts no program, and writes only what it is asked to.
//!
//! Linux alone. `strace` (the package of that name) records the calls; where it is missing the test says so loudly and proves nothing, and
//! with `KEYTRAIL_NEEDS_STRACE=1` it fails.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::run::{file, folder};
use keytrail::report::Format;

/// True where a tool can be run.
fn has(tool: &str, args: &[&str]) -> bool {
    let tried = Command::new(tool)
        .args(args)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    tried.is_ok_and(|status| status.success())
}

/// Says loudly that a test proves nothing; fails where it must not be left out.
fn skipped(test: &str, tool: &str) {
    assert!(
        std::env::var_os("KEYTRAIL_NEEDS_STRACE").is_none(),
        "{test}: {tool} cannot be run, and KEYTRAIL_NEEDS_STRACE asks for it"
    );
    eprintln!("SKIPPED: {test}: `{tool}` cannot be run here, so nothing is shown");
}

/// What a run asks the kernel for: each call on a line, without the number of its process.
fn calls(name: &str, traced: &str, args: &[String], folder: &Path) -> Vec<String> {
    let log = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.strace"));
    let status = Command::new("strace")
        .args(["-f", "-qq", "-s", "4096", "-e"])
        .arg(format!("trace={traced}"))
        .args(["-e", "signal=none", "-o"])
        .arg(&log)
        .arg(env!("CARGO_BIN_EXE_keytrail"))
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(
        status.code().is_some_and(|code| code <= 2),
        "{args:?}: {status}"
    );
    let log = std::fs::read_to_string(log).unwrap();
    // Of a thread that ends with the process strace may say that it lets it go, between two calls.
    let call = |line: &str| {
        let (_, call) = line.split_once(' ')?;
        let call = call.trim_start();
        (call != "???( <detached ...>").then(|| call.to_owned())
    };
    log.lines().filter_map(call).collect()
}

/// Command lines that use all there is: plans, states, snapshots, sources with modules and functions that read files, the user's own rules,
/// and every command.
fn runs() -> Vec<Vec<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut inputs: Vec<String> = Vec::new();
    for (below, what) in [
        ("examples", "plan.json"),
        ("testdata/sources", ""),
        ("testdata/hcl", ""),
    ] {
        let mut found: Vec<PathBuf> = std::fs::read_dir(root.join(below))
            .unwrap()
            .map(|it| it.unwrap().path().join(what))
            .filter(|it| it.exists())
            .collect();
        found.sort();
        inputs.extend(found.iter().map(|it| it.display().to_string()));
    }
    assert!(inputs.len() > 30, "{}", inputs.len());
    let remote = folder(
        "sandbox-remote",
        &[(
            "main.tf",
            "terraform {\n  backend \"http\" {\n    address = \"http://127.0.0.1:9/state\"\n  }\n}\n\
                 module \"web\" {\n  source = \"git::https://127.0.0.1:9/x.git\"\n}\n\
                 module \"registry\" {\n  source  = \"terraform-aws-modules/kms/aws\"\n  version = \"1.0.0\"\n}\n\
                 data \"http\" \"h\" {\n  url = \"http://127.0.0.1:9\"\n}\n\
                 data \"external\" \"e\" {\n  program = [\"sh\", \"-c\", \"touch started\"]\n}\n\
                 resource \"aws_kms_key\" \"k\" {\n  policy = data.http.h.response_body\n  provisioner \"local-exec\" {\n    command = \"touch started\"\n  }\n}\n\
                 resource \"aws_cloudtrail\" \"t\" {\n  name           = \"t\"\n  s3_bucket_name = data.external.e.result.name\n  kms_key_id     = aws_kms_key.k.arn\n}\n",
        )],
    );
    let policy = file(
        "sandbox-policy.json",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}]}"#,
    );
    let words = |line: &[&str]| -> Vec<String> { line.iter().map(|it| (*it).to_owned()).collect() };
    let mut all = Vec::new();
    let plans = inputs.iter().filter(|it| it.ends_with("plan.json"));
    let plans: Vec<String> = plans.cloned().collect();
    for format in Format::ALL {
        let mut run = words(&["check", "--conditional", "error", "--format", format.word()]);
        // Everything once, what is left of it in every form.
        run.extend(if *format == Format::Json {
            inputs.clone()
        } else {
            plans.clone()
        });
        run.push(remote.clone());
        all.push(run);
    }
    let example = root
        .join("examples/expectations/plan.json")
        .display()
        .to_string();
    all.push(words(&["snapshot", &remote]));
    all.push(words(&["check", &example]));
    all.push(words(&["check", &remote, "--require-trail", "--strict"]));
    all.push(words(&[
        "evaluate",
        &policy,
        "--principal",
        "*",
        "--action",
        "kms:Decrypt",
    ]));
    for line in [
        &["explain", "trail-key-denies-encrypt"][..],
        &["rules"],
        &["init"],
        &["schema", "report"],
        &["completions", "bash"],
        &["man", "check"],
        &["--version"],
        &["nothing"],
    ] {
        all.push(words(line));
    }
    all
}

#[test]
fn no_socket_is_opened_and_no_program_started() {
    if !has("strace", &["-V"]) || !has("strace", &["-qq", "-o", "/dev/null", "true"]) {
        return skipped("no_socket_is_opened_and_no_program_started", "strace");
    }
    let here = PathBuf::from(folder("sandbox-here", &[]));
    std::fs::create_dir_all(&here).unwrap();
    for (at, run) in runs().iter().enumerate() {
        let traced = "%network,execve,execveat,fork,vfork,clone,clone3";
        let calls = calls(&format!("sandbox-{at}"), traced, run, &here);
        // A thread is a clone that shares the memory of the process, and no process of its own.
        let is_thread = |call: &str| call.starts_with("clone") && call.contains("CLONE_THREAD");
        let resumed = |call: &str| call.starts_with("<... clone");
        let mut other: Vec<&String> = calls
            .iter()
            .filter(|it| !is_thread(it) && !resumed(it))
            .collect();
        let first = other.remove(0);
        assert!(
            first.starts_with("execve(") && first.contains("keytrail"),
            "{first}"
        );
        assert!(other.is_empty(), "{run:?}: {other:?}");
    }
}

/// The tracer can see what the test above denies.
#[test]
fn a_socket_would_be_seen() {
    if !has("strace", &["-qq", "-o", "/dev/null", "true"]) || !has("bash", &["-c", "true"]) {
        return skipped("a_socket_would_be_seen", "strace");
    }
    let log = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("sandbox-seen.strace");
    let _ = Command::new("strace")
        .args(["-f", "-qq", "-e", "trace=%network,execve", "-o"])
        .arg(&log)
        .args([
            "bash",
            "-c",
            "(: > /dev/tcp/127.0.0.1/9) 2> /dev/null; exec true",
        ])
        .status()
        .unwrap();
    let log = std::fs::read_to_string(log).unwrap();
    assert!(
        log.contains("connect(") && log.matches("execve(").count() >= 2,
        "{log}"
    );
}

/// Everything under a folder.
fn names(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut next = vec![folder.to_path_buf()];
    while let Some(at) = next.pop() {
        for entry in std::fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                next.push(path.clone());
            }
            found.insert(path.strip_prefix(folder).unwrap().display().to_string());
        }
    }
    found
}

#[test]
fn nothing_is_written_but_what_is_asked_for() {
    if !has("strace", &["-qq", "-o", "/dev/null", "true"]) {
        return skipped("nothing_is_written_but_what_is_asked_for", "strace");
    }
    let here = PathBuf::from(folder(
        "sandbox-written",
        &[
            (
                "tree/main.tf",
                "resource \"aws_kms_key\" \"k\" {\n  policy = file(\"${path.module}/p.json\")\n}\n\
             resource \"aws_cloudtrail\" \"t\" {\n  name           = \"t\"\n  s3_bucket_name = \"b\"\n  kms_key_id     = aws_kms_key.k.arn\n}\n",
            ),
            ("tree/p.json", "{\"Statement\":[]}"),
        ],
    ));
    let before = names(&here);
    let asked = ["report.sarif", "report.md", "base.json"];
    let args = [
        "check",
        "tree",
        "--format",
        "sarif=report.sarif",
        "--format",
        "markdown=report.md",
        "--write-baseline",
        "base.json",
    ];
    let args: Vec<String> = args.iter().map(|it| (*it).to_owned()).collect();
    let traced = "openat,open,creat,openat2,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,symlink,symlinkat,link,linkat,truncate,ftruncate,chmod,fchmod,fchmodat,chown,fchown,fchownat,utimensat,setxattr,mknod,mknodat";
    let calls = calls("sandbox-written", traced, &args, &here);
    let reads = |call: &str| {
        call.starts_with("open") && call.contains("O_RDONLY") && !call.contains("O_CREAT")
    };
    let is_asked = |call: &str| {
        call.starts_with("openat(") && asked.iter().any(|it| call.contains(&format!("\"{it}\"")))
    };
    let other: Vec<&String> = calls
        .iter()
        .filter(|it| !it.starts_with("<...") && !reads(it) && !is_asked(it))
        .collect();
    assert!(other.is_empty(), "{other:?}");
    for it in asked {
        assert!(
            calls.iter().any(|call| is_asked(call) && call.contains(it)),
            "{it}"
        );
    }
    let wanted: BTreeSet<String> = before.into_iter().chain(asked.map(str::to_owned)).collect();
    assert_eq!(names(&here), wanted);
}

/// Where the kernel gives no network at all every answer is the same.
#[test]
fn without_a_network_nothing_changes() {
    // Not every kernel lets a user make a namespace.
    if !has("unshare", &["-rn", "true"]) {
        eprintln!("SKIPPED: without_a_network_nothing_changes: `unshare -rn` cannot be run here");
        return;
    }
    let here = folder("sandbox-bare", &[]);
    std::fs::create_dir_all(&here).unwrap();
    // The second `init` finds the file of the first.
    for run in runs().iter().filter(|run| *run != &["init"]) {
        let bare = |program: &str, before: &[&str]| {
            let ended = Command::new(program)
                .args(before)
                .args(run)
                .current_dir(&here)
                .stdin(Stdio::null())
                .output()
                .unwrap();
            (ended.status.code(), ended.stdout, ended.stderr)
        };
        let binary = env!("CARGO_BIN_EXE_keytrail");
        assert!(
            bare(binary, &[]) == bare("unshare", &["-rn", binary]),
            "{run:?}"
        );
    }
}
