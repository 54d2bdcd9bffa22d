//! The verdict of one requirement: the request is put together and the key's policy is asked.

use std::collections::BTreeSet;

use super::context::{Builder, Facts};
use super::identity::Gathered;
use super::keys::Keys;
use super::policies::Held;
use super::reader::{self, Reader};
use super::subject::Subjects;
use super::trust::Assumed;
use super::{Inputs, Tables, Via};
use crate::input::home::Piece;
use crate::model::{Besides, Key, Meaning, PolicyState, Requirement};
use crate::policy::requests::Demand;
use crate::policy::{self, Blocker, Caller, Identity, Match, Request, Verdict};
use crate::source::Origin;
use crate::value::{Nature, Symbols};

/// Principals of a policy of whom it is asked whether they can read, at most.
const MOST_READERS: usize = 300;
/// The same of a policy of which so much was asked already that it is no person's.
const FEW_READERS: usize = 20;

/// Judges the requirements of one subject and one key.
pub(crate) struct Judge<'j, 'a, 't> {
    pub(crate) facts: &'j Facts,
    pub(crate) key: &'j Key,
    /// The index of the key.
    pub(crate) index: usize,
    pub(crate) inputs: Inputs<'a>,
    pub(crate) from: &'j Subjects<'j, 'a>,
    pub(crate) keys: &'j Keys,
    pub(crate) tables: &'j mut Tables<'t>,
}

