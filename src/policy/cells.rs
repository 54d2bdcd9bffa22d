//! The cells that a policy and a request cut the values of one symbol into: within a cell every comparison has the same answer.

use std::collections::BTreeMap;

use super::automaton::Tracker;
use super::bindings::{Atom, Bound};
use super::classes::{Class, Classes, accepted, classify, is_of_shape};
use super::cuts::{candidates, constant, plain_values};
use super::decision::{Fixed, Word, once_each};
use super::describe::{asked, describe};
use super::pattern::{Colons, Token, possible};
use super::scalar;
use super::work::Work;
use crate::value::{Nature, Shape, SymbolId, Symbols};

/// A set of values of one symbol between which nothing in policy and request tells.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    /// One of them.
    pub bound: Bound,
    /// What they are, in the words of the policy.
    pub fixed: Fixed,
    /// True where `bound` was made up, so that it must never be shown.
    pub invented: bool,
}

/// The cells of one symbol.
#[derive(Clone, Debug)]
pub(super) struct Cells {
    /// Each with a witness.
    pub known: Vec<Cell>,
    /// Those in which AWS does not document what an ARN pattern matches.
    pub undocumented: Vec<Cell>,
    /// True where there surely are no others.
    pub complete: bool,
}

/// No more witnesses of another symbol are tried in one comparison.
const TRIED: usize = 12;
/// Longer texts are not taken apart: the work grows with the cube of their length, and no policy that a person writes has them.
const LONGEST: usize = 1_024;
/// No more comparisons of one symbol are looked at.
const PROBES: usize = 96;
/// No more sets of texts are tried for the unknown rest of a list.
const SETS: usize = 256;

/// One comparison of the symbol, other symbols in it replaced, and the comparison as it stands in the policy.
pub(super) struct Probe<'a> {
    /// The comparison, other symbols replaced.
    pub atom: Atom,
    /// As it stands in the policy.
    pub shown: &'a Atom,
}

/// What is asked of a symbol.
pub(super) struct Asked<'a> {
    /// The comparisons that were left open.
    pub atoms: &'a [Atom],
    /// True where it is the rest of a list of the request.
    pub in_request: bool,
    /// How texts are shown.
    pub names: &'a dyn Fn(&[Token]) -> String,
}

/// The cells of a symbol under the comparisons that were left open.
pub(super) fn cells(
    id: SymbolId,
    asked_of: &Asked<'_>,
    symbols: &Symbols,
    work: &Work<'_>,
) -> Cells {
    let Asked {
        atoms,
        in_request,
        names,
    } = *asked_of;
    let shape = symbols.get(id).shape;
    let is_two_valued = shape == Shape::Presence || atoms.contains(&Atom::Presence(id));
    if is_two_valued {
        return two_valued(id);
    }
    let (probes, all_tried) = probes(id, atoms, symbols, work);
    let found = classes(id, shape, &probes, symbols, work);
    let mut classes = found.known;
    let complete = found.complete && all_tried;
    if symbols.get(id).nature == Nature::Fresh {
        let literal = literals(&probes, symbols);
        classes.retain(|class| !class.accepted.iter().zip(&literal).any(|(a, b)| *a && *b));
    }
    let asked = asked(id, &classes, &probes, shape, symbols, names);
    let described = |classes: &[Class]| -> Vec<Cell> {
        let cells = classes.iter().map(|class| describe(id, class, &asked));
        cells.collect()
    };
    let cells = described(&classes);
    let undocumented = described(&found.undocumented);
    if shape == Shape::Rest {
        let (cells, all) = sets(id, &classes, &cells, in_request, work);
        return Cells {
            known: cells,
            undocumented: Vec::new(),
            complete: complete && all,
        };
    }
    Cells {
        known: cells,
        undocumented,
        complete,
    }
}

