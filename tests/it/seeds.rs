//! The policies of the documents that the project started from, placeholders filled in: what each document claims, and what changes when
//! a statement is missing, misspelt or wrongly conditioned. The underlined text is the one that a person would point at.

use crate::support::sketch::{Judged, KEY_ID, Sketch};
use keytrail::report::Effect;
use serde_json::{Value, json};

const ENCRYPT: &str = "trail-key-denies-encrypt";
const DESCRIBE: &str = "trail-key-denies-describe";
/// AWS's page shares the logs with another account: a note.
const SHARED: &str = "key-policy-foreign-account";
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
fn seed_000_three_statements_with_source_arn() {
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
fn what_aws_publishes_exposes_nothing_that_is_worth_more_than_a_note() {
    for (name, account) in [
        ("three-statements", "111122223333"),
        ("required-sections", "111111111111"),
        ("console-default", "111122223333"),
        ("control-tower", "111122223333"),
    ] {
        let judged = Sketch::new(seed(name)).account(account).judge();
        for finding in &judged.findings {
            if finding.effect == Effect::Exposure {
                assert_eq!(finding.severity.word(), "note", "{name}: {finding:?}");
                assert!(finding.message.contains("AWS's own policy"), "{name}");
            }
        }
    }
}

#[test]
fn seed_000_each_of_the_three_statements_is_missed() {
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
fn seed_000_a_slip_in_the_three_statements_is_underlined() {
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
fn seed_000_describe_takes_no_encryption_context() {
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
fn seed_001_002_required_sections_for_several_accounts_and_readers() {
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
        // The sections alone are no whole policy: the document adds them to what is there.
        let mut rules = vec!["reader-denied", "key-policy-lockout", "reader-delegated"];
        // An account whose trail is among the inputs is nobody foreign.
        rules.extend((account == "111111111111").then_some(SHARED));
        assert_eq!(judged.rules(), rules);
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
fn seed_001_the_role_of_the_documents_own_eleven_digit_account_is_nobody() {
    let policy = with("required-sections", "111111111111:role", "11111111111:role");
    let role = "arn:aws:iam::111111111111:role/CloudTrailReadRole";
    let judged = Sketch::new(policy)
        .account("111111111111")
        .reader(role)
        .judge();
    assert_eq!(judged.verdict("reader-decrypt", Some(role)), "denied");
}

#[test]
fn seed_001_a_disabled_key_delivers_nothing() {
    let judged = Sketch::new(seed("required-sections"))
        .account("111111111111")
        .key(json!({"is_enabled": false}))
        .judge();
    assert_eq!(
        judged.rules(),
        ["trail-key-disabled", "key-policy-lockout", SHARED]
    );
    assert_eq!(judged.underlined("trail-key-disabled"), "false");
}

#[test]
fn seed_003_the_consoles_policy_is_complete() {
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
    assert_eq!(
        judged.rules(),
        ["reader-denied", "reader-delegated", SHARED]
    );
}

#[test]
fn seed_003_the_consoles_policy_needs_each_of_its_statements() {
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
fn seed_004_control_towers_statements_serve_its_own_trail_but_for_describe() {
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

/// The landing zone of seed 004, in the management account and the home Region, beside a trail without a key.
fn landing_zone(policy: String, manifest: &Value, version: &str) -> Sketch {
    Sketch::new(policy).trail(json!({"kms_key_id": null})).with(
        "aws_controltower_landing_zone.main",
        &json!({"manifest_json": manifest.to_string(), "version": version,
            "arn": "arn:aws:controltower:us-east-1:111122223333:landingzone/1A2B3C4D5E6F7G8H"}),
    )
}

fn key_arn() -> String {
    format!("arn:aws:kms:us-east-1:111122223333:key/{KEY_ID}")
}

fn component(account: &str, key: &str) -> Value {
    json!({"accountId": account, "enabled": true, "configurations": {"kmsKeyArn": key}})
}

/// A manifest of version 3: one key for CloudTrail and AWS Config.
fn manifest() -> Value {
    json!({"governedRegions": ["us-east-1"], "securityRoles": {"accountId": "333344445555"},
        "centralizedLogging": component("222233334444", &key_arn())})
}

/// `CloudTrail encrypt, decrypt; Config encrypt, decrypt` in one line.
fn tower(judged: &Judged) -> String {
    let word = |id| judged.verdict(id, None);
    format!(
        "{} {}; {} {}",
        word("controltower-cloudtrail-encrypt"),
        word("controltower-cloudtrail-decrypt"),
        word("controltower-config-encrypt"),
        word("controltower-config-decrypt")
    )
}

const DENIES_CLOUDTRAIL: &str = "controltower-key-denies-cloudtrail";
const DENIES_CONFIG: &str = "controltower-key-denies-config";
const ALL_ALLOWED: &str = "allowed allowed; allowed allowed";

/// The rules of Control Tower among those that raised something.
fn tower_rules(judged: &Judged) -> Vec<&str> {
    let mut rules = judged.rules();
    rules.retain(|rule| rule.starts_with("controltower-"));
    rules
}

#[test]
fn seed_004_the_minimum_policy_of_control_tower_passes() {
    let judged = landing_zone(seed("control-tower"), &manifest(), "3.3").judge();
    assert_eq!(tower(&judged), ALL_ALLOWED);
    assert_eq!(tower_rules(&judged), [""; 0]);
    let trail = judged
        .model
        .subjects
        .iter()
        .find(|it| it.synthetic)
        .unwrap();
    assert_eq!(
        trail.arn.to_literal().as_deref(),
        Some("arn:aws:cloudtrail:us-east-1:111122223333:trail/aws-controltower-BaselineCloudTrail")
    );
    // Describe is asked for by nobody.
    assert_eq!(judged.verdict("cloudtrail-describe", None), "not asked");
}

#[test]
fn seed_004_each_of_the_two_statements_is_missed() {
    let (config, trail) = (
        "Allow Config to use KMS for encryption",
        "Allow CloudTrail to use KMS for encryption",
    );
    for (sid, line, rule) in [
        (config, "allowed allowed; denied denied", DENIES_CONFIG),
        (trail, "denied denied; allowed allowed", DENIES_CLOUDTRAIL),
    ] {
        let policy = without("control-tower", &[sid]);
        let judged = landing_zone(policy, &manifest(), "3.3").judge();
        assert_eq!(tower(&judged), line, "{sid}");
        assert_eq!(tower_rules(&judged), [rule], "{sid}");
        // A Sid decides nothing.
        let renamed = seed("control-tower").replace(sid, "whatever");
        let judged = landing_zone(renamed, &manifest(), "3.3").judge();
        assert_eq!(tower(&judged), ALL_ALLOWED);
    }
    for (old, new, line, rule, underlined) in [
        (
            "trail/aws-controltower-BaselineCloudTrail",
            "trail/main",
            "denied denied; allowed allowed",
            DENIES_CLOUDTRAIL,
            "\"arn:aws:cloudtrail:us-east-1:111122223333:trail/main\"",
        ),
        (
            "\"config.amazonaws.com\"",
            "\"config.us-east-1.amazonaws.com\"",
            "allowed allowed; denied denied",
            DENIES_CONFIG,
            "\"config.us-east-1.amazonaws.com\"",
        ),
    ] {
        let policy = with("control-tower", old, new);
        let judged = landing_zone(policy, &manifest(), "3.3").judge();
        assert_eq!(tower(&judged), line, "{new}");
        assert_eq!(judged.underlined(rule), underlined, "{new}");
    }
}

#[test]
fn seed_004_placeholders_that_were_left_deny() {
    let left = "arn:aws:kms:YOUR-HOME-REGION:YOUR-MANAGEMENT-ACCOUNT-ID:key/YOUR-KMS-KEY-ID";
    let mut policy: Value = serde_json::from_str(&seed("control-tower")).unwrap();
    for statement in policy["Statement"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .skip(1)
    {
        statement["Resource"] = json!(left);
    }
    let judged = landing_zone(policy.to_string(), &manifest(), "3.3").judge();
    assert_eq!(tower(&judged), "denied denied; denied denied");
    for rule in [DENIES_CLOUDTRAIL, DENIES_CONFIG] {
        assert_eq!(judged.underlined(rule), format!("\"{left}\""));
    }
}

#[test]
fn seed_004_the_five_requirements_of_the_check() {
    for (attribute, rule, underlined) in [
        (
            json!({"is_enabled": false}),
            "controltower-key-disabled",
            "false",
        ),
        (
            json!({"customer_master_key_spec": "RSA_2048"}),
            "controltower-key-asymmetric",
            "\"RSA_2048\"",
        ),
        (
            json!({"multi_region": true}),
            "controltower-key-multi-region",
            "true",
        ),
    ] {
        let judged = landing_zone(seed("control-tower"), &manifest(), "3.3")
            .key(attribute)
            .judge();
        assert_eq!(tower_rules(&judged), [rule]);
        assert_eq!(judged.underlined(rule), underlined);
    }
    let other = "arn:aws:kms:us-east-1:999999999999:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let mut elsewhere = manifest();
    elsewhere["centralizedLogging"]["configurations"]["kmsKeyArn"] = json!(other);
    let judged = landing_zone(seed("control-tower"), &elsewhere, "3.3").judge();
    let rule = "controltower-key-wrong-account";
    assert_eq!(tower_rules(&judged), [rule]);
    assert_eq!(judged.underlined(rule), format!("\"{other}\""));
}

#[test]
fn seed_004_members_deliver_with_their_own_account() {
    let bound = |accounts: &Value| {
        let mut policy: Value = serde_json::from_str(&seed("control-tower")).unwrap();
        policy["Statement"][1]["Condition"] =
            json!({"StringEquals": {"aws:SourceAccount": accounts}});
        landing_zone(policy.to_string(), &manifest(), "3.3").judge()
    };
    let judged = bound(&json!("111122223333"));
    assert_eq!(tower(&judged), "allowed allowed; denied denied");
    assert_eq!(judged.underlined(DENIES_CONFIG), "\"111122223333\"");
    // It holds for the members that are listed.
    let judged = bound(&json!(["222233334444", "333344445555"]));
    assert_eq!(tower(&judged), "allowed allowed; conditional conditional");
    assert_eq!(tower_rules(&judged), [""; 0]);
}

#[test]
fn seed_004_a_key_that_serves_both_is_judged_for_each() {
    let judged = landing_zone(seed("control-tower"), &manifest(), "3.3")
        .trail(json!({}))
        .judge();
    assert_eq!(tower(&judged), ALL_ALLOWED);
    assert_eq!(judged.verdict("cloudtrail-encrypt", None), "denied");
    assert_eq!(judged.verdict("cloudtrail-describe", None), "denied");
}

#[test]
fn seed_004_version_4_asks_each_component_for_what_it_does() {
    let zone = |manifest: &Value| landing_zone(seed("control-tower"), manifest, "4.0").judge();
    let logging = json!({"centralizedLogging": component("222233334444", &key_arn())});
    assert_eq!(
        tower(&zone(&logging)),
        "allowed allowed; not asked not asked"
    );
    let config = json!({"config": component("222233334444", &key_arn())});
    assert_eq!(
        tower(&zone(&config)),
        "not asked not asked; allowed allowed"
    );
    let mut off = logging.clone();
    off["centralizedLogging"]["enabled"] = json!(false);
    assert_eq!(
        tower(&zone(&off)),
        "not asked not asked; not asked not asked"
    );
    let backup = json!({"backup": component("222233334444", &key_arn())});
    let judged = zone(&backup);
    assert_eq!(tower(&judged), "not asked not asked; not asked not asked");
    assert_eq!(tower_rules(&judged), ["controltower-key-multi-region"]);
    let judged = landing_zone(seed("control-tower"), &backup, "4.0")
        .key(json!({"multi_region": true}))
        .judge();
    assert_eq!(tower_rules(&judged), [""; 0]);
}

#[test]
fn seed_004_the_command_line_names_the_key() {
    let tower_of = |name: &str| {
        Sketch::new(seed("control-tower"))
            .trail(json!({"kms_key_id": null}))
            .with(
                "aws_kms_alias.tower",
                &json!({"name": "alias/tower", "target_key_id": KEY_ID,
                    "arn": "arn:aws:kms:us-east-1:111122223333:alias/tower"}),
            )
            .control_tower(name)
            .judge()
    };
    for name in [
        "aws_kms_key.trail",
        "alias/tower",
        "arn:aws:kms:us-east-1:111122223333:alias/tower",
        "aws_kms_alias.tower",
        &key_arn(),
    ] {
        assert_eq!(tower(&tower_of(name)), ALL_ALLOWED, "{name}");
    }
}

#[test]
fn seed_004_a_broken_manifest_is_no_landing_zone_without_a_key() {
    for text in ["", "{", "[]", "null", "{\"centralizedLogging\": 1}"] {
        let judged = Sketch::new(seed("control-tower"))
            .with(
                "aws_controltower_landing_zone.main",
                &json!({"manifest_json": text, "version": "x"}),
            )
            .judge();
        assert_eq!(
            tower(&judged),
            "not asked not asked; not asked not asked",
            "{text}"
        );
    }
}

/// The first scenario for readers of another account: Alice and the bucket are in account 222222222222, whose root the key's policy names;
/// her own user policy, as the document has it, is the other half.
#[test]
fn seed_001_alice_reads_a_bucket_of_her_own_account() {
    let alice = "arn:aws:iam::222222222222:user/Alice";
    let key = "arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let judged = |key: &str| {
        let user = json!({"name": "Alice", "path": "/"});
        let allow = json!({"Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key}]});
        let policy = json!({"name": "logs", "user": "Alice", "policy": allow.to_string()});
        Sketch::new(seed("required-sections"))
            .account("111111111111")
            .beside(
                "222222222222",
                &[
                    ("aws_iam_user.alice", user),
                    ("aws_iam_user_policy.alice", policy),
                ],
            )
            .reader(alice)
            .judge()
    };
    let decided = judged(key);
    assert_eq!(decided.verdict("reader-decrypt", Some(alice)), "allowed");
    assert!(decided.finding("reader-delegated").is_none());
    // The document's own example names the key of another Region.
    let other = judged(&key.replace("us-east-1", "us-west-2"));
    assert_eq!(other.verdict("reader-decrypt", Some(alice)), "denied");
    let message = &other.finding("reader-denied").unwrap().message;
    assert!(
        message.contains("no IAM policy of `aws_iam_user.alice` allows `kms:Decrypt`"),
        "{message}"
    );
}

/// The second one: somebody of account 222222222222 assumes the role `CloudTrailReadRole` of the account that has the key and the bucket.
#[test]
fn seed_001_a_user_of_another_account_reads_through_the_role() {
    let role = "arn:aws:iam::111111111111:role/CloudTrailReadRole";
    let judged = |account: &str, may: &str| {
        let reader = format!("arn:aws:iam::{account}:user/Eve");
        let trust = json!({"Version": "2012-10-17", "Statement": [{"Sid": "", "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::222222222222:root"}, "Action": "sts:AssumeRole"}]});
        let allow = json!({"Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": may}]});
        let judged = Sketch::new(seed("required-sections"))
            .account("111111111111")
            .creates(
                "aws_iam_role.read",
                &json!({"name": "CloudTrailReadRole", "arn": role,
                "assume_role_policy": trust.to_string()}),
            )
            .beside(
                account,
                &[
                    ("aws_iam_user.eve", json!({"name": "Eve"})),
                    (
                        "aws_iam_user_policy.eve",
                        json!({"name": "assume", "user": "Eve", "policy": allow.to_string()}),
                    ),
                ],
            )
            .declares(keytrail::resolve::Reader {
                through: Some(role.to_owned()),
                ..keytrail::resolve::Reader::new(reader.as_str())
            })
            .judge();
        judged.verdict("reader-decrypt", Some(&reader))
    };
    assert_eq!(judged("222222222222", role), "allowed");
    // Both halves are needed: her own policy, and the role's trust.
    assert_eq!(
        judged("222222222222", "arn:aws:iam::111111111111:role/Other"),
        "denied"
    );
    assert_eq!(judged("333333333333", role), "denied");
}
