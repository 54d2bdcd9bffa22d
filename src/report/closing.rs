//! The end of the report: what the answers rest on, what was not seen, what to know of the inputs, and the counts.

use std::collections::BTreeSet;

use super::Style;
use super::paint::Paint;
use crate::model::{Assumption, Input};
use crate::policy::Verdict;
use crate::report::words::word;
use crate::report::{Report, Summary, reason, text};
use crate::value::Shape;

/// So many subjects are named whose requirements the plan mends.
const MENDED: usize = 3;

/// So many deferred changes of an input are named.
const NAMED: usize = 3;

/// Appends the end of the report.
#[cfg(feature = "human")]
pub(super) fn add(page: &mut String, report: &Report, style: Style) {
    let before = page.len();
    for (word, what) in remarks(report) {
        let first = format!("{word}: ");
        let line = text::wrap(&text::line(&what), style.width, &first, "    ");
        page.push_str(&line.replacen(word, &Paint::new(style).strong(word), 1));
        page.push('\n');
    }
    if page.len() > before {
        page.push('\n');
    }
    page.push_str(&tally(&Summary::of(report), style));
    page.push('\n');
}

/// What to know beside the findings and the verdicts: for each the word that leads it, and a sentence.
pub(in crate::report) fn remarks(report: &Report) -> Vec<(&'static str, String)> {
    let mut remarks = Vec::new();
    let mut say = |word: &'static str, what: &str| remarks.push((word, what.to_owned()));
    if let Some(mended) = mended(report) {
        say("this plan mends", &mended);
    }
    for assumption in &report.model.assumptions {
        say("assumed", &assumed(assumption, report));
    }
    for line in report.model.not_seen.iter().take(2) {
        say("not looked at", line);
    }
    for input in &report.model.inputs {
        for note in notes(input) {
            say("note", &format!("{}: {note}", input.path));
        }
    }
    for unread in report.unread {
        say("not read", &format!("{}: {}", unread.path, unread.problem));
    }
    for undone in report.undone {
        say("not done", undone);
    }
    let whole = report.unread.is_empty()
        && report
            .model
            .inputs
            .iter()
            .all(|input| input.unreadable.is_empty());
    let nothing = report.model.subjects.is_empty() && whole;
    if nothing {
        let what = match (
            report.model.keys.is_empty() && report.findings.is_empty(),
            report.exit_code,
        ) {
            (true, 0) => {
                "nothing to check: the inputs hold no trail, no event data store and no key; `--require-trail` makes that an error"
            }
            (true, _) => {
                "nothing to check: the inputs hold no trail, no event data store and no key"
            }
            _ => "the inputs hold no trail and no event data store",
        };
        say("note", what);
    }
    remarks
}

/// `2 verdicts hold if account(aws) is `111122223333`; `--account-id 111122223333` checks it`
fn assumed(assumption: &Assumption, report: &Report) -> String {
    let symbol = report.model.symbols.get(assumption.symbol);
    let hold = if assumption.verdicts == 1 {
        "holds"
    } else {
        "hold"
    };
    let range = if report.hides(assumption.symbol) {
        format!("{} is what a sensitive policy says", symbol.name)
    } else if symbol.shape == Shape::Presence {
        let holds = assumption.within.iter().any(|it| it.text == "true");
        reason::presence(&symbol.name, holds)
    } else {
        reason::range(&symbol.name, &assumption.within, &assumption.not_in)
    };
    let check = assumption
        .supply(&report.model.symbols)
        .filter(|_| !report.hides(assumption.symbol))
        .map_or_else(String::new, |supply| format!("; `{supply}` checks it"));
    format!(
        "{} {hold} if {range}{check}",
        text::count(assumption.verdicts, "verdict")
    )
}

/// What was denied before the plan and is not any more: `aws_cloudtrail.main (encrypt and describe were denied)`
fn mended(report: &Report) -> Option<String> {
    let mut all: Vec<String> = Vec::new();
    let mut told_before = BTreeSet::new();
    for subject in &report.model.subjects {
        let mut words: Vec<&str> = Vec::new();
        for it in &subject.requirements {
            let open = matches!(it.verdict, Verdict::Allowed | Verdict::Delegated);
            if open && !report.opens(it.key) && it.before == Some(Verdict::Denied) {
                words.push(word(it));
            }
        }
        words.dedup();
        let Some((last, others)) = words.split_last() else {
            continue;
        };
        let (words, were) = match others {
            [] => ((*last).to_owned(), "was"),
            others => (format!("{} and {last}", others.join(", ")), "were"),
        };
        let told = format!("{} ({words} {were} denied)", subject.address);
        if told_before.insert(told.clone()) {
            all.push(told);
        }
    }
    let more = all.len().saturating_sub(MENDED);
    all.truncate(MENDED);
    if more > 0 {
        all.push(format!("and {more} more"));
    }
    (!all.is_empty()).then(|| all.join(", "))
}

/// What there is to know of an input before its answers are taken for complete.
pub(in crate::report) fn notes(input: &Input) -> Vec<String> {
    let mut notes = Vec::new();
    if input.errored {
        notes.push("planning failed; only what was planned until then is checked".to_owned());
    }
    if !input.complete {
        notes.push(
            "the plan leaves changes out (`-target`, `-exclude` or deferral); nothing is concluded from what is not in it"
                .to_owned(),
        );
    }
    if !input.deferred.is_empty() {
        let named: Vec<String> = input
            .deferred
            .iter()
            .take(NAMED)
            .map(|(address, why)| format!("{address} ({why})"))
            .collect();
        let more = input.deferred.len() - named.len();
        let more = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        notes.push(format!(
            "put off to a later plan: {}{more}",
            named.join(", ")
        ));
    }
    notes.extend(input.notes.iter().cloned());
    notes
}

/// `1 error, 0 warnings, 1 note; 2 trails, 1 key; undecided 0, conditional 2, delegated 1, unresolved 0`
pub(in crate::report) fn tally(summary: &Summary, style: Style) -> String {
    let others = [
        (summary.event_data_stores, "event data store"),
        (summary.landing_zones, "landing zone"),
        (summary.delivery_channels, "delivery channel"),
    ];
    let mut stores = String::new();
    for (number, what) in others.into_iter().filter(|(number, _)| *number > 0) {
        stores.extend([", ", &text::count(number, what)]);
    }
    let unread = if summary.inputs_failed > 0 {
        format!("; {} not read", text::count(summary.inputs_failed, "input"))
    } else {
        String::new()
    };
    let expected = match summary.expectations {
        0 => String::new(),
        number => format!(", {}", text::count(number, "expectation")),
    };
    let aside = match summary.suppressed {
        0 => String::new(),
        number => format!(" ({number} suppressed)"),
    };
    let errors = text::count(summary.errors, "error");
    let found = format!(
        "{errors}, {}, {}{aside}; {}{stores}, {}{expected}",
        text::count(summary.warnings, "warning"),
        text::count(summary.notes, "note"),
        text::count(summary.trails, "trail"),
        text::count(summary.keys, "key"),
    );
    let open = format!(
        "undecided {}, conditional {}, delegated {}, unresolved {}{unread}",
        summary.undecided, summary.conditional, summary.delegated, summary.unresolved,
    );
    let fits = text::columns(&found) + 2 + text::columns(&open) <= style.width;
    let line = format!("{found};{}{open}", if fits { " " } else { "\n" });
    if summary.errors > 0 {
        line.replacen(&errors, &Paint::new(style).bad(&errors), 1)
    } else {
        line
    }
}
