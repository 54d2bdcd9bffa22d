//! The JSON report against its schema. The published schema lets members and words be added; the strict one made of it here does not, so that
//! nothing is in a report which the schema does not describe, and nothing in the schema which no report has.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::formats::render;
use crate::support::adverse::sensitive;
use crate::support::run::{EMPTY_PLAN, file, keytrail};
use crate::support::world::{Made, known, made, word};
use keytrail::input::{Action, InputKind};
use keytrail::policy::{ContextValue, Element, Verdict};
use keytrail::report::{Format, Style, Suppression, SuppressionKind};
use keytrail::value::Presence;

/// What no report of these tests has, and why.
const UNSAID: &[(&str, &str)] = &[
    (
        ".subjects[].requirements[].id=expectation",
        "an expectation alone has that id, and the same shape",
    ),
    (
        ".subjects[].action=create-forget",
        "the words of Terraform's actions are those of keys",
    ),
    (
        ".subjects[].action=other",
        "the words of Terraform's actions are those of keys",
    ),
];

/// What is rare: readers on their ways, verdicts of before, what the plan does with a key, contexts without a key.
fn varied() -> Made {
    let mut made = made();
    let kinds = [InputKind::Configuration, InputKind::Snapshot];
    for kind in kinds {
        let mut input = made.model.inputs[0].clone();
        input.kind = kind;
        made.model.inputs.push(input);
    }
    for action in [Action::CreateForget, Action::Other] {
        let mut key = made.model.keys[0].clone();
        key.action = action;
        made.model.keys.push(key);
    }
    made.model.keys[0].arn = known("secret").into_sensitive();
    let subject = &mut made.model.subjects[0];
    for (at, (via, before)) in [("s3", Verdict::Conditional), ("athena", Verdict::Undecided)]
        .into_iter()
        .enumerate()
    {
        let requirement = &mut subject.requirements[at];
        requirement.via = Some(via);
        requirement.through = Some("arn:aws:iam::111122223333:role/reader".to_owned());
        requirement.before = Some(before);
        requirement.request.resource = known("secret").into_sensitive();
        requirement.request.context.insert(ContextValue {
            key: "aws:PrincipalArn".to_owned(),
            presence: Presence::Absent,
            values: vec![known("secret").into_sensitive()],
            multivalued: false,
            open: None,
        });
        let failed = requirement.decision.statements[1].failed.as_mut().unwrap();
        failed.element = Element::NotResource;
    }
    made.model.assumptions[0].not_in = vec![word("111122223333")];
    made.findings[0].verdict = Some(Verdict::Conditional);
    let kinds = [
        SuppressionKind::Comment,
        SuppressionKind::Config,
        SuppressionKind::Baseline,
    ];
    for kind in kinds {
        let mut finding = made.findings[1].clone();
        let told = kind != SuppressionKind::Baseline;
        finding.suppressed = Some(Suppression {
            kind,
            reason: told.then(|| "it is meant so".to_owned()),
            until: told.then(|| "2027-01-31".to_owned()),
            at: told.then(|| finding.labels[0].span),
        });
        made.findings.push(finding);
    }
    made
}

fn schema() -> Value {
    serde_json::from_str(keytrail::report::JSON_SCHEMA).unwrap()
}

/// The schema without room for growth: objects have the members that are described, and where a list of words stands beside "any text", the
/// list is all.
fn strict(schema: &Value) -> Value {
    match schema {
        Value::Array(items) => items.iter().map(strict).collect(),
        Value::Object(members) => {
            let mut out: Map<String, Value> = members
                .iter()
                .map(|(name, value)| (name.clone(), strict(value)))
                .collect();
            // `properties` of `properties` are members of that name.
            let is_object = members.get("type").is_some_and(|it| it == "object");
            if is_object && members.contains_key("properties") {
                out.entry("additionalProperties").or_insert(json!(false));
            }
            if let Some(Value::Array(ways)) = out.get_mut("anyOf")
                && ways.iter().any(|way| way.get("enum").is_some())
            {
                ways.retain(|way| *way != json!({"type": "string"}));
            }
            Value::Object(out)
        }
        other => other.clone(),
    }
}

