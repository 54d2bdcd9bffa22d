//! What is read of a key: the state of its policy, its names, and who it is before it exists.

use keytrail::model::{Fact, Key};
use keytrail::resolve::Options;
use serde_json::{Value, json};

use crate::support::sketch::{Judged, KEY_ID, Sketch, judge};

/// A policy for a service, with a Sid and a `Resource`.
fn policy(service: &str, sid: &str, resource: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Sid": sid, "Effect": "Allow", "Principal": {"Service": service},
        "Action": ["kms:GenerateDataKey*", "kms:Decrypt", "kms:DescribeKey"], "Resource": resource}]})
    .to_string()
}

fn good() -> String {
    policy("cloudtrail.amazonaws.com", "Trail", "*")
}

/// A plan to be changed.
fn plan(sketch: &Sketch) -> Value {
    serde_json::from_str(&sketch.plan()).unwrap()
}

fn judged(plan: &Value) -> Judged {
    judge(&plan.to_string(), &Options::default())
}

fn key<'j>(judged: &'j Judged, address: &str) -> &'j Key {
    let mut keys = judged.model.keys.iter();
    keys.find(|key| key.address == address).unwrap()
}

#[test]
fn a_known_policy_is_sensitive_where_the_plan_says_so() {
    for (text, secret, state) in [
        (good(), false, "known"),
        (good(), true, "sensitive"),
        ("{".to_owned(), false, "invalid"),
        ("{".to_owned(), true, "invalid"),
    ] {
        let mut plan = plan(&Sketch::new(&text));
        plan["resource_changes"][1]["change"]["after_sensitive"] = json!({"policy": secret});
        let judged = judged(&plan);
        let key = key(&judged, "aws_kms_key.trail");
        assert_eq!((key.state.word(), key.sensitive), (state, secret), "{text}");
    }
}

/// The AWS provider sends no policy for null or an empty text.
#[test]
fn an_empty_policy_is_none() {
    for empty in [Value::Null, json!("")] {
        let judged = Sketch::new(good())
            .creates("aws_kms_key.new", &json!({"policy": empty}))
            .with("aws_kms_key.old", &json!({"policy": empty}))
            .judge();
        let state = |address: &str| key(&judged, address).state.word();
        assert_eq!(state("aws_kms_key.new"), "default", "{empty}");
        assert_eq!(state("aws_kms_key.old"), "unknown", "{empty}");
    }
}

#[test]
fn a_policy_is_read_up_to_twice_what_aws_takes() {
    let most = 64 << 10;
    for (bytes, is_read) in [(most - 1, true), (most, true), (most + 1, false)] {
        let sid = "a".repeat(bytes - policy("cloudtrail.amazonaws.com", "", "*").len());
        let text = policy("cloudtrail.amazonaws.com", &sid, "*");
        assert_eq!(text.len(), bytes);
        let judged = Sketch::new(text).judge();
        let key = key(&judged, "aws_kms_key.trail");
        assert_eq!(key.policy_bytes, bytes);
        assert_eq!(key.broken.is_none(), is_read, "{bytes}");
        assert_eq!(key.policy.is_some(), is_read, "{bytes}");
    }
}

/// A look-up finds what an alias names while the plan is made; the alias is somebody else's to move.
#[test]
fn an_alias_that_is_looked_up_is_no_alias_of_the_inputs() {
    let alias = |name: &str| {
        json!({"name": name, "arn": format!("arn:aws:kms:us-east-1:111122223333:{name}"), "target_key_id": KEY_ID,
            "target_key_arn": format!("arn:aws:kms:us-east-1:111122223333:key/{KEY_ID}")})
    };
    let judged = Sketch::new(good())
        .with("aws_kms_alias.own", &alias("alias/own"))
        .with("data.aws_kms_alias.other", &alias("alias/other"))
        .destroys("aws_kms_alias.gone", &alias("alias/gone"))
        .judge();
    assert_eq!(key(&judged, "aws_kms_key.trail").aliases, ["alias/own"]);
}

