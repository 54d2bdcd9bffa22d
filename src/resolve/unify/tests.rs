#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::too_many_lines,
    reason = "tests, and their tables"
)]

use super::*;
use crate::source::{Origin, Span};

/// Where the plan's values stand; those of the sources stand behind.
const PLAN: u32 = 0;
const SOURCES: u32 = 1000;

fn place(start: usize, length: usize) -> Origin {
    let start = SOURCES + u32::try_from(start).unwrap();
    Origin::new(Span {
        start,
        end: start + u32::try_from(length).unwrap(),
    })
}

fn symbol(name: &str, symbols: &mut Symbols) -> SymbolId {
    let shape = match name.split('.').next().unwrap_or(name) {
        "account" => Shape::Account,
        "region" => Shape::Region,
        "partition" => Shape::Partition,
        "id" => Shape::Id,
        "arn" => Shape::Arn,
        "name" => Shape::Name,
        "bool" => Shape::Bool,
        "number" => Shape::Number,
        "rest" => Shape::Rest,
        _ => Shape::Text,
    };
    symbols.intern(Symbol {
        key: name.to_owned(),
        name: name.to_owned(),
        shape,
        nature: Nature::Named,
        reason: "not known".to_owned(),
        supply: None,
    })
}

/// A text of the sources; `<account>` is a symbol of that shape, `<account.other>` another.
fn written(text: &str, symbols: &mut Symbols) -> Value {
    let mut parts = Vec::new();
    let mut at = 0;
    for piece in text.split_inclusive(['<', '>']) {
        let origin = place(at, piece.len());
        at += piece.len();
        let kind = match piece.strip_suffix('>') {
            Some(name) => PartKind::Symbol(symbol(name, symbols)),
            None => PartKind::Literal(piece.strip_suffix('<').unwrap_or(piece).to_owned()),
        };
        parts.push(Part {
            kind,
            origin,
            sensitive: false,
        });
    }
    Value::new(Kind::Text(Text::from_parts(parts)), place(0, text.len()))
}

fn planned(text: &str) -> Value {
    let origin = Origin::new(Span {
        start: PLAN,
        end: PLAN + 1,
    });
    Value::text(text, origin)
}

/// The answer in a word, what the symbols stand for, and the value at the places of the sources.
fn held(plan: &Value, text: &str) -> (&'static str, Vec<(String, String)>, Option<Value>) {
    let mut symbols = Symbols::new();
    let source = written(text, &mut symbols);
    let mut bindings = Bindings::default();
    let sources = SourceMap::new();
    let answer = unify(plan, &source, &sources, &mut symbols, &mut bindings);
    let known = bindings
        .known
        .iter()
        .map(|(id, text)| (symbols.get(*id).name.clone(), text.clone()))
        .collect();
    match answer {
        Answer::Same(value) => {
            let tree = match &value.kind {
                Kind::Text(text) => match text.parts() {
                    [
                        Part {
                            kind: PartKind::Symbol(id),
                            ..
                        },
                    ] => match symbols.meaning(*id).as_deref() {
                        Some(Meaning::Json(tree)) => tree.clone(),
                        _ => value,
                    },
                    _ => value,
                },
                _ => value,
            };
            ("same", known, Some(tree))
        }
        Answer::Open => ("open", known, None),
        Answer::Different => ("different", known, None),
    }
}

