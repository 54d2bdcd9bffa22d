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
    // Of two of a kind the newer one says more.
    let states = [("old", &old), ("new", &new)]
        .map(|(name, key)| run::file(&format!("kept-{name}-state.json"), &state(key)));
    let snapshots =
        [0, 1].map(|at: usize| snapshot(&[&states[at]], &format!("kept-{at}-snapshot.json")));
    for (pair, kind) in [(&states, "states"), (&snapshots, "snapshots")] {
        let ended = check::run(&["check", &pair[0], &pair[1], "--no-source", "--no-config"]);
        let words: Vec<&str> = ended.stdout.split_whitespace().collect();
        let note = format!("both are {kind}: give the newer one alone");
        assert!(words.join(" ").contains(&note), "{}", ended.stdout);
    }
}

/// The first root of the snapshot of a plan.
fn root(changes: &[Json], configuration: &Json, name: &str) -> Json {
    let file = run::file(&format!("{name}.json"), &plan(changes, configuration));
    root_of(&file)
}

fn root_of(input: &str) -> Json {
    let made = check::run(&["snapshot", input, "--no-source"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let snapshot: Json = serde_json::from_str(&made.stdout).unwrap();
    snapshot["roots"][0].clone()
}

/// What is sensitive is left out of what is there after the plan, and so it must stand nowhere else.
#[test]
fn only_what_changes_has_a_past_in_a_snapshot() {
    let key = json!({"arn": KEY, "key_id": "1234abcd-12ab-34cd-56ef-1234567890ab", "is_enabled": true, "policy": "{}"});
    let mut other = key.clone();
    other["is_enabled"] = json!(false);
    let found = json!({"arn": KEY, "key_id": KEY, "enabled": true});
    let mut look_up = change("aws_kms_key.found", &["read"], &found, &found);
    look_up["address"] = json!("data.aws_kms_key.found");
    look_up["mode"] = json!("data");
    for (change, past) in [
        (change("aws_kms_key.trail", &["no-op"], &key, &key), None),
        (
            change("aws_kms_key.trail", &["update"], &other, &key),
            Some(json!(false)),
        ),
        (look_up, None),
    ] {
        let root = root(&[change], &json!({}), "kept-past");
        let record = &root["resources"][0];
        assert!(record["values"]["arn"].is_string(), "{record}");
        let before = record.get("before");
        assert_eq!(before.map(|it| it["is_enabled"].clone()), past, "{record}");
    }
}

/// Keys, what uses them, and what encrypts buckets; nothing of what only told where they are.
#[test]
fn a_snapshot_holds_what_is_asked_about() {
    let rule = json!([{"bucket_key_enabled": true}]);
    let mut changes = Vec::new();
    for (address, values) in [
        (
            "aws_kms_key.trail",
            json!({"arn": KEY, "key_id": "1234abcd-12ab-34cd-56ef-1234567890ab", "policy": "{}"}),
        ),
        (
            "aws_cloudtrail.main",
            json!({"name": "main", "kms_key_id": KEY, "s3_bucket_name": "logs"}),
        ),
        (
            "aws_config_delivery_channel.main",
            json!({"name": "main", "s3_bucket_name": "logs", "s3_kms_key_arn": KEY}),
        ),
        (
            "aws_s3_bucket_server_side_encryption_configuration.logs",
            json!({"bucket": "logs", "rule": rule}),
        ),
        (
            "data.aws_caller_identity.it",
            json!({"account_id": "111122223333", "id": "111122223333"}),
        ),
        (
            "data.aws_region.it",
            json!({"id": "us-east-1", "region": "us-east-1"}),
        ),
        (
            "data.aws_kms_alias.it",
            json!({"name": "alias/it", "target_key_arn": KEY}),
        ),
        (
            "data.aws_kms_key.it",
            json!({"arn": KEY, "key_id": KEY, "enabled": true}),
        ),
        (
            "data.aws_organizations_organization.it",
            json!({"id": "o-a1b2c3d4e5", "master_account_id": "111122223333"}),
        ),
    ] {
        let mut it = change(
            address.trim_start_matches("data."),
            &["no-op"],
            &values,
            &values,
        );
        if address.starts_with("data.") {
            it["address"] = json!(address);
            it["mode"] = json!("data");
        }
        changes.push(it);
    }
    let root = root(&changes, &json!({}), "kept-types");
    let resources = root["resources"].as_array().unwrap();
    let mut addresses: Vec<&str> = resources
        .iter()
        .map(|it| it["address"].as_str().unwrap())
        .collect();
    addresses.sort_unstable();
    assert_eq!(
        addresses,
        [
            "aws_cloudtrail.main",
            "aws_config_delivery_channel.main",
            "aws_kms_key.trail",
            "aws_s3_bucket_server_side_encryption_configuration.logs",
            "data.aws_kms_key.it",
            "data.aws_organizations_organization.it",
        ]
    );
    let values = |address: &str| {
        let mut all = resources.iter();
        &all.find(|it| it["address"] == address).unwrap()["values"]
    };
    assert_eq!(
        values("aws_config_delivery_channel.main")["s3_kms_key_arn"],
        KEY
    );
    let encryption = values("aws_s3_bucket_server_side_encryption_configuration.logs");
    assert_eq!(*encryption, json!({"bucket": "logs", "rule": rule}));
}

/// A plan that failed leaves things out, and its snapshot leaves out the same.
#[test]
fn a_snapshot_says_whether_its_plan_failed() {
    for errored in [true, false] {
        let mut text: Json = serde_json::from_str(&plan(&[], &json!({}))).unwrap();
        text["errored"] = json!(errored);
        let file = run::file("kept-errored.json", &text.to_string());
        assert_eq!(root_of(&file)["errored"], errored);
        let kept = snapshot(&[&file], "kept-errored-snapshot.json");
        let ended = check::run(&["check", &kept, "--format", "json"]);
        let report: Json = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(report["inputs"][0]["errored"], errored, "{report}");
    }
}

/// What a key can do follows from both of its attributes: where one of them is sensitive, neither is written.
#[test]
fn the_kind_of_a_key_is_left_out_where_it_is_sensitive() {
    let key = json!({"arn": KEY, "key_id": "1234abcd-12ab-34cd-56ef-1234567890ab", "policy": "{}", "is_enabled": true,
        "customer_master_key_spec": "SYMMETRIC_DEFAULT", "key_usage": "ENCRYPT_DECRYPT"});
    for (hidden, shown) in [
        ("customer_master_key_spec", "key_usage"),
        ("key_usage", "customer_master_key_spec"),
    ] {
        let mut change = change("aws_kms_key.trail", &["no-op"], &key, &key);
        for side in ["before_sensitive", "after_sensitive"] {
            change["change"][side] = json!({hidden: true});
        }
        let root = root(&[change], &json!({}), "kept-spec");
        let values = &root["resources"][0]["values"];
        assert!(values[hidden]["$unknown"].is_number(), "{values}");
        assert_eq!(values[shown], key[shown]);
    }
}

/// An attribute of IAM keeps its form: a list where it is one, with one name or with several.
#[test]
fn names_of_iam_keep_their_form() {
    let attachment =
        json!({"policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess", "role": "reader"});
    let membership = json!({"user": "soc", "groups": ["auditors"]});
    let changes = [
        change(
            "aws_iam_role_policy_attachment.it",
            &["no-op"],
            &attachment,
            &attachment,
        ),
        change(
            "aws_iam_user_group_membership.it",
            &["no-op"],
            &membership,
            &membership,
        ),
    ];
    let root = root(&changes, &json!({}), "kept-names");
    let values = |at: usize| &root["resources"][at]["values"];
    assert_eq!(*values(0), attachment);
    assert_eq!(*values(1), membership);
}

/// Of two trails of one key the one waits for the key's policy, and the other one does not.
#[test]
fn who_waits_for_a_policy_is_kept_for_each_trail() {
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*"}]});
    let key = json!({"arn": KEY, "key_id": "1234abcd-12ab-34cd-56ef-1234567890ab"});
    let trail = |name: &str| json!({"name": name, "s3_bucket_name": "logs", "kms_key_id": KEY, "is_organization_trail": false});
    let new = |address: &str, after: &Json| change(address, &["create"], &Json::Null, after);
    let changes = [
        change("aws_kms_key.trail", &["no-op"], &key, &key),
        new(
            "aws_kms_key_policy.trail",
            &json!({"key_id": KEY, "policy": policy.to_string()}),
        ),
        new("aws_cloudtrail.early", &trail("early")),
        new("aws_cloudtrail.late", &trail("late")),
    ];
    let block = |address: &str, depends_on: &[&str]| {
        let (kind, name) = address.split_once('.').unwrap();
        json!({"address": address, "mode": "managed", "type": kind, "name": name, "expressions": {}, "depends_on": depends_on})
    };
    let configuration = json!({"resources": [
        block("aws_kms_key.trail", &[]),
        block("aws_kms_key_policy.trail", &[]),
        block("aws_cloudtrail.early", &[]),
        block("aws_cloudtrail.late", &["aws_kms_key_policy.trail"]),
    ]});
    let file = run::file("kept-waits.json", &plan(&changes, &configuration));
    let kept = snapshot(&[&file], "kept-waits-snapshot.json");
    for input in [&file, &kept] {
        let ended = check::run(&["check", input, "--no-source", "--format", "json"]);
        let report: Json = serde_json::from_str(&ended.stdout).unwrap();
        let all = report["findings"].as_array().unwrap().iter();
        let races = all.filter(|it| it["rule"] == "trail-policy-race");
        let early: Vec<&str> = races.map(|it| it["address"].as_str().unwrap()).collect();
        assert_eq!(early, ["aws_cloudtrail.early"], "{input}");
    }
}

/// A policy that is known in part is a tree, as the format says, and one that is sensitive is left out as a whole.
#[test]
fn a_policy_that_is_known_in_part_is_a_tree() {
    for (before, after, is_tree) in [("", "", true), ("sensitive(", ")", false)] {
        let text = format!(
            r#"
            data "aws_caller_identity" "me" {{}}
            resource "aws_kms_key" "trail" {{
              policy = {before}jsonencode({{
                Version = "2012-10-17"
                Statement = [{{
                  Sid       = "Hunter2"
                  Effect    = "Allow"
                  Principal = {{ AWS = "arn:aws:iam::${{data.aws_caller_identity.me.account_id}}:root" }}
                  Action    = "kms:*"
                  Resource  = "*"
                }}]
              }}){after}
            }}
        "#
        );
        let folder = run::folder("kept-tree", &[("main.tf", &text)]);
        let made = check::run(&["snapshot", &folder]);
        assert_eq!(made.code, 0, "{}", made.stderr);
        assert_eq!(made.stdout.contains("Hunter2"), is_tree, "{}", made.stdout);
        let snapshot: Json = serde_json::from_str(&made.stdout).unwrap();
        let policy = &snapshot["roots"][0]["resources"][0]["values"]["policy"];
        assert_eq!(
            policy["Statement"][0]["Sid"] == "Hunter2",
            is_tree,
            "{policy}"
        );
    }
}

/// A change that Terraform put off may be to whatever is in the snapshot.
#[test]
fn a_change_that_was_put_off_is_in_the_snapshot() {
    let mut text: Json = serde_json::from_str(&plan(&[], &json!({}))).unwrap();
    text["complete"] = json!(false);
    let change = change(
        "aws_kms_key_policy.trail",
        &["create"],
        &Json::Null,
        &json!({"key_id": KEY}),
    );
    text["deferred_changes"] =
        json!([{"reason": "instance_count_unknown", "resource_change": change}]);
    let file = run::file("kept-deferred.json", &text.to_string());
    let root = root_of(&file);
    assert_eq!(root["complete"], false);
    let put_off =
        json!([{"address": "aws_kms_key_policy.trail", "reason": "instance_count_unknown"}]);
    assert_eq!(root["deferred"], put_off);
}

/// A policy of IAM that is known is its text, as the plan has it.
#[test]
fn a_policy_of_iam_is_its_text() {
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}}"#;
    let policy = json!({"name": "decrypt", "role": "reader", "policy": text});
    for hidden in [false, true] {
        let mut change = change("aws_iam_role_policy.it", &["no-op"], &policy, &policy);
        change["change"]["after_sensitive"] = json!({"policy": hidden});
        let root = root(&[change], &json!({}), "kept-iam");
        let kept = &root["resources"][0]["values"]["policy"];
        assert_eq!(kept.as_str(), (!hidden).then_some(text), "{kept}");
    }
}

