//! Readers whom the key's policy alone does not decide: by their own IAM policies, through a role, by a grant, and by their way.

use keytrail::resolve::{Reader, Via};
use serde_json::{Value, json};

use crate::support::sketch::{Judged, KEY_ID, Sketch};

const ACCOUNT: &str = "arn:aws:iam::111122223333:root";
const ROLE: &str = "arn:aws:iam::111122223333:role/audit/reader";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/reader/jane";
const USER: &str = "arn:aws:iam::111122223333:user/jane";

fn key() -> String {
    format!("arn:aws:kms:us-east-1:111122223333:key/{KEY_ID}")
}

fn allow(principal: &str) -> Value {
    json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*"})
}

fn policy(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// A policy of IAM with one statement for the key.
fn iam(effect: &str, action: &str) -> String {
    policy(&[json!({"Sid": "Hunter2", "Effect": effect, "Action": action, "Resource": key()})])
}

fn role() -> Value {
    json!({"name": "reader", "path": "/audit/", "assume_role_policy": "{}"})
}

fn inline(text: &str) -> Value {
    json!({"name": "read", "role": "reader", "policy": text})
}

fn read(judged: &Judged, reader: &str) -> &'static str {
    judged.verdict("reader-decrypt", Some(reader))
}

/// A key that leaves everything to its account's IAM.
fn delegating() -> Sketch {
    Sketch::new(policy(&[allow(ACCOUNT)]))
}

#[test]
fn a_new_roles_policies_are_all_in_the_plan() {
    for (text, verdict) in [
        (iam("Allow", "kms:Decrypt"), "allowed"),
        (iam("Allow", "kms:*"), "allowed"),
        (iam("Allow", "s3:GetObject"), "denied"),
        (iam("Deny", "kms:*"), "denied"),
    ] {
        for reader in [ROLE, SESSION] {
            let judged = delegating()
                .creates("aws_iam_role.reader", &role())
                .creates("aws_iam_role_policy.reader", &inline(&text))
                .reader(reader)
                .judge();
            assert_eq!(read(&judged, reader), verdict, "{text}");
        }
    }
    // A new role without any policy can do nothing.
    let judged = delegating()
        .creates("aws_iam_role.reader", &role())
        .reader(ROLE)
        .judge();
    assert_eq!(read(&judged, ROLE), "denied");
    assert_eq!(
        judged.rules(),
        [
            "trail-key-denies-encrypt",
            "trail-key-denies-describe",
            "reader-denied"
        ]
    );
    let finding = judged.finding("reader-denied").unwrap();
    assert!(
        finding
            .message
            .ends_with("no IAM policy of `aws_iam_role.reader` allows `kms:Decrypt` on the key"),
        "{}",
        finding.message
    );
}

/// What a key's policy allows by name needs no IAM policy, and an IAM Deny takes it away.
#[test]
fn a_named_role_needs_no_policy_of_its_own() {
    let named = || {
        Sketch::new(policy(&[allow(ROLE)]))
            .creates("aws_iam_role.reader", &role())
            .reader(ROLE)
    };
    assert_eq!(read(&named().judge(), ROLE), "allowed");
    let judged = named()
        .creates("aws_iam_role_policy.reader", &inline(&iam("Deny", "kms:*")))
        .judge();
    assert_eq!(read(&judged, ROLE), "denied");
    let finding = judged.finding("reader-denied").unwrap();
    assert!(
        finding
            .message
            .ends_with("the IAM policy of `aws_iam_role_policy.reader` denies it"),
        "{}",
        finding.message
    );
    assert_eq!(judged.underlined("reader-denied"), "\"Deny\"");
}

