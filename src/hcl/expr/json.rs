//! Values of JSON files, whose strings are templates.

use std::sync::Arc;

use super::build::Members;
use super::template::Form;
use super::{Outcome, Run};
use crate::hcl::number::Number;
use crate::hcl::scope::Problem;
use crate::hcl::syntax::{JsonExpr, JsonKind, JsonTemplate};
use crate::hcl::typed::Typed;
use crate::source::Origin;

impl Run<'_, '_> {
    /// The value of a JSON value.
    pub(super) fn json(&mut self, value: &JsonExpr) -> Outcome {
        let at = value.origin.clone();
        self.spend(1, &at)?;
        match &value.kind {
            JsonKind::Null => Ok(Typed::null(at)),
            JsonKind::Bool(it) => Ok(Typed::bool(*it, at)),
            JsonKind::Number(it) => {
                let message = "this number is too large to be worked with";
                let number = Number::parse(it).ok_or_else(|| Problem::new(message, &at))?;
                Ok(Typed::number(number, at))
            }
            JsonKind::Literal(text) => {
                self.grow(text.parts(), &at)?;
                Ok(Typed::text(text.clone(), at))
            }
            JsonKind::Template(it) => self.json_template(it, at),
            JsonKind::Broken(message) => Err(Problem::new(message.clone(), &at)),
            JsonKind::Array(items) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    values.push(self.json(item)?);
                }
                Ok(Typed::tuple(values, at))
            }
            JsonKind::Object(members) => {
                let mut out = Members::default();
                for member in members {
                    let key = self.json(&member.key)?;
                    let value = self.json(&member.value)?;
                    self.put(&key, value, &mut out)?;
                }
                Ok(out.into_object(at, self.world))
            }
        }
    }

    fn json_template(&mut self, it: &JsonTemplate, at: Origin) -> Outcome {
        let text = self.world.sources.text(it.file);
        let before = (
            std::mem::replace(&mut self.file, it.file),
            std::mem::replace(&mut self.text, Arc::clone(&text)),
            std::mem::replace(&mut self.base, it.base),
        );
        let value = self.template(&it.template, Form::Lines, at);
        (self.file, self.text, self.base) = before;
        value
    }
}
