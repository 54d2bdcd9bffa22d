//! Policy documents that only the apply reads: which of them a policy is made of, and what a leaf stands for that is not known.

use keytrail::resolve::Options;
use serde_json::{Value, json};

use crate::support::sketch::{Judged, Sketch, judge};

const DOCUMENT: &str = "data.aws_iam_policy_document.key";
const TRAIL: &str = "arn:aws:cloudtrail:us-east-1:111122223333:trail/main";

/// A `statement` block that lets somebody use the key.
fn allow(kind: &str, who: &str) -> Value {
    json!({"effect": "Allow", "actions": ["kms:*"], "resources": ["*"], "principals": [{"type": kind, "identifiers": [who]}]})
}

fn service() -> Value {
    allow("Service", "cloudtrail.amazonaws.com")
}

/// A document that the plan reads, with what is not known of it.
fn read(address: &str, after: &Value, unknown: &Value) -> Value {
    let name = address.trim_start_matches("data.aws_iam_policy_document.");
    let (name, index) = name.split_once('[').unwrap_or((name, ""));
    let mut change = json!({"address": address, "mode": "data", "type": "aws_iam_policy_document", "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": {"actions": ["read"], "before": null, "after": after, "after_unknown": unknown,
            "before_sensitive": false, "after_sensitive": {}}});
    if !index.is_empty() {
        change["index"] = serde_json::from_str(index.trim_end_matches(']')).unwrap();
    }
    change
}

fn block(name: &str, expressions: &Value) -> Value {
    json!({"address": format!("data.aws_iam_policy_document.{name}"), "mode": "data", "type": "aws_iam_policy_document", "name": name,
        "provider_config_key": "aws", "expressions": expressions, "schema_version": 0})
}

/// A key whose policy is known after the apply, and refers to so much.
fn judged(references: &[&str], documents: &[Value], blocks: &[Value]) -> Judged {
    let mut plan: Value = serde_json::from_str(&Sketch::new("{}").plan()).unwrap();
    let key = &mut plan["resource_changes"][1]["change"];
    key["actions"] = json!(["update"]);
    key["after"].as_object_mut().unwrap().remove("policy");
    key["after_unknown"] = json!({"policy": true});
    let changes = plan["resource_changes"].as_array_mut().unwrap();
    changes.extend(documents.iter().cloned());
    let mut all = vec![
        json!({"address": "aws_kms_key.trail", "mode": "managed", "type": "aws_kms_key", "name": "trail",
        "provider_config_key": "aws", "expressions": {"policy": {"references": references}}, "schema_version": 0}),
    ];
    all.extend(blocks.iter().cloned());
    plan["configuration"] = json!({"root_module": {"resources": all}});
    judge(&plan.to_string(), &Options::default())
}

fn encrypt(judged: &Judged) -> &'static str {
    judged.verdict("cloudtrail-encrypt", None)
}

/// Both texts of a document are its policy; its id is a hash of it, and an index tells which instance is meant.
#[test]
fn a_policy_is_that_of_the_document_whose_text_it_is() {
    let unknown = json!({"json": true, "minified_json": true, "id": true});
    let json = format!("{DOCUMENT}.json");
    for (references, address, verdict) in [
        (vec![json.as_str(), DOCUMENT], DOCUMENT, "allowed"),
        (
            vec!["data.aws_iam_policy_document.key.minified_json", DOCUMENT],
            DOCUMENT,
            "allowed",
        ),
        (
            vec!["data.aws_iam_policy_document.key.id", DOCUMENT],
            DOCUMENT,
            "undecided",
        ),
        (
            vec![json.as_str(), DOCUMENT, "var.more"],
            DOCUMENT,
            "undecided",
        ),
        (
            vec![
                json.as_str(),
                DOCUMENT,
                "data.external.more.json",
                "data.external.more",
            ],
            DOCUMENT,
            "undecided",
        ),
        (
            vec![DOCUMENT, "each.key"],
            "data.aws_iam_policy_document.key[\"a\"]",
            "allowed",
        ),
        (
            vec![DOCUMENT, "count.index"],
            "data.aws_iam_policy_document.key[0]",
            "allowed",
        ),
        (
            vec![DOCUMENT, "each.value"],
            "data.aws_iam_policy_document.key[\"a\"]",
            "undecided",
        ),
    ] {
        let document = read(address, &json!({"statement": [service()]}), &unknown);
        let judged = judged(&references, &[document], &[block("key", &json!({}))]);
        assert_eq!(encrypt(&judged), verdict, "{references:?}");
    }
}

