//! Findings, and one renderer a file. A renderer reads findings, the model and the source map, and nothing else.
//!
//! To add one: a file with a `write`, a line in [`Format`] and in [`Format::ALL`], an arm in [`write()`].

mod anchor;
mod closing;
mod counts;
pub mod files;
mod finding;
mod github;
mod gitlab;
#[cfg(feature = "human")]
mod human;
mod json;
mod junit;
mod markdown;
mod paint;
pub mod reason;
mod sarif;
mod style;
mod summary;
pub mod text;
mod words;

pub use files::Files;
pub use finding::{
    Basis, Effect, FINGERPRINT, Finding, Label, Severity, Suggestion, Suppression, SuppressionKind,
};
pub use json::SCHEMA as JSON_SCHEMA;
pub use style::Style;
pub use summary::Summary;

use std::borrow::Cow;
use std::io;

use crate::model::{Key, Model, Requirement};
use crate::source::SourceMap;
use crate::value::SymbolId;

/// All that a renderer sees.
#[derive(Debug)]
pub struct Report<'a> {
    /// What the inputs mean.
    pub model: &'a Model,
    /// What was found and counts, in order.
    pub findings: &'a [Finding],
    /// What was found and is put aside, in order.
    pub suppressed: &'a [Finding],
    /// Where everything was written.
    pub sources: &'a SourceMap,
    /// Where the files of `sources` lie.
    pub files: &'a Files,
    /// The rules that the findings are of; a form that shows none of their pages needs none.
    pub rules: &'a [Described],
    /// The inputs that could not be read.
    pub unread: &'a [Unread],
    /// Why the work could not be done in whole, where neither `unread` nor a finding says it: a sentence each.
    pub undone: &'a [String],
    /// The least severity that makes the exit code 1.
    pub fail_on: Severity,
    /// The exit code that the process will end with: 0, 1 or 2.
    pub exit_code: u8,
}

/// A rule as reports show it, beside its findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Described {
    /// Its id.
    pub id: Cow<'static, str>,
    /// Of a sure finding, where nobody says otherwise.
    pub severity: Severity,
    /// One line, lower case, no final period.
    pub summary: Cow<'static, str>,
    /// Its page, Markdown, with a heading.
    pub page: Cow<'static, str>,
    /// Where the page is published; none of the user's own rules.
    pub url: Option<String>,
}

/// An input that could not be read, so that nothing of it is in the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// As the user named it.
    pub path: String,
    /// Why, in one sentence.
    pub problem: String,
}

/// The forms that a report can take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people, on a terminal or in a log.
    #[cfg(feature = "human")]
    Human,
    /// For programs: the documented JSON.
    Json,
    /// For GitLab's merge requests: its Code Quality report.
    Gitlab,
    /// For code scanning: SARIF 2.1.0.
    Sarif,
    /// For a GitHub workflow: commands that make annotations.
    Github,
    /// For dashboards of tests: JUnit XML.
    Junit,
    /// For the summary of a GitHub workflow, and for comments: Markdown.
    Markdown,
    /// For scripts: a `name=number` a line.
    Counts,
}

impl Format {
    /// All, in the order of the help.
    pub const ALL: &[Format] = &[
        #[cfg(feature = "human")]
        Format::Human,
        Format::Json,
        Format::Gitlab,
        Format::Sarif,
        Format::Github,
        Format::Junit,
        Format::Markdown,
        Format::Counts,
    ];

    /// Its name on the command line.
    pub fn word(self) -> &'static str {
        match self {
            #[cfg(feature = "human")]
            Format::Human => "human",
            Format::Json => "json",
            Format::Gitlab => "gitlab",
            Format::Sarif => "sarif",
            Format::Github => "github",
            Format::Junit => "junit",
            Format::Markdown => "markdown",
            Format::Counts => "counts",
        }
    }
}

/// Writes the report in one form. `style` is for people; programs get the same text everywhere.
///
/// # Errors
/// Those of the output.
pub fn write(
    report: &Report,
    format: Format,
    style: Style,
    out: &mut impl io::Write,
) -> io::Result<()> {
    match format {
        #[cfg(feature = "human")]
        Format::Human => human::write(report, style, out),
        Format::Json => json::write(report, out),
        Format::Gitlab => gitlab::write(report, out),
        Format::Sarif => sarif::write(report, out),
        Format::Github => github::write(report, style, out),
        Format::Junit => junit::write(report, out),
        Format::Markdown => markdown::write(report, out),
        Format::Counts => counts::write(report, out),
    }
}

#[cfg(feature = "human")]
/// Findings that belong to no report, such as mistakes in the configuration file, for people.
pub fn diagnostics(findings: &[Finding], sources: &SourceMap, style: Style) -> String {
    human::findings(findings, sources, style)
}

/// What is to be said where a part of the sources cannot be read and no error says so, as the rule did not run or counts less.
pub fn untold(model: &Model, findings: &[Finding]) -> Option<String> {
    const RULE: &str = "source-unreadable";
    let told = |it: &Finding| it.rule == RULE && it.severity == Severity::Error;
    let mut parts = model.inputs.iter().flat_map(|it| &it.unreadable);
    let first = parts.next().filter(|_| !findings.iter().any(told))?;
    let more = match parts.count() {
        0 => String::new(),
        more => format!(" (and {more} more)"),
    };
    let message = &first.message;
    Some(format!(
        "a part of the sources is not read: {message}{more}; `{RULE}` shows where"
    ))
}

impl Report<'_> {
    fn key(&self, index: usize) -> Option<&Key> {
        self.model.keys.get(index)
    }

    /// All findings, those that are put aside last.
    fn every(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().chain(self.suppressed)
    }

    /// One of [`Report::every`].
    fn nth(&self, at: usize) -> Option<&Finding> {
        let aside = at.checked_sub(self.findings.len());
        self.findings
            .get(at)
            .or_else(|| self.suppressed.get(aside?))
    }

    /// True for a key that the plan opens, or that is open to everybody: what is allowed now is no repair then.
    fn opens(&self, key: usize) -> bool {
        const OPEN: [&str; 2] = ["change-widens-access", "key-policy-public"];
        let key = self.key(key).map(|key| key.id.as_str());
        let mut findings = self.findings.iter();
        findings.any(|it| OPEN.contains(&it.rule.as_ref()) && it.key.as_deref() == key)
    }

    /// True where nothing of the policy that gave the answer may be shown.
    fn is_sensitive(&self, requirement: &Requirement) -> bool {
        self.key(requirement.key).is_some_and(|key| key.sensitive)
    }

    /// True where the values that the symbol is compared with stand in a sensitive policy.
    fn hides(&self, symbol: SymbolId) -> bool {
        self.model
            .subjects
            .iter()
            .flat_map(|subject| &subject.requirements)
            .filter(|requirement| self.is_sensitive(requirement))
            .flat_map(|requirement| &requirement.decision.cases)
            .flat_map(|case| &case.when)
            .any(|fixed| fixed.symbol == symbol)
    }
}
