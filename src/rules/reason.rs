//! Why a request is not allowed, in words and places: the deciding Deny, the nearest miss, or what blocks.

use super::exempt::{NARROW, exemption, lacking};
use super::finding::label;
use super::hint::{hint, is_negated};
use super::policy_unknown_condition_key::is_known;
use crate::input::{InputKind, SECRET, WHOLE};
use crate::model::{Key, Meaning, Model, PolicyState, Requirement};
use crate::policy::keys::{self, Count};
use crate::policy::requests::{DEMANDS, RequestKind};
use crate::policy::{self, Caller, Element, Failed, Match, Outcome, Statement, Verdict};
use crate::report::Label;
use crate::value::{Shape, SymbolId, Text};

/// The reason of a verdict.
pub(super) struct Reason {
    /// A clause that goes on after "because": empty where there is nothing to say.
    pub(super) because: String,
    /// The place to mend first.
    pub(super) labels: Vec<Label>,
    /// What the reason is made of, without names of instances: it tells one cause from another.
    pub(super) cause: String,
    /// The same for the fingerprint, without anything of the policy itself, and without numbers of statements.
    pub(super) fact: String,
    /// The statements that decide, or come closest.
    pub(super) statements: Vec<usize>,
    /// What decides beside the key's policy.
    pub(super) besides: Option<Meaning>,
    /// True where a Deny must be narrowed, and adding a statement does not help.
    pub(super) deny: bool,
    /// What to do besides, if the reason itself says it.
    pub(super) advice: Option<String>,
}

/// How reports call whoever asks.
pub(super) fn who(requirement: &Requirement, model: &Model) -> String {
    match &requirement.request.principal {
        Caller::Service(service) if service == "cloudtrail.amazonaws.com" => {
            "CloudTrail".to_owned()
        }
        Caller::Service(service) if service == "config.amazonaws.com" => "AWS Config".to_owned(),
        Caller::Service(service) => format!("`{service}`"),
        Caller::Aws(_) if requirement.reader.is_none() => "anybody".to_owned(),
        Caller::Aws(arn) => format!("`{}`", arn.show(&model.symbols)),
        Caller::Stranger => "anybody".to_owned(),
    }
}

/// Explains a requirement that is not allowed.
pub(super) fn explain(requirement: &Requirement, key: &Key, model: &Model) -> Reason {
    let explainer = Explainer {
        requirement,
        key,
        model,
    };
    let besides = requirement.besides.as_ref();
    if let Some(besides) = besides.filter(|_| requirement.verdict == Verdict::Denied) {
        return Reason {
            because: besides.because.clone(),
            labels: vec![label(&besides.at, besides.label.clone(), true)],
            cause: format!("besides\n{}", besides.label),
            fact: format!("besides\n{}", besides.meaning.kind),
            statements: Vec::new(),
            besides: Some(besides.meaning.clone()),
            deny: true,
            advice: None,
        };
    }
    match requirement.verdict {
        Verdict::Undecided | Verdict::Conditional => explainer.blocked(),
        _ if requirement.explicit => explainer.denied(),
        _ => explainer.missed(),
    }
}

struct Explainer<'e> {
    requirement: &'e Requirement,
    key: &'e Key,
    model: &'e Model,
}

