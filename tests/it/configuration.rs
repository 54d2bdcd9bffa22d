//! `keytrail.toml` from outside: where it is found, what counts before what, and what is said where it is wrong.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::run::{Ended, folder};
use crate::support::sketch::Sketch;

/// A trail without a key: one finding, a warning.
const MAIN: &str = "resource \"aws_cloudtrail\" \"main\" {\n  name           = \"main\"\n  s3_bucket_name = \"logs\"\n}\n";

const GIT: (&str, &str) = (".git/HEAD", "ref: refs/heads/main\n");

/// Runs keytrail in a folder, with variables of the environment.
fn run(at: &Path, args: &[&str], environment: &[(&str, &str)]) -> Ended {
    let output = Command::new(env!("CARGO_BIN_EXE_keytrail"))
        .args(args)
        .current_dir(at)
        .env("NO_COLOR", "1")
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace("\r\n", "\n");
    Ended {
        code: output.status.code().unwrap(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

fn root(name: &str, files: &[(&str, &str)]) -> std::path::PathBuf {
    folder(name, files).into()
}

#[test]
fn the_file_is_found_from_the_input_upwards_to_the_root_of_the_repository() {
    let warning = "[check]\nfail-on = \"warning\"\n";
    let root = root(
        "config-found",
        &[
            (
                "keytrail.toml",
                "[check]\nfail-on = \"note\"\nthis is no TOML\n",
            ),
            ("repository/.git/HEAD", GIT.1),
            ("repository/keytrail.toml", warning),
            ("repository/infra/prod/main.tf", MAIN),
            ("outside/.git/HEAD", GIT.1),
            ("outside/infra/main.tf", MAIN),
        ],
    );
    let repository = root.join("repository");
    for (at, path) in [
        (repository.clone(), "infra/prod"),
        (repository.join("infra"), "prod"),
        (repository.join("infra/prod"), "."),
        (root.clone(), "repository/infra/prod/main.tf"),
    ] {
        let ended = run(&at, &["check", path], &[]);
        assert_eq!(ended.code, 1, "{at:?} {path}: {ended:?}");
    }
    // The input lies elsewhere, and keytrail runs in the repository.
    let elsewhere = root.join("outside/infra").display().to_string();
    assert_eq!(run(&repository, &["check", &elsewhere], &[]).code, 1);
    let none = run(&repository, &["check", "infra/prod", "--no-config"], &[]);
    assert_eq!(none.code, 0, "{none:?}");
    // What lies above the root of the repository is somebody else's; so is what lies above a folder outside of one.
    std::fs::remove_file(repository.join("keytrail.toml")).unwrap();
    assert_eq!(run(&repository, &["check", "infra/prod"], &[]).code, 0);
}

#[test]
fn a_flag_counts_before_the_environment_and_that_before_the_file() {
    let file = "[check]\nfail-on = \"warning\"\nundecided = \"error\"\n";
    let root = root(
        "config-order",
        &[GIT, ("keytrail.toml", file), ("main.tf", MAIN)],
    );
    let code = |args: &[&str], environment: &[(&str, &str)]| {
        run(&root, &[&["check", "."], args].concat(), environment).code
    };
    let variable = [("KEYTRAIL_FAIL_ON", "error")];
    assert_eq!(code(&[], &[]), 1);
    assert_eq!(code(&[], &variable), 0);
    assert_eq!(code(&["--fail-on", "warning"], &variable), 1);
    assert_eq!(code(&["--fail-on", "error"], &[]), 0);
    assert_eq!(code(&["--no-config"], &[]), 0);
    assert_eq!(code(&[], &[("KEYTRAIL_FAIL_ON", "never")]), 2);
    let other = root.join("other.toml");
    std::fs::write(&other, "[rules]\ntrail-unencrypted = \"error\"\n").unwrap();
    assert_eq!(code(&["--config", "other.toml"], &[]), 1);
    assert_eq!(
        code(
            &["--config", "other.toml", "--disable", "trail-unencrypted"],
            &[]
        ),
        0
    );
    assert_eq!(code(&[], &[("KEYTRAIL_CONFIG", "other.toml")]), 1);
    assert_eq!(code(&["--config", "missing.toml"], &[]), 2);
}

#[test]
fn rules_have_the_severity_that_the_file_gives_them() {
    let root = root("config-severity", &[GIT, ("main.tf", MAIN)]);
    for (word, found) in [
        ("error", Some("error")),
        ("note", Some("note")),
        ("off", None),
    ] {
        let file = format!("[rules]\ntrail-unencrypted = \"{word}\"\n");
        std::fs::write(root.join("keytrail.toml"), file).unwrap();
        let ended = run(&root, &["check", ".", "--format", "json"], &[]);
        let report: Value = serde_json::from_str(&ended.stdout).unwrap();
        let severity = report["findings"][0]["severity"].as_str();
        assert_eq!(severity, found, "{word}");
    }
}

#[test]
fn what_is_wrong_is_told_at_its_line_and_nothing_is_checked() {
    let file = "[check]\nfail_on = \"error\"\n\n[rules]\ntrail-unencryptd = \"off\"\n";
    let root = root(
        "config-wrong",
        &[GIT, ("keytrail.toml", file), ("main.tf", MAIN)],
    );
    let ended = run(&root, &["check", "."], &[]);
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{ended:?}");
    for said in [
        "there is no setting `fail_on`",
        "keytrail.toml:2:1",
        "help: there is `fail-on`",
        "there is no rule `trail-unencryptd`",
        "keytrail.toml:5:1",
    ] {
        assert!(ended.stderr.contains(said), "{said}: {}", ended.stderr);
    }
    for broken in [
        "\u{0}",
        "[",
        "a = \"",
        "[check]\nfail-on = 1e999999\n",
        "=\n",
    ] {
        std::fs::write(root.join("keytrail.toml"), broken).unwrap();
        let ended = run(&root, &["check", "."], &[]);
        assert_eq!(ended.code, 2, "{broken:?}: {ended:?}");
    }
    std::fs::write(root.join("keytrail.toml"), [0xff, 0xfe, 0x00]).unwrap();
    assert_eq!(run(&root, &["check", "."], &[]).code, 2);
    let deep = format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    std::fs::write(root.join("keytrail.toml"), deep).unwrap();
    assert_eq!(run(&root, &["check", "."], &[]).code, 2);
}

#[test]
fn init_writes_a_file_that_is_read_and_never_over_another() {
    let root = root("config-init", &[GIT, ("main.tf", MAIN)]);
    let ended = run(&root, &["init"], &[]);
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, "wrote keytrail.toml\n")
    );
    assert_eq!(run(&root, &["check", "."], &[]).code, 0);
    std::fs::write(root.join("keytrail.toml"), "mine").unwrap();
    let ended = run(&root, &["init"], &[]);
    assert_eq!(ended.code, 2);
    let kept = std::fs::read_to_string(root.join("keytrail.toml")).unwrap();
    assert_eq!(kept, "mine");
    let shown = run(&root, &["explain", "keytrail.toml"], &[]);
    assert!(shown.stdout.contains("[[expect]]"), "{shown:?}");
    let shown = run(&root, &["explain", "custom-rules"], &[]);
    assert!(shown.stdout.contains("RFC 9535"), "{shown:?}");
}

/// The example of the page runs, finds what it says, and shows nothing of the plan.
#[test]
fn the_page_of_custom_rules_is_run() {
    let page = keytrail::config::CUSTOM_RULES.replace("\r\n", "\n");
    let toml = page.split("```toml\n").nth(1).unwrap();
    let toml = toml.split("```").next().unwrap();
    let resource = |kind: &str, after: &str, unknown: &str, sensitive: &str| {
        format!(
            r#"{{"address":"{kind}.a","mode":"managed","type":"{kind}","name":"a","provider_name":"registry.terraform.io/hashicorp/aws","change":{{"actions":["create"],"before":null,"after":{after},"after_unknown":{unknown},"before_sensitive":false,"after_sensitive":{sensitive}}}}}"#
        )
    };
    let changes = [
        resource(
            "aws_cloudtrail",
            r#"{"name":"main","s3_bucket_name":"b","enable_log_file_validation":false}"#,
            "{}",
            "{}",
        ),
        resource(
            "aws_s3_bucket",
            r#"{"force_destroy":true}"#,
            r#"{"bucket":true}"#,
            "{}",
        ),
        resource(
            "random_password",
            r#"{"result":"hunter2"}"#,
            "{}",
            r#"{"result":true}"#,
        ),
    ];
    let plan = format!(
        r#"{{"format_version":"1.2","terraform_version":"1.15.5","planned_values":{{"root_module":{{}}}},"resource_changes":[{}],"configuration":{{"root_module":{{}}}},"complete":true,"errored":false}}"#,
        changes.join(",")
    );
    let more = "\n[[rule]]\nid = \"weak-password\"\nmessage = \"the password is weak\"\nselect = \"$.resources[?@.type == 'random_password']\"\nforbid = { path = \"$.values.result\", matches = \"hunter\" }\n";
    let files = [
        GIT,
        ("plan.json", plan.as_str()),
        ("keytrail.toml", &format!("{toml}{more}")),
        ("hcl/main.tf", MAIN),
    ];
    let root = root("config-custom", &files);
    let ended = run(&root, &["check", "plan.json", "--format", "json"], &[]);
    assert_eq!(ended.code, 1, "{ended:?}");
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let found: Vec<[&str; 4]> = findings
        .map(|it| {
            let words = ["rule", "severity", "verdict", "address"];
            words.map(|word| it[word].as_str().unwrap_or(""))
        })
        .filter(|it| it[0] != "trail-unencrypted")
        .collect();
    let wanted = [
        ["trail-without-validation", "error", "", "aws_cloudtrail.a"],
        ["weak-password", "error", "", "random_password.a"],
        [
            "bucket-may-be-destroyed",
            "warning",
            "undecided",
            "aws_s3_bucket.a",
        ],
    ];
    assert_eq!(found, wanted);
    let shown = run(&root, &["check", "plan.json"], &[]);
    for page in [&ended, &shown] {
        assert!(!page.stdout.contains("hunter2"), "{page:?}");
    }
    assert!(
        shown.stdout.contains("plan.json › random_password.a"),
        "{shown:?}"
    );
    // A folder of sources is not asked, and that is said.
    let sources = run(&root, &["check", "hcl"], &[]);
    assert_eq!(sources.code, 0, "{sources:?}");
    let said = sources.stdout.replace("\n    ", " ");
    assert!(
        said.contains("the 3 rules of the configuration file read plans and states"),
        "{said}"
    );
    let only = run(
        &root,
        &["check", "plan.json", "--only", "trail-unencrypted"],
        &[],
    );
    assert_eq!(only.code, 0, "{only:?}");
}

/// A key with instances and an alias, and a trail that uses it.
const KEYS: &str = r#"
provider "aws" {
  region = "us-east-1"
}

locals {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Sid = "Root", Effect = "Allow", Principal = { AWS = "arn:aws:iam::111122223333:root" }, Action = "kms:*", Resource = "*" },
      {
        Sid = "HushHush", Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" },
        Action = ["kms:GenerateDataKey*", "kms:DescribeKey"], Resource = "*",
        Condition = { StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:us-east-1:111122223333:trail/main" } }
      },
      {
        Effect = "Allow", Principal = { AWS = "*" }, Action = "kms:Decrypt", Resource = "*",
        Condition = { StringEquals = { "kms:CallerAccount" = "111122223333" } }
      },
    ]
  })
}

