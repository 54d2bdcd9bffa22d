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
                    "aws_kms_alias",
                    "target_key_id",
                    &["aws_kms_key.k.key_id", "aws_kms_key.k"],
                ),
            ],
            "allowed",
        ),
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

/// `alias[each.key]` is listed as `alias` and `each.key`, as an index of keys is.
#[test]
fn an_alias_of_the_trails_own_key_is_taken() {
    let trail = "aws_cloudtrail.main[\"a\"]";
    let alias = |key: &str| {
        new(
            &format!("aws_kms_alias.main[\"{key}\"]"),
            &json!({"name": format!("alias/{key}")}),
            &json!({"arn": true, "target_key_id": true}),
        )
    };
    let changes = [
        new_key("aws_kms_key.k[\"a\"]"),
        new_key("aws_kms_key.k[\"b\"]"),
        alias("a"),
        alias("b"),
        new_trail(trail),
    ];
    let target = block(
        "aws_kms_alias",
        "target_key_id",
        &["aws_kms_key.k", "each.key"],
    );
    let root =
        json!({"resources": [trail_of(&["aws_kms_alias.main", "each.key"]), target, key_block()]});
    assert_eq!(
        link(&judged(&changes, &root), trail),
        resolved("aws_kms_key.k[\"a\"]")
    );
}

/// The same limit holds for the instances of a key, named or not.
#[test]
fn so_many_instances_of_a_key_are_tried() {
    for (count, index, status, tried) in [
        (50, "var.table", "candidates", 50),
        (51, "var.table", "unresolved", 0),
        (51, "each.key", "resolved", 1),
    ] {
        let keys = (0..count).map(|at| new_key(&format!("aws_kms_key.k[{at}]")));
        let changes: Vec<Value> = keys.chain([new_trail("aws_cloudtrail.main[0]")]).collect();
        let references = ["aws_kms_key.k", index, "each.key"];
        let root = json!({"resources": [trail_of(&references), key_block()]});
        let (found, keys, _) = link(&judged(&changes, &root), "aws_cloudtrail.main[0]");
        assert_eq!(
            (found.as_str(), keys.len()),
            (status, tried),
            "{count} {index}"
        );
    }
}

/// However many instances a module has, the one that is named is found, and so is the one of the trail's own key.
#[test]
fn one_of_very_many_instances_of_a_module_is_found() {
    let each = (0..60).map(|at| new_key(&format!("module.m[\"k{at}\"].aws_kms_key.a")));
    let trail = "aws_cloudtrail.main[\"k7\"]";
    let changes: Vec<Value> = each.chain([new_trail(trail)]).collect();
    let calls = json!({"m": module(&["aws_kms_key.a.arn", "aws_kms_key.a"])});
    for (references, key) in [
        (
            &["module.m[\"k55\"].arn", "module.m[\"k55\"]", "module.m"][..],
            "k55",
        ),
        (&["module.m", "each.key"], "k7"),
    ] {
        let root = json!({"resources": [trail_of(references)], "module_calls": calls});
        let wanted = resolved(&format!("module.m[\"{key}\"].aws_kms_key.a"));
        assert_eq!(link(&judged(&changes, &root), trail), wanted);
    }
}

/// The trail has a number and the instances have names: which of them it is, is not told.
#[test]
fn an_index_that_is_no_instances_may_be_any() {
    let own = ["x", "y"].map(|it| format!("aws_kms_key.k[\"{it}\"]"));
    let trail = "aws_cloudtrail.main[0]";
    let changes = [new_key(&own[0]), new_key(&own[1]), new_trail(trail)];
    let root = json!({"resources": [trail_of(&["aws_kms_key.k", "each.key"]), key_block()]});
    let (status, found, _) = link(&judged(&changes, &root), trail);
    assert_eq!(
        (status.as_str(), found.as_slice()),
        ("candidates", &own[..])
    );
    let keys = ["x", "y"].map(|it| format!("module.m[\"{it}\"].aws_kms_key.a"));
    let trail = "aws_cloudtrail.main[0]";
    let changes = [new_key(&keys[0]), new_key(&keys[1]), new_trail(trail)];
    let calls = json!({"m": module(&["aws_kms_key.a.arn", "aws_kms_key.a"])});
    for index in ["each.key", "count.index"] {
        let root = json!({"resources": [trail_of(&["module.m", index])], "module_calls": calls});
        let (status, found, _) = link(&judged(&changes, &root), trail);
        assert_eq!(
            (status.as_str(), found.as_slice()),
            ("candidates", &keys[..]),
            "{index}"
        );
    }
}

