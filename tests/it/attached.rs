//! Which IAM policies a reader has: whose they are by name, by ARN and by reference, and what may be somebody's.

use serde_json::{Value, json};

use crate::support::sketch::{Judged, KEY_ID, Sketch};

const ACCOUNT: &str = "arn:aws:iam::111122223333:root";
const ROLE: &str = "arn:aws:iam::111122223333:role/reader";
const MANAGED: &str = "arn:aws:iam::111122223333:policy/read";

fn policy(effect: &str) -> String {
    let key = format!("arn:aws:kms:us-east-1:111122223333:key/{KEY_ID}");
    json!({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": "kms:Decrypt", "Resource": key}]}).to_string()
}

fn key(principals: &Value) -> Sketch {
    let allow = json!({"Effect": "Allow", "Principal": {"AWS": principals}, "Action": "kms:*", "Resource": "*"});
    Sketch::new(json!({"Version": "2012-10-17", "Statement": [allow]}).to_string())
}

/// A key that leaves everything to its account's IAM.
fn delegating() -> Sketch {
    key(&json!(ACCOUNT))
}

fn role(name: &str) -> Value {
    json!({"name": name, "assume_role_policy": "{}"})
}

fn inline(role: &str, effect: &str) -> Value {
    json!({"name": "read", "role": role, "policy": policy(effect)})
}

fn read(judged: &Judged, reader: &str) -> &'static str {
    judged.verdict("reader-decrypt", Some(reader))
}

fn session(role: &str) -> String {
    format!("arn:aws:sts::111122223333:assumed-role/{role}/jane")
}

/// A session has the policies of its own role: of no other, of no user, and of no role of another account.
#[test]
fn a_session_is_of_one_role_alone() {
    let two = |first: &str, second: &str| {
        delegating()
            .creates("aws_iam_role.first", &role(first))
            .creates("aws_iam_role.second", &role(second))
            .creates("aws_iam_role_policy.read", &inline("reader", "Allow"))
    };
    for (first, second) in [("reader", "other"), ("other", "reader")] {
        for (name, verdict) in [
            ("reader", "allowed"),
            ("other", "denied"),
            ("nobody", "delegated"),
        ] {
            let reader = session(name);
            let judged = two(first, second).reader(&reader).judge();
            assert_eq!(read(&judged, &reader), verdict, "{first} {second} {name}");
        }
    }
    let own = json!({"name": "read", "user": "reader", "policy": policy("Allow")});
    let judged = delegating()
        .creates("aws_iam_user.reader", &json!({"name": "reader"}))
        .creates("aws_iam_role.reader", &role("reader"))
        .creates("aws_iam_user_policy.read", &own)
        .reader(&session("reader"))
        .judge();
    assert_eq!(read(&judged, &session("reader")), "denied");
    // A session of a role of another account, which is nobody here.
    let other = session("reader").replace("111122223333", "444455556666");
    let judged = key(&json!([ACCOUNT, "444455556666"]))
        .creates("aws_iam_role.reader", &role("reader"))
        .reader(&other)
        .judge();
    assert_eq!(read(&judged, &other), "delegated");
    // An ARN with another path is of no role of this name.
    let elsewhere = "arn:aws:iam::111122223333:role/team/reader";
    let judged = delegating()
        .creates("aws_iam_role.reader", &role("reader"))
        .reader(elsewhere)
        .judge();
    assert_eq!(read(&judged, elsewhere), "delegated");
}

/// An attachment by name is to the role of its own account, whichever input makes it.
#[test]
fn a_name_is_one_of_its_account() {
    let other = "arn:aws:iam::444455556666:role/reader";
    let attached =
        |sketch: Sketch| sketch.creates("aws_iam_role_policy.read", &inline("reader", "Allow"));
    let beside = |account: &str| {
        attached(key(&json!([ACCOUNT, "444455556666"])))
            .beside(account, &[("aws_iam_role.reader", role("reader"))])
            .reader(ROLE)
            .reader(other)
            .judge()
    };
    assert_eq!(read(&beside("111122223333"), ROLE), "allowed");
    let judged = beside("444455556666");
    assert_eq!(read(&judged, other), "denied");
    assert_eq!(read(&judged, ROLE), "delegated");
}

/// No boundary is none, however the provider writes that.
#[test]
fn a_boundary_is_one_that_is_set() {
    for (boundary, verdict) in [
        (Value::Null, "allowed"),
        (json!(""), "allowed"),
        (
            json!("arn:aws:iam::111122223333:policy/boundary"),
            "delegated",
        ),
    ] {
        let mut role = role("reader");
        role["permissions_boundary"] = boundary.clone();
        let judged = delegating()
            .creates("aws_iam_role.reader", &role)
            .creates("aws_iam_role_policy.read", &inline("reader", "Allow"))
            .reader(ROLE)
            .judge();
        assert_eq!(read(&judged, ROLE), verdict, "{boundary}");
    }
}

/// What was read of a role before still lists what the plan takes away.
#[test]
fn what_the_plan_takes_away_is_no_longer_listed() {
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    let listing = |managed: &[&str], inline: &Value| {
        let mut role = role("reader");
        role["managed_policy_arns"] = json!(managed);
        role["inline_policy"] = inline.clone();
        delegating().with("aws_iam_role.reader", &role).reader(ROLE)
    };
    let of_role = json!([{"name": "read", "policy": policy("Allow")}]);
    assert_eq!(
        read(&listing(&[admin], &json!([])).judge(), ROLE),
        "allowed"
    );
    assert_eq!(read(&listing(&[], &of_role).judge(), ROLE), "allowed");
    for (arn, verdict) in [
        (admin, "denied"),
        ("arn:aws:iam::aws:policy/PowerUserAccess", "allowed"),
    ] {
        let judged = listing(&[admin], &json!([]))
            .destroys(
                "aws_iam_role_policy_attachment.a",
                &json!({"role": "reader", "policy_arn": arn}),
            )
            .judge();
        assert_eq!(read(&judged, ROLE), verdict, "{arn}");
    }
    for (name, verdict) in [("read", "denied"), ("other", "allowed")] {
        let mut gone = inline("reader", "Allow");
        gone["name"] = json!(name);
        let judged = listing(&[], &of_role)
            .destroys("aws_iam_role_policy.a", &gone)
            .judge();
        assert_eq!(read(&judged, ROLE), verdict, "{name}");
    }
    // Another role's are none of this one's.
    let judged = listing(&[admin], &json!([]))
        .with("aws_iam_role.other", &role("other"))
        .destroys(
            "aws_iam_role_policy_attachment.a",
            &json!({"role": "other", "policy_arn": admin}),
        )
        .judge();
    assert_eq!(read(&judged, ROLE), "allowed");
}

/// The ARN of a policy follows from its account, path and name before it exists, in each partition.
#[test]
fn a_new_policy_is_attached_by_the_arn_that_it_will_have() {
    let made = |path: &Value, attached: &str| {
        let mut made = json!({"name": "read", "policy": policy("Allow")});
        if !path.is_null() {
            made["path"] = path.clone();
        }
        let judged = delegating()
            .creates("aws_iam_role.reader", &role("reader"))
            .creates("aws_iam_policy.read", &made)
            .creates(
                "aws_iam_role_policy_attachment.a",
                &json!({"role": "reader", "policy_arn": attached}),
            )
            .reader(ROLE)
            .judge();
        read(&judged, ROLE)
    };
    let team = "arn:aws:iam::111122223333:policy/team/read";
    assert_eq!(made(&Value::Null, MANAGED), "allowed");
    assert_eq!(made(&json!("/"), MANAGED), "allowed");
    assert_eq!(made(&json!("/team/"), team), "allowed");
    assert_eq!(made(&Value::Null, team), "delegated");
    assert_eq!(made(&json!("/team/"), MANAGED), "delegated");
}

/// The same outside the partition `aws`.
#[test]
fn a_new_policy_of_another_partition_has_its_arn() {
    let text = r#"
        provider "aws" {
          region = "us-gov-west-1"
        }
        resource "aws_kms_key" "trail" {
          policy = jsonencode({ Version = "2012-10-17", Statement = [
            { Effect = "Allow", Principal = { AWS = "arn:aws-us-gov:iam::111122223333:root" }, Action = "kms:*", Resource = "*" },
          ] })
        }
        resource "aws_cloudtrail" "main" {
          name           = "main"
          s3_bucket_name = "logs"
          kms_key_id     = aws_kms_key.trail.arn
        }
        resource "aws_iam_role" "reader" {
          name                = "reader"
          managed_policy_arns = ["arn:aws-us-gov:iam::111122223333:policy/read"]
          assume_role_policy  = "{}"
        }
        resource "aws_iam_policy" "read" {
          name   = "read"
          policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "EFFECT", Action = "kms:*", Resource = "*" }] })
        }
    "#;
    for (effect, verdict) in [("Deny", "denied"), ("Allow", "delegated")] {
        let text = text.replace("EFFECT", effect);
        let root = crate::support::run::folder("attached-partition", &[("main.tf", &text)]);
        let reader = "arn:aws-us-gov:iam::111122223333:role/reader";
        let args = [&root, "--account-id", "111122223333", "--reader", reader];
        let said = crate::support::check::check(&args);
        let mut verdicts = said.verdicts.iter().filter(|(row, _)| row.reader == reader);
        assert_eq!(verdicts.next().unwrap().1, verdict, "{effect}");
    }
}

