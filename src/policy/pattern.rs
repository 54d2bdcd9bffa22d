//! Patterns with `*` and `?`, and how a text meets one.
//!
//! Both sides are sequences of [`Token`]s, so that one matcher serves actions, resources, principals and the string and ARN operators. A text that
//! is wholly known takes the fast path [`glob`]; a text with symbols is compared three-valued by [`sure`] and [`possible`].

use crate::value::{Nature, Shape, Symbol, SymbolId, Symbols};

/// One letter of a text or a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Token {
    /// A known character.
    Char(char),
    /// `*`; `within` where it stays inside one segment of an ARN.
    Any {
        /// It does not cross a colon.
        within: bool,
    },
    /// `?`; `within` where it is no colon.
    One {
        /// It is no colon.
        within: bool,
    },
    /// Unknown text with a name; `wild` where the text is read as a pattern, so that it may hold wildcards of its own.
    Symbol {
        /// Its name.
        id: SymbolId,
        /// It may hold wildcards.
        wild: bool,
    },
    /// Unknown text without a name.
    Hole,
}

impl Token {
    /// The token, crossing colons where it is a wildcard.
    pub(super) fn loose(self) -> Self {
        match self {
            Token::Any { .. } => Token::Any { within: false },
            Token::One { .. } => Token::One { within: false },
            other => other,
        }
    }
}

/// How wildcards of a pattern meet colons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Colons {
    /// They are letters like any other: the string operators, actions, principals.
    Plain,
    /// The ARN operators: the first five colons divide, and no wildcard before the fifth crosses one (IAM User Guide, condition operators, ARN).
    Divide,
    /// `Resource`: a `*` at the end of a segment may reach beyond it, another may not (IAM User Guide, JSON policy elements: Resource).
    Resource,
}

/// The fold of the case-insensitive comparisons.
pub(super) fn fold(letter: char) -> char {
    let mut lower = letter.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => letter,
    }
}

fn same(left: char, right: char, folded: bool) -> bool {
    left == right || (folded && fold(left) == fold(right))
}

/// Marks which wildcards of a pattern stay within a segment. Returns false where an unknown text before one of them may hold colons, so that
/// the marks are not certain.
pub(super) fn divide(tokens: &mut [Token], colons: Colons, symbols: Option<&Symbols>) -> bool {
    if colons == Colons::Plain {
        return true;
    }
    let (mut seen, mut certain) = (0, true);
    for at in 0..tokens.len() {
        let ends_segment = colons == Colons::Resource && ends_segment(tokens, at);
        match tokens.get_mut(at) {
            Some(Token::Char(':')) => seen += 1,
            Some(Token::Any { within }) => *within = seen < 5 && !ends_segment,
            Some(Token::One { within }) => *within = seen < 5,
            Some(Token::Symbol { id, wild }) => {
                let shape = symbols.map_or(Shape::Text, |symbols| symbols.get(*id).shape);
                if shape == Shape::Arn {
                    seen += 5;
                } else if *wild || may_hold(shape, ':') {
                    certain &= seen >= 5;
                }
            }
            Some(Token::Hole) => certain &= seen >= 5,
            Some(Token::Char(_)) | None => {}
        }
    }
    certain
}

fn ends_segment(tokens: &[Token], at: usize) -> bool {
    tokens
        .get(at..)
        .unwrap_or_default()
        .iter()
        .find(|token| !matches!(token, Token::Any { .. }))
        .is_none_or(|token| *token == Token::Char(':'))
}

/// False for an ARN pattern with wildcards and fewer than six segments: AWS does not document what it matches. An unknown part may hold the
/// segments that are missing.
pub(super) fn is_documented(tokens: &[Token], colons: Colons) -> bool {
    let wild = |token: &Token| matches!(token, Token::Any { .. } | Token::One { .. });
    let unknown = |token: &Token| matches!(token, Token::Symbol { .. } | Token::Hole);
    let colon = |token: &&Token| **token == Token::Char(':');
    colons != Colons::Divide
        || !tokens.iter().any(wild)
        || tokens.iter().any(unknown)
        || tokens.iter().filter(colon).count() >= 5
}

/// Where the matcher resumes after a failure: behind a `*`, at a place of the text.
#[derive(Clone, Copy)]
struct Resume {
    pattern: usize,
    text: usize,
}

/// Whether a known pattern matches a known text. Backtracks to the last `*` only, so the time is bounded by the product of the lengths.
pub(super) fn glob(pattern: &[Token], text: &str, folded: bool) -> bool {
    glob_in_steps(pattern, text, folded, || ())
}

