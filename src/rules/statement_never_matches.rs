//! `statement-never-matches`

use super::attached::{Attached, Wrong, policies, quoted};
use super::policy_unknown_action::has_own;
use super::{Findings, Rule};
use crate::model::{Model, SubjectKind};
use crate::policy::actions::{self, ACTIONS};
use crate::policy::keys;
use crate::policy::requests::{self, Cell, RequestKind};
use crate::policy::{Clause, Compares, Effect as Says, Match, PrincipalType, Statement};
use crate::report::{Effect, Severity};
use crate::source::Origin;
use crate::value::{Presence, Symbols};

pub(super) static RULE: Rule = Rule {
    id: "statement-never-matches",
    severity: Severity::Warning,
    effect: Effect::Hygiene,
    summary: "no request that reaches the key can match a statement of its policy",
    page: include_str!("statement_never_matches.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    for attached in policies(model) {
        for (index, statement) in attached.policy.statements.iter().enumerate() {
            let Some(mut reason) = reason(statement, &attached, &model.symbols) else {
                continue;
            };
            if reason.help == BIND && serves_store(&attached, model) {
                reason.help = BIND_NOTHING;
            }
            let sid = statement.sid.as_ref().filter(|sid| !sid.is_sensitive());
            let what = match sid {
                Some(sid) => format!("the statement {}", quoted(&sid.show(&model.symbols))),
                None => format!("statement {}", index + 1),
            };
            let wrong = Wrong {
                what,
                kind: "an element",
                rest: format!("never matches: {}", reason.why),
                hidden_rest: "keeps the statement from ever matching",
                help: Some(reason.help.to_owned()),
                label: "matches no request to this key".to_owned(),
                at: reason.at,
                statement: index,
                sensitive: false,
                severity: None,
            };
            attached.report(&RULE, findings, wrong);
        }
    }
}

/// True where an event data store uses a key of the policy.
fn serves_store(attached: &Attached<'_>, model: &Model) -> bool {
    let mut stores = model
        .subjects
        .iter()
        .filter(|it| it.kind == SubjectKind::EventDataStore);
    stores.any(|store| {
        let mut keys = store.link.keys.iter().filter_map(|at| model.keys.get(*at));
        keys.any(|key| attached.keys().any(|own| own.id == key.id))
    })
}

/// Why nothing matches, where that shows, and what to do.
struct Reason<'s> {
    why: String,
    at: &'s Origin,
    help: &'static str,
}

#[expect(clippy::unnecessary_wraps, reason = "it is what every caller returns")]
fn told<'s>(why: impl Into<String>, at: &'s Origin, help: &'static str) -> Option<Reason<'s>> {
    let why = why.into();
    Some(Reason { why, at, help })
}

fn reason<'s>(
    statement: &'s Statement,
    attached: &Attached<'_>,
    symbols: &Symbols,
) -> Option<Reason<'s>> {
    if statement.has_no_effect() {
        let missing = if statement.actions().is_none() {
            "Action"
        } else {
            "Resource"
        };
        return told(
            format!("it has no `{missing}`"),
            &statement.effect_at,
            "AWS KMS stores a statement without `Action` or `Resource` and ignores it",
        );
    }
    if statement.is_doubtful() {
        return None;
    }
    let mut found = action(statement)
        .or_else(|| principal(statement))
        .or_else(|| resource(statement, attached, symbols))
        .or_else(|| condition(statement))?;
    // A Deny that is mended without a thought stops what works now.
    if statement.effect == Some(Says::Deny) {
        found.help =
            "take the Deny out, or write what it is to stop: as it stands it stops nothing";
    }
    Some(found)
}

