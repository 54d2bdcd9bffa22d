//! What a plan's references say of a link: which instance an index takes, through which module, and what nobody can tell.

use keytrail::resolve::Options;
use serde_json::{Value, json};

use crate::support::sketch::{Judged, judge};

/// Why several instances may be meant.
const ANY: &str = "the plan does not say which of the instances the index takes";
const SEVERAL: &str = "the apply takes one of several keys";

fn arn(at: usize) -> String {
    format!("arn:aws:kms:us-east-1:111122223333:key/{at:08}-12ab-34cd-56ef-1234567890ab")
}

/// A resource that the plan creates, with what is known of it and what is not.
fn new(address: &str, after: &Value, unknown: &Value) -> Value {
    let last = address.split('.').count() - 2;
    let parts: Vec<&str> = address.split('.').collect();
    let name = parts[last + 1].split('[').next().unwrap();
    json!({"address": address, "mode": "managed", "type": parts[last], "name": name,
        "change": {"actions": ["create"], "before": null, "after": after, "after_unknown": unknown,
            "before_sensitive": {}, "after_sensitive": {}}})
}

/// The same as a resource that is there.
fn there(address: &str, values: &Value) -> Value {
    let mut it = new(address, values, &json!({}));
    it["change"]["actions"] = json!(["no-op"]);
    it["change"]["before"] = values.clone();
    it
}

fn new_key(address: &str) -> Value {
    new(
        address,
        &json!({}),
        &json!({"arn": true, "id": true, "key_id": true}),
    )
}

/// A trail whose key the plan does not show.
fn new_trail(address: &str) -> Value {
    new(
        address,
        &json!({"name": "main", "s3_bucket_name": "logs"}),
        &json!({"arn": true, "kms_key_id": true}),
    )
}

/// A block whose argument refers to so much.
fn block(kind: &str, argument: &str, references: &[&str]) -> Value {
    json!({"address": format!("{kind}.main"), "mode": "managed", "type": kind, "name": "main",
        "expressions": {argument: {"references": references}}})
}

fn trail_of(references: &[&str]) -> Value {
    block("aws_cloudtrail", "kms_key_id", references)
}

fn key_block() -> Value {
    json!({"address": "aws_kms_key.k", "mode": "managed", "type": "aws_kms_key", "name": "k", "expressions": {}})
}

fn judged(changes: &[Value], root: &Value) -> Judged {
    let plan = json!({"format_version": "1.2", "terraform_version": "1.15.5", "planned_values": {"root_module": {}},
        "resource_changes": changes, "configuration": {"root_module": root}, "complete": true, "errored": false,
        "variables": {"table": {"value": {"a": "b"}}, "on": {"value": true}, "at": {"value": 1}, "name": {"value": "b"}}});
    judge(&plan.to_string(), &Options::default())
}

/// Status, keys and reason of the link of a subject.
fn link(judged: &Judged, address: &str) -> (String, Vec<String>, String) {
    let mut subjects = judged.model.subjects.iter();
    let link = &subjects
        .find(|it| it.address == address)
        .expect(address)
        .link;
    let keys = link
        .keys
        .iter()
        .map(|at| judged.model.keys[*at].address.clone());
    let reason = link.reason.clone().unwrap_or_default();
    (link.status.word().to_owned(), keys.collect(), reason)
}

fn resolved(key: &str) -> (String, Vec<String>, String) {
    ("resolved".to_owned(), vec![key.to_owned()], String::new())
}

fn candidates(keys: &[&str], reason: &str) -> (String, Vec<String>, String) {
    let keys = keys.iter().map(|&it| it.to_owned()).collect();
    ("candidates".to_owned(), keys, reason.to_owned())
}

/// Terraform converts an index to the kind of the keys (expressions that are text or a number by turns).
#[test]
fn an_index_of_the_other_kind_takes_the_same_instance() {
    for (index, there) in [("\"1\"", ["0", "1"]), ("1", ["\"0\"", "\"1\""])] {
        let keys = there.map(|it| format!("aws_kms_key.k[{it}]"));
        let mut changes: Vec<Value> = keys.iter().map(|it| new_key(it)).collect();
        changes.push(new_trail("aws_cloudtrail.main"));
        let whole = format!("aws_kms_key.k[{index}]");
        let references = [&format!("{whole}.arn"), whole.as_str(), "aws_kms_key.k"];
        let root = json!({"resources": [trail_of(&references), key_block()]});
        let judged = judged(&changes, &root);
        assert_eq!(
            link(&judged, "aws_cloudtrail.main"),
            resolved(&keys[1]),
            "{index}"
        );
    }
}

