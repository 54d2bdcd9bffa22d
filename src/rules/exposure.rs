//! What the exposure rules share: which keys are judged, the statements that let an outsider do something, and how a finding tells it.

use super::finding::label;
use super::{Findings, Rule};
use crate::model::{Key, Model, PolicyState, Subject, SubjectKind};
use crate::policy::exposure::{
    ACTIONS, Action, ActionClass, Answer, Asker, Question, Search, Target, Witness, alike,
};
use crate::policy::{
    Blocker, Context, ContextValue, Match, Policy, PrincipalType, Statement, Verdict,
};
use crate::report::{Finding, reason};
use crate::source::{Origin, Span};
use crate::value::{Nature, PartKind, Presence, SymbolId, Symbols, Text};

/// CloudTrail's own service principal.
pub(super) const CLOUDTRAIL: &str = "cloudtrail.amazonaws.com";

/// A key whose exposure is judged.
pub(super) struct Judged<'m> {
    pub(super) model: &'m Model,
    pub(super) key: &'m Key,
    pub(super) policy: &'m Policy,
    /// Who uses it.
    pub(super) subjects: Vec<&'m Subject>,
    properties: Context,
    organizations: Vec<Text>,
}

/// The keys that a subject uses, and those that are meant for CloudTrail. Others are none of this program's business.
pub(super) fn judged(model: &Model) -> Vec<Judged<'_>> {
    let mut out = Vec::new();
    for (at, key) in model.keys.iter().enumerate() {
        let Some(policy) = &key.policy else { continue };
        if key.state == PolicyState::Invalid || policy.rejected || policy.unknown.is_some() {
            continue;
        }
        let subjects = model.subjects.iter();
        let subjects: Vec<&Subject> = subjects
            .filter(|subject| subject.link.keys.contains(&at))
            .collect();
        if subjects.is_empty() && !is_meant_for_cloudtrail(policy) {
            continue;
        }
        let organizations = model.trust.organizations.iter();
        out.push(Judged {
            model,
            key,
            policy,
            subjects,
            properties: properties(key),
            organizations: organizations.map(|id| literal(id)).collect(),
        });
    }
    out
}

fn is_meant_for_cloudtrail(policy: &Policy) -> bool {
    policy
        .statements
        .iter()
        .filter(|it| it.may_allow())
        .flat_map(services)
        .any(|it| it.name == CLOUDTRAIL)
}

/// A service that a statement names.
pub(super) struct Service<'s> {
    /// `logs.us-east-1.amazonaws.com`; a region that is not known is taken to be some region.
    pub(super) name: String,
    /// Where it is named.
    pub(super) at: &'s Origin,
    /// The region that is not known: the service is there whatever it is.
    region: Option<SymbolId>,
}

impl<'s> Service<'s> {
    /// A service of a known name.
    pub(super) fn new(name: &str, at: &'s Origin) -> Self {
        Service {
            name: name.to_owned(),
            at,
            region: None,
        }
    }

    /// An answer that hangs on the service's own region hangs on nothing.
    pub(super) fn settle(&self, answer: Answer) -> Answer {
        match answer {
            Answer::Unsure(witness, on)
                if self.region.is_some() && on.iter().all(|it| it.symbol == self.region) =>
            {
                Answer::Yes(witness)
            }
            other => other,
        }
    }
}

/// The services that a statement names, each once.
pub(super) fn services(statement: &Statement) -> Vec<Service<'_>> {
    let mut out: Vec<Service<'_>> = Vec::new();
    if statement.names_everybody_but() {
        return out;
    }
    let named = statement.principals();
    for it in named.filter(|it| it.kind == PrincipalType::Service) {
        let (name, region) = match it.text.as_literal() {
            Some(known) => (known.to_owned(), None),
            None => match regional(it.text) {
                Some((name, region)) => (name, Some(region)),
                None => continue,
            },
        };
        if !out.iter().any(|known| known.name == name) {
            out.push(Service {
                name,
                at: it.at,
                region,
            });
        }
    }
    out
}

/// `logs.${region}.amazonaws.com`
fn regional(text: &Text) -> Option<(String, SymbolId)> {
    let [start, region, end] = text.parts() else {
        return None;
    };
    match (&start.kind, &region.kind, &end.kind) {
        (PartKind::Literal(start), PartKind::Symbol(region), PartKind::Literal(end))
            if start.ends_with('.') && end.starts_with(".amazonaws.com") =>
        {
            Some((format!("{start}us-east-1{end}"), *region))
        }
        _ => None,
    }
}