resource "aws_kms_key" "audit" {
  count  = 2
  policy = local.policy
}

resource "aws_kms_alias" "audit" {
  name          = "alias/audit"
  target_key_id = aws_kms_key.audit[0].key_id
}

resource "aws_cloudtrail" "main" {
  name           = "main"
  s3_bucket_name = "logs"
  kms_key_id     = aws_kms_key.audit[0].arn
}
"#;

/// Checks [`KEYS`] with a configuration: each finding of an expectation as severity, verdict and message, and how many were judged.
fn expect(name: &str, toml: &str) -> (Vec<String>, u64) {
    let root = root(name, &[GIT, ("main.tf", KEYS), ("keytrail.toml", toml)]);
    let args = [
        "check",
        ".",
        "--format",
        "json",
        "--account-id",
        "111122223333",
    ];
    let ended = run(&root, &args, &[]);
    assert_eq!(ended.stderr, "");
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let findings = findings.filter(|it| it["rule"] == "expectation-failed");
    let words = ["severity", "verdict", "message"];
    let told = findings.map(|it| words.map(|word| it[word].as_str().unwrap_or("-")).join(" "));
    let judged = report["summary"]["expectations"].as_u64().unwrap();
    let listed = report["expectations"].as_array().unwrap();
    assert_eq!(listed.len() as u64, judged);
    let wanted = |it: &Value| ["allowed", "denied"].contains(&it["expected"].as_str().unwrap());
    assert!(
        listed
            .iter()
            .all(|it| wanted(it) && it["requirement"]["key"].is_string())
    );
    (told.collect(), judged)
}

