//! The search itself: depth first over what the caller may choose, and then over what nobody knows.

use std::cell::RefCell;

use super::ask::{Ask, Asked, Known};
use super::constraint::Constraints;
use super::witness::Draft;
use super::{Answer, Question, Search, may_allow};
use crate::policy::bindings::{Bindings, Bound, once};
use crate::policy::cells::{self, Cell};
use crate::policy::decision::{Blocker, Match};
use crate::policy::matching::Pass;
use crate::policy::pattern::width;
use crate::policy::work::{DEEPEST, Work, of_bound};
use crate::policy::{Effect, Policy, Request, Statement};
use crate::value::{Nature, Shape, SymbolId, Symbols};

/// More evaluations than this are not made for one answer.
const PASSES: usize = 20_000;
/// Unknown values that are split one inside the other.
const DEPTH: usize = 24;

const UNTRUE: &str = "the request that was found is not allowed when it is evaluated";
const UNLISTED: &str =
    "a statement allows it, and the policy may hold others that are not known and deny it";
const TOO_MANY: &str = "the policy tells too many requests apart";
const TOO_MANY_KEYS: &str = "the policy tests too many keys of the encryption context";
const TOO_LONG: &str = "the policy's patterns are too long, or too many, to be taken apart";

/// Answers a question.
pub(super) fn ask(search: &mut Search, question: &Question<'_>, known: &Known) -> Answer {
    let policies: Vec<&Policy> = [question.policy]
        .into_iter()
        .chain(question.before)
        .collect();
    for policy in &policies {
        if let Some(blocker) = unreadable(policy, &search.symbols) {
            return Answer::Open(vec![blocker]);
        }
    }
    let work = Work::of_question(&known.spent);
    if work.is_spent() {
        return Answer::Incomplete(TOO_MANY);
    }
    let statements = || policies.iter().flat_map(|policy| &policy.statements);
    let texts = statements().flat_map(Statement::patterns).count();
    let keys: usize = policies.iter().map(|policy| policy.keys().len()).sum();
    // Each is read some times; keys are compared with one another.
    if !work.take_pairs(&[(statements().count(), 16), (texts, 16), (keys, keys)]) {
        return Answer::Incomplete(TOO_MANY);
    }
    let statements = match question.statement {
        Some(one) => vec![one],
        None => may_allow(question.policy, question.action.name),
    };
    let asked = Ask {
        symbols: &mut search.symbols,
        target: question.target,
        asker: question.asker,
        action: question.action,
        without: question.without,
        digits: known.digits,
    }
    .requests(known);
    let Some(Asked { ways, constraints }) = asked else {
        return Answer::Incomplete(TOO_MANY_KEYS);
    };
    let mut answer = Answer::No;
    for statement in statements {
        for request in &ways {
            let run = Run {
                question,
                statement,
                request,
                constraints: &constraints,
                symbols: &search.symbols,
                work: &work,
                passes: RefCell::new(0),
                short: RefCell::new(None),
            };
            let found = run.answer();
            search.most = search.most.max(run.passes.into_inner());
            answer = answer.or(found);
            if matches!(answer, Answer::Yes(_)) {
                return unsettle(answer, &policies, &search.symbols);
            }
        }
    }
    unsettle(answer, &policies, &search.symbols)
}

/// What keeps a policy from being read at all.
fn unreadable(policy: &Policy, symbols: &Symbols) -> Option<Blocker> {
    let reason = match policy.unknown {
        Some(id) => symbols.get(id).reason.clone(),
        None if policy.rejected => "AWS rejects this policy".to_owned(),
        None => return None,
    };
    Some(Blocker {
        symbol: policy.unknown,
        reason,
        at: policy.origin.clone(),
    })
}

/// A policy that may hold more statements may deny what was found, and the one before may have allowed it.
fn unsettle(answer: Answer, policies: &[&Policy], symbols: &Symbols) -> Answer {
    let open: Vec<Blocker> = policies
        .iter()
        .filter_map(|policy| policy.open.as_ref())
        .map(|open| Blocker {
            symbol: Some(open.symbol),
            reason: symbols.get(open.symbol).reason.clone(),
            at: open.origin.clone(),
        })
        .collect();
    match answer {
        answer if open.is_empty() => answer,
        Answer::Yes(witness) => Answer::Unsure(witness, open),
        Answer::Unsure(witness, mut on) => {
            on.extend(open);
            Answer::Unsure(witness, on)
        }
        other => other,
    }
}

