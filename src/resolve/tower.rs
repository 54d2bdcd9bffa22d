//! Landing zones of AWS Control Tower: a subject for each component that names a key, and the trail that Control Tower makes.

use super::Tables;
use super::context::{Bucket, Facts};
use super::index::{At, survives};
use super::judge::Judge;
use super::keys::{Keys, read_json};
use super::link::Found;
use super::manifest::{self, Asks, Manifest};
use super::named::{Naming, names_a_key};
use super::scope::{piece, written};
use super::subject::{Subjects, unknown_name};
use crate::input::home::{Home, Piece, text};
use crate::input::{Action, Resource};
use crate::model::{
    Component, Fact, Key, Link, LinkStatus, PolicyState, Requirement, Subject, SubjectKind,
};
use crate::policy::Verdict;
use crate::policy::requests::demand;
use crate::source::Origin;
use crate::value::json::TextError;
use crate::value::{Kind, Text, Value};

/// The trail that Control Tower makes in the management account and its home Region (AWS Control Tower User Guide, Configure AWS KMS keys).
pub(super) const TRAIL: &str = "aws-controltower-BaselineCloudTrail";

/// Why nothing is said of which component uses a key.
const BLIND: &str = "the manifest is known after apply, and which component uses the key with it";

/// A component and the key that it uses.
struct Use {
    component: Option<Component>,
    link: Link,
    trail: Asks,
    config: Asks,
}

/// What the subjects of one landing zone have in common.
struct Zone {
    /// Input id, `:` and address.
    id: String,
    address: String,
    input: usize,
    action: Action,
    home: Home,
    synthetic: bool,
    origin: Origin,
    members: Vec<Text>,
}

impl Subjects<'_, '_> {
    /// The subjects of a landing zone, the one that has the resource's own id first.
    pub(super) fn landing_zone(
        &self,
        at: At,
        it: &Resource,
        keys: &mut Keys,
        tables: &mut Tables<'_>,
    ) -> Vec<Subject> {
        let mut zone = Zone {
            id: format!("in{}:{}", at.input, it.address),
            address: it.address.to_string(),
            input: at.input,
            action: it.action,
            home: self.scope(at, it),
            synthetic: false,
            origin: it.origin.clone(),
            members: Vec::new(),
        };
        let version = piece(it, "version");
        let major = version
            .as_ref()
            .and_then(Piece::known)
            .and_then(manifest::major);
        let value = it
            .after
            .as_ref()
            .and_then(|after| after.get("manifest_json"));
        let value = value.filter(|value| !value.is_null());
        let read = value.map(|value| match value.kind {
            // A snapshot shows what came of it.
            Kind::Object(_) | Kind::List(_) => Ok(value.clone()),
            _ => read_json(value, tables),
        });
        let secret = value.is_some_and(hidden);
        let uses = match (read, value) {
            (Some(Ok(json)), _) if matches!(json.kind, Kind::Object(_)) => {
                let Manifest {
                    slots,
                    members,
                    flaws,
                } = manifest::read(&json, major);
                zone.members = members;
                let flaws = flaws.into_iter().map(|it| Use {
                    component: it.component,
                    link: Link::flawed(it.why, &it.at),
                    trail: Asks::No,
                    config: Asks::No,
                });
                let slots = slots.into_iter().filter(|slot| names_a_key(&slot.key));
                let uses = slots.map(|slot| {
                    let key = if secret {
                        slot.key.into_sensitive()
                    } else {
                        slot.key
                    };
                    let found = self.linker.inside(at, "manifest_json", &key);
                    let naming = Naming {
                        attribute: "manifest_json",
                        value: Some(&key),
                        origin: slot.at,
                        arn_alone: false,
                    };
                    Use {
                        component: Some(slot.component),
                        link: self.link_of(at, &naming, &found, keys, tables),
                        trail: slot.trail,
                        config: slot.config,
                    }
                });
                uses.chain(flaws).collect()
            }
            (Some(read), Some(value)) if is_flawed(&read, value) => {
                let (why, at) = flaw(read, value, secret);
                vec![Use {
                    component: None,
                    link: Link::flawed(why, &at),
                    trail: Asks::No,
                    config: Asks::No,
                }]
            }
            (Some(_), Some(value)) => self.blind(at, value, major, keys, tables),
            _ => Vec::new(),
        };
        let arn = piece(it, "arn").map_or_else(
            || {
                let id = written(it, "id").filter(|id| matches!(id, Piece::Symbol(_)));
                let id = id.unwrap_or_else(|| unknown_name(&zone.id, "id", tables));
                zone.arn("landingzone/", id)
            },
            |arn| arn.text(&it.origin),
        );
        self.subjects_of(&zone, &arn, uses, keys, tables)
    }

