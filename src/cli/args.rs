//! Commands and flags. Their comments are the help.

use std::path::PathBuf;

use clap::{ArgMatches, Args, Parser, Subcommand, ValueEnum};

use super::key_policy;
use crate::resolve::Reader;

use super::value::{self, Assignment, Color, Gate, Output, Scoped, Worth};

/// Says, before anything is applied, whether CloudTrail can deliver encrypted logs with its KMS key and who can read them
#[derive(Debug, Parser)]
#[command(
    name = "keytrail",
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 clean, 1 findings at or over the gate, 2 the work could not be done."
)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,

    /// Colours in the report for people
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "auto",
        value_name = "WHEN"
    )]
    pub(super) color: Color,
}

impl Cli {
    /// Keeps the order of `--var` and `--var-file` among each other: the later one counts.
    pub(super) fn keep_order(&mut self, matches: &ArgMatches) {
        let (args, name) = match &mut self.command {
            Command::Check(args) => (&mut args.sources, "check"),
            Command::Snapshot(args) => (&mut args.sources, "snapshot"),
            _ => return,
        };
        let Some(matches) = matches.subcommand_matches(name) else {
            return;
        };
        let places = |name: &str| -> Vec<usize> {
            matches
                .indices_of(name)
                .map(Iterator::collect)
                .unwrap_or_default()
        };
        let vars = args.var.iter().cloned().map(VarArg::Var);
        let files = args.var_file.iter().cloned().map(VarArg::File);
        let vars = places("var").into_iter().zip(vars);
        let mut all: Vec<(usize, VarArg)> = places("var_file").into_iter().zip(files).collect();
        all.extend(vars);
        all.sort_by_key(|(place, _)| *place);
        args.variables = all.into_iter().map(|(_, it)| it).collect();
    }
}

/// A value for a variable.
#[derive(Clone, Debug)]
pub(super) enum VarArg {
    /// `--var NAME=VALUE`
    Var(Assignment),
    /// `--var-file FILE`
    File(PathBuf),
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check the key policies of plans and sources for the requests that CloudTrail will really make
    Check(Box<CheckArgs>),
    /// Evaluate one request against one key policy, with the reason for each statement; the exit code is 0 for every verdict
    Evaluate(Box<EvaluateArgs>),
    /// Print the page of a rule or the requests of a requirement
    Explain(ExplainArgs),
    /// Print the table of all rules
    Rules(RulesArgs),
    /// Write the keys, policies, aliases, trails and buckets of plans, states or sources to a small file, which `check` takes beside another root's plan
    Snapshot(Box<SnapshotArgs>),
    /// Write a commented `keytrail.toml` into this folder
    Init,
    /// Print the JSON Schema of what keytrail writes or reads
    Schema(SchemaArgs),
    /// Print the completions of a shell
    Completions(CompletionsArgs),
    /// Print the man page, or that of a command
    Man(ManArgs),
}

