//! What a report suggests mends what it reports: the statement is put into the policy as it stands, and the finding is gone.

use crate::support::sketch::{Judged, Sketch};
use keytrail::report::{Effect, Finding};
use serde_json::{Value, json};

fn seed() -> Value {
    let path = format!(
        "{}/testdata/seeds/three-statements.json",
        env!("CARGO_MANIFEST_DIR")
    );
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Adds each suggested statement, or takes the suggested policy.
fn mended(policy: &Value, judged: &Judged) -> Value {
    let mut policy = policy.clone();
    for finding in &judged.findings {
        let Some(suggestion) = &finding.suggestion else {
            continue;
        };
        let value: Value = serde_json::from_str(&suggestion.text).unwrap();
        if value.get("Statement").is_some() {
            policy = value;
        } else {
            policy["Statement"].as_array_mut().unwrap().push(value);
        }
    }
    policy
}

/// Statements of the seed: 1 encrypts, 2 reads, 3 describes.
fn broken() -> Vec<(&'static str, Value)> {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut policy = seed();
        change(&mut policy["Statement"]);
        policy
    };
    let other_trail = json!("arn:aws:cloudtrail:us-east-1:111122223333:trail/other");
    vec![
        (
            "no encrypt",
            with(&|it| drop(it.as_array_mut().unwrap().remove(1))),
        ),
        (
            "no describe",
            with(&|it| drop(it.as_array_mut().unwrap().remove(3))),
        ),
        (
            "no reader",
            with(&|it| drop(it.as_array_mut().unwrap().remove(2))),
        ),
        (
            "no CloudTrail at all",
            with(&|it| it.as_array_mut().unwrap().truncate(1)),
        ),
        (
            "action misspelt",
            with(&|it| it[1]["Action"] = json!("kms:GenerateDataKeys")),
        ),
        (
            "service misspelt",
            with(&|it| it[1]["Principal"] = json!({"Service": "cloudtrails.amazonaws.com"})),
        ),
        (
            "another trail",
            with(&|it| it[1]["Condition"]["StringEquals"]["aws:SourceArn"] = other_trail.clone()),
        ),
        (
            "wildcard in an exact match",
            with(&|it| {
                it[1]["Condition"]["StringEquals"]["aws:SourceArn"] =
                    json!("arn:aws:cloudtrail:*:111122223333:trail/*");
            }),
        ),
        (
            "another key",
            with(&|it| it[3]["Resource"] = json!("arn:aws:kms:us-east-1:111122223333:key/other")),
        ),
        (
            "describe under the encryption context",
            with(&|it| it[3]["Condition"] = it[1]["Condition"].clone()),
        ),
        (
            "an organization that no service has",
            with(&|it| {
                it[1]["Condition"]["StringEquals"] =
                    json!({"aws:PrincipalOrgID": "o-exampleorgid"});
            }),
        ),
        (
            "a key that AWS does not know",
            with(&|it| {
                it[1]["Condition"]["StringEquals"] = json!({"kmsCallerAccount": "111122223333"});
            }),
        ),
        (
            "no resource",
            with(&|it| drop(it[3].as_object_mut().unwrap().remove("Resource"))),
        ),
        (
            "another account in the encryption context",
            with(&|it| {
                it[1]["Condition"]["StringLike"] = json!({"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:999999999999:trail/*"});
            }),
        ),
        (
            "a reader bound to a key that readers lack",
            with(&|it| {
                it[2]["Condition"] = json!({"StringEquals": {"aws:SourceAccount": "111122223333"}});
            }),
        ),
    ]
}

#[test]
fn the_suggested_statement_mends_the_policy() {
    for (name, policy) in broken() {
        let before = Sketch::new(policy.to_string()).judge();
        assert!(!before.findings.is_empty(), "{name}");
        let after = mended(&policy, &before);
        let judged = Sketch::new(after.to_string()).judge();
        // The author's own statements stay as they are, and so does what is said of their spelling.
        let findings = judged.findings.iter();
        let open: Vec<&Finding> = findings.filter(|it| it.effect != Effect::Hygiene).collect();
        assert!(open.is_empty(), "{name}: {open:?}\n{after:#}");
    }
}

/// No statement overrides a Deny; the help says how to narrow it.
#[test]
fn the_advice_for_a_deny_mends_it() {
    let mut policy = seed();
    policy["Statement"].as_array_mut().unwrap().push(json!({"Sid": "OnlyOurOrganization", "Effect": "Deny", "Principal": "*",
        "Action": "kms:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}}}));
    let judged = Sketch::new(policy.to_string()).judge();
    assert_eq!(judged.verdict("cloudtrail-encrypt", None), "denied");
    let finding = judged.finding("trail-key-denies-encrypt").unwrap();
    assert_eq!(
        judged.underlined("trail-key-denies-encrypt"),
        "\"aws:PrincipalOrgID\""
    );
    assert!(finding.suggestion.is_none());
    let advice = "\"Bool\": {\"aws:PrincipalIsAWSService\": \"false\"}";
    assert!(
        finding.help.as_ref().unwrap().contains(advice),
        "{:?}",
        finding.help
    );
    policy["Statement"][4]["Condition"]["Bool"] = json!({"aws:PrincipalIsAWSService": "false"});
    let judged = Sketch::new(policy.to_string()).judge();
    assert_eq!(judged.verdict("cloudtrail-encrypt", None), "allowed");
    assert_eq!(judged.verdict("cloudtrail-describe", None), "allowed");
}
