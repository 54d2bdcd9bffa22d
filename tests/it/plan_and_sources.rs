//! A plan beside its sources: what either of them alone does not tell.

use serde_json::{Value, json};

use crate::support::{check, run};

/// What `check` says of a plan, and of both together.
fn checked(name: &str, plan: &Value, sources: &str) -> [Value; 2] {
    let folder = run::folder(name, &[("main.tf", sources)]);
    let file = run::file(&format!("{name}.json"), &plan.to_string());
    [&["--no-source"][..], &["--source", &folder]].map(|with| {
        let args = [
            "check",
            &file,
            "--format",
            "json",
            "--account-id",
            "111122223333",
        ];
        let ended = check::run(&[&args, with].concat());
        assert!(ended.code < 2, "{}", ended.stderr);
        serde_json::from_str(&ended.stdout).unwrap()
    })
}

fn change(
    address: &str,
    actions: &[&str],
    before: &Value,
    after: &Value,
    unknown: &Value,
) -> Value {
    let (kind, name) = address.split_once('.').unwrap();
    json!({"address": address, "mode": "managed", "type": kind, "name": name, "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {"actions": actions, "before": before, "after": after, "after_unknown": unknown, "before_sensitive": {}, "after_sensitive": {}}})
}

fn block(address: &str, arguments: &Value) -> Value {
    let (kind, name) = address.split_once('.').unwrap();
    json!({"address": address, "mode": "managed", "type": kind, "name": name, "provider_config_key": "aws", "expressions": arguments})
}

fn plan(changes: &[Value], blocks: &[Value], region: &Value) -> Value {
    json!({"format_version": "1.2", "terraform_version": "1.15.5", "planned_values": {"root_module": {}}, "resource_changes": changes,
        "configuration": {"provider_config": {"aws": {"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws",
            "expressions": {"region": region}}}, "root_module": {"resources": blocks}}, "complete": true, "errored": false})
}

/// A policy for the trail `main` with these actions.
fn policy(actions: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": actions, "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main"}}}]})
    .to_string()
}

fn verdict<'r>(report: &'r Value, id: &str) -> &'r str {
    let mut all = report["subjects"][0]["requirements"]
        .as_array()
        .unwrap()
        .iter();
    all.find(|it| it["id"] == id).unwrap()["verdict"]
        .as_str()
        .unwrap()
}

fn rules(report: &Value) -> Vec<&str> {
    let all = report["findings"].as_array().unwrap().iter();
    all.map(|it| it["rule"].as_str().unwrap()).collect()
}

/// The key and trail of a plan that makes both.
fn made(key: &Value, unknown: &Value) -> [Value; 2] {
    let trail = json!({"name": "main", "s3_bucket_name": "logs", "is_organization_trail": false});
    [
        change(
            "aws_cloudtrail.main",
            &["create"],
            &Value::Null,
            &trail,
            &json!({"arn": true, "home_region": true, "kms_key_id": true}),
        ),
        change("aws_kms_key.trail", &["create"], &Value::Null, key, unknown),
    ]
}

fn trail_block() -> Value {
    block(
        "aws_cloudtrail.main",
        &json!({"kms_key_id": {"references": ["aws_kms_key.trail.arn", "aws_kms_key.trail"]}}),
    )
}

const TRAIL: &str = r#"
    resource "aws_cloudtrail" "main" {
      name           = "main"
      s3_bucket_name = "logs"
      kms_key_id     = aws_kms_key.trail.arn
    }
"#;

