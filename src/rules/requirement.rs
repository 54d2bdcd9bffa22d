//! What the requirement rules share: one finding for each subject, requirement and key that is not allowed.

use super::changed;
use super::finding::label;
use super::mend::{self, Draft};
use super::reason::{Reason, explain, who};
use super::way::follow;
use super::{Findings, Rule};
use crate::model::{Key, LinkStatus, Model, PolicyState, Requirement, Subject};
use crate::policy::Verdict;
use crate::report::{Effect, Finding, Severity};
use crate::source::Span;

/// How a rule words its finding.
pub(super) struct Wording<'w> {
    /// The whole message: who, what and why are put together by the rule.
    pub(super) denied: &'w dyn Fn(&Site<'_>) -> String,
    /// How bad it is if nothing is done.
    pub(super) effect: &'w dyn Fn(&Site<'_>) -> Effect,
}

/// What a finding is about.
pub(super) struct Site<'s> {
    pub(super) model: &'s Model,
    pub(super) subject: &'s Subject,
    pub(super) key: &'s Key,
    pub(super) requirement: &'s Requirement,
}

/// Looks at every requirement that `wanted` takes, subject by subject.
pub(super) fn check(
    rule: &Rule,
    model: &Model,
    findings: &mut Findings,
    wanted: &dyn Fn(&Requirement) -> bool,
    wording: &Wording<'_>,
) {
    for subject in &model.subjects {
        let mut told: Vec<Told> = Vec::new();
        let requirements: Vec<&Requirement> = subject
            .requirements
            .iter()
            .filter(|it| wanted(it))
            .collect();
        for requirement in &requirements {
            if findings.changed_only && !changed::is_worse(requirement) {
                continue;
            }
            let Some(key) = model.keys.get(requirement.key) else {
                continue;
            };
            // Only `policy-invalid` speaks of a policy that AWS would refuse.
            if key.state == PolicyState::Invalid {
                continue;
            }
            let site = Site {
                model,
                subject,
                key,
                requirement,
            };
            let verdict = common(model, &requirements, requirement, subject);
            if let Some(severity) = rule.severity_of(verdict, findings.gate) {
                let new = build(rule, &site, verdict, severity, wording);
                match told.iter_mut().find(|old| old.is_same(&new)) {
                    // One cause that hits several requests of a subject is one finding.
                    Some(old) => join(&mut old.finding, &requirement.request.action),
                    None => told.push(new),
                }
            }
        }
        for it in told {
            findings.add_with(it.finding, &it.cause, it.draft);
        }
    }
}

/// A finding that is not yet among the others.
struct Told {
    finding: Finding,
    cause: String,
    draft: Option<Draft>,
}

impl Told {
    /// True for two findings of one cause that point at the same places.
    fn is_same(&self, other: &Told) -> bool {
        let places =
            |it: &Told| -> Vec<Span> { it.finding.labels.iter().map(|label| label.span).collect() };
        let (one, two) = (&self.finding, &other.finding);
        (one.severity, one.verdict, &one.key) == (two.severity, two.verdict, &two.key)
            && (&self.cause, &self.draft) == (&other.cause, &other.draft)
            && places(self) == places(other)
    }
}

/// Names a further action that fails for the same reason.
fn join(finding: &mut Finding, action: &str) {
    const SAME: &str = "; the same stops";
    let between = if finding.message.contains(SAME) {
        ","
    } else {
        SAME
    };
    finding.message.extend([between, " `", action, "`"]);
}

