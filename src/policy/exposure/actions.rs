//! The actions that a key policy can grant on its key.
//!
//! Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Key Management Service"; what other accounts can use:
//! AWS KMS Developer Guide, "Allowing users in other accounts to use a KMS key".

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

/// An action on a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    /// As a policy names it, `kms:Decrypt`.
    pub name: &'static str,
    /// What it does.
    pub class: ActionClass,
    /// Whether the request can carry an encryption context.
    pub takes_context: bool,
    /// Whether it works on a key of another account.
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
        takes_context,
        crosses_accounts,
    }
}

use ActionClass::{Administration, Cryptographic, Grant, Read};

/// All actions whose resource is a key, the most dangerous of each class first.
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
];

/// The action of that name, whatever its case.
pub fn find(name: &str) -> Option<&'static Action> {
    ACTIONS
        .iter()
        .find(|action| action.name.eq_ignore_ascii_case(name))
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
pub(super) fn sends(action: &str, key: &str) -> Option<bool> {
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
    use crate::policy::actions::{CROSS_ACCOUNT_ACTIONS, KEYLESS_ACTIONS, KMS_ACTIONS};

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
    fn keys_of_operations() {
        assert_eq!(sends("kms:CreateGrant", "kms:grantoperations"), Some(true));
        assert_eq!(sends("kms:Decrypt", "kms:grantoperations"), Some(false));
        assert_eq!(sends("kms:TagResource", "aws:requesttag/team"), Some(true));
        assert_eq!(sends("kms:Decrypt", "aws:sourceip"), None);
    }

    /// The table of all actions is the one that is renewed; this one says more of those that are on a key.
    #[test]
    fn the_actions_are_those_of_the_table_that_are_on_a_key() {
        let mut own: Vec<&str> = ACTIONS.iter().map(|it| it.name).collect();
        own.sort_unstable();
        let mut all = KMS_ACTIONS.to_vec();
        all.retain(|it| !KEYLESS_ACTIONS.contains(it));
        assert_eq!(own, all);
        let crossing = ACTIONS.iter().filter(|it| it.crosses_accounts);
        let mut crossing: Vec<&str> = crossing.map(|it| it.name).collect();
        crossing.sort_unstable();
        assert_eq!(crossing, CROSS_ACCOUNT_ACTIONS);
    }
}
