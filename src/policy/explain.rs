//! Why: how each statement met the request, and which came nearest.

use std::borrow::Cow;

use super::decision::{Decision, Element, Failed, Match, Outcome};
use super::element::{Entry, Texts, Values};
use super::matching::Pass;
use super::request::{Caller, ContextValue};
use super::{Effect, Policy, PolicyKind, Statement};
use crate::source::Origin;
use crate::spelling::slips;
use crate::value::{Presence, Text};

/// The Allow statement that came nearest to the request and does not surely match: the same principal first, then the action, the resource, and the
/// number of conditions that hold; the first of equals. A statement that fails in nothing but a principal that looks like the caller's
/// (`cloudtrial.amazonaws.com`) comes before one for the caller that is about something else. None where no Allow is for the principal.
pub fn nearest(decision: &Decision) -> Option<&Outcome> {
    let rank = |outcome: &Outcome| {
        let grade = |matches: Match| match matches {
            Match::Yes => 2,
            Match::Maybe => 1,
            Match::No => 0,
        };
        let (hold, of) = outcome.conditions;
        (
            outcome.action == Match::Yes,
            grade(outcome.principal),
            grade(outcome.action),
            grade(outcome.resource),
            std::cmp::Reverse(of.saturating_sub(hold)),
            hold,
        )
    };
    let candidates = decision.statements.iter().filter(|outcome| {
        outcome.effect != Some(Effect::Deny)
            && (outcome.principal != Match::No || is_slip(outcome))
            && (outcome.matches != Match::Yes || outcome.through_account)
    });
    // `max_by_key` gives the last of equals; the first is wanted.
    candidates.rev().max_by_key(|outcome| rank(outcome))
}

/// True where a principal that looks like the caller's is all that fails.
fn is_slip(outcome: &Outcome) -> bool {
    let (hold, of) = outcome.conditions;
    let rest = outcome.action == Match::Yes && outcome.resource == Match::Yes && hold == of;
    let is_meant = |failed: &Failed| {
        let caller = failed.request.first().and_then(Text::to_literal);
        let caller = caller.unwrap_or_default();
        let meant = |text: &Text| text.to_literal().is_some_and(|it| looks_like(&it, &caller));
        failed.element == Element::Principal && failed.policy.iter().any(meant)
    };
    rest && outcome.failed.as_ref().is_some_and(is_meant)
}

/// Two services whose first label, or two principals of a kind whose name, differ by a slip.
fn looks_like(policy: &str, caller: &str) -> bool {
    let close = |one: &str, other: &str| {
        !one.is_empty() && slips(one, other).is_some_and(|slips| slips <= 2)
    };
    let name = |text: &str| -> Option<(String, String)> {
        let resource = text.splitn(6, ':').nth(5)?;
        let (kind, rest) = resource.split_once('/')?;
        Some((kind.to_owned(), rest.rsplit('/').next()?.to_owned()))
    };
    match (name(policy), name(caller)) {
        (Some((kind, name)), Some((same, other))) => kind == same && close(&name, &other),
        (None, None) if !policy.contains([':', '*']) && !caller.contains([':', '*']) => {
            let label = |text: &str| text.split('.').next().unwrap_or_default().to_owned();
            close(&label(policy), &label(caller))
        }
        _ => false,
    }
}

