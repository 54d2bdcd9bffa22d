//! One `statement` block in the policy language.

use super::{given, object};
use crate::source::Origin;
use crate::value::{
    Item, Kind, List, Member, Object, Open, Part, PartKind, Presence, SymbolId, Text, Value,
};

/// The statement of a block.
pub(super) fn statement(block: &Value) -> Value {
    let origin = block.origin.clone();
    let mut members = Vec::new();
    if let Some(sid) = given(block, "sid").filter(|sid| sid.as_str() != Some("")) {
        members.push(("Sid", text(sid)));
    }
    // An unknown effect stays what it is: it is one of two.
    let effect = given(block, "effect").cloned();
    let effect = effect.unwrap_or_else(|| Value::text("Allow", origin.clone()));
    members.push(("Effect", effect));
    for (name, element, variables) in [
        ("actions", "Action", false),
        ("not_actions", "NotAction", false),
        ("resources", "Resource", true),
        ("not_resources", "NotResource", true),
    ] {
        if let Some(value) = given(block, name) {
            members.push((element, one_or_more(strings(value, variables), true)));
        }
    }
    for (name, element) in [
        ("principals", "Principal"),
        ("not_principals", "NotPrincipal"),
    ] {
        if let Some(blocks) = given(block, name) {
            members.push((element, principals(blocks)));
        }
    }
    if let Some(blocks) = given(block, "condition") {
        members.push(("Condition", conditions(blocks)));
    }
    let mut statement = object(members, &origin);
    statement.sensitive = block.sensitive;
    statement
}

/// A string argument: what is not known is surely a string.
fn text(value: &Value) -> Value {
    let mut value = value.clone();
    let known = match &value.kind {
        Kind::Unknown(symbol) => Some(Text::symbol(*symbol, value.origin.clone())),
        Kind::Bool(it) => Some(Text::literal(it.to_string(), value.origin.clone())),
        Kind::Number(it) => Some(Text::literal(it.as_str(), value.origin.clone())),
        _ => None,
    };
    if let Some(known) = known {
        value.kind = Kind::Text(known);
    }
    if value.sensitive {
        value = value.into_sensitive();
    }
    value
}

/// A list of strings. With `variables`, `&{` stands for `${`, which Terraform takes for itself.
fn strings(value: &Value, variables: bool) -> Value {
    let list = match &value.kind {
        Kind::List(list) => list.clone(),
        Kind::Unknown(symbol) => List {
            items: Vec::new(),
            open: Some(Open {
                symbol: *symbol,
                origin: value.origin.clone(),
            }),
        },
        _ => List {
            items: vec![Item {
                presence: Presence::Present,
                value: value.clone(),
            }],
            open: None,
        },
    };
    let items = list.items.into_iter().filter(|item| !item.value.is_null());
    let items = items.map(|item| {
        let mut value = text(&item.value);
        if let Kind::Text(text) = &mut value.kind
            && variables
        {
            *text = with_variables(text);
        }
        Item { value, ..item }
    });
    let list = List {
        items: items.collect(),
        open: list.open,
    };
    Value {
        kind: Kind::List(list),
        ..value.clone()
    }
}

/// The text with policy variables as the policy language writes them.
fn with_variables(text: &Text) -> Text {
    let parts = text.parts().iter().map(|part| match &part.kind {
        PartKind::Literal(text) => Part {
            kind: PartKind::Literal(text.replace("&{", "${")),
            ..part.clone()
        },
        _ => part.clone(),
    });
    Text::from_parts(parts.collect())
}

/// What the provider writes for a list: each string of a set once and, where all are known, the greatest first; a single one without brackets.
fn one_or_more(mut value: Value, set: bool) -> Value {
    let Kind::List(list) = &mut value.kind else {
        return value;
    };
    if set {
        in_order(list);
    }
    match list.items.as_slice() {
        [only] if list.open.is_none() && only.presence == Presence::Present => only.value.clone(),
        _ => value,
    }
}

/// A set as the provider lists it.
fn in_order(list: &mut List) {
    let mut keyed = Vec::with_capacity(list.items.len());
    for item in &list.items {
        let text = match &item.value.kind {
            Kind::Text(text) => text.to_literal(),
            _ => None,
        };
        match text {
            Some(text) if item.presence == Presence::Present => keyed.push((text, item.clone())),
            _ => return,
        }
    }
    keyed.sort_by(|(a, _), (b, _)| b.cmp(a));
    keyed.dedup_by(|(a, _), (b, _)| a == b);
    list.items = keyed.into_iter().map(|(_, item)| item).collect();
}

/// The blocks of a list, each with whether it is there; and its rest.
fn blocks(value: &Value) -> (Vec<(&Value, Presence)>, Option<Open>) {
    match &value.kind {
        Kind::List(list) => {
            let items = list.items.iter().map(|item| (&item.value, item.presence));
            (items.collect(), list.open.clone())
        }
        Kind::Unknown(symbol) => {
            let origin = value.origin.clone();
            let symbol = *symbol;
            (Vec::new(), Some(Open { symbol, origin }))
        }
        _ => (Vec::new(), None),
    }
}

