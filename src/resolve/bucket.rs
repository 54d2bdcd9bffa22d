//! Buckets of the inputs, and whether they have an S3 Bucket Key.

use std::collections::BTreeMap;

use super::Inputs;
use super::index::{At, survives};
use super::link::Linker;
use super::names::{known, signature};
use crate::address::Reference;
use crate::input::{Expression, Mode, Resource};
use crate::model::Fact;
use crate::source::Origin;
use crate::value::{Kind, Value};

/// Buckets of the inputs. Their names are unique over all accounts and Regions of a partition (Amazon S3 User Guide, General purpose bucket
/// naming rules), so that a trail's bucket may be in another input.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    by_name: BTreeMap<String, Vec<At>>,
    /// Buckets by names that are in part symbolic: where links were followed before, both sides have the same one.
    by_text: BTreeMap<(usize, String), At>,
    encryption: BTreeMap<At, Vec<At>>,
    encryption_by_name: BTreeMap<String, Vec<At>>,
}

/// The bucket that a trail names.
pub(crate) struct FoundBucket {
    pub(crate) name: Option<String>,
    pub(crate) resource: Option<At>,
    pub(crate) bucket_key: Fact<bool>,
    /// Where it has one switched on.
    pub(crate) switch: Option<Origin>,
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
                            buckets.by_name.entry(name.to_owned()).or_default().push(at);
                        } else if let Some(text) = symbolic(it, "bucket") {
                            buckets.by_text.insert((input, text), at);
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
                    .entry(name.to_owned())
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
            .and_then(|name| nearest(self.by_name.get(name)?, at));
        let by_text = || {
            let text = symbolic(it, "s3_bucket_name")?;
            self.by_text.get(&(at.input, text)).copied()
        };
        let resource = by_name
            .or_else(|| referred(inputs, linker, at, it, "s3_bucket_name"))
            .or_else(by_text);
        let name = name.or_else(|| {
            let bucket = resource.and_then(|at| linker.resource(at))?;
            known(bucket, "bucket")
                .or_else(|| known(bucket, "id"))
                .map(str::to_owned)
        });
        let (bucket_key, switch) =
            self.bucket_key(linker, name.as_deref().map(|name| (name, at)), resource);
        FoundBucket {
            name,
            resource,
            bucket_key,
            switch,
        }
    }

    /// The bucket that a resource encrypts by what it refers to.
    pub(crate) fn encrypted_by(&self, at: At) -> Option<At> {
        let mut all = self.encryption.iter();
        all.find(|(_, by)| by.contains(&at))
            .map(|(bucket, _)| *bucket)
    }

    /// Whether a bucket has an S3 Bucket Key by itself.
    pub(crate) fn inline_key(linker: &Linker<'_>, at: At) -> Fact<bool> {
        linker
            .resource(at)
            .map_or(Fact::Unknown, |bucket| inline(bucket).0)
    }

    /// Whether a bucket has an S3 Bucket Key, by its name, which `asker` has for it, or by itself.
    pub(crate) fn bucket_key(
        &self,
        linker: &Linker<'_>,
        name: Option<(&str, At)>,
        resource: Option<At>,
    ) -> (Fact<bool>, Option<Origin>) {
        let bucket = resource.and_then(|at| linker.resource(at));
        let own = || {
            let name = known(bucket?, "bucket").or_else(|| known(bucket?, "id"))?;
            Some((name, resource?))
        };
        let named = name
            .or_else(own)
            .and_then(|(name, asker)| nearest(self.encryption_by_name.get(name)?, asker));
        let referred = resource.and_then(|at| self.encryption.get(&at)?.first().copied());
        let rules = named.or(referred).and_then(|at| linker.resource(at));
        match (rules, bucket) {
            (Some(it), _) => of_rules(it.after.as_ref().and_then(|after| after.get("rule"))),
            (None, Some(bucket)) => inline(bucket),
            (None, None) => (Fact::Unknown, None),
        }
    }
}

/// What the bucket's own block says.
fn inline(bucket: &Resource) -> (Fact<bool>, Option<Origin>) {
    let inline = bucket
        .after
        .as_ref()
        .and_then(|after| after.get("server_side_encryption_configuration"));
    let rule = inline
        .and_then(|inline| inline.items().next())
        .and_then(|first| first.get("rule"));
    of_rules(rule)
}

fn symbolic(it: &Resource, name: &str) -> Option<String> {
    signature(it.after.as_ref()?.get(name)?)
}

/// The one of the asker's own input, else the first.
fn nearest(all: &[At], asker: At) -> Option<At> {
    all.iter()
        .min_by_key(|at| (at.input != asker.input, at.input))
        .copied()
}

/// Whether the rules of a bucket's encryption give it an S3 Bucket Key, and where they say so.
pub(crate) fn of_rules(rules: Option<&Value>) -> (Fact<bool>, Option<Origin>) {
    let Some(rules) = rules else {
        return (Fact::Known(false), None);
    };
    if matches!(rules.kind, Kind::Unknown(_)) {
        return (Fact::Unknown, Some(rules.origin.clone()));
    }
    let mut known = (Fact::Known(false), None);
    for rule in rules.items() {
        match rule.get("bucket_key_enabled") {
            Some(value) if matches!(value.kind, Kind::Unknown(_)) => {
                known = (Fact::Unknown, Some(value.origin.clone()));
            }
            Some(value) if value.as_bool() == Some(true) => {
                return (Fact::Known(true), Some(value.origin.clone()));
            }
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
