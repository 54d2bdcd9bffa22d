//! What the rules about exceptions share: one finding for each that is at fault.

use super::finding::label;
use super::{Findings, Rule};
use crate::model::{ExceptionFault, Model};

/// What such a finding is about: no resource.
const SUBJECT: &str = "exceptions";

pub(super) fn tell(rule: &Rule, fault: ExceptionFault, model: &Model, findings: &mut Findings) {
    let exceptions = model.exceptions.iter().filter(|it| it.fault == fault);
    for (at, exception) in exceptions.enumerate() {
        let mut finding = rule.finding(SUBJECT, exception.message.clone());
        finding.help.clone_from(&exception.help);
        finding
            .labels
            .push(label(&exception.at, "this exception", true));
        finding.basis.facts = Some(exception.message.clone());
        // Each stands for itself.
        findings.add(finding, &format!("{at}\n{}", exception.message));
    }
}
