//! What sets the policy of a key: the configuration, another resource, AWS, or nobody says.

use super::Builder;
use crate::input::{Action, Expression, InputKind, Resource};
use crate::model::Form;
use crate::resolve::Tables;
use crate::resolve::document::Documents;
use crate::resolve::index::{At, Index, survives};
use crate::resolve::names::longest;
use crate::resolve::separate::Separate;
use crate::value::{Kind, Text, Value};

/// Why nobody knows the policy of a key for which the sources set none.
const NOT_SAID: &str = "the sources set no policy: a new key gets AWS's default policy, which denies CloudTrail, and an existing key keeps the policy it has";

/// What sets a key's policy.
pub(crate) enum Source {
    /// Known text: JSON in a virtual file.
    Text(Value),
    /// A document that the apply reads.
    Document(Value),
    /// AWS's default.
    Default,
    /// Nothing is known, for this reason.
    Unknown(String),
}

impl Builder<'_, '_> {
    /// What the user says of a policy that the inputs do not tell.
    pub(super) fn given(&self, source: &Source, arn: &Text) -> Option<Source> {
        let (Source::Unknown(_), Some(arn)) = (source, arn.to_literal()) else {
            return None;
        };
        let mut all = self.inputs.options.key_policies.iter();
        all.find(|it| it.arn == arn)
            .map(|it| Source::Text(it.policy.clone()))
    }

    /// JSON, unless the configuration takes the policy from a document.
    pub(super) fn form(&self, owner: At) -> Form {
        let block = self
            .linker
            .resource(owner)
            .and_then(|it| self.inputs.index.get(owner.input)?.config(&it.address));
        let references = match block.and_then(|block| block.expressions.get("policy")) {
            Some(Expression::References(references)) => references.as_slice(),
            _ => &[],
        };
        let document = references
            .iter()
            .any(|it| it.starts_with("data.aws_iam_policy_document."));
        if document { Form::Document } else { Form::Json }
    }

    /// What sets the policy, the resource that does, and its address where it is not the key itself.
    pub(super) fn source(
        &self,
        separate: &Separate,
        tables: &mut Tables<'_>,
    ) -> (Source, At, Vec<String>) {
        let policies = separate
            .certain
            .get(&self.at)
            .map_or(&[][..], Vec::as_slice);
        let resource = |at: &At| self.linker.resource(*at);
        let live: Vec<&At> = policies
            .iter()
            .filter(|at| resource(at).is_some_and(survives))
            .collect();
        if let Some(&&first) = live.first() {
            let addresses = live
                .iter()
                .filter_map(|at| resource(at))
                .map(|it| it.address.to_string())
                .collect();
            let source = self.attribute(first, tables);
            let source = source.unwrap_or_else(|| self.not_shown());
            return (source, first, addresses);
        }
        let mut released = policies.iter().filter_map(resource);
        let released = released.find(|it| matches!(it.action, Action::Delete | Action::Forget));
        let own = self.attribute(self.at, tables);
        let known = matches!(own, Some(Source::Text(_)));
        if let Some(why) = separate
            .doubt(self.at, known)
            .filter(|_| !self.configured())
        {
            return (Source::Unknown(why.to_owned()), self.at, Vec::new());
        }
        if let Some(released) = released.filter(|_| !self.configured()) {
            if restores_default(released) {
                return (Source::Default, self.at, Vec::new());
            }
            // What it set stays, whatever the plan knows of the key itself.
            let before = released.before.as_ref();
            if let Some(policy) = before.and_then(|before| before.get("policy")) {
                return (Source::Text(policy.clone()), self.at, Vec::new());
            }
        }
        let source = own.unwrap_or_else(|| {
            if self.it.action.is_new() && !self.it.importing {
                Source::Default
            } else {
                self.not_shown()
            }
        });
        (source, self.at, Vec::new())
    }

    /// Nothing says what the policy is.
    pub(super) fn not_shown(&self) -> Source {
        Source::Unknown(
            if self.it.action == Action::Unplanned {
                NOT_SAID
            } else {
                "the plan does not show the policy's text"
            }
            .to_owned(),
        )
    }

    /// True where the configuration sets a policy on the key itself.
    pub(super) fn configured(&self) -> bool {
        self.configures("policy")
    }

    /// True where the configuration sets an argument of the key.
    pub(super) fn configures(&self, name: &str) -> bool {
        let block = self
            .inputs
            .index
            .get(self.at.input)
            .and_then(|index| index.config(&self.it.address));
        let after = self.it.after.as_ref();
        self.is_settled() && after.is_some_and(|after| after.get(name).is_some())
            || block.is_some_and(|block| block.expressions.contains_key(name))
    }

    /// True in a snapshot, which holds what came of the configuration: what is not set there is not configured.
    pub(super) fn is_settled(&self) -> bool {
        let loaded = self.inputs.loaded.get(self.at.input);
        loaded.is_some_and(|it| it.document.kind == InputKind::Snapshot)
    }

    /// The policy that an instance sets; none where it sets none.
    pub(super) fn attribute(&self, at: At, tables: &mut Tables<'_>) -> Option<Source> {
        let resource = self.linker.resource(at)?;
        let value = resource
            .after
            .as_ref()?
            .get("policy")
            .filter(|value| !value.is_null() && value.as_str() != Some(""))?;
        let is_text = match value.kind {
            // Sources name what they do not know; a plan does not.
            Kind::Unknown(symbol) => {
                resource.action == Action::Unplanned
                    || tables.symbols.meaning(symbol).is_some()
                    || self.is_settled()
            }
            Kind::Object(_) => return Some(Source::Document(value.clone())),
            _ => true,
        };
        if is_text {
            return Some(Source::Text(value.clone()));
        }
        let index = self.inputs.index.get(at.input)?;
        let block = index.config(&resource.address);
        // Computed and not configured: the key is new and gets the default, or it keeps what it has.
        if block.is_some_and(|block| !block.expressions.contains_key("policy")) {
            return None;
        }
        let mut documents = Documents {
            linker: self.linker,
            index: self.inputs.index,
            symbols: tables.symbols,
            sources: tables.sources,
        };
        if let Some(document) = documents.of_attribute(at, "policy") {
            return Some(Source::Document(document));
        }
        Some(Source::Unknown(unknown_reason(resource, index)))
    }
}

/// True for a key policy that the plan destroys so that the provider puts AWS's default policy back: unless the lockout check is bypassed
/// (`HashiCorp`, `internal/service/kms/key_policy.go`).
pub(crate) fn restores_default(policy: &Resource) -> bool {
    let before = policy.before.as_ref();
    let bypass = before.and_then(|before| before.get("bypass_policy_lockout_safety_check"));
    policy.action == Action::Delete && bypass.and_then(Value::as_bool) != Some(true)
}

/// Why a configured policy is not in the plan, and what it hangs on.
fn unknown_reason(resource: &Resource, index: &Index<'_>) -> String {
    let expression = index
        .config(&resource.address)
        .and_then(|block| block.expressions.get("policy"));
    match expression {
        Some(Expression::References(references)) => {
            let names: Vec<String> = longest(references)
                .into_iter()
                .map(|it| format!("`{it}`"))
                .collect();
            format!(
                "the policy is known after apply: it refers to {}",
                names.join(", ")
            )
        }
        _ => "the policy is known after apply".to_owned(),
    }
}
