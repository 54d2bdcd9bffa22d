//! Trails and event data stores: their ARNs, buckets and the verdict of each requirement.

use super::bucket::Buckets;
use super::context::{Bucket, Facts};
use super::identity::Identities;
use super::index::{At, survives};
use super::judge::Judge;
use super::keys::Keys;
use super::link::Linker;
use super::names::known;
use super::scope::{Scopes, piece, written};
use super::{Inputs, Tables};
use crate::input::home::{Home, Piece, text};
use crate::input::{Mode, Resource};
use crate::model::{Fact, Key, PolicyState, Requirement, Subject, SubjectKind, TrailBucket};
use crate::policy::requests::{STORE_READER, demand};
use crate::value::{Nature, Shape, Symbol, Text};

/// Everything that subjects are built from.
pub(crate) struct Subjects<'s, 'a> {
    pub(crate) inputs: Inputs<'a>,
    pub(crate) scopes: &'s Scopes,
    pub(crate) linker: &'s Linker<'a>,
    /// Buckets of the inputs by name, and what encrypts them by bucket.
    pub(crate) buckets: &'s Buckets,
    /// Roles, users and groups of the inputs, and their policies.
    pub(crate) identities: &'s Identities,
}

pub(crate) fn collect(
    from: &Subjects<'_, '_>,
    keys: &mut Keys,
    tables: &mut Tables<'_>,
) -> Vec<Subject> {
    let mut subjects = Vec::new();
    for (input, loaded) in from.inputs.loaded.iter().enumerate() {
        let mut places: Vec<(usize, SubjectKind)> = Vec::new();
        for (at, resource) in loaded.document.resources.iter().enumerate() {
            let kind = match resource.address.kind.as_str() {
                "aws_cloudtrail" => SubjectKind::Trail,
                "aws_cloudtrail_event_data_store" => SubjectKind::EventDataStore,
                "aws_controltower_landing_zone" => SubjectKind::LandingZone,
                "aws_config_delivery_channel" => SubjectKind::DeliveryChannel,
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
                match kind {
                    SubjectKind::Trail | SubjectKind::EventDataStore => {
                        subjects.push(from.subject(at, it, kind, keys, tables));
                    }
                    SubjectKind::LandingZone => {
                        subjects.extend(from.landing_zone(at, it, keys, tables));
                    }
                    SubjectKind::DeliveryChannel => {
                        subjects.push(from.delivery_channel(at, it, keys, tables));
                    }
                }
            }
        }
    }
    for name in &from.inputs.options.control_tower {
        subjects.extend(from.named_key(name, keys, tables));
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
        tables: &mut Tables<'_>,
    ) -> Subject {
        let link = self.link(at, it, "kms_key_id", keys, tables);
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
            account: facts.trail.as_ref().map_or_else(
                || self.scope(at, it).account.text(&it.origin),
                |(_, account)| account.clone(),
            ),
            synthetic: false,
            component: None,
            link,
            bucket: self.trail_bucket(at, it, kind),
            requirements: Vec::new(),
            origin: it.origin.clone(),
        };
        for index in subject.link.keys.clone() {
            if let Some(key) = keys.list.get(index) {
                let of_key = (index, key, &*keys);
                subject
                    .requirements
                    .extend(self.requirements(kind, &facts, of_key, tables));
            }
        }
        subject
    }

    /// The bucket of a trail, where the inputs hold it.
    fn trail_bucket(&self, at: At, it: &Resource, kind: SubjectKind) -> Option<TrailBucket> {
        if kind != SubjectKind::Trail {
            return None;
        }
        let place = self
            .buckets
            .of_trail(self.linker, self.inputs, at, it)
            .resource?;
        let bucket = self.linker.resource(place)?;
        Some(TrailBucket {
            address: bucket.address.to_string(),
            region: self.scope(place, bucket).region.text(&bucket.origin),
            origin: bucket.origin.clone(),
        })
    }

    pub(crate) fn scope(&self, at: At, it: &Resource) -> Home {
        let parts = self
            .inputs
            .loaded
            .get(at.input)
            .zip(self.inputs.index.get(at.input));
        parts.map_or_else(Home::nowhere, |(loaded, index)| {
            self.scopes.of(at.input, &loaded.document, index, it)
        })
    }

    /// What the requests of a subject are made of, when it uses that key.
    pub(crate) fn facts_of(
        &self,
        subject: &Subject,
        key: &Key,
        tables: &mut Tables<'_>,
    ) -> Option<Facts> {
        let resources = &self.inputs.loaded.get(subject.input)?.document.resources;
        let own = |it: &Resource| survives(it) && it.address.to_string() == subject.address;
        let resource = resources.iter().position(own)?;
        let (input, it) = (subject.input, resources.get(resource)?);
        let mut facts = self.facts(At { input, resource }, it, subject.kind, tables);
        if facts.bucket.region.parts().is_empty() {
            facts.bucket.region = key.region.clone();
        }
        Some(facts)
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
            member: None,
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
        let name = self.bucket_name(at, it, tables);
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
            switch: found.switch.unwrap_or_else(|| origin.clone()),
            inside: found.resource.is_some(),
            // CloudTrail takes a key of the bucket's region only, so the key's region stands in for a bucket that is not in the inputs.
            region: region.map_or_else(Text::default, |region| region.text(origin)),
        }
    }

    /// The name of the bucket that a trail delivers to.
    pub(crate) fn bucket_name(&self, at: At, it: &Resource, tables: &mut Tables<'_>) -> Piece {
        let found = self.buckets.of_trail(self.linker, self.inputs, at, it);
        match (found.name, piece(it, "s3_bucket_name")) {
            (Some(name), Some(Piece::Secret(_))) => Piece::Secret(name),
            (Some(name), _) => Piece::Known(name),
            (None, _) => written(it, "s3_bucket_name").unwrap_or_else(|| {
                let subject = format!("in{}:{}", at.input, it.address);
                unknown_name(&subject, "s3_bucket_name", tables)
            }),
        }
    }

    fn requirements(
        &self,
        kind: SubjectKind,
        facts: &Facts,
        (index, key, keys): (usize, &Key, &Keys),
        tables: &mut Tables<'_>,
    ) -> Vec<Requirement> {
        if key.state == PolicyState::External {
            return Vec::new();
        }
        let mut wanted: Vec<&str> = match kind {
            SubjectKind::Trail => vec!["cloudtrail-encrypt", "cloudtrail-describe"],
            _ => vec!["lake-encrypt", "lake-decrypt", "lake-describe"],
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
            from: self,
            keys,
            tables,
        };
        let mut list: Vec<Requirement> = wanted
            .into_iter()
            .filter_map(demand)
            .map(|demand| judge.service(demand))
            .collect();
        for it in list.iter_mut().filter(|it| it.id == "cloudtrail-decrypt") {
            it.asked_at = facts.bucket.switch.clone();
            if facts.bucket.has_key == Fact::Unknown {
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
        for reader in &self.inputs.options.readers {
            list.extend(
                read.into_iter()
                    .chain(more)
                    .map(|demand| judge.named(demand, reader)),
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

pub(super) fn unknown_name(subject: &str, attribute: &str, tables: &mut Tables<'_>) -> Piece {
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
