//! keytrail says, before a change is applied, whether CloudTrail will be able to deliver encrypted logs with a KMS key, and who will be
//! able to read them. It evaluates the key's policy for the requests that will really be made, and points at the line that decides.
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
//! with its sources, [`resolve::model`] (which calls [`policy::parse`] and [`policy::evaluate`]), [`rules::check`], [`report::write`]. The
//! `keytrail` binary is [`cli`] over them.
//!
//! # Where to look
//!
//! | module | what it holds |
//! |---|---|
//! | [`source`] | files, spans, origins; JSON read with the place of every node |
//! | [`value`] | what is known of a value: known, symbolic, sensitive; and where it was written |
//! | [`address`] | Terraform addresses, parsed |
//! | [`input`] | what one input says, and the resource types that are read of it |
//! | [`plan`] | the only reader of Terraform's and OpenTofu's JSON |
//! | [`snapshot`] | what an input says, in a small file for another repository |
//! | [`hcl`] | Terraform's language: files, modules and expressions, evaluated; the only importer of `hcl_edit` |
//! | [`policy`] | the IAM policy language; it knows nothing of Terraform or files |
//! | [`resolve`] | inputs become the model: links from trail to key, effective policies, requests and their verdicts |
//! | [`model`] | all that a rule sees |
//! | [`rules`] | one file and one page a rule, and the table of all of them |
//! | [`report`] | findings, and one renderer a file |
//! | [`config`] | `keytrail.toml`: settings, expectations, and the user's own rules |
//! | [`cli`] | commands, flags, exit codes |
//!
//! To add a rule see [`rules`]; to add a form of the report see [`report`].
//!
//! # Invariants
//!
//! - The layers are `source ← value, address ← input ← plan ← snapshot; input ← hcl; policy ← model ← resolve, rules`; [`report`] reads findings, the model and the
//!   sources. `tests/architecture.rs` holds this table.
//! - Only [`cli`] reads files or the environment, prints, and decides the exit code.
//! - An [`error::Error`] is work that could not be done. What an input says that is wrong is a finding.
//! - Every value has an origin; texts that no file holds are files of the map too. Equality of values ignores where they came from.
//! - Unknown is never absent, false or fine: a [`policy::Match`] has three values, and the negation of Maybe is Maybe.
//! - A sensitive value is evaluated and never shown: not in a report, not in an error, not in `Debug`.
//! - The order of the output never depends on a hash.
//! - An evaluation of an expression never panics, has limits, and reads files only through [`hcl::Files`] and inside its root.
//! - The policy engine never panics, whatever the policy; it does no I/O and has no clock.
//! - Text from the inputs is made harmless before it is printed: it cannot drive a terminal, and it is no command of a CI runner.

pub mod address;
pub mod cli;
pub mod config;
pub mod error;
pub mod hcl;
pub mod input;
pub mod model;
pub mod plan;
pub mod policy;
pub mod report;
pub mod resolve;
pub mod rules;
pub mod snapshot;
pub mod source;
pub mod value;