/// Which of the comparisons no fresh text meets, in the order of what [`Class::accepted`] holds.
fn literals(probes: &[Probe<'_>], symbols: &Symbols) -> Vec<bool> {
    let texts = probes.iter().filter_map(|probe| match &probe.atom {
        Atom::Text {
            subject,
            pattern,
            folded,
            ..
        } => {
            let loose: Vec<Token> = pattern.iter().map(|token| token.loose()).collect();
            Some(!possible(subject, &loose, *folded, symbols))
        }
        _ => None,
    });
    texts.collect()
}

fn two_valued(id: SymbolId) -> Cells {
    let cell = |there| Cell {
        bound: Bound::Present(there),
        fixed: Fixed {
            symbol: id,
            within: Vec::new(),
            not_in: Vec::new(),
            present: Some(there),
        },
        invented: false,
    };
    Cells {
        known: vec![cell(true), cell(false)],
        undocumented: Vec::new(),
        complete: true,
    }
}

/// The comparisons of a symbol. Where another symbol stands in one, it is tried with each of the texts that its own comparisons tell apart, and
/// left open as well.
fn probes<'a>(
    id: SymbolId,
    atoms: &'a [Atom],
    symbols: &Symbols,
    work: &Work<'_>,
) -> (Vec<Probe<'a>>, bool) {
    let mut probes: Vec<Probe<'a>> = Vec::new();
    let mut all = true;
    let mut known = BTreeMap::new();
    for shown in atoms.iter().filter(|atom| holds(atom, id)) {
        if !work.take_pairs(&[(atoms.len(), 1)]) {
            return (probes, false);
        }
        if sides(shown).iter().any(|side| side.len() > LONGEST) {
            all = false;
            continue;
        }
        for atom in variants(id, shown, (atoms, symbols), &mut known, work) {
            if probes.iter().any(|other| other.atom == atom) {
                continue;
            }
            if probes.len() >= PROBES {
                return (probes, false);
            }
            probes.push(Probe { atom, shown });
        }
    }
    (probes, all)
}

fn variants(
    id: SymbolId,
    atom: &Atom,
    (atoms, symbols): (&[Atom], &Symbols),
    known: &mut BTreeMap<SymbolId, Vec<String>>,
    work: &Work<'_>,
) -> Vec<Atom> {
    let mut out = vec![atom.clone()];
    let mut others: Vec<SymbolId> = sides(atom)
        .into_iter()
        .flatten()
        .filter_map(|token| match token {
            Token::Symbol { id: other, .. } if *other != id => Some(*other),
            _ => None,
        })
        .collect();
    others.sort_unstable();
    others.dedup();
    for other in others {
        let witnesses = known
            .entry(other)
            .or_insert_with(|| simple_witnesses(other, atoms, symbols, work));
        let mut witnesses = witnesses.clone();
        if let Atom::Text {
            colons: Colons::Divide,
            ..
        } = atom
        {
            // An unknown ARN pattern can match whatever has six segments, and nothing else.
            witnesses.insert(0, "*:*:*:*:*:*".to_owned());
        }
        if let Atom::Constant { family, .. } = atom {
            witnesses.splice(
                0..0,
                plain_values(*family).iter().map(|it| (*it).to_owned()),
            );
        }
        let mut next = Vec::new();
        for variant in &out {
            for witness in witnesses.iter().take(TRIED) {
                next.push(replaced(variant, other, witness));
            }
        }
        next.truncate(PROBES);
        out.extend(next);
    }
    out
}

/// The texts that a symbol's comparisons with known texts tell apart.
fn simple_witnesses(
    id: SymbolId,
    atoms: &[Atom],
    symbols: &Symbols,
    work: &Work<'_>,
) -> Vec<String> {
    let shape = symbols.get(id).shape;
    if shape == Shape::Presence {
        return Vec::new();
    }
    let alone = |atom: &&Atom| {
        let mut tokens = sides(atom).into_iter().flatten();
        holds(atom, id)
            && tokens.all(|token| !matches!(token, Token::Symbol { id: other, .. } if *other != id))
    };
    let probes: Vec<Probe<'_>> = atoms
        .iter()
        .filter(alone)
        .take(PROBES)
        .map(|atom| Probe {
            atom: atom.clone(),
            shown: atom,
        })
        .collect();
    let classes = classes(id, shape, &probes, symbols, work).known;
    classes.into_iter().map(|class| class.witness).collect()
}

pub(super) fn sides(atom: &Atom) -> [&[Token]; 2] {
    match atom {
        Atom::Text {
            subject, pattern, ..
        } => [subject, pattern],
        Atom::Constant {
            request, policy, ..
        } => [request, policy],
        Atom::Caller { principal, .. } => [principal, &[]],
        Atom::Presence(_) | Atom::Follows(_) => [&[], &[]],
    }
}

fn holds(atom: &Atom, id: SymbolId) -> bool {
    match atom {
        Atom::Caller { caller, .. } if *caller == id => true,
        _ => sides(atom)
            .into_iter()
            .flatten()
            .any(|token| matches!(token, Token::Symbol { id: other, .. } if *other == id)),
    }
}

