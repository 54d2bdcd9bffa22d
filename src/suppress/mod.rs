//! Exceptions: findings that somebody put aside, with a comment in the sources, with `[[ignore]]` in `keytrail.toml`, or with a baseline.
//!
//! [`apply`] comes after [`rules::check`]: it marks findings as suppressed and says what is wrong with the
//! exceptions. A finding that several instances share is taken apart where only some of them are excepted. Nothing puts aside what keeps
//! the inputs from being read, and a comment in a module that is not the user's own puts nothing aside.

mod baseline;
mod comment;
mod scan;
mod split;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

pub use baseline::{Baseline, LARGEST, Written};

use crate::address::Address;
use crate::config::{Day, Ignore, can_be_ignored};
use crate::input::InputKind;
use crate::model::{Exception, ExceptionFault, Key, Model};
use crate::report::{Finding, Suppression, SuppressionKind};
use crate::rules::{self, Selection, root_of};
use crate::source::{Origin, SourceMap, Span};
use comment::Marker;
use split::Instance;

/// What may put findings aside.
#[derive(Clone, Copy, Debug)]
pub struct Exceptions<'e> {
    /// `[[ignore]]`
    pub ignores: &'e [Ignore],
    /// The ids of all rules, the user's own too.
    pub known: &'e [&'e str],
    /// The baseline.
    pub baseline: Option<&'e Baseline>,
    /// The day on which this runs.
    pub today: Day,
    /// Which rules ran: an exception of another is not unused.
    pub selection: &'e Selection,
    /// True where findings were left out because they are not new.
    pub changed_only: bool,
}

/// A comment with its place.
struct Placed {
    marker: Marker,
    at: Span,
    about: Vec<Span>,
    /// The folder of the file, and the call of a module that the comment speaks of.
    call: Option<(String, String)>,
    used: BTreeSet<String>,
}

/// So many exceptions are told of that are at fault.
const MOST: usize = 500;

/// Rules that only a plan can break.
const OF_PLANS: [&str; 5] = [
    "change-revokes-delivery",
    "change-widens-access",
    "trail-key-deleted",
    "trail-history-unreadable",
    "sources-differ",
];

/// Marks the findings that are put aside, and adds those about the exceptions themselves. Gives how many entries of the baseline found
/// nothing.
pub fn apply(
    findings: &mut Vec<Finding>,
    model: &mut Model,
    sources: &SourceMap,
    exceptions: &Exceptions<'_>,
) -> usize {
    let mut faults = Vec::new();
    let mut placed = comments(model, sources, exceptions, &mut faults);
    let headers = headers(model);
    let keys: BTreeMap<&str, &Key> = model.keys.iter().map(|it| (it.id.as_str(), it)).collect();
    split::apply(findings, |instance| {
        let it = placed
            .iter_mut()
            .find(|it| it.is_about(instance, &headers, model))?;
        it.used.insert(instance.finding.rule.to_string());
        Some(Suppression {
            kind: SuppressionKind::Comment,
            reason: Some(it.marker.reason.clone()),
            until: it.marker.until.map(|it| it.to_string()),
            at: Some(it.at),
        })
    });
    let mut used = vec![false; exceptions.ignores.len()];
    split::apply(findings, |instance| {
        let mut all = exceptions.ignores.iter().enumerate();
        let (at, ignore) = all.find(|(_, it)| {
            it.until
                .as_ref()
                .is_none_or(|day| day.value >= exceptions.today)
                && ignores(it, instance, &keys)
        })?;
        if let Some(used) = used.get_mut(at) {
            *used = true;
        }
        Some(Suppression {
            kind: SuppressionKind::Config,
            reason: Some(ignore.reason.clone()),
            until: ignore.until.as_ref().map(|it| it.value.to_string()),
            at: ignore.rules.first().map(|it| it.span),
        })
    });
    let told = |rule: &str| exceptions.tells_unused(rule, model);
    unused_comments(&placed, &told, &mut faults);
    for (ignore, used) in exceptions.ignores.iter().zip(used) {
        let Some(first) = ignore.rules.first() else {
            continue;
        };
        if let Some(until) = ignore
            .until
            .as_ref()
            .filter(|it| it.value < exceptions.today)
        {
            faults.push(expired(until.value, until.span));
        } else if !used && ignore.rules.iter().any(|it| told(&it.value)) {
            let names: Vec<&str> = ignore.rules.iter().map(|it| it.value.as_str()).collect();
            faults.push(unused("the exception", &names, first.span));
        }
    }
    let gone = exceptions.baseline.map_or(0, |baseline| {
        baseline.apply(findings, model, |rule| exceptions.tells_unused(rule, model))
    });
    if faults.len() > MOST {
        let more = faults.len() - MOST;
        faults.truncate(MOST);
        if let Some(last) = faults.last_mut() {
            let _ = write!(last.message, "; {more} more exceptions are at fault");
        }
    }
    model.exceptions = faults;
    findings.extend(rules::check_exceptions(model, exceptions.selection));
    findings.sort_by(|one, two| {
        let aside = one.suppressed.is_some().cmp(&two.suppressed.is_some());
        aside.then_with(|| two.severity.cmp(&one.severity))
    });
    rules::distinct(findings, model);
    gone
}

