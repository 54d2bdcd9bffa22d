//! `ignore-expired`

use super::exception::tell;
use super::{Findings, Rule};
use crate::model::{ExceptionFault, Model};
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "ignore-expired",
    severity: Severity::Warning,
    effect: Effect::Hygiene,
    summary: "an exception was to hold until a day that is over, so its findings count again",
    page: include_str!("ignore_expired.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    tell(&RULE, ExceptionFault::Expired, model, findings);
}
