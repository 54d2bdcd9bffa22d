//! Plans and states: what is read is JSON, reports are sound, the space between the tokens does not matter, and what a sieve leaves reads as the
//! whole does.

use std::io::Cursor;

use keytrail::load::PlanSources;
use keytrail::plan;
use keytrail::source::SourceMap;
use keytrail::value::Symbols;
use keytrail::{Format, Inputs, Options, Report};
use serde::de::IgnoredAny;

use crate::report::{look, message, written};

/// The bytes as a plan.
pub fn run(data: &[u8]) {
    sifted(data);
    let alone = data.len().is_multiple_of(2);
    let Some(report) = checked(data, alone) else {
        return;
    };
    let begins = data.iter().find(|byte| !byte.is_ascii_whitespace());
    if begins == Some(&b'{') && !data.contains(&0) {
        let mut reader = serde_json::Deserializer::from_slice(data).into_iter::<IgnoredAny>();
        assert!(
            matches!(reader.next(), Some(Ok(_))),
            "what was read is no JSON"
        );
    }
    look(&report);
    if data.len().is_multiple_of(4) {
        let again = checked(data, alone).expect("it was read before");
        assert_eq!(
            written(&again, Format::Json),
            written(&report, Format::Json)
        );
    }
    if let Some(wide) = spaced(data) {
        let again = checked(&wide, alone).expect("space between tokens changes nothing");
        assert_eq!(said(&again), said(&report));
    }
}

/// One sieve leaves what two leave, and that is read as the whole is. What is no text is looked at only where it is read.
fn sifted(data: &[u8]) {
    let left = plan::sift(data, true).expect("a slice can be read");
    let length = data.len() as u64;
    let both = plan::sift_large(data, Cursor::new(data), length, true);
    assert_eq!(both.expect("a slice can be read"), left);
    if let Some(left) = left.filter(|_| str::from_utf8(data).is_ok()) {
        assert_eq!(document(&left), document(data));
    }
}

/// What the reader makes of a text.
fn document(data: &[u8]) -> Result<String, String> {
    let (mut map, mut symbols) = (SourceMap::new(), Symbols::new());
    match plan::load(data, "plan.json", "in0", &mut map, &mut symbols) {
        Ok(document) => Ok(format!("{document:?}")),
        Err(error) => Err(error.message),
    }
}

fn checked(data: &[u8], alone: bool) -> Option<Report> {
    let mut inputs = Inputs::new();
    match inputs.read("plan.json", data, alone, |_| PlanSources::Nowhere) {
        Ok(_) => Some(keytrail::check(inputs, Options::default())),
        Err(error) => {
            message(&error);
            None
        }
    }
}

/// What a report says, but for places in the file.
fn said(report: &Report) -> Vec<(String, String, String, &'static str)> {
    let findings = report.findings().iter();
    findings
        .map(|it| {
            (
                it.rule.to_string(),
                it.address.clone(),
                it.fingerprint.clone(),
                it.severity.word(),
            )
        })
        .collect()
}

/// The same document with more space between its tokens; none where it is more, or something else, than a document in UTF-8.
fn spaced(data: &[u8]) -> Option<Vec<u8>> {
    serde_json::from_slice::<IgnoredAny>(data).ok()?;
    let mut out = Vec::with_capacity(data.len() * 2);
    let (mut inside, mut escaped) = (false, false);
    for byte in data {
        let structure = !inside && b"{}[]:,".contains(byte);
        if structure && *byte != b'{' {
            out.push(b' ');
        }
        out.push(*byte);
        if structure {
            out.extend(b"\r\n\t");
        }
        (inside, escaped) = match byte {
            b'"' if !escaped => (!inside, false),
            b'\\' if inside && !escaped => (inside, true),
            _ => (inside, false),
        };
    }
    Some(out)
}
