//! What puts findings aside: comments, `[[ignore]]` and the baseline, over plans and sources.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::run::{Ended, folder};

const TODAY: (&str, &str) = ("KEYTRAIL_TODAY", "2027-01-31");

/// Runs `keytrail check` in a folder.
fn check(at: &Path, args: &[&str]) -> Ended {
    let output = Command::new(env!("CARGO_BIN_EXE_keytrail"))
        .arg("check")
        .args(args)
        .current_dir(at)
        .env("NO_COLOR", "1")
        .env(TODAY.0, TODAY.1)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace("\r\n", "\n");
    Ended {
        code: output.status.code().unwrap(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

fn json(at: &Path, args: &[&str]) -> Value {
    let ended = check(at, &[args, &["--format", "json"]].concat());
    serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended:?}"))
}

/// Rule, address and kind of suppression of each finding.
fn told(report: &Value) -> Vec<(String, String, String)> {
    let text = |it: &Value| it.as_str().unwrap_or("-").to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|it| {
            (
                text(&it["rule"]),
                text(&it["address"]),
                text(&it["suppressed"]["kind"]),
            )
        })
        .collect()
}

/// The kinds of suppression of the findings of a rule.
fn kinds(report: &Value, rule: &str) -> Vec<String> {
    let told = told(report).into_iter();
    told.filter(|it| it.0 == rule).map(|it| it.2).collect()
}

fn main_tf(name: &str, text: &str) -> PathBuf {
    folder(name, &[("main.tf", text)]).into()
}

/// A trail without a key: `trail-unencrypted`, a warning.
const BARE: &str = "resource \"aws_cloudtrail\" \"main\" {\n  name           = \"main\"\n  s3_bucket_name = \"logs\"\n}\n";

/// A key that lets any account's role decrypt: findings of the statement, and nothing else of interest.
fn keyed(before: &str, statement: &str, ending: &str) -> String {
    format!(
        r#"resource "aws_cloudtrail" "main" {{
  name           = "main"
  s3_bucket_name = "logs"
  kms_key_id     = aws_kms_key.trail.arn
}}

{before}resource "aws_kms_key" "trail" {{
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [
      {{
        Sid       = "Root"
        Effect    = "Allow"
        Principal = {{ AWS = "arn:aws:iam::111122223333:root" }}
        Action    = "kms:*"
        Resource  = "*"
      }},
      {{
        Sid       = "CloudTrail"
        Effect    = "Allow"
        Principal = {{ Service = "cloudtrail.amazonaws.com" }}
        Action    = ["kms:GenerateDataKey*", "kms:DescribeKey"]
        Resource  = "*"
        Condition = {{ StringEquals = {{ "aws:SourceArn" = "arn:aws:cloudtrail:us-east-1:111122223333:trail/main" }} }}
      }},
      {statement}{{
        Sid       = "Public"
        Effect    = "Allow"
        Principal = "*"
        Action    = "kms:Decrypt" {ending}
        Resource  = "*"
      }},
    ]
  }})
}}
"#
    )
}

const ACCOUNT: [&str; 4] = ["--account-id", "111122223333", "--region", "us-east-1"];

const IGNORE: &str =
    "# keytrail:ignore[key-policy-public, key-policy-decrypt-unbound] until=2027-01-31 OPS-17\n";

