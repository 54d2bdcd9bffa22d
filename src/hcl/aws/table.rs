//! Attributes that are texts made of the account, the region and the arguments: a row each.
//!
//! The forms of ARNs are those of the Service Authorization Reference; which attribute holds what, of the attribute reference of each type in
//! the AWS provider's documentation.

use crate::input::Mode;

/// Attributes of a type, each with its template. `{partition}`, `{region}` and `{account}` are those of the provider configuration,
/// `{management}` and `{organization}` those of the organization, `{path}` is `/` unless configured; any other name is an attribute of the
/// same instance.
type Rows = &'static [(&'static str, &'static str)];

/// The template of an attribute, if it has one.
pub(super) fn row(mode: Mode, kind: &str, name: &str) -> Option<&'static str> {
    let types = match mode {
        Mode::Managed => MANAGED,
        Mode::Data => DATA,
    };
    let (_, rows) = types.iter().find(|(of, _)| *of == kind)?;
    let (_, template) = rows.iter().find(|(attribute, _)| *attribute == name)?;
    Some(template)
}

/// True where the `region` argument of a type moves it to another region; global services have none, and `aws_region` says by it which one it
/// describes, which comes to the same.
pub(super) fn has_region(kind: &str) -> bool {
    let global = [
        "aws_iam_",
        "aws_organizations_",
        "aws_caller_",
        "aws_partition",
    ];
    kind.starts_with("aws_") && !global.iter().any(|prefix| kind.starts_with(prefix))
}

const KEY: Rows = &[
    ("arn", "arn:{partition}:kms:{region}:{account}:key/{key_id}"),
    ("id", "{key_id}"),
    ("region", "{region}"),
];

