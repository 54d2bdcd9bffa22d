//! Policies made by hand to attack the exposure and validity rules, each with what AWS's rules say of it. A statement is put after those of a
//! trail's key that is as AWS's page has it, so that what is found is found of it alone.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::rules::check;

const PUBLIC: &str = "error key-policy-public";
const DEPUTY: &str = "warning key-policy-confused-deputy";
const DEPUTY_NOTE: &str = "note key-policy-confused-deputy";
const OVERGRANT: &str = "warning key-policy-service-overgrant";
const MISMATCH: &str = "warning policy-condition-mismatch";
const UNSURE: &str = "warning key-policy-confused-deputy (undecided)";
const FOREIGN: &str = "warning key-policy-foreign-account";
const PRINCIPAL: &str = "error policy-invalid-principal";
const INVALID: &str = "error policy-invalid";

const BASE: &str = r#"
      {"Sid": "Root", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
      {"Sid": "Encrypt", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:GenerateDataKey*", "Resource": "*",
       "Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"},
                     "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:111122223333:trail/*"}}},
      {"Sid": "Describe", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:DescribeKey", "Resource": "*",
       "Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"}}},"#;

/// A statement for everybody to make data keys, under a condition.
fn everybody(condition: &str) -> String {
    format!(
        r#"{{"Effect": "Allow", "Principal": "*", "Action": "kms:GenerateDataKey", "Resource": "*", "Condition": {{{condition}}}}}"#
    )
}

/// A statement that lets a principal make data keys.
fn principal(principal: &str) -> String {
    format!(
        r#"{{"Effect": "Allow", "Principal": {{{principal}}}, "Action": "kms:GenerateDataKey", "Resource": "*"}}"#
    )
}

fn service(name: &str, actions: &str, condition: &str) -> String {
    format!(
        r#"{{"Effect": "Allow", "Principal": {{"Service": "{name}"}}, "Action": {actions}, "Resource": "*", "Condition": {{{condition}}}}}"#
    )
}

const LOGS: &str = r#"["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"]"#;

fn findings(folder: &Path, statement: &str) -> Vec<String> {
    let text = format!(
        r#"resource "aws_kms_key" "trail" {{
  policy = <<JSON
    {{"Version": "2012-10-17", "Statement": [{BASE}
      {statement}
    ]}}
JSON
}}

resource "aws_cloudtrail" "main" {{
  name           = "main"
  s3_bucket_name = "example-logs"
  kms_key_id     = aws_kms_key.trail.arn
}}
"#
    );
    fs::write(folder.join("main.tf"), text).unwrap();
    let given = ["--account-id", "111122223333", "--region", "us-east-1"];
    let (json, _) = check(folder, &[&[".", "--format", "json"], &given[..]].concat());
    let report: Value = serde_json::from_str(&json).unwrap();
    let mut found: Vec<String> = Vec::new();
    for finding in report["findings"].as_array().unwrap() {
        let word = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        let verdict = word("verdict");
        let mut told = format!("{} {}", word("severity"), word("rule"));
        if !verdict.is_empty() && verdict != "denied" {
            told = format!("{told} ({verdict})");
        }
        found.push(told);
    }
    found.sort();
    found
}

fn hold(name: &str, rows: &[(&str, String, &[&str])]) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("hand-made")
        .join(name);
    fs::create_dir_all(&folder).unwrap();
    let mut problems = Vec::new();
    for (what, statement, wanted) in rows {
        let found = findings(&folder, statement);
        let mut wanted: Vec<&str> = wanted.to_vec();
        wanted.sort_unstable();
        if found != wanted {
            problems.push(format!("{what}: {found:?}, not {wanted:?}"));
        }
    }
    crate::rules::hold(&problems);
}

