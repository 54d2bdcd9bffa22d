//! The table of all rules. A rule is constant data and one function; its page is the Markdown file beside it.
//!
//! To add one: `<id>.rs` and `<id>.md` here (underscores in the file's name, hyphens in the id), cases in
//! `testdata/rules/<id>/{bad,ok,undecided}*/`, and a line in [`ALL`].

mod attached;
mod changed;
pub mod custom;
mod exception;
mod exempt;
mod exposure;
mod finding;
mod hint;
mod identity;
mod landing_zone;
mod mend;
mod reason;
mod requirement;
mod selection;
mod told;
mod way;

mod assumption_conflict;
mod change_revokes_delivery;
mod change_widens_access;
mod config_key_denied;
mod controltower_key_asymmetric;
mod controltower_key_denies_cloudtrail;
mod controltower_key_denies_config;
mod controltower_key_disabled;
mod controltower_key_multi_region;
mod controltower_key_wrong_account;
mod expectation_failed;
mod ignore_expired;
mod ignore_invalid;
mod ignore_unused;
mod key_policy_confused_deputy;
mod key_policy_decrypt_unbound;
mod key_policy_foreign_account;
mod key_policy_lockout;
mod key_policy_public;
mod key_policy_service_overgrant;
mod key_policy_split;
mod key_rotation_disabled;
mod policy_condition_mismatch;
mod policy_duplicate_key;
mod policy_invalid;
mod policy_invalid_principal;
mod policy_placeholder;
mod policy_too_large;
mod policy_unknown_action;
mod policy_unknown_condition_key;
mod policy_variable_literal;
mod policy_wildcard_in_exact_match;
mod reader_delegated;
mod reader_denied;
mod source_unreadable;
mod sources_differ;
mod statement_never_matches;
mod store_key_denied;
mod trail_history_unreadable;
mod trail_key_asymmetric;
mod trail_key_deleted;
mod trail_key_denies_decrypt;
mod trail_key_denies_describe;
mod trail_key_denies_encrypt;
mod trail_key_disabled;
mod trail_key_external;
mod trail_key_invalid;
mod trail_key_unresolved;
mod trail_key_wrong_region;
mod trail_logs_unreadable;
mod trail_policy_race;
mod trail_unencrypted;

pub use changed::check_changed;
pub use custom::Violation;
pub use finding::Findings;
pub use identity::distinct;
pub(crate) use identity::root_of;
pub use selection::Selection;

use crate::model::Model;
use crate::parallel;
use crate::report::{Described, Effect, Finding, Severity};

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
    &trail_key_wrong_region::RULE,
    &trail_key_invalid::RULE,
    &trail_key_unresolved::RULE,
    &trail_key_external::RULE,
    &trail_unencrypted::RULE,
    &controltower_key_denies_cloudtrail::RULE,
    &controltower_key_denies_config::RULE,
    &controltower_key_multi_region::RULE,
    &controltower_key_asymmetric::RULE,
    &controltower_key_disabled::RULE,
    &controltower_key_wrong_account::RULE,
    &config_key_denied::RULE,
    &trail_key_deleted::RULE,
    &trail_history_unreadable::RULE,
    &change_revokes_delivery::RULE,
    &change_widens_access::RULE,
    &key_policy_public::RULE,
    &key_policy_confused_deputy::RULE,
    &key_policy_foreign_account::RULE,
    &key_policy_decrypt_unbound::RULE,
    &key_policy_service_overgrant::RULE,
    &assumption_conflict::RULE,
    &expectation_failed::RULE,
    &key_policy_lockout::RULE,
    &key_policy_split::RULE,
    &trail_policy_race::RULE,
    &key_rotation_disabled::RULE,
    &policy_invalid::RULE,
    &policy_duplicate_key::RULE,
    &policy_invalid_principal::RULE,
    &policy_placeholder::RULE,
    &policy_too_large::RULE,
    &policy_unknown_action::RULE,
    &policy_unknown_condition_key::RULE,
    &policy_condition_mismatch::RULE,
    &policy_wildcard_in_exact_match::RULE,
    &policy_variable_literal::RULE,
    &statement_never_matches::RULE,
    &source_unreadable::RULE,
    &sources_differ::RULE,
    &ignore_invalid::RULE,
    &ignore_expired::RULE,
    &ignore_unused::RULE,
];

