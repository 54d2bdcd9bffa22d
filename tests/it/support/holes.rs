//! Policies and requests with holes: JSON trees in which marks stand for hidden values, built symbolic or with every value filled in.

use std::collections::BTreeMap;

use keytrail::policy::{
    Caller, Context, ContextValue, Decision, Duplicates, Identity, Policy, PolicyKind, Request,
    evaluate, parse,
};
use keytrail::source::{Origin, Span};
use keytrail::value::{
    Item, Kind, List, Member, Nature, Object, Open, Part, PartKind, Presence, Shape, Symbol,
    SymbolId, Symbols, Text, Value,
};
use serde_json::Value as Json;

/// What a mark stands for in one filling.
#[derive(Clone, Debug, PartialEq)]
pub enum Filling {
    Text(String),
    List(Vec<String>),
    There(bool),
}

/// The hidden values of a question by name, or nothing: everything symbolic.
pub type Fillings = BTreeMap<String, Filling>;

/// `‹name›` inside a text.
pub fn mark(name: &str) -> String {
    format!("\u{1}{name}\u{2}")
}

/// A policy and a request with marks; `shapes` names each mark's shape.
#[derive(Clone, Debug)]
pub struct Masked {
    pub policy: Json,
    pub identity: Option<Vec<Json>>,
    pub principal: String,
    pub action: String,
    pub resource: String,
    pub account: String,
    pub context: BTreeMap<String, Json>,
    /// Context keys that may be absent, by mark.
    pub maybe: BTreeMap<String, String>,
    pub shapes: BTreeMap<String, Shape>,
    pub nature: Nature,
}

pub fn nowhere() -> Origin {
    Origin::new(Span { start: 0, end: 0 })
}

pub struct Builder<'a> {
    pub symbols: Symbols,
    pub shapes: &'a BTreeMap<String, Shape>,
    pub fillings: Option<&'a Fillings>,
    pub nature: Nature,
}

impl Builder<'_> {
    fn symbol(&mut self, name: &str) -> SymbolId {
        let shape = self.shapes[name];
        self.symbols.intern(Symbol {
            key: name.to_owned(),
            name: name.to_owned(),
            shape,
            nature: self.nature,
            reason: "hidden".to_owned(),
            supply: None,
        })
    }

    fn text(&mut self, text: &str) -> Text {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('\u{1}') {
            let (name, behind) = after.split_once('\u{2}').unwrap();
            let mut push = |kind| {
                parts.push(Part {
                    kind,
                    origin: nowhere(),
                    sensitive: false,
                });
            };
            if !before.is_empty() {
                push(PartKind::Literal(before.to_owned()));
            }
            match self.fillings {
                Some(fillings) => {
                    let Filling::Text(text) = &fillings[name] else {
                        panic!("{name} is no text")
                    };
                    push(PartKind::Literal(text.clone()));
                }
                None => push(PartKind::Symbol(self.symbol(name))),
            }
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Part {
                kind: PartKind::Literal(rest.to_owned()),
                origin: nowhere(),
                sensitive: false,
            });
        }
        if self.fillings.is_some() {
            // Filled in: one known piece, as if it had been written so.
            return Text::literal(Text::from_parts(parts).to_literal().unwrap(), nowhere());
        }
        Text::from_parts(parts)
    }

    /// The name of the mark, where the text is one of the shape [`Shape::Rest`].
    fn rest(&self, value: &Json) -> Option<String> {
        let name = value
            .as_str()?
            .strip_prefix('\u{1}')?
            .strip_suffix('\u{2}')?;
        (self.shapes.get(name) == Some(&Shape::Rest)).then(|| name.to_owned())
    }

    fn list(&mut self, values: &[Json]) -> (Vec<Value>, Option<Open>) {
        let (mut items, mut open) = (Vec::new(), None);
        for value in values {
            match (self.rest(value), self.fillings) {
                (Some(name), Some(fillings)) => {
                    let Filling::List(texts) = &fillings[&name] else {
                        panic!("{name} is no list")
                    };
                    items.extend(
                        texts
                            .iter()
                            .map(|text| Value::text(text.as_str(), nowhere())),
                    );
                }
                (Some(name), None) => {
                    open = Some(Open {
                        symbol: self.symbol(&name),
                        origin: nowhere(),
                    });
                }
                (None, _) => items.push(self.value(value)),
            }
        }
        (items, open)
    }

    pub fn value(&mut self, json: &Json) -> Value {
        let kind = match json {
            Json::Null => Kind::Null,
            Json::Bool(it) => Kind::Bool(*it),
            Json::Number(it) => Kind::Number(it.to_string()),
            Json::String(text) => Kind::Text(self.text(text)),
            Json::Array(values) => {
                let (items, open) = self.list(values);
                let items = items.into_iter().map(|value| Item {
                    presence: Presence::Present,
                    value,
                });
                Kind::List(List {
                    items: items.collect(),
                    open,
                })
            }
            Json::Object(members) => Kind::Object(Object {
                members: members
                    .iter()
                    .map(|(key, value)| Member {
                        key: key.clone(),
                        key_origin: nowhere(),
                        presence: Presence::Present,
                        value: self.value(value),
                    })
                    .collect(),
                open: None,
            }),
        };
        Value::new(kind, nowhere())
    }

    fn context_value(
        &mut self,
        key: &str,
        json: &Json,
        maybe: Option<&String>,
    ) -> Option<ContextValue> {
        let mut out = ContextValue {
            key: key.to_owned(),
            presence: Presence::Present,
            values: Vec::new(),
            multivalued: json.is_array(),
            open: None,
        };
        match (maybe, self.fillings) {
            (Some(name), Some(fillings)) if fillings[name] == Filling::There(false) => return None,
            (Some(name), None) => out.presence = Presence::Maybe(self.symbol(name)),
            _ => {}
        }
        if let Json::Array(values) = json {
            let (items, open) = self.list(values);
            out.open = open;
            out.values = items
                .into_iter()
                .map(|item| match item.kind {
                    Kind::Text(text) => text,
                    other => Text::literal(format!("{other:?}"), nowhere()),
                })
                .collect();
        } else {
            let text = match json {
                Json::String(text) => text.clone(),
                other => other.to_string(),
            };
            out.values.push(self.text(&text));
        }
        Some(out)
    }
}