/// A variable of a module's call that is a variable of the caller, too, however deep.
#[test]
fn a_key_is_passed_down_through_modules() {
    let key = json!({"references": ["aws_kms_key.k.arn", "aws_kms_key.k"]});
    for depth in 1..6 {
        let mut module = json!({"resources": [trail_of(&["var.key"])], "variables": {"key": {}}});
        for level in 0..depth {
            let is_root = level + 1 == depth;
            let passed = json!({"references": ["var.key"]});
            let expressions = json!({"key": if is_root { key.clone() } else { passed }});
            let call = json!({"source": "./m", "expressions": expressions, "module": module});
            module = json!({"resources": [key_block()], "module_calls": {"m": call}, "variables": {"key": {}}});
        }
        let trail = format!("{}aws_cloudtrail.main", "module.m.".repeat(depth));
        let changes = [new_key("aws_kms_key.k"), new_trail(&trail)];
        let found = link(&judged(&changes, &module), &trail);
        assert_eq!(found, resolved("aws_kms_key.k"), "{depth}");
    }
}

/// What the plan does not hold is named once, however many such values the loop runs over.
#[test]
fn what_a_loop_runs_over_is_named_once() {
    let trail = "aws_cloudtrail.main[\"a\"]";
    let changes = [new_key("aws_kms_key.k"), new_trail(trail)];
    for tables in [&["local.one"][..], &["local.one", "local.other"]] {
        let mut of = trail_of(&["each.value"]);
        of["for_each_expression"] = json!({"references": tables});
        let root = json!({"resources": [of, key_block()]});
        let (status, _, reason) = link(&judged(&changes, &root), trail);
        assert_eq!(status, "unresolved");
        let wanted = "`kms_key_id` runs through `each.value`, which a plan does not hold";
        assert_eq!(reason, wanted, "{tables:?}");
    }
}

/// A policy whose key is one of two may be the key's of the inputs; one of keys elsewhere alone is not.
#[test]
fn a_policy_that_may_be_the_keys_leaves_its_verdicts_open() {
    let allowed = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*"}]});
    let key = json!({"arn": arn(0), "key_id": &arn(0)[arn(0).len() - 36..], "policy": allowed.to_string()});
    let trail = json!({"name": "main", "s3_bucket_name": "logs", "kms_key_id": arn(0), "is_organization_trail": false});
    let elsewhere = |name: &str, at: usize| {
        let mut it = there(
            &format!("aws_kms_key.{name}"),
            &json!({"arn": arn(at), "key_id": arn(at)}),
        );
        it["address"] = json!(format!("data.aws_kms_key.{name}"));
        it["mode"] = json!("data");
        it
    };
    let policy = new(
        "aws_kms_key_policy.main",
        &json!({"policy": json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}]}).to_string()}),
        &json!({"key_id": true}),
    );
    let changes = [
        there("aws_kms_key.k", &key),
        there("aws_cloudtrail.main", &trail),
        elsewhere("b", 1),
        elsewhere("c", 2),
        policy,
    ];
    let own = ["aws_kms_key.k.key_id", "aws_kms_key.k"];
    let one = ["data.aws_kms_key.b.key_id", "data.aws_kms_key.b"];
    let other = ["data.aws_kms_key.c.key_id", "data.aws_kms_key.c"];
    for (references, verdict) in [
        ([&["var.on"][..], &own, &one].concat(), "undecided"),
        ([&own[..], &["local.other"]].concat(), "undecided"),
        (own.to_vec(), "denied"),
        ([&["var.on"][..], &one, &other].concat(), "allowed"),
        (one.to_vec(), "allowed"),
    ] {
        let block = block("aws_kms_key_policy", "key_id", &references);
        let judged = judged(&changes, &json!({"resources": [block, key_block()]}));
        let found = judged.verdict("cloudtrail-encrypt", None);
        assert_eq!(found, verdict, "{references:?}");
    }
}

/// A manifest that is sensitive names its keys to nobody.
#[test]
fn the_keys_of_a_sensitive_manifest_are_not_named() {
    let address = "aws_controltower_landing_zone.main";
    for (key, status) in [
        (json!(arn(7)), "external"),
        (json!([arn(7), arn(8)]), "candidates"),
    ] {
        let manifest = json!({"centralizedLogging": {"accountId": "222233334444", "enabled": true,
            "configurations": {"kmsKeyArn": key}}});
        for hidden in [true, false] {
            let mut zone = there(
                address,
                &json!({"version": "3.3", "manifest_json": manifest.to_string()}),
            );
            zone["change"]["after_sensitive"] = json!({"manifest_json": hidden});
            let judged = judged(&[zone], &json!({}));
            let (found, keys, _) = link(&judged, address);
            assert_eq!(found, status, "{key}");
            let wanted = if hidden {
                "(sensitive)".to_owned()
            } else {
                arn(7)
            };
            assert_eq!(keys[0], wanted, "{key}");
            let told = format!("{:?} {keys:?}", judged.findings);
            assert_eq!(told.contains(&arn(7)), !hidden, "{told}");
        }
    }
}

