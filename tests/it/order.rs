//! In what order Terraform makes a trail and the separate policy of its key, by a plan's references.

use keytrail::resolve::Options;
use serde_json::{Value, json};

use crate::support::sketch::{Judged, judge};

const RACE: &str = "trail-policy-race";

fn arn(at: usize) -> String {
    format!("arn:aws:kms:us-east-1:111122223333:key/{at:08}-12ab-34cd-56ef-1234567890ab")
}

fn key(at: usize) -> Value {
    json!({"arn": arn(at), "key_id": &arn(at)[arn(at).len() - 36..]})
}

fn policy(key: usize) -> Value {
    let text = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*"}]});
    json!({"key_id": arn(key), "policy": text.to_string()})
}

fn trail(name: &str, key: usize) -> Value {
    json!({"name": name, "s3_bucket_name": "logs", "kms_key_id": arn(key), "is_organization_trail": false})
}

fn change(address: &str, action: &str, after: &Value) -> Value {
    let parts: Vec<&str> = address.split('.').collect();
    let (kind, name) = (parts[parts.len() - 2], parts[parts.len() - 1]);
    let name = name.split('[').next().unwrap();
    let before = if action == "create" {
        Value::Null
    } else {
        after.clone()
    };
    json!({"address": address, "mode": "managed", "type": kind, "name": name,
        "change": {"actions": [action], "before": before, "after": after, "after_unknown": {"tags": true},
            "before_sensitive": {}, "after_sensitive": {}}})
}

fn block(kind: &str, arguments: &Value, depends_on: &[&str]) -> Value {
    json!({"address": format!("{kind}.main"), "mode": "managed", "type": kind, "name": "main", "expressions": arguments,
        "depends_on": depends_on})
}

fn judged(changes: &[Value], root: &Value) -> Judged {
    let plan = json!({"format_version": "1.2", "terraform_version": "1.15.5", "planned_values": {"root_module": {}},
        "resource_changes": changes, "configuration": {"root_module": root}, "complete": true, "errored": false});
    judge(&plan.to_string(), &Options::default())
}

/// The addresses of the trails that may come before their key's policy.
fn early(judged: &Judged) -> Vec<&str> {
    let findings = judged.findings.iter().filter(|it| it.rule == RACE);
    findings.map(|it| it.address.as_str()).collect()
}

/// What the call of a module waits for, all that is in the module waits for, however deep.
#[test]
fn a_trail_waits_for_what_the_call_of_its_module_waits_for() {
    let trails = || json!({"resources": [block("aws_cloudtrail", &json!({"kms_key_id": {"references": ["var.key"]}}), &[])]});
    let waiting = json!(["aws_kms_key_policy.main"]);
    let idle = json!([]);
    let nest = |inner: &Value, outer: &Value| {
        let inner = json!({"source": "./t", "depends_on": inner, "module": trails()});
        json!({"o": {"source": "./o", "depends_on": outer, "module": {"module_calls": {"t": inner}}}})
    };
    let flat =
        |waits: &Value| json!({"t": {"source": "./t", "depends_on": waits, "module": trails()}});
    for (address, calls, is_early) in [
        ("module.t.aws_cloudtrail.main", flat(&waiting), false),
        ("module.t.aws_cloudtrail.main", flat(&idle), true),
        (
            "module.o.module.t.aws_cloudtrail.main",
            nest(&idle, &waiting),
            false,
        ),
        // What a nested call names is of its own module, where there is no such policy.
        (
            "module.o.module.t.aws_cloudtrail.main",
            nest(&waiting, &idle),
            true,
        ),
        (
            "module.o.module.t.aws_cloudtrail.main",
            nest(&idle, &idle),
            true,
        ),
    ] {
        let changes = [
            change(address, "create", &trail("main", 0)),
            change("aws_kms_key.main", "no-op", &key(0)),
            change("aws_kms_key_policy.main", "create", &policy(0)),
        ];
        let separate = block(
            "aws_kms_key_policy",
            &json!({"key_id": {"references": ["aws_kms_key.main.key_id", "aws_kms_key.main"]}}),
            &[],
        );
        let root = json!({"resources": [separate, block("aws_kms_key", &json!({}), &[])], "module_calls": calls});
        let judged = judged(&changes, &root);
        let wanted: &[&str] = if is_early { &[address] } else { &[] };
        assert_eq!(early(&judged), wanted, "{calls}");
    }
}

/// Of the policies of many keys the one of the trail's own key counts: one that does not change is there already.
#[test]
fn the_policy_of_the_trails_own_key_is_asked_for() {
    let block_of = |kind: &str| block(kind, &json!({}), &[]);
    let root = json!({"resources": [block_of("aws_cloudtrail"), block_of("aws_kms_key"), block_of("aws_kms_key_policy")]});
    let changes = [
        change("aws_cloudtrail.main[\"a\"]", "create", &trail("a", 0)),
        change("aws_cloudtrail.main[\"b\"]", "create", &trail("b", 1)),
        change("aws_kms_key.main[\"a\"]", "no-op", &key(0)),
        change("aws_kms_key.main[\"b\"]", "no-op", &key(1)),
        change("aws_kms_key_policy.main[\"a\"]", "no-op", &policy(0)),
        change("aws_kms_key_policy.main[\"b\"]", "create", &policy(1)),
    ];
    assert_eq!(
        early(&judged(&changes, &root)),
        ["aws_cloudtrail.main[\"b\"]"]
    );
}

/// `depends_on = [module.p]` waits for all that is in the module and in what it calls, and for nothing else.
#[test]
fn a_trail_waits_for_all_of_a_module_that_it_names() {
    let separate = || json!([block("aws_kms_key_policy", &json!({}), &[])]);
    let own = json!({"p": {"source": "./p", "module": {"resources": separate()}}});
    let inner = json!({"i": {"source": "./i", "module": {"resources": separate()}}});
    let deep = json!({"p": {"source": "./p", "module": {"module_calls": inner}}});
    let other = json!({"p": {"source": "./p", "module": {}}, "pp": {"source": "./pp", "module": {"resources": separate()}}});
    for (address, calls, depends_on, is_early) in [
        ("module.p.aws_kms_key_policy.main", &own, "module.p", false),
        (
            "module.p.module.i.aws_kms_key_policy.main",
            &deep,
            "module.p",
            false,
        ),
        (
            "module.pp.aws_kms_key_policy.main",
            &other,
            "module.p",
            true,
        ),
        (
            "module.pp.aws_kms_key_policy.main",
            &other,
            "module.pp",
            false,
        ),
    ] {
        let changes = [
            change("aws_cloudtrail.main", "create", &trail("main", 0)),
            change("aws_kms_key.main", "no-op", &key(0)),
            change(address, "create", &policy(0)),
        ];
        let trail = block("aws_cloudtrail", &json!({}), &[depends_on]);
        let root = json!({"resources": [trail, block("aws_kms_key", &json!({}), &[])], "module_calls": calls});
        let judged = judged(&changes, &root);
        let wanted: &[&str] = if is_early {
            &["aws_cloudtrail.main"]
        } else {
            &[]
        };
        assert_eq!(early(&judged), wanted, "{address} {depends_on}");
    }
}
