//! Subjects, their links and the verdicts of their requirements in the JSON report.

use std::collections::BTreeMap;

use serde::Serialize;

use super::value::{Shown, words};
use crate::model::{Component, Expectation, Fact, Link, Requirement, Subject};
use crate::policy::{
    Blocker, Caller, Case, Effect, Failed, Fixed, Match, Outcome, Policy, Request,
};
use crate::report::Report;
use crate::value::{Presence, Symbols};

#[derive(Serialize)]
pub(super) struct SubjectJson<'a> {
    id: &'a str,
    kind: &'static str,
    address: &'a str,
    synthetic: bool,
    component: Option<&'static str>,
    action: Option<&'static str>,
    arn: Option<Shown>,
    organization: Option<bool>,
    link: LinkJson<'a>,
    requirements: Vec<RequirementJson<'a>>,
}

#[derive(Serialize)]
struct LinkJson<'a> {
    status: &'static str,
    keys: Vec<&'a str>,
    arn: Option<&'a str>,
    via: &'a [String],
    reason: Option<&'a str>,
    remedy: Option<&'a str>,
}

#[derive(Serialize)]
struct RequirementJson<'a> {
    id: &'static str,
    key: Option<&'a str>,
    reader: Option<&'a str>,
    /// How the reader reads, where it is said: `s3` or `athena`.
    via: Option<&'a str>,
    /// The role that the reader assumes.
    through: Option<&'a str>,
    /// What decided beside the key's policy: IAM policies, a trust policy, a grant.
    besides: Option<&'a str>,
    verdict: &'static str,
    explicit: bool,
    before: Option<&'static str>,
    cases: Vec<CaseJson<'a>>,
    blocked_by: Vec<BlockerJson<'a>>,
    request: RequestJson,
    statements: Vec<StatementJson<'a>>,
}

/// What the user's file expects of a key.
#[derive(Serialize)]
pub(super) struct ExpectationJson<'a> {
    expected: &'static str,
    subject: Option<&'a str>,
    requirement: RequirementJson<'a>,
}

#[derive(Serialize)]
struct CaseJson<'a> {
    when: Vec<FixedJson<'a>>,
    verdict: &'static str,
}

#[derive(Serialize)]
struct FixedJson<'a> {
    symbol: &'a str,
    #[serde(rename = "in")]
    within: Vec<Shown>,
    not_in: Vec<Shown>,
    present: Option<bool>,
}

#[derive(PartialEq, Serialize)]
struct BlockerJson<'a> {
    name: Option<&'a str>,
    reason: Shown,
    supply: Option<&'a str>,
}

#[derive(Serialize)]
struct RequestJson {
    principal: Shown,
    action: String,
    resource: Shown,
    context: BTreeMap<String, ContextJson>,
}

#[derive(Serialize)]
struct ContextJson {
    values: Vec<Shown>,
    presence: &'static str,
}

#[derive(Serialize)]
struct StatementJson<'a> {
    index: usize,
    sid: Option<Shown>,
    effect: Option<&'static str>,
    matches: &'static str,
    failed: Option<FailedJson<'a>>,
}

#[derive(Serialize)]
struct FailedJson<'a> {
    element: &'static str,
    operator: Option<&'a str>,
    key: Option<&'a str>,
    policy: Vec<Shown>,
    request: Vec<Shown>,
}

pub(super) fn subject<'a>(subject: &'a Subject, report: &'a Report) -> SubjectJson<'a> {
    SubjectJson {
        id: &subject.id,
        kind: subject.kind.word(),
        address: &subject.address,
        synthetic: subject.synthetic,
        component: subject.component.map(Component::word),
        action: subject.action.word(),
        arn: Some(&subject.arn)
            .filter(|arn| !arn.parts().is_empty())
            .map(|arn| Shown::of(arn, &report.model.symbols)),
        organization: match subject.organization {
            Fact::Known(known) => Some(known),
            Fact::Unknown => None,
        },
        link: link(&subject.link, report),
        requirements: subject
            .requirements
            .iter()
            .map(|it| requirement(it, report))
            .collect(),
    }
}

pub(super) fn expectation<'a>(it: &'a Expectation, report: &'a Report) -> ExpectationJson<'a> {
    ExpectationJson {
        expected: if it.allow { "allowed" } else { "denied" },
        subject: it.built_in.as_deref(),
        requirement: requirement(&it.requirement, report),
    }
}

fn link<'a>(link: &'a Link, report: &'a Report) -> LinkJson<'a> {
    LinkJson {
        status: link.status.word(),
        keys: link
            .keys
            .iter()
            .filter_map(|&index| report.key(index))
            .map(|key| key.id.as_str())
            .collect(),
        arn: link.arn.as_deref(),
        via: &link.via,
        reason: link.reason.as_deref(),
        remedy: link.remedy.as_deref(),
    }
}

