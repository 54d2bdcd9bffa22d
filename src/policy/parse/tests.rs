//! What AWS takes and refuses.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;
use crate::policy::testing::Read;

fn rejected(text: &str) -> Vec<(String, String)> {
    Read::new(text, PolicyKind::Key).issues_of(IssueKind::Rejected)
}

#[test]
fn what_aws_refuses_is_named_and_underlined() {
    for (statement, underlined) in [
        (
            r#"{"Effect":"allow","Principal":"*","Action":"a:b","Resource":"*"}"#,
            "\"allow\"",
        ),
        (
            r#"{"Effect":"Allow","Principal":"*","Action":"a:b","Resource":"*","Extra":1}"#,
            "\"Extra\"",
        ),
        (
            r#"{"Effect":"Allow","Principal":"*","Action":"a:b","Resource":"*","Condition":{"StringIs":{"k":"v"}}}"#,
            "\"StringIs\"",
        ),
        (
            r#"{"Effect":"Allow","Principal":"*","Action":"a:b","Resource":"*","Condition":{"NullIfExists":{"k":"true"}}}"#,
            "\"NullIfExists\"",
        ),
        (
            r#"{"Effect":"Allow","Principal":"*","Action":"a:b","Resource":"*","Condition":[]}"#,
            "[]",
        ),
        (
            r#"{"Effect":"Allow","Principal":"*","Action":"a:b","Resource":"*","Condition":{"Null":7}}"#,
            "7",
        ),
        (
            r#"{"Effect":"Allow","Principal":"*","Action":"a:b","Resource":"*","Condition":{"StringLike":{"aws:A":"1","aws:a":"2"}}}"#,
            "\"aws:a\"",
        ),
        (
            r#"{"Sid":7,"Effect":"Allow","Principal":"*","Action":"a:b","Resource":"*"}"#,
            "7",
        ),
        (
            r#"{"Effect":"Allow","Principal":"me","Action":"a:b","Resource":"*"}"#,
            "\"me\"",
        ),
        (
            r#"{"Effect":"Allow","Principal":{"User":"me"},"Action":"a:b","Resource":"*"}"#,
            "\"User\"",
        ),
        (
            r#"{"Effect":"Allow","Principal":"*","Action":[null],"Resource":"*"}"#,
            "null",
        ),
        (
            r#"{"Effect":"Allow","Principal":"*","Action":"a:b","Resource":{}}"#,
            "{}",
        ),
    ] {
        let text = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
        let issues = rejected(&text);
        assert_eq!(issues.len(), 1, "{statement} {issues:?}");
        assert_eq!(issues[0].1, underlined, "{statement}");
    }
}

