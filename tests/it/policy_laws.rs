//! Laws of the evaluator, over random policies and requests.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::holes::{Filling, Fillings, Masked, mark};
use keytrail::policy::{Duplicates, PolicyKind, Verdict, answer, evaluate, parse};
use keytrail::source::{SourceMap, parse_json};
use keytrail::value::{Nature, Shape, Symbols, Value};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

const ACCOUNT: &str = "111122223333";
const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1";
const TEXTS: [&str; 8] = ["", "a", "b", "ab", "ba", "a*", "*b", "?"];

fn principal() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(json!("*")),
        Just(json!({"AWS": "arn:aws:iam::111122223333:root"})),
        Just(json!({"AWS": "arn:aws:iam::111122223333:role/R"})),
        Just(json!({"AWS": ["444455556666", "arn:aws:iam::111122223333:user/U"]})),
        Just(json!({"Service": "cloudtrail.amazonaws.com"})),
    ]
}

fn action() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(json!("kms:*")),
        Just(json!("kms:Decrypt")),
        Just(json!(["kms:D*", "kms:Encrypt"]))
    ]
}

fn operator() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "StringEquals",
        "StringNotEquals",
        "StringLike",
        "StringNotLike",
        "StringEqualsIfExists",
        "StringEqualsIgnoreCase",
        "StringLikeIfExists",
    ])
}

fn set_operator() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "ForAnyValue:StringEquals",
        "ForAllValues:StringLike",
        "ForAllValues:StringNotEquals",
        "ForAnyValue:StringNotLike",
        "Null",
    ])
}

fn texts() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(TEXTS.to_vec()), 1..3)
}

fn condition() -> impl Strategy<Value = Json> {
    let single = (
        operator(),
        prop::sample::select(vec!["aws:a", "aws:b"]),
        texts(),
    );
    let several = (set_operator(), Just("aws:list"), texts());
    prop::collection::vec(prop_oneof![3 => single.boxed(), 1 => several.boxed()], 0..3).prop_map(
        |all| {
            let mut block = serde_json::Map::new();
            for (operator, key, values) in all {
                let values = if operator == "Null" {
                    json!("true")
                } else {
                    json!(values)
                };
                let keys = block.entry(operator).or_insert_with(|| json!({}));
                keys.as_object_mut().unwrap().insert(key.to_owned(), values);
            }
            Json::Object(block)
        },
    )
}

fn statement() -> impl Strategy<Value = Json> {
    (any::<bool>(), principal(), action(), condition()).prop_map(
        |(allow, principal, action, condition)| {
            json!({
                "Effect": if allow { "Allow" } else { "Deny" },
                "Principal": principal,
                "Action": action,
                "Resource": "*",
                "Condition": condition,
            })
        },
    )
}

fn question() -> impl Strategy<Value = Masked> {
    let caller = prop::sample::select(vec![
        "cloudtrail.amazonaws.com",
        "arn:aws:iam::111122223333:role/R",
        "arn:aws:sts::111122223333:assumed-role/R/s",
        "arn:aws:iam::444455556666:user/U",
        "ANONYMOUS",
    ]);
    let text = || prop::option::of(prop::sample::select(vec!["", "a", "b", "ab", "ba", "xx"]));
    let list = prop::collection::vec(prop::sample::select(vec!["", "a", "b", "ab"]), 0..3);
    let statements = prop::collection::vec(statement(), 1..5);
    (statements, caller, text(), text(), list).prop_map(|(statements, caller, a, b, list)| {
        let mut context = BTreeMap::new();
        for (key, value) in [("aws:a", a), ("aws:b", b)] {
            if let Some(value) = value {
                context.insert(key.to_owned(), json!(value));
            }
        }
        context.insert("aws:list".to_owned(), json!(list));
        Masked {
            policy: json!({"Version": "2012-10-17", "Statement": statements}),
            identity: None,
            principal: caller.to_owned(),
            action: "kms:Decrypt".to_owned(),
            resource: KEY.to_owned(),
            account: ACCOUNT.to_owned(),
            context,
            maybe: BTreeMap::new(),
            shapes: BTreeMap::new(),
            nature: Nature::Named,
        }
    })
}

