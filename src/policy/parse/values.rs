//! Lists of texts, and principals.

use super::Reader;
use crate::policy::element::{Entry, PrincipalType, Principals, Values};
use crate::policy::variables::{Pattern, Syntax};
use crate::value::{Kind, Presence, Text, Value};

impl Reader {
    pub(super) fn principals(&mut self, value: &Value, negated: bool) -> Principals {
        let mut principals = Principals {
            negated,
            lists: Vec::new(),
            at: Some(value.origin.clone()),
        };
        match &value.kind {
            Kind::Object(object) => {
                for member in self.members(object) {
                    let Some(kind) = principal_type(&member.key) else {
                        self.reject(
                            format!("`{}` is not a type of principals", member.key),
                            &member.key_origin,
                        );
                        continue;
                    };
                    let mut values = self.values(&member.key, &member.value, Syntax::EXACT);
                    if member.presence != Presence::Present {
                        for entry in &mut values.entries {
                            entry.presence = member.presence;
                        }
                    }
                    principals.lists.push((kind, values));
                }
                if object.open.is_some() {
                    let mut values = Values::empty(Syntax::EXACT, value.origin.clone());
                    values.open.clone_from(&object.open);
                    principals.lists.push((PrincipalType::Unknown, values));
                }
            }
            Kind::Text(text) if text.to_literal().as_deref() == Some("*") => {
                let values = Values::one(text, Syntax::EXACT, value.origin.clone());
                principals.lists.push((PrincipalType::Aws, values));
            }
            Kind::Text(text) if text.to_literal().is_none() => {
                let values = Values::one(text, Syntax::EXACT, value.origin.clone());
                principals.lists.push((PrincipalType::Unknown, values));
            }
            Kind::Unknown(symbol) => {
                let text = Text::symbol(*symbol, value.origin.clone());
                let values = Values::one(&text, Syntax::EXACT, value.origin.clone());
                principals.lists.push((PrincipalType::Unknown, values));
            }
            _ => self.reject(
                "a principal is `*` or an object of lists by type",
                &value.origin,
            ),
        }
        principals
    }

    /// A list of texts, or one; numbers and booleans are texts too.
    pub(super) fn values(&mut self, element: &str, value: &Value, syntax: Syntax) -> Values {
        let mut values = Values::empty(syntax, value.origin.clone());
        let Kind::List(list) = &value.kind else {
            self.entry(element, value, Presence::Present, syntax, &mut values);
            return values;
        };
        values.open.clone_from(&list.open);
        for item in &list.items {
            self.entry(element, &item.value, item.presence, syntax, &mut values);
        }
        values
    }

    fn entry(
        &mut self,
        element: &str,
        value: &Value,
        presence: Presence,
        syntax: Syntax,
        values: &mut Values,
    ) {
        let origin = value.origin.clone();
        let text = match &value.kind {
            Kind::Text(text) if value.sensitive => text.clone().into_sensitive(),
            Kind::Text(text) => text.clone(),
            Kind::Unknown(symbol) => Text::symbol(*symbol, origin.clone()),
            Kind::Bool(it) => Text::literal(it.to_string(), origin.clone()),
            Kind::Number(it) => Text::literal(it.clone(), origin.clone()),
            Kind::Null | Kind::List(_) | Kind::Object(_) => {
                self.reject(format!("a value of `{element}` is not a string"), &origin);
                return;
            }
        };
        if presence != Presence::Absent {
            values.entries.push(Entry {
                pattern: Pattern::new(&text, syntax),
                presence,
                at: origin,
            });
        }
    }
}

fn principal_type(key: &str) -> Option<PrincipalType> {
    match key {
        "AWS" => Some(PrincipalType::Aws),
        "Service" => Some(PrincipalType::Service),
        "Federated" => Some(PrincipalType::Federated),
        "CanonicalUser" => Some(PrincipalType::CanonicalUser),
        _ => None,
    }
}
