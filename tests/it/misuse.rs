//! What people do wrong first, and what they are told: `testdata/misuse.txt` holds every answer, to be read.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::run::EMPTY_PLAN;

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:*","Resource":"*"}]}"#;

const PLANNED: &str = "\u{1b}[0m\u{1b}[1maws_kms_key.trail: Refreshing state... [id=1234]\u{1b}[0m

Terraform used the selected providers to generate the following execution
plan. Resource actions are indicated with the following symbols:
  + create

Terraform will perform the following actions:

  # aws_kms_key.trail will be created
  + resource \"aws_kms_key\" \"trail\" {
      + policy = jsonencode(
            {
              + Statement = []
            }
        )
    }

Plan: 1 to add, 0 to change, 0 to destroy.
";

const STREAM: &str = r#"{"@level":"info","@message":"Terraform 1.15.5","@module":"terraform.ui","type":"version"}
{"@level":"info","@message":"Plan: 1 to add, 0 to change, 0 to destroy.","@module":"terraform.ui","type":"change_summary"}
"#;

/// The files that somebody gives, by their names.
const FILES: &[(&str, &[u8])] = &[
    ("empty.json", b""),
    (
        "tfplan",
        b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x06\0\0\0tfplan\x01",
    ),
    (
        "sources.zip",
        b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x07\0\0\0main.tf\x01",
    ),
    ("plan.json.gz", b"\x1f\x8b\x08\0\0\0\0\0"),
    ("plan.txt", PLANNED.as_bytes()),
    ("log.json", STREAM.as_bytes()),
    (
        "failed.txt",
        "╷\n│ Error: Failed to load plugin schemas\n│ \n╵\n".as_bytes(),
    ),
    ("policy.json", POLICY.as_bytes()),
    (
        "key-policy.json",
        br#"{"Policy":"{}","PolicyName":"default"}"#,
    ),
    (
        "template.json",
        br#"{"AWSTemplateFormatVersion":"2010-09-09","Resources":{}}"#,
    ),
    (
        "template.yaml",
        b"Resources:\n  Key:\n    Type: AWS::KMS::Key\n",
    ),
    ("package.json", br#"{"name":"package","dependencies":{}}"#),
    (
        "report.json",
        br#"{"schema_version":"1.0","tool":{"name":"keytrail"},"findings":[]}"#,
    ),
    ("results.sarif", br#"{"version":"2.1.0","runs":[]}"#),
    ("terraform.tfvars", b"region = \"us-east-1\"\n"),
    ("prod.tfvars.json", br#"{"region":"us-east-1"}"#),
    ("settings/keytrail.toml", b"[check]\nstrict = true\n"),
    (
        "terragrunt/terragrunt.hcl",
        b"terraform {\n  source = \"x\"\n}\n",
    ),
    ("notes/readme.txt", b""),
    ("planned/prod.plan.json", EMPTY_PLAN.as_bytes()),
    ("infra/main.tf", b"locals {\n  a = 1\n}\n"),
    ("infra/docs/readme.txt", b""),
    (
        "state.tfstate",
        br#"{"version":4,"terraform_version":"1.15.5","serial":1,"lineage":"x","resources":[]}"#,
    ),
    ("plan.json", EMPTY_PLAN.as_bytes()),
];

/// What they type, in a folder with these files.
const RUNS: &[&[&str]] = &[
    &["check"],
    &["snapshot"],
    &["plan.json"],
    &["infra"],
    &["chek", "plan.json"],
    &["check", "empty.json"],
    &["check", "tfplan"],
    &["check", "sources.zip"],
    &["check", "plan.json.gz"],
    &["check", "plan.txt"],
    &["check", "log.json"],
    &["check", "failed.txt"],
    &["check", "policy.json"],
    &["check", "key-policy.json"],
    &["check", "template.json"],
    &["check", "template.yaml"],
    &["check", "package.json"],
    &["check", "report.json"],
    &["check", "results.sarif"],
    &["check", "terraform.tfvars"],
    &["check", "prod.tfvars.json"],
    &["check", "settings/keytrail.toml"],
    &["check", "state.tfstate"],
    &["check", "terragrunt/terragrunt.hcl"],
    &["check", "terragrunt"],
    &["check", "notes"],
    &["check", "planned"],
    &["check", "infra/docs"],
    &["check", "plna.json"],
    &["check", "--", "--quiet"],
    &["check", "plan.json"],
    &["check", "--require-trail", "plan.json"],
    &["check", "--quiet", "plan.json"],
    &[
        "check",
        "plan.json",
        "--changed-only",
        "infra",
        "--var",
        "region",
    ],
    &["check", "infra", "-var-file=terraform.tfvars"],
    &["check", "infra", "-no-color"],
    &["check", "infra", "--var-file", "prod.tfvars"],
    &["check", "infra", "--account-id", "11112222333"],
    &["check", "infra", "--only", "trail-key-denies-encyrpt"],
    &["check", "infra", "--enable", "nothing-like-it"],
    &["check", "plan.json", "--source", "nowhere"],
    &["check", "plan.json", "--config", "nowhere.toml"],
    &["explain"],
    &["explain", "trail-key-denies-encyrpt"],
    &["completions"],
    &[
        "evaluate",
        "plan.json",
        "--principal",
        "*",
        "--action",
        "kms:Decrypt",
    ],
    &[
        "evaluate",
        "key-policy.json",
        "--principal",
        "*",
        "--action",
        "kms:Decrypt",
    ],
    &["evaluate", "policy.json"],
];

#[test]
fn the_likeliest_mistakes_are_answered_with_what_to_do() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("misuse");
    let _ = std::fs::remove_dir_all(&folder);
    // No configuration file of a folder above counts.
    std::fs::create_dir_all(folder.join(".git")).unwrap();
    for (name, bytes) in FILES {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    let mut page = String::new();
    for args in RUNS {
        let output = Command::new(env!("CARGO_BIN_EXE_keytrail"))
            .args(*args)
            .current_dir(&folder)
            .output()
            .unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace("\r\n", "\n");
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        let code = output.status.code().unwrap_or(-1);
        let words = args.join(" ");
        writeln!(page, "$ keytrail {words}\n{out}{err}=> {code}\n").unwrap();
        // Nothing that was not read may pass.
        let clean = args.contains(&"plan.json") && args.len() <= 3 && out.contains("0 trails");
        let silent = args.contains(&"--quiet") && args.len() == 3 && out.is_empty();
        let passes = (clean && !args.contains(&"--require-trail")) || (silent && err.is_empty());
        assert_eq!(code == 0, passes, "{words}: {out}{err}");
    }
    let here = folder.display().to_string();
    let page = page.replace(&here, "HERE").replace('\\', "/");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/misuse.txt");
    if std::env::var_os("KEYTRAIL_BLESS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        page,
        wanted.replace("\r\n", "\n"),
        "KEYTRAIL_BLESS=1 rewrites it"
    );
}
