//! Policies and requests in the line format of `evaluate --jsonl`: laws of the decision, and of the search for an outsider's request.

use keytrail::policy::exposure::{Answer, Asker, Kind, Question, Search, Target, find_action};
use keytrail::policy::requests::{Cell, RequestKind, cell, is_list, shape_of};
use keytrail::policy::wire::{AnswerLine, Line};
use keytrail::policy::{
    Caller, Context, Decision, Identity, Match, Request, Verdict, answer, evaluate,
};
use keytrail::source::{Origin, Span};
use keytrail::value::{Shape, Symbols, Text};
use serde_json::{Value as Json, json};

/// The bytes as a line.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(line) = Line::read(text) else { return };
    let Ok(question) = line.question() else {
        return;
    };
    let decision = evaluate(&question.policy, &question.request, &question.symbols);
    let cheap = answer(&question.policy, &question.request, &question.symbols);
    assert_eq!(
        (cheap.verdict, cheap.explicit),
        (decision.verdict, decision.explicit)
    );
    assert!(!question.policy.rejected || decision.verdict == Verdict::Undecided);
    table(&decision, &question.request);
    let said = AnswerLine::new(line.id.clone(), &question, &decision);
    assert_eq!(line.answer().ok().as_ref(), Some(&said));
    assert!(serde_json::to_string(&said).is_ok());
    let Ok(whole) = serde_json::from_str::<Json>(text) else {
        return;
    };
    if whole["policy"].to_string().len() > line.policy.get().len() + 16
        || has_equal_keys(line.policy.get(), &whole["policy"])
    {
        return;
    }
    if !question.policy.rejected && question.policy.unknown.is_none() {
        statements(&whole, &decision);
        keys(&whole, &decision);
    }
    if text.len() < 6_000 {
        exposure(
            &whole,
            &question.request,
            &question.policy,
            &question.symbols,
        );
    }
}

/// `serde_json` keeps one of two equal keys: such a text says something else than its tree.
fn has_equal_keys(text: &str, tree: &Json) -> bool {
    let colons = |text: &str| text.matches(':').count();
    colons(text) != colons(&tree.to_string())
}

/// The verdict is what the statements come to.
fn table(decision: &Decision, request: &Request) {
    let any = |effect, matches| {
        decision
            .statements
            .iter()
            .any(|it| it.effect == Some(effect) && it.matches == matches)
    };
    use keytrail::policy::Effect::Deny;
    if decision.verdict == Verdict::Undecided && decision.statements.is_empty() {
        return;
    }
    if any(Deny, Match::Yes) && decision.verdict != Verdict::Undecided {
        assert!(decision.verdict == Verdict::Denied && decision.explicit);
    }
    if decision.verdict == Verdict::Allowed
        && matches!(request.identity, Identity::Unknown)
        && decision.cases.is_empty()
    {
        assert!(
            decision
                .statements
                .iter()
                .any(|it| it.effect != Some(Deny) && it.matches != Match::No),
            "nothing allows it"
        );
        assert!(!any(Deny, Match::Yes));
    }
    for outcome in &decision.statements {
        let elements = outcome.principal.and(outcome.action).and(outcome.resource);
        assert!(outcome.matches != Match::Yes || elements == Match::Yes);
        assert!(outcome.matches != Match::Yes || outcome.conditions.0 == outcome.conditions.1);
        assert!(elements != Match::No || outcome.matches == Match::No);
        assert_eq!(
            outcome.matches == Match::Yes,
            outcome.failed.is_none(),
            "{outcome:?}"
        );
    }
}

fn decide(whole: &Json) -> Option<Decision> {
    let text = whole.to_string();
    let question = Line::read(&text).ok()?.question().ok()?;
    Some(evaluate(
        &question.policy,
        &question.request,
        &question.symbols,
    ))
}

fn is_sure(verdict: Verdict) -> bool {
    matches!(
        verdict,
        Verdict::Allowed | Verdict::Denied | Verdict::Delegated
    )
}

/// How far a sure verdict lets the request through.
fn openness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Denied => 0,
        Verdict::Undecided | Verdict::Conditional => 1,
        Verdict::Delegated => 2,
        Verdict::Allowed => 3,
    }
}