/// An ARN that is sensitive by itself, or in a list that is, is in no message.
#[test]
fn no_sensitive_arn_is_told() {
    let secret = "arn:aws:iam::111122223333:policy/hunter2";
    let reading = |address: &str, attributes: &Value, hidden: &Value| {
        let judged = delegating()
            .creates("aws_iam_role.reader", &role("reader"))
            .hides(address, attributes, hidden)
            .reader(ROLE)
            .judge();
        assert_eq!(read(&judged, ROLE), "delegated", "{hidden}");
        judged
            .finding("reader-delegated")
            .unwrap()
            .message
            .contains("hunter2")
    };
    let exclusive = json!({"role_name": "reader", "policy_arns": [secret]});
    let one = json!({"role": "reader", "policy_arn": secret});
    for (hidden, told) in [
        (json!({}), true),
        (json!({"policy_arns": [true]}), false),
        (json!({"policy_arns": true}), false),
        (json!({"role_name": true}), true),
    ] {
        let address = "aws_iam_role_policy_attachments_exclusive.a";
        assert_eq!(reading(address, &exclusive, &hidden), told, "{hidden}");
    }
    for (hidden, told) in [(json!({}), true), (json!({"policy_arn": true}), false)] {
        let address = "aws_iam_role_policy_attachment.a";
        assert_eq!(reading(address, &one, &hidden), told, "{hidden}");
    }
}

