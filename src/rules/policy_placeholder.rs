//! `policy-placeholder`

use super::attached::{Attached, Wrong, policies, quoted};
use super::{Findings, Rule};
use crate::model::Model;
use crate::policy::{Statement, Written};
use crate::report::{Effect, Severity};
use crate::value::{PartKind, Text};

pub(super) static RULE: Rule = Rule {
    id: "policy-placeholder",
    severity: Severity::Error,
    effect: Effect::Hygiene,
    summary: "a placeholder of an example was left in the policy",
    page: include_str!("policy_placeholder.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    for attached in policies(model) {
        for (index, statement) in attached.policy.statements.iter().enumerate() {
            for (written, kind) in texts(statement) {
                if let Some(left) = placeholder(written.text) {
                    report(&attached, index, &written, kind, &left, findings);
                }
            }
        }
    }
}

/// The texts of a statement that name something, each with words for it.
pub(super) fn texts(statement: &Statement) -> Vec<(Written<'_>, &'static str)> {
    let mut found = Vec::new();
    for (_, list) in statement.principal_lists() {
        found.extend(list.texts.into_iter().map(|it| (it, "a principal")));
    }
    if let Some(list) = statement.actions() {
        found.extend(list.texts.into_iter().map(|it| (it, "an action")));
    }
    if let Some(list) = statement.resources() {
        found.extend(list.texts.into_iter().map(|it| (it, "a resource")));
    }
    for clause in statement.clauses() {
        let values = clause.values.into_iter();
        found.extend(values.map(|(it, _)| (it, "a condition value")));
    }
    found
}

fn report(
    attached: &Attached<'_>,
    statement: usize,
    written: &Written<'_>,
    kind: &str,
    left: &str,
    findings: &mut Findings,
) {
    let help = if left.starts_with("${") {
        "in a file that is a template, `templatefile` replaces `${...}` where `file` leaves it alone"
    } else {
        "write the value that is meant"
    };
    let wrong = Wrong {
        what: quoted(left),
        kind,
        rest: "was left in from an example".to_owned(),
        hidden_rest: "holds a placeholder that was left in from an example",
        help: Some(help.to_owned()),
        label: "a placeholder".to_owned(),
        at: written.at,
        statement,
        sensitive: written.text.is_sensitive(),
        severity: None,
    };
    attached.report(&RULE, findings, wrong);
}

/// The part of a text that an author was to replace.
pub(super) fn placeholder(text: &Text) -> Option<String> {
    let literals = text.parts().iter().filter_map(|part| match &part.kind {
        PartKind::Literal(text) => Some(text.as_str()),
        _ => None,
    });
    let whole = text.to_literal();
    let whole = whole
        .as_deref()
        .and_then(|it| segment(it).or_else(|| marked(it)));
    whole.or_else(|| literals.into_iter().find_map(marked))
}

/// Text between marks that no name holds: `<account id>`, `{{account}}`, `${account}`; or with words that only an example has.
fn marked(text: &str) -> Option<String> {
    let between = |open: &str, close: &str| {
        let (before, rest) = text.split_once(open)?;
        let (inner, _) = rest.split_once(close)?;
        let letter = inner
            .trim_start()
            .starts_with(|it: char| it.is_ascii_alphabetic());
        let dollar = before.ends_with('$') && open == "{{";
        (letter && !dollar && inner.len() <= 64).then(|| (inner, format!("{open}{inner}{close}")))
    };
    if let Some((_, left)) = between("<", ">").or_else(|| between("{{", "}}")) {
        return Some(left);
    }
    if let Some(left) = template(text) {
        return Some(left);
    }
    // `YOUR-KMS-KEY-ID`
    text.split(|it: char| !it.is_ascii_alphanumeric() && !['-', '_'].contains(&it))
        .find(|word| {
            let upper = word.to_ascii_uppercase();
            let yours = ["YOUR-", "YOUR_"].iter().any(|it| upper.starts_with(it));
            yours && (*word == upper || ID_WORDS.iter().any(|it| upper.contains(it)))
        })
        .map(str::to_owned)
}

