//! Which texts of one symbol a comparison accepts, as an automaton over the symbol's letters.
//!
//! A comparison of a text that holds the symbol with a pattern (or of a text with a pattern that holds it) reads the symbol's text from left to
//! right and remembers the places of the other side that it may have come to.

use super::pattern::{Colons, Token, divide, fold, is_documented, may_hold};
use crate::value::{Nature, SymbolId, Symbols};

/// A set of places.
type Places = Vec<bool>;

/// One comparison, seen from a symbol.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent facts of a comparison"
)]
pub(super) struct Tracker<'a> {
    symbols: &'a Symbols,
    /// The other side.
    pub(super) track: Vec<Token>,
    /// What stands around the occurrences of the symbol, in order.
    pub(super) around: Vec<Vec<Token>>,
    /// The symbol stands in the pattern, and the track is the text.
    in_pattern: bool,
    /// The symbol's text may hold wildcards.
    pub(super) wild: bool,
    colons: Colons,
    pub(super) folded: bool,
    /// False where the other side holds the symbol too: the automaton then accepts too much.
    pub exact: bool,
}

/// Where a tracker has come to: for each place it may have started from, the places it may be at; and the colons read so far.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) rows: Vec<Places>,
    pub(super) colons: usize,
    /// A wildcard was read in what is still too short an ARN pattern.
    pub(super) wildcard: bool,
}

/// What AWS documents of the whole pattern that a state has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// It has what it needs, or is no ARN pattern.
    Whole,
    /// Fewer than six segments and no wildcard: a text that equals itself alone.
    Short,
    /// Fewer than six segments with a wildcard, which AWS does not document.
    Undocumented,
}

impl<'a> Tracker<'a> {
    /// The comparison of `subject` with `pattern` as seen from a symbol, which one of them holds.
    pub(super) fn new(
        id: SymbolId,
        subject: &[Token],
        pattern: &[Token],
        (colons, folded): (Colons, bool),
        symbols: &'a Symbols,
    ) -> Self {
        let is_it =
            |token: &Token| matches!(token, Token::Symbol { id: other, .. } if *other == id);
        let in_subject = subject.iter().any(is_it);
        let in_pattern = pattern.iter().any(is_it);
        let (track, holder) = if in_subject {
            (pattern, subject)
        } else {
            (subject, pattern)
        };
        let wild = holder
            .iter()
            .any(|token| is_it(token) && matches!(token, Token::Symbol { wild: true, .. }));
        let mut track = track.to_vec();
        // One that is not documented keeps its wildcards as wide as they can be: what it might match is a case of its own.
        if in_subject && is_documented(&track, colons) {
            divide(&mut track, colons, Some(symbols));
        }
        Tracker {
            symbols,
            track,
            around: holder.split(is_it).map(<[Token]>::to_vec).collect(),
            in_pattern: !in_subject,
            wild,
            colons,
            folded,
            exact: !(in_subject && in_pattern),
        }
    }

