//! The README's generated parts. `KEYTRAIL_BLESS=1 cargo test` rewrites them.

use std::fmt::Write as _;
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

/// The section of the configuration file names every key that is read, and no other.
#[test]
fn the_readme_has_every_key_of_the_configuration_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(path).unwrap().replace("\r\n", "\n");
    let (_, section) = readme.split_once("## keytrail.toml\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let (settings, others) = section.split_once("<!-- settings:end -->").unwrap();
    let mut named: Vec<&str> = Vec::new();
    for row in others.lines().filter(|line| line.starts_with("| ")) {
        let column = row.split(" | ").nth(1).unwrap_or_default();
        let words = column.split('`').skip(1).step_by(2);
        named.extend(words);
    }
    named.sort_unstable();
    let (mut known, mut wanted) = (keytrail::config::keys(), Vec::new());
    known.retain(|key| match key.strip_prefix("check.") {
        Some(setting) => {
            assert!(settings.contains(&format!("| `{setting}` |")), "{setting}");
            false
        }
        None => key != "rules.RULE",
    });
    for key in &known {
        wanted.push(key.rsplit('.').next().unwrap());
    }
    wanted.sort_unstable();
    // `context` is a reader's and a request's.
    named.dedup();
    wanted.dedup();
    assert_eq!(named, wanted);
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

    let mut table =
        "| key of `[check]` | variable | default | what it says |\n|---|---|---|---|\n".to_owned();
    for it in keytrail::config::SETTINGS {
        let default = it.default.map_or(String::new(), |it| format!("`{it}`"));
        let variable = keytrail::config::variable(it.key);
        let row = format!(
            "| `{}` | `{variable}` | {default} | {} |\n",
            it.key, it.about
        );
        table.push_str(&row);
    }
    expect("settings", &table);

    let mut command = keytrail::cli::command();
    command.build();
    let mut table = "| flag of `check` | variable | what it says |\n|---|---|---|\n".to_owned();
    let check = command.find_subcommand("check").unwrap();
    for flag in check.get_arguments().filter(|it| !it.is_positional()) {
        let long = flag.get_long().unwrap();
        let Some(help) = flag.get_help().filter(|_| long != "help") else {
            continue;
        };
        let variable = match keytrail::cli::variable(long) {
            Ok(name) => format!("`{name}`"),
            Err(reason) => reason.to_owned(),
        };
        let help = help.to_string().replace('|', "\\|");
        writeln!(table, "| `--{long}` | {variable} | {help} |").unwrap();
    }
    expect("flags", &table);

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
