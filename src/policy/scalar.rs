//! The values of the numeric, date, address, boolean and binary operators.
//!
//! Source: IAM User Guide, "IAM JSON policy elements: Condition operators". A text that is no such value matches nothing.

use std::cmp::Ordering;
use std::net::IpAddr;

use base64::Engine as _;

/// A decimal number of any length, compared exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    whole: String,
    part: String,
}

impl Decimal {
    /// Reads an integer or a decimal.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        let all_digits =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !all_digits(whole) || !all_digits(part) {
            return None;
        }
        let whole = whole.trim_start_matches('0').to_owned();
        let part = part.trim_end_matches('0').to_owned();
        Some(Decimal {
            negative: negative && !(whole.is_empty() && part.is_empty()),
            whole,
            part,
        })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let magnitude = self
            .whole
            .len()
            .cmp(&other.whole.len())
            .then_with(|| self.whole.cmp(&other.whole))
            .then_with(|| self.part.cmp(&other.part));
        match (self.negative, other.negative) {
            (false, false) => magnitude,
            (true, true) => magnitude.reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

/// A point in time: seconds of the epoch, and the fraction as digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Time {
    seconds: i64,
    fraction: String,
}

impl Time {
    /// Whole seconds of the epoch.
    pub(super) fn seconds(&self) -> i64 {
        self.seconds
    }

    /// Reads the W3C profile of ISO 8601 (`2027`, `2027-01`, `2027-01-31`, `2027-01-31T23:59:59.5+01:00`) or seconds of the epoch.
    pub(super) fn read(text: &str) -> Option<Self> {
        iso(text).or_else(|| {
            let seconds = text.parse::<i64>().ok()?;
            Some(Time {
                seconds,
                fraction: String::new(),
            })
        })
    }
}

/// Exactly `count` digits at the front of the text.
fn digits(text: &mut &str, count: usize) -> Option<i64> {
    let (head, rest) = text.split_at_checked(count)?;
    if !head.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    *text = rest;
    head.parse().ok()
}

fn letter(text: &mut &str, wanted: char) -> Option<()> {
    *text = text.strip_prefix(wanted)?;
    Some(())
}

fn iso(text: &str) -> Option<Time> {
    let mut rest = text;
    let year = digits(&mut rest, 4)?;
    let (mut month, mut day, mut seconds) = (1, 1, 0);
    let mut fraction = String::new();
    if !rest.is_empty() {
        letter(&mut rest, '-')?;
        month = digits(&mut rest, 2)?;
    }
    if !rest.is_empty() {
        letter(&mut rest, '-')?;
        day = digits(&mut rest, 2)?;
    }
    if !rest.is_empty() {
        letter(&mut rest, 'T')?;
        (seconds, fraction) = clock(&mut rest)?;
    }
    if !rest.is_empty()
        || !(1..=12).contains(&month)
        || !(1..=month_length(year, month)).contains(&day)
    {
        return None;
    }
    Some(Time {
        seconds: days(year, month, day) * 86_400 + seconds,
        fraction: fraction.trim_end_matches('0').to_owned(),
    })
}

/// `hh:mm[:ss[.fraction]]` and a zone, as seconds of the day in UTC.
fn clock(rest: &mut &str) -> Option<(i64, String)> {
    let hours = digits(rest, 2)?;
    letter(rest, ':')?;
    let minutes = digits(rest, 2)?;
    let (mut seconds, mut fraction) = (0, String::new());
    if rest.starts_with(':') {
        letter(rest, ':')?;
        seconds = digits(rest, 2)?;
        if rest.starts_with('.') {
            letter(rest, '.')?;
            let end = rest
                .find(|letter: char| !letter.is_ascii_digit())
                .filter(|end| *end > 0)?;
            let (head, tail) = rest.split_at_checked(end)?;
            head.clone_into(&mut fraction);
            *rest = tail;
        }
    }
    if hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    Some((
        hours * 3600 + minutes * 60 + seconds - zone(rest)?,
        fraction,
    ))
}

