//! The IAM policies of a reader, as far as the inputs hold them: the other half of what a key's policy leaves to IAM.
//!
//! They are *complete* where nothing else can be attached that the inputs do not show:
//!
//! - for a role or user that the plan makes: nothing was attached to it before;
//! - for a role that exists, where the provider has read back what is attached (`managed_policy_arns` and `inline_policy` are known), or
//!   where `aws_iam_role_policy_attachments_exclusive` and `aws_iam_role_policies_exclusive` settle it;
//!
//! and where every policy of them is known, no attachment of the inputs may be to somebody unknown, and no permissions boundary limits them.
//! Everything else is a part: sources alone do not tell whether a role exists, and to an existing user anything may be attached.

use std::collections::BTreeSet;

use super::expect::fits;
use super::identity_link::{Attached, Attachments, What};
use super::index::At;
use super::link::Linker;
use super::names::known;
use super::policies::{self, Held, Unread};
use super::scope::Scopes;
use super::{Inputs, Tables};
use crate::input::home::arn_segments;
use crate::input::{Action, InputKind, Mode, Resource};
use crate::policy::{Identity, PolicyKind};
use crate::source::Origin;
use crate::value::{Kind, Value};

/// What kind of principal a policy is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Who {
    Role,
    User,
    Group,
}

impl Who {
    pub(crate) fn of_type(kind: &str) -> Option<Self> {
        Some(match kind {
            "aws_iam_role" => Who::Role,
            "aws_iam_user" => Who::User,
            "aws_iam_group" => Who::Group,
            _ => return None,
        })
    }

    fn word(self) -> &'static str {
        match self {
            Who::Role => "role",
            Who::User => "user",
            Who::Group => "group",
        }
    }
}

/// A role, user or group of the inputs.
#[derive(Clone, Debug)]
pub(crate) struct Principal {
    pub(crate) at: At,
    pub(crate) who: Who,
    /// Its account, where it is known.
    pub(crate) account: Option<String>,
    pub(crate) name: Option<String>,
    /// Its ARN: as it is, or as it will be.
    pub(crate) arn: Option<String>,
}

/// What the inputs hold of a reader's IAM policies.
#[derive(Debug, Default)]
pub(crate) struct Gathered {
    pub(crate) held: Vec<Held>,
    /// Those that are attached and were not read.
    pub(crate) unread: Vec<Unread>,
    pub(crate) complete: bool,
    /// The role or user, where it is in the inputs.
    pub(crate) address: Option<(String, Origin)>,
}

impl Gathered {
    /// As the evaluator takes it.
    pub(crate) fn identity(&self) -> Identity {
        let policies = || self.held.iter().map(|it| it.policy.clone()).collect();
        match (self.complete, self.held.is_empty()) {
            (true, _) => Identity::Complete(policies()),
            (false, false) => Identity::Partial(policies()),
            (false, true) => Identity::Unknown,
        }
    }

    /// Adds a policy. One that was not read leaves open what there is.
    fn take(&mut self, policy: Option<Result<Held, Unread>>) {
        match policy {
            Some(Ok(held)) => self.held.push(held),
            Some(Err(unread)) => {
                self.complete = false;
                self.unread.push(unread);
            }
            None => self.complete = false,
        }
    }

    /// Where the reader stands in the inputs.
    pub(crate) fn place(&self, fallback: &Origin) -> Origin {
        let at = self.address.as_ref().map(|(_, at)| at);
        let first = self.held.first().map(|held| &held.origin);
        at.or(first).unwrap_or(fallback).clone()
    }

    pub(crate) fn is_sensitive(&self) -> bool {
        self.held.iter().any(|it| it.sensitive)
    }
}

/// The roles, users and groups of the inputs, and what is attached to them.
#[derive(Debug, Default)]
pub(crate) struct Identities {
    pub(crate) principals: Vec<Principal>,
    attachments: Attachments,
}

