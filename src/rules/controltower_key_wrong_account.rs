//! `controltower-key-wrong-account`

use super::landing_zone::{Defect, report};
use super::{Findings, Rule};
use crate::model::{Key, LinkStatus, Model, Subject, SubjectKind};
use crate::policy::Verdict;
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "controltower-key-wrong-account",
    severity: Severity::Error,
    effect: Effect::ApplyFails,
    summary: "the landing zone's key is not in the management account",
    page: include_str!("controltower_key_wrong_account.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    let zones = model
        .subjects
        .iter()
        .filter(|it| it.kind == SubjectKind::LandingZone);
    for subject in zones {
        let keys: Vec<&Key> = subject
            .link
            .keys
            .iter()
            .filter_map(|at| model.keys.get(*at))
            .collect();
        let elsewhere = |key: &&Key| judge(subject, key) == Some(Verdict::Denied);
        let all = keys.iter().all(elsewhere);
        for key in keys.iter().copied() {
            let Some(mut verdict) = judge(subject, key) else {
                continue;
            };
            if verdict == Verdict::Denied && !all && subject.link.status == LinkStatus::Candidates {
                verdict = Verdict::Undecided;
            }
            let shown = key.account.show(&model.symbols);
            let account = subject.account.show(&model.symbols);
            let defect = Defect {
                is: format!("is in account `{shown}`, and the management account is `{account}`"),
                may: "may not be in the management account".to_owned(),
                help: "make the key with the provider configuration of the landing zone: Control Tower takes a key of the management account alone, in which the landing zone is".to_owned(),
                at: subject.link.origin.clone(),
                here: "a key of another account",
            };
            report(&RULE, findings, (subject, key, verdict), defect);
        }
    }
}

/// Whether the key is in the landing zone's account; none where it is, or where nothing is known of the key.
fn judge(subject: &Subject, key: &Key) -> Option<Verdict> {
    let (own, keys) = (&subject.account, &key.account);
    if own == keys || own.parts().is_empty() {
        return None;
    }
    match (own.to_literal(), keys.to_literal()) {
        (Some(own), Some(keys)) => (own != keys).then_some(Verdict::Denied),
        // It holds for one value of the symbol.
        (Some(_), None) | (None, Some(_)) => Some(Verdict::Conditional),
        (None, None) if key.is_named_by_arn() => Some(Verdict::Undecided),
        (None, None) => None,
    }
}
