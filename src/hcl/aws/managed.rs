//! Managed resources of which more must be said than a row of the table can.

use super::arn::{Arn, after, beginning, only_symbol};
use super::facts::Facts;
use crate::hcl::scope::Problem;
use crate::hcl::typed::{Data, Typed};
use crate::hcl::types::Type;
use crate::value::{PartKind, Shape, Text};

pub(super) fn special(name: &str, facts: &mut Facts<'_, '_>) -> Result<Option<Typed>, Problem> {
    let kind = facts.of.kind().to_owned();
    let text = match (kind.as_str(), name) {
        ("aws_cloudtrail", "trail owner") => owner(facts)?,
        // Named as `aws_cloudtrail_event_data_store` is in the requests.
        ("aws_cloudtrail_event_data_store", "store id") => {
            let symbol = facts.symbol("id", Shape::Name);
            Text::symbol(symbol, facts.origin.clone())
        }
        ("aws_kms_replica_key" | "aws_kms_replica_external_key", "key_id") => {
            match primary_id(facts)? {
                Some(id) => id,
                None => return Ok(None),
            }
        }
        ("aws_kms_alias", "target_key_arn") => match target_key_arn(facts)? {
            Some(arn) => arn,
            None => return Ok(None),
        },
        ("aws_iam_openid_connect_provider", "arn" | "id") => match oidc_provider(facts)? {
            Some(arn) => arn,
            None => return Ok(None),
        },
        ("aws_ssm_parameter", "arn") => parameter(facts)?,
        ("aws_cloudwatch_event_rule", "arn") => match facts.known("event_bus_name")?.as_deref() {
            None if facts.argument("event_bus_name")?.is_some() => return Ok(None),
            None | Some("default") => {
                facts.compose("arn:{partition}:events:{region}:{account}:rule/{name}")?
            }
            Some(bus) if bus.contains(':') => return Ok(None),
            Some(_) => facts.compose(
                "arn:{partition}:events:{region}:{account}:rule/{event_bus_name}/{name}",
            )?,
        },
        ("terraform_data", "output") => {
            let input = facts.of.argument("input", facts.world)?;
            return Ok(Some(
                input.unwrap_or_else(|| Typed::null(facts.origin.clone())),
            ));
        }
        _ => return random(&kind, name, facts),
    };
    Ok(Some(facts.value(text)))
}

/// The account in a trail's ARN. An organization trail belongs to the management account, also where a delegated administrator creates it
/// (CloudTrail User Guide, Organization delegated administrator).
fn owner(facts: &mut Facts<'_, '_>) -> Result<Text, Problem> {
    let organization = facts.argument("is_organization_trail")?;
    let own = match organization.map(|value| value.data) {
        None | Some(Data::Bool(false)) => true,
        Some(Data::Text(text)) => text.to_literal().as_deref() == Some("false"),
        Some(_) => false,
    };
    let piece = if own {
        facts.home()?.account
    } else {
        facts.management()
    };
    Ok(piece.text(&facts.origin))
}

/// A replica has the key id of its primary key (KMS Developer Guide, multi-Region keys).
fn primary_id(facts: &mut Facts<'_, '_>) -> Result<Option<Text>, Problem> {
    let Some(primary) = facts.text("primary_key_arn")? else {
        return Ok(None);
    };
    let arn = Arn::read(&primary, facts.world.symbols);
    Ok(arn.and_then(|arn| after(&arn.resource, "key/")))
}

/// `target_key_id` is an id or an ARN.
fn target_key_arn(facts: &mut Facts<'_, '_>) -> Result<Option<Text>, Problem> {
    let Some(target) = facts.text("target_key_id")? else {
        return Ok(None);
    };
    if beginning(&target).starts_with("arn:") {
        return Ok(Some(target));
    }
    let id = match target.to_literal() {
        Some(known) => !known.contains([':', '/']),
        None => only_symbol(&target, facts.world.symbols) == Some(Shape::Id),
    };
    if id {
        let template = "arn:{partition}:kms:{region}:{account}:key/{target_key_id}";
        return facts.compose(template).map(Some);
    }
    let arn = only_symbol(&target, facts.world.symbols) == Some(Shape::Arn);
    Ok(arn.then_some(target))
}

/// The provider's ARN holds its address without the scheme.
fn oidc_provider(facts: &mut Facts<'_, '_>) -> Result<Option<Text>, Problem> {
    let Some(url) = facts.text("url")? else {
        return Ok(None);
    };
    let host = match beginning(&url) {
        "" => return Ok(None),
        known if known.starts_with("https://") => after(&url, "https://"),
        _ => Some(url),
    };
    let Some(host) = host else {
        return Ok(None);
    };
    let mut arn = facts.compose("arn:{partition}:iam::{account}:oidc-provider/")?;
    arn.append(host);
    Ok(Some(arn))
}

/// A name that begins with `/` is a path.
fn parameter(facts: &mut Facts<'_, '_>) -> Result<Text, Problem> {
    let name = facts.attribute("name")?;
    let path = match name.parts().first().map(|part| &part.kind) {
        Some(PartKind::Literal(known)) => known.starts_with('/'),
        _ => return Ok(facts.unknown("arn")),
    };
    facts.compose(if path {
        "arn:{partition}:ssm:{region}:{account}:parameter{name}"
    } else {
        "arn:{partition}:ssm:{region}:{account}:parameter/{name}"
    })
}

/// What the random provider draws is a symbol; a password is a secret one.
fn random(kind: &str, name: &str, facts: &mut Facts<'_, '_>) -> Result<Option<Typed>, Problem> {
    Ok(match (kind, name) {
        ("random_password", "result" | "bcrypt_hash") => {
            let text = facts.unknown(name);
            Some(facts.value(text).marked(true))
        }
        ("random_string", "result") => {
            // Letters and digits, where special characters are not wanted.
            let plain = facts.known("special")?.as_deref() == Some("false");
            let shape = if plain { Shape::Id } else { Shape::Text };
            let symbol = facts.symbol("result", shape);
            let text = Text::symbol(symbol, facts.origin.clone());
            Some(facts.value(text))
        }
        ("random_integer", "result") => {
            Some(facts.unknown_of("result", Shape::Number, Type::Number))
        }
        _ => None,
    })
}
