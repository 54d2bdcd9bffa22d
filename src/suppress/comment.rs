//! `keytrail:ignore[RULE, RULE] until=2027-01-31 REASON`: what a comment says.

use crate::config::{Day, can_be_ignored};
use crate::spelling::nearest;

/// What a comment puts aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    /// The ids of the rules.
    pub(super) rules: Vec<String>,
    /// The last day on which it counts.
    pub(super) until: Option<Day>,
    /// Why.
    pub(super) reason: String,
}

/// Why a comment puts nothing aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// One sentence, lower case, no final period.
    pub(super) message: String,
    /// What to write.
    pub(super) help: String,
}

/// How it is written.
const FORM: &str = "write `keytrail:ignore[RULE] REASON`, or `keytrail:ignore[RULE, RULE] until=2027-01-31 REASON`";

/// What stands before the words of such a comment; a comment in which it stands later speaks of something else.
pub(super) const WORD: &str = "keytrail:";

/// Reads the text of a comment without its signs; none for one that is about something else. `known` are the ids of all rules.
pub(super) fn read(text: &str, known: &[&str]) -> Option<Result<Marker, Fault>> {
    let text = text.trim();
    let rest = text.strip_prefix(WORD)?.trim_start();
    Some(marker(rest, known))
}

fn marker(rest: &str, known: &[&str]) -> Result<Marker, Fault> {
    let form = |message: &str| Fault {
        message: message.to_owned(),
        help: FORM.to_owned(),
    };
    let Some(rest) = rest.strip_prefix("ignore") else {
        return Err(form(
            "the comment is for keytrail and says nothing that it knows",
        ));
    };
    let listed = rest.trim_start().strip_prefix('[');
    let Some((list, rest)) = listed.and_then(|it| it.split_once(']')) else {
        return Err(form("the comment names no rules in brackets"));
    };
    let rules: Vec<&str> = list.split(',').map(str::trim).collect();
    let rules: Vec<&str> = rules.into_iter().filter(|it| !it.is_empty()).collect();
    if rules.is_empty() {
        return Err(form("the comment names no rule"));
    }
    for rule in &rules {
        if !known.contains(rule) {
            let help = nearest(rule, known.iter().copied()).map_or_else(
                || "`keytrail rules` lists them".to_owned(),
                |near| format!("there is `{near}`; `keytrail rules` lists all"),
            );
            let plain: String = rule.chars().filter(|it| *it != '`').take(80).collect();
            let message = format!("the comment names a rule `{plain}`, which there is not");
            return Err(Fault { message, help });
        }
        if !can_be_ignored(rule) {
            let message = format!("the comment names `{rule}`, which cannot be ignored");
            let help = "mend what it says".to_owned();
            return Err(Fault { message, help });
        }
    }
    let (mut until, mut words) = (None, Vec::new());
    for word in rest.split_whitespace() {
        let Some(day) = word.strip_prefix("until=").filter(|_| until.is_none()) else {
            words.push(word);
            continue;
        };
        let Some(day) = Day::parse(day.trim_end_matches([':', ',', ';'])) else {
            return Err(form("the comment's `until` is no day of the calendar"));
        };
        until = Some(day);
    }
    let reason = words.join(" ");
    let reason = reason.trim_start_matches([':', '-', '–', '—', ' ']).trim();
    if !reason.chars().any(char::is_alphanumeric) {
        return Err(form("the comment gives no reason, so it ignores nothing"));
    }
    Ok(Marker {
        rules: rules.into_iter().map(str::to_owned).collect(),
        until,
        reason: reason.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    const KNOWN: [&str; 3] = ["trail-unencrypted", "policy-invalid", "source-unreadable"];

    #[test]
    fn markers_are_read() {
        for (text, rules, until, reason) in [
            (
                " keytrail:ignore[trail-unencrypted] test account",
                1,
                None,
                "test account",
            ),
            (
                "keytrail: ignore[ trail-unencrypted , policy-invalid ] until=2027-01-31: see  OPS-1",
                2,
                Some("2027-01-31"),
                "see OPS-1",
            ),
            (
                "keytrail:ignore[trail-unencrypted] known until=2027-01-31 here",
                1,
                Some("2027-01-31"),
                "known here",
            ),
            ("keytrail:ignore[trail-unencrypted,] — ü", 1, None, "ü"),
        ] {
            let marker = read(text, &KNOWN).unwrap().unwrap();
            assert_eq!(marker.rules.len(), rules, "{text}");
            assert_eq!(
                marker.until.map(|it| it.to_string()).as_deref(),
                until,
                "{text}"
            );
            assert_eq!(marker.reason, reason);
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, message, help) in [
            ("keytrail:ignore", "no rules in brackets", "RULE"),
            (
                "keytrail:ignore trail-unencrypted",
                "no rules in brackets",
                "RULE",
            ),
            ("keytrail:ignore[] why", "names no rule", "RULE"),
            (
                "keytrail:ignore[trail-unencryptd] why",
                "`trail-unencryptd`",
                "`trail-unencrypted`",
            ),
            ("keytrail:ignore[*] why", "`*`", "keytrail rules"),
            (
                "keytrail:ignore[source-unreadable] why",
                "cannot be ignored",
                "mend",
            ),
            ("keytrail:ignore[policy-invalid]", "no reason", "REASON"),
            (
                "keytrail:ignore[policy-invalid] until=2027-01-31",
                "no reason",
                "REASON",
            ),
            (
                "keytrail:ignore[policy-invalid] until=2027-02-31 why",
                "`until`",
                "2027-01-31",
            ),
            (
                "keytrail:skip[policy-invalid] why",
                "nothing that it knows",
                "keytrail:ignore",
            ),
        ] {
            let fault = read(text, &KNOWN).unwrap().unwrap_err();
            assert!(fault.message.contains(message), "{text}: {fault:?}");
            assert!(fault.help.contains(help), "{text}: {fault:?}");
        }
        for other in [
            "see keytrail:ignore[x]",
            "",
            "checkov:skip=CKV_AWS_33:why",
            "keytrail ignore",
        ] {
            assert_eq!(read(other, &KNOWN), None);
        }
    }
}