#[test]
fn a_comment_counts_at_the_block_the_statement_and_the_line() {
    let plain = main_tf("exceptions-plain", &keyed("", "", ""));
    let report = json(&plain, &[&["."][..], &ACCOUNT].concat());
    assert_eq!(kinds(&report, "key-policy-public"), ["-"], "{report:#}");
    let line = "# keytrail:ignore[key-policy-public] OPS-17";
    for (at, text) in [
        keyed(IGNORE, "", ""),
        keyed("// keytrail:ignore[key-policy-public] OPS-17\n", "", ""),
        keyed(
            "/* keytrail:ignore[key-policy-public] OPS-17 */\n# another comment\n",
            "",
            "",
        ),
        keyed("", &format!("{line}\n      "), ""),
        keyed("", "", "").replace(
            "{\n        Sid       = \"Public\"",
            &format!("{{ {line}\n        Sid       = \"Public\""),
        ),
        keyed("", "", "").replace("Principal = \"*\"", &format!("Principal = \"*\" {line}")),
    ]
    .iter()
    .enumerate()
    {
        let root = main_tf("exceptions-comment", text);
        let report = json(&root, &[&["."][..], &ACCOUNT].concat());
        assert_eq!(
            kinds(&report, "key-policy-public"),
            ["comment"],
            "{at}: {report:#}"
        );
        assert_eq!(kinds(&report, "ignore-invalid"), [""; 0], "{at}");
        let suppressed = report["findings"].as_array().unwrap().iter();
        let suppressed: Vec<&Value> = suppressed
            .filter(|it| !it["suppressed"].is_null())
            .collect();
        assert_eq!(report["summary"]["suppressed"], suppressed.len());
        let it = &suppressed[0]["suppressed"];
        assert_eq!(it["reason"], "OPS-17");
        assert_eq!(it["location"]["file"], "main.tf");
    }
    // Elsewhere it is no comment, or is about something else.
    for text in [
        keyed("", "", "").replace(
            "\"Public\"",
            "\"Public # keytrail:ignore[key-policy-public] OPS-17\"",
        ),
        keyed("# keytrail:ignore[key-policy-public] OPS-17\n\n", "", ""),
        keyed("", "", "").replace(
            "Sid       = \"Root\"",
            &format!("Sid       = \"Root\" {line}"),
        ),
        keyed("# see keytrail:ignore[key-policy-public]\n", "", ""),
    ] {
        let root = main_tf("exceptions-comment", &text);
        let report = json(&root, &[&["."][..], &ACCOUNT].concat());
        assert_eq!(kinds(&report, "key-policy-public"), ["-"], "{text}");
    }
}

#[test]
fn what_is_put_aside_fails_nothing_and_is_counted() {
    let root = main_tf(
        "exceptions-counted",
        &format!("# keytrail:ignore[trail-unencrypted] sandbox\n{BARE}"),
    );
    let fail = ["--fail-on", "note"];
    let ended = check(&root, &[&["."][..], &fail].concat());
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stdout.contains("0 notes (1 suppressed)"), "{ended:?}");
    assert!(!ended.stdout.contains("is not encrypted"), "{ended:?}");
    let audit = check(&root, &[&[".", "--no-ignores"][..], &fail].concat());
    assert_eq!(audit.code, 1, "{audit:?}");
    assert!(!audit.stdout.contains("suppressed"), "{audit:?}");
}

#[test]
fn a_comment_without_a_reason_a_known_rule_or_a_day_puts_nothing_aside() {
    for (comment, help) in [
        ("# keytrail:ignore[trail-unencrypted]", "REASON"),
        ("# keytrail:ignore trail-unencrypted because", "RULE"),
        (
            "# keytrail:ignore[trail-unencryptd] because",
            "`trail-unencrypted`",
        ),
        (
            "# keytrail:ignore[trail-unencrypted] until=soon because",
            "2027-01-31",
        ),
        (
            "# keytrail:skip[trail-unencrypted] because",
            "keytrail:ignore",
        ),
    ] {
        let root = main_tf("exceptions-invalid", &format!("{comment}\n{BARE}"));
        let report = json(&root, &["."]);
        assert_eq!(kinds(&report, "trail-unencrypted"), ["-"], "{comment}");
        assert_eq!(kinds(&report, "ignore-invalid"), ["-"], "{comment}");
        assert_eq!(report["exit_code"], 1);
        let all = report["findings"].as_array().unwrap();
        let fault = all
            .iter()
            .find(|it| it["rule"] == "ignore-invalid")
            .unwrap();
        assert!(fault["help"].as_str().unwrap().contains(help), "{fault:#}");
        assert_eq!(fault["locations"][0]["text"], *comment);
    }
}

