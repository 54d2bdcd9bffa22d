//! Policies of IAM among the inputs: read where they stand.

use super::document::Documents;
use super::index::At;
use super::link::Linker;
use super::{Inputs, Tables, size};
use crate::input::Action;
use crate::policy::{self, Duplicates, IssueKind, Policy, PolicyKind};
use crate::source::{Origin, parse_json};
use crate::value::json::{self, TextError};
use crate::value::{Kind, Value};

/// A policy that was read.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) policy: Policy,
    /// The resource that sets it, or the ARN of AWS's own.
    pub(crate) address: String,
    /// The address of what attaches it.
    pub(crate) by: Option<String>,
    /// True where nothing of it may be shown.
    pub(crate) sensitive: bool,
    /// The resource that sets it.
    pub(crate) origin: Origin,
}

/// A policy that was not read, and why.
#[derive(Clone, Debug)]
pub(crate) struct Unread {
    /// A sentence, harmless for a sensitive policy.
    pub(crate) reason: String,
    /// Where, if it stands in the inputs.
    pub(crate) at: Option<Origin>,
    /// True where AWS would refuse it, so that nobody can tell what there will be.
    pub(crate) broken: bool,
}

/// Why a value is no policy.
enum Why {
    Broken(String, Origin),
    Unknown(String, Origin),
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
    read(&value, tables).ok()
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

fn read(value: &Value, tables: &mut Tables<'_>) -> Result<Value, Why> {
    let place = || value.origin.clone();
    let large = |bytes: usize| {
        let what = format!("has {bytes} bytes, which is more than IAM takes");
        Why::Broken(what, place())
    };
    if let Kind::Object(_) = &value.kind {
        let bytes = size::least(value);
        return if bytes > size::MOST_READ {
            Err(large(bytes))
        } else {
            Ok(value.clone())
        };
    }
    let broken = |why: &str, at: Origin| Why::Broken(format!("is no JSON: {why}"), at);
    let Some(text) = value.to_text() else {
        return Err(Why::Broken("is no policy".to_owned(), place()));
    };
    let bytes = size::of_text(&text);
    if bytes > size::MOST_READ {
        return Err(large(bytes));
    }
    let file = tables.sources.file_of(value.origin.span());
    if text.as_literal() == Some(&*tables.sources.text(file)) {
        let tree = parse_json(tables.sources, file);
        let tree = tree.map_err(|it| broken(&it.message, Origin::new(it.span)))?;
        return Ok(Value::from_json(&tree));
    }
    let tree = json::read(&text, &value.origin, tables.sources, tables.symbols);
    tree.map_err(|error| match error {
        TextError::Invalid(it) => broken(&it.message, Origin::new(it.span)),
        TextError::Unknown { at, reason, .. } => {
            Why::Unknown(format!("is not known: {reason}"), at)
        }
    })
}

/// The policy of an attribute of a resource; else why its text is not known, or is no policy.
pub(crate) fn of_attribute(
    at: At,
    name: &str,
    kind: PolicyKind,
    from: (Inputs<'_>, &Linker<'_>),
    tables: &mut Tables<'_>,
) -> Result<Held, Unread> {
    let resource = from.1.resource(at);
    let (resource, value) = resource
        .and_then(|it| Some((it, it.after.as_ref()?.get(name)?)))
        .ok_or_else(|| Unread {
            reason: resource.map_or_else(String::new, |it| {
                format!("`{}` shows no policy", it.address)
            }),
            at: resource.map(|it| it.origin.clone()),
            broken: false,
        })?;
    let pending = pending(at, name, from, tables);
    let value = pending.as_ref().unwrap_or(value);
    let owner = (resource.address.to_string(), &resource.origin);
    let mut held = of_value(value, kind, (&owner.0, owner.1), false, tables)?;
    held.origin = resource.origin.clone();
    Ok(held)
}

/// The policy that a value is, or whose text it is. `owner` is the address and the header of the resource that sets it.
pub(crate) fn of_value(
    value: &Value,
    kind: PolicyKind,
    owner: (&str, &Origin),
    secret: bool,
    tables: &mut Tables<'_>,
) -> Result<Held, Unread> {
    let sensitive =
        secret || value.sensitive || value.to_text().is_some_and(|text| text.is_sensitive());
    let unread = |why: Why| {
        let (what, at, broken) = match why {
            Why::Broken(what, at) => (what, at, true),
            Why::Unknown(what, at) => (what, at, false),
        };
        let address = owner.0;
        Unread {
            reason: if sensitive {
                format!("the policy of `{address}`, which is sensitive, cannot be read")
            } else {
                format!("the policy of `{address}` {what}")
            },
            at: Some(if sensitive { owner.1.clone() } else { at }),
            broken,
        }
    };
    let tree = read(value, tables).map_err(&unread)?;
    let (policy, issues) = policy::parse(&tree, kind, Duplicates::Last);
    if let Some(issue) = issues.iter().find(|it| it.kind == IssueKind::Rejected) {
        let what = format!("would be refused: {}", issue.message);
        return Err(unread(Why::Broken(what, issue.at.clone())));
    }
    if policy.unknown.is_some() {
        let what = "is known after apply".to_owned();
        return Err(unread(Why::Unknown(what, policy.origin)));
    }
    Ok(Held {
        policy,
        address: owner.0.to_owned(),
        by: None,
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
    let value = Value::text(*text, origin.clone());
    let owner = (arn, &origin);
    of_value(&value, PolicyKind::Identity, owner, false, tables).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::source::SourceMap;
    use crate::value::Symbols;

    const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"SID","Effect":"Allow","Action":"*","Resource":"*"}]}"#;

