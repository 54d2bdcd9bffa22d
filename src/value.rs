//! What is known of a value, and where it was written.
//!
//! A value is known, unknown under a name (a [`Symbol`]), or sensitive and known. Unknown is never absent and never false: whatever may or
//! may not be there says so with a [`Presence`]. Equality of values ignores where they came from.

pub mod json;
mod meaning;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

pub use meaning::Meaning;

use crate::source::{Node, NodeKind, Origin, Span};

/// A value with its origin.
#[derive(Clone, PartialEq)]
pub struct Value {
    /// What it is.
    pub kind: Kind,
    /// Where it was written.
    pub origin: Origin,
    /// True where the plan or the configuration marks it sensitive: it is evaluated and never shown.
    pub sensitive: bool,
}

/// The kinds of values.
#[derive(Clone, PartialEq)]
pub enum Kind {
    /// Terraform's and JSON's null.
    Null,
    /// A boolean.
    Bool(bool),
    /// A number, in the spelling it was written in.
    Number(String),
    /// A string, known or in part symbolic.
    Text(Text),
    /// A list, tuple or set.
    List(List),
    /// An object, map or block.
    Object(Object),
    /// Nothing is known but its name.
    Unknown(SymbolId),
}

/// A list, tuple or set; `open` where more items may follow.
#[derive(Clone, PartialEq, Default)]
pub struct List {
    /// Its items in order.
    pub items: Vec<Item>,
    /// The unknown rest of the list, if there may be one.
    pub open: Option<Open>,
}

/// An item of a list.
#[derive(Clone, PartialEq)]
pub struct Item {
    /// Whether it is there.
    pub presence: Presence,
    /// The item.
    pub value: Value,
}

/// An object; duplicate keys are kept in order (the last one is what counts); `open` where more members may follow.
#[derive(Clone, PartialEq, Default)]
pub struct Object {
    /// Its members in order.
    pub members: Vec<Member>,
    /// The unknown rest of the object, if there may be one.
    pub open: Option<Open>,
}

/// A member of an object.
#[derive(Clone, PartialEq)]
pub struct Member {
    /// The key's text.
    pub key: String,
    /// Where the key was written.
    pub key_origin: Origin,
    /// Whether it is there.
    pub presence: Presence,
    /// The member's value.
    pub value: Value,
}

/// The unknown rest of a list or object.
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    /// Names the rest; its shape is [`Shape::Rest`].
    pub symbol: SymbolId,
    /// Where it was written.
    pub origin: Origin,
}

/// Whether something is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Presence {
    /// Surely there.
    #[default]
    Present,
    /// Surely not there.
    Absent,
    /// There or not; the symbol (of shape [`Shape::Presence`]) stands for which.
    Maybe(SymbolId),
}

/// A string: literal parts, symbols and holes in order. An empty list of parts is the empty string.
#[derive(Clone, PartialEq, Default)]
pub struct Text {
    parts: Vec<Part>,
}

/// One part of a [`Text`], with its own place and its own mark of sensitivity, which concatenation keeps.
#[derive(Clone, PartialEq)]
pub struct Part {
    /// Literal text, symbol or hole.
    pub kind: PartKind,
    /// Where it was written.
    pub origin: Origin,
    /// True where it must never be shown.
    pub sensitive: bool,
}

/// What a part of a text is.
#[derive(Clone, PartialEq)]
pub enum PartKind {
    /// Known text.
    Literal(String),
    /// Unknown text with a name: equal symbols stand for equal text.
    Symbol(SymbolId),
    /// Unknown text that has no name, with the reason. It equals nothing for certain, not even itself.
    Hole(String),
}

impl Text {
    /// Known text at one place.
    pub fn literal(text: impl Into<String>, origin: Origin) -> Self {
        Text {
            parts: vec![Part {
                kind: PartKind::Literal(text.into()),
                origin,
                sensitive: false,
            }],
        }
    }

    /// A text that is one symbol.
    pub fn symbol(symbol: SymbolId, origin: Origin) -> Self {
        Text {
            parts: vec![Part {
                kind: PartKind::Symbol(symbol),
                origin,
                sensitive: false,
            }],
        }
    }

    /// A text of the given parts; neighbouring literals stay apart, as each has its own place.
    pub fn from_parts(parts: Vec<Part>) -> Self {
        Text { parts }
    }

