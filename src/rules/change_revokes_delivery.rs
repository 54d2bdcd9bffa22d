//! `change-revokes-delivery`

use super::finding::label;
use super::reason::{explain, who};
use super::requirement::common;
use super::trail_key_deleted::deleted;
use super::trail_key_disabled::{is_delivery, service};
use super::way::follow;
use super::{Findings, Rule};
use crate::input::Action;
use crate::model::{Changed, Key, LinkStatus, Model, PolicyState, Requirement, Subject};
use crate::policy::{self, Caller, Match, Verdict};
use crate::report::{Effect, Finding, Label, Severity};

pub(super) static RULE: Rule = Rule {
    id: "change-revokes-delivery",
    severity: Severity::Error,
    effect: Effect::DeliveryStops,
    summary: "the plan takes away what a trail or a reader needs and has",
    page: include_str!("change_revokes_delivery.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    let Some(past) = model.past.world() else {
        return;
    };
    let before = model.subjects_before();
    for subject in &model.subjects {
        let Some(old) = before.get(subject.id.as_str()) else {
            continue;
        };
        for (at, key) in subject
            .link
            .keys
            .iter()
            .filter_map(|at| Some((*at, model.keys.get(*at)?)))
        {
            let change = Change {
                model,
                past,
                subject,
                old,
                key,
                at,
            };
            change.look(findings);
        }
    }
}

/// A subject and one of its keys, now and before.
struct Change<'c> {
    model: &'c Model,
    past: &'c Model,
    subject: &'c Subject,
    old: &'c Subject,
    key: &'c Key,
    at: usize,
}

/// What a plan changes so that something is no longer allowed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// The subject takes another key.
    Moved,
    /// The key is a new one at the same address.
    Replaced,
    /// A separate policy is destroyed, which puts AWS's default back.
    Destroyed,
    /// The policy's text changes.
    Policy,
    /// The bucket has an S3 Bucket Key that it had not.
    Bucket,
    /// The subject itself.
    Subject,
    /// Something else that the policy asks for.
    Other,
}

/// A grant or an IAM resource that a plan changes.
struct Taken<'c> {
    address: &'c str,
    changed: &'c Changed,
    /// True where it denies what it allowed, or let be.
    denies: bool,
}

impl Taken<'_> {
    /// What happens to it, in the active and in the passive voice.
    fn verbs(&self) -> (&'static str, &'static str) {
        match self.changed.action {
            Action::Delete => ("destroys", "destroyed"),
            Action::Replace | Action::CreateForget => ("replaces", "replaced"),
            Action::Create => ("creates", "created"),
            Action::Forget => ("lets go of", "let go of"),
            _ => ("changes", "changed"),
        }
    }

    fn told(&self) -> String {
        let noun = if self.address.contains("aws_kms_grant.") {
            "the grant "
        } else {
            ""
        };
        format!("this plan {} {noun}`{}`", self.verbs().0, self.address)
    }

    fn label(&self) -> Label {
        let text = format!("{} by this plan", self.verbs().1);
        label(&self.changed.origin, text, true)
    }

    fn advice(&self) -> String {
        if self.denies {
            return format!(
                "leave the Deny out of `{}`: nothing that is allowed elsewhere overrides it",
                self.address
            );
        }
        format!(
            "keep what `{}` allows, or name the reader in the key's policy",
            self.address
        )
    }
}

