//! `key-policy-lockout`

use super::attached::{Attached, policies};
use super::finding::label;
use super::reason::{Reason, explain};
use super::{Findings, Rule};
use crate::model::{Key, Model, Requirement};
use crate::policy::{self, Match, Verdict};
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "key-policy-lockout",
    severity: Severity::Error,
    effect: Effect::ApplyFails,
    summary: "nobody could change the key's policy any more",
    page: include_str!("key_policy_lockout.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    for attached in policies(model) {
        // Of a policy that is not known at all the requirements say so.
        if attached.policy.unknown.is_some() {
            continue;
        }
        // Keys of one policy differ in their account at most: the first that is locked out speaks for all.
        let manage = attached
            .keys()
            .filter_map(|key| Some((key, key.manage.as_deref()?)));
        let worst = manage
            .filter(|(_, it)| !matches!(it.verdict, Verdict::Allowed | Verdict::Delegated))
            .min_by_key(|(_, it)| it.verdict);
        if let Some((_, requirement)) = worst {
            report(&attached, requirement, model, findings);
        }
    }
}

/// Why nobody can. A statement that is about something else is no near miss: then the whole policy is to blame.
fn reason(requirement: &Requirement, key: &Key, model: &Model) -> Reason {
    let told = explain(requirement, key, model);
    let nearest = policy::nearest(&requirement.decision);
    let near = nearest.is_some_and(|it| it.action == Match::Yes);
    if requirement.verdict != Verdict::Denied || requirement.explicit || near {
        return told;
    }
    let shown = key.policy.as_ref().filter(|_| !key.sensitive);
    let at = shown.map_or(&key.origin, |policy| &policy.origin);
    Reason {
        because: "no statement allows `kms:PutKeyPolicy` to anybody of its account".to_owned(),
        labels: vec![label(
            at,
            "nobody of the account is allowed to change this",
            true,
        )],
        cause: "nobody".to_owned(),
        fact: "nobody".to_owned(),
        statements: Vec::new(),
        besides: None,
        deny: false,
        advice: None,
    }
}

fn report(
    attached: &Attached<'_>,
    requirement: &Requirement,
    model: &Model,
    findings: &mut Findings,
) {
    let Some(severity) = RULE.severity_of(requirement.verdict, findings.gate) else {
        return;
    };
    let Some(key) = model.keys.get(requirement.key) else {
        return;
    };
    let denied = requirement.verdict == Verdict::Denied;
    let reason = reason(requirement, key, model);
    let bypass = key.bypass.is(&true);
    let mut message = match (denied, bypass) {
        (true, true) => format!(
            "nobody could change the policy of `{}` any more, and AWS is told not to check it",
            key.address
        ),
        (true, false) => format!(
            "nobody could change the policy of `{}` any more, and AWS refuses such a policy",
            key.address
        ),
        (false, _) => format!(
            "whether anybody could change the policy of `{}` cannot be decided",
            key.address
        ),
    };
    if !reason.because.is_empty() {
        message = format!("{message}: {}", reason.because);
    }
    let mut finding = RULE.finding(&key.address, message);
    finding.severity = severity;
    finding.verdict = (!denied).then_some(requirement.verdict);
    if bypass {
        finding.effect = Effect::Hygiene;
    }
    finding.key = Some(key.id.clone());
    let help = if reason.deny {
        "leave somebody of the account who may change the policy out of the Deny: no Allow overrides it"
    } else if bypass {
        "allow `kms:PutKeyPolicy` to the account or to a role of it first: only AWS Support can open a key again that nobody can manage"
    } else {
        "allow `kms:PutKeyPolicy` to the account or to a role of it"
    };
    finding.help = Some(reason.advice.unwrap_or_else(|| help.to_owned()));
    let others = attached.keys().filter(|it| it.address != key.address);
    finding.instances = others.map(|it| it.address.clone()).collect();
    finding.labels = reason.labels;
    finding.basis.facts = Some(reason.fact);
    finding.basis.statements = reason.statements;
    if !finding.labels.iter().any(|it| it.primary) {
        let at = if key.sensitive {
            &key.origin
        } else {
            &attached.policy.origin
        };
        finding.labels.push(label(at, "here", true));
    }
    findings.add(
        finding,
        &format!("{}\n{}", requirement.verdict.word(), reason.cause),
    );
}