/// Of several policies the one that denies is named, wherever it stands among them.
#[test]
fn the_policy_that_denies_is_named() {
    for (first, second, denying) in [
        ("Allow", "Deny", "aws_iam_role_policy.second"),
        ("Deny", "Allow", "aws_iam_role_policy.first"),
    ] {
        let judged = delegating()
            .creates("aws_iam_role.reader", &role())
            .creates("aws_iam_role_policy.first", &inline(&iam(first, "kms:*")))
            .creates(
                "aws_iam_role_policy.second",
                &json!({"name": "second", "role": "reader", "policy": iam(second, "kms:*")}),
            )
            .reader(ROLE)
            .judge();
        assert_eq!(read(&judged, ROLE), "denied");
        let message = &judged.finding("reader-denied").unwrap().message;
        let end = format!("the IAM policy of `{denying}` denies it");
        assert!(message.ends_with(&end), "{message}");
        assert_eq!(judged.underlined("reader-denied"), "\"Deny\"");
    }
}

/// Nobody can read: of those who were meant to, the one whom least stands in the way is told of, whatever comes first.
#[test]
fn what_is_told_of_logs_that_nobody_reads_is_what_nearly_lets_somebody() {
    let for_role = |name: &str, more: &Value| {
        let mut statement = allow(&format!("arn:aws:iam::111122223333:role/{name}"));
        statement["Action"] = json!("kms:Decrypt");
        for (name, value) in more.as_object().unwrap() {
            statement[name] = value.clone();
        }
        statement
    };
    let context = "kms:EncryptionContext:aws:cloudtrail:arn";
    let mistyped = "arn:aws:cloudtrail:us-east-1:111122223333:trail/mian";
    let near = for_role(
        "near",
        &json!({"Condition": {"StringEquals": {context: mistyped}}}),
    );
    let elsewhere = "arn:aws:kms:us-east-1:111122223333:key/other";
    for far in [
        for_role("far", &json!({"Resource": elsewhere})),
        for_role("far", &json!({"Action": "kms:Encrypt"})),
        for_role(
            "far",
            &json!({"Action": "kms:Encrypt", "Resource": elsewhere}),
        ),
    ] {
        for statements in [[near.clone(), far.clone()], [far.clone(), near.clone()]] {
            let judged = Sketch::new(policy(&statements)).judge();
            assert_eq!(judged.verdict("reader-decrypt", None), "denied");
            let underlined = judged.underlined("trail-logs-unreadable");
            assert!(underlined.contains("trail/mian"), "{underlined} {far}");
        }
    }
    // Of two who come as near the first is told of.
    let twin = |typo: &str| {
        for_role(
            typo,
            &json!({"Condition": {"StringEquals": {context: typo}}}),
        )
    };
    let judged = Sketch::new(policy(&[twin("one"), twin("two")])).judge();
    assert_eq!(judged.underlined("trail-logs-unreadable"), "\"one\"");
}

/// An account may be named by its number alone, and leaves it to its IAM, whoever's it is.
#[test]
fn a_bare_account_may_read() {
    for account in ["111122223333", "444455556666"] {
        for name in [account.to_owned(), format!("arn:aws:iam::{account}:root")] {
            let mut statement = allow(&name);
            statement["Action"] = json!("kms:Decrypt");
            let judged = Sketch::new(policy(&[statement])).judge();
            assert_eq!(
                judged.verdict("reader-decrypt", None),
                "delegated",
                "{name}"
            );
        }
    }
}

