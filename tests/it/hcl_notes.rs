//! What sources alone tell of accounts, partitions and modules.

use serde_json::Value;

use crate::support::{check, run};

fn report(name: &str, text: &str, args: &[&str]) -> Value {
    let folder = run::folder(name, &[("main.tf", text)]);
    let ended = check::run(&[&["check", &folder, "--format", "json"], args].concat());
    serde_json::from_str(&ended.stdout).unwrap()
}

/// Modules that are not there are named, three of them.
#[test]
fn modules_that_are_not_there_are_counted() {
    for (count, more) in [
        (1, None),
        (3, None),
        (4, Some("; and 1 more:")),
        (7, Some("; and 4 more:")),
    ] {
        let call = |at: usize| {
            format!("module \"m{at}\" {{\n  source = \"git::https://example.com/m{at}.git\"\n}}\n")
        };
        let text: String = (0..count).map(call).collect();
        let report = report("hcl-missing", &text, &[]);
        let notes = report["inputs"][0]["notes"].as_array().unwrap();
        let note = notes[0].as_str().unwrap();
        assert_eq!(
            note.matches("is not downloaded").count(),
            count.min(3),
            "{note}"
        );
        match more {
            Some(more) => assert!(note.contains(more), "{note}"),
            None => assert!(!note.contains("more:"), "{note}"),
        }
    }
}

/// One account that is allowed is the provider's, and stands in every report: a sensitive one in none.
#[test]
fn an_allowed_account_that_is_sensitive_is_not_shown() {
    for (sensitive, shown) in [(false, true), (true, false)] {
        let text = format!(
            "variable \"account\" {{\n  default   = \"111122223333\"\n  sensitive = {sensitive}\n}}\nprovider \"aws\" {{\n  region              = \"us-east-1\"\n  allowed_account_ids = [var.account]\n}}\nresource \"aws_kms_key\" \"k\" {{}}\n"
        );
        let report = report("hcl-allowed-account", &text, &[]);
        let arn = report["keys"][0]["arn"].as_str().unwrap();
        assert_eq!(arn.contains(":111122223333:"), shown, "{arn}");
        assert_eq!(report.to_string().contains("111122223333"), shown);
    }
}

/// In which partition the account is follows from the provider's Region. Where that is not known, whom a policy admits in one may be somebody.
#[test]
fn who_may_manage_a_key_hangs_on_the_partition() {
    let policy = "jsonencode({ Version = \"2012-10-17\", Statement = [{ Effect = \"Allow\", Principal = { AWS = \"111122223333\" }, Action = \"kms:*\", Resource = \"*\", Condition = { ArnLike = { \"aws:PrincipalArn\" = \"arn:aws-us-gov:iam::*:role/*\" } } }] })";
    for (region, locked_out) in [
        (Some("us-east-1"), true),
        (Some("us-gov-west-1"), false),
        (None, false),
    ] {
        let provider = region.map(|it| format!("provider \"aws\" {{\n  region = \"{it}\"\n}}\n"));
        let text = format!(
            "{}resource \"aws_kms_key\" \"k\" {{\n  policy = {policy}\n}}\nresource \"aws_cloudtrail\" \"main\" {{\n  name       = \"main\"\n  kms_key_id = aws_kms_key.k.arn\n}}\n",
            provider.unwrap_or_default()
        );
        let report = report("hcl-partition", &text, &["--account-id", "111122223333"]);
        let mut findings = report["findings"].as_array().unwrap().iter();
        let found = findings.any(|it| it["rule"] == "key-policy-lockout");
        assert_eq!(found, locked_out, "{region:?}");
    }
}
