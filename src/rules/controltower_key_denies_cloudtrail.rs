//! `controltower-key-denies-cloudtrail`

use super::landing_zone::{denied, zone};
use super::{Findings, Rule};
use crate::model::Model;
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "controltower-key-denies-cloudtrail",
    severity: Severity::Error,
    effect: Effect::ApplyFails,
    summary: "the landing zone's key does not serve the trail that Control Tower makes",
    page: include_str!("controltower_key_denies_cloudtrail.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    denied(
        &RULE,
        model,
        findings,
        "controltower-cloudtrail-",
        &|site| {
            format!(
                "`{}` does not let CloudTrail call `{}` for `aws-controltower-BaselineCloudTrail` of {}",
                site.key.address,
                site.requirement.request.action,
                zone(site.subject)
            )
        },
    );
}
