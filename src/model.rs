//! All that a rule sees: keys with their effective policies, the subjects that use them, and the verdict of every requirement.

mod ids;
mod past;
mod quiet;

pub use ids::Ids;
pub use past::{Fate, Gone, Past};

use std::collections::BTreeMap;

use crate::input::{Action, Difference, InputKind, MissingModule, RemoteModule, Unreadable, Way};
use crate::policy::{Blocker, Decision, Issue, Policy, Request, Verdict, Word};
use crate::source::{JsonError, Origin, Span};
use crate::value::{SymbolId, Symbols, Text};

/// What the inputs mean together.
#[derive(Debug, Default)]
pub struct Model {
    /// The inputs in the order given.
    pub inputs: Vec<Input>,
    /// Every key of the inputs, and every key outside of them that a subject names, in order of input and address.
    pub keys: Vec<Key>,
    /// Every trail, event data store and other user of a key, in order of input and address.
    pub subjects: Vec<Subject>,
    /// The names of what is not known.
    pub symbols: Symbols,
    /// What the conditional verdicts need to hold, one for each symbol, after all of them are put together.
    pub assumptions: Vec<Assumption>,
    /// In what order a trail and a separate policy of its key are made.
    pub orders: Vec<Order>,
    /// Conditional verdicts that cannot hold together.
    pub conflicts: Vec<Conflict>,
    /// What the user's file expects of keys, in its order.
    pub expectations: Vec<Expectation>,
    /// What the user's file names and the inputs do not hold.
    pub unmatched: Vec<Unmatched>,
    /// What is wrong with what the user puts aside; told after everything else.
    pub exceptions: Vec<Exception>,
    /// The same before the plans were applied.
    pub past: Past,
    /// The grants and the IAM resources that the plans change, by address.
    pub changed: BTreeMap<String, Changed>,
    /// The keys that the plans take out of the inputs, in order of input and address.
    pub gone: Vec<Gone>,
    /// What was not looked at and could change an answer; at most two lines.
    pub not_seen: Vec<String>,
    /// Whose requests are no stranger's.
    pub trust: Trust,
    /// Keys and subjects by their ids.
    pub ids: Ids,
}

/// Something wrong with a comment, or an entry of the user's file, that puts findings aside.
#[derive(Clone, Debug)]
pub struct Exception {
    /// What kind of wrong.
    pub fault: ExceptionFault,
    /// One sentence, lower case, names in backticks, no final period.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Where it stands.
    pub at: Origin,
}

/// What is wrong with an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExceptionFault {
    /// It cannot be read, so that it puts nothing aside.
    Invalid,
    /// Its day is over, likewise.
    Expired,
    /// It puts nothing aside.
    Unused,
}

/// Accounts and organizations that are meant to use the keys.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Accounts: those that the user names, and those of the inputs' own providers, keys and trails.
    pub accounts: Vec<Text>,
    /// Organizations: those that the user names, and the one that the inputs look up.
    pub organizations: Vec<String>,
}

/// One input.
#[derive(Clone, Debug)]
pub struct Input {
    /// `in0`, `in1`, ... in the order given.
    pub id: String,
    /// As the user named it.
    pub path: String,
    /// What it is.
    pub kind: InputKind,
    /// The version of Terraform or OpenTofu that wrote it.
    pub terraform_version: Option<String>,
    /// The version of its format.
    pub format_version: Option<String>,
    /// False where the plan says that it leaves things out.
    pub complete: bool,
    /// True where planning failed.
    pub errored: bool,
    /// Addresses whose change was put off, with the reason.
    pub deferred: Vec<(String, String)>,
    /// What the reader noticed.
    pub notes: Vec<String>,
    /// The folder of the sources, where they come on top of a plan.
    pub sources: Option<String>,
    /// Parts of the sources that could not be read.
    pub unreadable: Vec<Unreadable>,
    /// What the plan and its sources say differently.
    pub differences: Vec<Difference>,
    /// The files of modules that are not the user's own.
    pub remote: Vec<RemoteFiles>,
    /// Calls of modules that cannot be read.
    pub missing: Vec<MissingModule>,
}

