//! `controltower-key-disabled`

use super::landing_zone::{Defect, precheck};
use super::{Findings, Rule};
use crate::model::Model;
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "controltower-key-disabled",
    severity: Severity::Error,
    effect: Effect::ApplyFails,
    summary: "the landing zone's key is disabled",
    page: include_str!("controltower_key_disabled.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    let fine = |_: &_, key: &crate::model::Key| key.enabled.clone();
    precheck(&RULE, model, findings, &fine, &|_, key| Defect {
        is: "is disabled".to_owned(),
        may: "may be disabled".to_owned(),
        help: "enable the key: Control Tower refuses one that is disabled".to_owned(),
        at: key.enabled_at.clone(),
        here: "disabled here",
    });
}