impl Judge<'_, '_, '_> {
    pub(crate) fn service(&mut self, demand: &'static Demand) -> Requirement {
        let service = demand.kind.service().unwrap_or_default();
        self.judge(demand, Caller::Service(service.to_owned()), Way::NONE, None)
    }

    /// The answer for one principal.
    pub(crate) fn as_reader(&mut self, demand: &'static Demand, reader: &Reader) -> Requirement {
        self.judge(demand, reader.caller.clone(), Way::of(reader), None)
    }

    pub(crate) fn named(
        &mut self,
        demand: &'static Demand,
        declared: &super::declared::Reader,
    ) -> Requirement {
        let given = declared.context(&self.inputs.options.reader_context);
        let acting = declared.through.as_deref().unwrap_or(&declared.arn);
        let origin = self.facts.origin.clone();
        let readers = reader::declared(acting, self.key, &origin, self.tables.symbols);
        let mut all = Vec::with_capacity(readers.len());
        for reader in &readers {
            let way = Way {
                reader: Some(reader),
                given: &given,
                via: declared.via,
            };
            all.push(self.acting(demand, acting, way));
        }
        let mut requirement = common(all, &origin)
            .unwrap_or_else(|| self.judge(demand, Caller::Stranger, Way::NONE, None));
        // Roles of the inputs are known whole, whatever others the pattern means: the one who may least speaks for all.
        let account = self.key.account.as_literal();
        for arn in self.from.identities.meant(acting, account) {
            let reader = reader::named(&arn, &origin, self.tables.symbols);
            let way = Way {
                reader: Some(&reader),
                given: &given,
                via: declared.via,
            };
            let one = self.acting(demand, &arn, way);
            if standing(one.verdict) < standing(requirement.verdict) {
                requirement = one;
            }
        }
        if let Some(role) = &declared.through {
            let assumed = self.assume(&declared.arn, role, &given);
            requirement = through(requirement, assumed);
        }
        requirement.reader = Some(declared.arn.clone());
        requirement.via = (declared.via != Via::Unsaid).then(|| declared.via.word());
        requirement.through.clone_from(&declared.through);
        requirement
    }

    /// What whoever reads may, by the key's policy, its own IAM policies and grants.
    fn acting(&mut self, demand: &'static Demand, arn: &str, way: Way<'_>) -> Requirement {
        let caller = way.reader.map(|it| it.caller.clone());
        let caller = caller.unwrap_or(Caller::Stranger);
        let mut requirement = self.judge(demand, caller, way, None);
        let mut own = None;
        if way.reader.is_some_and(|it| !it.root) {
            let from = (self.inputs, self.from.linker);
            let gathered = self.from.identities.of(arn, from, self.tables);
            if !gathered.held.is_empty() || !gathered.unread.is_empty() || gathered.complete {
                requirement = self.with_identity(demand, way, requirement, &gathered);
                own = Some(gathered);
            }
        }
        self.grant(demand, arn, (way, own.as_ref()), &mut requirement);
        requirement
    }

    /// The same requirement with the reader's own IAM policies.
    fn with_identity(
        &mut self,
        demand: &'static Demand,
        way: Way<'_>,
        alone: Requirement,
        gathered: &Gathered,
    ) -> Requirement {
        let principal = alone.request.principal.clone();
        let mut both = self.judge(demand, principal, way, Some(gathered));
        let open = matches!(both.verdict, Verdict::Undecided | Verdict::Conditional);
        let of_policies = alone.verdict != both.verdict;
        if gathered.is_sensitive() {
            // Which keys a sensitive policy tests is part of it.
            both.request.context = alone.request.context;
            if open && of_policies {
                self.hide(gathered, &mut both);
            }
        }
        if both.verdict == Verdict::Denied && of_policies {
            both.besides = Some(self.denial(gathered, &both));
        }
        if both.verdict == Verdict::Allowed && of_policies {
            both.besides = self.permission(gathered, &both);
        }
        if both.verdict == Verdict::Delegated {
            self.left_unread(gathered, &mut both);
        }
        both
    }

    /// Leaves open what sensitive policies decide.
    pub(super) fn hide(&self, gathered: &Gathered, requirement: &mut Requirement) {
        requirement.verdict = Verdict::Undecided;
        requirement.decision.cases.clear();
        requirement.decision.blocked_by = vec![policy::Blocker {
            symbol: None,
            reason: "the reader's IAM policies decide, and are sensitive".to_owned(),
            at: gathered.place(&self.facts.origin),
        }];
    }

    /// Which of the reader's policies allows it, where one does alone.
    fn permission(&self, gathered: &Gathered, requirement: &Requirement) -> Option<Besides> {
        let policy = self.key.policy.as_ref()?;
        let allows = |held: &&Held| {
            let one = Request {
                identity: Identity::Complete(vec![held.policy.clone()]),
                ..requirement.request.clone()
            };
            policy::evaluate(policy, &one, self.tables.symbols).verdict == Verdict::Allowed
        };
        let held = gathered.held.iter().find(allows)?;
        let by = held.by.iter().filter(|by| **by != held.address);
        Some(Besides {
            because: format!("the IAM policy of `{}` allows it", held.address),
            at: held.origin.clone(),
            label: "this policy of IAM lets the reader decrypt".to_owned(),
            meaning: self.meant("iam allows", [held], &requirement.request.action),
            from: [held.address.clone()]
                .into_iter()
                .chain(by.cloned())
                .collect(),
        })
    }

    /// What is left to policies of which one was not read: nobody can tell what one will say that AWS refuses.
    fn left_unread(&self, gathered: &Gathered, requirement: &mut Requirement) {
        let mut all = gathered.unread.iter();
        let broken = gathered.unread.iter().find(|it| it.broken);
        let Some(unread) = broken.or_else(|| all.next()) else {
            return;
        };
        let at = unread.at.clone();
        let at = at.unwrap_or_else(|| gathered.place(&self.facts.origin));
        let reason = unread.reason.clone();
        if unread.broken {
            requirement.verdict = Verdict::Undecided;
            requirement.decision.cases.clear();
            requirement.decision.blocked_by = vec![policy::Blocker {
                symbol: None,
                reason,
                at,
            }];
        } else {
            requirement.besides = Some(Besides {
                because: format!("does not decide it alone, and {reason}"),
                label: "what it allows is not known".to_owned(),
                meaning: Meaning::of("iam unread"),
                from: Vec::new(),
                at,
            });
        }
    }

    /// Which of the reader's policies denies, or that none allows.
    fn denial(&self, gathered: &Gathered, requirement: &Requirement) -> Besides {
        let action = &requirement.request.action;
        let owner = gathered
            .address
            .as_ref()
            .map(|(address, _)| address.as_str());
        if requirement.explicit {
            for held in &gathered.held {
                let one = Request {
                    identity: Identity::Partial(vec![held.policy.clone()]),
                    ..requirement.request.clone()
                };
                let Some(policy) = &self.key.policy else {
                    continue;
                };
                let answer = policy::answer(policy, &one, self.tables.symbols);
                if answer.explicit {
                    let deny = self.denying(policy, &one, held).filter(|_| !held.sensitive);
                    return Besides {
                        because: format!("the IAM policy of `{}` denies it", held.address),
                        at: deny.map_or_else(|| held.origin.clone(), |it| it.effect_at.clone()),
                        label: "a Deny of the reader's IAM policies".to_owned(),
                        meaning: self.meant("iam denies", [held], action),
                        from: vec![held.address.clone()],
                    };
                }
            }
        }
        Besides {
            because: format!(
                "the key's policy leaves it to IAM, and no IAM policy of `{}` allows `{action}` on the key",
                owner.unwrap_or("the reader")
            ),
            at: gathered.place(&self.facts.origin),
            label: format!("none of its policies allows `{action}` on the key"),
            meaning: self.meant("iam does not allow", &gathered.held, action),
            from: Vec::new(),
        }
    }

    /// The Deny of an IAM policy that hits a request; the first one, where none does by itself.
    fn denying<'h>(
        &self,
        policy: &policy::Policy,
        request: &Request,
        held: &'h Held,
    ) -> Option<&'h policy::Statement> {
        let denies = || {
            let statements = held.policy.statements.iter();
            statements.filter(|it| it.effect == Some(policy::Effect::Deny))
        };
        let hits = |it: &&policy::Statement| {
            let mut alone = held.policy.clone();
            alone.statements = vec![(*it).clone()];
            let one = Request {
                identity: Identity::Partial(vec![alone]),
                ..request.clone()
            };
            policy::answer(policy, &one, self.tables.symbols).explicit
        };
        denies().find(hits).or_else(|| denies().next())
    }

    /// What the statements of some policies say that are about an action.
    pub(crate) fn meant<'h>(
        &self,
        kind: &'static str,
        policies: impl IntoIterator<Item = &'h Held>,
        action: &str,
    ) -> Meaning {
        let (mut texts, mut hidden) = (BTreeSet::new(), false);
        for held in policies {
            hidden |= held.sensitive;
            let statements = held.policy.statements.iter().enumerate();
            let about = |(_, it): &(usize, &policy::Statement)| {
                !held.sensitive && it.may_match_action(action) != Match::No
            };
            for (at, _) in statements.filter(about) {
                let meaning = held.policy.canonical(at, self.tables.symbols);
                let meaning = meaning.unwrap_or_default();
                hidden |= meaning.hidden;
                texts.insert(meaning.text);
            }
        }
        Meaning {
            kind,
            texts: texts.into_iter().collect(),
            hidden,
        }
    }

    /// "Can anyone read": the candidate who comes closest. Only the root user is told apart.
    pub(crate) fn anyone(&mut self, demand: &'static Demand) -> Requirement {
        let Some(policy) = self.key.policy.as_ref() else {
            return self.judge(demand, Caller::Stranger, Way::NONE, None);
        };
        let partition = reader::segments(&self.key.arn)
            .get(1)
            .cloned()
            .unwrap_or_default();
        let partition = match partition.parts().first().map(|part| &part.kind) {
            Some(crate::value::PartKind::Literal(text)) => Piece::Known(text.clone()),
            Some(crate::value::PartKind::Symbol(symbol)) => Piece::Symbol(*symbol),
            _ => "aws".into(),
        };
        let (account, origin) = (self.key.account.clone(), self.facts.origin.clone());
        let mut readers = reader::candidates(
            policy,
            demand.action,
            &partition,
            &account,
            &origin,
            self.tables.symbols,
        );
        if self.key.sensitive {
            // Whom a sensitive policy names is part of it.
            readers = readers.into_iter().map(Reader::into_sensitive).collect();
        }
        let most = if policy.was_asked_much() {
            FEW_READERS
        } else {
            MOST_READERS
        };
        let mut left_out = readers.len() > most;
        let mut best: Option<(u8, Requirement)> = None;
        for reader in readers.iter().take(most) {
            let mut requirement = self.judge(demand, reader.caller.clone(), Way::of(reader), None);
            let rank = self.rank(&mut requirement, reader);
            if best.as_ref().is_none_or(|(known, _)| rank > *known) {
                best = Some((rank, requirement));
            }
            if rank == u8::MAX {
                break;
            }
        }
        if let Some((known @ 0..=1, _)) = best {
            // A grant lets somebody read too.
            let (granted, all) = self.granted(demand, most);
            left_out |= !all;
            best = granted.filter(|(rank, _)| *rank > known).or(best);
        }
        match best {
            Some((0..=1, mut requirement)) if left_out => {
                requirement.verdict = Verdict::Undecided;
                requirement.decision.verdict = Verdict::Undecided;
                requirement.decision.blocked_by.push(Blocker {
                    symbol: None,
                    reason: "the policy names more principals than are asked for".to_owned(),
                    at: policy.origin.clone(),
                });
                requirement
            }
            Some((0, requirement)) => self.closest(demand, requirement),
            Some((_, requirement)) => requirement,
            None => self.judge(demand, Caller::Stranger, Way::NONE, None),
        }
    }

    /// Nobody can read: the one who came closest explains it best, whoever the statements were meant for.
    fn closest(&mut self, demand: &'static Demand, first: Requirement) -> Requirement {
        let Some(policy) = self.key.policy.as_ref() else {
            return first;
        };
        let closeness = |requirement: &Requirement| {
            policy::nearest(&requirement.decision)
                .map(|it| (it.action, it.resource, it.conditions.0))
                .map(|(action, resource, held)| {
                    (
                        action == policy::Match::Yes,
                        resource == policy::Match::Yes,
                        held,
                    )
                })
        };
        let readers = reader::meant(
            policy,
            &self.key.account,
            &self.facts.origin,
            self.tables.symbols,
        );
        let mut best = first;
        for reader in readers
            .iter()
            .filter(|_| !self.key.sensitive)
            .collect::<Vec<_>>()
        {
            let requirement = self.judge(demand, reader.caller.clone(), Way::of(reader), None);
            if requirement.verdict == Verdict::Denied && closeness(&requirement) > closeness(&best)
            {
                best = requirement;
            }
        }
        best
    }

    /// How far a candidate comes. What the reader chooses is chosen for the best.
    pub(super) fn rank(&self, requirement: &mut Requirement, reader: &Reader) -> u8 {
        let free = |symbol| self.tables.symbols.get(symbol).nature == Nature::Free;
        if matches!(
            requirement.verdict,
            Verdict::Undecided | Verdict::Conditional
        ) {
            let chosen = requirement.decision.cases.iter().find(|case| {
                matches!(case.verdict, Verdict::Allowed | Verdict::Delegated)
                    && case.when.iter().all(|fixed| free(fixed.symbol))
            });
            let cases = &requirement.decision.cases;
            let reads = |verdict| matches!(verdict, Verdict::Allowed | Verdict::Delegated);
            if let Some(case) = chosen {
                requirement.verdict = case.verdict;
            } else if !cases.is_empty() && cases.iter().all(|case| reads(case.verdict)) {
                // Whatever is not known, one half or the other lets them read.
                requirement.verdict = Verdict::Delegated;
            }
        }
        match (requirement.verdict, reader.root) {
            (Verdict::Allowed, true) => {
                requirement.only_root = true;
                1
            }
            (Verdict::Allowed, false) => u8::MAX,
            (Verdict::Delegated, _) => 4,
            (Verdict::Conditional, _) => 3,
            (Verdict::Undecided, _) => 2,
            (Verdict::Denied, _) => 0,
        }
    }

    /// The request of one who reads.
    fn request(
        &mut self,
        demand: &'static Demand,
        principal: Caller,
        way: Way<'_>,
        gathered: Option<&Gathered>,
    ) -> Request {
        let key = self.key;
        let mut request = Request {
            principal,
            action: demand.action.to_owned(),
            resource: key.arn.clone(),
            account: key.account.clone(),
            context: policy::Context::new(),
            identity: gathered.map(Gathered::identity).unwrap_or_default(),
        };
        if let Some(policy) = &key.policy {
            let mut builder = Builder {
                facts: self.facts,
                key,
                reader: way.reader,
                given: way.given,
                named: !self.inputs.options.readers.is_empty(),
                via: way.via,
                tables: self.tables,
            };
            // The other reading of a policy with equal keys is asked the same request.
            let others = key.others.iter().filter_map(|it| it.policy.as_ref());
            let own = gathered.into_iter().flat_map(|it| &it.held);
            let policies: Vec<&policy::Policy> = [policy]
                .into_iter()
                .chain(&key.policy_first)
                .chain(others)
                .chain(own.map(|it| &it.policy))
                .collect();
            request.context = builder.context(demand.kind, demand.action, &policies);
        }
        request
    }

    /// The answer where a grant allows the request: a Deny still wins over it. None where the policy is not known.
    pub(super) fn with_grant(
        &mut self,
        demand: &'static Demand,
        principal: Caller,
        (way, gathered): (Way<'_>, Option<&Gathered>),
    ) -> Option<policy::Decision> {
        let policy = self.key.policy.as_ref()?;
        let request = self.request(demand, principal, way, gathered);
        let symbols = &*self.tables.symbols;
        Some(readable(policy::evaluate_granted(
            policy, &request, symbols,
        )))
    }

    pub(super) fn judge(
        &mut self,
        demand: &'static Demand,
        principal: Caller,
        way: Way<'_>,
        gathered: Option<&Gathered>,
    ) -> Requirement {
        let key = self.key;
        let request = self.request(demand, principal, way, gathered);
        let decision = match &key.policy {
            Some(policy) => readable(policy::evaluate(policy, &request, self.tables.symbols)),
            None => nothing_known(key),
        };
        Requirement {
            id: demand.id,
            key: self.index,
            reader: None,
            only_root: false,
            verdict: decision.verdict,
            explicit: decision.explicit,
            before: None,
            asked_at: self.facts.origin.clone(),
            request,
            decision,
            besides: None,
            via: None,
            through: None,
        }
    }
}