/// The comparison with a symbol replaced by a text.
fn replaced(atom: &Atom, id: SymbolId, text: &str) -> Atom {
    let fill = |tokens: &Vec<Token>| -> Vec<Token> {
        tokens
            .iter()
            .flat_map(|token| match token {
                Token::Symbol { id: other, wild } if *other == id => written(text, *wild),
                other => vec![*other],
            })
            .collect()
    };
    let mut atom = atom.clone();
    match &mut atom {
        Atom::Text {
            subject, pattern, ..
        } => (*subject, *pattern) = (fill(subject), fill(pattern)),
        Atom::Constant {
            request, policy, ..
        } => (*request, *policy) = (fill(request), fill(policy)),
        Atom::Caller { principal, .. } => *principal = fill(principal),
        Atom::Presence(_) | Atom::Follows(_) => {}
    }
    atom
}

fn written(text: &str, wild: bool) -> Vec<Token> {
    let token = |letter| match letter {
        '*' if wild => Token::Any { within: false },
        '?' if wild => Token::One { within: false },
        other => Token::Char(other),
    };
    text.chars().map(token).collect()
}

/// One text of each cell.
fn classes(
    id: SymbolId,
    shape: Shape,
    probes: &[Probe<'_>],
    symbols: &Symbols,
    work: &Work<'_>,
) -> Classes {
    let trackers: Vec<Tracker<'_>> = probes
        .iter()
        .filter_map(|probe| tracker(id, &probe.atom, symbols))
        .collect();
    let constants: Vec<&Atom> = probes
        .iter()
        .map(|probe| &probe.atom)
        .filter(|atom| matches!(atom, Atom::Constant { .. } | Atom::Caller { .. }))
        .collect();
    let scalar_shape = matches!(shape, Shape::Number | Shape::Time | Shape::Ip | Shape::Bool);
    let walked = if scalar_shape { Shape::Text } else { shape };
    let mut found = classify(&trackers, walked, letter_of(symbols.index(id)), work);
    let Classes {
        known: classes,
        undocumented,
        complete,
    } = &mut found;
    for class in undocumented {
        let text = class.witness.as_str();
        class
            .accepted
            .extend(constants.iter().map(|atom| constant(id, atom, text)));
    }
    if !constants.is_empty() || scalar_shape {
        let wildcards = trackers.iter().any(Tracker::has_wildcards);
        *complete &= !wildcards;
        let own = classes.drain(..).map(|class| class.witness);
        let mut texts: Vec<String> = own.collect();
        texts.extend(candidates(id, shape, &constants));
        for text in texts {
            if !fits(&text, shape) {
                continue;
            }
            let all = probes.len();
            if !work.take_pairs(&[(text.len(), all), (classes.len(), all)]) {
                *complete = false;
                break;
            }
            let Some(mut accepted) = accepted(&trackers, &text) else {
                continue;
            };
            accepted.extend(constants.iter().map(|atom| constant(id, atom, &text)));
            if !classes.iter().any(|class| class.accepted == accepted) {
                classes.push(Class {
                    witness: text,
                    accepted,
                });
            }
        }
    }
    found
}

/// A letter that nobody writes (Unicode, Private Use Area), for the symbol of a number.
fn letter_of(symbol: u32) -> char {
    char::from_u32(0xE000 + symbol % 0x1800).unwrap_or('x')
}

fn tracker<'a>(id: SymbolId, atom: &Atom, symbols: &'a Symbols) -> Option<Tracker<'a>> {
    match atom {
        Atom::Text {
            subject,
            pattern,
            colons,
            folded,
        } => {
            let how = (*colons, *folded);
            Some(Tracker::new(id, subject, pattern, how, symbols))
        }
        _ => None,
    }
}

fn fits(text: &str, shape: Shape) -> bool {
    match shape {
        Shape::Number => scalar::Decimal::read(text).is_some(),
        Shape::Time => scalar::Time::read(text).is_some(),
        Shape::Ip => scalar::Range::read(text).is_some(),
        Shape::Bool => text == "true" || text == "false",
        Shape::Text | Shape::Rest => true,
        other => is_of_shape(text, other),
    }
}

