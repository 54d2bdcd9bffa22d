//! Whoever follows a report to the letter mends what it reports, and neither stops what works nor lets anybody else in.

use crate::support::sketch::{Judged, Sketch};
use keytrail::policy::Blocker;
use keytrail::report::Severity;
use keytrail::resolve::{Options, Reader};
use serde_json::{Value, json};

const TRAIL: &str = "arn:aws:cloudtrail:us-east-1:111122223333:trail/main";

/// Statements of the seed: 1 encrypts, 2 reads, 3 describes.
fn seed() -> Value {
    let path = format!(
        "{}/testdata/seeds/three-statements.json",
        env!("CARGO_MANIFEST_DIR")
    );
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn with(statement: &Value) -> Value {
    let mut policy = seed();
    policy["Statement"]
        .as_array_mut()
        .unwrap()
        .push(statement.clone());
    policy
}

/// The fifth statement, which a test adds, with some more of its condition.
fn guarded(policy: &Value, operator: &str, key: &str, value: &Value) -> Value {
    let mut policy = policy.clone();
    policy["Statement"][4]["Condition"][operator][key] = value.clone();
    policy
}

fn judge(policy: &Value) -> Judged {
    Sketch::new(policy.to_string()).judge()
}

fn help<'j>(judged: &'j Judged, rule: &str) -> &'j str {
    let finding = judged.finding(rule);
    let finding = finding.unwrap_or_else(|| panic!("no {rule}: {:?}", judged.rules()));
    finding.help.as_deref().unwrap_or_default()
}

fn message<'j>(judged: &'j Judged, rule: &str) -> &'j str {
    &judged.finding(rule).unwrap().message
}

/// A Deny that stops services that act for other accounts, and names a wrong account.
#[test]
fn a_deny_for_services_is_narrowed_and_not_disarmed() {
    let policy = with(
        &json!({"Sid": "OnlyForUs", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {
        "StringNotEqualsIfExists": {"aws:SourceAccount": "999999999999"}, "Bool": {"aws:PrincipalIsAWSService": "true"}}}),
    );
    let judged = judge(&policy);
    let said = help(&judged, "trail-key-denies-encrypt");
    assert!(
        said.starts_with("name `111122223333` in the `aws:SourceAccount` of the Deny, too"),
        "{said}"
    );
    let why =
        "the request's `aws:SourceAccount` is `111122223333`, so `StringNotEqualsIfExists` holds";
    assert!(message(&judged, "trail-key-denies-encrypt").contains(why));
    assert_eq!(
        judged.underlined("trail-key-denies-encrypt"),
        "\"aws:SourceAccount\""
    );
    let both = json!(["999999999999", "111122223333"]);
    let mended = guarded(
        &policy,
        "StringNotEqualsIfExists",
        "aws:SourceAccount",
        &both,
    );
    assert_eq!(self::judge(&mended).line(), "allowed allowed allowed");
}

