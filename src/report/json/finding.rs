//! Findings in the JSON report.

use serde::Serialize;

use crate::policy::exposure::Witness;
use crate::report::{Finding, Report};
use crate::source::Place;

#[derive(Serialize)]
pub(super) struct FindingJson<'a> {
    rule: &'a str,
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
    witness: Option<WitnessJson>,
    fingerprint: &'a str,
    suppressed: Option<SuppressionJson<'a>>,
    locations: Vec<LocationJson<'a>>,
}

/// Why a finding does not count.
#[derive(Serialize)]
struct SuppressionJson<'a> {
    kind: &'static str,
    reason: Option<&'a str>,
    until: Option<&'a str>,
    location: Option<SpotJson>,
}

#[derive(Serialize)]
struct SpotJson {
    file: String,
    start: PlaceJson,
    end: PlaceJson,
}

#[derive(Serialize)]
struct SuggestionJson<'a> {
    title: &'a str,
    text: &'a str,
}

/// A line of `keytrail evaluate --jsonl` without its `id` and `policy`, and what was taken for values that are not known.
#[derive(Serialize)]
struct WitnessJson {
    request: serde_json::Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_policies: Option<serde_json::Value>,
    assumed: serde_json::Map<String, serde_json::Value>,
}

impl From<&Witness> for WitnessJson {
    fn from(witness: &Witness) -> Self {
        let assumed = witness.assumed.iter();
        WitnessJson {
            request: witness.request(),
            identity_policies: witness.identity_policies(),
            assumed: assumed
                .map(|(name, value)| (name.clone(), value.as_str().into()))
                .collect(),
        }
    }
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
        rule: &finding.rule,
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
        witness: finding.witness.as_ref().map(WitnessJson::from),
        fingerprint: &finding.fingerprint,
        suppressed: finding.suppressed.as_ref().map(|it| SuppressionJson {
            kind: it.kind.word(),
            reason: it.reason.as_deref(),
            until: it.until.as_deref(),
            location: it.at.map(|span| {
                let place = report.sources.location(span);
                SpotJson {
                    file: place.file,
                    start: place.start.into(),
                    end: place.end.into(),
                }
            }),
        }),
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
