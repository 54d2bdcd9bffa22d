//! `trail-logs-unreadable`

use super::finding::label;
use super::requirement::{Wording, check};
use super::{Findings, Rule};
use crate::model::Model;
use crate::policy::Verdict;
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "trail-logs-unreadable",
    severity: Severity::Error,
    effect: Effect::ReadFails,
    summary: "nobody, or the root user alone, can decrypt the trail's logs",
    page: include_str!("trail_logs_unreadable.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    let wording = Wording {
        denied: &|site| {
            format!(
                "nobody can read the logs of `{}`: `{}` lets nobody decrypt",
                site.subject.address, site.key.address
            )
        },
        effect: &|_| Effect::ReadFails,
    };
    check(
        &RULE,
        model,
        findings,
        &|it| it.id == "reader-decrypt" && it.reader.is_none(),
        &wording,
    );
    root_alone(model, findings);
}

/// The root user is nobody's daily reader: worth a warning, and no more, as somebody can read.
fn root_alone(model: &Model, findings: &mut Findings) {
    for subject in &model.subjects {
        for requirement in subject
            .requirements
            .iter()
            .filter(|it| it.only_root && it.verdict == Verdict::Allowed)
        {
            let Some(key) = model.keys.get(requirement.key) else {
                continue;
            };
            let message = format!(
                "only the root user of the key's account can read the logs of `{}`: no other principal may decrypt with `{}`",
                subject.address, key.address
            );
            let mut finding = RULE.finding(&subject.address, message);
            finding.severity = Severity::Warning;
            finding.subject = Some(subject.id.clone());
            finding.key = Some(key.id.clone());
            finding.requirement = Some(requirement.id);
            let at = key
                .policy
                .as_ref()
                .filter(|_| !key.sensitive)
                .map_or(&key.origin, |policy| &policy.origin);
            finding.labels.push(label(
                at,
                "no statement lets anybody but the root user decrypt",
                true,
            ));
            finding.labels.push(label(
                &subject.link.origin,
                format!("`{}` uses the key", subject.address),
                false,
            ));
            let draft = super::mend::draft(requirement, subject, key, model);
            findings.add_with(finding, "only root", draft);
        }
    }
}
