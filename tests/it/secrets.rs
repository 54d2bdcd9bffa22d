//! A policy that the plan marks sensitive is judged, and nothing of it is shown in any form.

use crate::support::run::{file, folder, keytrail};
use crate::support::sketch::{Sketch, judge};
use keytrail::report::Format;
use keytrail::resolve::Options;
use serde_json::{Value, json};

/// Everything in it that could leak holds the word.
fn policy(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Id": "canary-id", "Statement": statements}).to_string()
}

fn hidden(policy: &str) -> String {
    let mut plan: Value = serde_json::from_str(&Sketch::new(policy).plan()).unwrap();
    for change in plan["resource_changes"].as_array_mut().unwrap() {
        if change["type"] == "aws_kms_key" {
            change["change"]["after_sensitive"] = json!({"policy": true});
            change["change"]["before_sensitive"] = json!({"policy": true});
        }
    }
    plan.to_string()
}

fn policies() -> Vec<(&'static str, String)> {
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    let allow = |condition: Value| {
        json!([{"Sid": "canary-sid", "Effect": "Allow", "Principal": service, "Action": ["kms:GenerateDataKey", "kms:DescribeKey"],
            "Resource": "*", "Condition": condition}])
    };
    vec![
        ("denied by a value", policy(&allow(json!({"StringEquals": {"aws:SourceArn": "arn:canary"}})))),
        ("denied by a key", policy(&allow(json!({"StringEquals": {"aws:canary": "x"}})))),
        ("undecided", policy(&allow(json!({"StringEquals": {"aws:PrincipalAccount": "canary"}})))),
        ("conditional", policy(&allow(json!({"StringEquals": {"aws:SourceOrgID": "o-canary"}})))),
        (
            "denied by a Deny",
            policy(&json!([{"Sid": "canary-sid", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
                "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-canary"}}}])),
        ),
        ("a reader", policy(&json!([{"Sid": "canary-sid", "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:role/canary"}, "Action": "kms:Encrypt", "Resource": "*"}]))),
        ("a reader by an attribute", policy(&json!([{"Sid": "canary-sid", "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:role/canary"}, "Action": "kms:Decrypt", "Resource": "*",
            "Condition": {"StringEquals": {"aws:PrincipalTag/canary": "canary"}}}]))),
        ("another account's reader", policy(&json!([{"Sid": "canary-sid", "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::444499996666:role/canary"}, "Action": "kms:Decrypt", "Resource": "*"}]))),
        ("refused", policy(&json!([{"Sid": "canary-sid", "Effect": "canary", "Principal": "*", "Action": "*", "Resource": "*"}]))),
        ("not JSON", "{\"canary\": ".to_owned()),
        ("equal keys", "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"canary\",\"Sid\":\"canary2\",\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"kms:*\",\"Resource\":\"*\"}]}".to_owned()),
    ]
}

#[test]
fn nothing_of_a_sensitive_policy_is_shown() {
    for (at, (name, policy)) in policies().into_iter().enumerate() {
        let plan = hidden(&policy);
        let judged = judge(&plan, &Options::default());
        assert!(!judged.model.keys.is_empty(), "{name}");
        let path = file(&format!("secret-{at}.json"), &plan);
        for format in Format::ALL.iter().map(|it| it.word()) {
            let ended = keytrail(&[
                "check",
                "--conditional",
                "warning",
                "--format",
                format,
                &path,
            ]);
            let shown = format!("{}{}", ended.stdout, ended.stderr);
            assert!(!shown.contains("canary"), "{name}, {format}:\n{shown}");
            assert!(!shown.contains("44449999"), "{name}, {format}:\n{shown}");
        }
        for finding in &judged.findings {
            assert!(
                !format!("{finding:?}").contains("canary"),
                "{name}: {finding:?}"
            );
        }
    }
}