    /// The letters that both sides are made of.
    pub(super) fn letters(&self) -> impl Iterator<Item = char> + '_ {
        let tokens = self.track.iter().chain(self.around.iter().flatten());
        let known = tokens.filter_map(|token| match token {
            Token::Char(letter) => Some(*letter),
            _ => None,
        });
        let extra: &[char] = match (self.wild, self.colons) {
            (true, Colons::Plain) => &['*', '?'],
            (true, _) => &['*', '?', ':'],
            (false, Colons::Plain) => &[],
            (false, _) => &[':'],
        };
        known.chain(extra.iter().copied())
    }

    /// True where the symbol is told apart by more than single texts.
    pub(super) fn has_wildcards(&self) -> bool {
        let tokens = self.track.iter().chain(self.around.iter().flatten());
        self.wild
            || tokens
                .into_iter()
                .any(|token| !matches!(token, Token::Char(_)))
    }

    pub(super) fn start(&self) -> State {
        let mut first = vec![false; self.track.len() + 1];
        if let Some(slot) = first.first_mut() {
            *slot = true;
        }
        let mut colons = 0;
        let before = self.around.first().map_or(&[][..], Vec::as_slice);
        let start = self.run(self.rest(first), before, &mut colons);
        let rows = if self.around.len() == 2 {
            vec![start]
        } else {
            // The symbol occurs again: what it reads is remembered from every place.
            (0..=self.track.len())
                .map(|at| {
                    let mut row = vec![false; self.track.len() + 1];
                    if let Some(slot) = row.get_mut(at) {
                        *slot = true;
                    }
                    self.rest(row)
                })
                .collect()
        };
        State {
            rows,
            colons,
            wildcard: false,
        }
    }

    pub(super) fn step(&self, state: &State, letter: char) -> State {
        let token = match letter {
            '*' if self.wild => Token::Any { within: false },
            '?' if self.wild => Token::One { within: false },
            other => Token::Char(other),
        };
        let mut colons = state.colons;
        let rows = state
            .rows
            .iter()
            .map(|row| {
                colons = state.colons;
                self.read(row, token, &mut colons)
            })
            .collect();
        let is_wildcard = self.in_pattern && matches!(token, Token::Any { .. } | Token::One { .. });
        State {
            rows,
            colons: colons.min(5),
            wildcard: self.colons == Colons::Divide
                && colons < 5
                && (state.wildcard || is_wildcard),
        }
    }

    pub(super) fn accepts(&self, state: &State) -> bool {
        let mut colons = state.colons;
        let behind = self.around.get(1..).unwrap_or_default();
        if let ([row], [last]) = (state.rows.as_slice(), behind) {
            let end = self.run(row.clone(), last, &mut colons);
            return end.last().copied().unwrap_or(false);
        }
        let mut start = vec![false; self.track.len() + 1];
        if let Some(slot) = start.first_mut() {
            *slot = true;
        }
        let mut colons = 0;
        let before = self.around.first().map_or(&[][..], Vec::as_slice);
        let mut at = self.run(self.rest(start), before, &mut colons);
        for piece in behind {
            let mut next = vec![false; self.track.len() + 1];
            for (from, row) in at.iter().zip(&state.rows) {
                if *from {
                    for (slot, reached) in next.iter_mut().zip(row) {
                        *slot |= reached;
                    }
                }
            }
            at = self.run(self.rest(next), piece, &mut colons);
        }
        at.last().copied().unwrap_or(false)
    }

    /// Whether the whole ARN pattern would have fewer than six segments.
    pub(super) fn length(&self, state: &State) -> Length {
        if !self.in_pattern || self.colons != Colons::Divide {
            return Length::Whole;
        }
        let mut colons = state.colons;
        for token in self.around.get(1..).unwrap_or_default().iter().flatten() {
            match token {
                Token::Char(':') => colons += 1,
                // Another unknown text may hold the missing ones.
                Token::Symbol { .. } | Token::Hole => colons += 5,
                _ => {}
            }
        }
        let mut around = self.around.iter().flatten();
        if colons >= 5 {
            Length::Whole
        } else if state.wildcard || around.any(|it| !matches!(it, Token::Char(_))) {
            Length::Undocumented
        } else {
            Length::Short
        }
    }

    /// Reads known tokens of the symbol's own side.
    fn run(&self, mut places: Places, tokens: &[Token], colons: &mut usize) -> Places {
        for token in tokens {
            places = self.read(&places, *token, colons);
        }
        places
    }

    fn read(&self, places: &Places, token: Token, colons: &mut usize) -> Places {
        if self.in_pattern {
            let within = self.colons == Colons::Divide && *colons < 5;
            let token = match token {
                Token::Any { .. } => Token::Any { within },
                Token::One { .. } => Token::One { within },
                other => other,
            };
            *colons += usize::from(token == Token::Char(':'));
            self.read_pattern(places, token)
        } else {
            self.read_text(places, token)
        }
    }

    /// The symbol stands in the text; the track is the pattern.
    fn read_text(&self, places: &Places, token: Token) -> Places {
        match token {
            Token::Symbol { .. } | Token::Hole => {
                self.often(places, |all| self.forward(all, token))
            }
            _ => self.rest(self.forward(places, token)),
        }
    }

    /// One letter (or any one letter of a symbol) of the text against every place of the pattern.
    fn forward(&self, places: &Places, letter: Token) -> Places {
        let mut next = vec![false; places.len()];
        for (at, _) in places.iter().enumerate().filter(|(_, here)| **here) {
            let Some(token) = self.track.get(at) else {
                continue;
            };
            if !self.shares(letter, *token) {
                continue;
            }
            let stays = is_run(*token);
            if let Some(slot) = next.get_mut(if stays { at } else { at + 1 }) {
                *slot = true;
            }
        }
        next
    }

    /// The symbol stands in the pattern; the track is the text.
    fn read_pattern(&self, places: &Places, token: Token) -> Places {
        if !is_run(token) {
            return self.rest(self.forward_text(places, token));
        }
        self.often(places, |all| self.forward_text(all, token))
    }

    /// The places that a step comes to which is done any number of times, or not at all.
    fn often(&self, places: &Places, step: impl Fn(&Places) -> Places) -> Places {
        let mut all = places.clone();
        loop {
            let reached = self.rest(step(&all));
            let pairs = all.iter().zip(&reached);
            let more: Places = pairs.map(|(here, reached)| *here || *reached).collect();
            if more == all {
                return all;
            }
            all = more;
        }
    }

    fn forward_text(&self, places: &Places, token: Token) -> Places {
        let mut next = vec![false; places.len()];
        for (at, _) in places.iter().enumerate().filter(|(_, here)| **here) {
            let Some(letter) = self.track.get(at) else {
                continue;
            };
            if !self.shares(*letter, token) {
                continue;
            }
            if is_run(*letter)
                && let Some(slot) = next.get_mut(at)
            {
                *slot = true;
            }
            if let Some(slot) = next.get_mut(at + 1) {
                *slot = true;
            }
        }
        next
    }

    /// Adds the places that are reached without reading: behind what may be empty.
    pub(super) fn rest(&self, mut places: Places) -> Places {
        for (at, token) in self.track.iter().enumerate() {
            if places.get(at) == Some(&true)
                && is_run(*token)
                && let Some(slot) = places.get_mut(at + 1)
            {
                *slot = true;
            }
        }
        places
    }

    /// Whether two tokens can stand for one and the same letter.
    fn shares(&self, left: Token, right: Token) -> bool {
        let meets = |letter: char, other: Token| match other {
            Token::Char(wanted) => {
                letter == wanted || (self.folded && fold(letter) == fold(wanted))
            }
            Token::Any { within } | Token::One { within } => !within || letter != ':',
            Token::Hole | Token::Symbol { wild: true, .. } => true,
            Token::Symbol { id, .. } => {
                let symbol = self.symbols.get(id);
                symbol.nature != Nature::Fresh && may_hold(symbol.shape, letter)
            }
        };
        match (left, right) {
            (Token::Char(letter), other) | (other, Token::Char(letter)) => meets(letter, other),
            _ => true,
        }
    }
}

