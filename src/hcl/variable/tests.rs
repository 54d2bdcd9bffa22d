//! Variables against Terraform 1.11.4: `testdata/hcl/variables.jsonl`; precedence, defaults, and what is not known.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::*;
use crate::hcl::syntax::{Block, Body};
use crate::hcl::{
    Data, Element, Entry, Problem, Sequence, SequenceKind, Type, Typed, World, parse_variables,
};
use crate::source::{Origin, SourceMap};
use crate::value::{Kind, Nature, Open, Presence, Shape, Symbol, SymbolId, Symbols, Value};

const VECTORS: &str = include_str!("../../../testdata/hcl/variables.jsonl");

/// A module's variables and all that their places and names refer to.
#[derive(Default)]
struct Module {
    sources: SourceMap,
    symbols: Symbols,
    variables: BTreeMap<String, Variable>,
    problems: Vec<Problem>,
}

impl Module {
    /// Declares variables by name and body.
    fn new(blocks: &[(&str, &str)]) -> Self {
        let mut module = Module::default();
        for (name, body) in blocks {
            module.declare(name, body);
        }
        module
    }

    fn declare(&mut self, name: &str, text: &str) {
        let file = self.sources.add(format!("{name}.tf"), text).unwrap();
        let attributes = parse_variables(file, false, &mut self.sources).0;
        let origin = Origin::new(self.sources.whole(file));
        let block = Block {
            kind: "variable".to_owned(),
            labels: vec![name.to_owned()],
            header: origin.clone(),
            body: Body {
                attributes,
                blocks: Vec::new(),
                origin,
            }
            .into(),
        };
        let mut world = World::new(&mut self.sources, &mut self.symbols);
        let (variable, problems) = Variable::declare(name, &block, &mut world);
        self.variables.insert(name.to_owned(), variable);
        self.problems.extend(problems);
    }

    fn values(&mut self, given: &Given) -> Values {
        self.planned(given, &BTreeMap::new())
    }

    fn planned(&mut self, given: &Given, plan: &BTreeMap<String, Value>) -> Values {
        let mut world = World::new(&mut self.sources, &mut self.symbols);
        Values::read(given, plan, &self.variables, 0, &mut world)
    }

    /// The problems so far, each with the text that is underlined.
    fn said(&self, values: &Values) -> Vec<(String, String)> {
        let all = self.problems.iter().chain(&values.problems);
        let said = |it: &Problem| {
            let place = self.sources.location(it.origin.span());
            (it.message.clone(), place.text)
        };
        all.map(said).collect()
    }

    fn apply(&mut self, value: Typed) -> Result<Typed, Problem> {
        let mut world = World::new(&mut self.sources, &mut self.symbols);
        self.variables["x"].constraint.apply(value, &mut world)
    }

    fn name(&self, value: &Typed) -> String {
        match &value.data {
            Data::Unknown(id, _) => self.symbols.get(*id).name.clone(),
            _ => format!("{value:?}"),
        }
    }

    fn symbol(&mut self, name: &str) -> SymbolId {
        self.symbols.intern(Symbol {
            key: name.to_owned(),
            name: name.to_owned(),
            shape: Shape::Text,
            nature: Nature::Named,
            reason: String::new(),
            supply: None,
        })
    }
}

fn file(name: &str, text: &str) -> Given {
    Given {
        files: vec![(name.to_owned(), text.to_owned())],
        ..Given::default()
    }
}

fn var(name: &str, text: &str) -> Given {
    Given {
        arguments: [VarArgument::Var(name.to_owned(), text.to_owned())].into(),
        ..Given::default()
    }
}

fn nowhere() -> Origin {
    Origin::new(crate::source::Span { start: 0, end: 0 })
}

/// The type as Terraform's state writes it.
fn written(of: &Type) -> Json {
    match of {
        Type::Dynamic => json!("dynamic"),
        Type::Bool => json!("bool"),
        Type::Number => json!("number"),
        Type::String => json!("string"),
        Type::List(of) => json!(["list", written(of)]),
        Type::Set(of) => json!(["set", written(of)]),
        Type::Map(of) => json!(["map", written(of)]),
        Type::Tuple(of) => json!(["tuple", of.iter().map(written).collect::<Vec<_>>()]),
        Type::Object(of) => {
            let members = of.iter().map(|(name, of)| (name.clone(), written(of)));
            json!(["object", members.collect::<serde_json::Map<_, _>>()])
        }
    }
}

