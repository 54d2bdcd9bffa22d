//! What a decision says of its cases.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::super::decision::Match;
use super::super::request::Caller;
use super::super::testing::{Read, request, texts};
use super::super::variables::{Pattern, Syntax};
use super::*;
use crate::source::{Origin, Span};
use crate::value::{Part, PartKind, Shape, Symbol, Text};

fn condition(condition: &str) -> Read {
    Read::statements(&format!(
        r#"{{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*","Condition":{condition}}}"#
    ))
}

fn ask(read: &Read, context: &str) -> Decision {
    read.decide(&format!("cloudtrail.amazonaws.com kms:Decrypt {context}"))
}

#[test]
fn cells_are_named_in_the_words_of_the_policy() {
    let read =
        condition(r#"{"StringEquals":{"aws:SourceAccount":["111122223333","444455556666"]}}"#);
    let decision = ask(&read, r#"{"aws:SourceAccount":{"symbol":"account"}}"#);
    assert_eq!(decision.verdict, Verdict::Conditional);
    let case = |verdict| {
        let found = decision.cases.iter().find(|case| case.verdict == verdict);
        found.unwrap().when[0].clone()
    };
    assert_eq!(
        texts(&case(Verdict::Allowed).within),
        ["111122223333", "444455556666"]
    );
    assert_eq!(
        texts(&case(Verdict::Denied).not_in),
        ["111122223333", "444455556666"]
    );
    assert!(case(Verdict::Denied).within.is_empty());
    assert_eq!(decision.blocked_by.len(), 2);
}

#[test]
fn equal_answers_decide() {
    let read = condition(r#"{"StringLike":{"aws:x":"*"},"StringNotEqualsIfExists":{"aws:y":"a"}}"#);
    assert_eq!(
        ask(&read, r#"{"aws:x":{"unknown":true}}"#).verdict,
        Verdict::Allowed
    );
    assert!(ask(&read, r#"{"aws:x":{"unknown":true}}"#).cases.is_empty());
    let maybe = r#"{"aws:x":"v","aws:y":{"maybe_absent":true,"value":"b"}}"#;
    assert_eq!(ask(&read, maybe).verdict, Verdict::Allowed);
    let maybe = r#"{"aws:x":"v","aws:y":{"maybe_absent":true,"value":"a"}}"#;
    let decision = ask(&read, maybe);
    assert_eq!(decision.verdict, Verdict::Conditional);
    assert_eq!(decision.cases[0].when[0].present, Some(true));
}

#[test]
fn numbers_and_times_are_cut_at_the_constants() {
    let read = condition(r#"{"DateLessThan":{"aws:CurrentTime":"2027-01-01T00:00:00Z"}}"#);
    let decision = ask(&read, r#"{"aws:CurrentTime":{"unknown":true}}"#);
    assert_eq!(decision.verdict, Verdict::Conditional);
    let allowed = decision
        .cases
        .iter()
        .find(|case| case.verdict == Verdict::Allowed);
    assert_eq!(
        texts(&allowed.unwrap().when[0].within),
        ["< 2027-01-01T00:00:00Z"]
    );
}

#[test]
fn an_open_list_is_split_over_what_it_may_hold() {
    let read = condition(
        r#"{"ForAllValues:StringEquals":{"aws:x":["a","b"]},"ForAnyValue:StringEquals":{"aws:x":"a"}}"#,
    );
    let open = |values: &str| {
        ask(
            &read,
            &format!(r#"{{"aws:x":{{"values":{values},"open":true}}}}"#),
        )
        .verdict
    };
    assert_eq!(open(r#"["a"]"#), Verdict::Conditional);
    assert_eq!(open(r#"["c"]"#), Verdict::Denied);
}

fn symbol(symbols: &mut Symbols, name: &str, shape: Shape, nature: Nature) -> Text {
    let id = symbols.intern(Symbol {
        reason: format!("{name} is not known"),
        ..Symbol::for_test(name, shape, nature)
    });
    Text::symbol(id, Origin::new(Span { start: 0, end: 0 }))
}

fn literal(text: &str) -> Text {
    Text::literal(text, Origin::new(Span { start: 0, end: 0 }))
}

#[test]
fn what_nobody_documents_is_undecided_and_the_named_symbol_s_cases_still_show() {
    let read = condition(r#"{"StringEquals":{"aws:SourceAccount":"111122223333","aws:x":"a"}}"#);
    let (mut request, mut symbols) = request("cloudtrail.amazonaws.com kms:Decrypt");
    let account = symbol(&mut symbols, "account", Shape::Account, Nature::Named);
    let unknown = symbol(&mut symbols, "x", Shape::Text, Nature::Undocumented);
    request.context.set("aws:SourceAccount", account.clone());
    request.context.set("aws:x", unknown);
    let decision = evaluate(&read.policy, &request, &symbols);
    assert_eq!(decision.verdict, Verdict::Undecided);
    let alone: Vec<_> = decision
        .cases
        .iter()
        .filter(|case| case.when.len() == 1)
        .collect();
    assert_eq!(alone.len(), 1);
    assert_eq!(alone[0].verdict, Verdict::Denied);
    assert_eq!(texts(&alone[0].when[0].not_in), ["111122223333"]);
    // With the other key known, the same account is a condition that somebody can name.
    request.context.set("aws:x", literal("a"));
    let decision = evaluate(&read.policy, &request, &symbols);
    assert_eq!(decision.verdict, Verdict::Conditional);
    assert_eq!(decision.blocked_by[0].reason, "account is not known");
}

#[test]
fn a_fresh_identifier_equals_no_literal_and_nothing_but_itself() {
    let (mut request, mut symbols) = request("cloudtrail.amazonaws.com kms:Decrypt");
    let mut arn = literal("arn:aws:kms:us-east-1:111122223333:key/");
    arn.append(symbol(&mut symbols, "id", Shape::Id, Nature::Fresh));
    request.resource = arn;
    for (resource, expected) in [
        ("*", Verdict::Allowed),
        ("arn:aws:kms:*:111122223333:key/*", Verdict::Allowed),
        (
            "arn:aws:kms:us-east-1:111122223333:key/1234abcd",
            Verdict::Denied,
        ),
        (
            "arn:aws:kms:us-east-1:111122223333:key/1*",
            Verdict::Undecided,
        ),
        (
            "arn:aws:kms:us-east-1:111122223333:key/mrk-*",
            Verdict::Undecided,
        ),
        (
            "arn:aws:kms:us-east-1:111122223333:key/????????-????-????-????-????????????",
            Verdict::Undecided,
        ),
        (
            "arn:aws:kms:us-east-1:111122223333:key/logs-*",
            Verdict::Denied,
        ),
        ("*:key/", Verdict::Denied),
        ("arn:aws:kms:us-east-1:444455556666:key/*", Verdict::Denied),
    ] {
        let read = Read::statements(&format!(
            r#"{{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"{resource}"}}"#
        ));
        let decision = evaluate(&read.policy, &request, &symbols);
        assert_eq!(decision.verdict, expected, "{resource}");
        // Nobody could say which id it is.
        assert!(decision.cases.is_empty(), "{resource}");
    }
    let read = condition(r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#);
    let address = symbol(&mut symbols, "address", Shape::Ip, Nature::Fresh);
    request.context.set("aws:SourceIp", address);
    assert_eq!(
        evaluate(&read.policy, &request, &symbols).verdict,
        Verdict::Denied
    );
}

#[test]
fn a_pattern_takes_some_fresh_texts_and_leaves_others() {
    for (patterns, expected) in [
        (r#""1*""#, &["not 1*: Denied", "matches 1*: Allowed"][..]),
        (
            r#"["1*","?111*"]"#,
            &[
                "not 1*, ?111*: Denied",
                "matches ?111*, matches 1*: Allowed",
            ],
        ),
        // The literal is none of them, though a pattern takes it.
        (
            r#"["1*","100000000000"]"#,
            &["not 1*: Denied", "matches 1*: Allowed"],
        ),
        (r#"["?","100000000000"]"#, &[]),
        (r#""????????????""#, &[]),
        (r#""????????????a""#, &[]),
        (r#""100000000000""#, &[]),
        (
            r#""1*"},"StringNotEquals":{"aws:PrincipalAccount":"100000000000""#,
            &["not 1*: Denied", "matches 1*: Allowed"],
        ),
    ] {
        let read = condition(&format!(
            r#"{{"StringLike":{{"aws:PrincipalAccount":{patterns}}}}}"#
        ));
        let (mut request, mut symbols) = request("cloudtrail.amazonaws.com kms:Decrypt");
        let account = symbol(&mut symbols, "account", Shape::Account, Nature::Fresh);
        request.context.set("aws:PrincipalAccount", account);
        let decision = evaluate(&read.policy, &request, &symbols);
        let told = |case: &Case| {
            let fixed = &case.when[0];
            let within: Vec<String> = fixed
                .within
                .iter()
                .map(|it| format!("matches {it}"))
                .collect();
            let not_in = format!("not {}", texts(&fixed.not_in).join(", "));
            let words = if within.is_empty() {
                not_in
            } else {
                within.join(", ")
            };
            format!("{words}: {:?}", case.verdict)
        };
        let told: Vec<String> = decision.cases.iter().map(told).collect();
        assert_eq!(told, expected, "{patterns}: {:?}", decision.verdict);
    }
}

#[test]
fn a_made_up_text_is_named_where_it_is_a_word() {
    for (text, made_up, expected) in [
        ("arn:aws:kms:us-:x", "us-", "arn:aws:kms:${s}:x"),
        ("us-east-1", "us-", "us-east-1"),
        ("us-east-1", "east", "us-east-1"),
        ("east-1", "east-1", "${s}"),
        ("2east-1 east-1", "east-1", "2east-1 ${s}"),
        ("a\u{E001}b", "\u{E001}", "a${s}b"),
    ] {
        assert_eq!(with_name(text, made_up, "s"), expected);
    }
}

#[test]
fn two_accounts_are_neither_equal_nor_different() {
    let read = condition(r#"{"StringEquals":{"aws:SourceAccount":"${aws:ResourceAccount}"}}"#);
    let (mut request, mut symbols) = request("cloudtrail.amazonaws.com kms:Decrypt");
    let one = symbol(&mut symbols, "one", Shape::Account, Nature::Named);
    let other = symbol(&mut symbols, "other", Shape::Account, Nature::Named);
    request.context.set("aws:SourceAccount", one.clone());
    request.context.set("aws:ResourceAccount", other);
    let decision = evaluate(&read.policy, &request, &symbols);
    assert_eq!(decision.verdict, Verdict::Conditional);
    // A made-up account number is never shown.
    let all = decision.cases.iter().flat_map(|case| &case.when);
    let all = all.flat_map(|fixed| fixed.within.iter().chain(&fixed.not_in));
    let shown: Vec<&str> = all.map(|word| word.text.as_str()).collect();
    let shown = shown.join(" ");
    assert!(
        shown.contains("${one}") && !shown.bytes().any(|it| it == b'9'),
        "{shown}"
    );
    request.context.set("aws:ResourceAccount", one);
    assert_eq!(
        evaluate(&read.policy, &request, &symbols).verdict,
        Verdict::Allowed
    );
}

#[test]
fn a_hole_cannot_be_split() {
    let read = condition(r#"{"StringEquals":{"aws:x":"a"}}"#);
    let (mut request, symbols) = request("cloudtrail.amazonaws.com kms:Decrypt");
    request.context.set(
        "aws:x",
        Text::from_parts(vec![Part {
            kind: PartKind::Hole("no function `f`".to_owned()),
            origin: Origin::new(Span { start: 0, end: 0 }),
            sensitive: false,
        }]),
    );
    let decision = evaluate(&read.policy, &request, &symbols);
    assert_eq!(decision.verdict, Verdict::Undecided);
    assert!(decision.cases.is_empty() && decision.blocked_by[0].symbol.is_none());
    assert_eq!(decision.blocked_by[0].reason, "no function `f`");
}

#[test]
fn a_symbol_that_stands_for_things_of_two_kinds_is_undecided() {
    let (mut request, mut symbols) = request("cloudtrail.amazonaws.com kms:Decrypt");
    let text = symbol(&mut symbols, "both", Shape::Text, Nature::Named);
    let id = Pattern::new(&text, Syntax::EXACT).as_symbol().unwrap();
    request.context.set("aws:x", text);
    request.context.insert(crate::policy::ContextValue {
        key: "aws:y".to_owned(),
        presence: crate::value::Presence::Maybe(id),
        values: vec![literal("b")],
        multivalued: false,
        open: None,
    });
    let read = condition(r#"{"StringEquals":{"aws:x":"a","aws:y":"b"}}"#);
    assert_eq!(
        evaluate(&read.policy, &request, &symbols).verdict,
        Verdict::Undecided
    );
}

/// The words of each case of a decision about one symbol.
fn told(decision: &Decision) -> Vec<(Verdict, Vec<String>, Vec<String>)> {
    let cases = decision.cases.iter();
    cases
        .map(|case| {
            let fixed = case.when.last().unwrap();
            let owned = |words| texts(words).into_iter().map(str::to_owned).collect();
            (case.verdict, owned(&fixed.within), owned(&fixed.not_in))
        })
        .collect()
}

#[test]
fn a_caller_without_an_account_may_be_of_each_that_the_policy_names() {
    let allow = |principal: &str, condition: &str| {
        Read::statements(&format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"kms:*","Resource":"*"{condition}}}"#
        ))
    };
    let (mut request, mut symbols) = request("arn:aws:iam::111122223333:user/x kms:Decrypt");
    let reader = symbol(&mut symbols, "reader", Shape::Arn, Nature::Named);
    request.principal = Caller::Aws(reader);
    for account in ["111122223333", "444455556666"] {
        let decision = evaluate(&allow(account, "").policy, &request, &symbols);
        assert_eq!(decision.verdict, Verdict::Conditional, "{account}");
        let all = told(&decision);
        let of = |verdict| all.iter().find(|(it, ..)| *it == verdict).cloned();
        let delegated = of(Verdict::Delegated).map(|(_, within, _)| within);
        assert_eq!(delegated, Some(vec![account.to_owned()]), "{all:?}");
        assert!(of(Verdict::Denied).is_some(), "{all:?}");
    }
    let root = "arn:aws:iam::111122223333:root";
    let decision = evaluate(&allow(root, "").policy, &request, &symbols);
    let all = told(&decision);
    let is = |verdict| all.iter().any(|(it, ..)| *it == verdict);
    assert!(
        is(Verdict::Allowed) && is(Verdict::Delegated) && is(Verdict::Denied),
        "{all:?}"
    );
    // Another account beside it has the values of its own comparisons and no others.
    let member = symbol(&mut symbols, "member", Shape::Account, Nature::Named);
    request.context.set("aws:y", member);
    let condition = r#","Condition":{"StringLike":{"aws:y":"1111*"}}"#;
    let both = allow("111122223333", condition);
    let decision = evaluate(&both.policy, &request, &symbols);
    assert_eq!(decision.verdict, Verdict::Conditional);
}

#[test]
fn an_arn_that_is_not_known_may_be_the_one_that_the_policy_names() {
    let (mut request, mut symbols) = request("cloudtrail.amazonaws.com kms:Decrypt");
    let trail = symbol(&mut symbols, "trail", Shape::Arn, Nature::Named);
    request.context.set("aws:SourceArn", trail);
    let arn = "arn:aws:cloudtrail:us-east-1:111122223333:trail/main";
    for (wanted, expected) in [
        (arn, Verdict::Conditional),
        (
            "urn:aws:cloudtrail:us-east-1:111122223333:trail/main",
            Verdict::Denied,
        ),
        ("arn:aws:cloudtrail:us-east-1", Verdict::Denied),
    ] {
        let read = condition(&format!(
            r#"{{"StringEquals":{{"aws:SourceArn":"{wanted}"}}}}"#
        ));
        let decision = evaluate(&read.policy, &request, &symbols);
        assert_eq!(decision.verdict, expected, "{wanted}");
        if expected == Verdict::Conditional {
            let arn = vec![arn.to_owned()];
            assert_eq!(
                told(&decision),
                [
                    (Verdict::Denied, Vec::new(), arn.clone()),
                    (Verdict::Allowed, arn, Vec::new()),
                ]
            );
        }
    }
}

#[test]
fn a_part_of_a_longer_text_is_told_by_the_part_of_the_pattern_that_it_meets() {
    for (operator, shape, (before, behind), pattern, part) in [
        (
            "ArnLike",
            Shape::Account,
            ("arn:aws:cloudtrail:us-east-1:", ":trail/main"),
            "arn:aws:cloudtrail:*:1111*:trail/main",
            "1111*",
        ),
        (
            "StringEquals",
            Shape::Region,
            ("kms.", ".amazonaws.com"),
            "kms.us-east-1.amazonaws.com",
            "us-east-1",
        ),
        ("StringLike", Shape::Arn, ("", ""), "*1*", "*1*"),
    ] {
        let (mut request, mut symbols) = request("cloudtrail.amazonaws.com kms:Decrypt");
        let mut text = literal(before);
        text.append(symbol(&mut symbols, "part", shape, Nature::Named));
        text.append(literal(behind));
        request.context.set("aws:x", text);
        let read = condition(&format!(r#"{{"{operator}":{{"aws:x":"{pattern}"}}}}"#));
        let decision = evaluate(&read.policy, &request, &symbols);
        assert_eq!(decision.verdict, Verdict::Conditional, "{pattern}");
        let part = vec![part.to_owned()];
        assert_eq!(
            told(&decision),
            [
                (Verdict::Denied, Vec::new(), part.clone()),
                (Verdict::Allowed, part, Vec::new()),
            ],
            "{pattern}"
        );
    }
}

#[test]
fn a_made_up_text_of_a_letter_or_two_is_not_told_from_others() {
    for (text, told) in [
        ("", false),
        ("ab", false),
        ("abc", true),
        ("\u{E000}", true),
    ] {
        assert_eq!(is_told(text), told, "{text}");
    }
}

/// How many cases are told apart, and how deep.
#[test]
fn cases_are_told_apart_up_to_a_number_and_a_depth() {
    let read = condition(r#"{"StringEquals":{"aws:x":"a"}}"#);
    let (mut request, mut symbols) = request("cloudtrail.amazonaws.com kms:Decrypt");
    let unknown = symbol(&mut symbols, "x", Shape::Text, Nature::Named);
    request.context.set("aws:x", unknown);
    let others: Vec<SymbolId> = (0..DEEPEST)
        .map(|at| {
            symbols.intern(Symbol::for_test(
                &at.to_string(),
                Shape::Text,
                Nature::Named,
            ))
        })
        .collect();
    let spent = Work::alone();
    assert!(!spent.take(usize::MAX));
    let alone = Work::alone();
    for (leaves, bound, work, count, after) in [
        (0, 0, &alone, 2, 2),
        (LEAVES - 1, 0, &alone, 2, LEAVES + 1),
        (LEAVES, 0, &alone, 1, LEAVES + 1),
        (0, DEEPEST - 1, &alone, 2, 2),
        (0, DEEPEST, &alone, 1, 1),
        (0, 0, &spent, 1, 1),
    ] {
        let split = Split {
            policy: &read.policy,
            request: &request,
            symbols: &symbols,
            work,
            leaves: Counter::new(leaves),
            blockers: RefCell::default(),
            invented: RefCell::default(),
        };
        let bindings = others
            .iter()
            .take(bound)
            .fold(Bindings::default(), |all, id| {
                all.with(*id, Bound::Text("a".to_owned()))
            });
        let cases = split.cases(&bindings);
        assert_eq!(
            (cases.len(), split.leaves.get()),
            (count, after),
            "{leaves} {bound}"
        );
        let undecided = cases.iter().any(|case| case.verdict == Verdict::Undecided);
        assert_eq!(undecided, count == 1);
    }
}

#[test]
fn the_rest_of_a_list_is_that_of_the_request_where_the_request_has_it() {
    let read = condition(r#"{"ForAnyValue:StringEquals":{"aws:x":"a"}}"#);
    let (mut request, mut symbols) = request("cloudtrail.amazonaws.com kms:Decrypt");
    let [own, other] = ["own", "other"]
        .map(|name| symbols.intern(Symbol::for_test(name, Shape::Rest, Nature::Named)));
    request.context.insert(crate::policy::ContextValue {
        key: "aws:x".to_owned(),
        presence: crate::value::Presence::Present,
        values: Vec::new(),
        multivalued: true,
        open: Some(crate::value::Open {
            symbol: own,
            origin: Origin::new(Span { start: 0, end: 0 }),
        }),
    });
    let work = Work::alone();
    let split = Split {
        policy: &read.policy,
        request: &request,
        symbols: &symbols,
        work: &work,
        leaves: Counter::new(0),
        blockers: RefCell::default(),
        invented: RefCell::default(),
    };
    assert!(split.is_in_request(own) && !split.is_in_request(other));
}

/// Whether something is there may be a text of the inputs as well: `count = var.enabled ? 1 : 0`.
#[test]
fn something_is_there_where_its_text_is_true() {
    let (request, mut symbols) = request("cloudtrail.amazonaws.com kms:Decrypt");
    let id = symbols.intern(Symbol::for_test("enabled", Shape::Bool, Nature::Named));
    let at = Origin::new(Span { start: 0, end: 0 });
    let work = Work::alone();
    for (bound, expected) in [
        (Bound::Text("true".to_owned()), Match::Yes),
        (Bound::Text("false".to_owned()), Match::No),
        (Bound::Present(true), Match::Yes),
        (Bound::Present(false), Match::No),
    ] {
        let bindings = Bindings::default().with(id, bound);
        let pass = Pass::new(&request, &symbols, &bindings, false, &work);
        assert_eq!(pass.holds(id, &at), expected);
    }
}
