//! Reads a policy from a value: strict where AWS is, and never failing.
//!
//! Source: IAM User Guide, "IAM JSON policy elements reference" and "Grammar of the IAM JSON policy language"; KMS, `PutKeyPolicy`.

mod condition;
mod uncertain;
mod values;

use super::element::{Body, Texts};
use super::variables::Syntax;
use super::{Duplicates, Effect, Issue, IssueKind, Policy, PolicyKind, Statement};
use crate::source::Origin;
use crate::value::{Kind, Member, Object, Open, PartKind, Presence, SymbolId, Value};
use uncertain::is_contested;

/// Reads a policy. It never fails: what AWS would refuse is an [`Issue`] and sets [`Policy::rejected`].
pub fn parse(value: &Value, kind: PolicyKind, duplicates: Duplicates) -> (Policy, Vec<Issue>) {
    let mut reader = Reader {
        kind,
        duplicates,
        variables: false,
        statement: None,
        doubt: None,
        issues: Vec::new(),
    };
    let mut policy = Policy {
        kind,
        statements: Vec::new(),
        open: None,
        unknown: None,
        variables: false,
        rejected: false,
        origin: value.origin.clone(),
    };
    match &value.kind {
        Kind::Unknown(symbol) => policy.unknown = Some(*symbol),
        Kind::Object(object) => reader.policy(object, &mut policy),
        _ => reader.reject("the policy is not a JSON object", &value.origin),
    }
    policy.variables = reader.variables;
    policy.rejected = reader
        .issues
        .iter()
        .any(|issue| issue.kind == IssueKind::Rejected);
    (policy, reader.issues)
}

struct Reader {
    kind: PolicyKind,
    duplicates: Duplicates,
    /// Version 2012-10-17: `${...}` is a variable.
    variables: bool,
    statement: Option<usize>,
    /// Why nothing sure can be said of the statement that is being read.
    doubt: Option<(String, Origin)>,
    issues: Vec<Issue>,
}

/// The elements of a statement (IAM User Guide, IAM JSON policy elements reference).
const ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// Elements of which one counts.
const FAMILIES: [&[&str]; 4] = [
    &["Effect"],
    &["Principal", "NotPrincipal"],
    &["Action", "NotAction"],
    &["Resource", "NotResource"],
];

impl Reader {
    fn issue(
        &mut self,
        kind: IssueKind,
        message: impl Into<String>,
        help: Option<&str>,
        at: &Origin,
    ) {
        self.issues.push(Issue {
            kind,
            message: message.into(),
            help: help.map(str::to_owned),
            at: at.clone(),
            statement: self.statement,
        });
    }

    fn reject(&mut self, message: impl Into<String>, at: &Origin) {
        self.issue(IssueKind::Rejected, message, None, at);
    }

