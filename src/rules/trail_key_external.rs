//! `trail-key-external`

use std::collections::BTreeMap;

use super::finding::label;
use super::way::follow;
use super::{Findings, Rule};
use crate::model::{Model, PolicyState, Subject};
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "trail-key-external",
    severity: Severity::Note,
    effect: Effect::Hygiene,
    summary: "the trail's key is not in the inputs, so its policy was not judged",
    page: include_str!("trail_key_external.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    // One note for each key, whoever uses it.
    let mut users: BTreeMap<usize, Vec<&Subject>> = BTreeMap::new();
    for subject in &model.subjects {
        for key in &subject.link.keys {
            users.entry(*key).or_default().push(subject);
        }
    }
    for (key, subjects) in users {
        let (Some(key), Some(first)) = (model.keys.get(key), subjects.first()) else {
            continue;
        };
        if key.state != PolicyState::External {
            continue;
        }
        let message = format!(
            "the key of `{}`, `{}`, is not in the inputs: its policy was not judged",
            first.address, key.address
        );
        let mut finding = RULE.finding(&first.address, message);
        finding.instances = subjects
            .iter()
            .skip(1)
            .map(|subject| subject.address.clone())
            .collect();
        finding.subject = Some(first.id.clone());
        finding.key = Some(key.id.clone());
        finding.help =
            Some("give the plan or the state that holds the key as a further input".to_owned());
        finding
            .labels
            .push(label(&first.link.origin, "a key outside the inputs", true));
        follow(&mut finding, &first.link, None);
        findings.add(finding, &key.id.clone());
    }
}
