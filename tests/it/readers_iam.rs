//! IAM policies of readers that cannot be read, that AWS keeps, and that the plan attaches or takes away.

use keytrail::resolve::{Reader, Via};
use serde_json::{Value, json};

use crate::support::sketch::{Judged, KEY_ID, Sketch};

const ACCOUNT: &str = "arn:aws:iam::111122223333:root";
const ROLE: &str = "arn:aws:iam::111122223333:role/reader";

fn policy(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn iam(effect: &str, action: &str) -> String {
    let key = format!("arn:aws:kms:us-east-1:111122223333:key/{KEY_ID}");
    policy(&[json!({"Effect": effect, "Action": action, "Resource": key})])
}

/// A key that leaves everything to its account's IAM, and a trail.
fn delegating() -> Sketch {
    let allow = json!({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"});
    Sketch::new(policy(&[allow]))
}

fn role() -> Value {
    json!({"name": "reader", "assume_role_policy": "{}"})
}

fn inline(text: &str) -> Value {
    json!({"name": "read", "role": "reader", "policy": text})
}

fn read(judged: &Judged) -> &'static str {
    judged.verdict("reader-decrypt", Some(ROLE))
}

/// AWS would refuse the policy, so nobody can tell what there will be.
#[test]
fn a_policy_that_cannot_be_read_is_told_at_its_place() {
    let refused = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Permit", "Action": "kms:*", "Resource": "*"}]});
    for (text, said, place) in [
        ("{\"Version\": \"2012-10-17\",", "is no JSON", "}"),
        ("not a policy", "is no JSON", "n"),
        (
            "\"text\"",
            "would be refused: the policy is not a JSON object",
            "\"text\"",
        ),
        (&refused.to_string(), "would be refused", "\"Permit\""),
    ] {
        let judged = delegating()
            .creates("aws_iam_role.reader", &role())
            .creates("aws_iam_role_policy.reader", &inline(text))
            .reader(ROLE)
            .judge();
        assert_eq!(read(&judged), "undecided", "{text}");
        let finding = judged.finding("reader-denied").unwrap();
        let name = "the policy of `aws_iam_role_policy.reader`";
        assert!(
            finding.message.contains(name) && finding.message.contains(said),
            "{}",
            finding.message
        );
        assert_eq!(finding.help, None, "{text}");
        if place != "}" {
            assert_eq!(judged.underlined("reader-denied"), place);
        }
        // What the others of them deny stays denied, and what the key's policy says by name is said.
        let other = json!({"name": "other", "role": "reader", "policy": iam("Deny", "kms:*")});
        let judged = delegating()
            .creates("aws_iam_role.reader", &role())
            .creates("aws_iam_role_policy.reader", &inline(text))
            .creates("aws_iam_role_policy.other", &other)
            .reader(ROLE)
            .judge();
        assert_eq!(read(&judged), "denied", "{text}");
    }
}

#[test]
fn nothing_of_a_sensitive_policy_that_cannot_be_read_is_told() {
    let judged = delegating()
        .creates("aws_iam_role.reader", &role())
        .hides(
            "aws_iam_role_policy.reader",
            &inline("{\"hunter2\": "),
            &json!({"policy": true}),
        )
        .reader(ROLE)
        .judge();
    assert_eq!(read(&judged), "undecided");
    let finding = judged.finding("reader-denied").unwrap();
    assert!(
        finding
            .message
            .contains("which is sensitive, cannot be read"),
        "{}",
        finding.message
    );
    let shown = format!("{finding:?}{}", judged.underlined("reader-denied"));
    assert!(!shown.contains("hunter2"), "{shown}");
}

/// A policy of AWS's own whose text changes, and one that no input holds, are named.
#[test]
fn a_policy_that_no_input_holds_is_named() {
    for name in [
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "arn:aws:iam::aws:policy/AWSCloudTrail_ReadOnlyAccess",
        "arn:aws:iam::aws:policy/AWSKeyManagementServicePowerUser",
        "arn:aws:iam::111122223333:policy/elsewhere",
    ] {
        let attached = json!({"role": "reader", "policy_arn": name});
        let judged = delegating()
            .creates("aws_iam_role.reader", &role())
            .creates("aws_iam_role_policy_attachment.read", &attached)
            .reader(ROLE)
            .judge();
        assert_eq!(read(&judged), "delegated", "{name}");
        let message = &judged.finding("reader-delegated").unwrap().message;
        assert!(
            message.ends_with(&format!("no input holds the policy `{name}`")),
            "{message}"
        );
    }
    let admin =
        json!({"role": "reader", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"});
    let judged = delegating()
        .creates("aws_iam_role.reader", &role())
        .creates("aws_iam_role_policy_attachment.read", &admin)
        .reader(ROLE)
        .judge();
    assert_eq!(read(&judged), "allowed");
    let secret =
        json!({"role": "reader", "policy_arn": "arn:aws:iam::111122223333:policy/hunter2"});
    let judged = delegating()
        .creates("aws_iam_role.reader", &role())
        .hides(
            "aws_iam_role_policy_attachment.read",
            &secret,
            &json!({"policy_arn": true}),
        )
        .reader(ROLE)
        .judge();
    assert_eq!(read(&judged), "delegated");
    assert!(!format!("{:?}", judged.findings).contains("hunter2"));
}

/// The same reader on two ways is asked for twice.
#[test]
fn a_reader_on_two_ways_is_two_readers() {
    let only = |service: &str| {
        json!({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "kms:Decrypt", "Resource": "*",
            "Condition": {"ForAnyValue:StringEquals": {"aws:CalledVia": service}}})
    };
    let with = |via| Reader {
        via,
        ..Reader::new(ROLE)
    };
    let judged = Sketch::new(policy(&[only("athena.amazonaws.com")]))
        .declares(with(Via::S3))
        .declares(with(Via::Athena))
        .judge();
    let requirements = judged.model.subjects.iter().flat_map(|it| &it.requirements);
    let told: Vec<_> = requirements
        .filter(|it| it.reader.is_some())
        .map(|it| (it.via, it.verdict.word()))
        .collect();
    assert_eq!(told, [(Some("s3"), "denied"), (Some("athena"), "allowed")]);
}

/// What a plan calls unknown of a role that is made: what is configured leaves open what there is, the rest is read of what is there.
#[test]
fn what_a_new_role_lists_may_be_known_after_apply() {
    let plan = |expressions: &Value, arn: &Value| {
        let mut plan: Value = serde_json::from_str(
            &delegating()
                .creates("aws_iam_role.reader", &role())
                .creates(
                    "aws_iam_policy.read",
                    &json!({"name": "read", "policy": iam("Allow", "kms:Decrypt")}),
                )
                .plan(),
        )
        .unwrap();
        let changes = plan["resource_changes"].as_array_mut().unwrap();
        let of = |kind: &'static str| move |it: &&mut Value| it["type"] == kind;
        let reader = changes.iter_mut().find(of("aws_iam_role")).unwrap();
        reader["change"]["after_unknown"] =
            json!({"managed_policy_arns": arn, "inline_policy": true, "arn": true});
        let managed = changes.iter_mut().find(of("aws_iam_policy")).unwrap();
        managed["change"]["after_unknown"] = json!({"arn": true, "id": true});
        let block = |kind: &str, name: &str, expressions: &Value| {
            json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
                "provider_config_key": "aws", "expressions": expressions, "schema_version": 0})
        };
        plan["configuration"] = json!({"provider_config": {"aws": {"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws"}},
            "root_module": {"resources": [block("aws_iam_role", "reader", expressions), block("aws_iam_policy", "read", &json!({}))]}});
        let options = keytrail::resolve::Options {
            readers: vec![Reader::new(ROLE)],
            ..Default::default()
        };
        read(&crate::support::sketch::judge(&plan.to_string(), &options))
    };
    let arns = json!({"managed_policy_arns": {"references": ["aws_iam_policy.read.arn", "aws_iam_policy.read"]}});
    assert_eq!(plan(&arns, &json!([true])), "allowed");
    assert_eq!(plan(&arns, &json!(true)), "allowed");
    let other = json!({"managed_policy_arns": {"references": ["local.arns"]}});
    assert_eq!(plan(&other, &json!(true)), "delegated");
    assert_eq!(plan(&json!({}), &json!(true)), "denied");
    let blocks = json!({"inline_policy": [{"policy": {"references": ["local.text"]}}]});
    assert_eq!(plan(&blocks, &json!(true)), "delegated");
}
