//! `key-policy-service-overgrant`

use super::exposure::{Ask, Grant, Judged, Service, Told, judged, list};
use super::{Findings, Rule, key_policy_confused_deputy as confused_deputy};
use crate::model::Model;
use crate::policy::Statement;
use crate::policy::actions::on_a_key;
use crate::policy::exposure::{Action, ActionClass, Asker, Search};
use crate::report::{Effect, Severity};

pub(super) static RULE: Rule = Rule {
    id: "key-policy-service-overgrant",
    severity: Severity::Warning,
    effect: Effect::Exposure,
    summary: "a service may do more with the key than its requests need",
    page: include_str!("key_policy_service_overgrant.md"),
    check: look,
};

/// What AWS's pages give services; `*` at the end takes what follows. Reading a key's properties harms nobody.
const NEEDS: &[(&str, &[&str])] = &[
    ("cloudtrail", &["kms:GenerateDataKey*", "kms:Decrypt"]),
    ("config", &["kms:GenerateDataKey*", "kms:Decrypt"]),
    (
        "logs",
        &[
            "kms:GenerateDataKey*",
            "kms:Decrypt",
            "kms:Encrypt",
            "kms:ReEncrypt*",
        ],
    ),
    (
        "delivery",
        &[
            "kms:GenerateDataKey*",
            "kms:Decrypt",
            "kms:Encrypt",
            "kms:ReEncrypt*",
        ],
    ),
];

/// What another service may need: AWS documents no service that administers a key of its customer's.
fn may_need(service: &str, action: &Action) -> bool {
    if action.class == ActionClass::Read {
        return true;
    }
    let short = service.split('.').next().unwrap_or_default();
    match NEEDS.iter().find(|(name, _)| *name == short) {
        Some((_, needs)) => needs.iter().any(|need| match need.strip_suffix('*') {
            Some(start) => action.name.starts_with(start),
            None => action.name == *need,
        }),
        None => action.class != ActionClass::Administration,
    }
}

fn look(model: &Model, findings: &mut Findings) {
    let keys = judged(model);
    if keys.is_empty() {
        return;
    }
    let mut search = Search::new(&model.symbols);
    for judged in &keys {
        let statements: Vec<(usize, &Statement)> = judged.allows().collect();
        for (at, statement) in statements {
            for service in judged.services(statement) {
                tell(judged, &mut search, (at, statement), &service, findings);
            }
        }
    }
}

/// What a statement lets a service do for the key's own account that its requests do not need.
pub(super) fn unneeded(
    judged: &Judged<'_>,
    search: &mut Search,
    statement: usize,
    service: &str,
) -> Option<Grant> {
    let actions: Vec<&'static Action> = on_a_key()
        .filter(|action| !may_need(service, action))
        .collect();
    let own = Asker::Service {
        name: service.to_owned(),
        account: Some(judged.key.account.clone()),
    };
    judged.grant(search, statement, &Ask::plain(&own), &actions)
}

fn tell(
    judged: &Judged<'_>,
    search: &mut Search,
    (at, statement): (usize, &Statement),
    named: &Service<'_>,
    findings: &mut Findings,
) {
    let service = named.name.as_str();
    let Some(grant) = unneeded(judged, search, at, service) else {
        return;
    };
    let answer = named.settle(grant.answer);
    let what = list(&grant.actions);
    let key = &judged.key.address;
    let name = judged.name(at, search.symbols());
    let action = grant.actions.first().and_then(|action| {
        statement
            .each_action()
            .find(|(text, _)| {
                text.as_literal()
                    .is_some_and(|text| covers(text, action.name))
            })
            .map(|(_, at)| at)
    });
    // Bound to the account, it may make data keys there anyway: to encrypt with the key itself adds little.
    let foreign = Asker::Service {
        name: service.to_owned(),
        account: None,
    };
    let is_bound = grant
        .actions
        .iter()
        .all(|it| it.class == ActionClass::Cryptographic)
        && judged
            .grant(search, at, &Ask::plain(&foreign), &grant.actions)
            .is_none();
    let told = Told {
        rule: &RULE,
        judged,
        statement: Some(at),
        at: action.unwrap_or(named.at),
        label: format!("more than `{service}` needs"),
        sure: format!(
            "`{key}` lets `{service}` call {what}, which its requests do not need: {name}"
        ),
        doubt: format!("{name} of `{key}` lets `{service}` call {what}, which it does not need"),
        help: help(service),
        fact: service.to_owned(),
        cause: format!("{} {service}", judged.meaning(at)),
        others: Vec::new(),
        also: Vec::new(),
        hangs_on_account: false,
        published: is_bound,
        // A statement that asks nobody whom the service acts for says enough: what it is told to do there names what the service needs.
        after: Some(&confused_deputy::RULE),
    };
    told.add(&answer, search, findings);
}

/// Whether a text of an `Action` covers an action: `*` at its end alone is looked at, which is where people write it.
fn covers(text: &str, action: &str) -> bool {
    let (text, action) = (text.to_ascii_lowercase(), action.to_ascii_lowercase());
    match text.split_once('*') {
        Some((start, _)) => action.starts_with(start),
        None => text == action,
    }
}

/// What the service needs, in a sentence.
pub(super) fn help(service: &str) -> String {
    let short = service.split('.').next().unwrap_or_default();
    match NEEDS.iter().find(|(name, _)| *name == short) {
        Some((_, needs)) => {
            let needs: Vec<String> = needs.iter().map(|need| format!("`{need}`")).collect();
            format!(
                "its requests need {} and `kms:DescribeKey` at most",
                needs.join(", ")
            )
        }
        None => "name the actions that AWS's page for the service gives".to_owned(),
    }
}
