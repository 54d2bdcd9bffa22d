//! The verdict of one requirement: the request is put together and the key's policy is asked.

use super::context::{Builder, Facts};
use super::reader::{self, Reader};
use super::{Inputs, Tables};
use crate::input::home::Piece;
use crate::model::{Key, PolicyState, Requirement};
use crate::policy::requests::Demand;
use crate::policy::{self, Caller, Identity, Request, Verdict};
use crate::source::Origin;
use crate::value::Nature;

/// Judges the requirements of one subject and one key.
pub(crate) struct Judge<'j, 'a, 't> {
    pub(crate) facts: &'j Facts,
    pub(crate) key: &'j Key,
    /// The index of the key.
    pub(crate) index: usize,
    pub(crate) inputs: Inputs<'a>,
    pub(crate) tables: &'j mut Tables<'t>,
}

impl Judge<'_, '_, '_> {
    pub(crate) fn service(&mut self, demand: &'static Demand) -> Requirement {
        let service = demand.kind.service().unwrap_or_default();
        self.judge(demand, Caller::Service(service.to_owned()), None, &[])
    }

    pub(crate) fn named(&mut self, demand: &'static Demand, arn: &str) -> Requirement {
        let reader = reader::named(arn, &self.facts.origin, self.tables.symbols);
        let mut requirement = self.judge(
            demand,
            reader.caller.clone(),
            Some(&reader),
            &self.inputs.options.reader_context,
        );
        requirement.reader = Some(arn.to_owned());
        requirement
    }

    /// "Can anyone read": the candidate who comes closest. Only the root user is told apart.
    pub(crate) fn anyone(&mut self, demand: &'static Demand) -> Requirement {
        let Some(policy) = self.key.policy.as_ref() else {
            return self.judge(demand, Caller::Stranger, None, &[]);
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
        let mut readers =
            reader::candidates(policy, &partition, &account, &origin, self.tables.symbols);
        if self.key.sensitive {
            // Whom a sensitive policy names is part of it.
            readers = readers.into_iter().map(Reader::into_sensitive).collect();
        }
        let mut best: Option<(u8, Requirement)> = None;
        for reader in &readers {
            let mut requirement = self.judge(demand, reader.caller.clone(), Some(reader), &[]);
            let rank = self.rank(&mut requirement, reader);
            if best.as_ref().is_none_or(|(known, _)| rank > *known) {
                best = Some((rank, requirement));
            }
            if rank == u8::MAX {
                break;
            }
        }
        match best {
            Some((0, requirement)) => self.closest(demand, requirement),
            Some((_, requirement)) => requirement,
            None => self.judge(demand, Caller::Stranger, None, &[]),
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
            let requirement = self.judge(demand, reader.caller.clone(), Some(reader), &[]);
            if requirement.verdict == Verdict::Denied && closeness(&requirement) > closeness(&best)
            {
                best = requirement;
            }
        }
        best
    }

    /// How far a candidate comes. What the reader chooses is chosen for the best.
    fn rank(&self, requirement: &mut Requirement, reader: &Reader) -> u8 {
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

    fn judge(
        &mut self,
        demand: &'static Demand,
        principal: Caller,
        reader: Option<&Reader>,
        given: &[(String, String)],
    ) -> Requirement {
        let key = self.key;
        let mut request = Request {
            principal,
            action: demand.action.to_owned(),
            resource: key.arn.clone(),
            account: key.account.clone(),
            context: policy::Context::new(),
            identity: Identity::Unknown,
        };
        let decision = match &key.policy {
            Some(policy) => {
                let mut builder = Builder {
                    facts: self.facts,
                    key,
                    reader,
                    given,
                    tables: self.tables,
                };
                // The other reading of a policy with equal keys is asked the same request.
                let policies: Vec<&policy::Policy> =
                    [policy].into_iter().chain(&key.policy_first).collect();
                request.context = builder.context(demand.kind, demand.action, &policies);
                readable(policy::evaluate(policy, &request, self.tables.symbols))
            }
            None => nothing_known(key),
        };
        Requirement {
            id: demand.id,
            key: self.index,
            reader: None,
            only_root: false,
            verdict: decision.verdict,
            explicit: decision.explicit,
            request,
            decision,
        }
    }
}

/// Whether a reader is allowed or delegated can hang on what is not known, where both mean that the policy does not stand in the way.
fn readable(mut decision: policy::Decision) -> policy::Decision {
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
