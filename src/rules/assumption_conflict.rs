//! `assumption-conflict`

use super::finding::label;
use super::{Findings, Rule};
use crate::model::{Model, Need};
use crate::policy::Word;
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "assumption-conflict",
    severity: Severity::Error,
    effect: Effect::ApplyFails,
    summary: "two requirements can only hold if one unknown value is two different ones",
    page: include_str!("assumption_conflict.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    for conflict in &model.conflicts {
        let symbol = model.symbols.get(conflict.symbol);
        let told: Vec<String> = conflict
            .needs
            .iter()
            .map(|need| words(model, need))
            .collect();
        let message = format!(
            "no value of {} satisfies everything: {}",
            symbol.name,
            told.join(", and ")
        );
        let Some(first) = conflict
            .needs
            .first()
            .and_then(|need| model.subjects.get(need.subject))
        else {
            continue;
        };
        let mut finding = RULE.finding(&first.address, message);
        finding.subject = Some(first.id.clone());
        finding.help = symbol
            .supply
            .as_ref()
            .map(|supply| format!("`{supply}` tells which of them fails"));
        for (at, need) in conflict.needs.iter().enumerate() {
            let sensitive = key_of(model, need).is_some_and(|key| key.sensitive);
            if !sensitive {
                finding
                    .labels
                    .push(label(&need.at, format!("needs {}", needed(need)), at == 0));
            }
        }
        findings.add(finding, &symbol.name.clone());
    }
}

fn key_of<'m>(model: &'m Model, need: &Need) -> Option<&'m crate::model::Key> {
    let requirement = model
        .subjects
        .get(need.subject)?
        .requirements
        .get(need.requirement)?;
    model.keys.get(requirement.key)
}

fn words(model: &Model, need: &Need) -> String {
    let subject = model.subjects.get(need.subject);
    let address = subject.map(|it| it.address.as_str()).unwrap_or_default();
    let requirement = subject
        .and_then(|it| it.requirements.get(need.requirement))
        .map_or("", |it| it.id);
    if key_of(model, need).is_some_and(|key| key.sensitive) {
        return format!("`{requirement}` of `{address}` needs another value");
    }
    format!("`{requirement}` of `{address}` needs {}", needed(need))
}

fn needed(need: &Need) -> String {
    let joined = |words: &[Word]| {
        let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
        texts.join(" or ")
    };
    match need.within.as_slice() {
        [] => format!("anything but {}", joined(&need.not_in)),
        within => joined(within),
    }
}
