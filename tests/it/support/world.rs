//! A model, findings and sources made by hand.

use keytrail::input::{Action, InputKind};
use keytrail::model::{
    Assumption, Fact, Form, Input, Key, Link, LinkStatus, Model, PolicyState, Requirement, Subject,
    SubjectKind,
};
use keytrail::policy::{
    Blocker, Caller, Case, Context, ContextValue, Decision, Duplicates, Element, Failed, Fixed,
    Identity, Match, Outcome, Policy, PolicyKind, Request, Verdict, Word,
};
use keytrail::report::{Effect, Finding, Label, Severity, Suggestion, Unread};
use keytrail::source::{FileId, Origin, SourceMap, Span};
use keytrail::value::{
    Nature, Part, PartKind, Presence, Shape, Symbol, SymbolId, Symbols, Text, Value,
};

/// All that a report is made of.
pub struct Made {
    pub model: Model,
    pub findings: Vec<Finding>,
    pub sources: SourceMap,
    pub unread: Vec<Unread>,
}

pub const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"},{"Sid":"Allow CloudTrail to encrypt logs","Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":["kms:GenerateDataKey*","kms:DescribeKey"],"Resource":"*","Condition":{"StringEquals":{"aws:SourceArn":"arn:aws:cloudtrail:us-east-1:111122223333:trail/mian"}}}]}"#;

pub fn here() -> Origin {
    Origin::new(Span { start: 0, end: 0 })
}

pub fn known(text: &str) -> Text {
    Text::literal(text, here())
}

fn around(before: &str, symbol: SymbolId, after: &str) -> Text {
    let part = |kind| Part {
        kind,
        origin: here(),
        sensitive: false,
    };
    Text::from_parts(vec![
        part(PartKind::Literal(before.to_owned())),
        part(PartKind::Symbol(symbol)),
        part(PartKind::Literal(after.to_owned())),
    ])
}

fn account(symbols: &mut Symbols) -> SymbolId {
    symbols.intern(Symbol {
        key: "account:in0:aws".to_owned(),
        name: "account(aws)".to_owned(),
        shape: Shape::Account,
        nature: Nature::Named,
        reason: "not in the plan".to_owned(),
        supply: Some("--account-id 111122223333".to_owned()),
    })
}

pub fn span_of(sources: &SourceMap, file: FileId, needle: &str) -> Span {
    let text = sources.text(file);
    let at = text.find(needle).unwrap_or_else(|| panic!("no {needle}"));
    sources.span(file, at..at + needle.len())
}

pub fn label(span: Span, text: &str, primary: bool) -> Label {
    Label {
        span,
        text: text.to_owned(),
        primary,
        defect: primary,
    }
}

/// A parsed policy with a statement for each Sid and effect.
pub fn policy(statements: &[(&str, &str)]) -> Policy {
    let statements: Vec<serde_json::Value> = statements
        .iter()
        .map(|(sid, effect)| {
            serde_json::json!({"Sid": sid, "Effect": effect, "Principal": "*", "Action": "kms:*", "Resource": "*"})
        })
        .collect();
    let text = serde_json::json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let mut sources = SourceMap::new();
    let file = sources.add("policy", text).unwrap();
    let tree = keytrail::source::parse_json(&sources, file).unwrap();
    keytrail::policy::parse(&Value::from_json(&tree), PolicyKind::Key, Duplicates::Last).0
}

pub fn key(account: SymbolId) -> Key {
    Key {
        id: "in0:aws_kms_key.trail".to_owned(),
        address: "aws_kms_key.trail".to_owned(),
        input: 0,
        outside: false,
        arn: around("arn:aws:kms:us-east-1:", account, ":key/new"),
        account: Text::symbol(account, here()),
        region: known("us-east-1"),
        action: Action::Create,
        state: PolicyState::Known,
        policy: Some(policy(&[
            ("Enable IAM User Permissions", "Allow"),
            ("Allow CloudTrail to encrypt logs", "Allow"),
        ])),
        policy_first: None,
        policy_bytes: 0,
        others: Vec::new(),
        manage: None,
        bypass: Fact::Known(false),
        rotation: None,
        rotation_at: here(),
        issues: Vec::new(),
        unread: None,
        broken: None,
        sensitive: false,
        policy_addresses: vec!["aws_kms_key_policy.trail".to_owned()],
        aliases: vec!["alias/trail".to_owned()],
        form: Form::Json,
        enabled: Fact::Known(true),
        symmetric: Fact::Known(true),
        multi_region: Fact::Known(false),
        origin: here(),
        enabled_at: here(),
        spec_at: here(),
        region_at: here(),
    }
}

