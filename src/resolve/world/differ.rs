//! Where inputs that are as good as each other show one object differently.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Loaded;
use super::super::change::is_change;
use super::super::index::At;
use super::super::size;
use super::{Reading, rank};
use crate::input::{Action, InputKind, Resource};
use crate::source::parse_json_text;
use crate::value::{Kind, PartKind, Presence, Value};

/// What nothing hangs on: names that follow from others, and the length of a pause.
const IDLE: &[&str] = &["arn", "deletion_window_in_days", "id"];

/// Resources that are named in a note, at most.
const MOST: usize = 3;

/// Where one input differs from another one, which counts.
#[derive(Default)]
struct Differences {
    /// The places that count and the attributes that differ, with the values of the one that does not count.
    changed: Vec<(At, Vec<(String, Value)>)>,
    /// What is told of each resource.
    told: Vec<String>,
    /// Addresses of what the one that counts destroys.
    destroyed: Vec<String>,
}

/// The other readings, and the notes of them by input. `left_out` leads from what is left out to what counts.
pub(super) fn readings(
    loaded: &[Loaded],
    left_out: &BTreeMap<At, At>,
) -> (Vec<(usize, String)>, Vec<Reading>) {
    let mut pairs: BTreeMap<(usize, usize), Differences> = BTreeMap::new();
    for (less, more) in left_out {
        let parts = (loaded.get(less.input), loaded.get(more.input));
        let (Some(of), Some(other)) = parts else {
            continue;
        };
        let (own, others) = (rank(of.document.kind), rank(other.document.kind));
        let resources = (
            of.document.resources.get(less.resource),
            other.document.resources.get(more.resource),
        );
        let (Some(it), Some(counts)) = resources else {
            continue;
        };
        let pair = pairs.entry((less.input, more.input)).or_default();
        if destroys(counts) && !destroys(it) && own <= others {
            pair.destroyed.push(format!("`{}`", it.address));
            continue;
        }
        let changed = attributes(it, counts);
        if changed.is_empty() || (own != others && !is_pending(it, counts, &changed)) {
            continue;
        }
        let names: Vec<String> = changed
            .iter()
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        pair.told
            .push(format!("{} of `{}`", list(&names), it.address));
        pair.changed.push((*more, changed));
    }
    let (mut notes, mut readings) = (Vec::new(), Vec::new());
    for ((less, more), it) in pairs {
        let (Some(of), Some(other)) = (loaded.get(less), loaded.get(more)) else {
            continue;
        };
        if !it.destroyed.is_empty() {
            let note = format!(
                "`{}` destroys {}, whatever is shown of it here",
                other.path,
                shortened(&it.destroyed)
            );
            notes.push((less, note));
        }
        if it.changed.is_empty() {
            continue;
        }
        let told = shortened(&it.told);
        let both = match (of.document.kind, other.document.kind) {
            (InputKind::Snapshot, InputKind::State) => {
                "one is of a plan, and the other one from before it: give the newer one alone"
            }
            (InputKind::State, _) => "both are states: give the newer one alone",
            (InputKind::Snapshot, _) => "both are snapshots: give the newer one alone",
            _ => "both are plans: one root alone should manage it",
        };
        notes.push((
            less,
            format!(
                "another {told} is shown than in `{}`; what hangs on it is undecided, as nothing says which of the two is so ({both})",
                other.path
            ),
        ));
        let resource = |at: &At| loaded.get(at.input)?.document.resources.get(at.resource);
        let mut reading = Reading {
            changed: Vec::new(),
            policies: BTreeSet::new(),
            why: format!(
                "another {told} is shown in `{}` than in `{}`",
                of.path, other.path
            ),
        };
        for (at, values) in it.changed {
            let Some(address) = resource(&at).map(|it| it.address.clone()) else {
                continue;
            };
            if values.iter().any(|(name, _)| name == "policy") {
                let id = format!("in{}:{address}", at.input);
                reading.policies.insert(id);
            }
            reading.changed.push((at.input, address, values));
        }
        readings.push(reading);
    }
    (notes, readings)
}

/// True where the snapshot of a plan changes what a state shows as it was before: nothing says whether the plan is still to be applied, or the
/// state was put back since.
fn is_pending(it: &Resource, counts: &Resource, changed: &[(String, Value)]) -> bool {
    let (Some(before), Some(shown), true) = (&it.before, &counts.after, is_change(it)) else {
        return false;
    };
    let same = |name: &str| {
        let old = before.get(name).and_then(|it| said(name, it));
        old.is_some() && old == shown.get(name).and_then(|it| said(name, it))
    };
    changed.iter().all(|(name, _)| same(name))
}

fn destroys(it: &Resource) -> bool {
    matches!(it.action, Action::Delete | Action::Replace)
}

