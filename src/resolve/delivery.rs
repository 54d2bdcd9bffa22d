//! Delivery channels of AWS Config: as whom Config uses their key, and whether it may.
//!
//! With the service-linked role Config asks as the service; with a role of the user's own as that role, and again as the service where the
//! role fails (AWS Config Developer Guide, Permissions for the KMS key).

use super::Tables;
use super::context::{Bucket, Facts};
use super::index::{At, survives};
use super::judge::Judge;
use super::keys::Keys;
use super::names::longest;
use super::reader;
use super::scope::{piece, written};
use super::subject::{Subjects, unknown_name};
use crate::input::home::{Home, Piece, text};
use crate::input::{Expression, Mode, Resource};
use crate::model::{Fact, Key, PolicyState, Requirement, Subject, SubjectKind};
use crate::policy::Verdict;
use crate::policy::requests::{CONFIG_ROLE, Demand, demand};
use crate::value::{PartKind, Text};

/// The path of the service-linked role, `AWSServiceRoleForConfig`.
pub(super) const SERVICE_LINKED: &str = "role/aws-service-role/config.amazonaws.com/";

/// As whom Config asks.
enum Recorder {
    /// As the service.
    Service,
    /// As a role of the user's own.
    Role(Text),
    /// The inputs do not tell, for this reason.
    Unknown(&'static str),
}

impl Subjects<'_, '_> {
    pub(super) fn delivery_channel(
        &self,
        at: At,
        it: &Resource,
        keys: &mut Keys,
        tables: &mut Tables<'_>,
    ) -> Subject {
        let home = self.scope(at, it);
        let mut subject = Subject {
            id: format!("in{}:{}", at.input, it.address),
            kind: SubjectKind::DeliveryChannel,
            address: it.address.to_string(),
            input: at.input,
            action: it.action,
            // A delivery channel has none.
            arn: Text::default(),
            organization: Fact::Known(false),
            account: home.account.text(&it.origin),
            synthetic: false,
            component: None,
            link: self.link(at, it, "s3_kms_key_arn", keys, tables),
            bucket: None,
            requirements: Vec::new(),
            origin: it.origin.clone(),
        };
        let recorder = self.recorder(at, it, &home);
        let facts = self.delivery_facts(&subject, it, &home, tables);
        for index in subject.link.keys.clone() {
            if let Some(key) = keys.list.get(index) {
                let mut asked = self.delivery(&recorder, &facts, (index, key, &*keys), tables);
                subject.requirements.append(&mut asked);
            }
        }
        subject
    }

    fn delivery_facts(
        &self,
        subject: &Subject,
        it: &Resource,
        home: &Home,
        tables: &mut Tables<'_>,
    ) -> Facts {
        let named = piece(it, "s3_bucket_name").or_else(|| written(it, "s3_bucket_name"));
        let name = named.unwrap_or_else(|| unknown_name(&subject.id, "s3_bucket_name", tables));
        let bucket = ["arn:".into(), home.partition.clone(), ":s3:::".into(), name];
        Facts {
            subject: subject.id.clone(),
            trail: None,
            organization: self
                .scopes
                .organization_of(&home.account)
                .map(str::to_owned),
            member: Some(home.account.text(&it.origin)),
            home: self.scopes.home(&it.origin),
            bucket: Bucket {
                arn: text(&bucket, &it.origin),
                path: Text::literal("/", it.origin.clone()),
                has_key: Fact::Unknown,
                switch: it.origin.clone(),
                region: home.region.text(&it.origin),
                inside: false,
            },
            origin: it.origin.clone(),
        }
    }

    fn delivery(
        &self,
        recorder: &Recorder,
        facts: &Facts,
        (index, key, keys): (usize, &Key, &Keys),
        tables: &mut Tables<'_>,
    ) -> Vec<Requirement> {
        if key.state == PolicyState::External {
            return Vec::new();
        }
        let mut list = Vec::new();
        for as_role in &CONFIG_ROLE {
            let Some(as_service) = demand(as_role.id) else {
                continue;
            };
            let mut judge = Judge {
                facts,
                key,
                index,
                inputs: self.inputs,
                from: self,
                keys,
                tables,
            };
            list.push(judge.delivery(recorder, as_service, as_role));
        }
        list
    }

