//! Grants: a further way to use a key, beside its policy and IAM (AWS KMS Developer Guide, Grants in AWS KMS).

use std::collections::BTreeSet;

use super::identity::Gathered;
use super::index::{At, survives};
use super::judge::{Judge, Way};
use super::names::{KeyName, known};
use super::reader;
use crate::input::Resource;
use crate::model::{Besides, Fact, Meaning, Requirement};
use crate::policy::requests::Demand;
use crate::policy::{Blocker, Match, Verdict};
use crate::value::{Kind, Text, Value};

/// What one grant says to a request.
struct Answer {
    matches: Match,
    /// Why it does not, as a clause.
    why: Option<String>,
}

impl<'a> Judge<'_, 'a, '_> {
    /// Lets a grant of the inputs allow what the policies do not, to one reader. A Deny wins over it.
    pub(crate) fn grant(
        &mut self,
        demand: &'static Demand,
        reader: &str,
        asked: (Way<'_>, Option<&Gathered>),
        requirement: &mut Requirement,
    ) {
        for (at, it) in self.grants() {
            let grantee = known(it, "grantee_principal");
            if grantee.is_some_and(|grantee| is_grantee(grantee, reader)) {
                self.serve(demand, (at, it), asked, requirement);
            }
        }
    }

    /// What the grants give at best to whomever they are for, how far that comes, and whether as many as there are were asked for.
    pub(crate) fn granted(
        &mut self,
        demand: &'static Demand,
        most: usize,
    ) -> (Option<(u8, Requirement)>, bool) {
        let (mut best, mut asked) = (None::<(u8, Requirement)>, 0);
        for (at, it) in self.grants() {
            let value = |name: &str| it.after.as_ref().and_then(|after| after.get(name));
            let Some(grantee) = value("grantee_principal").and_then(Value::to_text) else {
                continue;
            };
            if self.answer(demand, it).matches.and(self.is_of_key(at)) == Match::No {
                continue;
            }
            asked += 1;
            if asked > most {
                return (best, false);
            }
            let (own, origin) = (&self.key.account, &self.facts.origin);
            let reader = reader::of_text(&grantee, own, origin, self.tables.symbols);
            let way = Way::of(&reader);
            let mut one = self.judge(demand, reader.caller.clone(), way, None);
            self.serve(demand, (at, it), (way, None), &mut one);
            let rank = match one.besides {
                Some(_) => u8::MAX,
                None => self.rank(&mut one, &reader),
            };
            if best.as_ref().is_none_or(|(known, _)| rank > *known) {
                best = Some((rank, one));
            }
        }
        (best, true)
    }

    /// What becomes of an answer with a grant to whoever asks.
    fn serve(
        &mut self,
        demand: &'static Demand,
        (at, it): (At, &Resource),
        asked: (Way<'_>, Option<&Gathered>),
        requirement: &mut Requirement,
    ) {
        if requirement.verdict == Verdict::Allowed || requirement.explicit {
            return;
        }
        let of_key = self.is_of_key(at);
        if of_key == Match::No {
            return;
        }
        let address = &it.address;
        let answer = self.answer(demand, it);
        let place = Besides {
            because: format!("the grant `{address}` allows it"),
            at: it.origin.clone(),
            label: "this grant lets the reader decrypt".to_owned(),
            meaning: self.terms(it),
            from: vec![address.to_string()],
        };
        if answer.matches == Match::No {
            if requirement.verdict == Verdict::Denied {
                let grantee = it.after.as_ref().and_then(|it| it.get("grantee_principal"));
                let shown = !grantee.is_some_and(|it| it.sensitive);
                let why = answer.why.filter(|_| shown).unwrap_or_default();
                requirement.besides = Some(Besides {
                    because: format!("the grant `{address}` does not serve{why}"),
                    label: "this grant does not let the reader decrypt".to_owned(),
                    ..place
                });
            }
            return;
        }
        let principal = requirement.request.principal.clone();
        let Some(decision) = self.with_grant(demand, principal, asked) else {
            return;
        };
        match (answer.matches.and(of_key), decision.verdict) {
            (_, Verdict::Denied) => {}
            (Match::Yes, Verdict::Allowed | Verdict::Delegated) => {
                requirement.verdict = Verdict::Allowed;
                requirement.besides = Some(place);
            }
            (Match::Yes, verdict) => {
                requirement.verdict = verdict;
                requirement.besides = None;
                requirement.decision.cases = decision.cases;
                requirement.decision.blocked_by = decision.blocked_by;
                if let Some(own) = asked.1.filter(|own| own.is_sensitive()) {
                    self.hide(own, requirement);
                }
            }
            _ if requirement.verdict == Verdict::Denied => {
                requirement.verdict = Verdict::Undecided;
                requirement.besides = None;
                requirement.decision.blocked_by.push(Blocker {
                    symbol: None,
                    reason: format!("whether the grant `{address}` serves cannot be told"),
                    at: it.origin.clone(),
                });
            }
            _ => {}
        }
    }

    fn grants(&self) -> Vec<(At, &'a Resource)> {
        let mut all = Vec::new();
        for (input, loaded) in self.inputs.loaded.iter().enumerate() {
            for (resource, it) in loaded.document.resources.iter().enumerate() {
                if it.address.kind == "aws_kms_grant" && survives(it) {
                    all.push((At { input, resource }, it));
                }
            }
        }
        all
    }

    /// Whether a grant is on the key of the request; maybe, where the plan does not tell its key.
    fn is_of_key(&self, at: At) -> Match {
        let found = self.from.linker.attribute(at, "key_id");
        let mut keys = found.keys.iter();
        let inside = keys.any(|at| self.keys.by_place.get(at) == Some(&self.index));
        let literal = |text: &Text| text.to_literal();
        let own = KeyName::new(
            &self.key.address,
            (literal(&self.key.region), literal(&self.key.account)),
        );
        let outside = || {
            let mut names = found.outside.iter();
            names.any(|name| self.from.linker.key_name(at, name).is(&own))
        };
        let sure = found.open.is_empty() && found.keys.len() <= 1;
        if inside || self.key.outside && outside() {
            Match::from(sure).or(Match::Maybe)
        } else if found.open.is_empty() || at.input != self.key.input {
            Match::No
        } else {
            Match::Maybe
        }
    }

    /// What a grant says: its operations and its constraints, in no order.
    fn terms(&self, it: &Resource) -> Meaning {
        let mut texts = BTreeSet::new();
        let mut hidden = false;
        let mut say = |name: &str, value: &Value| {
            let said = match &value.kind {
                _ if value.is_sensitive() => None,
                Kind::Text(text) => Some(text.show(self.tables.symbols)),
                _ => Some("?".to_owned()),
            };
            hidden |= said.is_none();
            texts.insert(format!("{name} {}", said.unwrap_or_default()));
        };
        let value = |name: &str| it.after.as_ref().and_then(|after| after.get(name));
        for operation in value("operations").into_iter().flat_map(Value::items) {
            say("operation", operation);
        }
        for block in value("constraints").into_iter().flat_map(Value::items) {
            for name in ["encryption_context_equals", "encryption_context_subset"] {
                if let Some(Kind::Object(object)) = block.get(name).map(|it| &it.kind) {
                    for member in &object.members {
                        say(&format!("{name} {}", member.key), &member.value);
                    }
                }
            }
        }
        Meaning {
            kind: "grant",
            texts: texts.into_iter().collect(),
            hidden,
        }
    }

    fn answer(&self, demand: &Demand, it: &Resource) -> Answer {
        let value = |name: &str| it.after.as_ref().and_then(|after| after.get(name));
        let operation = demand.action.trim_start_matches("kms:");
        let operations: Vec<&Value> = value("operations")
            .into_iter()
            .flat_map(Value::items)
            .collect();
        if !operations.iter().any(|it| it.as_str() == Some(operation)) {
            let known = operations.iter().all(|it| it.as_str().is_some())
                && value("operations").is_some_and(|it| matches!(it.kind, Kind::List(_)));
            return Answer {
                matches: if known { Match::No } else { Match::Maybe },
                why: Some(format!(": it does not hold the operation `{operation}`")),
            };
        }
        let mut answer = Answer {
            matches: Match::Yes,
            why: None,
        };
        let Some(constraints) = value("constraints") else {
            return answer;
        };
        if matches!(constraints.kind, Kind::Unknown(_)) {
            answer.matches = Match::Maybe;
            return answer;
        }
        for block in constraints.items() {
            for (name, exact) in [
                ("encryption_context_equals", true),
                ("encryption_context_subset", false),
            ] {
                if let Some(wanted) = block.get(name).filter(|it| !it.is_null()) {
                    let one = self.context(wanted, exact);
                    if answer.why.is_none() && one.matches == Match::No {
                        answer.why = one.why;
                    }
                    answer.matches = answer.matches.and(one.matches);
                }
            }
        }
        answer
    }

    /// A constraint on the encryption context of a log file: the trail's ARN, and what S3 adds.
    fn context(&self, wanted: &Value, exact: bool) -> Answer {
        let Kind::Object(object) = &wanted.kind else {
            return Answer {
                matches: Match::Maybe,
                why: None,
            };
        };
        // Terraform's stand-in for a map that is not set.
        if object.members.is_empty() && object.open.is_none() {
            return Answer {
                matches: Match::Yes,
                why: None,
            };
        }
        let Some((trail, _)) = &self.facts.trail else {
            return Answer {
                matches: Match::Maybe,
                why: None,
            };
        };
        let mut matches = Match::from(object.open.is_none()).or(Match::Maybe);
        let mut names = BTreeSet::new();
        for member in &object.members {
            names.insert(member.key.as_str());
            let bucket = &self.facts.bucket;
            let one = match (member.key.as_str(), &bucket.has_key) {
                ("aws:cloudtrail:arn", _) => same(&member.value, trail),
                ("aws:s3:arn", Fact::Known(true)) => same(&member.value, &bucket.arn),
                ("aws:s3:arn", Fact::Unknown) => same(&member.value, &bucket.arn).and(Match::Maybe),
                // Each log file has its own ARN, and a grant knows no patterns; S3 sends nothing else.
                _ => Match::No,
            };
            matches = matches.and(one);
        }
        if exact && object.open.is_none() && !names.contains("aws:s3:arn") {
            return Answer {
                matches: Match::No,
                why: Some(": its `encryption_context_equals` does not hold `aws:s3:arn`, which S3 adds to the encryption context; `encryption_context_subset` would do".to_owned()),
            };
        }
        Answer {
            matches,
            why: Some(
                ": the encryption context of a log file does not meet its constraint".to_owned(),
            ),
        }
    }
}

/// A session acts as its role; it is no other session of it.
fn is_grantee(grantee: &str, reader: &str) -> bool {
    let named = |arn: &str, of: (&str, &str)| -> Option<(String, String)> {
        let [_, service, _, account, resource] = crate::input::home::arn_segments(arn)?;
        let (kind, rest) = resource.split_once('/')?;
        let name = match (service, kind) {
            // A path may stand before the name of a role, and in a session's ARN none does.
            ("iam", "role") => rest.rsplit('/').next()?,
            ("sts", "assumed-role") => rest.split('/').next()?,
            _ => return None,
        };
        ((service, kind) == of).then(|| (account.to_owned(), name.to_owned()))
    };
    let role = named(grantee, ("iam", "role"));
    grantee == reader || role.is_some() && role == named(reader, ("sts", "assumed-role"))
}

fn same(value: &Value, text: &Text) -> Match {
    match (value.as_str(), text.to_literal()) {
        (Some(one), Some(other)) => Match::from(one == other),
        _ => match &value.kind {
            Kind::Text(own) if own == text => Match::Yes,
            _ => Match::Maybe,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::is_grantee;

    #[test]
    fn a_session_is_granted_what_its_role_is() {
        let role = "arn:aws:iam::111122223333:role/team/reader";
        let session = "arn:aws:sts::111122223333:assumed-role/reader/me";
        assert!(is_grantee(role, role) && is_grantee(role, session));
        assert!(is_grantee(session, session));
        for (grantee, reader) in [
            // Sessions are not each other, and a role is no session of itself.
            (session, role),
            (session, "arn:aws:sts::111122223333:assumed-role/reader/you"),
            (role, "arn:aws:iam::111122223333:role/other/reader"),
            (role, "arn:aws:sts::111122223333:assumed-role/other/me"),
            (role, "arn:aws:sts::444455556666:assumed-role/reader/me"),
            ("arn:aws:iam::111122223333:user/reader", session),
            // What cannot be taken apart is not the same for that.
            (
                "arn:aws:iam::111122223333:user/a",
                "arn:aws:sts::111122223333:federated-user/b",
            ),
        ] {
            assert!(!is_grantee(grantee, reader), "{grantee} {reader}");
        }
    }
}