/// A plan lists what a provider's Region refers to, and not its value.
#[test]
fn the_sources_say_where_a_provider_works() {
    let actions = json!(["kms:GenerateDataKey*", "kms:DescribeKey"]);
    // The statement is for keys of one Region.
    let policy = policy(&actions).replace("\"*\"", "\"arn:aws:kms:eu-west-1:111122223333:key/*\"");
    let changes = made(
        &json!({"policy": policy}),
        &json!({"arn": true, "key_id": true, "id": true}),
    );
    let blocks = [
        trail_block(),
        block(
            "aws_kms_key.trail",
            &json!({"policy": {"references": ["local.policy"]}}),
        ),
    ];
    let region = json!({"references": ["local.regions[0]", "local.regions"]});
    for (home, wanted) in [("eu-west-1", "allowed"), ("us-east-1", "denied")] {
        let sources = format!(
            "locals {{\n  regions = [\"{home}\"]\n  policy  = jsonencode({policy})\n}}\nprovider \"aws\" {{\n  region = local.regions[0]\n}}\nresource \"aws_kms_key\" \"trail\" {{\n  policy = local.policy\n}}\n{TRAIL}"
        );
        let [alone, both] = checked("both-region", &plan(&changes, &blocks, &region), &sources);
        assert_eq!(verdict(&alone, "cloudtrail-encrypt"), "conditional");
        assert_eq!(verdict(&both, "cloudtrail-encrypt"), wanted);
        let arn = both["keys"][0]["arn"].as_str().unwrap();
        assert!(
            arn.starts_with(&format!("arn:aws:kms:{home}:111122223333:key/")),
            "{arn}"
        );
    }
}

/// An argument that is set to null is not set: the key gets AWS's default policy.
#[test]
fn a_policy_that_is_null_is_none() {
    let changes = made(
        &json!({}),
        &json!({"arn": true, "key_id": true, "id": true, "policy": true}),
    );
    let blocks = [
        trail_block(),
        block(
            "aws_kms_key.trail",
            &json!({"policy": {"references": ["var.policy"]}, "description": {"constant_value": "logs"}}),
        ),
    ];
    let region = json!({"constant_value": "eu-west-1"});
    let sources = format!(
        "variable \"policy\" {{\n  default = null\n}}\nresource \"aws_kms_key\" \"trail\" {{\n  description = \"logs\"\n  policy      = var.policy\n}}\n{TRAIL}"
    );
    let [alone, both] = checked("both-null", &plan(&changes, &blocks, &region), &sources);
    assert_eq!(verdict(&alone, "cloudtrail-encrypt"), "undecided");
    assert_eq!(verdict(&both, "cloudtrail-encrypt"), "denied");
    assert_eq!(both["keys"][0]["policy"], "default");
}

const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// The key and trail of a plan that sets another policy.
fn updated(before: &Value, after: &Value) -> Value {
    let key = |actions: &Value| json!({"arn": KEY, "key_id": "1234abcd-12ab-34cd-56ef-1234567890ab", "policy": policy(actions)});
    let trail = json!({"name": "main", "arn": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main", "home_region": "eu-west-1",
        "kms_key_id": KEY, "s3_bucket_name": "logs", "is_organization_trail": false});
    let (before, after) = (key(before), key(after));
    let actions: &[&str] = if before == after {
        &["no-op"]
    } else {
        &["update"]
    };
    let changes = [
        change(
            "aws_cloudtrail.main",
            &["no-op"],
            &trail,
            &trail,
            &json!({}),
        ),
        change("aws_kms_key.trail", actions, &before, &after, &json!({})),
    ];
    let blocks = [
        trail_block(),
        block(
            "aws_kms_key.trail",
            &json!({"policy": {"references": ["local.policy"]}}),
        ),
    ];
    plan(&changes, &blocks, &json!({"constant_value": "eu-west-1"}))
}

fn sources(actions: &Value) -> String {
    format!(
        "locals {{\n  policy = jsonencode({})\n}}\nresource \"aws_kms_key\" \"trail\" {{\n  policy = local.policy\n}}\n{TRAIL}",
        policy(actions)
    )
}

/// What was before is the plan's to say, whatever the sources say of what comes.
#[test]
fn the_sources_say_nothing_of_what_was_before() {
    let (good, bad) = (
        json!(["kms:GenerateDataKey*", "kms:DescribeKey"]),
        json!("kms:DescribeKey"),
    );
    for (before, after, revokes) in [
        (&good, &bad, true),
        (&bad, &bad, false),
        (&bad, &good, false),
    ] {
        let reports = checked("both-before", &updated(before, after), &sources(after));
        for report in &reports {
            assert_eq!(
                rules(report).contains(&"change-revokes-delivery"),
                revokes,
                "{report}"
            );
        }
    }
}

