//! Plans in which the way from trail to key, or from key to policy, is easily got wrong: each once gave a wrong answer. A
//! change of `verdicts.txt` is to be read against the plan before it is accepted.

use std::fmt::Write as _;
use std::path::PathBuf;

use keytrail::plan;
use keytrail::resolve::{self, Loaded, Options};
use keytrail::rules::{self, Gate, Selection};
use keytrail::source::SourceMap;
use keytrail::value::Symbols;
use serde_json::{Value, json};

use crate::support::expect;
use crate::support::sketch::{Judged, Sketch, judge};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/links")
}

fn text(name: &str) -> String {
    std::fs::read_to_string(folder().join(name)).unwrap()
}

fn told(judged: &Judged) -> String {
    let mut out = String::new();
    for subject in &judged.model.subjects {
        let keys = subject
            .link
            .keys
            .iter()
            .map(|at| judged.model.keys[*at].address.as_str());
        let keys: Vec<&str> = keys.collect();
        writeln!(
            out,
            "  {} {} {}",
            subject.address,
            subject.link.status.word(),
            keys.join(", ")
        )
        .unwrap();
        for it in &subject.requirements {
            writeln!(out, "    {} {}", it.id, it.verdict.word()).unwrap();
        }
    }
    for finding in &judged.findings {
        let verdict = finding.verdict.map_or("", |verdict| verdict.word());
        writeln!(
            out,
            "  {} {} {verdict}",
            finding.severity.word(),
            finding.rule
        )
        .unwrap();
    }
    out
}

#[test]
fn ways_that_are_easily_got_wrong() {
    let mut names: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with("plan-and-state") && name != "verdicts.txt")
        .collect();
    names.sort();
    assert!(names.len() >= 20);
    let mut found = String::new();
    for name in names {
        let judged = judge(&text(&name), &Options::default());
        write!(found, "{name}\n{}", told(&judged)).unwrap();
    }
    expect("links/verdicts.txt", &found);
}

/// One key in a plan and in a state: each trail is judged against its own input's key, in whatever order they are given.
#[test]
fn a_plan_and_a_state_of_one_root_in_either_order() {
    let read = |names: [&str; 2]| {
        let (mut sources, mut symbols) = (SourceMap::new(), Symbols::new());
        let loaded = names.iter().enumerate().map(|(at, name)| {
            let bytes = text(name).into_bytes();
            let plan =
                plan::load(&bytes, name, &format!("in{at}"), &mut sources, &mut symbols).unwrap();
            Loaded {
                path: (*name).to_owned(),
                document: plan,
            }
        });
        let loaded: Vec<Loaded> = loaded.collect();
        let model = resolve::model(&loaded, symbols, &mut sources, &Options::default());
        let findings = rules::check(&model, Gate::default(), &Selection::default());
        let mut rules: Vec<String> = findings
            .iter()
            .map(|finding| finding.rule.to_string())
            .collect();
        rules.sort_unstable();
        rules
    };
    let (plan, state) = ("plan-and-state.plan.json", "plan-and-state.state.json");
    let wrong = [
        "change-revokes-delivery",
        "trail-key-denies-describe",
        "trail-key-denies-encrypt",
    ];
    assert_eq!(read([plan, state]), wrong);
    assert_eq!(read([state, plan]), wrong);
}

/// A module whose outputs and inputs fan out twice at every step is walked once.
#[test]
fn a_fan_out_is_walked_once() {
    let depth = 40;
    let mut module = json!({"outputs": {"a": {"expression": {"references": ["var.x"]}}}, "variables": {"x": {}}});
    for _ in 0..depth {
        let call = |_| json!({"source": "./m", "expressions": {"x": {"references": ["var.x"]}}, "module": module.clone()});
        let both = json!({"references": ["module.l.a", "module.l", "module.r.a", "module.r"]});
        module = json!({"outputs": {"a": {"expression": both}}, "variables": {"x": {}}, "module_calls": {"l": call(0)}});
        module["module_calls"]["r"] = json!({"source": "./m", "expressions": {"x": {"references": ["var.x"]}},
            "module": {"outputs": {"a": {"expression": {"references": ["var.x"]}}}, "variables": {"x": {}}}});
    }
    let mut plan: Value = serde_json::from_str(&Sketch::new("{}").plan()).unwrap();
    let trail = &mut plan["resource_changes"][0]["change"];
    trail["after"].as_object_mut().unwrap().remove("kms_key_id");
    trail["after_unknown"] = json!({"kms_key_id": true});
    plan["configuration"]["root_module"] = json!({
        "resources": [{"address": "aws_cloudtrail.main", "mode": "managed", "type": "aws_cloudtrail", "name": "main",
            "expressions": {"kms_key_id": {"references": ["module.l.a", "module.l"]}}}],
        "module_calls": {"l": {"source": "./m", "expressions": {"x": {"references": ["aws_kms_key.trail.arn"]}}, "module": module}}});
    let judged = judge(&plan.to_string(), &Options::default());
    assert_eq!(judged.model.subjects[0].link.keys, [0]);
}