fn is_run(token: Token) -> bool {
    matches!(
        token,
        Token::Any { .. } | Token::Symbol { .. } | Token::Hole
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::too_many_lines, reason = "tests, and their tables")]

    use super::super::classes::accepted;
    use super::super::pattern::glob;
    use super::super::testing::words;
    use super::*;
    use crate::value::{Shape, Symbol};

    fn symbol(name: &str, symbols: &mut Symbols) -> SymbolId {
        symbols.intern(Symbol::for_test(name, Shape::Text, Nature::Named))
    }

    /// `$` and `%` are two texts that are not known; where one is given, it stands there instead.
    fn tokens(template: &str, own: (&str, bool), other: &str) -> Vec<Token> {
        let wildcard = |letter| match letter {
            '*' => Token::Any { within: false },
            '?' => Token::One { within: false },
            other => Token::Char(other),
        };
        let mut out = Vec::new();
        for letter in template.chars() {
            match letter {
                '$' if own.1 => out.extend(own.0.chars().map(wildcard)),
                '$' => out.extend(own.0.chars().map(Token::Char)),
                '%' => out.extend(other.chars().map(Token::Char)),
                other => out.push(wildcard(other)),
            }
        }
        out
    }

    fn open(template: &str, id: SymbolId, wild: bool, other: SymbolId) -> Vec<Token> {
        let mut out = Vec::new();
        for letter in template.chars() {
            match letter {
                '$' => out.push(Token::Symbol { id, wild }),
                '%' => out.push(Token::Symbol {
                    id: other,
                    wild: false,
                }),
                letter => out.extend(tokens(&letter.to_string(), ("", false), "")),
            }
        }
        out
    }

    /// Another unknown text may hold the segments that a short pattern is missing.
    #[test]
    fn what_aws_documents_of_a_pattern_hangs_on_its_length() {
        let mut symbols = Symbols::new();
        let (id, other) = (symbol("own", &mut symbols), symbol("other", &mut symbols));
        for (pattern, colons, text, expected) in [
            ("$", Colons::Divide, "", Length::Short),
            ("$", Colons::Divide, "a*", Length::Undocumented),
            ("$", Colons::Divide, "a:b:c:d:e:*", Length::Whole),
            ("$", Colons::Plain, "a*", Length::Whole),
            ("$:*", Colons::Divide, "a", Length::Undocumented),
            ("$%", Colons::Divide, "", Length::Whole),
            ("$%", Colons::Divide, "a*", Length::Whole),
            ("$::::", Colons::Divide, "a:", Length::Whole),
            ("$::::", Colons::Divide, "a", Length::Short),
        ] {
            let pattern = open(pattern, id, true, other);
            let subject = [Token::Char('x')];
            let tracker = Tracker::new(id, &subject, &pattern, (colons, false), &symbols);
            let state = text.chars().fold(tracker.start(), |state, letter| {
                tracker.step(&state, letter)
            });
            assert_eq!(tracker.length(&state), expected, "{pattern:?} {text}");
        }
    }

    /// The automaton takes a text where the matcher does with the text in its place, and any text in the place of the other one.
    #[test]
    fn a_text_is_taken_where_the_matcher_takes_it_in_its_place() {
        const PLAIN: Colons = Colons::Plain;
        const ARN: Colons = Colons::Divide;
        let mut symbols = Symbols::new();
        let (id, other) = (symbol("own", &mut symbols), symbol("other", &mut symbols));
        for (subject, pattern, wild, colons) in [
            // It stands in the text.
            ("$", "a*b", false, PLAIN),
            ("$", "?:*", false, PLAIN),
            ("a$b", "a*:b", false, PLAIN),
            ("a$", "aB?", false, PLAIN),
            ("$:b", "?:*", false, PLAIN),
            ("$$", "*a*b?", false, PLAIN),
            ("a$b$", "a?b*", false, PLAIN),
            ("$%", "a*b", false, PLAIN),
            ("$%", "b:a", false, PLAIN),
            ("%$", "*b:a", false, PLAIN),
            ("a%$b", "a?*b", false, PLAIN),
            ("$", "a%b", false, PLAIN),
            ("$b", "a%", false, PLAIN),
            ("$:::::a", "*:a:*:*:*:a", false, ARN),
            ("::::$:b", "::::?*:*b", false, ARN),
            (":::::$", ":::::a*b", false, ARN),
            ("::$::b", "::*:::b", false, ARN),
            // It stands in the pattern, as a text.
            ("ab:a", "$:a", false, PLAIN),
            ("abab", "$$", false, PLAIN),
            ("aBa", "a$a", false, PLAIN),
            ("a:b", "$*", false, PLAIN),
            ("a:ba", "?$*", false, PLAIN),
            ("ab%", "$b", false, PLAIN),
            ("%ab", "a$", false, PLAIN),
            ("ab", "$%", false, PLAIN),
            ("abb", "%$?", false, PLAIN),
            ("a::b::a:a", "a::$::*", false, ARN),
            ("a:::::b:a", "$:*:*", false, ARN),
            ("ab", "$", false, ARN),
            // The same where it may hold wildcards of its own.
            ("ab:b", "$", true, PLAIN),
            ("a:ba", "a$a", true, PLAIN),
            ("aabb", "$$", true, PLAIN),
            ("::a::b:a", "::$::b:a", true, ARN),
            (":::::a:b", ":::::$b", true, ARN),
            ("::::a:b:a", "::::$", true, ARN),
            ("a:a", "$", true, ARN),
        ] {
            let letters = if wild { "ab:*?" } else { "ab:" };
            let texts = words(letters, 3);
            let others = if format!("{subject}{pattern}").contains('%') {
                words("ab:", 3)
            } else {
                vec![String::new()]
            };
            for folded in [false, true] {
                let (left, right) = (
                    open(subject, id, wild, other),
                    open(pattern, id, wild, other),
                );
                let tracker = Tracker::new(id, &left, &right, (colons, folded), &symbols);
                for text in &texts {
                    let matches = |other: &String| {
                        let subject: String = subject.replace('$', text).replace('%', other);
                        let mut pattern = tokens(pattern, (text, wild), other);
                        if is_documented(&pattern, colons) {
                            divide(&mut pattern, colons, None);
                        }
                        glob(&pattern, &subject, folded)
                    };
                    let whole = tokens(pattern, (text, wild), "");
                    let is_known = !pattern.contains('$') || is_documented(&whole, colons);
                    let expected = is_known.then(|| others.iter().any(matches));
                    let found = accepted(std::slice::from_ref(&tracker), text);
                    assert_eq!(
                        found.map(|all| all == [true]),
                        expected,
                        "{subject} {pattern} {wild} {colons:?} {folded}: {text}"
                    );
                }
            }
        }
    }
}
