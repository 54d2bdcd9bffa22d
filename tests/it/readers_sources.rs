//! Readers as sources show them: principals with names that are not known, what a role is configured with, and grants.

use serde_json::{Value, json};

use crate::support::{check, run};

const ROLE: &str = "arn:aws:iam::111122223333:role/reader";

/// A trail with a key whose policy has one statement, and more.
fn sources(statement: &str, more: &str) -> String {
    format!(
        "provider \"aws\" {{\n  region = \"us-east-1\"\n}}\nresource \"aws_kms_key\" \"k\" {{\n  policy = jsonencode({{\n    Version = \"2012-10-17\"\n    \
         Statement = [{statement}]\n  }})\n}}\nresource \"aws_cloudtrail\" \"main\" {{\n  name           = \"main\"\n  s3_bucket_name = \"logs\"\n  \
         kms_key_id     = aws_kms_key.k.arn\n}}\n{more}"
    )
}

fn report(name: &str, main: &str, args: &[&str]) -> Value {
    let folder = run::folder(name, &[("main.tf", main)]);
    let own = [
        "check",
        folder.as_str(),
        "--no-config",
        "--format",
        "json",
        "--account-id",
        "111122223333",
    ];
    let ended = check::run(&[&own[..], args].concat());
    assert!(ended.code < 2, "{}", ended.stderr);
    serde_json::from_str(&ended.stdout).unwrap()
}

/// The answer for a reader, or for anybody.
fn read(report: &Value, reader: Option<&str>) -> String {
    let subjects = report["subjects"].as_array().unwrap();
    let mut all = subjects
        .iter()
        .flat_map(|it| it["requirements"].as_array().unwrap());
    let found = all.find(|it| it["id"] == "reader-decrypt" && it["reader"].as_str() == reader);
    found.unwrap()["verdict"].as_str().unwrap().to_owned()
}

const ACCOUNT: &str = r#"{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" }"#;
const SILENT: &str = r#"{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:role/admin" }, Action = "kms:PutKeyPolicy", Resource = "*" }"#;

/// What kind of principal a name is of that is not known stands before it.
#[test]
fn a_principal_with_an_unknown_name_is_of_its_kind() {
    for (resource, kind, verdict) in [
        ("user/${var.name}", "User", "allowed"),
        ("user/${var.name}", "AssumedRole", "denied"),
        ("role/${var.name}", "AssumedRole", "allowed"),
        ("role/${var.name}", "User", "denied"),
    ] {
        let statement = format!(
            r#"{{ Effect = "Allow", Principal = {{ AWS = "arn:aws:iam::111122223333:{resource}" }}, Action = "kms:Decrypt", Resource = "*",
               Condition = {{ StringEquals = {{ "aws:PrincipalType" = "{kind}" }} }} }}"#
        );
        let main = sources(&statement, "variable \"name\" {}\n");
        let found = read(&report("readers-kind", &main, &[]), None);
        assert_eq!(found, verdict, "{resource} {kind}");
    }
}

/// The provider takes away what a role is not configured with, where it is configured with something.
#[test]
fn a_role_has_what_it_lists_where_it_lists_something() {
    let inline = "inline_policy {\n  name = \"own\"\n  policy = jsonencode({ Version = \"2012-10-17\", Statement = [{ Effect = \"Allow\", Action = \"s3:*\", Resource = \"*\" }] })\n}\n";
    let managed = "managed_policy_arns = [aws_iam_policy.own.arn]\n";
    let policy = "resource \"aws_iam_policy\" \"own\" {\n  name = \"own\"\n  policy = jsonencode({ Version = \"2012-10-17\", Statement = [{ Effect = \"Allow\", Action = \"s3:*\", Resource = \"*\" }] })\n}\n";
    for (body, verdict) in [
        (String::new(), "delegated"),
        (inline.to_owned(), "delegated"),
        (managed.to_owned(), "delegated"),
        (format!("{inline}{managed}"), "denied"),
        (format!("{inline}managed_policy_arns = []\n"), "delegated"),
    ] {
        let role = format!(
            "resource \"aws_iam_role\" \"reader\" {{\n  name = \"reader\"\n  assume_role_policy = \"{{}}\"\n{body}}}\n{policy}"
        );
        let main = sources(ACCOUNT, &role);
        let found = read(
            &report("readers-lists", &main, &["--reader", ROLE]),
            Some(ROLE),
        );
        assert_eq!(found, verdict, "{body}");
    }
}

