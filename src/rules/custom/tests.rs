use super::*;
use crate::source::SourceMap;
use serde_json::json;

/// What a rule says of a resource: `sure`, `maybe` or nothing.
fn verdict(rule: &str, values: &Value, unknown: &[&str]) -> &'static str {
    let text = format!("[[rule]]\nid = \"own\"\nmessage = \"m\"\n{rule}\n");
    let mut sources = SourceMap::new();
    let file = sources.add("keytrail.toml", text).unwrap();
    let (config, problems) = crate::config::parse(&sources, file, &[]);
    assert_eq!(problems, [], "{rule}");
    let way = |name: &&str| {
        let way = format!("resources/0/values/{name}");
        way.split('/').map(str::to_owned).collect()
    };
    let planned = Planned {
        address: "t.a".to_owned(),
        header: "resource \"t\" \"a\"".to_owned(),
        document: json!({"resources": [{"address": "t.a", "type": "t", "values": values}]}),
        unknown: unknown.iter().map(way).collect(),
        before: Before::Nothing,
    };
    match judge(config.rules.first().unwrap(), &planned).breach {
        None => "",
        Some(breach) if breach.sure => "sure",
        Some(_) => "maybe",
    }
}

const ALL: &str = "select = \"$.resources[?@.type == 't']\"\n";

fn check(check: &str, values: &Value, unknown: &[&str]) -> &'static str {
    verdict(&format!("{ALL}{check}"), values, unknown)
}

#[test]
fn values_are_required() {
    let equals = "require = { path = \"$.values.on\", equals = true }";
    assert_eq!(check(equals, &json!({"on": true}), &[]), "");
    assert_eq!(check(equals, &json!({"on": false}), &[]), "sure");
    assert_eq!(check(equals, &json!({}), &[]), "sure");
    assert_eq!(check(equals, &json!({}), &["on"]), "maybe");
    assert_eq!(check(equals, &json!({}), &["other"]), "sure");
    let tag = "require = { path = \"$.values.tags.owner\", matches = \"^team-\" }";
    assert_eq!(check(tag, &json!({"tags": {"owner": "team-a"}}), &[]), "");
    assert_eq!(check(tag, &json!({"tags": {"owner": "bob"}}), &[]), "sure");
    assert_eq!(check(tag, &json!({"tags": {}}), &["tags/owner"]), "maybe");
    // The whole map is not known.
    assert_eq!(check(tag, &json!({}), &["tags"]), "maybe");
    let every = "require = { path = \"$.values.rules[*].port\", one-of = [80, 443] }";
    assert_eq!(
        check(
            every,
            &json!({"rules": [{"port": 80}, {"port": 443.0}]}),
            &[]
        ),
        ""
    );
    assert_eq!(
        check(every, &json!({"rules": [{"port": 80}, {"port": 22}]}), &[]),
        "sure"
    );
    assert_eq!(
        check(
            every,
            &json!({"rules": [{"port": 80}, {}]}),
            &["rules/1/port"]
        ),
        "maybe"
    );
    let there = "require = { path = \"$.values.key\" }";
    assert_eq!(check(there, &json!({"key": null}), &[]), "sure");
    assert_eq!(check(there, &json!({}), &["key"]), "");
}

#[test]
fn values_are_forbidden() {
    let open = "forbid = { path = \"$.values.cidrs[*]\", equals = \"0.0.0.0/0\" }";
    assert_eq!(check(open, &json!({"cidrs": ["10.0.0.0/8"]}), &[]), "");
    assert_eq!(
        check(open, &json!({"cidrs": ["10.0.0.0/8", "0.0.0.0/0"]}), &[]),
        "sure"
    );
    assert_eq!(check(open, &json!({}), &[]), "");
    assert_eq!(check(open, &json!({}), &["cidrs"]), "maybe");
    assert_eq!(check(open, &json!({"cidrs": ["10.0.0.0/8"]}), &["id"]), "");
    assert_eq!(
        check(open, &json!({"cidrs": ["0.0.0.0/0", null]}), &["cidrs/1"]),
        "sure"
    );
    assert_eq!(check("forbid = {}", &json!({}), &[]), "sure");
    let other = verdict(
        "select = \"$.resources[?@.type == 'u']\"\nforbid = {}",
        &json!({}),
        &[],
    );
    assert_eq!(other, "");
}

#[test]
fn a_selection_that_reads_what_is_not_known_is_not_sure() {
    let on = "select = \"$.resources[?@.values.on == true]\"\nforbid = {}";
    assert_eq!(verdict(on, &json!({"on": true}), &[]), "sure");
    assert_eq!(verdict(on, &json!({"on": false}), &[]), "");
    assert_eq!(verdict(on, &json!({}), &["on"]), "maybe");
    assert_eq!(verdict(on, &json!({}), &["other"]), "");
    let off = "select = \"$.resources[?@.values.on != true]\"\nforbid = {}";
    assert_eq!(verdict(off, &json!({}), &[]), "sure");
    assert_eq!(verdict(off, &json!({}), &["on"]), "maybe");
    let text = "select = \"$.resources[?@.type == 't' && @.values.tier == 'gold']\"\nforbid = {}";
    assert_eq!(verdict(text, &json!({}), &["tier"]), "maybe");
    let other = text.replace("'t'", "'u'");
    assert_eq!(verdict(&other, &json!({}), &["tier"]), "");
    let call = "select = \"$.resources[?match(@.values.name, 'a.*')]\"\nforbid = {}";
    assert_eq!(verdict(call, &json!({"name": "b"}), &[]), "");
    assert_eq!(verdict(call, &json!({}), &["name"]), "maybe");
    assert_eq!(verdict(call, &json!({"name": "b"}), &["id"]), "");
    assert_eq!(verdict(call, &json!({"name": "a"}), &["id"]), "sure");
    // What is selected may lie inside the resource.
    let inner = "select = \"$.resources[*].values.disks[?@.size > 10]\"\nrequire = { path = \"$.encrypted\", equals = true }";
    assert_eq!(
        verdict(
            inner,
            &json!({"disks": [{"size": 20, "encrypted": true}]}),
            &[]
        ),
        ""
    );
    assert_eq!(
        verdict(inner, &json!({"disks": [{"size": 20}, {"size": 5}]}), &[]),
        "sure"
    );
    assert_eq!(
        verdict(inner, &json!({"disks": [{}]}), &["disks/0/size"]),
        "maybe"
    );
}