    /// The parts in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The whole text, where it is one known piece.
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [
                Part {
                    kind: PartKind::Literal(text),
                    ..
                },
            ] => Some(text),
            _ => None,
        }
    }

    /// The whole text, where every part is known.
    pub fn to_literal(&self) -> Option<String> {
        self.parts
            .iter()
            .map(|part| match &part.kind {
                PartKind::Literal(text) => Some(text.as_str()),
                PartKind::Symbol(_) | PartKind::Hole(_) => None,
            })
            .collect()
    }

    /// Appends another text.
    pub fn append(&mut self, other: Text) {
        self.parts.extend(other.parts);
    }

    /// True where a part must never be shown.
    pub fn is_sensitive(&self) -> bool {
        self.parts.iter().any(|part| part.sensitive)
    }

    /// Marks every part sensitive.
    #[must_use]
    pub fn into_sensitive(mut self) -> Self {
        for part in &mut self.parts {
            part.sensitive = true;
        }
        self
    }

    /// The text with symbols by their printed names: `arn:aws:cloudtrail:us-east-1:${account(aws)}:trail/main`.
    /// A text of which any part is sensitive prints as `(sensitive)`.
    pub fn show(&self, symbols: &Symbols) -> String {
        if self.is_sensitive() {
            return "(sensitive)".to_owned();
        }
        let mut out = String::new();
        for part in &self.parts {
            match &part.kind {
                PartKind::Literal(text) => out.push_str(text),
                PartKind::Symbol(id) => out.extend(["${", &symbols.get(*id).name, "}"]),
                PartKind::Hole(reason) => out.extend(["${", reason, "}"]),
            }
        }
        out
    }
}

/// Names an interned [`Symbol`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymbolId(u32);

/// A value that is not known, under a name. Interned by `key`, so that two places that surely hold the same value hold the same symbol.
#[derive(Clone, PartialEq, Eq)]
pub struct Symbol {
    /// Canonical key: `account:in0:aws`, `in0:module.a.aws_kms_key.k[0].key_id`. Never shown.
    pub key: String,
    /// How reports name it: `account(aws)`, `aws_iam_role.reader.arn`.
    pub name: String,
    /// Which texts it can stand for.
    pub shape: Shape,
    /// What an answer is called that depends on it.
    pub nature: Nature,
    /// Why it is not known: `known after apply`, `not in the plan`, `AWS does not document it`.
    pub reason: String,
    /// How the user can supply it (`--account-id 111122223333`), if there is a way.
    pub supply: Option<String>,
}

/// Which texts a symbol can stand for. Only [`Shape::Text`] may hold `*`, `:`, `"` or be empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Twelve digits.
    Account,
    /// The name of a region: `us-east-1`.
    Region,
    /// `aws`, `aws-cn`, `aws-us-gov`, or another partition.
    Partition,
    /// An identifier of letters, digits and hyphens: a key's id.
    Id,
    /// A whole ARN without wildcards.
    Arn,
    /// A name without `*`, `?`, `:`, `"` or white space.
    Name,
    /// Any text.
    Text,
    /// A number.
    Number,
    /// A point in time, ISO 8601 or seconds of the epoch.
    Time,
    /// An IP address.
    Ip,
    /// `true` or `false`.
    Bool,
    /// Not a text: whether something is there.
    Presence,
    /// Not a text: the unknown rest of a list or object.
    Rest,
}

/// What kind of not-knowing a symbol is; it decides what an answer is called that depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Nature {
    /// Somebody knows it and can say so: an answer that depends on it is *conditional*.
    Named,
    /// A new object's identifier: it equals no literal and nothing but itself.
    Fresh,
    /// The caller may choose it: "can somebody" chooses it, for a given caller the answer is *undecided*.
    Free,
    /// Nobody documents it, or only the apply can know it: an answer that depends on it is *undecided*.
    Undocumented,
}

/// The interned symbols of a run.
#[derive(Clone, Default)]
pub struct Symbols {
    all: Vec<Symbol>,
    by_key: HashMap<String, SymbolId>,
    meanings: BTreeMap<SymbolId, Arc<Meaning>>,
    bound: BTreeMap<SymbolId, String>,
}

#[cfg(test)]
impl Symbol {
    /// One whose key is its name.
    pub(crate) fn for_test(name: &str, shape: Shape, nature: Nature) -> Self {
        Symbol {
            key: name.to_owned(),
            name: name.to_owned(),
            shape,
            nature,
            reason: "known after apply".to_owned(),
            supply: None,
        }
    }
}