/// To a role that exists anything may be attached elsewhere: only a Deny decides, unless the provider has read all of it.
#[test]
fn an_existing_roles_policies_may_be_a_part() {
    let existing = |role: &Value, text: &str| {
        let judged = delegating()
            .with("aws_iam_role.reader", role)
            .with("aws_iam_role_policy.reader", &inline(text))
            .reader(ROLE)
            .judge();
        read(&judged, ROLE)
    };
    let bare = role();
    assert_eq!(existing(&bare, &iam("Allow", "kms:Decrypt")), "delegated");
    assert_eq!(existing(&bare, &iam("Deny", "kms:Decrypt")), "denied");
    let mut whole = role();
    whole["managed_policy_arns"] = json!([]);
    whole["inline_policy"] = json!([{"name": "read", "policy": iam("Allow", "kms:Decrypt")}]);
    // What was read under the name of a policy of its own is that policy's old text.
    assert_eq!(existing(&whole, &iam("Allow", "s3:*")), "denied");
    assert_eq!(existing(&whole, &iam("Allow", "kms:Decrypt")), "allowed");
    whole["inline_policy"] = json!([{"name": "other", "policy": iam("Allow", "kms:Decrypt")}]);
    assert_eq!(existing(&whole, &iam("Allow", "s3:*")), "allowed");
    whole["managed_policy_arns"] = json!(["arn:aws:iam::aws:policy/ReadOnlyAccess"]);
    assert_eq!(existing(&whole, &iam("Allow", "kms:Decrypt")), "delegated");
    whole["managed_policy_arns"] = json!(["arn:aws:iam::aws:policy/AdministratorAccess"]);
    whole["inline_policy"] = json!([]);
    assert_eq!(existing(&whole, &iam("Allow", "s3:*")), "allowed");
    // A boundary may take away what the policies give.
    whole["permissions_boundary"] = json!("arn:aws:iam::111122223333:policy/boundary");
    assert_eq!(existing(&whole, &iam("Allow", "s3:*")), "delegated");
}

#[test]
fn exclusive_attachments_settle_what_a_role_has() {
    let sketch = |exclusive: bool| {
        let sketch = delegating()
            .with("aws_iam_role.reader", &role())
            .with(
                "aws_iam_role_policy.reader",
                &inline(&iam("Allow", "kms:Decrypt")),
            )
            .with(
                "aws_iam_role_policies_exclusive.reader",
                &json!({"role_name": "reader", "policy_names": ["read"]}),
            );
        let sketch = if exclusive {
            let none = json!({"role_name": "reader", "policy_arns": []});
            sketch.with("aws_iam_role_policy_attachments_exclusive.reader", &none)
        } else {
            sketch
        };
        read(&sketch.reader(ROLE).judge(), ROLE)
    };
    assert_eq!((sketch(true), sketch(false)), ("allowed", "delegated"));
}

#[test]
fn managed_policies_and_groups_are_followed() {
    let managed = json!({"name": "read", "arn": "arn:aws:iam::111122223333:policy/read", "policy": iam("Allow", "kms:Decrypt")});
    let attachment =
        json!({"role": "reader", "policy_arn": "arn:aws:iam::111122223333:policy/read"});
    let judged = delegating()
        .creates("aws_iam_role.reader", &role())
        .with("aws_iam_policy.read", &managed)
        .creates("aws_iam_role_policy_attachment.read", &attachment)
        .reader(ROLE)
        .judge();
    assert_eq!(read(&judged, ROLE), "allowed");
    let several = json!({"roles": ["reader"], "users": ["jane"], "policy_arn": "arn:aws:iam::111122223333:policy/read"});
    let judged = delegating()
        .creates("aws_iam_role.reader", &role())
        .creates("aws_iam_user.jane", &json!({"name": "jane"}))
        .with("aws_iam_policy.read", &managed)
        .creates("aws_iam_policy_attachment.read", &several)
        .reader(ROLE)
        .reader(USER)
        .judge();
    assert_eq!(
        (read(&judged, ROLE), read(&judged, USER)),
        ("allowed", "allowed")
    );
    let of_group = |group: fn(Sketch, &str, &Value) -> Sketch| {
        let sketch = delegating()
            .creates("aws_iam_user.jane", &json!({"name": "jane"}))
            .creates("aws_iam_user_group_membership.jane", &json!({"user": "jane", "groups": ["auditors"]}))
            .creates("aws_iam_group_policy.read", &json!({"group": "auditors", "name": "read", "policy": iam("Allow", "kms:Decrypt")}));
        read(
            &group(
                sketch,
                "aws_iam_group.auditors",
                &json!({"name": "auditors"}),
            )
            .reader(USER)
            .judge(),
            USER,
        )
    };
    assert_eq!(of_group(Sketch::creates), "allowed");
    // To a group that exists more may be attached.
    assert_eq!(of_group(Sketch::with), "delegated");
    let missing =
        json!({"role": "reader", "policy_arn": "arn:aws:iam::111122223333:policy/elsewhere"});
    let judged = delegating()
        .creates("aws_iam_role.reader", &role())
        .creates("aws_iam_role_policy_attachment.read", &missing)
        .reader(ROLE)
        .judge();
    assert_eq!(read(&judged, ROLE), "delegated");
}

