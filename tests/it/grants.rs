//! Grants: what they allow beside the key's policy, what they leave open, and what they do not change.

use serde_json::{Value, json};

use crate::support::sketch::{Judged, KEY_ID, Sketch};

const ACCOUNT: &str = "arn:aws:iam::111122223333:root";
const ADMIN: &str = "arn:aws:iam::111122223333:role/admin";
const ROLE: &str = "arn:aws:iam::111122223333:role/audit/reader";

fn statement(effect: &str, principal: &str, action: &str) -> Value {
    json!({"Effect": effect, "Principal": {"AWS": principal}, "Action": action, "Resource": "*"})
}

/// With a condition on a tag of whoever reads, which nobody knows.
fn tagged(mut statement: Value) -> Value {
    statement["Condition"] = json!({"StringEquals": {"aws:PrincipalTag/team": "audit"}});
    statement
}

fn key(statements: &[Value]) -> Sketch {
    Sketch::new(json!({"Version": "2012-10-17", "Statement": statements}).to_string())
}

/// A key that says nothing of reading.
fn silent() -> Sketch {
    key(&[statement("Allow", ADMIN, "kms:PutKeyPolicy")])
}

fn grant(more: &Value) -> Value {
    let mut grant = json!({"key_id": KEY_ID, "grantee_principal": ROLE, "operations": ["Decrypt"], "constraints": []});
    for (name, value) in more.as_object().unwrap() {
        grant[name] = value.clone();
    }
    grant
}

fn granted(sketch: Sketch) -> Sketch {
    sketch.with("aws_kms_grant.reader", &grant(&json!({})))
}

fn read(judged: &Judged) -> &'static str {
    judged.verdict("reader-decrypt", Some(ROLE))
}

fn anybody(judged: &Judged) -> &'static str {
    judged.verdict("reader-decrypt", None)
}

/// A grant that nobody knows whether it holds for the log files.
fn vague() -> Value {
    let context = json!({"aws:cloudtrail:arn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main", "aws:s3:arn": "arn:aws:s3:::logs"});
    grant(
        &json!({"constraints": [{"encryption_context_equals": context, "encryption_context_subset": null}]}),
    )
}

/// Only a Deny that meets the reader's own request stands in a grant's way.
#[test]
fn a_deny_wins_over_a_grant_where_it_meets_the_reader() {
    let admin = || statement("Allow", ADMIN, "kms:PutKeyPolicy");
    for (deny, verdict) in [
        (statement("Deny", ROLE, "kms:Decrypt"), "denied"),
        (statement("Deny", "*", "kms:*"), "denied"),
        // Somebody else's, or of something else.
        (statement("Deny", ADMIN, "kms:Decrypt"), "allowed"),
        (statement("Deny", ROLE, "kms:Encrypt"), "allowed"),
        // One that may meet it.
        (tagged(statement("Deny", ROLE, "kms:Decrypt")), "undecided"),
    ] {
        let judged = granted(key(&[admin(), deny.clone()])).reader(ROLE).judge();
        assert_eq!(read(&judged), verdict, "{deny}");
    }
    // What an Allow may give, a grant gives for certain.
    let perhaps = tagged(statement("Allow", ROLE, "kms:Decrypt"));
    let judged = key(std::slice::from_ref(&perhaps)).reader(ROLE).judge();
    assert_eq!(read(&judged), "undecided");
    let judged = granted(key(&[perhaps])).reader(ROLE).judge();
    assert_eq!(read(&judged), "allowed");
}

/// The reader's own IAM policies may take away what a grant gives, and a policy that nobody knows may too.
#[test]
fn a_grant_is_no_more_than_the_denies_leave_of_it() {
    let statement = |effect: &str| json!({"Effect": effect, "Action": "kms:*", "Resource": "*"});
    for (own, verdict) in [
        (statement("Allow"), "allowed"),
        (statement("Deny"), "denied"),
        (tagged(statement("Deny")), "undecided"),
    ] {
        for hidden in [false, true] {
            let policy = json!({"Version": "2012-10-17", "Statement": [own]}).to_string();
            let policy = json!({"name": "own", "role": "reader", "policy": policy});
            let role = json!({"name": "reader", "path": "/audit/", "assume_role_policy": "{}"});
            let judged = granted(silent())
                .creates("aws_iam_role.reader", &role)
                .hides(
                    "aws_iam_role_policy.own",
                    &policy,
                    &json!({"policy": hidden}),
                )
                .reader(ROLE)
                .judge();
            assert_eq!(read(&judged), verdict, "{own} {hidden}");
            let told = format!("{:?}", judged.findings).contains("aws:PrincipalTag");
            assert_eq!(told, verdict == "undecided" && !hidden, "{own}");
        }
    }
    let judged = granted(silent().key(json!({"policy": null})))
        .reader(ROLE)
        .judge();
    assert_eq!(read(&judged), "undecided");
}

