//! The identity of findings: a fingerprint that stays the same as long as the finding does, whatever kind of input it was found in.
//!
//! It is made of the rule, the address in the configuration (an instance has its key beside it, in [`Finding::address`]), the requirement, what
//! else the finding is about, and the meaning of what decides: statements of the key's policy, of IAM policies and trust policies, the terms of
//! a grant. Not in it are places, Sids, the order of
//! statements, the names of inputs, severity and verdict, and anything sensitive.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::requirement::bare;
use crate::model::{Key, Model};
use crate::policy::Canonical;
use crate::report::{FINGERPRINT, Finding};

/// Gives each finding its plain fingerprint, which others of the report may share.
pub(super) fn mark(findings: &mut [Finding], model: &Model) {
    let keys: BTreeMap<&str, &Key> = model.keys.iter().map(|it| (it.id.as_str(), it)).collect();
    let mut known = Meanings::new();
    for finding in findings {
        mark_one(finding, &keys, model, &mut known);
        for twin in &mut finding.basis.twins {
            mark_one(twin, &keys, model, &mut known);
        }
    }
}

/// What statements mean, by their key's id and their number: many findings may be about one.
type Meanings<'m> = BTreeMap<(&'m str, usize), Option<Canonical>>;

fn mark_one<'m>(
    finding: &mut Finding,
    keys: &BTreeMap<&str, &'m Key>,
    model: &Model,
    known: &mut Meanings<'m>,
) {
    let key = finding.key.as_deref().and_then(|id| keys.get(id));
    let mut meanings = Vec::new();
    let policy = key.and_then(|key| Some((key, key.policy.as_ref()?)));
    if let Some((key, policy)) = policy {
        for statement in &finding.basis.statements {
            if key.sensitive {
                finding.basis.hidden = true;
                continue;
            }
            let meaning = known
                .entry((key.id.as_str(), *statement))
                .or_insert_with(|| policy.canonical(*statement, &model.symbols));
            if let Some(meaning) = meaning {
                finding.basis.hidden |= meaning.hidden;
                meanings.push(meaning.text.clone());
            }
        }
    }
    if let Some(besides) = &finding.basis.besides {
        finding.basis.hidden |= besides.hidden;
        meanings.extend(besides.texts.iter().cloned());
    }
    meanings.sort();
    meanings.dedup();
    let address = if finding.basis.nowhere {
        String::new()
    } else {
        bare(&finding.address)
    };
    let key = key.map(|key| bare(&key.address)).unwrap_or_default();
    let parts = [
        FINGERPRINT,
        &finding.rule,
        &address,
        &key,
        finding.requirement.unwrap_or_default(),
        finding.basis.facts.as_deref().unwrap_or_default(),
    ];
    let meanings = meanings.iter().map(String::as_str);
    finding.basis.plain = digest(parts.into_iter().chain(meanings));
    finding.fingerprint.clone_from(&finding.basis.plain);
}

/// Makes the fingerprints of a report differ from each other: where several findings have one identity, all but the first get a number as
/// well, in the order of the names of their inputs and then of their messages.
pub fn distinct(findings: &mut [Finding], model: &Model) {
    let mut same: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate() {
        same.entry(finding.basis.plain.clone())
            .or_default()
            .push(at);
    }
    for (plain, mut places) in same {
        let order = |at: &usize| {
            let finding = findings.get(*at);
            finding.map(|it| {
                (
                    it.suppressed.is_some(),
                    root_of(it, model),
                    it.message.clone(),
                    it.address.clone(),
                )
            })
        };
        places.sort_by_cached_key(order);
        for (number, at) in places.into_iter().enumerate() {
            let Some(finding) = findings.get_mut(at) else {
                continue;
            };
            finding.fingerprint = match number {
                0 => plain.clone(),
                more => digest([plain.as_str(), &(more + 1).to_string()].into_iter()),
            };
        }
    }
}

/// The folder of the configuration that a finding is about, or else what the user calls the input; empty where it is about none.
pub(crate) fn root_of<'m>(finding: &Finding, model: &'m Model) -> &'m str {
    let id = finding.subject.as_deref().or(finding.key.as_deref());
    let id = id.and_then(|id| id.split(':').next());
    let input = model.inputs.iter().find(|it| Some(it.id.as_str()) == id);
    input.map_or("", |it| it.sources.as_deref().unwrap_or(&it.path))
}

/// SHA-256 of texts, each after its length, in hexadecimal.
fn digest<'t>(texts: impl Iterator<Item = &'t str>) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    let bytes = hash.finalize();
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}