impl Identities {
    pub(crate) fn new(inputs: Inputs<'_>, scopes: &Scopes, linker: &Linker<'_>) -> Self {
        let mut principals = Vec::new();
        for (input, loaded) in inputs.loaded.iter().enumerate() {
            for (resource, it) in loaded.document.resources.iter().enumerate() {
                let who = Who::of_type(&it.address.kind);
                let (Some(who), Some(index)) = (who, inputs.index.get(input)) else {
                    continue;
                };
                if it.mode != Mode::Managed || !super::index::survives(it) {
                    continue;
                }
                let home = scopes.of(input, &loaded.document, index, it);
                let account = home.account.known().map(str::to_owned);
                let name = known(it, "name")
                    .or_else(|| known(it, "id"))
                    .map(str::to_owned);
                let own = known(it, "arn").map(str::to_owned);
                let composed = || {
                    let (account, name) = (account.as_ref()?, name.as_ref()?);
                    let partition = home.partition.known().unwrap_or("aws");
                    let path = known(it, "path").unwrap_or("/");
                    let word = who.word();
                    Some(format!("arn:{partition}:iam::{account}:{word}{path}{name}"))
                };
                principals.push(Principal {
                    at: At { input, resource },
                    who,
                    arn: own.or_else(composed),
                    account,
                    name,
                });
            }
        }
        let attachments = Attachments::new(inputs, scopes, linker, &principals);
        Identities {
            principals,
            attachments,
        }
    }

    /// The role or user of the inputs that an ARN names; a session names its role without the path.
    pub(crate) fn principal(&self, arn: &str) -> Option<&Principal> {
        if let Some(found) = self
            .principals
            .iter()
            .find(|it| it.arn.as_deref() == Some(arn))
        {
            return Some(found);
        }
        let (account, who, name) = parts(arn)?;
        let session = arn_segments(arn).is_some_and(|[_, service, ..]| service == "sts");
        let mut same = self.principals.iter().filter(|it| {
            session
                && it.who == who
                && it.account.as_deref() == Some(account)
                && it.name.as_deref() == Some(name)
        });
        same.next()
    }

    /// The ARNs of the roles of the inputs that a pattern means: an ARN with `*` in it, or the name of a role of IAM Identity Center in an
    /// account.
    pub(crate) fn meant(&self, pattern: &str, account: Option<&str>) -> Vec<String> {
        let is_arn = pattern.starts_with("arn:");
        if is_arn && !pattern.contains('*') {
            return Vec::new();
        }
        let roles = self.principals.iter().filter(|it| it.who == Who::Role);
        let means = |role: &Principal, arn: &str| {
            let ours = account.is_some() && role.account.as_deref() == account;
            let reserved = arn.contains(":role/aws-reserved/sso.amazonaws.com/");
            let name = role.name.as_deref().unwrap_or_default();
            is_arn && fits(pattern, arn) || ours && reserved && fits(pattern, name)
        };
        let arns = roles.filter_map(|it| it.arn.as_ref().filter(|arn| means(it, arn)));
        let distinct: BTreeSet<&String> = arns.collect();
        distinct.into_iter().cloned().collect()
    }

    /// What the inputs attach: principals, policies and groups by their names, for a snapshot.
    pub(crate) fn attachments(&self) -> &Attachments {
        &self.attachments
    }

    /// What the inputs hold of the IAM policies of a user, a role or a session.
    pub(crate) fn of(
        &self,
        arn: &str,
        from: (Inputs<'_>, &Linker<'_>),
        tables: &mut Tables<'_>,
    ) -> Gathered {
        let mut gathered = Gathered::default();
        let Some(principal) = self.principal(arn) else {
            // Policies may be attached to somebody whom another root makes.
            if let Some((account, who, name)) = parts(arn) {
                let outside = self.attachments.of_name(who, account, name);
                for attached in outside {
                    gathered.take(read(attached, from, tables));
                }
            }
            return gathered;
        };
        let Some(it) = from.1.resource(principal.at) else {
            return gathered;
        };
        gathered.address = Some((it.address.to_string(), it.origin.clone()));
        gathered.complete = true;
        self.add(principal, &mut gathered, from, tables);
        if principal.who == Who::User {
            for group in self.attachments.groups_of(principal.at) {
                match self.principals.iter().find(|it| Some(it.at) == *group) {
                    Some(group) => self.add(group, &mut gathered, from, tables),
                    None => gathered.complete = false,
                }
            }
        }
        gathered
    }

