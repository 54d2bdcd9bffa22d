//! The tables of actions and condition keys against what AWS's pages list; `testdata/iam/kms/README.md` says how the lists are renewed.

use std::collections::BTreeSet;
use std::path::Path;

use keytrail::policy::actions::{self, ACTIONS};
use keytrail::policy::keys::{self, Count, KeyType};

fn lines(name: &str) -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/iam/kms");
    let text = std::fs::read_to_string(path.join(name)).unwrap();
    let columns = text.lines().map(|line| {
        let (name, rest) = line.split_once('\t').unwrap_or((line, ""));
        (name.to_owned(), rest.to_owned())
    });
    columns.collect()
}

#[test]
fn the_actions_are_those_of_the_page() {
    let page = lines("actions.txt");
    let names: Vec<&str> = page.iter().map(|(name, _)| name.as_str()).collect();
    let mut own: Vec<&str> = actions::names().collect();
    own.sort_unstable();
    assert_eq!(own, names);
    let on_none = page
        .iter()
        .filter(|(_, on)| !on.split(',').any(|it| it == "key"));
    let on_none: Vec<&str> = on_none.map(|(name, _)| name.as_str()).collect();
    let keyless = ACTIONS.iter().filter(|it| !it.on_a_key);
    let mut keyless: Vec<&str> = keyless.map(|it| it.name).collect();
    keyless.sort_unstable();
    assert_eq!(keyless, on_none);
}

#[test]
fn the_condition_keys_are_those_of_the_pages() {
    let page = lines("condition-keys.txt");
    let (kms, global): (Vec<_>, Vec<_>) =
        page.iter().partition(|(name, _)| name.starts_with("kms:"));
    for (name, kind) in &kms {
        let key = keys::find(name).or_else(|| keys::all().find(|key| key.name == name));
        let key = key.unwrap_or_else(|| panic!("{name} is not in the table"));
        let many = kind == "ArrayOfString";
        assert_eq!(key.count == Count::Many, many, "{name}");
        let holds = match kind.as_str() {
            "Bool" => KeyType::Bool,
            "Numeric" => KeyType::Number,
            "Date" => KeyType::Date,
            _ => KeyType::Text,
        };
        assert_eq!(key.holds, holds, "{name}");
    }
    for key in keys::KMS_KEYS {
        let listed = |(name, _): &&(String, String)| {
            name == key.name || key.is_family() && name.starts_with(key.name)
        };
        assert!(
            kms.iter().copied().any(|it| listed(&it)),
            "{} is on no page",
            key.name
        );
    }
    let listed: BTreeSet<String> = lines("global-condition-keys.txt")
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    let own = keys::GLOBAL_KEYS.iter().chain(keys::SESSION_KEYS);
    let own: BTreeSet<String> = own.map(|key| key.name.to_owned()).collect();
    assert_eq!(own, listed);
    assert!(
        global.iter().all(|(name, _)| listed.contains(name)),
        "{global:?}"
    );
}