/// The files of a module that is not the user's own.
#[derive(Clone, Debug)]
pub struct RemoteFiles {
    /// The module, and the call that leads to it.
    pub module: RemoteModule,
    /// Each file, whole.
    pub files: Vec<Span>,
}

/// A fact about a resource: known, not known, or not said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact<T> {
    /// The plan says so.
    Known(T),
    /// Only the apply can know it, or it lies outside the inputs.
    Unknown,
}

impl<T: PartialEq> Fact<T> {
    /// True where it is surely that.
    pub fn is(&self, value: &T) -> bool {
        matches!(self, Fact::Known(known) if known == value)
    }
}

/// A KMS key.
#[derive(Clone)]
pub struct Key {
    /// Input id, `:` and address; for a key outside the inputs, its ARN, alias or id.
    pub id: String,
    /// Its instance address; for a key outside the inputs, how the subject names it.
    pub address: String,
    /// The index of its input; for a key outside the inputs, of the first input that names it.
    pub input: usize,
    /// True where no input holds it: its policy may be known all the same, and the rest of it is not.
    pub outside: bool,
    /// Its ARN, in part symbolic.
    pub arn: Text,
    /// The account that owns it.
    pub account: Text,
    /// Its region.
    pub region: Text,
    /// What the plan does with it.
    pub action: Action,
    /// What is known of its policy.
    pub state: PolicyState,
    /// The policy, wherever it could be read.
    pub policy: Option<Policy>,
    /// The same policy with the first of equal keys instead of the last; only where it has equal keys.
    pub policy_first: Option<Policy>,
    /// The bytes of its text as they are sent to AWS: without white space, what is not known at its least.
    pub policy_bytes: usize,
    /// What is wrong with its text.
    pub issues: Vec<Issue>,
    /// Set where the text is not JSON, or so large that it was not read (`policy_bytes` then says how large).
    pub broken: Option<JsonError>,
    /// What keeps a policy from being read whose text is known in part.
    pub unread: Option<Blocker>,
    /// True where the plan marks the policy sensitive: nothing of it may be shown.
    pub sensitive: bool,
    /// Where the policy is set, where it is not the key itself: `aws_kms_key_policy.trail`.
    pub policy_addresses: Vec<String>,
    /// Names of its aliases in the inputs, `alias/trail`.
    pub aliases: Vec<String>,
    /// The form that its author writes statements in.
    pub form: Form,
    /// Whether it is enabled.
    pub enabled: Fact<bool>,
    /// True where it is a symmetric encryption key.
    pub symmetric: Fact<bool>,
    /// True where it is a multi-Region key.
    pub multi_region: Fact<bool>,
    /// Other policies that the configuration sets for the same key, beside the one that counts.
    pub others: Vec<OtherPolicy>,
    /// Whether anybody of the key's account can change the policy: the request of the one who comes closest. None where that is not asked.
    pub manage: Option<Box<Requirement>>,
    /// True where AWS is told not to check that whoever sets the policy can change it again.
    pub bypass: Fact<bool>,
    /// Whether the key's material is rotated every year; none where the key has no rotation of its own.
    pub rotation: Option<Fact<bool>>,
    /// Where `enable_key_rotation` stands.
    pub rotation_at: Origin,
    /// The header of the resource that sets the policy.
    pub origin: Origin,
    /// Where `is_enabled` stands.
    pub enabled_at: Origin,
    /// Where the key's spec stands.
    pub spec_at: Origin,
    /// Where `multi_region` stands; the key's header where it does not.
    pub region_at: Origin,
}

impl Key {
    /// True where it is known which key it is: one of the inputs, or one outside of them that is named by its ARN.
    pub fn is_named_by_arn(&self) -> bool {
        self.state != PolicyState::External || self.arn.to_literal().is_some()
    }
}

