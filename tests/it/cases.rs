//! Hard cases from practice, each with the verdict that an expert gives.

use crate::support::sketch::{Judged, Sketch, judge};
use keytrail::report::Severity;
use serde_json::json;

fn text(path: &str) -> String {
    let path = format!("{}/testdata/cases/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn policy(case: &str) -> String {
    text(&format!("{case}/policy.json"))
}

fn plan(case: &str, options: &keytrail::resolve::Options) -> Judged {
    judge(&text(&format!("{case}/plan.json")), options)
}

/// An organization trail belongs to the management account, which a delegated administrator's account is not.
#[test]
fn case_01_an_organization_trail_of_a_delegated_administrator() {
    let case = "01-org-trail-from-delegated-admin";
    let judged = plan(case, &keytrail::resolve::Options::default());
    // It holds if the provider's account is the management account, and says so.
    assert_eq!(judged.line(), "conditional conditional denied");
    let assumption = judged.model.assumptions.first().unwrap();
    assert_eq!(
        judged.model.symbols.get(assumption.symbol).name,
        "management account"
    );
    let within: Vec<&str> = assumption
        .within
        .iter()
        .map(|it| it.text.as_str())
        .collect();
    assert_eq!(within, ["111122223333"]);
    let management = |account: &str| keytrail::resolve::Options {
        given: keytrail::input::Given {
            management_account: Some(account.to_owned()),
            ..keytrail::input::Given::default()
        },
        ..Default::default()
    };
    assert_eq!(
        plan(case, &management("999999999999")).line(),
        "denied denied denied"
    );
    assert_eq!(
        plan(case, &management("111122223333")).line(),
        "allowed allowed denied"
    );
}

/// The resource's own region decides, before its provider's.
#[test]
fn case_02_the_region_of_the_resource() {
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*",
        "Condition": {"StringEquals": {"aws:SourceArn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"}}}]})
    .to_string();
    let at = |region: &str| {
        let attributes = json!({"region": region, "arn": null, "home_region": null});
        let sketch = Sketch::new(policy.clone()).trail(attributes);
        sketch.with(
            "data.aws_caller_identity.me",
            &json!({"account_id": "111122223333"}),
        )
    };
    assert_eq!(at("eu-west-1").judge().line(), "denied denied denied");
    assert_eq!(at("us-east-1").judge().line(), "allowed allowed denied");
}

fn bucket(key: Option<bool>) -> Sketch {
    let sketch = Sketch::new(policy("04-bucket-key-and-object-arn"))
        .reader("arn:aws:iam::444455556666:role/soc");
    match key {
        Some(enabled) => sketch
            .with("aws_s3_bucket.logs", &json!({"bucket": "logs"}))
            .with(
                "aws_s3_bucket_server_side_encryption_configuration.logs",
                &json!({"bucket": "logs", "rule": [{"bucket_key_enabled": enabled}]}),
            ),
        None => sketch,
    }
}

/// With an S3 Bucket Key, S3 sends the bucket's ARN in the place of the object's.
#[test]
fn case_04_bucket_key_and_object_arn() {
    let soc = Some("arn:aws:iam::444455556666:role/soc");
    for (key, encrypt, reader) in [
        (Some(false), "allowed", "delegated"),
        (Some(true), "undecided", "denied"),
        (None, "undecided", "undecided"),
    ] {
        let judged = bucket(key).judge();
        assert_eq!(
            judged.verdict("cloudtrail-encrypt", None),
            encrypt,
            "{key:?}"
        );
        assert_eq!(judged.verdict("reader-decrypt", soc), reader, "{key:?}");
    }
}

