//! Before a plan is read: its text without what nobody asks for, copied out of a file that is never held as a whole.
//!
//! Most of a plan are resources that are not ours, each of them up to four times. The sieve passes over them while the file comes in,
//! and checks on the way that they are JSON. What is left is a plan of the same meaning and a fraction of the size, for the
//! reader to read ([`super::load`]).
//!
//! It judges nothing: whatever it does not know for sure, it leaves to whoever reads the whole text and can say what is wrong with it and where.

mod bytes;
mod halves;
mod whole;

use std::io::{self, Read};
use std::sync::OnceLock;

pub use halves::sift_large;

use self::bytes::{Bytes, Stop, Sure};
use crate::input::Mode;
use crate::input::types::{self, Type};

/// What a value is for, which says what of it is kept.
#[derive(Clone, Copy)]
enum Part {
    /// All of it.
    Whole,
    Nothing,
    /// Nobody knows here what of it is to be read.
    Unknown,
    /// A list of what is not known; most plans have an empty one.
    Unknowns,
    Document,
    Configuration,
    /// A state inside a plan.
    State,
    Values,
    /// A module of a state, and the list of those inside of it.
    Tree,
    Trees,
    /// A module of the configuration, its calls by name, and one of them.
    Module,
    Calls,
    Call,
    /// A list of resources, which are changes, those of a state, or blocks; and one of them.
    Records,
    Record,
    Change(&'static Type),
    /// Values, marks or expressions of a resource.
    Attributes(&'static Type),
    /// The list of the attributes that others are made of, and one of them.
    Relevant,
    Attribute,
}

impl Part {
    /// What the member of that key is for.
    fn member(self, key: &[u8]) -> Part {
        match (self, key) {
            (
                Part::Document,
                b"format_version" | b"terraform_version" | b"complete" | b"errored" | b"version"
                | b"variables" | b"provider_config",
            )
            | (Part::Attribute, b"resource" | b"attribute")
            | (Part::Configuration, b"provider_config")
            | (Part::Tree, b"address")
            | (Part::Module, b"outputs" | b"variables")
            | (
                Part::Call,
                b"source"
                | b"expressions"
                | b"count_expression"
                | b"for_each_expression"
                | b"depends_on",
            )
            | (Part::Change(_), b"actions" | b"importing") => Part::Whole,
            (Part::Document, b"resource_changes") | (Part::Tree | Part::Module, b"resources") => {
                Part::Records
            }
            (Part::Document, b"plan") => Part::Unknown,
            (Part::Document, b"deferred_changes") => Part::Unknowns,
            (Part::Document, b"relevant_attributes") => Part::Relevant,
            (Part::Document, b"prior_state") => Part::State,
            (Part::Document | Part::State, b"values") => Part::Values,
            (Part::Document, b"configuration") => Part::Configuration,
            (Part::Document | Part::Configuration, b"root_module") | (Part::Call, b"module") => {
                Part::Module
            }
            (Part::Values, b"root_module") => Part::Tree,
            (Part::Tree, b"child_modules") => Part::Trees,
            (Part::Module, b"module_calls") => Part::Calls,
            (Part::Calls, _) => Part::Call,
            (
                Part::Change(kind),
                b"before" | b"after" | b"after_unknown" | b"before_sensitive" | b"after_sensitive",
            ) => Part::Attributes(kind),
            (Part::Attributes(kind), key) => match std::str::from_utf8(key) {
                Ok(key) if kind.attribute(key).is_none() => Part::Nothing,
                _ => Part::Whole,
            },
            _ => Part::Nothing,
        }
    }
}

/// The text of a plan or a state without what [`super::load`] passes over; none where that is not sure to mean the same, and the whole text is to be
/// read. Numbers of lines are not those of the file.
///
/// IAM policies, roles and users are left out unless `identities` are asked for, which is where a reader is named.
///
/// # Errors
/// Where the reader fails.
pub fn sift(reader: impl Read, identities: bool) -> io::Result<Option<Vec<u8>>> {
    let mut sieve = Sieve::new(reader, identities);
    match sieve.document() {
        Ok(()) => Ok(sieve.finish()),
        Err(Stop::Unsure | Stop::Cut) => Ok(None),
        Err(Stop::Io(error)) => Err(error),
    }
}

/// The level of the document's list of changes. Other lists of resources lie deeper.
const CHANGES: u32 = 1;

struct Sieve<'c, R> {
    bytes: Bytes<R>,
    identities: bool,
    seen: Seen,
    /// True before the first key of the document.
    begins: bool,
    /// The place of the document's member, or of its change, at which another sieve begins, once it is known.
    cut: Option<&'c OnceLock<Place>>,
}

/// Where a sieve may begin: at a change, or at a member of the document.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Change(u64),
    Member(u64),
}

