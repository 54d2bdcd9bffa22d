//! `policy-invalid-principal`

use super::attached::{Attached, Wrong, policies, quoted};
use super::policy_placeholder::placeholder;
use super::{Findings, Rule};
use crate::model::{Key, Model};
use crate::policy::{PrincipalType, Written};
use crate::report::{Effect, Severity};
use crate::value::{PartKind, Text};

pub(super) static RULE: Rule = Rule {
    id: "policy-invalid-principal",
    severity: Severity::Error,
    effect: Effect::ApplyFails,
    summary: "the policy names a principal that AWS refuses",
    page: include_str!("policy_invalid_principal.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    for attached in policies(model) {
        let partition = partition(attached.key);
        for (index, statement) in attached.policy.statements.iter().enumerate() {
            for (kind, list) in statement.principal_lists() {
                for written in &list.texts {
                    if let Some(fault) = fault(kind, written.text, partition.as_deref()) {
                        let text = written.text.show(&model.symbols);
                        report(&attached, index, (&text, written), fault, findings);
                    }
                }
            }
        }
    }
}

/// The partition that a key lies in, where it is known.
pub(super) fn partition(key: &Key) -> Option<String> {
    let region = key.region.to_literal();
    let partition = region.map(|region| match region.as_str() {
        it if it.starts_with("cn-") => "aws-cn".to_owned(),
        it if it.starts_with("us-gov-") => "aws-us-gov".to_owned(),
        it if it.starts_with("us-iso") || it.starts_with("eu-isoe") => String::new(),
        _ => "aws".to_owned(),
    });
    match key.arn.parts().first().map(|part| &part.kind) {
        Some(PartKind::Literal(arn)) => {
            let named = arn.split(':').nth(1).filter(|it| !it.is_empty());
            named.map(str::to_owned).or(partition)
        }
        _ => partition,
    }
    .filter(|it| !it.is_empty())
}

/// What is wrong with a principal, and what to do.
struct Fault {
    rest: String,
    help: String,
}

#[expect(clippy::unnecessary_wraps, reason = "it is what every caller returns")]
fn told(rest: impl Into<String>, help: impl Into<String>) -> Option<Fault> {
    Some(Fault {
        rest: rest.into(),
        help: help.into(),
    })
}

/// True for a principal that AWS surely refuses: nobody is let in by it, and nothing more needs to be said of it.
pub(super) fn is_refused(kind: PrincipalType, text: &Text, partition: Option<&str>) -> bool {
    fault(kind, text, partition).is_some()
}

fn fault(kind: PrincipalType, written: &Text, partition: Option<&str>) -> Option<Fault> {
    // Whoever it is.
    match kind {
        PrincipalType::Federated => return federated(),
        PrincipalType::CanonicalUser => {
            return told(
                "stands under `CanonicalUser`, which Amazon S3 alone knows",
                "name the account, under `AWS`",
            );
        }
        _ => {}
    }
    let text = written.to_literal()?;
    if placeholder(written).is_some() {
        return None;
    }
    if text.trim() != text && matches!(kind, PrincipalType::Aws | PrincipalType::Service) {
        return told(
            "has white space at its start or end",
            "take it out: a principal is compared letter by letter",
        );
    }
    match kind {
        PrincipalType::Aws => aws(&text, partition),
        PrincipalType::Service => service(&text),
        PrincipalType::Federated | PrincipalType::CanonicalUser | PrincipalType::Unknown => None,
    }
}

/// An identity provider stands in the trust policies of roles (IAM User Guide, IAM policy validation check reference, "Federated principal not
/// supported"); a key policy names accounts, users, roles and some services (AWS KMS Developer Guide, Creating a key policy).
fn federated() -> Option<Fault> {
    told(
        "stands under `Federated`, and an identity provider is a principal in the trust policies of roles alone",
        "name the role that the provider's users assume, under `AWS`; its trust policy names the provider, with a condition on the audience",
    )
}

const ACCOUNT: &str = "write the twelve digits of the account";

