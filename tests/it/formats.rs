//! Every form of the report, over a model made by hand. `KEYTRAIL_BLESS=1 cargo test` rewrites what is expected.

use crate::support::adverse::{CANARY, findings_of_a_hostile_plan, sensitive};
use crate::support::world::{Made, made};
use keytrail::report::{self, Files, Format, Report, Severity, Style};

/// A report in one form.
pub(crate) fn render(made: &Made, format: Format, style: Style) -> String {
    let mut page = Vec::new();
    let mut findings = made.findings.iter();
    let open = findings.position(|it| it.suppressed.is_some());
    let (findings, suppressed) = made.findings.split_at(open.unwrap_or(made.findings.len()));
    let report = Report {
        model: &made.model,
        findings,
        suppressed,
        sources: &made.sources,
        files: &Files::default(),
        rules: &keytrail::rules::described(),
        unread: &made.unread,
        undone: &[],
        fail_on: Severity::Error,
        exit_code: 1,
    };
    report::write(&report, format, style, &mut page).unwrap();
    String::from_utf8(page).unwrap()
}

fn style(color: bool, unicode: bool) -> Style {
    Style {
        color,
        unicode,
        ..Style::default()
    }
}

#[test]
fn human_on_a_terminal_without_colour() {
    let page = render(&made(), Format::Human, Style::default());
    crate::support::expect("formats/human.txt", &page);
    assert!(!page.contains('\u{1b}'));
    for line in page.lines() {
        assert!(line.chars().count() <= 80, "too wide: {line}");
        assert_eq!(line, line.trim_end());
    }
}

#[test]
fn human_in_ascii() {
    let page = render(&made(), Format::Human, style(false, false));
    crate::support::expect("formats/human-ascii.txt", &page);
    assert!(page.is_ascii(), "{page}");
}

#[test]
fn colour_adds_nothing_but_colour() {
    let colored = render(&made(), Format::Human, style(true, true));
    let mut plain = String::new();
    let mut rest = colored.as_str();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        plain.push_str(before);
        rest = after.split_once('m').unwrap().1;
    }
    plain.push_str(rest);
    assert_eq!(plain, render(&made(), Format::Human, Style::default()));
}

#[test]
fn json_for_programs() {
    let page = render(&made(), Format::Json, Style::default());
    crate::support::expect("formats/report.json", &page);
    let tree: serde_json::Value = serde_json::from_str(&page).unwrap();
    assert_eq!(tree["schema_version"], "1.0");
    assert_eq!(tree["findings"][0]["locations"][0]["primary"], true);
}

#[test]
fn markdown_for_summaries() {
    let page = render(&made(), Format::Markdown, Style::default());
    crate::support::expect("formats/report.md", &page);
    assert_eq!(page, render(&made(), Format::Markdown, style(true, false)));
}

#[test]
fn junit_for_dashboards() {
    let page = render(&made(), Format::Junit, Style::default());
    crate::support::expect("formats/junit.xml", &page);
}

#[test]
fn gitlab_for_merge_requests() {
    let page = render(&made(), Format::Gitlab, Style::default());
    crate::support::expect("formats/gitlab.json", &page);
}

#[test]
fn sarif_for_code_scanning() {
    let page = render(&made(), Format::Sarif, Style::default());
    let mut log: serde_json::Value = serde_json::from_str(&page).unwrap();
    crate::sarif::run_of(&page);
    // The pages of the rules are tested elsewhere.
    for rule in log["runs"][0]["tool"]["driver"]["rules"]
        .as_array_mut()
        .unwrap()
    {
        rule["help"] = serde_json::json!("(the page)");
    }
    let page = serde_json::to_string_pretty(&log).unwrap() + "\n";
    crate::support::expect("formats/report.sarif", &page);
}

#[test]
fn commands_for_a_workflow() {
    let page = render(&made(), Format::Github, Style::default());
    crate::support::expect("formats/github.txt", &page);
}

/// GitHub drops the eleventh annotation of a kind without a word.
#[test]
fn ten_annotations_of_a_kind_and_the_others_in_the_log() {
    let mut made = made();
    let first = made.findings[0].clone();
    made.findings = (0..14)
        .map(|nth| keytrail::report::Finding {
            message: format!("number {nth}"),
            severity: if nth < 12 {
                Severity::Error
            } else {
                Severity::Note
            },
            ..first.clone()
        })
        .collect();
    let page = render(&made, Format::Github, Style::default());
    let count = |start: &str| page.lines().filter(|it| it.starts_with(start)).count();
    assert_eq!(
        (count("::error "), count("::notice "), count("::")),
        (10, 2, 12)
    );
    // What could not be read comes first, so that nine findings are left.
    let last = page.lines().nth(9).unwrap();
    assert!(
        last.contains("number 8") && last.ends_with("%0A%0A3 more errors in the log"),
        "{last}"
    );
    assert_eq!(
        count("error[trail-key-denies-encrypt] plan.json › "),
        3,
        "{page}"
    );
    let quiet = Style {
        quiet: true,
        ..Style::default()
    };
    made.findings.clear();
    made.unread.clear();
    assert_eq!(render(&made, Format::Github, quiet), "");
}

