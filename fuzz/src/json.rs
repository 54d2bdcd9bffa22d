//! JSON with places: it is what `serde_json` reads, each place holds what was read there, and symbols in a text hide nothing else of it.

use std::fmt;

use keytrail::source::{JSON_DEPTH, Node, NodeKind, Origin, SourceMap, parse_json};
use keytrail::value::json::{TextError, read};
use keytrail::value::{
    Kind, Nature, Part, PartKind, Presence, Shape, Symbol, SymbolId, Symbols, Text, Value,
};
use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::split;
use crate::support::mutate::Random;

/// The first bytes choose what is hidden of the JSON in the others.
pub fn run(data: &[u8]) {
    let Some((choice, text)) = split(data) else {
        return;
    };
    let mut random = Random(choice);
    let mut map = SourceMap::new();
    map.add("before.json", "0123456789").expect("small");
    let part = random.below(2) == 0;
    let added = if part {
        map.add_part("plan.json", "policy", text, false)
    } else {
        map.add("policy.json", text)
    };
    let file = added.expect("small");
    let raw: Result<&RawValue, _> = serde_json::from_str(text);
    match parse_json(&map, file) {
        Ok(node) => {
            let raw = raw.unwrap_or_else(|error| panic!("serde_json refuses it: {error}: {text}"));
            let base = map.whole(file).start as usize;
            same(&node, raw, text, base);
            assert!(depth(raw) <= JSON_DEPTH);
            shown(&mut map, &node, part, &mut random);
            hidden(text, &Value::from_json(&node), &mut random);
        }
        Err(error) => {
            let whole = map.whole(file);
            assert!(
                whole.start <= error.span.start && error.span.end <= whole.end,
                "{error:?}"
            );
            assert!(!error.message.is_empty());
            if let Ok(raw) = raw {
                assert!(depth(raw) > JSON_DEPTH || !decodes(raw), "{error}: {text}");
            }
        }
    }
}

/// The members of an object, those of equal keys each.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Members<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        reader.deserialize_map(Each)
    }
}

/// A node and what `serde_json` reads at its place.
fn same(node: &Node, raw: &RawValue, text: &str, base: usize) {
    let at =
        |span: keytrail::source::Span| &text[span.start as usize - base..span.end as usize - base];
    let own = at(node.span);
    assert_eq!(own, raw.get());
    let first = own.as_bytes()[0];
    match &node.kind {
        NodeKind::Null => assert_eq!(own, "null"),
        NodeKind::Bool(it) => assert_eq!(own, it.to_string()),
        NodeKind::Number(it) => assert!(own == it && (first == b'-' || first.is_ascii_digit())),
        NodeKind::String(it) => {
            assert_eq!(serde_json::from_str::<String>(own).ok().as_ref(), Some(it))
        }
        NodeKind::Array(items) => {
            let raw: Vec<&RawValue> = serde_json::from_str(own).expect("an array");
            assert_eq!(items.len(), raw.len());
            items
                .iter()
                .zip(raw)
                .for_each(|(item, raw)| same(item, raw, text, base));
        }
        NodeKind::Object(members) => {
            let Members(raw) = serde_json::from_str(own).expect("an object");
            assert_eq!(members.len(), raw.len());
            for (member, (key, raw)) in members.iter().zip(raw) {
                assert_eq!(member.key, key);
                assert_eq!(
                    serde_json::from_str::<String>(at(member.key_span)).ok(),
                    Some(key)
                );
                same(&member.value, raw, text, base);
            }
        }
    }
}

