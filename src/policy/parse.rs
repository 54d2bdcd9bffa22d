//! Reads a policy from a value: strict where AWS is, and never failing.
//!
//! Source: IAM User Guide, "IAM JSON policy elements reference" and "Grammar of the IAM JSON policy language"; KMS, `PutKeyPolicy`.

mod characters;
mod condition;
mod statement;
mod uncertain;
mod values;

use super::exposure::Groups;
use super::work::Spent;
use super::{Duplicates, Issue, IssueKind, Policy, PolicyKind};
use crate::source::Origin;
use crate::spelling::nearest;
use crate::value::{Item, Kind, Member, Object, Open, Presence, SymbolId, Value};

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
        spent: Spent::default(),
        groups: Groups::default(),
    };
    match &value.kind {
        Kind::Unknown(symbol) => policy.unknown = Some(*symbol),
        Kind::Object(object) => reader.policy(object, &mut policy),
        _ => reader.reject("the policy is not a JSON object", &value.origin),
    }
    reader.characters(value);
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

    /// AWS KMS takes no more than Latin-1; other policies are those of IAM, whose own characters are not looked at.
    fn characters(&mut self, policy: &Value) {
        let Some(refused) = characters::refused(policy).filter(|_| self.kind == PolicyKind::Key)
        else {
            return;
        };
        let more = match refused.count {
            1 => String::new(),
            count => format!(" and {} more like it", count - 1),
        };
        self.issue(
            IssueKind::Rejected,
            format!(
                "it holds the character U+{:04X}{more}, and a key policy takes none beyond U+00FF",
                u32::from(refused.first)
            ),
            Some("write it in plain letters: typographic quotes and dashes are beyond U+00FF"),
            &refused.at,
        );
    }

    /// A name that is none of the known ones; the closest of them is offered.
    fn reject_name<'n>(
        &mut self,
        name: &str,
        what: &str,
        known: impl Iterator<Item = &'n str>,
        at: &Origin,
    ) {
        let help = nearest(name, known).map(|known| format!("write `{known}`"));
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
                let there = |item: &&Item| item.presence != Presence::Absent;
                for item in list.items.iter().filter(there) {
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
mod tests;
