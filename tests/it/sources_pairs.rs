//! Configurations and the plans that Terraform made of them: sources alone, the plan alone, and both say the same, and what is expected.
//!
//! `expected.txt` holds a line for each requirement:
//!
//! ```text
//! ADDRESS REQUIREMENT VERDICT [plan=VERDICT] [sources=VERDICT] [both=VERDICT] [key=ADDRESS] [reader=ARN] [action=kms:X]
//! ADDRESS link STATUS [plan=STATUS] …
//! ADDRESS finding RULE          `!RULE`: no such finding; ADDRESS may be `*`
//! # a comment
//! ```
//!
//! `a|b` is either of them, `absent` no such requirement, `-` anything. Where a mode has a verdict of its own, it need not be that of the others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::support::check::{Said, check};
use crate::support::expect;

/// What is not as expected yet: the folder, how the line begins, and why.
const PENDING: &[(&str, &str, &str)] = &[
    (
        "bucket-key-decrypt-allowed",
        "plan aws_cloudtrail.main cloudtrail-decrypt",
        "the plan alone does not follow an output that is a whole bucket",
    ),
    (
        "bucket-key-decrypt-allowed",
        "aws_cloudtrail.main cloudtrail-decrypt",
        "the plan alone does not follow an output that is a whole bucket",
    ),
];

const MODES: [&str; 3] = ["sources", "plan", "both"];

/// A line of `expected.txt`.
struct Line {
    address: String,
    requirement: String,
    any: Vec<String>,
    options: BTreeMap<String, Vec<String>>,
}

impl Line {
    fn read(text: &str) -> Option<Self> {
        let text = text.split(" #").next()?.trim();
        if text.is_empty() || text.starts_with('#') {
            return None;
        }
        let mut words = text.split_whitespace().map(str::to_owned);
        let mut next = || words.next().unwrap_or_else(|| panic!("{text}"));
        let (address, requirement, verdicts) = (next(), next(), next());
        let split = |text: &str| text.split('|').map(str::to_owned).collect();
        let option = |word: String| {
            let (name, value) = word.split_once('=').unwrap_or_else(|| panic!("{text}"));
            (name.to_owned(), split(value))
        };
        Some(Line {
            address,
            requirement,
            any: split(&verdicts),
            options: words.map(option).collect(),
        })
    }

    fn wanted(&self, mode: &str) -> &[String] {
        self.options.get(mode).unwrap_or(&self.any)
    }

    fn is_split(&self) -> bool {
        MODES.iter().any(|mode| self.options.contains_key(*mode))
    }

    /// What is wrong with a report.
    fn check(&self, mode: &str, said: &Said) -> Option<String> {
        let wanted = self.wanted(mode);
        let is_wanted = |found: &String| wanted.contains(found);
        if wanted.iter().any(|it| it == "-") {
            return None;
        }
        let found = match self.requirement.as_str() {
            "link" => said
                .links
                .get(&self.address)
                .map_or("absent".to_owned(), |(status, _)| status.clone()),
            "finding" => return self.check_findings(mode, wanted, said),
            _ => {
                let found = self.verdicts(said);
                match found.len() {
                    0 => "absent".to_owned(),
                    _ => found
                        .iter()
                        .find(|it| !is_wanted(it))
                        .unwrap_or(&wanted[0])
                        .clone(),
                }
            }
        };
        let (address, requirement) = (&self.address, &self.requirement);
        (!is_wanted(&found)).then(|| {
            let wanted = wanted.join("|");
            format!("{mode} {address} {requirement}: {found}, expected {wanted}")
        })
    }

    fn verdicts(&self, said: &Said) -> BTreeSet<String> {
        let option = |name: &str, found: &str| {
            let wanted = self.options.get(name);
            wanted.is_none_or(|it| it.iter().any(|it| it == found))
        };
        let rows = said.verdicts.iter().filter(|(row, _)| {
            row.subject == self.address
                && row.requirement == self.requirement
                && option("key", &row.key)
                && option("reader", &row.reader)
                && option("action", &row.action)
        });
        rows.map(|(_, verdict)| verdict.clone()).collect()
    }

    fn check_findings(&self, mode: &str, wanted: &[String], said: &Said) -> Option<String> {
        let there = |rule: &str| {
            said.findings.iter().any(|(found, places)| {
                found == rule && (self.address == "*" || places.contains(&self.address))
            })
        };
        let (none, some): (Vec<&String>, Vec<&String>) =
            wanted.iter().partition(|it| it.starts_with('!'));
        if let Some(rule) = none.iter().find(|it| there(&it[1..])) {
            return Some(format!("{mode} finding {}, expected none", &rule[1..]));
        }
        if !some.is_empty() && !some.iter().any(|it| there(it)) {
            return Some(format!("{mode} finding {}: none", wanted.join("|")));
        }
        None
    }
}

