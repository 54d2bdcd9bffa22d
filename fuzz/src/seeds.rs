//! What fuzzing begins with: the cases of `testdata`, as each target takes them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

use crate::HEAD;
use crate::hcl::FILE;
use crate::support::mutate::Random;

/// The targets.
pub const TARGETS: [&str; 7] = [
    "address",
    "differential",
    "hcl",
    "json",
    "plan",
    "policy",
    "template",
];

/// Larger seeds make every run of their offspring slow.
const LARGEST: usize = 40 << 10;

/// Seeds of a target, at most: all of them are run before anything else is.
const MOST: usize = 160;

/// The folder of test cases.
pub fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata")
}

/// The seeds of a target, the same every time.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    let seeds: BTreeSet<Vec<u8>> = match target {
        "address" => addresses(),
        "differential" => vectors().map(|line| headed(&line)).collect(),
        "hcl" => folders(),
        "json" => policies(),
        "plan" => plans()
            .into_iter()
            .map(|it| it.to_string().into_bytes())
            .collect(),
        "policy" => vectors().map(String::into_bytes).collect(),
        "template" => expressions(),
        other => panic!("there is no target {other}"),
    };
    let fit = |it: &Vec<u8>| !it.is_empty() && it.len() <= LARGEST;
    let seeds: Vec<Vec<u8>> = seeds.into_iter().filter(fit).collect();
    // In the order of their bytes, so that those apart from each other differ.
    let step = seeds.len().div_ceil(MOST).max(1);
    seeds.into_iter().step_by(step).collect()
}

/// A text behind bytes that choose, which are made of the text.
fn headed(text: &str) -> Vec<u8> {
    let sum = text.bytes().fold(7, |sum: u64, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    let mut random = Random(sum);
    let head = (0..HEAD).map(|_| u8::try_from(random.below(256)).unwrap_or_default());
    head.chain(text.bytes()).collect()
}

/// The paths under a folder, in order.
fn under(folder: &Path, out: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).expect("testdata is there");
    let mut entries: Vec<PathBuf> = entries
        .map(|entry| entry.expect("testdata is readable").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            under(&path, out);
        } else {
            out.push(path);
        }
    }
}

fn vectors() -> impl Iterator<Item = String> {
    let text = std::fs::read_to_string(testdata().join("iam/vectors.jsonl"))
        .expect("the vectors are there");
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.into_iter()
}

fn expressions() -> BTreeSet<Vec<u8>> {
    let text = std::fs::read_to_string(testdata().join("expr/vectors.jsonl"))
        .expect("the vectors are there");
    // A number that no float holds is left out.
    let lines = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Json>(line).ok());
    lines
        .filter_map(|it| it["expr"].as_str().map(|it| it.as_bytes().to_vec()))
        .collect()
}

fn plans() -> Vec<Json> {
    let mut files = Vec::new();
    under(&testdata(), &mut files);
    let files = files
        .into_iter()
        .filter(|it| it.extension().is_some_and(|it| it == "json"));
    let trees =
        files.filter_map(|it| serde_json::from_slice::<Json>(&std::fs::read(it).ok()?).ok());
    trees
        .filter(|it| it.get("format_version").is_some())
        .collect()
}

/// All texts under a name in a tree.
fn texts(tree: &Json, name: &str, out: &mut BTreeSet<String>) {
    match tree {
        Json::Array(items) => items.iter().for_each(|it| texts(it, name, out)),
        Json::Object(members) => {
            for (key, member) in members {
                match member {
                    Json::String(text) if key == name => drop(out.insert(text.clone())),
                    other => texts(other, name, out),
                }
            }
        }
        _ => {}
    }
}

fn addresses() -> BTreeSet<Vec<u8>> {
    let mut out: BTreeSet<String> = [
        r#"module.a["x.y"].module.b[3].aws_kms_key.trail["a]\"b\\ $${c} %%{d} $e é\u202e\n"]"#,
        "module.data.data.aws_region.module",
        "module.a[?].aws_kms_key.k[?]",
        r#"module.kms["a"].arns["x"]"#,
        "each.value.arn",
    ]
    .map(str::to_owned)
    .into();
    for plan in plans() {
        texts(&plan, "address", &mut out);
    }
    out.into_iter().map(String::into_bytes).collect()
}

fn policies() -> BTreeSet<Vec<u8>> {
    let mut out = BTreeSet::new();
    for plan in plans() {
        texts(&plan, "policy", &mut out);
    }
    let policy = |line: String| {
        serde_json::from_str::<Json>(&line)
            .ok()
            .map(|it| it["policy"].to_string())
    };
    out.extend(vectors().filter_map(policy));
    out.into_iter().map(|it| headed(&it)).collect()
}

/// Every folder of `testdata` that has a configuration, with all that is under it.
fn folders() -> BTreeSet<Vec<u8>> {
    let mut files = Vec::new();
    under(&testdata(), &mut files);
    let is_source = |it: &&PathBuf| {
        it.file_name()
            .is_some_and(|it| it.to_string_lossy().ends_with("main.tf") || it == "main.tf.json")
    };
    let folders: BTreeSet<&Path> = files
        .iter()
        .filter(is_source)
        .filter_map(|it| it.parent())
        .collect();
    let text = |folder: &&Path| {
        let mut out = String::new();
        for file in files.iter().filter(|it| it.starts_with(folder)) {
            let name = file
                .strip_prefix(folder)
                .ok()?
                .to_string_lossy()
                .replace('\\', "/");
            let known = [
                ".tf", ".tofu", ".json", ".tfvars", ".tftpl", ".txt", ".tmpl", ".yaml", ".csv",
            ];
            if ["plan.json", "expected.txt", "underlined.txt"].contains(&name.as_str())
                || !known.iter().any(|it| name.ends_with(it))
            {
                continue;
            }
            let text = std::fs::read_to_string(file).ok()?;
            out.push_str(&format!("{FILE}{name}\n{text}"));
        }
        Some(out.into_bytes())
    };
    folders.iter().filter_map(text).collect()
}
