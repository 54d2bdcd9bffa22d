//! The classes of a symbol's texts that a set of comparisons tells apart.
//!
//! [`classify`] walks the product of the automata of all comparisons that a policy and a request make with a symbol, breadth first, and gives one
//! shortest text for every set of comparisons that can hold together.

use std::collections::{HashMap, HashSet};

use super::automaton::{Length, State, Tracker};
use super::pattern::{Token, fold, may_hold};
use super::work::{Work, of_places};
use crate::value::Shape;

/// More states than this are not walked; the classes are then not known to be all.
const STATES: usize = 12_000;

/// A text of a symbol, and which comparisons accept it.
#[derive(Clone, Debug)]
pub(super) struct Class {
    /// A shortest one.
    pub witness: String,
    /// For each tracker, whether it accepts.
    pub accepted: Vec<bool>,
}

/// What [`classify`] found.
#[derive(Clone, Debug)]
pub(super) struct Classes {
    /// One text for each set of comparisons that one can satisfy together.
    pub known: Vec<Class>,
    /// Texts with which an ARN pattern is one that AWS does not document.
    pub undocumented: Vec<Class>,
    /// True where `known` holds all but those.
    pub complete: bool,
}

/// Which comparisons accept a text; none where AWS does not document what an ARN pattern with it matches.
pub(super) fn accepted(trackers: &[Tracker<'_>], text: &str) -> Option<Vec<bool>> {
    let mut states: Vec<State> = trackers.iter().map(Tracker::start).collect();
    for letter in text.chars() {
        for (state, tracker) in states.iter_mut().zip(trackers) {
            *state = tracker.step(state, letter);
        }
    }
    let pairs = trackers.iter().zip(&states);
    pairs
        .map(|(tracker, state)| {
            let is_documented = tracker.length(state) != Length::Undocumented;
            is_documented.then(|| tracker.accepts(state))
        })
        .collect()
}

/// One text for each set of comparisons that a text of the shape can satisfy together.
pub(super) fn classify(
    trackers: &[Tracker<'_>],
    shape: Shape,
    fresh: char,
    work: &Work<'_>,
) -> Classes {
    let alphabet = alphabet(trackers, shape, fresh);
    let mut walks: Vec<Walk<'_>> = trackers
        .iter()
        .map(|tracker| Walk::new(tracker, &alphabet))
        .collect();
    // The number of a state in each walk, and at the end how much of the shape was read.
    let start = Form::start(shape);
    let mut next: Vec<usize> = vec![0; walks.len()];
    next.push(start.packed());
    let mut known: HashSet<Vec<usize>> = HashSet::from([next.clone()]);
    let mut queue = std::collections::VecDeque::from([(next.clone(), start, 0)]);
    let mut nodes: Vec<(usize, char)> = vec![(0, '\0')];
    let (mut classes, mut seen) = (Vec::new(), HashSet::new());
    // Texts that are too short for an ARN pattern, and so equal themselves alone.
    let (mut short, mut seen_short) = (Vec::new(), HashSet::new());
    let (mut undocumented, mut seen_undocumented) = (Vec::new(), HashSet::new());
    let mut complete = trackers.iter().all(|tracker| tracker.exact);
    // Every combination was seen: there is nothing left to find.
    let most = 1_usize
        .checked_shl(u32::try_from(trackers.len()).unwrap_or(u32::MAX))
        .unwrap_or(usize::MAX);
    while let Some((states, form, node)) = queue.pop_front() {
        if classes.len() >= most {
            break;
        }
        if !work.take_pairs(&[(alphabet.len(), trackers.len())]) {
            complete = false;
            break;
        }
        if form.is_whole() {
            let pairs = || walks.iter().zip(&states);
            let known = || pairs().filter_map(|(walk, state)| walk.states.get(*state));
            let is = |length| known().any(|it| it.length == length);
            let accepted: Vec<bool> = known().map(|it| it.accepts).collect();
            let (classes, seen) = if is(Length::Undocumented) {
                (&mut undocumented, &mut seen_undocumented)
            } else if is(Length::Short) {
                (&mut short, &mut seen_short)
            } else {
                (&mut classes, &mut seen)
            };
            if seen.insert(accepted.clone()) {
                classes.push(Class {
                    witness: spell(&nodes, node),
                    accepted,
                });
            }
        }
        for (at, letter) in alphabet.iter().enumerate() {
            let Some(form) = form.step(*letter) else {
                continue;
            };
            if nodes.len() >= STATES {
                complete = false;
                break;
            }
            next.clear();
            let pairs = walks.iter_mut().zip(&states);
            next.extend(pairs.map(|(walk, state)| walk.step(*state, at, *letter, work)));
            next.push(form.packed());
            if !known.contains(&next) {
                known.insert(next.clone());
                queue.push_back((next.clone(), form, nodes.len()));
                nodes.push((node, *letter));
            }
        }
    }
    // One stands for what no longer text does.
    classes.extend(
        short
            .into_iter()
            .filter(|class| !seen.contains(&class.accepted)),
    );
    Classes {
        known: classes,
        undocumented,
        complete,
    }
}

/// The states that one comparison comes to, by number: in the product of many the same ones come again and again.
struct Walk<'t> {
    tracker: &'t Tracker<'t>,
    letters: usize,
    states: Vec<Known>,
    numbers: HashMap<State, usize>,
}

/// What is known of a state.
struct Known {
    state: State,
    /// The numbers of the states behind it, by letter.
    steps: Vec<Option<usize>>,
    accepts: bool,
    length: Length,
}

impl<'t> Walk<'t> {
    fn new(tracker: &'t Tracker<'t>, alphabet: &[char]) -> Self {
        let mut walk = Walk {
            tracker,
            letters: alphabet.len(),
            states: Vec::new(),
            numbers: HashMap::new(),
        };
        walk.number(tracker.start());
        walk
    }

    fn number(&mut self, state: State) -> usize {
        if let Some(number) = self.numbers.get(&state) {
            return *number;
        }
        let number = self.states.len();
        self.numbers.insert(state.clone(), number);
        self.states.push(Known {
            accepts: self.tracker.accepts(&state),
            length: self.tracker.length(&state),
            steps: vec![None; self.letters],
            state,
        });
        number
    }

    /// The state behind a letter, `at` in the alphabet.
    fn step(&mut self, number: usize, at: usize, letter: char, work: &Work<'_>) -> usize {
        let Some(known) = self.states.get(number) else {
            return number;
        };
        if let Some(Some(step)) = known.steps.get(at) {
            return *step;
        }
        // Once nothing is left the walk ends.
        work.take(of_places(known.state.rows.len(), self.tracker.track.len()));
        let state = self.tracker.step(&known.state, letter);
        let next = self.number(state);
        let known = self.states.get_mut(number);
        if let Some(step) = known.and_then(|known| known.steps.get_mut(at)) {
            *step = Some(next);
        }
        next
    }
}

fn spell(nodes: &[(usize, char)], mut node: usize) -> String {
    let mut letters = Vec::new();
    while node != 0
        && let Some((parent, letter)) = nodes.get(node)
    {
        letters.push(*letter);
        node = *parent;
    }
    letters.into_iter().rev().collect()
}

/// The letters that the comparisons tell apart, and one that none of them knows.
fn alphabet(trackers: &[Tracker<'_>], shape: Shape, fresh: char) -> Vec<char> {
    let mut letters: Vec<char> = trackers.iter().flat_map(Tracker::letters).collect();
    if shape == Shape::Arn {
        letters.extend("arn:".chars());
    }
    if trackers.iter().any(|tracker| tracker.folded) {
        let other_case: Vec<char> = letters
            .iter()
            .flat_map(|letter| letter.to_lowercase().chain(letter.to_uppercase()))
            .collect();
        letters.extend(other_case);
    }
    letters.sort_unstable();
    letters.dedup();
    letters.retain(|letter| may_hold(shape, *letter));
    let unknown = std::iter::once(fresh)
        .chain("xqzjkvwy0123456789abcdefghilmnoprstu-".chars())
        .find(|letter| {
            may_hold(shape, *letter) && !letters.iter().any(|other| fold(*other) == fold(*letter))
        });
    // The unknown letter first, so that it is what a witness is made of where it makes no difference.
    unknown.into_iter().chain(letters).collect()
}

/// How much of a shape was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Form {
    shape: Shape,
    read: u8,
    colons: u8,
}

impl Form {
    fn start(shape: Shape) -> Self {
        Form {
            shape,
            read: 0,
            colons: 0,
        }
    }

    fn step(self, letter: char) -> Option<Self> {
        let most = match self.shape {
            Shape::Account => 12,
            Shape::Arn => 5,
            _ => 1,
        };
        if self.shape == Shape::Account && self.read == most {
            return None;
        }
        if self.shape == Shape::Arn && self.colons == 0 {
            let wanted = "arn:".chars().nth(usize::from(self.read));
            if wanted != Some(letter) {
                return None;
            }
        }
        let counts = self.shape == Shape::Arn && letter == ':';
        Some(Form {
            read: (self.read + 1).min(most),
            colons: (self.colons + u8::from(counts)).min(5),
            ..self
        })
    }

    /// All of it but the shape in one number.
    fn packed(self) -> usize {
        u16::from_be_bytes([self.read, self.colons]).into()
    }

    fn is_whole(self) -> bool {
        match self.shape {
            Shape::Account => self.read == 12,
            Shape::Arn => self.colons == 5,
            shape => self.read > 0 || super::pattern::may_be_empty(shape),
        }
    }
}

/// The slice of the other side that an accepted text of the symbol stands beside, and whether it must be that text.
pub(super) fn residual(tracker: &Tracker<'_>, shape: Shape) -> (Vec<Token>, bool) {
    if tracker.around.iter().all(Vec::is_empty) {
        let all = tracker.track.iter();
        let known = all.clone().all(|token| matches!(token, Token::Char(_)));
        // A text that stands twice is no whole of it, and one that may hold wildcards can be many that match.
        let alone = tracker.around.len() == 2 && !tracker.wild;
        return (tracker.track.clone(), known && alone);
    }
    let start = tracker.start();
    let starts = start.rows.first().cloned().unwrap_or_default();
    let ends: Vec<usize> = (0..=tracker.track.len())
        .filter(|at| {
            let mut row = vec![false; tracker.track.len() + 1];
            if let Some(slot) = row.get_mut(*at) {
                *slot = true;
            }
            let rows = vec![tracker.rest(row)];
            tracker.around.len() == 2
                && tracker.accepts(&State {
                    rows,
                    colons: 5,
                    wildcard: false,
                })
        })
        .collect();
    let starts: Vec<usize> = starts
        .iter()
        .enumerate()
        .filter_map(|(at, here)| here.then_some(at))
        .collect();
    let pairs = starts
        .iter()
        .flat_map(|from| ends.iter().map(move |to| *from..*to));
    let slices = pairs.filter_map(|range| tracker.track.get(range));
    let mut fitting = slices.filter(|slice| has_shape(slice, shape));
    if let (Some(slice), None, false) = (fitting.next(), fitting.next(), tracker.wild) {
        return (slice.to_vec(), true);
    }
    let (from, to) = (starts.first(), ends.last());
    let slice = match (from, to) {
        (Some(from), Some(to)) => tracker.track.get(*from..*to).unwrap_or_default().to_vec(),
        _ => tracker.track.clone(),
    };
    (slice, false)
}

/// True where the tokens are letters alone, and these a text of the shape.
fn has_shape(letters: &[Token], shape: Shape) -> bool {
    let mut form = Form::start(shape);
    for token in letters {
        let Token::Char(letter) = token else {
            return false;
        };
        match form.step(*letter) {
            Some(next) if may_hold(shape, *letter) => form = next,
            _ => return false,
        }
    }
    form.is_whole()
}

/// True where the text is one of the shape.
pub(super) fn is_of_shape(text: &str, shape: Shape) -> bool {
    let letters: Vec<Token> = super::pattern::characters(text).collect();
    has_shape(&letters, shape)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;
    use crate::policy::pattern::Colons;
    use crate::policy::testing::words;
    use crate::value::{Nature, Symbol, SymbolId, Symbols};

    fn symbol(symbols: &mut Symbols, shape: Shape) -> SymbolId {
        symbols.intern(Symbol::for_test("s", shape, Nature::Named))
    }

    fn tokens(text: &str, id: SymbolId, wild: bool) -> Vec<Token> {
        text.chars()
            .map(|letter| match letter {
                '*' => Token::Any { within: false },
                '$' => Token::Symbol { id, wild },
                other => Token::Char(other),
            })
            .collect()
    }

    #[test]
    fn an_embedded_account_has_the_cells_of_its_residual() {
        let mut symbols = Symbols::new();
        let id = symbol(&mut symbols, Shape::Account);
        let subject = tokens("arn:aws:cloudtrail:us-east-1:$:trail/main", id, false);
        for colons in [Colons::Plain, Colons::Divide] {
            let pattern = tokens("arn:aws:cloudtrail:*:111122223333:trail/*", id, false);
            let tracker = Tracker::new(id, &subject, &pattern, (colons, false), &symbols);
            let (slice, literal) = residual(&tracker, Shape::Account);
            assert!(literal);
            assert_eq!(slice.len(), 12);
            let found = classify(&[tracker], Shape::Account, 'x', &Work::alone());
            let classes = found.known;
            assert!(found.complete && found.undocumented.is_empty());
            let accepted: Vec<_> = classes.iter().filter(|it| it.accepted == [true]).collect();
            assert_eq!(accepted.len(), 1);
            assert_eq!(accepted[0].witness, "111122223333");
            assert_eq!(classes.len(), 2);
        }
    }

    #[test]
    fn a_slice_is_the_text_where_no_other_one_fits() {
        for (holder, track, shape, wild, expected) in [
            ("trail/$", "trail/main", Shape::Name, false, ("main", true)),
            ("trail/$", "trail/main", Shape::Name, true, ("main", false)),
            ("$", "main", Shape::Text, false, ("main", true)),
            ("$", "main", Shape::Text, true, ("main", false)),
            // It can be `m` as well.
            (
                "trail/$*",
                "trail/main",
                Shape::Name,
                false,
                ("main", false),
            ),
            ("*$*", "main", Shape::Name, false, ("main", false)),
            // Once of many, an account can be one alone.
            (
                "*$*",
                "x111122223333",
                Shape::Account,
                false,
                ("111122223333", true),
            ),
            ("$$", "abab", Shape::Text, false, ("abab", false)),
            ("$", "m*n", Shape::Text, false, ("m*n", false)),
        ] {
            let mut symbols = Symbols::new();
            let id = symbol(&mut symbols, shape);
            let (track, holder) = (tokens(track, id, wild), tokens(holder, id, wild));
            let how = (Colons::Plain, false);
            let tracker = Tracker::new(id, &track, &holder, how, &symbols);
            let (slice, one) = residual(&tracker, shape);
            let letter = |token: &Token| match token {
                Token::Char(letter) => *letter,
                _ => '*',
            };
            let slice: String = slice.iter().map(letter).collect();
            assert_eq!((slice.as_str(), one), expected, "{holder:?}");
        }
    }

    #[test]
    fn an_unknown_pattern_may_hold_wildcards() {
        let mut symbols = Symbols::new();
        let id = symbol(&mut symbols, Shape::Text);
        let pattern = tokens("$", id, true);
        let trackers: Vec<Tracker> = ["a/b", "a/c"]
            .into_iter()
            .map(|subject| {
                let subject = tokens(subject, id, false);
                Tracker::new(id, &subject, &pattern, (Colons::Plain, false), &symbols)
            })
            .collect();
        let classes = classify(&trackers, Shape::Text, 'x', &Work::alone()).known;
        assert_eq!(classes.len(), 4);
    }

    #[test]
    fn a_text_is_of_a_shape_where_it_is_as_long_and_made_of_its_letters() {
        for (text, shape, expected) in [
            ("111122223333", Shape::Account, true),
            ("11112222333", Shape::Account, false),
            ("1111222233334", Shape::Account, false),
            ("eleven-twelv", Shape::Account, false),
            ("", Shape::Account, false),
            ("us-east-1", Shape::Region, true),
            ("us east 1", Shape::Region, false),
            ("", Shape::Region, false),
            ("", Shape::Name, false),
            ("arn:aws:s3:::bucket", Shape::Arn, true),
            ("arn:aws:s3:::", Shape::Arn, true),
            ("arn:aws:s3::bucket", Shape::Arn, false),
            ("urn:aws:s3:::bucket", Shape::Arn, false),
            ("arn:aws:s3:::*", Shape::Arn, false),
            ("", Shape::Text, true),
            ("", Shape::Rest, true),
            ("any: *", Shape::Text, true),
        ] {
            assert_eq!(is_of_shape(text, shape), expected, "{text} {shape:?}");
        }
    }

    /// Another symbol in the comparison stands for the letters of its shape; one that does not exist yet for none.
    #[test]
    fn a_text_meets_another_symbol_by_the_letters_of_its_shape() {
        for (shape, nature, text, expected) in [
            (Shape::Account, Nature::Named, "1", true),
            (Shape::Account, Nature::Named, "a", false),
            (Shape::Region, Nature::Named, "a-1", true),
            (Shape::Region, Nature::Named, "A", false),
            (Shape::Id, Nature::Fresh, "1", false),
            (Shape::Id, Nature::Fresh, "*", false),
        ] {
            let mut symbols = Symbols::new();
            let id = symbol(&mut symbols, Shape::Text);
            let other = symbols.intern(Symbol::for_test("other", shape, nature));
            let (own, others) = (tokens("$", id, false), tokens("$", other, false));
            let how = (Colons::Plain, false);
            for (subject, pattern) in [(&own, &others), (&others, &own)] {
                let tracker = Tracker::new(id, subject, pattern, how, &symbols);
                let found = accepted(&[tracker], text);
                assert_eq!(found, Some(vec![expected]), "{shape:?} {nature:?} {text}");
            }
        }
    }

    /// Whatever a text is, one of the classes answers every comparison as it does; and each class has a text of its own.
    #[test]
    fn every_text_is_of_a_class_and_each_class_has_one_of_its_texts() {
        for (patterns, shape, folded) in [
            (vec!["a*", "*b", "a?b"], Shape::Text, false),
            (vec!["ab", "AB", "a*"], Shape::Text, true),
            (vec!["*a*", "*b*", "*c*", "???*"], Shape::Text, false),
            (vec!["a-*", "*-b", "?"], Shape::Region, false),
            (vec!["a:*", "*", "ab"], Shape::Name, false),
        ] {
            let mut symbols = Symbols::new();
            let id = symbol(&mut symbols, shape);
            let subject = tokens("$", id, false);
            let trackers: Vec<Tracker> = patterns
                .iter()
                .map(|pattern| {
                    let pattern: Vec<Token> = pattern
                        .chars()
                        .map(|letter| match letter {
                            '*' => Token::Any { within: false },
                            '?' => Token::One { within: false },
                            other => Token::Char(other),
                        })
                        .collect();
                    Tracker::new(id, &subject, &pattern, (Colons::Plain, folded), &symbols)
                })
                .collect();
            let found = classify(&trackers, shape, '\u{E000}', &Work::alone());
            assert!(found.complete, "{patterns:?}");
            let classes = found.known;
            for class in &classes {
                assert!(is_of_shape(&class.witness, shape), "{:?}", class.witness);
                let found = accepted(&trackers, &class.witness);
                assert_eq!(found.as_ref(), Some(&class.accepted), "{patterns:?}");
                let same = classes.iter().filter(|it| it.accepted == class.accepted);
                assert_eq!(same.count(), 1, "{patterns:?}");
            }
            for text in words("abcAB-:x", 4) {
                if !is_of_shape(&text, shape) {
                    continue;
                }
                let wanted = accepted(&trackers, &text).unwrap();
                let found = classes.iter().find(|class| class.accepted == wanted);
                let found = found.map(|class| class.witness.chars().count());
                assert!(
                    found.is_some_and(|length| length <= text.chars().count()),
                    "{patterns:?} {text}"
                );
            }
        }
    }
}