/// The AWS principals that a statement names.
pub(super) fn people(statement: &Statement) -> impl Iterator<Item = (&Text, &Origin)> {
    let named = (!statement.names_everybody_but()).then(|| statement.principals());
    named
        .into_iter()
        .flatten()
        .filter(|it| it.kind == PrincipalType::Aws)
        .map(|it| (it.text, it.at))
}

/// Whether a statement may reach somebody whom it does not name: `*`, a `NotPrincipal`, or a text that may be `*`.
pub(super) fn may_reach_everybody(statement: &Statement) -> bool {
    statement.names_everybody_but()
        || statement.principals().any(|it| match it.kind {
            PrincipalType::Aws | PrincipalType::Unknown => {
                let mut parts = it.text.parts().iter();
                // A text that starts with something else is not `*`, whatever follows.
                parts.all(|part| match &part.kind {
                    PartKind::Literal(known) => known.is_empty() || known == "*",
                    PartKind::Symbol(_) | PartKind::Hole(_) => true,
                })
            }
            _ => false,
        })
        || statement.may_name_more()
}

fn literal(text: &str) -> Text {
    Text::literal(text, Origin::new(Span { start: 0, end: 0 }))
}

/// What the inputs say of the key under the keys of a request's context.
fn properties(key: &Key) -> Context {
    let mut context = Context::new();
    let mut set = |name: &str, value: &str| context.set(name, literal(value));
    if let crate::model::Fact::Known(yes) = key.multi_region {
        set("kms:MultiRegion", if yes { "true" } else { "false" });
    }
    if key.symmetric.is(&true) {
        for name in ["kms:KeySpec", "kms:CustomerMasterKeySpec"] {
            set(name, "SYMMETRIC_DEFAULT");
        }
        for name in ["kms:KeyUsage", "kms:CustomerMasterKeyUsage"] {
            set(name, "ENCRYPT_DECRYPT");
        }
    }
    context.insert(ContextValue {
        key: "aws:ResourceAccount".to_owned(),
        presence: Presence::Present,
        values: vec![key.account.clone()],
        multivalued: false,
        open: None,
    });
    context
}

/// What is asked of a statement.
pub(super) struct Ask<'a> {
    pub(super) asker: &'a Asker,
    /// True where it must name the asker, and not only the account.
    pub(super) direct: bool,
    /// Context keys that the request lacks.
    pub(super) without: &'a [&'a str],
}

impl<'a> Ask<'a> {
    pub(super) fn plain(asker: &'a Asker) -> Self {
        Ask {
            asker,
            direct: false,
            without: &[],
        }
    }
}

/// What a statement lets somebody do.
pub(super) struct Grant {
    /// The actions that it surely or perhaps lets them, the most dangerous first.
    pub(super) actions: Vec<&'static Action>,
    /// The request for the first of them.
    pub(super) answer: Answer,
}

