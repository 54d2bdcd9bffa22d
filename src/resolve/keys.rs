//! Keys and their effective policies.

mod others;

use std::collections::BTreeMap;

use super::document::Documents;
use super::index::{At, Index, survives};
use super::link::{KEY_TYPES, Linker};
use super::outside::{self, Elsewhere};
use super::scope::{Scopes, piece, written};
use super::separate::{self, Separate};
use super::size;
use super::{Inputs, Tables};
use crate::input::home::{Home, Piece, text};
use crate::input::{Action, Expression, InputKind, Lost, Mode, Resource};
use crate::model::{Fact, Form, Key, PolicyState};
use crate::policy::{self, Duplicates, IssueKind, PolicyKind};
use crate::source::{Origin, parse_json};
use crate::value::json::{self, TextError};
use crate::value::{Item, Kind, Member, Nature, Presence, Shape, Symbol, Text, Value};

/// The policy that AWS gives a key that is created without one (AWS KMS Developer Guide, Default key policy). `ACCOUNT` is put in.
const DEFAULT_POLICY: &str = r#"{
  "Id": "key-default-1",
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Enable IAM User Permissions",
      "Effect": "Allow",
      "Principal": {
        "AWS": "arn:PARTITION:iam::ACCOUNT:root"
      },
      "Action": "kms:*",
      "Resource": "*"
    }
  ]
}"#;

/// Why nobody knows the policy of a key for which the sources set none.
const NOT_SAID: &str = "the sources set no policy: a new key gets AWS's default policy, which denies CloudTrail, and an existing key keeps the policy it has";

/// All keys of the inputs, with look-ups.
pub(crate) struct Keys {
    pub(crate) list: Vec<Key>,
    pub(crate) by_place: BTreeMap<At, usize>,
    /// Keys that no input holds, by what subjects call them.
    pub(crate) outside: BTreeMap<String, usize>,
    /// Policies of keys that no input holds.
    elsewhere: outside::Policies,
}

impl Keys {
    /// Adds a key that no input holds, as `asker` calls it, with its policy where that is known. Gives its index.
    pub(crate) fn add_outside(
        &mut self,
        name: &str,
        asker: At,
        origin: &Origin,
        (inputs, linker): (Inputs<'_>, &Linker<'_>),
        tables: &mut Tables<'_>,
    ) -> usize {
        let mut key = outside::key(name, asker.input, origin, tables);
        outside::look_up(&mut key, inputs);
        let place = |at| linker.resource(at).map(|it| (at, it));
        let (at, given) = match self.elsewhere.of(name, asker, linker, inputs) {
            Some(Elsewhere::Resource(at)) => (at, None),
            Some(Elsewhere::Given(given)) => (asker, Some(given)),
            None => (asker, None),
        };
        if (at, given.is_some()) != (asker, false)
            && let Some((at, it)) = place(at)
        {
            let builder = Builder {
                at,
                it,
                scope: Home::nowhere(),
                inputs,
                linker,
            };
            let source = if let Some(given) = given {
                key.origin = given.policy.origin.clone();
                Source::Text(given.policy.clone())
            } else {
                key.origin = it.origin.clone();
                key.policy_addresses = vec![it.address.to_string()];
                key.form = builder.form(at);
                let known = builder.attribute(at, tables);
                known.unwrap_or_else(|| builder.not_shown())
            };
            builder.read(source, &mut key, tables);
        }
        self.list.push(key);
        self.list.len() - 1
    }
}

/// What sets a key's policy.
pub(crate) enum Source {
    /// Known text: JSON in a virtual file.
    Text(Value),
    /// A document that the apply reads.
    Document(Value),
    /// AWS's default.
    Default,
    /// Nothing is known, for this reason.
    Unknown(String),
}

