//! `key-policy-foreign-account`

use std::collections::BTreeMap;

use super::exposure::{Ask, Grant, Judged, Told, judged, list, of_classes};
use super::{Findings, Rule};
use crate::model::Model;
use crate::policy::exposure::{
    Action, ActionClass, Answer, Asker, Kind, Search, accounts_in, find_action, organizations_in,
};
use crate::policy::{NamedCondition, Statement};
use crate::report::{Effect, Severity};
use crate::source::{Origin, Span};
use crate::value::Text;

pub(super) static RULE: Rule = Rule {
    id: "key-policy-foreign-account",
    severity: Severity::Warning,
    effect: Effect::Exposure,
    summary: "an account that is neither the key's own nor trusted may use the key",
    page: include_str!("key_policy_foreign_account.md"),
    check: look,
};

/// What AWS lets one account do with the key of another (AWS KMS Developer Guide, Allowing users in other accounts to use a KMS key).
fn dangerous() -> Vec<&'static Action> {
    let mut actions = of_classes(&[ActionClass::Cryptographic, ActionClass::Grant]);
    actions.retain(|action| action.crosses_accounts);
    actions
}

/// Keys that a request lacks which is not one for a log file of CloudTrail.
pub(super) const OF_CLOUDTRAIL: &[&str] = &[
    "kms:encryptioncontext:aws:cloudtrail:arn",
    "kms:encryptioncontext:aws:s3:arn",
];

/// Somebody foreign whom a policy names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Foreign {
    Account(String),
    Organization(String),
}

/// Where a statement names them, and who asks.
struct Named<'s> {
    statement: usize,
    at: &'s Origin,
    asker: Asker,
}

fn look(model: &Model, findings: &mut Findings) {
    let keys = judged(model);
    if keys.is_empty() {
        return;
    }
    let mut search = Search::new(&model.symbols);
    for judged in &keys {
        for (who, places) in foreigners(judged) {
            tell(judged, &mut search, &who, &places, findings);
        }
    }
}

fn foreigners<'j>(judged: &'j Judged<'_>) -> BTreeMap<Foreign, Vec<Named<'j>>> {
    let mut found: BTreeMap<Foreign, Vec<Named<'j>>> = BTreeMap::new();
    let mut add = |who: Foreign, named: Named<'j>| found.entry(who).or_default().push(named);
    for (at, statement) in judged.allows() {
        for (text, place) in judged.people(statement) {
            let Some(known) = text.as_literal() else {
                continue;
            };
            let Some(account) = accounts_in(known).next() else {
                continue;
            };
            if judged.trusts(account) {
                continue;
            }
            let whole = known == account || known.ends_with(":root");
            let asker = if whole {
                role_of(account)
            } else {
                Asker::Named(text.clone())
            };
            let named = Named {
                statement: at,
                at: place,
                asker,
            };
            add(Foreign::Account(account.to_owned()), named);
        }
        for (who, place, asker) in conditions(judged, statement) {
            let named = Named {
                statement: at,
                at: place,
                asker,
            };
            add(who, named);
        }
    }
    found
}

fn role_of(account: &str) -> Asker {
    Asker::Of {
        account: Text::literal(account, Origin::new(Span { start: 0, end: 0 })),
        kind: Kind::Role,
    }
}

/// Accounts and organizations that the conditions of a statement for everybody let in.
fn conditions<'j>(
    judged: &Judged<'_>,
    statement: &'j Statement,
) -> Vec<(Foreign, &'j Origin, Asker)> {
    if !judged
        .people(statement)
        .any(|(text, _)| text.as_literal() == Some("*"))
    {
        return Vec::new();
    }
    let mut out = Vec::new();
    for condition in statement.conditions() {
        let key = condition.key.to_ascii_lowercase();
        let at = condition.key_at;
        match key.as_str() {
            "kms:calleraccount" | "aws:principalaccount" | "aws:principalarn" => {
                for account in values(&condition).flat_map(accounts_in) {
                    if !judged.trusts(account) {
                        let who = Foreign::Account(account.to_owned());
                        out.push((who, at, role_of(account)));
                    }
                }
            }
            "aws:principalorgid" | "aws:principalorgpaths" => {
                // Without a word on which organizations are trusted, the one that a policy names is taken to be the owner's.
                let trusted = &judged.model.trust.organizations;
                for id in values(&condition).flat_map(organizations_in) {
                    if !trusted.is_empty() && !trusted.iter().any(|it| it == id) {
                        let who = Foreign::Organization(id.to_owned());
                        out.push((who, at, Asker::Member(id.to_owned())));
                    }
                }
            }
            _ => {}
        }
    }
    out
}

