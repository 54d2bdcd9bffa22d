#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    reason = "tests"
)]

use proptest::prelude::*;

use super::*;
use crate::source::parse_json_text;
use crate::value::{Meaning, Nature, Symbol};

/// A text that lies in one file, its symbols written `{{name}}` or `{{name:Shape}}`; some of them have meanings, given by name.
struct Laid {
    sources: SourceMap,
    symbols: Symbols,
    text: Text,
    whole: Origin,
}

impl Laid {
    fn new(text: &str) -> Self {
        let mut sources = SourceMap::new();
        sources.add("before.tf", "0123456789").unwrap();
        let mut symbols = Symbols::new();
        let (text, whole) = lay(text, &mut sources, &mut symbols);
        Laid {
            sources,
            symbols,
            text,
            whole,
        }
    }

    fn either(mut self, name: &str, then: &str, other: &str) -> Self {
        let (then, _) = lay(then, &mut self.sources, &mut self.symbols);
        let (other, _) = lay(other, &mut self.sources, &mut self.symbols);
        let presence = symbol(&mut self.symbols, &format!("if {name}"), Shape::Presence);
        let id = symbol(&mut self.symbols, name, Shape::Text);
        let meaning = Meaning::Either {
            presence,
            then,
            other,
        };
        self.symbols.give_meaning(id, meaning);
        self
    }

    fn each(mut self, name: &str, body: &str) -> Self {
        let (body, _) = lay(body, &mut self.sources, &mut self.symbols);
        let id = symbol(&mut self.symbols, name, Shape::Text);
        self.symbols.give_meaning(id, Meaning::Each { body });
        self
    }

    fn json(mut self, name: &str, value: &str) -> Self {
        let value = Value::from_json(&parse_json_text(value, 0).unwrap());
        let id = symbol(&mut self.symbols, name, Shape::Text);
        self.symbols.give_meaning(id, Meaning::Json(value));
        self
    }

    fn read(&mut self) -> Result<Value, TextError> {
        read(&self.text, &self.whole, &self.sources, &mut self.symbols)
    }

    fn shown(&mut self) -> String {
        match self.read() {
            Ok(value) => show(&value, &self.symbols),
            Err(TextError::Invalid(error)) => {
                format!("invalid at `{}`: {error}", self.at(error.span))
            }
            Err(TextError::Unknown { at, reason, .. }) => {
                format!("unknown at `{}`: {reason}", self.at(at.span()))
            }
        }
    }

    fn at(&self, span: crate::source::Span) -> String {
        self.sources.location(span).text
    }
}

fn symbol(symbols: &mut Symbols, name: &str, shape: Shape) -> SymbolId {
    symbols.intern(Symbol {
        key: name.to_owned(),
        name: name.to_owned(),
        shape,
        nature: Nature::Named,
        reason: "known after apply".to_owned(),
        supply: None,
    })
}

fn lay(text: &str, sources: &mut SourceMap, symbols: &mut Symbols) -> (Text, Origin) {
    let file = sources.add("policy.tf", text).unwrap();
    let place = |from: usize, to: usize| Origin::new(sources.span(file, from..to));
    let mut parts = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let start = rest.find("{{").unwrap_or(rest.len());
        if start > 0 {
            parts.push(Part {
                kind: PartKind::Literal(rest[..start].to_owned()),
                origin: place(at, at + start),
                sensitive: false,
            });
            at += start;
            continue;
        }
        let end = rest.find("}}").unwrap() + 2;
        let (name, shape) = match rest[2..end - 2].split_once(':') {
            Some((name, "Arn")) => (name, Shape::Arn),
            Some((name, _)) => (name, Shape::Account),
            None => (&rest[2..end - 2], Shape::Text),
        };
        let kind = match name {
            "hole" => PartKind::Hole("nobody says".to_owned()),
            _ => PartKind::Symbol(symbol(symbols, name, shape)),
        };
        parts.push(Part {
            kind,
            origin: place(at, at + end),
            sensitive: false,
        });
        at += end;
    }
    (Text::from_parts(parts), place(0, text.len()))
}

