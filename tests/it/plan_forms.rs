//! Encodings, wrappers, cut-down documents; and that nothing sensitive or harmful reaches a text.

use crate::support::loaded::load;
use keytrail::input::{Action, Whence};
use keytrail::value::Kind;

const SMALL: &str = r#"{"format_version":"1.2","resource_changes":[{"address":"aws_kms_key.k","mode":"managed","type":"aws_kms_key","name":"k","change":{"actions":["create"],"after":{"is_enabled":true},"after_unknown":{"arn":true}}}]}"#;

#[test]
fn encodings_and_wrappers_are_seen_through() {
    let utf16 = |mark: &[u8], pack: fn(u16) -> [u8; 2]| {
        let units = SMALL.encode_utf16().flat_map(pack);
        mark.iter().copied().chain(units).collect::<Vec<u8>>()
    };
    let cases: Vec<(Vec<u8>, &str)> = vec![
        (SMALL.into(), ""),
        (format!("\u{feff}{SMALL}\n").into(), ""),
        (utf16(b"\xff\xfe", u16::to_le_bytes), "UTF-16"),
        (utf16(b"\xfe\xff", u16::to_be_bytes), "UTF-16"),
        (utf16(b"", u16::to_le_bytes), "UTF-16"),
        (utf16(b"", u16::to_be_bytes), "UTF-16"),
        (
            format!("[command]/usr/bin/terraform-bin show -json p\n{SMALL}\n\n::debug::exit 0\n")
                .into(),
            "wrapper",
        ),
        (
            format!("{{\"plan\":{SMALL}}}").into(),
            "under the key `plan`",
        ),
        (SMALL.replace("1.2", "1.9").into(), "\"1.9\" is not known"),
        (SMALL.replace("1.2", "1.10").into(), "\"1.10\" is not known"),
        (
            SMALL.replace("\"format_version\":\"1.2\",", "").into(),
            "does not name",
        ),
    ];
    for (bytes, noted) in cases {
        let loaded = load(&bytes);
        assert_eq!(loaded.plan.resources.len(), 1);
        let notes = format!(
            "{:?}",
            loaded
                .plan
                .notes
                .iter()
                .map(|it| &it.message)
                .collect::<Vec<_>>()
        )
        .replace('\\', "");
        assert!(notes.contains(noted), "{notes} has no {noted}");
        assert_eq!(noted.is_empty(), loaded.plan.notes.is_empty(), "{notes}");
    }
}

#[test]
fn keys_may_come_in_any_order() {
    let loaded = load(br#"{"prior_state":{"values":{"root_module":{"child_modules":[{"resources":[{"values":{"account_id":"111122223333"},"address":"data.aws_caller_identity.c","type":"aws_caller_identity","name":"c","mode":"data"}],"address":"module.a[\"x\"]"}]}}},
      "resource_changes":[{"change":{"after_unknown":{"arn":true},"after":{"is_enabled":true},"actions":["create"]},"name":"k","index":"x.y","type":"aws_kms_key","mode":"managed","module_address":"module.m"}]}"#);
    let addresses: Vec<String> = loaded
        .plan
        .resources
        .iter()
        .map(|it| it.address.to_string())
        .collect();
    assert_eq!(
        addresses,
        [
            r#"module.m.aws_kms_key.k["x.y"]"#,
            r#"module.a["x"].data.aws_caller_identity.c"#
        ]
    );
    assert!(matches!(
        loaded.plan.resources[0]
            .after
            .as_ref()
            .unwrap()
            .get("arn")
            .unwrap()
            .kind,
        Kind::Unknown(_)
    ));
    assert_eq!(
        loaded.plan.resources[1]
            .after
            .as_ref()
            .unwrap()
            .get("account_id")
            .unwrap()
            .as_str(),
        Some("111122223333")
    );
}

