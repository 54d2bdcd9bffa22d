//! Several inputs judged together: a trail and its key in different roots, one object in two inputs, and policies given beside them.

use keytrail::plan;
use keytrail::resolve::{self, KeyPolicy, Loaded, Options};
use keytrail::rules::{self, Gate, Selection};
use keytrail::source::{Origin, SourceMap};
use keytrail::value::{Symbols, Value as Known};
use serde_json::{Value, json};

use crate::support::sketch::Judged;

const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const TRAIL: &str = "arn:aws:cloudtrail:us-east-1:444455556666:trail/main";

/// The policy that AWS documents for the trail `main` of account 444455556666 and the key of account 111122223333.
fn policy() -> String {
    let bound = json!({"StringEquals": {"aws:SourceArn": TRAIL}});
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"},
        {"Sid": "Encrypt", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:GenerateDataKey*",
            "Resource": "*", "Condition": bound},
        {"Sid": "Describe", "Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:DescribeKey",
            "Resource": "*", "Condition": bound}]})
    .to_string()
}

/// A policy that CloudTrail is not in.
fn bare() -> String {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "kms:*", "Resource": "*"}]})
    .to_string()
}

fn key(policy: &str) -> Value {
    json!({"arn": KEY, "key_id": ID, "id": ID, "policy": policy, "is_enabled": true, "key_usage": "ENCRYPT_DECRYPT",
        "customer_master_key_spec": "SYMMETRIC_DEFAULT", "multi_region": false})
}

fn trail(key: &str) -> Value {
    json!({"name": "main", "arn": TRAIL, "home_region": "us-east-1", "kms_key_id": key, "s3_bucket_name": "logs",
        "is_organization_trail": false})
}

fn parts(address: &str) -> (&str, &str) {
    address.split_once('.').unwrap()
}

fn state(resources: &[(&str, Value)]) -> String {
    let resources: Vec<Value> = resources
        .iter()
        .map(|(address, values)| {
            let (kind, name) = parts(address);
            json!({"address": address, "mode": "managed", "type": kind, "name": name, "values": values, "sensitive_values": {}})
        })
        .collect();
    json!({"format_version": "1.0", "terraform_version": "1.15.5", "values": {"root_module": {"resources": resources}}}).to_string()
}

fn change(address: &str, actions: &[&str], before: &Value, after: &Value) -> Value {
    let (kind, name) = parts(address);
    json!({"address": address, "mode": "managed", "type": kind, "name": name,
        "change": {"actions": actions, "before": before, "after": after, "after_unknown": {}, "before_sensitive": {}, "after_sensitive": {}}})
}

fn plan_of(changes: &[Value]) -> String {
    json!({"format_version": "1.2", "terraform_version": "1.15.5", "planned_values": {"root_module": {}}, "resource_changes": changes,
        "configuration": {"root_module": {}}, "complete": true, "errored": false})
    .to_string()
}

fn plan(resources: &[(&str, Value)]) -> String {
    let changes: Vec<Value> = resources
        .iter()
        .map(|(address, values)| change(address, &["no-op"], values, values))
        .collect();
    plan_of(&changes)
}

/// Judges inputs together.
fn together(texts: &[String]) -> Judged {
    with(texts, |_| Options::default())
}

fn with(texts: &[String], options: impl Fn(&mut SourceMap) -> Options) -> Judged {
    let (mut sources, mut symbols) = (SourceMap::new(), Symbols::new());
    let read = |(at, text): (usize, &String)| {
        let (name, id) = (format!("{at}.json"), format!("in{at}"));
        let document =
            plan::load_beside_others(text.as_bytes(), &name, &id, &mut sources, &mut symbols);
        Loaded {
            path: name.clone(),
            document: document.unwrap(),
        }
    };
    let loaded: Vec<Loaded> = texts.iter().enumerate().map(read).collect();
    let options = options(&mut sources);
    let model = resolve::model(&loaded, symbols, &mut sources, &options);
    let findings = rules::check(&model, Gate::default(), &Selection::default());
    Judged {
        model,
        findings,
        sources,
    }
}

fn link(judged: &Judged) -> (&'static str, Vec<&str>) {
    let link = &judged.model.subjects[0].link;
    let keys = link
        .keys
        .iter()
        .map(|at| judged.model.keys[*at].id.as_str());
    (link.status.word(), keys.collect())
}

#[test]
fn a_trail_and_its_key_in_different_roots_are_decided_together() {
    let key_alone = state(&[("aws_kms_key.trail", key(&policy()))]);
    let trail_alone = plan(&[("aws_cloudtrail.main", trail(KEY))]);
    for texts in [
        [key_alone.clone(), trail_alone.clone()],
        [trail_alone.clone(), key_alone],
    ] {
        let judged = together(&texts);
        assert_eq!(judged.line(), "allowed allowed delegated");
        assert_eq!(link(&judged).0, "resolved");
        assert!(judged.rules().is_empty(), "{:?}", judged.rules());
    }
    let wrong = state(&[("aws_kms_key.trail", key(&bare()))]);
    let judged = together(&[trail_alone, wrong]);
    assert_eq!(judged.line(), "denied denied delegated");
    let finding = judged.finding("trail-key-denies-encrypt").unwrap();
    let names = finding
        .labels
        .iter()
        .map(|it| judged.sources.location(it.span).file);
    let names: Vec<String> = names.collect();
    assert!(
        names.contains(&"0.json".to_owned()) && names.contains(&"1.json".to_owned()),
        "{names:?}"
    );
}