/// Whose an attachment is that is known after the apply: the one role that it refers to, else anybody's.
#[test]
fn a_reference_is_to_one_role_or_to_nobody_knows_whom() {
    let attachment = json!({"name": "read", "policy": policy("Allow")});
    let to = |references: &[&str]| {
        let data = json!({"name": "other"});
        let judged = delegating()
            .later("aws_iam_role.reader", &role("reader"), &[("id", &[])])
            .later("aws_iam_role.several[\"a\"]", &role("a"), &[("id", &[])])
            .later("aws_iam_role.several[\"b\"]", &role("b"), &[("id", &[])])
            .later("data.aws_iam_role.other", &data, &[("arn", &["var.other"])])
            .later(
                "aws_iam_group.readers",
                &json!({"name": "reader"}),
                &[("id", &[])],
            )
            .later(
                "aws_iam_role_policy.read",
                &attachment,
                &[("role", references)],
            )
            .reader(ROLE)
            .reader("arn:aws:iam::111122223333:role/a")
            .judge();
        (
            read(&judged, ROLE),
            read(&judged, "arn:aws:iam::111122223333:role/a"),
        )
    };
    for (references, verdicts) in [
        (
            &["aws_iam_role.reader.id", "aws_iam_role.reader"][..],
            ("allowed", "denied"),
        ),
        (
            &[
                "aws_iam_role.several[\"a\"].id",
                "aws_iam_role.several[\"a\"]",
                "aws_iam_role.several",
            ],
            ("denied", "allowed"),
        ),
        // One of several, which one nobody knows.
        (
            &["aws_iam_role.several", "local.which"],
            ("delegated", "delegated"),
        ),
        // A role that another root makes, and one that is called what a group is.
        (
            &["data.aws_iam_role.other.id", "data.aws_iam_role.other"],
            ("delegated", "delegated"),
        ),
        (
            &["aws_iam_group.readers.id", "aws_iam_group.readers"],
            ("delegated", "delegated"),
        ),
        (&["var.role"], ("delegated", "delegated")),
    ] {
        assert_eq!(to(references), verdicts, "{references:?}");
    }
}

