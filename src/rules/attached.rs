//! The policies that are judged by their text, each once, whichever keys share it; and findings about a place in one.
//!
//! keytrail is about the keys of CloudTrail: looked at are the policies of the keys that a trail or another subject uses, and those that
//! name CloudTrail or Config as a service.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::label;
use super::{Findings, Rule};
use crate::model::{Key, LinkStatus, Model, PolicyState};
use crate::policy::{Policy, PrincipalType};
use crate::report::Severity;
use crate::source::{Origin, Span};
use crate::value::Text;

/// A policy with the keys that have it.
pub(super) struct Attached<'m> {
    pub(super) policy: &'m Policy,
    /// The first key that has it.
    pub(super) key: &'m Key,
    /// The others.
    pub(super) others: Vec<&'m Key>,
}

/// What is wrong at a place in a policy. The message is `WHAT in the policy of KEY REST`.
pub(super) struct Wrong<'w> {
    /// The text at fault as it was written, or some words for it.
    pub(super) what: String,
    /// The same where nothing of the policy may be shown: `an action`.
    pub(super) kind: &'w str,
    /// What is wrong with it.
    pub(super) rest: String,
    /// The same without anything that the policy says.
    pub(super) hidden_rest: &'w str,
    pub(super) help: Option<String>,
    pub(super) label: String,
    pub(super) at: &'w Origin,
    /// The index of the statement.
    pub(super) statement: usize,
    /// True where a text that it shows is sensitive.
    pub(super) sensitive: bool,
    /// Where it is not the rule's own.
    pub(super) severity: Option<Severity>,
}

/// The policies of keys that matter, in order of the keys. One that AWS would refuse is `policy-invalid`'s alone, and AWS's default policy is
/// nobody's mistake.
pub(super) fn policies(model: &Model) -> Vec<Attached<'_>> {
    let mut found: Vec<Attached<'_>> = Vec::new();
    let mut places: BTreeMap<Span, usize> = BTreeMap::new();
    let used = used(model);
    for (at, key) in model.keys.iter().enumerate() {
        let judged = matches!(
            key.state,
            PolicyState::Known | PolicyState::Partial | PolicyState::Sensitive
        );
        let Some(policy) = key
            .policy
            .as_ref()
            .filter(|policy| judged && !policy.rejected)
        else {
            continue;
        };
        if !used.contains(&at) && !names_a_service(policy) {
            continue;
        }
        let place = *places.entry(policy.origin.span()).or_insert(found.len());
        match found.get_mut(place) {
            Some(same) => same.others.push(key),
            None => found.push(Attached {
                policy,
                key,
                others: Vec::new(),
            }),
        }
    }
    found
}

/// The keys that a subject may use, by index.
pub(super) fn used(model: &Model) -> BTreeSet<usize> {
    let subjects = model.subjects.iter();
    let linked = subjects.filter(|subject| subject.link.status != LinkStatus::None);
    linked.flat_map(|it| &it.link.keys).copied().collect()
}

fn names_a_service(policy: &Policy) -> bool {
    let meant = |text: &Text| {
        text.to_literal().is_some_and(|name| {
            ["cloudtrail.", "config."]
                .iter()
                .any(|it| name.starts_with(it))
        })
    };
    let mut principals = policy.principals().flat_map(|(_, principals)| principals);
    principals.any(|it| it.kind == PrincipalType::Service && meant(it.text))
}

impl Attached<'_> {
    /// All keys that have the policy.
    pub(super) fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(self.key).chain(self.others.iter().copied())
    }

    /// Adds a finding about a place in the policy.
    pub(super) fn report(&self, rule: &Rule, findings: &mut Findings, wrong: Wrong<'_>) {
        let key = self.key;
        let hidden = key.sensitive || wrong.sensitive;
        let message = if hidden {
            format!(
                "{} of statement {} in the policy of `{}` {} (the policy is sensitive and is not shown)",
                wrong.kind,
                wrong.statement + 1,
                key.address,
                wrong.hidden_rest
            )
        } else {
            format!(
                "{} in the policy of `{}` {}",
                wrong.what, key.address, wrong.rest
            )
        };
        let cause = if hidden {
            format!("{}\n{}", wrong.statement, wrong.kind)
        } else {
            format!("{}\n{}", wrong.what, wrong.rest)
        };
        let mut finding = rule.finding(&key.address, message);
        finding.severity = wrong.severity.unwrap_or(rule.severity);
        finding.basis.facts = Some(wrong.kind.to_owned());
        finding.basis.statements = vec![wrong.statement];
        finding.basis.hidden = hidden;
        finding.key = Some(key.id.clone());
        finding.instances = self.others.iter().map(|it| it.address.clone()).collect();
        if hidden {
            finding.labels.push(label(&key.origin, "here", true));
        } else {
            finding.help = wrong.help;
            finding.labels.push(label(wrong.at, wrong.label, true));
        }
        findings.add(finding, &cause);
    }
}

/// A text in backticks, cut where it is very long.
pub(super) fn quoted(text: &str) -> String {
    const MOST: usize = 120;
    let plain: String = text.chars().filter(|it| *it != '`').collect();
    match plain.char_indices().nth(MOST) {
        Some((cut, _)) => format!("`{}…`", plain.get(..cut).unwrap_or_default()),
        None => format!("`{plain}`"),
    }
}
