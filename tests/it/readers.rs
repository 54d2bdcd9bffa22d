//! Readers whom the key's policy alone does not decide: by their own IAM policies, through a role, by a grant, and by their way.

use keytrail::policy::Caller;
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

/// Whole accounts that may do something else, and names that nobody can have, were not meant to read.
#[test]
fn an_account_that_may_encrypt_was_not_meant_to_read() {
    let cloudtrail = json!({
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"],
        "Resource": "*",
    });
    let nobody_near = Sketch::new(policy(std::slice::from_ref(&cloudtrail))).judge();
    let underlined = nobody_near.underlined("trail-logs-unreadable");
    for principal in [
        "arn:aws:iam::444455556666:root",
        "444455556666",
        "arn:aws:iam::44445555666:role/writer",
        "arn:aws:iam::444455556666:role/w*",
    ] {
        let mut writes = allow(principal);
        writes["Action"] = json!("kms:Encrypt");
        let judged = Sketch::new(policy(&[cloudtrail.clone(), writes])).judge();
        assert_eq!(judged.verdict("reader-decrypt", None), "denied");
        assert_eq!(
            judged.underlined("trail-logs-unreadable"),
            underlined,
            "{principal}"
        );
    }
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
        let help = "--reader-context sts:externalid=value";
        assert_eq!(shown.contains(help), told, "{hidden:?} {shown}");
        let reason = "a sensitive policy decides whether the role may be assumed";
        assert_eq!(shown.contains(reason), !told, "{hidden:?} {shown}");
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

/// Whoever a condition of a delegating statement names may read, if there can be such a principal.
#[test]
fn whoever_a_condition_names_may_read() {
    let bound = |who: &str, operator: &str, name: &str, value: &str| {
        json!({"Effect": "Allow", "Principal": {"AWS": who}, "Action": "kms:Decrypt", "Resource": "*",
            "Condition": {operator: {name: value}}})
    };
    for (statement, verdict) in [
        // A path stands in no ARN that is made up.
        (
            bound(ACCOUNT, "ArnEquals", "aws:PrincipalArn", ROLE),
            "delegated",
        ),
        (bound("*", "ArnEquals", "aws:PrincipalArn", ROLE), "allowed"),
        (
            bound(
                "*",
                "StringEquals",
                "aws:PrincipalArn",
                "arn:aws:iam::444455556666:role/a/b",
            ),
            "delegated",
        ),
        // Nor does a federated user, who is neither a role nor a user.
        (
            bound(
                ACCOUNT,
                "ArnEquals",
                "aws:PrincipalArn",
                "arn:aws:sts::111122223333:federated-user/jane",
            ),
            "delegated",
        ),
        // Another account's principal is none of this one.
        (
            bound(
                ACCOUNT,
                "ArnEquals",
                "aws:PrincipalArn",
                "arn:aws:iam::444455556666:role/a/b",
            ),
            "denied",
        ),
        // No ARN is spelled with a wildcard, and no account has another number of digits.
        (
            bound(
                "*",
                "StringEquals",
                "aws:PrincipalArn",
                "arn:aws:iam::*:role/reader",
            ),
            "denied",
        ),
        (
            bound(
                "*",
                "StringEquals",
                "aws:PrincipalArn",
                "arn:aws:iam::12345:role/reader",
            ),
            "denied",
        ),
        (
            bound("*", "StringEquals", "kms:CallerAccount", "444455556666"),
            "delegated",
        ),
        (
            bound("*", "StringEquals", "kms:CallerAccount", "*"),
            "denied",
        ),
        (
            bound("*", "StringEquals", "kms:CallerAccount", "12345"),
            "denied",
        ),
        (
            bound("*", "StringEquals", "kms:CallerAccount", "44445555666x"),
            "denied",
        ),
        (
            bound("*", "StringEquals", "aws:PrincipalAccount", "12345"),
            "denied",
        ),
    ] {
        let judged = Sketch::new(policy(std::slice::from_ref(&statement))).judge();
        let found = judged.verdict("reader-decrypt", None);
        assert_eq!(found, verdict, "{statement}");
    }
}

/// The one who reads is of the account that the condition names, not of just any.
#[test]
fn whoever_a_condition_means_is_told() {
    for (key, value) in [
        ("kms:CallerAccount", "444455556666"),
        ("aws:PrincipalAccount", "444455556666"),
        ("aws:PrincipalArn", "arn:aws:iam::444455556666:role/*"),
    ] {
        let statement = json!({"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*",
            "Condition": {"StringLike": {key: value}}});
        let judged = Sketch::new(policy(&[statement])).judge();
        let mut asked = judged.model.subjects.iter().flat_map(|it| &it.requirements);
        let found = asked.find(|it| it.id == "reader-decrypt").unwrap();
        let Caller::Aws(arn) = &found.request.principal else {
            panic!("{key}");
        };
        let shown = arn.show(&judged.model.symbols);
        assert!(
            shown.starts_with("arn:aws:iam::444455556666:"),
            "{key} {shown}"
        );
    }
}

/// Of very many principals not all are asked for: that none of those may read says nothing of the others.
#[test]
fn nothing_is_concluded_from_those_who_are_not_asked_for() {
    for (count, verdict) in [(100, "denied"), (1000, "undecided")] {
        let who: Vec<String> = (0..count)
            .map(|at| format!("arn:aws:iam::111122223333:role/r{at}"))
            .collect();
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": who}, "Action": "kms:Decrypt", "Resource": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}}});
        let judged = Sketch::new(policy(&[statement])).judge();
        let found = judged.verdict("reader-decrypt", None);
        assert_eq!(found, verdict, "{count}");
        let told = judged.finding("trail-logs-unreadable").unwrap();
        let reason = "the policy names more principals than are asked for";
        assert_eq!(
            told.message.contains(reason),
            verdict == "undecided",
            "{}",
            told.message
        );
    }
}

/// Where a role of the inputs may as much as the pattern that means it, the answer is the pattern's own.
#[test]
fn a_role_that_may_no_less_than_its_pattern_is_not_told() {
    let pattern = "arn:aws:iam::111122223333:role/audit-*";
    let role = json!({"name": "audit-a", "assume_role_policy": "{}"});
    let judged = Sketch::new(policy(&[allow("arn:aws:iam::111122223333:role/admin")]))
        .creates("aws_iam_role.a", &role)
        .reader(pattern)
        .judge();
    assert_eq!(read(&judged, pattern), "denied");
    let message = &judged.finding("reader-denied").unwrap().message;
    assert!(
        message.starts_with(&format!("`{pattern}` cannot read")),
        "{message}"
    );
}

/// What a baseline holds of a reader's IAM policies must change with them, and does not with a secret.
#[test]
fn a_baseline_holds_no_finding_of_a_secret_iam_policy() {
    use crate::support::{check, run};
    for (name, resource, attributes, hidden) in [
        (
            "plain",
            "aws_iam_role_policy.reader",
            inline(&iam("Deny", "kms:*")),
            json!({}),
        ),
        (
            "policy",
            "aws_iam_role_policy.reader",
            inline(&iam("Deny", "kms:*")),
            json!({"policy": true}),
        ),
        (
            "allows",
            "aws_iam_role_policy.reader",
            inline(&iam("Allow", "s3:*")),
            json!({"policy": true}),
        ),
    ] {
        let plan = delegating()
            .creates("aws_iam_role.reader", &role())
            .hides(resource, &attributes, &hidden)
            .plan();
        let plan = run::file(&format!("readers-baseline-{name}-plan.json"), &plan);
        let base = run::file(&format!("readers-baseline-{name}.json"), "");
        let args = [
            "check",
            &plan,
            "--no-source",
            "--no-config",
            "--reader",
            ROLE,
        ];
        check::run(&[&args[..], &["--write-baseline", &base]].concat());
        let text = std::fs::read_to_string(&base).unwrap();
        assert!(text.contains("trail-key-denies-encrypt"), "{text}");
        assert_eq!(
            text.contains("reader-denied"),
            name == "plain",
            "{name} {text}"
        );
    }
}

/// A Deny of an inline policy that must not be shown is told of at its role.
#[test]
fn the_role_of_a_sensitive_inline_policy_is_underlined() {
    for (hidden, place) in [
        (json!({}), "\"{\\\"Statement"),
        (
            json!({"inline_policy": [{"policy": true}]}),
            "resource \"aws_iam_role\" \"reader\"",
        ),
    ] {
        let mut role = role();
        role["inline_policy"] = json!([{"name": "own", "policy": iam("Deny", "kms:*")}]);
        let judged = delegating()
            .hides("aws_iam_role.reader", &role, &hidden)
            .reader(ROLE)
            .judge();
        assert_eq!(read(&judged, ROLE), "denied");
        let underlined = judged.underlined("reader-denied");
        assert!(underlined.starts_with(place), "{hidden} {underlined}");
    }
}

/// A bare account id stands for the account, whichever it is: its IAM decides.
#[test]
fn a_bare_account_is_no_principal_of_its_own() {
    for (who, verdict) in [
        ("111122223333", "delegated"),
        ("444455556666", "delegated"),
        ("12345", "denied"),
        ("44445555666x", "denied"),
    ] {
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": who}, "Action": "kms:Decrypt", "Resource": "*"});
        let judged = Sketch::new(policy(&[statement])).judge();
        assert_eq!(judged.verdict("reader-decrypt", None), verdict, "{who}");
    }
    // What kind of principal reads is known of nobody before somebody of the account asks.
    let mut statement = json!({"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "kms:Decrypt", "Resource": "*"});
    statement["Condition"] = json!({"StringEquals": {"aws:PrincipalType": "AssumedRole"}});
    let judged = Sketch::new(policy(&[statement])).judge();
    assert_eq!(judged.verdict("reader-decrypt", None), "delegated");
}

/// Of the policies of a role the one is told that allows.
#[test]
fn the_policy_that_allows_is_named() {
    let inline = |name: &str, action: &str| json!({"name": name, "role": "reader", "policy": iam("Allow", action)});
    for (first, second, by) in [("kms:Decrypt", "s3:*", "a"), ("s3:*", "kms:Decrypt", "b")] {
        let judged = delegating()
            .creates("aws_iam_role.reader", &role())
            .creates("aws_iam_role_policy.a", &inline("a", first))
            .creates("aws_iam_role_policy.b", &inline("b", second))
            .reader(ROLE)
            .judge();
        let mut all = judged.model.subjects.iter().flat_map(|it| &it.requirements);
        let found = all.find(|it| it.reader.is_some()).unwrap();
        assert_eq!(found.verdict.word(), "allowed");
        let because = found.besides.as_ref().map(|it| it.because.clone());
        let told = format!("the IAM policy of `aws_iam_role_policy.{by}` allows it");
        assert_eq!(because, Some(told));
    }
}

/// A trust policy that leaves it to the reader's own policies is told of.
#[test]
fn who_decides_whether_a_role_may_be_assumed_is_told() {
    let trust = policy(&[
        json!({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}),
    ]);
    let mut role = role();
    role["assume_role_policy"] = json!(trust);
    let judged = Sketch::new(policy(&[allow(ROLE)]))
        .creates("aws_iam_role.reader", &role)
        .declares(through(USER, ROLE))
        .judge();
    assert_eq!(read(&judged, USER), "delegated");
    let message = &judged.finding("reader-delegated").unwrap().message;
    let because = "whether it may assume `aws_iam_role.reader` is left to its IAM policies";
    assert!(message.contains(because), "{message}");
}

/// What of a key is not known is not the reader's to give.
#[test]
fn the_aliases_of_a_key_are_nothing_that_a_reader_gives() {
    let mut statement = allow(ROLE);
    statement["Condition"] =
        json!({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/audit"}});
    let judged = Sketch::new(policy(&[statement])).reader(ROLE).judge();
    assert!(
        ["undecided", "conditional"].contains(&read(&judged, ROLE)),
        "{}",
        read(&judged, ROLE)
    );
    let shown = format!("{:?}", judged.findings);
    assert!(!shown.contains("--reader-context"), "{shown}");
}

/// A bare name means a role of IAM Identity Center in the key's own account.
#[test]
fn a_bare_name_means_no_role_of_another_account() {
    let role = json!({"name": "AWSReservedSSO_Audit_0a", "path": "/aws-reserved/sso.amazonaws.com/", "assume_role_policy": "{}"});
    let pattern = "AWSReservedSSO_Audit_*";
    for (account, verdict) in [("111122223333", "denied"), ("444455556666", "delegated")] {
        let judged = delegating()
            .beside(account, &[("aws_iam_role.a", role.clone())])
            .reader(pattern)
            .judge();
        assert_eq!(read(&judged, pattern), verdict, "{account}");
    }
}

/// A policy may be set for a user whom no input holds.
#[test]
fn a_deny_attached_to_somebody_elses_user_counts() {
    // Of somebody whom no input holds only what is denied is sure.
    for (user, effect, verdict) in [
        ("jane", "Deny", "denied"),
        ("john", "Deny", "delegated"),
        ("jane", "Allow", "delegated"),
    ] {
        let inline = json!({"name": "read", "user": user, "policy": iam(effect, "kms:*")});
        let judged = delegating()
            .creates("aws_iam_user_policy.read", &inline)
            .reader(USER)
            .judge();
        assert_eq!(read(&judged, USER), verdict, "{user} {effect}");
    }
}

/// A name in one input is that of the role which the input itself holds, where another one holds one of that name, too.
#[test]
fn a_policy_is_of_the_role_of_its_own_input() {
    for (own, other, verdict) in [
        ("Allow", "Allow", "allowed"),
        ("Allow", "none", "allowed"),
        ("none", "none", "denied"),
    ] {
        let policies = |effect: &str| {
            let policy = ("aws_iam_role_policy.read", inline(&iam(effect, "kms:*")));
            let role = ("aws_iam_role.reader", role());
            if effect == "none" {
                vec![role]
            } else {
                vec![role, policy]
            }
        };
        let mut sketch = delegating();
        for (address, attributes) in policies(own) {
            sketch = sketch.creates(address, &attributes);
        }
        let judged = sketch
            .beside("111122223333", &policies(other))
            .reader(ROLE)
            .judge();
        assert_eq!(read(&judged, ROLE), verdict, "{own} {other}");
    }
}

/// Whoever may read has an ARN of the key's own partition.
#[test]
fn who_may_read_is_of_the_partition_of_the_key() {
    let key = format!("arn:aws-cn:kms:cn-north-1:111122223333:key/{KEY_ID}");
    for (who, verdict) in [
        ("arn:aws-cn:iam::111122223333:role/audit-*", "delegated"),
        ("arn:aws:iam::111122223333:role/audit-*", "denied"),
    ] {
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws-cn:iam::111122223333:root"}, "Action": "kms:Decrypt",
            "Resource": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": who}}});
        let judged = Sketch::new(policy(&[statement]))
            .key(json!({"arn": key}))
            .trail(json!({"kms_key_id": key, "arn": "arn:aws-cn:cloudtrail:cn-north-1:111122223333:trail/main", "home_region": "cn-north-1"}))
            .judge();
        assert_eq!(judged.verdict("reader-decrypt", None), verdict, "{who}");
    }
}

/// A policy that the apply makes of a document is not sensitive as a whole; what of it is, is still kept out of a baseline.
#[test]
fn a_baseline_holds_no_finding_of_a_document_that_is_in_part_secret() {
    use crate::support::{check, run};
    let references = [
        "data.aws_iam_policy_document.own.json",
        "data.aws_iam_policy_document.own",
    ];
    let document = json!({"statement": [{"effect": "Deny", "actions": ["kms:*"], "resources": ["*"],
        "condition": [{"test": "StringNotEquals", "variable": "aws:RequestedRegion", "values": ["hunter2"]}]},
        {"effect": "Deny", "actions": ["kms:*"], "resources": ["*"]}]});
    for (hidden, held) in [
        (json!({}), true),
        (
            json!({"statement": [{"condition": [{"values": [true]}]}]}),
            false,
        ),
    ] {
        let plan = delegating()
            .creates("aws_iam_role.reader", &role())
            .later(
                "aws_iam_role_policy.own",
                &json!({"name": "own", "role": "reader"}),
                &[("policy", &references)],
            )
            .later(
                "data.aws_iam_policy_document.own",
                &document,
                &[("json", &[])],
            )
            .plan();
        let mut plan: Value = serde_json::from_str(&plan).unwrap();
        let changes = plan["resource_changes"].as_array_mut().unwrap();
        changes.last_mut().unwrap()["change"]["after_sensitive"] = hidden.clone();
        let plan = run::file("readers-document-plan.json", &plan.to_string());
        let base = run::file("readers-document.json", "");
        let args = [
            "check",
            &plan,
            "--no-source",
            "--no-config",
            "--reader",
            ROLE,
        ];
        let ended = check::run(&args);
        let flat: String = ended
            .stdout
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(flat.contains("denies it"), "{flat}");
        assert!(!flat.contains("hunter2"), "{flat}");
        check::run(&[&args[..], &["--write-baseline", &base]].concat());
        let text = std::fs::read_to_string(&base).unwrap();
        assert!(text.contains("trail-key-denies-encrypt"), "{text}");
        assert_eq!(text.contains("reader-denied"), held, "{hidden} {text}");
    }
}

/// Nobody may change the policy: the one is told of whom a statement names, and not the root user, whom none does.
#[test]
fn who_comes_closest_to_changing_the_policy_is_told() {
    let admin = "arn:aws:iam::111122223333:role/admin";
    let mut statement = allow(admin);
    statement["Condition"] = json!({"Bool": {"aws:SecureTransport": "false"}});
    let judged = Sketch::new(policy(&[statement])).judge();
    let message = &judged.finding("key-policy-lockout").unwrap().message;
    assert!(message.contains("statement 1"), "{message}");
    assert_eq!(judged.underlined("key-policy-lockout"), "\"false\"");
}

/// A list that a reader is said to send is sent whole, to AWS STS as to the key.
#[test]
fn the_values_of_a_list_are_all_sent_to_assume_a_role() {
    let user = "arn:aws:iam::111122223333:user/jane";
    let role = "arn:aws:iam::111122223333:role/reader";
    for (operator, value, verdict) in [
        ("ForAnyValue:StringEquals", "a", "allowed"),
        ("ForAnyValue:StringEquals", "b", "allowed"),
        ("ForAllValues:StringEquals", "a", "denied"),
        ("StringEquals", "a", "denied"),
    ] {
        let condition = json!({operator: {"aws:PrincipalOrgPaths": value}});
        let trust = json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": user}, "Action": "sts:AssumeRole", "Condition": condition}]});
        let own = json!({"name": "reader", "assume_role_policy": trust.to_string()});
        let policy = |condition: &Value| {
            json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": [role, user]}, "Action": "kms:Decrypt", "Resource": "*", "Condition": condition}]}).to_string()
        };
        let given = |sketch: Sketch| {
            sketch
                .reader_context("aws:PrincipalOrgPaths", "a")
                .reader_context("aws:PrincipalOrgPaths", "b")
        };
        let through = given(
            Sketch::new(policy(&json!({})))
                .creates("aws_iam_role.reader", &own)
                .declares(Reader {
                    through: Some(role.to_owned()),
                    ..Reader::new(user)
                }),
        )
        .judge();
        let direct = given(Sketch::new(policy(&condition)).reader(user)).judge();
        assert_eq!(
            direct.verdict("reader-decrypt", Some(user)),
            verdict,
            "{operator} {value}"
        );
        assert_eq!(
            through.verdict("reader-decrypt", Some(user)),
            verdict,
            "{operator} {value}"
        );
    }
}

/// What Terraform lets go of goes on to allow and to deny.
#[test]
fn a_policy_that_is_forgotten_counts() {
    for (effect, forgotten, destroyed) in
        [("Allow", "allowed", "denied"), ("Deny", "denied", "denied")]
    {
        let text = iam(effect, "kms:Decrypt");
        let sketch = || {
            delegating()
                .creates("aws_iam_role.reader", &role())
                .reader(ROLE)
        };
        let name = "aws_iam_role_policy.reader";
        let judged = sketch().forgets(name, &inline(&text)).judge();
        assert_eq!(read(&judged, ROLE), forgotten, "{effect}");
        let judged = sketch().destroys(name, &inline(&text)).judge();
        assert_eq!(read(&judged, ROLE), destroyed, "{effect}");
    }
}

/// Why a reader may or may not is told of the reader's own policies where they make the difference, and of the trust policy where the role is
/// in the way.
#[test]
fn what_makes_no_difference_is_no_reason() {
    let told = |judged: &Judged, who: &str| {
        let mut all = judged.model.subjects.iter().flat_map(|it| &it.requirements);
        let it = all.find(|it| it.reader.as_deref() == Some(who)).unwrap();
        (it.verdict.word(), it.explicit, it.besides.is_some())
    };
    let deny =
        json!({"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"});
    for (statements, text, wanted) in [
        (
            vec![allow(ACCOUNT)],
            iam("Deny", "kms:*"),
            ("denied", true, true),
        ),
        (
            vec![allow(ACCOUNT), deny.clone()],
            iam("Allow", "kms:*"),
            ("denied", true, false),
        ),
        (
            vec![allow(USER)],
            iam("Allow", "kms:*"),
            ("denied", false, false),
        ),
    ] {
        let judged = Sketch::new(policy(&statements))
            .creates("aws_iam_role.reader", &role())
            .creates("aws_iam_role_policy.reader", &inline(&text))
            .reader(ROLE)
            .judge();
        assert_eq!(told(&judged, ROLE), wanted, "{text}");
    }
    let trusted = |principal: &Value| {
        let trust = policy(&[
            json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}),
        ]);
        let mut role = role();
        role["assume_role_policy"] = json!(trust);
        role
    };
    for (statements, principal, wanted) in [
        (
            vec![allow(ROLE)],
            json!({"Service": "ec2.amazonaws.com"}),
            ("denied", false, true),
        ),
        (
            vec![allow(ROLE), deny],
            json!({"Service": "ec2.amazonaws.com"}),
            ("denied", true, false),
        ),
    ] {
        let judged = Sketch::new(policy(&statements))
            .creates("aws_iam_role.reader", &trusted(&principal))
            .declares(through(USER, ROLE))
            .judge();
        assert_eq!(told(&judged, USER), wanted, "{principal}");
    }
}

/// So many principals of a policy are asked whether they can read.
#[test]
fn so_many_principals_are_asked() {
    // Any role, any user and the root user of the account are asked beside those who are named.
    for (count, verdict) in [(297, "denied"), (298, "undecided")] {
        let names = (0..count).map(|at| format!("arn:aws:iam::111122223333:role/r{at}"));
        let names: Vec<String> = names.collect();
        let statement = json!({"Effect": "Allow", "Principal": {"AWS": names}, "Action": "kms:Decrypt", "Resource": "*",
            "Condition": {"Bool": {"aws:PrincipalIsAWSService": "true"}}});
        let judged = Sketch::new(policy(&[statement])).judge();
        assert_eq!(judged.verdict("reader-decrypt", None), verdict, "{count}");
    }
}

/// Without a policy that can be read nothing is decided, and it is told why.
#[test]
fn why_a_policy_is_not_read_is_told() {
    let reason = |judged: &Judged| {
        let mut all = judged.model.subjects.iter().flat_map(|it| &it.requirements);
        let it = all.find(|it| it.id == "cloudtrail-encrypt").unwrap();
        assert_eq!(it.verdict.word(), "undecided");
        it.decision.blocked_by[0].reason.clone()
    };
    let judged = Sketch::new("{").judge();
    assert_eq!(reason(&judged), "AWS rejects this policy");
    let judged = Sketch::new("{}").key(json!({"policy": null})).judge();
    assert_eq!(reason(&judged), "the plan does not show the policy's text");
}