/// `k[count.index]` is listed as `k` and `count.index`. What else is listed may be part of the index.
#[test]
fn what_is_counted_with_the_trail_has_the_trails_index() {
    let key = |at: usize| json!({"arn": arn(at), "key_id": &arn(at)[arn(at).len() - 36..]});
    let first = json!({"name": "main", "s3_bucket_name": "logs", "kms_key_id": arn(0)});
    let changes = [
        there("aws_kms_key.k[0]", &key(0)),
        new_key("aws_kms_key.k[1]"),
        new_key("aws_kms_key.k[2]"),
        there("aws_cloudtrail.main[0]", &first),
        new_trail("aws_cloudtrail.main[1]"),
    ];
    let any = candidates(&["aws_kms_key.k[1]", "aws_kms_key.k[2]"], ANY);
    for (more, wanted) in [
        (&["count.index"][..], resolved("aws_kms_key.k[1]")),
        (&["count.index", "count"], resolved("aws_kms_key.k[1]")),
        (&["count.index", "terraform.workspace"], any.clone()),
        (&["count.index", "var.table"], any),
    ] {
        let references = [&["aws_kms_key.k"], more].concat();
        let root = json!({"resources": [trail_of(&references), key_block()]});
        let judged = judged(&changes, &root);
        assert_eq!(link(&judged, "aws_cloudtrail.main[1]"), wanted, "{more:?}");
    }
}

/// A module with the keys of `addresses`, whose output `arn` refers to so much.
fn module(references: &[&str]) -> Value {
    let keys = ["a", "b"].map(|name| {
        json!({"address": format!("aws_kms_key.{name}"), "mode": "managed", "type": "aws_kms_key", "name": name, "expressions": {}})
    });
    json!({"source": "./m", "module": {"resources": keys, "outputs": {"arn": {"expression": {"references": references}}}}})
}

#[test]
fn why_a_key_of_a_module_is_not_told() {
    let one = &["aws_kms_key.a.arn", "aws_kms_key.a"][..];
    let either = &[
        "var.on",
        "aws_kms_key.a.arn",
        "aws_kms_key.a",
        "aws_kms_key.b.arn",
        "aws_kms_key.b",
    ][..];
    let of = |module: &str, names: &[&str]| -> Vec<String> {
        names
            .iter()
            .map(|it| format!("{module}.aws_kms_key.{it}"))
            .collect()
    };
    let each = ["module.m[\"x\"]", "module.m[\"y\"]"];
    for (what, instances, output, trail, references, keys, reason) in [
        (
            "one of the modules, looked up in a table",
            &each[..],
            one,
            "aws_cloudtrail.main[\"x\"]",
            &["module.m", "var.table", "each.key"][..],
            vec![
                "module.m[\"x\"].aws_kms_key.a",
                "module.m[\"y\"].aws_kms_key.a",
            ],
            ANY,
        ),
        (
            "the module of the trail's own key",
            &each,
            one,
            "aws_cloudtrail.main[\"x\"]",
            &["module.m", "each.key"],
            vec!["module.m[\"x\"].aws_kms_key.a"],
            "",
        ),
        (
            "one of two keys in the module of the trail's own key",
            &each,
            either,
            "aws_cloudtrail.main[\"x\"]",
            &["module.m", "each.key"],
            vec![
                "module.m[\"x\"].aws_kms_key.a",
                "module.m[\"x\"].aws_kms_key.b",
            ],
            SEVERAL,
        ),
        (
            "one of two keys in a module that is named",
            &each,
            either,
            "aws_cloudtrail.main[\"x\"]",
            &["module.m[\"y\"].arn", "module.m[\"y\"]", "module.m"],
            vec![
                "module.m[\"y\"].aws_kms_key.a",
                "module.m[\"y\"].aws_kms_key.b",
            ],
            SEVERAL,
        ),
        (
            "one of two keys in the only module, for one of several trails",
            &["module.m"],
            either,
            "aws_cloudtrail.main[\"x\"]",
            &["module.m.arn", "module.m"],
            vec!["module.m.aws_kms_key.a", "module.m.aws_kms_key.b"],
            SEVERAL,
        ),
        (
            "one of two keys in the only module, for the only trail",
            &["module.m"],
            either,
            "aws_cloudtrail.main",
            &["module.m.arn", "module.m"],
            vec!["module.m.aws_kms_key.a", "module.m.aws_kms_key.b"],
            SEVERAL,
        ),
    ] {
        let mut changes = vec![new_trail(trail)];
        for instance in instances {
            changes.extend(of(instance, &["a", "b"]).iter().map(|it| new_key(it)));
        }
        let root =
            json!({"resources": [trail_of(references)], "module_calls": {"m": module(output)}});
        let judged = judged(&changes, &root);
        let wanted = if reason.is_empty() {
            resolved(keys[0])
        } else {
            candidates(&keys, reason)
        };
        assert_eq!(link(&judged, trail), wanted, "{what}");
    }
}

