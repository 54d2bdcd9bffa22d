//! What was probably meant: a slip in the policy's value, told in a few words.

use crate::policy::actions::named;
use crate::policy::requests::TABLE;
use crate::policy::{Element, Failed};
use crate::spelling::{nearest, slips};
use crate::value::Text;

/// What is odd about the policy's value, beside the request's.
pub(super) fn hint(failed: &Failed, action: &str) -> Option<String> {
    let policy: Vec<&str> = failed.policy.iter().filter_map(Text::as_literal).collect();
    let request: Vec<String> = failed.request.iter().filter_map(Text::to_literal).collect();
    match failed.element {
        Element::Action => policy.iter().find_map(|it| misspelt(it, action)),
        Element::Principal => policy.iter().find_map(|it| principal(it, request.first()?)),
        Element::Condition if failed.absent => unknown_key(failed.key.as_deref()?),
        Element::Condition => policy.iter().find_map(|it| value(it, request.first()?)),
        _ => None,
    }
}

/// An action that AWS KMS does not have, and that differs from the one that is asked for by a slip.
fn misspelt(policy: &str, action: &str) -> Option<String> {
    let is_another = named(policy).next().is_some();
    (!is_another && is_slip(slips(policy.trim_end_matches('*'), action)))
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
    if policy.eq_ignore_ascii_case(request) {
        return Some("they differ in case".to_owned());
    }
    let digits = |text: &str| -> Option<usize> {
        let account = text
            .split(':')
            .find(|it| it.len() > 8 && it.bytes().all(|byte| byte.is_ascii_digit()));
        account.map(str::len)
    };
    let odd = digits(policy).filter(|length| *length != 12)?;
    Some(format!(
        "an account id has twelve digits, this one has {odd}"
    ))
}

/// A condition key that AWS does not list and that differs from one that it does by a slip.
fn unknown_key(key: &str) -> Option<String> {
    let closest = nearest(key, TABLE.iter().map(|row| row.key))?;
    is_slip(slips(key, closest)).then(|| format!("did you mean `{closest}`?"))
}

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
        assert!(unknown_key("kms:EncryptionContext:aws:cloudtrail.arn").is_some());
        assert!(unknown_key("aws:SourceArn").is_none());
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
        assert!(
            principal("cloudtrail.amazonaws.com", "cloudtrail.amazonaws.com")
                .unwrap()
                .contains("Service")
        );
    }
}
