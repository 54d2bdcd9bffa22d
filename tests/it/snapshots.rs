//! Snapshots: what they say is what the input says, nothing sensitive is in them, and no file makes their reader panic.

use std::path::PathBuf;

use keytrail::input::{Document, Given};
use keytrail::model::Model;
use keytrail::resolve::{self, Loaded, Options};
use keytrail::rules::{Gate, Selection};
use keytrail::source::SourceMap;
use keytrail::value::Symbols;
use keytrail::{plan, snapshot};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::support::check::{self, Said};
use crate::support::run;

/// The snapshot of the text of a plan or state, and its model.
fn of(text: &str) -> (String, Model) {
    let (mut sources, mut symbols) = (SourceMap::new(), Symbols::new());
    let document = plan::load(
        text.as_bytes(),
        "plan.json",
        "in0",
        &mut sources,
        &mut symbols,
    )
    .unwrap();
    let loaded = [Loaded {
        path: "plan.json".to_owned(),
        document,
    }];
    let options = Options::default();
    let settled = resolve::settle(&loaded, &mut symbols, &mut sources, &options);
    let settled: Vec<(String, Document)> = settled
        .into_iter()
        .map(|it| ("plan.json".to_owned(), it))
        .collect();
    let text = snapshot::write(&settled, &symbols);
    let model = resolve::model(&loaded, symbols, &mut sources, &options);
    (text, model)
}

fn load(text: &[u8]) -> Result<Model, keytrail::error::Error> {
    let (mut sources, mut symbols) = (SourceMap::new(), Symbols::new());
    let given = Given::default();
    let roots = snapshot::load(text, "s.json", 0, &given, &mut sources, &mut symbols)?;
    let roots = roots.into_iter();
    let loaded: Vec<Loaded> = roots
        .map(|(path, document)| Loaded { path, document })
        .collect();
    Ok(resolve::model(
        &loaded,
        symbols,
        &mut sources,
        &Options::default(),
    ))
}

/// Links, verdicts and findings, a line each.
fn told(model: &Model) -> Vec<String> {
    let mut lines = Vec::new();
    for subject in &model.subjects {
        let keys = subject.link.keys.iter();
        let keys: Vec<&str> = keys.map(|at| model.keys[*at].address.as_str()).collect();
        let status = subject.link.status.word();
        lines.push(format!("{} {status} {keys:?}", subject.id));
        for it in &subject.requirements {
            lines.push(format!(
                "  {} {} {} {} {:?}",
                it.id,
                it.verdict.word(),
                it.explicit,
                it.only_root,
                it.before.map(keytrail::policy::Verdict::word)
            ));
        }
    }
    for it in &keytrail::rules::check(model, Gate::default(), &Selection::default()) {
        lines.push(format!(
            "{} {:?} {:?} {} {:?} {:?}: {}",
            it.rule, it.severity, it.verdict, it.address, it.instances, it.effect, it.message
        ));
    }
    lines
}

/// The texts of all plans and states under `testdata`.
fn inputs() -> Vec<(String, String)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut folders = ["rules", "generated", "links", "plans", "forms"]
        .map(|it| root.join(it))
        .to_vec();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "json") {
                let text = std::fs::read_to_string(&path).unwrap();
                let name = path.strip_prefix(&root).unwrap().display().to_string();
                if text.contains("\"format_version\"") {
                    found.push((name, text));
                }
            }
        }
    }
    found.sort();
    found
}

#[test]
fn a_snapshot_says_what_its_input_says() {
    let inputs = inputs();
    assert!(inputs.len() > 150, "{}", inputs.len());
    let mut different = Vec::new();
    for (name, text) in inputs {
        let (text, model) = of(&text);
        let back = load(text.as_bytes()).unwrap();
        let (before, after) = (told(&model), told(&back));
        // A sensitive policy is not in a snapshot.
        let secret = model.keys.iter().any(|key| key.sensitive);
        if secret || text.contains("is sensitive: the snapshot leaves it out") {
            assert!(
                text.contains("is sensitive: the snapshot leaves it out"),
                "{name}"
            );
            continue;
        }
        if before != after {
            different.push(format!(
                "{name}\n{}\n---\n{}\n",
                before.join("\n"),
                after.join("\n")
            ));
        }
    }
    assert!(
        different.is_empty(),
        "{}\n{}",
        different.len(),
        different.join("\n")
    );
}
/// What `check` says of a file or folder, and what it says of the snapshot of it.
fn checked(path: &str, args: &[&str], name: &str) -> (Said, Said) {
    let said = |path: &str, args: &[&str]| check::check(&[&[path], args].concat());
    let file = run::file(name, "");
    let made = check::run(&[&["snapshot", path, "--output", &file], args].concat());
    assert_eq!(made.code, 0, "{path}: {}", made.stderr);
    (said(path, args), said(&file, &[]))
}