/// An attachment to whoever it lists may be to the role, too, where not all are known.
#[test]
fn an_attachment_to_others_that_are_not_known_may_be_to_the_role() {
    let text = "jsonencode({ Version = \"2012-10-17\", Statement = [{ Effect = \"Allow\", Action = \"s3:*\", Resource = \"*\" }] })";
    for (roles, verdict) in [
        ("[\"other\"]", "denied"),
        ("concat([\"other\"], var.more)", "delegated"),
        ("var.more", "delegated"),
    ] {
        let more = format!(
            "variable \"more\" {{\n  type = list(string)\n}}\nresource \"aws_iam_policy\" \"own\" {{\n  name   = \"own\"\n  policy = {text}\n}}\n\
             resource \"aws_iam_role\" \"reader\" {{\n  name                = \"reader\"\n  assume_role_policy  = \"{{}}\"\n  \
             managed_policy_arns = [aws_iam_policy.own.arn]\n  inline_policy {{\n    name   = \"own\"\n    policy = {text}\n  }}\n}}\n\
             resource \"aws_iam_policy\" \"other\" {{\n  name   = \"other\"\n  policy = {text}\n}}\n\
             resource \"aws_iam_policy_attachment\" \"other\" {{\n  name       = \"other\"\n  roles      = {roles}\n  policy_arn = aws_iam_policy.other.arn\n}}\n"
        );
        let main = sources(ACCOUNT, &more);
        let found = read(
            &report("readers-open", &main, &["--reader", ROLE]),
            Some(ROLE),
        );
        assert_eq!(found, verdict, "{roles}");
    }
}

/// A constraint that names the trail as the request does is met, whatever is not known of the name.
#[test]
fn the_constraint_of_a_grant_may_name_the_trail_by_reference() {
    for (arn, verdict) in [
        ("aws_cloudtrail.main.arn", "allowed"),
        (
            "\"arn:aws:cloudtrail:us-east-1:111122223333:trail/${var.name}\"",
            "allowed",
        ),
        (
            "\"arn:aws:cloudtrail:us-east-1:111122223333:trail/${var.other}\"",
            "undecided",
        ),
        (
            "\"arn:aws:cloudtrail:us-east-1:111122223333:trail/x${var.name}\"",
            "undecided",
        ),
    ] {
        let grant = format!(
            "variable \"name\" {{}}\nvariable \"other\" {{}}\nresource \"aws_kms_grant\" \"g\" {{\n  key_id = aws_kms_key.k.key_id\n  grantee_principal = \"{ROLE}\"\n  \
             operations = [\"Decrypt\"]\n  constraints {{\n    encryption_context_subset = {{ \"aws:cloudtrail:arn\" = {arn} }}\n  }}\n}}\n"
        );
        let main = sources(SILENT, &grant).replace("= \"main\"\n", "= var.name\n");
        let found = read(
            &report("readers-grant", &main, &["--reader", ROLE]),
            Some(ROLE),
        );
        assert_eq!(found, verdict, "{arn}");
    }
}

/// A part of a term that is secret is kept out of a baseline, and the finding with it.
#[test]
fn a_baseline_holds_no_finding_of_a_grant_that_is_in_part_secret() {
    for (value, held) in [
        ("\"x${var.open}\"", true),
        ("var.secret", false),
        ("\"x${var.secret}\"", false),
        ("\"x${var.unset}\"", false),
        ("var.unset", false),
    ] {
        let grant = format!(
            "variable \"open\" {{\n  default = \"a\"\n}}\nvariable \"secret\" {{\n  default = \"hunter2\"\n  sensitive = true\n}}\nvariable \"unset\" {{\n  sensitive = true\n}}\n\
             resource \"aws_kms_grant\" \"g\" {{\n  key_id = aws_kms_key.k.key_id\n  grantee_principal = \"{ROLE}\"\n  \
             operations = [\"Encrypt\"]\n  constraints {{\n    encryption_context_subset = {{ \"aws:cloudtrail:arn\" = {value} }}\n  }}\n}}\n"
        );
        let folder = run::folder("readers-secret", &[("main.tf", &sources(SILENT, &grant))]);
        let base = run::file("readers-secret.json", "");
        let args = [
            "check",
            &folder,
            "--no-config",
            "--account-id",
            "111122223333",
            "--reader",
            ROLE,
            "--write-baseline",
            &base,
        ];
        check::run(&args);
        let text = std::fs::read_to_string(&base).unwrap();
        assert!(text.contains("trail-key-denies-encrypt"), "{text}");
        assert_eq!(text.contains("reader-denied"), held, "{value} {text}");
    }
}

