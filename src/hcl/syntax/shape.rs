//! What an expression looks like, for the arguments that Terraform reads without evaluating them: the type of a variable.

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey};

use super::expression::{Expr, Form, Parsed};
use crate::hcl::scope::{Problem, Scope, World};
use crate::hcl::typed::Typed;
use crate::source::{SourceMap, parse_json_text};
use crate::value::Value;

impl Expr {
    fn parsed(&self) -> Option<&Parsed> {
        match self.form() {
            Form::Hcl(parsed) => Some(parsed),
            Form::Json(_) | Form::Broken(_) | Form::Late(_) => None,
        }
    }

    /// A single word: `string`.
    pub(in crate::hcl) fn keyword(&self, sources: &SourceMap) -> Option<String> {
        let parsed = self.parsed()?;
        let Expression::Variable(name) = &parsed.part.expression else {
            return None;
        };
        // What `hcl_edit` knows of a name may be rewritten.
        let range = parsed.part.range(name.span());
        sources.text(parsed.file).get(range).map(str::to_owned)
    }

    /// A call, by its name and arguments: `list(string)`.
    pub(in crate::hcl) fn call(&self, sources: &SourceMap) -> Option<(String, Vec<Expr>)> {
        let parsed = self.parsed()?;
        let Expression::FuncCall(call) = &parsed.part.expression else {
            return None;
        };
        if !call.name.namespace.is_empty() || call.args.expand_final() {
            return None;
        }
        let inner = |it| parsed.inner(&parsed.part, it, sources);
        let arguments = call.args.iter().map(inner).collect();
        Some((call.name.name.to_string(), arguments))
    }

    /// The items of a list.
    pub(in crate::hcl) fn list(&self, sources: &SourceMap) -> Option<Vec<Expr>> {
        let parsed = self.parsed()?;
        matches!(parsed.part.expression, Expression::Array(_)).then(|| self.items(sources))
    }

    /// The members of an object whose keys are all bare names.
    pub(in crate::hcl) fn names(&self, sources: &SourceMap) -> Option<Vec<(String, Expr)>> {
        let parsed = self.parsed()?;
        for part in parsed.part.members(&parsed.pieces) {
            let Expression::Object(object) = &part.expression else {
                return None;
            };
            let mut keys = object.iter().map(|it| it.0);
            if !keys.all(|key| matches!(key, ObjectKey::Ident(_))) {
                return None;
            }
        }
        Some(parsed.pairs(sources))
    }

    /// The value where it is read without names and functions: `${` in a JSON string is then text like any other.
    pub(in crate::hcl) fn constant(
        &self,
        scope: &mut dyn Scope,
        world: &mut World<'_>,
    ) -> Result<Typed, Problem> {
        let Form::Json(_) = self.form() else {
            return self.evaluate(scope, world);
        };
        let span = self.origin().span();
        let file = world.sources.file_of(span);
        let base = world.sources.whole(file).start;
        let offset = |at: u32| at.saturating_sub(base) as usize;
        let text = world.sources.text(file);
        let text = text.get(offset(span.start)..offset(span.end));
        let node = parse_json_text(text.unwrap_or_default(), span.start)
            .map_err(|error| Problem::new(error.message, &self.origin()))?;
        Ok(Value::from_json(&node).into())
    }
}
