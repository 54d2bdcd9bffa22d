//! Files in Terraform's JSON syntax.
//!
//! Source: <https://developer.hashicorp.com/terraform/language/syntax/json>

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::{Place, Read};
use crate::hcl::parse::parse_template;
use crate::hcl::syntax::{
    Attribute, Block, Body, Expr, JsonExpr, JsonKind, JsonMember, JsonTemplate, Unreadable,
};
use crate::source::{FileId, Member, Node, NodeKind, Origin, SourceMap, Span, parse_json_text};
use crate::value::{Part, PartKind, Text};

/// How many labels each block at the top of a file has; a block that this version does not know has none.
const LABELS: &[(&str, usize)] = &[
    ("action", 2),
    ("check", 1),
    ("data", 2),
    ("ephemeral", 2),
    ("module", 1),
    ("output", 1),
    ("provider", 1),
    ("resource", 2),
    ("variable", 1),
];

/// Nested blocks of resources, data sources and modules, each with its number of labels. The others need the provider's schema to be told
/// from arguments, and stay attributes.
const NESTED: &[(&str, usize)] = &[
    ("connection", 0),
    ("dynamic", 1),
    ("lifecycle", 0),
    ("provider_meta", 1),
    ("provisioner", 1),
];

/// What is given twice for one name, a comment of the author.
const COMMENT: &str = "//";

/// Reads a configuration.
pub(super) fn read(text: &str, file: FileId, sources: &mut SourceMap) -> Read {
    let mut reader = Reader::new(text, file, sources);
    let mut body = reader.empty();
    if let Some(root) = reader.parse(text) {
        for (object, _) in reader.objects(&root) {
            for member in object.iter().filter(|it| it.key != COMMENT) {
                let labels = labels(LABELS, &member.key).unwrap_or(0);
                reader.blocks(member, labels, false, &mut body.blocks);
            }
        }
    }
    let unreadable = reader.unreadable;
    Read { body, unreadable }
}

/// Reads the values of variables.
pub(super) fn read_attributes(text: &str, file: FileId, sources: &mut SourceMap) -> Read {
    let mut reader = Reader::new(text, file, sources);
    let mut body = reader.empty();
    if let Some(root) = reader.parse(text) {
        for (object, _) in reader.objects(&root) {
            for member in object.iter().filter(|it| it.key != COMMENT) {
                reader.attribute(member, "", &mut body);
            }
        }
    }
    let unreadable = reader.unreadable;
    Read { body, unreadable }
}

fn labels(table: &[(&str, usize)], kind: &str) -> Option<usize> {
    let found = table.iter().find(|(name, _)| *name == kind);
    found.map(|(_, labels)| *labels)
}

struct Reader<'s> {
    place: Place,
    text: Arc<str>,
    whole: Origin,
    sources: &'s mut SourceMap,
    unreadable: Vec<Unreadable>,
}

impl<'s> Reader<'s> {
    fn new(text: &str, file: FileId, sources: &'s mut SourceMap) -> Self {
        Reader {
            place: Place::of(file, sources),
            text: Arc::from(text),
            whole: Origin::new(sources.whole(file)),
            sources,
            unreadable: Vec::new(),
        }
    }

    fn empty(&self) -> Body {
        Body {
            attributes: BTreeMap::new(),
            blocks: Vec::new(),
            origin: self.whole.clone(),
        }
    }

    fn parse(&mut self, text: &str) -> Option<Node> {
        match parse_json_text(text, self.place.base) {
            Ok(node) => Some(node),
            Err(error) => {
                self.note(error.message, error.span);
                None
            }
        }
    }

    fn note(&mut self, message: impl Into<String>, span: Span) {
        self.unreadable.push(Unreadable {
            message: message.into(),
            origin: Origin::new(span),
            help: None,
        });
    }

