//! What a resource says of its key: name, state and spec.

use super::Builder;
use crate::input::home::{Piece, text};
use crate::model::{Fact, Key, PolicyState};
use crate::resolve::Tables;
use crate::resolve::scope::{piece, written};
use crate::resolve::separate::Separate;
use crate::value::{Kind, Nature, Shape, Symbol, Text, Value};

impl Builder<'_, '_> {
    pub(super) fn build(&self, separate: &Separate, tables: &mut Tables<'_>) -> Key {
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

    pub(super) fn arn(&self, tables: &mut Tables<'_>) -> Text {
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

    pub(super) fn symmetric(&self) -> Fact<bool> {
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

    pub(super) fn multi_region(&self, fact: &dyn Fn(&str, bool) -> Fact<bool>) -> Fact<bool> {
        if self.it.address.kind.contains("replica") {
            return Fact::Known(true);
        }
        fact("multi_region", false)
    }
}
