//! Broken and hostile inputs: a plan or one error, never a panic, never a hang.

use std::path::Path;

use keytrail::error::Error;
use keytrail::input::Document;
use keytrail::plan;
use keytrail::source::SourceMap;
use keytrail::value::Symbols;
use proptest::prelude::*;

fn load(bytes: &[u8]) -> Result<Document, Error> {
    let (mut map, mut symbols) = (SourceMap::new(), Symbols::new());
    plan::load(bytes, "plan.json", "in0", &mut map, &mut symbols)
}

fn error(bytes: &[u8]) -> Error {
    load(bytes).expect_err("no plan")
}

fn inputs() -> Vec<(String, Vec<u8>)> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/plans");
    let mut paths: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, std::fs::read(path).unwrap())
    };
    paths.iter().map(read).collect()
}

#[test]
fn every_prefix_loads_or_says_why_not() {
    for (name, bytes) in inputs() {
        // Every place near the ends, a sample between them.
        let step = (bytes.len() / 400).max(1);
        let near = 200.min(bytes.len());
        let cuts = (0..near)
            .chain((near..bytes.len()).step_by(step))
            .chain(bytes.len() - near..bytes.len());
        for cut in cuts {
            match load(&bytes[..cut]) {
                Ok(_) => assert_eq!(bytes[cut..].trim_ascii(), b"", "{name} cut at {cut}"),
                Err(error) => assert!(!error.message.is_empty()),
            }
        }
    }
}

#[test]
fn every_deletion_of_a_byte_loads_or_says_why_not() {
    for (_, bytes) in inputs() {
        let step = (bytes.len() / 400).max(1);
        for at in (0..bytes.len()).step_by(step) {
            let mut broken = bytes.clone();
            broken.remove(at);
            let _ = load(&broken);
        }
    }
}

#[test]
fn every_change_of_a_byte_loads_or_says_why_not() {
    for (_, bytes) in inputs().into_iter().take(4) {
        let step = (bytes.len() / 150).max(1);
        for at in (0..bytes.len()).step_by(step) {
            for with in [0, b'"', b'{', b']', b'\\', 0x80, 0xff, b'1', b'n'] {
                let mut broken = bytes.clone();
                broken[at] = with;
                let _ = load(&broken);
            }
        }
    }
}