impl fmt::Debug for Symbol {
    /// Without its key, which is made of values that it follows from.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Symbol")
            .field("name", &self.name)
            .field("shape", &self.shape)
            .field("nature", &self.nature)
            .field("reason", &self.reason)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Symbols {
    /// How many there are: what one turned out to stand for may be sensitive.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Symbols")
            .field("len", &self.all.len())
            .finish_non_exhaustive()
    }
}

static MISSING: std::sync::LazyLock<Symbol> = std::sync::LazyLock::new(|| Symbol {
    key: String::new(),
    name: "unknown".to_owned(),
    shape: Shape::Text,
    nature: Nature::Undocumented,
    reason: "not known".to_owned(),
    supply: None,
});

impl Symbols {
    /// An empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// The symbol of that key; the first description that is given for a key stands.
    pub fn intern(&mut self, symbol: Symbol) -> SymbolId {
        if let Some(&id) = self.by_key.get(&symbol.key) {
            return id;
        }
        let id = SymbolId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        self.by_key.insert(symbol.key.clone(), id);
        self.all.push(symbol);
        id
    }

    /// The symbol with that canonical key, if it was interned.
    pub fn find(&self, key: &str) -> Option<SymbolId> {
        self.by_key.get(key).copied()
    }

    /// Says what a symbol stands for, as an input turned out to tell.
    pub fn bind(&mut self, id: SymbolId, text: String) {
        self.bound.insert(id, text);
    }

    /// What a symbol turned out to stand for.
    pub fn bound(&self, id: SymbolId) -> Option<&str> {
        self.bound.get(&id).map(String::as_str)
    }

    /// A symbol's place in the table.
    pub fn index(&self, id: SymbolId) -> u32 {
        id.0
    }

    /// The description of a symbol.
    pub fn get(&self, id: SymbolId) -> &Symbol {
        self.all.get(id.0 as usize).unwrap_or(&MISSING)
    }
}

impl Value {
    /// A value that is not sensitive.
    pub fn new(kind: Kind, origin: Origin) -> Self {
        Value {
            kind,
            origin,
            sensitive: false,
        }
    }

    /// A known string.
    pub fn text(text: impl Into<String>, origin: Origin) -> Self {
        Value::new(Kind::Text(Text::literal(text, origin.clone())), origin)
    }

    /// A JSON tree as a value.
    pub fn from_json(node: &Node) -> Self {
        let origin = Origin::new(node.span);
        let kind = match &node.kind {
            NodeKind::Null => Kind::Null,
            NodeKind::Bool(it) => Kind::Bool(*it),
            NodeKind::Number(it) => Kind::Number(it.clone()),
            NodeKind::String(it) => Kind::Text(Text::literal(it.clone(), origin.clone())),
            NodeKind::Array(items) => Kind::List(List {
                items: items
                    .iter()
                    .map(|item| Item {
                        presence: Presence::Present,
                        value: Value::from_json(item),
                    })
                    .collect(),
                open: None,
            }),
            NodeKind::Object(members) => Kind::Object(Object {
                members: members
                    .iter()
                    .map(|member| Member {
                        key: member.key.clone(),
                        key_origin: Origin::new(member.key_span),
                        presence: Presence::Present,
                        value: Value::from_json(&member.value),
                    })
                    .collect(),
                open: None,
            }),
        };
        Value::new(kind, origin)
    }

    /// True where it, or anything in it, must never be shown.
    pub fn is_sensitive(&self) -> bool {
        self.sensitive
            || match &self.kind {
                Kind::Text(text) => text.is_sensitive(),
                Kind::List(list) => list.items.iter().any(|it| it.value.is_sensitive()),
                Kind::Object(object) => object.members.iter().any(|it| it.value.is_sensitive()),
                Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Unknown(_) => false,
            }
    }

    /// Where it was written.
    pub fn span(&self) -> Span {
        self.origin.span()
    }

    /// The member of an object that counts: the last of that key.
    pub fn get(&self, key: &str) -> Option<&Value> {
        match &self.kind {
            Kind::Object(object) => object
                .members
                .iter()
                .rev()
                .find(|member| member.key == key)
                .map(|member| &member.value),
            _ => None,
        }
    }