/// A group that no input holds, or that nobody can tell, may give and take what it likes.
#[test]
fn a_user_has_the_policies_of_all_its_groups() {
    let user = "arn:aws:iam::111122223333:user/jane";
    let sketch = || {
        let own = json!({"group": "auditors", "name": "read", "policy": policy("Allow")});
        delegating()
            .creates("aws_iam_user.jane", &json!({"name": "jane"}))
            .creates("aws_iam_group.auditors", &json!({"name": "auditors"}))
            .creates("aws_iam_group_policy.read", &own)
            .reader(user)
    };
    let judged = |sketch: Sketch| read(&sketch.judge(), user);
    assert_eq!(judged(sketch()), "denied");
    for (groups, verdict) in [
        (json!(["auditors"]), "allowed"),
        (json!(["auditors", "elsewhere"]), "delegated"),
        (json!(["elsewhere"]), "delegated"),
    ] {
        let member = json!({"user": "jane", "groups": groups});
        let sketch = sketch().creates("aws_iam_user_group_membership.jane", &member);
        assert_eq!(judged(sketch), verdict, "{groups}");
    }
    let unknown = [("groups", &["var.groups"][..])];
    let member = json!({"user": "jane"});
    let open = sketch().later("aws_iam_user_group_membership.jane", &member, &unknown);
    assert_eq!(judged(open), "delegated");
    for (users, verdict) in [(json!(["jane"]), "allowed"), (json!(["john"]), "denied")] {
        let member = json!({"group": "auditors", "users": users});
        let sketch = sketch().creates("aws_iam_group_membership.a", &member);
        assert_eq!(judged(sketch), verdict, "{users}");
    }
    let unknown = [("users", &["var.users"][..])];
    let member = json!({"group": "auditors"});
    let open = sketch().later("aws_iam_group_membership.a", &member, &unknown);
    assert_eq!(judged(open), "delegated");
}

/// What Terraform is told to be all of a role's inline policies settles it where each of them is in the inputs.
#[test]
fn exclusive_names_settle_what_the_inputs_hold() {
    for (names, verdict) in [
        (json!(["read"]), "allowed"),
        (json!([]), "allowed"),
        (json!(["read", "other"]), "delegated"),
        (json!(["read", null]), "delegated"),
    ] {
        let exclusive = json!({"role_name": "reader", "policy_names": names});
        let managed = json!({"role_name": "reader", "policy_arns": []});
        let judged = delegating()
            .with("aws_iam_role.reader", &role("reader"))
            .with("aws_iam_role_policy.read", &inline("reader", "Allow"))
            .with("aws_iam_role_policies_exclusive.a", &exclusive)
            .with("aws_iam_role_policy_attachments_exclusive.a", &managed)
            .reader(ROLE)
            .judge();
        assert_eq!(read(&judged, ROLE), verdict, "{names}");
    }
}

