//! What is read from plans, states and configurations of each form and version.

use crate::support::loaded::{Loaded, fixture, load};
use keytrail::input::{Action, Expression, InputKind, Whence};
use keytrail::value::{Kind, Nature, Shape, Value};

/// Every value has a place in a text of the map.
fn assert_placed(loaded: &Loaded, value: &Value) {
    let location = loaded.map.location(value.span());
    assert_eq!(location.file, "plan.json");
    match &value.kind {
        Kind::List(list) => list
            .items
            .iter()
            .for_each(|it| assert_placed(loaded, &it.value)),
        Kind::Object(it) => it
            .members
            .iter()
            .for_each(|it| assert_placed(loaded, &it.value)),
        _ => {}
    }
}

#[test]
fn an_unknown_link_is_a_symbol_and_points_at_its_line() {
    let loaded = fixture("policy-unknown");
    let trail = loaded.resource("aws_cloudtrail.main");
    assert_eq!(
        (trail.action, trail.whence),
        (Action::Create, Whence::Change)
    );
    let link = loaded
        .after("aws_cloudtrail.main")
        .get("kms_key_id")
        .unwrap();
    let Kind::Unknown(symbol) = link.kind else {
        panic!("{link:?}")
    };
    let symbol = loaded.symbols.get(symbol);
    assert_eq!(symbol.key, "in0:aws_cloudtrail.main.kms_key_id");
    assert_eq!(symbol.name, "aws_cloudtrail.main.kms_key_id");
    assert_eq!(symbol.nature, Nature::Undocumented);
    assert_eq!(loaded.shown(link), "(known after apply)");
    let texts = loaded.texts();
    assert!(
        texts.contains("kms_key_id            = (known after apply)  # aws_kms_key.trail.arn\n"),
        "{texts}"
    );
    let header = loaded.map.location(trail.origin.span());
    assert_eq!(header.text, r#"resource "aws_cloudtrail" "main""#);
    assert_eq!(header.part.as_deref(), Some("aws_cloudtrail.main"));
    assert_eq!(header.start.line, 2);
}

#[test]
fn a_new_keys_identifiers_are_fresh_and_a_new_trails_are_not() {
    let loaded = fixture("policy-unknown");
    let nature = |address: &str, name: &str| {
        let Kind::Unknown(symbol) = loaded.after(address).get(name).unwrap().kind else {
            panic!("{address} {name}")
        };
        let symbol = loaded.symbols.get(symbol);
        (symbol.shape, symbol.nature)
    };
    assert_eq!(
        nature("aws_kms_key.trail", "arn"),
        (Shape::Arn, Nature::Fresh)
    );
    assert_eq!(
        nature("aws_kms_key.trail", "key_id"),
        (Shape::Id, Nature::Fresh)
    );
    assert_eq!(
        nature("aws_kms_key.trail", "policy"),
        (Shape::Text, Nature::Undocumented)
    );
    // Its ARN follows from its name.
    assert_eq!(
        nature("aws_cloudtrail.main", "arn"),
        (Shape::Arn, Nature::Undocumented)
    );
}

#[test]
fn a_pending_policy_document_keeps_its_statements_around_the_unknown_leaf() {
    let loaded = fixture("policy-unknown");
    let address = "data.aws_iam_policy_document.key";
    assert_eq!(loaded.resource(address).action, Action::Read);
    let statements: Vec<&Value> = loaded
        .after(address)
        .get("statement")
        .unwrap()
        .items()
        .collect();
    assert_eq!(statements.len(), 4);
    let principals = statements[3].get("principals").unwrap();
    let identifier = principals
        .items()
        .next()
        .unwrap()
        .get("identifiers")
        .unwrap()
        .items()
        .next()
        .unwrap();
    let Kind::Unknown(symbol) = identifier.kind else {
        panic!("{identifier:?}")
    };
    assert_eq!(
        loaded.symbols.get(symbol).name,
        "data.aws_iam_policy_document.key.statement[3].principals[0].identifiers[0]"
    );
    let effect = statements[1].get("actions").unwrap();
    assert_eq!(loaded.shown(effect), r#"["kms:GenerateDataKey*"]"#);
    assert_eq!(loaded.shown(statements[1]), "statement");
    assert_eq!(loaded.map.location(statements[1].span()).start.line, 22);
    // One that was read is there and holds nothing.
    let read = fixture("key-policy");
    for it in read
        .plan
        .resources
        .iter()
        .filter(|it| it.address.kind == "aws_iam_policy_document")
    {
        assert!(it.after.as_ref().unwrap().get("statement").is_none());
    }
}

#[test]
fn a_known_policy_is_a_file_of_its_own() {
    let loaded = fixture("module-for-each");
    let key = loaded.after(r#"module.kms["audit"].aws_kms_key.trail"#);
    let policy = key.get("policy").unwrap();
    let location = loaded.map.location(policy.span());
    assert_eq!(
        location.part.as_deref(),
        Some(r#"module.kms["audit"].aws_kms_key.trail › policy"#)
    );
    let file = loaded.map.file_of(policy.span());
    assert_eq!(loaded.map.whole(file), policy.span());
    assert_eq!(&*loaded.map.text(file), policy.as_str().unwrap());
    let node = keytrail::source::parse_json(&loaded.map, file).unwrap();
    assert_eq!(
        Value::from_json(&node)
            .get("Statement")
            .unwrap()
            .items()
            .count(),
        3
    );
}

#[test]
fn every_value_lies_in_a_text() {
    for name in [
        "policy-unknown",
        "module-for-each",
        "sensitive",
        "import",
        "replace",
        "moved",
        "state",
    ] {
        let loaded = fixture(name);
        assert!(!loaded.plan.resources.is_empty());
        for it in &loaded.plan.resources {
            for value in it.before.iter().chain(&it.after) {
                assert_placed(&loaded, value);
            }
        }
        for value in loaded.plan.variables.values() {
            assert_placed(&loaded, value);
        }
    }
}

#[test]
fn what_plans_do() {
    let replace = fixture("replace");
    let key = replace.resource("aws_kms_key.trail");
    assert_eq!(key.action, Action::Replace);
    let before = key.before.as_ref().unwrap();
    assert!(before.get("arn").unwrap().as_str().is_some());
    assert!(before.get("policy").unwrap().as_str().is_some());

    let moved = fixture("moved");
    let previous: Vec<String> = moved
        .plan
        .resources
        .iter()
        .filter_map(|it| it.previous.as_ref())
        .map(ToString::to_string)
        .collect();
    assert!(!previous.is_empty());

    let import = fixture("import");
    assert!(import.plan.resources.iter().any(|it| it.importing));

    let forget = fixture("forget");
    let gone = forget
        .plan
        .resources
        .iter()
        .find(|it| it.action == Action::Forget)
        .unwrap();
    assert!(gone.after.is_none() && gone.before.is_some());
    assert_eq!(
        gone.action_reason.as_deref(),
        Some("delete_because_no_resource_config")
    );

    let target = fixture("target");
    assert!(!target.plan.complete && !target.plan.errored);
    let trail = target.resource("aws_cloudtrail.main");
    assert_eq!(trail.whence, Whence::PriorState);

    let refresh = fixture("refresh-only");
    assert!(refresh.plan.complete);
    assert!(
        refresh
            .plan
            .resources
            .iter()
            .all(|it| it.whence == Whence::PriorState)
    );
}

#[test]
fn a_state_is_read() {
    let loaded = fixture("state");
    assert_eq!(loaded.plan.kind, InputKind::State);
    let trail = loaded.resource("aws_cloudtrail.main");
    assert_eq!((trail.whence, trail.action), (Whence::State, Action::NoOp));
    let link = loaded
        .after("aws_cloudtrail.main")
        .get("kms_key_id")
        .unwrap();
    assert!(link.as_str().unwrap().starts_with("arn:aws:kms:"));
    assert!(loaded.plan.notes.is_empty());
    let empty = load(br#"{"format_version":"1.0"}"#);
    assert_eq!(empty.plan.kind, InputKind::State);
    assert!(empty.plan.resources.is_empty());
}

#[test]
fn the_configuration_has_calls_outputs_and_references() {
    let loaded = fixture("module-for-each");
    let root = &loaded.plan.configuration.root;
    let call = &root.calls["kms"];
    assert_eq!(call.source, "./kms");
    // `toset([...])` makes no reference, and Terraform leaves such a `for_each` out.
    assert!(call.for_each.is_none());
    assert_eq!(
        call.expressions["name"],
        Expression::References(vec!["each.value".to_owned()])
    );
    let Expression::References(arn) = &call.module.outputs["arn"] else {
        panic!()
    };
    assert_eq!(
        arn.first().map(String::as_str),
        Some("aws_kms_key.trail.arn")
    );
    let trail = root
        .resources
        .iter()
        .find(|it| it.kind == "aws_cloudtrail")
        .unwrap();
    assert_eq!(
        trail.for_each,
        Some(Expression::References(vec!["module.kms".to_owned()]))
    );
    let Expression::Constant(name) = &trail.expressions["s3_bucket_name"] else {
        panic!()
    };
    assert_eq!(loaded.shown(name), r#""logs""#);
    assert_eq!(loaded.plan.configuration.providers["aws"].name, "aws");
}

#[test]
fn opaque_expressions_and_blocks() {
    let text = br#"{"configuration":{"root_module":{"resources":[
      {"expressions":{"policy":{},"bypass_policy_lockout_safety_check":{"constant_value":true},"description":{"constant_value":"x"}},"name":"k","type":"aws_kms_key","mode":"managed","depends_on":["aws_cloudtrail.t"]},
      {"mode":"managed","type":"aws_s3_bucket","name":"b","expressions":{"server_side_encryption_configuration":[{"rule":[{"x":{"references":["var.a"]}}]}]}}]}}}"#;
    let loaded = load(text);
    let resources = &loaded.plan.configuration.root.resources;
    assert_eq!(resources[0].expressions["policy"], Expression::Opaque);
    assert!(!resources[0].expressions.contains_key("description"));
    assert_eq!(resources[0].depends_on, ["aws_cloudtrail.t"]);
    let Expression::Blocks(blocks) =
        &resources[1].expressions["server_side_encryption_configuration"]
    else {
        panic!()
    };
    assert!(matches!(&blocks[0]["rule"], Expression::Blocks(rules) if rules.len() == 1));
}

#[test]
fn a_configuration_alone_is_read() {
    let loaded = load(br#"{"root_module":{"variables":{"a":{"default":"x"},"b":{}}},"provider_config":{"aws":{"name":"aws","expressions":{"region":{"constant_value":"eu-west-1"},"secret_key":{"constant_value":"hunter2"}}}}}"#);
    assert_eq!(loaded.plan.kind, InputKind::Configuration);
    let variables = &loaded.plan.configuration.root.variables;
    assert_eq!(variables["a"].as_ref().unwrap().as_str(), Some("x"));
    assert!(variables["b"].is_none());
    assert!(!format!("{:?} {}", loaded.plan, loaded.texts()).contains("hunter2"));
}
