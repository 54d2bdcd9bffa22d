//! The table of rules, each rule's page, and each rule's cases under `testdata/rules/<rule>/<case>/`.
//!
//! A case is `main.tf`, the `plan.json` made of it, and `expected.txt`: what `keytrail check plan.json --no-source` prints there into a
//! file. `args` holds further arguments, one a line. `bad*` raises the rule, and `underlined.txt`, written by hand, holds the text that its
//! first finding must underline; `ok*` does not raise the rule; `undecided*` raises it with that verdict. A case without a plan is that of
//! its sources, and one that names `--source` that of both.
//!
//! The sources alone, and the plan with its sources, must say the same. `sources.txt` and `both.txt`, written by hand, hold what they say
//! otherwise: a line `# REASON`, then `+` or `-` before each finding that is there too or is not. `hcl.txt` of the cases `bad` and
//! `undecided` is what `keytrail check .` prints. `before.tf.txt` of a case that is about a change is the configuration that the plan's
//! state was applied from. `KEYTRAIL_BLESS=1 cargo test` rewrites every `expected.txt` and `hcl.txt`, and nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use keytrail::rules::{self, Rule};
use serde_json::Value;

/// Rules without an `undecided` case, and why there is none.
const NEVER_UNDECIDED: &[(&str, &str)] = &[
    (
        "assumption-conflict",
        "a conflict is sure: it holds for every value of what is not known",
    ),
    (
        "ignore-expired",
        "it is about an exception, and not about what the inputs say",
    ),
    (
        "ignore-invalid",
        "it is about an exception, and not about what the inputs say",
    ),
    (
        "ignore-unused",
        "it is about an exception, and not about what the inputs say",
    ),
    (
        "policy-condition-mismatch",
        "a value that is not known does not surely misfit",
    ),
    (
        "policy-duplicate-key",
        "a key stands twice in a text that was read, or the text was not read",
    ),
    (
        "policy-invalid",
        "a text that was not read has no mistakes yet",
    ),
    (
        "policy-invalid-principal",
        "a principal that is not known may be one that AWS takes",
    ),
    ("policy-placeholder", "what is not known was not left in"),
    (
        "policy-too-large",
        "what is not known counts as nothing: the text is surely longer",
    ),
    (
        "policy-unknown-action",
        "an action that is not known may be one of AWS KMS",
    ),
    (
        "policy-unknown-condition-key",
        "a condition key that is not known may be one of AWS's",
    ),
    (
        "policy-variable-literal",
        "a variable is read in the text that is known",
    ),
    (
        "policy-wildcard-in-exact-match",
        "a wildcard is read in the text that is known",
    ),
    (
        "reader-delegated",
        "its verdict is `delegated`; `reader-denied` speaks of undecided readers",
    ),
    (
        "source-unreadable",
        "a mistake in the sources is one for every value of what is not known",
    ),
    (
        "sources-differ",
        "what is not known is compared with nothing",
    ),
    (
        "statement-never-matches",
        "a statement that is not wholly known may match",
    ),
    (
        "trail-history-unreadable",
        "it speaks of keys that the plan surely deletes",
    ),
    ("trail-key-asymmetric", "it speaks of known key specs alone"),
    (
        "trail-key-wrong-region",
        "a Region that is not given has a name: the answer is conditional",
    ),
    (
        "trail-key-disabled",
        "it speaks of keys that are known to be disabled",
    ),
    (
        "trail-key-external",
        "the policy of such a key is not looked at",
    ),
    (
        "trail-key-invalid",
        "a name that is not known may be a key's",
    ),
    (
        "trail-key-unresolved",
        "all its findings are undecided: the `bad` cases are such",
    ),
    (
        "trail-policy-race",
        "an order that is not known is not spoken of",
    ),
    (
        "trail-unencrypted",
        "a `kms_key_id` that is not known is no missing one",
    ),
];

/// Rules that may point at what the plan takes away.
const GOING: [&str; 3] = [
    "change-revokes-delivery",
    "trail-key-deleted",
    "trail-history-unreadable",
];

