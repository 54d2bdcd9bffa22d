//! Statements, policies and the decision table, in one three-valued pass.
//!
//! Sources: IAM User Guide, "Policy evaluation logic"; KMS Developer Guide, "Troubleshooting key access" and "Allowing users in other accounts
//! to use a KMS key".

use super::bindings::Bound;
use super::decision::{Match, Verdict};
use super::element::Texts;
use super::matching::Pass;
use super::pattern::Token;
use super::principal::Reach;
use super::request::{Caller, Identity, Request};
use super::variables::Syntax;
use super::{Effect, Policy, PolicyKind, Statement};
use crate::source::Origin;
use crate::value::{Meaning, Open, Symbols, Text};

/// The answer without its reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The verdict.
    pub verdict: Verdict,
    /// True where a Deny statement gave it.
    pub explicit: bool,
}

/// Answers one request without collecting reasons: the cheap form of [`evaluate`](super::evaluate), for trying many requests.
pub fn answer(policy: &Policy, request: &Request, symbols: &Symbols) -> Answer {
    super::cases::answer(policy, request, symbols)
}

/// What the statements of one policy say together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tally {
    /// A Deny matches.
    pub deny: Match,
    /// An Allow names the caller.
    pub direct: Match,
    /// An Allow names the caller or its account.
    pub any: Match,
}

impl Tally {
    const NONE: Tally = Tally {
        deny: Match::No,
        direct: Match::No,
        any: Match::No,
    };

    fn or(self, other: Tally) -> Tally {
        Tally {
            deny: self.deny.or(other.deny),
            direct: self.direct.or(other.direct),
            any: self.any.or(other.any),
        }
    }
}