/// What a node of the search found.
enum Node {
    No,
    Yes(Bindings),
    /// Only what nobody knows is left.
    Open(Vec<Blocker>),
}

/// What was found under every value of what nobody knows.
enum Found {
    No,
    Sure(Bindings),
    Unsure(Bindings, Vec<Blocker>),
    Open(Vec<Blocker>),
}

/// One statement and one way to ask.
struct Run<'r> {
    question: &'r Question<'r>,
    statement: usize,
    request: &'r Request,
    constraints: &'r Constraints,
    symbols: &'r Symbols,
    work: &'r Work<'r>,
    passes: RefCell<usize>,
    short: RefCell<Option<&'static str>>,
}

impl Run<'_> {
    fn answer(&self) -> Answer {
        let found = self.settle(&Bindings::default(), 0);
        let draft = |bindings: Bindings| {
            Draft {
                question: self.question,
                statement: self.statement,
                request: self.request,
                constraints: self.constraints,
                symbols: self.symbols,
                work: self.work,
            }
            .witness(&bindings)
        };
        match found {
            Found::Sure(bindings) => match draft(bindings) {
                Some(witness) => Answer::Yes(witness),
                None if self.work.is_spent() => Answer::Incomplete(TOO_MANY),
                None if self.question.policy.open.is_some() => Answer::Incomplete(UNLISTED),
                None => Answer::Incomplete(UNTRUE),
            },
            Found::Unsure(bindings, on) => match draft(bindings) {
                Some(witness) => Answer::Unsure(witness, on),
                None => Answer::Open(on),
            },
            Found::Open(blockers) => Answer::Open(blockers),
            Found::No => match *self.short.borrow() {
                Some(reason) => Answer::Incomplete(reason),
                None => Answer::No,
            },
        }
    }

    /// The answer for every value of what nobody knows.
    fn settle(&self, bindings: &Bindings, depth: usize) -> Found {
        // What is not known goes before what is chosen: a choice may follow it.
        let blockers = match self.first(bindings) {
            Node::No => return Found::No,
            Node::Yes(bindings) => return Found::Sure(bindings),
            Node::Open(blockers) => blockers,
        };
        let (id, blockers) = match self.unknown(&blockers, bindings) {
            Some(id) => (id, blockers),
            None => match self.node(bindings) {
                Node::No => return Found::No,
                Node::Yes(bindings) => return Found::Sure(bindings),
                Node::Open(blockers) => match self.unknown(&blockers, bindings) {
                    Some(id) => (id, blockers),
                    None => return Found::Open(blockers),
                },
            },
        };
        if depth >= DEPTH {
            return Found::Open(blockers);
        }
        let mut own = blockers;
        own.retain(|blocker| blocker.symbol == Some(id));
        own.truncate(1);
        if let Some(found) = self.examples(id, bindings, &own, depth) {
            return found;
        }
        let (cells, complete) = self.cells(id, bindings);
        if !complete {
            self.stop(TOO_LONG);
        }
        self.under_all(
            id,
            cells.iter().map(|cell| &cell.bound),
            bindings,
            (own, complete),
            depth,
        )
    }

    /// A text of which nothing is known may be a wildcard, or a word: where the two differ, that is the answer, and its cells are not needed.
    fn examples(
        &self,
        id: SymbolId,
        bindings: &Bindings,
        own: &[Blocker],
        depth: usize,
    ) -> Option<Found> {
        let word = "\u{E001}\u{E002}\u{E003}".to_owned();
        let texts = ["*".to_owned(), word, "arn:*:*:*:*:*".to_owned()];
        let bounds: Vec<Bound> = match self.symbols.get(id).shape {
            Shape::Text => texts.into_iter().map(Bound::Text).collect(),
            Shape::Rest => texts.into_iter().map(|it| Bound::Rest(vec![it])).collect(),
            _ => return None,
        };
        match self.under_all(id, bounds.iter(), bindings, (own.to_vec(), true), depth) {
            found @ Found::Unsure(..) => Some(found),
            _ => None,
        }
    }

    /// The answer under each of some values of what nobody knows, joined.
    fn under_all<'b>(
        &self,
        id: SymbolId,
        bounds: impl Iterator<Item = &'b Bound>,
        bindings: &Bindings,
        (own, complete): (Vec<Blocker>, bool),
        depth: usize,
    ) -> Found {
        let mut sure: Option<Bindings> = None;
        let mut unsure: Option<(Bindings, Vec<Blocker>)> = None;
        let mut open: Option<Vec<Blocker>> = None;
        let mut never = !complete;
        for bound in bounds {
            match self.settle(&bindings.with(id, bound.clone()), depth + 1) {
                // The cell of all that the policy does not name comes last, and shows best what is meant.
                Found::Sure(bindings) => sure = Some(bindings),
                Found::No => never = true,
                Found::Unsure(bindings, on) => unsure = unsure.or(Some((bindings, on))),
                Found::Open(blockers) => open = open.or(Some(blockers)),
            }
            let found = sure.is_some() || unsure.is_some();
            if found && (never || unsure.is_some() || open.is_some()) {
                break;
            }
        }
        match (sure, unsure, open) {
            (Some(bindings), None, None) if !never => Found::Sure(bindings),
            (Some(bindings), _, _) => Found::Unsure(bindings, own),
            (None, Some((bindings, mut on)), _) => {
                on.extend(own);
                Found::Unsure(bindings, on)
            }
            (None, None, Some(blockers)) => Found::Open(blockers),
            (None, None, None) => Found::No,
        }
    }

    /// What nobody knows among some blockers, the narrowest first.
    fn unknown(&self, blockers: &[Blocker], bindings: &Bindings) -> Option<SymbolId> {
        let symbols = blockers.iter().filter_map(|blocker| blocker.symbol);
        symbols
            .filter(|id| {
                let nature = self.symbols.get(*id).nature;
                !matches!(nature, Nature::Fresh | Nature::Free) && bindings.get(*id).is_none()
            })
            .min_by_key(|id| (width(self.symbols.get(*id).shape), *id))
    }

    /// One pass, and what blocks it.
    fn first(&self, bindings: &Bindings) -> Node {
        let too_deep = bindings.len() > DEEPEST;
        let cost = of_bound(bindings.len());
        if too_deep || *self.passes.borrow() >= PASSES || !self.work.take(cost) {
            self.stop(TOO_MANY);
            return Node::No;
        }
        *self.passes.borrow_mut() += 1;
        let pass = Pass::new(self.request, self.symbols, bindings, false, self.work);
        match self.goal(&pass) {
            Match::No => Node::No,
            Match::Yes => Node::Yes(bindings.clone()),
            Match::Maybe => Node::Open(pass.blockers.take()),
        }
    }

    /// The answer under some choices of the caller's, and all that follow.
    fn node(&self, bindings: &Bindings) -> Node {
        let blockers = match self.first(bindings) {
            Node::Open(blockers) => blockers,
            sure => return sure,
        };
        let free = blockers.iter().filter_map(|blocker| blocker.symbol);
        let next = free
            .filter(|id| {
                self.symbols.get(*id).nature == Nature::Free && bindings.get(*id).is_none()
            })
            .min_by_key(|id| (width(self.symbols.get(*id).shape), *id));
        let Some(id) = next else {
            return Node::Open(blockers);
        };
        let (cells, complete) = self.cells(id, bindings);
        let mut open = None;
        for cell in &cells {
            let under = bindings.with(id, cell.bound.clone());
            if !self.constraints.hold(&under, self.symbols) {
                continue;
            }
            match self.node(&under) {
                Node::No => {}
                Node::Yes(bindings) => return Node::Yes(bindings),
                Node::Open(blockers) => open = open.or(Some(blockers)),
            }
        }
        if !complete {
            self.stop(TOO_LONG);
        }
        open.map_or(Node::No, Node::Open)
    }

    fn stop(&self, reason: &'static str) {
        self.short.borrow_mut().get_or_insert(reason);
    }

    /// The cells of a symbol, *absent* before *present*.
    fn cells(&self, id: SymbolId, bindings: &Bindings) -> (Vec<Cell>, bool) {
        let pass = Pass::new(self.request, self.symbols, bindings, true, self.work);
        let _ = self.goal(&pass);
        let collected = pass.atoms.map(RefCell::into_inner).unwrap_or_default();
        let all = collected.into_iter();
        let atoms = once(all.chain(self.constraints.atoms(id, bindings)));
        let in_request = self
            .request
            .context
            .iter()
            .any(|value| value.open.as_ref().is_some_and(|open| open.symbol == id));
        let asked = cells::Asked {
            atoms: &atoms,
            in_request,
            names: &|_| String::new(),
        };
        let mut found = cells::cells(id, &asked, self.symbols, self.work);
        found
            .known
            .sort_by_key(|cell| cell.bound == Bound::Present(true));
        let complete = found.complete && !found.known.is_empty();
        (found.known, complete)
    }

    /// Whether the statement lets the caller, no Deny forbids it, and the policy before did not allow it.
    fn goal(&self, pass: &Pass<'_>) -> Match {
        goal(pass, self.question, self.statement)
    }
}