impl<'c> Change<'c> {
    fn look(&self, findings: &mut Findings) {
        // A policy that AWS refuses does not change anything, and a key of which nothing is known may be as it was.
        if matches!(self.key.state, PolicyState::Invalid | PolicyState::External) {
            return;
        }
        let Some(old_key) = self.old_key() else {
            return;
        };
        // `trail-key-deleted` speaks of a key that goes.
        if deleted(self.key, self.model).is_some() {
            return;
        }
        if old_key.enabled.is(&false) {
            return;
        }
        if self.key.enabled.is(&false) && old_key.enabled.is(&true) {
            return self.disabled(findings, old_key);
        }
        let all: Vec<&Requirement> = self.subject.requirements.iter().collect();
        let mut lost: Vec<(Verdict, &Requirement)> = Vec::new();
        for it in all
            .iter()
            .filter(|it| it.key == self.at && self.was_met(it))
        {
            let verdict = common(self.model, &all, it, self.subject);
            if matches!(
                verdict,
                Verdict::Denied | Verdict::Undecided | Verdict::Conditional
            ) {
                lost.push((verdict, it));
            }
        }
        let worst = [Verdict::Denied, Verdict::Undecided, Verdict::Conditional];
        let Some(verdict) = worst
            .into_iter()
            .find(|worst| lost.iter().any(|it| it.0 == *worst))
        else {
            return;
        };
        let lost: Vec<&Requirement> = lost
            .iter()
            .filter(|it| it.0 == verdict)
            .map(|it| it.1)
            .collect();
        self.revoked(findings, verdict, &lost, old_key);
    }

