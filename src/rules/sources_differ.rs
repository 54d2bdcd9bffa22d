//! `sources-differ`

use super::finding::label;
use super::{Findings, Rule};
use crate::model::Model;
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "sources-differ",
    severity: Severity::Warning,
    effect: Effect::Hygiene,
    summary: "the plan was not made of these sources",
    page: include_str!("sources_differ.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    for input in &model.inputs {
        let Some(first) = input.differences.first() else {
            continue;
        };
        let more = match input.differences.len() - 1 {
            0 => String::new(),
            1 => ", and of one more argument".to_owned(),
            more => format!(", and of {more} more arguments"),
        };
        let message = format!(
            "the plan and the sources say different things of `{}` of `{}`{more}",
            first.attribute, first.address
        );
        let mut finding = RULE.finding(&first.address, message);
        finding.help = Some(
            "the plan counts: make it anew from these sources, give the sources it was made of with `--source`, or leave them out with `--no-source`"
                .to_owned(),
        );
        finding
            .labels
            .push(label(&first.origin, "the sources say this", true));
        finding
            .labels
            .push(label(&first.planned, "the plan says this", false));
        findings.add(finding, &first.attribute);
    }
}
