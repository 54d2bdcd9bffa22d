//! Findings, and one renderer a file. A renderer reads findings, the model and the source map, and nothing else.
//!
//! To add one: a file with a `write`, a line in [`Format`], an arm in [`write()`].

mod finding;
mod human;
mod json;
pub mod reason;
mod summary;
pub mod text;

pub use finding::{Effect, Finding, Label, Severity, Suggestion};
pub use human::Style;
pub use summary::Summary;

use std::io;

use crate::model::{Key, Model, Requirement};
use crate::source::SourceMap;
use crate::value::SymbolId;

/// All that a renderer sees.
#[derive(Debug)]
pub struct Report<'a> {
    /// What the inputs mean.
    pub model: &'a Model,
    /// What was found, in order.
    pub findings: &'a [Finding],
    /// Where everything was written.
    pub sources: &'a SourceMap,
    /// The inputs that could not be read.
    pub unread: &'a [Unread],
    /// The exit code that the process will end with: 0, 1 or 2.
    pub exit_code: u8,
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
    Human,
    /// For programs: the documented JSON.
    Json,
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
        Format::Human => human::write(report, style, out),
        Format::Json => json::write(report, out),
    }
}

/// Findings that belong to no report, such as mistakes in the configuration file, for people.
pub fn diagnostics(findings: &[Finding], sources: &SourceMap, style: Style) -> String {
    human::findings(findings, sources, style)
}

impl Report<'_> {
    fn key(&self, index: usize) -> Option<&Key> {
        self.model.keys.get(index)
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
