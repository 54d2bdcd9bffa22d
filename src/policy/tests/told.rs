//! What a decision tells: the words of its cases, what blocks it, and what of a statement is there.

use serde_json::json;

use super::corners::{cases, decide, under};
use super::{TRAIL, read, statement, verdict};
use crate::policy::testing::texts;
use crate::policy::{Element, Match, Verdict};
use crate::value::Symbols;

#[test]
fn a_wildcard_behind_the_fifth_colon_takes_colons_beside_an_unknown_account() {
    let context = json!({
        "aws:x": "arn:aws:sns:us-east-1:111122223333:topic:part",
        "aws:y": {"symbol": "account"},
    });
    for (pattern, expected) in [
        ("arn:aws:sns:us-east-1:{account}:*", true),
        ("arn:aws:sns:us-east-1:{account}:topic?part", true),
        ("arn:aws:sns:*:{account}:*part", true),
        // None before the fifth does.
        ("arn:aws:*:{account}:topic:part", false),
        ("arn:aws:sns?us-east-1:{account}:topic:part", false),
    ] {
        let decision = under(&json!({"ArnLike": {"aws:x": pattern}}), &context);
        if expected {
            let account = "111122223333".to_owned();
            let told = [
                ("denied", vec![format!("not {account}")]),
                ("allowed", vec![account]),
            ];
            assert_eq!(cases(&decision), told, "{pattern}");
        } else {
            assert_eq!(decision.verdict, Verdict::Denied, "{pattern}");
        }
    }
}

/// Whether a Deny gave an answer is asked of every value that a symbol may have.
#[test]
fn a_denial_is_explicit_where_a_deny_gives_it_whatever_is_not_known() {
    let context = json!({"aws:x": {"symbol": "value"}});
    let when = |effect: &str, operator: &str| {
        let condition = json!({"Condition": {operator: {"aws:x": "a"}}});
        statement(effect, &condition.to_string())
    };
    let (is, not) = ("StringEquals", "StringNotEquals");
    for (statements, verdict, explicit) in [
        // Denied by the Deny where it is `a`, and because nothing allows where it is not.
        (
            vec![when("Allow", is), when("Deny", is)],
            Verdict::Denied,
            false,
        ),
        (
            vec![when("Allow", not), when("Deny", not)],
            Verdict::Denied,
            false,
        ),
        (
            vec![
                statement("Allow", "{}"),
                when("Deny", is),
                when("Deny", not),
            ],
            Verdict::Denied,
            true,
        ),
        (
            vec![when("Allow", is), when("Allow", not)],
            Verdict::Allowed,
            false,
        ),
    ] {
        let decision = decide(&format!("[{}]", statements.join(",")), &context);
        assert_eq!(
            (decision.verdict, decision.explicit),
            (verdict, explicit),
            "{statements:?}"
        );
    }
}

#[test]
fn a_case_says_what_holds_and_what_is_taken_out_of_it() {
    let value = json!({"aws:x": {"symbol": "value"}});
    let known = |x: &str| json!({"aws:x": x, "aws:z": {"symbol": "text"}});
    for (condition, context, within, not_in) in [
        (
            json!({"StringLike": {"aws:x": "a*"}, "StringNotLike": {"aws:x": "*b"}}),
            &value,
            "a*",
            vec!["*b"],
        ),
        (
            json!({"StringEqualsIgnoreCase": {"aws:x": "audit"}, "StringNotEquals": {"aws:x": "Audit"}}),
            &value,
            "audit",
            vec!["Audit"],
        ),
        (
            json!({"IpAddress": {"aws:x": "10.0.0.0/8"}, "NotIpAddress": {"aws:x": "10.1.0.0/16"}}),
            &value,
            "10.0.0.0/8",
            vec!["10.1.0.0/16"],
        ),
        (
            json!({"NumericLessThan": {"aws:x": "10"}, "NumericNotEquals": {"aws:x": "5"}}),
            &value,
            "< 10",
            vec!["5"],
        ),
        // The value that is not known is the policy's: the sign is turned round.
        (
            json!({"NumericLessThan": {"aws:x": "{text}"}}),
            &known("7"),
            "> 7",
            vec![],
        ),
        (
            json!({"NumericGreaterThanEquals": {"aws:x": "{text}"}}),
            &known("7"),
            "<= 7",
            vec![],
        ),
        (
            json!({"DateLessThanEquals": {"aws:x": "{text}"}}),
            &known("2027-01-01T00:00:00Z"),
            ">= 2027-01-01T00:00:00Z",
            vec![],
        ),
    ] {
        let decision = under(&condition, context);
        assert_eq!(decision.verdict, Verdict::Conditional, "{condition}");
        let allowed = decision
            .cases
            .iter()
            .find(|case| case.verdict == Verdict::Allowed);
        let fixed = &allowed.unwrap().when[0];
        assert_eq!(texts(&fixed.within), [within], "{condition}");
        assert_eq!(texts(&fixed.not_in), not_in, "{condition}");
    }
}

