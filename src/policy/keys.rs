//! The condition keys that a request to AWS KMS can carry: the table of their names, with what they hold.
//!
//! What a certain request carries under a key is another question: see [`requests`](super::requests), whose rows are keys of this table.
//!
//! Sources: IAM User Guide, "AWS global condition context keys"; Service Authorization Reference, "Actions, resources, and condition keys for
//! AWS Key Management Service"; AWS KMS Developer Guide, "AWS KMS condition keys".
//!
//! To renew the table: `testdata/iam/kms/README.md` says how the pages' own data is put beside it; `tests/it/tables.rs` compares.

/// What a key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyType {
    /// A text.
    Text,
    /// An ARN.
    Arn,
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A point in time.
    Date,
    /// A point in time in seconds, which numeric operators compare, too.
    Time,
    /// An IP address.
    Ip,
    /// The page does not say.
    Any,
}

/// How many values a request can carry under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Count {
    /// One.
    One,
    /// Several: a set operator is needed.
    Many,
    /// The page does not say, or says both.
    Unsure,
}

/// A condition key, or a family of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConditionKey {
    /// As AWS spells it; one that ends in `/` or `:` stands for all keys that start so. Case does not count.
    pub name: &'static str,
    /// What it holds.
    pub holds: KeyType,
    /// How many values.
    pub count: Count,
}

const fn key(name: &'static str, holds: KeyType, count: Count) -> ConditionKey {
    ConditionKey { name, holds, count }
}

const fn one(name: &'static str, holds: KeyType) -> ConditionKey {
    key(name, holds, Count::One)
}

const fn many(name: &'static str, holds: KeyType) -> ConditionKey {
    key(name, holds, Count::Many)
}

const fn unsure(name: &'static str, holds: KeyType) -> ConditionKey {
    key(name, holds, Count::Unsure)
}

/// The keys of every service, by name.
pub const GLOBAL_KEYS: &[ConditionKey] = &[
    unsure("aws:AssumedRoot", KeyType::Any),
    many("aws:CalledVia", KeyType::Text),
    one("aws:CalledViaAWSMCP", KeyType::Text),
    one("aws:CalledViaFirst", KeyType::Text),
    one("aws:CalledViaLast", KeyType::Text),
    one("aws:ChatbotSourceArn", KeyType::Arn),
    one("aws:CurrentTime", KeyType::Date),
    one("aws:Ec2InstanceSourcePrivateIPv4", KeyType::Ip),
    one("aws:Ec2InstanceSourceVpc", KeyType::Text),
    one("aws:EpochTime", KeyType::Time),
    one("aws:FederatedProvider", KeyType::Text),
    one("aws:IsMcpServiceAction", KeyType::Bool),
    one("aws:MultiFactorAuthAge", KeyType::Number),
    one("aws:MultiFactorAuthPresent", KeyType::Bool),
    one("aws:PrincipalAccount", KeyType::Text),
    one("aws:PrincipalArn", KeyType::Arn),
    one("aws:PrincipalIsAWSService", KeyType::Bool),
    one("aws:PrincipalOrgID", KeyType::Text),
    many("aws:PrincipalOrgPaths", KeyType::Text),
    one("aws:PrincipalServiceName", KeyType::Text),
    many("aws:PrincipalServiceNamesList", KeyType::Text),
    one("aws:PrincipalTag/", KeyType::Text),
    one("aws:PrincipalType", KeyType::Text),
    one("aws:referer", KeyType::Text),
    one("aws:RequestedRegion", KeyType::Text),
    one("aws:RequestTag/", KeyType::Text),
    one("aws:ResourceAccount", KeyType::Text),
    one("aws:ResourceOrgID", KeyType::Text),
    unsure("aws:ResourceOrgPaths", KeyType::Text),
    one("aws:ResourceTag/", KeyType::Text),
    one("aws:SecureTransport", KeyType::Bool),
    one("aws:SignInSessionArn", KeyType::Arn),
    one("aws:SourceAccount", KeyType::Text),
    one("aws:SourceArn", KeyType::Arn),
    one("aws:SourceIdentity", KeyType::Text),
    one("aws:SourceIp", KeyType::Ip),
    one("aws:SourceOrgID", KeyType::Text),
    many("aws:SourceOrgPaths", KeyType::Text),
    one("aws:SourceVpc", KeyType::Text),
    one("aws:SourceVpcArn", KeyType::Arn),
    one("aws:SourceVpce", KeyType::Text),
    many("aws:TagKeys", KeyType::Text),
    one("aws:TokenIssueTime", KeyType::Date),
    one("aws:UserAgent", KeyType::Text),
    one("aws:userid", KeyType::Text),
    one("aws:username", KeyType::Text),
    one("aws:ViaAWSMCPService", KeyType::Bool),
    one("aws:ViaAWSService", KeyType::Bool),
    one("aws:VpceAccount", KeyType::Text),
    one("aws:VpceOrgID", KeyType::Text),
    many("aws:VpceOrgPaths", KeyType::Text),
    one("aws:VpcSourceIp", KeyType::Ip),
];

