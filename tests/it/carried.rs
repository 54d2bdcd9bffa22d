//! What the requests carry, asked by conditions one at a time: the properties of the key, and what a reader sends when a role is assumed.

use keytrail::resolve::Reader;
use serde_json::{Value, json};

use crate::support::sketch::{KEY_ID, Sketch};

const ROLE: &str = "arn:aws:iam::111122223333:role/audit/reader";
const USER: &str = "arn:aws:iam::111122223333:user/jane";

fn policy(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// CloudTrail may use the key where the condition holds.
fn trail(condition: &Value) -> Sketch {
    Sketch::new(policy(&[
        json!({"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:*", "Resource": "*",
            "Condition": condition}),
    ]))
}

#[test]
fn the_properties_of_the_key_are_those_of_the_inputs() {
    for (operator, name, value, verdict) in [
        (
            "StringEquals",
            "aws:ResourceAccount",
            "111122223333",
            "allowed",
        ),
        (
            "StringEquals",
            "aws:ResourceAccount",
            "444455556666",
            "denied",
        ),
        ("Bool", "kms:MultiRegion", "false", "allowed"),
        ("Bool", "kms:MultiRegion", "true", "denied"),
        (
            "StringEquals",
            "kms:KeySpec",
            "SYMMETRIC_DEFAULT",
            "allowed",
        ),
        ("StringEquals", "kms:KeySpec", "RSA_2048", "denied"),
        (
            "StringEquals",
            "kms:CustomerMasterKeySpec",
            "SYMMETRIC_DEFAULT",
            "allowed",
        ),
        ("StringEquals", "kms:KeyUsage", "ENCRYPT_DECRYPT", "allowed"),
        ("StringEquals", "kms:KeyUsage", "SIGN_VERIFY", "denied"),
        (
            "StringEquals",
            "kms:CustomerMasterKeyUsage",
            "ENCRYPT_DECRYPT",
            "allowed",
        ),
    ] {
        let judged = trail(&json!({operator: {name: value}})).judge();
        let found = judged.verdict("cloudtrail-encrypt", None);
        assert_eq!(found, verdict, "{operator} {name} {value}");
    }
    let multi = trail(&json!({"Bool": {"kms:MultiRegion": "true"}}))
        .key(json!({"multi_region": true}))
        .judge();
    assert_eq!(multi.verdict("cloudtrail-encrypt", None), "allowed");
}

/// The role trusts the account's users where the condition holds, and the key's policy names the role.
fn trusting(condition: &Value) -> Sketch {
    let trust = policy(&[
        json!({"Effect": "Allow", "Principal": {"AWS": USER}, "Action": "sts:AssumeRole", "Condition": condition}),
    ]);
    let role = json!({"name": "reader", "path": "/audit/", "assume_role_policy": trust});
    Sketch::new(policy(&[
        json!({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "kms:Decrypt", "Resource": "*"}),
    ]))
    .creates("aws_iam_role.reader", &role)
    .declares(Reader {
        through: Some(ROLE.to_owned()),
        ..Reader::new(USER)
    })
}

#[test]
fn who_assumes_a_role_is_known_and_the_rest_is_the_readers_choice() {
    for (operator, name, value, verdict) in [
        ("ArnEquals", "aws:PrincipalArn", USER, "allowed"),
        ("ArnEquals", "aws:PrincipalArn", ROLE, "denied"),
        (
            "StringEquals",
            "aws:PrincipalAccount",
            "111122223333",
            "allowed",
        ),
        (
            "StringEquals",
            "aws:PrincipalAccount",
            "444455556666",
            "denied",
        ),
        ("StringEquals", "aws:PrincipalType", "User", "allowed"),
        ("StringEquals", "aws:PrincipalType", "AssumedRole", "denied"),
        ("StringEquals", "aws:username", "jane", "allowed"),
        ("StringEquals", "aws:username", "john", "denied"),
        ("Bool", "aws:PrincipalIsAWSService", "false", "allowed"),
        ("Bool", "aws:PrincipalIsAWSService", "true", "denied"),
        ("Bool", "aws:ViaAWSService", "false", "allowed"),
        ("Bool", "aws:ViaAWSService", "true", "denied"),
        ("Bool", "aws:SecureTransport", "true", "allowed"),
        ("Bool", "aws:SecureTransport", "false", "denied"),
        ("StringEquals", "sts:ExternalId", "x", "undecided"),
        ("Bool", "aws:MultiFactorAuthPresent", "true", "undecided"),
    ] {
        let judged = trusting(&json!({operator: {name: value}})).judge();
        let found = judged.verdict("reader-decrypt", Some(USER));
        assert_eq!(found, verdict, "{operator} {name} {value}");
    }
    // What the reader is said to send decides.
    for (given, verdict) in [("true", "allowed"), ("false", "denied")] {
        let judged = trusting(&json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}))
            .reader_context("aws:multifactorauthpresent", given)
            .judge();
        let found = judged.verdict("reader-decrypt", Some(USER));
        assert_eq!(found, verdict, "{given}");
    }
}

