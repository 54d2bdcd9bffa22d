//! A request: who asks for what, on which resource, in which context.

use std::collections::BTreeMap;

use super::Policy;
use crate::value::{Open, Presence, Text};

/// One request to AWS.
#[derive(Clone, Debug)]
pub struct Request {
    /// Who asks.
    pub principal: Caller,
    /// The action, `kms:GenerateDataKey`.
    pub action: String,
    /// The ARN of the resource; for a key policy, the key's.
    pub resource: Text,
    /// The account that owns the resource.
    pub account: Text,
    /// The request context.
    pub context: Context,
    /// What is known of the caller's own IAM policies.
    pub identity: Identity,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Caller {
    /// An AWS service: `cloudtrail.amazonaws.com`.
    Service(String),
    /// The ARN of a user, a role, a role session, a federated user or the root of an account (`arn:aws:iam::111122223333:root`).
    Aws(Text),
    /// Somebody with an account of their own that no policy names: signed, but a stranger.
    Stranger,
}

/// What is known of the caller's own IAM policies.
#[derive(Clone, Debug, Default)]
pub enum Identity {
    /// Nothing: an answer that they would decide is *delegated*.
    #[default]
    Unknown,
    /// These are all of them: they decide.
    Complete(Vec<Policy>),
    /// These are some of them: only an explicit Deny in them decides.
    Partial(Vec<Policy>),
}

/// The request context: keys are found without regard to case, as IAM does. A key that it does not hold is absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context {
    /// By lower-cased key.
    keys: BTreeMap<String, ContextValue>,
}

/// The values of one context key.
#[derive(Clone, Debug, PartialEq)]
pub struct ContextValue {
    /// The key as AWS spells it.
    pub key: String,
    /// Whether the request carries the key.
    pub presence: Presence,
    /// Its values; one for a single-valued key.
    pub values: Vec<Text>,
    /// True for a key that carries a list.
    pub multivalued: bool,
    /// The unknown rest of the list, if there may be more values.
    pub open: Option<Open>,
}

impl Context {
    /// An empty context.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a single-valued key.
    pub fn set(&mut self, key: &str, value: Text) {
        self.insert(ContextValue {
            key: key.to_owned(),
            presence: Presence::Present,
            values: vec![value],
            multivalued: false,
            open: None,
        });
    }

    /// Sets a key, single-valued or not, present or perhaps.
    pub fn insert(&mut self, value: ContextValue) {
        self.keys.insert(value.key.to_ascii_lowercase(), value);
    }

    /// The values of a key, whatever its case.
    pub fn get(&self, key: &str) -> Option<&ContextValue> {
        self.keys
            .get(key)
            .or_else(|| self.keys.get(&key.to_ascii_lowercase()))
    }

    /// All keys, in the order of their lower-cased names.
    pub fn iter(&self) -> impl Iterator<Item = &ContextValue> {
        self.keys.values()
    }
}