/// However the trail calls the key: by ARN, by the ARN of an alias, or by what a data source found.
#[test]
fn a_key_of_another_root_has_several_names() {
    let alias = |name: &str| json!({"name": name, "arn": format!("arn:aws:kms:us-east-1:111122223333:{name}"), "target_key_arn": KEY, "target_key_id": ID});
    let keys = state(&[
        ("aws_kms_key.trail", key(&policy())),
        ("aws_kms_alias.trail", alias("alias/trail")),
    ]);
    for (name, status) in [
        (KEY, "resolved"),
        ("arn:aws:kms:us-east-1:111122223333:alias/trail", "resolved"),
        // An alias is one of its account and Region, and so is a key.
        ("arn:aws:kms:eu-west-1:111122223333:alias/trail", "external"),
        ("arn:aws:kms:us-east-1:444455556666:alias/trail", "external"),
        (
            "arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "external",
        ),
        // Bare names are those of the trail's own account.
        ("alias/trail", "external"),
        (ID, "external"),
    ] {
        let judged = together(&[plan(&[("aws_cloudtrail.main", trail(name))]), keys.clone()]);
        assert_eq!(link(&judged).0, status, "{name}");
    }
    let mut own = trail(ID);
    own["arn"] = json!("arn:aws:cloudtrail:us-east-1:111122223333:trail/main");
    for name in [ID, "alias/trail"] {
        own["kms_key_id"] = json!(name);
        let judged = together(&[plan(&[("aws_cloudtrail.main", own.clone())]), keys.clone()]);
        assert_eq!(link(&judged).0, "resolved", "{name}");
    }
    // An alias of an account that nobody knows may be any account's.
    own.as_object_mut().unwrap().remove("arn");
    own["home_region"] = json!("us-east-1");
    let judged = together(&[plan(&[("aws_cloudtrail.main", own)]), keys]);
    assert_eq!(link(&judged).0, "external");
}

/// Replicas share the id, and neither the ARN nor the policy.
#[test]
fn a_replica_in_another_root_is_another_key() {
    let (here, there) = (
        "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab",
        "arn:aws:kms:eu-west-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab",
    );
    let id = "mrk-1234abcd12ab34cd56ef1234567890ab";
    let replica = |arn: &str, policy: &str| json!({"arn": arn, "key_id": id, "id": id, "policy": policy, "enabled": true});
    let primary = state(&[("aws_kms_key.trail", replica(here, &bare()))]);
    let other = state(&[("aws_kms_replica_key.trail", replica(there, &policy()))]);
    for (arn, line) in [
        (here, "denied denied delegated"),
        (there, "allowed allowed delegated"),
    ] {
        let judged = together(&[
            primary.clone(),
            other.clone(),
            plan(&[("aws_cloudtrail.main", trail(arn))]),
        ]);
        assert_eq!(judged.line(), line, "{arn}");
    }
}

#[test]
fn a_policy_that_is_set_in_another_root_is_the_keys() {
    let keys = state(&[("aws_kms_key.trail", key(&bare()))]);
    let trails = plan(&[("aws_cloudtrail.main", trail(KEY))]);
    for name in [KEY, ID] {
        let own = json!({"key_id": name, "policy": policy(), "region": "us-east-1"});
        let policies = plan(&[("aws_kms_key_policy.trail", own)]);
        let judged = together(&[trails.clone(), keys.clone(), policies.clone()]);
        assert_eq!(judged.line(), "allowed allowed delegated", "{name}");
        // The key itself need not be in any input.
        let judged = together(&[trails.clone(), policies]);
        assert_eq!(judged.line(), "allowed allowed delegated", "{name}");
        assert_eq!(
            judged.model.keys[0].policy_addresses,
            ["aws_kms_key_policy.trail"]
        );
    }
}

#[test]
fn the_bucket_of_another_root_says_whether_it_has_a_key() {
    let rule = json!([{"bucket_key_enabled": true}]);
    let buckets = state(&[
        (
            "aws_s3_bucket.logs",
            json!({"bucket": "logs", "id": "logs", "arn": "arn:aws:s3:::logs", "region": "us-east-1"}),
        ),
        (
            "aws_s3_bucket_server_side_encryption_configuration.logs",
            json!({"bucket": "logs", "rule": rule}),
        ),
    ]);
    let both = plan(&[
        ("aws_cloudtrail.main", trail(KEY)),
        ("aws_kms_key.trail", key(&policy())),
    ]);
    let judged = together(&[both.clone(), buckets]);
    assert_eq!(judged.verdict("cloudtrail-decrypt", None), "denied");
    assert_eq!(judged.rules(), ["trail-key-denies-decrypt"]);
    let other = state(&[(
        "aws_s3_bucket.logs",
        json!({"bucket": "other", "id": "other", "region": "us-east-1"}),
    )]);
    let judged = together(&[both, other]);
    assert_eq!(judged.verdict("cloudtrail-decrypt", None), "not asked");
}

/// The plan says what will be, an older state what was.
#[test]
fn a_plan_counts_more_than_an_older_state() {
    let old = state(&[
        ("aws_kms_key.trail", key(&bare())),
        ("aws_cloudtrail.main", trail(KEY)),
        (
            "aws_kms_key_policy.trail",
            json!({"key_id": ID, "policy": bare(), "id": ID}),
        ),
    ]);
    let repaired = plan_of(&[
        change(
            "aws_kms_key.trail",
            &["update"],
            &key(&bare()),
            &key(&policy()),
        ),
        change("aws_cloudtrail.main", &["no-op"], &trail(KEY), &trail(KEY)),
        change(
            "aws_kms_key_policy.trail",
            &["update"],
            &json!({"key_id": ID, "policy": bare()}),
            &json!({"key_id": ID, "policy": policy()}),
        ),
    ]);
    for texts in [[old.clone(), repaired.clone()], [repaired, old]] {
        let judged = together(&texts);
        assert_eq!(judged.line(), "allowed allowed delegated");
        assert_eq!(
            (judged.model.keys.len(), judged.model.subjects.len()),
            (1, 1)
        );
        let notes: Vec<&String> = judged
            .model
            .inputs
            .iter()
            .flat_map(|it| &it.notes)
            .collect();
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].starts_with("3 resources are also in"), "{notes:?}");
    }
}

