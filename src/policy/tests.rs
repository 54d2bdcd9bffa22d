//! Policies of which the input knows a part: what is decided all the same, and what is not.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::too_many_lines,
    reason = "tests, and their tables"
)]

use super::decision::Match;
use super::explain::nearest;
use super::testing::{Read, request};
use super::{Duplicates, Element, Policy, PolicyKind, evaluate, parse};
use crate::source::{Origin, Span};
use crate::value::{
    Item, Kind, List, Member, Nature, Object, Open, Part, PartKind, Presence, Shape, Symbol,
    SymbolId, Symbols, Text, Value,
};

mod corners;
mod doubts;
mod told;

fn nowhere() -> Origin {
    Origin::new(Span { start: 0, end: 0 })
}

fn symbol(name: &str, shape: Shape, symbols: &mut Symbols) -> SymbolId {
    symbols.intern(Symbol {
        reason: format!("{name} is known after apply"),
        ..Symbol::for_test(name, shape, Nature::Undocumented)
    })
}

/// `"{?}"` is a value of which nothing is known, `"{...}"` the unknown rest of a list or an object, `{"{maybe}": x}` an item that may be
/// there, `{never}` one that is not, and `{text}`, `{account}` and `{hole}` are unknown parts of a text.
fn unknown(value: &serde_json::Value, symbols: &mut Symbols) -> Value {
    use serde_json::Value as Json;
    let open = |symbols: &mut Symbols| {
        Some(Open {
            symbol: symbol("the rest", Shape::Rest, symbols),
            origin: nowhere(),
        })
    };
    let kind = match value {
        Json::Null => Kind::Null,
        Json::Bool(it) => Kind::Bool(*it),
        Json::Number(it) => Kind::Number(it.to_string()),
        Json::String(text) if text == "{?}" => Kind::Unknown(symbol("it", Shape::Text, symbols)),
        Json::String(text) => {
            let mut parts = Vec::new();
            for piece in text.split_inclusive(['{', '}']) {
                let kind = match piece.strip_suffix('}') {
                    Some("hole") => PartKind::Hole("no function `f`".to_owned()),
                    Some("account") => PartKind::Symbol(symbol("account", Shape::Account, symbols)),
                    Some(name) => PartKind::Symbol(symbol(name, Shape::Text, symbols)),
                    None => PartKind::Literal(piece.strip_suffix('{').unwrap_or(piece).to_owned()),
                };
                if kind != PartKind::Literal(String::new()) {
                    parts.push(Part {
                        kind,
                        origin: nowhere(),
                        sensitive: false,
                    });
                }
            }
            Kind::Text(Text::from_parts(parts))
        }
        Json::Array(items) => {
            let mut list = List {
                items: Vec::new(),
                open: None,
            };
            for item in items {
                if item == "{...}" {
                    list.open = open(symbols);
                    continue;
                }
                let (presence, item) = match (item.get("{maybe}"), item.get("{never}")) {
                    (Some(item), _) => {
                        let there = symbol("an item", Shape::Presence, symbols);
                        (Presence::Maybe(there), item)
                    }
                    (None, Some(item)) => (Presence::Absent, item),
                    (None, None) => (Presence::Present, item),
                };
                list.items.push(Item {
                    presence,
                    value: unknown(item, symbols),
                });
            }
            Kind::List(list)
        }
        Json::Object(members) => {
            let mut object = Object {
                members: Vec::new(),
                open: None,
            };
            for (key, value) in members {
                if key == "{...}" {
                    object.open = open(symbols);
                    continue;
                }
                let (maybe, never) = (key.strip_suffix("{maybe}"), key.strip_suffix("{never}"));
                object.members.push(Member {
                    key: maybe.or(never).unwrap_or(key).to_owned(),
                    key_origin: nowhere(),
                    presence: match (maybe, never) {
                        (Some(_), _) => {
                            Presence::Maybe(symbol("a member", Shape::Presence, symbols))
                        }
                        (None, Some(_)) => Presence::Absent,
                        (None, None) => Presence::Present,
                    },
                    value: unknown(value, symbols),
                });
            }
            Kind::Object(object)
        }
    };
    Value::new(kind, nowhere())
}

