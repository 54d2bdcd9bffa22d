//! All tests from outside the crate, in one binary: a test is a file, and the crate is linked once.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::too_many_lines,
    clippy::exit,
    unreachable_pub,
    missing_docs,
    reason = "a test fails by panicking, and what tests share is for tests"
)]

#[cfg(unix)]
mod action;
mod advice;
mod architecture;
mod attached;
mod carried;
mod cases;
mod change;
mod cli_check;
mod cli_commands;
mod config_schema;
mod configuration;
mod deferred;
mod disputed;
mod elsewhere;
mod environment;
mod examples;
mod exceptions;
mod exit_codes;
mod exposure;
mod formats;
mod forms;
#[cfg(unix)]
mod gates;
mod generated;
mod grants;
mod hand_made;
mod hcl_files;
mod hcl_functions;
mod hcl_fuzz;
mod hcl_load;
mod hcl_notes;
mod hcl_read;
mod hcl_support;
mod hcl_values;
mod hcl_vectors;
mod hostile_files;
mod hostile_policies;
mod hostile_text;
mod identity;
mod implies;
mod keys;
mod links;
mod links_plan;
mod mend;
mod misuse;
mod order;
mod own;
mod plan_and_sources;
mod plan_broken;
mod plan_corpus;
mod plan_forms;
mod plan_read;
mod plan_sieve;
mod policy_laws;
mod policy_mask;
mod policy_text;
mod policy_vectors;
mod readers;
mod readers_iam;
mod readers_sources;
mod readings;
mod readme;
mod recorders;
mod report_schema;
mod rules;
#[cfg(target_os = "linux")]
mod sandbox;
mod sarif;
mod secrets;
mod secrets_debug;
mod secrets_derived;
mod seeds;
mod snapshots;
mod snapshots_kept;
mod sources_broken;
mod sources_hostile;
mod sources_pairs;
mod support;
mod tables;
mod unused;
mod worlds;
mod zones;
