//! Terraform's functions, one row each in [`find`]'s table.
//!
//! A function is pure: of its arguments and the files of the configuration. One that is not (`timestamp`, `uuid`, `bcrypt`) gives an unknown
//! value that has its name.
#![expect(
    clippy::unnecessary_wraps,
    reason = "all functions of the table have one signature"
)]

mod collection;
mod conversion;
mod csv;
mod date;
mod encode;
mod file;
mod format;
mod hash;
mod json;
mod list;
mod network;
mod numeric;
mod pattern;
mod set;
mod table;
mod text;
mod yaml;
mod yaml_scalar;

use super::expr::{Outcome, Run};
use super::scope::Problem;
use super::typed::{Data, SequenceKind, Typed};
use super::types::Type;
use crate::source::Origin;

pub(super) use file::{file as read_text, filebase64 as read_base64, rendered as render_template};
pub(super) use json::{escaped, literal as push_literal};
pub(super) use table::find;

/// A call at work: the arguments are converted, and not null but where the function takes null.
pub(super) struct Call {
    pub(super) name: String,
    pub(super) values: Vec<Typed>,
    pub(super) at: Origin,
}

/// What a parameter takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Takes {
    Text,
    Number,
    Bool,
    /// `list(any)`
    List,
    /// `list(string)`
    Strings,
    /// `set(any)`
    Set,
    /// Anything but null.
    Any,
    /// Anything.
    Nullable,
}

impl Takes {
    pub(super) fn ty(self) -> Type {
        match self {
            Takes::Text => Type::String,
            Takes::Number => Type::Number,
            Takes::Bool => Type::Bool,
            Takes::List => Type::list(Type::Dynamic),
            Takes::Strings => Type::list(Type::String),
            Takes::Set => Type::set(Type::Dynamic),
            Takes::Any | Takes::Nullable => Type::Dynamic,
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy)]
pub(super) struct Function {
    pub(super) takes: &'static [Takes],
    /// How many parameters may follow, as [`Function::more`] says.
    pub(super) optional: usize,
    /// What the parameters take that may follow in any number.
    pub(super) more: Option<Takes>,
    /// What it gives where its arguments are not known.
    pub(super) gives: Takes,
    /// True where it works with arguments that are known in part, and keeps the marks of each part.
    pub(super) parts: bool,
    pub(super) run: fn(&mut Run<'_, '_>, &Call) -> Outcome,
}

impl Call {
    /// The text of an argument; empty where there is none.
    fn text(&self, at: usize) -> String {
        self.values
            .get(at)
            .and_then(Typed::as_text)
            .unwrap_or_default()
    }

    fn value(&self, at: usize) -> Result<&Typed, Problem> {
        self.values
            .get(at)
            .ok_or_else(|| self.wrong("an argument is missing"))
    }

    /// The known items of a list, set or tuple.
    fn items(&self, at: usize) -> Result<Vec<&Typed>, Problem> {
        match &self.value(at)?.data {
            Data::Sequence(it) => Ok(it.items.iter().map(|item| &item.value).collect()),
            _ => Err(self.wrong_at(at, "a list, set or tuple is required")),
        }
    }

    fn integer(&self, at: usize) -> Result<i64, Problem> {
        match self.values.get(at).map(|value| &value.data) {
            Some(Data::Number(number)) if let Some(whole) = number.to_i64() => Ok(whole),
            _ => Err(self.wrong_at(at, "a whole number is required")),
        }
    }

    /// A known text as the result.
    fn string(&self, text: impl Into<String>) -> Typed {
        Typed::string(text, self.at.clone())
    }

    fn strings_list(&self, texts: impl IntoIterator<Item = String>) -> Typed {
        let items = texts.into_iter().map(|text| self.string(text));
        Typed::sequence(SequenceKind::List(Type::String), items, self.at.clone())
    }

    fn bool(&self, value: bool) -> Typed {
        Typed::bool(value, self.at.clone())
    }

    /// The call fails.
    fn wrong(&self, message: impl std::fmt::Display) -> Problem {
        Problem::new(
            format!("call to function `{}` failed: {message}", self.name),
            &self.at,
        )
    }

    /// The call fails because of one argument.
    fn wrong_at(&self, argument: usize, message: impl std::fmt::Display) -> Problem {
        let at = self
            .values
            .get(argument)
            .map_or(&self.at, |value| &value.origin);
        Problem::new(
            format!("invalid argument of function `{}`: {message}", self.name),
            at,
        )
    }

    /// Nobody knows the result, which is made of these arguments.
    fn unknown(&self, run: &mut Run<'_, '_>, kind: Type) -> Typed {
        let all: Vec<&Typed> = self.values.iter().collect();
        run.derive(&self.name, &all, kind, self.at.clone())
    }
}
