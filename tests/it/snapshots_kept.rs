//! What a snapshot keeps of its inputs: who takes a policy away, which bucket is a trail's, and the keys of a landing zone.

use serde_json::{Value as Json, json};

use crate::support::{check, run};

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn change(address: &str, actions: &[&str], before: &Json, after: &Json) -> Json {
    let (kind, name) = address.split_once('.').unwrap();
    json!({"address": address, "mode": "managed", "type": kind, "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {"actions": actions, "before": before, "after": after, "after_unknown": {},
            "before_sensitive": {}, "after_sensitive": {}}})
}

fn plan(changes: &[Json], configuration: &Json) -> String {
    json!({"format_version": "1.2", "terraform_version": "1.15.5", "planned_values": {"root_module": {}},
        "resource_changes": changes, "configuration": {"root_module": configuration}, "complete": true, "errored": false})
    .to_string()
}

/// The snapshot of inputs, in a file of that name.
fn snapshot(inputs: &[&str], name: &str) -> String {
    let file = run::file(name, "");
    let made = check::run(&[&["snapshot"], inputs, &["--no-source", "--output", &file]].concat());
    assert_eq!(made.code, 0, "{}", made.stderr);
    file
}

/// Severity, rule and message of each finding.
fn findings(inputs: &[&str]) -> Vec<String> {
    let ended = check::run(&[&["check"], inputs, &["--no-source", "--format", "json"]].concat());
    let report: Json = serde_json::from_str(&ended.stdout).unwrap();
    let all = report["findings"].as_array().unwrap().iter();
    all.map(|it| format!("{} {} {}", it["severity"], it["rule"], it["message"]))
        .collect()
}

/// The key and the resource that set its policy may be of two roots: their snapshot still says which of them takes the policy away.
#[test]
fn a_policy_that_another_root_takes_away_is_not_the_keys_own() {
    let good = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*"}]});
    let key = json!({"arn": KEY, "key_id": "1234abcd-12ab-34cd-56ef-1234567890ab", "policy": good.to_string(), "is_enabled": true,
        "customer_master_key_spec": "SYMMETRIC_DEFAULT", "key_usage": "ENCRYPT_DECRYPT", "multi_region": false});
    let policy = json!({"key_id": KEY, "policy": good.to_string()});
    let trail = json!({"name": "main", "arn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main", "home_region": "us-east-1",
        "kms_key_id": KEY, "s3_bucket_name": "logs", "is_organization_trail": false});
    let file = |name: &str, changes: &[Json]| {
        run::file(&format!("kept-{name}.json"), &plan(changes, &json!({})))
    };
    let keys = file(
        "keys",
        &[change("aws_kms_key.trail", &["no-op"], &key, &key)],
    );
    let trails = file(
        "trail",
        &[change("aws_cloudtrail.main", &["no-op"], &trail, &trail)],
    );
    for (action, rule) in [
        // The provider puts AWS's default policy back.
        (
            "delete",
            Some(
                "this plan destroys `aws_kms_key_policy.trail`, which puts AWS's default policy back",
            ),
        ),
        ("forget", None),
    ] {
        let change = change("aws_kms_key_policy.trail", &[action], &policy, &Json::Null);
        let policies = file("policies", &[change]);
        let of_both = snapshot(&[&keys, &policies], "kept-both.json");
        let (plans, kept) = (
            findings(&[&trails, &keys, &policies]),
            findings(&[&trails, &of_both]),
        );
        assert_eq!(plans, kept, "{action}");
        let revokes = |it: &&String| it.contains("change-revokes-delivery");
        let told = plans.iter().find(revokes);
        match rule {
            Some(message) => assert!(told.unwrap().contains(message), "{plans:?}"),
            None => assert_eq!(told, None),
        }
    }
}

/// A bucket whose name nobody knows is the trail's in the snapshot, too, whoever else delivers to it.
#[test]
fn a_bucket_without_a_known_name_stays_the_trails() {
    let trail = json!({"name": "main", "home_region": "us-east-1", "kms_key_id": KEY, "is_organization_trail": false});
    let channel = json!({"name": "main"});
    let encryption = json!({"rule": [{"bucket_key_enabled": true,
        "apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": KEY}]}]});
    let made = |address: &str, after: &Json, unknown: &Json| {
        let mut change = change(address, &["create"], &Json::Null, after);
        change["change"]["after_unknown"] = unknown.clone();
        change
    };
    let block = |kind: &str, name: &str, argument: Option<&str>| {
        let reference = json!({"references": ["aws_s3_bucket.logs.id", "aws_s3_bucket.logs"]});
        let expressions: serde_json::Map<String, Json> = argument
            .map(|it| (it.to_owned(), reference))
            .into_iter()
            .collect();
        json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name, "expressions": expressions})
    };
    let sse = "aws_s3_bucket_server_side_encryption_configuration";
    let text = plan(
        &[
            made(
                "aws_cloudtrail.main",
                &trail,
                &json!({"s3_bucket_name": true, "arn": true}),
            ),
            made(
                "aws_config_delivery_channel.main",
                &channel,
                &json!({"s3_bucket_name": true}),
            ),
            made(
                "aws_s3_bucket.logs",
                &json!({"bucket_prefix": "logs-"}),
                &json!({"bucket": true, "id": true}),
            ),
            made(
                &format!("{sse}.logs"),
                &encryption,
                &json!({"bucket": true}),
            ),
        ],
        &json!({"resources": [
            block("aws_cloudtrail", "main", Some("s3_bucket_name")),
            block("aws_config_delivery_channel", "main", Some("s3_bucket_name")),
            block("aws_s3_bucket", "logs", None),
            block(sse, "logs", Some("bucket")),
        ]}),
    );
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*"}]});
    let key = json!({"arn": KEY, "key_id": "1234abcd-12ab-34cd-56ef-1234567890ab", "policy": policy.to_string(), "is_enabled": true,
        "customer_master_key_spec": "SYMMETRIC_DEFAULT", "key_usage": "ENCRYPT_DECRYPT", "multi_region": false});
    let keys = plan(
        &[change("aws_kms_key.trail", &["no-op"], &key, &key)],
        &json!({}),
    );
    let (file, keys) = (
        run::file("kept-bucket.json", &text),
        run::file("kept-bucket-key.json", &keys),
    );
    let kept = snapshot(&[&file], "kept-bucket-snapshot.json");
    for input in [&file, &kept] {
        let said = check::check(&[input, &keys, "--no-source"]);
        let decrypt = said
            .verdicts
            .iter()
            .find(|(row, _)| row.requirement == "cloudtrail-decrypt");
        // With an S3 Bucket Key CloudTrail must be able to decrypt.
        assert_eq!(decrypt.map(|it| it.1.as_str()), Some("denied"), "{input}");
    }
}