#[test]
fn keys_are_meant_by_address_alias_and_pattern() {
    let deny = "deny = [{ principal = \"*\", action = \"kms:Decrypt\" }]\n";
    for (key, wanted) in [
        ("\"aws_kms_key.audit\"", 2),
        ("\"aws_kms_key.audit[1]\"", 1),
        ("\"alias/audit\"", 1),
        ("\"alias/*\"", 1),
        ("\"arn:aws:kms:us-east-1:111122223333:alias/audit\"", 1),
        ("[\"aws_kms_key.*\", \"alias/audit\"]", 2),
    ] {
        let (told, judged) = expect("config-keys", &format!("[[expect]]\nkey = {key}\n{deny}"));
        assert_eq!((told.len(), judged), (0, wanted), "{key}: {told:?}");
    }
    // One that exists has an ARN of its own.
    let arn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let plan = Sketch::new(r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}]}"#).plan();
    for (key, wanted) in [(arn, 1), (&arn.replace("1234abcd-", "9234abcd-"), 0)] {
        let toml = format!("[[expect]]\nkey = \"{key}\"\n{deny}");
        let root = root(
            "config-arn",
            &[GIT, ("plan.json", &plan), ("keytrail.toml", &toml)],
        );
        let ended = run(&root, &["check", "plan.json", "--format", "json"], &[]);
        let report: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(report["summary"]["expectations"], wanted, "{key}");
    }
    for key in [
        "\"aws_kms_key.audti\"",
        "\"alias/audits\"",
        "\"arn:aws:kms:eu-west-1:111122223333:alias/audit\"",
        "\"arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab\"",
    ] {
        let (told, judged) = expect("config-keys", &format!("[[expect]]\nkey = {key}\n{deny}"));
        assert_eq!((told.len(), judged), (1, 0), "{key}: {told:?}");
        assert!(
            told[0].starts_with(&format!(
                "error - the inputs hold no key `{}`",
                key.trim_matches('"')
            )),
            "{told:?}"
        );
    }
}