/// `principals` blocks: `{"AWS": [...], "Service": [...]}`, or `"*"` for the one block of type `*`.
fn principals(value: &Value) -> Value {
    let (blocks, mut open) = blocks(value);
    if let [(only, Presence::Present)] = blocks.as_slice()
        && open.is_none()
        && let Some(everyone) = everyone(only)
    {
        return everyone;
    }
    let mut kinds: Vec<(String, List, Origin)> = Vec::new();
    for (block, presence) in blocks {
        let Some(kind) = block.get("type").and_then(Value::as_str) else {
            let unknown = unknown(block, &["type"]);
            open = open.or(unknown);
            continue;
        };
        let identifiers = block.get("identifiers").map(|value| strings(value, true));
        let Some(Kind::List(mut list)) = identifiers.map(|value| value.kind) else {
            continue;
        };
        in_order(&mut list);
        perhaps(&mut list, presence);
        match kinds.iter_mut().find(|(known, ..)| known == kind) {
            Some((_, all, _)) => {
                all.items.append(&mut list.items);
                all.open = all.open.take().or(list.open);
            }
            None => kinds.push((kind.to_owned(), list, block.origin.clone())),
        }
    }
    kinds.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    let members = kinds.into_iter().map(|(key, list, origin)| Member {
        key,
        key_origin: origin.clone(),
        presence: Presence::Present,
        value: one_or_more(Value::new(Kind::List(list), origin), false),
    });
    let object = Object {
        members: members.collect(),
        open,
    };
    Value::new(Kind::Object(object), value.origin.clone())
}

/// `"*"` for a block of type `*` whose one identifier is `*`.
fn everyone(block: &Value) -> Option<Value> {
    if block.get("type").and_then(Value::as_str) != Some("*") {
        return None;
    }
    match one_or_more(strings(block.get("identifiers")?, true), true) {
        only if only.as_str() == Some("*") => Some(only),
        _ => None,
    }
}

/// Items of a block that may not be there.
fn perhaps(list: &mut List, presence: Presence) {
    if let Presence::Maybe(_) = presence {
        for item in &mut list.items {
            item.presence = presence;
        }
    }
}

/// What keeps a block from being placed: one of its names is not known.
fn unknown(block: &Value, names: &[&str]) -> Option<Open> {
    let first = names.iter().find_map(|name| match &block.get(name)?.kind {
        Kind::Unknown(symbol) => Some(*symbol),
        Kind::Text(text) => text.parts().iter().find_map(|part| match part.kind {
            PartKind::Symbol(symbol) => Some(symbol),
            _ => None,
        }),
        _ => None,
    });
    let whole = match block.kind {
        Kind::Unknown(symbol) => Some(symbol),
        _ => None,
    };
    first.or(whole).map(|symbol| Open {
        symbol,
        origin: block.origin.clone(),
    })
}

/// `condition` blocks: by operator, then by key.
fn conditions(value: &Value) -> Value {
    let (blocks, rest) = blocks(value);
    let mut open = rest.clone();
    let mut found: Vec<(String, Origin, Member)> = Vec::new();
    for (block, presence) in blocks {
        let name = |name: &str| block.get(name).and_then(Value::as_str);
        let (Some(operator), Some(key)) = (name("test"), name("variable")) else {
            // An unknown operator or key: one more condition, of which nothing is known.
            open = open.or(unknown(block, &["test", "variable"]));
            continue;
        };
        let mut values = block.get("values").map_or_else(
            || Value::new(Kind::List(List::default()), block.origin.clone()),
            |values| strings(values, true),
        );
        if let Kind::List(list) = &mut values.kind {
            // An unknown block may name the same operator and key: its values join these.
            list.open = list.open.take().or_else(|| rest.clone());
        }
        let at = block.get("variable").map_or(&block.origin, |it| &it.origin);
        let member = Member {
            key: key.to_owned(),
            key_origin: at.clone(),
            presence,
            value: values,
        };
        let known = found
            .iter()
            .position(|(test, _, old)| test == operator && old.key == key);
        let Some(known) = known else {
            found.push((operator.to_owned(), block.origin.clone(), member));
            continue;
        };
        if let Some((_, _, old)) = found.get_mut(known)
            && let Some(symbol) = join(old, member)
        {
            found.swap_remove(known);
            let origin = block.origin.clone();
            open = open.or(Some(Open { symbol, origin }));
        }
    }
    found.sort_by(|(test, _, a), (other, _, b)| (test, &a.key).cmp(&(other, &b.key)));
    let mut operators: Vec<Member> = Vec::new();
    for (operator, origin, mut member) in found {
        member.value = one_or_more(member.value, false);
        match operators.last_mut() {
            Some(last) if last.key == operator => {
                if let Kind::Object(keys) = &mut last.value.kind {
                    keys.members.push(member);
                }
            }
            _ => {
                let keys = Object {
                    members: vec![member],
                    open: None,
                };
                operators.push(Member {
                    key: operator,
                    key_origin: origin.clone(),
                    presence: Presence::Present,
                    value: Value::new(Kind::Object(keys), origin),
                });
            }
        }
    }
    let object = Object {
        members: operators,
        open,
    };
    Value::new(Kind::Object(object), value.origin.clone())
}

/// The provider joins the values of one operator and key. Where neither of two blocks is surely there, which values there are hangs on both:
/// then the condition is given up, and the symbol says what it hangs on.
fn join(member: &mut Member, more: Member) -> Option<SymbolId> {
    let (Kind::List(all), Kind::List(mut list)) = (&mut member.value.kind, more.value.kind) else {
        return None;
    };
    match (member.presence, more.presence) {
        (Presence::Maybe(one), Presence::Maybe(other)) if one != other => return Some(other),
        (Presence::Present, other) => perhaps(&mut list, other),
        (one, Presence::Present) => {
            perhaps(all, one);
            member.presence = Presence::Present;
        }
        _ => {}
    }
    all.items.append(&mut list.items);
    all.open = all.open.take().or(list.open);
    None
}