fn action(statement: &Statement) -> Option<Reason<'_>> {
    let actions = statement.actions()?;
    if actions.open {
        return None;
    }
    let at = match actions.texts.as_slice() {
        [only] => only.at,
        _ => actions.at,
    };
    let may = |action: &&actions::Action| statement.may_match_action(action.name) != Match::No;
    let mut matched = ACTIONS.iter().filter(may).peekable();
    if matched.peek().is_none() {
        return match (actions.negated, actions.texts.is_empty()) {
            (true, _) => told(
                "its `NotAction` leaves out every action of AWS KMS",
                at,
                "write the actions that are meant under `Action`",
            ),
            (false, true) => told("it names no action", at, "name the actions that are meant"),
            // A slip in the name of an action is `policy-unknown-action`.
            (false, false) if has_own(statement) => None,
            (false, false) => told(
                "its actions are of another service, and a key policy is asked for those of AWS KMS alone",
                at,
                "such a statement belongs in the policy of the other service's resource, or in an IAM policy",
            ),
        };
    }
    matched.all(|it| !it.on_a_key).then_some(())?;
    told(
        "its actions are on no key, so that no key policy is asked for them",
        at,
        "allow them in an IAM policy",
    )
}

fn principal(statement: &Statement) -> Option<Reason<'_>> {
    let at = statement.principals_at()?;
    let lists: Vec<_> = statement.principal_lists().collect();
    if statement.names_everybody_but() || lists.iter().any(|(_, list)| list.open) {
        return None;
    }
    if lists.iter().all(|(_, list)| list.texts.is_empty()) {
        return told("it names no principal", at, "name who is meant");
    }
    None
}

fn resource<'s>(
    statement: &'s Statement,
    attached: &Attached<'_>,
    symbols: &Symbols,
) -> Option<Reason<'s>> {
    let resources = statement.resources()?;
    let mut keys = attached.keys();
    if keys.any(|key| statement.may_match_resource(&key.arn, symbols) != Match::No) {
        return None;
    }
    let at = match resources.texts.as_slice() {
        [only] => only.at,
        _ => resources.at,
    };
    let texts: Vec<String> = resources
        .texts
        .iter()
        .filter_map(|it| it.text.to_literal())
        .collect();
    let other = |text: &String| {
        text.split(':')
            .nth(2)
            .is_some_and(|it| it != "kms" && it != "*")
    };
    let why = if resources.negated {
        "its `NotResource` leaves out the key"
    } else if texts.is_empty() && resources.texts.is_empty() {
        "it names no resource"
    } else if texts.len() == resources.texts.len() && texts.iter().all(other) {
        "its resource is of another service"
    } else if texts.iter().any(|it| it.contains(":alias/")) {
        "its resource is an alias, and a request is for the key"
    } else {
        "its resource is another key"
    };
    let help = if resources.negated {
        "write `Resource`: in a key policy `*` means this key, and no other"
    } else {
        "in a key policy `*` means this key, and no other"
    };
    told(why, at, help)
}

fn condition(statement: &Statement) -> Option<Reason<'_>> {
    let clauses: Vec<Clause<'_>> = statement.clauses().collect();
    let place = |at: usize| {
        let mut condition = statement.conditions();
        condition.nth(at).map(|it| it.key_at)
    };
    for (at, clause) in clauses.iter().enumerate() {
        let Some(key_at) = place(at).filter(|_| clause.presence == Presence::Present) else {
            continue;
        };
        if clause.values.is_empty() && !clause.open && clause.compares.is_some() {
            // What an empty list means under a Deny is not documented.
            if statement.effect == Some(Says::Allow) && !clause.negated && !clause.for_all {
                return told(
                    format!("the condition on {} has no value", quoted(clause.key)),
                    key_at,
                    "give the values that are meant: without the condition the statement holds for more requests",
                );
            }
            continue;
        }
        if let Some((why, help)) = absent(statement, clause).or_else(|| service(statement, clause))
        {
            return told(why, key_at, help);
        }
    }
    let (first, second) = statement.contradiction()?;
    let key = quoted(clauses.get(first)?.key);
    told(
        format!("no value of {key} satisfies both of its conditions"),
        place(second)?,
        "all conditions of a statement must hold together: split it in two, or write one list",
    )
}

/// Whom the principals of a statement may be.
struct Who {
    services: bool,
    callers: bool,
}

