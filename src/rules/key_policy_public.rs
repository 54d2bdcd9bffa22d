//! `key-policy-public`

use super::exposure::{Ask, Judged, Told, judged, list, may_reach_everybody, of_classes};
use super::{Findings, Rule};
use crate::model::Model;
use crate::policy::exposure::{ActionClass, Answer, Asker, Kind, Search};
use crate::policy::{Caller, Effect as Says, Match, Outcome, Statement};
use crate::report::{Effect, Severity};
use crate::source::Origin;

pub(super) static RULE: Rule = Rule {
    id: "key-policy-public",
    severity: Severity::Error,
    effect: Effect::Exposure,
    summary: "anybody with an AWS account may use the key",
    page: include_str!("key_policy_public.md"),
    check: look,
};

const CLASSES: &[ActionClass] = &[
    ActionClass::Cryptographic,
    ActionClass::Grant,
    ActionClass::Administration,
];

fn look(model: &Model, findings: &mut Findings) {
    let keys = judged(model);
    if keys.is_empty() {
        return;
    }
    let mut search = Search::new(&model.symbols);
    for judged in &keys {
        let statements: Vec<(usize, &Statement)> = judged
            .allows()
            .filter(|(_, it)| may_reach_everybody(it))
            .collect();
        for (at, statement) in statements {
            let found = stranger(judged, &mut search, at);
            let Some((answer, actions)) = found else {
                administers(judged, &mut search, (at, statement), findings);
                continue;
            };
            let what = list(&actions);
            let key = &judged.key.address;
            let name = judged.name(at, search.symbols());
            let told = Told {
                rule: &RULE,
                judged,
                statement: Some(at),
                at: place(judged, statement),
                label: if matches!(answer, Answer::Yes(_)) {
                    "names everybody, in every account"
                } else {
                    "may name everybody, in every account"
                }
                .to_owned(),
                sure: format!(
                    "`{key}` lets anybody with an AWS account call {what}: {name} holds no stranger off"
                ),
                doubt: format!("{name} of `{key}` lets anybody with an AWS account call {what}"),
                help: help(judged, at),
                fact: String::new(),
                cause: judged.meaning(at),
                others: guards(judged, statement, &answer),
                also: Vec::new(),
                hangs_on_account: false,
                published: false,
                after: None,
            };
            told.add(&answer, &search, findings);
        }
        more_statements(judged, &search, findings);
    }
}

/// A service that comes in among everybody is kept in: no condition on the caller's account is known to hold for it.
fn help(judged: &Judged<'_>, statement: usize) -> String {
    let requirements = judged.subjects.iter().flat_map(|it| &it.requirements);
    let mut services: Vec<&str> = Vec::new();
    for it in requirements {
        let key = judged.model.keys.get(it.key);
        let is_own = key.is_some_and(|key| key.id == judged.key.id);
        let outcomes = &it.decision.statements;
        let by_this = |at: &Outcome| at.index == statement && at.matches != Match::No;
        let by_another = |at: &Outcome| {
            at.index != statement && at.matches == Match::Yes && at.effect == Some(Says::Allow)
        };
        let hit = outcomes.iter().any(by_this) && !outcomes.iter().any(by_another);
        if let Caller::Service(name) = &it.request.principal
            && is_own
            && hit
            && !services.contains(&name.as_str())
        {
            services.push(name);
        }
    }
    let guard = "add `\"StringEquals\": {\"kms:CallerAccount\": \"<account id>\"}` to the statement's Condition";
    if services.is_empty() {
        return format!("name the principals, or {guard}");
    }
    let services: Vec<String> = services.iter().map(|it| format!("`{it}`")).collect();
    format!(
        "name the principals, and {} among them in a statement of its own; or give it such a statement first, and {guard}",
        services.join(" and ")
    )
}