/// A policy that is set for a key and does not count: an inline one beside a resource of its own, or a second resource.
#[derive(Clone, Debug)]
pub struct OtherPolicy {
    /// The resource that sets it.
    pub address: String,
    /// Set where it is no second policy, and another input shows this one for the resource whose policy counts: what is different, as a clause.
    pub shown_by: Option<String>,
    /// The header of that resource.
    pub origin: Origin,
    /// The policy, where it could be read.
    pub policy: Option<Policy>,
    /// Whether it says something else than the one that counts.
    pub differs: Fact<bool>,
}

/// In what order a trail and the separate policy of its key are made.
#[derive(Clone, Debug)]
pub struct Order {
    /// The index of the trail in the subjects.
    pub subject: usize,
    /// The index of its key.
    pub key: usize,
    /// The address of the policy.
    pub policy: String,
    /// The header of the policy's resource.
    pub origin: Origin,
    /// What the plan does with the policy.
    pub action: Action,
    /// Whether the trail waits for the policy.
    pub trail_waits: Fact<bool>,
    /// Whether the policy waits for the trail.
    pub policy_waits: Fact<bool>,
}

/// The bucket of a trail, where the inputs hold it.
#[derive(Clone, Debug)]
pub struct TrailBucket {
    /// Its address.
    pub address: String,
    /// Its region.
    pub region: Text,
    /// The header of its resource.
    pub origin: Origin,
}

/// What is known of a key's policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyState {
    /// All of it.
    Known,
    /// Some of its values are not.
    Partial,
    /// AWS's default policy, as the key is new and has none.
    Default,
    /// Nothing, for this reason.
    Unknown(String),
    /// All of it, and nothing may be shown.
    Sensitive,
    /// The key lies outside the inputs.
    External,
    /// AWS would refuse it.
    Invalid,
}

impl PolicyState {
    /// The word of the JSON report.
    pub fn word(&self) -> &'static str {
        match self {
            PolicyState::Known => "known",
            PolicyState::Partial => "partial",
            PolicyState::Default => "default",
            PolicyState::Unknown(_) => "unknown",
            PolicyState::Sensitive => "sensitive",
            PolicyState::External => "external",
            PolicyState::Invalid => "invalid",
        }
    }
}

/// The form that an author writes policy statements in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// JSON text, or `jsonencode` of an object: the plan does not tell them apart.
    Json,
    /// `data "aws_iam_policy_document"`
    Document,
}

/// A user of a key whose requirements are decided.
#[derive(Clone, Debug)]
pub struct Subject {
    /// Input id, `:` and address.
    pub id: String,
    /// What it is.
    pub kind: SubjectKind,
    /// Its instance address.
    pub address: String,
    /// The index of its input.
    pub input: usize,
    /// What the plan does with it.
    pub action: Action,
    /// Its ARN, in part symbolic.
    pub arn: Text,
    /// True for an organization trail.
    pub organization: Fact<bool>,
    /// The account that it lives in.
    pub account: Text,
    /// True where no resource of the inputs is it: the trail that Control Tower makes, the landing zone that the command line names.
    pub synthetic: bool,
    /// The component of a landing zone that uses the key; none where that is not known, and for whatever is no landing zone.
    pub component: Option<Component>,
    /// How it leads to its key.
    pub link: Link,
    /// The bucket that a trail delivers to.
    pub bucket: Option<TrailBucket>,
    /// What must be allowed, decided.
    pub requirements: Vec<Requirement>,
    /// The header of the resource.
    pub origin: Origin,
}

/// Kinds of subjects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubjectKind {
    /// `aws_cloudtrail`
    Trail,
    /// `aws_cloudtrail_event_data_store`
    EventDataStore,
    /// `aws_controltower_landing_zone`: one subject for each component that names a key
    LandingZone,
    /// `aws_config_delivery_channel`
    DeliveryChannel,
}

/// A component of a landing zone's manifest that can name a key (AWS Control Tower User Guide, Landing zone schemas).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Component {
    /// `centralizedLogging`: Control Tower's own trail; before version 4.0, AWS Config's deliveries, too
    Logging,
    /// `config`, since version 4.0: AWS Config's deliveries
    Config,
    /// `backup`: AWS Backup
    Backup,
}

