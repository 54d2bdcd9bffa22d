//! A Mermaid graph of who may do what: trail → key → the services, readers and outsiders that ask. GitHub draws it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::model::{Requirement, Subject};
use crate::policy::{Caller, Verdict};
use crate::report::{Report, Severity, text, words};

/// So many subjects are drawn.
const SUBJECTS: usize = 12;

/// So many who ask of one subject, and so many outsiders of one key.
const ASKING: usize = 8;

/// So many letters of a name.
const LETTERS: usize = 80;

/// GitHub draws nothing of more than 50,000 characters.
const LONGEST: usize = 40_000;

/// How a node looks for each verdict, in light and in dark: ground, frame and text of their own.
const CLASSES: [(&str, &str); 5] = [
    ("allowed", "fill:#dafbe1,stroke:#1a7f37,color:#116329"),
    ("denied", "fill:#ffebe9,stroke:#cf222e,color:#82071e"),
    ("undecided", "fill:#fff8c5,stroke:#9a6700,color:#633c01"),
    ("delegated", "fill:#ddf4ff,stroke:#0969da,color:#0a3069"),
    (
        "outsider",
        "fill:#ffebe9,stroke:#82071e,color:#82071e,stroke-width:3px",
    ),
];

/// The graph's source, and how many subjects are not in it. None where no subject leads to a key.
pub(super) fn draw(subjects: &[&Subject], report: &Report) -> Option<(String, usize)> {
    let mut graph = Graph::default();
    let mut drawn = 0;
    for subject in subjects {
        if subject.link.keys.is_empty() {
            continue;
        }
        if drawn == SUBJECTS {
            break;
        }
        let before = graph.clone();
        graph.add(subject, drawn, report);
        if graph.text.len() > LONGEST {
            graph = before;
            break;
        }
        drawn += 1;
    }
    let all = subjects
        .iter()
        .filter(|it| !it.link.keys.is_empty())
        .count();
    if drawn == 0 {
        return None;
    }
    let mut out = String::from("flowchart LR\n");
    out.push_str(&graph.text);
    for (name, style) in CLASSES {
        out.extend(["  classDef ", name, " ", style, "\n"]);
    }
    Some((out, all - drawn))
}

#[derive(Clone, Default)]
struct Graph {
    text: String,
    /// The node of each key that is drawn.
    keys: BTreeMap<usize, usize>,
}

impl Graph {
    fn add(&mut self, subject: &Subject, number: usize, report: &Report) {
        let trail = format!("t{number}");
        self.node(&trail, &[&words::title(subject, report)], "");
        for &index in &subject.link.keys {
            let Some(key) = report.key(index) else {
                continue;
            };
            let next = self.keys.len();
            let new = !self.keys.contains_key(&index);
            let id = *self.keys.entry(index).or_insert(next);
            if new {
                self.node(&format!("k{id}"), &["key", &key.address], "");
                self.outsiders(id, &key.id, report);
            }
            self.text.extend(["  ", &trail, " --> "]);
            let _ = writeln!(self.text, "k{id}");
            self.asking(subject, index, id, number, report);
        }
    }

    /// Those who ask a key on behalf of a subject, each with what they ask for by verdict.
    fn asking(&mut self, subject: &Subject, key: usize, id: usize, number: usize, report: &Report) {
        let mut rows: Vec<(String, Verdict, Vec<String>)> = Vec::new();
        for requirement in subject.requirements.iter().filter(|it| it.key == key) {
            let who = who(requirement);
            let verdict = requirement.verdict;
            let before = requirement.before.filter(|it| *it != verdict);
            let was = before.map_or_else(String::new, |it| format!(" (was {})", it.word()));
            let what = format!("{}{was}", words::word(requirement));
            match rows.iter_mut().find(|row| row.0 == who && row.1 == verdict) {
                Some(row) if row.2.contains(&what) => {}
                Some(row) => row.2.push(what),
                None => rows.push((who, verdict, vec![what])),
            }
        }
        let more = rows.len().saturating_sub(ASKING);
        let shared = report
            .model
            .subjects
            .iter()
            .any(|it| it.id != subject.id && it.link.keys.contains(&key));
        for (at, (who, verdict, what)) in rows.into_iter().take(ASKING).enumerate() {
            let node = format!("r{number}_{id}_{at}");
            let what = format!("{}: {}", what.join(", "), verdict.word());
            let of = format!("for {}", subject.address);
            let mut lines = vec![who.as_str(), what.as_str()];
            if shared {
                lines.push(&of);
            }
            self.node(&node, &lines, class(verdict));
            let _ = writeln!(self.text, "  k{id} --> {node}");
        }
        if more > 0 {
            let node = format!("r{number}_{id}_more");
            self.node(&node, &[&format!("and {more} more")], "");
            let _ = writeln!(self.text, "  k{id} --> {node}");
        }
    }

    /// Those whom a finding names as able to do what they should not.
    fn outsiders(&mut self, id: usize, key: &str, report: &Report) {
        let mut told: Vec<(String, String, &str)> = Vec::new();
        for finding in report.findings {
            let witness = finding.witness.as_ref().filter(|it| !it.hidden);
            let (Some(witness), Some(of)) = (witness, &finding.key) else {
                continue;
            };
            let class = match finding.severity {
                Severity::Note => "undecided",
                Severity::Warning | Severity::Error => "outsider",
            };
            let row = (witness.principal.clone(), witness.action.clone(), class);
            if of == key && !told.contains(&row) {
                told.push(row);
            }
        }
        for (at, (who, what, class)) in told.into_iter().take(ASKING).enumerate() {
            let node = format!("o{id}_{at}");
            self.node(&node, &[&format!("outsider {who}"), &what], class);
            let _ = writeln!(self.text, "  k{id} -.-> {node}");
        }
    }

    fn node(&mut self, id: &str, lines: &[&str], class: &str) {
        let lines: Vec<String> = lines.iter().map(|line| label(line)).collect();
        let class = if class.is_empty() {
            String::new()
        } else {
            format!(":::{class}")
        };
        let node = format!("  {id}[\"{}\"]{class}\n", lines.join("<br/>"));
        self.text.push_str(&node);
    }
}

fn who(requirement: &Requirement) -> String {
    match (&requirement.request.principal, words::reader(requirement)) {
        (_, Some(reader)) => reader,
        (Caller::Service(name), None) => name.clone(),
        (Caller::Aws(_) | Caller::Stranger, None) => "some reader".to_owned(),
    }
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Allowed => "allowed",
        Verdict::Denied => "denied",
        Verdict::Delegated => "delegated",
        Verdict::Conditional | Verdict::Undecided => "undecided",
    }
}

/// A text within a quoted label: letters, digits and a few signs as they are, everything else as the code of its character, which Mermaid turns
/// back after it has parsed the graph. So neither a quote, a directive (`%%{`), HTML, a formula nor Markdown can stand there.
fn label(text: &str) -> String {
    let line = text::line(text);
    let mut out = String::new();
    for (at, letter) in line.chars().enumerate() {
        if at == LETTERS {
            out.push('…');
            break;
        }
        let plain = letter.is_alphanumeric() || matches!(letter, ' ' | ',' | '.' | '-' | '/' | '…');
        if plain {
            out.push(letter);
        } else {
            let _ = write!(out, "#{};", u32::from(letter));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_holds_no_markup() {
        assert_eq!(
            label("a[\"b\"] #1 <i>é\n"),
            "a#91;#34;b#34;#93; #35;1 #60;i#62;é#92;u000a"
        );
        assert_eq!(label(&"x".repeat(100)), format!("{}…", "x".repeat(80)));
    }
}
