//! What the exposure rules share: which keys are judged, the statements that let an outsider do something, and how a finding tells it.

mod named;
mod told;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::policy_invalid_principal;
use crate::model::{Key, Model, PolicyState, Subject, SubjectKind};
use crate::policy::actions::on_a_key;
use crate::policy::exposure::{Action, Answer, Asker, Known, Question, Search, Target};
use crate::policy::{Context, ContextValue, Match, Policy, PrincipalType, Statement};
use crate::source::{Origin, Span};
use crate::value::{PartKind, Presence, Symbols, Text};

pub(super) use named::{Service, may_reach_everybody};
use named::{people, services};
pub(super) use told::{Told, list, of_classes};

/// CloudTrail's own service principal.
pub(super) const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";

/// A key whose exposure is judged.
pub(super) struct Judged<'m> {
    pub(super) model: &'m Model,
    pub(super) key: &'m Key,
    pub(super) policy: &'m Policy,
    /// Who uses it.
    pub(super) subjects: Vec<&'m Subject>,
    properties: Context,
    organizations: Vec<Text>,
    /// The partition that the key lies in, where it is known.
    partition: Option<String>,
    known: OnceCell<Known>,
    /// The same of the policy together with the one before it.
    known_of_both: OnceCell<Known>,
}

/// The keys that a subject uses, and those that are meant for CloudTrail. Others are none of this program's business.
pub(super) fn judged(model: &Model) -> Vec<Judged<'_>> {
    let mut users: BTreeMap<usize, Vec<&Subject>> = BTreeMap::new();
    for subject in &model.subjects {
        for key in subject.link.keys.iter().collect::<BTreeSet<_>>() {
            users.entry(*key).or_default().push(subject);
        }
    }
    let mut out = Vec::new();
    for (at, key) in model.keys.iter().enumerate() {
        let Some(policy) = &key.policy else { continue };
        if key.state == PolicyState::Invalid || policy.rejected || policy.unknown.is_some() {
            continue;
        }
        let subjects = users.remove(&at).unwrap_or_default();
        if subjects.is_empty() && !is_meant_for_cloudtrail(policy) {
            continue;
        }
        let organizations = model.trust.organizations.iter();
        out.push(Judged {
            model,
            key,
            policy,
            subjects,
            properties: properties(key),
            organizations: organizations.map(|id| literal(id)).collect(),
            partition: policy_invalid_principal::partition(key),
            known: OnceCell::new(),
            known_of_both: OnceCell::new(),
        });
    }
    out
}

fn is_meant_for_cloudtrail(policy: &Policy) -> bool {
    policy
        .statements
        .iter()
        .filter(|it| it.may_allow())
        .flat_map(services)
        .any(|it| it.name == CLOUDTRAIL)
}

fn literal(text: &str) -> Text {
    Text::literal(text, Origin::new(Span { start: 0, end: 0 }))
}

/// What the inputs say of the key under the keys of a request's context.
fn properties(key: &Key) -> Context {
    let mut context = Context::new();
    let mut set = |name: &str, value: &str| context.set(name, literal(value));
    if let crate::model::Fact::Known(yes) = key.multi_region {
        set("kms:MultiRegion", if yes { "true" } else { "false" });
    }
    if key.symmetric.is(&true) {
        for name in ["kms:KeySpec", "kms:CustomerMasterKeySpec"] {
            set(name, "SYMMETRIC_DEFAULT");
        }
        for name in ["kms:KeyUsage", "kms:CustomerMasterKeyUsage"] {
            set(name, "ENCRYPT_DECRYPT");
        }
    }
    context.insert(ContextValue {
        key: "aws:ResourceAccount".to_owned(),
        presence: Presence::Present,
        values: vec![key.account.clone()],
        multivalued: false,
        open: None,
    });
    context
}

/// What is asked of a statement.
pub(super) struct Ask<'a> {
    pub(super) asker: &'a Asker,
    /// True where it must name the asker, and not only the account.
    pub(super) direct: bool,
    /// Context keys that the request lacks.
    pub(super) without: &'a [&'a str],
}

impl<'a> Ask<'a> {
    pub(super) fn plain(asker: &'a Asker) -> Self {
        Ask {
            asker,
            direct: false,
            without: &[],
        }
    }
}

/// What a statement lets somebody do.
pub(super) struct Grant {
    /// The actions that it surely or perhaps lets them, the most dangerous first.
    pub(super) actions: Vec<&'static Action>,
    /// The request for the first of them.
    pub(super) answer: Answer,
}