#[derive(Args, Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub(super) struct CheckArgs {
    /// Plans and states as `terraform show -json` or `tofu show -json` prints them, `-` for stdin, or folders of HCL. Several are read together, as one world
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) sources: SourceArgs,

    /// `human`, `json`, `sarif`, `github`, `gitlab`, `junit`, `markdown` or `counts`; with `=FILE` into a file beside the report on stdout. Repeatable
    #[arg(long, value_name = "FORMAT[=FILE]")]
    pub(super) format: Vec<Output>,

    /// Print findings alone, nothing where there are none
    #[arg(long, short)]
    pub(super) quiet: bool,

    /// Show no progress. It is shown on stderr where that is a terminal, of what takes more than a second, and not in CI
    #[arg(long)]
    pub(super) no_progress: bool,

    /// Run a rule that is off by default. Repeatable
    #[arg(long, value_name = "RULE", value_parser = value::RuleId, hide_possible_values = true, help_heading = "Rules")]
    pub(super) enable: Vec<String>,

    /// Do not run a rule. Repeatable
    #[arg(long, value_name = "RULE", value_parser = value::RuleId, hide_possible_values = true, help_heading = "Rules")]
    pub(super) disable: Vec<String>,

    /// Run this rule and no others. Repeatable
    #[arg(long, value_name = "RULE", value_parser = value::RuleId, hide_possible_values = true, conflicts_with_all = ["enable", "disable"], help_heading = "Rules")]
    pub(super) only: Vec<String>,

    /// The file with settings, expectations and rules [default: `keytrail.toml`, from the first PATH's folder up to its repository's root, or from here]
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "no_config",
        help_heading = "Configuration"
    )]
    pub(super) config: Option<PathBuf>,

    /// Read no `keytrail.toml`
    #[arg(long, help_heading = "Configuration")]
    pub(super) no_config: bool,

    /// The least severity that makes the exit code 1 [default: error]
    #[arg(long, value_enum, value_name = "SEVERITY", help_heading = "Gate")]
    pub(super) fail_on: Option<Gate>,

    /// What an undecided requirement or an unresolved key is worth [default: warning]
    #[arg(long, value_enum, value_name = "WORTH", help_heading = "Gate")]
    pub(super) undecided: Option<Worth>,

    /// What a requirement is worth that holds only for some values of a symbol [default: allow]
    #[arg(long, value_enum, value_name = "WORTH", help_heading = "Gate")]
    pub(super) conditional: Option<Worth>,

    /// What a named reader is worth whom only IAM policies could allow [default: note]
    #[arg(long, value_enum, value_name = "WORTH", help_heading = "Gate")]
    pub(super) delegated: Option<Worth>,

    /// Undecided, conditional and delegated are errors, where no flag of their own says otherwise
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        value_parser = value::switch,
        help_heading = "Gate"
    )]
    pub(super) strict: Option<bool>,

    /// Report only what the plans make worse: what was as bad before is left out
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        value_parser = value::switch,
        help_heading = "Gate"
    )]
    pub(super) changed_only: Option<bool>,

    /// Findings that this file holds do not count; `--write-baseline` writes it
    #[arg(long, value_name = "FILE", help_heading = "Exceptions")]
    pub(super) baseline: Option<PathBuf>,

    /// Write what is found into this file, as the baseline of later runs; the exit code is then 0
    #[arg(long, value_name = "FILE", help_heading = "Exceptions")]
    pub(super) write_baseline: Option<PathBuf>,

    /// Let no comment, no `[[ignore]]` and no baseline put a finding aside
    #[arg(long, conflicts_with = "write_baseline", help_heading = "Exceptions")]
    pub(super) no_ignores: bool,

    /// Exit with 2 where the inputs hold no trail
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        value_parser = value::switch,
        help_heading = "Gate"
    )]
    pub(super) require_trail: Option<bool>,

    #[command(flatten)]
    pub(super) given: GivenArgs,

    /// A key (its address, alias or ARN) that a Control Tower landing zone uses which the inputs do not hold. Repeatable
    #[arg(long, value_name = "KEY", help_heading = "What the inputs do not say")]
    pub(super) control_tower: Vec<String>,

    /// The policy of a key that no input holds. Repeatable
    #[arg(long, value_name = "ARN=FILE", value_parser = key_policy::parse, help_heading = "What the inputs do not say")]
    pub(super) key_policy: Vec<key_policy::PolicyFile>,

    /// An account that is meant to use the keys: what a key policy gives it is no finding. Repeatable
    #[arg(long, value_name = "ID", value_parser = value::account, help_heading = "Trust")]
    pub(super) trusted_account: Vec<String>,

    /// An organization that is meant to use the keys. Where one is named, here or by its data source, others are foreign. Repeatable
    #[arg(long, value_name = "ID", value_parser = value::organization, help_heading = "Trust")]
    pub(super) trusted_organization: Vec<String>,

    /// Somebody who must be able to read the logs. Repeatable
    #[arg(long, value_name = "ARN", value_parser = value::reader, help_heading = "Readers")]
    pub(super) reader: Vec<String>,

    /// Those of the configuration file.
    #[arg(skip)]
    pub(super) declared: Vec<Reader>,

    /// What the readers' requests carry, `aws:PrincipalTag/team=audit`. Repeatable
    #[arg(long, value_name = "KEY=VALUE", value_parser = value::pair, help_heading = "Readers")]
    pub(super) reader_context: Vec<(String, String)>,
}

/// Which sources are read, and with which values of variables.
#[derive(Args, Clone, Debug)]
pub(super) struct SourceArgs {
    /// The root module that a plan was made of: values come from the plan, lines from the sources [default: the plan's own folder, if it holds them]
    #[arg(long, value_name = "DIR", help_heading = "Sources")]
    pub(super) source: Option<PathBuf>,

    /// Do not look for a plan's sources
    #[arg(long, conflicts_with = "source", help_heading = "Sources")]
    pub(super) no_source: bool,

    /// A root module under the folder that is given, whoever calls it. Repeatable
    #[arg(long, value_name = "DIR", help_heading = "Sources")]
    pub(super) root: Vec<PathBuf>,

    /// The value of a root module's variable. Repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = value::variable, help_heading = "Sources")]
    pub(super) var: Vec<Assignment>,

    /// A file with values of variables, as Terraform's `-var-file`. Repeatable
    #[arg(long, value_name = "FILE", help_heading = "Sources")]
    pub(super) var_file: Vec<PathBuf>,