/// The sets of texts that the unknown rest of a list can hold: the empty one, and one for each combination of answers that some set gives.
fn sets(
    id: SymbolId,
    classes: &[Class],
    cells: &[Cell],
    in_request: bool,
    work: &Work<'_>,
) -> (Vec<Cell>, bool) {
    let signature = |class: &Class| -> Vec<bool> {
        let mut all = class.accepted.clone();
        if in_request {
            all.extend(class.accepted.iter().map(|accepted| !accepted));
        }
        all
    };
    // (which answers some text of the set gives, the classes of the set)
    let nothing = (!in_request).then(|| {
        let width = classes.first().map_or(0, |class| class.accepted.len());
        vec![false; width]
    });
    let mut sets: Vec<(Option<Vec<bool>>, Vec<usize>)> = vec![(nothing, Vec::new())];
    let mut complete = true;
    for (index, class) in classes.iter().enumerate() {
        let own = signature(class);
        if !work.take_pairs(&[(sets.len(), sets.len()), (sets.len(), own.len())]) {
            complete = false;
            break;
        }
        for (answers, members) in sets.clone() {
            let joined: Vec<bool> = match &answers {
                Some(answers) => answers.iter().zip(&own).map(|(a, b)| *a || *b).collect(),
                None => own.clone(),
            };
            if sets
                .iter()
                .any(|(other, _)| other.as_ref() == Some(&joined))
            {
                continue;
            }
            if sets.len() >= SETS {
                complete = false;
                break;
            }
            let mut members = members.clone();
            members.push(index);
            sets.push((Some(joined), members));
        }
    }
    let cells = sets
        .into_iter()
        .map(|(_, members)| set(id, classes, cells, &members))
        .collect();
    (cells, complete)
}