/// A block without a policy is how Terraform writes that a role shall have none.
#[test]
fn an_empty_inline_policy_is_none() {
    for block in [
        json!({"name": null, "policy": null}),
        json!({"name": "", "policy": ""}),
        json!({}),
    ] {
        let mut role = role("reader");
        role["managed_policy_arns"] = json!([]);
        role["inline_policy"] = json!([block]);
        let judged = delegating()
            .with("aws_iam_role.reader", &role)
            .reader(ROLE)
            .judge();
        assert_eq!(read(&judged, ROLE), "denied", "{block}");
    }
}

/// Each of several attachments refers to the role of its own key, by `each.key` or `count.index`.
#[test]
fn an_attachment_of_each_is_to_the_role_of_its_key() {
    let attachment = json!({"name": "read", "policy": policy("Allow")});
    for (role_of, attached, index) in [
        (
            "aws_iam_role.r[\"a\"]",
            "aws_iam_role_policy.p[\"a\"]",
            "each.key",
        ),
        (
            "aws_iam_role.r[0]",
            "aws_iam_role_policy.p[0]",
            "count.index",
        ),
    ] {
        let other = "arn:aws:iam::111122223333:role/other";
        let judged = delegating()
            .later(role_of, &role("reader"), &[("id", &[])])
            .later("aws_iam_role.other", &role("other"), &[("id", &[])])
            .later(
                attached,
                &attachment,
                &[("role", &["aws_iam_role.r", index])],
            )
            .reader(ROLE)
            .reader(other)
            .judge();
        assert_eq!(read(&judged, ROLE), "allowed", "{index}");
        assert_eq!(read(&judged, other), "denied", "{index}");
    }
}

/// A snapshot has the names that references come to, so that it attaches what its input does.
#[test]
fn a_snapshot_attaches_by_name_what_the_plan_attaches_by_reference() {
    let attachment = json!({"name": "read", "policy": policy("Allow")});
    let plan = delegating()
        .later("aws_iam_role.reader", &role("reader"), &[("id", &[])])
        .later(
            "aws_iam_role_policy.read",
            &attachment,
            &[("role", &["aws_iam_role.reader.id", "aws_iam_role.reader"])],
        )
        .plan();
    is_the_same_in_a_snapshot("attached", &plan, "allowed");
}

/// A document that only the apply reads, and an inline policy of the reader that is taken from it.
fn of_document(effect: &str) -> Sketch {
    let statement = json!({"effect": effect, "actions": ["kms:Decrypt"], "resources": ["*"]});
    delegating()
        .creates("aws_iam_role.reader", &role("reader"))
        .later(
            "data.aws_iam_policy_document.read",
            &json!({"statement": [statement], "version": "2012-10-17"}),
            &[("json", &[])],
        )
        .later(
            "aws_iam_role_policy.read",
            &json!({"name": "read", "role": "reader"}),
            &[(
                "policy",
                &[
                    "data.aws_iam_policy_document.read.json",
                    "data.aws_iam_policy_document.read",
                ],
            )],
        )
        .reader(ROLE)
}

/// `ignore_changes` keeps a policy that the configuration no longer says: what the plan knows counts.
#[test]
fn a_policy_is_what_the_plan_knows_and_else_the_document() {
    for (effect, verdict) in [("Allow", "allowed"), ("Deny", "denied")] {
        assert_eq!(read(&of_document(effect).judge(), ROLE), verdict);
    }
    for (document, known, verdict) in [("Allow", "Deny", "denied"), ("Deny", "Allow", "allowed")] {
        let mut plan: Value = serde_json::from_str(&of_document(document).plan()).unwrap();
        let changes = plan["resource_changes"].as_array_mut().unwrap();
        let mut inline = changes
            .iter_mut()
            .filter(|it| it["type"] == "aws_iam_role_policy");
        let change = &mut inline.next().unwrap()["change"];
        change["after"]["policy"] = json!(policy(known));
        change["after_unknown"] = json!({});
        let options = keytrail::resolve::Options {
            readers: vec![keytrail::resolve::Reader::new(ROLE)],
            ..Default::default()
        };
        let judged = crate::support::sketch::judge(&plan.to_string(), &options);
        assert_eq!(read(&judged, ROLE), verdict, "{document} {known}");
    }
}

