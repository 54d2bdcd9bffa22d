//! What is an input's own: its bucket among those of one name, what is noted of it, and which account is the management account.

use keytrail::resolve::Options;
use serde_json::{Value, json};

use crate::support::sketch::{Judged, KEY_ID, Sketch, judge_all};
use crate::support::{check, run};

const MANAGEMENT: &str = "999988887777";

/// CloudTrail may use the key where the condition holds.
fn policy(condition: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["kms:GenerateDataKey*", "kms:DescribeKey", "kms:Decrypt"], "Resource": "*", "Condition": condition}]})
    .to_string()
}

fn encrypts(judged: &Judged, address: &str) -> &'static str {
    let mut subjects = judged.model.subjects.iter();
    let subject = subjects.find(|it| it.address == address).expect(address);
    let mut all = subject.requirements.iter();
    let found = all.find(|it| it.id == "cloudtrail-encrypt");
    found.map_or("not asked", |it| it.verdict.word())
}

/// Neither of the two has an ARN, so that both stay: the root that delivers to the bucket is believed before another one.
#[test]
fn the_encryption_of_the_trails_own_input_counts() {
    let address = "aws_s3_bucket_server_side_encryption_configuration.logs";
    let rule = |has_key: bool| json!({"bucket": "logs", "rule": [{"bucket_key_enabled": has_key}]});
    for (own, decrypt) in [(true, Some("allowed")), (false, None)] {
        let plan = Sketch::new(policy(&json!({}))).with(address, &rule(own));
        let mut other: Value = serde_json::from_str(&plan.plan()).unwrap();
        let changes = other["resource_changes"].as_array_mut().unwrap();
        changes.retain(|it| it["address"] == address);
        for side in ["before", "after"] {
            changes[0]["change"][side] = rule(!own);
        }
        let plan = run::file("own-encryption.json", &plan.plan());
        let other = run::file("own-encryption-other.json", &other.to_string());
        for inputs in [[&plan, &other], [&other, &plan]] {
            let said = check::check(&[inputs[0], inputs[1], "--no-source"]);
            let mut all = said.verdicts.iter();
            let found = all.find(|(row, _)| row.requirement == "cloudtrail-decrypt");
            assert_eq!(
                found.map(|(_, it)| it.as_str()),
                decrypt,
                "{own} {inputs:?}"
            );
        }
    }
}

/// An account that one input contradicts and the other one does not is noted at the one.
#[test]
fn a_flag_that_an_input_contradicts_is_noted_at_that_input() {
    let plans = ["111122223333", "444455556666"].map(|it| {
        Sketch::new(policy(&json!({})))
            .account(it)
            .trail(json!({"name": it}))
            .plan()
    });
    for (given, noted) in [("444455556666", 0), ("111122223333", 1)] {
        let mut options = Options::default();
        options.given.accounts.push((None, given.to_owned()));
        let judged = judge_all(&plans, &options);
        let start = format!("`--account-id {given}` is not used");
        let told = judged.model.inputs.iter().map(|input| {
            let mut notes = input.notes.iter();
            notes.any(|it| it.starts_with(&start))
        });
        let told: Vec<bool> = told.collect();
        assert_eq!(told, [noted == 0, noted == 1], "{given}");
    }
}

/// What is in two inputs is left out of the one, and noted there.
#[test]
fn what_is_left_out_is_noted_where_it_is_left_out() {
    let plan = Sketch::new(policy(&json!({}))).plan();
    let judged = judge_all(&[plan.clone(), plan], &Options::default());
    let notes = judged.model.inputs.iter().map(|it| it.notes.clone());
    let notes: Vec<Vec<String>> = notes.collect();
    let told = "2 resources are also in `plan.json`, which counts".to_owned();
    assert_eq!(notes, [vec![], vec![told]]);
}

/// The ARN of an organization's trail has the management account, and that of another trail has its own.
#[test]
fn only_an_organizations_trail_tells_the_management_account() {
    let arn = "arn:aws:cloudtrail:us-east-1:111122223333:trail/organization";
    let policy = policy(&json!({"StringEquals": {"aws:SourceArn": arn}}));
    let new = json!({"name": "organization", "s3_bucket_name": "logs", "is_organization_trail": true, "region": "us-east-1",
        "kms_key_id": format!("arn:aws:kms:us-east-1:111122223333:key/{KEY_ID}")});
    for (is_organization, verdict) in [(true, "allowed"), (false, "conditional")] {
        let judged = Sketch::new(policy.clone())
            .trail(json!({"is_organization_trail": is_organization}))
            .later("aws_cloudtrail.organization", &new, &[("arn", &[])])
            .judge();
        let found = encrypts(&judged, "aws_cloudtrail.organization");
        assert_eq!(found, verdict, "{is_organization}");
    }
}