/// `--account-id` is of all roots; the trails and buckets of two environments are still two.
#[test]
fn each_root_of_a_folder_is_judged_whatever_it_is_called() {
    let module = r#"
        variable "region" {}
        data "aws_caller_identity" "own" {}
        resource "aws_kms_key" "trail" {
          policy = jsonencode({ Version = "2012-10-17", Statement = [
            { Effect = "Allow", Principal = { AWS = "arn:aws:iam::${data.aws_caller_identity.own.account_id}:root" }, Action = "kms:*", Resource = "*" },
            { Effect = "Allow", Principal = { Service = "cloudtrail.amazonaws.com" }, Action = ["kms:GenerateDataKey*", "kms:DescribeKey"], Resource = "*",
              Condition = { StringEquals = { "aws:SourceArn" = "arn:aws:cloudtrail:${var.region}:${data.aws_caller_identity.own.account_id}:trail/main" } } },
          ] })
        }
        resource "aws_iam_role" "reader" { name = "reader" }
        resource "aws_cloudtrail" "main" {
          name           = "main"
          s3_bucket_name = "logs"
          kms_key_id     = aws_kms_key.trail.arn
        }
    "#;
    let environment = |region: &str| {
        format!(
            "provider \"aws\" {{\n  region = \"eu-west-1\"\n}}\nmodule \"trail\" {{\n  source = \"../modules/trail\"\n  region = \"{region}\"\n}}\n"
        )
    };
    let root = crate::support::run::folder(
        "links-environments",
        &[
            ("modules/trail/main.tf", module),
            ("production/main.tf", &environment("eu-west-1")),
            ("staging/main.tf", &environment("eu-west-2")),
        ],
    );
    for account in [&[][..], &["--account-id", "111122223333"]] {
        let args = [&["check", root.as_str(), "--format", "json"], account].concat();
        let ended = crate::support::run::keytrail(&args);
        let report: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        let counts = (&report["summary"]["trails"], &report["summary"]["keys"]);
        assert_eq!(
            counts,
            (&2.into(), &2.into()),
            "{account:?}: {}",
            ended.stderr
        );
        let findings = report["findings"].as_array().unwrap().iter();
        let rules: Vec<_> = findings.map(|it| (&it["rule"], &it["subject"])).collect();
        let encrypt = |subject: &str| {
            (
                serde_json::json!("trail-key-denies-encrypt"),
                serde_json::json!(subject),
            )
        };
        let denied = encrypt("in1:module.trail.aws_cloudtrail.main");
        assert!(
            rules.contains(&(&denied.0, &denied.1)),
            "{account:?}: {rules:?}"
        );
        let fine = encrypt("in0:module.trail.aws_cloudtrail.main");
        assert!(
            !rules.contains(&(&fine.0, &fine.1)),
            "{account:?}: {rules:?}"
        );
        assert_eq!(ended.code, 1);
    }
}

