//! How a finding of an exposure rule is told.

use super::Judged;
use crate::policy::actions::on_a_key;
use crate::policy::exposure::{Action, ActionClass, Answer, Search, Witness};
use crate::policy::{Blocker, Verdict};
use crate::report::{Finding, reason};
use crate::rules::finding::label;
use crate::rules::{Findings, Rule};
use crate::source::Origin;
use crate::value::Nature;

/// A finding of an exposure rule, told.
pub(in crate::rules) struct Told<'t> {
    pub(in crate::rules) rule: &'static Rule,
    pub(in crate::rules) judged: &'t Judged<'t>,
    /// The index of the statement; none where it is about the policy as a whole.
    pub(in crate::rules) statement: Option<usize>,
    /// Further statements that it is about.
    pub(in crate::rules) also: Vec<usize>,
    /// Where a reader should look first, and what to say there.
    pub(in crate::rules) at: &'t Origin,
    pub(in crate::rules) label: String,
    /// The whole sentence where it is sure.
    pub(in crate::rules) sure: String,
    /// What is in doubt where it is not: `anybody can call ...`.
    pub(in crate::rules) doubt: String,
    pub(in crate::rules) help: String,
    /// What tells it from others of the rule about the same statement.
    pub(in crate::rules) fact: String,
    /// What tells one cause from another.
    pub(in crate::rules) cause: String,
    /// Further places.
    pub(in crate::rules) others: Vec<(Origin, String)>,
    /// True where the answer holds for some values of the key's account only.
    pub(in crate::rules) hangs_on_account: bool,
    /// True where it is worth a note: AWS itself publishes it, or it gives little.
    pub(in crate::rules) published: bool,
    /// A rule before this one: what it says of the statement for sure is enough, where this one is sure.
    pub(in crate::rules) after: Option<&'static Rule>,
}

impl Told<'_> {
    /// Adds the finding of an answer, if it is one.
    pub(in crate::rules) fn add(self, answer: &Answer, search: &Search, findings: &mut Findings) {
        let (verdict, why) = verdict(answer, search, self.hangs_on_account);
        let Some(mut severity) = self.rule.severity_of(verdict, findings.gate) else {
            return;
        };
        if self.published {
            severity = severity.min(crate::report::Severity::Note);
        }
        let key = self.judged.key;
        // Nothing of a sensitive policy is shown: the rule and the statement's number must do.
        let hidden = || {
            let summary = self.rule.summary;
            match self.statement {
                Some(at) => format!(
                    "{summary}: statement {} of the policy of `{}`",
                    at + 1,
                    key.address
                ),
                None => format!("{summary}: the policy of `{}`", key.address),
            }
        };
        let message = match verdict {
            Verdict::Denied if key.sensitive => hidden(),
            _ if key.sensitive => format!("it is not decided whether {}", hidden()),
            Verdict::Denied => self.sure,
            Verdict::Conditional => format!("whether {} is conditional{why}", self.doubt),
            _ => format!("whether {} cannot be decided{why}", self.doubt),
        };
        let mut finding = self.rule.finding(&key.address, message);
        finding.severity = severity;
        finding.verdict = (verdict != Verdict::Denied).then_some(verdict);
        finding.key = Some(key.id.clone());
        // Where the policy could not be taken apart, it may well have what the advice asks for.
        let is_known = !matches!(answer, Answer::Incomplete(_));
        finding.help = Some(self.help).filter(|_| !key.sensitive && is_known);
        finding.basis.facts = Some(self.fact)
            .filter(|_| !key.sensitive)
            .or(Some(String::new()));
        finding.basis.statements.extend(self.statement);
        finding.basis.statements.extend(self.also);
        if key.sensitive {
            let text = "the policy is sensitive and is not shown";
            finding.labels.push(label(&key.origin, text, true));
        } else {
            finding.labels.push(label(self.at, self.label, true));
            for (at, text) in self.others {
                finding.labels.push(label(&at, text, false));
            }
            finding.witness = shown(answer, &finding);
        }
        let exposure = |rule: &Rule| Some((rule.id, key.id.clone(), self.statement?));
        let is_sure = verdict == Verdict::Denied;
        if let Some(exposure) = exposure(self.rule).filter(|_| is_sure) {
            findings.note_exposure(exposure, finding.severity);
        }
        let cause = format!("{}\n{}", self.cause, verdict.word());
        let Some(first) = self.after else {
            return findings.add(finding, &cause);
        };
        let exposure = exposure(first).filter(|_| matches!(answer, Answer::Yes(_)));
        findings.add_unless(exposure.map(|it| (it, self.rule.severity)), finding, cause);
    }
}

/// The witness, unless some of it must not be shown.
fn shown(answer: &Answer, _: &Finding) -> Option<Witness> {
    answer.witness().filter(|witness| !witness.hidden).cloned()
}

/// The verdict that a finding has (a sure witness counts as denied), and why it is no sure one.
fn verdict(answer: &Answer, search: &Search, hangs_on_account: bool) -> (Verdict, String) {
    let symbols = search.symbols();
    let told = |blockers: &[Blocker]| {
        reason::blockers(blockers, symbols).map_or(String::new(), |why| format!(": {why}"))
    };
    let named = |blockers: &[Blocker]| {
        blockers.iter().all(|blocker| {
            blocker
                .symbol
                .is_some_and(|id| symbols.get(id).nature == Nature::Named)
        })
    };
    match answer {
        Answer::No => (Verdict::Allowed, String::new()),
        Answer::Yes(_) if hangs_on_account => (
            Verdict::Conditional,
            ": the key's own account is not known".to_owned(),
        ),
        Answer::Yes(_) => (Verdict::Denied, String::new()),
        Answer::Unsure(_, on) | Answer::Open(on) if named(on) => (Verdict::Conditional, told(on)),
        Answer::Unsure(_, on) | Answer::Open(on) => (Verdict::Undecided, told(on)),
        Answer::Incomplete(reason) => (Verdict::Undecided, format!(": {reason}")),
    }
}

/// The actions of some classes.
pub(in crate::rules) fn of_classes(classes: &[ActionClass]) -> Vec<&'static Action> {
    on_a_key()
        .filter(|action| classes.contains(&action.class))
        .collect()
}

/// `kms:Decrypt`, with how many more there are.
pub(in crate::rules) fn list(actions: &[&'static Action]) -> String {
    let names = |actions: &[&Action]| -> Vec<String> {
        let names = actions.iter();
        names.map(|action| format!("`{}`", action.name)).collect()
    };
    match actions {
        [one] => format!("`{}`", one.name),
        [one, two] => format!("`{}` and `{}`", one.name, two.name),
        [one, two, three] => names(&[one, two, three]).join(", "),
        [one, two, rest @ ..] => format!("`{}`, `{}` and {} more", one.name, two.name, rest.len()),
        [] => String::new(),
    }
}