impl Judged<'_> {
    /// The statements that may allow something.
    pub(super) fn allows(&self) -> impl Iterator<Item = (usize, &Statement)> {
        let statements = self.policy.statements.iter().enumerate();
        statements.filter(|(_, it)| it.may_allow() && !it.has_no_effect())
    }

    /// What one statement lets somebody do of these actions: what is sure, else what may be.
    pub(super) fn grant(
        &self,
        search: &mut Search,
        statement: usize,
        ask: &Ask<'_>,
        actions: &[&'static Action],
    ) -> Option<Grant> {
        let of = self.policy.statements.get(statement)?;
        let actions: Vec<&'static Action> = actions
            .iter()
            .copied()
            .filter(|action| of.may_match_action(action.name) != Match::No)
            .collect();
        let mut best: Option<Grant> = None;
        for group in alike(&[self.policy], &actions) {
            let Some(first) = group.first() else { continue };
            let answer = self.ask(search, Some(statement), ask, first);
            let rank = |answer: &Answer| match answer {
                Answer::Yes(_) => 2,
                Answer::No => 0,
                _ => 1,
            };
            match (&mut best, rank(&answer)) {
                (_, 0) => {}
                (Some(grant), new) if rank(&grant.answer) == new => grant.actions.extend(group),
                (Some(grant), new) if rank(&grant.answer) > new => {}
                _ => {
                    best = Some(Grant {
                        actions: group,
                        answer,
                    });
                }
            }
        }
        if let Some(grant) = &mut best {
            grant
                .actions
                .sort_by_key(|action| ACTIONS.iter().position(|it| it == *action));
        }
        best
    }

    pub(super) fn ask(
        &self,
        search: &mut Search,
        statement: Option<usize>,
        ask: &Ask<'_>,
        action: &'static Action,
    ) -> Answer {
        self.asked(search, statement, ask, action, None)
    }

    /// Whether a statement lets somebody do what the policy before did not.
    pub(super) fn newly(
        &self,
        search: &mut Search,
        before: &Policy,
        statement: usize,
        asker: &Asker,
        action: &'static Action,
    ) -> Answer {
        let ask = Ask::plain(asker);
        self.asked(search, Some(statement), &ask, action, Some(before))
    }

    fn asked(
        &self,
        search: &mut Search,
        statement: Option<usize>,
        ask: &Ask<'_>,
        action: &'static Action,
        before: Option<&Policy>,
    ) -> Answer {
        let target = Target {
            arn: &self.key.arn,
            account: &self.key.account,
            partition: self.partition(),
            properties: &self.properties,
            accounts: &self.model.trust.accounts,
            organizations: &self.organizations,
        };
        search.ask(&Question {
            policy: self.policy,
            before,
            target: &target,
            asker: ask.asker,
            action,
            statement,
            direct: ask.direct,
            without: ask.without,
        })
    }

    /// The key's partition; where it is not known, the one that the policy's own ARNs are of.
    fn partition(&self) -> String {
        let start = |text: &Text| -> Option<String> {
            let first = text.parts().first().map(|part| &part.kind);
            let Some(PartKind::Literal(known)) = first else {
                return None;
            };
            let (partition, _) = known.strip_prefix("arn:")?.split_once(':')?;
            (!partition.is_empty()).then(|| partition.to_owned())
        };
        let of_people = || {
            self.policy
                .statements
                .iter()
                .flat_map(people)
                .find_map(|(text, _)| start(text))
        };
        start(&self.key.arn)
            .or_else(of_people)
            .unwrap_or_else(|| "aws".to_owned())
    }

    /// `statement 2 ("AllowCloudTrail")`; of a sensitive policy the number alone.
    pub(super) fn name(&self, statement: usize, symbols: &Symbols) -> String {
        let number = statement + 1;
        let sid = self.policy.statements.get(statement);
        let sid = sid
            .and_then(|it| it.sid.as_ref())
            .filter(|_| !self.key.sensitive);
        match sid
            .map(|sid| sid.show(symbols))
            .filter(|sid| !sid.is_empty())
        {
            Some(sid) => format!("statement {number} (\"{sid}\")"),
            None => format!("statement {number}"),
        }
    }

    /// What tells a statement from others, wherever it stands: whom it names, what it allows, and which keys it tests. Of a sensitive policy, its
    /// number alone.
    pub(super) fn meaning(&self, statement: usize) -> String {
        let Some(of) = self
            .policy
            .statements
            .get(statement)
            .filter(|_| !self.key.sensitive)
        else {
            return statement.to_string();
        };
        let known = |text: &Text| text.to_literal().unwrap_or_else(|| "?".to_owned());
        let mut words: Vec<String> = of.principals().map(|it| known(it.text)).collect();
        words.extend(of.each_action().map(|(text, _)| known(text)));
        words.extend(
            of.conditions()
                .map(|it| format!("{} {}", it.operator, it.key)),
        );
        words.join(" ")
    }

    /// The key's account, where it is known.
    pub(super) fn own_account(&self) -> Option<&str> {
        self.key.account.as_literal()
    }

    /// True for an account that is the key's own or trusted.
    pub(super) fn trusts(&self, account: &str) -> bool {
        self.own_account() == Some(account)
            || self
                .model
                .trust
                .accounts
                .iter()
                .any(|it| it.as_literal() == Some(account))
    }

    pub(super) fn is_used_by(&self, kind: SubjectKind) -> bool {
        self.subjects.iter().any(|subject| subject.kind == kind)
    }
}

/// A finding of an exposure rule, told.
pub(super) struct Told<'t> {
    pub(super) rule: &'static Rule,
    pub(super) judged: &'t Judged<'t>,
    /// The index of the statement; none where it is about the policy as a whole.
    pub(super) statement: Option<usize>,
    /// Where a reader should look first, and what to say there.
    pub(super) at: &'t Origin,
    pub(super) label: String,
    /// The whole sentence where it is sure.
    pub(super) sure: String,
    /// What is in doubt where it is not: `anybody can call ...`.
    pub(super) doubt: String,
    pub(super) help: String,
    /// What tells one cause from another.
    pub(super) cause: String,
    /// Further places.
    pub(super) others: Vec<(Origin, String)>,
    /// True where the answer holds for some values of the key's account only.
    pub(super) hangs_on_account: bool,
    /// True where it is worth a note: AWS itself publishes it, or it gives little.
    pub(super) published: bool,
}

