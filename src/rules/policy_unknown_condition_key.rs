//! `policy-unknown-condition-key`

use super::attached::{Attached, Wrong, policies, quoted};
use super::{Findings, Rule};
use crate::model::Model;
use crate::policy::keys;
use crate::report::{Effect, Severity};
use crate::source::Origin;
use crate::spelling::nearest;

pub(super) static RULE: Rule = Rule {
    id: "policy-unknown-condition-key",
    severity: Severity::Warning,
    effect: Effect::Hygiene,
    summary: "a condition hangs on a key that no request to AWS KMS carries",
    page: include_str!("policy_unknown_condition_key.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    for attached in policies(model) {
        for (index, statement) in attached.policy.statements.iter().enumerate() {
            for clause in statement.clauses() {
                if !is_known(clause.key) {
                    report(&attached, index, clause.key, clause.key_at, false, findings);
                }
            }
            for (key, at) in statement.variables() {
                // What has no prefix is no variable but a placeholder.
                if key.contains(':') && !is_known(&key) {
                    report(&attached, index, &key, at, true, findings);
                }
            }
        }
    }
}

/// True for a condition key with white space around it.
fn is_spaced(key: &str) -> bool {
    key.trim() != key && is_known(key.trim())
}

pub(super) fn is_known(key: &str) -> bool {
    keys::find(key).is_some() || keys::is_of_a_provider(key)
}

/// The key that is meant: one much like it, or one of a family that is.
pub(super) fn meant(key: &str) -> Option<String> {
    if key.len() > 256 {
        return None;
    }
    let whole = keys::all().filter(|it| !it.is_family()).map(|it| it.name);
    let whole = nearest(key, whole).map(str::to_owned);
    let families: Vec<&str> = keys::all()
        .filter(|it| it.is_family())
        .map(|it| it.name)
        .collect();
    let ends = key
        .char_indices()
        .filter(|(_, it)| ['/', ':'].contains(it))
        .map(|(at, _)| at + 1);
    let mut parts = ends.filter_map(|end| Some((key.get(..end)?, key.get(end..)?)));
    let family = parts.find_map(|(start, rest)| {
        let near = nearest(start, families.iter().copied())?;
        (!rest.is_empty()).then(|| format!("{near}{rest}"))
    });
    family.or(whole)
}

fn report(
    attached: &Attached<'_>,
    statement: usize,
    key: &str,
    at: &Origin,
    variable: bool,
    findings: &mut Findings,
) {
    let family = keys::all().find(|it| {
        let bare = it.name.trim_end_matches(['/', ':']);
        it.is_family() && key.trim_end_matches(['/', ':']).eq_ignore_ascii_case(bare)
    });
    let help = match (family, meant(key)) {
        (Some(family), _) => {
            let example = match family.name {
                "kms:EncryptionContext:" => "aws:cloudtrail:arn",
                "kms:RecipientAttestation:" => "PCR0",
                _ => "team",
            };
            format!("name what is compared, too: `{}{example}`", family.name)
        }
        (None, _) if is_spaced(key) => format!("write `{}`", key.trim()),
        (None, Some(near)) => format!("write `{near}`"),
        (None, None) => {
            "the key policy is asked for requests to AWS KMS alone, and none carries it".to_owned()
        }
    };
    let (what, kind) = if variable {
        (
            format!("the variable {}", quoted(&format!("${{{key}}}"))),
            "a variable",
        )
    } else {
        (quoted(key), "a condition key")
    };
    let wrong = Wrong {
        what,
        kind,
        rest: if is_spaced(key) {
            "has white space at its start or end, so that it is no condition key"
        } else {
            "is not a condition key of AWS KMS or of every service"
        }
        .to_owned(),
        hidden_rest: "is not a condition key of AWS KMS or of every service",
        help: Some(help),
        label: "no request carries this".to_owned(),
        at,
        statement,
        sensitive: false,
        severity: None,
    };
    attached.report(&RULE, findings, wrong);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_is_a_key_or_one_of_a_family() {
        for (key, wanted) in [
            ("kmsCallerAccount", "kms:CallerAccount"),
            ("aws:SourceArns", "aws:SourceArn"),
            ("aws:PrincipleTag/team", "aws:PrincipalTag/team"),
            (
                "kms:EncryptionContex:aws:cloudtrail:arn",
                "kms:EncryptionContext:aws:cloudtrail:arn",
            ),
        ] {
            assert_eq!(meant(key).as_deref(), Some(wanted), "{key}");
        }
        assert!(
            is_spaced("aws:SourceArn ") && !is_spaced("aws:SourceArn") && !is_spaced(" aws:Sauce")
        );
        assert_eq!(meant("s3:prefix"), None);
        assert_eq!(meant(&"é/".repeat(50_000)), None);
        assert!(is_known("accounts.google.com:aud") && is_known("ec2:SourceInstanceARN"));
    }
}
