//! The table of all rules. A rule is constant data and one function; its page is the Markdown file beside it.
//!
//! To add one: `<id>.rs` and `<id>.md` here (underscores in the file's name, hyphens in the id), cases in
//! `testdata/rules/<id>/{bad,ok,undecided}*/`, and a line in [`ALL`].

mod finding;
mod hint;
mod mend;
mod reason;
mod requirement;
mod way;

mod assumption_conflict;
mod policy_duplicate_key;
mod policy_invalid;
mod reader_delegated;
mod reader_denied;
mod source_unreadable;
mod sources_differ;
mod store_key_denied;
mod trail_key_asymmetric;
mod trail_key_denies_decrypt;
mod trail_key_denies_describe;
mod trail_key_denies_encrypt;
mod trail_key_disabled;
mod trail_key_external;
mod trail_key_unresolved;
mod trail_logs_unreadable;
mod trail_unencrypted;

pub use finding::Findings;

use crate::model::Model;
use crate::report::{Effect, Finding, Severity};

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Kebab case, the resource first, then the defect.
    pub id: &'static str,
    /// Of a sure finding.
    pub severity: Severity,
    /// What happens if nothing is done.
    pub effect: Effect,
    /// One line for the table.
    pub summary: &'static str,
    /// The page, Markdown.
    pub page: &'static str,
    /// Looks.
    pub check: fn(&Model, &mut Findings),
}

/// What not-knowing is worth (`--undecided`, `--conditional`, `--delegated`); none is "do not report".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Undecided requirements and unresolved links.
    pub undecided: Option<Severity>,
    /// Conditional requirements.
    pub conditional: Option<Severity>,
    /// Named readers that stay delegated.
    pub delegated: Option<Severity>,
}

impl Default for Gate {
    fn default() -> Self {
        Gate {
            undecided: Some(Severity::Warning),
            conditional: None,
            delegated: Some(Severity::Note),
        }
    }
}

/// The rules, in the order of the table.
pub const ALL: &[&Rule] = &[
    &trail_key_denies_encrypt::RULE,
    &trail_key_denies_describe::RULE,
    &trail_key_denies_decrypt::RULE,
    &trail_logs_unreadable::RULE,
    &reader_denied::RULE,
    &reader_delegated::RULE,
    &store_key_denied::RULE,
    &trail_key_disabled::RULE,
    &trail_key_asymmetric::RULE,
    &trail_key_unresolved::RULE,
    &trail_key_external::RULE,
    &trail_unencrypted::RULE,
    &assumption_conflict::RULE,
    &policy_invalid::RULE,
    &policy_duplicate_key::RULE,
    &source_unreadable::RULE,
    &sources_differ::RULE,
];

/// The rule of that id.
pub fn find(id: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.id == id)
}

/// Runs every rule. Worst first, then by address and in the order of the table; the same finding on several instances is one.
pub fn check(model: &Model, gate: Gate) -> Vec<Finding> {
    let mut findings = Findings::new(gate);
    for rule in ALL {
        (rule.check)(model, &mut findings);
    }
    let mut findings = findings.into_sorted();
    for finding in &mut findings {
        way::anchor(finding, model);
    }
    findings
}