/// Who reads, and how.
#[derive(Clone, Copy)]
pub(crate) struct Way<'w> {
    reader: Option<&'w Reader>,
    given: &'w [(String, String)],
    via: Via,
}

impl<'w> Way<'w> {
    const NONE: Way<'static> = Way {
        reader: None,
        given: &[],
        via: Via::Unsaid,
    };

    pub(super) fn of(reader: &'w Reader) -> Self {
        Way {
            reader: Some(reader),
            ..Way::NONE
        }
    }
}

/// The answer for a reader that may be one of several: theirs where they agree.
fn common(mut all: Vec<Requirement>, at: &Origin) -> Option<Requirement> {
    let agree = all.windows(2).all(|pair| match pair {
        [one, other] => one.verdict == other.verdict,
        _ => true,
    });
    let mut first = (!all.is_empty()).then(|| all.swap_remove(0))?;
    if !agree {
        let reason = "the path of the role is not known: it holds the Region of IAM Identity Center, unless that is us-east-1";
        first.verdict = Verdict::Undecided;
        first.explicit = false;
        first.besides = None;
        first.decision.cases.clear();
        first.decision.blocked_by = vec![policy::Blocker {
            symbol: None,
            reason: reason.to_owned(),
            at: at.clone(),
        }];
    }
    Some(first)
}