#[test]
fn what_everybody_may_do() {
    let bare = |actions: &str| {
        format!(r#"{{"Effect": "Allow", "Principal": "*", "Action": {actions}, "Resource": "*"}}"#)
    };
    let within = |actions: &str, condition: &str| {
        format!(
            r#"{{"Effect": "Allow", "Principal": "*", "Action": {actions}, "Resource": "*", "Condition": {{{condition}}}}}"#
        )
    };
    let own = r#""StringEquals": {"kms:CallerAccount": "111122223333"}"#;
    hold(
        "everybody",
        &[
            ("to put a policy", bare(r#""kms:PutKeyPolicy""#), &[PUBLIC]),
            ("to put a policy, at home", within(r#""kms:PutKeyPolicy""#, own), &[]),
            ("to put a policy, unless", within(r#""kms:PutKeyPolicy""#, r#""StringNotEquals": {"kms:CallerAccount": "999988887777"}"#), &[PUBLIC]),
            ("to grant", bare(r#""kms:CreateGrant""#), &[PUBLIC]),
            ("to delete and disable", bare(r#"["kms:ScheduleKeyDeletion", "kms:DisableKey"]"#), &[PUBLIC]),
            ("to describe", bare(r#""kms:DescribeKey""#), &[]),
            ("to create an alias, as the console had it", within(r#""kms:CreateAlias""#, r#""StringEquals": {"kms:CallerAccount": "111122223333", "kms:ViaService": "ec2.us-east-1.amazonaws.com"}"#), &[]),
            ("all but one", r#"{"Effect": "Allow", "Principal": {"AWS": "*"}, "NotAction": "kms:Decrypt", "Resource": "*"}"#.to_owned(), &[PUBLIC]),
            ("all but one, at home", format!(r#"{{"Effect": "Allow", "Principal": {{"AWS": "*"}}, "NotAction": ["kms:Decrypt", "kms:CreateGrant"], "Resource": "*", "Condition": {{{own}}}}}"#), &[]),
            ("behind a perimeter", format!(r#"{}, {{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {{"StringNotEquals": {{"kms:CallerAccount": "111122223333"}}, "Bool": {{"aws:PrincipalIsAWSService": "false"}}}}}}"#, bare(r#""kms:GenerateDataKey""#)), &[DEPUTY]),
        ],
    );
}

#[test]
fn which_conditions_hold_strangers_off() {
    let row = |condition: &str| everybody(condition);
    hold(
        "conditions",
        &[
            (
                "an organization",
                row(r#""StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}"#),
                &[],
            ),
            (
                "any organization",
                row(r#""StringLike": {"aws:PrincipalOrgID": "o-*"}"#),
                &[PUBLIC, MISMATCH],
            ),
            (
                "an organization, literally",
                row(r#""StringEquals": {"aws:PrincipalOrgID": "o-*"}"#),
                &["warning policy-wildcard-in-exact-match"],
            ),
            (
                "not an organization",
                row(r#""StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}"#),
                &[PUBLIC],
            ),
            (
                "an organization, if",
                row(r#""StringEqualsIfExists": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}"#),
                &[PUBLIC],
            ),
            (
                "all of an organization",
                row(r#""ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}"#),
                &[PUBLIC, MISMATCH],
            ),
            (
                "any path",
                row(r#""ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}"#),
                &[],
            ),
            (
                "all paths",
                row(r#""ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "o-a1b2c3d4e5/*"}"#),
                &[PUBLIC],
            ),
            (
                "two accounts",
                row(r#""StringEquals": {"kms:CallerAccount": ["111122223333", "999988887776"]}"#),
                &[FOREIGN],
            ),
            (
                "a start of accounts",
                row(r#""StringLike": {"kms:CallerAccount": "1111*"}"#),
                &[PUBLIC],
            ),
            (
                "not an account",
                row(r#""StringNotEquals": {"kms:CallerAccount": "999988887777"}"#),
                &[PUBLIC],
            ),
            (
                "an account, if",
                row(r#""StringEqualsIfExists": {"kms:CallerAccount": "111122223333"}"#),
                &[UNSURE],
            ),
            (
                "through a service",
                row(r#""StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}"#),
                &[PUBLIC],
            ),
            (
                "through a service, at home",
                row(
                    r#""StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com", "kms:CallerAccount": "111122223333"}"#,
                ),
                &[],
            ),
            (
                "transport",
                row(r#""Bool": {"aws:SecureTransport": "true"}"#),
                &[PUBLIC],
            ),
            (
                "context",
                row(
                    r#""StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": "arn:aws:cloudtrail:*:111122223333:trail/*"}"#,
                ),
                &[PUBLIC],
            ),
            (
                "a role's name",
                row(r#""ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Admin"}"#),
                &[PUBLIC],
            ),
            (
                "roles at home",
                row(r#""ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}"#),
                &[],
            ),
            (
                "a source",
                row(r#""StringEquals": {"aws:SourceAccount": "111122223333"}"#),
                &[],
            ),
            (
                "no tag",
                row(r#""Null": {"aws:PrincipalTag/team": "true"}"#),
                &[PUBLIC],
            ),
            (
                "a tag",
                row(r#""StringEquals": {"aws:PrincipalTag/team": "audit"}"#),
                &[PUBLIC],
            ),
        ],
    );
}

#[test]
fn principals_of_every_kind() {
    hold(
        "principals",
        &[
            ("a role at home", principal(r#""AWS": "arn:aws:iam::111122223333:role/app""#), &[]),
            ("a role elsewhere", principal(r#""AWS": "arn:aws:iam::444455556666:role/app""#), &[FOREIGN]),
            ("an account elsewhere", principal(r#""AWS": "444455556666""#), &[FOREIGN]),
            ("eleven digits", principal(r#""AWS": "arn:aws:iam::11112222333:root""#), &[PRINCIPAL]),
            ("roles elsewhere", principal(r#""AWS": "arn:aws:iam::444455556666:role/*""#), &[PRINCIPAL]),
            ("another partition", principal(r#""AWS": "arn:aws-cn:iam::444455556666:root""#), &[PRINCIPAL]),
            ("an identity provider", principal(r#""Federated": "arn:aws:iam::111122223333:saml-provider/idp""#), &[PRINCIPAL]),
            ("a web identity", principal(r#""Federated": "accounts.google.com""#), &[PRINCIPAL]),
            ("a web identity with an audience", r#"{"Effect": "Allow", "Principal": {"Federated": "cognito-identity.amazonaws.com"}, "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"cognito-identity.amazonaws.com:aud": "us-east-1:12345678-abcd-abcd-abcd-123456789012"}}}"#.to_owned(), &[PRINCIPAL]),
            ("a canonical user", principal(r#""CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be""#), &[PRINCIPAL]),
            ("white space", principal(r#""AWS": "arn:aws:iam::444455556666:root ""#), &[PRINCIPAL]),
            ("everybody, and somebody who is refused", principal(r#""AWS": ["*", "arn:aws:iam::444455556666:role/*"]"#), &[PRINCIPAL, PUBLIC]),
            ("any service", service("*", r#""kms:Decrypt""#, ""), &[PRINCIPAL]),
            ("not a principal", r#"{"Effect": "Allow", "NotPrincipal": {"AWS": "444455556666"}, "Action": "kms:Decrypt", "Resource": "*"}"#.to_owned(), &[INVALID]),
            ("nobody but the account may delete", r#"{"Effect": "Deny", "NotPrincipal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:ScheduleKeyDeletion", "Resource": "*"}"#.to_owned(), &[]),
        ],
    );
}

#[test]
fn whom_services_act_for() {
    let logs = r#""ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-east-1:111122223333:log-group:*"}"#;
    let two = r#"["kms:GenerateDataKey*", "kms:Decrypt"]"#;
    hold(
        "services",
        &[
            (
                "log groups",
                service("logs.us-east-1.amazonaws.com", LOGS, logs),
                &[],
            ),
            (
                "log groups of anybody",
                service("logs.us-east-1.amazonaws.com", LOGS, ""),
                &[DEPUTY],
            ),
            (
                "log groups of anybody, by pattern",
                service(
                    "logs.us-east-1.amazonaws.com",
                    LOGS,
                    r#""ArnLike": {"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:us-east-1:*:log-group:*"}"#,
                ),
                &[DEPUTY],
            ),
            (
                "all for log groups of anybody",
                service("logs.us-east-1.amazonaws.com", r#""kms:*""#, ""),
                &[DEPUTY],
            ),
            (
                "all for log groups",
                service("logs.us-east-1.amazonaws.com", r#""kms:*""#, logs),
                &[OVERGRANT],
            ),
            (
                "all for the trail",
                service(
                    "cloudtrail.amazonaws.com",
                    r#""kms:*""#,
                    r#""StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"}"#,
                ),
                &[OVERGRANT],
            ),
            (
                "deliveries of anybody",
                service("delivery.logs.amazonaws.com", two, ""),
                &[DEPUTY],
            ),
            (
                "deliveries",
                service(
                    "delivery.logs.amazonaws.com",
                    two,
                    r#""StringEquals": {"aws:SourceAccount": "111122223333"}, "ArnLike": {"aws:SourceArn": "arn:aws:logs:us-east-1:111122223333:*"}"#,
                ),
                &[],
            ),
            (
                "events of buckets, as AWS has it",
                service("s3.amazonaws.com", two, ""),
                &[DEPUTY_NOTE],
            ),
            (
                "events of our buckets",
                service(
                    "s3.amazonaws.com",
                    two,
                    r#""StringEquals": {"aws:SourceAccount": "111122223333"}"#,
                ),
                &[],
            ),
            (
                "a source, if",
                service(
                    "s3.amazonaws.com",
                    r#""kms:*""#,
                    r#""StringEqualsIfExists": {"aws:SourceAccount": "111122223333"}"#,
                ),
                &[UNSURE, OVERGRANT],
            ),
            (
                "topics of ours",
                service(
                    "sns.amazonaws.com",
                    two,
                    r#""ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:111122223333:topic"}"#,
                ),
                &[],
            ),
            (
                "alarms of ours",
                service(
                    "cloudwatch.amazonaws.com",
                    two,
                    r#""StringEquals": {"aws:SourceAccount": "111122223333"}, "ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:us-east-1:111122223333:alarm:*"}"#,
                ),
                &[],
            ),
            (
                "events, as AWS has it",
                service(
                    "events.amazonaws.com",
                    r#"["kms:GenerateDataKey", "kms:Decrypt"]"#,
                    "",
                ),
                &[DEPUTY_NOTE],
            ),
            (
                "sources of anybody",
                service(
                    "sns.amazonaws.com",
                    two,
                    r#""ArnLike": {"aws:SourceArn": "arn:aws:sns:us-east-1:*:topic"}"#,
                ),
                &["note key-policy-confused-deputy (undecided)"],
            ),
        ],
    );
}

#[test]
fn what_is_no_policy() {
    let reader = |sid: &str, action: &str, condition: &str| {
        format!(
            r#"{{{sid}"Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::111122223333:role/app"}}, {action} "Resource": "*"{condition}}}"#
        )
    };
    let action = r#""Action": "kms:GenerateDataKey","#;
    hold(
        "validity",
        &[
            (
                "an action with white space",
                reader("", r#""Action": "kms:GenerateDataKey ","#, ""),
                &["warning policy-unknown-action"],
            ),
            (
                "a key with white space",
                reader(
                    "",
                    action,
                    r#", "Condition": {"StringEquals": {"kms:ViaService ": "s3.us-east-1.amazonaws.com"}}"#,
                ),
                &["warning policy-unknown-condition-key"],
            ),
            (
                "an operator with white space",
                reader(
                    "",
                    action,
                    r#", "Condition": {"StringEquals ": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}"#,
                ),
                &[INVALID],
            ),
            (
                "an element with white space",
                reader(r#""Sid ": "x", "#, action, ""),
                &[INVALID],
            ),
            (
                "a Sid twice",
                reader(r#""Sid": "Root", "#, action, ""),
                &["warning policy-invalid"],
            ),
            (
                "an empty Sid",
                format!(
                    "{}, {}",
                    reader(r#""Sid": "", "#, action, ""),
                    reader(r#""Sid": "", "#, action, "")
                ),
                &[],
            ),
            (
                "a dash",
                reader(r#""Sid": "app – keys", "#, action, ""),
                &[INVALID],
            ),
            (
                "Latin letters",
                reader(r#""Sid": "clés du rôle", "#, action, ""),
                &[],
            ),
            (
                "no principal",
                r#"{"Effect": "Allow", "Action": "kms:GenerateDataKey", "Resource": "*"}"#
                    .to_owned(),
                &[INVALID],
            ),
            (
                "no effect",
                r#"{"Principal": "*", "Action": "kms:GenerateDataKey", "Resource": "*"}"#
                    .to_owned(),
                &[INVALID],
            ),
            (
                "no action",
                reader("", "", ""),
                &["warning statement-never-matches"],
            ),
            (
                "no resource",
                r#"{"Effect": "Allow", "Principal": "*", "Action": "kms:GenerateDataKey"}"#
                    .to_owned(),
                &["warning statement-never-matches"],
            ),
        ],
    );
}