/// [`glob`], with a call for each step.
fn glob_in_steps(pattern: &[Token], text: &str, folded: bool, mut step: impl FnMut()) -> bool {
    let letter_at = |at: usize| text.get(at..).and_then(|rest| rest.chars().next());
    let (mut p, mut t) = (0, 0);
    let mut inner: Option<Resume> = None;
    let mut outer: Option<Resume> = None;
    loop {
        step();
        let letter = letter_at(t);
        match (pattern.get(p), letter) {
            (None, None) => return true,
            (Some(Token::Any { within }), _) => {
                p += 1;
                let resume = Some(Resume {
                    pattern: p,
                    text: t,
                });
                if *within {
                    inner = resume;
                } else {
                    (inner, outer) = (None, resume);
                }
                continue;
            }
            (Some(Token::One { within }), Some(letter)) if !(*within && letter == ':') => {
                p += 1;
                t += letter.len_utf8();
                continue;
            }
            (Some(Token::Char(wanted)), Some(letter)) if same(*wanted, letter, folded) => {
                p += 1;
                t += letter.len_utf8();
                continue;
            }
            _ => {}
        }
        let inner_step = inner.and_then(|resume| {
            letter_at(resume.text)
                .filter(|letter| *letter != ':')
                .map(|letter| (resume, letter))
        });
        if let Some((resume, letter)) = inner_step {
            let next = Resume {
                text: resume.text + letter.len_utf8(),
                ..resume
            };
            inner = Some(next);
            (p, t) = (next.pattern, next.text);
        } else if let Some((resume, letter)) =
            outer.and_then(|resume| letter_at(resume.text).map(|letter| (resume, letter)))
        {
            let next = Resume {
                text: resume.text + letter.len_utf8(),
                ..resume
            };
            (inner, outer) = (None, Some(next));
            (p, t) = (next.pattern, next.text);
        } else {
            return false;
        }
    }
}

/// Whether a symbol of this shape can hold the character.
pub(super) fn may_hold(shape: Shape, letter: char) -> bool {
    match shape {
        Shape::Account => letter.is_ascii_digit(),
        Shape::Region | Shape::Partition => {
            letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-'
        }
        Shape::Id => letter.is_ascii_alphanumeric() || letter == '-',
        Shape::Name => !matches!(letter, '*' | '?' | ':' | '"') && !letter.is_whitespace(),
        Shape::Arn => !matches!(letter, '*' | '?' | '"'),
        Shape::Number => letter.is_ascii_digit() || matches!(letter, '-' | '+' | '.'),
        Shape::Time => letter.is_ascii_alphanumeric() || matches!(letter, '-' | '+' | '.' | ':'),
        Shape::Ip => letter.is_ascii_hexdigit() || matches!(letter, '.' | ':' | '/'),
        Shape::Bool => "truefalse".contains(letter),
        Shape::Text | Shape::Rest | Shape::Presence => true,
    }
}

/// How many texts a symbol of this shape can stand for, in some order: the narrow are tried before the wide, as fewer are tried then.
pub(super) fn width(shape: Shape) -> u8 {
    match shape {
        Shape::Presence => 0,
        Shape::Bool => 1,
        // The partition stands before the account in every ARN, and has few values: with it the account's are found.
        Shape::Partition => 2,
        Shape::Account | Shape::Region => 3,
        Shape::Id | Shape::Number | Shape::Time | Shape::Ip => 4,
        Shape::Name => 5,
        Shape::Arn => 6,
        Shape::Text => 7,
        Shape::Rest => 8,
    }
}

/// True where texts of this shape may be empty.
pub(super) fn may_be_empty(shape: Shape) -> bool {
    matches!(shape, Shape::Text | Shape::Rest)
}

/// True where a subject and a pattern begin or end with letters that differ, whatever stands between: most of a long list of names is told apart
/// by that alone.
pub(super) fn differ(
    subject: &[Token],
    pattern: &[Token],
    folded: bool,
    symbols: &Symbols,
) -> bool {
    // An unknown text on both sides is the same text on both.
    let apart = |(left, right): (&Token, &Token)| {
        let differ = !surely_same(*left, *right, folded, symbols);
        differ.then_some(matches!((left, right), (Token::Char(_), Token::Char(_))))
    };
    let forth = subject.iter().zip(pattern).find_map(apart);
    let back = subject.iter().rev().zip(pattern.iter().rev());
    forth == Some(true) || back.into_iter().find_map(apart) == Some(true)
}

