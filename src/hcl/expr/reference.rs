//! References: which names begin them, and what they lead to.

use std::borrow::Cow;
use std::sync::Arc;

use hcl_edit::Decorated;
use hcl_edit::expr::{Expression, Traversal, TraversalOperator};

use super::{Outcome, Run};
use crate::hcl::scope::{Problem, Subject};
use crate::hcl::typed::{Data, Reference, Typed};
use crate::source::Origin;

type Operators = [Decorated<TraversalOperator>];

impl Run<'_, '_> {
    /// `local.trails["main"].arn`, `f(x).y`, `aws_kms_key.k[*].arn`
    pub(super) fn traversal(&mut self, traversal: &Traversal, at: Origin) -> Outcome {
        if let Expression::Variable(name) = &traversal.expr {
            return self.variable(name, &traversal.operators, at);
        }
        let start = self.eval(&traversal.expr)?;
        self.walk(Cow::Owned(start), &traversal.operators)
    }

    /// A name and what follows it: the variable of a loop, or a reference of the module.
    pub(super) fn variable(&mut self, name: &str, operators: &Operators, at: Origin) -> Outcome {
        let local = self.frames.iter().rev().find(|(it, _)| it == name);
        if let Some((_, value)) = local {
            let value = Arc::clone(value);
            return self.walk(Cow::Borrowed(&value), operators);
        }
        if self.sealed {
            let message = format!("the template's variables do not contain `{name}`");
            return Err(Problem::new(message, &at));
        }
        let (subject, used) = subject(name, operators, &at)?;
        let whole = if let Some(known) = self.resolved.get(&subject) {
            Arc::clone(known)
        } else {
            let value = Arc::new(self.scope.resolve(&subject, &at, self.world)?);
            self.resolved.insert(subject, Arc::clone(&value));
            value
        };
        let rest = operators.get(used..).unwrap_or_default();
        let mut value = self.walk(Cow::Borrowed(&whole), rest)?;
        let text = self.written(&at);
        value.via = value.via.through(Reference { text, origin: at });
        Ok(value)
    }

    /// Follows operators from a value.
    pub(super) fn walk(&mut self, start: Cow<'_, Typed>, operators: &Operators) -> Outcome {
        let mut value = start;
        let mut rest = operators;
        while let Some((operator, after)) = rest.split_first() {
            let at = self.origin(operator);
            self.spend(1, &at)?;
            value = match operator.value() {
                TraversalOperator::GetAttr(name) => self.attribute(value, name, &at)?,
                TraversalOperator::LegacyIndex(index) => {
                    let index = usize::try_from(*index.value()).unwrap_or(usize::MAX);
                    let key = Typed::number(super::Number::from_usize(index), at.clone());
                    self.index(value, &key, &at)?
                }
                TraversalOperator::Index(key) => {
                    let key = self.eval(key)?;
                    self.index(value, &key, &at)?
                }
                TraversalOperator::FullSplat(_) => {
                    return self.splat(&value, after, &at);
                }
                TraversalOperator::AttrSplat(_) => {
                    let attribute = |it: &&Decorated<TraversalOperator>| {
                        matches!(it.value(), TraversalOperator::GetAttr(_))
                    };
                    let count = after.iter().take_while(attribute).count();
                    let (each, later) = after.split_at(count);
                    rest = later;
                    value = Cow::Owned(self.splat(&value, each, &at)?);
                    continue;
                }
            };
            rest = after;
        }
        let weight = value.weight();
        if let Some(last) = operators.last() {
            let at = self.origin(last);
            self.spend_size(weight, &at)?;
        } else {
            let at = value.origin.clone();
            self.spend_size(weight, &at)?;
        }
        Ok(value.into_owned())
    }

    /// `[*]` and `.*`: each item of a list, or the one value as a list; nothing for null.
    fn splat(&mut self, source: &Typed, each: &Operators, at: &Origin) -> Outcome {
        use crate::hcl::typed::{Element, Sequence, SequenceKind};
        let sequence = match &source.data {
            Data::Null(_) => return Ok(Typed::tuple([], at.clone())),
            // A whole resource or module: an object, and no list.
            Data::Unknown(_, crate::hcl::types::Type::Object(_)) => {
                let only = self.walk(Cow::Borrowed(source), each)?;
                return Ok(Typed::tuple([only], at.clone()));
            }
            Data::Unknown(..) => {
                let kind = crate::hcl::types::Type::Dynamic;
                return Ok(self.derive("[*]", &[source], kind, at.clone()));
            }
            Data::Sequence(it) => it,
            _ => {
                let only = self.walk(Cow::Borrowed(source), each)?;
                return Ok(Typed::tuple([only], at.clone()));
            }
        };
        let mut items = Vec::with_capacity(sequence.items.len());
        for item in &sequence.items {
            let value = self.walk(Cow::Borrowed(&item.value), each)?;
            let presence = item.presence;
            items.push(Element { presence, value });
        }
        let kind = match &sequence.kind {
            SequenceKind::Tuple => SequenceKind::Tuple,
            SequenceKind::List(of) | SequenceKind::Set(of) => {
                let of = items.first().map_or(of.clone(), |item| item.value.ty());
                SequenceKind::List(of)
            }
        };
        let data = Data::Sequence(Sequence {
            kind,
            items,
            rest: sequence.rest.clone(),
        });
        let mut value = Typed::new(data, source.origin.clone());
        value.via = source.via.clone();
        value.sensitive = source.sensitive;
        Ok(value)
    }
}

/// The subject of a reference and how many operators name it.
fn subject(name: &str, operators: &Operators, at: &Origin) -> Result<(Subject, usize), Problem> {
    let attribute = |at: usize| match operators.get(at).map(Decorated::value) {
        Some(TraversalOperator::GetAttr(name)) => Some(name.to_string()),
        _ => None,
    };
    let one = |make: fn(String) -> Subject| attribute(0).map(|name| (make(name), 1));
    let two = |make: fn(String, String) -> Subject| Some((make(attribute(0)?, attribute(1)?), 2));
    let found = match name {
        "var" => one(Subject::Variable),
        "local" => one(Subject::Local),
        "module" => one(Subject::Module),
        "each" => one(Subject::Each),
        "count" => one(Subject::Count),
        "path" => one(Subject::Path),
        "terraform" | "tofu" => one(Subject::Terraform),
        "data" => two(Subject::Data),
        "ephemeral" => two(Subject::Ephemeral),
        "self" => Some((Subject::This, 0)),
        "resource" => two(Subject::Resource),
        of => attribute(0).map(|name| (Subject::Resource(of.to_owned(), name), 1)),
    };
    found.ok_or_else(|| {
        let message = format!(
            "`{name}` is no complete reference: the name of what it refers to must follow it"
        );
        Problem::new(message, at)
    })
}