/// The verdict for the reader, by the plan and by a snapshot of it.
fn is_the_same_in_a_snapshot(name: &str, plan: &str, verdict: &str) {
    use crate::support::{check, run};
    let plan = run::file(&format!("{name}-plan.json"), plan);
    let snapshot = run::file(&format!("{name}-snapshot.json"), "");
    let made = check::run(&["snapshot", &plan, "--no-source", "-o", &snapshot]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    for path in [&plan, &snapshot] {
        let said = check::check(&[path, "--no-source", "--reader", ROLE]);
        let mut verdicts = said.verdicts.iter().filter(|(row, _)| row.reader == ROLE);
        assert_eq!(verdicts.next().unwrap().1, verdict, "{path}");
    }
}

/// A snapshot holds what the document will say.
#[test]
fn a_snapshot_has_the_policies_that_documents_say() {
    for (effect, verdict) in [("Allow", "allowed"), ("Deny", "denied")] {
        is_the_same_in_a_snapshot(
            &format!("document-{effect}"),
            &of_document(effect).plan(),
            verdict,
        );
    }
}

/// The same of a managed policy, by the ARN that it will have; one that nobody can tell stays unknown.
#[test]
fn a_snapshot_names_the_policies_that_the_plan_attaches_by_reference() {
    let attachment = json!({"role": "reader"});
    let own = ["aws_iam_policy.read.arn", "aws_iam_policy.read"];
    let either = [&own[..], &["var.policy"]].concat();
    for (name, references, verdict) in [
        ("own", own.to_vec(), "allowed"),
        ("either", either, "delegated"),
    ] {
        let plan = delegating()
            .creates("aws_iam_role.reader", &role("reader"))
            .later(
                "aws_iam_policy.read",
                &json!({"name": "read", "path": "/", "policy": policy("Allow")}),
                &[("arn", &[])],
            )
            .later(
                "aws_iam_role_policy_attachment.read",
                &attachment,
                &[("policy_arn", &references)],
            )
            .plan();
        is_the_same_in_a_snapshot(&format!("attached-{name}"), &plan, verdict);
    }
}

/// An attribute that is null names nobody: whoever else there is has no policy of it.
#[test]
fn an_attachment_without_users_is_to_no_user() {
    let arn = "arn:aws:iam::111122223333:policy/read";
    let jane = "arn:aws:iam::111122223333:user/jane";
    let attachment = |users: Value| json!({"name": "read", "roles": ["reader"], "users": users, "groups": null, "policy_arn": arn});
    for (users, verdict) in [
        (Value::Null, "denied"),
        (json!([]), "denied"),
        (json!(["john"]), "denied"),
        (json!(["jane"]), "delegated"),
    ] {
        let judged = delegating()
            .creates("aws_iam_role.reader", &role("reader"))
            .creates("aws_iam_user.jane", &json!({"name": "jane"}))
            .creates("aws_iam_policy_attachment.read", &attachment(users.clone()))
            .reader(jane)
            .judge();
        assert_eq!(read(&judged, jane), verdict, "{users}");
    }
}

/// A role whose list is null lists nothing; one that nobody knows may list anything.
#[test]
fn a_role_whose_lists_are_null_lists_nothing() {
    for (name, unknown, verdict) in [
        ("managed_policy_arns", false, "denied"),
        ("inline_policy", false, "denied"),
        ("managed_policy_arns", true, "delegated"),
        ("inline_policy", true, "delegated"),
    ] {
        let mut reader = role("reader");
        reader[name] = Value::Null;
        let references: &[(&str, &[&str])] = &[(name, &["var.more"])];
        let judged = delegating()
            .later(
                "aws_iam_role.reader",
                &reader,
                if unknown { references } else { &[] },
            )
            .reader(ROLE)
            .judge();
        assert_eq!(read(&judged, ROLE), verdict, "{name} {unknown}");
    }
}

/// Where the account of an attachment is not known, a name is that of the role of its own input.
#[test]
fn a_name_of_an_unknown_account_is_one_of_its_input() {
    let sketch = delegating()
        .creates("aws_iam_role.reader", &role("reader"))
        .creates("aws_iam_role_policy.read", &inline("reader", "Allow"))
        .reader(ROLE);
    let mut plan: Value = serde_json::from_str(&sketch.plan()).unwrap();
    let block = |kind: &str, name: &str, provider: &str| {
        json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name, "provider_config_key": provider,
            "expressions": {}, "schema_version": 0})
    };
    let full = "registry.terraform.io/hashicorp/aws";
    let role_arn = json!({"role_arn": {"constant_value": "arn:aws:iam::111122223333:role/ci"}});
    plan["configuration"] = json!({
        "provider_config": {
            "aws": {"name": "aws", "full_name": full},
            "aws.audit": {"name": "aws", "full_name": full, "alias": "audit", "expressions": {"assume_role": [role_arn]}}},
        "root_module": {"resources": [
            block("aws_cloudtrail", "main", "aws.audit"), block("aws_kms_key", "trail", "aws.audit"),
            block("aws_iam_role", "reader", "aws.audit"), block("aws_iam_role_policy", "read", "aws")]}});
    let options = keytrail::resolve::Options {
        readers: vec![keytrail::resolve::Reader::new(ROLE)],
        ..Default::default()
    };
    let judged = crate::support::sketch::judge(&plan.to_string(), &options);
    assert_eq!(read(&judged, ROLE), "allowed");
}

