//! `trail-key-denies-decrypt`

use super::requirement::{Wording, check};
use super::{Findings, Rule};
use crate::model::Model;
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "trail-key-denies-decrypt",
    severity: Severity::Error,
    effect: Effect::ApplyFails,
    summary: "the bucket has an S3 Bucket Key and the key's policy does not let CloudTrail decrypt",
    page: include_str!("trail_key_denies_decrypt.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    let wording = Wording {
        denied: &|site| {
            format!(
                "the bucket of `{}` has an S3 Bucket Key, and `{}` does not let CloudTrail decrypt",
                site.subject.address, site.key.address
            )
        },
        effect: &|_| Effect::ApplyFails,
    };
    check(
        &RULE,
        model,
        findings,
        &|it| it.id == "cloudtrail-decrypt",
        &wording,
    );
}
