//! Conditional verdicts put together: the assignments that satisfy them all, or the requirements that no assignment satisfies.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Assumption, Conflict, Need, Requirement, Subject};
use crate::policy::{Fixed, Verdict, Word};
use crate::source::{Origin, Span};
use crate::value::SymbolId;

/// More assignments than this are not tried: then nothing is concluded, and every verdict stands for itself.
const LIMIT: usize = 4096;

/// What a symbol is tried with: a text of some case, or what a pattern of some case takes and no text of the cases is; else anything else.
type Choice = Option<Word>;

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
            Some(_) => {
                all.remove(&None);
                all.extend([true, false].map(|holds| Some(presence(holds))));
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
    let order: Vec<(SymbolId, BTreeSet<Choice>)> = choices.into_iter().collect();
    walk(&order, &mut assignment, &mut |assignment| {
        if members.iter().all(|wish| satisfied(wish, assignment)) {
            kept.push(assignment.clone());
        }
    });
    if kept.is_empty() {
        let choices = order.into_iter().collect();
        conflicts.extend(conflict(members, &choices));
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
                .filter(move |it| surviving.contains(it) == yes)
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
    order: &[(SymbolId, BTreeSet<Choice>)],
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

fn presence(holds: bool) -> Word {
    Word {
        text: holds.to_string(),
        exact: true,
    }
}

/// False where a symbol that is `choice` is surely not what the case asks for. Whether a pattern takes a text is not asked: it may.
fn fits(fixed: &Fixed, choice: Option<&Choice>) -> bool {
    let Some(choice) = choice else { return true };
    if let Some(present) = fixed.present {
        return *choice == Some(presence(present));
    }
    match choice {
        Some(value) => {
            let may_be = |word: &Word| word == value || !word.exact;
            !fixed.not_in.contains(value)
                && (fixed.within.is_empty() || fixed.within.iter().any(may_be))
        }
        None => fixed.within.is_empty(),
    }
}

/// The first two requirements that cannot hold together, on the first symbol that both name.
fn conflict(
    members: &[&Wish<'_>],
    choices: &BTreeMap<SymbolId, BTreeSet<Choice>>,
) -> Option<Conflict> {
    for (at, first) in members.iter().enumerate() {
        for second in members.iter().skip(at) {
            for symbol in symbols_of(first).intersection(&symbols_of(second)) {
                let mut all = choices.get(symbol).into_iter().flatten();
                if all.any(|it| first.allows(*symbol, it) && second.allows(*symbol, it)) {
                    continue;
                }
                return Some(Conflict {
                    symbol: *symbol,
                    needs: vec![first.need(*symbol), second.need(*symbol)],
                });
            }
        }
    }
    None
}

impl Wish<'_> {
    /// What each satisfied case asks of a symbol.
    fn asked(&self, symbol: SymbolId) -> impl Iterator<Item = Option<&Fixed>> {
        let cases = self.cases.iter();
        cases.map(move |case| case.iter().find(|fixed| fixed.symbol == symbol))
    }

    fn allows(&self, symbol: SymbolId, choice: &Choice) -> bool {
        self.asked(symbol)
            .any(|fixed| fixed.is_none_or(|fixed| fits(fixed, Some(choice))))
    }

    fn need(&self, symbol: SymbolId) -> Need {
        let (mut within, mut not_in) = (BTreeSet::new(), BTreeSet::new());
        for fixed in self.asked(symbol).flatten() {
            match fixed.present {
                Some(holds) => within.extend([presence(holds)]),
                None => within.extend(fixed.within.iter().cloned()),
            }
            not_in.extend(fixed.not_in.iter().cloned());
        }
        Need {
            subject: self.subject,
            requirement: self.requirement,
            not_in: if within.is_empty() {
                not_in.into_iter().collect()
            } else {
                Vec::new()
            },
            within: within.into_iter().collect(),
            at: self.place(symbol),
        }
    }

    /// Where the symbol is in the way.
    fn place(&self, symbol: SymbolId) -> Origin {
        let blocked_by = &self.blocked.decision.blocked_by;
        let its = blocked_by.iter().find(|it| it.symbol == Some(symbol));
        let resource = || self.blocked.request.resource.parts().first();
        its.map(|it| it.at.clone())
            .or_else(|| resource().map(|part| part.origin.clone()))
            .unwrap_or_else(|| Origin::new(Span { start: 0, end: 0 }))
    }
}