/// What a document includes is part of the policy, whether its text is known, or is a document that is still to be read.
#[test]
fn what_a_document_includes_is_part_of_the_policy() {
    let text = |effect: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "kms:*", "Resource": "*"}]})
        .to_string()
    };
    let unknown = json!({"json": true});
    let other = allow("AWS", "111122223333");
    let references = [format!("{DOCUMENT}.json"), DOCUMENT.to_owned()];
    let references: Vec<&str> = references.iter().map(String::as_str).collect();
    for (included, verdict) in [
        (json!({}), "denied"),
        (
            json!({"source_policy_documents": [text("Allow")]}),
            "allowed",
        ),
        (
            json!({"override_policy_documents": [text("Allow")]}),
            "allowed",
        ),
        (json!({"source_json": text("Allow")}), "allowed"),
        (json!({"override_json": text("Allow")}), "allowed"),
        (
            json!({"source_policy_documents": [text("Allow"), text("Deny")]}),
            "denied",
        ),
        (json!({"source_policy_documents": null}), "denied"),
        // What is no policy may say anything.
        (json!({"source_policy_documents": ["{}"]}), "undecided"),
        (json!({"source_policy_documents": ["{"]}), "undecided"),
    ] {
        let mut after = included.clone();
        after["statement"] = json!([other]);
        let document = read(DOCUMENT, &after, &unknown);
        let judged = judged(&references, &[document], &[block("key", &json!({}))]);
        assert_eq!(encrypt(&judged), verdict, "{included}");
    }
    // Two documents that are still to be read, and a list of which one of them is a part.
    let base = "data.aws_iam_policy_document.base";
    for (texts, unknown_texts, verdict) in [
        (json!([null]), json!([true]), "allowed"),
        (json!([null, text("Deny")]), json!([true, false]), "denied"),
        // Which of the texts is the document is not told.
        (
            json!([null, text("Allow")]),
            json!([true, false]),
            "undecided",
        ),
        (
            json!([text("Allow"), null]),
            json!([false, true]),
            "undecided",
        ),
    ] {
        let after = json!({"statement": [other], "source_policy_documents": texts});
        let unknown = json!({"json": true, "source_policy_documents": unknown_texts});
        let documents = [
            read(DOCUMENT, &after, &unknown),
            read(
                base,
                &json!({"statement": [service()]}),
                &json!({"json": true}),
            ),
        ];
        let written =
            json!({"source_policy_documents": {"references": [format!("{base}.json"), base]}});
        let blocks = [block("key", &written), block("base", &json!({}))];
        let judged = judged(&references, &documents, &blocks);
        assert_eq!(encrypt(&judged), verdict, "{texts}");
    }
}

/// Documents that include one another are followed so deep and no deeper.
#[test]
fn documents_are_followed_to_a_depth() {
    for (last, verdict) in [
        (15, "allowed"),
        (16, "allowed"),
        (17, "undecided"),
        (18, "undecided"),
    ] {
        let address = |at: usize| format!("data.aws_iam_policy_document.d{at}");
        let (mut documents, mut blocks) = (Vec::new(), Vec::new());
        for at in 0..=last {
            let (mut after, mut unknown) = (json!({"statement": []}), json!({"json": true}));
            let mut written = json!({});
            if at == last {
                after["statement"] = json!([service()]);
            } else {
                after["source_policy_documents"] = json!([null]);
                unknown["source_policy_documents"] = json!([true]);
                let next = address(at + 1);
                written = json!({"source_policy_documents": {"references": [format!("{next}.json"), next]}});
            }
            documents.push(read(&address(at), &after, &unknown));
            blocks.push(block(&format!("d{at}"), &written));
        }
        let references = [format!("{}.json", address(0)), address(0)];
        let references: Vec<&str> = references.iter().map(String::as_str).collect();
        let judged = judged(&references, &documents, &blocks);
        assert_eq!(encrypt(&judged), verdict, "{last}");
    }
}

