//! Lists, objects, and `for`.

use std::collections::BTreeMap;
use std::sync::Arc;

use hcl_edit::expr::{Array, Expression, ForExpr, Object, ObjectKey};

use super::{Outcome, Round, Rounds, Run};
use crate::hcl::number::Number;
use crate::hcl::scope::{Problem, World};
use crate::hcl::syntax::Part;
use crate::hcl::typed::{
    Data, Element, Entry, Mapping, MappingKind, Sequence, SequenceKind, Typed,
};
use crate::hcl::types::Type;
use crate::input::Lost;
use crate::source::Origin;
use crate::value::{Meaning, Open, Presence};

/// The members of an object that is made.
#[derive(Default)]
pub(super) struct Members {
    entries: BTreeMap<String, Entry>,
    rest: Option<Open>,
    sensitive: bool,
    /// Members that a later one of the same key put out.
    lost: Vec<(String, Entry)>,
}

/// Objects with members that are put out are told of, so many of them.
const MOST_LOST: usize = 1_000;

impl Members {
    /// The object. What it lost is kept in the world: Terraform drops it without a word.
    pub(super) fn into_object(self, at: Origin, world: &mut World<'_>) -> Typed {
        for (key, entry) in self.lost {
            if world.lost.len() < MOST_LOST {
                world.lost.push(Lost {
                    object: at.clone(),
                    key,
                    key_origin: entry.key_origin,
                    value: entry.value.marked(self.sensitive).into(),
                });
            }
        }
        let mapping = Mapping {
            kind: MappingKind::Object,
            entries: self.entries,
            rest: self.rest,
        };
        Typed::new(Data::Mapping(mapping), at).marked(self.sensitive)
    }
}

impl Run<'_, '_> {
    pub(super) fn tuple(&mut self, array: &Array, at: Origin) -> Outcome {
        let items: Result<Vec<Typed>, Problem> = array.iter().map(|item| self.eval(item)).collect();
        Ok(Typed::tuple(items?, at))
    }

    /// `{ key = value }`. Of two equal keys the last one counts; an unknown key leaves the object open.
    pub(super) fn object(&mut self, object: &Object, at: Origin) -> Outcome {
        let mut members = Members::default();
        self.members(object, &mut members)?;
        Ok(members.into_object(at, self.world))
    }

    /// An object whose members were read in several parts.
    pub(super) fn large_object(&mut self, parts: &[Part], at: Origin) -> Outcome {
        let mut members = Members::default();
        for part in parts {
            if let Expression::Object(object) = &part.expression {
                self.based(part.base, |run| run.members(object, &mut members))?;
            }
        }
        Ok(members.into_object(at, self.world))
    }

    fn members(&mut self, object: &Object, out: &mut Members) -> Result<(), Problem> {
        for (key, value) in object {
            let key = self.object_key(key)?;
            let value = self.eval(value.expr())?;
            self.put(&key, value, out)?;
        }
        Ok(())
    }

    /// Puts a member into an object.
    pub(super) fn put(
        &mut self,
        key: &Typed,
        value: Typed,
        out: &mut Members,
    ) -> Result<(), Problem> {
        out.sensitive |= key.is_sensitive();
        if let Some(lost) = self.entry(key, value, &mut out.entries, &mut out.rest)? {
            out.lost.push(lost);
        }
        Ok(())
    }

    /// Puts a member where its key says; gives the one that was there.
    fn entry(
        &mut self,
        key: &Typed,
        value: Typed,
        entries: &mut BTreeMap<String, Entry>,
        rest: &mut Option<Open>,
    ) -> Result<Option<(String, Entry)>, Problem> {
        if key.is_null() {
            return Err(Problem::new("can't use a null value as a key", &key.origin));
        }
        if let Some(name) = self.string_of(key, &key.origin)? {
            let entry = Entry {
                key_origin: key.origin.clone(),
                presence: Presence::Present,
                value,
            };
            let before = entries.insert(name.clone(), entry);
            return Ok(before.map(|before| (name, before)));
        }
        let open = self.derived_rest("key", &[key, &value], key.origin.clone());
        rest.get_or_insert(open);
        Ok(None)
    }

