//! Why, in words: statements, cases and blockers as clauses of a sentence.

use crate::policy::{Blocker, Case, Failed, Fixed, Match, Outcome, Verdict, Word};
use crate::value::{Symbol, Symbols, Text};

/// Why a statement does or does not match: the element that failed, the policy's value beside the request's. Harmless text on one line.
pub fn statement(outcome: &Outcome, symbols: &Symbols) -> String {
    match (&outcome.failed, outcome.matches) {
        (Some(failed), _) => super::text::line(&failed_element(failed, symbols)),
        (None, Match::Yes) if outcome.through_account => {
            "matches, through the caller's account".to_owned()
        }
        (None, Match::Yes) => "matches".to_owned(),
        (None, Match::No) => "does not match".to_owned(),
        (None, Match::Maybe) => "may match".to_owned(),
    }
}

fn failed_element(failed: &Failed, symbols: &Symbols) -> String {
    let element = match (&failed.operator, &failed.key) {
        (Some(operator), Some(key)) => format!("{} {operator} `{key}`", failed.element.name()),
        (_, Some(key)) => format!("{} `{key}`", failed.element.name()),
        _ => failed.element.name().to_owned(),
    };
    let verb = match failed.matches {
        Match::Maybe => "may not match",
        Match::Yes | Match::No => "does not match",
    };
    let policy = list(&failed.policy, symbols);
    let request = if failed.absent {
        "the request does not carry the key".to_owned()
    } else {
        format!("the request has {}", list(&failed.request, symbols))
    };
    match (failed.policy.is_empty(), failed.request.is_empty()) {
        (true, _) => format!("{element} {verb}"),
        (false, true) if !failed.absent => format!("{element}: {policy} {verb}"),
        _ => format!("{element}: {policy} {verb}, {request}"),
    }
}

/// At most three values of a list, in backticks.
fn list(texts: &[Text], symbols: &Symbols) -> String {
    let mut words: Vec<String> = texts
        .iter()
        .take(3)
        .map(|text| format!("`{}`", text.show(symbols)))
        .collect();
    if texts.len() > words.len() {
        words.push(format!("{} more", texts.len() - words.len()));
    }
    words.join(", ")
}

/// Under which values of the symbols the answer is `verdict`. None where no case gives it.
pub fn cases(cases: &[Case], verdict: Verdict, symbols: &Symbols) -> Option<String> {
    let clauses: Vec<String> = cases
        .iter()
        .filter(|case| case.verdict == verdict)
        .map(|case| {
            let all: Vec<String> = case
                .when
                .iter()
                .map(|fixed| fixed_symbol(fixed, symbols))
                .collect();
            all.join(" and ")
        })
        .filter(|clause| !clause.is_empty())
        .take(3)
        .collect();
    (!clauses.is_empty()).then(|| clauses.join(", or "))
}

fn fixed_symbol(fixed: &Fixed, symbols: &Symbols) -> String {
    let name = &symbols.get(fixed.symbol).name;
    if let Some(present) = fixed.present {
        return presence(name, present);
    }
    range(name, &fixed.within, &fixed.not_in)
}

/// A symbol that stands for whether something is so bears a clause as its name: the clause, or its contrary.
pub fn presence(clause: &str, holds: bool) -> String {
    if holds {
        clause.to_owned()
    } else {
        clause.replacen(" is ", " is not ", 1)
    }
}

/// What a symbol is: one of some values, or none of some.
pub fn range(name: &str, within: &[Word], not_in: &[Word]) -> String {
    let words = |values: &[Word]| {
        let quoted: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
        quoted.join(" or ")
    };
    match (within, not_in) {
        ([], []) => format!("{name} is anything"),
        ([], excluded) => format!("{name} is not {}", words(excluded)),
        (values, _) => format!("{name} is {}", words(values)),
    }
}

/// What keeps an answer back: `aws_iam_role.reader.arn: known after apply`. Equal reasons are said once, and two at most. None where there
/// are no blockers.
pub fn blockers(blockers: &[Blocker], symbols: &Symbols) -> Option<String> {
    let mut clauses: Vec<(&str, Vec<String>)> = Vec::new();
    for blocker in blockers {
        let reason = blocker.reason.as_str();
        let name = blocker.symbol.map(|id| name(symbols.get(id)));
        match clauses.iter_mut().find(|clause| clause.0 == reason) {
            Some(clause) => clause
                .1
                .extend(name.filter(|name| !clause.1.contains(name))),
            None => clauses.push((reason, Vec::from_iter(name))),
        }
    }
    let words: Vec<String> = clauses
        .iter()
        .take(2)
        .map(|(reason, names)| match names.as_slice() {
            [] => (*reason).to_owned(),
            names => format!("{}: {reason}", names.join(", ")),
        })
        .collect();
    (!words.is_empty()).then(|| words.join("; "))
}

/// A symbol, with how to supply it.
fn name(symbol: &Symbol) -> String {
    match &symbol.supply {
        Some(supply) => format!("{} (`{supply}` says it)", symbol.name),
        None => symbol.name.clone(),
    }
}
