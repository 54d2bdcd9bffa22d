//! `keytrail check` from outside: exit codes, stdin, formats, errors.

use crate::support::run::{EMPTY_PLAN, file, folder, keytrail, with_stdin};

#[test]
fn a_plan_without_trails_is_clean_and_says_so() {
    let path = file("empty.json", EMPTY_PLAN);
    let ended = keytrail(&["check", &path]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stdout.contains("0 trails, 0 keys"), "{ended:?}");
    assert_eq!(ended.stderr, "");
}

#[test]
fn a_required_trail_that_is_not_there_is_work_not_done() {
    let path = file("no-trail.json", EMPTY_PLAN);
    let ended = keytrail(&["check", "--require-trail", &path]);
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(
        ended.stderr.starts_with("error: the inputs hold no trail"),
        "{ended:?}"
    );
}

#[test]
fn a_dash_is_stdin() {
    let ended = with_stdin(&["check", "-"], EMPTY_PLAN);
    assert_eq!(ended.code, 0, "{ended:?}");
    for nothing in ["", "\n", "not json", "[1]"] {
        let ended = with_stdin(&["check", "-"], nothing);
        assert_eq!(ended.code, 2, "{nothing:?}: {ended:?}");
        assert!(ended.stderr.starts_with("error: "), "{ended:?}");
        assert!(ended.stderr.contains(" --> <stdin>"), "{ended:?}");
        assert_eq!(ended.stdout, "");
    }
}

#[test]
fn an_unreadable_input_does_not_hide_the_others() {
    let path = file("beside-missing.json", EMPTY_PLAN);
    let ended = keytrail(&["check", "missing.json", &path]);
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.stderr.contains(" --> missing.json"), "{ended:?}");
    assert!(ended.stdout.contains("1 input not read"), "{ended:?}");
    let ended = keytrail(&["check", "--format", "json", "missing.json", &path]);
    let report: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(report["summary"]["inputs_failed"], 1);
    assert_eq!(report["exit_code"], 2);
    let inputs = report["inputs"].as_array().unwrap();
    assert!(
        inputs
            .iter()
            .any(|input| input["path"] == "missing.json" && input["problem"].is_string())
    );
}

#[test]
fn a_folder_without_a_configuration_is_refused_with_what_helps() {
    let empty = folder("no-configuration", &[("notes.txt", "")]);
    let ended = keytrail(&["check", &empty]);
    assert_eq!(ended.code, 2, "{ended:?}");
    for words in ["holds no Terraform configuration", "terraform show -json"] {
        assert!(ended.stderr.contains(words), "{ended:?}");
    }
}

/// What cannot be read is said at its line, the rest is checked, and the run does not pass.
#[test]
fn a_mistake_in_the_sources_makes_the_run_fail() {
    let trail = "resource \"aws_cloudtrail\" \"main\" {\n  name = \"main\"\n}\n";
    let files = [("main.tf", trail), ("wrong.tf", "locals {\n  a = \"x\n}\n")];
    let ended = keytrail(&["check", &folder("mistake", &files)]);
    assert_eq!(ended.code, 2, "{ended:?}");
    for words in ["source-unreadable", "wrong.tf:2:7", "trail-unencrypted"] {
        assert!(ended.stdout.contains(words), "{ended:?}");
    }
}

#[test]
fn reports_go_where_they_are_sent() {
    let path = file("formats.json", EMPTY_PLAN);
    let report = file("formats-report.json", "");
    let ended = keytrail(&["check", &path, "--format", &format!("json={report}")]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stdout.contains("0 trails"), "{ended:?}");
    let written: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&report).unwrap()).unwrap();
    assert_eq!(written["tool"]["name"], "keytrail");
    let twice = keytrail(&["check", &path, "--format", "json", "--format", "human"]);
    assert_eq!(twice.code, 2, "{twice:?}");
    let nowhere = keytrail(&[
        "check",
        &path,
        "--format",
        "json=no/such/folder/report.json",
    ]);
    assert_eq!(nowhere.code, 2, "{nowhere:?}");
    assert!(
        nowhere.stderr.contains("cannot write the report"),
        "{nowhere:?}"
    );
}

/// Each form is in its file, and the one for people on stdout.
#[test]
fn several_forms_go_into_several_files() {
    let path = file("several.json", EMPTY_PLAN);
    let (gitlab, junit) = (file("several-gl.json", ""), file("several-j.xml", ""));
    let flags = [
        format!("gitlab={gitlab}"),
        format!("junit={junit}"),
        "human".to_owned(),
    ];
    let flags = flags.iter().flat_map(|it| ["--format", it.as_str()]);
    let args: Vec<&str> = ["check", path.as_str()].into_iter().chain(flags).collect();
    let ended = keytrail(&args);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stdout.contains("0 trails"), "{ended:?}");
    assert_eq!(std::fs::read_to_string(gitlab).unwrap(), "[]\n");
    let junit = std::fs::read_to_string(junit).unwrap();
    assert!(junit.contains("<testsuites"), "{junit}");
}