#[test]
fn a_deny_attached_to_somebody_elses_role_counts() {
    let judged = delegating()
        .creates(
            "aws_iam_role_policy.reader",
            &inline(&iam("Deny", "kms:Decrypt")),
        )
        .reader(ROLE)
        .judge();
    assert_eq!(read(&judged, ROLE), "denied");
}

#[test]
fn nothing_of_a_sensitive_iam_policy_is_told() {
    let secret = json!({"policy": true});
    let bound = policy(&[
        json!({"Sid": "Hunter2", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": key(),
        "Condition": {"StringEquals": {"aws:PrincipalTag/hunter3": "hunter4"}}}),
    ]);
    for (text, verdict) in [
        (iam("Deny", "kms:*"), "denied"),
        (bound, "undecided"),
        (iam("Allow", "kms:Decrypt"), "allowed"),
    ] {
        let judged = delegating()
            .creates("aws_iam_role.reader", &role())
            .hides("aws_iam_role_policy.reader", &inline(&text), &secret)
            .reader(ROLE)
            .judge();
        assert_eq!(read(&judged, ROLE), verdict, "{text}");
        let mut page = Vec::new();
        let report = keytrail::report::Report {
            model: &judged.model,
            findings: &judged.findings,
            suppressed: &[],
            sources: &judged.sources,
            files: &keytrail::report::Files::default(),
            rules: &[],
            unread: &[],
            undone: &[],
            fail_on: keytrail::report::Severity::Error,
            exit_code: 1,
        };
        let style = keytrail::report::Style {
            links: false,
            color: false,
            width: 100,
            unicode: true,
            quiet: false,
        };
        for format in [
            keytrail::report::Format::Human,
            keytrail::report::Format::Json,
        ] {
            keytrail::report::write(&report, format, style, &mut page).unwrap();
        }
        let page = String::from_utf8(page).unwrap().to_lowercase();
        assert!(!page.contains("hunter"), "{page}");
    }
}

fn through(arn: &str, role: &str) -> Reader {
    Reader {
        through: Some(role.to_owned()),
        ..Reader::new(arn)
    }
}

#[test]
fn who_reads_through_a_role_must_be_let_to_assume_it() {
    let trusting = |principal: &Value| {
        let trust = policy(&[
            json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}),
        ]);
        let mut role = role();
        role["assume_role_policy"] = json!(trust);
        Sketch::new(policy(&[allow(ROLE)])).creates("aws_iam_role.reader", &role)
    };
    let verdict = |sketch: Sketch| read(&sketch.declares(through(USER, ROLE)).judge(), USER);
    assert_eq!(verdict(trusting(&json!({"AWS": USER}))), "allowed");
    assert_eq!(verdict(trusting(&json!({"AWS": ACCOUNT}))), "delegated");
    assert_eq!(
        verdict(trusting(&json!({"Service": "ec2.amazonaws.com"}))),
        "denied"
    );
    let jane = json!({"name": "jane"});
    let assume = |resource: &str| {
        let text =
            policy(&[json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource})]);
        trusting(&json!({"AWS": ACCOUNT}))
            .creates("aws_iam_user.jane", &jane)
            .creates(
                "aws_iam_user_policy.jane",
                &json!({"user": "jane", "name": "assume", "policy": text}),
            )
    };
    assert_eq!(verdict(assume(ROLE)), "allowed");
    assert_eq!(
        verdict(assume("arn:aws:iam::111122223333:role/other")),
        "denied"
    );
    // Without the role nobody can tell whom it trusts.
    let judged = Sketch::new(policy(&[allow(ROLE)]))
        .declares(through(USER, ROLE))
        .judge();
    assert_eq!(read(&judged, USER), "undecided");
    let judged = trusting(&json!({"Service": "ec2.amazonaws.com"}))
        .declares(through(USER, ROLE))
        .judge();
    let finding = judged.finding("reader-denied").unwrap();
    assert!(
        finding
            .message
            .ends_with("the trust policy of `aws_iam_role.reader` does not let it assume the role"),
        "{}",
        finding.message
    );
}

