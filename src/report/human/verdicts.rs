//! What was judged: for each trail or store its key, and its requirements by verdict.

use super::Style;
use super::paint::Paint;
use crate::model::{Fate, Link, LinkStatus, Requirement, Subject, SubjectKind};
use crate::policy::Verdict;
use crate::report::{Report, reason, text};

/// So many subjects that are in order are listed; of the rest only the number is said.
const IN_ORDER: usize = 10;

/// So many others are listed.
const OTHERS: usize = 50;

/// Verdicts in the order of their rows.
const ROWS: [Verdict; 5] = [
    Verdict::Denied,
    Verdict::Undecided,
    Verdict::Conditional,
    Verdict::Delegated,
    Verdict::Allowed,
];

/// The column that the text of a row starts in.
const INDENT: &str = "               ";

/// Appends the subjects: those first whose answer the plan alters, and those that are not in order first served.
pub(super) fn add(page: &mut String, report: &Report, style: Style) {
    let (mut in_order, mut others) = (0, 0);
    let (altered, same): (Vec<&Subject>, Vec<&Subject>) =
        report.model.subjects.iter().partition(|it| is_altered(it));
    for subject in altered.into_iter().chain(same) {
        let (seen, most) = if is_in_order(subject) {
            (&mut in_order, IN_ORDER)
        } else {
            (&mut others, OTHERS)
        };
        *seen += 1;
        if *seen <= most {
            add_subject(page, subject, report, style);
        }
    }
    let silent = [
        (
            others.saturating_sub(OTHERS),
            "more, not all of them allowed (the JSON report has them)",
        ),
        (
            in_order.saturating_sub(IN_ORDER),
            "more, all of them allowed",
        ),
    ];
    let mut said = false;
    for (number, what) in silent {
        if number > 0 {
            page.extend([&number.to_string(), " ", what, "\n"]);
            said = true;
        }
    }
    if said {
        page.push('\n');
    }
}

/// True where a requirement has another answer than before the plan.
fn is_altered(subject: &Subject) -> bool {
    let mut requirements = subject.requirements.iter();
    requirements.any(|it| it.before.is_some_and(|before| before != it.verdict))
}

fn is_in_order(subject: &Subject) -> bool {
    subject.link.status == LinkStatus::Resolved
        && subject
            .requirements
            .iter()
            .all(|requirement| requirement.verdict == Verdict::Allowed)
}

fn add_subject(page: &mut String, subject: &Subject, report: &Report, style: Style) {
    let paint = Paint::new(style);
    let address = text::line(&subject.address);
    let own = if subject.synthetic && subject.kind == SubjectKind::Trail {
        // Control Tower makes it, and no resource is it.
        let arn = subject.arn.show(&report.model.symbols);
        let name = arn.rsplit('/').next().unwrap_or_default();
        format!("{} of ", text::line(name))
    } else {
        String::new()
    };
    let component = subject
        .component
        .filter(|_| subject.kind == SubjectKind::LandingZone)
        .map_or_else(String::new, |it| format!(" ({})", it.word()));
    let head = format!(
        "{} {own}{address}{component}{} → {}",
        subject.kind.noun(),
        home(subject, report),
        target(&subject.link, report)
    );
    let head = text::wrap(&head, style.width, "", "    ");
    page.push_str(&head.replacen(&address, &paint.strong(&address), 1));
    page.push('\n');
    add_link(page, &subject.link, style);
    for verdict in ROWS {
        for (why, names) in rows(subject, verdict, report) {
            let what = match why {
                Some(why) => format!("{}: {why}", names.join(", ")),
                None => names.join(", "),
            };
            add_row(page, verdict, &what, style);
        }
    }
    page.push('\n');
}

/// Which input a subject belongs to, where another one has a subject of the same address.
fn home(subject: &Subject, report: &Report) -> String {
    let mut subjects = report.model.subjects.iter();
    let is_other = |it: &Subject| it.input != subject.input && it.address == subject.address;
    let input = report.model.inputs.get(subject.input);
    match input.filter(|_| subjects.any(is_other)) {
        Some(input) => format!(" of {}", text::line(&input.path)),
        None => String::new(),
    }
}

/// The requirements of a verdict, those of one reason together.
fn rows(
    subject: &Subject,
    verdict: Verdict,
    report: &Report,
) -> Vec<(Option<String>, Vec<String>)> {
    let mut rows: Vec<(Option<String>, Vec<String>)> = Vec::new();
    let keys = subject.link.keys.len();
    for requirement in &subject.requirements {
        if requirement.verdict != verdict {
            continue;
        }
        let why = why(requirement, report);
        let name = name(requirement, keys, report);
        match rows.iter_mut().find(|row| row.0 == why) {
            Some(row) => row.1.push(name),
            None => rows.push((why, vec![name])),
        }
    }
    rows
}

