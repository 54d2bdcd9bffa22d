//! `key-policy-confused-deputy`

use super::exposure::{
    Ask, CLOUDTRAIL, Judged, Service, Told, judged, list, may_reach_everybody, of_classes,
};
use super::key_policy_public::stranger;
use super::{Findings, Rule, key_policy_service_overgrant as overgrant};
use crate::model::{Model, SubjectKind};
use crate::policy::exposure::{Action, ActionClass, Answer, Asker, Search};
use crate::policy::{PrincipalType, Statement};
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

/// What AWS's own policies give services without a condition, and where they do. `*` at the end takes what follows. Of the statements for
/// `delivery.logs.amazonaws.com` and `logs.REGION.amazonaws.com` AWS publishes none without one (Amazon `CloudWatch` Logs User Guide, Enabling
/// logging from AWS services; Encrypt log data in `CloudWatch` Logs).
const PUBLISHED: &[(&str, &[&str], &str)] = &[
    (
        "cloudtrail",
        &["kms:GenerateDataKey", "kms:Decrypt"],
        "CloudTrail User Guide, Configure AWS KMS key policies for CloudTrail",
    ),
    (
        "config",
        &["kms:GenerateDataKey", "kms:Decrypt"],
        "AWS Control Tower User Guide, Configure AWS KMS keys",
    ),
    (
        "sns",
        &["kms:GenerateDataKey*", "kms:Decrypt"],
        "Amazon SNS Developer Guide, topic encryption with encrypted queue subscription",
    ),
    (
        "s3",
        &["kms:GenerateDataKey*", "kms:Decrypt"],
        "Amazon S3 User Guide, Granting permissions to publish event notification messages",
    ),
    (
        "cloudwatch",
        &["kms:GenerateDataKey*", "kms:Decrypt"],
        "Amazon SNS Developer Guide, event sources and encrypted topics",
    ),
    (
        "events",
        &["kms:GenerateDataKey*", "kms:Decrypt"],
        "Amazon EventBridge User Guide, Troubleshooting",
    ),
];

/// What holds a service to the key's own account, as its page has it: not every service sends `aws:SourceArn`.
const FORMS: &[(&str, &str)] = &[
    // CloudTrail User Guide, Configure AWS KMS key policies for CloudTrail.
    (
        "cloudtrail",
        "add `\"StringEquals\": {\"aws:SourceArn\": \"<the trail's ARN>\"}` to the statement's Condition",
    ),
    // AWS Config Developer Guide, Permissions for the KMS key for the AWS Config delivery channel.
    (
        "config",
        "add `\"StringEquals\": {\"aws:SourceAccount\": \"<account id>\"}`, or `aws:SourceOrgID` where members of an organization deliver",
    ),
    // Amazon CloudWatch Logs User Guide, Encrypt log data in CloudWatch Logs using AWS Key Management Service.
    (
        "logs",
        "add `\"ArnLike\": {\"kms:EncryptionContext:aws:logs:arn\": \"arn:aws:logs:<region>:<account id>:log-group:*\"}` to the statement's Condition: log groups send no `aws:SourceArn` that is documented",
    ),
    // Amazon CloudWatch Logs User Guide, Enabling logging from AWS services.
    (
        "delivery",
        "add `\"StringEquals\": {\"aws:SourceAccount\": \"<account id>\"}, \"ArnLike\": {\"aws:SourceArn\": \"arn:aws:logs:<region>:<account id>:*\"}` to the statement's Condition",
    ),
    // Amazon SNS Developer Guide, Managing Amazon SNS encryption keys and costs.
    (
        "s3",
        "add `\"StringEquals\": {\"aws:SourceAccount\": \"<account id>\"}, \"ArnLike\": {\"aws:SourceArn\": \"<the bucket's ARN>\"}` to the statement's Condition",
    ),
    (
        "cloudwatch",
        "add `\"StringEquals\": {\"aws:SourceAccount\": \"<account id>\"}, \"ArnLike\": {\"aws:SourceArn\": \"arn:aws:cloudwatch:<region>:<account id>:alarm:*\"}` to the statement's Condition",
    ),
    (
        "sns",
        "add `\"ArnLike\": {\"aws:SourceArn\": \"<the topic's ARN>\"}` to the statement's Condition",
    ),
    // Amazon EventBridge User Guide, Troubleshooting, gives no condition; for event buses, Authorizing EventBridge to use a customer managed key.
    (
        "events",
        "AWS documents no condition for what a rule sends to an encrypted queue or topic: give that a key of its own; for an event bus, add `aws:SourceArn` or `aws:SourceAccount`",
    ),
];

/// AWS Config of every account of a landing zone delivers with its own account's id, so that no one account may be asked for.
const OF_MEMBERS: &str = "add `\"StringEquals\": {\"aws:SourceOrgID\": \"<organization id>\"}` to the statement's Condition: every account of the landing zone delivers, with its own `aws:SourceAccount`";

/// The same for the others (AWS KMS Developer Guide, Permissions for AWS services in key policies).
const OTHERS: &str = "add a condition on `aws:SourceArn` or `aws:SourceAccount`, or on the encryption context, as the service's page has it; a service that calls with its users' own permissions needs no statement: let the users in, with `kms:ViaService`";

