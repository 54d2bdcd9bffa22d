//! The IAM policy language: policies, requests, and the three-valued answer with its reasons.
//!
//! It knows nothing of Terraform or files, does no I/O, has no clock and never panics, whatever the policy. Three calls:
//! [`parse`] reads a [`Value`](crate::value::Value), [`evaluate`] answers one [`Request`], and the [`Decision`] says which statements
//! decided and why the others did not.
//!
//! [`wire`] has the three in one, for a policy and a request that are JSON:
//!
//! ```
//! # fn main() -> Result<(), keytrail::policy::wire::LineError> {
//! let line = r#"{
//!   "id": "encrypt",
//!   "policy": {"Version": "2012-10-17", "Statement": {
//!     "Effect": "Allow",
//!     "Principal": {"Service": "cloudtrail.amazonaws.com"},
//!     "Action": "kms:GenerateDataKey*",
//!     "Resource": "*",
//!     "Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"}}
//!   }},
//!   "request": {
//!     "principal": "cloudtrail.amazonaws.com",
//!     "action": "kms:GenerateDataKey",
//!     "resource": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
//!     "context": {"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/other"}
//!   }
//! }"#;
//! let answer = keytrail::policy::wire::Line::read(line)?.answer()?;
//! assert_eq!(answer.verdict, "denied");
//! let failed = answer.statements[0].failed.as_ref().and_then(|it| it.key.as_deref());
//! assert_eq!(failed, Some("aws:SourceArn"));
//! # Ok(())
//! # }
//! ```

pub mod actions;
mod automaton;
mod bindings;
mod canonical;
mod cases;
mod cells;
mod classes;
mod condition;
mod cuts;
mod decision;
mod describe;
mod element;
mod evaluate;
mod explain;
pub mod exposure;
mod holding;
pub mod keys;
mod matching;
mod parse;
mod pattern;
mod principal;
mod quiet;
mod request;
pub mod requests;
mod scalar;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod variables;
mod view;
pub mod wire;
mod work;

pub use canonical::Canonical;
pub use cases::evaluate;
pub(crate) use cases::evaluate_granted;
pub use decision::{
    Blocker, Case, Decision, Element, Failed, Fixed, Match, Outcome, Verdict, Word,
};
pub use element::{NamedCondition, NamedPrincipal, PrincipalType};
pub use evaluate::{Answer, answer};
pub use explain::nearest;
pub use parse::parse;
pub use request::{Caller, Context, ContextValue, Identity, Request};
pub use view::{Clause, Compares, Texted, Written};

use crate::source::Origin;
use crate::value::{Open, Presence, SymbolId, Text};

/// What a policy is attached to; it decides which elements are required.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKind {
    /// The policy of a KMS key: principals are required; a statement without Action or Resource has no effect.
    Key,
    /// An IAM policy of a user, group or role: no principals.
    Identity,
    /// A role's trust policy: principals are required, there is no Resource.
    Trust,
}

/// Which of two equal keys of an object counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duplicates {
    /// The last, as Terraform and AWS read it.
    Last,
    /// The first, as the author may have meant it.
    First,
}

/// A parsed policy.
#[derive(Clone)]
pub struct Policy {
    /// What it is attached to.
    pub kind: PolicyKind,
    /// The statements in order.
    pub statements: Vec<Statement>,
    /// Set where more statements may follow.
    pub open: Option<Open>,
    /// Set where the whole policy is unknown: it has no statements, and every answer is undecided.
    pub unknown: Option<SymbolId>,
    /// True where `${...}` is a variable: the version is 2012-10-17, or not known.
    variables: bool,
    /// True where AWS would refuse the policy; it then has no verdicts (every answer is undecided).
    pub rejected: bool,
    /// The place to point at for the policy as a whole: its `Statement` key, else the value.
    pub origin: Origin,
    /// What the answers about it have cost.
    spent: work::Spent,
    groups: exposure::Groups,
}

impl Policy {
    /// The condition keys and the keys of policy variables that the policy mentions: lower-cased, sorted, each once.
    pub fn keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = Vec::new();
        for statement in &self.statements {
            keys.extend(statement.conditions().map(|it| it.key.to_ascii_lowercase()));
            for pattern in statement.patterns() {
                keys.extend(pattern.keys().map(str::to_owned));
            }
        }
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// True where the answers about it have cost so much that no more than the needful is asked.
    pub(crate) fn was_asked_much(&self) -> bool {
        self.spent.is_all()
    }

    /// The statements with the principals that each names.
    pub fn principals(&self) -> impl Iterator<Item = (&Statement, Vec<NamedPrincipal<'_>>)> {
        self.statements
            .iter()
            .map(|statement| (statement, statement.principals().collect()))
    }
}

/// A statement of a policy.
#[derive(Clone)]
pub struct Statement {
    /// Its Sid.
    pub sid: Option<Text>,
    /// `Allow` or `Deny`; none where it is unknown.
    pub effect: Option<Effect>,
    /// Whether it is there.
    pub presence: Presence,
    /// Where it was written.
    pub origin: Origin,
    /// Where its effect was written; the statement, where it has none.
    pub effect_at: Origin,
    /// What it was compiled to.
    body: element::Body,
}

/// `Effect`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// `Allow`
    Allow,
    /// `Deny`
    Deny,
}

/// Something wrong with a policy's text.
#[derive(Clone, PartialEq)]
pub struct Issue {
    /// What kind of wrong.
    pub kind: IssueKind,
    /// One sentence, lower case, names in backticks, no final period.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Where.
    pub at: Origin,
    /// The statement that it stands in.
    pub statement: Option<usize>,
}

/// Kinds of issues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IssueKind {
    /// AWS refuses the policy.
    Rejected,
    /// Two keys of one object are equal (without regard to case where IAM has none); the first one is lost.
    DuplicateKey,
    /// The statement is accepted and does nothing.
    NoEffect,
}
