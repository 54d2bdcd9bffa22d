//! Where the operators that compare no texts cut the values of a symbol: at every number, time and address that it is compared with.

use super::bindings::Atom;
use super::condition::Family;
use super::pattern::Token;
use super::scalar;
use crate::value::{Shape, SymbolId};

/// Values to cut at where both sides of a comparison are unknown.
pub(super) fn plain_values(family: Family) -> &'static [&'static str] {
    match family {
        Family::Bool | Family::Null => &["true", "false"],
        Family::Ip => &["192.0.2.1", "2001:db8:ffff::1"],
        Family::Binary => &["AA=="],
        _ => &["0"],
    }
}

/// The known text of one side, with the symbol replaced.
fn side(tokens: &[Token], id: SymbolId, text: &str) -> Option<String> {
    let mut out = String::new();
    for token in tokens {
        match token {
            Token::Char(letter) => out.push(*letter),
            Token::Symbol { id: other, .. } if *other == id => out.push_str(text),
            _ => return None,
        }
    }
    Some(out)
}

/// Whether a comparison that is none of texts holds with this text; a side that is still open never does.
pub(super) fn constant(id: SymbolId, atom: &Atom, text: &str) -> bool {
    match atom {
        Atom::Constant {
            family,
            request,
            policy,
        } => match (side(request, id, text), side(policy, id, text)) {
            (Some(request), Some(policy)) => family.meets(&request, &family.constant(&policy)),
            _ => false,
        },
        Atom::Caller { principal, caller } => {
            let principal = side(principal, id, text);
            let account = text.split(':').nth(4).unwrap_or_default();
            *caller == id
                && principal.is_some_and(|principal| {
                    principal == account || principal.ends_with(&format!(":{account}:root"))
                })
        }
        _ => false,
    }
}

/// Texts that cut numbers, times and addresses at every constant, and one that is no such value.
pub(super) fn candidates(id: SymbolId, shape: Shape, atoms: &[&Atom]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for atom in atoms {
        match atom {
            Atom::Constant {
                family,
                request,
                policy,
            } => {
                for text in [side(request, id, ""), side(policy, id, "")] {
                    out.extend(
                        text.filter(|text| !text.is_empty())
                            .iter()
                            .flat_map(|text| {
                                let mut around = neighbours(*family, text);
                                around.push(text.clone());
                                around
                            }),
                    );
                }
            }
            Atom::Caller { principal, .. } => {
                let text = side(principal, id, "").unwrap_or_default();
                let account = text.split(':').nth(4).unwrap_or(&text);
                if account.len() == 12 {
                    out.push(format!("arn:aws:iam::{account}:role/-"));
                    out.push(format!("arn:aws:iam::{account}:root"));
                }
                out.push("arn:aws:iam::000000000000:role/-".to_owned());
            }
            _ => {}
        }
    }
    let addresses: Vec<scalar::Range> = out
        .iter()
        .filter(|text| text.contains(['.', ':']))
        .filter_map(|text| scalar::Range::read(text))
        .collect();
    out.extend(blocks(&addresses));
    let defaults = [
        "true",
        "false",
        "192.0.2.1",
        "2001:db8:ffff::1",
        "AA==",
        "0",
    ];
    let late = (shape == Shape::Time).then_some("9999999999");
    let defaults = defaults.into_iter().chain(late);
    out.extend(defaults.map(str::to_owned));
    out
}

