//! `config-key-denied`

use super::landing_zone::denied;
use super::{Findings, Rule};
use crate::model::Model;
use crate::policy::Caller;
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "config-key-denied",
    severity: Severity::Error,
    effect: Effect::DeliveryStops,
    summary: "the key's policy does not let AWS Config deliver with it",
    page: include_str!("config_key_denied.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    denied(&RULE, model, findings, "config-", &|site| {
        let who = match (
            &site.requirement.request.principal,
            &site.requirement.reader,
        ) {
            (Caller::Aws(_), Some(role)) => format!("the recorder's role `{role}`"),
            _ => "AWS Config".to_owned(),
        };
        format!(
            "`{}` does not let {who} call `{}` for the delivery channel `{}`",
            site.key.address, site.requirement.request.action, site.subject.address
        )
    });
}
