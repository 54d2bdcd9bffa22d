//! The JSON Schema of `keytrail.toml`: it knows every key, takes what keytrail takes, and refuses what nobody reads.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::support::run::keytrail;

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config/schema.json")
}

fn schema() -> Value {
    serde_json::from_str(keytrail::config::JSON_SCHEMA).unwrap()
}

/// A text of TOML as JSON.
fn json_of(text: &str) -> Value {
    use toml::de::{DeTable, DeValue};
    fn table(table: &DeTable<'_>) -> Value {
        let member = |(key, value): (&toml::Spanned<_>, &toml::Spanned<DeValue<'_>>)| {
            let key: &std::borrow::Cow<'_, str> = key.get_ref();
            (key.to_string(), json(value.get_ref()))
        };
        Value::Object(table.iter().map(member).collect::<Map<_, _>>())
    }
    fn json(value: &DeValue<'_>) -> Value {
        match value {
            DeValue::String(text) => json!(text),
            DeValue::Integer(number) => json!(number.as_str().parse::<i64>().unwrap()),
            DeValue::Float(number) => json!(number.as_str().parse::<f64>().unwrap()),
            DeValue::Boolean(flag) => json!(flag),
            DeValue::Datetime(date) => json!(date.to_string()),
            DeValue::Array(items) => items.iter().map(|it| json(it.get_ref())).collect(),
            DeValue::Table(members) => table(members),
        }
    }
    let root = DeTable::parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    table(root.get_ref())
}

fn is_valid(text: &str) -> bool {
    jsonschema::validator_for(&schema())
        .unwrap()
        .is_valid(&json_of(text))
}

/// The template of `keytrail init` with every key in force.
fn whole_template() -> String {
    let mut text = String::new();
    for line in keytrail::config::TEMPLATE.lines() {
        let bare = line.strip_prefix("# ").unwrap_or(line);
        let is_toml = bare.starts_with(['[', ' ', ']'])
            || bare.split_once(" = ").is_some_and(|(key, _)| {
                key.bytes().all(|it| it.is_ascii_lowercase() || it == b'-')
            });
        if is_toml {
            text.push_str(bare);
            text.push('\n');
        }
    }
    text
}

#[test]
fn the_schema_is_printed() {
    let ended = keytrail(&["schema", "config"]);
    assert_eq!(ended.code, 0, "{ended:?}");
    assert_eq!(
        ended.stdout,
        keytrail::config::JSON_SCHEMA.replace("\r\n", "\n")
    );
}

/// The lines between `"rules": {` and the next section are written by this test.
#[test]
fn the_schema_names_every_rule() {
    let rules: Vec<String> = keytrail::rules::ALL
        .iter()
        .map(|rule| {
            let words = json!(["error", "warning", "note", "off"]);
            let about = json!(rule.summary);
            format!(
                "        \"{}\": {{ \"description\": {about}, \"enum\": {words} }}",
                rule.id
            )
        })
        .collect();
    let wanted = format!("{}\n", rules.join(",\n"));
    let text = std::fs::read_to_string(path())
        .unwrap()
        .replace("\r\n", "\n");
    let (before, rest) = text.split_once("    \"rules\": {\n").unwrap();
    let (head, rest) = rest.split_once("\"properties\": {\n").unwrap();
    let (found, after) = rest.split_once("      }\n").unwrap();
    if found != wanted {
        assert!(
            std::env::var_os("KEYTRAIL_BLESS").is_some(),
            "KEYTRAIL_BLESS=1 rewrites the rules of the schema"
        );
        let text = format!(
            "{before}    \"rules\": {{\n{head}\"properties\": {{\n{wanted}      }}\n{after}"
        );
        std::fs::write(path(), text).unwrap();
    }
}

/// `expect.allow.principal` of the reader is a property of a property of the schema.
#[test]
fn every_key_is_in_the_schema() {
    let schema = schema();
    for key in keytrail::config::keys() {
        if key == "rules.RULE" {
            continue;
        }
        let mut at = &schema;
        for part in key.split('.') {
            let mut next = &at["properties"][part];
            assert!(next.is_object(), "{key}");
            for _ in 0..3 {
                if let Some(name) = next["$ref"].as_str() {
                    next = schema.pointer(name.trim_start_matches('#')).unwrap();
                } else if next["anyOf"].is_array() && next["properties"].is_null() {
                    next = &next["anyOf"][0];
                }
            }
            at = next;
        }
    }
    let check = schema["properties"]["check"]["properties"]
        .as_object()
        .unwrap();
    let known: Vec<&str> = keytrail::config::SETTINGS.iter().map(|it| it.key).collect();
    assert_eq!(check.len(), known.len());
    for it in keytrail::config::SETTINGS {
        let said = check[it.key].get("default").map(Value::to_string);
        assert_eq!(said.as_deref(), it.default, "{}", it.key);
    }
}

#[test]
fn the_schema_takes_what_keytrail_takes() {
    let whole = whole_template();
    for key in keytrail::config::keys() {
        let last = key.rsplit('.').next().unwrap();
        assert!(
            key == "rules.RULE" || whole.contains(&format!("{last} = ")),
            "{key} is not in:\n{whole}"
        );
    }
    assert!(is_valid(&whole), "{whole}");
    assert!(is_valid(keytrail::config::TEMPLATE));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("testdata"), root.join("examples")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.ends_with("keytrail.toml") {
                let text = std::fs::read_to_string(&path).unwrap();
                assert!(is_valid(&text), "{}", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 5);
}

#[test]
fn the_schema_refuses_what_keytrail_refuses() {
    for wrong in [
        "[chek]\n",
        "[check]\nfail_on = \"error\"\n",
        "[check]\nfail-on = \"fatal\"\n",
        "[check]\nundecided = true\n",
        "[check]\naccount-id = \"1111\"\n",
        "[check]\nregion = \"everywhere\"\n",
        "[check]\ntrusted-organization = [\"x\"]\n",
        "[rules]\ntrail-unencryptd = \"off\"\n",
        "[rules]\ntrail-unencrypted = \"allow\"\n",
        "[[reader]]\nvia = \"s3\"\n",
        "[[reader]]\narn = \"arn:aws:iam::111122223333:role/a\"\nvia = \"ftp\"\n",
        "[[expect]]\nkey = \"aws_kms_key.a\"\n",
        "[[expect]]\nkey = \"aws_kms_key.a\"\nallow = [{ principal = \"*\" }]\n",
        "[[expect]]\nkey = \"aws_kms_key.a\"\nallow = [{ principal = \"*\", action = \"kms:Decrypt\", conditions = {} }]\n",
        "[[rule]]\nid = \"a\"\nmessage = \"b\"\nselect = \"$\"\n",
        "[[rule]]\nid = \"A b\"\nmessage = \"b\"\nselect = \"$\"\nforbid = {}\n",
        "[[rule]]\nid = \"a\"\nmessage = \"b\"\nselect = \"$\"\nforbid = { exists = false }\n",
    ] {
        assert!(!is_valid(wrong), "{wrong}");
    }
}
