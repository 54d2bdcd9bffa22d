//! How a Deny that hits a service is mended: it is narrowed where it is too wide, and what it is there for is left as it is.

use super::hint::is_negated;
use crate::policy::{NamedCondition, Request, Statement};
use crate::source::Origin;
use crate::value::{Presence, Symbols};

/// What a Deny does to a request of a service, and what to do about it.
pub(super) struct Exemption<'s> {
    /// Why it matches, where that shows.
    pub(super) because: Option<String>,
    /// The place that decides.
    pub(super) at: Option<&'s Origin>,
    pub(super) label: &'static str,
    pub(super) advice: String,
}

/// What mends a Deny of which no more is known.
pub(super) const NARROW: &str = "remove the Deny, or narrow it: no Allow overrides it";
const EXEMPT: &str = "exempt AWS services from the Deny: add `\"Bool\": {\"aws:PrincipalIsAWSService\": \"false\"}` to its `Condition`";

/// The keys that say whom a service acts for: a Deny that tests one is there to stop services that act for others.
const SOURCE: [&str; 4] = [
    "aws:SourceArn",
    "aws:SourceAccount",
    "aws:SourceOrgID",
    "aws:SourceOrgPaths",
];

const CONTEXT: &str = "kms:EncryptionContext:aws:cloudtrail:arn";

/// The keys that say which service it is.
const SERVICE: [&str; 3] = [
    "aws:PrincipalIsAWSService",
    "aws:PrincipalServiceName",
    "aws:PrincipalServiceNamesList",
];

fn is_one(condition: &NamedCondition<'_>, keys: &[&str]) -> bool {
    let mut keys = keys.iter();
    condition.operator != "Null" && keys.any(|key| key.eq_ignore_ascii_case(condition.key))
}

/// Of a policy that is shown. The request is one of many where every account of an organization makes its own.
pub(super) fn exemption<'s>(
    statement: &'s Statement,
    request: &Request,
    of_members: bool,
    symbols: &Symbols,
) -> Exemption<'s> {
    source(statement, request, of_members, symbols)
        .or_else(|| lacking(statement, request))
        .unwrap_or_else(|| Exemption {
            because: None,
            at: statement.conditions().next().map(|it| it.key_at),
            label: "this Deny matches the request",
            advice: general(statement),
        })
}

/// What mends a Deny that does not ask whom a service acts for.
fn general(statement: &Statement) -> String {
    let named = statement
        .principals()
        .any(|principal| principal.text.as_literal() == Some("*"));
    let everybody = statement.names_everybody_but() || named;
    let of_services = statement
        .conditions()
        .any(|it| is_one(&it, &SERVICE) || is_one(&it, &SOURCE));
    let advice = if everybody && !of_services {
        EXEMPT
    } else {
        NARROW
    };
    advice.to_owned()
}

/// It asks whom the service acts for: that stays, and lets this one through.
fn source<'s>(
    statement: &'s Statement,
    request: &Request,
    of_members: bool,
    symbols: &Symbols,
) -> Option<Exemption<'s>> {
    let own = |it: &NamedCondition<'_>| is_one(it, &SOURCE);
    // In the encryption context CloudTrail itself names the trail that it acts for.
    let context =
        |it: &NamedCondition<'_>| is_one(it, &[CONTEXT]) && request.context.get(it.key).is_some();
    let negated = |it: &NamedCondition<'_>| (own(it) || context(it)) && is_negated(it.operator);
    let condition = statement
        .conditions()
        .find(negated)
        .or_else(|| statement.conditions().find(own))?;
    let (key, operator) = (condition.key, condition.operator);
    let carried = request.context.get(key);
    let Some(carried) = carried.filter(|it| it.presence == Presence::Present) else {
        return (carried.is_none() && is_negated(operator)).then(|| Exemption {
            because: Some(no_such(key, operator)),
            at: Some(condition.key_at),
            label: NO_SUCH,
            advice: format!(
                "let the Deny ask for `{key}` where there is one: add `\"Null\": {{\"{key}\": \"false\"}}` to its `Condition`"
            ),
        });
    };
    let values: Vec<String> = carried
        .values
        .iter()
        .map(|text| format!("`{}`", text.show(symbols)))
        .collect();
    let values = values.join(", ");
    let advice = if of_members && is_negated(operator) {
        format!(
            "let the Deny ask for `aws:SourceOrgID` in place of `{key}`: AWS Config of every account of the organization delivers"
        )
    } else if is_negated(operator) {
        format!("name {values} in the `{key}` of the Deny, too: no Allow overrides it")
    } else {
        format!(
            "narrow the `{key}` of the Deny, so that it leaves {values} alone, or remove the Deny: no Allow overrides it"
        )
    };
    Some(Exemption {
        because: Some(format!(
            "the request's `{key}` is {values}, so `{operator}` holds"
        )),
        at: Some(condition.key_at),
        label: "this test holds for the request",
        advice,
    })
}

/// A negated test of a key that the request lacks holds: the usual way in which a Deny hits a service unawares.
pub(super) fn lacking<'s>(statement: &'s Statement, request: &Request) -> Option<Exemption<'s>> {
    let condition = statement.conditions().find(|condition| {
        (condition.operator.contains("Not") || condition.operator.ends_with("IfExists"))
            && request.context.get(condition.key).is_none()
    })?;
    Some(Exemption {
        because: Some(no_such(condition.key, condition.operator)),
        at: Some(condition.key_at),
        label: NO_SUCH,
        advice: general(statement),
    })
}

const NO_SUCH: &str = "the request carries no such key, and then this test holds";

fn no_such(key: &str, operator: &str) -> String {
    format!("the request carries no `{key}`, so `{operator}` holds")
}
