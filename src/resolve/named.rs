//! Which key a subject names, and why it cannot be told where it cannot.

use super::Tables;
use super::index::At;
use super::keys::Keys;
use super::link::Found;
use super::subject::Subjects;
use crate::input::{InputKind, MissingModule, Resource};
use crate::model::{Key, Link, LinkStatus, PolicyState};
use crate::source::Origin;
use crate::value::{Kind, Text, Value};

/// Where a subject names its key.
pub(super) struct Naming<'v> {
    /// The attribute.
    pub(super) attribute: &'static str,
    /// What names the key: the attribute's value, or a text inside it.
    pub(super) value: Option<&'v Value>,
    /// Where that stands.
    pub(super) origin: Origin,
}

impl Link {
    /// No key is named.
    pub(super) fn none(origin: &Origin) -> Self {
        Link {
            status: LinkStatus::None,
            keys: Vec::new(),
            arn: None,
            via: Vec::new(),
            way: Vec::new(),
            reason: None,
            remedy: None,
            origin: origin.clone(),
        }
    }
}

impl Subjects<'_, '_> {
    /// The key that an attribute of a resource names.
    pub(super) fn link(
        &self,
        at: At,
        it: &Resource,
        attribute: &'static str,
        keys: &mut Keys,
        tables: &mut Tables<'_>,
    ) -> Link {
        let value = it.after.as_ref().and_then(|after| after.get(attribute));
        let origin = value.map_or_else(|| it.origin.clone(), |value| value.origin.clone());
        if !value.is_some_and(names_a_key) {
            return Link::none(&origin);
        }
        let naming = Naming {
            attribute,
            value,
            origin,
        };
        let found = self.linker.attribute(at, attribute);
        self.link_of(at, &naming, &found, keys, tables)
    }

    /// The link of what was found.
    pub(super) fn link_of(
        &self,
        at: At,
        naming: &Naming<'_>,
        found: &Found,
        keys: &mut Keys,
        tables: &mut Tables<'_>,
    ) -> Link {
        let origin = &naming.origin;
        let hidden = |value: &Value| {
            value.sensitive || matches!(&value.kind, Kind::Text(text) if text.is_sensitive())
        };
        let shown = naming.value.filter(|value| !hidden(value));
        let mut link = Link {
            arn: shown.and_then(literal).filter(|text| !text.is_empty()),
            keys: found
                .keys
                .iter()
                .filter_map(|at| keys.by_place.get(at).copied())
                .collect(),
            via: found.via.clone(),
            way: found.way.clone(),
            ..Link::none(origin)
        };
        link.status = match (link.keys.len(), found.outside.len(), found.open.is_empty()) {
            (1, 0, true) => LinkStatus::Resolved,
            (0, 0, _) | (_, _, false) => LinkStatus::Unresolved,
            (0, 1, true) => LinkStatus::External,
            _ => LinkStatus::Candidates,
        };
        for name in &found.outside {
            let known = keys.outside.get(name).copied();
            let index = known.unwrap_or_else(|| {
                let from = (self.inputs, self.linker);
                let index = keys.add_outside(name, at, origin, from, tables);
                keys.outside.insert(name.clone(), index);
                index
            });
            let key = keys.list.get_mut(index);
            if let Some(key) = key.filter(|key| found.secret && key.address != "(sensitive)") {
                *key = key.clone().into_unnamed();
            }
            let known = |key: &Key| key.state != PolicyState::External;
            if link.status == LinkStatus::External && keys.list.get(index).is_some_and(known) {
                link.status = LinkStatus::Resolved;
            }
            link.keys.push(index);
            let shown = Some(name.clone()).filter(|_| !found.secret);
            link.arn = link.arn.take().or(shown);
        }
        if link.status == LinkStatus::Unresolved {
            link.keys.clear();
            let (reason, remedy) = self.why_unresolved(at, naming.attribute, found);
            (link.reason, link.remedy) = (Some(reason), Some(remedy));
        }
        if link.status == LinkStatus::Candidates {
            link.reason = Some("the apply takes one of several keys".to_owned());
        }
        link
    }

    fn why_unresolved(&self, at: At, attribute: &str, found: &Found) -> (String, String) {
        let loaded = self.inputs.loaded.get(at.input);
        let document = loaded.map(|loaded| &loaded.document);
        let missing = document.map_or(&[][..], |it| it.missing.as_slice());
        let lost = found.open.iter().find_map(|open| {
            let prefix = |it: &&MissingModule| {
                let name = it.module.rsplit("module.").next().unwrap_or_default();
                *open == format!("module.{name}") || open.starts_with(&format!("module.{name}."))
            };
            missing.iter().find(prefix)
        });
        if let Some(it) = lost {
            return (it.reason.clone(), it.help.clone());
        }
        let is_sources = document.is_some_and(|it| it.kind == InputKind::Sources);
        let has_no_configuration = document.is_some_and(|it| {
            it.configuration.root.resources.is_empty() && it.configuration.root.calls.is_empty()
        });
        if has_no_configuration {
            let reason =
                format!("the plan holds no configuration, and `{attribute}` is known after apply");
            let remedy =
                "make the plan's JSON with `terraform show -json PLANFILE`, which holds it";
            return (reason, remedy.to_owned());
        }
        let names: Vec<String> = found.open.iter().map(|it| format!("`{it}`")).collect();
        let names = names.join(", ");
        match (names.is_empty(), is_sources) {
            (true, false) => (
                format!("`{attribute}` is known after apply, and what it refers to is not a key of the inputs"),
                "give the plan or the state that holds the key as a further input".to_owned(),
            ),
            (true, true) => (
                format!("what `{attribute}` refers to is not a key of the sources"),
                "give the sources, the plan or the state that holds the key as a further input".to_owned(),
            ),
            (false, false) => (
                format!("`{attribute}` runs through {names}, which a plan does not hold"),
                "give the sources with `--source`; or refer to the key itself (`aws_kms_key.NAME.arn`) rather than through the local value".to_owned(),
            ),
            (false, true) => (
                format!("`{attribute}` runs through {names}, and the sources do not say what that is"),
                match found.open.first().and_then(|it| it.strip_prefix("var.")) {
                    Some(name) => format!("give it with `--var {name}=…` or `--var-file`, or give a plan"),
                    None => "give a plan of these sources, which knows more".to_owned(),
                },
            ),
        }
    }
}

/// True for a text that is not empty, as far as that is known.
pub(super) fn names_a_key(value: &Value) -> bool {
    match &value.kind {
        Kind::Unknown(_) | Kind::List(_) => true,
        Kind::Text(_) => literal(value).is_none_or(|text| !text.is_empty()),
        _ => false,
    }
}

fn literal(value: &Value) -> Option<String> {
    match &value.kind {
        Kind::Text(text) => Text::to_literal(text),
        _ => None,
    }
}