/// A role that assumes another sends what a role does, which is no user's name.
#[test]
fn a_role_that_assumes_another_has_no_user_name() {
    let caller = "arn:aws:iam::111122223333:role/caller";
    for (operator, name, value, verdict) in [
        ("StringEquals", "aws:username", "jane", "denied"),
        ("StringNotEquals", "aws:username", "jane", "allowed"),
        (
            "StringEquals",
            "aws:PrincipalType",
            "AssumedRole",
            "allowed",
        ),
        ("ArnEquals", "aws:PrincipalArn", caller, "allowed"),
        ("StringEquals", "sts:ExternalId", "x", "undecided"),
        ("Bool", "aws:MultiFactorAuthPresent", "true", "undecided"),
    ] {
        let trust = policy(&[
            json!({"Effect": "Allow", "Principal": {"AWS": caller}, "Action": "sts:AssumeRole",
            "Condition": {operator: {name: value}}}),
        ]);
        let role = json!({"name": "reader", "path": "/audit/", "assume_role_policy": trust});
        let judged = Sketch::new(policy(&[
            json!({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "kms:Decrypt", "Resource": "*"}),
        ]))
        .creates("aws_iam_role.reader", &role)
        .declares(Reader {
            through: Some(ROLE.to_owned()),
            ..Reader::new(caller)
        })
        .judge();
        let found = judged.verdict("reader-decrypt", Some(caller));
        assert_eq!(found, verdict, "{operator} {name}");
    }
}

#[test]
fn a_grants_constraint_may_name_the_buckets_arn() {
    let trail = "arn:aws:cloudtrail:us-east-1:111122223333:trail/main";
    let nobody = || {
        Sketch::new(policy(&[
            json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/admin"}, "Action": "kms:*", "Resource": "*"}),
        ]))
        .reader(ROLE)
    };
    let grant = |context: &Value| {
        json!({"key_id": KEY_ID, "grantee_principal": ROLE, "operations": ["Decrypt"],
            "constraints": [{"encryption_context_equals": context, "encryption_context_subset": null}]})
    };
    let with_key = json!({"bucket": "logs", "rule": [{"bucket_key_enabled": true,
        "apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": KEY_ID}]}]});
    for (bucket, has_key, verdict) in [
        // With an S3 Bucket Key every log file has the bucket's ARN in its context.
        ("arn:aws:s3:::logs", true, "allowed"),
        ("arn:aws:s3:::other", true, "denied"),
        // Without one each file has its own, and nobody knows which it is here.
        ("arn:aws:s3:::logs", false, "undecided"),
        ("arn:aws:s3:::other", false, "denied"),
    ] {
        let context = json!({"aws:cloudtrail:arn": trail, "aws:s3:arn": bucket});
        let mut sketch = nobody().with("aws_kms_grant.reader", &grant(&context));
        if has_key {
            sketch = sketch.with(
                "aws_s3_bucket_server_side_encryption_configuration.logs",
                &with_key,
            );
        }
        let judged = sketch.judge();
        let found = judged.verdict("reader-decrypt", Some(ROLE));
        assert_eq!(found, verdict, "{bucket} {has_key}");
    }
}