/// The rules and addresses of findings, without those about the files themselves.
fn rules(findings: &[(String, Vec<String>)]) -> Vec<(&str, &str)> {
    let all = findings
        .iter()
        .filter(|(rule, _)| !rule.starts_with("source"));
    let mut all: Vec<(&str, &str)> = all
        .map(|(rule, places)| (rule.as_str(), places[0].as_str()))
        .collect();
    all.sort_unstable();
    all
}

/// Sources and their symbols: the modules, loops and unknown values of the generated configurations.
#[test]
fn a_snapshot_of_sources_says_what_they_say() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/generated");
    // AWS makes no replica in the Region of its primary: there the two have one ARN, and a snapshot has no reference that tells them apart.
    let left_out = ["18-sensitive-policy", "29-replica-external"];
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir() && !left_out.iter().any(|it| path.ends_with(it)))
        .collect();
    folders.sort();
    assert!(folders.len() > 50);
    for folder in folders {
        let path = folder.display().to_string();
        if !folder.join("main.tf").exists() {
            continue;
        }
        let (sources, back) = checked(&path, &[], "of-sources.json");
        assert_eq!(
            (sources.verdicts, sources.links),
            (back.verdicts, back.links),
            "{path}"
        );
        assert_eq!(rules(&sources.findings), rules(&back.findings), "{path}");
        let plan = folder.join("plan.json").display().to_string();
        let both = ["--source", path.as_str()];
        let (both, back) = checked(&plan, &both, "of-both.json");
        assert_eq!(
            (both.verdicts, both.links),
            (back.verdicts, back.links),
            "{plan}"
        );
        assert_eq!(rules(&both.findings), rules(&back.findings), "{plan}");
    }
}

/// The IAM policies and grants of a root are in its snapshot.
#[test]
fn readers_are_decided_by_a_snapshot_of_their_policies() {
    let role = "arn:aws:iam::111122223333:role/CloudTrailReadRole";
    for (case, verdict) in [
        ("reader-denied/bad-iam", "denied"),
        ("reader-delegated/ok-iam", "allowed"),
    ] {
        let plan = format!("testdata/rules/{case}/plan.json");
        let file = run::file("snapshot-of-iam.json", "");
        let made = check::run(&["snapshot", &plan, "--no-source", "-o", &file]);
        assert_eq!(made.code, 0, "{}", made.stderr);
        for path in [&plan, &file] {
            let said = check::check(&[path, "--no-source", "--reader", role]);
            let mut verdicts = said.verdicts.iter().filter(|(row, _)| row.reader == role);
            assert_eq!(verdicts.next().unwrap().1, verdict, "{path} of {case}");
        }
    }
    let grant = json!({"key_id": KEY, "grantee_principal": role, "operations": ["Decrypt"], "constraints": []});
    let grants = run::file(
        "snapshot-grants.json",
        &plan_of(&[change("aws_kms_grant.reader", &grant, &json!({}))]),
    );
    let keys = run::file("snapshot-granted.json", &key(&for_cloudtrail(), false));
    let trails = run::file("snapshot-granted-trail.json", &trail(KEY));
    let file = run::file("snapshot-of-grants.json", "");
    assert_eq!(check::run(&["snapshot", &grants, "-o", &file]).code, 0);
    for grants in [&grants, &file] {
        let said = check::check(&[&keys, &trails, grants, "--reader", role]);
        let mut verdicts = said.verdicts.iter().filter(|(row, _)| row.reader == role);
        assert_eq!(verdicts.next().unwrap().1, "allowed", "{grants}");
    }
}

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn plan_of(resources: &[Json]) -> String {
    json!({"format_version": "1.2", "terraform_version": "1.15.5", "planned_values": {"root_module": {}},
        "resource_changes": resources, "configuration": {"root_module": {}}, "complete": true, "errored": false})
    .to_string()
}

fn change(address: &str, after: &Json, sensitive: &Json) -> Json {
    let (kind, name) = address.split_once('.').unwrap();
    json!({"address": address, "mode": "managed", "type": kind, "name": name, "change": {"actions": ["no-op"], "before": after,
        "after": after, "after_unknown": {}, "before_sensitive": sensitive, "after_sensitive": sensitive}})
}

