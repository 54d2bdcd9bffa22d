//! Which texts an attribute can hold, by its type and name.

use crate::input::{Mode, types};
use crate::value::Shape;

/// Which texts an attribute of that name can hold where nothing else is known of it.
pub(in crate::hcl) fn shape(mode: Mode, kind: &str, name: &str) -> Shape {
    let named = NAMED
        .iter()
        .find(|(of, attribute, _)| *of == kind && *attribute == name);
    if let Some((_, _, shape)) = named {
        return *shape;
    }
    let read = types::find(mode, kind).and_then(|it| it.attribute(name));
    if let Some(read) = read {
        return read.shape;
    }
    if !kind.starts_with("aws_") {
        return Shape::Text;
    }
    match name {
        "arn" => Shape::Arn,
        "account_id" | "owner_id" | "owner_account_id" | "registry_id" => Shape::Account,
        "unique_id" => Shape::Id,
        "region" => Shape::Region,
        "partition" => Shape::Partition,
        _ if name.ends_with("_arn") => Shape::Arn,
        _ if name.ends_with("_account_id") => Shape::Account,
        _ => Shape::Text,
    }
}

/// Attributes whose names tell nothing, or the wrong thing, with the texts that the AWS API takes for them: closer than what is said where
/// any text may stand.
const NAMED: &[(&str, &str, Shape)] = &[
    ("aws_caller_identity", "id", Shape::Account),
    ("aws_canonical_user_id", "id", Shape::Id),
    ("aws_cloudtrail", "name", Shape::Name),
    ("aws_cloudtrail_service_account", "id", Shape::Account),
    ("aws_cloudwatch_log_group", "name", Shape::Name),
    ("aws_elb_service_account", "id", Shape::Account),
    ("aws_iam_account_alias", "account_alias", Shape::Name),
    ("aws_iam_group", "name", Shape::Name),
    ("aws_iam_instance_profile", "name", Shape::Name),
    ("aws_iam_policy", "name", Shape::Name),
    ("aws_iam_policy", "policy_id", Shape::Id),
    ("aws_iam_role", "name", Shape::Name),
    ("aws_iam_service_linked_role", "name", Shape::Name),
    ("aws_iam_user", "name", Shape::Name),
    ("aws_iam_user", "user_id", Shape::Id),
    ("aws_kms_alias", "name", Shape::Name),
    ("aws_kms_alias", "target_key_id", Shape::Id),
    ("aws_lambda_function", "function_name", Shape::Name),
    ("aws_organizations_account", "id", Shape::Account),
    ("aws_organizations_organization", "id", Shape::Name),
    (
        "aws_organizations_organization",
        "master_account_id",
        Shape::Account,
    ),
    ("aws_organizations_organizational_unit", "id", Shape::Id),
    ("aws_redshift_service_account", "id", Shape::Account),
    ("aws_s3_bucket", "bucket", Shape::Name),
    ("aws_sns_topic", "name", Shape::Name),
    ("aws_sqs_queue", "name", Shape::Name),
    ("random_id", "hex", Shape::Id),
    ("random_integer", "result", Shape::Number),
    ("random_pet", "id", Shape::Name),
    ("random_uuid", "id", Shape::Id),
    ("random_uuid", "result", Shape::Id),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_the_table_of_types_tell_the_shape() {
        let managed = |kind, name| shape(Mode::Managed, kind, name);
        assert_eq!(managed("aws_kms_key", "key_id"), Shape::Id);
        assert_eq!(managed("aws_cloudtrail", "name"), Shape::Name);
        assert_eq!(managed("aws_iam_role", "arn"), Shape::Arn);
        assert_eq!(managed("aws_iam_role", "unique_id"), Shape::Id);
        assert_eq!(managed("aws_lb", "target_group_arn"), Shape::Arn);
        assert_eq!(managed("acme_thing", "arn"), Shape::Text);
        assert_eq!(
            shape(Mode::Data, "aws_caller_identity", "id"),
            Shape::Account
        );
    }

    #[test]
    fn names_are_sorted() {
        assert!(NAMED.is_sorted_by(|a, b| (a.0, a.1) < (b.0, b.1)));
    }
}
