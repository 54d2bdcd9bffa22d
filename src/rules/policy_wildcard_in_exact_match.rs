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
                        help: Some(help(&clause, value.text)),
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
fn help(clause: &Clause<'_>, value: &Text) -> String {
    let name = clause.operator.replace("EqualsIgnoreCase", "Equals");
    let holds = keys::find(clause.key).map(|key| key.holds);
    let like = if holds == Some(KeyType::Arn) {
        name.replace("StringNotEquals", "ArnNotLike")
            .replace("StringEquals", "ArnLike")
    } else {
        name.replace("Equals", "Like")
    };
    if of_anybody(value) {
        return format!("write the value that is meant: under `{like}` this one is everybody's");
    }
    if keys::NEVER_WILD
        .iter()
        .chain(&["kms:CallerAccount"])
        .any(|it| it.eq_ignore_ascii_case(clause.key))
    {
        return format!(
            "name each value that is meant: a wildcard has no use in `{}`",
            clause.key
        );
    }
    format!("write `{like}`, or the value that is meant")
}

/// True for a pattern that takes what is of any account: nothing but wildcards, or an ARN with one in its account.
fn of_anybody(value: &Text) -> bool {
    let [part] = value.parts() else { return false };
    let PartKind::Literal(text) = &part.kind else {
        return false;
    };
    let wild = |text: &str| text.contains(['*', '?']);
    let bare = !text.is_empty() && text.chars().all(|it| ['*', '?'].contains(&it));
    let mut segments = text.splitn(6, ':');
    let of_arn = segments.next() == Some("arn") && segments.nth(3).is_none_or(wild);
    bare || of_arn
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Origin, Span};

    #[test]
    fn a_pattern_of_anybody_is_no_value_to_match_by() {
        let any =
            |text: &str| of_anybody(&Text::literal(text, Origin::new(Span { start: 0, end: 0 })));
        for text in [
            "*",
            "**",
            "????????????",
            "arn:*",
            "arn:aws:iam::*:role/reader",
            "arn:aws:cloudtrail:*:*:trail/*",
        ] {
            assert!(any(text), "{text}");
        }
        for text in [
            "",
            "arn:aws:cloudtrail:*:111122223333:trail/*",
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:s3:::logs/*",
            "s3.*.amazonaws.com",
            "o-exampleorgid/*",
        ] {
            assert!(!any(text), "{text}");
        }
    }
}