/// How far a verdict lets the request through.
fn openness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Denied => 0,
        Verdict::Undecided | Verdict::Conditional => 1,
        Verdict::Delegated => 2,
        Verdict::Allowed => 3,
    }
}

fn verdict(masked: &Masked) -> Verdict {
    masked.decide(Some(&Fillings::new())).verdict
}

/// Hides the given condition values and context values of a question.
fn hide(masked: &Masked, which: &[usize]) -> Masked {
    let mut out = masked.clone();
    let mut slots: Vec<String> = Vec::new();
    for (at, statement) in masked.policy["Statement"]
        .as_array()
        .unwrap()
        .iter()
        .enumerate()
    {
        for (operator, keys) in statement["Condition"].as_object().unwrap() {
            for (key, values) in keys.as_object().unwrap() {
                for item in 0..values.as_array().map_or(0, Vec::len) {
                    slots.push(format!("/Statement/{at}/Condition/{operator}/{key}/{item}"));
                }
            }
        }
    }
    for (number, choice) in which.iter().enumerate() {
        let name = format!("s{number}");
        let choice = choice % (slots.len() + 2);
        let slot = match slots.get(choice) {
            Some(pointer) => out.policy.pointer_mut(pointer),
            None => out
                .context
                .get_mut(["aws:a", "aws:b"][choice - slots.len()]),
        };
        if let Some(slot) = slot
            && !slot.as_str().unwrap_or_default().contains('\u{1}')
        {
            *slot = json!(mark(&name));
            out.shapes.insert(name, Shape::Text);
        }
    }
    out
}

/// Every text of up to three letters that random policies here can tell apart.
fn universe() -> Vec<String> {
    let letters = ["a", "b", "A", "q", "x", "*", "?"];
    let mut out: BTreeSet<String> = [String::new(), "xx".to_owned(), "qqqq".to_owned()].into();
    for one in letters {
        out.insert(one.to_owned());
        for two in letters {
            out.insert(format!("{one}{two}"));
        }
    }
    for three in [
        "a*b", "b*a", "*a*", "*b*", "a?*", "?*b", "aqb", "bqa", "*?*", "??*", "qab", "abq", "AB",
    ] {
        out.insert(three.to_owned());
    }
    out.into_iter().collect()
}

fn brute(masked: &Masked) -> BTreeSet<Verdict> {
    let universe = universe();
    let mut stack = vec![Fillings::new()];
    for name in masked.shapes.keys() {
        stack = stack
            .iter()
            .flat_map(|given| {
                universe.iter().map(|text| {
                    let mut given = given.clone();
                    given.insert(name.clone(), Filling::Text(text.clone()));
                    given
                })
            })
            .collect();
    }
    let symbols = Symbols::new();
    stack
        .iter()
        .map(|given| {
            answer(
                &masked.known_policy(given),
                &masked.known_request(given),
                &symbols,
            )
            .verdict
        })
        .collect()
}

