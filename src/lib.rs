//! keytrail says, before a change is applied, whether CloudTrail will be able to deliver encrypted logs with a KMS key, and who will be
//! able to read them. It evaluates the key's policy for the requests that will really be made, and points at the line that decides.
//!
//! # As a library
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use keytrail::{Format, Inputs, Options, Style};
//!
//! let plan = std::fs::read("examples/missing-describe/plan.json")?;
//! let mut inputs = Inputs::new();
//! inputs.plan("plan.json", &plan)?;
//! let report = keytrail::check(inputs, Options::default());
//! for finding in report.findings() {
//!     if let Some(label) = finding.labels.first() {
//!         let at = report.map().location(label.span);
//!         print!("{}:{}: ", at.file, at.start.line);
//!     }
//!     println!("{}: {}", finding.rule, finding.message);
//! }
//! report.write(Format::Json, Style::default(), std::io::sink())?;
//! assert_eq!(report.exit_code(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! [`Inputs`] takes plans, states and snapshots as bytes and folders of sources, [`check`] judges them together, and a [`Report`] has the
//! findings, the verdicts ([`model`]) and their places. [`policy`] answers one request against one policy, without any of that.
//!
//! | feature | what it brings |
//! |---|---|
//! | `cli` (default) | the program and the module `cli`; turn it off for the library: `default-features = false` |
//! | `human` | the report for people, [`Format::Human`], drawn by miette; part of `cli` |
//!
//! What the root of the crate names, [`load`], [`policy`] and [`report::Format`]'s forms follow semantic versioning: they change only with the
//! minor version while it is 0.x. The other modules are public for tests, benches and whoever wants to look further in; their items may
//! change with any version. So may the message of a finding, but not the meaning of a rule's id, and the JSON report only grows.
//!
//! # From text to diagnostics
//!
//! ```text
//! plan.json, state.json ─► plan::load ─────────┐
//!                                              ├─► Document ─► resolve::model ─► Model ─► rules::check ─► findings ─► report::write
//! *.tf *.tofu *.tf.json ─► hcl::discover,      │     │              │  keys, subjects, links                     │
//!                          hcl::evaluate_roots ┘     │              ├─ policy::parse        a key's policy, read ▼
//!                                                    │              └─ policy::evaluate     one request: Decision  terminal, JSON
//!                             resolve::join: a plan at the places of its sources
//! ─────────────────── SourceMap: the file, line and column of every span ───────────────────
//! ```
//!
//! Calls in one direction: [`plan::load`] for a plan, [`hcl::discover`] and [`hcl::evaluate_roots`] for sources, [`resolve::join`] for a plan
//! with its sources, [`resolve::model`] (which calls [`policy::parse`] and [`policy::evaluate`]), [`rules::check`], [`suppress::apply`], [`report::write`]. The
//! `keytrail` binary is [`cli`] over them.
//!
//! # Where to look
//!
//! | module | what it holds |
//! |---|---|
//! | [`source`] | files, spans, origins; JSON read with the place of every node |
//! | [`spelling`] | the name that was meant where somebody writes one that there is not |
//! | [`value`] | what is known of a value: known, symbolic, sensitive; and where it was written |
//! | [`address`] | Terraform addresses, parsed |
//! | [`input`] | what one input says, and the resource types that are read of it |
//! | [`plan`] | the only reader of Terraform's and OpenTofu's JSON |
//! | [`snapshot`] | what an input says, in a small file for another repository |
//! | [`hcl`] | Terraform's language: files, modules and expressions, evaluated; the only importer of `hcl_edit` |
//! | [`policy`] | the IAM policy language; it knows nothing of Terraform or files |
//! | [`load`] | inputs read together: plans with their sources, states, snapshots, folders |
//! | [`resolve`] | inputs become the model: links from trail to key, effective policies, requests and their verdicts |
//! | [`model`] | all that a rule sees |
//! | [`rules`] | one file and one page a rule, and the table of all of them |
//! | [`suppress`] | exceptions: comments, `[[ignore]]` and the baseline put findings aside |
//! | [`report`] | findings, and one renderer a file |
//! | [`config`] | `keytrail.toml`: settings, expectations, and the user's own rules |
//! | `parallel` | work on many things on all processors, in an order that does not depend on chance |
//! | [`cli`] | commands, flags, exit codes |
//!
//! To add a rule see [`rules`]; to add a form of the report see [`report`].
//!
//! # Invariants
//!
//! - The layers are `source, spelling ← value, address ← input ← plan ← snapshot; input ← hcl; policy ← model ← resolve, rules`; [`report`] reads findings, the model and the
//!   sources. `tests/it/architecture.rs` holds this table.
//! - Only [`cli`] reads the environment, prints, and ends the process; files are read by it and by [`load`], which reads folders of sources.
//! - An [`error::Error`] is work that could not be done. What an input says that is wrong is a finding.
//! - Every value has an origin; texts that no file holds are files of the map too. Equality of values ignores where they came from.
//! - Unknown is never absent, false or fine: a [`policy::Match`] has three values, and the negation of Maybe is Maybe.
//! - A sensitive value is evaluated and never shown: not in a report, not in an error, not in `Debug`.
//! - The order of the output never depends on a hash.
//! - An evaluation of an expression never panics, has limits, and reads files only through [`hcl::Files`] and inside its root.
//! - The policy engine never panics, whatever the policy; it does no I/O and has no clock.
//! - Text from the inputs is made harmless before it is printed: it cannot drive a terminal, and it is no command of a CI runner.

pub mod address;
mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod config;
pub mod error;
pub mod hcl;
pub mod input;
pub mod load;
pub mod model;
mod parallel;
pub mod plan;
pub mod policy;
pub mod report;
pub mod resolve;
pub mod rules;
pub mod snapshot;
pub mod source;
pub mod spelling;
pub mod suppress;
pub mod value;

pub use check::{Options, Report, check};
pub use error::Error;
pub use load::Inputs;
pub use report::{Finding, Format, Severity, Style};
