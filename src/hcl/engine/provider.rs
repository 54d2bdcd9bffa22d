//! Provider configurations: which one makes a resource, and whose account and region it gives.

use std::collections::BTreeMap;
use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::blocks::Around;
use super::expand::Each;
use super::{Engine, Module};
use crate::hcl::boundary;
use crate::hcl::scope::World;
use crate::hcl::syntax::{Block, Body, Expr, ModuleSource};
use crate::hcl::typed::{Data, Typed};
use crate::input::home::{Facts, Home, Piece, arn_segments, is_region};
use crate::input::{Expression, Provider};
use crate::source::SourceMap;
use crate::value::{Kind, PartKind, Shape, SymbolId, Value};

/// The provider configurations that a module sees, by the names that it has for them.
#[derive(Clone, Debug, Default)]
pub(super) struct Providers {
    /// `aws.logs` in the module, and the configuration that it is: as the root module names it, or `module.a:aws`.
    named: BTreeMap<String, String>,
    /// What an unnamed one is: the caller's default.
    above: Option<Rc<Providers>>,
}

impl Providers {
    /// The root module's, which names them all itself.
    pub(super) fn of_root() -> Self {
        Providers::default()
    }

    /// The configuration that a name stands for.
    pub(super) fn find(&self, name: &str) -> String {
        match (self.named.get(name), &self.above) {
            (Some(key), _) => key.clone(),
            (None, None) => name.to_owned(),
            // Only the default configuration is handed down without being named.
            (None, Some(above)) => above.find(name.split('.').next().unwrap_or(name)),
        }
    }

    /// Those of a module that is called with `body`, and whose path without keys is `path`.
    pub(super) fn of_child(
        self: &Rc<Self>,
        path: &str,
        body: &Body,
        source: &ModuleSource,
        sources: &SourceMap,
    ) -> Self {
        let mut named = BTreeMap::new();
        for block in &source.providers {
            // A block without arguments only says that the configuration comes from the caller, as Terraform before 0.15 wanted it.
            let own = |name: &String| !matches!(name.as_str(), "alias" | "version");
            let configures = block.body.attributes.keys().any(own) || !block.body.blocks.is_empty();
            if configures {
                let name = name_of(block);
                named.insert(name.clone(), format!("{path}:{name}"));
            }
        }
        let given = body.attributes.get("providers");
        let pairs = given.map(|it| it.value.pairs(sources)).unwrap_or_default();
        for (name, value) in pairs {
            if let Some(reference) = value.reference() {
                named.insert(name, self.find(&reference));
            }
        }
        Providers {
            named,
            above: Some(Rc::clone(self)),
        }
    }
}

/// `aws`, `aws.logs`
pub(super) fn name_of(block: &Block) -> String {
    let name = block.labels.first().cloned().unwrap_or_default();
    match block.body.get("alias").and_then(Expr::literal) {
        Some(alias) => format!("{name}.{alias}"),
        None => name,
    }
}

