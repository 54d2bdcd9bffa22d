//! `[[ignore]]`: findings that the user puts aside, by rule and address.

use toml::de::DeValue;

use super::read::{Reader, Table};
use super::{At, Day};
use crate::spelling::nearest;

/// Findings that do not count.
#[derive(Clone, Debug)]
pub struct Ignore {
    /// The ids of their rules.
    pub rules: Vec<At<String>>,
    /// The addresses that they are about, or the keys'; `*` stands for any text, and one without instance keys for all instances.
    pub addresses: Vec<At<String>>,
    /// The Sid of a statement that decides.
    pub sid: Option<String>,
    /// The last day on which it counts.
    pub until: Option<At<Day>>,
    /// Why.
    pub reason: String,
}

/// The keys of `[[ignore]]`.
pub(super) const KEYS: [&str; 5] = ["rule", "address", "sid", "until", "reason"];

/// Rules that nothing puts aside: what is wrong with an exception, and what keeps the inputs from being read.
const NEVER: [&str; 4] = [
    "source-unreadable",
    "ignore-invalid",
    "ignore-expired",
    "ignore-unused",
];

/// True for a rule whose findings can be put aside.
pub fn can_be_ignored(rule: &str) -> bool {
    !NEVER.contains(&rule)
}

/// Reads one `[[ignore]]`. `known` are the ids of all rules, the user's own too.
pub(super) fn ignore(reader: &mut Reader<'_>, table: &Table<'_>, known: &[&str]) -> Option<Ignore> {
    reader.only(table, &KEYS, "key of an exception");
    for key in ["rule", "address", "reason"] {
        if table.get(key).is_none() {
            let message = format!("the exception has no `{key}`");
            reader.problem(table.place.clone(), message, None);
        }
    }
    let rules = reader.texts(table, "rule");
    for rule in &rules {
        let name = rule.value.as_str();
        if !known.contains(&name) {
            let help = nearest(name, known.iter().copied()).map_or_else(
                || "`keytrail rules` lists them".to_owned(),
                |near| format!("there is `{near}`; `keytrail rules` lists all"),
            );
            reader.at(rule, format!("there is no rule `{name}`"), Some(help));
        } else if !can_be_ignored(name) {
            reader.at(rule, format!("`{name}` cannot be ignored"), None);
        }
    }
    let addresses = reader.texts(table, "address");
    for address in &addresses {
        if address.value.trim_matches('*').is_empty() {
            let help = "a pattern names the resource at least in part: `module.logs.*`".to_owned();
            reader.at(
                address,
                "the address names everything".to_owned(),
                Some(help),
            );
        }
    }
    let sid = reader.text(table, "sid").map(|it| it.value);
    let until = day(reader, table);
    let reason = reader.text(table, "reason")?;
    if reason.value.trim().is_empty() {
        reader.at(&reason, "the reason is empty".to_owned(), None);
    }
    (!rules.is_empty() && !addresses.is_empty()).then_some(Ignore {
        rules,
        addresses,
        sid,
        until,
        reason: reason.value.trim().to_owned(),
    })
}

/// `until`, as a text or as TOML's date.
fn day(reader: &mut Reader<'_>, table: &Table<'_>) -> Option<At<Day>> {
    let value = table.get("until")?;
    let text = match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Datetime(date) => date.to_string(),
        _ => {
            reader.mistyped("until", value, "a day, `2027-01-31`");
            return None;
        }
    };
    let Some(day) = Day::parse(&text) else {
        let message = "`until` is no day of the calendar".to_owned();
        let help = "a day is written `2027-01-31`".to_owned();
        reader.problem(value.span(), message, Some(help));
        return None;
    };
    let span = reader.span(value.span());
    Some(At { value: day, span })
}
