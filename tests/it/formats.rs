//! Every form of the report, over a model made by hand. `KEYTRAIL_BLESS=1 cargo test` rewrites what is expected.

use crate::support::adverse::{CANARY, findings_of_a_hostile_plan, sensitive};
use crate::support::world::{Made, made};
use keytrail::report::{self, Format, Report, Style};

fn render(made: &Made, format: Format, style: Style) -> String {
    let mut page = Vec::new();
    let report = Report {
        model: &made.model,
        findings: &made.findings,
        sources: &made.sources,
        unread: &made.unread,
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
    assert_eq!(tree["schema_version"], "1.0-draft");
    assert_eq!(tree["findings"][0]["locations"][0]["primary"], true);
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
    for format in [Format::Human, Format::Json] {
        let page = render(&made, format, Style::default());
        assert!(!page.contains(CANARY), "{page}");
        assert!(page.contains("aws_kms_key.trail"));
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
    let page = render(&made, Format::Json, Style::default());
    assert!(
        !page
            .chars()
            .any(|letter| letter != '\n' && report::text::is_unsafe(letter))
    );
    let tree: serde_json::Value = serde_json::from_str(&page).unwrap();
    assert!(
        tree["findings"][0]["message"]
            .as_str()
            .unwrap()
            .contains('\u{1b}')
    );
}
