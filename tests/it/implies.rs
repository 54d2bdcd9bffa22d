//! One cause is one finding: each rule's page raises that rule alone where it runs alone, and a table says which other rules appear beside
//! it where all run.

use std::collections::{BTreeMap, BTreeSet};

use keytrail::rules;
use serde_json::Value;

use crate::rules::{cases, check, hold};

/// The rules that appear in the cases `bad*` and `undecided*` of a rule, besides it.
const IMPLIES: &[(&str, &[&str])] = &[
    // What an exception was written for, and does not put aside.
    ("ignore-invalid", &["trail-unencrypted"]),
    ("ignore-expired", &["trail-unencrypted"]),
    ("ignore-unused", &["trail-unencrypted"]),
    // The same mistake stands in the statements for several requests.
    (
        "trail-key-denies-encrypt",
        &[
            "key-policy-decrypt-unbound",
            "key-policy-service-overgrant",
            "policy-unknown-action",
            "trail-key-denies-describe",
            "trail-logs-unreadable",
            "trail-policy-race",
        ],
    ),
    (
        "trail-key-denies-describe",
        &["trail-key-denies-encrypt", "trail-logs-unreadable"],
    ),
    (
        "trail-key-denies-decrypt",
        &[
            "trail-key-denies-describe",
            "trail-key-denies-encrypt",
            "trail-logs-unreadable",
        ],
    ),
    (
        "trail-logs-unreadable",
        &[
            "key-policy-decrypt-unbound",
            "key-policy-lockout",
            "trail-key-denies-describe",
            "trail-key-denies-encrypt",
        ],
    ),
    // An account of eleven digits is refused before anybody is denied.
    (
        "reader-denied",
        &[
            "key-policy-decrypt-unbound",
            "key-policy-foreign-account",
            "key-policy-lockout",
            "policy-invalid-principal",
            "trail-logs-unreadable",
        ],
    ),
    // What hides the answer to one request hides that to others.
    (
        "key-policy-lockout",
        &[
            "key-policy-decrypt-unbound",
            "trail-key-denies-describe",
            "trail-key-denies-encrypt",
            "trail-logs-unreadable",
        ],
    ),
    // A plan shows nothing of a policy that refers to what is new.
    (
        "key-policy-split",
        &[
            "key-policy-decrypt-unbound",
            "trail-key-denies-describe",
            "trail-key-denies-encrypt",
            "trail-logs-unreadable",
        ],
    ),
    // The bare id of a key that no input holds.
    ("trail-key-invalid", &["trail-key-external"]),
    (
        "trail-policy-race",
        &[
            "trail-key-denies-describe",
            "trail-key-denies-encrypt",
            "trail-logs-unreadable",
        ],
    ),
    (
        "policy-duplicate-key",
        &["key-policy-confused-deputy", "trail-key-denies-describe"],
    ),
    ("sources-differ", &["trail-unencrypted"]),
    // The example's placeholder is why both services are denied.
    (
        "controltower-key-denies-cloudtrail",
        &[
            "controltower-key-denies-config",
            "key-policy-confused-deputy",
            "policy-placeholder",
        ],
    ),
    // A policy that speaks of another account than the key's lets nobody in.
    (
        "controltower-key-wrong-account",
        &["key-policy-confused-deputy", "key-policy-lockout"],
    ),
    // It says what the plan changes; these say what is wrong then.
    (
        "change-revokes-delivery",
        &[
            "change-widens-access",
            "key-policy-service-overgrant",
            "reader-denied",
            "trail-key-denies-decrypt",
            "trail-key-denies-describe",
            "trail-key-denies-encrypt",
            "trail-key-disabled",
            "trail-logs-unreadable",
        ],
    ),
    // Whom a policy lets in besides is told whatever else is wrong with it; these cases have readers or services without conditions.
    (
        "change-widens-access",
        &[
            "key-policy-confused-deputy",
            "key-policy-decrypt-unbound",
            "key-policy-foreign-account",
            "key-policy-public",
        ],
    ),
    ("reader-delegated", &["key-policy-foreign-account"]),
    ("store-key-denied", &["key-policy-confused-deputy"]),
    ("trail-key-disabled", &["key-policy-confused-deputy"]),
    (
        "controltower-key-denies-config",
        &["key-policy-confused-deputy"],
    ),
    (
        "controltower-key-multi-region",
        &["key-policy-confused-deputy"],
    ),
    (
        "controltower-key-asymmetric",
        &["key-policy-confused-deputy"],
    ),
    ("controltower-key-disabled", &["key-policy-confused-deputy"]),
    (
        "key-policy-service-overgrant",
        &["key-policy-confused-deputy"],
    ),
    ("expectation-failed", &["key-policy-confused-deputy"]),
    ("policy-placeholder", &["key-policy-decrypt-unbound"]),
    ("policy-too-large", &["key-policy-decrypt-unbound"]),
    ("policy-unknown-action", &["key-policy-decrypt-unbound"]),
    (
        "policy-condition-mismatch",
        &["key-policy-confused-deputy", "key-policy-decrypt-unbound"],
    ),
    (
        "policy-wildcard-in-exact-match",
        &["key-policy-decrypt-unbound"],
    ),
    ("policy-variable-literal", &["key-policy-decrypt-unbound"]),
];

