//! Which requests an outsider could make that a policy allows.
//!
//! The requests of one asker and one action are a request whose free parts are symbols. [`Search::ask`] takes one Allow statement after the other
//! (a request needs one alone; every Deny counts) and splits what the caller may choose over the cells that the policy's own patterns cut its
//! values into, each with a concrete text, *absent* among them, until the one evaluator says yes or no. What nobody knows is no choice of the
//! caller's: the answer must hold for each of its values, else it is [`Answer::Unsure`]. Every witness is evaluated once more as a concrete
//! request before it is told.
//!
//! Source of the method: Backes et al., "Semantic-based Automated Reasoning for AWS Access Policies using SMT" (FMCAD 2018), with cells in place
//! of a solver: the values of one context key are cut by finitely many patterns.

mod ask;
mod carried;
mod constraint;
mod search;
mod witness;

#[cfg(test)]
mod tests;

pub use super::actions::{Action, ActionClass, find as find_action};
pub use ask::Known;
pub use witness::{Carried, Witness};

pub(crate) use constraint::{accounts_in, organizations_in};

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::actions;
use super::decision::Blocker;
use super::{Context, Effect, Match, Policy, Statement};
use crate::value::{Symbols, Text};

/// Who asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Asker {
    /// Somebody of an account that neither the policy nor [`Target::accounts`] names.
    Stranger(Kind),
    /// Somebody of this account whom no policy names.
    Of {
        /// The account.
        account: Text,
        /// What they are.
        kind: Kind,
    },
    /// This principal: the ARN of a user, role or session, or of the root user of an account.
    Named(Text),
    /// A role of such an account, which belongs to this organization.
    Member(String),
    /// A service, acting for an account.
    Service {
        /// `cloudtrail.amazonaws.com`
        name: String,
        /// The account; none: one that neither the policy nor [`Target::accounts`] names.
        account: Option<Text>,
    },
}

/// Kinds of principals of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A role.
    Role,
    /// A user.
    User,
    /// The root user.
    Root,
    /// A federated user.
    Federated,
}

impl Kind {
    /// All of them, the most common first.
    pub const ALL: &'static [Kind] = &[Kind::Role, Kind::User, Kind::Root, Kind::Federated];
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Target<'t> {
    /// The key's ARN.
    pub arn: &'t Text,
    /// The account that owns it.
    pub account: &'t Text,
    /// The partition of outsiders, `aws`: no request crosses it.
    pub partition: String,
    /// What is known of the key under the keys of the request context, `kms:KeySpec`.
    pub properties: &'t Context,
    /// Accounts that are no stranger's, besides the key's own and those that the policy names.
    pub accounts: &'t [Text],
    /// Organizations that a stranger's account is in none of, besides those that the policy names.
    pub organizations: &'t [Text],
}

/// A question: can this asker do this?
#[derive(Clone, Debug)]
pub struct Question<'q> {
    /// The policy.
    pub policy: &'q Policy,
    /// The policy that must not allow the same request: then what is found is newly allowed.
    pub before: Option<&'q Policy>,
    /// On which key.
    pub target: &'q Target<'q>,
    /// Who.
    pub asker: &'q Asker,
    /// What.
    pub action: &'static Action,
    /// The Allow statement that must let them; none: any.
    pub statement: Option<usize>,
    /// True where the statement must name the asker, and not only the account.
    pub direct: bool,
    /// Context keys that the request must lack, lower-cased.
    pub without: &'q [&'q str],
}

/// The answer to a [`Question`]. The asker's own IAM policies are taken to allow everything.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Surely not.
    No,
    /// This request is allowed, whatever is not known.
    Yes(Witness),
    /// This request is allowed if what is not known is as the witness says.
    Unsure(Witness, Vec<Blocker>),
    /// What is not known and cannot be split may allow it.
    Open(Vec<Blocker>),
    /// The search stopped short, for this reason.
    Incomplete(&'static str),
}

impl Answer {
    /// The request, sure or not.
    pub fn witness(&self) -> Option<&Witness> {
        match self {
            Answer::Yes(witness) | Answer::Unsure(witness, _) => Some(witness),
            Answer::No | Answer::Open(_) | Answer::Incomplete(_) => None,
        }
    }

    /// The more telling of two: what is sure, then what may be.
    #[must_use]
    pub fn or(self, other: Answer) -> Answer {
        let rank = |answer: &Answer| match answer {
            Answer::Yes(_) => 4,
            Answer::Unsure(..) => 3,
            Answer::Open(_) => 2,
            Answer::Incomplete(_) => 1,
            Answer::No => 0,
        };
        if rank(&other) > rank(&self) {
            other
        } else {
            self
        }
    }
}