/// AWS chooses the id of a new key: nobody can have written it before.
#[test]
fn the_id_of_a_new_key_is_none_that_is_written() {
    // A plan that is not Terraform's own may leave the id out.
    let all: &[(&str, &[&str])] = &[("arn", &[]), ("key_id", &[]), ("id", &[])];
    for (resource, verdict) in [
        ("*", "allowed"),
        ("arn:aws:kms:us-east-1:111122223333:key/*", "conditional"),
        (
            "arn:aws:kms:us-east-1:111122223333:key/9999abcd-12ab-34cd-56ef-1234567890ab",
            "denied",
        ),
    ] {
        let text = policy("config.amazonaws.com", "Config", resource);
        let key = json!({"policy": text, "is_enabled": true, "multi_region": false,
            "key_usage": "ENCRYPT_DECRYPT", "customer_master_key_spec": "SYMMETRIC_DEFAULT"});
        for unknown in [all, &all[..1]] {
            let judged = Sketch::new(good())
                .later("aws_kms_key.zone", &key, unknown)
                .control_tower("aws_kms_key.zone")
                .judge();
            let found = judged.verdict("controltower-config-encrypt", None);
            assert_eq!(found, verdict, "{resource} {unknown:?}");
        }
    }
}

/// An id that the inputs leave out of a key that exists may be any.
#[test]
fn the_id_of_a_key_that_exists_may_be_the_one_that_is_written() {
    let id = "9999abcd-12ab-34cd-56ef-1234567890ab";
    let resource = format!("arn:aws:kms:us-east-1:111122223333:key/{id}");
    let key = json!({"policy": policy("config.amazonaws.com", "Config", &resource), "is_enabled": true, "multi_region": false,
        "key_usage": "ENCRYPT_DECRYPT", "customer_master_key_spec": "SYMMETRIC_DEFAULT"});
    for (name, verdict) in [(None, "undecided"), (Some(id), "conditional")] {
        let mut key = key.clone();
        if let Some(id) = name {
            key["key_id"] = json!(id);
        }
        let judged = Sketch::new(good())
            .with("aws_kms_key.zone", &key)
            .control_tower("aws_kms_key.zone")
            .judge();
        let found = judged.verdict("controltower-config-encrypt", None);
        assert_eq!(found, verdict, "{name:?}");
    }
}

/// A spec that is computed may be any for a key of its own; a replica has its primary's.
#[test]
fn a_key_is_symmetric_where_its_spec_and_usage_say_so() {
    let later = |kind: &str| {
        let address = format!("{kind}.new");
        let judged = Sketch::new(good())
            .later(&address, &json!({}), &[("key_usage", &[])])
            .judge();
        key(&judged, &address).symmetric.clone()
    };
    assert_eq!(later("aws_kms_key"), Fact::Unknown);
    assert_eq!(later("aws_kms_replica_key"), Fact::Known(true));
    for (more, symmetric) in [
        (json!({}), true),
        (json!({"customer_master_key_spec": "ECC_NIST_P256"}), false),
        (json!({"key_usage": "SIGN_VERIFY"}), false),
        (
            json!({"key_usage": null, "customer_master_key_spec": null}),
            true,
        ),
    ] {
        let judged = Sketch::new(good()).key(more.clone()).judge();
        let found = &key(&judged, "aws_kms_key.trail").symmetric;
        assert_eq!(*found, Fact::Known(symmetric), "{more}");
    }
}

