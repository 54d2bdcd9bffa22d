//! Trails and event data stores: their ARNs, buckets, links and the verdict of each requirement.

use std::collections::BTreeMap;

use super::bucket::Buckets;
use super::context::{Bucket, Facts};
use super::index::{At, survives};
use super::judge::Judge;
use super::keys::{self, Keys};
use super::link::{Found, Linker};
use super::names::known;
use super::scope::{Scopes, piece, written};
use super::{Inputs, Tables};
use crate::input::home::{Home, Piece, text};
use crate::input::{InputKind, MissingModule, Mode, Resource};
use crate::model::{Fact, Key, Link, LinkStatus, PolicyState, Requirement, Subject, SubjectKind};
use crate::policy::requests::{STORE_READER, demand};
use crate::value::{Kind, Nature, Shape, Symbol, Text, Value};

/// Everything that subjects are built from.
pub(crate) struct Subjects<'s, 'a> {
    pub(crate) inputs: Inputs<'a>,
    pub(crate) scopes: &'s Scopes,
    pub(crate) linker: &'s Linker<'a>,
    /// Buckets of the inputs by name, and what encrypts them by bucket.
    pub(crate) buckets: &'s Buckets,
}

pub(crate) fn collect(
    from: &Subjects<'_, '_>,
    keys: &mut Keys,
    tables: &mut Tables<'_>,
) -> Vec<Subject> {
    let mut outside = BTreeMap::new();
    let mut subjects = Vec::new();
    for (input, loaded) in from.inputs.loaded.iter().enumerate() {
        let mut places: Vec<(usize, SubjectKind)> = Vec::new();
        for (at, resource) in loaded.document.resources.iter().enumerate() {
            let kind = match resource.address.kind.as_str() {
                "aws_cloudtrail" => SubjectKind::Trail,
                "aws_cloudtrail_event_data_store" => SubjectKind::EventDataStore,
                _ => continue,
            };
            if resource.mode == Mode::Managed && survives(resource) {
                places.push((at, kind));
            }
        }
        places.sort_by_key(|(at, _)| {
            loaded
                .document
                .resources
                .get(*at)
                .map(|it| it.address.clone())
        });
        for (resource, kind) in places {
            let at = At { input, resource };
            if let Some(it) = loaded.document.resources.get(resource) {
                subjects.push(from.subject(at, it, kind, keys, &mut outside, tables));
            }
        }
    }
    subjects
}

impl Subjects<'_, '_> {
    fn subject(
        &self,
        at: At,
        it: &Resource,
        kind: SubjectKind,
        keys: &mut Keys,
        outside: &mut BTreeMap<String, usize>,
        tables: &mut Tables<'_>,
    ) -> Subject {
        let link = self.link(at, it, keys, outside, tables);
        let facts = self.facts(at, it, kind, tables);
        let arn = facts
            .trail
            .as_ref()
            .map_or_else(|| self.store_arn(at, it, tables), |(arn, _)| arn.clone());
        let mut subject = Subject {
            id: facts.subject.clone(),
            kind,
            address: it.address.to_string(),
            input: at.input,
            action: it.action,
            arn,
            organization: organization(it, kind),
            link,
            requirements: Vec::new(),
            origin: it.origin.clone(),
        };
        for index in subject.link.keys.clone() {
            if let Some(key) = keys.list.get(index) {
                subject
                    .requirements
                    .extend(self.requirements(kind, &facts, index, key, tables));
            }
        }
        subject
    }

    fn scope(&self, at: At, it: &Resource) -> Home {
        let fallback = || Home {
            account: "".into(),
            region: "".into(),
            partition: "aws".into(),
        };
        let parts = self
            .inputs
            .loaded
            .get(at.input)
            .zip(self.inputs.index.get(at.input));
        parts.map_or_else(fallback, |(loaded, index)| {
            self.scopes.of(at.input, &loaded.document, index, it)
        })
    }