/// A Deny of others says nothing of the grantee, who is asked for as whoever it is.
#[test]
fn a_grantee_makes_the_logs_readable_where_no_deny_meets_it() {
    let admin = || statement("Allow", ADMIN, "kms:*");
    let but = |who: &str| {
        let mut deny = statement("Deny", "*", "kms:Decrypt");
        deny["Condition"] = json!({"ArnNotEquals": {"aws:PrincipalArn": who}});
        deny
    };
    for (statements, without, with) in [
        (vec![admin(), but(ROLE)], "denied", "allowed"),
        (
            vec![admin(), but("arn:aws:iam::111122223333:role/nobody")],
            "denied",
            "denied",
        ),
        (
            vec![admin(), statement("Deny", ADMIN, "kms:Decrypt")],
            "denied",
            "allowed",
        ),
        (
            vec![admin(), statement("Deny", "*", "kms:Decrypt")],
            "denied",
            "denied",
        ),
        // A reader may be without the tag.
        (
            vec![
                statement("Allow", ADMIN, "kms:PutKeyPolicy"),
                tagged(statement("Deny", "*", "kms:*")),
            ],
            "denied",
            "allowed",
        ),
    ] {
        assert_eq!(
            anybody(&key(&statements).judge()),
            without,
            "{statements:?}"
        );
        assert_eq!(
            anybody(&granted(key(&statements)).judge()),
            with,
            "{statements:?}"
        );
    }
    // One that may serve, and one to a role that the plan makes.
    let judged = silent().with("aws_kms_grant.reader", &vague()).judge();
    assert_eq!(anybody(&judged), "undecided");
    let role = json!({"name": "reader", "assume_role_policy": "{}"});
    let mut unnamed = grant(&json!({}));
    unnamed.as_object_mut().unwrap().remove("grantee_principal");
    let judged = silent()
        .later("aws_iam_role.reader", &role, &[("arn", &[])])
        .later(
            "aws_kms_grant.reader",
            &unnamed,
            &[(
                "grantee_principal",
                &["aws_iam_role.reader.arn", "aws_iam_role.reader"],
            )],
        )
        .judge();
    assert_eq!(anybody(&judged), "allowed");
    // With a grant the root user is not alone.
    let root = statement("Allow", "arn:aws:iam::111122223333:root", "kms:*");
    let mut root_alone = root;
    root_alone["Condition"] = json!({"StringEquals": {"aws:PrincipalType": "Account"}});
    let judged = key(std::slice::from_ref(&root_alone)).judge();
    assert!(judged.finding("trail-logs-unreadable").is_some());
    let judged = granted(key(&[root_alone])).judge();
    assert_eq!(anybody(&judged), "allowed");
    assert!(judged.finding("trail-logs-unreadable").is_none());
}

/// A grant adds to what there is: one that does not serve, or may not, takes nothing away and explains nothing.
#[test]
fn a_grant_takes_nothing_away() {
    let other = grant(&json!({"operations": ["Encrypt"]}));
    for grant in [other, vague()] {
        for (statements, verdict) in [
            ([statement("Allow", ACCOUNT, "kms:*")], "delegated"),
            ([statement("Allow", ROLE, "kms:*")], "allowed"),
            ([tagged(statement("Allow", ROLE, "kms:*"))], "undecided"),
        ] {
            let judged = key(&statements)
                .with("aws_kms_grant.reader", &grant)
                .reader(ROLE)
                .judge();
            assert_eq!(read(&judged), verdict, "{grant} {statements:?}");
            let told = format!("{:?}", judged.findings);
            assert!(!told.contains("aws_kms_grant.reader"), "{told}");
        }
    }
}

