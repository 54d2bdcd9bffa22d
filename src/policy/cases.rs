//! From one pass to a verdict: where the answer hangs on symbols, the policy is evaluated again in every case that it tells apart.

use std::cell::{Cell as Counter, RefCell};
use std::collections::BTreeSet;

use super::bindings::{Bindings, Bound, once};
use super::cells::{Asked, Cell, cells};
use super::decision::{Blocker, Case, Decision, Fixed, Verdict, once_each};
use super::evaluate::Answer;
use super::matching::Pass;
use super::pattern::{Token, is_told_apart};
use super::request::Request;
use super::work::{DEEPEST, Work, of_bound};
use super::{Policy, Statement};
use crate::value::{Nature, Shape, SymbolId, Symbols};

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
            self.leaves.set(self.leaves.get() + 1);
            return leaf(answer);
        }
        let blockers = pass.blockers.take();
        let next = self.next(&blockers, bindings);
        self.blockers.borrow_mut().extend(blockers);
        let goes_on = self.leaves.get() < LEAVES
            && bindings.len() < DEEPEST
            && self.work.take(of_bound(bindings.len()));
        let (Some(id), true) = (next, goes_on) else {
            self.leaves.set(self.leaves.get() + 1);
            return leaf(UNDECIDED);
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
        for cell in &found.cells {
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
        if !found.complete || found.cells.is_empty() {
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

    fn under(&self, bindings: &Bindings, id: SymbolId, cell: &Cell) -> Vec<Case> {
        let before = self.invented.borrow().len();
        let texts = match &cell.bound {
            Bound::Text(text) if cell.invented => std::slice::from_ref(text),
            Bound::Rest(texts) => texts.as_slice(),
            _ => &[],
        };
        let made_up = |text: &&String| {
            text.chars().count() > 2 || text.chars().any(|letter| letter >= '\u{E000}')
        };
        let texts = texts.iter().filter(made_up);
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
                let width = match symbol.shape {
                    Shape::Presence => 0,
                    Shape::Bool => 1,
                    // The partition stands before the account in every ARN, and has few values: with it the account's are found.
                    Shape::Partition => 2,
                    Shape::Account | Shape::Region => 3,
                    Shape::Id | Shape::Number | Shape::Time | Shape::Ip => 4,
                    Shape::Name => 5,
                    Shape::Arn => 6,
                    Shape::Text => 7,
                    Shape::Rest => 8,
                };
                (nature, width, *id)
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
            out = out.replace(
                text.as_str(),
                &format!("${{{}}}", self.symbols.get(*id).name),
            );
        }
        out
    }
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
        let fixed = union(cells);
        for case in cases {
            let mut when = Vec::new();
            if !single {
                when.extend(fixed.clone());
            }
            when.extend(case.when);
            out.push(Case { when, ..case });
        }
    }
    out
}

