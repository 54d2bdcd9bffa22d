//! Policies that were made to take long, or much memory: the program ends soon, says so, and nothing that it did not decide passes.
//!
//! Each family of policies is made at the largest size that is judged, and at one that is not.

#![expect(
    clippy::needless_pass_by_value,
    reason = "inputs are put together, and written where they are used"
)]

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::run::file;
use crate::support::sketch::{Judged, Sketch};

/// Bytes of a policy that is judged, at most.
const JUDGED: usize = 64 << 10;

/// Far more than any takes on a machine that has nothing else to do; what has no limit takes hours.
const LIMIT: Duration = Duration::from_mins(5);

fn statement(more: Value) -> Value {
    let mut it = json!({"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:*", "Resource": "*"});
    for (key, value) in more.as_object().unwrap() {
        it[key] = value.clone();
    }
    it
}

fn open(more: Value) -> Value {
    let mut it = statement(more);
    it["Principal"] = json!("*");
    it
}

fn policy(statements: Vec<Value>) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

type Family = (&'static str, fn(usize) -> String);

fn many(count: usize, of: impl Fn(usize) -> Value) -> Vec<Value> {
    (0..count).map(of).collect()
}

/// A policy of `n` parts of one kind.
const FAMILIES: &[Family] = &[
    ("statements", |n| {
        policy(many(n, |at| statement(json!({"Sid": format!("S{at}")}))))
    }),
    ("actions", |n| {
        policy(vec![statement(
            json!({"Action": many(n, |at| json!(format!("kms:*A{at}*")))}),
        )])
    }),
    ("accounts", |n| {
        let all = many(n, |at| json!(format!("{at:012}")));
        policy(vec![statement(json!({"Principal": {"AWS": all}}))])
    }),
    ("roles", |n| {
        policy(many(n, |at| {
            let role = format!("arn:aws:iam::{:012}:role/r{at}", at % 97);
            open(
                json!({"Principal": {"AWS": role}, "Condition": {"StringLike": {"aws:PrincipalOrgID": format!("o-{}*", at % 13)}}}),
            )
        }))
    }),
    ("values", |n| {
        let all = many(n, |at| json!(format!("arn:*{at}*x*")));
        policy(vec![statement(
            json!({"Condition": {"StringLike": {"aws:SourceArn": all}}}),
        )])
    }),
    ("keys", |n| {
        let keys = (0..n).map(|at| (format!("kms:EncryptionContext:{at}"), json!("x*y")));
        policy(vec![open(
            json!({"Condition": {"StringLike": keys.collect::<serde_json::Map<_, _>>()}}),
        )])
    }),
    ("conditions on one key", |n| {
        policy(many(n, |at| {
            open(json!({"Condition": {"StringLike": {"aws:SourceArn": format!("arn:*{at}*x*")}}}))
        }))
    }),
    ("denials", |n| {
        let mut all = many(n, |at| {
            let like = format!("arn:*{at}*r*{}*", at * 7);
            open(
                json!({"Effect": "Deny", "Condition": {"StringNotLike": {"aws:PrincipalArn": like}}}),
            )
        });
        all.push(open(json!({})));
        policy(all)
    }),
    ("wildcards that overlap", |n| {
        policy(many(n, |at| {
            let text = format!("{}*b", "*a".repeat(at % 40));
            open(
                json!({"Condition": {"StringLike": {"aws:PrincipalArn": text}, "StringNotLike": {"aws:PrincipalArn": "*b*".repeat(at % 40)}}}),
            )
        }))
    }),
    ("one long pattern", |n| {
        policy(vec![statement(
            json!({"Resource": "*".repeat(n), "Condition": {"StringLike": {"aws:SourceArn": format!("{}b", "*a".repeat(n))}}}),
        )])
    }),
    ("one pattern against many near misses", |n| {
        policy(vec![statement(
            json!({"Condition": {"StringLike": {"aws:SourceArn": format!("*{}b", "a".repeat(n))}}}),
        )])
    }),
    ("policy variables", |n| {
        policy(vec![open(
            json!({"Condition": {"StringLike": {"aws:SourceArn": "${aws:username}*".repeat(n)}}}),
        )])
    }),
    ("tags", |n| {
        policy(many(n, |at| {
            open(
                json!({"Condition": {"StringLikeIfExists": {format!("aws:PrincipalTag/{}", at % 7): format!("*{at}*")},
                "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": format!("o-{at}/*")}, "Null": {format!("aws:PrincipalTag/{}", (at + 3) % 7): "true"}}}),
            )
        }))
    }),
    ("mistakes", |n| {
        policy(many(
            n,
            |_| json!({"Effect": "Allow", "Principal": {"Servce": "x"}, "Actoin": "kms:*", "Condition": {"StringEqual": {"aws:sourcearn ": "x"}}}),
        ))
    }),
    ("equal keys", |n| {
        let keys: Vec<String> = (0..n)
            .map(|at| format!("\"aws:SourceArn\":\"x{at}\""))
            .collect();
        format!(
            "{{\"Statement\":[{{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"kms:*\",\"Resource\":\"*\",\"Condition\":{{\"StringEquals\":{{{}}}}}}}]}}",
            keys.join(",")
        )
    }),
];

