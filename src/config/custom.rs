//! `[[rule]]`: rules of the user's own, which select resources of a plan with `JSONPath` and require or forbid values.

use jsonpath_rust::parser::parse_json_path;
use regex::Regex;
use serde_json::Value;
use toml::Spanned;
use toml::de::DeValue;

use super::At;
use super::query::Query;
use super::reach::{self, Place};
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

/// The id of a `[[rule]]`, whatever else is in it.
pub(super) fn id<'t>(table: &Table<'t>) -> Option<&'t str> {
    match table.get("id")?.get_ref() {
        DeValue::String(id) => Some(id),
        _ => None,
    }
}

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
    let select = select.and_then(|text| Some((query(reader, &text)?, text)));
    // What is selected is where the paths of the checks start.
    let start = select
        .as_ref()
        .and_then(|(query, text)| leads(reader, query, text, Place::Document));
    let start = start.unwrap_or(Place::Inside);
    let mut checks = |word: &str| -> Vec<Check> {
        let tables = reader.tables(table, word);
        let checks = tables.iter().filter_map(|it| check(reader, it, start));
        checks.collect()
    };
    let (require, forbid) = (checks("require"), checks("forbid"));
    for word in ["require", "forbid"] {
        let empty = |it: &&Spanned<DeValue<'_>>| items(it).is_some_and(|it| it.is_empty());
        if let Some(value) = table.get(word).filter(empty) {
            reader.problem(value.span(), format!("`{word}` is an empty list"), None);
        }
    }
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
        select: select?.0,
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
            let message = if text.value.starts_with('$') {
                match rest(&text.value, &error.to_string()) {
                    Some(rest) => format!("it is no JSONPath from `{rest}` on"),
                    None => "it is no JSONPath: its end is missing".to_owned(),
                }
            } else {
                "a JSONPath starts with `$`".to_owned()
            };
            let help = "like `$.resources[?@.type == 'aws_kms_key']`; `keytrail explain custom-rules` says what there is to select";
            reader.at(text, message, Some(help.to_owned()));
            None
        }
    }
}

/// What stands behind the place that the `JSONPath` reader names, ` --> 1:12`.
fn rest<'t>(text: &'t str, said: &str) -> Option<&'t str> {
    let (_, place) = said.split_once("--> 1:")?;
    let digits = place
        .split(|letter: char| !letter.is_ascii_digit())
        .next()?;
    let column: usize = digits.parse().ok()?;
    let (start, _) = text.char_indices().nth(column.checked_sub(1)?)?;
    text.get(start..)
}

/// Where a query leads to; notes a step that leads nowhere.
fn leads(reader: &mut Reader<'_>, query: &Query, text: &At<String>, from: Place) -> Option<Place> {
    match reach::follow(&query.parsed, from) {
        Ok(place) => Some(place),
        Err((message, help)) => {
            let help = format!("{help}; `keytrail explain custom-rules` says what there is");
            reader.at(text, message, Some(help));
            None
        }
    }
}

fn check(reader: &mut Reader<'_>, table: &Table<'_>, start: Place) -> Option<Check> {
    reader.only(table, &CHECK, "key of a check");
    let before = reader.problems.len();
    let path = reader.text(table, "path");
    let path = path.and_then(|text| {
        let query = query(reader, &text)?;
        leads(reader, &query, &text, start)?;
        Some(query)
    });
    let exists = reader.flag(table, "exists");
    let equals = table.get("equals");
    let equals = equals.and_then(|value| Some(vec![json(reader, "equals", value)?]));
    let one_of = table.get("one-of").and_then(|value| {
        let DeValue::Array(_) = value.get_ref() else {
            reader.mistyped("one-of", value, "a list");
            return None;
        };
        let items = items(value).unwrap_or_default();
        if items.is_empty() {
            reader.problem(value.span(), "`one-of` is an empty list".to_owned(), None);
        }
        let read = |it: &&Spanned<DeValue<'_>>| json(reader, "one-of", it);
        items.iter().map(read).collect()
    });
    let matches = reader.text(table, "matches");
    let matches = matches.and_then(|text| {
        if text.value.is_empty() {
            let message = "an empty expression is found in every text".to_owned();
            let help = "`exists = true` asks whether there is a value".to_owned();
            reader.at(&text, message, Some(help));
            return None;
        }
        expression(reader, &text)
    });
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

/// A value of TOML as one of JSON. What no plan can hold is refused.
fn json(reader: &mut Reader<'_>, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Value> {
    let refuse = |reader: &mut Reader<'_>, what: &str, help: &str| {
        let message = format!("`{key}` is compared with values of a plan, which holds no {what}");
        reader.problem(value.span(), message, Some(help.to_owned()));
        None
    };
    match value.get_ref() {
        DeValue::String(text) => Some(Value::String(text.to_string())),
        DeValue::Boolean(flag) => Some(Value::Bool(*flag)),
        DeValue::Integer(number) => {
            let read = i64::from_str_radix(number.as_str(), number.radix());
            let read = read.ok().map(Value::from);
            read.or_else(|| refuse(reader, "number of that size", "numbers have 64 bits"))
        }
        DeValue::Float(number) => {
            let read = number.as_str().parse::<f64>().ok();
            let read = read.filter(|it| it.is_finite()).map(Value::from);
            read.or_else(|| refuse(reader, "such number", "write a finite number"))
        }
        DeValue::Datetime(date) => {
            let help = format!("write it as text: `\"{date}\"`");
            refuse(reader, "date", &help)
        }
        DeValue::Array(array) => {
            let items = array.iter().map(|it| json(reader, key, it));
            // All of them, so that each mistake is told.
            let items: Vec<Option<Value>> = items.collect();
            items
                .into_iter()
                .collect::<Option<Vec<_>>>()
                .map(Value::Array)
        }
        DeValue::Table(table) => {
            let members = table.iter();
            let members = members.map(|(name, it)| {
                let value = json(reader, key, it)?;
                Some((name.get_ref().to_string(), value))
            });
            let members: Vec<Option<(String, Value)>> = members.collect();
            let members = members
                .into_iter()
                .collect::<Option<serde_json::Map<_, _>>>();
            members.map(Value::Object)
        }
    }
}
