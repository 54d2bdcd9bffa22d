//! What was probably meant: a slip in the policy's value, told in a few words.

use super::policy_unknown_action::meant as action_meant;
use super::policy_unknown_condition_key::{is_known, meant as key_meant};
use crate::policy::actions::named;
use crate::policy::{Element, Failed};
use crate::spelling::slips;
use crate::value::Text;

/// What is odd about the policy's value, beside the request's.
pub(super) fn hint(failed: &Failed, action: &str) -> Option<String> {
    let policy: Vec<&str> = failed.policy.iter().filter_map(Text::as_literal).collect();
    let request: Vec<String> = failed.request.iter().filter_map(Text::to_literal).collect();
    match failed.element {
        Element::Action => policy.iter().find_map(|it| misspelt(it, action)),
        Element::Principal => policy.iter().find_map(|it| principal(it, request.first()?)),
        Element::Condition if failed.absent => unknown_key(failed.key.as_deref()?, action),
        Element::Condition if is_negated(failed.operator.as_deref()?) => None,
        // One value of a list says nothing of the others.
        Element::Condition if request.len() > 1 => None,
        Element::Condition => policy.iter().find_map(|it| value(it, request.first()?)),
        _ => None,
    }
}

/// True for an operator that wants what its values are not.
pub(super) fn is_negated(operator: &str) -> bool {
    operator.contains("Not")
}

/// An action that AWS KMS does not have, and that differs from the one that is asked for by a slip, and from every other by more.
fn misspelt(policy: &str, action: &str) -> Option<String> {
    let base = policy.trim_end_matches('*');
    let is_another = named(policy).next().is_some();
    let is_meant = action_meant(base).is_some_and(|it| it.eq_ignore_ascii_case(action));
    (!is_another && is_meant && is_slip(slips(base, action)))
        .then(|| format!("did you mean `{action}`?"))
}

fn principal(policy: &str, caller: &str) -> Option<String> {
    if policy == caller && !policy.contains(':') {
        return Some("a service stands under `Service`, not under `AWS`".to_owned());
    }
    if !caller.contains(':') && policy.split('.').next() == caller.split('.').next() {
        return Some(format!(
            "the service principal is `{caller}`, in every Region"
        ));
    }
    value(policy, caller)
}

/// Two values that differ in case alone, or an account of too few or too many digits.
fn value(policy: &str, request: &str) -> Option<String> {
    if policy != request && policy.eq_ignore_ascii_case(request) {
        return Some("they differ in case".to_owned());
    }
    let is_id = |text: &str| text.len() > 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let account = |text: &str| -> Option<usize> {
        let whole = Some(text).filter(|it| !it.contains(':'));
        let account = whole.or_else(|| text.split(':').nth(4))?;
        is_id(account).then_some(account.len())
    };
    let odd = account(policy).filter(|length| *length != 12)?;
    account(request).filter(|length| *length == 12)?;
    Some(format!(
        "an account id has twelve digits, this one has {odd}"
    ))
}

/// A condition key that AWS does not list and that differs from one that it does by a slip; or one of an encryption context, where all is
/// listed, that differs so from CloudTrail's.
fn unknown_key(key: &str, action: &str) -> Option<String> {
    let closest = if is_of_context(key) {
        let mut own = CONTEXT.into_iter();
        own.find(|it| is_slip(slips(key, it)))?.to_owned()
    } else if is_known(key) {
        return None;
    } else {
        key_meant(key)?
    };
    // Describing a key has no encryption context, however its key is spelt.
    let is_sent = !(is_of_context(&closest) && action == "kms:DescribeKey");
    (is_sent && is_slip(slips(key, &closest))).then(|| format!("did you mean `{closest}`?"))
}

fn is_of_context(key: &str) -> bool {
    const FAMILY: &str = "kms:EncryptionContext:";
    key.get(..FAMILY.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(FAMILY))
}

/// What CloudTrail's encryption context holds.
const CONTEXT: [&str; 2] = [
    "kms:EncryptionContext:aws:cloudtrail:arn",
    "kms:EncryptionContext:aws:s3:arn",
];

/// A few letters differ, and not none.
fn is_slip(slips: Option<usize>) -> bool {
    slips.is_some_and(|slips| (1..=3).contains(&slips))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_told_and_another_meaning_is_not() {
        assert!(misspelt("kms:GenerateDatakeyy*", "kms:GenerateDataKey").is_some());
        assert!(misspelt("kms:Decrypt", "kms:GenerateDataKey").is_none());
        assert!(misspelt("kms:Decript", "kms:Decrypt").is_some());
        // Actions that there are, and patterns that take some: who names them means them.
        assert!(misspelt("kms:Encrypt", "kms:Decrypt").is_none());
        assert!(misspelt("kms:encrypt*", "kms:Decrypt").is_none());
        // Slips of another action, or of two alike.
        for slip in ["kms:Encrypts", "kms:Encrpt", "kms:Ecrypt"] {
            assert!(misspelt(slip, "kms:Decrypt").is_none(), "{slip}");
        }
        assert!(misspelt("kms:GenerateDataKeyPai", "kms:GenerateDataKey").is_none());
        let key = |key| unknown_key(key, "kms:Decrypt");
        assert!(key("kms:EncryptionContext:aws:cloudtrail.arn").is_some());
        assert!(key("kms:EncryptionContex:aws:cloudtrail:arn").is_some());
        assert!(key("aws:SourceArns").is_some());
        for known in [
            "aws:SourceArn",
            "aws:PrincipalTag/Env",
            "kms:GranteePrincipal",
            "kms:EncryptionContext:team",
            "kms:EncryptionContext",
        ] {
            assert_eq!(key(known), None, "{known}");
        }
        let describing = |key| unknown_key(key, "kms:DescribeKey");
        assert_eq!(describing("kms:EncryptionContext:aws:cloudtrail.arn"), None);
        assert_eq!(describing("kms:EncryptionContex:aws:cloudtrail:arn"), None);
        assert!(
            value(
                "arn:aws:iam::11111111111:role/R",
                "arn:aws:iam::111111111111:role/R"
            )
            .unwrap()
            .contains("has 11")
        );
        assert!(
            value(
                "arn:aws:cloudtrail:us-east-1:111122223333:trail/Main",
                "arn:aws:cloudtrail:us-east-1:111122223333:trail/main"
            )
            .is_some()
        );
        // What is equal does not differ, and the name of a bucket is no account.
        assert_eq!(value("aws:cloudtrail:arn", "aws:cloudtrail:arn"), None);
        assert_eq!(value("arn:aws:s3:::2024010100", "arn:aws:s3:::logs"), None);
        assert_eq!(value("1735689600", "300"), None);
        assert!(
            principal("cloudtrail.amazonaws.com", "cloudtrail.amazonaws.com")
                .unwrap()
                .contains("Service")
        );
    }
}
