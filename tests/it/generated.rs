//! Plans that Terraform's own core made of small configurations: modules, count, `for_each`, unknowns, sensitive values, import, replace,
//! moved, targets. A change of `verdicts.txt` is to be read against the `.tf` beside the plan before
//! it is accepted: the file says what is answered, and only the reader knows whether it is right.

use std::fmt::Write as _;
use std::path::PathBuf;

use crate::support::expect;
use crate::support::sketch::judge;
use keytrail::resolve::Options;

fn folders() -> Vec<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/generated");
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

#[test]
fn every_link_and_verdict_is_what_the_configuration_says() {
    let mut found = String::new();
    let folders = folders();
    assert!(folders.len() >= 60, "{}", folders.len());
    for folder in folders {
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        for document in ["plan.json", "state.json", "state-before.json"] {
            let Ok(text) = std::fs::read_to_string(folder.join(document)) else {
                continue;
            };
            let judged = judge(&text, &Options::default());
            writeln!(
                found,
                "{name}/{document}: {} keys, {} subjects",
                judged.model.keys.len(),
                judged.model.subjects.len()
            )
            .unwrap();
            for subject in &judged.model.subjects {
                let keys: Vec<&str> = subject
                    .link
                    .keys
                    .iter()
                    .map(|at| judged.model.keys[*at].address.as_str())
                    .collect();
                writeln!(
                    found,
                    "  {} {} {}",
                    subject.address,
                    subject.link.status.word(),
                    keys.join(", ")
                )
                .unwrap();
                for requirement in &subject.requirements {
                    writeln!(
                        found,
                        "    {} {}",
                        requirement.id,
                        requirement.verdict.word()
                    )
                    .unwrap();
                }
            }
            for finding in &judged.findings {
                writeln!(
                    found,
                    "  {} {} {}",
                    finding.severity.word(),
                    finding.rule,
                    finding.address
                )
                .unwrap();
            }
        }
    }
    expect("generated/verdicts.txt", &found);
}