/// A replica and its primary have one id, and with one Region given for both one ARN; the trail's reference still tells them apart.
#[test]
fn a_replica_is_no_primary_whatever_region_is_given() {
    let policy = |trail: &str| {
        format!(
            r#"jsonencode({{ Version = "2012-10-17", Statement = [
              {{ Effect = "Allow", Principal = {{ AWS = "arn:aws:iam::111122223333:root" }}, Action = "kms:*", Resource = "*" }},
              {{ Effect = "Allow", Principal = {{ Service = "cloudtrail.amazonaws.com" }}, Action = ["kms:GenerateDataKey*", "kms:DescribeKey"], Resource = "*",
                Condition = {{ StringEquals = {{ "aws:SourceArn" = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/{trail}" }} }} }},
            ] }})"#
        )
    };
    let text = format!(
        r#"
        variable "home" {{}}
        variable "other" {{}}
        provider "aws" {{
          region = var.home
        }}
        provider "aws" {{
          alias  = "other"
          region = var.other
        }}
        resource "aws_kms_key" "primary" {{
          multi_region = true
          policy       = {}
        }}
        resource "aws_kms_replica_key" "replica" {{
          provider        = aws.other
          primary_key_arn = aws_kms_key.primary.arn
          policy          = {}
        }}
        resource "aws_cloudtrail" "main" {{
          provider       = aws.other
          name           = "main"
          s3_bucket_name = "logs"
          kms_key_id     = aws_kms_replica_key.replica.arn
        }}
        "#,
        policy("main"),
        policy("another")
    );
    let root = crate::support::run::folder("links-replica", &[("main.tf", &text)]);
    for region in [&[][..], &["--region", "eu-west-1"]] {
        let args = [
            "check",
            &root,
            "--format",
            "json",
            "--account-id",
            "111122223333",
        ];
        let ended = crate::support::run::keytrail(&[&args[..], region].concat());
        let report: Value = serde_json::from_str(&ended.stdout).unwrap();
        let link = &report["subjects"][0]["link"]["keys"];
        assert_eq!(
            link,
            &json!(["in0:aws_kms_replica_key.replica"]),
            "{region:?}"
        );
        assert_eq!(ended.code, 1, "{region:?}: {}", ended.stdout);
    }
}

/// An index that may be any is tried for some instances; with as many trails as keys the work would grow with the square.
#[test]
fn an_index_that_may_be_any_of_very_many_is_unresolved() {
    for (count, status) in [(4, "candidates"), (400, "unresolved")] {
        // Terraform takes the index for one of each ARN, which has none.
        let text = format!(
            "resource \"aws_kms_key\" \"k\" {{\n  count = {count}\n}}\nresource \"aws_cloudtrail\" \"t\" {{\n  count      = {count}\n  name       = \"t${{count.index}}\"\n  kms_key_id = aws_kms_key.k[*].arn[count.index]\n}}\n"
        );
        let folder = crate::support::run::folder("links-crowd", &[("main.tf", &text)]);
        let ended = crate::support::run::keytrail(&["check", &folder, "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        let subjects = report["subjects"].as_array().unwrap();
        assert_eq!(subjects.len(), count);
        for subject in subjects {
            assert_eq!(subject["link"]["status"], status, "{subject}");
        }
        if status == "unresolved" {
            let reason = subjects[0]["link"]["reason"].as_str().unwrap();
            assert_eq!(reason, "`kms_key_id` may name any of 400 instances");
        }
    }
}

/// AWS lets an account have one alias of a name in each Region; a plan made by hand has as many as it likes.
#[test]
fn a_name_that_very_many_aliases_have_is_unresolved() {
    for (count, status) in [(4, "candidates"), (400, "unresolved")] {
        let text = format!(
            "resource \"aws_kms_key\" \"k\" {{\n  count = {count}\n}}\nresource \"aws_kms_alias\" \"a\" {{\n  count         = {count}\n  name          = \"alias/same\"\n  target_key_id = aws_kms_key.k[count.index].key_id\n}}\nresource \"aws_cloudtrail\" \"t\" {{\n  count      = {count}\n  name       = \"t${{count.index}}\"\n  kms_key_id = \"alias/same\"\n}}\n"
        );
        let folder = crate::support::run::folder("links-same-alias", &[("main.tf", &text)]);
        let ended = crate::support::run::keytrail(&["check", &folder, "--format", "json"]);
        let report: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
        for subject in report["subjects"].as_array().unwrap() {
            assert_eq!(subject["link"]["status"], status, "{subject}");
        }
        if status == "unresolved" {
            let reason = &report["subjects"][0]["link"]["reason"];
            assert_eq!(reason, "`kms_key_id` may name any of 400 instances");
        }
    }
}

#[test]
fn a_name_that_very_many_aliases_have_is_kept_in_no_report_where_it_is_sensitive() {
    let text = "variable \"name\" {\n  sensitive = true\n  default   = \"alias/zebra\"\n}\nresource \"aws_kms_key\" \"k\" {\n  count = 60\n}\nresource \"aws_kms_alias\" \"a\" {\n  count         = 60\n  name          = var.name\n  target_key_id = aws_kms_key.k[count.index].key_id\n}\nresource \"aws_cloudtrail\" \"t\" {\n  name       = \"t\"\n  kms_key_id = var.name\n}\n";
    let folder = crate::support::run::folder("links-secret-alias", &[("main.tf", text)]);
    let ended = crate::support::run::keytrail(&["check", &folder, "--format", "json"]);
    assert!(!ended.stdout.contains("zebra"), "{}", ended.stdout);
    let report: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let link = &report["subjects"][0]["link"];
    assert_eq!(link["status"], "unresolved", "{link}");
    assert_eq!(link["reason"], "`kms_key_id` may name any of 60 instances");
}

/// A local has no `count` of its own, whatever the block has that takes an item of it.
#[test]
fn an_item_of_a_local_is_one_of_several_keys() {
    let text = "variable \"which\" {\n  type = number\n}\nresource \"aws_kms_key\" \"k\" {\n  count = 2\n}\nlocals {\n  arns = aws_kms_key.k[*].arn\n}\nresource \"aws_cloudtrail\" \"t\" {\n  count          = 2\n  name           = \"t${count.index}\"\n  s3_bucket_name = \"logs\"\n  kms_key_id     = local.arns[var.which]\n}\n";
    let folder = crate::support::run::folder("links-item", &[("main.tf", text)]);
    let ended = crate::support::run::keytrail(&["check", &folder, "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    for subject in report["subjects"].as_array().unwrap() {
        let link = &subject["link"];
        assert_eq!(link["status"], "candidates", "{link}");
        assert_eq!(link["keys"].as_array().unwrap().len(), 2);
        assert_eq!(link["reason"], "the apply takes one of several keys");
    }
}

/// Of a prefix that is known in part, what is known counts: every log file lies below it.
#[test]
fn a_prefix_that_is_known_in_part_is_a_prefix() {
    for (pattern, wanted) in [("logs/of-*", "allowed"), ("logs/other-*", "denied")] {
        let text = format!(
            "data \"aws_caller_identity\" \"me\" {{}}\nresource \"aws_kms_key\" \"k\" {{\n  policy = jsonencode({{\n    Version = \"2012-10-17\"\n    Statement = [{{\n      Effect    = \"Allow\"\n      Principal = {{ Service = \"cloudtrail.amazonaws.com\" }}\n      Action    = \"kms:*\"\n      Resource  = \"*\"\n      Condition = {{ StringLike = {{ \"kms:EncryptionContext:aws:s3:arn\" = \"arn:aws:s3:::{pattern}\" }} }}\n    }}]\n  }})\n}}\nresource \"aws_s3_bucket\" \"logs\" {{\n  bucket = \"logs\"\n}}\nresource \"aws_cloudtrail\" \"t\" {{\n  name           = \"t\"\n  s3_bucket_name = aws_s3_bucket.logs.bucket\n  s3_key_prefix  = \"of-${{data.aws_caller_identity.me.account_id}}\"\n  kms_key_id     = aws_kms_key.k.arn\n}}\nprovider \"aws\" {{\n  region = \"us-east-1\"\n}}\n"
        );
        let folder = crate::support::run::folder("links-prefix", &[("main.tf", &text)]);
        let said = crate::support::check::check(&[&folder]);
        let mut all = said.verdicts.iter();
        let found = all.find(|(row, _)| row.requirement == "cloudtrail-encrypt");
        assert_eq!(found.unwrap().1, wanted, "{pattern}");
    }
}

/// Of two buckets whose names are known in part the one counts that has the trail's name for it.
#[test]
fn a_bucket_is_told_from_others_by_a_name_that_is_known_in_part() {
    for (name, decrypt) in [("with", true), ("without", false)] {
        let text = format!(
            "data \"aws_caller_identity\" \"me\" {{}}\nlocals {{\n  me = data.aws_caller_identity.me.account_id\n}}\nresource \"aws_kms_key\" \"k\" {{}}\nresource \"aws_s3_bucket\" \"with\" {{\n  bucket = \"with-${{local.me}}\"\n}}\nresource \"aws_s3_bucket\" \"without\" {{\n  bucket = \"without-${{local.me}}\"\n}}\nresource \"aws_s3_bucket_server_side_encryption_configuration\" \"with\" {{\n  bucket = aws_s3_bucket.with.id\n  rule {{\n    bucket_key_enabled = true\n  }}\n}}\nresource \"aws_cloudtrail\" \"t\" {{\n  name           = \"t\"\n  s3_bucket_name = \"{name}-${{local.me}}\"\n  kms_key_id     = aws_kms_key.k.arn\n}}\n"
        );
        let folder = crate::support::run::folder("links-buckets", &[("main.tf", &text)]);
        let said = crate::support::check::check(&[&folder]);
        let mut rows = said.verdicts.keys();
        let asked = rows.any(|row| row.requirement == "cloudtrail-decrypt");
        assert_eq!(asked, decrypt, "{name}");
    }
}