    /// Adds the policies of one principal.
    fn add(
        &self,
        principal: &Principal,
        gathered: &mut Gathered,
        from: (Inputs<'_>, &Linker<'_>),
        tables: &mut Tables<'_>,
    ) {
        let Some(it) = from.1.resource(principal.at) else {
            gathered.complete = false;
            return;
        };
        let mut seen = BTreeSet::new();
        let mut all: Vec<Attached> = self.attachments.of(principal.at).cloned().collect();
        all.extend(self.attachments.own(principal, it));
        for attached in &all {
            if !seen.insert(attached.what.clone()) {
                continue;
            }
            gathered.take(read(attached, from, tables));
        }
        let kind = from
            .0
            .loaded
            .get(principal.at.input)
            .map(|it| it.document.kind);
        let is_settled = it.action.is_new() && !it.importing
            || principal.who == Who::Role
                && reads_back(
                    it,
                    kind,
                    "inline_policy",
                    self.attachments.settles_inline(principal),
                )
                && reads_back(
                    it,
                    kind,
                    "managed_policy_arns",
                    self.attachments.settles_managed(principal),
                );
        let bounded = it
            .after
            .as_ref()
            .and_then(|after| after.get("permissions_boundary"))
            .is_some_and(|it| !it.is_null() && it.as_str() != Some(""));
        let doubt = self.attachments.may_be_of(principal.who);
        gathered.complete &= is_settled && !bounded && !doubt;
    }
}

/// True where an attribute lists all that is attached: the provider reads it back, and where it is configured, takes the rest away.
fn reads_back(it: &Resource, kind: Option<InputKind>, name: &str, settled: bool) -> bool {
    let value = it.after.as_ref().and_then(|after| after.get(name));
    settled
        || value.is_some_and(|value| match &value.kind {
            // Sources show what is configured and nothing that was read.
            Kind::List(list) => {
                list.open.is_none() && (kind != Some(InputKind::Sources) || !list.items.is_empty())
            }
            _ => false,
        })
}

/// A policy that is attached; nothing where nobody can tell which it is.
fn read(
    attached: &Attached,
    from: (Inputs<'_>, &Linker<'_>),
    tables: &mut Tables<'_>,
) -> Option<Result<Held, Unread>> {
    let mut held = read_policy(&attached.what, from, tables)?;
    if let Ok(held) = &mut held {
        let by = from.1.resource(attached.by);
        held.by = by.map(|it| it.address.to_string());
    }
    Some(held)
}

fn read_policy(
    what: &What,
    from: (Inputs<'_>, &Linker<'_>),
    tables: &mut Tables<'_>,
) -> Option<Result<Held, Unread>> {
    match what {
        What::Attribute(at) => Some(policies::of_attribute(
            *at,
            "policy",
            PolicyKind::Identity,
            from,
            tables,
        )),
        What::Inline(at, item) => {
            let it = from.1.resource(*at)?;
            let list = it.after.as_ref()?.get("inline_policy")?;
            let value = list.items().nth(*item)?.get("policy")?;
            let (address, secret) = (it.address.to_string(), list.sensitive);
            let owner = (address.as_str(), &it.origin);
            let held = policies::of_value(value, PolicyKind::Identity, owner, secret, tables);
            Some(held.map(|held| Held {
                origin: it.origin.clone(),
                ..held
            }))
        }
        What::Managed(arn, secret) => Some(policies::of_aws(arn, tables).ok_or_else(|| Unread {
            reason: if *secret {
                "no input holds a policy that is attached to it".to_owned()
            } else {
                format!("no input holds the policy `{arn}`")
            },
            at: None,
            broken: false,
        })),
        What::Unknown => None,
    }
}

/// Account, kind and name in an ARN.
fn parts(arn: &str) -> Option<(&str, Who, &str)> {
    let [_, service, _, account, resource] = arn_segments(arn)?;
    let (kind, rest) = resource.split_once('/')?;
    let last = rest.rsplit('/').next()?;
    Some(match (service, kind) {
        ("iam", "role") => (account, Who::Role, last),
        ("iam", "user") => (account, Who::User, last),
        ("sts", "assumed-role") => (account, Who::Role, rest.split('/').next()?),
        _ => return None,
    })
}

/// True where the plan takes the resource away.
pub(super) fn is_gone(it: &Resource) -> bool {
    it.action == Action::Delete && it.deposed.is_none()
}

/// The known texts of a list.
pub(super) fn texts(value: Option<&Value>) -> Vec<&str> {
    value
        .into_iter()
        .flat_map(Value::items)
        .filter_map(Value::as_str)
        .collect()
}
