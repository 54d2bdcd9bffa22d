//! `policy-condition-mismatch`

use super::attached::{Attached, Wrong, policies, quoted};
use super::policy_placeholder::placeholder;
use super::policy_wildcard_in_exact_match::wildcard;
use super::{Findings, Rule};
use crate::model::Model;
use crate::policy::keys::{self, ConditionKey, Count, KeyType};
use crate::policy::{Clause, Compares, Statement, Written};
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "policy-condition-mismatch",
    severity: Severity::Warning,
    effect: Effect::Hygiene,
    summary: "the operator, the key and the values of a condition do not fit each other",
    page: include_str!("policy_condition_mismatch.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    for attached in policies(model) {
        for (index, statement) in attached.policy.statements.iter().enumerate() {
            for clause in statement.clauses() {
                let site = Site {
                    attached: &attached,
                    statement: index,
                    clause: &clause,
                };
                site.look(statement, findings);
            }
        }
    }
}

/// A condition of a policy.
struct Site<'s> {
    attached: &'s Attached<'s>,
    statement: usize,
    clause: &'s Clause<'s>,
}

impl Site<'_> {
    fn look(&self, statement: &Statement, findings: &mut Findings) {
        let clause = self.clause;
        let Some(compares) = clause.compares else {
            return;
        };
        let key = keys::find(clause.key);
        if let Some((rest, help)) = key.and_then(|key| operator(clause, compares, key, statement)) {
            return self.report_key(rest, &help, findings);
        }
        for (value, readable) in &clause.values {
            let Some(text) = value.text.to_literal() else {
                continue;
            };
            if placeholder(value.text).is_some() || text.contains("${") {
                continue;
            }
            let fault = if *readable {
                key.and_then(|key| content(&text, compares, key, value))
            } else {
                Some(unreadable(compares, clause.operator))
            };
            if let Some((rest, help)) = fault {
                self.report_value(value, &text, rest, help, findings);
            }
        }
    }

    fn report_key(&self, rest: String, help: &str, findings: &mut Findings) {
        let wrong = Wrong {
            what: format!("the condition on {}", quoted(self.clause.key)),
            kind: "a condition",
            rest,
            hidden_rest: "has an operator that does not fit its key",
            help: Some(help.to_owned()),
            label: "does not fit".to_owned(),
            at: self.clause.key_at,
            statement: self.statement,
            sensitive: false,
            severity: None,
        };
        self.attached.report(&RULE, findings, wrong);
    }

    fn report_value(
        &self,
        value: &Written<'_>,
        text: &str,
        rest: String,
        help: String,
        findings: &mut Findings,
    ) {
        let wrong = Wrong {
            what: format!("{} for {}", quoted(text), quoted(self.clause.key)),
            kind: "a condition value",
            rest,
            hidden_rest: "does not fit its key or its operator",
            help: Some(help),
            label: "does not fit".to_owned(),
            at: value.at,
            statement: self.statement,
            sensitive: value.text.is_sensitive(),
            severity: None,
        };
        self.attached.report(&RULE, findings, wrong);
    }
}

type Told = (String, String);

/// What is wrong with the operator for this key.
fn operator(
    clause: &Clause<'_>,
    compares: Compares,
    key: &ConditionKey,
    statement: &Statement,
) -> Option<Told> {
    if compares == Compares::Null {
        return clause.set.then(|| {
            (
                format!(
                    "is under `{}`: `Null` takes no set operator",
                    clause.operator
                ),
                "write `Null`".to_owned(),
            )
        });
    }
    if key.count == Count::Many && !clause.set {
        return Some((
            format!(
                "is under `{}`, and a request carries several values of it",
                clause.operator
            ),
            format!(
                "write `ForAnyValue:{0}`, or `ForAllValues:{0}` with a `Null` beside it",
                clause.operator
            ),
        ));
    }
    if key.count == Count::One && clause.for_all {
        let plain = clause.operator.trim_start_matches("ForAllValues:");
        let guarded = statement.clauses().any(|it| {
            it.compares == Some(Compares::Null) && it.key.eq_ignore_ascii_case(clause.key)
        });
        let more = if guarded {
            ""
        } else {
            ", which holds for every request that lacks the key"
        };
        return Some((
            format!("is under `ForAllValues`{more}; a request carries one value of it"),
            format!("write `{plain}`"),
        ));
    }
    let fits = match (compares, key.holds) {
        (_, KeyType::Any) | (Compares::Bytes | Compares::Null, _) => true,
        (Compares::Number, it) => matches!(it, KeyType::Number | KeyType::Time),
        (Compares::Date, it) => matches!(it, KeyType::Date | KeyType::Time),
        (Compares::Bool, it) => it == KeyType::Bool,
        (Compares::Ip, it) => it == KeyType::Ip,
        // The values of an encryption context and of tags are whatever somebody chose.
        (Compares::Arn, it) => {
            it == KeyType::Arn
                || key.is_family()
                || matches!(key.name, "kms:GranteePrincipal" | "kms:RetiringPrincipal")
        }
        (Compares::Exact | Compares::Like, it) => {
            matches!(it, KeyType::Text | KeyType::Arn | KeyType::Bool)
        }
    };
    (!fits).then(|| {
        let (holds, better) = match key.holds {
            KeyType::Text | KeyType::Any => ("a text", "a string operator, as `StringEquals`"),
            KeyType::Arn => ("an ARN", "an ARN operator, as `ArnLike`"),
            KeyType::Bool => ("`true` or `false`", "`Bool`"),
            KeyType::Number => ("a number", "a numeric operator, as `NumericLessThan`"),
            KeyType::Date | KeyType::Time => {
                ("a point in time", "a date operator, as `DateLessThan`")
            }
            KeyType::Ip => ("an address", "`IpAddress`"),
        };
        (
            format!("is under `{}`, and the key holds {holds}", clause.operator),
            format!("use {better}"),
        )
    })
}