/// Cells side by side: any of what they are within; or, where one is "anything else", all but what only the others exclude.
fn union(cells: Vec<Fixed>) -> Option<Fixed> {
    let mut all = cells.into_iter();
    let mut whole = all.next()?;
    let mut open = whole.within.is_empty();
    for cell in all {
        open |= cell.within.is_empty();
        whole.within.extend(cell.within);
        whole.not_in.extend(cell.not_in);
        if whole.present != cell.present {
            whole.present = None;
        }
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
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::super::request::Caller;
    use super::super::testing::{Read, request, texts};
    use super::super::variables::{Pattern, Syntax};
    use super::*;
    use crate::source::{Origin, Span};
    use crate::value::{Part, PartKind, Symbol, Text};

    fn condition(condition: &str) -> Read {
        Read::statements(&format!(
            r#"{{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*","Condition":{condition}}}"#
        ))
    }

    fn ask(read: &Read, context: &str) -> Decision {
        read.decide(&format!("cloudtrail.amazonaws.com kms:Decrypt {context}"))
    }

    #[test]
    fn cells_are_named_in_the_words_of_the_policy() {
        let read =
            condition(r#"{"StringEquals":{"aws:SourceAccount":["111122223333","444455556666"]}}"#);
        let decision = ask(&read, r#"{"aws:SourceAccount":{"symbol":"account"}}"#);
        assert_eq!(decision.verdict, Verdict::Conditional);
        let case = |verdict| {
            let found = decision.cases.iter().find(|case| case.verdict == verdict);
            found.unwrap().when[0].clone()
        };
        assert_eq!(
            texts(&case(Verdict::Allowed).within),
            ["111122223333", "444455556666"]
        );
        assert_eq!(
            texts(&case(Verdict::Denied).not_in),
            ["111122223333", "444455556666"]
        );
        assert!(case(Verdict::Denied).within.is_empty());
        assert_eq!(decision.blocked_by.len(), 2);
    }

    #[test]
    fn equal_answers_decide() {
        let read =
            condition(r#"{"StringLike":{"aws:x":"*"},"StringNotEqualsIfExists":{"aws:y":"a"}}"#);
        assert_eq!(
            ask(&read, r#"{"aws:x":{"unknown":true}}"#).verdict,
            Verdict::Allowed
        );
        assert!(ask(&read, r#"{"aws:x":{"unknown":true}}"#).cases.is_empty());
        let maybe = r#"{"aws:x":"v","aws:y":{"maybe_absent":true,"value":"b"}}"#;
        assert_eq!(ask(&read, maybe).verdict, Verdict::Allowed);
        let maybe = r#"{"aws:x":"v","aws:y":{"maybe_absent":true,"value":"a"}}"#;
        let decision = ask(&read, maybe);
        assert_eq!(decision.verdict, Verdict::Conditional);
        assert_eq!(decision.cases[0].when[0].present, Some(true));
    }

    #[test]
    fn numbers_and_times_are_cut_at_the_constants() {
        let read = condition(r#"{"DateLessThan":{"aws:CurrentTime":"2027-01-01T00:00:00Z"}}"#);
        let decision = ask(&read, r#"{"aws:CurrentTime":{"unknown":true}}"#);
        assert_eq!(decision.verdict, Verdict::Conditional);
        let allowed = decision
            .cases
            .iter()
            .find(|case| case.verdict == Verdict::Allowed);
        assert_eq!(
            texts(&allowed.unwrap().when[0].within),
            ["< 2027-01-01T00:00:00Z"]
        );
    }

    #[test]
    fn an_open_list_is_split_over_what_it_may_hold() {
        let read = condition(
            r#"{"ForAllValues:StringEquals":{"aws:x":["a","b"]},"ForAnyValue:StringEquals":{"aws:x":"a"}}"#,
        );
        let open = |values: &str| {
            ask(
                &read,
                &format!(r#"{{"aws:x":{{"values":{values},"open":true}}}}"#),
            )
            .verdict
        };
        assert_eq!(open(r#"["a"]"#), Verdict::Conditional);
        assert_eq!(open(r#"["c"]"#), Verdict::Denied);
    }

    fn symbol(symbols: &mut Symbols, name: &str, shape: Shape, nature: Nature) -> Text {
        let id = symbols.intern(Symbol {
            reason: format!("{name} is not known"),
            ..Symbol::for_test(name, shape, nature)
        });
        Text::symbol(id, Origin::new(Span { start: 0, end: 0 }))
    }

    fn literal(text: &str) -> Text {
        Text::literal(text, Origin::new(Span { start: 0, end: 0 }))
    }

    #[test]
    fn what_nobody_documents_is_undecided_and_the_named_symbol_s_cases_still_show() {
        let read =
            condition(r#"{"StringEquals":{"aws:SourceAccount":"111122223333","aws:x":"a"}}"#);
        let (mut request, mut symbols) = request("cloudtrail.amazonaws.com kms:Decrypt");
        let account = symbol(&mut symbols, "account", Shape::Account, Nature::Named);
        let unknown = symbol(&mut symbols, "x", Shape::Text, Nature::Undocumented);
        request.context.set("aws:SourceAccount", account.clone());
        request.context.set("aws:x", unknown);
        let decision = evaluate(&read.policy, &request, &symbols);
        assert_eq!(decision.verdict, Verdict::Undecided);
        let alone: Vec<_> = decision
            .cases
            .iter()
            .filter(|case| case.when.len() == 1)
            .collect();
        assert_eq!(alone.len(), 1);
        assert_eq!(alone[0].verdict, Verdict::Denied);
        assert_eq!(texts(&alone[0].when[0].not_in), ["111122223333"]);
        // With the other key known, the same account is a condition that somebody can name.
        request.context.set("aws:x", literal("a"));
        let decision = evaluate(&read.policy, &request, &symbols);
        assert_eq!(decision.verdict, Verdict::Conditional);
        assert_eq!(decision.blocked_by[0].reason, "account is not known");
    }

    #[test]
    fn a_fresh_identifier_equals_no_literal_and_nothing_but_itself() {
        let (mut request, mut symbols) = request("cloudtrail.amazonaws.com kms:Decrypt");
        let mut arn = literal("arn:aws:kms:us-east-1:111122223333:key/");
        arn.append(symbol(&mut symbols, "id", Shape::Id, Nature::Fresh));
        request.resource = arn;
        for (resource, expected) in [
            ("*", Verdict::Allowed),
            ("arn:aws:kms:*:111122223333:key/*", Verdict::Allowed),
            (
                "arn:aws:kms:us-east-1:111122223333:key/1234abcd",
                Verdict::Denied,
            ),
            (
                "arn:aws:kms:us-east-1:111122223333:key/1*",
                Verdict::Undecided,
            ),
            (
                "arn:aws:kms:us-east-1:111122223333:key/mrk-*",
                Verdict::Undecided,
            ),
            (
                "arn:aws:kms:us-east-1:111122223333:key/????????-????-????-????-????????????",
                Verdict::Undecided,
            ),
            (
                "arn:aws:kms:us-east-1:111122223333:key/logs-*",
                Verdict::Denied,
            ),
            ("*:key/", Verdict::Denied),
            ("arn:aws:kms:us-east-1:444455556666:key/*", Verdict::Denied),
        ] {
            let read = Read::statements(&format!(
                r#"{{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"{resource}"}}"#
            ));
            assert_eq!(
                evaluate(&read.policy, &request, &symbols).verdict,
                expected,
                "{resource}"
            );
        }
        let read = condition(r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#);
        let address = symbol(&mut symbols, "address", Shape::Ip, Nature::Fresh);
        request.context.set("aws:SourceIp", address);
        assert_eq!(
            evaluate(&read.policy, &request, &symbols).verdict,
            Verdict::Denied
        );
    }

    #[test]
    fn a_pattern_takes_some_fresh_texts_and_leaves_others() {
        for (patterns, expected) in [
            (r#""1*""#, &["not 1*: Denied", "matches 1*: Allowed"][..]),
            (
                r#"["1*","?111*"]"#,
                &[
                    "not 1*, ?111*: Denied",
                    "matches ?111*, matches 1*: Allowed",
                ],
            ),
            // The literal is none of them, though a pattern takes it.
            (
                r#"["1*","100000000000"]"#,
                &["not 1*: Denied", "matches 1*: Allowed"],
            ),
            (r#"["?","100000000000"]"#, &[]),
            (r#""????????????""#, &[]),
            (r#""????????????a""#, &[]),
            (r#""100000000000""#, &[]),
        ] {
            let read = condition(&format!(
                r#"{{"StringLike":{{"aws:PrincipalAccount":{patterns}}}}}"#
            ));
            let (mut request, mut symbols) = request("cloudtrail.amazonaws.com kms:Decrypt");
            let account = symbol(&mut symbols, "account", Shape::Account, Nature::Fresh);
            request.context.set("aws:PrincipalAccount", account);
            let decision = evaluate(&read.policy, &request, &symbols);
            let told = |case: &Case| {
                let fixed = &case.when[0];
                let within: Vec<String> = fixed
                    .within
                    .iter()
                    .map(|it| format!("matches {it}"))
                    .collect();
                let not_in = format!("not {}", texts(&fixed.not_in).join(", "));
                let words = if within.is_empty() {
                    not_in
                } else {
                    within.join(", ")
                };
                format!("{words}: {:?}", case.verdict)
            };
            let told: Vec<String> = decision.cases.iter().map(told).collect();
            assert_eq!(told, expected, "{patterns}: {:?}", decision.verdict);
        }
    }

    #[test]
    fn two_accounts_are_neither_equal_nor_different() {
        let read = condition(r#"{"StringEquals":{"aws:SourceAccount":"${aws:ResourceAccount}"}}"#);
        let (mut request, mut symbols) = request("cloudtrail.amazonaws.com kms:Decrypt");
        let one = symbol(&mut symbols, "one", Shape::Account, Nature::Named);
        let other = symbol(&mut symbols, "other", Shape::Account, Nature::Named);
        request.context.set("aws:SourceAccount", one.clone());
        request.context.set("aws:ResourceAccount", other);
        let decision = evaluate(&read.policy, &request, &symbols);
        assert_eq!(decision.verdict, Verdict::Conditional);
        // A made-up account number is never shown.
        let all = decision.cases.iter().flat_map(|case| &case.when);
        let all = all.flat_map(|fixed| fixed.within.iter().chain(&fixed.not_in));
        let shown: Vec<&str> = all.map(|word| word.text.as_str()).collect();
        let shown = shown.join(" ");
        assert!(
            shown.contains("${one}") && !shown.bytes().any(|it| it == b'9'),
            "{shown}"
        );
        request.context.set("aws:ResourceAccount", one);
        assert_eq!(
            evaluate(&read.policy, &request, &symbols).verdict,
            Verdict::Allowed
        );
    }

    #[test]
    fn a_hole_cannot_be_split() {
        let read = condition(r#"{"StringEquals":{"aws:x":"a"}}"#);
        let (mut request, symbols) = request("cloudtrail.amazonaws.com kms:Decrypt");
        request.context.set(
            "aws:x",
            Text::from_parts(vec![Part {
                kind: PartKind::Hole("no function `f`".to_owned()),
                origin: Origin::new(Span { start: 0, end: 0 }),
                sensitive: false,
            }]),
        );
        let decision = evaluate(&read.policy, &request, &symbols);
        assert_eq!(decision.verdict, Verdict::Undecided);
        assert!(decision.cases.is_empty() && decision.blocked_by[0].symbol.is_none());
        assert_eq!(decision.blocked_by[0].reason, "no function `f`");
    }

    #[test]
    fn a_symbol_that_stands_for_things_of_two_kinds_is_undecided() {
        let (mut request, mut symbols) = request("cloudtrail.amazonaws.com kms:Decrypt");
        let text = symbol(&mut symbols, "both", Shape::Text, Nature::Named);
        let id = Pattern::new(&text, Syntax::EXACT).as_symbol().unwrap();
        request.context.set("aws:x", text);
        request.context.insert(crate::policy::ContextValue {
            key: "aws:y".to_owned(),
            presence: crate::value::Presence::Maybe(id),
            values: vec![literal("b")],
            multivalued: false,
            open: None,
        });
        let read = condition(r#"{"StringEquals":{"aws:x":"a","aws:y":"b"}}"#);
        assert_eq!(
            evaluate(&read.policy, &request, &symbols).verdict,
            Verdict::Undecided
        );
    }

    /// The words of each case of a decision about one symbol.
    fn told(decision: &Decision) -> Vec<(Verdict, Vec<String>, Vec<String>)> {
        let cases = decision.cases.iter();
        cases
            .map(|case| {
                let fixed = case.when.last().unwrap();
                let owned = |words| texts(words).into_iter().map(str::to_owned).collect();
                (case.verdict, owned(&fixed.within), owned(&fixed.not_in))
            })
            .collect()
    }

    #[test]
    fn a_caller_without_an_account_may_be_of_each_that_the_policy_names() {
        let allow = |principal: &str, condition: &str| {
            Read::statements(&format!(
                r#"{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"kms:*","Resource":"*"{condition}}}"#
            ))
        };
        let (mut request, mut symbols) = request("arn:aws:iam::111122223333:user/x kms:Decrypt");
        let reader = symbol(&mut symbols, "reader", Shape::Arn, Nature::Named);
        request.principal = Caller::Aws(reader);
        for account in ["111122223333", "444455556666"] {
            let decision = evaluate(&allow(account, "").policy, &request, &symbols);
            assert_eq!(decision.verdict, Verdict::Conditional, "{account}");
            let all = told(&decision);
            let of = |verdict| all.iter().find(|(it, ..)| *it == verdict).cloned();
            let delegated = of(Verdict::Delegated).map(|(_, within, _)| within);
            assert_eq!(delegated, Some(vec![account.to_owned()]), "{all:?}");
            assert!(of(Verdict::Denied).is_some(), "{all:?}");
        }
        let root = "arn:aws:iam::111122223333:root";
        let decision = evaluate(&allow(root, "").policy, &request, &symbols);
        let all = told(&decision);
        let is = |verdict| all.iter().any(|(it, ..)| *it == verdict);
        assert!(
            is(Verdict::Allowed) && is(Verdict::Delegated) && is(Verdict::Denied),
            "{all:?}"
        );
        // Another account beside it has the values of its own comparisons and no others.
        let member = symbol(&mut symbols, "member", Shape::Account, Nature::Named);
        request.context.set("aws:y", member);
        let condition = r#","Condition":{"StringLike":{"aws:y":"1111*"}}"#;
        let both = allow("111122223333", condition);
        let decision = evaluate(&both.policy, &request, &symbols);
        assert_eq!(decision.verdict, Verdict::Conditional);
    }

    #[test]
    fn an_arn_that_is_not_known_may_be_the_one_that_the_policy_names() {
        let (mut request, mut symbols) = request("cloudtrail.amazonaws.com kms:Decrypt");
        let trail = symbol(&mut symbols, "trail", Shape::Arn, Nature::Named);
        request.context.set("aws:SourceArn", trail);
        let arn = "arn:aws:cloudtrail:us-east-1:111122223333:trail/main";
        for (wanted, expected) in [
            (arn, Verdict::Conditional),
            (
                "urn:aws:cloudtrail:us-east-1:111122223333:trail/main",
                Verdict::Denied,
            ),
            ("arn:aws:cloudtrail:us-east-1", Verdict::Denied),
        ] {
            let read = condition(&format!(
                r#"{{"StringEquals":{{"aws:SourceArn":"{wanted}"}}}}"#
            ));
            let decision = evaluate(&read.policy, &request, &symbols);
            assert_eq!(decision.verdict, expected, "{wanted}");
            if expected == Verdict::Conditional {
                let arn = vec![arn.to_owned()];
                assert_eq!(
                    told(&decision),
                    [
                        (Verdict::Denied, Vec::new(), arn.clone()),
                        (Verdict::Allowed, arn, Vec::new()),
                    ]
                );
            }
        }
    }

    #[test]
    fn a_part_of_a_longer_text_is_told_by_the_part_of_the_pattern_that_it_meets() {
        for (operator, shape, (before, behind), pattern, part) in [
            (
                "ArnLike",
                Shape::Account,
                ("arn:aws:cloudtrail:us-east-1:", ":trail/main"),
                "arn:aws:cloudtrail:*:1111*:trail/main",
                "1111*",
            ),
            (
                "StringEquals",
                Shape::Region,
                ("kms.", ".amazonaws.com"),
                "kms.us-east-1.amazonaws.com",
                "us-east-1",
            ),
            ("StringLike", Shape::Arn, ("", ""), "*1*", "*1*"),
        ] {
            let (mut request, mut symbols) = request("cloudtrail.amazonaws.com kms:Decrypt");
            let mut text = literal(before);
            text.append(symbol(&mut symbols, "part", shape, Nature::Named));
            text.append(literal(behind));
            request.context.set("aws:x", text);
            let read = condition(&format!(r#"{{"{operator}":{{"aws:x":"{pattern}"}}}}"#));
            let decision = evaluate(&read.policy, &request, &symbols);
            assert_eq!(decision.verdict, Verdict::Conditional, "{pattern}");
            let part = vec![part.to_owned()];
            assert_eq!(
                told(&decision),
                [
                    (Verdict::Denied, Vec::new(), part.clone()),
                    (Verdict::Allowed, part, Vec::new()),
                ],
                "{pattern}"
            );
        }
    }
}
