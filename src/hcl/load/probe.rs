//! What can be told of a file without parsing it: whether it may hold a trail or a key, and which modules it may call.

use std::collections::BTreeSet;

/// The beginnings of the types that a verdict can hang on.
const WANTED: [&str; 2] = ["aws_cloudtrail", "aws_kms_"];

/// The words that mark what must not be shown: arguments of variables and outputs, and the function.
const HIDING: [&str; 2] = ["sensitive", "ephemeral"];

/// What a file may hold. It may say too much, as a comment or a text may look like a call; it must not say too little.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Probe {
    /// True where something of a type that a verdict can hang on is declared.
    pub(super) wanted: bool,
    /// True where a word is in it that marks what must not be shown.
    pub(super) hides: bool,
    /// The sources of the modules that it calls.
    pub(super) sources: BTreeSet<String>,
    /// True where it may call a module whose source is computed.
    pub(super) computed: bool,
}

/// Looks at a file.
pub(super) fn probe(text: &str, json: bool) -> Probe {
    // In JSON letters may be escaped. A text with NUL is of another encoding: what it holds shows when it is read.
    let escaped = json && holds(text, "\\u");
    let odd = memchr::memchr(0, text.as_bytes()).is_some();
    let wanted = WANTED.iter().any(|it| declares(text, it)) || escaped || odd;
    let (mut sources, mut computed) = (BTreeSet::new(), false);
    if holds(text, "module") {
        let mut comments = Comments::of(text);
        for at in places(text, "source") {
            let source = text.get(at + "source".len()..).and_then(source);
            // Most are the end of `resource`, for which it is not asked.
            if source.is_some() && !comments.hold(at) {
                match source {
                    Some(Source::Text(source)) => {
                        sources.insert(source);
                    }
                    Some(Source::Computed) => computed = true,
                    None => {}
                }
            }
        }
    }
    let hides = HIDING.iter().any(|it| holds(text, it)) || escaped;
    Probe {
        wanted,
        hides,
        sources,
        computed,
    }
}

/// True where a type that begins like this stands as a label does, and not only in references, which go on with `.` or `[`.
fn declares(text: &str, beginning: &str) -> bool {
    let word = |letter: char| letter.is_alphanumeric() || "_-".contains(letter);
    let mut comments = Comments::of(text);
    places(text, beginning).any(|at| {
        let from = text.get(at..).unwrap_or_default();
        let is_reference = from.trim_start_matches(word).starts_with(['.', '[']);
        !is_reference && !comments.hold(at)
    })
}

fn holds(text: &str, word: &str) -> bool {
    places(text, word).next().is_some()
}

/// Where a word stands, faster than [`str::match_indices`].
fn places<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    memchr::memmem::find_iter(text.as_bytes(), word)
}

/// Tells, from place to place, what stands in a line that is a comment from its beginning.
struct Comments<'t> {
    text: &'t str,
    at: usize,
    inside: bool,
}

impl<'t> Comments<'t> {
    fn of(text: &'t str) -> Self {
        Comments {
            text,
            at: 0,
            inside: begins_comment(text),
        }
    }

    /// True for a place in such a line; it must not lie before the last one.
    fn hold(&mut self, at: usize) -> bool {
        let passed = self.text.get(self.at..at).unwrap_or_default();
        let mut line = passed;
        if let Some(end) = passed.rfind('\n') {
            line = passed.get(end + 1..).unwrap_or_default();
            let begin = self.text.get(at - line.len()..);
            self.inside = begins_comment(begin.unwrap_or_default());
        }
        // `# */ a = 1`: it was another kind of comment.
        self.inside &= !line.contains("*/");
        self.at = at;
        self.inside
    }
}

fn begins_comment(line: &str) -> bool {
    let words = line.trim_start_matches([' ', '\t']);
    words.starts_with('#') || words.starts_with("//")
}

/// What is assigned to `source`.
enum Source {
    Text(String),
    Computed,
}

/// What `= "…"` assigns or, in JSON, `": "…"`.
fn source(after: &str) -> Option<Source> {
    let after = after.strip_prefix('"').unwrap_or(after).trim_start();
    let value = after.strip_prefix(['=', ':'])?.trim_start();
    if value.starts_with(['=', '{']) {
        return None;
    }
    let inside = value.strip_prefix('"');
    let text = inside.and_then(|it| it.get(..it.find(['"', '\n'])?));
    Some(text.map_or(Source::Computed, |it| Source::Text(it.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_and_types_are_seen() {
        let found = probe(
            "module \"a\" {\n  source =\"./a\"\n}\nmodule \"b\" { source\t=  \"x/y/z\" }\nresource_source = \"../n\"",
            false,
        );
        let sources: Vec<&str> = found.sources.iter().map(String::as_str).collect();
        assert_eq!(sources, ["../n", "./a", "x/y/z"]);
        assert!(!found.wanted);
        let found = probe(
            "{\"module\": {\"a\": {\"source\" : \"../b\"}}} aws_kms_key",
            true,
        );
        assert!(found.wanted && found.sources.contains("../b"));
        let found = probe("module \"a\" {\n  # source = \"../b\"\n}", false);
        assert!(found.sources.is_empty());
        assert!(probe("source = \"./x\"", false).sources.is_empty());
        assert!(!found.computed && probe("module m {\n source = var.m\n}", false).computed);
    }

    #[test]
    fn a_reference_declares_nothing() {
        for text in [
            "key = aws_kms_key.main.arn",
            "keys = aws_kms_key[\"a\"]",
            "\"${aws_cloudtrail.t.arn} ${data.aws_kms_alias.a.arn}\"",
            "a = 1\n # resource \"aws_kms_key\" \"main\" {\n\t//data aws_kms_key a",
        ] {
            assert!(!probe(text, false).wanted, "{text}");
        }
        for text in [
            "x = aws_kms_key.main.arn\nresource \"aws_kms_key\" \"main\" {}",
            "resource aws_cloudtrail main {}",
            "data/**/aws_kms_alias/**/a{}",
            "/*\n# */ resource aws_kms_key main {",
            "{\"resource\": {\"aws_cloudtrail_event_data_store\": {}}}",
        ] {
            assert!(probe(text, false).wanted, "{text}");
        }
        // Nobody can tell before they are read.
        let escaped = r#"{"resource": {"aws_\u0063loudtrail": {}}}"#;
        assert!(probe(escaped, true).wanted);
        assert!(probe("r\0e\0s\0o\0", false).wanted);
    }
}
