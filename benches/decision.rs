//! One decision over a key policy of ten statements, and how its time and its allocations grow with statements that do not match.
//!
//! Run with `cargo bench --bench decision`.
#![allow(clippy::unwrap_used, reason = "a benchmark")]

use std::fmt::Write as _;

use divan::{Bencher, black_box};
use keytrail::policy::{
    Caller, Context, Duplicates, Identity, Policy, PolicyKind, Request, answer, evaluate, parse,
};
use keytrail::source::{Origin, SourceMap, Span, parse_json};
use keytrail::value::{Kind, Nature, Shape, Symbol, Symbols, Text, Value};

/// Allocations beside time.
#[global_allocator]
static MEMORY: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const TRAIL: &str = "arn:aws:cloudtrail:us-east-1:111122223333:trail/main";

/// A policy with so many statements for readers, beside three others.
fn source(readers: usize) -> String {
    let mut statements = String::new();
    for number in 0..readers {
        write!(
            statements,
            r#"{{"Sid":"reader {number}","Effect":"Allow","Principal":{{"AWS":["arn:aws:iam::111122223333:role/reader-{number}","arn:aws:iam::444455556666:root"]}},"Action":["kms:Decrypt","kms:DescribeKey"],"Resource":"*","Condition":{{"StringLike":{{"kms:EncryptionContext:aws:cloudtrail:arn":"arn:aws:cloudtrail:*:111122223333:trail/*"}}}}}},"#
        )
        .unwrap();
    }
    format!(
        r#"{{"Version":"2012-10-17","Statement":[
        {{"Sid":"root","Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::111122223333:root"}},"Action":"kms:*","Resource":"*"}},
        {statements}
        {{"Sid":"perimeter","Effect":"Deny","Principal":"*","Action":"kms:*","Resource":"*","Condition":{{"StringNotEqualsIfExists":{{"aws:PrincipalOrgID":"o-abc"}},"BoolIfExists":{{"aws:PrincipalIsAWSService":"false"}}}}}},
        {{"Sid":"encrypt","Effect":"Allow","Principal":{{"Service":"cloudtrail.amazonaws.com"}},"Action":"kms:GenerateDataKey*","Resource":"*","Condition":{{"StringEquals":{{"aws:SourceArn":"{TRAIL}"}},"StringLike":{{"kms:EncryptionContext:aws:cloudtrail:arn":"arn:aws:cloudtrail:*:111122223333:trail/*"}}}}}}
        ]}}"#
    )
}

fn value(text: &str) -> Value {
    let mut map = SourceMap::new();
    let file = map.add("policy", text).unwrap();
    Value::from_json(&parse_json(&map, file).unwrap())
}

fn policy() -> Policy {
    policy_of(7)
}

fn policy_of(readers: usize) -> Policy {
    let source = value(&source(readers));
    let (policy, issues) = parse(&source, PolicyKind::Key, Duplicates::Last);
    assert!(issues.is_empty() && policy.statements.len() == readers + 3);
    policy
}

fn literal(text: &str) -> Text {
    Text::literal(text, Origin::new(Span { start: 0, end: 0 }))
}

fn request(trail: Text) -> Request {
    let mut context = Context::new();
    context.set("aws:SourceArn", trail.clone());
    context.set("kms:EncryptionContext:aws:cloudtrail:arn", trail);
    context.set("aws:SourceAccount", literal("111122223333"));
    context.set("aws:PrincipalIsAWSService", literal("true"));
    Request {
        principal: Caller::Service("cloudtrail.amazonaws.com".to_owned()),
        action: "kms:GenerateDataKey".to_owned(),
        resource: literal(KEY),
        account: literal("111122223333"),
        context,
        identity: Identity::Unknown,
    }
}

/// Parsing the policy from its tree.
#[divan::bench]
fn read(bencher: Bencher<'_, '_>) {
    let value = value(&source(7));
    assert!(matches!(value.kind, Kind::Object(_)));
    bencher.bench(|| parse(black_box(&value), PolicyKind::Key, Duplicates::Last));
}

/// The verdict alone.
#[divan::bench]
fn verdict(bencher: Bencher<'_, '_>) {
    let (policy, request, symbols) = (policy(), request(literal(TRAIL)), Symbols::new());
    bencher.bench(|| answer(black_box(&policy), black_box(&request), &symbols));
}

/// The verdict over so many statements that do not match: its allocations must not grow with them.
#[divan::bench(args = [7, 70, 700])]
fn unmatched(bencher: Bencher<'_, '_>, readers: usize) {
    let (policy, request) = (policy_of(readers), request(literal(TRAIL)));
    let symbols = Symbols::new();
    bencher.bench(|| answer(black_box(&policy), black_box(&request), &symbols));
}

/// The verdict with the reason for each of the ten statements.
#[divan::bench]
fn decision(bencher: Bencher<'_, '_>) {
    let (policy, request, symbols) = (policy(), request(literal(TRAIL)), Symbols::new());
    bencher.bench(|| evaluate(black_box(&policy), black_box(&request), &symbols));
}

/// The trail's account is not known: the decision is conditional.
#[divan::bench]
fn conditional(bencher: Bencher<'_, '_>) {
    let mut symbols = Symbols::new();
    let account = symbols.intern(Symbol {
        key: "account".to_owned(),
        name: "account(aws)".to_owned(),
        shape: Shape::Account,
        nature: Nature::Named,
        reason: "not in the plan".to_owned(),
        supply: None,
    });
    let mut trail = literal("arn:aws:cloudtrail:us-east-1:");
    trail.append(Text::symbol(
        account,
        Origin::new(Span { start: 0, end: 0 }),
    ));
    trail.append(literal(":trail/main"));
    let (policy, request) = (policy(), request(trail));
    let decision = evaluate(&policy, &request, &symbols);
    assert_eq!(decision.verdict, keytrail::policy::Verdict::Conditional);
    bencher.bench(|| evaluate(black_box(&policy), black_box(&request), &symbols));
}
