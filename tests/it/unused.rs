//! What is said of settings, flags and rules that mean nothing of the inputs, and of `--changed-only` with what the user's file asks.

use serde_json::{Value, json};

use crate::support::run::{file, folder, keytrail};

const MAIN: &str = r#"
variable "zone" {
  default = "a"
}
provider "aws" {
  region = "us-east-1"
}
provider "aws" {
  alias  = "security"
  region = "us-east-1"
}
resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = "logs"
}
"#;

/// The notes of the first input.
fn notes(args: &[&str]) -> Vec<String> {
    let ended = keytrail(&[&["check", "--format", "json"], args].concat());
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let notes = report["inputs"][0]["notes"].as_array().unwrap().iter();
    notes.map(|it| it.as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_provider_configuration_that_there_is_not_is_told() {
    let root = folder("unused-provider", &[("main.tf", MAIN)]);
    let none = "--no-config";
    for (flag, value, said) in [
        (
            "--account-id",
            "aws.secuirty=111122223333",
            "`--account-id aws.secuirty=111122223333` is not used: no input has a provider configuration `aws.secuirty`, and there is `aws.security`",
        ),
        (
            "--region",
            "zz=eu-west-1",
            "`--region zz=eu-west-1` is not used: no input has a provider configuration `zz`, and there are `aws`, `aws.security`",
        ),
    ] {
        assert_eq!(notes(&[&root, none, flag, value]), [said]);
    }
    let right = [&*root, none, "--account-id", "aws.security=111122223333"];
    assert!(notes(&right).is_empty());
    let toml = "[check]\naccount-id = { zz = \"111122223333\" }\n";
    let config = file("unused-provider.toml", toml);
    let told = notes(&[&root, "--config", &config]);
    assert!(told[0].contains("provider configuration `zz`"), "{told:?}");
}

#[test]
fn a_variable_that_there_is_not_is_told_with_the_one_that_was_meant() {
    let root = folder("unused-variable", &[("main.tf", MAIN)]);
    let ended = keytrail(&["check", &root, "--no-config", "--var", "zones=b"]);
    assert_eq!(ended.code, 2, "{ended:?}");
    let said = ended.stdout.replace("\n  │ ", " ");
    assert!(said.contains("it declares `zone`"), "{said}");
    let plan = file(
        "unused-variable.json",
        &plan(&json!({}), &json!({})).to_string(),
    );
    let told = notes(&[&plan, "--no-config", "--no-source", "--var", "zone=b"]);
    assert_eq!(
        told,
        [
            "`--var zone=…` is not used: no sources are evaluated, and a plan has the values that it was made with"
        ]
    );
}

/// A plan with a bucket that was one thing and will be another.
fn plan(before: &Value, after: &Value) -> Value {
    let actions = match (before.is_null(), after.is_null(), before == after) {
        (true, ..) => "create",
        (_, true, _) => "delete",
        (_, _, true) => "no-op",
        _ => "update",
    };
    let change =
        json!({"actions": [actions], "before": before, "after": after, "after_unknown": {}});
    let bucket = json!({"address": "aws_s3_bucket.a", "mode": "managed", "type": "aws_s3_bucket", "name": "a",
        "provider_name": "registry.terraform.io/hashicorp/aws", "change": change});
    json!({"format_version": "1.2", "terraform_version": "1.15.5", "planned_values": {"root_module": {}},
        "resource_changes": [bucket], "configuration": {"root_module": {}}, "complete": true, "errored": false})
}

const RULES: &str = r#"
[[rule]]
id = "port-open"
message = "a port is open"
select = "$.resources[?@.type == 'aws_s3_bucket'].values.ports[*]"
forbid = { one-of = [22, 23] }

[[rule]]
id = "bucket-destroyed"
message = "the bucket goes"
select = "$.deleted[?@.type == 'aws_s3_bucket']"
forbid = {}

[[rule]]
id = "queue"
message = "a queue"
select = "$.resources[?@.type == 'aws_sqs_queue']"
forbid = {}
"#;

/// The rules that a plan breaks, and the notes.
fn broken(name: &str, plan: &Value, flags: &[&str]) -> (Vec<String>, Vec<String>) {
    let config = file(&format!("{name}.toml"), RULES);
    let path = file(&format!("{name}.json"), &plan.to_string());
    let args = [
        "check",
        "--format",
        "json",
        "--no-source",
        "--config",
        &config,
        &path,
    ];
    let ended = keytrail(&[&args, flags].concat());
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let text = |it: &Value| it.as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap().iter();
    let notes = report["inputs"][0]["notes"].as_array().unwrap().iter();
    (
        findings.map(|it| text(&it["rule"])).collect(),
        notes.map(text).collect(),
    )
}

#[test]
fn a_rule_that_selects_nothing_is_told() {
    let plan = plan(&Value::Null, &json!({"ports": [22]}));
    let (rules, notes) = broken("unused-rule", &plan, &[]);
    assert_eq!(rules, ["port-open"]);
    assert_eq!(
        notes,
        ["the rules `bucket-destroyed` and `queue` select nothing in the plans and states"]
    );
}

/// What a rule of the user's own found before the plan, too, is not the plan's doing.
#[test]
fn rules_of_ones_own_are_compared_with_what_was_before() {
    let ports = |all: &[u16]| json!({ "ports": all });
    for (name, before, after, wanted) in [
        ("same", ports(&[22]), ports(&[22]), &[][..]),
        ("still", ports(&[22, 1]), ports(&[22, 2]), &[]),
        ("swapped", ports(&[22]), ports(&[23]), &[]),
        ("more", ports(&[22]), ports(&[22, 23]), &["port-open"]),
        ("new", ports(&[80]), ports(&[22]), &["port-open"]),
        ("created", Value::Null, ports(&[22]), &["port-open"]),
        ("gone", ports(&[22]), Value::Null, &["bucket-destroyed"]),
    ] {
        let plan = plan(&before, &after);
        let (rules, notes) = broken(&format!("changed-{name}"), &plan, &["--changed-only"]);
        assert_eq!(rules, wanted, "{name}");
        let (all, _) = broken(&format!("changed-{name}-all"), &plan, &[]);
        let left = "1 finding that was there before is left out (`--changed-only`)";
        let told = notes.iter().any(|it| it == left);
        assert_eq!(told, all.len() > rules.len(), "{name}: {notes:?}");
    }
}

/// An expectation that failed before, too, is not the plan's doing; one that fails from now on is.
#[test]
fn expectations_are_compared_with_what_was_before() {
    let toml = "[[expect]]\nkey = \"aws_kms_key.k\"\nallow = [{ principal = \"cloudwatch.amazonaws.com\", action = \"kms:Decrypt\" }]\n";
    let config = file("changed-expect.toml", toml);
    let key = |service: &str| {
        let statement = json!({"Effect": "Allow", "Principal": {"Service": service}, "Action": "kms:Decrypt", "Resource": "*"});
        let root = json!({"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"});
        let policy = json!({"Version": "2012-10-17", "Statement": [root, statement]}).to_string();
        json!({"policy": policy, "arn": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"})
    };
    for (name, before, after, wanted) in [
        ("still", "sns.amazonaws.com", "sqs.amazonaws.com", 0),
        ("worse", "cloudwatch.amazonaws.com", "sqs.amazonaws.com", 1),
        ("same", "sns.amazonaws.com", "sns.amazonaws.com", 0),
    ] {
        let mut plan = plan(&key(before), &key(after));
        let change = &mut plan["resource_changes"][0];
        for (name, value) in [
            ("address", "aws_kms_key.k"),
            ("type", "aws_kms_key"),
            ("name", "k"),
        ] {
            change[name] = json!(value);
        }
        let path = file(&format!("changed-expect-{name}.json"), &plan.to_string());
        let args = [
            "check",
            "--format",
            "json",
            "--no-source",
            "--config",
            &config,
            &path,
        ];
        let failed = |flags: &[&str]| {
            let ended = keytrail(&[&args, flags].concat());
            let report: Value = serde_json::from_str(&ended.stdout).unwrap();
            let findings = report["findings"].as_array().unwrap().iter();
            findings
                .filter(|it| it["rule"] == "expectation-failed")
                .count()
        };
        assert_eq!(
            (failed(&[]), failed(&["--changed-only"])),
            (1, wanted),
            "{name}"
        );
    }
}