/// Keys of other services that their sessions carry to every service (cross-service condition keys).
pub const SESSION_KEYS: &[ConditionKey] = &[
    unsure("codebuild:BuildArn", KeyType::Any),
    unsure("codebuild:ProjectArn", KeyType::Any),
    unsure("ec2:RoleDelivery", KeyType::Any),
    unsure("ec2:SourceInstanceArn", KeyType::Any),
    unsure("glue:CredentialIssuingService", KeyType::Any),
    unsure("glue:RoleAssumedBy", KeyType::Any),
    unsure("identitystore:UserId", KeyType::Any),
    unsure("lambda:SourceFunctionArn", KeyType::Any),
    unsure("ssm:SourceInstanceArn", KeyType::Any),
];

/// The keys of AWS KMS, by name.
pub const KMS_KEYS: &[ConditionKey] = &[
    one("kms:BypassPolicyLockoutSafetyCheck", KeyType::Bool),
    one("kms:CallerAccount", KeyType::Text),
    one("kms:CustomerMasterKeySpec", KeyType::Text),
    one("kms:CustomerMasterKeyUsage", KeyType::Text),
    one("kms:DataKeyPairSpec", KeyType::Text),
    one("kms:EncryptionAlgorithm", KeyType::Text),
    one("kms:EncryptionContext:", KeyType::Text),
    many("kms:EncryptionContextKeys", KeyType::Text),
    one("kms:ExpirationModel", KeyType::Text),
    one("kms:GrantConstraintType", KeyType::Text),
    one("kms:GranteePrincipal", KeyType::Text),
    one("kms:GrantIsForAWSResource", KeyType::Bool),
    many("kms:GrantOperations", KeyType::Text),
    one("kms:KeyAgreementAlgorithm", KeyType::Text),
    one("kms:KeyOrigin", KeyType::Text),
    one("kms:KeySpec", KeyType::Text),
    one("kms:KeyUsage", KeyType::Text),
    one("kms:MacAlgorithm", KeyType::Text),
    one("kms:MessageType", KeyType::Text),
    one("kms:MultiRegion", KeyType::Bool),
    one("kms:MultiRegionKeyType", KeyType::Text),
    one("kms:PrimaryRegion", KeyType::Text),
    one("kms:RecipientAttestation:", KeyType::Text),
    one("kms:ReEncryptOnSameKey", KeyType::Bool),
    one("kms:ReplicaRegion", KeyType::Text),
    one("kms:RequestAlias", KeyType::Text),
    many("kms:ResourceAliases", KeyType::Text),
    one("kms:RetiringPrincipal", KeyType::Text),
    one("kms:RotationPeriodInDays", KeyType::Number),
    one(
        "kms:ScheduleKeyDeletionPendingWindowInDays",
        KeyType::Number,
    ),
    one("kms:SigningAlgorithm", KeyType::Text),
    one("kms:ValidTo", KeyType::Date),
    one("kms:ViaService", KeyType::Text),
    one("kms:WrappingAlgorithm", KeyType::Text),
    one("kms:WrappingKeySpec", KeyType::Text),
];

/// Global keys whose values have no wildcards that would make sense (IAM User Guide, "Sensitive condition keys").
pub const NEVER_WILD: &[&str] = &[
    "aws:PrincipalAccount",
    "aws:PrincipalOrgID",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:SourceAccount",
    "aws:SourceOrgID",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:VpceAccount",
    "aws:VpceOrgID",
];

/// The actions whose requests can carry an encryption context.
const WITH_CONTEXT: &[&str] = &[
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyPair",
    "kms:GenerateDataKeyPairWithoutPlaintext",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:RetireGrant",
];