/// Whether there are `planned_values`, and `resource_changes`.
#[derive(Default)]
struct Seen {
    planned: bool,
    changes: bool,
}

impl<R: Read> Sieve<'_, R> {
    fn new(reader: R, identities: bool) -> Self {
        Sieve {
            bytes: Bytes::new(reader),
            identities,
            seen: Seen::default(),
            begins: false,
            cut: None,
        }
    }

    fn document(&mut self) -> Sure<()> {
        self.begins = true;
        self.object(Part::Document, 0)?;
        if self.begins {
            return Err(Stop::Unsure);
        }
        self.end()
    }

    /// The rest of a document, from one of its members on.
    fn rest_from_member(&mut self) -> Sure<()> {
        self.members(Part::Document, 0, false)?;
        self.end()
    }

    /// The rest of a document, from one of its changes on.
    fn rest_from_change(&mut self) -> Sure<()> {
        self.items(Part::Record, CHANGES)?;
        self.members(Part::Document, 0, true)?;
        self.end()
    }

    fn end(&mut self) -> Sure<()> {
        if self.bytes.end()? {
            Ok(())
        } else {
            Err(Stop::Unsure)
        }
    }

    /// What is left. Without changes the planned values are read.
    fn finish(self) -> Option<Vec<u8>> {
        let read = self.seen.changes || !self.seen.planned;
        read.then_some(self.bytes.kept)
    }

    /// Takes a value, and keeps what of it is wanted.
    fn part(&mut self, part: Part, depth: u32) -> Sure<()> {
        match (part, self.bytes.token()?) {
            (Part::Unknown, _) => Err(Stop::Unsure),
            (Part::Nothing, _) => self.bytes.skip(depth),
            (Part::Whole, _) | (_, b'n') | (Part::Attributes(_), b't' | b'f') => {
                self.bytes.keep(depth)
            }
            (Part::Records, b'[') => self.list(Part::Record, depth),
            (Part::Trees, b'[') => self.list(Part::Tree, depth),
            (Part::Relevant, b'[') => self.list(Part::Attribute, depth),
            (Part::Unknowns, b'[') => self.list(Part::Unknown, depth),
            (Part::Record, b'{') => self.record(depth),
            (Part::Records | Part::Trees | Part::Relevant | Part::Unknowns, _) => Err(Stop::Unsure),
            (_, b'{') => self.object(part, depth),
            // The reader says what it should be.
            _ => Err(Stop::Unsure),
        }
    }

    fn list(&mut self, each: Part, depth: u32) -> Sure<()> {
        self.bytes.open(b'[', depth)?;
        self.items(each, depth)
    }

    fn items(&mut self, each: Part, depth: u32) -> Sure<()> {
        let (mut begun, mut any) = (false, false);
        while self.bytes.goes_on(&mut begun, b']')? {
            if matches!(each, Part::Record) && depth == CHANGES {
                self.stop_at_cut(Place::Change)?;
            }
            let before = self.bytes.kept.len();
            if any {
                self.bytes.kept.push(b',');
            }
            let start = self.bytes.kept.len();
            self.part(each, depth + 1)?;
            if self.bytes.kept.len() == start {
                self.bytes.kept.truncate(before);
            } else {
                any = true;
            }
        }
        self.bytes.kept.push(b']');
        Ok(())
    }

    fn object(&mut self, part: Part, depth: u32) -> Sure<()> {
        self.bytes.open(b'{', depth)?;
        self.members(part, depth, false)
    }

    /// The members of an object, by what each is for, and its end; `any` is true where one was kept before.
    fn members(&mut self, part: Part, depth: u32, mut any: bool) -> Sure<()> {
        let mut begun = any;
        while self.bytes.goes_on(&mut begun, b'}')? {
            if matches!(part, Part::Document) {
                self.stop_at_cut(Place::Member)?;
            }
            let before = self.bytes.kept.len();
            let key = self.bytes.key(any)?;
            let member = part.member(key);
            if matches!(part, Part::Document) {
                // Whatever is no plan and no state begins otherwise: a snapshot does.
                if std::mem::take(&mut self.begins) && key != b"format_version" {
                    return Err(Stop::Unsure);
                }
                self.seen.planned |= key == b"planned_values";
                self.seen.changes |= key == b"resource_changes";
                if matches!(member, Part::Nothing) {
                    // Its keys say what a document is.
                    self.bytes.kept.extend_from_slice(b"null");
                }
            } else if matches!(member, Part::Nothing) {
                self.bytes.kept.truncate(before);
            }
            any |= self.bytes.kept.len() > before;
            self.part(member, depth + 1)?;
        }
        self.bytes.kept.push(b'}');
        Ok(())
    }

    /// Stops where another sieve has begun.
    fn stop_at_cut(&mut self, here: fn(u64) -> Place) -> Sure<()> {
        let Some(cut) = self.cut.and_then(OnceLock::get) else {
            return Ok(());
        };
        self.bytes.token()?;
        if here(self.bytes.place()) == *cut {
            return Err(Stop::Cut);
        }
        Ok(())
    }

    /// A resource, unless it is of a type that nobody reads. Terraform writes its mode and its type before all that is large.
    fn record(&mut self, depth: u32) -> Sure<()> {
        let start = self.bytes.kept.len();
        self.bytes.open(b'{', depth)?;
        let (mut begun, mut any) = (false, false);
        let (mut mode, mut kind) = (None, None);
        while self.bytes.goes_on(&mut begun, b'}')? {
            let key = self.bytes.key(any)?;
            any = true;
            let (is_mode, is_type) = (key == b"mode", key == b"type");
            let part = match (key, kind) {
                (b"change", Some(kind)) => Part::Change(kind),
                (b"values" | b"sensitive_values" | b"expressions", Some(kind)) => {
                    Part::Attributes(kind)
                }
                _ => Part::Whole,
            };
            let value = self.bytes.kept.len();
            self.part(part, depth + 1)?;
            let value = self.bytes.kept.get(value..).unwrap_or_default();
            if is_mode && mode.is_none() && kind.is_none() {
                mode = Some(match value {
                    br#""managed""# => Mode::Managed,
                    br#""data""# => Mode::Data,
                    _ => return Err(Stop::Unsure),
                });
            } else if is_type && let (Some(mode), None) = (mode, kind) {
                let name = value
                    .strip_prefix(b"\"")
                    .and_then(|it| it.strip_suffix(b"\""));
                let name = name.and_then(|it| std::str::from_utf8(it).ok());
                let name = name.filter(|it| !it.contains('\\')).ok_or(Stop::Unsure)?;
                let wanted = self.identities || !types::is_identity(name);
                kind = types::find(mode, name).filter(|_| wanted);
                if kind.is_none() {
                    self.bytes.kept.truncate(start);
                    return self.bytes.rest(depth);
                }
            } else if is_mode || is_type {
                // In another order, or twice.
                return Err(Stop::Unsure);
            }
        }
        self.bytes.kept.push(b'}');
        Ok(())
    }
}

#[cfg(test)]
mod tests;
