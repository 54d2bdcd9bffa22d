//! What stands in an input is text in every form of the report: no markup, no command, nothing that a page or a terminal acts upon.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};
use serde_json::Value;

use crate::formats::render;
use crate::support::adverse::findings_of_a_hostile_plan;
use crate::support::world::{Made, made};
use keytrail::report::{
    Finding, Format, Severity, Style, Suggestion, Suppression, SuppressionKind, text,
};

/// A hostile plan whose finding somebody put aside, in hostile words.
fn put_aside() -> Made {
    let mut made = findings_of_a_hostile_plan();
    let mut second = made.findings[0].clone();
    second.suppressed = Some(Suppression {
        kind: SuppressionKind::Comment,
        reason: second.help.clone(),
        until: Some("2027-01-31".to_owned()),
        at: None,
    });
    made.findings.push(second);
    made
}

fn page(made: &Made, format: Format) -> String {
    render(made, format, Style::default())
}

#[test]
fn no_form_drives_a_terminal_or_a_runner() {
    let made = findings_of_a_hostile_plan();
    for format in Format::ALL {
        let page = page(&made, *format);
        let word = format.word();
        for letter in page.chars().filter(|letter| *letter != '\n') {
            assert!(!text::is_unsafe(letter), "{letter:?} in {word}");
        }
        // Those of the form for GitHub have tests of their own.
        let command = |line: &str| line.trim_start().starts_with("::");
        let own = *format == Format::Github;
        assert!(own || !page.lines().any(command), "{word}: {page}");
        for command in ["##[", "##vso[", "##teamcity["] {
            assert!(!page.contains(command), "{word}: {page}");
        }
    }
}

/// Words that a reader of Markdown would make a link or a mention of.
fn is_active(word: &str) -> bool {
    ["@", "#", "://", "www.", "GH-", "<", "[", "$", ":tada"]
        .iter()
        .any(|it| word.contains(it))
}

/// What Markdown makes of a page: the headings, and what must not be there.
fn read(page: &str) -> (usize, Vec<String>) {
    let (mut headings, mut wrong) = (0, Vec::new());
    let (mut in_code, mut open) = (false, 0_i32);
    for event in Parser::new_ext(page, Options::all()) {
        match event {
            Event::Start(Tag::Heading { .. }) => headings += 1,
            Event::Start(Tag::CodeBlock(kind)) => {
                in_code = true;
                let known = matches!(&kind, CodeBlockKind::Fenced(it) if ["mermaid", "json", "hcl"].contains(&it.as_ref()));
                if !known {
                    wrong.push(format!("{kind:?}"));
                }
            }
            Event::End(pulldown_cmark::TagEnd::CodeBlock) => in_code = false,
            Event::Start(
                tag @ (Tag::Link { .. }
                | Tag::Image { .. }
                | Tag::Emphasis
                | Tag::Strikethrough
                | Tag::BlockQuote(_)
                | Tag::FootnoteDefinition(_)
                | Tag::DefinitionList
                | Tag::Superscript
                | Tag::Subscript
                | Tag::MetadataBlock(_)),
            ) => wrong.push(format!("{tag:?}")),
            Event::Html(html) | Event::InlineHtml(html) => {
                let own = [
                    "<details><summary>What to add</summary>\n",
                    "<details><summary>Where and why</summary>\n",
                    "<details><summary>What the answers rest on</summary>\n",
                    "<details><summary>Put aside</summary>\n",
                ];
                if own.contains(&html.as_ref()) {
                    open += 1;
                } else if html.as_ref().trim() == "</details>" {
                    open -= 1;
                } else {
                    wrong.push(html.to_string());
                }
            }
            Event::FootnoteReference(it) | Event::InlineMath(it) | Event::DisplayMath(it) => {
                wrong.push(it.to_string());
            }
            Event::TaskListMarker(_) | Event::Rule | Event::HardBreak => {
                wrong.push(format!("{event:?}"));
            }
            Event::Text(text) if !in_code && is_active(&text) => wrong.push(text.to_string()),
            _ => {}
        }
    }
    if open != 0 {
        wrong.push(format!("{open} sections are open"));
    }
    (headings, wrong)
}

