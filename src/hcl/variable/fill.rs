//! Defaults of optional attributes, put into a value before it is converted: `Defaults.Apply` of HCL's `typeexpr`.

use super::constraint::{Constraint, Need, ObjectMember};
use crate::hcl::expr::Run;
use crate::hcl::scope::Problem;
use crate::hcl::typed::{Data, Entry, Mapping, Typed};
use crate::value::Presence;

impl Constraint {
    /// The value with the defaults of all optional attributes that it leaves out or sets to null.
    ///
    /// Null and what is not known stay what they are, and so does what does not fit the constraint: its conversion will say so.
    pub(super) fn fill(&self, mut value: Typed, run: &mut Run<'_, '_>) -> Result<Typed, Problem> {
        if !self.has_defaults() {
            return Ok(value);
        }
        match &mut value.data {
            Data::Sequence(it) => {
                for (index, item) in it.items.iter_mut().enumerate() {
                    if let Some(of) = self.at(index) {
                        let inner = std::mem::replace(&mut item.value, nothing(&value.origin));
                        item.value = of.fill(inner, run)?;
                    }
                }
            }
            Data::Mapping(it) => {
                for (name, entry) in &mut it.entries {
                    if let Some(of) = self.under(name) {
                        let inner = std::mem::replace(&mut entry.value, nothing(&value.origin));
                        entry.value = of.fill(inner, run)?;
                    }
                }
                self.complete(&mut value, run)?;
            }
            _ => {}
        }
        Ok(value)
    }

    /// Puts in the defaults of an object's own attributes.
    fn complete(&self, value: &mut Typed, run: &mut Run<'_, '_>) -> Result<(), Problem> {
        let Constraint::Object(members) = self else {
            return Ok(());
        };
        for (name, member) in members {
            let Need::Default(default) = &member.need else {
                continue;
            };
            let Some(found) = missing(value, name, member, run) else {
                continue;
            };
            run.spend_size(default.weight(), &value.origin)?;
            let sensitive = value.sensitive;
            if let Data::Mapping(it) = &mut value.data {
                let hidden = it.entries.get(name).is_some_and(|it| it.value.sensitive);
                let new = found.unwrap_or_else(|| default.clone());
                it.entries
                    .insert(name.clone(), Entry::from(new.marked(sensitive || hidden)));
            }
        }
        Ok(())
    }

    /// The constraint of an item.
    fn at(&self, index: usize) -> Option<&Constraint> {
        match self {
            Constraint::Tuple(items) => items.get(index),
            Constraint::List(of) | Constraint::Set(of) | Constraint::Map(of) => Some(of),
            _ => None,
        }
    }

    /// The constraint of a member.
    fn under(&self, name: &str) -> Option<&Constraint> {
        match self {
            Constraint::Object(members) => members.get(name).map(|it| &it.of),
            Constraint::List(of) | Constraint::Set(of) | Constraint::Map(of) => Some(of),
            _ => None,
        }
    }

    /// True where an attribute has a default, at any depth.
    pub(super) fn has_defaults(&self) -> bool {
        match self {
            Constraint::Any | Constraint::Bool | Constraint::Number | Constraint::String => false,
            Constraint::List(of) | Constraint::Set(of) | Constraint::Map(of) => of.has_defaults(),
            Constraint::Tuple(items) => items.iter().any(Constraint::has_defaults),
            Constraint::Object(members) => members
                .values()
                .any(|it| matches!(it.need, Need::Default(_)) || it.of.has_defaults()),
        }
    }
}

/// Whether the default is to be put in: `Some(None)` where it is, `Some(unknown)` where nobody knows whether the attribute is set.
#[expect(
    clippy::option_option,
    reason = "three answers: leave it, the default, or this"
)]
fn missing(
    value: &Typed,
    name: &str,
    member: &ObjectMember,
    run: &mut Run<'_, '_>,
) -> Option<Option<Typed>> {
    let Data::Mapping(Mapping { entries, rest, .. }) = &value.data else {
        return None;
    };
    match entries.get(name).map(|it| (it.presence, &it.value)) {
        // The unknown rest may hold it.
        None if rest.is_some() => None,
        None | Some((Presence::Absent, _)) => Some(None),
        Some((Presence::Present, it)) if it.is_null() => Some(None),
        Some((Presence::Present, _)) => None,
        Some((Presence::Maybe(_), _)) => Some(Some(either(value, name, member, run))),
    }
}

/// An optional attribute that may or may not be set: it is this or its default, and nobody knows which.
pub(super) fn either(
    whole: &Typed,
    name: &str,
    member: &ObjectMember,
    run: &mut Run<'_, '_>,
) -> Typed {
    let of = member.of.ty();
    run.derive(&format!(".{name}"), &[whole], of, whole.origin.clone())
}

fn nothing(at: &crate::source::Origin) -> Typed {
    Typed::null(at.clone())
}
