//! Lists of texts, and principals.

use super::Reader;
use super::uncertain::{is_contested, nobody_excepted};
use crate::policy::element::{Entry, PrincipalType, Principals, Values};
use crate::policy::variables::{Pattern, Syntax};
use crate::source::Origin;
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
                let members = self.members(object);
                let mut unsure = false;
                for member in &members {
                    let Some(kind) = principal_type(&member.key) else {
                        self.reject(
                            format!("`{}` is not a type of principals", member.key),
                            &member.key_origin,
                        );
                        continue;
                    };
                    let mut values = self.values(&member.key, &member.value, Syntax::EXACT);
                    if is_contested(&members, |key| key == member.key) {
                        self.doubt_presence(&member.key, &member.key_origin);
                        unsure = true;
                    }
                    for entry in &mut values.entries {
                        unsure |= member.presence != Presence::Present
                            && entry.presence != Presence::Present;
                        entry.presence = self.both(member.presence, entry.presence, &entry.at);
                    }
                    principals.lists.push((kind, values));
                }
                if object.open.is_some() {
                    let mut values = Values::empty(Syntax::EXACT, value.origin.clone());
                    values.open.clone_from(&object.open);
                    principals.lists.push((PrincipalType::Unknown, values));
                }
                if unsure && negated {
                    // Who is listed too many is nobody that the statement surely leaves out.
                    return nobody_excepted(&value.origin);
                }
            }
            Kind::Text(text) if text.to_literal().as_deref() == Some("*") => {
                let everybody = joined(text, &value.origin);
                let values = Values::one(&everybody, Syntax::EXACT, value.origin.clone());
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
            Kind::Text(text) if value.sensitive => joined(text, &origin).into_sensitive(),
            Kind::Text(text) => joined(text, &origin),
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

/// A text of which all is known as one piece at the place of the whole: a policy is judged by whole texts.
fn joined(text: &Text, origin: &Origin) -> Text {
    match text.to_literal() {
        Some(known) if text.parts().len() > 1 => {
            let whole = Text::literal(known, origin.clone());
            if text.is_sensitive() {
                whole.into_sensitive()
            } else {
                whole
            }
        }
        _ => text.clone(),
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