/// What else a manifest refers to need not lead to a key.
#[test]
fn a_manifest_says_other_things_than_its_key() {
    let address = "aws_controltower_landing_zone.main";
    let zone = new(
        address,
        &json!({"version": "3.3"}),
        &json!({"manifest_json": true, "arn": true}),
    );
    let mut elsewhere = there("aws_kms_key.b", &json!({"arn": arn(1), "key_id": arn(1)}));
    elsewhere["address"] = json!("data.aws_kms_key.b");
    elsewhere["mode"] = json!("data");
    let changes = [new_key("aws_kms_key.k"), elsewhere, zone];
    for (references, status, key) in [
        (
            ["local.regions", "aws_kms_key.k.arn", "aws_kms_key.k"],
            "resolved",
            "aws_kms_key.k".to_owned(),
        ),
        (
            [
                "local.regions",
                "data.aws_kms_key.b.arn",
                "data.aws_kms_key.b",
            ],
            "external",
            arn(1),
        ),
    ] {
        let kind = "aws_controltower_landing_zone";
        let block = block(kind, "manifest_json", &references);
        let judged = judged(&changes, &json!({"resources": [block, key_block()]}));
        let (found, keys, _) = link(&judged, address);
        assert_eq!(
            (found.as_str(), keys),
            (status, vec![key]),
            "{references:?}"
        );
    }
}

/// Neither of the two keys has instances, so that no index is what is not told.
#[test]
fn one_of_two_keys_for_one_of_several_trails() {
    let trail = "aws_cloudtrail.main[\"a\"]";
    let changes = [
        new_key("aws_kms_key.k"),
        new_key("aws_kms_key.other"),
        new_trail(trail),
    ];
    let references = [
        "var.on",
        "aws_kms_key.k.arn",
        "aws_kms_key.k",
        "aws_kms_key.other.arn",
        "aws_kms_key.other",
    ];
    let mut other = key_block();
    other["name"] = json!("other");
    let root = json!({"resources": [trail_of(&references), key_block(), other]});
    assert_eq!(
        link(&judged(&changes, &root), trail),
        candidates(&["aws_kms_key.k", "aws_kms_key.other"], SEVERAL)
    );
}

/// `aws_s3_bucket.logs[each.key]` is the bucket of the trail's own key, whose name nobody knows yet.
#[test]
fn a_bucket_of_the_trails_own_key_is_taken() {
    let bucket = |key: &str| {
        new(
            &format!("aws_s3_bucket.logs[\"{key}\"]"),
            &json!({}),
            &json!({"bucket": true, "id": true, "arn": true}),
        )
    };
    let trail = |key: &str| {
        new(
            &format!("aws_cloudtrail.main[\"{key}\"]"),
            &json!({"name": key}),
            &json!({"arn": true, "kms_key_id": true, "s3_bucket_name": true}),
        )
    };
    let mut of = trail_of(&["aws_kms_key.k.arn", "aws_kms_key.k"]);
    of["expressions"]["s3_bucket_name"] = json!({"references": ["aws_s3_bucket.logs", "each.key"]});
    let logs = json!({"address": "aws_s3_bucket.logs", "mode": "managed", "type": "aws_s3_bucket", "name": "logs", "expressions": {}});
    let root = json!({"resources": [of, key_block(), logs]});
    let changes = [
        new_key("aws_kms_key.k"),
        bucket("a"),
        bucket("b"),
        trail("a"),
        trail("b"),
    ];
    let judged = judged(&changes, &root);
    for key in ["a", "b"] {
        let address = format!("aws_cloudtrail.main[\"{key}\"]");
        let mut subjects = judged.model.subjects.iter();
        let subject = subjects.find(|it| it.address == address).unwrap();
        let found = subject.bucket.as_ref().map(|it| it.address.as_str());
        assert_eq!(
            found,
            Some(format!("aws_s3_bucket.logs[\"{key}\"]").as_str())
        );
    }
}