/// The path of the log files is the bucket's, the prefix of the trail, and the account's where the trail is of one account.
#[test]
fn the_path_of_the_log_files_holds_the_prefix_and_the_account() {
    let bucket = json!({"bucket": "logs", "rule": [{"bucket_key_enabled": false,
        "apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": KEY_ID}]}]});
    let own = "arn:aws:s3:::logs/AWSLogs/111122223333/*";
    let prefixed = "arn:aws:s3:::logs/audit/AWSLogs/111122223333/*";
    for (attributes, pattern, verdict) in [
        (json!({}), own, "allowed"),
        (json!({"s3_key_prefix": null}), own, "allowed"),
        (json!({"s3_key_prefix": ""}), own, "allowed"),
        (json!({"s3_key_prefix": "audit"}), own, "denied"),
        (json!({"s3_key_prefix": "audit"}), prefixed, "allowed"),
        (json!({"s3_key_prefix": "audit/"}), prefixed, "allowed"),
        (json!({"s3_key_prefix": null}), prefixed, "denied"),
        (json!({"is_organization_trail": null}), own, "allowed"),
        (json!({"is_organization_trail": true}), own, "undecided"),
    ] {
        let judged = trail(&json!({"StringLike": {"kms:EncryptionContext:aws:s3:arn": pattern}}))
            .trail(attributes.clone())
            .with(
                "aws_s3_bucket_server_side_encryption_configuration.logs",
                &bucket,
            )
            .with(
                "aws_s3_bucket.logs",
                &json!({"bucket": "logs", "id": "logs", "arn": "arn:aws:s3:::logs", "region": "us-east-1"}),
            )
            .judge();
        let found = judged.verdict("cloudtrail-encrypt", None);
        assert_eq!(found, verdict, "{attributes} {pattern}");
    }
}

/// The role may decrypt where the condition holds.
fn reading(condition: &Value, who: &str) -> Sketch {
    Sketch::new(policy(&[
        json!({"Effect": "Allow", "Principal": {"AWS": who}, "Action": "kms:Decrypt", "Resource": "*", "Condition": condition}),
    ]))
    .reader(who)
}

/// A key that carries a list does so with one value, too: without a set operator nothing of it matches.
#[test]
fn a_list_of_one_value_is_a_list() {
    for (operator, name, verdict) in [
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "allowed"),
        (
            "ForAllValues:StringLike",
            "aws:PrincipalOrgPaths",
            "allowed",
        ),
        ("StringLike", "aws:PrincipalOrgPaths", "denied"),
        ("StringLike", "aws:PrincipalOrgID", "allowed"),
    ] {
        let judged = reading(&json!({operator: {name: "o-a1*"}}), ROLE)
            .reader_context("aws:PrincipalOrgPaths", "o-a1/r-b2/ou-b2-c3/")
            .reader_context("aws:PrincipalOrgID", "o-a1")
            .judge();
        let found = judged.verdict("reader-decrypt", Some(ROLE));
        assert_eq!(found, verdict, "{operator} {name}");
    }
}

/// What kind of principal reads follows from its ARN.
#[test]
fn the_kind_of_a_reader_is_that_of_its_arn() {
    let account = "arn:aws:iam::111122223333:root";
    for (who, kind) in [
        (USER, "User"),
        (ROLE, "AssumedRole"),
        (
            "arn:aws:sts::111122223333:assumed-role/reader/jane",
            "AssumedRole",
        ),
        (
            "arn:aws:sts::111122223333:federated-user/jane",
            "FederatedUser",
        ),
        (account, "Account"),
    ] {
        for asked in ["User", "AssumedRole", "FederatedUser", "Account"] {
            let judged =
                reading(&json!({"StringEquals": {"aws:PrincipalType": asked}}), who).judge();
            let verdict = judged.verdict("reader-decrypt", Some(who));
            let right = if asked == kind { "allowed" } else { "denied" };
            assert_eq!(verdict, right, "{who} {asked}");
        }
    }
}