    /// The keys that a manifest refers to of which nothing else is known. A multi-Region key beside another is the backup component's, which
    /// is the only one that takes such keys; before version 4.0 the other is that of `centralizedLogging`.
    fn blind(
        &self,
        at: At,
        value: &Value,
        major: Option<u32>,
        keys: &mut Keys,
        tables: &mut Tables<'_>,
    ) -> Vec<Use> {
        let all = self.linker.referred(at, "manifest_json");
        let is_backup = |at: &At| {
            let key = keys.by_place.get(at).and_then(|at| keys.list.get(*at));
            key.is_some_and(|key| key.multi_region.is(&true))
        };
        let (backup, logging): (Vec<At>, Vec<At>) = all.keys.iter().partition(|at| is_backup(at));
        let apart = !(backup.is_empty() || logging.is_empty() && all.outside.is_empty());
        let groups = if apart {
            vec![
                (false, all.only(&logging, true)),
                (true, all.only(&backup, false)),
            ]
        } else {
            vec![(
                false,
                all.only(&[backup.as_slice(), &logging].concat(), true),
            )]
        };
        let mut uses = Vec::new();
        for (is_backup, found) in groups {
            let naming = Naming {
                attribute: "manifest_json",
                value: Some(value),
                origin: value.origin.clone(),
                arn_alone: false,
            };
            let sure = apart || backup.is_empty();
            let (component, trail, config) = match (is_backup, major.is_some_and(|it| it < 4)) {
                (true, _) => (Some(Component::Backup), Asks::No, Asks::No),
                (false, true) if sure => (
                    Some(Component::Logging),
                    // Whether the trail is switched off stands in the manifest, too.
                    Asks::Perhaps(BLIND),
                    Asks::Yes,
                ),
                (false, _) => (None, Asks::Perhaps(BLIND), Asks::Perhaps(BLIND)),
            };
            uses.push(Use {
                component,
                link: self.link_of(at, &naming, &found, keys, tables),
                trail,
                config,
            });
        }
        uses
    }

    /// The landing zone outside the inputs that uses a key which the command line names. It is in the key's own account where nothing says
    /// which account manages the organization: Control Tower takes no key of another.
    pub(super) fn named_key(
        &self,
        name: &str,
        keys: &mut Keys,
        tables: &mut Tables<'_>,
    ) -> Vec<Subject> {
        const FLAG: &str = "--control-tower";
        let Ok(file) = tables.sources.add_part("command line", FLAG, name, false) else {
            return Vec::new();
        };
        let origin = Origin::new(tables.sources.whole(file));
        let mut link = Link::none(&origin);
        link.keys = self.keys_of(name, keys);
        link.status = match link.keys.len() {
            0 => LinkStatus::Unresolved,
            1 => LinkStatus::Resolved,
            _ => LinkStatus::Candidates,
        };
        let first = link.keys.first().and_then(|at| keys.list.get(*at));
        let Some(key) = first else {
            link.reason = Some(format!("the inputs hold no key `{name}`"));
            link.remedy = Some("give the plan, the state or the sources that hold it".to_owned());
            let zone = Zone::outside(0, FLAG, None, &origin);
            let uses = vec![Use {
                component: Some(Component::Logging),
                link,
                trail: Asks::No,
                config: Asks::No,
            }];
            return self.subjects_of(&zone, &Text::default(), uses, keys, tables);
        };
        let mut zone = Zone::outside(key.input, FLAG, Some(key), &origin);
        zone.id = format!("in{}:{FLAG} {}", key.input, key.address);
        if let Some(account) = self.scopes.known_management() {
            zone.home.account = account.clone();
        }
        let uses = vec![Use {
            component: Some(Component::Logging),
            link,
            trail: Asks::Yes,
            config: Asks::Yes,
        }];
        self.subjects_of(&zone, &Text::default(), uses, keys, tables)
    }

    /// The keys of the inputs with that address, ARN, id or alias.
    fn keys_of(&self, name: &str, keys: &Keys) -> Vec<usize> {
        let address = (0..)
            .zip(&keys.list)
            .filter(|(_, key)| key.address == name && key.state != PolicyState::External);
        let by_address: Vec<usize> = address.map(|(at, _)| at).collect();
        if !by_address.is_empty() {
            return by_address;
        }
        let (mut found, nobody) = (
            Found::default(),
            At {
                input: 0,
                resource: usize::MAX,
            },
        );
        for (input, loaded) in self.inputs.loaded.iter().enumerate() {
            let mut resources = loaded.document.resources.iter();
            let alias = resources.position(|it| {
                survives(it) && it.address.kind == "aws_kms_alias" && it.address.to_string() == name
            });
            if let Some(resource) = alias {
                let at = At { input, resource };
                found
                    .keys
                    .extend(self.linker.attribute(at, "target_key_id").keys);
            }
        }
        if found.keys.is_empty() {
            self.linker.name(nobody, name, &mut found, 0);
        }
        let places = found.keys.iter();
        places
            .filter_map(|at| keys.by_place.get(at).copied())
            .collect()
    }