/// Who stands in the way of a role is told: the role, or whoever would assume it.
#[test]
fn who_does_not_let_the_role_be_assumed_is_named() {
    let assume = |effect: &str, resource: &str| {
        policy(&[json!({"Effect": effect, "Action": "sts:AssumeRole", "Resource": resource})])
    };
    let trust = |principal: &Value| {
        policy(&[json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})])
    };
    let role_says = "the trust policy of `aws_iam_role.reader` does not let it assume the role";
    let user_says =
        "the IAM policies of `aws_iam_user.jane` do not let it assume `aws_iam_role.reader`";
    let (service, account) = (
        json!({"Service": "ec2.amazonaws.com"}),
        json!({"AWS": ACCOUNT}),
    );
    for (principal, own, said) in [
        (&service, assume("Allow", ROLE), role_says),
        (
            &account,
            assume("Allow", "arn:aws:iam::111122223333:role/other"),
            user_says,
        ),
        (&account, assume("Deny", ROLE), user_says),
    ] {
        let mut role = role();
        role["assume_role_policy"] = json!(trust(principal));
        let judged = Sketch::new(policy(&[allow(ROLE)]))
            .creates("aws_iam_role.reader", &role)
            .creates("aws_iam_user.jane", &json!({"name": "jane"}))
            .creates(
                "aws_iam_user_policy.jane",
                &json!({"user": "jane", "name": "assume", "policy": own}),
            )
            .declares(through(USER, ROLE))
            .judge();
        assert_eq!(read(&judged, USER), "denied", "{principal} {own}");
        let message = &judged.finding("reader-denied").unwrap().message;
        assert!(message.ends_with(said), "{message}");
    }
}