/// A grant is one of its key to its grantee, and one for the account is for everybody there.
#[test]
fn a_grant_is_for_its_grantee_and_of_its_key() {
    let other = "arn:aws:kms:us-east-1:111122223333:key/99998888-7777-6666-5555-444433332222";
    for (more, reader, anyone) in [
        (json!({}), "allowed", "allowed"),
        (json!({"key_id": other}), "denied", "denied"),
        (json!({"grantee_principal": ADMIN}), "denied", "allowed"),
        (json!({"grantee_principal": ACCOUNT}), "denied", "allowed"),
        (json!({"operations": ["Encrypt"]}), "denied", "denied"),
        (
            json!({"key_id": other, "grantee_principal": ADMIN}),
            "denied",
            "denied",
        ),
    ] {
        let judged = silent()
            .with("aws_kms_grant.one", &grant(&more))
            .reader(ROLE)
            .judge();
        assert_eq!(
            (read(&judged), anybody(&judged)),
            (reader, anyone),
            "{more}"
        );
        let told = judged.finding("trail-logs-unreadable").is_some();
        assert_eq!(told, anyone == "denied", "{more}");
    }
    // Of a key that no input holds, by its ARN and by its id.
    let set = json!({"key_id": other, "policy": json!({"Version": "2012-10-17", "Statement": [statement("Allow", ADMIN, "kms:PutKeyPolicy")]}).to_string()});
    let id = other.rsplit('/').next().unwrap();
    for (name, verdict) in [(other, "allowed"), (id, "allowed"), (KEY_ID, "denied")] {
        let judged = silent()
            .trail(json!({"kms_key_id": other}))
            .with("aws_kms_key_policy.outside", &set)
            .with("aws_kms_grant.one", &grant(&json!({"key_id": name})))
            .reader(ROLE)
            .judge();
        assert_eq!(read(&judged), verdict, "{name}");
    }
    // Of a key that only the apply can tell.
    let mut bare = grant(&json!({}));
    bare.as_object_mut().unwrap().remove("key_id");
    let judged = silent()
        .later("aws_kms_grant.one", &bare, &[("key_id", &["var.key"])])
        .reader(ROLE)
        .judge();
    assert_eq!(
        (read(&judged), anybody(&judged)),
        ("undecided", "undecided")
    );
    // Nor which of two, and another root's is for keys of its own.
    let of_two = [
        "aws_kms_key.trail.key_id",
        "aws_kms_key.trail",
        "aws_kms_key.other.key_id",
        "aws_kms_key.other",
    ];
    let judged = silent()
        .with(
            "aws_kms_key.other",
            &json!({"arn": other, "key_id": id, "id": id}),
        )
        .later("aws_kms_grant.one", &bare, &[("key_id", &of_two)])
        .reader(ROLE)
        .judge();
    assert_eq!(read(&judged), "undecided");
    let judged = silent()
        .beside("111122223333", &[("aws_kms_grant.one", bare)])
        .reader(ROLE)
        .judge();
    assert_eq!(read(&judged), "denied");
    // One that serves counts among others that may, whichever comes first.
    for names in [["a", "b"], ["b", "a"]] {
        let judged = silent()
            .with(&format!("aws_kms_grant.{}", names[0]), &vague())
            .with(&format!("aws_kms_grant.{}", names[1]), &grant(&json!({})))
            .reader(ROLE)
            .judge();
        assert_eq!((read(&judged), anybody(&judged)), ("allowed", "allowed"));
    }
}

/// What decides is told: a Deny and not a grant that would not serve either, a statement and not a grant that is not needed.
#[test]
fn a_grant_is_told_of_where_it_decides() {
    let because = |statements: &[Value], more: &Value| {
        let judged = key(statements)
            .with("aws_kms_grant.reader", &grant(more))
            .reader(ROLE)
            .judge();
        let mut all = judged.model.subjects.iter().flat_map(|it| &it.requirements);
        let found = all.find(|it| it.reader.is_some()).unwrap();
        let besides = found.besides.as_ref().map(|it| it.because.clone());
        (found.verdict.word(), besides.unwrap_or_default())
    };
    let encrypt = json!({"operations": ["Encrypt"]});
    let deny = [statement("Deny", ROLE, "kms:*")];
    assert_eq!(because(&deny, &encrypt), ("denied", String::new()));
    assert_eq!(because(&deny, &json!({})), ("denied", String::new()));
    let allow = [statement("Allow", ROLE, "kms:*")];
    assert_eq!(because(&allow, &json!({})), ("allowed", String::new()));
    let nothing = [statement("Allow", ADMIN, "kms:PutKeyPolicy")];
    let allows = "the grant `aws_kms_grant.reader` allows it".to_owned();
    assert_eq!(because(&nothing, &json!({})), ("allowed", allows));
    let fails =
        "the grant `aws_kms_grant.reader` does not serve: it does not hold the operation `Decrypt`";
    assert_eq!(because(&nothing, &encrypt), ("denied", fails.to_owned()));
    // Of two constraints that are not met the first is told.
    let other =
        json!({"aws:cloudtrail:arn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/other"});
    for (equals, subset, told) in [
        (&other, &other, "does not hold `aws:s3:arn`"),
        (&json!(null), &other, "does not meet its constraint"),
    ] {
        let constraints = json!({"constraints": [{"encryption_context_equals": equals, "encryption_context_subset": subset}]});
        let (verdict, told_of) = because(&nothing, &constraints);
        assert!(verdict == "denied" && told_of.contains(told), "{told_of}");
    }
}

