//! Several inputs as one world: an object that two of them show is one object, and counts once.
//!
//! Two inputs show one object where both give it the same ARN. A plan says more than a state, as it knows what comes of the object, and
//! a state more than a snapshot; of two of a kind the one that was given first counts. Inputs that show an object of one ARN at one
//! address are of one root module: what the better of them holds at an address, with or without an ARN, the other one does not say again.
//! What a plan destroys, an older state cannot bring back; what it only forgets goes on to exist.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::Loaded;
use crate::input::{Action, Document, InputKind, Mode, Resource};
use crate::value::Value;

/// The inputs without what another one says better, and what was left out, by input.
pub(super) fn settle(loaded: &[Loaded]) -> (Cow<'_, [Loaded]>, Vec<(usize, String)>) {
    let mut order: Vec<usize> = (0..loaded.len()).collect();
    order.sort_by_key(|at| (loaded.get(*at).map(|it| rank(it.document.kind)), *at));
    let mut twice = Twice::default();
    for input in order {
        if let Some(it) = loaded.get(input) {
            twice.enter(input, &it.document);
        }
    }
    twice.add_same_root(loaded);
    if twice.left_out.is_empty() {
        return (Cow::Borrowed(loaded), Vec::new());
    }
    let mut notes = Vec::new();
    for ((input, other), places) in &twice.left_out {
        let names = loaded.get(*input).zip(loaded.get(*other));
        notes.extend(names.map(|(_, other)| {
            let what = match places.len() {
                1 => "one resource is".to_owned(),
                many => format!("{many} resources are"),
            };
            (
                *input,
                format!("{what} also in `{}`, which counts", other.path),
            )
        }));
    }
    let mut kept = loaded.to_vec();
    for (input, it) in kept.iter_mut().enumerate() {
        let mut at = 0;
        it.document.resources.retain(|_| {
            at += 1;
            !twice.is_left_out(input, at - 1)
        });
    }
    (Cow::Owned(kept), notes)
}

/// Whose word counts: the lower, the more.
fn rank(kind: InputKind) -> u8 {
    match kind {
        InputKind::Plan | InputKind::Configuration | InputKind::Sources => 0,
        InputKind::State => 1,
        InputKind::Snapshot => 2,
    }
}

/// What several inputs say.
#[derive(Default)]
struct Twice<'l> {
    /// Who says most of an object, by its ARN: the input and the address there.
    said: BTreeMap<&'l str, (usize, &'l Resource)>,
    /// Pairs of inputs of one root module: the one whose word counts less, and the other.
    same_root: BTreeSet<(usize, usize)>,
    /// What is left out of an input for another one's sake, by the place in its list.
    left_out: BTreeMap<(usize, usize), BTreeSet<usize>>,
}

impl<'l> Twice<'l> {
    fn enter(&mut self, input: usize, document: &'l Document) {
        for (place, it) in document.resources.iter().enumerate() {
            if it.mode != Mode::Managed || it.deposed.is_some() || it.action == Action::Forget {
                continue;
            }
            for arn in arns(it) {
                match self.said.get(arn) {
                    Some((other, better)) if *other != input => {
                        let other = *other;
                        if better.address == it.address {
                            self.same_root.insert((input, other));
                        }
                        self.leave_out(input, other, place);
                    }
                    Some(_) => {}
                    None => {
                        self.said.insert(arn, (input, it));
                    }
                }
            }
        }
    }

    /// In two inputs of one root an address is one object.
    fn add_same_root(&mut self, loaded: &'l [Loaded]) {
        for (input, other) in self.same_root.clone() {
            let (Some(less), Some(more)) = (loaded.get(input), loaded.get(other)) else {
                continue;
            };
            let mut addresses = BTreeSet::new();
            let planned = more.document.resources.iter();
            for it in planned.filter(|it| it.action != Action::Forget && it.deposed.is_none()) {
                addresses.insert(&it.address);
                addresses.extend(&it.previous);
            }
            for (place, it) in less.document.resources.iter().enumerate() {
                if it.mode == Mode::Managed && addresses.contains(&it.address) {
                    self.leave_out(input, other, place);
                }
            }
        }
    }

    fn leave_out(&mut self, input: usize, other: usize, place: usize) {
        if !self.is_left_out(input, place) {
            self.left_out
                .entry((input, other))
                .or_default()
                .insert(place);
        }
    }

    fn is_left_out(&self, input: usize, place: usize) -> bool {
        let of_input = self.left_out.range((input, 0)..=(input, usize::MAX));
        of_input
            .into_iter()
            .any(|(_, places)| places.contains(&place))
    }
}

/// The ARNs under which an object is known: after the plan, and before it.
fn arns(resource: &Resource) -> impl Iterator<Item = &str> {
    let sides = [&resource.after, &resource.before].into_iter().flatten();
    sides
        .filter_map(|side| side.get("arn").and_then(Value::as_str))
        .filter(|arn| arn.starts_with("arn:"))
}
