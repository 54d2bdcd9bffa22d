//! `trail-key-denies-describe`

use super::requirement::{Wording, check};
use super::{Findings, Rule};
use crate::model::Model;
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "trail-key-denies-describe",
    severity: Severity::Error,
    // AWS documents the permission as required; trails are reported to be created without it (aws/aws-cdk#20344).
    effect: Effect::Documented,
    summary: "the key's policy does not let CloudTrail describe the key",
    page: include_str!("trail_key_denies_describe.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    let wording = Wording {
        denied: &|site| {
            format!(
                "`{}` does not let CloudTrail describe the key of `{}`",
                site.key.address, site.subject.address
            )
        },
        effect: &|_| Effect::Documented,
    };
    check(
        &RULE,
        model,
        findings,
        &|it| it.id == "cloudtrail-describe",
        &wording,
    );
}