/// The keys that a manifest refers to of which nothing is known: the apply takes one of them.
#[test]
fn the_keys_of_a_manifest_that_is_not_known_are_kept() {
    let other = KEY.replace("1234abcd", "9999abcd");
    let key = |arn: &str| json!({"arn": arn, "key_id": arn, "policy": "{}"});
    let mut zone = change(
        "aws_controltower_landing_zone.main",
        &["create"],
        &Json::Null,
        &json!({"version": "3.3"}),
    );
    zone["change"]["after_unknown"] = json!({"manifest_json": true, "arn": true});
    let changes = [
        change("aws_kms_key.a", &["no-op"], &key(KEY), &key(KEY)),
        change("aws_kms_key.b", &["no-op"], &key(&other), &key(&other)),
        zone,
    ];
    let block = |kind: &str, name: &str, expressions: Json| json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name, "expressions": expressions});
    let (a, b) = (
        ["aws_kms_key.a.arn", "aws_kms_key.a"],
        ["aws_kms_key.b.arn", "aws_kms_key.b"],
    );
    for (references, keys) in [
        (
            ["var.on"].iter().chain(&a).chain(&b).collect::<Vec<_>>(),
            json!([KEY, other]),
        ),
        (a.iter().collect(), json!([KEY])),
    ] {
        let manifest = json!({"manifest_json": {"references": references}});
        let configuration = json!({"resources": [
            block("aws_kms_key", "a", json!({})),
            block("aws_kms_key", "b", json!({})),
            block("aws_controltower_landing_zone", "main", manifest),
        ]});
        let root = root(&changes, &configuration, "kept-zone-open");
        let resources = root["resources"].as_array().unwrap();
        let mut zones = resources
            .iter()
            .filter(|it| it["address"] == "aws_controltower_landing_zone.main");
        let kept = &zones.next().unwrap()["values"]["manifest_json"];
        assert_eq!(*kept, json!({"$one_of": keys}), "{references:?}");
    }
}

