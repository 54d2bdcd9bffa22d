//! Says what a document is that is no plan, state or configuration, and how to make the right one.

use super::decode::{MAKE_PLAN, MAKE_STATE};
use super::mistaken::{self, READS};
use super::scan::Scanned;
use crate::error::Error;
use crate::input::InputKind;

/// What the document is.
///
/// # Errors
/// Where it is none of Terraform's JSON documents, the error says what it is.
pub(super) fn identify(document: &Scanned<'_>, name: &str) -> Result<InputKind, Error> {
    let has = |key: &str| document.has(key);
    let any = |keys: &[&str]| keys.iter().any(|key| document.has(key));
    if any(PLAN) {
        return Ok(InputKind::Plan);
    }
    if has("values") && any(&["format_version", "terraform_version"]) {
        return Ok(InputKind::State);
    }
    if has("root_module") {
        return Ok(InputKind::Configuration);
    }
    if let Some((_, what, help)) = OTHERS
        .iter()
        .find(|(keys, ..)| keys.iter().all(|key| has(key)))
    {
        return Err(Error::new(name, *what).with_help(*help));
    }
    let only_versions = document.keys.iter().all(|key| {
        matches!(
            key.as_ref(),
            "format_version" | "terraform_version" | "checks"
        )
    });
    if has("format_version") && only_versions {
        // `terraform show -json` of an empty state.
        return Ok(InputKind::State);
    }
    if name.ends_with(".tfvars.json") {
        let (what, help) = mistaken::variables();
        return Err(Error::new(name, what).with_help(help));
    }
    let what = if document.keys.is_empty() {
        "the JSON document is empty"
    } else {
        "the JSON in it is neither a plan nor a state"
    };
    Err(Error::new(name, what).with_help(MAKE_PLAN))
}

/// Keys that only a plan has.
const PLAN: &[&str] = &[
    "planned_values",
    "resource_changes",
    "resource_drift",
    "deferred_changes",
    "output_changes",
    "prior_state",
    "configuration",
    "relevant_attributes",
    "applyable",
];

/// Other documents by the keys that they have, what to call them, and what to do.
const OTHERS: &[(&[&str], &str, &str)] = &[
    (
        &["keytrail_snapshot"],
        "this is a snapshot of which `keytrail_snapshot` is not the first member",
        "make it again with `keytrail snapshot PLAN --output FILE`",
    ),
    (
        &["encrypted_data"],
        "this is an encrypted state or plan of OpenTofu",
        "let OpenTofu decrypt it: `tofu show -json > state.json`, or `tofu show -json PLANFILE > plan.json`",
    ),
    (
        &["version", "lineage"],
        "this is a state file (`terraform.tfstate`), not the JSON that Terraform shows of it",
        MAKE_STATE,
    ),
    (
        &["version", "serial"],
        "this is a state file (`terraform.tfstate`), not the JSON that Terraform shows of it",
        MAKE_STATE,
    ),
    (
        &["version", "terraform_version", "resources"],
        "this is a state file (`terraform.tfstate`), not the JSON that Terraform shows of it",
        MAKE_STATE,
    ),
    (
        &["@level", "@message"],
        "this is the log that `-json` prints while Terraform runs, not a plan",
        "save the plan and show it: `terraform plan -out PLANFILE`, then `terraform show -json PLANFILE > plan.json`",
    ),
    (
        &["provider_schemas"],
        "these are provider schemas, not a plan",
        MAKE_PLAN,
    ),
    (
        &["valid", "diagnostics"],
        "this is the output of `terraform validate -json`, not a plan",
        MAKE_PLAN,
    ),
    (
        &["AWSTemplateFormatVersion"],
        "this is a CloudFormation template",
        READS,
    ),
    (
        &["Resources"],
        "this looks like a CloudFormation template",
        READS,
    ),
    (
        &["schema_version", "tool", "findings"],
        "this is a report of keytrail, not a plan",
        MAKE_PLAN,
    ),
    (
        &["runs", "version"],
        "this is a SARIF report, not a plan",
        MAKE_PLAN,
    ),
    (
        &["Policy"],
        "this is what `aws kms get-key-policy` prints, not a plan",
        "for a key that no input holds give the policy beside the plan: `--key-policy ARN=POLICY`, printed with `--output text --query Policy`",
    ),
    (
        &["Statement"],
        "this is a policy, not a plan",
        "`keytrail evaluate POLICY --principal cloudtrail.amazonaws.com --action kms:DescribeKey` judges a request; for a key that no input holds give it beside the plan: `--key-policy ARN=POLICY`",
    ),
    (
        &["resource"],
        "this is Terraform's language in JSON (`.tf.json`), not a plan",
        MAKE_PLAN,
    ),
    (
        &["terraform"],
        "this is Terraform's language in JSON (`.tf.json`), not a plan",
        MAKE_PLAN,
    ),
];