fn plain(value: &Typed) -> Json {
    match &value.data {
        Data::Null(_) => Json::Null,
        Data::Bool(it) => json!(it),
        Data::Number(it) => serde_json::from_str(&it.to_string()).unwrap(),
        Data::Text(_) => json!(value.as_text().unwrap()),
        Data::Sequence(it) => it.complete().unwrap().map(plain).collect(),
        Data::Mapping(it) => {
            let members = it.complete().unwrap();
            Json::Object(members.map(|(key, it)| (key.clone(), plain(it))).collect())
        }
        Data::Unknown(..) => json!("(unknown)"),
    }
}

#[test]
fn variables_have_the_values_that_terraform_gives_them() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for line in VECTORS.lines() {
        count += 1;
        let vector: Json = serde_json::from_str(line).unwrap();
        let body = vector["variable"].as_str().unwrap();
        let mut module = Module::new(&[("x", body)]);
        let given = vector["given"].as_str();
        let given = given.map(|text| file("terraform.tfvars", &format!("x = {text}\n")));
        let values = module.values(&given.unwrap_or_default());
        let said = module.said(&values);
        let value = &values.values["x"];
        let right = match vector.get("error") {
            // Terraform 0.11 wrote types in quotes, and modules of its time are read.
            Some(it) if it == "Error: Invalid quoted type constraints" => said.is_empty(),
            Some(_) => !said.is_empty(),
            None => {
                said.is_empty()
                    && plain(value) == vector["value"]
                    && written(&value.ty()) == vector["type"]
            }
        };
        if !right {
            let of = value.ty();
            wrong.push(format!("{line}\n  found  {value:?} {of} {said:?}"));
        }
    }
    assert_eq!(count, 148);
    let report = wrong.join("\n");
    assert!(wrong.is_empty(), "{} of {count}:\n{report}", wrong.len());
}

#[test]
fn later_sources_win_and_a_plan_wins_over_all() {
    let mut module = Module::new(&[
        ("a", ""),
        ("b", ""),
        ("c", ""),
        ("d", ""),
        ("e", ""),
        ("f", ""),
    ]);
    module.declare("g", "");
    let text = |text: &str| text.to_owned();
    let names = ["a", "b", "c", "d", "e", "f", "g"];
    let from = |count: usize, source: &str| -> String {
        let names = names.iter().skip(count);
        let line = |name: &&str| format!("{name} = \"{source}\"\n");
        names.map(line).collect::<Vec<_>>().concat()
    };
    let given = Given {
        environment: names.iter().map(|it| (text(it), text("env"))).collect(),
        files: vec![
            (text("x/b.auto.tfvars"), from(4, "b.auto")),
            (
                text("x/terraform.tfvars.json"),
                text("{\"//\": 1, \"c\": \"json\", \"d\": \"json\"}"),
            ),
            (
                text("x/a.auto.tfvars.json"),
                text("{\"d\": \"a.auto\", \"e\": \"a.auto\"}"),
            ),
            (text("x/terraform.tfvars"), from(1, "tfvars")),
            (text("x/other.tfvars"), text("a = \"not loaded\"")),
        ],
        arguments: [
            VarArgument::File(
                text("more.tfvars"),
                text("f = \"var-file\"\ng = \"var-file\""),
            ),
            VarArgument::Var(text("g"), text("var")),
        ]
        .into(),
    };
    let all = |values: &Values| -> Vec<String> {
        let known = |it: &Typed| it.as_text().unwrap();
        values.values.values().map(known).collect()
    };
    let values = module.values(&given);
    let expected = [
        "env", "tfvars", "json", "a.auto", "b.auto", "var-file", "var",
    ];
    assert_eq!(all(&values), expected);
    assert!(module.said(&values).is_empty() && values.notes.is_empty());
    let plan = BTreeMap::from([(text("g"), Value::text("plan", nowhere()))]);
    assert_eq!(all(&module.planned(&given, &plan))[6], "plan");
}

#[test]
fn texts_are_taken_as_they_are_where_the_type_is_primitive_or_missing() {
    let mut module = Module::new(&[
        ("s", "type = string"),
        ("n", "type = number"),
        ("none", "default = [1]"),
        ("any", "type = any"),
        ("l", "type = list(string)"),
    ]);
    let given = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let values = module.values(&Given {
        environment: vec![
            given("s", "[1]"),
            given("n", "12"),
            given("none", "[2]"),
            given("any", "{ a = 1 }"),
            given("l", "[\"x\", 1]"),
            given("undeclared", "1"),
        ],
        ..Given::default()
    });
    assert!(module.said(&values).is_empty() && values.notes.is_empty());
    let all = json!(values.values.values().map(plain).collect::<Vec<_>>());
    assert_eq!(all, json!([{ "a": 1 }, ["x", "1"], 12, "[2]", "[1]"]));
    let location = module.sources.location(values.values["l"].span());
    assert_eq!(
        (location.file.as_str(), location.text.as_str()),
        ("TF_VAR_l", "[\"x\", 1]")
    );
}

