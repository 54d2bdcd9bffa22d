//! `key-policy-confused-deputy`

use super::exposure::{
    Ask, CLOUDTRAIL, Judged, Service, Told, judged, list, may_reach_everybody, of_classes, services,
};
use super::key_policy_public::stranger;
use super::{Findings, Rule};
use crate::model::{Model, SubjectKind};
use crate::policy::Statement;
use crate::policy::exposure::{Action, ActionClass, Answer, Asker, Search};
use crate::report::{Effect, Severity};
use crate::source::Origin;

pub(super) static RULE: Rule = Rule {
    id: "key-policy-confused-deputy",
    severity: Severity::Warning,
    effect: Effect::Exposure,
    summary: "a service may use the key on behalf of anybody's account",
    page: include_str!("key_policy_confused_deputy.md"),
    check: look,
};

/// What AWS's own policies give services without a condition, and where they do. `*` at the end takes what follows.
const PUBLISHED: &[(&str, &[&str], &str)] = &[
    (
        "cloudtrail",
        &["kms:GenerateDataKey", "kms:Decrypt"],
        "CloudTrail User Guide, event data stores and S3 Bucket Keys",
    ),
    (
        "config",
        &["kms:GenerateDataKey", "kms:Decrypt"],
        "AWS Control Tower User Guide",
    ),
    (
        "sns",
        &["kms:GenerateDataKey*", "kms:Decrypt"],
        "Amazon SNS Developer Guide",
    ),
    (
        "s3",
        &["kms:GenerateDataKey*", "kms:Decrypt"],
        "Amazon S3 User Guide, event notifications",
    ),
    (
        "cloudwatch",
        &["kms:GenerateDataKey*", "kms:Decrypt"],
        "Amazon CloudWatch User Guide, alarms",
    ),
    (
        "events",
        &["kms:GenerateDataKey*", "kms:Decrypt"],
        "Amazon EventBridge User Guide",
    ),
    (
        "delivery",
        &[
            "kms:GenerateDataKey*",
            "kms:Decrypt",
            "kms:Encrypt",
            "kms:ReEncrypt*",
        ],
        "Amazon CloudWatch Logs User Guide, vended logs",
    ),
];

fn look(model: &Model, findings: &mut Findings) {
    let keys = judged(model);
    if keys.is_empty() {
        return;
    }
    let mut search = Search::new(&model.symbols);
    for judged in &keys {
        let statements: Vec<(usize, &Statement)> = judged.allows().collect();
        for (at, statement) in statements {
            let mut found: Vec<Deputy<'_>> = services(statement)
                .into_iter()
                .filter_map(|service| deputy(judged, &mut search, at, service, true))
                .collect();
            if let Some(place) = everybody(judged, &mut search, at, statement) {
                let service = Service::new(CLOUDTRAIL, place);
                found.extend(deputy(judged, &mut search, at, service, false));
            }
            // One statement that lets several services in is one finding of each severity.
            while let Some(first) = found.first() {
                let kind = first.kind();
                let (same, others): (Vec<_>, Vec<_>) =
                    found.into_iter().partition(|it| it.kind() == kind);
                tell(judged, &search, (at, statement), &same, findings);
                found = others;
            }
        }
    }
}

/// A service that a statement lets act for anybody.
struct Deputy<'s> {
    service: Service<'s>,
    answer: Answer,
    actions: Vec<&'static Action>,
    /// Where AWS publishes it.
    source: Option<&'static str>,
}

impl Deputy<'_> {
    fn kind(&self) -> (bool, bool) {
        (matches!(self.answer, Answer::Yes(_)), self.source.is_some())
    }
}

/// Where a statement names everybody, and still keeps strangers out: services are among everybody.
fn everybody<'s>(
    judged: &Judged<'_>,
    search: &mut Search,
    at: usize,
    statement: &'s Statement,
) -> Option<&'s Origin> {
    let mut named = statement.principals();
    let everybody = named.find(|it| it.text.as_literal() == Some("*"))?;
    let is_private = may_reach_everybody(statement) && stranger(judged, search, at).is_none();
    is_private.then_some(everybody.at)
}

