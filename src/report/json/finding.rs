//! Findings in the JSON report.

use serde::Serialize;

use crate::report::{Finding, Report};
use crate::source::Place;

#[derive(Serialize)]
pub(super) struct FindingJson<'a> {
    rule: &'static str,
    severity: &'static str,
    effect: &'static str,
    verdict: Option<&'static str>,
    subject: Option<&'a str>,
    key: Option<&'a str>,
    requirement: Option<&'static str>,
    address: &'a str,
    instances: &'a [String],
    message: &'a str,
    help: Option<&'a str>,
    suggestion: Option<SuggestionJson<'a>>,
    witness: Option<()>,
    fingerprint: &'a str,
    suppressed: Option<()>,
    locations: Vec<LocationJson<'a>>,
}

#[derive(Serialize)]
struct SuggestionJson<'a> {
    title: &'a str,
    text: &'a str,
}

/// Lines and columns from 1, columns in code points, the end exclusive.
#[derive(Serialize)]
struct LocationJson<'a> {
    file: String,
    #[serde(rename = "virtual")]
    part: Option<String>,
    start: PlaceJson,
    end: PlaceJson,
    text: String,
    label: &'a str,
    primary: bool,
}

#[derive(Serialize)]
struct PlaceJson {
    line: u32,
    column: u32,
}

impl From<Place> for PlaceJson {
    fn from(place: Place) -> Self {
        PlaceJson {
            line: place.line,
            column: place.column,
        }
    }
}

pub(super) fn finding<'a>(finding: &'a Finding, report: &Report) -> FindingJson<'a> {
    FindingJson {
        rule: finding.rule,
        severity: finding.severity.word(),
        effect: finding.effect.word(),
        verdict: finding.verdict.map(crate::policy::Verdict::word),
        subject: finding.subject.as_deref(),
        key: finding.key.as_deref(),
        requirement: finding.requirement,
        address: &finding.address,
        instances: &finding.instances,
        message: &finding.message,
        help: finding.help.as_deref(),
        suggestion: finding.suggestion.as_ref().map(|it| SuggestionJson {
            title: &it.title,
            text: &it.text,
        }),
        witness: None,
        fingerprint: &finding.fingerprint,
        suppressed: None,
        locations: finding
            .labels
            .iter()
            .map(|label| {
                let place = report.sources.location(label.span);
                LocationJson {
                    file: place.file,
                    part: place.part,
                    start: place.start.into(),
                    end: place.end.into(),
                    text: place.text,
                    label: &label.text,
                    primary: label.primary,
                }
            })
            .collect(),
    }
}