/// What `your-...` asks for.
const ID_WORDS: &[&str] = &["ACCOUNT", "REGION", "KEY-ID", "KEY_ID", "ORG-ID", "ORG_ID"];

/// `${account}`, which neither Terraform replaced nor IAM does: a policy variable has a colon in its key.
fn template(text: &str) -> Option<String> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("${") {
        let (inner, next) = after.split_once('}')?;
        let key = inner.split(',').next().unwrap_or_default().trim();
        let name = key.starts_with(|it: char| it.is_ascii_alphabetic());
        if name && !key.contains(':') && key.len() <= 64 {
            return Some(format!("${{{inner}}}"));
        }
        rest = next;
    }
    None
}

/// The account or region of an ARN that is a word, as in `arn:aws:kms:region:aws-account-id:key/x`; or a whole value that asks for an account.
fn segment(text: &str) -> Option<String> {
    let asks = |word: &str| {
        let plain: String = word
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|it| it.to_ascii_lowercase())
            .collect();
        let account = ["accountid", "accountnumber"]
            .iter()
            .any(|it| plain.ends_with(it));
        account || plain.len() == 12 && plain.bytes().all(|it| it == b'x')
    };
    if !text.starts_with("arn:") {
        return asks(text).then(|| text.to_owned());
    }
    let mut segments = text.splitn(6, ':').skip(3);
    let (region, account) = (segments.next()?, segments.next()?);
    let word = |text: &str| {
        text.starts_with(|it: char| it.is_ascii_alphabetic())
            && text
                .bytes()
                .all(|it| it.is_ascii_alphanumeric() || [b'-', b'_', b' '].contains(&it))
    };
    if word(region) && !region.bytes().any(|it| it.is_ascii_digit()) {
        let lower = region.to_ascii_lowercase();
        if lower.contains("region") {
            return Some(region.to_owned());
        }
    }
    // `aws` owns what AWS manages for all.
    let is_account = account.is_empty() || account == "aws" || !word(account);
    (!is_account).then(|| account.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Origin, Span};

    fn found(text: &str) -> Option<String> {
        placeholder(&Text::literal(text, Origin::new(Span { start: 0, end: 0 })))
    }

    #[test]
    fn what_examples_ask_to_replace_is_found() {
        for (text, wanted) in [
            (
                "arn:aws:kms:YOUR-HOME-REGION:YOUR-MANAGEMENT-ACCOUNT-ID:key/YOUR-KMS-KEY-ID",
                "YOUR-HOME-REGION",
            ),
            (
                "arn:aws:kms:us-east-1:111122223333:key/YOUR-KMS-KEY-ID",
                "YOUR-KMS-KEY-ID",
            ),
            ("arn:aws:cloudtrail:*:<account id>:trail/*", "<account id>"),
            ("arn:aws:iam::aws-account-id:root", "aws-account-id"),
            ("arn:aws:iam::ACCOUNT_ID:root", "ACCOUNT_ID"),
            ("arn:aws:iam::xxxxxxxxxxxx:root", "xxxxxxxxxxxx"),
            ("aws-account-id", "aws-account-id"),
            ("arn:aws:iam::${account}:root", "${account}"),
            (
                "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root",
                "${data.aws_caller_identity.current.account_id}",
            ),
            ("arn:aws:iam::{{ account }}:root", "{{ account }}"),
            ("arn:aws:iam::{{account}}:root", "{{account}}"),
            ("your-account-id", "your-account-id"),
        ] {
            assert_eq!(found(text).as_deref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn real_values_are_no_placeholders() {
        for text in [
            "arn:aws:iam::111122223333:root",
            "arn:aws:iam::123456789012:user/your-name",
            "arn:aws:s3:::your-bucket/AWSLogs/123456789012/*",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "arn:aws:cloudtrail:*:111122223333:trail/*",
            "arn:aws:iam::${aws:PrincipalAccount}:role/${aws:PrincipalTag/team, 'none'}",
            "arn:aws:iam::*:role/a",
            "kms:Decrypt",
            "cloudtrail.amazonaws.com",
            "${*}",
            "*",
            "",
            "a<b",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