/// `Z` or `+hh:mm`, in seconds.
fn zone(rest: &mut &str) -> Option<i64> {
    let sign = match rest.chars().next()? {
        'Z' => {
            letter(rest, 'Z')?;
            return Some(0);
        }
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    *rest = rest.get(1..)?;
    let hours = digits(rest, 2)?;
    letter(rest, ':')?;
    let minutes = digits(rest, 2)?;
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

fn month_length(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let of_era = shifted.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// A range of addresses; the families never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    six: bool,
    /// First address.
    pub first: u128,
    /// Last address.
    pub last: u128,
}

impl Range {
    /// Reads an address (a range of one) or a CIDR block; bits behind the prefix are ignored.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u32>().ok()?)),
            None => (text, None),
        };
        let (six, bits, width) = match address.parse::<IpAddr>().ok()? {
            IpAddr::V4(four) => (false, u128::from(u32::from(four)), 32_u32),
            IpAddr::V6(six) => (true, u128::from(six), 128),
        };
        let free: u32 = width.checked_sub(prefix.unwrap_or(width))?;
        let host = 1_u128.checked_shl(free).map_or(u128::MAX, |bit| bit - 1);
        Some(Range {
            six,
            first: bits & !host,
            last: bits | host,
        })
    }

    /// True where the other range lies within.
    pub(super) fn holds(&self, other: &Range) -> bool {
        self.six == other.six && self.first <= other.first && other.last <= self.last
    }

    /// True for `0.0.0.0/0` and `::/0`.
    pub(super) fn is_everything(&self) -> bool {
        let top = if self.six {
            u128::MAX
        } else {
            u128::from(u32::MAX)
        };
        self.first == 0 && self.last == top
    }

    /// The smallest block that holds both.
    pub(super) fn common_block(&self, other: &Range) -> Option<String> {
        if self.six != other.six {
            return None;
        }
        let first = self.first.min(other.first);
        let differing = 128 - (first ^ self.last.max(other.last)).leading_zeros();
        let width: u32 = if self.six { 128 } else { 32 };
        let host = 1_u128
            .checked_shl(differing)
            .map_or(u128::MAX, |bit| bit - 1);
        let prefix = width.checked_sub(differing)?;
        Some(format!("{}/{prefix}", self.spell(first & !host)?))
    }

    /// The text of an address of this range's family.
    pub(super) fn spell(&self, address: u128) -> Option<String> {
        if self.six {
            Some(std::net::Ipv6Addr::from(address).to_string())
        } else {
            u32::try_from(address)
                .ok()
                .map(|four| std::net::Ipv4Addr::from(four).to_string())
        }
    }
}

