//! The report as GitHub Flavored Markdown, for the summary of a workflow's step and for a comment: the outcome, the verdicts, a graph, the
//! findings. GitHub refuses a summary of more than 1 MiB (GitHub documentation, "Workflow commands", "Adding a job summary"), so that
//! whole sections are left out of a larger one, and the last line says which.

mod escape;
mod graph;

use std::fmt::Write as _;
use std::io;

use super::closing;
use super::{Finding, Report, Severity, Style, Summary, text, words};
use crate::model::{Requirement, Subject};
use crate::policy::Verdict;
use escape::{cell, code, code_cell, fenced, prose};

/// So many bytes at most: 1 MiB with room for what other steps say.
const LIMIT: usize = 1_000_000;

/// So many of them for the tables of verdicts.
const TABLES: usize = 400_000;

/// So many subjects that are not in order have a table; of those that are in order only the number is said beyond the second.
const SUBJECTS: usize = 50;
const IN_ORDER: usize = 10;

/// So many requirements of one subject.
const ROWS: usize = 40;

/// So many remarks, and letters of each.
const REMARKS: usize = 30;
const LETTERS: usize = 1_000;

/// So many other places of a finding.
const PLACES: usize = 10;

/// Writes the report.
pub(super) fn write(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let mut page = head(report);
    let end = aside(report) + &remarks(report);
    let (tables, missing) = tables(report);
    page.push_str(&tables);
    let mut left_out = Vec::new();
    if missing > 0 {
        left_out.push(text::count(missing, "subject"));
    }
    let mut findings = 0;
    for (at, finding) in report.findings.iter().enumerate() {
        let mut section = String::new();
        if at == 0 {
            section.push_str("### Findings\n\n");
        }
        add_finding(&mut section, finding, report);
        if page.len() + section.len() + end.len() + 1_000 > LIMIT {
            findings += 1;
        } else {
            page.push_str(&section);
        }
    }
    if findings > 0 {
        left_out.push(text::count(findings, "finding"));
    }
    page.push_str(&end);
    if !left_out.is_empty() {
        let _ = writeln!(
            page,
            "\nLeft out, as this page must not grow without bound: {}. The JSON report has them all.",
            left_out.join(", ")
        );
    }
    out.write_all(text::guard(&page).as_bytes())
}

/// The outcome, and the counts.
fn head(report: &Report) -> String {
    let summary = Summary::of(report);
    let found: Vec<String> = [
        (summary.errors, "error"),
        (summary.warnings, "warning"),
        (summary.notes, "note"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, what)| text::count(number, what))
    .collect();
    let found = if found.is_empty() {
        "no findings".to_owned()
    } else {
        found.join(", ")
    };
    let title = match report.exit_code {
        0 => format!("✅ keytrail: {found}"),
        1 => format!("❌ keytrail: {found}"),
        _ => format!("⚠️ keytrail: the work could not be done in whole; {found}"),
    };
    let wide = Style {
        width: usize::MAX,
        ..Style::default()
    };
    format!(
        "## {title}\n\n{}\n\n",
        prose(&closing::tally(&summary, wide))
    )
}

/// The verdicts of each subject and the graph of them, and how many subjects have no table. Those whose answer the plan alters come first.
fn tables(report: &Report) -> (String, usize) {
    let (altered, same): (Vec<&Subject>, Vec<&Subject>) = report
        .model
        .subjects
        .iter()
        .partition(|it| words::is_altered(it));
    let all: Vec<&Subject> = altered.into_iter().chain(same).collect();
    let (fine, open): (Vec<&Subject>, Vec<&Subject>) =
        all.iter().copied().partition(|it| words::is_in_order(it));
    let mut out = String::new();
    let mut missing = 0;
    let told = open.iter().take(SUBJECTS).chain(fine.iter().take(IN_ORDER));
    for subject in told {
        let mut section = String::new();
        add_table(&mut section, subject, report);
        if out.len() + section.len() > TABLES {
            missing += 1;
        } else {
            out.push_str(&section);
        }
    }
    missing += open.len().saturating_sub(SUBJECTS);
    let more = fine.len().saturating_sub(IN_ORDER);
    if more > 0 {
        let _ = writeln!(out, "{more} more, all of them allowed.\n");
    }
    let drawn: Vec<&Subject> = open.into_iter().chain(fine).collect();
    if let Some((graph, more)) = graph::draw(&drawn, report) {
        out.push_str(&fenced("mermaid", &graph));
        if more > 0 {
            let _ = writeln!(out, "\nand {more} more");
        }
        out.push('\n');
    }
    (out, missing)
}