    /// The key that the subject had: this one, or the only one.
    fn old_key(&self) -> Option<&'c Key> {
        let keys = self.old.link.keys.iter();
        let keys: Vec<&Key> = keys.filter_map(|at| self.past.keys.get(*at)).collect();
        let own = keys.iter().find(|key| key.id == self.key.id);
        match (own, keys.as_slice()) {
            (Some(key), _) | (None, [key]) => Some(key),
            _ => None,
        }
    }

    /// True for what was allowed, and for what nobody needed while the rest was allowed.
    fn was_met(&self, requirement: &Requirement) -> bool {
        match requirement.before {
            Some(Verdict::Allowed) => true,
            // The account's IAM policies may well have allowed it; a sure denial leaves them nothing to decide.
            Some(Verdict::Delegated) => requirement.verdict == Verdict::Denied,
            Some(_) => false,
            None => {
                let mut encrypt = self.old.requirements.iter();
                requirement.id == "cloudtrail-decrypt"
                    && !self
                        .old
                        .requirements
                        .iter()
                        .any(|it| it.id == requirement.id)
                    && encrypt
                        .any(|it| it.id == "cloudtrail-encrypt" && it.verdict == Verdict::Allowed)
            }
        }
    }

    /// What changes, as far as it can be told.
    fn cause(&self, requirement: &Requirement, old_key: &Key) -> Cause {
        let default = |key: &Key| key.state == PolicyState::Default;
        let place = |key: &Key| key.policy.as_ref().map(|policy| policy.origin.span());
        let same = place(old_key) == place(self.key) || default(old_key) && default(self.key);
        if requirement.before.is_none() {
            Cause::Bucket
        } else if old_key.id != self.key.id {
            Cause::Moved
        } else if default(self.key) && !old_key.policy_addresses.is_empty() {
            Cause::Destroyed
        } else if self.key.action.is_new() {
            Cause::Replaced
        } else if !same {
            Cause::Policy
        } else if self.subject.action != Action::NoOp {
            Cause::Subject
        } else {
            Cause::Other
        }
    }

    fn revoked(
        &self,
        findings: &mut Findings,
        verdict: Verdict,
        lost: &[&Requirement],
        old_key: &Key,
    ) {
        let (Some(first), Some(severity)) =
            (lost.first(), RULE.severity_of(verdict, findings.gate))
        else {
            return;
        };
        let cause = self.cause(first, old_key);
        let taken = self.taken(first).filter(|_| cause == Cause::Other);
        let message = format!(
            "{}: {}",
            taken
                .as_ref()
                .map_or_else(|| self.told(cause, old_key), Taken::told),
            consequence(lost, verdict, self.subject, cause, self.model)
        );
        let mut finding = RULE.finding(&self.subject.address, message);
        finding.severity = severity;
        finding.effect = self.effect(cause, lost);
        finding.verdict = Some(verdict);
        finding.requirement = Some(first.id);
        let reason = explain(first, self.key, self.model);
        let mut labels = vec![self.changed(cause, first, old_key)];
        labels.retain(|_| cause != Cause::Policy);
        if let Some(taken) = &taken {
            labels = vec![taken.label()];
        }
        labels.extend(reason.labels);
        labels.extend(self.allowed(first, old_key).filter(|_| !reason.deny));
        let advice = match (verdict, reason.advice) {
            (Verdict::Denied, _) => match &taken {
                Some(taken) => taken.advice(),
                None => advice(cause, reason.deny).to_owned(),
            },
            (_, Some(advice)) => advice,
            (_, None) => "it was allowed until now".to_owned(),
        };
        finding.help = Some(format!("{advice}; {}", told_by(lost)));
        finding.basis.facts = Some(format!("{}\n{}", cause.word(), reason.fact));
        finding.basis.statements = reason.statements;
        finding.basis.besides = reason.besides;
        self.finish(
            findings,
            finding,
            labels,
            &format!("{}\n{}", cause.word(), reason.cause),
        );
    }

    /// The grant, the IAM policy or what attaches it that allowed a request, where a plan changes it.
    fn taken(&self, requirement: &Requirement) -> Option<Taken<'c>> {
        let old = requirement.among(self.old, self.past, &self.model.keys)?;
        // A Deny that comes, or a trust policy, is told by itself.
        let from = requirement
            .besides
            .iter()
            .chain(&old.besides)
            .flat_map(|it| &it.from);
        let mut changed = from.filter_map(|address| self.model.changed.get_key_value(address));
        let (address, changed) = changed.next()?;
        let denial = requirement.besides.as_ref();
        let denies = denial.is_some_and(|it| it.meaning.kind == "iam denies");
        Some(Taken {
            address,
            changed,
            denies,
        })
    }

    /// Every request fails while the key is disabled.
    fn disabled(&self, findings: &mut Findings, old_key: &Key) {
        let served = self.old.requirements.iter();
        let mut served = served.filter(|it| {
            self.past
                .keys
                .get(it.key)
                .is_some_and(|key| key.id == old_key.id)
        });
        if !served.any(|it| matches!(it.verdict, Verdict::Allowed | Verdict::Delegated)) {
            return;
        }
        let verdict = if self.subject.link.status == LinkStatus::Resolved {
            Verdict::Denied
        } else {
            Verdict::Undecided
        };
        let Some(severity) = RULE.severity_of(verdict, findings.gate) else {
            return;
        };
        let (subject, key) = (&self.subject.address, &self.key.address);
        let change = if old_key.id == self.key.id {
            format!("this plan disables `{key}`")
        } else {
            format!(
                "`{subject}` moves from `{}` to `{key}`, which is disabled",
                old_key.address
            )
        };
        let message = format!(
            "{change}: {} can no longer use it for `{subject}`, and nobody can read what was encrypted with it",
            service(self.subject)
        );
        let mut finding = RULE.finding(subject, message);
        finding.severity = severity;
        finding.verdict = Some(verdict);
        let rule = if is_delivery(self.subject) {
            "trail-key-disabled"
        } else {
            "controltower-key-disabled"
        };
        finding.help = Some(format!(
            "take the {} to another key first, and keep this one enabled as long as its logs are read; `{rule}` speaks of the key",
            self.subject.kind.noun()
        ));
        let labels = vec![label(&self.key.enabled_at, "disabled here", true)];
        self.finish(findings, finding, labels, "disabled");
    }

    /// Adds the places that every finding shows, each once, and hands it in.
    fn finish(
        &self,
        findings: &mut Findings,
        mut finding: Finding,
        labels: Vec<Label>,
        cause: &str,
    ) {
        finding.subject = Some(self.subject.id.clone());
        finding.key = Some(self.key.id.clone());
        let uses = format!("`{}` uses `{}`", self.subject.address, self.key.address);
        let uses = label(&self.subject.link.origin, uses, false);
        for mut new in labels.into_iter().chain([uses]) {
            let first = finding.labels.is_empty();
            (new.primary, new.defect) = (first, first);
            if !finding.labels.iter().any(|old| old.span == new.span) {
                finding.labels.push(new);
            }
        }
        follow(&mut finding, &self.subject.link, Some(self.key));
        findings.add(finding, cause);
    }

    fn told(&self, cause: Cause, old_key: &Key) -> String {
        let (subject, key) = (&self.subject.address, &self.key.address);
        match cause {
            Cause::Moved => format!("`{subject}` moves from `{}` to `{key}`", old_key.address),
            Cause::Replaced => format!("this plan replaces `{key}`"),
            Cause::Destroyed => {
                let policies: Vec<String> = old_key
                    .policy_addresses
                    .iter()
                    .map(|it| format!("`{it}`"))
                    .collect();
                format!(
                    "this plan destroys {}, which puts AWS's default policy back on `{key}`",
                    policies.join(", ")
                )
            }
            Cause::Policy => format!("this plan changes the policy of `{key}`"),
            Cause::Bucket => {
                format!("with this plan the bucket of `{subject}` has an S3 Bucket Key")
            }
            Cause::Subject => {
                format!("this plan changes `{subject}` and not the policy of `{key}`")
            }
            Cause::Other => {
                format!(
                    "this plan changes what decides beside the policy of `{key}`, such as IAM policies or grants"
                )
            }
        }
    }

    /// The place of the change.
    fn changed(&self, cause: Cause, requirement: &Requirement, old_key: &Key) -> Label {
        match cause {
            Cause::Moved => {
                let text = format!("it was `{}` until now", old_key.address);
                label(&self.subject.link.origin, text, true)
            }
            Cause::Destroyed => label(&old_key.origin, "destroyed by this plan", true),
            Cause::Bucket => label(&requirement.asked_at, "switched on by this plan", true),
            Cause::Replaced | Cause::Policy => {
                label(&self.key.origin, "changed by this plan", true)
            }
            Cause::Subject => label(&self.subject.origin, "changed by this plan", true),
            Cause::Other => label(&self.subject.origin, "it was allowed until now", true),
        }
    }

    /// The statement that allowed it, in the text before.
    fn allowed(&self, requirement: &Requirement, old_key: &Key) -> Option<Label> {
        if old_key.sensitive {
            return None;
        }
        let old = requirement.among(self.old, self.past, &self.model.keys)?;
        let allows = |it: &&policy::Outcome| {
            it.matches == Match::Yes && it.effect == Some(policy::Effect::Allow)
        };
        let outcome = old.decision.statements.iter().find(allows)?;
        let statement = old_key.policy.as_ref()?.statements.get(outcome.index)?;
        Some(label(
            &statement.effect_at,
            format!("statement {} allows it until then", outcome.index + 1),
            false,
        ))
    }

    fn effect(&self, cause: Cause, lost: &[&Requirement]) -> Effect {
        let service = |it: &&&Requirement| matches!(it.request.principal, Caller::Service(_));
        if lost.iter().find(service).is_none() {
            return Effect::ReadFails;
        }
        let own = matches!(cause, Cause::Moved | Cause::Subject);
        if own || self.subject.action.is_new() {
            Effect::ApplyFails
        } else {
            Effect::DeliveryStops
        }
    }
}

