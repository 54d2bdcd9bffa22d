//! The resource types that are read, each with its attributes. Nothing is built of any other.

use super::Mode;
use crate::value::Shape;

/// A type that is read.
#[derive(Debug)]
pub(crate) struct Type {
    /// Managed or data.
    pub(crate) mode: Mode,
    /// The type.
    pub(crate) kind: &'static str,
    /// Its attributes in the order of their names.
    pub(crate) attributes: &'static [Attribute],
    /// True where a new object's `arn`, `key_id` and `id` are drawn at random: they equal no text that anybody wrote before.
    /// A trail's ARN follows from its name, and a replica has the identifier of its primary key.
    pub(crate) random: bool,
}

/// An attribute that is read.
#[derive(Debug)]
pub(crate) struct Attribute {
    /// Its name.
    pub(crate) name: &'static str,
    /// Which texts it can hold.
    pub(crate) shape: Shape,
    /// True where every version of the provider has it: a plan that neither gives nor names it says by that that it is unknown.
    pub(crate) always: bool,
}

/// An attribute that not every version of the provider has.
const fn newer(name: &'static str, shape: Shape) -> Attribute {
    Attribute {
        name,
        shape,
        always: false,
    }
}

/// An attribute that every version of the provider has.
const fn always(name: &'static str, shape: Shape) -> Attribute {
    Attribute {
        name,
        shape,
        always: true,
    }
}

impl Type {
    /// The attribute of that name, if it is read.
    pub(crate) fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        self.attributes.iter().find(|it| it.name == name)
    }
}

/// The type of that mode and name, if it is read.
pub(crate) fn find(mode: Mode, kind: &str) -> Option<&'static Type> {
    TYPES.iter().find(|it| it.mode == mode && it.kind == kind)
}

/// True for an attribute that holds a JSON document: its text is read, and what stands in it can be pointed at.
pub(crate) fn is_json(attribute: &str) -> bool {
    matches!(attribute, "policy" | "manifest_json")
}

/// True where the type is read in one mode or the other.
pub(crate) fn is_read(kind: &str) -> bool {
    TYPES.iter().any(|it| it.kind == kind)
}

/// True for a type that only tells what a reader's own IAM policies allow: nobody asks for it where no reader is named.
pub(crate) fn is_identity(kind: &str) -> bool {
    kind.starts_with("aws_iam_") && kind != "aws_iam_policy_document"
}

const fn managed(kind: &'static str, attributes: &'static [Attribute]) -> Type {
    Type {
        mode: Mode::Managed,
        kind,
        attributes,
        random: false,
    }
}

const fn data(kind: &'static str, attributes: &'static [Attribute]) -> Type {
    Type {
        mode: Mode::Data,
        kind,
        attributes,
        random: false,
    }
}

/// A type whose new objects have random identifiers.
const fn random(kind: &'static str, attributes: &'static [Attribute]) -> Type {
    Type {
        mode: Mode::Managed,
        kind,
        attributes,
        random: true,
    }
}

/// The four resources that make a key, with all that any of them has.
const KEY: &[Attribute] = &[
    always("arn", Shape::Arn),
    newer("bypass_policy_lockout_safety_check", Shape::Bool),
    newer("customer_master_key_spec", Shape::Text),
    newer("deletion_window_in_days", Shape::Number),
    newer("enable_key_rotation", Shape::Bool),
    newer("enabled", Shape::Bool),
    always("id", Shape::Id),
    newer("is_enabled", Shape::Bool),
    always("key_id", Shape::Id),
    newer("key_usage", Shape::Text),
    newer("multi_region", Shape::Bool),
    always("policy", Shape::Text),
    newer("primary_key_arn", Shape::Arn),
    newer("region", Shape::Region),
];