/// An event data store's requests name no account: the Deny asks those alone that do.
#[test]
fn a_deny_for_services_lets_a_store_through() {
    let mut policy = with(
        &json!({"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {
        "StringNotEquals": {"aws:SourceAccount": "111122223333"}, "Bool": {"aws:PrincipalIsAWSService": "true"}}}),
    );
    policy["Statement"].as_array_mut().unwrap().push(
        json!({"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["kms:GenerateDataKey", "kms:Decrypt", "kms:DescribeKey"], "Resource": "*"}),
    );
    let store = |policy: &Value| with_store(policy).judge();
    let judged = store(&policy);
    assert_eq!(judged.verdict("lake-encrypt", None), "denied");
    let said = help(&judged, "store-key-denied");
    assert!(
        said.contains("add `\"Null\": {\"aws:SourceAccount\": \"false\"}`"),
        "{said}"
    );
    let mended = guarded(&policy, "Null", "aws:SourceAccount", &json!("false"));
    let judged = store(&mended);
    for id in ["lake-encrypt", "lake-decrypt", "lake-describe"] {
        assert_eq!(judged.verdict(id, None), "allowed", "{id}");
    }
}

fn with_store(policy: &Value) -> Sketch {
    let key = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let store = json!({"name": "lake", "kms_key_id": key,
        "arn": "arn:aws:cloudtrail:us-east-1:111122223333:eventdatastore/1234abcd"});
    Sketch::new(policy.to_string()).with("aws_cloudtrail_event_data_store.lake", &store)
}

/// No Allow mends what a Deny takes.
#[test]
fn a_lockout_by_a_deny_is_mended_in_the_deny() {
    let deny =
        json!({"Effect": "Deny", "Principal": "*", "Action": "kms:PutKeyPolicy", "Resource": "*"});
    for bypass in [false, true] {
        let sketch = Sketch::new(with(&deny).to_string())
            .key(json!({"bypass_policy_lockout_safety_check": bypass}));
        let judged = sketch.judge();
        let said = help(&judged, "key-policy-lockout");
        assert!(said.contains("out of the Deny"), "{said}");
        assert!(!said.starts_with("allow"), "{said}");
    }
    let admin = json!("arn:aws:iam::111122223333:user/key-admin");
    let mended = guarded(&with(&deny), "ArnNotEquals", "aws:PrincipalArn", &admin);
    let judged = judge(&mended);
    assert!(
        judged.finding("key-policy-lockout").is_none(),
        "{:?}",
        judged.findings
    );
}

/// `aws:PrincipalIsAWSService` is true of services and false of everybody else; of a statement for both nothing is said.
#[test]
fn whether_a_service_calls_matches_those_of_its_kind() {
    let service = json!({"Service": "cloudtrail.amazonaws.com"});
    let user = json!({"AWS": "arn:aws:iam::111122223333:role/auditor"});
    let both = json!({"Service": "cloudtrail.amazonaws.com", "AWS": "arn:aws:iam::111122223333:role/auditor"});
    for (principal, value, never) in [
        (&service, json!("true"), false),
        (&service, json!("false"), true),
        (&service, json!(["false", "true"]), false),
        (&user, json!("false"), false),
        (&user, json!("False"), false),
        (&user, json!("true"), true),
        (&both, json!("true"), false),
        (&both, json!("false"), false),
    ] {
        let judged = judge(&with(
            &json!({"Effect": "Allow", "Principal": principal, "Action": "kms:Encrypt", "Resource": "*",
            "Condition": {"Bool": {"aws:PrincipalIsAWSService": value}}}),
        ));
        assert_eq!(
            judged.finding("statement-never-matches").is_some(),
            never,
            "{principal} {value}"
        );
    }
}

/// An empty list keeps an Allow from matching where a value must be in it. Under a Deny that is not documented.
#[test]
fn an_empty_list_is_told_where_a_value_must_be_in_it() {
    let trail = json!({"Service": "cloudtrail.amazonaws.com"});
    for (effect, operator, never) in [
        ("Allow", "StringEquals", true),
        ("Allow", "StringNotEquals", false),
        ("Allow", "ForAllValues:StringEquals", false),
        ("Deny", "StringEquals", false),
        ("Deny", "StringNotEquals", false),
    ] {
        let judged = judge(&with(
            &json!({"Effect": effect, "Principal": trail, "Action": "kms:Encrypt", "Resource": "*",
            "Condition": {operator: {"aws:SourceArn": []}}}),
        ));
        assert_eq!(
            judged.finding("statement-never-matches").is_some(),
            never,
            "{effect} {operator}"
        );
    }
}

/// Without its condition, a statement that matches nothing would match too much: a Deny would stop the trail, an Allow would let anybody in.
#[test]
fn a_statement_that_never_matches_is_not_let_loose() {
    let cloudtrail = json!({"Service": "cloudtrail.amazonaws.com"});
    let cases = [
        (
            "Deny",
            &cloudtrail,
            "Bool",
            "aws:PrincipalIsAWSService",
            json!("false"),
        ),
        (
            "Deny",
            &cloudtrail,
            "StringEquals",
            "aws:PrincipalOrgID",
            json!("o-exampleorgid"),
        ),
        (
            "Deny",
            &json!("*"),
            "StringEquals",
            "kms:GranteePrincipal",
            json!("x"),
        ),
        (
            "Allow",
            &json!("*"),
            "StringEquals",
            "kms:GranteePrincipal",
            json!("x"),
        ),
        (
            "Allow",
            &json!("*"),
            "StringEquals",
            "aws:SourceArn",
            json!([]),
        ),
        (
            "Allow",
            &cloudtrail,
            "StringLike",
            "kms:EncryptionContext:aws:cloudtrail:arn",
            json!("arn:aws:cloudtrail:*:111122223333:trail/*"),
        ),
    ];
    for (effect, principal, operator, key, value) in cases {
        let action = if operator == "StringLike" {
            "kms:DescribeKey"
        } else {
            "kms:GenerateDataKey"
        };
        let statement = json!({"Effect": effect, "Principal": principal, "Action": action, "Resource": "*",
            "Condition": {operator: {key: value}}});
        let judged = judge(&with(&statement));
        let said = help(&judged, "statement-never-matches");
        assert!(
            !said.contains("take the condition out") && !said.contains("without this condition"),
            "{effect} {key}: {said}"
        );
        let bound = said.contains("bind a service");
        assert!(effect == "Allow" || !bound, "{effect} {key}: {said}");
    }
    // A Deny of everything but this key.
    let deny = json!({"Effect": "Deny", "Principal": "*", "Action": "kms:*",
        "NotResource": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"});
    let judged = judge(&with(&deny));
    let said = help(&judged, "statement-never-matches");
    assert!(said.starts_with("take the Deny out"), "{said}");
}

/// What binds a service binds whoever stands beside it in the statement, too.
#[test]
fn a_service_beside_others_gets_a_statement_of_its_own() {
    let statement = |principal: Value| {
        with(
            &json!({"Effect": "Allow", "Principal": principal, "Action": ["kms:GenerateDataKey*", "kms:Encrypt"], "Resource": "*"}),
        )
    };
    let rule = "key-policy-confused-deputy";
    let alone = judge(&statement(json!({"Service": "cloudtrail.amazonaws.com"})));
    let plain = "add `\"StringEquals\": {\"aws:SourceArn\": \"<the trail's ARN>\"}` to the statement's Condition";
    assert!(
        help(&alone, rule).starts_with(plain),
        "{}",
        help(&alone, rule)
    );
    let with_role = json!({"Service": "cloudtrail.amazonaws.com", "AWS": "arn:aws:iam::111122223333:role/writer"});
    let judged = judge(&statement(with_role));
    let said = help(&judged, rule);
    let apart = "give `cloudtrail.amazonaws.com` a statement of its own, and there add `\"StringEquals\": {\"aws:SourceArn\"";
    assert!(said.starts_with(apart), "{said}");
    let judged = judge(&statement(
        json!({"Service": ["cloudtrail.amazonaws.com", "config.amazonaws.com"]}),
    ));
    let said = help(&judged, rule);
    assert!(said.starts_with(apart), "{said}");
    let other = "give `config.amazonaws.com` a statement of its own, and there add `\"StringEquals\": {\"aws:SourceAccount\"";
    assert!(said.contains(other), "{said}");
}

/// A service that comes in among everybody is shut out, and the users stay in.
#[test]
fn users_among_everybody_are_not_bound_as_a_service_is() {
    let policy = with(
        &json!({"Effect": "Allow", "Principal": "*", "Action": ["kms:Decrypt"], "Resource": "*", "Condition": {
        "StringEqualsIfExists": {"kms:CallerAccount": "111122223333"}}}),
    );
    let judged = judge(&policy);
    let said = help(&judged, "key-policy-confused-deputy");
    let guard =
        "add `\"Bool\": {\"aws:PrincipalIsAWSService\": \"false\"}` to the statement's Condition";
    assert!(said.starts_with(guard), "{said}");
    let mended = guarded(
        &policy,
        "Bool",
        "aws:PrincipalIsAWSService",
        &json!("false"),
    );
    let judged = self::judge(&mended);
    assert!(judged.finding("key-policy-confused-deputy").is_none());
}

/// AWS's page for event data stores gives CloudTrail data keys and Decrypt, and nothing else.
#[test]
fn only_what_aws_publishes_for_a_store_is_said_to_be_published() {
    for (actions, published) in [
        (json!(["kms:GenerateDataKey", "kms:Decrypt"]), true),
        (
            json!(["kms:GenerateDataKey*", "kms:Decrypt", "kms:DescribeKey"]),
            true,
        ),
        (json!("kms:*"), false),
        (json!(["kms:GenerateDataKey", "kms:CreateGrant"]), false),
    ] {
        let policy = with(
            &json!({"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": actions, "Resource": "*"}),
        );
        let judged = with_store(&policy).judge();
        let finding = judged.finding("key-policy-confused-deputy").unwrap();
        assert_eq!(
            finding.message.contains("AWS's own policy has this form"),
            published,
            "{actions}"
        );
        assert_eq!(finding.severity == Severity::Note, published, "{actions}");
    }
}

/// `kms:CallerAccount` is not known to hold for services: one that the public statement serves is kept in by a statement of its own.
#[test]
fn a_public_statement_that_serves_the_trail_is_closed_with_care() {
    let mut policy = seed();
    policy["Statement"][1]["Principal"] = json!("*");
    policy["Statement"][1]
        .as_object_mut()
        .unwrap()
        .remove("Condition");
    let judged = judge(&policy);
    let said = help(&judged, "key-policy-public");
    assert!(
        said.contains("`cloudtrail.amazonaws.com` among them in a statement of its own"),
        "{said}"
    );
    // One that serves no service is closed at once.
    let public =
        json!({"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"});
    let judged = judge(&with(&public));
    let said = help(&judged, "key-policy-public");
    assert!(said.starts_with("name the principals, or add"), "{said}");
    let mended = guarded(
        &with(&public),
        "StringEquals",
        "kms:CallerAccount",
        &json!("111122223333"),
    );
    assert!(self::judge(&mended).finding("key-policy-public").is_none());
}

/// A `*` that matches nothing now would match everybody under the operator that knows wildcards.
#[test]
fn a_wildcard_that_would_open_the_key_is_not_advised() {
    let cases = [
        ("StringEquals", "kms:CallerAccount", "*"),
        ("StringEquals", "kms:CallerAccount", "1111*"),
        (
            "StringEquals",
            "aws:PrincipalArn",
            "arn:aws:iam::*:role/reader",
        ),
        ("StringEquals", "aws:PrincipalArn", "*"),
        (
            "StringEquals",
            "aws:SourceArn",
            "arn:aws:cloudtrail:*:*:trail/*",
        ),
    ];
    for (operator, key, value) in cases {
        let policy = with(
            &json!({"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*",
            "Condition": {operator: {key: value}}}),
        );
        let judged = judge(&policy);
        let said = help(&judged, "policy-wildcard-in-exact-match");
        assert!(
            !said.starts_with("write `StringLike`") && !said.starts_with("write `ArnLike`"),
            "{key} {value}: {said}"
        );
    }
    let bound = with(
        &json!({"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}}),
    );
    let judged = judge(&bound);
    assert_eq!(
        help(&judged, "policy-wildcard-in-exact-match"),
        "write `ArnLike`, or the value that is meant"
    );
}

/// The condition of a reader stops what carries no such encryption context.
#[test]
fn a_reader_that_does_more_is_bound_for_decrypting_alone() {
    let statement = |actions: Value| {
        with(
            &json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/auditor"}, "Action": actions, "Resource": "*"}),
        )
    };
    let judged = judge(&statement(json!("kms:Decrypt")));
    let said = help(&judged, "key-policy-decrypt-unbound");
    assert!(said.starts_with("add `\"Null\""), "{said}");
    let judged = judge(&statement(json!(["kms:Decrypt", "kms:DescribeKey"])));
    let said = help(&judged, "key-policy-decrypt-unbound");
    assert!(
        said.starts_with("give `kms:Decrypt` a statement of its own"),
        "{said}"
    );
}

/// What a condition that fails wants is told as it is.
#[test]
fn negated_tests_lists_and_what_is_left_out_are_told_as_they_are() {
    let encrypt = |condition: Value| {
        let mut policy = seed();
        policy["Statement"][1]["Condition"] = condition;
        judge(&policy)
    };
    let rule = "trail-key-denies-encrypt";
    for operator in ["StringNotEquals", "StringNotEqualsIgnoreCase", "ArnNotLike"] {
        let judged = encrypt(json!({operator: {"aws:SourceArn": TRAIL}}));
        let said = message(&judged, rule);
        let wants = format!(
            "its `{operator}` wants `aws:SourceArn` not to match `{TRAIL}`, and the request's is `{TRAIL}`"
        );
        assert!(said.ends_with(&wants), "{said}");
    }
    let judged =
        encrypt(json!({"StringEquals": {"kms:EncryptionContextKeys": "aws:cloudtrail:arn"}}));
    let said = message(&judged, rule);
    assert!(
        said.contains("`kms:EncryptionContextKeys` holds a list"),
        "{said}"
    );
    assert!(!said.contains("differ in case"), "{said}");
    let mut policy = seed();
    let statement = policy["Statement"][1].as_object_mut().unwrap();
    statement.remove("Resource");
    statement.insert("NotResource".to_owned(), json!("*"));
    let judged = judge(&policy);
    let said = message(&judged, rule);
    assert!(
        said.contains("its `NotResource` leaves out this key"),
        "{said}"
    );
    assert!(help(&judged, rule).starts_with("in a key policy `\"Resource\": \"*\"`"));
}

/// Keys that AWS has, and that the request does not carry, are no slips and not unknown.
#[test]
fn a_key_that_aws_has_is_not_said_to_be_unknown() {
    for key in [
        "aws:PrincipalTag/Env",
        "aws:RequestTag/Env",
        "kms:GranteePrincipal",
        "kms:GrantIsForAWSResource",
    ] {
        let mut policy = seed();
        policy["Statement"][1]["Condition"] = json!({"StringEquals": {key: "x"}});
        let judged = judge(&policy);
        let said = message(&judged, "trail-key-denies-encrypt");
        assert!(said.contains(&format!("sends no `{key}`")), "{said}");
        assert!(
            !said.contains("AWS knows no such key") && !said.contains("did you mean"),
            "{said}"
        );
    }
}

/// Of two actions that are as close as each other neither is advised: one of them reads.
#[test]
fn a_slip_of_another_action_is_not_taken_for_the_one_that_is_asked_for() {
    let reader = "arn:aws:iam::111122223333:role/writer";
    for slip in ["kms:Encrypts", "kms:Encrpt", "kms:Ecrypt"] {
        let mut policy = seed();
        policy["Statement"][2] = json!({"Effect": "Allow", "Principal": {"AWS": reader}, "Action": slip, "Resource": "*"});
        policy["Statement"][0] = json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/admin"},
            "Action": ["kms:PutKeyPolicy", "kms:Decrypt"], "Resource": "*"});
        let judged = Sketch::new(policy.to_string()).reader(reader).judge();
        let told = judged.findings.iter().map(|it| {
            let help = it.help.as_deref().unwrap_or_default();
            format!("{} {} {help}", it.rule, it.message)
        });
        for said in told {
            assert!(
                !said.contains("did you mean `kms:Decrypt`")
                    && !said.contains("write `kms:Decrypt`"),
                "{slip}: {said}"
            );
        }
    }
}

/// The flag that is advised is one that decides, and for whoever it speaks of.
#[test]
fn the_flag_for_the_time_decides() {
    let mut policy = seed();
    let reader = "arn:aws:iam::111122223333:role/auditor";
    policy["Statement"][0]["Action"] = json!("kms:PutKeyPolicy");
    policy["Statement"][2] = json!({"Effect": "Allow", "Principal": {"AWS": reader}, "Action": "kms:Decrypt", "Resource": "*",
        "Condition": {"DateLessThan": {"aws:CurrentTime": "2030-01-01"}}});
    let sketch = || Sketch::new(policy.to_string()).reader(reader);
    let judged = sketch().judge();
    assert_eq!(judged.verdict("reader-decrypt", Some(reader)), "undecided");
    let said = help(&judged, "reader-denied");
    assert!(
        said.starts_with("`--reader-context aws:CurrentTime=VALUE` decides it"),
        "{said}"
    );
    // The flag speaks of the readers that are named.
    let said = help(&judged, "trail-logs-unreadable");
    assert!(!said.contains("--reader-context"), "{said}");
    let nobody = Sketch::new(policy.to_string()).judge();
    let open = nobody.model.subjects.iter().flat_map(|it| &it.requirements);
    let mut blockers = open.flat_map(|it| &it.decision.blocked_by);
    let supply = |it: &Blocker| nobody.model.symbols.get(it.symbol?).supply.clone();
    assert_eq!(blockers.find_map(supply), None);
    let judged = sketch()
        .reader_context("aws:CurrentTime", "2029-01-01T00:00:00Z")
        .judge();
    assert_eq!(judged.verdict("reader-decrypt", Some(reader)), "allowed");
}

/// Only a multi-Region key has replicas, and no key becomes one.
#[test]
fn a_replica_is_advised_where_there_can_be_one() {
    let bucket =
        json!({"bucket": "logs", "id": "logs", "arn": "arn:aws:s3:::logs", "region": "us-west-2"});
    for (multi, replica) in [(false, false), (true, true)] {
        let sketch = Sketch::new(seed().to_string())
            .key(json!({"multi_region": multi}))
            .with("aws_s3_bucket.logs", &bucket);
        let judged = sketch.judge();
        let said = help(&judged, "trail-key-wrong-region");
        assert_eq!(said.contains("replica"), replica, "{said}");
    }
}

/// An organization trail belongs to the management account, whoever makes it: its place in a suggestion is not that of any account.
#[test]
fn a_suggestion_for_an_organization_asks_for_the_management_account() {
    let mut policy = seed();
    policy["Statement"].as_array_mut().unwrap().remove(1);
    let judged = Sketch::new(policy.to_string())
        .trail(json!({"is_organization_trail": true, "arn": null}))
        .judge();
    let finding = judged.finding("trail-key-denies-encrypt").unwrap();
    let text = &finding.suggestion.as_ref().unwrap().text;
    let arn = "arn:aws:cloudtrail:us-east-1:MANAGEMENT_ACCOUNT_ID:trail/main";
    assert!(text.contains(arn), "{text}");
    assert!(
        text.contains("arn:aws:cloudtrail:*:MANAGEMENT_ACCOUNT_ID:trail/*"),
        "{text}"
    );
}

/// Every account of a landing zone delivers with its own id: bound to one account, AWS Config of the others would be stopped.
#[test]
fn config_of_a_landing_zone_is_bound_to_the_organization() {
    let policy = with(
        &json!({"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"}, "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*"}),
    );
    let rule = "key-policy-confused-deputy";
    let tower = |policy: &Value| {
        let sketch = Sketch::new(policy.to_string()).control_tower("aws_kms_key.trail");
        sketch.judge()
    };
    let judged = tower(&policy);
    let said = help(&judged, rule);
    assert!(
        said.starts_with("add `\"StringEquals\": {\"aws:SourceOrgID\""),
        "{said}"
    );
    let organization = json!("o-exampleorgid");
    let mended = guarded(&policy, "StringEquals", "aws:SourceOrgID", &organization);
    let judged = tower(&mended);
    assert!(judged.finding(rule).is_none());
    let verdict = judged.verdict("controltower-config-encrypt", None);
    assert_eq!(verdict, "conditional");
    // The delivery channel of one account is bound to it.
    let judged = self::judge(&policy);
    assert!(help(&judged, rule).contains("aws:SourceAccount"));
}

/// A key that leaves reading to IAM, and a role with an inline policy that denies: the second statement hits, not the first.
fn denied_by_iam() -> Sketch {
    let delegating = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}]});
    let inline = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"},
        {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"},
        {"Sid": "NoDecrypt", "Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}]});
    Sketch::new(delegating.to_string())
        .with(
            "aws_iam_role.reader",
            &json!({"name": "reader", "assume_role_policy": "{}", "managed_policy_arns": [], "inline_policy": []}),
        )
        .with(
            "aws_iam_role_policy.reader",
            &json!({"name": "read", "role": "reader", "policy": inline.to_string()}),
        )
        .reader("arn:aws:iam::111122223333:role/reader")
}

#[test]
fn the_deny_that_hits_is_underlined_and_not_the_first_one() {
    let judged = denied_by_iam().judge();
    let finding = judged.finding("reader-denied").unwrap();
    let primary = finding.labels.iter().find(|it| it.primary).unwrap();
    let place = judged.sources.location(primary.span);
    // Of the policy as it is shown: the first Deny is on line 5.
    assert_eq!((place.text.as_str(), place.start.line), ("\"Deny\"", 15));
}

/// Nothing overrides a Deny of an IAM policy: naming the reader in the key's policy would not help.
#[test]
fn a_deny_that_comes_to_an_iam_policy_is_left_out_of_it() {
    let sketch = denied_by_iam();
    let mut plan: Value = serde_json::from_str(&sketch.plan()).unwrap();
    let changes = plan["resource_changes"].as_array_mut().unwrap();
    let policy = changes
        .iter_mut()
        .find(|it| it["type"] == "aws_iam_role_policy")
        .unwrap();
    let allow = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]});
    policy["change"]["actions"] = json!(["update"]);
    policy["change"]["before"]["policy"] = json!(allow.to_string());
    let options = Options {
        readers: vec![Reader::new("arn:aws:iam::111122223333:role/reader")],
        ..Options::default()
    };
    let judged = crate::support::sketch::judge(&plan.to_string(), &options);
    let said = help(&judged, "change-revokes-delivery");
    assert!(
        said.starts_with("leave the Deny out of `aws_iam_role_policy.reader`"),
        "{said}"
    );
}