#[test]
fn a_file_has_one_report_and_is_no_input() {
    let path = file("one-report.json", EMPTY_PLAN);
    let out = file("one-report.out", "");
    let (name, folder) = (
        "one-report.out",
        std::path::Path::new(&out).parent().unwrap().display(),
    );
    let other = format!("{folder}/./{name}");
    for (first, second, why) in [
        (&out, &out, "two formats for one file"),
        (&out, &other, "two formats for one file"),
        (&path, &out, "written over an input"),
    ] {
        let (json, junit) = (format!("json={first}"), format!("junit={second}"));
        let ended = keytrail(&["check", &path, "--format", &json, "--format", &junit]);
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(ended.stderr.contains(why), "{ended:?}");
        assert_eq!(ended.stdout, "", "{ended:?}");
    }
    assert_eq!(std::fs::read_to_string(path).unwrap(), EMPTY_PLAN);
}

/// The others are written, and say that the run ends with 2.
#[test]
fn a_report_that_cannot_be_written_keeps_no_other_back() {
    let path = file("unwritable.json", EMPTY_PLAN);
    let there = file("unwritable-there.json", "");
    let (json, missing) = (
        format!("json={there}"),
        "gitlab=no/such/folder/gl.json".to_owned(),
    );
    let folder = folder("unwritable", &[]);
    std::fs::create_dir_all(&folder).unwrap();
    for (bad, why) in [
        (missing, "there is no folder `no/such/folder`"),
        (format!("gitlab={folder}"), "cannot write the report: "),
    ] {
        let ended = keytrail(&["check", &path, "--format", &bad, "--format", &json]);
        assert_eq!(ended.code, 2, "{ended:?}");
        assert_eq!(ended.stderr.matches("error: ").count(), 1, "{ended:?}");
        assert!(ended.stderr.contains(why), "{ended:?}");
        assert!(ended.stdout.contains("0 trails"), "{ended:?}");
        let written: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(&there).unwrap()).unwrap();
        assert_eq!(written["exit_code"], 2);
    }
}

#[test]
fn quiet_is_silent_where_all_is_well() {
    let path = file("quiet.json", EMPTY_PLAN);
    let ended = keytrail(&["check", "--quiet", &path]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{ended:?}");
}

#[test]
fn wrong_flags_are_work_not_done() {
    let path = file("flags.json", EMPTY_PLAN);
    let wrong: &[&[&str]] = &[
        &["--account-id", "1111"],
        &["--account-id", "aws.x=11112222333x"],
        &["--management-account-id", ""],
        &["--region", "everywhere"],
        &["--reader", "auditor"],
        &["--reader", "arn:aws:iam::111122223333:role/*"],
        &["--reader-context", "novalue"],
        &["--fail-on", "fatal"],
        &["--undecided", "maybe"],
        &["--format", "xml"],
        &["--color", "blue"],
        &["--no-such-flag"],
    ];
    for flags in wrong {
        let ended = keytrail(&[&["check", path.as_str()], *flags].concat());
        assert_eq!(ended.code, 2, "{flags:?}: {ended:?}");
        assert_eq!(ended.stdout, "", "{flags:?}");
    }
    assert_eq!(keytrail(&["check"]).code, 2);
}

#[test]
fn right_flags_are_taken() {
    let path = file("right-flags.json", EMPTY_PLAN);
    let ended = keytrail(&[
        "check",
        &path,
        "--strict",
        "--fail-on",
        "note",
        "--undecided",
        "allow",
        "--conditional",
        "error",
        "--delegated",
        "note",
        "--account-id",
        "111122223333",
        "--account-id",
        "aws.security=222222222222",
        "--region",
        "aws.security=eu-central-1",
        "--management-account-id",
        "333333333333",
        "--reader",
        "arn:aws:iam::111122223333:role/auditor",
        "--reader-context",
        "aws:PrincipalTag/team=audit",
        "--color",
        "never",
    ]);
    assert_eq!(ended.code, 0, "{ended:?}");
}

/// The gate of a pipeline must not depend on who reads the report.
#[test]
#[cfg(unix)]
fn a_closed_pipe_is_no_panic() {
    let path = file("pipe.json", EMPTY_PLAN);
    let binary = env!("CARGO_BIN_EXE_keytrail");
    let script = format!("('{binary}' check --format json '{path}'; echo $? >&2) | true");
    let output = std::process::Command::new("sh")
        .args(["-c", &script])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr).trim(), "0");
}

