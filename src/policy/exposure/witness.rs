//! The request that was found, made concrete, with values that read like examples, and evaluated once more.

use serde_json::{Map, Value as Json, json};

use super::ask::literal;
use super::constraint::{Constraints, spelled};
use super::search::goal;
use super::{Asker, Question};
use crate::policy::bindings::{Bindings, Bound};
use crate::policy::decision::{Match, Verdict};
use crate::policy::matching::Pass;
use crate::policy::work::Work;
use crate::policy::{
    Caller, Context, ContextValue, Duplicates, Identity, Policy, PolicyKind, Request, Statement,
    parse,
};
use crate::source::{SourceMap, parse_json};
use crate::value::{Nature, PartKind, Presence, Shape, SymbolId, Symbols, Text, Value};

/// A concrete request that a policy allows.
#[derive(Clone, PartialEq, Eq)]
pub struct Witness {
    /// Who asks: an ARN, or a service.
    pub principal: String,
    /// What for.
    pub action: String,
    /// The ARN of the key.
    pub resource: String,
    /// The account that owns the key.
    pub account: String,
    /// What the request carries, in the order of the keys.
    pub context: Vec<Carried>,
    /// True where the key policy leaves the other half to IAM policies of the principal's own account, which allow it.
    pub allowed_at_home: bool,
    /// What was taken for the values that are not known: each name with a value.
    pub assumed: Vec<(String, String)>,
    /// The index of the Allow statement.
    pub statement: usize,
    /// True where a part of the policy is sensitive: nothing of the request may be shown.
    pub hidden: bool,
}

/// One context key of a [`Witness`].
#[derive(Clone, PartialEq, Eq)]
pub struct Carried {
    /// As AWS spells it.
    pub key: String,
    /// Its values.
    pub values: Vec<String>,
    /// True for a key that carries a list.
    pub list: bool,
}

/// An IAM policy that allows everything.
const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

impl Witness {
    /// The `request` of a line of `keytrail evaluate --jsonl`.
    pub fn request(&self) -> Json {
        let context: Map<String, Json> = self
            .context
            .iter()
            .map(|carried| {
                let value = match carried.values.as_slice() {
                    [one] if !carried.list => json!(one),
                    many => json!(many),
                };
                (carried.key.clone(), value)
            })
            .collect();
        json!({
            "principal": self.principal,
            "action": self.action,
            "resource": self.resource,
            "account": self.account,
            "context": context,
        })
    }

    /// The `identity_policies` of such a line; none where the key policy alone allows the request.
    pub fn identity_policies(&self) -> Option<Json> {
        let policy = || serde_json::from_str::<Json>(EVERYTHING).unwrap_or_default();
        self.allowed_at_home.then(|| json!([policy()]))
    }
}

/// What was found, not yet concrete.
pub(super) struct Draft<'d> {
    pub question: &'d Question<'d>,
    pub statement: usize,
    pub request: &'d Request,
    pub constraints: &'d Constraints,
    pub symbols: &'d Symbols,
    pub work: &'d Work<'d>,
}