/// The trail of a landing zone is one of the management account, wherever the key is.
#[test]
fn a_landing_zone_outside_the_inputs_is_in_the_management_account() {
    let zone = |organization: Option<&str>| {
        let policy = policy(&json!({"StringEquals": {"aws:SourceAccount": MANAGEMENT}}));
        let sketch = Sketch::new(policy).control_tower("aws_kms_key.trail");
        let sketch = match organization {
            Some(account) => sketch.with(
                "data.aws_organizations_organization.it",
                &json!({"id": "o-a1b2c3d4e5", "master_account_id": account}),
            ),
            None => sketch,
        };
        sketch
            .judge()
            .verdict("controltower-cloudtrail-encrypt", None)
    };
    assert_eq!(zone(Some(MANAGEMENT)), "allowed");
    assert_eq!(zone(Some("111122223333")), "denied");
    // Nobody names it: the key must be in the management account, so it is the key's.
    assert_eq!(zone(None), "denied");
}

/// A plan of a new trail `main` in a module, with these provider configurations, and with what refers to its Region.
fn of_provider(
    providers: &Value,
    provider: &str,
    path: &str,
    region: Option<&str>,
) -> &'static str {
    let arn = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/main";
    let policy = policy(&json!({"StringEquals": {"aws:SourceArn": arn}}));
    let mut plan: Value = serde_json::from_str(&Sketch::new(policy).plan()).unwrap();
    let trail = &mut plan["resource_changes"][0];
    trail["address"] = json!(format!("{path}aws_cloudtrail.main"));
    trail["change"]["actions"] = json!(["create"]);
    trail["change"]["before"] = Value::Null;
    let after = trail["change"]["after"].as_object_mut().unwrap();
    after.remove("arn");
    after.remove("home_region");
    trail["change"]["after_unknown"] = json!({"arn": true, "home_region": true, "region": true});
    let mut expressions = json!({"name": {"constant_value": "main"}});
    if let Some(region) = region {
        expressions["region"] = json!({"references": [region]});
    }
    let block = json!({"address": "aws_cloudtrail.main", "mode": "managed", "type": "aws_cloudtrail", "name": "main",
        "provider_config_key": provider, "expressions": expressions});
    let mut module = json!({"resources": [block]});
    for name in path.split("module.").filter(|it| !it.is_empty()) {
        let name = name.trim_end_matches('.');
        module = json!({"module_calls": {name: {"source": "./m", "module": module}}});
    }
    plan["configuration"] = json!({"provider_config": providers, "root_module": module});
    let judged = judge_all(&[plan.to_string()], &Options::default());
    encrypts(&judged, &format!("{path}aws_cloudtrail.main"))
}

fn provider(region: Option<&str>) -> Value {
    let mut it = json!({"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws"});
    if let Some(region) = region {
        it["expressions"] = json!({"region": {"constant_value": region}});
    }
    it
}

/// A Region that only the apply tells is the provider's, unless the block asks for one of its own.
#[test]
fn a_region_that_is_not_configured_is_the_providers() {
    for (home, region, verdict) in [
        ("eu-west-1", None, "allowed"),
        ("us-east-1", None, "denied"),
        ("eu-west-1", Some("var.region"), "undecided"),
        ("us-east-1", Some("var.region"), "undecided"),
    ] {
        let providers = json!({"aws": provider(Some(home))});
        let found = of_provider(&providers, "aws", "", region);
        assert_eq!(found, verdict, "{home} {region:?}");
    }
}

/// A provider of a nested module that says nothing is the nearest one above it that says something.
#[test]
fn a_provider_of_a_module_is_the_one_above() {
    let (here, there, none) = (Some("eu-west-1"), Some("us-east-1"), None);
    for (root, outer, inner, verdict) in [
        (here, none, none, "allowed"),
        (there, none, none, "denied"),
        (there, here, none, "allowed"),
        (here, there, none, "denied"),
        (there, there, here, "allowed"),
        (here, here, there, "denied"),
    ] {
        let providers = json!({"aws": provider(root), "module.m:aws": provider(outer), "module.m.module.m:aws": provider(inner)});
        let path = "module.m.module.m.";
        let found = of_provider(&providers, "module.m.module.m:aws", path, None);
        assert_eq!(found, verdict, "{root:?} {outer:?} {inner:?}");
    }
}

