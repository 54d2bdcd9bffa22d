//! Regular expressions, written as for Go's RE2, and patterns of file names.

use regex::{Captures, Regex, RegexBuilder};

use super::Call;
use crate::hcl::expr::{Outcome, Run};
use crate::hcl::scope::Problem;
use crate::hcl::typed::{SequenceKind, Typed};
use crate::hcl::types::Type;

/// Bytes of a compiled pattern, at most, and the steps that looking for it in four bytes of a text counts for. Most that people write are of
/// the first kind; larger ones than the last are refused.
const SIZES: [(usize, usize); 3] = [(1 << 13, 1), (1 << 16, 16), (1 << 18, 64)];

/// A pattern for a text. The time to look for it grows with both, and is counted before it is spent.
fn compiled(
    run: &mut Run<'_, '_>,
    call: &Call,
    at: usize,
    pattern: &str,
    text: &str,
) -> Result<Regex, Problem> {
    let translated = translated(pattern);
    for (most, steps) in SIZES {
        match RegexBuilder::new(&translated).size_limit(most).build() {
            Ok(regex) => {
                run.spend(text.len() / 4 * steps, &call.at)?;
                return Ok(regex);
            }
            Err(regex::Error::CompiledTooBig(_)) => {}
            Err(_) => return Err(call.wrong_at(at, "invalid regular expression pattern")),
        }
    }
    Err(call.wrong_at(at, "the regular expression is too large"))
}

/// Counts one match of many in a text: whatever follows it may be looked at again before the next one is found.
fn spend_match(run: &mut Run<'_, '_>, call: &Call, text: &str) -> Result<(), Problem> {
    run.spend(1 + text.len() / 256, &call.at)
}

