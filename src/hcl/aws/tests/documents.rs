use super::fake::Bench;
use crate::hcl::Typed;
use crate::source::{SourceMap, parse_json};
use crate::value::json;
use crate::value::{Kind, Presence, Value};

const DOCUMENT: &str = "data.aws_iam_policy_document";

impl Bench {
    /// The policy of a document, read from its text.
    fn policy(&mut self, arguments: &[(&str, &str)]) -> Value {
        let value = self.value(DOCUMENT, &object(arguments), "json").unwrap();
        let text = super::super::facts::text_of(&value).unwrap();
        json::read(&text, &value.origin, &self.sources, &mut self.symbols).unwrap()
    }

    /// The policy on one line.
    fn line(&mut self, arguments: &[(&str, &str)]) -> String {
        self.show(DOCUMENT, &object(arguments), "minified_json")
    }
}

/// An object expression of these arguments.
fn object(arguments: &[(&str, &str)]) -> String {
    let members = arguments
        .iter()
        .map(|(name, value)| format!("{name} = {value}"));
    format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
}

#[test]
fn defaults_are_filled_in_and_lists_are_as_the_provider_writes_them() {
    let statement = r#"[{
        sid = "A"
        actions = ["kms:Decrypt", "kms:Encrypt", "kms:Decrypt"]
        resources = ["*"]
        principals = [
            { type = "Service", identifiers = ["cloudtrail.amazonaws.com"] },
            { type = "AWS", identifiers = ["1", "2"] },
            { type = "AWS", identifiers = ["3"] },
        ]
        condition = [
            { test = "StringLike", variable = "b", values = ["x&{aws:username}"] },
            { test = "StringEquals", variable = "a", values = ["2", "1"] },
            { test = "StringEquals", variable = "a", values = ["3"] },
        ]
    }]"#;
    let expected = concat!(
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":["kms:Encrypt","kms:Decrypt"],"#,
        r#""Resource":"*","Principal":{"AWS":["2","1","3"],"Service":"cloudtrail.amazonaws.com"},"#,
        r#""Condition":{"StringEquals":{"a":["2","1","3"]},"StringLike":{"b":"x${aws:username}"}}}]}"#
    );
    assert_eq!(Bench::known().line(&[("statement", statement)]), expected);
}

#[test]
fn json_is_laid_out_over_lines() {
    let arguments = [
        ("policy_id", "\"p\""),
        ("version", "\"2008-10-17\""),
        (
            "statement",
            "[{ effect = \"Deny\", not_actions = [\"a:b\"] }]",
        ),
    ];
    let expected = "{\n  \"Version\": \"2008-10-17\",\n  \"Id\": \"p\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Deny\",\n      \"NotAction\": \"a:b\"\n    }\n  ]\n}";
    assert_eq!(
        Bench::known().show(DOCUMENT, &object(&arguments), "json"),
        expected
    );
}

#[test]
fn only_the_one_block_of_everyone_is_a_star() {
    let one = r#"[{ principals = [{ type = "*", identifiers = ["*"] }] }]"#;
    let two = r#"[{ principals = [{ type = "*", identifiers = ["*"] }, { type = "AWS", identifiers = ["*"] }] }]"#;
    let mut bench = Bench::known();
    let mut principal = |statement| {
        let line = bench.line(&[("statement", statement)]);
        let (_, rest) = line.split_once("\"Principal\":").unwrap();
        rest.strip_suffix("}]}").unwrap().to_owned()
    };
    assert_eq!(principal(one), "\"*\"");
    assert_eq!(principal(two), r#"{"*":"*","AWS":"*"}"#);
}

#[test]
fn statements_of_a_sid_replace_each_other() {
    let source = r#"[jsonencode({ Version = "2008-10-17", Statement = [{ Sid = "A", Effect = "Allow" }, { Sid = "B", Effect = "Allow" }, { Effect = "Allow" }] }), null, ""]"#;
    let own = r#"[{ sid = "A", effect = "Deny" }, { sid = "" }]"#;
    let over = r#"[jsonencode({ Id = "o", Statement = { Sid = "B", Effect = "Deny" } })]"#;
    let arguments = [
        ("source_policy_documents", source),
        ("statement", own),
        ("override_policy_documents", over),
    ];
    let expected = concat!(
        r#"{"Version":"2012-10-17","Id":"o","Statement":[{"Sid":"A","Effect":"Deny"},{"Effect":"Deny","Sid":"B"},"#,
        r#"{"Effect":"Allow"},{"Effect":"Allow"}]}"#
    );
    assert_eq!(Bench::known().line(&arguments), expected);
}

#[test]
fn what_the_provider_refuses_is_a_problem() {
    let mut bench = Bench::known();
    let twice = r#"[{ sid = "A" }, { sid = "A" }]"#;
    assert_eq!(
        bench.line(&[("statement", twice)]),
        "error: two statements of this document have the same `sid`"
    );
    let one = r#"jsonencode({ Statement = [{ Sid = "A" }] })"#;
    assert_eq!(
        bench.line(&[("source_policy_documents", &format!("[{one}, {one}]"))]),
        "error: two statements of `source_policy_documents` have the same Sid"
    );
    assert_eq!(
        bench.line(&[("source_policy_documents", "[\"no\"]")]),
        "error: a document in `source_policy_documents` is no JSON"
    );
    assert_eq!(
        bench.line(&[("source_json", "\"[]\"")]),
        "error: an included document is no policy"
    );
}

#[test]
fn unknown_leaves_stand_in_the_text_by_their_names() {
    let statement = r#"[{
        sid = "S${var.sid}"
        effect = var.effect
        actions = ["kms:*"]
        principals = [{ type = "AWS", identifiers = [var.arn, "1"] }]
    }]"#;
    assert_eq!(
        Bench::known().line(&[("statement", statement)]),
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"S${var.sid}","Effect":"${var.effect}","Action":"kms:*","Principal":{"AWS":["${var.arn}","1"]}}]}"#
    );
}