#[test]
fn what_a_plan_destroys_an_older_state_does_not_bring_back() {
    let old = state(&[("aws_kms_key.trail", key(&policy()))]);
    let destroyed = plan_of(&[change(
        "aws_kms_key.trail",
        &["delete"],
        &key(&policy()),
        &Value::Null,
    )]);
    let trails = plan(&[("aws_cloudtrail.main", trail(KEY))]);
    let judged = together(&[trails.clone(), old.clone(), destroyed]);
    assert_eq!(link(&judged).0, "external");
    // What is only forgotten goes on to exist, as the state shows it.
    let forgotten = plan_of(&[change(
        "aws_kms_key.trail",
        &["forget"],
        &key(&policy()),
        &Value::Null,
    )]);
    let judged = together(&[trails, old, forgotten]);
    assert_eq!(judged.line(), "allowed allowed delegated");
}

fn given(arn: &str, text: &str) -> impl Fn(&mut SourceMap) -> Options {
    let (arn, text) = (arn.to_owned(), text.to_owned());
    move |sources| {
        let file = sources.add("policy.json", text.as_str()).unwrap();
        let policy = Known::text(text.as_str(), Origin::new(sources.whole(file)));
        Options {
            key_policies: vec![KeyPolicy {
                arn: arn.clone(),
                policy,
            }],
            ..Options::default()
        }
    }
}

#[test]
fn the_policy_of_a_key_outside_the_inputs_is_given() {
    let trails = [plan(&[("aws_cloudtrail.main", trail(KEY))])];
    assert_eq!(together(&trails).rules(), ["trail-key-external"]);
    let judged = with(&trails, given(KEY, &policy()));
    assert_eq!(judged.line(), "allowed allowed delegated");
    assert_eq!(link(&judged), ("resolved", vec![KEY]));
    let judged = with(&trails, given(KEY, &bare()));
    assert_eq!(
        judged.rules(),
        ["trail-key-denies-encrypt", "trail-key-denies-describe"]
    );
    let at = judged.finding("trail-key-denies-encrypt").unwrap().labels[0].span;
    assert_eq!(judged.sources.location(at).file, "policy.json");
    // What is not used is said.
    let notes = |judged: &Judged| judged.model.inputs[0].notes.join("\n");
    assert_eq!(notes(&judged), "");
    let other = KEY.replace("1234abcd", "9999abcd");
    let unused = with(&trails, given(&other, &policy()));
    assert!(
        notes(&unused).ends_with("is not used: no trail uses that key"),
        "{}",
        notes(&unused)
    );
    let inside = [plan(&[
        ("aws_cloudtrail.main", trail(KEY)),
        ("aws_kms_key.trail", key(&bare())),
    ])];
    let unused = with(&inside, given(KEY, &policy()));
    assert_eq!(unused.line(), "denied denied delegated");
    assert!(
        notes(&unused).ends_with("the inputs say what its policy is"),
        "{}",
        notes(&unused)
    );
}

/// What the inputs say of a key counts; what they do not say is given by the key's ARN.
#[test]
fn the_policy_of_a_key_of_the_inputs_is_given_where_they_do_not_show_it() {
    let mut unshown = key("");
    unshown.as_object_mut().unwrap().remove("policy");
    let inside = [plan(&[
        ("aws_cloudtrail.main", trail(KEY)),
        ("aws_kms_key.trail", unshown),
    ])];
    let line = |arn: &str| with(&inside, given(arn, &policy())).line();
    assert_eq!(line(KEY), "allowed allowed delegated");
    let other = KEY.replace("1234abcd", "9999abcd");
    assert_eq!(line(&other), together(&inside).line());
    assert!(together(&inside).line().starts_with("undecided undecided"));
}

/// The notes of all inputs.
fn notes(judged: &Judged) -> String {
    let inputs = judged.model.inputs.iter();
    let notes: Vec<String> = inputs.flat_map(|it| it.notes.clone()).collect();
    notes.join("\n")
}

/// Two inputs of a kind that show one key differently: what hangs on which of them is right is undecided, in either order.
#[test]
fn inputs_that_disagree_decide_nothing() {
    let trails = plan(&[("aws_cloudtrail.main", trail(KEY))]);
    let shown = |policy: &str| state(&[("aws_kms_key.trail", key(policy))]);
    let planned = |policy: &str| plan(&[("aws_kms_key.trail", key(policy))]);
    for (one, other) in [
        (shown(&policy()), shown(&bare())),
        (shown(&bare()), shown(&policy())),
        (planned(&policy()), planned(&bare())),
    ] {
        let judged = together(&[trails.clone(), one, other]);
        assert_eq!(judged.line(), "undecided undecided delegated");
        let told = notes(&judged);
        assert!(
            told.contains("another `policy` of `aws_kms_key.trail` is shown than in `1.json`"),
            "{told}"
        );
        let message = &judged.finding("trail-key-denies-encrypt").unwrap().message;
        assert!(
            message.ends_with(
                "decided: another `policy` of `aws_kms_key.trail` is shown in `2.json` than in `1.json`"
            ),
            "{message}"
        );
        assert!(judged.finding("key-policy-split").is_none());
    }
    // Where all verdicts are the same, the difference is still told.
    let other = policy().replace("kms:GenerateDataKey*", "kms:GenerateDataKey");
    let judged = together(&[trails.clone(), shown(&policy()), shown(&other)]);
    assert_eq!(judged.line(), "allowed allowed delegated");
    assert_eq!(judged.rules(), ["key-policy-split"]);
    // Another spelling is no difference.
    let spaced = policy().replace(':', ": ").replace("arn: aws", "arn:aws");
    let same = shown(
        &serde_json::to_string_pretty(&serde_json::from_str::<Value>(&policy()).unwrap()).unwrap(),
    );
    assert_ne!(spaced, policy());
    let judged = together(&[trails.clone(), shown(&policy()), same]);
    assert!(
        judged.rules().is_empty() && !notes(&judged).contains("another"),
        "{}",
        notes(&judged)
    );
    // A state is not as good as a plan.
    let judged = together(&[trails.clone(), planned(&policy()), shown(&bare())]);
    assert_eq!(judged.line(), "allowed allowed delegated");
    assert!(!notes(&judged).contains("another"), "{}", notes(&judged));
    // Three of them.
    let judged = together(&[trails, shown(&policy()), shown(&policy()), shown(&bare())]);
    assert_eq!(judged.line(), "undecided undecided delegated");
}