/// What names no key is told with the way that leads there.
#[test]
fn a_wrong_name_of_a_key_is_told_with_its_way() {
    let main = sources(
        ACCOUNT,
        "locals {\n  key  = local.name\n  name = \"prod\"\n}\n",
    )
    .replace("aws_kms_key.k.arn", "local.key");
    let report = report("readers-way", &main, &[]);
    let link = &report["subjects"][0]["link"];
    assert_eq!(link["status"], "unresolved", "{link}");
    let findings = report["findings"].as_array().unwrap();
    let found = findings
        .iter()
        .find(|it| it["rule"] == "trail-key-invalid")
        .unwrap();
    let places = found["locations"].as_array().unwrap().iter();
    let told: Vec<(&str, &str)> = places
        .map(|it| (it["label"].as_str().unwrap(), it["text"].as_str().unwrap()))
        .collect();
    let wanted = [
        ("names no key that is taken", "local.key"),
        ("`local.key` is set here", "local.name"),
    ];
    assert_eq!(told, wanted);
    assert_eq!(link["via"], json!(["local.key", "local.name"]));
}

/// Two attributes that are one variable name one bucket, whatever its name will be.
#[test]
fn a_variable_names_one_bucket_wherever_it_stands() {
    for (name, verdict) in [("var.bucket", "denied"), ("var.other", "")] {
        let more = format!(
            "variable \"bucket\" {{}}\nvariable \"other\" {{}}\nresource \"aws_s3_bucket\" \"logs\" {{\n  bucket = {name}\n}}\nresource \"aws_s3_bucket_server_side_encryption_configuration\" \"logs\" {{\n  bucket = aws_s3_bucket.logs.id\n  rule {{\n    \
             bucket_key_enabled = true\n    apply_server_side_encryption_by_default {{\n      sse_algorithm = \"aws:kms\"\n    }}\n  }}\n}}\n"
        );
        let main = sources(SILENT, &more).replace("\"logs\"\n  kms", "var.bucket\n  kms");
        assert!(main.contains("= var.bucket\n  kms"), "{main}");
        let report = report("readers-bucket", &main, &[]);
        let mut all = report["subjects"][0]["requirements"]
            .as_array()
            .unwrap()
            .iter();
        let found = all.find(|it| it["id"] == "cloudtrail-decrypt");
        let found = found.map_or("", |it| it["verdict"].as_str().unwrap());
        assert_eq!(found, verdict, "{name}");
    }
}

/// A name that is put together of known pieces says what it says as it stands.
#[test]
fn a_name_of_known_pieces_is_that_name() {
    for (resource, condition) in [
        ("iam::#:role/reader", ""),
        ("iam::#:role/*", ""),
        (
            "iam::#:user/jane",
            "StringEquals = { \"aws:username\" = \"jane\" }",
        ),
        (
            "iam::#:user/jane",
            "StringEquals = { \"aws:username\" = \"john\" }",
        ),
        (
            "iam::#:user/jane",
            "StringEquals = { \"aws:PrincipalType\" = \"User\" }",
        ),
        (
            "sts::#:assumed-role/reader/jane",
            "StringEquals = { \"aws:PrincipalType\" = \"AssumedRole\" }",
        ),
        (
            "sts::#:assumed-role/reader/jane",
            "StringEquals = { \"aws:PrincipalType\" = \"User\" }",
        ),
        (
            "sts::#:assumed-role/reader/jane",
            "ArnLike = { \"aws:PrincipalArn\" = \"arn:aws:iam::111122223333:role/reader\" }",
        ),
        (
            "sts::#:assumed-role/reader/jane",
            "ArnLike = { \"aws:PrincipalArn\" = \"arn:aws:iam::111122223333:role/other\" }",
        ),
        (
            "iam::#:root",
            "StringEquals = { \"aws:PrincipalType\" = \"Account\" }",
        ),
        ("iam::#:root", ""),
        (
            "sts::#:federated-user/jane",
            "StringEquals = { \"aws:PrincipalType\" = \"FederatedUser\" }",
        ),
    ] {
        let statement = |account: &str| {
            let who = resource.replace('#', account);
            format!(
                "{{ Effect = \"Allow\", Principal = {{ AWS = \"arn:aws:{who}\" }}, Action = \"kms:Decrypt\", Resource = \"*\", Condition = {{ {condition} }} }}"
            )
        };
        let local = "locals {\n  account = \"111122223333\"\n}\n";
        let [plain, pieces] = ["111122223333", "${local.account}"].map(|account| {
            let report = report("readers-pieces", &sources(&statement(account), local), &[]);
            let findings = report["findings"].as_array().unwrap().iter();
            let rules: Vec<String> = findings
                .map(|it| format!("{} {}", it["rule"], it["verdict"]))
                .collect();
            (read(&report, None), rules)
        });
        assert_eq!(pieces, plain, "{resource} {condition}");
    }
}
