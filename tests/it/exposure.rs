//! The search for an outsider's request: every witness that a report prints is allowed when it is fed back, and the search stops short nowhere.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use keytrail::policy::exposure::{Answer, Asker, Kind, Question, Search, Target, find_action};
use keytrail::policy::wire::Line;
use keytrail::policy::{Context, Policy};
use keytrail::source::{Origin, Span};
use keytrail::value::Text;
use serde_json::{Value, json};

const VECTORS: &str = include_str!("../../testdata/iam/vectors.jsonl");

fn keytrail(folder: &Path, args: &[&str], input: &str) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_keytrail"))
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut folders: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// The known policy texts of a plan, by the address of the key or of the resource that sets it.
fn policies(plan: &Value) -> Vec<(String, String)> {
    let changes = plan["resource_changes"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let texts = changes.iter().filter_map(|change| {
        let text = change["change"]["after"]["policy"].as_str()?;
        Some((change["address"].as_str()?.to_owned(), text.to_owned()))
    });
    texts.collect()
}

#[test]
fn every_witness_is_allowed_when_it_is_fed_back() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/rules");
    let (mut lines, mut names) = (String::new(), Vec::new());
    for case in folders(&rules).iter().flat_map(|rule| folders(rule)) {
        let Ok(plan) = std::fs::read_to_string(case.join("plan.json")) else {
            continue;
        };
        let args = std::fs::read_to_string(case.join("args")).unwrap_or_default();
        let args: Vec<&str> = args.lines().collect();
        let check = [&["check", "plan.json", "--format", "json"], &args[..]].concat();
        let report: Value = serde_json::from_str(&keytrail(&case, &check, "")).unwrap();
        let texts = policies(&serde_json::from_str(&plan).unwrap());
        for finding in report["findings"].as_array().unwrap() {
            let witness = &finding["witness"];
            if witness.is_null() {
                continue;
            }
            let id = &finding["key"];
            let keys = report["keys"].as_array().unwrap();
            let key = keys.iter().find(|key| key["id"] == *id).unwrap();
            let setters = key["policy_addresses"].as_array().unwrap();
            // A separate policy is the one in effect.
            let setter = setters.last().unwrap_or(&key["address"]).as_str().unwrap();
            let text = texts.iter().find(|(of, _)| of == setter);
            let text = text.map(|(_, text)| text);
            // A policy of which a part is known after apply has no text to feed back; the search itself evaluates each witness.
            let Some(text) = text else { continue };
            let mut line = json!({
                "id": names.len(),
                "policy": serde_json::from_str::<Value>(text).unwrap(),
                "request": witness["request"],
            });
            if !witness["identity_policies"].is_null() {
                line["identity_policies"] = witness["identity_policies"].clone();
            }
            lines.push_str(&line.to_string());
            lines.push('\n');
            names.push(format!("{} {}", case.display(), finding["rule"]));
        }
    }
    assert!(names.len() > 20, "{} witnesses", names.len());
    let answers = keytrail(&rules, &["evaluate", "--jsonl", "-"], &lines);
    for (answer, name) in answers.lines().zip(&names) {
        let answer: Value = serde_json::from_str(answer).unwrap();
        assert_eq!(answer["verdict"], "allowed", "{name}: {answer}");
    }
    assert_eq!(answers.lines().count(), names.len());
}

fn literal(text: &str) -> Text {
    Text::literal(text, Origin::new(Span { start: 0, end: 0 }))
}

/// The answers for strangers and services.
fn answers(policy: &Policy, search: &mut Search, arn: &Text, account: &Text) -> Vec<Answer> {
    let properties = Context::new();
    let target = Target {
        arn,
        account,
        partition: "aws".to_owned(),
        properties: &properties,
        accounts: &[],
        organizations: &[],
    };
    let service = |name: &str| Asker::Service {
        name: name.to_owned(),
        account: None,
    };
    let askers = [
        Asker::Stranger(Kind::Role),
        Asker::Stranger(Kind::Root),
        service("cloudtrail.amazonaws.com"),
        service("config.amazonaws.com"),
    ];
    let mut out = Vec::new();
    for asker in &askers {
        for action in ["kms:Decrypt", "kms:GenerateDataKey", "kms:CreateGrant"] {
            out.push(search.ask(&Question {
                policy,
                before: None,
                target: &target,
                asker,
                action: find_action(action).unwrap(),
                statement: None,
                direct: false,
                without: &[],
            }));
        }
    }
    out
}

#[test]
fn the_search_stops_short_nowhere() {
    let mut seen = BTreeSet::new();
    let (mut found, mut most) = (0, 0);
    for text in VECTORS.lines() {
        let line = Line::read(text).unwrap();
        if !seen.insert(line.policy.get().to_owned()) {
            continue;
        }
        let question = line.question().unwrap();
        let mut search = Search::new(&question.symbols);
        let account = literal("111122223333");
        let arn = question.request.resource.clone();
        for answer in answers(&question.policy, &mut search, &arn, &account) {
            assert!(
                !matches!(answer, Answer::Incomplete(_)),
                "{}: {answer:?}\n{}",
                line.id,
                line.policy
            );
            found += usize::from(matches!(answer, Answer::Yes(_)));
        }
        most = most.max(search.most);
    }
    assert!(seen.len() > 500 && found > 100, "{} {found}", seen.len());
    assert!(most < 2_000, "{most} evaluations for one answer");
}