/// A statement that holds no stranger off and gives what AWS lets nobody do from another account: everybody of the key's own account can do
/// it, whatever their IAM policies say.
fn administers(
    judged: &Judged<'_>,
    search: &mut Search,
    (at, statement): (usize, &Statement),
    findings: &mut Findings,
) {
    let mut actions = of_classes(&[ActionClass::Administration]);
    actions.retain(|action| !action.crosses_accounts);
    let is_open = judged.policy.kinds().iter().any(|kind| {
        let asker = Asker::Stranger(*kind);
        judged
            .grant(search, at, &Ask::plain(&asker), &actions)
            .is_some()
    });
    if !is_open {
        return;
    }
    let asker = Asker::Of {
        account: judged.key.account.clone(),
        kind: Kind::Role,
    };
    let ask = Ask {
        asker: &asker,
        direct: true,
        without: &[],
    };
    let Some(grant) = judged.grant(search, at, &ask, &actions) else {
        return;
    };
    let what = list(&grant.actions);
    let key = &judged.key.address;
    let name = judged.name(at, search.symbols());
    let told = Told {
        rule: &RULE,
        judged,
        statement: Some(at),
        at: place(judged, statement),
        label: if matches!(grant.answer, Answer::Yes(_)) {
            "names everybody"
        } else {
            "may name everybody"
        }
        .to_owned(),
        sure: format!(
            "`{key}` lets everybody call {what}, whatever their IAM policies say: {name} holds nobody off, and nothing but AWS KMS itself keeps other accounts from it"
        ),
        doubt: format!("{name} of `{key}` lets everybody call {what}, whatever their IAM policies say,"),
        help: "name the principals that administer the key, or the account, so that its IAM policies decide".to_owned(),
        fact: "administration".to_owned(),
        cause: judged.meaning(at),
        others: guards(judged, statement, &grant.answer),
        also: Vec::new(),
        hangs_on_account: false,
        published: false,
        after: None,
    };
    told.add(&grant.answer, search, findings);
}

/// What a stranger can do through a statement: the kind of principal that comes furthest.
pub(super) fn stranger(
    judged: &Judged<'_>,
    search: &mut Search,
    statement: usize,
) -> Option<(Answer, Vec<&'static crate::policy::exposure::Action>)> {
    // A key policy cannot give other accounts the rest (AWS KMS Developer Guide, Allowing users in other accounts to use a KMS key).
    let mut actions = of_classes(CLASSES);
    actions.retain(|action| action.crosses_accounts);
    let mut best: Option<(Answer, Vec<_>)> = None;
    for kind in judged.policy.kinds() {
        let asker = Asker::Stranger(*kind);
        let grant = judged.grant(search, statement, &Ask::plain(&asker), &actions);
        if let Some(grant) = grant {
            let is_sure = matches!(grant.answer, Answer::Yes(_));
            if is_sure || best.is_none() {
                best = Some((grant.answer, grant.actions));
            }
            if is_sure {
                break;
            }
        }
    }
    best
}

/// Where everybody is named.
fn place<'s>(judged: &Judged<'_>, statement: &'s Statement) -> &'s Origin {
    let everybody = judged
        .people(statement)
        .find(|(text, _)| text.as_literal() == Some("*"));
    let unknown = || {
        judged
            .people(statement)
            .find(|(text, _)| text.to_literal().is_none())
    };
    let first = || statement.principals().next().map(|it| it.at);
    everybody
        .or_else(unknown)
        .map(|(_, at)| at)
        .or_else(first)
        .unwrap_or(&statement.origin)
}

/// The conditions that do not keep strangers out, where the answer is sure.
fn guards(judged: &Judged<'_>, statement: &Statement, answer: &Answer) -> Vec<(Origin, String)> {
    if judged.key.sensitive || !matches!(answer, Answer::Yes(_)) {
        return Vec::new();
    }
    let told = |condition: crate::policy::NamedCondition<'_>| {
        let key = condition.key.to_ascii_lowercase();
        let text = if key.starts_with("kms:encryptioncontext") {
            "the caller chooses the encryption context"
        } else {
            "this holds for strangers too"
        };
        (condition.key_at.clone(), text.to_owned())
    };
    statement.conditions().take(4).map(told).collect()
}

/// A policy that may have more statements than are known may be public by one of them.
fn more_statements(judged: &Judged<'_>, search: &Search, findings: &mut Findings) {
    let Some(open) = &judged.policy.open else {
        return;
    };
    let answer = Answer::Open(vec![crate::policy::Blocker {
        symbol: Some(open.symbol),
        reason: search.symbols().get(open.symbol).reason.clone(),
        at: open.origin.clone(),
    }]);
    let key = &judged.key.address;
    let told = Told {
        rule: &RULE,
        judged,
        statement: None,
        at: &open.origin,
        label: "may hold more statements".to_owned(),
        sure: String::new(),
        doubt: format!("`{key}` lets anybody with an AWS account use it"),
        help: "give the sources or the values that the rest of the statements are made of"
            .to_owned(),
        fact: "open".to_owned(),
        cause: "open".to_owned(),
        others: Vec::new(),
        also: Vec::new(),
        hangs_on_account: false,
        published: false,
        after: None,
    };
    told.add(&answer, search, findings);
}