#[test]
fn whatever_else_inputs_disagree_on_is_undecided() {
    let trails = plan(&[("aws_cloudtrail.main", trail(KEY))]);
    let own = key(&policy());
    let with = |name: &str, value: Value| {
        let mut key = own.clone();
        key[name] = value;
        state(&[("aws_kms_key.trail", key)])
    };
    for (name, value, rule) in [
        ("is_enabled", json!(false), "trail-key-disabled"),
        ("key_usage", json!("SIGN_VERIFY"), "trail-key-asymmetric"),
        (
            "customer_master_key_spec",
            json!("RSA_2048"),
            "trail-key-asymmetric",
        ),
    ] {
        let pair = [
            state(&[("aws_kms_key.trail", own.clone())]),
            with(name, value),
        ];
        for order in [[0, 1], [1, 0]] {
            let judged = together(&[
                trails.clone(),
                pair[order[0]].clone(),
                pair[order[1]].clone(),
            ]);
            let finding = judged.finding(rule).unwrap();
            assert_eq!(
                finding.verdict.map(keytrail::policy::Verdict::word),
                Some("undecided"),
                "{name}"
            );
            assert!(
                notes(&judged).contains(&format!("another `{name}`")),
                "{}",
                notes(&judged)
            );
        }
    }
    // The trail itself: another key.
    let other = KEY.replace("1234abcd", "9999abcd");
    let keys = state(&[("aws_kms_key.trail", own.clone())]);
    let judged = together(&[
        keys,
        state(&[("aws_cloudtrail.main", trail(KEY))]),
        state(&[("aws_cloudtrail.main", trail(&other))]),
    ]);
    assert_eq!(link(&judged).0, "unresolved");
    assert_eq!(judged.rules(), ["trail-key-unresolved"]);
    // An alias that leads to one key here and to another one there.
    let alias = |target: &str| {
        let name = "arn:aws:kms:us-east-1:111122223333:alias/trail";
        json!({"name": "alias/trail", "arn": name, "target_key_arn": target, "target_key_id": target})
    };
    let judged = together(&[
        plan(&[(
            "aws_cloudtrail.main",
            trail("arn:aws:kms:us-east-1:111122223333:alias/trail"),
        )]),
        state(&[
            ("aws_kms_key.trail", own),
            ("aws_kms_alias.trail", alias(KEY)),
        ]),
        state(&[("aws_kms_alias.trail", alias(&other))]),
    ]);
    assert_eq!(link(&judged).0, "unresolved");
}

/// One plan destroys the key, and another one, which has taken it over, keeps it: it is destroyed all the same.
#[test]
fn a_key_that_one_plan_destroys_and_another_imports_is_destroyed() {
    let own = key(&policy());
    let destroyed = plan_of(&[change("aws_kms_key.old", &["delete"], &own, &Value::Null)]);
    let mut imported = change("aws_kms_key.trail", &["no-op"], &own, &own);
    imported["change"]["importing"] = json!({"id": ID});
    let kept = plan_of(&[
        imported,
        change("aws_cloudtrail.main", &["no-op"], &trail(KEY), &trail(KEY)),
    ]);
    for texts in [[destroyed.clone(), kept.clone()], [kept.clone(), destroyed]] {
        let judged = together(&texts);
        assert!(
            judged.finding("trail-key-deleted").is_some(),
            "{:?}",
            judged.rules()
        );
        assert!(
            notes(&judged).contains("destroys `aws_kms_key.trail`, whatever is shown of it here"),
            "{}",
            notes(&judged)
        );
    }
    // A root that lets go of the key before the other one takes it does no harm.
    let forgotten = plan_of(&[change("aws_kms_key.old", &["forget"], &own, &Value::Null)]);
    for texts in [[forgotten.clone(), kept.clone()], [kept.clone(), forgotten]] {
        let judged = together(&texts);
        assert_eq!(judged.line(), "allowed allowed delegated");
        assert!(judged.rules().is_empty(), "{:?}", judged.rules());
    }
}

/// A plan that changes the key counts more than one that shows it as it was.
#[test]
fn a_plan_that_changes_the_key_counts() {
    let changed = plan_of(&[change(
        "aws_kms_key.a",
        &["update"],
        &key(&bare()),
        &key(&policy()),
    )]);
    let shown = plan(&[
        ("aws_kms_key.b", key(&bare())),
        ("aws_cloudtrail.main", trail(KEY)),
    ]);
    for texts in [[changed.clone(), shown.clone()], [shown, changed]] {
        let judged = together(&texts);
        assert_eq!(judged.line(), "allowed allowed delegated");
        assert!(!notes(&judged).contains("another"), "{}", notes(&judged));
    }
}

/// Stdin can be given once, and that is one error.
#[test]
fn stdin_is_given_once() {
    use crate::support::check;
    for args in [
        &["check", "-", "-"][..],
        &["snapshot", "-", "-"],
        &["check", "-", "--key-policy", &format!("{KEY}=-")],
    ] {
        let ended = check::run(args);
        assert_eq!(ended.code, 2);
        assert_eq!(ended.stderr.matches("error").count(), 1, "{}", ended.stderr);
        assert!(
            ended.stderr.contains("stdin can be read once"),
            "{}",
            ended.stderr
        );
    }
}

/// What is said of a policy that is not used stands at the input that holds the key.
#[test]
fn an_unused_policy_is_told_where_the_key_is() {
    let texts = [
        plan(&[("aws_cloudtrail.main", trail(KEY))]),
        state(&[("aws_kms_key.trail", key(&policy()))]),
    ];
    let judged = with(&texts, given(KEY, &bare()));
    let notes: Vec<usize> = judged
        .model
        .inputs
        .iter()
        .map(|it| it.notes.len())
        .collect();
    assert_eq!(notes, [0, 1]);
}

