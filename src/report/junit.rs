//! The report as JUnit XML, which Jenkins, GitLab and Azure DevOps draw as tests: a suite for each input, a case for each requirement and
//! expectation, and one for each finding that belongs to neither.
//!
//! A case fails where its finding is at or over the gate, is an error where that finding only says that nobody can tell, and is skipped where
//! the finding is under the gate or put aside: what is not surely in order never passes. Written by hand: two kinds of nesting, and what a crate for XML
//! leaves to its caller, characters that XML forbids, is half of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io;

use super::{Finding, Report, anchor, text, words};
use crate::model::{Expectation, Requirement, Subject};
use crate::policy::Verdict;

/// How a case came out.
enum Outcome {
    Passed,
    /// The element's name, its message, the rule, and more about it.
    Told(&'static str, String, String, String),
}

struct Case {
    name: String,
    class: String,
    outcome: Outcome,
}

struct Suite {
    name: String,
    cases: Vec<Case>,
}

/// Writes the report. There is no time in it: the same input gives the same bytes.
pub(super) fn write(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let suites = suites(report);
    let all = |kind| suites.iter().map(|it| count(it, kind)).sum::<usize>();
    let mut page = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let tests: usize = suites.iter().map(|it| it.cases.len()).sum();
    let _ = writeln!(
        page,
        "<testsuites name=\"keytrail\" tests=\"{tests}\" failures=\"{}\" errors=\"{}\">",
        all("failure"),
        all("error"),
    );
    for (id, suite) in suites.iter().enumerate() {
        let _ = writeln!(
            page,
            "  <testsuite id=\"{id}\" name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">",
            escape(&suite.name),
            suite.cases.len(),
            count(suite, "failure"),
            count(suite, "error"),
            count(suite, "skipped"),
        );
        for case in &suite.cases {
            add_case(&mut page, case);
        }
        page.push_str("  </testsuite>\n");
    }
    page.push_str("</testsuites>\n");
    out.write_all(text::guard(&page).as_bytes())
}

fn count(suite: &Suite, kind: &str) -> usize {
    let is = |case: &&Case| matches!(&case.outcome, Outcome::Told(it, ..) if *it == kind);
    suite.cases.iter().filter(is).count()
}

fn add_case(page: &mut String, case: &Case) {
    let _ = write!(
        page,
        "    <testcase name=\"{}\" classname=\"{}\"",
        escape(&case.name),
        escape(&case.class),
    );
    match &case.outcome {
        Outcome::Passed => page.push_str("/>\n"),
        Outcome::Told(kind, message, rule, more) => {
            let _ = write!(page, ">\n      <{kind} message=\"{}\"", escape(message));
            if !rule.is_empty() {
                let _ = write!(page, " type=\"{}\"", escape(rule));
            }
            page.push('>');
            let lines: Vec<String> = text::lines(more).map(|line| escape(&line)).collect();
            page.push_str(&lines.join("\n"));
            let _ = writeln!(page, "</{kind}>\n    </testcase>");
        }
    }
}

fn suites(report: &Report) -> Vec<Suite> {
    let model = report.model;
    let mut suites: Vec<Suite> = model
        .inputs
        .iter()
        .map(|input| Suite {
            name: input.path.clone(),
            cases: Vec::new(),
        })
        .collect();
    // Each finding is told of at least once.
    let mut told = vec![false; report.every().count()];
    let mut add = |input: usize, case: Case| {
        if let Some(suite) = suites.get_mut(input) {
            suite.cases.push(case);
        }
    };
    let raised = raised(report);
    for subject in &model.subjects {
        for requirement in &subject.requirements {
            let at = of_requirement(requirement, subject, &raised, report);
            add(
                subject.input,
                requirement_case(requirement, subject, at, report),
            );
            at.and_then(|at| told.get_mut(at))
                .into_iter()
                .for_each(|it| *it = true);
        }
    }
    for expectation in &model.expectations {
        let at = of_expectation(expectation, report);
        let input = report
            .key(expectation.requirement.key)
            .map_or(0, |key| key.input);
        add(input, expectation_case(expectation, at, report));
        at.and_then(|at| told.get_mut(at))
            .into_iter()
            .for_each(|it| *it = true);
    }
    for (finding, told) in report.every().zip(told) {
        if !told {
            add(input_of(finding, report), finding_case(finding, report));
        }
    }
    let unread = report.unread.iter().map(|unread| Suite {
        name: unread.path.clone(),
        cases: vec![Case {
            name: format!("{}: read", unread.path),
            class: unread.path.clone(),
            outcome: Outcome::Told(
                "error",
                unread.problem.clone(),
                "input".to_owned(),
                String::new(),
            ),
        }],
    });
    suites.extend(unread);
    if !report.undone.is_empty() {
        suites.push(undone(report.undone));
    }
    suites.iter_mut().for_each(tell_apart);
    suites
}

/// Why the work could not be done in whole.
fn undone(reasons: &[String]) -> Suite {
    let case = |reason: &String| Case {
        name: "keytrail: the work is done in whole".to_owned(),
        class: "keytrail".to_owned(),
        outcome: Outcome::Told(
            "error",
            reason.clone(),
            "keytrail".to_owned(),
            String::new(),
        ),
    };
    Suite {
        name: "keytrail".to_owned(),
        cases: reasons.iter().map(case).collect(),
    }
}

/// Dashboards take cases of one name and class for runs of one test: each further one gets a number.
fn tell_apart(suite: &mut Suite) {
    let mut seen: BTreeMap<(String, String), usize> = BTreeMap::new();
    for case in &mut suite.cases {
        let count = seen
            .entry((case.class.clone(), case.name.clone()))
            .or_default();
        *count += 1;
        if *count > 1 {
            let _ = write!(case.name, " ({count})");
        }
    }
}

/// The findings that requirements raised, by the ids of their subjects and the addresses of all instances.
fn raised<'r>(report: &Report<'r>) -> BTreeMap<&'r str, Vec<usize>> {
    let mut raised: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, finding) in report.findings.iter().enumerate() {
        if finding.requirement.is_some() {
            let instances = finding.instances.iter();
            for name in finding.subject.iter().chain(instances) {
                raised.entry(name).or_default().push(at);
            }
        }
    }
    raised
}

