//! `expectation-failed`

use super::finding::label;
use super::reason::{Reason, explain, who};
use super::{Findings, Gate, Rule};
use crate::model::{Expectation, Key, Model, Unmatched};
use crate::policy::{Caller, Effect as Grant, Match, Verdict};
use crate::report::{Effect, Finding, Label, Severity};
use crate::source::Span;
use crate::spelling::nearest;

pub(super) static RULE: Rule = Rule {
    id: "expectation-failed",
    severity: Severity::Error,
    effect: Effect::Hygiene,
    summary: "a key's policy does not allow, or does not deny, what `keytrail.toml` expects of it",
    page: include_str!("expectation_failed.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    let mut told: Vec<(Finding, String, &str)> = Vec::new();
    for expectation in &model.expectations {
        let key = model.keys.get(expectation.requirement.key);
        let new = key.and_then(|key| judge(expectation, key, model, findings.gate));
        let Some((new, cause)) = new else {
            continue;
        };
        let same = |(old, known, _): &&mut (Finding, String, &str)| {
            let place =
                |it: &Finding| -> Vec<Span> { it.labels.iter().map(|it| it.span).collect() };
            *known == cause && old.key == new.key && place(old) == place(&new)
        };
        let action = &expectation.requirement.request.action;
        match told.iter_mut().find(same) {
            // One cause that hits several actions of a request is one finding.
            Some((old, ..)) => join(old, action),
            None => told.push((new, cause, action)),
        }
    }
    for (finding, cause, action) in told {
        findings.add(finding, &format!("{cause}\n{action}"));
    }
    for unmatched in &model.unmatched {
        nobody(unmatched, model, findings);
    }
}

/// Names a further action of which the same is true.
fn join(finding: &mut Finding, action: &str) {
    const SAME: &str = "; the same goes for";
    let between = if finding.message.contains(SAME) {
        ","
    } else {
        SAME
    };
    finding.message.extend([between, " `", action, "`"]);
}

/// What became of an expectation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Came {
    /// It holds.
    True,
    /// It does not.
    False,
    /// It holds for some values of a symbol, is left to somebody, or hangs on what is not known.
    Open(Verdict),
}

/// What became of an expectation. What the key leaves to another account is allowed as far as the key goes.
fn came(expectation: &Expectation) -> Came {
    let verdict = expectation.requirement.verdict;
    match (verdict, expectation.allow) {
        (Verdict::Allowed, true) | (Verdict::Denied, false) => Came::True,
        (Verdict::Denied, true) | (Verdict::Allowed, false) => Came::False,
        (Verdict::Delegated, false) if expectation.foreign => Came::False,
        (open, _) => Came::Open(open),
    }
}

fn judge(
    expectation: &Expectation,
    key: &Key,
    model: &Model,
    gate: Gate,
) -> Option<(Finding, String)> {
    let requirement = &expectation.requirement;
    let came = came(expectation);
    let (severity, verdict) = match came {
        Came::True => return None,
        Came::False => (Some(RULE.severity), requirement.verdict),
        Came::Open(Verdict::Delegated) => (gate.delegated, Verdict::Delegated),
        Came::Open(open) => (RULE.severity_of(open, gate), open),
    };
    let severity = severity?;
    let reason = match requirement.verdict {
        Verdict::Allowed | Verdict::Delegated => allowed(expectation, key, model),
        _ => explain(requirement, key, model),
    };
    let mut message = sentence(expectation, came, key, model);
    if !reason.because.is_empty() {
        message.push_str(": ");
        message.push_str(&reason.because);
    }
    let mut finding = RULE.finding(&key.address, message);
    finding.severity = severity;
    finding.effect = effect(expectation);
    finding.verdict = Some(verdict);
    finding.key = Some(key.id.clone());
    finding.requirement = Some(requirement.id);
    // What a flag says of readers, the expectation itself says of its requests.
    let mut blockers = requirement.decision.blocked_by.iter();
    let of_readers = blockers.any(|it| {
        let supply = it
            .symbol
            .and_then(|it| model.symbols.get(it).supply.as_deref());
        supply.is_some_and(|it| it.starts_with("--reader"))
    });
    let flag = |advice: &String| advice.contains("--reader");
    let other = reason.advice.clone().filter(|it| !flag(it));
    finding.help = other.or_else(|| {
        let own = "give what it hangs on in the `context` of the expectation";
        of_readers.then(|| own.to_owned())
    });
    let word = if expectation.allow {
        "allowed"
    } else {
        "denied"
    };
    finding.labels = reason.labels;
    let expected = format!("expected to be {word}");
    finding.labels.push(label(&expectation.at, expected, false));
    let (what, verdict) = (&expectation.what, verdict.word());
    let action = &requirement.request.action;
    finding.basis.facts = Some(format!("{word}\n{what}\n{action}\n{}", reason.fact));
    finding.basis.statements = reason.statements;
    let besides = requirement.besides.as_ref().map(|it| it.meaning.clone());
    finding.basis.besides = reason.besides.or(besides);
    let cause = format!("{word}\n{what}\n{verdict}\n{}", reason.cause);
    Some((finding, cause))
}

