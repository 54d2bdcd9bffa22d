//! `reader-delegated`

use super::finding::label;
use super::{Findings, Rule};
use crate::model::Model;
use crate::policy::{self, Match, Statement, Verdict};
use crate::report::{Effect, Severity};
use crate::source::Origin;

pub(super) static RULE: Rule = Rule {
    id: "reader-delegated",
    severity: Severity::Note,
    effect: Effect::ReadFails,
    summary: "whether a named reader can decrypt is left to the IAM policies of its account",
    page: include_str!("reader_delegated.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    let Some(severity) = findings.gate.delegated else {
        return;
    };
    for subject in &model.subjects {
        for requirement in subject
            .requirements
            .iter()
            .filter(|it| it.id == "reader-decrypt" && it.verdict == Verdict::Delegated)
        {
            let (Some(reader), Some(key)) = (&requirement.reader, model.keys.get(requirement.key))
            else {
                continue;
            };
            let allowing = || {
                requirement.decision.statements.iter().filter(|outcome| {
                    outcome.matches == Match::Yes && outcome.effect == Some(policy::Effect::Allow)
                })
            };
            // Of a principal of another account a key's policy can say no more than its name.
            let named = allowing().find(|outcome| !outcome.through_account);
            let because = match named {
                Some(_) => "names it, and is in another account, so both must allow it",
                None => "allows its account and does not name it",
            };
            let besides = requirement.besides.as_ref();
            let because = besides.map_or(because, |it| it.because.as_str());
            let message = format!(
                "whether `{reader}` can read the logs of `{}` is left to its IAM policies: `{}` {because}",
                subject.address, key.address
            );
            let mut finding = RULE.finding(&subject.address, message);
            finding.severity = severity;
            finding.verdict = Some(Verdict::Delegated);
            finding.subject = Some(subject.id.clone());
            finding.key = Some(key.id.clone());
            finding.requirement = Some(requirement.id);
            finding.help = Some(format!(
                "`{reader}` needs an IAM policy that allows `kms:Decrypt` on this key"
            ));
            let at = named
                .or_else(|| allowing().next())
                .and_then(|it| key.policy.as_ref()?.statements.get(it.index))
                .filter(|_| !key.sensitive)
                .and_then(|statement| place(statement, reader));
            let text = match named {
                Some(_) => "a principal of another account",
                None => "leaves it to the account's IAM policies",
            };
            finding
                .labels
                .push(label(at.unwrap_or(&key.origin), text, true));
            let besides = besides.map(|it| label(&it.at, it.label.clone(), false));
            finding.labels.extend(besides);
            let statements = allowing().map(|it| it.index);
            finding.basis.statements = statements.collect();
            findings.add(finding, reader);
        }
    }
}

/// The principal that reaches the reader: itself, its account, or else the first.
fn place<'s>(statement: &'s Statement, reader: &str) -> Option<&'s Origin> {
    let account = reader.split(':').nth(4).unwrap_or_default();
    let holding = |part: &str| {
        let text = |text: &str| text.contains(part);
        let mut principals = statement.principals();
        principals.find(|principal| principal.text.as_literal().is_some_and(text))
    };
    holding(reader)
        .or_else(|| holding(account))
        .or_else(|| statement.principals().next())
        .map(|principal| principal.at)
}