/// Names that AWS takes for no key.
#[test]
fn what_names_no_key_is_an_error() {
    let keys = state(&[("aws_kms_key.trail", key(&policy()))]);
    for (name, told, status) in [
        (
            "arn:aws:s3:::logs",
            "is an ARN of `s3`, and not of a KMS key",
            "unresolved",
        ),
        (
            &format!("{KEY} "),
            "has white space before or after it",
            "unresolved",
        ),
        (
            &format!("{KEY}\n"),
            "has white space before or after it",
            "unresolved",
        ),
        (
            "prod",
            "is neither an ARN nor the id or the alias of a key",
            "unresolved",
        ),
        (
            "arn:aws:kms:us-east-1:111122223333",
            "is an ARN that ends too early",
            "unresolved",
        ),
        (
            "arn:aws:kms:us-east-1:111122223333:key/",
            "is an ARN that names neither a key nor an alias",
            "unresolved",
        ),
        (
            "arn:aws:kms:us-east-1:111122223333:key/*",
            "is an ARN with a wildcard",
            "unresolved",
        ),
        (
            "arn:aws:kms:us-east-1:11112222333:alias/x",
            "is an ARN without a right partition, Region and account",
            "unresolved",
        ),
        (
            ID,
            "is the id of a key, and the AWS provider takes an ARN alone",
            "resolved",
        ),
        (
            "alias/none",
            "is the name of an alias, and the AWS provider takes an ARN alone",
            "external",
        ),
    ] {
        let mut own = trail(name);
        own["arn"] = json!("arn:aws:cloudtrail:us-east-1:111122223333:trail/main");
        let judged = together(&[plan(&[("aws_cloudtrail.main", own)]), keys.clone()]);
        let finding = judged.finding("trail-key-invalid").unwrap();
        assert!(
            finding
                .message
                .ends_with(&format!("cannot take its key: `kms_key_id` {told}"))
                || told.starts_with("is an ARN with"),
            "{}",
            finding.message
        );
        assert!(finding.message.contains(told), "{}", finding.message);
        assert_eq!(finding.severity.word(), "error");
        assert_eq!(link(&judged).0, status, "{name}");
        assert!(judged.finding("trail-key-unresolved").is_none());
    }
    for name in [
        KEY,
        "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/x",
        "arn:aws:kms:us-east-1:111122223333:alias/a/b",
    ] {
        let judged = together(&[plan(&[("aws_cloudtrail.main", trail(name))]), keys.clone()]);
        assert!(judged.finding("trail-key-invalid").is_none(), "{name}");
    }
    assert!(
        together(&[plan(&[("aws_cloudtrail.main", trail(""))])])
            .finding("trail-key-invalid")
            .is_none()
    );
}

/// The AWS provider validates the name of the key in a trail, and hands it on in an event data store.
#[test]
fn an_event_data_store_takes_each_name_of_a_key() {
    for (name, is_wrong) in [
        (ID, false),
        ("alias/logs", false),
        (KEY, false),
        ("arn:aws:s3:::logs", true),
        ("prod", true),
    ] {
        let store = json!({"name": "main", "kms_key_id": name});
        let keys = state(&[("aws_kms_key.trail", key(&policy()))]);
        let store = plan(&[("aws_cloudtrail_event_data_store.main", store)]);
        let finding = together(&[store, keys])
            .finding("trail-key-invalid")
            .is_some();
        assert_eq!(finding, is_wrong, "{name}");
    }
}

/// A manifest that no landing zone takes.
#[test]
fn a_manifest_of_the_wrong_form_is_an_error() {
    let zone = |manifest: &str| {
        let arn = "arn:aws:controltower:us-east-1:111122223333:landingzone/1A2B3C4D5E6F7G8H";
        json!({"arn": arn, "id": "1A2B3C4D5E6F7G8H", "version": "3.3", "manifest_json": manifest})
    };
    for (manifest, told) in [
        ("[]", "`manifest_json` is a list, where an object belongs"),
        ("7", "`manifest_json` is a number, where an object belongs"),
        ("null", "`manifest_json` is null, where an object belongs"),
        (
            "\"x\"",
            "`manifest_json` is a text, where an object belongs",
        ),
        ("{", "`manifest_json` is not JSON"),
        (
            r#"{"centralizedLogging": []}"#,
            "`centralizedLogging` is a list, where an object belongs",
        ),
        (
            r#"{"centralizedLogging": {"configurations": "x"}}"#,
            "`centralizedLogging.configurations` is a text, where an object belongs",
        ),
        (
            r#"{"centralizedLogging": {"configurations": {"kmsKeyArn": 5}}}"#,
            "`centralizedLogging.configurations.kmsKeyArn` is a number, where the ARN of a key belongs",
        ),
        (
            r#"{"centralizedLogging": {"configurations": {"kmsKeyArn": ["x"]}}}"#,
            "`centralizedLogging.configurations.kmsKeyArn` is a list, where the ARN of a key belongs",
        ),
        (
            &format!(
                r#"{{"centralizedLogging": {{"enabled": "yes", "configurations": {{"kmsKeyArn": "{KEY}"}}}}}}"#
            ),
            "`centralizedLogging.enabled` is a text, where `true` or `false` belongs",
        ),
        (
            r#"{"backup": {"configurations": {"kmsKeyArn": "arn:aws:s3:::x"}}}"#,
            "`kmsKeyArn` is an ARN of `s3`, and not of a KMS key",
        ),
    ] {
        let judged = together(&[plan(&[
            ("aws_controltower_landing_zone.main", zone(manifest)),
            ("aws_kms_key.trail", key(&policy())),
        ])]);
        let finding = judged.finding("trail-key-invalid");
        let finding = finding.unwrap_or_else(|| panic!("{manifest}: {:?}", judged.rules()));
        assert!(finding.message.contains(told), "{}", finding.message);
        assert!(judged.finding("trail-key-external").is_none(), "{manifest}");
    }
    for manifest in [
        r"{}",
        r#"{"centralizedLogging": null}"#,
        r#"{"centralizedLogging": {"configurations": {"kmsKeyArn": null}}}"#,
    ] {
        let judged = together(&[plan(&[(
            "aws_controltower_landing_zone.main",
            zone(manifest),
        )])]);
        assert!(judged.finding("trail-key-invalid").is_none(), "{manifest}");
    }
}

