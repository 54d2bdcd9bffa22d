//! The way that code scanning shows step by step: from the trail over its key to the statement.

use serde::Serialize;

use super::place::Location;
use crate::report::anchor::{self, Anchor};
use crate::report::{Finding, Report};
use crate::source::Span;

/// So many steps of a way are shown. Reads through many modules have more, and GitHub refuses more than ten thousand.
const MOST: usize = 100;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Flow<'a> {
    thread_flows: [ThreadFlow<'a>; 1],
}

#[derive(Serialize)]
struct ThreadFlow<'a> {
    locations: Vec<Step<'a>>,
}

#[derive(Serialize)]
struct Step<'a> {
    location: Location<'a>,
    importance: &'static str,
}

/// The steps of a finding about a subject and its key; none where they are fewer than two places.
pub(super) fn of<'a>(finding: &Finding, report: &Report) -> Option<Flow<'a>> {
    let model = report.model;
    let subject = model.subject_of_id(finding.subject.as_deref()?)?;
    let key = model.key_of_id(finding.key.as_deref()?)?;
    let noun = subject.kind.noun();
    let mut all: Vec<(Span, String, bool)> = vec![
        (
            subject.origin.span(),
            format!("the {noun} `{}`", subject.address),
            true,
        ),
        (
            subject.link.origin.span(),
            format!("the {noun} names its key"),
            false,
        ),
    ];
    let way = subject.link.way.iter().take(MOST);
    all.extend(way.map(|it| (it.origin.span(), format!("through `{}`", it.text), false)));
    if !key.outside {
        let words = if key.policy_addresses.is_empty() {
            format!("the key `{}`", key.address)
        } else {
            format!("sets the policy of the key `{}`", key.address)
        };
        all.push((key.origin.span(), words, true));
    }
    // What the finding says beside its own place, unless the way leads there anyway; its own place is the end.
    let (own, others): (Vec<_>, Vec<_>) = finding.labels.iter().partition(|it| it.defect);
    let way = all.len();
    all.extend(others.iter().map(|it| (it.span, it.text.clone(), false)));
    let end = all.len();
    all.extend(own.iter().map(|it| (it.span, it.text.clone(), true)));

    let mut steps: Vec<(Anchor, String, bool)> = Vec::new();
    for (nth, (span, words, essential)) in all.into_iter().enumerate() {
        let Some(place) = anchor::at(span, report) else {
            continue;
        };
        let seen = |step: &(Anchor, String, bool)| step.0 == place;
        if (way..end).contains(&nth) && steps.iter().any(seen) {
            continue;
        }
        match steps.last_mut() {
            // One place is one step.
            Some(last) if seen(last) && essential => *last = (place, words, true),
            Some(last) if seen(last) => {}
            _ => steps.push((place, words, essential)),
        }
    }
    if steps.len() < 2 {
        return None;
    }
    let locations = steps.into_iter().map(|(place, words, essential)| Step {
        location: Location::of(&place, &words),
        importance: if essential { "essential" } else { "important" },
    });
    Some(Flow {
        thread_flows: [ThreadFlow {
            locations: locations.collect(),
        }],
    })
}
