//! `trail-history-unreadable`

use super::finding::label;
use super::trail_key_deleted::{deleted, keys_of};
use super::{Findings, Rule};
use crate::model::{Fate, Gone, Model, Subject};
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "trail-history-unreadable",
    severity: Severity::Warning,
    effect: Effect::ReadFails,
    summary: "the plan deletes a key that older logs are encrypted with",
    page: include_str!("trail_history_unreadable.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    let Some(past) = model.past.world() else {
        return;
    };
    // A key that is still in use has an error of its own, which is about the same deletion.
    let in_use: Vec<usize> = model
        .subjects
        .iter()
        .flat_map(|subject| keys_of(subject, model))
        .filter_map(|key| deleted(key, model).map(|it| it.key))
        .collect();
    for gone in &model.gone {
        if gone.fate == Fate::Forgotten || in_use.contains(&gone.key) {
            continue;
        }
        let users = gone.users.iter().filter_map(|at| past.subjects.get(*at));
        let users: Vec<&Subject> = users.collect();
        tell(past, gone, &users, findings);
    }
}

fn tell(past: &Model, gone: &Gone, users: &[&Subject], findings: &mut Findings) {
    let (Some(key), Some(first)) = (past.keys.get(gone.key), users.first()) else {
        return;
    };
    let verb = if gone.fate == Fate::Replaced {
        "replaces"
    } else {
        "deletes"
    };
    let names: Vec<String> = users
        .iter()
        .take(3)
        .map(|it| format!("`{}`", it.address))
        .collect();
    let more = match users.len() - names.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let window = gone
        .window
        .as_ref()
        .map_or_else(String::new, |days| format!(" after {days} days"));
    let message = format!(
        "this plan {verb} `{}`: what {}{more} delivered with it can be read by nobody, and is lost for ever{window}",
        key.address,
        names.join(", ")
    );
    let mut finding = RULE.finding(&key.address, message);
    finding.subject = Some(first.id.clone());
    finding.key = Some(key.id.clone());
    finding.help = Some("keep the key as long as somebody may need these logs, or encrypt them anew with another key; a `removed` block with `destroy = false` lets go of the key without deleting it".to_owned());
    finding
        .labels
        .push(label(&gone.origin, "scheduled for deletion", true));
    findings.add(finding, "history");
}
