//! Which S3 buckets are worth reading: those that a trail of the same document delivers to; beside other inputs, all, as their trails may.
//!
//! A plan may hold thousands of buckets and a handful of trails. A bucket is left out only where it surely is not a trail's.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::value::RawValue;

use super::scan::{Attributes, Parts, RawRecord, Scanned, Whole, string};
use crate::input::types::Type;

/// The buckets of a document's trails.
pub(super) enum Buckets {
    /// All might be: the bucket of some trail is not known.
    All,
    /// Those of these names.
    Named(BTreeSet<String>),
}

impl Buckets {
    /// The buckets that the trails of a document name, before or after the change.
    pub(super) fn of(document: &Scanned<'_>) -> Self {
        let mut names = BTreeSet::new();
        let records = [
            &document.changes,
            &document.planned,
            &document.prior,
            &document.state,
        ];
        for record in records.into_iter().flatten() {
            let is_trail = record
                .wanted_type()
                .is_some_and(|kind| kind.kind == "aws_cloudtrail");
            let Some(parts) = record.parts.as_deref().filter(|_| is_trail) else {
                continue;
            };
            for values in sides(parts) {
                match names_in(values, &["s3_bucket_name"]) {
                    Some(found) => names.extend(found.into_iter().map(Cow::into_owned)),
                    None => return Buckets::All,
                }
            }
        }
        Buckets::Named(names)
    }

    /// True for all that is no bucket, and for every bucket that may be a trail's.
    pub(super) fn wants(&self, kind: &Type, record: &RawRecord<'_>) -> bool {
        let names = match self {
            Buckets::Named(names) if kind.kind.starts_with("aws_s3_bucket") => names,
            _ => return true,
        };
        let Some(parts) = record.parts.as_deref() else {
            return true;
        };
        if names.is_empty() {
            return false;
        }
        sides(parts).any(|values| {
            names_in(values, &["bucket", "id"])
                .is_none_or(|found| found.iter().any(|name| names.contains(name.as_ref())))
        })
    }
}

/// The values of a record at each time that it has.
fn sides<'p, 'de>(parts: &'p Parts<'de>) -> impl Iterator<Item = &'p Attributes<'de>> {
    let all = [&parts.change.before, &parts.change.after, &parts.values];
    all.into_iter().filter(|it| it.whole != Whole::Missing)
}

/// The strings under those names; none where no name has one, as it is unknown then.
fn names_in<'de>(values: &Attributes<'de>, names: &[&str]) -> Option<Vec<Cow<'de, str>>> {
    let text = |name: &&str| string(values.get(name).map(|raw: &RawValue| raw));
    let found: Vec<Cow<'de, str>> = names.iter().filter_map(text).collect();
    (!found.is_empty()).then_some(found)
}