/// The finding that a requirement raised. Instances share one; of several readers' the one that names the reader.
fn of_requirement(
    requirement: &Requirement,
    subject: &Subject,
    raised: &BTreeMap<&str, Vec<usize>>,
    report: &Report,
) -> Option<usize> {
    let key = report.key(requirement.key).map(|key| key.id.as_str());
    let fits = |finding: &Finding| {
        let own = finding.subject.as_deref() == Some(subject.id.as_str());
        let shared = || {
            input_of(finding, report) == subject.input
                && finding.instances.contains(&subject.address)
        };
        let same_key = || finding.key.is_none() || finding.key.as_deref() == key;
        finding.requirement == Some(requirement.id)
            && (own && same_key() || finding.subject.is_some() && shared())
    };
    let of = [subject.id.as_str(), subject.address.as_str()];
    let places = of.iter().filter_map(|name| raised.get(name)).flatten();
    let places: BTreeSet<usize> = places.copied().collect();
    let found = places
        .into_iter()
        .filter_map(|at| Some((at, report.findings.get(at)?)));
    let found: Vec<(usize, &Finding)> = found.filter(|(_, it)| fits(it)).collect();
    let named = |(_, it): &&(usize, &Finding)| {
        let reader = requirement.reader.as_ref();
        reader.is_some_and(|reader| it.message.contains(reader.as_str()))
    };
    let says = |(_, it): &&(usize, &Finding)| it.verdict == Some(requirement.verdict);
    let best = found.iter().find(|it| named(it) && says(it));
    let best = best.or_else(|| found.iter().find(says)).or(found.first());
    best.map(|(at, _)| *at)
}

/// The finding that an expectation raised: it labels the expectation.
fn of_expectation(expectation: &Expectation, report: &Report) -> Option<usize> {
    let key = report
        .key(expectation.requirement.key)
        .map(|key| key.id.as_str());
    let at = expectation.at.span();
    report.every().position(|finding| {
        finding.key.as_deref() == key
            && finding.requirement == Some(expectation.requirement.id)
            && finding.labels.iter().any(|label| label.span == at)
    })
}

fn requirement_case(
    requirement: &Requirement,
    subject: &Subject,
    finding: Option<usize>,
    report: &Report,
) -> Case {
    let keys = subject.link.keys.len();
    let name = words::name(requirement, keys, report);
    // What a landing zone brings has its address, and no other.
    let who = if subject.synthetic || subject.component.is_some() {
        words::title(subject, report)
    } else {
        subject.address.clone()
    };
    let key = report.key(requirement.key);
    let open = matches!(requirement.verdict, Verdict::Denied | Verdict::Undecided);
    let outcome = match finding.and_then(|at| report.nth(at)) {
        Some(finding) => told(finding, report),
        // No rule that ran takes offence, and still it is not in order.
        None if open => unreported(requirement, report),
        None => Outcome::Passed,
    };
    Case {
        name: format!("{who}: {name}"),
        class: key.map_or_else(|| subject.address.clone(), |key| key.address.clone()),
        outcome,
    }
}

