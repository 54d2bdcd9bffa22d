//! `change-widens-access`

use std::collections::BTreeMap;

use super::exposure::{Judged, Told, judged, list, may_reach_everybody};
use super::{Findings, Rule};
use crate::model::{Key, Model, PolicyState};
use crate::policy::actions::on_a_key;
use crate::policy::exposure::{
    Action, ActionClass, Answer, Asker, Kind, Search, accounts_in, alike, organizations_in,
};
use crate::policy::{Caller, Match, Policy, Statement};
use crate::report::{Effect, Severity};
use crate::source::{Origin, Span};
use crate::value::{Symbols, Text};

pub(super) static RULE: Rule = Rule {
    id: "change-widens-access",
    severity: Severity::Warning,
    effect: Effect::Exposure,
    summary: "the plan lets somebody decrypt, grant or administer who could not before",
    page: include_str!("change_widens_access.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    let Some(past) = model.past.world() else {
        return;
    };
    let before: BTreeMap<&str, &Key> = past.keys.iter().map(|it| (it.id.as_str(), it)).collect();
    let mut search = None;
    for judged in judged(model) {
        let old = before.get(judged.key.id.as_str());
        let Some(old) = old.and_then(|old| changed(old, judged.key)) else {
            continue;
        };
        let search = search.get_or_insert_with(|| Search::new(&model.symbols));
        for (at, statement) in judged.allows() {
            tell(&judged, old, at, statement, search, findings);
        }
    }
}

/// The policy before, where it was another one that is known. A new key widens nothing.
fn changed<'o>(old: &'o Key, key: &Key) -> Option<&'o Policy> {
    let default = |key: &Key| key.state == PolicyState::Default;
    if key.action.is_new() || default(old) && default(key) {
        return None;
    }
    let policy = old.policy.as_ref()?;
    let now = key.policy.as_ref()?;
    let same = policy.origin.span() == now.origin.span();
    let known = !policy.rejected && policy.unknown.is_none() && policy.open.is_none();
    (known && !same).then_some(policy)
}

/// What lets somebody read the logs, or give the key on: the most dangerous first.
fn actions() -> Vec<&'static Action> {
    let reads = ["kms:Decrypt", "kms:ReEncryptFrom"];
    let wanted = |it: &&Action| match it.class {
        ActionClass::Cryptographic => reads.contains(&it.name),
        ActionClass::Grant => it.name == "kms:CreateGrant",
        ActionClass::Administration => true,
        ActionClass::Read => false,
    };
    on_a_key().filter(wanted).collect()
}

/// Somebody whom a statement may let in, and where it names them.
struct Candidate<'s> {
    asker: Asker,
    at: &'s Origin,
}

fn tell(
    judged: &Judged<'_>,
    old: &Policy,
    at: usize,
    statement: &Statement,
    search: &mut Search,
    findings: &mut Findings,
) {
    let mut found: Vec<(Candidate<'_>, Vec<&'static Action>, Answer)> = Vec::new();
    for candidate in candidates(judged, statement) {
        // Whoever a service acts for, it is one service.
        let is_told = found.iter().any(|(other, _, answer)| {
            service(&other.asker).is_some_and(|it| Some(it) == service(&candidate.asker))
                && matches!(answer, Answer::Yes(_))
        });
        if is_told {
            continue;
        }
        if let Some((actions, answer)) = widened(judged, old, at, statement, &candidate, search) {
            found.push((candidate, actions, answer));
        }
    }
    found.sort_by_key(|(_, _, answer)| !matches!(answer, Answer::Yes(_)));
    let Some((first, actions, answer)) = found.first() else {
        return;
    };
    // Who comes in by the same statement, surely or not as the first does.
    let sure = matches!(answer, Answer::Yes(_));
    let others: Vec<&(Candidate<'_>, Vec<&'static Action>, Answer)> = found
        .iter()
        .skip(1)
        .filter(|it| matches!(it.2, Answer::Yes(_)) == sure)
        .collect();
    let key = &judged.key.address;
    let who = if judged.key.sensitive {
        "somebody".to_owned()
    } else {
        let mut names = vec![name(&first.asker, search.symbols())];
        for (other, _, _) in &others {
            let name = name(&other.asker, search.symbols());
            if !names.contains(&name) {
                names.push(name);
            }
        }
        match names.as_slice() {
            [one] => one.clone(),
            [one, two] => format!("{one} and {two}"),
            [one, rest @ ..] => format!("{one} and {} more", rest.len()),
            [] => return,
        }
    };
    let what = list(actions);
    let told = Told {
        rule: &RULE,
        judged,
        statement: Some(at),
        at: first.at,
        label: if sure {
            "could not before"
        } else {
            "may name somebody who could not before"
        }
        .to_owned(),
        sure: format!("this plan lets {who} call {what} with `{key}`, which nothing allowed before"),
        doubt: format!("this plan lets {who} call {what} with `{key}`, which nothing allowed before,"),
        help: "if it is meant, nothing is wrong: the rule speaks of what is new in this plan, and is silent after the apply".to_owned(),
        fact: String::new(),
        cause: judged.meaning(at),
        others: others
            .iter()
            .filter(|(other, _, _)| other.at.span() != first.at.span())
            .take(3)
            .map(|(other, _, _)| (other.at.clone(), "and here".to_owned()))
            .collect(),
        also: Vec::new(),
        hangs_on_account: false,
        published: false,
        after: None,
    };
    told.add(answer, search, findings);
}