#[test]
fn an_exception_ends_with_its_day_and_one_that_is_unused_is_told() {
    for (until, suppressed, fault) in [
        ("2027-01-31", "comment", None),
        ("2027-01-30", "-", Some("ignore-expired")),
    ] {
        let text = format!("# keytrail:ignore[trail-unencrypted] until={until} sandbox\n{BARE}");
        let report = json(&main_tf("exceptions-expired", &text), &["."]);
        assert_eq!(kinds(&report, "trail-unencrypted"), [suppressed]);
        assert_eq!(
            kinds(&report, "ignore-expired").len(),
            usize::from(fault.is_some())
        );
        assert_eq!(kinds(&report, "ignore-unused").len(), 0);
    }
    let text = format!("# keytrail:ignore[trail-unencrypted, trail-key-disabled] sandbox\n{BARE}");
    let root = main_tf("exceptions-unused", &text);
    let report = json(&root, &["."]);
    assert_eq!(kinds(&report, "trail-unencrypted"), ["comment"]);
    let all = report["findings"].as_array().unwrap();
    let unused = all.iter().find(|it| it["rule"] == "ignore-unused").unwrap();
    let message = unused["message"].as_str().unwrap();
    assert!(message.contains("trail-key-disabled") && !message.contains("trail-unencrypted"));
    // A rule that did not run found nothing for another reason.
    let report = json(&root, &[".", "--disable", "trail-key-disabled"]);
    assert_eq!(kinds(&report, "ignore-unused"), [""; 0]);
    let text =
        format!("# keytrail:ignore[change-revokes-delivery, trail-unencrypted] sandbox\n{BARE}");
    let report = json(&main_tf("exceptions-unused", &text), &["."]);
    assert_eq!(kinds(&report, "ignore-unused"), [""; 0]);
}

fn case(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/rules")
        .join(name)
}

/// A copy of a case, in which `main.tf` is changed.
fn copy(name: &str, of: &str, change: impl Fn(String) -> String) -> PathBuf {
    let read = |file: &str| std::fs::read_to_string(case(of).join(file)).unwrap();
    let main = change(read("main.tf"));
    folder(
        name,
        &[("main.tf", &main), ("plan.json", &read("plan.json"))],
    )
    .into()
}

#[test]
fn a_comment_counts_for_a_plan_with_its_sources() {
    let root = copy("exceptions-plan", "trail-unencrypted/bad", |text| {
        text.replace(
            "resource \"aws_cloudtrail\"",
            "# keytrail:ignore[trail-unencrypted] sandbox\nresource \"aws_cloudtrail\"",
        )
    });
    let kind = |args: &[&str]| kinds(&json(&root, args), "trail-unencrypted");
    assert_eq!(kind(&["plan.json"]), ["comment"]);
    assert_eq!(kind(&["."]), ["comment"]);
    assert_eq!(kind(&["plan.json", "--no-source"]), ["-"]);
    assert_eq!(kind(&["plan.json", "--no-ignores"]), ["-"]);
}

#[test]
fn the_file_puts_aside_by_rule_address_and_sid_in_plans_and_sources() {
    let entry = |more: &str| {
        format!("[[ignore]]\nrule = \"trail-unencrypted\"\nreason = \"sandbox\"\n{more}\n")
    };
    let root = copy("exceptions-file", "trail-unencrypted/bad", |text| text);
    for (text, kind, fault) in [
        (entry("address = \"aws_cloudtrail.main\""), "config", None),
        (
            entry("address = \"aws_cloudtrail.*\"\nuntil = 2027-01-31"),
            "config",
            None,
        ),
        (
            entry("address = [\"x.y\", \"*main\"]\nuntil = \"2027-02-01\""),
            "config",
            None,
        ),
        (
            entry("address = \"aws_cloudtrail.main\"\nuntil = \"2027-01-30\""),
            "-",
            Some("ignore-expired"),
        ),
        (
            entry("address = \"aws_cloudtrail.other\""),
            "-",
            Some("ignore-unused"),
        ),
        (
            entry("address = \"aws_cloudtrail.main\"\nsid = \"X\""),
            "-",
            Some("ignore-unused"),
        ),
    ] {
        std::fs::write(root.join("keytrail.toml"), &text).unwrap();
        for input in [&["."][..], &["plan.json"], &["plan.json", "--no-source"]] {
            let report = json(&root, input);
            assert_eq!(
                kinds(&report, "trail-unencrypted"),
                [kind],
                "{text} {input:?}"
            );
            for rule in ["ignore-expired", "ignore-unused"] {
                let wanted = usize::from(fault == Some(rule));
                assert_eq!(kinds(&report, rule).len(), wanted, "{text} {rule}");
            }
        }
    }
    for (text, problem) in [
        (entry(""), "has no `address`"),
        (entry("address = \"*\""), "names everything"),
        (
            entry("address = \"a.b\"").replace("sandbox", " "),
            "the reason is empty",
        ),
        (
            entry("address = \"a.b\"").replace("unencrypted", "unencryptd"),
            "there is no rule",
        ),
        (
            entry("address = \"a.b\"").replace("trail-unencrypted", "source-unreadable"),
            "cannot be ignored",
        ),
        (entry("address = \"a.b\"\nuntil = 2027"), "`until`"),
        (entry("address = \"a.b\"\nuntil = \"2027-02-30\""), "no day"),
        (entry("address = \"a.b\"\nadress = \"a.b\""), "`adress`"),
    ] {
        std::fs::write(root.join("keytrail.toml"), &text).unwrap();
        let ended = check(&root, &["."]);
        assert!(
            ended.code == 2 && ended.stderr.contains(problem),
            "{problem}: {ended:?}"
        );
    }
}

