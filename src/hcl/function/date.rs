//! Points in time.

use chrono::{DateTime, Datelike, Duration, FixedOffset, Timelike};

use super::Call;
use crate::hcl::expr::{Outcome, Run};
use crate::hcl::number::Number;
use crate::hcl::scope::Problem;
use crate::hcl::typed::Typed;

fn time(call: &Call, at: usize) -> Result<DateTime<FixedOffset>, Problem> {
    let text = call.text(at);
    let message = "it is no RFC 3339 timestamp such as `2017-11-22T00:00:00Z`";
    DateTime::parse_from_rfc3339(&text)
        .ok()
        .filter(|_| text.contains('T'))
        .ok_or_else(|| call.wrong_at(at, message))
}

/// RFC 3339 as Go writes it.
fn written(time: &DateTime<FixedOffset>) -> String {
    time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

pub(super) fn timecmp(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let order = time(call, 0)?.cmp(&time(call, 1)?);
    let one = Number::from_usize(1);
    let number = match order {
        std::cmp::Ordering::Less => one.negated(),
        std::cmp::Ordering::Equal => Number::zero(),
        std::cmp::Ordering::Greater => one,
    };
    Ok(Typed::number(number, call.at.clone()))
}

pub(super) fn timeadd(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let by = duration(&call.text(1));
    let by = by.ok_or_else(|| call.wrong_at(1, "it is no duration such as `1h30m`"))?;
    let sum = time(call, 0)?.checked_add_signed(by);
    let sum = sum.ok_or_else(|| call.wrong("the result is out of range"))?;
    Ok(call.string(written(&sum)))
}

/// Go's durations: `-1.5h`, `2h45m`, `300ms`.
fn duration(text: &str) -> Option<Duration> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(Duration::zero());
    }
    let mut total = Number::zero();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let count = Number::parse(rest.get(..digits)?)?;
        rest = rest.get(digits..)?;
        let units: [(&str, usize); 8] = [
            ("ns", 1),
            ("us", 1_000),
            ("µs", 1_000),
            ("μs", 1_000),
            ("ms", 1_000_000),
            ("s", 1_000_000_000),
            ("m", 60_000_000_000),
            ("h", 3_600_000_000_000),
        ];
        let (unit, size) = units.iter().find(|(unit, _)| {
            let after = rest.strip_prefix(unit);
            after.is_some_and(|after| !after.starts_with(|it: char| it.is_alphabetic()))
        })?;
        total = total.add(&count.mul(&Number::from_usize(*size))?)?;
        rest = rest.strip_prefix(unit)?;
    }
    let nanoseconds = total.truncated().to_i64()?;
    Some(Duration::nanoseconds(if negative {
        -nanoseconds
    } else {
        nanoseconds
    }))
}

/// Terraform's own letters: `DD MMM YYYY hh:mm ZZZ`; text between quotes stands for itself.
pub(super) fn formatdate(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let (pattern, time) = (call.text(0), time(call, 1)?);
    let letters: Vec<char> = pattern.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while let Some(&letter) = letters.get(at) {
        if letter == '\'' {
            at = quoted(call, &letters, at + 1, &mut out)?;
            continue;
        }
        let run = letters
            .iter()
            .skip(at)
            .take_while(|it| **it == letter)
            .count();
        at += run;
        if letter.is_ascii_alphabetic() {
            let field = field(letter, run, &time);
            let message = || format!("invalid date format verb of {run} times `{letter}`");
            out.push_str(&field.ok_or_else(|| call.wrong_at(0, message()))?);
        } else {
            out.extend(std::iter::repeat_n(letter, run));
        }
    }
    Ok(call.string(out))
}

/// Text in quotes, in which two quotes are one; where it ends.
fn quoted(
    call: &Call,
    letters: &[char],
    mut at: usize,
    out: &mut String,
) -> Result<usize, Problem> {
    loop {
        match (letters.get(at), letters.get(at + 1)) {
            (Some('\''), Some('\'')) => {
                out.push('\'');
                at += 2;
            }
            (Some('\''), _) => return Ok(at + 1),
            (Some(letter), _) => {
                out.push(*letter);
                at += 1;
            }
            (None, _) => return Err(call.wrong_at(0, "unterminated literal sequence: missing `'`")),
        }
    }
}

fn field(letter: char, count: usize, time: &DateTime<FixedOffset>) -> Option<String> {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    const DAYS: [&str; 7] = [
        "Sunday",
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
    ];
    let name = |names: &[&str], at: u32, short: bool| {
        let name = names.get(usize::try_from(at).ok()?)?;
        Some(if short {
            name.chars().take(3).collect()
        } else {
            (*name).to_owned()
        })
    };
    let (afternoon, hour) = time.hour12();
    Some(match (letter, count) {
        ('Y', 4) => format!("{:04}", time.year()),
        ('Y', 2) => format!("{:02}", time.year().rem_euclid(100)),
        ('M', 1) => time.month().to_string(),
        ('M', 2) => format!("{:02}", time.month()),
        ('M', 3 | 4) => name(&MONTHS, time.month0(), count == 3)?,
        ('D', 1) => time.day().to_string(),
        ('D', 2) => format!("{:02}", time.day()),
        ('E', 3 | 4) => name(&DAYS, time.weekday().num_days_from_sunday(), count == 3)?,
        ('h', 1) => time.hour().to_string(),
        ('h', 2) => format!("{:02}", time.hour()),
        ('H', 1) => hour.to_string(),
        ('H', 2) => format!("{hour:02}"),
        ('A', 2) => if afternoon { "PM" } else { "AM" }.to_owned(),
        ('a', 2) => if afternoon { "pm" } else { "am" }.to_owned(),
        ('m', 1) => time.minute().to_string(),
        ('m', 2) => format!("{:02}", time.minute()),
        ('s', 1) => time.second().to_string(),
        ('s', 2) => format!("{:02}", time.second()),
        ('Z', 1..=5) => zone(count, time.offset().local_minus_utc()),
        _ => return None,
    })
}

fn zone(count: usize, offset: i32) -> String {
    let sign = if offset < 0 { '-' } else { '+' };
    let minutes = offset.abs() / 60;
    let (hours, minutes) = (minutes / 60, minutes % 60);
    match (count, offset) {
        (1, 0) => "Z".to_owned(),
        (3, 0) => "UTC".to_owned(),
        (1 | 5, _) => format!("{sign}{hours:02}:{minutes:02}"),
        _ => format!("{sign}{hours:02}{minutes:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_go() {
        assert_eq!(duration("1h30m"), Some(Duration::minutes(90)));
        assert_eq!(duration("-1.5h"), Some(Duration::minutes(-90)));
        assert_eq!(duration("300ms"), Some(Duration::milliseconds(300)));
        assert_eq!(duration("1d"), None);
        assert_eq!(duration(""), None);
    }
}