/// A heading and a row for each requirement.
fn add_table(out: &mut String, subject: &Subject, report: &Report) {
    let title = named(words::title(subject, report), &subject.address);
    let mut target = words::target(&subject.link, report);
    for key in subject.link.keys.iter().filter_map(|&key| report.key(key)) {
        target = named(target, &key.address);
    }
    let _ = writeln!(out, "### {}\n", prose(&format!("{title} → {target}")));
    for what in [&subject.link.reason, &subject.link.remedy]
        .into_iter()
        .flatten()
    {
        let _ = writeln!(out, "{}\n", prose(&clip(what)));
    }
    if subject.requirements.is_empty() {
        return;
    }
    let compared = subject.requirements.iter().any(|it| it.before.is_some());
    out.push_str(if compared {
        "| requirement | verdict | before | why |\n|---|---|---|---|\n"
    } else {
        "| requirement | verdict | why |\n|---|---|---|\n"
    });
    for requirement in subject.requirements.iter().take(ROWS) {
        add_row(out, requirement, subject, compared, report);
    }
    let more = subject.requirements.len().saturating_sub(ROWS);
    if more > 0 {
        let _ = writeln!(
            out,
            "| and {more} more | |{} |",
            if compared { " |" } else { "" }
        );
    }
    out.push('\n');
}

fn add_row(
    out: &mut String,
    requirement: &Requirement,
    subject: &Subject,
    compared: bool,
    report: &Report,
) {
    let name = words::name(requirement, subject.link.keys.len(), report);
    let why = words::why(requirement, report).unwrap_or_default();
    let _ = write!(
        out,
        "| {} | {} |",
        cell(&clip(&name)),
        verdict(requirement.verdict)
    );
    if compared {
        let _ = write!(out, " {} |", requirement.before.map_or("", Verdict::word));
    }
    let _ = writeln!(out, " {} |", cell(&clip(&why)));
}

/// The text with a name of it in backticks, so that its spaces do not take it apart.
fn named(text: String, name: &str) -> String {
    if name.is_empty() || name.contains('`') {
        return text;
    }
    text.replacen(name, &format!("`{name}`"), 1)
}

/// The word, with a sign before what wants attention.
fn verdict(verdict: Verdict) -> String {
    let sign = match verdict {
        Verdict::Allowed => "✅",
        Verdict::Denied => "❌",
        Verdict::Conditional | Verdict::Delegated => "➖",
        Verdict::Undecided => "❓",
    };
    format!("{sign} {}", verdict.word())
}

fn add_finding(out: &mut String, finding: &Finding, report: &Report) {
    let sign = match finding.severity {
        Severity::Error => "❌",
        Severity::Warning => "⚠️",
        Severity::Note => "ℹ️",
    };
    let _ = write!(
        out,
        "#### {sign} {} {}",
        finding.severity.word(),
        code(&finding.rule)
    );
    if let Some(first) = finding.labels.first() {
        let _ = write!(out, " at {}", code(&place(first, report)));
    }
    let _ = writeln!(out, "\n\n{}\n", prose(&finding.message));
    if !finding.instances.is_empty() {
        let shown = finding.instances.iter().take(PLACES);
        let mut names: Vec<String> = shown.map(|it| code(it)).collect();
        let more = finding.instances.len() - names.len();
        if more > 0 {
            names.push(format!("and {more} more"));
        }
        let _ = writeln!(out, "Also: {}\n", names.join(", "));
    }
    if let Some(help) = &finding.help {
        let _ = writeln!(out, "**Help:** {}\n", prose(help));
    }
    if let Some(suggestion) = &finding.suggestion {
        let language = match suggestion.text.trim_start().as_bytes() {
            [b'{' | b'[', ..] => "json",
            _ => "hcl",
        };
        let _ = writeln!(
            out,
            "<details><summary>What to add</summary>\n\n{}:\n\n{}\n</details>\n",
            prose(suggestion.title.trim_end_matches(':')),
            fenced(language, &suggestion.text)
        );
    }
    add_places(out, finding, report);
}

