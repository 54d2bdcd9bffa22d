//! `variable` blocks, and how a value becomes the variable's.

use super::constant::Constant;
use super::constraint::Constraint;
use crate::hcl::expr::Run;
use crate::hcl::scope::{Problem, World};
use crate::hcl::syntax::{Block, Expr};
use crate::hcl::typed::{Data, Typed};
use crate::hcl::types::Type;
use crate::source::{Origin, Span};
use crate::value::{Nature, Shape, Symbol};

/// An input variable of a module.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an argument of the block"
)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What its values must be; [`Constraint::Any`] where the type cannot be read.
    pub constraint: Constraint,
    /// `sensitive = true`
    pub sensitive: bool,
    /// False for `nullable = false`: null then stands for the default.
    pub nullable: bool,
    /// `ephemeral = true`
    pub ephemeral: bool,
    /// The block's header.
    pub origin: Origin,
    /// True where the block has a `type`.
    typed: bool,
    default: Default,
    secrets: Vec<Span>,
}

/// What a variable is where no value is given for it.
#[derive(Clone, Debug)]
enum Default {
    /// It must be given one.
    Missing,
    /// This, of the variable's type.
    Value(Typed),
    /// The block has a default that Terraform refuses.
    Wrong(Problem),
}

impl Variable {
    /// Reads a block. What Terraform refuses in it is in the list beside the variable, which does without it.
    pub fn declare(name: &str, block: &Block, world: &mut World<'_>) -> (Self, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut flag = |argument: &str, missing: bool, world: &mut World<'_>| {
            let Some(expr) = block.body.get(argument) else {
                return missing;
            };
            // What cannot be read may be a mark.
            flag(expr, world).unwrap_or_else(|problem| {
                problems.push(problem);
                true
            })
        };
        let sensitive = flag("sensitive", false, world);
        let nullable = flag("nullable", true, world);
        let ephemeral = flag("ephemeral", false, world);
        let of = block.body.get("type");
        let (constraint, holds_values) = match of.map(|of| Constraint::parse(of, world)) {
            Some(Ok(constraint)) => {
                let defaults = constraint.has_defaults();
                (constraint, defaults)
            }
            Some(Err(problem)) => {
                problems.push(problem);
                (Constraint::Any, true)
            }
            None => (Constraint::Any, false),
        };
        let mut variable = Variable {
            name: name.to_owned(),
            constraint,
            sensitive,
            nullable,
            ephemeral,
            origin: block.header.clone(),
            typed: of.is_some(),
            default: Default::Missing,
            secrets: Vec::new(),
        };
        if let Some(expr) = block.body.get("default") {
            variable.default = match variable.read_default(expr, world) {
                Ok(value) => Default::Value(value),
                Err(problem) => {
                    problems.push(problem.clone());
                    Default::Wrong(problem)
                }
            };
        }
        if variable.is_hidden() {
            let written = [block.body.get("default"), of.filter(|_| holds_values)];
            let spans = written.into_iter().flatten().map(|it| it.origin().span());
            variable.secrets = spans.collect();
        }
        (variable, problems)
    }

    fn read_default(&self, expr: &Expr, world: &mut World<'_>) -> Result<Typed, Problem> {
        let value = expr.constant(&mut Constant, world)?;
        if value.is_null() && !self.nullable {
            let message = "the default cannot be null where `nullable` is false";
            return Err(Problem::new(message, &expr.origin()));
        }
        let value = self.constraint.apply(value, world).map_err(|problem| {
            let message = format!(
                "the default of `var.{}` is not of its type: {}",
                self.name, problem.message
            );
            Problem::new(message, &problem.origin)
        })?;
        Ok(value.marked(self.is_hidden()))
    }

