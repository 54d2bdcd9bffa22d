//! `format` and `formatlist`, with the verbs of Go as cty has them.

use super::{Call, json};
use crate::hcl::expr::{Outcome, Run};
use crate::hcl::number::Number;
use crate::hcl::scope::Problem;
use crate::hcl::typed::{Data, SequenceKind, Typed};
use crate::hcl::types::Type;
use crate::value::{Part, PartKind, Text};

/// The widest field and the most digits.
const WIDEST: usize = 10_000;

/// A verb: `%[2]-08.3f`.
#[derive(Default)]
struct Verb {
    letter: char,
    argument: usize,
    /// `-`, `+`, `0`, a space and `#`, as they stand there.
    flags: String,
    width: usize,
    precision: Option<usize>,
}

impl Verb {
    fn has(&self, flag: char) -> bool {
        self.flags.contains(flag)
    }
}

/// What a format is made of.
enum Piece {
    Text(String),
    Verb(Verb),
}

pub(super) fn format(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let Some(pattern) = call.value(0)?.as_text() else {
        return Ok(call.unknown(run, Type::String));
    };
    let arguments: Vec<&Typed> = call.values.iter().skip(1).collect();
    formatted(run, call, &pattern, &arguments)
}

fn formatted(run: &mut Run<'_, '_>, call: &Call, pattern: &str, arguments: &[&Typed]) -> Outcome {
    let (pieces, used) = pieces(call, pattern)?;
    if used < arguments.len() {
        let message = format!("too many arguments; only {used} used by format string");
        return Err(call.wrong(message));
    }
    let mut parts: Vec<Part> = Vec::new();
    let mut sensitive = call.values.iter().any(|value| value.sensitive);
    for piece in pieces {
        match piece {
            Piece::Text(text) => parts.push(Part {
                kind: PartKind::Literal(text),
                origin: call.value(0)?.origin.clone(),
                sensitive: call.value(0)?.sensitive,
            }),
            Piece::Verb(verb) => {
                let argument = arguments.get(verb.argument);
                let argument = argument.ok_or_else(|| {
                    let number = verb.argument + 1;
                    call.wrong(format!(
                        "not enough arguments for `%{}`: need index {number}",
                        verb.letter
                    ))
                })?;
                sensitive |= argument.is_sensitive();
                let Some(more) = verbed(run, call, &verb, argument)? else {
                    return Ok(call.unknown(run, Type::String));
                };
                parts.extend(more);
            }
        }
    }
    run.grow(&parts, &call.at)?;
    let mut text = Typed::text(Text::from_parts(parts), call.at.clone());
    text.sensitive |= sensitive;
    Ok(text)
}

/// The pieces, and how many arguments they use.
fn pieces(call: &Call, pattern: &str) -> Result<(Vec<Piece>, usize), Problem> {
    let mut out = Vec::new();
    let (mut next, mut used) = (0, 0);
    let mut rest = pattern.chars().peekable();
    let mut text = String::new();
    while let Some(letter) = rest.next() {
        if letter != '%' {
            text.push(letter);
            continue;
        }
        let mut verb = Verb::default();
        while let Some(&flag) = rest.peek() {
            if !"-+0 #".contains(flag) {
                break;
            }
            verb.flags.push(flag);
            rest.next();
        }
        let number = |rest: &mut std::iter::Peekable<std::str::Chars<'_>>| {
            let mut number: Option<usize> = None;
            while let Some(digit) = rest.peek().and_then(|letter| letter.to_digit(10)) {
                let before = number.unwrap_or(0).saturating_mul(10);
                number = Some(before.saturating_add(usize::try_from(digit).unwrap_or(0)));
                rest.next();
            }
            number
        };
        verb.width = number(&mut rest).unwrap_or(0);
        if rest.next_if_eq(&'.').is_some() {
            verb.precision = Some(number(&mut rest).unwrap_or(0));
        }
        if rest.next_if_eq(&'[').is_some() {
            next = number(&mut rest).unwrap_or(0).saturating_sub(1);
            if rest.next_if_eq(&']').is_none() {
                return Err(call.wrong_at(0, "unrecognized format character in an argument index"));
            }
            if verb.width == 0 {
                verb.width = number(&mut rest).unwrap_or(0);
            }
        }
        if verb.width > WIDEST || verb.precision.is_some_and(|it| it > WIDEST) {
            return Err(call.wrong_at(0, "a width or precision is too large"));
        }
        match rest.next() {
            Some('%') => text.push('%'),
            Some(letter) if letter.is_ascii_alphabetic() => {
                verb.letter = letter;
                verb.argument = next;
                next = next.saturating_add(1);
                used = used.max(next);
                out.push(Piece::Text(std::mem::take(&mut text)));
                out.push(Piece::Verb(verb));
            }
            _ => return Err(call.wrong_at(0, "unsupported or unfinished format verb")),
        }
    }
    out.push(Piece::Text(text));
    out.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
    Ok((out, used))
}

