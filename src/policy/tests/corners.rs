//! What is rare: two sides of which neither is known, what is surely not there, and policies too large to be taken apart.

use serde_json::{Value as Json, json};

use super::{TRAIL, WITH_A, WITH_B, read, request, statement, unknown, verdict, with};
use crate::policy::testing::{Read, texts};
use crate::policy::wire::{Line, LineError};
use crate::policy::{
    ContextValue, Decision, Duplicates, IssueKind, PolicyKind, Verdict, evaluate, parse,
};
use crate::value::{Presence, Symbols};

/// The decision about some statements. What the request names as a symbol is something that somebody can name.
pub(super) fn decide(statements: &str, context: &Json) -> Decision {
    let asked = format!("cloudtrail.amazonaws.com kms:Decrypt {context}");
    let (request, mut symbols) = request(&asked);
    let policy = read(statements, &mut symbols);
    evaluate(&policy, &request, &symbols)
}

/// The decision for one Allow under a condition.
pub(super) fn under(condition: &Json, context: &Json) -> Decision {
    let allow = statement("Allow", &json!({"Condition": condition}).to_string());
    decide(&format!("[{allow}]"), context)
}

/// The verdicts of the cases, each with what it asks of the symbols: what they are, else what they are not.
pub(super) fn cases(decision: &Decision) -> Vec<(&'static str, Vec<String>)> {
    let told = |decision: &crate::policy::Case| {
        let whens = decision.when.iter().map(|fixed| {
            if fixed.within.is_empty() {
                format!("not {}", texts(&fixed.not_in).join(" "))
            } else {
                texts(&fixed.within).join(" ")
            }
        });
        (decision.verdict.word(), whens.collect())
    };
    decision.cases.iter().map(told).collect()
}

#[test]
fn two_values_that_are_not_known_may_meet_and_may_not() {
    let context = json!({"aws:x": {"symbol": "value"}, "aws:y": {"symbol": "text"}});
    for operator in [
        "Bool",
        "NumericEquals",
        "NumericLessThan",
        "DateEquals",
        "DateGreaterThan",
        "BinaryEquals",
        "IpAddress",
        "NotIpAddress",
    ] {
        let decision = under(&json!({operator: {"aws:x": "{text}"}}), &context);
        assert_eq!(decision.verdict, Verdict::Conditional, "{operator}");
        let found = |verdict: &str| cases(&decision).iter().any(|(word, _)| *word == verdict);
        assert!(found("allowed") && found("denied"), "{operator}");
    }
    // No value is both.
    let never = json!({"Bool": {"aws:x": "{text}"}, "NumericEquals": {"aws:x": "{text}"}});
    assert_eq!(under(&never, &context).verdict, Verdict::Denied);
}

#[test]
fn a_text_of_fewer_than_six_segments_counts_where_no_arn_does() {
    let arn = "arn:aws:iam::111122223333:role/r";
    let context = |y: &str| json!({"aws:x": arn, "aws:y": y, "aws:z": {"symbol": "text"}});
    // Only `audit` passes the second condition, and it is no pattern of this ARN.
    let not = json!({"ArnNotLike": {"aws:x": "{text}"}, "StringEquals": {"aws:y": "{text}"}});
    let decision = under(&not, &context("audit"));
    let expected = [
        ("denied", vec!["not audit".to_owned()]),
        ("allowed", vec!["audit".to_owned()]),
    ];
    assert_eq!(cases(&decision), expected);
    let deny = statement("Deny", &json!({"Condition": not}).to_string());
    let allow = statement("Allow", "{}");
    let decision = decide(&format!("[{allow},{deny}]"), &context("audit"));
    assert_eq!(decision.verdict, Verdict::Conditional);
    let like = json!({"ArnLike": {"aws:x": "{text}"}, "StringEquals": {"aws:y": "{text}"}});
    assert_eq!(under(&like, &context("audit")).verdict, Verdict::Denied);
    let same = under(&like, &context(arn));
    assert_eq!(same.verdict, Verdict::Conditional);
    // The same with a number: any above 3 is no pattern of the ARN.
    let number = json!({"ArnNotLike": {"aws:x": "{text}"}, "NumericLessThan": {"aws:y": "{text}"}});
    let decision = under(&number, &context("3"));
    let allowed = cases(&decision).iter().any(|(word, _)| *word == "allowed");
    assert!(allowed, "{:?}", cases(&decision));
    // With a `*` behind it AWS does not document what it matches: no such number is taken for one that does not.
    let star = json!({"ArnNotLike": {"aws:x": "{text}*"}, "NumericLessThan": {"aws:y": "{text}"}});
    assert_eq!(under(&star, &context("3")).verdict, Verdict::Undecided);
    // A text behind it that is not known may hold the missing segments.
    let two = under(
        &json!({"ArnLike": {"aws:x": "{text}{other}"}}),
        &context(""),
    );
    assert_eq!(two.verdict, Verdict::Undecided);
}