fn key(policy: &Json, sensitive: bool) -> String {
    let after = json!({"arn": KEY, "key_id": "1234abcd-12ab-34cd-56ef-1234567890ab", "policy": policy.to_string(), "is_enabled": true,
        "customer_master_key_spec": "SYMMETRIC_DEFAULT", "key_usage": "ENCRYPT_DECRYPT", "multi_region": false});
    let alias = json!({"name": "alias/trail", "arn": "arn:aws:kms:us-east-1:111122223333:alias/trail", "target_key_id": KEY,
        "target_key_arn": KEY});
    plan_of(&[
        change("aws_kms_key.trail", &after, &json!({"policy": sensitive})),
        change("aws_kms_alias.trail", &alias, &json!({})),
    ])
}

fn trail(key: &str) -> String {
    let after = json!({"name": "main", "arn": "arn:aws:cloudtrail:us-east-1:444455556666:trail/main", "home_region": "us-east-1",
        "kms_key_id": key, "s3_bucket_name": "logs", "is_organization_trail": false});
    plan_of(&[change("aws_cloudtrail.main", &after, &json!({}))])
}

fn for_cloudtrail() -> Json {
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Hunter2", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*"}]})
}

/// Neither root holds both the trail and its key; either side may be a snapshot.
#[test]
fn a_snapshot_stands_for_its_root_beside_another_one() {
    let (keys, trails) = (
        run::file("snapshot-keys.json", &key(&for_cloudtrail(), false)),
        run::file(
            "snapshot-trails.json",
            &trail("arn:aws:kms:us-east-1:111122223333:alias/trail"),
        ),
    );
    let snapshot_of = |path: &str, name: &str| {
        let file = run::file(name, "");
        assert_eq!(check::run(&["snapshot", path, "-o", &file]).code, 0);
        file
    };
    let (some_keys, some_trails) = (
        snapshot_of(&keys, "snapshot-of-keys.json"),
        snapshot_of(&trails, "snapshot-of-trails.json"),
    );
    for (one, other) in [
        (&keys, &trails),
        (&some_keys, &trails),
        (&keys, &some_trails),
        (&some_trails, &some_keys),
    ] {
        let said = check::check(&[one, other]);
        let verdicts: Vec<&str> = said.verdicts.values().map(String::as_str).collect();
        // Describe, encrypt; nobody reads.
        assert_eq!(verdicts, ["allowed", "allowed", "denied"], "{one} {other}");
        assert_eq!(said.links["aws_cloudtrail.main"].0, "resolved");
    }
    // Both in one file are two roots.
    let both = run::file("snapshot-of-both.json", "");
    assert_eq!(
        check::run(&["snapshot", &keys, &trails, "-o", &both]).code,
        0
    );
    let ended = check::run(&["check", &both, "--format", "json"]);
    let report: Json = serde_json::from_str(&ended.stdout).unwrap();
    let inputs: Vec<&str> = report["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["kind"].as_str().unwrap())
        .collect();
    assert_eq!(inputs, ["snapshot", "snapshot"]);
    assert_eq!(report["subjects"][0]["link"]["status"], "resolved");
    // A snapshot beside the plan that it was made of adds nothing.
    let ended = check::run(&["check", &keys, &some_keys, &trails, "--format", "json"]);
    let report: Json = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(report["keys"].as_array().unwrap().len(), 1);
}

#[test]
fn nothing_sensitive_is_in_a_snapshot() {
    let plan = run::file("snapshot-secret.json", &key(&for_cloudtrail(), true));
    let made = check::run(&["snapshot", &plan]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    assert!(
        !made.stdout.contains("Hunter2") && !made.stdout.contains("GenerateDataKey"),
        "{}",
        made.stdout
    );
    let said = "`policy` of `aws_kms_key.trail` is sensitive: the snapshot leaves it out";
    assert!(
        made.stdout.contains(said) && made.stderr.contains(said),
        "{}",
        made.stderr
    );
    let (text, trails) = (
        run::file("snapshot-of-secret.json", &made.stdout),
        run::file("snapshot-secret-trails.json", &trail(KEY)),
    );
    let said = check::check(&[&text, &trails]);
    assert!(
        said.verdicts.values().all(|it| it == "undecided"),
        "{:?}",
        said.verdicts
    );
}

#[test]
fn a_snapshot_is_the_same_for_the_same_input_and_for_its_own() {
    let plan = std::fs::read_to_string("testdata/generated/10-nested-modules/plan.json").unwrap();
    let (once, again) = (of(&plan).0, of(&plan).0);
    assert_eq!(once, again);
    assert!(
        once.starts_with("{\n  \"keytrail_snapshot\": 1,\n"),
        "{once}"
    );
    assert!(snapshot::is_snapshot(once.as_bytes()) && !snapshot::is_snapshot(plan.as_bytes()));
    let file = run::file("snapshot-once.json", &once);
    let again = check::run(&["snapshot", &file]);
    let resources =
        |text: &str| serde_json::from_str::<Json>(text).unwrap()["roots"][0]["resources"].clone();
    assert_eq!(resources(&again.stdout), resources(&once));
}

/// The account that a snapshot does not know can be said where it is read.
#[test]
fn what_a_snapshot_does_not_know_can_be_given() {
    let folder = "testdata/generated/31-no-link/../05-jsonencode-unknown-role";
    let file = run::file("snapshot-given.json", "");
    assert_eq!(check::run(&["snapshot", folder, "-o", &file]).code, 0);
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("account(aws)"), "{text}");
    let report = |args: &[&str]| {
        let ended = check::run(&[&["check", &file, "--format", "json"], args].concat());
        serde_json::from_str::<Json>(&ended.stdout).unwrap()
    };
    let arn = |report: &Json| report["subjects"][0]["arn"].as_str().unwrap().to_owned();
    assert!(
        arn(&report(&[])).contains("${account(aws)}"),
        "{}",
        arn(&report(&[]))
    );
    assert!(arn(&report(&["--account-id", "111122223333"])).contains(":111122223333:"));
}

#[test]
fn a_broken_snapshot_says_what_is_wrong() {
    for (text, message, line) in [
        (
            "{\"keytrail_snapshot\": 1,\n \"roots\": [",
            "truncated",
            Some(2),
        ),
        (
            "{\"keytrail_snapshot\": 1,\n \"roots\": [}]}",
            "not JSON",
            Some(2),
        ),
        (
            "{\"keytrail_snapshot\": 1, \"roots\": 7}",
            "the snapshot's `roots` is not what it should be: a sequence, at column 35",
            Some(1),
        ),
        (
            "{\"keytrail_snapshot\": 2, \"roots\": []}",
            "version 2",
            None,
        ),
        (
            "{\"keytrail_snapshot\": 2, \"inputs\": []}",
            "version 2",
            None,
        ),
    ] {
        let error = load(text.as_bytes()).expect_err(text);
        assert!(error.message.contains(message), "{error}");
        assert_eq!(error.line, line, "{error}");
    }
    let file = run::file(
        "snapshot-late-mark.json",
        "{\"roots\": [], \"keytrail_snapshot\": 1}",
    );
    let ended = check::run(&["check", &file]);
    assert_eq!(ended.code, 2);
    assert!(
        ended.stderr.contains("not the first member"),
        "{}",
        ended.stderr
    );
    let missing = check::run(&["snapshot", "testdata/none.json"]);
    assert_eq!((missing.code, missing.stdout.as_str()), (2, ""));
}

fn samples() -> Vec<String> {
    let read = |name: &str| {
        let path = format!("testdata/generated/{name}/plan.json");
        of(&std::fs::read_to_string(path).unwrap()).0
    };
    vec![
        read("06-pd-unknown-role"),
        read("08-key-policy-resource"),
        read("37-bucket-name-unknown"),
    ]
}

#[test]
fn every_prefix_and_deletion_of_a_snapshot_loads_or_says_why_not() {
    for text in samples() {
        let bytes = text.as_bytes();
        let step = (bytes.len() / 80).max(1);
        for end in (0..bytes.len()).step_by(step) {
            let _ = load(&bytes[..end]);
        }
        for at in (0..bytes.len()).step_by(step) {
            let mut less = bytes.to_vec();
            less.remove(at);
            let _ = load(&less);
            for with in [b'"', b'{', b'$', 0, 0xff] {
                less = bytes.to_vec();
                less[at] = with;
                let _ = load(&less);
            }
        }
    }
}

/// Every value replaced by one of another shape, and by the marks of what is not known.
#[test]
fn every_value_of_another_shape_loads_or_says_why_not() {
    fn paths(value: &Json, here: &str, out: &mut Vec<String>) {
        out.push(here.to_owned());
        match value {
            Json::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    paths(item, &format!("{here}/{at}"), out);
                }
            }
            Json::Object(members) => {
                for (key, item) in members {
                    let key = key.replace('~', "~0").replace('/', "~1");
                    paths(item, &format!("{here}/{key}"), out);
                }
            }
            _ => {}
        }
    }
    for text in samples() {
        let document: Json = serde_json::from_str(&text).unwrap();
        let mut all = Vec::new();
        paths(&document, "", &mut all);
        for path in all.iter().step_by(3) {
            for other in [
                json!(null),
                json!("x"),
                json!(7),
                json!([[1]]),
                json!({"$unknown": 99}),
                json!({"$text": ["a", 0, {"$hole": 1}, [], -1]}),
                json!({"$one_of": [{"$unknown": 0}, "alias/x", {"a": 1}]}),
                json!([{"$open": 0}, {"$maybe": 0, "value": {"$open": 1, "$$x": 1}}]),
            ] {
                let mut changed = document.clone();
                *changed.pointer_mut(path).unwrap() = other;
                let _ = load(changed.to_string().as_bytes());
            }
        }
    }
}

