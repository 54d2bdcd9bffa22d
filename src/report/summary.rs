//! The counts that every form of the report ends with.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Report, Severity};
use crate::model::{LinkStatus, PolicyState, SubjectKind};
use crate::policy::Verdict;

/// What was found and what was judged, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Findings of that severity.
    pub errors: usize,
    /// Findings of that severity.
    pub warnings: usize,
    /// Findings of that severity.
    pub notes: usize,
    /// Findings that the user put aside.
    pub suppressed: usize,
    /// Requirements of that verdict.
    pub undecided: usize,
    /// Requirements of that verdict.
    pub conditional: usize,
    /// Requirements of that verdict.
    pub delegated: usize,
    /// Subjects whose key was not found.
    pub unresolved: usize,
    /// Trails of the inputs.
    pub trails: usize,
    /// Event data stores of the inputs.
    pub event_data_stores: usize,
    /// Landing zones of the inputs, or that the command line names.
    pub landing_zones: usize,
    /// Delivery channels of AWS Config.
    pub delivery_channels: usize,
    /// Keys of the inputs; keys outside of them do not count.
    pub keys: usize,
    /// What the user's file expects of the keys of the inputs, request by request.
    pub expectations: usize,
    /// Inputs that could not be read.
    pub inputs_failed: usize,
}

impl Summary {
    /// Counts.
    pub fn of(report: &Report) -> Self {
        let subjects = &report.model.subjects;
        let findings = |severity| {
            report
                .findings
                .iter()
                .filter(|finding| finding.severity == severity)
                .count()
        };
        let verdicts = |verdict| {
            subjects
                .iter()
                .flat_map(|subject| &subject.requirements)
                .chain(report.model.expectations.iter().map(|it| &it.requirement))
                .filter(|requirement| requirement.verdict == verdict)
                .count()
        };
        let kinds = |kind| {
            subjects
                .iter()
                .filter(|subject| subject.kind == kind && !subject.synthetic)
                .count()
        };
        // One for all its components.
        let zones: BTreeSet<(usize, &str)> = subjects
            .iter()
            .filter(|subject| subject.kind == SubjectKind::LandingZone)
            .map(|subject| (subject.input, subject.address.as_str()))
            .collect();
        Summary {
            errors: findings(Severity::Error),
            warnings: findings(Severity::Warning),
            notes: findings(Severity::Note),
            suppressed: report.suppressed.len(),
            undecided: verdicts(Verdict::Undecided),
            conditional: verdicts(Verdict::Conditional),
            delegated: verdicts(Verdict::Delegated),
            unresolved: subjects
                .iter()
                .filter(|subject| subject.link.status == LinkStatus::Unresolved)
                .count(),
            trails: kinds(SubjectKind::Trail),
            event_data_stores: kinds(SubjectKind::EventDataStore),
            landing_zones: zones.len(),
            delivery_channels: kinds(SubjectKind::DeliveryChannel),
            keys: report
                .model
                .keys
                .iter()
                .filter(|key| key.state != PolicyState::External)
                .count(),
            expectations: report.model.expectations.len(),
            inputs_failed: report.unread.len(),
        }
    }
}
