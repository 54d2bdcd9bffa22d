//! What to add to a policy, in its author's own form. Existing statements are never changed.

use std::collections::BTreeSet;

use hcl::format::{Format as _, Formatter};
use hcl::{Block, Body, Expression};

use crate::model::{Form, Key, Model, PolicyState, Requirement, Subject, SubjectKind};
use crate::report::Suggestion;
use crate::value::{PartKind, Shape, Symbol, Text};

/// What to add, before it is written down: findings of one cause share it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Draft {
    /// The resource that sets the policy.
    owner: String,
    form: Form,
    /// True where there is no policy yet, and a whole one is to be given.
    whole: bool,
    statements: Vec<Statement>,
    /// The Sids that the policy has.
    taken: Vec<String>,
}

/// A statement to add.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Statement {
    sid: String,
    principal: (&'static str, Vec<String>),
    actions: Vec<&'static str>,
    conditions: Vec<(&'static str, &'static str, Vec<String>)>,
}

/// The statement that would satisfy a requirement; none for a sensitive policy, whose form may not be shown either.
pub(super) fn draft(
    requirement: &Requirement,
    subject: &Subject,
    key: &Key,
    model: &Model,
) -> Option<Draft> {
    if key.sensitive {
        return None;
    }
    let statement = statement(requirement, subject, key, model)?;
    let owner = key.policy_addresses.first().unwrap_or(&key.address);
    let whole = key.state == PolicyState::Default;
    let mut statements = vec![statement];
    if whole {
        let asked = statements.pop();
        statements = vec![root(key, model)];
        if !matches!(
            subject.kind,
            SubjectKind::LandingZone | SubjectKind::DeliveryChannel
        ) && !subject.synthetic
        {
            statements.extend(delivery(subject, model));
        }
        let known = matches!(requirement.id, "cloudtrail-encrypt" | "cloudtrail-describe");
        statements.extend(asked.filter(|_| !known));
    }
    let present = key.policy.iter().flat_map(|policy| &policy.statements);
    Some(Draft {
        owner: owner.clone(),
        form: key.form,
        whole,
        statements,
        taken: present
            .filter_map(|it| Some(it.sid.as_ref()?.as_literal()?.to_owned()))
            .collect(),
    })
}

impl Draft {
    /// Takes in what another instance needs, where both are for one policy.
    pub(super) fn join(&mut self, other: Draft) {
        if self.owner != other.owner || self.statements.len() != other.statements.len() {
            return;
        }
        for (one, more) in self.statements.iter_mut().zip(other.statements) {
            extend(&mut one.principal.1, more.principal.1);
            for ((_, _, values), (_, _, others)) in one.conditions.iter_mut().zip(more.conditions) {
                extend(values, others);
            }
        }
    }

    /// Writes it down. `used` holds the Sids that earlier suggestions of the run took, by owner: two equal ones are refused.
    pub(super) fn write(mut self, used: &mut BTreeSet<(String, String)>) -> Suggestion {
        for statement in &mut self.statements {
            let sid = statement.sid.clone();
            let numbered = (2_u32..).map(|number| format!("{sid}{number}"));
            let mut names = std::iter::once(sid.clone()).chain(numbered);
            let free = |name: &String| {
                !used.contains(&(self.owner.clone(), name.clone()))
                    && (self.whole || !self.taken.contains(name))
            };
            statement.sid = names.find(free).unwrap_or(sid);
            used.insert((self.owner.clone(), statement.sid.clone()));
        }
        let owner = &self.owner;
        let texts = |write: &dyn Fn(&Statement) -> String| {
            self.statements
                .iter()
                .map(write)
                .collect::<Vec<_>>()
                .join("\n\n")
        };
        let (title, text) = match self.form {
            _ if self.whole => (
                format!("give `{owner}` a policy"),
                policy_json(&self.statements),
            ),
            Form::Json => (
                format!("add this statement to the policy of `{owner}`"),
                texts(&|statement| json(statement, 0)),
            ),
            Form::Document => (
                format!("add this block to the policy document of `{owner}`"),
                texts(&hcl_block),
            ),
        };
        Suggestion { title, text }
    }
}

fn extend(values: &mut Vec<String>, more: Vec<String>) {
    for value in more {
        if !values.contains(&value) {
            values.push(value);
        }
    }
}

