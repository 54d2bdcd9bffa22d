//! `trail-key-deleted`

use super::finding::label;
use super::trail_key_disabled::finding;
use super::way::follow;
use super::{Findings, Rule};
use crate::input::Action;
use crate::model::{Fate, Gone, Key, Model, Subject};
use crate::policy::Verdict;
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "trail-key-deleted",
    severity: Severity::Error,
    effect: Effect::DeliveryStops,
    summary: "the plan schedules the deletion of a key that a trail still uses",
    page: include_str!("trail_key_deleted.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    for subject in &model.subjects {
        let keys: Vec<&Key> = keys_of(subject, model).collect();
        let all = keys.iter().all(|key| deleted(key, model).is_some());
        for key in &keys {
            let Some(gone) = deleted(key, model) else {
                continue;
            };
            let sure = all && !may_change(subject, model);
            tell(model, subject, key, gone, sure, findings);
        }
    }
}

fn tell(
    model: &Model,
    subject: &Subject,
    key: &Key,
    gone: &Gone,
    sure: bool,
    findings: &mut Findings,
) {
    let (verdict, uses) = if sure {
        (Verdict::Denied, "still uses")
    } else {
        (Verdict::Undecided, "may still use")
    };
    let name = name(gone, model);
    let (address, noun) = (&subject.address, subject.kind.noun());
    let message =
        format!("the {noun} `{address}` {uses} `{name}`, whose deletion this plan schedules");
    let Some(mut finding) = finding(&RULE, findings, subject, key, verdict, message) else {
        return;
    };
    let cancel = gone.window.as_ref().map_or_else(String::new, |days| {
        format!("; within {days} days of the apply the deletion can be cancelled")
    });
    finding.help = Some(format!(
        "take the {noun} to another key first, and delete this one when its logs are no longer needed{cancel}"
    ));
    let at = &subject.link.origin;
    let named = label(at, "names the key that the plan deletes", true);
    let fate = match gone.fate {
        Fate::Replaced => "replaced by a new key, and scheduled for deletion",
        _ => "scheduled for deletion",
    };
    finding.labels = vec![named, label(&gone.origin, fate, false)];
    follow(&mut finding, &subject.link, None);
    findings.add(finding, &name);
}

/// The keys of a subject.
pub(super) fn keys_of<'m>(subject: &'m Subject, model: &'m Model) -> impl Iterator<Item = &'m Key> {
    let keys = subject.link.keys.iter();
    keys.filter_map(|at| model.keys.get(*at))
}

/// What becomes of a key that a plan deletes.
pub(super) fn deleted<'m>(key: &Key, model: &'m Model) -> Option<&'m Gone> {
    model.gone(key).filter(|it| it.fate != Fate::Forgotten)
}

/// The address that a key had.
pub(super) fn name(gone: &Gone, model: &Model) -> String {
    let old = model.past.world().and_then(|past| past.keys.get(gone.key));
    old.map(|key| key.address.clone()).unwrap_or_default()
}

/// True where the plan says nothing of the subject and leaves things out, so that another change may belong to it.
fn may_change(subject: &Subject, model: &Model) -> bool {
    let input = model.inputs.get(subject.input);
    let leaves = input.is_some_and(|it| !it.complete || it.errored || !it.deferred.is_empty());
    leaves && subject.action == Action::NoOp
}
