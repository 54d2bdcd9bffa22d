//! `policy-wildcard-in-exact-match`

use super::attached::{Wrong, policies, quoted};
use super::{Findings, Rule};
use crate::model::Model;
use crate::policy::keys::{self, KeyType};
use crate::policy::{Clause, Compares};
use crate::report::{Effect, Severity};
use crate::value::{PartKind, Text};

pub(super) static RULE: Rule = Rule {
    id: "policy-wildcard-in-exact-match",
    severity: Severity::Warning,
    effect: Effect::Hygiene,
    summary: "a condition compares a `*` or `?` letter by letter",
    page: include_str!("policy_wildcard_in_exact_match.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    for attached in policies(model) {
        for (index, statement) in attached.policy.statements.iter().enumerate() {
            for clause in statement.clauses() {
                if clause.compares != Some(Compares::Exact) {
                    continue;
                }
                for (value, _) in &clause.values {
                    let Some(letter) = wildcard(value.text) else {
                        continue;
                    };
                    let wrong = Wrong {
                        what: quoted(&value.text.show(&model.symbols)),
                        kind: "a condition value",
                        rest: format!(
                            "stands under `{}`, where `{letter}` is a letter like any other",
                            clause.operator
                        ),
                        hidden_rest: "holds a wildcard under an operator that knows none",
                        help: Some(help(&clause)),
                        label: "compared letter by letter".to_owned(),
                        at: value.at,
                        statement: index,
                        sensitive: value.text.is_sensitive(),
                        severity: None,
                    };
                    attached.report(&RULE, findings, wrong);
                }
            }
        }
    }
}

/// A wildcard in the known parts of a text; `${*}` and `${?}` are the letters themselves.
pub(super) fn wildcard(text: &Text) -> Option<char> {
    let literals = text.parts().iter().filter_map(|part| match &part.kind {
        PartKind::Literal(text) => Some(text.replace("${*}", "").replace("${?}", "")),
        _ => None,
    });
    literals
        .into_iter()
        .find_map(|text| text.chars().find(|it| ['*', '?'].contains(it)))
}

/// The operator that knows wildcards.
fn help(clause: &Clause<'_>) -> String {
    let name = clause.operator.replace("EqualsIgnoreCase", "Equals");
    let holds = keys::find(clause.key).map(|key| key.holds);
    let like = if holds == Some(KeyType::Arn) {
        name.replace("StringNotEquals", "ArnNotLike")
            .replace("StringEquals", "ArnLike")
    } else {
        name.replace("Equals", "Like")
    };
    if keys::NEVER_WILD
        .iter()
        .any(|it| it.eq_ignore_ascii_case(clause.key))
    {
        return format!(
            "name each value that is meant: a wildcard has no use in `{}`",
            clause.key
        );
    }
    format!("write `{like}`, or the value that is meant")
}
