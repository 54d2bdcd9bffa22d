//! Conditional verdicts put together: the assignments that satisfy them all, or the requirements that no assignment satisfies.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Assumption, Conflict, Need, Requirement, Subject};
use crate::policy::{Fixed, Verdict};
use crate::value::SymbolId;

/// More assignments than this are not tried: then nothing is concluded, and every verdict stands for itself.
const LIMIT: usize = 4096;

/// A value that a symbol is tried with: a literal or pattern of some case, or anything else.
type Choice = Option<String>;

/// One conditional requirement: its place, and the cases in which it is satisfied.
struct Wish<'m> {
    subject: usize,
    requirement: usize,
    cases: Vec<&'m [Fixed]>,
    blocked: &'m Requirement,
}

pub(crate) fn together(subjects: &[Subject]) -> (Vec<Assumption>, Vec<Conflict>) {
    let wishes = wishes(subjects);
    let (mut assumptions, mut conflicts) = (Vec::new(), Vec::new());
    for group in groups(&wishes) {
        let members: Vec<&Wish<'_>> = group.iter().filter_map(|at| wishes.get(*at)).collect();
        solve(&members, &mut assumptions, &mut conflicts);
    }
    assumptions.sort_by_key(|assumption| assumption.symbol);
    (assumptions, conflicts)
}

fn wishes(subjects: &[Subject]) -> Vec<Wish<'_>> {
    let mut wishes = Vec::new();
    for (subject, it) in subjects.iter().enumerate() {
        for (at, requirement) in it.requirements.iter().enumerate() {
            if requirement.verdict != Verdict::Conditional {
                continue;
            }
            let good = requirement
                .decision
                .cases
                .iter()
                .filter(|case| matches!(case.verdict, Verdict::Allowed | Verdict::Delegated));
            let cases = good.map(|case| case.when.as_slice()).collect();
            wishes.push(Wish {
                subject,
                requirement: at,
                cases,
                blocked: requirement,
            });
        }
    }
    wishes
}

fn symbols_of(wish: &Wish<'_>) -> BTreeSet<SymbolId> {
    wish.cases
        .iter()
        .flat_map(|case| case.iter().map(|fixed| fixed.symbol))
        .collect()
}