fn created(address: &str, after: &Json, unknown: &[&str]) -> Json {
    let mut change = change(address, &["create"], &Json::Null, after);
    for name in unknown {
        change["change"]["after_unknown"][*name] = json!(true);
    }
    change
}

/// A block with an argument that refers to so much.
fn referring(address: &str, argument: &str, references: &[&str]) -> Json {
    let (kind, name) = address.split_once('.').unwrap();
    json!({"address": address, "mode": "managed", "type": kind, "name": name, "expressions": {argument: {"references": references}}})
}

/// The values of the resource of an address.
fn values_of<'r>(root: &'r Json, address: &str) -> &'r Json {
    let mut all = root["resources"].as_array().unwrap().iter();
    &all.find(|it| it["address"] == address).expect(address)["values"]
}

/// A snapshot has no references: what they lead to stands in their place, as far as it is known.
#[test]
fn what_references_lead_to_is_kept() {
    let encryption = "aws_s3_bucket_server_side_encryption_configuration.logs";
    let recorder = "aws_config_configuration_recorder.main";
    let rule = json!([{"bucket_key_enabled": true}]);
    let changes = [
        change(
            "aws_kms_key.trail",
            &["no-op"],
            &json!({"arn": KEY, "key_id": KEY}),
            &json!({"arn": KEY, "key_id": KEY, "policy": "{}"}),
        ),
        created(
            "aws_s3_bucket.logs",
            &json!({"bucket": "logs"}),
            &["id", "arn"],
        ),
        created(encryption, &json!({"rule": rule}), &["bucket"]),
        created(
            "aws_cloudtrail.main",
            &json!({"name": "main", "s3_bucket_name": "logs"}),
            &["arn", "kms_key_id"],
        ),
        created(
            "aws_cloudtrail.lost",
            &json!({"name": "lost", "s3_bucket_name": "logs"}),
            &["arn", "kms_key_id"],
        ),
        created(
            "aws_kms_alias.lost",
            &json!({"name": "alias/lost"}),
            &["target_key_id"],
        ),
        created(recorder, &json!({"name": "default"}), &["role_arn"]),
    ];
    let configuration = json!({"resources": [
        referring("aws_kms_key.trail", "policy", &["var.policy"]),
        referring("aws_s3_bucket.logs", "bucket", &["var.bucket"]),
        referring(encryption, "bucket", &["aws_s3_bucket.logs.id", "aws_s3_bucket.logs"]),
        referring("aws_cloudtrail.main", "kms_key_id", &["aws_kms_key.trail.arn", "aws_kms_key.trail"]),
        referring("aws_cloudtrail.lost", "kms_key_id", &["local.key"]),
        referring("aws_kms_alias.lost", "target_key_id", &["local.key"]),
        referring(recorder, "role_arn", &["aws_iam_service_linked_role.config.arn", "aws_iam_service_linked_role.config"]),
    ]});
    let root = root(&changes, &configuration, "kept-references");
    assert_eq!(
        *values_of(&root, encryption),
        json!({"bucket": "logs", "rule": rule})
    );
    assert_eq!(values_of(&root, "aws_cloudtrail.main")["kms_key_id"], KEY);
    for (address, attribute) in [
        ("aws_kms_alias.lost", "target_key_id"),
        ("aws_cloudtrail.lost", "kms_key_id"),
    ] {
        let lost = &values_of(&root, address)[attribute];
        assert!(lost["$unknown"].is_number(), "{lost}");
    }
    let recorder = values_of(&root, recorder);
    assert_eq!(recorder["name"], "default");
    let arn = recorder["role_arn"].to_string();
    assert!(arn.contains("/AWSServiceRoleForConfig"), "{arn}");
}