/// A bucket that Terraform lets go of keeps its S3 Bucket Key.
#[test]
fn case_04_with_a_bucket_that_is_forgotten() {
    let judged = Sketch::new(policy("04-bucket-key-and-object-arn"))
        .forgets("aws_s3_bucket.logs", &json!({"bucket": "logs"}))
        .forgets(
            "aws_s3_bucket_server_side_encryption_configuration.logs",
            &json!({"bucket": "logs", "rule": [{"bucket_key_enabled": true}]}),
        )
        .reader("arn:aws:iam::444455556666:role/soc")
        .judge();
    let soc = Some("arn:aws:iam::444455556666:role/soc");
    assert_eq!(judged.verdict("reader-decrypt", soc), "denied");
}

/// AWS's own Deny for data perimeters holds if the trail's account is in the organization.
#[test]
fn case_06_a_data_perimeter() {
    let case = "06-data-perimeter-source-org";
    let judged = Sketch::new(policy(case)).judge();
    assert_eq!(judged.line(), "conditional conditional delegated");
    let known = |id: &str| {
        Sketch::new(policy(case))
            .with("data.aws_organizations_organization.o", &json!({"id": id}))
            .judge()
    };
    assert_eq!(known("o-exampleorgid").line(), "allowed allowed delegated");
    let stranger = known("o-other");
    assert_eq!(stranger.line(), "denied denied delegated");
    assert!(stranger.model.subjects[0].requirements[0].explicit);
    let store = Sketch::new(policy(case)).with(
        "aws_cloudtrail_event_data_store.s",
        &json!({"name": "s", "kms_key_id": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn": "arn:aws:cloudtrail:us-east-1:111122223333:eventdatastore/x"}),
    );
    assert_eq!(store.judge().verdict("lake-encrypt", None), "allowed");
}

/// A root statement bound to the root user delegates nothing to roles.
#[test]
fn case_09_the_root_user_only() {
    let reader = "arn:aws:iam::111122223333:role/analyst";
    let judged = Sketch::new(policy("09-root-user-only"))
        .reader(reader)
        .judge();
    assert_eq!(judged.verdict("cloudtrail-encrypt", None), "allowed");
    assert_eq!(judged.verdict("cloudtrail-describe", None), "denied");
    assert_eq!(judged.verdict("reader-decrypt", Some(reader)), "denied");
    let finding = judged.finding("trail-logs-unreadable").unwrap();
    assert_eq!(finding.severity, keytrail::report::Severity::Warning);
    assert!(
        finding.message.starts_with("only the root user"),
        "{}",
        finding.message
    );
}

/// A grant lets somebody of another account read whom the key's policy does not name.
#[test]
fn case_08_a_reader_by_grant() {
    let siem = "arn:aws:iam::999988887777:role/siem-collector";
    let console = std::fs::read_to_string(format!(
        "{}/testdata/seeds/console-default.json",
        env!("CARGO_MANIFEST_DIR")
    ))
    .unwrap();
    let judged = |name: &str| {
        let constraint = json!({name: {"aws:cloudtrail:arn": "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"}});
        let grant = json!({"name": "siem", "key_id": "1234abcd-12ab-34cd-56ef-1234567890ab", "grantee_principal": siem,
            "operations": ["Decrypt", "DescribeKey"], "constraints": [constraint]});
        Sketch::new(console.clone())
            .with("aws_kms_grant.siem", &grant)
            .reader(siem)
            .judge()
    };
    let allowed = judged("encryption_context_subset");
    assert_eq!(allowed.verdict("reader-decrypt", Some(siem)), "allowed");
    assert!(allowed.finding("reader-denied").is_none());
    let denied = judged("encryption_context_equals");
    assert_eq!(denied.verdict("reader-decrypt", Some(siem)), "denied");
    let message = &denied.finding("reader-denied").unwrap().message;
    assert!(
        message.contains("the grant `aws_kms_grant.siem` does not serve"),
        "{message}"
    );
}

/// The table of the case: each hunter, directly and through Athena.
#[test]
fn case_10_each_way_is_answered() {
    use keytrail::resolve::{Reader, Via};
    let verdict = |name: &str, via: Via| {
        let reader = format!("arn:aws:iam::111122223333:role/hunter-{name}");
        let judged = Sketch::new(policy("10-athena-via-service"))
            .declares(Reader {
                via,
                ..Reader::new(reader.as_str())
            })
            .judge();
        judged.verdict("reader-decrypt", Some(&reader))
    };
    let row = |name: &str| (verdict(name, Via::S3), verdict(name, Via::Athena));
    assert_eq!(row("a"), ("denied", "undecided"));
    assert_eq!(row("b"), ("denied", "allowed"));
    assert_eq!(row("c"), ("denied", "denied"));
}

/// Readers through Athena differ from readers through S3; only the second way is judged without being told.
#[test]
fn case_10_readers_through_athena() {
    let [a, b, c] =
        ["a", "b", "c"].map(|name| format!("arn:aws:iam::111122223333:role/hunter-{name}"));
    let sketch = || {
        Sketch::new(policy("10-athena-via-service"))
            .reader(&a)
            .reader(&b)
            .reader(&c)
    };
    let judged = sketch().judge();
    let verdict = |judged: &Judged, reader: &str| judged.verdict("reader-decrypt", Some(reader));
    assert_eq!(verdict(&judged, &a), "denied");
    assert_eq!(verdict(&judged, &b), "undecided");
    assert_eq!(verdict(&judged, &c), "denied");
    let told = sketch()
        .reader_context("aws:CalledVia", "athena.amazonaws.com")
        .judge();
    assert_eq!(verdict(&told, &b), "allowed");
}

/// Event data stores send no `aws:SourceArn`.
#[test]
fn case_12_a_store_on_the_trails_key() {
    let judged = Sketch::new(policy("12-lake-on-the-trails-key"))
        .with(
            "aws_cloudtrail_event_data_store.s",
            &json!({"name": "s", "kms_key_id": "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
                "arn": "arn:aws:cloudtrail:us-east-1:111122223333:eventdatastore/x"}),
        )
        .judge();
    let verdicts =
        ["lake-encrypt", "lake-decrypt", "lake-describe"].map(|id| judged.verdict(id, None));
    assert_eq!(verdicts, ["allowed", "allowed", "denied"]);
    assert_eq!(judged.underlined("store-key-denied"), "\"aws:SourceArn\"");
    assert!(
        judged
            .finding("store-key-denied")
            .unwrap()
            .message
            .contains("not support")
    );
}

/// Who queries a store needs `kms:GenerateDataKey` besides `kms:Decrypt`, and its encryption context is not documented.
#[test]
fn case_12_the_analyst_of_a_store() {
    let analyst = "arn:aws:iam::111122223333:role/analyst";
    let key = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let judged = Sketch::new(policy("12-lake-on-the-trails-key"))
        .with(
            "aws_cloudtrail_event_data_store.s",
            &json!({"name": "s", "kms_key_id": key,
                "arn": "arn:aws:cloudtrail:us-east-1:111122223333:eventdatastore/x"}),
        )
        .reader(analyst)
        .judge();
    let store = judged
        .model
        .subjects
        .iter()
        .find(|it| it.address.contains("event_data_store"))
        .unwrap();
    let asked = store.requirements.iter().filter(|it| it.reader.is_some());
    let answers: Vec<_> = asked
        .map(|it| (it.request.action.as_str(), it.verdict.word()))
        .collect();
    assert_eq!(
        answers,
        [
            ("kms:Decrypt", "undecided"),
            ("kms:GenerateDataKey", "denied")
        ]
    );
    assert!(
        judged
            .findings
            .iter()
            .any(|it| it.rule == "reader-denied" && it.address == store.address)
    );
}

/// `cloudtrail.${data.aws_partition.p.dns_suffix}` is a service principal.
#[test]
fn case_14_dns_suffix_of_the_partition() {
    let judged = plan(
        "14-dns-suffix-principal",
        &keytrail::resolve::Options::default(),
    );
    assert_eq!(judged.verdict("cloudtrail-encrypt", None), "allowed");
    assert_eq!(judged.verdict("cloudtrail-describe", None), "allowed");
}

/// The principal ARN of a session is its role's, with a path that the session's own ARN does not show.
#[test]
fn case_15_sso_readers() {
    let with_region = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Audit_0123456789abcdef";
    let without = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Audit_0123456789abcdef";
    let session =
        "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Audit_0123456789abcdef/jane";
    let sketch = Sketch::new(policy("15-sso-readers"));
    let judged = sketch
        .reader(with_region)
        .reader(without)
        .reader(session)
        .judge();
    let verdicts = [with_region, without, session]
        .map(|reader| judged.verdict("reader-decrypt", Some(reader)));
    assert_eq!(verdicts, ["allowed", "denied", "undecided"]);
    assert_eq!(judged.verdict("reader-decrypt", None), "allowed");
    // Nobody knows the suffix before the role exists.
    let pattern = with_region.replace("0123456789abcdef", "*");
    let judged = Sketch::new(policy("15-sso-readers"))
        .reader(&pattern)
        .judge();
    assert_eq!(judged.verdict("reader-decrypt", Some(&pattern)), "allowed");
}

/// The trail's own fresh ARN in the separate policy: the answer is allowed (the order of the apply is another rule's).
#[test]
fn case_16_the_policy_waits_for_the_trail() {
    let judged = plan(
        "16-policy-waits-for-the-trail",
        &keytrail::resolve::Options::default(),
    );
    // In the plan alone the policy's text is known after apply as a whole; its sources decide it.
    assert_eq!(judged.line(), "undecided undecided undecided");
    assert!(judged.rules().contains(&"trail-policy-race"));
    let race = judged
        .findings
        .iter()
        .find(|it| it.rule == "trail-policy-race");
    assert_eq!(race.unwrap().severity, Severity::Error);
}

/// No `DescribeKey`: an error whose effect is "documented", and not that the apply fails.
#[test]
fn case_17_no_describe_in_production() {
    let bucket = json!({"bucket": "logs", "rule": [{"bucket_key_enabled": true}]});
    let judged = Sketch::new(policy("17-no-describe-in-production"))
        .with(
            "aws_s3_bucket_server_side_encryption_configuration.logs",
            &bucket,
        )
        .judge();
    assert_eq!(judged.line(), "allowed denied delegated");
    assert_eq!(judged.verdict("cloudtrail-decrypt", None), "allowed");
    let finding = judged.finding("trail-key-denies-describe").unwrap();
    assert_eq!(finding.effect, keytrail::report::Effect::Documented);
    assert_eq!(finding.severity, keytrail::report::Severity::Error);
}

/// A policy that is no longer configured stays as it is in AWS.
#[test]
fn case_19_the_policy_attribute_is_removed() {
    let old = std::fs::read_to_string(format!(
        "{}/testdata/seeds/console-default.json",
        env!("CARGO_MANIFEST_DIR")
    ))
    .unwrap();
    let judged = Sketch::new(old.clone()).judge();
    assert_eq!(judged.line(), "allowed allowed allowed");
    // A separate policy that is destroyed puts the default back, unless the lockout check is bypassed.
    let destroyed = |bypass: bool| {
        let key = "1234abcd-12ab-34cd-56ef-1234567890ab";
        let mut plan: serde_json::Value =
            serde_json::from_str(&Sketch::new(old.clone()).plan()).unwrap();
        plan["resource_changes"].as_array_mut().unwrap().push(json!({"address": "aws_kms_key_policy.other",
            "mode": "managed", "type": "aws_kms_key_policy", "name": "other", "provider_name": "aws",
            "change": {"actions": ["delete"], "before": {"key_id": key, "policy": old,
                "bypass_policy_lockout_safety_check": bypass}, "after": null, "after_unknown": false}}));
        judge(&plan.to_string(), &keytrail::resolve::Options::default())
    };
    assert_eq!(destroyed(false).line(), "denied denied delegated");
    assert_eq!(destroyed(true).line(), "allowed allowed allowed");
}

/// What `check` says of the configuration of the case with the landing zone: the rules that it raises, and the report of its subjects.
fn backup_key(name: &str, change: &dyn Fn(&str) -> String) -> (Vec<String>, serde_json::Value) {
    let folder = format!("keytrail-case-03-{name}-{}", std::process::id());
    let folder = std::env::temp_dir().join(folder);
    std::fs::create_dir_all(&folder).unwrap();
    for file in ["main.tf", "control-tower-minimum.json"] {
        let held = text(&format!("03-landing-zone-backup-key/{file}"));
        std::fs::write(folder.join(file), change(&held)).unwrap();
    }
    let path = folder.display().to_string();
    let known = ["--account-id", "111122223333", "--region", "us-east-1"];
    let args = [&["check", &path, "--format", "json"], &known[..]].concat();
    let checked = crate::support::check::run(&args);
    std::fs::remove_dir_all(&folder).unwrap();
    let report: serde_json::Value = serde_json::from_str(&checked.stdout).unwrap();
    let rules = report["findings"].as_array().unwrap().iter();
    let rules = rules.map(|it| it["rule"].as_str().unwrap().to_owned());
    (rules.collect(), report)
}

/// The backup component needs a multi-Region key, and the others take none.
#[test]
fn case_03_the_backup_key_of_a_landing_zone() {
    let (rules, report) = backup_key("right", &str::to_owned);
    assert!(rules.is_empty(), "{rules:?}");
    let subjects = report["subjects"].as_array().unwrap().iter();
    let told: Vec<(String, usize)> = subjects
        .map(|it| {
            let asked = it["requirements"].as_array().unwrap();
            // Its `Resource` is one key's ARN, and the sources do not hold the new key's id.
            let met =
                |it: &serde_json::Value| it["verdict"] != "denied" && it["verdict"] != "undecided";
            assert!(asked.iter().all(met), "{asked:?}");
            (format!("{} {}", it["kind"], it["component"]), asked.len())
        })
        .collect();
    let wanted = [
        ("\"landing_zone\" \"centralizedLogging\"", 0),
        ("\"landing_zone\" \"config\"", 2),
        ("\"landing_zone\" \"backup\"", 0),
        ("\"trail\" null", 2),
    ];
    assert_eq!(told, wanted.map(|(what, asked)| (what.to_owned(), asked)));
    let single = |text: &str| text.replace("multi_region = true", "multi_region = false");
    let (rules, _) = backup_key("wrong", &single);
    assert_eq!(rules, ["controltower-key-multi-region"]);
}

/// The argument `policy` may be left out, and a key policy be let go of: the text stays. Destroying a key policy puts the default back.
#[test]
fn case_19_a_policy_that_is_configured_no_more() {
    let judged = |name: &str| {
        let path = format!("../rules/change-revokes-delivery/{name}/plan.json");
        judge(&text(&path), &keytrail::resolve::Options::default())
    };
    for kept in [
        "ok-attribute-removed",
        "ok-key-policy-bypass",
        "ok-key-policy-forgotten",
    ] {
        let judged = judged(kept);
        assert_eq!(judged.line(), "allowed allowed delegated", "{kept}");
        assert!(judged.findings.is_empty(), "{kept}: {:?}", judged.rules());
        let told = judged.model.inputs[0].notes.iter();
        let unmanaged = told.filter(|it| it.contains("managed by nobody from now on"));
        let wanted = usize::from(kept != "ok-attribute-removed");
        assert_eq!(unmanaged.count(), wanted, "{kept}");
    }
    let destroyed = judged("bad-key-policy-destroyed");
    assert_eq!(destroyed.line(), "denied denied delegated");
    assert!(destroyed.finding("change-revokes-delivery").is_some());
}
