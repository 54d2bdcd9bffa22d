//! One cause is one finding: what another rule tells of the same place is not told again.

use std::collections::BTreeSet;

use crate::model::Model;
use crate::policy::Verdict;
use crate::report::{Finding, Severity};
use crate::source::Span;

/// Rules that look at a policy's text alone. Where a rule that knows more underlines the same place, theirs is left out: first those about one
/// text, then the one about a whole statement.
const TEXT: &[&str] = &[
    "policy-condition-mismatch",
    "policy-unknown-action",
    "policy-unknown-condition-key",
    "policy-variable-literal",
    "policy-wildcard-in-exact-match",
];

/// How much less a rule knows than others do.
fn rank(rule: &str) -> u8 {
    match rule {
        "statement-never-matches" => 2,
        it => u8::from(TEXT.contains(&it)),
    }
}

/// Leaves out what is told already.
pub(super) fn once(findings: Vec<Finding>, model: &Model) -> Vec<Finding> {
    // What is said of a sensitive policy stands at the key, whatever it is about.
    let keys: BTreeSet<Span> = model.keys.iter().map(|key| key.origin.span()).collect();
    let place = |finding: &Finding| {
        let primary = finding.labels.iter().find(|label| label.primary)?;
        (!keys.contains(&primary.span)).then_some(primary.span)
    };
    let sure: Vec<(u8, Span)> = findings
        .iter()
        .filter(|it| it.verdict.is_none_or(|it| it == Verdict::Denied))
        .filter(|it| it.severity > Severity::Note)
        .filter_map(|it| Some((rank(&it.rule), place(it)?)))
        .collect();
    let told = |finding: &Finding| {
        let own = rank(&finding.rule);
        own > 0
            && place(finding).is_some_and(|span| {
                let mut others = sure.iter();
                others.any(|(rank, other)| *rank < own && overlap(*other, span))
            })
    };
    let keep: Vec<bool> = findings.iter().map(|it| !told(it)).collect();
    let kept = findings.into_iter().zip(keep);
    kept.filter(|(_, keep)| *keep).map(|(it, _)| it).collect()
}

fn overlap(one: Span, two: Span) -> bool {
    one.start < two.end && two.start < one.end
}
