//! JSON, with the escapes of Go's encoder, and with every text at the place it came from.

use std::fmt::Write;

use super::Call;
use crate::hcl::expr::{Outcome, Run, made};
use crate::hcl::number::Number;
use crate::hcl::scope::Problem;
use crate::hcl::typed::{Data, Typed};
use crate::hcl::types::Type;
use crate::source::{Node, NodeKind, Origin, parse_json_text};
use crate::value::{Part, PartKind, Presence, Shape, SymbolId, Text};

pub(super) fn jsonencode(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let value = call.value(0)?;
    if !complete(value) {
        return Ok(call.unknown(run, Type::String));
    }
    let parts = encoded(run, call, value)?;
    run.grow(&parts, &call.at)?;
    let mut text = Typed::text(Text::from_parts(parts), call.at.clone());
    text.sensitive |= value.is_sensitive();
    Ok(text)
}

/// True where it is known which items and members there are.
fn complete(value: &Typed) -> bool {
    match &value.data {
        Data::Sequence(it) => it.complete().is_some_and(|mut items| items.all(complete)),
        Data::Mapping(it) => it
            .complete()
            .is_some_and(|mut them| them.all(|(_, it)| complete(it))),
        _ => true,
    }
}

/// The parts of a value's JSON. What is not known stands in it by its name, in quotes where it is surely a string.
pub(super) fn encoded(
    run: &mut Run<'_, '_>,
    call: &Call,
    value: &Typed,
) -> Result<Vec<Part>, Problem> {
    let mut out = Vec::new();
    encode(run, call, value, &mut out)?;
    Ok(out)
}

fn literal(out: &mut Vec<Part>, text: &str, origin: &Origin, sensitive: bool) {
    if let Some(Part {
        kind: PartKind::Literal(last),
        origin: before,
        sensitive: marked,
    }) = out.last_mut()
        && *marked == sensitive
        && before.span() == origin.span()
    {
        last.push_str(text);
        return;
    }
    out.push(Part {
        kind: PartKind::Literal(text.to_owned()),
        origin: origin.clone(),
        sensitive,
    });
}

fn encode(
    run: &mut Run<'_, '_>,
    call: &Call,
    value: &Typed,
    out: &mut Vec<Part>,
) -> Result<(), Problem> {
    run.spend(1, &call.at)?;
    let (at, sensitive) = (&value.origin, value.sensitive);
    match &value.data {
        Data::Null(_) => literal(out, "null", at, sensitive),
        Data::Bool(it) => literal(out, &it.to_string(), at, sensitive),
        Data::Number(it) => literal(out, &it.to_string(), at, sensitive),
        Data::Text(text) => {
            literal(out, "\"", at, sensitive);
            for part in text.parts() {
                match &part.kind {
                    PartKind::Literal(text) => {
                        literal(out, &escaped(text), &part.origin, part.sensitive);
                    }
                    _ => out.push(part.clone()),
                }
            }
            literal(out, "\"", at, sensitive);
        }
        Data::Unknown(symbol, of) => {
            let quotes = quoted_symbol(run, *symbol, of);
            let symbol = if quotes {
                *symbol
            } else {
                match run
                    .derive("jsonencode", &[value], Type::String, at.clone())
                    .data
                {
                    Data::Unknown(symbol, _) => symbol,
                    _ => *symbol,
                }
            };
            if quotes {
                literal(out, "\"", at, sensitive);
            }
            out.push(Part {
                kind: PartKind::Symbol(symbol),
                origin: at.clone(),
                sensitive,
            });
            if quotes {
                literal(out, "\"", at, sensitive);
            }
        }
        Data::Sequence(it) => {
            literal(out, "[", at, sensitive);
            for (index, item) in it.items.iter().enumerate() {
                if index > 0 {
                    literal(out, ",", at, sensitive);
                }
                encode(run, call, &item.value, out)?;
            }
            literal(out, "]", at, sensitive);
        }
        Data::Mapping(it) => {
            literal(out, "{", at, sensitive);
            for (index, (key, entry)) in it.entries.iter().enumerate() {
                if index > 0 {
                    literal(out, ",", at, sensitive);
                }
                literal(
                    out,
                    &format!("{}:", quoted(key)),
                    &entry.key_origin,
                    sensitive,
                );
                encode(run, call, &entry.value, out)?;
            }
            literal(out, "}", at, sensitive);
        }
    }
    Ok(())
}

/// True where what is not known is surely a string: by its type, or because no other value has its shape.
fn quoted_symbol(run: &Run<'_, '_>, symbol: SymbolId, of: &Type) -> bool {
    use Shape::{Account, Arn, Id, Ip, Name, Partition, Region, Time};
    let shape = run.world.symbols.get(symbol).shape;
    *of == Type::String
        || matches!(
            shape,
            Account | Arn | Id | Ip | Name | Partition | Region | Time
        )
}

/// A JSON string as Terraform writes it: `<`, `>`, `&` and two separators of lines are escaped too (function reference, `jsonencode`).
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{0}'..='\u{1f}' | '\u{2028}' | '\u{2029}' | '<' | '>' | '&' => {
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            _ => out.push(letter),
        }
    }
    out
}

