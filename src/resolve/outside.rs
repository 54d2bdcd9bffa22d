//! Keys that no input holds: what is known of them all the same.
//!
//! Their policy may still be known: an input holds an `aws_kms_key_policy` for the key, or the user gives it with `--key-policy`. The first
//! counts, as it is what the apply sets.

use super::index::At;
use super::link::Linker;
use super::names::{KeyName, known};
use super::{Inputs, Tables};
use crate::input::Action;
use crate::input::home::arn_segments;
use crate::model::{Fact, Form, Key, PolicyState};
use crate::source::{Origin, SourceMap};
use crate::value::{Nature, Part, PartKind, Shape, Symbol, Text, Value};

/// What sets the policy of a key that no input holds.
pub(crate) enum Elsewhere<'e> {
    /// An `aws_kms_key_policy` of an input.
    Resource(At),
    /// `--key-policy`
    Given(&'e super::KeyPolicy),
}

/// The policies of keys that no input holds.
#[derive(Default)]
pub(crate) struct Policies {
    /// Instances of `aws_kms_key_policy`, with the names of their keys.
    resources: Vec<(KeyName, At)>,
}

impl Policies {
    /// Keeps a policy resource whose key is not in the inputs.
    pub(crate) fn enter(&mut self, name: &str, at: At, linker: &Linker<'_>) {
        self.resources.push((linker.key_name(at, name), at));
    }

    /// What sets the policy of the key that `asker` calls `name`.
    pub(crate) fn of<'e>(
        &self,
        name: &str,
        asker: At,
        linker: &Linker<'_>,
        inputs: Inputs<'e>,
    ) -> Option<Elsewhere<'e>> {
        let wanted = linker.key_name(asker, name);
        let mut resources = self.resources.iter();
        let resource = resources.find(|(it, _)| it.is(&wanted)).map(|(_, at)| *at);
        let given = || {
            let mut all = inputs.options.key_policies.iter();
            all.find(|it| KeyName::of_arn(&it.arn).is(&wanted))
                .map(Elsewhere::Given)
        };
        resource.map(Elsewhere::Resource).or_else(given)
    }
}

/// A key that no input holds, by what a subject calls it.
pub(crate) fn key(name: &str, input: usize, origin: &Origin, tables: &mut Tables<'_>) -> Key {
    let segments = arn_segments(name);
    let symbol = |tables: &mut Tables<'_>, what: &str, shape| {
        let symbol = tables.symbols.intern(Symbol {
            key: format!("outside:{name}:{what}"),
            name: format!("{what} of {name}"),
            shape,
            nature: Nature::Undocumented,
            reason: "the key is not in the inputs".to_owned(),
            supply: None,
        });
        Text::from_parts(vec![Part {
            kind: PartKind::Symbol(symbol),
            origin: origin.clone(),
            sensitive: false,
        }])
    };
    let (region, account) = match segments {
        Some([_, _, region, account, _]) => (
            Text::literal(region, origin.clone()),
            Text::literal(account, origin.clone()),
        ),
        None => (
            symbol(tables, "region", Shape::Region),
            symbol(tables, "account", Shape::Account),
        ),
    };
    Key {
        id: name.to_owned(),
        address: name.to_owned(),
        input,
        outside: true,
        arn: if segments.is_some() {
            Text::literal(name, origin.clone())
        } else {
            symbol(tables, "ARN", Shape::Arn)
        },
        account,
        region,
        action: Action::NoOp,
        state: PolicyState::External,
        policy: None,
        policy_first: None,
        policy_bytes: 0,
        others: Vec::new(),
        manage: None,
        bypass: Fact::Unknown,
        rotation: None,
        rotation_at: origin.clone(),
        issues: Vec::new(),
        broken: None,
        unread: None,
        sensitive: false,
        policy_addresses: Vec::new(),
        aliases: Vec::new(),
        form: Form::Json,
        enabled: Fact::Unknown,
        symmetric: Fact::Unknown,
        multi_region: Fact::Unknown,
        origin: origin.clone(),
        enabled_at: origin.clone(),
        spec_at: origin.clone(),
        region_at: origin.clone(),
    }
}

/// Takes over what a look-up of the key in an input has found: `data "aws_kms_key"` tells all but the policy.
pub(crate) fn look_up(key: &mut Key, inputs: Inputs<'_>) {
    let Some(arn) = key.arn.to_literal() else {
        return;
    };
    let documents = inputs.loaded.iter().map(|it| &it.document);
    let mut found = documents.flat_map(|it| &it.resources).filter(|it| {
        it.address.data && it.address.kind == "aws_kms_key" && known(it, "arn") == Some(&*arn)
    });
    let Some(after) = found.find_map(|it| it.after.as_ref()) else {
        return;
    };
    let fact = |name: &str| {
        let value = after.get(name).and_then(Value::as_bool);
        value.map_or(Fact::Unknown, Fact::Known)
    };
    key.enabled = fact("enabled");
    key.multi_region = fact("multi_region");
    let text = |name: &str| after.get(name).and_then(Value::as_str);
    key.symmetric = match (text("customer_master_key_spec"), text("key_usage")) {
        (Some(spec), _) if spec != "SYMMETRIC_DEFAULT" => Fact::Known(false),
        (_, Some(usage)) if usage != "ENCRYPT_DECRYPT" => Fact::Known(false),
        (Some(_), Some(_)) => Fact::Known(true),
        _ => Fact::Unknown,
    };
}

/// What to say of policies that were given and not used, each at the input that holds the key, or else at the first.
pub(super) fn unused(
    given: &[super::KeyPolicy],
    keys: &[Key],
    sources: &SourceMap,
) -> Vec<(usize, String)> {
    let told = given.iter().filter_map(|it| {
        let name = KeyName::of_arn(&it.arn);
        let literal = |text: &Text| text.to_literal();
        let is_it = |key: &&Key| {
            let own = literal(&key.arn).unwrap_or_else(|| key.address.clone());
            KeyName::new(&own, (literal(&key.region), literal(&key.account))).is(&name)
        };
        let file = sources.file_of(it.policy.span());
        let uses = |key: &Key| {
            let policy = key.policy.as_ref().map(|policy| policy.origin.span());
            let at = policy.or_else(|| key.broken.as_ref().map(|error| error.span));
            at.is_some_and(|at| sources.file_of(at) == file)
        };
        let found: Vec<&Key> = keys.iter().filter(is_it).collect();
        let why = match found.first() {
            None => "no trail uses that key",
            Some(_) if found.iter().any(|key| uses(key)) => return None,
            Some(_) => "the inputs say what its policy is",
        };
        let at = found.first().map_or(0, |key| key.input);
        Some((at, format!("`--key-policy {}` is not used: {why}", it.arn)))
    });
    told.collect()
}
