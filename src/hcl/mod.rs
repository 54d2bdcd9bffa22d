//! Terraform's and OpenTofu's language: from files to a [`Document`](crate::input::Document) of every resource in every instance.
//!
//! The only importer of `hcl_edit`. In the order of the work:
//!
//! | module | what it does |
//! |---|---|
//! | `load` | finds the roots ([`discover`]), lists and reads folders, follows module calls; a folder is parsed once |
//! | `read` | one file: blocks and attributes with their places, and what Terraform accepts beyond `hcl_edit` |
//! | `syntax` | what was read: [`Block`], [`Body`], [`Expr`], [`ModuleTree`] |
//! | `variable` | type constraints, and the values of the root's variables |
//! | `engine` | module instances, `count`, `for_each`, `dynamic`; what each name stands for ([`evaluate_roots`]) |
//! | `expr`, `function` | expressions, evaluated over known, symbolic and sensitive values ([`evaluate`]) |
//! | `aws` | what the AWS provider computes: ARNs, identities, policy documents |
//!
//! What is not known has a name and goes on through operators, templates and functions. What Terraform would refuse is a [`Problem`]. Nothing
//! is read but through [`Folder`] and [`Files`], and functions read nothing outside of their root.

mod aws;
mod boundary;
mod digits;
mod engine;
mod expr;
mod function;
mod load;
mod mend;
mod number;
mod order;
mod parse;
mod read;
mod root;
mod scope;
mod secret;
mod syntax;
mod typed;
mod types;
pub mod variable;

pub use expr::evaluate;
pub use load::{Around, Discovered, Folder, Listed, ListedKind, Root, discover};
pub use number::Number;
pub use parse::{SyntaxProblem, parse_expression, parse_template};
pub use read::parse_variables;
pub use root::{Evaluated, RootModule, evaluate_roots};
pub use scope::{FileTrouble, Files, Limits, Problem, Scope, Subject, World};
pub use syntax::{
    Attribute, Block, BlockBody, Body, Called, Expr, ModuleSource, ModuleTree, Unreadable,
};
pub use typed::{
    Data, Element, Entry, Mapping, MappingKind, Reference, Sequence, SequenceKind, Typed, Via,
};
pub use types::Type;
