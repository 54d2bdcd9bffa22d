//! `trail-key-invalid`

use super::finding::label;
use super::way::follow;
use super::{Findings, Rule};
use crate::model::{Model, SubjectKind};
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "trail-key-invalid",
    severity: Severity::Error,
    effect: Effect::ApplyFails,
    summary: "what should name the trail's key is nothing that AWS takes for one",
    page: include_str!("trail_key_invalid.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    for subject in model.subjects.iter().filter(|it| !it.synthetic) {
        let Some(flaw) = &subject.link.flaw else {
            continue;
        };
        let (noun, address) = (subject.kind.noun(), &subject.address);
        let message = format!("the {noun} `{address}` cannot take its key: {flaw}");
        let mut finding = RULE.finding(address, message);
        finding.subject = Some(subject.id.clone());
        let help = if subject.kind == SubjectKind::LandingZone {
            "the manifest is a JSON object, in which `configurations.kmsKeyArn` of a component is the ARN of its key, `aws_kms_key.NAME.arn`"
        } else {
            "name the key by its ARN, `aws_kms_key.NAME.arn`"
        };
        finding.help = Some(help.to_owned());
        let names = label(&subject.link.origin, "names no key that is taken", true);
        finding.labels.push(names);
        follow(&mut finding, &subject.link, None);
        findings.add(finding, flaw);
    }
}
