//! The baseline: findings that were there when it was written. Each instance of a finding is an entry: its rule, its address, how bad it
//! is, and its fingerprint, which changes with the statement. A finding that has no entry left counts, so that nothing new hides behind
//! an old one, and one that got worse counts again.

use serde::{Deserialize, Serialize};

use super::split::{self, Instance};
use crate::config::can_be_ignored;
use crate::model::Model;
use crate::policy::Verdict;
use crate::report::{FINGERPRINT, Finding, Severity, Suppression, SuppressionKind};
use crate::rules::root_of;

/// A file that is larger is no baseline.
pub const LARGEST: usize = 64 << 20;

/// The form of the file.
const VERSION: u32 = 1;

/// A baseline that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    fingerprint: String,
    findings: Vec<Entry>,
}

/// One finding of one instance.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(deny_unknown_fields)]
struct Entry {
    rule: String,
    address: String,
    /// The input, where there are several: two of them may have the same addresses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    root: Option<String>,
    severity: String,
    verdict: String,
    fingerprint: String,
}

/// A baseline as text, and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The text of the file.
    pub text: String,
    /// How many findings it holds, instance by instance.
    pub findings: usize,
    /// How many it cannot hold, as nothing of what they are about may be written down.
    pub hidden: usize,
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// Why the text is none, in one sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File =
            serde_json::from_str(text).map_err(|error| format!("this is no baseline: {error}"))?;
        if file.version != VERSION || file.fingerprint != FINGERPRINT {
            return Err(format!(
                "this baseline is of another version of keytrail: write it anew with `--write-baseline` (it is of form {} with `{}`, and not {VERSION} with `{FINGERPRINT}`)",
                file.version,
                file.fingerprint.escape_debug()
            ));
        }
        for entry in &file.findings {
            let hex = entry.fingerprint.len() == 64
                && entry.fingerprint.bytes().all(|it| it.is_ascii_hexdigit());
            if severity(&entry.severity).is_none() || rank_of(&entry.verdict).is_none() || !hex {
                let shown: String = entry.address.escape_debug().take(200).collect();
                return Err(format!(
                    "this is no baseline: its entry for `{shown}` has no severity, verdict or fingerprint that keytrail writes"
                ));
            }
        }
        Ok(Baseline {
            entries: file.findings,
        })
    }

    /// The baseline of what was found and is not put aside.
    pub fn write(findings: &[Finding], model: &Model) -> Written {
        let (mut entries, mut hidden) = (Vec::new(), 0);
        for finding in findings.iter().filter(|it| is_held(it)) {
            for instance in split::instances(finding) {
                if instance.finding.basis.hidden {
                    hidden += 1;
                } else {
                    entries.push(entry(&instance, model));
                }
            }
        }
        entries.sort();
        // One line each, so that a change shows as the lines that it is.
        let lines: Vec<String> = entries
            .iter()
            .filter_map(|entry| serde_json::to_string(entry).ok())
            .collect();
        let mut text = format!(
            "{{\n  \"version\": {VERSION},\n  \"fingerprint\": \"{FINGERPRINT}\",\n  \"findings\": ["
        );
        for (at, line) in lines.iter().enumerate() {
            text.extend([if at == 0 { "\n    " } else { ",\n    " }, line]);
        }
        text.push_str(if lines.is_empty() {
            "]\n}\n"
        } else {
            "\n  ]\n}\n"
        });
        Written {
            text,
            findings: entries.len(),
            hidden,
        }
    }

    /// Puts aside what is in it, each entry once, and gives how many entries of rules that `ran` found nothing any more.
    pub(super) fn apply(
        &self,
        findings: &mut Vec<Finding>,
        model: &Model,
        ran: impl Fn(&str) -> bool,
    ) -> usize {
        let mut left: Vec<&Entry> = self.entries.iter().collect();
        left.sort();
        split::apply(findings, |instance| {
            if !is_held(instance.finding) || instance.finding.basis.hidden {
                return None;
            }
            let wanted = entry(instance, model);
            let start = left
                .partition_point(|it| (&it.rule, &it.address) < (&wanted.rule, &wanted.address));
            let same = left.get(start..)?.iter();
            let same =
                same.take_while(|it| (&it.rule, &it.address) == (&wanted.rule, &wanted.address));
            let found = same.enumerate().find(|(_, it)| covers(it, &wanted))?.0;
            left.remove(start + found);
            Some(Suppression {
                kind: SuppressionKind::Baseline,
                reason: None,
                until: None,
                at: None,
            })
        });
        left.iter().filter(|it| ran(&it.rule)).count()
    }
}

/// True for a finding that a baseline can hold.
fn is_held(finding: &Finding) -> bool {
    finding.suppressed.is_none() && can_be_ignored(&finding.rule)
}

fn entry(instance: &Instance<'_>, model: &Model) -> Entry {
    let finding = instance.finding;
    let root = root_of(finding, model);
    let several = model.inputs.len() > 1 && !root.is_empty();
    Entry {
        rule: finding.rule.to_string(),
        address: instance.address.to_owned(),
        root: several.then(|| plain(root).to_owned()),
        severity: finding.severity.word().to_owned(),
        verdict: finding.verdict.map_or("sure", Verdict::word).to_owned(),
        fingerprint: finding.basis.plain.clone(),
    }
}

fn plain(root: &str) -> &str {
    let root = root.strip_prefix("./").unwrap_or(root);
    root.strip_suffix('/').unwrap_or(root)
}

/// True where what was written down is no less than what is found now.
fn covers(old: &Entry, new: &Entry) -> bool {
    (&old.fingerprint, &old.root) == (&new.fingerprint, &new.root)
        && severity(&old.severity) >= severity(&new.severity)
        && rank_of(&old.verdict) >= rank_of(&new.verdict)
}

fn severity(word: &str) -> Option<Severity> {
    let all = [Severity::Note, Severity::Warning, Severity::Error];
    all.into_iter().find(|it| it.word() == word)
}

/// How bad a verdict is.
fn rank_of(word: &str) -> Option<u8> {
    match word {
        "allowed" => Some(0),
        "delegated" => Some(1),
        "conditional" => Some(2),
        "undecided" => Some(3),
        "denied" | "sure" => Some(4),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_baseline_is_refused() {
        let entry = |fields: &str| {
            format!("{{\"version\":1,\"fingerprint\":\"keytrail/v1\",\"findings\":[{{{fields}}}]}}")
        };
        let right = format!(
            "\"rule\":\"r\",\"address\":\"a\",\"severity\":\"error\",\"verdict\":\"sure\",\"fingerprint\":\"{}\"",
            "0".repeat(64)
        );
        assert!(Baseline::parse(&entry(&right)).is_ok());
        for text in [
            String::new(),
            "[]".to_owned(),
            "{}".to_owned(),
            "\u{1b}[31m".to_owned(),
            "{\"version\":2,\"fingerprint\":\"keytrail/v1\",\"findings\":[]}".to_owned(),
            "{\"version\":1,\"fingerprint\":\"x\\u001b\",\"findings\":[]}".to_owned(),
            "{\"version\":1,\"fingerprint\":\"keytrail/v1\",\"findings\":[],\"more\":1}".to_owned(),
            entry(&right.replace("error", "fatal")),
            entry(&right.replace("sure", "maybe")),
            entry(&right.replace("00", "0g")),
            entry(&right.replace("\"rule\":\"r\",", "")),
            "[".repeat(100_000),
        ] {
            let refused = Baseline::parse(&text);
            assert!(refused.is_err(), "{text}");
            assert!(refused.is_err_and(|it| !it.contains('\u{1b}')));
        }
    }
}