/// What happens if nothing is done.
fn effect(expectation: &Expectation) -> Effect {
    match (
        &expectation.requirement.request.principal,
        expectation.allow,
    ) {
        (_, false) => Effect::Exposure,
        (Caller::Service(_), true) => Effect::DeliveryStops,
        _ => Effect::ReadFails,
    }
}

fn sentence(expectation: &Expectation, came: Came, key: &Key, model: &Model) -> String {
    let requirement = &expectation.requirement;
    let who = match &requirement.request.principal {
        Caller::Stranger => "a stranger".to_owned(),
        _ => who(requirement, model),
    };
    let of = expectation
        .built_in
        .as_ref()
        .map_or_else(String::new, |subject| format!(" for `{subject}`"));
    let action = &requirement.request.action;
    let keys: Vec<String> = expectation
        .given
        .iter()
        .map(|it| format!("`{it}`"))
        .collect();
    let with = match keys.as_slice() {
        // What a request carries that only the file describes is no surprise.
        _ if expectation.built_in.is_none() => String::new(),
        [] => String::new(),
        keys => format!(" with another {}", keys.join(", ")),
    };
    let call = format!("call `{action}`{of}{with}");
    let address = &key.address;
    match came {
        Came::False if expectation.allow => {
            format!("`{address}` does not let {who} {call}, and is expected to")
        }
        Came::False | Came::True => {
            format!("`{address}` lets {who} {call}, and is expected not to")
        }
        Came::Open(Verdict::Delegated) => {
            format!("whether {who} can {call} with `{address}` is left to IAM policies")
        }
        Came::Open(Verdict::Conditional) => {
            format!("whether `{address}` lets {who} {call} is conditional")
        }
        Came::Open(_) => format!("whether `{address}` lets {who} {call} cannot be decided"),
    }
}

/// The statement that allows a request, or that leaves it to somebody.
fn allowed(expectation: &Expectation, key: &Key, model: &Model) -> Reason {
    let statements = key.policy.iter().flat_map(|policy| &policy.statements);
    let outcomes = &expectation.requirement.decision.statements;
    let grants = |wanted: Match, through: bool| {
        let mut all = outcomes.iter().zip(statements.clone());
        all.find(|(outcome, it)| {
            let matches = outcome.matches == wanted && outcome.through_account == through;
            matches && it.effect == Some(Grant::Allow)
        })
    };
    // Where a statement names the caller, one that names the account decides nothing.
    let found = grants(Match::Yes, false)
        .or_else(|| grants(Match::Yes, true))
        .or_else(|| grants(Match::Maybe, false))
        .or_else(|| grants(Match::Maybe, true));
    let Some((outcome, statement)) = found else {
        return Reason {
            because: String::new(),
            labels: vec![label(&key.origin, "this policy", true)],
            cause: "none".to_owned(),
            fact: "none".to_owned(),
            statements: Vec::new(),
            besides: None,
            deny: false,
            advice: None,
        };
    };
    let sid = statement.sid.as_ref().filter(|_| !key.sensitive);
    let sid = sid.map(|sid| sid.show(&model.symbols));
    let number = outcome.index + 1;
    let name = match sid.filter(|sid| !sid.is_empty()) {
        Some(sid) => format!("statement {number} (\"{sid}\")"),
        None => format!("statement {number}"),
    };
    let foreign = expectation.foreign && outcome.through_account;
    let because = match expectation.requirement.verdict {
        Verdict::Delegated if !expectation.foreign => format!("{name} lets the account decide"),
        _ if foreign => format!("{name} lets it, and the caller's own account decides the rest"),
        _ => format!("{name} allows it"),
    };
    let (at, text) = if key.sensitive {
        (&key.origin, "the policy is sensitive and is not shown")
    } else {
        (&statement.effect_at, "this Allow matches the request")
    };
    Reason {
        because,
        labels: vec![label(at, text, true)],
        cause: format!("statement {number}"),
        fact: "allow".to_owned(),
        statements: vec![outcome.index],
        besides: None,
        deny: false,
        advice: None,
    }
}

/// A name that means nothing of the inputs.
fn nobody(unmatched: &Unmatched, model: &Model, findings: &mut Findings) {
    let what = &unmatched.what;
    let (noun, known): (&str, Vec<&str>) = if unmatched.key {
        let keys = model.keys.iter();
        let names = keys.flat_map(|key| key.aliases.iter().chain([&key.address]));
        ("key", names.map(String::as_str).collect())
    } else {
        let subjects = model.subjects.iter();
        let names = subjects.map(|it| it.address.as_str());
        ("trail or event data store", names.collect())
    };
    let message = format!("the inputs hold no {noun} `{what}`, of which something is expected");
    let mut finding = RULE.finding(what, message);
    finding.help = Some(match nearest(what, known.into_iter()) {
        Some(near) => format!("there is `{near}`"),
        None if unmatched.key => {
            "give the input that holds it, or set `optional = true` where it does not matter"
                .to_owned()
        }
        None => "give the input that holds it".to_owned(),
    });
    let place: Label = label(&unmatched.at, "nothing of that name", true);
    finding.labels.push(place);
    findings.add(finding, "unmatched");
}
