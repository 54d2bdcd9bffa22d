//! Two inputs that show one object differently: what hangs on it is undecided, and nothing else is.

use keytrail::policy::Verdict;
use keytrail::resolve::{self, Loaded, Options, Reader};
use keytrail::source::SourceMap;
use keytrail::value::Symbols;
use keytrail::{model::Model, plan};
use serde_json::{Value, json};

const ONE: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const OTHER: &str = "9999abcd-12ab-34cd-56ef-1234567890ab";

fn arn(id: &str) -> String {
    format!("arn:aws:kms:us-east-1:111122223333:key/{id}")
}

fn role(name: &str) -> String {
    format!("arn:aws:iam::111122223333:role/{name}")
}

/// A key that CloudTrail may use, where that is said, and these roles.
fn key(id: &str, service: bool, roles: &[&str]) -> Value {
    let mut statements = Vec::new();
    if service {
        statements.push(
            json!({"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*"}),
        );
    }
    for name in roles {
        statements.push(json!({"Effect": "Allow", "Principal": {"AWS": role(name)}, "Action": "kms:Decrypt", "Resource": "*"}));
    }
    let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    json!({"arn": arn(id), "key_id": id, "id": id, "policy": policy, "is_enabled": true, "key_usage": "ENCRYPT_DECRYPT",
        "customer_master_key_spec": "SYMMETRIC_DEFAULT", "multi_region": false})
}

fn trail(name: &str, key: &str) -> Value {
    json!({"name": name, "arn": format!("arn:aws:cloudtrail:us-east-1:111122223333:trail/{name}"), "home_region": "us-east-1",
        "kms_key_id": arn(key), "s3_bucket_name": "logs", "is_organization_trail": false})
}

fn change(address: &str, actions: &[&str], before: &Value, after: &Value) -> Value {
    let (kind, name) = address.split_once('.').unwrap();
    json!({"address": address, "mode": "managed", "type": kind, "name": name,
        "change": {"actions": actions, "before": before, "after": after, "after_unknown": {}, "before_sensitive": {}, "after_sensitive": {}}})
}

fn plan(changes: &[Value]) -> String {
    json!({"format_version": "1.2", "terraform_version": "1.15.5", "planned_values": {"root_module": {}}, "resource_changes": changes,
        "configuration": {"root_module": {}}, "complete": true, "errored": false})
    .to_string()
}

fn state(resources: &[(&str, Value)]) -> String {
    let resources = resources.iter().map(|(address, values)| {
        let (kind, name) = address.split_once('.').unwrap();
        json!({"address": address, "mode": "managed", "type": kind, "name": name, "values": values, "sensitive_values": {}})
    });
    let resources: Vec<Value> = resources.collect();
    json!({"format_version": "1.0", "terraform_version": "1.15.5", "values": {"root_module": {"resources": resources}}}).to_string()
}

fn judged(texts: &[String], readers: &[&str]) -> Model {
    let (mut sources, mut symbols) = (SourceMap::new(), Symbols::new());
    let mut loaded = Vec::new();
    for (at, text) in texts.iter().enumerate() {
        let (path, id) = (format!("{at}.json"), format!("in{at}"));
        let document =
            plan::load_beside_others(text.as_bytes(), &path, &id, &mut sources, &mut symbols);
        loaded.push(Loaded {
            path,
            document: document.unwrap(),
        });
    }
    let options = Options {
        readers: readers.iter().map(|name| Reader::new(role(name))).collect(),
        ..Options::default()
    };
    resolve::model(&loaded, symbols, &mut sources, &options)
}

/// The verdicts of a requirement: one, as each is asked once.
fn verdicts(model: &Model, trail: &str, id: &str, reader: Option<&str>) -> Vec<Verdict> {
    let reader = reader.map(role);
    let subjects = model.subjects.iter().filter(|it| it.address == trail);
    let asked = subjects.flat_map(|it| &it.requirements);
    let asked = asked.filter(|it| it.id == id && it.reader == reader);
    asked.map(|it| it.verdict).collect()
}

