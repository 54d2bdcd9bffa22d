//! The README's generated parts. `KEYTRAIL_BLESS=1 cargo test` rewrites them.

use std::path::Path;

/// Compares what stands between `<!-- NAME:begin -->` and `<!-- NAME:end -->`, or rewrites it.
fn expect(name: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&path)
        .unwrap()
        .replace("\r\n", "\n");
    let (begin, end) = (
        format!("<!-- {name}:begin -->\n"),
        format!("<!-- {name}:end -->"),
    );
    let (before, rest) = readme
        .split_once(&begin)
        .unwrap_or_else(|| panic!("no {begin}"));
    let (found, after) = rest.split_once(&end).unwrap_or_else(|| panic!("no {end}"));
    if found == wanted {
        return;
    }
    assert!(
        std::env::var_os("KEYTRAIL_BLESS").is_some(),
        "the README's `{name}` is out of date (KEYTRAIL_BLESS=1 rewrites it)"
    );
    std::fs::write(&path, format!("{before}{begin}{wanted}{end}{after}")).unwrap();
}

/// One test, as both parts live in one file.
#[test]
fn the_readme_shows_what_the_program_does() {
    let mut table = "| rule | severity | what it finds |\n|---|---|---|\n".to_owned();
    for rule in keytrail::rules::ALL {
        let row = format!(
            "| `{}` | {} | {} |\n",
            rule.id,
            rule.severity.word(),
            rule.summary
        );
        table.push_str(&row);
    }
    expect("rules", &table);

    let example = "examples/missing-describe/plan.json";
    if Path::new(env!("CARGO_MANIFEST_DIR")).join(example).exists() {
        let ended = crate::support::run::keytrail(&["check", example]);
        assert_eq!(ended.code, 1, "{ended:?}");
        expect(
            "output",
            &format!("```text\n$ keytrail check {example}\n{}```\n", ended.stdout),
        );
    }
}
