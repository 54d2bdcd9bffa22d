//! What the rules of Control Tower share: the checks that Control Tower itself makes of a key before it takes it (AWS Control Tower User
//! Guide, Configure AWS KMS keys), each on every component that names a key.

use super::finding::label;
use super::requirement::{Site, Wording, check, delivery_effect};
use super::trail_key_disabled::{defective, finding};
use super::way::follow;
use super::{Findings, Rule};
use crate::model::{Fact, Key, Model, Subject, SubjectKind};
use crate::policy::Verdict;
use crate::source::Origin;

/// What is wrong with a key, in words.
pub(super) struct Defect {
    /// `is disabled`
    pub(super) is: String,
    /// `may be disabled`
    pub(super) may: String,
    pub(super) help: String,
    /// Where it is written.
    pub(super) at: Origin,
    /// The words there.
    pub(super) here: &'static str,
}

/// One finding for each landing zone and key that lacks a property.
pub(super) fn precheck(
    rule: &Rule,
    model: &Model,
    findings: &mut Findings,
    fine: &dyn Fn(&Subject, &Key) -> Fact<bool>,
    defect: &dyn Fn(&Subject, &Key) -> Defect,
) {
    let is_zone = |subject: &Subject| subject.kind == SubjectKind::LandingZone;
    for (subject, key, verdict) in defective(model, is_zone, fine) {
        report(
            rule,
            findings,
            (subject, key, verdict),
            defect(subject, key),
        );
    }
}

/// One finding about the key of a landing zone.
pub(super) fn report(
    rule: &Rule,
    findings: &mut Findings,
    (subject, key, verdict): (&Subject, &Key, Verdict),
    defect: Defect,
) {
    let is = match verdict {
        Verdict::Denied => &defect.is,
        _ => &defect.may,
    };
    let message = format!("the key of {}, `{}`, {is}", zone(subject), key.address);
    let Some(mut finding) = finding(rule, findings, subject, key, verdict, message) else {
        return;
    };
    finding.help = Some(defect.help);
    let here = if verdict == Verdict::Denied {
        defect.here
    } else {
        "not known yet, or of one of several keys"
    };
    finding.labels.push(label(&defect.at, here, true));
    if defect.at.span() != subject.link.origin.span() {
        let uses = format!("`{}` uses the key", subject.address);
        finding
            .labels
            .push(label(&subject.link.origin, uses, false));
    }
    follow(&mut finding, &subject.link, Some(key));
    // Two components with one key have one defect.
    finding.basis.facts = Some(String::new());
    findings.add(finding, &key.id);
}

/// The landing zone that a subject is, or is a part of: ``the landing zone `X` ``.
pub(super) fn zone(subject: &Subject) -> String {
    if subject.address.starts_with("--") {
        return format!("the landing zone of `{}`", subject.address);
    }
    format!("the landing zone `{}`", subject.address)
}

/// One finding for each landing zone whose requirements of that prefix are not met.
pub(super) fn denied(
    rule: &Rule,
    model: &Model,
    findings: &mut Findings,
    prefix: &str,
    words: &dyn Fn(&Site<'_>) -> String,
) {
    let wording = Wording {
        denied: words,
        effect: &delivery_effect,
    };
    let wanted = |it: &crate::model::Requirement| it.id.starts_with(prefix);
    check(rule, model, findings, &wanted, &wording);
}
