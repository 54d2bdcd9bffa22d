//! `[[expect]]`: what a key's policy must allow, and what it must not.

use toml::Spanned;
use toml::de::DeValue;

use super::At;
use super::read::{Reader, Table, inside, items};
use super::settings::{account, place, principal};
use super::template::Template;
use crate::policy::actions;
use crate::policy::keys;
use crate::policy::requests::{DEMANDS, Demand, demand};
use crate::source::Span;
use crate::spelling::nearest;

/// Requests that keys must allow or must not.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// The keys.
    pub keys: Vec<At<KeyPattern>>,
    /// True where it does not matter that no key of the inputs is meant.
    pub optional: bool,
    /// The requests in the order of the file.
    pub requests: Vec<Expected>,
}

/// Which keys are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPattern {
    /// `alias/trail`; `*` stands for any text.
    Alias(String),
    /// The ARN of a key, or of an alias.
    Arn(String),
    /// An address; `*` stands for any text, and one without an instance key for all instances.
    Address(String),
}

/// A request, and what the answer must be; several principals and actions are a request each.
#[derive(Clone, Debug)]
pub struct Expected {
    /// True where it must be allowed.
    pub allow: bool,
    /// The built-in requirement whose request it is.
    pub built_in: Option<At<&'static Demand>>,
    /// The address of the trail or store of that request; none: each of the inputs.
    pub subject: Option<At<String>>,
    /// Who asks; none where the built-in requirement says it.
    pub principals: Vec<At<Template>>,
    /// What for, likewise.
    pub actions: Vec<At<String>>,
    /// What the request carries besides what follows from who asks, or in place of what the built-in request carries.
    pub context: Vec<Given>,
    /// The place to point at.
    pub span: Span,
}

/// A context key with its values.
#[derive(Clone, Debug)]
pub struct Given {
    /// The key.
    pub key: String,
    /// Its values.
    pub values: Vec<At<Template>>,
    /// True where they were written as a list.
    pub list: bool,
}

/// So many requests may be asked of a key; a request of several principals and actions counts once for each pair.
const MOST: usize = 2_000;

/// The requirements whose requests can be taken: those of trails, of event data stores and of who reads them.
const KINDS: [&str; 3] = ["cloudtrail-", "lake-", "reader-"];

/// The keys of `[[expect]]`.
pub(super) const KEYS: [&str; 4] = ["key", "optional", "allow", "deny"];

/// The keys of a request.
pub(super) const REQUEST: [&str; 5] = ["principal", "action", "context", "as", "subject"];

/// Reads one `[[expect]]`.
pub(super) fn expectation(reader: &mut Reader<'_>, table: &Table<'_>) -> Option<Expectation> {
    reader.only(table, &KEYS, "key of an expectation");
    if table.get("key").is_none() {
        let message = "the expectation has no `key`".to_owned();
        let help = "give the address of a key, `key = \"aws_kms_key.trail\"`, an alias or an ARN";
        reader.problem(table.place.clone(), message, Some(help.to_owned()));
    }
    let keys = reader.names(table, "key");
    let keys: Vec<At<KeyPattern>> = keys.into_iter().map(pattern).collect();
    let optional = reader.flag(table, "optional").unwrap_or_default();
    let mut requests = Vec::new();
    for (word, allow) in [("allow", true), ("deny", false)] {
        for request in reader.tables(table, word) {
            requests.extend(expected(reader, &request, allow));
        }
    }
    if table.get("allow").is_none() && table.get("deny").is_none() {
        let message = "the expectation expects nothing".to_owned();
        let help = "list requests under `allow` or `deny`".to_owned();
        reader.problem(table.place.clone(), message, Some(help));
    }
    for word in ["allow", "deny"] {
        let empty = |value: &&Spanned<DeValue<'_>>| items(value).is_some_and(|it| it.is_empty());
        if let Some(value) = table.get(word).filter(empty) {
            reader.problem(value.span(), format!("`{word}` is an empty list"), None);
        }
    }
    requests.sort_by_key(|it| it.span);
    (!keys.is_empty()).then_some(Expectation {
        keys,
        optional,
        requests,
    })
}

/// Notes more requests than anybody wants to wait for.
pub(super) fn limit(reader: &mut Reader<'_>, all: &[Expectation]) {
    let mut left = MOST;
    for request in all.iter().flat_map(|it| &it.requests) {
        let pairs = request.principals.len().max(1) * request.actions.len().max(1);
        let Some(rest) = left.checked_sub(pairs) else {
            let message = format!("the file lists more than {MOST} requests");
            let at = At {
                value: (),
                span: request.span,
            };
            return reader.at(&at, message, None);
        };
        left = rest;
    }
}

fn pattern(text: At<String>) -> At<KeyPattern> {
    let At { value, span } = text;
    let value = if value.starts_with("alias/") {
        KeyPattern::Alias(value)
    } else if value.starts_with("arn:") {
        KeyPattern::Arn(value)
    } else {
        KeyPattern::Address(value)
    };
    At { value, span }
}