#[test]
fn elements_that_exclude_each_other_and_those_that_are_needed() {
    for (statement, wrong) in [
        (
            r#""Principal":"*","NotPrincipal":"*","Action":"a:b","Resource":"*","Effect":"Deny""#,
            1,
        ),
        (
            r#""Principal":"*","Action":"a:b","NotAction":"a:c","Resource":"*","Effect":"Deny""#,
            1,
        ),
        (
            r#""Principal":"*","Action":"a:b","Resource":"*","NotResource":"*","Effect":"Deny""#,
            1,
        ),
        (
            r#""NotPrincipal":{"AWS":"111122223333"},"Action":"a:b","Resource":"*","Effect":"Allow""#,
            1,
        ),
        (r#""Action":"a:b","Resource":"*","Effect":"Allow""#, 1),
        (r#""Principal":"*","Action":"a:b","Resource":"*""#, 1),
        (
            r#""NotPrincipal":{"AWS":"111122223333"},"NotAction":"a:b","NotResource":"*","Effect":"Deny","Sid":"x y""#,
            0,
        ),
    ] {
        let text = format!(r#"{{"Statement":[{{{statement}}}]}}"#);
        assert_eq!(rejected(&text).len(), wrong, "{statement}");
    }
    for text in [
        "[]",
        r#"{"Statement":[]}"#,
        r#"{"Id":"x"}"#,
        r#"{"Statement":[7]}"#,
        r#"{"statement":[]}"#,
    ] {
        assert!(!rejected(text).is_empty(), "{text}");
    }
    assert_eq!(rejected(r#"{"Version":"2012-10-18","Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}"#)[0].1, "\"2012-10-18\"");
}

#[test]
fn a_key_policy_statement_without_resource_or_action_does_nothing() {
    let read = Read::statements(r#"{"Effect":"Deny","Principal":"*","Action":"kms:*"}"#);
    assert_eq!(read.issues_of(IssueKind::NoEffect).len(), 1);
    assert!(!read.policy.rejected && read.policy.statements[0].has_no_effect());
}

#[test]
fn the_last_of_two_keys_counts_and_the_lost_one_is_named() {
    let text = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"a:lost","Action":"a:kept","Resource":"*"}}"#;
    let read = Read::new(text, PolicyKind::Key);
    let issues = read.issues_of(IssueKind::DuplicateKey);
    assert_eq!(issues[0].1, "\"Action\"");
    assert!(issues[0].0.contains("`Action`"));
    let statement = &read.policy.statements[0];
    assert_eq!(
        statement.may_match_action("a:kept"),
        crate::policy::Match::Yes
    );
    assert_eq!(
        statement.may_match_action("a:lost"),
        crate::policy::Match::No
    );
}

#[test]
fn the_kinds_of_policies_need_different_elements() {
    let identity = r#"{"Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}"#;
    let trust =
        r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"x"},"Action":"sts:AssumeRole"}}"#;
    assert!(!Read::new(identity, PolicyKind::Identity).policy.rejected);
    assert!(Read::new(trust, PolicyKind::Identity).policy.rejected);
    assert!(!Read::new(trust, PolicyKind::Trust).policy.rejected);
    assert!(Read::new(identity, PolicyKind::Trust).policy.rejected);
}

#[test]
fn keys_and_principals_are_listed() {
    let read = Read::statements(
        r#"{"Effect":"Allow","Principal":{"AWS":["111122223333","*"],"Service":"x.amazonaws.com"},"Action":"kms:*","Resource":"arn:aws:kms:*:*:key/${aws:username}","Condition":{"StringLike":{"AWS:SourceArn":"${aws:PrincipalTag/team, 'none'}"},"Null":{"aws:SourceArn":"false"}}}"#,
    );
    assert_eq!(
        read.policy.keys(),
        ["aws:principaltag/team", "aws:sourcearn", "aws:username"]
    );
    let (_, named) = read.policy.principals().next().unwrap();
    let named: Vec<_> = named
        .iter()
        .map(|it| (it.kind.name(), it.text.to_literal().unwrap()))
        .collect();
    assert_eq!(
        named,
        [
            ("AWS", "111122223333".to_owned()),
            ("AWS", "*".to_owned()),
            ("Service", "x.amazonaws.com".to_owned())
        ]
    );
}

#[test]
fn an_id_is_a_string() {
    let statement = r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}"#;
    for (id, wrong) in [(r#""x""#, 0), ("7", 1), ("[]", 1)] {
        let issues = rejected(&format!(r#"{{"Id":{id},"Statement":[{statement}]}}"#));
        assert_eq!(issues.len(), wrong, "{id} {issues:?}");
        assert!(
            issues
                .iter()
                .all(|(message, underlined)| message == "`Id` is not a string" && underlined == id)
        );
    }
}

#[test]
fn an_identity_based_policy_names_nobody() {
    let whole = r#""Effect":"Deny","Action":"kms:*","Resource":"*""#;
    for (principal, wrong) in [
        ("", 0),
        (r#""Principal":"*","#, 1),
        (r#""NotPrincipal":{"AWS":"111122223333"},"#, 1),
    ] {
        let text = format!(r#"{{"Statement":{{{principal}{whole}}}}}"#);
        let read = Read::new(&text, PolicyKind::Identity);
        let issues = read.issues_of(IssueKind::Rejected);
        assert_eq!(issues.len(), wrong, "{principal} {issues:?}");
    }
}
