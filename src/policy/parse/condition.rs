//! The condition block.

use super::Reader;
use super::uncertain::is_contested;
use crate::policy::condition::{BadOperator, Condition, Family, Operator, Unread};
use crate::policy::element::Body;
use crate::value::{Kind, Member, Open, Presence, Value};

impl Reader {
    /// Reads the conditions of a `Condition` that is there or not. A condition that nobody knows whether it counts is left out, and the
    /// statement is in doubt: without the condition it matches more.
    pub(super) fn condition_block(&mut self, value: &Value, presence: Presence, body: &mut Body) {
        let object = match &value.kind {
            Kind::Object(object) => object,
            Kind::Unknown(symbol) => {
                let open = Open {
                    symbol: *symbol,
                    origin: value.origin.clone(),
                };
                self.unread(open, presence, body);
                return;
            }
            _ => {
                self.reject("`Condition` is not an object", &value.origin);
                return;
            }
        };
        if let Some(open) = &object.open {
            self.unread(open.clone(), presence, body);
        }
        let members = self.members(object);
        for member in &members {
            let operator = match Operator::read(&member.key) {
                Ok(operator) => Some(operator),
                Err(BadOperator::Case) => None,
                Err(BadOperator::NullIfExists) => {
                    self.reject("`Null` takes no `IfExists`", &member.key_origin);
                    continue;
                }
                Err(BadOperator::Unknown) => {
                    self.reject_name(
                        &member.key,
                        "a condition operator",
                        Operator::names(),
                        &member.key_origin,
                    );
                    continue;
                }
            };
            let sure = match (presence, member.presence) {
                _ if is_contested(&members, |key| key == member.key) => None,
                (Presence::Present, one) | (one, Presence::Present) => Some(one),
                _ => None,
            };
            self.condition_keys(member, operator, sure, body);
        }
    }

    /// Notes conditions that are not known.
    fn unread(&mut self, open: Open, presence: Presence, body: &mut Body) {
        if presence == Presence::Present {
            body.unread.push(Unread { open });
        } else {
            self.doubt_presence("Condition", &open.origin);
        }
    }

    /// Reads the keys under an operator that is there as `presence` says; nothing where that is not known.
    fn condition_keys(
        &mut self,
        member: &Member,
        operator: Option<Operator>,
        presence: Option<Presence>,
        body: &mut Body,
    ) {
        let outer = presence.unwrap_or(Presence::Absent);
        let object = match &member.value.kind {
            Kind::Object(object) => object,
            Kind::Unknown(symbol) => {
                let open = Open {
                    symbol: *symbol,
                    origin: member.value.origin.clone(),
                };
                self.unread(open, outer, body);
                return;
            }
            _ => {
                self.reject(
                    format!("`{}` is not an object of keys", member.key),
                    &member.value.origin,
                );
                return;
            }
        };
        if let Some(open) = &object.open {
            self.unread(open.clone(), outer, body);
        }
        let keys = self.members(object);
        for (at, key) in keys.iter().enumerate() {
            let same = |other: &str| other.eq_ignore_ascii_case(&key.key);
            let contested = is_contested(&keys, same);
            let earlier = keys.get(..at).unwrap_or_default();
            let collides = !contested
                && earlier
                    .iter()
                    .any(|other| other.key != key.key && same(&other.key));
            if collides {
                self.reject(
                    format!("the key `{}` differs from another by case only", key.key),
                    &key.key_origin,
                );
            }
            let sure = match (presence, key.presence) {
                _ if contested => None,
                (Some(Presence::Present), one) => Some(one),
                (one, Presence::Present) => one,
                _ => None,
            };
            let condition = self.condition(&member.key, operator, key, sure);
            match sure {
                Some(_) => body.conditions.push(condition),
                None => self.doubt_presence(&key.key, &key.key_origin),
            }
        }
    }

    fn condition(
        &mut self,
        name: &str,
        operator: Option<Operator>,
        member: &Member,
        presence: Option<Presence>,
    ) -> Condition {
        let family = operator.map_or(Family::Like, |operator| operator.family);
        let syntax = family.syntax(self.variables);
        let values = self.values(&member.key, &member.value, syntax);
        let constants = if family.is_textual() {
            Vec::new()
        } else {
            let entries = values.entries.iter();
            entries
                .map(|entry| {
                    let text = entry.pattern.text.to_literal();
                    text.map(|text| family.constant(&text))
                })
                .collect()
        };
        Condition {
            name: name.to_owned(),
            operator,
            key: member.key.to_ascii_lowercase(),
            shown: member.key.clone(),
            key_at: member.key_origin.clone(),
            presence: presence.unwrap_or(Presence::Absent),
            values,
            constants,
        }
    }
}