impl Component {
    /// All of them.
    pub const ALL: [Component; 3] = [Component::Logging, Component::Config, Component::Backup];

    /// Its name in the manifest.
    pub fn word(self) -> &'static str {
        match self {
            Component::Logging => "centralizedLogging",
            Component::Config => "config",
            Component::Backup => "backup",
        }
    }
}

impl SubjectKind {
    /// The word of the JSON report.
    pub fn word(self) -> &'static str {
        match self {
            SubjectKind::Trail => "trail",
            SubjectKind::EventDataStore => "event_data_store",
            SubjectKind::LandingZone => "landing_zone",
            SubjectKind::DeliveryChannel => "delivery_channel",
        }
    }

    /// The word of a sentence.
    pub fn noun(self) -> &'static str {
        match self {
            SubjectKind::Trail => "trail",
            SubjectKind::EventDataStore => "event data store",
            SubjectKind::LandingZone => "landing zone",
            SubjectKind::DeliveryChannel => "delivery channel",
        }
    }
}

/// How a subject leads to its key.
#[derive(Clone, Debug)]
pub struct Link {
    /// How far it was followed.
    pub status: LinkStatus,
    /// Indexes of the keys that it may be; one where it is resolved.
    pub keys: Vec<usize>,
    /// The ARN, where the subject names a known one.
    pub arn: Option<String>,
    /// The addresses and references on the way from the subject to the key.
    pub via: Vec<String>,
    /// The same way in the sources, with the place of each reference.
    pub way: Vec<Way>,
    /// Why it is not resolved.
    pub reason: Option<String>,
    /// What would resolve it.
    pub remedy: Option<String>,
    /// What is wrong with what stands there, so that AWS or its provider refuses it whatever the inputs hold, as a clause:
    /// ``"`kms_key_id` is an ARN of `s3`"``.
    pub flaw: Option<String>,
    /// Where the subject names its key.
    pub origin: Origin,
}

/// How far a link was followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkStatus {
    /// To one key of the inputs.
    Resolved,
    /// To several, of which the apply takes one.
    Candidates,
    /// To a key outside the inputs.
    External,
    /// Not to the end.
    Unresolved,
    /// The subject names no key.
    None,
}

impl LinkStatus {
    /// The word of the JSON report.
    pub fn word(self) -> &'static str {
        match self {
            LinkStatus::Resolved => "resolved",
            LinkStatus::Candidates => "candidates",
            LinkStatus::External => "external",
            LinkStatus::Unresolved => "unresolved",
            LinkStatus::None => "none",
        }
    }
}

/// A request that must be allowed, and the answer.
#[derive(Clone, Debug)]
pub struct Requirement {
    /// `cloudtrail-encrypt`, `reader-decrypt`, ...
    pub id: &'static str,
    /// The index of the key.
    pub key: usize,
    /// The reader's ARN; none for "anyone at all" and for services.
    pub reader: Option<String>,
    /// How the reader reads, where it is said: `s3`, `athena`.
    pub via: Option<&'static str>,
    /// The ARN of the role that the reader assumes, where it does.
    pub through: Option<String>,
    /// True where nobody but the root user of the key's account can read.
    pub only_root: bool,
    /// The answer.
    pub verdict: Verdict,
    /// True where a Deny statement gave it.
    pub explicit: bool,
    /// The answer before the plans, with the key that the subject had then; none where nothing was asked then, or nobody can tell.
    pub before: Option<Verdict>,
    /// What makes it necessary, where that is more than the subject: the switch of an S3 Bucket Key.
    pub asked_at: Origin,
    /// The request that was judged. For "can anyone read", the request of the reader who came closest.
    pub request: Request,
    /// The answer's reasons, as far as the key's policy gives them.
    pub decision: Decision,
    /// What decided beside the key's policy, where something did.
    pub besides: Option<Besides>,
}

