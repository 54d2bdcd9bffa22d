//! From one pass to a verdict: where the answer hangs on symbols, the policy is evaluated again in every case that it tells apart.

use std::cell::{Cell as Counter, RefCell};
use std::collections::BTreeSet;

use super::bindings::{Bindings, Bound, once};
use super::cells::{Asked, Cell, cells};
use super::decision::{Blocker, Case, Decision, Fixed, Verdict, once_each};
use super::evaluate::Answer;
use super::matching::Pass;
use super::pattern::{Token, is_told_apart, width};
use super::request::Request;
use super::work::{DEEPEST, Work, of_bound};
use super::{Policy, Statement};
use crate::value::{Nature, SymbolId, Symbols};

/// More cases than this are not evaluated; the rest is undecided.
const LEAVES: usize = 8192;

/// Answers one request with its reasons.
///
/// Nothing symbolic is met: one pass. Otherwise each symbol that the answer hangs on is fixed to one text of each cell that policy and request
/// cut its values into, and the cases with equal verdicts are merged.
pub fn evaluate(policy: &Policy, request: &Request, symbols: &Symbols) -> Decision {
    let (bindings, work) = (Bindings::default(), Work::of_decision(&policy.spent));
    let pass = Pass::new(request, symbols, &bindings, false, &work);
    let first = pass.verdict(policy);
    let blockers = pass.blockers.take();
    let statements = pass.outcomes(policy);
    let solved = match first {
        Some(answer) => Solved::sure(answer),
        None => solve(policy, request, symbols, blockers, &work),
    };
    Decision {
        verdict: solved.answer.verdict,
        explicit: solved.answer.explicit,
        cases: solved.cases,
        blocked_by: solved.blocked_by,
        statements,
    }
}

/// The same where something beside the policy, as a grant does, allows the request: what is left to be said are the Denies.
pub(crate) fn evaluate_granted(policy: &Policy, request: &Request, symbols: &Symbols) -> Decision {
    let mut granting = policy.clone();
    granting.statements.push(Statement::all(&policy.origin));
    let mut decision = evaluate(&granting, request, symbols);
    policy.spent.take_over(&granting.spent);
    decision.statements.pop();
    decision
}

/// The verdict alone.
pub(super) fn answer(policy: &Policy, request: &Request, symbols: &Symbols) -> Answer {
    let (bindings, work) = (Bindings::default(), Work::of_decision(&policy.spent));
    let pass = Pass::new(request, symbols, &bindings, false, &work);
    match pass.verdict(policy) {
        Some(answer) => answer,
        None => solve(policy, request, symbols, pass.blockers.take(), &work).answer,
    }
}

struct Solved {
    answer: Answer,
    cases: Vec<Case>,
    blocked_by: Vec<Blocker>,
}

impl Solved {
    fn sure(answer: Answer) -> Self {
        Solved {
            answer,
            cases: Vec::new(),
            blocked_by: Vec::new(),
        }
    }
}

fn solve(
    policy: &Policy,
    request: &Request,
    symbols: &Symbols,
    blockers: Vec<Blocker>,
    work: &Work<'_>,
) -> Solved {
    let split = Split {
        policy,
        request,
        symbols,
        work,
        leaves: Counter::new(0),
        blockers: RefCell::new(blockers),
        invented: RefCell::default(),
    };
    let cases = split.cases(&Bindings::default());
    let answer = verdict_of(&cases, symbols);
    let mut blocked_by = split.blockers.into_inner();
    let sure = matches!(
        answer.verdict,
        Verdict::Allowed | Verdict::Denied | Verdict::Delegated
    );
    if sure {
        return Solved::sure(answer);
    }
    let undecided = cases.iter().any(|case| case.verdict == Verdict::Undecided);
    blocked_by.retain(|blocker| match blocker.symbol {
        Some(id) => {
            undecided && symbols.get(id).nature == Nature::Fresh
                || cases
                    .iter()
                    .any(|case| case.when.iter().any(|fixed| fixed.symbol == id))
                || cases.len() <= 1
        }
        None => undecided,
    });
    let mut seen: BTreeSet<(Option<SymbolId>, crate::source::Span)> = BTreeSet::new();
    blocked_by.retain(|blocker| seen.insert((blocker.symbol, blocker.at.span())));
    Solved {
        answer,
        cases: if cases.iter().all(|case| case.when.is_empty()) {
            Vec::new()
        } else {
            cases
        },
        blocked_by,
    }
}