#[test]
fn many_records_take_time_in_proportion() {
    let home = json!({"account": "1", "region": "2", "partition": "3"});
    let record =
        |at: usize| json!({"address": format!("aws_kms_key.k[{at}]"), "home": home, "values": {}});
    let records: Vec<Json> = (0..20_000).map(record).collect();
    let text = json!({"keytrail_snapshot": 1, "roots": [{"resources": records}]}).to_string();
    let started = std::time::Instant::now();
    load(text.as_bytes()).unwrap();
    assert!(started.elapsed().as_secs() < 60);
}

/// What is of the right shape and means nothing is refused, with the member that is wrong and without its text.
#[test]
fn a_wrong_member_of_a_snapshot_is_named() {
    let good = json!({"keytrail_snapshot": 1, "roots": [{"path": "plan.json", "kind": "plan", "resources": [
        {"address": "aws_kms_key.trail", "home": {"account": "1", "region": "2", "partition": "aws"},
            "values": {"policy": {"Statement": [{"$unknown": 0}]}, "key_id": {"$text": ["a", 0]}}}],
        "symbols": [{"name": "x", "shape": "id", "nature": "fresh", "reason": "known after apply"}]}]});
    load(good.to_string().as_bytes()).unwrap();
    let record = "/roots/0/resources/0";
    for (path, value, message) in [
        (
            "/roots/0/kind",
            json!("Hunter2"),
            "`roots[0].kind` is none of `plan`, `state`, `hcl` and `configuration`",
        ),
        (
            "/roots/0/symbols/0/shape",
            json!("Hunter2"),
            "`roots[0].symbols[0].shape` is none of",
        ),
        (
            "/roots/0/symbols/0/nature",
            json!("Hunter2"),
            "`roots[0].symbols[0].nature` is none of",
        ),
        (
            "/roots/0/symbols/0/name",
            json!(7),
            "`roots[0].symbols[0].name` is not what it should be: a string",
        ),
        (
            &format!("{record}/address"),
            json!("Hunter2 Hunter2"),
            "`roots[0].resources[0].address` is no address",
        ),
        (
            &format!("{record}/address"),
            json!("aws_instance.hunter2"),
            "`roots[0].resources[0].address` is the address of a type of resources that is not read",
        ),
        (
            &format!("{record}/home"),
            json!("Hunter2"),
            "`roots[0].resources[0].home` is not what it should be",
        ),
        (
            &format!("{record}/home/account"),
            json!(["Hunter2"]),
            "`roots[0].resources[0].home.account` is no text",
        ),
        (
            &format!("{record}/home"),
            json!({"account": "1", "region": "2"}),
            "`roots[0].resources[0].home` has a missing member `partition`",
        ),
        (
            &format!("{record}/values"),
            json!(["Hunter2"]),
            "`roots[0].resources[0].values` is not what it should be: a map",
        ),
        (
            &format!("{record}/values/policy/Statement/0"),
            json!({"$unknown": 1}),
            "`roots[0].resources[0].values.policy.Statement[0].$unknown` is the number of none of the symbols",
        ),
        (
            &format!("{record}/values/key_id"),
            json!({"$text": [{"Hunter2": 1}]}),
            "`roots[0].resources[0].values.key_id.$text[0]` is no part of a text",
        ),
        (
            &format!("{record}/values/key_id"),
            json!({"$hunter2": 1}),
            "`roots[0].resources[0].values.key_id.$hunter2` is no form",
        ),
        (
            &format!("{record}/values/key_id"),
            json!({"$one_of": 1}),
            "`roots[0].resources[0].values.key_id.$one_of` is no list",
        ),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(path).unwrap() = value;
        let error = load(bad.to_string().as_bytes()).expect_err(path);
        assert!(error.message.contains(message), "{error}");
        assert!(!error.message.contains("Hunter2"), "{error}");
    }
    for (members, message) in [
        (
            json!({"action": "hunter2"}),
            "`roots[0].resources[0].action` is none of `no-op`, `create`",
        ),
        (
            json!({"action": "delete"}),
            "`roots[0].resources[0]` is taken away, and its member `before` is missing",
        ),
        (
            json!({"values": null}),
            "`roots[0].resources[0]` has no member `values`",
        ),
    ] {
        let mut bad = good.clone();
        let record = bad.pointer_mut(record).unwrap().as_object_mut().unwrap();
        record.extend(members.as_object().unwrap().clone());
        let error = load(bad.to_string().as_bytes()).expect_err(message);
        assert!(error.message.contains(message), "{error}");
    }
    let mut twice = good.clone();
    let record = twice.pointer(record).unwrap().clone();
    twice["roots"][0]["resources"]
        .as_array_mut()
        .unwrap()
        .push(record);
    let error = load(twice.to_string().as_bytes()).expect_err("twice");
    assert!(
        error
            .message
            .contains("`roots[0].resources[1].address` is the address of another resource, too"),
        "{error}"
    );
    let file = run::file("snapshot-wrong.json", &twice.to_string());
    let ended = check::run(&["check", &file]);
    assert_eq!(
        (ended.code, ended.stderr.matches("error").count()),
        (2, 1),
        "{}",
        ended.stderr
    );
}