/// True where every text that the subject can be surely matches: symbols are single letters that equal themselves, and `*` takes any of them.
pub(super) fn sure(subject: &[Token], pattern: &[Token], folded: bool, symbols: &Symbols) -> bool {
    // The places of the subject that are reached behind the pattern so far, and the first and last of them.
    let mut reached = vec![false; subject.len() + 1];
    let (mut first, mut last) = (0, 0);
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    for token in pattern {
        if let Token::Any { within } = token {
            let mut running = false;
            for (at, slot) in reached.iter_mut().enumerate().skip(first) {
                running |= *slot;
                *slot = running;
                if running {
                    last = last.max(at);
                } else if at >= last {
                    break;
                }
                running &= subject
                    .get(at)
                    .is_some_and(|letter| !within || never_colon(*letter, symbols));
            }
            continue;
        }
        // From the end, so that each place is read before it is written.
        for at in (first..=last).rev() {
            let next = reached.get(at).is_some_and(|here| *here)
                && subject
                    .get(at)
                    .is_some_and(|letter| surely_same(*letter, *token, folded, symbols));
            if let Some(slot) = reached.get_mut(at + 1) {
                *slot = next;
            }
        }
        if let Some(slot) = reached.get_mut(first) {
            *slot = false;
        }
        let is_reached = |at: &usize| reached.get(*at).is_some_and(|here| *here);
        let mut places = first..=(last + 1).min(subject.len());
        let Some(low) = places.clone().find(is_reached) else {
            return false;
        };
        (first, last) = (low, places.rfind(is_reached).unwrap_or(low));
    }
    reached.last().copied().unwrap_or(false)
}

fn never_colon(letter: Token, symbols: &Symbols) -> bool {
    match letter {
        Token::Char(letter) => letter != ':',
        Token::Symbol { id, .. } => !may_hold(symbols.get(id).shape, ':'),
        _ => false,
    }
}

fn surely_same(letter: Token, token: Token, folded: bool, symbols: &Symbols) -> bool {
    match (letter, token) {
        (Token::Char(letter), Token::Char(wanted)) => same(wanted, letter, folded),
        (Token::Char(letter), Token::One { within }) => !(within && letter == ':'),
        (Token::Symbol { id, .. }, Token::Symbol { id: other, wild }) => {
            id == other && !wild && symbols.get(id).shape != Shape::Rest
        }
        _ => false,
    }
}

/// Pairs of places in a subject and a pattern that are looked at: of longer ones than any name or ARN nothing is said.
const STATES: usize = 1 << 22;

/// False where no text of the symbols' shapes can match. It may say true of texts that hang together, never false of one that matches.
pub(super) fn possible(
    subject: &[Token],
    pattern: &[Token],
    folded: bool,
    symbols: &Symbols,
) -> bool {
    let width = pattern.len() + 1;
    let states = (subject.len() + 1).saturating_mul(width);
    if states > STATES {
        return true;
    }
    // For each pair whether it was reached (1), and whether with a fresh text begun that a wildcard took a letter of (2).
    let mut seen = vec![0_u8; states];
    let mut open = vec![(0, 0, false)];
    while let Some((s, p, taken)) = open.pop() {
        let way = 1 << u8::from(taken);
        match seen.get_mut(s * width + p) {
            Some(ways) if *ways & way == 0 => *ways |= way,
            _ => continue,
        }
        let (left, right) = (subject.get(s).copied(), pattern.get(p).copied());
        let (Some(left), Some(right)) = (left, right) else {
            match (left, right) {
                (Some(left), _) if may_vanish(left, symbols) => open.push((s + 1, p, false)),
                (_, Some(right)) if may_be_skipped(right, symbols) => {
                    open.push((s, p + 1, false));
                }
                (None, None) => return true,
                _ => {}
            }
            continue;
        };
        if may_vanish(left, symbols) {
            open.push((s + 1, p, taken));
        }
        if may_be_skipped(right, symbols) {
            open.push((s, p + 1, taken));
        }
        if left == right && is_run(left) && !taken {
            open.push((s + 1, p + 1, false));
        }
        if !share_a_letter(left, right, folded, symbols) {
            continue;
        }
        let fresh = [left, right].map(|token| fresh(token, symbols).is_some());
        let taken =
            fresh.contains(&true) && (taken || [left, right].iter().any(|it| is_wildcard(*it)));
        let stays = [
            is_run(left),
            is_run(right) || matches!(right, Token::Any { .. }),
        ];
        let next = |side: usize, stays: bool| if stays { side } else { side + 1 };
        open.push((next(s, stays[0]), next(p, stays[1]), taken));
        // What is fresh ends here, where a wildcard took part of it: else it would be a literal.
        match fresh {
            [true, _] if taken => open.push((s + 1, next(p, stays[1]), false)),
            [_, true] if taken => open.push((next(s, stays[0]), p + 1, false)),
            _ => {}
        }
    }
    false
}

