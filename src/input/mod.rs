//! What one input says, for the resource types that keytrail knows: a plan, a state, or sources.
//!
//! [`crate::plan`] and [`crate::hcl`] make a [`Document`], and [`crate::resolve`] puts several together.

pub(crate) mod document;
pub(crate) mod home;
mod planned;
pub(crate) mod types;

pub use home::{Given, Homes};
pub use planned::{Before, Planned};

use std::collections::BTreeMap;

use crate::address::Address;
use crate::source::Origin;
use crate::value::Value;

/// What an input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// `terraform show -json PLANFILE`
    Plan,
    /// `terraform show -json` without a plan: the state
    State,
    /// `tofu show -json -config`: the configuration alone
    Configuration,
    /// A root module's sources
    Sources,
    /// What `keytrail snapshot` wrote of another input
    Snapshot,
}

/// One input, read.
#[derive(Clone, Debug)]
pub struct Document {
    /// What the document is.
    pub kind: InputKind,
    /// True where it tells what will change: a plan, or a snapshot of one.
    pub planned: bool,
    /// The version of Terraform or OpenTofu that wrote it.
    pub terraform_version: Option<String>,
    /// The document's own version.
    pub format_version: Option<String>,
    /// False where the plan says that it leaves things out (`-target`, deferral).
    pub complete: bool,
    /// True where planning failed and the document holds what was done until then.
    pub errored: bool,
    /// Instances of the types that keytrail reads: planned changes first, then what only the prior state (or the state) holds. S3
    /// buckets that surely are no trail's are left out.
    pub resources: Vec<Resource>,
    /// Changes that Terraform put off to a later plan.
    pub deferred: Vec<Deferred>,
    /// The configuration: references by resource, output and module call. Empty for a state.
    pub configuration: Configuration,
    /// The root module's input values.
    pub variables: BTreeMap<String, Value>,
    /// The attributes that the plan depends on, through locals and modules.
    pub relevant: Vec<Relevant>,
    /// What the reader noticed: an encoding, noise before the document, an unknown version.
    pub notes: Vec<Note>,
    /// Parts of the sources that could not be read; the rest is here.
    pub unreadable: Vec<Unreadable>,
    /// Members of objects in the sources that Terraform drops.
    pub lost: Vec<Lost>,
    /// What the plan and its sources say differently.
    pub differences: Vec<Difference>,
    /// The folders of modules that `terraform init` has brought: nobody mends anything there.
    pub remote: Vec<RemoteModule>,
    /// Calls of modules that cannot be read.
    pub missing: Vec<MissingModule>,
    /// The folder of the sources, where they come on top of a plan.
    pub sources: Option<String>,
    /// Whose each resource is and where, by its address: only for a snapshot, which has no configuration to tell it.
    pub homes: Homes,
    /// What waits for what: only for a snapshot, which has no configuration to tell it.
    pub waits: Vec<Wait>,
}

/// What is said of an attribute that a snapshot leaves out.
pub(crate) const SECRET: &str = "it is sensitive, and a snapshot holds nothing that is";

/// What to do about it.
pub(crate) const WHOLE: &str = "give the plan or the state itself instead of its snapshot";

/// In what order a trail and the separate policy of its key are made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// The address of the trail.
    pub trail: String,
    /// The address of the policy.
    pub policy: String,
    /// Whether the trail waits for the policy; none where that is not known.
    pub trail_waits: Option<bool>,
    /// Whether the policy waits for the trail.
    pub policy_waits: Option<bool>,
}

impl Document {
    /// Sources that hold nothing.
    pub fn of_sources() -> Self {
        Document {
            kind: InputKind::Sources,
            planned: false,
            terraform_version: None,
            format_version: None,
            complete: true,
            errored: false,
            resources: Vec::new(),
            deferred: Vec::new(),
            configuration: Configuration::default(),
            variables: BTreeMap::new(),
            relevant: Vec::new(),
            notes: Vec::new(),
            unreadable: Vec::new(),
            lost: Vec::new(),
            differences: Vec::new(),
            remote: Vec::new(),
            missing: Vec::new(),
            sources: None,
            homes: Homes::default(),
            waits: Vec::new(),
        }
    }
}