fn outcome(index: usize, matches: Match, failed: Option<Failed>) -> Outcome {
    Outcome {
        index,
        effect: Some(keytrail::policy::Effect::Allow),
        matches,
        principal: matches,
        through_account: false,
        action: Match::Yes,
        resource: Match::Yes,
        conditions: (0, 1),
        failed,
    }
}

fn failed_source_arn(account: SymbolId, wanted: &str) -> Failed {
    Failed {
        element: Element::Condition,
        operator: Some("StringEquals".to_owned()),
        key: Some("aws:SourceArn".to_owned()),
        policy: vec![known(wanted)],
        request: vec![around(
            "arn:aws:cloudtrail:us-east-1:",
            account,
            ":trail/main",
        )],
        absent: false,
        matches: Match::No,
        at: here(),
        key_at: None,
    }
}

pub fn requirement(id: &'static str, verdict: Verdict, account: SymbolId) -> Requirement {
    let mut context = Context::new();
    context.set(
        "aws:SourceArn",
        around("arn:aws:cloudtrail:us-east-1:", account, ":trail/main"),
    );
    context.insert(ContextValue {
        key: "aws:PrincipalIsAWSService".to_owned(),
        presence: Presence::Maybe(account),
        values: vec![known("true")],
        multivalued: false,
        open: None,
    });
    let mut decision = Decision {
        verdict,
        explicit: false,
        cases: Vec::new(),
        blocked_by: Vec::new(),
        statements: vec![
            outcome(0, Match::No, None),
            outcome(
                1,
                Match::No,
                Some(failed_source_arn(
                    account,
                    "arn:aws:cloudtrail:us-east-1:111122223333:trail/mian",
                )),
            ),
        ],
    };
    if verdict == Verdict::Conditional {
        let fixed = |within: &[&str], not_in: &[&str]| Fixed {
            symbol: account,
            within: within.iter().map(|it| word(it)).collect(),
            not_in: not_in.iter().map(|it| word(it)).collect(),
            present: None,
        };
        decision.cases = vec![
            Case {
                when: vec![fixed(&["111122223333"], &[])],
                verdict: Verdict::Allowed,
                explicit: false,
            },
            Case {
                when: vec![fixed(&[], &["111122223333"])],
                verdict: Verdict::Denied,
                explicit: false,
            },
        ];
        decision.blocked_by = vec![Blocker {
            symbol: Some(account),
            reason: "not in the plan".to_owned(),
            at: here(),
        }];
    }
    Requirement {
        id,
        key: 0,
        only_root: false,
        via: None,
        through: None,
        besides: None,
        reader: None,
        verdict,
        explicit: false,
        before: None,
        asked_at: here(),
        request: Request {
            principal: Caller::Service("cloudtrail.amazonaws.com".to_owned()),
            action: "kms:GenerateDataKey".to_owned(),
            resource: around("arn:aws:kms:us-east-1:", account, ":key/new"),
            account: Text::symbol(account, here()),
            context,
            identity: Identity::Unknown,
        },
        decision,
    }
}

pub fn subject(address: &str, link: LinkStatus, requirements: Vec<Requirement>) -> Subject {
    let resolved = link == LinkStatus::Resolved;
    let unresolved = link == LinkStatus::Unresolved;
    Subject {
        id: format!("in0:{address}"),
        kind: SubjectKind::Trail,
        address: address.to_owned(),
        input: 0,
        action: Action::Create,
        arn: known("arn:aws:cloudtrail:us-east-1:111122223333:trail/main"),
        organization: Fact::Unknown,
        account: known("111122223333"),
        synthetic: false,
        component: None,
        link: Link {
            status: link,
            keys: if resolved { vec![0] } else { Vec::new() },
            arn: None,
            way: Vec::new(),
            via: if resolved {
                vec!["aws_kms_alias.trail".to_owned()]
            } else {
                Vec::new()
            },
            reason: unresolved
                .then(|| "`local.keys` is not in the plan, and two keys fit".to_owned()),
            remedy: unresolved
                .then(|| "give the sources beside the plan, or name the key by its ARN".to_owned()),
            flaw: None,
            origin: here(),
        },
        bucket: None,
        requirements,
        origin: here(),
    }
}

