//! What a plan changes: the world before it beside the one after it.

use crate::support::check::{Checked, run};
use crate::support::sketch::{Judged, KEY_ID, Sketch, judge};
use keytrail::model::Past;
use keytrail::policy::Verdict;
use keytrail::resolve::Options;
use serde_json::{Value, json};

const ARN: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// The statements of a policy: the account's, and CloudTrail's with those actions.
fn policy(actions: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
        {"Sid": "Trail", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": actions, "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"}}},
    ]})
    .to_string()
}

fn good() -> String {
    policy(&json!(["kms:GenerateDataKey*", "kms:DescribeKey"]))
}

fn bad() -> String {
    policy(&json!(["kms:DescribeKey"]))
}

/// A plan that changes nothing, to be changed.
fn plan(policy: &str) -> Value {
    serde_json::from_str(&Sketch::new(policy).plan()).unwrap()
}

const TRAIL: usize = 0;
const KEY: usize = 1;

/// The change of a resource of [`plan`].
fn change(plan: &mut Value, at: usize) -> &mut Value {
    &mut plan["resource_changes"][at]["change"]
}

/// Updates the key's policy.
fn to(plan: &mut Value, policy: &str) {
    let change = change(plan, KEY);
    change["actions"] = json!(["update"]);
    change["after"]["policy"] = json!(policy);
}

fn judged(plan: &Value) -> Judged {
    judge(&plan.to_string(), &Options::default())
}

/// `encrypt` and `describe`, as they were.
fn before(judged: &Judged) -> [Option<Verdict>; 2] {
    let subject = judged.model.subjects.first().unwrap();
    ["cloudtrail-encrypt", "cloudtrail-describe"].map(|id| {
        let mut requirements = subject.requirements.iter();
        requirements.find(|it| it.id == id).unwrap().before
    })
}

const ALLOWED: Option<Verdict> = Some(Verdict::Allowed);
const DENIED: Option<Verdict> = Some(Verdict::Denied);

#[test]
fn a_plan_that_changes_nothing_has_the_same_answers_before() {
    let judged = judged(&plan(&bad()));
    assert!(matches!(judged.model.past, Past::Same));
    assert_eq!(before(&judged), [DENIED, ALLOWED]);
    assert!(judged.finding("change-revokes-delivery").is_none());
}

#[test]
fn an_update_has_its_answers_before() {
    let mut plan = plan(&good());
    to(&mut plan, &bad());
    let judged = judged(&plan);
    assert_eq!(before(&judged), [ALLOWED, ALLOWED]);
    let finding = judged.finding("change-revokes-delivery").unwrap();
    assert_eq!(finding.requirement, Some("cloudtrail-encrypt"));
    let told = |text: &str| finding.labels.iter().any(|it| it.text.contains(text));
    assert!(told("statement 2 allows it until then"));
}

/// What a plan creates was not there, and a state knows no other time.
#[test]
fn what_is_new_has_no_answers_before() {
    let mut created = plan(&bad());
    for at in [TRAIL, KEY] {
        let change = change(&mut created, at);
        change["actions"] = json!(["create"]);
        change["before"] = Value::Null;
    }
    assert_eq!(before(&judged(&created)), [None, None]);
    let mut trail = plan(&bad());
    let new = change(&mut trail, TRAIL);
    new["actions"] = json!(["create"]);
    new["before"] = Value::Null;
    let judged = judged(&trail);
    assert_eq!(before(&judged), [None, None]);
    assert!(judged.finding("change-revokes-delivery").is_none());
    assert!(judged.finding("trail-key-denies-encrypt").is_some());
}

