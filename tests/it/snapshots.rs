//! Snapshots: what they say is what the input says, nothing sensitive is in them, and no file makes their reader panic.

use std::path::PathBuf;

use keytrail::input::{Document, Given, InputKind};
use keytrail::model::Model;
use keytrail::resolve::{self, Loaded, Options};
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
    let kind = document.kind;
    let loaded = [Loaded {
        path: "plan.json".to_owned(),
        document,
    }];
    let options = Options::default();
    let settled = resolve::settle(&loaded, &mut symbols, &mut sources, &options);
    let settled: Vec<(String, InputKind, Document)> = settled
        .into_iter()
        .map(|it| ("plan.json".to_owned(), kind, it))
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

/// Links and verdicts, a line each.
fn told(model: &Model) -> Vec<String> {
    let mut lines = Vec::new();
    // Landing zones and delivery channels are judged where they are planned.
    let subjects = model.subjects.iter();
    for subject in subjects.filter(|it| it.address.contains("aws_cloudtrail")) {
        let keys = subject.link.keys.iter();
        let keys: Vec<&str> = keys.map(|at| model.keys[*at].address.as_str()).collect();
        let status = subject.link.status.word();
        lines.push(format!("{} {status} {keys:?}", subject.address));
        for it in &subject.requirements {
            let verdict = it.verdict.word();
            lines.push(format!(
                "  {} {verdict} {} {}",
                it.id, it.explicit, it.only_root
            ));
        }
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

/// Sources and their symbols: the modules, loops and unknown values of the generated configurations.
#[test]
fn a_snapshot_of_sources_says_what_they_say() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/generated");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir() && !path.ends_with("18-sensitive-policy"))
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
        let plan = folder.join("plan.json").display().to_string();
        let both = ["--source", path.as_str()];
        let (both, back) = checked(&plan, &both, "of-both.json");
        assert_eq!(
            (both.verdicts, both.links),
            (back.verdicts, back.links),
            "{plan}"
        );
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
            "something else",
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
fn many_records_of_one_address_take_time_in_proportion() {
    let record = json!({"address": "not an address", "home": {"account": "1", "region": "2", "partition": "3"}, "values": {}});
    let records = vec![record; 20_000];
    let text = json!({"keytrail_snapshot": 1, "roots": [{"resources": records}]}).to_string();
    let started = std::time::Instant::now();
    load(text.as_bytes()).unwrap();
    assert!(started.elapsed().as_secs() < 20);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = load(&bytes);
        let _ = load(&[b"{\"keytrail_snapshot\":1,\"roots\":[", bytes.as_slice()].concat());
    }
}