/// The form in which snapshots said first that the plan makes something.
#[test]
fn an_older_snapshot_of_the_version_is_read() {
    let old = json!({"keytrail_snapshot": 1, "roots": [{"path": "plan.json", "kind": "plan", "complete": true, "errored": false, "resources": [
        {"address": "aws_kms_key.trail", "new": true, "home": {"account": "111122223333", "region": "us-east-1", "partition": "aws"},
            "values": {"arn": {"$text": ["arn:aws:kms:us-east-1:111122223333:key/", 0]}, "is_enabled": true, "key_id": {"$unknown": 0},
                "customer_master_key_spec": "SYMMETRIC_DEFAULT", "key_usage": "ENCRYPT_DECRYPT", "multi_region": false,
                "policy": for_cloudtrail().to_string()}},
        {"address": "aws_cloudtrail.main", "new": true, "home": {"account": "111122223333", "region": "us-east-1", "partition": "aws"},
            "values": {"name": "main", "kms_key_id": {"$text": ["arn:aws:kms:us-east-1:111122223333:key/", 0]}, "s3_bucket_name": "logs"}}],
        "symbols": [{"name": "aws_kms_key.trail.key_id", "shape": "id", "nature": "fresh", "reason": "known after apply"}], "left_out": []}]});
    let model = load(old.to_string().as_bytes()).unwrap();
    assert_eq!(model.keys[0].action.word(), Some("create"));
    let verdicts = model.subjects[0].requirements.iter();
    let verdicts: Vec<&str> = verdicts.map(|it| it.verdict.word()).collect();
    assert_eq!(verdicts, ["allowed", "allowed", "denied"]);
}