/// What stands for a part that is not known while JSON is read: letters of a private plane, which no policy holds.
const HOLE: u32 = 0x10_0000;

pub(super) fn jsondecode(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let value = call.value(0)?;
    let Data::Text(text) = &value.data else {
        return Ok(call.unknown(run, Type::Dynamic));
    };
    let mut json = String::new();
    let mut starts = Vec::new();
    for (index, part) in text.parts().iter().enumerate() {
        starts.push(u32::try_from(json.len()).unwrap_or(u32::MAX));
        if let PartKind::Literal(text) = &part.kind {
            json.push_str(text);
            continue;
        }
        let index = u32::try_from(index).ok();
        let Some(letter) = index.and_then(|at| char::from_u32(HOLE + at)) else {
            return Ok(call.unknown(run, Type::Dynamic));
        };
        json.push(letter);
    }
    let decoder = Decoder { text, starts };
    match parse_json_text(&json, 0) {
        Ok(node) => {
            let mut result = decoder.value(run, call, &node)?;
            result.via = value.via.clone();
            Ok(result.marked(value.is_sensitive()))
        }
        Err(_) if !value.is_known() => Ok(call.unknown(run, Type::Dynamic)),
        Err(_) => Err(call.wrong_at(0, "it is no JSON")),
    }
}

/// Gives what is read from the text of a value the places of its parts.
struct Decoder<'t> {
    text: &'t Text,
    starts: Vec<u32>,
}

impl Decoder<'_> {
    /// The place of a range of the text, in the file that its first letter came from.
    fn origin(&self, span: crate::source::Span) -> Origin {
        let at = |offset: u32| {
            let after = self.starts.partition_point(|start| *start <= offset);
            let index = after.saturating_sub(1);
            let part = self.text.parts().get(index)?;
            let start = self.starts.get(index).copied().unwrap_or(0);
            let own = part.origin.span();
            let straight =
                matches!(&part.kind, PartKind::Literal(it) if it.len() == own.len() as usize);
            let shift = if straight { offset - start } else { 0 };
            Some((own.start + shift, own))
        };
        let (first, last) = (
            at(span.start),
            at(span.end.saturating_sub(1).max(span.start)),
        );
        let Some((start, own)) = first else {
            return Origin::new(span);
        };
        let end = match last {
            Some((end, _)) if end >= start && end < own.end.max(start + 1) => end + 1,
            Some((end, of)) if end >= start && of.start >= own.start => end + 1,
            _ => own.end,
        };
        Origin::new(crate::source::Span { start, end })
    }

    fn value(&self, run: &mut Run<'_, '_>, call: &Call, node: &Node) -> Outcome {
        run.spend(1, &call.at)?;
        let at = self.origin(node.span);
        Ok(match &node.kind {
            NodeKind::Null => Typed::null(at),
            NodeKind::Bool(it) => Typed::bool(*it, at),
            NodeKind::Number(it) => made(Number::parse(it), &at)?,
            NodeKind::String(it) => Typed::text(self.string(it, &at), at),
            NodeKind::Array(items) => {
                let items: Result<Vec<Typed>, Problem> = items
                    .iter()
                    .map(|item| self.value(run, call, item))
                    .collect();
                Typed::tuple(items?, at)
            }
            NodeKind::Object(members) => {
                let mut object = Typed::object([], at.clone());
                for member in members {
                    let key = self.string(&member.key, &at).to_literal();
                    let value = self.value(run, call, &member.value)?;
                    let Data::Mapping(mapping) = &mut object.data else {
                        break;
                    };
                    if let Some(key) = key {
                        let entry = crate::hcl::typed::Entry {
                            key_origin: self.origin(member.key_span),
                            presence: Presence::Present,
                            value,
                        };
                        mapping.entries.insert(key, entry);
                    } else {
                        let open = run.derived_rest("jsondecode", &[call.value(0)?], at.clone());
                        mapping.rest.get_or_insert(open);
                    }
                }
                object
            }
        })
    }

    /// A string, with what was not known back in its place.
    fn string(&self, text: &str, at: &Origin) -> Text {
        let mut parts = Vec::new();
        let mut known = String::new();
        let literal = |known: &mut String, parts: &mut Vec<Part>| {
            if !known.is_empty() {
                parts.push(Part {
                    kind: PartKind::Literal(std::mem::take(known)),
                    origin: at.clone(),
                    sensitive: false,
                });
            }
        };
        for letter in text.chars() {
            let index = u32::from(letter)
                .checked_sub(HOLE)
                .and_then(|at| usize::try_from(at).ok());
            match index.and_then(|at| self.text.parts().get(at)) {
                Some(part) if !matches!(part.kind, PartKind::Literal(_)) => {
                    literal(&mut known, &mut parts);
                    parts.push(part.clone());
                }
                _ => known.push(letter),
            }
        }
        literal(&mut known, &mut parts);
        Text::from_parts(parts)
    }
}