/// Whether a statement allows the request of a pass, no Deny forbids it, and the policy before did not allow it.
pub(super) fn goal(pass: &Pass<'_>, question: &Question<'_>, statement: usize) -> Match {
    let now = pass.grants(question.policy, Some(statement), question.direct);
    if pass.settled(now, Match::No) {
        return Match::No;
    }
    match question.before {
        Some(before) => now.and(pass.grants(before, None, false).not()),
        None => now,
    }
}

impl Pass<'_> {
    /// Whether a policy lets the caller, whose own policies are taken to allow everything: one statement of it, or any.
    fn grants(&self, policy: &Policy, only: Option<usize>, direct: bool) -> Match {
        let (mut allow, mut deny) = (Match::No, Match::No);
        let is_wanted = |at: usize| only.is_none_or(|only| only == at);
        let mut say = |at: usize, statement: &Statement| {
            let says = self.says(policy.kind, statement);
            if is_wanted(at) {
                allow = allow.or(if direct { says.direct } else { says.any });
            }
            deny = deny.or(says.deny);
            (allow, deny)
        };
        if let Some(only) = only
            && let Some(statement) = policy.statements.get(only)
            && self.settled(say(only, statement).0, Match::No)
        {
            return Match::No;
        }
        for (at, statement) in policy.statements.iter().enumerate() {
            let counts = match only {
                Some(only) => at != only && statement.effect != Some(Effect::Allow),
                None => true,
            };
            if counts && self.settled(say(at, statement).1, Match::Yes) {
                return Match::No;
            }
        }
        allow.and(deny.not())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::policy::exposure::{Asker, Target, find_action};
    use crate::policy::testing::{KEY, Read, request};
    use crate::policy::{Caller, Context};
    use crate::source::{Origin, Span};
    use crate::value::{Shape, Symbol, Text};

    #[test]
    fn a_search_has_a_depth_and_a_number_of_steps() {
        let read = Read::statements(
            r#"{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}"#,
        );
        let literal = |text: &str| Text::literal(text, Origin::new(Span { start: 0, end: 0 }));
        let (arn, account, properties) = (literal(KEY), literal("111122223333"), Context::new());
        let target = Target {
            arn: &arn,
            account: &account,
            partition: "aws".to_owned(),
            properties: &properties,
            accounts: &[],
            organizations: &[],
        };
        let asker = Asker::Service {
            name: "sns.amazonaws.com".to_owned(),
            account: None,
        };
        let question = Question {
            policy: &read.policy,
            before: None,
            target: &target,
            asker: &asker,
            action: find_action("kms:Decrypt").unwrap(),
            statement: None,
            direct: false,
            without: &[],
        };
        let (mut request, mut symbols) = request("sns.amazonaws.com kms:Decrypt");
        request.principal = Caller::Service("sns.amazonaws.com".to_owned());
        let bound: Vec<SymbolId> = (0..=DEEPEST)
            .map(|at| symbols.intern(Symbol::for_test(&at.to_string(), Shape::Text, Nature::Free)))
            .collect();
        let constraints = Constraints::new(&[&read.policy], &target);
        let spent = Work::with(0);
        let alone = Work::alone();
        for (deep, passes, work, goes_on) in [
            (0, 0, &alone, true),
            (DEEPEST, PASSES - 1, &alone, true),
            (DEEPEST + 1, 0, &alone, false),
            (0, PASSES, &alone, false),
            (0, 0, &spent, false),
        ] {
            let run = Run {
                question: &question,
                statement: 0,
                request: &request,
                constraints: &constraints,
                symbols: &symbols,
                work,
                passes: RefCell::new(passes),
                short: RefCell::new(None),
            };
            let bindings = bound
                .iter()
                .take(deep)
                .fold(Bindings::default(), |all, id| {
                    all.with(*id, Bound::Text("a".to_owned()))
                });
            let found = run.first(&bindings);
            assert_eq!(matches!(found, Node::Yes(_)), goes_on, "{deep} {passes}");
            let stopped = (!goes_on).then_some(TOO_MANY);
            assert_eq!(run.short.into_inner(), stopped, "{deep} {passes}");
        }
    }
}
