//! Whose account, which region, which partition: what a provider configuration says of the resources that it makes.
//!
//! The account hangs on the credentials alone, so two configurations of the same credentials share it. It is known from a
//! `aws_caller_identity` that the plan has read, from the role that is assumed, from a single allowed account, from the ARN of an existing
//! resource of that configuration, or from the command line; else it is a symbol.

use std::collections::{BTreeMap, BTreeSet};

use super::index::Index;
use super::{Loaded, Options};
use crate::address::{Address, Step, module_path, parse_module_path};
use crate::input::home::{self, Facts, Home, Piece, arn_segments, is_region, partition_of};
use crate::input::{Document, Expression, Homes, Provider, Resource};
use crate::source::Origin;
use crate::value::{Kind, Symbols, Text, Value};

/// A known text attribute of an instance, after the plan, with its mark of sensitivity.
pub(crate) fn piece(resource: &Resource, name: &str) -> Option<Piece> {
    let value = resource.after.as_ref()?.get(name)?;
    let text = value.as_str()?.to_owned();
    Some(if value.sensitive {
        Piece::Secret(text)
    } else {
        Piece::Known(text)
    })
}

/// A text attribute of an instance as the sources write it: known, or in part symbolic. A plan's own unknown has no name of its own here.
pub(crate) fn written(resource: &Resource, name: &str) -> Option<Piece> {
    let value = resource.after.as_ref()?.get(name)?;
    match &value.kind {
        Kind::Text(text) if text.to_literal().is_none() => Some(Piece::Text(text.clone())),
        Kind::Unknown(symbol) => Some(Piece::Symbol(*symbol)),
        _ => piece(resource, name),
    }
}

/// The scopes of all provider configurations of all inputs.
#[derive(Debug, Default)]
pub(crate) struct Scopes {
    by_provider: BTreeMap<(usize, String), Home>,
    management: Option<Piece>,
    /// The organization that the inputs name, and the account that looked it up.
    organization: Option<(String, Piece)>,
    /// What was noticed, by input.
    notes: Vec<(usize, String)>,
}

/// The homes of one plan's provider configurations.
pub(crate) fn homes(
    input: usize,
    plan: &Document,
    index: &Index<'_>,
    symbols: &mut Symbols,
    options: &Options,
) -> Homes {
    let mut scopes = Scopes::default();
    scopes.add_input(input, plan, index, symbols, options);
    let homes = scopes.by_provider.into_iter();
    Homes(homes.map(|((_, key), home)| (key, home)).collect())
}

