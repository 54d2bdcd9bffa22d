//! The requests that an outsider could make: who asks is fixed, what they may choose is a symbol, and what AWS ties to them is tied to them.

use std::collections::BTreeSet;

use super::constraint::Constraints;
use super::{Asker, Kind, Target};
use crate::policy::actions::Action;
use crate::policy::requests::row;
use crate::policy::work::Spent;
use crate::policy::{Caller, Context, ContextValue, Identity, Policy, Request, Statement};
use crate::source::{Origin, Span};
use crate::value::{Nature, Part, PartKind, Presence, Shape, Symbol, SymbolId, Symbols, Text};

/// The requests of one asker for one action: one for each way of making it that the single keys cannot show apart.
pub(super) struct Asked {
    /// The requests.
    pub ways: Vec<Request>,
    /// What the symbols must not be.
    pub constraints: Constraints,
}

/// What policies and a key say, whoever asks. It is worked out once for all questions about them.
#[derive(Clone, Debug)]
pub struct Known {
    /// The condition keys that the policies test, lower-cased and as they are spelt, in order.
    keys: Vec<(String, String)>,
    /// What no stranger's names are.
    constraints: Constraints,
    /// True where a pattern takes account numbers or organizations apart by their letters.
    pub(super) digits: bool,
    /// What the questions have cost. Rules look at the same time, each with what it knows itself: none takes from another's share.
    pub(super) spent: Spent,
}

impl Known {
    /// Of these policies of a key.
    pub fn of(policies: &[&Policy], target: &Target<'_>) -> Self {
        let keys: BTreeSet<String> = policies.iter().flat_map(|policy| policy.keys()).collect();
        let spelt = |key: String| {
            let spelt = spelling(policies, &key);
            (key, spelt)
        };
        Known {
            keys: keys.into_iter().map(spelt).collect(),
            constraints: Constraints::new(policies, target),
            digits: policies
                .iter()
                .any(|policy| tells_digits(policy) || has_variables(policy)),
            spent: Spent::default(),
        }
    }
}

/// True where a pattern takes account numbers or organizations apart: `1111*`, `o-a*`, a `?`.
fn tells_digits(policy: &Policy) -> bool {
    let wild = |letter: char| matches!(letter, '*' | '?');
    let odd = |segment: &str| {
        let number = segment.chars().all(|it| it.is_ascii_digit() || wild(it));
        let organization = segment.starts_with("o-") && segment != "o-*";
        segment.contains(wild)
            && (number && !segment.trim_matches('*').is_empty()
                || organization
                || segment.contains('?'))
    };
    let values = policy.statements.iter().flat_map(Statement::conditions);
    let mut texts = values.flat_map(|it| it.values).filter_map(Text::as_literal);
    texts.any(|text| text.split([':', '/']).any(odd))
}

/// True where a text takes what the request says of the caller: what the caller chooses may then be its own account or organization.
fn has_variables(policy: &Policy) -> bool {
    let mut patterns = policy.statements.iter().flat_map(Statement::patterns);
    patterns.any(|pattern| pattern.keys().next().is_some())
}

/// More encryption context keys than this in one policy are not combined; AWS documents two that matter.
const COMBINED: usize = 6;

pub(super) fn nowhere() -> Origin {
    Origin::new(Span { start: 0, end: 0 })
}

pub(super) fn literal(text: impl Into<String>) -> Text {
    Text::literal(text, nowhere())
}

pub(super) fn joined(parts: &[&Text]) -> Text {
    let mut out = Text::default();
    for part in parts {
        out.append((*part).clone());
    }
    out
}

/// Builds requests.
pub(super) struct Ask<'a> {
    pub symbols: &'a mut Symbols,
    pub target: &'a Target<'a>,
    pub asker: &'a Asker,
    pub action: &'a Action,
    /// Context keys that the request must lack, lower-cased.
    pub without: &'a [&'a str],
    /// True where account numbers are told apart by more than whether they are ours: by their digits, or by what a variable stands for.
    pub digits: bool,
}

/// Who asks, with all that AWS says of them.
pub(super) struct Person {
    caller: Text,
    pub account: Text,
    pub arn: Text,
    pub kind: Kind,
    pub name: Option<Text>,
    /// True where the account is nobody's that the policy names.
    pub fresh: bool,
}

