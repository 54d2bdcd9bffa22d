//! `policy-too-large`

use super::attached::policies;
use super::finding::label;
use super::{Findings, Rule};
use crate::model::{Key, Model};
use crate::report::{Effect, Severity};
use crate::source::Origin;

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
        if let Some(key) = attached.keys().find(|key| key.policy_bytes > MOST) {
            report(key, &attached.policy.origin, "", findings);
        }
    }
    // So large that it was not read.
    for key in &model.keys {
        if let Some(error) = key.broken.as_ref().filter(|_| key.policy_bytes > MOST) {
            let rest = "; nothing else of it is judged";
            report(key, &Origin::new(error.span), rest, findings);
        }
    }
}

fn report(key: &Key, at: &Origin, rest: &str, findings: &mut Findings) {
    let message = format!(
        "the policy of `{}` has at least {} bytes, and AWS KMS takes {MOST}{rest}",
        key.address, key.policy_bytes
    );
    let mut finding = RULE.finding(&key.address, message);
    finding.key = Some(key.id.clone());
    finding.help = Some(
        "join statements of the same conditions, or name an account instead of each of its roles"
            .to_owned(),
    );
    let at = if key.sensitive { &key.origin } else { at };
    finding.labels.push(label(at, "too much", true));
    findings.add(finding, "size");
}
