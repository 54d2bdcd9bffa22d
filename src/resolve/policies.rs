//! Policies of IAM among the inputs: read where they stand.

use super::document::Documents;
use super::index::At;
use super::link::Linker;
use super::{Inputs, Tables};
use crate::input::Action;
use crate::policy::{self, Duplicates, Policy, PolicyKind};
use crate::source::{Origin, parse_json};
use crate::value::{Kind, Value, json};

/// A policy that was read.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) policy: Policy,
    /// The resource that sets it, or the ARN of AWS's own.
    pub(crate) address: String,
    /// True where nothing of it may be shown.
    pub(crate) sensitive: bool,
    /// The resource that sets it.
    pub(crate) origin: Origin,
}

/// Policies of AWS that are known by heart: their texts have not changed since they exist (AWS Managed Policy Reference Guide).
const AWS_OWN: &[(&str, &str)] = &[
    (
        "AdministratorAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
    ),
    (
        "PowerUserAccess",
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"}]}"#,
    ),
];

/// The tree of the policy of an attribute; none where its text is not known, or is not JSON.
pub(crate) fn tree(
    at: At,
    name: &str,
    from: (Inputs<'_>, &Linker<'_>),
    tables: &mut Tables<'_>,
) -> Option<Value> {
    let value = pending(at, name, from, tables).or_else(|| {
        let after = from.1.resource(at)?.after.as_ref()?;
        after.get(name).cloned()
    })?;
    read(&value, tables)
}

/// The document that the apply reads for an attribute.
fn pending(
    at: At,
    name: &str,
    (inputs, linker): (Inputs<'_>, &Linker<'_>),
    tables: &mut Tables<'_>,
) -> Option<Value> {
    let resource = linker.resource(at)?;
    let value = resource.after.as_ref()?.get(name)?;
    let unknown = matches!(value.kind, Kind::Unknown(_)) && resource.action != Action::Unplanned;
    let mut documents = Documents {
        linker,
        index: inputs.index,
        symbols: tables.symbols,
        sources: tables.sources,
    };
    unknown.then(|| documents.of_attribute(at, name)).flatten()
}

fn read(value: &Value, tables: &mut Tables<'_>) -> Option<Value> {
    if let Kind::Object(_) = &value.kind {
        return Some(value.clone());
    }
    let text = value.to_text()?;
    let file = tables.sources.file_of(value.origin.span());
    if text.as_literal() == Some(&*tables.sources.text(file)) {
        let tree = parse_json(tables.sources, file).ok()?;
        return Some(Value::from_json(&tree));
    }
    json::read(&text, &value.origin, tables.sources, tables.symbols).ok()
}

/// The policy of an attribute of a resource; none where its text is not known, or is no policy.
pub(crate) fn of_attribute(
    at: At,
    name: &str,
    kind: PolicyKind,
    from: (Inputs<'_>, &Linker<'_>),
    tables: &mut Tables<'_>,
) -> Option<Held> {
    let resource = from.1.resource(at)?;
    let value = resource.after.as_ref()?.get(name)?;
    let pending = pending(at, name, from, tables);
    let value = pending.as_ref().unwrap_or(value);
    let mut held = of_value(value, kind, &resource.address.to_string(), tables)?;
    held.origin = resource.origin.clone();
    Some(held)
}

/// The policy that a value is, or whose text it is.
pub(crate) fn of_value(
    value: &Value,
    kind: PolicyKind,
    address: &str,
    tables: &mut Tables<'_>,
) -> Option<Held> {
    let tree = read(value, tables)?;
    let sensitive = value.sensitive || value.to_text().is_some_and(|text| text.is_sensitive());
    let (policy, _) = policy::parse(&tree, kind, Duplicates::Last);
    let readable = policy.unknown.is_none() && !policy.rejected;
    readable.then(|| Held {
        policy,
        address: address.to_owned(),
        sensitive,
        origin: value.origin.clone(),
    })
}

/// A policy of AWS's own, by its ARN, where it is known.
pub(crate) fn of_aws(arn: &str, tables: &mut Tables<'_>) -> Option<Held> {
    let name = arn.split_once(":iam::aws:policy/").map(|(_, name)| name)?;
    let (_, text) = AWS_OWN.iter().find(|(own, _)| *own == name)?;
    let file = tables.sources.add_part("AWS", name, *text, false).ok()?;
    let origin = Origin::new(tables.sources.whole(file));
    of_value(
        &Value::text(*text, origin),
        PolicyKind::Identity,
        arn,
        tables,
    )
}
