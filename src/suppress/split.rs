//! Findings that several instances share, taken apart where something is said of some of them only.

use std::collections::{BTreeMap, BTreeSet};

use crate::report::{Finding, Suppression};

/// What is said of one instance of a finding.
pub(super) struct Instance<'f> {
    /// Its address.
    pub(super) address: &'f str,
    /// What is said of it alone, where that is known; else the whole finding.
    pub(super) finding: &'f Finding,
}

/// The instances of a finding, its own address first.
pub(super) fn instances(finding: &Finding) -> Vec<Instance<'_>> {
    let mut twins: BTreeMap<&str, &Finding> = BTreeMap::new();
    for twin in &finding.basis.twins {
        for address in addresses_of(twin) {
            twins.entry(address).or_insert(twin);
        }
    }
    addresses_of(finding)
        .map(|address| Instance {
            address,
            finding: twins.get(address).copied().unwrap_or(finding),
        })
        .collect()
}

fn addresses_of(finding: &Finding) -> impl Iterator<Item = &str> {
    let all = std::iter::once(&finding.address).chain(&finding.instances);
    all.map(String::as_str)
}

/// Puts aside the instances that `why` gives a reason for; the others stay as a finding of their own.
pub(super) fn apply(
    findings: &mut Vec<Finding>,
    mut why: impl FnMut(&Instance<'_>) -> Option<Suppression>,
) {
    let mut apart = Vec::new();
    for finding in findings.iter_mut().filter(|it| it.suppressed.is_none()) {
        let all = instances(finding);
        let reasons: Vec<Option<Suppression>> = all.iter().map(&mut why).collect();
        let Some(first) = reasons.iter().flatten().next().cloned() else {
            continue;
        };
        let pick = |aside: bool| -> Vec<String> {
            let named = all.iter().zip(&reasons);
            let named = named.filter(|(_, reason)| reason.is_some() == aside);
            named.map(|(it, _)| it.address.to_owned()).collect()
        };
        let (aside, kept) = (pick(true), pick(false));
        if kept.is_empty() {
            finding.suppressed = Some(first);
            continue;
        }
        let mut other = of(finding, &aside);
        other.suppressed = Some(first);
        apart.push(other);
        *finding = of(finding, &kept);
    }
    findings.append(&mut apart);
}

/// The finding for some of its instances.
fn of(finding: &Finding, addresses: &[String]) -> Finding {
    let Some((first, others)) = addresses.split_first() else {
        return finding.clone();
    };
    let mut twins = finding.basis.twins.iter();
    let mut new = match twins.find(|it| addresses_of(it).any(|it| it == first)) {
        Some(twin) if *first != finding.address => {
            let mut new = twin.clone();
            new.suggestion.clone_from(&finding.suggestion);
            new
        }
        _ => finding.clone(),
    };
    if new.address != *first {
        let (old, named) = (format!("`{}`", new.address), format!("`{first}`"));
        new.message = new.message.replace(&old, &named);
        new.address.clone_from(first);
    }
    new.instances = others.to_vec();
    let twins = finding.basis.twins.iter();
    let named: BTreeSet<&String> = addresses.iter().collect();
    let belongs = |it: &&Finding| named.contains(&it.address);
    new.basis.twins = twins.filter(belongs).cloned().collect();
    new
}
