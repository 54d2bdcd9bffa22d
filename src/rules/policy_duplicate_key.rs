//! `policy-duplicate-key`

use super::finding::label;
use super::{Findings, Rule};
use crate::model::{Key, Model};
use crate::policy::{self, IssueKind};
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "policy-duplicate-key",
    severity: Severity::Error,
    effect: Effect::Hygiene,
    summary: "an object of the policy has the same key twice, and the first one is lost",
    page: include_str!("policy_duplicate_key.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    for (at, key) in model.keys.iter().enumerate() {
        for issue in key
            .issues
            .iter()
            .filter(|issue| issue.kind == IssueKind::DuplicateKey)
        {
            let changed = changes(model, at, key);
            let text = if key.sensitive {
                "an object has the same key twice"
            } else {
                issue.message.as_str()
            };
            let mut message = format!("in the policy of `{}`, {text}", key.address);
            if let Some(requirement) = changed {
                message = format!("{message}; with it, `{requirement}` would have another answer");
            }
            let mut finding = RULE.finding(&key.address, message);
            if changed.is_none() {
                finding.severity = Severity::Warning;
            }
            finding.key = Some(key.id.clone());
            let help = if issue.message.contains("`Action`") || issue.message.contains("`Resource`")
            {
                "put both values into one list: of two equal keys only the last one reaches AWS"
            } else {
                "put both into one object: of two equal keys only the last one reaches AWS"
            };
            finding.help = Some(help.to_owned());
            finding.basis.statements.extend(issue.statement);
            finding.basis.hidden = key.sensitive;
            let place = if key.sensitive {
                &key.origin
            } else {
                &issue.at
            };
            finding.labels.push(label(place, "lost", true));
            findings.add(finding, text);
        }
    }
}

/// The first requirement that would be answered otherwise if the lost key counted.
fn changes(model: &Model, at: usize, key: &Key) -> Option<&'static str> {
    let first = key.policy_first.as_ref()?;
    let requirements = model
        .subjects
        .iter()
        .flat_map(|subject| &subject.requirements);
    requirements.filter(|it| it.key == at).find_map(|it| {
        let meant = policy::evaluate(first, &it.request, &model.symbols).verdict;
        (meant != it.decision.verdict).then_some(it.id)
    })
}
