//! What may be there and what is known in part: which of two counts, who may be meant, and what is told of it.

use serde_json::{Value as Json, json};

use super::corners::{cases, decide, under};
use super::{TRAIL, WITH_A, WITH_B, nowhere, read, request, statement, unknown, verdict};
use crate::policy::bindings::Bindings;
use crate::policy::matching::Pass;
use crate::policy::testing::KEY;
use crate::policy::wire::Line;
use crate::policy::work::Work;
use crate::policy::{Caller, Duplicates, PolicyKind, Verdict, evaluate, parse};
use crate::source::{Origin, Span};
use crate::value::{Kind, Nature, Part, PartKind, Shape, Symbol, Symbols, Text, Value};

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

/// A reference is a value of one piece, which was written elsewhere; what is secret as a value is secret as a text.
#[test]
fn a_text_of_one_piece_has_the_place_of_the_piece() {
    let place = Origin::new(Span { start: 7, end: 9 });
    for sensitive in [false, true] {
        let text = Text::literal("kms:Decrypt", place.clone());
        let value = Value {
            sensitive,
            ..Value::new(Kind::Text(text), nowhere())
        };
        let mut policy: Value = unknown(
            &json!({"Statement": {"Action": "", "Effect": "Deny", "Principal": "*", "Resource": "*"}}),
            &mut Symbols::new(),
        );
        let Kind::Object(whole) = &mut policy.kind else {
            panic!("an object");
        };
        let Kind::Object(deny) = &mut whole.members[0].value.kind else {
            panic!("an object");
        };
        let mut members = deny.members.iter_mut();
        members.find(|it| it.key == "Action").unwrap().value = value;
        let (policy, issues) = parse(&policy, PolicyKind::Key, Duplicates::Last);
        assert!(issues.is_empty());
        let actions = policy.statements[0].actions().unwrap();
        let text = actions.texts[0].text;
        assert_eq!(text.parts()[0].origin.span(), place.span());
        assert_eq!(text.is_sensitive(), sensitive);
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
    for (principal, is_possible, if_new) in [
        ("444455556666", true, true),
        ("arn:aws:iam::444455556666:root", true, true),
        // Nobody has written the ARN of a role that is not there yet.
        ("arn:aws:iam::444455556666:role/r", true, false),
        ("{account}", true, true),
        ("arn:aws:iam::{account}:root", true, true),
        ("4444", false, false),
        ("AIDAEXAMPLE", false, false),
    ] {
        for (nature, expected) in [(Nature::Undocumented, is_possible), (Nature::Fresh, if_new)] {
            let (mut request, mut symbols) =
                request("arn:aws:iam::111122223333:role/r kms:Decrypt");
            let reader = symbols.intern(Symbol::for_test("reader", Shape::Arn, nature));
            request.principal = Caller::Aws(Text::symbol(reader, nowhere()));
            let who = json!({"Principal": {"AWS": principal}});
            let allow = statement("Allow", &who.to_string());
            let policy = read(&format!("[{allow}]"), &mut symbols);
            let found = evaluate(&policy, &request, &symbols).verdict;
            assert_eq!(
                found != Verdict::Denied,
                expected,
                "{principal} {nature:?} {found:?}"
            );
        }
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

#[test]
fn of_two_effects_and_of_two_types_nobody_knows_which_counts() {
    let all = statement("Allow", "{}");
    for (element, alone, as_deny) in [
        (
            r#"{"Effect":"Allow","Effect{maybe}":"Deny"}"#,
            "undecided",
            "undecided",
        ),
        (
            r#"{"Principal":{"Service":"cloudtrail.amazonaws.com","Service{maybe}":"config.amazonaws.com"}}"#,
            "undecided",
            "undecided",
        ),
        (
            r#"{"NotPrincipal":{"Service":"cloudtrail.amazonaws.com","Service{maybe}":"config.amazonaws.com"}}"#,
            "",
            "undecided",
        ),
    ] {
        if !alone.is_empty() {
            let allow = statement("Allow", element);
            assert_eq!(verdict(&format!("[{allow}]"), TRAIL), alone, "{element}");
        }
        let deny = statement("Deny", element);
        let found = verdict(&format!("[{all},{deny}]"), TRAIL);
        assert_eq!(found, as_deny, "as a Deny: {element}");
    }
}

/// An element that is missing may be among those that are not known.
#[test]
fn a_statement_that_may_hold_more_may_mean_anything() {
    let all = statement("Allow", "{}");
    let whole = [
        (
            r#""Principal":"*""#,
            r#""Principal":{"Service":"config.amazonaws.com"}"#,
        ),
        (r#""Action":"kms:*""#, r#""Action":"kms:Encrypt""#),
        (r#""Resource":"*""#, r#""Resource":"arn:aws:s3:::logs""#),
    ];
    for missing in 0..whole.len() {
        let kept = whole.iter().enumerate().filter(|(at, _)| *at != missing);
        let (met, unmet): (Vec<&str>, Vec<&str>) = kept.map(|(_, it)| *it).unzip();
        for (elements, expected) in [(met.join(","), "undecided"), (unmet.join(","), "denied")] {
            let allow = format!(r#"{{"Effect":"Allow",{elements},"{{...}}":0}}"#);
            assert_eq!(verdict(&format!("[{allow}]"), TRAIL), expected, "{allow}");
            let deny = allow.replacen("Allow", "Deny", 1);
            let beside = verdict(&format!("[{all},{deny}]"), TRAIL);
            let expected = if expected == "denied" {
                "allowed"
            } else {
                expected
            };
            assert_eq!(beside, expected, "{deny}");
        }
    }
}

#[test]
fn an_answer_is_sure_only_where_it_is_so_for_what_aws_does_not_document() {
    let context = |x: &str| json!({"aws:SourceArn": "abc", "aws:x": x});
    let not_like =
        |x: &str| json!({"ArnNotLike": {"aws:SourceArn": "{text}"}, "StringLike": {"aws:x": x}});
    // Of all texts that AWS documents `abc` alone is like `abc`; of the others `a*` is, too.
    let decision = under(&not_like("{text}"), &context("abc"));
    assert_eq!(decision.verdict, Verdict::Undecided);
    assert!(
        decision
            .blocked_by
            .iter()
            .any(|it| it.reason.contains("fewer than six parts"))
    );
    let told = cases(&decision);
    assert_eq!(told.len(), 2, "{told:?}");
    // What decides otherwise stays sure, and so does a condition that somebody can look up.
    assert_eq!(
        under(&not_like("b"), &context("abc")).verdict,
        Verdict::Denied
    );
    let told = cases(&under(&not_like("{text}"), &context("abd")));
    let verdicts: Vec<&str> = told.iter().map(|(verdict, _)| *verdict).collect();
    assert_eq!(verdicts, ["denied", "allowed"], "{told:?}");
}

/// What keeps one statement back says nothing where another of its conditions does not hold.
#[test]
fn what_is_not_known_of_a_statement_that_does_not_match_is_not_told() {
    let allow = |condition: &Json| statement("Allow", &json!({"Condition": condition}).to_string());
    let apart = json!({"StringEquals": {"aws:x": "a", "aws:z": "no"}});
    let undocumented = json!({"ArnLike": {"aws:SourceArn": "arn:*"}});
    let context =
        json!({"aws:x": {"symbol": "value"}, "aws:z": "yes", "aws:SourceArn": "arn:aws:s3:::logs"});
    let decision = decide(
        &format!("[{},{}]", allow(&apart), allow(&undocumented)),
        &context,
    );
    assert_eq!(decision.verdict, Verdict::Undecided);
    let on: Vec<_> = decision.blocked_by.iter().map(|it| it.symbol).collect();
    assert_eq!(on, [None]);
}

/// Once it is sure, nothing further is looked at.
#[test]
fn a_sure_answer_ends_the_work() {
    let texts: Vec<String> = (0..40).map(|at| format!("1111222233{at:02}")).collect();
    let many = statement("Allow", &json!({"Principal": {"AWS": texts}}).to_string());
    let deny = statement("Deny", "{}");
    let (request, mut symbols) = crate::policy::testing::request(TRAIL);
    for (statements, expected) in [
        (format!("[{deny},{many}]"), Some(Verdict::Denied)),
        (format!("[{many},{deny}]"), None),
    ] {
        let policy = read(&statements, &mut symbols);
        let bindings = Bindings::default();
        let work = Work::with(100);
        let pass = Pass::new(&request, &symbols, &bindings, false, &work);
        let found = pass.verdict(&policy).map(|it| it.verdict);
        assert_eq!(found, expected);
    }
}
