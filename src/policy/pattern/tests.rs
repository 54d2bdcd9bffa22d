#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::*;

fn tokens(pattern: &str, colons: Colons) -> Vec<Token> {
    let mut tokens: Vec<Token> = pattern
        .chars()
        .map(|letter| match letter {
            '*' => Token::Any { within: false },
            '?' => Token::One { within: false },
            other => Token::Char(other),
        })
        .collect();
    divide(&mut tokens, colons, None);
    tokens
}

#[test]
fn a_star_takes_any_run_and_a_question_mark_one_letter() {
    for (pattern, text, expected) in [
        ("", "", true),
        ("*", "", true),
        ("?", "", false),
        ("a*z", "a/b:c/z", true),
        ("a*z", "az ", false),
        ("*a*b", "xaxbb", true),
        ("caf?", "café", true),
        ("**", "x", true),
        ("a?c", "abbc", false),
    ] {
        assert_eq!(
            glob(&tokens(pattern, Colons::Plain), text, false),
            expected,
            "{pattern} {text}"
        );
    }
    assert!(glob(&tokens("KMS:de*", Colons::Plain), "kms:Decrypt", true));
}

#[test]
fn the_first_five_colons_of_an_arn_divide() {
    for (pattern, text, expected) in [
        (
            "arn:aws:cloudtrail:*:111122223333:trail/*",
            "arn:aws:cloudtrail:us-east-1:111122223333:trail/a:b",
            true,
        ),
        ("arn:aws:x:*:1:y/*", "arn:aws:x:us:2:store:1:y/z", false),
        (
            "arn:aws:logs:us-east-1:*:log-group:*",
            "arn:aws:logs:us-east-1:1:log-group:x:y:z",
            true,
        ),
        ("arn:aws:s3:*:*:bucket", "arn:aws:s3:::bucket", true),
    ] {
        assert_eq!(
            glob(&tokens(pattern, Colons::Divide), text, false),
            expected,
            "{pattern} {text}"
        );
    }
}

#[test]
fn a_star_at_the_end_of_a_segment_of_a_resource_reaches_beyond_it() {
    let key = "arn:aws:kms:us-east-1:111122223333:key/1";
    for (pattern, expected) in [
        ("arn:aws:kms:*", true),
        ("arn:*:key/1", true),
        ("arn:aws:k*s:us-east-1:111122223333:key/1", true),
        ("arn:a*1:111122223333:key/1", false),
        ("arn:*:k*s:*", true),
    ] {
        assert_eq!(
            glob(&tokens(pattern, Colons::Resource), key, false),
            expected,
            "{pattern}"
        );
    }
}

/// `{region}`, `{account}`, `{arn}`, `{text}`, `{rest}`: symbols of that shape; `{new}` and `{other}`: identifiers that do not exist yet.
/// `{wild}` is a text of the policy that may hold wildcards; `{?}` is a hole.
fn unknown(text: &str, symbols: &mut Symbols) -> Vec<Token> {
    let mut out = Vec::new();
    for piece in text.split_inclusive(['{', '}']) {
        let Some(name) = piece.strip_suffix('}') else {
            let known = piece.strip_suffix('{').unwrap_or(piece);
            out.extend(tokens(known, Colons::Plain));
            continue;
        };
        let (shape, nature) = match name {
            "region" => (Shape::Region, Nature::Named),
            "account" => (Shape::Account, Nature::Named),
            "arn" => (Shape::Arn, Nature::Named),
            "rest" => (Shape::Rest, Nature::Free),
            "new" | "other" => (Shape::Id, Nature::Fresh),
            _ => (Shape::Text, Nature::Named),
        };
        let id = symbols.intern(crate::value::Symbol::for_test(name, shape, nature));
        out.push(match name {
            "?" => Token::Hole,
            _ => Token::Symbol {
                id,
                wild: name == "wild",
            },
        });
    }
    out
}