/// How deep values nest, up to one more than may be.
fn depth(raw: &RawValue) -> usize {
    fn below(text: &str, left: usize) -> usize {
        if left == 0 {
            return 0;
        }
        let inner: Vec<&RawValue> = match text.as_bytes().first() {
            Some(b'[') => serde_json::from_str(text).unwrap_or_default(),
            Some(b'{') => match serde_json::from_str::<Members<'_>>(text) {
                Ok(Members(members)) => members.into_iter().map(|it| it.1).collect(),
                // A key that does not decode.
                Err(_) => Vec::new(),
            },
            _ => Vec::new(),
        };
        inner
            .iter()
            .map(|it| 1 + below(it.get(), left - 1))
            .max()
            .unwrap_or(0)
    }
    below(raw.get(), JSON_DEPTH + 1)
}

/// True where every string stands for a text: half of a surrogate pair does not.
fn decodes(raw: &RawValue) -> bool {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'"') => serde_json::from_str::<String>(text).is_ok(),
        Some(b'[') => serde_json::from_str::<Vec<&RawValue>>(text)
            .is_ok_and(|items| items.into_iter().all(decodes)),
        Some(b'{') => serde_json::from_str::<Members<'_>>(text)
            .is_ok_and(|it| it.0.into_iter().all(|it| decodes(it.1))),
        _ => serde_json::from_str::<IgnoredAny>(text).is_ok(),
    }
}

fn nodes<'n>(node: &'n Node, out: &mut Vec<&'n Node>) {
    out.push(node);
    match &node.kind {
        NodeKind::Array(items) => items.iter().for_each(|it| nodes(it, out)),
        NodeKind::Object(members) => members.iter().for_each(|it| nodes(&it.value, out)),
        _ => {}
    }
}

fn without_space(text: &str) -> String {
    text.chars()
        .filter(|it| !it.is_ascii_whitespace())
        .collect()
}

/// What people see at the place of a node is the node, and nothing of what is hidden.
fn shown(map: &mut SourceMap, node: &Node, part: bool, random: &mut Random) {
    let mut all = Vec::new();
    nodes(node, &mut all);
    let file = map.file_of(node.span);
    let text = map.text(file);
    let base = map.whole(file).start as usize;
    for node in all
        .iter()
        .cycle()
        .skip(random.below(all.len()))
        .take(all.len().min(16))
    {
        let own = &text[node.span.start as usize - base..node.span.end as usize - base];
        let at = map.location(node.span);
        assert_eq!(without_space(&at.text), without_space(own));
        assert!(at.start <= at.end && at.part.is_some() == part);
        if !part {
            assert_eq!(at.text, own);
            assert_eq!(map.written(node.span), (at.start, at.end));
        }
    }
    let lines = map.displayed(file).text.matches('\n').count();
    let secret = all[random.below(all.len())];
    let own = text[secret.span.start as usize - base..secret.span.end as usize - base].to_owned();
    map.hide(secret.span);
    let covered = map.displayed(file);
    if own.len() > 2
        && text.matches(own.as_str()).count() == 1
        && !"(sensitive)".contains(own.trim_matches('"'))
    {
        assert!(
            !covered.text.contains(&own),
            "{own} is shown: {}",
            covered.text
        );
    }
    if !part {
        let more = covered.text.matches('\n').count();
        assert_eq!(more, lines, "hiding moves lines");
    }
    for node in all.into_iter().take(16) {
        let at = map.location(node.span);
        assert!(at.start <= at.end);
    }
}

/// What stands in place of a stretch of a text, and what it was.
struct Hole {
    symbol: SymbolId,
    was: String,
}