/// All types that are read: [aws_kms_key](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_key) and its
/// neighbours in the documentation of the AWS provider.
pub(crate) const TYPES: &[Type] = &[
    random("aws_kms_key", KEY),
    random("aws_kms_external_key", KEY),
    managed("aws_kms_replica_key", KEY),
    managed("aws_kms_replica_external_key", KEY),
    managed(
        "aws_kms_key_policy",
        &[
            newer("bypass_policy_lockout_safety_check", Shape::Bool),
            always("key_id", Shape::Text),
            always("policy", Shape::Text),
            newer("region", Shape::Region),
        ],
    ),
    managed(
        "aws_kms_alias",
        &[
            always("arn", Shape::Arn),
            always("name", Shape::Text),
            newer("region", Shape::Region),
            always("target_key_arn", Shape::Arn),
            always("target_key_id", Shape::Text),
        ],
    ),
    managed(
        "aws_cloudtrail",
        &[
            always("arn", Shape::Arn),
            newer("enable_logging", Shape::Bool),
            newer("home_region", Shape::Region),
            always("id", Shape::Text),
            newer("is_multi_region_trail", Shape::Bool),
            newer("is_organization_trail", Shape::Bool),
            always("kms_key_id", Shape::Text),
            always("name", Shape::Text),
            newer("region", Shape::Region),
            always("s3_bucket_name", Shape::Text),
            newer("s3_key_prefix", Shape::Text),
        ],
    ),
    random(
        "aws_cloudtrail_event_data_store",
        &[
            always("arn", Shape::Arn),
            always("id", Shape::Text),
            always("kms_key_id", Shape::Text),
            always("name", Shape::Text),
            newer("organization_enabled", Shape::Bool),
            newer("region", Shape::Region),
        ],
    ),
    managed(
        "aws_config_configuration_recorder",
        &[
            always("id", Shape::Text),
            always("name", Shape::Text),
            newer("region", Shape::Region),
            always("role_arn", Shape::Arn),
        ],
    ),
    managed(
        "aws_config_delivery_channel",
        &[
            always("id", Shape::Text),
            newer("name", Shape::Text),
            newer("region", Shape::Region),
            always("s3_bucket_name", Shape::Text),
            newer("s3_kms_key_arn", Shape::Text),
        ],
    ),
    random(
        "aws_controltower_landing_zone",
        &[
            always("arn", Shape::Arn),
            always("id", Shape::Text),
            always("manifest_json", Shape::Text),
            newer("region", Shape::Region),
            always("version", Shape::Text),
        ],
    ),
    managed(
        "aws_s3_bucket",
        &[
            always("arn", Shape::Arn),
            always("bucket", Shape::Text),
            always("id", Shape::Text),
            newer("region", Shape::Region),
            newer("server_side_encryption_configuration", Shape::Text),
        ],
    ),
    managed(
        "aws_s3_bucket_server_side_encryption_configuration",
        &[always("bucket", Shape::Text), newer("rule", Shape::Text)],
    ),
    managed(
        "aws_kms_grant",
        &[
            newer("constraints", Shape::Text),
            always("grantee_principal", Shape::Text),
            always("key_id", Shape::Text),
            newer("name", Shape::Text),
            always("operations", Shape::Text),
        ],
    ),
    managed(
        "aws_iam_group",
        &[
            always("arn", Shape::Arn),
            always("id", Shape::Text),
            always("name", Shape::Name),
            newer("path", Shape::Text),
        ],
    ),
    managed(
        "aws_iam_group_membership",
        &[always("group", Shape::Text), always("users", Shape::Text)],
    ),
    managed(
        "aws_iam_group_policy",
        &[
            always("group", Shape::Text),
            always("name", Shape::Text),
            always("policy", Shape::Text),
        ],
    ),
    managed(
        "aws_iam_group_policy_attachment",
        &[
            always("group", Shape::Text),
            always("policy_arn", Shape::Arn),
        ],
    ),
    managed(
        "aws_iam_policy",
        &[
            always("arn", Shape::Arn),
            always("id", Shape::Arn),
            always("name", Shape::Name),
            newer("path", Shape::Text),
            always("policy", Shape::Text),
        ],
    ),
    managed(
        "aws_iam_policy_attachment",
        &[
            newer("groups", Shape::Text),
            always("policy_arn", Shape::Arn),
            newer("roles", Shape::Text),
            newer("users", Shape::Text),
        ],
    ),
    managed(
        "aws_iam_role",
        &[
            always("arn", Shape::Arn),
            always("assume_role_policy", Shape::Text),
            always("id", Shape::Name),
            newer("inline_policy", Shape::Text),
            newer("managed_policy_arns", Shape::Text),
            always("name", Shape::Name),
            newer("path", Shape::Text),
            newer("permissions_boundary", Shape::Arn),
        ],
    ),
    managed(
        "aws_iam_role_policies_exclusive",
        &[
            newer("policy_names", Shape::Text),
            always("role_name", Shape::Text),
        ],
    ),
    managed(
        "aws_iam_role_policy",
        &[
            always("name", Shape::Text),
            always("policy", Shape::Text),
            always("role", Shape::Text),
        ],
    ),
    managed(
        "aws_iam_role_policy_attachment",
        &[
            always("policy_arn", Shape::Arn),
            always("role", Shape::Text),
        ],
    ),
    managed(
        "aws_iam_role_policy_attachments_exclusive",
        &[
            newer("policy_arns", Shape::Text),
            always("role_name", Shape::Text),
        ],
    ),
    managed(
        "aws_iam_user",
        &[
            always("arn", Shape::Arn),
            always("id", Shape::Name),
            always("name", Shape::Name),
            newer("path", Shape::Text),
            newer("permissions_boundary", Shape::Arn),
        ],
    ),
    managed(
        "aws_iam_user_group_membership",
        &[always("groups", Shape::Text), always("user", Shape::Text)],
    ),
    managed(
        "aws_iam_user_policy",
        &[
            always("name", Shape::Text),
            always("policy", Shape::Text),
            always("user", Shape::Text),
        ],
    ),
    managed(
        "aws_iam_user_policy_attachment",
        &[
            always("policy_arn", Shape::Arn),
            always("user", Shape::Text),
        ],
    ),
    data(
        "aws_iam_policy",
        &[always("arn", Shape::Arn), always("policy", Shape::Text)],
    ),
    data(
        "aws_iam_policy_document",
        &[
            newer("override_json", Shape::Text),
            newer("override_policy_documents", Shape::Text),
            newer("policy_id", Shape::Text),
            newer("source_json", Shape::Text),
            newer("source_policy_documents", Shape::Text),
            newer("statement", Shape::Text),
            newer("version", Shape::Text),
        ],
    ),
    data(
        "aws_caller_identity",
        &[
            always("account_id", Shape::Account),
            always("arn", Shape::Arn),
        ],
    ),
    data(
        "aws_region",
        &[
            always("id", Shape::Region),
            newer("name", Shape::Region),
            newer("region", Shape::Region),
        ],
    ),
    data(
        "aws_partition",
        &[
            newer("dns_suffix", Shape::Text),
            always("id", Shape::Partition),
            always("partition", Shape::Partition),
        ],
    ),
    data(
        "aws_organizations_organization",
        &[
            always("id", Shape::Name),
            always("master_account_arn", Shape::Arn),
            always("master_account_id", Shape::Account),
        ],
    ),
    data(
        "aws_kms_key",
        &[
            always("arn", Shape::Arn),
            always("aws_account_id", Shape::Account),
            newer("customer_master_key_spec", Shape::Text),
            always("enabled", Shape::Bool),
            always("id", Shape::Id),
            always("key_id", Shape::Text),
            always("key_usage", Shape::Text),
            newer("multi_region", Shape::Bool),
        ],
    ),
    data(
        "aws_kms_alias",
        &[
            always("arn", Shape::Arn),
            always("name", Shape::Text),
            always("target_key_arn", Shape::Arn),
            always("target_key_id", Shape::Text),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_unique_and_attributes_sorted() {
        for (at, one) in TYPES.iter().enumerate() {
            assert!(
                one.attributes.is_sorted_by(|a, b| a.name < b.name),
                "{}",
                one.kind
            );
            for other in &TYPES[at + 1..] {
                assert!((one.mode, one.kind) != (other.mode, other.kind));
            }
        }
    }
}