/// A name of nothing is told where it stands, once however many keys and requests ask for it.
#[test]
fn a_name_of_nothing_is_told_where_it_stands() {
    let request = |name: &str| {
        format!(
            "{{ principal = \"cloudtrail.amazonaws.com\", action = \"kms:Decrypt\", context = {{ \"aws:SourceArn\" = \"{{{name}}}\" }} }}"
        )
    };
    let (one, two) = ("aws_cloudtrail.one", "aws_cloudtrail.two");
    for (names, wanted) in [
        (&[one][..], &[one][..]),
        (&[one, two], &[one, two]),
        (&[one, two, one], &[one, two]),
    ] {
        let requests: Vec<String> = names.iter().map(|name| request(name)).collect();
        let requests = requests.join(", ");
        let toml = format!("[[expect]]\nkey = \"aws_kms_key.audit\"\ndeny = [{requests}]\n");
        let root = root(
            "config-nobody",
            &[GIT, ("main.tf", KEYS), ("keytrail.toml", &toml)],
        );
        let ended = run(&root, &["check", ".", "--format", "json"], &[]);
        let report: Value = serde_json::from_str(&ended.stdout).unwrap();
        let findings = report["findings"].as_array().unwrap().iter();
        let told = findings.filter(|it| it["rule"] == "expectation-failed");
        let told: Vec<(&Value, &Value)> = told
            .map(|it| (&it["address"], &it["locations"][0]["text"]))
            .collect();
        let wanted: Vec<(Value, Value)> = wanted
            .iter()
            .map(|name| ((*name).into(), format!("{{{name}}}").into()))
            .collect();
        let wanted: Vec<(&Value, &Value)> = wanted.iter().map(|(name, at)| (name, at)).collect();
        assert_eq!(told, wanted);
    }
}

