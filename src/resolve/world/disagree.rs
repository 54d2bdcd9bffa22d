//! What hangs on which of two inputs is right is undecided.

use std::collections::BTreeMap;

use super::Reading;
use crate::model::{Fact, Key, LinkStatus, Model, OtherPolicy, Requirement, Subject};
use crate::policy::{Blocker, Verdict};
use crate::source::Origin;

/// Takes back what the model says and another reading of the same inputs says otherwise.
pub(in crate::resolve) fn disagree(model: &mut Model, other: &Model, reading: &Reading) {
    let why = reading.why.as_str();
    let subjects: BTreeMap<&str, &Subject> = other
        .subjects
        .iter()
        .map(|it| (it.id.as_str(), it))
        .collect();
    let by_id: BTreeMap<&str, usize> = (0..)
        .zip(&model.keys)
        .map(|(at, key)| (key.id.as_str(), at))
        .collect();
    let id_of = |keys: &[Key], at: usize| keys.get(at).map(|key| key.id.clone());
    let mut doubtful: Vec<usize> = Vec::new();
    for subject in &mut model.subjects {
        let Some(same) = subjects.get(subject.id.as_str()) else {
            continue;
        };
        let ids = |keys: &[Key], subject: &Subject| -> Vec<Option<String>> {
            let keys = subject.link.keys.iter().map(|at| id_of(keys, *at));
            keys.collect()
        };
        if ids(&model.keys, subject) != ids(&other.keys, same) {
            subject.link.status = LinkStatus::Unresolved;
            subject.link.keys.clear();
            subject.link.reason = Some(why.to_owned());
            subject.link.remedy = Some("give the one alone that is right".to_owned());
            subject.requirements.clear();
            continue;
        }
        let mut found = vec![false; same.requirements.len()];
        for it in &mut subject.requirements {
            let own = id_of(&model.keys, it.key);
            let is_same = |(_, theirs): &(usize, &Requirement)| {
                is_one(it, theirs) && id_of(&other.keys, theirs.key) == own
            };
            let theirs = same.requirements.iter().enumerate().find(is_same);
            if let Some(seen) = theirs.and_then(|(at, _)| found.get_mut(at)) {
                *seen = true;
            }
            let verdict = theirs.map(|(_, theirs)| (theirs.verdict, theirs.only_root));
            if verdict != Some((it.verdict, it.only_root)) {
                doubtful.push(it.key);
                let at = model.keys.get(it.key).map(|key| &key.origin);
                let at = at.unwrap_or(&subject.origin).clone();
                undecided(it, why, &at);
            }
        }
        // What only the other reading asks for: to decrypt, where the bucket has an S3 Bucket Key.
        let asked = same.requirements.iter().zip(found);
        for (theirs, _) in asked.filter(|(theirs, found)| {
            !found && theirs.verdict != Verdict::Allowed && theirs.verdict != Verdict::Delegated
        }) {
            let key = id_of(&other.keys, theirs.key);
            let key = key.and_then(|key| by_id.get(key.as_str()).copied());
            if let Some(key) = key {
                let mut it = theirs.clone();
                it.key = key;
                undecided(&mut it, why, &subject.origin);
                subject.requirements.push(it);
            }
        }
    }
    let theirs: BTreeMap<&str, &Key> = other.keys.iter().map(|it| (it.id.as_str(), it)).collect();
    for (at, key) in model.keys.iter_mut().enumerate() {
        let Some(theirs) = theirs.get(key.id.as_str()) else {
            continue;
        };
        for (own, theirs) in [
            (&mut key.enabled, &theirs.enabled),
            (&mut key.symmetric, &theirs.symmetric),
            (&mut key.multi_region, &theirs.multi_region),
            (&mut key.bypass, &theirs.bypass),
        ] {
            if own != theirs {
                *own = Fact::Unknown;
            }
        }
        // The place that says that something is wrong is the one to point at.
        if theirs.enabled.is(&false) {
            key.enabled_at = theirs.enabled_at.clone();
        }
        if theirs.symmetric.is(&false) {
            key.spec_at = theirs.spec_at.clone();
        }
        if key.rotation != theirs.rotation {
            key.rotation = Some(Fact::Unknown);
        }
        let places = [&key.address].into_iter().chain(&key.policy_addresses);
        let mut places = places.map(|address| format!("in{}:{address}", key.input));
        if places.any(|it| reading.policies.contains(&it)) && !doubtful.contains(&at) {
            key.others.push(OtherPolicy {
                address: key.address.clone(),
                shown_by: Some(why.to_owned()),
                origin: theirs.origin.clone(),
                policy: None,
                differs: Fact::Known(true),
            });
        }
    }
}

/// True for one requirement in two readings.
fn is_one(one: &Requirement, other: &Requirement) -> bool {
    let asked = |it: &Requirement| (it.id, it.reader.clone(), it.via, it.through.clone());
    asked(one) == asked(other) && one.request.action == other.request.action
}

fn undecided(it: &mut Requirement, why: &str, at: &Origin) {
    it.verdict = Verdict::Undecided;
    it.explicit = false;
    it.only_root = false;
    it.besides = None;
    it.decision.verdict = Verdict::Undecided;
    it.decision.cases.clear();
    it.decision.blocked_by = vec![Blocker {
        symbol: None,
        reason: why.to_owned(),
        at: at.clone(),
    }];
}
