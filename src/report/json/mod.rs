//! The report for programs. Its shape is [`SCHEMA`], which ships with the program and only grows.

mod finding;
mod subject;
mod value;

use std::io;

use serde::Serialize;

use super::{Report, Summary, text};
use crate::input::InputKind;
use crate::model::{Assumption, Input, Key};
use value::Shown;

/// The version of the shape: the second number grows with members and words.
const VERSION: &str = "1.0";

/// The JSON Schema (draft 2020-12) of the report, every member described.
pub const SCHEMA: &str = include_str!("schema.json");

#[derive(Serialize)]
struct Document<'a> {
    schema_version: &'static str,
    tool: Tool,
    exit_code: u8,
    inputs: Vec<InputJson<'a>>,
    keys: Vec<KeyJson<'a>>,
    subjects: Vec<subject::SubjectJson<'a>>,
    expectations: Vec<subject::ExpectationJson<'a>>,
    findings: Vec<finding::FindingJson<'a>>,
    assumptions: Vec<AssumptionJson<'a>>,
    not_seen: &'a [String],
    summary: Summary,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct InputJson<'a> {
    id: String,
    path: &'a str,
    kind: Option<&'static str>,
    sources: Option<&'a str>,
    terraform_version: Option<&'a str>,
    format_version: Option<&'a str>,
    complete: bool,
    errored: bool,
    deferred: Vec<DeferredJson<'a>>,
    notes: &'a [String],
    problem: Option<&'a str>,
}

#[derive(Serialize)]
struct DeferredJson<'a> {
    address: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct KeyJson<'a> {
    id: &'a str,
    address: &'a str,
    arn: Shown,
    action: Option<&'static str>,
    policy: &'static str,
    policy_addresses: &'a [String],
    aliases: &'a [String],
}

#[derive(Serialize)]
struct AssumptionJson<'a> {
    symbol: &'a str,
    #[serde(rename = "in")]
    within: Vec<Shown>,
    not_in: Vec<Shown>,
    supply: Option<String>,
    verdicts: usize,
}

/// Writes the JSON report. Characters that could disturb a terminal are written as escapes.
pub(super) fn write(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let page = serde_json::to_string_pretty(&document(report))?;
    out.write_all(text::json(&page).as_bytes())
}

fn document<'a>(report: &'a Report) -> Document<'a> {
    let model = report.model;
    let read = model.inputs.iter().map(input);
    let unread = report
        .unread
        .iter()
        .enumerate()
        .map(|(index, unread)| InputJson {
            id: format!("in{}", model.inputs.len() + index),
            path: &unread.path,
            kind: None,
            sources: None,
            terraform_version: None,
            format_version: None,
            complete: false,
            errored: false,
            deferred: Vec::new(),
            notes: &[],
            problem: Some(&unread.problem),
        });
    Document {
        schema_version: VERSION,
        tool: Tool {
            name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
        },
        exit_code: report.exit_code,
        inputs: read.chain(unread).collect(),
        keys: model.keys.iter().map(|it| key(it, report)).collect(),
        expectations: model
            .expectations
            .iter()
            .map(|it| subject::expectation(it, report))
            .collect(),
        subjects: model
            .subjects
            .iter()
            .map(|it| subject::subject(it, report))
            .collect(),
        findings: report
            .findings
            .iter()
            .chain(report.suppressed)
            .map(|it| finding::finding(it, report))
            .collect(),
        assumptions: model
            .assumptions
            .iter()
            .map(|it| assumption(it, report))
            .collect(),
        not_seen: &model.not_seen,
        summary: Summary::of(report),
    }
}

fn input(input: &Input) -> InputJson<'_> {
    InputJson {
        id: input.id.clone(),
        path: &input.path,
        kind: Some(match input.kind {
            InputKind::Plan => "plan",
            InputKind::State => "state",
            InputKind::Configuration => "configuration",
            InputKind::Sources => "hcl",
            InputKind::Snapshot => "snapshot",
        }),
        sources: input.sources.as_deref(),
        terraform_version: input.terraform_version.as_deref(),
        format_version: input.format_version.as_deref(),
        complete: input.complete,
        errored: input.errored,
        deferred: input
            .deferred
            .iter()
            .map(|(address, reason)| DeferredJson { address, reason })
            .collect(),
        notes: &input.notes,
        problem: None,
    }
}

fn key<'a>(key: &'a Key, report: &Report) -> KeyJson<'a> {
    KeyJson {
        id: &key.id,
        address: &key.address,
        arn: Shown::of(&key.arn, &report.model.symbols),
        action: key.action.word(),
        policy: key.state.word(),
        policy_addresses: &key.policy_addresses,
        aliases: &key.aliases,
    }
}

fn assumption<'a>(assumption: &'a Assumption, report: &'a Report) -> AssumptionJson<'a> {
    let symbol = report.model.symbols.get(assumption.symbol);
    let hidden = report.hides(assumption.symbol);
    AssumptionJson {
        symbol: &symbol.name,
        within: value::words(&assumption.within, hidden),
        not_in: value::words(&assumption.not_in, hidden),
        supply: assumption.supply(&report.model.symbols).filter(|_| !hidden),
        verdicts: assumption.verdicts,
    }
}