    /// A bare name is a text, and so is all else but what stands in parentheses or is a template.
    fn object_key(&mut self, key: &ObjectKey) -> Outcome {
        match key {
            ObjectKey::Ident(name) => {
                let at = self.origin(name);
                let text = self.written(&at);
                Ok(Typed::string(text, at))
            }
            ObjectKey::Expression(Expression::Traversal(it)) => {
                let message = "if this expression is intended to be a reference, wrap it in parentheses; if it is a literal name, wrap it in quotes";
                Err(Problem::new(message, &self.origin(&**it)))
            }
            ObjectKey::Expression(expression @ (Expression::Null(_) | Expression::Bool(_))) => {
                let at = self.origin(expression);
                let text = self.written(&at);
                Ok(Typed::string(text, at))
            }
            ObjectKey::Expression(expression) => self.eval(expression),
        }
    }

    /// `[for …]` and `{for …}`
    pub(super) fn comprehension(&mut self, it: &ForExpr, at: &Origin) -> Outcome {
        let collection = self.eval(&it.intro.collection_expr)?;
        let place = self.origin(&it.intro.collection_expr);
        let sensitive = collection.sensitive;
        let Some(rounds) = self.rounds(&collection, &place)? else {
            return Ok(self
                .comprehension_of_unknown(it, &collection, at)?
                .marked(sensitive));
        };
        let result = if it.key_expr.is_some() {
            self.for_object(it, rounds, at)
        } else {
            self.for_tuple(it, rounds, at)
        };
        Ok(result?.marked(sensitive))
    }

    /// One round with a name for what the loop runs over, which may be there any number of times.
    fn comprehension_of_unknown(
        &mut self,
        it: &ForExpr,
        collection: &Typed,
        at: &Origin,
    ) -> Outcome {
        let rest = Some(self.derived_rest("for", &[collection], at.clone()));
        let place = collection.origin.clone();
        let round = Round {
            key: self.derive("key", &[collection], Type::Dynamic, place.clone()),
            value: self.derive("each", &[collection], Type::Dynamic, place),
            presence: self.derived_presence("for", &[collection]),
        };
        if it.key_expr.is_some() {
            let rounds = Rounds {
                items: Vec::new(),
                rest,
            };
            return self.for_object(it, rounds, at);
        }
        let alike = self.derived_rest("each", &[collection], at.clone());
        let meaning = Meaning::Alike;
        self.world.symbols.give_meaning(alike.symbol, meaning);
        let rounds = Rounds {
            items: vec![round],
            rest: Some(alike),
        };
        if let Ok(value) = self.for_tuple(it, rounds, at) {
            return Ok(value);
        }
        // What fails for a name need not fail for what it stands for.
        let (kind, items) = (SequenceKind::Tuple, Vec::new());
        let data = Data::Sequence(Sequence { kind, items, rest });
        Ok(Typed::new(data, at.clone()))
    }

    fn for_tuple(&mut self, it: &ForExpr, rounds: Rounds, at: &Origin) -> Outcome {
        let mut items = Vec::new();
        let mut sensitive = false;
        for round in rounds.items {
            let found = self.in_round(it, round, at, |run, presence| {
                let value = run.eval(&it.value_expr)?;
                Ok(Element { presence, value })
            })?;
            sensitive |= found.1;
            items.extend(found.0);
        }
        let (kind, rest) = (SequenceKind::Tuple, rounds.rest);
        let data = Data::Sequence(Sequence { kind, items, rest });
        Ok(Typed::new(data, at.clone()).marked(sensitive))
    }

    fn for_object(&mut self, it: &ForExpr, rounds: Rounds, at: &Origin) -> Outcome {
        let Some(key_expr) = &it.key_expr else {
            return self.for_tuple(it, rounds, at);
        };
        let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
        let mut groups: BTreeMap<String, (Typed, Vec<Element>)> = BTreeMap::new();
        let mut rest = rounds.rest;
        let mut sensitive = false;
        for round in rounds.items {
            let (found, marked) = self.in_round(it, round, at, |run, presence| {
                let key = run.eval(key_expr)?;
                Ok((key, run.eval(&it.value_expr)?, presence))
            })?;
            sensitive |= marked;
            let Some((key, value, presence)) = found else {
                continue;
            };
            sensitive |= key.is_sensitive();
            let mut one = BTreeMap::new();
            self.entry(&key, value, &mut one, &mut rest)?;
            for (name, mut entry) in one {
                entry.presence = presence;
                if it.grouping {
                    let group = groups.entry(name).or_insert((key.clone(), Vec::new()));
                    let value = entry.value;
                    group.1.push(Element { presence, value });
                } else if let Some(before) = entries.insert(name, entry)
                    && before.presence == Presence::Present
                    && presence == Presence::Present
                {
                    let message = "two different items produced the same key in this `for` expression; if duplicates are expected, use the ellipsis `...` after the value expression to enable grouping by key";
                    return Err(Problem::new(message, &self.origin(key_expr)));
                }
            }
        }
        for (name, (key, items)) in groups {
            let kind = SequenceKind::Tuple;
            let sequence = Sequence {
                kind,
                items,
                rest: None,
            };
            let mut entry = Entry::from(Typed::new(Data::Sequence(sequence), at.clone()));
            entry.key_origin = key.origin;
            entries.insert(name, entry);
        }
        let kind = MappingKind::Object;
        let mapping = Mapping {
            kind,
            entries,
            rest,
        };
        Ok(Typed::new(Data::Mapping(mapping), at.clone()).marked(sensitive))
    }