/// The same policies say the word where nothing is marked: the canary can sing.
#[test]
fn the_same_policies_are_shown_where_nothing_is_sensitive() {
    let plain = policies().into_iter().filter(|(_, policy)| {
        let judged = Sketch::new(policy.clone()).judge();
        judged.findings.iter().any(|finding| {
            finding.message.contains("canary") || format!("{:?}", finding.labels).contains("canary")
        })
    });
    assert!(plain.count() >= 5);
}

/// Names and identifiers that are sensitive are judged and not shown either, whichever attribute holds them.
#[test]
fn nothing_of_a_sensitive_attribute_is_shown() {
    let names = [
        "name",
        "kms_key_id",
        "s3_bucket_name",
        "s3_key_prefix",
        "arn",
    ];
    for (at, name) in names.into_iter().enumerate() {
        let secret = match name {
            "kms_key_id" => "arn:aws:kms:us-east-1:111122223333:key/canary",
            "arn" => "arn:aws:cloudtrail:us-east-1:111122223333:trail/canary",
            _ => "canary",
        };
        let policy = policy(
            &json!([{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "kms:GenerateDataKey", "Resource": "*",
            "Condition": {"StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::other/*"}}}]),
        );
        let mut trail = json!({});
        trail[name] = json!(secret);
        let mut plan: Value = serde_json::from_str(
            &Sketch::new(policy.replace("canary-id", "id"))
                .trail(trail)
                .plan(),
        )
        .unwrap();
        let change = &mut plan["resource_changes"][0]["change"];
        change["after_sensitive"][name] = json!(true);
        change["before_sensitive"][name] = json!(true);
        let path = file(&format!("secret-attribute-{at}.json"), &plan.to_string());
        for format in Format::ALL.iter().map(|it| it.word()) {
            let ended = keytrail(&["check", "--undecided", "error", "--format", format, &path]);
            assert!(
                !ended.stdout.contains("canary"),
                "{name}, {format}:\n{}",
                ended.stdout
            );
            assert!(!ended.stdout.is_empty());
        }
    }
}

/// A statement of JSON with the secret as its condition's value.
fn statement(secret: &str) -> String {
    format!(
        "{{\"Version\":\"2012-10-17\",\"Statement\":[{{\"Sid\":\"A\",\"Effect\":\"Allow\",\"Principal\":{{\"Service\":\"cloudtrail.amazonaws.com\"}},\"Action\":\"kms:*\",\"Resource\":\"*\",\"Condition\":{{\"StringEquals\":{{\"aws:SourceArn\":\"{secret}\"}}}}}}]}}"
    )
}

/// The same as HCL.
fn object(secret: &str) -> String {
    format!(
        "{{ Statement = [{{ Sid = \"A\", Effect = \"Allow\", Principal = {{ Service = \"cloudtrail.amazonaws.com\" }}, Action = \"kms:*\", Resource = \"*\",\n      Condition = {{ StringEquals = {{ \"aws:SourceArn\" = {secret} }} }} }}] }}"
    )
}

const SECRET: &str = "variable \"secret\" {\n  sensitive = true\n  default   = \"canary\"\n}\n";

fn trail(key: &str) -> String {
    format!(
        "resource \"aws_cloudtrail\" \"main\" {{\n  name           = \"main\"\n  s3_bucket_name = \"logs\"\n  kms_key_id     = {key}\n}}\n"
    )
}

fn key(policy: &str) -> String {
    format!("resource \"aws_kms_key\" \"k\" {{\n  policy = {policy}\n}}\n")
}

