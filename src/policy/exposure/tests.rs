#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests"
)]

use super::*;
use crate::policy::testing::{KEY, Read};
use crate::policy::wire::Line;
use crate::policy::{
    Caller, Context, ContextValue, Identity, PolicyKind, Request, Verdict, answer,
};
use crate::source::{Origin, Span};
use crate::value::{Nature, Presence, Shape, Symbol};

mod corners;
mod found;

const OWN: &str = "111122223333";

fn literal(text: &str) -> Text {
    Text::literal(text, Origin::new(Span { start: 0, end: 0 }))
}

fn statement(effect: &str, principal: &str, action: &str, condition: &str) -> String {
    format!(
        r#"{{"Effect":"{effect}","Principal":{principal},"Action":"{action}","Resource":"*","Condition":{condition}}}"#
    )
}

struct World {
    arn: Text,
    account: Text,
    properties: Context,
    accounts: Vec<Text>,
    organizations: Vec<Text>,
}

impl World {
    fn new() -> Self {
        World {
            arn: literal(KEY),
            account: literal(OWN),
            properties: Context::new(),
            accounts: Vec::new(),
            organizations: Vec::new(),
        }
    }

    fn target(&self) -> Target<'_> {
        Target {
            arn: &self.arn,
            account: &self.account,
            partition: "aws".to_owned(),
            properties: &self.properties,
            accounts: &self.accounts,
            organizations: &self.organizations,
        }
    }
}

/// The answer for a policy of these statements; a witness is fed back.
fn ask(statements: &str, asker: &Asker, action: &str) -> Answer {
    let read = Read::statements(statements);
    let world = World::new();
    let target = world.target();
    let mut search = Search::new(&Symbols::new());
    let answer = search.ask(&Question {
        policy: &read.policy,
        before: None,
        target: &target,
        asker,
        action: find_action(action).unwrap(),
        statement: None,
        direct: false,
        without: &[],
    });
    if let Answer::Yes(witness) = &answer {
        feed(statements, witness);
    }
    answer
}

/// Evaluates a witness as `keytrail evaluate --jsonl` does.
fn feed(statements: &str, witness: &Witness) {
    let policy: serde_json::Value = serde_json::from_str(&format!(
        r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#
    ))
    .unwrap();
    let line = serde_json::json!({
        "id": 0,
        "policy": policy,
        "request": witness.request(),
        "identity_policies": witness.identity_policies(),
    });
    let line = line.to_string();
    let answer = Line::read(&line).unwrap().answer().unwrap();
    assert_eq!(answer.verdict, "allowed", "{line}");
}

fn service(name: &str) -> Asker {
    Asker::Service {
        name: name.to_owned(),
        account: None,
    }
}

fn word(answer: &Answer) -> &'static str {
    match answer {
        Answer::No => "no",
        Answer::Yes(_) => "yes",
        Answer::Unsure(..) => "unsure",
        Answer::Open(_) => "open",
        Answer::Incomplete(_) => "incomplete",
    }
}

const EVERYBODY: &str = r#"{"AWS":"*"}"#;
const TRAIL: &str = r#"{"Service":"cloudtrail.amazonaws.com"}"#;