impl Draft<'_> {
    /// The concrete request; none where it turns out not to be allowed.
    pub(super) fn witness(&self, bindings: &Bindings) -> Option<Witness> {
        let bindings = self.complete(bindings);
        let request = self.concrete(&bindings)?;
        let alone = self.verdict(&request, Identity::Unknown, &bindings) == Verdict::Allowed;
        if !alone {
            let everything = Identity::Complete(vec![everything()?]);
            if self.verdict(&request, everything, &bindings) != Verdict::Allowed {
                return None;
            }
        }
        let principal = match &request.principal {
            Caller::Service(name) => name.clone(),
            Caller::Aws(arn) => arn.to_literal()?,
            Caller::Stranger => "ANONYMOUS".to_owned(),
        };
        let context = request.context.iter().map(|value| Carried {
            key: value.key.clone(),
            values: value.values.iter().filter_map(Text::to_literal).collect(),
            list: value.multivalued,
        });
        Some(Witness {
            principal,
            action: self.request.action.clone(),
            resource: request.resource.to_literal()?,
            account: request.account.to_literal()?,
            context: context.collect(),
            allowed_at_home: !alone,
            assumed: self.assumed(&bindings),
            statement: self.statement,
            hidden: self.is_sensitive(),
        })
    }

    fn verdict(&self, request: &Request, identity: Identity, bindings: &Bindings) -> Verdict {
        let request = Request {
            identity,
            ..request.clone()
        };
        let pass = Pass::new(&request, self.symbols, bindings, false, self.work);
        pass.verdict(self.question.policy)
            .map_or(Verdict::Undecided, |answer| answer.verdict)
    }

    fn is_sensitive(&self) -> bool {
        let policies = [self.question.policy]
            .into_iter()
            .chain(self.question.before);
        let mut texts = policies
            .flat_map(|policy| &policy.statements)
            .flat_map(Statement::patterns);
        texts.any(|pattern| pattern.text.is_sensitive())
            || self.request.resource.is_sensitive()
            || self.request.account.is_sensitive()
    }

    /// What the policy and the key leave open and the request had to choose.
    fn assumed(&self, bindings: &Bindings) -> Vec<(String, String)> {
        // The id of the key is anybody's guess, and says nothing where the policy does not ask for it.
        let mut ours: Vec<SymbolId> = self.constraints.named().to_vec();
        ours.extend(symbols_of(&self.request.account));
        if let (Asker::Named(_), Caller::Aws(arn)) = (self.question.asker, &self.request.principal)
        {
            ours.extend(symbols_of(arn));
        }
        ours.sort_unstable();
        ours.dedup();
        let mut out = Vec::new();
        for id in ours {
            let value = match bindings.get(id) {
                Some(Bound::Text(text)) => text.clone(),
                Some(Bound::Present(there)) => there.to_string(),
                Some(Bound::Rest(texts)) => texts.join(", "),
                None => continue,
            };
            out.push((self.symbols.get(id).name.clone(), value));
        }
        out
    }

    /// Every symbol of the request bound; made-up texts replaced by examples where that changes nothing.
    fn complete(&self, bindings: &Bindings) -> Bindings {
        let mut bindings = bindings.clone();
        let holds = |bindings: &Bindings| {
            self.constraints.hold(bindings, self.symbols)
                && goal(
                    &Pass::new(self.request, self.symbols, bindings, false, self.work),
                    self.question,
                    self.statement,
                ) == Match::Yes
        };
        let mut all = self.in_request();
        all.extend(bindings.symbols());
        let mut seen = Vec::new();
        all.retain(|id| {
            let is_new = !seen.contains(id);
            seen.push(*id);
            is_new
        });
        // Twice, as a stranger's account can be named only when the others are.
        for id in all.iter().chain(&all) {
            let now = bindings.get(*id).cloned();
            for candidate in self.examples(*id, now.as_ref(), &bindings) {
                let next = bindings.without(*id).with(*id, candidate);
                if holds(&next) {
                    bindings = next;
                    break;
                }
            }
        }
        bindings
    }

    /// The symbols in the texts of the request. What may be sent and is not asked for is not sent.
    fn in_request(&self) -> Vec<SymbolId> {
        let mut all = Vec::new();
        if let Caller::Aws(arn) = &self.request.principal {
            all.extend(symbols_of(arn));
        }
        all.extend(symbols_of(&self.request.account));
        all.extend(symbols_of(&self.request.resource));
        for value in self.request.context.iter() {
            all.extend(value.values.iter().flat_map(symbols_of));
        }
        all
    }

    /// Values to try for a symbol in place of what stands there; nothing for one that the policy itself gives.
    fn examples(&self, id: SymbolId, now: Option<&Bound>, bindings: &Bindings) -> Vec<Bound> {
        let symbol = self.symbols.get(id);
        let texts = |texts: &[&str]| -> Vec<Bound> {
            texts
                .iter()
                .map(|it| Bound::Text((*it).to_owned()))
                .collect()
        };
        match now {
            Some(Bound::Text(text)) if !is_made_up(text, symbol.shape) => return Vec::new(),
            Some(Bound::Present(_)) => return Vec::new(),
            Some(Bound::Rest(held)) => {
                if !held.iter().any(|text| is_made_up(text, Shape::Text)) {
                    return Vec::new();
                }
                let plain = held.iter().map(|text| readable(text, 'x')).collect();
                return vec![Bound::Rest(plain)];
            }
            _ => {}
        }
        if self.constraints.is_account(id) {
            return vec![Bound::Text(self.constraints.stranger(bindings))];
        }
        if self.constraints.is_organization(id) {
            return texts(&["outsider12", "0utside0rs"]);
        }
        let mut out = match (symbol.nature, symbol.name.as_str(), symbol.shape) {
            (Nature::Free, "name" | "trail" | "resource", _) => texts(&["outsider"]),
            (Nature::Free, "path", _) => texts(&["r-ab12/"]),
            (_, _, Shape::Account) => texts(&["111122223333", "123456789012", "222233334444"]),
            (_, _, Shape::Region) => texts(&["us-east-1", "eu-west-1"]),
            (_, _, Shape::Partition) => texts(&[&self.question.target.partition, "aws"]),
            (_, _, Shape::Id) => texts(&["1234abcd-12ab-34cd-56ef-1234567890ab", "x"]),
            (_, _, Shape::Ip) => texts(&["198.51.100.7", "203.0.113.7", "192.0.2.7"]),
            (_, _, Shape::Time) => texts(&["2030-01-01T00:00:00Z"]),
            (_, _, Shape::Number) => texts(&["1"]),
            (_, _, Shape::Bool) => texts(&["true", "false"]),
            (_, _, Shape::Arn) => texts(&["arn:aws:iam::111122223333:role/example"]),
            _ => texts(&["x"]),
        };
        if let Some(Bound::Text(text)) = now {
            let letters = ['x', 'q', 'z', '7'];
            out.extend(letters.map(|letter| Bound::Text(readable(text, letter))));
        }
        out
    }

    /// The request without symbols.
    fn concrete(&self, bindings: &Bindings) -> Option<Request> {
        let known = |text: &Text| spelled(text, bindings).map(literal);
        let principal = match &self.request.principal {
            Caller::Aws(arn) => Caller::Aws(known(arn)?),
            other => other.clone(),
        };
        let mut context = Context::new();
        for value in self.request.context.iter() {
            let there = match value.presence {
                Presence::Present => true,
                Presence::Absent => false,
                Presence::Maybe(id) => bindings.get(id) == Some(&Bound::Present(true)),
            };
            if !there {
                continue;
            }
            let mut values: Vec<Text> = value.values.iter().map(known).collect::<Option<_>>()?;
            if let Some(open) = &value.open
                && let Some(Bound::Rest(more)) = bindings.get(open.symbol)
            {
                values.extend(more.iter().map(literal));
            }
            context.insert(ContextValue {
                key: value.key.clone(),
                presence: Presence::Present,
                values,
                multivalued: value.multivalued,
                open: None,
            });
        }
        Some(Request {
            principal,
            action: self.request.action.clone(),
            resource: known(&self.request.resource)?,
            account: known(&self.request.account)?,
            context,
            identity: Identity::Unknown,
        })
    }
}

/// An IAM policy that allows everything, read.
fn everything() -> Option<Policy> {
    let mut map = SourceMap::new();
    let file = map.add("an IAM policy", EVERYTHING).ok()?;
    let value = Value::from_json(&parse_json(&map, file).ok()?);
    Some(parse(&value, PolicyKind::Identity, Duplicates::Last).0)
}

fn symbols_of(text: &Text) -> impl Iterator<Item = SymbolId> + '_ {
    text.parts().iter().filter_map(|part| match part.kind {
        PartKind::Symbol(id) => Some(id),
        _ => None,
    })
}

/// True for a text that the search made up and not the policy's author.
fn is_made_up(text: &str, shape: Shape) -> bool {
    let private = |letter: char| ('\u{E000}'..='\u{F8FF}').contains(&letter);
    text.chars().any(private) || text.chars().count() <= 2 || shape == Shape::Account
}

fn readable(text: &str, letter: char) -> String {
    text.chars()
        .map(|it| {
            if ('\u{E000}'..='\u{F8FF}').contains(&it) {
                letter
            } else {
                it
            }
        })
        .collect()
}
