//! Collects findings: builds each from its rule, joins instances of one cause, and orders them.

use std::collections::{BTreeMap, BTreeSet};

use super::mend::Draft;
use super::{Gate, Rule};
use crate::address::Address;
use crate::policy::Verdict;
use crate::report::{Finding, Label, Severity};
use crate::source::Origin;

/// The findings so far.
#[derive(Debug)]
pub struct Findings {
    /// What not-knowing is worth.
    pub gate: Gate,
    list: Vec<(Finding, Option<Draft>)>,
    /// Position in `list` by cause.
    causes: BTreeMap<String, usize>,
    /// Position in `list` and address of all instances that are told of.
    told: BTreeSet<(usize, String)>,
}

impl Findings {
    /// None yet.
    pub(super) fn new(gate: Gate) -> Self {
        Findings {
            gate,
            list: Vec::new(),
            causes: BTreeMap::new(),
            told: BTreeSet::new(),
        }
    }

    /// Adds a finding. `cause` says what it has in common with the same finding on other instances of its resource.
    pub(super) fn add(&mut self, finding: Finding, cause: &str) {
        self.add_with(finding, cause, None);
    }

    /// The same, with what to add to the policy.
    pub(super) fn add_with(&mut self, mut finding: Finding, cause: &str, draft: Option<Draft>) {
        let resource = Address::parse(&finding.address).map_or_else(
            || finding.address.clone(),
            |address| address.configuration().to_string(),
        );
        let requirement = finding.requirement.unwrap_or_default();
        let meaning = format!("{}\n{resource}\n{requirement}\n{cause}", finding.rule);
        finding.fingerprint = format!("{:016x}", fingerprint(&meaning));
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
            first.instances.push(finding.address);
        }
        if let (Some(mend), Some(more)) = (mend, draft) {
            mend.join(more);
        }
    }

    /// Worst first; what a root cause is before what comes of it; then by address. Equal ones stay in the order of the rules.
    pub(super) fn into_sorted(mut self) -> Vec<Finding> {
        let consequence = |finding: &Finding| !ROOTS.contains(&finding.rule);
        self.list.sort_by(|(one, _), (two, _)| {
            let order = two.severity.cmp(&one.severity);
            let order = order.then_with(|| consequence(one).cmp(&consequence(two)));
            order.then_with(|| one.address.cmp(&two.address))
        });
        let (mut told, mut used): (Vec<Draft>, Vec<(String, String)>) = (Vec::new(), Vec::new());
        let mut findings = Vec::new();
        for (mut finding, draft) in self.list {
            match draft {
                // What was just said mends this, too.
                Some(same) if told.contains(&same) => {
                    finding.help = Some("what is suggested above mends this, too".to_owned());
                }
                Some(new) => {
                    told.push(new.clone());
                    finding.suggestion = Some(new.write(&mut used));
                }
                None => {}
            }
            findings.push(finding);
        }
        findings
    }
}

/// Rules whose defect brings others about.
const ROOTS: &[&str] = &[
    "policy-invalid",
    "policy-duplicate-key",
    "trail-key-disabled",
    "trail-key-asymmetric",
];

impl Rule {
    /// A finding of this rule, sure and without anything else yet.
    pub(super) fn finding(&self, address: &str, message: String) -> Finding {
        Finding {
            rule: self.id,
            severity: self.severity,
            effect: self.effect,
            verdict: None,
            subject: None,
            key: None,
            requirement: None,
            address: address.to_owned(),
            instances: Vec::new(),
            message,
            help: None,
            suggestion: None,
            fingerprint: String::new(),
            labels: Vec::new(),
        }
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

/// FNV-1a, 64 bits: stable on every machine and in every version, and no secret hangs on it.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
