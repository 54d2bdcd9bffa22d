//! Locations: files as URIs, regions, addresses.

use serde::Serialize;

use crate::report::anchor::{Anchor, Region};
use crate::report::files::Home;
use crate::report::{Report, text};
use crate::source::Place;

/// The name of the repository's root among the bases of URIs. GitHub takes relative URIs to start there.
pub(super) const ROOT: &str = "%SRCROOT%";

#[derive(Serialize)]
pub(super) struct Message {
    pub(super) text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<usize>,
    #[serde(rename = "physicalLocation")]
    pub(super) physical: Physical,
    #[serde(rename = "logicalLocations", skip_serializing_if = "Vec::is_empty")]
    pub(super) logical: Vec<Logical<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Physical {
    artifact_location: Artifact,
    region: RegionJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    context_region: Option<RegionJson>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Artifact {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

/// Lines and columns from 1, columns in code points, the end exclusive.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RegionJson {
    start_line: u32,
    start_column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Logical<'a> {
    fully_qualified_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
}

impl<'a> Logical<'a> {
    /// An address of Terraform's; a key outside of the inputs is named in another way.
    pub(super) fn new(address: &'a str, report: &Report) -> Self {
        let mut keys = report.model.keys.iter();
        let outside = keys.any(|it| it.outside && it.address == address);
        Logical {
            fully_qualified_name: address,
            kind: (!outside).then_some("resource"),
        }
    }
}

impl From<Region> for RegionJson {
    fn from(region: Region) -> Self {
        let Region { start, end } = region;
        let Place { line, column } = start;
        RegionJson {
            start_line: line,
            start_column: column,
            end_line: end.line,
            end_column: end.column,
        }
    }
}

impl From<&Anchor> for Physical {
    fn from(anchor: &Anchor) -> Self {
        Physical {
            artifact_location: Artifact::from(&anchor.home),
            region: anchor.region.into(),
            context_region: anchor.whole.map(RegionJson::from),
        }
    }
}

impl From<&Home> for Artifact {
    /// A relative reference, or a `file` URI without a host: GitHub refuses the whole report for any other scheme.
    fn from(home: &Home) -> Self {
        match home {
            Home::Repository(path) => Artifact {
                uri: encoded(path),
                uri_base_id: Some(ROOT),
            },
            Home::Machine(path) => Artifact {
                uri: format!("file:///{}", encoded(path.trim_start_matches('/'))),
                uri_base_id: None,
            },
        }
    }
}

impl Location<'_> {
    /// A place, and what to say of it.
    pub(super) fn of(anchor: &Anchor, words: &str) -> Self {
        let inside = anchor.inside.as_ref();
        let inside = inside.map(|(part, line)| format!("{part}, line {line}"));
        let words = [inside.as_deref(), Some(words).filter(|it| !it.is_empty())];
        let words: Vec<&str> = words.into_iter().flatten().collect();
        Location {
            id: None,
            physical: Physical::from(anchor),
            logical: Vec::new(),
            message: (!words.is_empty()).then(|| Message {
                text: escaped(&words.join(": ")),
            }),
        }
    }
}

/// A path as a URI: every byte that is not unreserved in RFC 3986 (2.3) is percent-encoded, `/` apart.
fn encoded(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let escape = format!("%{byte:02X}");
            out.push_str(&escape);
        }
    }
    out
}

/// Text for a message, in which nothing of an input is a link or a placeholder (SARIF 2.1.0, 3.11.5 and 3.11.6).
pub(super) fn escaped(words: &str) -> String {
    let words = text::line(words).replace("](", "] (");
    let mut out = String::with_capacity(words.len());
    let mut rest = words.as_str();
    // Braces around a number alone are a placeholder. Viewers show others as they are, doubled ones too.
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let digits = after.trim_start_matches(|it: char| it.is_ascii_digit());
        let is_placeholder = digits.len() < after.len() && digits.starts_with('}');
        out.push_str(if is_placeholder { "{ " } else { "{" });
        rest = after;
    }
    out + rest
}

/// The text of a link: brackets and backslashes are escaped.
pub(super) fn link(words: &str, id: usize) -> String {
    let mut label = String::with_capacity(words.len());
    for letter in escaped(words).chars() {
        if matches!(letter, '\\' | '[' | ']') {
            label.push('\\');
        }
        label.push(letter);
    }
    format!("[{label}]({id})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_uri() {
        assert_eq!(
            encoded("ünï/a b#?%:.tf"),
            "%C3%BCn%C3%AF/a%20b%23%3F%25%3A.tf"
        );
        let windows = Home::Machine("C:/plans/plan.json".to_owned());
        assert_eq!(Artifact::from(&windows).uri, "file:///C%3A/plans/plan.json");
    }

    #[test]
    fn nothing_of_an_input_is_a_link_or_a_placeholder() {
        assert_eq!(
            escaped("[go](https://example.com) {0} ${account(aws)} {}\u{1b}"),
            "[go] (https://example.com) { 0} ${account(aws)} {}\\u001b"
        );
        assert_eq!(link("k[\"a\"](1)", 2), "[k\\[\"a\"\\] (1)](2)");
    }
}