#[test]
#[cfg(unix)]
fn a_full_disk_is_work_not_done() {
    let path = file("full.json", EMPTY_PLAN);
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else {
        return;
    };
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_keytrail"))
        .args(["check", &path])
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(status.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&status.stderr).contains("cannot write to stdout"));
}

#[test]
fn rules_are_chosen_by_their_ids() {
    let plan = "testdata/rules/key-rotation-disabled/bad/plan.json";
    let plan = format!("{}/{plan}", env!("CARGO_MANIFEST_DIR"));
    let raised = |args: &[&str]| {
        let args = [&["check", "--format", "json", "--no-source", &plan], args].concat();
        let ended = keytrail(&args);
        let report: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        let findings = report["findings"].as_array().unwrap().iter();
        let rules = findings.map(|it| it["rule"].as_str().unwrap().to_owned());
        rules.collect::<Vec<_>>()
    };
    let rotation = "key-rotation-disabled";
    assert!(raised(&[]).is_empty());
    assert_eq!(raised(&["--enable", rotation]), [rotation]);
    assert_eq!(raised(&["--only", rotation]), [rotation]);
    assert!(raised(&["--enable", rotation, "--disable", rotation]).is_empty());
    assert!(raised(&["--only", "policy-invalid"]).is_empty());
}

#[test]
fn a_rule_that_there_is_not_is_refused_with_the_one_that_was_meant() {
    for flag in ["--enable", "--disable", "--only"] {
        let ended = keytrail(&["check", ".", flag, "trail-key-denies-encyrpt"]);
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(
            ended.stderr.contains("`trail-key-denies-encrypt`"),
            "{ended:?}"
        );
        let ended = keytrail(&["check", ".", flag, "nothing-like-it"]);
        assert_eq!(ended.code, 2, "{ended:?}");
        assert!(ended.stderr.contains("`keytrail rules`"), "{ended:?}");
    }
    let ended = keytrail(&[
        "check",
        ".",
        "--only",
        "policy-invalid",
        "--enable",
        "policy-invalid",
    ]);
    assert_eq!(ended.code, 2, "{ended:?}");
}

/// Where long work shows what it is at.
#[derive(Clone, Default)]
struct Screen(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn long_work_shows_what_it_is_at_and_takes_it_away() {
    use crate::support::check::run_on;
    use keytrail::cli::Progress;
    let plan = crate::support::run::file("progress.json", crate::support::run::EMPTY_PLAN);
    let shown = |more: &[&str]| {
        let screen = Screen::default();
        let progress = Progress::on(Box::new(screen.clone()), 400).after(std::time::Duration::ZERO);
        let args = [&["check", &plan, "no-such.json"][..], more].concat();
        let ended = run_on(&args, false, progress);
        assert_eq!(ended.code, 2, "{}", ended.stderr);
        assert!(!(ended.stdout + &ended.stderr).contains('\u{1b}'));
        String::from_utf8(screen.0.lock().unwrap().clone()).unwrap()
    };
    let text = shown(&[]);
    let mut steps: Vec<&str> = text.split("\r\u{1b}[2K").collect();
    steps.dedup();
    let first = format!("reading {plan} (1 of 2)");
    // An error takes the line away, and so does the report.
    let wanted = [
        "",
        &first,
        "reading no-such.json (2 of 2)",
        "",
        "judging",
        "",
    ];
    assert_eq!(steps, wanted);
    assert_eq!(shown(&["--quiet"]), "");
    assert_eq!(shown(&["--no-progress"]), "");
}

#[test]
fn links_are_the_terminals_and_stay_out_of_files() {
    use crate::support::check::run_on;
    use keytrail::cli::Progress;
    let folder = crate::support::run::folder(
        "links",
        &[(
            "main.tf",
            "resource \"aws_cloudtrail\" \"t\" {\n  name           = \"t\"\n  s3_bucket_name = \"b\"\n}\n",
        )],
    );
    let file = format!("{folder}/report.txt");
    let to_file = format!("human={file}");
    let args = [
        "check", &folder, "--color", "never", "--format", "human", "--format", &to_file,
    ];
    let ended = run_on(&args, true, Progress::default());
    let link = "/src/rules/trail_unencrypted.md\u{1b}\\trail-unencrypted\u{1b}]8;;\u{1b}\\";
    assert!(ended.stdout.contains(link), "{}", ended.stdout);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(
        text.contains("[trail-unencrypted]") && !text.contains('\u{1b}'),
        "{text}"
    );
    let ended = run_on(&args, false, Progress::default());
    assert!(!ended.stdout.contains('\u{1b}'));
}
