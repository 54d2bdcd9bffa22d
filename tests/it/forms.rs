//! One policy with one mistake, written in every form that people write policies in: `testdata/forms/<form>/`. The finding is the same each
//! time, and underlines the author's own line. `KEYTRAIL_BLESS=1 cargo test` rewrites every `expected.txt`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::run::{Ended, folder, keytrail};
use serde_json::Value;

/// The mistake.
const WRONG: &str = "kms:GenerateDatakeyy*";

fn forms() -> Vec<PathBuf> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/forms");
    let mut forms: Vec<PathBuf> = fs::read_dir(data)
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    forms.sort();
    forms
}

fn check(form: &Path, more: &[&str]) -> Ended {
    let form = form.display().to_string();
    keytrail(&[&["check", &form, "--account-id", "111122223333"], more].concat())
}

fn findings(form: &Path) -> Vec<Value> {
    let ended = check(form, &["--format", "json"]);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    report["findings"].as_array().unwrap().clone()
}

#[test]
fn the_finding_is_the_same_in_every_form() {
    let said = |finding: &Value| {
        let words = ["rule", "severity", "verdict", "requirement", "message"];
        let all: Vec<String> = words.iter().map(|it| finding[*it].to_string()).collect();
        all.join(" ").replace("module.kms.", "")
    };
    let mut first: Option<Vec<String>> = None;
    assert_eq!(forms().len(), 8);
    for form in forms() {
        let found: Vec<String> = findings(&form).iter().map(said).collect();
        assert_eq!(found.len(), 1, "{}: {found:#?}", form.display());
        assert!(found[0].contains("trail-key-denies-encrypt"), "{found:#?}");
        assert_eq!(
            first.get_or_insert(found.clone()),
            &found,
            "{}",
            form.display()
        );
    }
}

#[test]
fn each_form_has_its_own_line_underlined() {
    for form in forms() {
        let finding = &findings(&form)[0];
        let primary = finding["locations"]
            .as_array()
            .unwrap()
            .iter()
            .find(|it| it["primary"] == true)
            .unwrap();
        let text = primary["text"].as_str().unwrap();
        assert_eq!(
            text.trim_matches(['"', '\\']),
            WRONG,
            "{}: {primary}",
            form.display()
        );
        let file = primary["file"]
            .as_str()
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap();
        let file = fs::read_to_string(form.join(file)).unwrap();
        let line = usize::try_from(primary["start"]["line"].as_u64().unwrap()).unwrap();
        assert!(
            file.lines().nth(line - 1).unwrap().contains(WRONG),
            "{primary}"
        );
    }
}

#[test]
fn the_drawn_reports_are_as_expected() {
    for form in forms() {
        let shown = check(&form, &[]).stdout;
        let path = form.join("expected.txt");
        if std::env::var_os("KEYTRAIL_BLESS").is_some() {
            fs::write(&path, &shown).unwrap();
        }
        let wanted = fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(shown, wanted.replace("\r\n", "\n"), "{}", path.display());
    }
}

/// A trail whose key comes from a module of the registry.
pub fn remote(name: &str, policy: &str) -> String {
    let main = format!(
        "provider \"aws\" {{\n  region = \"us-east-1\"\n}}\n\nmodule \"kms\" {{\n  source = \"example/kms/aws\"\n{policy}}}\n\n\
         resource \"aws_cloudtrail\" \"main\" {{\n  name           = \"main\"\n  s3_bucket_name = \"logs\"\n  \
         kms_key_id     = module.kms.arn\n}}\n"
    );
    let form = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/forms");
    let module = fs::read_to_string(form.join("module/kms/main.tf")).unwrap();
    let whole = fs::read_to_string(form.join("jsonencode/main.tf")).unwrap();
    let (_, key) = whole.split_once("  policy = ").unwrap();
    let (own, _) = key.split_once("\n}\n").unwrap();
    let module = match policy {
        "" => module.replace("var.policy", own),
        _ => module,
    };
    let list = "{\"Modules\":[{\"Key\":\"\",\"Source\":\"\",\"Dir\":\".\"},{\"Key\":\"kms\",\"Source\":\"registry.terraform.io/example/kms/aws\",\"Version\":\"1.0.0\",\"Dir\":\".terraform/modules/kms\"}]}";
    folder(
        name,
        &[
            ("main.tf", &main),
            (".terraform/modules/modules.json", list),
            (".terraform/modules/kms/main.tf", &module),
        ],
    )
}

