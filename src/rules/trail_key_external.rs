//! `trail-key-external`

use std::collections::BTreeMap;

use super::finding::label;
use super::trail_key_deleted::name;
use super::way::follow;
use super::{Findings, Rule};
use crate::model::{Fate, Model, PolicyState, Subject};
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
        let message = match model.gone(key) {
            None => format!(
                "the key of `{}`, `{}`, is not in the inputs: its policy was not judged",
                first.address, key.address
            ),
            Some(gone) if gone.fate == Fate::Forgotten => format!(
                "the plan lets go of the key of `{}`, `{}`, which stays as it is: its policy was not judged",
                first.address,
                name(gone, model)
            ),
            // `trail-key-deleted` speaks of it.
            Some(_) => continue,
        };
        let mut finding = RULE.finding(&first.address, message);
        let others = subjects.iter().map(|subject| subject.address.clone());
        for address in others.filter(|it| *it != first.address) {
            if !finding.instances.contains(&address) {
                finding.instances.push(address);
            }
        }
        finding.subject = Some(first.id.clone());
        finding.key = Some(key.id.clone());
        finding.help =
            Some("give the plan, the state or a snapshot that holds the key as a further input, or its policy with `--key-policy ARN=FILE`".to_owned());
        finding
            .labels
            .push(label(&first.link.origin, "a key outside the inputs", true));
        follow(&mut finding, &first.link, None);
        findings.add(finding, &key.id.clone());
    }
}