#[test]
fn what_was_moved_or_imported_is_what_it_was() {
    let mut moved = plan(&good());
    to(&mut moved, &bad());
    moved["resource_changes"][KEY]["previous_address"] = json!("module.old.aws_kms_key.key");
    moved["resource_changes"][TRAIL]["previous_address"] = json!("aws_cloudtrail.old");
    let moved = judged(&moved);
    assert_eq!(before(&moved), [ALLOWED, ALLOWED]);
    assert!(moved.finding("change-revokes-delivery").is_some());
    let mut imported = plan(&bad());
    to(&mut imported, &good());
    change(&mut imported, KEY)["importing"] = json!({"id": KEY_ID});
    let imported = judged(&imported);
    assert_eq!(before(&imported), [DENIED, ALLOWED]);
    assert!(imported.findings.is_empty(), "{:?}", imported.rules());
}

/// The rest of an earlier replacement is no key that a trail uses.
#[test]
fn deposed_objects_are_not_looked_at() {
    let mut plan = plan(&good());
    let mut deposed = plan["resource_changes"][KEY].clone();
    deposed["deposed"] = json!("ab12cd34");
    deposed["change"]["actions"] = json!(["delete"]);
    deposed["change"]["after"] = Value::Null;
    deposed["change"]["before"]["policy"] = json!(bad());
    plan["resource_changes"]
        .as_array_mut()
        .unwrap()
        .push(deposed);
    let judged = judged(&plan);
    assert!(matches!(judged.model.past, Past::Same));
    assert!(judged.findings.is_empty(), "{:?}", judged.rules());
}

/// Both orders of a replacement schedule the deletion of the old key.
#[test]
fn a_replaced_key_leaves_its_logs_behind() {
    for actions in [json!(["delete", "create"]), json!(["create", "delete"])] {
        let mut plan = plan(&good());
        let key = change(&mut plan, KEY);
        key["actions"] = actions;
        for name in ["arn", "id", "key_id"] {
            key["after"].as_object_mut().unwrap().remove(name);
            key["after_unknown"][name] = json!(true);
        }
        let follows = {
            let mut plan = plan.clone();
            let trail = change(&mut plan, TRAIL);
            trail["actions"] = json!(["update"]);
            trail["after"].as_object_mut().unwrap().remove("kms_key_id");
            trail["after_unknown"]["kms_key_id"] = json!(true);
            plan["configuration"]["root_module"]["resources"] = json!([
                {"address": "aws_cloudtrail.main", "mode": "managed", "type": "aws_cloudtrail", "name": "main",
                    "expressions": {"kms_key_id": {"references": ["aws_kms_key.trail.arn", "aws_kms_key.trail"]}}},
            ]);
            judged(&plan)
        };
        assert_eq!(follows.rules(), ["trail-history-unreadable"]);
        assert_eq!(before(&follows), [ALLOWED, ALLOWED]);
        // A trail that names the old key by its ARN stays with it.
        assert_eq!(judged(&plan).rules(), ["trail-key-deleted"]);
    }
}

/// A key that Terraform lets go of stays as it is in AWS, with or without a successor.
#[test]
fn a_forgotten_key_is_one_outside_the_inputs() {
    let mut forgotten = plan(&good());
    let key = change(&mut forgotten, KEY);
    key["actions"] = json!(["forget"]);
    key["after"] = Value::Null;
    let judged = judged(&forgotten);
    assert_eq!(judged.rules(), ["trail-key-external"]);
    let finding = judged.finding("trail-key-external").unwrap();
    assert!(
        finding.message.starts_with("the plan lets go of the key"),
        "{}",
        finding.message
    );
}

/// What the plan leaves out may take the trail to another key.
#[test]
fn a_plan_that_leaves_things_out_does_not_say_that_the_key_is_in_use() {
    let verdict = |edit: &dyn Fn(&mut Value)| {
        let mut plan = plan(&good());
        let key = change(&mut plan, KEY);
        key["actions"] = json!(["delete"]);
        key["after"] = Value::Null;
        edit(&mut plan);
        let judged = judged(&plan);
        judged.finding("trail-key-deleted").unwrap().verdict
    };
    assert_eq!(verdict(&|_| {}), None);
    let undecided = Some(Verdict::Undecided);
    assert_eq!(verdict(&|plan| plan["complete"] = json!(false)), undecided);
    assert_eq!(verdict(&|plan| plan["errored"] = json!(true)), undecided);
    // A trail that the plan itself changes is whole.
    let own = |plan: &mut Value| {
        plan["complete"] = json!(false);
        let trail = change(plan, TRAIL);
        trail["actions"] = json!(["update"]);
        trail["before"]["s3_key_prefix"] = json!("old");
    };
    assert_eq!(verdict(&own), None);
}

