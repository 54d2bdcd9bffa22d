//! `KEYTRAIL_*`: every flag of `check` has a variable, a flag counts before it, and what is wrong with it is told with its name.

use std::path::Path;
use std::process::Command;

use crate::support::run::{Ended, folder};

const MAIN: &str = "resource \"aws_cloudtrail\" \"main\" {\n  name           = \"main\"\n  s3_bucket_name = \"logs\"\n}\n";

fn root(name: &str, file: &str) -> String {
    let git = (".git/HEAD", "ref: refs/heads/main\n");
    folder(name, &[git, ("keytrail.toml", file), ("main.tf", MAIN)])
}

fn run(at: &str, args: &[&str], environment: &[(&str, &str)]) -> Ended {
    let output = Command::new(env!("CARGO_BIN_EXE_keytrail"))
        .args(args)
        .current_dir(Path::new(at))
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace("\r\n", "\n");
    Ended {
        code: output.status.code().unwrap(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// A value that each kind of flag refuses, so that the variable is known to be read: what is written is the variable's name.
#[test]
fn every_flag_has_a_variable_or_a_reason() {
    let root = root("environment-every", "");
    let mut command = keytrail::cli::command();
    command.build();
    let check = command.find_subcommand("check").unwrap();
    let mut read = 0;
    for flag in check.get_arguments().filter(|it| !it.is_positional()) {
        let long = flag.get_long().unwrap();
        let variable = match keytrail::cli::variable(long) {
            Ok(variable) => variable,
            Err(reason) => {
                assert!(reason.contains(' '), "{long}: {reason}");
                continue;
            }
        };
        let ended = run(&root, &["check", "."], &[(&variable, "\u{1}")]);
        // Any text is the path of a file or the name of a key.
        let paths = std::any::TypeId::of::<std::path::PathBuf>();
        if flag.get_value_parser().type_id() == paths || long == "control-tower" {
            continue;
        }
        assert_eq!(ended.code, 2, "{long}: {ended:?}");
        let said = format!("the variable `{variable}`: ");
        assert!(ended.stderr.contains(&said), "{long}: {ended:?}");
        read += 1;
    }
    assert!(read > 15, "{read}");
}

#[test]
fn a_flag_counts_before_its_variable_and_that_before_the_file() {
    let root = root(
        "environment-order",
        "[check]\nfail-on = \"note\"\nstrict = true\nrequire-trail = true\n",
    );
    let code = |args: &[&str], environment: &[(&str, &str)]| {
        run(&root, &[&["check", "."], args].concat(), environment).code
    };
    assert_eq!(code(&[], &[]), 1);
    assert_eq!(code(&[], &[("KEYTRAIL_FAIL_ON", "error")]), 0);
    assert_eq!(
        code(&["--fail-on", "warning"], &[("KEYTRAIL_FAIL_ON", "error")]),
        1
    );
    assert_eq!(
        code(&["--fail-on=error"], &[("KEYTRAIL_FAIL_ON", "nothing")]),
        0
    );
    // An empty one says nothing.
    assert_eq!(code(&[], &[("KEYTRAIL_FAIL_ON", "")]), 1);
    // What excludes a variable answers it, too.
    assert_eq!(
        code(&["--no-config"], &[("KEYTRAIL_CONFIG", "missing.toml")]),
        0
    );
    assert_eq!(
        code(
            &["--config", "keytrail.toml"],
            &[("KEYTRAIL_NO_CONFIG", "true")]
        ),
        1
    );
    assert_eq!(code(&[], &[("KEYTRAIL_NO_CONFIG", "1")]), 0);
    assert_eq!(code(&[], &[("KEYTRAIL_NO_CONFIG", "false")]), 1);
}

#[test]
fn a_switch_can_be_switched_off() {
    let file = "[check]\nrequire-trail = true\n";
    let root = folder(
        "environment-switch",
        &[
            (".git/HEAD", "x"),
            ("keytrail.toml", file),
            ("main.tf", "locals {}\n"),
        ],
    );
    let code = |args: &[&str], environment: &[(&str, &str)]| {
        run(&root, &[&["check", "."], args].concat(), environment).code
    };
    assert_eq!(code(&[], &[]), 2);
    assert_eq!(code(&[], &[("KEYTRAIL_REQUIRE_TRAIL", "false")]), 0);
    assert_eq!(code(&["--require-trail=false"], &[]), 0);
    assert_eq!(
        code(&["--require-trail"], &[("KEYTRAIL_REQUIRE_TRAIL", "false")]),
        2
    );
    assert_eq!(
        code(
            &["--require-trail=false"],
            &[("KEYTRAIL_REQUIRE_TRAIL", "true")]
        ),
        0
    );
}

#[test]
fn lists_are_separated_by_commas_or_lines() {
    let root = root("environment-lists", "");
    let both = |value: &str| {
        let ended = run(&root, &["check", "."], &[("KEYTRAIL_FORMAT", value)]);
        assert_eq!(ended.code, 0, "{ended:?}");
        let written = Path::new(&root).join("a,b.json");
        (ended.stdout, std::fs::read_to_string(written).is_ok())
    };
    let (json, file) = both("json");
    assert!(json.starts_with('{') && !file, "{json}");
    let (human, file) = both("json=a.json, human");
    assert!(human.contains("1 warning") && !file, "{human}");
    let (human, file) = both("human\njson=a,b.json\n");
    assert!(human.contains("1 warning") && file, "{human}");
    let rules = [("KEYTRAIL_DISABLE", "trail-unencrypted,policy-invalid")];
    let ended = run(&root, &["check", "."], &rules);
    assert!(ended.stdout.contains("0 warnings"), "{ended:?}");
    // The flag says the other half.
    let one = [("KEYTRAIL_DISABLE", "trail-unencrypted")];
    let ended = run(&root, &["check", ".", "--disable", "policy-invalid"], &one);
    assert!(ended.stdout.contains("0 warnings"), "{ended:?}");
}

#[test]
fn a_wrong_value_is_told_with_the_variable() {
    let root = root("environment-wrong", "");
    for (variable, value, said) in [
        (
            "KEYTRAIL_FAIL_ON",
            "fatal",
            "it is one of `error`, `warning`, `note`",
        ),
        ("KEYTRAIL_STRICT", "perhaps", "it is `true` or `false`"),
        ("KEYTRAIL_QUIET", "perhaps", "it is `true` or `false`"),
        (
            "KEYTRAIL_TRUSTED_ACCOUNT",
            "111122223333,1111",
            "an account id has 12 digits",
        ),
        (
            "KEYTRAIL_ONLY",
            "trail-unencryptd",
            "there is `trail-unencrypted`",
        ),
        ("KEYTRAIL_READER_CONTEXT", "team", "KEY=VALUE"),
        (
            "KEYTRAIL_COLOR",
            "blue",
            "it is one of `auto`, `always`, `never`",
        ),
    ] {
        let ended = run(&root, &["check", "."], &[(variable, value)]);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{ended:?}");
        let start = format!("error: the variable `{variable}`: ");
        assert!(ended.stderr.starts_with(&start), "{ended:?}");
        assert!(ended.stderr.contains(said), "{ended:?}");
    }
    let both = [("KEYTRAIL_SOURCE", "."), ("KEYTRAIL_NO_SOURCE", "true")];
    let ended = run(&root, &["check", "."], &both);
    assert_eq!(ended.code, 2, "{ended:?}");
    let named = "the environment sets `KEYTRAIL_SOURCE`, `KEYTRAIL_NO_SOURCE`";
    assert!(ended.stderr.contains(named), "{ended:?}");
}

/// Of one name the flag counts; other names of the variable are added.
#[test]
fn accounts_and_context_keys_are_answered_name_by_name() {
    let root = root("environment-names", "");
    let twice = [(
        "KEYTRAIL_READER_CONTEXT",
        "aws:PrincipalTag/team=a\naws:PrincipalTag/unit=b",
    )];
    let reader = "arn:aws:iam::111122223333:role/auditor";
    let args = [
        "check",
        ".",
        "--format",
        "json",
        "--reader",
        reader,
        "--reader-context",
        "AWS:PrincipalTag/team=c",
    ];
    assert_eq!(run(&root, &args, &twice).code, 0);
    // The variable's account is a wrong one for a reader's eye, and the flag's is taken: the ARN of the trail shows which.
    let accounts = [("KEYTRAIL_ACCOUNT_ID", "222222222222")];
    let args = ["check", ".", "--format", "json", "--region", "us-east-1"];
    assert!(
        run(&root, &args, &accounts)
            .stdout
            .contains(":222222222222:trail/main")
    );
    let args = [&args[..], &["--account-id", "111122223333"]].concat();
    let ended = run(&root, &args, &accounts);
    assert!(
        ended.stdout.contains(":111122223333:trail/main"),
        "{ended:?}"
    );
}

#[test]
fn a_snapshot_heeds_what_it_shares() {
    let root = root("environment-snapshot", "");
    let ended = run(
        &root,
        &["snapshot", "."],
        &[("KEYTRAIL_ACCOUNT_ID", "1111")],
    );
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.stderr.contains("`KEYTRAIL_ACCOUNT_ID`"), "{ended:?}");
    let others = [
        ("KEYTRAIL_FAIL_ON", "nothing"),
        ("KEYTRAIL_OUTPUT", "nowhere/at/all"),
    ];
    assert_eq!(run(&root, &["snapshot", "."], &others).code, 0);
    assert_eq!(run(&root, &["rules"], &others).code, 0);
}
