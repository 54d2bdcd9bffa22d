//! The report for code scanning: SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"), as GitHub reads it (GitHub Docs, "SARIF
//! support for code scanning").
//!
//! Findings that are put aside are not in it: GitHub shows a result as an open alert whatever its `suppressions` say. A notification counts them.
//!
//! There is no `automationDetails`: `upload-sarif` writes its `category` there, and leaves what it finds alone, so that two uploads of one
//! workflow would meet.

mod flow;
mod place;
mod result;
mod rule;

use std::collections::BTreeMap;
use std::io;

use serde::Serialize;

use super::anchor::Anchor;
use super::closing;
use super::{Finding, Report, text};
use place::{Location, Message, ROOT, escaped};

/// What code scanning takes.
#[derive(Clone, Copy)]
struct Limits {
    /// Results of a run; it refuses more.
    results: usize,
    /// Bytes of all results. It refuses a file of more than 10 MB after gzip, which makes text like this at least ten times smaller.
    bytes: usize,
}

const LIMITS: Limits = Limits {
    results: 25_000,
    bytes: 64 << 20,
};

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    invocations: [Invocation<'a>; 1],
    original_uri_base_ids: BTreeMap<&'static str, Base>,
    column_kind: &'static str,
    results: Vec<result::Outcome<'a>>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    information_uri: Option<&'static str>,
    rules: Vec<rule::Descriptor>,
    notifications: [Notice; 3],
}

/// A kind of notification.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Notice {
    id: &'static str,
    name: &'static str,
    short_description: Message,
    full_description: Message,
    help: Message,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation<'a> {
    execution_successful: bool,
    exit_code: u8,
    tool_execution_notifications: Vec<Notification<'a>>,
}

#[derive(Serialize)]
struct Notification<'a> {
    descriptor: Reference,
    level: &'static str,
    message: Message,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location<'a>>,
}

#[derive(Serialize)]
struct Reference {
    index: usize,
}

#[derive(Serialize)]
struct Base {
    description: Message,
}

/// The kinds of notifications: id, name, what it is, and what to do.
const NOTICES: [[&str; 4]; 3] = [
    [
        "input-not-read",
        "InputNotRead",
        "An input could not be read, so nothing of it was judged.",
        "Mend the input, and run keytrail again: until then its exit code is 2.",
    ],
    [
        "results-left-out",
        "ResultsLeftOut",
        "There are more results than code scanning takes.",
        "Mend the results that are here, the most severe ones, or see all of them with `--format json`.",
    ],
    [
        "input-note",
        "InputNote",
        "Something to know before the results are taken for everything that there is.",
        "Supply what is missing, or take it into account.",
    ],
];

/// An input could not be read: the first of [`NOTICES`].
const UNREAD: usize = 0;

/// Results are left out: the second one.
const LEFT: usize = 1;

/// What the answers rest on: the third one.
const NOTE: usize = 2;

/// Writes the report. Nothing of it depends on the machine or the time.
pub(super) fn write(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let page = serde_json::to_string_pretty(&log(report, LIMITS)?)?;
    out.write_all(text::json(&page).as_bytes())
}

fn log<'a>(report: &'a Report, limits: Limits) -> io::Result<Log<'a>> {
    let (results, rules) = results(report, limits)?;
    let left = report.findings.len() - results.len();
    let version = env!("CARGO_PKG_VERSION");
    Ok(Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: env!("CARGO_PKG_NAME"),
                    version,
                    semantic_version: version,
                    information_uri: Some(env!("CARGO_PKG_REPOSITORY")).filter(|it| !it.is_empty()),
                    rules,
                    notifications: NOTICES.map(|[id, name, what, help]| {
                        let message = |text: &str| Message {
                            text: text.to_owned(),
                        };
                        Notice {
                            id,
                            name,
                            short_description: message(what),
                            full_description: message(what),
                            help: message(help),
                        }
                    }),
                },
            },
            invocations: [Invocation {
                execution_successful: report.exit_code < 2,
                exit_code: report.exit_code,
                tool_execution_notifications: notifications(report, left),
            }],
            original_uri_base_ids: BTreeMap::from([(
                ROOT,
                Base {
                    description: Message {
                        text: "The root of the repository.".to_owned(),
                    },
                },
            )]),
            column_kind: "unicodeCodePoints",
            results,
        }],
    })
}

