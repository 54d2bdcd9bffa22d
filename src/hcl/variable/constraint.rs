//! Type constraints: `type = object({ name = string, tags = optional(map(string), {}) })`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::constant::Constant;
use crate::hcl::expr::Run;
use crate::hcl::parse::parse_expression;
use crate::hcl::scope::{Problem, World};
use crate::hcl::syntax::{Expr, Parsed, Part};
use crate::hcl::typed::Typed;
use crate::hcl::types::Type;
use crate::source::Origin;

/// What a variable's `type` asks of its values.
#[derive(Clone, Debug, PartialEq)]
pub enum Constraint {
    /// `any`, or no type at all.
    Any,
    /// `bool`
    Bool,
    /// `number`
    Number,
    /// `string`
    String,
    /// `list(T)`
    List(Box<Constraint>),
    /// `set(T)`
    Set(Box<Constraint>),
    /// `map(T)`
    Map(Box<Constraint>),
    /// `tuple([T, …])`
    Tuple(Vec<Constraint>),
    /// `object({ name = T, … })`
    Object(BTreeMap<String, ObjectMember>),
}

/// An attribute of an object type.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectMember {
    /// Its type.
    pub of: Constraint,
    /// Whether an object must have it.
    pub need: Need,
}

/// Whether an object must have an attribute.
#[derive(Clone, Debug, PartialEq)]
pub enum Need {
    /// It must.
    Required,
    /// `optional(T)`: null where it is missing.
    Optional,
    /// `optional(T, default)`: the default, of the attribute's type, where it is missing or null.
    Default(Typed),
}

impl Constraint {
    /// Reads a `type` argument. Besides what Terraform accepts, types in quotes are read, as Terraform 0.11 and JSON write them.
    ///
    /// # Errors
    /// Where it is no type, and where the default of an optional attribute is not of its type.
    pub fn parse(expr: &Expr, world: &mut World<'_>) -> Result<Self, Problem> {
        if let Some(text) = expr.literal() {
            let inside = quoted(&text, &expr.origin(), world)?;
            return Constraint::whole(&inside, world);
        }
        Constraint::whole(expr, world)
    }

    /// A type that is all of the argument: `list` and `map` may stand alone there.
    fn whole(expr: &Expr, world: &mut World<'_>) -> Result<Self, Problem> {
        match expr.keyword(world.sources).as_deref() {
            Some("list") => Ok(Constraint::List(Box::new(Constraint::Any))),
            Some("map") => Ok(Constraint::Map(Box::new(Constraint::Any))),
            _ => Constraint::read(expr, world),
        }
    }

    fn read(expr: &Expr, world: &mut World<'_>) -> Result<Self, Problem> {
        let at = expr.origin();
        if let Some(word) = expr.keyword(world.sources) {
            return Constraint::of_keyword(&word, &at);
        }
        let Some((name, arguments)) = expr.call(world.sources) else {
            let message =
                "a type is a keyword such as `string` or a constructor such as `list(string)`";
            return Err(Problem::new(message, &at));
        };
        let only = match arguments.as_slice() {
            [only] => Ok(only),
            _ => Err(Problem::new(
                format!("the type constructor `{name}` takes exactly one argument"),
                &at,
            )),
        };
        match name.as_str() {
            "list" => Ok(Constraint::List(Box::new(Constraint::read(only?, world)?))),
            "set" => Ok(Constraint::Set(Box::new(Constraint::read(only?, world)?))),
            "map" => Ok(Constraint::Map(Box::new(Constraint::read(only?, world)?))),
            "tuple" => Constraint::tuple(only?, world),
            "object" => Constraint::object(only?, world),
            "optional" => Err(Problem::new(
                "`optional` is valid only for the attributes of an object type",
                &at,
            )),
            _ => Err(Problem::new(
                format!("`{name}` is no type constructor"),
                &at,
            )),
        }
    }

    fn of_keyword(word: &str, at: &Origin) -> Result<Self, Problem> {
        match word {
            "any" => Ok(Constraint::Any),
            "bool" => Ok(Constraint::Bool),
            "number" => Ok(Constraint::Number),
            "string" => Ok(Constraint::String),
            "list" | "set" | "map" | "tuple" | "object" => {
                let message = format!("the type constructor `{word}` takes exactly one argument");
                Err(Problem::new(message, at))
            }
            _ => Err(Problem::new(format!("`{word}` is no type"), at)),
        }
    }

