//! What is known of an instance, and texts composed of it.

use super::{Instance, partition, table};
use crate::hcl::scope::{Problem, World};
use crate::hcl::typed::{Data, Typed};
use crate::hcl::types::Type;
use crate::input::Mode;
use crate::input::home::{self, Home, Piece, partition_of};
use crate::source::Origin;
use crate::value::{Nature, Part, PartKind, Shape, Symbol, SymbolId, Text};

/// Attributes of one type that are made of each other are no deeper than this.
const DEPTH: usize = 8;

/// The name of an attribute that nobody knows: `in{input}:{address}.{attribute}`.
pub(in crate::hcl) fn symbol(
    name: &str,
    shape: Shape,
    of: &dyn Instance,
    world: &mut World<'_>,
) -> SymbolId {
    let address = of.address();
    let reason = match (of.mode(), name) {
        (_, "key_id" | "target_key_id") => "the sources do not hold the key's id",
        (Mode::Data, _) => "the sources do not hold what the data source finds",
        (Mode::Managed, _) if of.kind().starts_with("random_") => "the apply draws it at random",
        (Mode::Managed, _) => "the sources do not hold what the apply gives the resource",
    };
    world.symbols.intern(Symbol {
        key: format!("in{}:{address}.{name}", of.input()),
        name: format!("{address}.{name}"),
        shape,
        nature: Nature::Named,
        reason: reason.to_owned(),
        supply: None,
    })
}

/// An instance at which attributes are computed.
pub(super) struct Facts<'f, 'w> {
    pub(super) of: &'f mut dyn Instance,
    pub(super) world: &'f mut World<'w>,
    /// Where what is composed is said to be written: the block's header.
    pub(super) origin: Origin,
    home: Option<Home>,
    depth: usize,
}

impl<'f, 'w> Facts<'f, 'w> {
    pub(super) fn new(of: &'f mut dyn Instance, world: &'f mut World<'w>) -> Self {
        let origin = of.origin();
        Facts {
            of,
            world,
            origin,
            home: None,
            depth: 0,
        }
    }

    /// An argument that is configured and not null.
    pub(super) fn argument(&mut self, name: &str) -> Result<Option<Typed>, Problem> {
        let value = self.of.argument(name, self.world)?;
        Ok(value.filter(|value| !value.is_null()))
    }

