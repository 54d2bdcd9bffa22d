//! The report for a GitHub workflow: commands that the runner turns into annotations (GitHub Docs, "Workflow commands for GitHub Actions").
//!
//! A step gets ten annotations of a kind, and GitHub drops the others without a word: the worst ten are commands, the others lines of the log.

use std::io;

use super::anchor::{self, Anchor};
use super::closing;
use super::words::told;
use super::{Finding, Report, Severity, Style, Summary, text};

/// So many annotations of a kind GitHub shows for a step.
const MOST: usize = 10;

/// So many characters of a message the runner keeps.
const LONGEST: usize = 4096;

/// What a command says before it is escaped.
struct Annotation<'a> {
    severity: Severity,
    /// The rule, or what else it is about.
    name: &'a str,
    message: String,
    place: Option<Anchor>,
}

/// Writes the commands, worst first, what is too much for GitHub as plain lines, and the counts.
pub(super) fn write(report: &Report, style: Style, out: &mut impl io::Write) -> io::Result<()> {
    let mut page = String::new();
    let mut rest = String::new();
    let all = annotations(report);
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let kind: Vec<&Annotation> = all.iter().filter(|it| it.severity == severity).collect();
        let more = kind.len().saturating_sub(MOST);
        for (nth, it) in kind.into_iter().enumerate() {
            if nth >= MOST {
                rest.push_str(&plain(it));
            } else if nth + 1 == MOST && more > 0 {
                let more = text::count(more, &format!("more {}", severity.word()));
                command(&mut page, it, &format!("{more} in the log"));
            } else {
                command(&mut page, it, "");
            }
        }
    }
    if !rest.is_empty() {
        page.push_str("too many for annotations:\n");
        page.push_str(&text::guard(&rest));
    }
    if !style.quiet {
        let plain = Style {
            color: false,
            ..style
        };
        page.push_str(&closing::tally(&Summary::of(report), plain));
        page.push('\n');
    }
    out.write_all(page.as_bytes())
}

/// What could not be read or done, then the findings.
fn annotations<'a>(report: &'a Report) -> Vec<Annotation<'a>> {
    let unread = report.unread.iter().map(|it| Annotation {
        severity: Severity::Error,
        name: "not read",
        message: format!("{}: {}", it.path, it.problem),
        place: report.files.input(&it.path).map(Anchor::of_file),
    });
    let findings = report.findings.iter().map(|it| Annotation {
        severity: it.severity,
        name: &it.rule,
        message: message(it),
        place: Some(anchor::of(it, report)),
    });
    let undone = report.undone.iter().map(|it| Annotation {
        severity: Severity::Error,
        name: "not done",
        message: it.clone(),
        place: None,
    });
    unread.chain(undone).chain(findings).collect()
}

/// Everything that helps without the report at hand, a line each.
fn message(finding: &Finding) -> String {
    let mut lines = vec![finding.message.clone()];
    if let [first, others @ ..] = finding.instances.as_slice() {
        lines.push(match others.len() {
            0 => format!("also: {first}"),
            more => format!("also: {first} and {more} more"),
        });
    }
    if let Some(witness) = &finding.witness {
        lines.push(format!("witness: {}", told(witness)));
    }
    if let Some(help) = &finding.help {
        lines.push(format!("help: {help}"));
    }
    let mut all: Vec<String> = lines.iter().map(|it| text::line(it)).collect();
    if let Some(suggestion) = &finding.suggestion {
        all.push(format!(
            "{}:",
            text::line(suggestion.title.trim_end_matches(':'))
        ));
        all.extend(text::lines(&suggestion.text));
    }
    all.join("\n")
}

/// `::error file=main.tf,line=4,title=keytrail: rule::message`
fn command(page: &mut String, it: &Annotation<'_>, tail: &str) {
    let mut properties = Vec::new();
    if let Some(place) = &it.place {
        let region = place.region;
        properties.push(("file", place.home.path().to_owned()));
        properties.push(("line", region.start.line.to_string()));
        properties.push(("endLine", region.end.line.to_string()));
        // GitHub takes columns for a place on one line alone. It counts the last one in.
        if region.is_one_line() && place.inside.is_none() {
            let last = region.end.column.saturating_sub(1).max(region.start.column);
            properties.push(("col", region.start.column.to_string()));
            properties.push(("endColumn", last.to_string()));
        }
    }
    properties.push(("title", format!("keytrail: {}", it.name)));
    let properties: Vec<String> = properties
        .into_iter()
        .map(|(name, value)| format!("{name}={}", property(&value)))
        .collect();
    let message = it.told(tail);
    let word = match it.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let properties = properties.join(",");
    page.extend(["::", word, " ", &properties, "::", &data(&message), "\n"]);
}

impl Annotation<'_> {
    /// The message with the part of the file that it is about, cut to what the runner keeps.
    fn told(&self, tail: &str) -> String {
        let inside = self.place.as_ref().and_then(|it| it.inside.as_ref());
        let inside = inside.map_or_else(String::new, |(part, line)| {
            text::line(&format!("{part}, line {line}: "))
        });
        let tail = match tail {
            "" => String::new(),
            tail => format!("\n\n{tail}"),
        };
        let room = LONGEST.saturating_sub(tail.len());
        let whole = format!("{inside}{}", self.message);
        let cut: String = match whole.char_indices().nth(room) {
            Some(_) => whole.chars().take(room - 1).chain(['…']).collect(),
            None => whole,
        };
        cut + &tail
    }
}

/// A line of the log: `error[rule] main.tf:4:12: message`
fn plain(it: &Annotation<'_>) -> String {
    let place = it.place.as_ref().map_or_else(String::new, |place| {
        let start = place.region.start;
        match &place.inside {
            Some((part, line)) => format!(" {} › {part}:{line}", place.home.path()),
            None => format!(" {}:{}:{}", place.home.path(), start.line, start.column),
        }
    });
    let first = it.message.lines().next().unwrap_or_default();
    let line = format!("{}[{}]{place}: {first}", it.severity.word(), it.name);
    text::line(&line) + "\n"
}

/// What follows `::`, escaped as `@actions/core` does it, and harmless on a terminal.
fn data(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for letter in value.chars() {
        match letter {
            '%' => out.push_str("%25"),
            '\n' => out.push_str("%0A"),
            '\r' => out.push_str("%0D"),
            other => text::push(&mut out, other),
        }
    }
    text::spaced(&out)
}

/// The value of a property: its end and the end of all of them are escaped, too.
fn property(value: &str) -> String {
    data(value).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_a_value_is_escaped() {
        assert_eq!(
            data("50 % of\r\n::error::a,b"),
            "50 %25 of%0D%0A::error::a,b"
        );
        assert_eq!(property("a,b:c%2C\n"), "a%2Cb%3Ac%252C%0A");
        assert_eq!(data("\u{1b}[31m"), "\\u001b[31m");
        assert_eq!(data("a ##[error]b"), "a ## [error]b");
        assert_eq!(property("##[group]"), "## [group]");
    }
}
