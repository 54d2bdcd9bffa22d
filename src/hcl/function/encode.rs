//! Base64 and URLs.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::Call;
use crate::hcl::expr::{Outcome, Run};
use crate::hcl::types::Type;

pub(super) fn base64encode(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    Ok(call.string(BASE64_STANDARD.encode(call.text(0))))
}

pub(super) fn base64decode(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let bytes = BASE64_STANDARD.decode(call.text(0).replace(['\n', '\r'], ""));
    let bytes = bytes.map_err(|_| call.wrong_at(0, "it is no base64"))?;
    let text = String::from_utf8(bytes);
    let text = text.map_err(|_| call.wrong_at(0, "the result of decoding it is not UTF-8"))?;
    Ok(call.string(text))
}

/// The bytes depend on how Go compresses, which no other program repeats.
pub(super) fn base64gzip(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    Ok(call.unknown(run, Type::String))
}

/// OpenTofu's; what it unpacks was packed by a program that is not looked at here.
pub(super) fn base64gunzip(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    Ok(call.unknown(run, Type::String))
}

/// The encodings of text that are told apart here; for another one the result is not known.
#[derive(Clone, Copy)]
enum Charset {
    Utf8,
    Latin1,
    Utf16 { big: bool },
}

fn charset(name: &str) -> Option<Charset> {
    Some(match name.to_ascii_uppercase().as_str() {
        "UTF-8" | "UTF8" => Charset::Utf8,
        "ISO-8859-1" | "LATIN1" => Charset::Latin1,
        "UTF-16LE" => Charset::Utf16 { big: false },
        "UTF-16BE" => Charset::Utf16 { big: true },
        _ => return None,
    })
}

pub(super) fn textencodebase64(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let text = call.text(0);
    let bytes = match charset(&call.text(1)) {
        None => return Ok(call.unknown(run, Type::String)),
        Some(Charset::Utf8) => text.into_bytes(),
        Some(Charset::Latin1) => {
            let bytes: Result<Vec<u8>, _> = text.chars().map(u8::try_from).collect();
            let message = "it contains characters that cannot be represented in that encoding";
            bytes.map_err(|_| call.wrong_at(0, message))?
        }
        Some(Charset::Utf16 { big }) => {
            let bytes = |unit: u16| {
                if big {
                    unit.to_be_bytes()
                } else {
                    unit.to_le_bytes()
                }
            };
            text.encode_utf16().flat_map(bytes).collect()
        }
    };
    Ok(call.string(BASE64_STANDARD.encode(bytes)))
}

pub(super) fn textdecodebase64(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let bytes = BASE64_STANDARD.decode(call.text(0));
    let bytes = bytes.map_err(|_| call.wrong_at(0, "it is no base64"))?;
    let text = match charset(&call.text(1)) {
        None => return Ok(call.unknown(run, Type::String)),
        Some(Charset::Utf8) => String::from_utf8(bytes).ok(),
        Some(Charset::Latin1) => Some(bytes.into_iter().map(char::from).collect()),
        Some(Charset::Utf16 { big }) => {
            let unit = |pair: &[u8]| match *pair {
                [a, b] if big => u16::from_be_bytes([a, b]),
                [a, b] => u16::from_le_bytes([a, b]),
                _ => 0xfffd,
            };
            let units: Vec<u16> = bytes.chunks(2).map(unit).collect();
            Some(String::from_utf16_lossy(&units))
        }
    };
    let text = text.ok_or_else(|| call.wrong_at(0, "it is not text in that encoding"))?;
    Ok(call.string(text))
}

/// As in the query of a URL: a space becomes `+`.
pub(super) fn urlencode(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    use std::fmt::Write;
    let mut out = String::new();
    for byte in call.text(0).bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    Ok(call.string(out))
}

pub(super) fn urldecode(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let text = call.text(0);
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|it| u8::try_from(it).ok())
    };
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        match (first, after) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) => {
                let pair = digit(*high).zip(digit(*low));
                let (high, low) = pair.ok_or_else(|| call.wrong_at(0, "invalid URL escape"))?;
                bytes.push(high * 16 + low);
                rest = after;
            }
            (b'%', _) => return Err(call.wrong_at(0, "invalid URL escape")),
            _ => bytes.push(first),
        }
    }
    let text = String::from_utf8(bytes);
    let text = text.map_err(|_| call.wrong_at(0, "the result of decoding it is not UTF-8"))?;
    Ok(call.string(text))
}
