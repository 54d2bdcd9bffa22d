//! The report for people: each finding with the lines it is about, then what was judged, what it rests on, and one line of counts.

mod lines;
mod snippet;
mod theme;
mod verdicts;

use std::collections::BTreeSet;
use std::fmt;
use std::io;

use miette::{Diagnostic, GraphicalReportHandler, LabeledSpan, SourceCode};

use super::paint::Paint;
use super::words::told;
use super::{Finding, Report, Severity, Style, closing, text};
use crate::parallel;
use crate::source::{SourceMap, Span};
use snippet::Snippet;

/// Writes the report for people.
pub(super) fn write(report: &Report, style: Style, out: &mut impl io::Write) -> io::Result<()> {
    let mut page = String::new();
    // A place that only leads to the next is drawn once.
    let mut drawn: BTreeSet<Span> = BTreeSet::new();
    let findings = report.findings.iter().map(|found| {
        let mut shown = found.clone();
        shown
            .labels
            .retain(|label| label.primary || label.defect || drawn.insert(label.span));
        shown
    });
    let findings: Vec<Finding> = findings.collect();
    let pages = parallel::map(&findings, |it| {
        let mut page = String::new();
        finding(&mut page, it, report.sources, style);
        let page = finish(&page, style);
        if !style.links {
            return page;
        }
        let mut rules = report.rules.iter();
        let rule = rules.find(|rule| rule.id == it.rule);
        linked(&page, &it.rule, rule.and_then(|rule| rule.url.as_deref()))
    });
    let findings: String = pages.into_iter().collect();
    if !style.quiet {
        verdicts::add(&mut page, report, style);
        closing::add(&mut page, report, style);
    }
    out.write_all(findings.as_bytes())?;
    out.write_all(finish(&page, style).as_bytes())
}

/// Findings that belong to no report, for people.
pub(super) fn findings(findings: &[Finding], sources: &SourceMap, style: Style) -> String {
    let mut page = String::new();
    for it in findings {
        finding(&mut page, it, sources, style);
    }
    finish(&page, style)
}

/// Lets the id of a finding's rule lead to the rule's page (OSC 8, as terminals' common specification of hyperlinks has it).
fn linked(page: &str, rule: &str, url: Option<&str>) -> String {
    let Some(url) = url else {
        return page.to_owned();
    };
    let link = format!("[\u{1b}]8;;{url}\u{1b}\\{rule}\u{1b}]8;;\u{1b}\\]");
    page.replacen(&format!("[{rule}]"), &link, 1)
}

/// Makes a page harmless, and plain where the terminal is.
fn finish(page: &str, style: Style) -> String {
    let plain: String = text::guard(page)
        .lines()
        .flat_map(|line| [line.trim_end(), "\n"])
        .collect();
    if style.unicode { plain } else { ascii(&plain) }
}

fn finding(page: &mut String, finding: &Finding, sources: &SourceMap, style: Style) {
    let snippet = Snippet::of(finding, sources, style);
    let drawn = Drawn {
        code: format!("{}[{}]", finding.severity.word(), finding.rule),
        message: text::wrap(
            &text::line(&finding.message),
            style.width.saturating_sub(4),
            "",
            "",
        ),
        severity: finding.severity,
        snippet,
    };
    let theme = theme::theme(style, finding.severity, &drawn.snippet.primaries());
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(style.width)
        .with_wrap_lines(false)
        .with_links(false)
        .without_syntax_highlighting();
    if handler.render_report(page, &drawn).is_err() {
        page.push_str(&drawn.message);
        page.push('\n');
    }
    after(page, finding, &drawn.snippet, style);
    page.push('\n');
}

/// What follows the snippet: hidden places, other instances, help, and the text to copy.
fn after(page: &mut String, finding: &Finding, snippet: &Snippet, style: Style) {
    let paint = Paint::new(style);
    let mut say = |word: &str, rest: &str| {
        let first = format!("  {word}: ");
        let indent = " ".repeat(first.len());
        let wrapped = text::wrap(&text::line(rest), style.width, &first, &indent);
        page.push_str(&wrapped.replacen(word, &paint.strong(word), 1));
        page.push('\n');
    };
    for name in &snippet.hidden {
        say("in", &format!("{name} (sensitive: its text is not shown)"));
    }
    if let Some((last, others)) = finding.instances.split_last() {
        let shown: Vec<&str> = others.iter().take(4).map(String::as_str).collect();
        let more = others.len() - shown.len();
        let tail = if more > 0 {
            format!("and {} more", more + 1)
        } else {
            last.clone()
        };
        let list = [shown, vec![&tail]].concat().join(", ");
        say("also", &list.replace(", and", " and"));
    }
    if let Some(witness) = &finding.witness {
        say("witness", &told(witness));
    }
    if let Some(help) = &finding.help {
        say("help", help);
    }
    if let Some(suggestion) = &finding.suggestion {
        say(
            "suggestion",
            &format!("{}:", suggestion.title.trim_end_matches(':')),
        );
        page.push('\n');
        for line in text::lines(&suggestion.text) {
            page.extend(["    ", &line, "\n"]);
        }
    }
}

/// The few characters of our own that are outside of ASCII. Text of the inputs stays as it is.
fn ascii(page: &str) -> String {
    page.replace(" › ", " > ")
        .replace(" → ", " -> ")
        .replace(" — ", " - ")
}

/// A finding as miette sees it.
#[derive(Debug)]
struct Drawn {
    code: String,
    message: String,
    severity: Severity,
    snippet: Snippet,
}

impl fmt::Display for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawn {}

impl Diagnostic for Drawn {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.snippet)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.snippet.labels.iter().cloned()))
    }
}