impl Pass<'_> {
    /// How every statement met the request.
    pub(super) fn outcomes(&self, policy: &Policy) -> Vec<Outcome> {
        let statements = policy.statements.iter().enumerate();
        statements
            .map(|(index, statement)| self.outcome(policy.kind, index, statement))
            .collect()
    }

    fn outcome(&self, kind: PolicyKind, index: usize, statement: &Statement) -> Outcome {
        let body = &statement.body;
        let reach = self.reach(body.principals.as_ref());
        let action = self.action(body.action.as_ref());
        let resource = self.resource(kind, body.resource.as_ref());
        let conditions: Vec<Match> = body
            .conditions
            .iter()
            .map(|condition| self.condition(condition))
            .collect();
        let hold = conditions.iter().filter(|it| **it == Match::Yes).count();
        let mut rest = conditions.iter().copied().fold(Match::Yes, Match::and);
        for unread in &body.unread {
            rest = rest.and(self.holds(unread.open.symbol, &unread.open.origin));
        }
        let mut matches = reach.any.and(action).and(resource).and(rest);
        if body.dead {
            matches = Match::No;
        } else if body.doubt.is_some() || statement.presence != Presence::Present {
            matches = matches.and(Match::Maybe);
        }
        let parts = [(reach.any, 0), (action, 1), (resource, 2)];
        let failed = self.failed(statement, &parts, &conditions);
        Outcome {
            index,
            effect: statement.effect,
            matches,
            principal: reach.any,
            through_account: reach.any != Match::No && reach.direct == Match::No,
            action,
            resource,
            conditions: (hold, conditions.len() + body.unread.len()),
            failed,
        }
    }

    /// The first element that surely fails, else the first that perhaps does.
    fn failed(
        &self,
        statement: &Statement,
        parts: &[(Match, usize)],
        conditions: &[Match],
    ) -> Option<Failed> {
        let body = &statement.body;
        if body.dead {
            return Some(whole(statement, &statement.origin));
        }
        for wanted in [Match::No, Match::Maybe] {
            if let Some((matches, which)) = parts.iter().find(|(matches, _)| *matches == wanted) {
                let failed = match which {
                    0 => self.failed_principal(statement, *matches),
                    1 => body.action.as_ref().map(|texts| {
                        let action =
                            Text::literal(self.request.action.as_str(), texts.values.at.clone());
                        failed_texts(
                            (Element::Action, Element::NotAction),
                            texts,
                            action,
                            *matches,
                        )
                    }),
                    _ => body.resource.as_ref().map(|texts| {
                        let both = (Element::Resource, Element::NotResource);
                        failed_texts(both, texts, self.request.resource.clone(), *matches)
                    }),
                };
                return Some(failed.unwrap_or_else(|| whole(statement, &statement.origin)));
            }
            if let Some(at) = conditions.iter().position(|matches| *matches == wanted) {
                return self.failed_condition(statement, at, wanted);
            }
        }
        let doubt = body.doubt.as_ref().map(|(_, at)| at);
        let unread = body.unread.first().map(|unread| &unread.open.origin);
        let maybe = (statement.presence != Presence::Present).then_some(&statement.origin);
        doubt.or(unread).or(maybe).map(|at| Failed {
            matches: Match::Maybe,
            ..whole(statement, at)
        })
    }

    fn failed_principal(&self, statement: &Statement, matches: Match) -> Option<Failed> {
        let principals = statement.body.principals.as_ref()?;
        let request = match &self.request.principal {
            Caller::Service(service) => Text::literal(service.as_str(), statement.origin.clone()),
            Caller::Aws(caller) => caller.clone(),
            Caller::Stranger => Text::literal("*", statement.origin.clone()),
        };
        let lists = principals.lists.iter().map(|(_, values)| values);
        let entries: Vec<&Entry> = lists.flat_map(|values| &values.entries).collect();
        let whole = principals
            .at
            .clone()
            .unwrap_or_else(|| statement.origin.clone());
        let element = if principals.negated {
            Element::NotPrincipal
        } else {
            Element::Principal
        };
        Some(Failed {
            policy: entries
                .iter()
                .map(|entry| entry.pattern.text.clone())
                .collect(),
            at: closest(&entries, std::slice::from_ref(&request), whole),
            request: vec![request],
            ..blank(element, matches, &statement.origin)
        })
    }

    fn failed_condition(&self, statement: &Statement, at: usize, matches: Match) -> Option<Failed> {
        let condition = statement.body.conditions.get(at)?;
        let value = self.request.context.get(&condition.key);
        let absent = match value.map(|value: &ContextValue| value.presence) {
            Some(Presence::Present) => false,
            Some(presence) => self.presence(presence, &condition.key_at) != Match::Yes,
            None => true,
        };
        let request = value.map_or(Vec::new(), |value| value.values.clone());
        let entries: Vec<&Entry> = condition.values.entries.iter().collect();
        let at = if absent {
            condition.key_at.clone()
        } else {
            closest(&entries, &request, condition.values.at.clone())
        };
        Some(Failed {
            operator: Some(condition.name.clone()),
            key: Some(condition.shown.clone()),
            key_at: Some(condition.key_at.clone()),
            policy: texts(&condition.values),
            request,
            absent,
            ..blank(Element::Condition, matches, &at)
        })
    }
}

fn blank(element: Element, matches: Match, at: &Origin) -> Failed {
    Failed {
        element,
        operator: None,
        key: None,
        key_at: None,
        policy: Vec::new(),
        request: Vec::new(),
        absent: false,
        matches,
        at: at.clone(),
    }
}

fn whole(_: &Statement, at: &Origin) -> Failed {
    blank(Element::Statement, Match::No, at)
}

fn texts(values: &Values) -> Vec<Text> {
    let entries = values.entries.iter();
    entries.map(|entry| entry.pattern.text.clone()).collect()
}