#[test]
fn an_effect_is_allow_or_deny_or_none_that_aws_takes() {
    let context = |x: &str| json!({"aws:x": x, "aws:y": {"symbol": "text"}});
    let alone = format!("[{}]", statement("{text}", "{}"));
    let expected = [
        ("undecided", vec!["not Allow".to_owned()]),
        ("allowed", vec!["Allow".to_owned()]),
    ];
    assert_eq!(cases(&decide(&alone, &context(""))), expected);
    let own = r#"{"Condition":{"StringEquals":{"aws:x":"{text}"}}}"#;
    let beside = format!(
        "[{},{}]",
        statement("{text}", own),
        statement("Allow", "{}")
    );
    for (effect, expected) in [("Allow", "allowed"), ("Deny", "denied"), ("x", "undecided")] {
        let decision = decide(&beside, &context(effect));
        let all = cases(&decision);
        let is = all.iter().find(|(_, when)| when[..] == [effect]);
        let found = is.map_or(decision.verdict.word(), |(word, _)| word);
        assert_eq!(found, expected, "{effect} {all:?}");
    }
}

#[test]
fn a_part_without_a_name_is_three_dots_in_the_words_of_a_case() {
    let context = json!({"aws:x": {"symbol": "value"}});
    let decision = under(&json!({"StringLike": {"aws:x": "{hole}-a"}}), &context);
    let expected = [
        ("denied", vec!["not …-a".to_owned()]),
        ("undecided", vec!["…-a".to_owned()]),
    ];
    assert_eq!(cases(&decision), expected);
    assert_eq!(decision.blocked_by[0].reason, "the request does not say");
}

