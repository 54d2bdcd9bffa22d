//! `controltower-key-asymmetric`

use super::landing_zone::{Defect, precheck};
use super::{Findings, Rule};
use crate::model::Model;
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "controltower-key-asymmetric",
    severity: Severity::Error,
    effect: Effect::ApplyFails,
    summary: "the landing zone's key is not a symmetric encryption key",
    page: include_str!("controltower_key_asymmetric.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    let fine = |_: &_, key: &crate::model::Key| key.symmetric.clone();
    precheck(&RULE, model, findings, &fine, &|_, key| {
        Defect {
        is: "is not a symmetric encryption key".to_owned(),
        may: "may not be a symmetric encryption key".to_owned(),
        help: "use a key with `customer_master_key_spec = \"SYMMETRIC_DEFAULT\"` and `key_usage = \"ENCRYPT_DECRYPT\"`: Control Tower takes symmetric encryption keys only".to_owned(),
        at: key.spec_at.clone(),
        here: "not symmetric encryption",
    }
    });
}