/// Hides plain stretches of a JSON text: what is read of the rest says of the whole only what is so.
fn hidden(text: &str, whole: &Value, random: &mut Random) {
    let (mut map, mut symbols) = (SourceMap::new(), Symbols::new());
    let file = map.add("policy.json", text).expect("small");
    let all = Origin::new(map.whole(file));
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./: ".contains(letter);
    let mut cuts: Vec<usize> = (0..3).map(|_| random.below(text.len() + 1)).collect();
    cuts.sort_unstable();
    let (mut parts, mut holes, mut from) = (Vec::new(), Vec::new(), 0);
    let literal = |range: std::ops::Range<usize>| Part {
        kind: PartKind::Literal(text[range.clone()].to_owned()),
        origin: Origin::new(map.span(file, range)),
        sensitive: false,
    };
    for cut in cuts {
        if cut < from || !text.is_char_boundary(cut) {
            continue;
        }
        let most = random.below(12);
        let length: usize = text[cut..]
            .chars()
            .take_while(|it| plain(*it))
            .take(most)
            .count();
        // Behind a backslash, half of an escape would be hidden: no text of a symbol is read as that.
        if text[..cut].ends_with('\\') || text[..cut].rfind('\\').is_some_and(|at| cut - at < 6) {
            continue;
        }
        let name = holes.len().to_string();
        let symbol = symbols.intern(Symbol {
            key: name.clone(),
            name,
            shape: Shape::Text,
            nature: Nature::Named,
            reason: "hidden".to_owned(),
            supply: None,
        });
        parts.push(literal(from..cut));
        parts.push(Part {
            kind: PartKind::Symbol(symbol),
            origin: all.clone(),
            sensitive: false,
        });
        holes.push(Hole {
            symbol,
            was: text[cut..cut + length].to_owned(),
        });
        from = cut + length;
    }
    parts.push(literal(from..text.len()));
    match read(&Text::from_parts(parts), &all, &map, &mut symbols) {
        Ok(found) => assert!(
            covers(&found, whole, &holes, &symbols),
            "{text}: {:?}\n{found:?}",
            holes.iter().map(|it| &it.was).collect::<Vec<_>>()
        ),
        Err(TextError::Invalid(error)) => {
            panic!(
                "{error}, whatever the symbols stand for, but {:?} make it JSON: {text}",
                holes.iter().map(|it| &it.was).collect::<Vec<_>>()
            )
        }
        Err(TextError::Unknown { reason, .. }) => assert!(!reason.is_empty()),
    }
}

/// True where a value with symbols may be the known one, with these texts for them.
fn covers(found: &Value, known: &Value, holes: &[Hole], symbols: &Symbols) -> bool {
    match (&found.kind, &known.kind) {
        (Kind::Unknown(_), _) => true,
        (Kind::Text(text), Kind::Text(known)) => filled(text, holes) == known.to_literal(),
        // A symbol that is the whole value.
        (Kind::Text(text), _) => !text.parts().is_empty() && text.to_literal().is_none(),
        (Kind::List(list), Kind::List(known)) => {
            let mut rest = known.items.iter();
            let each = list
                .items
                .iter()
                .filter(|it| it.presence == Presence::Present)
                .all(|item| {
                    let mut next =
                        rest.by_ref()
                            .take(if list.open.is_some() { usize::MAX } else { 1 });
                    next.any(|it| covers(&item.value, &it.value, holes, symbols))
                });
            each && (list.open.is_some() || rest.next().is_none())
        }
        (Kind::Object(object), Kind::Object(known)) => {
            let mut rest = known.members.iter();
            let each = object
                .members
                .iter()
                .filter(|it| it.presence == Presence::Present)
                .all(|member| {
                    let mut next =
                        rest.by_ref()
                            .take(if object.open.is_some() { usize::MAX } else { 1 });
                    next.any(|it| {
                        it.key == member.key && covers(&member.value, &it.value, holes, symbols)
                    })
                });
            each && (object.open.is_some() || rest.next().is_none())
        }
        (found, known) => found == known,
    }
}

/// A text with what was hidden in place of its symbols.
fn filled(text: &Text, holes: &[Hole]) -> Option<String> {
    let mut out = String::new();
    for part in text.parts() {
        match &part.kind {
            PartKind::Literal(text) => out.push_str(text),
            PartKind::Symbol(id) => {
                out.push_str(&holes.iter().find(|hole| hole.symbol == *id)?.was)
            }
            PartKind::Hole(_) => return None,
        }
    }
    Some(out)
}
