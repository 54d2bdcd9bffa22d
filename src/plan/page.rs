//! The values of one resource, and the virtual text that shows it.

use super::overlay::{Laid, LaidKind, lay};
use super::read::{Input, node};
use super::scan::{Attributes, Whole};
use crate::error::Error;
use crate::input::types::{self, Type};
use crate::input::{Action, Mode, Resource, Whence};
use crate::source::{Node, NodeKind, Origin, Span};
use crate::value::{Kind, Member, Object, Value};

/// The raw values of a resource at one time, before or after the change.
#[derive(Clone, Copy)]
pub(super) struct Side<'s, 'de> {
    pub(super) values: &'s Attributes<'de>,
    pub(super) unknown: Option<&'s Attributes<'de>>,
    pub(super) sensitive: &'s Attributes<'de>,
    /// True where a missing attribute is an unknown one.
    pub(super) fill: bool,
}

impl<'s, 'de> Side<'s, 'de> {
    /// Values that are all known.
    pub(super) fn known(values: &'s Attributes<'de>, sensitive: &'s Attributes<'de>) -> Self {
        Side {
            values,
            unknown: None,
            sensitive,
            fill: false,
        }
    }
}

/// How a resource is shown.
pub(super) struct Page<'p> {
    pub(super) kind: &'static Type,
    /// What the configuration says of an attribute.
    pub(super) comment: &'p dyn Fn(&str) -> Option<String>,
}

/// The wanted attributes at one time: values, and the marks of unknown and of sensitive ones.
struct Entry {
    name: &'static str,
    known: Option<Node>,
    unknown: Option<Node>,
    sensitive: Option<Node>,
}

/// A place for what is not placed yet.
pub(super) fn nowhere(input: &Input<'_>) -> Origin {
    let at = input.map.end();
    Origin::new(Span { start: at, end: at })
}

impl Page<'_> {
    /// Writes the text of the resource and gives the resource with its values.
    pub(super) fn write(
        &self,
        mut resource: Resource,
        before: Option<Side<'_, '_>>,
        after: Option<Side<'_, '_>>,
        input: &mut Input<'_>,
    ) -> Result<Resource, Error> {
        // A document that was read is kept for its presence only: its JSON stands where it is used.
        let bare = self.kind.kind == "aws_iam_policy_document" && resource.action != Action::Read;
        let read = |side: Side<'_, '_>| self.entries(side, bare, input.name);
        let before = before.map(read).transpose()?;
        let after = after.map(read).transpose()?;
        let address = resource.address.to_string();
        let shown = laid(after.as_deref().or(before.as_deref()).unwrap_or_default());
        let policy = self::policy(&shown, &address, "", input)?;
        let old = before.as_ref().filter(|_| after.is_some());
        let old = old.map(|it| laid(it)).unwrap_or_default();
        // A text that stays as it is stands in one place; one that changes can be pointed at as it was, too.
        let old_policy = if same(&old, &shown) {
            policy.clone()
        } else {
            self::policy(&old, &address, " before", input)?
        };

        let (mut draw, _) = input.draw(address.clone());
        draw.kind = Some(self.kind);
        draw.policy = policy;
        draw.fresh = resource.action.is_new() && !resource.importing;
        draw.sheet
            .write(&format!("# {address}{}\n", fate(&resource)));
        let word = match resource.mode {
            Mode::Managed => "resource",
            Mode::Data => "data",
        };
        let header = draw.header(&[word, self.kind.kind, &resource.address.name]);
        let members = draw.members(&shown, 1, self.comment);
        draw.sheet.write("}\n");
        let old = (before.is_some() && after.is_some())
            .then(|| object(draw.old(&old, old_policy, &members, header), header));
        let sheet = draw.sheet;
        resource.origin = Origin::new(header);
        let shown = object(members, header);
        (resource.before, resource.after) = match (before.is_some(), after.is_some()) {
            (_, true) => (old, Some(shown)),
            (true, false) => (Some(shown), None),
            (false, false) => (None, None),
        };
        input.add(sheet, address)?;
        Ok(resource)
    }

    /// The wanted attributes of one side.
    fn entries(&self, side: Side<'_, '_>, bare: bool, name: &str) -> Result<Vec<Entry>, Error> {
        if bare {
            return Ok(Vec::new());
        }
        // Values of another shape than Terraform's are not known at all.
        let all_unknown = side.values.whole == Whole::Other
            || side.unknown.is_some_and(|it| it.whole == Whole::True);
        let all_sensitive = matches!(side.sensitive.whole, Whole::True | Whole::Other);
        let mut entries = Vec::new();
        for attribute in self.kind.attributes {
            let get = |of: &Attributes<'_>| {
                let found = of.get(attribute.name);
                found.map(|raw| node(raw, name)).transpose()
            };
            let known = get(side.values)?;
            let missing = side.fill && known.is_none();
            let unknown = match side.unknown {
                _ if attribute.always && (all_unknown || missing) => Some(mark()),
                Some(unknown) => get(unknown)?,
                None => None,
            };
            let sensitive = if all_sensitive {
                Some(mark())
            } else {
                get(side.sensitive)?
            };
            entries.push(Entry {
                name: attribute.name,
                known,
                unknown,
                sensitive,
            });
        }
        Ok(entries)
    }
}