#[test]
fn unknown_texts_match_surely_perhaps_or_never() {
    const PLAIN: Colons = Colons::Plain;
    const ARN: Colons = Colons::Divide;
    const RESOURCE: Colons = Colons::Resource;
    for (subject, pattern, colons, folded, expected) in [
        // Equal symbols are equal letters, and a star takes any of them.
        ("{account}", "{account}", PLAIN, false, "sure"),
        ("{account}", "*", PLAIN, false, "sure"),
        ("a:{account}:b", "a:*:b", PLAIN, false, "sure"),
        ("{rest}", "{rest}", PLAIN, false, "possible"),
        ("{wild}", "{wild}", PLAIN, false, "possible"),
        ("{?}", "{?}", PLAIN, false, "possible"),
        ("{?}", "abc", PLAIN, false, "possible"),
        ("abc", "a{?}c", PLAIN, false, "possible"),
        ("abc", "b{?}c", PLAIN, false, "never"),
        ("{account}", "{region}", PLAIN, false, "possible"),
        ("x{account}", "y{account}", PLAIN, false, "never"),
        ("{account}x", "{account}y", PLAIN, false, "never"),
        // A shape holds some letters and not others.
        ("{account}", "111122223333", PLAIN, false, "possible"),
        ("{account}", "eleven", PLAIN, false, "never"),
        ("{region}", "us-east-1", PLAIN, false, "possible"),
        ("{region}", "US-EAST-1", PLAIN, false, "never"),
        ("{region}", "US-EAST-1", PLAIN, true, "possible"),
        ("{region}", "US EAST 1", PLAIN, true, "never"),
        ("us-east-1", "{region}", PLAIN, false, "possible"),
        ("us:east:1", "{region}", PLAIN, false, "never"),
        // An identifier that does not exist yet is itself and nothing else.
        ("key/{new}", "key/{new}", PLAIN, false, "sure"),
        ("key/{new}", "key/*", PLAIN, false, "sure"),
        ("key/{new}", "key/{other}", PLAIN, false, "never"),
        ("key/{new}", "key/1234", PLAIN, false, "never"),
        ("key/1234", "key/{new}", PLAIN, false, "never"),
        ("key/{new}", "key/{account}", PLAIN, false, "never"),
        ("key/{new}", "key/{text}", PLAIN, false, "never"),
        ("key/", "key/{new}", PLAIN, false, "never"),
        ("key/", "key/{account}", PLAIN, false, "possible"),
        ("key/{new}", "key/?", PLAIN, false, "possible"),
        ("{new}{other}", "{other}", PLAIN, false, "never"),
        ("{new}{other}", "{new}{other}", PLAIN, false, "sure"),
        ("{new}{other}", "{other}{new}", PLAIN, false, "never"),
        // A text may be empty, hold wildcards, or not.
        ("{text}", "abc", PLAIN, false, "possible"),
        ("abc", "{wild}", PLAIN, false, "possible"),
        ("abc", "a?c", PLAIN, false, "sure"),
        ("a{text}c", "b*", PLAIN, false, "never"),
        ("{text}{account}", "*{account}", PLAIN, false, "sure"),
        ("KMS:Decrypt", "kms:*", PLAIN, true, "sure"),
        ("KMS:Decrypt", "kms:*", PLAIN, false, "never"),
        // No wildcard crosses one of the first five colons of an ARN.
        (
            "arn:aws:kms:{region}:{account}:key/{new}",
            "arn:aws:kms:*:{account}:key/*",
            ARN,
            false,
            "sure",
        ),
        (
            "arn:aws:kms:us-east-1:{account}:key/1",
            "arn:*:key/1",
            ARN,
            false,
            "never",
        ),
        ("a:b:c:d:e:f:g", "a:b:c:d:e:f?g", ARN, false, "sure"),
        ("a:b:c:d:e:f", "a:b?c:d:e:f", ARN, false, "never"),
        ("a:b:c:d:e:{text}", "a:b:c:d:e:*", ARN, false, "sure"),
        ("a:b:c:d:{text}:f", "a:b:c:d:*:f", ARN, false, "possible"),
        ("a:b:c:d:{?}:f", "a:b:c:d:*:f", ARN, false, "possible"),
        ("a:{account}:c:d:e:f", "a:*:c:d:e:f", ARN, false, "sure"),
        // In a resource a star at the end of a segment may stop in any later one, and the next may go on from the last of them.
        ("{account}:ac:axb", "*:a*b", RESOURCE, false, "sure"),
        ("{account}:axb:ac", "*:a*b", RESOURCE, false, "never"),
    ] {
        let mut symbols = Symbols::new();
        let subject_tokens = unknown(subject, &mut symbols);
        let mut tokens = unknown(pattern, &mut symbols);
        divide(&mut tokens, colons, Some(&symbols));
        let found = match (
            sure(&subject_tokens, &tokens, folded, &symbols),
            possible(&subject_tokens, &tokens, folded, &symbols),
        ) {
            (true, true) => "sure",
            (false, true) => "possible",
            (false, false) => "never",
            (true, false) => "both sure and never",
        };
        assert_eq!(found, expected, "{subject} {pattern} {colons:?} {folded}");
    }
}