#[test]
fn planned_values_alone_leave_what_is_missing_unknown() {
    let loaded = load(br#"{"format_version":"0.1","planned_values":{"root_module":{"resources":[{"address":"aws_cloudtrail.t","mode":"managed","type":"aws_cloudtrail","name":"t","index":2,"values":{"name":"t","s3_bucket_name":"b"}}]}}}"#);
    let trail = loaded.resource("aws_cloudtrail.t[2]");
    assert_eq!(
        (trail.action, trail.whence),
        (Action::Create, Whence::Change)
    );
    let after = trail.after.as_ref().unwrap();
    assert!(matches!(
        after.get("kms_key_id").unwrap().kind,
        Kind::Unknown(_)
    ));
    assert_eq!(after.get("name").unwrap().as_str(), Some("t"));
    assert!(after.get("region").is_none());
}

#[test]
fn buckets_that_no_trail_uses_are_passed_over() {
    let document = |trail: &str| {
        format!(
            r#"{{"resource_changes":[
          {{"address":"aws_s3_bucket.a","mode":"managed","type":"aws_s3_bucket","name":"a","change":{{"actions":["create"],"after":{{"bucket":"logs"}},"after_unknown":{{"id":true}}}}}},
          {{"address":"aws_s3_bucket.b","mode":"managed","type":"aws_s3_bucket","name":"b","change":{{"actions":["create"],"after":{{"bucket":"other"}},"after_unknown":{{"id":true}}}}}},
          {{"address":"aws_s3_bucket.c","mode":"managed","type":"aws_s3_bucket","name":"c","change":{{"actions":["create"],"after":{{}},"after_unknown":{{"bucket":true,"id":true}}}}}}{trail}]}}"#
        )
    };
    let names = |trail: &str| {
        let loaded = load(document(trail).as_bytes());
        let buckets = loaded
            .plan
            .resources
            .into_iter()
            .filter(|it| it.address.kind == "aws_s3_bucket");
        buckets.map(|it| it.address.name).collect::<String>()
    };
    let trail = |after: &str| {
        format!(
            r#",{{"address":"aws_cloudtrail.t","mode":"managed","type":"aws_cloudtrail","name":"t","change":{{"actions":["create"],"after":{after},"after_unknown":{{"s3_bucket_name":true}}}}}}"#
        )
    };
    assert_eq!(names(""), "");
    assert_eq!(names(&trail(r#"{"s3_bucket_name":"logs"}"#)), "ac");
    assert_eq!(names(&trail("{}")), "abc");
}

#[test]
fn sensitive_values_reach_neither_debug_nor_any_text() {
    const CANARY: &str = "hunter2";
    let text = r#"{"format_version":"1.2","variables":{"s":{"value":"hunter2"},"o":{"value":{"a":["hunter2"]}}},"resource_changes":[
      {"address":"aws_kms_key.k","mode":"managed","type":"aws_kms_key","name":"k","change":{"actions":["update"],
        "before":{"policy":"{\"Sid\":\"hunter2\"}","key_usage":"hunter2"},"before_sensitive":true,
        "after":{"policy":"{\"Sid\":\"hunter2\"}","key_usage":"hunter2","arn":["hunter2"],"region":"hunter2"},
        "after_unknown":{},"after_sensitive":{"policy":true,"key_usage":true,"arn":[true],"region":{"odd":true}}}},
      {"address":"data.aws_iam_policy_document.p","mode":"data","type":"aws_iam_policy_document","name":"p","change":{"actions":["read"],
        "after":{"statement":[{"sid":"hunter2","actions":["a","hunter2"],"condition":[{"values":["hunter2"]}]}]},
        "after_unknown":{"json":true},"after_sensitive":{"statement":[{"sid":true,"actions":[false,true],"condition":true}]}}}],
      "configuration":{"provider_config":{"aws":{"name":"aws","expressions":{"secret_key":{"constant_value":"hunter2"}}}},
        "root_module":{"variables":{"s":{"sensitive":true,"default":"hunter2"},"o":{"sensitive":true}},
        "outputs":{"x":{"sensitive":true,"expression":{"constant_value":"hunter2"}}},
        "module_calls":{"m":{"source":"./m","expressions":{"p":{"constant_value":"hunter2"}},"module":{"variables":{"p":{"sensitive":true,"default":"hunter2"}}}}}}}}"#;
    let loaded = load(text.as_bytes());
    for shown in [
        format!("{:?}", loaded.plan),
        format!("{:?}", loaded.map),
        format!("{:?}", loaded.symbols),
        loaded.texts(),
    ] {
        assert!(!shown.contains(CANARY), "{shown}");
    }
    // They are there for the evaluation.
    let policy = loaded.after("aws_kms_key.k").get("policy").unwrap();
    assert!(policy.sensitive && policy.as_str().unwrap().contains(CANARY));
    assert_eq!(loaded.map.location(policy.span()).text, "");
    assert!(loaded.texts().contains("(sensitive value)"));
}

#[test]
fn nothing_that_commands_a_terminal_reaches_a_text() {
    let text = "{\"resource_changes\":[{\"address\":\"aws_kms_key.k[\\\"a\\\\u001b[31m\\\\u202e\\\"]\",\"mode\":\"managed\",\"type\":\"aws_kms_key\",\"name\":\"k\",\"change\":{\"actions\":[\"create\"],\"after\":{\"key_usage\":\"\\u001b[31m\\u202e\\u0007\",\"region\":{\"\\u001b\":1}}}}],
      \"configuration\":{\"root_module\":{\"module_calls\":{\"m\\u001b\":{\"source\":\"\\u001b\",\"expressions\":{\"\\u202e\":{\"references\":[\"\\u001b\"]}}}}}}}";
    let loaded = load(text.as_bytes());
    let texts = loaded.texts();
    assert!(texts.contains("\\u001b[31m\\u202e\\u0007"), "{texts}");
    assert!(
        !texts.contains(
            |letter: char| letter == '\u{202e}' || (letter.is_control() && letter != '\n')
        ),
        "{texts:?}"
    );
}

#[test]
fn deposed_deferred_and_repeated_records() {
    let key = |rest: &str| {
        format!(
            r#"{{"address":"aws_kms_key.k","mode":"managed","type":"aws_kms_key","name":"k"{rest}}}"#
        )
    };
    let text = format!(
        r#"{{"complete":false,"errored":true,"resource_changes":[{},{},{}],"deferred_changes":[{{"reason":"instance_count_unknown","resource_change":{}}}],"relevant_attributes":[{{"resource":"aws_kms_key.k","attribute":["arn"]}},{{"resource":"aws_vpc.v","attribute":[]}}]}}"#,
        key(r#","change":{"actions":["delete","create"],"after":{}}"#),
        key(
            r#","deposed":"00000000","change":{"actions":["delete"],"before":{"arn":"a"},"after":null,"after_unknown":false}"#
        ),
        key(r#","change":{"actions":["mystery"],"after":{}}"#),
        key(""),
    );
    let loaded = load(text.as_bytes());
    let plan = &loaded.plan;
    assert!(!plan.complete && plan.errored);
    assert_eq!(plan.resources.len(), 2);
    assert_eq!(plan.resources[0].action, Action::Replace);
    assert_eq!(plan.resources[1].deposed.as_deref(), Some("00000000"));
    assert_eq!(
        (
            plan.deferred[0].address.as_str(),
            plan.deferred[0].reason.as_str()
        ),
        ("aws_kms_key.k", "instance_count_unknown")
    );
    assert_eq!(plan.relevant.len(), 1);
}