/// Those that look when all before them in the table have: they ask for decisions about a policy, which share what they may cost, so that what the
/// last of them is told hangs on who asked before.
const IN_TURN: &[&Rule] = &[
    &key_policy_split::RULE,
    &trail_policy_race::RULE,
    &policy_duplicate_key::RULE,
];

/// The rule of that id.
pub fn find(id: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.id == id)
}

/// The rules as reports show them, in the order of the table.
pub fn described() -> Vec<Described> {
    let described = |rule: &&Rule| Described {
        id: rule.id.into(),
        severity: rule.severity,
        summary: rule.summary.into(),
        page: rule.page.into(),
        url: published(rule.id),
    };
    ALL.iter().map(described).collect()
}

/// The address of a rule's page, as it was when this version was released.
fn published(id: &str) -> Option<String> {
    let repository = env!("CARGO_PKG_REPOSITORY");
    let (version, file) = (env!("CARGO_PKG_VERSION"), id.replace('-', "_"));
    let url = format!("{repository}/blob/v{version}/src/rules/{file}.md");
    Some(url).filter(|_| !repository.is_empty())
}

/// Runs the rules that are selected. Worst first, then by address and in the order of the table; the same finding on several instances is one.
pub fn check(model: &Model, gate: Gate, selection: &Selection) -> Vec<Finding> {
    check_with(model, gate, selection, &[])
}

/// The same, with what the user's own rules found.
pub fn check_with(
    model: &Model,
    gate: Gate,
    selection: &Selection,
    violations: &[Violation<'_>],
) -> Vec<Finding> {
    let findings = Findings::new(gate, selection);
    run(model, findings, selection, violations)
}

/// The findings about exceptions, which are known only when the others are: the selected rules about [`Model::exceptions`].
pub fn check_exceptions(model: &Model, selection: &Selection) -> Vec<Finding> {
    let mut findings = Findings::new(Gate::default(), selection);
    let rules = [
        &ignore_invalid::RULE,
        &ignore_expired::RULE,
        &ignore_unused::RULE,
    ];
    for rule in rules.into_iter().filter(|rule| selection.takes(rule)) {
        (rule.check)(model, &mut findings);
    }
    let mut findings = findings.into_sorted();
    identity::mark(&mut findings, model);
    findings
}

/// Fewer keys are not worth another thread.
const FEW: usize = 16;

fn run(
    model: &Model,
    mut findings: Findings,
    selection: &Selection,
    violations: &[Violation<'_>],
) -> Vec<Finding> {
    let rules = ALL.iter().copied();
    let rules: Vec<&Rule> = rules.filter(|rule| selection.takes(rule)).collect();
    let waits = |rule: &Rule| IN_TURN.iter().any(|it| it.id == rule.id);
    let look = |rule: &&Rule| {
        let mut own = findings.beside();
        if !waits(rule) {
            (rule.check)(model, &mut own);
        }
        own
    };
    let found: Vec<Findings> = if model.keys.len() < FEW {
        rules.iter().map(look).collect()
    } else {
        parallel::map(&rules, look)
    };
    for (rule, own) in rules.into_iter().zip(found) {
        findings.extend(own);
        if waits(rule) {
            (rule.check)(model, &mut findings);
        }
    }
    for violation in violations {
        violation.report(&mut findings);
    }
    let mut findings = told::once(findings.into_sorted(), model);
    for finding in &mut findings {
        way::anchor(finding, model);
        for twin in &mut finding.basis.twins {
            way::anchor(twin, model);
        }
    }
    identity::mark(&mut findings, model);
    distinct(&mut findings, model);
    findings
}