/// A value in one line: `<x>` is unknown, `x? …` may be there, `...x` is the rest.
fn show(value: &Value, symbols: &Symbols) -> String {
    let name = |id: &SymbolId| symbols.get(*id).name.clone();
    let there = |presence: &Presence| match presence {
        Presence::Present => String::new(),
        Presence::Absent => "never ".to_owned(),
        Presence::Maybe(id) => format!("{}? ", name(id)),
    };
    let rest = |open: &Option<Open>| {
        open.as_ref()
            .map(|open| format!("...{}", name(&open.symbol)))
    };
    match &value.kind {
        Kind::Null => "null".to_owned(),
        Kind::Bool(it) => it.to_string(),
        Kind::Number(it) => it.clone(),
        Kind::Text(it) => format!("{:?}", it.show(symbols)),
        Kind::Unknown(id) => format!("<{}>", name(id)),
        Kind::List(list) => {
            let items = list.items.iter();
            let items = items.map(|it| there(&it.presence) + &show(&it.value, symbols));
            format!(
                "[{}]",
                items.chain(rest(&list.open)).collect::<Vec<_>>().join(" ")
            )
        }
        Kind::Object(object) => {
            let members = object.members.iter().map(|it| {
                let value = show(&it.value, symbols);
                format!("{}{}: {value}", there(&it.presence), it.key)
            });
            let all: Vec<_> = members.chain(rest(&object.open)).collect();
            format!("{{{}}}", all.join(" "))
        }
    }
}