/// AWS takes one action for a list of it. One is not the list of two of which it is the first.
#[test]
fn one_action_is_not_the_first_of_several() {
    let one = json!("kms:GenerateDataKey");
    for (other, differs) in [
        (json!(["kms:GenerateDataKey"]), false),
        (json!(["kms:GenerateDataKey", "kms:DescribeKey"]), true),
        (json!([]), true),
    ] {
        for (planned, written) in [(&one, &other), (&other, &one)] {
            let [_, both] = checked(
                "both-actions",
                &updated(planned, planned),
                &sources(written),
            );
            assert_eq!(
                rules(&both).contains(&"sources-differ"),
                differs,
                "{planned} {written}"
            );
        }
    }
}

/// Sources that do not know which instances there are say of one what they say of all.
#[test]
fn what_is_written_for_all_instances_is_so_for_each() {
    let actions = json!(["kms:GenerateDataKey*", "kms:DescribeKey"]);
    let mut changes = made(
        &json!({}),
        &json!({"arn": true, "key_id": true, "id": true, "policy": true}),
    );
    changes[1]["address"] = json!("aws_kms_key.trail[\"a\"]");
    changes[1]["index"] = json!("a");
    let mut trail = trail_block();
    let references = [
        "aws_kms_key.trail[\"a\"].arn",
        "aws_kms_key.trail[\"a\"]",
        "aws_kms_key.trail",
    ];
    trail["expressions"]["kms_key_id"]["references"] = json!(references);
    let blocks = [
        trail,
        block(
            "aws_kms_key.trail",
            &json!({"policy": {"references": ["local.policy"]}}),
        ),
    ];
    let region = json!({"constant_value": "eu-west-1"});
    let sources = format!(
        "data \"http\" \"names\" {{\n  url = \"https://example.com\"\n}}\nlocals {{\n  policy = jsonencode({})\n}}\nresource \"aws_kms_key\" \"trail\" {{\n  for_each = toset(jsondecode(data.http.names.response_body))\n  policy   = local.policy\n}}\n{}",
        policy(&actions),
        TRAIL.replace("aws_kms_key.trail.arn", "aws_kms_key.trail[\"a\"].arn")
    );
    let [alone, both] = checked("both-template", &plan(&changes, &blocks, &region), &sources);
    assert_eq!(verdict(&alone, "cloudtrail-encrypt"), "undecided");
    assert_eq!(verdict(&both, "cloudtrail-encrypt"), "allowed");
}

/// A policy that the plan knows tells the account that the sources do not name.
#[test]
fn what_the_plan_knows_tells_what_the_sources_leave_open() {
    let document = |account: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"cloudtrail.amazonaws.com"}},"Action":["kms:GenerateDataKey*","kms:DescribeKey"],"Resource":"*","Condition":{{"StringEquals":{{"aws:SourceAccount":"{account}"}}}}}}]}}"#
        )
    };
    let changes = made(
        &json!({"policy": document("111122223333")}),
        &json!({"arn": true, "key_id": true, "id": true}),
    );
    let block_of = block(
        "aws_kms_key.trail",
        &json!({"policy": {"references": ["data.aws_caller_identity.me.account_id", "data.aws_caller_identity.me"]}}),
    );
    let region = json!({"constant_value": "eu-west-1"});
    let plan = plan(&changes, &[trail_block(), block_of], &region);
    let sources = format!(
        "data \"aws_caller_identity\" \"me\" {{}}\nresource \"aws_kms_key\" \"trail\" {{\n  policy = <<-JSON\n    {}\n  JSON\n}}\n{TRAIL}",
        document("${data.aws_caller_identity.me.account_id}")
    );
    let folder = run::folder("both-told", &[("main.tf", &sources)]);
    let file = run::file("both-told.json", &plan.to_string());
    for (with, wanted) in [
        (&["--no-source"][..], "conditional"),
        (&["--source", &folder], "allowed"),
    ] {
        let ended = check::run(&[&["check", &file, "--format", "json"], with].concat());
        let report: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(verdict(&report, "cloudtrail-encrypt"), wanted, "{with:?}");
    }
}