    /// A string argument that is configured and not null.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<Text>, Problem> {
        Ok(self.argument(name)?.and_then(|value| text_of(&value)))
    }

    /// The known text of a string argument.
    pub(super) fn known(&mut self, name: &str) -> Result<Option<String>, Problem> {
        Ok(self.text(name)?.and_then(|text| text.to_literal()))
    }

    /// Account, region and partition of the instance: its provider's, over which its own `region` is laid (AWS provider 6, Enhanced Region
    /// Support).
    pub(super) fn home(&mut self) -> Result<Home, Problem> {
        if let Some(home) = &self.home {
            return Ok(home.clone());
        }
        let mut home = self.of.home(self.world);
        let regional = table::has_region(self.of.kind());
        if let Some(own) = self.text("region")?.filter(|_| regional) {
            home.region = match (own.to_literal(), own.parts()) {
                (Some(region), _) => {
                    home.partition = partition_of(&region).into();
                    if own.is_sensitive() {
                        Piece::Secret(region)
                    } else {
                        Piece::Known(region)
                    }
                }
                (
                    None,
                    [
                        Part {
                            kind: PartKind::Symbol(id),
                            ..
                        },
                    ],
                ) => Piece::Symbol(*id),
                (None, _) => Piece::Symbol(self.symbol("region", Shape::Region)),
            };
        }
        self.home = Some(home.clone());
        Ok(home)
    }

    /// The account of the organization's management.
    pub(super) fn management(&mut self) -> Piece {
        match self.of.given().management_account.clone() {
            Some(account) => Piece::Known(account),
            None => home::management(self.world.symbols),
        }
    }

    /// The organization that the account belongs to, named as the requests name it.
    pub(super) fn organization(&mut self) -> Result<Text, Problem> {
        let account = self.home()?.account.text(&self.origin);
        let whose = format!("account {}", account.show(self.world.symbols));
        let symbol = self.world.symbols.intern(Symbol {
            key: format!("organization:{whose}:id"),
            name: format!("organization of {whose}"),
            shape: Shape::Name,
            nature: Nature::Named,
            reason: "the inputs do not say which organization the account belongs to".to_owned(),
            supply: None,
        });
        Ok(Text::symbol(symbol, self.origin.clone()))
    }

    /// The symbol of an attribute.
    pub(super) fn symbol(&mut self, name: &str, shape: Shape) -> SymbolId {
        symbol(name, shape, self.of, self.world)
    }

    /// An attribute of which nothing is known but which texts it can hold.
    pub(super) fn unknown(&mut self, name: &str) -> Text {
        let shape = super::shape(self.of.mode(), self.of.kind(), name);
        Text::symbol(self.symbol(name, shape), self.origin.clone())
    }

    /// An attribute that is no string, and of which nothing is known.
    pub(super) fn unknown_of(&mut self, name: &str, shape: Shape, kind: Type) -> Typed {
        let symbol = self.symbol(name, shape);
        Typed::unknown(symbol, kind, self.origin.clone())
    }

    /// A text as the value of an attribute.
    pub(super) fn value(&self, text: Text) -> Typed {
        Typed::text(text, self.origin.clone())
    }

    /// Known text.
    pub(super) fn literal(&self, text: &str) -> Text {
        Text::literal(text, self.origin.clone())
    }

    /// The text of a string attribute: as configured, as computed, else a symbol.
    pub(super) fn attribute(&mut self, name: &str) -> Result<Text, Problem> {
        if let Some(text) = self.text(name)? {
            return Ok(text);
        }
        if self.depth >= DEPTH {
            return Ok(self.unknown(name));
        }
        self.depth += 1;
        let computed = super::special(name, self);
        let computed = match computed {
            Ok(Some(value)) => Ok(text_of(&value)),
            Ok(None) => match table::row(self.of.mode(), self.of.kind(), name) {
                Some(template) => self.compose(template).map(Some),
                None => Ok(None),
            },
            Err(problem) => Err(problem),
        };
        self.depth -= 1;
        Ok(match computed? {
            Some(text) => text,
            None => self.unknown(name),
        })
    }

    /// The text of a template: `arn:{partition}:sns:{region}:{account}:{name}`.
    pub(super) fn compose(&mut self, template: &str) -> Result<Text, Problem> {
        let mut parts: Vec<Part> = Vec::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            push(&mut parts, &self.literal(before));
            push(&mut parts, &self.piece(name)?);
            rest = after;
        }
        push(&mut parts, &self.literal(rest));
        Ok(Text::from_parts(parts))
    }

    fn piece(&mut self, name: &str) -> Result<Text, Problem> {
        let origin = self.origin.clone();
        Ok(match name {
            "partition" => self.home()?.partition.text(&origin),
            "region" => self.home()?.region.text(&origin),
            "account" => self.home()?.account.text(&origin),
            "management" => self.management().text(&origin),
            "organization" => self.organization()?,
            "dns_suffix" => {
                let partition = self.home()?.partition;
                partition::dns_suffix(&partition, self.world.symbols).text(&origin)
            }
            "path" => match self.text("path")? {
                Some(path) => path,
                None => self.literal("/"),
            },
            _ => self.attribute(name)?,
        })
    }
}

/// Appends a text; known pieces of one place are joined.
fn push(parts: &mut Vec<Part>, text: &Text) {
    for part in text.parts() {
        match (&part.kind, parts.last_mut()) {
            (PartKind::Literal(more), _) if more.is_empty() => {}
            (
                PartKind::Literal(more),
                Some(Part {
                    kind: PartKind::Literal(last),
                    origin,
                    sensitive,
                }),
            ) if *sensitive == part.sensitive && origin.span() == part.origin.span() => {
                last.push_str(more);
            }
            _ => parts.push(part.clone()),
        }
    }
}

/// The text of a value that is or becomes a string; none for lists, objects and null.
pub(super) fn text_of(value: &Typed) -> Option<Text> {
    let literal = |text: String| {
        let text = Text::literal(text, value.origin.clone());
        if value.sensitive {
            text.into_sensitive()
        } else {
            text
        }
    };
    match &value.data {
        Data::Text(text) if value.sensitive => Some(text.clone().into_sensitive()),
        Data::Text(text) => Some(text.clone()),
        Data::Number(it) => Some(literal(it.to_string())),
        Data::Bool(it) => Some(literal(it.to_string())),
        Data::Unknown(symbol, Type::String | Type::Dynamic | Type::Number | Type::Bool) => {
            let text = Text::symbol(*symbol, value.origin.clone());
            Some(if value.sensitive {
                text.into_sensitive()
            } else {
                text
            })
        }
        Data::Unknown(..) | Data::Null(_) | Data::Sequence(_) | Data::Mapping(_) => None,
    }
}