#[test]
fn a_sid_names_the_statement() {
    let root = main_tf("exceptions-sid", &keyed("", "", ""));
    for (sid, kind) in [("Public", "config"), ("Root", "-")] {
        let text = format!(
            "[[ignore]]\nrule = \"key-policy-public\"\naddress = \"aws_kms_key.trail\"\nsid = \"{sid}\"\nreason = \"why\"\n"
        );
        std::fs::write(root.join("keytrail.toml"), text).unwrap();
        let report = json(&root, &[&["."][..], &ACCOUNT].concat());
        assert_eq!(kinds(&report, "key-policy-public"), [kind]);
    }
}

/// Two trails by `for_each` that share a finding.
const EACH: &str = "resource \"aws_cloudtrail\" \"main\" {\n  for_each       = toset([\"a\", \"b\"])\n  name           = each.key\n  s3_bucket_name = \"logs\"\n}\n";

#[test]
fn an_instance_is_put_aside_without_the_others() {
    let root = main_tf("exceptions-each", EACH);
    let entry = |address: &str| {
        format!(
            "[[ignore]]\nrule = \"trail-unencrypted\"\nreason = \"sandbox\"\naddress = '{address}'\n"
        )
    };
    for (address, wanted) in [
        (
            "aws_cloudtrail.main[\"a\"]",
            vec![
                ("aws_cloudtrail.main[\"b\"]", "-"),
                ("aws_cloudtrail.main[\"a\"]", "config"),
            ],
        ),
        (
            "aws_cloudtrail.main[\"b\"]",
            vec![
                ("aws_cloudtrail.main[\"a\"]", "-"),
                ("aws_cloudtrail.main[\"b\"]", "config"),
            ],
        ),
        (
            "aws_cloudtrail.main",
            vec![("aws_cloudtrail.main[\"a\"]", "config")],
        ),
    ] {
        std::fs::write(root.join("keytrail.toml"), entry(address)).unwrap();
        let report = json(&root, &["."]);
        let all = told(&report)
            .into_iter()
            .filter(|it| it.0 == "trail-unencrypted");
        let all: Vec<(String, String)> = all.map(|it| (it.1, it.2)).collect();
        let all: Vec<(&str, &str)> = all
            .iter()
            .map(|it| (it.0.as_str(), it.1.as_str()))
            .collect();
        assert_eq!(all, wanted);
        let first = &report["findings"][0];
        let address = first["address"].as_str().unwrap();
        assert!(
            first["message"]
                .as_str()
                .unwrap()
                .contains(&format!("`{address}`")),
            "{first:#}"
        );
    }
}

/// Writes a baseline of a folder's input.
fn write(root: &Path, args: &[&str]) -> String {
    let ended = check(root, &[args, &["--write-baseline", "base.json"]].concat());
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.stderr.contains("wrote `base.json`"), "{ended:?}");
    std::fs::read_to_string(root.join("base.json")).unwrap()
}

