//! What the user declares beside the inputs: readers, and the policies of keys that no input holds.

use crate::value::Value;

/// The policy of a key that no input holds.
#[derive(Clone, Debug)]
pub struct KeyPolicy {
    /// The key's ARN.
    pub arn: String,
    /// The text of the policy, whole, in a file of the map.
    pub policy: Value,
}

/// Somebody who must be able to read the logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The ARN of a user, a role, a session, a federated user or a root user. In a role's name and path `*` stands for what nobody knows
    /// beforehand, as in the roles of IAM Identity Center:
    /// `arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_Audit_*`. The name alone of such a role,
    /// `AWSReservedSSO_Audit_*`, is one of the key's account, whatever Region its path names.
    pub arn: String,
    /// How it reads.
    pub via: Via,
    /// The ARN of a role that it assumes to read: then the role must be able to read, and its trust policy must let the reader assume it.
    pub through: Option<String>,
    /// What its requests carry, by context key: `aws:PrincipalTag/team`. It outranks [`Options::reader_context`](super::Options).
    pub context: Vec<(String, String)>,
}

impl Reader {
    /// A reader of whose way and requests nothing is said.
    pub fn new(arn: impl Into<String>) -> Self {
        Reader {
            arn: arn.into(),
            via: Via::default(),
            through: None,
            context: Vec::new(),
        }
    }

    /// What its requests carry: its own, and what is said of all readers about other keys.
    pub(super) fn context(&self, all: &[(String, String)]) -> Vec<(String, String)> {
        let own = |key: &str| {
            self.context
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case(key))
        };
        let more = all.iter().filter(|(key, _)| !own(key));
        self.context.iter().chain(more).cloned().collect()
    }
}

/// How a reader reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Via {
    /// It takes the log files from S3, itself or through a service: what only the way decides is undecided.
    #[default]
    Unsaid,
    /// It takes the log files from S3 itself.
    S3,
    /// It queries them in Athena, which takes them from S3 on its behalf.
    Athena,
}

impl Via {
    /// The word of configuration files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Via::Unsaid => "unsaid",
            Via::S3 => "s3",
            Via::Athena => "athena",
        }
    }
}
