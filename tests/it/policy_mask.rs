//! The mask test: hide one or two values of each vector, and the answer equals brute force over what the hidden values may be.
//!
//! `KEYTRAIL_MASK_ALL=1` runs every pair of every vector, `KEYTRAIL_MASK_ALL=k1633,k1089` every pair of these; otherwise a deterministic sample
//! runs.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::holes::{Filling, Fillings, Masked};
use crate::support::masks::{At, How, Place, Pools, fillings, hide, places};
use keytrail::policy::{Verdict, answer};
use serde_json::Value as Json;

const VECTORS: &str = include_str!("../../testdata/iam/vectors.jsonl");

/// One text of each class that known evaluations of this place alone tell apart, so that pairs stay small; every class keeps several.
fn thinned(vector: &Masked, place: &Place, all: Vec<Filling>, most: usize) -> Vec<Filling> {
    if all.len() <= most {
        return all;
    }
    let pools = Pools { vector };
    let mut written: BTreeSet<String> = pools.context().into_iter().collect();
    written.extend(pools.conditions().into_iter().map(|(.., value)| value));
    let mut masked = vector.clone();
    hide(&mut masked, place, "a");
    let mut kept: BTreeMap<String, Vec<Filling>> = BTreeMap::new();
    for filling in all {
        let given: Fillings = [("a".to_owned(), filling.clone())].into();
        let decision = masked.decide(Some(&given));
        let class: Vec<_> = decision
            .statements
            .iter()
            .map(|it| {
                (
                    it.matches,
                    it.principal,
                    it.action,
                    it.resource,
                    it.conditions,
                )
            })
            .collect();
        // What the vector itself holds stays, so that two hidden values can meet.
        let own = match &filling {
            Filling::Text(text) => written.contains(text),
            Filling::List(texts) => texts.len() == 1 && texts.iter().all(|it| written.contains(it)),
            Filling::There(_) => true,
        };
        let class = kept.entry(format!("{class:?}")).or_default();
        if own || class.len() < 3 {
            class.push(filling);
        }
    }
    let mut out: Vec<Filling> = kept.into_values().flatten().collect();
    out.truncate(most * 4);
    out
}

fn expected(seen: &BTreeSet<Verdict>) -> Verdict {
    match seen.iter().copied().collect::<Vec<_>>().as_slice() {
        [one] => *one,
        _ if seen.contains(&Verdict::Undecided) => Verdict::Undecided,
        _ => Verdict::Conditional,
    }
}

#[derive(Default)]
struct Run {
    masks: usize,
    pairs: usize,
    fillings: usize,
    wrong: Vec<String>,
}

fn check(run: &mut Run, id: &str, vector: &Masked, places: &[(&Place, &[Filling])]) {
    let mut masked = vector.clone();
    let names = ["a", "b"];
    for ((place, _), name) in places.iter().zip(names) {
        hide(&mut masked, place, name);
    }
    let decision = masked.decide(None);
    let mut seen = BTreeSet::new();
    // Policies and requests are built once each, and every policy meets every request.
    let side = |wanted_policy: bool| {
        let mut stack: Vec<Fillings> = vec![Fillings::new()];
        for ((place, all), name) in places.iter().zip(names) {
            if matches!(place.at, At::Policy(..)) != wanted_policy {
                continue;
            }
            stack = stack
                .iter()
                .flat_map(|given| {
                    all.iter().map(|filling| {
                        let mut given = given.clone();
                        given.insert(name.to_owned(), filling.clone());
                        given
                    })
                })
                .collect();
        }
        stack
    };
    let requests: Vec<_> = side(false)
        .into_iter()
        .map(|it| (masked.known_request(&it), it))
        .collect();
    let symbols = keytrail::value::Symbols::new();
    let mut by_verdict: BTreeMap<Verdict, (Fillings, Fillings)> = BTreeMap::new();
    for given in side(true) {
        let policy = masked.known_policy(&given);
        for (request, other) in &requests {
            let verdict = answer(&policy, request, &symbols).verdict;
            run.fillings += 1;
            seen.insert(verdict);
            by_verdict
                .entry(verdict)
                .or_insert_with(|| (given.clone(), other.clone()));
        }
    }
    run.masks += 1;
    let expected = expected(&seen);
    if decision.verdict != expected {
        let hidden: Vec<_> = places.iter().map(|(place, _)| place).collect();
        run.wrong.push(format!(
            "{id}: {:?} where brute force gives {expected:?}\n  hidden {hidden:?}\n  seen {by_verdict:?}\n  cases {:?}",
            decision.verdict, decision.cases
        ));
    }
}

/// A small generator with a fixed seed.
fn next(state: &mut u64) -> u64 {
    *state = state
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

/// Runs the vectors whose number leaves `part` of `parts`.
fn run_part(wanted: Option<&str>, part: usize, parts: usize) -> Run {
    let all = wanted.is_some();
    let every = if all { 1 } else { 24 };
    let mut run = Run::default();
    for (number, line) in VECTORS.lines().enumerate() {
        if !number.is_multiple_of(every)
            || (number / every) % parts != part
            || run.wrong.len() > 400
        {
            continue;
        }
        let mut state = 7 + number as u64;
        let line: Json = serde_json::from_str(line).unwrap();
        let id = line["id"].as_str().unwrap();
        let named = |wanted: &str| wanted == "1" || wanted.split(',').any(|it| it == id);
        if !wanted.is_none_or(named) {
            continue;
        }
        let vector = Masked::from_vector(&line);
        let pools = Pools { vector: &vector };
        let places = places(&vector);
        let fillings: Vec<Vec<Filling>> = places
            .iter()
            .map(|place| fillings(place, &pools.of(place)))
            .collect();
        for (place, all) in places.iter().zip(&fillings) {
            check(&mut run, id, &vector, &[(place, all)]);
        }
        let thin: Vec<Vec<Filling>> = places
            .iter()
            .zip(fillings)
            .map(|(place, all)| thinned(&vector, place, all, 12))
            .collect();
        for one in 0..places.len() {
            for two in one + 1..places.len() {
                let sampled = all || next(&mut state).is_multiple_of(8);
                let whole = |how| matches!(how, How::Text | How::Account);
                let (left, right) = (&places[one], &places[two]);
                let apart = left.at != right.at
                    || (left.how == How::Maybe && whole(right.how))
                    || (right.how == How::Maybe && whole(left.how));
                if sampled && apart {
                    run.pairs += 1;
                    check(
                        &mut run,
                        id,
                        &vector,
                        &[(left, &thin[one]), (right, &thin[two])],
                    );
                }
            }
        }
    }
    run
}

#[test]
fn hidden_values_give_what_brute_force_gives() {
    let wanted = std::env::var("KEYTRAIL_MASK_ALL").ok();
    let wanted = wanted.as_deref();
    let parts = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let run = std::thread::scope(|scope| {
        let parts: Vec<_> = (0..parts)
            .map(|part| scope.spawn(move || run_part(wanted, part, parts)))
            .collect();
        parts.into_iter().fold(Run::default(), |mut run, part| {
            let part = part.join().unwrap();
            run.masks += part.masks;
            run.pairs += part.pairs;
            run.fillings += part.fillings;
            run.wrong.extend(part.wrong);
            run
        })
    });
    println!(
        "{} masks, of them {} pairs, {} fillings, {} differ",
        run.masks,
        run.pairs,
        run.fillings,
        run.wrong.len()
    );
    let shown: Vec<String> = run.wrong.iter().take(60).cloned().collect();
    assert!(
        run.wrong.is_empty(),
        "{} differ\n{}",
        run.wrong.len(),
        shown.join("\n")
    );
}
