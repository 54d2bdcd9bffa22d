//! `key-policy-split`

use super::attached::used;
use super::finding::label;
use super::{Findings, Rule};
use crate::model::{Fact, Key, Model, OtherPolicy, PolicyState};
use crate::policy::{self, Verdict};
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "key-policy-split",
    severity: Severity::Warning,
    effect: Effect::Hygiene,
    summary: "two resources set different policies for one key",
    page: include_str!("key_policy_split.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    let used = used(model);
    for (at, key) in model.keys.iter().enumerate() {
        if !used.contains(&at) {
            continue;
        }
        for other in &key.others {
            let verdict = match other.differs {
                Fact::Known(false) => continue,
                Fact::Known(true) => Verdict::Denied,
                Fact::Unknown => Verdict::Undecided,
            };
            report(model, at, key, other, verdict, findings);
        }
    }
}

fn report(
    model: &Model,
    at: usize,
    key: &Key,
    other: &OtherPolicy,
    verdict: Verdict,
    findings: &mut Findings,
) {
    let Some(severity) = RULE.severity_of(verdict, findings.gate) else {
        return;
    };
    if let Some(shown) = &other.shown_by {
        return told_apart(key, other, shown, findings);
    }
    let counts = key.policy_addresses.first().unwrap_or(&key.address);
    let mut message = if verdict == Verdict::Denied {
        format!(
            "`{counts}` and `{}` set different policies for `{}`",
            other.address, key.address
        )
    } else {
        format!(
            "`{counts}` and `{}` both set a policy for `{}`, and whether they differ cannot be decided",
            other.address, key.address
        )
    };
    let changed = changes(model, at, key, other).filter(|_| verdict == Verdict::Denied);
    if let Some(requirement) = changed {
        message = format!("{message}: with the second one, `{requirement}` has another answer");
    }
    let mut finding = RULE.finding(&key.address, message);
    // Not to know is no worse than to know.
    finding.severity = if changed.is_some() {
        Severity::Error
    } else {
        severity.min(Severity::Warning)
    };
    finding.verdict = (verdict != Verdict::Denied).then_some(verdict);
    finding.key = Some(key.id.clone());
    finding.help = Some(
        "keep one of them: whichever is applied last counts, and every later plan wants to put the other one back".to_owned(),
    );
    finding
        .labels
        .push(label(&other.origin, "sets one policy", true));
    finding
        .labels
        .push(label(&key.origin, "sets the other, which is judged", false));
    findings.add(finding, &other.address);
}

/// Two inputs show the policy differently, and no requirement hangs on it.
fn told_apart(key: &Key, other: &OtherPolicy, shown: &str, findings: &mut Findings) {
    let message = format!("{shown}, and nothing says which of the two is so: the first was judged");
    let mut finding = RULE.finding(&key.address, message);
    finding.severity = Severity::Warning;
    finding.key = Some(key.id.clone());
    finding.help = Some("give the one alone that is right".to_owned());
    finding
        .labels
        .push(label(&other.origin, "shown otherwise", true));
    finding
        .labels
        .push(label(&key.origin, "this one was judged", false));
    findings.add(finding, "inputs");
}

/// The first requirement that has another answer under the other policy.
fn changes(model: &Model, at: usize, key: &Key, other: &OtherPolicy) -> Option<&'static str> {
    let policy = other.policy.as_ref()?;
    if key.state == PolicyState::Invalid || policy.rejected {
        return None;
    }
    let requirements = model.subjects.iter().flat_map(|it| &it.requirements);
    let mut of_the_key = requirements.filter(|it| it.key == at && it.reader.is_none());
    of_the_key
        .find(|it| {
            let answer = policy::evaluate(policy, &it.request, &model.symbols).verdict;
            (answer == Verdict::Denied) != (it.decision.verdict == Verdict::Denied)
        })
        .map(|it| it.id)
}
