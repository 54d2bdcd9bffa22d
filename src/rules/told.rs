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
    let sure = findings
        .iter()
        .filter(|it| it.verdict.is_none_or(|it| it == Verdict::Denied))
        .filter(|it| it.severity > Severity::Note);
    let sure: Vec<(u8, Span)> = sure
        .filter_map(|it| Some((rank(&it.rule), place(it)?)))
        .collect();
    let below = |own: u8| Places::of(sure.iter().filter(|it| it.0 < own).map(|it| it.1));
    let others = [below(0), below(1), below(2)];
    let told = |finding: &Finding| {
        let others = others.get(usize::from(rank(&finding.rule)));
        others.is_some_and(|it| place(finding).is_some_and(|span| it.overlap(span)))
    };
    let keep: Vec<bool> = findings.iter().map(|it| !told(it)).collect();
    let kept = findings.into_iter().zip(keep);
    kept.filter(|(_, keep)| *keep).map(|(it, _)| it).collect()
}

/// Places in the order of where they start, each with the furthest end of it and of those before it.
struct Places(Vec<(u32, u32)>);

impl Places {
    fn of(spans: impl Iterator<Item = Span>) -> Self {
        let mut all: Vec<(u32, u32)> = spans.map(|it| (it.start, it.end)).collect();
        all.sort_unstable();
        let mut furthest = 0;
        for (_, end) in &mut all {
            furthest = furthest.max(*end);
            *end = furthest;
        }
        Places(all)
    }

    /// True where one of them has a byte in common with a place.
    fn overlap(&self, span: Span) -> bool {
        let begun = self.0.partition_point(|(start, _)| *start < span.end);
        let last = begun.checked_sub(1).and_then(|at| self.0.get(at));
        last.is_some_and(|(_, furthest)| *furthest > span.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_overlap_where_they_have_a_byte_in_common() {
        let spans = [(10, 100), (20, 30), (200, 201)].map(|(start, end)| Span { start, end });
        let places = Places::of(spans.into_iter());
        for (start, end, expected) in [
            (0, 10, false),
            (0, 11, true),
            (99, 100, true),
            (100, 200, false),
            (40, 50, true),
            (200, 300, true),
            (201, 300, false),
        ] {
            assert_eq!(places.overlap(Span { start, end }), expected, "{start}");
        }
        assert!(!Places::of(std::iter::empty()).overlap(Span { start: 0, end: 9 }));
    }
}