/// How a page goes.
const HEADINGS: [&str; 3] = ["## What it means", "## Example", "## Fix"];

/// The resource that an id starts with.
const RESOURCES: &[&str] = &[
    "config-key",
    "controltower-key",
    "trail",
    "trail-key",
    "reader",
    "store-key",
    "policy",
    "key-policy",
    "key-rotation",
    "statement",
    "trail-policy",
    "assumption",
    "expectation",
    "change",
    "source",
    "sources",
    "ignore",
];

pub(crate) struct Case {
    pub(crate) rule: String,
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    /// What `check` prints.
    page: String,
    /// What `check --format json` prints.
    report: Value,
    /// The page and the findings of the sources alone, where the case is that of a plan.
    sources: Option<(String, Value)>,
    /// The findings of the plan with its sources, likewise.
    both: Option<Value>,
}

impl Case {
    fn read(rule: &str, folder: &Path) -> Case {
        let args = fs::read_to_string(folder.join("args")).unwrap_or_default();
        let mut args: Vec<&str> = args.lines().collect();
        let plan = fs::read_to_string(folder.join("plan.json")).unwrap_or_default();
        let alone = !plan.is_empty() && !args.contains(&"--source");
        let input = if plan.is_empty() { "." } else { "plan.json" };
        let report = |input: &[&str]| {
            let (json, code) = check(folder, &[input, &["--format", "json"]].concat());
            let report: Value = serde_json::from_str(&json).unwrap();
            assert_eq!(report["exit_code"], code, "{}", folder.display());
            report
        };
        let bare: &[&str] = if alone { &["--no-source"] } else { &[] };
        let main = [&[input], &args[..], bare].concat();
        let (page, report_of_main) = (check(folder, &main).0, report(&main));
        let both = alone.then(|| report(&[&["plan.json"], &args[..]].concat()));
        let known = format!("\"account_id\":\"{ACCOUNT}\"");
        if plan.contains(&known) && !args.contains(&"--account-id") {
            args.extend(["--account-id", ACCOUNT]);
        }
        let own = [&["."], &args[..]].concat();
        let sources = alone.then(|| (check(folder, &own).0, report(&own)));
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        Case {
            rule: rule.to_owned(),
            name,
            folder: folder.to_owned(),
            page,
            report: report_of_main,
            sources,
            both,
        }
    }

    pub(crate) fn id(&self) -> String {
        format!("{}/{}", self.rule, self.name)
    }

    pub(crate) fn findings(&self) -> impl Iterator<Item = &Value> {
        self.report["findings"].as_array().unwrap().iter()
    }

    /// What `check --format json` prints in each form of the case.
    pub(crate) fn every_report(&self) -> impl Iterator<Item = &Value> {
        let sources = self.sources.as_ref().map(|(_, report)| report);
        [Some(&self.report), sources, self.both.as_ref()]
            .into_iter()
            .flatten()
    }

    /// The reports of its plan, of its sources, and of both together; nothing where the case is of one of them only.
    pub(crate) fn reports(&self) -> Option<[&Value; 3]> {
        let (_, sources) = self.sources.as_ref()?;
        Some([&self.report, sources, self.both.as_ref()?])
    }

    fn raised(&self) -> Option<&Value> {
        self.findings()
            .find(|finding| finding["rule"] == self.rule.as_str())
    }

    pub(crate) fn is(&self, kind: &str) -> bool {
        self.name == kind || self.name.starts_with(&format!("{kind}-"))
    }
}

/// The account that the plans know.
const ACCOUNT: &str = "111122223333";

/// Runs `keytrail check` in a folder: what it prints, and its exit code.
pub(crate) fn check(folder: &Path, args: &[&str]) -> (String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_keytrail"))
        .arg("check")
        .args(args)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace("\r\n", "\n");
    assert_eq!(text(output.stderr), "", "{}", folder.display());
    (text(output.stdout), output.status.code().unwrap())
}

