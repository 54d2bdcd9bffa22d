//! Findings as results: what code scanning shows of one alert.

use std::collections::BTreeMap;

use serde::Serialize;

use super::flow::{self, Flow};
use super::place::{Location, Logical, Message, escaped, link};
use super::rule::{self, sentence};
use crate::report::anchor::{self, Anchor};
use crate::report::words::told;
use crate::report::{Finding, Report, text};

/// GitHub shows a hundred locations of a result, and refuses more than a thousand.
const MOST: usize = 100;

/// So many other instances are named.
const NAMED: usize = 4;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Outcome<'a> {
    rule_id: String,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [Location<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code_flows: Option<[Flow<'a>; 1]>,
    partial_fingerprints: BTreeMap<&'static str, &'a str>,
    properties: Properties<'a>,
}

/// The rest of what the JSON report says of a finding.
#[derive(Serialize)]
struct Properties<'a> {
    effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requirement: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
}

/// The result of a finding whose rule stands at `rule_index`.
pub(super) fn outcome<'a>(finding: &'a Finding, rule_index: usize, report: &Report) -> Outcome<'a> {
    let anchor = anchor::of(finding, report);
    let mut location = Location::of(&anchor, &primary(finding));
    let addresses = std::iter::once(&finding.address).chain(&finding.instances);
    location.logical = addresses
        .filter(|address| !address.is_empty())
        .take(MOST)
        .map(|address| Logical::new(address, report))
        .collect();
    let related = related(finding, &anchor, report);
    let message = message(finding, &anchor, &related);
    let related_locations = related.into_iter().map(|(id, place, words)| Location {
        id: Some(id),
        ..Location::of(&place, &words)
    });
    Outcome {
        rule_id: rule::id(finding, report.rules),
        rule_index,
        level: finding.severity.word(),
        message: Message { text: message },
        locations: [location],
        related_locations: related_locations.collect(),
        code_flows: flow::of(finding, report).map(|flow| [flow]),
        // A name of our own: GitHub has its own way to make those it knows, and warns of every other value under their names.
        partial_fingerprints: BTreeMap::from([("keytrail/v1", finding.fingerprint.as_str())]),
        properties: Properties {
            effect: finding.effect.word(),
            verdict: finding.verdict.map(crate::policy::Verdict::word),
            requirement: finding.requirement,
            subject: finding.subject.as_deref(),
            key: finding.key.as_deref(),
        },
    }
}

/// What is said of the place to mend.
fn primary(finding: &Finding) -> String {
    let label = finding.labels.iter().find(|it| it.primary);
    label.map_or_else(String::new, |it| it.text.clone())
}

/// The other places of a finding that are in files, with ids from 1.
fn related(finding: &Finding, primary: &Anchor, report: &Report) -> Vec<(usize, Anchor, String)> {
    let labels = finding.labels.iter().filter(|it| !it.primary);
    let places = labels.filter_map(|it| Some((anchor::at(it.span, report)?, it.text.clone())));
    let places = places.filter(|(place, _)| place != primary || place.inside.is_some());
    let numbered = places.zip(1..).take(MOST);
    numbered
        .map(|((place, words), id)| (id, place, words))
        .collect()
}

/// Sentences. The first one is the alert's title; the others say what the report for people shows beside the lines.
fn message(finding: &Finding, anchor: &Anchor, related: &[(usize, Anchor, String)]) -> String {
    let (headline, more) = headline(&finding.message);
    let mut all = vec![sentence(&escaped(headline))];
    all.extend(more.map(|it| sentence(&escaped(it))));
    if let Some((part, line)) = &anchor.inside {
        all.push(sentence(&escaped(&format!(
            "it stands in `{part}`, line {line}"
        ))));
    }
    let others = finding.instances.as_slice();
    if let [first, ..] = others {
        let named: Vec<String> = others
            .iter()
            .take(NAMED)
            .map(|it| format!("`{it}`"))
            .collect();
        let more = others.len() - named.len();
        let list = match more {
            _ if others.len() == 1 => format!("`{first}`"),
            0 => named.join(", "),
            more => format!("{} and {more} more", named.join(", ")),
        };
        all.push(sentence(&escaped(&format!("the same holds for {list}"))));
    }
    if !related.is_empty() {
        let links: Vec<String> = related
            .iter()
            .map(|(id, _, words)| link(if words.is_empty() { "here" } else { words }, *id))
            .collect();
        all.push(format!("See also: {}.", links.join("; ")));
    }
    if let Some(witness) = &finding.witness {
        let told = format!("witness: {}", told(witness));
        all.push(sentence(&escaped(&told)));
    }
    all.extend(finding.help.iter().map(|it| sentence(&escaped(it))));
    let mut page = all.join(" ");
    if let Some(suggestion) = &finding.suggestion {
        let title = escaped(suggestion.title.trim_end_matches(':'));
        let title = sentence(&title);
        page.extend(["\n\n", title.trim_end_matches('.'), ":\n"]);
        for line in text::lines(&suggestion.text) {
            page.push('\n');
            page.push_str(&escaped(&line));
        }
    }
    page
}

/// A message's first clause, and what follows its first colon or semicolon outside of quotes.
fn headline(message: &str) -> (&str, Option<&str>) {
    let mut quote = None;
    for (at, letter) in message.char_indices() {
        match (letter, quote) {
            ('`' | '"', None) => quote = Some(letter),
            (letter, Some(open)) if letter == open => quote = None,
            (':' | ';', None) => {
                let (before, after) = message.split_at(at);
                let after = after.get(1..).unwrap_or_default();
                if let Some(rest) = after.strip_prefix(' ').filter(|it| !it.trim().is_empty()) {
                    return (before, Some(rest));
                }
            }
            _ => {}
        }
    }
    (message, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_clause_is_the_title() {
        for (message, wanted) in [
            (
                "it fails: statement 2 is close",
                ("it fails", Some("statement 2 is close")),
            ),
            (
                "`a: b` fails; why: because",
                ("`a: b` fails", Some("why: because")),
            ),
            (
                "a::b \"c; d\" stays whole",
                ("a::b \"c; d\" stays whole", None),
            ),
            ("ends so: ", ("ends so: ", None)),
        ] {
            assert_eq!(headline(message), wanted);
        }
    }
}