/// Every value of a document replaced by one of another shape.
#[test]
fn every_value_of_another_shape_loads_or_says_why_not() {
    use serde_json::{Value, json};
    fn paths(value: &Value, here: &str, out: &mut Vec<String>) {
        out.push(here.to_owned());
        match value {
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    paths(item, &format!("{here}/{at}"), out);
                }
            }
            Value::Object(members) => {
                for (key, item) in members {
                    let key = key.replace('~', "~0").replace('/', "~1");
                    paths(item, &format!("{here}/{key}"), out);
                }
            }
            _ => {}
        }
    }
    for (name, bytes) in inputs() {
        let document: Value = serde_json::from_slice(&bytes).unwrap();
        let mut all = Vec::new();
        paths(&document, "", &mut all);
        for path in all.iter().step_by(11) {
            for other in [
                json!(null),
                json!(true),
                json!("hunter2"),
                json!(7),
                json!([[1]]),
                json!({"a": {"b": 1}}),
            ] {
                let mut changed = document.clone();
                *changed.pointer_mut(path).unwrap() = other;
                if let Err(error) = load(changed.to_string().as_bytes()) {
                    assert!(
                        !error.to_string().contains("hunter2"),
                        "{name} {path}: {error}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_truncated_plan_says_so() {
    let bytes = std::fs::read("testdata/plans/replace.json").unwrap();
    let error = error(&bytes[..5000]);
    assert!(error.message.contains("truncated"), "{error}");
    assert!(error.message.contains("5000 bytes"), "{error}");
    assert_eq!(error.line, Some(1));
}

#[test]
fn wrong_files_are_named_with_the_command_that_makes_the_right_one() {
    let tfstate = std::fs::read("testdata/plans/terraform.tfstate").unwrap();
    let cases: &[(&[u8], &str, &str)] = &[
        (&tfstate, "terraform.tfstate", "terraform show -json > state.json"),
        (b"PK\x03\x04rest", "binary plan", "terraform show -json PLANFILE > plan.json"),
        (b"tfplan\x02", "binary plan", "terraform show -json PLANFILE > plan.json"),
        (b"\x1f\x8b\x08\x00", "gzip", "gunzip"),
        (b"", "empty", "terraform show"),
        (b" \n\t", "empty", "terraform show"),
        (b"\xef\xbb\xbf", "empty", "terraform show"),
        (b"{}", "empty", "terraform show"),
        (b"[1]", "array", "terraform show"),
        (b"hello", "not JSON", "terraform show"),
        (b"# a comment\nresource \"aws_kms_key\" \"k\" {\n}\n", "Terraform's language", "keytrail check FOLDER"),
        (b"locals {\n  a = [\n{\n}]\n}\n", "Terraform's language", "keytrail check FOLDER"),
        (br#"{"resource":{"aws_kms_key":{}}}"#, "`.tf.json`", "terraform show"),
        (
            b"{\"@level\":\"info\",\"@message\":\"Terraform 1.11.4\"}\n{\"@level\":\"info\",\"@message\":\"x\"}\n",
            "log",
            "terraform plan -out PLANFILE",
        ),
        (br#"{"AWSTemplateFormatVersion":"2010-09-09","Resources":{}}"#, "CloudFormation", "Terraform"),
        (br#"{"Resources":{"K":{"Type":"AWS::KMS::Key"}}}"#, "CloudFormation", "Terraform"),
        (br#"{"Version":"2012-10-17","Statement":[]}"#, "policy", "keytrail evaluate"),
        (br#"{"format_version":"1.0","provider_schemas":{}}"#, "provider schemas", "terraform show"),
        (br#"{"format_version":"1.0","valid":true,"error_count":0,"warning_count":0,"diagnostics":[]}"#, "validate", "terraform show"),
        (br#"{"serial":1,"lineage":"x","meta":{},"encrypted_data":"xx","encryption_version":"v0"}"#, "encrypted", "tofu show -json"),
        (br#"{"name":"package","version":"1.0.0"}"#, "neither a plan nor a state", "terraform show"),
        (br#"{"plan":{"name":"x"}}"#, "neither a plan nor a state", "terraform show"),
        (b"{\"resource_changes\":[]}{\"resource_changes\":[]}", "more than one", "file of its own"),
        (b"{\"resource_changes\":[]}]", "after its end", "terraform show"),
        (b"{\"resource_changes\":[],}", "broken", "terraform show"),
        (b"\xff\xfe{\x00\x00\xd8", "neither UTF-8 nor UTF-16", "terraform show"),
        (b"x\xff{}", "not UTF-8", "terraform show"),
    ];
    for (bytes, message, help) in cases {
        let error = error(bytes);
        assert!(error.message.contains(message), "{message}: {error}");
        let given = error.help.clone().unwrap_or_default();
        assert!(given.contains(help), "{message}: {given}");
    }
}

#[test]
fn deep_documents_are_refused() {
    let deep = |open: &str, close: &str, levels: usize| {
        format!("{}1{}", open.repeat(levels), close.repeat(levels))
    };
    let policy = deep(r#"{"a":"#, "}", 100_000);
    let cases = [
        deep("[", "]", 1_000_000),
        format!(r#"{{"planned_values":{}}}"#, deep("[", "]", 100_000)),
        format!(
            r#"{{"configuration":{{"root_module":{}}}}}"#,
            deep(r#"{"module_calls":{"a":{"module":"#, "}}}", 1000)
        ),
        format!(
            r#"{{"values":{{"root_module":{}}},"format_version":"1.0"}}"#,
            deep(r#"{"child_modules":["#, "]}", 1000)
        ),
        format!(
            r#"{{"resource_changes":[{{"address":"aws_kms_key.k","mode":"managed","type":"aws_kms_key","name":"k","change":{{"actions":["create"],"after":{{"policy":{policy}}}}}}}]}}"#
        ),
        format!(
            r#"{{"format_version":"1.2","planned_values":{{}},"variables":{{"a":{{"value":{policy}}}}}}}"#
        ),
    ];
    for text in cases {
        assert!(!error(text.as_bytes()).message.is_empty());
    }
}

#[test]
fn wide_documents_take_time_in_proportion() {
    use std::fmt::Write as _;
    let mut wide = String::new();
    for at in 0..50_000 {
        write!(wide, r#""k{at}":true,"#).unwrap();
    }
    wide.push_str(r#""last":true"#);
    let text = format!(
        r#"{{"resource_changes":[{{"address":"data.aws_iam_policy_document.p","mode":"data","type":"aws_iam_policy_document","name":"p","change":{{"actions":["read"],"after":{{"statement":[{{{wide}}}]}},"after_unknown":{{"statement":[{{{wide}}}]}},"after_sensitive":{{"statement":[{{{wide}}}]}}}}}}]}}"#
    );
    let started = std::time::Instant::now();
    load(text.as_bytes()).unwrap();
    assert!(started.elapsed().as_secs() < 20);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = load(&bytes);
    }

    #[test]
    fn no_text_around_a_plan_makes_it_panic(before in "\\PC{0,20}", after in "\\PC{0,20}") {
        let _ = load(format!("{before}{{\"resource_changes\":[]}}{after}").as_bytes());
        let _ = load(format!("{before}\n{{\"resource_changes\":[]}}\n{after}").as_bytes());
    }
}
