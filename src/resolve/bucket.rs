//! Buckets of the inputs, and whether they have an S3 Bucket Key.

use std::collections::BTreeMap;

use super::Inputs;
use super::index::{At, survives};
use super::link::Linker;
use super::names::known;
use crate::address::Reference;
use crate::input::{Expression, Mode, Resource};
use crate::model::Fact;
use crate::value::{Kind, Value};

/// Buckets of the inputs.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    by_name: BTreeMap<(usize, String), At>,
    encryption: BTreeMap<At, Vec<At>>,
    encryption_by_name: BTreeMap<(usize, String), Vec<At>>,
}

/// The bucket that a trail names.
pub(crate) struct FoundBucket {
    pub(crate) name: Option<String>,
    pub(crate) resource: Option<At>,
    pub(crate) bucket_key: Fact<bool>,
}

impl Buckets {
    pub(crate) fn new(inputs: Inputs<'_>, linker: &Linker<'_>) -> Self {
        let mut buckets = Buckets::default();
        let mut configurations = Vec::new();
        for (input, loaded) in inputs.loaded.iter().enumerate() {
            for (resource, it) in loaded.document.resources.iter().enumerate() {
                if it.mode != Mode::Managed || !survives(it) {
                    continue;
                }
                let at = At { input, resource };
                match it.address.kind.as_str() {
                    "aws_s3_bucket" => {
                        if let Some(name) = known(it, "bucket").or_else(|| known(it, "id")) {
                            buckets.by_name.insert((input, name.to_owned()), at);
                        }
                    }
                    "aws_s3_bucket_server_side_encryption_configuration" => configurations.push(at),
                    _ => {}
                }
            }
        }
        for at in configurations {
            let Some(it) = linker.resource(at) else {
                continue;
            };
            if let Some(name) = known(it, "bucket") {
                buckets
                    .encryption_by_name
                    .entry((at.input, name.to_owned()))
                    .or_default()
                    .push(at);
            } else if let Some(bucket) = referred(inputs, linker, at, it, "bucket") {
                buckets.encryption.entry(bucket).or_default().push(at);
            }
        }
        buckets
    }

    pub(crate) fn of_trail(
        &self,
        linker: &Linker<'_>,
        inputs: Inputs<'_>,
        at: At,
        it: &Resource,
    ) -> FoundBucket {
        let name = known(it, "s3_bucket_name").map(str::to_owned);
        let by_name = name
            .as_ref()
            .and_then(|name| self.by_name.get(&(at.input, name.clone())).copied());
        let resource = by_name.or_else(|| referred(inputs, linker, at, it, "s3_bucket_name"));
        let name = name.or_else(|| {
            let bucket = resource.and_then(|at| linker.resource(at))?;
            known(bucket, "bucket")
                .or_else(|| known(bucket, "id"))
                .map(str::to_owned)
        });
        let named = name
            .as_ref()
            .and_then(|name| self.encryption_by_name.get(&(at.input, name.clone())));
        let referred = resource.and_then(|at| self.encryption.get(&at));
        let rules = named
            .or(referred)
            .and_then(|all| all.first())
            .and_then(|at| linker.resource(*at));
        let bucket_key = match (rules, resource.and_then(|at| linker.resource(at))) {
            (Some(it), _) => bucket_key(it.after.as_ref().and_then(|after| after.get("rule"))),
            (None, Some(bucket)) => {
                let inline = bucket
                    .after
                    .as_ref()
                    .and_then(|after| after.get("server_side_encryption_configuration"));
                let rule = inline
                    .and_then(|inline| inline.items().next())
                    .and_then(|first| first.get("rule"));
                bucket_key(rule)
            }
            (None, None) => Fact::Unknown,
        };
        FoundBucket {
            name,
            resource,
            bucket_key,
        }
    }
}

fn bucket_key(rules: Option<&Value>) -> Fact<bool> {
    let Some(rules) = rules else {
        return Fact::Known(false);
    };
    if matches!(rules.kind, Kind::Unknown(_)) {
        return Fact::Unknown;
    }
    let mut known = Fact::Known(false);
    for rule in rules.items() {
        match rule.get("bucket_key_enabled") {
            Some(value) if matches!(value.kind, Kind::Unknown(_)) => known = Fact::Unknown,
            Some(value) if value.as_bool() == Some(true) => return Fact::Known(true),
            _ => {}
        }
    }
    known
}

/// The bucket of the same module that an attribute refers to, where it is one.
fn referred(
    inputs: Inputs<'_>,
    linker: &Linker<'_>,
    at: At,
    it: &Resource,
    attribute: &str,
) -> Option<At> {
    let index = inputs.index.get(at.input)?;
    let Expression::References(references) =
        index.config(&it.address)?.expressions.get(attribute)?
    else {
        return None;
    };
    let mut buckets = references.iter().filter_map(|written| {
        let address = Reference::parse(written).address(&it.address.module)?;
        (!address.data && address.kind == "aws_s3_bucket").then_some(address)
    });
    match linker.meant(at, references, &buckets.next()?).as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}