/// What a reader is free to send can be given, unless that tells what a sensitive policy asks for.
#[test]
fn what_the_reader_may_give_is_told_unless_the_policy_is_sensitive() {
    let sketch = reading(
        &json!({"StringEquals": {"aws:PrincipalTag/hunter2": "x"}}),
        ROLE,
    );
    for hidden in [false, true] {
        let mut plan: Value = serde_json::from_str(&sketch.plan()).unwrap();
        plan["resource_changes"][1]["change"]["after_sensitive"] = json!({"policy": hidden});
        let options = keytrail::resolve::Options {
            readers: vec![Reader::new(ROLE)],
            ..Default::default()
        };
        let judged = crate::support::sketch::judge(&plan.to_string(), &options);
        assert_eq!(judged.verdict("reader-decrypt", Some(ROLE)), "undecided");
        let shown = format!("{:?}", judged.findings);
        let help = "--reader-context aws:PrincipalTag/hunter2=VALUE";
        assert_eq!(shown.contains(help), !hidden, "{shown}");
        assert_eq!(shown.contains("hunter2"), !hidden, "{shown}");
        // Nothing of it is kept where another report could take it from, either.
        let mut asked = judged.model.subjects.iter().flat_map(|it| &it.requirements);
        let asked = asked.find(|it| it.reader.is_some()).unwrap();
        let cases = asked.decision.cases.iter().flat_map(|case| &case.when);
        let blocked = asked.decision.blocked_by.iter().filter_map(|it| it.symbol);
        let mut symbols = cases.map(|it| it.symbol).chain(blocked);
        let supplied = symbols.any(|it| judged.model.symbols.get(it).supply.is_some());
        assert_eq!(supplied, !hidden);
    }
}

/// What a request may carry and may not is open either way, whether the organization is known or not.
#[test]
fn what_may_be_sent_need_not_be() {
    let organization = json!({"id": "o-a1b2c3d4e5", "master_account_id": "111122223333"});
    for known in [true, false] {
        for (name, absent, verdict) in [
            ("aws:SourceIp", "true", "undecided"),
            ("aws:SourceIp", "false", "undecided"),
            ("kms:ResourceAliases", "true", "conditional"),
            ("kms:ResourceAliases", "false", "conditional"),
            (
                "aws:SourceOrgID",
                "true",
                if known { "denied" } else { "conditional" },
            ),
            (
                "aws:SourceOrgID",
                "false",
                if known { "allowed" } else { "conditional" },
            ),
        ] {
            let mut sketch = trail(&json!({"Null": {name: absent}}))
                .trail(json!({"is_organization_trail": true}));
            if known {
                sketch = sketch.with("data.aws_organizations_organization.it", &organization);
            }
            let found = sketch.judge().verdict("cloudtrail-encrypt", None);
            assert_eq!(found, verdict, "{known} {name} {absent}");
        }
    }
}

/// The aliases of the inputs are the key's; it may have others, and a request without any alias may not carry the key at all.
#[test]
fn the_aliases_of_a_key_are_those_of_the_inputs_and_perhaps_more() {
    let sent = ("kms:ResourceAliases is sent", "the inputs do not say");
    let others = (
        "kms:ResourceAliases",
        "the key may have aliases outside the inputs",
    );
    for (operator, alias, wanted) in [
        ("ForAnyValue:StringEquals", "alias/trail", vec![sent]),
        (
            "ForAnyValue:StringEquals",
            "alias/other",
            vec![others, sent],
        ),
        ("ForAllValues:StringEquals", "alias/other", vec![sent]),
    ] {
        let judged = trail(&json!({operator: {"kms:ResourceAliases": alias}}))
            .with(
                "aws_kms_alias.trail",
                &json!({"name": "alias/trail", "target_key_id": KEY_ID}),
            )
            .judge();
        assert_eq!(judged.verdict("cloudtrail-encrypt", None), "conditional");
        let mut all = judged.model.subjects[0].requirements.iter();
        let requirement = all.find(|it| it.id == "cloudtrail-encrypt").unwrap();
        let blocked_by = requirement.decision.blocked_by.iter();
        let name = |it: keytrail::value::SymbolId| judged.model.symbols.get(it).name.as_str();
        let mut told: Vec<(&str, &str)> = blocked_by
            .map(|it| (it.symbol.map_or("", name), it.reason.as_str()))
            .collect();
        told.sort_unstable();
        told.dedup();
        assert_eq!(told, wanted, "{operator} {alias}");
    }
}
