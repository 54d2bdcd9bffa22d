//! `trail-key-wrong-region`

use super::finding::label;
use super::way::follow;
use super::{Findings, Rule};
use crate::model::{Key, Model, Subject, TrailBucket};
use crate::policy::Verdict;
use crate::report::{Effect, Severity};
use crate::value::{Nature, PartKind, Symbols, Text};

pub(super) static RULE: Rule = Rule {
    id: "trail-key-wrong-region",
    severity: Severity::Error,
    effect: Effect::ApplyFails,
    summary: "the trail's key is not in the Region of its bucket",
    page: include_str!("trail_key_wrong_region.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    for subject in &model.subjects {
        let Some(bucket) = &subject.bucket else {
            continue;
        };
        let keys = subject
            .link
            .keys
            .iter()
            .filter_map(|at| model.keys.get(*at));
        let keys: Vec<(&Key, Option<Verdict>)> = keys
            .map(|key| (key, compare(key, bucket, &model.symbols)))
            .collect();
        let all = keys.iter().all(|(_, it)| *it == Some(Verdict::Denied));
        for (key, verdict) in keys {
            match verdict {
                Some(Verdict::Denied) if all => {
                    report(model, subject, key, bucket, Verdict::Denied, findings);
                }
                Some(Verdict::Conditional) => {
                    report(model, subject, key, bucket, Verdict::Conditional, findings);
                }
                Some(_) => report(model, subject, key, bucket, Verdict::Undecided, findings),
                None => {}
            }
        }
    }
}

/// Denied where the Regions differ; conditional where one is known and the other has a name, such as a variable that is not given, else undecided. Two that are not known are told apart by nothing.
fn compare(key: &Key, bucket: &TrailBucket, symbols: &Symbols) -> Option<Verdict> {
    if key.region == bucket.region {
        return None;
    }
    match (key.region.to_literal(), bucket.region.to_literal()) {
        (Some(one), Some(other)) => (one != other).then_some(Verdict::Denied),
        (None, None) => None,
        (Some(_), None) if is_named(&bucket.region, symbols) => Some(Verdict::Conditional),
        (None, Some(_)) if is_named(&key.region, symbols) => Some(Verdict::Conditional),
        _ => Some(Verdict::Undecided),
    }
}

fn is_named(text: &Text, symbols: &Symbols) -> bool {
    text.parts().iter().all(|part| match part.kind {
        PartKind::Literal(_) => true,
        PartKind::Symbol(id) => symbols.get(id).nature == Nature::Named,
        PartKind::Hole(_) => false,
    })
}

fn report(
    model: &Model,
    subject: &Subject,
    key: &Key,
    bucket: &TrailBucket,
    verdict: Verdict,
    findings: &mut Findings,
) {
    let Some(severity) = RULE.severity_of(verdict, findings.gate) else {
        return;
    };
    let show = |text: &crate::value::Text| text.show(&model.symbols);
    let is = if verdict == Verdict::Denied {
        "is"
    } else {
        "may be"
    };
    let message = format!(
        "the key of the trail `{}`, `{}`, {is} in another Region (`{}`) than its bucket `{}` (`{}`)",
        subject.address,
        key.address,
        show(&key.region),
        bucket.address,
        show(&bucket.region)
    );
    let mut finding = RULE.finding(&subject.address, message);
    finding.severity = severity;
    finding.verdict = (verdict != Verdict::Denied).then_some(verdict);
    finding.subject = Some(subject.id.clone());
    finding.key = Some(key.id.clone());
    finding.help = Some(if verdict == Verdict::Denied {
        // A replica is made of a multi-Region key alone, and no key becomes one (AWS KMS Developer Guide, Multi-Region keys).
        let replica = if key.multi_region.is(&false) {
            ""
        } else {
            ", or a replica of it if it is a multi-Region key"
        };
        format!("CloudTrail takes a key of the bucket's Region only: make the key there{replica}")
    } else {
        "`--region` says which Region a provider configuration has".to_owned()
    });
    let uses = format!(
        "`{}` uses a key of `{}`",
        subject.address,
        show(&key.region)
    );
    finding.labels.push(label(&subject.link.origin, uses, true));
    let lies = format!("the bucket is in `{}`", show(&bucket.region));
    finding.labels.push(label(&bucket.origin, lies, false));
    follow(&mut finding, &subject.link, Some(key));
    findings.add(finding, "region");
}