impl Cause {
    fn word(self) -> &'static str {
        match self {
            Cause::Moved => "moved",
            Cause::Replaced => "replaced",
            Cause::Destroyed => "destroyed",
            Cause::Policy => "policy",
            Cause::Bucket => "bucket",
            Cause::Subject => "subject",
            Cause::Other => "other",
        }
    }
}

/// What can no longer be done, by whom.
fn consequence(
    denied: &[&Requirement],
    verdict: Verdict,
    subject: &Subject,
    cause: Cause,
    model: &Model,
) -> String {
    let sure = verdict == Verdict::Denied;
    let address = &subject.address;
    let mut services: Vec<(String, Vec<&str>)> = Vec::new();
    let (mut readers, mut anybody): (Vec<&str>, bool) = (Vec::new(), false);
    for it in denied {
        match (&it.request.principal, &it.reader) {
            (Caller::Service(_), _) => {
                let (who, action) = (who(it, model), it.request.action.as_str());
                match services.iter_mut().find(|known| known.0 == who) {
                    Some(known) => known.1.push(action),
                    None => services.push((who, vec![action])),
                }
            }
            (_, Some(reader)) if !readers.contains(&reader.as_str()) => readers.push(reader),
            (_, Some(_)) => {}
            (_, None) => anybody = true,
        }
    }
    let mut clauses: Vec<String> = Vec::new();
    for (who, actions) in &services {
        let actions = list(actions);
        clauses.push(match (sure, cause) {
            (true, Cause::Bucket) => {
                format!("{who} needs {actions} for `{address}` and is not allowed to call it")
            }
            (true, _) => format!("{who} can no longer call {actions} for `{address}`"),
            (false, _) => format!("whether {who} can still call {actions} for `{address}`"),
        });
    }
    let of = if services.is_empty() {
        format!("the logs of `{address}`")
    } else {
        "its logs".to_owned()
    };
    if anybody && sure {
        clauses.push(format!("nobody can read {of} any longer"));
    } else if anybody {
        clauses.push(format!("whether anybody can still read {of}"));
    }
    if !readers.is_empty() {
        let readers = list(&readers);
        clauses.push(if sure {
            format!("{readers} can no longer read {of}")
        } else {
            format!("whether {readers} can still read {of}")
        });
    }
    let told = match clauses.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{}, and {last}", rest.join(", ")),
        _ => clauses.concat(),
    };
    match verdict {
        Verdict::Denied => told,
        Verdict::Conditional => format!("{told} is conditional"),
        _ => format!("{told} cannot be decided"),
    }
}

