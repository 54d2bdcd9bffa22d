//! What a search finds, what it shows of it, and what it leaves open, in rare cases.

use super::corners::{ALLOW, asked, carried, everybody_when, stranger};
use super::*;
use crate::policy::tests::read;
use crate::policy::{Duplicates, parse};
use crate::value::{Part, PartKind, Value};

/// A question about a key that has a tag `owner`.
fn owned(owner: &str, condition: &str) -> Answer {
    let mut world = World::new();
    world.properties.insert(ContextValue {
        key: "aws:ResourceTag/owner".to_owned(),
        presence: Presence::Present,
        values: vec![literal(owner)],
        multivalued: false,
        open: None,
    });
    let mut symbols = Symbols::new();
    let policy = read(&format!("[{}]", everybody_when(condition)), &mut symbols);
    asked(&policy, &world, &symbols)
}

fn assumed(answer: &Answer) -> Vec<(&str, &str)> {
    let assumed = &answer.witness().unwrap().assumed;
    let pairs = assumed
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    pairs.collect()
}

/// Each set of keys is one that a caller can send, and the smallest that is allowed is the one that is shown.
#[test]
fn a_request_carries_what_it_needs_of_the_encryption_context() {
    let names = ["a", "b", "c"];
    let own = |name: &str| format!("kms:EncryptionContext:{name}");
    for set in 0..8_u32 {
        let wanted = |at: usize| set & (1 << at) != 0;
        let nulls = names.iter().enumerate().map(|(at, name)| {
            let absent = !wanted(at);
            format!(r#""{}":"{absent}""#, own(name))
        });
        let nulls: Vec<String> = nulls.collect();
        let condition = format!(
            r#"{{"Null":{{{}}},"ForAllValues:StringEquals":{{"kms:EncryptionContextKeys":["a","b","c"]}}}}"#,
            nulls.join(",")
        );
        let found = stranger(&everybody_when(&condition), "kms:Decrypt");
        assert_eq!(word(&found), "yes", "{condition}");
        for (at, name) in names.iter().enumerate() {
            let sent = carried(&found, &own(name)).is_some();
            assert_eq!(sent, wanted(at), "{condition} {name}");
        }
    }
    let any = everybody_when(
        r#"{"StringEqualsIfExists":{"kms:EncryptionContext:a":"1","kms:EncryptionContext:b":"1"},"ForAllValues:StringEquals":{"kms:EncryptionContextKeys":["a","b"]}}"#,
    );
    let found = stranger(&any, "kms:Decrypt");
    assert_eq!(word(&found), "yes");
    for name in ["a", "b"] {
        assert_eq!(carried(&found, &own(name)), None, "{name}");
    }
}

/// `keytrail evaluate` reads a list where AWS sends one.
#[test]
fn the_paths_of_an_organization_are_a_list_in_a_request() {
    let found = stranger(
        &everybody_when(
            r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-*/*"},"StringLike":{"aws:PrincipalOrgID":"o-*"}}"#,
        ),
        "kms:Decrypt",
    );
    assert_eq!(word(&found), "yes");
    let request = found.witness().unwrap().request();
    let context = &request["context"];
    assert!(context["aws:PrincipalOrgPaths"].is_array(), "{context}");
    assert!(context["aws:PrincipalOrgID"].is_string(), "{context}");
}

/// What an unknown part of the policy is taken to be may name somebody, who is then no stranger.
#[test]
fn an_account_in_what_is_not_known_is_no_stranger_s() {
    // One account alone matches both.
    let condition = r#"{"StringEquals":{"aws:ResourceTag/owner":"{text}"},"StringLike":{"kms:CallerAccount":"9999123456?8"},"StringLikeIfExists":{"kms:CallerAccount":"99991234567?"}}"#;
    for (owner, expected) in [
        ("arn:aws:iam::444455556666:role/r", "unsure"),
        ("arn:aws:iam::999912345678:role/r", "no"),
        ("team 999912345678", "no"),
    ] {
        let found = owned(owner, condition);
        assert_eq!(word(&found), expected, "{owner} {found:?}");
    }
    // The rest of a list, likewise.
    let condition = condition.replace(r#""{text}""#, r#"["{...}"]"#);
    for (owner, expected) in [("team", "unsure"), ("team 999912345678", "no")] {
        let found = owned(owner, &condition);
        assert_eq!(word(&found), expected, "{owner} {found:?}");
    }
}

/// Of ten accounts that a pattern means, nine are no stranger's: it takes more than one example to find the tenth.
#[test]
fn the_one_account_that_is_nobody_s_is_found() {
    let mut world = World::new();
    for digit in (0..10).filter(|digit| *digit != 7) {
        world.accounts.push(literal(&format!("99991234567{digit}")));
    }
    let read = Read::statements(&everybody_when(
        r#"{"StringLike":{"kms:CallerAccount":"99991234567?"}}"#,
    ));
    let found = asked(&read.policy, &world, &Symbols::new());
    assert_eq!(word(&found), "yes", "{found:?}");
    assert_eq!(
        carried(&found, "kms:CallerAccount").unwrap(),
        ["999912345677"]
    );
}

#[test]
fn what_is_not_known_is_taken_to_be_what_reads_best() {
    let arn = "arn:aws:iam::444455556666:role/r";
    for (owner, condition, expected) in [
        // A wildcard says most, also where the text that it stands for is too long to be taken apart.
        (
            arn,
            r#"{"StringLike":{"aws:ResourceTag/owner":"{text}"}}"#,
            ("text", "*"),
        ),
        (
            &"a".repeat(1_100),
            r#"{"StringLike":{"aws:ResourceTag/owner":["{...}"]}}"#,
            ("the rest", "*"),
        ),
        (
            &"a".repeat(1_100),
            r#"{"StringLike":{"aws:ResourceTag/owner":"{text}"}}"#,
            ("text", "*"),
        ),
        // A word that was made up is a word of plain letters.
        (
            arn,
            r#"{"StringNotLike":{"aws:ResourceTag/owner":["{...}"]}}"#,
            ("the rest", "xxx"),
        ),
    ] {
        let found = owned(owner, condition);
        assert_eq!(word(&found), "unsure", "{condition} {found:?}");
        assert_eq!(assumed(&found), [expected], "{condition}");
    }
}

#[test]
fn a_request_is_hidden_where_a_part_of_what_it_is_made_of_is_secret() {
    let symbols = Symbols::new();
    let open = Read::statements(ALLOW).policy;
    let mut map = crate::source::SourceMap::new();
    let file = map
        .add("policy", format!(r#"{{"Statement":[{ALLOW}]}}"#))
        .unwrap();
    let value = Value::from_json(&crate::source::parse_json(&map, file).unwrap());
    let (secret, _) = parse(&value.into_sensitive(), PolicyKind::Key, Duplicates::Last);
    let hidden = |policy: &Policy, world: &World| {
        let found = asked(policy, world, &symbols);
        found.witness().map(|it| it.hidden)
    };
    let mut world = World::new();
    assert_eq!(hidden(&open, &world), Some(false));
    assert_eq!(hidden(&secret, &world), Some(true));
    world.account = world.account.into_sensitive();
    assert_eq!(hidden(&open, &world), Some(true));
    world = World::new();
    world.arn = world.arn.into_sensitive();
    assert_eq!(hidden(&open, &world), Some(true));
}

/// Every request of a person has a user id; what CloudTrail is asked for from an organization names it.
#[test]
fn what_a_request_always_has_is_there() {
    let cloudtrail = service("cloudtrail.amazonaws.com");
    for (principal, condition, asker, expected) in [
        (
            EVERYBODY,
            r#"{"Null":{"aws:userid":"true"}}"#,
            Asker::Stranger(Kind::Role),
            "no",
        ),
        (
            EVERYBODY,
            r#"{"Null":{"aws:userid":"false"}}"#,
            Asker::Stranger(Kind::Role),
            "yes",
        ),
        (
            TRAIL,
            r#"{"StringLike":{"aws:SourceOrgID":"o-*"}}"#,
            cloudtrail.clone(),
            "yes",
        ),
        (
            TRAIL,
            r#"{"ForAnyValue:StringLike":{"aws:SourceOrgPaths":"o-*/*"}}"#,
            cloudtrail.clone(),
            "yes",
        ),
        (
            TRAIL,
            r#"{"Null":{"aws:SourceOrgID":"true"}}"#,
            cloudtrail,
            "yes",
        ),
    ] {
        let policy = statement("Allow", principal, "kms:*", condition);
        let found = ask(&policy, &asker, "kms:Decrypt");
        assert_eq!(word(&found), expected, "{condition} {found:?}");
    }
}

/// `DescribeKey` takes no encryption context, whoever calls it.
#[test]
fn a_service_has_an_encryption_context_where_the_action_takes_one() {
    let logs = r#"{"Service":"logs.us-east-1.amazonaws.com"}"#;
    for (condition, action, expected) in [
        (
            r#"{"ForAnyValue:StringEquals":{"kms:EncryptionContextKeys":"aws:logs:arn"}}"#,
            "kms:Decrypt",
            "yes",
        ),
        (
            r#"{"ForAnyValue:StringEquals":{"kms:EncryptionContextKeys":"aws:logs:arn"}}"#,
            "kms:DescribeKey",
            "no",
        ),
        (
            r#"{"Null":{"kms:EncryptionContextKeys":"false"}}"#,
            "kms:DescribeKey",
            "no",
        ),
        (
            r#"{"Null":{"kms:EncryptionContext:aws:logs:arn":"false"}}"#,
            "kms:DescribeKey",
            "no",
        ),
    ] {
        let policy = statement("Allow", logs, "kms:*", condition);
        let found = ask(&policy, &service("logs.us-east-1.amazonaws.com"), action);
        assert_eq!(word(&found), expected, "{condition} {action} {found:?}");
    }
}

#[test]
fn a_request_of_a_service_shows_values_of_the_kind_that_aws_sends() {
    let asked = |condition: &str| {
        let policy = statement("Allow", TRAIL, "kms:*", condition);
        ask(&policy, &service("cloudtrail.amazonaws.com"), "kms:Decrypt")
    };
    let found = asked(r#"{"Null":{"aws:SourceIp":"false"}}"#);
    assert_eq!(carried(&found, "aws:SourceIp").unwrap(), ["198.51.100.7"]);
    let found = asked(
        r#"{"ForAnyValue:StringEquals":{"aws:PrincipalServiceNamesList":"cloudtrail.amazonaws.com"}}"#,
    );
    let request = found.witness().unwrap().request();
    let names = &request["context"]["aws:PrincipalServiceNamesList"];
    assert_eq!(*names, serde_json::json!(["cloudtrail.amazonaws.com"]));
}

/// A list of the caller's may hold what a condition means and something else.
#[test]
fn a_list_may_hold_what_is_meant_beside_what_is_not() {
    let athena = r#"{"aws:CalledVia":"athena.amazonaws.com"}"#;
    for (condition, expected) in [
        (
            format!(
                r#"{{"ForAnyValue:StringEquals":{athena},"ForAnyValue:StringNotEquals":{athena}}}"#
            ),
            "yes",
        ),
        (
            format!(
                r#"{{"ForAnyValue:StringEquals":{athena},"ForAllValues:StringNotEquals":{athena}}}"#
            ),
            "no",
        ),
        (
            format!(
                r#"{{"ForAllValues:StringEquals":{athena},"ForAnyValue:StringNotEquals":{athena}}}"#
            ),
            "no",
        ),
    ] {
        let found = stranger(&everybody_when(&condition), "kms:Decrypt");
        assert_eq!(word(&found), expected, "{condition} {found:?}");
    }
}

/// One Allow is enough: what another one hangs on is left alone.
#[test]
fn what_another_allow_hangs_on_is_not_taken_for_granted() {
    let mut world = World::new();
    world.properties.insert(ContextValue {
        key: "aws:ResourceTag/owner".to_owned(),
        presence: Presence::Present,
        values: vec![literal("team")],
        multivalued: false,
        open: None,
    });
    let mut symbols = Symbols::new();
    let (one, other) = (
        everybody_when(r#"{"StringLike":{"aws:ResourceTag/owner":"{text}"}}"#),
        everybody_when(r#"{"StringEquals":{"aws:ResourceAccount":"{account}"}}"#),
    );
    let policy = read(&format!("[{one},{other}]"), &mut symbols);
    let found = asked(&policy, &world, &symbols);
    assert_eq!(word(&found), "unsure");
    assert_eq!(assumed(&found), [("text", "*")]);
}

#[test]
fn a_search_counts_what_it_evaluates() {
    let most = |condition: &str| {
        let read = Read::statements(&everybody_when(condition));
        let world = World::new();
        let mut search = Search::new(&Symbols::new());
        let answer = search.ask(&Question {
            policy: &read.policy,
            before: None,
            target: &world.target(),
            asker: &Asker::Stranger(Kind::Role),
            action: find_action("kms:Decrypt").unwrap(),
            statement: None,
            direct: false,
            without: &[],
        });
        assert_eq!(word(&answer), "yes");
        search.most
    };
    let plain = most("{}");
    let chosen = most(r#"{"StringLike":{"kms:EncryptionContext:team":"audit-*"}}"#);
    assert!(0 < plain && plain < chosen, "{plain} {chosen}");
}

/// Where no pattern looks into a number, one stranger stands for all.
#[test]
fn a_pattern_takes_numbers_apart_where_it_matches_some_of_them() {
    let world = World::new();
    for (pattern, expected) in [
        ("111122223333", false),
        ("*", false),
        ("1111*", true),
        ("*3333", true),
        ("arn:aws:iam::1111*:role/r", true),
        ("arn:aws:iam::*:role/r", false),
        ("arn:aws:s3:::logs/AWSLogs/*", false),
        ("audit-*", false),
        ("1111222233?3", true),
        ("audit-?", true),
        ("o-abcd123456", false),
        ("o-*", false),
        ("o-abcd*", true),
        ("o-abcd123456/r-ab12/*", false),
    ] {
        let condition = format!(r#"{{"StringLike":{{"aws:x":"{pattern}"}}}}"#);
        let read = Read::statements(&everybody_when(&condition));
        let known = Known::of(&[&read.policy], &world.target());
        assert_eq!(known.digits, expected, "{pattern}");
    }
    let some = everybody_when(r#"{"StringLike":{"aws:PrincipalOrgID":"o-abcd*"}}"#);
    assert_eq!(word(&stranger(&some, "kms:Decrypt")), "yes");
}

#[test]
fn a_stranger_s_organization_reads_like_one() {
    let any = everybody_when(r#"{"Null":{"aws:PrincipalOrgID":"false"}}"#);
    let found = stranger(&any, "kms:Decrypt");
    assert_eq!(
        carried(&found, "aws:PrincipalOrgID").unwrap(),
        ["o-outsider12"]
    );
}

/// Keys of the encryption context are tried together only where the policy asks which of them there are.
#[test]
fn many_keys_of_the_encryption_context_are_no_matter_by_themselves() {
    let keys: Vec<String> = (0..9)
        .map(|at| format!(r#""kms:EncryptionContext:k{at}":"v""#))
        .collect();
    let condition = format!(r#"{{"StringEquals":{{{}}}}}"#, keys.join(","));
    let found = stranger(&everybody_when(&condition), "kms:Decrypt");
    assert_eq!(word(&found), "yes", "{found:?}");
}

/// A user has a name, and nobody else.
#[test]
fn a_name_is_a_user_s() {
    let named = everybody_when(r#"{"StringLike":{"aws:username":"*"}}"#);
    for kind in Kind::ALL {
        let found = ask(&named, &Asker::Stranger(*kind), "kms:Decrypt");
        let expected = if *kind == Kind::User { "yes" } else { "no" };
        assert_eq!(word(&found), expected, "{kind:?}");
    }
    let jane = everybody_when(r#"{"StringEquals":{"aws:username":"jane"}}"#);
    for (arn, expected) in [
        ("arn:aws:iam::444455556666:user/team/jane", "yes"),
        ("arn:aws:iam::444455556666:user/joe", "no"),
        ("arn:aws:iam::444455556666:role/jane", "no"),
    ] {
        let found = ask(&jane, &Asker::Named(literal(arn)), "kms:Decrypt");
        assert_eq!(word(&found), expected, "{arn}");
    }
}

#[test]
fn a_service_acts_for_the_account_that_is_asked_about() {
    let asker = |account: Option<&str>| Asker::Service {
        name: "cloudtrail.amazonaws.com".to_owned(),
        account: account.map(literal),
    };
    for (condition, own, stranger) in [
        (
            r#"{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#,
            "yes",
            "no",
        ),
        (
            r#"{"StringEquals":{"aws:SourceAccount":"444455556666"}}"#,
            "no",
            "no",
        ),
        (
            r#"{"StringNotEquals":{"aws:SourceAccount":"111122223333"},"Null":{"aws:SourceAccount":"false"}}"#,
            "no",
            "yes",
        ),
        (
            r#"{"ArnLike":{"aws:SourceArn":"arn:aws:cloudtrail:*:111122223333:trail/*"}}"#,
            "yes",
            "no",
        ),
    ] {
        let policy = statement("Allow", TRAIL, "kms:*", condition);
        let found = |account| word(&ask(&policy, &asker(account), "kms:Decrypt"));
        assert_eq!(
            (found(Some(OWN)), found(None)),
            (own, stranger),
            "{condition}"
        );
    }
}

/// What AWS does not document of a service's request may be there.
#[test]
fn what_a_service_may_send_is_unsure() {
    let cloudtrail = service("cloudtrail.amazonaws.com");
    for key in ["aws:userid", "aws:username", "aws:RequestedRegion"] {
        for there in [true, false] {
            let condition = format!(r#"{{"Null":{{"{key}":"{there}"}}}}"#);
            let policy = statement("Allow", TRAIL, "kms:*", &condition);
            let found = ask(&policy, &cloudtrail, "kms:Decrypt");
            assert_eq!(word(&found), "unsure", "{condition} {found:?}");
        }
    }
}

#[test]
fn actions_are_alike_where_no_statement_and_no_key_tells_them_apart() {
    let action = |name: &str| find_action(name).unwrap();
    let all = [
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:ReEncryptFrom",
        "kms:CreateGrant",
        "kms:DescribeKey",
    ]
    .map(action);
    let names = |statements: &str| -> Vec<Vec<&str>> {
        let read = Read::statements(statements);
        let groups = alike(&[&read.policy], &all);
        assert_eq!(groups, read.policy.alike(&all));
        // A copy is asked anew, and says the same.
        assert_eq!(groups, read.policy.clone().alike(&all));
        let names = |group: &Vec<&'static Action>| group.iter().map(|it| it.name).collect();
        groups.iter().map(names).collect()
    };
    let decrypt = statement("Allow", EVERYBODY, "kms:Decrypt", "{}");
    let rest = vec!["kms:Encrypt", "kms:ReEncryptFrom", "kms:CreateGrant"];
    assert_eq!(
        names(&decrypt),
        [vec!["kms:Decrypt"], rest, vec!["kms:DescribeKey"]]
    );
    let granted = everybody_when(r#"{"Null":{"kms:GrantOperations":"true"}}"#);
    let rest = vec!["kms:Decrypt", "kms:Encrypt", "kms:ReEncryptFrom"];
    assert_eq!(
        names(&granted),
        [rest, vec!["kms:CreateGrant"], vec!["kms:DescribeKey"]]
    );
}

#[test]
fn an_action_may_be_allowed_by_what_does_not_deny_and_may_mean_it() {
    let mut symbols = Symbols::new();
    let of = |effect: &str, action: &str| statement(effect, EVERYBODY, action, "{}");
    let statements = [
        of("Deny", "kms:*"),
        of("Allow", "kms:Encrypt"),
        of("Allow", "kms:De*"),
        of("{?}", "kms:Decrypt"),
        of("{?}", "kms:Encrypt"),
        of("Allow", "kms:{text}"),
    ];
    let policy = read(&format!("[{}]", statements.join(",")), &mut symbols);
    assert_eq!(may_allow(&policy, "kms:Decrypt"), [2, 3, 5]);
    assert_eq!(may_allow(&policy, "kms:Sign"), [5]);
    // A search keeps the symbols of the policies that it is asked about.
    let text = policy.statements[5]
        .patterns()
        .find_map(|it| it.text.parts().last());
    let Some(Part {
        kind: PartKind::Symbol(id),
        ..
    }) = text
    else {
        panic!("a symbol");
    };
    assert_eq!(Search::new(&symbols).symbols().get(*id).name, "text");
}

/// A call through another service names the service; a call of the caller's own does not.
#[test]
fn a_request_comes_through_a_service_or_does_not() {
    for (condition, expected) in [
        (r#"{"Null":{"kms:ViaService":"true"}}"#, "yes"),
        (r#"{"Null":{"kms:ViaService":"false"}}"#, "yes"),
        (
            r#"{"Null":{"kms:ViaService":"true"},"Bool":{"aws:ViaAWSService":"true"}}"#,
            "no",
        ),
        (
            r#"{"Null":{"kms:ViaService":"true"},"Bool":{"aws:ViaAWSService":"false"}}"#,
            "yes",
        ),
        (
            r#"{"Null":{"kms:ViaService":"false"},"Bool":{"aws:ViaAWSService":"true"}}"#,
            "yes",
        ),
        (
            r#"{"Null":{"kms:ViaService":"false"},"Bool":{"aws:ViaAWSService":"false"}}"#,
            "no",
        ),
    ] {
        let found = stranger(&everybody_when(condition), "kms:Decrypt");
        assert_eq!(word(&found), expected, "{condition} {found:?}");
    }
}

#[test]
fn what_a_service_names_is_its_own() {
    for (name, condition, expected) in [
        // AWS Config always names the account for which it asks.
        ("config", r#"{"Null":{"aws:SourceAccount":"true"}}"#, "no"),
        ("config", r#"{"Null":{"aws:SourceArn":"true"}}"#, "unsure"),
        ("sns", r#"{"Null":{"aws:SourceAccount":"true"}}"#, "unsure"),
        (
            "config",
            r#"{"ArnLike":{"aws:SourceArn":"arn:aws:config:*:*:*"}}"#,
            "unsure",
        ),
        (
            "config",
            r#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:*"}}"#,
            "no",
        ),
        // CloudTrail acts for a trail, and names it alone.
        (
            "cloudtrail",
            r#"{"ArnLike":{"aws:SourceArn":"arn:aws:cloudtrail:*:*:trail/*"}}"#,
            "yes",
        ),
        (
            "cloudtrail",
            r#"{"ArnLike":{"aws:SourceArn":"arn:aws:cloudtrail:*:*:channel/*"}}"#,
            "no",
        ),
        (
            "cloudtrail",
            r#"{"StringEquals":{"kms:EncryptionContext:aws:cloudtrail:arn":"x"}}"#,
            "no",
        ),
        (
            "sns",
            r#"{"StringEquals":{"kms:EncryptionContext:aws:cloudtrail:arn":"x"}}"#,
            "yes",
        ),
        // AWS does not document whether these are sent.
        (
            "sns",
            r#"{"StringEquals":{"kms:ViaService":"sns.amazonaws.com"}}"#,
            "unsure",
        ),
        (
            "sns",
            r#"{"StringEquals":{"kms:ViaService":"s3.amazonaws.com"}}"#,
            "no",
        ),
        (
            "sns",
            r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:*"}}"#,
            "unsure",
        ),
        (
            "sns",
            r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::111122223333:*"}}"#,
            "no",
        ),
    ] {
        let name = format!("{name}.amazonaws.com");
        let policy = statement(
            "Allow",
            &format!(r#"{{"Service":"{name}"}}"#),
            "kms:*",
            condition,
        );
        let found = ask(&policy, &service(&name), "kms:Decrypt");
        assert_eq!(word(&found), expected, "{name} {condition} {found:?}");
    }
}

/// A member's organization is known, a stranger's is no known one, and that of a principal whom the policy names may be any.
#[test]
fn an_organization_is_that_of_who_asks() {
    let named = Asker::Named(literal("arn:aws:iam::444455556666:role/r"));
    for (asker, organization, expected) in [
        (
            Asker::Member("o-abcd123456".to_owned()),
            "o-abcd123456",
            "yes",
        ),
        (
            Asker::Member("o-abcd123456".to_owned()),
            "o-zyxw987654",
            "no",
        ),
        (Asker::Stranger(Kind::Role), "o-abcd123456", "no"),
        (named, "o-abcd123456", "unsure"),
    ] {
        for condition in [
            format!(r#"{{"StringEquals":{{"aws:PrincipalOrgID":"{organization}"}}}}"#),
            format!(
                r#"{{"ForAnyValue:StringLike":{{"aws:PrincipalOrgPaths":"{organization}/*"}}}}"#
            ),
        ] {
            let found = ask(&everybody_when(&condition), &asker, "kms:Decrypt");
            assert_eq!(word(&found), expected, "{condition} {found:?}");
        }
    }
}

/// Of all organizations that a pattern means, all but one are no stranger's.
#[test]
fn the_one_organization_that_is_nobody_s_is_found() {
    let mut world = World::new();
    let letters = ('0'..='9')
        .chain('a'..='z')
        .chain('A'..='Z')
        .chain(['-', '_']);
    for letter in letters.filter(|it| *it != '7') {
        world
            .organizations
            .push(literal(&format!("o-abcd12345{letter}")));
    }
    let read = Read::statements(&everybody_when(
        r#"{"StringLike":{"aws:PrincipalOrgID":"o-abcd12345?"}}"#,
    ));
    let found = asked(&read.policy, &world, &Symbols::new());
    assert_eq!(word(&found), "yes", "{found:?}");
    let own = carried(&found, "aws:PrincipalOrgID").unwrap();
    let is_known = |known: &Text| known.to_literal().as_deref() == Some(own[0].as_str());
    assert!(!world.organizations.iter().any(is_known), "{own:?}");
}

#[test]
fn what_an_answer_hangs_on_is_told_once() {
    for (condition, reason) in [
        (
            r#"{"StringLike":{"aws:ResourceTag/owner":"{text}"}}"#,
            "text is known after apply",
        ),
        (
            r#"{"StringLike":{"aws:ResourceTag/owner":["{...}"]}}"#,
            "the rest is known after apply",
        ),
    ] {
        let Answer::Unsure(_, on) = owned("team", condition) else {
            panic!("{condition}");
        };
        let reasons: Vec<&str> = on.iter().map(|it| it.reason.as_str()).collect();
        assert_eq!(reasons, [reason], "{condition}");
    }
}

/// Somebody can send these values: they are plain text, and no more of them than it takes.
#[test]
fn what_was_made_up_for_a_request_reads_like_an_example() {
    for (condition, key, expected) in [
        (
            r#"{"StringEqualsIfExists":{"aws:PrincipalTag/team":"x"}}"#,
            "aws:PrincipalTag/team",
            None,
        ),
        (
            r#"{"StringNotEquals":{"aws:PrincipalTag/team":"x"},"StringLike":{"aws:PrincipalTag/team":"?*"}}"#,
            "aws:PrincipalTag/team",
            Some("q"),
        ),
        (
            r#"{"StringNotLike":{"kms:CallerAccount":"1*"}}"#,
            "kms:CallerAccount",
            Some("999988887777"),
        ),
        (
            r#"{"Null":{"aws:PrincipalOrgPaths":"false"}}"#,
            "aws:PrincipalOrgPaths",
            Some("o-outsider12/r-ab12/"),
        ),
    ] {
        let found = stranger(&everybody_when(condition), "kms:Decrypt");
        assert_eq!(word(&found), "yes", "{condition}");
        let values = carried(&found, key);
        let value = values.as_ref().map(|it| it[0].as_str());
        assert_eq!(value, expected, "{condition}");
    }
    let regions = r#"{"StringEquals":{"aws:RequestedRegion":["ca-west-1","us-east-1"]}}"#;
    let found = stranger(&everybody_when(regions), "kms:Decrypt");
    // What the policy names is shown as it names it.
    assert_eq!(
        carried(&found, "aws:RequestedRegion").unwrap(),
        ["ca-west-1"]
    );
    let mut symbols = Symbols::new();
    let partition = symbolic(
        "partition",
        Shape::Partition,
        Nature::Undocumented,
        &mut symbols,
    );
    let mut world = World::new();
    world.arn = literal("arn:");
    world.arn.append(partition);
    world
        .arn
        .append(literal(":kms:us-east-1:111122223333:key/1"));
    let read = Read::statements(ALLOW);
    let found = asked(&read.policy, &world, &symbols);
    assert_eq!(found.witness().unwrap().resource, KEY);
}

/// What a caller chooses may be the number of its own account, or its own organization: such a condition keeps nobody out.
#[test]
fn a_value_of_the_caller_s_choice_may_be_its_own_account() {
    for condition in [
        r#"{"StringEquals":{"kms:EncryptionContext:tenant":"${aws:PrincipalAccount}"}}"#,
        r#"{"StringLike":{"kms:EncryptionContext:tenant":"${kms:CallerAccount}/*"}}"#,
        r#"{"StringEquals":{"aws:PrincipalTag/org":"${aws:PrincipalOrgID}"}}"#,
        r#"{"StringEquals":{"kms:CallerAccount":"${aws:PrincipalTag/account}"}}"#,
    ] {
        let found = stranger(&everybody_when(condition), "kms:Decrypt");
        assert_eq!(word(&found), "yes", "{condition}");
    }
}