/// The rules of a report.
fn raised(report: &Value) -> BTreeSet<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    findings
        .map(|it| it["rule"].as_str().unwrap().to_owned())
        .collect()
}

/// The example of a page raises its rule and the fix raises nothing, where no other rule runs.
#[test]
fn a_page_raises_its_rule_alone() {
    let mut problems = Vec::new();
    for case in cases()
        .iter()
        .filter(|it| ["bad", "ok"].contains(&it.name.as_str()))
    {
        let args = std::fs::read_to_string(case.folder.join("args")).unwrap_or_default();
        let mut args: Vec<&str> = args.lines().collect();
        while let Some(at) = args.iter().position(|it| *it == "--enable") {
            args.drain(at..at + 2);
        }
        let has_plan = case.folder.join("plan.json").exists();
        let input = if has_plan { "plan.json" } else { "." };
        let mut own = vec!["--only", &case.rule, "--format", "json"];
        // An exception is unused where its rule ran and found nothing.
        if case.rule == "ignore-unused" {
            own.extend(["--only", "trail-key-disabled"]);
        }
        if has_plan && !args.contains(&"--source") {
            own.push("--no-source");
        }
        let (json, _) = check(&case.folder, &[&[input], &args[..], &own].concat());
        let found = raised(&serde_json::from_str(&json).unwrap());
        let wanted = BTreeSet::from_iter((case.name == "bad").then(|| case.rule.clone()));
        if found != wanted {
            problems.push(format!("{}: {found:?}", case.id()));
        }
    }
    hold(&problems);
}

#[test]
fn other_rules_appear_where_the_table_says() {
    let mut found: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for case in cases()
        .iter()
        .filter(|it| it.is("bad") || it.is("undecided"))
    {
        let rules = case.findings().map(|it| it["rule"].as_str().unwrap());
        let others = rules.filter(|it| *it != case.rule).map(str::to_owned);
        found.entry(&case.rule).or_default().extend(others);
    }
    let mut problems = Vec::new();
    for rule in rules::ALL {
        let listed = IMPLIES.iter().find(|(id, _)| *id == rule.id);
        let listed: BTreeSet<String> = listed
            .map(|(_, others)| others.iter().map(|it| (*it).to_owned()).collect())
            .unwrap_or_default();
        let found = found.remove(rule.id).unwrap_or_default();
        if found != listed {
            problems.push(format!(
                "    (\"{}\", &{:?}),",
                rule.id,
                found.iter().collect::<Vec<_>>()
            ));
        }
    }
    for (id, others) in IMPLIES {
        assert!(rules::find(id).is_some() && !others.is_empty(), "{id}");
    }
    hold(&problems);
}