#[test]
fn a_key_that_both_show_alike_is_decided() {
    let trails = plan(&[
        change(
            "aws_cloudtrail.one",
            &["no-op"],
            &trail("one", ONE),
            &trail("one", ONE),
        ),
        change(
            "aws_cloudtrail.other",
            &["no-op"],
            &trail("other", OTHER),
            &trail("other", OTHER),
        ),
    ]);
    let both = state(&[
        ("aws_kms_key.one", key(ONE, true, &[])),
        ("aws_kms_key.other", key(OTHER, true, &[])),
    ]);
    let differs = state(&[("aws_kms_key.one", key(ONE, false, &[]))]);
    for texts in [
        [trails.clone(), both.clone(), differs.clone()],
        [trails, differs, both],
    ] {
        let model = judged(&texts, &[]);
        let encrypt = |trail| verdicts(&model, trail, "cloudtrail-encrypt", None);
        assert_eq!(encrypt("aws_cloudtrail.one"), [Verdict::Undecided]);
        assert_eq!(encrypt("aws_cloudtrail.other"), [Verdict::Allowed]);
    }
}

/// Each reader is compared with himself, and what both readings say of him is said once.
#[test]
fn each_reader_is_compared_with_himself() {
    let trails = plan(&[change(
        "aws_cloudtrail.main",
        &["no-op"],
        &trail("main", ONE),
        &trail("main", ONE),
    )]);
    let one = state(&[("aws_kms_key.one", key(ONE, true, &["first", "second"]))]);
    let other = state(&[("aws_kms_key.one", key(ONE, true, &["first"]))]);
    for texts in [
        [trails.clone(), one.clone(), other.clone()],
        [trails, other, one],
    ] {
        let model = judged(&texts, &["first", "second", "third"]);
        for (reader, verdict) in [
            ("first", Verdict::Allowed),
            ("second", Verdict::Undecided),
            ("third", Verdict::Denied),
        ] {
            let found = verdicts(
                &model,
                "aws_cloudtrail.main",
                "reader-decrypt",
                Some(reader),
            );
            assert_eq!(found, [verdict], "{reader}");
        }
        for id in ["cloudtrail-encrypt", "cloudtrail-describe"] {
            assert_eq!(
                verdicts(&model, "aws_cloudtrail.main", id, None),
                [Verdict::Allowed]
            );
        }
    }
}

/// What only one of them asks for is asked, unless it would be allowed.
#[test]
fn what_only_one_input_asks_for_is_undecided_where_it_matters() {
    let bucket = |has_key: bool| {
        json!({"bucket": "logs", "arn": "arn:aws:s3:::logs", "id": "logs", "server_side_encryption_configuration":
            [{"rule": [{"bucket_key_enabled": has_key, "apply_server_side_encryption_by_default":
                [{"sse_algorithm": "aws:kms", "kms_master_key_id": arn(ONE)}]}]}]})
    };
    let mut may_decrypt = key(ONE, true, &[]);
    may_decrypt["policy"] = json!(
        may_decrypt["policy"]
            .as_str()
            .unwrap()
            .replace("kms:DescribeKey", "kms:D*")
    );
    for (key, wanted) in [
        (key(ONE, true, &[]), &[Verdict::Undecided][..]),
        (may_decrypt, &[]),
    ] {
        let rest = plan(&[
            change(
                "aws_cloudtrail.main",
                &["no-op"],
                &trail("main", ONE),
                &trail("main", ONE),
            ),
            change("aws_kms_key.one", &["no-op"], &key, &key),
        ]);
        let [without, with] = [false, true].map(|it| state(&[("aws_s3_bucket.logs", bucket(it))]));
        let model = judged(&[rest, without, with], &[]);
        let found = verdicts(&model, "aws_cloudtrail.main", "cloudtrail-decrypt", None);
        assert_eq!(found, wanted);
    }
}

/// A replacement destroys what bore the ARN before, unless the new object bears the same: a trail's follows from its name.
#[test]
fn a_replacement_of_the_same_name_destroys_no_other_object() {
    let own = trail("main", ONE);
    let mut tagged = own.clone();
    tagged["tags"] = json!({"a": "b"});
    let updated = plan(&[change("aws_cloudtrail.main", &["update"], &own, &tagged)]);
    let replaced = plan(&[change(
        "aws_cloudtrail.main",
        &["delete", "create"],
        &own,
        &tagged,
    )]);
    for texts in [[updated.clone(), replaced.clone()], [replaced, updated]] {
        let model = judged(&texts, &[]);
        let notes = &model.inputs[1].notes;
        assert!(
            notes
                .iter()
                .any(|it| it == "one resource is also in `0.json`, which counts"),
            "{notes:?}"
        );
        assert!(model.inputs[0].notes.is_empty());
    }
}
