//! `trail-unencrypted`

use super::finding::label;
use super::{Findings, Rule};
use crate::model::{LinkStatus, Model, SubjectKind};
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "trail-unencrypted",
    severity: Severity::Warning,
    effect: Effect::Hygiene,
    summary: "the trail names no KMS key: its logs are encrypted with a key of S3's own",
    page: include_str!("trail_unencrypted.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    let trails = model
        .subjects
        .iter()
        .filter(|it| it.kind == SubjectKind::Trail && !it.synthetic);
    for subject in trails.filter(|it| it.link.status == LinkStatus::None) {
        let message = format!("`{}` names no KMS key", subject.address);
        let mut finding = RULE.finding(&subject.address, message);
        finding.subject = Some(subject.id.clone());
        finding.help = Some("set `kms_key_id` to the ARN of a key whose policy lets CloudTrail use it; `keytrail explain trail-unencrypted` shows one".to_owned());
        finding
            .labels
            .push(label(&subject.origin, "no `kms_key_id`", true));
        findings.add(finding, "unencrypted");
    }
}
