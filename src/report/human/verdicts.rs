//! What was judged: for each trail or store its key, and its requirements by verdict.

use super::Style;
use crate::model::{Link, LinkStatus, Subject};
use crate::policy::Verdict;
use crate::report::paint::Paint;
use crate::report::{Report, text, words};

/// So many subjects that are in order are listed; of the rest only the number is said.
const IN_ORDER: usize = 10;

/// So many others are listed.
const OTHERS: usize = 50;

/// Verdicts in the order of their rows.
const ROWS: [Verdict; 5] = [
    Verdict::Denied,
    Verdict::Undecided,
    Verdict::Conditional,
    Verdict::Delegated,
    Verdict::Allowed,
];

/// The column that the text of a row starts in.
const INDENT: &str = "               ";

/// Appends the subjects: those first whose answer the plan alters, and those that are not in order first served.
pub(super) fn add(page: &mut String, report: &Report, style: Style) {
    let (mut in_order, mut others) = (0, 0);
    let (altered, same): (Vec<&Subject>, Vec<&Subject>) = report
        .model
        .subjects
        .iter()
        .partition(|it| words::is_altered(it));
    for subject in altered.into_iter().chain(same) {
        let (seen, most) = if words::is_in_order(subject) {
            (&mut in_order, IN_ORDER)
        } else {
            (&mut others, OTHERS)
        };
        *seen += 1;
        if *seen <= most {
            add_subject(page, subject, report, style);
        }
    }
    let silent = [
        (
            others.saturating_sub(OTHERS),
            "more, not all of them allowed (the JSON report has them)",
        ),
        (
            in_order.saturating_sub(IN_ORDER),
            "more, all of them allowed",
        ),
    ];
    let mut said = false;
    for (number, what) in silent {
        if number > 0 {
            page.extend([&number.to_string(), " ", what, "\n"]);
            said = true;
        }
    }
    if said {
        page.push('\n');
    }
}

fn add_subject(page: &mut String, subject: &Subject, report: &Report, style: Style) {
    let paint = Paint::new(style);
    let address = text::line(&subject.address);
    let (title, target) = (
        words::title(subject, report),
        words::target(&subject.link, report),
    );
    let head = text::line(&format!("{title} → {target}"));
    let head = text::wrap(&head, style.width, "", "    ");
    page.push_str(&head.replacen(&address, &paint.strong(&address), 1));
    page.push('\n');
    add_link(page, &subject.link, style);
    for verdict in ROWS {
        for (why, names) in rows(subject, verdict, report) {
            let what = match why {
                Some(why) => format!("{}: {why}", names.join(", ")),
                None => names.join(", "),
            };
            add_row(page, verdict, &what, style);
        }
    }
    page.push('\n');
}

/// The requirements of a verdict, those of one reason together.
fn rows(
    subject: &Subject,
    verdict: Verdict,
    report: &Report,
) -> Vec<(Option<String>, Vec<String>)> {
    let mut rows: Vec<(Option<String>, Vec<String>)> = Vec::new();
    let keys = subject.link.keys.len();
    for requirement in &subject.requirements {
        if requirement.verdict != verdict {
            continue;
        }
        let why = words::why(requirement, report);
        let before = requirement.before.filter(|it| *it != verdict);
        let was = before.map_or_else(String::new, |it| format!(" (was {})", it.word()));
        let name = format!("{}{was}", words::name(requirement, keys, report));
        match rows.iter_mut().find(|row| row.0 == why) {
            Some(row) => row.1.push(name),
            None => rows.push((why, vec![name])),
        }
    }
    rows
}

fn add_row(page: &mut String, verdict: Verdict, what: &str, style: Style) {
    let word = verdict.word();
    let first = format!("  {word:<13}");
    let row = text::wrap(&text::line(what), style.width, &first, INDENT);
    page.push_str(&row.replacen(word, &Paint::new(style).verdict(verdict, word), 1));
    page.push('\n');
}

/// Why a link is not resolved, and what would resolve it.
fn add_link(page: &mut String, link: &Link, style: Style) {
    if link.status == LinkStatus::Resolved {
        return;
    }
    let words = [("because", &link.reason), ("to mend", &link.remedy)];
    for (word, what) in words {
        if let Some(what) = what {
            let row = format!("  {word:<13}");
            page.push_str(&text::wrap(&text::line(what), style.width, &row, INDENT));
            page.push('\n');
        }
    }
}