fn planned(address: &str, actions: &[&str], before: &Json, after: &Json) -> Json {
    let mut it = change(address, after, &json!({}));
    it["change"]["actions"] = json!(actions);
    it["change"]["before"] = before.clone();
    it
}

/// The key of the tests, with that policy.
fn key_values(policy: &Json) -> Json {
    json!({"arn": KEY, "key_id": "1234abcd-12ab-34cd-56ef-1234567890ab", "policy": policy.to_string(), "is_enabled": true,
        "customer_master_key_spec": "SYMMETRIC_DEFAULT", "key_usage": "ENCRYPT_DECRYPT", "multi_region": false, "deletion_window_in_days": 7})
}

/// What a plan takes away is taken away in its snapshot, too.
#[test]
fn a_deletion_is_in_the_snapshot() {
    let good = for_cloudtrail();
    let bare = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": "kms:*", "Resource": "*"}]});
    let policy = |policy: &Json| json!({"key_id": KEY, "policy": policy.to_string()});
    let alias = json!({"name": "alias/trail", "arn": "arn:aws:kms:us-east-1:111122223333:alias/trail", "target_key_id": KEY, "target_key_arn": KEY});
    let no_policy = |mut key: Json| {
        key.as_object_mut().unwrap().remove("policy");
        key
    };
    let own = key_values(&good);
    let cases = [
        (
            "key",
            KEY,
            vec![planned("aws_kms_key.trail", &["delete"], &own, &Json::Null)],
            "trail-key-deleted",
        ),
        (
            "forgotten",
            KEY,
            vec![planned("aws_kms_key.trail", &["forget"], &own, &Json::Null)],
            "trail-key-external",
        ),
        (
            "policy",
            KEY,
            vec![
                planned(
                    "aws_kms_key.trail",
                    &["no-op"],
                    &no_policy(own.clone()),
                    &no_policy(own.clone()),
                ),
                planned(
                    "aws_kms_key_policy.trail",
                    &["delete"],
                    &policy(&good),
                    &Json::Null,
                ),
            ],
            "change-revokes-delivery",
        ),
        (
            "changed",
            KEY,
            vec![planned(
                "aws_kms_key.trail",
                &["update"],
                &own,
                &key_values(&bare),
            )],
            "change-revokes-delivery",
        ),
        (
            "disabled",
            KEY,
            vec![{
                let mut after = own.clone();
                after["is_enabled"] = json!(false);
                planned("aws_kms_key.trail", &["update"], &own, &after)
            }],
            "change-revokes-delivery",
        ),
        (
            "alias",
            "arn:aws:kms:us-east-1:111122223333:alias/trail",
            vec![
                planned("aws_kms_key.trail", &["no-op"], &own, &own),
                planned("aws_kms_alias.trail", &["delete"], &alias, &Json::Null),
            ],
            "trail-key-external",
        ),
        (
            "split",
            KEY,
            vec![
                planned("aws_kms_key.trail", &["no-op"], &own, &own),
                planned(
                    "aws_kms_key_policy.one",
                    &["no-op"],
                    &policy(&good),
                    &policy(&good),
                ),
                planned(
                    "aws_kms_key_policy.two",
                    &["no-op"],
                    &policy(&bare),
                    &policy(&bare),
                ),
            ],
            "key-policy-split",
        ),
    ];
    for (name, named, resources, rule) in cases {
        let keys = run::file(&format!("snapshot-taken-{name}.json"), &plan_of(&resources));
        let trails = run::file(&format!("snapshot-taken-{name}-trail.json"), &trail(named));
        let file = run::file(&format!("snapshot-of-taken-{name}.json"), "");
        let made = check::run(&["snapshot", &keys, "--output", &file]);
        assert_eq!(made.code, 0, "{}", made.stderr);
        let report = |keys: &str| {
            let ended = check::run(&["check", &trails, keys, "--format", "json"]);
            let report: Json = serde_json::from_str(&ended.stdout).unwrap();
            let findings = report["findings"].as_array().unwrap().iter();
            let told = |it: &Json| format!("{} {} {}", it["rule"], it["severity"], it["message"]);
            (
                findings.map(told).collect::<Vec<_>>(),
                report["subjects"][0]["requirements"]
                    .to_string()
                    .matches("\"verdict\":\"allowed\"")
                    .count(),
            )
        };
        let (plan, snapshot) = (report(&keys), report(&file));
        assert_eq!(plan, snapshot, "{name}");
        assert!(
            plan.0.iter().any(|it| it.contains(rule)),
            "{name} {rule}: {:?}",
            plan.0
        );
    }
}