fn statement(
    requirement: &Requirement,
    subject: &Subject,
    key: &Key,
    model: &Model,
) -> Option<Statement> {
    let cloudtrail = || ("Service", vec!["cloudtrail.amazonaws.com".to_owned()]);
    let arn = shown(&subject.arn, model);
    Some(match requirement.id {
        "cloudtrail-encrypt" => encrypt(&arn),
        "cloudtrail-describe" => describe(&arn),
        "cloudtrail-decrypt" => Statement {
            sid: "AllowCloudTrailDecryptForBucketKey".to_owned(),
            principal: cloudtrail(),
            actions: vec!["kms:Decrypt"],
            conditions: vec![("StringEquals", "aws:SourceArn", vec![arn])],
        },
        "lake-encrypt" | "lake-decrypt" | "lake-describe" => Statement {
            sid: "AllowCloudTrailLake".to_owned(),
            principal: cloudtrail(),
            actions: vec!["kms:GenerateDataKey", "kms:Decrypt", "kms:DescribeKey"],
            conditions: Vec::new(),
        },
        "reader-decrypt" => Statement {
            sid: "AllowLogReaders".to_owned(),
            principal: (
                "AWS",
                vec![
                    requirement
                        .reader
                        .clone()
                        .unwrap_or_else(|| account_root(key, model)),
                ],
            ),
            actions: vec!["kms:Decrypt"],
            conditions: vec![(
                "Null",
                "kms:EncryptionContext:aws:cloudtrail:arn",
                vec!["false".to_owned()],
            )],
        },
        "controltower-cloudtrail-encrypt" | "controltower-cloudtrail-decrypt" => Statement {
            sid: "AllowCloudTrailForControlTower".to_owned(),
            actions: vec!["kms:GenerateDataKey*", "kms:Decrypt"],
            ..encrypt(&arn)
        },
        "controltower-config-encrypt" | "controltower-config-decrypt" => config(Vec::new()),
        "config-encrypt" | "config-decrypt" => {
            if let Some(role) = &requirement.reader {
                Statement {
                    principal: ("AWS", vec![role.clone()]),
                    ..config(Vec::new())
                }
            } else {
                let account = vec![shown(&subject.account, model)];
                config(vec![("StringEquals", "aws:SourceAccount", account)])
            }
        }
        _ => return None,
    })
}

/// AWS's own statement (AWS Control Tower User Guide, Configure AWS KMS keys; AWS Config Developer Guide, Permissions for the KMS key).
fn config(conditions: Vec<(&'static str, &'static str, Vec<String>)>) -> Statement {
    Statement {
        sid: "AllowConfigToUseTheKey".to_owned(),
        principal: ("Service", vec!["config.amazonaws.com".to_owned()]),
        actions: vec!["kms:Decrypt", "kms:GenerateDataKey"],
        conditions,
    }
}

/// AWS's own statement (CloudTrail User Guide, Configure AWS KMS key policies for CloudTrail).
fn encrypt(arn: &str) -> Statement {
    Statement {
        sid: "AllowCloudTrailEncryptLogs".to_owned(),
        principal: ("Service", vec!["cloudtrail.amazonaws.com".to_owned()]),
        actions: vec!["kms:GenerateDataKey*"],
        conditions: vec![
            ("StringEquals", "aws:SourceArn", vec![arn.to_owned()]),
            (
                "StringLike",
                "kms:EncryptionContext:aws:cloudtrail:arn",
                vec![any_trail(arn)],
            ),
        ],
    }
}

fn describe(arn: &str) -> Statement {
    Statement {
        sid: "AllowCloudTrailDescribeKey".to_owned(),
        principal: ("Service", vec!["cloudtrail.amazonaws.com".to_owned()]),
        actions: vec!["kms:DescribeKey"],
        conditions: vec![("StringEquals", "aws:SourceArn", vec![arn.to_owned()])],
    }
}

fn delivery(subject: &Subject, model: &Model) -> [Statement; 2] {
    let arn = shown(&subject.arn, model);
    [encrypt(&arn), describe(&arn)]
}

fn root(key: &Key, model: &Model) -> Statement {
    Statement {
        sid: "EnableIAMUserPermissions".to_owned(),
        principal: ("AWS", vec![account_root(key, model)]),
        actions: vec!["kms:*"],
        conditions: Vec::new(),
    }
}

fn account_root(key: &Key, model: &Model) -> String {
    let arn = shown(&key.arn, model);
    let partition = arn.split(':').nth(1).unwrap_or("aws");
    format!("arn:{partition}:iam::{}:root", shown(&key.account, model))
}

/// The same trail ARN for any region and name: `arn:aws:cloudtrail:*:111122223333:trail/*`.
fn any_trail(arn: &str) -> String {
    let mut segments: Vec<&str> = arn.splitn(6, ':').collect();
    if let [_, _, _, region, _, resource] = segments.as_mut_slice() {
        (*region, *resource) = ("*", "trail/*");
    }
    segments.join(":")
}

