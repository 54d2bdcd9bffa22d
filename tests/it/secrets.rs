//! A policy that the plan marks sensitive is judged, and nothing of it is shown in any form.

use crate::support::run::{file, keytrail};
use crate::support::sketch::{Sketch, judge};
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
            "Principal": {"AWS": "arn:aws:iam::444455556666:role/canary"}, "Action": "kms:Decrypt", "Resource": "*"}]))),
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
        for format in ["human", "json"] {
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
            assert!(!shown.contains("4444"), "{name}, {format}:\n{shown}");
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
        for format in ["human", "json"] {
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