#[test]
fn the_first_key_of_a_trail_takes_nothing_away() {
    let mut plan = plan(&bad());
    let trail = change(&mut plan, TRAIL);
    trail["actions"] = json!(["update"]);
    trail["before"]["kms_key_id"] = json!("");
    let judged = judged(&plan);
    assert_eq!(before(&judged), [None, None]);
    assert_eq!(judged.rules(), ["trail-key-denies-encrypt"]);
}

/// A document that somebody cut down to its values says by them what changes.
#[test]
fn a_plan_without_changes_is_compared_by_its_values() {
    let cut = |after: &str| {
        let whole = plan(&good());
        let values = |policy: &str| {
            let changes = whole["resource_changes"].as_array().unwrap().iter();
            let resources: Vec<Value> = changes
                .map(|it| {
                    let mut values = it["change"]["after"].clone();
                    if it["type"] == "aws_kms_key" {
                        values["policy"] = json!(policy);
                    }
                    json!({"address": it["address"], "mode": "managed", "type": it["type"], "name": it["name"], "values": values})
                })
                .collect();
            json!({"root_module": {"resources": resources}})
        };
        json!({"format_version": "1.2", "terraform_version": "1.15.5", "planned_values": values(after),
            "prior_state": {"format_version": "1.0", "values": values(&good())}, "configuration": {"root_module": {}}})
    };
    let same = judged(&cut(&good()));
    assert!(matches!(same.model.past, Past::Same));
    let changed = judged(&cut(&bad()));
    assert_eq!(before(&changed), [ALLOWED, ALLOWED]);
    assert!(changed.finding("change-revokes-delivery").is_some());
}

/// A sensitive policy is compared, and nothing of it is shown, before as after.
#[test]
fn nothing_of_a_sensitive_policy_is_shown() {
    for side in ["before_sensitive", "after_sensitive"] {
        let mut plan = plan(&good());
        to(&mut plan, &bad());
        change(&mut plan, KEY)[side] = json!({"policy": true});
        let path = write(&format!("sensitive-{side}.json"), &plan);
        for format in keytrail::report::Format::ALL.iter().map(|it| it.word()) {
            let ended = run(&["check", &path, "--no-source", "--format", format]);
            assert_eq!(ended.code, 1, "{}", ended.stderr);
            let page = crate::support::run::without_pages(format, &ended.stdout);
            assert!(page.contains("change-revokes-delivery") || format == "counts");
            // The statement that allowed it, and the Sid of the one that does not.
            let shown = if side == "before_sensitive" {
                "until then"
            } else {
                "\"Trail\""
            };
            assert!(!page.contains(shown), "{side}: {page}");
        }
    }
}

fn write(name: &str, plan: &Value) -> String {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("change-{name}"));
    std::fs::write(&path, plan.to_string()).unwrap();
    path.display().to_string()
}

fn check(name: &str, plan: &Value, flags: &[&str]) -> (Checked, Value) {
    let path = write(name, plan);
    let args = [&["check", &path, "--no-source", "--format", "json"], flags].concat();
    let ended = run(&args);
    let report = serde_json::from_str(&ended.stdout).unwrap_or_default();
    (ended, report)
}

fn rules(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().unwrap().iter();
    // What a policy allows too much is the same before and after.
    let rules = findings.map(|it| it["rule"].as_str().unwrap());
    rules.filter(|it| !it.starts_with("key-policy-")).collect()
}

