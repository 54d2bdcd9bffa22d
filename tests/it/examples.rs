//! Every example does what its README says: the command is run as it stands there, `expected.txt` is the report, and the exit code and the
//! rules that the README names are those of the report. `KEYTRAIL_BLESS=1 cargo test` rewrites every `expected.txt`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use keytrail::rules;
use serde_json::Value;

struct Example {
    name: String,
    folder: PathBuf,
    readme: String,
}

impl Example {
    /// The arguments of the README's one command, after `cargo run --release --`.
    fn arguments(&self) -> Vec<&str> {
        let block = self
            .readme
            .split("```console\n")
            .nth(1)
            .and_then(|rest| rest.split("```").next());
        let command = block.unwrap_or_else(|| panic!("{}: no command", self.name));
        let arguments = command.strip_prefix("$ cargo run --release -- ");
        let arguments = arguments.unwrap_or_else(|| panic!("{}: {command}", self.name));
        arguments
            .split_whitespace()
            .filter(|word| *word != "\\")
            .collect()
    }

    /// What the command prints, and its exit code.
    fn run(&self, more: &[&str]) -> (String, i32) {
        let output = Command::new(env!("CARGO_BIN_EXE_keytrail"))
            .args(self.arguments())
            .args(more)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace("\r\n", "\n");
        assert_eq!(text(output.stderr), "", "{}", self.name);
        (text(output.stdout), output.status.code().unwrap())
    }

    /// Names in backticks that are rules, built-in ones or the example's own, in the paragraph of the exit code.
    fn rules(&self) -> BTreeSet<String> {
        let said = self.verdict().split('`').map(str::to_owned);
        let file = fs::read_to_string(self.folder.join("keytrail.toml")).unwrap_or_default();
        let own = |word: &String| file.contains(&format!("id = \"{word}\"\n"));
        said.filter(|word| rules::find(word).is_some() || own(word))
            .collect()
    }

    /// The paragraph of the exit code.
    fn verdict(&self) -> &str {
        let paragraph = self
            .readme
            .split("\n\n")
            .find(|paragraph| paragraph.starts_with("Exit code "));
        paragraph.unwrap_or_else(|| panic!("{}: the README names no exit code", self.name))
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")
}

fn text(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_else(|_| panic!("{} is missing", path.display()));
    text.replace("\r\n", "\n")
}

fn examples() -> Vec<Example> {
    let folders = fs::read_dir(root())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("plan.json").is_file());
    let mut examples: Vec<Example> = folders
        .map(|folder| Example {
            name: folder.file_name().unwrap().to_string_lossy().into_owned(),
            readme: text(&folder.join("README.md")),
            folder,
        })
        .collect();
    examples.sort_by(|one, two| one.name.cmp(&two.name));
    examples
}

/// What each example's command prints with `--format json`.
pub(crate) fn reports() -> Vec<(String, Value)> {
    let report = |example: Example| {
        let (page, _) = example.run(&["--format", "json"]);
        (example.name, serde_json::from_str(&page).unwrap())
    };
    examples().into_iter().map(report).collect()
}

#[test]
fn examples_do_what_they_say() {
    let mut problems = Vec::new();
    for example in examples() {
        let (page, code) = example.run(&[]);
        let path = example.folder.join("expected.txt");
        if std::env::var_os("KEYTRAIL_BLESS").is_some() {
            fs::write(&path, &page).unwrap();
        } else if fs::read_to_string(&path)
            .unwrap_or_default()
            .replace("\r\n", "\n")
            != page
        {
            problems.push(format!(
                "{} differs (KEYTRAIL_BLESS=1 rewrites it). Found:\n{page}",
                path.display()
            ));
        }
        if !example.verdict().starts_with(&format!("Exit code {code}")) {
            problems.push(format!("{}: the exit code is {code}", example.name));
        }
        let report: Value = serde_json::from_str(&example.run(&["--format", "json"]).0).unwrap();
        let findings = report["findings"].as_array().unwrap().iter();
        let raised: BTreeSet<String> = findings
            .map(|finding| finding["rule"].as_str().unwrap().to_owned())
            .collect();
        let said = example.rules();
        if raised != said {
            problems.push(format!(
                "{}: raises {raised:?}, and its README says {said:?}",
                example.name
            ));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_table_lists_every_example() {
    let table = text(&root().join("README.md"));
    for example in examples() {
        assert!(
            table.contains(&format!("| [`{0}`]({0}/README.md) |", example.name)),
            "{}",
            example.name
        );
        assert!(
            example.readme.starts_with(&format!("# {}\n", example.name)),
            "{}",
            example.name
        );
        assert!(
            example.folder.join("main.tf").exists() && example.folder.join("plan.json").exists(),
            "{}",
            example.name
        );
    }
    assert_eq!(table.matches("/README.md)").count(), examples().len());
}