#[test]
fn what_is_too_much_to_take_apart_is_undecided() {
    let value = json!({"aws:x": {"symbol": "value"}, "aws:y": {"symbol": "text"}});
    let is = |condition: Json, context: &Json| under(&condition, context).verdict;
    // A long text; the shorter one beside it is a value all the same.
    let long = |letters: usize| json!({"StringLike": {"aws:x": ["a".repeat(letters), "b"]}});
    assert_eq!(is(long(1_000), &value), Verdict::Conditional);
    assert_eq!(is(long(1_100), &value), Verdict::Undecided);
    // Many texts, each with a part that is not known.
    let many = |count: usize| {
        let texts = (0..count).map(|at| format!("{{text}}{at}"));
        json!({"StringEquals": {"aws:x": texts.collect::<Vec<_>>()}})
    };
    assert_eq!(is(many(2), &value), Verdict::Conditional);
    assert_eq!(is(many(60), &value), Verdict::Undecided);
    let mut apart = many(60);
    apart["StringNotEquals"] = json!({"aws:a": "{text}", "aws:b": "{text}", "aws:c": "{text}"});
    let mut context = value.clone();
    for key in ["a", "b", "c"] {
        context[format!("aws:{key}")] = json!(key);
    }
    assert_eq!(is(apart, &context), Verdict::Undecided);
    // Many sets of texts that a list can hold.
    let sets = |count: usize| {
        let all = (0..count).map(|at| {
            let one = json!({"ForAnyValue:StringEquals": {"aws:x": format!("v{at}")}});
            statement("Allow", &json!({"Condition": one}).to_string())
        });
        let all: Vec<String> = all.collect();
        let open = with(r#"{"values":[],"open":true}"#);
        verdict(&format!("[{}]", all.join(",")), &open)
    };
    assert_eq!(sets(3), "conditional");
    assert_eq!(sets(12), "undecided");
    // Texts of which each letter of the one may meet each of the other.
    let pattern = format!("{}*", "a?".repeat(20_000));
    let condition = json!({"StringLike": {"aws:x": pattern}});
    let decision = under(&condition, &json!({"aws:x": "ab".repeat(20_000)}));
    assert_eq!(decision.verdict, Verdict::Undecided);
    assert_eq!(
        decision.blocked_by[0].reason,
        "the policy asks for more comparisons than are made"
    );
    let letters = "ab".repeat(2_500);
    let pattern = json!({"StringLike": {"aws:x": format!("*{{text}}{letters}c*")}});
    assert_eq!(is(pattern, &json!({"aws:x": letters})), Verdict::Undecided);
}

#[test]
fn a_list_that_may_hold_nothing_may_be_as_good_as_absent() {
    let open = json!({"aws:x": {"values": [], "open": true}});
    for word in ["true", "false"] {
        let decision = under(&json!({"Null": {"aws:x": word}}), &open);
        assert_eq!(decision.verdict, Verdict::Conditional, "{word}");
    }
    let one = json!({"aws:x": {"values": ["a"], "open": true}});
    let there = under(&json!({"Null": {"aws:x": "false"}}), &one);
    assert_eq!(there.verdict, Verdict::Allowed);
}

#[test]
fn one_name_for_a_text_and_for_whether_it_is_there_decides_nothing() {
    let context = json!({
        "aws:x": {"maybe_absent": true, "value": "a"},
        "aws:y": {"symbol": "presence of aws:x"},
        "aws:z": {"symbol": "z"},
    });
    let condition = json!({"StringEquals": {"aws:x": "a", "aws:y": "${aws:z}"}});
    let decision = under(&condition, &context);
    assert_eq!(decision.verdict, Verdict::Undecided);
    // Without the key it is denied all the same.
    let absent = decision
        .cases
        .iter()
        .find(|case| case.when[0].present == Some(false));
    assert_eq!(absent.map(|case| case.verdict), Some(Verdict::Denied));
}

#[test]
fn what_is_surely_not_there_is_as_if_it_were_not_written() {
    let (allow, deny) = (statement("Allow", "{}"), statement("Deny", "{}"));
    for (statements, expected) in [
        (format!(r#"[{{"{{never}}":{deny}}},{allow}]"#), "allowed"),
        (format!(r#"[{{"{{never}}":{allow}}}]"#), "denied"),
        (
            format!(
                "[{}]",
                statement("Allow", r#"{"Action":[{"{never}":"kms:*"},"kms:Encrypt"]}"#)
            ),
            "denied",
        ),
        (
            format!(
                "[{}]",
                statement(
                    "Allow",
                    r#"{"Condition":{"StringEquals{never}":{"aws:x":"b"},"StringLike":{"aws:x":"a","aws:y{never}":"b"}}}"#
                )
            ),
            "allowed",
        ),
    ] {
        assert_eq!(verdict(&statements, WITH_A), expected, "{statements}");
    }
    // A key that the request does not carry has no value for a variable, either.
    let (mut request, symbols) = request(r#"cloudtrail.amazonaws.com kms:Decrypt {"aws:x":"b"}"#);
    request.context.insert(ContextValue {
        key: "aws:y".to_owned(),
        presence: Presence::Absent,
        values: request.context.get("aws:x").unwrap().values.clone(),
        multivalued: false,
        open: None,
    });
    for (text, expected) in [("${aws:y, 'b'}", true), ("${aws:y}", false)] {
        let condition = json!({"Condition": {"StringEquals": {"aws:x": text}}});
        let read = Read::statements(&statement("Allow", &condition.to_string()));
        let found = evaluate(&read.policy, &request, &symbols).verdict == Verdict::Allowed;
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn two_doubts_in_one_another_are_a_doubt() {
    let both = |condition: &str| {
        let allow = statement("Allow", &format!(r#"{{"Condition":{condition}}}"#));
        (
            verdict(&format!("[{allow}]"), WITH_A),
            verdict(&format!("[{allow}]"), WITH_B),
        )
    };
    let twice = both(r#"{"StringEquals{maybe}":{"aws:x{maybe}":"a"}}"#);
    assert_eq!(twice, ("undecided", "undecided"));
    // Which version counts decides whether `${...}` is a variable.
    let mut symbols = Symbols::new();
    let allow: Json = serde_json::from_str(&statement("Allow", "{}")).unwrap();
    for (version, expected) in [("Version", "allowed"), ("Version{maybe}", "undecided")] {
        let policy = json!({version: "2012-10-17", "Statement": [allow]});
        let policy = unknown(&policy, &mut symbols);
        let (policy, issues) = parse(&policy, PolicyKind::Key, Duplicates::Last);
        assert!(issues.is_empty());
        let (request, _) = request(TRAIL);
        let found = evaluate(&policy, &request, &symbols).verdict.word();
        assert_eq!(found, expected, "{version}");
    }
}

#[test]
fn an_effect_of_another_kind_is_rejected() {
    for effect in ["1", "true", "[\"Allow\"]", "{}"] {
        let read = Read::statements(&format!(
            r#"{{"Effect":{effect},"Principal":"*","Action":"kms:*","Resource":"*"}}"#
        ));
        let found = read.issues_of(IssueKind::Rejected);
        let expected = ("`Effect` is neither `Allow` nor `Deny`".to_owned(), effect);
        assert_eq!((found[0].0.clone(), found[0].1.as_str()), expected);
        assert_eq!(read.verdict(TRAIL), "undecided", "{effect}");
    }
}

#[test]
fn a_short_arn_pattern_that_no_text_can_match_is_turned_down() {
    for (pattern, value, expected) in [
        ("arn:aws:?", json!({"symbol": "account"}), Verdict::Denied),
        (
            "????????????",
            json!({"symbol": "account"}),
            Verdict::Undecided,
        ),
        ("a?", json!("ab"), Verdict::Undecided),
        ("a?", json!("abc"), Verdict::Denied),
    ] {
        let condition = json!({"ArnLike": {"aws:x": pattern}});
        let found = under(&condition, &json!({"aws:x": value})).verdict;
        assert_eq!(found, expected, "{pattern} {value}");
    }
}

/// What a short pattern matches is not documented: texts that it may match are told apart from those that it cannot, also where another
/// comparison hangs on the same text.
#[test]
fn a_short_arn_pattern_is_a_case_of_its_own() {
    let short = "arn:aws:iam*:111122223333:user/Mary";
    let both = json!({"ArnLike": {"aws:x": ["arn:aws:iam::111122223333:user/Ana", short]}});
    let decision = under(&both, &json!({"aws:x": {"symbol": "text"}}));
    assert_eq!(decision.verdict, Verdict::Undecided);
    let expected = [
        (
            "denied",
            "not arn:aws:iam*:111122223333:user/Mary arn:aws:iam::111122223333:user/Ana",
        ),
        ("undecided", short),
        ("allowed", "arn:aws:iam::111122223333:user/Ana"),
    ];
    assert_eq!(
        cases(&decision),
        expected.map(|(word, when)| (word, vec![when.to_owned()]))
    );
    // A part that is not known makes it no other pattern.
    let part = json!({"ArnLike": {"aws:x": "arn:aws:iam*:{account}:user/Mary"}});
    let decision = under(&part, &json!({"aws:x": {"symbol": "text"}}));
    let words: Vec<&str> = cases(&decision).iter().map(|(word, _)| *word).collect();
    assert_eq!(words, ["denied", "undecided"]);
}

#[test]
fn a_letter_whose_lower_case_is_two_letters_is_no_other_letter() {
    for (value, expected) in [
        ("IX", "allowed"),
        ("iX", "allowed"),
        ("\u{130}x", "denied"),
        ("i\u{307}x", "denied"),
    ] {
        let condition = json!({"StringEqualsIgnoreCase": {"aws:x": "ix"}});
        let found = under(&condition, &json!({"aws:x": value})).verdict.word();
        assert_eq!(found, expected, "{value}");
    }
}

#[test]
fn a_line_may_leave_the_account_of_the_resource_out() {
    let line = |account: Option<&str>, x: Json| {
        let mut line = json!({
            "id": 1,
            "policy": {"Version": "2012-10-17", "Statement":
                serde_json::from_str::<Json>(&statement("Allow", "{}")).unwrap()},
            "request": {
                "principal": "arn:aws:iam::111122223333:user/jane",
                "action": "kms:Decrypt",
                "resource": "arn:aws:kms:us-east-1:111122223333:key/1",
                "context": {"aws:x": x},
            },
        });
        if let Some(account) = account {
            line["request"]["account"] = json!(account);
        }
        line.to_string()
    };
    for (account, verdict, delegated) in [
        (Some("111122223333"), "allowed", false),
        (Some("444455556666"), "denied", true),
        (None, "conditional", false),
    ] {
        let line = line(account, json!("a"));
        let answer = Line::read(&line).unwrap().answer().unwrap();
        assert_eq!((answer.verdict, answer.delegated), (verdict, delegated));
    }
    for value in [json!(null), json!(["a", null]), json!({"value": null})] {
        let line = line(None, value);
        let answer = Line::read(&line).unwrap().answer();
        assert!(matches!(answer, Err(LineError::Context(key)) if key == "aws:x"));
    }
}