/// An index that may be any is tried for some instances of a module, as it is for those of a key.
#[test]
fn so_many_instances_of_a_module_are_tried() {
    for (count, status) in [(50, "candidates"), (51, "unresolved")] {
        let keys = (0..count).map(|at| new_key(&format!("module.m[{at}].aws_kms_key.a")));
        let changes: Vec<Value> = keys.chain([new_trail("aws_cloudtrail.main[0]")]).collect();
        let references = ["module.m", "var.table", "count.index"];
        let calls = json!({"m": module(&["aws_kms_key.a.arn", "aws_kms_key.a"])});
        let root = json!({"resources": [trail_of(&references)], "module_calls": calls});
        let (found, keys, _) = link(&judged(&changes, &root), "aws_cloudtrail.main[0]");
        assert_eq!(found, status, "{count}");
        assert_eq!(keys.len(), if count == 50 { count } else { 0 });
    }
}

/// The keys that a manifest refers to of which nothing else is known: why they are several is said as it is of a trail.
#[test]
fn why_the_key_of_a_landing_zone_is_not_told() {
    let zone = new(
        "aws_controltower_landing_zone.main[\"a\"]",
        &json!({"version": "3.3"}),
        &json!({"manifest_json": true, "arn": true}),
    );
    let changes = [
        new_key("aws_kms_key.k[\"a\"]"),
        new_key("aws_kms_key.k[\"b\"]"),
        zone,
    ];
    for (more, reason) in [(&["var.table", "each.key"][..], ANY), (&["each.key"], "")] {
        let references = [&["aws_kms_key.k"], more].concat();
        let block = block(
            "aws_controltower_landing_zone",
            "manifest_json",
            &references,
        );
        let judged = judged(&changes, &json!({"resources": [block, key_block()]}));
        let wanted = if reason.is_empty() {
            resolved("aws_kms_key.k[\"a\"]")
        } else {
            candidates(&["aws_kms_key.k[\"a\"]", "aws_kms_key.k[\"b\"]"], reason)
        };
        assert_eq!(
            link(&judged, "aws_controltower_landing_zone.main[\"a\"]"),
            wanted,
            "{more:?}"
        );
    }
}

/// A key that is looked up is the one that the look-up found, whatever it was asked for.
#[test]
fn what_a_look_up_found_counts_more_than_what_it_asked_for() {
    let looked_up = |kind: &str, values: &Value| {
        let address = format!("{kind}.found");
        let mut it = there(&address, values);
        it["address"] = json!(format!("data.{address}"));
        it["mode"] = json!("data");
        it
    };
    let key = json!({"arn": arn(0), "key_id": &arn(0)[arn(0).len() - 36..]});
    for (kind, values) in [
        (
            "aws_kms_key",
            json!({"key_id": "alias/elsewhere", "arn": arn(0)}),
        ),
        (
            "aws_kms_alias",
            json!({"name": "alias/elsewhere", "target_key_arn": arn(0)}),
        ),
    ] {
        let changes = [
            there("aws_kms_key.k", &key),
            looked_up(kind, &values),
            new_trail("aws_cloudtrail.main"),
        ];
        let data = format!("data.{kind}.found");
        let attribute = if kind == "aws_kms_key" {
            "arn"
        } else {
            "target_key_arn"
        };
        let root =
            json!({"resources": [trail_of(&[&format!("{data}.{attribute}"), &data]), key_block()]});
        assert_eq!(
            link(&judged(&changes, &root), "aws_cloudtrail.main"),
            resolved("aws_kms_key.k"),
            "{kind}"
        );
    }
}