fn folders(below: &str) -> Vec<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(below);
    let mut folders: Vec<PathBuf> = std::fs::read_dir(&root)
        .unwrap_or_else(|error| panic!("{}: {error}", root.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

fn name(folder: &Path) -> String {
    folder.file_name().unwrap().to_string_lossy().into_owned()
}

/// The reports of the modes that a folder has files for.
fn modes(folder: &Path) -> BTreeMap<&'static str, Said> {
    let sources = folder.display().to_string();
    let plan = folder.join("plan.json").display().to_string();
    let account = ["--account-id", "111122223333", "--region", "us-east-1"];
    let alone: Vec<&str> = [sources.as_str()].into_iter().chain(account).collect();
    let mut modes = BTreeMap::from([("sources", check(&alone))]);
    if folder.join("plan.json").exists() {
        modes.insert("plan", check(&[&plan, "--no-source"]));
        modes.insert("both", check(&[&plan, "--source", &sources]));
    }
    modes
}

/// What the modes disagree about: the subject and the requirement, and a line.
fn differences(modes: &BTreeMap<&str, Said>) -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    if modes.len() < MODES.len() {
        return found;
    }
    let mut line = |subject: &str, what: &str, detail: &str, said: [String; 3]| {
        if said.iter().any(|it| *it != said[0]) {
            let said: Vec<String> = MODES
                .iter()
                .zip(&said)
                .map(|(mode, said)| format!("{mode}={said}"))
                .collect();
            let text = format!("{subject} {what}{detail}: {}", said.join(" "));
            found.push((subject.to_owned(), what.to_owned(), text));
        }
    };
    let links: BTreeSet<&String> = modes.values().flat_map(|it| it.links.keys()).collect();
    for subject in links {
        let said = MODES.map(|mode| match modes[mode].links.get(subject) {
            Some((status, keys)) if keys.is_empty() => status.clone(),
            Some((status, keys)) => format!("{status}({})", keys.join(",")),
            None => "absent".to_owned(),
        });
        line(subject, "link", "", said);
    }
    let rows: BTreeSet<_> = modes.values().flat_map(|it| it.verdicts.keys()).collect();
    for row in rows {
        let said = MODES.map(|mode| {
            let verdict = modes[mode].verdicts.get(row);
            verdict.map_or("absent", String::as_str).to_owned()
        });
        let parts = [&row.key, &row.reader, &row.action];
        let parts = parts.into_iter().filter(|it| !it.is_empty());
        let detail: String = parts.flat_map(|it| [" ", it.as_str()]).collect();
        line(&row.subject, &row.requirement, &detail, said);
    }
    found
}

#[test]
fn sources_and_plan_say_what_is_expected_and_the_same() {
    let (mut wrong, mut held) = (Vec::new(), 0);
    let folders = folders("testdata/sources");
    assert!(folders.len() >= 78, "{}", folders.len());
    let mut pending: BTreeSet<usize> = (0..PENDING.len()).collect();
    for folder in &folders {
        let name = name(folder);
        let text = std::fs::read_to_string(folder.join("expected.txt")).unwrap();
        let lines: Vec<Line> = text.lines().filter_map(Line::read).collect();
        assert!(!lines.is_empty(), "{name} expects nothing");
        let modes = modes(folder);
        let mut deviations = Vec::new();
        for (mode, said) in &modes {
            held += lines.len();
            deviations.extend(lines.iter().filter_map(|line| line.check(mode, said)));
        }
        for (subject, requirement, text) in differences(&modes) {
            let split = lines.iter().any(|line| {
                let same = line.requirement == requirement || requirement == "link";
                line.is_split() && line.address == subject && same
            });
            if !split {
                deviations.push(text);
            }
        }
        for deviation in deviations {
            let known = PENDING
                .iter()
                .position(|(folder, start, _)| *folder == name && deviation.starts_with(start));
            match known {
                Some(at) => {
                    pending.remove(&at);
                }
                None => wrong.push(format!("{name}: {deviation}")),
            }
        }
    }
    for at in pending {
        let (name, start, _) = PENDING[at];
        wrong.push(format!(
            "{name}: `{start}` is as expected: it is pending no longer"
        ));
    }
    println!("{held} expectations, {} pending", PENDING.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Why sources alone and the plan of them differ, by folder; the lines are in `differences.txt`.
const DIFFER: &[(&str, &str)] = &[
    (
        "05-jsonencode-unknown-role",
        "the role's ARN makes the policy unknown in the plan",
    ),
    (
        "06-pd-unknown-role",
        "the sources know that the ARN is a role's of the account, the plan does not",
    ),
    (
        "07-no-policy",
        "without a plan the key may be an old one, with a policy of its own",
    ),
    (
        "16-external-alias-data",
        "the plan holds the ARN that the data source found, the sources its alias",
    ),
    (
        "22-tf-json",
        "nothing in the plan names the account, which the command line does for sources",
    ),
    (
        "26-module-depends-on",
        "the data source is read during apply",
    ),
    (
        "27-provider-aliases",
        "nothing in the plan names the account, which the command line does for sources",
    ),
    ("35-org-trail", "the organization is found by a data source"),
    ("52-destroy", "the plan destroys everything"),
    ("56-target", "the plan is of one trail"),
    (
        "62-unknown-role-existing",
        "what the state has for the role's ARN is no ARN",
    ),
    (
        "63-var-cli",
        "the plan was made with another value of a variable",
    ),
];

#[test]
fn the_plans_of_the_generated_configurations_agree_with_their_sources() {
    let mut found = String::new();
    let mut without = Vec::new();
    let reasons: BTreeMap<&str, &str> = DIFFER.iter().copied().collect();
    let mut seen = BTreeSet::new();
    for folder in folders("testdata/generated") {
        let name = name(&folder);
        let differences = differences(&modes(&folder));
        if differences.is_empty() {
            continue;
        }
        seen.insert(name.clone());
        let bare = name.trim_end_matches("-terraform-1.15");
        if let Some(reason) = reasons.get(bare) {
            found.extend([name.as_str(), ": ", reason, "\n"]);
        } else {
            without.push(name.clone());
            found.extend([name.as_str(), ":\n"]);
        }
        for (.., text) in differences {
            found.extend(["  ", text.as_str(), "\n"]);
        }
    }
    assert!(without.is_empty(), "no reason: {without:?}\n{found}");
    let stale: Vec<_> = DIFFER.iter().filter(|it| !seen.contains(it.0)).collect();
    assert!(stale.is_empty(), "these agree: {stale:?}");
    expect("generated/differences.txt", &found);
}