    fn facts(&self, at: At, it: &Resource, kind: SubjectKind, tables: &mut Tables<'_>) -> Facts {
        let mut scope = self.scope(at, it);
        if organization(it, kind) != Fact::Known(false) && known(it, "arn").is_none() {
            // An organization trail belongs to the management account (CloudTrail User Guide, delegated administrator).
            scope.account = self.scopes.management(tables.symbols);
        }
        let subject = format!("in{}:{}", at.input, it.address);
        let trail = (kind == SubjectKind::Trail).then(|| {
            (
                Self::trail_arn(&subject, it, &scope, tables),
                scope.account.text(&it.origin),
            )
        });
        Facts {
            trail,
            organization: self
                .scopes
                .organization_of(&scope.account)
                .map(str::to_owned),
            home: self.scopes.home(&it.origin),
            bucket: self.bucket(at, it, kind, &scope, tables),
            origin: it.origin.clone(),
            subject,
        }
    }

    /// `arn:PARTITION:cloudtrail:HOME_REGION:ACCOUNT:trail/NAME`
    fn trail_arn(subject: &str, it: &Resource, scope: &Home, tables: &mut Tables<'_>) -> Text {
        if let Some(arn) = piece(it, "arn") {
            return arn.text(&it.origin);
        }
        let region = known(it, "home_region").map_or_else(|| scope.region.clone(), Piece::from);
        let name = written(it, "name").unwrap_or_else(|| unknown_name(subject, "name", tables));
        let pieces = [
            "arn:".into(),
            scope.partition.clone(),
            ":cloudtrail:".into(),
            region,
            ":".into(),
            scope.account.clone(),
            ":trail/".into(),
            name,
        ];
        text(&pieces, &it.origin)
    }

    fn store_arn(&self, at: At, it: &Resource, tables: &mut Tables<'_>) -> Text {
        if let Some(arn) = piece(it, "arn") {
            return arn.text(&it.origin);
        }
        let scope = self.scope(at, it);
        let id = unknown_name(&format!("in{}:{}", at.input, it.address), "id", tables);
        let pieces = [
            "arn:".into(),
            scope.partition.clone(),
            ":cloudtrail:".into(),
            scope.region.clone(),
            ":".into(),
            scope.account.clone(),
            ":eventdatastore/".into(),
            id,
        ];
        text(&pieces, &it.origin)
    }

    fn bucket(
        &self,
        at: At,
        it: &Resource,
        kind: SubjectKind,
        scope: &Home,
        tables: &mut Tables<'_>,
    ) -> Bucket {
        let origin = &it.origin;
        let found = self.buckets.of_trail(self.linker, self.inputs, at, it);
        let name = found.name.map_or_else(
            || {
                let subject = format!("in{}:{}", at.input, it.address);
                let named = written(it, "s3_bucket_name");
                named.unwrap_or_else(|| unknown_name(&subject, "s3_bucket_name", tables))
            },
            |name| match piece(it, "s3_bucket_name") {
                Some(Piece::Secret(_)) => Piece::Secret(name),
                _ => Piece::Known(name),
            },
        );
        let arn = text(
            &[
                "arn:".into(),
                scope.partition.clone(),
                ":s3:::".into(),
                name,
            ],
            origin,
        );
        let mut path: Vec<Piece> = vec!["/".into()];
        match it
            .after
            .as_ref()
            .and_then(|after| after.get("s3_key_prefix"))
        {
            None => {}
            Some(value) if value.is_null() => {}
            Some(value) => match value.as_str() {
                Some("") => {}
                Some(prefix) => {
                    let prefix = prefix.trim_end_matches('/').to_owned();
                    let known = if value.sensitive {
                        Piece::Secret(prefix)
                    } else {
                        Piece::Known(prefix)
                    };
                    path.extend([known, "/".into()]);
                }
                None => {
                    let subject = format!("in{}:{}", at.input, it.address);
                    let prefix = written(it, "s3_key_prefix")
                        .unwrap_or_else(|| unknown_name(&subject, "s3_key_prefix", tables));
                    path.extend([prefix, "/".into()]);
                }
            },
        }
        path.push("AWSLogs/".into());
        // The files of a trail of one account lie under that account (CloudTrail User Guide, Finding your CloudTrail log files);
        // an organization trail's lie under the organization and every member.
        if organization(it, kind) == Fact::Known(false) {
            path.extend([scope.account.clone(), "/".into()]);
        }
        let region = found
            .resource
            .and_then(|at| self.linker.resource(at).map(|it| self.scope(at, it).region));
        Bucket {
            arn,
            path: text(&path, origin),
            has_key: found.bucket_key,
            inside: found.resource.is_some(),
            // CloudTrail takes a key of the bucket's region only, so the key's region stands in for a bucket that is not in the inputs.
            region: region.map_or_else(Text::default, |region| region.text(origin)),
        }
    }