    /// The recorder of the channel's account and Region: there is one of each (AWS Config Developer Guide, Working with the delivery channel).
    fn recorder(&self, at: At, it: &Resource, home: &Home) -> Recorder {
        let resources = self
            .inputs
            .loaded
            .get(at.input)
            .map_or(&[][..], |loaded| loaded.document.resources.as_slice());
        let fits = |(_, other): &(usize, &Resource)| {
            let own = other.mode == Mode::Managed
                && survives(other)
                && other.address.kind == "aws_config_configuration_recorder";
            own && {
                let its = self.scope(at, other);
                its.account == home.account && its.region == home.region
            }
        };
        let all: Vec<(usize, &Resource)> = resources.iter().enumerate().filter(fits).collect();
        let near = all
            .iter()
            .filter(|(_, other)| other.address.module == it.address.module);
        let near: Vec<&(usize, &Resource)> = near.collect();
        match (near.as_slice(), all.as_slice()) {
            ([(_, recorder)], _) | ([], [(_, recorder)]) => self.role(at, recorder),
            ([], []) => Recorder::Unknown(
                "the recorder is not in the inputs, and its role may have the permission",
            ),
            _ => Recorder::Unknown(
                "the inputs hold several recorders, and the role of one of them may have the permission",
            ),
        }
    }

    /// True where the recorder's role is a service-linked one by what it refers to.
    pub(super) fn is_service_linked(&self, at: At, recorder: &Resource) -> bool {
        let references = self
            .inputs
            .index
            .get(at.input)
            .and_then(|index| index.config(&recorder.address))
            .and_then(|block| block.expressions.get("role_arn"));
        let Some(Expression::References(references)) = references else {
            return false;
        };
        let written = longest(references);
        let linked = |it: &&str| it.contains("aws_iam_service_linked_role.");
        !written.is_empty() && written.iter().all(linked)
    }

    fn role(&self, at: At, recorder: &Resource) -> Recorder {
        const UNKNOWN: Recorder =
            Recorder::Unknown("the recorder's role is not known, and may have the permission");
        if self.is_service_linked(at, recorder) {
            return Recorder::Service;
        }
        let role = piece(recorder, "role_arn").or_else(|| written(recorder, "role_arn"));
        let Some(role) = role.filter(|role| role.known() != Some("")) else {
            return UNKNOWN;
        };
        let arn = role.text(&recorder.origin);
        let linked = arn.parts().iter().any(
            |part| matches!(&part.kind, PartKind::Literal(text) if text.contains(SERVICE_LINKED)),
        );
        match role {
            _ if linked => Recorder::Service,
            // Nothing of it is known, not even that it is no service-linked role.
            Piece::Symbol(_) => UNKNOWN,
            _ => Recorder::Role(arn),
        }
    }
}

impl Judge<'_, '_, '_> {
    /// Whether Config may do something: as the service, or as the recorder's role.
    fn delivery(
        &mut self,
        recorder: &Recorder,
        as_service: &'static Demand,
        as_role: &'static Demand,
    ) -> Requirement {
        let mut service = self.service(as_service);
        match recorder {
            _ if service.verdict == Verdict::Allowed => service,
            Recorder::Service => service,
            Recorder::Role(arn) => {
                let symbols = &mut *self.tables.symbols;
                let of_role = match arn.to_literal() {
                    Some(known) => reader::named(&known, &self.facts.origin, symbols),
                    None => reader::of_text(arn, &self.key.account, &self.facts.origin, symbols),
                };
                let shown = arn.show(symbols);
                let mut role = self.as_reader(as_role, &of_role);
                role.reader = Some(shown);
                if role.verdict == Verdict::Denied && service.verdict != Verdict::Denied {
                    service
                } else {
                    role
                }
            }
            Recorder::Unknown(why) => {
                // Where nobody at all may, no role may.
                let anyone = self.anyone(as_role);
                if anyone.verdict != Verdict::Denied && !anyone.only_root {
                    service.doubt(why, &self.facts.origin);
                }
                service
            }
        }
    }
}