#[test]
fn marks_are_certain_until_an_unknown_text_may_hold_a_colon() {
    for (pattern, certain) in [
        ("arn:aws:kms:{region}:{account}:key/*", true),
        ("arn:aws:kms:*:{text}:key/*", false),
        ("arn:aws:kms:*:{wild}:key/*", false),
        ("arn:aws:kms:*:{?}:key/*", false),
        ("arn:aws:kms:*:*:{text}", true),
        ("arn:aws:kms:*:*:{?}", true),
        ("{arn}/*", true),
        ("{arn}:{text}", true),
    ] {
        let mut symbols = Symbols::new();
        let mut tokens = unknown(pattern, &mut symbols);
        let found = divide(&mut tokens, Colons::Divide, Some(&symbols));
        assert_eq!(found, certain, "{pattern}");
    }
    // A whole ARN has all its colons: a wildcard behind it may cross one.
    let mut symbols = Symbols::new();
    let mut tokens = unknown("{arn}*", &mut symbols);
    divide(&mut tokens, Colons::Divide, Some(&symbols));
    assert_eq!(tokens[1], Token::Any { within: false });
}

#[test]
fn a_shape_holds_the_letters_of_its_values() {
    let all = "aA0-+.:/ *?\"g";
    for (shape, holds) in [
        (Shape::Account, "0"),
        (Shape::Region, "a0-g"),
        (Shape::Partition, "a0-g"),
        (Shape::Id, "aA0-g"),
        (Shape::Name, "aA0-+./g"),
        (Shape::Arn, "aA0-+.:/ g"),
        (Shape::Number, "0-+."),
        (Shape::Time, "aA0-+.:g"),
        (Shape::Ip, "aA0.:/"),
        (Shape::Bool, "a"),
        (Shape::Text, all),
        (Shape::Rest, all),
    ] {
        let found: String = all.chars().filter(|it| may_hold(shape, *it)).collect();
        assert_eq!(found, holds, "{shape:?}");
    }
}

#[test]
fn texts_differ_at_their_ends_or_behind_what_is_the_same_unknown() {
    let mut symbols = Symbols::new();
    let mut account = |key: &str| Token::Symbol {
        id: symbols.intern(crate::value::Symbol::for_test(
            key,
            Shape::Account,
            Nature::Named,
        )),
        wild: false,
    };
    let (one, other) = (account("one"), account("other"));
    let name = |account: Token, name: &str| {
        let mut tokens: Vec<Token> = characters("arn:").collect();
        tokens.push(account);
        tokens.extend(characters(name));
        tokens
    };
    let differ = |left: &[Token], right: &[Token]| differ(left, right, false, &symbols);
    assert!(differ(&name(one, ":a1"), &name(one, ":a2x")));
    assert!(differ(&name(one, ":a1"), &name(other, ":a2")));
    assert!(differ(&name(one, ":a1x"), &name(other, ":a2x")));
    assert!(!differ(&name(one, "1x"), &name(other, "11x")));
    assert!(!differ(&name(one, ":a"), &name(one, ":a")));
    assert!(!differ(&name(Token::Hole, "a"), &name(Token::Hole, "ba")));
    assert!(!differ(&name(one, ":a1"), &tokens("arn:*1", Colons::Plain)));
    assert!(differ(&name(one, ":a1"), &tokens("*2", Colons::Plain)));
}