#[test]
fn nothing_of_an_input_is_markdown() {
    let plain = read(&page(&made(), Format::Markdown));
    assert_eq!(plain, (7, Vec::new()));
    let hostile = page(&findings_of_a_hostile_plan(), Format::Markdown);
    crate::support::run::file("hostile.md", &hostile);
    // One finding instead of two, and nothing else.
    assert_eq!(read(&hostile), (6, Vec::new()), "{hostile}");
    for row in hostile.lines().filter(|line| line.starts_with("| ")) {
        let mut cells = 0;
        let mut escaped = false;
        for letter in row.chars() {
            cells += usize::from(letter == '|' && !escaped);
            escaped = letter == '\\' && !escaped;
        }
        assert!(cells == 3 || cells == 4, "{cells}: {row}");
    }
}

/// A label of the graph is letters and codes of characters: whatever it holds, the line is a node.
#[test]
fn nothing_of_an_input_is_a_graph() {
    let hostile = page(&findings_of_a_hostile_plan(), Format::Markdown);
    let (_, rest) = hostile.split_once("```mermaid\nflowchart LR\n").unwrap();
    let (graph, _) = rest.split_once("\n```\n").unwrap();
    let mut nodes = 0;
    for line in graph.lines().map(str::trim) {
        let Some((id, label)) = line.split_once("[\"") else {
            let words: Vec<&str> = line.split(' ').collect();
            let edge = matches!(words.as_slice(), [_, "-->" | "-.->", _]);
            assert!(edge || line.starts_with("classDef "), "{line}");
            continue;
        };
        nodes += 1;
        assert!(
            id.bytes()
                .all(|it| it.is_ascii_alphanumeric() || it == b'_'),
            "{line}"
        );
        let (label, class) = label.rsplit_once("\"]").unwrap();
        assert!(class.is_empty() || class.starts_with(":::"), "{line}");
        let own = label.replace("<br/>", "");
        let mut rest = own.as_str();
        while let Some((_, after)) = rest.split_once('#') {
            let (code, after) = after.split_once(';').unwrap();
            assert!(code.bytes().all(|it| it.is_ascii_digit()), "{line}");
            rest = after;
        }
        let signs = |letter: char| !letter.is_alphanumeric() && !" ,.-/…#;".contains(letter);
        assert!(!own.contains(signs), "{line}");
    }
    assert!(nodes >= 6, "{graph}");
}