/// The findings that count, and those that are put aside, which [`apply`] puts last.
pub fn parted(findings: &[Finding]) -> (&[Finding], &[Finding]) {
    let open = findings.partition_point(|it| it.suppressed.is_none());
    findings.split_at_checked(open).unwrap_or((findings, &[]))
}

impl Exceptions<'_> {
    /// True where it says something that a rule found nothing: it ran, and on what it is about.
    fn tells_unused(&self, rule: &str, model: &Model) -> bool {
        let planned = || model.inputs.iter().any(|it| it.kind == InputKind::Plan);
        let ran = match rules::find(rule) {
            Some(rule) => self.selection.takes(rule),
            // The user's own rules run on plans and states.
            None => self.selection.only.is_empty() && planned(),
        };
        ran && !self.changed_only && (!OF_PLANS.contains(&rule) || planned())
    }
}

/// The comments of the user's own sources that count; what is wrong with others is told.
fn comments(
    model: &Model,
    sources: &SourceMap,
    exceptions: &Exceptions<'_>,
    faults: &mut Vec<Exception>,
) -> Vec<Placed> {
    // A file of several roots is in the map once for each.
    let mut placed: BTreeMap<(String, usize), Placed> = BTreeMap::new();
    let mut wrong: BTreeSet<(String, usize)> = BTreeSet::new();
    for file in sources.files() {
        let (name, part) = sources.name(file);
        let is_hcl = [".tf", ".tofu"].iter().any(|it| name.ends_with(it));
        if !is_hcl || part.is_some() {
            continue;
        }
        let text = sources.text(file);
        if !text.contains(comment::WORD) || is_remote(sources.whole(file), model) {
            continue;
        }
        for it in scan::comments(&text) {
            let words = text.get(it.text.clone()).unwrap_or_default();
            let at = sources.span(file, it.whole.clone());
            let key = (name.to_owned(), it.whole.start);
            match comment::read(words, exceptions.known) {
                Some(Err(fault)) if wrong.insert(key.clone()) => {
                    faults.push(Exception {
                        fault: ExceptionFault::Invalid,
                        message: fault.message,
                        help: Some(fault.help),
                        at: Origin::new(at),
                    });
                }
                None | Some(Err(_)) => {}
                Some(Ok(marker)) => {
                    if let Some(day) = marker.until.filter(|it| *it < exceptions.today) {
                        let fault = wrong.insert(key).then(|| expired(day, at));
                        faults.extend(fault);
                        continue;
                    }
                    let about = it.about.clone();
                    let call = about.clone().and_then(|range| call(text.get(range)?));
                    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
                    let entry = placed.entry(key).or_insert_with(|| Placed {
                        marker,
                        at,
                        about: Vec::new(),
                        call: call.map(|call| (folder.to_owned(), call)),
                        used: BTreeSet::new(),
                    });
                    entry
                        .about
                        .extend(about.map(|range| sources.span(file, range)));
                }
            }
        }
    }
    placed.into_values().collect()
}

/// The name of the module that a block calls: `module "logs" {`.
fn call(text: &str) -> Option<String> {
    let rest = text.trim_start().strip_prefix("module")?;
    let rest = rest.trim_start().strip_prefix('"')?;
    rest.split_once('"').map(|(name, _)| name.to_owned())
}

fn is_remote(file: Span, model: &Model) -> bool {
    let mut remote = model.inputs.iter().flat_map(|it| &it.remote);
    remote.any(|it| it.files.contains(&file))
}

/// Where the resources that findings are about start, by input and address.
fn headers(model: &Model) -> BTreeMap<&str, Span> {
    let keys = model.keys.iter().map(|it| (it.id.as_str(), &it.origin));
    let subjects = model.subjects.iter().map(|it| (it.id.as_str(), &it.origin));
    keys.chain(subjects)
        .map(|(id, at)| (id, at.span()))
        .collect()
}