    fn link(
        &self,
        at: At,
        it: &Resource,
        keys: &mut Keys,
        outside: &mut BTreeMap<String, usize>,
        tables: &mut Tables<'_>,
    ) -> Link {
        let value = it.after.as_ref().and_then(|after| after.get("kms_key_id"));
        let origin = value.map_or_else(|| it.origin.clone(), |value| value.origin.clone());
        let arn = value
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty());
        let mut link = Link {
            status: LinkStatus::None,
            keys: Vec::new(),
            arn: arn
                .filter(|_| !value.is_some_and(|value| value.sensitive))
                .map(str::to_owned),
            via: Vec::new(),
            way: Vec::new(),
            reason: None,
            remedy: None,
            origin: origin.clone(),
        };
        let symbolic = |value: &Value| match &value.kind {
            Kind::Unknown(_) => true,
            Kind::Text(text) => text.to_literal().is_none(),
            _ => false,
        };
        if arn.is_none() && !value.is_some_and(symbolic) {
            return link;
        }
        let found = self.linker.attribute(at, "kms_key_id");
        link.keys = found
            .keys
            .iter()
            .filter_map(|at| keys.by_place.get(at).copied())
            .collect();
        link.via.clone_from(&found.via);
        link.way.clone_from(&found.way);
        link.status = match (link.keys.len(), found.outside.len(), found.open.is_empty()) {
            (1, 0, true) => LinkStatus::Resolved,
            (0, 0, _) | (_, _, false) => LinkStatus::Unresolved,
            (0, 1, true) => LinkStatus::External,
            _ => LinkStatus::Candidates,
        };
        for name in &found.outside {
            let index = *outside.entry(name.clone()).or_insert_with(|| {
                let key = keys::outside(name, at.input, &origin, tables);
                keys.list.push(if found.secret {
                    key.into_unnamed()
                } else {
                    key
                });
                keys.list.len() - 1
            });
            link.keys.push(index);
            let shown = Some(name.clone()).filter(|_| !found.secret);
            link.arn = link.arn.take().or(shown);
        }
        if link.status == LinkStatus::Unresolved {
            link.keys.clear();
            let (reason, remedy) = self.why_unresolved(at, &found);
            (link.reason, link.remedy) = (Some(reason), Some(remedy));
        }
        if link.status == LinkStatus::Candidates {
            link.reason = Some("the apply takes one of several keys".to_owned());
        }
        link
    }

    fn why_unresolved(&self, at: At, found: &Found) -> (String, String) {
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
            let reason = "the plan holds no configuration, and `kms_key_id` is known after apply";
            let remedy =
                "make the plan's JSON with `terraform show -json PLANFILE`, which holds it";
            return (reason.to_owned(), remedy.to_owned());
        }
        let names: Vec<String> = found.open.iter().map(|it| format!("`{it}`")).collect();
        let names = names.join(", ");
        match (names.is_empty(), is_sources) {
            (true, false) => (
                "`kms_key_id` is known after apply, and what it refers to is not a key of the inputs".to_owned(),
                "give the plan or the state that holds the key as a further input".to_owned(),
            ),
            (true, true) => (
                "what `kms_key_id` refers to is not a key of the sources".to_owned(),
                "give the sources, the plan or the state that holds the key as a further input".to_owned(),
            ),
            (false, false) => (
                format!("`kms_key_id` runs through {names}, which a plan does not hold"),
                "give the sources with `--source`; or refer to the key itself (`aws_kms_key.NAME.arn`) rather than through the local value".to_owned(),
            ),
            (false, true) => (
                format!("`kms_key_id` runs through {names}, and the sources do not say what that is"),
                match found.open.first().and_then(|it| it.strip_prefix("var.")) {
                    Some(name) => format!("give it with `--var {name}=…` or `--var-file`, or give a plan"),
                    None => "give a plan of these sources, which knows more".to_owned(),
                },
            ),
        }
    }

    fn requirements(
        &self,
        kind: SubjectKind,
        facts: &Facts,
        index: usize,
        key: &Key,
        tables: &mut Tables<'_>,
    ) -> Vec<Requirement> {
        if key.state == PolicyState::External {
            return Vec::new();
        }
        let mut wanted: Vec<&str> = match kind {
            SubjectKind::Trail => vec!["cloudtrail-encrypt", "cloudtrail-describe"],
            SubjectKind::EventDataStore => vec!["lake-encrypt", "lake-decrypt", "lake-describe"],
        };
        if kind == SubjectKind::Trail && facts.bucket.asks_decrypt() {
            wanted.push("cloudtrail-decrypt");
        }
        let mut facts = facts.clone();
        if facts.bucket.region.parts().is_empty() {
            facts.bucket.region = key.region.clone();
        }
        let mut judge = Judge {
            facts: &facts,
            key,
            index,
            inputs: self.inputs,
            tables,
        };
        let mut list: Vec<Requirement> = wanted
            .into_iter()
            .filter_map(demand)
            .map(|demand| judge.service(demand))
            .collect();
        if facts.bucket.has_key == Fact::Unknown {
            for it in list.iter_mut().filter(|it| it.id == "cloudtrail-decrypt") {
                it.doubt(
                    "whether the bucket has an S3 Bucket Key is known after apply",
                    &facts.origin,
                );
            }
        }
        let read = demand("reader-decrypt");
        if kind == SubjectKind::Trail {
            list.extend(read.map(|demand| judge.anyone(demand)));
        }
        let more = (kind == SubjectKind::EventDataStore).then_some(&STORE_READER);
        for arn in &self.inputs.options.readers {
            list.extend(
                read.into_iter()
                    .chain(more)
                    .map(|demand| judge.named(demand, arn)),
            );
        }
        list
    }
}

fn organization(it: &Resource, kind: SubjectKind) -> Fact<bool> {
    let name = if kind == SubjectKind::Trail {
        "is_organization_trail"
    } else {
        "organization_enabled"
    };
    match it.after.as_ref().and_then(|after| after.get(name)) {
        None => Fact::Known(false),
        Some(value) if value.is_null() => Fact::Known(false),
        Some(value) => value.as_bool().map_or(Fact::Unknown, Fact::Known),
    }
}

fn unknown_name(subject: &str, attribute: &str, tables: &mut Tables<'_>) -> Piece {
    let address = subject
        .split_once(':')
        .map_or(subject, |(_, address)| address);
    Piece::Symbol(tables.symbols.intern(Symbol {
        key: format!("{subject}.{attribute}"),
        name: format!("{address}.{attribute}"),
        shape: Shape::Name,
        nature: Nature::Named,
        reason: "known after apply".to_owned(),
        supply: None,
    }))
}