/// The id of a built-in rule leads to its page, and that of the user's own to none.
#[test]
fn ids_of_rules_are_links_where_the_terminal_has_them() {
    let links = Style {
        links: true,
        ..Style::default()
    };
    let mut made = made();
    let plain = render(&made, Format::Human, Style::default());
    let page = render(&made, Format::Human, links);
    let (before, after) = ("\u{1b}]8;;", "\u{1b}\\");
    let id = &made.findings[0].rule;
    let url = format!(
        "{}/blob/v{}/src/rules/{}.md",
        env!("CARGO_PKG_REPOSITORY"),
        env!("CARGO_PKG_VERSION"),
        id.replace('-', "_")
    );
    let link = format!("[{before}{url}{after}{id}{before}{after}]");
    assert!(page.contains(&link), "{page}");
    // Nothing but the links is other than without them.
    let mut bare = String::new();
    for (at, piece) in page.split(before).enumerate() {
        let shown = if at == 0 {
            piece
        } else {
            piece.split_once(after).unwrap().1
        };
        bare.push_str(shown);
    }
    assert_eq!(bare, plain);
    made.findings[0].rule = "our-own".into();
    made.findings.truncate(1);
    assert!(!render(&made, Format::Human, links).contains(before));
    for format in Format::ALL.iter().filter(|it| **it != Format::Human) {
        assert!(
            !render(&made, *format, links).contains('\u{1b}'),
            "{format:?}"
        );
    }
    for rule in keytrail::rules::described() {
        let url = rule.url.unwrap();
        let (_, path) = url
            .split_once(concat!("/blob/v", env!("CARGO_PKG_VERSION"), "/"))
            .unwrap();
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        assert!(file.is_file(), "{url}");
    }
}

#[test]
fn quiet_prints_findings_alone() {
    let quiet = Style {
        quiet: true,
        ..Style::default()
    };
    let mut made = made();
    assert!(!render(&made, Format::Human, quiet).contains("trails"));
    made.findings.clear();
    assert_eq!(render(&made, Format::Human, quiet), "");
}

#[test]
fn nothing_sensitive_is_in_any_form() {
    let made = sensitive();
    for format in Format::ALL {
        let page = render(&made, *format, Style::default());
        assert!(!page.contains(CANARY), "{page}");
        let name = page.contains("aws_kms_key.trail") || page.contains("aws#95;kms#95;key.trail");
        assert!(name || *format == Format::Counts, "{page}");
    }
    let page = render(&made, Format::Human, Style::default());
    crate::support::expect("formats/sensitive.txt", &page);
}

#[test]
fn text_of_a_plan_cannot_drive_the_terminal_or_the_runner() {
    let made = findings_of_a_hostile_plan();
    for style in [style(false, true), style(false, false)] {
        let page = render(&made, Format::Human, style);
        for letter in page.chars().filter(|letter| *letter != '\n') {
            assert!(!report::text::is_unsafe(letter), "{letter:?} in {page}");
        }
        assert!(!page.lines().any(|line| line.trim_start().starts_with("::")));
        assert!(page.lines().all(|line| line.len() < 1000));
    }
    for format in [Format::Json, Format::Sarif, Format::Github] {
        let page = render(&made, format, Style::default());
        for letter in page.chars().filter(|letter| *letter != '\n') {
            assert!(!report::text::is_unsafe(letter), "{letter:?} in {page}");
        }
        let mut commands = page
            .lines()
            .map(str::trim_start)
            .filter(|it| it.starts_with("::"));
        assert!(format == Format::Github || commands.next().is_none());
        let mut marks = page.match_indices("##[");
        // The runner reads a line that starts with a command as that command and nothing else.
        assert!(format == Format::Github || marks.next().is_none());
    }
    crate::sarif::run_of(&render(&made, Format::Sarif, Style::default()));
    let page = render(&made, Format::Github, Style::default());
    let commands: Vec<&str> = page.lines().filter(|it| it.starts_with("::")).collect();
    assert_eq!(commands.len(), made.findings.len() + made.unread.len());
    for command in commands {
        let (head, _) = command
            .strip_prefix("::")
            .unwrap()
            .split_once("::")
            .unwrap();
        let (word, properties) = head.split_once(' ').unwrap();
        assert!(["error", "warning", "notice"].contains(&word), "{head}");
        for property in properties.split(',') {
            let (name, value) = property.split_once('=').unwrap();
            let known = ["file", "line", "endLine", "col", "endColumn", "title"];
            assert!(known.contains(&name) && !value.contains(':'), "{head}");
        }
    }
    let page = render(&made, Format::Json, Style::default());
    let tree: serde_json::Value = serde_json::from_str(&page).unwrap();
    assert!(
        tree["findings"][0]["message"]
            .as_str()
            .unwrap()
            .contains('\u{1b}')
    );
}