fn look(model: &Model, findings: &mut Findings) {
    let keys = judged(model);
    if keys.is_empty() {
        return;
    }
    let mut search = Search::new(&model.symbols);
    for judged in &keys {
        let statements: Vec<(usize, &Statement)> = judged.allows().collect();
        for (at, statement) in statements {
            let mut found: Vec<Deputy<'_>> = judged
                .services(statement)
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
                tell(judged, &mut search, (at, statement), &same, findings);
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
    /// True where the statement names it, and false where it is among everybody.
    is_named: bool,
}

impl Deputy<'_> {
    fn kind(&self) -> (bool, bool, bool) {
        (
            matches!(self.answer, Answer::Yes(_)),
            self.source.is_some(),
            self.is_named,
        )
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
        is_named,
    })
}

fn tell(
    judged: &Judged<'_>,
    search: &mut Search,
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
    let mut help = advice(judged, statement, found);
    // The same statement may give more than is needed, which is no second finding.
    if first.source.is_none()
        && overgrant::unneeded(judged, search, at, &first.service.name).is_some()
    {
        help = format!(
            "{help}; it also gives more than is needed: {}",
            overgrant::help(&first.service.name)
        );
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
        help,
        fact: who.clone(),
        cause: format!("{} {who}", judged.meaning(at)),
        others,
        also: Vec::new(),
        hangs_on_account: false,
        published: first.source.is_some(),
        after: None,
    };
    told.add(&first.answer, search, findings);
}

/// Where AWS publishes a policy that gives a service these actions without a condition.
fn published(
    judged: &Judged<'_>,
    service: &str,
    actions: &[&'static Action],
) -> Option<&'static str> {
    let of_topic = |action: &&Action| {
        action.name == "kms:Decrypt" || action.name.starts_with("kms:GenerateDataKey")
    };
    // A store cannot be bound: its requests carry nothing to bind them by.
    if is_of_store(judged, service) && actions.iter().all(of_topic) {
        return Some("CloudTrail User Guide, event data stores: their requests name no source");
    }
    // The key of a trail's SNS topic.
    if service == CLOUDTRAIL
        && actions.iter().any(|it| it.name == "kms:Decrypt")
        && actions.iter().all(of_topic)
    {
        return Some("CloudTrail User Guide, Amazon SNS topic policy for CloudTrail");
    }
    let (_, given, source) = PUBLISHED
        .iter()
        .find(|(name, _, _)| *name == short(service))?;
    let is_given = |action: &&Action| {
        given.iter().any(|given| match given.strip_suffix('*') {
            Some(start) => action.name.starts_with(start),
            None => action.name == *given,
        })
    };
    actions.iter().all(is_given).then_some(source)
}

/// What mends it, and stops nobody whom the statement names besides: not everybody meets a service's condition.
fn advice(judged: &Judged<'_>, statement: &Statement, found: &[Deputy<'_>]) -> String {
    let Some(first) = found.first() else {
        return String::new();
    };
    let own = help(judged, &first.service.name);
    let apart = |name: &str, form: String| {
        if is_of_store(judged, name) {
            return form;
        }
        format!("give `{name}` a statement of its own, and there {form}")
    };
    if !first.is_named {
        return format!(
            "add `\"Bool\": {{\"aws:PrincipalIsAWSService\": \"false\"}}` to the statement's Condition; {}",
            apart(&first.service.name, own)
        );
    }
    let names_others = |it: &Deputy<'_>| {
        let mut named = statement.principals();
        named.any(|other| {
            let service = other.text.to_literal().unwrap_or_default();
            other.kind != PrincipalType::Service || short(&service) != short(&it.service.name)
        })
    };
    if !names_others(first) {
        return own;
    }
    let mut told: Vec<(&str, String)> = Vec::new();
    for it in found {
        let name = it.service.name.as_str();
        if !told.iter().any(|(other, _)| short(other) == short(name)) {
            told.push((name, help(judged, name)));
        }
    }
    let told: Vec<String> = told
        .into_iter()
        .map(|(name, form)| apart(name, form))
        .collect();
    told.join("; ")
}

fn short(service: &str) -> &str {
    service.split('.').next().unwrap_or_default()
}

/// An event data store's requests cannot be bound to it.
fn is_of_store(judged: &Judged<'_>, service: &str) -> bool {
    service == CLOUDTRAIL && judged.is_used_by(SubjectKind::EventDataStore)
}

fn help(judged: &Judged<'_>, service: &str) -> String {
    if is_of_store(judged, service) {
        return "a key of its own for the event data store leaves the trail's key bound to the trail"
            .to_owned();
    }
    if short(service) == "config" && judged.is_used_by(SubjectKind::LandingZone) {
        return OF_MEMBERS.to_owned();
    }
    let form = FORMS.iter().find(|(name, _)| *name == short(service));
    let form = form.map_or(OTHERS, |(_, form)| form);
    form.replace("arn:aws:", &format!("arn:{}:", judged.of_outsiders()))
}
