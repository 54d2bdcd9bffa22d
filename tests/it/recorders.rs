//! Delivery channels of AWS Config: which recorder is the channel's, and what is told where its role is not known.

use serde_json::{Value, json};

use crate::support::sketch::{Judged, KEY_ID, Sketch};

const ROLE: &str = "arn:aws:iam::111122223333:role/config";

fn statement(principal: &Value, action: &str) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"})
}

fn channel(statements: &[Value]) -> Sketch {
    let key = format!("arn:aws:kms:us-east-1:111122223333:key/{KEY_ID}");
    let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    Sketch::new(policy).with(
        "aws_config_delivery_channel.main",
        &json!({"name": "main", "s3_bucket_name": "config", "s3_kms_key_arn": key}),
    )
}

fn encrypt(judged: &Judged) -> &'static str {
    let mut asked = judged.model.subjects.iter().flat_map(|it| &it.requirements);
    asked
        .find(|it| it.id == "config-encrypt")
        .unwrap()
        .verdict
        .word()
}

/// The role of a recorder that no input holds may have the permission, unless nobody has it but the root user, which is no role.
#[test]
fn a_recorder_that_is_not_known_is_doubted_where_some_role_may() {
    let admin = json!({"AWS": "arn:aws:iam::111122223333:role/admin"});
    let account = json!({"AWS": "arn:aws:iam::111122223333:root"});
    let mut root_alone = statement(&account, "kms:*");
    root_alone["Condition"] = json!({"StringEquals": {"aws:PrincipalType": "Account"}});
    for (statement, verdict) in [
        (
            statement(&json!({"Service": "config.amazonaws.com"}), "kms:*"),
            "allowed",
        ),
        (statement(&account, "kms:*"), "undecided"),
        (statement(&json!({"AWS": ROLE}), "kms:*"), "undecided"),
        (statement(&admin, "kms:PutKeyPolicy"), "denied"),
        (root_alone, "denied"),
    ] {
        let judged = channel(std::slice::from_ref(&statement)).judge();
        assert_eq!(encrypt(&judged), verdict, "{statement}");
        let told = format!("{:?}", judged.findings).contains("the recorder is not in the inputs");
        assert_eq!(told, verdict == "undecided", "{statement}");
    }
}

/// Of several recorders the one of the channel's own module counts; two of them leave it open.
#[test]
fn the_recorder_beside_the_channel_is_its_own() {
    let own = json!({"name": "main", "role_arn": ROLE});
    let other = json!({"name": "other", "role_arn": "arn:aws:iam::111122223333:role/other"});
    let policy = [statement(&json!({"AWS": ROLE}), "kms:*")];
    let (here, there) = (
        "aws_config_configuration_recorder.main",
        "aws_config_configuration_recorder.other",
    );
    for (recorders, verdict) in [
        (vec![(here, &own, "")], "allowed"),
        (vec![(here, &other, "")], "denied"),
        (vec![(here, &own, ""), (there, &other, "")], "undecided"),
        (
            vec![(here, &own, ""), (there, &other, "module.a")],
            "allowed",
        ),
        (
            vec![(here, &own, "module.a"), (there, &other, "")],
            "denied",
        ),
        // The only one is the account's, wherever it stands.
        (vec![(here, &own, "module.a")], "allowed"),
        (
            vec![(here, &own, "module.a"), (there, &other, "module.b")],
            "undecided",
        ),
    ] {
        let mut sketch = channel(&policy);
        for (address, attributes, _) in &recorders {
            sketch = sketch.with(address, attributes);
        }
        let mut plan: Value = serde_json::from_str(&sketch.plan()).unwrap();
        let changes = plan["resource_changes"].as_array_mut().unwrap();
        for ((address, _, module), change) in recorders.iter().zip(changes.iter_mut().skip(3)) {
            assert_eq!(change["address"], *address);
            if !module.is_empty() {
                change["address"] = json!(format!("{module}.{address}"));
                change["module_address"] = json!(module);
            }
        }
        let judged = crate::support::sketch::judge(
            &plan.to_string(),
            &keytrail::resolve::Options::default(),
        );
        assert_eq!(encrypt(&judged), verdict, "{recorders:?}");
    }
}