fn statements(policy: &Value) -> &crate::value::List {
    match &policy.get("Statement").unwrap().kind {
        Kind::List(list) => list,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_may_be_there_keeps_its_doubt() {
    let mut bench = Bench::known();
    let filtered =
        r#"[for it in [{ sid = "A" }, { sid = "B" }] : it if it.sid == "B" || var.flag]"#;
    let policy = bench.policy(&[("statement", filtered)]);
    let presences: Vec<bool> = statements(&policy)
        .items
        .iter()
        .map(|item| item.presence == Presence::Present)
        .collect();
    assert_eq!(presences, [false, true]);
    let open = Bench::known().policy(&[("statement", "var.blocks")]);
    assert!(statements(&open).open.is_some());
    let actions = Bench::known().policy(&[("statement", "[{ actions = var.list }]")]);
    let first = &statements(&actions).items[0].value;
    assert!(matches!(&first.get("Action").unwrap().kind, Kind::List(it) if it.open.is_some()));
}

#[test]
fn an_unknown_condition_opens_the_others() {
    let statement = r#"[{ condition = concat([{ test = "Null", variable = "a", values = ["true"] }], var.blocks) }]"#;
    let policy = Bench::known().policy(&[("statement", statement)]);
    let condition = statements(&policy).items[0].value.get("Condition").unwrap();
    let Kind::Object(object) = &condition.kind else {
        panic!("{condition:?}");
    };
    assert!(object.open.is_some());
    let values = condition.get("Null").unwrap().get("a").unwrap();
    assert!(matches!(&values.kind, Kind::List(it) if it.open.is_some()));
}

#[test]
fn an_unknown_source_opens_the_statements_and_an_unknown_override_takes_all() {
    let mut bench = Bench::known();
    let own = ("statement", r#"[{ sid = "A" }]"#);
    let policy = bench.policy(&[("source_policy_documents", "[var.document]"), own]);
    assert_eq!(statements(&policy).items.len(), 1);
    assert!(statements(&policy).open.is_some());
    let replaced = bench.line(&[("override_policy_documents", "[var.document]"), own]);
    assert_eq!(replaced, "${data.aws_iam_policy_document.x.minified_json}");
}

#[test]
fn a_source_that_is_known_in_part_is_read() {
    let source = r#"[jsonencode({ Statement = concat([{ Sid = "A" }], var.blocks) })]"#;
    let arguments = [("source_policy_documents", source)];
    let policy = Bench::known().policy(&arguments);
    let first = statements(&policy).items[0].value.get("Sid").unwrap();
    assert_eq!(first.as_str(), Some("A"));
    assert!(statements(&policy).open.is_some());
    let arguments = [("override_policy_documents", source)];
    let line = Bench::known().line(&arguments);
    assert_eq!(line, "${data.aws_iam_policy_document.x.minified_json}");
}

#[test]
fn a_source_whose_sid_may_be_replaced_is_in_doubt() {
    let source = r#"[jsonencode({ Statement = [{ Sid = "Allow1" }, { Sid = "Deny" }] })]"#;
    let own = r#"[{ sid = "Allow${var.n}" }]"#;
    let arguments = [("source_policy_documents", source), ("statement", own)];
    let policy = Bench::known().policy(&arguments);
    let sure: Vec<bool> = statements(&policy)
        .items
        .iter()
        .map(|item| item.presence == Presence::Present)
        .collect();
    assert_eq!(sure, [false, true, true]);
}

#[test]
fn every_value_keeps_its_place() {
    let mut bench = Bench::known();
    let statement = r#"[{ actions = ["kms:Decrypt"] }]"#;
    let policy = bench.policy(&[("statement", statement)]);
    let first = &statements(&policy).items[0].value;
    let text = |value: &Value| bench.sources.location(value.origin.span()).text;
    assert_eq!(text(first.get("Action").unwrap()), "\"kms:Decrypt\"");
    // What the provider fills in has the place of the block it stands in.
    assert_eq!(
        text(first.get("Effect").unwrap()),
        r#"{ actions = ["kms:Decrypt"] }"#
    );
    assert_eq!(text(policy.get("Version").unwrap()), "resource");
}

#[test]
fn documents_cannot_grow_without_end() {
    let big = format!(
        "[jsonencode({{ Statement = [{{ Sid = \"{}\" }}] }})]",
        "a".repeat(5 << 20)
    );
    assert_eq!(
        Bench::known().line(&[("source_policy_documents", &big)]),
        "error: the policy document grows too large"
    );
}

macro_rules! plan {
    ($name:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/testdata/generated/",
            $name,
            "/plan.json"
        ))
    };
}

const PLANS: &[&str] = &[
    plan!("01-pd-known-terraform-1.15"),
    plan!("01-pd-known"),
    plan!("02-pd-known-decrypt"),
    plan!("08-key-policy-resource"),
    plan!("09-modules-terraform-1.15"),
    plan!("09-modules"),
    plan!("10-nested-modules-terraform-1.15"),
    plan!("10-nested-modules"),
    plan!("11-count-key"),
    plan!("12-count-zero"),
    plan!("15-alias-link"),
    plan!("19-legacy-splat-terraform-1.15"),
    plan!("19-legacy-splat"),
    plan!("20-source-override-docs"),
    plan!("21-dynamic-statements-terraform-1.15"),
    plan!("21-dynamic-statements"),
    plan!("24-checks-preconditions"),
    plan!("27-provider-aliases"),
    plan!("28-shared-key-two-trails"),
    plan!("29-replica-external"),
    plan!("30-import-block"),
    plan!("31-no-link"),
    plan!("34-cn-partition"),
    plan!("35-org-trail"),
    plan!("36-source-arn-self-cycle-broken"),
    plan!("37-bucket-name-unknown"),
    plan!("50-update-policy"),
    plan!("51-no-op"),
    plan!("52-destroy"),
    plan!("53-replace"),
    plan!("54-replace-cbd"),
    plan!("55-moved"),
    plan!("56-target"),
    plan!("57-refresh-only"),
    plan!("60-replace-flag"),
    plan!("61-modules-existing"),
    plan!("63-var-cli"),
];

/// The documents that real plans have read, with what the provider made of them.
#[test]
fn plans_hold_the_same_policies() {
    let mut seen = 0;
    for text in PLANS {
        let mut sources = SourceMap::new();
        let file = sources.add("plan.json", *text).unwrap();
        let plan = Value::from_json(&parse_json(&sources, file).unwrap());
        let mut documents = Vec::new();
        find(&plan, &mut documents);
        for values in documents {
            seen += 1;
            compare(&values);
        }
    }
    assert_eq!(seen, 39);
}

/// The attributes of every document that was read.
fn find(value: &Value, found: &mut Vec<Value>) {
    if value.get("type").and_then(Value::as_str) == Some("aws_iam_policy_document")
        && let Some(values) = value.get("values")
        && values.get("json").and_then(Value::as_str).is_some()
    {
        found.push(values.clone());
    }
    value.items().for_each(|item| find(item, found));
    if let Kind::Object(object) = &value.kind {
        object.members.iter().for_each(|it| find(&it.value, found));
    }
}

fn compare(values: &Value) {
    let mut arguments = Vec::new();
    for name in [
        "policy_id",
        "version",
        "statement",
        "source_json",
        "source_policy_documents",
        "override_json",
        "override_policy_documents",
    ] {
        if let Some(value) = values.get(name) {
            arguments.push((name, expression(&Typed::from(value.clone()))));
        }
    }
    let arguments: Vec<(&str, &str)> = arguments
        .iter()
        .map(|(name, text)| (*name, text.as_str()))
        .collect();
    let mut bench = Bench::known();
    let made = bench.policy(&arguments);
    let text = values.get("json").and_then(Value::as_str).unwrap();
    let file = bench.sources.add("json", text).unwrap();
    let held = Value::from_json(&parse_json(&bench.sources, file).unwrap());
    assert_eq!(sorted(made), sorted(held));
}

/// A JSON value as an expression.
fn expression(value: &Typed) -> String {
    use crate::hcl::Data;
    match &value.data {
        Data::Null(_) => "null".to_owned(),
        Data::Bool(it) => it.to_string(),
        Data::Number(it) => it.to_string(),
        Data::Text(it) => {
            let text = it.to_literal().unwrap();
            format!("{text:?}").replace("${", "$${").replace("\\'", "'")
        }
        Data::Sequence(it) => {
            let items: Vec<String> = it.items.iter().map(|it| expression(&it.value)).collect();
            format!("[{}]", items.join(", "))
        }
        Data::Mapping(it) => {
            let members = it.entries.iter();
            let members: Vec<String> = members
                .map(|(key, it)| format!("{key:?} = {}", expression(&it.value)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        Data::Unknown(..) => unreachable!(),
    }
}

/// Members by key: JSON objects have no order.
fn sorted(mut value: Value) -> Value {
    match &mut value.kind {
        Kind::List(list) => {
            for item in &mut list.items {
                item.value = sorted(item.value.clone());
            }
        }
        Kind::Object(object) => {
            for member in &mut object.members {
                member.value = sorted(member.value.clone());
            }
            object.members.sort_by(|a, b| a.key.cmp(&b.key));
        }
        _ => {}
    }
    value
}