/// The order of statements does not matter, none counts twice, and less of an effect has less of that effect.
fn statements(whole: &Json, decision: &Decision) {
    let statements = match &whole["policy"]["Statement"] {
        Json::Array(items) => items.clone(),
        Json::Object(one) => vec![Json::Object(one.clone())],
        _ => return,
    };
    let with = |statements: Vec<Json>| {
        let mut whole = whole.clone();
        whole["policy"]["Statement"] = Json::Array(statements);
        decide(&whole)
    };
    // A Sid must be there once only.
    let mut twice: Vec<Json> = statements.iter().rev().cloned().collect();
    let turned = with(twice.clone()).expect("it was read before");
    assert_eq!(
        (turned.verdict, turned.explicit),
        (decision.verdict, decision.explicit)
    );
    let mut copy = statements[0].clone();
    if let Some(members) = copy.as_object_mut() {
        members.retain(|key, _| !key.eq_ignore_ascii_case("Sid"));
        twice.push(copy);
        let doubled = with(twice).expect("it was read before");
        assert_eq!(doubled.verdict, decision.verdict);
    }
    let mut denied = statements.clone();
    denied.push(json!({"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}));
    let denied = with(denied).expect("it was read before");
    assert!(
        denied.verdict == Verdict::Denied && denied.explicit,
        "a Deny of everything: {:?}",
        denied.verdict
    );
    for (at, statement) in statements.iter().enumerate().take(8) {
        let mut fewer = statements.clone();
        fewer.remove(at);
        let Some(fewer) = with(fewer) else { continue };
        if !is_sure(fewer.verdict) || !is_sure(decision.verdict) {
            continue;
        }
        let (less, more) = (openness(fewer.verdict), openness(decision.verdict));
        match statement["Effect"].as_str() {
            Some("Allow") => assert!(less <= more, "without an Allow: {:?}", fewer.verdict),
            Some("Deny") => assert!(less >= more, "without a Deny: {:?}", fewer.verdict),
            _ => {}
        }
    }
}

/// The case of the keys of the request context does not matter.
fn keys(whole: &Json, decision: &Decision) {
    let Some(context) = whole["request"]["context"].as_object() else {
        return;
    };
    let upper: serde_json::Map<String, Json> = context
        .iter()
        .map(|(key, value)| (key.to_ascii_uppercase(), value.clone()))
        .collect();
    // Unknown values are named by their keys.
    if upper.len() < context.len() || upper.values().any(Json::is_object) {
        return;
    }
    let mut whole = whole.clone();
    whole["request"]["context"] = Json::Object(upper);
    let other = decide(&whole).expect("it was read before");
    assert_eq!(
        (other.verdict, other.explicit),
        (decision.verdict, decision.explicit)
    );
}

fn literal(text: &str) -> Text {
    Text::literal(text, Origin::new(Span { start: 0, end: 0 }))
}

/// Every witness is allowed when it is fed back; where there is none, the request at hand is not allowed.
fn exposure(whole: &Json, request: &Request, policy: &keytrail::policy::Policy, symbols: &Symbols) {
    let (Some(resource), Some(account)) =
        (request.resource.to_literal(), request.account.to_literal())
    else {
        return;
    };
    if policy.rejected
        || !resource.starts_with("arn:aws:kms:")
        || account.len() != 12
        || !account.bytes().all(|it| it.is_ascii_digit())
    {
        return;
    }
    let properties = Context::new();
    let target = Target {
        arn: &request.resource,
        account: &request.account,
        partition: "aws".to_owned(),
        properties: &properties,
        accounts: &[],
        organizations: &[],
    };
    let mut askers = vec![
        Asker::Stranger(Kind::Role),
        Asker::Stranger(Kind::Root),
        Asker::Of {
            account: literal("444455556666"),
            kind: Kind::User,
        },
        Asker::Service {
            name: "cloudtrail.amazonaws.com".to_owned(),
            account: None,
        },
    ];
    let named = match &request.principal {
        Caller::Aws(arn) if arn.to_literal().is_some_and(|arn| is_principal(&arn)) => {
            Some(arn.clone())
        }
        _ => None,
    };
    askers.extend(named.clone().map(Asker::Named));
    let mut search = Search::new(symbols);
    for asker in &askers {
        let own = matches!(asker, Asker::Named(_))
            .then(|| find_action(&request.action))
            .flatten();
        for action in [find_action("kms:Decrypt"), own].into_iter().flatten() {
            let question = Question {
                policy,
                before: None,
                target: &target,
                asker,
                action,
                statement: None,
                direct: false,
                without: &[],
            };
            match search.ask(&question) {
                Answer::Yes(witness) if !witness.hidden && witness.assumed.is_empty() => {
                    let mut line =
                        json!({"id": 0, "policy": whole["policy"], "request": witness.request()});
                    if let Some(policies) = witness.identity_policies() {
                        line["identity_policies"] = policies;
                    }
                    let fed_back = decide(&line).expect("a witness is a line");
                    assert_eq!(fed_back.verdict, Verdict::Allowed, "{line}");
                }
                Answer::No if matches!(asker, Asker::Named(_)) && action.name == request.action => {
                    nobody(whole, request, policy)
                }
                _ => {}
            }
        }
    }
}

/// A user or a role, spelt as AWS spells them.
fn is_principal(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, "aws", "iam", "", account, name] = parts[..] else {
        return false;
    };
    let name = name
        .strip_prefix("user/")
        .or_else(|| name.strip_prefix("role/"))
        .unwrap_or_default();
    account.len() == 12
        && account.bytes().all(|it| it.is_ascii_digit())
        && !name.is_empty()
        && name
            .bytes()
            .all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it))
}

/// The search says that this principal cannot do it: then neither can this request, which carries only what a caller may choose.
fn nobody(whole: &Json, request: &Request, policy: &keytrail::policy::Policy) {
    let action = find_action(&request.action);
    let free = request.context.iter().all(|value| {
        let key = value.key.to_ascii_lowercase();
        let context =
            key.starts_with("kms:encryptioncontext:") && action.is_some_and(|it| it.takes_context);
        let chosen = context
            || cell(RequestKind::Reader, &key) == Cell::Free && shape_of(&key) == Shape::Text;
        let known = value
            .values
            .iter()
            .all(|it| it.to_literal().is_some_and(|it| !it.is_empty()));
        chosen
            && known
            && value.presence == keytrail::value::Presence::Present
            && value.open.is_none()
            && value.multivalued == is_list(&key)
            && value.values.len() == 1
    });
    // These keys say of others whether they are there.
    if !free
        || policy
            .keys()
            .iter()
            .any(|key| key == "kms:encryptioncontextkeys")
    {
        return;
    }
    let mut whole = whole.clone();
    whole["identity_policies"] = json!([{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}]);
    let decision = decide(&whole).expect("it was read before");
    assert_ne!(
        decision.verdict,
        Verdict::Allowed,
        "the search finds no request, and here is one"
    );
}