/// Nobody mends a downloaded module: the finding stands at its call, and the module's line is told too.
#[test]
fn a_defect_in_a_module_of_the_registry_is_told_at_its_call() {
    let finding = &findings(Path::new(&remote("remote", "")))[0];
    let places = finding["locations"].as_array().unwrap();
    let primary: Vec<&Value> = places.iter().filter(|it| it["primary"] == true).collect();
    assert_eq!(primary.len(), 1, "{finding:#}");
    assert_eq!(primary[0]["text"], "module \"kms\"");
    assert!(primary[0]["file"].as_str().unwrap().ends_with("main.tf"));
    let inside = |it: &&Value| it["file"].as_str().unwrap().contains(".terraform");
    let inside: Vec<&Value> = places.iter().filter(inside).collect();
    assert!(
        inside.iter().any(|it| it["text"] == format!("\"{WRONG}\"")),
        "{finding:#}"
    );
    let drawn = check(Path::new(&remote("remote", "")), &[]).stdout;
    assert!(
        drawn.contains("GenerateDatakeyy") && drawn.contains("module \"kms\" {"),
        "{drawn}"
    );
}

/// What the user gives to such a module is the user's own.
#[test]
fn a_defect_that_is_given_to_a_module_is_told_where_it_is_written() {
    let policy = "  policy = \"{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":{\\\"Service\\\":\\\"cloudtrail.amazonaws.com\\\"},\\\"Action\\\":\\\"kms:GenerateDatakeyy*\\\",\\\"Resource\\\":\\\"*\\\"}]}\"\n";
    let found = findings(Path::new(&remote("given", policy)));
    let finding = found
        .iter()
        .find(|it| it["rule"] == "trail-key-denies-encrypt")
        .unwrap();
    let primary = &finding["locations"][0];
    assert!(
        primary["primary"] == true && primary["text"].as_str().unwrap().contains(WRONG),
        "{finding:#}"
    );
}

/// A module that is not downloaded is told once, and what hangs on it names it and the remedy.
#[test]
fn a_missing_module_is_named() {
    let main = "module \"kms\" {\n  source = \"example/kms/aws\"\n}\n\n\
        resource \"aws_cloudtrail\" \"main\" {\n  name           = \"main\"\n  s3_bucket_name = \"logs\"\n  \
        kms_key_id     = module.kms.arn\n}\n\n\
        resource \"aws_kms_key\" \"own\" {\n  policy = module.kms.policy\n}\n\n\
        resource \"aws_cloudtrail\" \"own\" {\n  name           = \"own\"\n  s3_bucket_name = \"logs\"\n  \
        kms_key_id     = aws_kms_key.own.arn\n}\n";
    let at = folder("missing", &[("main.tf", main)]);
    let ended = check(Path::new(&at), &[]);
    let note = ended
        .stdout
        .lines()
        .filter(|it| it.starts_with("note: "))
        .count();
    assert_eq!(note, 1, "{}", ended.stdout);
    for finding in findings(Path::new(&at)) {
        let words = finding.to_string();
        assert!(
            words.contains("`kms` (source `example/kms/aws`)"),
            "{finding:#}"
        );
        assert!(words.contains("terraform init"), "{finding:#}");
    }
    assert_eq!(findings(Path::new(&at)).len(), 4, "{}", ended.stdout);
}