const CHANGED: &[&str] = &["--changed-only"];

#[test]
fn only_what_a_plan_makes_worse() {
    let mut worse = plan(&good());
    to(&mut worse, &bad());
    let (ended, report) = check("worse.json", &worse, CHANGED);
    assert_eq!(ended.code, 1);
    assert_eq!(
        rules(&report),
        ["change-revokes-delivery", "trail-key-denies-encrypt"]
    );
    // Denied before, for whatever reason, is not made worse.
    let mut still = plan(&bad());
    to(&mut still, &policy(&json!("kms:Describe*")));
    let (ended, report) = check("still.json", &still, CHANGED);
    assert_eq!((ended.code, rules(&report)), (0, vec![]));
    let note = report["inputs"][0]["notes"][0].as_str().unwrap();
    assert_eq!(
        note,
        "1 finding that was there before is left out (`--changed-only`)"
    );
    assert_eq!(check("still-all.json", &still, &[]).0.code, 1);
    // Of two requirements the one that was allowed.
    let mut other = plan(&bad());
    to(&mut other, &policy(&json!("kms:Encrypt")));
    let (_, report) = check("other.json", &other, CHANGED);
    assert_eq!(
        rules(&report),
        ["change-revokes-delivery", "trail-key-denies-describe"]
    );
}

#[test]
fn what_a_plan_creates_is_its_own() {
    let mut plan = plan(&bad());
    let trail = change(&mut plan, TRAIL);
    trail["actions"] = json!(["create"]);
    trail["before"] = Value::Null;
    let (ended, report) = check("created.json", &plan, CHANGED);
    assert_eq!(
        (ended.code, rules(&report)),
        (1, vec!["trail-key-denies-encrypt"])
    );
}

#[test]
fn a_plan_that_changes_nothing_makes_nothing_worse() {
    let (ended, report) = check("same.json", &plan(&bad()), CHANGED);
    assert_eq!((ended.code, rules(&report)), (0, vec![]));
}

/// Findings that no requirement is behind are those that the world before had not.
#[test]
fn other_findings_are_compared_with_those_before() {
    let mut disabled = plan(&good());
    change(&mut disabled, KEY)["actions"] = json!(["update"]);
    change(&mut disabled, KEY)["after"]["is_enabled"] = json!(false);
    let (_, report) = check("disabled.json", &disabled, CHANGED);
    assert_eq!(
        rules(&report),
        ["trail-key-disabled", "change-revokes-delivery"]
    );
    change(&mut disabled, KEY)["before"]["is_enabled"] = json!(false);
    change(&mut disabled, KEY)["after"]["enable_key_rotation"] = json!(true);
    let (ended, report) = check("disabled-before.json", &disabled, CHANGED);
    assert_eq!((ended.code, rules(&report)), (0, vec![]));
}

#[test]
fn without_a_plan_nothing_can_be_said_of_changes() {
    let state = json!({"format_version": "1.0", "terraform_version": "1.15.5", "values": {"root_module": {}}});
    let (ended, _) = check("state.json", &state, CHANGED);
    assert_eq!(ended.code, 2);
    assert!(
        ended.stderr.contains("no input is a plan"),
        "{}",
        ended.stderr
    );
}

