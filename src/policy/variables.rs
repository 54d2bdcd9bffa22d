//! Texts of a policy, compiled once: wildcards, policy variables, symbols and holes.
//!
//! Policy variables (IAM User Guide, policy variables and tags): `${key}` and `${key, 'default'}` in `Resource` and in string and ARN conditions, and
//! `${*}`, `${?}`, `${$}` for the characters themselves; only in Version 2012-10-17, otherwise the text is literal. What a variable holds is literal.

use super::pattern::{Colons, Token, divide, glob, is_documented};
use super::work::of_lengths;
use crate::value::{PartKind, SymbolId, Text};

/// How a text of a policy is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Syntax {
    /// `*` and `?` are wildcards.
    pub wildcards: bool,
    /// How wildcards meet colons.
    pub colons: Colons,
    /// Compared without regard to case.
    pub folded: bool,
    /// `${...}` is a policy variable.
    pub variables: bool,
}

impl Syntax {
    /// Compared letter by letter.
    pub(super) const EXACT: Syntax = Syntax {
        wildcards: false,
        colons: Colons::Plain,
        folded: false,
        variables: false,
    };
    /// An action: wildcards, no regard to case.
    pub(super) const ACTION: Syntax = Syntax {
        wildcards: true,
        colons: Colons::Plain,
        folded: true,
        variables: false,
    };
}

/// A text of a policy, compiled.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    /// As it was written.
    pub text: Text,
    /// How it is read.
    pub syntax: Syntax,
    /// What it was compiled to.
    pub form: Form,
}

/// What a text was compiled to.
#[derive(Clone, Debug)]
pub(super) enum Form {
    /// Known, no wildcard.
    Exact(Box<str>),
    /// `*`
    All,
    /// Known, with wildcards. AWS documents no ARN pattern of fewer than six segments: `short`.
    Glob {
        /// The pattern.
        tokens: Box<[Token]>,
        /// An ARN pattern of fewer than six segments.
        short: bool,
    },
    /// It holds variables, symbols or holes: resolved for each request.
    Pieces(Box<[Piece]>),
}

/// A piece of a text that is not known before the request.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// A letter or wildcard.
    Token(Token),
    /// `${key}` or `${key, 'default'}`
    Variable(Box<Variable>),
}

/// A policy variable.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    /// The context key, lower-cased.
    pub key: String,
    /// The text that stands in where the request lacks the key.
    pub default: Option<String>,
}

impl Pattern {
    /// Compiles a text.
    pub(super) fn new(text: &Text, syntax: Syntax) -> Self {
        Pattern {
            text: text.clone(),
            syntax,
            form: compile(text, syntax),
        }
    }

    /// The symbol, where the text is nothing else.
    pub(super) fn as_symbol(&self) -> Option<SymbolId> {
        match self.text.parts() {
            [part] => match part.kind {
                PartKind::Symbol(id) => Some(id),
                _ => None,
            },
            _ => None,
        }
    }

    /// What it costs at most to match a known text.
    pub(super) fn cost(&self, text: &str) -> usize {
        match &self.form {
            Form::Exact(_) | Form::All => 1,
            Form::Glob { tokens, .. } => of_lengths(tokens.len(), text.len()),
            Form::Pieces(pieces) => of_lengths(pieces.len(), text.len()),
        }
    }

    /// Whether it matches a known text; none where the request has to be asked first.
    pub(super) fn matches(&self, text: &str) -> Option<bool> {
        match &self.form {
            Form::Exact(wanted) if self.syntax.folded => Some(
                wanted.eq_ignore_ascii_case(text)
                    || (!(text.is_ascii() && wanted.is_ascii())
                        && text
                            .chars()
                            .map(super::pattern::fold)
                            .eq(wanted.chars().map(super::pattern::fold))),
            ),
            Form::Exact(wanted) => Some(**wanted == *text),
            Form::All => Some(true),
            Form::Glob {
                tokens,
                short: false,
            } => Some(glob(tokens, text, self.syntax.folded)),
            Form::Glob { short: true, .. } | Form::Pieces(_) => None,
        }
    }

    /// The pieces of a text that is not known before the request; none of another.
    pub(super) fn pieces(&self) -> &[Piece] {
        match &self.form {
            Form::Pieces(pieces) => pieces,
            _ => &[],
        }
    }

    /// The keys of its variables.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.pieces().iter().filter_map(|piece| match piece {
            Piece::Variable(variable) => Some(variable.key.as_str()),
            Piece::Token(_) => None,
        })
    }
}

fn compile(text: &Text, syntax: Syntax) -> Form {
    let pieces = pieces(text, syntax);
    let tokens: Option<Vec<Token>> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Token(token @ (Token::Char(_) | Token::Any { .. } | Token::One { .. })) => {
                Some(*token)
            }
            _ => None,
        })
        .collect();
    let Some(mut tokens) = tokens else {
        return Form::Pieces(pieces.into());
    };
    divide(&mut tokens, syntax.colons, None);
    let exact: Option<String> = tokens
        .iter()
        .map(|token| match token {
            Token::Char(letter) => Some(*letter),
            _ => None,
        })
        .collect();
    match exact {
        Some(exact) => Form::Exact(exact.into()),
        None if matches!(tokens.as_slice(), [Token::Any { within: false }]) => Form::All,
        None => Form::Glob {
            short: !is_documented(&tokens, syntax.colons),
            tokens: tokens.into(),
        },
    }
}

