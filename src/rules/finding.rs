//! Collects findings: builds each from its rule, joins instances of one cause, and orders them.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::mend::Draft;
use super::{Gate, Rule, Selection, find};
use crate::address::Address;
use crate::config::Level;
use crate::policy::Verdict;
use crate::report::{Finding, Label, Severity};
use crate::source::Origin;

/// A rule, the id of a key, and the index of a statement of its policy.
pub(super) type Exposure = (&'static str, String, usize);

/// The findings so far.
#[derive(Debug)]
pub struct Findings {
    /// What not-knowing is worth.
    pub gate: Gate,
    /// True where a requirement that was no better before the plan is no finding.
    pub(super) changed_only: bool,
    /// True where what is said of each instance is kept.
    apart: bool,
    /// What the user says that findings of a rule are worth.
    levels: Vec<(String, Level)>,
    list: Vec<(Finding, Option<Draft>)>,
    /// Position in `list` by cause.
    causes: BTreeMap<String, usize>,
    /// The sure exposures, and the highest severity of each.
    exposures: BTreeMap<Exposure, Severity>,
    /// What is to be added when the rules before have looked.
    waiting: Vec<Waiting>,
    /// Position in `list` and address of all instances that are told of.
    told: BTreeSet<(usize, String)>,
}

/// A finding, with its cause, that is one unless such an exposure was noted, and no less severe.
#[derive(Debug)]
struct Waiting {
    unless: Option<(Exposure, Severity)>,
    finding: Finding,
    cause: String,
}

impl Findings {
    /// None yet.
    pub(super) fn new(gate: Gate, selection: &Selection) -> Self {
        Findings {
            gate,
            changed_only: false,
            apart: selection.apart,
            levels: selection.levels.clone(),
            list: Vec::new(),
            causes: BTreeMap::new(),
            told: BTreeSet::new(),
            exposures: BTreeMap::new(),
            waiting: Vec::new(),
        }
    }

    /// None yet, under the same conditions: for a rule that looks while others do.
    pub(super) fn beside(&self) -> Self {
        Findings {
            gate: self.gate,
            changed_only: self.changed_only,
            apart: self.apart,
            levels: self.levels.clone(),
            list: Vec::new(),
            causes: BTreeMap::new(),
            told: BTreeSet::new(),
            exposures: BTreeMap::new(),
            waiting: Vec::new(),
        }
    }

    /// Adds those of another rule.
    pub(super) fn extend(&mut self, other: Findings) {
        let before = self.list.len();
        self.list.extend(other.list);
        let causes = other.causes.into_iter();
        self.causes.extend(causes.map(|(it, at)| (it, before + at)));
        let told = other.told.into_iter();
        self.told.extend(told.map(|(at, it)| (before + at, it)));
        self.exposures.extend(other.exposures);
        for it in other.waiting {
            let is_told = |(exposure, least): (Exposure, Severity)| {
                self.exposures.get(&exposure).is_some_and(|it| *it >= least)
            };
            if !it.unless.is_some_and(is_told) {
                self.add(it.finding, &it.cause);
            }
        }
    }

    /// Notes that a statement of a key's policy is surely exposed, so that another rule can leave it at that.
    pub(super) fn note_exposure(&mut self, of: Exposure, severity: Severity) {
        let worst = self.exposures.entry(of).or_insert(severity);
        *worst = severity.max(*worst);
    }

    /// Adds a finding when the rules before this one have looked, unless one of them has noted such an exposure, and no less severe.
    pub(super) fn add_unless(
        &mut self,
        unless: Option<(Exposure, Severity)>,
        finding: Finding,
        cause: String,
    ) {
        self.waiting.push(Waiting {
            unless,
            finding,
            cause,
        });
    }

    /// Adds a finding. `cause` says what it has in common with the same finding on other instances of its resource.
    pub(super) fn add(&mut self, finding: Finding, cause: &str) {
        self.add_with(finding, cause, None);
    }

    /// The same, with what to add to the policy.
    pub(super) fn add_with(&mut self, mut finding: Finding, cause: &str, draft: Option<Draft>) {
        match self.levels.iter().find(|(rule, _)| *rule == finding.rule) {
            Some((_, Level::Worth(level))) => finding.severity = weighed(&finding, *level),
            // A rule that is off and runs all the same was asked for by a flag.
            Some((_, Level::Off)) | None => {}
        }
        let resource = Address::parse(&finding.address).map_or_else(
            || finding.address.clone(),
            |address| address.configuration().to_string(),
        );
        let requirement = finding.requirement.unwrap_or_default();
        let meaning = format!("{}\n{resource}\n{requirement}\n{cause}", finding.rule);
        finding.basis.cause = format!("{:016x}", hash(&meaning));
        finding.basis.facts.get_or_insert_with(|| cause.to_owned());
        let input = finding
            .subject
            .as_ref()
            .or(finding.key.as_ref())
            .and_then(|id| id.split(':').next());
        let same = format!(
            "{}\n{meaning}\n{:?}",
            input.unwrap_or_default(),
            finding.severity
        );
        let at = self.causes.get(&same).copied().unwrap_or(self.list.len());
        let is_new = self.told.insert((at, finding.address.clone()));
        let Some((first, mend)) = self.list.get_mut(at) else {
            self.causes.insert(same, at);
            self.list.push((finding, draft));
            return;
        };
        if is_new {
            if self.apart {
                if first.basis.twins.is_empty() {
                    let twin = first.clone();
                    first.basis.twins.push(twin);
                }
                first.basis.twins.push(finding.clone());
            }
            first.instances.push(finding.address);
        }
        if let (Some(mend), Some(more)) = (mend, draft) {
            mend.join(more);
        }
    }

    /// Worst first; what a root cause is before what comes of it; then by address. Equal ones stay in the order of the rules.
    pub(super) fn into_sorted(mut self) -> Vec<Finding> {
        let consequence = |finding: &Finding| !ROOTS.contains(&finding.rule.as_ref());
        self.list.sort_by(|(one, _), (two, _)| {
            let order = two.severity.cmp(&one.severity);
            let order = order.then_with(|| consequence(one).cmp(&consequence(two)));
            order.then_with(|| one.address.cmp(&two.address))
        });
        let (mut told, mut used) = (BTreeSet::new(), BTreeSet::new());
        let mut findings = Vec::new();
        for (mut finding, draft) in self.list {
            match draft {
                // What was just said mends this, too.
                Some(same) if told.contains(&same) => {
                    finding.help = Some("what is suggested above mends this, too".to_owned());
                }
                Some(new) => {
                    told.insert(new.clone());
                    finding.suggestion = Some(new.write(&mut used));
                }
                None => {}
            }
            findings.push(finding);
        }
        findings
    }
}

/// The severity of a finding of a rule that the user gives a severity. What is not what the rule is for, an answer that is not known above
/// all, has a severity of its own: it goes with the rule where that is made more, or less, than it is.
fn weighed(finding: &Finding, level: Severity) -> Severity {
    let usual = find(&finding.rule).map_or(level, |rule| rule.severity);
    match level.cmp(&usual) {
        Ordering::Less => finding.severity.min(level),
        Ordering::Greater => finding.severity.max(level),
        Ordering::Equal => finding.severity,
    }
}

/// Rules whose defect brings others about.
const ROOTS: &[&str] = &[
    "policy-invalid",
    "policy-duplicate-key",
    "trail-key-deleted",
    "change-revokes-delivery",
    "trail-key-disabled",
    "trail-key-asymmetric",
    "controltower-key-disabled",
    "controltower-key-asymmetric",
];

impl Rule {
    /// A finding of this rule, sure and without anything else yet.
    pub(super) fn finding(&self, address: &str, message: String) -> Finding {
        Finding::new(self.id, self.severity, self.effect, address, message)
    }

    /// The severity of a verdict under a gate; none where it is no finding.
    pub(super) fn severity_of(&self, verdict: Verdict, gate: Gate) -> Option<Severity> {
        match verdict {
            Verdict::Denied => Some(self.severity),
            Verdict::Undecided => gate.undecided,
            Verdict::Conditional => gate.conditional,
            Verdict::Allowed | Verdict::Delegated => None,
        }
    }
}

/// A label at a place.
pub(super) fn label(at: &Origin, text: impl Into<String>, primary: bool) -> Label {
    Label {
        span: at.span(),
        text: text.into(),
        primary,
        defect: primary,
    }
}

/// FNV-1a, 64 bits: short, and no secret hangs on it.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Effect;

    #[test]
    fn what_a_rule_is_not_for_keeps_a_severity_of_its_own() {
        use Severity::{Error, Note, Warning};
        // `reader-denied` is an error where it is sure.
        for (level, own, expected) in [
            (Error, Error, Error),
            (Error, Warning, Warning),
            (Error, Note, Note),
            (Warning, Error, Warning),
            (Warning, Note, Note),
            (Note, Error, Note),
            (Note, Warning, Note),
        ] {
            let mut finding = Finding::new(
                "reader-denied",
                own,
                Effect::ReadFails,
                "a.b",
                String::new(),
            );
            assert_eq!(weighed(&finding, level), expected, "{level:?} {own:?}");
            // A warning by itself, of which somebody makes an error.
            finding.rule = "trail-unencrypted".into();
            let expected = if level == Error {
                Error
            } else {
                own.min(level)
            };
            if own != Error {
                assert_eq!(weighed(&finding, level), expected, "{level:?} {own:?}");
            }
        }
    }
}