pub(crate) fn collect(
    inputs: Inputs<'_>,
    scopes: &Scopes,
    linker: &Linker<'_>,
    tables: &mut Tables<'_>,
) -> Keys {
    let separate = separate::collect(inputs, linker);
    let aliases = aliases(inputs, linker);
    let mut keys = Keys {
        list: Vec::new(),
        by_place: BTreeMap::new(),
        outside: BTreeMap::new(),
        elsewhere: outside::Policies::default(),
    };
    for (name, at) in &separate.outside {
        keys.elsewhere.enter(name, *at, linker);
    }
    for (input, loaded) in inputs.loaded.iter().enumerate() {
        let mut places: Vec<usize> = (0..loaded.document.resources.len()).collect();
        places.retain(|at| loaded.document.resources.get(*at).is_some_and(is_key));
        places.sort_by_key(|at| {
            loaded
                .document
                .resources
                .get(*at)
                .map(|it| it.address.clone())
        });
        for resource in places {
            let (at, Some(it)) = (
                At { input, resource },
                loaded.document.resources.get(resource),
            ) else {
                continue;
            };
            let Some(index) = inputs.index.get(input) else {
                continue;
            };
            let scope = scopes.of(input, &loaded.document, index, it);
            let builder = Builder {
                at,
                it,
                scope,
                inputs,
                linker,
            };
            let mut key = builder.build(&separate, tables);
            key.aliases = aliases.get(&at).cloned().unwrap_or_default();
            keys.by_place.insert(at, keys.list.len());
            keys.list.push(key);
        }
    }
    keys
}

/// What sets the policy of a key, or what another resource sets as one.
pub(crate) fn effective(
    at: At,
    (inputs, scopes, linker): (Inputs<'_>, &Scopes, &Linker<'_>),
    separate: &Separate,
    tables: &mut Tables<'_>,
) -> Option<Source> {
    let it = linker.resource(at)?;
    let loaded = inputs.loaded.get(at.input)?;
    let builder = Builder {
        at,
        it,
        scope: scopes.of(at.input, &loaded.document, inputs.index.get(at.input)?, it),
        inputs,
        linker,
    };
    if is_key(it) {
        return Some(builder.source(separate, tables).0);
    }
    let set = builder.attribute(at, tables);
    Some(set.unwrap_or_else(|| builder.not_shown()))
}

fn is_key(resource: &Resource) -> bool {
    resource.mode == Mode::Managed
        && survives(resource)
        && KEY_TYPES.contains(&resource.address.kind.as_str())
}

fn aliases(inputs: Inputs<'_>, linker: &Linker<'_>) -> BTreeMap<At, Vec<String>> {
    let mut map: BTreeMap<At, Vec<String>> = BTreeMap::new();
    for (input, loaded) in inputs.loaded.iter().enumerate() {
        for (resource, it) in loaded.document.resources.iter().enumerate() {
            if it.address.data || it.address.kind != "aws_kms_alias" || !survives(it) {
                continue;
            }
            let name = match piece(it, "name") {
                Some(Piece::Known(name)) => name,
                _ => it.address.to_string(),
            };
            for key in linker
                .attribute(At { input, resource }, "target_key_id")
                .keys
            {
                map.entry(key).or_default().push(name.clone());
            }
        }
    }
    for names in map.values_mut() {
        names.sort();
    }
    map
}

/// Builds one key.
struct Builder<'b, 'a> {
    at: At,
    it: &'a Resource,
    scope: Home,
    inputs: Inputs<'a>,
    linker: &'b Linker<'a>,
}

impl Builder<'_, '_> {
    fn build(&self, separate: &Separate, tables: &mut Tables<'_>) -> Key {
        let origin = self.it.origin.clone();
        let (source, owner, policy_addresses) = self.source(separate, tables);
        let value = |name: &str| self.it.after.as_ref().and_then(|after| after.get(name));
        let fact = |name: &str, default: bool| match value(name) {
            None
            | Some(Value {
                kind: Kind::Null, ..
            }) => Fact::Known(default),
            Some(value) => match value.as_bool() {
                Some(known) => Fact::Known(known),
                // Computed and not configured: the provider's default.
                None if !self.configures(name) => Fact::Known(default),
                None => Fact::Unknown,
            },
        };
        let enabled_name = if self.it.address.kind == "aws_kms_key" {
            "is_enabled"
        } else {
            "enabled"
        };
        let at =
            |name: &str| value(name).map_or_else(|| origin.clone(), |value| value.origin.clone());
        let rotation =
            (self.it.address.kind == "aws_kms_key").then(|| fact("enable_key_rotation", false));
        let mut key = Key {
            id: format!("in{}:{}", self.at.input, self.it.address),
            address: self.it.address.to_string(),
            input: self.at.input,
            outside: false,
            arn: self.arn(tables),
            account: self.scope.account.text(&origin),
            region: self.scope.region.text(&origin),
            action: self.it.action,
            state: PolicyState::External,
            policy: None,
            policy_first: None,
            policy_bytes: 0,
            issues: Vec::new(),
            broken: None,
            unread: None,
            sensitive: false,
            policy_addresses,
            aliases: Vec::new(),
            form: self.form(owner),
            enabled: fact(enabled_name, true),
            symmetric: self.symmetric(),
            multi_region: self.multi_region(&fact),
            others: Vec::new(),
            manage: None,
            bypass: self.bypass(owner),
            rotation,
            rotation_at: if self.configures("enable_key_rotation") {
                at("enable_key_rotation")
            } else {
                origin.clone()
            },
            origin: self
                .linker
                .resource(owner)
                .map_or_else(|| origin.clone(), |it| it.origin.clone()),
            enabled_at: at(enabled_name),
            spec_at: at(if value("customer_master_key_spec").is_some() {
                "customer_master_key_spec"
            } else {
                "key_usage"
            }),
            region_at: at("multi_region"),
        };
        let given = self.given(&source, &key.arn);
        let own = self.read(given.unwrap_or(source), &mut key, tables);
        key.others = self.others(separate, own.as_ref(), &key, tables);
        key
    }