/// Every case, run once.
pub(crate) fn cases() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(|| {
        let mut cases = Vec::new();
        for rule in rules::ALL {
            for folder in folders(&data().join(rule.id)) {
                cases.push(Case::read(rule.id, &folder));
            }
        }
        cases
    })
}

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/rules")
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap_or_else(|_| panic!("{} is missing", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

fn text(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_else(|_| panic!("{} is missing", path.display()));
    text.replace("\r\n", "\n")
}

/// Fails with everything that was found at once.
pub(crate) fn hold(problems: &[String]) {
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn ids_are_unique_and_name_the_resource_then_the_defect() {
    let mut seen = BTreeSet::new();
    for rule in rules::ALL {
        assert!(seen.insert(rule.id), "{} is twice in the table", rule.id);
        let words: Vec<&str> = rule.id.split('-').collect();
        let kebab =
            |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
        assert!(words.iter().all(kebab), "{} is not in kebab case", rule.id);
        let named = RESOURCES.iter().any(|resource| {
            rule.id
                .strip_prefix(resource)
                .is_some_and(|defect| defect.len() > 1 && defect.starts_with('-'))
        });
        assert!(named, "{} does not start with a resource", rule.id);
        assert_eq!(rules::find(rule.id).map(|found| found.id), Some(rule.id));
    }
}

#[test]
fn the_table_is_complete() {
    let ids: BTreeSet<String> = rules::ALL.iter().map(|rule| rule.id.to_owned()).collect();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let mut pages = BTreeSet::new();
    for entry in fs::read_dir(sources).unwrap() {
        let path = entry.unwrap().path();
        let stem = path
            .file_stem()
            .unwrap()
            .to_string_lossy()
            .replace('_', "-");
        match path.extension().and_then(|it| it.to_str()) {
            Some("md") => drop(pages.insert(stem)),
            Some("rs") if text(&path).contains("static RULE: Rule") => {
                assert!(
                    ids.contains(&stem),
                    "{} is not in the table",
                    path.display()
                );
            }
            _ => {}
        }
    }
    assert_eq!(pages, ids, "pages and rules");
    let with_cases: BTreeSet<String> = folders(&data())
        .iter()
        .map(|it| it.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(with_cases, ids, "cases and rules");
    for (id, reason) in NEVER_UNDECIDED {
        assert!(ids.contains(*id) && !reason.is_empty(), "{id} is no rule");
    }
}

#[test]
fn summaries_are_one_clause() {
    for rule in rules::ALL {
        let problem = style(rule.summary);
        assert_eq!(problem, None, "{}: {}", rule.id, rule.summary);
        assert!(
            !rule.summary.contains('\n') && rule.summary.len() <= 100,
            "{}",
            rule.id
        );
    }
}

/// The text of a section, and of its one `hcl` block.
fn section<'p>(rule: &Rule, page: &'p str, heading: &str) -> (&'p str, &'p str) {
    let (_, rest) = page
        .split_once(&format!("\n{heading}\n"))
        .unwrap_or_else(|| panic!("{}: no {heading}", rule.id));
    let section = rest.split("\n## ").next().unwrap_or(rest);
    let mut blocks = section
        .split("```hcl\n")
        .skip(1)
        .map(|block| block.split("```").next().unwrap_or(block));
    let block = blocks.next().unwrap_or_default();
    assert!(
        blocks.next().is_none(),
        "{}: {heading} has more than one block",
        rule.id
    );
    (section, block)
}

#[test]
fn pages_have_the_same_parts_in_the_same_order() {
    for rule in rules::ALL {
        let page = rule.page.replace("\r\n", "\n");
        assert!(
            page.starts_with(&format!("# {}\n\n", rule.id)),
            "{}: the title",
            rule.id
        );
        let headings: Vec<&str> = page
            .lines()
            .filter(|line| line.starts_with("## "))
            .collect();
        let [first @ .., limits, last] = headings.as_slice() else {
            panic!("{}: {headings:?}", rule.id)
        };
        assert_eq!(first, HEADINGS, "{}", rule.id);
        assert!(
            ["## Notes", "## When it is wrong"].contains(limits),
            "{}: {limits}",
            rule.id
        );
        assert_eq!(*last, "## Sources", "{}", rule.id);
        let summary = page.split("\n\n").nth(1).unwrap_or_default();
        assert!(
            summary.ends_with('.') && !summary.starts_with('#'),
            "{}: its sentence",
            rule.id
        );
        let (sources, _) = section(rule, &page, "## Sources");
        assert!(
            sources.lines().any(|line| line.starts_with("- ")),
            "{}: a source",
            rule.id
        );
        for (at, part) in page.split("```").enumerate() {
            let prose = at % 2 == 0;
            for line in part.lines() {
                assert!(
                    !line.ends_with(' '),
                    "{}: space at the end of {line:?}",
                    rule.id
                );
                let fits = line.chars().count() <= 100 || line.starts_with("  <https://");
                assert!(fits || !prose, "{}: long line {line:?}", rule.id);
            }
        }
    }
}

#[test]
fn pages_are_run() {
    for rule in rules::ALL {
        let page = rule.page.replace("\r\n", "\n");
        for (heading, case) in [("## Example", "bad"), ("## Fix", "ok")] {
            let (_, block) = section(rule, &page, heading);
            let wanted = text(&data().join(rule.id).join(case).join("main.tf"));
            assert!(
                block == wanted,
                "{}: the block of {heading} is not {case}/main.tf",
                rule.id
            );
        }
    }
}

#[test]
fn every_rule_has_its_cases() {
    for rule in rules::ALL {
        let own = || cases().iter().filter(|case| case.rule == rule.id);
        let excused = NEVER_UNDECIDED.iter().any(|(id, _)| *id == rule.id);
        assert!(
            own().any(|case| case.name == "bad") && own().any(|case| case.name == "ok"),
            "{}",
            rule.id
        );
        assert_ne!(
            own().any(|case| case.is("undecided")),
            excused,
            "{}: undecided",
            rule.id
        );
        for case in own() {
            assert!(
                ["bad", "ok", "undecided"].iter().any(|kind| case.is(kind)),
                "{}: what is it?",
                case.id()
            );
            assert_eq!(
                case.folder.join("underlined.txt").exists(),
                case.is("bad"),
                "{}: underlined.txt",
                case.id()
            );
        }
    }
}

#[test]
fn cases_raise_their_rule_or_not() {
    let mut problems = Vec::new();
    for case in cases() {
        let verdict = case
            .raised()
            .map(|finding| finding["verdict"].as_str().unwrap_or("sure"));
        let sure = case.rule != "trail-key-unresolved";
        let right = match verdict {
            None => case.is("ok"),
            Some("undecided") => case.is("undecided") || case.is("bad") && !sure,
            Some(_) => case.is("bad"),
        };
        if !right {
            problems.push(format!("{}: {verdict:?}", case.id()));
        }
    }
    hold(&problems);
}

#[test]
fn findings_underline_what_a_person_would_point_at() {
    let mut problems = Vec::new();
    for case in cases().iter().filter(|case| case.is("bad")) {
        let wanted = text(&case.folder.join("underlined.txt"));
        let Some(finding) = case.raised() else {
            continue;
        };
        let locations = finding["locations"].as_array().unwrap();
        let primary = locations
            .iter()
            .find(|location| location["primary"] == true);
        let found = primary
            .and_then(|location| location["text"].as_str())
            .unwrap_or_default();
        if found != wanted.trim_end() {
            problems.push(format!("{}: {found}\n  wanted {wanted}", case.id()));
        }
    }
    hold(&problems);
}

/// What is wrong with the style of a message.
fn style(message: &str) -> Option<&'static str> {
    let mut outside = message.split('`').step_by(2);
    let proper = ["AWS ", "CloudTrail "]
        .iter()
        .any(|name| message.starts_with(name));
    let names = ["aws_", "kms:", "arn:", "iam::", "local.", "var.", ".arn"];
    if message.is_empty() {
        Some("empty")
    } else if !message.starts_with(|first: char| first.is_lowercase() || first == '`') && !proper {
        Some("starts with neither a lower-case letter nor a backtick")
    } else if message.ends_with('.') {
        Some("ends with a period")
    } else if !message.matches('`').count().is_multiple_of(2) {
        Some("has an odd backtick")
    } else if outside.any(|text| names.iter().any(|name| text.contains(name))) {
        Some("has a name outside of backticks")
    } else {
        None
    }
}

#[test]
fn messages_have_one_style() {
    let mut problems = BTreeSet::new();
    for case in cases() {
        for finding in case.findings() {
            let labels = finding["locations"]
                .as_array()
                .unwrap()
                .iter()
                .map(|location| &location["label"]);
            for text in [&finding["message"], &finding["help"]]
                .into_iter()
                .chain(labels)
            {
                if let Some(problem) = text.as_str().and_then(style) {
                    problems.insert(format!("{problem}: {text} ({})", case.id()));
                }
            }
            assert!(
                !finding["locations"].as_array().unwrap().is_empty(),
                "{}: no place",
                case.id()
            );
        }
    }
    hold(&problems.into_iter().collect::<Vec<_>>());
}

#[test]
fn reports_are_as_expected() {
    let mut problems = Vec::new();
    for case in cases() {
        let path = case.folder.join("expected.txt");
        problems.extend(expect(&path, &case.page));
        if let ("bad" | "undecided", Some((page, _))) = (case.name.as_str(), &case.sources) {
            problems.extend(expect(&case.folder.join("hcl.txt"), page));
        }
    }
    hold(&problems);
}

/// Compares a page with a file, or rewrites the file.
fn expect(path: &Path, page: &str) -> Option<String> {
    if std::env::var_os("KEYTRAIL_BLESS").is_some() {
        fs::write(path, page).unwrap();
        return None;
    }
    let found = fs::read_to_string(path).unwrap_or_default();
    (found.replace("\r\n", "\n") != page).then(|| {
        let path = path.display();
        format!("{path} differs (KEYTRAIL_BLESS=1 rewrites it). Found:\n{page}")
    })
}

/// What a report says, one line for each finding.
fn said(report: &Value) -> BTreeSet<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let words = |it: &Value| {
        let all = ["severity", "rule", "verdict", "address"];
        let words = all.iter().filter_map(|name| it[*name].as_str());
        let mut words: Vec<&str> = words.collect();
        let more = it["instances"].as_array().unwrap().iter();
        words.extend(more.filter_map(Value::as_str));
        words.join(" ")
    };
    findings.map(words).collect()
}

/// Sources and plans of one configuration say the same, and sources point into sources.
#[test]
fn sources_say_what_the_plan_says() {
    let mut problems = Vec::new();
    for case in cases() {
        let sources = case
            .sources
            .iter()
            .map(|(_, report)| (report, "sources.txt"));
        let both = case.both.iter().map(|report| (report, "both.txt"));
        for (report, file) in sources.chain(both) {
            let (plan, other) = (said(&case.report), said(report));
            let less = plan.difference(&other).map(|it| format!("- {it}\n"));
            let more = other.difference(&plan).map(|it| format!("+ {it}\n"));
            let found: String = less.chain(more).collect();
            let wanted = fs::read_to_string(case.folder.join(file)).unwrap_or_default();
            let wanted = wanted.replace("\r\n", "\n");
            let (reason, lines) = wanted.split_once('\n').unwrap_or_default();
            if found != lines || reason.starts_with("# ") == found.is_empty() {
                problems.push(format!("{}/{file}:\n{found}", case.id()));
            }
            // What a plan takes away is in no source.
            let of_sources = |it: &&Value| !GOING.contains(&it["rule"].as_str().unwrap());
            let findings = report["findings"].as_array().unwrap().iter();
            let findings = findings.filter(of_sources);
            for location in findings.flat_map(|it| it["locations"].as_array().unwrap()) {
                let place = location["file"].as_str().unwrap();
                if location["primary"] == true
                    && !["main.tf", "AWS", "keytrail.toml"].contains(&place)
                {
                    problems.push(format!("{}/{file}: {location}", case.id()));
                }
            }
        }
    }
    hold(&problems);
}