/// How much a verdict gives.
fn standing(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Denied => 0,
        Verdict::Undecided => 1,
        Verdict::Conditional => 2,
        Verdict::Delegated => 3,
        Verdict::Allowed => 4,
    }
}

/// What a reader may that must assume a role first: the lesser of the two answers.
fn through(mut requirement: Requirement, assumed: Assumed) -> Requirement {
    if standing(assumed.verdict) < standing(requirement.verdict) {
        // A condition of the trust policy's own has no place among the cases of the key's.
        requirement.verdict = match assumed.verdict {
            Verdict::Conditional => Verdict::Undecided,
            verdict => verdict,
        };
        requirement.explicit = assumed.explicit;
        requirement.besides = assumed.besides;
        requirement.decision.cases.clear();
        requirement.decision.blocked_by = assumed.blocked_by;
    }
    requirement
}

/// The answer of a key's policy to a request.
pub(crate) fn ask(
    key: &Key,
    index: usize,
    id: &'static str,
    asked_at: &Origin,
    request: Request,
    symbols: &Symbols,
) -> Requirement {
    let decision = match &key.policy {
        Some(policy) => readable(policy::evaluate(policy, &request, symbols)),
        None => nothing_known(key),
    };
    Requirement {
        id,
        key: index,
        reader: None,
        only_root: false,
        verdict: decision.verdict,
        explicit: decision.explicit,
        before: None,
        asked_at: asked_at.clone(),
        request,
        decision,
        besides: None,
        via: None,
        through: None,
    }
}