    /// Does a round, where its condition lets it; and whether the condition is sensitive.
    fn in_round<T>(
        &mut self,
        it: &ForExpr,
        round: Round,
        at: &Origin,
        body: impl FnOnce(&mut Self, Presence) -> Result<T, Problem>,
    ) -> Result<(Option<T>, bool), Problem> {
        self.spend(1, at)?;
        let depth = self.frames.len();
        if let Some(name) = &it.intro.key_var {
            self.frames.push((name.to_string(), Arc::new(round.key)));
        }
        let value = Arc::new(round.value);
        self.frames.push((it.intro.value_var.to_string(), value));
        let done = self.filtered(it, round.presence, body);
        self.frames.truncate(depth);
        done
    }

    fn filtered<T>(
        &mut self,
        it: &ForExpr,
        presence: Presence,
        body: impl FnOnce(&mut Self, Presence) -> Result<T, Problem>,
    ) -> Result<(Option<T>, bool), Problem> {
        let Some(condition) = &it.cond else {
            return Ok((Some(body(self, presence)?), false));
        };
        let value = self.eval(&condition.expr)?;
        let place = self.origin(&condition.expr);
        let sensitive = value.is_sensitive();
        let presence = match self.condition(&value, &place)? {
            Some(false) => return Ok((None, sensitive)),
            Some(true) => presence,
            None => self.derived_presence("if", &[&value]),
        };
        Ok((Some(body(self, presence)?), sensitive))
    }

    /// What a loop runs over, in Terraform's order; `None` where that is not known at all.
    pub(super) fn rounds(
        &mut self,
        collection: &Typed,
        at: &Origin,
    ) -> Result<Option<Rounds>, Problem> {
        let marked = |value: &Typed| value.clone().marked(collection.sensitive);
        let (items, rest) = match &collection.data {
            Data::Unknown(_, Type::Bool | Type::Number | Type::String) | Data::Text(_) => {
                return Err(not_iterable(at));
            }
            Data::Unknown(..) => {
                self.doubts += 1;
                return Ok(None);
            }
            Data::Null(_) => {
                return Err(Problem::new(
                    "a null value cannot be used as the collection in a `for` expression",
                    at,
                ));
            }
            Data::Sequence(it) => {
                self.spend_size(collection.weight(), at)?;
                let mut sure = true;
                let mut rounds = Vec::with_capacity(it.items.len());
                for (index, item) in it.items.iter().enumerate() {
                    let key = if matches!(it.kind, SequenceKind::Set(_)) {
                        item.value.clone()
                    } else if sure {
                        Typed::number(Number::from_usize(index), item.value.origin.clone())
                    } else {
                        let place = item.value.origin.clone();
                        self.derive("key", &[collection], Type::Number, place)
                    };
                    sure &= item.presence == Presence::Present;
                    rounds.push(Round {
                        key: marked(&key),
                        value: marked(&item.value),
                        presence: item.presence,
                    });
                }
                (rounds, it.rest.clone())
            }
            Data::Mapping(it) => {
                self.spend_size(collection.weight(), at)?;
                let round = |(key, entry): (&String, &Entry)| Round {
                    key: marked(&Typed::string(key.clone(), entry.key_origin.clone())),
                    value: marked(&entry.value),
                    presence: entry.presence,
                };
                (it.entries.iter().map(round).collect(), it.rest.clone())
            }
            _ => return Err(not_iterable(at)),
        };
        Ok(Some(Rounds { items, rest }))
    }
}

fn not_iterable(at: &Origin) -> Problem {
    let message = "a value of this type cannot be used as the collection in a `for` expression";
    Problem::new(message, at)
}