#[test]
fn a_grant_whose_operations_are_not_known_may_serve() {
    for (operations, verdict) in [
        (json!(["Decrypt"]), "allowed"),
        (json!(["Encrypt", "DescribeKey"]), "denied"),
        (json!([]), "denied"),
        (json!(["decrypt"]), "denied"),
    ] {
        let judged = silent()
            .with(
                "aws_kms_grant.reader",
                &grant(&json!({"operations": operations})),
            )
            .reader(ROLE)
            .judge();
        assert_eq!(read(&judged), verdict, "{operations}");
    }
    let mut bare = grant(&json!({}));
    bare.as_object_mut().unwrap().remove("operations");
    let judged = silent()
        .later(
            "aws_kms_grant.reader",
            &bare,
            &[("operations", &["var.operations"])],
        )
        .reader(ROLE)
        .judge();
    assert_eq!(read(&judged), "undecided");
    let mut bare = grant(&json!({}));
    bare.as_object_mut().unwrap().remove("constraints");
    let judged = silent()
        .later(
            "aws_kms_grant.reader",
            &bare,
            &[("constraints", &["var.constraints"])],
        )
        .reader(ROLE)
        .judge();
    assert_eq!(read(&judged), "undecided");
    // One of the operations is known, and it is enough or not.
    for (known, verdict) in [("Decrypt", "allowed"), ("Encrypt", "undecided")] {
        let mut plan: Value = serde_json::from_str(
            &silent()
                .with(
                    "aws_kms_grant.reader",
                    &grant(&json!({"operations": [known, null]})),
                )
                .plan(),
        )
        .unwrap();
        plan["resource_changes"][2]["change"]["after_unknown"] =
            json!({"operations": [false, true]});
        let options = keytrail::resolve::Options {
            readers: vec![keytrail::resolve::Reader::new(ROLE)],
            ..Default::default()
        };
        let judged = crate::support::sketch::judge(&plan.to_string(), &options);
        assert_eq!(read(&judged), verdict, "{known}");
    }
}

/// What a grant says is part of what a finding is, unless it must not be shown.
#[test]
fn the_terms_of_a_grant_are_part_of_its_finding_and_secrets_are_not() {
    let print = |operation: &str, context: &str, hidden: &Value| {
        let grant = grant(&json!({"operations": [operation], "constraints": [
            {"encryption_context_equals": null, "encryption_context_subset": {"aws:cloudtrail:arn": context}}]}));
        let judged = silent()
            .hides("aws_kms_grant.reader", &grant, hidden)
            .reader(ROLE)
            .judge();
        judged.finding("reader-denied").unwrap().fingerprint.clone()
    };
    let plain = print("Encrypt", "a", &json!({}));
    assert_eq!(print("Encrypt", "a", &json!({})), plain);
    assert_ne!(print("Sign", "a", &json!({})), plain);
    assert_ne!(print("Encrypt", "b", &json!({})), plain);
    for hidden in [json!({"operations": [true]}), json!({"operations": true})] {
        let secret = print("Encrypt", "a", &hidden);
        assert_eq!(print("Sign", "a", &hidden), secret, "{hidden}");
        assert_ne!(print("Encrypt", "b", &hidden), secret, "{hidden}");
    }
    let hidden =
        json!({"constraints": [{"encryption_context_subset": {"aws:cloudtrail:arn": true}}]});
    let secret = print("Encrypt", "a", &hidden);
    assert_eq!(print("Encrypt", "b", &hidden), secret);
    assert_ne!(print("Sign", "a", &hidden), secret);
}

/// A baseline holds no finding whose fingerprint stays the same when a secret changes.
#[test]
fn a_baseline_holds_no_finding_of_a_secret_grant() {
    use crate::support::{check, run};
    for (hidden, held) in [
        (json!({}), true),
        (json!({"operations": [true, false]}), false),
        (json!({"operations": [true, true]}), false),
        (json!({"operations": true}), false),
    ] {
        let grant = grant(&json!({"operations": ["Encrypt", "Sign"]}));
        let plan = silent()
            .hides("aws_kms_grant.reader", &grant, &hidden)
            .plan();
        let plan = run::file("grants-baseline-plan.json", &plan);
        let base = run::file("grants-baseline.json", "");
        let args = [
            "check",
            &plan,
            "--no-source",
            "--no-config",
            "--reader",
            ROLE,
        ];
        check::run(&[&args[..], &["--write-baseline", &base]].concat());
        let text = std::fs::read_to_string(&base).unwrap();
        assert!(text.contains("trail-key-denies-encrypt"), "{text}");
        assert_eq!(text.contains("reader-denied"), held, "{hidden} {text}");
    }
}

