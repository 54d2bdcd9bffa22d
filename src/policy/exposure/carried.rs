//! What the request of an outsider carries under each context key.

use super::ask::{
    Ask, CONTEXT, CONTEXT_KEYS, Person, Way, joined, literal, nowhere, single, symbol_of,
};
use super::constraint::Constraints;
use super::{Asker, Kind};
use crate::policy::ContextValue;
use crate::policy::actions::sends;
use crate::policy::requests::{Cell, RequestKind, What, cell, is_list, row, shape_of};
use crate::value::{Nature, Open, Presence, Shape, Symbol, SymbolId, Text};

impl Ask<'_> {
    /// What a request of a user, role or root user carries under a key.
    pub(super) fn of_person(
        &mut self,
        key: &str,
        spelt: &str,
        person: &Person,
        way: Way,
    ) -> Option<ContextValue> {
        let one = |text: Text| Some(single(spelt, text));
        match key {
            "aws:principalaccount" | "kms:calleraccount" => one(person.account.clone()),
            "aws:principalarn" => one(person.arn.clone()),
            "aws:principaltype" => one(literal(match person.kind {
                Kind::User => "User",
                Kind::Role => "AssumedRole",
                Kind::Root => "Account",
                Kind::Federated => "FederatedUser",
            })),
            "aws:username" => person.name.clone().and_then(one),
            "aws:userid" => {
                let id = self.free(key, Shape::Text);
                one(Text::symbol(id, nowhere()))
            }
            "aws:principalorgid" | "aws:principalorgpaths" => {
                Some(self.organization(spelt, person.fresh))
            }
            "aws:principalisawsservice" => one(literal("false")),
            "aws:viaawsservice" if way != Way::Any => {
                one(literal(if way == Way::Through { "true" } else { "false" }))
            }
            "aws:viaawsservice" => {
                let id = self.free(key, Shape::Bool);
                one(Text::symbol(id, nowhere()))
            }
            _ if key == "kms:viaservice" || key.starts_with("aws:calledvia") => match way {
                Way::Direct => None,
                Way::Any | Way::Through => Some(self.choice(key, spelt, way == Way::Any)),
            },
            _ if key.starts_with(CONTEXT) || key == CONTEXT_KEYS => self
                .action
                .takes_context
                .then(|| self.choice(key, spelt, true)),
            _ => match (sends(self.action.name, key), common(key)) {
                (Some(false), _) => None,
                (Some(true), _) => Some(self.choice(key, spelt, true)),
                (None, Common::True) => one(literal("true")),
                (None, Common::Time) => Some(self.time(spelt)),
                (None, Common::OfTheKey) => Some(self.of_the_key(key, spelt)),
                (None, Common::Other) => match cell(RequestKind::Reader, key) {
                    Cell::Free | Cell::Undocumented => Some(self.choice(key, spelt, true)),
                    _ => None,
                },
            },
        }
    }

    /// What the request of a service carries under a key that acts for a foreign account.
    pub(super) fn of_service(
        &mut self,
        key: &str,
        spelt: &str,
        (account, fresh): (&Text, bool),
        constraints: &mut Constraints,
    ) -> Option<ContextValue> {
        let Asker::Service { name: service, .. } = self.asker else {
            return None;
        };
        let short = service.split('.').next().unwrap_or_default().to_owned();
        let service = service.as_str();
        // CloudTrail names the trail, and nothing for an event data store; AWS Config always names the account (the request table).
        let (source, always) = match short.as_str() {
            "cloudtrail" => (Nature::Free, false),
            "config" => (Nature::Undocumented, key == "aws:sourceaccount"),
            _ => (Nature::Undocumented, false),
        };
        let why = format!("AWS does not document whether `{service}` names its source");
        let named = |ask: &mut Self| {
            if always {
                Presence::Present
            } else {
                Presence::Maybe(ask.symbol("source is named", Shape::Presence, source, &why))
            }
        };
        let one = |text: Text, presence: Presence| {
            Some(ContextValue {
                presence,
                ..single(spelt, text)
            })
        };
        match key {
            "aws:sourcearn" => {
                let presence = named(self);
                one(self.source(&short, (account, fresh), constraints), presence)
            }
            "aws:sourceaccount" | "aws:sourceowner" => {
                let presence = named(self);
                one(account.clone(), presence)
            }
            "aws:sourceorgid" | "aws:sourceorgpaths" => Some(self.organization(spelt, fresh)),
            "aws:principalisawsservice" => one(literal("true"), Presence::Present),
            "aws:principalservicename" => one(literal(service), Presence::Present),
            "aws:principalservicenameslist" => Some(self.names_of(service, spelt)),
            "kms:encryptioncontext:aws:cloudtrail:arn" if short == "cloudtrail" => {
                if !self.action.takes_context {
                    return None;
                }
                let presence = named(self);
                one(self.source(&short, (account, fresh), constraints), presence)
            }
            CONTEXT_KEYS => self
                .action
                .takes_context
                .then(|| self.choice(key, spelt, true)),
            _ if key.starts_with(CONTEXT) => {
                if !self.action.takes_context {
                    return None;
                }
                // The service writes it: it names nothing of somebody else's.
                let value = self.choice(key, spelt, true);
                let id = value.values.first().and_then(symbol_of);
                if let Some(id) = id.filter(|_| fresh) {
                    constraints.names_nothing_of_ours(id);
                }
                Some(value)
            }
            "kms:calleraccount"
            | "aws:principalaccount"
            | "kms:viaservice"
            | "aws:principalarn"
            | "aws:sourceip" => {
                let presence = self.undocumented_presence(key, service);
                let value = match key {
                    "kms:viaservice" => literal(service),
                    "aws:principalarn" => self.source("iam", (account, fresh), constraints),
                    "aws:sourceip" => {
                        let why = "an address of AWS's own";
                        let id = self.symbol("address", Shape::Ip, Nature::Fresh, why);
                        Text::symbol(id, nowhere())
                    }
                    _ => account.clone(),
                };
                one(value, presence)
            }
            "aws:viaawsservice" => one(literal("false"), Presence::Present),
            _ => match (sends(self.action.name, key), common(key)) {
                (Some(false), _) => None,
                (None, Common::True) => one(literal("true"), Presence::Present),
                (None, Common::Time) => Some(self.time(spelt)),
                (None, Common::OfTheKey) => Some(self.of_the_key(key, spelt)),
                (Some(true), _) => Some(self.undocumented(key, spelt, service)),
                (None, Common::Other) => match cell(RequestKind::Config, key) {
                    Cell::Undocumented | Cell::Free => Some(self.undocumented(key, spelt, service)),
                    _ => None,
                },
            },
        }
    }

    /// The names of a service, of which AWS lists one.
    fn names_of(&mut self, service: &str, spelt: &str) -> ContextValue {
        let why = "AWS does not list the names of a service";
        let nature = Nature::Undocumented;
        let rest = self.symbol("names of the service", Shape::Rest, nature, why);
        ContextValue {
            multivalued: true,
            open: Some(Open {
                symbol: rest,
                origin: nowhere(),
            }),
            ..single(spelt, literal(service))
        }
    }

    /// The ARN of what a service acts for, in the foreign account.
    fn source(
        &mut self,
        service: &str,
        (account, fresh): (&Text, bool),
        constraints: &mut Constraints,
    ) -> Text {
        let partition = &self.target.partition;
        let name = match service {
            "cloudtrail" | "config" | "iam" => literal(service),
            _ => Text::symbol(self.free("service", Shape::Id), nowhere()),
        };
        let region = if service == "iam" {
            Text::default()
        } else {
            Text::symbol(self.free("region", Shape::Region), nowhere())
        };
        // The form of a trail's ARN is known; of another resource's, that it lies in the account and names nothing of ours.
        let rest = if service == "cloudtrail" {
            let name = Text::symbol(self.free("trail", Shape::Name), nowhere());
            joined(&[&literal("trail/"), &name])
        } else {
            let id = self.free("resource", Shape::Text);
            if fresh {
                constraints.names_nothing_of_ours(id);
            }
            Text::symbol(id, nowhere())
        };
        let (head, colon) = (literal(format!("arn:{partition}:")), literal(":"));
        joined(&[
            &head, &name, &colon, &region, &colon, account, &colon, &rest,
        ])
    }

    /// The organization of an account, or none.
    fn organization(&mut self, spelt: &str, fresh: bool) -> ContextValue {
        let paths = spelt.to_ascii_lowercase().ends_with("paths");
        let why = "the inputs do not say which organization the account belongs to";
        let (id, presence) = match self.asker {
            Asker::Member(organization) => (literal(organization), Presence::Present),
            _ if fresh => {
                let id = self.stranger("organization", Shape::Id);
                let id = joined(&[&literal("o-"), &Text::symbol(id, nowhere())]);
                let presence = self.free("in an organization", Shape::Presence);
                (id, Presence::Maybe(presence))
            }
            _ => {
                let id = self.symbol("its organization", Shape::Id, Nature::Named, why);
                let name = "the account is in an organization";
                let presence = self.symbol(name, Shape::Presence, Nature::Named, why);
                (Text::symbol(id, nowhere()), Presence::Maybe(presence))
            }
        };
        let value = if paths {
            let rest = Text::symbol(self.free("path", Shape::Text), nowhere());
            joined(&[&id, &literal("/"), &rest])
        } else {
            id
        };
        ContextValue {
            presence,
            multivalued: paths,
            ..single(spelt, value)
        }
    }

    fn of_the_key(&mut self, key: &str, spelt: &str) -> ContextValue {
        if let Some(value) = self.target.properties.get(key) {
            return value.clone();
        }
        if key == "aws:resourceaccount" {
            return single(spelt, self.target.account.clone());
        }
        let why = "a property of the key that the inputs do not show";
        self.value(key, spelt, Nature::Named, why, true)
    }

    fn time(&mut self, spelt: &str) -> ContextValue {
        let id = self.symbol(
            spelt,
            Shape::Time,
            Nature::Undocumented,
            "the time of the request",
        );
        single(spelt, Text::symbol(id, nowhere()))
    }

    /// What the caller chooses.
    fn choice(&mut self, key: &str, spelt: &str, perhaps: bool) -> ContextValue {
        self.value(key, spelt, Nature::Free, "the caller chooses it", perhaps)
    }

    fn undocumented(&mut self, key: &str, spelt: &str, service: &str) -> ContextValue {
        let why = format!("AWS does not document what `{service}` sends");
        self.value(key, spelt, Nature::Undocumented, &why, true)
    }

    fn undocumented_presence(&mut self, key: &str, service: &str) -> Presence {
        let why = format!("AWS does not document whether `{service}` sends it");
        let spelt = row(key).map_or(key, |row| row.key);
        Presence::Maybe(self.symbol(
            &format!("{spelt} is sent"),
            Shape::Presence,
            Nature::Undocumented,
            &why,
        ))
    }

    fn value(
        &mut self,
        key: &str,
        spelt: &str,
        nature: Nature,
        why: &str,
        perhaps: bool,
    ) -> ContextValue {
        let presence = if perhaps {
            let name = format!("{spelt} is sent");
            Presence::Maybe(self.symbol(&name, Shape::Presence, nature, why))
        } else {
            Presence::Present
        };
        if is_list(key) {
            let rest = self.symbol(&format!("values of {spelt}"), Shape::Rest, nature, why);
            return ContextValue {
                key: spelt.to_owned(),
                presence,
                values: Vec::new(),
                multivalued: true,
                open: Some(Open {
                    symbol: rest,
                    origin: nowhere(),
                }),
            };
        }
        let id = self.symbol(spelt, shape_of(key), nature, why);
        ContextValue {
            presence,
            ..single(spelt, Text::symbol(id, nowhere()))
        }
    }

    /// An account or organization that nobody names: it equals nothing that is written anywhere, unless a pattern takes numbers
    /// apart or a variable stands for it.
    pub(super) fn stranger(&mut self, name: &str, shape: Shape) -> SymbolId {
        let nature = if self.digits {
            Nature::Free
        } else {
            Nature::Fresh
        };
        self.symbol(name, shape, nature, "nobody names it")
    }

    pub(super) fn free(&mut self, name: &str, shape: Shape) -> SymbolId {
        self.symbol(name, shape, Nature::Free, "the caller chooses it")
    }

    pub(super) fn symbol(
        &mut self,
        name: &str,
        shape: Shape,
        nature: Nature,
        reason: &str,
    ) -> SymbolId {
        self.symbols.intern(Symbol {
            key: format!("exposure:{nature:?}:{shape:?}:{name}:{reason}"),
            name: name.to_owned(),
            shape,
            nature,
            reason: reason.to_owned(),
            supply: None,
        })
    }
}

/// What everybody's requests carry alike.
enum Common {
    True,
    Time,
    OfTheKey,
    Other,
}

fn common(key: &str) -> Common {
    match cell(RequestKind::Reader, key) {
        Cell::Present(What::True) => Common::True,
        Cell::Present(What::Time) => Common::Time,
        Cell::Present(What::OfTheKey) | Cell::Perhaps(What::OfTheKey) => Common::OfTheKey,
        _ => Common::Other,
    }
}