/// A repair is praised, and is no finding; the trail that it is about comes first.
#[test]
fn a_plan_that_mends_is_praised() {
    let mut mended = plan(&bad());
    to(&mut mended, &good());
    let mut other = mended["resource_changes"][TRAIL].clone();
    other["address"] = json!("aws_cloudtrail.a");
    other["name"] = json!("a");
    for side in ["before", "after"] {
        other["change"][side]["kms_key_id"] = Value::Null;
    }
    mended["resource_changes"]
        .as_array_mut()
        .unwrap()
        .push(other);
    let path = write("mended.json", &mended);
    let ended = run(&["check", &path, "--no-source"]);
    assert_eq!(ended.code, 0);
    assert!(
        ended
            .stdout
            .contains("this plan mends: aws_cloudtrail.main (encrypt was denied)"),
        "{}",
        ended.stdout
    );
    assert!(ended.stdout.contains("encrypt (was denied), describe"));
    let place = |name: &str| ended.stdout.find(name).unwrap();
    assert!(place("trail aws_cloudtrail.main") < place("trail aws_cloudtrail.a "));
    let ended = run(&["check", &path, "--no-source", "--format", "json"]);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let subjects = report["subjects"].as_array().unwrap().iter();
    let main = subjects
        .into_iter()
        .find(|it| it["address"] == "aws_cloudtrail.main");
    assert_eq!(main.unwrap()["requirements"][0]["before"], "denied");
}

/// What is allowed now because everybody is let in is no repair.
#[test]
fn a_plan_that_opens_the_key_is_not_praised() {
    let open = policy(&json!(["kms:GenerateDataKey*", "kms:DescribeKey"]));
    let mut open: Value = serde_json::from_str(&open).unwrap();
    for statement in open["Statement"].as_array_mut().unwrap() {
        if statement["Principal"]["Service"] == "cloudtrail.amazonaws.com" {
            statement["Principal"] = json!("*");
            statement["Action"] = json!("kms:*");
            statement.as_object_mut().unwrap().remove("Condition");
        }
    }
    let mut opened = plan(&bad());
    to(&mut opened, &open.to_string());
    let path = write("opened.json", &opened);
    let ended = run(&["check", &path, "--no-source"]);
    assert_eq!(ended.code, 1, "{}", ended.stdout);
    assert!(
        ended.stdout.contains("key-policy-public"),
        "{}",
        ended.stdout
    );
    assert!(
        !ended.stdout.contains("this plan mends"),
        "{}",
        ended.stdout
    );
}

/// The trail is in one root, its key in another: the plan of the one takes away what the other needs.
#[test]
fn a_plan_of_another_root_is_seen() {
    let mut keys = plan(&good());
    to(&mut keys, &bad());
    keys["resource_changes"]
        .as_array_mut()
        .unwrap()
        .remove(TRAIL);
    let mut trail = plan(&good())["resource_changes"][TRAIL].clone();
    trail["values"] = trail["change"]["after"].take();
    let state = json!({"format_version": "1.0", "terraform_version": "1.15.5",
        "values": {"root_module": {"resources": [trail]}}});
    let (keys, state) = (write("keys.json", &keys), write("trails.json", &state));
    let ended = run(&["check", &keys, &state, "--no-source", "--format", "json"]);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(
        rules(&report),
        ["change-revokes-delivery", "trail-key-denies-encrypt"]
    );
    assert_eq!(report["findings"][0]["subject"], "in1:aws_cloudtrail.main");
    assert!(
        report["findings"][0]["message"]
            .as_str()
            .unwrap()
            .contains("aws_kms_key.trail")
    );
    assert!(ARN.ends_with(KEY_ID));
}

/// A bucket that gets an S3 Bucket Key has the bucket's ARN in the context of its log files from then on.
#[test]
fn what_is_created_beside_a_trail_may_take_something_from_it() {
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "kms:*", "Resource": "*", "Condition": {"StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::logs/*"}}}]});
    let bucket = json!({"bucket": "logs", "arn": "arn:aws:s3:::logs"});
    let sketch = || Sketch::new(policy.to_string()).with("aws_s3_bucket.logs", &bucket);
    let encrypt = |judged: &Judged| {
        let mut all = judged.model.subjects[0].requirements.iter();
        let it = all.find(|it| it.id == "cloudtrail-encrypt").unwrap();
        (it.before, it.verdict)
    };
    let rule = json!({"bucket": "logs", "rule": [{"bucket_key_enabled": true}]});
    let judged = sketch()
        .creates(
            "aws_s3_bucket_server_side_encryption_configuration.logs",
            &rule,
        )
        .judge();
    assert!(matches!(judged.model.past, Past::World(_)));
    let (before, now) = encrypt(&judged);
    assert_eq!(before, ALLOWED);
    assert_ne!(now, Verdict::Allowed);
    // A further bucket is nothing to the trail.
    let judged = sketch()
        .creates("aws_s3_bucket.more", &json!({"bucket": "more"}))
        .judge();
    assert!(matches!(judged.model.past, Past::Same));
    assert_eq!(encrypt(&judged), (ALLOWED, Verdict::Allowed));
}