    /// The variable's value where the caller gives `given`, or nothing; `call` is the place of the call.
    ///
    /// Null is replaced by the default where `nullable` is false. The result is of the variable's type, and marked where it must not be shown.
    ///
    /// # Errors
    /// Where the value does not suit the type, at the part that does not; where there must be a value and is none; and where the default
    /// that would be taken is wrong, which [`Variable::declare`] said before.
    pub fn accept(
        &self,
        given: Option<Typed>,
        call: &Origin,
        world: &mut World<'_>,
    ) -> Result<Typed, Problem> {
        let Some(given) = given else {
            let missing = || format!("`{}` is required, and no value is given for it", self.name);
            return self.default_or(missing, call);
        };
        let place = given.origin.clone();
        let value = self.constraint.apply(given, world).map_err(|problem| {
            let message = format!(
                "the given value is not suitable for `var.{}`: {}",
                self.name, problem.message
            );
            Problem::new(message, &problem.origin)
        })?;
        if value.is_null() && !self.nullable {
            let missing = || format!("`var.{}` may not be set to null", self.name);
            return self.default_or(missing, &place);
        }
        Ok(value.marked(self.is_hidden()))
    }

    fn default_or(&self, missing: impl Fn() -> String, at: &Origin) -> Result<Typed, Problem> {
        match &self.default {
            Default::Missing => Err(Problem::new(missing(), at)),
            Default::Value(value) => Ok(value.clone()),
            Default::Wrong(problem) => Err(problem.clone()),
        }
    }

    /// The value of a variable of a root module that nobody knows: symbols `var.name`, of an object type one for each attribute.
    ///
    /// It might be null where the variable may be, and with null most configurations fail, so the structure of the type is used.
    pub fn unknown(&self, input: usize, reason: &str, world: &mut World<'_>) -> Typed {
        let mut naming = Naming {
            variable: self,
            input,
            reason,
            world,
        };
        let value = naming.value(&self.constraint, &format!("var.{}", self.name));
        value.marked(self.is_hidden())
    }

    /// True where there is a default; a wrong one counts.
    pub fn has_default(&self) -> bool {
        !matches!(self.default, Default::Missing)
    }

    /// True where the values must never be shown.
    pub fn is_hidden(&self) -> bool {
        self.sensitive || self.ephemeral
    }

    /// True where a value from the command line or the environment is a text and no expression.
    pub fn takes_text(&self) -> bool {
        !self.typed || self.constraint.is_primitive()
    }

    /// Where the block holds values that must never be shown: its default, and those of optional attributes.
    pub fn secret_spans(&self) -> &[Span] {
        &self.secrets
    }
}

/// Makes names for what is not known of a variable.
struct Naming<'n, 'w> {
    variable: &'n Variable,
    input: usize,
    reason: &'n str,
    world: &'n mut World<'w>,
}

impl Naming<'_, '_> {
    fn value(&mut self, of: &Constraint, path: &str) -> Typed {
        let origin = self.variable.origin.clone();
        match of {
            Constraint::Object(members) => {
                let mut out = Vec::with_capacity(members.len());
                for (name, member) in members {
                    let value = self.value(&member.of, &format!("{path}.{name}"));
                    out.push((name.clone(), value));
                }
                Typed::object(out, origin)
            }
            Constraint::Tuple(items) => {
                let mut out = Vec::with_capacity(items.len());
                for (index, of) in items.iter().enumerate() {
                    out.push(self.value(of, &format!("{path}[{index}]")));
                }
                Typed::tuple(out, origin)
            }
            _ => {
                let shape = match of {
                    Constraint::Bool => Shape::Bool,
                    Constraint::Number => Shape::Number,
                    _ => Shape::Text,
                };
                let symbol = self.world.symbols.intern(Symbol {
                    key: format!("in{}:{path}", self.input),
                    name: path.to_owned(),
                    shape,
                    nature: Nature::Named,
                    reason: self.reason.to_owned(),
                    supply: Some(format!("--var {}=VALUE", self.variable.name)),
                });
                Typed::unknown(symbol, of.ty(), origin)
            }
        }
    }
}

/// `true`, `false`, or a text of it.
fn flag(expr: &Expr, world: &mut World<'_>) -> Result<bool, Problem> {
    let value = expr.constant(&mut Constant, world)?;
    let at = value.origin.clone();
    let file = world.sources.file_of(at.span());
    let mut scope = Constant;
    let value = Run::new(file, &mut scope, world).convert(value, &Type::Bool, &at)?;
    match value.data {
        Data::Bool(it) => Ok(it),
        _ => Err(Problem::new("`true` or `false` is required", &at)),
    }
}