/// One secret in a policy hides all of it.
#[test]
fn a_policy_of_the_sources_is_sensitive_with_one_part_of_it() {
    use crate::support::run;
    let text = r#"
        variable "who" {
          default   = "444455556666"
          sensitive = true
        }
        resource "aws_kms_key" "trail" {
          policy = "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"${WHO}\"}, \"Action\": \"kms:*\", \"Resource\": \"*\"}]}"
        }
        resource "aws_cloudtrail" "main" {
          name           = "main"
          s3_bucket_name = "logs"
          kms_key_id     = aws_kms_key.trail.arn
        }
    "#;
    for (who, state) in [("var.who", "sensitive"), ("nonsensitive(var.who)", "known")] {
        let root = run::folder(
            &format!("keys-{state}"),
            &[("main.tf", &text.replace("WHO", who))],
        );
        let report = run::keytrail(&["check", &root, "--format", "json"]).stdout;
        let report: Value = serde_json::from_str(&report).unwrap();
        assert_eq!(report["keys"][0]["policy"], state, "{who}");
    }
}

/// Only `true` tells AWS to leave the check of a policy out.
#[test]
fn the_lockout_check_is_made_unless_it_is_said_that_it_is_not() {
    for (bypass, expected) in [
        (json!({}), Fact::Known(false)),
        (
            json!({"bypass_policy_lockout_safety_check": null}),
            Fact::Known(false),
        ),
        (
            json!({"bypass_policy_lockout_safety_check": false}),
            Fact::Known(false),
        ),
        (
            json!({"bypass_policy_lockout_safety_check": true}),
            Fact::Known(true),
        ),
    ] {
        let judged = Sketch::new(good()).key(bypass.clone()).judge();
        let key = key(&judged, "aws_kms_key.trail");
        assert_eq!(key.bypass, expected, "{bypass}");
    }
}

/// The ARN of a landing zone follows from where it lies, but for its own id.
#[test]
fn a_new_landing_zone_has_an_arn_of_its_home() {
    let manifest = json!({"governedRegions": ["us-east-1"], "centralizedLogging": {"accountId": "222233334444", "enabled": true,
        "configurations": {"kmsKeyArn": format!("arn:aws:kms:us-east-1:111122223333:key/{KEY_ID}")}}});
    let zone = json!({"manifest_json": manifest.to_string(), "version": "3.3"});
    let judged = Sketch::new(good())
        .with(
            "data.aws_caller_identity.current",
            &json!({"account_id": "111122223333"}),
        )
        .later(
            "aws_controltower_landing_zone.main",
            &zone,
            &[("arn", &[]), ("id", &[])],
        )
        .judge();
    let mut subjects = judged.model.subjects.iter();
    let zone = subjects
        .find(|it| it.address == "aws_controltower_landing_zone.main")
        .unwrap();
    let arn = zone.arn.show(&judged.model.symbols);
    assert!(
        arn.starts_with("arn:") && arn.contains(":controltower:") && arn.contains(":landingzone/$"),
        "{arn}"
    );
}

/// A document that the apply reads is as large as a text of it.
#[test]
fn a_document_that_is_too_large_is_not_read() {
    for (letters, is_read) in [(100, true), (70_000, false)] {
        let statement = json!({"sid": "a".repeat(letters), "effect": "Allow", "actions": ["kms:*"], "resources": ["*"],
            "principals": [{"type": "AWS", "identifiers": ["111122223333"]}]});
        let judged = Sketch::new(good())
            .later(
                "data.aws_iam_policy_document.key",
                &json!({"statement": [statement], "version": "2012-10-17"}),
                &[("json", &[])],
            )
            .later(
                "aws_kms_key.new",
                &json!({}),
                &[(
                    "policy",
                    &[
                        "data.aws_iam_policy_document.key.json",
                        "data.aws_iam_policy_document.key",
                    ],
                )],
            )
            .judge();
        let key = key(&judged, "aws_kms_key.new");
        assert!(key.policy_bytes > letters);
        assert_eq!(key.broken.is_none(), is_read, "{letters}");
        assert_eq!(key.policy.is_some(), is_read, "{letters}");
    }
}

