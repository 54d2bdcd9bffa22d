//! Lays `after_unknown` and the sensitivity marks over the values of an object.
//!
//! `after` leaves unknown attributes out and keeps unknown list items as null; `after_unknown` has `true` in their places, or is `true`
//! itself. `after_sensitive` has the same shape. Where a mark does not fit the shape of the values, it counts for all of them: unknown is
//! never taken for absent, and what might be sensitive is never shown.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Node, NodeKind};

/// A value with its marks laid over.
pub(super) struct Laid<'n> {
    pub(super) kind: LaidKind<'n>,
    pub(super) sensitive: bool,
}

/// The kinds of laid values.
pub(super) enum LaidKind<'n> {
    /// A known scalar.
    Scalar(&'n NodeKind),
    /// Known after apply.
    Unknown,
    /// A list.
    List(Vec<Laid<'n>>),
    /// An object, its members by name.
    Object(Vec<(&'n str, Laid<'n>)>),
}

const NULL: NodeKind = NodeKind::Null;

/// Lays the marks over `known`; none where there is neither a value nor an unknown one.
pub(super) fn lay<'n>(
    known: Option<&'n Node>,
    unknown: Option<&'n Node>,
    sensitive: Option<&'n Node>,
) -> Option<Laid<'n>> {
    let mut laid = values(known, unknown, sensitive)?;
    laid.sensitive |= marks_all(sensitive, &laid.kind);
    Some(laid)
}

fn values<'n>(
    known: Option<&'n Node>,
    unknown: Option<&'n Node>,
    sensitive: Option<&'n Node>,
) -> Option<Laid<'n>> {
    use NodeKind::{Array, Bool, Object};
    let kind = match (known.map(|it| &it.kind), unknown.map(|it| &it.kind)) {
        (_, Some(Bool(true))) => LaidKind::Unknown,
        (None, _) if !has_mark(unknown) => return None,
        (Some(Object(_)) | None, Some(Object(_))) => object(known, unknown, sensitive),
        (Some(Array(_)) | None, Some(Array(_))) => list(known, unknown, sensitive),
        (Some(_), _) if has_mark(unknown) => LaidKind::Unknown,
        (Some(Object(_)), _) => object(known, None, sensitive),
        (Some(Array(_)), _) => list(known, None, sensitive),
        (Some(scalar), _) => LaidKind::Scalar(scalar),
        (None, _) => return None,
    };
    Some(Laid {
        kind,
        sensitive: false,
    })
}

fn object<'n>(
    known: Option<&'n Node>,
    unknown: Option<&'n Node>,
    sensitive: Option<&'n Node>,
) -> LaidKind<'n> {
    let (known, unknown, sensitive) = (by_name(known), by_name(unknown), by_name(sensitive));
    let names: BTreeSet<&str> = known.keys().chain(unknown.keys()).copied().collect();
    let mut members = Vec::with_capacity(names.len());
    for name in names {
        let at = |of: &BTreeMap<&str, &'n Node>| of.get(name).copied();
        if let Some(laid) = lay(at(&known), at(&unknown), at(&sensitive)) {
            members.push((name, laid));
        }
    }
    LaidKind::Object(members)
}

fn list<'n>(
    known: Option<&'n Node>,
    unknown: Option<&'n Node>,
    sensitive: Option<&'n Node>,
) -> LaidKind<'n> {
    let (known, unknown, sensitive) = (items(known), items(unknown), items(sensitive));
    let length = known.len().max(unknown.len());
    let item = |at: usize| {
        lay(known.get(at), unknown.get(at), sensitive.get(at)).unwrap_or(Laid {
            kind: LaidKind::Scalar(&NULL),
            sensitive: false,
        })
    };
    LaidKind::List((0..length).map(item).collect())
}

/// True where the marks say that the whole value is sensitive.
fn marks_all(sensitive: Option<&Node>, kind: &LaidKind<'_>) -> bool {
    match (sensitive.map(|node| &node.kind), kind) {
        (Some(NodeKind::Bool(true)), _) => true,
        (Some(NodeKind::Object(_)), LaidKind::Object(_))
        | (Some(NodeKind::Array(_)), LaidKind::List(_)) => false,
        _ => has_mark(sensitive),
    }
}

