//! The policies of the documents that the project started from, placeholders filled in: what each document claims, and what changes when
//! a statement is missing, misspelt or wrongly conditioned. The underlined text is the one that a person would point at.

use crate::support::sketch::Sketch;
use serde_json::{Value, json};

const ENCRYPT: &str = "trail-key-denies-encrypt";
const DESCRIBE: &str = "trail-key-denies-describe";
const UNREADABLE: &str = "trail-logs-unreadable";

fn seed(name: &str) -> String {
    let path = format!("{}/testdata/seeds/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

/// The policy without the statements of these Sids.
fn without(name: &str, sids: &[&str]) -> String {
    let mut policy: Value = serde_json::from_str(&seed(name)).unwrap();
    let statements = policy["Statement"].as_array_mut().unwrap();
    let before = statements.len();
    statements.retain(|statement| !sids.iter().any(|sid| statement["Sid"] == *sid));
    assert_eq!(statements.len(), before - sids.len());
    serde_json::to_string_pretty(&policy).unwrap()
}

/// The policy with one text in the place of another, which must be there.
fn with(name: &str, old: &str, new: &str) -> String {
    let policy = seed(name);
    assert!(policy.contains(old), "{old}");
    policy.replacen(old, new, 1)
}

#[test]
fn three_statements_with_source_arn() {
    let judged = Sketch::new(seed("three-statements")).judge();
    assert_eq!(judged.line(), "allowed allowed allowed");
    assert!(judged.findings.is_empty(), "{:?}", judged.findings);
    let bucket = json!({"bucket": "logs", "rule": [{"bucket_key_enabled": true}]});
    let judged = Sketch::new(seed("three-statements"))
        .with(
            "aws_s3_bucket_server_side_encryption_configuration.logs",
            &bucket,
        )
        .judge();
    assert_eq!(judged.verdict("cloudtrail-decrypt", None), "denied");
    assert_eq!(judged.rules(), ["trail-key-denies-decrypt"]);
}

#[test]
fn each_of_the_three_statements_is_missed() {
    for (sid, line, rule) in [
        (
            "Allow CloudTrail to encrypt logs",
            "denied allowed allowed",
            ENCRYPT,
        ),
        (
            "Allow CloudTrail access",
            "allowed denied allowed",
            DESCRIBE,
        ),
        (
            "Enable CloudTrail log decrypt permissions",
            "allowed allowed denied",
            UNREADABLE,
        ),
    ] {
        let judged = Sketch::new(without("three-statements", &[sid])).judge();
        assert_eq!(judged.line(), line, "{sid}");
        assert_eq!(judged.rules(), [rule], "{sid}");
    }
    let none = without(
        "three-statements",
        &[
            "Allow CloudTrail to encrypt logs",
            "Allow CloudTrail access",
        ],
    );
    let judged = Sketch::new(none).judge();
    assert_eq!(judged.line(), "denied denied allowed");
    assert_eq!(
        (judged.underlined(ENCRYPT), judged.underlined(DESCRIBE)),
        ("\"Statement\"".to_owned(), "\"Statement\"".to_owned())
    );
}

#[test]
fn a_slip_in_the_three_statements_is_underlined() {
    let trail = "\"arn:aws:cloudtrail:us-east-1:111122223333:trail/main\"";
    for (old, new, line, rule, underlined) in [
        (
            "kms:GenerateDataKey*",
            "kms:GenerateDatakeyy*",
            "denied allowed allowed",
            ENCRYPT,
            "\"kms:GenerateDatakeyy*\"",
        ),
        (
            "kms:DescribeKey",
            "kms:DescribeKeys",
            "allowed denied allowed",
            DESCRIBE,
            "\"kms:DescribeKeys\"",
        ),
        (
            "\"kms:Decrypt\"",
            "\"kms:Encrypt\"",
            "allowed allowed denied",
            UNREADABLE,
            "\"kms:Encrypt\"",
        ),
        (
            "\"Service\": \"cloudtrail.amazonaws.com\"",
            "\"Service\": \"cloudtrail.us-east-1.amazonaws.com\"",
            "denied allowed allowed",
            ENCRYPT,
            "\"cloudtrail.us-east-1.amazonaws.com\"",
        ),
        (
            trail,
            "\"arn:aws:cloudtrail:us-east-1:111122223333:trail/mian\"",
            "denied allowed allowed",
            ENCRYPT,
            "\"arn:aws:cloudtrail:us-east-1:111122223333:trail/mian\"",
        ),
        (
            trail,
            "\"arn:aws:cloudtrail:us-east-1:111122223333:trail/*\"",
            "denied allowed allowed",
            ENCRYPT,
            "\"arn:aws:cloudtrail:us-east-1:111122223333:trail/*\"",
        ),
        (
            "arn:aws:cloudtrail:*:111122223333:trail/*",
            "arn:aws:logs:*:111122223333:trail/*",
            "denied allowed allowed",
            ENCRYPT,
            "\"arn:aws:logs:*:111122223333:trail/*\"",
        ),
        (
            "key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "key/99999999-12ab-34cd-56ef-1234567890ab",
            "denied allowed allowed",
            ENCRYPT,
            "\"arn:aws:kms:us-east-1:111122223333:key/99999999-12ab-34cd-56ef-1234567890ab\"",
        ),
        (
            "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws:kms:us-east-1:111122223333:alias/trail",
            "denied allowed allowed",
            ENCRYPT,
            "\"arn:aws:kms:us-east-1:111122223333:alias/trail\"",
        ),
        (
            "{ \"Null\": { \"kms:EncryptionContext:aws:cloudtrail:arn\": \"false\" } }",
            "{ \"Null\": { \"kms:EncryptionContext:aws:cloudtrail:arn\": \"true\" } }",
            "allowed allowed denied",
            UNREADABLE,
            "\"true\"",
        ),
    ] {
        let judged = Sketch::new(with("three-statements", old, new)).judge();
        assert_eq!(judged.line(), line, "{new}");
        assert_eq!(judged.underlined(rule), underlined, "{new}");
    }
}

#[test]
fn describe_takes_no_encryption_context() {
    let policy = with(
        "three-statements",
        "\"Action\": \"kms:GenerateDataKey*\"",
        "\"Action\": [\"kms:GenerateDataKey*\", \"kms:DescribeKey\"]",
    );
    let mut policy: Value = serde_json::from_str(&policy).unwrap();
    policy["Statement"]
        .as_array_mut()
        .unwrap()
        .retain(|it| it["Sid"] != "Allow CloudTrail access");
    let judged = Sketch::new(policy.to_string()).judge();
    assert_eq!(judged.line(), "allowed denied allowed");
    assert_eq!(
        judged.underlined(DESCRIBE),
        "\"kms:EncryptionContext:aws:cloudtrail:arn\""
    );
    assert!(
        judged
            .finding(DESCRIBE)
            .unwrap()
            .message
            .contains("takes no encryption context")
    );
}

#[test]
fn required_sections_for_several_accounts_and_readers() {
    let bob = "arn:aws:iam::111111111111:user/Bob";
    let role = "arn:aws:iam::111111111111:role/CloudTrailReadRole";
    let alice = "arn:aws:iam::222222222222:user/Alice";
    let eve = "arn:aws:iam::333333333333:user/Eve";
    let other = "arn:aws:iam::111111111111:user/Other";
    let sketch = |account: &str| {
        Sketch::new(seed("required-sections"))
            .account("111111111111")
            .trail(json!({
            "arn": format!("arn:aws:cloudtrail:us-west-2:{account}:trail/main")}))
    };
    let readers = |sketch: Sketch| {
        [bob, role, alice, eve, other]
            .into_iter()
            .fold(sketch, Sketch::reader)
    };
    for account in ["111111111111", "222222222222"] {
        let judged = readers(sketch(account)).judge();
        assert_eq!(judged.line(), "allowed allowed allowed", "{account}");
        let verdicts = [bob, role, alice, eve, other]
            .map(|reader| judged.verdict("reader-decrypt", Some(reader)));
        assert_eq!(
            verdicts,
            ["allowed", "allowed", "delegated", "denied", "denied"],
            "{account}"
        );
        assert_eq!(judged.rules(), ["reader-denied", "reader-delegated"]);
    }
    let judged = sketch("333333333333").judge();
    assert_eq!(judged.line(), "denied allowed allowed");
    // The one of the two that comes closest is underlined, or the list of both.
    assert!(
        judged.underlined(ENCRYPT).contains("arn:aws:cloudtrail:*:"),
        "{}",
        judged.underlined(ENCRYPT)
    );
}

#[test]
fn the_role_of_the_documents_own_eleven_digit_account_is_nobody() {
    let policy = with("required-sections", "111111111111:role", "11111111111:role");
    let role = "arn:aws:iam::111111111111:role/CloudTrailReadRole";
    let judged = Sketch::new(policy)
        .account("111111111111")
        .reader(role)
        .judge();
    assert_eq!(judged.verdict("reader-decrypt", Some(role)), "denied");
}

#[test]
fn a_disabled_key_delivers_nothing() {
    let judged = Sketch::new(seed("required-sections"))
        .account("111111111111")
        .key(json!({"is_enabled": false}))
        .judge();
    assert_eq!(judged.rules(), ["trail-key-disabled"]);
    assert_eq!(judged.underlined("trail-key-disabled"), "false");
}

#[test]
fn the_consoles_policy_is_complete() {
    let ours = "arn:aws:iam::111122223333:role/analyst";
    let theirs = "arn:aws:iam::444455556666:role/analyst";
    let stranger = "arn:aws:iam::999999999999:role/analyst";
    let judged = Sketch::new(seed("console-default"))
        .reader(ours)
        .reader(theirs)
        .reader(stranger)
        .judge();
    assert_eq!(judged.line(), "allowed allowed allowed");
    let verdicts =
        [ours, theirs, stranger].map(|reader| judged.verdict("reader-decrypt", Some(reader)));
    assert_eq!(verdicts, ["allowed", "delegated", "denied"]);
    assert_eq!(judged.rules(), ["reader-denied", "reader-delegated"]);
}

#[test]
fn the_consoles_policy_needs_each_of_its_statements() {
    for (sid, line) in [
        ("Allow CloudTrail to encrypt logs", "denied allowed allowed"),
        ("Allow CloudTrail to describe key", "allowed denied allowed"),
        // The root statement still leaves it to IAM.
        (
            "Allow principals in the account to decrypt log files",
            "allowed allowed allowed",
        ),
    ] {
        let judged = Sketch::new(without("console-default", &[sid])).judge();
        assert_eq!(judged.line(), line, "{sid}");
    }
    let no_reader = without(
        "console-default",
        &[
            "Enable IAM User Permissions",
            "Allow principals in the account to decrypt log files",
            "Enable cross account log decryption",
        ],
    );
    let judged = Sketch::new(no_reader).judge();
    assert_eq!(judged.line(), "allowed allowed denied");
}

#[test]
fn control_towers_statements_serve_its_own_trail_but_for_describe() {
    let baseline = json!({"name": "aws-controltower-BaselineCloudTrail",
        "arn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/aws-controltower-BaselineCloudTrail"});
    let judged = Sketch::new(seed("control-tower")).trail(baseline).judge();
    // AWS documents DescribeKey for trails and leaves it out here: a fact, whose effect is "documented".
    assert_eq!(judged.line(), "allowed denied delegated");
    assert_eq!(
        judged.finding(DESCRIBE).unwrap().effect,
        keytrail::report::Effect::Documented
    );
    let judged = Sketch::new(seed("control-tower")).judge();
    assert_eq!(judged.line(), "denied denied delegated");
    assert!(
        judged
            .underlined(ENCRYPT)
            .contains("aws-controltower-BaselineCloudTrail")
    );
    let left_over =
        seed("control-tower").replace("111122223333:trail", "YOUR-MANAGEMENT-ACCOUNT-ID:trail");
    assert_eq!(
        Sketch::new(left_over).judge().line(),
        "denied denied delegated"
    );
}