/// Configurations in which only a sensitive value holds the word. `{S}` stands where it is declared.
fn configurations() -> Vec<(&'static str, String)> {
    let own = |policy: &str| format!("{SECRET}{}{}", key(policy), trail("aws_kms_key.k.arn"));
    let document = format!(
        "data \"aws_iam_policy_document\" \"d\" {{\n  statement {{\n    actions   = [\"kms:*\"]\n    resources = [\"*\"]\n    principals {{\n      type        = \"Service\"\n      identifiers = [\"cloudtrail.amazonaws.com\"]\n    }}\n    condition {{\n      test     = \"StringEquals\"\n      variable = \"aws:SourceArn\"\n      values   = [var.secret]\n    }}\n  }}\n}}\n{}",
        own("data.aws_iam_policy_document.d.json")
    );
    let literal = |policy: &str| format!("{}{}", key(policy), trail("aws_kms_key.k.arn"));
    vec![
        (
            "heredoc",
            own(&format!("<<E\n{}\nE", statement("${var.secret}"))),
        ),
        (
            "indented",
            own(&format!("<<-E\n    {}\n  E", statement("${var.secret}"))),
        ),
        (
            "quoted",
            own(&format!(
                "\"{}\"",
                statement("${var.secret}").replace('"', "\\\"")
            )),
        ),
        (
            "jsonencode",
            own(&format!("jsonencode({})", object("var.secret"))),
        ),
        ("document", document),
        ("whole", own("var.secret")),
        ("broken", own("\"{ ${var.secret}\"")),
        ("refused", own("jsonencode(jsondecode(var.secret))")),
        ("index", own("{ a = 1 }[var.secret]")),
        (
            "call",
            literal(&format!("jsonencode({})", object("sensitive(\"canary\")"))),
        ),
        (
            "whole call",
            literal(&format!("sensitive(jsonencode({}))", object("\"canary\""))),
        ),
        (
            "heredoc call",
            literal(&format!("sensitive(<<E\n{}\nE\n)", statement("canary"))),
        ),
        ("key", format!("{SECRET}{}", trail("var.secret"))),
        (
            "account",
            format!(
                "{SECRET}{}",
                trail("\"arn:aws:kms:us-east-1:111122223333:key/${var.secret}\"")
            ),
        ),
        (
            "count",
            format!(
                "{SECRET}{}",
                trail("var.secret").replace("name  ", "count = var.secret\n  name  ")
            ),
        ),
        (
            "typed",
            format!(
                "{}{}",
                SECRET.replace("true", "true\n  type = number"),
                key("var.secret")
            ),
        ),
        (
            "object",
            format!(
                "{}{}",
                SECRET.replace("\"canary\"", "{ a = \"canary\", b = }"),
                key("var.secret.a")
            ),
        ),
    ]
}

/// Of sources, too, nothing is shown that a sensitive variable or `sensitive(…)` holds: in no format, on neither stream.
#[test]
fn nothing_sensitive_of_sources_is_shown() {
    for (at, (name, main)) in configurations().into_iter().enumerate() {
        let module = main.replace("aws_kms_key.k.arn", "aws_kms_key.k.arn\n");
        let call = "module \"m\" {\n  source = \"./m\"\n  secret = \"canary\"\n}\n";
        let declared = main.contains(SECRET);
        let without = "variable \"secret\" {\n  sensitive = true\n}\n";
        let mut runs = vec![folder(&format!("canary-{at}"), &[("main.tf", &main)])];
        let inside: [(&str, &str); 2] = [("main.tf", call), ("m/main.tf", &module)];
        let given = [
            ("main.tf", call),
            ("m/main.tf", &module.replace(SECRET, without)),
        ];
        let set: [(&str, &str); 2] = [
            ("main.tf", &main.replace(SECRET, without)),
            ("terraform.tfvars", "secret = \"canary\"\n"),
        ];
        let bad: [(&str, &str); 2] = [set[0], ("terraform.tfvars", "secret = \"canary\n")];
        if declared {
            runs.push(folder(&format!("canary-inside-{at}"), &inside));
            let given: Vec<(&str, &str)> = given.iter().map(|(a, b)| (*a, *b)).collect();
            runs.push(folder(&format!("canary-given-{at}"), &given));
            runs.push(folder(&format!("canary-set-{at}"), &set));
            runs.push(folder(&format!("canary-bad-{at}"), &bad));
        }
        for run in &runs {
            for format in Format::ALL.iter().map(|it| it.word()) {
                let mut args = vec![
                    "check",
                    "--undecided",
                    "error",
                    "--conditional",
                    "error",
                    "--format",
                    format,
                ];
                let by_flag = ["--var", "secret=canary"];
                if declared && !run.contains("inside") && !run.contains("given") {
                    args.extend(by_flag);
                }
                for args in [&args[..7], &args[..]] {
                    let ended = keytrail(&[args, &[run.as_str()]].concat());
                    let shown = format!("{}{}", ended.stdout, ended.stderr).replace("canary-", "");
                    assert!(
                        !shown.contains("canary"),
                        "{name}, {format}, {run}:\n{shown}"
                    );
                    assert!(!ended.stdout.is_empty() && ended.code != 101, "{ended:?}");
                }
            }
        }
    }
}