impl Masked {
    pub fn from_vector(line: &Json) -> Self {
        let request = &line["request"];
        let text = |name: &str| request[name].as_str().unwrap().to_owned();
        Masked {
            policy: line["policy"].clone(),
            identity: line
                .get("identity_policies")
                .map(|it| it.as_array().unwrap().clone()),
            principal: text("principal"),
            action: text("action"),
            resource: text("resource"),
            account: text("account"),
            context: request["context"]
                .as_object()
                .unwrap()
                .iter()
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect(),
            maybe: BTreeMap::new(),
            shapes: BTreeMap::new(),
            nature: Nature::Named,
        }
    }

    fn builder<'a>(&'a self, fillings: Option<&'a Fillings>) -> Builder<'a> {
        Builder {
            symbols: Symbols::new(),
            shapes: &self.shapes,
            fillings,
            nature: self.nature,
        }
    }

    pub fn build(&self, fillings: Option<&Fillings>) -> (Policy, Request, Symbols) {
        let mut builder = self.builder(fillings);
        let policy = self.policy_in(&mut builder);
        let request = self.request_in(&mut builder);
        (policy, request, builder.symbols)
    }

    /// The policy with its marks filled in.
    pub fn known_policy(&self, fillings: &Fillings) -> Policy {
        self.policy_in(&mut self.builder(Some(fillings)))
    }

    /// The request with its marks filled in.
    pub fn known_request(&self, fillings: &Fillings) -> Request {
        self.request_in(&mut self.builder(Some(fillings)))
    }

    fn policy_in(&self, builder: &mut Builder<'_>) -> Policy {
        parse(
            &builder.value(&self.policy),
            PolicyKind::Key,
            Duplicates::Last,
        )
        .0
    }

    fn request_in(&self, builder: &mut Builder<'_>) -> Request {
        let principal = match self.principal.as_str() {
            "ANONYMOUS" => Caller::Stranger,
            arn if arn.starts_with("arn:") || arn.starts_with('\u{1}') => {
                Caller::Aws(builder.text(arn))
            }
            service => Caller::Service(service.to_owned()),
        };
        let mut context = Context::new();
        for (key, value) in &self.context {
            if let Some(value) = builder.context_value(key, value, self.maybe.get(key)) {
                context.insert(value);
            }
        }
        let identity = match &self.identity {
            None => Identity::Unknown,
            Some(policies) => Identity::Complete(
                policies
                    .iter()
                    .map(|it| parse(&builder.value(it), PolicyKind::Identity, Duplicates::Last).0)
                    .collect(),
            ),
        };
        Request {
            principal,
            action: self.action.clone(),
            resource: builder.text(&self.resource),
            account: builder.text(&self.account),
            context,
            identity,
        }
    }

    pub fn decide(&self, fillings: Option<&Fillings>) -> Decision {
        let (policy, request, symbols) = self.build(fillings);
        evaluate(&policy, &request, &symbols)
    }
}