    /// What the user says of a policy that the inputs do not tell.
    fn given(&self, source: &Source, arn: &Text) -> Option<Source> {
        let (Source::Unknown(_), Some(arn)) = (source, arn.to_literal()) else {
            return None;
        };
        let mut all = self.inputs.options.key_policies.iter();
        all.find(|it| it.arn == arn)
            .map(|it| Source::Text(it.policy.clone()))
    }

    fn arn(&self, tables: &mut Tables<'_>) -> Text {
        let origin = &self.it.origin;
        if let Some(arn) = piece(self.it, "arn") {
            return arn.text(origin);
        }
        let id = written(self.it, "key_id").unwrap_or_else(|| {
            Piece::Symbol(tables.symbols.intern(Symbol {
                key: format!("in{}:{}.key_id", self.at.input, self.it.address),
                name: format!("{}.key_id", self.it.address),
                shape: Shape::Id,
                nature: if self.it.action.is_new() && !self.it.importing {
                    Nature::Fresh
                } else {
                    Nature::Undocumented
                },
                reason: "known after apply".to_owned(),
                supply: None,
            }))
        });
        let scope = &self.scope;
        let pieces = [
            "arn:".into(),
            scope.partition.clone(),
            ":kms:".into(),
            scope.region.clone(),
            ":".into(),
            scope.account.clone(),
            ":key/".into(),
            id,
        ];
        text(&pieces, origin)
    }

    fn symmetric(&self) -> Fact<bool> {
        let value = |name: &str| {
            self.it
                .after
                .as_ref()
                .and_then(|after| after.get(name))
                .filter(|value| !value.is_null())
        };
        let spec = value("customer_master_key_spec")
            .map(|value| value.as_str().map(|spec| spec == "SYMMETRIC_DEFAULT"));
        let usage =
            value("key_usage").map(|value| value.as_str().map(|usage| usage == "ENCRYPT_DECRYPT"));
        match (spec, usage) {
            (Some(Some(false)), _) | (_, Some(Some(false))) => Fact::Known(false),
            // Computed where it is not configured: an external key is symmetric, and a replica is what its primary is.
            (Some(None), _) | (_, Some(None)) if self.it.address.kind == "aws_kms_key" => {
                Fact::Unknown
            }
            // Replicas and external keys have no spec of their own; AWS's default is symmetric.
            _ => Fact::Known(true),
        }
    }

    fn multi_region(&self, fact: &dyn Fn(&str, bool) -> Fact<bool>) -> Fact<bool> {
        if self.it.address.kind.contains("replica") {
            return Fact::Known(true);
        }
        let block = self
            .inputs
            .index
            .get(self.at.input)
            .and_then(|index| index.config(&self.it.address));
        // Computed where it is not configured, and then false.
        match (fact("multi_region", false), block) {
            (Fact::Unknown, Some(block)) if !block.expressions.contains_key("multi_region") => {
                Fact::Known(false)
            }
            (known, _) => known,
        }
    }