/// The matcher, by its definition.
fn naive(pattern: &[char], text: &[char], colons_cross: bool) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['*', rest @ ..] => {
            naive(rest, text, colons_cross)
                || (!text.is_empty()
                    && (colons_cross || text[0] != ':')
                    && naive(pattern, &text[1..], colons_cross))
        }
        ['?', rest @ ..] => {
            !text.is_empty()
                && (colons_cross || text[0] != ':')
                && naive(rest, &text[1..], colons_cross)
        }
        [letter, rest @ ..] => {
            text.first() == Some(letter) && naive(rest, &text[1..], colons_cross)
        }
    }
}

/// The ARN matcher, by its definition: six segments, each for itself.
fn naive_arn(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<&str>, Vec<&str>) = (
        pattern.splitn(6, ':').collect(),
        text.splitn(6, ':').collect(),
    );
    let letters = |text: &str| text.chars().collect::<Vec<_>>();
    pattern.len() == 6
        && text.len() == 6
        && pattern
            .iter()
            .zip(&text)
            .all(|(pattern, text)| naive(&letters(pattern), &letters(text), true))
}

/// Steps that a match takes.
fn steps(pattern: &str, colons: Colons, text: &str) -> usize {
    let mut count = 0;
    glob_in_steps(&tokens(pattern, colons), text, false, || count += 1);
    count
}