/// Nor its account or its region, which are parts of its ARN.
#[test]
fn a_key_elsewhere_that_is_named_by_a_secret_is_not_named() {
    let elsewhere = format!("arn:aws:kms:eu-west-1:444455556666:key/{KEY_ID}");
    for secret in [false, true] {
        let mut plan = plan(&Sketch::new(good()).trail(json!({"kms_key_id": elsewhere})));
        plan["resource_changes"][0]["change"]["after_sensitive"] = json!({"kms_key_id": secret});
        let judged = judged(&plan);
        let mut keys = judged.model.keys.iter();
        let key = keys.find(|key| key.outside).unwrap();
        assert_eq!(key.id == "(sensitive)", secret);
        assert_eq!(key.address == "(sensitive)", secret);
        for part in [&key.arn, &key.account, &key.region] {
            assert_eq!(part.is_sensitive(), secret);
        }
    }
}

/// Before version 4.0 one key serves CloudTrail and AWS Config; since then each component may have its own.
#[test]
fn the_version_of_a_landing_zone_tells_what_the_key_of_an_unknown_manifest_serves() {
    use keytrail::model::Component;
    let key = json!({"policy": policy("config.amazonaws.com", "Config", "*"), "is_enabled": true, "multi_region": false,
        "key_usage": "ENCRYPT_DECRYPT", "customer_master_key_spec": "SYMMETRIC_DEFAULT"});
    for (version, component) in [
        (json!("2.9"), Some(Component::Logging)),
        (json!("3.3"), Some(Component::Logging)),
        (json!("4.0"), None),
        (json!("5.1"), None),
        (Value::Null, None),
    ] {
        let judged = Sketch::new(good())
            .later("aws_kms_key.zone", &key, &[("arn", &[]), ("key_id", &[])])
            .later(
                "aws_controltower_landing_zone.main",
                &json!({"version": version}),
                &[
                    (
                        "manifest_json",
                        &["aws_kms_key.zone.arn", "aws_kms_key.zone"],
                    ),
                    ("arn", &[]),
                    ("id", &[]),
                ],
            )
            .judge();
        let mut subjects = judged.model.subjects.iter();
        let zone = subjects
            .find(|it| it.address == "aws_controltower_landing_zone.main")
            .unwrap();
        assert_eq!(zone.component, component, "{version}");
        let keys = zone.link.keys.iter();
        let keys: Vec<&str> = keys
            .map(|at| judged.model.keys[*at].address.as_str())
            .collect();
        assert_eq!(keys, ["aws_kms_key.zone"], "{version}");
    }
}

/// The first of its components bears the name of the landing zone alone.
#[test]
fn each_component_of_a_landing_zone_is_a_subject_of_its_own() {
    let arn = format!("arn:aws:kms:us-east-1:111122223333:key/{KEY_ID}");
    let component =
        json!({"accountId": "222233334444", "enabled": true, "configurations": {"kmsKeyArn": arn}});
    let manifest = json!({"governedRegions": ["us-east-1"], "centralizedLogging": component, "config": component});
    let judged = Sketch::new(good())
        .with(
            "aws_controltower_landing_zone.main",
            &json!({"manifest_json": manifest.to_string(), "version": "4.0",
                "arn": "arn:aws:controltower:us-east-1:111122223333:landingzone/1A2B3C4D5E6F7G8H"}),
        )
        .judge();
    let zones = judged.model.subjects.iter();
    let zones = zones.filter(|it| it.kind == keytrail::model::SubjectKind::LandingZone);
    let ids: Vec<&str> = zones.map(|it| it.id.as_str()).collect();
    let own = "in0:aws_controltower_landing_zone.main";
    assert_eq!(ids, [own.to_owned(), format!("{own}/config")]);
}