    /// JSON, unless the configuration takes the policy from a document.
    fn form(&self, owner: At) -> Form {
        let block = self
            .linker
            .resource(owner)
            .and_then(|it| self.inputs.index.get(owner.input)?.config(&it.address));
        let references = match block.and_then(|block| block.expressions.get("policy")) {
            Some(Expression::References(references)) => references.as_slice(),
            _ => &[],
        };
        let document = references
            .iter()
            .any(|it| it.starts_with("data.aws_iam_policy_document."));
        if document { Form::Document } else { Form::Json }
    }

    /// What sets the policy, the resource that does, and its address where it is not the key itself.
    fn source(&self, separate: &Separate, tables: &mut Tables<'_>) -> (Source, At, Vec<String>) {
        let policies = separate
            .certain
            .get(&self.at)
            .map_or(&[][..], Vec::as_slice);
        let resource = |at: &At| self.linker.resource(*at);
        let live: Vec<&At> = policies
            .iter()
            .filter(|at| resource(at).is_some_and(survives))
            .collect();
        if let Some(&&first) = live.first() {
            let addresses = live
                .iter()
                .filter_map(|at| resource(at))
                .map(|it| it.address.to_string())
                .collect();
            let source = self.attribute(first, tables);
            let source = source.unwrap_or_else(|| self.not_shown());
            return (source, first, addresses);
        }
        let mut released = policies.iter().filter_map(resource);
        let released = released.find(|it| matches!(it.action, Action::Delete | Action::Forget));
        let own = self.attribute(self.at, tables);
        let known = matches!(own, Some(Source::Text(_)));
        if let Some(why) = separate
            .doubt(self.at, known)
            .filter(|_| !self.configured())
        {
            return (Source::Unknown(why.to_owned()), self.at, Vec::new());
        }
        if let Some(released) = released.filter(|_| !self.configured()) {
            if restores_default(released) {
                return (Source::Default, self.at, Vec::new());
            }
            // What it set stays, whatever the plan knows of the key itself.
            let before = released.before.as_ref();
            if let Some(policy) = before.and_then(|before| before.get("policy")) {
                return (Source::Text(policy.clone()), self.at, Vec::new());
            }
        }
        let source = own.unwrap_or_else(|| {
            if self.it.action.is_new() && !self.it.importing {
                Source::Default
            } else {
                self.not_shown()
            }
        });
        (source, self.at, Vec::new())
    }

    /// Nothing says what the policy is.
    fn not_shown(&self) -> Source {
        Source::Unknown(
            if self.it.action == Action::Unplanned {
                NOT_SAID
            } else {
                "the plan does not show the policy's text"
            }
            .to_owned(),
        )
    }

    /// True where the configuration sets a policy on the key itself.
    fn configured(&self) -> bool {
        self.configures("policy")
    }

    /// True where the configuration sets an argument of the key.
    fn configures(&self, name: &str) -> bool {
        let block = self
            .inputs
            .index
            .get(self.at.input)
            .and_then(|index| index.config(&self.it.address));
        self.is_settled() || block.is_some_and(|block| block.expressions.contains_key(name))
    }

    /// True in a snapshot, which holds what came of the configuration.
    fn is_settled(&self) -> bool {
        let loaded = self.inputs.loaded.get(self.at.input);
        loaded.is_some_and(|it| it.document.kind == InputKind::Snapshot)
    }

    /// The policy that an instance sets; none where it sets none.
    fn attribute(&self, at: At, tables: &mut Tables<'_>) -> Option<Source> {
        let resource = self.linker.resource(at)?;
        let value = resource
            .after
            .as_ref()?
            .get("policy")
            .filter(|value| !value.is_null() && value.as_str() != Some(""))?;
        let is_text = match value.kind {
            // Sources name what they do not know; a plan does not.
            Kind::Unknown(symbol) => {
                resource.action == Action::Unplanned
                    || tables.symbols.meaning(symbol).is_some()
                    || self.is_settled()
            }
            Kind::Object(_) => return Some(Source::Document(value.clone())),
            _ => true,
        };
        if is_text {
            return Some(Source::Text(value.clone()));
        }
        let index = self.inputs.index.get(at.input)?;
        let block = index.config(&resource.address);
        // Computed and not configured: the key is new and gets the default, or it keeps what it has.
        if block.is_some_and(|block| !block.expressions.contains_key("policy")) {
            return None;
        }
        let mut documents = Documents {
            linker: self.linker,
            index: self.inputs.index,
            symbols: tables.symbols,
            sources: tables.sources,
        };
        if let Some(document) = documents.of_attribute(at, "policy") {
            return Some(Source::Document(document));
        }
        Some(Source::Unknown(unknown_reason(resource, index)))
    }