/// What the snapshot of a plan destroys, no state brings back, as it is with the plan itself.
#[test]
fn a_state_does_not_bring_back_what_a_snapshot_destroys() {
    let own = key_values(&for_cloudtrail());
    let mut new = own.clone();
    for id in ["arn", "id", "key_id"] {
        new.as_object_mut().unwrap().remove(id);
    }
    let state = json!({"format_version": "1.0", "terraform_version": "1.15.5", "values": {"root_module": {"resources": [
        {"address": "aws_kms_key.trail", "mode": "managed", "type": "aws_kms_key", "name": "trail", "values": own, "sensitive_values": {}}]}}});
    let state = run::file("snapshot-gone-state.json", &state.to_string());
    let trails = run::file("snapshot-gone-trail.json", &trail(KEY));
    for (actions, after) in [
        (&["delete"][..], Json::Null),
        (&["delete", "create"], new.clone()),
        (&["create", "delete"], new),
    ] {
        let gone = plan_of(&[planned("aws_kms_key.trail", actions, &own, &after)]);
        let gone = run::file("snapshot-gone.json", &gone);
        let file = run::file("snapshot-of-gone.json", "");
        assert_eq!(check::run(&["snapshot", &gone, "--output", &file]).code, 0);
        for taken in [&gone, &file] {
            let said = check::check(&[&trails, &state, taken]);
            assert!(
                said.findings
                    .iter()
                    .any(|(rule, _)| rule == "trail-key-deleted"),
                "{actions:?} {taken}: {:?}",
                said.findings
            );
        }
    }
}