    /// The known string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => text.as_literal(),
            _ => None,
        }
    }

    /// The known boolean, if it is one; Terraform's `"true"` counts as one.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.kind {
            Kind::Bool(it) => Some(*it),
            _ => match self.as_str() {
                Some("true") => Some(true),
                Some("false") => Some(false),
                _ => None,
            },
        }
    }

    /// The items of a list; nothing where it is none.
    pub fn items(&self) -> impl Iterator<Item = &Value> {
        let items: &[Item] = match &self.kind {
            Kind::List(list) => &list.items,
            _ => &[],
        };
        items.iter().map(|item| &item.value)
    }

    /// True for null, and nothing else.
    pub fn is_null(&self) -> bool {
        self.kind == Kind::Null
    }

    /// Marks the value and all that is in it sensitive.
    #[must_use]
    pub fn into_sensitive(mut self) -> Self {
        self.sensitive = true;
        self.kind = match self.kind {
            Kind::Text(text) => Kind::Text(text.into_sensitive()),
            Kind::List(mut list) => {
                list.items = list
                    .items
                    .into_iter()
                    .map(|item| Item {
                        value: item.value.into_sensitive(),
                        ..item
                    })
                    .collect();
                Kind::List(list)
            }
            Kind::Object(mut object) => {
                object.members = object
                    .members
                    .into_iter()
                    .map(|member| Member {
                        value: member.value.into_sensitive(),
                        ..member
                    })
                    .collect();
                Kind::Object(object)
            }
            other => other,
        };
        self
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sensitive {
            f.write_str("(sensitive)")
        } else {
            self.kind.fmt(f)
        }
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Null => f.write_str("null"),
            Kind::Bool(it) => it.fmt(f),
            Kind::Number(it) => f.write_str(it),
            Kind::Text(it) => it.fmt(f),
            Kind::List(it) => it.fmt(f),
            Kind::Object(it) => it.fmt(f),
            Kind::Unknown(id) => write!(f, "unknown #{}", id.0),
        }
    }
}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        list.entries(self.items.iter().map(|item| &item.value));
        if self.open.is_some() {
            list.finish_non_exhaustive()
        } else {
            list.finish()
        }
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        map.entries(
            self.members
                .iter()
                .map(|member| (&member.key, &member.value)),
        );
        if self.open.is_some() {
            map.finish_non_exhaustive()
        } else {
            map.finish()
        }
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for part in &self.parts {
            match (&part.kind, part.sensitive) {
                (_, true) => f.write_str("(sensitive)")?,
                (PartKind::Literal(text), _) => write!(f, "{}", text.escape_debug())?,
                (PartKind::Symbol(id), _) => write!(f, "${{#{}}}", id.0)?,
                (PartKind::Hole(reason), _) => write!(f, "${{{reason}}}")?,
            }
        }
        f.write_str("\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(at: u32) -> Origin {
        Origin::new(Span { start: at, end: at })
    }

    #[test]
    fn equality_ignores_the_place() {
        assert_eq!(Value::text("a", origin(1)), Value::text("a", origin(2)));
        assert_ne!(Value::text("a", origin(1)), Value::text("b", origin(1)));
    }

    #[test]
    fn a_sensitive_value_never_prints() {
        let value = Value::text("hunter2", origin(0)).into_sensitive();
        assert_eq!(
            format!("{value:?} {:?}", value.kind),
            "(sensitive) \"(sensitive)\""
        );
        let Kind::Text(text) = &value.kind else {
            unreachable!()
        };
        assert_eq!(text.show(&Symbols::new()), "(sensitive)");
    }

    #[test]
    fn the_last_of_equal_keys_counts() {
        let member = |text: &str| Member {
            key: "k".to_owned(),
            key_origin: origin(0),
            presence: Presence::Present,
            value: Value::text(text, origin(0)),
        };
        let object = Object {
            members: vec![member("first"), member("last")],
            open: None,
        };
        assert_eq!(
            Value::new(Kind::Object(object), origin(0))
                .get("k")
                .and_then(Value::as_str),
            Some("last")
        );
    }

    #[test]
    fn a_key_names_one_symbol() {
        let mut symbols = Symbols::new();
        let symbol = |key: &str| Symbol {
            key: key.to_owned(),
            name: "account(aws)".to_owned(),
            shape: Shape::Account,
            nature: Nature::Named,
            reason: String::new(),
            supply: None,
        };
        let first = symbols.intern(symbol("a"));
        assert_eq!(symbols.intern(symbol("a")), first);
        assert_ne!(symbols.intern(symbol("b")), first);
        assert_eq!(
            Text::symbol(first, origin(0)).show(&symbols),
            "${account(aws)}"
        );
    }
}
