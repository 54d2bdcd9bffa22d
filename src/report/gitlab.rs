//! The report for GitLab's merge requests: a Code Quality report (GitLab documentation, "Code Quality", "Code Quality report format"): a JSON
//! array of findings, each at a line of a file of the repository.

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::anchor::{self, Anchor};
use super::files::{Home, STREAM};
use super::{Finding, Report, Severity, text};

#[derive(Serialize)]
struct Violation<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// Writes the report. A report without findings is an empty array, which GitLab takes for "all of them are mended": what could not be read or
/// done is a violation, too.
pub(super) fn write(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let findings = report.findings.iter().map(|finding| {
        let count = seen.entry(finding.fingerprint.as_str()).or_default();
        *count += 1;
        violation(finding, *count, report)
    });
    let violations: Vec<Violation> = undone(report).into_iter().chain(findings).collect();
    let page = serde_json::to_string_pretty(&violations)?;
    out.write_all(text::json(&page).as_bytes())
}

/// What could not be read, at its path, and what else could not be done.
fn undone<'a>(report: &Report) -> Vec<Violation<'a>> {
    let violation = |check_name, description: String, nth: usize, home: Option<Home>| Violation {
        description: text::line(&description),
        check_name,
        // Not of the words: GitLab knows the problem again as long as it lasts.
        fingerprint: format!("keytrail-{check_name}-{nth}"),
        severity: severity(Severity::Error),
        location: Location::of(&Anchor::of_file(
            home.unwrap_or_else(|| Home::Repository(STREAM.to_owned())),
        )),
    };
    let unread = report.unread.iter().enumerate().map(|(nth, it)| {
        let description = format!("{}: {}", it.path, it.problem);
        violation(
            "not-read",
            description,
            nth + 1,
            report.files.input(&it.path),
        )
    });
    let paths = || report.model.inputs.iter().map(|it| it.path.as_str());
    let undone = report.undone.iter().enumerate().map(|(nth, it)| {
        let home = paths().find_map(|path| report.files.input(path));
        violation("not-done", it.clone(), nth + 1, home)
    });
    unread.chain(undone).collect()
}

/// `nth` counts the findings with this fingerprint, from 1: GitLab wants one of its own for each.
fn violation<'a>(finding: &'a Finding, nth: usize, report: &Report) -> Violation<'a> {
    let at = anchor::of(finding, report);
    let fingerprint = match nth {
        1 => finding.fingerprint.clone(),
        nth => format!("{}-{nth}", finding.fingerprint),
    };
    Violation {
        description: description(finding),
        check_name: &finding.rule,
        fingerprint,
        severity: severity(finding.severity),
        location: Location::of(&at),
    }
}

impl Location {
    fn of(at: &Anchor) -> Self {
        Location {
            // GitLab takes relative paths alone.
            path: text::line(at.home.path().trim_start_matches('/')),
            lines: Lines {
                begin: at.region.start.line,
                end: at.region.end.line,
            },
        }
    }
}

/// The message, and for how many other instances it holds. GitLab shows it as plain text, on one line.
fn description(finding: &Finding) -> String {
    let message = text::line(&finding.message);
    match finding.instances.len() {
        0 => message,
        more => format!("{message} (and {})", text::count(more, "other instance")),
    }
}

/// GitLab knows `info`, `minor`, `major`, `critical` and `blocker`. What makes a change miss its purpose is critical; `blocker` is left to
/// whoever sets up the gate.
fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "info",
        Severity::Warning => "major",
        Severity::Error => "critical",
    }
}
