//! `trail-key-unresolved`

use super::finding::label;
use super::way::follow;
use super::{Findings, Rule};
use crate::model::{LinkStatus, Model};
use crate::policy::Verdict;
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "trail-key-unresolved",
    severity: Severity::Warning,
    effect: Effect::Hygiene,
    summary: "which key the trail uses cannot be told from the inputs",
    page: include_str!("trail_key_unresolved.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    let Some(severity) = findings.gate.undecided else {
        return;
    };
    for subject in model
        .subjects
        .iter()
        // `trail-key-invalid` speaks of what is wrong whatever the inputs hold.
        .filter(|it| it.link.flaw.is_none())
        .filter(|it| it.link.status == LinkStatus::Unresolved && !it.synthetic)
    {
        let noun = subject.kind.noun();
        let reason = subject
            .link
            .reason
            .as_deref()
            .unwrap_or("its key is not in the inputs");
        let message = format!(
            "which key the {noun} `{}` uses cannot be told: {reason}",
            subject.address
        );
        let mut finding = RULE.finding(&subject.address, message);
        finding.severity = severity;
        finding.verdict = Some(Verdict::Undecided);
        finding.subject = Some(subject.id.clone());
        finding.help.clone_from(&subject.link.remedy);
        finding.labels.push(label(
            &subject.link.origin,
            "leads to a key that cannot be told",
            true,
        ));
        follow(&mut finding, &subject.link, None);
        findings.add(finding, "unresolved");
    }
}