fn set(id: SymbolId, classes: &[Class], cells: &[Cell], members: &[usize]) -> Cell {
    let texts = members.iter().filter_map(|at| classes.get(*at));
    let words = |at: &usize| cells.get(*at).map(|cell| cell.fixed.within.clone());
    let within: Vec<Word> = members.iter().filter_map(words).flatten().collect();
    let mut not_in: Vec<Word> = (0..cells.len())
        .filter_map(|at| words(&at))
        .flatten()
        .filter(|word| !within.contains(word))
        .collect();
    once_each(&mut not_in);
    Cell {
        bound: Bound::Rest(texts.map(|class| class.witness.clone()).collect()),
        fixed: Fixed {
            symbol: id,
            within,
            not_in,
            present: None,
        },
        invented: true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Nature, Symbol};

    #[test]
    fn symbols_have_letters_of_their_own_that_nobody_writes() {
        for (symbol, letter) in [
            (0, '\u{E000}'),
            (1, '\u{E001}'),
            (0x17FF, '\u{F7FF}'),
            (0x1800, '\u{E000}'),
            (u32::MAX, '\u{EFFF}'),
        ] {
            assert_eq!(letter_of(symbol), letter);
        }
    }

    #[test]
    fn a_wildcard_is_a_letter_unless_the_text_is_read_as_a_pattern() {
        let (any, one) = (Token::Any { within: false }, Token::One { within: false });
        let letter = Token::Char;
        assert_eq!(written("a*?", true), [letter('a'), any, one]);
        assert_eq!(
            written("a*?", false),
            [letter('a'), letter('*'), letter('?')]
        );
    }

    fn equal(subject: Vec<Token>, pattern: &str) -> Atom {
        Atom::Text {
            subject,
            pattern: written(pattern, false),
            colons: Colons::Plain,
            folded: false,
        }
    }

    /// How many comparisons are looked at, and whether these are all.
    fn looked_at(id: SymbolId, atoms: &[Atom], symbols: &Symbols) -> (usize, bool) {
        let (probes, all) = probes(id, atoms, symbols, &Work::alone());
        (probes.len(), all)
    }

    #[test]
    fn comparisons_are_looked_at_up_to_a_number_and_a_length() {
        let mut symbols = Symbols::new();
        let [id, other] = ["one", "other"]
            .map(|name| symbols.intern(Symbol::for_test(name, Shape::Text, Nature::Named)));
        let own = || vec![Token::Symbol { id, wild: false }];
        for (count, expected) in [(0, (0, true)), (96, (96, true)), (97, (96, false))] {
            let texts = (0..count).map(|at: usize| equal(own(), &at.to_string()));
            let atoms: Vec<Atom> = texts.collect();
            assert_eq!(looked_at(id, &atoms, &symbols), expected, "{count}");
            assert_eq!(looked_at(other, &atoms, &symbols), (0, true), "{count}");
        }
        for (length, expected) in [(1024, (2, true)), (1025, (1, false))] {
            let atoms = [equal(own(), &"a".repeat(length)), equal(own(), "b")];
            assert_eq!(looked_at(id, &atoms, &symbols), expected, "{length}");
        }
        // Of the other one's texts so many are tried, and it is left open as well.
        let theirs = || {
            vec![Token::Symbol {
                id: other,
                wild: false,
            }]
        };
        for (count, expected) in [(0, 2), (3, 5), (11, 13), (12, 13), (13, 13)] {
            let texts = (0..count).map(|at: usize| equal(theirs(), &at.to_string()));
            let mut atoms: Vec<Atom> = texts.collect();
            atoms.push(equal([own(), theirs()].concat(), "x"));
            assert_eq!(looked_at(id, &atoms, &symbols), (expected, true), "{count}");
        }
        // Work that is spent is not done.
        let work = Work::alone();
        assert!(!work.take(usize::MAX));
        let atoms = [equal(own(), "a")];
        let (found, all) = probes(id, &atoms, &symbols, &work);
        assert!(found.is_empty() && !all);
    }

    #[test]
    fn the_rest_of_a_list_is_every_union_up_to_a_number() {
        let mut symbols = Symbols::new();
        let id = symbols.intern(Symbol::for_test("rest", Shape::Rest, Nature::Named));
        for (count, in_request, expected) in [
            (0, false, (1, true)),
            (1, false, (2, true)),
            (3, false, (8, true)),
            (8, false, (256, true)),
            (9, false, (256, false)),
            (3, true, (8, true)),
            (8, true, (256, true)),
        ] {
            let class = |at: usize| Class {
                witness: at.to_string(),
                accepted: (0..count).map(|other| other == at).collect(),
            };
            let classes: Vec<Class> = (0..count).map(class).collect();
            let cells: Vec<Cell> = classes
                .iter()
                .map(|class| describe(id, class, &[]))
                .collect();
            let (found, all) = sets(id, &classes, &cells, in_request, &Work::alone());
            assert_eq!((found.len(), all), expected, "{count} {in_request}");
        }
        // Two texts with one answer are no more than one of them, but for what a request says of all.
        let same = |witness: &str| Class {
            witness: witness.to_owned(),
            accepted: vec![true],
        };
        let classes = [same("a"), same("b")];
        let cells: Vec<Cell> = classes
            .iter()
            .map(|class| describe(id, class, &[]))
            .collect();
        let (found, _) = sets(id, &classes, &cells, false, &Work::alone());
        assert_eq!(found.len(), 2);
        let spent = Work::alone();
        assert!(!spent.take(usize::MAX));
        let (found, all) = sets(id, &classes, &cells, false, &spent);
        assert_eq!((found.len(), all), (1, false));
    }

    /// A time is compared as a number, too: one lies behind every other.
    #[test]
    fn a_value_of_every_kind_is_tried_where_nothing_is_compared() {
        let mut symbols = Symbols::new();
        let id = symbols.intern(Symbol::for_test("one", Shape::Text, Nature::Named));
        for (shape, expected) in [
            (Shape::Number, &["0"][..]),
            (Shape::Time, &["0", "9999999999"]),
            (Shape::Ip, &["192.0.2.1", "2001:db8:ffff::1"]),
            (Shape::Bool, &["true", "false"]),
        ] {
            let mut tried = candidates(id, shape, &[]);
            tried.retain(|text| fits(text, shape));
            assert_eq!(tried, expected, "{shape:?}");
        }
    }

    #[test]
    fn a_text_fits_a_shape_whose_value_it_is() {
        for (text, shape, expected) in [
            ("1.5", Shape::Number, true),
            ("one", Shape::Number, false),
            ("2027-01-01T00:00:00Z", Shape::Time, true),
            ("soon", Shape::Time, false),
            ("10.0.0.0/8", Shape::Ip, true),
            ("10.0.0", Shape::Ip, false),
            ("true", Shape::Bool, true),
            ("yes", Shape::Bool, false),
            ("111122223333", Shape::Account, true),
            ("1111", Shape::Account, false),
            ("true", Shape::Account, false),
            ("us-east-1", Shape::Region, true),
            ("2001:db8:ffff::1", Shape::Region, false),
            ("anything: *", Shape::Text, true),
        ] {
            assert_eq!(fits(text, shape), expected, "{text} {shape:?}");
        }
    }
}