/// The operator cannot read the value.
fn unreadable(compares: Compares, operator: &str) -> Told {
    let (wanted, example) = match compares {
        Compares::Number => ("a number", "300"),
        Compares::Date => ("a date", "2027-01-01T00:00:00Z"),
        Compares::Ip => ("an address or range", "203.0.113.0/24"),
        Compares::Bytes => ("base64", "QmluYXJ5"),
        _ => ("`true` or `false`", "true"),
    };
    (
        format!("is not {wanted}, and `{operator}` compares nothing else"),
        format!("write it as `{example}`"),
    )
}

/// What is wrong with a value that the operator can read.
fn content(
    text: &str,
    compares: Compares,
    key: &ConditionKey,
    value: &Written<'_>,
) -> Option<Told> {
    let wild = wildcard(value.text).is_some();
    let likes = matches!(compares, Compares::Like | Compares::Arn);
    if wild && likes && keys::NEVER_WILD.contains(&key.name) {
        return Some((
            "has a wildcard, which may stand for somebody else's".to_owned(),
            "name each value that is meant".to_owned(),
        ));
    }
    if compares == Compares::Null || wild && !text.starts_with("arn:") {
        return None;
    }
    let is = |start: &str, least: usize| {
        text.strip_prefix(start).is_some_and(|rest| {
            rest.len() >= least
                && rest
                    .bytes()
                    .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
        })
    };
    match key.name {
        "aws:SourceAccount"
        | "aws:PrincipalAccount"
        | "aws:ResourceAccount"
        | "aws:VpceAccount"
        | "kms:CallerAccount" => account(text),
        "aws:SourceOrgID" | "aws:PrincipalOrgID" | "aws:ResourceOrgID" | "aws:VpceOrgID" => {
            (!is("o-", 10)).then(|| {
                (
                    "is no id of an organization".to_owned(),
                    "such an id looks like `o-a1b2c3d4e5`".to_owned(),
                )
            })
        }
        "aws:SourceVpc" => (!is("vpc-", 8)).then(|| {
            (
                "is no id of a VPC".to_owned(),
                "such an id looks like `vpc-0123456789abcdef0`".to_owned(),
            )
        }),
        "aws:SourceVpce" => (!is("vpce-", 8)).then(|| {
            (
                "is no id of a VPC endpoint".to_owned(),
                "such an id looks like `vpce-0123456789abcdef0`".to_owned(),
            )
        }),
        "aws:SourceIp" if compares == Compares::Ip && is_private(text) => Some((
            "is a private address, and requests come to AWS KMS from public ones".to_owned(),
            "through a VPC endpoint compare `aws:VpcSourceIp` and `aws:SourceVpc`".to_owned(),
        )),
        _ => arn(text, key),
    }
}

fn account(text: &str) -> Option<Told> {
    let digits = text.bytes().all(|it| it.is_ascii_digit());
    if text.len() == 12 && digits {
        return None;
    }
    let rest = if digits && !text.is_empty() {
        format!("has {} digits, and an account id has twelve", text.len())
    } else {
        "is no account id".to_owned()
    };
    Some((rest, "write the twelve digits of the account".to_owned()))
}

/// An ARN's account, and that a key of ARNs is compared with one.
fn arn(text: &str, key: &ConditionKey) -> Option<Told> {
    if !text.starts_with("arn:") {
        return (key.holds == KeyType::Arn).then(|| {
            (
                "is no ARN, and the key holds one".to_owned(),
                "write the whole ARN".to_owned(),
            )
        });
    }
    let id = text.split(':').nth(4).unwrap_or_default();
    let odd = !id.is_empty() && id.len() != 12 && id.bytes().all(|it| it.is_ascii_digit());
    odd.then(|| {
        (
            format!("has an account id of {} digits, not twelve", id.len()),
            "write the twelve digits of the account".to_owned(),
        )
    })
}

/// Ranges that no request to AWS KMS over the internet comes from (RFC 1918, RFC 6598, loopback, link-local, unique local).
fn is_private(text: &str) -> bool {
    let address = text.split('/').next().unwrap_or_default();
    match address.parse::<std::net::IpAddr>() {
        Ok(std::net::IpAddr::V4(it)) => {
            let [first, second, ..] = it.octets();
            it.is_private()
                || it.is_loopback()
                || it.is_link_local()
                || first == 100 && (64..128).contains(&second)
        }
        Ok(std::net::IpAddr::V6(it)) => {
            it.is_loopback() || it.is_unique_local() || it.is_unicast_link_local()
        }
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_their_key() {
        assert!(account("111122223333").is_none());
        assert!(account("11112222333").is_some() && account("o-a1b2c3d4e5").is_some());
        assert!(is_private("10.0.0.0/8") && is_private("100.64.0.0/10") && is_private("fd00::/8"));
        assert!(!is_private("203.0.113.0/24") && !is_private("0.0.0.0/0") && !is_private("x"));
        let key = keys::find("aws:SourceArn");
        let odd = |text| key.and_then(|key| arn(text, key)).is_some();
        assert!(!odd("arn:aws:cloudtrail:us-east-1:111122223333:trail/main"));
        assert!(odd("arn:aws:cloudtrail:us-east-1:11112222333:trail/main"));
        assert!(!odd("arn:aws:s3:::logs") && odd("trail/main"));
    }
}
