//! `policy-unknown-action`

use super::attached::{Attached, Wrong, policies, quoted};
use super::{Findings, Rule};
use crate::model::Model;
use crate::policy::actions::{named, names};
use crate::policy::{Statement, Written};
use crate::report::{Effect, Severity};
use crate::spelling::{nearest, only_nearest};

pub(super) static RULE: Rule = Rule {
    id: "policy-unknown-action",
    severity: Severity::Warning,
    effect: Effect::Hygiene,
    summary: "the policy names an action that AWS KMS does not have",
    page: include_str!("policy_unknown_action.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    for attached in policies(model) {
        for (index, statement) in attached.policy.statements.iter().enumerate() {
            let Some(actions) = statement.actions() else {
                continue;
            };
            let mixed = has_own(statement);
            for written in &actions.texts {
                look_at(&attached, index, written, mixed, findings);
            }
        }
    }
}

/// True where the statement names an action of KMS, or something that is meant for one.
pub(super) fn has_own(statement: &Statement) -> bool {
    let texts = statement.actions().map_or(Vec::new(), |it| it.texts);
    texts.iter().any(|written| {
        let text = written.text.to_literal();
        text.is_none_or(|text| !matches!(read(&text), Some(Slip::Other)))
    })
}

/// Why a text names no action of KMS.
enum Slip {
    /// It is one of another service.
    Other,
    /// It has no service.
    Bare(Option<String>),
    /// It is one, with white space around it.
    Spaced(String),
    /// KMS has no such action; perhaps one that is much like it.
    Unknown(Option<String>),
}

fn read(text: &str) -> Option<Slip> {
    if named(text).next().is_some() {
        return None;
    }
    if text.trim() != text && named(text.trim()).next().is_some() {
        return Some(Slip::Spaced(text.trim().to_owned()));
    }
    let Some((service, name)) = text.split_once(':') else {
        return Some(Slip::Bare(meant(&format!("kms:{text}"))));
    };
    if service.eq_ignore_ascii_case("kms") {
        return Some(Slip::Unknown(meant(text)));
    }
    match meant(&format!("kms:{name}")) {
        Some(meant) if nearest(service, ["kms"].into_iter()).is_some() => {
            Some(Slip::Unknown(Some(meant)))
        }
        _ => Some(Slip::Other),
    }
}

/// The action that is closest; a `*` at the end stays. None where another one is as close: which of them is allowed is for the author to say.
pub(super) fn meant(text: &str) -> Option<String> {
    if text.eq_ignore_ascii_case("kms:ReEncrypt") {
        return Some("kms:ReEncrypt*".to_owned());
    }
    let base = text.trim_end_matches('*');
    let near = only_nearest(base, names())?;
    let star = if base.len() < text.len() { "*" } else { "" };
    Some(format!("{near}{star}"))
}

fn look_at(
    attached: &Attached<'_>,
    statement: usize,
    written: &Written<'_>,
    mixed: bool,
    findings: &mut Findings,
) {
    let Some(text) = written.text.to_literal() else {
        return;
    };
    let (rest, near) = match read(&text) {
        None => return,
        // A statement for another service alone is `statement-never-matches`.
        Some(Slip::Other) if !mixed => return,
        Some(Slip::Other) => ("is of another service: no key policy is asked for it", None),
        Some(Slip::Bare(near)) => ("has no service in front, as in `kms:Decrypt`", near),
        Some(Slip::Spaced(bare)) => (
            "has white space at its start or end, so that it names no action",
            Some(bare),
        ),
        Some(Slip::Unknown(near)) => ("is not an action of AWS KMS", near),
    };
    let help = match near {
        Some(near) if text.eq_ignore_ascii_case("kms:ReEncrypt") => {
            format!("the permissions are `kms:ReEncryptFrom` and `kms:ReEncryptTo`: write `{near}`")
        }
        Some(near) => format!("write `{near}`"),
        None => "take it out, or write the action that is meant".to_owned(),
    };
    let wrong = Wrong {
        what: quoted(&text),
        kind: "an action",
        rest: rest.to_owned(),
        hidden_rest: "is not an action of AWS KMS",
        help: Some(help),
        label: "names nothing that AWS KMS does".to_owned(),
        at: written.at,
        statement,
        sensitive: written.text.is_sensitive(),
        severity: None,
    };
    attached.report(&RULE, findings, wrong);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_told_from_other_services() {
        assert!(read("kms:generatedatakey*").is_none() && read("*").is_none());
        assert!(matches!(read("s3:GetObject"), Some(Slip::Other)));
        assert!(
            matches!(read("kms:Decyrpt"), Some(Slip::Unknown(Some(it))) if it == "kms:Decrypt")
        );
        assert!(
            matches!(read("kmz:Decrypt"), Some(Slip::Unknown(Some(it))) if it == "kms:Decrypt")
        );
        assert!(matches!(read("Decrypt"), Some(Slip::Bare(Some(it))) if it == "kms:Decrypt"));
        assert!(
            matches!(read("kms:GenerateDataKeys*"), Some(Slip::Unknown(Some(it))) if it == "kms:GenerateDataKey*")
        );
        assert!(matches!(read("kms:Decrypt "), Some(Slip::Spaced(it)) if it == "kms:Decrypt"));
        assert!(matches!(read(" kms:*"), Some(Slip::Spaced(it)) if it == "kms:*"));
        assert!(matches!(read("kms:Frobnicate"), Some(Slip::Unknown(None))));
        // A letter away from `kms:Encrypt` and from `kms:Decrypt`.
        assert!(matches!(read("kms:Ecrypt"), Some(Slip::Unknown(None))));
    }
}