/// The finding names the grant, the IAM policy or the attachment that a plan takes away.
#[test]
fn what_took_a_readers_permission_away_is_named() {
    use keytrail::resolve::Reader;
    let role = "arn:aws:iam::111122223333:role/audit";
    let read = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]}).to_string();
    let grant = json!({"key_id": KEY, "grantee_principal": role, "operations": ["Decrypt"], "constraints": []});
    let arn = "arn:aws:iam::111122223333:policy/read";
    let principal = json!({"arn": role, "id": "audit", "name": "audit", "path": "/", "assume_role_policy": "{}", "inline_policy": [],
        "managed_policy_arns": []});
    let policy_of = json!({"arn": arn, "id": arn, "name": "read", "path": "/", "policy": read});
    let attached = json!({"role": "audit", "policy_arn": arn});
    let inline = json!({"name": "read", "role": "audit", "policy": read});
    let nothing = read.replace("kms:Decrypt", "kms:Encrypt");
    let same = |address: &str, values: &Value| change(address, &["no-op"], values, values);
    let cases = [
        (
            vec![
                change("aws_kms_grant.read", &["delete"], &grant, &Value::Null),
                same("aws_iam_role.audit", &principal),
            ],
            "this plan destroys the grant `aws_kms_grant.read`",
        ),
        (
            vec![
                change(
                    "aws_iam_role_policy_attachment.read",
                    &["delete"],
                    &attached,
                    &Value::Null,
                ),
                same("aws_iam_policy.read", &policy_of),
                same("aws_iam_role.audit", &principal),
            ],
            "this plan destroys `aws_iam_role_policy_attachment.read`",
        ),
        (
            vec![
                change(
                    "aws_iam_role_policy.read",
                    &["delete"],
                    &inline,
                    &Value::Null,
                ),
                same("aws_iam_role.audit", &principal),
            ],
            "this plan destroys `aws_iam_role_policy.read`",
        ),
        (
            vec![
                change(
                    "aws_iam_role_policy.read",
                    &["update"],
                    &inline,
                    &json!({"name": "read", "role": "audit", "policy": nothing}),
                ),
                same("aws_iam_role.audit", &principal),
            ],
            "this plan changes `aws_iam_role_policy.read`",
        ),
    ];
    for (mut changes, told) in cases {
        changes.push(same("aws_kms_key.trail", &key(&policy())));
        changes.push(same("aws_cloudtrail.main", &trail(KEY)));
        let judged = with(&[plan_of(&changes)], |_| Options {
            readers: vec![Reader::new(role)],
            ..Options::default()
        });
        let finding = judged.finding("change-revokes-delivery");
        let finding = finding.unwrap_or_else(|| panic!("{told}: {:?}", judged.rules()));
        assert!(finding.message.starts_with(told), "{}", finding.message);
        let first = &finding.labels[0];
        assert!(first.text.ends_with("by this plan"), "{}", first.text);
        assert!(
            judged.sources.location(first.span).text.contains("aws_"),
            "{:?}",
            judged.sources.location(first.span)
        );
    }
}

/// From outside: the file of a policy is read, and its mistakes are told with file and line.
#[test]
fn the_file_of_a_policy_is_read() {
    use crate::support::{check, run};
    let trails = run::file(
        "worlds-trails.json",
        &plan(&[("aws_cloudtrail.main", trail(KEY))]),
    );
    let good = run::file("worlds-policy.json", &policy());
    let flag = |file: &str| format!("{KEY}={file}");
    let said = check::check(&[&trails, "--key-policy", &flag(&good)]);
    assert_eq!(said.links["aws_cloudtrail.main"].0, "resolved");
    assert!(
        !said
            .findings
            .iter()
            .any(|(rule, _)| rule == "trail-key-external")
    );
    for (text, message) in [
        ("{\n\"Statement\": [}", "the policy is not JSON"),
        ("{}", "this is no policy"),
    ] {
        let bad = run::file("worlds-bad-policy.json", text);
        let ended = check::run(&["check", &trails, "--key-policy", &flag(&bad)]);
        assert_eq!(ended.code, 2);
        assert!(
            ended.stderr.contains(message) && ended.stderr.contains("worlds-bad-policy.json:"),
            "{}",
            ended.stderr
        );
    }
    let twice = check::run(&[
        "check",
        &trails,
        "--key-policy",
        &flag(&good),
        "--key-policy",
        &flag(&good),
    ]);
    assert!(
        twice.code == 2 && twice.stderr.contains("twice"),
        "{}",
        twice.stderr
    );
}

/// Whether a key is rotated is open where two inputs do not agree on it.
#[test]
fn inputs_that_disagree_on_the_rotation_leave_it_open() {
    let trails = plan(&[("aws_cloudtrail.main", trail(KEY))]);
    let shown = |rotated: bool| {
        let mut key = key(&policy());
        key["enable_key_rotation"] = json!(rotated);
        state(&[("aws_kms_key.trail", key)])
    };
    for (one, other, known) in [
        (true, true, Some(true)),
        (false, false, Some(false)),
        (true, false, None),
        (false, true, None),
    ] {
        let judged = together(&[trails.clone(), shown(one), shown(other)]);
        let rotation = judged.model.keys[0].rotation.clone().unwrap();
        let found = match rotation {
            keytrail::model::Fact::Known(known) => Some(known),
            keytrail::model::Fact::Unknown => None,
        };
        assert_eq!(found, known, "{one} {other}");
    }
}

/// A link keeps the text that names the key, whether the inputs hold the key or not.
#[test]
fn the_text_that_names_the_key_is_kept() {
    let keys = state(&[("aws_kms_key.trail", key(&policy()))]);
    let trails = plan(&[("aws_cloudtrail.main", trail(KEY))]);
    for inputs in [vec![trails.clone(), keys], vec![trails]] {
        let judged = together(&inputs);
        assert_eq!(judged.model.subjects[0].link.arn.as_deref(), Some(KEY));
    }
}

