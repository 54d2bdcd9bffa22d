//! `ignore-unused`

use super::exception::tell;
use super::{Findings, Rule};
use crate::model::{ExceptionFault, Model};
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "ignore-unused",
    severity: Severity::Warning,
    effect: Effect::Hygiene,
    summary: "an exception puts nothing aside: what it was for is mended, or it stands in the wrong place",
    page: include_str!("ignore_unused.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    tell(&RULE, ExceptionFault::Unused, model, findings);
}
