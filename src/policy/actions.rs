//! The actions of AWS KMS: one table, with what the rules and the search know of each.
//!
//! Sources: Service Authorization Reference, "Actions, resources, and condition keys for AWS Key Management Service"; AWS KMS Developer Guide,
//! "Permissions reference"; what other accounts can use: AWS KMS Developer Guide, "Allowing users in other accounts to use a KMS key". A
//! permission is not always named as its operation: `ReEncrypt` needs `kms:ReEncryptFrom` and `kms:ReEncryptTo`, and
//! `kms:SynchronizeMultiRegionKey` belongs to no operation at all.
//!
//! To renew the table: `testdata/iam/kms/README.md` says how the page's own data is put beside it; `tests/it/tables.rs` compares.

/// What an action does with the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActionClass {
    /// It encrypts, decrypts or makes data keys.
    Cryptographic,
    /// It lets somebody else use the key.
    Grant,
    /// It changes the key or its policy.
    Administration,
    /// It reads properties of the key.
    Read,
}

/// An action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    /// As a policy names it, `kms:Decrypt`; IAM compares it without regard to case.
    pub name: &'static str,
    /// What it does.
    pub class: ActionClass,
    /// False where the page names no key for it, so that no key policy is asked.
    pub on_a_key: bool,
    /// Whether the request can carry an encryption context.
    pub takes_context: bool,
    /// Whether it works on a key of another account; a key policy that allows another account more has no effect.
    pub crosses_accounts: bool,
}

const fn action(
    name: &'static str,
    class: ActionClass,
    takes_context: bool,
    crosses_accounts: bool,
) -> Action {
    Action {
        name,
        class,
        on_a_key: true,
        takes_context,
        crosses_accounts,
    }
}

const fn keyless(name: &'static str, class: ActionClass) -> Action {
    Action {
        name,
        class,
        on_a_key: false,
        takes_context: false,
        crosses_accounts: false,
    }
}

use ActionClass::{Administration, Cryptographic, Grant, Read};

/// All actions: those on a key, the most dangerous of each class first, and then the others.
pub const ACTIONS: &[Action] = &[
    action("kms:Decrypt", Cryptographic, true, true),
    action("kms:ReEncryptFrom", Cryptographic, true, true),
    action("kms:GenerateDataKey", Cryptographic, true, true),
    action(
        "kms:GenerateDataKeyWithoutPlaintext",
        Cryptographic,
        true,
        true,
    ),
    action("kms:Encrypt", Cryptographic, true, true),
    action("kms:ReEncryptTo", Cryptographic, true, true),
    action("kms:GenerateDataKeyPair", Cryptographic, true, true),
    action(
        "kms:GenerateDataKeyPairWithoutPlaintext",
        Cryptographic,
        true,
        true,
    ),
    action("kms:Sign", Cryptographic, false, true),
    action("kms:Verify", Cryptographic, false, true),
    action("kms:GenerateMac", Cryptographic, false, true),
    action("kms:VerifyMac", Cryptographic, false, true),
    action("kms:DeriveSharedSecret", Cryptographic, false, true),
    action("kms:CreateGrant", Grant, true, true),
    action("kms:RetireGrant", Grant, true, true),
    action("kms:RevokeGrant", Grant, false, true),
    action("kms:PutKeyPolicy", Administration, false, false),
    action("kms:ScheduleKeyDeletion", Administration, false, false),
    action("kms:DisableKey", Administration, false, false),
    action(
        "kms:DeleteImportedKeyMaterial",
        Administration,
        false,
        false,
    ),
    action("kms:ImportKeyMaterial", Administration, false, false),
    action("kms:ReplicateKey", Administration, false, false),
    action("kms:UpdatePrimaryRegion", Administration, false, false),
    action(
        "kms:SynchronizeMultiRegionKey",
        Administration,
        false,
        false,
    ),
    action("kms:EnableKey", Administration, false, false),
    action("kms:CancelKeyDeletion", Administration, false, false),
    action("kms:EnableKeyRotation", Administration, false, false),
    action("kms:DisableKeyRotation", Administration, false, false),
    action("kms:RotateKeyOnDemand", Administration, false, false),
    action("kms:CreateAlias", Administration, false, false),
    action("kms:UpdateAlias", Administration, false, false),
    action("kms:DeleteAlias", Administration, false, false),
    action("kms:TagResource", Administration, false, false),
    action("kms:UntagResource", Administration, false, false),
    action("kms:UpdateKeyDescription", Administration, false, false),
    action("kms:DescribeKey", Read, false, true),
    action("kms:GetPublicKey", Read, false, true),
    action("kms:GetKeyRotationStatus", Read, false, true),
    action("kms:ListGrants", Read, false, true),
    action("kms:GetKeyPolicy", Read, false, false),
    action("kms:GetKeyLastUsage", Read, false, false),
    action("kms:GetParametersForImport", Read, false, false),
    action("kms:ListKeyPolicies", Read, false, false),
    action("kms:ListKeyRotations", Read, false, false),
    action("kms:ListResourceTags", Read, false, false),
    keyless("kms:ConnectCustomKeyStore", Administration),
    keyless("kms:CreateCustomKeyStore", Administration),
    keyless("kms:CreateKey", Administration),
    keyless("kms:DeleteCustomKeyStore", Administration),
    keyless("kms:DescribeCustomKeyStores", Read),
    keyless("kms:DisconnectCustomKeyStore", Administration),
    keyless("kms:GenerateRandom", Cryptographic),
    keyless("kms:ListAliases", Read),
    keyless("kms:ListKeys", Read),
    keyless("kms:ListRetirableGrants", Read),
    keyless("kms:UpdateCustomKeyStore", Administration),
];