const MANAGED: &[(&str, Rows)] = &[
    (
        "aws_athena_workgroup",
        &[
            (
                "arn",
                "arn:{partition}:athena:{region}:{account}:workgroup/{name}",
            ),
            ("id", "{name}"),
        ],
    ),
    (
        "aws_backup_vault",
        &[
            (
                "arn",
                "arn:{partition}:backup:{region}:{account}:backup-vault:{name}",
            ),
            ("id", "{name}"),
        ],
    ),
    (
        "aws_cloudtrail",
        &[
            (
                "arn",
                "arn:{partition}:cloudtrail:{region}:{trail owner}:trail/{name}",
            ),
            ("home_region", "{region}"),
            ("region", "{region}"),
        ],
    ),
    (
        "aws_cloudtrail_event_data_store",
        &[
            (
                "arn",
                "arn:{partition}:cloudtrail:{region}:{account}:eventdatastore/{store id}",
            ),
            ("id", "{arn}"),
            ("region", "{region}"),
        ],
    ),
    (
        "aws_cloudwatch_log_group",
        &[
            (
                "arn",
                "arn:{partition}:logs:{region}:{account}:log-group:{name}",
            ),
            ("id", "{name}"),
        ],
    ),
    (
        "aws_cloudwatch_metric_alarm",
        &[
            (
                "arn",
                "arn:{partition}:cloudwatch:{region}:{account}:alarm:{alarm_name}",
            ),
            ("id", "{alarm_name}"),
        ],
    ),
    (
        "aws_codebuild_project",
        &[
            (
                "arn",
                "arn:{partition}:codebuild:{region}:{account}:project/{name}",
            ),
            ("id", "{arn}"),
        ],
    ),
    (
        "aws_codepipeline",
        &[
            (
                "arn",
                "arn:{partition}:codepipeline:{region}:{account}:{name}",
            ),
            ("id", "{name}"),
        ],
    ),
    (
        "aws_dynamodb_table",
        &[
            (
                "arn",
                "arn:{partition}:dynamodb:{region}:{account}:table/{name}",
            ),
            ("id", "{name}"),
        ],
    ),
    (
        "aws_ecr_repository",
        &[
            (
                "arn",
                "arn:{partition}:ecr:{region}:{account}:repository/{name}",
            ),
            ("id", "{name}"),
        ],
    ),
    (
        "aws_ecs_cluster",
        &[
            (
                "arn",
                "arn:{partition}:ecs:{region}:{account}:cluster/{name}",
            ),
            ("id", "{arn}"),
        ],
    ),
    (
        "aws_iam_group",
        &[
            ("arn", "arn:{partition}:iam::{account}:group{path}{name}"),
            ("id", "{name}"),
            ("path", "{path}"),
        ],
    ),
    (
        "aws_iam_instance_profile",
        &[
            (
                "arn",
                "arn:{partition}:iam::{account}:instance-profile{path}{name}",
            ),
            ("id", "{name}"),
            ("path", "{path}"),
        ],
    ),
    (
        "aws_iam_policy",
        &[
            ("arn", "arn:{partition}:iam::{account}:policy{path}{name}"),
            ("id", "{arn}"),
            ("path", "{path}"),
        ],
    ),
    (
        "aws_iam_role",
        &[
            ("arn", "arn:{partition}:iam::{account}:role{path}{name}"),
            ("id", "{name}"),
            ("path", "{path}"),
        ],
    ),
    (
        "aws_iam_saml_provider",
        &[
            ("arn", "arn:{partition}:iam::{account}:saml-provider/{name}"),
            ("id", "{arn}"),
        ],
    ),
    (
        "aws_iam_service_linked_role",
        &[
            (
                "arn",
                "arn:{partition}:iam::{account}:role/aws-service-role/{aws_service_name}/{name}",
            ),
            ("id", "{arn}"),
            ("path", "/aws-service-role/{aws_service_name}/"),
        ],
    ),
    (
        "aws_iam_user",
        &[
            ("arn", "arn:{partition}:iam::{account}:user{path}{name}"),
            ("id", "{name}"),
            ("path", "{path}"),
        ],
    ),
    (
        "aws_kinesis_firehose_delivery_stream",
        &[
            (
                "arn",
                "arn:{partition}:firehose:{region}:{account}:deliverystream/{name}",
            ),
            ("id", "{arn}"),
        ],
    ),
    (
        "aws_kinesis_stream",
        &[
            (
                "arn",
                "arn:{partition}:kinesis:{region}:{account}:stream/{name}",
            ),
            ("id", "{arn}"),
        ],
    ),
    (
        "aws_kms_alias",
        &[
            ("arn", "arn:{partition}:kms:{region}:{account}:{name}"),
            ("id", "{name}"),
            ("region", "{region}"),
        ],
    ),
    ("aws_kms_external_key", KEY),
    ("aws_kms_key", KEY),
    ("aws_kms_replica_external_key", KEY),
    ("aws_kms_replica_key", KEY),
    (
        "aws_lambda_function",
        &[
            (
                "arn",
                "arn:{partition}:lambda:{region}:{account}:function:{function_name}",
            ),
            ("id", "{function_name}"),
        ],
    ),
    (
        "aws_organizations_account",
        &[(
            "arn",
            "arn:{partition}:organizations::{management}:account/{organization}/{id}",
        )],
    ),
    ("aws_organizations_organization", ORGANIZATION),
    (
        "aws_s3_bucket",
        &[
            ("arn", "arn:{partition}:s3:::{bucket}"),
            ("bucket_domain_name", "{bucket}.s3.{dns_suffix}"),
            (
                "bucket_regional_domain_name",
                "{bucket}.s3.{region}.{dns_suffix}",
            ),
            ("id", "{bucket}"),
            ("region", "{region}"),
        ],
    ),
    (
        "aws_sfn_state_machine",
        &[
            (
                "arn",
                "arn:{partition}:states:{region}:{account}:stateMachine:{name}",
            ),
            ("id", "{arn}"),
        ],
    ),
    (
        "aws_sns_topic",
        &[
            ("arn", "arn:{partition}:sns:{region}:{account}:{name}"),
            ("id", "{arn}"),
            ("owner", "{account}"),
        ],
    ),
    (
        "aws_sqs_queue",
        &[
            ("arn", "arn:{partition}:sqs:{region}:{account}:{name}"),
            ("id", "https://sqs.{region}.{dns_suffix}/{account}/{name}"),
            ("url", "https://sqs.{region}.{dns_suffix}/{account}/{name}"),
        ],
    ),
];

