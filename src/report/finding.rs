//! One finding: what is wrong, where, and how to mend it.

use std::borrow::Cow;

use crate::model::Meaning;
use crate::policy::Verdict;
use crate::policy::exposure::Witness;
use crate::source::Span;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Worth a look before the apply.
    Warning,
    /// The change does not do what it is meant to.
    Error,
}

impl Severity {
    /// The word of the reports.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// What happens if nothing is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// The apply fails.
    ApplyFails,
    /// CloudTrail stops delivering, or never starts.
    DeliveryStops,
    /// Somebody cannot read the logs.
    ReadFails,
    /// Somebody can who should not.
    Exposure,
    /// AWS documents it as required; it was not seen to fail without.
    Documented,
    /// Nothing breaks.
    Hygiene,
}

impl Effect {
    /// The word of the reports.
    pub fn word(self) -> &'static str {
        match self {
            Effect::ApplyFails => "apply-fails",
            Effect::DeliveryStops => "delivery-stops",
            Effect::ReadFails => "read-fails",
            Effect::Exposure => "exposure",
            Effect::Documented => "documented",
            Effect::Hygiene => "hygiene",
        }
    }
}

/// A defect, or an answer that could not be given.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule's id: one of the table's, or one that the user gave a rule of their own.
    pub rule: Cow<'static, str>,
    /// How bad.
    pub severity: Severity,
    /// What happens if nothing is done.
    pub effect: Effect,
    /// Denied or undecided, for a requirement.
    pub verdict: Option<Verdict>,
    /// The subject's id.
    pub subject: Option<String>,
    /// The key's id.
    pub key: Option<String>,
    /// The requirement's id.
    pub requirement: Option<&'static str>,
    /// The address that the finding is about.
    pub address: String,
    /// The other instances that share it.
    pub instances: Vec<String>,
    /// One sentence, lower case, no final period, names in backticks.
    pub message: String,
    /// How to mend it, in sentences.
    pub help: Option<String>,
    /// What to add, ready to paste.
    pub suggestion: Option<Suggestion>,
    /// A request that the policy allows and should not. None of a sensitive policy.
    pub witness: Option<Witness>,
    /// Stable across runs, kinds of input and moved lines, and no two findings of a report share it: made of the rule, the address in the
    /// configuration, the requirement and the meaning of the statements that decide, as [`FINGERPRINT`] names it. 64 hexadecimal digits.
    pub fingerprint: String,
    /// What keeps it from counting, where something does.
    pub suppressed: Option<Suppression>,
    /// What the fingerprint is made of.
    pub basis: Basis,
    /// The places, the primary one first. None of a sensitive text.
    pub labels: Vec<Label>,
}

impl Finding {
    /// A finding that is sure, with nothing else yet.
    pub fn new(
        rule: impl Into<Cow<'static, str>>,
        severity: Severity,
        effect: Effect,
        address: &str,
        message: String,
    ) -> Self {
        Finding {
            rule: rule.into(),
            severity,
            effect,
            verdict: None,
            subject: None,
            key: None,
            requirement: None,
            address: address.to_owned(),
            instances: Vec::new(),
            message,
            help: None,
            suggestion: None,
            witness: None,
            fingerprint: String::new(),
            suppressed: None,
            basis: Basis::default(),
            labels: Vec::new(),
        }
    }
}

/// Why a finding does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// Where that is said.
    pub kind: SuppressionKind,
    /// The reason that was given; none of a baseline, which has none.
    pub reason: Option<String>,
    /// The last day on which it counts, `2027-01-31`.
    pub until: Option<String>,
    /// The place where it is said, where a file of the run holds it.
    pub at: Option<Span>,
}

/// Where it is said that a finding does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SuppressionKind {
    /// A comment in the sources.
    Comment,
    /// `[[ignore]]` in `keytrail.toml`.
    Config,
    /// The baseline.
    Baseline,
}

impl SuppressionKind {
    /// The word of the reports.
    pub fn word(self) -> &'static str {
        match self {
            SuppressionKind::Comment => "comment",
            SuppressionKind::Config => "config",
            SuppressionKind::Baseline => "baseline",
        }
    }
}

/// The name of the fingerprint's making, with its version: a change to what goes into it changes the name.
pub const FINGERPRINT: &str = "keytrail/v1";

/// What the fingerprint of a [`Finding`] is made of beside rule, address and requirement; the rules fill it.
#[derive(Clone, Default)]
pub struct Basis {
    /// What the finding has in common with the same one on other instances of its resource.
    pub(crate) cause: String,
    /// What tells it from others of its rule, address and requirement. None: the cause.
    pub(crate) facts: Option<String>,
    /// The statements of the key's policy that decide, by their indexes.
    pub(crate) statements: Vec<usize>,
    /// What decides beside the key's policy.
    pub(crate) besides: Option<Meaning>,
    /// True where it is about no address.
    pub(crate) nowhere: bool,
    /// True where a part of it is sensitive and left out, so that the fingerprint does not change with that part.
    pub(crate) hidden: bool,
    /// The fingerprint, which others of the report may share.
    pub(crate) plain: String,
    /// What is said of each instance, the first one included, where [`Selection::apart`](crate::rules::Selection::apart) asks for it.
    pub(crate) twins: Vec<Finding>,
}

impl std::fmt::Debug for Basis {
    /// Some of it may be what must not be shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Basis")
    }
}

/// A place and what it has to do with the finding.
#[derive(Clone, Debug)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// A few words.
    pub text: String,
    /// True for the place to mend.
    pub primary: bool,
    /// True for the place of the defect: the primary one, or the one after it where that is a call of the module that has the defect.
    pub defect: bool,
}

/// Text to add to the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What to do with it: `add this statement to the policy of aws_kms_key.trail`.
    pub title: String,
    /// The text.
    pub text: String,
}