    /// Reads what sets the policy into the key; the value that was read, where there is one.
    fn read(&self, source: Source, key: &mut Key, tables: &mut Tables<'_>) -> Option<Value> {
        let read = match source {
            Source::Unknown(reason) => {
                key.state = PolicyState::Unknown(reason);
                None
            }
            Source::Default => {
                self.read_default(key, tables);
                None
            }
            Source::Document(value) => {
                key.sensitive = value.sensitive;
                Self::parse(&value, key);
                Some(value)
            }
            Source::Text(value) => {
                key.sensitive = value.sensitive || text_is_sensitive(&value);
                self.read_text(&value, key, tables)
            }
        };
        if key.sensitive && key.state == PolicyState::Known {
            key.state = PolicyState::Sensitive;
        }
        read
    }

    fn parse(value: &Value, key: &mut Key) {
        let (policy, issues) = policy::parse(value, PolicyKind::Key, Duplicates::Last);
        if issues
            .iter()
            .any(|issue| issue.kind == IssueKind::DuplicateKey)
        {
            key.policy_first = Some(policy::parse(value, PolicyKind::Key, Duplicates::First).0);
        }
        key.state = if policy.rejected {
            PolicyState::Invalid
        } else if holds_unknown(value) {
            PolicyState::Partial
        } else {
            PolicyState::Known
        };
        key.policy_bytes = size::least(value);
        key.policy = Some(policy);
        key.issues = issues;
    }

    /// Reads JSON: the text of a file, or one of pieces with symbols in it.
    fn read_text(&self, value: &Value, key: &mut Key, tables: &mut Tables<'_>) -> Option<Value> {
        match read_json(value, tables) {
            Ok(mut value) => {
                let input = self.inputs.loaded.get(self.at.input);
                let lost = input.map_or(&[][..], |it| it.document.lost.as_slice());
                if !lost.is_empty() {
                    restore(&mut value, lost);
                }
                Self::parse(&value, key);
                Some(value)
            }
            Err(TextError::Invalid(error)) => {
                key.state = PolicyState::Invalid;
                key.broken = Some(error);
                None
            }
            Err(TextError::Unknown { at, reason, symbol }) => {
                key.state = PolicyState::Unknown(reason.clone());
                key.unread = Some(policy::Blocker { symbol, reason, at });
                None
            }
        }
    }

    fn read_default(&self, key: &mut Key, tables: &mut Tables<'_>) {
        key.state = PolicyState::Default;
        let show = |piece: &Piece| match piece {
            Piece::Known(text) | Piece::Secret(text) => text.clone(),
            Piece::Symbol(symbol) => format!("${{{}}}", tables.symbols.get(*symbol).name),
            Piece::Text(text) => text.show(tables.symbols),
        };
        let (partition, account) = (show(&self.scope.partition), show(&self.scope.account));
        let text = DEFAULT_POLICY
            .replace("PARTITION", &partition)
            .replace("ACCOUNT", &account);
        let Ok(file) = tables
            .sources
            .add_part("AWS", "default key policy", text, false)
        else {
            return;
        };
        let Ok(node) = parse_json(tables.sources, file) else {
            return;
        };
        let mut value = Value::from_json(&node);
        self.put_account(&mut value);
        let (policy, _) = policy::parse(&value, PolicyKind::Key, Duplicates::Last);
        key.policy = Some(policy);
    }

    /// Puts symbols where the text of the default policy shows their names.
    fn put_account(&self, value: &mut Value) {
        match &mut value.kind {
            Kind::List(list) => list
                .items
                .iter_mut()
                .for_each(|item| self.put_account(&mut item.value)),
            Kind::Object(object) => {
                for member in &mut object.members {
                    if member.key == "AWS" {
                        let pieces = [
                            "arn:".into(),
                            self.scope.partition.clone(),
                            ":iam::".into(),
                            self.scope.account.clone(),
                            ":root".into(),
                        ];
                        member.value.kind = Kind::Text(text(&pieces, &member.value.origin));
                    } else {
                        self.put_account(&mut member.value);
                    }
                }
            }
            _ => {}
        }
    }
}