/// A snapshot of a snapshot is one of what that was made of.
#[test]
fn a_snapshot_of_a_snapshot_is_of_the_same_kind() {
    let key = json!({"arn": KEY, "key_id": "1234abcd-12ab-34cd-56ef-1234567890ab", "policy": "{}"});
    let of_plan = plan(
        &[change("aws_kms_key.trail", &["no-op"], &key, &key)],
        &json!({}),
    );
    let resource = json!({"address": "aws_kms_key.trail", "mode": "managed", "type": "aws_kms_key", "name": "trail", "values": key});
    let of_state = json!({"format_version": "1.0", "terraform_version": "1.15.5",
        "values": {"root_module": {"resources": [resource]}}})
    .to_string();
    for (kind, text) in [("plan", &of_plan), ("state", &of_state)] {
        let file = run::file("kept-kind.json", text);
        let kept = snapshot(&[&file], "kept-kind-snapshot.json");
        assert_eq!(root_of(&file)["kind"], kind);
        assert_eq!(root_of(&kept)["kind"], kind);
    }
}

/// A manifest that is known is its text, and one that is sensitive is left out.
#[test]
fn a_manifest_is_its_text() {
    let address = "aws_controltower_landing_zone.main";
    let manifest =
        json!({"centralizedLogging": {"enabled": true, "configurations": {"kmsKeyArn": KEY}}})
            .to_string();
    for hidden in [false, true] {
        let mut zone = created(
            address,
            &json!({"version": "3.3", "manifest_json": manifest}),
            &["arn"],
        );
        zone["change"]["after_sensitive"] = json!({"manifest_json": hidden});
        let root = root(&[zone], &json!({}), "kept-manifest");
        let kept = &values_of(&root, address)["manifest_json"];
        assert_eq!(
            kept.as_str(),
            (!hidden).then_some(manifest.as_str()),
            "{kept}"
        );
        assert!(kept.is_string() || kept["$unknown"].is_number(), "{kept}");
    }
}