/// The account of the default policy is the key's own, also while it is not known.
#[test]
fn the_default_policy_names_the_account_of_the_key() {
    for account in [None, Some("111122223333")] {
        let mut sketch = Sketch::new(good()).creates("aws_kms_key.new", &json!({}));
        if let Some(account) = account {
            let identity = json!({"account_id": account, "id": account, "arn": format!("arn:aws:iam::{account}:user/ci")});
            sketch = sketch.with("data.aws_caller_identity.current", &identity);
        }
        let mut plan = plan(&sketch);
        // Nothing else shows the account.
        plan["resource_changes"].as_array_mut().unwrap().drain(..2);
        let judged = judged(&plan);
        let key = key(&judged, "aws_kms_key.new");
        assert_eq!(key.state.word(), "default");
        let policy = key.policy.as_ref().unwrap();
        let (_, named) = policy.principals().next().unwrap();
        let text = &named[0].text;
        let shown = text.show(&judged.model.symbols);
        let own = shown.ends_with(":iam::111122223333:root");
        assert_eq!(own, account.is_some(), "{shown}");
        // What is not known of it is no text of the policy.
        let is_text = text.to_literal().is_some();
        assert!(is_text != shown.contains("${"), "{shown}");
    }
}

/// The same in another order is no other policy.
#[test]
fn a_second_policy_of_a_key_differs_where_it_says_something_else() {
    let set = |text: &str| json!({"key_id": KEY_ID, "policy": text});
    let turned: Value = serde_json::from_str(&good()).unwrap();
    let mut actions = turned["Statement"][0]["Action"].as_array().unwrap().clone();
    actions.reverse();
    let mut turned = turned;
    turned["Statement"][0]["Action"] = json!(actions);
    for (other, differs) in [
        (good(), false),
        (turned.to_string(), false),
        (policy("cloudtrail.amazonaws.com", "Other", "*"), true),
    ] {
        let judged = Sketch::new(good())
            .with("aws_kms_key_policy.one", &set(&good()))
            .with("aws_kms_key_policy.two", &set(&other))
            .judge();
        let key = key(&judged, "aws_kms_key.trail");
        let others: Vec<_> = key.others.iter().map(|it| it.differs.clone()).collect();
        assert_eq!(others, [Fact::Known(differs)], "{other}");
    }
}

#[test]
fn a_policy_with_equal_keys_is_read_both_ways() {
    let twice = good().replace("\"Sid\":\"Trail\"", "\"Sid\":\"Lost\",\"Sid\":\"Trail\"");
    assert_ne!(twice, good());
    let no_effect = good().replace(",\"Resource\":\"*\"", "");
    assert_ne!(no_effect, good());
    for (text, both, issues) in [(good(), false, 0), (no_effect, false, 1), (twice, true, 1)] {
        let judged = Sketch::new(&text).judge();
        let key = key(&judged, "aws_kms_key.trail");
        assert_eq!(key.policy_first.is_some(), both, "{text}");
        assert_eq!(key.issues.len(), issues, "{text}");
    }
}