/// True where there is a `true` anywhere in the marks.
fn has_mark(marks: Option<&Node>) -> bool {
    marks.is_some_and(|node| match &node.kind {
        NodeKind::Bool(mark) => *mark,
        NodeKind::Array(items) => items.iter().any(|item| has_mark(Some(item))),
        NodeKind::Object(members) => members.iter().any(|it| has_mark(Some(&it.value))),
        _ => false,
    })
}

/// Members by name; of equal names the last counts.
fn by_name(node: Option<&Node>) -> BTreeMap<&str, &Node> {
    match node.map(|node| &node.kind) {
        Some(NodeKind::Object(members)) => {
            let pairs = members.iter().map(|it| (it.key.as_str(), &it.value));
            pairs.collect()
        }
        _ => BTreeMap::new(),
    }
}

fn items(node: Option<&Node>) -> &[Node] {
    match node.map(|node| &node.kind) {
        Some(NodeKind::Array(items)) => items,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `?` is unknown, `!` before a value sensitive.
    fn show(laid: &Laid<'_>) -> String {
        let mark = if laid.sensitive { "!" } else { "" };
        let value = match &laid.kind {
            LaidKind::Unknown => "?".to_owned(),
            LaidKind::Scalar(NodeKind::String(it) | NodeKind::Number(it)) => it.clone(),
            LaidKind::Scalar(NodeKind::Bool(it)) => it.to_string(),
            LaidKind::Scalar(_) => "null".to_owned(),
            LaidKind::List(items) => {
                let items: Vec<String> = items.iter().map(show).collect();
                format!("[{}]", items.join(" "))
            }
            LaidKind::Object(members) => {
                let members = members
                    .iter()
                    .map(|(key, it)| format!("{key}={}", show(it)));
                format!("{{{}}}", members.collect::<Vec<_>>().join(" "))
            }
        };
        format!("{mark}{value}")
    }

    fn laid(known: &str, unknown: &str, sensitive: &str) -> String {
        let read = |text: &str| {
            (!text.is_empty()).then(|| crate::source::parse_json_text(text, 0).unwrap())
        };
        let (known, unknown, sensitive) = (read(known), read(unknown), read(sensitive));
        lay(known.as_ref(), unknown.as_ref(), sensitive.as_ref())
            .map_or_else(|| "nothing".to_owned(), |it| show(&it))
    }

    #[test]
    fn unknown_leaves_fill_the_gaps() {
        assert_eq!(
            laid(r#"{"a":1,"c":null}"#, r#"{"b":true,"d":{}}"#, ""),
            "{a=1 b=? c=null}"
        );
        assert_eq!(laid(r#"["x",null]"#, "[false,true,true]", ""), "[x ? ?]");
        assert_eq!(laid("", r#"[{"a":true,"b":false}]"#, ""), "[{a=?}]");
        assert_eq!(laid("null", "true", ""), "?");
        assert_eq!(laid("", r#"{"a":[false]}"#, ""), "nothing");
        assert_eq!(laid("", "false", ""), "nothing");
    }

    #[test]
    fn marks_of_another_shape_count_for_all() {
        assert_eq!(laid(r#"{"a":1}"#, "[true]", ""), "?");
        assert_eq!(laid(r#"{"a":1}"#, "[false]", ""), "{a=1}");
        assert_eq!(laid("7", r#"{"a":true}"#, ""), "?");
        assert_eq!(laid("7", "", r#"{"a":[true]}"#), "!7");
        assert_eq!(laid(r#"{"a":[1]}"#, "", r#"{"a":{"b":true}}"#), "{a=![1]}");
        assert_eq!(laid(r#"{"a":1}"#, "", r#"{"a":false}"#), "{a=1}");
    }

    #[test]
    fn sensitive_and_unknown_are_two_things() {
        assert_eq!(laid("", "true", "true"), "!?");
        assert_eq!(laid(r#"["a","b"]"#, "[]", "[false,true]"), "[a !b]");
    }

    #[test]
    fn the_last_of_equal_keys_counts() {
        assert_eq!(laid(r#"{"a":1,"a":2}"#, "", ""), "{a=2}");
    }
}
