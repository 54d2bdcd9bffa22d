//! `keytrail check` within this process, and what its report says of each subject.

use std::collections::BTreeMap;
use std::ffi::OsString;

use keytrail::cli::{self, Progress, Terminal, World};
use serde_json::Value as Json;

/// How a run ended.
pub struct Checked {
    pub code: u8,
    pub stdout: String,
    pub stderr: String,
}

/// A requirement: subject, requirement, key, reader, action of a reader. Addresses are without the input that they belong to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    pub subject: String,
    pub requirement: String,
    pub key: String,
    pub reader: String,
    pub action: String,
}

/// What a report says.
#[derive(Debug, Default)]
pub struct Said {
    pub verdicts: BTreeMap<Row, String>,
    /// Status and keys of the link of each subject.
    pub links: BTreeMap<String, (String, Vec<String>)>,
    /// Rule and addresses of each finding.
    pub findings: Vec<(String, Vec<String>)>,
}

/// Runs keytrail with nothing on stdin and an empty environment.
pub fn run(args: &[&str]) -> Checked {
    run_on(args, false, Progress::default())
}

/// The same on a terminal that has links or not, with somebody who watches.
pub fn run_on(args: &[&str], links: bool, progress: Progress) -> Checked {
    let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
    let mut world = World {
        stdin: &mut std::io::empty(),
        stdout: &mut stdout,
        stderr: &mut stderr,
        terminal: Terminal {
            color: false,
            width: 100,
            unicode: true,
            links,
        },
        progress,
        environment: BTreeMap::new(),
    };
    let program = std::iter::once("keytrail");
    let code = cli::run(
        program.chain(args.iter().copied()).map(OsString::from),
        &mut world,
    );
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Checked {
        code,
        stdout: text(stdout),
        stderr: text(stderr),
    }
}

/// Runs `check … --format json`; the inputs must be readable.
pub fn check(args: &[&str]) -> Said {
    let all: Vec<&str> = ["check"]
        .into_iter()
        .chain(args.iter().copied())
        .chain(["--format", "json"])
        .collect();
    let ended = run(&all);
    assert!(ended.code < 2, "{all:?}: {}\n{}", ended.code, ended.stderr);
    let report: Json = serde_json::from_str(&ended.stdout).unwrap();
    said(&report)
}

/// `in0:aws_kms_key.a` to `aws_kms_key.a`.
fn address(value: &Json) -> String {
    let text = value.as_str().unwrap_or_default();
    let bare = text.strip_prefix("in").and_then(|rest| {
        let bare = rest.trim_start_matches(|letter: char| letter.is_ascii_digit());
        bare.strip_prefix(':')
    });
    bare.unwrap_or(text).to_owned()
}

fn said(report: &Json) -> Said {
    let mut said = Said::default();
    let list = |value: &Json| value.as_array().cloned().unwrap_or_default();
    let text = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    for subject in list(&report["subjects"]) {
        let name = address(&subject["address"]);
        let link = &subject["link"];
        let mut keys: Vec<String> = list(&link["keys"]).iter().map(address).collect();
        keys.sort();
        said.links
            .insert(name.clone(), (text(&link["status"]), keys));
        for requirement in list(&subject["requirements"]) {
            let id = text(&requirement["id"]);
            let action = if id.starts_with("reader") {
                text(&requirement["request"]["action"])
            } else {
                String::new()
            };
            let row = Row {
                subject: name.clone(),
                requirement: id,
                key: address(&requirement["key"]),
                reader: text(&requirement["reader"]),
                action,
            };
            let verdict = text(&requirement["verdict"]);
            let entry = said.verdicts.entry(row).or_insert_with(|| verdict.clone());
            if *entry != verdict {
                *entry = format!("{entry}+{verdict}");
            }
        }
    }
    for finding in list(&report["findings"]) {
        let mut places: Vec<String> = ["address", "subject", "key"]
            .map(|name| address(&finding[name]))
            .into();
        places.extend(list(&finding["instances"]).iter().map(address));
        said.findings.push((text(&finding["rule"]), places));
    }
    said
}