/// Every report that tests have: of the cases of all rules in each of their forms, of the examples, and of what only a failed run shows.
fn reports() -> &'static [(String, Value)] {
    static REPORTS: OnceLock<Vec<(String, Value)>> = OnceLock::new();
    REPORTS.get_or_init(|| {
        let mut all: Vec<(String, Value)> = Vec::new();
        for case in crate::rules::cases() {
            for (at, report) in case.every_report().enumerate() {
                all.push((format!("{} {at}", case.id()), report.clone()));
            }
        }
        all.extend(crate::examples::reports());
        let empty = file("schema-empty.json", EMPTY_PLAN);
        for args in [&[empty.as_str(), "missing.json"][..], &["missing.json"]] {
            let ended = keytrail(&[&["check", "--format", "json"], args].concat());
            let report = serde_json::from_str(&ended.stdout).unwrap();
            all.push((format!("{args:?}"), report));
        }
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let example = root.join("examples/missing-describe/plan.json");
        let example = example.display().to_string();
        let snapshot = keytrail(&["snapshot", &example]).stdout;
        let snapshot = file("schema-snapshot.json", &snapshot);
        let args = ["check", &snapshot, "--conditional", "warning"];
        let ended = keytrail(&[&args[..], &["--format", "json"]].concat());
        let report = serde_json::from_str(&ended.stdout).unwrap();
        all.push(("a snapshot".to_owned(), report));
        for (name, made) in [
            ("made", made()),
            ("sensitive", sensitive()),
            ("varied", varied()),
        ] {
            let page = render(&made, Format::Json, Style::default());
            all.push((name.to_owned(), serde_json::from_str(&page).unwrap()));
        }
        all
    })
}

fn problems(validator: &Validator, name: &str, report: &Value) -> Vec<String> {
    let errors = validator.iter_errors(report).take(3);
    errors
        .map(|error| format!("{name}: {}: {error}", error.instance_path()))
        .collect()
}

#[test]
fn every_report_is_as_its_schema_says() {
    let schema = schema();
    assert!(jsonschema::meta::is_valid(&schema));
    let (open, closed) = (
        jsonschema::validator_for(&schema).unwrap(),
        jsonschema::validator_for(&strict(&schema)).unwrap(),
    );
    let mut found = Vec::new();
    for (name, report) in reports() {
        found.extend(problems(&open, name, report));
        found.extend(problems(&closed, name, report));
    }
    found.truncate(40);
    crate::rules::hold(&found);
}

/// What a later version may add passes the published schema, and would not have passed unnoticed here.
#[test]
fn the_published_schema_lets_the_report_grow() {
    let schema = schema();
    let (open, closed) = (
        jsonschema::validator_for(&schema).unwrap(),
        jsonschema::validator_for(&strict(&schema)).unwrap(),
    );
    let (_, report) = reports()
        .iter()
        .find(|(_, report)| !report["findings"].as_array().unwrap().is_empty())
        .unwrap();
    let grown = |change: &dyn Fn(&mut Value)| {
        let mut report = report.clone();
        change(&mut report);
        (open.is_valid(&report), closed.is_valid(&report))
    };
    assert_eq!(grown(&|_| ()), (true, true));
    assert_eq!(grown(&|it| it["new"] = json!(1)), (true, false));
    assert_eq!(
        grown(&|it| it["findings"][0]["new"] = json!(1)),
        (true, false)
    );
    assert_eq!(
        grown(&|it| it["findings"][0]["effect"] = json!("new")),
        (true, false)
    );
    assert_eq!(
        grown(&|it| it["schema_version"] = json!("1.7")),
        (true, true)
    );
    assert_eq!(
        grown(&|it| it["schema_version"] = json!("2.0")),
        (false, false)
    );
    assert_eq!(
        grown(&|it| it["findings"][0]["severity"] = json!("new")),
        (false, false)
    );
    assert_eq!(
        grown(&|it| drop(it.as_object_mut().unwrap().remove("summary"))),
        (false, false)
    );
}

/// Follows a reference; what stands beside it is a description.
fn resolve<'s>(node: &'s Value, root: &'s Value) -> &'s Value {
    match node.get("$ref").and_then(Value::as_str) {
        Some(to) => resolve(root.pointer(to.trim_start_matches('#')).unwrap(), root),
        None => node,
    }
}