/// The letters, wildcards, variables and symbols of a text.
fn pieces(text: &Text, syntax: Syntax) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut known = String::new();
    let mut colons = 0;
    for part in text.parts() {
        let token = match &part.kind {
            PartKind::Literal(text) => {
                known.push_str(text);
                continue;
            }
            PartKind::Symbol(id) => Token::Symbol {
                id: *id,
                wild: syntax.wildcards,
            },
            PartKind::Hole(_) => Token::Hole,
        };
        read(&known, syntax, &mut colons, &mut out);
        known.clear();
        out.push(Piece::Token(token));
    }
    read(&known, syntax, &mut colons, &mut out);
    out
}

/// Reads known text. In a `Resource` variables are allowed in the sixth segment only.
pub(super) fn read(known: &str, syntax: Syntax, colons: &mut usize, out: &mut Vec<Piece>) {
    let mut rest = known;
    while let Some(letter) = rest.chars().next() {
        let allowed = syntax.variables && (syntax.colons != Colons::Resource || *colons >= 5);
        if allowed && let Some((piece, after)) = variable(rest) {
            out.push(piece);
            rest = after;
            continue;
        }
        *colons += usize::from(letter == ':');
        out.push(Piece::Token(match letter {
            '*' if syntax.wildcards => Token::Any { within: false },
            '?' if syntax.wildcards => Token::One { within: false },
            other => Token::Char(other),
        }));
        rest = rest.get(letter.len_utf8()..).unwrap_or_default();
    }
}

/// A variable at the start of the text, and what follows it. A brace that is never closed is literal text.
fn variable(text: &str) -> Option<(Piece, &str)> {
    let (inner, after) = text.strip_prefix("${")?.split_once('}')?;
    let letter = match inner {
        "*" | "?" | "$" => inner.chars().next(),
        _ => None,
    };
    if let Some(letter) = letter {
        return Some((Piece::Token(Token::Char(letter)), after));
    }
    let (key, default) = match inner.split_once(',') {
        Some((key, default)) => {
            let default = default.trim().strip_prefix('\'')?.strip_suffix('\'')?;
            (key, Some(default.to_owned()))
        }
        None => (inner, None),
    };
    let piece = Piece::Variable(Box::new(Variable {
        key: key.to_ascii_lowercase(),
        default,
    }));
    Some((piece, after))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::source::{Origin, Span};

    fn pattern(text: &str, variables: bool) -> Pattern {
        let text = Text::literal(text, Origin::new(Span { start: 0, end: 0 }));
        Pattern::new(
            &text,
            Syntax {
                wildcards: true,
                colons: Colons::Plain,
                folded: false,
                variables,
            },
        )
    }

    #[test]
    fn special_variables_are_the_characters_themselves() {
        assert_eq!(pattern("a${*}b", true).matches("a*b"), Some(true));
        assert_eq!(pattern("a${*}b", true).matches("axb"), Some(false));
        assert_eq!(pattern("a${$}b", true).matches("a$b"), Some(true));
    }

    #[test]
    fn a_variable_waits_for_the_request_and_is_text_in_the_old_version() {
        let new = pattern("${AWS:username, 'x'}/*", true);
        assert_eq!(new.matches("x/"), None);
        assert_eq!(new.keys().collect::<Vec<_>>(), ["aws:username"]);
        assert_eq!(
            pattern("${aws:username}", false).matches("${aws:username}"),
            Some(true)
        );
    }

    #[test]
    fn a_brace_that_is_not_closed_is_text() {
        assert_eq!(pattern("a${b", true).matches("a${b"), Some(true));
    }

    #[test]
    fn letters_are_folded_whatever_their_alphabet() {
        let matches = |wanted: &str, text: &str| {
            let wanted = Text::literal(wanted, Origin::new(Span { start: 0, end: 0 }));
            let syntax = Syntax {
                wildcards: false,
                colons: Colons::Plain,
                folded: true,
                variables: false,
            };
            Pattern::new(&wanted, syntax).matches(text)
        };
        for (wanted, text, expected) in [
            ("Abc", "aBC", true),
            ("\u{c9}t\u{e9}", "\u{e9}T\u{c9}", true),
            ("\u{c9}t\u{e9}", "ete", false),
            ("abc", "ab", false),
            // The Kelvin sign is a `k` in lower case.
            ("k", "\u{212A}", true),
            ("\u{212A}", "k", true),
        ] {
            assert_eq!(matches(wanted, text), Some(expected), "{wanted} {text}");
        }
    }

    /// `${...}` stands for a value in the last segment of a resource alone; before it, it is text.
    #[test]
    fn a_variable_of_a_resource_stands_in_its_last_segment() {
        let keys = |text: &str| {
            let text = Text::literal(text, Origin::new(Span { start: 0, end: 0 }));
            let pattern = Pattern::new(&text, Syntax::resource(true));
            pattern.keys().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(
            keys("arn:aws:kms:us-east-1:111122223333:key/${aws:username}"),
            ["aws:username"]
        );
        assert!(keys("arn:aws:kms:us-east-1:${aws:PrincipalAccount}:key/1").is_empty());
        assert!(keys("${aws:username}").is_empty());
    }
}