/// Terraform forbids that two aliases name each other; a plan made by hand has them, and a walk that takes each way anew has no end.
#[test]
fn aliases_that_name_each_other_are_walked_once() {
    let alias = |name: &str| {
        new(
            &format!("aws_kms_alias.{name}"),
            &json!({"name": format!("alias/{name}")}),
            &json!({"arn": true, "target_key_id": true}),
        )
    };
    let block_of = |name: &str| {
        let others = [
            "aws_kms_alias.a.target_key_id",
            "aws_kms_alias.b.target_key_id",
            "aws_kms_key.k.arn",
        ];
        let mut block = block("aws_kms_alias", "target_key_id", &others);
        block["name"] = json!(name);
        block
    };
    let changes = [
        new_key("aws_kms_key.k"),
        alias("a"),
        alias("b"),
        new_trail("aws_cloudtrail.main"),
    ];
    let trail = trail_of(&["aws_kms_alias.a.arn", "aws_kms_alias.a"]);
    let root = json!({"resources": [trail, key_block(), block_of("a"), block_of("b")]});
    assert_eq!(
        link(&judged(&changes, &root), "aws_cloudtrail.main"),
        resolved("aws_kms_key.k")
    );
}

/// Where a chain is too long to be followed, what was found beside it is not all.
#[test]
fn a_chain_that_is_given_up_is_told() {
    for (length, status, keys) in [
        (
            10,
            "candidates",
            vec!["aws_kms_key.far", "aws_kms_key.near"],
        ),
        (20_000, "unresolved", vec![]),
    ] {
        let mut text = String::from(
            "variable \"on\" {\n  type = bool\n}\nresource \"aws_kms_key\" \"near\" {}\nresource \"aws_kms_key\" \"far\" {}\nresource \"aws_cloudtrail\" \"main\" {\n  name           = \"main\"\n  s3_bucket_name = \"logs\"\n  kms_key_id     = var.on ? aws_kms_key.near.arn : local.l0\n}\nlocals {\n",
        );
        let steps = (0..length).map(|at| format!("  l{at} = local.l{}\n", at + 1));
        text.extend(steps);
        // What nobody knows keeps the locals from being evaluated away.
        let last = "var.on ? aws_kms_key.near.arn : aws_kms_key.far.arn";
        text.extend([format!("  l{length} = {last}\n}}\n")]);
        let folder = crate::support::run::folder("links-chain", &[("main.tf", &text)]);
        let said = crate::support::check::check(&[&folder]);
        let keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
        assert_eq!(
            said.links["aws_cloudtrail.main"],
            (status.to_owned(), keys),
            "{length}"
        );
    }
}

/// A plan that failed leaves things out. Of a key for which the configuration has no separate policy nothing is left out.
#[test]
fn a_plan_that_failed_leaves_out_what_its_configuration_has() {
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*"}]});
    let key = json!({"arn": arn(0), "key_id": &arn(0)[arn(0).len() - 36..], "policy": policy.to_string()});
    let trail = json!({"name": "main", "s3_bucket_name": "logs", "kms_key_id": arn(0), "is_organization_trail": false});
    for (blocks, verdict) in [
        (vec![key_block()], "allowed"),
        (
            vec![
                key_block(),
                block(
                    "aws_kms_key_policy",
                    "key_id",
                    &["aws_kms_key.k.key_id", "aws_kms_key.k"],
                ),
            ],
            "undecided",
        ),
    ] {
        let plan = json!({"format_version": "1.2", "terraform_version": "1.15.5", "planned_values": {"root_module": {}},
            "resource_changes": [there("aws_kms_key.k", &key), there("aws_cloudtrail.main", &trail)],
            "configuration": {"root_module": {"resources": blocks}}, "complete": false, "errored": true});
        let judged = judge(&plan.to_string(), &Options::default());
        assert_eq!(judged.verdict("cloudtrail-encrypt", None), verdict);
    }
}

/// The value of a variable is in the plan: an index that it is takes that instance.
#[test]
fn an_index_that_a_variable_is_takes_the_instance_of_its_value() {
    let by_number = ["aws_kms_key.k[0]", "aws_kms_key.k[1]"];
    let by_name = ["aws_kms_key.k[\"a\"]", "aws_kms_key.k[\"b\"]"];
    for (variable, keys, found) in [
        ("var.at", by_number, resolved(by_number[1])),
        ("var.name", by_name, resolved(by_name[1])),
        ("var.on", by_name, candidates(&by_name, "")),
        ("var.table", by_name, candidates(&by_name, "")),
    ] {
        let mut changes: Vec<Value> = keys.iter().map(|it| new_key(it)).collect();
        changes.push(new_trail("aws_cloudtrail.main"));
        let root = json!({"resources": [trail_of(&["aws_kms_key.k", variable]), key_block()]});
        let judged = judged(&changes, &root);
        let (status, names, _) = link(&judged, "aws_cloudtrail.main");
        assert_eq!((status, names), (found.0, found.1), "{variable}");
    }
}
