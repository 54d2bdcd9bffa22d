//! `policy-too-large`

use super::attached::policies;
use super::finding::label;
use super::{Findings, Rule};
use crate::model::Model;
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "policy-too-large",
    severity: Severity::Error,
    effect: Effect::ApplyFails,
    summary: "the key's policy has more than 32 KiB",
    page: include_str!("policy_too_large.md"),
    check: look,
};

/// The quota of a key policy document (AWS KMS Developer Guide, Resource quotas).
const MOST: usize = 32_768;

fn look(model: &Model, findings: &mut Findings) {
    for attached in policies(model) {
        let Some(key) = attached.keys().find(|key| key.policy_bytes > MOST) else {
            continue;
        };
        let message = format!(
            "the policy of `{}` has at least {} bytes, and AWS KMS takes {MOST}",
            key.address, key.policy_bytes
        );
        let mut finding = RULE.finding(&key.address, message);
        finding.key = Some(key.id.clone());
        finding.help = Some(
            "join statements of the same conditions, or name an account instead of each of its roles".to_owned(),
        );
        let at = if key.sensitive {
            &key.origin
        } else {
            &attached.policy.origin
        };
        finding.labels.push(label(at, "too much", true));
        findings.add(finding, "size");
    }
}