impl Scopes {
    pub(crate) fn new(
        inputs: &[Loaded],
        index: &[Index<'_>],
        symbols: &mut Symbols,
        options: &Options,
    ) -> Self {
        let mut scopes = Scopes::default();
        // Of a repository's many roots most have nothing that is at home anywhere.
        let is_bare = |it: &Loaded| {
            let (document, configuration) = (&it.document, &it.document.configuration);
            let root = &configuration.root;
            let written = !root.resources.is_empty() || !root.calls.is_empty();
            document.resources.is_empty()
                && document.deferred.is_empty()
                && configuration.providers.is_empty()
                && !written
        };
        for (at, (loaded, index)) in inputs.iter().zip(index).enumerate() {
            if is_bare(loaded) {
                continue;
            }
            scopes.add_input(at, &loaded.document, index, symbols, options);
            scopes.add_organization(at, &loaded.document, index);
        }
        if let Some(account) = &options.given.management_account {
            scopes.management = Some(Piece::Known(account.clone()));
        }
        scopes
    }

    fn add_input(
        &mut self,
        input: usize,
        plan: &Document,
        index: &Index<'_>,
        symbols: &mut Symbols,
        options: &Options,
    ) {
        let (mut providers, mut accounts) = (
            BTreeMap::<String, Facts>::new(),
            BTreeMap::<u64, String>::new(),
        );
        providers.entry("aws".to_owned()).or_default();
        for key in plan.configuration.providers.keys() {
            providers.entry(canonical(plan, Some(key))).or_default();
        }
        for resource in &plan.resources {
            let key = provider_of(plan, index, &resource.address);
            let account = observe(providers.entry(key.clone()).or_default(), resource);
            if let Some(account) = account {
                accounts.entry(credentials(plan, &key)).or_insert(account);
            }
        }
        for (key, mut facts) in providers {
            facts.account = accounts.get(&credentials(plan, &key)).cloned();
            let scope = self.settle(input, plan, &key, facts, symbols, options);
            self.by_provider.insert((input, key), scope);
        }
    }

    /// The scope of a provider configuration: what the input says, else the command line, else symbols.
    fn settle(
        &mut self,
        input: usize,
        plan: &Document,
        key: &str,
        facts: Facts,
        symbols: &mut Symbols,
        options: &Options,
    ) -> Home {
        let provider = plan.configuration.providers.get(key);
        let account = facts.account.or_else(|| account_of(plan, provider?));
        let region = provider.and_then(|provider| argument(plan, provider, "region"));
        let region = region.filter(|it| is_region(it)).or(facts.region);
        let given = (options.given.account(key), options.given.region(key));
        self.dispute(
            input,
            "--account-id",
            key,
            given.0.as_ref(),
            account.as_ref(),
        );
        self.dispute(input, "--region", key, given.1.as_ref(), region.as_ref());
        let facts = Facts {
            account: account.or(given.0),
            region: region.or(given.1),
            partition: facts.partition,
        };
        facts.settle(input, key, credentials(plan, key), symbols)
    }

    /// Notes a flag that says otherwise than the input.
    fn dispute(
        &mut self,
        input: usize,
        flag: &str,
        key: &str,
        given: Option<&String>,
        known: Option<&String>,
    ) {
        if let (Some(given), Some(known)) = (given, known)
            && given != known
        {
            let note = format!(
                "`{flag} {given}` is not used for the provider configuration `{key}`: the input says {known}"
            );
            self.notes.push((input, note));
        }
    }

    /// What was noticed about an input.
    pub(crate) fn notes(&self, input: usize) -> impl Iterator<Item = &String> {
        self.notes
            .iter()
            .filter(move |(of, _)| *of == input)
            .map(|(_, note)| note)
    }

    /// The names of the provider configurations of all inputs.
    pub(crate) fn configurations(&self) -> Vec<&str> {
        let names = self.by_provider.keys().map(|(_, name)| name.as_str());
        let names: BTreeSet<&str> = names.collect();
        names.into_iter().collect()
    }

    /// What the inputs know of the organization.
    fn add_organization(&mut self, input: usize, plan: &Document, index: &Index<'_>) {
        for resource in &plan.resources {
            let Some(after) = &resource.after else {
                continue;
            };
            if resource.address.kind == "aws_organizations_organization" {
                let account = after.get("master_account_id").and_then(Value::as_str);
                self.management = self.management.take().or_else(|| account.map(Piece::from));
                let id = after.get("id").and_then(Value::as_str);
                let home = self.of(input, plan, index, resource).account;
                let found = id.map(|id| (id.to_owned(), home));
                self.organization = self.organization.take().or(found);
            }
            // The ARN of an organization trail that exists carries the management account.
            let organization =
                after.get("is_organization_trail").and_then(Value::as_bool) == Some(true);
            if resource.address.kind == "aws_cloudtrail" && organization {
                let arn = after
                    .get("arn")
                    .and_then(Value::as_str)
                    .and_then(arn_segments);
                self.management = self
                    .management
                    .take()
                    .or_else(|| arn.map(|[_, _, _, account, _]| account.into()));
            }
        }
    }

    /// The account of the organization's management, which owns organization trails.
    pub(crate) fn management(&self, symbols: &mut Symbols) -> Piece {
        self.management
            .clone()
            .unwrap_or_else(|| home::management(symbols))
    }

    /// The same account, where the inputs or the command line name it.
    pub(crate) fn known_management(&self) -> Option<&Piece> {
        self.management.as_ref()
    }

    /// The organization of an account: the one that the inputs name, for the account that looked it up and for its management account.
    pub(crate) fn organization_of(&self, account: &Piece) -> Option<&str> {
        let (id, home) = self.organization.as_ref()?;
        (account == home || Some(account) == self.management.as_ref()).then_some(id)
    }

    /// The accounts of all provider configurations, and the management account, as far as anything names them.
    pub(crate) fn accounts(&self, origin: &Origin) -> Vec<Text> {
        let homes = self.by_provider.values().map(|home| &home.account);
        let all = homes.chain(&self.management);
        all.map(|account| account.text(origin)).collect()
    }

    /// The account that looked the organization up, and the organization's id.
    pub(crate) fn home(&self, origin: &Origin) -> Option<(Text, String)> {
        let (id, home) = self.organization.as_ref()?;
        Some((home.text(origin), id.clone()))
    }

    /// The scope of an instance: its provider's, and what the instance itself says.
    pub(crate) fn of(
        &self,
        input: usize,
        plan: &Document,
        index: &Index<'_>,
        resource: &Resource,
    ) -> Home {
        if let Some(home) = plan.homes.0.get(&resource.address.to_string()) {
            return home.clone();
        }
        let provider = provider_of(plan, index, &resource.address);
        let scope = self
            .by_provider
            .get(&(input, provider))
            .or_else(|| self.by_provider.get(&(input, "aws".to_owned())));
        let mut scope = scope.cloned().unwrap_or_else(Home::nowhere);
        let value = |name: &str| {
            resource
                .after
                .as_ref()
                .or(resource.before.as_ref())
                .and_then(|value| value.get(name))
        };
        // AWS provider 6: a resource's own `region` decides, before its provider's (HashiCorp, Enhanced Region Support).
        let configured = index
            .config(&resource.address)
            .is_some_and(|block| block.expressions.contains_key("region"));
        match value("region") {
            Some(region) if region.as_str().is_some() => {
                let region = region.as_str().unwrap_or_default();
                scope.region = region.into();
                scope.partition = partition_of(region).into();
            }
            // Computed, it is the provider's; configured and unknown, it is any.
            Some(Value {
                kind: Kind::Unknown(symbol),
                ..
            }) if configured => {
                scope.region = Piece::Symbol(*symbol);
            }
            _ => {}
        }
        if let Some([partition, _, region, account, _]) =
            value("arn").and_then(Value::as_str).and_then(arn_segments)
        {
            scope.partition = partition.into();
            if !region.is_empty() {
                scope.region = region.into();
            }
            if !account.is_empty() {
                scope.account = account.into();
            }
        }
        scope
    }
}

/// The provider configuration that makes an instance, as the root module names it.
fn provider_of(plan: &Document, index: &Index<'_>, address: &Address) -> String {
    canonical(
        plan,
        index
            .config(address)
            .and_then(|resource| resource.provider.as_deref()),
    )
}

/// A nested module's `module.a.module.b:aws` without arguments of its own is the nearest one above it of that name.
fn canonical(plan: &Document, key: Option<&str>) -> String {
    let key = key.unwrap_or("aws");
    let Some((path, name)) = key.rsplit_once(':') else {
        return key.to_owned();
    };
    let providers = &plan.configuration.providers;
    let configures = |key: &str| {
        let provider = providers.get(key);
        provider.is_some_and(|provider| !provider.expressions.is_empty())
    };
    if configures(key) {
        return key.to_owned();
    }
    let path: Vec<Step> = parse_module_path(path).unwrap_or_default();
    let above = (1..path.len())
        .rev()
        .filter_map(|length| path.get(..length));
    let mut above = above.map(|path| format!("{}:{name}", module_path(path)));
    let nearest = above.find(|key| configures(key));
    nearest.unwrap_or_else(|| name.to_owned())
}

/// What an instance tells of its provider configuration. Returns the account, if it tells it. What is sensitive tells nothing, as accounts and
/// regions stand in every report.
fn observe(facts: &mut Facts, resource: &Resource) -> Option<String> {
    let value = |name: &str| {
        resource
            .after
            .as_ref()
            .and_then(|after| after.get(name))
            .filter(|value| !value.is_sensitive())
            .and_then(Value::as_str)
    };
    match (resource.address.data, resource.address.kind.as_str()) {
        (true, "aws_caller_identity") => return value("account_id").map(str::to_owned),
        (true, "aws_region") => {
            let region = value("region")
                .or_else(|| value("name"))
                .or_else(|| value("id"));
            facts.region = facts.region.take().or_else(|| region.map(str::to_owned));
        }
        (true, "aws_partition") => {
            facts.partition = facts
                .partition
                .take()
                .or_else(|| value("partition").map(str::to_owned));
        }
        // A data source may look at somebody else's key.
        (true, _) => {}
        (false, kind) => {
            let organization = resource
                .after
                .as_ref()
                .and_then(|after| after.get("is_organization_trail"));
            let [partition, _, _, account, _] = value("arn").and_then(arn_segments)?;
            facts.partition = facts
                .partition
                .take()
                .or_else(|| Some(partition.to_owned()));
            let own =
                kind != "aws_cloudtrail" || organization.and_then(Value::as_bool) == Some(false);
            return (own && account.len() == 12).then(|| account.to_owned());
        }
    }
    None
}

/// What selects the credentials of a provider configuration: equal for equal ones.
fn credentials(plan: &Document, key: &str) -> u64 {
    plan.configuration
        .providers
        .get(key)
        .map_or(0, |provider| provider.credentials)
}

/// The account that a provider configuration itself names.
fn account_of(plan: &Document, provider: &Provider) -> Option<String> {
    let role = match provider.expressions.get("assume_role") {
        Some(Expression::Blocks(blocks)) => blocks.last().and_then(|block| block.get("role_arn")),
        _ => None,
    };
    let role = role.and_then(|expression| literal(plan, expression));
    let assumed = role
        .as_deref()
        .and_then(arn_segments)
        .map(|[_, _, _, account, _]| account.to_owned());
    assumed.or_else(|| match provider.expressions.get("allowed_account_ids") {
        Some(Expression::Constant(value)) if !value.is_sensitive() => {
            let mut items = value.items();
            let only = items.next().and_then(Value::as_str).map(str::to_owned);
            if items.next().is_none() { only } else { None }
        }
        _ => None,
    })
}

/// An argument of a provider configuration: a constant, or a root variable whose value the plan holds.
fn argument(plan: &Document, provider: &Provider, name: &str) -> Option<String> {
    provider
        .expressions
        .get(name)
        .and_then(|expression| literal(plan, expression))
}

fn literal(plan: &Document, expression: &Expression) -> Option<String> {
    match expression {
        Expression::Constant(value) => shown(value),
        // A plan shows `var.region` and `"${var.region}x"` alike: whoever asks checks the form of the value.
        Expression::References(references) => match references.as_slice() {
            [only] => plan
                .variables
                .get(only.strip_prefix("var.")?)
                .and_then(shown),
            _ => None,
        },
        Expression::Blocks(_) | Expression::Opaque => None,
    }
}

/// The text of a value that may be shown.
fn shown(value: &Value) -> Option<String> {
    let shown = Some(value).filter(|value| !value.is_sensitive());
    shown.and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;

    #[test]
    fn a_name_is_as_secret_as_the_plan_says() {
        let (mut sources, mut symbols) = (SourceMap::new(), Symbols::new());
        let text = r#"{"format_version": "1.2", "terraform_version": "1.15.5", "planned_values": {"root_module": {}},
            "configuration": {"root_module": {}}, "resource_changes": [{"address": "aws_cloudtrail.main", "mode": "managed",
            "type": "aws_cloudtrail", "name": "main", "change": {"actions": ["create"], "before": null,
            "after": {"name": "main", "s3_bucket_name": "logs"}, "after_unknown": {"arn": true},
            "before_sensitive": {}, "after_sensitive": {"s3_bucket_name": true}}}]}"#;
        let document = crate::plan::load(
            text.as_bytes(),
            "plan.json",
            "in0",
            &mut sources,
            &mut symbols,
        )
        .unwrap();
        let it = &document.resources[0];
        assert_eq!(written(it, "name"), Some(Piece::Known("main".to_owned())));
        assert_eq!(
            written(it, "s3_bucket_name"),
            Some(Piece::Secret("logs".to_owned()))
        );
        assert!(matches!(written(it, "arn"), Some(Piece::Symbol(_))));
        assert_eq!(written(it, "home_region"), None);
    }
}
