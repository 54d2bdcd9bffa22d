//! Functions of strings.

use unicode_segmentation::UnicodeSegmentation;

use super::Call;
use crate::hcl::expr::{Outcome, Run};
use crate::hcl::typed::{Data, Typed};
use crate::hcl::types::Type;
use crate::value::{Part, PartKind, Shape, Text};

pub(super) fn upper(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    Ok(call.string(call.text(0).to_uppercase()))
}

pub(super) fn lower(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    Ok(call.string(call.text(0).to_lowercase()))
}

/// The first letter of each word in upper case; what is no letter, digit, `_` or quote parts words, as in Go's `strings.Title`.
pub(super) fn title(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let mut out = String::new();
    let mut inside = false;
    for letter in call.text(0).chars() {
        if inside {
            out.push(letter);
        } else {
            out.extend(letter.to_uppercase());
        }
        inside = letter.is_alphanumeric() || letter == '_' || letter == '\'';
    }
    Ok(call.string(out))
}

pub(super) fn strrev(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    Ok(call.string(call.text(0).graphemes(true).rev().collect::<String>()))
}

pub(super) fn startswith(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    Ok(call.bool(call.text(0).starts_with(&call.text(1))))
}

pub(super) fn endswith(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    Ok(call.bool(call.text(0).ends_with(&call.text(1))))
}

pub(super) fn strcontains(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    Ok(call.bool(call.text(0).contains(&call.text(1))))
}

pub(super) fn trim(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let cut = call.text(1);
    let text = call.text(0);
    Ok(call.string(text.trim_matches(|letter| cut.contains(letter))))
}

pub(super) fn trimprefix(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let text = call.text(0);
    let rest = text.strip_prefix(&call.text(1)).unwrap_or(&text);
    Ok(call.string(rest))
}

pub(super) fn trimsuffix(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let text = call.text(0);
    let rest = text.strip_suffix(&call.text(1)).unwrap_or(&text);
    Ok(call.string(rest))
}

pub(super) fn indent(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let spaces =
        usize::try_from(call.integer(0)?).map_err(|_| call.wrong_at(0, "it is negative"))?;
    if spaces > 10_000 {
        return Err(call.wrong_at(0, "it is too large"));
    }
    let text = call
        .text(1)
        .replace('\n', &format!("\n{}", " ".repeat(spaces)));
    Ok(call.string(text))
}

pub(super) fn split(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let (by, text) = (call.text(0), call.text(1));
    let pieces: Vec<String> = if by.is_empty() {
        text.chars().map(String::from).collect()
    } else {
        text.split(&by).map(str::to_owned).collect()
    };
    Ok(call.strings_list(pieces))
}

/// By letters, a negative offset from the end, a length of -1 to the end.
pub(super) fn substr(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let text = call.text(0);
    let letters: Vec<&str> = text.graphemes(true).collect();
    let (offset, length) = (call.integer(1)?, call.integer(2)?);
    let count = i64::try_from(letters.len()).unwrap_or(i64::MAX);
    let start = if offset < 0 { offset + count } else { offset }.clamp(0, count);
    let end = if length < 0 {
        count
    } else {
        start.saturating_add(length).min(count)
    };
    let range = usize::try_from(start).unwrap_or(0)..usize::try_from(end).unwrap_or(0);
    let piece = letters.get(range).unwrap_or_default().concat();
    Ok(call.string(piece))
}

/// All lists' items with the separator between them; what is not known stays in the text by its name.
pub(super) fn join(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let separator = call.value(0)?.clone();
    let mut parts: Vec<Part> = Vec::new();
    let mut first = true;
    for (at, list) in call.values.iter().enumerate().skip(1) {
        let items: Vec<Typed> = match &list.data {
            Data::Sequence(it) if let Some(items) = it.complete() => items.cloned().collect(),
            _ => return Ok(call.unknown(run, Type::String)),
        };
        for item in items {
            if item.is_null() {
                return Err(call.wrong_at(at, "an element is null; a string is required"));
            }
            if !std::mem::take(&mut first) {
                parts.extend(run.text_parts(&separator, &call.at)?);
            }
            let item = item.marked(list.sensitive);
            parts.extend(run.text_parts(&item, &call.at)?);
        }
    }
    run.grow(&parts, &call.at)?;
    Ok(Typed::text(Text::from_parts(parts), call.at.clone()))
}

/// True for a name that stands for text without white space.
fn is_dense(run: &Run<'_, '_>, part: &Part) -> bool {
    use Shape::{Account, Arn, Id, Ip, Name, Partition, Region};
    let PartKind::Symbol(id) = part.kind else {
        return false;
    };
    let shape = run.world.symbols.get(id).shape;
    matches!(shape, Account | Arn | Id | Ip | Name | Partition | Region)
}

/// Cuts the sides of a text, whose first or last part must be known.
fn trimmed(
    run: &mut Run<'_, '_>,
    call: &Call,
    start: bool,
    end: bool,
    cut: fn(char) -> bool,
) -> Outcome {
    let value = call.value(0)?;
    let Data::Text(text) = &value.data else {
        return Ok(call.unknown(run, Type::String));
    };
    let mut parts = text.parts().to_vec();
    let whole = |part: &Part| part.origin.span().len() as usize;
    while start && let Some(first) = parts.first_mut() {
        let PartKind::Literal(text) = &mut first.kind else {
            if is_dense(run, first) {
                break;
            }
            return Ok(call.unknown(run, Type::String));
        };
        let kept = text.trim_start_matches(cut).to_owned();
        if text.len() == first.origin.span().len() as usize {
            let mut span = first.origin.span();
            span.start += u32::try_from(text.len() - kept.len()).unwrap_or(0);
            first.origin = crate::source::Origin::new(span);
        }
        let gone = kept.is_empty();
        first.kind = PartKind::Literal(kept);
        if !gone {
            break;
        }
        parts.remove(0);
    }
    while end && let Some(last) = parts.last_mut() {
        let size = whole(last);
        let PartKind::Literal(text) = &mut last.kind else {
            if is_dense(run, last) {
                break;
            }
            return Ok(call.unknown(run, Type::String));
        };
        let kept = text.trim_end_matches(cut).to_owned();
        if text.len() == size {
            let mut span = last.origin.span();
            span.end -= u32::try_from(text.len() - kept.len()).unwrap_or(0);
            last.origin = crate::source::Origin::new(span);
        }
        let gone = kept.is_empty();
        last.kind = PartKind::Literal(kept);
        if !gone {
            break;
        }
        parts.pop();
    }
    let mut result = Typed::text(Text::from_parts(parts), value.origin.clone());
    result.via = value.via.clone();
    result.sensitive |= value.sensitive;
    Ok(result)
}

pub(super) fn trimspace(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    trimmed(run, call, true, true, char::is_whitespace)
}

pub(super) fn chomp(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    trimmed(run, call, false, true, |letter| {
        matches!(letter, '\n' | '\r')
    })
}
