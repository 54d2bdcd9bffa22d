//! YAML.

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::yaml_scalar::{Scalar, resolve};
use super::{Call, json};
use crate::hcl::expr::{Outcome, Run};
use crate::hcl::scope::Problem;
use crate::hcl::typed::{Data, Typed};

/// A collection that is being read.
enum Open {
    Sequence(Vec<Typed>, usize),
    Mapping(Vec<(String, Typed)>, Option<String>, usize),
}

/// The depth to which collections may be nested.
const DEEPEST: usize = 64;

/// Reads the one document of a YAML text.
pub(super) fn yamldecode(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let text = call.text(0);
    let mut reader = Reader {
        call,
        open: Vec::new(),
        anchors: std::collections::BTreeMap::new(),
        result: None,
    };
    for event in Parser::new_from_str(&text) {
        let (event, _) = event.map_err(|_| call.wrong_at(0, "it is no YAML"))?;
        run.spend(1, &call.at)?;
        reader.event(run, event)?;
    }
    Ok(reader
        .result
        .unwrap_or_else(|| Typed::null(call.at.clone())))
}

struct Reader<'c> {
    call: &'c Call,
    open: Vec<Open>,
    anchors: std::collections::BTreeMap<usize, Typed>,
    result: Option<Typed>,
}

impl Reader<'_> {
    fn wrong(&self, message: &str) -> Problem {
        self.call.wrong_at(0, message)
    }

    fn event(&mut self, run: &mut Run<'_, '_>, event: Event<'_>) -> Result<(), Problem> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let value = self.scalar(&text, style, tag.as_deref())?;
                run.spend_size(value.weight(), &self.call.at)?;
                self.done(value, anchor)
            }
            Event::SequenceStart(anchor, _) => self.begin(Open::Sequence(Vec::new(), anchor)),
            Event::MappingStart(anchor, _) => self.begin(Open::Mapping(Vec::new(), None, anchor)),
            Event::SequenceEnd | Event::MappingEnd => {
                let at = self.call.at.clone();
                match self.open.pop() {
                    Some(Open::Sequence(items, anchor)) => {
                        self.done(Typed::tuple(items, at), anchor)
                    }
                    Some(Open::Mapping(members, _, anchor)) => {
                        self.done(Typed::object(members, at), anchor)
                    }
                    None => Ok(()),
                }
            }
            Event::Alias(anchor) => {
                let known = self.anchors.get(&anchor).cloned();
                let value = known.ok_or_else(|| self.wrong("an alias refers to nothing"))?;
                // Aliases of aliases grow without end.
                run.spend_size(value.weight(), &self.call.at)?;
                self.done(value, 0)
            }
            Event::DocumentStart(_) if self.result.is_some() => {
                Err(self.wrong("unexpected extra content after value"))
            }
            _ => Ok(()),
        }
    }

    fn begin(&mut self, open: Open) -> Result<(), Problem> {
        if self.open.len() >= DEEPEST {
            return Err(self.wrong("collections are nested too deeply"));
        }
        self.open.push(open);
        Ok(())
    }

    /// Puts a finished value where it belongs.
    fn done(&mut self, value: Typed, anchor: usize) -> Result<(), Problem> {
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        match self.open.last_mut() {
            None => self.result = Some(value),
            Some(Open::Sequence(items, _)) => items.push(value),
            Some(Open::Mapping(members, key, _)) => match key.take() {
                None => {
                    let name = match &value.data {
                        Data::Text(text) => text.to_literal(),
                        Data::Number(number) => Some(number.to_string()),
                        Data::Bool(it) => Some(it.to_string()),
                        _ => None,
                    };
                    let message = "a mapping key must be a string, number or bool";
                    *key = Some(name.ok_or_else(|| self.call.wrong_at(0, message))?);
                }
                Some(name) if name == "<<" => merge(members, value),
                Some(name) => members.push((name, value)),
            },
        }
        Ok(())
    }

    fn scalar(&self, text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Typed, Problem> {
        let at = self.call.at.clone();
        let tag = tag.map(|tag| tag.suffix.as_str());
        if style != ScalarStyle::Plain && tag.is_none() || tag == Some("str") {
            return Ok(Typed::string(text, at));
        }
        if let Some(tag) = tag
            && !matches!(tag, "null" | "bool" | "int" | "float")
        {
            return Err(self.wrong("this kind of tag is not supported"));
        }
        Ok(match resolve(text) {
            Scalar::Null => Typed::null(at),
            Scalar::Bool(it) => Typed::bool(it, at),
            Scalar::Number(it) => Typed::number(it, at),
            Scalar::Text => Typed::string(text, at),
        })
    }
}

