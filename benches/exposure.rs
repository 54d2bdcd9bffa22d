//! The search for an outsider's request over a key policy of fifty statements.
#![allow(clippy::unwrap_used, reason = "a benchmark")]

use std::fmt::Write as _;

use divan::{Bencher, black_box};
use keytrail::policy::exposure::{Answer, Asker, Kind, Question, Search, Target, find_action};
use keytrail::policy::{Context, Duplicates, Policy, PolicyKind, parse};
use keytrail::source::{Origin, SourceMap, Span, parse_json};
use keytrail::value::{Symbols, Text, Value};

fn main() {
    divan::main();
}

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn policy(last: &str) -> Policy {
    let mut statements = String::new();
    for number in 0..24 {
        write!(
            statements,
            r#"{{"Effect":"Allow","Principal":{{"AWS":"*"}},"Action":["kms:Decrypt","kms:DescribeKey"],"Resource":"*","Condition":{{"StringEquals":{{"kms:CallerAccount":"111122223333"}},"ArnLike":{{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/team-{number}-*"}},"StringLike":{{"kms:EncryptionContext:aws:cloudtrail:arn":"arn:aws:cloudtrail:*:111122223333:trail/team-{number}"}}}}}},
            {{"Effect":"Allow","Principal":{{"Service":"cloudtrail.amazonaws.com"}},"Action":"kms:GenerateDataKey*","Resource":"*","Condition":{{"StringEquals":{{"aws:SourceArn":"arn:aws:cloudtrail:us-east-1:111122223333:trail/team-{number}"}}}}}},"#
        )
        .unwrap();
    }
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{statements}
        {{"Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*","Condition":{{"StringNotEqualsIfExists":{{"aws:PrincipalOrgID":"o-abcd123456"}},"BoolIfExists":{{"aws:PrincipalIsAWSService":"false"}},"NotIpAddressIfExists":{{"aws:SourceIp":"10.0.0.0/8"}}}}}},
        {last}]}}"#
    );
    let mut map = SourceMap::new();
    let file = map.add("policy", text).unwrap();
    let value = Value::from_json(&parse_json(&map, file).unwrap());
    let (policy, issues) = parse(&value, PolicyKind::Key, Duplicates::Last);
    assert!(issues.is_empty() && policy.statements.len() == 50);
    policy
}

fn literal(text: &str) -> Text {
    Text::literal(text, Origin::new(Span { start: 0, end: 0 }))
}

fn ask(policy: &Policy, asker: &Asker, action: &str) -> Answer {
    let (arn, account, properties) = (literal(KEY), literal("111122223333"), Context::new());
    let target = Target {
        arn: &arn,
        account: &account,
        partition: "aws".to_owned(),
        properties: &properties,
        accounts: &[],
        organizations: &[],
    };
    Search::new(&Symbols::new()).ask(&Question {
        policy,
        before: None,
        target: &target,
        asker,
        action: find_action(action).unwrap(),
        statement: None,
        direct: false,
        without: &[],
    })
}

const ROOT: &str =
    r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}"#;
const PUBLIC: &str = r#"{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*","Condition":{"StringLike":{"kms:EncryptionContext:aws:cloudtrail:arn":"arn:aws:cloudtrail:*:111122223333:trail/*"},"IpAddress":{"aws:SourceIp":"10.1.0.0/16"}}}"#;

/// No stranger gets in.
#[divan::bench]
fn private(bencher: Bencher<'_, '_>) {
    let policy = policy(ROOT);
    let asker = Asker::Stranger(Kind::Role);
    let answer = ask(&policy, &asker, "kms:Decrypt");
    assert!(matches!(answer, Answer::No), "{answer:?}");
    bencher.bench(|| ask(black_box(&policy), &asker, "kms:Decrypt"));
}

/// The Deny spares the addresses that the last statement asks for: a stranger gets in.
#[divan::bench]
fn public(bencher: Bencher<'_, '_>) {
    let policy = policy(PUBLIC);
    let asker = Asker::Stranger(Kind::Role);
    let answer = ask(&policy, &asker, "kms:Decrypt");
    assert!(matches!(answer, Answer::Yes(_)), "{answer:?}");
    bencher.bench(|| ask(black_box(&policy), &asker, "kms:Decrypt"));
}

/// A service that acts for somebody else gets in by the last statement.
#[divan::bench]
fn deputy(bencher: Bencher<'_, '_>) {
    let policy = policy(
        r#"{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"kms:GenerateDataKey*","Resource":"*","Condition":{"StringLike":{"kms:EncryptionContext:aws:cloudtrail:arn":"arn:aws:cloudtrail:*:*:trail/main"}}}"#,
    );
    let asker = Asker::Service {
        name: "cloudtrail.amazonaws.com".to_owned(),
        account: None,
    };
    assert!(matches!(
        ask(&policy, &asker, "kms:GenerateDataKey"),
        Answer::Yes(_)
    ));
    bencher.bench(|| ask(black_box(&policy), &asker, "kms:GenerateDataKey"));
}
