//! The name that was meant where somebody writes one that there is not.

/// A text longer than this is no slip of a name, and measuring it takes the product of both lengths.
const LONGEST: usize = 256;

/// The closest of some names, where it is close enough to be meant: no more than a third of its letters are other ones.
/// Case is no difference, and neither is `_` for `-`.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    known
        .filter_map(|known| Some((slips(name, known)?, known)))
        .min()
        .filter(|(slips, known)| *slips <= known.len().div_ceil(3))
        .map(|(_, known)| known)
}

/// The closest of some names where one alone is the closest: of two that are as close as each other neither is sure to be meant.
pub fn only_nearest<'a>(
    name: &str,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    let near = nearest(name, known.clone())?;
    let least = slips(name, near);
    let mut as_close = known.filter(|it| *it != near && slips(name, it) == least);
    as_close.next().is_none().then_some(near)
}

/// How many letters are other ones, are missing, too many or exchanged; none where a text is too long to be a slip of the other.
pub fn slips(one: &str, other: &str) -> Option<usize> {
    if one.len() > LONGEST || other.len() > LONGEST {
        return None;
    }
    let plain = |text: &str| text.to_ascii_lowercase().replace('_', "-");
    Some(strsim::damerau_levenshtein(&plain(one), &plain(other)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_what_was_meant() {
        let names = ["trail-key-denies-encrypt", "reader-denied", "kms", "Sid"];
        let near = |name: &str| nearest(name, names.into_iter());
        assert_eq!(
            near("trail-key-denies-encyrpt"),
            Some("trail-key-denies-encrypt")
        );
        assert_eq!(
            near("trail_key_denies_encrypt"),
            Some("trail-key-denies-encrypt")
        );
        assert_eq!(near("readers-denied"), Some("reader-denied"));
        assert_eq!((near("kmz"), near("SID")), (Some("kms"), Some("Sid")));
        assert_eq!((near("s3"), near("bucket"), near("")), (None, None, None));
        assert_eq!(near(&"x".repeat(100_000)), None);
    }

    #[test]
    fn of_two_names_that_are_as_close_neither_is_meant() {
        let names = ["kms:Decrypt", "kms:Encrypt"];
        let only = |name: &str| only_nearest(name, names.into_iter());
        assert_eq!(only("kms:Ecrypt"), None);
        assert_eq!(only("kms:Encrpt"), Some("kms:Encrypt"));
        assert_eq!(only("kms:Decrypt"), Some("kms:Decrypt"));
        assert_eq!(only("s3"), None);
    }

    #[test]
    fn slips_are_counted_without_case() {
        assert_eq!(slips("kms:Decyrpt", "kms:decrypt"), Some(1));
        assert_eq!(slips("a", &"a".repeat(300)), None);
    }
}