/// Searches for requests. It keeps what outsiders may choose under names of its own, beside the symbols of the policies.
#[derive(Clone, Debug)]
pub struct Search {
    symbols: Symbols,
    /// The most evaluations that were needed for one answer.
    pub most: usize,
}

impl Search {
    /// A search over policies that hold these symbols.
    pub fn new(symbols: &Symbols) -> Self {
        Search {
            symbols: symbols.clone(),
            most: 0,
        }
    }

    /// The symbols of the policies and of the requests.
    pub fn symbols(&self) -> &Symbols {
        &self.symbols
    }

    /// The answer to a question.
    pub fn ask(&mut self, question: &Question<'_>) -> Answer {
        let policies: Vec<&Policy> = [question.policy]
            .into_iter()
            .chain(question.before)
            .collect();
        let known = Known::of(&policies, question.target);
        self.ask_knowing(question, &known)
    }

    /// The answer to a question, of whose policies and target it is known what they say.
    pub fn ask_knowing(&mut self, question: &Question<'_>, known: &Known) -> Answer {
        search::ask(self, question, known)
    }
}

/// The actions that no statement of the policies and no condition key tells apart, in groups; the first of each stands for all.
pub fn alike(policies: &[&Policy], actions: &[&'static Action]) -> Vec<Vec<&'static Action>> {
    let keys: Vec<String> = policies.iter().flat_map(|policy| policy.keys()).collect();
    let marks = |action: &Action| -> (Vec<Match>, Vec<Option<bool>>, bool) {
        let statements = policies.iter().flat_map(|policy| &policy.statements);
        (
            statements
                .map(|statement| statement.may_match_action(action.name))
                .collect(),
            keys.iter()
                .map(|key| actions::sends(action.name, key))
                .collect(),
            action.takes_context,
        )
    };
    grouped(actions, marks)
}

/// The actions in groups that have the same mark, in the order of the first of each.
fn grouped<M: PartialEq>(
    actions: &[&'static Action],
    mark: impl Fn(&'static Action) -> M,
) -> Vec<Vec<&'static Action>> {
    let mut groups: Vec<(M, Vec<&'static Action>)> = Vec::new();
    for action in actions {
        let own = mark(action);
        match groups.iter_mut().find(|(other, _)| *other == own) {
            Some((_, group)) => group.push(*action),
            None => groups.push((own, vec![*action])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// The number of the group of each action that a policy does not tell apart, worked out when it is first asked for. A copy works it out anew, as it
/// may be changed before.
#[derive(Default)]
pub(super) struct Groups(OnceLock<BTreeMap<&'static str, usize>>);

impl Clone for Groups {
    fn clone(&self) -> Self {
        Groups::default()
    }
}

impl Policy {
    /// The kinds of strangers that the policy may tell apart: one where no condition asks who they are within their account, and no principal can be
    /// one of them.
    pub(crate) fn kinds(&self) -> &'static [Kind] {
        let asks = |key: &String| {
            matches!(
                key.as_str(),
                "aws:principalarn" | "aws:principaltype" | "aws:username"
            )
        };
        let may_name = |statement: &Statement| {
            statement.names_everybody_but()
                || statement.may_name_more()
                || statement
                    .principals()
                    .any(|it| it.text.to_literal().is_none())
        };
        let apart = self.open.is_some()
            || self.keys().iter().any(asks)
            || self.statements.iter().any(may_name);
        let (most_common, _) = Kind::ALL.split_at(1);
        if apart { Kind::ALL } else { most_common }
    }

    /// [`alike`] of this policy alone, which is asked once for all of its statements.
    pub(crate) fn alike(&self, actions: &[&'static Action]) -> Vec<Vec<&'static Action>> {
        let numbers = self.groups.0.get_or_init(|| {
            let all: Vec<&'static Action> = actions::names().filter_map(find_action).collect();
            let groups = alike(&[self], &all).into_iter().enumerate();
            let numbered = |(at, group): (usize, Vec<&'static Action>)| {
                group.into_iter().map(move |it| (it.name, at))
            };
            groups.flat_map(numbered).collect()
        });
        grouped(actions, |action| numbers.get(action.name))
    }
}

/// The indexes of the statements that may allow an action.
pub(crate) fn may_allow(policy: &Policy, action: &str) -> Vec<usize> {
    let allows = |statement: &Statement| {
        statement.effect != Some(Effect::Deny) && statement.may_match_action(action) != Match::No
    };
    let statements = policy.statements.iter().enumerate();
    statements
        .filter(|(_, statement)| allows(statement))
        .map(|(at, _)| at)
        .collect()
}