/// Neither of the two policies that decide whether a role may be assumed is told of where one is sensitive.
#[test]
fn nothing_of_a_sensitive_trust_policy_is_told() {
    let bound = |mut statement: Value| {
        statement["Condition"] = json!({"StringEquals": {"sts:ExternalId": "hunter2"}});
        policy(&[statement])
    };
    let trust = |principal: &str| json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"});
    let own = json!({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": ROLE});
    let open = (
        json!({"assume_role_policy": false}),
        json!({"policy": false}),
    );
    for (trust, own, hidden, told) in [
        (
            bound(trust(USER)),
            policy(std::slice::from_ref(&own)),
            open.clone(),
            true,
        ),
        (
            bound(trust(USER)),
            policy(std::slice::from_ref(&own)),
            (json!({"assume_role_policy": true}), open.1.clone()),
            false,
        ),
        (
            policy(&[trust(ACCOUNT)]),
            bound(own.clone()),
            open.clone(),
            true,
        ),
        (
            policy(&[trust(ACCOUNT)]),
            bound(own.clone()),
            (open.0.clone(), json!({"policy": true})),
            false,
        ),
    ] {
        let mut role = role();
        role["assume_role_policy"] = json!(trust);
        let judged = Sketch::new(policy(&[allow(ROLE)]))
            .hides("aws_iam_role.reader", &role, &hidden.0)
            .creates("aws_iam_user.jane", &json!({"name": "jane"}))
            .hides(
                "aws_iam_user_policy.jane",
                &json!({"user": "jane", "name": "assume", "policy": own}),
                &hidden.1,
            )
            .declares(through(USER, ROLE))
            .judge();
        assert_eq!(read(&judged, USER), "undecided", "{hidden:?}");
        let shown = format!("{:?}", judged.findings).to_lowercase();
        assert_eq!(shown.contains("sts:externalid"), told, "{hidden:?} {shown}");
        assert!(told || !shown.contains("hunter2"), "{shown}");
    }
}

fn grant(operations: &Value, constraints: &Value) -> Value {
    json!({"key_id": KEY_ID, "grantee_principal": ROLE, "operations": operations, "constraints": constraints})
}

#[test]
fn a_grant_lets_read_as_far_as_its_constraint_is_met() {
    let trail = "arn:aws:cloudtrail:us-east-1:111122223333:trail/main";
    let of_trail = json!({"aws:cloudtrail:arn": trail});
    let of_other =
        json!({"aws:cloudtrail:arn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/other"});
    let decrypt = json!(["Decrypt", "DescribeKey"]);
    let nobody = Sketch::new(policy(&[allow("arn:aws:iam::111122223333:role/admin")]));
    assert_eq!(read(&nobody.reader(ROLE).judge(), ROLE), "denied");
    for (operations, constraints, verdict) in [
        (&decrypt, json!([]), "allowed"),
        (&json!(["Encrypt"]), json!([]), "denied"),
        (
            &decrypt,
            json!([{"encryption_context_subset": of_trail, "encryption_context_equals": null}]),
            "allowed",
        ),
        (
            &decrypt,
            json!([{"encryption_context_equals": of_trail, "encryption_context_subset": {}}]),
            "denied",
        ),
        (
            &decrypt,
            json!([{"encryption_context_subset": of_other}]),
            "denied",
        ),
    ] {
        let statements = [allow("arn:aws:iam::111122223333:role/admin")];
        let sketch = |statements: &[Value]| {
            Sketch::new(policy(statements))
                .with("aws_kms_grant.reader", &grant(operations, &constraints))
        };
        for reader in [ROLE, SESSION] {
            let judged = sketch(&statements).reader(reader).judge();
            assert_eq!(read(&judged, reader), verdict, "{constraints}");
        }
        // A Deny wins over a grant.
        let deny =
            json!({"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"});
        let judged = sketch(&[statements[0].clone(), deny]).reader(ROLE).judge();
        assert_eq!(read(&judged, ROLE), "denied", "{constraints}");
    }
    let exact = json!([{"encryption_context_equals": of_trail}]);
    let judged = Sketch::new(policy(&[allow("arn:aws:iam::111122223333:role/admin")]))
        .with("aws_kms_grant.reader", &grant(&decrypt, &exact))
        .reader(ROLE)
        .judge();
    let finding = judged.finding("reader-denied").unwrap();
    assert!(
        finding
            .message
            .contains("does not hold `aws:s3:arn`, which S3 adds"),
        "{}",
        finding.message
    );
}

/// Where no statement lets anybody read, a grant still may.
#[test]
fn a_grant_makes_the_logs_readable() {
    let policy = policy(&[
        json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/admin"},
        "Action": "kms:PutKeyPolicy", "Resource": "*"}),
    ]);
    let judged = Sketch::new(policy.clone()).judge();
    assert_eq!(judged.verdict("reader-decrypt", None), "denied");
    let judged = Sketch::new(policy)
        .with(
            "aws_kms_grant.reader",
            &grant(&json!(["Decrypt"]), &json!([])),
        )
        .judge();
    assert_eq!(judged.verdict("reader-decrypt", None), "allowed");
}