/// The same configurations say the word where nothing is marked.
#[test]
fn the_same_sources_are_shown_where_nothing_is_sensitive() {
    let sings = |(at, (_, main)): &(usize, (&str, String))| {
        let plain = main
            .replace("sensitive = true", "")
            .replace("sensitive(", "(");
        let run = folder(&format!("canary-plain-{at}"), &[("main.tf", &plain)]);
        let shown = keytrail(&["check", &run]).stdout.replace("canary-", "");
        shown.contains("canary")
    };
    let all: Vec<_> = configurations().into_iter().enumerate().collect();
    let silent: Vec<&str> = all
        .iter()
        .filter(|it| !sings(it))
        .map(|(_, it)| it.0)
        .collect();
    assert!(silent.len() <= 6, "{silent:?}");
}

/// Two secrets may be two accounts: neither is taken for the other, though both are shown alike.
#[test]
fn providers_of_two_secrets_are_of_two_accounts() {
    let of = |trail: &str| {
        format!(
            r#"
variable "one" {{
  default   = "arn:aws:iam::111122223333:role/deploy"
  sensitive = true
}}
variable "other" {{
  default   = "arn:aws:iam::444455556666:role/deploy"
  sensitive = true
}}
provider "aws" {{
  alias  = "key"
  region = "us-east-1"
  assume_role {{
    role_arn = var.one
  }}
}}
provider "aws" {{
  alias  = "trail"
  region = "us-east-1"
  assume_role {{
    role_arn = var.{trail}
  }}
}}
data "aws_caller_identity" "key" {{
  provider = aws.key
}}
resource "aws_kms_key" "logs" {{
  provider = aws.key
  policy = jsonencode({{
    Version = "2012-10-17"
    Statement = [{{
      Effect    = "Allow"
      Principal = {{ Service = "cloudtrail.amazonaws.com" }}
      Action    = ["kms:GenerateDataKey*", "kms:DescribeKey"]
      Resource  = "*"
      Condition = {{ StringEquals = {{ "aws:SourceAccount" = data.aws_caller_identity.key.account_id }} }}
    }}]
  }})
}}
resource "aws_cloudtrail" "main" {{
  provider       = aws.trail
  name           = "main"
  s3_bucket_name = "logs"
  kms_key_id     = aws_kms_key.logs.arn
}}
"#
        )
    };
    for (name, verdict) in [("one", "allowed"), ("other", "conditional")] {
        let main = of(name);
        let here = folder(&format!("two-secrets-{name}"), &[("main.tf", &main)]);
        let ended = keytrail(&["check", &here, "--format", "json", "--no-config"]);
        let report: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        let trails = report["subjects"].as_array().unwrap();
        let encrypt = trails[0]["requirements"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["id"] == "cloudtrail-encrypt")
            .unwrap();
        assert_eq!(encrypt["verdict"], verdict, "{encrypt:#}");
    }
}
