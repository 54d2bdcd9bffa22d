//! `keytrail.toml`: settings, severities of rules, expectations of keys, and rules of the user's own, each with the place where it stands.
//!
//! [`parse`] never stops at the first mistake: what is wrong is a list of [`Problem`]s, and a configuration with any is not to be used.
//! It reads a text that somebody else has loaded; where the file is found is the command line's affair.

mod custom;
mod day;
mod expect;
mod ignore;
mod query;
mod reach;
mod read;
mod settings;
mod template;

pub use custom::{Check, CustomRule, Test};
pub use day::Day;
pub use expect::{Expectation, Expected, Given, KeyPattern};
pub use ignore::{Ignore, can_be_ignored};
pub use query::Query;
pub use settings::{
    DeclaredReader, Level, SETTINGS, Setting, Settings, Worth, account, organization, principal,
    region, variable,
};
pub use template::{Name, Piece, Template};

use toml::de::DeTable;

use crate::report::{Effect, Finding, Label, Severity};
use crate::source::{FileId, SourceMap, Span};
use read::{Reader, Table};

/// The name of the file.
pub const FILE: &str = "keytrail.toml";

/// What `keytrail init` writes: every key, commented.
pub const TEMPLATE: &str = include_str!("init.toml");

/// The JSON Schema of the file, for editors.
pub const JSON_SCHEMA: &str = include_str!("schema.json");

/// Where this version's schema is published; none where it is not known where keytrail is.
pub fn schema_url() -> Option<String> {
    let raw = "https://raw.githubusercontent.com/";
    let name = env!("CARGO_PKG_REPOSITORY").strip_prefix("https://github.com/")?;
    let version = env!("CARGO_PKG_VERSION");
    Some(format!("{raw}{name}/v{version}/src/config/schema.json"))
}

/// The page of `keytrail explain custom-rules`. Markdown.
pub const CUSTOM_RULES: &str = include_str!("custom_rules.md");

/// A configuration file, read.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// `[check]` and `[[reader]]`
    pub settings: Settings,
    /// `[rules]`: what findings of a rule are worth, in the order of the rules' names.
    pub levels: Vec<(String, Level)>,
    /// `[[expect]]`
    pub expectations: Vec<Expectation>,
    /// `[[rule]]`
    pub rules: Vec<CustomRule>,
    /// `[[ignore]]`
    pub ignores: Vec<Ignore>,
}

/// A value of the file, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Span,
}

/// Something that is wrong with the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// One sentence, lower case, names in backticks, no final period.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Where.
    pub span: Span,
}

impl Problem {
    /// The problem as a finding, to be shown at its lines.
    pub fn finding(&self) -> Finding {
        let (severity, effect) = (Severity::Error, Effect::Hygiene);
        let mut finding = Finding::new(
            "configuration",
            severity,
            effect,
            FILE,
            self.message.clone(),
        );
        finding.help.clone_from(&self.help);
        finding.labels.push(Label {
            span: self.span,
            text: "here".to_owned(),
            primary: true,
            defect: true,
        });
        finding
    }
}

/// The sections of the file.
const SECTIONS: [&str; 6] = ["check", "reader", "rules", "expect", "rule", "ignore"];

/// Every key of the file, as a path from its top: `check.fail-on`, `expect.allow.principal`. In `[rules]` a key is the id of a rule.
pub fn keys() -> Vec<String> {
    let mut keys = Vec::new();
    let mut add = |section: &str, names: &[&str]| {
        keys.extend(names.iter().map(|name| format!("{section}.{name}")));
    };
    add("check", &settings::KEYS);
    add("reader", &settings::READER);
    add("rules", &["RULE"]);
    add("expect", &expect::KEYS);
    add("expect.allow", &expect::REQUEST);
    add("expect.deny", &expect::REQUEST);
    add("rule", &custom::KEYS);
    add("rule.require", &custom::CHECK);
    add("rule.forbid", &custom::CHECK);
    add("ignore", &ignore::KEYS);
    keys
}

/// What is no TOML, and what to do.
fn syntax(said: &str) -> (String, &'static str) {
    match said.trim_end_matches('.') {
        "duplicate key" => (
            "it stands in the file a second time".to_owned(),
            "put both into one",
        ),
        deep if deep.contains("recurs") => (
            "values lie too deep inside each other".to_owned(),
            "`keytrail init` writes a file with every key",
        ),
        other => (
            format!("the file is no TOML: {other}"),
            "a line is `key = \"text\"` or a `[section]`; a key with other letters than `a-z`, `0-9`, `-` and `_` stands in quotes",
        ),
    }
}

/// Reads the text of a configuration file. `known` are the ids of all rules.
pub fn parse(sources: &SourceMap, file: FileId, known: &[&str]) -> (Config, Vec<Problem>) {
    let text = sources.text(file);
    let mut reader = Reader::new(sources, file);
    let (root, errors) = DeTable::parse_recoverable(&text);
    let mut last = None;
    for error in errors {
        let at = error.span().unwrap_or(0..0);
        // What follows on the same line comes of the first mistake.
        let line = text
            .bytes()
            .take(at.start)
            .filter(|it| *it == b'\n')
            .count();
        if last.replace(line) != Some(line) {
            let (message, help) = syntax(error.message());
            reader.problem(at, message, Some(help.to_owned()));
        }
    }
    let mut config = Config::default();
    if reader.problems.is_empty() {
        let top = Table::top(&root);
        reader.only(&top, &SECTIONS, "section");
        if let Some(check) = reader.table(&top, "check") {
            config.settings = settings::check(&mut reader, &check);
        }
        for table in reader.tables(&top, "reader") {
            settings::reader(&mut reader, &table, &mut config.settings);
        }
        let mut own = Vec::new();
        for table in reader.tables(&top, "rule") {
            own.extend(custom::id(&table));
            let rule = custom::rule(&mut reader, &table);
            config.rules.extend(rule);
        }
        if let Some(rules) = reader.table(&top, "rules") {
            config.levels = settings::levels(&mut reader, &rules, known, &own);
        }
        for table in reader.tables(&top, "expect") {
            config
                .expectations
                .extend(expect::expectation(&mut reader, &table));
        }
        expect::limit(&mut reader, &config.expectations);
        custom::distinct(&mut reader, &config.rules, known);
        let own = config.rules.iter().map(|rule| rule.id.value.as_str());
        let all: Vec<&str> = known.iter().copied().chain(own).collect();
        for table in reader.tables(&top, "ignore") {
            let ignore = ignore::ignore(&mut reader, &table, &all);
            config.ignores.extend(ignore);
        }
    }
    let mut problems = reader.problems;
    problems.sort_by_key(|problem| problem.span);
    (config, problems)
}

#[cfg(test)]
mod tests;
