//! `store-key-denied`

use super::requirement::{Wording, check, delivery_effect};
use super::{Findings, Rule};
use crate::model::Model;
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "store-key-denied",
    severity: Severity::Error,
    effect: Effect::ApplyFails,
    summary: "the key's policy does not let CloudTrail use the key for an event data store",
    page: include_str!("store_key_denied.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    let wording = Wording {
        denied: &|site| {
            format!(
                "`{}` does not let CloudTrail call `{}` for the event data store `{}`",
                site.key.address, site.requirement.request.action, site.subject.address
            )
        },
        effect: &delivery_effect,
    };
    check(
        &RULE,
        model,
        findings,
        &|it| it.id.starts_with("lake-"),
        &wording,
    );
}
