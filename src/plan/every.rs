//! Every resource of a plan or a state with all of its values. It is read only where the user has rules of their own.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::decode;
use crate::error::Error;
use crate::input::{Before, Planned};

/// Modules inside each other, at most.
const DEEPEST: usize = 64;

/// The resources of a document that [`super::load`] could read: what the plan leaves behind and what it destroys, the data that it has
/// read, or what a state holds. Objects that Terraform has put aside are left out.
///
/// # Errors
/// Where values lie too deep inside each other.
pub fn every(bytes: &[u8], name: &str) -> Result<Vec<Planned>, Error> {
    let decoded = decode::decode(bytes, name)?;
    let mut documents = serde_json::Deserializer::from_slice(&decoded.bytes).into_iter::<Value>();
    let Some(Ok(document)) = documents.next() else {
        // Nothing of the input is part of an error, not even the reason that names a value.
        let message = "its values cannot be read for the rules of `keytrail.toml`";
        return Err(Error::new(name, message));
    };
    let document = match document.get("plan") {
        Some(inner) if inner.is_object() && document.get("format_version").is_none() => inner,
        _ => &document,
    };
    let mut found = Found::default();
    for change in list(document, "resource_changes") {
        found.change(change);
    }
    let prior = document.pointer("/prior_state/values/root_module");
    for (module, data_only) in [
        (prior, true),
        (document.pointer("/values/root_module"), false),
    ] {
        if let Some(module) = module {
            found.module(module, data_only, 0);
        }
    }
    Ok(found.all)
}

fn list<'v>(value: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    value
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[derive(Default)]
struct Found {
    all: Vec<Planned>,
    seen: BTreeSet<String>,
}

impl Found {
    /// An entry of `resource_changes`.
    fn change(&mut self, record: &Value) {
        let (Some(change), None) = (record.get("change"), record.get("deposed")) else {
            return;
        };
        let actions = change.get("actions").cloned().unwrap_or_default();
        let gone = ["delete", "forget"].iter().any(|it| actions == json!([it]));
        let member = |key: &str| change.get(key).cloned().unwrap_or_default();
        let values = if gone {
            member("before")
        } else {
            member("after")
        };
        let unknown = change.get("after_unknown").filter(|_| !gone);
        self.add(record, values, member("before"), actions, unknown, gone);
    }

    /// The resources of a module and of those below it.
    fn module(&mut self, module: &Value, data_only: bool, depth: usize) {
        for record in list(module, "resources") {
            let wanted = !data_only || text(record, "mode") == "data";
            if wanted && record.get("deposed_key").is_none() {
                let values = record.get("values").cloned().unwrap_or_default();
                self.add(record, values, Value::Null, json!(["no-op"]), None, false);
            }
        }
        if depth < DEEPEST {
            for child in list(module, "child_modules") {
                self.module(child, data_only, depth + 1);
            }
        }
    }

    fn add(
        &mut self,
        record: &Value,
        values: Value,
        before: Value,
        actions: Value,
        unknown: Option<&Value>,
        gone: bool,
    ) {
        let address = text(record, "address").to_owned();
        if address.is_empty() || !self.seen.insert(address.clone()) {
            return;
        }
        let mut resource = Map::new();
        let names = [
            "address",
            "module_address",
            "mode",
            "type",
            "name",
            "index",
            "provider_name",
        ];
        for name in names {
            if let Some(value) = record.get(name) {
                resource.insert(name.to_owned(), value.clone());
            }
        }
        resource.insert("actions".to_owned(), actions);
        resource.insert("values".to_owned(), values);
        resource.insert("before".to_owned(), before);
        let list = if gone { "deleted" } else { "resources" };
        let before = past(&resource);
        let mut ways = Vec::new();
        if let Some(unknown) = unknown {
            let mut way = [list, "0", "values"].map(str::to_owned).to_vec();
            leaves(unknown, &mut way, &mut ways);
        }
        let word = match text(record, "mode") {
            "data" => "data",
            _ => "resource",
        };
        let (kind, name) = (text(record, "type"), text(record, "name"));
        self.all.push(Planned {
            header: format!("{word} \"{kind}\" \"{name}\""),
            address,
            document: json!({ list: [resource] }),
            unknown: ways,
            before,
        });
    }
}

/// What a resource was: what it is, with the values that it had.
fn past(resource: &Map<String, Value>) -> Before {
    let before = resource.get("before").filter(|it| !it.is_null());
    if resource.get("actions") == Some(&json!(["no-op"])) {
        return Before::Same;
    }
    let Some(before) = before else {
        return Before::Nothing;
    };
    let mut past = resource.clone();
    past.insert("actions".to_owned(), json!(["no-op"]));
    past.insert("values".to_owned(), before.clone());
    Before::Other(json!({ "resources": [past] }))
}

/// The ways to everything that is `true` in the marks of unknown values.
fn leaves(mark: &Value, way: &mut Vec<String>, ways: &mut Vec<Vec<String>>) {
    match mark {
        Value::Bool(true) => ways.push(way.clone()),
        Value::Object(members) => {
            for (key, value) in members {
                way.push(key.clone());
                leaves(value, way, ways);
                way.pop();
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                way.push(at.to_string());
                leaves(value, way, ways);
                way.pop();
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_plan_leaves_behind_destroys_and_has_read() {
        let change = |address: &str, actions: &str, after: &str, unknown: &str| {
            format!(
                r#"{{"address":"{address}","mode":"managed","type":"t","name":"n","change":{{"actions":[{actions}],"before":{{"a":1}},"after":{after},"after_unknown":{unknown}}}}}"#
            )
        };
        let changes = [
            change(
                "t.a",
                "\"create\"",
                r#"{"a":2,"b":[{}]}"#,
                r#"{"id":true,"b":[{"c":true}]}"#,
            ),
            change("t.b", "\"delete\"", "null", "{}"),
            change("t.c", "\"delete\",\"create\"", r#"{"a":3}"#, "{}"),
        ];
        let prior = r#"{"values":{"root_module":{"child_modules":[{"resources":[
            {"address":"module.m.data.d.x","mode":"data","type":"d","name":"x","values":{"id":"i"}},
            {"address":"t.old","mode":"managed","type":"t","name":"old","values":{}}]}]}}}"#;
        let plan = format!(
            r#"{{"format_version":"1.2","resource_changes":[{}],"prior_state":{prior}}}"#,
            changes.join(",")
        );
        let all = every(plan.as_bytes(), "plan.json").unwrap();
        let shown: Vec<(&str, bool)> = all
            .iter()
            .map(|it| (it.address.as_str(), it.document.get("deleted").is_some()))
            .collect();
        let wanted = [
            ("t.a", false),
            ("t.b", true),
            ("t.c", false),
            ("module.m.data.d.x", false),
        ];
        assert_eq!(shown, wanted);
        let first = all.first().unwrap();
        let ways: Vec<String> = first.unknown.iter().map(|it| it.join("/")).collect();
        assert_eq!(ways, ["resources/0/values/b/0/c", "resources/0/values/id"]);
        assert_eq!(
            first.document.pointer("/resources/0/values/a"),
            Some(&json!(2))
        );
        assert!(!format!("{first:?}").contains('2'));
        let before = all.iter().map(|it| match &it.before {
            Before::Nothing => Value::Null,
            Before::Same => json!("same"),
            Before::Other(past) => past["resources"][0]["values"].clone(),
        });
        let before: Vec<Value> = before.collect();
        let old = json!({"a": 1});
        assert_eq!(before, [old.clone(), old.clone(), old, json!("same")]);
    }
}
