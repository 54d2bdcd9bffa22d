//! The condition block.

use super::Reader;
use crate::policy::condition::{BadOperator, Condition, Family, Operator, Unread};
use crate::policy::element::Body;
use crate::value::{Kind, Member, Open, Presence, Value};

impl Reader {
    pub(super) fn condition_block(&mut self, value: &Value, body: &mut Body) {
        let object = match &value.kind {
            Kind::Object(object) => object,
            Kind::Unknown(symbol) => {
                body.unread.push(Unread {
                    open: Open {
                        symbol: *symbol,
                        origin: value.origin.clone(),
                    },
                });
                return;
            }
            _ => {
                self.reject("`Condition` is not an object", &value.origin);
                return;
            }
        };
        if let Some(open) = &object.open {
            body.unread.push(Unread { open: open.clone() });
        }
        for member in self.members(object) {
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
            self.condition_keys(member, operator, body);
        }
    }

    fn condition_keys(&mut self, member: &Member, operator: Option<Operator>, body: &mut Body) {
        let object = match &member.value.kind {
            Kind::Object(object) => object,
            Kind::Unknown(symbol) => {
                let open = Open {
                    symbol: *symbol,
                    origin: member.value.origin.clone(),
                };
                body.unread.push(Unread { open });
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
            body.unread.push(Unread { open: open.clone() });
        }
        let keys = self.members(object);
        for (at, key) in keys.iter().enumerate() {
            let collides = keys
                .get(..at)
                .unwrap_or_default()
                .iter()
                .any(|other| other.key != key.key && other.key.eq_ignore_ascii_case(&key.key));
            if collides {
                self.reject(
                    format!("the key `{}` differs from another by case only", key.key),
                    &key.key_origin,
                );
            }
            let condition = self.condition(&member.key, operator, key, member.presence);
            body.conditions.push(condition);
        }
    }

    fn condition(
        &mut self,
        name: &str,
        operator: Option<Operator>,
        member: &Member,
        outer: Presence,
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
            presence: if outer == Presence::Present {
                member.presence
            } else {
                outer
            },
            values,
            constants,
        }
    }
}