/// The apply takes one of two keys, before and after the snapshot.
#[test]
fn a_trail_of_one_of_two_keys_stays_one() {
    let other = KEY.replace("1234abcd", "9999abcd");
    let key = |arn: &str| json!({"arn": arn, "key_id": &arn[arn.len() - 36..], "policy": "{}"});
    let changes = [
        change("aws_kms_key.a", &["no-op"], &key(KEY), &key(KEY)),
        change("aws_kms_key.b", &["no-op"], &key(&other), &key(&other)),
        created(
            "aws_cloudtrail.main",
            &json!({"name": "main", "s3_bucket_name": "logs"}),
            &["arn", "kms_key_id"],
        ),
    ];
    let references = [
        "terraform.workspace",
        "aws_kms_key.a.arn",
        "aws_kms_key.a",
        "aws_kms_key.b.arn",
        "aws_kms_key.b",
    ];
    let configuration = json!({"resources": [
        referring("aws_kms_key.a", "policy", &["var.policy"]),
        referring("aws_kms_key.b", "policy", &["var.policy"]),
        referring("aws_cloudtrail.main", "kms_key_id", &references),
    ]});
    let file = run::file("kept-either.json", &plan(&changes, &configuration));
    let kept = snapshot(&[&file], "kept-either-snapshot.json");
    for input in [&file, &kept] {
        let said = check::check(&[input, "--no-source"]);
        let keys = ["aws_kms_key.a", "aws_kms_key.b"].map(str::to_owned);
        let wanted = ("candidates".to_owned(), keys.to_vec());
        assert_eq!(said.links["aws_cloudtrail.main"], wanted, "{input}");
    }
}

