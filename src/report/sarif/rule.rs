//! Descriptors of rules, as code scanning shows, ranks and gates them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::place::Message;
use crate::policy::Verdict;
use crate::report::{Described, Effect, Finding, Severity};

/// GitHub cuts descriptions there.
const LONGEST: usize = 1024;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    pub(super) id: String,
    name: String,
    short_description: Message,
    full_description: Message,
    help: Help,
    default_configuration: Configuration,
    properties: Properties,
}

#[derive(Serialize)]
struct Help {
    text: String,
    markdown: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Properties {
    tags: Vec<&'static str>,
    precision: &'static str,
    #[serde(rename = "problem.severity")]
    problem: &'static str,
    #[serde(rename = "security-severity")]
    security: &'static str,
}

/// The id under which a finding is reported: its rule, and for an answer that is worth less than the rule the kind of the answer. GitHub ranks
/// and gates by rule, so that an undecided warning under the id of an error would fail a pull request that keytrail lets pass.
pub(super) fn id(finding: &Finding, rules: &[Described]) -> String {
    let usual = find(&finding.rule, rules).map(|rule| rule.severity);
    match finding.verdict {
        Some(open) if is_open(open) && usual != Some(finding.severity) => {
            format!("{}/{}", finding.rule, open.word())
        }
        _ => finding.rule.to_string(),
    }
}

fn find<'a>(id: &str, rules: &'a [Described]) -> Option<&'a Described> {
    rules.iter().find(|rule| rule.id == id)
}

fn is_open(verdict: Verdict) -> bool {
    matches!(
        verdict,
        Verdict::Undecided | Verdict::Conditional | Verdict::Delegated
    )
}

/// The descriptors of all rules that found something, by id. The worst finding of a rule gives it its level.
pub(super) fn descriptors(findings: &[&Finding], rules: &[Described]) -> Vec<Descriptor> {
    let mut worst: BTreeMap<String, &Finding> = BTreeMap::new();
    for &finding in findings {
        let entry = worst.entry(id(finding, rules)).or_insert(finding);
        if finding.severity > entry.severity {
            *entry = finding;
        }
    }
    worst
        .into_iter()
        .map(|(id, finding)| descriptor(id, finding, rules))
        .collect()
}

fn descriptor(id: String, finding: &Finding, rules: &[Described]) -> Descriptor {
    let open = finding.verdict.filter(|it| is_open(*it));
    let suffix = open.filter(|_| id.contains('/'));
    let rule = find(&finding.rule, rules);
    let page = rule.map_or_else(
        || format!("# {}\n", finding.rule),
        |rule| rule.page.to_string(),
    );
    let mut short = sentence(rule.map_or(&finding.rule, |rule| &rule.summary));
    let mut full = rule.map_or_else(|| short.clone(), |rule| sentence(&introduction(&rule.page)));
    if let Some(verdict) = suffix {
        let answer = match verdict {
            Verdict::Conditional => "holds for some values of what is not known",
            Verdict::Delegated => "is left to IAM policies that were not looked at",
            _ => "cannot be given with what is known",
        };
        let note = format!(" Here the answer {answer}.");
        short.push_str(&note);
        full.push_str(&note);
    }
    Descriptor {
        name: pascal(&id),
        short_description: Message { text: cut(&short) },
        full_description: Message { text: cut(&full) },
        help: Help {
            text: page.clone(),
            markdown: page,
        },
        default_configuration: Configuration {
            level: finding.severity.word(),
        },
        properties: Properties {
            tags: tags(finding.effect),
            precision: if open.is_some() { "medium" } else { "high" },
            problem: match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "recommendation",
            },
            security: score(finding.effect, finding.severity),
        },
        id,
    }
}

/// What a finding of this effect is worth between 0 and 10. Code scanning calls more than 9.0 critical, from 7.0 high, from 4.0 medium and
/// below that low, and by default it fails a pull request from high on: as keytrail does from an error on.
///
/// | effect | error | warning | note |
/// |---|---|---|---|
/// | exposure: somebody can read or use who should not | 9.1 | 6.9 | 3.9 |
/// | delivery-stops: there will be no logs | 8.5 | 6.5 | 3.5 |
/// | read-fails: nobody can use the logs | 7.5 | 5.5 | 2.5 |
/// | apply-fails: nothing is changed | 7.5 | 5.5 | 2.5 |
/// | documented: AWS says that it is needed | 7.0 | 4.5 | 1.5 |
/// | hygiene: nothing breaks today | 7.0 | 4.0 | 1.0 |
fn score(effect: Effect, severity: Severity) -> &'static str {
    let [error, warning, note] = match effect {
        Effect::Exposure => ["9.1", "6.9", "3.9"],
        Effect::DeliveryStops => ["8.5", "6.5", "3.5"],
        Effect::ReadFails | Effect::ApplyFails => ["7.5", "5.5", "2.5"],
        Effect::Documented => ["7.0", "4.5", "1.5"],
        Effect::Hygiene => ["7.0", "4.0", "1.0"],
    };
    match severity {
        Severity::Error => error,
        Severity::Warning => warning,
        Severity::Note => note,
    }
}

