//! Names of keys, and references as a plan lists them.

use crate::address::{Address, Key, Reference, Segment, Step};
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

/// Which instance an index in an expression takes, as far as its references tell. A plan lists `k[each.key]`, `k[lower(each.key)]` and
/// `element(k[*].arn, count.index + 1)` all as `k` with `each.key` or `count.index`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Pairing {
    /// The one of this key: of the value of the one root variable that they name.
    Key(Key),
    /// The one of the referrer's own key: nothing but `each.key` can be the index.
    Own,
    /// One that is counted with the referrer's index, and arithmetic is not listed.
    Counted,
    /// Any of them.
    Any,
}

/// Tells the index by the references of an expression. `flags` says whether a variable is a condition and no index; `wanted` whether an
/// address is of what is looked for.
pub(crate) fn pairing(
    references: &[String],
    plan: &Document,
    module: &[Step],
    flags: &dyn Fn(&str) -> bool,
    wanted: &dyn Fn(&Address) -> bool,
) -> Pairing {
    let names = |start: &str| references.iter().any(|it| it.starts_with(start));
    if names("each.") || names("count.") {
        // What else is named may be a table that the index is looked up in.
        let is_other = |written: &&str| match Reference::parse(written) {
            Reference::Each { key, .. } => !key,
            Reference::Module { .. } => false,
            Reference::Variable { name, .. } => !flags(&name),
            Reference::Resource { .. } => {
                let address = Reference::parse(written).address(module);
                !address.is_some_and(|it| wanted(&it))
            }
            Reference::Local { .. } => true,
            Reference::Other => *written != "count.index",
        };
        let is_index = !longest(references).iter().any(is_other);
        return match (is_index, names("count.")) {
            (false, _) => Pairing::Any,
            (true, true) => Pairing::Counted,
            (true, false) => Pairing::Own,
        };
    }
    let mut variables = references.iter().filter_map(|it| it.strip_prefix("var."));
    let (Some(variable), None) = (variables.next(), variables.next()) else {
        return Pairing::Any;
    };
    let value = plan.variables.get(variable).filter(|_| module.is_empty());
    let key = value.and_then(|value| match &value.kind {
        Kind::Number(number) => number.parse().ok().map(Key::Index),
        _ => value.as_str().map(|text| Key::Name(text.to_owned())),
    });
    key.map_or(Pairing::Any, Pairing::Key)
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

/// What is wrong with a text that should name a key.
pub(super) struct Flaw {
    /// What it is, as a predicate.
    pub(super) why: String,
    /// True where it can name no key at all; else it is a key's, in a form that the AWS provider does not take.
    pub(super) fatal: bool,
}

impl KeyName {
    /// What is wrong with a text that should name a key. CloudTrail takes the ARN or id of a key, and the ARN or name of an alias
    /// (`CreateTrail`, AWS CloudTrail API Reference); the AWS provider takes ARNs alone (`ValidARN`). Nothing of the text is told where it is
    /// not to be shown.
    pub(super) fn flaw(text: &str, shown: bool) -> Option<Flaw> {
        let fatal = |why: &str| {
            Some(Flaw {
                why: why.to_owned(),
                fatal: true,
            })
        };
        if text.trim() != text {
            return fatal("has white space before or after it");
        }
        if !text.starts_with("arn:") {
            if !looks_like_key(text) {
                return fatal("is neither an ARN nor the id or the alias of a key");
            }
            let what = if text.starts_with("alias/") {
                "is the name of an alias, and the AWS provider takes an ARN alone"
            } else {
                "is the id of a key, and the AWS provider takes an ARN alone"
            };
            return Some(Flaw {
                why: what.to_owned(),
                fatal: false,
            });
        }
        let Some([partition, service, region, account, resource]) = arn_segments(text) else {
            return fatal("is an ARN that ends too early");
        };
        if service != "kms" {
            return fatal(&if shown && !service.is_empty() {
                format!("is an ARN of `{service}`, and not of a KMS key")
            } else {
                "is not the ARN of a KMS key".to_owned()
            });
        }
        let is_account = account.len() == 12 && account.bytes().all(|it| it.is_ascii_digit());
        let named = ["key/", "alias/"].iter();
        let named = named.filter_map(|kind| resource.strip_prefix(kind));
        if !named.clone().any(|name| !name.is_empty()) {
            fatal("is an ARN that names neither a key nor an alias")
        } else if resource.contains(['*', '?']) || text.contains(char::is_whitespace) {
            fatal("is an ARN with a wildcard or white space in it, and names no single key")
        } else if !partition.starts_with("aws") || region.is_empty() || !is_account {
            fatal("is an ARN without a right partition, Region and account of twelve digits")
        } else {
            None
        }
    }

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
    fn a_text_that_is_known_is_compared_as_such() {
        let origin = crate::source::Origin::new(crate::source::Span { start: 0, end: 0 });
        assert_eq!(signature(&Value::text("alias/trail", origin)), None);
    }

    /// Nothing of a text that is not to be shown is told, and a service that is not there cannot be.
    #[test]
    fn what_is_wrong_with_an_arn_is_told() {
        let why = |text: &str, shown| KeyName::flaw(text, shown).map(|it| it.why);
        assert_eq!(
            why("arn:aws:s3:us-east-1:111122223333:key/a", true).as_deref(),
            Some("is an ARN of `s3`, and not of a KMS key")
        );
        for (text, shown) in [
            ("arn:aws:s3:us-east-1:111122223333:key/a", false),
            ("arn:aws::us-east-1:111122223333:key/a", true),
        ] {
            assert_eq!(
                why(text, shown).as_deref(),
                Some("is not the ARN of a KMS key"),
                "{text}"
            );
        }
        for text in [
            "arn:azure:kms:us-east-1:111122223333:key/a",
            "arn:aws:kms::111122223333:key/a",
            "arn:aws:kms:us-east-1:11112222333:key/a",
            "arn:aws:kms:us-east-1:11112222333x:key/a",
        ] {
            let flaw = why(text, true).unwrap_or_default();
            assert!(flaw.contains("without a right partition"), "{text} {flaw}");
        }
        assert_eq!(why("arn:aws:kms:us-east-1:111122223333:key/a", true), None);
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