/// What is sensitive is not shown, though it is the name of a key that no input holds.
#[test]
fn a_key_that_something_sensitive_names_is_not_named() {
    let zone = new(
        "aws_controltower_landing_zone.main",
        &json!({"version": "3.3"}),
        &json!({"manifest_json": true, "arn": true}),
    );
    let inside = "module.m.aws_cloudtrail.main";
    for hidden in [true, false] {
        let variables = json!({"key": {"sensitive": hidden}});
        let manifest = block(
            "aws_controltower_landing_zone",
            "manifest_json",
            &["var.key"],
        );
        let output =
            json!({"arn": {"sensitive": hidden, "expression": {"constant_value": arn(7)}}});
        let of_output = ["module.m.arn", "module.m"];
        let call = |module: Value, expressions: Value| json!({"m": {"source": "./m", "module": module, "expressions": expressions}});
        let own = json!({"resources": [trail_of(&["var.key"])], "variables": variables});
        for (address, change, root) in [
            (
                "aws_cloudtrail.main",
                new_trail("aws_cloudtrail.main"),
                json!({"resources": [trail_of(&["var.key"])], "variables": variables}),
            ),
            (
                "aws_controltower_landing_zone.main",
                zone.clone(),
                json!({"resources": [manifest], "variables": variables}),
            ),
            (
                "aws_cloudtrail.main",
                new_trail("aws_cloudtrail.main"),
                json!({"resources": [trail_of(&of_output)], "module_calls": call(json!({"outputs": output}), json!({}))}),
            ),
            (
                inside,
                new_trail(inside),
                json!({"module_calls": call(own, json!({"key": {"constant_value": arn(7)}}))}),
            ),
        ] {
            let plan = json!({"format_version": "1.2", "terraform_version": "1.15.5", "planned_values": {"root_module": {}},
                "resource_changes": [change], "configuration": {"root_module": root},
                "complete": true, "errored": false, "variables": {"key": {"value": arn(7)}}});
            let judged = judge(&plan.to_string(), &Options::default());
            let wanted = if hidden {
                "(sensitive)".to_owned()
            } else {
                arn(7)
            };
            let (status, keys, _) = link(&judged, address);
            assert_eq!(
                (status.as_str(), keys),
                ("external", vec![wanted]),
                "{root}"
            );
        }
    }
}

/// An account has one alias of a name in each Region; a plan made by hand has as many as it likes, and so many are tried.
#[test]
fn so_many_aliases_of_one_name_are_tried() {
    for (count, status, tried) in [(50, "candidates", 50), (51, "unresolved", 0)] {
        let mut changes = vec![there(
            "aws_cloudtrail.main",
            &json!({"name": "main", "s3_bucket_name": "logs", "kms_key_id": "arn:aws:kms:us-east-1:111122223333:alias/same"}),
        )];
        for at in 0..count {
            let id = &arn(at)[arn(at).len() - 36..];
            changes.push(there(
                &format!("aws_kms_key.k[{at}]"),
                &json!({"arn": arn(at), "key_id": id}),
            ));
            changes.push(there(
                &format!("aws_kms_alias.a[{at}]"),
                &json!({"name": "alias/same", "target_key_id": id}),
            ));
        }
        let (found, keys, _) = link(&judged(&changes, &json!({})), "aws_cloudtrail.main");
        assert_eq!((found.as_str(), keys.len()), (status, tried));
    }
}

/// An alias without a target, which only a plan made by hand has, leads to no key, and nothing is missing from the plan.
#[test]
fn an_alias_of_nothing_leads_to_no_key() {
    let alias = new(
        "aws_kms_alias.main",
        &json!({"name": "alias/main", "target_key_id": null}),
        &json!({"arn": true}),
    );
    let changes = [alias, new_trail("aws_cloudtrail.main")];
    let trail = trail_of(&["aws_kms_alias.main.arn", "aws_kms_alias.main"]);
    let root = json!({"resources": [trail, block("aws_kms_alias", "name", &["var.name"])]});
    let (status, _, reason) = link(&judged(&changes, &root), "aws_cloudtrail.main");
    assert_eq!(status, "unresolved");
    let wanted =
        "`kms_key_id` is known after apply, and what it refers to is not a key of the inputs";
    assert_eq!(reason, wanted);
}

