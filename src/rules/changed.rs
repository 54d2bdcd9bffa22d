//! What a plan makes worse: the findings that the world before it had not.

use std::collections::BTreeMap;

use super::{Findings, Gate, Selection, Violation, check, check_with, run};
use crate::model::{Model, Past, Requirement};
use crate::policy::Verdict;
use crate::report::{Finding, Severity};

/// Rules about the reading of the inputs, which no plan makes better or worse.
const ALWAYS: [&str; 2] = ["source-unreadable", "sources-differ"];

/// The findings that the plans of the inputs bring about, in the order of [`check`], and how many others there are.
///
/// A requirement that is no worse than before is left out, whatever denies it now; so is a finding that the world before had as badly.
pub fn check_changed(
    model: &mut Model,
    gate: Gate,
    selection: &Selection,
    violations: &[Violation<'_>],
) -> (Vec<Finding>, usize) {
    let all = check_with(model, gate, selection, violations);
    let mut known: BTreeMap<(String, String, String), Severity> = BTreeMap::new();
    for it in model
        .with_past(|past| check(past, gate, selection))
        .unwrap_or_default()
    {
        for address in [&it.address].into_iter().chain(&it.instances) {
            let key = (it.rule.to_string(), it.basis.cause.clone(), address.clone());
            let severity = known.entry(key).or_insert(it.severity);
            *severity = it.severity.max(*severity);
        }
    }
    let same = matches!(model.past, Past::Same);
    let mut findings = Findings::new(gate, selection);
    findings.changed_only = true;
    // What a rule of the user's own finds is compared resource by resource.
    let worse = violations.iter().filter_map(|it| {
        let breach = it.worse.clone()?;
        Some(Violation {
            breach,
            ..it.clone()
        })
    });
    let worse: Vec<Violation<'_>> = worse.collect();
    let own = |rule: &str| worse.iter().any(|it| it.rule.id.value == rule);
    let mut new = run(model, findings, selection, &worse);
    new.retain(|it| {
        let mut addresses = [&it.address].into_iter().chain(&it.instances);
        let is_new = |address: &String| {
            let key = (it.rule.to_string(), it.basis.cause.clone(), address.clone());
            known.get(&key).is_none_or(|before| *before < it.severity)
        };
        let rule = it.rule.as_ref();
        ALWAYS.contains(&rule) || own(rule) || !same && addresses.any(is_new)
    });
    let others = all.len().saturating_sub(new.len());
    (new, others)
}

/// True for a requirement that is worse off than before, or that is new.
pub(super) fn is_worse(requirement: &Requirement) -> bool {
    let rank = |verdict| match verdict {
        Verdict::Allowed => 0,
        Verdict::Delegated => 1,
        Verdict::Conditional => 2,
        Verdict::Undecided => 3,
        Verdict::Denied => 4,
    };
    requirement
        .before
        .is_none_or(|before| rank(before) < rank(requirement.verdict))
}