fn deputy<'s>(
    judged: &Judged<'_>,
    search: &mut Search,
    at: usize,
    service: Service<'s>,
    is_named: bool,
) -> Option<Deputy<'s>> {
    let asker = Asker::Service {
        name: service.name.clone(),
        account: None,
    };
    let actions = of_classes(&[ActionClass::Cryptographic, ActionClass::Grant]);
    let grant = judged.grant(search, at, &Ask::plain(&asker), &actions)?;
    let source = published(judged, &service.name, &grant.actions).filter(|_| is_named);
    Some(Deputy {
        answer: service.settle(grant.answer),
        actions: grant.actions,
        source,
        service,
    })
}

fn tell(
    judged: &Judged<'_>,
    search: &Search,
    (at, statement): (usize, &Statement),
    found: &[Deputy<'_>],
    findings: &mut Findings,
) {
    let Some(first) = found.first() else { return };
    let names: Vec<String> = found
        .iter()
        .map(|it| format!("`{}`", it.service.name))
        .collect();
    let who = match names.as_slice() {
        [start @ .., last] if !start.is_empty() => format!("{} and {last}", start.join(", ")),
        _ => names.concat(),
    };
    let what = list(&first.actions);
    let key = &judged.key.address;
    let name = judged.name(at, search.symbols());
    let whom = if found.len() == 1 {
        "the service acts"
    } else {
        "the services act"
    };
    let mut sure = format!(
        "`{key}` lets {who} call {what} for any AWS account: {name} does not ask whom {whom} for"
    );
    if let Some(source) = first.source {
        sure.extend(["; AWS's own policy has this form (", source, ")"]);
    }
    let mut others: Vec<(Origin, String)> = Vec::new();
    if matches!(first.answer, Answer::Yes(_)) {
        let conditions = statement.conditions().take(4);
        others.extend(conditions.map(|condition| {
            let text = "this holds for every account's requests";
            (condition.key_at.clone(), text.to_owned())
        }));
    }
    let told = Told {
        rule: &RULE,
        judged,
        statement: Some(at),
        at: first.service.at,
        label: "acts for whoever asks it to".to_owned(),
        sure,
        doubt: format!("{name} of `{key}` lets {who} call {what} for any AWS account"),
        help: help(judged, &first.service.name),
        cause: format!("{} {who}", judged.meaning(at)),
        others,
        hangs_on_account: false,
        published: first.source.is_some(),
    };
    told.add(&first.answer, search, findings);
}

/// Where AWS publishes a policy that gives a service these actions without a condition.
fn published(
    judged: &Judged<'_>,
    service: &str,
    actions: &[&'static Action],
) -> Option<&'static str> {
    let short = service.split('.').next().unwrap_or_default();
    // A store cannot be bound: its requests carry nothing to bind them by.
    if service == CLOUDTRAIL && judged.is_used_by(SubjectKind::EventDataStore) {
        return Some("CloudTrail User Guide, event data stores: their requests name no source");
    }
    // The key of a trail's SNS topic.
    let of_topic = |action: &&Action| {
        action.name == "kms:Decrypt" || action.name.starts_with("kms:GenerateDataKey")
    };
    if service == CLOUDTRAIL
        && actions.iter().any(|it| it.name == "kms:Decrypt")
        && actions.iter().all(of_topic)
    {
        return Some("CloudTrail User Guide, Amazon SNS topic policy for CloudTrail");
    }
    let (_, given, source) = PUBLISHED.iter().find(|(name, _, _)| *name == short)?;
    let is_given = |action: &&Action| {
        given.iter().any(|given| match given.strip_suffix('*') {
            Some(start) => action.name.starts_with(start),
            None => action.name == *given,
        })
    };
    actions.iter().all(is_given).then_some(source)
}

fn help(judged: &Judged<'_>, service: &str) -> String {
    if service == CLOUDTRAIL && judged.is_used_by(SubjectKind::EventDataStore) {
        return "a key of its own for the event data store leaves the trail's key bound to the trail"
            .to_owned();
    }
    match service {
        CLOUDTRAIL => "add `\"StringEquals\": {\"aws:SourceArn\": \"<the trail's ARN>\"}` to the statement's Condition",
        "config.amazonaws.com" => "add `\"StringEquals\": {\"aws:SourceAccount\": \"<account id>\"}`, or `aws:SourceOrgID` where members of an organization deliver",
        _ => "add a condition on `aws:SourceArn` or `aws:SourceAccount`, where the service sends them",
    }
    .to_owned()
}