/// Where two flags are needed, both are named.
#[test]
fn flags_that_decide_together_are_named_together() {
    let mut policy = seed();
    let reader = "arn:aws:iam::111122223333:role/auditor";
    policy["Statement"][2] = json!({"Effect": "Allow", "Principal": {"AWS": reader}, "Action": "kms:Decrypt", "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalTag/team": "audit", "aws:PrincipalTag/level": "2"}}});
    let sketch = || Sketch::new(policy.to_string()).reader(reader);
    let judged = sketch().judge();
    let said = help(&judged, "reader-denied");
    for key in ["team", "level"] {
        let flag = format!("`--reader-context aws:PrincipalTag/{key}=VALUE`");
        assert!(said.contains(&flag), "{said}");
    }
    assert!(said.contains("decide it"), "{said}");
    let judged = sketch()
        .reader_context("aws:PrincipalTag/team", "audit")
        .reader_context("aws:PrincipalTag/level", "2")
        .judge();
    assert_eq!(judged.verdict("reader-decrypt", Some(reader)), "allowed");
}

/// A Deny of whatever is not encrypted for the trail stays one: the trail is named in it.
#[test]
fn a_deny_on_the_encryption_context_gets_the_trail() {
    let key = "kms:EncryptionContext:aws:cloudtrail:arn";
    let policy = with(
        &json!({"Effect": "Deny", "Principal": "*", "Action": "kms:GenerateDataKey*", "Resource": "*",
        "Condition": {"StringNotLike": {key: "arn:aws:cloudtrail:*:999999999999:trail/*"}}}),
    );
    let judged = judge(&policy);
    let said = help(&judged, "trail-key-denies-encrypt");
    let wanted = format!("name `{TRAIL}` in the `{key}` of the Deny, too");
    assert!(said.starts_with(&wanted), "{said}");
    let both = json!(["arn:aws:cloudtrail:*:999999999999:trail/*", TRAIL]);
    let mended = guarded(&policy, "StringNotLike", key, &both);
    assert_eq!(self::judge(&mended).line(), "allowed allowed allowed");
}