fn aws(text: &str, partition: Option<&str>) -> Option<Fault> {
    if text == "*" {
        return None;
    }
    if !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit()) {
        return account(text);
    }
    if is_service(text) {
        return told(
            "is a service, and stands under `AWS`",
            "put it under `Service`",
        );
    }
    if is_deleted(text) {
        return told(
            "is the id that AWS leaves in place of a role or user that was deleted",
            "take it out, or name the new role or user by its ARN",
        );
    }
    let Some(rest) = text.strip_prefix("arn:") else {
        return told(
            "is neither an ARN nor an account nor `*`",
            "write an ARN as `arn:aws:iam::111122223333:role/auditor`, or an account's twelve digits",
        );
    };
    let parts: Vec<&str> = rest.splitn(5, ':').collect();
    let [own, service, region, id, resource] = parts.as_slice() else {
        return told(
            "is no whole ARN",
            "an ARN of IAM has six parts: `arn:aws:iam::111122223333:role/auditor`",
        );
    };
    if text.contains(['*', '?']) {
        return told(
            "has a wildcard inside an ARN, where a principal can have none",
            "name the account, and compare `aws:PrincipalArn` with `ArnLike` in a condition",
        );
    }
    if let Some(partition) = partition.filter(|partition| partition != own) {
        return told(
            format!("is of the partition `{own}`, and the key is of `{partition}`"),
            format!(
                "a principal of another partition is none: name one of an account of `{partition}`, by an ARN that starts with `arn:{partition}:`"
            ),
        );
    }
    if !region.is_empty() || !["iam", "sts"].contains(service) {
        return told(
            "is not the ARN of a user, role, session or account",
            "principals are of IAM or STS, and have no Region: `arn:aws:iam::111122223333:role/auditor`",
        );
    }
    if let Some(fault) = account(id) {
        return Some(fault);
    }
    resource_of(own, service, resource)
}

fn account(id: &str) -> Option<Fault> {
    let digits = id.bytes().all(|it| it.is_ascii_digit());
    match id.len() {
        12 if digits => None,
        count if digits => told(
            format!("has an account id of {count} digits, not twelve"),
            ACCOUNT,
        ),
        _ => told("has no account id where one belongs", ACCOUNT),
    }
}

fn resource_of(partition: &str, service: &str, resource: &str) -> Option<Fault> {
    let (kind, name) = resource.split_once('/').unwrap_or((resource, ""));
    match (service, kind) {
        ("iam", "root") if resource == "root" => None,
        ("iam", "user" | "role") | ("sts", "federated-user") if !name.is_empty() => None,
        ("sts", "assumed-role") if name.split_once('/').is_some_and(|it| !it.1.is_empty()) => None,
        ("sts", "assumed-role") => told(
            "names no session",
            "name the role, `arn:aws:iam::111122223333:role/auditor`, for all of its sessions",
        ),
        ("iam", "group") => told(
            "is a group, and a group is no principal",
            "name its users, or a role, or the account and let IAM policies decide",
        ),
        ("iam", "assumed-role" | "federated-user") => told(
            "is a session under `iam`, and sessions are of `sts`",
            format!("write `arn:{partition}:sts::`, or name the role"),
        ),
        _ => told(
            "is not the ARN of a user, role, session or account",
            "write `user/NAME`, `role/NAME` or `root` after the account",
        ),
    }
}

/// Domains that the names of services end in (IAM User Guide, AWS JSON policy elements: Principal).
const DOMAINS: &[&str] = &[
    ".amazonaws.com",
    ".amazonaws.com.cn",
    ".amazonaws.eu",
    ".amazon.com",
    ".c2s.ic.gov",
    ".sc2s.sgov.gov",
    ".cloud.adc-e.uk",
    ".csp.hci.ic.gov",
];

/// Services whose principal names no Region.
const GLOBAL: [&str; 2] = ["cloudtrail", "config"];

fn is_service(text: &str) -> bool {
    DOMAINS.iter().any(|domain| {
        text.strip_suffix(domain).is_some_and(|name| {
            let part = |it: &str| {
                !it.is_empty()
                    && it
                        .bytes()
                        .all(|it| it.is_ascii_alphanumeric() || [b'-', b'_'].contains(&it))
            };
            name.split('.').all(part)
        })
    })
}

fn is_deleted(text: &str) -> bool {
    let id = ["AIDA", "AROA"].iter().any(|it| text.starts_with(it));
    id && text.len() >= 16
        && text
            .bytes()
            .all(|it| it.is_ascii_uppercase() || it.is_ascii_digit())
}

fn service(text: &str) -> Option<Fault> {
    const FORM: &str = "write the service's name, as `cloudtrail.amazonaws.com`";
    if text == "*" {
        return told("stands under `Service`, which has no wildcard", FORM);
    }
    if text.starts_with("arn:") || !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit()) {
        return told("stands under `Service` and is none", "put it under `AWS`");
    }
    // Of Amazon's own domain there are the principals of Alexa alone.
    let amazon = text.ends_with(".amazon.com") && !text.starts_with("alexa-");
    if is_service(text) && !amazon {
        return None;
    }
    let bare = !text.contains('.') && !text.is_empty();
    // What stands before Amazon's domain stays: `delivery.logs`, the Region of a service that has one.
    let name = text.split(".amazon").next().unwrap_or_default();
    let first = name.split('.').next().unwrap_or_default();
    let name = if GLOBAL.contains(&first.to_ascii_lowercase().as_str()) {
        first
    } else {
        name
    };
    let letter = |it: u8| it.is_ascii_alphanumeric() || [b'-', b'_'].contains(&it);
    let plain = name
        .split('.')
        .all(|it| !it.is_empty() && it.bytes().all(letter));
    let help = if plain && name.len() <= 64 && (bare || text.contains(".amazon")) {
        format!("write `{}.amazonaws.com`", name.to_ascii_lowercase())
    } else {
        FORM.to_owned()
    };
    told("is not the name of a service", help)
}

