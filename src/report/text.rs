//! Text from plans and policies on its way to a reader: made harmless in one place, wrapped, counted.

/// True for a character that could move the cursor, hide or reorder what is printed: controls, bidirectional marks, zero-width and
/// tag characters. Line feeds and tabs are among them; whoever lays out lines handles those first.
pub fn is_unsafe(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Appends a character; an unsafe one as `\u001b`, which JSON and HCL read back as the same character. A tab becomes four spaces.
pub fn push(out: &mut String, letter: char) {
    if letter == '\t' {
        out.push_str("    ");
    } else if is_unsafe(letter) {
        for unit in letter.encode_utf16(&mut [0; 2]) {
            let escape = format!("\\u{unit:04x}");
            out.push_str(&escape);
        }
    } else {
        out.push(letter);
    }
}

/// The text on one line, harmless.
pub fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        rest = push_plain(&mut out, rest, |_| true);
        let Some(letter) = rest.chars().next() else {
            return out;
        };
        push(&mut out, letter);
        rest = rest.get(letter.len_utf8()..).unwrap_or_default();
    }
}

/// Appends what a text begins with that is harmless for sure, which is most of most texts: ASCII that is no control character, and that is
/// `wanted`. Gives what follows.
fn push_plain<'t>(out: &mut String, text: &'t str, wanted: impl Fn(u8) -> bool) -> &'t str {
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && wanted(*byte);
    let other = text.bytes().position(|byte| !is_plain(&byte));
    let (plain, rest) = text
        .split_at_checked(other.unwrap_or(text.len()))
        .unwrap_or(("", text));
    out.push_str(plain);
    rest
}

/// The text over the lines that it has, each harmless.
pub fn lines(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(line)
}

/// Breaks a line at its spaces so that `first` or `rest` and the words fit `width`. What can be copied stays whole: a longer word, and what
/// stands in backticks.
pub fn wrap(text: &str, width: usize, first: &str, rest: &str) -> String {
    let mut out = first.to_owned();
    let mut used = columns(first);
    let mut fresh = true;
    for word in words(text) {
        let needed = columns(word) + usize::from(!fresh);
        if !fresh && used + needed > width {
            out.push('\n');
            out.push_str(rest);
            used = columns(rest);
            fresh = true;
        }
        if !fresh {
            out.push(' ');
            used += 1;
        }
        out.push_str(word);
        used += columns(word);
        fresh = false;
    }
    out
}

/// A phrase in backticks that is longer is broken at its spaces like other text.
const PHRASE: usize = 60;

/// The words of a line; a phrase in backticks counts as one.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text.trim_start_matches(' ');
    while !rest.is_empty() {
        let space = rest.find(' ').unwrap_or(rest.len());
        let word = rest.get(..space).unwrap_or(rest);
        let end = if word.matches('`').count() % 2 == 1 {
            let closing = rest.get(space..).and_then(|after| after.find('`'));
            let after = closing.map_or(space, |at| space + at);
            let to = rest.get(after..).and_then(|tail| tail.find(' '));
            let end = to.map_or(rest.len(), |at| after + at);
            if end - space <= PHRASE { end } else { space }
        } else {
            space
        };
        words.push(rest.get(..end).unwrap_or(rest));
        rest = rest.get(end..).unwrap_or_default().trim_start_matches(' ');
    }
    words
}

/// How many columns a text takes, near enough: its code points.
pub fn columns(text: &str) -> usize {
    text.chars().count()
}

/// `1 trail`, `2 trails`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Keeps a CI runner from taking a line of the report for a command of its own (`::error::` and `##[error]` of GitHub, `##vso[..]` of Azure
/// Pipelines, `##teamcity[..]`).
pub fn guard(report: &str) -> String {
    let mut out = String::with_capacity(report.len());
    for line in report.split_inclusive('\n') {
        let line = spaced(line);
        match line.trim_start().strip_prefix("::") {
            Some(rest) => {
                out.extend(std::iter::repeat_n(' ', line.len() - rest.len() - 2));
                out.extend(["\\u003a:", rest]);
            }
            None => out.push_str(&line),
        }
    }
    out
}

/// The text without what a runner takes for a command anywhere on a line.
pub fn spaced(text: &str) -> String {
    text.replace("##[", "## [")
        .replace("##vso[", "## vso[")
        .replace("##teamcity[", "## teamcity[")
}

/// JSON that no terminal and no runner takes for more than text, with a line feed at its end: unsafe characters are written as escapes, and so
/// is what would make a command of a CI runner, which may stand anywhere on a line (`##[error]`). It reads back as the same value.
pub fn json(page: &str) -> String {
    let mut out = String::with_capacity(page.len() + 1);
    let mut rest = page;
    let mut after_hash = false;
    loop {
        let after = push_plain(&mut out, rest, |byte| byte != b'#');
        after_hash &= after.len() == rest.len();
        rest = after;
        let Some(letter) = rest.chars().next() else {
            break;
        };
        match letter {
            // Line feeds are the layout: those of values are escaped already.
            '\n' => out.push(letter),
            '#' if after_hash => out.push_str("\\u0023"),
            other => push(&mut out, other),
        }
        after_hash = letter == '#';
        rest = rest.get(letter.len_utf8()..).unwrap_or_default();
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_move_or_hide_text_becomes_visible() {
        assert_eq!(
            line("a\u{1b}[31mb\r\n\0\u{202e}c\u{9b}\u{e0041}é\t."),
            "a\\u001b[31mb\\u000d\\u000a\\u0000\\u202ec\\u009b\\udb40\\udc41é    ."
        );
        assert_eq!(lines("a\r\nb\u{7f}").collect::<Vec<_>>(), ["a", "b\\u007f"]);
    }

    #[test]
    fn long_words_stay_whole() {
        assert_eq!(
            wrap("one two threeandmore four", 8, "- ", "  "),
            "- one\n  two\n  threeandmore\n  four"
        );
        assert_eq!(wrap("", 8, "- ", "  "), "- ");
        assert_eq!(
            wrap("run `a b c d e`, or (`f g`) if ` is alone", 12, "", ""),
            "run\n`a b c d e`,\nor (`f g`)\nif ` is\nalone"
        );
    }

    #[test]
    fn no_line_is_a_command_of_a_runner() {
        assert_eq!(
            guard("  ::error::x\na ::b\n##[error]y\nb ##vso[task]\n"),
            "  \\u003a:error::x\na ::b\n## [error]y\nb ## vso[task]\n"
        );
    }

    #[test]
    fn json_reads_back_as_itself() {
        let value = serde_json::json!({"a": ["##[error]x", "###", "::b\n::c", "\u{1b}\u{202e}é"]});
        let page = json(&serde_json::to_string_pretty(&value).unwrap());
        assert!(!page.contains("##") && !page.contains(['\u{1b}', '\u{202e}']));
        assert!(!page.lines().any(|line| line.trim_start().starts_with("::")));
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&page).unwrap(),
            value
        );
    }
}