/// A trail whose key denies it, one whose key is not found, one that reads conditionally.
pub fn made() -> Made {
    let mut sources = SourceMap::new();
    let policy_file = sources
        .add_part(
            "plan.json",
            "aws_kms_key_policy.trail › policy",
            POLICY,
            false,
        )
        .unwrap();
    let trail = "resource \"aws_cloudtrail\" \"main\" {\n  name       = \"main\"\n  kms_key_id = aws_kms_alias.trail.arn\n}\n";
    let trail_file = sources.add("trail.tf", trail).unwrap();
    let mut symbols = Symbols::new();
    let account = account(&mut symbols);
    let findings = findings(&sources, policy_file, trail_file);
    let all = vec![
        requirement("cloudtrail-encrypt", Verdict::Denied, account),
        requirement("cloudtrail-describe", Verdict::Conditional, account),
        Requirement {
            reader: Some("arn:aws:iam::111122223333:role/auditor".to_owned()),
            ..requirement("reader-decrypt", Verdict::Delegated, account)
        },
    ];
    let fine = vec![
        requirement("cloudtrail-encrypt", Verdict::Allowed, account),
        requirement("cloudtrail-describe", Verdict::Allowed, account),
    ];
    Made {
        model: Model {
            inputs: vec![Input {
                id: "in0".to_owned(),
                path: "plan.json".to_owned(),
                kind: InputKind::Plan,
                terraform_version: Some("1.15.5".to_owned()),
                format_version: Some("1.2".to_owned()),
                complete: false,
                errored: false,
                deferred: vec![("aws_kms_key.later".to_owned(), "instance_count_unknown".to_owned())],
                notes: vec!["the file is UTF-16, as a PowerShell redirect writes it".to_owned()],
                sources: None,
                unreadable: Vec::new(),
                differences: Vec::new(),
                remote: Vec::new(),
                missing: Vec::new(),
            }],
            keys: vec![key(account)],
            subjects: vec![
                subject("aws_cloudtrail.main", LinkStatus::Resolved, all),
                subject("aws_cloudtrail.fine", LinkStatus::Resolved, fine),
                subject("aws_cloudtrail.lost", LinkStatus::Unresolved, Vec::new()),
            ],
            symbols,
            assumptions: vec![Assumption {
                symbol: account,
                within: vec![word("111122223333")],
                not_in: Vec::new(),
                verdicts: 1,
            }],
            orders: Vec::new(),
            conflicts: Vec::new(),
            expectations: Vec::new(),
            unmatched: Vec::new(),
            not_seen: vec!["identity policies, permission boundaries and grants; service and resource control policies".to_owned()],
            ..Model::default()
        },
        findings,
        sources,
        unread: vec![Unread {
            path: "broken.json".to_owned(),
            problem: "this is not a plan".to_owned(),
        }],
    }
}

pub fn finding(rule: &'static str, severity: Severity, labels: Vec<Label>) -> Finding {
    let message =
        "the policy of `aws_kms_key.trail` does not let `aws_cloudtrail.main` encrypt its logs";
    let mut finding = Finding::new(
        rule,
        severity,
        Effect::DeliveryStops,
        "aws_cloudtrail.main",
        message.to_owned(),
    );
    finding.verdict = Some(Verdict::Denied);
    finding.subject = Some("in0:aws_cloudtrail.main".to_owned());
    finding.key = Some("in0:aws_kms_key.trail".to_owned());
    finding.requirement = Some("cloudtrail-encrypt");
    "0123456789abcdef".clone_into(&mut finding.fingerprint);
    finding.labels = labels;
    finding
}

fn findings(sources: &SourceMap, policy_file: FileId, trail_file: FileId) -> Vec<Finding> {
    let value = span_of(
        sources,
        policy_file,
        "\"arn:aws:cloudtrail:us-east-1:111122223333:trail/mian\"",
    );
    let action = span_of(sources, policy_file, "\"kms:DescribeKey\"");
    let link = span_of(sources, trail_file, "aws_kms_alias.trail.arn");
    let first = Finding {
        instances: vec!["aws_cloudtrail.main[\"b\"]".to_owned(), "aws_cloudtrail.main[\"c\"]".to_owned()],
        help: Some("the trail's ARN is `arn:aws:cloudtrail:us-east-1:111122223333:trail/main`; mend the value, or add the statement below".to_owned()),
        suggestion: Some(Suggestion {
            title: "add this statement to the policy of aws_kms_key_policy.trail".to_owned(),
            text: "{\n  \"Sid\": \"AllowCloudTrailEncrypt\",\n  \"Effect\": \"Allow\"\n}".to_owned(),
        }),
        ..finding(
            "trail-key-denies-encrypt",
            Severity::Error,
            vec![
                label(value, "matches no trail of this plan", true),
                label(link, "the trail uses this key", false),
            ],
        )
    };
    let second = Finding {
        verdict: None,
        message:
            "this statement also grants `kms:DescribeKey`, which carries no encryption context"
                .to_owned(),
        ..finding(
            "statement-never-matches",
            Severity::Note,
            vec![label(action, "asked for without the context", true)],
        )
    };
    vec![first, second]
}

/// A text that a case names.
pub fn word(text: &str) -> Word {
    Word {
        text: text.to_owned(),
        exact: true,
    }
}
