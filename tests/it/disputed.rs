//! Public modules of which a survey by hand says one thing and keytrail another. Each is here in our own words, cut down to what the verdicts
//! hang on. The folders `…-with-…` have the trail or the link that the survey has in mind and the module does not have.

use std::collections::BTreeMap;

use crate::support::check::check;

struct Row {
    /// The repository, and the commit that was surveyed.
    module: (&'static str, &'static str),
    survey: &'static str,
    /// Why keytrail says something else.
    why: &'static str,
    folder: &'static str,
    /// Status of the link of each trail.
    links: &'static [(&'static str, &'static str)],
    /// Trail, requirement and verdict of all requirements.
    verdicts: &'static [(&'static str, &'static str, &'static str)],
    /// The rules of all findings.
    findings: &'static [&'static str],
}

const BUFFALOSOULJER: (&str, &str) = (
    "buffalosouljer/trailpolicy",
    "1d693ed0345a15b99540a93e14e69fc78a3289c3",
);
const ITGIX: (&str, &str) = (
    "itgix/tf-module-aws-cloudtrail",
    "0385ad44b896a2632cff1dd1ccdeca772659c46d",
);
const CLOPCA: (&str, &str) = (
    "clopca/aws-landing-zone-template",
    "1e5e39e9614ee7d3924f74e4431ee952f375b8e9",
);

const ROWS: &[Row] = &[
    // "If you are using an existing S3 bucket with an S3 Bucket Key, kms:Decrypt permissions are required to create or update a trail":
    // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html
    Row {
        module: BUFFALOSOULJER,
        survey: "PASS: a statement of its own, without a condition, lets CloudTrail describe the key",
        why: "that much is so; but the bucket of the trail has an S3 Bucket Key, and no statement lets CloudTrail decrypt",
        folder: "buffalosouljer",
        links: &[("module.records.aws_cloudtrail.records", "resolved")],
        verdicts: &[
            (
                "module.records.aws_cloudtrail.records",
                "cloudtrail-decrypt",
                "denied",
            ),
            (
                "module.records.aws_cloudtrail.records",
                "cloudtrail-describe",
                "allowed",
            ),
            (
                "module.records.aws_cloudtrail.records",
                "cloudtrail-encrypt",
                "allowed",
            ),
            (
                "module.records.aws_cloudtrail.records",
                "reader-decrypt",
                "allowed",
            ),
        ],
        findings: &["trail-key-denies-decrypt", "key-policy-decrypt-unbound"],
    },
    Row {
        module: ITGIX,
        survey: "FAIL: the encryption context that CloudTrail must send has no partition; it matches no trail",
        why: "the trail names no key, so that nothing is asked of any",
        folder: "itgix",
        links: &[("aws_cloudtrail.records", "none")],
        verdicts: &[],
        findings: &["key-policy-public", "trail-unencrypted"],
    },
    // `"AWS": "*"` is the same as `"*"`, all principals:
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    // Services are among them, which is why a statement of this kind that denies has to exempt them:
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalisawsservice
    Row {
        module: ITGIX,
        survey: "FAIL, as above",
        why: "were it linked, the first statement allows everything to everybody without a condition, and CloudTrail is one of them",
        folder: "itgix-with-the-key",
        links: &[("aws_cloudtrail.records", "resolved")],
        verdicts: &[
            ("aws_cloudtrail.records", "cloudtrail-describe", "allowed"),
            ("aws_cloudtrail.records", "cloudtrail-encrypt", "allowed"),
            ("aws_cloudtrail.records", "reader-decrypt", "allowed"),
        ],
        findings: &["key-policy-public"],
    },
    Row {
        module: CLOPCA,
        survey: "FAIL: CloudTrail may describe the key only with an encryption context, which that request does not have",
        why: "the repository has no trail: it is made by AWS Control Tower, and what uses the key is not to be seen",
        folder: "clopca",
        links: &[],
        verdicts: &[],
        findings: &["key-policy-confused-deputy"],
    },
    // A request that is not for a cryptographic operation has no encryption context:
    // https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-encryption-context
    Row {
        module: CLOPCA,
        survey: "FAIL, as above",
        why: "with a trail that uses the key, keytrail says so too",
        folder: "clopca-with-a-trail",
        links: &[("aws_cloudtrail.records", "resolved")],
        verdicts: &[
            ("aws_cloudtrail.records", "cloudtrail-describe", "denied"),
            ("aws_cloudtrail.records", "cloudtrail-encrypt", "allowed"),
            ("aws_cloudtrail.records", "reader-decrypt", "delegated"),
        ],
        findings: &["trail-key-denies-describe", "key-policy-confused-deputy"],
    },
];

#[test]
fn modules_are_judged_as_aws_would_where_a_survey_says_otherwise() {
    for row in ROWS {
        let folder = format!(
            "{}/testdata/disputed/{}",
            env!("CARGO_MANIFEST_DIR"),
            row.folder
        );
        let account = ["--account-id", "111122223333", "--region", "us-east-1"];
        let args: Vec<&str> = [folder.as_str()].into_iter().chain(account).collect();
        let said = check(&args);
        let (repository, commit) = row.module;
        let context = format!(
            "{repository} {commit}\nsurvey: {}\nkeytrail: {}\n",
            row.survey, row.why
        );
        let links: Vec<(&str, &str)> = said
            .links
            .iter()
            .map(|(trail, (status, _))| (trail.as_str(), status.as_str()))
            .collect();
        assert_eq!(links, row.links, "{context}");
        let verdicts: BTreeMap<(&str, &str), &str> = said
            .verdicts
            .iter()
            .map(|(it, verdict)| {
                (
                    (it.subject.as_str(), it.requirement.as_str()),
                    verdict.as_str(),
                )
            })
            .collect();
        let verdicts: Vec<(&str, &str, &str)> = verdicts
            .into_iter()
            .map(|((trail, requirement), verdict)| (trail, requirement, verdict))
            .collect();
        assert_eq!(verdicts, row.verdicts, "{context}");
        let findings: Vec<&str> = said
            .findings
            .iter()
            .map(|(rule, _)| rule.as_str())
            .collect();
        assert_eq!(findings, row.findings, "{context}");
    }
}
