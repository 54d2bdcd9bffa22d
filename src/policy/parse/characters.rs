//! The characters that AWS KMS takes in a key policy.
//!
//! Source: AWS KMS API Reference, `PutKeyPolicy`, the pattern of `Policy`: tab, line feed, carriage return and U+0020 to U+00FF.

use crate::source::{Origin, Span};
use crate::value::{Kind, PartKind, Presence, Text, Value};

/// What a policy holds that AWS KMS does not take.
pub(super) struct Refused {
    /// The first such character.
    pub first: char,
    /// Where it was written.
    pub at: Origin,
    /// How many there are.
    pub count: usize,
}

/// The provider writes a policy anew before it sends it: the characters below U+0020, and U+2028 and U+2029, become escapes of JSON then
/// (`HashiCorp`, `structure.NormalizeJsonString`; Go, `encoding/json`), and the others stay what they are.
fn is_refused(letter: char) -> bool {
    letter > '\u{FF}' && !matches!(letter, '\u{2028}' | '\u{2029}')
}

/// The characters of a policy that AWS KMS does not take; none where all are fine.
pub(super) fn refused(policy: &Value) -> Option<Refused> {
    let mut found = None;
    look(policy, &mut found);
    found
}

fn look(value: &Value, found: &mut Option<Refused>) {
    match &value.kind {
        Kind::Text(text) => in_text(text, found),
        Kind::List(list) => {
            let there = |presence| presence == Presence::Present;
            for item in list.items.iter().filter(|it| there(it.presence)) {
                look(&item.value, found);
            }
        }
        Kind::Object(object) => {
            let members = object.members.iter();
            for member in members.filter(|it| it.presence == Presence::Present) {
                note(&member.key, &member.key_origin, found);
                look(&member.value, found);
            }
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Unknown(_) => {}
    }
}

fn in_text(text: &Text, found: &mut Option<Refused>) {
    for part in text.parts() {
        if let PartKind::Literal(known) = &part.kind {
            note(known, &part.origin, found);
        }
    }
}

fn note(text: &str, origin: &Origin, found: &mut Option<Refused>) {
    if text.is_ascii() {
        return;
    }
    for (at, letter) in text.char_indices().filter(|(_, it)| is_refused(*it)) {
        match found {
            Some(found) => found.count += 1,
            None => {
                *found = Some(Refused {
                    first: letter,
                    at: place(origin, text, at, letter),
                    count: 1,
                });
            }
        }
    }
}

/// The place of one character, where the text was written without escapes, with or without quotes; else that of the text.
fn place(origin: &Origin, text: &str, at: usize, letter: char) -> Origin {
    let span = origin.span();
    let number = |length: usize| u32::try_from(length).ok();
    let narrow = || {
        let quote = match span.len().checked_sub(number(text.len())?)? {
            0 => 0,
            2 => 1,
            _ => return None,
        };
        let start = span.start.checked_add(quote)?.checked_add(number(at)?)?;
        let end = start.checked_add(number(letter.len_utf8())?)?;
        Some(Origin::new(Span { start, end }))
    };
    narrow().unwrap_or_else(|| origin.clone())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use crate::policy::testing::Read;
    use crate::policy::{IssueKind, PolicyKind};
    use crate::source::{Origin, Span};

    fn policy(sid: &str) -> String {
        format!(
            r#"{{"Statement":[{{"Sid":"{sid}","Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*"}}]}}"#
        )
    }

    #[test]
    fn the_first_character_that_kms_refuses_is_underlined() {
        for (sid, underlined) in [
            ("Auditors’ key – readers", "’"),
            ("鍵", "鍵"),
            ("a 😀", "😀"),
            // The place of an escape is that of the text.
            ("it\\u2019s", r#""it\u2019s""#),
        ] {
            let issues = Read::new(&policy(sid), PolicyKind::Key).issues_of(IssueKind::Rejected);
            assert_eq!(issues.len(), 1, "{sid} {issues:?}");
            assert_eq!(issues[0].1, underlined, "{sid}");
        }
        let key = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/équipe–a":"x"}}}]}"#;
        let issues = Read::new(key, PolicyKind::Key).issues_of(IssueKind::Rejected);
        assert_eq!((issues.len(), issues[0].1.as_str()), (1, "–"));
    }

    #[test]
    fn latin_letters_and_what_is_escaped_on_the_way_are_fine() {
        for sid in [
            "Clé d’audit".replace('’', "'").as_str(),
            "ÿ",
            "tab\\tline\\n",
            "\\u2028\\u0001",
        ] {
            let read = Read::new(&policy(sid), PolicyKind::Key);
            assert!(read.issues_of(IssueKind::Rejected).is_empty(), "{sid}");
        }
        let other = Read::new(
            r#"{"Statement":[{"Sid":"鍵","Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}]}"#,
            PolicyKind::Identity,
        );
        assert!(other.issues_of(IssueKind::Rejected).is_empty());
    }

    #[test]
    fn all_that_is_refused_is_counted() {
        for (sid, told) in [
            ("a’", "it holds the character U+2019, and "),
            (
                "’–",
                "it holds the character U+2019 and 1 more like it, and ",
            ),
            (
                "a’–—b",
                "it holds the character U+2019 and 2 more like it, and ",
            ),
        ] {
            let issues = Read::new(&policy(sid), PolicyKind::Key).issues_of(IssueKind::Rejected);
            assert!(issues[0].0.starts_with(told), "{issues:?}");
        }
    }

    /// The text of a file has no quotes around it.
    #[test]
    fn a_character_is_where_it_stands_in_its_text() {
        let place = |start, end| {
            let origin = Origin::new(Span { start, end });
            let span = super::place(&origin, "it\u{2019}s", 2, '\u{2019}').span();
            (span.start, span.end)
        };
        assert_eq!(place(10, 16), (12, 15));
        assert_eq!(place(10, 18), (13, 16));
        // With escapes, or shown in part, it is somewhere in the text.
        assert_eq!(place(10, 19), (10, 19));
        assert_eq!(place(10, 12), (10, 12));
    }
}