/// A text that was made up for one symbol is shown by that symbol's name; one of the policy's own is not.
#[test]
fn a_text_of_the_policy_is_shown_as_it_is_for_two_symbols() {
    let context = json!({"aws:x": {"symbol": "one"}, "aws:y": {"symbol": "other"}});
    let decision = under(
        &json!({"StringEquals": {"aws:x": "audit", "aws:y": "audit"}}),
        &context,
    );
    let all = cases(&decision);
    let allowed = ("allowed", vec!["audit".to_owned(), "audit".to_owned()]);
    assert!(all.contains(&allowed), "{all:?}");
}

#[test]
fn a_value_of_one_kind_is_never_one_of_another() {
    let account = json!({"aws:x": {"symbol": "account"}});
    for (condition, expected) in [
        (json!({"Bool": {"aws:x": "true"}}), Verdict::Denied),
        (
            json!({"IpAddress": {"aws:x": "192.0.2.0/24"}}),
            Verdict::Denied,
        ),
        (json!({"BinaryEquals": {"aws:x": "AA=="}}), Verdict::Denied),
        (
            json!({"NumericLessThan": {"aws:x": "444455556666"}}),
            Verdict::Conditional,
        ),
    ] {
        let found = under(&condition, &account).verdict;
        assert_eq!(found, expected, "{condition}");
    }
}

/// Which numbers begin with a 7 is not looked at: some above 500 do, and the number beside 500 does not.
#[test]
fn a_number_that_is_compared_as_a_text_too_is_undecided() {
    let value = json!({"aws:x": {"symbol": "value"}});
    let both = json!({"StringLike": {"aws:x": "7*"}, "NumericGreaterThan": {"aws:x": "500"}});
    assert_eq!(under(&both, &value).verdict, Verdict::Undecided);
    let exact = json!({"StringEquals": {"aws:x": "700"}, "NumericGreaterThan": {"aws:x": "500"}});
    assert_eq!(under(&exact, &value).verdict, Verdict::Conditional);
    // What a text beside it is compared with is no matter of the number.
    let two = json!({"aws:x": {"symbol": "value"}, "aws:y": {"symbol": "text"}});
    let apart = json!({"StringLike": {"aws:y": "7*"}, "NumericGreaterThan": {"aws:x": "500"}});
    assert_eq!(under(&apart, &two).verdict, Verdict::Conditional);
}

#[test]
fn the_account_in_a_longer_text_is_what_has_twelve_digits() {
    let context = json!({
        "aws:x": "abc111122223333def",
        "aws:y": {"symbol": "account"},
    });
    let decision = under(&json!({"StringLike": {"aws:x": "*{account}*"}}), &context);
    let account = "111122223333".to_owned();
    let expected = [
        ("denied", vec![format!("not {account}")]),
        ("allowed", vec![account]),
    ];
    assert_eq!(cases(&decision), expected);
}

