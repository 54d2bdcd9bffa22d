//! Several inputs as one world: an object that two of them show is one object, and counts once.
//!
//! Two inputs show one object where both give it the same ARN. A plan says more than a state, as it knows what comes of the object, and a state
//! more than a snapshot. Of two of a kind the one counts that destroys the object, then one that changes it, then the one that was given first.
//! Where they show it differently and neither is what comes of the other, or a state shows what a snapshot's plan changes as it was before,
//! there are several [`Reading`]s. Inputs that show an object of one ARN at one address are of one root module: what the better of them holds
//! at an address, with or without an ARN, the other one does not say again. Each folder of sources is a root module of its own. What a plan
//! destroys, or a snapshot of one, no older state brings back; what it only forgets goes on to exist.

mod differ;
mod disagree;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::Loaded;
use super::change::is_change;
use super::index::At;
use crate::address::Address;
use crate::input::{Action, InputKind, Mode, Resource, types};
use crate::value::{Kind, Value};

pub(super) use disagree::disagree;

/// The inputs with each object once.
pub(super) struct Settled<'l> {
    /// The inputs without what another one says better.
    pub(super) loaded: Cow<'l, [Loaded]>,
    /// What was left out, and what is told differently, by input.
    pub(super) notes: Vec<(usize, String)>,
    /// What else may be so.
    pub(super) readings: Vec<Reading>,
}

/// Attributes of the resource of an address in an input, with values.
type Shown = (usize, Address, Vec<(String, Value)>);

/// How an input speaks of an address: where, with what force, and whether as its own or as a former one.
type Said = (At, u8, bool);

/// The inputs as one of them shows objects that another one, which is as good, shows differently.
pub(super) struct Reading {
    /// The resources that count, by input and address, with the attributes that the other one shows differently and its values of them.
    changed: Vec<Shown>,
    /// What is different, as a sentence: ``"another `policy` of `aws_kms_key.trail` is shown in `b.json` than in `a.json`"``.
    pub(super) why: String,
    /// What sets another policy: ids of keys and policies, `in0:aws_kms_key.trail`.
    pub(super) policies: BTreeSet<String>,
}

impl Reading {
    /// The inputs with the values of the one that does not count.
    pub(super) fn of(&self, loaded: &[Loaded]) -> Vec<Loaded> {
        let mut read = loaded.to_vec();
        for (input, address, values) in &self.changed {
            let resources = read.get_mut(*input).map(|it| &mut it.document.resources);
            let of_address = resources
                .into_iter()
                .flatten()
                .filter(|it| it.address == *address && it.deposed.is_none());
            for after in of_address.filter_map(|it| it.after.as_mut()) {
                let Kind::Object(object) = &mut after.kind else {
                    continue;
                };
                for member in &mut object.members {
                    let theirs = values.iter().find(|(name, _)| *name == member.key);
                    if let Some((_, value)) = theirs {
                        member.value = value.clone();
                    }
                }
            }
        }
        read
    }
}

/// Types that answer beside a key and a trail, and which nobody but AWS has to hold: what Terraform lets go of goes on to count.
const STANDING: &[&str] = &[
    "aws_kms_alias",
    "aws_kms_grant",
    "aws_s3_bucket",
    "aws_s3_bucket_server_side_encryption_configuration",
];

/// The inputs with what a plan lets go of as it is in AWS: there, and unchanged.
pub(super) fn standing(loaded: &[Loaded]) -> Cow<'_, [Loaded]> {
    let stays = |it: &Resource| {
        let kind = it.address.kind.as_str();
        it.action == Action::Forget
            && it.mode == Mode::Managed
            && (STANDING.contains(&kind) || types::is_identity(kind))
    };
    let mut loaded = Cow::Borrowed(loaded);
    let resources = |it: &Loaded| it.document.resources.iter().any(stays);
    if !loaded.iter().any(resources) {
        return loaded;
    }
    let all = loaded.to_mut().iter_mut();
    for it in all.flat_map(|it| &mut it.document.resources) {
        if stays(it) {
            it.action = Action::NoOp;
            it.after = it.before.take();
        }
    }
    loaded
}

/// Puts every object once.
pub(super) fn settle(loaded: &[Loaded]) -> Settled<'_> {
    let mut twice = Twice::new(loaded);
    twice.by_arn();
    twice.by_address();
    if twice.left_out.is_empty() {
        return Settled {
            loaded: Cow::Borrowed(loaded),
            notes: Vec::new(),
            readings: Vec::new(),
        };
    }
    let left_out = |input: usize, resource: usize| {
        let at = At { input, resource };
        twice.left_out.contains_key(&at)
    };
    let (mut notes, readings) = differ::readings(loaded, &twice.left_out);
    notes.extend(twice.notes());
    let mut kept = loaded.to_vec();
    for (input, it) in kept.iter_mut().enumerate() {
        let mut at = 0;
        it.document.resources.retain(|_| {
            at += 1;
            !left_out(input, at - 1)
        });
    }
    Settled {
        readings,
        loaded: Cow::Owned(kept),
        notes,
    }
}

/// Whose word counts: the lower, the more.
fn rank(kind: InputKind) -> u8 {
    match kind {
        InputKind::Plan | InputKind::Configuration | InputKind::Sources => 0,
        InputKind::State => 1,
        InputKind::Snapshot => 2,
    }
}

/// The same for what is done with an object, among inputs of a kind: whoever destroys it has the last word.
fn force(it: &Resource) -> u8 {
    match it.action {
        Action::Delete => 0,
        _ if is_change(it) => 1,
        _ => 2,
    }
}

