//! The other commands from outside, and what they share.

use crate::support::run::{file, keytrail, with_stdin};

const POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
    {"Sid": "CloudTrail", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:GenerateDataKey*",
     "Resource": "*", "Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"}}}
  ]
}"#;

#[test]
fn help_and_version_go_to_stdout() {
    for flags in [["--help"], ["--version"], ["-h"]] {
        let ended = keytrail(&flags);
        assert_eq!(ended.code, 0, "{ended:?}");
        assert!(ended.stdout.contains("keytrail"), "{ended:?}");
        assert_eq!(ended.stderr, "");
    }
    let ended = keytrail(&[]);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{ended:?}");
}

#[test]
fn an_unknown_rule_suggests_a_known_one() {
    let ended = keytrail(&["explain", "cloudtrail-encrytp"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{ended:?}");
    assert!(
        ended.stderr.contains("help: there is `cloudtrail-encrypt`"),
        "{ended:?}"
    );
    let ended = keytrail(&["explain", "\u{1b}[2J"]);
    assert!(!ended.stderr.contains('\u{1b}'), "{ended:?}");
}

#[test]
fn every_rule_and_requirement_is_explained() {
    let ended = keytrail(&["explain", "cloudtrail-encrypt"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stdout.contains("cloudtrail-encrypt"), "{ended:?}");
    for rule in keytrail::rules::ALL {
        let ended = keytrail(&["explain", rule.id]);
        assert_eq!(ended.code, 0, "{ended:?}");
        // Paragraphs are filled anew.
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(words(&ended.stdout), words(rule.page));
    }
}

#[test]
fn the_table_of_rules_is_for_people_and_programs() {
    let people = keytrail(&["rules"]);
    let programs = keytrail(&["rules", "--format", "json"]);
    assert_eq!((people.code, programs.code), (0, 0));
    let rows: serde_json::Value = serde_json::from_str(&programs.stdout).unwrap();
    assert_eq!(rows.as_array().unwrap().len(), keytrail::rules::ALL.len());
    for rule in keytrail::rules::ALL {
        assert!(people.stdout.contains(rule.id), "{}", rule.id);
    }
}

#[test]
fn evaluate_answers_one_request() {
    let path = file("policy.json", POLICY);
    let ended = keytrail(&[
        "evaluate",
        &path,
        "--principal",
        "cloudtrail.amazonaws.com",
        "--action",
        "kms:GenerateDataKey",
        "--resource",
        "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
        "--context",
        "aws:SourceArn=arn:aws:cloudtrail:us-east-1:111122223333:trail/main",
    ]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let stdin = with_stdin(
        &[
            "evaluate",
            "-",
            "--principal",
            "111122223333",
            "--action",
            "kms:Decrypt",
        ],
        POLICY,
    );
    assert_eq!(stdin.code, 0, "{stdin:?}");
}

#[test]
fn evaluate_refuses_what_it_cannot_read() {
    let path = file("evaluate-policy.json", POLICY);
    let broken = file("broken-policy.json", "{\n  \"Statement\": [,]\n}");
    let wrong: &[(&[&str], &str)] = &[
        (
            &[
                "evaluate",
                &broken,
                "--principal",
                "*",
                "--action",
                "kms:Decrypt",
            ],
            "broken-policy.json:2",
        ),
        (
            &[
                "evaluate",
                "missing.json",
                "--principal",
                "*",
                "--action",
                "kms:Decrypt",
            ],
            "there is no such file",
        ),
        (
            &[
                "evaluate",
                &path,
                "--principal",
                "somebody",
                "--action",
                "kms:Decrypt",
            ],
            "is no principal",
        ),
        (&["evaluate", &path, "--principal", "*"], "--action"),
        (
            &[
                "evaluate",
                &path,
                "--principal",
                "*",
                "--action",
                "a",
                "--context",
                "x",
            ],
            "KEY=VALUE",
        ),
        (&["evaluate", &path, "--jsonl", "-"], "cannot be used with"),
        (&["evaluate"], "required"),
    ];
    for (args, said) in wrong {
        let ended = keytrail(args);
        assert_eq!(
            (ended.code, ended.stdout.as_str()),
            (2, ""),
            "{args:?}: {ended:?}"
        );
        assert!(ended.stderr.contains(said), "{args:?}: {ended:?}");
    }
}

#[test]
fn evaluate_names_the_line_that_is_wrong() {
    let ended = with_stdin(&["evaluate", "--jsonl", "-"], "\n{\n");
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.stderr.contains(" --> <stdin>:2"), "{ended:?}");
}

/// A request has a key once: which of two values counts is not for us to choose.
#[test]
fn a_context_key_that_is_given_twice_is_refused() {
    let line = |context: &str| {
        format!(
            "{{\"id\":\"1\",\"policy\":{{\"Statement\":[]}},\"request\":{{\"principal\":\"arn:aws:iam::111122223333:user/Bob\",\"action\":\"kms:Decrypt\",\"resource\":\"arn:aws:kms:us-east-1:111122223333:key/k\",\"account\":\"111122223333\",\"context\":{{{context}}}}}}}\n"
        )
    };
    let twice = line("\"kms:ViaService\":\"a\",\"KMS:VIASERVICE\":\"b\"");
    let ended = with_stdin(&["evaluate", "--jsonl", "-"], &twice);
    assert_eq!(ended.code, 2, "{ended:?}");
    let said = "the context key `kms:ViaService` is given twice";
    assert!(ended.stderr.contains(said), "{ended:?}");
    let ended = with_stdin(
        &["evaluate", "--jsonl", "-"],
        &line("\"kms:ViaService\":\"a\""),
    );
    assert_eq!(ended.code, 0, "{ended:?}");
}

/// All of them are generated of the one table of flags.
#[test]
fn completions_and_man_pages_know_every_flag_and_rule() {
    let mut command = keytrail::cli::command();
    command.build();
    let check = command.find_subcommand("check").unwrap();
    let flags: Vec<String> = check
        .get_arguments()
        .filter_map(|it| it.get_long())
        .map(str::to_owned)
        .collect();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ended = keytrail(&["completions", shell]);
        assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{shell}");
        for flag in &flags {
            assert!(ended.stdout.contains(flag.as_str()), "{shell}: {flag}");
        }
        // PowerShell and Elvish are given no values by clap.
        if ["bash", "zsh", "fish"].contains(&shell) {
            for rule in keytrail::rules::ALL {
                assert!(ended.stdout.contains(rule.id), "{shell}: {}", rule.id);
            }
        }
    }
    let page = keytrail(&["man", "check"]).stdout.replace("\\-", "-");
    for flag in &flags {
        assert!(page.contains(&format!("--{flag}")), "{flag}");
    }
    let whole = keytrail(&["man"]).stdout;
    for it in command.get_subcommands() {
        let name = it.get_name().replace('-', "\\-");
        assert!(whole.contains(&name), "{name}");
    }
    let ended = keytrail(&["man", "chek"]);
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.stderr.contains("there is `check`"), "{ended:?}");
}

#[test]
fn the_environment_forces_and_forbids_colours() {
    let colored = |variables: &[(&str, &str)]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_keytrail"))
            .args([
                "check",
                "--no-source",
                "examples/missing-describe/plan.json",
            ])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env_clear()
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        output.stdout.contains(&0x1b)
    };
    assert!(!colored(&[]));
    for name in ["CLICOLOR_FORCE", "FORCE_COLOR", "KEYTRAIL_COLOR"] {
        let on = if name == "KEYTRAIL_COLOR" {
            "always"
        } else {
            "1"
        };
        assert!(colored(&[(name, on)]), "{name}");
    }
    assert!(!colored(&[("FORCE_COLOR", "0")]));
    assert!(!colored(&[("FORCE_COLOR", "1"), ("NO_COLOR", "1")]));
}
