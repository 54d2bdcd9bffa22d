//! JSON, with the escapes of Go's encoder, and with every text at the place it came from.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::Call;
use crate::hcl::expr::{Outcome, Run, made};
use crate::hcl::number::Number;
use crate::hcl::scope::Problem;
use crate::hcl::typed::{Data, Typed};
use crate::hcl::types::Type;
use crate::source::Origin;
use crate::value::json::{self, TextError};
use crate::value::{Kind, Meaning, Part, PartKind, Presence, Shape, SymbolId, Text, Value};

pub(super) fn jsonencode(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let value = call.value(0)?;
    if !complete(value) {
        run.spend_size(value.weight(), &call.at)?;
        let text = call.unknown(run, Type::String);
        if let Data::Unknown(symbol, _) = text.data {
            let meaning = Meaning::Json(value.clone().into());
            run.world.symbols.give_meaning(symbol, meaning);
        }
        return Ok(text);
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

/// Appends known text; to the last part, where that is of the same place.
pub(in crate::hcl) fn literal(out: &mut Vec<Part>, text: &str, origin: &Origin, sensitive: bool) {
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
                    Data::Unknown(text, _) => {
                        let mut of = Value::new(Kind::Unknown(*symbol), at.clone());
                        of.sensitive = sensitive;
                        run.world.symbols.give_meaning(text, Meaning::Json(of));
                        text
                    }
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

/// What stands between the quotes of [`quoted`].
pub(in crate::hcl) fn escaped(text: &str) -> String {
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

pub(super) fn jsondecode(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let value = call.value(0)?;
    let text = match &value.data {
        Data::Text(text) => text.clone(),
        // What was encoded may be known though its text is not.
        Data::Unknown(symbol, _) if run.world.symbols.meaning(*symbol).is_some() => {
            Text::symbol(*symbol, value.origin.clone())
        }
        _ => return Ok(call.unknown(run, Type::Dynamic)),
    };
    match json::read(&text, &value.origin, run.world.sources, run.world.symbols) {
        Ok(read) => {
            if !fits(run, call, &read)? {
                return Ok(call.unknown(run, Type::Dynamic));
            }
            let mut result = Typed::from(read);
            result.via = value.via.clone();
            Ok(result.marked(value.is_sensitive()))
        }
        Err(TextError::Unknown { .. }) => Ok(call.unknown(run, Type::Dynamic)),
        Err(TextError::Invalid(_)) => Err(call.wrong_at(0, "it is no JSON")),
    }
}

/// Counts what was read; false where it is not known which of two equal keys counts.
fn fits(run: &mut Run<'_, '_>, call: &Call, value: &Value) -> Result<bool, Problem> {
    run.spend(1, &call.at)?;
    match &value.kind {
        Kind::Number(it) => {
            made(Number::parse(it), &value.origin)?;
        }
        Kind::List(list) => {
            for item in &list.items {
                if !fits(run, call, &item.value)? {
                    return Ok(false);
                }
            }
        }
        Kind::Object(object) => {
            let mut seen = BTreeSet::new();
            for member in &object.members {
                let sure = member.presence == Presence::Present;
                if (!seen.insert(&member.key) && !sure) || !fits(run, call, &member.value)? {
                    return Ok(false);
                }
            }
        }
        Kind::Null | Kind::Bool(_) | Kind::Text(_) | Kind::Unknown(_) => {}
    }
    Ok(true)
}
