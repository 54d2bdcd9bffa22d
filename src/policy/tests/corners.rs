//! What is rare: two sides of which neither is known, what is surely not there, and policies too large to be taken apart.

use serde_json::{Value as Json, json};

use super::{TRAIL, WITH_A, WITH_B, nowhere, read, request, statement, unknown, verdict, with};
use crate::policy::testing::{KEY, Read};
use crate::policy::wire::{Line, LineError};
use crate::policy::{
    Caller, ContextValue, Decision, Duplicates, IssueKind, PolicyKind, Verdict, evaluate, parse,
};
use crate::value::{Kind, Nature, Part, PartKind, Presence, Shape, Symbol, Symbols, Text, Value};

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
                format!("not {}", fixed.not_in.join(" "))
            } else {
                fixed.within.join(" ")
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

#[test]
fn of_two_lists_of_statements_nobody_knows_which_counts() {
    let list =
        |effect: &str| json!([serde_json::from_str::<Json>(&statement(effect, "{}")).unwrap()]);
    let (allow, deny) = (list("Allow"), list("Deny"));
    for (policy, expected) in [
        (
            json!({"Statement": deny, "Statement{maybe}": allow}),
            "undecided",
        ),
        (
            json!({"Statement": allow, "Statement{maybe}": deny}),
            "undecided",
        ),
        // One that is surely not there is no second one.
        (
            json!({"Statement": deny, "Statement{never}": allow}),
            "denied",
        ),
    ] {
        let (request, mut symbols) = request(TRAIL);
        let read = unknown(&policy, &mut symbols);
        let (read, issues) = parse(&read, PolicyKind::Key, Duplicates::Last);
        assert!(issues.is_empty(), "{policy}");
        let found = evaluate(&read, &request, &symbols).verdict.word();
        assert_eq!(found, expected, "{policy}");
    }
}

/// What comes last is no more likely to count than what comes first.
#[test]
fn of_two_elements_of_which_one_counts_neither_is_sure() {
    for element in [
        r#"{"Principal":{"Service":"cloudtrail.amazonaws.com"},"Principal{maybe}":{"Service":"config.amazonaws.com"}}"#,
        r#"{"Principal":{"Service":"config.amazonaws.com"},"Principal{maybe}":{"Service":"cloudtrail.amazonaws.com"}}"#,
        r#"{"Action":"kms:Decrypt","Action{maybe}":"kms:Encrypt"}"#,
        r#"{"Resource":"*","Resource{maybe}":"arn:aws:s3:::logs"}"#,
    ] {
        let allow = statement("Allow", element);
        assert_eq!(
            verdict(&format!("[{allow}]"), TRAIL),
            "undecided",
            "{element}"
        );
        let all = statement("Allow", "{}");
        let deny = statement("Deny", element);
        let beside = format!("[{all},{deny}]");
        assert_eq!(verdict(&beside, TRAIL), "undecided", "as a Deny: {element}");
    }
}

#[test]
fn who_may_be_left_out_is_not_surely_meant() {
    let all = statement("Allow", "{}");
    for (left_out, expected) in [
        (r#"{"Service":"cloudtrail.amazonaws.com"}"#, "allowed"),
        (r#"{"Service":"config.amazonaws.com"}"#, "denied"),
        (
            r#"{"Service{maybe}":"cloudtrail.amazonaws.com"}"#,
            "undecided",
        ),
        (r#"{"Service{maybe}":"config.amazonaws.com"}"#, "denied"),
        (
            r#"{"Service":[{"{maybe}":"cloudtrail.amazonaws.com"}]}"#,
            "undecided",
        ),
        (
            r#"{"Service{maybe}":[{"{maybe}":"cloudtrail.amazonaws.com"}]}"#,
            "undecided",
        ),
    ] {
        let deny = statement("Deny", &format!(r#"{{"NotPrincipal":{left_out}}}"#));
        let found = verdict(&format!("[{all},{deny}]"), TRAIL);
        assert_eq!(found, expected, "{left_out}");
    }
}

/// A policy is judged by whole texts, whatever they were put together of.
#[test]
fn a_text_of_known_pieces_is_one_text() {
    let piece = |text: &str, sensitive: bool| Part {
        kind: PartKind::Literal(text.to_owned()),
        origin: nowhere(),
        sensitive,
    };
    for secret in [false, true] {
        let pieces = Text::from_parts(vec![piece("1111", false), piece("22223333", secret)]);
        let allow: Json = serde_json::from_str(&statement("Allow", "{}")).unwrap();
        let mut policy = unknown(&json!({"Statement": allow}), &mut Symbols::new());
        let Kind::Object(whole) = &mut policy.kind else {
            panic!("an object");
        };
        let Kind::Object(allow) = &mut whole.members[0].value.kind else {
            panic!("an object");
        };
        let principal = allow.members.iter_mut().find(|it| it.key == "Principal");
        let mut who = unknown(&json!({"AWS": ""}), &mut Symbols::new());
        if let Kind::Object(who) = &mut who.kind {
            who.members[0].value = Value::new(Kind::Text(pieces), nowhere());
        }
        principal.unwrap().value = who;
        let (policy, issues) = parse(&policy, PolicyKind::Key, Duplicates::Last);
        assert!(issues.is_empty());
        let (_, named) = policy.principals().next().unwrap();
        assert_eq!(named[0].text.as_literal(), Some("111122223333"));
        assert_eq!(named[0].text.is_sensitive(), secret);
    }
}

/// The ARN of a session names its role without its path.
#[test]
fn a_role_of_an_account_that_is_not_known_may_stand_behind_a_session() {
    let session = "arn:aws:sts::111122223333:assumed-role/r/s kms:Decrypt";
    let federated = "arn:aws:sts::111122223333:federated-user/r kms:Decrypt";
    for (principal, asked, expected) in [
        ("role/r", session, "undecided"),
        ("role/team/r", session, "undecided"),
        ("role/s", session, "denied"),
        ("user/r", session, "denied"),
        ("user/r", federated, "undecided"),
        ("role/r", federated, "denied"),
    ] {
        let who = json!({"Principal": {"AWS": format!("arn:aws:iam::{{account}}:{principal}")}});
        let allow = statement("Allow", &who.to_string());
        let found = verdict(&format!("[{allow}]"), asked);
        assert_eq!(found, expected, "{principal} {asked}");
    }
}

#[test]
fn an_answer_shows_what_the_policy_says_and_what_the_request_carries() {
    let condition = r#"{"Condition":{"StringEquals":{"aws:x":["a","b"]}}}"#;
    let allow: Json = serde_json::from_str(&statement("Allow", condition)).unwrap();
    let line = json!({
        "id": 1,
        "policy": {"Version": "2012-10-17", "Statement": allow},
        "request": {"principal": "cloudtrail.amazonaws.com", "action": "kms:Decrypt", "resource": KEY, "context": {"aws:x": "c"}},
    });
    let line = line.to_string();
    let answer = Line::read(&line).unwrap().answer().unwrap();
    let failed = answer.statements[0].failed.as_ref().unwrap();
    assert_eq!(failed.key.as_deref(), Some("aws:x"));
    assert_eq!(failed.policy, ["a", "b"]);
    assert_eq!(failed.request, ["c"]);
}

/// Other operators, and whether they are there, change nothing.
#[test]
fn of_two_conditions_of_one_operator_nobody_knows_which_counts() {
    for (condition, with_a, with_b) in [
        (
            r#"{"StringEquals":{"aws:x{maybe}":"a"}}"#,
            "allowed",
            "undecided",
        ),
        (
            r#"{"StringEquals":{"aws:x":"a"},"StringEquals{maybe}":{"aws:x":"b"}}"#,
            "undecided",
            "undecided",
        ),
        (
            r#"{"StringEquals{maybe}":{"aws:x":"a"},"StringLike":{"aws:x":"b"},"StringLikeIfExists":{"aws:x":"*"}}"#,
            "denied",
            "undecided",
        ),
    ] {
        let allow = statement("Allow", &format!(r#"{{"Condition":{condition}}}"#));
        let found = |asked: &str| verdict(&format!("[{allow}]"), asked);
        assert_eq!(
            (found(WITH_A), found(WITH_B)),
            (with_a, with_b),
            "{condition}"
        );
    }
}

/// AWS documents that the root user is named by its account; of others it says that they are to be listed themselves.
#[test]
fn a_root_user_is_left_out_with_its_account() {
    let all = statement(
        "Allow",
        r#"{"Principal":{"AWS":"arn:aws:iam::111122223333:root"}}"#,
    );
    let arn = |name: &str| format!("arn:aws:iam::111122223333:{name} kms:Decrypt");
    for (left_out, caller, expected) in [
        (r#""111122223333""#, "root", "allowed"),
        (r#""arn:aws:iam::111122223333:root""#, "root", "allowed"),
        (r#""444455556666""#, "root", "denied"),
        (
            r#""arn:aws:iam::111122223333:user/u""#,
            "user/u",
            "delegated",
        ),
        (r#""111122223333""#, "user/u", "undecided"),
    ] {
        let deny = statement(
            "Deny",
            &format!(r#"{{"NotPrincipal":{{"AWS":{left_out}}}}}"#),
        );
        let found = verdict(&format!("[{all},{deny}]"), &arn(caller));
        assert_eq!(found, expected, "{left_out} {caller}");
    }
}

#[test]
fn a_statement_is_doubtful_where_something_of_it_may_be_unread() {
    for (element, doubtful) in [
        ("{}", false),
        (r#"{"Action":["kms:{text}","{...}"]}"#, false),
        (r#"{"Effect":"{?}"}"#, true),
        (r#"{"Condition":"{?}"}"#, true),
        (r#"{"Condition":{"{...}":0}}"#, true),
        (r#"{"{...}":0}"#, true),
        (r#"{"Resource":"*","Resource{maybe}":"x"}"#, true),
    ] {
        let policy = read(
            &format!("[{}]", statement("Allow", element)),
            &mut Symbols::new(),
        );
        assert_eq!(policy.statements[0].is_doubtful(), doubtful, "{element}");
    }
}

/// Two conditions contradict each other only where all of both is known.
#[test]
fn what_may_hold_more_contradicts_nothing() {
    for (condition, expected) in [
        (
            r#"{"StringEquals":{"aws:x":["a"]},"StringNotEquals":{"aws:x":"a"}}"#,
            true,
        ),
        (
            r#"{"StringEquals":{"aws:x":["a","{...}"]},"StringNotEquals":{"aws:x":"a"}}"#,
            false,
        ),
        (
            r#"{"StringEquals":{"aws:x":["a",{"{maybe}":"b"}]},"StringNotEquals":{"aws:x":"a"}}"#,
            false,
        ),
        (
            r#"{"StringEquals{maybe}":{"aws:x":"a"},"StringNotEquals":{"aws:x":"a"}}"#,
            false,
        ),
        (
            r#"{"StringEquals":{"aws:x":[{"{maybe}":"a"}]},"StringNotEquals":{"aws:x":"a"}}"#,
            false,
        ),
        (
            r#"{"StringEquals":{"aws:x":"a"},"StringNotEquals{maybe}":{"aws:x":"a"}}"#,
            false,
        ),
        (
            r#"{"StringEquals":{"aws:x":"a"},"StringLike":{"aws:x":["b","{...}"]}}"#,
            false,
        ),
        (
            r#"{"StringEquals":{"aws:x":"a"},"StringLike":{"aws:x":"b*"}}"#,
            true,
        ),
    ] {
        let element = format!(r#"{{"Condition":{condition}}}"#);
        let policy = read(
            &format!("[{}]", statement("Allow", &element)),
            &mut Symbols::new(),
        );
        let found = policy.statements[0].contradiction().is_some();
        assert_eq!(found, expected, "{condition}");
    }
}

/// What else may be there in a policy is no reason to doubt its statements; which version counts is one.
#[test]
fn a_doubt_about_the_version_is_a_doubt_about_the_policy() {
    let allow: Json = serde_json::from_str(&statement("Allow", "{}")).unwrap();
    for (policy, expected) in [
        (json!({"Id{maybe}": "x", "Statement": allow}), "allowed"),
        (
            json!({"Version": "2012-10-17", "Id{maybe}": "x", "Statement": allow}),
            "allowed",
        ),
        (
            json!({"Version": "2012-10-17", "Version{maybe}": "2008-10-17", "Statement": allow}),
            "undecided",
        ),
        (
            json!({"Version{never}": "2008-10-17", "Statement": allow}),
            "allowed",
        ),
    ] {
        let (request, mut symbols) = request(TRAIL);
        let read = unknown(&policy, &mut symbols);
        let (read, issues) = parse(&read, PolicyKind::Key, Duplicates::Last);
        assert!(issues.is_empty(), "{policy}");
        let found = evaluate(&read, &request, &symbols).verdict.word();
        assert_eq!(found, expected, "{policy}");
    }
}

#[test]
fn what_keeps_a_not_principal_undecided_is_told() {
    let undocumented = "AWS does not document a `NotPrincipal` that lists the account or the role and not the caller itself";
    let all = statement(
        "Allow",
        r#"{"Principal":{"AWS":"arn:aws:iam::111122223333:root"}}"#,
    );
    for (left_out, expected) in [
        ("111122223333", vec![undocumented]),
        // It may be the caller's account.
        (
            "{account}",
            vec!["account is known after apply", undocumented],
        ),
        ("arn:aws:iam::444455556666:role/{text}", vec![]),
    ] {
        let deny = json!({"NotPrincipal": {"AWS": left_out}});
        let deny = statement("Deny", &deny.to_string());
        let (request, mut symbols) = request("arn:aws:iam::111122223333:user/u kms:Decrypt");
        let policy = read(&format!("[{all},{deny}]"), &mut symbols);
        let decision = evaluate(&policy, &request, &symbols);
        let reasons = decision.blocked_by.iter().map(|it| it.reason.as_str());
        assert_eq!(reasons.collect::<Vec<_>>(), expected, "{left_out}");
    }
}

/// A caller of whom nothing but a name is known may be of any account that the policy names.
#[test]
fn a_caller_without_a_known_arn_may_be_of_a_named_account() {
    for (principal, is_possible) in [
        ("444455556666", true),
        ("arn:aws:iam::444455556666:root", true),
        ("arn:aws:iam::444455556666:role/r", true),
        ("{account}", true),
        ("arn:aws:iam::{account}:root", true),
        ("4444", false),
        ("AIDAEXAMPLE", false),
    ] {
        let (mut request, mut symbols) = request("arn:aws:iam::111122223333:role/r kms:Decrypt");
        let reader = symbols.intern(Symbol {
            key: "reader".to_owned(),
            name: "reader".to_owned(),
            shape: Shape::Arn,
            nature: Nature::Undocumented,
            reason: "reader is known after apply".to_owned(),
            supply: None,
        });
        request.principal = Caller::Aws(Text::symbol(reader, nowhere()));
        let who = json!({"Principal": {"AWS": principal}});
        let allow = statement("Allow", &who.to_string());
        let policy = read(&format!("[{allow}]"), &mut symbols);
        let found = evaluate(&policy, &request, &symbols).verdict;
        assert_eq!(
            found != Verdict::Denied,
            is_possible,
            "{principal} {found:?}"
        );
    }
}

/// A text of which nothing is known may be `*`, which reaches a service, too.
#[test]
fn a_principal_that_is_not_known_may_be_everybody() {
    let allow = statement("Allow", r#"{"Principal":"{text}"}"#);
    let decision = decide(&format!("[{allow}]"), &json!({"aws:x": {"symbol": "text"}}));
    let all = cases(&decision);
    let mut allowed = all.iter().filter(|(word, _)| *word == "allowed");
    assert!(
        allowed.any(|(_, when)| when.iter().any(|it| it.contains('*'))),
        "{all:?}"
    );
}
