//! `key-rotation-disabled`

use super::attached::used;
use super::finding::label;
use super::{Findings, Rule};
use crate::model::{Fact, Model};
use crate::policy::Verdict;
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "key-rotation-disabled",
    severity: Severity::Note,
    effect: Effect::Hygiene,
    summary: "the key's material is not rotated every year",
    page: include_str!("key_rotation_disabled.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    let used = used(model);
    for (at, key) in model.keys.iter().enumerate() {
        let Some(rotation) = key.rotation.as_ref().filter(|_| used.contains(&at)) else {
            continue;
        };
        // AWS KMS rotates symmetric encryption keys alone.
        if key.symmetric.is(&false) {
            continue;
        }
        let verdict = match rotation {
            Fact::Known(true) => continue,
            Fact::Known(false) => Verdict::Denied,
            Fact::Unknown => Verdict::Undecided,
        };
        let Some(severity) = RULE.severity_of(verdict, findings.gate) else {
            continue;
        };
        let message = if verdict == Verdict::Denied {
            format!("`{}` is not rotated", key.address)
        } else {
            format!("whether `{}` is rotated cannot be decided", key.address)
        };
        let mut finding = RULE.finding(&key.address, message);
        finding.severity = severity.min(Severity::Note);
        finding.verdict = (verdict != Verdict::Denied).then_some(verdict);
        finding.key = Some(key.id.clone());
        finding.help = Some("set `enable_key_rotation = true`".to_owned());
        finding
            .labels
            .push(label(&key.rotation_at, "no rotation", true));
        findings.add(finding, verdict.word());
    }
}