impl Engine<'_> {
    /// The provider configurations of a module that is called.
    pub(super) fn child_providers(
        &self,
        module: usize,
        name: &str,
        body: &Body,
        source: &ModuleSource,
        world: &World<'_>,
    ) -> Rc<Providers> {
        let above = self
            .module(module)
            .map(|it| Rc::clone(&it.providers))
            .unwrap_or_default();
        let path = bare(
            &self.module(module).map(bare_steps).unwrap_or_default(),
            name,
        );
        Rc::new(above.of_child(&path, body, source, world.sources))
    }

    /// The configuration that makes the resources of a block.
    pub(super) fn provider_of(&self, module: usize, kind: &str, body: Option<&Body>) -> String {
        let named = body.and_then(|body| body.get("provider")?.reference());
        let name = named.unwrap_or_else(|| default_provider(kind));
        self.module(module)
            .map_or_else(|| name.clone(), |it| it.providers.find(&name))
    }

    /// Account, region and partition of a provider configuration.
    pub(super) fn home(&mut self, key: &str, world: &mut World<'_>) -> Home {
        if let Some(Some(home)) = self.homes.get(key) {
            return home.clone();
        }
        // While it is worked out, whoever asks for it in a circle gets the symbols.
        let busy = self.homes.insert(key.to_owned(), None).is_some();
        let mut facts = Facts::default();
        let mut credentials = 0;
        let mut region = None;
        if !busy && let Some((provider, symbol)) = self.provider(key, world) {
            credentials = provider.credentials;
            facts.account = account_of(&provider);
            let text = constant(provider.expressions.get("region"));
            facts.region = text.filter(|text| is_region(text));
            region = symbol;
        }
        // What a plan knows is what was really used.
        let planned = self.known.as_ref().and_then(|it| it.homes.0.get(key));
        let known = |of: fn(&Home) -> &Piece| of(planned?).known().map(str::to_owned);
        let (account, place) = (known(|it| &it.account), known(|it| &it.region));
        facts.partition = known(|it| &it.partition);
        facts.account = account
            .or(facts.account)
            .or_else(|| self.given.account(key));
        facts.region = place.or(facts.region).or_else(|| self.given.region(key));
        let known = facts.region.is_some();
        let mut home = facts.settle(self.input, key, credentials, world.symbols);
        if let Some(symbol) = region.filter(|_| !known) {
            home.region = Piece::Symbol(symbol);
        }
        if !busy {
            self.homes.insert(key.to_owned(), Some(home.clone()));
        }
        home
    }

    /// A provider configuration with its arguments evaluated, and the symbol of its region.
    pub(super) fn provider(
        &mut self,
        key: &str,
        world: &mut World<'_>,
    ) -> Option<(Provider, Option<SymbolId>)> {
        let (path, name) = key.rsplit_once(':').unwrap_or(("", key));
        let module = (0..self.modules.len())
            .find(|at| self.module(*at).is_some_and(|it| bare_steps(it) == path))?;
        let tree = self.tree(module)?;
        let block = tree
            .source
            .providers
            .iter()
            .find(|block| name_of(block) == name)?;
        let mut out = Provider {
            name: block.labels.first().cloned().unwrap_or_default(),
            alias: block.body.get("alias").and_then(Expr::literal),
            module: path.to_owned(),
            expressions: BTreeMap::new(),
            credentials: 0,
        };
        let around = Around {
            module,
            each: Rc::new(Each::default()),
            frames: Vec::new(),
            depth: 0,
        };
        let mut region = None;
        let mut digest = Sha256::new();
        let mut has_credentials = false;
        for name in ARGUMENTS {
            let Ok(Some(value)) = self.setting(&block.body, name, &around, world) else {
                continue;
            };
            if value.is_null() {
                continue;
            }
            if *name == "region" {
                region = symbol_of(&value, world);
            } else if *name != "allowed_account_ids" || value.is_known() {
                has_credentials = true;
                let value = Value::from(value.clone());
                digest.update(format!("{name}={:?};", value.kind));
                add_secrets(&value, &mut digest);
            }
            out.expressions
                .insert((*name).to_owned(), expression(name, value));
        }
        if has_credentials {
            let bytes = digest.finalize();
            let first = bytes.iter().take(8);
            out.credentials = first
                .fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
                .max(1);
        }
        Some((out, region))
    }
}

/// Adds what is sensitive, whose `{:?}` is the same for all. The digest tells equal secrets from others, and is never shown.
fn add_secrets(value: &Value, digest: &mut Sha256) {
    match &value.kind {
        Kind::List(list) => list
            .items
            .iter()
            .for_each(|it| add_secrets(&it.value, digest)),
        Kind::Object(object) => {
            let members = object.members.iter();
            members.for_each(|it| add_secrets(&it.value, digest));
        }
        Kind::Text(text) if value.is_sensitive() => {
            for part in text.parts() {
                match &part.kind {
                    PartKind::Literal(text) => digest.update(format!("{text:?}")),
                    PartKind::Symbol(_) | PartKind::Hole(_) => {
                        digest.update(format!("{:?};", part.origin.span()));
                    }
                }
            }
        }
        _ if value.sensitive => digest.update(format!("{:?};", value.origin.span())),
        _ => {}
    }
}