/// The attributes that both know and that differ, with the values of `it`. What one plan leaves as it was and the other one changes is no
/// difference.
fn attributes(it: &Resource, counts: &Resource) -> Vec<(String, Value)> {
    let (Some(after), Some(other)) = (&it.after, &counts.after) else {
        return Vec::new();
    };
    let Kind::Object(object) = &after.kind else {
        return Vec::new();
    };
    let before = counts.before.as_ref();
    let unchanged = matches!(it.action, Action::NoOp | Action::Read);
    let differs = |name: &str, value: &Value| {
        let others = other.get(name);
        let same_text = |it: &Value| it.as_str().is_some() && it.as_str() == value.as_str();
        if others.is_some_and(same_text) {
            return false;
        }
        let (Some(own), Some(others)) = (said(name, value), others.and_then(|it| said(name, it)))
        else {
            return false;
        };
        let old = || before.and_then(|before| said(name, before.get(name)?));
        others != own && !(unchanged && old() == Some(own))
    };
    let members = object.members.iter();
    let members = members.filter(|it| !IDLE.contains(&it.key.as_str()));
    members
        .filter(|it| it.presence == Presence::Present && differs(&it.key, &it.value))
        .map(|it| (it.key.clone(), it.value.clone()))
        .collect()
}

/// What a value says, where all of it is known: equal for two that say the same.
fn said(name: &str, value: &Value) -> Option<String> {
    if value.is_null() || names_symbol(value) {
        return None;
    }
    let document = name == "assume_role_policy" || crate::input::types::is_json(name);
    let text = value.as_str().filter(|_| document);
    let tree = text.and_then(|text| parse_json_text(text, 0).ok());
    match tree {
        Some(tree) => size::meaning(&Value::from_json(&tree)),
        None => size::meaning(value),
    }
}

/// True where a symbol stands in some text of a value. What is not known in another way says nothing that could be compared.
fn names_symbol(value: &Value) -> bool {
    match &value.kind {
        Kind::Text(text) => {
            let literal = |kind: &PartKind| matches!(kind, PartKind::Literal(_));
            !text.parts().iter().all(|part| literal(&part.kind))
        }
        Kind::List(list) => list.items.iter().any(|it| names_symbol(&it.value)),
        Kind::Object(object) => object.members.iter().any(|it| names_symbol(&it.value)),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Unknown(_) => false,
    }
}

fn list(names: &[String]) -> String {
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

/// The first of many.
fn shortened(all: &[String]) -> String {
    let shown: Vec<String> = all.iter().take(MOST).cloned().collect();
    match all.len() - shown.len() {
        0 => list(&shown),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_up_to_a_number() {
        for (count, all, short) in [
            (0, "", ""),
            (1, "1", "1"),
            (2, "1 and 2", "1 and 2"),
            (3, "1, 2 and 3", "1, 2 and 3"),
            (4, "1, 2, 3 and 4", "1, 2, 3 and 1 more"),
            (5, "1, 2, 3, 4 and 5", "1, 2, 3 and 2 more"),
        ] {
            let names: Vec<String> = (1..=count).map(|at: usize| at.to_string()).collect();
            assert_eq!(
                (list(&names).as_str(), shortened(&names).as_str()),
                (all, short)
            );
        }
    }

    #[test]
    fn only_what_is_known_is_said() {
        use crate::source::{Origin, Span};
        use crate::value::{Nature, Shape, Symbol, Symbols, Text};
        let origin = || Origin::new(Span { start: 0, end: 1 });
        let mut symbols = Symbols::new();
        let symbol = symbols.intern(Symbol::for_test("name", Shape::Name, Nature::Named));
        let mut open = Text::literal("role/", origin());
        open.append(Text::symbol(symbol, origin()));
        let open = || Value::new(Kind::Text(open.clone()), origin());
        let json = |text: &str| Value::from_json(&parse_json_text(text, 0).unwrap());
        let mut list = json(r#"["a", "b"]"#);
        if let Kind::List(list) = &mut list.kind {
            list.items[1].value = open();
        }
        let mut object = json(r#"{"a": {"b": "c"}}"#);
        if let Kind::Object(outer) = &mut object.kind
            && let Kind::Object(inner) = &mut outer.members[0].value.kind
        {
            inner.members[0].value = open();
        }
        for value in [json("null"), open(), list, object] {
            assert_eq!(said("role", &value), None, "{value:?}");
        }
        for known in [
            "true",
            "1",
            "\"a\"",
            "[\"a\", \"b\"]",
            "{\"a\": {\"b\": \"c\"}}",
        ] {
            assert!(said("role", &json(known)).is_some(), "{known}");
        }
    }

    #[test]
    fn a_documents_spelling_says_nothing() {
        use crate::source::{Origin, Span};
        let origin = || Origin::new(Span { start: 0, end: 1 });
        let text = |text: &str| Value::text(text.to_owned(), origin());
        let (one, other) = (text(r#"{"a": 1, "b": 2}"#), text(r#"{"b":2,"a":1}"#));
        for (name, same) in [
            ("policy", true),
            ("manifest_json", true),
            ("assume_role_policy", true),
            ("description", false),
        ] {
            assert_eq!(said(name, &one) == said(name, &other), same, "{name}");
        }
    }
}