const BASE: [&str; 2] = ["--baseline", "base.json"];

#[test]
fn a_baseline_puts_aside_what_it_holds_in_plans_and_sources() {
    for (at, name) in [
        "trail-unencrypted/bad",
        "trail-key-denies-encrypt/bad",
        "key-policy-public/bad",
        "trail-policy-race/bad",
    ]
    .iter()
    .enumerate()
    {
        let root = copy(&format!("exceptions-baseline-{at}"), name, |text| text);
        let args = ["--account-id", "111122223333"];
        let inputs = [
            vec!["."],
            vec!["plan.json"],
            vec!["plan.json", "--no-source"],
        ];
        for from in &inputs {
            let text = write(&root, &[&from[..], &args].concat());
            assert!(text.lines().count() > 5, "{text}");
            for to in &inputs {
                let report = json(&root, &[&to[..], &args, &BASE].concat());
                let open = told(&report).into_iter().filter(|it| it.2 == "-").count();
                assert_eq!(
                    (open, &report["exit_code"]),
                    (0, &0.into()),
                    "{name} {from:?} {to:?} {report:#}"
                );
                assert!(
                    !report.to_string().contains("of the baseline"),
                    "{name} {from:?} {to:?}"
                );
            }
        }
    }
}

#[test]
fn a_finding_comes_back_when_its_statement_changes() {
    let root = main_tf("exceptions-change", &keyed("", "", ""));
    let args = [&["."][..], &ACCOUNT].concat();
    write(&root, &args);
    let run = |text: &str| {
        std::fs::write(root.join("main.tf"), text).unwrap();
        json(&root, &[&args[..], &BASE].concat())
    };
    let plain = keyed("", "", "");
    for same in [
        plain.clone(),
        format!("# moved\n\n{plain}"),
        plain.replace("\"Public\"", "\"Renamed\""),
        plain.replace("      {\n        Sid       = \"Public\"", "      { Effect = \"Deny\", Principal = { AWS = \"arn:aws:iam::111122223333:user/eve\" }, Action = \"kms:Encrypt\", Resource = \"*\" },\n      {\n        Sid       = \"Public\""),
    ] {
        let report = run(&same);
        assert_eq!(kinds(&report, "key-policy-public"), ["baseline"], "{same}");
    }
    for changed in [
        plain.replace("\"kms:Decrypt\" ", "[\"kms:Decrypt\", \"kms:ReEncrypt*\"]"),
        plain.replace("Principal = \"*\"", "Principal = { AWS = \"*\", Service = \"logs.us-east-1.amazonaws.com\" }"),
        plain.replace("        Action    = \"kms:Decrypt\"", "        Condition = { Bool = { \"aws:SecureTransport\" = \"true\" } }\n        Action    = \"kms:Decrypt\""),
    ] {
        assert_ne!(changed, plain);
        let report = run(&changed);
        assert_eq!(kinds(&report, "key-policy-public"), ["-"], "{changed}");
        let notes = report["inputs"][0]["notes"].to_string();
        assert!(notes.contains("of the baseline") || report.to_string().contains("baseline find"), "{report:#}");
    }
    // A second statement that says more is a finding of its own; one that says the same adds nothing.
    let second = |action: &str| {
        let statement = format!(
            "      {{ Effect = \"Allow\", Principal = \"*\", Action = \"{action}\", Resource = \"*\" }},\n      {{\n        Sid       = \"Public\""
        );
        plain.replace("      {\n        Sid       = \"Public\"", &statement)
    };
    let report = run(&second("kms:Encrypt"));
    assert_eq!(kinds(&report, "key-policy-public"), ["-", "baseline"]);
    let report = run(&second("kms:Decrypt"));
    assert_eq!(kinds(&report, "key-policy-public"), ["baseline"]);
}

/// A trail whose key leaves reading to IAM, and a role with a policy of its own that says no.
const READER: &str = r#"resource "aws_kms_key" "k" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" },
      { Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = ["kms:GenerateDataKey*", "kms:DescribeKey", "kms:Decrypt"], Resource = "*" },
    ]
  })
}

resource "aws_cloudtrail" "t" {
  name           = "t"
  s3_bucket_name = "b"
  kms_key_id     = aws_kms_key.k.arn
}