#[test]
fn requests_are_judged_as_those_of_trails_are() {
    let ask = |list: &str, request: &str| {
        let toml = format!("[[expect]]\nkey = \"aws_kms_key.audit[0]\"\n{list} = [{request}]\n");
        let (told, _) = expect("config-requests", &toml);
        assert!(told.len() <= 1, "{told:?}");
        let words = told
            .first()
            .map(|it| it.split(' ').take(2).collect::<Vec<_>>().join(" "));
        words.unwrap_or_default()
    };
    let encrypt = |arn: &str| {
        format!(
            "{{ principal = \"cloudtrail.amazonaws.com\", action = \"kms:GenerateDataKey\", context = {{ \"aws:SourceArn\" = \"{arn}\" }} }}"
        )
    };
    assert_eq!(ask("allow", &encrypt("{aws_cloudtrail.main}")), "");
    assert_eq!(
        ask("deny", &encrypt("{aws_cloudtrail.main}")),
        "error allowed"
    );
    assert_eq!(ask("allow", &encrypt("{aws_cloudtrail.other}")), "error -");
    let own = "arn:aws:cloudtrail:{region}:{account}:trail/main";
    assert_eq!(ask("allow", &encrypt(own)), "");
    let other = "arn:aws:cloudtrail:{region}:999999999999:trail/main";
    assert_eq!(ask("allow", &encrypt(other)), "error denied");
    assert_eq!(ask("deny", &encrypt(other)), "");
    // What is not given is absent.
    let bare = "{ principal = \"cloudtrail.amazonaws.com\", action = \"kms:GenerateDataKey\" }";
    assert_eq!(ask("allow", bare), "error denied");
    assert_eq!(ask("allow", "{ as = \"cloudtrail-encrypt\" }"), "");
    let subject = "{ as = \"cloudtrail-encrypt\", subject = \"aws_cloudtrail.other\" }";
    assert_eq!(ask("allow", subject), "error -");
    // Nobody has such a subject.
    assert_eq!(ask("allow", "{ as = \"lake-encrypt\" }"), "error -");
    let decrypt = |who: &str| format!("{{ principal = \"{who}\", action = \"kms:Decrypt\" }}");
    // `kms:CallerAccount` follows from who asks.
    assert_eq!(
        ask("allow", &decrypt("arn:aws:iam::{account}:role/auditor")),
        ""
    );
    assert_eq!(
        ask("deny", &decrypt("arn:aws:iam::222222222222:role/auditor")),
        ""
    );
    assert_eq!(ask("deny", &decrypt("*")), "");
    // The root statement leaves the rest to the account.
    let admin = "{ principal = \"arn:aws:iam::{account}:role/a\", action = \"kms:PutKeyPolicy\" }";
    assert_eq!(ask("deny", admin), "note delegated");
    assert_eq!(ask("allow", admin), "note delegated");
    let root = "{ principal = \"{account}\", action = \"kms:PutKeyPolicy\" }";
    assert_eq!(ask("allow", root), "");
}

#[test]
fn nothing_of_a_sensitive_policy_is_shown() {
    let main = KEYS.replace("policy = local.policy", "policy = sensitive(local.policy)");
    let toml = "[[expect]]\nkey = \"aws_kms_key.*\"\nallow = [{ principal = \"*\", action = \"kms:Decrypt\" }]\n\
        deny = [{ as = \"cloudtrail-encrypt\" }, { as = \"cloudtrail-describe\" }]\n";
    let root = root(
        "config-secret",
        &[GIT, ("main.tf", &main), ("keytrail.toml", toml)],
    );
    for format in keytrail::report::Format::ALL.iter().map(|it| it.word()) {
        let args = [
            "check",
            ".",
            "--format",
            format,
            "--account-id",
            "111122223333",
        ];
        let ended = run(&root, &args, &[]);
        assert_eq!(ended.code, 1, "{ended:?}");
        let page = crate::support::run::without_pages(format, &ended.stdout);
        let told = page.matches("expectation-failed").count();
        assert!(told >= 3 || format == "counts", "{page}");
        for secret in ["HushHush", "CallerAccount", "aws:SourceArn"] {
            assert!(!page.contains(secret), "{secret}: {page}");
        }
    }
}