/// True where a token may stand for no letter at all. A fresh identifier never does.
fn may_vanish(token: Token, symbols: &Symbols) -> bool {
    is_run(token) && fresh(token, symbols).is_none()
}

fn may_be_skipped(token: Token, symbols: &Symbols) -> bool {
    may_vanish(token, symbols) || matches!(token, Token::Any { .. })
}

fn is_run(token: Token) -> bool {
    matches!(token, Token::Symbol { .. } | Token::Hole)
}

/// True for what takes letters that nobody wrote.
fn is_wildcard(token: Token) -> bool {
    !matches!(token, Token::Char(_) | Token::Symbol { wild: false, .. })
}

/// The shape of a fresh identifier.
fn fresh(token: Token, symbols: &Symbols) -> Option<Shape> {
    match token {
        Token::Symbol { id, wild: false } => {
            let symbol = symbols.get(id);
            (symbol.nature == Nature::Fresh).then_some(symbol.shape)
        }
        _ => None,
    }
}

/// Which single letters a token can stand for.
#[derive(Clone, Copy)]
enum Letters {
    One(char),
    All,
    NoColon,
    Shape(Shape),
    /// Letters of a fresh identifier, which equals nothing that is written.
    Fresh(Shape),
}

fn letters(token: Token, symbols: &Symbols) -> Letters {
    match token {
        Token::Char(letter) => Letters::One(letter),
        Token::Any { within: true } | Token::One { within: true } => Letters::NoColon,
        Token::Any { .. } | Token::One { .. } | Token::Hole | Token::Symbol { wild: true, .. } => {
            Letters::All
        }
        Token::Symbol { id, .. } => match fresh(token, symbols) {
            Some(shape) => Letters::Fresh(shape),
            None => Letters::Shape(symbols.get(id).shape),
        },
    }
}

fn share_a_letter(left: Token, right: Token, folded: bool, symbols: &Symbols) -> bool {
    match (letters(left, symbols), letters(right, symbols)) {
        (Letters::Fresh(_), Letters::Fresh(_) | Letters::Shape(_))
        | (Letters::Shape(_), Letters::Fresh(_)) => false,
        (Letters::Fresh(shape), Letters::One(letter))
        | (Letters::One(letter), Letters::Fresh(shape)) => {
            may_be_drawn(shape, if folded { fold(letter) } else { letter })
        }
        (Letters::One(left), Letters::One(right)) => same(left, right, folded),
        (Letters::One(letter), Letters::NoColon) | (Letters::NoColon, Letters::One(letter)) => {
            letter != ':'
        }
        (Letters::One(letter), Letters::Shape(shape))
        | (Letters::Shape(shape), Letters::One(letter)) => {
            // No shape holds a capital letter without the small one.
            may_hold(shape, letter) || (folded && may_hold(shape, fold(letter)))
        }
        _ => true,
    }
}

/// True for a fresh text of which a pattern may take some and leave others, so that these are cases: the account and the organization of a
/// stranger. Of an id nobody could say which it is.
pub(super) fn is_told_apart(symbol: &Symbol) -> bool {
    let told_apart = matches!(symbol.shape, Shape::Account | Shape::Name | Shape::Text);
    symbol.nature == Nature::Fresh && told_apart
}

/// Whether a fresh identifier can hold the character: the id of a new key is a UUID, or `mrk-` and one without hyphens (KMS Developer Guide,
/// key identifiers), and an address of AWS's own is in no range that anybody writes.
fn may_be_drawn(shape: Shape, letter: char) -> bool {
    match shape {
        Shape::Id => matches!(letter, '0'..='9' | 'a'..='f' | '-' | 'm' | 'r' | 'k'),
        Shape::Ip => false,
        other => may_hold(other, letter),
    }
}

/// The characters of a known text as tokens.
pub(super) fn characters(text: &str) -> impl Iterator<Item = Token> + '_ {
    text.chars().map(Token::Char)
}

#[cfg(test)]
mod tests;
