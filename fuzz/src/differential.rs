//! The three-valued evaluator beside its own two-valued case: what it says of hidden values holds for every value that they may have.

use std::collections::BTreeSet;

use keytrail::policy::{Match, Verdict};
use keytrail::value::Nature;
use serde_json::Value as Json;

use crate::split;
use crate::support::holes::{Filling, Fillings, Masked};
use crate::support::masks::{At, How, Place, Pools, fillings, hide, places};
use crate::support::mutate::Random;

/// Values that are hidden at once, at most.
const MOST: usize = 3;

/// Fillings that are tried of each input.
const TRIED: usize = 24;

/// The first bytes choose what is hidden of the line in the others, and what is put in its place.
pub fn run(data: &[u8]) {
    let Some((choice, text)) = split(data) else {
        return;
    };
    let Ok(line) = serde_json::from_str::<Json>(text) else {
        return;
    };
    let Some(known) = question(&line) else { return };
    let mut random = Random(choice);
    let mut masked = known.clone();
    // Whatever the nature, a sure answer is sure.
    masked.nature = [
        Nature::Named,
        Nature::Named,
        Nature::Undocumented,
        Nature::Free,
    ][random.below(4)];
    let all = places(&known);
    let mut hidden: Vec<(&Place, String)> = Vec::new();
    for _ in 0..=random.below(MOST) {
        let Some(place) = all.get(random.below(all.len())) else {
            return;
        };
        if hidden.iter().all(|(other, _)| apart(place, other)) {
            let name = format!("s{}", hidden.len());
            hide(&mut masked, place, &name);
            hidden.push((place, name));
        }
    }
    let pools = Pools { vector: &known };
    let pools: Vec<Vec<Filling>> = hidden
        .iter()
        .map(|(place, _)| fillings(place, &pools.of(place)))
        .collect();
    let decision = masked.decide(None);
    let possible: BTreeSet<Verdict> = decision.cases.iter().map(|case| case.verdict).collect();
    for _ in 0..TRIED {
        let chosen = pools
            .iter()
            .map(|pool| pool.get(random.below(pool.len())).cloned());
        let Some(chosen) = chosen.collect::<Option<Vec<Filling>>>() else {
            return;
        };
        let given: Fillings = hidden
            .iter()
            .map(|(_, name)| name.clone())
            .zip(chosen)
            .collect();
        // AWS would refuse what was put in: there is no such policy.
        if masked.known_policy(&given).rejected {
            continue;
        }
        let instance = masked.decide(Some(&given));
        let about = || {
            format!(
                "with {given:?}: {:?} {}\n{:?}\nof {}",
                instance.verdict, instance.explicit, decision, masked.policy
            )
        };
        match decision.verdict {
            Verdict::Undecided => {}
            Verdict::Conditional => assert!(
                possible.contains(&instance.verdict),
                "no case says so, {}",
                about()
            ),
            sure => {
                assert_eq!(instance.verdict, sure, "{}", about());
                assert!(!decision.explicit || instance.explicit, "{}", about());
            }
        }
        assert_eq!(decision.statements.len(), instance.statements.len());
        for (unknown, known) in decision.statements.iter().zip(&instance.statements) {
            for (unknown, known) in [
                (unknown.matches, known.matches),
                (unknown.principal, known.principal),
                (unknown.action, known.action),
                (unknown.resource, known.resource),
            ] {
                assert!(
                    unknown == Match::Maybe || unknown == known,
                    "{unknown:?} is {known:?}, {}",
                    about()
                );
            }
        }
    }
}

/// A line as a question that can be hidden in.
fn question(line: &Json) -> Option<Masked> {
    let request = &line["request"];
    let is_text = |name: &str| request[name].is_string();
    let whole = line["policy"].is_object()
        && ["principal", "action", "resource", "account"]
            .into_iter()
            .all(is_text);
    let statements = match &line["policy"]["Statement"] {
        Json::Array(items) => items.iter().all(Json::is_object),
        other => other.is_object(),
    };
    let plain = |value: &Json| {
        value.is_string()
            || value
                .as_array()
                .is_some_and(|items| items.iter().all(Json::is_string))
    };
    let context = request["context"].as_object().is_some_and(|all| {
        let names: BTreeSet<String> = all.keys().map(|key| key.to_ascii_lowercase()).collect();
        names.len() == all.len() && all.values().all(plain)
    });
    let identity = line.get("identity_policies").is_none_or(Json::is_array);
    let marks =
        line.to_string().contains(['\u{1}', '\u{2}']) || line.to_string().contains("\\u000");
    (whole && statements && context && identity && !marks).then(|| Masked::from_vector(line))
}

/// True where two places can be hidden at once.
fn apart(one: &Place, other: &Place) -> bool {
    let whole = |how| matches!(how, How::Text | How::Account);
    one.at != other.at
        || matches!(one.at, At::Context(_))
            && (one.how == How::Maybe && whole(other.how)
                || other.how == How::Maybe && whole(one.how))
}
