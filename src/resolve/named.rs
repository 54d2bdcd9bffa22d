//! Which key a subject names, and why it cannot be told where it cannot.

use super::Tables;
use super::index::At;
use super::keys::Keys;
use super::link::Found;
use super::names::{Flaw, KeyName};
use super::subject::Subjects;
use crate::input::{InputKind, MissingModule, Resource, SECRET, WHOLE};
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
    /// True where the AWS provider takes the ARN of a key or of an alias alone (`ValidARN`): in a trail and in a delivery channel. It hands on
    /// whatever stands in an event data store, and whether Control Tower takes anything else is not documented.
    pub(super) arn_alone: bool,
}

impl Naming<'_> {
    /// How messages call what names the key.
    fn name(&self) -> &'static str {
        match self.attribute {
            "manifest_json" => "kmsKeyArn",
            other => other,
        }
    }
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
            flaw: None,
            origin: origin.clone(),
        }
    }

    /// Nothing can be named by what stands there.
    pub(super) fn flawed(flaw: String, origin: &Origin) -> Self {
        Link {
            status: LinkStatus::Unresolved,
            reason: Some(flaw.clone()),
            flaw: Some(flaw),
            ..Link::none(origin)
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
            arn_alone: it.address.kind != "aws_cloudtrail_event_data_store",
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
        let shown = naming.value.filter(|value| !value.is_sensitive());
        let flaw = naming.value.and_then(literal).and_then(|text| {
            let flaw = KeyName::flaw(&text, shown.is_some())?;
            (flaw.fatal || naming.arn_alone).then_some(flaw)
        });
        let told = |flaw: &Flaw| format!("`{}` {}", naming.name(), flaw.why);
        if let Some(flaw) = flaw.as_ref().filter(|flaw| flaw.fatal) {
            return Link {
                via: found.via.clone(),
                way: found.way.clone(),
                ..Link::flawed(told(flaw), origin)
            };
        }
        let mut link = Link {
            arn: shown.and_then(literal).filter(|text| !text.is_empty()),
            keys: found
                .keys
                .iter()
                .filter_map(|at| keys.by_place.get(at).copied())
                .collect(),
            via: found.via.clone(),
            way: found.way.clone(),
            flaw: flaw.as_ref().map(told),
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
            let (reason, remedy) = self.why_unresolved(at, naming.attribute, found, tables);
            (link.reason, link.remedy) = (Some(reason), Some(remedy));
        }
        if link.status == LinkStatus::Candidates {
            link.reason = Some("the apply takes one of several keys".to_owned());
            if found.unpaired {
                let reason = "the plan does not say which of the instances the index takes";
                link.reason = Some(reason.to_owned());
                link.remedy = Some("give the sources with `--source`, which say it".to_owned());
            }
        }
        link
    }

    /// Why a snapshot does not name the key: for the reason that it gives.
    fn why_left_out(&self, at: At, attribute: &str, tables: &Tables<'_>) -> (String, String) {
        let after = self.linker.resource(at).and_then(|it| it.after.as_ref());
        let reason = match after
            .and_then(|after| after.get(attribute))
            .map(|it| &it.kind)
        {
            Some(Kind::Unknown(symbol)) => tables.symbols.get(*symbol).reason.as_str(),
            _ => "the snapshot does not say it",
        };
        if reason == SECRET {
            let reason =
                format!("`{attribute}` is sensitive, and a snapshot holds nothing that is");
            return (reason, WHOLE.to_owned());
        }
        let remedy = "give the plan or the state itself, with its sources, instead of its snapshot";
        (reason.to_owned(), remedy.to_owned())
    }

    fn why_unresolved(
        &self,
        at: At,
        attribute: &str,
        found: &Found,
        tables: &Tables<'_>,
    ) -> (String, String) {
        let loaded = self.inputs.loaded.get(at.input);
        let document = loaded.map(|loaded| &loaded.document);
        if document.is_some_and(|it| it.kind == InputKind::Snapshot) {
            return self.why_left_out(at, attribute, tables);
        }
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
        if let Some(crowd) = found.crowd {
            let reason = format!("`{attribute}` may name any of {crowd} instances");
            let remedy = "name one key by its ARN, or write the index so that it is known; a later plan or the state may tell, too";
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