/// Names in backticks, the last after "and".
fn list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|it| format!("`{it}`")).collect();
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}

/// What to do instead.
fn advice(cause: Cause, deny: bool) -> &'static str {
    match cause {
        Cause::Replaced | Cause::Policy if deny => {
            "leave the Deny out, or exempt who needs the key"
        }
        Cause::Replaced | Cause::Policy => "keep the statement that allows it",
        Cause::Destroyed => {
            "a `removed` block with `destroy = false` lets go of the policy and leaves it on the key"
        }
        Cause::Moved => "mend the policy of the new key before the trail moves to it",
        Cause::Bucket => "allow it in the key's policy first",
        Cause::Subject => "let the policy allow it for what is new, too",
        Cause::Other => {
            "keep the IAM policy or the grant that allows it, or name the reader in the key's policy"
        }
    }
}

/// The rules that tell why the requests are denied.
fn told_by(lost: &[&Requirement]) -> String {
    let mut rules: Vec<&str> = Vec::new();
    for it in lost {
        let rule = match (it.id, &it.reader) {
            ("cloudtrail-encrypt", _) => "trail-key-denies-encrypt",
            ("cloudtrail-describe", _) => "trail-key-denies-describe",
            ("cloudtrail-decrypt", _) => "trail-key-denies-decrypt",
            ("reader-decrypt", None) => "trail-logs-unreadable",
            ("reader-decrypt", Some(_)) => "reader-denied",
            (id, _) if id.starts_with("controltower-config") => "controltower-key-denies-config",
            (id, _) if id.starts_with("controltower") => "controltower-key-denies-cloudtrail",
            (id, _) if id.starts_with("config") => "config-key-denied",
            _ => "store-key-denied",
        };
        if !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    let verb = if rules.len() == 1 { "says" } else { "say" };
    format!("{} {verb} why", list(&rules))
}