/// What follows from who asks is in the request: what kind of principal it is, and that AWS answers over TLS alone.
#[test]
fn what_follows_from_who_asks_is_in_the_request() {
    let service = "cloudtrail.amazonaws.com";
    let role = "arn:aws:iam::{account}:role/auditor";
    for (who, operator, name, value, wanted) in [
        (
            service,
            "StringEquals",
            "aws:PrincipalServiceName",
            service,
            true,
        ),
        (
            service,
            "StringEquals",
            "aws:PrincipalServiceName",
            "config.amazonaws.com",
            false,
        ),
        (
            service,
            "ForAnyValue:StringEquals",
            "aws:PrincipalServiceNamesList",
            service,
            true,
        ),
        (
            service,
            "StringEquals",
            "aws:PrincipalServiceNamesList",
            service,
            false,
        ),
        (service, "Bool", "aws:SecureTransport", "true", true),
        (service, "Bool", "aws:SecureTransport", "false", false),
        (service, "Bool", "aws:ViaAWSService", "false", true),
        (service, "Bool", "aws:PrincipalIsAWSService", "true", true),
        (
            service,
            "StringEquals",
            "aws:SourceAccount",
            "111122223333",
            false,
        ),
        (role, "Bool", "aws:PrincipalIsAWSService", "false", true),
        // Whoever asks AWS KMS itself comes through no other service.
        (role, "Bool", "aws:ViaAWSService", "false", true),
        (role, "Bool", "aws:ViaAWSService", "true", false),
        (
            role,
            "StringEquals",
            "aws:PrincipalType",
            "AssumedRole",
            true,
        ),
        ("*", "Bool", "aws:SecureTransport", "true", true),
        (
            "*",
            "StringEquals",
            "aws:PrincipalOrgID",
            "o-a1b2c3d4e5",
            false,
        ),
        // Without a set operator nothing of a list matches.
        (
            "*",
            "ForAnyValue:StringLike",
            "aws:PrincipalOrgPaths",
            "*",
            true,
        ),
        ("*", "StringLike", "aws:PrincipalOrgPaths", "*", false),
    ] {
        let principal = match who {
            "*" => "{ AWS = \"*\" }".to_owned(),
            _ if who == service => format!("{{ Service = \"{service}\" }}"),
            _ => "{ AWS = \"arn:aws:iam::111122223333:role/auditor\" }".to_owned(),
        };
        let main = format!(
            "provider \"aws\" {{\n  region = \"us-east-1\"\n}}\nresource \"aws_kms_key\" \"audit\" {{\n  policy = jsonencode({{\n    \
             Version = \"2012-10-17\"\n    Statement = [{{ Effect = \"Allow\", Principal = {principal}, Action = \"kms:Decrypt\", \
             Resource = \"*\", Condition = {{ {operator:?} = {{ {name:?} = {value:?} }} }} }}]\n  }})\n}}\n"
        );
        let toml = |list: &str| {
            format!(
                "[[expect]]\nkey = \"aws_kms_key.audit\"\n{list} = [{{ principal = \"{who}\", action = \"kms:Decrypt\" }}]\n"
            )
        };
        let judged = ["allow", "deny"].map(|list| {
            let toml = toml(list);
            let files = [
                GIT,
                ("main.tf", main.as_str()),
                ("keytrail.toml", toml.as_str()),
            ];
            let root = root("config-follows", &files).display().to_string();
            let args = [
                "check",
                &root,
                "--format",
                "json",
                "--account-id",
                "111122223333",
            ];
            let ended = crate::support::check::run(&args);
            let report: Value = serde_json::from_str(&ended.stdout).unwrap();
            let verdict = report["expectations"][0]["requirement"]["verdict"].as_str();
            verdict.unwrap().to_owned()
        });
        let wanted = if wanted { "allowed" } else { "denied" };
        assert_eq!(judged[1], wanted, "{who} {operator} {name} {value}");
        // What a stranger chooses is not chosen for the best where it is to be allowed.
        let open = who == "*" && wanted == "allowed" && name == "aws:PrincipalOrgPaths";
        let wanted = if open { "undecided" } else { wanted };
        assert_eq!(judged[0], wanted, "{who} {operator} {name} {value}");
    }
}