/// A role of which nothing is known may be the service-linked one, as whom Config asks as the service.
#[test]
fn a_role_that_only_the_apply_knows_leaves_it_open() {
    let account = json!({"AWS": "arn:aws:iam::111122223333:root"});
    let admin = json!({"AWS": "arn:aws:iam::111122223333:role/admin"});
    for (statement, verdict) in [
        (statement(&account, "kms:*"), "undecided"),
        (statement(&admin, "kms:PutKeyPolicy"), "denied"),
        (
            statement(&json!({"Service": "config.amazonaws.com"}), "kms:*"),
            "allowed",
        ),
    ] {
        for references in [
            &["var.role"][..],
            &["aws_iam_role.config.arn", "aws_iam_role.config"],
        ] {
            let judged = channel(std::slice::from_ref(&statement))
                .later(
                    "aws_config_configuration_recorder.main",
                    &json!({"name": "main"}),
                    &[("role_arn", references)],
                )
                .judge();
            assert_eq!(encrypt(&judged), verdict, "{statement} {references:?}");
            if verdict == "undecided" {
                let told = format!("{:?}", judged.findings);
                let reason = "the recorder's role is not known, and may have the permission";
                assert!(told.contains(reason), "{told}");
            }
        }
    }
}

/// A recorder of another Region records for another channel.
#[test]
fn a_recorder_of_another_region_is_not_the_channels() {
    let recorder = |role: &str, region: &str| json!({"name": "main", "role_arn": format!("arn:aws:iam::111122223333:role/{role}"), "region": region});
    let key = format!("arn:aws:kms:us-east-1:111122223333:key/{KEY_ID}");
    let policy =
        json!({"Version": "2012-10-17", "Statement": [statement(&json!({"AWS": ROLE}), "kms:*")]});
    for (own, other, verdict) in [
        ("us-east-1", "eu-west-1", "allowed"),
        ("eu-west-1", "us-east-1", "denied"),
        ("us-east-1", "us-east-1", "undecided"),
        ("eu-west-1", "eu-west-1", "undecided"),
    ] {
        let judged = Sketch::new(policy.to_string())
            .with(
                "aws_config_delivery_channel.main",
                &json!({"name": "main", "s3_bucket_name": "config", "s3_kms_key_arn": key, "region": "us-east-1"}),
            )
            .with("aws_config_configuration_recorder.own", &recorder("config", own))
            .with("aws_config_configuration_recorder.other", &recorder("other", other))
            .judge();
        assert_eq!(encrypt(&judged), verdict, "{own} {other}");
    }
}

/// Config asks as the recorder's role, and as the service where that may do more.
#[test]
fn the_better_answer_of_role_and_service_counts() {
    let service = || statement(&json!({"Service": "config.amazonaws.com"}), "kms:*");
    let account = statement(&json!({"AWS": "arn:aws:iam::111122223333:root"}), "kms:*");
    let admin = json!({"AWS": "arn:aws:iam::111122223333:role/admin"});
    let mut perhaps = service();
    perhaps["Condition"] = json!({"StringEquals": {"aws:SourceOrgID": "o-1234567890"}});
    for (statements, verdict, reader) in [
        (vec![service(), account], "allowed", None),
        (vec![perhaps], "conditional", None),
        (
            vec![statement(&admin, "kms:PutKeyPolicy")],
            "denied",
            Some(ROLE),
        ),
        (
            vec![statement(&json!({"AWS": ROLE}), "kms:*")],
            "allowed",
            Some(ROLE),
        ),
    ] {
        let recorder = json!({"name": "main", "role_arn": ROLE});
        let judged = channel(&statements)
            .with("aws_config_configuration_recorder.main", &recorder)
            .judge();
        let mut asked = judged.model.subjects.iter().flat_map(|it| &it.requirements);
        let found = asked
            .find(|it| it.id.starts_with("config-encrypt"))
            .unwrap();
        assert_eq!(found.verdict.word(), verdict, "{statements:?}");
        assert_eq!(found.reader.as_deref(), reader, "{statements:?}");
    }
}
