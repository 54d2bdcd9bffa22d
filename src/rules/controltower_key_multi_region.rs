//! `controltower-key-multi-region`

use super::landing_zone::{Defect, precheck};
use super::{Findings, Rule};
use crate::model::{Component, Fact, Key, Model, Subject};
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "controltower-key-multi-region",
    severity: Severity::Error,
    effect: Effect::ApplyFails,
    summary: "the landing zone's key is multi-Region, or the key of its backup component is not",
    page: include_str!("controltower_key_multi_region.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    precheck(&RULE, model, findings, &fits, &|subject, key| {
        if subject.component == Some(Component::Backup) {
            return Defect {
                is: "is not a multi-Region key, which its `backup` component needs".to_owned(),
                may: "may not be a multi-Region key, which its `backup` component needs".to_owned(),
                help: "use a new key with `multi_region = true`, which no key can gain: AWS Backup copies between Regions".to_owned(),
                at: key.region_at.clone(),
                here: "not a multi-Region key",
            };
        }
        Defect {
            is: "is a multi-Region key".to_owned(),
            may: "may be a multi-Region key".to_owned(),
            help: "use a new key without `multi_region`, which no key can lose: Control Tower takes multi-Region keys for its `backup` component alone".to_owned(),
            at: key.region_at.clone(),
            here: "a multi-Region key",
        }
    });
}

/// True where the component takes the key.
fn fits(subject: &Subject, key: &Key) -> Fact<bool> {
    match (subject.component, &key.multi_region) {
        (Some(Component::Backup), fact) => fact.clone(),
        (Some(_), Fact::Known(multi)) => Fact::Known(!multi),
        // Of a component that is not known, the one may be right and the other wrong; nobody makes a multi-Region key for nothing.
        (None, Fact::Known(false)) => Fact::Known(true),
        _ => Fact::Unknown,
    }
}
