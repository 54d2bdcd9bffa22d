//! What every form for people says of a subject, in the same words. Texts as they are: whoever prints them makes them harmless.

use super::{Report, reason};
use crate::model::{Fate, Link, LinkStatus, Requirement, Subject, SubjectKind};
use crate::policy::Verdict;
use crate::policy::exposure::Witness;

/// True where a requirement has another answer than before the plan.
pub(super) fn is_altered(subject: &Subject) -> bool {
    let mut requirements = subject.requirements.iter();
    requirements.any(|it| it.before.is_some_and(|before| before != it.verdict))
}

/// True where nothing is left to say of a subject: its key is known and allows everything.
pub(super) fn is_in_order(subject: &Subject) -> bool {
    subject.link.status == LinkStatus::Resolved
        && subject
            .requirements
            .iter()
            .all(|requirement| requirement.verdict == Verdict::Allowed)
}

/// What a subject is and whose: `trail aws_cloudtrail.main of plan.json`. The input is named where another one has a subject of that address.
pub(super) fn title(subject: &Subject, report: &Report) -> String {
    let own = if subject.synthetic && subject.kind == SubjectKind::Trail {
        // Control Tower makes it, and no resource is it.
        let arn = subject.arn.show(&report.model.symbols);
        format!("{} of ", arn.rsplit('/').next().unwrap_or_default())
    } else {
        String::new()
    };
    let component = subject
        .component
        .filter(|_| subject.kind == SubjectKind::LandingZone)
        .map_or_else(String::new, |it| format!(" ({})", it.word()));
    format!(
        "{} {own}{}{component}{}",
        subject.kind.noun(),
        subject.address,
        home(subject, report),
    )
}

fn home(subject: &Subject, report: &Report) -> String {
    let mut subjects = report.model.subjects.iter();
    let is_other = |it: &Subject| it.input != subject.input && it.address == subject.address;
    let input = report.model.inputs.get(subject.input);
    match input.filter(|_| subjects.any(is_other)) {
        Some(input) => format!(" of {}", input.path),
        None => String::new(),
    }
}

/// What the link leads to: `aws_kms_key.trail (through aws_kms_alias.trail)`.
pub(super) fn target(link: &Link, report: &Report) -> String {
    let names: Vec<String> = link
        .keys
        .iter()
        .filter_map(|&key| report.key(key))
        .map(|key| key.address.clone())
        .collect();
    let via = through(link, &names);
    match link.status {
        LinkStatus::Resolved => format!("{}{via}", names.join(", ")),
        LinkStatus::Candidates => format!("one of {}{via}", names.join(", ")),
        LinkStatus::External => {
            let name = link.arn.clone().or_else(|| names.first().cloned());
            let mut keys = link.keys.iter().filter_map(|&key| report.key(key));
            let fate = keys.find_map(|key| report.model.gone(key));
            let place = match fate.map(|gone| gone.fate) {
                None => "outside the inputs",
                Some(Fate::Forgotten) => "the plan lets go of it",
                Some(Fate::Deleted | Fate::Replaced) => "the plan deletes it",
            };
            format!("{} ({place}){via}", name.unwrap_or_default())
        }
        LinkStatus::Unresolved => format!("a key that is not found{via}"),
        LinkStatus::None => "no key".to_owned(),
    }
}

/// What lies between the subject and its key: ` (through aws_kms_alias.trail)`. An attribute of the key itself is no way.
fn through(link: &Link, keys: &[String]) -> String {
    let via: Vec<&str> = link
        .via
        .iter()
        .map(String::as_str)
        .filter(|step| !keys.iter().any(|key| step.starts_with(key.as_str())))
        .collect();
    if via.is_empty() {
        String::new()
    } else {
        format!(" (through {})", via.join(", "))
    }
}

/// `encrypt`, `read by arn:aws:iam::…`; with the key where the subject may have several.
pub(super) fn name(requirement: &Requirement, keys: usize, report: &Report) -> String {
    let word = word(requirement);
    let reader = match reader(requirement) {
        Some(reader) => format!(" by {reader}"),
        None => String::new(),
    };
    let key = report
        .key(requirement.key)
        .filter(|_| keys > 1)
        .map_or_else(String::new, |key| format!(" with {}", key.address));
    format!("{word}{reader}{key}")
}

/// Who reads, and how: `arn:aws:iam::… via athena through arn:aws:iam::…`. None for a service, and for anybody at all.
pub(super) fn reader(requirement: &Requirement) -> Option<String> {
    let reader = requirement.reader.as_ref()?;
    let via = requirement.via.map(|via| format!(" via {via}"));
    let role = requirement.through.as_ref();
    let role = role.map(|role| format!(" through {role}"));
    let (via, role) = (via.unwrap_or_default(), role.unwrap_or_default());
    Some(format!("{reader}{via}{role}"))
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
pub(super) fn why(requirement: &Requirement, report: &Report) -> Option<String> {
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

/// A request in a sentence: who, what, and what it carries.
pub(super) fn told(witness: &Witness) -> String {
    let mut out = format!("`{}`", witness.principal);
    if witness.allowed_at_home {
        out.push_str(", with every permission at home,");
    }
    out.extend([" calls `", &witness.action, "`"]);
    for (at, carried) in witness.context.iter().enumerate() {
        out.push_str(if at == 0 { " with " } else { ", " });
        let value = match (carried.values.as_slice(), carried.list) {
            ([one], false) => one.clone(),
            (many, _) => format!("[{}]", many.join(", ")),
        };
        out.extend(["`", &carried.key, "=", &value, "`"]);
    }
    for (at, (name, value)) in witness.assumed.iter().enumerate() {
        out.push_str(if at == 0 { "; if " } else { ", " });
        out.extend([name, " is `", value, "`"]);
    }
    out
}