fn add_row(page: &mut String, verdict: Verdict, what: &str, style: Style) {
    let word = verdict.word();
    let first = format!("  {word:<13}");
    let row = text::wrap(&text::line(what), style.width, &first, INDENT);
    page.push_str(&row.replacen(word, &Paint::new(style).verdict(verdict, word), 1));
    page.push('\n');
}

/// What the link leads to: `aws_kms_key.trail (through aws_kms_alias.trail)`.
fn target(link: &Link, report: &Report) -> String {
    let names: Vec<String> = link
        .keys
        .iter()
        .filter_map(|&key| report.key(key))
        .map(|key| text::line(&key.address))
        .collect();
    let via = through(link, &names);
    match link.status {
        LinkStatus::Resolved => format!("{}{via}", names.join(", ")),
        LinkStatus::Candidates => format!("one of {}{via}", names.join(", ")),
        LinkStatus::External => {
            let arn = link.arn.as_deref().map(text::line);
            let name = arn.or_else(|| names.first().cloned()).unwrap_or_default();
            let mut keys = link.keys.iter().filter_map(|&key| report.key(key));
            let fate = keys.find_map(|key| report.model.gone(key));
            let place = match fate.map(|gone| gone.fate) {
                None => "outside the inputs",
                Some(Fate::Forgotten) => "the plan lets go of it",
                Some(Fate::Deleted | Fate::Replaced) => "the plan deletes it",
            };
            format!("{name} ({place}){via}")
        }
        LinkStatus::Unresolved => format!("a key that is not found{via}"),
        LinkStatus::None => "no key".to_owned(),
    }
}

/// What lies between the subject and its key: ` (through aws_kms_alias.trail)`. An attribute of the key itself is no way.
fn through(link: &Link, keys: &[String]) -> String {
    let via: Vec<String> = link
        .via
        .iter()
        .map(|step| text::line(step))
        .filter(|step| !keys.iter().any(|key| step.starts_with(key.as_str())))
        .collect();
    if via.is_empty() {
        String::new()
    } else {
        format!(" (through {})", via.join(", "))
    }
}

/// Why a link is not resolved, and what would resolve it.
fn add_link(page: &mut String, link: &Link, style: Style) {
    if link.status == LinkStatus::Resolved {
        return;
    }
    let words = [("because", &link.reason), ("to mend", &link.remedy)];
    for (word, what) in words {
        if let Some(what) = what {
            let row = format!("  {word:<13}");
            page.push_str(&text::wrap(&text::line(what), style.width, &row, INDENT));
            page.push('\n');
        }
    }
}

/// `encrypt`, `read by arn:aws:iam::…`; with the key where the subject may have several, and the answer before the plan where it was another.
fn name(requirement: &Requirement, keys: usize, report: &Report) -> String {
    let word = word(requirement);
    let reader = requirement
        .reader
        .as_ref()
        .map_or_else(String::new, |reader| {
            let via = requirement.via.map(|via| format!(" via {via}"));
            let role = requirement.through.as_ref();
            let role = role.map(|role| format!(" through {role}"));
            let (via, role) = (via.unwrap_or_default(), role.unwrap_or_default());
            format!(" by {reader}{via}{role}")
        });
    let key = report
        .key(requirement.key)
        .filter(|_| keys > 1)
        .map_or_else(String::new, |key| format!(" with {}", key.address));
    let before = requirement.before.filter(|it| *it != requirement.verdict);
    let was = before.map_or_else(String::new, |it| format!(" (was {})", it.word()));
    format!("{word}{reader}{key}{was}")
}

/// What is done: `encrypt`, `read`.
pub(super) fn word(requirement: &Requirement) -> &'static str {
    match requirement.id {
        "reader-decrypt" => "read",
        "cloudtrail-decrypt" => "decrypt (S3 Bucket Key)",
        id => id.rsplit('-').next().unwrap_or(id),
    }
}

/// The reason for an answer that is not "allowed".
fn why(requirement: &Requirement, report: &Report) -> Option<String> {
    let symbols = &report.model.symbols;
    let decision = &requirement.decision;
    let unknown = "it depends on what is not known";
    let besides = requirement.besides.as_ref();
    let why = match requirement.verdict {
        Verdict::Allowed | Verdict::Denied | Verdict::Delegated if besides.is_some() => {
            return besides.map(|it| it.because.clone());
        }
        Verdict::Allowed => return None,
        Verdict::Denied if requirement.explicit => "a Deny statement matches".to_owned(),
        Verdict::Denied => "no statement allows it".to_owned(),
        Verdict::Delegated => "the account's IAM policies decide".to_owned(),
        Verdict::Conditional | Verdict::Undecided if report.is_sensitive(requirement) => {
            "the policy is sensitive: its values are not shown".to_owned()
        }
        Verdict::Conditional => reason::cases(&decision.cases, Verdict::Allowed, symbols)
            .map_or_else(|| unknown.to_owned(), |cases| format!("allowed if {cases}")),
        Verdict::Undecided => {
            reason::blockers(&decision.blocked_by, symbols).unwrap_or_else(|| unknown.to_owned())
        }
    };
    Some(why)
}