/// The ARN of an organization's trail is of the management account, whichever account the provider works in.
#[test]
fn an_organizations_trail_does_not_tell_the_providers_account() {
    let arn =
        |account: &str, name: &str| format!("arn:aws:cloudtrail:us-east-1:{account}:trail/{name}");
    let key = json!({"policy": policy(&json!({"StringEquals": {"aws:SourceArn": arn(MANAGEMENT, "own")}}))});
    for (is_organization, verdict) in [(true, "conditional"), (false, "allowed")] {
        let change = |address: &str,
                      kind: &str,
                      name: &str,
                      action: &str,
                      after: &Value,
                      unknown: &Value| {
            let before = if action == "create" {
                &Value::Null
            } else {
                after
            };
            json!({"address": address, "mode": "managed", "type": kind, "name": name, "change": {"actions": [action],
                "before": before, "after": after, "after_unknown": unknown, "before_sensitive": {}, "after_sensitive": {}}})
        };
        let there = json!({"name": "there", "arn": arn(MANAGEMENT, "there"), "home_region": "us-east-1", "s3_bucket_name": "logs",
            "is_organization_trail": is_organization});
        let own = json!({"name": "own", "s3_bucket_name": "logs", "region": "us-east-1", "is_organization_trail": false});
        let changes = [
            change(
                "aws_cloudtrail.there",
                "aws_cloudtrail",
                "there",
                "no-op",
                &there,
                &json!({}),
            ),
            change(
                "aws_cloudtrail.own",
                "aws_cloudtrail",
                "own",
                "create",
                &own,
                &json!({"arn": true, "kms_key_id": true}),
            ),
            change(
                "aws_kms_key.new",
                "aws_kms_key",
                "new",
                "create",
                &key,
                &json!({"arn": true, "id": true, "key_id": true}),
            ),
        ];
        let references =
            json!({"kms_key_id": {"references": ["aws_kms_key.new.arn", "aws_kms_key.new"]}});
        let block = json!({"address": "aws_cloudtrail.own", "mode": "managed", "type": "aws_cloudtrail", "name": "own", "expressions": references});
        let plan = json!({"format_version": "1.2", "terraform_version": "1.15.5", "planned_values": {"root_module": {}},
            "resource_changes": changes, "configuration": {"root_module": {"resources": [block]}}, "complete": true, "errored": false});
        let judged = judge_all(&[plan.to_string()], &Options::default());
        let found = encrypts(&judged, "aws_cloudtrail.own");
        assert_eq!(found, verdict, "{is_organization}");
    }
}

/// A name of a provider configuration that no input has: those that there are, are listed.
#[test]
fn a_configuration_that_is_not_there_is_told() {
    let plan = |providers: &Value| {
        let mut plan: Value =
            serde_json::from_str(&Sketch::new(policy(&json!({}))).plan()).unwrap();
        plan["configuration"] = json!({"provider_config": providers, "root_module": {}});
        plan.to_string()
    };
    let mut west = provider(Some("us-west-2"));
    west["alias"] = json!("west");
    let one = json!({"aws": provider(None)});
    let two = json!({"aws": provider(None), "aws.west": west});
    for (providers, told) in [(one, "is `aws`"), (two, "are `aws`, `aws.west`")] {
        let mut options = Options::default();
        let name = Some("somewhere-else".to_owned());
        options.given.regions.push((name, "us-east-1".to_owned()));
        let judged = judge_all(&[plan(&providers)], &options);
        let wanted = format!(
            "`--region somewhere-else=us-east-1` is not used: no input has a provider configuration `somewhere-else`, and there {told}"
        );
        assert_eq!(judged.model.inputs[0].notes, [wanted]);
    }
}

/// The accounts in which the inputs' providers work are no strangers'.
#[test]
fn an_account_of_another_input_is_not_foreign() {
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Action": "kms:Decrypt", "Resource": "*"}]});
    for (account, is_foreign) in [("444455556666", false), ("555566667777", true)] {
        let judged = Sketch::new(policy.to_string()).beside(account, &[]).judge();
        let found = judged.finding("key-policy-foreign-account").is_some();
        assert_eq!(found, is_foreign, "{account} {:?}", judged.rules());
    }
}

/// Where the policies of an account decide, the account is named once, whoever is delegated.
#[test]
fn whose_policies_are_not_seen_is_told() {
    let root = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}]});
    let nobody = policy(&json!({}));
    let reader = |name: &str| format!("arn:aws:iam::111122223333:role/{name}");
    for (policy, told) in [
        (
            root.to_string(),
            &["IAM policies of account 111122223333"][..],
        ),
        (nobody, &[]),
    ] {
        let judged = Sketch::new(policy)
            .reader(&reader("one"))
            .reader(&reader("two"))
            .judge();
        let lines = judged.model.not_seen.iter();
        let lines: Vec<&str> = lines
            .map(String::as_str)
            .filter(|it| it.starts_with("IAM policies"))
            .collect();
        assert_eq!(lines, told);
    }
}