/// `<<: *base`: the members that are not there yet.
fn merge(members: &mut Vec<(String, Typed)>, base: Typed) {
    match base.data {
        Data::Mapping(base) => {
            let inherited = base
                .entries
                .into_iter()
                .map(|(key, entry)| (key, entry.value));
            // What is written in the mapping itself comes later and counts.
            members.splice(0..0, inherited);
        }
        Data::Sequence(bases) => {
            for base in bases.items {
                merge(members, base.value);
            }
        }
        _ => {}
    }
}

/// Writes YAML as Terraform does: every key and every text of one line in quotes.
pub(super) fn yamlencode(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let value = call.value(0)?;
    run.spend_size(value.weight(), &call.at)?;
    let mut out = String::new();
    encode(value, 0, Position::Line, &mut out);
    if !out.ends_with('\n') {
        out.push('\n');
    }
    Ok(call.string(out))
}

/// What a value is written behind.
#[derive(Clone, Copy, PartialEq)]
enum Position {
    /// Nothing, or `- `: a collection goes on in the line.
    Line,
    /// `key:`
    Key,
}

fn encode(value: &Typed, indent: usize, position: Position, out: &mut String) {
    let space = if position == Position::Key { " " } else { "" };
    match &value.data {
        Data::Sequence(it) if !it.items.is_empty() => {
            for (index, item) in it.items.iter().enumerate() {
                if index > 0 || position == Position::Key {
                    line(indent, out);
                }
                out.push_str("- ");
                encode(&item.value, indent + 2, Position::Line, out);
            }
        }
        Data::Mapping(it) if !it.entries.is_empty() => {
            let indent = indent + if position == Position::Key { 2 } else { 0 };
            for (index, (key, entry)) in it.entries.iter().enumerate() {
                if index > 0 || position == Position::Key {
                    line(indent, out);
                }
                out.push_str(&json::quoted(key));
                out.push(':');
                encode(&entry.value, indent, Position::Key, out);
            }
        }
        Data::Sequence(_) => out.extend([space, "[]"]),
        Data::Mapping(_) => out.extend([space, "{}"]),
        Data::Text(text) => {
            let text = text.to_literal().unwrap_or_default();
            out.push_str(space);
            if text.trim_end_matches('\n').contains('\n') || text.ends_with('\n') && text.len() > 1
            {
                block(
                    &text,
                    indent + if position == Position::Key { 2 } else { 0 },
                    out,
                );
            } else {
                out.push_str(&json::quoted(&text));
            }
        }
        Data::Number(it) => out.extend([space, &it.to_string()]),
        Data::Bool(it) => out.extend([space, &it.to_string()]),
        Data::Null(_) | Data::Unknown(..) => out.extend([space, "null"]),
    }
}

fn line(indent: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', indent));
}

/// A text of several lines: `|` keeps its one last newline, `|-` says that there is none, `|+` that there are more.
fn block(text: &str, indent: usize, out: &mut String) {
    let body = text.trim_end_matches('\n');
    out.push_str(match text.len() - body.len() {
        0 => "|-",
        1 => "|",
        _ => "|+",
    });
    for piece in text.strip_suffix('\n').unwrap_or(text).split('\n') {
        if piece.is_empty() {
            out.push('\n');
        } else {
            line(indent, out);
            out.push_str(piece);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hcl::typed::MappingKind;
    use crate::hcl::types::Type;
    use crate::source::{Origin, Span};

    #[test]
    fn yaml_is_written_as_terraform_writes_it() {
        let at = || Origin::new(Span { start: 0, end: 0 });
        let text = |text: &str| Typed::string(text, at());
        let inner = Typed::object([("x".to_owned(), text("y"))], at());
        let list = Typed::tuple([text("one"), inner], at());
        let members = [
            ("a".to_owned(), list),
            ("b".to_owned(), text("foo\nbar")),
            (
                "c".to_owned(),
                Typed::mapping(MappingKind::Map(Type::String), [], at()),
            ),
        ];
        let mut out = String::new();
        encode(&Typed::object(members, at()), 0, Position::Line, &mut out);
        assert_eq!(
            out,
            "\"a\":\n- \"one\"\n- \"x\": \"y\"\n\"b\": |-\n  foo\n  bar\n\"c\": {}"
        );
    }
}
