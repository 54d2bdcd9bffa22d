//! The report for code scanning against its schema, and against what GitHub wants beyond that.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value;

use crate::support::check;
use crate::support::run::{EMPTY_PLAN, file, folder, with_stdin};

const MISSPELT: &str = include_str!("../../examples/source-arn-typo/main.tf");

fn schema() -> &'static Validator {
    static SCHEMA: OnceLock<Validator> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let text = include_str!("../../testdata/formats/sarif-schema-2.1.0.json");
        jsonschema::options()
            .should_validate_formats(true)
            .build(&serde_json::from_str(text).unwrap())
            .unwrap()
    })
}

/// The run of a report that keeps to the schema and to GitHub's rules.
pub fn run_of(page: &str) -> Value {
    let log: Value = serde_json::from_str(page).unwrap();
    if let Some(error) = schema().iter_errors(&log).next() {
        panic!("{error} at {}: {page}", error.instance_path());
    }
    assert_eq!(log["runs"].as_array().unwrap().len(), 1);
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let ids: BTreeSet<&str> = rules.iter().map(|it| it["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), rules.len(), "an id stands twice");
    for rule in rules {
        keeps_to_the_table(rule);
    }
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        is_an_alert(result);
    }
    run.clone()
}

/// GitHub Docs, "SARIF support for code scanning", `reportingDescriptor` object.
fn keeps_to_the_table(rule: &Value) {
    for text in ["shortDescription", "fullDescription"] {
        let text = rule[text]["text"].as_str().unwrap();
        assert!(!text.is_empty() && text.chars().count() <= 1024, "{text}");
    }
    assert!(!rule["help"]["text"].as_str().unwrap().is_empty());
    assert!(!rule["help"]["markdown"].as_str().unwrap().is_empty());
    let properties = &rule["properties"];
    let score: f32 = properties["security-severity"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!(score > 0.0 && score <= 10.0);
    assert!(properties["tags"].as_array().unwrap().len() <= 10);
}

/// The same, `result` and `location` objects.
fn is_an_alert(result: &Value) {
    let locations = result["locations"].as_array().unwrap();
    assert_eq!(locations.len(), 1);
    let none = Vec::new();
    let related = result["relatedLocations"].as_array().unwrap_or(&none);
    for (place, id) in related.iter().zip(1..) {
        assert_eq!(place["id"], id);
    }
    for place in locations.iter().chain(related) {
        is_a_place(place);
    }
    let flows = result["codeFlows"].as_array().unwrap_or(&none);
    for flow in flows {
        let steps = flow["threadFlows"][0]["locations"].as_array().unwrap();
        assert!(steps.len() > 1);
        for step in steps {
            is_a_place(&step["location"]);
        }
    }
    let text = result["message"]["text"].as_str().unwrap();
    assert!(
        text.starts_with(|it: char| !it.is_ascii_lowercase()),
        "{text}"
    );
    for id in 1..=related.len() {
        assert!(text.contains(&format!("]({id})")), "{text}");
    }
    assert_eq!(text.matches("](").count(), related.len(), "{text}");
    let prints = result["partialFingerprints"].as_object().unwrap();
    assert!(prints.keys().all(|it| it == "keytrail/v1"));
    assert!(prints.values().all(|it| !it.as_str().unwrap().is_empty()));
}

fn is_a_place(place: &Value) {
    let at = &place["physicalLocation"];
    let uri = at["artifactLocation"]["uri"].as_str().unwrap();
    if at["artifactLocation"]["uriBaseId"] == "%SRCROOT%" {
        let plain = |it: char| it.is_ascii_alphanumeric() || "-._~/%".contains(it);
        assert!(!uri.is_empty() && uri.chars().all(plain), "{uri}");
        let steps: Vec<&str> = uri.split('/').collect();
        assert!(
            !steps.iter().any(|it| ["", ".", ".."].contains(it)),
            "{uri}"
        );
    } else {
        assert!(uri.starts_with("file:///"), "{uri}");
    }
    let number = |name: &str| at["region"][name].as_u64().unwrap();
    let start = (number("startLine"), number("startColumn"));
    let end = (number("endLine"), number("endColumn"));
    assert!(start.0 > 0 && start.1 > 0 && start < end, "{place:#}");
}

/// Runs `check … --format sarif` within this process.
fn sarif(args: &[&str]) -> Value {
    let all: Vec<&str> = ["check"]
        .into_iter()
        .chain(args.iter().copied())
        .chain(["--format", "sarif"])
        .collect();
    let ended = check::run(&all);
    let run = run_of(&ended.stdout);
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["exitCode"], ended.code);
    assert_eq!(invocation["executionSuccessful"], ended.code < 2);
    run
}

fn uris(run: &Value) -> Vec<&str> {
    let results = run["results"].as_array().unwrap();
    results
        .iter()
        .map(|it| {
            it["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
                .as_str()
                .unwrap()
        })
        .collect()
}

#[test]
fn every_example_is_a_report_that_github_takes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut seen = 0;
    for entry in std::fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if !path.join("plan.json").is_file() {
            continue;
        }
        let folder = path.display().to_string();
        let plan = path.join("plan.json").display().to_string();
        let sources = sarif(&[&folder]);
        let both = sarif(&[&plan]);
        let alone = sarif(&[&plan, "--no-source"]);
        for uri in uris(&sources).into_iter().chain(uris(&both)) {
            assert!(uri.starts_with("examples/"), "{uri}");
            seen += 1;
        }
        assert!(
            uris(&alone)
                .iter()
                .all(|it| it.ends_with("plan.json") || it.ends_with("keytrail.toml"))
        );
    }
    assert!(seen > 10);
}