/// All cases agree: their verdict. Else it is conditional where they are told apart by named symbols alone.
fn verdict_of(cases: &[Case], symbols: &Symbols) -> Answer {
    let first = cases
        .first()
        .map_or(Verdict::Undecided, |case| case.verdict);
    let agree = agree(cases);
    let named = || {
        cases
            .iter()
            .flat_map(|case| &case.when)
            .all(|fixed| symbols.get(fixed.symbol).nature == Nature::Named)
    };
    let verdict = if agree {
        first
    } else if cases.iter().all(|case| case.verdict != Verdict::Undecided) && named() {
        Verdict::Conditional
    } else {
        Verdict::Undecided
    };
    Answer {
        verdict,
        explicit: agree && cases.iter().all(|case| case.explicit),
    }
}

fn agree(cases: &[Case]) -> bool {
    cases.windows(2).all(|pair| match pair {
        [one, other] => one.verdict == other.verdict,
        _ => true,
    })
}

struct Split<'a> {
    policy: &'a Policy,
    request: &'a Request,
    symbols: &'a Symbols,
    work: &'a Work<'a>,
    leaves: Counter<usize>,
    blockers: RefCell<Vec<Blocker>>,
    /// Texts that were made up, and the symbols that they stand for: they are shown by the symbol's name.
    invented: RefCell<Vec<(String, SymbolId)>>,
}

fn leaf(answer: Answer) -> Vec<Case> {
    vec![Case {
        when: Vec::new(),
        verdict: answer.verdict,
        explicit: answer.explicit,
    }]
}

const UNDECIDED: Answer = Answer {
    verdict: Verdict::Undecided,
    explicit: false,
};

impl Split<'_> {
    /// The cases under some bindings.
    fn cases(&self, bindings: &Bindings) -> Vec<Case> {
        let pass = Pass::new(self.request, self.symbols, bindings, false, self.work);
        if let Some(answer) = pass.verdict(self.policy) {
            return self.leaf(answer);
        }
        let blockers = pass.blockers.take();
        let next = self.next(&blockers, bindings);
        self.blockers.borrow_mut().extend(blockers);
        let (Some(id), true) = (next, self.goes_on(bindings)) else {
            return self.leaf(UNDECIDED);
        };
        let pass = Pass::new(self.request, self.symbols, bindings, true, self.work);
        let _ = pass.verdict(self.policy);
        let atoms = pass.atoms.map(RefCell::into_inner).unwrap_or_default();
        let kept = once(atoms);
        let asked = Asked {
            atoms: &kept,
            in_request: self.is_in_request(id),
            names: &|tokens| self.spelled(tokens),
        };
        let found = cells(id, &asked, self.symbols, self.work);
        let mut groups: Vec<(Vec<Fixed>, Vec<Case>)> = Vec::new();
        for cell in &found.known {
            let cases = self.under(bindings, id, cell);
            join(&mut groups, cell.fixed.clone(), cases);
        }
        // An answer that is sure is so for what nobody documents, too.
        if let [(_, cases)] = groups.as_slice()
            && agree(cases)
        {
            for cell in &found.undocumented {
                let cases = self.under(bindings, id, cell);
                join(&mut groups, cell.fixed.clone(), cases);
            }
        }
        if !found.complete || found.known.is_empty() {
            let rest = Fixed {
                symbol: id,
                within: Vec::new(),
                not_in: Vec::new(),
                present: None,
            };
            join(&mut groups, rest, leaf(UNDECIDED));
        }
        flatten(groups)
    }

    /// False where there are so many cases, or so many symbols one inside the other, that no more are told apart.
    fn goes_on(&self, bindings: &Bindings) -> bool {
        self.leaves.get() < LEAVES
            && bindings.len() < DEEPEST
            && self.work.take(of_bound(bindings.len()))
    }

    /// One case more.
    fn leaf(&self, answer: Answer) -> Vec<Case> {
        self.leaves.set(self.leaves.get() + 1);
        leaf(answer)
    }

    fn under(&self, bindings: &Bindings, id: SymbolId, cell: &Cell) -> Vec<Case> {
        let before = self.invented.borrow().len();
        let texts = match &cell.bound {
            Bound::Text(text) if cell.invented => std::slice::from_ref(text),
            Bound::Rest(texts) => texts.as_slice(),
            _ => &[],
        };
        let texts = texts.iter().filter(|text| is_told(text));
        self.invented
            .borrow_mut()
            .extend(texts.map(|text| (text.clone(), id)));
        let cases = self.cases(&bindings.with(id, cell.bound.clone()));
        self.invented.borrow_mut().truncate(before);
        cases
    }

    /// The symbol to fix next: those that somebody can name first, and the narrow before the wide.
    fn next(&self, blockers: &[Blocker], bindings: &Bindings) -> Option<SymbolId> {
        let symbols = blockers.iter().filter_map(|blocker| blocker.symbol);
        symbols
            .filter(|id| {
                // One that is bound and still in the way stands for things of two kinds: it is not split again.
                let symbol = self.symbols.get(*id);
                (symbol.nature != Nature::Fresh || is_told_apart(symbol))
                    && bindings.get(*id).is_none()
            })
            .min_by_key(|id| {
                let symbol = self.symbols.get(*id);
                let nature = match symbol.nature {
                    Nature::Named => 0,
                    Nature::Free => 1,
                    Nature::Undocumented | Nature::Fresh => 2,
                };
                (nature, width(symbol.shape), *id)
            })
    }

    fn is_in_request(&self, id: SymbolId) -> bool {
        self.request
            .context
            .iter()
            .any(|value| value.open.as_ref().is_some_and(|open| open.symbol == id))
    }

    /// Tokens as they may be shown: symbols, and texts that were made up for one, by the symbol's name.
    fn spelled(&self, tokens: &[Token]) -> String {
        let mut out = String::new();
        for token in tokens {
            match token {
                Token::Char(letter) => out.push(*letter),
                Token::Any { .. } => out.push('*'),
                Token::One { .. } => out.push('?'),
                Token::Symbol { id, .. } => {
                    out.extend(["${", &self.symbols.get(*id).name, "}"]);
                }
                Token::Hole => out.push('…'),
            }
        }
        for (text, id) in self.invented.borrow().iter() {
            out = with_name(&out, text, &self.symbols.get(*id).name);
        }
        out
    }
}

