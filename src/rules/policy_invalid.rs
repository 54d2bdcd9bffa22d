//! `policy-invalid`

use super::finding::label;
use super::{Findings, Rule};
use crate::model::{Key, Model};
use crate::policy::IssueKind;
use crate::report::{Effect, Severity};
use crate::source::Origin;

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
        if let Some(error) = &key.broken {
            let text = format!("is not JSON: {}", error.message);
            report(findings, key, &text, &Origin::new(error.span), None);
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
            );
        }
    }
}

fn report(findings: &mut Findings, key: &Key, text: &str, at: &Origin, help: Option<String>) {
    let text = if key.sensitive {
        "would be refused by AWS (the policy is sensitive and is not shown)"
    } else {
        text
    };
    let message = format!("the policy of `{}` {text}", key.address);
    let mut finding = RULE.finding(&key.address, message);
    finding.key = Some(key.id.clone());
    finding.help = help.filter(|_| !key.sensitive);
    let at = if key.sensitive { &key.origin } else { at };
    finding.labels.push(label(at, "here", true));
    findings.add(finding, text);
}