#[test]
fn a_finding_of_a_plan_alone_stands_at_the_plan_and_names_the_address() {
    let run = sarif(&["examples/source-arn-typo/plan.json", "--no-source"]);
    let result = &run["results"][0];
    let place = &result["locations"][0];
    let at = &place["physicalLocation"];
    assert_eq!(
        at["artifactLocation"]["uri"],
        "examples/source-arn-typo/plan.json"
    );
    assert_eq!(at["region"]["startLine"], 1);
    let address = &place["logicalLocations"][0];
    assert_eq!(address["fullyQualifiedName"], "aws_cloudtrail.main");
    assert_eq!(address["kind"], "resource");
    let text = result["message"]["text"].as_str().unwrap();
    assert!(
        text.contains("It stands in `aws_kms_key.trail › policy`, line "),
        "{text}"
    );
}

#[test]
fn what_comes_on_stdin_is_a_file_of_that_name() {
    let plan = std::fs::read_to_string("examples/source-arn-typo/plan.json").unwrap();
    let ended = with_stdin(&["check", "-", "--no-source", "--format", "sarif"], &plan);
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    let run = run_of(&ended.stdout);
    assert!(uris(&run).iter().all(|it| *it == "stdin"));
}

#[test]
fn no_finding_is_a_run_without_results() {
    let run = sarif(&[&file("sarif-empty.json", EMPTY_PLAN)]);
    assert_eq!(run["results"], serde_json::json!([]));
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn what_cannot_be_read_is_told() {
    let broken = file("sarif-broken.json", "{\"format_version\":");
    let run = sarif(&["examples/source-arn-typo", &broken, "missing.json"]);
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(invocation["exitCode"], 2);
    assert_eq!(run["results"].as_array().unwrap().len(), 2);
    let told = invocation["toolExecutionNotifications"].as_array().unwrap();
    let errors: Vec<&Value> = told.iter().filter(|it| it["level"] == "error").collect();
    assert_eq!(errors.len(), 2, "{invocation:#}");
    for error in &errors {
        assert_eq!(error["descriptor"]["index"], 0);
        is_a_place(&error["locations"][0]);
    }
    let there = &errors[1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(there, "missing.json");
}

/// Nobody mends a downloaded module.
#[test]
fn a_defect_in_a_module_of_the_registry_is_an_alert_at_its_call() {
    let run = sarif(&[&crate::forms::remote("sarif-remote", "")]);
    let result = &run["results"][0];
    let uri = |place: &Value| {
        let uri = &place["physicalLocation"]["artifactLocation"]["uri"];
        uri.as_str().unwrap().to_owned()
    };
    let main = uri(&result["locations"][0]);
    assert!(
        main.ends_with("sarif-remote/main.tf") && !main.contains(".terraform"),
        "{main}"
    );
    let related = result["relatedLocations"].as_array().unwrap();
    assert!(
        related
            .iter()
            .any(|it| uri(it).contains(".terraform/modules/kms/main.tf"))
    );
}

/// Beyond ASCII a column is a code point, and a path is percent-encoded.
#[test]
fn columns_count_code_points_and_paths_are_encoded() {
    // Latin letters pass through AWS KMS; of the others it takes none.
    for (tag, rule, wanted) in [
        (
            "Prüfé",
            "trail-key-denies-encrypt",
            "\"arn:aws:cloudtrail:us-east-1:${local.account}:trial/main\"",
        ),
        ("Prüf𝒳日本", "policy-invalid", "𝒳"),
    ] {
        let text = MISSPELT.replace(
            "StringEquals = { \"aws:SourceArn\" = local.trail } }",
            &format!("StringNotEquals = {{ \"aws:PrincipalTag/{tag}\" = \"x\" }}, StringEquals = {{ \"aws:SourceArn\" = \"arn:aws:cloudtrail:us-east-1:${{local.account}}:trial/main\" }} }}"),
        );
        assert_ne!(text, MISSPELT);
        let root = folder("sarif ünï #1", &[("hauptdatei ß.tf", &text)]);
        let run = sarif(&[&root]);
        let mut results = run["results"].as_array().unwrap().iter();
        let result = results.find(|it| it["ruleId"] == rule);
        let at = &result.unwrap()["locations"][0]["physicalLocation"];
        let uri = at["artifactLocation"]["uri"].as_str().unwrap();
        assert!(
            uri.ends_with("sarif%20%C3%BCn%C3%AF%20%231/hauptdatei%20%C3%9F.tf"),
            "{uri}"
        );
        let region = &at["region"];
        let number = |name: &str| usize::try_from(region[name].as_u64().unwrap()).unwrap();
        let line = text.lines().nth(number("startLine") - 1).unwrap();
        let (start, end) = (number("startColumn"), number("endColumn"));
        let underlined: String = line.chars().skip(start - 1).take(end - start).collect();
        assert_eq!(underlined, wanted);
        assert_eq!(region["endLine"], region["startLine"]);
    }
}

/// A region of several lines would be shown in a pull request only where all of them are changed.
#[test]
fn a_place_of_several_lines_is_the_first_that_says_something() {
    let run = sarif(&["testdata/rules/trail-key-denies-encrypt/bad-resource-missing"]);
    let text = std::fs::read_to_string(
        "testdata/rules/trail-key-denies-encrypt/bad-resource-missing/main.tf",
    )
    .unwrap();
    let mut tall = 0;
    for result in run["results"].as_array().unwrap() {
        let at = &result["locations"][0]["physicalLocation"];
        assert_eq!(at["region"]["startLine"], at["region"]["endLine"]);
        let Some(whole) = at["contextRegion"].as_object() else {
            continue;
        };
        tall += 1;
        assert!(whole["startLine"].as_u64() < whole["endLine"].as_u64());
        let number = |name: &str| usize::try_from(at["region"][name].as_u64().unwrap()).unwrap();
        let line = text.lines().nth(number("startLine") - 1).unwrap();
        let (start, end) = (number("startColumn"), number("endColumn"));
        assert_eq!(
            line.trim(),
            line.chars()
                .skip(start - 1)
                .take(end - start)
                .collect::<String>()
        );
    }
    assert!(tall > 0, "{run:#}");
}

/// The root is that of the repository, wherever keytrail runs; what lies outside of it is a file of the machine.
#[test]
fn paths_start_at_the_root_of_the_repository() {
    let root = folder(
        "sarif-root",
        &[
            ("repo/.git/HEAD", "ref: x\n"),
            ("repo/infra/prod/main.tf", MISSPELT),
            ("plan/main.tf", MISSPELT),
        ],
    );
    let check = |from: &str, path: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_keytrail"))
            .args(["check", path, "--format", "sarif"])
            .current_dir(Path::new(&root).join(from))
            .output()
            .unwrap();
        let run = run_of(&String::from_utf8(output.stdout).unwrap());
        uris(&run)[0].to_owned()
    };
    let inside = Path::new(&root).join("repo/infra").display().to_string();
    assert_eq!(check("repo/infra", "prod"), "infra/prod/main.tf");
    assert_eq!(check("repo/infra/prod", "."), "infra/prod/main.tf");
    assert_eq!(check("repo", &inside), "infra/prod/main.tf");
    assert_eq!(check("repo/infra", "../infra/./prod"), "infra/prod/main.tf");
    let outside = check("repo", "../plan");
    assert!(
        outside.starts_with("file:///") && outside.ends_with("sarif-root/plan/main.tf"),
        "{outside}"
    );
}

/// Reports for people name the files of an absolute folder from there, so that two files may have one name.
#[test]
fn files_of_one_name_in_two_folders_are_told_apart() {
    let one = folder("sarif-one", &[("main.tf", MISSPELT)]);
    let two = folder("sarif-two", &[("main.tf", MISSPELT)]);
    let run = sarif(&[&one, &two]);
    let ends: Vec<&str> = uris(&run)
        .into_iter()
        .map(|it| it.rsplit_once("/tmp/").unwrap().1)
        .collect();
    assert_eq!(
        ends.iter().filter(|it| **it == "sarif-one/main.tf").count(),
        2,
        "{ends:?}"
    );
    assert_eq!(
        ends.iter().filter(|it| **it == "sarif-two/main.tf").count(),
        2,
        "{ends:?}"
    );
}

#[test]
fn the_way_goes_from_the_trail_over_its_key_to_the_statement() {
    let run = sarif(&["examples/source-arn-typo"]);
    let flow = &run["results"][0]["codeFlows"][0]["threadFlows"][0];
    let steps: Vec<(u64, &str)> = flow["locations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            let at = &step["location"]["physicalLocation"]["region"]["startLine"];
            let words = &step["location"]["message"]["text"];
            (at.as_u64().unwrap(), words.as_str().unwrap())
        })
        .collect();
    let lines: Vec<u64> = steps.iter().map(|step| step.0).collect();
    assert_eq!(lines, [38, 41, 12, 32, 9], "{steps:?}");
    assert_eq!(steps[0].1, "the trail `aws_cloudtrail.main`");
    assert_eq!(steps[2].1, "the key `aws_kms_key.trail`");
    assert_eq!(steps[3].1, "statement 2 (\"AllowCloudTrail\") uses it");
}

/// Lines move, and the alert stays the same.
#[test]
fn the_fingerprint_does_not_hang_on_lines() {
    let moved = MISSPELT.replace(
        "data \"aws_caller_identity\"",
        "# a comment\n\ndata \"aws_caller_identity\"",
    );
    let one = sarif(&[&folder("sarif-moved-1", &[("main.tf", MISSPELT)])]);
    let two = sarif(&[&folder("sarif-moved-2", &[("main.tf", &moved)])]);
    let prints = |run: &Value| -> Vec<Value> {
        let results = run["results"].as_array().unwrap();
        results
            .iter()
            .map(|it| it["partialFingerprints"].clone())
            .collect()
    };
    assert_eq!(prints(&one), prints(&two));
}
