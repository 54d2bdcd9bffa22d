//! The actions of AWS KMS.
//!
//! Sources: Service Authorization Reference, "Actions, resources, and condition keys for AWS Key Management Service"; AWS KMS Developer Guide,
//! "Permissions reference". A permission is not always named as its operation: `ReEncrypt` needs `kms:ReEncryptFrom` and `kms:ReEncryptTo`,
//! and `kms:SynchronizeMultiRegionKey` belongs to no operation at all.
//!
//! To renew the tables: `testdata/iam/kms/README.md` says how the page's own data is put beside them; `tests/it/tables.rs` compares.

/// All actions, in the order of the alphabet, as AWS spells them. IAM compares them without regard to case.
pub const KMS_ACTIONS: &[&str] = &[
    "kms:CancelKeyDeletion",
    "kms:ConnectCustomKeyStore",
    "kms:CreateAlias",
    "kms:CreateCustomKeyStore",
    "kms:CreateGrant",
    "kms:CreateKey",
    "kms:Decrypt",
    "kms:DeleteAlias",
    "kms:DeleteCustomKeyStore",
    "kms:DeleteImportedKeyMaterial",
    "kms:DeriveSharedSecret",
    "kms:DescribeCustomKeyStores",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:DisconnectCustomKeyStore",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyPair",
    "kms:GenerateDataKeyPairWithoutPlaintext",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GenerateMac",
    "kms:GenerateRandom",
    "kms:GetKeyLastUsage",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:GetParametersForImport",
    "kms:GetPublicKey",
    "kms:ImportKeyMaterial",
    "kms:ListAliases",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListKeys",
    "kms:ListResourceTags",
    "kms:ListRetirableGrants",
    "kms:PutKeyPolicy",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:ReplicateKey",
    "kms:RetireGrant",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:Sign",
    "kms:SynchronizeMultiRegionKey",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateCustomKeyStore",
    "kms:UpdateKeyDescription",
    "kms:UpdatePrimaryRegion",
    "kms:Verify",
    "kms:VerifyMac",
];

/// Those of [`KMS_ACTIONS`] that are on no key: the page names no resource type for them, so that no key policy is asked.
pub const KEYLESS_ACTIONS: &[&str] = &[
    "kms:ConnectCustomKeyStore",
    "kms:CreateCustomKeyStore",
    "kms:CreateKey",
    "kms:DeleteCustomKeyStore",
    "kms:DescribeCustomKeyStores",
    "kms:DisconnectCustomKeyStore",
    "kms:GenerateRandom",
    "kms:ListAliases",
    "kms:ListKeys",
    "kms:ListRetirableGrants",
    "kms:UpdateCustomKeyStore",
];

/// Those of [`KMS_ACTIONS`] that a principal of another account can be allowed; a key policy that allows another account more has no effect
/// (AWS KMS Developer Guide, "Allowing users in other accounts to use a KMS key").
pub const CROSS_ACCOUNT_ACTIONS: &[&str] = &[
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DeriveSharedSecret",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyPair",
    "kms:GenerateDataKeyPairWithoutPlaintext",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GenerateMac",
    "kms:GetKeyRotationStatus",
    "kms:GetPublicKey",
    "kms:ListGrants",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:RetireGrant",
    "kms:RevokeGrant",
    "kms:Sign",
    "kms:Verify",
    "kms:VerifyMac",
];

/// The actions that an `Action` of a policy names: `*` and `?` stand for letters, and case is ignored.
pub fn named(pattern: &str) -> impl Iterator<Item = &'static str> {
    let pattern = pattern.to_ascii_lowercase();
    KMS_ACTIONS
        .iter()
        .copied()
        .filter(move |action| glob(pattern.as_bytes(), action.to_ascii_lowercase().as_bytes()))
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
                last = Some((star, from + 1));
                at = star + 1;
                read = from + 1;
            }
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_named_by_patterns_whatever_their_case() {
        let names = |pattern| named(pattern).collect::<Vec<_>>();
        assert_eq!(names("KMS:DECRYPT"), ["kms:Decrypt"]);
        assert_eq!(names("kms:generatedatakey*").len(), 4);
        assert_eq!(names("kms:?erify"), ["kms:Verify"]);
        assert_eq!(names("*").len(), KMS_ACTIONS.len());
        assert_eq!(
            names("k*s:*Policy"),
            ["kms:GetKeyPolicy", "kms:PutKeyPolicy"]
        );
        assert!(names("kms:Decyrpt").is_empty() && names("kms:ReEncrypt").is_empty());
        assert!(names("s3:*").is_empty() && names("").is_empty());
    }

    #[test]
    fn the_tables_are_in_order_and_of_one_piece() {
        assert!(KMS_ACTIONS.is_sorted());
        for part in [KEYLESS_ACTIONS, CROSS_ACCOUNT_ACTIONS] {
            assert!(part.is_sorted() && part.iter().all(|action| KMS_ACTIONS.contains(action)));
        }
    }
}