/// The values just beside a constant.
fn neighbours(family: Family, text: &str) -> Vec<String> {
    match family {
        Family::Numeric(_) => beside(text),
        Family::Date(_) => match scalar::Time::read(text) {
            Some(time) => [-1, 0, 1]
                .into_iter()
                .map(|step| time.seconds().saturating_add(step).to_string())
                .collect(),
            None => Vec::new(),
        },
        Family::Ip => match scalar::Range::read(text) {
            Some(range) => [
                Some(range.first),
                Some(range.last),
                range.first.checked_sub(1),
                range.last.checked_add(1),
            ]
            .into_iter()
            .flatten()
            .filter_map(|address| range.spell(address))
            .collect(),
            None => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// A number a little below and a little above.
fn beside(text: &str) -> Vec<String> {
    const SCALE: i128 = 1_000_000_000_000;
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let padded: String = part
        .chars()
        .chain("000000000000".chars())
        .take(12)
        .collect();
    let negative = whole.starts_with('-');
    let (Ok(whole), Ok(part)) = (whole.parse::<i128>(), padded.parse::<i128>()) else {
        return Vec::new();
    };
    let Some(scaled) = whole.checked_mul(SCALE) else {
        return Vec::new();
    };
    let scaled = if negative {
        scaled - part
    } else {
        scaled + part
    };
    [scaled - 1, scaled + 1]
        .into_iter()
        .map(|number| {
            let sign = if number < 0 { "-" } else { "" };
            let number = number.abs();
            format!("{sign}{}.{:012}", number / SCALE, number % SCALE)
        })
        .collect()
}

/// The smallest blocks that hold two of the addresses, and the whole space: what an unknown range of a policy can hold.
fn blocks(addresses: &[scalar::Range]) -> Vec<String> {
    let mut out = Vec::new();
    for (at, left) in addresses.iter().enumerate() {
        for right in addresses.get(at..).unwrap_or_default() {
            out.extend(left.common_block(right));
        }
    }
    if !addresses.is_empty() {
        out.extend(["0.0.0.0/0".to_owned(), "::/0".to_owned()]);
    }
    out.sort_unstable();
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::super::condition::Relation;
    use super::super::pattern::characters;
    use super::*;
    use crate::value::{Nature, Symbol, Symbols};

    #[test]
    fn values_to_cut_at_are_of_the_family() {
        for (family, expected) in [
            (Family::Bool, &["true", "false"][..]),
            (Family::Null, &["true", "false"]),
            (Family::Ip, &["192.0.2.1", "2001:db8:ffff::1"]),
            (Family::Binary, &["AA=="]),
            (Family::Numeric(Relation::Equal), &["0"]),
        ] {
            assert_eq!(plain_values(family), expected);
        }
    }

    #[test]
    fn numbers_are_cut_just_beside_a_constant() {
        for (text, below, above) in [
            ("5", "4.999999999999", "5.000000000001"),
            ("0", "-0.000000000001", "0.000000000001"),
            ("1.5", "1.499999999999", "1.500000000001"),
            ("-0.5", "-0.500000000001", "-0.499999999999"),
            ("-7", "-7.000000000001", "-6.999999999999"),
            ("0.000000000001", "0.000000000000", "0.000000000002"),
        ] {
            assert_eq!(beside(text), [below, above], "{text}");
        }
        for text in ["", "abc", "1.x", "99999999999999999999999999999999999999"] {
            assert!(beside(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn times_are_cut_at_a_constant_and_a_second_beside_it() {
        let around = |text| neighbours(Family::Date(Relation::Less), text);
        assert_eq!(around("1970-01-01T00:00:10Z"), ["9", "10", "11"]);
        assert!(around("soon").is_empty());
    }

    #[test]
    fn addresses_are_cut_at_both_ends_of_a_block_and_beside_them() {
        assert_eq!(
            neighbours(Family::Ip, "10.0.0.8/29"),
            ["10.0.0.8", "10.0.0.15", "10.0.0.7", "10.0.0.16"]
        );
        assert_eq!(
            neighbours(Family::Ip, "0.0.0.0/0"),
            ["0.0.0.0", "255.255.255.255"]
        );
        assert!(neighbours(Family::Ip, "nowhere").is_empty());
    }

    #[test]
    fn blocks_hold_every_pair_and_the_whole_space() {
        let read: Vec<scalar::Range> = ["10.0.0.1", "10.0.0.2"]
            .iter()
            .filter_map(|text| scalar::Range::read(text))
            .collect();
        assert_eq!(
            blocks(&read),
            [
                "0.0.0.0/0",
                "10.0.0.0/30",
                "10.0.0.1/32",
                "10.0.0.2/32",
                "::/0"
            ]
        );
        assert!(blocks(&[]).is_empty());
    }

    #[test]
    fn a_comparison_holds_only_where_both_sides_are_known() {
        let mut symbols = Symbols::new();
        let [id, other] = ["one", "other"]
            .map(|name| symbols.intern(Symbol::for_test(name, Shape::Text, Nature::Named)));
        let symbol = |id| vec![Token::Symbol { id, wild: false }];
        let equal = |request: Vec<Token>, policy: Vec<Token>| Atom::Constant {
            family: Family::Numeric(Relation::Equal),
            request,
            policy,
        };
        let seven: Vec<Token> = characters("7").collect();
        for (atom, text, expected) in [
            (equal(symbol(id), seven.clone()), "7.0", true),
            (equal(symbol(id), seven.clone()), "8", false),
            (equal(seven.clone(), symbol(id)), "7.0", true),
            (equal(symbol(id), symbol(id)), "8", true),
            (equal(symbol(id), symbol(other)), "8", false),
            (equal(symbol(other), seven.clone()), "7", false),
            (equal(symbol(id), vec![Token::Hole]), "8", false),
        ] {
            assert_eq!(constant(id, &atom, text), expected, "{atom:?} {text}");
        }
    }

    #[test]
    fn a_caller_is_of_the_account_that_its_arn_names() {
        let mut symbols = Symbols::new();
        let [caller, other] = ["caller", "other"]
            .map(|name| symbols.intern(Symbol::for_test(name, Shape::Arn, Nature::Named)));
        for (principal, expected) in [
            ("111122223333", true),
            ("arn:aws:iam::111122223333:root", true),
            ("444455556666", false),
            ("arn:aws:iam::444455556666:root", false),
            ("arn:aws:iam::111122223333:user/jane", false),
            ("", false),
        ] {
            let atom = Atom::Caller {
                caller,
                principal: characters(principal).collect(),
            };
            let arn = "arn:aws:iam::111122223333:role/r";
            assert_eq!(constant(caller, &atom, arn), expected, "{principal}");
            assert!(!constant(other, &atom, arn), "{principal}");
        }
    }
}