/// A state from before a plan says nothing against what the plan's snapshot changes; one that shows neither is of another time, and newer.
#[test]
fn a_state_from_before_does_not_undo_what_a_snapshot_changes() {
    let (old, new) = (
        for_cloudtrail(),
        json!({"Version": "2012-10-17", "Statement": []}),
    );
    let (old, new) = (key_values(&old), key_values(&new));
    let change = plan_of(&[planned("aws_kms_key.trail", &["update"], &old, &new)]);
    let change = run::file("snapshot-pending.json", &change);
    let file = run::file("snapshot-of-pending.json", "");
    assert_eq!(
        check::run(&["snapshot", &change, "--output", &file]).code,
        0
    );
    let trails = run::file("snapshot-pending-trail.json", &trail(KEY));
    let mut third = for_cloudtrail();
    third["Id"] = json!("newer");
    for (policy, undecided) in [(&old, true), (&new, false), (&key_values(&third), false)] {
        let state = json!({"format_version": "1.0", "terraform_version": "1.15.5", "values": {"root_module": {"resources": [
            {"address": "aws_kms_key.trail", "mode": "managed", "type": "aws_kms_key", "name": "trail", "values": policy, "sensitive_values": {}}]}}});
        let state = run::file("snapshot-pending-state.json", &state.to_string());
        let told = check::run(&["check", &trails, &state, &file]);
        let shown = told.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        let said = shown.contains("another `policy` of `aws_kms_key.trail`");
        assert_eq!(said, undecided, "{policy}: {}{}", told.stdout, told.stderr);
    }
}

/// A value that is left out is called sensitive and not unknown, and the report says what to do.
#[test]
fn what_is_left_out_is_told_as_such() {
    let keys = run::file("snapshot-hidden-key.json", &key(&for_cloudtrail(), true));
    let hidden = {
        let after = json!({"name": "main", "arn": "arn:aws:cloudtrail:us-east-1:444455556666:trail/main", "home_region": "us-east-1",
            "kms_key_id": KEY, "s3_bucket_name": "logs", "is_organization_trail": false});
        plan_of(&[change(
            "aws_cloudtrail.main",
            &after,
            &json!({"kms_key_id": true}),
        )])
    };
    let trails = run::file("snapshot-hidden-trail.json", &hidden);
    for (path, beside) in [
        (&keys, run::file("snapshot-hidden-other.json", &trail(KEY))),
        (&trails, keys.clone()),
    ] {
        let file = run::file("snapshot-of-hidden.json", "");
        assert_eq!(check::run(&["snapshot", path, "--output", &file]).code, 0);
        let told = check::run(&["check", &file, &beside]).stdout;
        let told = told
            .split_whitespace()
            .filter(|it| *it != "│")
            .collect::<Vec<_>>()
            .join(" ");
        assert!(
            told.contains("sensitive, and a snapshot holds nothing that is"),
            "{told}"
        );
        assert!(
            told.contains("give the plan or the state itself instead of its snapshot"),
            "{told}"
        );
        assert!(
            !told.contains("known after apply") && !told.contains("terraform show -json"),
            "{told}"
        );
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = load(&bytes);
        let _ = load(&[b"{\"keytrail_snapshot\":1,\"roots\":[", bytes.as_slice()].concat());
    }
}

/// The policy that a key sets by itself stands beside the one that counts.
#[test]
fn a_snapshot_has_both_policies_of_a_key() {
    let bare = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": "kms:*", "Resource": "*"}]});
    let separate = json!({"key_id": KEY, "policy": for_cloudtrail().to_string()});
    let trail = json!({"name": "main", "arn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main", "home_region": "us-east-1",
        "kms_key_id": KEY, "s3_bucket_name": "logs", "is_organization_trail": false});
    let policy = json!({"constant_value": bare.to_string()});
    let block = |expressions: &Json| {
        json!({"address": "aws_kms_key.trail", "mode": "managed", "type": "aws_kms_key", "name": "trail",
            "provider_config_key": "aws", "expressions": expressions, "schema_version": 0})
    };
    for (expressions, split) in [(json!({"policy": policy}), true), (json!({}), false)] {
        let mut plan: Json = serde_json::from_str(&plan_of(&[
            change("aws_kms_key.trail", &key_values(&bare), &json!({})),
            change("aws_kms_key_policy.trail", &separate, &json!({})),
            change("aws_cloudtrail.main", &trail, &json!({})),
        ]))
        .unwrap();
        plan["configuration"]["root_module"] = json!({"resources": [block(&expressions)]});
        let (text, model) = of(&plan.to_string());
        let back = load(text.as_bytes()).unwrap();
        for model in [&model, &back] {
            let told = told(model).join("\n");
            assert_eq!(told.contains("key-policy-split"), split, "{told}\n{text}");
        }
    }
}