/// The members and words that a schema describes, by their path: `findings[].rule`, `subjects[].kind=trail`.
fn described(node: &Value, root: &Value, path: &str, found: &mut BTreeSet<String>) {
    let node = resolve(node, root);
    for way in node["anyOf"].as_array().into_iter().flatten() {
        described(way, root, path, found);
    }
    for word in node["enum"].as_array().into_iter().flatten() {
        if let Some(word) = word.as_str() {
            found.insert(format!("{path}={word}"));
        }
    }
    if let Some(items) = node.get("items") {
        described(items, root, &format!("{path}[]"), found);
    }
    if let Some(any) = node.get("additionalProperties").filter(|it| it.is_object()) {
        described(any, root, &format!("{path}.*"), found);
    }
    for (name, member) in node["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        found.insert(path.clone());
        described(member, root, &path, found);
    }
}

/// The members and words that a report has, likewise; a member that is null or empty is not there. `maps` are the objects whose members have
/// no names of their own.
fn there(node: &Value, path: &str, maps: &BTreeSet<String>, found: &mut BTreeMap<String, usize>) {
    match node {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(word) => {
            *found.entry(format!("{path}={word}")).or_default() += 1;
        }
        Value::Array(items) => {
            for item in items {
                there(item, &format!("{path}[]"), maps, found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                let path = if maps.contains(path) {
                    format!("{path}.*")
                } else {
                    format!("{path}.{name}")
                };
                let empty = member.is_null() || member.as_array().is_some_and(Vec::is_empty);
                if !empty {
                    *found.entry(path.clone()).or_default() += 1;
                }
                there(member, &path, maps, found);
            }
        }
    }
}

#[test]
fn nothing_in_the_schema_is_dead() {
    let schema = schema();
    let mut wanted = BTreeSet::new();
    described(&schema, &schema, "", &mut wanted);
    assert!(wanted.len() > 150, "{}", wanted.len());
    let maps: BTreeSet<String> = [
        ".subjects[].requirements[].request.context",
        ".expectations[].requirement.request.context",
        ".findings[].witness.request.context",
        ".findings[].witness.assumed",
    ]
    .map(str::to_owned)
    .into();
    let mut seen = BTreeMap::new();
    for (_, report) in reports() {
        there(report, "", &maps, &mut seen);
    }
    let mut found = Vec::new();
    let excused = |path: &str| {
        let mut all = UNSAID.iter();
        // A requirement of an expectation has the same shape as a subject's.
        let twin = path.replace(".expectations[].requirement", ".subjects[].requirements[]");
        all.any(|(it, _)| *it == path)
            || twin != path
                && (seen.contains_key(&twin) || UNSAID.iter().any(|(it, _)| *it == twin))
    };
    for path in &wanted {
        if !seen.contains_key(path) && !excused(path) {
            found.push(format!("no report has {path}"));
        }
    }
    for (path, why) in UNSAID {
        if seen.contains_key(*path) || !wanted.contains(*path) || why.is_empty() {
            found.push(format!("{path} needs no excuse"));
        }
    }
    crate::rules::hold(&found);
}

/// Every member is described, required, and of a kind; only what a line of `evaluate --jsonl` may lack is not required.
#[test]
fn every_member_is_described_and_required() {
    fn look(node: &Value, path: &str, found: &mut Vec<String>) {
        if let Some(members) = node.get("properties").and_then(Value::as_object) {
            let required = node["required"].as_array().cloned().unwrap_or_default();
            for (name, member) in members {
                let path = format!("{path}/{name}");
                let told = member["description"]
                    .as_str()
                    .is_some_and(|it| it.ends_with('.'));
                if !told
                    && member.get("$ref").is_none()
                    && member.get("type") != Some(&json!("object"))
                {
                    found.push(format!("{path} is not described"));
                }
                if !required.contains(&json!(name)) && name != "identity_policies" {
                    found.push(format!("{path} is not required"));
                }
            }
            for name in required {
                if !members.contains_key(name.as_str().unwrap()) {
                    found.push(format!("{path}/{name} is required and not there"));
                }
            }
        }
        match node {
            Value::Object(members) => {
                for (name, member) in members {
                    look(member, &format!("{path}/{name}"), found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| look(item, path, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    look(&schema(), "", &mut found);
    crate::rules::hold(&found);
}

#[test]
fn the_schema_is_printed_offline() {
    let ended = keytrail(&["schema", "report"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{ended:?}");
    assert_eq!(
        serde_json::from_str::<Value>(&ended.stdout).unwrap(),
        schema()
    );
    let ended = keytrail(&["schema", "reprot"]);
    assert_eq!(ended.code, 2, "{ended:?}");
    assert!(ended.stderr.contains("report"), "{ended:?}");
}
