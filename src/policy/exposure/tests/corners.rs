//! What is rare in a question: policies that nobody can read or take apart, unknown parts of what is asked, and what a witness says of them.

use super::*;
use crate::policy::exposure::ask::symbol_of;
use crate::policy::tests::read;
use crate::policy::{Duplicates, parse};
use crate::value::{Kind as Of, Part, PartKind, Value};

pub(super) const ALLOW: &str =
    r#"{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}"#;

/// The answer for a role of a stranger who decrypts.
pub(super) fn asked(policy: &Policy, world: &World, symbols: &Symbols) -> Answer {
    Search::new(symbols).ask(&Question {
        policy,
        before: None,
        target: &world.target(),
        asker: &Asker::Stranger(Kind::Role),
        action: find_action("kms:Decrypt").unwrap(),
        statement: None,
        direct: false,
        without: &[],
    })
}

pub(super) fn everybody_when(condition: &str) -> String {
    statement("Allow", EVERYBODY, "kms:*", condition)
}

pub(super) fn stranger(statements: &str, action: &str) -> Answer {
    ask(statements, &Asker::Stranger(Kind::Role), action)
}

/// What the witness carries under a key.
pub(super) fn carried(answer: &Answer, key: &str) -> Option<Vec<String>> {
    let witness = answer.witness().unwrap();
    let mut context = witness.context.iter();
    let found = context.find(|it| it.key.eq_ignore_ascii_case(key));
    found.map(|it| it.values.clone())
}

