//! The request table: what the context of each request holds, cell by cell, with the source of each.
//!
//! A key's policy is judged for the requests that are really made. What such a request carries differs by who makes it: CloudTrail sends no
//! encryption context with `DescribeKey`, an event data store sends no `aws:SourceArn`, and much is not documented at all. This table is data;
//! adding a service means adding columns.

use std::fmt::Write as _;

use crate::value::Shape;

/// A kind of request: a column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RequestKind {
    /// CloudTrail, or S3 on its behalf, makes a data key for a trail's log file.
    Encrypt,
    /// CloudTrail describes the key of a trail.
    Describe,
    /// CloudTrail decrypts with the key of a trail, where the bucket has an S3 Bucket Key.
    Decrypt,
    /// CloudTrail for an event data store.
    Store,
    /// AWS Config delivering to a bucket.
    Config,
    /// A person or role that reads a log file through S3.
    Reader,
}

impl RequestKind {
    /// All columns, in the order of [`Row::cells`].
    pub const ALL: [RequestKind; 6] = [
        RequestKind::Encrypt,
        RequestKind::Describe,
        RequestKind::Decrypt,
        RequestKind::Store,
        RequestKind::Config,
        RequestKind::Reader,
    ];

    /// The service principal that asks; none for a reader.
    pub fn service(self) -> Option<&'static str> {
        match self {
            RequestKind::Encrypt
            | RequestKind::Describe
            | RequestKind::Decrypt
            | RequestKind::Store => Some("cloudtrail.amazonaws.com"),
            RequestKind::Config => Some("config.amazonaws.com"),
            RequestKind::Reader => None,
        }
    }

    fn index(self) -> usize {
        RequestKind::ALL
            .iter()
            .position(|kind| *kind == self)
            .unwrap_or(0)
    }
}

/// What a request carries under a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cell {
    /// Surely there, with this value.
    Present(What),
    /// Surely not there.
    Absent,
    /// There or not, and what it holds is not known: nobody documents it.
    Undocumented,
    /// There or not, with this value where it is.
    Perhaps(What),
    /// The caller chooses it.
    Free,
}

/// The value that a cell stands for; whoever builds a request puts it in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// The trail's ARN, in the trail's home region and the account that owns it.
    TrailArn,
    /// The account of the trail's ARN.
    TrailAccount,
    /// The organization of the trail's account, or none.
    TrailOrganization,
    /// The ARN of the log file, or of the bucket where it has an S3 Bucket Key.
    ObjectArn,
    /// The bucket's ARN.
    BucketArn,
    /// `aws:cloudtrail:arn` and `aws:s3:arn`.
    ContextKeys,
    /// `s3.REGION.amazonaws.com` of the bucket's region.
    ThroughS3,
    /// The reader's account.
    ReaderAccount,
    /// The reader's ARN; for a session, its role's.
    ReaderArn,
    /// `User`, `AssumedRole`, `FederatedUser` or, for the root user alone, `Account`.
    ReaderType,
    /// The reader's user name; absent for a role.
    ReaderName,
    /// The organization of the reader's account, or none.
    ReaderOrganization,
    /// `true`
    True,
    /// `false`
    False,
    /// The service's name.
    Service,
    /// An address of AWS's own, which lies in none of the policy's ranges.
    AwsAddress,
    /// Now.
    Time,
    /// The member account whose configuration is delivered.
    MemberAccount,
    /// The organization of the member account.
    MemberOrganization,
    /// A property of the key: tags, aliases, spec, usage, origin, account.
    OfTheKey,
}

/// A row: one context key, or a family of them.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The key as AWS spells it; one that ends in `/` or `:` stands for all keys that start so.
    pub key: &'static str,
    /// One cell a kind of request, in the order of [`RequestKind::ALL`].
    pub cells: [Cell; 6],
    /// The page that says so.
    pub source: &'static str,
}

use Cell::{Absent, Free, Perhaps, Present, Undocumented};

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

/// The row of a key, whatever its case: the row of its name, else the longest family that it belongs to.
pub fn row(key: &str) -> Option<&'static Row> {
    let exact = TABLE.iter().find(|row| row.key.eq_ignore_ascii_case(key));
    let family = |row: &&Row| {
        row.key.ends_with(['/', ':'])
            && key
                .get(..row.key.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(row.key))
    };
    exact.or_else(|| TABLE.iter().filter(family).max_by_key(|row| row.key.len()))
}

/// What a kind of request carries under a key. A key of other operations (tags, grants, import), or that AWS does not list, is absent.
pub fn cell(kind: RequestKind, key: &str) -> Cell {
    row(key)
        .and_then(|row| row.cells.get(kind.index()).copied())
        .unwrap_or(Absent)
}