fn expectation_case(expectation: &Expectation, finding: Option<usize>, report: &Report) -> Case {
    let key = report.key(expectation.requirement.key);
    let class = key.map_or_else(String::new, |key| key.address.clone());
    let wanted = if expectation.allow {
        "allows"
    } else {
        "denies"
    };
    let verdict = expectation.requirement.verdict;
    let action = &expectation.requirement.request.action;
    let wished = if expectation.allow {
        Verdict::Allowed
    } else {
        Verdict::Denied
    };
    let met = verdict == wished;
    let outcome = match finding.and_then(|at| report.nth(at)) {
        Some(finding) => told(finding, report),
        None if met => Outcome::Passed,
        None => unreported(&expectation.requirement, report),
    };
    Case {
        name: format!("{class} {wanted} {action}: {}", expectation.what),
        class,
        outcome,
    }
}

fn finding_case(finding: &Finding, report: &Report) -> Case {
    let key = finding.key.as_deref();
    let key = key.and_then(|id| report.model.key_of_id(id));
    Case {
        name: format!("{}: {}", finding.address, finding.rule),
        class: key.map_or_else(|| finding.address.clone(), |key| key.address.clone()),
        outcome: told(finding, report),
    }
}

fn unreported(requirement: &Requirement, report: &Report) -> Outcome {
    let why = words::why(requirement, report).unwrap_or_default();
    Outcome::Told(
        "skipped",
        format!("{}, and not reported: {why}", requirement.verdict.word()),
        String::new(),
        String::new(),
    )
}

fn told(finding: &Finding, report: &Report) -> Outcome {
    let unknown = finding.verdict == Some(Verdict::Undecided);
    let aside = finding.suppressed.as_ref();
    let kind = match finding.severity >= report.fail_on {
        _ if aside.is_some() => "skipped",
        true if unknown => "error",
        true => "failure",
        false => "skipped",
    };
    let rule = if kind == "skipped" {
        String::new()
    } else {
        finding.rule.to_string()
    };
    let message = match kind {
        _ if aside.is_some() => {
            let reason = aside.and_then(|it| it.reason.as_deref());
            let reason = reason.unwrap_or("the baseline has it");
            format!("suppressed ({reason}): {}", finding.message)
        }
        "skipped" => format!("{}: {}", finding.severity.word(), finding.message),
        _ => finding.message.clone(),
    };
    Outcome::Told(kind, message, rule, more(finding, report))
}

/// Place, rule, instances, help and what to add, each on its lines.
fn more(finding: &Finding, report: &Report) -> String {
    let at = anchor::of(finding, report);
    let mut more = format!(
        "{}[{}] {}:{}\n",
        finding.severity.word(),
        finding.rule,
        text::line(at.home.path()),
        at.region.start.line
    );
    if !finding.instances.is_empty() {
        let _ = writeln!(more, "also: {}", text::line(&finding.instances.join(", ")));
    }
    if let Some(help) = &finding.help {
        let _ = writeln!(more, "help: {}", text::line(help));
    }
    if let Some(suggestion) = &finding.suggestion {
        let _ = writeln!(
            more,
            "{}:\n{}",
            text::line(&suggestion.title),
            suggestion.text
        );
    }
    more
}

/// The index of the input that a finding is about, or else of the first.
fn input_of(finding: &Finding, report: &Report) -> usize {
    let id = finding.subject.as_ref().or(finding.key.as_ref());
    let id = id.and_then(|id| id.split(':').next());
    let mut inputs = report.model.inputs.iter();
    inputs
        .position(|it| Some(it.id.as_str()) == id)
        .unwrap_or(0)
}

/// Text as XML 1.0 takes it, in an attribute and between tags: harmless, and on one line. What is no character of XML is written out.
fn escape(word: &str) -> String {
    let mut out = String::with_capacity(word.len());
    for letter in text::line(word).chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_markup() {
        assert_eq!(
            escape("]]><a b='\"'>&\0\u{b}\u{fffe}\r\n"),
            "]]&gt;&lt;a b=&apos;&quot;&apos;&gt;&amp;\\u0000\\u000b\\ufffe\\u000d\\u000a"
        );
    }
}