/// Two expectations of one key are two findings, which a baseline tells apart.
#[test]
fn each_expectation_has_its_own_fingerprint() {
    let toml = "[[expect]]\nkey = \"aws_kms_key.audit[0]\"\nallow = [\n  { principal = \"arn:aws:iam::222222222222:role/a\", action = \"kms:Decrypt\" },\n  \
        { principal = \"arn:aws:iam::222222222222:role/b\", action = \"kms:Decrypt\" },\n  \
        { principal = \"cloudtrail.amazonaws.com\", action = \"kms:GenerateDataKey\", context = { \"aws:SourceArn\" = \"a\" } },\n  \
        { principal = \"cloudtrail.amazonaws.com\", action = \"kms:GenerateDataKey\", context = { \"aws:SourceArn\" = \"b\" } },\n]\n";
    let root = root(
        "config-prints",
        &[GIT, ("main.tf", KEYS), ("keytrail.toml", toml)],
    );
    let args = [
        "check",
        ".",
        "--format",
        "json",
        "--account-id",
        "111122223333",
    ];
    let ended = run(&root, &args, &[]);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let told = findings.filter(|it| it["rule"] == "expectation-failed");
    let prints: std::collections::BTreeSet<&str> =
        told.map(|it| it["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(prints.len(), 4, "{prints:?}");
}

/// Whoever reads the logs of a trail reads those of an event data store, too.
#[test]
fn an_expectation_of_readers_is_of_event_data_stores_too() {
    let (keys, _) = KEYS.split_once("resource \"aws_cloudtrail\"").unwrap();
    let main = format!(
        "{keys}\nresource \"aws_kms_key\" \"lake\" {{\n  policy = local.policy\n}}\nresource \"aws_cloudtrail_event_data_store\" \"lake\" {{\n  name       = \"lake\"\n  \
         kms_key_id = aws_kms_key.lake.arn\n}}\n"
    );
    for (request, wanted) in [
        (
            "as = \"reader-decrypt\", principal = \"arn:aws:iam::{account}:role/a\"",
            "allowed",
        ),
        ("as = \"lake-encrypt\"", "denied"),
    ] {
        let toml = format!("[[expect]]\nkey = \"aws_kms_key.lake\"\nallow = [{{ {request} }}]\n");
        let root = root(
            "config-lake",
            &[GIT, ("main.tf", &main), ("keytrail.toml", &toml)],
        );
        let args = [
            "check",
            ".",
            "--format",
            "json",
            "--account-id",
            "111122223333",
        ];
        let ended = run(&root, &args, &[]);
        assert_eq!(ended.stderr, "");
        let report: Value = serde_json::from_str(&ended.stdout).unwrap();
        let found = report["expectations"][0]["requirement"]["verdict"].as_str();
        assert_eq!(
            found.unwrap_or(""),
            wanted,
            "{request} {}",
            report["findings"]
        );
    }
}

/// A name of a subject is that of the key's own input, where another one has a subject of that name, too.
#[test]
fn a_subject_is_one_of_the_keys_own_input() {
    use crate::support::sketch::Sketch;
    let accounts = ["111122223333", "444455556666"];
    let plans = accounts.map(|account| {
        let trail = format!("arn:aws:cloudtrail:us-east-1:{account}:trail/main");
        let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": "kms:*", "Resource": "*", "Condition": {"StringEquals": {"aws:SourceArn": trail}}}]});
        Sketch::new(policy.to_string()).account(account).plan()
    });
    let toml = "[[expect]]\nkey = \"aws_kms_key.trail\"\nallow = [{ principal = \"cloudtrail.amazonaws.com\", action = \"kms:Decrypt\", \
        context = { \"aws:SourceArn\" = \"{aws_cloudtrail.main}\" } }]\n";
    let files = [
        GIT,
        ("one.json", plans[0].as_str()),
        ("two.json", plans[1].as_str()),
        ("keytrail.toml", toml),
    ];
    let root = root("config-two", &files);
    let ended = run(
        &root,
        &[
            "check",
            "one.json",
            "two.json",
            "--no-source",
            "--format",
            "json",
        ],
        &[],
    );
    assert_eq!(ended.stderr, "");
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let judged = report["expectations"].as_array().unwrap().iter();
    let verdicts: Vec<&str> = judged
        .map(|it| it["requirement"]["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(verdicts, ["allowed", "allowed"]);
}

/// A built-in request is made of what the subject that is named has, and not of another one of the same input.
#[test]
fn the_request_of_a_subject_is_its_own() {
    let arn = |name: &str| format!("arn:aws:cloudtrail:us-east-1:111122223333:trail/{name}");
    let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": "kms:*", "Resource": "*", "Condition": {"StringEquals": {"aws:SourceArn": arn("other")}}}]});
    let other = serde_json::json!({"name": "other", "arn": arn("other"), "s3_bucket_name": "logs"});
    let plan = Sketch::new(policy.to_string())
        .with("aws_cloudtrail.other", &other)
        .plan();
    let verdicts = |subject: &str| -> Vec<String> {
        let toml = format!(
            "[[expect]]\nkey = \"aws_kms_key.trail\"\nallow = [{{ as = \"cloudtrail-encrypt\"{subject} }}]\n"
        );
        let root = root(
            "config-subject",
            &[GIT, ("plan.json", &plan), ("keytrail.toml", &toml)],
        );
        let ended = run(
            &root,
            &["check", "plan.json", "--no-source", "--format", "json"],
            &[],
        );
        let report: Value = serde_json::from_str(&ended.stdout).unwrap();
        let judged = report["expectations"].as_array().unwrap().iter();
        judged
            .map(|it| it["requirement"]["verdict"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(verdicts(", subject = \"aws_cloudtrail.main\""), ["denied"]);
    assert_eq!(
        verdicts(", subject = \"aws_cloudtrail.other\""),
        ["allowed"]
    );
    assert_eq!(verdicts(""), ["denied", "allowed"]);
}

/// What a caller, a key and a context make of an expectation: the key's policy has one statement.
fn one(principal: &str, condition: &str, region: &str, toml: &str) -> Value {
    let main = format!(
        "provider \"aws\" {{{region}}}\nresource \"aws_kms_key\" \"audit\" {{\n  policy = jsonencode({{\n    Version = \"2012-10-17\"\n    \
         Statement = [{{ Effect = \"Allow\", Principal = {{ {principal} }}, Action = \"kms:Decrypt\", Resource = \"*\", \
         Condition = {{ {condition} }} }}]\n  }})\n}}\n"
    );
    let toml = format!("[[expect]]\nkey = \"aws_kms_key.audit\"\n{toml}\n");
    let root = root(
        "config-one",
        &[GIT, ("main.tf", &main), ("keytrail.toml", &toml)],
    );
    let args = [
        "check",
        ".",
        "--format",
        "json",
        "--account-id",
        "111122223333",
    ];
    let ended = run(&root, &args, &[]);
    assert_eq!(ended.stderr, "", "{main}");
    serde_json::from_str(&ended.stdout).unwrap()
}

#[test]
fn what_an_expectation_hangs_on() {
    let service = "Service = \"logs.us-east-1.amazonaws.com\"";
    let everybody = "AWS = \"*\"";
    let place = "\n  region = \"us-east-1\"\n";
    let request = |list: &str, who: &str, context: &str| {
        format!(
            "{list} = [{{ principal = \"{who}\", action = \"kms:Decrypt\", context = {{ {context} }} }}]"
        )
    };
    let role = "arn:aws:iam::{account}:role/a";
    let regional = "logs.{region}.amazonaws.com";
    let team = "\"aws:PrincipalTag/team\"";
    let list = format!("{team} = [\"a\", \"b\"]");
    let is_a = format!("StringEquals = {{ {team} = \"a\" }}");
    let any_b = format!("\"ForAnyValue:StringEquals\" = {{ {team} = \"b\" }}");
    let paths = "StringLike = { \"aws:PrincipalOrgPaths\" = \"o-a/*\" }";
    let own = "StringEquals = { \"kms:KeyOrigin\" = \"AWS_KMS\" }";
    let one_path = "\"aws:PrincipalOrgPaths\" = \"o-a/r-b/\"";
    for (principal, condition, region, toml, verdict) in [
        // The service of a Region that nobody knows.
        (
            service,
            "",
            place,
            request("allow", regional, ""),
            "allowed",
        ),
        (service, "", "", request("allow", regional, ""), "undecided"),
        // Without a set operator nothing of a list matches, be it one by its name or as it is given.
        (
            everybody,
            &is_a,
            place,
            request("allow", role, &list),
            "denied",
        ),
        (
            everybody,
            &any_b,
            place,
            request("allow", role, &list),
            "allowed",
        ),
        (
            everybody,
            &is_a,
            place,
            request("allow", role, &format!("{team} = \"a\"")),
            "allowed",
        ),
        (
            everybody,
            paths,
            place,
            request("allow", role, one_path),
            "denied",
        ),
        // What is not given is absent, even where whoever asks could choose it.
        (everybody, &is_a, place, request("deny", role, ""), "denied"),
        // Nobody chooses a property of the key.
        (
            everybody,
            own,
            place,
            request("deny", role, ""),
            "conditional",
        ),
    ] {
        let report = one(principal, condition, region, &toml);
        let found = &report["expectations"][0]["requirement"]["verdict"];
        assert_eq!(found, verdict, "{principal} {condition} {toml}");
    }
}

/// What a key leaves to its own account may be given by IAM; what it leaves to another one, it has let go of.
#[test]
fn what_is_left_to_another_account_is_not_denied() {
    for (account, severity) in [("111122223333", "note"), ("444455556666", "error")] {
        let principal = format!("AWS = \"arn:aws:iam::{account}:root\"");
        let toml = format!(
            "deny = [{{ principal = \"arn:aws:iam::{account}:role/a\", action = \"kms:Decrypt\" }}]"
        );
        let report = one(&principal, "", "\n  region = \"us-east-1\"\n", &toml);
        assert_eq!(
            report["expectations"][0]["requirement"]["verdict"],
            "delegated"
        );
        let mut findings = report["findings"].as_array().unwrap().iter();
        let finding = findings
            .find(|it| it["rule"] == "expectation-failed")
            .unwrap();
        assert_eq!(finding["severity"], severity, "{account}");
    }
}

/// What the file gives in the place of what a trail sends is told.
#[test]
fn what_the_file_gives_is_told() {
    let toml = "[[expect]]\nkey = \"aws_kms_key.audit[0]\"\nallow = [{ as = \"cloudtrail-encrypt\", \
        context = { \"aws:SourceArn\" = \"a\", \"aws:SourceAccount\" = \"b\" } }]\n";
    let (told, _) = expect("config-given", toml);
    assert!(
        told[0].contains("call `kms:GenerateDataKey` for `aws_cloudtrail.main` with another `aws:SourceArn`, `aws:SourceAccount`"),
        "{told:?}"
    );
}