/// How a request comes to AWS KMS, where the policy asks.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Way {
    /// It does not matter.
    Any,
    /// The caller calls AWS KMS.
    Direct,
    /// Another service calls with the caller's permissions.
    Through,
}

impl Ask<'_> {
    /// The requests, as far as the policies ask for their context; none where there are too many ways to tell apart.
    pub(super) fn requests(&mut self, known: &Known) -> Option<Asked> {
        let keys = &known.keys;
        let mut constraints = known.constraints.clone();
        let (caller, person) = if let Asker::Service { name, .. } = self.asker {
            (Caller::Service(name.clone()), None)
        } else {
            let person = self.person();
            (Caller::Aws(person.caller.clone()), Some(person))
        };
        let (source, fresh) = match self.asker {
            Asker::Service {
                account: Some(account),
                ..
            } => (account.clone(), false),
            _ => (
                self.foreign_account(),
                person.as_ref().is_none_or(|person| person.fresh),
            ),
        };
        if fresh {
            constraints.fresh_account(symbol_of(&source));
            let organization = self.stranger("organization", Shape::Id);
            constraints.fresh_organization(organization);
        }
        let mut ways = Vec::new();
        for chosen in self.combinations(keys)? {
            for way in Self::ways(keys, person.is_some()).iter().copied() {
                let mut context = Context::new();
                for (key, spelt) in keys {
                    if self.without.contains(&key.as_str()) {
                        continue;
                    }
                    let value = match &person {
                        Some(person) => self.of_person(key, spelt, person, way),
                        None => self.of_service(key, spelt, (&source, fresh), &mut constraints),
                    };
                    let Some(value) = value else { continue };
                    if let Some(value) =
                        self.chosen(key, value, chosen.as_deref(), &mut constraints)
                    {
                        context.insert(value);
                    }
                }
                ways.push(Request {
                    principal: caller.clone(),
                    action: self.action.name.to_owned(),
                    resource: self.target.arn.clone(),
                    account: self.target.account.clone(),
                    context,
                    identity: Identity::Unknown,
                });
            }
        }
        Some(Asked { ways, constraints })
    }

    /// The sets of encryption context keys to try, where the policy tests which keys there are.
    fn combinations(&self, keys: &[(String, String)]) -> Option<Vec<Option<Vec<String>>>> {
        let tests = keys.iter().any(|(key, _)| key == CONTEXT_KEYS);
        if !tests || !self.action.takes_context {
            return Some(vec![None]);
        }
        let own: Vec<&String> = keys
            .iter()
            .filter(|(key, _)| key.starts_with(CONTEXT) && !self.without.contains(&key.as_str()))
            .map(|(_, spelt)| spelt)
            .collect();
        if own.len() > COMBINED {
            return None;
        }
        let sets = 0..1_u32 << own.len();
        Some(
            sets.map(|set| {
                let members = own.iter().enumerate();
                let members = members.filter(|(at, _)| set & (1 << at) != 0);
                Some(members.map(|(_, spelt)| (*spelt).clone()).collect())
            })
            .collect(),
        )
    }

    fn ways(keys: &[(String, String)], is_person: bool) -> &'static [Way] {
        let related = |key: &str| {
            key == "kms:viaservice"
                || key == "aws:viaawsservice"
                || key.starts_with("aws:calledvia")
        };
        let tested = keys.iter().filter(|(key, _)| related(key)).count();
        if is_person && tested > 1 {
            &[Way::Direct, Way::Through]
        } else {
            &[Way::Any]
        }
    }

    /// Makes the encryption context and the list of its keys say the same.
    fn chosen(
        &mut self,
        key: &str,
        mut value: ContextValue,
        chosen: Option<&[String]>,
        constraints: &mut Constraints,
    ) -> Option<ContextValue> {
        let Some(chosen) = chosen else {
            return Some(value);
        };
        let name = |spelt: &str| spelt.get(CONTEXT.len()..).unwrap_or_default().to_owned();
        if key == CONTEXT_KEYS {
            value.values = chosen.iter().map(|spelt| literal(name(spelt))).collect();
            if !chosen.is_empty() {
                value.presence = Presence::Present;
            }
            if let Some(open) = &value.open {
                constraints.not_among(open.symbol, CONTEXT, self.without);
            }
        } else if key.starts_with(CONTEXT) {
            if !chosen.iter().any(|it| it.eq_ignore_ascii_case(key)) {
                return None;
            }
            value.presence = Presence::Present;
        }
        Some(value)
    }

    fn foreign_account(&mut self) -> Text {
        let symbol = self.stranger("account", Shape::Account);
        Text::symbol(symbol, nowhere())
    }

    fn person(&mut self) -> Person {
        let (account, kind, fresh) = match self.asker {
            Asker::Named(arn) => return self.named(arn),
            Asker::Of { account, kind } => (account.clone(), *kind, false),
            Asker::Stranger(kind) => (self.foreign_account(), *kind, true),
            // A service is no person, and not asked for as one.
            Asker::Member(_) | Asker::Service { .. } => (self.foreign_account(), Kind::Role, true),
        };
        let name = Text::symbol(self.free("name", Shape::Name), nowhere());
        let partition = self.target.partition.as_str();
        let head = literal(format!("arn:{partition}:iam::"));
        let sts = literal(format!("arn:{partition}:sts::"));
        let arn = match kind {
            Kind::User => joined(&[&head, &account, &literal(":user/"), &name]),
            Kind::Role => joined(&[&head, &account, &literal(":role/"), &name]),
            Kind::Root => joined(&[&head, &account, &literal(":root")]),
            Kind::Federated => joined(&[&sts, &account, &literal(":federated-user/"), &name]),
        };
        Person {
            caller: arn.clone(),
            arn,
            account,
            kind,
            name: (kind == Kind::User).then_some(name),
            fresh,
        }
    }

    /// A principal of the policy; what its text does not show is not known.
    fn named(&mut self, arn: &Text) -> Person {
        let known = arn.to_literal().unwrap_or_default();
        let mut pieces = known.splitn(6, ':').skip(4);
        let account = pieces.next().filter(|it| it.len() == 12);
        let resource = pieces.next().unwrap_or_default();
        let account = if let Some(account) = account {
            literal(account)
        } else {
            let shown = arn.show(self.symbols);
            let id = self.symbols.intern(Symbol {
                key: format!("exposure:account of {arn:?}"),
                name: format!("account of {shown}"),
                shape: Shape::Account,
                nature: Nature::Named,
                reason: "the principal's account is not known".to_owned(),
                supply: None,
            });
            Text::symbol(id, nowhere())
        };
        let (kind, name) = match resource.split_once('/') {
            Some(("user", name)) => (Kind::User, name.rsplit('/').next()),
            Some(("federated-user", _)) => (Kind::Federated, None),
            _ if resource == "root" => (Kind::Root, None),
            _ => (Kind::Role, None),
        };
        let mut person = Person {
            caller: arn.clone(),
            arn: arn.clone(),
            account,
            kind,
            name: name.map(literal),
            fresh: false,
        };
        if let Some(("assumed-role", session)) = resource.split_once('/') {
            // A session's ARN lacks the path of its role.
            let role = session.split('/').next().unwrap_or_default();
            let head = known.replacen(":sts:", ":iam:", 1);
            let head = head.split(":assumed-role/").next().unwrap_or_default();
            person.arn = literal(format!("{head}:role/{role}"));
        }
        person
    }
}