/// Keys that carry lists (IAM User Guide, Multivalued context keys).
pub fn is_list(key: &str) -> bool {
    const LISTS: &[&str] = &[
        "aws:calledvia",
        "aws:principalorgpaths",
        "aws:sourceorgpaths",
        "aws:resourceorgpaths",
        "aws:vpceorgpaths",
        "aws:tagkeys",
        "aws:principalservicenameslist",
        "kms:encryptioncontextkeys",
        "kms:resourcealiases",
        "kms:grantoperations",
    ];
    LISTS.contains(&key.to_ascii_lowercase().as_str())
}

/// Which texts a key's value can be.
pub fn shape_of(key: &str) -> Shape {
    match key.to_ascii_lowercase().as_str() {
        "aws:sourceaccount"
        | "aws:principalaccount"
        | "aws:resourceaccount"
        | "aws:vpceaccount"
        | "kms:calleraccount" => Shape::Account,
        "aws:sourcearn" | "aws:principalarn" | "aws:sourcevpcarn" | "aws:chatbotsourcearn" => {
            Shape::Arn
        }
        "aws:sourceip" | "aws:vpcsourceip" | "aws:ec2instancesourceprivateipv4" => Shape::Ip,
        "aws:multifactorauthpresent"
        | "aws:securetransport"
        | "aws:viaawsservice"
        | "kms:multiregion" => Shape::Bool,
        "aws:multifactorauthage" => Shape::Number,
        "aws:tokenissuetime" | "aws:currenttime" | "aws:epochtime" => Shape::Time,
        "aws:requestedregion" => Shape::Region,
        _ => Shape::Text,
    }
}

/// A requirement: its id, what it asks for, and for whom.
#[derive(Clone, Copy, Debug)]
pub struct Demand {
    /// The id of the JSON report.
    pub id: &'static str,
    /// The column of the table.
    pub kind: RequestKind,
    /// The action.
    pub action: &'static str,
    /// One sentence for people.
    pub why: &'static str,
}

/// All requirements that are judged.
pub const DEMANDS: &[Demand] = &[
    Demand {
        id: "cloudtrail-encrypt",
        kind: RequestKind::Encrypt,
        action: "kms:GenerateDataKey",
        why: "CloudTrail makes a data key for every log file that it delivers, and a first one when the trail is created or changed",
    },
    Demand {
        id: "cloudtrail-describe",
        kind: RequestKind::Describe,
        action: "kms:DescribeKey",
        why: "CloudTrail reads the key's properties; AWS documents the permission as required",
    },
    Demand {
        id: "cloudtrail-decrypt",
        kind: RequestKind::Decrypt,
        action: "kms:Decrypt",
        why: "with an S3 Bucket Key on the bucket, creating or changing the trail needs it",
    },
    Demand {
        id: "lake-encrypt",
        kind: RequestKind::Store,
        action: "kms:GenerateDataKey",
        why: "CloudTrail makes data keys for the events that it stores",
    },
    Demand {
        id: "lake-decrypt",
        kind: RequestKind::Store,
        action: "kms:Decrypt",
        why: "CloudTrail decrypts the events that a query reads",
    },
    Demand {
        id: "lake-describe",
        kind: RequestKind::Store,
        action: "kms:DescribeKey",
        why: "CloudTrail reads the key's properties",
    },
    Demand {
        id: "controltower-cloudtrail-encrypt",
        kind: RequestKind::Encrypt,
        action: "kms:GenerateDataKey",
        why: "CloudTrail makes a data key for every log file of `aws-controltower-BaselineCloudTrail`",
    },
    Demand {
        id: "controltower-cloudtrail-decrypt",
        kind: RequestKind::Decrypt,
        action: "kms:Decrypt",
        why: "AWS's minimum policy for Control Tower lets CloudTrail decrypt for `aws-controltower-BaselineCloudTrail`",
    },
    Demand {
        id: "controltower-config-encrypt",
        kind: RequestKind::Config,
        action: "kms:GenerateDataKey",
        why: "AWS Config makes a data key for every file that it delivers for an account of the organization",
    },
    Demand {
        id: "controltower-config-decrypt",
        kind: RequestKind::Config,
        action: "kms:Decrypt",
        why: "AWS's minimum policy for Control Tower lets AWS Config decrypt",
    },
    Demand {
        id: "config-encrypt",
        kind: RequestKind::Config,
        action: "kms:GenerateDataKey",
        why: "AWS Config makes a data key for every file that it delivers; it calls as the recorder's role, and where that is the service-linked role or fails, as the service",
    },
    Demand {
        id: "config-decrypt",
        kind: RequestKind::Config,
        action: "kms:Decrypt",
        why: "AWS documents the permission as required for deliveries to a bucket with a KMS key; AWS Config calls as the recorder's role, and where that is the service-linked role or fails, as the service",
    },
    Demand {
        id: "reader-decrypt",
        kind: RequestKind::Reader,
        action: "kms:Decrypt",
        why: "whoever reads a log file decrypts it, through S3",
    },
];

