//! `trail-key-disabled`

use super::finding::label;
use super::way::follow;
use super::{Findings, Rule};
use crate::model::{Fact, Key, Model, PolicyState, Subject, SubjectKind};
use crate::policy::Verdict;
use crate::report::{Effect, Finding, Severity};

pub(super) static RULE: Rule = Rule {
    id: "trail-key-disabled",
    severity: Severity::Error,
    effect: Effect::DeliveryStops,
    summary: "the trail's key is disabled",
    page: include_str!("trail_key_disabled.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    for (subject, key, verdict) in defective(model, is_delivery, |_, key| key.enabled.clone()) {
        let noun = subject.kind.noun();
        let is = told(verdict);
        let message = format!(
            "the key of the {noun} `{}`, `{}`, {is} disabled",
            subject.address, key.address
        );
        let Some(mut finding) = finding(&RULE, findings, subject, key, verdict, message) else {
            continue;
        };
        finding.help = Some(format!(
            "enable the key: {} delivers nothing while it is disabled",
            service(subject)
        ));
        finding.labels.push(label(
            &key.enabled_at,
            if verdict == Verdict::Denied {
                "disabled here"
            } else {
                "not known yet, or of one of several keys"
            },
            true,
        ));
        let uses = format!("`{}` uses the key", subject.address);
        finding
            .labels
            .push(label(&subject.link.origin, uses, false));
        follow(&mut finding, &subject.link, Some(key));
        findings.add(finding, "disabled");
    }
}

/// True for what delivers by itself: the rules of landing zones speak of the others.
pub(super) fn is_delivery(subject: &Subject) -> bool {
    subject.kind != SubjectKind::LandingZone && !subject.synthetic
}

/// Who delivers.
pub(super) fn service(subject: &Subject) -> &'static str {
    match subject.kind {
        SubjectKind::DeliveryChannel => "AWS Config",
        _ => "CloudTrail",
    }
}

/// Subjects with a key that lacks a property: denied where every key that it may lead to lacks it, undecided where that is not known.
pub(super) fn defective(
    model: &Model,
    wanted: impl Fn(&Subject) -> bool,
    property: impl Fn(&Subject, &Key) -> Fact<bool>,
) -> Vec<(&Subject, &Key, Verdict)> {
    let mut found = Vec::new();
    for subject in model.subjects.iter().filter(|it| wanted(it)) {
        let keys: Vec<&Key> = subject
            .link
            .keys
            .iter()
            .filter_map(|at| model.keys.get(*at))
            .collect();
        let all = keys.iter().all(|key| property(subject, key).is(&false));
        for key in keys.iter().filter(|key| key.state != PolicyState::External) {
            match property(subject, key) {
                Fact::Known(true) => {}
                // Nobody looked: the report says so once, for all that lies outside the inputs.
                Fact::Unknown if key.outside => {}
                Fact::Known(false) if all => found.push((subject, *key, Verdict::Denied)),
                Fact::Known(false) | Fact::Unknown => {
                    found.push((subject, *key, Verdict::Undecided));
                }
            }
        }
    }
    found
}

/// The verb of a sure and of an unsure defect.
pub(super) fn told(verdict: Verdict) -> &'static str {
    if verdict == Verdict::Denied {
        "is"
    } else {
        "may be"
    }
}

/// A finding about a key, with the severity of its verdict.
pub(super) fn finding(
    rule: &Rule,
    findings: &Findings,
    subject: &Subject,
    key: &Key,
    verdict: Verdict,
    message: String,
) -> Option<Finding> {
    let mut finding = rule.finding(&subject.address, message);
    finding.severity = rule.severity_of(verdict, findings.gate)?;
    finding.verdict = (verdict != Verdict::Denied).then_some(verdict);
    finding.subject = Some(subject.id.clone());
    finding.key = Some(key.id.clone());
    Some(finding)
}