/// Nothing makes it take more steps than letters of the pattern times letters of the text: of texts twice as long it takes four times
/// as many at worst, and most take twice as many.
#[test]
fn steps_grow_with_the_product_of_the_lengths_at_worst() {
    type Make = fn(usize) -> (String, String);
    let families: &[(Make, Colons)] = &[
        (|n| ("*a".repeat(n) + "*b", "a".repeat(n)), Colons::Plain),
        (|n| ("*a*a".repeat(n) + "b", "ab".repeat(n)), Colons::Plain),
        (
            |n| (format!("*{}b", "a".repeat(n)), "a".repeat(2 * n)),
            Colons::Plain,
        ),
        (
            |n| {
                (
                    format!("*{}b*{}b", "a".repeat(n), "a".repeat(n)),
                    "a".repeat(4 * n),
                )
            },
            Colons::Plain,
        ),
        (|n| ("*?".repeat(n) + "b", "a".repeat(n)), Colons::Plain),
        (|n| ("*".repeat(n) + "b", "a".repeat(n)), Colons::Plain),
        (
            |n| {
                (
                    "*a:".repeat(5) + &"*a".repeat(n) + "b",
                    "aa:".repeat(5) + &"a".repeat(n),
                )
            },
            Colons::Divide,
        ),
        (
            |n| ("x*a*:".repeat(n) + "b", "xa:".repeat(n)),
            Colons::Resource,
        ),
        (|n| ("*:".repeat(n) + "b", "a:".repeat(n)), Colons::Resource),
        (
            |n| {
                (
                    format!("*:a*{}b", "a".repeat(n)),
                    "a:".to_owned() + &"a".repeat(n) + ":" + &"a".repeat(n),
                )
            },
            Colons::Resource,
        ),
    ];
    for (at, (make, colons)) in families.iter().enumerate() {
        let taken = |n: usize| {
            let (pattern, text) = make(n);
            let taken = steps(&pattern, *colons, &text);
            let most = (pattern.len() + 1) * (text.len() + 1);
            assert!(taken <= most, "{at}: {taken} of {most}");
            taken
        };
        let (one, two) = (taken(200), taken(400));
        assert!(two <= one * 9 / 2, "{at}: {one}, {two}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 3000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_matcher_is_what_its_definition_says(pattern in "[ab:*?]{0,8}", text in "[ab:]{0,10}") {
        let letters = |text: &str| text.chars().collect::<Vec<_>>();
        let compiled = tokens(&pattern, Colons::Plain);
        let expected = naive(&letters(&pattern), &letters(&text), true);
        proptest::prop_assert_eq!(glob(&compiled, &text, false), expected);
        let subject: Vec<Token> = characters(&text).collect();
        let symbols = Symbols::new();
        proptest::prop_assert_eq!(sure(&subject, &compiled, false, &symbols), expected);
        proptest::prop_assert_eq!(possible(&subject, &compiled, false, &symbols), expected);
        proptest::prop_assert!(!(expected && differ(&subject, &compiled, false, &symbols)));
    }

    #[test]
    fn the_arn_matcher_is_what_its_definition_says(pattern in "([a*?]{0,2}:){5}[a*?:]{0,3}", text in "([ab]{0,2}:){4,6}[ab:]{0,3}") {
        let compiled = tokens(&pattern, Colons::Divide);
        proptest::prop_assert_eq!(glob(&compiled, &text, false), naive_arn(&pattern, &text));
    }

    #[test]
    fn a_long_pattern_of_stars_is_no_trap(stars in 1..40_usize) {
        let compiled = tokens(&"*a".repeat(stars), Colons::Plain);
        proptest::prop_assert!(!glob(&compiled, &"a".repeat(4000).replace('a', "ab"), false));
    }
}

/// A fresh text is taken by wildcards and by what may hold them, on either side, and neither by letters alone nor by another unknown text.
#[test]
fn a_fresh_text_meets_wildcards_and_itself() {
    let mut symbols = Symbols::new();
    let mut intern = |name: &str, shape, nature| {
        let id = symbols.intern(Symbol::for_test(name, shape, nature));
        Token::Symbol { id, wild: false }
    };
    let fresh = intern("fresh", Shape::Account, Nature::Fresh);
    let second = intern("second", Shape::Account, Nature::Fresh);
    let named = intern("named", Shape::Account, Nature::Named);
    let address = intern("address", Shape::Ip, Nature::Fresh);
    let (any, one, hole) = (
        Token::Any { within: false },
        Token::One { within: false },
        Token::Hole,
    );
    let (digit, letter) = (Token::Char('1'), Token::Char('a'));
    for (subject, pattern, expected) in [
        (&[fresh][..], &[fresh][..], true),
        (&[fresh], &[second], false),
        (&[fresh], &[named], false),
        (&[named], &[fresh], false),
        (&[fresh], &[digit, digit], false),
        (&[fresh], &[digit, any], true),
        (&[fresh], &[letter, any], false),
        (&[fresh], &[digit, one], true),
        (&[fresh], &[], false),
        (&[fresh], &[any, fresh], true),
        (&[fresh, letter], &[one, letter], true),
        (&[fresh, letter], &[digit, letter], false),
        (&[fresh, fresh], &[one, one], true),
        (&[fresh, fresh], &[digit, one], false),
        (&[digit], &[fresh], false),
        (&[hole], &[fresh], true),
        (&[hole], &[fresh, letter], true),
        (&[hole, letter], &[fresh, letter], true),
        (&[hole, letter], &[fresh, digit], false),
        (&[letter, hole], &[fresh], false),
        (&[digit, hole], &[fresh], true),
        (&[hole, second, hole], &[fresh], false),
        (&[hole, named, hole], &[fresh, named], true),
        (&[address], &[any], true),
        (&[address], &[digit, any], false),
    ] {
        let found = possible(subject, pattern, false, &symbols);
        assert_eq!(found, expected, "{subject:?} {pattern:?}");
    }
    for (pattern, folded, expected) in [('A', false, false), ('A', true, true), ('Z', true, false)]
    {
        let id = symbols.intern(Symbol::for_test("id", Shape::Id, Nature::Fresh));
        let subject = [Token::Symbol { id, wild: false }];
        let pattern = [Token::Char(pattern), any];
        assert_eq!(possible(&subject, &pattern, folded, &symbols), expected);
    }
}

#[test]
fn of_texts_that_are_too_long_nothing_is_said() {
    let symbols = Symbols::new();
    for (length, expected) in [(2_047, false), (2_048, true)] {
        let [subject, pattern] = ['a', 'b'].map(|letter| vec![Token::Char(letter); length]);
        assert_eq!(
            possible(&subject, &pattern, false, &symbols),
            expected,
            "{length}"
        );
    }
}

/// An unknown text is tried the sooner the fewer it can be.
#[test]
fn shapes_are_ordered_from_narrow_to_wide() {
    let order = [
        Shape::Presence,
        Shape::Bool,
        Shape::Partition,
        Shape::Account,
        Shape::Id,
        Shape::Name,
        Shape::Arn,
        Shape::Text,
        Shape::Rest,
    ];
    assert!(order.is_sorted_by(|one, other| width(*one) < width(*other)));
    assert_eq!(width(Shape::Account), width(Shape::Region));
    for shape in [Shape::Number, Shape::Time, Shape::Ip] {
        assert_eq!(width(shape), width(Shape::Id));
    }
}