/// The mark `true`.
fn mark() -> Node {
    Node {
        kind: NodeKind::Bool(true),
        span: Span { start: 0, end: 0 },
    }
}

/// The entries with their marks laid over, by name.
fn laid(entries: &[Entry]) -> Vec<(&str, Laid<'_>)> {
    let mut out = Vec::with_capacity(entries.len());
    for it in entries {
        let laid = lay(
            it.known.as_ref(),
            it.unknown.as_ref(),
            it.sensitive.as_ref(),
        );
        out.extend(laid.map(|laid| (it.name, laid)));
    }
    out
}

/// True where the policies of both are the same text, as visible in one as in the other.
fn same(one: &[(&str, Laid<'_>)], other: &[(&str, Laid<'_>)]) -> bool {
    let text = |laid: &[(&str, Laid<'_>)]| {
        let (_, laid) = laid.iter().find(|(name, _)| types::is_json(name))?;
        match laid.kind {
            LaidKind::Scalar(NodeKind::String(text)) => Some((text.clone(), laid.sensitive)),
            _ => None,
        }
    };
    text(one) == text(other)
}

/// Adds the text of a known policy, or of another JSON document, as a file of its own, and gives the value that lies in it.
fn policy(
    laid: &[(&str, Laid<'_>)],
    address: &str,
    time: &str,
    input: &mut Input<'_>,
) -> Result<Option<Value>, Error> {
    let Some((name, laid)) = laid.iter().find(|(name, _)| types::is_json(name)) else {
        return Ok(None);
    };
    let LaidKind::Scalar(NodeKind::String(text)) = laid.kind else {
        return Ok(None);
    };
    let part = format!("{address} › {name}{time}");
    let file = input
        .map
        .add_part(input.name, part, text.as_str(), laid.sensitive)
        .map_err(|error| Error::new(input.name, error.to_string()))?;
    let value = Value::text(text.as_str(), Origin::new(input.map.whole(file)));
    Ok(Some(if laid.sensitive {
        value.into_sensitive()
    } else {
        value
    }))
}

impl super::draw::Draw<'_> {
    /// The values before the change: they lie where the ones after it are shown.
    fn old(
        &mut self,
        members: &[(&str, Laid<'_>)],
        mut policy: Option<Value>,
        shown: &[Member],
        header: Span,
    ) -> Vec<Member> {
        let mut out = Vec::with_capacity(members.len());
        for (name, laid) in members {
            let span = shown
                .iter()
                .find(|it| it.key == *name)
                .map_or(header, |it| {
                    // The value of a policy lies in a file of its own.
                    if types::is_json(&it.key) {
                        it.key_origin.span()
                    } else {
                        it.value.span()
                    }
                });
            let own = policy.take_if(|_| *name == "policy");
            let value = own.unwrap_or_else(|| {
                let before = self.sheet.hide(span);
                let value = self.value(laid, 1);
                self.sheet.show(before);
                value
            });
            out.push(super::draw::member(name, span, value));
        }
        out
    }
}

fn object(members: Vec<Member>, header: Span) -> Value {
    let object = Object {
        members,
        open: None,
    };
    Value::new(Kind::Object(object), Origin::new(header))
}

/// What happens to the resource, in the words of `terraform plan`.
fn fate(resource: &Resource) -> &'static str {
    match (resource.whence, resource.action) {
        (Whence::PriorState, _) => " is in the prior state",
        (Whence::State, _) => " is in the state",
        (Whence::Change, Action::NoOp) => " is unchanged",
        (Whence::Change, Action::Create | Action::CreateForget) => " will be created",
        (Whence::Change, Action::Read) => " will be read during apply",
        (Whence::Change, Action::Update) => " will be updated in-place",
        (Whence::Change, Action::Delete) => " will be destroyed",
        (Whence::Change, Action::Replace) => " must be replaced",
        (Whence::Change, Action::Forget) => " will no longer be managed by Terraform",
        (Whence::Change, Action::Other | Action::Unplanned) => " will be changed",
        (Whence::Sources, _) => " is in the sources",
    }
}