/// Each look-up asks for what the next one found. Every step takes some of the stack, so that a long chain is given up.
#[test]
fn a_long_chain_of_look_ups_is_given_up() {
    // A look-up is two steps, and so is one that a module does; its output is one more.
    for (length, module, status) in [
        (127, "", "resolved"),
        (128, "", "unresolved"),
        (127, "module.m.", "resolved"),
        (128, "module.m.", "unresolved"),
    ] {
        let mut changes = vec![
            new_key(&format!("{module}aws_kms_key.k")),
            new_trail("aws_cloudtrail.main"),
        ];
        let first = ["data.aws_kms_key.d0.arn", "data.aws_kms_key.d0"];
        let mut blocks = vec![key_block()];
        for at in 0..length {
            let mut found = new(
                &format!("aws_kms_key.d{at}"),
                &json!({}),
                &json!({"arn": true, "key_id": true}),
            );
            found["address"] = json!(format!("{module}data.aws_kms_key.d{at}"));
            found["mode"] = json!("data");
            found["change"]["actions"] = json!(["read"]);
            changes.push(found);
            let next = match at + 1 {
                next if next == length => "aws_kms_key.k".to_owned(),
                next => format!("data.aws_kms_key.d{next}"),
            };
            blocks.push(json!({"address": format!("data.aws_kms_key.d{at}"), "mode": "data", "type": "aws_kms_key", "name": format!("d{at}"),
                "expressions": {"key_id": {"references": [format!("{next}.arn"), next]}}}));
        }
        let root = if module.is_empty() {
            blocks.push(trail_of(&first));
            json!({"resources": blocks})
        } else {
            let outputs = json!({"arn": {"expression": {"references": first}}});
            let call = json!({"module": {"outputs": outputs, "resources": blocks}});
            json!({"resources": [trail_of(&["module.m.arn", "module.m"])], "module_calls": {"m": call}})
        };
        let found = link(&judged(&changes, &root), "aws_cloudtrail.main").0;
        assert_eq!(found, status, "{module} {length}");
    }
}

/// A variable that the call of the module sets to `true` is a condition; one that it sets to something else may be a table of indices.
#[test]
fn a_flag_of_a_module_is_no_index() {
    let keys = ["a", "b"].map(|it| format!("module.m.aws_kms_key.k[\"{it}\"]"));
    let trail = "module.m.aws_cloudtrail.main[\"a\"]";
    let changes = [new_key(&keys[0]), new_key(&keys[1]), new_trail(trail)];
    let names = [keys[0].as_str(), &keys[1]];
    for (value, wanted) in [
        (json!(true), resolved(&keys[0])),
        (json!({"a": "b"}), candidates(&names, ANY)),
        (json!("b"), candidates(&names, ANY)),
    ] {
        let inner = json!({"resources": [trail_of(&["var.it", "aws_kms_key.k", "each.key"]), key_block()], "variables": {"it": {}}});
        let calls = json!({"m": {"source": "./m", "expressions": {"it": {"constant_value": value}}, "module": inner}});
        let judged = judged(&changes, &json!({"module_calls": calls}));
        assert_eq!(link(&judged, trail), wanted, "{value}");
    }
}

/// What is said of a trail that may use any of very many keys is said of a landing zone.
#[test]
fn a_manifest_may_name_any_of_very_many_keys() {
    let address = "aws_controltower_landing_zone.main";
    let zone = new(
        address,
        &json!({"version": "3.3"}),
        &json!({"manifest_json": true, "arn": true}),
    );
    let keys = (0..60).map(|at| new_key(&format!("aws_kms_key.k[{at}]")));
    let changes: Vec<Value> = keys.chain([zone]).collect();
    let references = ["aws_kms_key.k", "random_integer.which"];
    let block = block(
        "aws_controltower_landing_zone",
        "manifest_json",
        &references,
    );
    let judged = judged(&changes, &json!({"resources": [block, key_block()]}));
    let (status, _, reason) = link(&judged, address);
    assert_eq!(status, "unresolved");
    assert_eq!(reason, "`manifest_json` may name any of 60 instances");
}

/// An alias of which nobody can tell the key may be of another key than the one beside it.
#[test]
fn an_alias_without_a_known_key_leaves_the_link_open() {
    let alias = new(
        "aws_kms_alias.main",
        &json!({"name": "alias/main"}),
        &json!({"arn": true, "target_key_id": true}),
    );
    let changes = [
        new_key("aws_kms_key.k"),
        alias,
        new_trail("aws_cloudtrail.main"),
    ];
    let trail = trail_of(&[
        "var.on",
        "aws_kms_alias.main.arn",
        "aws_kms_alias.main",
        "aws_kms_key.k.arn",
        "aws_kms_key.k",
    ]);
    let root =
        json!({"resources": [trail, key_block(), block("aws_kms_alias", "name", &["var.name"])]});
    let (status, _, reason) = link(&judged(&changes, &root), "aws_cloudtrail.main");
    assert_eq!(status, "unresolved");
    let wanted =
        "`kms_key_id` runs through `aws_kms_alias.main.target_key_id`, which a plan does not hold";
    assert_eq!(reason, wanted);
}

/// `each.value.arn` over the instances of a module is one output of one instance.
#[test]
fn an_output_of_each_module_is_one_output() {
    let keys =
        ["x", "y"].map(|at| ["a", "b"].map(|it| format!("module.m[\"{at}\"].aws_kms_key.{it}")));
    let trail = "aws_cloudtrail.main[\"y\"]";
    let all = keys.iter().flatten().map(|it| new_key(it));
    let changes: Vec<Value> = all.chain([new_trail(trail)]).collect();
    let mut called = module(&["aws_kms_key.a.arn", "aws_kms_key.a"]);
    called["module"]["outputs"]["other"] =
        json!({"expression": {"references": ["aws_kms_key.b.arn", "aws_kms_key.b"]}});
    let mut of = trail_of(&["each.value.arn", "each.value"]);
    of["for_each_expression"] = json!({"references": ["module.m"]});
    let root = json!({"resources": [of], "module_calls": {"m": called}});
    assert_eq!(link(&judged(&changes, &root), trail), resolved(&keys[1][0]));
}

