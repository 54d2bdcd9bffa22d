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
            "cannot read it",
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