    fn subjects_of(
        &self,
        zone: &Zone,
        arn: &Text,
        uses: Vec<Use>,
        keys: &Keys,
        tables: &mut Tables<'_>,
    ) -> Vec<Subject> {
        let subject = |id: String, kind, link: Link| Subject {
            id,
            kind,
            address: zone.address.clone(),
            input: zone.input,
            action: zone.action,
            arn: arn.clone(),
            organization: Fact::Known(true),
            account: zone.home.account.text(&zone.origin),
            synthetic: zone.synthetic,
            component: None,
            link,
            // It lies in the account of the log archive.
            bucket: None,
            requirements: Vec::new(),
            origin: zone.origin.clone(),
        };
        if uses.is_empty() {
            let link = Link::none(&zone.origin);
            return vec![subject(zone.id.clone(), SubjectKind::LandingZone, link)];
        }
        let (mut zones, mut trails) = (Vec::new(), Vec::new());
        for it in uses {
            let id = match it.component {
                Some(component) if !zones.is_empty() => format!("{}/{}", zone.id, component.word()),
                _ => zone.id.clone(),
            };
            let mut of_zone = subject(id, SubjectKind::LandingZone, it.link.clone());
            of_zone.component = it.component;
            if it.config != Asks::No {
                let ids = ["controltower-config-encrypt", "controltower-config-decrypt"];
                of_zone.requirements = self.asked(zone, &of_zone, &ids, it.config, keys, tables);
            }
            if it.trail != Asks::No {
                let id = format!("{}/{TRAIL}", zone.id);
                let mut trail = subject(id, SubjectKind::Trail, it.link);
                trail.arn = zone.trail();
                trail.synthetic = true;
                let ids = [
                    "controltower-cloudtrail-encrypt",
                    "controltower-cloudtrail-decrypt",
                ];
                trail.requirements = self.asked(zone, &trail, &ids, it.trail, keys, tables);
                trails.push(trail);
            }
            zones.push(of_zone);
        }
        zones.extend(trails);
        zones
    }

    /// The requirements of a component, for each key that it may use.
    fn asked(
        &self,
        zone: &Zone,
        subject: &Subject,
        ids: &[&str],
        asks: Asks,
        keys: &Keys,
        tables: &mut Tables<'_>,
    ) -> Vec<Requirement> {
        let account = zone.home.account.text(&zone.origin);
        let name = unknown_name(&zone.id, "logging bucket", tables);
        let bucket = [
            "arn:".into(),
            zone.home.partition.clone(),
            ":s3:::".into(),
            name,
        ];
        let facts = Facts {
            subject: subject.id.clone(),
            trail: Some((zone.trail(), account)),
            organization: self
                .scopes
                .organization_of(&zone.home.account)
                .map(str::to_owned),
            member: None,
            home: self.scopes.home(&zone.origin),
            // It lies in the account of the log archive, which Control Tower sets up.
            bucket: Bucket {
                arn: text(&bucket, &zone.origin),
                path: Text::literal("/", zone.origin.clone()),
                has_key: Fact::Unknown,
                switch: zone.origin.clone(),
                region: zone.home.region.text(&zone.origin),
                inside: false,
            },
            origin: zone.origin.clone(),
        };
        let mut list = Vec::new();
        for index in &subject.link.keys {
            let Some(key) = keys.list.get(*index) else {
                continue;
            };
            if key.state == PolicyState::External {
                continue;
            }
            let mut of_key = self.of_key(zone, &facts, ids, (*index, key, keys), tables);
            if let Asks::Perhaps(why) = asks {
                for it in &mut of_key {
                    it.doubt(why, &subject.link.origin);
                }
            }
            list.append(&mut of_key);
        }
        list
    }

    fn of_key(
        &self,
        zone: &Zone,
        facts: &Facts,
        ids: &[&str],
        (index, key, keys): (usize, &Key, &Keys),
        tables: &mut Tables<'_>,
    ) -> Vec<Requirement> {
        let mut list = Vec::new();
        for demand in ids.iter().filter_map(|id| demand(id)) {
            let mut judge = |member: Option<&Text>| {
                let facts = Facts {
                    member: member.cloned(),
                    ..facts.clone()
                };
                let mut judge = Judge {
                    facts: &facts,
                    key,
                    index,
                    inputs: self.inputs,
                    from: self,
                    keys,
                    tables,
                };
                judge.service(demand)
            };
            let general = judge(None);
            // What holds for some accounts alone must hold for those that every landing zone has.
            let hangs = matches!(general.verdict, Verdict::Conditional | Verdict::Undecided);
            let members = zone.members.iter().filter(|_| hangs);
            let denied = members
                .map(|member| judge(Some(member)))
                .find(|it| it.verdict == Verdict::Denied);
            list.push(denied.unwrap_or(general));
        }
        // Whoever reads the logs of every trail reads those of Control Tower's.
        let is_trail = ids.contains(&"controltower-cloudtrail-encrypt");
        for reader in self.inputs.options.readers.iter().filter(|_| is_trail) {
            let mut judge = Judge {
                facts,
                key,
                index,
                inputs: self.inputs,
                from: self,
                keys,
                tables,
            };
            list.extend(demand("reader-decrypt").map(|demand| judge.named(demand, reader)));
        }
        list
    }
}

