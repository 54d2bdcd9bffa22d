//! `policy-invalid`

use super::attached::{Attached, policies, quoted};
use super::finding::label;
use super::{Findings, Rule};
use crate::model::{Key, Model};
use crate::policy::IssueKind;
use crate::report::{Effect, Severity};
use crate::source::Origin;
use crate::value::Presence;

pub(super) static RULE: Rule = Rule {
    id: "policy-invalid",
    severity: Severity::Error,
    effect: Effect::ApplyFails,
    summary: "AWS would refuse the key's policy",
    page: include_str!("policy_invalid.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    for key in &model.keys {
        // One that is too large to be read is `policy-too-large`'s.
        if let Some(error) = key.broken.as_ref().filter(|_| key.policy_bytes == 0) {
            let text = format!("is not JSON: {}", error.message);
            report(findings, key, &text, &Origin::new(error.span), None, None);
        }
        for issue in key
            .issues
            .iter()
            .filter(|issue| issue.kind == IssueKind::Rejected)
        {
            report(
                findings,
                key,
                &format!("would be refused: {}", issue.message),
                &issue.at,
                issue.help.clone(),
                issue.statement,
            );
        }
    }
    for attached in policies(model) {
        sids(&attached, findings);
    }
}

/// Two statements of one Sid. IAM refuses them, and AWS's page on what AWS KMS refuses tells to remove them (AWS re:Post, "Policy contains a statement
/// with one or more invalid principals"); the AWS KMS Developer Guide does not say whether they are refused.
fn sids(attached: &Attached<'_>, findings: &mut Findings) {
    let mut seen: Vec<(String, &Origin)> = Vec::new();
    for (at, statement) in attached.policy.statements.iter().enumerate() {
        let Some(sid) = &statement.sid else { continue };
        let (Some(text), Some(part)) = (sid.to_literal(), sid.parts().first()) else {
            continue;
        };
        if text.is_empty() || statement.presence != Presence::Present {
            continue;
        }
        let Some((_, first)) = seen.iter().find(|(other, _)| *other == text) else {
            seen.push((text, &part.origin));
            continue;
        };
        let key = attached.key;
        let hidden = key.sensitive || sid.is_sensitive();
        let what = if hidden {
            "have the same Sid (the policy is sensitive and is not shown)".to_owned()
        } else {
            format!("have the Sid {}, and AWS may refuse that", quoted(&text))
        };
        let message = format!("two statements of the policy of `{}` {what}", key.address);
        let mut finding = RULE.finding(&key.address, message);
        finding.severity = Severity::Warning;
        finding.key = Some(key.id.clone());
        finding.instances = attached
            .others
            .iter()
            .map(|it| it.address.clone())
            .collect();
        finding.basis.facts = Some("sid".to_owned());
        finding.basis.statements = vec![at];
        finding.basis.hidden = hidden;
        if hidden {
            finding.labels.push(label(&key.origin, "here", true));
        } else {
            finding.help = Some("give each statement a Sid of its own, or none".to_owned());
            finding
                .labels
                .push(label(&part.origin, "the same once more", true));
            finding.labels.push(label(first, "the first", false));
        }
        findings.add(finding, &format!("sid {}", if hidden { "" } else { &text }));
    }
}

fn report(
    findings: &mut Findings,
    key: &Key,
    text: &str,
    at: &Origin,
    help: Option<String>,
    statement: Option<usize>,
) {
    let text = if key.sensitive {
        "would be refused by AWS (the policy is sensitive and is not shown)"
    } else {
        text
    };
    let message = format!("the policy of `{}` {text}", key.address);
    let mut finding = RULE.finding(&key.address, message);
    finding.key = Some(key.id.clone());
    finding.basis.statements.extend(statement);
    finding.basis.hidden = key.sensitive;
    finding.help = help.filter(|_| !key.sensitive);
    let at = if key.sensitive { &key.origin } else { at };
    finding.labels.push(label(at, "here", true));
    findings.add(finding, text);
}
