//! From the bytes of a file to the text of its JSON document: encodings, and what a wrapper prints around it.

use std::borrow::Cow;

use super::mistaken;
use crate::error::Error;
use crate::input::Note;

/// The document's bytes and what was noticed on the way to them.
pub(super) struct Decoded<'a> {
    /// From the document's first brace to the end of the file, in UTF-8.
    pub(super) bytes: Cow<'a, [u8]>,
    /// Lines of the file before it.
    pub(super) lines_before: usize,
    pub(super) notes: Vec<Note>,
}

/// How to make a plan's JSON.
pub(super) const MAKE_PLAN: &str = "make the plan's JSON with `terraform show -json PLANFILE > plan.json` (`tofu show -json PLANFILE > plan.json`)";

/// How to make a state's JSON.
pub(super) const MAKE_STATE: &str = "make the state's JSON with `terraform show -json > state.json` (`tofu show -json > state.json`)";

/// Finds the JSON document in a file.
pub(super) fn decode<'a>(bytes: &'a [u8], name: &str) -> Result<Decoded<'a>, Error> {
    if bytes.is_empty() {
        return Err(Error::new(name, "the file is empty").with_help(MAKE_PLAN));
    }
    if let Some(error) = mistaken::archive(bytes, name) {
        return Err(error);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace());
    let plain = bytes
        .get(start.unwrap_or(bytes.len())..)
        .unwrap_or_default();
    // Nearly every input: nothing but the document, in UTF-8.
    if let [b'{', second, ..] = plain
        && *second != 0
    {
        utf8(bytes, name)?;
        let before = bytes.len() - plain.len();
        let before = bytes.get(..before).unwrap_or_default();
        return Ok(Decoded {
            bytes: Cow::Borrowed(plain),
            lines_before: lines(before),
            notes: Vec::new(),
        });
    }
    around(bytes, name)
}

/// Finds the document where it is not all that the file holds, or not in UTF-8.
fn around<'a>(bytes: &'a [u8], name: &str) -> Result<Decoded<'a>, Error> {
    let mut notes = Vec::new();
    let text = text(bytes, name, &mut notes)?;
    let Some(start) = start(&text) else {
        return Err(mistaken::text(&text, name));
    };
    let before = text.get(..start).unwrap_or_default();
    if !before.trim().is_empty() {
        notes.push(note(
            "text before the JSON document was ignored (a wrapper's output)",
        ));
    }
    Ok(Decoded {
        lines_before: lines(before.as_bytes()),
        bytes: match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes().get(start..).unwrap_or_default()),
            Cow::Owned(text) => Cow::Owned(text.into_bytes().split_off(start)),
        },
        notes,
    })
}

/// The number of line feeds.
pub(super) fn lines(bytes: &[u8]) -> usize {
    bytes.split(|&byte| byte == b'\n').count() - 1
}

/// A note.
pub(super) fn note(message: impl Into<String>) -> Note {
    Note {
        message: message.into(),
    }
}

/// Decodes UTF-8 and UTF-16; PowerShell's `>` writes the latter.
fn text<'a>(bytes: &'a [u8], name: &str, notes: &mut Vec<Note>) -> Result<Cow<'a, str>, Error> {
    let (units, big_endian) = match bytes {
        [0xff, 0xfe, rest @ ..] => (rest, false),
        [0xfe, 0xff, rest @ ..] => (rest, true),
        // Without a mark: the first characters of a JSON document are ASCII.
        [first, 0, second, 0, ..] if *first != 0 && *second != 0 => (bytes, false),
        [0, first, 0, second, ..] if *first != 0 && *second != 0 => (bytes, true),
        _ => return utf8(bytes, name),
    };
    let text = utf16(units, big_endian).ok_or_else(|| {
        Error::new(name, "the file is neither UTF-8 nor UTF-16").with_help(MAKE_PLAN)
    })?;
    notes.push(note("the file was read as UTF-16"));
    Ok(Cow::Owned(text))
}

fn utf16(bytes: &[u8], big_endian: bool) -> Option<String> {
    let pairs = bytes.chunks_exact(2);
    // An odd byte at the end is a line feed that another program added, or a file that was cut.
    if !matches!(pairs.remainder(), [] | [b'\n' | 0]) {
        return None;
    }
    let units = pairs.map(|pair| match *pair {
        [high, low] if big_endian => u16::from_be_bytes([high, low]),
        [low, high] => u16::from_le_bytes([low, high]),
        _ => 0,
    });
    let mut text = String::with_capacity(bytes.len() / 2);
    for letter in char::decode_utf16(units) {
        text.push(letter.ok()?);
    }
    Some(text)
}

fn utf8<'a>(bytes: &'a [u8], name: &str) -> Result<Cow<'a, str>, Error> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = lines(before) + 1;
            let message = if error.error_len().is_none() {
                "the file ends in the middle of a character: it is truncated".to_owned()
            } else {
                format!(
                    "the file is not text: byte {} is not UTF-8",
                    error.valid_up_to() + 1
                )
            };
            Err(Error::new(name, message).at_line(line).with_help(MAKE_PLAN))
        }
    }
}

/// Where the document starts: at the brace of the first line that begins with one. A member follows it: what is printed for people has
/// such lines too.
fn start(text: &str) -> Option<usize> {
    let first = text.len() - text.trim_start().len();
    if text.get(first..)?.starts_with('{') {
        return Some(first);
    }
    if looks_like_hcl(text) || is_array(text) {
        return None;
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let inside = line.trim_start();
        let brace = at + line.len() - inside.len();
        if inside.starts_with('{') {
            let after = text.get(brace + 1..).unwrap_or_default().trim_start();
            if after.is_empty() || after.starts_with(['"', '}']) {
                return Some(brace);
            }
        }
        at += line.len();
    }
    None
}

/// An array, and not the `[command]/usr/bin/terraform` of a wrapper.
pub(super) fn is_array(text: &str) -> bool {
    text.trim_start()
        .strip_prefix('[')
        .is_some_and(|inside| !inside.starts_with(|letter: char| letter.is_ascii_alphabetic()))
}

/// A block header of Terraform's language at the start of a line.
pub(super) fn looks_like_hcl(text: &str) -> bool {
    const LINES: usize = 500;
    text.lines().take(LINES).any(|line| {
        let mut words = line.split_whitespace();
        match words.next() {
            Some(
                "resource" | "data" | "module" | "variable" | "output" | "provider" | "ephemeral"
                | "check",
            ) => words.next().is_some_and(|label| label.starts_with('"')) && line.contains('{'),
            Some("terraform" | "locals" | "moved" | "import" | "removed") => {
                words.next() == Some("{")
            }
            _ => false,
        }
    })
}