impl Zone {
    /// A landing zone that no input holds, where the key is.
    fn outside(input: usize, address: &str, key: Option<&Key>, origin: &Origin) -> Self {
        let segment = |text: Option<Text>| text.map_or("".into(), Piece::Text);
        let partition = key.and_then(|key| super::reader::segments(&key.arn).into_iter().nth(1));
        Zone {
            id: format!("in{input}:{address}"),
            address: address.to_owned(),
            input,
            action: Action::NoOp,
            home: Home {
                account: segment(key.map(|key| key.account.clone())),
                region: segment(key.map(|key| key.region.clone())),
                partition: segment(partition),
            },
            synthetic: true,
            origin: origin.clone(),
            members: Vec::new(),
        }
    }

    fn arn(&self, kind: &str, id: Piece) -> Text {
        let pieces = [
            "arn:".into(),
            self.home.partition.clone(),
            ":controltower:".into(),
            self.home.region.clone(),
            ":".into(),
            self.home.account.clone(),
            ":".into(),
            kind.into(),
            id,
        ];
        text(&pieces, &self.origin)
    }

    /// The ARN of Control Tower's own trail.
    fn trail(&self) -> Text {
        let pieces = [
            "arn:".into(),
            self.home.partition.clone(),
            ":cloudtrail:".into(),
            self.home.region.clone(),
            ":".into(),
            self.home.account.clone(),
            ":trail/".into(),
            TRAIL.into(),
        ];
        text(&pieces, &self.origin)
    }
}

/// True for a manifest that is known and is no object.
fn is_flawed(read: &Result<Value, TextError>, value: &Value) -> bool {
    match read {
        Ok(json) => !matches!(json.kind, Kind::Unknown(_)) && !matches!(value.kind, Kind::List(_)),
        Err(TextError::Invalid(_)) => true,
        Err(TextError::Unknown { .. }) => false,
    }
}

/// What is wrong with it, and where.
fn flaw(read: Result<Value, TextError>, value: &Value, secret: bool) -> (String, Origin) {
    match read {
        Err(TextError::Invalid(error)) if !secret => (
            format!("`manifest_json` is not JSON: {}", error.message),
            Origin::new(error.span),
        ),
        Ok(json) => (
            format!(
                "`manifest_json` is {}, where an object belongs",
                manifest::noun(&json)
            ),
            value.origin.clone(),
        ),
        Err(_) => (
            "`manifest_json` is not JSON".to_owned(),
            value.origin.clone(),
        ),
    }
}

fn hidden(value: &Value) -> bool {
    value.sensitive || matches!(&value.kind, Kind::Text(text) if text.is_sensitive())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{JsonError, Span};

    #[test]
    fn of_a_secret_manifest_nothing_is_told_but_that_it_is_no_json() {
        let at = |start| Span { start, end: 9 };
        let value = Value::text("{x", Origin::new(at(1)));
        let broken = || {
            Err(TextError::Invalid(JsonError {
                message: "`x` was not expected".to_owned(),
                span: at(2),
            }))
        };
        let (told, place) = flaw(broken(), &value, false);
        assert_eq!(told, "`manifest_json` is not JSON: `x` was not expected");
        assert_eq!(place.span(), at(2));
        let (told, place) = flaw(broken(), &value, true);
        assert_eq!(told, "`manifest_json` is not JSON");
        assert_eq!(place.span(), at(1));
    }

    #[test]
    fn a_value_is_hidden_as_a_whole_or_by_a_part_of_its_text() {
        let at = Origin::new(Span { start: 0, end: 9 });
        let plain = Value::text("x", at.clone());
        assert!(!hidden(&plain));
        assert!(hidden(&plain.clone().into_sensitive()));
        let part = crate::value::Text::literal("x", at.clone()).into_sensitive();
        assert!(hidden(&Value::new(Kind::Text(part), at.clone())));
        let object = Value::new(Kind::Object(crate::value::Object::default()), at);
        assert!(!hidden(&object) && hidden(&object.into_sensitive()));
    }
}