/// Requirements that share a symbol, directly or through others, by their indexes.
fn groups(wishes: &[Wish<'_>]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(BTreeSet<SymbolId>, Vec<usize>)> = Vec::new();
    for (at, wish) in wishes.iter().enumerate() {
        let mut symbols = symbols_of(wish);
        let mut members = vec![at];
        let (touched, rest): (Vec<_>, Vec<_>) = groups
            .into_iter()
            .partition(|(known, _)| !known.is_disjoint(&symbols));
        for (known, others) in touched {
            symbols.extend(known);
            members.extend(others);
        }
        members.sort_unstable();
        groups = rest;
        groups.push((symbols, members));
    }
    groups.sort_by_key(|(_, members)| members.first().copied());
    groups.into_iter().map(|(_, members)| members).collect()
}

fn solve(members: &[&Wish<'_>], assumptions: &mut Vec<Assumption>, conflicts: &mut Vec<Conflict>) {
    let mut choices: BTreeMap<SymbolId, BTreeSet<Choice>> = BTreeMap::new();
    for fixed in members
        .iter()
        .flat_map(|wish| wish.cases.iter())
        .flat_map(|case| case.iter())
    {
        let all = choices.entry(fixed.symbol).or_default();
        all.insert(None);
        match fixed.present {
            Some(present) => {
                all.remove(&None);
                all.extend([Some(present.to_string()), Some((!present).to_string())]);
            }
            None => all.extend(fixed.within.iter().chain(&fixed.not_in).cloned().map(Some)),
        }
    }
    let count = choices
        .values()
        .map(BTreeSet::len)
        .fold(1_usize, usize::saturating_mul);
    if count > LIMIT {
        return;
    }
    let mut kept: Vec<BTreeMap<SymbolId, Choice>> = Vec::new();
    let mut assignment = BTreeMap::new();
    let order: Vec<(SymbolId, Vec<Choice>)> = choices
        .into_iter()
        .map(|(symbol, choices)| (symbol, choices.into_iter().collect()))
        .collect();
    walk(&order, &mut assignment, &mut |assignment| {
        if members.iter().all(|wish| satisfied(wish, assignment)) {
            kept.push(assignment.clone());
        }
    });
    if kept.is_empty() {
        conflicts.extend(conflict(members));
        return;
    }
    for (symbol, choices) in order {
        let surviving: BTreeSet<&Choice> = kept
            .iter()
            .filter_map(|assignment| assignment.get(&symbol))
            .collect();
        if surviving.len() == choices.len() {
            continue;
        }
        let other = surviving.contains(&None);
        let named = |yes: bool| {
            choices
                .iter()
                .filter(move |it| it.is_some() && surviving.contains(it) == yes)
                .flatten()
                .cloned()
        };
        let (within, not_in) = if other {
            (Vec::new(), named(false).collect())
        } else {
            (named(true).collect(), Vec::new())
        };
        let verdicts = members
            .iter()
            .filter(|wish| symbols_of(wish).contains(&symbol))
            .count();
        assumptions.push(Assumption {
            symbol,
            within,
            not_in,
            verdicts,
        });
    }
}

fn walk(
    order: &[(SymbolId, Vec<Choice>)],
    assignment: &mut BTreeMap<SymbolId, Choice>,
    visit: &mut dyn FnMut(&BTreeMap<SymbolId, Choice>),
) {
    let Some(((symbol, choices), rest)) = order.split_first() else {
        return visit(assignment);
    };
    for choice in choices {
        assignment.insert(*symbol, choice.clone());
        walk(rest, assignment, visit);
    }
    assignment.remove(symbol);
}

fn satisfied(wish: &Wish<'_>, assignment: &BTreeMap<SymbolId, Choice>) -> bool {
    wish.cases.iter().any(|case| {
        case.iter()
            .all(|fixed| fits(fixed, assignment.get(&fixed.symbol)))
    })
}

fn fits(fixed: &Fixed, choice: Option<&Choice>) -> bool {
    let Some(choice) = choice else { return true };
    if let Some(present) = fixed.present {
        return choice.as_deref() == Some(if present { "true" } else { "false" });
    }
    match choice {
        Some(value) => {
            !fixed.not_in.contains(value)
                && (fixed.within.is_empty() || fixed.within.contains(value))
        }
        None => fixed.within.is_empty(),
    }
}

/// The first two requirements that cannot hold together, on the first symbol that both name.
fn conflict(members: &[&Wish<'_>]) -> Option<Conflict> {
    for (at, first) in members.iter().enumerate() {
        for second in members.iter().skip(at + 1) {
            for symbol in symbols_of(first).intersection(&symbols_of(second)) {
                let (one, two) = (values(first, *symbol), values(second, *symbol));
                if one.is_empty() || two.is_empty() || !one.is_disjoint(&two) {
                    continue;
                }
                let need = |wish: &Wish<'_>, within: BTreeSet<String>| Need {
                    subject: wish.subject,
                    requirement: wish.requirement,
                    within: within.into_iter().collect(),
                    at: wish
                        .blocked
                        .decision
                        .blocked_by
                        .iter()
                        .find(|it| it.symbol == Some(*symbol))
                        .map_or_else(
                            || {
                                wish.blocked
                                    .request
                                    .resource
                                    .parts()
                                    .first()
                                    .map_or_else(|| second.origin(), |part| part.origin.clone())
                            },
                            |it| it.at.clone(),
                        ),
                };
                let needs = vec![need(first, one), need(second, two)];
                return Some(Conflict {
                    symbol: *symbol,
                    needs,
                });
            }
        }
    }
    None
}

impl Wish<'_> {
    fn origin(&self) -> crate::source::Origin {
        let blocked = self.blocked.decision.blocked_by.first();
        blocked.map_or_else(
            || crate::source::Origin::new(crate::source::Span { start: 0, end: 0 }),
            |it| it.at.clone(),
        )
    }
}

/// The literals that a requirement's satisfied cases allow a symbol; nothing where some case allows anything else.
fn values(wish: &Wish<'_>, symbol: SymbolId) -> BTreeSet<String> {
    let mut values = BTreeSet::new();
    for case in &wish.cases {
        match case.iter().find(|fixed| fixed.symbol == symbol) {
            Some(fixed) if !fixed.within.is_empty() => values.extend(fixed.within.iter().cloned()),
            _ => return BTreeSet::new(),
        }
    }
    values
}