#[test]
fn what_is_unknown_stands_in_its_place() {
    for (text, wanted) in [
        (r#"{"a": "x{{s}}y"}"#, r#"{a: "x${s}y"}"#),
        (r#"{"a": "{{hole}}"}"#, r#"{a: "${nobody says}"}"#),
        (r#"{"a{{s}}": 1, "b": 2}"#, "{b: 2 ...s}"),
        (r#"{"a": {{s}}, "b": 2}"#, "{a: <s> b: 2}"),
        (r#"{"a": {{s}}{{t}}, "b": 2}"#, "{a: <s> ...t b: 2}"),
        ("{{s}}", "<s>"),
        ("  {{s}}\n", "<s>"),
        ("{{hole}}", "<nobody says>"),
        (r#"["a", {{s}}]"#, r#"["a" ...s]"#),
        (r#"["a" {{s}} ]"#, r#"["a" ...s]"#),
        (r#"[{{s}} "a"]"#, r#"["a" ...s]"#),
        (r#"[{{s}}, "a"]"#, r#"["a" ...s]"#),
        ("[{{s}}]", "[...s]"),
        ("[{{s}}{{t}}]", "[...s]"),
        ("[{{n:Account}}, 2]", "[<n> 2]"),
        (r#"{"a":1 {{s}}}"#, "{a: 1 ...s}"),
        (r#"{"a":1, {{s}}, "b":2}"#, "{a: 1 b: 2 ...s}"),
        (r#"{"a":1, "a":2}"#, "{a: 1 a: 2}"),
        (r#"["\u00e9\n\ud83d\ude00"]"#, r#"["é\n😀"]"#),
    ] {
        let wanted = wanted.replace("...t b: 2", "b: 2 ...t");
        assert_eq!(Laid::new(text).shown(), wanted, "{text}");
    }
}

#[test]
fn what_decides_the_structure_leaves_nothing_known() {
    for text in [
        r#"{"a": [1 {{s}}"#,
        r#"{"a": tr{{s}}}"#,
        r#"{"a": {{s}}5}"#,
        r#"{"a": "x{{s}}}"#,
        r#"{{s}}{"a": 1}"#,
        r#"{"a" {{s}}}"#,
        "{ {{s}}: 1}",
        r#"["a\{{s}}"]"#,
        r#"{"a": 1}{{s}}"#,
    ] {
        assert_eq!(
            Laid::new(text).shown(),
            "unknown at `{{s}}`: the structure of the JSON hangs on `s`: known after apply",
            "{text}"
        );
    }
    assert_eq!(
        Laid::new("[1 2 {{hole}}]").shown(),
        "unknown at `{{hole}}`: the structure of the JSON is not known: nobody says"
    );
}

#[test]
fn what_is_no_json_is_said_at_its_place() {
    for (text, wanted) in [
        (
            "[1, ]",
            "invalid at `,`: a comma before a closing bracket; remove it",
        ),
        (
            "",
            "invalid at ``: expected a JSON value, found the end of the text",
        ),
        ("[1 2]", "invalid at `2`: expected `,` or `]`, found `2`"),
        // No ARN holds a bracket or a quote.
        (
            r#"["{{a:Arn}}", "b" "c"]"#,
            r#"invalid at `"`: expected `,` or `]`, found `\"`"#,
        ),
    ] {
        assert_eq!(Laid::new(text).shown(), wanted, "{text}");
    }
    let deep = "[".repeat(5_000);
    assert!(Laid::new(&deep).shown().contains("nested deeper than 128"));
    let deep = format!("{}{{{{s}}}}", "[".repeat(5_000));
    assert!(Laid::new(&deep).shown().contains("nested deeper than 128"));
}

#[test]
fn the_json_of_a_value_is_that_value() {
    let json = |text: &str| Laid::new(text).json("j", r#"{"x": [1]}"#).shown();
    assert_eq!(json("{{j}}\n"), "{x: [1]}");
    assert_eq!(json(r#"{"a": {{j}}}"#), "{a: {x: [1]}}");
    assert_eq!(json(r#"["a", {{j}}]"#), r#"["a" {x: [1]}]"#);
    assert_eq!(json(r#"["a{{j}}"]"#), r#"["a${j}"]"#);
    assert!(json(r#"["a" {{j}}]"#).starts_with("unknown at `{{j}}`"));
    assert!(json(r#"{"a": 1, {{j}}}"#).starts_with("unknown"));
}

#[test]
fn one_of_two_texts_and_one_of_many() {
    let either =
        |text: &str, then: &str, other: &str| Laid::new(text).either("e", then, other).shown();
    assert_eq!(
        either(r#"["a"{{e}}]"#, r#", "b""#, ""),
        r#"["a" if e? "b"]"#
    );
    assert_eq!(
        either(r#"["a",{{e}} "c"]"#, r#" "b","#, ""),
        r#"["a" if e? "b" "c"]"#
    );
    assert_eq!(
        either("[{{e}}]", r#""a", "b""#, r#""b", "c""#),
        r#"[if e? "a" "b" not if e? "c"]"#
    );
    assert_eq!(
        either(r#"{"a": 1{{s}}}"#, "", ""),
        "unknown at `{{s}}`: the structure of the JSON hangs on `s`: known after apply"
    );
    assert_eq!(
        either(
            r#"{"a": "1" {{e}}}"#,
            r#", "b": {{s}}"#,
            r#", "b": 2, "c": 3"#
        ),
        r#"{a: "1" if e? b: <s> not if e? b: 2 not if e? c: 3}"#
    );
    assert_eq!(either(r#"{"a": {{e}}}"#, "1", "2"), "{a: <e>}");
    assert_eq!(either(r#"{"a": {{e}}}"#, " 1", "1 "), "{a: 1}");
    assert_eq!(
        either(r#"{"a": {{e}}}"#, "[1]", "[1, 2]"),
        "{a: [1 not if e? 2]}"
    );
    assert_eq!(
        either("{{e}}", r#"{"a": 1}"#, r#"{"a": 2}"#),
        "{if e? a: 1 not if e? a: 2}"
    );
    assert_eq!(either(r#"{"a": "{{e}}"}"#, "x", "y"), r#"{a: "${e}"}"#);
    assert!(either("[{{e}} ]", r#""a"]"#, "").starts_with("unknown at `{{e}}`"));
    assert!(either("[{{e}}{{s}}]", "1", "2").starts_with("unknown"));
    // One in the other: two presences are one.
    let nested = Laid::new("[{{e}}]")
        .either("e", r#""a"{{f}}"#, "")
        .either("f", r#","b""#, "");
    let mut nested = nested;
    assert_eq!(nested.shown(), r#"[if e? "a" if f? "b"]"#);
    let Ok(Value {
        kind: Kind::List(list),
        ..
    }) = nested.read()
    else {
        panic!()
    };
    assert_ne!(
        list.items[1].presence,
        Presence::Maybe(nested.symbols.find("if f").unwrap())
    );

    let each = |text: &str, body: &str| Laid::new(text).each("f", body).shown();
    assert_eq!(each("[{{f}}]", r#""a{{x}}","#), r#"[f? "a${x}" ...f]"#);
    assert_eq!(
        each(r#"["b" {{f}}]"#, r#", {"a": {{x}}}"#),
        r#"["b" f? {a: <x>} ...f]"#
    );
    assert_eq!(each(r#"{"b": {{f}}}"#, "1"), "{b: <f>}");
    assert_eq!(each("{ {{f}}}", r#""k": 1,"#), "{f? k: 1 ...f}");
}

#[test]
fn texts_in_texts_do_not_grow_without_end() {
    let mut laid = Laid::new("[{{0}}]");
    for at in 0..60 {
        let next = format!("{{{{{0}}}}}, {{{{{0}}}}}", at + 1);
        laid = laid.either(&at.to_string(), &next, "");
    }
    let shown = laid.shown();
    assert!(
        shown.contains("too large") || shown.contains("nested deeper"),
        "{shown}"
    );
}

#[test]
fn every_node_is_underlined_where_it_was_written() {
    let text = r#" {"Sid": "a{{s}}b", "n": [12, tr"#;
    let mut laid = Laid::new(&(text.to_owned() + "ue]}"));
    let value = laid.read().unwrap();
    assert_eq!(
        laid.at(value.span()),
        r#"{"Sid": "a{{s}}b", "n": [12, true]}"#
    );
    let Kind::Object(object) = &value.kind else {
        panic!()
    };
    assert_eq!(laid.at(object.members[0].key_origin.span()), r#""Sid""#);
    assert_eq!(laid.at(object.members[0].value.span()), r#""a{{s}}b""#);
    let Kind::Text(sid) = &object.members[0].value.kind else {
        panic!()
    };
    let places: Vec<String> = sid
        .parts()
        .iter()
        .map(|it| laid.at(it.origin.span()))
        .collect();
    assert_eq!(places, ["a", "{{s}}", "b"]);
    let items: Vec<String> = object.members[1]
        .value
        .items()
        .map(|it| laid.at(it.span()))
        .collect();
    assert_eq!(items, ["12", "true"]);
}

#[test]
fn pieces_of_several_files_and_escapes() {
    let mut sources = SourceMap::new();
    let one = sources
        .add("a.tf", r#"policy = "{\"a\":\"x$${y}${var.z}\"}""#)
        .unwrap();
    let two = sources.add("b.tf", r#"default = "zz""#).unwrap();
    let mut at = 10;
    let mut parts: Vec<Part> = Vec::new();
    for (written, reads) in [
        ("{", "{"),
        ("\\\"", "\""),
        ("a", "a"),
        ("\\\"", "\""),
        (":", ":"),
        ("\\\"", "\""),
        ("x", "x"),
        ("$${", "${"),
        ("y}", "y}"),
    ] {
        parts.push(part(reads, sources.span(one, at..at + written.len())));
        at += written.len();
    }
    parts.push(part("zz", sources.span(two, 11..13)));
    at += 8;
    for (written, reads) in [("\\\"", "\""), ("}", "}")] {
        parts.push(part(reads, sources.span(one, at..at + written.len())));
        at += written.len();
    }
    let whole = Origin::new(sources.whole(one));
    let text = Text::from_parts(parts);
    let value = read(&text, &whole, &sources, &mut Symbols::new()).unwrap();
    let at = |span| sources.location(span).text;
    assert_eq!(at(value.span()), r#"{\"a\":\"x$${y}${var.z}\"}"#);
    let Kind::Object(object) = &value.kind else {
        panic!()
    };
    assert_eq!(at(object.members[0].key_origin.span()), r#"\"a\""#);
    let inner = &object.members[0].value;
    assert_eq!(at(inner.span()), r#"\"x$${y}${var.z}\""#);
    let Kind::Text(text) = &inner.kind else {
        panic!()
    };
    assert_eq!(text.to_literal().unwrap(), "x${y}zz");
    let places: Vec<String> = text.parts().iter().map(|it| at(it.origin.span())).collect();
    assert_eq!(places, ["x$${y}", "zz"]);
}

fn part(text: &str, span: crate::source::Span) -> Part {
    Part {
        kind: PartKind::Literal(text.to_owned()),
        origin: Origin::new(span),
        sensitive: false,
    }
}

#[test]
fn a_mark_stays_on_what_has_it() {
    let mut laid = Laid::new(r#"{"a": "b", "c": ["#);
    let mut parts = laid.text.parts().to_vec();
    let span = laid.whole.span();
    parts.push(Part {
        sensitive: true,
        ..part(r#""hunter2""#, span)
    });
    parts.push(part("], \"d", span));
    parts.push(Part {
        sensitive: true,
        ..part("key", span)
    });
    parts.push(part("\": 1}", span));
    laid.text = Text::from_parts(parts[..3].to_vec());
    laid.text
        .append(Text::from_parts(vec![part("\": 1}", span)]));
    let value = laid.read().unwrap();
    assert!(!value.sensitive && !value.get("a").unwrap().sensitive);
    let list = value.get("c").unwrap();
    assert!(!list.sensitive && list.items().all(|it| it.sensitive));
    assert!(!format!("{value:?}").contains("hunter2"));
    laid.text = Text::from_parts(parts);
    let value = laid.read().unwrap();
    assert!(value.sensitive && !format!("{value:?}").contains("key"));
}

const FIXTURES: [&str; 3] = [
    r#"{"Version": "2012-10-17", "Statement": [{"Sid": "a\u00e9\"{{s}}", "Effect": {{s}}, "n": -1.5e3}, {{f}} true]}"#,
    r#"[{{e}}, {"k{{s}}": null {{e}} }, {{j}}, "é{{hole}}"]"#,
    "{{e}}",
];

#[test]
fn no_text_makes_it_panic() {
    for fixture in FIXTURES {
        let pieces: Vec<&str> = fixture.split_inclusive("}}").collect();
        for (index, piece) in pieces.iter().enumerate() {
            let known = piece.split("{{").next().unwrap();
            for (at, letter) in known.char_indices() {
                let (before, after) = (pieces[..index].concat(), pieces[index + 1..].concat());
                let prefix = format!("{before}{}", &piece[..at]);
                let deleted = format!("{prefix}{}{after}", &piece[at + letter.len_utf8()..]);
                for text in [prefix, deleted] {
                    let laid = Laid::new(&text).each("f", r#"{"a": "{{s}}"},"#);
                    let laid = laid.either("e", r#""x": {{s}}, "y": 1"#, r#", "z""#);
                    let _ = laid.json("j", "[1]").shown();
                }
            }
        }
    }
}

fn json() -> impl Strategy<Value = String> {
    let string = "[a-z\"\\\\é😀\u{10_0001}\n{}\\[\\],:]{0,6}".prop_map(|it| {
        let escaped = it
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n");
        format!("\"{escaped}\"")
    });
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("-12.50e+3".to_owned()),
        Just(r#""\ud83d\ude00\/\u0041""#.to_owned()),
        string.clone(),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let member =
            (string.clone(), inner.clone()).prop_map(|(key, value)| format!("{key} : {value}"));
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|it| format!("[{} ]", it.join(" , "))),
            prop::collection::vec(member, 0..4).prop_map(|it| format!("{{ {}}}", it.join(","))),
        ]
    })
}

/// The places of all nodes and keys.
fn places(value: &Value, out: &mut Vec<crate::source::Span>) {
    out.push(value.span());
    match &value.kind {
        Kind::List(list) => list.items.iter().for_each(|it| places(&it.value, out)),
        Kind::Object(object) => {
            for member in &object.members {
                out.push(member.key_origin.span());
                places(&member.value, out);
            }
        }
        _ => {}
    }
}

/// The same value with each text in one piece.
fn plain(mut value: Value) -> Value {
    match &mut value.kind {
        Kind::Text(text) => *text = Text::literal(text.to_literal().unwrap(), value.origin.clone()),
        Kind::List(list) => {
            for item in &mut list.items {
                item.value = plain(item.value.clone());
            }
        }
        Kind::Object(object) => {
            for member in &mut object.members {
                member.value = plain(member.value.clone());
            }
        }
        _ => {}
    }
    value
}

proptest! {
    #[test]
    fn a_text_in_pieces_reads_as_the_whole(
        json in json(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        broken in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut text = json;
        if let Some(at) = broken {
            let letters: Vec<char> = text.chars().collect();
            let at = at.index(letters.len());
            text = letters.iter().enumerate().filter(|it| it.0 != at).map(|it| it.1).collect();
        }
        let mut sources = SourceMap::new();
        let file = sources.add("a", text.clone()).unwrap();
        let mut ends: Vec<usize> = text.char_indices().map(|it| it.0).collect();
        ends.push(text.len());
        let mut cuts: Vec<usize> = cuts.iter().map(|it| ends[it.index(ends.len())]).collect();
        cuts.extend([0, text.len()]);
        cuts.sort_unstable();
        let parts = cuts.windows(2).map(|it| part(&text[it[0]..it[1]], sources.span(file, it[0]..it[1])));
        let pieces = Text::from_parts(parts.collect());
        let whole = Origin::new(sources.whole(file));
        let found = read(&pieces, &whole, &sources, &mut Symbols::new());
        match crate::source::parse_json(&sources, file) {
            Ok(node) => {
                let (wanted, found) = (Value::from_json(&node), found.unwrap());
                let mut spans = (Vec::new(), Vec::new());
                places(&wanted, &mut spans.0);
                places(&found, &mut spans.1);
                prop_assert_eq!(spans.0, spans.1);
                prop_assert_eq!(plain(wanted), plain(found));
            }
            Err(error) => prop_assert_eq!(found, Err(TextError::Invalid(error))),
        }
    }
}
