//! Data sources of which more must be said than a row of the table can.

use std::collections::BTreeMap;

use super::arn::{Arn, after, beginning, only_symbol};
use super::facts::Facts;
use super::partition;
use crate::hcl::scope::Problem;
use crate::hcl::typed::Typed;
use crate::hcl::types::Type;
use crate::value::{Shape, Text};

pub(super) fn special(name: &str, facts: &mut Facts<'_, '_>) -> Result<Option<Typed>, Problem> {
    let kind = facts.of.kind().to_owned();
    let text = match (kind.as_str(), name) {
        ("aws_region", "id" | "name" | "region" | "endpoint") => region(name, facts)?,
        ("aws_partition", "reverse_dns_prefix") => {
            let of = facts.home()?.partition;
            let prefix = partition::reverse_dns_prefix(&of, facts.world.symbols);
            Some(prefix.text(&facts.origin))
        }
        ("aws_service_principal", "suffix") => {
            let service = facts.known("service_name")?;
            let of = facts.home()?.partition;
            let suffix = partition::principal_suffix(service.as_deref(), &of, facts.world.symbols);
            Some(suffix.text(&facts.origin))
        }
        ("aws_iam_session_context", _) => session(name, facts)?,
        ("aws_kms_key", "arn" | "found id" | "aws_account_id") => Some(key(name, facts)?),
        ("aws_kms_key", "enabled" | "multi_region") => {
            return Ok(Some(facts.unknown_of(name, Shape::Bool, Type::Bool)));
        }
        ("aws_iam_policy", "id" | "name") => policy(name, facts)?,
        ("aws_arn", _) => parts_of_arn(name, facts)?,
        (
            "aws_organizations_organization",
            "accounts"
            | "non_master_accounts"
            | "roots"
            | "aws_service_access_principals"
            | "enabled_policy_types",
        ) => return Ok(Some(organization(name, facts))),
        ("aws_availability_zones", "names" | "zone_ids" | "group_names")
        | ("aws_regions", "names")
        | ("aws_ssoadmin_instances", "arns" | "identity_store_ids")
        | ("aws_iam_roles", "arns" | "names") => {
            let kind = Type::list(Type::String);
            return Ok(Some(facts.unknown_of(name, Shape::Text, kind)));
        }
        _ => None,
    };
    Ok(text.map(|text| facts.value(text)))
}

/// `aws_region` describes the region that it names, else that of the provider; one that it finds by an endpoint is not known.
fn region(name: &str, facts: &mut Facts<'_, '_>) -> Result<Option<Text>, Problem> {
    if name != "endpoint" && facts.argument("endpoint")?.is_some() {
        let symbol = facts.symbol("region", Shape::Region);
        return Ok(Some(Text::symbol(symbol, facts.origin.clone())));
    }
    let named = facts.text("name")?;
    Ok(named.filter(|_| name != "endpoint"))
}

/// The role behind a session's ARN, whose path only IAM knows; any other ARN is its own issuer (`HashiCorp`, data source
/// `aws_iam_session_context`).
fn session(name: &str, facts: &mut Facts<'_, '_>) -> Result<Option<Text>, Problem> {
    let Some(arn) = facts.text("arn")? else {
        return Ok(None);
    };
    if name == "id" {
        return Ok(Some(arn));
    }
    let Some(read) = Arn::read(&arn, facts.world.symbols) else {
        // Even a text that is no ARN is left as it is; what is not known may be a session's.
        let known = arn.to_literal().is_some();
        return Ok(known.then(|| issuer_of_itself(name, arn, facts)));
    };
    let service = read.service.to_literal();
    let resource = read.resource.to_literal();
    let role = match (service.as_deref(), &resource) {
        (Some("sts"), Some(resource)) => assumed_role(resource),
        (Some("sts") | None, _) => return Ok(None),
        _ => None,
    };
    Ok(match role {
        None => Some(issuer_of_itself(name, arn, facts)),
        Some((role, session)) => match name {
            "issuer_name" => Some(facts.literal(role)),
            "session_name" => Some(facts.literal(session)),
            _ => None,
        },
    })
}

fn issuer_of_itself(name: &str, arn: Text, facts: &Facts<'_, '_>) -> Text {
    match name {
        "issuer_arn" => arn,
        _ => facts.literal(""),
    }
}

