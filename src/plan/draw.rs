//! Makes values of laid ones and writes each where it can be pointed at.

use super::overlay::{Laid, LaidKind};
use super::sheet::{self, Sheet};
use crate::address::quote;
use crate::input::types::{self, Type};
use crate::source::{NodeKind, Origin, Span};
use crate::value::{
    Item, Kind, List, Member, Nature, Object, Presence, Shape, Symbol, Symbols, Text, Value,
};

/// A sheet in writing, and how unknown values are called in it.
pub(super) struct Draw<'a> {
    pub(super) sheet: Sheet,
    pub(super) symbols: &'a mut Symbols,
    /// What the symbols' keys begin with: the input's id.
    pub(super) input: &'a str,
    /// Where the values belong, `module.a.aws_kms_key.k.statement[0]`: the address, then the path.
    pub(super) path: String,
    /// The type of the resource, if the values are one's.
    pub(super) kind: Option<&'static Type>,
    /// True where the plan makes the object anew.
    pub(super) fresh: bool,
    /// The resource's policy, or another JSON document of it, which lies in a file of its own.
    pub(super) policy: Option<Value>,
}

impl Draw<'_> {
    /// Writes the members of a block or object, a line each, and gives them. `comment` may add to the line of an unknown member.
    pub(super) fn members(
        &mut self,
        members: &[(&str, Laid<'_>)],
        depth: usize,
        comment: &dyn Fn(&str) -> Option<String>,
    ) -> Vec<Member> {
        let width = width(
            members
                .iter()
                .filter(|(_, it)| blocks(it).is_none())
                .map(|it| it.0),
        );
        let mut out = Vec::with_capacity(members.len());
        for (name, laid) in members {
            let length = self.enter(name);
            let shape = match (depth, self.kind) {
                (1, Some(kind)) => kind.attribute(name).map_or(Shape::Text, |it| it.shape),
                _ => Shape::Text,
            };
            let member = match blocks(laid) {
                Some(items) => self.blocks(name, &items, depth),
                None => self.attribute(name, laid, (depth, width, shape), comment),
            };
            out.push(member);
            self.path.truncate(length);
        }
        out
    }

    /// Writes `name = value`.
    fn attribute(
        &mut self,
        name: &str,
        laid: &Laid<'_>,
        (depth, width, shape): (usize, usize, Shape),
        comment: &dyn Fn(&str) -> Option<String>,
    ) -> Member {
        let key = self.name(name, depth, width);
        if types::is_json(name)
            && depth == 1
            && let Some(policy) = self.policy.take()
        {
            self.sheet.write(&match policy.as_str() {
                Some(text) if !policy.sensitive => format!("({name}, {} bytes)\n", text.len()),
                _ => "(sensitive value)\n".to_owned(),
            });
            return member(name, key, policy);
        }
        let fresh = depth == 1 && self.fresh && matches!(name, "arn" | "id" | "key_id");
        let nature = if fresh && self.kind.is_some_and(|kind| kind.random) {
            Nature::Fresh
        } else {
            Nature::Undocumented
        };
        let value = self.value_of(laid, depth, shape, nature);
        if matches!(laid.kind, LaidKind::Unknown)
            && let Some(comment) = comment(name)
        {
            self.sheet.write("  # ");
            self.sheet.write(&comment);
        }
        self.sheet.write("\n");
        member(name, key, value)
    }

    /// Writes null.
    pub(super) fn null(&mut self) -> Value {
        Value::new(Kind::Null, Origin::new(self.sheet.write("null")))
    }

    /// Writes the indented name of an attribute and ` = `; gives the name's place.
    pub(super) fn name(&mut self, name: &str, depth: usize, width: usize) -> Span {
        self.indent(depth);
        let shown = sheet::attribute(name);
        let span = self.sheet.write(&shown);
        let pad = width.saturating_sub(shown.chars().count());
        self.sheet.spaces(pad);
        self.sheet.write(" = ");
        span
    }

    /// Writes a list of objects as blocks, each under its own header.
    fn blocks(&mut self, name: &str, items: &[&[(&str, Laid<'_>)]], depth: usize) -> Member {
        let mut list = List::default();
        let mut first = None;
        for (at, item) in items.iter().enumerate() {
            let length = self.enter_item(at);
            self.indent(depth);
            let header = self.sheet.write(&sheet::attribute(name));
            first.get_or_insert(header);
            self.sheet.write(" {\n");
            let members = self.members(item, depth + 1, &|_| None);
            self.indent(depth);
            self.sheet.write("}\n");
            self.path.truncate(length);
            let object = Object {
                members,
                open: None,
            };
            list.items.push(present(Value::new(
                Kind::Object(object),
                Origin::new(header),
            )));
        }
        let span = first.unwrap_or_else(|| self.sheet.since(self.sheet.here()));
        member(name, span, Value::new(Kind::List(list), Origin::new(span)))
    }

    /// Writes a value where the sheet stands.
    pub(super) fn value(&mut self, laid: &Laid<'_>, depth: usize) -> Value {
        self.value_of(laid, depth, Shape::Text, Nature::Undocumented)
    }

    fn value_of(&mut self, laid: &Laid<'_>, depth: usize, shape: Shape, nature: Nature) -> Value {
        if laid.sensitive {
            let span = self.sheet.write("(sensitive value)");
            let before = self.sheet.hide(span);
            let value = self.shown(&laid.kind, depth, shape, nature);
            self.sheet.show(before);
            return value.into_sensitive();
        }
        self.shown(&laid.kind, depth, shape, nature)
    }

    fn shown(&mut self, kind: &LaidKind<'_>, depth: usize, shape: Shape, nature: Nature) -> Value {
        match kind {
            LaidKind::Scalar(scalar) => self.scalar(scalar),
            LaidKind::Unknown => {
                let span = self.sheet.write("(known after apply)");
                let symbol = self.symbols.intern(Symbol {
                    key: format!("{}:{}", self.input, self.path),
                    name: self.path.clone(),
                    shape,
                    nature,
                    reason: "known after apply".to_owned(),
                    supply: None,
                });
                Value::new(Kind::Unknown(symbol), Origin::new(span))
            }
            LaidKind::List(items) => self.list(items, depth),
            LaidKind::Object(members) => {
                let header = self.sheet.write("{");
                self.sheet.write("\n");
                let members = self.members(members, depth + 1, &|_| None);
                self.indent(depth);
                self.sheet.write("}");
                let object = Object {
                    members,
                    open: None,
                };
                Value::new(Kind::Object(object), Origin::new(header))
            }
        }
    }

    /// Writes a list on one line where it has one item, else an item a line.
    fn list(&mut self, laid: &[Laid<'_>], depth: usize) -> Value {
        let start = self.sheet.here();
        let many = laid.len() > 1;
        self.sheet.write("[");
        let mut items = Vec::with_capacity(laid.len());
        for (at, item) in laid.iter().enumerate() {
            if many {
                self.sheet.write("\n");
                self.indent(depth + 1);
            }
            let length = self.enter_item(at);
            items.push(present(self.value(item, depth + 1)));
            self.path.truncate(length);
            if many {
                self.sheet.write(",");
            }
        }
        if many {
            self.sheet.write("\n");
            self.indent(depth);
        }
        self.sheet.write("]");
        let span = self.sheet.since(start);
        let list = List { items, open: None };
        Value::new(Kind::List(list), Origin::new(span))
    }

    fn scalar(&mut self, scalar: &NodeKind) -> Value {
        match scalar {
            NodeKind::Bool(it) => {
                let span = self.sheet.write(if *it { "true" } else { "false" });
                Value::new(Kind::Bool(*it), Origin::new(span))
            }
            NodeKind::Number(it) => {
                let span = self.sheet.write(&sheet::plain(it));
                Value::new(Kind::Number(it.clone()), Origin::new(span))
            }
            NodeKind::String(it) => {
                let origin = Origin::new(self.sheet.write(&sheet::string(it)));
                let text = Text::literal(it.as_str(), origin.clone());
                Value::new(Kind::Text(text), origin)
            }
            NodeKind::Null | NodeKind::Array(_) | NodeKind::Object(_) => self.null(),
        }
    }

    /// Two spaces a level.
    pub(super) fn indent(&mut self, depth: usize) {
        self.sheet.spaces(depth * 2);
    }

    /// Goes a step down the path; gives the length to cut it to on the way back.
    fn enter(&mut self, name: &str) -> usize {
        let length = self.path.len();
        if sheet::is_identifier(name) {
            self.path.extend([".", name]);
        } else {
            self.path.extend(["[", &quote(name), "]"]);
        }
        length
    }

    /// Goes to an item of a list.
    fn enter_item(&mut self, at: usize) -> usize {
        let length = self.path.len();
        self.path.extend(["[", &at.to_string(), "]"]);
        length
    }
}

/// The items, where a value is shown as blocks: a list of objects, none of them unknown or sensitive as a whole.
fn blocks<'l, 'n>(laid: &'l Laid<'n>) -> Option<Vec<&'l [(&'n str, Laid<'n>)]>> {
    let members = |item: &'l Laid<'n>| match &item.kind {
        LaidKind::Object(members) if !item.sensitive => Some(members.as_slice()),
        _ => None,
    };
    match &laid.kind {
        LaidKind::List(items) if !laid.sensitive && !items.is_empty() => {
            items.iter().map(members).collect()
        }
        _ => None,
    }
}

/// The width of the longest name, bounded.
pub(super) fn width<'s>(names: impl Iterator<Item = &'s str>) -> usize {
    let widths = names.map(|name| sheet::attribute(name).chars().count());
    widths.max().unwrap_or(0).min(48)
}

fn present(value: Value) -> Item {
    Item {
        presence: Presence::Present,
        value,
    }
}

/// A member that is there.
pub(super) fn member(key: &str, span: Span, value: Value) -> Member {
    Member {
        key: key.to_owned(),
        key_origin: Origin::new(span),
        presence: Presence::Present,
        value,
    }
}