impl Placed {
    fn is_about(
        &self,
        instance: &Instance<'_>,
        headers: &BTreeMap<&str, Span>,
        model: &Model,
    ) -> bool {
        let finding = instance.finding;
        if !self.marker.rules.iter().any(|it| *it == *finding.rule) {
            return false;
        }
        let touches = |span: Span| {
            let mut about = self.about.iter();
            about.any(|it| {
                it.start <= span.start && span.start < it.end
                    || span.start <= it.start && it.start < span.end
            })
        };
        if finding.labels.iter().any(|label| touches(label.span)) {
            return true;
        }
        // The block of the resource itself, where the finding's places lie in what it refers to.
        let own = [&finding.subject, &finding.key].into_iter().flatten();
        let mut own = own.filter(|id| {
            id.split_once(':')
                .is_some_and(|(_, it)| it == instance.address)
        });
        if own.any(|id| headers.get(id.as_str()).is_some_and(|span| touches(*span))) {
            return true;
        }
        let Some((folder, name)) = &self.call else {
            return false;
        };
        let root = root_of(finding, model);
        let at_root = root.trim_end_matches('/') == folder || root == "." && folder.is_empty();
        let module = Address::parse(instance.address).map(|it| it.module);
        at_root && module.is_some_and(|it| it.first().is_some_and(|step| step.name == *name))
    }
}

/// What is wrong with comments that put nothing aside: once for each, with the rules that found nothing.
fn unused_comments(placed: &[Placed], told: &dyn Fn(&str) -> bool, faults: &mut Vec<Exception>) {
    for it in placed {
        let rules = it.marker.rules.iter().map(String::as_str);
        let names: Vec<&str> = rules
            .filter(|rule| !it.used.contains(*rule) && told(rule))
            .collect();
        if !names.is_empty() {
            faults.push(unused("the comment", &names, it.at));
        }
    }
}

fn unused(what: &str, rules: &[&str], at: Span) -> Exception {
    let names: Vec<String> = rules.iter().map(|it| format!("`{it}`")).collect();
    Exception {
        fault: ExceptionFault::Unused,
        message: format!("{what} puts nothing of {} aside", names.join(", ")),
        help: Some(
            "remove it where the finding is mended; a comment stands on the line of what it is about, or on the one above"
                .to_owned(),
        ),
        at: Origin::new(at),
    }
}

fn expired(day: Day, at: Span) -> Exception {
    Exception {
        fault: ExceptionFault::Expired,
        message: format!("the exception held until {day}, and its findings count again"),
        help: Some("mend what it was for, or give it another day and a reason".to_owned()),
        at: Origin::new(at),
    }
}

/// True where an `[[ignore]]` is about a finding.
fn ignores(ignore: &Ignore, instance: &Instance<'_>, keys: &BTreeMap<&str, &Key>) -> bool {
    let finding = instance.finding;
    if !ignore.rules.iter().any(|it| it.value == *finding.rule) || !can_be_ignored(&finding.rule) {
        return false;
    }
    let key = finding.key.as_deref().and_then(|id| keys.get(id));
    let addresses = [Some(instance.address), key.map(|it| it.address.as_str())];
    let named = addresses.into_iter().flatten().any(|address| {
        let all = Address::parse(address).map(|it| it.configuration().to_string());
        let mut patterns = ignore.addresses.iter();
        patterns.any(|it| {
            fits(&it.value, address) || all.as_deref().is_some_and(|all| fits(&it.value, all))
        })
    });
    let Some(sid) = ignore.sid.as_deref().filter(|_| named) else {
        return named;
    };
    let policy = key
        .filter(|it| !it.sensitive)
        .and_then(|it| it.policy.as_ref());
    let mut statements = finding.basis.statements.iter();
    policy.is_some_and(|policy| {
        statements.any(|at| {
            let own = policy.statements.get(*at).and_then(|it| it.sid.as_ref());
            own.and_then(crate::value::Text::to_literal).as_deref() == Some(sid)
        })
    })
}

/// Whether a pattern fits an address; `*` stands for any text.
fn fits(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut pieces: Vec<&str> = pieces.collect();
    let Some(last) = pieces.pop() else {
        return rest.is_empty();
    };
    for piece in pieces {
        let Some((_, after)) = rest
            .split_once(piece)
            .filter(|_| !piece.is_empty())
            .or_else(|| piece.is_empty().then_some(("", rest)))
        else {
            return false;
        };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn patterns_fit_addresses() {
        for (pattern, text, fit) in [
            ("aws_kms_key.trail", "aws_kms_key.trail", true),
            ("aws_kms_key.trail", "aws_kms_key.trail2", false),
            ("aws_kms_key.*", "aws_kms_key.trail", true),
            (
                "module.*.aws_kms_key.*",
                "module.a.module.b.aws_kms_key.k[0]",
                true,
            ),
            ("*trail", "aws_kms_key.trail", true),
            ("*.k*l", "a.kl", true),
            ("a*a", "a", false),
            ("**a", "ba", true),
        ] {
            assert_eq!(fits(pattern, text), fit, "{pattern} {text}");
        }
    }
}