fn requirement<'a>(requirement: &'a Requirement, report: &'a Report) -> RequirementJson<'a> {
    let symbols = &report.model.symbols;
    let decision = &requirement.decision;
    let hidden = report.is_sensitive(requirement);
    let key = report.key(requirement.key);
    let policy = key.and_then(|key| key.policy.as_ref());
    RequirementJson {
        id: requirement.id,
        key: key.map(|key| key.id.as_str()),
        reader: requirement.reader.as_deref(),
        via: requirement.via,
        through: requirement.through.as_deref(),
        besides: requirement.besides.as_ref().map(|it| it.because.as_str()),
        verdict: requirement.verdict.word(),
        explicit: requirement.explicit,
        before: requirement.before.map(crate::policy::Verdict::word),
        cases: decision
            .cases
            .iter()
            .map(|it| case(it, symbols, hidden))
            .collect(),
        blocked_by: blockers(decision, symbols, hidden),
        request: request(&requirement.request, symbols, hidden),
        statements: decision
            .statements
            .iter()
            .map(|it| statement(it, policy, symbols, hidden))
            .collect(),
    }
}

/// What an answer hangs on, each name once however many statements met it.
fn blockers<'a>(
    decision: &'a crate::policy::Decision,
    symbols: &'a Symbols,
    hidden: bool,
) -> Vec<BlockerJson<'a>> {
    let mut all: Vec<BlockerJson<'a>> = Vec::new();
    for it in decision
        .blocked_by
        .iter()
        .map(|it| blocker(it, symbols, hidden))
    {
        if !all.contains(&it) {
            all.push(it);
        }
    }
    all
}

fn case<'a>(case: &Case, symbols: &'a Symbols, hidden: bool) -> CaseJson<'a> {
    let fixed = |it: &Fixed| FixedJson {
        symbol: symbols.get(it.symbol).name.as_str(),
        within: words(&it.within, hidden),
        not_in: words(&it.not_in, hidden),
        present: it.present,
    };
    CaseJson {
        when: case.when.iter().map(fixed).collect(),
        verdict: case.verdict.word(),
    }
}

/// A reason without a symbol may quote the policy.
fn blocker<'a>(blocker: &Blocker, symbols: &'a Symbols, hidden: bool) -> BlockerJson<'a> {
    let symbol = blocker.symbol.map(|id| symbols.get(id));
    BlockerJson {
        name: symbol.map(|symbol| symbol.name.as_str()),
        reason: match symbol {
            Some(symbol) if hidden => Shown::Text(symbol.reason.clone()),
            None if hidden => Shown::Sensitive,
            _ => Shown::Text(blocker.reason.clone()),
        },
        supply: symbol.and_then(|symbol| symbol.supply.as_deref()),
    }
}

/// The request; of a sensitive policy without its context, as only the keys that the policy names are in it.
fn request(request: &Request, symbols: &Symbols, hidden: bool) -> RequestJson {
    let context = request.context.iter().filter(|_| !hidden).map(|it| {
        let values = it
            .values
            .iter()
            .map(|value| Shown::operand(value, symbols, false))
            .collect();
        let presence = match it.presence {
            Presence::Present => "present",
            Presence::Absent => "absent",
            Presence::Maybe(_) => "maybe",
        };
        (it.key.clone(), ContextJson { values, presence })
    });
    RequestJson {
        principal: match &request.principal {
            Caller::Service(name) => Shown::Text(name.clone()),
            Caller::Aws(arn) => Shown::operand(arn, symbols, false),
            Caller::Stranger => Shown::Text("*".to_owned()),
        },
        action: request.action.clone(),
        resource: Shown::operand(&request.resource, symbols, false),
        context: context.collect(),
    }
}

fn statement<'a>(
    outcome: &'a Outcome,
    policy: Option<&Policy>,
    symbols: &Symbols,
    hidden: bool,
) -> StatementJson<'a> {
    let statement = policy.and_then(|policy| policy.statements.get(outcome.index));
    StatementJson {
        index: outcome.index,
        sid: statement
            .and_then(|statement| statement.sid.as_ref())
            .map(|sid| Shown::operand(sid, symbols, hidden)),
        effect: statement
            .and_then(|statement| statement.effect)
            .map(|effect| match effect {
                Effect::Allow => "Allow",
                Effect::Deny => "Deny",
            }),
        matches: match outcome.matches {
            Match::Yes => "yes",
            Match::No => "no",
            Match::Maybe => "maybe",
        },
        failed: outcome
            .failed
            .as_ref()
            .map(|it| failed(it, symbols, hidden)),
    }
}

/// What failed; of a sensitive policy only in which element.
fn failed<'a>(failed: &'a Failed, symbols: &Symbols, hidden: bool) -> FailedJson<'a> {
    let values = |words: &[crate::value::Text], hidden: bool| {
        words
            .iter()
            .map(|text| Shown::operand(text, symbols, hidden))
            .collect()
    };
    FailedJson {
        element: failed.element.name(),
        operator: failed.operator.as_deref().filter(|_| !hidden),
        key: failed.key.as_deref().filter(|_| !hidden),
        policy: values(&failed.policy, hidden),
        request: values(&failed.request, hidden),
    }
}