#[test]
fn a_text_binds_what_only_one_thing_fits() {
    let arn = "arn:aws:kms:us-east-1:111122223333:key/1";
    for (plan, source, word, known) in [
        ("a", "a", "same", ""),
        ("a", "b", "different", ""),
        (
            arn,
            "arn:<partition>:kms:<region>:<account>:key/<id>",
            "same",
            "partition=aws region=us-east-1 account=111122223333 id=1",
        ),
        (
            arn,
            "<arn>",
            "same",
            "arn=arn:aws:kms:us-east-1:111122223333:key/1",
        ),
        (
            arn,
            "arn:aws:kms:us-west-2:<account>:key/1",
            "different",
            "",
        ),
        // The same symbol is the same text everywhere.
        (
            "111122223333/111122223333",
            "<account>/<account>",
            "same",
            "account=111122223333",
        ),
        (
            "111122223333/444455556666",
            "<account>/<account>",
            "different",
            "",
        ),
        // Two ways to read it say nothing of either symbol.
        ("ab", "<text><text.other>", "open", ""),
        ("ab", "x<text>", "different", ""),
        ("", "<text>", "same", "text="),
        // What a shape can stand for.
        ("11112222333", "<account>", "different", ""),
        ("11112222333a", "<account>", "different", ""),
        ("1111222233334", "<account>", "different", ""),
        ("useast1", "<region>", "different", ""),
        ("US-EAST-1", "<region>", "different", ""),
        ("us-gov-west-1", "<region>", "same", "region=us-gov-west-1"),
        ("aws-us-gov", "<partition>", "same", "partition=aws-us-gov"),
        ("aws2", "<partition>", "different", ""),
        ("eu", "<partition>", "different", ""),
        ("1234abcd-12ab", "<id>", "same", "id=1234abcd-12ab"),
        ("1234/abcd", "<id>", "different", ""),
        ("arn:*", "<arn>", "different", ""),
        ("arn:a b", "<arn>", "different", ""),
        ("key/1", "<arn>", "different", ""),
        ("trail-1", "<name>", "same", "name=trail-1"),
        ("trail:1", "<name>", "different", ""),
        ("trail 1", "<name>", "different", ""),
        ("true", "<bool>", "same", "bool=true"),
        ("yes", "<bool>", "different", ""),
        ("-1.5", "<number>", "same", "number=-1.5"),
        ("1e3", "<number>", "different", ""),
        ("x", "<rest>", "different", ""),
    ] {
        let (found, mut bound, _) = held(&planned(plan), source);
        assert_eq!(found, word, "{plan} {source}");
        let mut wanted: Vec<(String, String)> = known
            .split(' ')
            .filter_map(|it| it.split_once('='))
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .collect();
        bound.sort();
        wanted.sort();
        assert_eq!(bound, wanted, "{plan} {source}");
    }
}

