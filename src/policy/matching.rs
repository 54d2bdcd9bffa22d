//! One pass over a policy: what the symbols are taken to be, and the comparison of single values.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};

use super::bindings::{Atom, Bindings, Bound};
use super::condition::{Condition, Constant, Family};
use super::decision::{Blocker, Match};
use super::element::{Entry, Values};
use super::pattern::{
    Token, characters, differ, divide, glob, is_documented, is_told_apart, possible, sure,
};
use super::principal::CallerForms;
use super::request::{ContextValue, Request};
use super::variables::{Form, Pattern, Piece, Syntax, Variable, read};
use super::work::{Work, of_unknown};
use crate::source::Origin;
use crate::value::{Nature, PartKind, Presence, Shape, SymbolId, Symbols, Text};

/// One pass: request, symbols, bindings, and what was met on the way.
pub(super) struct Pass<'a> {
    /// The request.
    pub request: &'a Request,
    /// The table of symbols.
    pub symbols: &'a Symbols,
    /// What they are taken to be.
    pub bindings: &'a Bindings,
    /// What kept comparisons from a sure answer.
    pub blockers: RefCell<Vec<Blocker>>,
    /// Where set, every open comparison is collected and no evaluation is cut short.
    pub atoms: Option<RefCell<Vec<Atom>>>,
    /// What it may still cost: once nothing is left, every comparison is open.
    pub work: &'a Work<'a>,
    /// The caller's forms, once a principal was compared with them.
    pub caller: OnceCell<CallerForms>,
}

/// Stands in for the reason of a hole until the text that holds it is at hand.
const HOLE: &str = "part of the text is not known";

/// Why a comparison is not made.
pub(super) const TOO_MUCH: &str = "the policy asks for more comparisons than are made";

/// How far notes were taken, to drop those of a statement that surely does not match.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    blockers: usize,
    atoms: usize,
}

impl<'a> Pass<'a> {
    pub(super) fn new(
        request: &'a Request,
        symbols: &'a Symbols,
        bindings: &'a Bindings,
        collect: bool,
        work: &'a Work<'a>,
    ) -> Self {
        Pass {
            request,
            symbols,
            bindings,
            blockers: RefCell::default(),
            atoms: collect.then(RefCell::default),
            work,
            caller: OnceCell::new(),
        }
    }