/// A document that somebody cut down has no more of a key than its ARN.
#[test]
fn a_key_is_found_by_its_arn_alone() {
    let trail = json!({"name": "main", "s3_bucket_name": "logs", "kms_key_id": arn(0)});
    let changes = [
        there("aws_kms_key.k", &json!({"arn": arn(0)})),
        there("aws_kms_key.other", &json!({"arn": arn(1)})),
        there("aws_cloudtrail.main", &trail),
    ];
    assert_eq!(
        link(&judged(&changes, &json!({})), "aws_cloudtrail.main"),
        resolved("aws_kms_key.k")
    );
}

/// A plan does not hold locals, and lists what it depends on: where that is one key, a link through a local is to it.
#[test]
fn a_link_through_a_local_is_to_the_one_key_that_the_plan_depends_on() {
    let own = ["aws_kms_key.k.arn", "aws_kms_key.k"];
    let lost = ("unresolved".to_owned(), vec![]);
    let to = |key: &str| ("resolved".to_owned(), vec![key.to_owned()]);
    for (references, relevant, wanted) in [
        (
            &["local.key"][..],
            &[("aws_kms_key.k", "arn")][..],
            to("aws_kms_key.k"),
        ),
        (
            &["each.value"],
            &[("aws_kms_key.k", "arn")],
            to("aws_kms_key.k"),
        ),
        (
            &["local.key"],
            &[("aws_kms_key.many[\"b\"]", "arn")],
            to("aws_kms_key.many[\"b\"]"),
        ),
        (&["local.key"], &[("aws_kms_key.many", "arn")], lost.clone()),
        (
            &["local.key"],
            &[("aws_kms_key.k", "enabled")],
            lost.clone(),
        ),
        (
            &["local.key"],
            &[("aws_kms_key.k", "arn"), ("aws_kms_key.many[\"b\"]", "arn")],
            lost.clone(),
        ),
        (
            &["data.external.it.result"],
            &[("aws_kms_key.k", "arn")],
            lost.clone(),
        ),
        // What the expression itself refers to is not replaced by what the plan depends on.
        (
            &[own[0], own[1], "local.key"],
            &[("aws_kms_key.many[\"b\"]", "arn")],
            lost.clone(),
        ),
    ] {
        let relevant = relevant
            .iter()
            .map(|(resource, attribute)| json!({"resource": resource, "attribute": [attribute]}));
        let relevant: Vec<Value> = relevant.collect();
        let changes = [
            new_trail("aws_cloudtrail.main"),
            new_key("aws_kms_key.many[\"a\"]"),
            new_key("aws_kms_key.many[\"b\"]"),
            new_key("aws_kms_key.k"),
        ];
        let plan = json!({"format_version": "1.2", "terraform_version": "1.15.5", "planned_values": {"root_module": {}},
            "resource_changes": changes, "configuration": {"root_module": {"resources": [trail_of(references), key_block()]}},
            "relevant_attributes": relevant, "complete": true, "errored": false});
        let judged = judge(&plan.to_string(), &Options::default());
        let (status, keys, _) = link(&judged, "aws_cloudtrail.main");
        assert_eq!((status, keys), wanted, "{references:?} {relevant:?}");
    }
}

/// A report says by what a link goes.
#[test]
fn the_way_of_a_link_is_told() {
    let alias = new(
        "aws_kms_alias.main",
        &json!({"name": "alias/main"}),
        &json!({"arn": true, "target_key_id": true}),
    );
    let zone = new(
        "aws_controltower_landing_zone.main",
        &json!({"version": "3.3"}),
        &json!({"manifest_json": true, "arn": true}),
    );
    let of_alias = ["aws_kms_alias.main.arn", "aws_kms_alias.main"];
    let of_key = ["aws_kms_key.k.arn", "aws_kms_key.k"];
    let kind = "aws_controltower_landing_zone";
    for (change, block_of, via) in [
        (
            new_trail("aws_cloudtrail.main"),
            trail_of(&of_alias),
            &["aws_kms_alias.main", "aws_kms_key.k.arn"][..],
        ),
        (
            zone,
            block(
                kind,
                "manifest_json",
                &["local.regions", of_key[0], of_key[1]],
            ),
            &["aws_kms_key.k.arn", "local.regions"],
        ),
    ] {
        let address = change["address"].as_str().unwrap().to_owned();
        let changes = [new_key("aws_kms_key.k"), alias.clone(), change];
        let target = block("aws_kms_alias", "target_key_id", &of_key);
        let judged = judged(
            &changes,
            &json!({"resources": [block_of, key_block(), target]}),
        );
        let mut subjects = judged.model.subjects.iter();
        let subject = subjects.find(|it| it.address == address).unwrap();
        assert_eq!(subject.link.via, via);
    }
}

