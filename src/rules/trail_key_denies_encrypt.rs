//! `trail-key-denies-encrypt`

use super::requirement::{Wording, check, delivery_effect};
use super::{Findings, Rule};
use crate::model::Model;
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "trail-key-denies-encrypt",
    severity: Severity::Error,
    effect: Effect::DeliveryStops,
    summary: "the key's policy does not let CloudTrail generate data keys for the trail",
    page: include_str!("trail_key_denies_encrypt.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    let wording = Wording {
        denied: &|site| {
            format!(
                "`{}` does not let CloudTrail encrypt the logs of `{}`",
                site.key.address, site.subject.address
            )
        },
        effect: &delivery_effect,
    };
    check(
        &RULE,
        model,
        findings,
        &|it| it.id == "cloudtrail-encrypt",
        &wording,
    );
}