/// The results, as many as code scanning takes, worst first; and the rules that they are of.
fn results<'a>(
    report: &'a Report,
    limits: Limits,
) -> io::Result<(Vec<result::Outcome<'a>>, Vec<rule::Descriptor>)> {
    let findings: Vec<&Finding> = report.findings.iter().take(limits.results).collect();
    let rules = rule::descriptors(&findings, report.rules);
    let mut results = Vec::new();
    let mut bytes = 0;
    for finding in findings {
        let id = rule::id(finding, report.rules);
        let index = rules.iter().position(|it| it.id == id).unwrap_or_default();
        let result = result::outcome(finding, index, report);
        bytes += serde_json::to_vec(&result)?.len();
        if bytes > limits.bytes {
            break;
        }
        results.push(result);
    }
    Ok((results, rules))
}

/// What could not be read, what is left out, and what the answers rest on.
fn notifications<'a>(report: &Report, left: usize) -> Vec<Notification<'a>> {
    let notification = |index: usize, level, words: &str| Notification {
        descriptor: Reference { index },
        level,
        message: Message {
            text: rule::sentence(&escaped(words)),
        },
        locations: Vec::new(),
    };
    let mut all = Vec::new();
    for unread in report.unread {
        let home = report.files.input(&unread.path);
        let words = format!("{}: {}", unread.path, unread.problem);
        all.push(Notification {
            locations: home
                .map(|home| Location::of(&Anchor::of_file(home), ""))
                .into_iter()
                .collect(),
            ..notification(UNREAD, "error", &words)
        });
    }
    for undone in report.undone {
        all.push(notification(NOTE, "error", undone));
    }
    if left > 0 {
        let words = format!(
            "{} left out, the least severe ones",
            text::count(left, "result")
        );
        all.push(notification(LEFT, "warning", &words));
    }
    let aside = report.suppressed.len();
    if aside > 0 {
        let words = format!(
            "{} put aside by a comment, `keytrail.toml` or the baseline",
            text::count(aside, "finding")
        );
        all.push(notification(NOTE, "note", &words));
    }
    for input in &report.model.inputs {
        for note in closing::notes(input) {
            let words = format!("{}: {note}", input.path);
            all.push(notification(NOTE, "note", &words));
        }
    }
    for line in &report.model.not_seen {
        all.push(notification(
            NOTE,
            "note",
            &format!("not looked at: {line}"),
        ));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;
    use crate::report::{Effect, Files, Severity};
    use crate::source::SourceMap;

    /// The messages of the results, and what is told of those that are left out.
    fn kept(limits: Limits) -> (Vec<String>, Vec<String>) {
        let finding = |severity, message: &str| {
            let (rule, effect) = ("trail-key-denies-encrypt", Effect::Exposure);
            Finding::new(rule, severity, effect, "aws_kms_key.k", message.to_owned())
        };
        let mut aside = finding(Severity::Error, "aside");
        aside.suppressed = Some(crate::report::Suppression {
            kind: crate::report::SuppressionKind::Comment,
            reason: Some("because".to_owned()),
            until: None,
            at: None,
        });
        let findings = [
            finding(Severity::Error, "one"),
            finding(Severity::Error, "two"),
            finding(Severity::Note, "three"),
        ];
        let report = Report {
            model: &Model::default(),
            findings: &findings,
            suppressed: &[aside],
            sources: &SourceMap::new(),
            files: &Files::default(),
            rules: &[],
            unread: &[],
            undone: &[],
            fail_on: Severity::Error,
            exit_code: 1,
        };
        let log = serde_json::to_value(log(&report, limits).unwrap()).unwrap();
        let texts = |list: &serde_json::Value| -> Vec<String> {
            let list = list.as_array().unwrap().iter();
            list.map(|it| it["message"]["text"].as_str().unwrap().to_owned())
                .collect()
        };
        let run = &log["runs"][0];
        let told = &run["invocations"][0]["toolExecutionNotifications"];
        (texts(&run["results"]), texts(told))
    }

    #[test]
    fn what_is_too_much_is_left_out_from_the_end_and_told() {
        let (all, told) = kept(LIMITS);
        assert_eq!(all, ["One.", "Two.", "Three."]);
        let aside = "1 finding put aside by a comment, `keytrail.toml` or the baseline.";
        assert_eq!(told, [aside]);
        let results = Limits {
            results: 2,
            ..LIMITS
        };
        let (first, told) = kept(results);
        assert_eq!(first, ["One.", "Two."]);
        assert_eq!(told, ["1 result left out, the least severe ones.", aside]);
        let bytes = Limits {
            bytes: 700,
            ..LIMITS
        };
        let (first, told) = kept(bytes);
        assert_eq!(first, ["One."]);
        assert_eq!(told, ["2 results left out, the least severe ones.", aside]);
    }
}