/// Go's syntax in that of the `regex` crate: `\d`, `\w`, `\s` and `\b` are of ASCII, a brace that begins no repetition and a bracket in a
/// class are letters.
fn translated(pattern: &str) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    let mut class = false;
    let mut class_start = false;
    while let Some(letter) = rest.chars().next() {
        let mut length = letter.len_utf8();
        let start = std::mem::take(&mut class_start);
        match letter {
            '\\' => {
                let escaped = rest.chars().nth(1);
                length += escaped.map_or(0, char::len_utf8);
                if escaped == Some('Q') && !class {
                    let inside = rest.get(2..).unwrap_or_default();
                    let quoted = inside.split("\\E").next().unwrap_or_default();
                    out.push_str(&regex::escape(quoted));
                    length = (2 + quoted.len() + 2).min(rest.len());
                } else {
                    out.push_str(&escape(escaped, class, rest.get(..length).unwrap_or(rest)));
                }
            }
            '[' if !class => {
                class = true;
                class_start = true;
                out.push('[');
                if rest.starts_with("[^") {
                    out.push('^');
                    length = 2;
                }
            }
            '[' if rest.starts_with("[:") => out.push('['),
            '[' => out.push_str("\\["),
            ']' if class && start => out.push_str("\\]"),
            ']' if class
                && out.ends_with(':')
                && out
                    .rfind("[:")
                    .is_some_and(|at| !out.get(at..).unwrap_or_default().contains(']')) =>
            {
                out.push(']');
            }
            ']' => {
                class = false;
                out.push(']');
            }
            '&' | '~' if class => {
                out.push('\\');
                out.push(letter);
            }
            '-' if class && rest.starts_with("--") => out.push_str("\\-"),
            '{' if !class && !repeats(rest) => out.push_str("\\{"),
            _ => out.push(letter),
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    out
}

fn escape(escaped: Option<char>, class: bool, plain: &str) -> String {
    let set = match escaped {
        Some('d' | 'D') => "0-9",
        Some('w' | 'W') => "0-9A-Za-z_",
        Some('s' | 'S') => "\\t\\n\\f\\r ",
        Some('b') if !class => return "(?-u:\\b)".to_owned(),
        Some('B') if !class => return "(?-u:\\B)".to_owned(),
        _ => return plain.to_owned(),
    };
    match (escaped, class) {
        (Some('d' | 'w' | 's'), true) => set.to_owned(),
        (Some('d' | 'w' | 's'), false) => format!("[{set}]"),
        _ => format!("[^{set}]"),
    }
}

/// True for `{2}`, `{2,}` and `{2,3}`.
fn repeats(rest: &str) -> bool {
    let inside = rest
        .get(1..)
        .unwrap_or_default()
        .split('}')
        .next()
        .unwrap_or_default();
    let closed = rest.len() > inside.len() + 1;
    let (least, most) = inside.split_once(',').unwrap_or((inside, "0"));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    closed && !least.is_empty() && digits(least) && digits(most)
}

/// The shape of a match: the text, a tuple of the groups, or an object of the named groups.
fn matched(call: &Call, regex: &Regex, found: &Captures<'_>) -> Outcome {
    let group = |at: usize| {
        if let Some(text) = found.get(at) {
            return call.string(text.as_str());
        }
        let mut null = Typed::null(call.at.clone());
        null.data = crate::hcl::typed::Data::Null(Type::String);
        null
    };
    let names: Vec<Option<&str>> = regex.capture_names().skip(1).collect();
    if names.is_empty() {
        return Ok(group(0));
    }
    let with_name = names.iter().flatten().count();
    if with_name == 0 {
        return Ok(Typed::tuple((1..=names.len()).map(group), call.at.clone()));
    }
    if with_name < names.len() {
        let message =
            "invalid regular expression pattern: cannot mix both named and unnamed capture groups";
        return Err(call.wrong_at(0, message));
    }
    let members = names.iter().flatten().enumerate();
    let members = members.map(|(at, name)| ((*name).to_owned(), group(at + 1)));
    Ok(Typed::object(members, call.at.clone()))
}

pub(super) fn regex(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let text = call.text(1);
    let regex = compiled(run, call, 0, &call.text(0), &text)?;
    match regex.captures(&text) {
        Some(found) => matched(call, &regex, &found),
        None => Err(call.wrong("pattern did not match any part of the given string")),
    }
}

pub(super) fn regexall(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let text = call.text(1);
    let regex = compiled(run, call, 0, &call.text(0), &text)?;
    let mut items = Vec::new();
    for found in regex.captures_iter(&text) {
        spend_match(run, call, &text)?;
        items.push(matched(call, &regex, &found)?);
    }
    let of = items.first().map_or(Type::Dynamic, Typed::ty);
    Ok(Typed::sequence(
        SequenceKind::List(of),
        items,
        call.at.clone(),
    ))
}

/// Of a text, or of a pattern between slashes, whose replacement may name groups as `$1` and `${name}`.
pub(super) fn replace(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let (text, what, with) = (call.text(0), call.text(1), call.text(2));
    let between = what
        .strip_prefix('/')
        .and_then(|rest| rest.strip_suffix('/'));
    let result = if let Some(pattern) = between {
        let regex = compiled(run, call, 1, pattern, &text)?;
        let (mut out, mut from) = (String::new(), 0);
        for found in regex.captures_iter(&text) {
            spend_match(run, call, &text)?;
            let all = found.get_match();
            out.push_str(text.get(from..all.start()).unwrap_or_default());
            let before = out.len();
            found.expand(&with, &mut out);
            run.spend_size(out.len() - before, &call.at)?;
            from = all.end();
        }
        out.push_str(text.get(from..).unwrap_or_default());
        out
    } else {
        let count = text.matches(&what).count();
        run.spend_size(count.saturating_mul(with.len()), &call.at)?;
        text.replace(&what, &with)
    };
    run.spend_size(result.len(), &call.at)?;
    Ok(call.string(result))
}

/// A pattern of file names as a regular expression.
pub(super) fn glob(pattern: &str) -> Option<Regex> {
    let mut out = String::from("^");
    let mut depth = 0_usize;
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        let mut length = letter.len_utf8();
        match letter {
            '*' if rest.starts_with("**/") => {
                out.push_str("(?:.*/)?");
                length = 3;
            }
            '*' if rest.starts_with("**") => {
                out.push_str(".*");
                length = 2;
            }
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            '{' => {
                out.push_str("(?:");
                depth += 1;
            }
            '}' if depth > 0 => {
                out.push(')');
                depth -= 1;
            }
            ',' if depth > 0 => out.push('|'),
            '[' => {
                let class = rest.get(1..)?.split(']').next()?;
                let class = class
                    .strip_prefix(['!', '^'])
                    .map_or(class.to_owned(), |it| format!("^{it}"));
                out.extend(["[", &class.replace('[', "\\["), "]"]);
                length = rest.find(']')? + 1;
            }
            '\\' => {
                let next = rest.chars().nth(1)?;
                out.push_str(&regex::escape(&next.to_string()));
                length = 1 + next.len_utf8();
            }
            other => out.push_str(&regex::escape(&other.to_string())),
        }
        rest = rest.get(length..)?;
    }
    out.push('$');
    Regex::new(&out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_writes_patterns_in_its_own_way() {
        let matches =
            |pattern: &str, text: &str| Regex::new(&translated(pattern)).unwrap().is_match(text);
        assert!(!matches(r"^\d$", "٣"));
        assert!(matches(r"^[\d[&&]+$", "1[&"));
        assert!(matches("^a{b{,2}$", "a{b{,2}"));
        assert!(matches("^a{2}$", "aa"));
        assert!(matches("^[[:alpha:]_]+$", "ab_"));
        assert!(matches(r"^\Qa.b\E$", "a.b") && !matches(r"^\Qa.b\E$", "axb"));
        assert!(matches("^[]a]+$", "]a"));
    }

    #[test]
    fn names_of_files_match_patterns() {
        let matches = |pattern: &str, name: &str| glob(pattern).unwrap().is_match(name);
        assert!(matches("**/*.json", "a/b.json") && matches("**/*.json", "b.json"));
        assert!(!matches("*.json", "a/b.json"));
        assert!(matches("{a,b}.t?", "b.tf") && !matches("[!a].x", "a.x"));
    }
}
