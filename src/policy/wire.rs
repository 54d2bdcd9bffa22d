//! The line format of `keytrail evaluate --jsonl`: one case a line in, one answer a line out.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::request::{Caller, Context, ContextValue, Identity, Request};
use super::{Decision, Duplicates, IssueKind, Match, Policy, PolicyKind, Verdict, evaluate, parse};
use crate::source::{JsonError, Origin, SourceMap, Span, parse_json};
use crate::value::{Nature, Open, Presence, Shape, Symbol, Symbols, Text, Value};

/// One line: a policy, a request against it, and what is known of the caller's own policies.
#[derive(Debug, Deserialize)]
pub struct Line<'a> {
    /// Names the case in the answer.
    pub id: serde_json::Value,
    /// The resource's policy.
    #[serde(borrow)]
    pub policy: &'a RawValue,
    /// The request.
    pub request: RequestLine,
    /// All policies of the caller, where they are known.
    #[serde(borrow, default)]
    pub identity_policies: Option<Vec<&'a RawValue>>,
    /// The verdict that is expected: `allowed` or `denied`. For tests.
    #[serde(default)]
    pub expect: Option<String>,
    /// Whether a Deny is expected to have given it. For tests.
    #[serde(default)]
    pub explicit_deny: Option<bool>,
}

/// The request of a line.
#[derive(Clone, Debug, Deserialize)]
pub struct RequestLine {
    /// A service (`cloudtrail.amazonaws.com`), an ARN, or `ANONYMOUS` for a signed stranger.
    pub principal: String,
    /// `kms:Decrypt`
    pub action: String,
    /// The ARN of the resource.
    pub resource: String,
    /// The account that owns the resource; where it is left out, it is a symbol.
    #[serde(default)]
    pub account: Option<String>,
    /// The request context: a string, a list, `{"unknown": true}`, `{"maybe_absent": true, "value": ...}`, `{"symbol": "account"}`.
    #[serde(default)]
    pub context: serde_json::Map<String, serde_json::Value>,
}

/// A line that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// Not JSON, or not of this form.
    #[error("{0}")]
    Form(#[from] serde_json::Error),
    /// A policy is not JSON.
    #[error("the policy is not JSON: {0}")]
    Policy(#[from] JsonError),
    /// A policy is larger than 4 GiB.
    #[error("{0}")]
    Size(#[from] crate::source::TooLarge),
    /// A context value of another form.
    #[error(
        "the context value of `{0}` is not a string, a list of strings, or an object with `unknown`, `maybe_absent` or `symbol`"
    )]
    Context(String),
    /// A context key that is given twice.
    #[error("the context key `{0}` is given twice: upper and lower case make no other key")]
    Twice(String),
}

/// A line, ready to be evaluated.
#[derive(Debug)]
pub struct Question {
    /// The resource's policy.
    pub policy: Policy,
    /// The request.
    pub request: Request,
    /// The symbols of both.
    pub symbols: Symbols,
}

/// The answer of a line.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AnswerLine {
    /// The id of the case.
    pub id: serde_json::Value,
    /// `allowed`, `denied`, `conditional` or `undecided`; a delegated answer is `denied` with `delegated` set.
    pub verdict: &'static str,
    /// True where a Deny statement gave it.
    pub explicit_deny: bool,
    /// True where the IAM policies of the caller's account decide, and are not known.
    pub delegated: bool,
    /// Each statement, in order.
    pub statements: Vec<StatementLine>,
}

/// How one statement met the request.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StatementLine {
    /// Its index, from 0.
    pub index: usize,
    /// Its Sid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// `yes`, `no` or `maybe`.
    pub matches: &'static str,
    /// The element that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<FailedLine>,
}

/// The element of a statement that failed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FailedLine {
    /// Its name in the policy.
    pub element: &'static str,
    /// The condition operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// The condition key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What the policy says.
    pub policy: Vec<String>,
    /// What the request carries.
    pub request: Vec<String>,
}

impl<'a> Line<'a> {
    /// Reads one line.
    ///
    /// # Errors
    /// [`LineError::Form`] where it is not of this form.
    pub fn read(text: &'a str) -> Result<Self, LineError> {
        Ok(serde_json::from_str(text)?)
    }

    /// The policy, the request and their symbols.
    ///
    /// # Errors
    /// [`LineError`] where a policy is not JSON, a context value is of no known form, or a key is given twice.
    pub fn question(&self) -> Result<Question, LineError> {
        let mut symbols = Symbols::new();
        let mut map = SourceMap::new();
        let policy = policy(&mut map, self.policy.get(), PolicyKind::Key)?;
        let request = self.request.request(&mut symbols)?;
        let identity = match &self.identity_policies {
            None => Identity::Unknown,
            Some(texts) => {
                let policies: Result<Vec<Policy>, LineError> = texts
                    .iter()
                    .map(|text| self::policy(&mut map, text.get(), PolicyKind::Identity))
                    .collect();
                Identity::Complete(policies?)
            }
        };
        Ok(Question {
            policy,
            request: Request {
                identity,
                ..request
            },
            symbols,
        })
    }

    /// Evaluates the line.
    ///
    /// # Errors
    /// As [`Line::question`].
    pub fn answer(&self) -> Result<AnswerLine, LineError> {
        let question = self.question()?;
        let decision = evaluate(&question.policy, &question.request, &question.symbols);
        Ok(AnswerLine::new(self.id.clone(), &question, &decision))
    }
}

fn policy(map: &mut SourceMap, text: &str, kind: PolicyKind) -> Result<Policy, LineError> {
    let file = map.add("policy", text)?;
    let value = Value::from_json(&parse_json(map, file)?);
    let (policy, issues) = parse(&value, kind, Duplicates::Last);
    debug_assert_eq!(
        policy.rejected,
        issues.iter().any(|issue| issue.kind == IssueKind::Rejected)
    );
    Ok(policy)
}

