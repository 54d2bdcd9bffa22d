//! The requests that must be allowed: for a trail, a store, a reader, a landing zone, a delivery channel.

use std::fmt::Write as _;

use super::Cell::{self, Absent, Free, Perhaps, Present, Undocumented};
use super::{RequestKind, TABLE, What};

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
        let takes_none =
            demand.action == "kms:DescribeKey" && row.key.starts_with("kms:EncryptionContext");
        let cell = row.cells.get(demand.kind.index()).filter(|_| !takes_none);
        let cell = cell.copied().unwrap_or(Absent);
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
    fn a_page_says_of_each_key_what_the_request_carries() {
        for (id, row) in [
            (
                "cloudtrail-encrypt",
                "| `aws:SourceArn` | the trail's ARN | ",
            ),
            (
                "cloudtrail-encrypt",
                "| `aws:PrincipalIsAWSService` | `true` | ",
            ),
            (
                "cloudtrail-encrypt",
                "| `aws:SourceIp` | perhaps there: an address of AWS's own, in none of the policy's ranges | ",
            ),
            (
                "reader-decrypt",
                "| `aws:PrincipalArn` | the reader's ARN; for a session, its role's | ",
            ),
            (
                "reader-decrypt",
                "| `aws:PrincipalTag/*` | the reader's choice | ",
            ),
            (
                "reader-decrypt",
                "| `aws:SourceIp` | the reader's choice | ",
            ),
        ] {
            let page = describe(id).unwrap_or_default();
            assert!(
                page.lines().any(|line| line.starts_with(row)),
                "{row}\n{page}"
            );
        }
    }

    #[test]
    fn a_page_says_who_asks_for_what() {
        for (id, start) in [
            (
                "cloudtrail-encrypt",
                "# cloudtrail-encrypt\n\n`cloudtrail.amazonaws.com` calls `kms:GenerateDataKey`: ",
            ),
            (
                "lake-decrypt",
                "# lake-decrypt\n\n`cloudtrail.amazonaws.com` calls `kms:Decrypt`: ",
            ),
            (
                "controltower-config-encrypt",
                "# controltower-config-encrypt\n\n`config.amazonaws.com` calls `kms:GenerateDataKey`: ",
            ),
            (
                "reader-decrypt",
                "# reader-decrypt\n\nthe reader calls `kms:Decrypt`: ",
            ),
        ] {
            let page = describe(id).unwrap_or_default();
            assert!(page.starts_with(start), "{page}");
        }
    }
}