impl Explainer<'_> {
    fn statement(&self, outcome: &Outcome) -> Option<&Statement> {
        self.key
            .policy
            .as_ref()
            .and_then(|policy| policy.statements.get(outcome.index))
    }

    /// `statement 2 ("AllowCloudTrail")`; of a sensitive policy the number alone.
    fn name(&self, outcome: &Outcome) -> String {
        let number = outcome.index + 1;
        let sid = self
            .statement(outcome)
            .and_then(|statement| statement.sid.as_ref())
            .filter(|_| !self.key.sensitive);
        match sid
            .map(|sid| sid.show(&self.model.symbols))
            .filter(|sid| !sid.is_empty())
        {
            Some(sid) => format!("statement {number} (\"{sid}\")"),
            None => format!("statement {number}"),
        }
    }

    fn at(&self, origin: &crate::source::Origin, text: impl Into<String>) -> Vec<Label> {
        if self.key.sensitive {
            return vec![label(
                &self.key.origin,
                "the policy is sensitive and is not shown",
                true,
            )];
        }
        vec![label(origin, text, true)]
    }

    /// A Deny decided.
    fn denied(&self) -> Reason {
        let outcome = self.requirement.decision.statements.iter().find(|outcome| {
            outcome.matches == Match::Yes
                && self
                    .statement(outcome)
                    .is_some_and(|statement| statement.effect == Some(policy::Effect::Deny))
        });
        let Some(outcome) = outcome else {
            return self.blocked();
        };
        let name = self.name(outcome);
        let Some(statement) = self.statement(outcome) else {
            return self.blocked();
        };
        let request = &self.requirement.request;
        let service = matches!(request.principal, Caller::Service(_));
        let told = match (self.key.sensitive, service) {
            (true, _) => None,
            (false, true) => {
                let of_members = self.requirement.id.starts_with("controltower-config");
                let symbols = &self.model.symbols;
                Some(exemption(statement, request, of_members, symbols))
            }
            (false, false) => lacking(statement, request),
        };
        let advice = match &told {
            Some(told) if service => Some(told.advice.clone()),
            // What a hidden Deny is there for, nobody sees.
            None if service => Some(NARROW.to_owned()),
            _ => None,
        };
        let first = statement.conditions().next().map(|it| it.key_at);
        let (because, at, text) = match told {
            Some(told) => (told.because, told.at, told.label),
            None => (None, first, "this Deny matches the request"),
        };
        let because = match because {
            Some(because) => format!("{name} denies it: {because}"),
            None => format!("{name} denies it"),
        };
        let labels = self.at(at.unwrap_or(&statement.effect_at), text);
        Reason {
            because,
            labels,
            cause: format!("deny\n{}", outcome.index),
            fact: "deny".to_owned(),
            statements: vec![outcome.index],
            besides: None,
            deny: true,
            advice,
        }
    }

    /// No statement allows it: the nearest miss.
    fn missed(&self) -> Reason {
        let Some(policy) = &self.key.policy else {
            return self.blocked();
        };
        let nearest = policy::nearest(&self.requirement.decision);
        let Some((outcome, failed)) =
            nearest.and_then(|outcome| outcome.failed.as_ref().map(|failed| (outcome, failed)))
        else {
            let principal = match &self.requirement.request.principal {
                Caller::Service(service) => format!("`{service}`"),
                Caller::Aws(_) if self.requirement.reader.is_none() => "any reader".to_owned(),
                Caller::Aws(arn) => format!("`{}`", arn.show(&self.model.symbols)),
                Caller::Stranger => "anybody".to_owned(),
            };
            let because = if self.key.state == PolicyState::Default {
                format!(
                    "it has no policy of its own, and AWS's default policy has no statement for {principal}"
                )
            } else {
                format!("none of its statements is for {principal}")
            };
            let labels = self.at(&policy.origin, format!("no statement is for {principal}"));
            return Reason {
                because,
                labels,
                cause: "none".to_owned(),
                fact: "none".to_owned(),
                statements: Vec::new(),
                besides: None,
                deny: false,
                advice: None,
            };
        };
        let name = self.name(outcome);
        if self.key.sensitive {
            let because = format!(
                "{name}, which comes closest, fails in its `{}`",
                failed.element.name()
            );
            let labels = self.at(&failed.at, "");
            return Reason {
                because,
                labels,
                cause: format!("sensitive\n{}", outcome.index),
                fact: "miss".to_owned(),
                statements: vec![outcome.index],
                besides: None,
                deny: false,
                advice: None,
            };
        }
        let (mut clause, text) = self.clause(failed);
        if let Some(hint) = hint(failed, &self.requirement.request.action) {
            clause = format!("{clause}; {hint}");
        }
        let because = format!("{name} comes closest, but {clause}");
        let kind = format!(
            "{}\n{:?}\n{:?}\n{}",
            failed.element.name(),
            failed.operator,
            failed.key,
            if failed.policy.iter().all(|text| text.as_literal().is_some()) {
                "literal"
            } else {
                ""
            }
        );
        let mut labels = self.at(&failed.at, text);
        labels.extend(self.used(outcome, failed));
        Reason {
            because,
            labels,
            cause: kind,
            fact: "miss".to_owned(),
            statements: vec![outcome.index],
            besides: None,
            deny: false,
            advice: Self::advice(failed),
        }
    }

    /// Where the statement uses a value that is written elsewhere: in a local value, a variable, another file.
    fn used(&self, outcome: &Outcome, failed: &Failed) -> Option<Label> {
        let statement = self.statement(outcome)?;
        let (whole, value) = (statement.origin.span(), failed.at.span());
        if whole.start <= value.start && value.end <= whole.end {
            return None;
        }
        let place = failed.key_at.as_ref().unwrap_or(&statement.effect_at);
        let inside = whole.start <= place.span().start && place.span().end <= whole.end;
        inside.then(|| label(place, format!("{} uses it", self.name(outcome)), false))
    }

    /// What failed, as a clause and as the text of a label.
    fn clause(&self, failed: &Failed) -> (String, String) {
        let request = self.values(&failed.request);
        let action = &self.requirement.request.action;
        match failed.element {
            Element::Condition => self.condition(failed, &request),
            Element::Action => (
                format!("its `Action` does not cover `{action}`"),
                format!("not `{action}`"),
            ),
            Element::NotAction => (
                format!("its `NotAction` excludes `{action}`"),
                format!("excludes `{action}`"),
            ),
            Element::Principal | Element::NotPrincipal => {
                let who = self.caller();
                (
                    format!("its `{}` is not {who}", failed.element.name()),
                    format!("not {who}"),
                )
            }
            Element::Resource | Element::NotResource => {
                let arn = self.key.arn.show(&self.model.symbols);
                let name = failed.element.name();
                if failed.element == Element::NotResource {
                    return (
                        format!("its `{name}` leaves out this key, `{arn}`"),
                        "leaves out this key".to_owned(),
                    );
                }
                (
                    format!("its `{name}` is not this key, `{arn}`"),
                    "never matches this key; `\"*\"` in a key policy means this key".to_owned(),
                )
            }
            Element::Statement => (
                "it has no effect: a statement of a key policy needs both `Action` and `Resource`"
                    .to_owned(),
                "a statement without `Action` or `Resource` has no effect".to_owned(),
            ),
        }
    }

    fn condition(&self, failed: &Failed, request: &str) -> (String, String) {
        let key = failed.key.as_deref().unwrap_or_default();
        let operator = failed.operator.as_deref().unwrap_or_default();
        let who = match &self.requirement.request.principal {
            Caller::Service(_) => who(self.requirement, self.model),
            _ => "the request".to_owned(),
        };
        if failed.absent && failed.request.is_empty() {
            let action = &self.requirement.request.action;
            let note = self.absence(key);
            return (
                format!("{who} sends no `{key}` with `{action}`{note}"),
                format!("`{key}` is not in the request"),
            );
        }
        if operator == "Null" {
            // It asks whether the key is there, and it is.
            return (
                format!("its `Null` wants a request without `{key}`, and this one has it"),
                format!("`{key}` is in the request"),
            );
        }
        let wildcard = failed.policy.iter().any(|text| {
            text.as_literal()
                .is_some_and(|text| text.contains(['*', '?']))
        });
        let exact = operator.contains("StringEquals") && wildcard;
        let hint = if exact {
            "; under `StringEquals` a `*` is a letter, not a wildcard"
        } else {
            ""
        };
        let policy = self.values(&failed.policy);
        if is_negated(operator) {
            let clause = format!(
                "its `{operator}` wants `{key}` not to match {policy}, and the request's is {request}"
            );
            return (clause, format!("matches {request}"));
        }
        let is_list = keys::find(key).is_some_and(|key| key.count == Count::Many);
        if is_list && !operator.starts_with("For") {
            let clause = format!(
                "its `{operator}` compares one value, and `{key}` holds a list, which is {request} in the request"
            );
            return (
                clause,
                "a list takes `ForAnyValue` or `ForAllValues`".to_owned(),
            );
        }
        let clause = format!(
            "its `{operator}` wants `{key}` to match {policy}, and the request's is {request}{hint}"
        );
        (clause, format!("never matches {request}"))
    }

    /// Why a key is not there, where that is a known trap.
    fn absence(&self, key: &str) -> &'static str {
        let name = key.to_ascii_lowercase();
        let describe = self.requirement.request.action == "kms:DescribeKey";
        let kind = DEMANDS
            .iter()
            .find(|demand| demand.id == self.requirement.id)
            .map(|demand| demand.kind);
        if describe && name.starts_with("kms:encryptioncontext") {
            return ": describing a key takes no encryption context";
        }
        if kind == Some(RequestKind::Store)
            && (name == "aws:sourcearn" || name == "aws:sourceaccount")
        {
            return ": AWS does not support that key for event data stores";
        }
        if !is_known(key) {
            return ": AWS knows no such key";
        }
        if name == "aws:principalorgid" {
            return ": AWS services belong to no organization";
        }
        ""
    }

    fn caller(&self) -> String {
        match &self.requirement.request.principal {
            Caller::Service(service) => format!("`{service}`"),
            _ => who(self.requirement, self.model),
        }
    }

    fn values(&self, values: &[Text]) -> String {
        let shown: Vec<String> = values
            .iter()
            .take(3)
            .map(|text| format!("`{}`", text.show(&self.model.symbols)))
            .collect();
        let more = values.len().saturating_sub(3);
        if more > 0 {
            format!("{} and {more} more", shown.join(", "))
        } else {
            shown.join(" or ")
        }
    }

    fn advice(failed: &Failed) -> Option<String> {
        let resource = matches!(failed.element, Element::Resource | Element::NotResource);
        resource.then(|| {
            "in a key policy `\"Resource\": \"*\"` means this key, and nothing else".to_owned()
        })
    }

    /// A policy that allows until, or from, a point in time.
    fn until(&self, symbol: SymbolId) -> Option<String> {
        if self.model.symbols.get(symbol).shape != Shape::Time || self.key.sensitive {
            return None;
        }
        let cases = &self.requirement.decision.cases;
        let good =
            |case: &&policy::Case| matches!(case.verdict, Verdict::Allowed | Verdict::Delegated);
        let mut allowed = cases.iter().filter(good);
        let (Some(case), None) = (allowed.next(), allowed.next()) else {
            return None;
        };
        let fixed = case.when.iter().find(|fixed| fixed.symbol == symbol)?;
        let (bound, inside) = match (fixed.within.as_slice(), fixed.not_in.as_slice()) {
            ([bound], []) => (bound, true),
            ([], [bound]) => (bound, false),
            _ => return None,
        };
        let (relation, time) = bound.text.split_once(' ')?;
        let word = match (relation.starts_with('<'), inside) {
            (true, true) | (false, false) => "until",
            _ => "from",
        };
        Some(format!("it is allowed {word} `{time}` and not otherwise"))
    }

    /// `Resource` is the element that is not known, and need not be.
    fn unknown_resource(&self) -> Option<String> {
        let mut failed = self
            .requirement
            .decision
            .statements
            .iter()
            .filter_map(|it| it.failed.as_ref());
        let hit = failed.any(|it| it.element == Element::Resource && it.matches == Match::Maybe);
        hit.then(|| "in a key policy `\"Resource\": \"*\"` means this key, and is known".to_owned())
    }

    /// What makes known what a snapshot leaves out.
    fn left_out(&self, because: &str) -> Option<String> {
        (self.is_of(InputKind::Snapshot) && because.contains(SECRET)).then(|| WHOLE.to_owned())
    }

    /// True where that kind of input holds the key.
    fn is_of(&self, kind: InputKind) -> bool {
        let input = self.model.inputs.get(self.key.input);
        input.is_some_and(|input| input.kind == kind)
    }

    /// A name of something that this plan makes.
    fn known_after_apply(&self) -> Option<String> {
        let symbols = &self.model.symbols;
        let mut met = self
            .requirement
            .decision
            .blocked_by
            .iter()
            .filter_map(|it| it.symbol);
        let hit = met.any(|symbol| symbols.get(symbol).reason == "known after apply");
        hit.then(|| {
            let write = |who: &str| {
                format!("write the value so that {who} it: an ARN from account, Region and name")
            };
            let input = self.model.inputs.get(self.key.input);
            if self.is_of(InputKind::Sources) {
                write("the sources say")
            } else if input.is_some_and(|it| it.sources.is_some()) {
                write("the plan knows")
            } else {
                let more = "give the sources with `--source`, which say what the value is made of";
                format!("{more}; or {}", write("the plan knows"))
            }
        })
    }

    /// What makes a policy known that the plan does not show.
    fn unknown_policy(&self) -> Option<String> {
        let unknown = matches!(self.key.state, PolicyState::Unknown(_));
        if unknown && self.is_of(InputKind::Snapshot) {
            let later = "make the snapshot of a later plan or of the state, which knows more";
            return Some(later.to_owned());
        }
        if unknown && self.is_of(InputKind::Sources) {
            return Some(
                "write the policy into the configuration, or give a plan of it, which knows more"
                    .to_owned(),
            );
        }
        unknown.then(|| {
            "a plan shows the statements of an `aws_iam_policy_document` even before everything in them is known; or write the ARNs that are not known yet from account and name"
                .to_owned()
        })
    }

    /// The statements of which it is not known whether they match.
    fn open(&self) -> Vec<usize> {
        let outcomes = self.requirement.decision.statements.iter();
        let open = outcomes.filter(|it| it.matches == Match::Maybe);
        open.map(|it| it.index).collect()
    }

    /// Whether a flag says anything here: of the requests of readers that are not named, none does.
    fn takes(&self, flag: &str) -> bool {
        self.requirement.reader.is_some() || !flag.starts_with("--reader")
    }

    /// It hangs on something that is not known.
    fn blocked(&self) -> Reason {
        let symbols = &self.model.symbols;
        let mut names: Vec<String> = Vec::new();
        let mut supplies: Vec<String> = Vec::new();
        for blocker in &self.requirement.decision.blocked_by {
            let text = match blocker.symbol.map(|symbol| symbols.get(symbol)) {
                Some(symbol) => {
                    let supply = symbol.supply.clone().filter(|it| self.takes(it));
                    supplies.extend(supply.filter(|it| !supplies.contains(it)));
                    let until = blocker.symbol.and_then(|it| self.until(it));
                    until.unwrap_or_else(|| format!("`{}` ({})", symbol.name, symbol.reason))
                }
                None => blocker.reason.clone(),
            };
            if !names.contains(&text) {
                names.push(text);
            }
        }
        let first = self.requirement.decision.blocked_by.first();
        let labels = match first {
            Some(blocker) => self.at(&blocker.at, "the answer hangs on this"),
            None => self.at(&self.key.origin, "the answer hangs on this policy"),
        };
        let because = match names.as_slice() {
            [] => String::new(),
            // A reason without a name is a sentence of its own.
            [one] if !one.starts_with('`') => one.clone(),
            [one] => format!("it hangs on {one}"),
            [many @ .., last] => format!("it hangs on {} and {last}", many.join(", ")),
        };
        let missing = self.model.inputs.get(self.key.input);
        let missing = missing.map_or(&[][..], |input| input.missing.as_slice());
        // A module that is not there is named in the reason of all that comes from it.
        let lost = missing
            .iter()
            .find(|it| because.contains(&it.reason))
            .map(|it| it.help.clone());
        let advice = lost
            .or_else(|| self.left_out(&because))
            .or_else(|| decide(&supplies))
            .or_else(|| self.unknown_policy())
            .or_else(|| self.unknown_resource())
            .or_else(|| self.known_after_apply());
        Reason {
            because,
            labels,
            cause: "blocked".to_owned(),
            fact: "blocked".to_owned(),
            statements: self.open(),
            besides: None,
            deny: false,
            advice,
        }
    }
}

/// One flag decides, or all of them together.
fn decide(supplies: &[String]) -> Option<String> {
    let shown: Vec<String> = supplies.iter().map(|it| format!("`{it}`")).collect();
    match shown.as_slice() {
        [] => None,
        [one] => Some(format!("{one} decides it")),
        [many @ .., last] => Some(format!("{} and {last} decide it", many.join(", "))),
    }
}