fn expected(reader: &mut Reader<'_>, table: &Table<'_>, allow: bool) -> Option<Expected> {
    reader.only(table, &REQUEST, "key of a request");
    let before = reader.problems.len();
    let built_in = reader.text(table, "as").and_then(|id| named(reader, id));
    if table.get("as").is_some() && built_in.is_none() {
        return None;
    }
    let subject = reader.text(table, "subject");
    if let (Some(subject), None) = (&subject, table.get("as")) {
        let message = "`subject` says whose request `as` means, and there is no `as`".to_owned();
        reader.at(subject, message, None);
    }
    let principals: Vec<At<Template>> = reader
        .texts(table, "principal")
        .iter()
        .filter_map(|text| who(reader, text))
        .collect();
    let actions = reader.texts(table, "action");
    for action in &actions {
        check_action(reader, action);
    }
    // A reader is not said by the requirement, and a service is.
    let service = built_in
        .as_ref()
        .is_some_and(|it| it.value.kind.service().is_some());
    if table.get("principal").is_none() && !service {
        let message = "the request has no `principal`".to_owned();
        let help =
            "an ARN, an account id, a service (`cloudtrail.amazonaws.com`), or `*` for a stranger";
        reader.problem(table.place.clone(), message, Some(help.to_owned()));
    }
    if let (Some(one), true) = (principals.first(), service) {
        let message = "`as` says who asks already".to_owned();
        reader.at(one, message, None);
    }
    if table.get("action").is_none() && built_in.is_none() {
        reader.problem(
            table.place.clone(),
            "the request has no `action`".to_owned(),
            None,
        );
    }
    if let (Some(one), true) = (actions.first(), built_in.is_some()) {
        reader.at(one, "`as` says the action already".to_owned(), None);
    }
    let context = context(reader, table);
    let named = ["principal", "as", "action"]
        .into_iter()
        .find(|key| table.get(key).is_some());
    let span = reader.span(named.map_or_else(|| table.place.clone(), |key| place(table, key)));
    (reader.problems.len() == before).then_some(Expected {
        allow,
        built_in,
        subject,
        principals,
        actions,
        context,
        span,
    })
}

/// The built-in requirement of an id.
fn named(reader: &mut Reader<'_>, id: At<String>) -> Option<At<&'static Demand>> {
    let At { value, span } = id;
    let taken = |demand: &&Demand| KINDS.iter().any(|kind| demand.id.starts_with(kind));
    if let Some(value) = demand(&value).filter(taken) {
        return Some(At { value, span });
    }
    let ids = || DEMANDS.iter().filter(taken).map(|demand| demand.id);
    let help = nearest(&value, ids()).map_or_else(
        || {
            format!(
                "there are {}",
                super::read::list(&ids().collect::<Vec<_>>())
            )
        },
        |near| format!("there is `{near}`"),
    );
    let message = match demand(&value) {
        Some(_) => format!("the request of `{value}` cannot be taken: write it out"),
        None => format!("there is no requirement `{value}`"),
    };
    reader.at(&At { value, span }, message, Some(help));
    None
}

fn template(reader: &mut Reader<'_>, text: &At<String>) -> Option<Template> {
    match Template::parse(&text.value) {
        Ok(template) => Some(template),
        Err((message, help)) => {
            reader.at(text, message, Some(help));
            None
        }
    }
}

/// Who asks.
fn who(reader: &mut Reader<'_>, text: &At<String>) -> Option<At<Template>> {
    let value = template(reader, text)?;
    let sample = value.sample();
    let service = sample.ends_with(".amazonaws.com") || sample.ends_with(".amazonaws.com.cn");
    let known =
        sample == "*" || account(&sample).is_ok() || service && !sample.contains(['*', ':']);
    if let Err(problem) = principal(&sample)
        && !known
    {
        let help = "an ARN (`arn:aws:iam::{account}:role/auditor`), an account id for its root user, a service (`cloudtrail.amazonaws.com`), or `*` for a stranger";
        let message = format!("`{}` is no principal: {problem}", text.value);
        reader.at(text, message, Some(help.to_owned()));
        return None;
    }
    let span = text.span;
    Some(At { value, span })
}

/// One action of KMS.
fn check_action(reader: &mut Reader<'_>, action: &At<String>) {
    if actions::find(&action.value).is_some() {
        return;
    }
    let message = format!("`{}` is no action of KMS", action.value);
    let help = match nearest(&action.value, actions::names()) {
        Some(near) => format!("there is `{near}`"),
        None => "a request is for one action: `kms:Decrypt`, without wildcards".to_owned(),
    };
    reader.at(action, message, Some(help));
}

fn context(reader: &mut Reader<'_>, table: &Table<'_>) -> Vec<Given> {
    let mut given: Vec<Given> = Vec::new();
    let Some(inner) = reader.table(table, "context") else {
        return given;
    };
    for (name, value) in inner.entries() {
        let key = name.get_ref().to_string();
        if given.iter().any(|it| it.key.eq_ignore_ascii_case(&key)) {
            let message = format!("`{key}` is given twice: context keys have no case");
            reader.problem(name.span(), message, None);
        }
        if keys::find(&key).is_none() && items(value).is_some() {
            let message = format!("no request to KMS carries `{key}`");
            let near = nearest(&key, keys::all().map(|it| it.name));
            let help = near.map(|near| format!("there is `{near}`"));
            reader.problem(name.span(), message, help);
        }
        let Some(items) = items(value) else {
            let help = "put the key in quotes: `\"aws:SourceArn\" = …`".to_owned();
            let message =
                format!("`{key}` is a table, and a context key has a text or a list of texts");
            reader.problem(value.span(), message, Some(help));
            continue;
        };
        let mut values = Vec::new();
        for item in items {
            let text = match item.get_ref() {
                DeValue::String(text) => text.to_string(),
                DeValue::Boolean(flag) => flag.to_string(),
                DeValue::Integer(number) => number.to_string(),
                _ => {
                    reader.mistyped(&key, item, "a text or a list of texts");
                    continue;
                }
            };
            let span = reader.span(inside(item));
            let read = template(reader, &At { value: text, span });
            values.extend(read.map(|value| At { value, span }));
        }
        given.push(Given {
            key,
            values,
            list: value.get_ref().is_array(),
        });
    }
    given
}
