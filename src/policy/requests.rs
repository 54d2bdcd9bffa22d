//! The request table: what the context of each request holds, cell by cell, with the source of each.
//!
//! A key's policy is judged for the requests that are really made. What such a request carries differs by who makes it: CloudTrail sends no
//! encryption context with `DescribeKey`, an event data store sends no `aws:SourceArn`, and much is not documented at all. This table is data;
//! adding a service means adding columns.

mod demand;
mod table;

use crate::value::Shape;

pub use demand::{CONFIG_ROLE, DEMANDS, Demand, STORE_READER, demand, describe};
pub use table::TABLE;

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
        .unwrap_or(Cell::Absent)
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
        "aws:ismcpserviceaction"
        | "aws:multifactorauthpresent"
        | "aws:principalisawsservice"
        | "aws:securetransport"
        | "aws:viaawsmcpservice"
        | "aws:viaawsservice"
        | "kms:bypasspolicylockoutsafetycheck"
        | "kms:grantisforawsresource"
        | "kms:multiregion"
        | "kms:reencryptonsamekey" => Shape::Bool,
        "aws:multifactorauthage"
        | "kms:rotationperiodindays"
        | "kms:schedulekeydeletionpendingwindowindays" => Shape::Number,
        "aws:tokenissuetime" | "aws:currenttime" | "aws:epochtime" | "kms:validto" => Shape::Time,
        "aws:requestedregion" => Shape::Region,
        _ => Shape::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::Cell::{Absent, Free, Present};
    use super::*;

    /// The table of keys and the shapes of their values say the same.
    #[test]
    fn what_is_no_text_has_no_shape_of_one() {
        use crate::policy::keys::{KeyType, all};
        for key in all() {
            let wanted = match key.holds {
                KeyType::Bool => Shape::Bool,
                KeyType::Number => Shape::Number,
                KeyType::Date | KeyType::Time => Shape::Time,
                KeyType::Ip => Shape::Ip,
                _ => continue,
            };
            assert_eq!(shape_of(key.name), wanted, "{}", key.name);
        }
    }

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
            // `DescribeKey` takes no encryption context, whoever calls it.
            let mut rows = page
                .lines()
                .filter(|it| it.contains("`kms:EncryptionContext"));
            let describes = demand.action == "kms:DescribeKey";
            assert_eq!(
                rows.all(|it| it.contains("never there")),
                describes,
                "{page}"
            );
        }
        assert!(TABLE.iter().all(|row| !row.source.is_empty()));
        assert!(describe("nothing").is_none());
    }

    #[test]
    fn keys_of_lists_are_told_from_others_whatever_their_case() {
        for (key, expected) in [
            ("aws:CalledVia", true),
            ("aws:PrincipalOrgPaths", true),
            ("kms:EncryptionContextKeys", true),
            ("aws:CalledViaFirst", false),
            ("aws:PrincipalOrgID", false),
            ("kms:EncryptionContext:aws:s3:arn", false),
        ] {
            assert_eq!(is_list(key), expected, "{key}");
        }
    }

    #[test]
    fn a_key_s_value_has_the_shape_that_aws_documents() {
        for (key, shape) in [
            ("aws:SourceAccount", Shape::Account),
            ("kms:CallerAccount", Shape::Account),
            ("aws:SourceArn", Shape::Arn),
            ("aws:PrincipalArn", Shape::Arn),
            ("aws:SourceIp", Shape::Ip),
            ("aws:RequestedRegion", Shape::Region),
            ("kms:ViaService", Shape::Text),
        ] {
            assert_eq!(shape_of(key), shape, "{key}");
        }
    }
}