#[test]
fn a_principal_that_may_be_there_is_not_surely_named() {
    for (principal, expected) in [
        (r#"[{"{maybe}":"cloudtrail.amazonaws.com"}]"#, "undecided"),
        (
            r#"["config.amazonaws.com",{"{maybe}":"cloudtrail.amazonaws.com"}]"#,
            "undecided",
        ),
        (
            r#"["cloudtrail.amazonaws.com",{"{maybe}":"config.amazonaws.com"}]"#,
            "allowed",
        ),
        (r#"[{"{maybe}":"config.amazonaws.com"}]"#, "denied"),
    ] {
        let element = format!(r#"{{"Principal":{{"Service":{principal}}}}}"#);
        let allow = statement("Allow", &element);
        assert_eq!(
            verdict(&format!("[{allow}]"), TRAIL),
            expected,
            "{principal}"
        );
    }
}

#[test]
fn a_wildcard_beside_an_unknown_text_leaves_the_text_to_be_named() {
    let context = json!({"aws:x": "a-bc-z", "aws:y": {"symbol": "text"}});
    for (operator, pattern, expected) in [
        ("StringEquals", "a-{text}-z", Some("bc")),
        ("StringLike", "{text}*", None),
        ("StringLike", "*{text}", None),
    ] {
        let decision = under(&json!({operator: {"aws:x": pattern}}), &context);
        assert_eq!(decision.verdict, Verdict::Conditional, "{pattern}");
        if let Some(expected) = expected {
            let told = [
                ("denied", vec![format!("not {expected}")]),
                ("allowed", vec![expected.to_owned()]),
            ];
            assert_eq!(cases(&decision), told, "{pattern}");
        }
    }
}

/// The text is short, and the one behind it holds what is missing of the ARN.
#[test]
fn an_arn_may_be_made_of_two_unknown_texts() {
    let context = |y: &str| {
        json!({
            "aws:x": "arn:aws:iam::111122223333:role/r",
            "aws:y": y,
            "aws:a": {"symbol": "text"},
            "aws:b": {"symbol": "other"},
        })
    };
    let condition =
        json!({"ArnLike": {"aws:x": "{text}{other}"}, "StringEquals": {"aws:y": "{text}"}});
    for start in ["arn", "arn:aws:", "arn:aws:iam::111122223333:"] {
        let found = under(&condition, &context(start)).verdict;
        assert_eq!(found, Verdict::Conditional, "{start}");
    }
    assert_eq!(under(&condition, &context("urn:")).verdict, Verdict::Denied);
}

#[test]
fn a_known_start_of_a_short_arn_pattern_makes_it_no_less_a_text() {
    let context = json!({
        "aws:x": "arn:aws:iam::111122223333:role/r",
        "aws:y": "audit",
        "aws:z": {"symbol": "text"},
    });
    let not = json!({"ArnNotLike": {"aws:x": "arn:{text}"}, "StringEquals": {"aws:y": "{text}"}});
    let expected = [
        ("denied", vec!["not audit".to_owned()]),
        ("allowed", vec!["audit".to_owned()]),
    ];
    assert_eq!(cases(&under(&not, &context)), expected);
}

#[test]
fn what_the_answer_does_not_hang_on_does_not_block_it() {
    let context = json!({
        "aws:x": {"symbol": "value"},
        "aws:y": {"symbol": "team"},
        "aws:z": "a",
    });
    let allow = |operator: &str| {
        let condition = json!({
            operator: {"aws:x": "a"},
            "StringLike": {"aws:y": "b", "aws:z": "{hole}"},
        });
        statement("Allow", &json!({"Condition": condition}).to_string())
    };
    let both = format!("[{},{}]", allow("StringEquals"), allow("StringNotEquals"));
    let decision = decide(&both, &context);
    let expected = [
        ("denied", vec!["not b".to_owned()]),
        ("undecided", vec!["b".to_owned()]),
    ];
    assert_eq!(cases(&decision), expected);
    let reasons: Vec<&str> = decision
        .blocked_by
        .iter()
        .map(|it| it.reason.as_str())
        .collect();
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert!(reasons.contains(&"no function `f`"), "{reasons:?}");
}

/// Twelve digits are never three.
#[test]
fn a_pattern_that_no_value_can_match_is_no_part_of_a_case() {
    let account = json!({"aws:x": {"symbol": "account"}});
    let decision = under(&json!({"StringLike": {"aws:x": ["1*", "22?"]}}), &account);
    let expected = [
        ("denied", vec!["not 1*".to_owned()]),
        ("allowed", vec!["1*".to_owned()]),
    ];
    assert_eq!(cases(&decision), expected);
}

#[test]
fn the_rest_of_a_list_as_one_of_its_values_may_be_any_text() {
    let context = json!({"aws:x": "a", "aws:y": {"values": [], "open": true}});
    let decision = under(
        &json!({"StringEquals": {"aws:x": ["b", "{rest of aws:y}"]}}),
        &context,
    );
    let expected = [
        ("denied", vec!["not a".to_owned()]),
        ("allowed", vec!["a".to_owned()]),
    ];
    assert_eq!(cases(&decision), expected);
}

#[test]
fn the_unknown_effect_of_a_statement_about_something_else_blocks_nothing() {
    let context = json!({"aws:x": "a"});
    let open = statement(
        "Allow",
        r#"{"Condition":{"StringEquals":{"aws:x":"{hole}"}}}"#,
    );
    for (action, reasons) in [
        ("kms:Encrypt", vec!["no function `f`"]),
        (
            "kms:Decrypt",
            vec!["no function `f`", "text is known after apply"],
        ),
    ] {
        let other = statement("{text}", &json!({"Action": action}).to_string());
        let decision = decide(&format!("[{open},{other}]"), &context);
        assert_eq!(decision.verdict, Verdict::Undecided);
        let mut found: Vec<&str> = decision
            .blocked_by
            .iter()
            .map(|it| it.reason.as_str())
            .collect();
        found.sort_unstable();
        assert_eq!(found, reasons, "{action}");
    }
}

#[test]
fn a_statement_that_matches_has_failed_nowhere_unless_it_may_not_be_there() {
    let allow = statement("Allow", "{}");
    for (statements, matches, expected) in [
        (format!("[{allow}]"), Match::Yes, None),
        (
            format!(r#"[{{"{{maybe}}":{allow}}}]"#),
            Match::Maybe,
            Some((Element::Statement, Match::Maybe)),
        ),
    ] {
        let decision = decide(&statements, &json!({}));
        assert_eq!(decision.statements[0].matches, matches, "{statements}");
        let failed = decision.statements[0].failed.as_ref();
        let found = failed.map(|failed| (failed.element, failed.matches));
        assert_eq!(found, expected, "{statements}");
    }
}

/// What stands for a text of two letters may be a part of other words, and is no name for them.
#[test]
fn a_short_text_that_was_made_up_is_not_taken_for_a_part_of_another() {
    let context = json!({"aws:x": {"symbol": "region"}, "aws:y": {"symbol": "value"}});
    let decision = under(
        &json!({"StringLike": {"aws:x": "us*"}, "StringEquals": {"aws:y": "bonus"}}),
        &context,
    );
    let all = cases(&decision);
    let allowed = ("allowed", vec!["us*".to_owned(), "bonus".to_owned()]);
    assert!(all.contains(&allowed), "{all:?}");
}

#[test]
fn two_unknown_texts_may_both_be_a_third_that_is_known() {
    let context = json!({
        "aws:x": {"symbol": "value"},
        "aws:y": "a",
        "aws:z": {"symbol": "text"},
    });
    let condition = json!({"StringEquals": {"aws:x": "{text}", "aws:y": "{text}"}});
    assert_eq!(under(&condition, &context).verdict, Verdict::Conditional);
    let never = json!({
        "StringEquals": {"aws:x": "{text}", "aws:y": "{text}"},
        "StringNotEquals": {"aws:x": "a"},
    });
    let mut twice = never.clone();
    twice["StringNotEquals"]["aws:x"] = json!(["a", "b"]);
    for condition in [never, twice] {
        assert_eq!(under(&condition, &context).verdict, Verdict::Denied);
    }
}

/// A letter that stands for "anything else" is in no message: the name of what it stands for is.
#[test]
fn what_was_made_up_for_a_symbol_is_shown_by_its_name() {
    for (condition, context, name) in [
        (
            json!({"StringEquals": {"aws:x": "{text}"}}),
            json!({"aws:x": {"symbol": "value"}}),
            "${value}",
        ),
        (
            json!({"ForAnyValue:StringEquals": {"aws:x": "{text}"}}),
            json!({"aws:x": {"values": [], "open": true}}),
            "${rest of aws:x}",
        ),
    ] {
        let decision = under(&condition, &context);
        let all = decision.cases.iter().flat_map(|case| &case.when);
        let words: Vec<&str> = all
            .flat_map(|fixed| texts(&fixed.within).into_iter().chain(texts(&fixed.not_in)))
            .collect();
        assert!(words.contains(&name), "{words:?}");
        let is_made_up = |letter: char| ('\u{E000}'..'\u{F900}').contains(&letter);
        assert!(
            !words.iter().any(|word| word.contains(is_made_up)),
            "{words:?}"
        );
    }
}

#[test]
fn a_statement_tells_what_it_names_and_whether_it_may_allow() {
    let more = r#"{"Principal":{"AWS":["111122223333","{...}"]}}"#;
    let not = r#"{"NotPrincipal":{"AWS":"111122223333"},"Action":["kms:Decrypt","s3:*"]}"#;
    for (effect, element, allows, names_more, all_but, actions) in [
        ("Allow", "{}", true, false, false, vec!["kms:*"]),
        ("Deny", more, false, true, false, vec!["kms:*"]),
        ("{text}", more, true, true, false, vec!["kms:*"]),
        ("Deny", not, false, false, true, vec!["kms:Decrypt", "s3:*"]),
    ] {
        let mut symbols = Symbols::new();
        let policy = read(&format!("[{}]", statement(effect, element)), &mut symbols);
        let statement = &policy.statements[0];
        let told = (
            statement.may_allow(),
            statement.may_name_more(),
            statement.names_everybody_but(),
        );
        assert_eq!(told, (allows, names_more, all_but), "{effect} {element}");
        let found: Vec<String> = statement
            .each_action()
            .filter_map(|(text, _)| text.to_literal())
            .collect();
        assert_eq!(found, actions, "{effect} {element}");
    }
}

#[test]
fn what_decides_what_of_a_statement_is_there_are_its_own_unknowns() {
    for (effect, element, names) in [
        (
            "Allow",
            r#"{"Condition":{"StringEquals":{"aws:x":"{text}"}}}"#,
            vec![],
        ),
        ("{text}", "{}", vec!["text"]),
        (
            "Allow",
            r#"{"Action":[{"{maybe}":"kms:*"}]}"#,
            vec!["an item"],
        ),
        (
            "Allow",
            r#"{"Condition":{"StringEquals{maybe}":{"aws:x":"a"}}}"#,
            vec!["a member"],
        ),
        ("Allow", r#"{"Action":["kms:*","{...}"]}"#, vec!["the rest"]),
        ("Allow", r#"{"Condition":{"{...}":0}}"#, vec!["the rest"]),
    ] {
        let mut symbols = Symbols::new();
        let policy = read(&format!("[{}]", statement(effect, element)), &mut symbols);
        let found: Vec<&str> = policy.statements[0]
            .deciding()
            .map(|id| symbols.get(id).name.as_str())
            .collect();
        assert_eq!(found, names, "{effect} {element}");
    }
}