/// AWS Config of every account of a landing zone delivers: one more account would not do.
#[test]
fn a_deny_that_stops_the_members_asks_for_their_organization() {
    let mut policy = with(
        &json!({"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {
        "StringNotEquals": {"aws:SourceAccount": "111122223333"}, "Bool": {"aws:PrincipalIsAWSService": "true"}}}),
    );
    policy["Statement"].as_array_mut().unwrap().push(
        json!({"Effect": "Allow", "Principal": {"Service": "config.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*"}),
    );
    let tower = |policy: &Value| {
        let key = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        let manifest = json!({"governedRegions": ["us-east-1"], "centralizedLogging": {"accountId": "222222222222", "enabled": true,
            "configurations": {"kmsKeyArn": key}}});
        let zone = json!({"version": "3.3", "manifest_json": manifest.to_string(),
            "arn": "arn:aws:controltower:us-east-1:111122223333:landingzone/EXAMPLE"});
        Sketch::new(policy.to_string())
            .with("aws_controltower_landing_zone.zone", &zone)
            .judge()
    };
    let judged = tower(&policy);
    let said = help(&judged, "controltower-key-denies-config");
    assert!(
        said.starts_with("let the Deny ask for `aws:SourceOrgID` in place of `aws:SourceAccount`"),
        "{said}"
    );
    let condition = json!({"StringNotEquals": {"aws:SourceOrgID": "o-exampleorgid"}, "Bool": {"aws:PrincipalIsAWSService": "true"}});
    policy["Statement"][4]["Condition"] = condition;
    let verdict = tower(&policy).verdict("controltower-config-encrypt", None);
    assert_eq!(verdict, "conditional");
}