/// Reads a boolean, whatever its case.
pub(super) fn boolean(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// Reads base64.
pub(super) fn bytes(text: &str) -> Option<Vec<u8>> {
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    #[test]
    fn numbers_compare_exactly() {
        let read = |text| Decimal::read(text).unwrap();
        assert_eq!(read("010"), read("10.0"));
        assert_eq!(read("-0"), read("0.00"));
        assert!(read("-6") < read("-5.5"));
        assert!(read("10.49") < read("10.5"));
        assert!(read("99999999999999999999") > read("99999999999999999998"));
        for bad in ["", "10abc", "1e3", "1.", ".5", "-"] {
            assert_eq!(Decimal::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn dates_are_iso_or_seconds() {
        let read = |text| Time::read(text).unwrap();
        assert_eq!(read("2025-01-01T00:00:00Z"), read("1735689600"));
        assert_eq!(read("2025-01"), read("2025-01-01"));
        assert_eq!(read("2025-01-01T02:00:00+02:00"), read("2025"));
        assert_eq!(read("2025-01-01T00:00Z"), read("2025-01-01T00:00:00.000Z"));
        assert!(read("2025-01-01T00:00:00.5Z") > read("2025-01-01T00:00:00Z"));
        for bad in ["2025-13", "2025-02-29", "2025-01-01T00:00:00", "soon", ""] {
            assert_eq!(Time::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn dates_are_the_seconds_that_a_calendar_says() {
        for (text, seconds) in [
            ("1970", 0),
            ("1969-12-31T23:59:59Z", -1),
            ("0001-01-01", -62_135_596_800),
            ("1900-03-01", -2_203_891_200),
            ("2000-02-29", 951_782_400),
            ("2000-03-01", 951_868_800),
            ("2024-02-29T12:34:56Z", 1_709_210_096),
            ("2025-12-31T23:59:59Z", 1_767_225_599),
            ("2026-11-22T10:20:30+05:45", 1_795_322_130),
            ("2026-11-22T10:20:30-09:30", 1_795_377_030),
            ("-5", -5),
        ] {
            assert_eq!(
                Time::read(text).map(|time| time.seconds()),
                Some(seconds),
                "{text}"
            );
        }
    }

    #[test]
    fn months_days_hours_and_zones_have_their_bounds() {
        for good in [
            "2024-02-29",
            "2000-02-29",
            "2025-02-28",
            "2025-01-31",
            "2025-04-30",
            "2025-12-31T23:59:59Z",
            "2025-01-01T00:00:00+23:59",
            "2025-01-01T00:00:00.0Z",
        ] {
            assert!(Time::read(good).is_some(), "{good}");
        }
        for bad in [
            "1900-02-29",
            "2100-02-29",
            "2025-01-00",
            "2025-00-01",
            "2025-01-32",
            "2025-04-31",
            "2025-06-31",
            "2025-09-31",
            "2025-11-31",
            "2025-01-01T24:00:00Z",
            "2025-01-01T00:60:00Z",
            "2025-01-01T00:00:60Z",
            "2025-01-01T00:00:00.Z",
            "2025-01-01T00:00:00+24:00",
            "2025-01-01T00:00:00+00:60",
            "2025-01-01T00:00:00 01:00",
            "2025-01-01T00:00:00Zulu",
            "2025-1-1",
        ] {
            assert_eq!(Time::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn addresses_lie_in_ranges_of_their_family() {
        let read = |text| Range::read(text).unwrap();
        assert!(read("203.0.113.77/24").holds(&read("203.0.113.9")));
        assert!(!read("203.0.113.8/31").holds(&read("203.0.113.10")));
        assert!(read("0.0.0.0/0").holds(&read("255.255.255.255")));
        assert!(read("::/0").holds(&read("2001:db8::1")));
        assert!(!read("::/0").holds(&read("10.0.0.1")));
        assert!(read("2001:db8::/32").holds(&read("2001:0DB8:0:0:0:0:0:1")));
        assert_eq!(Range::read("10.0.0.0/33"), None);
        assert!(!read("10.0.0.9/32").holds(&read("10.0.0.8/31")));
    }

    #[test]
    fn a_block_is_its_addresses() {
        let ends = |text| Range::read(text).map(|range| (range.first, range.last));
        let four = |text: &str| u128::from(u32::from(text.parse::<std::net::Ipv4Addr>().unwrap()));
        assert_eq!(
            ends("10.0.0.77/29"),
            Some((four("10.0.0.72"), four("10.0.0.79")))
        );
        assert_eq!(ends("0.0.0.0/0"), Some((0, four("255.255.255.255"))));
        assert_eq!(ends("::/0"), Some((0, u128::MAX)));
        for (text, everything) in [
            ("0.0.0.0/0", true),
            ("10.0.0.0/0", true),
            ("::/0", true),
            ("0.0.0.0/1", false),
            ("128.0.0.0/1", false),
            ("::/96", false),
        ] {
            assert_eq!(
                Range::read(text).map(|range| range.is_everything()),
                Some(everything),
                "{text}"
            );
        }
    }

    #[test]
    fn the_common_block_is_the_smallest_that_holds_both() {
        let common = |left, right| {
            let left = Range::read(left).unwrap();
            left.common_block(&Range::read(right).unwrap())
        };
        for (left, right, block) in [
            ("10.0.0.1", "10.0.0.6", Some("10.0.0.0/29")),
            ("10.0.0.6", "10.0.0.1", Some("10.0.0.0/29")),
            ("10.0.0.8", "10.0.0.8", Some("10.0.0.8/32")),
            ("10.0.0.0/25", "10.0.0.128/25", Some("10.0.0.0/24")),
            ("10.0.0.1", "200.0.0.1", Some("0.0.0.0/0")),
            ("2001:db8::1", "2001:db8::2", Some("2001:db8::/126")),
            ("::", "ffff::", Some("::/0")),
            ("10.0.0.1", "2001:db8::1", None),
        ] {
            assert_eq!(common(left, right).as_deref(), block, "{left} {right}");
        }
    }

    #[test]
    fn bytes_are_what_base64_says() {
        assert_eq!(bytes("QmluYXJ5"), Some(b"Binary".to_vec()));
        assert_eq!(bytes("AA=="), Some(vec![0]));
        assert_eq!(bytes("A"), None);
    }
}