/// An unknown principal is an ARN where only ARNs are referred to: neither `*` nor a service. The partition alone may be part of anything.
#[test]
fn an_unknown_principal_is_an_arn_where_it_comes_from_one() {
    let references = [format!("{DOCUMENT}.json"), DOCUMENT.to_owned()];
    let references: Vec<&str> = references.iter().map(String::as_str).collect();
    for (written, verdict) in [
        (
            json!(["aws_iam_role.admin.arn", "aws_iam_role.admin"]),
            "denied",
        ),
        (
            json!([
                "data.aws_caller_identity.current.account_id",
                "data.aws_caller_identity.current"
            ]),
            "denied",
        ),
        (
            json!([
                "data.aws_partition.current.partition",
                "data.aws_partition.current",
                "data.aws_caller_identity.current.account_id",
                "data.aws_caller_identity.current"
            ]),
            "denied",
        ),
        (
            json!([
                "data.aws_partition.current.partition",
                "data.aws_partition.current"
            ]),
            "undecided",
        ),
        (
            json!(["data.aws_region.current.name", "data.aws_region.current"]),
            "undecided",
        ),
        (
            json!(["aws_iam_role.admin.arn", "aws_iam_role.admin", "var.who"]),
            "undecided",
        ),
        (json!(["var.role.arn", "var.role"]), "undecided"),
    ] {
        let mut statement = allow("AWS", "");
        statement["principals"][0]["identifiers"] = json!([null]);
        let after = json!({"statement": [statement]});
        let unknown =
            json!({"json": true, "statement": [{"principals": [{"identifiers": [true]}]}]});
        let blocks = [block(
            "key",
            &json!({"statement": [{"principals": [{"type": {"constant_value": "AWS"}, "identifiers": {"references": written}}]}]}),
        )];
        let judged = judged(&references, &[read(DOCUMENT, &after, &unknown)], &blocks);
        assert_eq!(encrypt(&judged), verdict, "{written}");
    }
}

/// Conditions are a set: operator and key together tell which one of the configuration an unknown value is of.
#[test]
fn an_unknown_value_of_a_condition_bears_the_name_of_what_it_refers_to() {
    let references = [format!("{DOCUMENT}.json"), DOCUMENT.to_owned()];
    let references: Vec<&str> = references.iter().map(String::as_str).collect();
    let bound = |test: &str, key: &str, value: Value| json!({"test": test, "variable": key, "values": [value]});
    let written = |test: &str, key: &str, from: &str| json!({"test": {"constant_value": test}, "variable": {"constant_value": key}, "values": {"references": [from]}});
    let own = bound("StringEquals", "aws:SourceArn", Value::Null);
    let account = bound("StringEquals", "aws:SourceAccount", json!("111122223333"));
    let source = |from: &str| written("StringEquals", "aws:SourceArn", from);
    let place = "data.aws_iam_policy_document.key.statement";
    for (held, unknown, blocks, named) in [
        (
            json!([own]),
            json!([{"values": [true]}]),
            json!([source("var.trail")]),
            "var.trail",
        ),
        // Another one with the same operator, and another one with the same key.
        (
            json!([own, account]),
            json!([{"values": [true]}, {}]),
            json!([
                written("StringEquals", "aws:SourceAccount", "var.account"),
                source("var.trail")
            ]),
            "var.trail",
        ),
        (
            json!([own, bound("StringLike", "aws:SourceArn", json!(TRAIL))]),
            json!([{"values": [true]}, {}]),
            json!([
                written("StringLike", "aws:SourceArn", "var.pattern"),
                source("var.trail")
            ]),
            "var.trail",
        ),
        // None of them is it.
        (
            json!([own]),
            json!([{"values": [true]}]),
            json!([written("StringEquals", "aws:SourceAccount", "var.account")]),
            place,
        ),
        (
            json!([own]),
            json!([{"values": [true]}]),
            json!([written("StringLike", "aws:SourceArn", "var.pattern")]),
            place,
        ),
        // Nothing is referred to.
        (
            json!([own]),
            json!([{"values": [true]}]),
            json!([{"test": {"constant_value": "StringEquals"}, "variable": {"constant_value": "aws:SourceArn"}}]),
            place,
        ),
        // Two that are alike.
        (
            json!([own]),
            json!([{"values": [true]}]),
            json!([source("var.one"), source("var.other")]),
            place,
        ),
    ] {
        let mut statement = service();
        statement["condition"] = held.clone();
        let after = json!({"statement": [statement]});
        let unknown = json!({"json": true, "statement": [{"condition": unknown}]});
        let blocks = [block("key", &json!({"statement": [{"condition": blocks}]}))];
        let judged = judged(&references, &[read(DOCUMENT, &after, &unknown)], &blocks);
        let symbols = &judged.model.symbols;
        let mut asked = judged.model.subjects.iter().flat_map(|it| &it.requirements);
        let asked = asked.find(|it| it.id == "cloudtrail-encrypt").unwrap();
        let fixed = asked
            .decision
            .cases
            .iter()
            .flat_map(|case| &case.when)
            .map(|it| it.symbol);
        let blocked = asked.decision.blocked_by.iter().filter_map(|it| it.symbol);
        let names: Vec<&str> = fixed
            .chain(blocked)
            .map(|it| symbols.get(it).name.as_str())
            .collect();
        assert!(!names.is_empty(), "{held}");
        assert!(
            names.iter().all(|it| it.starts_with(named)),
            "{held} {names:?}"
        );
    }
}

