//! What was before the plans of the inputs, beside what will be.

use std::collections::BTreeMap;

use super::{Key, Model, Requirement, Subject};
use crate::source::Origin;
use crate::value::Symbols;

/// The world before the plans of the inputs.
#[derive(Debug, Default)]
pub enum Past {
    /// No input is a plan.
    #[default]
    Untold,
    /// The plans change nothing of what was there, as far as it is read here.
    Same,
    /// This.
    World(Box<Model>),
}

impl Past {
    /// The world before, where it was another one.
    pub fn world(&self) -> Option<&Model> {
        match self {
            Past::World(model) => Some(model),
            Past::Untold | Past::Same => None,
        }
    }
}

/// A key that a plan takes out of its state.
#[derive(Clone, Debug)]
pub struct Gone {
    /// The index of the key in the world before.
    pub key: usize,
    /// What becomes of it.
    pub fate: Fate,
    /// The days between the apply and its deletion, where the plan says them.
    pub window: Option<String>,
    /// Those who used it and whose logs the plans leave where they are: indexes of subjects of the world before.
    pub users: Vec<usize>,
    /// Its names: ARN and id.
    pub names: Vec<String>,
    /// The header of the text that shows what happens to it.
    pub origin: Origin,
}

/// What becomes of a key that a plan takes out of its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Its deletion is scheduled.
    Deleted,
    /// Its deletion is scheduled, and a new key takes its address.
    Replaced,
    /// It stays in AWS, and Terraform lets go of it.
    Forgotten,
}

impl Model {
    /// The subjects of the world before by their ids; empty where there is none.
    pub fn subjects_before(&self) -> BTreeMap<&str, &Subject> {
        let past = self.past.world().map_or(&[][..], |past| &past.subjects);
        past.iter().map(|it| (it.id.as_str(), it)).collect()
    }

    /// What a plan does with a key that it no longer holds, where the key is such a one.
    pub fn gone(&self, key: &Key) -> Option<&Gone> {
        let mut gone = self.gone.iter().filter(|_| key.outside);
        gone.find(|it| it.names.contains(&key.id))
    }

    /// Looks at the world before as at any other.
    pub fn with_past<T>(&mut self, look: impl FnOnce(&Model) -> T) -> Option<T> {
        let Past::World(past) = &mut self.past else {
            return None;
        };
        // Both share one table of symbols.
        past.symbols = std::mem::take(&mut self.symbols);
        let seen = look(past);
        self.symbols = std::mem::replace(&mut past.symbols, Symbols::new());
        Some(seen)
    }
}

impl Requirement {
    /// The same requirement of the subject as it was: with the same key, else with the one key that it had.
    pub fn among<'o>(
        &self,
        old: &'o Subject,
        before: &Model,
        now: &[Key],
    ) -> Option<&'o Requirement> {
        let same = |it: &&Requirement| {
            let asks = it.request.action == self.request.action;
            let reads = (&it.reader, it.via, &it.through);
            it.id == self.id && reads == (&self.reader, self.via, &self.through) && asks
        };
        let all: Vec<&Requirement> = old.requirements.iter().filter(same).collect();
        let own = now.get(self.key).map(|key| &key.id);
        let of_key = |it: &&&Requirement| before.keys.get(it.key).map(|key| &key.id) == own;
        match (all.iter().find(of_key), all.as_slice()) {
            (Some(found), _) | (None, [found]) => Some(found),
            _ => None,
        }
    }
}
