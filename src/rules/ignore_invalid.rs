//! `ignore-invalid`

use super::exception::tell;
use super::{Findings, Rule};
use crate::model::{ExceptionFault, Model};
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "ignore-invalid",
    severity: Severity::Error,
    effect: Effect::Hygiene,
    summary: "a comment that should put a finding aside cannot be read, and puts nothing aside",
    page: include_str!("ignore_invalid.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    tell(&RULE, ExceptionFault::Invalid, model, findings);
}