fn who(statement: &Statement) -> Who {
    let mut who = Who {
        services: statement.names_everybody_but(),
        callers: statement.names_everybody_but(),
    };
    for (kind, list) in statement.principal_lists() {
        let unknown = |text: &crate::value::Text| text.to_literal().is_none_or(|it| it == "*");
        match kind {
            PrincipalType::Service => who.services = true,
            PrincipalType::Aws => {
                who.callers = true;
                who.services |= list.open || list.texts.iter().any(|it| unknown(it.text));
            }
            PrincipalType::Federated | PrincipalType::CanonicalUser => who.callers = true,
            PrincipalType::Unknown => {
                who = Who {
                    services: true,
                    callers: true,
                }
            }
        }
    }
    who
}

const NO_CONTEXT: &str = "`kms:DescribeKey` and other actions that encrypt nothing have no encryption context: put them into a statement without this condition";
/// Without any condition everybody, or a service for everybody, is let in.
const NO_CONTEXT_OF_SERVICES: &str = "`kms:DescribeKey` and other actions that encrypt nothing have no encryption context: put them into a statement with another condition, such as `aws:SourceArn` for a service";
const BIND: &str = "bind a service with `aws:SourceArn` or `aws:SourceAccount`";
const BIND_NOTHING: &str = "take the condition out where the statement is for the event data store: AWS supports neither `aws:SourceArn` nor `aws:SourceAccount` for those; bind other services with them";

/// Why no request that the statement is about carries a key that the condition needs.
fn absent(statement: &Statement, clause: &Clause<'_>) -> Option<(String, &'static str)> {
    if !clause.needs_the_key() {
        return None;
    }
    let key = keys::find(clause.key)?;
    let shown = quoted(clause.key);
    if let Some(carriers) = keys::actions_of(key) {
        let may = |action: &&str| statement.may_match_action(action) != Match::No;
        let mut matched = actions::names().filter(may).peekable();
        if matched.peek().is_some() && matched.all(|it| !carriers.contains(&it)) {
            let why = format!("none of its actions carries {shown}");
            let help = match (
                key.name.starts_with("kms:EncryptionContext"),
                who(statement).services,
            ) {
                (true, false) => NO_CONTEXT,
                (true, true) => NO_CONTEXT_OF_SERVICES,
                (false, _) => {
                    "name the actions that carry it, or put another condition in its place"
                }
            };
            return Some((why, help));
        }
    }
    if !key.name.starts_with("aws:") || requests::row(clause.key).is_none() {
        return None;
    }
    let never = |kind: RequestKind| requests::cell(kind, clause.key) == Cell::Absent;
    let of_services = RequestKind::ALL
        .into_iter()
        .filter(|it| it.service().is_some());
    let services = of_services.into_iter().all(never);
    let callers = never(RequestKind::Reader);
    let who = who(statement);
    let hit =
        (who.services || who.callers) && (!who.services || services) && (!who.callers || callers);
    if !hit {
        return None;
    }
    Some(if who.services {
        (format!("a service's request carries no {shown}"), BIND)
    } else {
        (
            format!("{shown} is in the requests of services alone"),
            "bind users and roles with `aws:PrincipalArn` or `aws:PrincipalAccount`",
        )
    })
}

/// `aws:PrincipalIsAWSService` against the principals.
fn service(statement: &Statement, clause: &Clause<'_>) -> Option<(String, &'static str)> {
    let own = clause.key.eq_ignore_ascii_case("aws:PrincipalIsAWSService");
    if !own || clause.compares != Some(Compares::Bool) || clause.open {
        return None;
    }
    let values: Option<Vec<String>> = clause
        .values
        .iter()
        .map(|(it, _)| it.text.to_literal().map(|it| it.to_ascii_lowercase()))
        .collect();
    let values = values?;
    let who = who(statement);
    let wanted = match (who.services, who.callers) {
        (true, false) => "true",
        (false, true) => "false",
        _ => return None,
    };
    (!values.iter().any(|it| it == wanted)).then(|| {
        (
            format!("`aws:PrincipalIsAWSService` is `{wanted}` for the principals that it names"),
            if wanted == "true" {
                "take the condition out, and bind the service with `aws:SourceArn` or `aws:SourceAccount`"
            } else {
                "take the condition out"
            },
        )
    })
}
