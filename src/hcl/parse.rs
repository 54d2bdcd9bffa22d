//! Reads expressions and templates: `hcl_edit`, and what Terraform accepts beyond it.

use std::ops::Range;

use hcl_edit::expr::Expression;
use hcl_edit::parser::{self, Error};
use hcl_edit::template::Template;

use super::mend::mended;

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxProblem {
    /// What is wrong: lower case, without a final period.
    pub message: String,
    /// Where, in bytes of the text.
    pub range: Range<usize>,
}

/// The keys that one text may define twice; each is found by parsing again.
const DUPLICATES: usize = 32;

/// Reads an expression. The places in it are those of `text`, also where `text` had to be rewritten to be read.
///
/// # Errors
/// Where it is no expression for Terraform, or one that `hcl_edit` cannot read.
pub fn parse_expression(text: &str) -> Result<Expression, SyntaxProblem> {
    // An attribute's value may be followed by a newline, as one that ends with a heredoc is.
    lenient(text.trim_end(), false, parser::parse_expr)
}

/// Reads a template, as a file for `templatefile` is one.
///
/// # Errors
/// As [`parse_expression`].
pub fn parse_template(text: &str) -> Result<Template, SyntaxProblem> {
    lenient(text, true, parser::parse_template)
}

fn lenient<T>(
    text: &str,
    template: bool,
    parse: impl Fn(&str) -> Result<T, Error>,
) -> Result<T, SyntaxProblem> {
    let first = match parse(text) {
        Ok(parsed) => return Ok(parsed),
        Err(error) => error,
    };
    let mut attempt = mended(text, template);
    for round in 0..DUPLICATES {
        match parse(&attempt) {
            Ok(parsed) => return Ok(parsed),
            Err(error) => match renamed(&attempt, &error, round) {
                Some(next) => attempt = next,
                None if attempt == text => break,
                None => return Err(problem(&error)),
            },
        }
    }
    Err(problem(&first))
}

fn problem(error: &Error) -> SyntaxProblem {
    let offset = error.location().offset();
    SyntaxProblem {
        message: error.message().replace('\n', "; "),
        range: offset..offset + 1,
    }
}

/// Terraform lets an object name a key twice, and the last one counts: the second gets another name of the same length.
fn renamed(text: &str, error: &Error, round: usize) -> Option<String> {
    if !error.message().contains("redefined object key") {
        return None;
    }
    let start = error.location().offset();
    let rest = text.get(start..)?;
    let quote = usize::from(rest.starts_with('"'));
    let word = |letter: &char| letter.is_ascii_alphanumeric() || "_-".contains(*letter);
    let name: String = rest.chars().skip(quote).take_while(word).collect();
    if name.is_empty() {
        return None;
    }
    // Letters that spell the number of the round, from the end: unlike any key of the text, or the next round changes it again.
    let mut number = round;
    let mut other = Vec::with_capacity(name.len());
    for _ in 0..name.len() {
        other.push(b'A' + u8::try_from(number % 26).unwrap_or(0));
        number /= 26;
    }
    let other = String::from_utf8(other).ok()?;
    let from = start + quote;
    let mut out = text.to_owned();
    out.replace_range(from..from + name.len(), &other);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_terraform_accepts_is_read() {
        for text in [
            "1e400",
            "{ for k in [\"a\"] : k => true ? \"x\" :\n  \"y\" }",
            "{ a = 1, a = 2, \"a\" = 3 }",
            "{ Condition = { x = 1 }\n Condition = { y = 1 } }",
            "{ a = <<X\nv\nX\n, b = 2 }",
            "<<X\nv\nX\n",
        ] {
            assert!(parse_expression(text).is_ok(), "{text}");
        }
        let problem = parse_expression("[1,\n 2 3]").unwrap_err();
        assert_eq!(problem.range.start, 7);
        assert!(parse_template("a ${1e400} b").is_ok());
    }
}