#[test]
fn json_is_the_same_whatever_its_spelling() {
    for (plan, source, word) in [
        (r#"{"A":"x","B":1}"#, r#"{ "B": 1, "A": "x" }"#, "same"),
        (r#"{"A":["x"]}"#, r#"{"A":"x"}"#, "same"),
        (r#"{"A":"x"}"#, r#"{"A":["x"]}"#, "same"),
        (r#"{"A":["x","y"]}"#, r#"{"A":"x"}"#, "different"),
        (r#"{"A":"x"}"#, r#"{"A":["x","y"]}"#, "different"),
        (r#"{"A":["x"]}"#, r#"{"A":"y"}"#, "different"),
        (r#"{"A":["x","y"]}"#, r#"{"A":["y","x"]}"#, "different"),
        (r#"{"A":["x","y"]}"#, r#"{"A":["x"]}"#, "different"),
        (r#"{"A":"x"}"#, r#"{"A":"x","B":1}"#, "different"),
        (r#"{"A":"x","B":1}"#, r#"{"A":"x"}"#, "different"),
        (r#"{"A":true}"#, r#"{"A":false}"#, "different"),
        (r#"{"A":null}"#, r#"{ "A": null }"#, "same"),
        (r#"{"A":{}}"#, r#"{ "A": "x" }"#, "different"),
        (r#"{"A":"x"}"#, "no json", "different"),
    ] {
        assert_eq!(held(&planned(plan), source).0, word, "{plan} {source}");
    }
}

/// Every place of a value and of the keys in it.
fn places(value: &Value, out: &mut Vec<u32>) {
    out.push(value.span().start);
    match &value.kind {
        Kind::Text(text) => out.extend(text.parts().iter().map(|it| it.origin.span().start)),
        Kind::List(list) => list.items.iter().for_each(|it| places(&it.value, out)),
        Kind::Object(object) => {
            for member in &object.members {
                out.push(member.key_origin.span().start);
                places(&member.value, out);
            }
        }
        _ => {}
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of texts")]
fn json_in_another_order_is_read_at_the_places_of_the_sources() {
    const ACCOUNT: &str = "111122223333";
    // Each plan has its members in another order than the source, so that the texts alone say nothing.
    for (plan, source, word, account) in [
        (
            r#"{"P":"111122223333","V":1}"#,
            r#"{"V":1,"P":"<account>"}"#,
            "same",
            true,
        ),
        (
            r#"{"P":["111122223333"],"V":1}"#,
            r#"{"V":1,"P":"<account>"}"#,
            "same",
            true,
        ),
        (
            r#"{"P":"111122223333","V":1}"#,
            r#"{"V":1,"P":["<account>"]}"#,
            "same",
            true,
        ),
        (
            r#"{"P":["111122223333","x"],"V":1}"#,
            r#"{"V":1,"P":"<account>"}"#,
            "different",
            false,
        ),
        (
            r#"{"P":"111122223333","V":1}"#,
            r#"{"V":1,"P":["<account>","x"]}"#,
            "different",
            false,
        ),
        (
            r#"{"P":"111122223333","V":2}"#,
            r#"{"V":1,"P":"<account>"}"#,
            "different",
            false,
        ),
        (
            r#"{"P":"11112222333","V":1}"#,
            r#"{"V":1,"P":"<account>"}"#,
            "different",
            false,
        ),
        (
            r#"{"P":"ab","V":1}"#,
            r#"{"V":1,"P":"<text><text.other>"}"#,
            "same",
            false,
        ),
        (
            r#"{"P":"111122223333","V":1,"X":1}"#,
            r#"{"V":1,"P":"<account>"}"#,
            "different",
            false,
        ),
        (
            r#"{"P":"111122223333","V":1}"#,
            r#"{"V":1,"P":"<account>","X":1}"#,
            "different",
            false,
        ),
        // Items by position, then by content.
        (
            r#"{"P":["x","111122223333"],"V":1}"#,
            r#"{"V":1,"P":["<account>","x"]}"#,
            "same",
            true,
        ),
        (
            r#"{"P":["x","111122223333"],"V":1}"#,
            r#"{"V":1,"P":["<account>"]}"#,
            "different",
            false,
        ),
        (
            r#"{"P":["111122223333"],"V":1}"#,
            r#"{"V":1,"P":["<account>","x"]}"#,
            "different",
            false,
        ),
        (
            r#"{"P":["x","x"],"V":1}"#,
            r#"{"V":1,"P":["x","<account>"]}"#,
            "different",
            false,
        ),
        // One account is one account in the whole policy.
        (
            r#"{"P":"111122223333","Q":"111122223333/a","V":1}"#,
            r#"{"V":1,"P":"<account>","Q":"<account>/a"}"#,
            "same",
            true,
        ),
        // A part of a list or an object that is not known takes what is left.
        (
            r#"{"P":["111122223333","x","y"],"V":1}"#,
            r#"{"V":1,"P":["<account>",<text>]}"#,
            "same",
            true,
        ),
        (
            r#"{"X":"y","P":"111122223333","V":1}"#,
            r#"{"V":1,"P":"<account>",<text>}"#,
            "same",
            true,
        ),
        (
            r#"{"X":{"Y":["z"]},"V":1}"#,
            r#"{"V":1,"X":<text>}"#,
            "same",
            false,
        ),
    ] {
        let (found, known, tree) = held(&planned(plan), source);
        assert_eq!(found, word, "{plan} {source}");
        let bound = known
            .iter()
            .any(|(name, text)| name == "account" && text == ACCOUNT);
        assert_eq!(bound, account, "{plan} {source} {known:?}");
        let Some(tree) = tree else { continue };
        let whole = plain(plan).unwrap();
        assert!(same(&whole, &tree), "{plan} {source} {tree:?}");
        let mut all = Vec::new();
        places(&tree, &mut all);
        assert!(
            all.iter().all(|it| *it >= SOURCES),
            "{plan} {source} {all:?}"
        );
    }
}

#[test]
fn what_is_no_text_is_compared_as_it_is() {
    let origin = place(0, 1);
    let value = |kind| Value::new(kind, origin.clone());
    let list = || {
        Kind::List(List {
            items: Vec::new(),
            open: None,
        })
    };
    let mut symbols = Symbols::new();
    let unknown = symbol("text", &mut symbols);
    for (plan, source, word) in [
        (Kind::Bool(true), Kind::Bool(true), "same"),
        (Kind::Bool(true), Kind::Bool(false), "different"),
        (
            Kind::Number("7".to_owned()),
            Kind::Number("7".to_owned()),
            "same",
        ),
        (Kind::Null, Kind::Null, "same"),
        (Kind::Null, Kind::Bool(false), "different"),
        (Kind::Bool(true), Kind::Unknown(unknown), "open"),
        (list(), list(), "open"),
        (Kind::Bool(true), list(), "open"),
    ] {
        let mut bindings = Bindings::default();
        let sources = SourceMap::new();
        let (mut plan, source) = (value(plan), value(source));
        plan.origin = planned("").origin;
        let found = match unify(&plan, &source, &sources, &mut symbols, &mut bindings) {
            Answer::Same(value) => {
                assert_eq!(value.kind, plan.kind);
                assert_eq!(value.span(), source.span());
                "same"
            }
            Answer::Open => "open",
            Answer::Different => "different",
        };
        assert_eq!(found, word, "{plan:?} {source:?}");
    }
    // A text that the sources do not know at all is the plan's.
    let mut bindings = Bindings::default();
    let sources = SourceMap::new();
    let source = value(Kind::Unknown(unknown));
    let answer = unify(
        &planned("x"),
        &source,
        &sources,
        &mut symbols,
        &mut bindings,
    );
    assert!(matches!(answer, Answer::Same(value) if value.as_str() == Some("x")));
    assert_eq!(bindings.known.get(&unknown).map(String::as_str), Some("x"));
}

#[test]
fn a_symbol_that_would_need_two_texts_is_bound_to_neither() {
    let mut symbols = Symbols::new();
    let torn = symbol("account", &mut symbols);
    let kept = symbol("region", &mut symbols);
    let mut bindings = Bindings::default();
    let found = |pairs: &[(SymbolId, &str)]| {
        pairs
            .iter()
            .map(|(id, text)| (*id, (*text).to_owned()))
            .collect()
    };
    bindings.add(found(&[(torn, "111122223333"), (kept, "us-east-1")]));
    bindings.add(found(&[(torn, "444455556666"), (kept, "us-east-1")]));
    bindings.add(found(&[(torn, "111122223333")]));
    assert_eq!(bindings.torn, [torn]);
    assert_eq!(
        bindings.known.get(&kept).map(String::as_str),
        Some("us-east-1")
    );
}

#[test]
fn what_was_found_is_put_in_the_place_of_the_symbols() {
    let mut symbols = Symbols::new();
    let account = symbol("account", &mut symbols);
    let known = BTreeMap::from([(account, "111122223333".to_owned())]);
    let text = written("arn:<region>:<account>:x", &mut symbols);
    let unknown = Value::new(Kind::Unknown(account), place(0, 1));
    let mut whole = Value::new(
        Kind::Object(Object {
            members: vec![
                Member {
                    key: "list".to_owned(),
                    key_origin: place(0, 1),
                    presence: Presence::Present,
                    value: Value::new(
                        Kind::List(List {
                            items: vec![Item {
                                presence: Presence::Present,
                                value: text,
                            }],
                            open: None,
                        }),
                        place(0, 1),
                    ),
                },
                Member {
                    key: "secret".to_owned(),
                    key_origin: place(0, 1),
                    presence: Presence::Present,
                    value: unknown.into_sensitive(),
                },
            ],
            open: None,
        }),
        place(0, 1),
    );
    fill(&mut whole, &known);
    let shown = whole.get("list").and_then(|list| {
        let item = list.items().next()?;
        match &item.kind {
            Kind::Text(text) => Some(text.show(&symbols)),
            _ => None,
        }
    });
    assert_eq!(shown.as_deref(), Some("arn:${region}:111122223333:x"));
    let secret = whole.get("secret").unwrap();
    assert_eq!(secret.as_str(), Some("111122223333"));
    assert!(secret.sensitive);
}

/// The text is known by itself: its symbols may stand for something else elsewhere.
#[test]
fn a_text_that_binds_is_known() {
    let arn = "arn:aws:kms:us-east-1:111122223333:key/1";
    for source in ["<arn>", "arn:<partition>:kms:<region>:<account>:key/<id>"] {
        let (word, _, value) = held(&planned(arn), source);
        assert_eq!(word, "same");
        let value = value.unwrap();
        let text = match &value.kind {
            Kind::Text(text) => text.to_literal(),
            _ => None,
        };
        assert_eq!(text.as_deref(), Some(arn), "{source}");
        let mut all = Vec::new();
        places(&value, &mut all);
        assert!(all.iter().all(|it| *it >= SOURCES), "{source} {all:?}");
    }
}

/// Of four texts side by side each may be of any length.
#[test]
fn a_search_that_takes_too_long_says_nothing() {
    let four = "<text.a><text.b><text.c><text.d>b";
    for (length, word) in [(4, "different"), (40, "open")] {
        let (found, known, _) = held(&planned(&"a".repeat(length)), four);
        assert_eq!(found, word, "{length}");
        assert!(known.is_empty(), "{known:?}");
    }
}

#[test]
fn what_is_laid_at_a_place_is_as_sensitive_as_either() {
    let of = |value: Value, hidden: bool| {
        if hidden {
            value.into_sensitive()
        } else {
            value
        }
    };
    for (plan, source) in [(false, false), (true, false), (false, true), (true, true)] {
        let laid = at(
            &of(Value::new(Kind::Null, place(0, 1)), plan),
            &of(Value::new(Kind::Bool(true), place(5, 1)), source),
        );
        assert_eq!(laid.sensitive, plan || source, "{plan} {source}");
        assert_eq!(laid.span(), place(5, 1).span());
    }
}

/// What hangs on a condition in the sources is there or not in the plan.
#[test]
fn the_plan_says_whether_a_member_is_there() {
    let mut symbols = Symbols::new();
    let condition = symbol("rest", &mut symbols);
    let source = Value::new(
        Kind::Object(Object {
            members: vec![Member {
                key: "A".to_owned(),
                key_origin: place(0, 1),
                presence: Presence::Maybe(condition),
                value: Value::text("x", place(1, 1)),
            }],
            open: None,
        }),
        place(0, 2),
    );
    let sources = SourceMap::new();
    let mut run = Run {
        sources: &sources,
        symbols: &mut symbols,
        found: BTreeMap::new(),
    };
    let mut tree = |plan: &str| {
        let tree = run.tree(&plain(plan).unwrap(), &source)?;
        match tree.kind {
            Kind::Object(object) => {
                let members = object.members.into_iter();
                Some(members.map(|it| (it.key, it.presence)).collect())
            }
            _ => None,
        }
    };
    let there: Option<Vec<(String, Presence)>> = tree(r#"{"A":"x"}"#);
    assert_eq!(there, Some(vec![("A".to_owned(), Presence::Present)]));
    assert_eq!(tree("{}"), Some(Vec::new()));
    assert_eq!(tree(r#"{"A":"y"}"#), None);
    assert_eq!(tree(r#"{"B":"x"}"#), None);
}