pub(super) fn read(statements: &str, symbols: &mut Symbols) -> Policy {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let (policy, issues) = parse(&unknown(&json, symbols), PolicyKind::Key, Duplicates::Last);
    assert!(!policy.rejected, "{statements} {issues:?}");
    policy
}

fn verdict(statements: &str, asked: &str) -> &'static str {
    let (request, mut symbols) = request(asked);
    let policy = read(statements, &mut symbols);
    evaluate(&policy, &request, &symbols).verdict.word()
}

/// A request of CloudTrail whose `aws:x` is this.
fn with(value: &str) -> String {
    format!(r#"cloudtrail.amazonaws.com kms:Decrypt {{"aws:x":{value}}}"#)
}

/// A statement for everybody and everything, but for what is given.
fn statement(effect: &str, more: &str) -> String {
    let mut out =
        serde_json::json!({"Effect": effect, "Principal": "*", "Action": "kms:*", "Resource": "*"});
    let more: serde_json::Value = serde_json::from_str(more).unwrap();
    for (key, value) in more.as_object().unwrap() {
        if let Some(plain) = key.strip_prefix("Not") {
            out.as_object_mut().unwrap().remove(plain);
        }
        out[key] = value.clone();
    }
    out.to_string()
}

const TRAIL: &str = "cloudtrail.amazonaws.com kms:Decrypt";
const WITH_A: &str = r#"cloudtrail.amazonaws.com kms:Decrypt {"aws:x":"a"}"#;
const WITH_B: &str = r#"cloudtrail.amazonaws.com kms:Decrypt {"aws:x":"b"}"#;

#[test]
#[expect(clippy::too_many_lines, reason = "a table of what AWS says")]
fn a_part_that_is_not_known_is_neither_absent_nor_false() {
    for (element, asked, alone) in [
        // A whole element.
        (r#"{"Condition":"{?}"}"#, TRAIL, "undecided"),
        (
            r#"{"Condition":{"StringEquals":"{?}"}}"#,
            TRAIL,
            "undecided",
        ),
        (r#"{"Principal":"{?}"}"#, TRAIL, "undecided"),
        (r#"{"Principal":"{text}"}"#, TRAIL, "undecided"),
        (r#"{"Principal":"x{text}"}"#, TRAIL, "denied"),
        (r#"{"Principal":{"Service":"{?}"}}"#, TRAIL, "undecided"),
        (
            r#"{"Principal":{"Service":"config.{text}"}}"#,
            TRAIL,
            "denied",
        ),
        (r#"{"Principal":{"Service":"{hole}"}}"#, TRAIL, "undecided"),
        (r#"{"Action":"{?}"}"#, TRAIL, "undecided"),
        (r#"{"Resource":"{?}"}"#, TRAIL, "undecided"),
        (r#"{"Resource":"arn:aws:s3:::{text}"}"#, TRAIL, "denied"),
        (r#"{"Effect":"{?}"}"#, TRAIL, "undecided"),
        (r#"{"Effect":"Al{text}"}"#, TRAIL, "undecided"),
        (
            r#"{"Effect":"{?}","Action":"kms:Encrypt"}"#,
            TRAIL,
            "denied",
        ),
        // What is known decides where it is enough.
        (
            r#"{"Condition":"{?}","Action":"kms:Encrypt"}"#,
            TRAIL,
            "denied",
        ),
        (r#"{"Action":"kms:{text}"}"#, TRAIL, "undecided"),
        (r#"{"Action":"s3:{text}"}"#, TRAIL, "denied"),
        (
            r#"{"Action":["kms:{text}","kms:Decrypt"]}"#,
            TRAIL,
            "allowed",
        ),
        // The rest of a list or an object.
        (r#"{"Action":["kms:Decrypt","{...}"]}"#, TRAIL, "allowed"),
        (r#"{"Action":["kms:Encrypt","{...}"]}"#, TRAIL, "undecided"),
        (r#"{"NotAction":["kms:Decrypt","{...}"]}"#, TRAIL, "denied"),
        (
            r#"{"NotAction":["kms:Encrypt","{...}"]}"#,
            TRAIL,
            "undecided",
        ),
        (
            r#"{"Resource":["arn:aws:s3:::x","{...}"]}"#,
            TRAIL,
            "undecided",
        ),
        (
            r#"{"Principal":{"Service":"cloudtrail.amazonaws.com","{...}":0}}"#,
            TRAIL,
            "allowed",
        ),
        (
            r#"{"Principal":{"AWS":"444455556666","{...}":0}}"#,
            TRAIL,
            "undecided",
        ),
        (
            r#"{"Principal":{"Service":["x.amazonaws.com","{...}"]}}"#,
            TRAIL,
            "undecided",
        ),
        (r#"{"Condition":{"{...}":0}}"#, TRAIL, "undecided"),
        (
            r#"{"Condition":{"{...}":0,"StringEquals":{"aws:x":"a"}}}"#,
            WITH_A,
            "undecided",
        ),
        (
            r#"{"Condition":{"{...}":0,"StringEquals":{"aws:x":"a"}}}"#,
            WITH_B,
            "denied",
        ),
        (
            r#"{"Condition":{"StringEquals":{"aws:x":"a","{...}":0}}}"#,
            WITH_A,
            "undecided",
        ),
        (
            r#"{"Condition":{"StringEquals":{"aws:x":"a","{...}":0}}}"#,
            WITH_B,
            "denied",
        ),
        (
            r#"{"Condition":{"StringEquals":{"aws:x":["a","{...}"]}}}"#,
            WITH_A,
            "allowed",
        ),
        (
            r#"{"Condition":{"StringEquals":{"aws:x":["a","{...}"]}}}"#,
            WITH_B,
            "undecided",
        ),
        (
            r#"{"Condition":{"StringEquals":{"aws:x":["a","{...}"]}}}"#,
            TRAIL,
            "denied",
        ),
        (
            r#"{"Condition":{"StringNotEquals":{"aws:x":["a","{...}"]}}}"#,
            WITH_A,
            "denied",
        ),
        (
            r#"{"Condition":{"StringNotEquals":{"aws:x":["a","{...}"]}}}"#,
            WITH_B,
            "undecided",
        ),
        (
            r#"{"Condition":{"StringNotEquals":{"aws:x":["a","{...}"]}}}"#,
            TRAIL,
            "allowed",
        ),
        // A value of each kind.
        (
            r#"{"Condition":{"StringEquals":{"aws:x":"{?}"}}}"#,
            WITH_A,
            "undecided",
        ),
        (
            r#"{"Condition":{"StringEquals":{"aws:x":"b{text}"}}}"#,
            WITH_A,
            "denied",
        ),
        (
            r#"{"Condition":{"Null":{"aws:x":"{?}"}}}"#,
            WITH_A,
            "undecided",
        ),
        (
            r#"{"Condition":{"Null":{"aws:x":"{?}"}}}"#,
            TRAIL,
            "undecided",
        ),
        (
            r#"{"Condition":{"NumericLessThan":{"aws:x":"{?}"}}}"#,
            TRAIL,
            "denied",
        ),
        (
            r#"{"Condition":{"BinaryEquals":{"aws:x":"{?}"}}}"#,
            TRAIL,
            "denied",
        ),
        (
            r#"{"Condition":{"NumericLessThan":{"aws:x":"{?}"}}}"#,
            r#"cloudtrail.amazonaws.com kms:Decrypt {"aws:x":"7"}"#,
            "undecided",
        ),
        (
            r#"{"Condition":{"BinaryEquals":{"aws:x":"{?}"}}}"#,
            r#"cloudtrail.amazonaws.com kms:Decrypt {"aws:x":"AQID"}"#,
            "undecided",
        ),
        (
            r#"{"Condition":{"IpAddress":{"aws:x":"{?}"}}}"#,
            r#"cloudtrail.amazonaws.com kms:Decrypt {"aws:x":"10.0.0.1"}"#,
            "undecided",
        ),
        (
            r#"{"Condition":{"Bool":{"aws:x":"{?}"}}}"#,
            r#"cloudtrail.amazonaws.com kms:Decrypt {"aws:x":"true"}"#,
            "undecided",
        ),
        // An element or a value that may be there.
        (
            r#"{"Condition":{"StringEquals{maybe}":{"aws:x":"a"}}}"#,
            WITH_A,
            "allowed",
        ),
        (
            r#"{"Condition":{"StringEquals{maybe}":{"aws:x":"a"}}}"#,
            WITH_B,
            "undecided",
        ),
        (
            r#"{"Condition":{"StringEquals":{"aws:x{maybe}":"a"}}}"#,
            WITH_B,
            "undecided",
        ),
        (
            r#"{"Condition":{"StringEquals{maybe}":"{?}"}}"#,
            WITH_B,
            "undecided",
        ),
        (
            r#"{"Action":[{"{maybe}":"kms:Decrypt"}]}"#,
            TRAIL,
            "undecided",
        ),
        (r#"{"Action":[{"{maybe}":"kms:Encrypt"}]}"#, TRAIL, "denied"),
        (
            r#"{"Condition":{"StringEquals":{"aws:x":["a",{"{maybe}":"b"}]}}}"#,
            WITH_B,
            "undecided",
        ),
    ] {
        let allow = statement("Allow", element);
        assert_eq!(
            verdict(&format!("[{allow}]"), asked),
            alone,
            "{element} {asked}"
        );
        // Beside a statement that allows it surely, it takes nothing away.
        let sure = statement("Allow", "{}");
        let both = verdict(&format!("[{allow},{sure}]"), asked);
        // An effect that is not known may be Deny.
        let may_deny = element.contains("Effect") && alone == "undecided";
        let expected = if may_deny { "undecided" } else { "allowed" };
        assert_eq!(both, expected, "beside an Allow: {element} {asked}");
        if element.contains("Effect") {
            continue;
        }
        // The same in a Deny: what surely matches denies, what surely does not is as if it were not there.
        let deny = statement("Deny", element);
        let expected = match alone {
            "allowed" => "denied",
            "denied" => "allowed",
            open => open,
        };
        let found = verdict(&format!("[{deny},{sure}]"), asked);
        assert_eq!(found, expected, "as a Deny: {element} {asked}");
    }
}

#[test]
fn statements_that_may_be_there_decide_nothing_but_an_explicit_deny() {
    let allow = statement("Allow", "{}");
    let deny = statement("Deny", "{}");
    for (statements, expected) in [
        (r#""{?}""#.to_owned(), "undecided"),
        (r#"["{?}"]"#.to_owned(), "undecided"),
        (r#"["{...}"]"#.to_owned(), "undecided"),
        (format!(r#"[{allow},"{{...}}"]"#), "undecided"),
        (format!(r#"[{deny},"{{...}}"]"#), "denied"),
        (format!(r#"[{allow},"{{?}}"]"#), "undecided"),
        (format!(r#"[{{"{{maybe}}":{allow}}}]"#), "undecided"),
        (format!(r#"[{{"{{maybe}}":{deny}}},{allow}]"#), "undecided"),
        (format!(r#"[{{"{{maybe}}":{deny}}},{deny}]"#), "denied"),
        (format!(r#"[{{"{{maybe}}":{allow}}},{allow}]"#), "allowed"),
        (format!(r#"[{{"{{maybe}}":{deny}}}]"#), "denied"),
    ] {
        assert_eq!(verdict(&statements, TRAIL), expected, "{statements}");
    }
}

#[test]
fn an_action_may_be_covered() {
    for (element, expected) in [
        (r#"{"Action":"kms:Decrypt"}"#, Match::Yes),
        (r#"{"Action":"KMS:dec*"}"#, Match::Yes),
        (r#"{"Action":"kms:Encrypt"}"#, Match::No),
        (r#"{"Action":"kms:{text}"}"#, Match::Maybe),
        (r#"{"Action":"kms:?ec{text}t"}"#, Match::Maybe),
        (r#"{"Action":"kms:*g{text}"}"#, Match::No),
        (r#"{"Action":"s3:{text}"}"#, Match::No),
        (r#"{"Action":"{hole}"}"#, Match::Maybe),
        (r#"{"Action":["s3:*","{...}"]}"#, Match::Maybe),
        (r#"{"Action":[{"{maybe}":"kms:*"}]}"#, Match::Maybe),
        (r#"{"Action":[{"{maybe}":"s3:*"}]}"#, Match::No),
        (r#"{"NotAction":"kms:Decrypt"}"#, Match::No),
        (r#"{"NotAction":"s3:*"}"#, Match::Yes),
        (r#"{"NotAction":["s3:*","{...}"]}"#, Match::Maybe),
    ] {
        let mut symbols = Symbols::new();
        let policy = read(&format!("[{}]", statement("Allow", element)), &mut symbols);
        let found = policy.statements[0].may_match_action("kms:Decrypt");
        assert_eq!(found, expected, "{element}");
    }
}

#[test]
fn what_is_not_known_is_what_came_nearest_and_why() {
    for (element, reason) in [
        (r#"{"Condition":"{?}"}"#, "it is known after apply"),
        (
            r#"{"Condition":{"{...}":0}}"#,
            "the rest is known after apply",
        ),
        (
            r#"{"Principal":{"Service":"{text}"}}"#,
            "text is known after apply",
        ),
        (r#"{"Action":"kms:{text}"}"#, "text is known after apply"),
        (r#"{"Resource":"{hole}"}"#, "no function `f`"),
    ] {
        let (request, mut symbols) = request(TRAIL);
        let policy = read(&format!("[{}]", statement("Allow", element)), &mut symbols);
        let decision = evaluate(&policy, &request, &symbols);
        let reasons: Vec<&str> = decision
            .blocked_by
            .iter()
            .map(|it| it.reason.as_str())
            .collect();
        assert_eq!(reasons, [reason], "{element}");
        let outcome = nearest(&decision).unwrap();
        assert_eq!(outcome.matches, Match::Maybe, "{element}");
        let failed = outcome.failed.as_ref().unwrap();
        assert_eq!(failed.matches, Match::Maybe, "{element}");
    }
    // Conditions that nobody knows count as such that do not hold yet.
    let (asked, mut symbols) = request(WITH_A);
    let element = r#"{"Condition":{"{...}":0,"StringEquals":{"aws:x":"a"}}}"#;
    let policy = read(&format!("[{}]", statement("Allow", element)), &mut symbols);
    let decision = evaluate(&policy, &asked, &symbols);
    assert_eq!(decision.statements[0].conditions, (1, 2));
    assert_eq!(
        decision.statements[0].failed.as_ref().map(|it| it.element),
        Some(Element::Statement)
    );
    // A policy that is wholly known has nothing of it.
    let known = Read::statements(&statement("Allow", "{}"));
    assert!(known.decide(TRAIL).blocked_by.is_empty());
}

#[test]
fn an_unknown_text_is_the_same_wherever_it_stands() {
    for (operator, pattern, value, expected) in [
        ("StringEquals", "{text}/{text}", "a/a", "undecided"),
        ("StringEquals", "{text}/{text}", "a/b", "denied"),
        ("StringEquals", "{text}/{text}/x", "a/a/y", "denied"),
        ("StringEquals", "{text}/{other}", "a/b", "undecided"),
        ("StringEquals", "x{text}{text}", "xabab", "undecided"),
        ("StringEquals", "x{text}{text}", "xabb", "denied"),
        (
            "StringEquals",
            "{account}:{account}",
            "111122223333:111122223333",
            "undecided",
        ),
        (
            "StringEquals",
            "{account}:{account}",
            "111122223333:444455556666",
            "denied",
        ),
        (
            "StringEqualsIgnoreCase",
            "{text}/{text}",
            "a/A",
            "undecided",
        ),
        ("StringLike", "{text}/*/{text}", "a/b/a", "undecided"),
        ("StringLike", "a?{text}", "a", "denied"),
        ("StringLike", "a?{text}", "ab", "undecided"),
        (
            "ArnLike",
            "arn:aws:{text}",
            "arn:aws:iam::111122223333:user/jane",
            "undecided",
        ),
        (
            "ArnLike",
            "arn:aws:iam::{account}:user/*",
            "arn:aws:iam::111122223333:user/jane",
            "undecided",
        ),
        (
            "ArnLike",
            "arn:aws:iam::{account}:user/*",
            "arn:aws:iam::111122223333:role/jane",
            "denied",
        ),
        (
            "ArnLike",
            "arn:aws:s3:::{text}",
            "arn:aws:iam::111122223333:user/jane",
            "denied",
        ),
    ] {
        let condition = serde_json::json!({"Condition": {operator: {"aws:x": pattern}}});
        let allow = statement("Allow", &condition.to_string());
        let asked = with(&serde_json::json!(value).to_string());
        let found = verdict(&format!("[{allow}]"), &asked);
        assert_eq!(found, expected, "{operator} {pattern} {value}");
    }
}

#[test]
fn a_value_of_a_request_is_a_text_or_the_name_of_something() {
    for (condition, value, expected) in [
        (r#"{"Bool":{"aws:x":"true"}}"#, "true", "allowed"),
        (r#"{"Bool":{"aws:x":"true"}}"#, "false", "denied"),
        (r#"{"NumericLessThan":{"aws:x":"5"}}"#, "4", "allowed"),
        (r#"{"NumericLessThan":{"aws:x":"5"}}"#, "5.0", "denied"),
        (
            r#"{"StringEquals":{"aws:x":"us-east-1"}}"#,
            r#"{"symbol":"region"}"#,
            "conditional",
        ),
        (
            r#"{"StringEquals":{"aws:x":"US EAST"}}"#,
            r#"{"symbol":"region"}"#,
            "denied",
        ),
        (
            r#"{"StringEquals":{"aws:x":"aws-cn"}}"#,
            r#"{"symbol":"partition"}"#,
            "conditional",
        ),
        (
            r#"{"StringEquals":{"aws:x":"AWS"}}"#,
            r#"{"symbol":"partition"}"#,
            "denied",
        ),
        (
            r#"{"StringEquals":{"aws:x":"111122223333"}}"#,
            r#"{"symbol":"account"}"#,
            "conditional",
        ),
        (
            r#"{"StringEquals":{"aws:x":"eleven"}}"#,
            r#"{"symbol":"account"}"#,
            "denied",
        ),
        (
            r#"{"StringEquals":{"aws:x":"x y"}}"#,
            r#"{"symbol":"team"}"#,
            "conditional",
        ),
        (
            r#"{"StringEquals":{"aws:x":"a"}}"#,
            r#"{"unknown":true}"#,
            "conditional",
        ),
        (
            r#"{"Null":{"aws:x":"false"}}"#,
            r#"{"unknown":true}"#,
            "allowed",
        ),
        (
            r#"{"Null":{"aws:x":"false"}}"#,
            r#"{"value":"a","maybe_absent":true}"#,
            "conditional",
        ),
        (
            r#"{"StringEquals":{"aws:x":"a"}}"#,
            r#"{"value":"b","maybe_absent":true}"#,
            "denied",
        ),
        (
            r#"{"StringNotEquals":{"aws:x":"b"}}"#,
            r#"{"value":"a","maybe_absent":true}"#,
            "allowed",
        ),
        (
            r#"{"ForAnyValue:StringEquals":{"aws:x":"a"}}"#,
            r#"["a","b"]"#,
            "allowed",
        ),
        (
            r#"{"ForAllValues:StringEquals":{"aws:x":"a"}}"#,
            r#"["a","b"]"#,
            "denied",
        ),
        (
            r#"{"ForAnyValue:StringEquals":{"aws:x":"a"}}"#,
            r#"{"values":["a"],"open":true}"#,
            "allowed",
        ),
        (
            r#"{"ForAnyValue:StringEquals":{"aws:x":"a"}}"#,
            r#"{"values":["b"],"open":true}"#,
            "conditional",
        ),
        (
            r#"{"ForAllValues:StringEquals":{"aws:x":"a"}}"#,
            r#"{"values":["a"],"open":true}"#,
            "conditional",
        ),
        (
            r#"{"ForAllValues:StringEquals":{"aws:x":"a"}}"#,
            r#"{"values":["b"],"open":true}"#,
            "denied",
        ),
        // A list that may hold nothing may be as good as absent.
        (
            r#"{"StringEqualsIfExists":{"aws:x":"a"}}"#,
            r#"{"values":[],"open":true}"#,
            "conditional",
        ),
        (
            r#"{"StringEqualsIfExists":{"aws:x":"a"}}"#,
            r#"{"values":["a"],"open":true}"#,
            "denied",
        ),
        (
            r#"{"StringEquals":{"aws:x":"a"}}"#,
            r#"{"values":[],"open":true}"#,
            "denied",
        ),
    ] {
        let allow = statement("Allow", &format!(r#"{{"Condition":{condition}}}"#));
        let found = verdict(&format!("[{allow}]"), &with(value));
        assert_eq!(found, expected, "{condition} {value}");
    }
}