/// Which of two keys a component of a landing zone uses may hang on what nobody knows; the snapshot names both.
#[test]
fn the_keys_of_a_landing_zone_are_kept_where_the_apply_decides() {
    let text = r#"
        provider "aws" {
          region = "us-east-1"
        }
        variable "blue" {
          type = bool
        }
        resource "aws_kms_key" "blue" {
          enable_key_rotation = true
        }
        resource "aws_kms_key" "green" {
          enable_key_rotation = true
        }
        resource "aws_kms_key" "backup" {
          multi_region = true
        }
        resource "aws_controltower_landing_zone" "main" {
          version = "4.0"
          manifest_json = jsonencode({
            governedRegions = ["us-east-1"]
            centralizedLogging = {
              accountId      = "444455556666"
              enabled        = true
              configurations = { kmsKeyArn = var.blue ? aws_kms_key.blue.arn : aws_kms_key.green.arn }
            }
            backup = {
              enabled        = true
              configurations = { kmsKeyArn = aws_kms_key.backup.arn }
            }
          })
        }
    "#;
    let folder = run::folder("kept-zone", &[("main.tf", text)]);
    let file = run::file("kept-zone.json", "");
    let args = ["--account-id", "111122223333"];
    let made = check::run(&[&["snapshot", &folder, "--output", &file], &args[..]].concat());
    assert_eq!(made.code, 0, "{}", made.stderr);
    let links = |args: &[&str]| {
        let ended = check::run(&[&["check"], args, &["--format", "json"]].concat());
        let report: Json = serde_json::from_str(&ended.stdout).unwrap();
        let subjects = report["subjects"].as_array().unwrap().iter();
        let links = subjects.map(|it| {
            (
                it["id"].clone(),
                it["link"]["status"].clone(),
                it["link"]["keys"].clone(),
            )
        });
        links.collect::<Vec<_>>()
    };
    let kept = links(&[&file]);
    assert_eq!(links(&[&[folder.as_str()], &args[..]].concat()), kept);
    let (_, status, keys) = &kept[0];
    assert_eq!(status, "candidates");
    for key in ["in0:aws_kms_key.blue", "in0:aws_kms_key.green"] {
        assert!(keys.as_array().unwrap().contains(&key.into()), "{keys}");
    }
    let (backup, status, keys) = &kept[1];
    assert_eq!(backup, "in0:aws_controltower_landing_zone.main/backup");
    assert_eq!(
        (status, keys),
        (&json!("resolved"), &json!(["in0:aws_kms_key.backup"]))
    );
}

/// A snapshot of a plan beside the state from before it: nothing says whether the plan was applied, and that is told.
#[test]
fn a_snapshot_of_a_plan_beside_an_older_state_says_so() {
    let text = |action: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": action, "Resource": "*"}]})
        .to_string()
    };
    let key = |policy: &str| {
        json!({"arn": KEY, "key_id": "1234abcd-12ab-34cd-56ef-1234567890ab", "policy": policy, "is_enabled": true,
            "customer_master_key_spec": "SYMMETRIC_DEFAULT", "key_usage": "ENCRYPT_DECRYPT", "multi_region": false})
    };
    let (old, new) = (key(&text("kms:DescribeKey")), key(&text("kms:*")));
    let planned = run::file(
        "kept-pending-plan.json",
        &plan(
            &[change("aws_kms_key.trail", &["update"], &old, &new)],
            &json!({}),
        ),
    );
    let state = |key: &Json| {
        let resource = json!({"address": "aws_kms_key.trail", "mode": "managed", "type": "aws_kms_key", "name": "trail",
            "provider_name": "registry.terraform.io/hashicorp/aws", "values": key, "sensitive_values": {}});
        json!({"format_version": "1.0", "terraform_version": "1.15.5", "values": {"root_module": {"resources": [resource]}}}).to_string()
    };
    let kept = snapshot(&[&planned], "kept-pending-snapshot.json");
    for (shown, told) in [(&old, true), (&new, false)] {
        let state = run::file("kept-pending-state.json", &state(shown));
        let ended = check::run(&["check", &kept, &state, "--no-source", "--no-config"]);
        let flat: String = ended
            .stdout
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let note = "one is of a plan, and the other one from before it: give the newer one alone";
        assert_eq!(flat.contains(note), told, "{flat}");
        assert!(!flat.contains("both are"), "{flat}");
    }
}