/// Where a resource was is in a snapshot, too: the policy names its key by an id alone, in the Region of its provider.
#[test]
fn what_was_before_is_of_the_same_region_in_a_snapshot() {
    let policy = |actions: &Json| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": actions, "Resource": "*"}]})
        .to_string()
    };
    let (good, bad) = (
        policy(&json!(["kms:GenerateDataKey*", "kms:DescribeKey"])),
        policy(&json!(["kms:DescribeKey"])),
    );
    let id = &KEY[KEY.len() - 36..];
    let key = json!({"arn": KEY, "key_id": id, "policy": bad, "is_enabled": true,
        "customer_master_key_spec": "SYMMETRIC_DEFAULT", "key_usage": "ENCRYPT_DECRYPT", "multi_region": false});
    let trail = json!({"name": "main", "arn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main", "home_region": "us-east-1",
        "kms_key_id": KEY, "s3_bucket_name": "logs", "is_organization_trail": false});
    let separate = |policy: &str| json!({"key_id": id, "policy": policy});
    let changes = [
        change("aws_kms_key.trail", &["no-op"], &key, &key),
        change("aws_cloudtrail.main", &["no-op"], &trail, &trail),
        change(
            "aws_kms_key_policy.trail",
            &["update"],
            &separate(&good),
            &separate(&bad),
        ),
    ];
    let provider = |region: &str| {
        json!({"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws",
        "expressions": {"region": {"constant_value": region}}})
    };
    let mut east = provider("us-east-1");
    east["alias"] = json!("east");
    let mut block = referring("aws_kms_key_policy.trail", "key_id", &["var.key"]);
    block["provider_config_key"] = json!("aws.east");
    let mut text: Json =
        serde_json::from_str(&plan(&changes, &json!({"resources": [block]}))).unwrap();
    text["configuration"]["provider_config"] =
        json!({"aws": provider("eu-west-1"), "aws.east": east});
    let file = run::file("kept-region.json", &text.to_string());
    let kept = snapshot(&[&file], "kept-region-snapshot.json");
    let (of_plan, of_snapshot) = (findings(&[&file]), findings(&[&kept]));
    assert!(
        of_plan
            .iter()
            .any(|it| it.contains("change-revokes-delivery")),
        "{of_plan:?}"
    );
    assert_eq!(of_plan, of_snapshot);
}