    fn tuple(items: &Expr, world: &mut World<'_>) -> Result<Self, Problem> {
        let Some(items) = items.list(world.sources) else {
            let message = "the type constructor `tuple` takes a list of types";
            return Err(Problem::new(message, &items.origin()));
        };
        let read = |item: &Expr| Constraint::read(item, world);
        Ok(Constraint::Tuple(
            items.iter().map(read).collect::<Result<_, _>>()?,
        ))
    }

    fn object(members: &Expr, world: &mut World<'_>) -> Result<Self, Problem> {
        let Some(members) = members.names(world.sources) else {
            let message =
                "the type constructor `object` takes the names of attributes and their types";
            return Err(Problem::new(message, &members.origin()));
        };
        let mut out = BTreeMap::new();
        for (name, of) in members {
            out.insert(name, ObjectMember::read(&of, world)?);
        }
        Ok(Constraint::Object(out))
    }

    /// The type, without what is said of optional attributes.
    pub fn ty(&self) -> Type {
        match self {
            Constraint::Any => Type::Dynamic,
            Constraint::Bool => Type::Bool,
            Constraint::Number => Type::Number,
            Constraint::String => Type::String,
            Constraint::List(of) => Type::list(of.ty()),
            Constraint::Set(of) => Type::set(of.ty()),
            Constraint::Map(of) => Type::map(of.ty()),
            Constraint::Tuple(items) => Type::Tuple(items.iter().map(Constraint::ty).collect()),
            Constraint::Object(members) => {
                let member = |(name, it): (&String, &ObjectMember)| (name.clone(), it.of.ty());
                Type::Object(members.iter().map(member).collect())
            }
        }
    }

    /// True for strings, numbers and booleans: values from the command line are then taken as they are.
    pub fn is_primitive(&self) -> bool {
        matches!(
            self,
            Constraint::Bool | Constraint::Number | Constraint::String
        )
    }
}

impl ObjectMember {
    /// `T`, `optional(T)` or `optional(T, default)`
    fn read(expr: &Expr, world: &mut World<'_>) -> Result<Self, Problem> {
        let call = expr.call(world.sources);
        let Some((_, arguments)) = call.filter(|(name, _)| name == "optional") else {
            let of = Constraint::read(expr, world)?;
            let need = Need::Required;
            return Ok(ObjectMember { of, need });
        };
        let (of, default) = match arguments.as_slice() {
            [of] => (of, None),
            [of, default] => (of, Some(default)),
            _ => {
                let message = "`optional` takes the attribute's type, and perhaps a default value";
                return Err(Problem::new(message, &expr.origin()));
            }
        };
        let of = Constraint::read(of, world)?;
        let need = match default {
            None => Need::Optional,
            Some(default) => Need::Default(of.default(default, world)?),
        };
        Ok(ObjectMember { of, need })
    }
}

impl Constraint {
    /// The default of an attribute of this type: converted before the defaults inside are put in, so that it may leave them out.
    fn default(&self, expr: &Expr, world: &mut World<'_>) -> Result<Typed, Problem> {
        let value = expr.constant(&mut Constant, world)?;
        let file = world.sources.file_of(value.span());
        let mut scope = Constant;
        let mut run = Run::new(file, &mut scope, world);
        let unsuitable = |problem: Problem| {
            let message = format!(
                "this default is not of the attribute's type: {}",
                problem.message
            );
            Problem::new(message, &problem.origin)
        };
        let value = self.convert(value, &mut run).map_err(unsuitable)?;
        let value = self.fill(value, &mut run)?;
        self.convert(value, &mut run).map_err(unsuitable)
    }
}

/// The expression that a text in quotes is; its places are those of the text, which is a part of the file.
fn quoted(text: &str, at: &Origin, world: &mut World<'_>) -> Result<Expr, Problem> {
    let name = world.sources.name(world.sources.file_of(at.span())).0;
    let name = name.to_owned();
    let file = world
        .sources
        .add_part(name, "type", text, false)
        .map_err(|error| Problem::new(error.to_string(), at))?;
    let expression = parse_expression(text).map_err(|problem| Problem::new(problem.message, at))?;
    let origin = Origin::new(world.sources.whole(file));
    let part = Part {
        expression,
        base: 0,
    };
    let parsed = Parsed {
        part,
        file,
        pieces: Arc::default(),
    };
    Ok(Expr::hcl(parsed, origin))
}