/// Whether a reader is allowed or delegated can hang on what is not known, where both mean that the policy does not stand in the way.
pub(crate) fn readable(mut decision: policy::Decision) -> policy::Decision {
    let open = |case: &policy::Case| matches!(case.verdict, Verdict::Allowed | Verdict::Delegated);
    if !decision.cases.is_empty()
        && decision.cases.iter().all(open)
        && decision.verdict != Verdict::Allowed
    {
        decision.verdict = Verdict::Delegated;
    }
    decision
}

impl Requirement {
    /// A denial that only counts if something holds that is not known.
    pub(crate) fn doubt(&mut self, reason: &str, at: &Origin) {
        if self.verdict == Verdict::Denied {
            self.verdict = Verdict::Undecided;
            let (reason, at) = (reason.to_owned(), at.clone());
            self.decision.blocked_by.push(policy::Blocker {
                symbol: None,
                reason,
                at,
            });
        }
    }
}

/// The answer where the policy could not be read at all.
fn nothing_known(key: &Key) -> policy::Decision {
    let blocker = key.unread.clone();
    let reason = match &key.state {
        PolicyState::Unknown(reason) => reason.clone(),
        PolicyState::Invalid => "AWS rejects this policy".to_owned(),
        _ => "the policy is not in the inputs".to_owned(),
    };
    policy::Decision {
        verdict: Verdict::Undecided,
        explicit: false,
        cases: Vec::new(),
        blocked_by: vec![blocker.unwrap_or(policy::Blocker {
            symbol: None,
            reason,
            at: key.origin.clone(),
        })],
        statements: Vec::new(),
    }
}
