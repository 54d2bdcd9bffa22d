//! The fingerprints of findings: the same in plans and sources, after lines move and texts are written otherwise, and another one for
//! everything that means something else.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::rules::{cases, hold};
use crate::support::check::run;
use crate::support::run::folder;

/// Cases whose fingerprints differ, and why.
const DIFFER: &[(&str, &str)] = &[
    (
        "trail-key-denies-encrypt/bad-default-policy",
        "the plan knows that the key is new and has AWS's default policy; the sources know of no policy",
    ),
    (
        "change-revokes-delivery/bad-key-policy-destroyed",
        "the plan knows that AWS's default policy comes back; the sources know of no policy",
    ),
    (
        "trail-key-denies-encrypt/bad-document-known-after-apply",
        "the plan has the name of the role's ARN, the sources its text",
    ),
    (
        "trail-key-denies-encrypt/ok-document-known-after-apply",
        "the plan has the name of the role's ARN, the sources its text",
    ),
    (
        "key-policy-decrypt-unbound/bad-role-of-this-plan",
        "the plan has the name of the role's ARN, the sources its text",
    ),
    (
        "trail-key-denies-decrypt/undecided",
        "the plan has no statement, as a part of the policy is known after apply",
    ),
    (
        "controltower-key-denies-cloudtrail/undecided",
        "the plan has no statement, as a part of the policy is known after apply",
    ),
    (
        "change-widens-access/undecided",
        "the plan has the name of an output, the sources the call that it is made of",
    ),
    (
        "key-policy-public/undecided",
        "the plan has the name of an output, the sources the call that it is made of",
    ),
    (
        "trail-key-external/bad-data",
        "the plan has read the ARN of the key, the sources have its alias",
    ),
];

/// What names a finding and what its fingerprint is.
fn prints(report: &Value) -> BTreeSet<(String, String, String)> {
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |it: &Value, name: &str| it[name].as_str().unwrap_or_default().to_owned();
    findings
        .map(|it| {
            (
                text(it, "rule"),
                text(it, "address"),
                text(it, "fingerprint"),
            )
        })
        .collect()
}

/// The findings of two reports that have the same name in both, with different fingerprints.
fn differences(one: &Value, other: &Value) -> Vec<String> {
    let (one, other) = (prints(one), prints(other));
    let named =
        |all: &BTreeSet<(String, String, String)>, name: (&str, &str)| -> BTreeSet<String> {
            let same = all
                .iter()
                .filter(|it| (it.0.as_str(), it.1.as_str()) == name);
            same.map(|it| it.2.clone()).collect()
        };
    let mut found = BTreeSet::new();
    for (rule, address, _) in &one {
        let (here, there) = (named(&one, (rule, address)), named(&other, (rule, address)));
        if !there.is_empty() && here.len() == there.len() && here != there {
            found.insert(format!("{rule} {address}"));
        }
    }
    found.into_iter().collect()
}

#[test]
fn plans_and_sources_give_a_finding_one_fingerprint() {
    let mut problems = Vec::new();
    for case in cases() {
        let Some([plan, sources, both]) = case.reports() else {
            continue;
        };
        let mut found = differences(plan, sources);
        found.extend(differences(plan, both));
        let excused = DIFFER
            .iter()
            .any(|(id, reason)| *id == case.id() && !reason.is_empty());
        if excused == found.is_empty() {
            problems.push(format!("{}: {found:?}", case.id()));
        }
    }
    hold(&problems);
}

#[test]
fn no_two_findings_of_a_report_share_a_fingerprint() {
    for case in cases() {
        let reports = case.reports();
        for report in reports.iter().flatten() {
            let all: Vec<&str> = report["findings"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it["fingerprint"].as_str().unwrap())
                .collect();
            let distinct: BTreeSet<&&str> = all.iter().collect();
            assert_eq!(distinct.len(), all.len(), "{}", case.id());
            assert!(all.iter().all(|it| it.len() == 64), "{}", case.id());
        }
    }
}

/// The findings of sources, by rule and address, and their fingerprints.
fn of_sources(name: &str, text: &str, args: &[&str]) -> Value {
    let folder = folder(name, &[("main.tf", text)]);
    let ended = run(&[&["check", &folder, "--format", "json"], args].concat());
    serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{}", ended.stderr))
}

