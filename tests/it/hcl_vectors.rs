//! Expressions and what Terraform 1.11.4 makes of them: `testdata/expr/`.

use std::path::{Path, PathBuf};

use keytrail::hcl::{Data, Type, Typed};
use serde_json::{Value as Json, json};

use super::hcl_support::evaluated;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/expr")
}

/// The type as Terraform's state writes it.
fn written(of: &Type) -> Json {
    match of {
        Type::Dynamic => json!("dynamic"),
        Type::Bool => json!("bool"),
        Type::Number => json!("number"),
        Type::String => json!("string"),
        Type::List(of) => json!(["list", written(of)]),
        Type::Set(of) => json!(["set", written(of)]),
        Type::Map(of) => json!(["map", written(of)]),
        Type::Tuple(of) => json!(["tuple", of.iter().map(written).collect::<Vec<_>>()]),
        Type::Object(of) => {
            let members = of.iter().map(|(name, of)| (name.clone(), written(of)));
            json!(["object", members.collect::<serde_json::Map<_, _>>()])
        }
    }
}

/// True where the value is the one that Terraform printed; it prints numbers as a float does.
fn same(found: &Typed, wanted: &Json) -> bool {
    match (&found.data, wanted) {
        (Data::Null(_), Json::Null) => true,
        (Data::Bool(a), Json::Bool(b)) => a == b,
        (Data::Number(a), Json::Number(b)) => {
            a.to_string() == b.to_string() || a.to_f64().to_bits() == b.as_f64().unwrap().to_bits()
        }
        (Data::Number(a), Json::String(b)) => &a.to_string() == b,
        (Data::Text(_), Json::String(b)) => found.as_text().as_ref() == Some(b),
        (Data::Sequence(a), Json::Array(b)) => {
            let a: Vec<_> = a.complete().unwrap().collect();
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Data::Mapping(a), Json::Object(b)) => {
            let a: Vec<_> = a.complete().unwrap().collect();
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(*key).is_some_and(|b| same(a, b)))
        }
        _ => false,
    }
}

#[test]
fn expressions_have_the_values_that_terraform_gives_them() {
    let module = std::fs::read_to_string(folder().join("fixture/ctx.tf")).unwrap();
    let vectors = std::fs::read_to_string(folder().join("vectors.jsonl")).unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    let huge = regex::Regex::new(r": (\d{300,})").unwrap();
    for line in vectors.lines() {
        count += 1;
        // A number of 400 digits is no float: it is compared by its digits.
        let line = huge.replace(line, ": \"$1\"");
        let vector: Json = serde_json::from_str(&line).unwrap();
        let expression = vector["expr"].as_str().unwrap();
        let found = evaluated(&module, expression, &folder().join("fixture"));
        match (&found.result, vector.get("error")) {
            (Err(_), Some(_)) => {}
            (Ok(value), None) => {
                let of = written(&value.ty());
                let typed = value.is_null() || of == vector["type"];
                if !same(value, &vector["value"]) || !typed {
                    wrong.push(format!(
                        "{expression}\n  found  {value:?} {of}\n  wanted {} {}",
                        vector["value"], vector["type"]
                    ));
                }
            }
            (found, _) => wrong.push(format!(
                "{expression}\n  found  {found:?}\n  wanted {vector}"
            )),
        }
    }
    assert_eq!(count, 175);
    assert!(
        wrong.is_empty(),
        "{} of {count}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