/// A module of somebody else, or one that such a module calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteModule {
    /// Its address without instance keys: `module.logs.module.kms`
    pub module: String,
    /// The header of the `module` block that leads out of the user's own configuration.
    pub call: Origin,
    /// The address of that call: `module.logs`
    pub called: String,
    /// The folder as reports name its files.
    pub folder: String,
}

/// A call of a module that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingModule {
    /// Its address without instance keys: `module.logs.module.kms`
    pub module: String,
    /// Why, as a clause.
    pub reason: String,
    /// What to do about it.
    pub help: String,
    /// The header of the `module` block.
    pub call: Origin,
    /// True where Terraform refuses the call too, so that it stands among what is [`Unreadable`].
    pub refused: bool,
}

/// Something that nobody can read, or that Terraform refuses before it evaluates anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// What is wrong: lower case, without a final period.
    pub message: String,
    /// Where.
    pub origin: Origin,
    /// What to do about it.
    pub help: Option<String>,
}

/// A member of an object that a later one of the same key puts out, as Terraform does without a word.
#[derive(Clone, Debug)]
pub struct Lost {
    /// Where the object is written.
    pub object: Origin,
    /// The key.
    pub key: String,
    /// Where the lost one is written.
    pub key_origin: Origin,
    /// Its value.
    pub value: Value,
}

/// Something that a plan and its sources say differently.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The instance.
    pub address: String,
    /// The attribute.
    pub attribute: String,
    /// Where the sources say it.
    pub origin: Origin,
    /// Where the plan says it.
    pub planned: Origin,
}

/// Something worth a word that is no finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// One sentence, lower case, without a final period.
    pub message: String,
}

/// One instance of a resource or data source.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its absolute address.
    pub address: Address,
    /// Its address before it was moved.
    pub previous: Option<Address>,
    /// Managed or data.
    pub mode: Mode,
    /// Which part of the document holds it.
    pub whence: Whence,
    /// What the plan does with it; [`Action::NoOp`] outside of planned changes.
    pub action: Action,
    /// Terraform's reason for the action.
    pub action_reason: Option<String>,
    /// The key of a deposed object, if it is one.
    pub deposed: Option<String>,
    /// True where the plan takes an existing object into the state.
    pub importing: bool,
    /// The wanted attributes before the change; none for a create, and none where nothing changes ([`Action::NoOp`]): they are those
    /// after it.
    pub before: Option<Value>,
    /// The wanted attributes after the change, unknown and sensitive laid over; none for a delete.
    pub after: Option<Value>,
    /// The references that lead to the value of an attribute in the sources, the attribute's own first. Empty for what a plan says.
    pub ways: BTreeMap<String, Vec<Way>>,
    /// The header of the block, or of the virtual text that shows the resource.
    pub origin: Origin,
}

/// A reference on the way to a value: `local.key_arn`, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// As it was written.
    pub text: String,
    /// Where.
    pub origin: Origin,
}

/// Managed resource or data source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// `resource`
    Managed,
    /// `data`
    Data,
}

/// The part of a document that holds a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whence {
    /// `resource_changes`
    Change,
    /// `prior_state`, and no planned change
    PriorState,
    /// a state document
    State,
    /// sources
    Sources,
}

/// What a plan does with an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Nothing.
    NoOp,
    /// `["create"]`
    Create,
    /// `["read"]`: a data source that only the apply reads
    Read,
    /// `["update"]`
    Update,
    /// `["delete"]`
    Delete,
    /// `["delete", "create"]`, `["create", "delete"]`
    Replace,
    /// `["forget"]`: the object stays, Terraform lets go of it
    Forget,
    /// `["create", "forget"]`
    CreateForget,
    /// Something this version does not know.
    Other,
    /// Sources do not tell what a plan of them would do.
    Unplanned,
}

