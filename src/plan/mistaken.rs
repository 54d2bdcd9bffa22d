//! Files that are taken for a plan: says what they are, and what to give instead.

use super::decode::{MAKE_PLAN, is_array, looks_like_hcl};
use crate::error::Error;

/// What stands for the sources of a root module.
const GIVE_FOLDER: &str = "give the folder that holds it, not the file: `keytrail check FOLDER`, or the plan that is made of it";

/// How to come from what a plan shows to a plan.
const SAVE_PLAN: &str = "save the plan and show it: `terraform plan -out PLANFILE`, then `terraform show -json PLANFILE > plan.json`";

/// What keytrail reads.
pub(super) const READS: &str =
    "keytrail reads plans, states and configurations of Terraform and OpenTofu";

/// Lines of a text in which its kind is looked for, at most.
const LINES: usize = 2000;

/// A binary file by its first bytes.
pub(super) fn archive(bytes: &[u8], name: &str) -> Option<Error> {
    // Terraform up to 0.11 began its plan files with `tfplan`; since then they are zip archives, of which that is the first member.
    if bytes.starts_with(b"tfplan") {
        return Some(binary(name));
    }
    if bytes.starts_with(b"PK\x03\x04") {
        // The name of the first member stands at byte 30 (PKWARE's APPNOTE, 4.3.7).
        let member = bytes.get(30..).unwrap_or_default();
        return Some(if member.is_empty() || member.starts_with(b"tf") {
            binary(name)
        } else {
            Error::new(name, "this is a zip archive").with_help(
                "unpack it first, and give the plan's JSON or the folder of sources that it holds",
            )
        });
    }
    bytes.starts_with(b"\x1f\x8b").then(|| {
        Error::new(name, "the file is compressed with gzip")
            .with_help("unpack it first: `gunzip -c FILE.gz > plan.json`")
    })
}

fn binary(name: &str) -> Error {
    Error::new(name, "this is Terraform's binary plan file, not its JSON").with_help(MAKE_PLAN)
}

/// Says what a text without a JSON document is.
pub(super) fn text(text: &str, name: &str) -> Error {
    let (what, help) = kind(text, name);
    Error::new(name, what).with_help(help)
}

fn kind(text: &str, name: &str) -> (&'static str, &'static str) {
    let ends = |ending: &str| name.ends_with(ending);
    if text.trim().is_empty() {
        return ("the file is empty", MAKE_PLAN);
    }
    if ends("keytrail.toml") {
        return (
            "this is a configuration of keytrail, not a plan",
            "it is found by itself, or given with `--config FILE`",
        );
    }
    if ends(".tfvars") {
        return variables();
    }
    if ends("terragrunt.hcl") {
        return (
            "this is Terragrunt's configuration, from which it makes Terraform's when it runs",
            "give the plan: `terragrunt show -json PLANFILE > plan.json`",
        );
    }
    if looks_like_hcl(text) {
        return (
            "this is Terraform's language, not a plan's JSON",
            GIVE_FOLDER,
        );
    }
    if is_array(text) {
        return ("this is a JSON array, not a plan", MAKE_PLAN);
    }
    let said = |words: &[&str]| {
        let mut lines = text.lines().take(LINES);
        lines.any(|line| words.iter().any(|word| line.contains(word)))
    };
    if said(PLANNED) {
        return (
            "this is what `terraform plan` prints for people, not a plan's JSON",
            SAVE_PLAN,
        );
    }
    if said(&["Error: "]) {
        return (
            "this is an error of Terraform, not a plan's JSON",
            "mend what it says, then make the plan's JSON again",
        );
    }
    if said(&["AWSTemplateFormatVersion", "Type: AWS::", "Type: \"AWS::"]) {
        return ("this is a CloudFormation template", READS);
    }
    ("this is not JSON: no line starts with `{`", MAKE_PLAN)
}

/// What Terraform and OpenTofu print of a plan.
const PLANNED: &[&str] = &[
    "Terraform used the selected providers",
    "OpenTofu used the selected providers",
    "Terraform will perform the following actions",
    "OpenTofu will perform the following actions",
    "Your infrastructure matches the configuration",
    "Refreshing state...",
    "Acquiring state lock",
];

/// A file of values for variables.
pub(super) fn variables() -> (&'static str, &'static str) {
    (
        "this is a file of values for variables, not a plan",
        "give it beside the folder of sources: `keytrail check FOLDER --var-file FILE`",
    )
}
