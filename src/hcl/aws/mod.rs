//! What the AWS provider, and the small providers beside it, compute from the arguments of a resource or data source.
//!
//! Only the apply knows the identifiers that AWS draws, and only a look-up what exists already; most of the rest follows from what is
//! configured: an ARN is made of the account, the region and a name. What follows is composed here, of the same symbols that
//! [`crate::resolve`] composes it of, so that a policy and the request that it is asked about name one thing alike.

mod arn;
mod data;
mod document;
mod encode;
mod facts;
mod local;
mod managed;
mod partition;
mod shape;
mod table;

use super::scope::{Files, Problem, World};
use super::typed::Typed;
use crate::input::home::Home;
use crate::input::{Given, Mode};
use crate::source::Origin;

use facts::Facts;
pub(super) use facts::symbol;
pub(super) use shape::shape;

/// One instance of a resource or data source, as its computed attributes see it.
pub(super) trait Instance {
    /// Managed resource or data source.
    fn mode(&self) -> Mode;

    /// The type, `aws_kms_key`.
    fn kind(&self) -> &str;

    /// Its absolute address: `module.a.aws_kms_key.k[0]`, `data.aws_region.here`.
    fn address(&self) -> String;

    /// The number of the input; symbols are named `in{input}:{address}.{attribute}`.
    fn input(&self) -> usize;

    /// The block's header.
    fn origin(&self) -> Origin;

    /// The value of an argument as configured; nested blocks are a tuple of objects, `dynamic` ones expanded. `None` where it is not
    /// configured.
    ///
    /// # Errors
    /// What Terraform would say of its expression.
    fn argument(&mut self, name: &str, world: &mut World<'_>) -> Result<Option<Typed>, Problem>;

    /// Account, region and partition of its provider configuration, before its own `region` argument.
    fn home(&mut self, world: &mut World<'_>) -> Home;

    /// What the command line says.
    fn given(&self) -> &Given;

    /// The files that data sources and templates may read.
    fn files(&self) -> &dyn Files;
}

/// The value of an attribute that the provider computes.
///
/// `None` where nothing is known of it for this type: it has then the symbol `in{input}:{address}.{name}`, with the texts that [`shape`] says.
/// An attribute that is configured is not asked for here, but where the provider changes what is configured.
pub(super) fn computed(
    name: &str,
    of: &mut dyn Instance,
    world: &mut World<'_>,
) -> Option<Result<Typed, Problem>> {
    let mut facts = Facts::new(of, world);
    match special(name, &mut facts) {
        Ok(Some(value)) => return Some(Ok(value)),
        Ok(None) => {}
        Err(problem) => return Some(Err(problem)),
    }
    let template = table::row(facts.of.mode(), facts.of.kind(), name)?;
    let text = facts.compose(template);
    Some(text.map(|text| facts.value(text)))
}

/// What more must be said of than a row of the table can.
fn special(name: &str, facts: &mut Facts<'_, '_>) -> Result<Option<Typed>, Problem> {
    match (facts.of.mode(), facts.of.kind()) {
        (Mode::Managed, _) => managed::special(name, facts),
        (Mode::Data, "aws_iam_policy_document") => document::special(name, facts),
        (Mode::Data, kind) if kind.starts_with("aws_") => data::special(name, facts),
        (Mode::Data, _) => local::special(name, facts),
    }
}

/// The attributes of a type that [`crate::resolve`] reads and that the provider computes where they are not configured: what an input says of
/// an instance holds them even so.
pub(super) fn shown(mode: Mode, kind: &str) -> &'static [&'static str] {
    match (mode, kind) {
        (
            Mode::Managed,
            "aws_kms_key"
            | "aws_kms_external_key"
            | "aws_kms_replica_key"
            | "aws_kms_replica_external_key",
        ) => &["arn", "id", "key_id"],
        (Mode::Managed, "aws_kms_alias") => &["arn", "name", "target_key_arn"],
        (Mode::Managed, "aws_cloudtrail") => &["arn", "home_region"],
        (Mode::Managed, "aws_cloudtrail_event_data_store") => &["arn", "id"],
        (Mode::Managed, "aws_s3_bucket") => &["arn", "bucket", "id"],
        (Mode::Data, "aws_caller_identity") => &["account_id", "arn"],
        (Mode::Data, "aws_region") => &["id", "name", "region"],
        (Mode::Data, "aws_partition") => &["dns_suffix", "id", "partition"],
        (Mode::Data, "aws_organizations_organization") => {
            &["id", "master_account_arn", "master_account_id"]
        }
        (Mode::Data, "aws_kms_key") => &["arn", "aws_account_id", "enabled", "id"],
        (Mode::Data, "aws_kms_alias") => &["arn", "target_key_arn", "target_key_id"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests;
