//! `reader-denied`

use super::requirement::{Wording, check};
use super::{Findings, Rule};
use crate::model::{Model, SubjectKind};
use crate::policy::Caller;
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "reader-denied",
    severity: Severity::Error,
    effect: Effect::ReadFails,
    summary: "a reader that was named with `--reader` cannot decrypt the trail's logs",
    page: include_str!("reader_denied.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    let wording = Wording {
        denied: &|site| {
            let reader = site.requirement.reader.as_deref().unwrap_or_default();
            let what = match site.subject.kind {
                SubjectKind::EventDataStore => "query",
                _ => "read the logs of",
            };
            // Of a pattern, the role that cannot.
            let one = match &site.requirement.request.principal {
                Caller::Aws(arn) if reader.contains('*') => arn.as_literal(),
                _ => None,
            };
            let one = one.map_or(String::new(), |one| format!("`{one}`, one of "));
            format!(
                "{one}`{reader}` cannot {what} `{}` with `{}`",
                site.subject.address, site.key.address
            )
        },
        effect: &|_| Effect::ReadFails,
    };
    check(
        &RULE,
        model,
        findings,
        &|it| it.id == "reader-decrypt" && it.reader.is_some(),
        &wording,
    );
}
