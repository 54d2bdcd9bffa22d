//! A day of the calendar, for what holds until one.

use std::fmt;

/// A day in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day {
    year: u16,
    month: u8,
    of_month: u8,
}

const SECONDS: u64 = 86_400;

impl Day {
    /// Reads `2027-01-31`; none where there is no such day.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut number = |digits: usize| -> Option<u16> {
            let part = parts.next()?;
            let right = part.len() == digits && part.bytes().all(|it| it.is_ascii_digit());
            if right { part.parse().ok() } else { None }
        };
        let (year, month, day) = (number(4)?, number(2)?, number(2)?);
        if parts.next().is_some() {
            return None;
        }
        Day::new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
    }

    /// A day; none where there is no such day.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let right = (1..=12).contains(&month) && (1..=days_of(year, month)).contains(&day);
        (right && year <= 9999).then_some(Day {
            year,
            month,
            of_month: day,
        })
    }

    /// The day of a number of seconds since 1970.
    pub fn of_epoch(seconds: u64) -> Self {
        let mut left = seconds / SECONDS;
        let mut year = 1970;
        while year < 9999 && left >= days_of_year(year) {
            left -= days_of_year(year);
            year += 1;
        }
        let mut month = 1;
        while month < 12 && left >= u64::from(days_of(year, month)) {
            left -= u64::from(days_of(year, month));
            month += 1;
        }
        let day = u8::try_from(left + 1)
            .unwrap_or(31)
            .min(days_of(year, month));
        Day {
            year,
            month,
            of_month: day,
        }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.of_month)
    }
}

fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_of_year(year: u16) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_of(year: u16, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_and_printed() {
        for text in ["2027-01-31", "2028-02-29", "1970-01-01", "9999-12-31"] {
            assert_eq!(
                Day::parse(text).map(|it| it.to_string()).as_deref(),
                Some(text)
            );
        }
        for text in [
            "2027-02-29",
            "2027-1-31",
            "2027-13-01",
            "2027-00-10",
            "2027-01-00",
            "31.1.2027",
            "2027-01-31T00:00:00Z",
            "",
            "2027-01",
            "+027-01-01",
        ] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }

    #[test]
    fn seconds_are_days() {
        for (seconds, day) in [
            (0, "1970-01-01"),
            (86_399, "1970-01-01"),
            (86_400, "1970-01-02"),
            (951_782_400, "2000-02-29"),
            (1_798_761_599, "2026-12-31"),
            (u64::MAX, "9999-12-31"),
        ] {
            assert_eq!(Day::of_epoch(seconds).to_string(), day);
        }
    }
}