/// The largest of a family that fits so many bytes.
fn fitted(family: fn(usize) -> String, bytes: usize) -> String {
    let (mut fits, mut not) = (1, 2);
    while family(not).len() <= bytes {
        (fits, not) = (not, not * 2);
    }
    while not - fits > 1 {
        let middle = fits.midpoint(not);
        if family(middle).len() <= bytes {
            fits = middle;
        } else {
            not = middle;
        }
    }
    family(fits)
}

/// One of a family that has more bytes, and not many times as many.
fn larger(family: fn(usize) -> String, bytes: usize) -> String {
    let mut count = 1;
    loop {
        let policy = family(count);
        if policy.len() > bytes {
            return policy;
        }
        count *= 2;
    }
}

fn judged(policy: String) -> Judged {
    let name = "a".repeat(4_000);
    let trail = json!({"arn": format!("arn:aws:cloudtrail:us-east-1:111122223333:trail/{name}"), "name": name});
    Sketch::new(policy).trail(trail).judge()
}

#[test]
fn a_policy_that_is_judged_is_judged_in_time() {
    for (name, family) in FAMILIES {
        let started = Instant::now();
        let judged = judged(fitted(*family, JUDGED - 16));
        let took = started.elapsed();
        println!("{name}: {took:?}");
        assert!(took < LIMIT, "{name}: {took:?}");
        let rules: Vec<&str> = judged.findings.iter().map(|it| it.rule.as_ref()).collect();
        // AWS refuses all of these, for their length if for nothing else; of equal keys it sees one.
        let refused = ["policy-too-large", "policy-invalid", "policy-duplicate-key"]
            .iter()
            .any(|it| rules.contains(it));
        assert!(refused, "{name}: {rules:?}");
    }
}

/// A policy that is larger is one error, however large.
#[test]
fn a_policy_that_is_too_large_is_not_read() {
    for (name, family) in FAMILIES {
        for bytes in [2 * JUDGED, 1 << 20] {
            let started = Instant::now();
            let judged = judged(larger(*family, bytes));
            let rules: Vec<&str> = judged.findings.iter().map(|it| it.rule.as_ref()).collect();
            assert!(rules.contains(&"policy-too-large"), "{name}: {rules:?}");
            assert!(!rules.contains(&"policy-invalid"), "{name}: {rules:?}");
            assert!(judged.findings.len() <= 3, "{name}: {rules:?}");
            let told = judged
                .findings
                .iter()
                .any(|it| it.message.contains("nothing else of it is judged"));
            assert!(told && started.elapsed() < LIMIT, "{name}");
        }
    }
}

/// White space is not counted, as the provider does not send it.
#[test]
fn a_small_policy_with_much_space_in_it_is_judged() {
    let policy =
        policy(vec![statement(json!({}))]).replace(',', &format!(",{}", " ".repeat(50_000)));
    assert!(policy.len() > 3 * JUDGED);
    let judged = Sketch::new(policy).judge();
    let rules: Vec<&str> = judged.findings.iter().map(|it| it.rule.as_ref()).collect();
    assert!(!rules.contains(&"policy-too-large"), "{rules:?}");
    assert!(rules.contains(&"trail-logs-unreadable"), "{rules:?}");
}

/// A whole run over a policy of 10 MB: one error, exit 1, and little memory beside the file.
#[test]
fn ten_megabytes_of_a_policy_end_with_one_error() {
    let statements = vec![statement(json!({})).to_string(); 120_000].join(",");
    let plan = Sketch::new(format!("{{\"Statement\":[{statements}]}}")).plan();
    assert!(plan.len() > 10 << 20);
    let path = file("hostile-policy-10mb.json", &plan);
    let started = Instant::now();
    let ended = crate::support::run::keytrail(&["check", &path]);
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    assert!(
        ended.stdout.contains("error[policy-too-large]"),
        "{}",
        ended.stdout
    );
    assert!(ended.stdout.len() < 10_000, "{}", ended.stdout.len());
    assert!(started.elapsed() < LIMIT);
    std::fs::remove_file(path).unwrap();
}

/// JSON in a text in JSON is a text.
#[test]
fn a_policy_in_a_policy_is_no_policy() {
    let mut text = policy(vec![open(json!({}))]);
    for _ in 0..5 {
        text = json!(text).to_string();
    }
    let judged = Sketch::new(text).judge();
    let rules: Vec<&str> = judged.findings.iter().map(|it| it.rule.as_ref()).collect();
    assert!(rules.contains(&"policy-invalid"), "{rules:?}");
}

#[test]
fn depth_has_a_limit() {
    for text in [
        "[".repeat(60_000),
        "{\"a\":".repeat(12_000),
        format!("{{\"Statement\":{}{}}}", "[".repeat(500), "]".repeat(500)),
    ] {
        let judged = Sketch::new(text).judge();
        let found = judged
            .findings
            .iter()
            .find(|it| it.rule == "policy-invalid");
        assert!(found.is_some_and(|it| it.message.contains("nested deeper than 128 levels")));
    }
}