/// The arguments of the AWS provider that tell whose account and which region it works in (AWS provider, argument reference).
const ARGUMENTS: &[&str] = &[
    "region",
    "profile",
    "access_key",
    "secret_key",
    "token",
    "shared_credentials_file",
    "shared_credentials_files",
    "shared_config_files",
    "assume_role",
    "assume_role_with_web_identity",
    "allowed_account_ids",
];

/// An evaluated argument in the form of a plan's configuration.
fn expression(name: &str, value: Typed) -> Expression {
    let mut value = Value::from(value);
    boundary::in_one_piece(&mut value);
    if !name.starts_with("assume_role") {
        return Expression::Constant(value);
    }
    let of_block = |block: &Value| match &block.kind {
        Kind::Object(object) => object
            .members
            .iter()
            .map(|it| (it.key.clone(), Expression::Constant(it.value.clone())))
            .collect(),
        _ => BTreeMap::new(),
    };
    Expression::Blocks(match &value.kind {
        Kind::List(list) => list.items.iter().map(|it| of_block(&it.value)).collect(),
        _ => vec![of_block(&value)],
    })
}

/// The symbol that a value is, where a region could be one.
fn symbol_of(value: &Typed, world: &World<'_>) -> Option<SymbolId> {
    let symbol = match &value.data {
        Data::Unknown(symbol, _) => *symbol,
        Data::Text(text) => match text.parts() {
            [part] => match part.kind {
                PartKind::Symbol(symbol) => symbol,
                _ => return None,
            },
            _ => return None,
        },
        _ => return None,
    };
    matches!(
        world.symbols.get(symbol).shape,
        Shape::Text | Shape::Name | Shape::Region
    )
    .then_some(symbol)
}

fn constant(expression: Option<&Expression>) -> Option<String> {
    match expression? {
        // Accounts and regions stand in every report.
        Expression::Constant(value) if value.is_sensitive() => None,
        Expression::Constant(value) => value.as_str().map(str::to_owned),
        _ => None,
    }
}

/// The account that a provider configuration itself names: of the role that it assumes, or the only one that it allows.
fn account_of(provider: &Provider) -> Option<String> {
    let role = match provider.expressions.get("assume_role") {
        Some(Expression::Blocks(blocks)) => {
            constant(blocks.last().and_then(|block| block.get("role_arn")))
        }
        _ => None,
    };
    let assumed = role
        .as_deref()
        .and_then(arn_segments)
        .map(|[_, _, _, account, _]| account.to_owned());
    assumed.or_else(|| {
        let Some(Expression::Constant(value)) = provider.expressions.get("allowed_account_ids")
        else {
            return None;
        };
        if value.is_sensitive() {
            return None;
        }
        let mut items = value.items();
        let only = items.next().and_then(Value::as_str).map(str::to_owned);
        if items.next().is_none() { only } else { None }
    })
}

/// The provider that makes a type of which the block names none: the first word of the type.
fn default_provider(kind: &str) -> String {
    kind.split('_').next().unwrap_or(kind).to_owned()
}

/// A module's path without instance keys.
pub(super) fn bare_steps(module: &Module) -> String {
    let steps: Vec<String> = module
        .path
        .iter()
        .map(|step| format!("module.{}", step.name))
        .collect();
    steps.join(".")
}

/// The path of a call in the module at `path`.
pub(super) fn bare(path: &str, name: &str) -> String {
    if path.is_empty() {
        format!("module.{name}")
    } else {
        format!("{path}.module.{name}")
    }
}