/// Keys that only the requests of some actions carry. Others of AWS KMS are bound to actions, too; these are those of which AWS says so
/// without a doubt, on both of its pages.
const BOUND: &[(&str, &[&str])] = &[
    (
        "kms:DataKeyPairSpec",
        &[
            "kms:GenerateDataKeyPair",
            "kms:GenerateDataKeyPairWithoutPlaintext",
        ],
    ),
    ("kms:EncryptionContext:", WITH_CONTEXT),
    ("kms:EncryptionContextKeys", WITH_CONTEXT),
    ("kms:ExpirationModel", &["kms:ImportKeyMaterial"]),
    ("kms:GranteePrincipal", &["kms:CreateGrant"]),
    ("kms:GrantOperations", &["kms:CreateGrant"]),
    ("kms:MacAlgorithm", &["kms:GenerateMac", "kms:VerifyMac"]),
    ("kms:MessageType", &["kms:Sign", "kms:Verify"]),
    (
        "kms:ReEncryptOnSameKey",
        &["kms:ReEncryptFrom", "kms:ReEncryptTo"],
    ),
    ("kms:ReplicaRegion", &["kms:ReplicateKey"]),
    ("kms:RetiringPrincipal", &["kms:CreateGrant"]),
    ("kms:RotationPeriodInDays", &["kms:EnableKeyRotation"]),
    (
        "kms:ScheduleKeyDeletionPendingWindowInDays",
        &["kms:ScheduleKeyDeletion"],
    ),
    ("kms:SigningAlgorithm", &["kms:Sign", "kms:Verify"]),
    ("kms:ValidTo", &["kms:ImportKeyMaterial"]),
    ("kms:WrappingAlgorithm", &["kms:GetParametersForImport"]),
    ("kms:WrappingKeySpec", &["kms:GetParametersForImport"]),
];

/// The only actions whose requests carry a key; none where AWS does not bind it to some.
pub fn actions_of(key: &ConditionKey) -> Option<&'static [&'static str]> {
    BOUND
        .iter()
        .find(|(name, _)| *name == key.name)
        .map(|(_, actions)| *actions)
}

/// All keys of the tables.
pub fn all() -> impl Iterator<Item = &'static ConditionKey> {
    GLOBAL_KEYS.iter().chain(SESSION_KEYS).chain(KMS_KEYS)
}

/// The key of that name, whatever its case: of its own, else of the longest family that it belongs to.
pub fn find(name: &str) -> Option<&'static ConditionKey> {
    let own = all().find(|key| !key.is_family() && key.name.eq_ignore_ascii_case(name));
    let starts = |key: &&ConditionKey| {
        let start = name.get(..key.name.len());
        key.is_family()
            && name.len() > key.name.len()
            && start.is_some_and(|start| start.eq_ignore_ascii_case(key.name))
    };
    own.or_else(|| all().filter(starts).max_by_key(|key| key.name.len()))
}

impl ConditionKey {
    /// True where the name stands for all keys that start so.
    pub fn is_family(&self) -> bool {
        self.name.ends_with(['/', ':'])
    }
}

/// True for the key of an identity provider (`accounts.google.com:aud`, `saml:sub`), which the session of a federated user carries.
pub fn is_of_a_provider(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower
        .split_once(':')
        .is_some_and(|(provider, _)| provider.contains('.') || provider == "saml")
}

#[cfg(test)]
mod tests {
    use super::super::requests;
    use super::*;

    #[test]
    fn a_key_is_found_by_name_and_by_family_whatever_its_case() {
        let name = |key| find(key).map(|key| key.name);
        assert_eq!(name("AWS:sourcearn"), Some("aws:SourceArn"));
        assert_eq!(name("aws:PrincipalTag/team"), Some("aws:PrincipalTag/"));
        assert_eq!(
            name("kms:encryptioncontext:aws:s3:arn"),
            Some("kms:EncryptionContext:")
        );
        for none in [
            "aws:PrincipalTag/",
            "kms:EncryptionContext:",
            "kmsCallerAccount",
            "aws:SourceArns",
            "",
        ] {
            assert_eq!(name(none), None, "{none}");
        }
        assert!(is_of_a_provider("token.actions.githubusercontent.com:sub"));
        assert!(!is_of_a_provider("aws:SourceArn"));
    }

    #[test]
    fn every_row_of_the_requests_is_a_key_of_the_table() {
        for row in requests::TABLE {
            let own = all().any(|key| key.name == row.key);
            assert!(
                own || find(row.key).is_some_and(ConditionKey::is_family),
                "{}",
                row.key
            );
        }
        for (name, actions) in BOUND {
            assert!(all().any(|key| key.name == *name), "{name}");
            let known = |it: &&str| super::super::actions::names().any(|name| name == *it);
            assert!(actions.iter().all(known), "{name}");
        }
        for name in NEVER_WILD {
            assert!(all().any(|key| key.name == *name), "{name}");
        }
    }

    #[test]
    fn some_keys_are_carried_by_the_requests_of_some_actions_alone() {
        let actions = |name| find(name).and_then(actions_of);
        assert_eq!(
            actions("kms:ValidTo"),
            Some(&["kms:ImportKeyMaterial"] as &[&str])
        );
        assert_eq!(actions("KMS:viaService"), None);
    }
}
