//! The request of `keytrail evaluate`, from its flags.

use std::collections::BTreeMap;

use super::args::EvaluateArgs;
use super::value;
use crate::error::Error;
use crate::policy::{Caller, Context, ContextValue, Identity, Request};
use crate::source::{Origin, SourceMap, Span};
use crate::value::{Nature, Part, PartKind, Presence, Shape, Symbol, SymbolId, Symbols, Text};

/// Keys that AWS always sends as a list, however many values there are.
const LISTS: [&str; 5] = [
    "aws:calledvia",
    "aws:principalorgpaths",
    "aws:sourceorgpaths",
    "aws:tagkeys",
    "kms:encryptioncontextkeys",
];

/// Texts of the command line, each with a place in the map.
pub(super) struct Flags<'a> {
    pub(super) sources: &'a mut SourceMap,
    pub(super) symbols: &'a mut Symbols,
}

impl Flags<'_> {
    /// The request that the flags describe. What they leave out of the key's ARN is symbolic.
    pub(super) fn request(
        &mut self,
        args: &EvaluateArgs,
        identity: Identity,
    ) -> Result<Request, Error> {
        let principal = args.principal.as_deref().unwrap_or_default();
        let resource = match &args.resource {
            Some(arn) => self.text("--resource", arn)?,
            None => self.unknown_key(args.account.as_deref())?,
        };
        let named = args
            .resource
            .as_deref()
            .and_then(|arn| arn.split(':').nth(4));
        let account = match args.account.as_deref().or(named) {
            Some(id) if value::account(id).is_ok() => self.text("--account", id)?,
            _ => {
                let symbol = self.symbol("account", Shape::Account, "--account ID");
                Text::symbol(symbol, self.origin("--account", "")?)
            }
        };
        Ok(Request {
            principal: self.caller(principal)?,
            action: args.action.clone().unwrap_or_default(),
            resource,
            account,
            context: self.context(&args.context)?,
            identity,
        })
    }

    fn caller(&mut self, principal: &str) -> Result<Caller, Error> {
        if principal == "*" {
            return Ok(Caller::Stranger);
        }
        if value::account(principal).is_ok() {
            let root = format!("arn:aws:iam::{principal}:root");
            return Ok(Caller::Aws(self.text("--principal", &root)?));
        }
        if principal.starts_with("arn:") {
            value::reader(principal).map_err(|problem| {
                Error::new("", format!("`{principal}` is no principal: {problem}"))
            })?;
            return Ok(Caller::Aws(self.text("--principal", principal)?));
        }
        if principal.ends_with(".amazonaws.com") || principal.ends_with(".amazonaws.com.cn") {
            return Ok(Caller::Service(principal.to_owned()));
        }
        Err(Error::new("", format!("`{principal}` is no principal")).with_help(
            "an ARN (`arn:aws:iam::111122223333:role/auditor`), an account id, a service (`cloudtrail.amazonaws.com`), or `*`",
        ))
    }

    fn context(&mut self, pairs: &[(String, String)]) -> Result<Context, Error> {
        let mut keys: BTreeMap<String, Vec<&(String, String)>> = BTreeMap::new();
        for pair in pairs {
            keys.entry(pair.0.to_ascii_lowercase())
                .or_default()
                .push(pair);
        }
        let mut context = Context::new();
        for (lower, values) in &keys {
            let texts: Result<Vec<Text>, Error> = values
                .iter()
                .map(|(_, value)| self.text("--context", value))
                .collect();
            context.insert(ContextValue {
                key: values
                    .first()
                    .map_or_else(String::new, |pair| pair.0.clone()),
                presence: Presence::Present,
                values: texts?,
                multivalued: values.len() > 1 || LISTS.contains(&lower.as_str()),
                open: None,
            });
        }
        Ok(context)
    }

    /// `arn:${partition}:kms:${region}:${account}:key/${key}`
    fn unknown_key(&mut self, account: Option<&str>) -> Result<Text, Error> {
        let origin = self.origin("--resource", "")?;
        let account = match account {
            Some(id) => PartKind::Literal(id.to_owned()),
            None => PartKind::Symbol(self.symbol("account", Shape::Account, "--account ID")),
        };
        let supply = "--resource ARN";
        let literal = |text: &str| PartKind::Literal(text.to_owned());
        let kinds = [
            literal("arn:"),
            PartKind::Symbol(self.symbol("partition", Shape::Partition, supply)),
            literal(":kms:"),
            PartKind::Symbol(self.symbol("region", Shape::Region, supply)),
            literal(":"),
            account,
            literal(":key/"),
            PartKind::Symbol(self.symbol("key", Shape::Id, supply)),
        ];
        let parts = kinds.into_iter().map(|kind| Part {
            kind,
            origin: origin.clone(),
            sensitive: false,
        });
        Ok(Text::from_parts(parts.collect()))
    }

    fn symbol(&mut self, name: &str, shape: Shape, supply: &str) -> SymbolId {
        self.symbols.intern(Symbol {
            key: format!("command line:{name}"),
            name: name.to_owned(),
            shape,
            nature: Nature::Named,
            reason: "not given".to_owned(),
            supply: Some(supply.to_owned()),
        })
    }

    fn text(&mut self, flag: &str, text: &str) -> Result<Text, Error> {
        Ok(Text::literal(text, self.origin(flag, text)?))
    }

    fn origin(&mut self, flag: &str, text: &str) -> Result<Origin, Error> {
        let file = self
            .sources
            .add_part("command line", flag, text, false)
            .map_err(|error| Error::new("", error.to_string()))?;
        let span: Span = self.sources.whole(file);
        Ok(Origin::new(span))
    }
}