/// The text of one argument; `None` where it is not known and cannot stay in the text by its name.
fn verbed(
    run: &mut Run<'_, '_>,
    call: &Call,
    verb: &Verb,
    value: &Typed,
) -> Result<Option<Vec<Part>>, Problem> {
    let primitive = matches!(value.data, Data::Text(_))
        || matches!(&value.data, Data::Unknown(_, of) if of.is_primitive() || *of == Type::Dynamic);
    let plain = verb.width == 0 && verb.precision.is_none() && !verb.has('#');
    if plain && primitive && matches!(verb.letter, 's' | 'v') {
        return run.text_parts(value, &call.at).map(Some);
    }
    if !value.is_known() {
        return Ok(None);
    }
    let text = match verb.letter {
        'v' => default(run, call, verb, value)?,
        's' | 'q' => {
            let text = string(run, call, value)?;
            let text = match verb.precision {
                Some(most) => text.chars().take(most).collect(),
                None => text,
            };
            let text = if verb.letter == 'q' {
                json::quoted(&text)
            } else {
                text
            };
            padded(verb, text)
        }
        't' => match run.condition(value, &value.origin)? {
            Some(it) => padded(verb, it.to_string()),
            None => return Ok(None),
        },
        _ => {
            let Some(number) = run.number_of(value, &value.origin)? else {
                return Ok(None);
            };
            let digits = number_text(call, verb, &number)?;
            signed(verb, number.has_sign(), &digits)
        }
    };
    Ok(Some(vec![Part {
        kind: PartKind::Literal(text),
        origin: value.origin.clone(),
        sensitive: value.is_sensitive(),
    }]))
}

fn string(run: &mut Run<'_, '_>, call: &Call, value: &Typed) -> Result<String, Problem> {
    if value.is_null() {
        return Err(call.wrong("unsupported value for `%s`: null value cannot be formatted"));
    }
    Ok(run.string_of(value, &value.origin)?.unwrap_or_default())
}

/// `%v`: strings, numbers and booleans as they are, all else and with `#` everything as JSON.
fn default(
    run: &mut Run<'_, '_>,
    call: &Call,
    verb: &Verb,
    value: &Typed,
) -> Result<String, Problem> {
    Ok(match &value.data {
        Data::Text(text) if !verb.has('#') => padded(verb, text.to_literal().unwrap_or_default()),
        Data::Number(number) => signed(
            verb,
            number.has_sign(),
            &number.digits().general(verb.precision),
        ),
        Data::Bool(it) => padded(verb, it.to_string()),
        _ => {
            let parts = json::encoded(run, call, value)?;
            let text = Text::from_parts(parts).to_literal();
            padded(verb, text.unwrap_or_default())
        }
    })
}

/// A number without its sign.
fn number_text(call: &Call, verb: &Verb, number: &Number) -> Result<String, Problem> {
    let exact = || number.exact_digits();
    let after = verb.precision.unwrap_or(6);
    Ok(match verb.letter {
        'f' | 'F' => exact().fixed(after),
        'e' => exact().scientific(Some(after)),
        'E' => exact().scientific(Some(after)).to_uppercase(),
        'g' if verb.precision.is_none() => number.digits().general(None),
        'G' if verb.precision.is_none() => number.digits().general(None).to_uppercase(),
        'g' => exact().general(verb.precision),
        'G' => exact().general(verb.precision).to_uppercase(),
        'd' | 'b' | 'o' | 'x' | 'X' => {
            if !number.is_whole() {
                let message = format!(
                    "unsupported value for `%{}`: an integer is required",
                    verb.letter
                );
                return Err(call.wrong(message));
            }
            let base = match verb.letter {
                'b' => 2,
                'o' => 8,
                'd' => 10,
                _ => 16,
            };
            let text = number.radix(base);
            if verb.letter == 'X' {
                text.to_uppercase()
            } else {
                text
            }
        }
        other => {
            let message = format!("unsupported format verb `{other}`");
            return Err(call.wrong_at(0, message));
        }
    })
}

/// Fills up with spaces.
fn padded(verb: &Verb, text: String) -> String {
    let missing = verb.width.saturating_sub(text.chars().count());
    if verb.has('-') {
        return text + &" ".repeat(missing);
    }
    " ".repeat(missing) + &text
}

/// Puts the sign before a number, and zeros between the two where they are asked for.
fn signed(verb: &Verb, negative: bool, digits: &str) -> String {
    let sign = match (negative, verb.has('+'), verb.has(' ')) {
        (true, _, _) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    };
    if verb.has('0') && !verb.has('-') {
        let missing = verb.width.saturating_sub(digits.len() + sign.len());
        return format!("{sign}{}{digits}", "0".repeat(missing));
    }
    padded(verb, format!("{sign}{digits}"))
}

/// One text for each item of the lists; what is no list is the same in each.
pub(super) fn formatlist(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let pattern = call.text(0);
    let mut count = None;
    for (at, value) in call.values.iter().enumerate().skip(1) {
        if let Data::Sequence(it) = &value.data {
            let length = it.items.len();
            if count.is_some_and(|count| count != length) {
                let message = format!(
                    "argument {at} has length {length}, which is inconsistent with the ones before"
                );
                return Err(call.wrong(message));
            }
            count = Some(length);
        }
    }
    let mut items = Vec::new();
    for row in 0..count.unwrap_or(1) {
        run.spend(1, &call.at)?;
        let item_of = |value| match value {
            &Typed {
                data: Data::Sequence(ref it),
                ..
            } => it.items.get(row).map_or(value, |item| &item.value),
            other => other,
        };
        let row: Vec<&Typed> = call.values.iter().skip(1).map(item_of).collect();
        items.push(formatted(run, call, &pattern, &row)?);
    }
    let kind = SequenceKind::List(Type::String);
    Ok(Typed::sequence(kind, items, call.at.clone()))
}
