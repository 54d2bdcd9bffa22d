//! `policy-variable-literal`

use super::attached::{Attached, Wrong, policies, quoted};
use super::{Findings, Rule};
use crate::model::Model;
use crate::policy::{Compares, Statement, Written};
use crate::report::{Effect, Severity};
use crate::value::PartKind;

pub(super) static RULE: Rule = Rule {
    id: "policy-variable-literal",
    severity: Severity::Warning,
    effect: Effect::Hygiene,
    summary: "a policy variable stands where IAM does not replace it",
    page: include_str!("policy_variable_literal.md"),
    check: look,
};

/// Where a text stands, as far as variables are concerned.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// `Action`, `Principal`: none is replaced.
    Element(&'static str),
    /// After the fifth colon they are.
    Resource,
    /// A string or ARN condition: they are.
    Text,
    /// A condition of another kind.
    Other,
}

fn look(model: &Model, findings: &mut Findings) {
    for attached in policies(model) {
        for (index, statement) in attached.policy.statements.iter().enumerate() {
            for (written, place) in places(statement) {
                look_at(&attached, index, &written, place, findings);
            }
        }
    }
}

fn places(statement: &Statement) -> Vec<(Written<'_>, Place)> {
    let mut found = Vec::new();
    for (_, list) in statement.principal_lists() {
        let texts = list.texts.into_iter();
        found.extend(texts.map(|it| (it, Place::Element("Principal"))));
    }
    if let Some(list) = statement.actions() {
        let texts = list.texts.into_iter();
        found.extend(texts.map(|it| (it, Place::Element("Action"))));
    }
    if let Some(list) = statement.resources() {
        found.extend(list.texts.into_iter().map(|it| (it, Place::Resource)));
    }
    for clause in statement.clauses() {
        let place = match clause.compares {
            Some(Compares::Exact | Compares::Like | Compares::Arn) | None => Place::Text,
            // What IAM's pages say of variables under `Bool` is not one thing.
            Some(Compares::Bool) => continue,
            Some(_) => Place::Other,
        };
        found.extend(clause.values.into_iter().map(|(it, _)| (it, place)));
    }
    found
}

fn look_at(
    attached: &Attached<'_>,
    statement: usize,
    written: &Written<'_>,
    place: Place,
    findings: &mut Findings,
) {
    let version = attached.policy.has_variables();
    let mut colons = 0;
    for part in written.text.parts() {
        let PartKind::Literal(text) = &part.kind else {
            continue;
        };
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            colons += before.matches(':').count();
            let variable = Variable::read(after);
            if let Some(fault) = variable.fault(place, version, colons) {
                let wrong = Wrong {
                    what: quoted(&format!("${{{}", variable.shown)),
                    kind: "a variable",
                    rest: fault.0,
                    hidden_rest: "is not replaced by IAM",
                    help: Some(fault.1),
                    label: "taken letter by letter".to_owned(),
                    at: written.at,
                    statement,
                    sensitive: written.text.is_sensitive(),
                    severity: None,
                };
                attached.report(&RULE, findings, wrong);
                return;
            }
            rest = variable.after;
        }
        colons += rest.matches(':').count();
    }
}

/// What follows `${`.
struct Variable<'t> {
    /// Up to the brace that closes it.
    inner: Option<&'t str>,
    /// The same with the brace; all that follows where there is none.
    shown: &'t str,
    after: &'t str,
}

impl<'t> Variable<'t> {
    fn read(text: &'t str) -> Self {
        match text.split_once('}') {
            Some((inner, after)) => Variable {
                inner: Some(inner),
                shown: text.get(..=inner.len()).unwrap_or(text),
                after,
            },
            None => Variable {
                inner: None,
                shown: text,
                after: "",
            },
        }
    }

    /// Why it is not replaced, and what to do.
    fn fault(&self, place: Place, version: bool, colons: usize) -> Option<(String, String)> {
        let told = |rest: &str, help: &str| Some((rest.to_owned(), help.to_owned()));
        let Some(inner) = self.inner else {
            return told("has no brace that closes it", "write `}` after the key");
        };
        if ["*", "?", "$"].contains(&inner) && place != Place::Other {
            return (!version).then(version_fault);
        }
        let (key, default) = match inner.split_once(',') {
            Some((key, default)) => (key, Some(default)),
            None => (inner, None),
        };
        if inner.is_empty() {
            return told("names no key", "name the key: `${aws:username}`");
        }
        // Without a colon it is a placeholder.
        if !key.contains(':') {
            return None;
        }
        match place {
            Place::Element(element) => {
                return Some((
                    format!("stands in `{element}`, where IAM replaces no variable"),
                    "compare the key in a condition".to_owned(),
                ));
            }
            Place::Resource if colons < 5 => {
                return told(
                    "stands before the fifth colon of an ARN, where IAM replaces no variable",
                    "write the value itself there",
                );
            }
            Place::Other => {
                return told(
                    "stands under an operator that replaces no variable",
                    "string and ARN operators do",
                );
            }
            Place::Resource | Place::Text => {}
        }
        if key.chars().any(char::is_whitespace) {
            return told("has a space in its key", "write it without the space");
        }
        if let Some(default) = default {
            let default = default.trim();
            let quotes = default.len() >= 2 && default.starts_with('\'') && default.ends_with('\'');
            if !quotes {
                return told(
                    "has a default without single quotes",
                    "write `${aws:username, 'none'}`",
                );
            }
        }
        (!version).then(version_fault)
    }
}

fn version_fault() -> (String, String) {
    (
        "is text, as the policy has no `Version` `2012-10-17`".to_owned(),
        "write `\"Version\": \"2012-10-17\"` at the head of the policy".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str, place: Place, version: bool, colons: usize) -> bool {
        Variable::read(text).fault(place, version, colons).is_some()
    }

    #[test]
    fn variables_that_are_replaced_and_those_that_are_not() {
        assert!(!fault("aws:username}/x", Place::Text, true, 0));
        assert!(!fault(
            "aws:PrincipalTag/team, 'none'}",
            Place::Resource,
            true,
            5
        ));
        assert!(!fault("account}", Place::Element("Principal"), false, 0));
        assert!(!fault("*}", Place::Text, true, 0));
        for (text, place, version, colons) in [
            ("aws:username}", Place::Text, false, 0),
            ("*}", Place::Text, false, 0),
            ("aws:username", Place::Text, true, 0),
            (" aws:username}", Place::Text, true, 0),
            ("aws:username, none}", Place::Text, true, 0),
            ("aws:username, '}", Place::Text, true, 0),
            ("}", Place::Text, true, 0),
            ("aws:PrincipalAccount}", Place::Resource, true, 4),
            (
                "aws:PrincipalAccount}",
                Place::Element("Principal"),
                true,
                4,
            ),
            ("aws:CurrentTime}", Place::Other, true, 0),
        ] {
            assert!(fault(text, place, version, colons), "{text}");
        }
    }
}