fn report(
    attached: &Attached<'_>,
    statement: usize,
    (text, written): (&str, &Written<'_>),
    fault: Fault,
    findings: &mut Findings,
) {
    let wrong = Wrong {
        what: format!("the principal {}", quoted(text)),
        kind: "a principal",
        rest: fault.rest,
        hidden_rest: "is none that AWS takes",
        help: Some(fault.help),
        label: "AWS refuses this".to_owned(),
        at: written.at,
        statement,
        sensitive: written.text.is_sensitive(),
        severity: None,
    };
    attached.report(&RULE, findings, wrong);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn principals_that_aws_takes() {
        for text in [
            "*",
            "111122223333",
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::111122223333:role/path/auditor",
            "arn:aws:iam::111122223333:user/Bob",
            "arn:aws:sts::111122223333:assumed-role/auditor/s",
            "arn:aws:sts::111122223333:federated-user/Bob",
        ] {
            assert!(aws(text, Some("aws")).is_none(), "{text}");
        }
        for text in [
            "cloudtrail.amazonaws.com",
            "cloudtrail.us-east-1.amazonaws.com",
            "delivery.logs.amazonaws.com",
            "alexa-appkit.amazon.com",
            "ec2.amazonaws.com.cn",
        ] {
            assert!(service(text).is_none(), "{text}");
        }
    }

    #[test]
    fn principals_that_aws_refuses() {
        for text in [
            "11112222333",
            "arn:aws:iam::11112222333:root",
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:iam::*:root",
            "arn:aws-cn:iam::111122223333:root",
            "arn:aws:iam:us-east-1:111122223333:root",
            "arn:aws:s3:::bucket",
            "arn:aws:iam::111122223333:group/admins",
            "arn:aws:sts::111122223333:assumed-role/auditor",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::111122223333",
            "AROAEXAMPLEEXAMPLE123",
            "cloudtrail.amazonaws.com",
            "Bob",
            "",
        ] {
            assert!(aws(text, Some("aws")).is_some(), "{text}");
        }
        for text in [
            "*",
            "cloudtrail",
            "cloudtrail.amazon.com",
            "arn:aws:iam::111122223333:root",
            "111122223333",
            "cloudtrail.amazonaws.co",
            "",
        ] {
            assert!(service(text).is_some(), "{text}");
        }
    }

    #[test]
    fn what_is_advised_is_what_was_meant() {
        let help = |fault: Option<Fault>| fault.unwrap().help;
        for (text, wanted) in [
            ("cloudtrail", "write `cloudtrail.amazonaws.com`"),
            ("cloudtrail.amazon.com", "write `cloudtrail.amazonaws.com`"),
            (
                "cloudtrail.us-east-1.amazonaws.co",
                "write `cloudtrail.amazonaws.com`",
            ),
            (
                "delivery.logs.amazonaws.co",
                "write `delivery.logs.amazonaws.com`",
            ),
            (
                "logs.us-east-1.amazonaws.co",
                "write `logs.us-east-1.amazonaws.com`",
            ),
        ] {
            assert_eq!(help(service(text)), wanted);
        }
        let session = "arn:aws-cn:iam::111122223333:assumed-role/auditor/s";
        assert!(help(aws(session, Some("aws-cn"))).contains("`arn:aws-cn:sts::`"));
        // An account of another partition is another account, whatever its number.
        let foreign = help(aws("arn:aws:iam::111122223333:root", Some("aws-cn")));
        assert!(foreign.contains("an account of `aws-cn`"), "{foreign}");
    }

    #[test]
    fn white_space_and_identity_providers_are_refused() {
        use crate::source::{Origin, Span};
        let refused = |kind, text: &str| {
            let text = Text::literal(text, Origin::new(Span { start: 0, end: 0 }));
            is_refused(kind, &text, Some("aws"))
        };
        for text in [
            " 111122223333",
            "arn:aws:iam::111122223333:role/auditor ",
            "* ",
            "\t*",
        ] {
            assert!(refused(PrincipalType::Aws, text), "{text:?}");
        }
        assert!(refused(
            PrincipalType::Service,
            "cloudtrail.amazonaws.com\n"
        ));
        for text in [
            "cognito-identity.amazonaws.com",
            "arn:aws:iam::111122223333:saml-provider/idp",
            "accounts.google.com",
            "*",
        ] {
            assert!(refused(PrincipalType::Federated, text), "{text}");
        }
        assert!(refused(PrincipalType::CanonicalUser, "79a59df900b949e5"));
        assert!(!refused(PrincipalType::Aws, "*") && !refused(PrincipalType::Aws, "111122223333"));
    }
}