/// What stands at each place, and the request that should not be allowed.
fn add_places(out: &mut String, finding: &Finding, report: &Report) {
    let labels = finding.labels.iter().filter(|it| !it.text.is_empty());
    let mut rows: Vec<String> = labels
        .clone()
        .take(PLACES)
        .map(|label| {
            format!(
                "| {} | {} |\n",
                code_cell(&place(label, report)),
                cell(&label.text)
            )
        })
        .collect();
    let more = labels.count().saturating_sub(PLACES);
    if more > 0 {
        rows.push(format!("| and {more} more | |\n"));
    }
    let witness = finding.witness.as_ref().filter(|it| !it.hidden);
    if rows.is_empty() && witness.is_none() {
        return;
    }
    out.push_str("<details><summary>Where and why</summary>\n\n");
    if !rows.is_empty() {
        let _ = writeln!(
            out,
            "| place | what is there |\n|---|---|\n{}",
            rows.concat()
        );
    }
    if let Some(witness) = witness {
        let _ = writeln!(out, "Allowed: {}\n", prose(&super::words::told(witness)));
    }
    out.push_str("</details>\n\n");
}

/// `main.tf:12:9`, `plan.json › aws_kms_key.trail › policy:26:28`.
fn place(label: &super::Label, report: &Report) -> String {
    let at = report.sources.location(label.span);
    let (line, column) = (at.start.line, at.start.column);
    match &at.part {
        Some(part) => format!("{} › {part}:{line}:{column}", at.file),
        None => format!("{}:{line}:{column}", at.file),
    }
}

/// The findings that somebody put aside, with the reason.
fn aside(report: &Report) -> String {
    let all = report.suppressed.iter().filter_map(|finding| {
        let why = finding.suppressed.as_ref()?;
        Some((finding, why))
    });
    let mut out = String::new();
    for (finding, why) in all.clone().take(REMARKS) {
        let reason = why.reason.as_deref().unwrap_or("the baseline has it");
        let until = why.until.as_ref();
        let until = until.map_or_else(String::new, |day| format!(" until {}", code(day)));
        let _ = writeln!(
            out,
            "- {} {} of {}{until}: {}",
            finding.severity.word(),
            code(&finding.rule),
            code(&finding.address),
            prose(&clip(reason))
        );
    }
    let more = all.count().saturating_sub(REMARKS);
    if more > 0 {
        let _ = writeln!(out, "- and {more} more");
    }
    if out.is_empty() {
        return out;
    }
    format!("<details><summary>Put aside</summary>\n\n{out}\n</details>\n\n")
}

/// What the report for people ends with.
fn remarks(report: &Report) -> String {
    let all = closing::remarks(report);
    if all.is_empty() {
        return String::new();
    }
    let mut out = String::from("<details><summary>What the answers rest on</summary>\n\n");
    for (word, what) in all.iter().take(REMARKS) {
        let _ = writeln!(out, "- {word}: {}", prose(&clip(what)));
    }
    let more = all.len().saturating_sub(REMARKS);
    if more > 0 {
        let _ = writeln!(out, "- and {more} more");
    }
    out.push_str("\n</details>\n");
    out
}

/// The first letters of a long text.
fn clip(text: &str) -> String {
    match text.char_indices().nth(LETTERS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