/// Inline policies that nobody can count are not all shown, whatever else is said to be all; and one that may not be there decides nothing.
#[test]
fn inline_policies_that_nobody_can_count_may_say_anything() {
    let text = r#"
        variable "more" {
          type = list(string)
        }
        provider "aws" {
          region = "us-east-1"
        }
        resource "aws_kms_key" "trail" {
          policy = jsonencode({ Version = "2012-10-17", Statement = [
            { Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" },
          ] })
        }
        resource "aws_cloudtrail" "main" {
          name           = "main"
          s3_bucket_name = "logs"
          kms_key_id     = aws_kms_key.trail.arn
        }
        locals {
          policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "EFFECT", Action = "ACTION", Resource = "*" }] })
        }
        resource "aws_iam_role" "reader" {
          name               = "reader"
          assume_role_policy = "{}"
          POLICIES
        }
        resource "aws_iam_role_policies_exclusive" "reader" {
          role_name    = aws_iam_role.reader.name
          policy_names = []
        }
        resource "aws_iam_role_policy_attachments_exclusive" "reader" {
          role_name   = aws_iam_role.reader.name
          policy_arns = []
        }
    "#;
    let each = |list: &str| {
        format!(
            "dynamic \"inline_policy\" {{\nfor_each = {list}\ncontent {{\nname = \"read\"\npolicy = local.policy\n}}\n}}"
        )
    };
    let (one, any) = (each("[\"a\"]"), each("var.more"));
    let more = "inline_policy = concat([{ name = \"read\", policy = local.policy }], var.more)";
    for (policies, effect, action, verdict) in [
        (one.as_str(), "Allow", "s3:*", "denied"),
        (&one, "Allow", "kms:*", "allowed"),
        (&one, "Deny", "kms:*", "denied"),
        (&any, "Allow", "s3:*", "delegated"),
        (&any, "Allow", "kms:*", "delegated"),
        (&any, "Deny", "kms:*", "delegated"),
        (more, "Allow", "s3:*", "delegated"),
        (more, "Deny", "kms:*", "denied"),
    ] {
        let text = text
            .replace("POLICIES", policies)
            .replace("EFFECT", effect)
            .replace("ACTION", action);
        let root = crate::support::run::folder("attached-inline", &[("main.tf", &text)]);
        let args = [&root, "--account-id", "111122223333", "--reader", ROLE];
        let said = crate::support::check::check(&args);
        let mut all = said.verdicts.iter();
        let found = all.find(|(row, _)| row.requirement == "reader-decrypt" && row.reader == ROLE);
        assert_eq!(
            found.map(|(_, it)| it.as_str()),
            Some(verdict),
            "{policies} {effect} {action}"
        );
    }
}