pub(super) const CONTEXT: &str = "kms:encryptioncontext:";
pub(super) const CONTEXT_KEYS: &str = "kms:encryptioncontextkeys";

/// The symbol, where a text is nothing else.
pub(super) fn symbol_of(text: &Text) -> Option<SymbolId> {
    match text.parts() {
        [
            Part {
                kind: PartKind::Symbol(id),
                ..
            },
        ] => Some(*id),
        _ => None,
    }
}

/// A key as AWS spells it; one of a family as the policy's author did.
fn spelling(policies: &[&Policy], key: &str) -> String {
    let known = row(key).filter(|row| row.key.len() == key.len());
    let written = || {
        policies
            .iter()
            .flat_map(|policy| &policy.statements)
            .find_map(|statement| {
                let mut conditions = statement.conditions();
                conditions
                    .find(|it| it.key.eq_ignore_ascii_case(key))
                    .map(|it| it.key.to_owned())
            })
    };
    known
        .map(|row| row.key.to_owned())
        .or_else(written)
        .unwrap_or_else(|| key.to_owned())
}

pub(super) fn single(key: &str, value: Text) -> ContextValue {
    ContextValue {
        key: key.to_owned(),
        presence: Presence::Present,
        values: vec![value],
        multivalued: false,
        open: None,
    }
}