resource "aws_iam_role" "reader" {
  name = "reader"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "reader" {
  name = "read"
  role = aws_iam_role.reader.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "No", Effect = "Deny", Action = "kms:Decrypt", Resource = "*" },
    ]
  })
}
"#;

/// The statements of IAM that decide are a part of what a finding is, as those of the key's policy are.
#[test]
fn a_finding_comes_back_when_the_statement_of_iam_changes() {
    let root = main_tf("exceptions-iam", READER);
    let reader = ["--reader", "arn:aws:iam::111122223333:role/reader"];
    let args = [&["."][..], &ACCOUNT, &reader].concat();
    write(&root, &args);
    let run = |old: &str, new: &str| {
        let text = READER.replace(old, new);
        assert!(old.is_empty() || text != READER, "{old}");
        std::fs::write(root.join("main.tf"), text).unwrap();
        kinds(&json(&root, &[&args[..], &BASE].concat()), "reader-denied")
    };
    for (old, new) in [
        ("", ""),
        ("Sid = \"No\", ", ""),
        (
            "\"kms:Decrypt\", Resource = \"*\" },\n    ]",
            "[\"KMS:Decrypt\"], Resource = [\"*\"] },\n      { Effect = \"Allow\", Action = \"s3:*\", Resource = \"*\" },\n    ]",
        ),
        ("\"read\"", "\"another\""),
        (
            "\"aws_iam_role_policy\" \"reader\"",
            "\"aws_iam_role_policy\" \"moved\"",
        ),
    ] {
        assert_eq!(run(old, new), ["baseline"], "{new}");
    }
    for (old, new) in [
        ("Action = \"kms:Decrypt\"", "Action = \"kms:*\""),
        (
            "\"kms:Decrypt\", Resource = \"*\" },\n    ]",
            "\"kms:Decrypt\", Resource = \"arn:aws:kms:*:111122223333:key/*\" },\n    ]",
        ),
    ] {
        assert_eq!(run(old, new), ["-"], "{new}");
    }
}

#[test]
fn a_new_instance_and_a_worse_finding_are_not_in_the_baseline() {
    let root = main_tf("exceptions-instance", EACH);
    write(&root, &["."]);
    std::fs::write(
        root.join("main.tf"),
        EACH.replace("\"a\", \"b\"", "\"a\", \"b\", \"c\""),
    )
    .unwrap();
    let report = json(&root, &[&["."][..], &BASE].concat());
    let all: Vec<(String, String)> = told(&report).into_iter().map(|it| (it.1, it.2)).collect();
    let of = |address: &str, kind: &str| all.contains(&(address.to_owned(), kind.to_owned()));
    assert!(
        of("aws_cloudtrail.main[\"c\"]", "-") && of("aws_cloudtrail.main[\"a\"]", "baseline"),
        "{all:?}"
    );
    // An instance that is gone is an entry that finds nothing.
    std::fs::write(root.join("main.tf"), EACH.replace("\"a\", \"b\"", "\"a\"")).unwrap();
    let ended = check(&root, &[&["."][..], &BASE].concat());
    assert!(
        ended.code == 0 && ended.stdout.contains("1 entry of the baseline"),
        "{ended:?}"
    );
    // The same finding as an error.
    std::fs::write(root.join("main.tf"), EACH).unwrap();
    let rules = "[check]\nbaseline = \"base.json\"\n[rules]\ntrail-unencrypted = \"error\"\n";
    std::fs::write(root.join("keytrail.toml"), rules).unwrap();
    let report = json(&root, &["."]);
    assert_eq!(kinds(&report, "trail-unencrypted"), ["-"]);
    std::fs::write(
        root.join("keytrail.toml"),
        rules.replace("error", "warning"),
    )
    .unwrap();
    let report = json(&root, &["."]);
    assert_eq!(kinds(&report, "trail-unencrypted"), ["baseline"]);
    let report = json(&root, &[".", "--no-ignores"]);
    assert_eq!(kinds(&report, "trail-unencrypted"), ["-"]);
}

