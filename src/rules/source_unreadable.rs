//! `source-unreadable`

use std::collections::{BTreeMap, BTreeSet};

use super::finding::label;
use super::{Findings, Rule};
use crate::model::Model;
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "source-unreadable",
    severity: Severity::Error,
    effect: Effect::ApplyFails,
    summary: "a part of the sources cannot be read, so what it says was not judged",
    page: include_str!("source_unreadable.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    // A module that several roots call is wrong in one place.
    let mut told = BTreeSet::new();
    for input in &model.inputs {
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        for it in &input.unreadable {
            if !told.insert((it.origin.span(), &it.message)) {
                continue;
            }
            let time = times.entry(&it.message).or_default();
            *time += 1;
            let folder = input.sources.as_ref().unwrap_or(&input.path);
            let message = format!("a part of the sources is not read: {}", it.message);
            let mut finding = RULE.finding(folder, message);
            let help = "mend it and run `terraform validate`; the rest was checked";
            finding.help = Some(it.help.as_ref().map_or_else(
                || help.to_owned(),
                |own| format!("{own}; the rest was checked"),
            ));
            finding.labels.push(label(&it.origin, "here", true));
            finding.basis.facts = Some(it.message.clone());
            finding.basis.nowhere = true;
            // Two places with one defect are two findings.
            findings.add(finding, &format!("{}\n{}\n{time}", input.id, it.message));
        }
    }
}
