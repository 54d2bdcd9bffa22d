//! Rules of the user's own: resources of a plan are selected with `JSONPath`, and their values required or forbidden.
//!
//! Each resource is asked for itself. Where an answer hangs on a value that only the apply can know it is *maybe*, never no: what the
//! selection reads of such values is tried with everything that the selection could compare it with, and a check that meets one has no
//! answer. No value of a plan is ever shown.

mod selection;

use jsonpath_rust::query::js_path_process;
use serde_json::Value;

use super::Findings;
use super::finding::label;
use crate::config::{Check, CustomRule, Test};
use crate::input::{Before, Planned};
use crate::policy::{Match, Verdict};
use crate::report::{Effect, Finding};
use crate::source::{Origin, Span};

/// What stands for a value that only the apply can know.
const UNKNOWN: &str = "\u{0}known after apply";

/// A resource that a rule finds fault with, or may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Breach {
    /// Where the check stands that it does not pass.
    pub check: Span,
    /// True for something that is required, false for something forbidden.
    pub required: bool,
    /// True where it is sure.
    pub sure: bool,
}

/// A breach with its place.
#[derive(Clone, Debug)]
pub struct Violation<'r> {
    /// The rule.
    pub rule: &'r CustomRule,
    /// What it found.
    pub breach: Breach,
    /// What of it the plan brings about.
    pub worse: Option<Breach>,
    /// The resource.
    pub address: String,
    /// Where the resource is written.
    pub at: Origin,
}

/// What a rule says of a resource.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// True where the rule selects it, or something in it, as far as that is known.
    pub selected: bool,
    /// The first sure breach, else the first possible one.
    pub breach: Option<Breach>,
    /// The same of those that were not there before the plan.
    pub worse: Option<Breach>,
}

/// Asks a rule of a resource.
pub fn judge(rule: &CustomRule, planned: &Planned) -> Judged {
    let (selected, all) = breaches(rule, planned);
    let mut new = all.clone();
    match &planned.before {
        Before::Nothing => {}
        Before::Same => new.clear(),
        Before::Other(_) if new.is_empty() => {}
        Before::Other(document) => {
            let was = Planned {
                document: document.clone(),
                unknown: Vec::new(),
                before: Before::Nothing,
                ..planned.clone()
            };
            for old in breaches(rule, &was).1 {
                let same = |it: &Breach| {
                    it.check == old.check && it.required == old.required && it.sure <= old.sure
                };
                if let Some(at) = new.iter().position(same) {
                    new.remove(at);
                }
            }
        }
    }
    Judged {
        selected,
        breach: worst(&all),
        worse: worst(&new),
    }
}

fn worst(all: &[Breach]) -> Option<Breach> {
    let sure = all.iter().find(|it| it.sure);
    sure.or_else(|| all.first()).cloned()
}

/// So many breaches of one resource are told apart.
const MOST: usize = 1_000;

/// Everything that a rule finds fault with in a resource, and whether it selects anything.
fn breaches(rule: &CustomRule, planned: &Planned) -> (bool, Vec<Breach>) {
    let picked = selection::picked(&rule.select, planned);
    let mut found = Vec::new();
    if picked.is_empty() {
        return (false, found);
    }
    let mut document = planned.document.clone();
    for way in &planned.unknown {
        selection::set(&mut document, way, Value::String(UNKNOWN.to_owned()));
    }
    for pick in &picked {
        let node = document.pointer(&pick.pointer);
        let checks = rule.require.iter().map(|it| (it, true));
        for (check, required) in checks.chain(rule.forbid.iter().map(|it| (it, false))) {
            let passes = node.map_or(Match::Maybe, |node| passes(check, required, node));
            let wrong = if required { passes.not() } else { passes };
            let sure = match wrong {
                Match::No => continue,
                wrong => wrong == Match::Yes && pick.sure,
            };
            found.push(Breach {
                check: check.span,
                required,
                sure,
            });
        }
        if found.len() >= MOST && found.iter().any(|it| it.sure) {
            break;
        }
    }
    (true, found)
}