#[test]
fn the_same_addresses_in_two_roots_are_two_entries() {
    let root: PathBuf = folder(
        "exceptions-roots",
        &[("one/main.tf", BARE), ("two/main.tf", "")],
    )
    .into();
    std::fs::write(
        root.join("two/main.tf"),
        "resource \"aws_kms_key\" \"k\" {}\n",
    )
    .unwrap();
    write(&root, &["one", "two"]);
    std::fs::write(root.join("two/main.tf"), BARE).unwrap();
    std::fs::write(
        root.join("one/main.tf"),
        "resource \"aws_kms_key\" \"k\" {}\n",
    )
    .unwrap();
    let report = json(&root, &[&["one", "two"][..], &BASE].concat());
    assert_eq!(kinds(&report, "trail-unencrypted"), ["-"]);
}

#[test]
fn a_baseline_holds_no_secret_and_a_wrong_one_is_refused() {
    let secret = keyed("", "", "")
        .replace("policy = jsonencode(", "policy = sensitive(jsonencode(")
        .replace("    ]\n  })\n}", "    ]\n  }))\n}");
    let root = main_tf("exceptions-secret", &secret);
    let args = [&["."][..], &ACCOUNT].concat();
    let ended = check(
        &root,
        &[&args[..], &["--write-baseline", "base.json"]].concat(),
    );
    assert!(
        ended.code == 0 && ended.stderr.contains("of sensitive policies"),
        "{ended:?}"
    );
    let text = std::fs::read_to_string(root.join("base.json")).unwrap();
    assert!(!text.contains("key-policy-public"), "{text}");
    for (text, problem) in [
        ("", "this is no baseline"),
        ("{\"findings\": []}", "this is no baseline"),
        (
            "{\"version\": 9, \"fingerprint\": \"keytrail/v1\", \"findings\": []}",
            "another version",
        ),
    ] {
        std::fs::write(root.join("base.json"), text).unwrap();
        let ended = check(&root, &[&args[..], &BASE].concat());
        assert!(
            ended.code == 2 && ended.stderr.contains(problem),
            "{ended:?}"
        );
    }
    let ended = check(&root, &[&args[..], &["--baseline", "none.json"]].concat());
    assert!(
        ended.code == 2 && ended.stderr.contains("no such baseline"),
        "{ended:?}"
    );
    // What could not be read is in no baseline.
    std::fs::write(root.join("broken.tf"), "resource \"x\" {\n").unwrap();
    let ended = check(
        &root,
        &[&args[..], &["--write-baseline", "new.json"]].concat(),
    );
    assert!(
        ended.code == 2 && !root.join("new.json").exists(),
        "{ended:?}"
    );
}

#[test]
fn a_module_of_somebody_else_puts_nothing_aside_and_its_call_does() {
    let comment = "# keytrail:ignore[trail-unencrypted] the author of the module says so\n";
    let index = r#"{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"logs","Source":"registry.terraform.io/a/b/aws","Version":"1.0.0","Dir":".terraform/modules/logs"}]}"#;
    let call = "module \"logs\" {\n  source  = \"a/b/aws\"\n  version = \"1.0.0\"\n}\n";
    let root: PathBuf = folder(
        "exceptions-remote",
        &[
            ("main.tf", call),
            (".terraform/modules/modules.json", index),
            (
                ".terraform/modules/logs/main.tf",
                &format!("{comment}{BARE}"),
            ),
        ],
    )
    .into();
    let report = json(&root, &["."]);
    assert_eq!(kinds(&report, "trail-unencrypted"), ["-"], "{report:#}");
    std::fs::write(root.join("main.tf"), format!("{comment}{call}")).unwrap();
    let report = json(&root, &["."]);
    assert_eq!(kinds(&report, "trail-unencrypted"), ["comment"]);
    // So does the call of a module of one's own.
    let own: PathBuf = folder(
        "exceptions-own",
        &[
            (
                "main.tf",
                &format!("{comment}module \"logs\" {{\n  source = \"./logs\"\n}}\n"),
            ),
            ("logs/main.tf", BARE),
        ],
    )
    .into();
    let report = json(&own, &["."]);
    assert_eq!(
        kinds(&report, "trail-unencrypted"),
        ["comment"],
        "{report:#}"
    );
}
