//! Keys and subjects by their ids, for whoever asks for many.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::{Key, Model, Subject};

/// Where keys and subjects stand in their lists, by id. It is made when it is first asked for, which is to be after the lists are.
#[derive(Debug, Default)]
pub struct Ids {
    keys: OnceLock<BTreeMap<String, usize>>,
    subjects: OnceLock<BTreeMap<String, usize>>,
}

fn places<'i>(ids: impl Iterator<Item = &'i String>) -> BTreeMap<String, usize> {
    let mut places = BTreeMap::new();
    for (at, id) in ids.enumerate() {
        places.entry(id.clone()).or_insert(at);
    }
    places
}

impl Model {
    /// The key of that id.
    pub fn key_of_id(&self, id: &str) -> Option<&Key> {
        let all = || places(self.keys.iter().map(|it| &it.id));
        let at = self.ids.keys.get_or_init(all).get(id)?;
        self.keys.get(*at)
    }

    /// The subject of that id.
    pub fn subject_of_id(&self, id: &str) -> Option<&Subject> {
        let all = || places(self.subjects.iter().map(|it| &it.id));
        let at = self.ids.subjects.get_or_init(all).get(id)?;
        self.subjects.get(*at)
    }
}