/// True for a made-up text that can be told from what others wrote: not for a letter or two.
fn is_told(text: &str) -> bool {
    text.chars().count() > 2 || text.contains(|letter| letter >= '\u{E000}')
}

/// A text with the name of a symbol wherever a text that was made up for it stands: as a word of its own, unless nobody else could have
/// written its letters.
fn with_name(text: &str, made_up: &str, name: &str) -> String {
    let is_private = |letter: char| ('\u{E000}'..='\u{F8FF}').contains(&letter);
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_');
    let alone = !made_up.contains(is_private);
    let (mut out, mut rest) = (String::new(), text);
    // The letter before the rest.
    let mut last = None;
    while let Some((before, behind)) = rest.split_once(made_up) {
        out.push_str(before);
        let inside =
            before.chars().next_back().or(last).is_some_and(is_part) || behind.starts_with(is_part);
        if alone && inside {
            out.push_str(made_up);
        } else {
            out.extend(["${", name, "}"]);
        }
        last = out.chars().next_back();
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// Adds a cell to the group of cells with the same cases.
fn join(groups: &mut Vec<(Vec<Fixed>, Vec<Case>)>, fixed: Fixed, cases: Vec<Case>) {
    let same = |other: &[Case]| {
        other.len() == cases.len()
            && other
                .iter()
                .zip(&cases)
                .all(|(a, b)| a.when == b.when && a.verdict == b.verdict)
    };
    match groups.iter_mut().find(|(_, other)| same(other)) {
        Some((cells, other)) => {
            for (into, from) in other.iter_mut().zip(&cases) {
                into.explicit &= from.explicit;
            }
            cells.push(fixed);
        }
        None => groups.push((vec![fixed], cases)),
    }
}

/// The cases of all groups, each under what its cells have in common. One group alone asks nothing of the symbol.
fn flatten(groups: Vec<(Vec<Fixed>, Vec<Case>)>) -> Vec<Case> {
    let single = groups.len() == 1;
    let mut out = Vec::new();
    for (cells, cases) in groups {
        let fixed = if single { None } else { union(cells) };
        for case in cases {
            let mut when: Vec<Fixed> = fixed.clone().into_iter().collect();
            when.extend(case.when);
            out.push(Case { when, ..case });
        }
    }
    out
}

/// Cells side by side: any of what they are within; or, where one is "anything else", all but what only the others exclude. Those of a symbol
/// that is there or not are never side by side: they are two, and would be the only group.
fn union(cells: Vec<Fixed>) -> Option<Fixed> {
    let mut all = cells.into_iter();
    let mut whole = all.next()?;
    let mut open = whole.within.is_empty();
    for cell in all {
        open |= cell.within.is_empty();
        whole.within.extend(cell.within);
        whole.not_in.extend(cell.not_in);
    }
    let mut seen = Vec::new();
    whole.within.retain(|word| {
        let new = !seen.contains(word);
        seen.push(word.clone());
        new
    });
    once_each(&mut whole.not_in);
    whole.not_in.retain(|word| !whole.within.contains(word));
    if open {
        whole.within.clear();
    }
    Some(whole)
}

#[cfg(test)]
mod tests;