impl Judged<'_> {
    /// The services that a statement names, each once, without those that AWS refuses: of them `policy-invalid-principal` speaks alone.
    pub(super) fn services<'s>(&self, statement: &'s Statement) -> Vec<Service<'s>> {
        let mut all = services(statement);
        all.retain(|it| !self.refuses(PrincipalType::Service, &literal(&it.name)));
        all
    }

    /// The AWS principals that a statement names, without those that AWS refuses.
    pub(super) fn people<'s>(
        &self,
        statement: &'s Statement,
    ) -> impl Iterator<Item = (&'s Text, &'s Origin)> {
        people(statement).filter(|(text, _)| !self.refuses(PrincipalType::Aws, text))
    }

    fn refuses(&self, kind: PrincipalType, text: &Text) -> bool {
        policy_invalid_principal::is_refused(kind, text, self.partition.as_deref())
    }

    /// The statements that may allow something.
    pub(super) fn allows(&self) -> impl Iterator<Item = (usize, &Statement)> {
        let statements = self.policy.statements.iter().enumerate();
        statements.filter(|(_, it)| it.may_allow() && !it.has_no_effect())
    }

    /// What one statement lets somebody do of these actions: what is sure, else what may be.
    pub(super) fn grant(
        &self,
        search: &mut Search,
        statement: usize,
        ask: &Ask<'_>,
        actions: &[&'static Action],
    ) -> Option<Grant> {
        let of = self.policy.statements.get(statement)?;
        let actions: Vec<&'static Action> = actions
            .iter()
            .copied()
            .filter(|action| of.may_match_action(action.name) != Match::No)
            .collect();
        let mut best: Option<Grant> = None;
        for group in self.policy.alike(&actions) {
            let Some(first) = group.first() else { continue };
            let answer = self.ask(search, Some(statement), ask, first);
            let rank = |answer: &Answer| match answer {
                Answer::Yes(_) => 2,
                Answer::No => 0,
                _ => 1,
            };
            match (&mut best, rank(&answer)) {
                (_, 0) => {}
                (Some(grant), new) if rank(&grant.answer) == new => grant.actions.extend(group),
                (Some(grant), new) if rank(&grant.answer) > new => {}
                _ => {
                    best = Some(Grant {
                        actions: group,
                        answer,
                    });
                }
            }
        }
        if let Some(grant) = &mut best {
            grant
                .actions
                .sort_by_key(|action| on_a_key().position(|it| it == *action));
        }
        best
    }

    pub(super) fn ask(
        &self,
        search: &mut Search,
        statement: Option<usize>,
        ask: &Ask<'_>,
        action: &'static Action,
    ) -> Answer {
        self.asked(search, statement, ask, action, None)
    }

    /// Whether a statement lets somebody do what the policy before did not.
    pub(super) fn newly(
        &self,
        search: &mut Search,
        before: &Policy,
        statement: usize,
        asker: &Asker,
        action: &'static Action,
    ) -> Answer {
        let ask = Ask::plain(asker);
        self.asked(search, Some(statement), &ask, action, Some(before))
    }

    fn asked(
        &self,
        search: &mut Search,
        statement: Option<usize>,
        ask: &Ask<'_>,
        action: &'static Action,
        before: Option<&Policy>,
    ) -> Answer {
        let target = Target {
            arn: &self.key.arn,
            account: &self.key.account,
            partition: self.of_outsiders(),
            properties: &self.properties,
            accounts: &self.model.trust.accounts,
            organizations: &self.organizations,
        };
        let question = Question {
            policy: self.policy,
            before,
            target: &target,
            asker: ask.asker,
            action,
            statement,
            direct: ask.direct,
            without: ask.without,
        };
        let known = match before {
            None => self
                .known
                .get_or_init(|| Known::of(&[self.policy], &target)),
            // A key had one policy before.
            Some(before) => self
                .known_of_both
                .get_or_init(|| Known::of(&[self.policy, before], &target)),
        };
        search.ask_knowing(&question, known)
    }

    /// The key's partition; where it is not known, the one that the policy's own ARNs are of.
    pub(super) fn of_outsiders(&self) -> String {
        let start = |text: &Text| -> Option<String> {
            let first = text.parts().first().map(|part| &part.kind);
            let Some(PartKind::Literal(known)) = first else {
                return None;
            };
            let (partition, _) = known.strip_prefix("arn:")?.split_once(':')?;
            (!partition.is_empty()).then(|| partition.to_owned())
        };
        let of_people = || {
            self.policy
                .statements
                .iter()
                .flat_map(people)
                .find_map(|(text, _)| start(text))
        };
        start(&self.key.arn)
            .or_else(of_people)
            .unwrap_or_else(|| "aws".to_owned())
    }

    /// `statement 2 ("AllowCloudTrail")`; of a sensitive policy the number alone.
    pub(super) fn name(&self, statement: usize, symbols: &Symbols) -> String {
        let number = statement + 1;
        let sid = self.policy.statements.get(statement);
        let sid = sid
            .and_then(|it| it.sid.as_ref())
            .filter(|_| !self.key.sensitive);
        match sid
            .map(|sid| sid.show(symbols))
            .filter(|sid| !sid.is_empty())
        {
            Some(sid) => format!("statement {number} (\"{sid}\")"),
            None => format!("statement {number}"),
        }
    }

    /// What tells a statement from others, wherever it stands: whom it names, what it allows, and which keys it tests. Of a sensitive policy, its
    /// number alone.
    pub(super) fn meaning(&self, statement: usize) -> String {
        let Some(of) = self
            .policy
            .statements
            .get(statement)
            .filter(|_| !self.key.sensitive)
        else {
            return statement.to_string();
        };
        let known = |text: &Text| text.to_literal().unwrap_or_else(|| "?".to_owned());
        let mut words: Vec<String> = of.principals().map(|it| known(it.text)).collect();
        words.extend(of.each_action().map(|(text, _)| known(text)));
        words.extend(
            of.conditions()
                .map(|it| format!("{} {}", it.operator, it.key)),
        );
        words.join(" ")
    }

    /// The key's account, where it is known.
    pub(super) fn own_account(&self) -> Option<&str> {
        self.key.account.as_literal()
    }

    /// True for an account that is the key's own or trusted.
    pub(super) fn trusts(&self, account: &str) -> bool {
        self.own_account() == Some(account)
            || self
                .model
                .trust
                .accounts
                .iter()
                .any(|it| it.as_literal() == Some(account))
    }

    pub(super) fn is_used_by(&self, kind: SubjectKind) -> bool {
        self.subjects.iter().any(|subject| subject.kind == kind)
    }
}
