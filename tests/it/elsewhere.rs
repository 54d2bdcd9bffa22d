//! Keys that no input holds, of which a look-up tells, and policies of which the plan does not tell whose they are.

use serde_json::{Value, json};

use crate::support::sketch::{KEY_ID, Sketch};

const OUTSIDE: &str = "arn:aws:kms:us-east-1:111122223333:key/99998888-7777-6666-5555-444433332222";
const OTHER: &str = "arn:aws:kms:us-east-1:111122223333:key/00000000-7777-6666-5555-444433332222";

/// CloudTrail may use the key where the condition holds.
fn policy(condition: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "kms:*", "Resource": "*", "Condition": condition}]})
    .to_string()
}

/// A trail whose key is in no input; its policy is.
fn outside(condition: &Value) -> Sketch {
    let set = json!({"key_id": OUTSIDE, "policy": policy(condition)});
    Sketch::new(policy(&json!({})))
        .trail(json!({"kms_key_id": OUTSIDE}))
        .with("aws_kms_key_policy.outside", &set)
}

/// Other data sources come first: one of another key, one of the same key that does not know whether it is enabled, and one of no key.
#[test]
fn a_look_up_tells_of_its_own_key_alone() {
    let found = |arn: &str, enabled: bool| json!({"arn": arn, "enabled": enabled, "multi_region": false, "key_id": arn});
    let public = json!({"arn": OUTSIDE, "key_usage": "ENCRYPT_DECRYPT", "customer_master_key_spec": "RSA_2048"});
    let identity =
        json!({"account_id": "111122223333", "arn": "arn:aws:iam::111122223333:user/ci"});
    for enabled in [true, false] {
        for (name, first) in [
            ("data.aws_kms_key.first", &found(OTHER, !enabled)),
            ("data.aws_kms_public_key.first", &public),
            ("data.aws_caller_identity.first", &identity),
        ] {
            let judged = outside(&json!({}))
                .with(name, first)
                .with("data.aws_kms_key.own", &found(OUTSIDE, enabled))
                .judge();
            let is_told = judged.finding("trail-key-disabled").is_some();
            assert_eq!(is_told, !enabled, "{name} {:?}", judged.rules());
        }
        let judged = outside(&json!({}))
            .with("data.aws_kms_key.first", &found(OTHER, enabled))
            .judge();
        assert!(judged.finding("trail-key-disabled").is_none());
    }
}

#[test]
fn a_look_up_tells_what_kind_of_key_it_is() {
    let symmetric = json!({"StringEquals": {"kms:KeySpec": "SYMMETRIC_DEFAULT", "kms:KeyUsage": "ENCRYPT_DECRYPT"}});
    for (spec, usage, verdict, defect) in [
        (
            Some("SYMMETRIC_DEFAULT"),
            Some("ENCRYPT_DECRYPT"),
            "allowed",
            false,
        ),
        (Some("SYMMETRIC_DEFAULT"), None, "conditional", false),
        (None, Some("ENCRYPT_DECRYPT"), "conditional", false),
        (None, None, "conditional", false),
        (
            Some("RSA_2048"),
            Some("ENCRYPT_DECRYPT"),
            "conditional",
            true,
        ),
        (Some("RSA_2048"), None, "conditional", true),
        (None, Some("SIGN_VERIFY"), "conditional", true),
    ] {
        let found = json!({"arn": OUTSIDE, "customer_master_key_spec": spec, "key_usage": usage});
        let judged = outside(&symmetric)
            .with("data.aws_kms_key.own", &found)
            .judge();
        let told = judged.verdict("cloudtrail-encrypt", None);
        assert_eq!(told, verdict, "{spec:?} {usage:?}");
        let rules = judged.rules();
        assert_eq!(
            rules.contains(&"trail-key-asymmetric"),
            defect,
            "{spec:?} {usage:?} {rules:?}"
        );
    }
}

/// A policy that is set on a key that nobody can tell may be set on any of its plan, unless the plan changes nothing.
#[test]
fn a_policy_of_a_key_that_cannot_be_told_leaves_its_plans_keys_open() {
    let set = json!({"policy": policy(&json!({}))});
    let encrypt = |sketch: Sketch| sketch.judge().verdict("cloudtrail-encrypt", None);
    let plain = || Sketch::new(policy(&json!({})));
    let created =
        |sketch: Sketch| sketch.later("aws_kms_key_policy.some", &set, &[("key_id", &["var.key"])]);
    assert_eq!(encrypt(created(plain())), "undecided");
    // The policy that the plan knows is what there is.
    assert_eq!(
        encrypt(plain().with("aws_kms_key_policy.some", &set)),
        "allowed"
    );
    let unknown = plain().key(json!({"policy": null}));
    assert_eq!(
        encrypt(unknown.with("aws_kms_key_policy.some", &set)),
        "undecided"
    );
    // Another root's is for keys of its own, unless it names this one.
    let named = json!({"key_id": KEY_ID, "policy": policy(&json!({"Bool": {"aws:SecureTransport": "false"}}))});
    for (resource, verdict) in [(&set, "allowed"), (&named, "denied")] {
        let beside = [("aws_kms_key_policy.some", resource.clone())];
        assert_eq!(
            encrypt(plain().beside("111122223333", &beside)),
            verdict,
            "{resource}"
        );
    }
}

/// Of a key elsewhere whose policy is given more could change an answer; of one whose policy nobody knows there is no answer.
#[test]
fn what_else_counts_for_a_key_elsewhere_is_not_seen() {
    let told = |sketch: Sketch| {
        let lines = sketch.judge().model.not_seen;
        lines
            .iter()
            .any(|it| it.contains("keys outside the inputs"))
    };
    assert!(told(outside(&json!({}))));
    let trail = json!({"name": "other", "s3_bucket_name": "logs", "kms_key_id": OUTSIDE, "is_organization_trail": false});
    let plain = Sketch::new(policy(&json!({})));
    assert!(!told(plain.with("aws_cloudtrail.other", &trail)));
}