#[test]
fn what_a_stranger_may_choose_guards_nothing() {
    for (condition, expected) in [
        ("{}", "yes"),
        (
            r#"{"StringEquals":{"kms:CallerAccount":"111122223333"}}"#,
            "no",
        ),
        (r#"{"StringLike":{"kms:CallerAccount":"*"}}"#, "yes"),
        (r#"{"StringLike":{"kms:CallerAccount":"1*"}}"#, "yes"),
        (
            r#"{"StringEqualsIfExists":{"kms:CallerAccount":"111122223333"}}"#,
            "no",
        ),
        (
            r#"{"StringEqualsIfExists":{"aws:SourceAccount":"111122223333"}}"#,
            "yes",
        ),
        (
            r#"{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#,
            "no",
        ),
        (r#"{"Bool":{"aws:SecureTransport":"true"}}"#, "yes"),
        (r#"{"Bool":{"aws:SecureTransport":"false"}}"#, "no"),
        (
            r#"{"ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"o-abcd123456/*"}}"#,
            "yes",
        ),
        (
            r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-abcd123456/*"}}"#,
            "no",
        ),
        (
            r#"{"StringEquals":{"aws:PrincipalOrgID":"o-abcd123456"}}"#,
            "no",
        ),
        (
            r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-abcd123456"}}"#,
            "yes",
        ),
        (
            r#"{"StringLike":{"kms:EncryptionContext:aws:cloudtrail:arn":"arn:aws:cloudtrail:*:111122223333:trail/*"}}"#,
            "yes",
        ),
        (
            r#"{"Null":{"kms:EncryptionContext:aws:cloudtrail:arn":"false"}}"#,
            "yes",
        ),
        (r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#, "yes"),
        (
            r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/admin"}}"#,
            "yes",
        ),
        (
            r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/*"}}"#,
            "no",
        ),
        (
            r#"{"StringEquals":{"aws:PrincipalTag/team":"audit"},"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#,
            "yes",
        ),
        (
            r#"{"StringEquals":{"kms:ViaService":"s3.us-east-1.amazonaws.com"}}"#,
            "yes",
        ),
        (
            r#"{"StringEquals":{"kms:ViaService":"s3.us-east-1.amazonaws.com"},"Bool":{"aws:ViaAWSService":"false"}}"#,
            "no",
        ),
        (
            r#"{"ForAllValues:StringEquals":{"kms:EncryptionContextKeys":"a"},"StringEquals":{"kms:EncryptionContext:b":"1"}}"#,
            "no",
        ),
        (
            r#"{"ForAllValues:StringEquals":{"kms:EncryptionContextKeys":["a","b"]},"StringEquals":{"kms:EncryptionContext:b":"1"}}"#,
            "yes",
        ),
        (
            r#"{"ForAnyValue:StringEquals":{"kms:EncryptionContextKeys":"b"},"Null":{"kms:EncryptionContext:b":"true"}}"#,
            "no",
        ),
        // Whose number it is, is nobody's secret; whether a service acts for him, he may choose.
        (r#"{"StringLike":{"aws:userid":"*:x"}}"#, "yes"),
        (r#"{"Bool":{"aws:ViaAWSService":"true"}}"#, "yes"),
        (r#"{"Bool":{"aws:ViaAWSService":"false"}}"#, "yes"),
        (r#"{"StringEquals":{"aws:ViaAWSService":"perhaps"}}"#, "no"),
        (
            r#"{"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}}"#,
            "yes",
        ),
        (r#"{"StringEquals":{"aws:MultiFactorAuthAge":"x"}}"#, "no"),
        (
            r#"{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}"#,
            "yes",
        ),
        (
            r#"{"StringEquals":{"aws:RequestedRegion":"US EAST"}}"#,
            "no",
        ),
        (r#"{"StringEquals":{"kms:GranteePrincipal":"x"}}"#, "no"),
        (r#"{"StringEquals":{"s3:prefix":"x"}}"#, "no"),
    ] {
        let policy = statement("Allow", EVERYBODY, "kms:*", condition);
        let found = ask(&policy, &Asker::Stranger(Kind::Role), "kms:Decrypt");
        assert_eq!(word(&found), expected, "{condition}: {found:?}");
    }
}

#[test]
fn a_deny_counts_whatever_it_stands_behind() {
    let allow = statement("Allow", EVERYBODY, "kms:*", "{}");
    for (condition, expected) in [
        ("{}", "no"),
        (
            r#"{"StringNotEquals":{"aws:PrincipalOrgID":"o-abcd123456"}}"#,
            "no",
        ),
        (
            r#"{"StringNotEquals":{"kms:CallerAccount":"111122223333"}}"#,
            "no",
        ),
        (r#"{"StringEquals":{"aws:SourceVpce":"vpce-1"}}"#, "yes"),
        (r#"{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}"#, "yes"),
        (r#"{"Bool":{"aws:MultiFactorAuthPresent":"false"}}"#, "yes"),
        (r#"{"Bool":{"aws:PrincipalIsAWSService":"false"}}"#, "no"),
    ] {
        let policy = format!(
            "{allow},{}",
            statement("Deny", EVERYBODY, "kms:*", condition)
        );
        let found = ask(&policy, &Asker::Stranger(Kind::User), "kms:Decrypt");
        assert_eq!(word(&found), expected, "{condition}: {found:?}");
    }
}

#[test]
fn a_service_that_acts_for_somebody_else() {
    for (condition, expected) in [
        ("{}", "yes"),
        (
            r#"{"StringEquals":{"aws:SourceArn":"arn:aws:cloudtrail:us-east-1:111122223333:trail/main"}}"#,
            "no",
        ),
        (
            r#"{"StringLike":{"aws:SourceArn":"arn:aws:cloudtrail:*:*:trail/main"}}"#,
            "yes",
        ),
        (
            r#"{"ArnLike":{"aws:SourceArn":"arn:aws:cloudtrail:*:111122223333:trail/*"}}"#,
            "no",
        ),
        (
            r#"{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#,
            "no",
        ),
        (
            r#"{"StringEqualsIfExists":{"aws:SourceAccount":"111122223333"}}"#,
            "yes",
        ),
        (
            r#"{"StringLike":{"kms:EncryptionContext:aws:cloudtrail:arn":"arn:aws:cloudtrail:*:111122223333:trail/*"}}"#,
            "no",
        ),
        (
            r#"{"StringLike":{"kms:EncryptionContext:aws:cloudtrail:arn":"arn:aws:cloudtrail:*:*:trail/*"}}"#,
            "yes",
        ),
        (
            r#"{"StringLike":{"kms:EncryptionContext:aws:s3:arn":"arn:aws:s3:::logs/*"}}"#,
            "no",
        ),
        (
            r#"{"StringLike":{"kms:EncryptionContext:aws:s3:arn":"*"}}"#,
            "yes",
        ),
        (
            r#"{"StringEquals":{"aws:SourceOrgID":"o-abcd123456"}}"#,
            "no",
        ),
        (r#"{"Bool":{"aws:PrincipalIsAWSService":"true"}}"#, "yes"),
        (r#"{"Bool":{"aws:ViaAWSService":"false"}}"#, "yes"),
        (r#"{"Bool":{"aws:ViaAWSService":"true"}}"#, "no"),
        (
            r#"{"StringEquals":{"aws:PrincipalServiceName":"cloudtrail.amazonaws.com"}}"#,
            "yes",
        ),
        (
            r#"{"StringEquals":{"aws:PrincipalServiceName":"config.amazonaws.com"}}"#,
            "no",
        ),
        (
            r#"{"ForAnyValue:StringEquals":{"aws:PrincipalServiceNamesList":"cloudtrail.amazonaws.com"}}"#,
            "yes",
        ),
        (
            r#"{"ForAnyValue:StringEquals":{"aws:PrincipalServiceNamesList":"cloudtrail.us-east-1.amazonaws.com"}}"#,
            "unsure",
        ),
        (
            r#"{"StringEqualsIfExists":{"kms:CallerAccount":"111122223333"}}"#,
            "unsure",
        ),
    ] {
        let policy = statement("Allow", TRAIL, "kms:GenerateDataKey*", condition);
        let asker = service("cloudtrail.amazonaws.com");
        let found = ask(&policy, &asker, "kms:GenerateDataKey");
        assert_eq!(word(&found), expected, "{condition}: {found:?}");
    }
    let logs = r#"{"Service":"logs.us-east-1.amazonaws.com"}"#;
    for (arn, expected) in [
        ("arn:aws:logs:us-east-1:111122223333:*", "no"),
        ("arn:aws:logs:us-east-1:*:log-group:x", "yes"),
    ] {
        let condition =
            format!(r#"{{"ArnLike":{{"kms:EncryptionContext:aws:logs:arn":"{arn}"}}}}"#);
        let policy = statement("Allow", logs, "kms:Decrypt*", &condition);
        let asker = service("logs.us-east-1.amazonaws.com");
        let found = ask(&policy, &asker, "kms:Decrypt");
        assert_eq!(word(&found), expected, "{arn}: {found:?}");
    }
}

#[test]
fn a_witness_reads_like_a_request() {
    let condition = r#"{"StringLike":{"kms:EncryptionContext:team":"audit-*"}}"#;
    let policy = statement("Allow", EVERYBODY, "kms:Decrypt", condition);
    let found = ask(&policy, &Asker::Stranger(Kind::Role), "kms:Decrypt");
    let witness = found.witness().unwrap();
    assert_eq!(witness.principal, "arn:aws:iam::999988887777:role/outsider");
    assert_eq!(witness.context[0].key, "kms:EncryptionContext:team");
    assert_eq!(witness.context[0].values, ["audit-"]);
    assert!(witness.allowed_at_home && witness.assumed.is_empty());
}

fn symbolic(name: &str, shape: Shape, nature: Nature, symbols: &mut Symbols) -> Text {
    let id = symbols.intern(Symbol::for_test(name, shape, nature));
    Text::symbol(id, Origin::new(Span { start: 0, end: 0 }))
}

/// A policy of one Allow whose `HOLE` is a symbol.
fn with_hole(text: &str, shape: Shape, own: bool) -> &'static str {
    use crate::value::{Kind as Of, Value};
    fn fill(value: Value, hole: &Text) -> Value {
        let kind = match value.kind {
            Of::Text(text) => {
                let known = text.to_literal().unwrap();
                match known.split_once("HOLE") {
                    Some((before, after)) => {
                        let mut whole = literal(before);
                        whole.append(hole.clone());
                        whole.append(literal(after));
                        let parts = whole.parts().iter().filter(|part| {
                            part.kind != crate::value::PartKind::Literal(String::new())
                        });
                        Of::Text(Text::from_parts(parts.cloned().collect()))
                    }
                    None => Of::Text(text),
                }
            }
            Of::List(mut list) => {
                for item in &mut list.items {
                    item.value = fill(item.value.clone(), hole);
                }
                Of::List(list)
            }
            Of::Object(mut object) => {
                for member in &mut object.members {
                    member.value = fill(member.value.clone(), hole);
                }
                Of::Object(object)
            }
            other => other,
        };
        Value { kind, ..value }
    }
    let mut symbols = Symbols::new();
    let hole = symbolic("hole", shape, Nature::Undocumented, &mut symbols);
    let mut map = crate::source::SourceMap::new();
    let whole = format!(r#"{{"Version":"2012-10-17","Statement":[{text}]}}"#);
    let file = map.add("policy", whole).unwrap();
    let value = Value::from_json(&crate::source::parse_json(&map, file).unwrap());
    let (policy, _) = crate::policy::parse(
        &fill(value, &hole),
        PolicyKind::Key,
        crate::policy::Duplicates::Last,
    );
    let mut world = World::new();
    if own {
        world.account = hole.clone();
        world.arn = literal("arn:aws:kms:us-east-1:");
        world.arn.append(hole);
        world.arn.append(literal(":key/1"));
    }
    let target = world.target();
    let mut search = Search::new(&symbols);
    let answer = search.ask(&Question {
        policy: &policy,
        before: None,
        target: &target,
        asker: &Asker::Stranger(Kind::Role),
        action: find_action("kms:Decrypt").unwrap(),
        statement: None,
        direct: false,
        without: &[],
    });
    word(&answer)
}

#[test]
fn what_is_not_known_is_no_choice_of_a_stranger() {
    let named = statement("Allow", r#"{"AWS":"HOLE"}"#, "kms:*", "{}");
    // An ARN names somebody; a text of which nothing is known may be `*`.
    assert_eq!(with_hole(&named, Shape::Arn, false), "no");
    assert_eq!(with_hole(&named, Shape::Text, false), "unsure");
    assert_eq!(with_hole(&named, Shape::Account, false), "no");
    let role = statement(
        "Allow",
        r#"{"AWS":"arn:aws:iam::HOLE:role/reader"}"#,
        "kms:*",
        "{}",
    );
    assert_eq!(with_hole(&role, Shape::Text, false), "no");
    let bound = |condition: &str| statement("Allow", EVERYBODY, "kms:*", condition);
    let own = r#"{"StringEquals":{"kms:CallerAccount":"HOLE"}}"#;
    assert_eq!(with_hole(&bound(own), Shape::Account, true), "no");
    let other = r#"{"StringNotEquals":{"kms:CallerAccount":"HOLE"}}"#;
    assert_eq!(with_hole(&bound(other), Shape::Account, true), "yes");
    let like = r#"{"StringLike":{"kms:CallerAccount":"HOLE"}}"#;
    assert_eq!(with_hole(&bound(like), Shape::Text, false), "unsure");
    assert_eq!(with_hole(&bound(like), Shape::Account, true), "no");
    let organization = r#"{"StringEquals":{"aws:PrincipalOrgID":"HOLE"}}"#;
    assert_eq!(with_hole(&bound(organization), Shape::Name, false), "no");
    let tag = r#"{"StringEquals":{"aws:PrincipalTag/team":"HOLE"}}"#;
    assert_eq!(with_hole(&bound(tag), Shape::Text, false), "yes");
}

#[test]
fn what_a_change_newly_allows() {
    let narrow = statement(
        "Allow",
        EVERYBODY,
        "kms:Decrypt",
        r#"{"StringLike":{"kms:EncryptionContext:a":"x*"}}"#,
    );
    let wide = statement(
        "Allow",
        EVERYBODY,
        "kms:Decrypt",
        r#"{"StringLike":{"kms:EncryptionContext:a":["x*","y?"]}}"#,
    );
    let newly = |before: &str, after: &str| {
        let (before, after) = (Read::statements(before), Read::statements(after));
        let world = World::new();
        let target = world.target();
        let mut search = Search::new(&Symbols::new());
        search.ask(&Question {
            policy: &after.policy,
            before: Some(&before.policy),
            target: &target,
            asker: &Asker::Stranger(Kind::Role),
            action: find_action("kms:Decrypt").unwrap(),
            statement: None,
            direct: false,
            without: &[],
        })
    };
    let found = newly(&narrow, &wide);
    let witness = found.witness().unwrap();
    assert!(witness.context[0].values[0].starts_with('y'), "{witness:?}");
    assert_eq!(word(&newly(&wide, &narrow)), "no");
    assert_eq!(word(&newly(&wide, &wide)), "no");
}

/// A small generator: the same numbers on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % most
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIfExists",
    "StringLikeIfExists",
    "StringEqualsIgnoreCase",
    "ForAllValues:StringLike",
    "ForAnyValue:StringLike",
    "ForAnyValue:StringNotEquals",
    "Null",
];
const KEYS: &[&str] = &[
    "kms:EncryptionContext:k",
    "aws:PrincipalTag/t",
    "aws:TagKeysOfNobody",
];
const PATTERNS: &[&str] = &[
    "a", "b", "ab", "a*", "*b", "?", "??", "*", "a?", "b*a", "", "A",
];

fn random_statement(numbers: &mut Numbers) -> String {
    let effect = numbers.of(&["Allow", "Allow", "Deny"]);
    let mut blocks: Vec<String> = Vec::new();
    for _ in 0..=numbers.below(2) {
        let operator = numbers.of(OPERATORS);
        if blocks
            .iter()
            .any(|block| block.starts_with(&format!("\"{operator}\"")))
        {
            continue;
        }
        let key = numbers.of(KEYS);
        let values: Vec<String> = if operator == "Null" {
            vec![format!("\"{}\"", numbers.of(&["true", "false"]))]
        } else {
            (0..=numbers.below(2))
                .map(|_| format!("\"{}\"", numbers.of(PATTERNS)))
                .collect()
        };
        blocks.push(format!(
            "\"{operator}\":{{\"{key}\":[{}]}}",
            values.join(",")
        ));
    }
    let principal = numbers.of(&[EVERYBODY, EVERYBODY, r#"{"AWS":"111122223333"}"#]);
    statement(
        effect,
        principal,
        "kms:Decrypt",
        &format!("{{{}}}", blocks.join(",")),
    )
}

/// Every text of up to three letters, and one that no pattern knows.
fn texts() -> Vec<String> {
    let mut out = vec![String::new()];
    let mut last = out.clone();
    for _ in 0..3 {
        last = last
            .iter()
            .flat_map(|start| ["a", "b", "x"].map(|letter| format!("{start}{letter}")))
            .collect();
        out.extend(last.clone());
    }
    // And what the patterns are, letter by letter.
    out.extend(PATTERNS.iter().map(|pattern| (*pattern).to_owned()));
    out
}

fn brute_force(policy: &Policy, before: Option<&Policy>) -> bool {
    let texts = texts();
    let choices: Vec<Option<&String>> = [None].into_iter().chain(texts.iter().map(Some)).collect();
    let caller = literal("arn:aws:iam::999988887777:role/outsider");
    let everything = Read::new(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
        PolicyKind::Identity,
    )
    .policy;
    let mut request = Request {
        principal: Caller::Aws(caller),
        action: "kms:Decrypt".to_owned(),
        resource: literal(KEY),
        account: literal(OWN),
        context: Context::new(),
        identity: Identity::Complete(vec![everything]),
    };
    let symbols = Symbols::new();
    for first in &choices {
        for second in &choices {
            request.context = Context::new();
            for (key, choice) in [(KEYS[0], first), (KEYS[1], second)] {
                if let Some(text) = choice {
                    request.context.insert(ContextValue {
                        key: key.to_owned(),
                        presence: Presence::Present,
                        values: vec![literal(text)],
                        multivalued: false,
                        open: None,
                    });
                }
            }
            let is = |policy| answer(policy, &request, &symbols).verdict == Verdict::Allowed;
            if is(policy) && !before.is_some_and(is) {
                return true;
            }
        }
    }
    false
}

#[test]
fn the_search_agrees_with_brute_force() {
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    let (mut yes, mut no) = (0, 0);
    for round in 0..160 {
        let draw = |numbers: &mut Numbers| -> String {
            let count = 1 + numbers.below(3);
            let statements: Vec<String> = (0..count).map(|_| random_statement(numbers)).collect();
            statements.join(",")
        };
        let after = draw(&mut numbers);
        let before = (round % 2 == 1).then(|| draw(&mut numbers));
        let read = Read::statements(&after);
        let read_before = before.as_deref().map(Read::statements);
        let world = World::new();
        let target = world.target();
        let mut search = Search::new(&Symbols::new());
        let found = search.ask(&Question {
            policy: &read.policy,
            before: read_before.as_ref().map(|read| &read.policy),
            target: &target,
            asker: &Asker::Stranger(Kind::Role),
            action: find_action("kms:Decrypt").unwrap(),
            statement: None,
            direct: false,
            without: &[],
        });
        let expected = brute_force(&read.policy, read_before.as_ref().map(|read| &read.policy));
        match &found {
            Answer::Yes(witness) => {
                yes += 1;
                assert!(expected, "{after}\n{before:?}\n{witness:?}");
            }
            Answer::No => {
                no += 1;
                assert!(!expected, "{after}\n{before:?}");
            }
            other => panic!("{after}\n{before:?}\n{other:?}"),
        }
    }
    assert!(yes > 40 && no > 40, "{yes} {no}");
}

#[test]
fn kinds_of_strangers_are_told_apart_only_where_the_answer_may_differ() {
    let everybody = r#"{"AWS":"*"}"#;
    let named = r#"{"AWS":["arn:aws:iam::444455556666:role/r","444455556666"]}"#;
    let not =
        r#"{"Effect":"Deny","NotPrincipal":{"AWS":"444455556666"},"Action":"*","Resource":"*"}"#;
    let when = |condition: &str| statement("Allow", everybody, "kms:*", condition);
    let both = |other: &str| format!("{},{other}", when("{}"));
    let apart = [
        when(r#"{"StringEquals":{"aws:PrincipalType":"User"}}"#),
        when(r#"{"StringLike":{"aws:username":"*"}}"#),
        when(r#"{"ArnLike":{"aws:principalARN":"arn:aws:iam::*:root"}}"#),
        when(r#"{"StringEquals":{"kms:EncryptionContext:of":"${aws:username}"}}"#),
        both(&statement(
            "Deny",
            everybody,
            "kms:Decrypt",
            r#"{"StringEquals":{"aws:PrincipalType":["User","Account"]}}"#,
        )),
        both(not),
    ];
    for statements in &apart {
        let kinds = Read::statements(statements).policy.kinds();
        assert_eq!(kinds, Kind::ALL, "{statements}");
    }
    let alike = [
        when("{}"),
        when(r#"{"StringEquals":{"kms:CallerAccount":"111122223333"}}"#),
        when(r#"{"StringNotEquals":{"aws:PrincipalAccount":["111122223333","444455556666"]}}"#),
        when(r#"{"StringLike":{"aws:PrincipalOrgID":"o-*"}}"#),
        when(
            r#"{"StringLike":{"kms:CallerAccount":"1111*"},"Bool":{"aws:SecureTransport":"false"}}"#,
        ),
        when(
            r#"{"StringEquals":{"kms:ViaService":"s3.us-east-1.amazonaws.com","aws:PrincipalTag/a":"b"}}"#,
        ),
        when(r#"{"Null":{"aws:userid":"true"}}"#),
        when(r#"{"StringLike":{"aws:userid":"*:${aws:PrincipalAccount}"}}"#),
        statement("Allow", named, "kms:*", "{}"),
        both(&statement("Deny", named, "kms:*", "{}")),
        both(&statement(
            "Deny",
            everybody,
            "kms:*",
            r#"{"Bool":{"aws:ViaAWSService":"false"}}"#,
        )),
    ];
    for statements in &alike {
        assert_eq!(Read::statements(statements).policy.kinds().len(), 1);
        for action in ["kms:Decrypt", "kms:CreateGrant"] {
            let answers = Kind::ALL.iter().map(|kind| {
                let answer = ask(statements, &Asker::Stranger(*kind), action);
                std::mem::discriminant(&answer)
            });
            let answers: Vec<_> = answers.collect();
            assert!(answers.windows(2).all(|it| it[0] == it[1]), "{statements}");
        }
    }
}

#[test]
fn what_belongs_to_an_operation_is_sent_with_it_alone() {
    let when = |principal: &str, condition: &str| statement("Allow", principal, "kms:*", condition);
    let (everybody, service) = (r#"{"AWS":"*"}"#, r#"{"Service":"sns.amazonaws.com"}"#);
    let grants = r#"{"ForAnyValue:StringEquals":{"kms:GrantOperations":"Decrypt"}}"#;
    let stranger = Asker::Stranger(Kind::Role);
    let of = |principal: &str, condition: &str, asker: &Asker, action: &str| {
        ask(&when(principal, condition), asker, action)
    };
    let chosen = of(everybody, grants, &stranger, "kms:CreateGrant");
    assert!(matches!(chosen, Answer::Yes(_)), "{chosen:?}");
    let not_sent = of(everybody, grants, &stranger, "kms:Decrypt");
    assert!(matches!(not_sent, Answer::No), "{not_sent:?}");
    // What a service grants, AWS documents of few.
    let sns = Asker::Service {
        name: "sns.amazonaws.com".to_owned(),
        account: None,
    };
    let perhaps = of(service, grants, &sns, "kms:CreateGrant");
    assert!(
        matches!(perhaps, Answer::Unsure(..) | Answer::Open(_)),
        "{perhaps:?}"
    );
    let not_sent = of(service, grants, &sns, "kms:Decrypt");
    assert!(matches!(not_sent, Answer::No), "{not_sent:?}");
    // Whose key it is, whoever asks.
    for (account, yes) in [(OWN, true), ("444455556666", false)] {
        let condition = format!(r#"{{"StringEquals":{{"aws:ResourceAccount":"{account}"}}}}"#);
        let answer = of(everybody, &condition, &stranger, "kms:Decrypt");
        assert_eq!(matches!(answer, Answer::Yes(_)), yes, "{answer:?}");
        assert_eq!(matches!(answer, Answer::No), !yes, "{answer:?}");
    }
}
