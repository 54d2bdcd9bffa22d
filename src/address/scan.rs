//! Reads the pieces of addresses and references: names, dots and instance keys; writes keys as Terraform quotes them.

use super::Key;

/// What is left of an address.
pub(super) struct Scan<'a> {
    pub(super) rest: &'a str,
}

impl<'a> Scan<'a> {
    /// Takes a name: a type, a module call, an attribute.
    pub(super) fn name(&mut self) -> Option<&'a str> {
        let end = self
            .rest
            .find(|letter| !in_name(letter))
            .unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at_checked(end)?;
        if name.is_empty() {
            return None;
        }
        self.rest = rest;
        Some(name)
    }

    /// Takes a name after a dot.
    pub(super) fn dot_name(&mut self) -> Option<&'a str> {
        self.rest = self.rest.strip_prefix('.')?;
        self.name()
    }

    /// Takes an instance key, if one follows; the outer `None` is a malformed one.
    #[expect(
        clippy::option_option,
        reason = "malformed and missing keys are two answers"
    )]
    pub(super) fn key(&mut self) -> Option<Option<Key>> {
        let Some(inside) = self.rest.strip_prefix('[') else {
            return Some(None);
        };
        let (key, rest) = if let Some(quoted) = inside.strip_prefix('"') {
            let (text, rest) = unquote(quoted)?;
            (Key::Name(text), rest)
        } else if let Some(rest) = inside.strip_prefix('?') {
            (Key::Unknown, rest)
        } else {
            let digits = inside.find(']')?;
            let (number, rest) = inside.split_at_checked(digits)?;
            // `parse` alone would take `+1`.
            if !number.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            (Key::Index(number.parse().ok()?), rest)
        };
        self.rest = rest.strip_prefix(']')?;
        Some(Some(key))
    }
}

/// HCL's identifiers are Unicode's with `-`; whatever is printable beyond ASCII is taken.
fn in_name(letter: char) -> bool {
    if letter.is_ascii() {
        letter.is_ascii_alphanumeric() || letter == '_' || letter == '-'
    } else {
        is_printable(letter)
    }
}

/// Reads up to the closing quote; gives the decoded text and what follows the quote.
fn unquote(quoted: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((text, quoted.get(at + 1..)?)),
            '\\' => text.push(escape(&mut letters)?),
            '$' | '%' => {
                text.push(letter);
                let doubled = letters.as_str().strip_prefix(letter);
                if doubled.is_some_and(|rest| rest.starts_with('{')) {
                    letters.next();
                }
            }
            _ => text.push(letter),
        }
    }
    None
}

/// The escapes of HCL's quoted strings and, for Terraform 0.12, of Go's `%q`.
fn escape(letters: &mut std::str::CharIndices<'_>) -> Option<char> {
    let width = match letters.next()?.1 {
        'n' => return Some('\n'),
        'r' => return Some('\r'),
        't' => return Some('\t'),
        'a' => return Some('\u{7}'),
        'b' => return Some('\u{8}'),
        'f' => return Some('\u{c}'),
        'v' => return Some('\u{b}'),
        plain @ ('"' | '\\' | '\'') => return Some(plain),
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => return None,
    };
    let mut code = 0_u32;
    for _ in 0..width {
        let digit = letters.next()?.1.to_digit(16)?;
        code = code.checked_mul(16)?.checked_add(digit)?;
    }
    char::from_u32(code)
}

/// Letters, marks, numbers, punctuation, symbols and the ASCII space, as Go's `unicode.IsPrint`: no control, format (bidirectional
/// overrides among them) or unassigned character.
pub(crate) fn is_printable(letter: char) -> bool {
    if letter.is_ascii() {
        return !letter.is_ascii_control();
    }
    // Behind another letter, `escape_debug` leaves exactly the printable ones and combining marks alone.
    let mut pair = String::from("a");
    pair.push(letter);
    pair.escape_debug().count() == 2
}

/// A string in HCL's quotes, as Terraform writes it (`toHCLQuotedString` in its `internal/addrs/instance_key.go`): nothing in it can end
/// the string, start a template or command a terminal.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    push_escaped(&mut out, text);
    out.push('"');
    out
}

/// The inside of [`quote`].
pub(crate) fn push_escaped(out: &mut String, text: &str) {
    let plain = |byte: u8| (b' '..0x7f).contains(&byte) && !b"\"\\$%".contains(&byte);
    let run = text.bytes().position(|byte| !plain(byte));
    let (before, rest) = text.split_at(run.unwrap_or(text.len()));
    out.push_str(before);
    let mut letters = rest.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '$' | '%' if letters.peek() == Some(&'{') => out.extend([letter, letter]),
            _ => push_printable(out, letter),
        }
    }
}

/// Appends a character, or its escape where it is none to show.
pub(crate) fn push_printable(out: &mut String, letter: char) {
    if is_printable(letter) {
        out.push(letter);
    } else if u32::from(letter) < 0x1_0000 {
        out.extend(["\\u", &format!("{:04x}", u32::from(letter))]);
    } else {
        out.extend(["\\U", &format!("{:08x}", u32::from(letter))]);
    }
}