/// The verdict over all candidates of a link: common to them, else undecided. A candidate that lies outside the inputs may be anything.
pub(super) fn common(
    model: &Model,
    all: &[&Requirement],
    one: &Requirement,
    subject: &Subject,
) -> Verdict {
    let differs = |other: &&&Requirement| {
        let same = other.id == one.id && other.reader == one.reader;
        same && (other.verdict == Verdict::Denied) != (one.verdict == Verdict::Denied)
    };
    let keys = subject
        .link
        .keys
        .iter()
        .filter_map(|at| model.keys.get(*at));
    let outside = keys
        .filter(|key| key.state == PolicyState::External)
        .count();
    let split = subject.link.status == LinkStatus::Candidates
        && (outside > 0 || all.iter().any(|other| differs(&other)));
    if split && one.verdict == Verdict::Denied {
        Verdict::Undecided
    } else {
        one.verdict
    }
}

fn build(
    rule: &Rule,
    site: &Site<'_>,
    verdict: Verdict,
    severity: Severity,
    wording: &Wording<'_>,
) -> Told {
    let reason = explain(site.requirement, site.key, site.model);
    let mut message = match verdict {
        Verdict::Denied => (wording.denied)(site),
        _ => doubtful(site, verdict),
    };
    if !reason.because.is_empty() {
        message.push_str(": ");
        message.push_str(&reason.because);
    }
    let mut finding = rule.finding(&site.subject.address, message);
    finding.severity = severity;
    finding.effect = (wording.effect)(site);
    finding.verdict = Some(verdict);
    finding.subject = Some(site.subject.id.clone());
    finding.key = Some(site.key.id.clone());
    finding.requirement = Some(site.requirement.id);
    finding.help = help(site, verdict, &reason);
    let mends = verdict == Verdict::Denied && !reason.deny;
    let draft = mends.then(|| mend::draft(site.requirement, site.subject, site.key, site.model));
    let cause = format!(
        "{}\n{}\n{}\n{}",
        bare(&site.key.address),
        verdict.word(),
        site.requirement.reader.as_deref().unwrap_or_default(),
        reason.cause
    );
    finding.basis.facts = Some(format!(
        "{}\n{}",
        site.requirement.reader.as_deref().unwrap_or_default(),
        reason.fact
    ));
    finding.basis.statements = reason.statements;
    finding.basis.besides = reason.besides;
    finding.labels = reason.labels;
    let use_text = format!("`{}` uses `{}`", site.subject.address, site.key.address);
    finding
        .labels
        .push(label(&site.subject.link.origin, use_text, false));
    follow(&mut finding, &site.subject.link, Some(site.key));
    Told {
        finding,
        cause,
        draft: draft.flatten(),
    }
}

/// An address without instance keys; a name that is no address, as it is.
pub(super) fn bare(address: &str) -> String {
    crate::address::Address::parse(address)
        .map_or_else(|| address.to_owned(), |it| it.configuration().to_string())
}

fn doubtful(site: &Site<'_>, verdict: Verdict) -> String {
    let who = who(site.requirement, site.model);
    let word = if verdict == Verdict::Conditional {
        "is conditional"
    } else {
        "cannot be decided"
    };
    let who = if who == "anybody" {
        "any reader".to_owned()
    } else {
        who
    };
    format!(
        "whether `{}` lets {who} call `{}` {word}",
        site.key.address, site.requirement.request.action
    )
}

fn help(site: &Site<'_>, verdict: Verdict, reason: &Reason) -> Option<String> {
    let explain = format!(
        "`keytrail explain {}` shows the request",
        site.requirement.id
    );
    match (&reason.advice, verdict) {
        (Some(advice), _) => Some(format!("{advice}; {explain}")),
        (None, Verdict::Denied) if site.requirement.id == "cloudtrail-describe" => Some(format!(
            "AWS documents the permission as required; trails are reported to be created without it; {explain}"
        )),
        (None, Verdict::Denied) => Some(explain),
        // Which key it is decides.
        (None, Verdict::Undecided) => site.subject.link.remedy.clone(),
        _ => None,
    }
}

/// What a failed delivery does: a new trail is not created, an existing one stops.
pub(super) fn delivery_effect(site: &Site<'_>) -> Effect {
    if site.subject.action.is_new() {
        Effect::ApplyFails
    } else {
        Effect::DeliveryStops
    }
}