/// What a user of an event data store needs besides [`DEMANDS`]' `reader-decrypt` (CloudTrail User Guide, key policies for event data
/// stores: both permissions to run queries and to get their results).
pub const STORE_READER: Demand = Demand {
    id: "reader-decrypt",
    kind: RequestKind::Reader,
    action: "kms:GenerateDataKey",
    why: "whoever queries an event data store makes data keys, too",
};

/// [`DEMANDS`]' `config-encrypt` as the role of a recorder asks for it (AWS Config Developer Guide, Permissions for the KMS key): a request
/// of that role through S3.
pub const CONFIG_ROLE: [Demand; 2] = [
    Demand {
        id: "config-encrypt",
        kind: RequestKind::Reader,
        action: "kms:GenerateDataKey",
        why: "AWS Config makes data keys as the recorder's role",
    },
    Demand {
        id: "config-decrypt",
        kind: RequestKind::Reader,
        action: "kms:Decrypt",
        why: "AWS Config decrypts as the recorder's role",
    },
];

/// The requirement of that id.
pub fn demand(id: &str) -> Option<&'static Demand> {
    DEMANDS.iter().find(|demand| demand.id == id)
}

/// The page of a requirement for `keytrail explain`: who asks for what, and each cell of the context with its source. Markdown.
pub fn describe(id: &str) -> Option<String> {
    let demand = demand(id)?;
    let who = demand
        .kind
        .service()
        .map_or("the reader".to_owned(), |service| format!("`{service}`"));
    let mut out = format!(
        "# {id}\n\n{who} calls `{}`: {}.\n\n",
        demand.action, demand.why
    );
    out.push_str("| context key | in the request | source |\n|---|---|---|\n");
    for row in TABLE {
        // `DescribeKey` takes no encryption context, whoever calls it.
        let cell = match row.cells.get(demand.kind.index()) {
            Some(_)
                if demand.action == "kms:DescribeKey"
                    && row.key.starts_with("kms:EncryptionContext") =>
            {
                Absent
            }
            Some(cell) => *cell,
            None => continue,
        };
        let name = match row.key.chars().last() {
            Some('/' | ':') => format!("{}*", row.key),
            _ => row.key.to_owned(),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(out, "| `{name}` | {} | {} |", words(cell), row.source);
    }
    out.push_str("\nA key that is not in this table is not in the request.\n");
    Some(out)
}

fn words(cell: Cell) -> String {
    match cell {
        Present(what) => value_words(what).to_owned(),
        Absent => "never there".to_owned(),
        Undocumented => "not documented: an answer that hangs on it is undecided".to_owned(),
        Perhaps(what) => format!("perhaps there: {}", value_words(what)),
        Free => "the reader's choice".to_owned(),
    }
}

fn value_words(what: What) -> &'static str {
    match what {
        What::TrailArn => "the trail's ARN",
        What::TrailAccount => "the account of the trail's ARN",
        What::TrailOrganization => "the organization of the trail's account",
        What::ObjectArn => "the log file's ARN; with an S3 Bucket Key, the bucket's",
        What::BucketArn => "the bucket's ARN",
        What::ContextKeys => "`aws:cloudtrail:arn`, `aws:s3:arn`",
        What::ThroughS3 => "`s3.REGION.amazonaws.com` of the bucket's region",
        What::ReaderAccount => "the reader's account",
        What::ReaderArn => "the reader's ARN; for a session, its role's",
        What::ReaderType => {
            "`User`, `AssumedRole`, `FederatedUser`; `Account` for the root user alone"
        }
        What::ReaderName => "the user's name",
        What::ReaderOrganization => "the organization of the reader's account",
        What::True => "`true`",
        What::False => "`false`",
        What::Service => "the service's name",
        What::AwsAddress => "an address of AWS's own, in none of the policy's ranges",
        What::Time => "the time of the request",
        What::MemberAccount => "the account whose configuration is delivered",
        What::MemberOrganization => "the organization of that account",
        What::OfTheKey => "a property of the key",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_found_by_name_and_by_family_whatever_its_case() {
        assert_eq!(
            cell(RequestKind::Encrypt, "AWS:sourcearn"),
            Present(What::TrailArn)
        );
        assert_eq!(
            cell(
                RequestKind::Describe,
                "kms:encryptioncontext:aws:cloudtrail:arn"
            ),
            Absent
        );
        assert_eq!(cell(RequestKind::Reader, "aws:PrincipalTag/team"), Free);
        assert_eq!(
            cell(RequestKind::Encrypt, "kms:EncryptionContext:other"),
            Absent
        );
        assert_eq!(cell(RequestKind::Encrypt, "kmsCallerAccount"), Absent);
        assert_eq!(cell(RequestKind::Store, "aws:SourceAccount"), Absent);
    }

    #[test]
    fn every_requirement_has_a_page_and_every_cell_a_source() {
        for demand in DEMANDS {
            let page = describe(demand.id).unwrap();
            assert!(page.contains(demand.action) && page.contains("| `aws:SourceArn` |"));
        }
        assert!(TABLE.iter().all(|row| !row.source.is_empty()));
        assert!(describe("nothing").is_none());
    }
}