/// A key that one input looks up and another one holds is the one that is held.
#[test]
fn a_key_that_is_looked_up_is_the_one_that_another_input_holds() {
    let found = json!({"arn": KEY, "key_id": ID, "id": ID, "enabled": true, "key_usage": "ENCRYPT_DECRYPT", "multi_region": false});
    let mut look_up = change("aws_kms_key.found", &["read"], &Value::Null, &found);
    look_up["address"] = json!("data.aws_kms_key.found");
    look_up["mode"] = json!("data");
    let own = trail(KEY);
    let trails = plan_of(&[
        change("aws_cloudtrail.main", &["no-op"], &own, &own),
        look_up,
    ]);
    let keys = state(&[("aws_kms_key.trail", key(&policy()))]);
    for inputs in [[trails.clone(), keys.clone()], [keys, trails]] {
        let judged = together(&inputs);
        assert_eq!(judged.line(), "allowed allowed delegated");
    }
}

/// The ARN of an event data store ends with its id, which is not known before there is one.
#[test]
fn an_event_data_store_has_an_arn() {
    let known = "arn:aws:cloudtrail:us-east-1:111122223333:eventdatastore/EXAMPLE-f852-4e8f-8bd1-bcf6cEXAMPLE";
    for (store, wanted) in [
        (json!({"name": "main", "arn": known}), known),
        (
            json!({"name": "main", "region": "us-east-1"}),
            ":cloudtrail:us-east-1:",
        ),
    ] {
        let judged = together(&[plan(&[("aws_cloudtrail_event_data_store.main", store)])]);
        let shown = judged.model.subjects[0].arn.show(&judged.model.symbols);
        assert!(
            shown.starts_with("arn:") && shown.contains(wanted),
            "{shown}"
        );
        let id = shown.split_once(":eventdatastore/").map(|(_, id)| id);
        assert!(id.is_some_and(|id| !id.is_empty()), "{shown}");
    }
}

/// What is not known in one input is no difference from what the other one shows, even inside a list or an object.
#[test]
fn what_one_input_does_not_know_is_no_difference() {
    let trails = plan(&[("aws_cloudtrail.main", trail(KEY))]);
    let grant = |operation: Value, context: Value| {
        json!({"key_id": KEY, "grantee_principal": "arn:aws:iam::111122223333:role/reader", "operations": ["Encrypt", operation],
            "constraints": [{"encryption_context_subset": {"a": "b", "c": context}}]})
    };
    let own = grant(json!("Decrypt"), json!("d"));
    let null = Value::Null;
    for (other, unknown, disagree) in [
        (own.clone(), json!({}), ""),
        (grant(json!("Sign"), json!("d")), json!({}), "`operations`"),
        (
            grant(json!("Decrypt"), json!("e")),
            json!({}),
            "`constraints`",
        ),
        (
            grant(null.clone(), json!("d")),
            json!({"operations": [false, true]}),
            "",
        ),
        (
            grant(json!("Decrypt"), null.clone()),
            json!({"constraints": [{"encryption_context_subset": {"c": true}}]}),
            "",
        ),
    ] {
        let shown = |grant: &Value, unknown: &Value| {
            let key = key(&policy());
            let mut of_grant = change("aws_kms_grant.reader", &["create"], &Value::Null, grant);
            of_grant["change"]["after_unknown"] = unknown.clone();
            plan_of(&[
                change("aws_kms_key.trail", &["no-op"], &key, &key),
                of_grant,
            ])
        };
        let judged = together(&[
            trails.clone(),
            shown(&own, &json!({})),
            shown(&other, &unknown),
        ]);
        let told = notes(&judged);
        assert_eq!(
            told.contains("another "),
            !disagree.is_empty(),
            "{other} {told}"
        );
        assert!(told.contains(disagree), "{told}");
    }
}

/// Of three requirements the two are told that no value satisfies; one that another value may satisfy stands in nobody's way.
/// A new trail of an organization whose management account nobody names, and its key.
fn of_organization(statements: &[Value]) -> String {
    let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let mut own = trail(KEY);
    own["is_organization_trail"] = json!(true);
    own.as_object_mut().unwrap().remove("arn");
    let mut later = change("aws_cloudtrail.main", &["create"], &Value::Null, &own);
    later["change"]["after_unknown"] = json!({"arn": true});
    let key = key(&policy);
    plan_of(&[later, change("aws_kms_key.trail", &["no-op"], &key, &key)])
}

fn allow(action: &str, operator: &str, name: &str, value: &str) -> Value {
    json!({"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": action, "Resource": "*",
        "Condition": {operator: {name: value}}})
}

/// A pattern may take the text that another requirement asks for, and what is asked for may be what another one excludes.
#[test]
fn requirements_exclude_each_other_where_no_value_meets_both() {
    for (encrypt, describe, expected) in [
        (
            ("StringLike", "1111*"),
            ("StringEquals", "111122223333"),
            None,
        ),
        (("StringLike", "1111*"), ("StringLike", "*3333"), None),
        (
            ("StringEquals", "111122223333"),
            ("StringEquals", "111122223333"),
            None,
        ),
        (
            ("StringNotEquals", "111122223333"),
            ("StringNotEquals", "444455556666"),
            None,
        ),
        (
            ("StringEquals", "111122223333"),
            ("StringEquals", "444455556666"),
            Some(
                "needs 111122223333, and `cloudtrail-describe` of `aws_cloudtrail.main` needs 444455556666",
            ),
        ),
        (
            ("StringNotEquals", "111122223333"),
            ("StringEquals", "111122223333"),
            Some(
                "needs anything but 111122223333, and `cloudtrail-describe` of `aws_cloudtrail.main` needs 111122223333",
            ),
        ),
    ] {
        let statement =
            |action, (operator, value)| allow(action, operator, "aws:SourceAccount", value);
        let judged = together(&[of_organization(&[
            statement("kms:GenerateDataKey*", encrypt),
            statement("kms:DescribeKey", describe),
        ])]);
        let message = judged.finding("assumption-conflict").map(|it| &it.message);
        let message =
            message.and_then(|it| it.split_once("`cloudtrail-encrypt` of `aws_cloudtrail.main` "));
        assert_eq!(
            message.map(|(_, told)| told),
            expected,
            "{encrypt:?} {describe:?}"
        );
    }
}

