//! The `{:?}` of everything that the library hands out, over inputs whose secrets are known: a log of it tells none of them.

use keytrail::hcl::variable::VarArgument;
use keytrail::load::Settings;
use keytrail::{Inputs, Options};
use serde_json::{Value, json};

use crate::support::run::folder;
use crate::support::sketch::Sketch;

const CANARY: &str = "k7Qz9XwV3bTn";

/// All that a run over the inputs leaves behind, with `{:?}` and with `{:#?}`.
fn debugged(mut inputs: Inputs) -> String {
    inputs.hide();
    let mut all = vec![format!(
        "{inputs:?}{:#?}{:?}",
        inputs.settings, inputs.symbols
    )];
    for loaded in &inputs.loaded {
        all.push(format!("{loaded:?}{:#?}", loaded.document));
    }
    let report = keytrail::check(inputs, Options::default());
    all.push(format!("{report:?}{report:#?}{:?}", report.findings()));
    let model = report.model();
    all.push(format!("{model:?}{:?}", model.symbols));
    for key in &model.keys {
        all.push(format!(
            "{key:?}{:?}{:?}{:?}",
            key.policy, key.issues, key.broken
        ));
        let statements = key.policy.iter().flat_map(|it| &it.statements);
        for statement in statements {
            all.push(format!("{statement:?}"));
            for condition in statement.conditions() {
                all.push(format!("{condition:?}"));
            }
            for principal in statement.principals() {
                all.push(format!("{principal:?}"));
            }
        }
    }
    for subject in &model.subjects {
        all.push(format!("{subject:?}"));
        for requirement in &subject.requirements {
            all.push(format!("{requirement:?}{:?}", requirement.decision));
        }
    }
    all.concat()
}

/// What of the canary can be read: whole, or letter by letter as tokens are.
fn tells(text: &str) -> Option<String> {
    let pieces = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let letters: String = pieces.filter(|piece| piece.len() == 1).collect();
    let split: String = text
        .split("Char('")
        .skip(1)
        .filter_map(|rest| rest.chars().next())
        .collect();
    let windows: Vec<&str> = (0..CANARY.len() - 4)
        .map(|at| &CANARY[at..at + 5])
        .collect();
    let found = |text: &str| windows.iter().find(|it| text.contains(**it)).copied();
    let found = found(text)
        .or_else(|| found(&letters))
        .or_else(|| found(&split))?;
    let at = text.find(found).unwrap_or_default();
    let start = text[..at]
        .char_indices()
        .rev()
        .nth(200)
        .map_or(0, |it| it.0);
    Some(format!(
        "{found}: …{}",
        text[start..].chars().take(300).collect::<String>()
    ))
}

fn policy(canary: &str) -> String {
    let condition = json!({"StringLike": {"aws:SourceArn": format!("arn:{canary}*"), (canary): [canary, "x*"]}});
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": canary, "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": ["kms:*", canary], "Resource": "*",
         "Condition": condition},
        {"Effect": "Allow", "Principal": {"AWS": [format!("arn:aws:iam::444455556666:role/{canary}"), "*"]}, "Action": "kms:Decrypt",
         "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": canary}}},
    ]})
    .to_string()
}

fn plans() -> Vec<(&'static str, String)> {
    let hidden = |policy: &str| {
        let mut plan: Value = serde_json::from_str(&Sketch::new(policy).plan()).unwrap();
        for change in plan["resource_changes"].as_array_mut().unwrap() {
            if change["type"] == "aws_kms_key" {
                change["change"]["after_sensitive"] = json!({"policy": true});
                change["change"]["before_sensitive"] = json!({"policy": true});
            }
        }
        plan
    };
    let mut variable = hidden("{}");
    variable["variables"] = json!({"s": {"value": CANARY}, "o": {"value": {"a": [CANARY]}}});
    variable["configuration"]["root_module"]["variables"] =
        json!({"s": {"sensitive": true, "default": CANARY}, "o": {"sensitive": true}});
    vec![
        ("judged", hidden(&policy(CANARY)).to_string()),
        ("no JSON", hidden(&format!("{{{CANARY}")).to_string()),
        (
            "refused",
            hidden(&policy(CANARY).replace("\"Allow\"", &format!("\"{CANARY}\""))).to_string(),
        ),
        ("variables", variable.to_string()),
    ]
}

#[test]
fn a_log_of_a_plan_tells_nothing_sensitive() {
    for (name, plan) in plans() {
        let mut inputs = Inputs::new();
        inputs.plan("plan.json", plan.as_bytes()).unwrap();
        let all = debugged(inputs);
        assert_eq!(tells(&all), None, "{name}");
    }
}

#[test]
fn a_log_of_sources_tells_nothing_sensitive() {
    let key = |value: &str| {
        format!(
            "variable \"s\" {{\n  sensitive = true\n}}\nvariable \"d\" {{\n  sensitive = true\n  default   = \"{CANARY}\"\n}}\n\
             locals {{\n  l = upper(var.d)\n  again = [for c in split(\"\", var.s) : c]\n}}\n\
             resource \"aws_kms_key\" \"k\" {{\n  policy = jsonencode({{ Version = \"2012-10-17\", Statement = [{{ Sid = \"A\", Effect = \"Allow\", \
             Principal = {{ Service = \"cloudtrail.amazonaws.com\" }}, Action = \"kms:*\", Resource = \"*\", \
             Condition = {{ StringLike = {{ \"aws:SourceArn\" = {value} }} }} }}] }})\n}}\n\
             resource \"aws_cloudtrail\" \"t\" {{\n  name           = \"t\"\n  s3_bucket_name = var.s\n  kms_key_id     = aws_kms_key.k.arn\n}}\n"
        )
    };
    let values = [
        "var.s",
        "\"${var.s}*\"",
        "\"${var.d}${aws_x.y.z}*\"",
        "sensitive(\"k7Qz9XwV3bTn*\")",
        "\"*${local.l}\"",
        "local.again",
        "tonumber(var.d)",
    ];
    for (at, value) in values.iter().enumerate() {
        let main = key(value);
        let file = format!("d = \"{CANARY}\"\n");
        let path = folder(
            &format!("debug-{at}"),
            &[
                ("main.tf", &main),
                ("terraform.tfvars", &file),
                ("x.auto.tfvars", &file),
            ],
        );
        let mut inputs = Inputs::with(Settings {
            environment: vec![("s".to_owned(), CANARY.to_owned())],
            arguments: [
                VarArgument::Var("s".to_owned(), CANARY.to_owned()),
                VarArgument::File("f.tfvars".to_owned(), format!("s = \"{CANARY}\"")),
            ]
            .into(),
            ..Settings::default()
        });
        inputs.sources(&path).unwrap();
        let all = debugged(inputs);
        let upper = tells(&all.replace(&CANARY.to_uppercase(), CANARY));
        assert_eq!((tells(&all), upper), (None, None), "{value}");
    }
}

/// The same are told where nothing is marked: the test can see.
#[test]
fn a_log_of_a_plan_without_secrets_tells_what_it_is_about() {
    let mut inputs = Inputs::new();
    let plan = Sketch::new(policy(CANARY)).plan();
    inputs.plan("plan.json", plan.as_bytes()).unwrap();
    let report = keytrail::check(inputs, Options::default());
    assert!(tells(&format!("{:?}", report.findings())).is_some());
}
