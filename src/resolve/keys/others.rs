//! Policies that are set for a key beside the one that counts.

use super::Builder;
use crate::model::{Fact, Key, OtherPolicy};
use crate::resolve::index::{At, survives};
use crate::resolve::separate::Separate;
use crate::resolve::{Tables, size};
use crate::value::Value;

impl Builder<'_, '_> {
    /// Whether the resource that sets the policy tells AWS not to check it.
    pub(super) fn bypass(&self, owner: At) -> Fact<bool> {
        let resource = self.linker.resource(owner);
        let after = resource.and_then(|it| it.after.as_ref());
        match after.and_then(|it| it.get("bypass_policy_lockout_safety_check")) {
            None => Fact::Known(false),
            Some(value) if value.is_null() => Fact::Known(false),
            Some(value) => value.as_bool().map_or(Fact::Unknown, Fact::Known),
        }
    }

    /// The policies that are set beside the one that counts.
    pub(super) fn others(
        &self,
        separate: &Separate,
        own: Option<&Value>,
        key: &Key,
        tables: &mut Tables<'_>,
    ) -> Vec<OtherPolicy> {
        let certain = separate.certain.get(&self.at);
        let is_live = |at: &At| self.linker.resource(*at).is_some_and(survives);
        let live = certain.into_iter().flatten().copied().filter(is_live);
        let mut places: Vec<At> = live.skip(1).collect();
        if !key.policy_addresses.is_empty() && self.configured() {
            places.push(self.at);
        }
        let own = own.and_then(size::meaning);
        let mut others = Vec::new();
        for at in places {
            let Some((resource, source)) = self.linker.resource(at).zip(self.attribute(at, tables))
            else {
                continue;
            };
            let mut other = key.clone();
            other.policy = None;
            let value = self.read(source, &mut other, tables);
            let differs = match (&own, value.as_ref().and_then(size::meaning)) {
                (Some(one), Some(two)) => Fact::Known(*one != two),
                _ => Fact::Unknown,
            };
            others.push(OtherPolicy {
                address: resource.address.to_string(),
                shown_by: None,
                origin: resource.origin.clone(),
                policy: other.policy,
                differs,
            });
        }
        others
    }
}