/// A text to paste: what is not known stands as a word to put in.
fn shown(text: &Text, model: &Model) -> String {
    let word = |symbol: &Symbol| match symbol.shape {
        // An organization trail's own, which need not be the one that makes it.
        Shape::Account if symbol.name == "management account" => "MANAGEMENT_ACCOUNT_ID".to_owned(),
        Shape::Account => "ACCOUNT_ID".to_owned(),
        Shape::Region => "REGION".to_owned(),
        Shape::Partition => "aws".to_owned(),
        _ => format!("<{}>", symbol.name),
    };
    text.parts()
        .iter()
        .map(|part| match &part.kind {
            _ if part.sensitive => "SENSITIVE".to_owned(),
            PartKind::Literal(text) => text.clone(),
            PartKind::Symbol(symbol) => word(model.symbols.get(*symbol)),
            PartKind::Hole(_) => "<UNKNOWN>".to_owned(),
        })
        .collect()
}

fn policy_json(statements: &[Statement]) -> String {
    let all: Vec<String> = statements
        .iter()
        .map(|statement| json(statement, 4))
        .collect();
    format!(
        "{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n{}\n  ]\n}}",
        all.join(",\n")
    )
}

/// A statement as JSON, its keys in the order of AWS's examples, indented.
fn json(statement: &Statement, indent: usize) -> String {
    let text = |text: &str| serde_json::Value::from(text).to_string();
    let (kind, principal) = &statement.principal;
    let mut lines = vec![
        "{".to_owned(),
        format!("  \"Sid\": {},", text(&statement.sid)),
        "  \"Effect\": \"Allow\",".to_owned(),
        format!(
            "  \"Principal\": {{ {}: {} }},",
            text(kind),
            json_list(principal, 2)
        ),
        format!("  \"Action\": {},", json_list(&statement.actions, 2)),
    ];
    if statement.conditions.is_empty() {
        lines.push("  \"Resource\": \"*\"".to_owned());
    } else {
        lines.push("  \"Resource\": \"*\",".to_owned());
        lines.push("  \"Condition\": {".to_owned());
        let conditions: Vec<String> = statement
            .conditions
            .iter()
            .map(|(operator, key, value)| {
                format!(
                    "    {}: {{\n      {}: {}\n    }}",
                    text(operator),
                    text(key),
                    json_list(value, 6)
                )
            })
            .collect();
        lines.push(conditions.join(",\n"));
        lines.push("  }".to_owned());
    }
    lines.push("}".to_owned());
    let pad = " ".repeat(indent);
    lines
        .join("\n")
        .lines()
        .map(|line| format!("{pad}{line}"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// A statement as a block of `aws_iam_policy_document`.
fn hcl_block(statement: &Statement) -> String {
    let (kind, principal) = &statement.principal;
    let principals = Block::builder("principals")
        .add_attribute(("type", *kind))
        .add_attribute(("identifiers", hcl_list(principal)))
        .build();
    let mut block = Block::builder("statement")
        .add_attribute(("sid", statement.sid.as_str()))
        .add_attribute(("actions", hcl_list(&statement.actions)))
        .add_attribute(("resources", hcl_list(&["*"])))
        .add_block(principals);
    for (operator, key, value) in &statement.conditions {
        block = block.add_block(
            Block::builder("condition")
                .add_attribute(("test", *operator))
                .add_attribute(("variable", *key))
                .add_attribute(("values", hcl_list(value)))
                .build(),
        );
    }
    let body = Body::builder().add_block(block.build()).build();
    let mut formatter = Formatter::builder().compact_arrays(true).build(Vec::new());
    let written = body.format(&mut formatter).is_ok();
    let text = String::from_utf8(formatter.into_inner()).unwrap_or_default();
    if written {
        align(text.trim_end())
    } else {
        String::new()
    }
}

fn hcl_list(values: &[impl AsRef<str>]) -> Expression {
    let items: Vec<Expression> = values.iter().map(|it| it.as_ref().into()).collect();
    items.into()
}

/// One value, or a list: on one line where it fits.
fn json_list(values: &[impl AsRef<str>], indent: usize) -> String {
    let texts: Vec<String> = values
        .iter()
        .map(|it| serde_json::Value::from(it.as_ref()).to_string())
        .collect();
    match texts.as_slice() {
        [one] => one.clone(),
        many if many.iter().map(String::len).sum::<usize>() < 60 => {
            format!("[{}]", many.join(", "))
        }
        many => {
            let pad = " ".repeat(indent);
            format!("[\n{pad}  {}\n{pad}]", many.join(&format!(",\n{pad}  ")))
        }
    }
}

/// Lines `=` up over neighbouring attributes, as `terraform fmt` does.
fn align(text: &str) -> String {
    let name = |line: &str| line.split_once(" = ").map(|(name, _)| name.len());
    let lines: Vec<&str> = text.lines().collect();
    let mut out = Vec::new();
    for group in lines.chunk_by(|one, two| name(one).is_some() == name(two).is_some()) {
        let width = group
            .iter()
            .filter_map(|line| name(line))
            .max()
            .unwrap_or(0);
        for line in group {
            out.push(match line.split_once(" = ") {
                Some((name, value)) => format!("{name:width$} = {value}"),
                None => (*line).to_owned(),
            });
        }
    }
    out.join("\n")
}