    /// True where an answer that is already sure need not be looked at further.
    pub(super) fn settled(&self, so_far: Match, sure: Match) -> bool {
        so_far == sure && self.atoms.is_none()
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            blockers: self.blockers.borrow().len(),
            atoms: self.atoms.as_ref().map_or(0, |atoms| atoms.borrow().len()),
        }
    }

    pub(super) fn drop_since(&self, mark: Mark) {
        self.blockers.borrow_mut().truncate(mark.blockers);
        if let Some(atoms) = &self.atoms {
            atoms.borrow_mut().truncate(mark.atoms);
        }
    }

    /// Notes something that cannot be split, and answers maybe.
    pub(super) fn undocumented(&self, reason: &str, at: &Origin) -> Match {
        self.blockers.borrow_mut().push(Blocker {
            symbol: None,
            reason: reason.to_owned(),
            at: at.clone(),
        });
        Match::Maybe
    }

    fn block(&self, id: SymbolId, at: &Origin) {
        self.blockers.borrow_mut().push(Blocker {
            symbol: Some(id),
            reason: self.symbols.get(id).reason.clone(),
            at: at.clone(),
        });
    }

    pub(super) fn record(&self, atom: impl FnOnce() -> Atom) {
        if let Some(atoms) = &self.atoms {
            atoms.borrow_mut().push(atom());
        }
    }

    /// Notes every symbol of two texts, and answers maybe.
    fn unsure(&self, left: &[Token], right: &[Token], at: &Origin) -> Match {
        let symbols = || {
            left.iter().chain(right).filter_map(|token| match token {
                Token::Symbol { id, .. } => Some(*id),
                _ => None,
            })
        };
        let is_fresh = |id: &SymbolId| self.symbols.get(*id).nature == Nature::Fresh;
        // What is fresh is in the way only where nothing else is.
        let mut in_the_way: Vec<SymbolId> = symbols().filter(|id| !is_fresh(id)).collect();
        if in_the_way.is_empty() {
            in_the_way.extend(symbols());
        }
        for id in &in_the_way {
            self.block(*id, at);
        }
        if in_the_way.is_empty() {
            self.undocumented(HOLE, at);
        }
        Match::Maybe
    }

    /// Whether something is there.
    pub(super) fn presence(&self, presence: Presence, at: &Origin) -> Match {
        match presence {
            Presence::Present => Match::Yes,
            Presence::Absent => Match::No,
            Presence::Maybe(id) => self.holds(id, at),
        }
    }

    /// A two-valued symbol.
    pub(super) fn holds(&self, id: SymbolId, at: &Origin) -> Match {
        match self.bindings.get(id) {
            Some(Bound::Present(there)) => Match::from(*there),
            Some(Bound::Text(text)) => Match::from(text == "true"),
            Some(Bound::Rest(_)) => Match::Yes,
            None => {
                self.block(id, at);
                self.record(|| Atom::Presence(id));
                Match::Maybe
            }
        }
    }

    /// Whether the unknown rest of a list holds anything; it is not bound.
    pub(super) fn follows(&self, id: SymbolId, at: &Origin) -> Match {
        self.block(id, at);
        self.record(|| Atom::Follows(id));
        Match::Maybe
    }

    /// The text, where it is known.
    pub(super) fn known<'t>(&self, text: &'t Text) -> Option<Cow<'t, str>> {
        if let Some(text) = text.as_literal() {
            return Some(Cow::Borrowed(text));
        }
        let mut out = String::new();
        for part in text.parts() {
            match &part.kind {
                PartKind::Literal(text) => out.push_str(text),
                PartKind::Symbol(id) => out.push_str(self.bindings.text(*id)?),
                PartKind::Hole(_) => return None,
            }
        }
        Some(Cow::Owned(out))
    }

    /// A request's text as tokens.
    pub(super) fn tokens(&self, text: &Text) -> Vec<Token> {
        let mut out = Vec::new();
        for part in text.parts() {
            match &part.kind {
                PartKind::Literal(text) => out.extend(characters(text)),
                PartKind::Symbol(id) => match self.bindings.text(*id) {
                    Some(text) => out.extend(characters(text)),
                    None => out.push(Token::Symbol {
                        id: *id,
                        wild: false,
                    }),
                },
                PartKind::Hole(_) => out.push(Token::Hole),
            }
        }
        out
    }

    /// A policy's text as tokens, variables filled in; nothing where a variable has no value.
    pub(super) fn resolve(&self, pattern: &Pattern, at: &Origin) -> Result<Vec<Token>, Match> {
        let mut out = Vec::new();
        match &pattern.form {
            Form::Exact(text) => out.extend(characters(text)),
            Form::All => out.push(Token::Any { within: false }),
            Form::Glob { tokens, .. } => out.extend_from_slice(tokens),
            Form::Pieces(pieces) => self.fill(pieces, pattern.syntax, at, &mut out)?,
        }
        Ok(out)
    }

    fn fill(
        &self,
        pieces: &[Piece],
        syntax: Syntax,
        at: &Origin,
        out: &mut Vec<Token>,
    ) -> Result<(), Match> {
        for piece in pieces {
            match piece {
                Piece::Variable(variable) => self.variable(variable, at, out)?,
                Piece::Token(Token::Symbol { id, wild }) => match self.bindings.text(*id) {
                    Some(text) => {
                        let mut colons = out.iter().filter(|it| **it == Token::Char(':')).count();
                        let mut inner = Vec::new();
                        read(text, syntax, &mut colons, &mut inner);
                        self.fill(&inner, syntax, at, out)?;
                    }
                    None => out.push(Token::Symbol {
                        id: *id,
                        wild: *wild
                            && matches!(self.symbols.get(*id).shape, Shape::Text | Shape::Rest),
                    }),
                },
                Piece::Token(token) => out.push(*token),
            }
        }
        Ok(())
    }

    /// The value of a policy variable. One without a value matches nothing; so does a key that carries a list (IAM User Guide, policy variables).
    fn variable(
        &self,
        variable: &Variable,
        at: &Origin,
        out: &mut Vec<Token>,
    ) -> Result<(), Match> {
        let value = self.request.context.get(&variable.key);
        let there = value.map_or(Match::No, |value| self.presence(value.presence, at));
        match (there, value) {
            (Match::Maybe, _) => Err(Match::Maybe),
            (
                Match::Yes,
                Some(ContextValue {
                    multivalued: true, ..
                }),
            ) => Err(Match::No),
            (Match::Yes, Some(value)) => {
                let text = value.values.first().ok_or(Match::No)?;
                out.extend(self.tokens(text));
                Ok(())
            }
            _ => {
                let default = variable.default.as_ref().ok_or(Match::No)?;
                out.extend(characters(default));
                Ok(())
            }
        }
    }

    /// Whether a text matches a policy's text.
    pub(super) fn text(&self, pattern: &Pattern, subject: &Text, at: &Origin) -> Match {
        if let Some(subject) = self.known(subject) {
            if !self.work.take(pattern.cost(&subject)) {
                return self.undocumented(TOO_MUCH, at);
            }
            if let Some(matches) = pattern.matches(&subject) {
                return Match::from(matches);
            }
        }
        match self.resolve(pattern, at) {
            Ok(tokens) => {
                let answer = self.compare(self.tokens(subject), tokens, pattern.syntax, at);
                self.name_hole(answer, [&pattern.text, subject]);
                answer
            }
            Err(answer) => answer,
        }
    }

    /// Gives a comparison that hangs on a hole the hole's own reason.
    fn name_hole(&self, answer: Match, texts: [&Text; 2]) {
        if answer != Match::Maybe {
            return;
        }
        let parts = texts.into_iter().flat_map(Text::parts);
        let reason = parts.into_iter().find_map(|part| match &part.kind {
            PartKind::Hole(reason) => Some(reason),
            _ => None,
        });
        if let (Some(last), Some(reason)) = (self.blockers.borrow_mut().last_mut(), reason)
            && last.reason == HOLE
        {
            last.reason.clone_from(reason);
        }
    }

    /// Whether one sequence of tokens matches another.
    pub(super) fn compare(
        &self,
        subject: Vec<Token>,
        mut pattern: Vec<Token>,
        syntax: Syntax,
        at: &Origin,
    ) -> Match {
        let (colons, folded) = (syntax.colons, syntax.folded);
        if differ(&subject, &pattern, folded, self.symbols) {
            return Match::No;
        }
        if !self.work.take(of_unknown(subject.len(), pattern.len())) {
            return self.undocumented(TOO_MUCH, at);
        }
        let written = pattern.clone();
        let certain = divide(&mut pattern, colons, Some(self.symbols));
        let known: Option<String> = subject
            .iter()
            .map(|token| match token {
                Token::Char(letter) => Some(*letter),
                _ => None,
            })
            .collect();
        let unknown = |token: &Token| matches!(token, Token::Symbol { .. } | Token::Hole);
        let open = pattern.iter().any(unknown);
        if !is_documented(&pattern, colons) {
            let loose: Vec<Token> = written.iter().map(|token| token.loose()).collect();
            if !possible(&subject, &loose, folded, self.symbols) {
                return Match::No;
            }
            if known.is_none() {
                self.record(|| Atom::Text {
                    subject,
                    pattern: written,
                    colons,
                    folded,
                });
            }
            return self.undocumented(
                "AWS does not document what an ARN pattern of fewer than six parts matches",
                at,
            );
        }
        if let (Some(text), false) = (&known, open) {
            return Match::from(glob(&pattern, text, folded));
        }
        if sure(&subject, &pattern, folded, self.symbols) {
            return Match::Yes;
        }
        let loose: Vec<Token> = if certain {
            pattern
        } else {
            written.iter().map(|token| token.loose()).collect()
        };
        if !possible(&subject, &loose, folded, self.symbols) {
            // What a fresh text is not tells which of its cases are none.
            if has_cases(&subject, self.symbols) || has_cases(&written, self.symbols) {
                self.record(|| Atom::Text {
                    subject,
                    pattern: written,
                    colons,
                    folded,
                });
            }
            return Match::No;
        }
        let answer = self.unsure(&subject, &written, at);
        self.record(|| Atom::Text {
            subject,
            pattern: written,
            colons,
            folded,
        });
        answer
    }

    /// Whether any text of a list matches, each compared by `meets`.
    pub(super) fn any(&self, values: &Values, meets: &dyn Fn(&Entry, usize) -> Match) -> Match {
        let mut any = Match::No;
        for (at, entry) in values.entries.iter().enumerate() {
            if !self.work.take(1) {
                return any.or(self.undocumented(TOO_MUCH, &entry.at));
            }
            let found = match entry.pattern.as_symbol() {
                Some(id) => self.rest(id, entry, meets),
                _ => meets(entry, at),
            };
            let found = if found == Match::No {
                found
            } else {
                found.and(self.presence(entry.presence, &entry.at))
            };
            any = any.or(found);
            if self.settled(any, Match::Yes) {
                return any;
            }
        }
        if let Some(open) = &values.open {
            let syntax = values.syntax;
            let entry = Entry {
                pattern: Pattern::new(&Text::symbol(open.symbol, open.origin.clone()), syntax),
                presence: Presence::Present,
                at: open.origin.clone(),
            };
            any = any.or(self.rest(open.symbol, &entry, meets));
        }
        any
    }

    /// The unknown rest of a list: any of the texts that it is taken to hold, else one text of which nothing is known.
    fn rest(&self, id: SymbolId, entry: &Entry, meets: &dyn Fn(&Entry, usize) -> Match) -> Match {
        let Some(Bound::Rest(texts)) = self.bindings.get(id) else {
            return meets(entry, usize::MAX);
        };
        let mut any = Match::No;
        for text in texts {
            let entry = Entry {
                pattern: Pattern::new(
                    &Text::literal(text.as_str(), entry.at.clone()),
                    entry.pattern.syntax,
                ),
                presence: Presence::Present,
                at: entry.at.clone(),
            };
            any = any.or(meets(&entry, usize::MAX));
        }
        any
    }

    /// Whether a request's value and one of a condition's values meet.
    pub(super) fn meets(
        &self,
        condition: &Condition,
        family: Family,
        entry: &Entry,
        at: usize,
        subject: &Text,
    ) -> Match {
        if family.is_textual() {
            return self.text(&entry.pattern, subject, &entry.at);
        }
        let parsed = condition.constants.get(at).and_then(Option::as_ref);
        let filled = match parsed {
            Some(_) => None,
            None => self
                .known(&entry.pattern.text)
                .map(|text| family.constant(&text)),
        };
        let wanted = parsed.or(filled.as_ref());
        match (wanted, self.known(subject)) {
            (Some(Constant::None), _) => Match::No,
            (Some(wanted), Some(subject)) => Match::from(family.meets(&subject, wanted)),
            (wanted, _) => self.open_constant(family, entry, wanted, subject),
        }
    }

    fn open_constant(
        &self,
        family: Family,
        entry: &Entry,
        wanted: Option<&Constant>,
        subject: &Text,
    ) -> Match {
        let request = self.tokens(subject);
        let policy = self.tokens(&entry.pattern.text);
        let fresh_address = matches!(request.as_slice(), [Token::Symbol { id, .. }]
            if self.symbols.get(*id).nature == Nature::Fresh);
        if let (true, Some(Constant::Range(range))) = (fresh_address, wanted)
            && !range.is_everything()
        {
            return Match::No;
        }
        let answer = self.unsure(&request, &policy, &entry.at);
        self.name_hole(answer, [&entry.pattern.text, subject]);
        self.record(|| Atom::Constant {
            family,
            request,
            policy,
        });
        answer
    }
}

/// True where a fresh text that is told apart by patterns stands among the tokens.
fn has_cases(tokens: &[Token], symbols: &Symbols) -> bool {
    tokens
        .iter()
        .any(|token| matches!(token, Token::Symbol { id, .. } if is_told_apart(symbols.get(*id))))
}
