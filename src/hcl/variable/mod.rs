//! Input variables: what a `variable` block declares, and the values that the root module's variables get.
//!
//! [`Variable::declare`] reads a block, [`Variable::accept`] makes a value the variable's own: conversion, defaults, marks. [`Values::read`]
//! finds what the root module is given, in Terraform's order of precedence.
//!
//! Sources: Terraform's `internal/configs/named_values.go`, `internal/terraform/eval_variable.go` and `internal/command/meta_vars.go`, HCL's
//! `ext/typeexpr` and cty's `convert`.

mod apply;
mod constant;
mod constraint;
mod declare;
mod file;
mod fill;
#[cfg(test)]
mod tests;
mod values;

pub use constraint::{Constraint, Need, ObjectMember};
pub use declare::Variable;
pub(crate) use values::automatic_rank;
pub use values::{Given, Values, VarArgument};