/// The ARN of somebody new follows from the account and the name; of several each has its own.
#[test]
fn the_arns_of_new_roles_are_kept() {
    let identity = json!({"account_id": "111122223333", "id": "111122223333"});
    let mut account = change("aws_caller_identity.me", &["no-op"], &identity, &identity);
    account["address"] = json!("data.aws_caller_identity.me");
    account["mode"] = json!("data");
    let role = |name: &str| {
        let policy = json!({"Version": "2012-10-17", "Statement": []}).to_string();
        let after = json!({"name": name, "path": "/", "assume_role_policy": policy});
        created(&format!("aws_iam_role.{name}"), &after, &["arn", "id"])
    };
    let membership = created(
        "aws_iam_user_group_membership.it",
        &json!({"user": "soc"}),
        &["groups"],
    );
    let group = created(
        "aws_iam_group.auditors",
        &json!({"name": "auditors", "path": "/"}),
        &["arn", "id"],
    );
    let configuration = json!({"resources": [
        referring("aws_iam_role.one", "name", &["var.name"]),
        referring("aws_iam_role.two", "name", &["var.name"]),
        referring("aws_iam_group.auditors", "name", &["var.name"]),
        referring("aws_iam_user_group_membership.it", "groups", &["aws_iam_group.auditors.name", "aws_iam_group.auditors"]),
    ]});
    let changes = [account, role("one"), role("two"), group, membership];
    let root = root(&changes, &configuration, "kept-roles");
    for name in ["one", "two"] {
        let arn = &values_of(&root, &format!("aws_iam_role.{name}"))["arn"];
        assert_eq!(*arn, format!("arn:aws:iam::111122223333:role/{name}"));
    }
    let groups = &values_of(&root, "aws_iam_user_group_membership.it")["groups"];
    assert_eq!(*groups, json!(["auditors"]));
}

