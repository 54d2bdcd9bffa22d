//! Function calls: arguments, and the two functions that see expressions instead of values.

use hcl_edit::expr::{Expression, FuncCall};

use super::{Outcome, Run};
use crate::hcl::function::{self, Call, Takes};
use crate::hcl::scope::Problem;
use crate::hcl::typed::{Data, Typed};
use crate::hcl::types::Type;
use crate::source::Origin;

impl Run<'_, '_> {
    pub(super) fn call(&mut self, call: &FuncCall, at: &Origin) -> Outcome {
        if !self.scope.functions() {
            return Err(Problem::new("function calls are not allowed here", at));
        }
        let name = call.name.name.as_str();
        let space: Vec<&str> = call.name.namespace.iter().map(|it| it.as_str()).collect();
        match space.as_slice() {
            [] | ["core"] => {}
            _ => {
                let full = format!("{}::{name}", space.join("::"));
                let reason = "a provider's function: only Terraform can call it";
                return Ok(self.unknowable(&full, reason, Type::Dynamic, at.clone()));
            }
        }
        let arguments: Vec<&Expression> = call.args.iter().collect();
        match name {
            "try" => return self.attempt(&arguments, at),
            "can" => return self.succeeds(&arguments, at),
            _ => {}
        }
        let mut values = Vec::with_capacity(arguments.len());
        for argument in &arguments {
            values.push(self.eval(argument)?);
        }
        let mut sensitive = false;
        if call.args.expand_final()
            && let Some(last) = values.pop()
        {
            sensitive = last.sensitive;
            let Data::Sequence(sequence) = &last.data else {
                return self.expand_unknown(name, values, &last, at);
            };
            let Some(items) = sequence.complete() else {
                return self.expand_unknown(name, values, &last, at);
            };
            values.extend(items.cloned());
        }
        let at = at.clone();
        let call = Call {
            name: name.to_owned(),
            values,
            at,
        };
        Ok(self.apply(call)?.marked(sensitive))
    }

    /// `f(x...)` where nobody knows how many arguments there are.
    fn expand_unknown(
        &mut self,
        name: &str,
        mut values: Vec<Typed>,
        last: &Typed,
        at: &Origin,
    ) -> Outcome {
        match &last.data {
            Data::Unknown(..) | Data::Sequence(_) => {
                values.push(last.clone());
                let all: Vec<&Typed> = values.iter().collect();
                Ok(self.derive(name, &all, Type::Dynamic, at.clone()))
            }
            _ => {
                let message = "the expanding argument (indicated by ...) must be of a tuple, list or set type";
                Err(Problem::new(message, &last.origin))
            }
        }
    }

    /// Checks and converts the arguments, and calls.
    fn apply(&mut self, mut call: Call) -> Outcome {
        let Some(function) = function::find(&call.name) else {
            let message = format!("there is no function named `{}`", call.name);
            return Err(Problem::new(message, &call.at));
        };
        let least = function.takes.len();
        let count = call.values.len();
        if count < least || count > least + function.optional && function.more.is_none() {
            let most = match function.more {
                Some(_) => "or more",
                None if function.optional > 0 => "or one more",
                None => "exactly",
            };
            let message = format!(
                "function `{}` expects {least} arguments {most}, and there are {count}",
                call.name
            );
            return Err(Problem::new(message, &call.at));
        }
        for (index, value) in call.values.iter_mut().enumerate() {
            let takes = function.takes.get(index).copied().or(function.more);
            let takes = takes.unwrap_or(Takes::Any);
            *value = self.argument(
                std::mem::replace(value, Typed::null(call.at.clone())),
                takes,
            )?;
        }
        if function.parts {
            let value = (function.run)(self, &call)?;
            self.spend_size(value.weight(), &call.at)?;
            return Ok(value);
        }
        let sensitive = call.values.iter().any(Typed::is_sensitive);
        if !call.values.iter().all(Typed::is_known) {
            let all: Vec<&Typed> = call.values.iter().collect();
            let kind = function.gives.ty();
            return Ok(self.derive(&call.name, &all, kind, call.at.clone()));
        }
        let value = (function.run)(self, &call)?;
        self.spend_size(value.weight(), &call.at)?;
        Ok(value.marked(sensitive))
    }

    fn argument(&mut self, value: Typed, takes: Takes) -> Outcome {
        let at = value.origin.clone();
        if value.is_null() && takes != Takes::Nullable {
            return Err(Problem::new("argument must not be null", &at));
        }
        self.convert(value, &takes.ty(), &at)
    }

    /// `try(a, b, …)`: the first that has a value. What is not known may yet fail, so only what cannot fail is taken for good.
    fn attempt(&mut self, arguments: &[&Expression], at: &Origin) -> Outcome {
        let mut last = None;
        for (index, argument) in arguments.iter().enumerate() {
            let (doubts, depth) = (self.doubts, self.frames.len());
            match self.eval(argument) {
                Ok(value) if self.doubts == doubts || index + 1 == arguments.len() => {
                    return Ok(value);
                }
                Ok(value) => return Ok(self.derive("try", &[&value], Type::Dynamic, at.clone())),
                Err(problem) => {
                    self.exhausted(problem.clone())?;
                    self.frames.truncate(depth);
                    self.doubts = doubts;
                    last = Some(problem);
                }
            }
        }
        let message = match last {
            Some(last) => format!(
                "no expression succeeded: all the given expressions failed, the last one because: {}",
                last.message
            ),
            None => "at least one argument is required".to_owned(),
        };
        Err(Problem::new(message, at))
    }

    /// `can(a)`: whether it has a value.
    fn succeeds(&mut self, arguments: &[&Expression], at: &Origin) -> Outcome {
        let [argument] = arguments else {
            let message = "function `can` expects exactly 1 argument";
            return Err(Problem::new(message, at));
        };
        let (doubts, depth) = (self.doubts, self.frames.len());
        match self.eval(argument) {
            Ok(value) if self.doubts == doubts => {
                Ok(Typed::bool(true, at.clone()).marked(value.is_sensitive()))
            }
            Ok(value) => Ok(self.derive("can", &[&value], Type::Bool, at.clone())),
            Err(problem) => {
                self.exhausted(problem)?;
                self.frames.truncate(depth);
                self.doubts = doubts;
                Ok(Typed::bool(false, at.clone()))
            }
        }
    }

    /// Passes a problem on that is not the expression's: that the limits are reached.
    fn exhausted(&self, problem: Problem) -> Result<(), Problem> {
        let limits = self.world.limits;
        if self.steps > limits.steps || self.size > limits.size || self.world.is_spent() {
            return Err(problem);
        }
        Ok(())
    }
}