#[test]
fn what_is_wrong_is_said_at_its_place() {
    let mut module = Module::new(&[
        ("l", "type = list(object({ a = string }))"),
        ("n", "type = number"),
    ]);
    let cases = [
        (var("l", "[{ a = 1 }, {}]"), "`a` is required", "{}"),
        (var("l", "[{ a = [2] }]"), "string required", "[2]"),
        (
            var("l", "[{ a = local.x }]"),
            "references are not allowed",
            "local.x",
        ),
        (
            var("l", "[{ a = upper(\"x\") }]"),
            "function calls are not allowed",
            "upper(\"x\")",
        ),
        (var("l", "["), "", ""),
        (var("n", "twelve"), "a number is required", "twelve"),
        (
            file("terraform.tfvars", "n = 1\nl \"x\" {\n}\n"),
            "block",
            "l \"x\"",
        ),
        (
            file("terraform.tfvars.json", "{\"n\": 1, \"n\": 2}"),
            "twice",
            "\"n\"",
        ),
        (file("terraform.tfvars.json", "[1]"), "object", "["),
        (var("undeclared", "hunter2"), "does not declare", ""),
    ];
    for (given, message, text) in cases {
        let values = module.values(&given);
        let said = module.said(&values);
        assert_eq!(said.len(), 1, "{given:?} {said:?}");
        assert!(said[0].0.contains(message), "{given:?} {said:?}");
        assert!(text.is_empty() || said[0].1 == text, "{given:?} {said:?}");
        assert_eq!(module.name(&values.values["l"]), "var.l");
    }
    let values = module.values(&file("terraform.tfvars", "other = 1\n"));
    assert!(
        values.notes[0]
            .message
            .contains("terraform.tfvars has a value for `other`")
    );
    // A file that cannot be read may set anything: no default stands in for that.
    let mut module = Module::new(&[("d", "default = 1"), ("e", "default = 1")]);
    let mut given = file("terraform.tfvars", "d = = 1\n");
    given.arguments = [VarArgument::Var("e".to_owned(), "2".to_owned())].into();
    let values = module.values(&given);
    assert_eq!(module.said(&values).len(), 1);
    assert_eq!(module.name(&values.values["d"]), "var.d");
    assert_eq!(values.values["e"].as_text().as_deref(), Some("2"));
}

#[test]
fn what_nobody_gives_is_a_name_for_each_attribute() {
    let of = "type = object({ id = string, n = optional(number, 3), tags = map(string), deep = tuple([bool, any]) })";
    let mut module = Module::new(&[("x", of), ("s", "")]);
    let values = module.values(&Given::default());
    assert!(module.said(&values).is_empty());
    let Data::Mapping(object) = &values.values["x"].data else {
        panic!("no structure: {:?}", values.values["x"]);
    };
    let member = |name: &str| &object.entries[name].value;
    assert_eq!(module.name(member("id")), "var.x.id");
    assert_eq!(member("tags").ty(), Type::map(Type::String));
    let symbol = |value: &Typed| match value.data {
        Data::Unknown(id, _) => module.symbols.get(id).clone(),
        _ => panic!("{value:?}"),
    };
    let number = symbol(member("n"));
    assert_eq!(
        (number.shape, number.nature),
        (Shape::Number, Nature::Named)
    );
    assert_eq!(number.key, "in0:var.x.n");
    assert_eq!(number.supply.as_deref(), Some("--var x=VALUE"));
    let Data::Sequence(deep) = &member("deep").data else {
        panic!("no tuple");
    };
    assert_eq!(symbol(&deep.items[0].value).name, "var.x.deep[0]");
    assert_eq!(symbol(&values.values["s"]).shape, Shape::Text);
}