/// A manifest that is known in part is a tree, and stays one.
#[test]
fn a_manifest_that_is_known_in_part_stays_a_tree() {
    let text = r#"
        resource "aws_kms_key" "k" {}
        resource "aws_controltower_landing_zone" "main" {
          version       = "3.3"
          manifest_json = jsonencode({
            centralizedLogging = {
              enabled        = true
              configurations = { kmsKeyArn = aws_kms_key.k.arn }
            }
          })
        }
    "#;
    let folder = run::folder("kept-part", &[("main.tf", text)]);
    let file = run::file("kept-part.json", "");
    let made = check::run(&["snapshot", &folder, "--output", &file]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let snapshot: Json = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let first = &snapshot["roots"][0];
    let manifest = &values_of(first, "aws_controltower_landing_zone.main")["manifest_json"];
    assert_eq!(
        manifest["centralizedLogging"]["enabled"], true,
        "{manifest}"
    );
    assert_eq!(root_of(&file)["resources"], first["resources"]);
}

/// A plan says that its trail was there before, and so does its snapshot. Sources do not say it, and neither does theirs.
#[test]
fn a_snapshot_of_sources_does_not_say_what_was_there() {
    let policy = |actions: &Json| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": actions, "Resource": "*"}]})
        .to_string()
    };
    let key = |actions: &Json| {
        json!({"arn": KEY, "key_id": &KEY[KEY.len() - 36..], "policy": policy(actions), "is_enabled": true,
            "customer_master_key_spec": "SYMMETRIC_DEFAULT", "key_usage": "ENCRYPT_DECRYPT", "multi_region": false})
    };
    let (good, bad) = (
        key(&json!(["kms:GenerateDataKey*", "kms:DescribeKey"])),
        key(&json!(["kms:DescribeKey"])),
    );
    let update = change("aws_kms_key.trail", &["update"], &good, &bad);
    let keys = run::file("kept-unplanned-keys.json", &plan(&[update], &json!({})));
    let text = format!(
        "resource \"aws_cloudtrail\" \"main\" {{\n  name           = \"main\"\n  s3_bucket_name = \"logs\"\n  kms_key_id     = \"{KEY}\"\n}}\n"
    );
    let folder = run::folder("kept-unplanned", &[("main.tf", &text)]);
    let of_sources = run::file("kept-unplanned-sources.json", "");
    let made = check::run(&["snapshot", &folder, "--output", &of_sources]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let trail = json!({"name": "main", "arn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main", "home_region": "us-east-1",
        "kms_key_id": KEY, "s3_bucket_name": "logs", "is_organization_trail": false});
    let there = change("aws_cloudtrail.main", &["no-op"], &trail, &trail);
    let trails = run::file("kept-unplanned-trails.json", &plan(&[there], &json!({})));
    let of_plan = snapshot(&[&trails], "kept-unplanned-plan.json");
    for (other, revokes) in [(&of_sources, false), (&of_plan, true)] {
        let found = findings(&[&keys, other]);
        let has = |rule: &str| found.iter().any(|it| it.contains(rule));
        assert_eq!(has("change-revokes-delivery"), revokes, "{found:?}");
        assert!(revokes || has("trail-key-denies-encrypt"), "{found:?}");
    }
}

/// A replica has no spec of its own: its snapshot says that it is symmetric, as its primary is.
#[test]
fn the_kind_of_a_replica_is_kept() {
    let replica = json!({"arn": KEY, "policy": "{}", "enabled": true});
    let replica = change("aws_kms_replica_key.trail", &["no-op"], &replica, &replica);
    let root = root(&[replica], &json!({}), "kept-kind");
    let values = values_of(&root, "aws_kms_replica_key.trail");
    assert_eq!(values["customer_master_key_spec"], "SYMMETRIC_DEFAULT");
    assert_eq!(values["key_usage"], "ENCRYPT_DECRYPT");
}

/// What a resource of its own set stays when Terraform lets go of that; whoever reads the snapshot sees it there, and not at the key.
#[test]
fn a_policy_of_which_terraform_lets_go_is_not_the_keys_own() {
    let policy = json!({"Version": "2012-10-17", "Statement": []}).to_string();
    let key = json!({"arn": KEY, "key_id": "1234abcd-12ab-34cd-56ef-1234567890ab", "policy": policy, "is_enabled": true,
        "customer_master_key_spec": "SYMMETRIC_DEFAULT", "key_usage": "ENCRYPT_DECRYPT"});
    let key = change("aws_kms_key.trail", &["no-op"], &key, &key);
    let own = json!({"key_id": KEY, "policy": policy});
    for (action, kept) in [("forget", Json::Null), ("delete", Json::Null)] {
        let released = change("aws_kms_key_policy.trail", &[action], &own, &Json::Null);
        let root = root(&[key.clone(), released], &json!({}), "kept-released");
        assert_eq!(
            values_of(&root, "aws_kms_key.trail")["policy"],
            kept,
            "{action}"
        );
    }
    let root = root(&[key], &json!({}), "kept-own");
    assert_eq!(values_of(&root, "aws_kms_key.trail")["policy"], policy);
}
