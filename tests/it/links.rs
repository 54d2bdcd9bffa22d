//! Plans in which the way from trail to key, or from key to policy, is easily got wrong: each once gave a wrong answer. A
//! change of `verdicts.txt` is to be read against the plan before it is accepted.

use std::fmt::Write as _;
use std::path::PathBuf;

use keytrail::plan;
use keytrail::resolve::{self, Loaded, Options};
use keytrail::rules::{self, Gate, Selection};
use keytrail::source::SourceMap;
use keytrail::value::Symbols;
use serde_json::{Value, json};

use crate::support::expect;
use crate::support::sketch::{Judged, Sketch, judge};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/links")
}

fn text(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap()
}

fn told(judged: &Judged) -> String {
    let mut out = String::new();
    for subject in &judged.model.subjects {
        let keys = subject
            .link
            .keys
            .iter()
            .map(|at| judged.model.keys[*at].address.as_str());
        let keys: Vec<&str> = keys.collect();
        writeln!(
            out,
            "  {} {} {}",
            subject.address,
            subject.link.status.word(),
            keys.join(", ")
        )
        .unwrap();
        for it in &subject.requirements {
            writeln!(out, "    {} {}", it.id, it.verdict.word()).unwrap();
        }
    }
    for finding in &judged.findings {
        let verdict = finding.verdict.map_or("", |verdict| verdict.word());
        writeln!(
            out,
            "  {} {} {verdict}",
            finding.severity.word(),
            finding.rule
        )
        .unwrap();
    }
    out
}

#[test]
fn ways_that_are_easily_got_wrong() {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with("plan-and-state") && name != "verdicts.txt")
        .collect();
    names.sort();
    assert!(names.len() >= 20);
    let mut found = String::new();
    for name in names {
        let judged = judge(&text(&name), &Options::default());
        write!(found, "{name}\n{}", told(&judged)).unwrap();
    }
    expect("links/verdicts.txt", &found);
}

/// One key in a plan and in a state: each trail is judged against its own input's key, in whatever order they are given.
#[test]
fn a_plan_and_a_state_of_one_root_in_either_order() {
    let read = |names: [&str; 2]| {
        let (mut sources, mut symbols) = (SourceMap::new(), Symbols::new());
        let loaded = names.iter().enumerate().map(|(at, name)| {
            let bytes = text(name).into_bytes();
            let plan =
                plan::load(&bytes, name, &format!("in{at}"), &mut sources, &mut symbols).unwrap();
            Loaded {
                path: (*name).to_owned(),
                document: plan,
            }
        });
        let loaded: Vec<Loaded> = loaded.collect();
        let model = resolve::model(&loaded, symbols, &mut sources, &Options::default());
        let findings = rules::check(&model, Gate::default(), &Selection::default());
        let mut rules: Vec<String> = findings
            .iter()
            .map(|finding| finding.rule.to_string())
            .collect();
        rules.sort_unstable();
        rules
    };
    let (plan, state) = ("plan-and-state.plan.json", "plan-and-state.state.json");
    let wrong = [
        "change-revokes-delivery",
        "trail-key-denies-describe",
        "trail-key-denies-encrypt",
    ];
    assert_eq!(read([plan, state]), wrong);
    assert_eq!(read([state, plan]), wrong);
}

/// A module whose outputs and inputs fan out twice at every step is walked once.
#[test]
fn a_fan_out_is_walked_once() {
    let depth = 40;
    let mut module = json!({"outputs": {"a": {"expression": {"references": ["var.x"]}}}, "variables": {"x": {}}});
    for _ in 0..depth {
        let call = |_| json!({"source": "./m", "expressions": {"x": {"references": ["var.x"]}}, "module": module.clone()});
        let both = json!({"references": ["module.l.a", "module.l", "module.r.a", "module.r"]});
        module = json!({"outputs": {"a": {"expression": both}}, "variables": {"x": {}}, "module_calls": {"l": call(0)}});
        module["module_calls"]["r"] = json!({"source": "./m", "expressions": {"x": {"references": ["var.x"]}},
            "module": {"outputs": {"a": {"expression": {"references": ["var.x"]}}}, "variables": {"x": {}}}});
    }
    let mut plan: Value = serde_json::from_str(&Sketch::new("{}").plan()).unwrap();
    let trail = &mut plan["resource_changes"][0]["change"];
    trail["after"].as_object_mut().unwrap().remove("kms_key_id");
    trail["after_unknown"] = json!({"kms_key_id": true});
    plan["configuration"]["root_module"] = json!({
        "resources": [{"address": "aws_cloudtrail.main", "mode": "managed", "type": "aws_cloudtrail", "name": "main",
            "expressions": {"kms_key_id": {"references": ["module.l.a", "module.l"]}}}],
        "module_calls": {"l": {"source": "./m", "expressions": {"x": {"references": ["aws_kms_key.trail.arn"]}}, "module": module}}});
    let judged = judge(&plan.to_string(), &Options::default());
    assert_eq!(judged.model.subjects[0].link.keys, [0]);
}