#[test]
fn nothing_of_an_input_is_xml() {
    let hostile = page(&findings_of_a_hostile_plan(), Format::Junit);
    crate::support::run::file("hostile.xml", &hostile);
    let legal = |it: char| matches!(it, '\n' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(hostile.chars().all(legal));
    let mut open: Vec<String> = Vec::new();
    let (_, body) = hostile.split_once("?>\n").unwrap();
    for piece in body.split('<').skip(1) {
        let (tag, text) = piece.split_once('>').unwrap();
        for part in [tag, text] {
            for entity in part.split('&').skip(1) {
                let name = entity.split(';').next().unwrap();
                assert!(
                    ["amp", "lt", "gt", "quot", "apos"].contains(&name),
                    "{part}"
                );
            }
        }
        assert!(!text.contains('>'), "{text}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(name));
            continue;
        }
        let name = tag.split(' ').next().unwrap().to_owned();
        let known = [
            "testsuites",
            "testsuite",
            "testcase",
            "failure",
            "error",
            "skipped",
        ];
        assert!(known.contains(&name.as_str()), "{name}");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

/// Dashboards know a test by its class and name.
#[test]
fn every_test_has_a_name_of_its_own() {
    for example in [
        "control-tower",
        "expectations",
        "shared-key",
        "several-accounts",
    ] {
        let plan = format!("examples/{example}/plan.json");
        let ended = crate::support::run::keytrail(&["check", &plan, "--format", "junit"]);
        let tests = ended.stdout.lines().filter_map(|line| {
            let test = line.trim().strip_prefix("<testcase ")?;
            Some(test.trim_end_matches(['/', '>']).to_owned())
        });
        let mut tests: Vec<String> = tests.collect();
        let all = tests.len();
        tests.sort();
        tests.dedup();
        assert_eq!(tests.len(), all, "{example}: {tests:#?}");
    }
}

/// What is put aside counts nowhere, and is not forgotten where there is room for a reason.
#[test]
fn what_is_put_aside_is_told_as_such() {
    let (all, aside) = (findings_of_a_hostile_plan(), put_aside());
    assert_eq!(page(&all, Format::Gitlab), page(&aside, Format::Gitlab));
    let count = |made: &Made, words: &str| page(made, Format::Junit).matches(words).count();
    assert_eq!(count(&aside, "<failure "), count(&all, "<failure "));
    assert_eq!(
        count(&aside, "<skipped message=\"suppressed (do not print "),
        1
    );
    let (headings, wrong) = read(&page(&aside, Format::Markdown));
    assert_eq!((headings, wrong), (6, Vec::new()));
    assert!(page(&aside, Format::Markdown).contains("<summary>Put aside</summary>"));
}

#[test]
fn every_violation_of_gitlab_has_a_place_and_a_name_of_its_own() {
    for made in [made(), findings_of_a_hostile_plan()] {
        let list: Value = serde_json::from_str(&page(&made, Format::Gitlab)).unwrap();
        let list = list.as_array().unwrap();
        assert_eq!(list.len(), made.findings.len() + made.unread.len());
        let mut names = Vec::new();
        for it in list {
            let path = it["location"]["path"].as_str().unwrap();
            assert!(!path.is_empty() && !path.starts_with("./"), "{it}");
            assert!(it["location"]["lines"]["begin"].as_u64().unwrap() >= 1);
            assert!(!it["description"].as_str().unwrap().contains('\n'));
            let severities = ["info", "minor", "major", "critical", "blocker"];
            assert!(severities.contains(&it["severity"].as_str().unwrap()));
            names.push(it["fingerprint"].as_str().unwrap().to_owned());
        }
        names.sort();
        names.dedup();
        assert_eq!(names.len(), list.len());
    }
}

/// GitHub refuses a larger summary: whole findings are left out, the worst ones stay, and the page says how many are missing.
#[test]
fn a_markdown_page_stays_below_what_github_takes() {
    let mut made = made();
    let first = made.findings[0].clone();
    made.findings = (0..4_000)
        .map(|at| Finding {
            message: format!("finding {at} {}", "x`y` ".repeat(100)),
            suggestion: Some(Suggestion {
                title: "add it".to_owned(),
                text: "{\n".repeat(100),
            }),
            severity: if at == 0 {
                Severity::Error
            } else {
                Severity::Note
            },
            ..first.clone()
        })
        .collect();
    for at in 0..300 {
        let mut subject = made.model.subjects[0].clone();
        subject.address = format!("aws_cloudtrail.more[{at}]");
        subject.id = format!("in0:{}", subject.address);
        made.model.subjects.push(subject);
    }
    let page = page(&made, Format::Markdown);
    assert!(
        page.len() < 1_048_576 && page.len() > 500_000,
        "{}",
        page.len()
    );
    let shown = page.matches("\n#### ").count();
    let left = format!("{} findings", 4_000 - shown);
    let (_, note) = page.rsplit_once("\nLeft out, ").unwrap();
    assert!(note.contains(&left) && note.contains("subjects"), "{note}");
    assert!(page.contains("finding 0 "));
    assert_eq!(read(&page).1, Vec::<String>::new());
    let (_, graph) = page.split_once("```mermaid\n").unwrap();
    let (graph, rest) = graph.split_once("\n```\n").unwrap();
    assert!(graph.len() < 50_000, "{}", graph.len());
    assert!(
        rest.trim_start().starts_with("and "),
        "the graph leaves some out"
    );
}
