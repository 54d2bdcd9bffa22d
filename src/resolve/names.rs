//! Names of keys, and references as a plan lists them.

use crate::address::{Key, Segment, Step};
use crate::input::home::arn_segments;
use crate::input::{Document, Resource};
use crate::value::{Kind, PartKind, Value};

/// A known text attribute of an instance, after the plan.
pub(crate) fn known<'r>(resource: &'r Resource, name: &str) -> Option<&'r str> {
    resource
        .after
        .as_ref()
        .and_then(|after| after.get(name))
        .and_then(Value::as_str)
}

/// The instance key that an index in an expression takes, as far as its references tell: the referrer's own, where they name `each` or
/// `count`; the value of the one root variable that they name; else none, and every instance may be meant.
pub(crate) fn index_key(
    references: &[String],
    own: Option<&Key>,
    plan: &Document,
    module: &[Step],
) -> Option<Key> {
    if references
        .iter()
        .any(|it| it.starts_with("each.") || it.starts_with("count."))
    {
        return own.cloned();
    }
    let mut variables = references.iter().filter_map(|it| it.strip_prefix("var."));
    let (Some(variable), None) = (variables.next(), variables.next()) else {
        return None;
    };
    let value = plan.variables.get(variable).filter(|_| module.is_empty())?;
    match &value.kind {
        Kind::Number(number) => number.parse().ok().map(Key::Index),
        _ => value.as_str().map(|text| Key::Name(text.to_owned())),
    }
}

/// What tells a text that is in part symbolic from others; none for one that is known, and for what is no text.
pub(super) fn signature(value: &Value) -> Option<String> {
    let text = match &value.kind {
        Kind::Unknown(symbol) => return Some(format!("{symbol:?}")),
        Kind::Text(text) if text.to_literal().is_none() => text,
        _ => return None,
    };
    let mut out = String::new();
    for part in text.parts() {
        match &part.kind {
            PartKind::Literal(text) => out.push_str(text),
            PartKind::Symbol(symbol) => {
                out.extend(["\u{0}", &format!("{symbol:?}"), "\u{0}"]);
            }
            PartKind::Hole(_) => return None,
        }
    }
    // A text that is nothing but a symbol is that symbol.
    Some(out.trim_matches('\u{0}').to_owned())
}

/// Only a name of a key can be the source of a link; `"prod"` in the same expression is part of a condition.
pub(super) fn looks_like_key(text: &str) -> bool {
    let resource = arn_segments(text).map_or(text, |[_, _, _, _, resource]| resource);
    let is_id = |id: &str| {
        id.starts_with("mrk-")
            || (id.len() == 36 && id.bytes().filter(|byte| *byte == b'-').count() == 4)
    };
    resource.starts_with("alias/")
        || resource
            .strip_prefix("key/")
            .is_some_and(|id| !id.is_empty())
        || is_id(resource)
}

/// What a text calls a key: its id, and where it lies, as far as that is known.
#[derive(Clone, Debug)]
pub(crate) struct KeyName {
    /// The id, or the name of an alias.
    id: String,
    region: Option<String>,
    account: Option<String>,
}

impl KeyName {
    /// The name in an ARN, whose Region and account count, or a bare one of a place.
    pub(crate) fn new(text: &str, place: (Option<String>, Option<String>)) -> Self {
        let segments = arn_segments(text);
        let (resource, (region, account)) = match segments {
            Some([_, _, region, account, resource]) => {
                let known = |part: &str| (!part.is_empty()).then(|| part.to_owned());
                (resource, (known(region), known(account)))
            }
            None => (text, place),
        };
        KeyName {
            id: resource.strip_prefix("key/").unwrap_or(resource).to_owned(),
            region,
            account,
        }
    }

    /// The name that an ARN is.
    pub(crate) fn of_arn(arn: &str) -> Self {
        KeyName::new(arn, (None, None))
    }

    pub(crate) fn is_alias(&self) -> bool {
        self.id.starts_with("alias/")
    }

    /// The id without its place.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// True where both surely name one key. An id is drawn at random, so that it says enough where a place is not known; replicas of a
    /// multi-Region key share one, and an alias is one of its account and Region.
    pub(crate) fn is(&self, other: &KeyName) -> bool {
        self.id == other.id
            && self.may_be_at(other, !self.is_alias() && !self.id.starts_with("mrk-"))
    }

    /// True where the places are the same. `vague` is the answer for one that is not known.
    pub(crate) fn may_be_at(&self, other: &KeyName, vague: bool) -> bool {
        let agrees = |one: &Option<String>, other: &Option<String>| match (one, other) {
            (Some(one), Some(other)) => one == other,
            _ => vague,
        };
        agrees(&self.region, &other.region) && agrees(&self.account, &other.account)
    }
}

/// A value inside a value.
pub(super) fn walk<'v>(value: &'v Value, path: &[Segment]) -> Option<&'v Value> {
    path.iter().try_fold(value, |value, segment| match segment {
        Segment::Name(name) | Segment::Key(Key::Name(name)) => value.get(name),
        Segment::Key(Key::Index(index)) => value.items().nth(usize::try_from(*index).ok()?),
        Segment::Key(Key::Unknown) => None,
    })
}

/// The references as they were written, without the shorter forms that Terraform lists after each.
pub(crate) fn longest(references: &[String]) -> Vec<&str> {
    let mut kept: Vec<&str> = Vec::new();
    for reference in references {
        let shorter = |longer: &&str| {
            longer
                .strip_prefix(reference.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        if !kept.iter().any(shorter) {
            kept.push(reference);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_written_is_kept() {
        let references: Vec<String> = [
            "var.on",
            "aws_kms_key.k[0].arn",
            "aws_kms_key.k[0]",
            "aws_kms_key.k",
            "aws_kms_key.kk.arn",
        ]
        .map(str::to_owned)
        .to_vec();
        assert_eq!(
            longest(&references),
            ["var.on", "aws_kms_key.k[0].arn", "aws_kms_key.kk.arn"]
        );
    }

    #[test]
    fn a_key_is_told_from_any_other_text() {
        assert!(looks_like_key(
            "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
        ));
        assert!(
            looks_like_key("alias/trail")
                && looks_like_key("mrk-1234")
                && looks_like_key("1234abcd-12ab-34cd-56ef-1234567890ab")
        );
        assert!(!looks_like_key("prod") && !looks_like_key("arn:aws:s3:::logs"));
    }
}