/// The actions on a key, the most dangerous of each class first.
pub fn on_a_key() -> impl Iterator<Item = &'static Action> {
    ACTIONS.iter().filter(|action| action.on_a_key)
}

/// The names of all actions.
pub fn names() -> impl Iterator<Item = &'static str> + Clone {
    ACTIONS.iter().map(|action| action.name)
}

/// The action of that name, whatever its case.
pub fn find(name: &str) -> Option<&'static Action> {
    ACTIONS
        .iter()
        .find(|action| action.name.eq_ignore_ascii_case(name))
}

/// The actions that an `Action` of a policy names: `*` and `?` stand for letters, and case is ignored.
pub fn named(pattern: &str) -> impl Iterator<Item = &'static str> {
    let pattern = pattern.to_ascii_lowercase();
    names().filter(move |action| glob(pattern.as_bytes(), action.to_ascii_lowercase().as_bytes()))
}

/// `*` is any text, `?` any letter. Goes back to the last `*` alone, so that it ends in the product of both lengths.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut last: Option<(usize, usize)> = None;
    while let Some(letter) = text.get(read) {
        match pattern.get(at) {
            Some(b'*') => {
                last = Some((at, read));
                at += 1;
            }
            Some(wanted) if *wanted == b'?' || wanted == letter => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((star, from)) = last else {
                    return false;
                };
                // From the star on, which takes one letter more.
                (at, read) = (star, from + 1);
            }
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == b'*')
}

