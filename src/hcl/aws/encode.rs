//! The JSON text of a policy document, with every letter at the place of the value that it came from.

use crate::hcl::function::{escaped, push_literal};
use crate::source::Origin;
use crate::value::{Kind, Part, PartKind, Presence, Text, Value};

/// How the text is laid out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// Two spaces a level, as `json` is.
    Lines,
    /// Without white space, as `minified_json` is.
    Minified,
}

/// True where it is known which items and members there are, so that the value has one text. Every unknown leaf of a document is a string.
pub(super) fn certain(value: &Value) -> bool {
    match &value.kind {
        Kind::List(list) => {
            let sure = |presence| presence == Presence::Present;
            list.open.is_none()
                && list
                    .items
                    .iter()
                    .all(|item| sure(item.presence) && certain(&item.value))
        }
        Kind::Object(object) => {
            object.open.is_none()
                && object
                    .members
                    .iter()
                    .all(|member| member.presence == Presence::Present && certain(&member.value))
        }
        _ => true,
    }
}

/// About how many bytes the text takes.
pub(super) fn size(value: &Value) -> usize {
    let text = |text: &Text| -> usize {
        let parts = text.parts().iter();
        parts
            .map(|part| match &part.kind {
                PartKind::Literal(known) => known.len() + 8,
                PartKind::Symbol(_) | PartKind::Hole(_) => 8,
            })
            .sum()
    };
    8 + match &value.kind {
        Kind::Text(it) => text(it),
        Kind::Number(it) => it.len(),
        Kind::List(it) => it.items.iter().map(|item| size(&item.value)).sum(),
        Kind::Object(it) => {
            let members = it.members.iter();
            members.map(|it| it.key.len() + 8 + size(&it.value)).sum()
        }
        Kind::Null | Kind::Bool(_) | Kind::Unknown(_) => 0,
    }
}

/// The text of a value that is [`certain`].
pub(super) fn encode(value: &Value, layout: Layout) -> Text {
    let mut out = Encoder {
        parts: Vec::new(),
        layout,
        depth: 0,
    };
    out.value(value);
    Text::from_parts(out.parts)
}

struct Encoder {
    parts: Vec<Part>,
    layout: Layout,
    depth: usize,
}

impl Encoder {
    fn literal(&mut self, text: &str, at: &Origin, sensitive: bool) {
        push_literal(&mut self.parts, text, at, sensitive);
    }

    fn value(&mut self, value: &Value) {
        let (at, sensitive) = (&value.origin, value.sensitive);
        match &value.kind {
            Kind::Null => self.literal("null", at, sensitive),
            Kind::Bool(it) => self.literal(&it.to_string(), at, sensitive),
            Kind::Number(it) => self.literal(it, at, sensitive),
            Kind::Text(text) => self.text(text, at, sensitive),
            Kind::Unknown(symbol) => self.text(&Text::symbol(*symbol, at.clone()), at, sensitive),
            Kind::List(list) if list.items.is_empty() => self.literal("[]", at, sensitive),
            Kind::Object(object) if object.members.is_empty() => {
                self.literal("{}", at, sensitive);
            }
            Kind::List(list) => {
                self.open("[", value);
                for (index, item) in list.items.iter().enumerate() {
                    self.next(index, value);
                    self.value(&item.value);
                }
                self.close("]", value);
            }
            Kind::Object(object) => {
                self.open("{", value);
                for (index, member) in object.members.iter().enumerate() {
                    self.next(index, value);
                    let space = if self.layout == Layout::Lines {
                        " "
                    } else {
                        ""
                    };
                    let key = format!("\"{}\":{space}", escaped(&member.key));
                    self.literal(&key, &member.key_origin, sensitive);
                    self.value(&member.value);
                }
                self.close("}", value);
            }
        }
    }

    fn text(&mut self, text: &Text, at: &Origin, sensitive: bool) {
        self.literal("\"", at, sensitive);
        for part in text.parts() {
            match &part.kind {
                PartKind::Literal(known) => {
                    let sensitive = sensitive || part.sensitive;
                    self.literal(&escaped(known), &part.origin, sensitive);
                }
                PartKind::Symbol(_) | PartKind::Hole(_) => self.parts.push(Part {
                    sensitive: sensitive || part.sensitive,
                    ..part.clone()
                }),
            }
        }
        self.literal("\"", at, sensitive);
    }

    fn open(&mut self, bracket: &str, of: &Value) {
        self.literal(bracket, &of.origin, of.sensitive);
        self.depth += 1;
    }

    fn next(&mut self, index: usize, of: &Value) {
        if index > 0 {
            self.literal(",", &of.origin, of.sensitive);
        }
        self.line(of);
    }

    fn close(&mut self, bracket: &str, of: &Value) {
        self.depth = self.depth.saturating_sub(1);
        self.line(of);
        self.literal(bracket, &of.origin, of.sensitive);
    }

    fn line(&mut self, of: &Value) {
        if self.layout == Layout::Lines {
            let line = format!("\n{}", "  ".repeat(self.depth));
            self.literal(&line, &of.origin, of.sensitive);
        }
    }
}