#[test]
fn the_two_requirements_are_told_that_exclude_each_other() {
    let account = "aws:SourceAccount";
    let bucket = state(&[
        (
            "aws_s3_bucket.logs",
            json!({"bucket": "logs", "id": "logs", "arn": "arn:aws:s3:::logs", "region": "us-east-1"}),
        ),
        (
            "aws_s3_bucket_server_side_encryption_configuration.logs",
            json!({"bucket": "logs", "rule": [{"bucket_key_enabled": true}]}),
        ),
    ]);
    let encrypt = "kms:GenerateDataKey*";
    for first in [
        vec![allow(encrypt, "StringNotEquals", account, "999999999999")],
        vec![
            allow(encrypt, "StringEquals", account, "999999999999"),
            allow(encrypt, "StringEquals", "aws:SourceOrgID", "o-a1b2c3d4e5"),
        ],
    ] {
        let mut statements = first.clone();
        statements.push(allow(
            "kms:DescribeKey",
            "StringEquals",
            account,
            "111122223333",
        ));
        statements.push(allow(
            "kms:Decrypt",
            "StringEquals",
            account,
            "444455556666",
        ));
        let judged = together(&[of_organization(&statements), bucket.clone()]);
        let message = &judged.finding("assumption-conflict").unwrap().message;
        let needs = "`cloudtrail-describe` of `aws_cloudtrail.main` needs 111122223333, and `cloudtrail-decrypt` of `aws_cloudtrail.main` needs 444455556666";
        assert!(message.ends_with(needs), "{first:?} {message}");
    }
}

/// The values of an account and of an organization are tried with each other, and with whether there is an organization at all: up to 4096
/// of them.
#[test]
fn so_many_values_are_tried_together() {
    for (accounts, organizations, told) in [(63, 31, true), (64, 31, false)] {
        let names = |count: u64, name: &dyn Fn(u64) -> String| -> Vec<String> {
            (0..count).map(name).collect()
        };
        let accounts = names(accounts, &|at| format!("{:012}", 100_000_000_000 + at));
        let organizations = names(organizations, &|at| format!("o-a1b2c3d{at:03}"));
        let condition = json!({"StringEquals": {"aws:SourceAccount": accounts, "aws:SourceOrgID": organizations}});
        let statement = json!({"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:*",
            "Resource": "*", "Condition": condition});
        let judged = together(&[of_organization(&[statement])]);
        assert_eq!(judged.verdict("cloudtrail-encrypt", None), "conditional");
        let all: Vec<usize> = judged
            .model
            .assumptions
            .iter()
            .map(|it| it.within.len())
            .collect();
        assert_eq!(!all.is_empty(), told, "{all:?}");
    }
}

/// Whether there is an organization is assumed as the policy needs it.
#[test]
fn whether_a_key_is_sent_is_assumed_as_the_policy_needs_it() {
    for (absent, assumed) in [("true", "false"), ("false", "true")] {
        let statement = |action| allow(action, "Null", "aws:SourceOrgID", absent);
        let all = [
            statement("kms:GenerateDataKey*"),
            statement("kms:DescribeKey"),
        ];
        let judged = together(&[of_organization(&all)]);
        assert_eq!(judged.line(), "conditional conditional denied");
        assert!(judged.finding("assumption-conflict").is_none());
        let all = judged.model.assumptions.iter();
        let all: Vec<(&str, Vec<&str>)> = all
            .map(|it| {
                let words = it.within.iter().map(|word| word.text.as_str());
                (
                    judged.model.symbols.get(it.symbol).name.as_str(),
                    words.collect(),
                )
            })
            .collect();
        assert_eq!(
            all,
            [(
                "account ${management account} is in an organization",
                vec![assumed]
            )]
        );
    }
}

/// Of several conditions that one is shown which stands against the other requirement.
#[test]
fn a_conflict_is_shown_at_the_condition_that_makes_it() {
    let encrypt = json!({"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:GenerateDataKey*",
        "Resource": "*", "Condition": {"StringEquals": {"aws:SourceOrgID": "o-a1b2c3d4e5", "aws:SourceAccount": "111122223333"}}});
    let describe = allow(
        "kms:DescribeKey",
        "StringEquals",
        "aws:SourceAccount",
        "444455556666",
    );
    let judged = together(&[of_organization(&[encrypt, describe])]);
    let needs = &judged.model.conflicts.first().unwrap().needs;
    let places: Vec<String> = needs
        .iter()
        .map(|it| judged.sources.location(it.at.span()).text)
        .collect();
    assert_eq!(places, ["\"111122223333\"", "\"444455556666\""]);
}

/// Another root has an alias of the same name, and a key of its own behind it.
#[test]
fn an_alias_of_the_trails_own_input_is_meant() {
    let other = KEY.replace("1234abcd", "9999abcd");
    let side = |name: &str, arn: &str| {
        let mut key = key(&policy());
        key["arn"] = json!(arn);
        key["key_id"] = json!(arn.rsplit('/').next().unwrap());
        [
            (format!("aws_kms_key.{name}"), key),
            (
                format!("aws_kms_alias.{name}"),
                json!({"name": "alias/trail", "region": "us-east-1", "target_key_arn": arn, "target_key_id": arn}),
            ),
        ]
    };
    let text = |all: &[(String, Value)]| {
        let all: Vec<(&str, Value)> = all
            .iter()
            .map(|(address, it)| (address.as_str(), it.clone()))
            .collect();
        plan(&all)
    };
    let mut own = trail("arn:aws:kms:us-east-1:111122223333:alias/trail");
    own["arn"] = json!("arn:aws:cloudtrail:us-east-1:111122223333:trail/main");
    let mut here = side("here", KEY).to_vec();
    here.push(("aws_cloudtrail.main".to_owned(), own));
    let texts = [text(&here), text(&side("there", &other))];
    for order in [[0, 1], [1, 0]] {
        let judged = together(&order.map(|at: usize| texts[at].clone()));
        let key = format!("in{}:aws_kms_key.here", order[0]);
        assert_eq!(link(&judged), ("resolved", vec![key.as_str()]));
    }
}