    /// A name that is none of the known ones; the closest of them is offered.
    fn reject_name<'n>(
        &mut self,
        name: &str,
        what: &str,
        known: impl Iterator<Item = &'n str>,
        at: &Origin,
    ) {
        let far = name.len() / 3;
        let distance = |known: &str| {
            let (one, other) = (known.to_ascii_lowercase(), name.to_ascii_lowercase());
            strsim::damerau_levenshtein(&one, &other)
        };
        let closest = known.min_by_key(|known| distance(known));
        let help = closest
            .filter(|known| distance(known) <= far.max(1))
            .map(|known| format!("write `{known}`"));
        self.issue(
            IssueKind::Rejected,
            format!("`{name}` is not {what}"),
            help.as_deref(),
            at,
        );
    }

    /// The members that count, in order; each lost duplicate is an issue.
    fn members<'a>(&mut self, object: &'a Object) -> Vec<&'a Member> {
        let mut kept: Vec<&Member> = Vec::new();
        for member in &object.members {
            let certain = member.presence == Presence::Present;
            let earlier = kept.iter_mut().find(|other| {
                other.key == member.key && certain && other.presence == Presence::Present
            });
            let Some(earlier) = earlier else {
                if member.presence != Presence::Absent {
                    kept.push(member);
                }
                continue;
            };
            let lost = *earlier;
            if self.duplicates == Duplicates::Last {
                *earlier = member;
            }
            self.issue(
                IssueKind::DuplicateKey,
                format!(
                    "the key `{}` is written twice, and the first one is lost",
                    lost.key
                ),
                Some("keep one of the two, or join their values"),
                &lost.key_origin,
            );
        }
        kept
    }

    fn policy(&mut self, object: &Object, policy: &mut Policy) {
        policy.open.clone_from(&object.open);
        let members = self.members(object);
        for member in &members {
            match member.key.as_str() {
                "Version" => self.version(&member.value),
                "Statement" => policy.origin = member.key_origin.clone(),
                "Id" => self.text_only("Id", &member.value),
                other => self.reject_name(
                    other,
                    "an element of a policy",
                    ["Version", "Id", "Statement"].into_iter(),
                    &member.key_origin,
                ),
            }
        }
        // Which version counts decides how every text is read.
        let doubtful = members
            .iter()
            .find(|member| member.key == "Version" && member.presence != Presence::Present);
        if let Some(version) = doubtful {
            policy.open = opened(version.presence, &version.key_origin).or(policy.open.take());
        }
        let mut statements = members.iter().filter(|member| member.key == "Statement");
        let Some(statement) = statements.next() else {
            if object.open.is_none() {
                self.reject("the policy has no `Statement`", &policy.origin.clone());
            }
            return;
        };
        if let Some(open) = opened(statement.presence, &statement.key_origin) {
            policy.open = Some(open);
        }
        let others: Vec<&&Member> = statements.collect();
        let mut presences = std::iter::once(statement).chain(others.iter().copied());
        if !others.is_empty()
            && let Some(symbol) = presences.find_map(|it| decided_by(it.presence))
        {
            // One of them counts, and nobody knows which.
            policy.unknown = Some(symbol);
            return;
        }
        self.statements(&statement.value, statement.presence, policy);
    }

    fn version(&mut self, value: &Value) {
        match (&value.kind, known(value).as_deref()) {
            (_, Some("2008-10-17")) => {}
            (_, Some("2012-10-17")) | (Kind::Unknown(_) | Kind::Text(_), None) => {
                self.variables = true;
            }
            _ => self.reject(
                "the version is neither `2012-10-17` nor `2008-10-17`",
                &value.origin,
            ),
        }
    }

    fn text_only(&mut self, element: &str, value: &Value) {
        if !matches!(value.kind, Kind::Text(_) | Kind::Unknown(_)) {
            self.reject(format!("`{element}` is not a string"), &value.origin);
        }
    }

    fn statements(&mut self, value: &Value, presence: Presence, policy: &mut Policy) {
        let open = |symbol, origin: &Origin| {
            Some(Open {
                symbol,
                origin: origin.clone(),
            })
        };
        match &value.kind {
            Kind::Unknown(symbol) => policy.open = open(*symbol, &value.origin),
            Kind::Object(object) => self.statement(object, presence, &value.origin, policy),
            Kind::List(list) => {
                if list.items.is_empty() && list.open.is_none() {
                    self.reject("the policy has no statement", &value.origin);
                }
                if list.open.is_some() {
                    policy.open.clone_from(&list.open);
                }
                for item in &list.items {
                    let presence = self.both(presence, item.presence, &item.value.origin);
                    match &item.value.kind {
                        Kind::Unknown(symbol) => policy.open = open(*symbol, &item.value.origin),
                        Kind::Object(object) => {
                            self.statement(object, presence, &item.value.origin, policy);
                        }
                        _ => self.reject("a statement is not an object", &item.value.origin),
                    }
                }
            }
            _ => self.reject("`Statement` is neither an object nor a list", &value.origin),
        }
    }

    fn statement(
        &mut self,
        object: &Object,
        presence: Presence,
        origin: &Origin,
        policy: &mut Policy,
    ) {
        self.statement = Some(policy.statements.len());
        let mut statement = Statement {
            sid: None,
            effect: None,
            presence,
            origin: origin.clone(),
            effect_at: origin.clone(),
            body: Body::default(),
        };
        let members = self.members(object);
        if let Some(effect) = members.iter().find(|member| member.key == "Effect") {
            statement.effect_at = effect.value.origin.clone();
        }
        for member in &members {
            self.element(member, &mut statement);
            if member.presence != Presence::Present
                && !matches!(member.key.as_str(), "Condition" | "Sid")
            {
                self.doubt_presence(&member.key, &member.key_origin);
            }
        }
        for family in FAMILIES {
            if is_contested(&members, |key| family.contains(&key)) {
                statement.leave_open(family);
            }
        }
        if let Some(open) = &object.open {
            let reason = "the statement has unknown elements".to_owned();
            self.doubt = Some((reason, open.origin.clone()));
            statement.fill_open();
        } else {
            self.check_presence(&members, &mut statement);
        }
        statement.body.doubt = self.doubt.take();
        policy.statements.push(statement);
        self.statement = None;
    }

    /// Nothing sure can be said of the statement, as nobody knows whether something of it is there.
    fn doubt_presence(&mut self, what: &str, at: &Origin) {
        let reason = format!("whether `{what}` is there is not known");
        self.doubt = Some((reason, at.clone()));
    }

    /// The presence of what is in something else. There is one symbol for it: two are a doubt.
    fn both(&mut self, outer: Presence, inner: Presence, at: &Origin) -> Presence {
        match (outer, inner) {
            (Presence::Present, inner) => inner,
            (outer, Presence::Present) | (outer @ Presence::Absent, _) => outer,
            (_, Presence::Absent) => Presence::Absent,
            (outer, Presence::Maybe(_)) => {
                let reason = "whether it is there is not known".to_owned();
                self.doubt = Some((reason, at.clone()));
                outer
            }
        }
    }

    /// Which elements must and must not stand together.
    fn check_presence(&mut self, members: &[&Member], statement: &mut Statement) {
        let has = |key: &str| members.iter().any(|member| member.key == key);
        let surely = |key: &str| {
            let mut found = members.iter();
            found.any(|it| it.key == key && it.presence == Presence::Present)
        };
        // A whole statement is too much to point at.
        let origin = statement.effect_at.clone();
        if !has("Effect") {
            self.reject("the statement has no `Effect`", &origin);
        }
        for (one, other) in [
            ("Principal", "NotPrincipal"),
            ("Action", "NotAction"),
            ("Resource", "NotResource"),
        ] {
            if surely(one) && surely(other) {
                self.reject(
                    format!("the statement has both `{one}` and `{other}`"),
                    &origin,
                );
            }
        }
        let named = has("Principal") || has("NotPrincipal");
        let surely_named = surely("Principal") || surely("NotPrincipal");
        if self.kind == PolicyKind::Identity && surely_named {
            self.reject("an identity-based policy names no principal", &origin);
        }
        if self.kind != PolicyKind::Identity && !named {
            self.reject("the statement has no `Principal`", &origin);
        }
        if surely("NotPrincipal") && statement.effect == Some(Effect::Allow) {
            self.reject("`NotPrincipal` cannot stand with `Effect` `Allow`", &origin);
        }
        let needed: &[(&str, &str)] = match self.kind {
            PolicyKind::Trust => &[("Action", "NotAction")],
            _ => &[("Action", "NotAction"), ("Resource", "NotResource")],
        };
        for (one, other) in needed {
            if has(one) || has(other) {
                continue;
            }
            statement.body.dead = true;
            if self.kind == PolicyKind::Key {
                self.issue(
                    IssueKind::NoEffect,
                    format!("the statement has no `{one}`, so that it has no effect"),
                    Some("KMS accepts the statement and ignores it"),
                    &origin,
                );
            } else {
                self.reject(format!("the statement has no `{one}`"), &origin);
            }
        }
    }

    fn element(&mut self, member: &Member, statement: &mut Statement) {
        let value = &member.value;
        let body = &mut statement.body;
        match member.key.as_str() {
            "Sid" => {
                self.text_only("Sid", value);
                if let Kind::Text(text) = &value.kind {
                    statement.sid = Some(text.clone());
                }
            }
            "Effect" => self.effect(value, statement),
            "Principal" | "NotPrincipal" => {
                body.principals = Some(self.principals(value, member.key == "NotPrincipal"));
            }
            "Action" | "NotAction" => {
                body.action = Some(Texts {
                    negated: member.key == "NotAction",
                    values: self.values(&member.key, value, Syntax::ACTION),
                });
            }
            "Resource" | "NotResource" => {
                body.resource = Some(Texts {
                    negated: member.key == "NotResource",
                    values: self.values(&member.key, value, Syntax::resource(self.variables)),
                });
            }
            "Condition" => self.condition_block(value, member.presence, body),
            other => self.reject_name(
                other,
                "an element of a statement",
                ELEMENTS.iter().copied(),
                &member.key_origin,
            ),
        }
    }

    fn effect(&mut self, value: &Value, statement: &mut Statement) {
        match (&value.kind, known(value).as_deref()) {
            (_, Some("Allow")) => statement.effect = Some(Effect::Allow),
            (_, Some("Deny")) => statement.effect = Some(Effect::Deny),
            (Kind::Unknown(symbol), _) => statement.body.effect = Some(*symbol),
            (Kind::Text(text), None) => match text.parts() {
                [part] if let PartKind::Symbol(symbol) = part.kind => {
                    statement.body.effect = Some(symbol);
                }
                _ => {
                    let reason = "the effect is not known".to_owned();
                    self.doubt = Some((reason, value.origin.clone()));
                }
            },
            (_, Some(other)) => self.reject_name(
                other,
                "an effect: it is neither `Allow` nor `Deny`",
                ["Allow", "Deny"].into_iter(),
                &value.origin,
            ),
            _ => self.reject("`Effect` is neither `Allow` nor `Deny`", &value.origin),
        }
    }
}