/// A plan holds no locals: its sources say what the trail waits for by them.
#[test]
fn a_local_of_the_sources_tells_what_waits() {
    let actions = json!(["kms:GenerateDataKey*", "kms:DescribeKey"]);
    let [trail, key] = made(
        &json!({}),
        &json!({"arn": true, "key_id": true, "id": true, "policy": true}),
    );
    let separate = change(
        "aws_kms_key_policy.trail",
        &["create"],
        &Value::Null,
        &json!({"policy": policy(&actions)}),
        &json!({"key_id": true}),
    );
    let of_local = json!({"kms_key_id": {"references": ["local.key"]}});
    let of_key = json!({"key_id": {"references": ["aws_kms_key.trail.arn", "aws_kms_key.trail"]}});
    let blocks = [
        block("aws_cloudtrail.main", &of_local),
        block("aws_kms_key.trail", &json!({})),
        block("aws_kms_key_policy.trail", &of_key),
    ];
    let region = json!({"constant_value": "eu-west-1"});
    let plan = plan(&[trail, key, separate], &blocks, &region);
    for (local, is_early) in [
        ("aws_kms_key_policy.trail.key_id", false),
        ("aws_kms_key.trail.arn", true),
    ] {
        let sources = format!(
            "locals {{\n  key = {local}\n}}\nresource \"aws_kms_key\" \"trail\" {{}}\nresource \"aws_kms_key_policy\" \"trail\" {{\n  key_id = aws_kms_key.trail.arn\n  policy = jsonencode({})\n}}\n{}",
            policy(&actions),
            TRAIL.replace("aws_kms_key.trail.arn", "local.key")
        );
        let [_, both] = checked("both-waits", &plan, &sources);
        let found = rules(&both).contains(&"trail-policy-race");
        assert_eq!(found, is_early, "{local} {:?}", rules(&both));
        let orders = both["findings"].as_array().unwrap().iter();
        let mut races = orders.filter(|it| it["rule"] == "trail-policy-race");
        assert!(races.all(|it| it["verdict"] != "undecided"), "{local}");
    }
}

/// A policy that does not change stands where the sources write it, before as after: what allowed until then is shown there.
#[test]
fn what_stays_was_where_the_sources_write_it() {
    let text = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "kms:*", "Resource": "*", "Condition": {"StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::logs/old/*"}}}]})
    .to_string();
    let key = |rotated: bool| json!({"arn": KEY, "key_id": "1234abcd-12ab-34cd-56ef-1234567890ab", "enable_key_rotation": rotated, "policy": text});
    let trail = |prefix: &str| {
        json!({"name": "main", "arn": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main", "home_region": "eu-west-1",
            "kms_key_id": KEY, "s3_bucket_name": "logs", "s3_key_prefix": prefix, "is_organization_trail": false})
    };
    let bucket = json!({"bucket": "logs", "arn": "arn:aws:s3:::logs"});
    let none = json!({});
    let changes = [
        change(
            "aws_cloudtrail.main",
            &["update"],
            &trail("old"),
            &trail("new"),
            &none,
        ),
        change(
            "aws_kms_key.trail",
            &["update"],
            &key(false),
            &key(true),
            &none,
        ),
        change("aws_s3_bucket.logs", &["no-op"], &bucket, &bucket, &none),
    ];
    let blocks = [
        trail_block(),
        block(
            "aws_kms_key.trail",
            &json!({"policy": {"references": ["local.policy"]}}),
        ),
        block("aws_s3_bucket.logs", &json!({})),
    ];
    let plan = plan(&changes, &blocks, &json!({"constant_value": "eu-west-1"}));
    let sources = format!(
        "locals {{\n  policy = jsonencode({text})\n}}\nresource \"aws_kms_key\" \"trail\" {{\n  enable_key_rotation = true\n  policy              = local.policy\n}}\nresource \"aws_s3_bucket\" \"logs\" {{\n  bucket = \"logs\"\n}}\n{}",
        TRAIL.replace(
            "s3_bucket_name = \"logs\"",
            "s3_bucket_name = \"logs\"\n      s3_key_prefix  = \"new\""
        )
    );
    let files = checked("both-stays", &plan, &sources).map(|report| {
        let mut findings = report["findings"].as_array().unwrap().iter();
        let revoked = findings.find(|it| it["rule"] == "change-revokes-delivery");
        let mut labels = revoked.unwrap()["locations"].as_array().unwrap().iter();
        let until = labels.find(|it| it["label"].as_str().unwrap().contains("until then"));
        let file = until.unwrap()["file"].as_str().unwrap();
        file.rsplit('/').next().unwrap().to_owned()
    });
    assert_eq!(files, ["both-stays.json", "main.tf"]);
}