const ORGANIZATION: Rows = &[
    (
        "arn",
        "arn:{partition}:organizations::{management}:organization/{organization}",
    ),
    ("id", "{organization}"),
    (
        "master_account_arn",
        "arn:{partition}:organizations::{management}:account/{organization}/{management}",
    ),
    ("master_account_id", "{management}"),
];

const DATA: &[(&str, Rows)] = &[
    (
        "aws_caller_identity",
        &[("account_id", "{account}"), ("id", "{account}")],
    ),
    (
        "aws_cloudtrail_service_account",
        &[("arn", "arn:{partition}:iam::{id}:root")],
    ),
    (
        "aws_cloudwatch_log_group",
        &[
            (
                "arn",
                "arn:{partition}:logs:{region}:{account}:log-group:{name}",
            ),
            ("id", "{name}"),
        ],
    ),
    (
        "aws_elb_service_account",
        &[("arn", "arn:{partition}:iam::{id}:root")],
    ),
    ("aws_iam_role", &[("id", "{name}")]),
    (
        "aws_kms_alias",
        &[
            ("arn", "arn:{partition}:kms:{region}:{account}:{name}"),
            ("id", "{arn}"),
            (
                "target_key_arn",
                "arn:{partition}:kms:{region}:{account}:key/{target_key_id}",
            ),
        ],
    ),
    ("aws_kms_key", &[("id", "{found id}")]),
    (
        "aws_lambda_function",
        &[
            (
                "arn",
                "arn:{partition}:lambda:{region}:{account}:function:{function_name}",
            ),
            ("id", "{function_name}"),
        ],
    ),
    ("aws_organizations_organization", ORGANIZATION),
    (
        "aws_partition",
        &[
            ("dns_suffix", "{dns_suffix}"),
            ("id", "{partition}"),
            ("partition", "{partition}"),
        ],
    ),
    (
        "aws_redshift_service_account",
        &[("arn", "arn:{partition}:iam::{id}:root")],
    ),
    (
        "aws_region",
        &[
            ("endpoint", "ec2.{region}.{dns_suffix}"),
            ("id", "{region}"),
            ("name", "{region}"),
            ("region", "{region}"),
        ],
    ),
    (
        "aws_s3_bucket",
        &[
            ("arn", "arn:{partition}:s3:::{bucket}"),
            ("bucket_domain_name", "{bucket}.s3.{dns_suffix}"),
            ("id", "{bucket}"),
        ],
    ),
    (
        "aws_service_principal",
        &[
            ("id", "{service_name}.{region}.{suffix}"),
            ("name", "{service_name}.{suffix}"),
            ("region", "{region}"),
        ],
    ),
    (
        "aws_sns_topic",
        &[
            ("arn", "arn:{partition}:sns:{region}:{account}:{name}"),
            ("id", "{arn}"),
        ],
    ),
    (
        "aws_sqs_queue",
        &[
            ("arn", "arn:{partition}:sqs:{region}:{account}:{name}"),
            ("id", "https://sqs.{region}.{dns_suffix}/{account}/{name}"),
            ("url", "https://sqs.{region}.{dns_suffix}/{account}/{name}"),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_attributes_are_sorted_and_differ() {
        for types in [MANAGED, DATA] {
            assert!(types.is_sorted_by(|a, b| a.0 < b.0));
            for (kind, rows) in types {
                assert!(rows.is_sorted_by(|a, b| a.0 < b.0), "{kind}");
            }
        }
    }

    #[test]
    fn templates_have_pairs_of_braces() {
        for (kind, rows) in MANAGED.iter().chain(DATA) {
            for (name, template) in *rows {
                let count = |letter| template.matches(letter).count();
                assert_eq!(count('{'), count('}'), "{kind}.{name}");
            }
        }
    }
}