/// An object of Terraform loses the first of two equal keys before it is a policy, and that is told as of JSON.
#[test]
fn a_key_that_terraform_drops_is_told() {
    use crate::support::run;
    let text = r#"
        resource "aws_kms_key" "trail" {
          policy = jsonencode({ Version = "2012-10-17", Statement = [
            { Effect = "Allow", Principal = "*", TWICE Action = "kms:*", Resource = "*" },
          ] })
        }
        resource "aws_cloudtrail" "main" {
          name           = "main"
          s3_bucket_name = "logs"
          kms_key_id     = aws_kms_key.trail.arn
        }
    "#;
    for (name, twice, expected) in [
        ("once", "", false),
        ("twice", "Action = \"kms:Encrypt\",", true),
    ] {
        let root = run::folder(
            &format!("keys-{name}"),
            &[("main.tf", &text.replace("TWICE", twice))],
        );
        let report = run::keytrail(&["check", &root, "--format", "json"]).stdout;
        let report: Value = serde_json::from_str(&report).unwrap();
        let mut findings = report["findings"].as_array().unwrap().iter();
        let found = findings.any(|it| it["rule"] == "policy-duplicate-key");
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn why_a_policy_is_not_known_is_told() {
    use keytrail::model::PolicyState;
    let mut plan = plan(&Sketch::new(""));
    plan["resource_changes"][1]["change"]["after"]["policy"] = Value::Null;
    let judged = judged(&plan);
    let PolicyState::Unknown(reason) = &key(&judged, "aws_kms_key.trail").state else {
        panic!("no policy is shown");
    };
    assert_eq!(reason, "the plan does not show the policy's text");
    let new = json!({"is_enabled": true, "multi_region": false});
    let references = &["var.policy", "local.other"];
    let judged = Sketch::new(good())
        .later("aws_kms_key.new", &new, &[("policy", references)])
        .judge();
    let PolicyState::Unknown(reason) = &key(&judged, "aws_kms_key.new").state else {
        panic!("the policy is known after apply");
    };
    assert_eq!(
        reason,
        "the policy is known after apply: it refers to `var.policy`, `local.other`"
    );
}

/// A document of which a part is not known is a tree in a snapshot.
#[test]
fn a_snapshot_holds_what_is_known_of_a_document() {
    use crate::support::{check, run};
    let references: &[&str] = &[
        "data.aws_iam_policy_document.key.json",
        "data.aws_iam_policy_document.key",
    ];
    let statement = json!({"effect": "Allow", "actions": ["kms:*"], "resources": ["*"], "principals": [{"type": "AWS"}]});
    let new = json!({"is_enabled": true, "multi_region": false, "key_usage": "ENCRYPT_DECRYPT",
        "customer_master_key_spec": "SYMMETRIC_DEFAULT"});
    let sketch = Sketch::new(good())
        .later(
            "data.aws_iam_policy_document.key",
            &json!({"statement": [statement], "version": "2012-10-17"}),
            &[("json", &[])],
        )
        .later(
            "aws_kms_key.new",
            &new,
            &[("policy", references), ("arn", &[]), ("key_id", &[])],
        );
    let mut plan = plan(&sketch);
    let mut documents = plan["resource_changes"].as_array_mut().unwrap().iter_mut();
    let document = documents
        .find(|it| it["type"] == "aws_iam_policy_document")
        .unwrap();
    document["change"]["after_unknown"]["statement"] =
        json!([{"principals": [{"identifiers": true}]}]);
    let plan = run::file("keys-document.json", &plan.to_string());
    let snapshot = run::file("keys-document-snapshot.json", "");
    let made = check::run(&["snapshot", &plan, "--no-source", "-o", &snapshot]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    for path in [&plan, &snapshot] {
        let report = run::keytrail(&["check", path, "--no-source", "--format", "json"]).stdout;
        let report: Value = serde_json::from_str(&report).unwrap();
        let mut keys = report["keys"].as_array().unwrap().iter();
        let key = keys.find(|it| it["address"] == "aws_kms_key.new").unwrap();
        assert_eq!(key["policy"], "partial", "{path}");
    }
}

/// What the sources leave open has a name of its own, which the answer hangs on; that of a secret is not shown.
#[test]
fn a_policy_that_is_an_input_variable_hangs_on_the_variable() {
    use crate::support::run;
    let text = r#"
        variable "p" {
          type      = string
          sensitive = SENSITIVE
        }
        resource "aws_kms_key" "trail" {
          policy = var.p
        }
        resource "aws_cloudtrail" "main" {
          name           = "main"
          s3_bucket_name = "logs"
          kms_key_id     = aws_kms_key.trail.arn
        }
    "#;
    for (sensitive, label) in [
        ("false", "the answer hangs on this"),
        ("true", "the policy is sensitive and is not shown"),
    ] {
        let main = text.replace("SENSITIVE", sensitive);
        let root = run::folder(&format!("keys-variable-{sensitive}"), &[("main.tf", &main)]);
        let report = run::keytrail(&["check", &root, "--format", "json"]).stdout;
        let report: Value = serde_json::from_str(&report).unwrap();
        let mut findings = report["findings"].as_array().unwrap().iter();
        let denied = findings
            .find(|it| it["rule"] == "trail-key-denies-encrypt")
            .unwrap();
        let message = denied["message"].as_str().unwrap();
        assert!(
            message.ends_with("cannot be decided: no value is given for it"),
            "{message}"
        );
        assert!(denied.to_string().contains(label), "{denied}");
    }
}

/// Only trails that are there after the apply are asked about, and none that is looked up.
#[test]
fn a_trail_that_goes_or_is_looked_up_is_not_asked_about() {
    let trail = json!({"name": "other", "arn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/other", "s3_bucket_name": "logs",
        "kms_key_id": format!("arn:aws:kms:us-east-1:111122223333:key/{KEY_ID}")});
    let judged = Sketch::new(good())
        .destroys("aws_cloudtrail.gone", &trail)
        .with("data.aws_cloudtrail.other", &trail)
        .judge();
    let subjects = judged.model.subjects.iter();
    let subjects: Vec<&str> = subjects.map(|it| it.address.as_str()).collect();
    assert_eq!(subjects, ["aws_cloudtrail.main"]);
}

/// A multi-Region key in an unknown manifest is the backup component's where another key stands beside it; alone it may be any.
#[test]
fn a_multi_region_key_of_an_unknown_manifest_is_for_backups_beside_another() {
    use keytrail::model::Component;
    let key = |multi: bool| {
        json!({"policy": good(), "is_enabled": true, "multi_region": multi, "key_usage": "ENCRYPT_DECRYPT",
            "customer_master_key_spec": "SYMMETRIC_DEFAULT"})
    };
    let logs = ["aws_kms_key.logs.arn", "aws_kms_key.logs"];
    let backup = ["aws_kms_key.backup.arn", "aws_kms_key.backup"];
    for (references, components) in [
        (
            [logs, backup].concat(),
            vec![Some(Component::Logging), Some(Component::Backup)],
        ),
        (backup.to_vec(), vec![None]),
        (logs.to_vec(), vec![Some(Component::Logging)]),
    ] {
        let judged = Sketch::new(good())
            .later("aws_kms_key.logs", &key(false), &[("arn", &[])])
            .later("aws_kms_key.backup", &key(true), &[("arn", &[])])
            .later(
                "aws_controltower_landing_zone.main",
                &json!({"version": "3.3"}),
                &[("manifest_json", &references), ("arn", &[]), ("id", &[])],
            )
            .judge();
        let zones = judged.model.subjects.iter();
        let zones = zones.filter(|it| it.address.starts_with("aws_controltower"));
        let zones = zones.filter(|it| it.kind == keytrail::model::SubjectKind::LandingZone);
        let found: Vec<Option<Component>> = zones.map(|it| it.component).collect();
        assert_eq!(found, components, "{references:?}");
    }
}

/// A policy that nobody may change is told of a key whose account is not known, too.
#[test]
fn whether_a_policy_can_be_changed_is_asked_in_an_unknown_account() {
    use keytrail::policy::Verdict;
    let judged = Sketch::new(good())
        .key(json!({"arn": null, "key_id": null, "id": null}))
        .trail(json!({"arn": null, "kms_key_id": null}))
        .judge();
    let key = key(&judged, "aws_kms_key.trail");
    assert_eq!(key.account.to_literal(), None);
    assert_eq!(key.manage.as_ref().unwrap().verdict, Verdict::Denied);
}

/// One of whom a statement speaks may be denied it: others of the account are asked for as well.
#[test]
fn anybody_who_may_change_the_policy_is_enough() {
    use keytrail::policy::Verdict;
    let statement = |effect: &str, who: &str| json!({"Effect": effect, "Principal": {"AWS": format!("arn:aws:iam::111122223333:{who}")}, "Action": "kms:*", "Resource": "*"});
    let policy = json!({"Version": "2012-10-17", "Statement": [statement("Allow", "role/admin"), statement("Deny", "role/admin"),
        statement("Allow", "role/other")]});
    let judged = Sketch::new(policy.to_string()).judge();
    let manage = key(&judged, "aws_kms_key.trail").manage.as_ref().unwrap();
    assert_eq!(manage.verdict, Verdict::Allowed);
}
