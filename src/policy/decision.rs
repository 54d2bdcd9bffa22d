//! The answer to a request, and its reasons.

use std::fmt;

use super::Effect;
use crate::source::Origin;
use crate::value::{SymbolId, Text};

/// The answer to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Surely allowed.
    Allowed,
    /// Surely denied.
    Denied,
    /// Allowed for some values of a named symbol and denied for others: [`Decision::cases`] says which.
    Conditional,
    /// The resource's policy leaves it to the IAM policies of the caller's account.
    Delegated,
    /// Neither can be said: [`Decision::blocked_by`] says why.
    Undecided,
}

impl Verdict {
    /// The word of the reports.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Allowed => "allowed",
            Verdict::Denied => "denied",
            Verdict::Conditional => "conditional",
            Verdict::Delegated => "delegated",
            Verdict::Undecided => "undecided",
        }
    }
}

/// The answer, which statements gave it, and for each other the first element that failed.
#[derive(Clone)]
pub struct Decision {
    /// The answer.
    pub verdict: Verdict,
    /// True where a Deny statement gave it.
    pub explicit: bool,
    /// The answer for each set of values that the policy tells apart; empty where nothing symbolic was met.
    pub cases: Vec<Case>,
    /// What an undecided or conditional answer hangs on.
    pub blocked_by: Vec<Blocker>,
    /// One for each statement, in order, before anything was fixed.
    pub statements: Vec<Outcome>,
}

/// The verdict under some values of the symbols.
#[derive(Clone, PartialEq)]
pub struct Case {
    /// All of these hold.
    pub when: Vec<Fixed>,
    /// Then this is the answer: allowed, denied, delegated or undecided.
    pub verdict: Verdict,
    /// True where a Deny statement gave it.
    pub explicit: bool,
}

/// What a symbol is in a case. `present` alone speaks for a symbol of shape [`Presence`](crate::value::Shape::Presence).
#[derive(Clone, PartialEq)]
pub struct Fixed {
    /// The symbol.
    pub symbol: SymbolId,
    /// It is one of these texts, or matches one of these patterns; empty: anything but what `not_in` holds.
    pub within: Vec<Word>,
    /// It is none of these and matches none of these.
    pub not_in: Vec<Word>,
    /// Whether the thing is there, for a presence.
    pub present: Option<bool>,
}

/// What is said of a symbol's text, as it is shown.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word {
    /// The text or pattern, other symbols in it by name: `111122223333`, `arn:aws:iam::*:role/${var.reader}`, `< 2027-01-01T00:00:00Z`.
    pub text: String,
    /// True where it stands for this one text, so that two that differ are never the same.
    pub exact: bool,
}

/// Sorts words and keeps each once.
pub(super) fn once_each(words: &mut Vec<Word>) {
    // Of two that are shown alike the one that says less comes first.
    words.sort_unstable();
    words.dedup_by(|later, kept| later.text == kept.text);
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What keeps a comparison from a sure answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Blocker {
    /// The symbol that was met; none: a hole, or a form that AWS does not document.
    pub symbol: Option<SymbolId>,
    /// Why nothing is known, in words: the symbol's reason, the hole's, or the undocumented form.
    pub reason: String,
    /// The place in the policy where it was met.
    pub at: Origin,
}

/// Three-valued truth. Never a `bool`: unknown is not false, and the negation of unknown is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Match {
    /// Surely.
    Yes,
    /// Surely not.
    No,
    /// It depends on something that is not known.
    Maybe,
}

impl Match {
    /// Both.
    #[must_use]
    pub fn and(self, other: Match) -> Match {
        match (self, other) {
            (Match::No, _) | (_, Match::No) => Match::No,
            (Match::Yes, Match::Yes) => Match::Yes,
            _ => Match::Maybe,
        }
    }

    /// Either.
    #[must_use]
    pub fn or(self, other: Match) -> Match {
        match (self, other) {
            (Match::Yes, _) | (_, Match::Yes) => Match::Yes,
            (Match::No, Match::No) => Match::No,
            _ => Match::Maybe,
        }
    }

    /// The other answer; maybe stays maybe.
    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "three-valued logic, not the operator `!`"
    )]
    pub fn not(self) -> Match {
        match self {
            Match::Yes => Match::No,
            Match::No => Match::Yes,
            Match::Maybe => Match::Maybe,
        }
    }
}

impl From<bool> for Match {
    fn from(sure: bool) -> Self {
        if sure { Match::Yes } else { Match::No }
    }
}

/// How one statement met the request.
#[derive(Clone)]
pub struct Outcome {
    /// Its index in the policy, from 0.
    pub index: usize,
    /// Its effect; none where it is not known.
    pub effect: Option<Effect>,
    /// All of its elements together.
    pub matches: Match,
    /// Its principal element alone. A delegation (the caller's account is named, or `*` for a foreign caller) counts as a match.
    pub principal: Match,
    /// True where the principal matched through the caller's account only.
    pub through_account: bool,
    /// Its action element alone.
    pub action: Match,
    /// Its resource element alone.
    pub resource: Match,
    /// How many of its condition keys hold, of how many.
    pub conditions: (usize, usize),
    /// The first element that does not surely match, in the order principal, action, resource, condition (a No before a Maybe).
    pub failed: Option<Failed>,
}

/// The element of a statement that failed: the policy's value beside the request's.
#[derive(Clone)]
pub struct Failed {
    /// Which element.
    pub element: Element,
    /// The condition operator, for a condition.
    pub operator: Option<String>,
    /// The condition key, for a condition.
    pub key: Option<String>,
    /// Where the condition key was written, for a condition.
    pub key_at: Option<Origin>,
    /// What the policy says.
    pub policy: Vec<Text>,
    /// What the request carries; empty where the key is absent.
    pub request: Vec<Text>,
    /// True where the request surely or perhaps lacks the key.
    pub absent: bool,
    /// No or Maybe.
    pub matches: Match,
    /// The place to point at: the one value that was meant to match, else the element.
    pub at: Origin,
}

/// An element of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Element {
    /// `Principal`
    Principal,
    /// `NotPrincipal`
    NotPrincipal,
    /// `Action`
    Action,
    /// `NotAction`
    NotAction,
    /// `Resource`
    Resource,
    /// `NotResource`
    NotResource,
    /// `Condition`
    Condition,
    /// The statement has no effect as a whole: an element that it needs is missing.
    Statement,
}

impl Element {
    /// The element's name in a policy.
    pub fn name(self) -> &'static str {
        match self {
            Element::Principal => "Principal",
            Element::NotPrincipal => "NotPrincipal",
            Element::Action => "Action",
            Element::NotAction => "NotAction",
            Element::Resource => "Resource",
            Element::NotResource => "NotResource",
            Element::Condition => "Condition",
            Element::Statement => "Statement",
        }
    }
}