fn json_value() -> impl Strategy<Value = Json> {
    let word = prop::sample::select(vec![
        "Version",
        "Statement",
        "Effect",
        "Allow",
        "Deny",
        "Principal",
        "NotPrincipal",
        "AWS",
        "Action",
        "Resource",
        "Condition",
        "StringEquals",
        "Null",
        "ForAnyValue:StringLike",
        "aws:a",
        "*",
        "${aws:a}",
        "2012-10-17",
        "kms:*",
        "arn:aws:iam::1:root",
        "",
        "é",
        "${",
        "IpAddress",
        "10.0.0.0/33",
        "DateLessThan",
        "NumericEquals",
        "-",
    ]);
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        any::<i32>().prop_map(|it| json!(it)),
        word.clone().prop_map(|it| json!(it)),
        ".*".prop_map(Json::String),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
            prop::collection::btree_map(word.clone().prop_map(str::to_owned), inner, 0..5)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn adding_a_deny_never_allows_more(question in question(), deny in statement()) {
        let before = verdict(&question);
        let mut deny = deny;
        deny["Effect"] = json!("Deny");
        let mut more = question;
        more.policy["Statement"].as_array_mut().unwrap().push(deny);
        prop_assert!(openness(verdict(&more)) <= openness(before));
    }

    #[test]
    fn adding_an_allow_never_denies_more(question in question(), allow in statement()) {
        let before = verdict(&question);
        let mut allow = allow;
        allow["Effect"] = json!("Allow");
        let mut more = question;
        more.policy["Statement"].as_array_mut().unwrap().push(allow);
        prop_assert!(openness(verdict(&more)) >= openness(before));
    }

    #[test]
    fn the_order_of_statements_does_not_matter(question in question(), which in prop::collection::vec(0..20_usize, 0..3)) {
        let masked = hide(&question, &which);
        let mut turned = masked.clone();
        turned.policy["Statement"].as_array_mut().unwrap().reverse();
        prop_assert_eq!(masked.decide(None).verdict, turned.decide(None).verdict);
    }

    #[test]
    fn an_unknown_in_place_of_a_literal_never_flips_the_verdict(question in question(), which in prop::collection::vec(0..20_usize, 1..4)) {
        let known = verdict(&question);
        let unknown = hide(&question, &which).decide(None).verdict;
        prop_assert!(
            unknown == known || matches!(unknown, Verdict::Conditional | Verdict::Undecided),
            "{known:?} became {unknown:?}"
        );
    }

    #[test]
    fn parsing_and_evaluating_any_json_never_panics(json in json_value(), duplicates in any::<bool>()) {
        let text = json.to_string();
        let mut map = SourceMap::new();
        let file = map.add("p", text.as_str()).unwrap();
        let value = Value::from_json(&parse_json(&map, file).unwrap());
        let duplicates = if duplicates { Duplicates::First } else { Duplicates::Last };
        for kind in [PolicyKind::Key, PolicyKind::Identity, PolicyKind::Trust] {
            let (policy, _) = parse(&value, kind, duplicates);
            let masked = Masked {
                policy: json!({}),
                identity: None,
                principal: "arn:aws:iam::111122223333:role/R".to_owned(),
                action: "kms:Decrypt".to_owned(),
                resource: KEY.to_owned(),
                account: ACCOUNT.to_owned(),
                context: [("aws:a".to_owned(), json!("a"))].into(),
                maybe: BTreeMap::new(),
                shapes: BTreeMap::new(),
                nature: Nature::Named,
            };
            let (_, request, symbols) = masked.build(None);
            let decision = evaluate(&policy, &request, &symbols);
            prop_assert!(!policy.rejected || decision.verdict == Verdict::Undecided);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn hidden_texts_give_what_brute_force_gives(question in question(), which in prop::collection::vec(0..20_usize, 1..3)) {
        let masked = hide(&question, &which);
        let seen = brute(&masked);
        let decision = masked.decide(None);
        let expected = match seen.iter().copied().collect::<Vec<_>>().as_slice() {
            [one] => *one,
            _ if seen.contains(&Verdict::Undecided) => Verdict::Undecided,
            _ => Verdict::Conditional,
        };
        prop_assert_eq!(decision.verdict, expected, "{:?}\n{}", decision.cases, masked.policy);
    }

    #[test]
    fn beyond_the_limit_a_decided_verdict_still_holds(question in question(), which in prop::collection::vec(0..20_usize, 4..7), given in prop::collection::vec(prop::sample::select(TEXTS.to_vec()), 7)) {
        let masked = hide(&question, &which);
        let unknown = masked.decide(None).verdict;
        let fillings: Fillings = masked
            .shapes
            .keys()
            .zip(given)
            .map(|(name, text)| (name.clone(), Filling::Text(text.to_owned())))
            .collect();
        let known = masked.decide(Some(&fillings)).verdict;
        prop_assert!(unknown == known || matches!(unknown, Verdict::Conditional | Verdict::Undecided));
    }
}