/// Whose a resource was is told by its configuration, before as after: the policy names its key by an id alone, in the Region of its provider.
#[test]
fn what_was_before_was_of_the_same_provider() {
    let mut plan = plan(&bad());
    let policy = |policy: &str| json!({"key_id": KEY_ID, "policy": policy});
    plan["resource_changes"].as_array_mut().unwrap().push(json!({
        "address": "aws_kms_key_policy.trail", "mode": "managed", "type": "aws_kms_key_policy", "name": "trail",
        "change": {"actions": ["update"], "before": policy(&good()), "after": policy(&bad()), "after_unknown": {},
            "before_sensitive": {}, "after_sensitive": {}}}));
    let provider = |region: &str| {
        json!({"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws",
        "expressions": {"region": {"constant_value": region}}})
    };
    let mut east = provider("us-east-1");
    east["alias"] = json!("east");
    let block = json!({"address": "aws_kms_key_policy.trail", "mode": "managed", "type": "aws_kms_key_policy", "name": "trail",
        "provider_config_key": "aws.east", "expressions": {}});
    plan["configuration"] = json!({"provider_config": {"aws": provider("eu-west-1"), "aws.east": east},
        "root_module": {"resources": [block]}});
    let judged = judged(&plan);
    assert_eq!(before(&judged), [ALLOWED, ALLOWED]);
    assert!(judged.finding("change-revokes-delivery").is_some());
}

/// The plan destroys the rest of an earlier replacement, and changes the key that is at the same address.
#[test]
fn a_deposed_object_is_not_the_key_at_its_address() {
    let mut plan = plan(&good());
    let mut deposed = plan["resource_changes"][KEY].clone();
    deposed["deposed"] = json!("ab12cd34");
    deposed["change"]["actions"] = json!(["delete"]);
    deposed["change"]["after"] = Value::Null;
    to(
        &mut plan,
        &policy(&json!(["kms:DescribeKey", "kms:GenerateDataKey*"])),
    );
    let changes = plan["resource_changes"].as_array_mut().unwrap();
    changes.push(deposed);
    let judged = judged(&plan);
    assert!(matches!(judged.model.past, Past::World(_)));
    assert!(judged.model.gone.is_empty());
    assert!(judged.findings.is_empty(), "{:?}", judged.rules());
}

/// The logs of a bucket that the plan destroys need no key, and nobody uses it who is destroyed with them.
#[test]
fn a_key_that_goes_with_its_bucket_has_no_user() {
    for (destroyed, users) in [(true, 0), (false, 1)] {
        let mut plan = plan(&good());
        let bucket = json!({"bucket": "logs", "arn": "arn:aws:s3:::logs"});
        plan["resource_changes"].as_array_mut().unwrap().push(json!({
            "address": "aws_s3_bucket.logs", "mode": "managed", "type": "aws_s3_bucket", "name": "logs",
            "change": {"actions": ["no-op"], "before": bucket, "after": bucket, "after_unknown": {},
                "before_sensitive": {}, "after_sensitive": {}}}));
        let gone = if destroyed {
            &[TRAIL, KEY, 2][..]
        } else {
            &[TRAIL, KEY]
        };
        for at in gone {
            let change = change(&mut plan, *at);
            change["actions"] = json!(["delete"]);
            change["after"] = Value::Null;
        }
        let judged = judged(&plan);
        assert_eq!(judged.model.gone.len(), 1);
        assert_eq!(judged.model.gone[0].users.len(), users, "{destroyed}");
    }
}