#[test]
fn what_is_not_known_keeps_its_name_and_what_may_be_there_stays_so() {
    let mut module = Module::new(&[(
        "x",
        "type = object({ a = optional(string, \"d\"), b = list(any) })",
    )]);
    let (a, sure, rest) = (
        module.symbol("a"),
        module.symbol("sure"),
        module.symbol("rest"),
    );
    let unknown = |of: Type| Typed::unknown(a, of, nowhere());
    let whole = module.apply(unknown(Type::Dynamic)).unwrap();
    assert_eq!(module.name(&whole), "a");
    assert_eq!(
        written(&whole.ty()),
        json!(["object", { "a": "string", "b": ["list", "dynamic"] }])
    );
    assert!(module.apply(unknown(Type::String)).is_err());
    let list = |items: Vec<Element>, rest: Option<Open>| {
        let kind = SequenceKind::Tuple;
        Typed::new(Data::Sequence(Sequence { kind, items, rest }), nowhere())
    };
    let open = Open {
        symbol: rest,
        origin: nowhere(),
    };
    let maybe = Presence::Maybe(sure);
    let items = vec![Element {
        presence: maybe,
        value: unknown(Type::String),
    }];
    let mut given = Typed::object(
        [("b".to_owned(), list(items, Some(open.clone())))],
        nowhere(),
    );
    let value = module.apply(given.clone()).unwrap();
    let Data::Mapping(object) = &value.data else {
        panic!()
    };
    assert_eq!(object.entries["a"].value.as_text().as_deref(), Some("d"));
    let Data::Sequence(items) = &object.entries["b"].value.data else {
        panic!()
    };
    assert_eq!(items.kind, SequenceKind::List(Type::String));
    assert_eq!(
        (items.items[0].presence, items.rest.as_ref()),
        (maybe, Some(&open))
    );
    // An attribute that may be missing is itself or its default; one that the unknown rest may hold is not filled in.
    if let Data::Mapping(object) = &mut given.data {
        let mut entry = Entry::from(Typed::string("set", nowhere()));
        entry.presence = maybe;
        object.entries.insert("a".to_owned(), entry);
    }
    let value = module.apply(given.clone()).unwrap();
    let Data::Mapping(object) = &value.data else {
        panic!()
    };
    assert!(matches!(
        object.entries["a"].value.data,
        Data::Unknown(_, Type::String)
    ));
    assert_eq!(object.entries["a"].presence, Presence::Present);
    if let Data::Mapping(object) = &mut given.data {
        object.entries.remove("a");
        object.rest = Some(open.clone());
    }
    let value = module.apply(given).unwrap();
    let Data::Mapping(object) = &value.data else {
        panic!()
    };
    assert!(!object.entries.contains_key("a") && object.rest == Some(open));
}

#[test]
fn sensitive_values_are_marked_and_their_places_known() {
    for mark in [
        "sensitive = true",
        "ephemeral = true",
        "sensitive = \"true\"",
    ] {
        let body = format!(
            "type = object({{ a = optional(string, \"inner2\"), b = list(string) }})\n{mark}\ndefault = {{ b = [\"hunter2\"] }}"
        );
        let mut module = Module::new(&[("x", &body)]);
        let values = module.values(&Given::default());
        assert_eq!(format!("{:?}", values.values["x"]), "(sensitive)");
        let Data::Mapping(object) = &values.values["x"].data else {
            panic!()
        };
        assert!(object.entries.values().all(|it| it.value.is_sensitive()));
        let hidden = |values: &Values, module: &Module| -> String {
            let text = |span: &crate::source::Span| module.sources.location(*span).text;
            values.secret_spans().iter().map(text).collect()
        };
        let all = hidden(&values, &module);
        assert!(all.contains("hunter2") && all.contains("inner2"), "{all}");
        let values = module.values(&file("terraform.tfvars", "x = { b = [\"hunter3\"] }"));
        assert!(hidden(&values, &module).contains("hunter3"));
        let values = module.values(&file("terraform.tfvars", "x = { b = \"hunter4\" ] }"));
        assert!(hidden(&values, &module).contains("hunter4"));
        let mut values = module.values(&var("x", "{ b = \"hunter5\" }"));
        let problem = values.problems.remove(0);
        assert!(!format!("{problem:?}").contains("hunter5"));
        let place = module.sources.location(problem.origin.span());
        assert_eq!((place.file.as_str(), place.text.as_str()), ("--var x", ""));
    }
    let given = var("x", "hunter6");
    assert!(!format!("{given:?}").contains("hunter6"));
}

#[test]
fn a_call_must_give_what_has_no_default() {
    let mut module = Module::new(&[
        ("x", "type = string\nnullable = false"),
        ("y", "default = ["),
    ]);
    module.declare("z", "type = number\ndefault = []");
    let mut world = World::new(&mut module.sources, &mut module.symbols);
    let mut accept = |name: &str, given: Option<Typed>| {
        module.variables[name].accept(given, &nowhere(), &mut world)
    };
    assert!(
        accept("x", None)
            .unwrap_err()
            .message
            .contains("`x` is required")
    );
    let null = accept("x", Some(Typed::null(nowhere())));
    assert!(null.unwrap_err().message.contains("may not be set to null"));
    assert!(
        accept("z", None)
            .unwrap_err()
            .message
            .contains("not of its type")
    );
    assert_eq!(module.problems.len(), 1);
}