/// Whether what is selected passes a check: all of the values at its path where that is required, any of them where it is forbidden.
fn passes(check: &Check, all: bool, node: &Value) -> Match {
    let Some(query) = &check.path else {
        return test(&check.test, node);
    };
    let found = js_path_process(&query.parsed, node).unwrap_or_default();
    let answers = found.into_iter().map(|it| test(&check.test, it.val()));
    let answers: Vec<Match> = answers.collect();
    // The path leads into a value that nobody knows, or a filter of it reads one: there may be more than was found.
    let more = || {
        let mut ways = Vec::new();
        hidden(node, &mut Vec::new(), &mut ways);
        ways.iter().any(|way| query.reads(way))
    };
    let known = match (all, answers.is_empty()) {
        (_, true) => Match::No,
        (true, false) => answers.iter().copied().fold(Match::Yes, Match::and),
        (false, false) => answers.iter().copied().fold(Match::No, Match::or),
    };
    let settled = if all {
        // One value that does not pass is enough.
        known == Match::No && !answers.is_empty()
    } else {
        known == Match::Yes
    };
    if !settled && more() {
        Match::Maybe
    } else {
        known
    }
}

/// The ways to the values in a node that nobody knows.
fn hidden(value: &Value, way: &mut Vec<String>, ways: &mut Vec<Vec<String>>) {
    let mut enter = |step: String, value: &Value| {
        way.push(step);
        hidden(value, way, ways);
        way.pop();
    };
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                enter(key.clone(), value);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                enter(at.to_string(), value);
            }
        }
        Value::String(text) if text == UNKNOWN => ways.push(way.clone()),
        _ => {}
    }
}

fn test(wanted: &Test, value: &Value) -> Match {
    match wanted {
        // A value that the apply will know is there.
        Test::Exists => Match::from(!value.is_null()),
        _ if value.as_str() == Some(UNKNOWN) => Match::Maybe,
        Test::OneOf(values) => {
            let mut ways = Vec::new();
            hidden(value, &mut Vec::new(), &mut ways);
            let equal = values.iter().any(|it| same(it, value));
            if ways.is_empty() || equal {
                Match::from(equal)
            } else {
                Match::Maybe
            }
        }
        Test::Matches(expression) => Match::from(match value {
            Value::String(text) => expression.is_match(text),
            Value::Number(_) | Value::Bool(_) => expression.is_match(&value.to_string()),
            _ => false,
        }),
    }
}

/// Equality of values; `1` and `1.0` are one number.
fn same(one: &Value, two: &Value) -> bool {
    match (one, two) {
        (Value::Number(one), Value::Number(two)) => one == two || one.as_f64() == two.as_f64(),
        (Value::Array(one), Value::Array(two)) => {
            let mut pairs = one.iter().zip(two);
            one.len() == two.len() && pairs.all(|(first, second)| same(first, second))
        }
        (Value::Object(one), Value::Object(two)) => {
            let equal =
                |(key, it): (&String, &Value)| two.get(key).is_some_and(|found| same(it, found));
            one.len() == two.len() && one.iter().all(equal)
        }
        _ => one == two,
    }
}

impl Violation<'_> {
    /// Adds the finding.
    pub(super) fn report(&self, findings: &mut Findings) {
        let rule = self.rule;
        let (severity, message) = if self.breach.sure {
            (Some(rule.severity), rule.message.clone())
        } else {
            let least = findings.gate.undecided.map(|it| it.min(rule.severity));
            let message = &rule.message;
            (
                least,
                format!("perhaps {message}: what decides it is known after apply"),
            )
        };
        let Some(severity) = severity else {
            return;
        };
        let id = rule.id.value.clone();
        let address = &self.address;
        let mut finding = Finding::new(id, severity, Effect::Hygiene, address, message);
        finding.verdict = (!self.breach.sure).then_some(Verdict::Undecided);
        finding.help.clone_from(&rule.help);
        finding
            .labels
            .push(label(&self.at, format!("`{address}`"), true));
        let word = if self.breach.required {
            "required"
        } else {
            "forbidden"
        };
        let check = Origin::new(self.breach.check);
        finding
            .labels
            .push(label(&check, format!("{word} here"), false));
        let cause = format!("{word}\n{}", self.breach.sure);
        findings.add(finding, &cause);
    }
}

#[cfg(test)]
mod tests;