/// Without `deletion_window_in_days` AWS waits for 30 days.
#[test]
fn how_long_a_key_is_kept_is_told() {
    for (days, window) in [
        (json!(7), Some("7")),
        (Value::Null, Some("30")),
        (json!("soon"), None),
    ] {
        let mut plan = plan(&good());
        let key = change(&mut plan, KEY);
        key["actions"] = json!(["delete"]);
        key["after"] = Value::Null;
        key["before"]["deletion_window_in_days"] = days.clone();
        let judged = judged(&plan);
        assert_eq!(judged.model.gone[0].window.as_deref(), window, "{days}");
    }
}

/// The provider puts AWS's default policy back, unless it was told to bypass the check.
#[test]
fn a_policy_that_stays_with_nobody_to_manage_it_is_noted() {
    for (action, bypass, why) in [
        ("delete", false, None),
        (
            "delete",
            true,
            Some("it is destroyed with `bypass_policy_lockout_safety_check`"),
        ),
        ("forget", false, Some("Terraform lets go of it")),
        ("forget", true, Some("Terraform lets go of it")),
    ] {
        let mut plan = plan(&good());
        let policy = json!({"key_id": KEY_ID, "policy": good(), "bypass_policy_lockout_safety_check": bypass});
        plan["resource_changes"].as_array_mut().unwrap().push(json!({
            "address": "aws_kms_key_policy.trail", "mode": "managed", "type": "aws_kms_key_policy", "name": "trail",
            "change": {"actions": [action], "before": policy, "after": null, "after_unknown": {},
                "before_sensitive": {}, "after_sensitive": {}}}));
        let judged = judged(&plan);
        let wanted = why.map(|why| {
            format!("the policy that `aws_kms_key_policy.trail` set stays on the key, and is managed by nobody from now on: {why}")
        });
        let wanted: Vec<String> = wanted.into_iter().collect();
        assert_eq!(judged.model.inputs[0].notes, wanted, "{action} {bypass}");
    }
}

/// What IAM lets anybody do is asked for readers alone.
#[test]
fn a_change_of_iam_is_one_for_readers() {
    let role = json!({"name": "reader", "path": "/", "assume_role_policy": "{}"});
    let sketch = || Sketch::new(good()).creates("aws_iam_role.reader", &role);
    assert!(matches!(sketch().judge().model.past, Past::Same));
    let reader = sketch().reader("arn:aws:iam::111122223333:role/reader");
    assert!(matches!(reader.judge().model.past, Past::World(_)));
}

/// What a plan surely lets somebody do is told alone, whichever action what is not known is about.
#[test]
fn what_is_sure_of_a_widened_policy_is_told_alone() {
    let root = json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"});
    let text = |statements: &[Value]| {
        json!({"Version": "2012-10-17", "Statement": statements}).to_string()
    };
    for (sure, doubtful) in [
        ("kms:Decrypt", "kms:CreateGrant"),
        ("kms:CreateGrant", "kms:Decrypt"),
    ] {
        let partner = json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::444455556666:role/partner"},
            "Action": [sure, doubtful], "Resource": "*"});
        // Nobody knows of which organization the key is.
        let deny = json!({"Effect": "Deny", "Principal": "*", "Action": doubtful, "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceOrgID": "o-1234567890"}}});
        let mut plan = plan(&text(std::slice::from_ref(&root)));
        to(&mut plan, &text(&[root.clone(), partner, deny]));
        let judged = judged(&plan);
        let found = judged.finding("change-widens-access").unwrap();
        assert_eq!(found.verdict, None, "{}", found.message);
        assert!(found.message.contains(sure), "{}", found.message);
        assert!(!found.message.contains(doubtful), "{}", found.message);
    }
}
