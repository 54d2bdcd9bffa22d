//! Terraform's and OpenTofu's language: expressions, evaluated.
//!
//! The only importer of `hcl_edit`. [`parse_expression`] reads, [`evaluate`] gives a [`Typed`] value or says with a [`Problem`] what Terraform
//! would refuse. What is not known has a name and goes on through operators, templates and functions. Names and files come from the caller's
//! [`Scope`]; nothing is read but through its [`Files`], and nothing outside their root.

mod boundary;
mod digits;
mod expr;
mod function;
mod mend;
mod number;
mod order;
mod parse;
mod scope;
mod typed;
mod types;

pub use expr::evaluate;
pub use number::Number;
pub use parse::{SyntaxProblem, parse_expression, parse_template};
pub use scope::{FileTrouble, Files, Limits, Problem, Scope, Subject, World};
pub use typed::{
    Data, Element, Entry, Mapping, MappingKind, Reference, Sequence, SequenceKind, Typed, Via,
};
pub use types::Type;