/// Reads a JSON document that an attribute holds.
pub(super) fn read_json(value: &Value, tables: &mut Tables<'_>) -> Result<Value, TextError> {
    let file = tables.sources.file_of(value.origin.span());
    // A plan's policy is a file of its own.
    let pieces = value
        .to_text()
        .filter(|text| text.as_literal() != Some(&*tables.sources.text(file)));
    match pieces {
        Some(text) => json::read(&text, &value.origin, tables.sources, tables.symbols),
        None => parse_json(tables.sources, file)
            .map(|node| Value::from_json(&node))
            .map_err(TextError::Invalid),
    }
}

/// True for a key policy that the plan destroys so that the provider puts AWS's default policy back: unless the lockout check is bypassed
/// (`HashiCorp`, `internal/service/kms/key_policy.go`).
pub(crate) fn restores_default(policy: &Resource) -> bool {
    let before = policy.before.as_ref();
    let bypass = before.and_then(|before| before.get("bypass_policy_lockout_safety_check"));
    policy.action == Action::Delete && bypass.and_then(Value::as_bool) != Some(true)
}

fn holds_unknown(value: &Value) -> bool {
    match &value.kind {
        Kind::Unknown(_) => true,
        Kind::Text(text) => text.to_literal().is_none(),
        Kind::List(list) => {
            let unsure = |it: &Item| it.presence != Presence::Present || holds_unknown(&it.value);
            list.open.is_some() || list.items.iter().any(unsure)
        }
        Kind::Object(object) => {
            let unsure = |it: &Member| it.presence != Presence::Present || holds_unknown(&it.value);
            object.open.is_some() || object.members.iter().any(unsure)
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) => false,
    }
}

impl Key {
    /// The key with nothing of its name to be shown: it came from a sensitive value.
    pub(crate) fn into_unnamed(self) -> Self {
        Key {
            id: "(sensitive)".to_owned(),
            address: "(sensitive)".to_owned(),
            arn: self.arn.into_sensitive(),
            account: self.account.into_sensitive(),
            region: self.region.into_sensitive(),
            ..self
        }
    }
}

fn text_is_sensitive(value: &Value) -> bool {
    matches!(&value.kind, Kind::Text(text) if text.is_sensitive())
}

/// AWS's default policy for a key of an account, as a text.
pub(crate) fn default_policy(home: &Home, origin: &Origin) -> Value {
    let mut pieces: Vec<Piece> = Vec::new();
    for (at, rest) in DEFAULT_POLICY.split("PARTITION").enumerate() {
        if at > 0 {
            pieces.push(home.partition.clone());
        }
        for (at, rest) in rest.split("ACCOUNT").enumerate() {
            if at > 0 {
                pieces.push(home.account.clone());
            }
            pieces.push(rest.into());
        }
    }
    Value::new(Kind::Text(text(&pieces, origin)), origin.clone())
}

/// Why a configured policy is not in the plan, and what it hangs on.
fn unknown_reason(resource: &Resource, index: &Index<'_>) -> String {
    let expression = index
        .config(&resource.address)
        .and_then(|block| block.expressions.get("policy"));
    match expression {
        Some(Expression::References(references)) => {
            let names: Vec<String> = super::names::longest(references)
                .into_iter()
                .map(|it| format!("`{it}`"))
                .collect();
            format!(
                "the policy is known after apply: it refers to {}",
                names.join(", ")
            )
        }
        _ => "the policy is known after apply".to_owned(),
    }
}

/// Puts back what Terraform drops of an object that names a key twice, before the one that counts.
fn restore(value: &mut Value, lost: &[Lost]) {
    let span = value.span();
    match &mut value.kind {
        Kind::List(items) => items
            .items
            .iter_mut()
            .for_each(|it| restore(&mut it.value, lost)),
        Kind::Object(object) => {
            for it in &mut object.members {
                restore(&mut it.value, lost);
            }
            let dropped = lost.iter().filter(|it| it.object.span() == span).rev();
            for it in dropped {
                let place = object
                    .members
                    .iter()
                    .position(|member| member.key == it.key);
                let member = Member {
                    key: it.key.clone(),
                    key_origin: it.key_origin.clone(),
                    presence: Presence::Present,
                    value: it.value.clone(),
                };
                // Each instance of the block lost it once.
                let is_same = |member: &Member| member.key_origin.span() == it.key_origin.span();
                if !object.members.iter().any(is_same) {
                    object.members.insert(place.unwrap_or(0), member);
                }
            }
        }
        _ => {}
    }
}