fn values<'c>(condition: &'c NamedCondition<'_>) -> impl Iterator<Item = &'c str> {
    condition.values.iter().filter_map(|text| text.as_literal())
}

fn tell(
    judged: &Judged<'_>,
    search: &mut Search,
    who: &Foreign,
    places: &[Named<'_>],
    findings: &mut Findings,
) {
    let mut all: Vec<(&Named<'_>, Grant)> = Vec::new();
    for named in places {
        let ask = Ask::plain(&named.asker);
        if let Some(grant) = judged.grant(search, named.statement, &ask, &dangerous()) {
            all.push((named, grant));
        }
    }
    all.sort_by_key(|(_, grant)| !matches!(grant.answer, Answer::Yes(_)));
    let Some((first, grant)) = all.first() else {
        return;
    };
    let mut actions: Vec<&'static Action> = Vec::new();
    for action in dangerous() {
        if all.iter().any(|(_, grant)| grant.actions.contains(&action)) {
            actions.push(action);
        }
    }
    let reads = is_reader(judged, search, &all);
    let (what, key) = (list(&actions), &judged.key.address);
    let shown = if judged.key.sensitive {
        "a foreign account".to_owned()
    } else {
        match who {
            Foreign::Account(id) => format!("account {id}"),
            Foreign::Organization(id) => format!("members of organization {id}"),
        }
    };
    let mut sure =
        format!("`{key}` lets {shown} call {what}: it is neither the key's own nor trusted");
    if reads {
        sure = format!(
            "`{key}` lets {shown} decrypt CloudTrail's logs; AWS's own policy has this form (CloudTrail User Guide, readers of another account)"
        );
    }
    let others = all.iter().skip(1).take(3);
    let (noun, flag) = match who {
        Foreign::Account(_) => ("account", "--trusted-account"),
        Foreign::Organization(_) => ("organization", "--trusted-organization"),
    };
    let told = Told {
        rule: &RULE,
        judged,
        statement: Some(first.statement),
        at: first.at,
        label: format!("a foreign {noun}"),
        sure,
        doubt: format!("`{key}` lets {shown} call {what}"),
        help: match who {
            Foreign::Account(id) | Foreign::Organization(id) if !judged.key.sensitive => {
                format!("if it is meant to, say so: `{flag} {id}`")
            }
            _ => format!("if it is meant to, say so with `{flag}`"),
        },
        fact: match who {
            Foreign::Account(id) | Foreign::Organization(id) => id.clone(),
        },
        cause: if judged.key.sensitive {
            first.statement.to_string()
        } else {
            format!("{who:?}")
        },
        others: others
            .map(|(named, _)| (named.at.clone(), "and here".to_owned()))
            .collect(),
        also: all
            .iter()
            .skip(1)
            .map(|(named, _)| named.statement)
            .collect(),
        hangs_on_account: matches!(who, Foreign::Account(_)) && judged.own_account().is_none(),
        published: reads,
        after: None,
    };
    told.add(&grant.answer, search, findings);
}

/// True where all that is given is decrypting CloudTrail's log files, as AWS's page gives it to readers of another account.
fn is_reader(judged: &Judged<'_>, search: &mut Search, all: &[(&Named<'_>, Grant)]) -> bool {
    let reading = ["kms:Decrypt", "kms:ReEncryptFrom"];
    let only_reads = all
        .iter()
        .flat_map(|(_, grant)| &grant.actions)
        .all(|action| reading.contains(&action.name));
    let Some(decrypt) = find_action("kms:Decrypt") else {
        return false;
    };
    only_reads
        && all.iter().all(|(named, _)| {
            let ask = Ask {
                asker: &named.asker,
                direct: false,
                without: OF_CLOUDTRAIL,
            };
            matches!(
                judged.ask(search, Some(named.statement), &ask, decrypt),
                Answer::No
            )
        })
}