impl Pass<'_> {
    /// The answer of the resource's policy and the caller's, where this pass can give one.
    pub(super) fn verdict(&self, policy: &Policy) -> Option<Answer> {
        let key = self.tally(policy);
        if policy.rejected {
            // There is no such key, whatever the caller's own policies say.
            return None;
        }
        let (iam, complete) = self.identity();
        let deny = key.deny.or(iam.deny);
        if deny == Match::Yes {
            return Some(Answer {
                verdict: Verdict::Denied,
                explicit: true,
            });
        }
        let (allowed, delegated) = match &self.request.principal {
            Caller::Service(_) | Caller::Stranger => (key.any, Match::No),
            Caller::Aws(caller) => {
                let direct = match key.direct {
                    Match::No => Match::No,
                    direct => direct.and(self.same_account(caller)),
                };
                if complete {
                    (direct.or(key.any.and(iam.any)), Match::No)
                } else {
                    (direct, key.any.and(direct.not()))
                }
            }
        };
        let verdict = match (deny, allowed, delegated) {
            (_, Match::No, Match::No) => Verdict::Denied,
            (Match::No, Match::Yes, _) => Verdict::Allowed,
            (Match::No, Match::No, Match::Yes) => Verdict::Delegated,
            _ => return None,
        };
        Some(Answer {
            verdict,
            explicit: false,
        })
    }

    /// What the caller's own policies say, and whether they are complete.
    fn identity(&self) -> (Tally, bool) {
        let (policies, complete) = match (&self.request.principal, &self.request.identity) {
            (Caller::Aws(_), Identity::Complete(policies)) => (policies, true),
            (Caller::Aws(_), Identity::Partial(policies)) => (policies, false),
            _ => return (Tally::NONE, false),
        };
        let tally = policies
            .iter()
            .map(|policy| self.tally(policy))
            .fold(Tally::NONE, Tally::or);
        (tally, complete)
    }

    fn tally(&self, policy: &Policy) -> Tally {
        let unknown = |reason: &str, at: &Origin| {
            let maybe = self.undocumented(reason, at);
            Tally {
                deny: maybe,
                direct: maybe,
                any: maybe,
            }
        };
        if policy.rejected {
            return unknown("AWS rejects this policy", &policy.origin);
        }
        if let Some(symbol) = policy.unknown {
            return unknown(&self.symbols.get(symbol).reason, &policy.origin);
        }
        let mut tally = Tally::NONE;
        for statement in &policy.statements {
            tally = tally.or(self.says(policy.kind, statement));
            if self.settled(tally.deny, Match::Yes) {
                return tally;
            }
        }
        match &policy.open {
            // Statements like those that were read say nothing that these do not.
            Some(open) if self.is_alike(open) => tally,
            Some(open) => {
                let of = self.symbols.get(open.symbol);
                let reason = format!(
                    "the policy has unknown statements, which hang on `{}` ({})",
                    of.name, of.reason
                );
                tally.or(unknown(&reason, &open.origin))
            }
            None => tally,
        }
    }

    fn is_alike(&self, open: &Open) -> bool {
        let meaning = self.symbols.meaning(open.symbol);
        matches!(meaning.as_deref(), Some(Meaning::Alike))
    }

    /// What one statement says.
    pub(super) fn says(&self, kind: PolicyKind, statement: &Statement) -> Tally {
        let met = self.statement(kind, statement);
        let allow = Tally {
            deny: Match::No,
            direct: met.direct,
            any: met.any,
        };
        let deny = Tally {
            deny: met.any,
            ..Tally::NONE
        };
        match statement.effect {
            Some(Effect::Allow) => allow,
            Some(Effect::Deny) => deny,
            None if met.any == Match::No => Tally::NONE,
            None => self.unknown_effect(statement, allow, deny),
        }
    }

    fn unknown_effect(&self, statement: &Statement, allow: Tally, deny: Tally) -> Tally {
        let bound = statement.body.effect.and_then(|id| self.bindings.get(id));
        match (bound, statement.body.effect) {
            (Some(Bound::Text(text)), _) if text == "Allow" => allow,
            (Some(Bound::Text(text)), _) if text == "Deny" => deny,
            (_, symbol) => {
                let maybe = match symbol {
                    Some(id) => {
                        let token = Token::Symbol { id, wild: false };
                        let allow = "Allow".chars().map(Token::Char).collect();
                        self.compare(vec![token], allow, Syntax::EXACT, &statement.origin)
                    }
                    None => self.undocumented("the effect is not known", &statement.origin),
                };
                Tally {
                    deny: deny.deny.and(maybe),
                    direct: allow.direct.and(maybe),
                    any: allow.any.and(maybe),
                }
            }
        }
    }

    /// Whether all elements of a statement match: directly, and through the account too.
    fn statement(&self, kind: PolicyKind, statement: &Statement) -> Reach {
        const NO: Reach = Reach {
            direct: Match::No,
            any: Match::No,
        };
        let body = &statement.body;
        if body.dead {
            return NO;
        }
        let mark = self.mark();
        let mut rest = self.action(body.action.as_ref());
        let mut reach = NO;
        if !self.settled(rest, Match::No) {
            reach = self.reach(body.principals.as_ref());
            rest = rest.and(reach.any);
        }
        if !self.settled(rest, Match::No) {
            rest = rest.and(self.resource(kind, body.resource.as_ref()));
        }
        for condition in &body.conditions {
            if self.settled(rest, Match::No) {
                break;
            }
            rest = rest.and(self.condition(condition));
        }
        for unread in &body.unread {
            if !self.settled(rest, Match::No) {
                rest = rest.and(self.holds(unread.open.symbol, &unread.open.origin));
            }
        }
        if rest != Match::No {
            rest = rest.and(self.presence(statement.presence, &statement.origin));
            if let Some((reason, at)) = &body.doubt {
                rest = rest.and(self.undocumented(reason, at));
            }
        }
        if rest == Match::No {
            self.drop_since(mark);
            return NO;
        }
        Reach {
            direct: reach.direct.and(rest),
            any: rest,
        }
    }

    /// `Action` and `NotAction`.
    pub(super) fn action(&self, element: Option<&Texts>) -> Match {
        let Some(texts) = element else {
            return Match::No;
        };
        let found = self.any(&texts.values, &|entry, _| {
            if let Some(found) = entry.pattern.matches(&self.request.action) {
                return Match::from(found);
            }
            let action = Text::literal(self.request.action.as_str(), entry.at.clone());
            self.text(&entry.pattern, &action, &entry.at)
        });
        if texts.negated { found.not() } else { found }
    }

    /// `Resource` and `NotResource`; a trust policy has none.
    pub(super) fn resource(&self, kind: PolicyKind, element: Option<&Texts>) -> Match {
        let Some(texts) = element else {
            return Match::from(kind == PolicyKind::Trust);
        };
        let found = self.any(&texts.values, &|entry, _| {
            self.text(&entry.pattern, &self.request.resource, &entry.at)
        });
        if texts.negated { found.not() } else { found }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::super::testing::{Read, with_identity};
    use super::*;

    const BOB: &str = "arn:aws:iam::111122223333:user/Bob kms:Decrypt";
    const ALICE: &str = "arn:aws:iam::444455556666:user/Alice kms:Decrypt";
    const ROOT: &str = "arn:aws:iam::111122223333:root kms:Decrypt";
    const TRAIL: &str = "cloudtrail.amazonaws.com kms:Decrypt";
    const ALLOW: &str = r#"{"Effect":"Allow","Action":"kms:*","Resource":"*"}"#;
    const DENY: &str = r#"{"Effect":"Deny","Action":"kms:*","Resource":"*"}"#;

    fn one(effect: &str, principal: &str) -> Read {
        Read::statements(&format!(
            r#"{{"Effect":"{effect}","Principal":{principal},"Action":"kms:*","Resource":"*"}}"#
        ))
    }

    #[test]
    fn the_table_of_callers() {
        let bob = r#"{"AWS":"arn:aws:iam::111122223333:user/Bob"}"#;
        let alice = r#"{"AWS":"arn:aws:iam::444455556666:user/Alice"}"#;
        let account = r#"{"AWS":"111122223333"}"#;
        let service = r#"{"Service":"cloudtrail.amazonaws.com"}"#;
        for (principal, request, expected) in [
            (bob, BOB, "allowed"),
            (account, BOB, "delegated"),
            (account, ROOT, "allowed"),
            (account, ALICE, "denied"),
            (account, TRAIL, "denied"),
            (alice, ALICE, "delegated"),
            (
                r#"{"AWS":"arn:aws:iam::444455556666:root"}"#,
                ALICE,
                "delegated",
            ),
            (r#""*""#, BOB, "allowed"),
            (r#""*""#, ALICE, "delegated"),
            (r#""*""#, TRAIL, "allowed"),
            (r#""*""#, "ANONYMOUS kms:Decrypt", "allowed"),
            (service, TRAIL, "allowed"),
            (
                service,
                "cloudtrail.us-east-1.amazonaws.com kms:Decrypt",
                "denied",
            ),
            (r#"{"Service":"*"}"#, TRAIL, "denied"),
            (
                r#"{"AWS":"arn:aws:iam::111122223333:user/*"}"#,
                BOB,
                "denied",
            ),
            (
                r#"{"Federated":"cognito-identity.amazonaws.com"}"#,
                BOB,
                "denied",
            ),
            (r#"{"CanonicalUser":"79a5"}"#, BOB, "denied"),
        ] {
            assert_eq!(
                one("Allow", principal).verdict(request),
                expected,
                "{principal} {request}"
            );
        }
    }

    #[test]
    fn identity_policies_decide_what_is_delegated() {
        let account = one("Allow", r#"{"AWS":"111122223333"}"#);
        let bob = one("Allow", r#"{"AWS":"arn:aws:iam::111122223333:user/Bob"}"#);
        let ask = |read: &Read, statements: &str| {
            let (request, symbols) = with_identity(BOB, statements);
            answer(&read.policy, &request, &symbols)
        };
        assert_eq!(ask(&account, ALLOW).verdict, Verdict::Allowed);
        assert!(ask(&bob, DENY).explicit);
        let other = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
        assert_eq!(ask(&account, other).verdict, Verdict::Denied);
        assert_eq!(ask(&bob, other).verdict, Verdict::Allowed);
        let (mut request, symbols) = with_identity(BOB, ALLOW);
        let own = format!(r#"{{"Version":"2012-10-17","Statement":[{ALLOW}]}}"#);
        let policies = vec![Read::new(&own, PolicyKind::Identity).policy];
        request.identity = Identity::Partial(policies);
        assert_eq!(
            answer(&account.policy, &request, &symbols).verdict,
            Verdict::Delegated
        );
    }

    #[test]
    fn a_deny_wins_and_one_without_resource_does_not() {
        let allow = r#"{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}"#;
        let deny = r#"{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"}"#;
        let decision = Read::statements(&format!("{allow},{deny}")).decide(BOB);
        assert!(decision.verdict == Verdict::Denied && decision.explicit);
        let dead = r#"{"Effect":"Deny","Principal":"*","Action":"kms:*"}"#;
        assert_eq!(
            Read::statements(&format!("{allow},{dead}")).verdict(BOB),
            "allowed"
        );
    }

    #[test]
    fn not_principal_spares_who_is_listed() {
        let allow = r#"{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}"#;
        let with = |listed: &str| {
            Read::statements(&format!(
                r#"{allow},{{"Effect":"Deny","NotPrincipal":{listed},"Action":"kms:*","Resource":"*"}}"#
            ))
        };
        let bob = with(r#"{"AWS":"arn:aws:iam::111122223333:user/Bob"}"#);
        assert_eq!(bob.verdict(BOB), "allowed");
        assert_eq!(bob.verdict(TRAIL), "denied");
        // Only the account is listed: not documented.
        assert_eq!(with(r#"{"AWS":"111122223333"}"#).verdict(BOB), "undecided");
        assert_eq!(
            with(r#"{"Service":"cloudtrail.amazonaws.com"}"#).verdict(TRAIL),
            "allowed"
        );
    }

    #[test]
    fn actions_and_resources_with_their_not_forms() {
        for (elements, expected) in [
            (r#""Action":"KMS:de?rypt","Resource":"*""#, "allowed"),
            (r#""Action":"s3:*","Resource":"*""#, "denied"),
            (r#""NotAction":"s3:*","Resource":"*""#, "allowed"),
            (r#""NotAction":["s3:*","kms:D*"],"Resource":"*""#, "denied"),
            (
                r#""Action":"*","Resource":"arn:aws:kms:*:111122223333:key/*""#,
                "allowed",
            ),
            (
                r#""Action":"*","Resource":"arn:aws:kms:us-east-1:111122223333:alias/x""#,
                "denied",
            ),
            (r#""Action":"*","Resource":"arn:aws:s3:::bucket""#, "denied"),
            (
                r#""Action":"*","NotResource":"arn:aws:s3:::bucket""#,
                "allowed",
            ),
        ] {
            let read = Read::statements(&format!(
                r#"{{"Effect":"Allow","Principal":"*",{elements}}}"#
            ));
            assert_eq!(read.verdict(BOB), expected, "{elements}");
        }
    }

    #[test]
    fn a_policy_that_aws_rejects_has_no_verdict() {
        let read = Read::statements(
            r#"{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*","X":1}"#,
        );
        let decision = read.decide(BOB);
        assert_eq!(decision.verdict, Verdict::Undecided);
        assert_eq!(decision.blocked_by[0].reason, "AWS rejects this policy");
        for statements in [
            "",
            r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#,
            r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#,
        ] {
            let (request, symbols) = with_identity(BOB, statements);
            let answer = answer(&read.policy, &request, &symbols);
            assert_eq!(answer.verdict, Verdict::Undecided, "{statements}");
        }
    }

    /// Some of a caller's policies are not known: a Deny among the others decides all the same, and an Allow does not.
    #[test]
    fn a_part_of_the_caller_s_policies_decides_by_a_deny_alone() {
        let read = one("Allow", r#"{"AWS":"111122223333"}"#);
        for (statement, verdict, explicit) in [
            (DENY, Verdict::Denied, true),
            (ALLOW, Verdict::Delegated, false),
        ] {
            let (mut request, symbols) = with_identity(BOB, statement);
            if let Identity::Complete(policies) = request.identity {
                request.identity = Identity::Partial(policies);
            }
            let expected = Answer { verdict, explicit };
            assert_eq!(answer(&read.policy, &request, &symbols), expected);
        }
    }

    #[test]
    fn a_trust_policy_has_no_resource_and_a_key_policy_needs_one() {
        let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:user/Bob"},"Action":"sts:AssumeRole"}}"#;
        let bob = "arn:aws:iam::111122223333:user/Bob sts:AssumeRole";
        for (kind, expected) in [(PolicyKind::Trust, "allowed"), (PolicyKind::Key, "denied")] {
            assert_eq!(Read::new(text, kind).verdict(bob), expected, "{kind:?}");
        }
    }
}