impl Action {
    /// The word of the reports; none where there is no plan.
    pub fn word(self) -> Option<&'static str> {
        Some(match self {
            Action::NoOp => "no-op",
            Action::Create => "create",
            Action::Read => "read",
            Action::Update => "update",
            Action::Delete => "delete",
            Action::Replace => "replace",
            Action::Forget => "forget",
            Action::CreateForget => "create-forget",
            Action::Other => "other",
            Action::Unplanned => return None,
        })
    }

    /// True where the object after the plan is a new one, with a new identifier.
    pub fn is_new(self) -> bool {
        matches!(
            self,
            Action::Create | Action::Replace | Action::CreateForget
        )
    }
}

/// A change that Terraform put off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deferred {
    /// The address, perhaps without its instance key.
    pub address: String,
    /// Terraform's reason: `instance_count_unknown`, `provider_config_unknown`, ...
    pub reason: String,
}

/// An attribute that the plan depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct Relevant {
    /// The resource's address as Terraform lists it, with or without instance keys.
    pub resource: String,
    /// The path of the attribute; empty after a splat.
    pub attribute: Vec<String>,
}

/// The configuration part of a plan.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    /// The root module.
    pub root: Module,
    /// Provider configurations by the plan's key for them (`aws`, `aws.security`, `module.baseline:aws`).
    pub providers: BTreeMap<String, Provider>,
}

/// A module's configuration.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// Resources and data sources of the types that keytrail reads, with the expressions of the attributes that it reads.
    pub resources: Vec<ConfigResource>,
    /// Outputs by name.
    pub outputs: BTreeMap<String, Expression>,
    /// Module calls by name.
    pub calls: BTreeMap<String, Call>,
    /// Names of input variables with their defaults, where they have a known one.
    pub variables: BTreeMap<String, Option<Value>>,
    /// Local values by name. A plan does not hold them.
    pub locals: BTreeMap<String, Expression>,
}

/// A call of a module.
#[derive(Clone, Debug)]
pub struct Call {
    /// The source address as written.
    pub source: String,
    /// Input expressions by variable name.
    pub expressions: BTreeMap<String, Expression>,
    /// `count`, if the plan shows one.
    pub count: Option<Expression>,
    /// `for_each`, if the plan shows one: it leaves out what makes no reference (`toset(["a", "b"])`).
    pub for_each: Option<Expression>,
    /// What it waits for, as written.
    pub depends_on: Vec<String>,
    /// What is called.
    pub module: Module,
}

/// A resource block of the configuration.
#[derive(Clone, Debug)]
pub struct ConfigResource {
    /// Managed or data.
    pub mode: Mode,
    /// The type, `aws_kms_key`.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The plan's key of the provider configuration (only a hint: it differs between Terraform versions inside nested modules).
    pub provider: Option<String>,
    /// Expressions by argument; blocks are [`Expression::Blocks`].
    pub expressions: BTreeMap<String, Expression>,
    /// `count`, if the plan shows one.
    pub count: Option<Expression>,
    /// `for_each`, if the plan shows one: it leaves out what makes no reference (`toset(["a", "b"])`).
    pub for_each: Option<Expression>,
    /// What it waits for, as written.
    pub depends_on: Vec<String>,
}

/// An expression, as far as a plan shows it.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// It needs no variable and no function.
    Constant(Value),
    /// The references it makes, in Terraform's order: each as written, then its shorter forms.
    References(Vec<String>),
    /// Nested blocks, or the attributes of one.
    Blocks(Vec<BTreeMap<String, Expression>>),
    /// There is an expression, and the plan says nothing of it (`jsonencode` of constants, `timestamp()`).
    Opaque,
}

/// A provider configuration.
#[derive(Clone, Debug)]
pub struct Provider {
    /// The local name, `aws`.
    pub name: String,
    /// Its alias.
    pub alias: Option<String>,
    /// The module that holds it; empty for the root.
    pub module: String,
    /// Its arguments, without credentials.
    pub expressions: BTreeMap<String, Expression>,
    /// Equal for two configurations of the same credentials; 0 where the environment gives them.
    pub credentials: u64,
}