/// What a manifest refers to that is not in the plan is named.
#[test]
fn what_hides_the_key_of_a_manifest_is_told() {
    let address = "aws_controltower_landing_zone.main";
    let zone = new(
        address,
        &json!({"version": "3.3"}),
        &json!({"manifest_json": true, "arn": true}),
    );
    let block = block(
        "aws_controltower_landing_zone",
        "manifest_json",
        &["local.key"],
    );
    let judged = judged(&[zone], &json!({"resources": [block, key_block()]}));
    let (status, _, reason) = link(&judged, address);
    assert_eq!(status, "unresolved");
    assert_eq!(
        reason,
        "`manifest_json` runs through `local.key`, which a plan does not hold"
    );
}

/// What else stands in the name of a bucket is not a bucket.
#[test]
fn a_bucket_is_found_beside_other_references() {
    let bucket = new(
        "aws_s3_bucket.logs",
        &json!({}),
        &json!({"bucket": true, "id": true, "arn": true}),
    );
    let trail = new(
        "aws_cloudtrail.main",
        &json!({"name": "main"}),
        &json!({"arn": true, "kms_key_id": true, "s3_bucket_name": true}),
    );
    let mut of = trail_of(&["aws_kms_key.k.arn", "aws_kms_key.k"]);
    let references = [
        "random_id.it.hex",
        "random_id.it",
        "aws_s3_bucket.logs.id",
        "aws_s3_bucket.logs",
    ];
    of["expressions"]["s3_bucket_name"] = json!({"references": references});
    let logs = json!({"address": "aws_s3_bucket.logs", "mode": "managed", "type": "aws_s3_bucket", "name": "logs", "expressions": {}});
    let changes = [new_key("aws_kms_key.k"), bucket, trail];
    let judged = judged(&changes, &json!({"resources": [of, key_block(), logs]}));
    let bucket = judged.model.subjects[0].bucket.as_ref().unwrap();
    assert_eq!(bucket.address, "aws_s3_bucket.logs");
}

/// What is no key and not in the plan is part of a condition.
#[test]
fn a_condition_beside_a_key_is_no_key() {
    for condition in [
        &["random_id.it.id", "random_id.it"][..],
        &["data.aws_region.it.id", "data.aws_region.it"],
        &["aws_kms_key.other.enabled", "aws_kms_key.other"],
    ] {
        let references = [condition, &["aws_kms_key.k.arn", "aws_kms_key.k"]].concat();
        let changes = [
            new_key("aws_kms_key.k"),
            new_key("aws_kms_key.other"),
            new_trail("aws_cloudtrail.main"),
        ];
        let judged = judged(
            &changes,
            &json!({"resources": [trail_of(&references), key_block()]}),
        );
        let found = link(&judged, "aws_cloudtrail.main");
        assert_eq!(found, resolved("aws_kms_key.k"), "{condition:?}");
    }
}

/// `each.value.arn` over a resource, or over what the call of the module passes on, is that of the same key.
#[test]
fn each_value_is_of_the_trails_own_key() {
    let mut of = trail_of(&["each.value.arn", "each.value"]);
    of["for_each_expression"] = json!({"references": ["aws_kms_key.k"]});
    let keys = ["a", "b"].map(|it| format!("aws_kms_key.k[\"{it}\"]"));
    let trail = "aws_cloudtrail.main[\"b\"]";
    let changes = [new_key(&keys[0]), new_key(&keys[1]), new_trail(trail)];
    let root = json!({"resources": [of, key_block()]});
    assert_eq!(link(&judged(&changes, &root), trail), resolved(&keys[1]));
    let mut inner = trail_of(&["each.value"]);
    inner["for_each_expression"] = json!({"references": ["var.keys"]});
    let call = json!({"source": "./m", "expressions": {"keys": {"references": ["aws_kms_key.k"]}},
        "module": {"resources": [inner], "variables": {"keys": {}}}});
    let root = json!({"resources": [key_block()], "module_calls": {"m": call}});
    let trail = "module.m.aws_cloudtrail.main[\"b\"]";
    let only = [new_key("aws_kms_key.k"), new_trail(trail)];
    assert_eq!(
        link(&judged(&only, &root), trail),
        resolved("aws_kms_key.k")
    );
}