/// With a `dynamic` block there are more statements than the configuration shows, and which of them is written where is not known.
#[test]
fn a_statement_of_a_dynamic_block_has_no_place_in_the_configuration() {
    let references = [format!("{DOCUMENT}.json"), DOCUMENT.to_owned()];
    let references: Vec<&str> = references.iter().map(String::as_str).collect();
    let mut statement = allow("AWS", "");
    statement["principals"][0]["identifiers"] = json!([null]);
    let role = json!({"references": ["aws_iam_role.admin.arn", "aws_iam_role.admin"]});
    let written = json!({"statement": [{"principals": [{"type": {"constant_value": "AWS"}, "identifiers": role}]}]});
    for (more, verdict) in [
        (vec![], "denied"),
        (vec![allow("AWS", "111122223333")], "undecided"),
    ] {
        let mut statements = vec![statement.clone()];
        statements.extend(more);
        let unknown =
            json!({"json": true, "statement": [{"principals": [{"identifiers": [true]}]}]});
        let document = read(DOCUMENT, &json!({"statement": statements}), &unknown);
        let judged = judged(&references, &[document], &[block("key", &written)]);
        assert_eq!(encrypt(&judged), verdict, "{statements:?}");
    }
}

#[test]
fn an_unknown_action_or_resource_bears_the_name_of_what_it_refers_to() {
    let references = [format!("{DOCUMENT}.json"), DOCUMENT.to_owned()];
    let references: Vec<&str> = references.iter().map(String::as_str).collect();
    for argument in ["actions", "not_actions", "resources", "not_resources"] {
        let mut statement = service();
        let other = argument.trim_start_matches("not_");
        statement.as_object_mut().unwrap().remove(other);
        statement[argument] = json!([null]);
        let unknown = json!({"json": true, "statement": [{argument: [true]}]});
        let document = read(DOCUMENT, &json!({"statement": [statement]}), &unknown);
        let written = json!({"statement": [{argument: {"references": ["var.some"]}}]});
        let judged = judged(&references, &[document], &[block("key", &written)]);
        assert_eq!(encrypt(&judged), "undecided", "{argument}");
        let mut asked = judged.model.subjects.iter().flat_map(|it| &it.requirements);
        let encrypt = asked.find(|it| it.id == "cloudtrail-encrypt").unwrap();
        let mut symbols = encrypt
            .decision
            .blocked_by
            .iter()
            .filter_map(|it| it.symbol);
        let named = symbols.any(|it| judged.model.symbols.get(it).name == "var.some");
        assert!(named, "{argument} {:?}", encrypt.decision.blocked_by);
    }
}