/// Condition keys that only some operations send (AWS KMS Developer Guide, AWS KMS condition keys), with the starts of their names. A key that
/// ends in `/` stands for all that start so.
const OF_OPERATIONS: &[(&str, &[&str])] = &[
    ("kms:granteeprincipal", &["kms:CreateGrant"]),
    ("kms:retiringprincipal", &["kms:CreateGrant"]),
    ("kms:grantconstrainttype", &["kms:CreateGrant"]),
    ("kms:grantoperations", &["kms:CreateGrant"]),
    (
        "kms:grantisforawsresource",
        &["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
    ),
    ("kms:bypasspolicylockoutsafetycheck", &["kms:PutKeyPolicy"]),
    ("kms:reencryptonsamekey", &["kms:ReEncrypt"]),
    ("kms:datakeypairspec", &["kms:GenerateDataKeyPair"]),
    ("kms:signingalgorithm", &["kms:Sign", "kms:Verify"]),
    ("kms:messagetype", &["kms:Sign", "kms:Verify"]),
    ("kms:macalgorithm", &["kms:GenerateMac", "kms:VerifyMac"]),
    ("kms:keyagreementalgorithm", &["kms:DeriveSharedSecret"]),
    (
        "kms:schedulekeydeletionpendingwindowindays",
        &["kms:ScheduleKeyDeletion"],
    ),
    ("kms:rotationperiodindays", &["kms:EnableKeyRotation"]),
    ("kms:expirationmodel", &["kms:ImportKeyMaterial"]),
    ("kms:validto", &["kms:ImportKeyMaterial"]),
    ("kms:wrappingalgorithm", &["kms:GetParametersForImport"]),
    ("kms:wrappingkeyspec", &["kms:GetParametersForImport"]),
    ("kms:replicaregion", &["kms:ReplicateKey"]),
    ("kms:primaryregion", &["kms:UpdatePrimaryRegion"]),
    (
        "kms:encryptionalgorithm",
        &["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt"],
    ),
    (
        "kms:requestalias",
        &[
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncrypt",
            "kms:GenerateDataKey",
            "kms:DescribeKey",
            "kms:GetPublicKey",
            "kms:Sign",
            "kms:Verify",
            "kms:GenerateMac",
            "kms:VerifyMac",
            "kms:DeriveSharedSecret",
        ],
    ),
    (
        "kms:recipientattestation:",
        &[
            "kms:Decrypt",
            "kms:GenerateDataKey",
            "kms:DeriveSharedSecret",
        ],
    ),
    ("aws:requesttag/", &["kms:TagResource", "kms:ReplicateKey"]),
    (
        "aws:tagkeys",
        &["kms:TagResource", "kms:UntagResource", "kms:ReplicateKey"],
    ),
];

/// Whether the operation of an action sends a key that belongs to operations; none where the key does not.
pub(crate) fn sends(action: &str, key: &str) -> Option<bool> {
    let (_, actions) = OF_OPERATIONS.iter().find(|(name, _)| {
        if name.ends_with(['/', ':']) {
            key.starts_with(name)
        } else {
            key == *name
        }
    })?;
    Some(actions.iter().any(|start| action.starts_with(start)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_named_by_patterns_whatever_their_case() {
        let named = |pattern| {
            let mut named: Vec<_> = named(pattern).collect();
            named.sort_unstable();
            named
        };
        assert_eq!(named("KMS:DECRYPT"), ["kms:Decrypt"]);
        assert_eq!(named("kms:generatedatakey*").len(), 4);
        assert_eq!(named("kms:?erify"), ["kms:Verify"]);
        assert_eq!(named("*").len(), ACTIONS.len());
        assert_eq!(
            named("k*s:*Policy"),
            ["kms:GetKeyPolicy", "kms:PutKeyPolicy"]
        );
        assert!(named("kms:Decyrpt").is_empty() && named("kms:ReEncrypt").is_empty());
        assert!(named("s3:*").is_empty() && named("").is_empty());
    }

    #[test]
    fn actions_are_found_whatever_their_case_and_none_stands_twice() {
        assert_eq!(find("KMS:decrypt").map(|it| it.name), Some("kms:Decrypt"));
        assert!(find("kms:ReEncrypt").is_none());
        for action in ACTIONS {
            let same = ACTIONS.iter().filter(|it| it.name == action.name);
            assert_eq!(same.count(), 1, "{}", action.name);
        }
    }

    #[test]
    fn what_works_from_another_account_is_on_a_key_and_changes_none() {
        for action in ACTIONS.iter().filter(|it| it.crosses_accounts) {
            assert!(
                action.on_a_key && action.class != Administration,
                "{}",
                action.name
            );
        }
        assert_eq!(ACTIONS.iter().filter(|it| it.crosses_accounts).count(), 20);
    }

    #[test]
    fn keys_of_operations() {
        assert_eq!(sends("kms:CreateGrant", "kms:grantoperations"), Some(true));
        assert_eq!(sends("kms:Decrypt", "kms:grantoperations"), Some(false));
        assert_eq!(sends("kms:TagResource", "aws:requesttag/team"), Some(true));
        assert_eq!(sends("kms:Decrypt", "aws:sourceip"), None);
    }
}