fn failed_texts(
    (plain, negated): (Element, Element),
    texts_of: &Texts,
    request: Text,
    matches: Match,
) -> Failed {
    let element = if texts_of.negated { negated } else { plain };
    let entries: Vec<&Entry> = texts_of.values.entries.iter().collect();
    let whole = texts_of.values.at.clone();
    Failed {
        policy: texts(&texts_of.values),
        at: closest(&entries, std::slice::from_ref(&request), whole),
        request: vec![request],
        ..blank(element, matches, &texts_of.values.at)
    }
}

/// The one value that was meant to match: the only one, or the one that shares most with the request's value.
fn closest(entries: &[&Entry], request: &[Text], whole: Origin) -> Origin {
    if let [only] = entries {
        return only.at.clone();
    }
    let mut best: Option<(usize, &Entry)> = None;
    let mut tied = false;
    for entry in entries {
        let Some(policy) = literal(&entry.pattern.text) else {
            continue;
        };
        let wanted = request.iter().filter_map(literal);
        let score = wanted
            .map(|wanted| likeness(&policy, &wanted))
            .max()
            .unwrap_or(0);
        match best {
            Some((highest, _)) if score < highest => {}
            Some((highest, _)) if score == highest => tied = true,
            _ => (best, tied) = (Some((score, *entry)), false),
        }
    }
    match best {
        // A shared `arn:` or `kms:` is no likeness.
        Some((score, entry)) if !tied && score > 6 => entry.at.clone(),
        _ => whole,
    }
}

fn literal(text: &Text) -> Option<Cow<'_, str>> {
    match text.as_literal() {
        Some(text) => Some(Cow::Borrowed(text)),
        None => text.to_literal().map(Cow::Owned),
    }
}

