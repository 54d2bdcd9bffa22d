//! The rows of the table.

use super::Cell::{self, Absent, Free, Perhaps, Present, Undocumented};
use super::{Row, What};

const CT_KMS: &str = "CloudTrail User Guide, Configure AWS KMS key policies for CloudTrail";
const CT_HOW: &str = "AWS KMS Developer Guide, How AWS CloudTrail uses AWS KMS";
const KMS_COND: &str = "AWS KMS Developer Guide, AWS KMS condition keys";
const GLOBAL: &str = "IAM User Guide, AWS global condition context keys";
const S3_KEYS: &str =
    "Amazon S3 User Guide, Reducing the cost of SSE-KMS with Amazon S3 Bucket Keys";

/// A row of the same cell for all services, and another for readers.
const fn services(key: &'static str, service: Cell, reader: Cell, source: &'static str) -> Row {
    Row {
        key,
        cells: [service, service, service, service, service, reader],
        source,
    }
}

/// The table. A key that no row names and that AWS lists nowhere is surely absent.
pub const TABLE: &[Row] = &[
    Row {
        key: "aws:SourceArn",
        cells: [
            Present(What::TrailArn),
            Present(What::TrailArn),
            Present(What::TrailArn),
            Absent,
            Undocumented,
            Absent,
        ],
        source: CT_KMS,
    },
    Row {
        key: "aws:SourceAccount",
        cells: [
            Present(What::TrailAccount),
            Present(What::TrailAccount),
            Present(What::TrailAccount),
            Absent,
            Present(What::MemberAccount),
            Absent,
        ],
        source: CT_KMS,
    },
    Row {
        key: "aws:SourceOrgID",
        cells: [
            Perhaps(What::TrailOrganization),
            Perhaps(What::TrailOrganization),
            Perhaps(What::TrailOrganization),
            Absent,
            Perhaps(What::MemberOrganization),
            Absent,
        ],
        source: GLOBAL,
    },
    Row {
        key: "aws:SourceOrgPaths",
        cells: [
            Undocumented,
            Undocumented,
            Undocumented,
            Absent,
            Undocumented,
            Absent,
        ],
        source: GLOBAL,
    },
    Row {
        key: "kms:EncryptionContext:aws:cloudtrail:arn",
        cells: [
            Present(What::TrailArn),
            Absent,
            Present(What::TrailArn),
            Undocumented,
            Absent,
            Present(What::TrailArn),
        ],
        source: CT_HOW,
    },
    Row {
        key: "kms:EncryptionContext:aws:s3:arn",
        cells: [
            Present(What::ObjectArn),
            Absent,
            Present(What::BucketArn),
            Undocumented,
            Undocumented,
            Present(What::ObjectArn),
        ],
        source: S3_KEYS,
    },
    Row {
        key: "kms:EncryptionContext:",
        cells: [
            Absent,
            Absent,
            Undocumented,
            Undocumented,
            Undocumented,
            Absent,
        ],
        source: CT_HOW,
    },
    Row {
        key: "kms:EncryptionContextKeys",
        cells: [
            Present(What::ContextKeys),
            Absent,
            Undocumented,
            Undocumented,
            Undocumented,
            Present(What::ContextKeys),
        ],
        source: CT_HOW,
    },
    services(
        "kms:ViaService",
        Undocumented,
        Present(What::ThroughS3),
        KMS_COND,
    ),
    services(
        "kms:CallerAccount",
        Undocumented,
        Present(What::ReaderAccount),
        KMS_COND,
    ),
    services(
        "aws:PrincipalIsAWSService",
        Present(What::True),
        Present(What::False),
        GLOBAL,
    ),
    services(
        "aws:PrincipalServiceName",
        Present(What::Service),
        Absent,
        GLOBAL,
    ),
    services(
        "aws:PrincipalServiceNamesList",
        Present(What::Service),
        Absent,
        GLOBAL,
    ),
    services(
        "aws:PrincipalOrgID",
        Absent,
        Perhaps(What::ReaderOrganization),
        GLOBAL,
    ),
    services("aws:PrincipalOrgPaths", Absent, Undocumented, GLOBAL),
    services("aws:PrincipalTag/", Absent, Free, GLOBAL),
    services("aws:MultiFactorAuthPresent", Absent, Free, GLOBAL),
    services("aws:MultiFactorAuthAge", Absent, Free, GLOBAL),
    services("aws:TokenIssueTime", Absent, Free, GLOBAL),
    services("aws:FederatedProvider", Absent, Free, GLOBAL),
    services("aws:SourceIdentity", Absent, Free, GLOBAL),
    services("aws:AssumedRoot", Absent, Free, GLOBAL),
    services("aws:ChatbotSourceArn", Absent, Free, GLOBAL),
    services("aws:SignInSessionArn", Absent, Free, GLOBAL),
    services("aws:Ec2InstanceSourceVpc", Absent, Free, GLOBAL),
    services("aws:Ec2InstanceSourcePrivateIPv4", Absent, Free, GLOBAL),
    services(
        "aws:PrincipalAccount",
        Undocumented,
        Present(What::ReaderAccount),
        GLOBAL,
    ),
    services(
        "aws:PrincipalArn",
        Undocumented,
        Present(What::ReaderArn),
        GLOBAL,
    ),
    services(
        "aws:PrincipalType",
        Undocumented,
        Present(What::ReaderType),
        GLOBAL,
    ),
    services("aws:userid", Undocumented, Free, GLOBAL),
    services(
        "aws:username",
        Undocumented,
        Present(What::ReaderName),
        GLOBAL,
    ),
    services("aws:SourceVpc", Absent, Free, GLOBAL),
    services("aws:SourceVpce", Absent, Free, GLOBAL),
    services("aws:SourceVpcArn", Absent, Free, GLOBAL),
    services("aws:VpcSourceIp", Absent, Free, GLOBAL),
    services("aws:VpceAccount", Absent, Free, GLOBAL),
    services("aws:VpceOrgID", Absent, Free, GLOBAL),
    services("aws:VpceOrgPaths", Absent, Free, GLOBAL),
    services("aws:SourceIp", Perhaps(What::AwsAddress), Free, GLOBAL),
    services(
        "aws:SecureTransport",
        Present(What::True),
        Present(What::True),
        GLOBAL,
    ),
    services(
        "aws:ViaAWSService",
        Present(What::False),
        Present(What::True),
        GLOBAL,
    ),
    services("aws:CalledVia", Absent, Undocumented, GLOBAL),
    services("aws:CalledViaFirst", Absent, Undocumented, GLOBAL),
    services("aws:CalledViaLast", Absent, Undocumented, GLOBAL),
    services(
        "aws:CurrentTime",
        Present(What::Time),
        Present(What::Time),
        GLOBAL,
    ),
    services(
        "aws:EpochTime",
        Present(What::Time),
        Present(What::Time),
        GLOBAL,
    ),
    services("aws:RequestedRegion", Undocumented, Free, GLOBAL),
    services("aws:referer", Undocumented, Free, GLOBAL),
    services("aws:UserAgent", Undocumented, Free, GLOBAL),
    services(
        "aws:ResourceTag/",
        Perhaps(What::OfTheKey),
        Perhaps(What::OfTheKey),
        GLOBAL,
    ),
    services(
        "aws:ResourceAccount",
        Present(What::OfTheKey),
        Present(What::OfTheKey),
        GLOBAL,
    ),
    services(
        "aws:ResourceOrgID",
        Perhaps(What::OfTheKey),
        Perhaps(What::OfTheKey),
        GLOBAL,
    ),
    services(
        "aws:ResourceOrgPaths",
        Perhaps(What::OfTheKey),
        Perhaps(What::OfTheKey),
        GLOBAL,
    ),
    services(
        "kms:ResourceAliases",
        Perhaps(What::OfTheKey),
        Perhaps(What::OfTheKey),
        KMS_COND,
    ),
    services(
        "kms:KeySpec",
        Present(What::OfTheKey),
        Present(What::OfTheKey),
        KMS_COND,
    ),
    services(
        "kms:CustomerMasterKeySpec",
        Present(What::OfTheKey),
        Present(What::OfTheKey),
        KMS_COND,
    ),
    services(
        "kms:KeyUsage",
        Present(What::OfTheKey),
        Present(What::OfTheKey),
        KMS_COND,
    ),
    services(
        "kms:CustomerMasterKeyUsage",
        Present(What::OfTheKey),
        Present(What::OfTheKey),
        KMS_COND,
    ),
    services(
        "kms:KeyOrigin",
        Present(What::OfTheKey),
        Present(What::OfTheKey),
        KMS_COND,
    ),
    services(
        "kms:MultiRegion",
        Present(What::OfTheKey),
        Present(What::OfTheKey),
        KMS_COND,
    ),
    services(
        "kms:MultiRegionKeyType",
        Perhaps(What::OfTheKey),
        Perhaps(What::OfTheKey),
        KMS_COND,
    ),
    services(
        "kms:PrimaryRegion",
        Perhaps(What::OfTheKey),
        Perhaps(What::OfTheKey),
        KMS_COND,
    ),
    services("kms:EncryptionAlgorithm", Undocumented, Free, KMS_COND),
    services("kms:RequestAlias", Undocumented, Free, KMS_COND),
    services("kms:RecipientAttestation:", Absent, Free, KMS_COND),
];
