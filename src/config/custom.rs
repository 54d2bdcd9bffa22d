//! `[[rule]]`: rules of the user's own, which select resources of a plan with `JSONPath` and require or forbid values.

use jsonpath_rust::parser::parse_json_path;
use regex::Regex;
use serde_json::Value;
use toml::Spanned;
use toml::de::DeValue;

use super::At;
use super::query::Query;
use super::read::{Reader, Table, items};
use super::settings::severity;
use crate::report::Severity;
use crate::source::Span;

/// A rule of the user's own.
#[derive(Clone, Debug)]
pub struct CustomRule {
    /// Its id, unlike every built-in one.
    pub id: At<String>,
    /// How bad its findings are.
    pub severity: Severity,
    /// What a finding says.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// What it looks at.
    pub select: Query,
    /// Everything that is selected must pass all of these.
    pub require: Vec<Check>,
    /// Nothing that is selected may pass any of these.
    pub forbid: Vec<Check>,
}

/// A look at a value.
#[derive(Clone, Debug)]
pub struct Check {
    /// From what was selected to the value; none: that itself.
    pub path: Option<Query>,
    /// What the value must be.
    pub test: Test,
    /// The place to point at.
    pub span: Span,
}

/// What a value is compared with.
#[derive(Clone, Debug)]
pub enum Test {
    /// It is there, and not null.
    Exists,
    /// It is one of these.
    OneOf(Vec<Value>),
    /// It is a text that the expression finds a match in.
    Matches(Regex),
}

/// The keys of `[[rule]]`.
pub(super) const KEYS: [&str; 7] = [
    "id", "severity", "message", "help", "select", "require", "forbid",
];

/// The keys of a check.
pub(super) const CHECK: [&str; 5] = ["path", "exists", "equals", "one-of", "matches"];

/// A path may go through everything below a place so often: each time multiplies what it finds.
const MOST: usize = 2;

/// A regular expression may not grow larger than this, in bytes.
const LARGEST: usize = 1 << 20;

/// Reads one `[[rule]]`.
pub(super) fn rule(reader: &mut Reader<'_>, table: &Table<'_>) -> Option<CustomRule> {
    reader.only(table, &KEYS, "key of a rule");
    let before = reader.problems.len();
    let id = reader.needed(table, "id", "the rule");
    if let Some(id) = &id {
        let word = |word: &str| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
        };
        if !id.value.split('-').all(word) {
            let message = format!("`{}` is no id of a rule", id.value);
            let help = "small letters and digits, with hyphens between words".to_owned();
            reader.at(id, message, Some(help));
        }
    }
    let severity = severity(reader, table).unwrap_or(Severity::Error);
    let message = reader.needed(table, "message", "the rule");
    let help = reader.text(table, "help");
    let select = reader.needed(table, "select", "the rule");
    let select = select.and_then(|text| query(reader, &text));
    let mut checks = |word: &str| -> Vec<Check> {
        let tables = reader.tables(table, word);
        let checks = tables.iter().filter_map(|it| check(reader, it));
        checks.collect()
    };
    let (require, forbid) = (checks("require"), checks("forbid"));
    if table.get("require").is_none() && table.get("forbid").is_none() {
        let message = "the rule neither requires nor forbids anything".to_owned();
        let help = "`require = { path = \"$.values.enable_key_rotation\", equals = true }`; `forbid = {}` forbids whatever is selected";
        reader.problem(table.place.clone(), message, Some(help.to_owned()));
    }
    if reader.problems.len() > before {
        return None;
    }
    Some(CustomRule {
        id: id?,
        severity,
        message: message?.value,
        help: help.map(|it| it.value),
        select: select?,
        require,
        forbid,
    })
}

/// Notes ids that are not a rule's own.
pub(super) fn distinct(reader: &mut Reader<'_>, rules: &[CustomRule], known: &[&str]) {
    for (at, rule) in rules.iter().enumerate() {
        let id = &rule.id.value;
        let earlier = rules.iter().take(at).any(|other| other.id.value == *id);
        if earlier || known.contains(&id.as_str()) {
            let message = format!("there is a rule `{id}` already");
            reader.at(&rule.id, message, None);
        }
    }
}