/// A resource that a plan changes.
#[derive(Clone, Debug)]
pub struct Changed {
    /// What the plan does with it.
    pub action: Action,
    /// The header of the text that shows it.
    pub origin: Origin,
}

/// What decides, by its meaning: two of one meaning are one finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    /// What kind of thing decides.
    pub kind: &'static str,
    /// A text for each statement, which is compared and hashed and never shown; in order, each once.
    pub texts: Vec<String>,
    /// True where something was left out because it is sensitive.
    pub hidden: bool,
}

impl Meaning {
    /// Something of which no more is to be said than its kind.
    pub(crate) fn of(kind: &'static str) -> Self {
        Meaning {
            kind,
            ..Meaning::default()
        }
    }
}

/// What decided beside a key's policy: the reader's own IAM policies, the trust policy of a role, a grant.
#[derive(Clone, Debug)]
pub struct Besides {
    /// A clause that goes on after "because", harmless for a sensitive policy: ``no IAM policy of `aws_iam_role.audit` allows it``.
    pub because: String,
    /// Where.
    pub at: Origin,
    /// What to write there.
    pub label: String,
    /// What it says, whatever way it is written: the statements that decide, the grant's terms.
    pub meaning: Meaning,
    /// The addresses of the resources that it comes from: the policy and what attaches it, or the grant.
    pub from: Vec<String>,
}

/// A request that the user's file lists for a key, and the answer.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// True where it must be allowed, false where it must not.
    pub allow: bool,
    /// True where the caller belongs to another account than the key, so that whoever rules there decides what the key leaves to it.
    pub foreign: bool,
    /// The request and its answer. Its id is `expectation`, or that of the built-in requirement whose request it is.
    pub requirement: Requirement,
    /// The address of the subject whose request it is, for one of a built-in requirement.
    pub built_in: Option<String>,
    /// What is asked, as the file says it.
    pub what: String,
    /// The context keys that the file gives.
    pub given: Vec<String>,
    /// Where the file says it.
    pub at: Origin,
}

/// A name in the user's file that means nothing of the inputs.
#[derive(Clone, Debug)]
pub struct Unmatched {
    /// The name.
    pub what: String,
    /// True where it should mean a key, false for a trail or an event data store.
    pub key: bool,
    /// Where it stands.
    pub at: Origin,
}

/// Values that a symbol must have for the conditional verdicts to hold.
#[derive(Clone, PartialEq, Eq)]
pub struct Assumption {
    /// The symbol.
    pub symbol: SymbolId,
    /// It is one of these; empty: anything but `not_in`.
    pub within: Vec<Word>,
    /// It is none of these.
    pub not_in: Vec<Word>,
    /// How many verdicts hang on it.
    pub verdicts: usize,
}

impl Assumption {
    /// The flag that checks it, with the value that it needs where there is one: `--account-id 111122223333`.
    pub fn supply(&self, symbols: &Symbols) -> Option<String> {
        let flag = symbols.get(self.symbol).supply.as_ref()?;
        let placeholder = ["ID", "NAME"].into_iter().find(|word| flag.ends_with(word));
        match (self.within.as_slice(), placeholder) {
            ([value], Some(word)) if value.exact => {
                flag.strip_suffix(word).map(|flag| format!("{flag}{value}"))
            }
            _ => Some(flag.clone()),
        }
    }
}

/// Conditional verdicts that no assignment satisfies together.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// The symbol that would need two values.
    pub symbol: SymbolId,
    /// The values, each with the subject and requirement that needs it and the place in the policy.
    pub needs: Vec<Need>,
}

/// One side of a [`Conflict`].
#[derive(Clone)]
pub struct Need {
    /// The index of the subject.
    pub subject: usize,
    /// The index of the requirement in the subject.
    pub requirement: usize,
    /// The values that it allows; empty: anything but `not_in`.
    pub within: Vec<Word>,
    /// The values that it does not allow.
    pub not_in: Vec<Word>,
    /// The place in the policy.
    pub at: Origin,
}