/// The known text of a value, of however many pieces.
fn known(value: &Value) -> Option<String> {
    match &value.kind {
        Kind::Text(text) => text.to_literal(),
        _ => None,
    }
}

fn decided_by(presence: Presence) -> Option<SymbolId> {
    match presence {
        Presence::Maybe(symbol) => Some(symbol),
        Presence::Present | Presence::Absent => None,
    }
}

fn opened(presence: Presence, origin: &Origin) -> Option<Open> {
    let symbol = decided_by(presence)?;
    let origin = origin.clone();
    Some(Open { symbol, origin })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::super::testing::Read;
    use super::*;

    fn rejected(text: &str) -> Vec<(String, String)> {
        Read::new(text, PolicyKind::Key).issues_of(IssueKind::Rejected)
    }

    #[test]
    fn what_aws_refuses_is_named_and_underlined() {
        for (statement, underlined) in [
            (
                r#"{"Effect":"allow","Principal":"*","Action":"a:b","Resource":"*"}"#,
                "\"allow\"",
            ),
            (
                r#"{"Effect":"Allow","Principal":"*","Action":"a:b","Resource":"*","Extra":1}"#,
                "\"Extra\"",
            ),
            (
                r#"{"Effect":"Allow","Principal":"*","Action":"a:b","Resource":"*","Condition":{"StringIs":{"k":"v"}}}"#,
                "\"StringIs\"",
            ),
            (
                r#"{"Effect":"Allow","Principal":"*","Action":"a:b","Resource":"*","Condition":{"NullIfExists":{"k":"true"}}}"#,
                "\"NullIfExists\"",
            ),
            (
                r#"{"Effect":"Allow","Principal":"*","Action":"a:b","Resource":"*","Condition":[]}"#,
                "[]",
            ),
            (
                r#"{"Effect":"Allow","Principal":"*","Action":"a:b","Resource":"*","Condition":{"Null":7}}"#,
                "7",
            ),
            (
                r#"{"Effect":"Allow","Principal":"*","Action":"a:b","Resource":"*","Condition":{"StringLike":{"aws:A":"1","aws:a":"2"}}}"#,
                "\"aws:a\"",
            ),
            (
                r#"{"Effect":"Allow","Principal":"me","Action":"a:b","Resource":"*"}"#,
                "\"me\"",
            ),
            (
                r#"{"Effect":"Allow","Principal":{"User":"me"},"Action":"a:b","Resource":"*"}"#,
                "\"User\"",
            ),
            (
                r#"{"Effect":"Allow","Principal":"*","Action":[null],"Resource":"*"}"#,
                "null",
            ),
            (
                r#"{"Effect":"Allow","Principal":"*","Action":"a:b","Resource":{}}"#,
                "{}",
            ),
        ] {
            let text = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
            let issues = rejected(&text);
            assert_eq!(issues.len(), 1, "{statement} {issues:?}");
            assert_eq!(issues[0].1, underlined, "{statement}");
        }
    }

    #[test]
    fn elements_that_exclude_each_other_and_those_that_are_needed() {
        for (statement, wrong) in [
            (
                r#""Principal":"*","NotPrincipal":"*","Action":"a:b","Resource":"*","Effect":"Deny""#,
                1,
            ),
            (
                r#""Principal":"*","Action":"a:b","NotAction":"a:c","Resource":"*","Effect":"Deny""#,
                1,
            ),
            (
                r#""Principal":"*","Action":"a:b","Resource":"*","NotResource":"*","Effect":"Deny""#,
                1,
            ),
            (
                r#""NotPrincipal":{"AWS":"111122223333"},"Action":"a:b","Resource":"*","Effect":"Allow""#,
                1,
            ),
            (r#""Action":"a:b","Resource":"*","Effect":"Allow""#, 1),
            (r#""Principal":"*","Action":"a:b","Resource":"*""#, 1),
            (
                r#""NotPrincipal":{"AWS":"111122223333"},"NotAction":"a:b","NotResource":"*","Effect":"Deny","Sid":"x y""#,
                0,
            ),
        ] {
            let text = format!(r#"{{"Statement":[{{{statement}}}]}}"#);
            assert_eq!(rejected(&text).len(), wrong, "{statement}");
        }
        for text in [
            "[]",
            r#"{"Statement":[]}"#,
            r#"{"Id":"x"}"#,
            r#"{"Statement":[7]}"#,
            r#"{"statement":[]}"#,
        ] {
            assert!(!rejected(text).is_empty(), "{text}");
        }
        assert_eq!(rejected(r#"{"Version":"2012-10-18","Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}"#)[0].1, "\"2012-10-18\"");
    }

    #[test]
    fn a_key_policy_statement_without_resource_or_action_does_nothing() {
        let read = Read::statements(r#"{"Effect":"Deny","Principal":"*","Action":"kms:*"}"#);
        assert_eq!(read.issues_of(IssueKind::NoEffect).len(), 1);
        assert!(!read.policy.rejected && read.policy.statements[0].has_no_effect());
    }

    #[test]
    fn the_last_of_two_keys_counts_and_the_lost_one_is_named() {
        let text = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"a:lost","Action":"a:kept","Resource":"*"}}"#;
        let read = Read::new(text, PolicyKind::Key);
        let issues = read.issues_of(IssueKind::DuplicateKey);
        assert_eq!(issues[0].1, "\"Action\"");
        assert!(issues[0].0.contains("`Action`"));
        let statement = &read.policy.statements[0];
        assert_eq!(
            statement.may_match_action("a:kept"),
            crate::policy::Match::Yes
        );
        assert_eq!(
            statement.may_match_action("a:lost"),
            crate::policy::Match::No
        );
    }

    #[test]
    fn the_kinds_of_policies_need_different_elements() {
        let identity = r#"{"Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}"#;
        let trust = r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"x"},"Action":"sts:AssumeRole"}}"#;
        assert!(!Read::new(identity, PolicyKind::Identity).policy.rejected);
        assert!(Read::new(trust, PolicyKind::Identity).policy.rejected);
        assert!(!Read::new(trust, PolicyKind::Trust).policy.rejected);
        assert!(Read::new(identity, PolicyKind::Trust).policy.rejected);
    }

    #[test]
    fn keys_and_principals_are_listed() {
        let read = Read::statements(
            r#"{"Effect":"Allow","Principal":{"AWS":["111122223333","*"],"Service":"x.amazonaws.com"},"Action":"kms:*","Resource":"arn:aws:kms:*:*:key/${aws:username}","Condition":{"StringLike":{"AWS:SourceArn":"${aws:PrincipalTag/team, 'none'}"},"Null":{"aws:SourceArn":"false"}}}"#,
        );
        assert_eq!(
            read.policy.keys(),
            ["aws:principaltag/team", "aws:sourcearn", "aws:username"]
        );
        let (_, named) = read.policy.principals().next().unwrap();
        let named: Vec<_> = named
            .iter()
            .map(|it| (it.kind.name(), it.text.to_literal().unwrap()))
            .collect();
        assert_eq!(
            named,
            [
                ("AWS", "111122223333".to_owned()),
                ("AWS", "*".to_owned()),
                ("Service", "x.amazonaws.com".to_owned())
            ]
        );
    }
}
