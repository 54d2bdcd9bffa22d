//! `controltower-key-denies-config`

use super::landing_zone::{denied, zone};
use super::{Findings, Rule};
use crate::model::Model;
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "controltower-key-denies-config",
    severity: Severity::Error,
    effect: Effect::ApplyFails,
    summary: "the landing zone's key does not let AWS Config use it for every account",
    page: include_str!("controltower_key_denies_config.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    denied(&RULE, model, findings, "controltower-config-", &|site| {
        format!(
            "`{}` does not let AWS Config call `{}` for {}",
            site.key.address,
            site.requirement.request.action,
            zone(site.subject)
        )
    });
}