    /// An object, or a list of objects that count as one after the other.
    fn objects<'n>(&mut self, node: &'n Node) -> Vec<(&'n [Member], Span)> {
        match &node.kind {
            NodeKind::Object(members) => vec![(members.as_slice(), node.span)],
            NodeKind::Array(items) => {
                let mut found = Vec::new();
                for item in items {
                    match &item.kind {
                        NodeKind::Object(members) => found.push((members.as_slice(), item.span)),
                        _ => self.note("expected an object", item.span),
                    }
                }
                found
            }
            NodeKind::Null => Vec::new(),
            _ => {
                self.note("expected an object or a list of objects", node.span);
                Vec::new()
            }
        }
    }

    /// The blocks that a member holds: under its labels one body, or a list of them.
    fn blocks(&mut self, member: &Member, count: usize, inside: bool, out: &mut Vec<Block>) {
        let mut level: Vec<(Vec<String>, &Member)> = vec![(Vec::new(), member)];
        for _ in 0..count {
            let mut below = Vec::new();
            for (labels, member) in level {
                for (object, _) in self.objects(&member.value) {
                    for inner in object.iter().filter(|it| it.key != COMMENT) {
                        let mut labels = labels.clone();
                        labels.push(inner.key.clone());
                        below.push((labels, inner));
                    }
                }
            }
            level = below;
        }
        for (labels, holder) in level {
            for (members, span) in self.objects(&holder.value) {
                let kind = member.key.clone();
                let path = std::iter::once(&kind).chain(&labels);
                let path = path.map(String::as_str).collect::<Vec<_>>().join(".");
                let body = self.body(&kind, members, span, &path, inside);
                out.push(Block {
                    kind,
                    labels: labels.clone(),
                    header: Origin::new(holder.key_span),
                    body: body.into(),
                });
            }
        }
    }

    fn body(
        &mut self,
        kind: &str,
        members: &[Member],
        span: Span,
        path: &str,
        inside: bool,
    ) -> Body {
        let mut body = Body {
            attributes: BTreeMap::new(),
            blocks: Vec::new(),
            origin: Origin::new(span),
        };
        let resource = matches!(kind, "resource" | "data" | "module" | "ephemeral");
        for member in members.iter().filter(|it| it.key != COMMENT) {
            let nested = match (kind, member.key.as_str()) {
                ("dynamic", "content") => Some(0),
                (_, "dynamic") if inside => Some(1),
                (_, key) if resource => labels(NESTED, key),
                _ => None,
            };
            match nested {
                Some(count) => self.blocks(member, count, true, &mut body.blocks),
                None => self.attribute(member, path, &mut body),
            }
        }
        body
    }

    fn attribute(&mut self, member: &Member, path: &str, body: &mut Body) {
        let name_origin = Origin::new(member.key_span);
        let part = if path.is_empty() {
            member.key.clone()
        } else {
            format!("{path}.{}", member.key)
        };
        if body.attributes.contains_key(&member.key) {
            let message = format!("`{}` is set twice", member.key);
            return self.note(message, member.key_span);
        }
        let value = self.value(&member.value, &part);
        let origin = value.origin.clone();
        let value = Expr::json(Arc::new(value), origin);
        let attribute = Attribute { name_origin, value };
        body.attributes.insert(member.key.clone(), attribute);
    }

    fn value(&mut self, node: &Node, path: &str) -> JsonExpr {
        let kind = match &node.kind {
            NodeKind::Null => JsonKind::Null,
            NodeKind::Bool(it) => JsonKind::Bool(*it),
            NodeKind::Number(it) => JsonKind::Number(it.clone()),
            NodeKind::String(text) => self.string(text, node.span, path),
            NodeKind::Array(items) => {
                let item = |item: &Node| Arc::new(self.value(item, path));
                JsonKind::Array(items.iter().map(item).collect())
            }
            NodeKind::Object(members) => {
                let member = |member: &Member| {
                    let path = format!("{path}.{}", member.key);
                    JsonMember {
                        name: member.key.clone(),
                        key: JsonExpr {
                            kind: self.string(&member.key, member.key_span, &path),
                            origin: Origin::new(member.key_span),
                        },
                        value: Arc::new(self.value(&member.value, &path)),
                    }
                };
                JsonKind::Object(members.iter().map(member).collect())
            }
        };
        let origin = Origin::new(node.span);
        JsonExpr { kind, origin }
    }

    /// A string that was decoded to `text`. Without escape sequences a template is read where it stands; with them its text becomes a
    /// file of its own, for no place in it is as far from the start as it was.
    fn string(&mut self, text: &str, span: Span, path: &str) -> JsonKind {
        let start = (span.start.saturating_sub(self.place.base) as usize) + 1;
        let end = (span.end.saturating_sub(self.place.base) as usize).saturating_sub(1);
        let raw = Arc::clone(&self.text);
        let raw = raw.get(start..end).unwrap_or_default();
        if !text.contains("${") && !text.contains("%{") {
            return JsonKind::Literal(Text::from_parts(self.literal(raw, start)));
        }
        let template = match parse_template(text) {
            Ok(template) => template,
            Err(problem) => {
                let straight = raw.len() == text.len();
                let range = if straight {
                    let at = |offset: usize| (start + offset).min(end);
                    at(problem.range.start)..at(problem.range.end)
                } else {
                    start..end
                };
                let span = self.place.origin(range).span();
                self.note(problem.message.clone(), span);
                return JsonKind::Broken(problem.message);
            }
        };
        if raw == text {
            return JsonKind::Template(JsonTemplate {
                template,
                file: self.place.file,
                base: start,
            });
        }
        let name = self.sources.name(self.place.file).0.to_owned();
        match self.sources.add_part(name, path, text, false) {
            Ok(file) => JsonKind::Template(JsonTemplate {
                template,
                file,
                base: 0,
            }),
            Err(error) => JsonKind::Broken(error.to_string()),
        }
    }

    /// Runs of plain text, and each escape sequence with its own place.
    fn literal(&self, raw: &str, start: usize) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut push = |text: String, range: Range<usize>| {
            parts.push(Part {
                kind: PartKind::Literal(text),
                origin: self.place.origin(start + range.start..start + range.end),
                sensitive: false,
            });
        };
        let mut at = 0;
        while let Some(rest) = raw.get(at..).filter(|rest| !rest.is_empty()) {
            let length = match rest.find('\\') {
                Some(0) => escape_length(rest),
                Some(run) => run,
                None => rest.len(),
            };
            let piece = rest.get(..length).unwrap_or(rest);
            let text = if piece.starts_with('\\') {
                unescaped(piece)
            } else {
                piece.to_owned()
            };
            push(text, at..at + piece.len());
            at += piece.len();
        }
        parts
    }
}

/// How long the escape sequence is that a text begins with.
fn escape_length(rest: &str) -> usize {
    let unicode = |rest: &str| rest.starts_with("\\u");
    if !unicode(rest) {
        return 2;
    }
    let high = rest.get(2..4).is_some_and(|it| {
        matches!(
            it.as_bytes(),
            [b'd' | b'D', b'8' | b'9' | b'a'..=b'b' | b'A'..=b'B']
        )
    });
    if high && rest.get(6..).is_some_and(unicode) {
        12
    } else {
        6
    }
}

/// An escape sequence, decoded as JSON does.
fn unescaped(piece: &str) -> String {
    match parse_json_text(&format!("\"{piece}\""), 0) {
        Ok(Node {
            kind: NodeKind::String(text),
            ..
        }) => text,
        _ => String::new(),
    }
}