    /// A policy of so many bytes as an attribute's text and as the tree of a document, in sources of its own.
    fn of(bytes: usize, is_tree: bool, sensitive: bool) -> Result<Held, Unread> {
        let (mut symbols, mut sources) = (Symbols::new(), SourceMap::new());
        let text = POLICY.replace("SID", &"a".repeat(bytes + 3 - POLICY.len()));
        assert_eq!(text.len(), bytes);
        let file = sources.add("policy", text.as_str()).unwrap();
        let origin = Origin::new(sources.whole(file));
        let mut value = if is_tree {
            Value::from_json(&parse_json(&sources, file).unwrap())
        } else {
            Value::text(text, origin.clone())
        };
        if sensitive {
            value = value.into_sensitive();
        }
        let mut tables = Tables {
            symbols: &mut symbols,
            sources: &mut sources,
        };
        let owner = ("aws_iam_policy.p", &origin);
        of_value(&value, PolicyKind::Identity, owner, false, &mut tables)
    }

    #[test]
    fn a_policy_is_read_up_to_a_size_that_iam_never_takes() {
        for is_tree in [false, true] {
            for bytes in [200, size::MOST_READ] {
                assert!(of(bytes, is_tree, false).is_ok(), "{bytes} {is_tree}");
            }
            for bytes in [size::MOST_READ + 1, size::MOST_READ + 100] {
                let unread = of(bytes, is_tree, false).unwrap_err();
                let expected = format!(
                    "the policy of `aws_iam_policy.p` has {bytes} bytes, which is more than IAM takes"
                );
                assert_eq!((unread.reason, unread.broken), (expected, true));
            }
        }
    }

    #[test]
    fn what_is_no_policy_and_what_is_not_known_are_told_apart() {
        let (mut symbols, mut sources) = (Symbols::new(), SourceMap::new());
        let file = sources.add("policy", "7").unwrap();
        let origin = Origin::new(sources.whole(file));
        let symbol = symbols.intern(crate::value::Symbol::for_test(
            "x",
            crate::value::Shape::Text,
            crate::value::Nature::Undocumented,
        ));
        let mut tables = Tables {
            symbols: &mut symbols,
            sources: &mut sources,
        };
        for (kind, what, broken) in [
            (Kind::Unknown(symbol), "is known after apply", false),
            (Kind::Number("7".to_owned()), "is no policy", true),
            (Kind::Null, "is no policy", true),
        ] {
            let value = Value::new(kind, origin.clone());
            let owner = ("aws_iam_policy.p", &origin);
            let unread =
                of_value(&value, PolicyKind::Identity, owner, false, &mut tables).unwrap_err();
            assert_eq!(
                unread.reason,
                format!("the policy of `aws_iam_policy.p` {what}")
            );
            assert_eq!(unread.broken, broken, "{what}");
        }
    }

    /// Of two equal keys the last one counts; a policy that IAM would refuse says nothing.
    #[test]
    fn a_policy_that_would_be_refused_is_not_read() {
        for (statement, reason) in [
            (
                r#"{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}"#,
                None,
            ),
            (
                r#"{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}"#,
                Some(
                    "the policy of `aws_iam_policy.p` would be refused: an identity-based policy names no principal",
                ),
            ),
        ] {
            let (mut symbols, mut sources) = (Symbols::new(), SourceMap::new());
            let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
            let file = sources.add("policy", text.as_str()).unwrap();
            let origin = Origin::new(sources.whole(file));
            let value = Value::text(text, origin.clone());
            let mut tables = Tables {
                symbols: &mut symbols,
                sources: &mut sources,
            };
            let owner = ("aws_iam_policy.p", &origin);
            let read = of_value(&value, PolicyKind::Identity, owner, false, &mut tables);
            let found = read.err().map(|it| (it.reason, it.broken));
            assert_eq!(found, reason.map(|it| (it.to_owned(), true)));
        }
    }

    #[test]
    fn a_policy_is_as_secret_as_what_it_was_read_of() {
        for is_tree in [false, true] {
            for sensitive in [false, true] {
                let held = of(200, is_tree, sensitive).unwrap();
                assert_eq!(held.sensitive, sensitive, "{is_tree}");
                let unread = of(size::MOST_READ + 1, is_tree, sensitive).unwrap_err();
                let hides = unread.reason.contains("which is sensitive");
                assert_eq!(hides, sensitive, "{is_tree}");
            }
        }
    }
}