/// The roles of IAM Identity Center have a suffix that nobody knows before they exist.
#[test]
fn a_reader_may_be_a_pattern() {
    let path = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/";
    let account = json!({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:Decrypt", "Resource": "*",
        "Condition": {"ArnLike": {"aws:PrincipalArn": format!("{path}AWSReservedSSO_Audit_*")}}});
    let sketch = || Sketch::new(policy(std::slice::from_ref(&account)));
    for (reader, verdict) in [
        (format!("{path}AWSReservedSSO_Audit_*"), "delegated"),
        (format!("{path}AWSReservedSSO_Other_*"), "denied"),
        ("AWSReservedSSO_Audit_*".to_owned(), "undecided"),
        ("AWSReservedSSO_Other_*".to_owned(), "denied"),
    ] {
        let judged = sketch().reader(&reader).judge();
        assert_eq!(read(&judged, &reader), verdict, "{reader}");
    }
}

/// Roles of the inputs are known whole: each that a pattern means is judged, and the worst is told.
#[test]
fn each_role_that_a_pattern_means_is_judged() {
    let role =
        |name: &str, path: &str| json!({"name": name, "path": path, "assume_role_policy": "{}"});
    let reserved = "/aws-reserved/sso.amazonaws.com/eu-west-1/";
    let arn = |name: &str| format!("arn:aws:iam::111122223333:role{reserved}{name}");
    let (a, b) = ("AWSReservedSSO_Audit_0a", "AWSReservedSSO_Audit_0b");
    let sketch = |statements: &[Value]| {
        Sketch::new(policy(statements))
            .creates("aws_iam_role.a", &role(a, reserved))
            .creates("aws_iam_role.b", &role(b, reserved))
            .creates("aws_iam_role.c", &role("AWSReservedSSO_Other_0", reserved))
            .creates("aws_iam_role.d", &role("AWSReservedSSO_Audit_0d", "/"))
    };
    for pattern in [
        "AWSReservedSSO_Audit_*".to_owned(),
        arn("AWSReservedSSO_Audit_*"),
    ] {
        // One of the two is not named.
        let judged = sketch(&[allow(&arn(a))]).reader(&pattern).judge();
        assert_eq!(read(&judged, &pattern), "denied", "{pattern}");
        let message = &judged.finding("reader-denied").unwrap().message;
        let start = format!("`{}`, one of `{pattern}` cannot read", arn(b));
        assert!(message.starts_with(&start), "{message}");
        // Both are; there may be more of them.
        let judged = sketch(&[allow(&arn(a)), allow(&arn(b))])
            .reader(&pattern)
            .judge();
        assert_ne!(read(&judged, &pattern), "denied", "{pattern}");
        // The key's policy leaves it to IAM, where one is let and the other has no policy.
        let own = json!({"name": "read", "role": a, "policy": iam("Allow", "kms:Decrypt")});
        let judged = sketch(&[allow(ACCOUNT)])
            .creates("aws_iam_role_policy.a", &own)
            .reader(&pattern)
            .judge();
        assert_eq!(read(&judged, &pattern), "denied", "{pattern}");
        let message = &judged.finding("reader-denied").unwrap().message;
        assert!(message.contains("`aws_iam_role.b`"), "{message}");
    }
    // A pattern of another account means none of them.
    let other = arn("AWSReservedSSO_Audit_*").replace("111122223333", "444455556666");
    let judged = sketch(&[allow(&arn(a))]).reader(&other).judge();
    let message = &judged.finding("reader-denied").unwrap().message;
    assert!(
        message.starts_with(&format!("`{other}` cannot read")),
        "{message}"
    );
}

#[test]
fn the_way_of_a_reader_decides_what_its_request_carries() {
    let through = |service: &str| {
        json!({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "kms:Decrypt", "Resource": "*",
            "Condition": {"ForAnyValue:StringEquals": {"aws:CalledVia": service}}})
    };
    for (via, verdict) in [
        (Via::Unsaid, "undecided"),
        (Via::S3, "denied"),
        (Via::Athena, "allowed"),
    ] {
        let reader = Reader {
            via,
            ..Reader::new(ROLE)
        };
        let judged = Sketch::new(policy(&[through("athena.amazonaws.com")]))
            .declares(reader)
            .judge();
        assert_eq!(read(&judged, ROLE), verdict, "{via:?}");
    }
}