impl Told<'_> {
    /// Adds the finding of an answer, if it is one.
    pub(super) fn add(self, answer: &Answer, search: &Search, findings: &mut Findings) {
        let (verdict, why) = verdict(answer, search, self.hangs_on_account);
        let Some(mut severity) = self.rule.severity_of(verdict, findings.gate) else {
            return;
        };
        if self.published {
            severity = severity.min(crate::report::Severity::Note);
        }
        let key = self.judged.key;
        // Nothing of a sensitive policy is shown: the rule and the statement's number must do.
        let hidden = || {
            let summary = self.rule.summary;
            match self.statement {
                Some(at) => format!(
                    "{summary}: statement {} of the policy of `{}`",
                    at + 1,
                    key.address
                ),
                None => format!("{summary}: the policy of `{}`", key.address),
            }
        };
        let message = match verdict {
            Verdict::Denied if key.sensitive => hidden(),
            _ if key.sensitive => format!("it is not decided whether {}", hidden()),
            Verdict::Denied => self.sure,
            Verdict::Conditional => format!("whether {} is conditional{why}", self.doubt),
            _ => format!("whether {} cannot be decided{why}", self.doubt),
        };
        let mut finding = self.rule.finding(&key.address, message);
        finding.severity = severity;
        finding.verdict = (verdict != Verdict::Denied).then_some(verdict);
        finding.key = Some(key.id.clone());
        finding.help = Some(self.help).filter(|_| !key.sensitive);
        if key.sensitive {
            let text = "the policy is sensitive and is not shown";
            finding.labels.push(label(&key.origin, text, true));
        } else {
            finding.labels.push(label(self.at, self.label, true));
            for (at, text) in self.others {
                finding.labels.push(label(&at, text, false));
            }
            finding.witness = shown(answer, &finding);
        }
        findings.add(finding, &format!("{}\n{}", self.cause, verdict.word()));
    }
}

/// The witness, unless some of it must not be shown.
fn shown(answer: &Answer, _: &Finding) -> Option<Witness> {
    answer.witness().filter(|witness| !witness.hidden).cloned()
}

/// The verdict that a finding has (a sure witness counts as denied), and why it is no sure one.
fn verdict(answer: &Answer, search: &Search, hangs_on_account: bool) -> (Verdict, String) {
    let symbols = search.symbols();
    let told = |blockers: &[Blocker]| {
        reason::blockers(blockers, symbols).map_or(String::new(), |why| format!(": {why}"))
    };
    let named = |blockers: &[Blocker]| {
        blockers.iter().all(|blocker| {
            blocker
                .symbol
                .is_some_and(|id| symbols.get(id).nature == Nature::Named)
        })
    };
    match answer {
        Answer::No => (Verdict::Allowed, String::new()),
        Answer::Yes(_) if hangs_on_account => (
            Verdict::Conditional,
            ": the key's own account is not known".to_owned(),
        ),
        Answer::Yes(_) => (Verdict::Denied, String::new()),
        Answer::Unsure(_, on) | Answer::Open(on) if named(on) => (Verdict::Conditional, told(on)),
        Answer::Unsure(_, on) | Answer::Open(on) => (Verdict::Undecided, told(on)),
        Answer::Incomplete(reason) => (Verdict::Undecided, format!(": {reason}")),
    }
}

/// The actions of some classes.
pub(super) fn of_classes(classes: &[ActionClass]) -> Vec<&'static Action> {
    ACTIONS
        .iter()
        .filter(|action| classes.contains(&action.class))
        .collect()
}

/// `kms:Decrypt`, with how many more there are.
pub(super) fn list(actions: &[&'static Action]) -> String {
    let names = |actions: &[&Action]| -> Vec<String> {
        let names = actions.iter();
        names.map(|action| format!("`{}`", action.name)).collect()
    };
    match actions {
        [one] => format!("`{}`", one.name),
        [one, two] => format!("`{}` and `{}`", one.name, two.name),
        [one, two, three] => names(&[one, two, three]).join(", "),
        [one, two, rest @ ..] => format!("`{}`, `{}` and {} more", one.name, two.name, rest.len()),
        [] => String::new(),
    }
}