/// What a grant is said to do is what it does, and a finding points at it.
#[test]
fn the_label_of_a_grant_says_what_it_does() {
    let other = grant(&json!({"operations": ["Encrypt"]}));
    let judged = silent()
        .with("aws_kms_grant.reader", &other)
        .reader(ROLE)
        .judge();
    let labels = &judged.finding("reader-denied").unwrap().labels;
    let told: Vec<&str> = labels.iter().map(|it| it.text.as_str()).collect();
    assert!(
        told.contains(&"this grant does not let the reader decrypt"),
        "{told:?}"
    );
    assert!(
        !told.contains(&"this grant lets the reader decrypt"),
        "{told:?}"
    );
}

/// Two Denies of which one always meets the reader win over a grant, even one of which nobody knows whether it serves.
#[test]
fn denies_that_together_always_meet_the_reader_win_over_a_grant() {
    let deny = |operator: &str| {
        let mut deny = statement("Deny", ROLE, "kms:Decrypt");
        deny["Condition"] = json!({operator: {"aws:PrincipalTag/team": "audit"}});
        deny
    };
    let admin = statement("Allow", ADMIN, "kms:PutKeyPolicy");
    for grant in [grant(&json!({})), vague()] {
        let judged = key(&[admin.clone(), deny("StringEquals"), deny("StringNotEquals")])
            .with("aws_kms_grant.reader", &grant)
            .reader(ROLE)
            .judge();
        assert_eq!(read(&judged), "denied", "{grant}");
        assert_eq!(anybody(&judged), "denied", "{grant}");
    }
}

/// Nobody reads, and a Deny takes away what a grant gives: who nearly may is told as without the grant.
#[test]
fn a_grant_that_a_deny_takes_away_explains_nothing() {
    let statements = [
        statement("Allow", ACCOUNT, "kms:PutKeyPolicy"),
        statement("Deny", ROLE, "kms:Decrypt"),
    ];
    let said = |sketch: Sketch| {
        let judged = sketch.judge();
        assert_eq!(anybody(&judged), "denied");
        let finding = judged
            .finding("trail-logs-unreadable")
            .unwrap()
            .message
            .clone();
        (finding, judged.underlined("trail-logs-unreadable"))
    };
    assert_eq!(said(granted(key(&statements))), said(key(&statements)));
}

/// Of several grants that serve the first is told.
#[test]
fn the_first_grant_that_serves_is_told() {
    let judged = silent()
        .with("aws_kms_grant.b", &grant(&json!({})))
        .with("aws_kms_grant.a", &grant(&json!({})))
        .judge();
    let mut all = judged.model.subjects.iter().flat_map(|it| &it.requirements);
    let found = all.find(|it| it.id == "reader-decrypt").unwrap();
    let because = found.besides.as_ref().map(|it| it.because.as_str());
    assert_eq!(because, Some("the grant `aws_kms_grant.b` allows it"));
}

/// Of very many grants not all are asked for: that none of those gives anything says nothing of the others.
#[test]
fn nothing_is_concluded_from_grants_that_are_not_asked_for() {
    for (count, verdict) in [(300, "denied"), (301, "undecided")] {
        let mut sketch = key(&[statement("Deny", "*", "kms:Decrypt")]);
        for at in 0..count {
            let role = format!("arn:aws:iam::111122223333:role/r{at}");
            let grant = grant(&json!({"grantee_principal": role}));
            sketch = sketch.with(&format!("aws_kms_grant.g{at}"), &grant);
        }
        assert_eq!(anybody(&sketch.judge()), verdict, "{count}");
    }
}

/// What Terraform lets go of stays in AWS.
#[test]
fn a_grant_that_is_forgotten_serves_and_one_that_is_destroyed_does_not() {
    let grant = grant(&json!({}));
    let name = "aws_kms_grant.reader";
    let judged = silent().forgets(name, &grant).reader(ROLE).judge();
    assert_eq!(read(&judged), "allowed");
    assert!(judged.finding("trail-logs-unreadable").is_none());
    let judged = silent().destroys(name, &grant).reader(ROLE).judge();
    assert_eq!(read(&judged), "denied");
}
