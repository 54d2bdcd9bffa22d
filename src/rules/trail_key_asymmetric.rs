//! `trail-key-asymmetric`

use super::finding::label;
use super::trail_key_disabled::{defective, finding, is_delivery, service};
use super::way::follow;
use super::{Findings, Rule};
use crate::model::Model;
use crate::policy::Verdict;
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "trail-key-asymmetric",
    severity: Severity::Error,
    effect: Effect::ApplyFails,
    summary: "the trail's key is not a symmetric encryption key",
    page: include_str!("trail_key_asymmetric.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    for (subject, key, verdict) in defective(model, is_delivery, |_, key| key.symmetric.clone()) {
        let noun = subject.kind.noun();
        let is = if verdict == Verdict::Denied {
            "is not"
        } else {
            "may not be"
        };
        let message = format!(
            "the key of the {noun} `{}`, `{}`, {is} a symmetric encryption key",
            subject.address, key.address
        );
        let Some(mut finding) = finding(&RULE, findings, subject, key, verdict, message) else {
            continue;
        };
        finding.help = Some(format!(
            "{} takes symmetric encryption keys only: use a key with `customer_master_key_spec = \"SYMMETRIC_DEFAULT\"` and `key_usage = \"ENCRYPT_DECRYPT\"`",
            service(subject)
        ));
        finding.labels.push(label(
            &key.spec_at,
            if verdict == Verdict::Denied {
                "not symmetric encryption"
            } else {
                "not known yet, or of one of several keys"
            },
            true,
        ));
        let uses = format!("`{}` uses the key", subject.address);
        finding
            .labels
            .push(label(&subject.link.origin, uses, false));
        follow(&mut finding, &subject.link, Some(key));
        findings.add(finding, "asymmetric");
    }
}