/// How many letters two texts share at their ends, whatever their case.
fn likeness(left: &str, right: &str) -> usize {
    let equal = |(a, b): &(u8, u8)| a.eq_ignore_ascii_case(b);
    let front = left.bytes().zip(right.bytes()).take_while(equal).count();
    let back = left.bytes().rev().zip(right.bytes().rev());
    let back = back.take_while(equal).count();
    front + back
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::super::testing::Read;
    use super::*;

    const POLICY: &str = r#"
      {"Sid":"root","Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"kms:*","Resource":"*"},
      {"Sid":"encrypt","Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":["kms:GenerateDataKey*","kms:DescribeKeys"],"Resource":"*",
       "Condition":{"StringEquals":{"aws:SourceArn":"arn:aws:cloudtrail:us-east-1:111122223333:trail/main"},
                    "StringLike":{"kms:EncryptionContext:aws:cloudtrail:arn":["arn:aws:cloudtrail:*:444455556666:trail/*","arn:aws:cloudtrail:*:111122223333:trail/other"]}}},
      {"Sid":"config","Effect":"Allow","Principal":{"Service":"config.amazonaws.com"},"Action":"kms:Decrypt","Resource":"*"}"#;

    fn nearest_of(request: &str) -> (usize, Element, String) {
        let read = Read::statements(POLICY);
        let decision = read.decide(request);
        let outcome = nearest(&decision).unwrap();
        let failed = outcome.failed.as_ref().unwrap();
        (outcome.index, failed.element, read.underlined(&failed.at))
    }

    #[test]
    fn the_value_that_was_meant_to_match_is_underlined() {
        let context = r#"{"aws:SourceArn":"arn:aws:cloudtrail:us-east-1:111122223333:trail/mine","kms:EncryptionContext:aws:cloudtrail:arn":"x"}"#;
        let (index, element, text) = nearest_of(&format!(
            "cloudtrail.amazonaws.com kms:GenerateDataKey {context}"
        ));
        assert_eq!((index, element), (1, Element::Condition));
        assert_eq!(
            text,
            "\"arn:aws:cloudtrail:us-east-1:111122223333:trail/main\""
        );
        let (_, element, text) = nearest_of("cloudtrail.amazonaws.com kms:DescribeKey");
        assert_eq!((element, &*text), (Element::Action, "\"kms:DescribeKeys\""));
    }

    #[test]
    fn the_closest_of_several_values_is_underlined() {
        let arn = "arn:aws:cloudtrail:us-east-1:111122223333:trail/main";
        let context = format!(
            r#"{{"aws:SourceArn":"{arn}","kms:EncryptionContext:aws:cloudtrail:arn":"arn:aws:cloudtrail:us-east-1:444455556666:trails/other"}}"#
        );
        let (_, _, text) = nearest_of(&format!(
            "cloudtrail.amazonaws.com kms:GenerateDataKey {context}"
        ));
        assert!(text.contains("trail/other"), "{text}");
    }

    #[test]
    fn an_absent_key_is_underlined_itself() {
        let arn = "arn:aws:cloudtrail:us-east-1:111122223333:trail/main";
        let (_, _, text) = nearest_of(&format!(
            r#"cloudtrail.amazonaws.com kms:GenerateDataKey {{"aws:SourceArn":"{arn}"}}"#
        ));
        assert_eq!(text, "\"kms:EncryptionContext:aws:cloudtrail:arn\"");
    }

    #[test]
    fn where_no_allow_is_for_the_principal_nothing_is_near() {
        let read = Read::statements(POLICY);
        let decision = read.decide("logs.amazonaws.com kms:Decrypt");
        assert!(nearest(&decision).is_none());
        let failed = decision.statements[2].failed.as_ref().unwrap();
        assert_eq!(read.underlined(&failed.at), "\"config.amazonaws.com\"");
    }

    /// What the caller may do under another condition is nearer than what a misspelled service may do.
    #[test]
    fn a_statement_for_the_caller_and_its_action_comes_before_a_slip() {
        let statement = |service: &str, more: &str| {
            format!(
                r#"{{"Effect":"Allow","Principal":{{"Service":"{service}"}},"Action":"kms:Decrypt","Resource":"*"{more}}}"#
            )
        };
        let slip = statement("cloudtrial.amazonaws.com", "");
        let condition = r#","Condition":{"StringEquals":{"aws:x":"a"}}"#;
        let own = statement("cloudtrail.amazonaws.com", condition);
        let index = |statements: &str, action: &str| {
            let decision =
                Read::statements(statements).decide(&format!("cloudtrail.amazonaws.com {action}"));
            nearest(&decision).map(|outcome| outcome.index)
        };
        assert_eq!(index(&format!("{slip},{own}"), "kms:Decrypt"), Some(1));
        assert_eq!(index(&format!("{own},{slip}"), "kms:Decrypt"), Some(0));
        let other = own.replace("kms:Decrypt", "kms:Encrypt");
        assert_eq!(index(&format!("{other},{slip}"), "kms:Decrypt"), Some(1));
        assert_eq!(index(&slip, "kms:Encrypt"), None);
    }

    #[test]
    fn a_key_that_may_be_absent_is_underlined_itself() {
        let arn = "arn:aws:cloudtrail:us-east-1:111122223333:trail/";
        for (value, expected) in [
            (
                format!(r#"{{"maybe_absent":true,"value":"{arn}mine"}}"#),
                "\"aws:SourceArn\"".to_owned(),
            ),
            (format!(r#""{arn}mine""#), format!("\"{arn}main\"")),
        ] {
            let context = format!(r#"{{"aws:SourceArn":{value}}}"#);
            let asked = format!("cloudtrail.amazonaws.com kms:GenerateDataKey {context}");
            let read = Read::statements(POLICY);
            let decision = read.decide(&asked);
            let failed = nearest(&decision).unwrap().failed.as_ref().unwrap();
            assert_eq!(read.underlined(&failed.at), expected, "{value}");
            assert_eq!(failed.absent, value.contains("absent"), "{value}");
        }
    }

    #[test]
    fn names_look_alike_where_two_letters_at_most_are_others() {
        for (policy, caller, expected) in [
            ("cloudtrial.amazonaws.com", "cloudtrail.amazonaws.com", true),
            ("cloudtrail", "cloudtrail.amazonaws.com", true),
            ("logs.amazonaws.com", "cloudtrail.amazonaws.com", false),
            // `*` is everybody, and no short name.
            ("*", "s3.amazonaws.com", false),
            ("s4.amazonaws.com", "s3.amazonaws.com", true),
            ("s3.amazonaws.com", "*", false),
            ("1:", "s3.amazonaws.com", false),
            (
                "arn:aws:iam::111122223333:role/audti",
                "arn:aws:iam::111122223333:role/audit",
                true,
            ),
            (
                "arn:aws:iam::111122223333:user/audit",
                "arn:aws:iam::111122223333:role/audit",
                false,
            ),
        ] {
            assert_eq!(looks_like(policy, caller), expected, "{policy} {caller}");
        }
    }

    #[test]
    fn a_slip_is_near_only_where_nothing_else_fails() {
        let whole = r#"{"Effect":"Allow","Principal":{"Service":"cloudtrial.amazonaws.com"},"Action":"kms:Decrypt","Resource":"*"}"#;
        let with = |more: &str| whole.replace(r#""Resource":"*""#, more);
        for (statement, expected) in [
            (whole.to_owned(), true),
            (with(r#""Resource":"arn:aws:s3:::bucket""#), false),
            (
                with(r#""Resource":"*","Condition":{"StringEquals":{"aws:x":"a"}}"#),
                false,
            ),
            (
                with(r#""Resource":"*","Condition":{"Null":{"aws:x":"true"}}"#),
                true,
            ),
            (whole.replace("Decrypt", "Encrypt"), false),
        ] {
            let decision =
                Read::statements(&statement).decide("cloudtrail.amazonaws.com kms:Decrypt");
            assert_eq!(nearest(&decision).is_some(), expected, "{statement}");
        }
    }

    #[test]
    fn what_failed_is_told_beside_what_was_asked() {
        let read = Read::statements(POLICY);
        let asked = "cloudtrail.amazonaws.com kms:DescribeKey";
        let decision = read.decide(asked);
        let told =
            |texts: &[Text]| -> Vec<String> { texts.iter().filter_map(Text::to_literal).collect() };
        for (index, element, policy, request) in [
            (
                0,
                Element::Principal,
                vec!["111122223333"],
                "cloudtrail.amazonaws.com",
            ),
            (
                1,
                Element::Action,
                vec!["kms:GenerateDataKey*", "kms:DescribeKeys"],
                "kms:DescribeKey",
            ),
        ] {
            let failed = decision.statements[index].failed.as_ref().unwrap();
            assert_eq!(failed.element, element);
            assert!(failed.operator.is_none() && failed.key.is_none());
            assert_eq!(told(&failed.policy), policy);
            assert_eq!(told(&failed.request), [request]);
        }
        let other = r#"{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"arn:aws:s3:::bucket"}"#;
        let decision = Read::statements(other).decide(asked);
        let failed = decision.statements[0].failed.as_ref().unwrap();
        assert_eq!(failed.element, Element::Resource);
        assert_eq!(told(&failed.request), [super::super::testing::KEY]);
    }

    #[test]
    fn where_two_values_are_as_close_the_whole_list_is_underlined() {
        let arn = "arn:aws:cloudtrail:us-east-1:111122223333:trail/";
        for (values, value, expected) in [
            (["a", "b"], "c", None),
            (["ca", "b"], "cc", Some("ca")),
            (["b", "ca"], "cc", Some("ca")),
        ] {
            let values = values.map(|name| format!("\"{arn}{name}\""));
            let list = format!("[{}]", values.join(","));
            let statement = format!(
                r#"{{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*","Condition":{{"StringEquals":{{"aws:SourceArn":{list}}}}}}}"#
            );
            let read = Read::statements(&statement);
            let context = format!(r#"{{"aws:SourceArn":"{arn}{value}"}}"#);
            let decision = read.decide(&format!("cloudtrail.amazonaws.com kms:Decrypt {context}"));
            let failed = decision.statements[0].failed.as_ref().unwrap();
            let expected = expected.map_or(list, |name| format!("\"{arn}{name}\""));
            assert_eq!(read.underlined(&failed.at), expected, "{value}");
        }
    }

    #[test]
    fn a_condition_that_failed_is_told_with_its_operator_and_its_key_as_they_were_written() {
        let read = Read::statements(
            r#"{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*","Condition":{"ForAnyValue:StringLike":{"AWS:sourceArn":"a*"}}}"#,
        );
        let decision =
            read.decide(r#"cloudtrail.amazonaws.com kms:Decrypt {"aws:SourceArn":["b"]}"#);
        let failed = decision.statements[0].failed.as_ref().unwrap();
        assert_eq!(failed.element.name(), "Condition");
        assert_eq!(failed.operator.as_deref(), Some("ForAnyValue:StringLike"));
        assert_eq!(failed.key.as_deref(), Some("AWS:sourceArn"));
        let at = failed.key_at.as_ref().unwrap();
        assert_eq!(read.underlined(at), "\"AWS:sourceArn\"");
    }

    #[test]
    fn a_statement_reaches_a_caller_itself_or_through_its_account_or_not() {
        for (principal, matches, through) in [
            ("arn:aws:iam::111122223333:user/Bob", Match::Yes, false),
            ("111122223333", Match::Yes, true),
            ("arn:aws:iam::444455556666:user/Bob", Match::No, false),
        ] {
            let read = Read::statements(&format!(
                r#"{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"kms:*","Resource":"*"}}"#
            ));
            let decision = read.decide("arn:aws:iam::111122223333:user/Bob kms:Decrypt");
            let outcome = &decision.statements[0];
            assert_eq!(
                (outcome.principal, outcome.through_account),
                (matches, through),
                "{principal}"
            );
        }
    }
}