    /// Both, in the order of the command line.
    #[arg(skip)]
    pub(super) variables: Vec<VarArg>,
}

/// What the inputs do not say.
#[derive(Args, Clone, Debug)]
pub(super) struct GivenArgs {
    /// The account of a provider configuration, or of all. Repeatable
    #[arg(long, value_name = "[CONFIG=]ID", value_parser = value::scoped_account, help_heading = "What the inputs do not say")]
    pub(super) account_id: Vec<Scoped>,

    /// The region of a provider configuration, or of all. Repeatable
    #[arg(long, value_name = "[CONFIG=]NAME", value_parser = value::scoped_region, help_heading = "What the inputs do not say")]
    pub(super) region: Vec<Scoped>,

    /// The management account of the organization, which owns an organization trail
    #[arg(long, value_name = "ID", value_parser = value::account, help_heading = "What the inputs do not say")]
    pub(super) management_account_id: Option<String>,
}

impl CheckArgs {
    /// True where undecided, conditional and delegated are errors unless something else is said of them.
    pub(super) fn is_strict(&self) -> bool {
        self.strict == Some(true)
    }

    /// True where only what the plans make worse is to be reported.
    pub(super) fn is_changed_only(&self) -> bool {
        self.changed_only == Some(true)
    }

    /// True where inputs without a trail are not to be taken for clean.
    pub(super) fn requires_trail(&self) -> bool {
        self.require_trail == Some(true)
    }
}

#[derive(Args, Debug)]
pub(super) struct EvaluateArgs {
    /// The policy of a KMS key, JSON; `-` is stdin
    #[arg(required_unless_present = "jsonl", conflicts_with = "jsonl")]
    pub(super) policy: Option<PathBuf>,

    /// Who asks: an ARN, an account id, a service (`cloudtrail.amazonaws.com`), or `*` for a stranger
    #[arg(long, value_name = "PRINCIPAL", required_unless_present = "jsonl")]
    pub(super) principal: Option<String>,

    /// What for: `kms:Decrypt`
    #[arg(long, value_name = "ACTION", required_unless_present = "jsonl")]
    pub(super) action: Option<String>,

    /// The ARN of the key [default: a key that is not known]
    #[arg(long, value_name = "ARN")]
    pub(super) resource: Option<String>,

    /// The account that owns the key [default: the one in the key's ARN]
    #[arg(long, value_name = "ID", value_parser = value::account)]
    pub(super) account: Option<String>,

    /// What the request carries; a repeated key has several values, and a key that is not given is absent
    #[arg(long, value_name = "KEY=VALUE", value_parser = value::pair)]
    pub(super) context: Vec<(String, String)>,

    /// An IAM policy of the caller; all of them together decide what the key policy delegates. Repeatable
    #[arg(long, value_name = "FILE")]
    pub(super) identity_policy: Vec<PathBuf>,

    /// Evaluate one request a line, `{"id", "policy", "request", "identity_policies"}`, and answer each on a line; `-` is stdin
    #[arg(long, value_name = "FILE", conflicts_with_all = ["principal", "action", "resource", "account", "context", "identity_policy"])]
    pub(super) jsonl: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub(super) struct SnapshotArgs {
    /// Plans and states as `terraform show -json` or `tofu show -json` prints them, `-` for stdin, or folders of HCL
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    /// The file to write [default: stdout]
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,

    #[command(flatten)]
    pub(super) sources: SourceArgs,

    #[command(flatten)]
    pub(super) given: GivenArgs,
}

#[derive(Args, Debug)]
pub(super) struct ExplainArgs {
    /// A rule (`keytrail rules` lists them), a requirement (`cloudtrail-encrypt`), `custom-rules` or `keytrail.toml`
    #[arg(value_name = "RULE|REQUIREMENT", value_parser = value::PageId, hide_possible_values = true)]
    pub(super) id: String,
}

#[derive(Args, Debug)]
pub(super) struct CompletionsArgs {
    /// Of which shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(super) shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub(super) struct ManArgs {
    /// Of which command [default: keytrail itself]
    #[arg(value_name = "COMMAND")]
    pub(super) command: Option<String>,
}

#[derive(Args, Debug)]
pub(super) struct SchemaArgs {
    /// Of what
    #[arg(value_enum, value_name = "NAME")]
    pub(super) name: SchemaName,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaName {
    /// The report that `check --format json` prints
    Report,
    /// The file `keytrail.toml`, for editors
    Config,
}

#[derive(Args, Debug)]
pub(super) struct RulesArgs {
    /// The form of the table
    #[arg(long, value_enum, default_value = "human")]
    pub(super) format: TableFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TableFormat {
    /// For people
    Human,
    /// For programs
    Json,
}