#[test]
fn a_value_of_a_plan_is_converted() {
    let mut module = Module::new(&[("x", "type = set(string)")]);
    let mut plan = BTreeMap::new();
    let list = crate::value::List {
        items: ["b", "a"]
            .map(|it| crate::value::Item {
                presence: Presence::Present,
                value: Value::text(it, nowhere()),
            })
            .to_vec(),
        open: None,
    };
    plan.insert("x".to_owned(), Value::new(Kind::List(list), nowhere()));
    let values = module.planned(&var("x", "[\"c\"]"), &plan);
    assert_eq!(plain(&values.values["x"]), json!(["a", "b"]));
}

#[test]
fn a_value_of_a_plan_that_is_the_own_one_stands_where_it_is_written() {
    let mut module = Module::new(&[
        (
            "d",
            "type = object({ a = string, b = optional(number, 2) })\ndefault = { a = 1 }",
        ),
        ("f", "type = string"),
        ("x", "type = string\ndefault = \"own\""),
        ("w", "type = number"),
    ]);
    let member = |key: &str, kind: Kind| crate::value::Member {
        key: key.to_owned(),
        key_origin: nowhere(),
        presence: Presence::Present,
        value: Value::new(kind, nowhere()),
    };
    let object = crate::value::Object {
        members: vec![
            member("a", Value::text("1", nowhere()).kind),
            member("b", Kind::Number("2".to_owned())),
        ],
        open: None,
    };
    let plan = BTreeMap::from([
        ("d".to_owned(), Value::new(Kind::Object(object), nowhere())),
        ("f".to_owned(), Value::text("of the file", nowhere())),
        ("x".to_owned(), Value::text("planned", nowhere())),
        (
            "w".to_owned(),
            Value::new(Kind::Number("3".to_owned()), nowhere()),
        ),
    ]);
    let given = file("terraform.tfvars", "f = \"of the file\"\nw = \"twelve\"\n");
    let values = module.planned(&given, &plan);
    assert!(module.said(&values).is_empty());
    let place = |name: &str| module.sources.location(values.values[name].span()).text;
    assert_eq!([place("d"), place("f")], ["{ a = 1 }", "\"of the file\""]);
    assert_eq!(values.values["x"].as_text().as_deref(), Some("planned"));
    assert_eq!(plain(&values.values["w"]), json!(3));
}

#[test]
fn large_defaults_inside_each_other_are_refused() {
    let mut of = "string".to_owned();
    for _ in 0..12 {
        of = format!(
            "list(object({{ a = optional({of}, [{{}}, {{}}, {{}}, {{}}, {{}}, {{}}, {{}}, {{}}]) }}))"
        );
    }
    let mut module = Module::new(&[("x", &format!("type = {of}"))]);
    let values = module.values(&Given::default());
    assert!(!module.said(&values).is_empty());
}

#[test]
fn no_prefix_and_no_deletion_panics() {
    let block = "type = object({ a = optional(list(any), [\"é\"]), b = tuple([bool, map(number)]) })\ndefault = { b = [1, {}] }\nsensitive = true\n";
    let values = "x = { a = [1, \"é\"], b = [true, { k = 2 }] }\n";
    let json = "{ \"x\": { \"a\": null, \"b\": [\"é\", { \"k\": \"2\" }] } }";
    let broken = |text: &str| -> Vec<String> {
        let cuts = (0..text.len()).filter(|at| text.is_char_boundary(*at));
        let shorter = |at: usize| {
            let (before, after) = text.split_at(at);
            let rest: String = after.chars().skip(1).collect();
            [before.to_owned(), before.to_owned() + &rest]
        };
        cuts.flat_map(shorter).collect()
    };
    for body in broken(block) {
        let mut module = Module::new(&[("x", &body)]);
        let values = module.values(&file("terraform.tfvars", values));
        assert!(values.values.len() == module.variables.len());
    }
    let mut module = Module::new(&[("x", block)]);
    for (name, text) in [
        ("terraform.tfvars", values),
        ("terraform.tfvars.json", json),
    ] {
        for text in broken(text) {
            assert_eq!(module.values(&file(name, &text)).values.len(), 1);
            assert_eq!(module.values(&var("x", &text)).values.len(), 1);
        }
    }
}