/// What alerts can be filtered by. GitHub shows ten at most.
fn tags(effect: Effect) -> Vec<&'static str> {
    let service = ["security", "terraform", "aws", "kms", "cloudtrail"];
    service.into_iter().chain([effect.word()]).collect()
}

/// `TrailKeyDeniesEncrypt`
fn pascal(id: &str) -> String {
    id.split(|letter: char| !letter.is_ascii_alphanumeric())
        .flat_map(|word| {
            let mut letters = word.chars();
            let first = letters.next().map(|it| it.to_ascii_uppercase());
            first.into_iter().chain(letters).collect::<Vec<char>>()
        })
        .collect()
}

/// The first paragraph of a page, on one line.
fn introduction(page: &str) -> String {
    let body = page
        .lines()
        .skip_while(|it| it.starts_with('#') || it.trim().is_empty());
    let lines: Vec<&str> = body.take_while(|it| !it.trim().is_empty()).collect();
    lines.join(" ")
}

/// With a capital letter and a period.
pub(super) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let mut out: String = letters
        .next()
        .map(|it| it.to_ascii_uppercase())
        .into_iter()
        .collect();
    out.push_str(letters.as_str());
    if !out.ends_with(['.', '!', '?', ':']) {
        out.push('.');
    }
    out
}

fn cut(words: &str) -> String {
    match words.char_indices().nth(LONGEST) {
        Some(_) => words.chars().take(LONGEST - 1).chain(['…']).collect(),
        None => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules;

    fn found(rule: &rules::Rule) -> Finding {
        let message = "it".to_owned();
        Finding::new(
            rule.id,
            rule.severity,
            rule.effect,
            "aws_kms_key.k",
            message,
        )
    }

    #[test]
    fn every_score_is_of_the_class_that_its_severity_says() {
        for effect in [
            Effect::ApplyFails,
            Effect::DeliveryStops,
            Effect::ReadFails,
            Effect::Exposure,
            Effect::Documented,
            Effect::Hygiene,
        ] {
            let score = |severity| score(effect, severity).parse::<f32>().unwrap();
            assert!((7.0..=10.0).contains(&score(Severity::Error)), "{effect:?}");
            assert!((4.0..7.0).contains(&score(Severity::Warning)), "{effect:?}");
            assert!((0.1..4.0).contains(&score(Severity::Note)), "{effect:?}");
        }
    }

    #[test]
    fn descriptors_are_what_github_wants() {
        for rule in rules::ALL {
            let finding = found(rule);
            let [it] = descriptors(&[&finding], &rules::described())
                .try_into()
                .ok()
                .unwrap();
            assert_eq!(it.id, rule.id);
            assert!(
                it.name.starts_with(|it: char| it.is_ascii_uppercase()),
                "{}",
                it.name
            );
            for text in [&it.short_description.text, &it.full_description.text] {
                assert!(
                    text.ends_with('.') && text.len() <= LONGEST,
                    "{}: {text}",
                    it.id
                );
                assert!(!text.contains(['#', '\n']), "{}: {text}", it.id);
            }
            assert!(it.properties.tags.len() <= 10);
        }
    }

    #[test]
    fn an_undecided_warning_of_a_rule_for_errors_is_an_alert_of_its_own() {
        let described = rules::described();
        let rule = rules::find("trail-key-denies-encrypt").unwrap();
        let sure = found(rule);
        let open = Finding {
            severity: Severity::Warning,
            verdict: Some(Verdict::Undecided),
            ..sure.clone()
        };
        let strict = Finding {
            severity: Severity::Error,
            ..open.clone()
        };
        assert_eq!(id(&open, &described), "trail-key-denies-encrypt/undecided");
        assert_eq!(id(&strict, &described), "trail-key-denies-encrypt");
        let all = descriptors(&[&sure, &open], &described);
        let told: Vec<_> = all
            .iter()
            .map(|it| {
                (
                    it.id.as_str(),
                    it.default_configuration.level,
                    it.properties.security,
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("trail-key-denies-encrypt", "error", "8.5"),
                ("trail-key-denies-encrypt/undecided", "warning", "6.5")
            ]
        );
    }
}