impl RequestLine {
    /// The request, its symbols interned.
    ///
    /// # Errors
    /// [`LineError::Context`]
    pub fn request(&self, symbols: &mut Symbols) -> Result<Request, LineError> {
        let principal = match self.principal.as_str() {
            "ANONYMOUS" => Caller::Stranger,
            arn if arn.starts_with("arn:") => Caller::Aws(literal(arn)),
            service => Caller::Service(service.to_owned()),
        };
        let account = match &self.account {
            Some(account) => literal(account),
            None => Text::symbol(symbol(symbols, "account", Shape::Account), nowhere()),
        };
        let mut context = Context::new();
        for (key, value) in &self.context {
            if context.get(key).is_some() {
                return Err(LineError::Twice(key.clone()));
            }
            let value = context_value(key, value, symbols)
                .ok_or_else(|| LineError::Context(key.clone()))?;
            context.insert(value);
        }
        Ok(Request {
            principal,
            action: self.action.clone(),
            resource: literal(&self.resource),
            account,
            context,
            identity: Identity::Unknown,
        })
    }
}

fn nowhere() -> Origin {
    Origin::new(Span { start: 0, end: 0 })
}

fn literal(text: &str) -> Text {
    Text::literal(text, nowhere())
}

fn symbol(symbols: &mut Symbols, name: &str, shape: Shape) -> crate::value::SymbolId {
    symbols.intern(Symbol {
        key: name.to_owned(),
        name: name.to_owned(),
        shape,
        nature: Nature::Named,
        reason: "the request does not say".to_owned(),
        supply: None,
    })
}

fn context_value(
    key: &str,
    value: &serde_json::Value,
    symbols: &mut Symbols,
) -> Option<ContextValue> {
    let mut out = ContextValue {
        key: key.to_owned(),
        presence: Presence::Present,
        values: Vec::new(),
        multivalued: false,
        open: None,
    };
    match value {
        serde_json::Value::Array(items) => {
            out.multivalued = true;
            out.values = items.iter().map(scalar).collect::<Option<_>>()?;
        }
        serde_json::Value::Object(form) => context_form(key, form, symbols, &mut out)?,
        other => out.values.push(scalar(other)?),
    }
    Some(out)
}

fn scalar(value: &serde_json::Value) -> Option<Text> {
    match value {
        serde_json::Value::String(text) => Some(literal(text)),
        serde_json::Value::Bool(it) => Some(literal(&it.to_string())),
        serde_json::Value::Number(it) => Some(literal(&it.to_string())),
        _ => None,
    }
}

/// `{"unknown": true}`, `{"maybe_absent": true, "value": ...}`, `{"symbol": "account"}`, `{"values": [...], "open": true}`
fn context_form(
    key: &str,
    form: &serde_json::Map<String, serde_json::Value>,
    symbols: &mut Symbols,
    out: &mut ContextValue,
) -> Option<()> {
    let is_set = |name: &str| form.get(name) == Some(&serde_json::Value::Bool(true));
    if let Some(value) = form.get("value").or_else(|| form.get("values")) {
        let inner = context_value(key, value, symbols)?;
        out.values = inner.values;
        out.multivalued = inner.multivalued;
    }
    if let Some(serde_json::Value::String(name)) = form.get("symbol") {
        let shape = match name.as_str() {
            "account" => Shape::Account,
            "region" => Shape::Region,
            "partition" => Shape::Partition,
            _ => Shape::Text,
        };
        out.values = vec![Text::symbol(symbol(symbols, name, shape), nowhere())];
    } else if is_set("open") {
        out.multivalued = true;
        out.open = Some(Open {
            symbol: symbol(symbols, &format!("rest of {key}"), Shape::Rest),
            origin: nowhere(),
        });
    } else if out.values.is_empty() && (is_set("unknown") || is_set("maybe_absent")) {
        out.values = vec![Text::symbol(symbol(symbols, key, Shape::Text), nowhere())];
    }
    if is_set("maybe_absent") {
        let there = symbol(symbols, &format!("presence of {key}"), Shape::Presence);
        out.presence = Presence::Maybe(there);
    }
    (!out.values.is_empty() || out.multivalued).then_some(())
}

impl AnswerLine {
    /// The answer of a decision.
    pub fn new(id: serde_json::Value, question: &Question, decision: &Decision) -> Self {
        let delegated = decision.verdict == Verdict::Delegated;
        let statements = question.policy.statements.iter().zip(&decision.statements);
        AnswerLine {
            id,
            verdict: if delegated {
                "denied"
            } else {
                decision.verdict.word()
            },
            explicit_deny: decision.explicit,
            delegated,
            statements: statements
                .map(|(statement, outcome)| StatementLine {
                    index: outcome.index,
                    sid: statement
                        .sid
                        .as_ref()
                        .map(|sid| sid.show(&question.symbols)),
                    matches: match outcome.matches {
                        Match::Yes => "yes",
                        Match::No => "no",
                        Match::Maybe => "maybe",
                    },
                    failed: outcome.failed.as_ref().map(|failed| FailedLine {
                        element: failed.element.name(),
                        operator: failed.operator.clone(),
                        key: failed.key.clone(),
                        policy: shown(&failed.policy, &question.symbols),
                        request: shown(&failed.request, &question.symbols),
                    }),
                })
                .collect(),
        }
    }
}

fn shown(texts: &[Text], symbols: &Symbols) -> Vec<String> {
    texts.iter().map(|text| text.show(symbols)).collect()
}