fn query(reader: &mut Reader<'_>, text: &At<String>) -> Option<Query> {
    match parse_json_path(&text.value) {
        Ok(parsed) => {
            let query = Query {
                parsed,
                text: text.value.clone(),
            };
            if query.descents() > MOST {
                let message = format!("it descends (`..`) more than {MOST} times");
                reader.at(text, message, None);
                return None;
            }
            Some(query)
        }
        Err(error) => {
            let why = error.to_string();
            let expected = why.lines().find_map(|line| line.trim().strip_prefix("= "));
            let message = match expected {
                Some(expected) => format!("it is no JSONPath: {expected}"),
                None => "it is no JSONPath".to_owned(),
            };
            let help = "like `$.resources[?@.type == 'aws_kms_key']`; `keytrail explain custom-rules` says what there is to select";
            reader.at(text, message, Some(help.to_owned()));
            None
        }
    }
}

fn check(reader: &mut Reader<'_>, table: &Table<'_>) -> Option<Check> {
    reader.only(table, &CHECK, "key of a check");
    let before = reader.problems.len();
    let path = reader.text(table, "path");
    let path = path.and_then(|text| query(reader, &text));
    let exists = reader.flag(table, "exists");
    let equals = table.get("equals").map(|value| vec![json(value.get_ref())]);
    let one_of = table.get("one-of").and_then(|value| {
        let DeValue::Array(_) = value.get_ref() else {
            reader.mistyped("one-of", value, "a list");
            return None;
        };
        let items = items(value).unwrap_or_default();
        Some(items.iter().map(|it| json(it.get_ref())).collect())
    });
    let matches = reader.text(table, "matches");
    let matches = matches.and_then(|text| expression(reader, &text));
    let tests = [
        exists.map(|_| Test::Exists),
        equals.or(one_of).map(Test::OneOf),
        matches.map(Test::Matches),
    ];
    let said = CHECK.iter().skip(1).filter(|key| table.get(key).is_some());
    if said.count() > 1 {
        let message = "a check is one of `exists`, `equals`, `one-of` and `matches`".to_owned();
        let help = "write several checks: `require = [ { … }, { … } ]`".to_owned();
        reader.problem(table.place.clone(), message, Some(help));
    }
    if exists == Some(false) {
        let message = "`exists` is `true`".to_owned();
        let help = "what must not be there is forbidden: `forbid = { path = …, exists = true }`";
        let at = super::settings::place(table, "exists");
        reader.problem(at, message, Some(help.to_owned()));
    }
    let span = reader.span(table.place.clone());
    let test = tests.into_iter().flatten().next().unwrap_or(Test::Exists);
    (reader.problems.len() == before).then_some(Check { path, test, span })
}

fn expression(reader: &mut Reader<'_>, text: &At<String>) -> Option<Regex> {
    let built = regex::RegexBuilder::new(&text.value)
        .size_limit(LARGEST)
        .build();
    match built {
        Ok(regex) => Some(regex),
        Err(error) => {
            let why = error.to_string();
            let last = why.lines().last().unwrap_or_default();
            let why = last.trim_start_matches("error: ").to_owned();
            reader.at(text, format!("it is no regular expression: {why}"), None);
            None
        }
    }
}

/// A value of TOML as one of JSON; a date is its text.
fn json(value: &DeValue<'_>) -> Value {
    let item = |value: &Spanned<DeValue<'_>>| json(value.get_ref());
    match value {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| Value::String(number.to_string()), Value::from),
        DeValue::Float(number) => number
            .as_str()
            .parse::<f64>()
            .map_or(Value::Null, Value::from),
        DeValue::Datetime(date) => Value::String(date.to_string()),
        DeValue::Array(array) => Value::Array(array.iter().map(item).collect()),
        DeValue::Table(table) => {
            let members = table.iter();
            Value::Object(
                members
                    .map(|(key, it)| (key.get_ref().to_string(), item(it)))
                    .collect(),
            )
        }
    }
}