/// Role and session of `assumed-role/ROLE/SESSION`.
fn assumed_role(resource: &str) -> Option<(&str, &str)> {
    let rest = resource.strip_prefix("assumed-role/")?;
    let (role, session) = rest.rsplit_once('/')?;
    let role = role.rsplit('/').next().unwrap_or(role);
    (!role.is_empty() && session.len() > 1).then_some((role, session))
}

/// A key that is looked up by id, ARN, alias or the alias's ARN.
fn key(name: &str, facts: &mut Facts<'_, '_>) -> Result<Text, Problem> {
    let asked = facts.text("key_id")?.unwrap_or_default();
    let read = Arn::read(&asked, facts.world.symbols);
    let shape = only_symbol(&asked, facts.world.symbols);
    let is_id = asked
        .to_literal()
        .is_some_and(|known| !known.is_empty() && !known.contains([':', '/']))
        || shape == Some(Shape::Id);
    let mut own = read.as_ref().and_then(|arn| after(&arn.resource, "key/"));
    if is_id {
        own = Some(asked.clone());
    }
    let found = own.is_some();
    let id = own.unwrap_or_else(|| facts.unknown("id"));
    if name == "found id" {
        return Ok(id);
    }
    // Without an ARN, a key is looked for in the provider's account and region.
    let plain = is_id || beginning(&asked).starts_with("alias/");
    let (account, mut arn) = match read {
        Some(_) if found && name == "arn" => return Ok(asked),
        Some(read) => {
            let mut arn = facts.literal("arn:");
            for piece in [&read.partition, &read.service, &read.region, &read.account] {
                arn.append(piece.clone());
                arn.append(facts.literal(":"));
            }
            arn.append(facts.literal("key/"));
            (read.account, arn)
        }
        None if plain => {
            let arn = facts.compose("arn:{partition}:kms:{region}:{account}:key/")?;
            (facts.home()?.account.text(&facts.origin), arn)
        }
        None if name == "arn" && shape == Some(Shape::Arn) => return Ok(facts.unknown("arn")),
        None => return Ok(facts.unknown(name)),
    };
    if name == "aws_account_id" {
        return Ok(account);
    }
    arn.append(id);
    Ok(arn)
}

/// A policy that is found by its ARN.
fn policy(name: &str, facts: &mut Facts<'_, '_>) -> Result<Option<Text>, Problem> {
    let Some(arn) = facts.text("arn")? else {
        return Ok(None);
    };
    if name == "id" {
        return Ok(Some(arn));
    }
    let known = arn.to_literal();
    let last = known.as_deref().and_then(|known| known.rsplit_once('/'));
    Ok(last.map(|(_, last)| facts.literal(last)))
}

fn parts_of_arn(name: &str, facts: &mut Facts<'_, '_>) -> Result<Option<Text>, Problem> {
    let Some(arn) = facts.text("arn")? else {
        return Ok(None);
    };
    if name == "id" {
        return Ok(Some(arn));
    }
    let read = Arn::read(&arn, facts.world.symbols);
    let Some(read) = read else {
        if arn.to_literal().is_some() {
            return Err(Problem::new("this is no ARN", &facts.origin));
        }
        let shape = match name {
            "account" => Shape::Account,
            "region" => Shape::Region,
            "partition" => Shape::Partition,
            _ => return Ok(None),
        };
        let symbol = facts.symbol(name, shape);
        return Ok(Some(Text::symbol(symbol, facts.origin.clone())));
    };
    Ok(match name {
        "partition" => Some(read.partition),
        "service" => Some(read.service),
        "region" => Some(read.region),
        "account" => Some(read.account),
        "resource" => Some(read.resource),
        _ => None,
    })
}

/// Lists of the organization: only its management account sees them.
fn organization(name: &str, facts: &mut Facts<'_, '_>) -> Typed {
    let fields: &[&str] = match name {
        "accounts" | "non_master_accounts" => &["arn", "email", "id", "name", "status"],
        "roots" => &["arn", "id", "name"],
        _ => &[],
    };
    let of = if fields.is_empty() {
        Type::String
    } else {
        let mut members: BTreeMap<String, Type> = fields
            .iter()
            .map(|field| ((*field).to_owned(), Type::String))
            .collect();
        if name == "roots" {
            members.insert("policy_types".to_owned(), Type::Dynamic);
        }
        Type::Object(members)
    };
    facts.unknown_of(name, Shape::Text, Type::list(of))
}