/// What several inputs say.
struct Twice<'l> {
    loaded: &'l [Loaded],
    /// Pairs of inputs of one root module.
    same_root: BTreeSet<(usize, usize)>,
    /// What is left out, and what counts instead.
    left_out: BTreeMap<At, At>,
}

impl<'l> Twice<'l> {
    fn new(loaded: &'l [Loaded]) -> Self {
        Twice {
            loaded,
            same_root: BTreeSet::new(),
            left_out: BTreeMap::new(),
        }
    }

    /// The managed objects that are there, or that a plan destroys.
    fn all(&self) -> impl Iterator<Item = (At, &'l Resource)> + use<'l> {
        let inputs = self.loaded.iter().enumerate();
        let all = inputs.flat_map(|(input, loaded)| {
            let resources = loaded.document.resources.iter().enumerate();
            resources.map(move |(resource, it)| (At { input, resource }, it))
        });
        all.filter(|(_, it)| {
            it.mode == Mode::Managed && it.deposed.is_none() && it.action != Action::Forget
        })
    }

    /// What is destroyed does not come back, whoever shows it; a snapshot of a plan says it as the plan does.
    fn order(&self, at: At, force: u8) -> (u8, u8, At) {
        let loaded = self.loaded.get(at.input);
        let rank = loaded.map_or(u8::MAX, |it| rank(it.document.kind));
        (if force == 0 { 0 } else { rank }, force, at)
    }

    fn by_arn(&mut self) {
        let mut said: BTreeMap<&str, Vec<(At, &Resource)>> = BTreeMap::new();
        for (at, it) in self.all() {
            for arn in arns(it) {
                said.entry(arn).or_default().push((at, it));
            }
        }
        for (arn, mut all) in said {
            all.sort_by_key(|(at, it)| {
                // A replacement destroys the object that has this ARN.
                let own = it.after.as_ref().and_then(|after| after.get("arn"));
                let replaced = it.action == Action::Replace
                    && own.and_then(Value::as_str).is_none_or(|own| own != arn);
                self.order(*at, if replaced { 0 } else { force(it) })
            });
            let Some(((first, better), rest)) = all.split_first() else {
                continue;
            };
            for (at, it) in rest.iter().filter(|(at, _)| at.input != first.input) {
                if self.are_roots(at.input, first.input) {
                    continue;
                }
                if it.address == better.address {
                    let pair = (at.input.min(first.input), at.input.max(first.input));
                    self.same_root.insert(pair);
                }
                self.left_out.entry(*at).or_insert(*first);
            }
        }
    }

    /// Two folders of sources are two root modules, and environments of one kind name much alike: with one account given for all of them,
    /// as `--account-id` does, what they declare has the same ARNs, and is still judged in each.
    fn are_roots(&self, one: usize, other: usize) -> bool {
        let sources = |input: usize| {
            let loaded = self.loaded.get(input)?;
            (loaded.document.kind == InputKind::Sources).then_some(&loaded.path)
        };
        match (sources(one), sources(other)) {
            (Some(one), Some(other)) => one != other,
            _ => false,
        }
    }

    /// In inputs of one root an address is one object.
    fn by_address(&mut self) {
        let mut roots: BTreeMap<usize, usize> = BTreeMap::new();
        for (one, other) in &self.same_root {
            let root = roots.get(one).copied().unwrap_or(*one);
            roots.insert(*one, root);
            roots.insert(*other, root);
        }
        let mut said: BTreeMap<(usize, &Address), Vec<Said>> = BTreeMap::new();
        for (at, it) in self.all() {
            let Some(root) = roots.get(&at.input) else {
                continue;
            };
            let addresses = [(Some(&it.address), true), (it.previous.as_ref(), false)];
            for (address, own) in addresses {
                if let Some(address) = address {
                    let all = said.entry((*root, address)).or_default();
                    all.push((at, force(it), own));
                }
            }
        }
        for mut all in said.into_values() {
            // What an ARN already says to be another one's is not set against it: each of the two would be left out for the other.
            all.retain(|(at, ..)| !self.left_out.contains_key(at));
            all.sort_by_key(|(at, force, _)| self.order(*at, *force));
            let Some(((first, ..), rest)) = all.split_first() else {
                continue;
            };
            let others = rest.iter().filter(|(at, ..)| at.input != first.input);
            for (at, _, own) in others {
                if *own {
                    self.left_out.entry(*at).or_insert(*first);
                }
            }
        }
    }

    /// How much of each input is left out, for which other one.
    fn notes(&self) -> Vec<(usize, String)> {
        let mut counts: BTreeMap<(usize, usize), usize> = BTreeMap::new();
        for (at, for_whom) in &self.left_out {
            *counts.entry((at.input, for_whom.input)).or_default() += 1;
        }
        let told = |((input, other), count): ((usize, usize), usize)| {
            let other = self.loaded.get(other)?;
            let what = match count {
                1 => "one resource is".to_owned(),
                many => format!("{many} resources are"),
            };
            Some((
                input,
                format!("{what} also in `{}`, which counts", other.path),
            ))
        };
        counts.into_iter().filter_map(told).collect()
    }
}

/// The ARNs under which an object is known: after the plan, and before it.
fn arns(resource: &Resource) -> BTreeSet<&str> {
    let sides = [&resource.after, &resource.before].into_iter().flatten();
    sides
        .filter_map(|side| side.get("arn").and_then(Value::as_str))
        .filter(|arn| arn.starts_with("arn:"))
        .collect()
}