/// A module's instance that the plan does not hold is no other one.
#[test]
fn an_instance_of_a_module_that_is_not_there_is_no_other() {
    let keys = ["x", "y"].map(|it| format!("module.m[\"{it}\"].aws_kms_key.a"));
    let trail = "aws_cloudtrail.main";
    let changes = [new_key(&keys[0]), new_key(&keys[1]), new_trail(trail)];
    let calls = json!({"m": module(&["aws_kms_key.a.arn", "aws_kms_key.a"])});
    let references = ["module.m[\"z\"].arn", "module.m[\"z\"]", "module.m"];
    let root = json!({"resources": [trail_of(&references)], "module_calls": calls});
    let (status, found, _) = link(&judged(&changes, &root), trail);
    assert_eq!((status.as_str(), found), ("unresolved", vec![]));
}

/// A long chain of aliases, which AWS does not have, is given up as one of look-ups is.
#[test]
fn a_long_chain_of_aliases_is_given_up() {
    for (length, status) in [(100, "resolved"), (200, "unresolved")] {
        let mut changes = vec![new_key("aws_kms_key.k"), new_trail("aws_cloudtrail.main")];
        let mut blocks = vec![
            trail_of(&["aws_kms_alias.a0.arn", "aws_kms_alias.a0"]),
            key_block(),
        ];
        for at in 0..length {
            changes.push(new(
                &format!("aws_kms_alias.a{at}"),
                &json!({"name": format!("alias/a{at}")}),
                &json!({"arn": true, "target_key_id": true}),
            ));
            let next = match at + 1 {
                next if next == length => "aws_kms_key.k".to_owned(),
                next => format!("aws_kms_alias.a{next}"),
            };
            let arn = format!("{next}.arn");
            let mut block = block("aws_kms_alias", "target_key_id", &[&arn, &next]);
            block["name"] = json!(format!("a{at}"));
            blocks.push(block);
        }
        let judged = judged(&changes, &json!({"resources": blocks}));
        assert_eq!(link(&judged, "aws_cloudtrail.main").0, status, "{length}");
    }
}

/// The same where each alias says by its name which the next one is.
#[test]
fn a_long_chain_of_named_aliases_is_given_up() {
    for (length, status) in [(257, "resolved"), (258, "unresolved")] {
        let mut changes = vec![
            there(
                "aws_kms_key.k",
                &json!({"arn": arn(0), "key_id": &arn(0)[arn(0).len() - 36..]}),
            ),
            there(
                "aws_cloudtrail.main",
                &json!({"name": "main", "s3_bucket_name": "logs", "kms_key_id": "alias/a0"}),
            ),
        ];
        for at in 0..length {
            let next = match at + 1 {
                next if next == length => arn(0),
                next => format!("alias/a{next}"),
            };
            changes.push(there(
                &format!("aws_kms_alias.a{at}"),
                &json!({"name": format!("alias/a{at}"), "target_key_id": next}),
            ));
        }
        let found = link(&judged(&changes, &json!({})), "aws_cloudtrail.main").0;
        assert_eq!(found, status, "{length}");
    }
}

/// What a plan leaves out is looked for where it says that it leaves something out, or that it failed.
#[test]
fn only_a_plan_that_is_not_whole_leaves_a_policy_out() {
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*"}]});
    let key = json!({"arn": arn(0), "key_id": &arn(0)[arn(0).len() - 36..], "policy": policy.to_string()});
    let trail = json!({"name": "main", "s3_bucket_name": "logs", "kms_key_id": arn(0), "is_organization_trail": false});
    let separate = block(
        "aws_kms_key_policy",
        "key_id",
        &["aws_kms_key.k.key_id", "aws_kms_key.k"],
    );
    let put_off = json!([{"reason": "instance_count_unknown", "resource_change": new_key("aws_kms_key.later")}]);
    for (complete, errored, deferred, verdict) in [
        (true, false, json!([]), "allowed"),
        (false, false, json!([]), "undecided"),
        (true, true, json!([]), "undecided"),
        (true, false, put_off, "undecided"),
    ] {
        let plan = json!({"format_version": "1.2", "terraform_version": "1.15.5", "planned_values": {"root_module": {}},
            "resource_changes": [there("aws_kms_key.k", &key), there("aws_cloudtrail.main", &trail)],
            "configuration": {"root_module": {"resources": [key_block(), separate]}}, "complete": complete, "errored": errored,
            "deferred_changes": deferred});
        let judged = judge(&plan.to_string(), &Options::default());
        let found = judged.verdict("cloudtrail-encrypt", None);
        assert_eq!(found, verdict, "{complete} {errored}");
    }
}
