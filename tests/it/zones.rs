//! The landing zone outside the inputs that uses a key which the command line names.

use serde_json::{Value, json};

use crate::support::sketch::{Judged, KEY_ID, Sketch};

/// A second key, which AWS Config may use, beside one that it may not.
fn judged(name: &str) -> Judged {
    let policy = |service: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": service},
            "Action": ["kms:GenerateDataKey*", "kms:Decrypt"], "Resource": "*"}]})
        .to_string()
    };
    let id = KEY_ID.replace("1234abcd", "9999abcd");
    let arn = format!("arn:aws:kms:us-east-1:111122223333:key/{id}");
    let key: Value = json!({"arn": arn, "key_id": id, "policy": policy("config.amazonaws.com"), "is_enabled": true,
        "key_usage": "ENCRYPT_DECRYPT", "customer_master_key_spec": "SYMMETRIC_DEFAULT", "multi_region": false});
    Sketch::new(policy("cloudtrail.amazonaws.com"))
        .with("aws_kms_key.zone", &key)
        .with(
            "aws_kms_alias.zone",
            &json!({"name": "alias/zone", "arn": "arn:aws:kms:us-east-1:111122223333:alias/zone", "target_key_id": id, "target_key_arn": arn}),
        )
        .control_tower(name)
        .judge()
}

#[test]
fn the_key_of_a_landing_zone_has_several_names() {
    for name in [
        "aws_kms_key.zone",
        "aws_kms_alias.zone",
        "alias/zone",
        "9999abcd-12ab-34cd-56ef-1234567890ab",
        "arn:aws:kms:us-east-1:111122223333:key/9999abcd-12ab-34cd-56ef-1234567890ab",
        "arn:aws:kms:us-east-1:111122223333:alias/zone",
    ] {
        let judged = judged(name);
        assert_eq!(
            judged.verdict("controltower-config-encrypt", None),
            "allowed",
            "{name}"
        );
        let mut subjects = judged.model.subjects.iter();
        let zone = subjects.find(|it| it.synthetic).unwrap();
        assert_eq!(zone.link.status.word(), "resolved", "{name}");
    }
    let judged = judged("aws_kms_key.trail");
    assert_eq!(
        judged.verdict("controltower-config-encrypt", None),
        "denied"
    );
}

#[test]
fn a_key_that_the_inputs_do_not_hold_is_asked_for_nothing() {
    for name in ["aws_kms_key.zoen", "alias/other", "aws_cloudtrail.main"] {
        let judged = judged(name);
        assert_eq!(
            judged.verdict("controltower-config-encrypt", None),
            "not asked",
            "{name}"
        );
        let mut subjects = judged.model.subjects.iter();
        let zone = subjects.find(|it| it.synthetic).unwrap();
        let reason = format!("the inputs hold no key `{name}`");
        assert_eq!(zone.link.reason.as_deref(), Some(reason.as_str()));
        assert_eq!(zone.link.status.word(), "unresolved");
    }
}

/// What is wrong with a manifest is why its key is not known.
#[test]
fn a_manifest_that_is_wrong_leaves_its_key_unresolved() {
    let judged = Sketch::new("{}")
        .with(
            "aws_controltower_landing_zone.main",
            &json!({"version": "3.3", "manifest_json": "5"}),
        )
        .judge();
    let mut subjects = judged.model.subjects.iter();
    let zone = subjects.find(|it| it.address.starts_with("aws_controltower"));
    let link = &zone.unwrap().link;
    assert_eq!(link.status.word(), "unresolved");
    assert!(link.flaw.is_some());
    assert_eq!(link.reason, link.flaw);
}
