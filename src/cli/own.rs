//! Rules of the user's own: what they read of the plans, and where what they find is written.

use crate::config::{Config, CustomRule};
use crate::error::Error;
use crate::input::InputKind;
use crate::model::Model;
use crate::plan;
use crate::resolve::Loaded;
use crate::rules::Violation;
use crate::rules::custom::{self, Breach};
use crate::source::{Origin, SourceMap};

/// The rules, and what they found.
#[derive(Default)]
pub(super) struct Own {
    rules: Vec<CustomRule>,
    found: Vec<Found>,
}

struct Found {
    /// The index of the rule.
    rule: usize,
    /// The index of the input.
    input: usize,
    breach: Breach,
    address: String,
    header: String,
    at: Option<Origin>,
}

impl Own {
    /// The rules of a configuration, which have found nothing yet.
    pub(super) fn of(config: &Config) -> Self {
        Own {
            rules: config.rules.clone(),
            found: Vec::new(),
        }
    }

    /// Asks every rule of every resource of a plan or a state. It is read a second time only where there are rules.
    pub(super) fn read(&mut self, bytes: &[u8], name: &str, input: usize) -> Result<(), Error> {
        if self.rules.is_empty() {
            return Ok(());
        }
        for planned in plan::every(bytes, name)? {
            for (rule, it) in self.rules.iter().enumerate() {
                if let Some(breach) = custom::judge(it, &planned) {
                    self.found.push(Found {
                        rule,
                        input,
                        breach,
                        address: planned.address.clone(),
                        header: planned.header.clone(),
                        at: None,
                    });
                }
            }
        }
        Ok(())
    }

    /// Finds the place of each resource. One of a type that keytrail does not read has a text of its own, as no input holds its lines.
    pub(super) fn place(
        mut self,
        loaded: &[Loaded],
        sources: &mut SourceMap,
    ) -> Result<Self, Error> {
        for found in &mut self.found {
            let Some(input) = loaded.get(found.input) else {
                continue;
            };
            let mut resources = input.document.resources.iter();
            let same = |address: String| address == found.address;
            let known = resources.find(|it| same(it.address.to_string()));
            if let Some(resource) = known {
                found.at = Some(resource.origin.clone());
                continue;
            }
            let (address, header) = (found.address.clone(), found.header.clone());
            let part = sources.add_part(&input.path, address, header, false);
            let part = part.map_err(|error| Error::new(&input.path, error.to_string()))?;
            found.at = Some(Origin::new(sources.whole(part)));
        }
        Ok(self)
    }

    /// What was found, with its places.
    pub(super) fn violations(&self) -> Vec<Violation<'_>> {
        let violation = |found: &Found| {
            Some(Violation {
                rule: self.rules.get(found.rule)?,
                breach: found.breach.clone(),
                address: found.address.clone(),
                at: found.at.clone()?,
            })
        };
        self.found.iter().filter_map(violation).collect()
    }
}

/// Says of which inputs the rules saw nothing.
pub(super) fn say_where_not_read(model: &mut Model, config: &Config) {
    let rules = match config.rules.as_slice() {
        [] => return,
        [rule] => format!("the rule `{}` reads", rule.id.value),
        many => format!("the {} rules of the configuration file read", many.len()),
    };
    for input in &mut model.inputs {
        if !matches!(input.kind, InputKind::Plan | InputKind::State) {
            let note = format!("{rules} plans and states, and nothing of this input; give a plan");
            input.notes.push(note);
        }
    }
}
