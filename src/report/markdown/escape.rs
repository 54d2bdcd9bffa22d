//! Text from inputs as GitHub Flavored Markdown takes it: nothing in it is markup, a link or a mention.
//!
//! What is not a plain word becomes a code span, in which GitHub looks for nothing: a backslash would keep `@team` and `#12` from being
//! markup and not from being links, as those are found in the text that the markup leaves.

use crate::report::text;

/// A sentence in which names stand in backticks.
pub(super) fn prose(sentence: &str) -> String {
    let line = text::line(sentence);
    let parts: Vec<&str> = line.split('`').collect();
    let last = parts.len().saturating_sub(1);
    let mut out = String::with_capacity(line.len() + 16);
    for (at, part) in parts.iter().enumerate() {
        match (at % 2 == 1, at == last) {
            (true, false) => join(&mut out, &code(part)),
            // A lone backtick opens nothing.
            (true, true) => words(&mut out, &format!("`{part}")),
            (false, _) => words(&mut out, part),
        }
    }
    out
}

/// The same in a cell of a table: a pipe would end it.
pub(super) fn cell(sentence: &str) -> String {
    piped(&prose(sentence))
}

/// A name in a cell of a table.
pub(super) fn code_cell(name: &str) -> String {
    piped(&code(name))
}

/// An escaped pipe is a pipe also in a code span. One that follows a backslash cannot be escaped: `\\|` is a backslash and the end of the cell.
fn piped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '|' if out.ends_with('\\') => out.push_str("u007c"),
            '|' => out.push_str("\\|"),
            letter => out.push(letter),
        }
    }
    out
}

/// A code span around any text, which is made harmless and put on one line.
pub(super) fn code(text: &str) -> String {
    let line = text::line(text);
    if line.trim().is_empty() {
        return "` `".to_owned();
    }
    let fence = "`".repeat(longest_run(&line) + 1);
    let pad = if line.starts_with(['`', ' ']) || line.ends_with(['`', ' ']) {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{line}{pad}{fence}")
}

/// A block of code over the lines that the text has, each harmless.
pub(super) fn fenced(language: &str, text: &str) -> String {
    let lines: Vec<String> = text::lines(text).collect();
    let body = lines.join("\n");
    let fence = "`".repeat(longest_run(&body).max(2) + 1);
    format!("{fence}{language}\n{body}\n{fence}\n")
}

fn longest_run(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for letter in text.chars() {
        run = if letter == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// Appends text outside of backticks, word by word.
fn words(out: &mut String, text: &str) {
    for (at, word) in text.split(' ').enumerate() {
        if at > 0 {
            out.push(' ');
        }
        let head = word.len() - word.trim_start_matches(['(', '"']).len();
        let (before, rest) = word.split_at_checked(head).unwrap_or(("", word));
        let core = stem(rest);
        let after = rest.get(core.len()..).unwrap_or_default();
        let ordinal = core.bytes().all(|it| it.is_ascii_digit()) && after.starts_with(['.', ')']);
        if core.is_empty() || is_plain(core) && !(ordinal && out.trim().is_empty()) {
            out.extend([before, core, after]);
        } else {
            out.push_str(before);
            join(out, &code(core));
            out.push_str(after);
        }
    }
}

/// A word without the punctuation at its end. A bracket that it opens itself belongs to it: `account(aws)`.
fn stem(word: &str) -> &str {
    let mut stem = word;
    loop {
        let shorter = stem.trim_end_matches([',', '.', ';', ':', '"', '?']);
        let closes_own = shorter.matches('(').count() >= shorter.matches(')').count();
        match shorter.strip_suffix(')').filter(|_| !closes_own) {
            Some(rest) => stem = rest,
            None => return shorter,
        }
    }
}

/// Two code spans must not touch: their backticks would become one run.
fn join(out: &mut String, code: &str) {
    if out.ends_with('`') {
        out.push(' ');
    }
    out.push_str(code);
}

/// True for a word that no reader of Markdown takes for more: letters, perhaps with hyphens and apostrophes inside, a number, or the few
/// signs of our own.
fn is_plain(word: &str) -> bool {
    let letters = |part: &str| !part.is_empty() && part.chars().all(char::is_alphabetic);
    let number = word.bytes().all(|it| it.is_ascii_digit());
    // `S3`, and nothing that could be the hash of a commit.
    let short = word.len() <= 4 && word.bytes().all(|it| it.is_ascii_alphanumeric());
    number || short || word.split(['-', '\'']).all(letters) || matches!(word, "→" | "›" | "—" | "…")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_sentences_read_as_they_are() {
        assert_eq!(
            prose(
                "the bucket's `a.b` has an S3 Bucket Key (1 of 2): re-read it, \"twice\" → `x`, or?"
            ),
            "the bucket's `a.b` has an S3 Bucket Key (1 of 2): re-read it, \"twice\" → `x`, or?"
        );
    }

    #[test]
    fn what_could_be_more_than_a_word_is_code() {
        for (text, wanted) in [
            ("ask @team, or #12.", "ask `@team`, or `#12`."),
            ("[x](y) <b> **a** _b_", "`[x](y)` `<b>` `**a**` `_b_`"),
            (
                "www.a.example GH-1 :tada:",
                "`www.a.example` `GH-1` `:tada`:",
            ),
            ("a\u{1b}b\nc", "`a\\u001bb\\u000ac`"),
            ("1. one", "`1`. one"),
            ("if (account(aws)), then", "if (`account(aws)`), then"),
            ("- a", "`-` a"),
            ("lone ` tick", "lone `` ` `` tick"),
            ("`a``b`", "`a` `b`"),
            (
                "deadbeef00 3f786850e387550fdab836ed7e6dc881de23001b",
                "`deadbeef00` `3f786850e387550fdab836ed7e6dc881de23001b`",
            ),
        ] {
            assert_eq!(prose(text), wanted);
        }
    }

    #[test]
    fn a_fence_is_longer_than_what_it_holds() {
        assert_eq!(code("a``b"), "```a``b```");
        assert_eq!(fenced("json", "````\nx"), "`````json\n````\nx\n`````\n");
        assert_eq!(fenced("", "x"), "```\nx\n```\n");
    }

    #[test]
    fn a_cell_ends_at_its_end() {
        assert_eq!(cell("a|b `c|d` e\\|f"), "`a\\|b` `c\\|d` `e\\u007cf`");
    }
}