/// The same configuration, written otherwise: further down, further in, and with other Sids.
fn written_otherwise(text: &str) -> String {
    let mut out = "# Moved.\n\n/* Down. */\n".to_owned();
    let (mut heredoc, mut sids): (Option<String>, usize) = (None, 0);
    for line in text.lines() {
        let word = line.trim_start();
        if heredoc.is_none() {
            out.push_str(&line[..line.len() - word.len()]);
            let marker = line
                .rsplit_once("<<")
                .map(|(_, it)| it.trim_start_matches('-'));
            heredoc = marker
                .filter(|it| it.chars().all(char::is_alphanumeric))
                .map(str::to_owned);
        } else if heredoc.as_deref() == Some(word) {
            heredoc = None;
        }
        let sid = ["Sid", "\"Sid\"", "sid"]
            .iter()
            .any(|it| word.starts_with(it));
        let renamed = word.rsplit_once('"').filter(|_| sid);
        match renamed.and_then(|(start, end)| Some((start.rsplit_once('"')?.0, end))) {
            Some((start, end)) => {
                let indent = &line[..line.len() - word.len()];
                sids += 1;
                out.extend([indent, start, &format!("\"Renamed{sids}\""), end]);
            }
            None => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

#[test]
fn fingerprints_survive_another_way_of_writing() {
    let (mut problems, mut compared) = (Vec::new(), 0);
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/rules");
    for rule in keytrail::rules::ALL {
        let folder = data.join(rule.id).join("bad");
        let text = std::fs::read_to_string(folder.join("main.tf")).unwrap_or_default();
        let mut others = std::fs::read_dir(&folder)
            .unwrap()
            .map(|it| it.unwrap().path());
        // Where other files belong to it, or the arguments name some, the folder is needed as it is.
        if text.is_empty() || others.any(|it| it.is_dir()) || folder.join("args").exists() {
            continue;
        }
        let before = of_sources("identity-written", &text, &[]);
        let after = of_sources("identity-written", &written_otherwise(&text), &[]);
        let (one, other) = (prints(&before), prints(&after));
        // What a rule says of the spelling of a text may go with it.
        if one != other {
            problems.push(format!(
                "{}: {:?}",
                rule.id,
                one.symmetric_difference(&other)
            ));
        }
        compared += one.len();
    }
    hold(&problems);
    assert!(compared > 40, "only {compared} findings were compared");
}

/// A trail whose key keeps CloudTrail out, with a policy in each form.
fn configuration(form: &str, statements: &str) -> String {
    let trail = "resource \"aws_cloudtrail\" \"main\" {\n  name           = \"main\"\n  s3_bucket_name = \"logs\"\n  kms_key_id     = aws_kms_key.trail.arn\n}\n";
    match form {
        "heredoc" => format!(
            "{trail}resource \"aws_kms_key\" \"trail\" {{\n  policy = <<EOF\n{{\"Version\":\"2012-10-17\",\"Statement\":[{statements}]}}\nEOF\n}}\n"
        ),
        _ => format!(
            "{trail}resource \"aws_kms_key\" \"trail\" {{\n  policy = jsonencode({{\"Version\":\"2012-10-17\",\"Statement\":[{statements}]}})\n}}\n"
        ),
    }
}

const ROOT: &str = r#"{"Sid":"Root","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}"#;

const NEAR: &str = r#"{"Sid":"CloudTrail","Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":["kms:GenerateDataKey*","kms:DescribeKey"],"Resource":"*","Condition":{"StringEquals":{"aws:SourceArn":"arn:aws:cloudtrail:us-east-1:111122223333:trail/other"}}}"#;

fn encrypt(form: &str, statements: &[&str]) -> String {
    let text = configuration(form, &statements.join(","));
    let args = ["--account-id", "111122223333", "--region", "us-east-1"];
    let report = of_sources("identity-statement", &text, &args);
    let findings = report["findings"].as_array().unwrap().iter();
    let mut of_rule = findings.filter(|it| it["rule"] == "trail-key-denies-encrypt");
    let found = of_rule.next().unwrap_or_else(|| panic!("{report:#}"));
    found["fingerprint"].as_str().unwrap().to_owned()
}

#[test]
fn the_meaning_of_the_statement_counts_and_nothing_else_of_the_policy() {
    let plain = encrypt("jsonencode", &[ROOT, NEAR]);
    let deny = r#"{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::111122223333:user/eve"},"Action":"kms:Decrypt","Resource":"*"}"#;
    let reordered = NEAR.replace(
        r#"["kms:GenerateDataKey*","kms:DescribeKey"]"#,
        r#"["kms:describekey","KMS:GenerateDataKey*"]"#,
    );
    let listed = reordered.replace(
        "\"cloudtrail.amazonaws.com\"",
        "[\"cloudtrail.amazonaws.com\"]",
    );
    for same in [
        encrypt("heredoc", &[ROOT, NEAR]),
        encrypt("jsonencode", &[NEAR, ROOT]),
        encrypt("jsonencode", &[deny, ROOT, NEAR]),
        encrypt(
            "jsonencode",
            &[ROOT, &NEAR.replace("\"CloudTrail\"", "\"Other\"")],
        ),
        encrypt("heredoc", &[ROOT, &listed]),
    ] {
        assert_eq!(same, plain);
    }
    for (old, new) in [
        ("kms:DescribeKey", "kms:Decrypt"),
        ("trail/other", "trail/another"),
        ("StringEquals", "StringLike"),
        ("aws:SourceArn", "AWS:SourceAccount"),
        (
            "\"Resource\":\"*\"",
            "\"Resource\":[\"*\",\"arn:aws:kms:us-east-1:111122223333:key/*\"]",
        ),
        (
            "{\"Service\":\"cloudtrail.amazonaws.com\"}",
            "{\"Service\":[\"cloudtrail.amazonaws.com\",\"config.amazonaws.com\"]}",
        ),
    ] {
        let other = NEAR.replacen(old, new, 1);
        assert_ne!(other, NEAR);
        assert_ne!(encrypt("jsonencode", &[ROOT, &other]), plain, "{old} {new}");
    }
}

#[test]
fn a_sensitive_policy_leaves_nothing_in_the_fingerprint() {
    let of = |secret: &str| {
        let text = configuration(
            "jsonencode",
            &format!("{ROOT},{}", NEAR.replace("trail/other", secret)),
        );
        let text = text
            .replace("policy = jsonencode(", "policy = sensitive(jsonencode(")
            .replace("})\n}\n", "}))\n}\n");
        let args = ["--account-id", "111122223333", "--region", "us-east-1"];
        let report = of_sources("identity-sensitive", &text, &args);
        let all = prints(&report);
        assert!(
            all.iter().any(|it| it.0 == "trail-key-denies-encrypt"),
            "{report:#}"
        );
        all
    };
    assert_eq!(of("trail/one"), of("trail/two"));
}

#[test]
fn neither_names_nor_places_of_inputs_count() {
    let text = configuration("jsonencode", &[ROOT, NEAR].join(","));
    let other = "resource \"aws_cloudtrail\" \"bare\" {\n  name           = \"bare\"\n  s3_bucket_name = \"logs\"\n}\n";
    let (one, two) = (
        folder("identity-one", &[("main.tf", &text)]),
        folder("identity-two", &[("main.tf", other)]),
    );
    let moved = folder("identity-three", &[("other.tf", &text)]);
    let report = |paths: &[&str]| -> Value {
        let ended = run(&[&["check", "--format", "json"], paths].concat());
        serde_json::from_str(&ended.stdout).unwrap()
    };
    let plain = prints(&report(&[&one, &two]));
    assert!(plain.len() > 2);
    assert_eq!(prints(&report(&[&two, &one])), plain);
    assert_eq!(prints(&report(&[&two, &moved])), plain);
    // The same configuration twice: each finding has its own fingerprint, whatever comes first.
    let twice = report(&[&one, &moved]);
    let all = twice["findings"].as_array().unwrap().len();
    let distinct: BTreeSet<String> = prints(&twice).into_iter().map(|it| it.2).collect();
    assert_eq!(distinct.len(), all);
    assert_eq!(prints(&report(&[&moved, &one])), prints(&twice));
}