fn service(asker: &Asker) -> Option<&str> {
    match asker {
        Asker::Service { name, .. } => Some(name),
        _ => None,
    }
}

/// What a statement newly lets somebody do, and the request for the first of it.
fn widened(
    judged: &Judged<'_>,
    old: &Policy,
    at: usize,
    statement: &Statement,
    candidate: &Candidate<'_>,
    search: &mut Search,
) -> Option<(Vec<&'static Action>, Answer)> {
    let mut actions = actions();
    actions.retain(|action| {
        let covers = statement.may_match_action(action.name) != Match::No;
        covers && !is_needed(judged, &candidate.asker, action)
    });
    let mut best: Option<(Vec<&'static Action>, Answer)> = None;
    for group in alike(&[judged.policy, old], &actions) {
        let Some(first) = group.first() else { continue };
        let answer = judged.newly(search, old, at, &candidate.asker, first);
        if matches!(answer, Answer::No) {
            continue;
        }
        let sure = |answer: &Answer| matches!(answer, Answer::Yes(_));
        match &mut best {
            // What is sure is told alone.
            Some((_, known)) if sure(known) && !sure(&answer) => {}
            Some((all, known)) if sure(known) == sure(&answer) => all.extend(group),
            _ => best = Some((group, answer)),
        }
    }
    if let Some((all, _)) = &mut best {
        all.sort_by_key(|action| on_a_key().position(|it| it == *action));
    }
    best
}

/// True for what a trail, or a reader that the user declares, needs: that it is allowed is a repair.
fn is_needed(judged: &Judged<'_>, asker: &Asker, action: &Action) -> bool {
    let requirements = judged.subjects.iter().flat_map(|it| &it.requirements);
    let mut requirements = requirements.filter(|it| {
        let key = judged.model.keys.get(it.key);
        key.is_some_and(|key| key.id == judged.key.id)
    });
    requirements.any(|it| match (asker, &it.request.principal) {
        (Asker::Service { name, .. }, Caller::Service(service)) => {
            name == service && it.request.action == action.name
        }
        (Asker::Named(arn), Caller::Aws(_)) => {
            it.reader.is_some() && it.reader.as_deref() == arn.as_literal()
        }
        _ => false,
    })
}

/// Whom a statement may let in: everybody, those that it names, and those that its conditions name.
fn candidates<'s>(judged: &Judged<'_>, statement: &'s Statement) -> Vec<Candidate<'s>> {
    let mut out = Vec::new();
    for (text, at) in judged.people(statement) {
        let Some(known) = text.as_literal() else {
            continue;
        };
        if known == "*" {
            continue;
        }
        let whole = accounts_in(known).find(|id| known == *id || known.ends_with(":root"));
        let asker = match whole {
            Some(account) => role_of(account),
            None => Asker::Named(text.clone()),
        };
        out.push(Candidate { asker, at });
    }
    for service in judged.services(statement) {
        let at = service.at;
        for account in [None, Some(judged.key.account.clone())] {
            let name = service.name.clone();
            out.push(Candidate {
                asker: Asker::Service { name, account },
                at,
            });
        }
    }
    if may_reach_everybody(statement) {
        let everybody = judged
            .people(statement)
            .find(|(text, _)| text.as_literal() == Some("*"));
        let at = everybody.map_or(&statement.origin, |(_, at)| at);
        for kind in Kind::ALL {
            let asker = Asker::Stranger(*kind);
            out.push(Candidate { asker, at });
        }
        for condition in statement.conditions() {
            let at = condition.key_at;
            for value in condition.values.iter().filter_map(|text| text.as_literal()) {
                let accounts = accounts_in(value).map(role_of);
                let members = organizations_in(value).map(|id| Asker::Member(id.to_owned()));
                out.extend(accounts.chain(members).map(|asker| Candidate { asker, at }));
            }
        }
    }
    out
}

fn role_of(account: &str) -> Asker {
    Asker::Of {
        account: Text::literal(account, Origin::new(Span { start: 0, end: 0 })),
        kind: Kind::Role,
    }
}

/// How a sentence calls somebody.
fn name(asker: &Asker, symbols: &Symbols) -> String {
    match asker {
        Asker::Stranger(_) => "anybody with an AWS account".to_owned(),
        Asker::Of { account, .. } => format!("account {}", account.show(symbols)),
        Asker::Named(arn) => format!("`{}`", arn.show(symbols)),
        Asker::Member(id) => format!("members of organization {id}"),
        Asker::Service {
            name,
            account: None,
        } => format!("`{name}`, for any account,"),
        Asker::Service { name, .. } => format!("`{name}`"),
    }
}