#[test]
fn a_named_principal_is_of_the_type_that_its_arn_shows() {
    for (resource, own) in [
        ("iam::444455556666:role/team/r", "AssumedRole"),
        ("sts::444455556666:assumed-role/r/s", "AssumedRole"),
        ("iam::444455556666:user/u", "User"),
        ("iam::444455556666:root", "Account"),
        ("sts::444455556666:federated-user/f", "FederatedUser"),
    ] {
        let arn = format!("arn:aws:{resource}");
        for kind in ["AssumedRole", "User", "Account", "FederatedUser"] {
            let policy = statement(
                "Allow",
                &format!(r#"{{"AWS":"{arn}"}}"#),
                "kms:*",
                &format!(r#"{{"StringEquals":{{"aws:PrincipalType":"{kind}"}}}}"#),
            );
            let found = ask(&policy, &Asker::Named(literal(&arn)), "kms:Decrypt");
            let expected = if kind == own { "yes" } else { "no" };
            assert_eq!(word(&found), expected, "{arn} {kind}");
        }
        for (account, expected) in [("444455556666", "yes"), ("555566667777", "no")] {
            let policy = statement(
                "Allow",
                &format!(r#"{{"AWS":"{arn}"}}"#),
                "kms:*",
                &format!(r#"{{"StringEquals":{{"kms:CallerAccount":"{account}"}}}}"#),
            );
            let found = ask(&policy, &Asker::Named(literal(&arn)), "kms:Decrypt");
            assert_eq!(word(&found), expected, "{arn} {account}");
        }
    }
}

#[test]
fn a_policy_that_cannot_be_read_answers_nothing() {
    let world = World::new();
    let rejected = Read::statements(&ALLOW.replace('}', r#","X":1}"#)).policy;
    let mut symbols = Symbols::new();
    let whole = symbolic("whole", Shape::Text, Nature::Undocumented, &mut symbols);
    let whole = Of::Unknown(symbol_of(&whole).unwrap());
    let whole = Value::new(whole, Origin::new(Span { start: 0, end: 0 }));
    let (unknown, _) = parse(&whole, PolicyKind::Key, Duplicates::Last);
    for (policy, reason) in [
        (&rejected, "AWS rejects this policy"),
        (&unknown, "known after apply"),
    ] {
        let Answer::Open(blockers) = asked(policy, &world, &symbols) else {
            panic!("{reason}");
        };
        assert_eq!(blockers.len(), 1);
        assert_eq!(blockers[0].reason, reason);
        assert_eq!(blockers[0].symbol, policy.unknown);
    }
}

#[test]
fn what_is_too_much_to_take_apart_is_neither_yes_nor_no() {
    let reason = |answer: Answer| match answer {
        Answer::Incomplete(reason) => reason,
        other => word(&other),
    };
    let keys = |count: usize| {
        let keys: Vec<String> = (0..count)
            .map(|at| format!(r#""kms:EncryptionContext:k{at}":"v""#))
            .collect();
        everybody_when(&format!(
            r#"{{"StringEquals":{{{}}},"ForAnyValue:StringEquals":{{"kms:EncryptionContextKeys":"k0"}}}}"#,
            keys.join(",")
        ))
    };
    assert_eq!(reason(stranger(&keys(6), "kms:Decrypt")), "yes");
    let many = reason(stranger(&keys(7), "kms:Decrypt"));
    assert_eq!(
        many,
        "the policy tests too many keys of the encryption context"
    );
    let long = |operator: &str, letters: usize| {
        let condition = format!(
            r#"{{"{operator}":{{"kms:EncryptionContext:k":"{}"}}}}"#,
            "a".repeat(letters)
        );
        reason(stranger(&everybody_when(&condition), "kms:Decrypt"))
    };
    assert_eq!(long("StringEquals", 1_000), "yes");
    let too_long = long("StringEquals", 1_100);
    assert!(too_long.contains("too long"), "{too_long}");
    // What a stranger is not asked for stands in nobody's way.
    assert_eq!(long("StringNotEquals", 1_100), "yes");
}

#[test]
fn what_hangs_on_many_unknown_values_is_open() {
    for (count, expected) in [(20, "unsure"), (30, "open")] {
        let mut symbols = Symbols::new();
        let mut statements = vec![ALLOW.to_owned()];
        for at in 0..count {
            let name = format!("account {at}");
            symbolic(&name, Shape::Account, Nature::Undocumented, &mut symbols);
            let condition = format!(r#"{{"StringEquals":{{"aws:ResourceAccount":"{{{name}}}"}}}}"#);
            statements.push(statement("Deny", EVERYBODY, "kms:*", &condition));
        }
        let policy = read(&format!("[{}]", statements.join(",")), &mut symbols);
        let found = asked(&policy, &World::new(), &symbols);
        assert_eq!(word(&found), expected, "{count}");
        if let Some(witness) = found.witness() {
            let own = |(_, account): &(String, String)| account == OWN;
            assert!(witness.assumed.len() == count && !witness.assumed.iter().any(own));
        }
    }
}

#[test]
fn an_organization_that_the_policy_names_is_no_stranger_s() {
    let id = |answer: &Answer| carried(answer, "aws:PrincipalOrgID");
    let known = "o-abcd123456";
    let both = everybody_when(
        r#"{"StringLike":{"aws:PrincipalOrgID":"o-abcd*"},"StringEquals":{"aws:PrincipalOrgID":["o-abcd123456"]}}"#,
    );
    assert_eq!(word(&stranger(&both, "kms:Decrypt")), "no");
    // The same letters and more are somebody else's.
    let near =
        everybody_when(r#"{"StringLike":{"aws:PrincipalOrgID":["o-abcd12345?","o-abcd123456"]}}"#);
    let found = stranger(&near, "kms:Decrypt");
    let found = id(&found).unwrap();
    assert!(found[0].starts_with("o-abcd12345") && found[0] != known);
}

#[test]
fn a_stranger_s_account_is_none_that_is_known() {
    let mut world = World::new();
    world.accounts = [
        "999988887777",
        "444455556666",
        "777788889999",
        "123456789012",
        "222233334444",
        "555566667777",
    ]
    .map(literal)
    .to_vec();
    for (condition, expected) in [
        ("{}", "arn:aws:iam::999900000000:role/outsider"),
        // The first number that is nobody's.
        (
            r#"{"StringNotEquals":{"kms:CallerAccount":["999900000000","999900000001"]}}"#,
            "arn:aws:iam::999900000002:role/outsider",
        ),
    ] {
        let read = Read::statements(&everybody_when(condition));
        let found = asked(&read.policy, &world, &Symbols::new());
        assert_eq!(found.witness().unwrap().principal, expected);
    }
}

#[test]
fn the_account_of_the_key_is_no_stranger_s_whatever_is_known_of_it() {
    let mut symbols = Symbols::new();
    let own = symbolic("own", Shape::Account, Nature::Undocumented, &mut symbols);
    let mut world = World::new();
    world.arn = literal("arn:aws:kms:us-east-1:");
    world.arn.append(own.clone());
    world.arn.append(literal(":key/1"));
    world.account = own;
    let read = Read::statements(&everybody_when(
        r#"{"StringLike":{"kms:CallerAccount":"99991234567?","aws:ResourceAccount":"999912345678"}}"#,
    ));
    let found = asked(&read.policy, &world, &symbols);
    assert_eq!(word(&found), "unsure", "{found:?}");
    let caller = carried(&found, "kms:CallerAccount").unwrap();
    assert!(caller[0].starts_with("99991234567") && caller[0] != "999912345678");
    assert_eq!(found.witness().unwrap().account, "999912345678");
    let assumed = &found.witness().unwrap().assumed;
    assert_eq!(assumed[..], [("own".to_owned(), "999912345678".to_owned())]);
    // Where not even its name is known, one that the policy names is still none.
    world.account = Text::from_parts(vec![Part {
        kind: PartKind::Hole("no function `f`".to_owned()),
        origin: Origin::new(Span { start: 0, end: 0 }),
        sensitive: false,
    }]);
    world.arn = literal(KEY);
    let named = r#"{"StringLike":{"kms:CallerAccount":"4444*"},"StringEquals":{"aws:PrincipalAccount":"444455556666"}}"#;
    let read = Read::statements(&everybody_when(named));
    assert_eq!(word(&asked(&read.policy, &world, &symbols)), "no");
}

#[test]
fn a_witness_says_what_was_taken_for_granted() {
    let world = World::new();
    for (statements, expected) in [
        // A statement that may be there.
        (
            format!(r#"[{{"{{maybe}}":{ALLOW}}}]"#),
            [("an item", "true")],
        ),
        (
            format!(
                r#"[{ALLOW},{{"{{maybe}}":{}}}]"#,
                ALLOW.replace("Allow", "Deny")
            ),
            [("an item", "false")],
        ),
        // The rest of a list that may name everybody.
        (
            format!(
                "[{}]",
                ALLOW.replace(
                    r#""*","Action""#,
                    r#"{"AWS":["444455556666","{...}"]},"Action""#
                )
            ),
            [("the rest", "*")],
        ),
        // A part of a text that has no name stands in no other's way.
        (
            format!(
                "[{ALLOW},{}]",
                ALLOW.replace("kms:*", "kms:Encrypt").replace(
                    r#""*","Action""#,
                    r#"{"AWS":["arn:aws:iam::{hole}:root","{...}"]},"Action""#
                )
            )
            .replacen(ALLOW, &format!(r#"{{"{{maybe}}":{ALLOW}}}"#), 1),
            [("an item", "true")],
        ),
    ] {
        let mut symbols = Symbols::new();
        let policy = read(&statements, &mut symbols);
        let found = asked(&policy, &world, &symbols);
        assert_eq!(word(&found), "unsure", "{statements}");
        let assumed = &found.witness().unwrap().assumed;
        let assumed: Vec<(&str, &str)> = assumed
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(assumed, expected, "{statements}");
    }
}

#[test]
fn what_does_not_matter_to_the_answer_has_a_value_of_its_kind() {
    for (key, value) in [
        ("aws:ViaAWSService", "true"),
        ("aws:EpochTime", "2030-01-01T00:00:00Z"),
        ("aws:MultiFactorAuthAge", "1"),
        ("aws:MultiFactorAuthPresent", "true"),
        ("aws:SourceIp", "198.51.100.7"),
    ] {
        let there = format!(r#"{{"Null":{{"{key}":"false"}}}}"#);
        let found = stranger(&everybody_when(&there), "kms:Decrypt");
        let found = carried(&found, key).unwrap();
        assert_eq!(found, [value], "{key}");
    }
}

#[test]
fn a_property_that_the_key_lacks_is_in_no_request() {
    let mut world = World::new();
    for (key, presence) in [
        ("kms:KeyOrigin", Presence::Absent),
        ("kms:KeySpec", Presence::Present),
    ] {
        world.properties.insert(ContextValue {
            key: key.to_owned(),
            presence,
            values: vec![literal("v")],
            multivalued: false,
            open: None,
        });
    }
    for (condition, expected) in [
        (
            r#"{"Null":{"kms:KeyOrigin":"true","kms:KeySpec":"false"}}"#,
            "yes",
        ),
        (r#"{"Null":{"kms:KeyOrigin":"false"}}"#, "no"),
        (r#"{"StringEquals":{"kms:KeyOrigin":"v"}}"#, "no"),
        (r#"{"StringNotEquals":{"kms:KeyOrigin":"v"}}"#, "yes"),
    ] {
        let read = Read::statements(&everybody_when(condition));
        let found = asked(&read.policy, &world, &Symbols::new());
        assert_eq!(word(&found), expected, "{condition}");
        if expected == "yes" {
            assert_eq!(carried(&found, "kms:KeyOrigin"), None, "{condition}");
        }
    }
}

/// A statement allows, and the rest of the policy may deny: that is told, and not that the search failed.
#[test]
fn a_policy_that_may_hold_more_statements_says_so() {
    let mut symbols = Symbols::new();
    let policy = read(&format!(r#"[{ALLOW},"{{...}}"]"#), &mut symbols);
    let Answer::Incomplete(reason) = asked(&policy, &World::new(), &symbols) else {
        panic!("the rest is not known");
    };
    assert!(reason.contains("may hold others"), "{reason}");
}

/// A principal that is known in part, and one that a list may hold besides, may be of one kind of strangers alone.
#[test]
fn a_principal_that_is_not_known_tells_kinds_of_strangers_apart() {
    let kinds = |principal: &str| {
        let mut symbols = Symbols::new();
        let statement = format!(
            r#"[{{"Effect":"Allow","Principal":{{"AWS":{principal}}},"Action":"kms:*","Resource":"*"}}]"#
        );
        read(&statement, &mut symbols).kinds()
    };
    assert_eq!(kinds(r#"["111122223333"]"#).len(), 1);
    assert_eq!(kinds(r#"["111122223333","{...}"]"#), Kind::ALL);
    assert_eq!(kinds(r#""arn:aws:iam::444455556666:{who}""#), Kind::ALL);
}

/// Whether a policy newly allows is not sure where the one before may have held more statements: one of them may have allowed it.
#[test]
fn what_the_policy_before_may_have_allowed_is_not_surely_new() {
    let mut symbols = Symbols::new();
    let after = read(&format!("[{ALLOW}]"), &mut symbols);
    let other = r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:Encrypt","Resource":"*"}"#;
    let mut newly = |before: &str| {
        let before = read(before, &mut symbols);
        let world = World::new();
        let target = world.target();
        Search::new(&symbols).ask(&Question {
            policy: &after,
            before: Some(&before),
            target: &target,
            asker: &Asker::Stranger(Kind::Role),
            action: find_action("kms:Decrypt").unwrap(),
            statement: None,
            direct: false,
            without: &[],
        })
    };
    assert_eq!(word(&newly(&format!("[{other}]"))), "yes");
    let Answer::Unsure(_, on) = newly(&format!(r#"[{other},"{{...}}"]"#)) else {
        panic!("the rest of the policy before is not known");
    };
    assert_eq!(on.len(), 1);
    assert!(on.iter().all(|blocker| blocker.symbol.is_some()), "{on:?}");
    assert_eq!(word(&newly(&format!(r#"[{ALLOW},"{{...}}"]"#))), "no");
}

/// What is not known of a key has an example in the request that shows it, and the example is told as assumed.
#[test]
fn a_witness_fills_in_what_is_not_known_of_the_key() {
    let mut symbols = Symbols::new();
    let mut of = |name: &str, shape| symbolic(name, shape, Nature::Named, &mut symbols);
    let account = of("account", Shape::Account);
    let mut arn = literal("arn:");
    for part in [
        of("partition", Shape::Partition),
        literal(":kms:"),
        of("region", Shape::Region),
        literal(":"),
        account.clone(),
        literal(":key/"),
        of("id", Shape::Id),
    ] {
        arn.append(part);
    }
    let mut world = World::new();
    world.properties.insert(ContextValue {
        key: "aws:ResourceTag/owner".to_owned(),
        presence: Presence::Present,
        values: vec![of("owner", Shape::Arn)],
        multivalued: false,
        open: None,
    });
    (world.arn, world.account) = (arn, account);
    let condition = r#"{"StringLike":{"aws:ResourceTag/owner":"*"}}"#;
    let policy = read(&format!("[{}]", everybody_when(condition)), &mut symbols);
    let answer = asked(&policy, &world, &symbols);
    assert_eq!(word(&answer), "yes");
    let witness = answer.witness().unwrap();
    assert_eq!(
        (witness.resource.as_str(), witness.account.as_str()),
        (
            "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "111122223333"
        )
    );
    let owner = carried(&answer, "aws:resourcetag/owner");
    assert_eq!(
        owner,
        Some(vec!["arn:aws:iam::111122223333:role/example".to_owned()])
    );
    // The key policy alone lets the stranger in only where his own account does.
    assert!(witness.allowed_at_home);
}
