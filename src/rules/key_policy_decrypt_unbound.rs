//! `key-policy-decrypt-unbound`

use super::exposure::{Ask, Judged, Told, judged};
use super::key_policy_foreign_account::OF_CLOUDTRAIL;
use super::key_policy_public::stranger;
use super::{Findings, Rule};
use crate::model::{Model, SubjectKind};
use crate::policy::actions::on_a_key;
use crate::policy::exposure::{Answer, Asker, Kind, Search, accounts_in, find_action};
use crate::policy::{Match, Statement};
use crate::report::{Effect, Severity};
use crate::source::Origin;

pub(super) static RULE: Rule = Rule {
    id: "key-policy-decrypt-unbound",
    severity: Severity::Warning,
    effect: Effect::Exposure,
    summary: "a reader may decrypt whatever the trail's key encrypted, not CloudTrail's logs alone",
    page: include_str!("key_policy_decrypt_unbound.md"),
    check: look,
};

fn look(model: &Model, findings: &mut Findings) {
    let keys = judged(model);
    if keys.is_empty() {
        return;
    }
    let mut search = Search::new(&model.symbols);
    for judged in keys.iter().filter(|it| it.is_used_by(SubjectKind::Trail)) {
        let decrypting: Vec<(usize, &Statement)> = judged
            .allows()
            .filter(|(_, it)| it.may_match_action("kms:Decrypt") != Match::No)
            .collect();
        for (at, statement) in decrypting {
            tell(judged, &mut search, at, statement, findings);
        }
    }
}

/// Who could decrypt through a statement, and may not be let in by another finding already.
fn askers<'s>(
    judged: &Judged<'_>,
    search: &mut Search,
    at: usize,
    statement: &'s Statement,
) -> Vec<(Asker, bool, &'s Origin)> {
    let mut out = Vec::new();
    for (text, place) in judged.people(statement) {
        let known = text.to_literal();
        let account = known.as_deref().and_then(|it| accounts_in(it).next());
        let is_foreign = account.is_some_and(|account| judged.own_account() != Some(account));
        let whole = match &known {
            Some(known) => Some(known.as_str()) == account || known.ends_with(":root"),
            None => text.parts().last().is_some_and(|part| {
                matches!(&part.kind, crate::value::PartKind::Literal(end) if end.ends_with(":root"))
            }),
        };
        match known.as_deref() {
            Some("*") => {
                if stranger(judged, search, at).is_none() {
                    let asker = Asker::Of {
                        account: judged.key.account.clone(),
                        kind: Kind::Role,
                    };
                    out.push((asker, true, place));
                }
            }
            // AWS refuses what is no ARN and no account.
            Some(known) if account.is_none() || !(whole || known.starts_with("arn:")) => {}
            // A whole account: what its own IAM policies give is theirs to say. A foreign one is another rule's.
            _ if whole => {}
            _ if is_foreign && !account.is_some_and(|account| judged.trusts(account)) => {}
            _ => out.push((Asker::Named(text.clone()), true, place)),
        }
    }
    out
}

fn tell(
    judged: &Judged<'_>,
    search: &mut Search,
    at: usize,
    statement: &Statement,
    findings: &mut Findings,
) {
    let (Some(decrypt), Some(administer)) =
        (find_action("kms:Decrypt"), find_action("kms:PutKeyPolicy"))
    else {
        return;
    };
    let mut found: Vec<(Answer, &Origin, String)> = Vec::new();
    for (asker, direct, place) in askers(judged, search, at, statement) {
        let ask = Ask {
            asker: &asker,
            direct,
            without: &[],
        };
        // Whoever may change the policy may give themselves whatever they like.
        if matches!(judged.ask(search, None, &ask, administer), Answer::Yes(_)) {
            continue;
        }
        let ask = Ask {
            without: OF_CLOUDTRAIL,
            ..ask
        };
        let answer = judged.ask(search, Some(at), &ask, decrypt);
        if matches!(answer, Answer::No) {
            continue;
        }
        let who = match &asker {
            Asker::Named(arn) => format!("`{}`", arn.show(search.symbols())),
            _ => "every principal of the account".to_owned(),
        };
        found.push((answer, place, who));
    }
    found.sort_by_key(|(answer, _, _)| !matches!(answer, Answer::Yes(_)));
    let Some((answer, place, first)) = found.first() else {
        return;
    };
    let key = &judged.key.address;
    let name = judged.name(at, search.symbols());
    let who = match (found.len(), judged.key.sensitive) {
        (_, true) => "a reader".to_owned(),
        (1, _) => first.clone(),
        (count, _) => format!("{first} and {} more", count - 1),
    };
    let published = is_for_key_users(statement);
    let as_aws = if published {
        "; AWS's own policy for the users of a key has this form (AWS KMS Developer Guide, Default key policy)"
    } else {
        ""
    };
    let told = Told {
        rule: &RULE,
        judged,
        statement: Some(at),
        at: place,
        label: "decrypts with any encryption context, or none".to_owned(),
        sure: format!(
            "`{key}` lets {who} decrypt more than CloudTrail's logs: {name} does not ask for CloudTrail's encryption context{as_aws}"
        ),
        doubt: format!("{name} of `{key}` lets {who} decrypt more than CloudTrail's logs"),
        help: help(statement),
        fact: String::new(),
        cause: judged.meaning(at),
        others: Vec::new(),
        also: Vec::new(),
        hangs_on_account: false,
        published,
        after: None,
    };
    told.add(answer, search, findings);
}

/// The condition goes with `kms:Decrypt` alone: others carry another encryption context, or none, and would stop.
fn help(statement: &Statement) -> String {
    const GUARD: &str = "`\"Null\": {\"kms:EncryptionContext:aws:cloudtrail:arn\": \"false\"}`";
    let reads = ["kms:Decrypt", "kms:ReEncryptFrom"];
    let more = on_a_key()
        .any(|it| !reads.contains(&it.name) && statement.may_match_action(it.name) != Match::No);
    if more {
        format!(
            "give `kms:Decrypt` a statement of its own, with {GUARD} in its Condition, as AWS's page does: the other actions of this one would stop under it"
        )
    } else {
        format!("add {GUARD} to the statement's Condition, as AWS's page does")
    }
}

/// True for the actions that the AWS KMS console gives the users of a key (AWS KMS Developer Guide, Default key policy).
fn is_for_key_users(statement: &Statement) -> bool {
    const ACTIONS: [&str; 5] = [
        "kms:decrypt",
        "kms:describekey",
        "kms:encrypt",
        "kms:generatedatakey*",
        "kms:reencrypt*",
    ];
    let texts = statement.each_action();
    let mut actions: Vec<String> = texts
        .map(|(text, _)| text.as_literal().unwrap_or_default().to_ascii_lowercase())
        .collect();
    actions.sort_unstable();
    actions == ACTIONS
}
