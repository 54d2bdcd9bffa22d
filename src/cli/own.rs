//! Rules of the user's own: what they read of the plans, and where what they find is written.

use std::collections::BTreeSet;

use crate::config::{Config, CustomRule};
use crate::error::Error;
use crate::input::InputKind;
use crate::model::Model;
use crate::plan;
use crate::report::{Described, text};
use crate::resolve::Loaded;
use crate::rules::Violation;
use crate::rules::custom::{self, Breach};
use crate::source::{Origin, SourceMap};

/// The rules, and what they found.
#[derive(Default)]
pub(super) struct Own {
    rules: Vec<CustomRule>,
    found: Vec<Found>,
    /// The rules that selected something, by index.
    useful: BTreeSet<usize>,
    /// True once a plan or a state was read.
    asked: bool,
}

struct Found {
    /// The index of the rule.
    rule: usize,
    /// The index of the input.
    input: usize,
    breach: Breach,
    worse: Option<Breach>,
    address: String,
    header: String,
    at: Option<Origin>,
}

impl Own {
    /// The rules of a configuration, which have found nothing yet.
    pub(super) fn of(config: &Config) -> Self {
        Own {
            rules: config.rules.clone(),
            ..Own::default()
        }
    }

    /// True where there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Asks every rule of every resource of a plan or a state. It is read a second time only where there are rules.
    pub(super) fn read(&mut self, bytes: &[u8], name: &str, input: usize) -> Result<(), Error> {
        if self.rules.is_empty() {
            return Ok(());
        }
        self.asked = true;
        for planned in plan::every(bytes, name)? {
            for (rule, it) in self.rules.iter().enumerate() {
                let judged = custom::judge(it, &planned);
                if judged.selected {
                    self.useful.insert(rule);
                }
                if let Some(breach) = judged.breach {
                    self.found.push(Found {
                        rule,
                        input,
                        breach,
                        worse: judged.worse,
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

    /// The rules as reports show them.
    pub(super) fn described(&self) -> Vec<Described> {
        let described = |rule: &CustomRule| {
            let mut page = format!("# {}\n\n{}\n", rule.id.value, text::line(&rule.message));
            if let Some(help) = &rule.help {
                page.extend(["\n", &text::line(help), "\n"]);
            }
            page.push_str("\nA rule of `keytrail.toml`.\n");
            Described {
                id: rule.id.value.clone().into(),
                severity: rule.severity,
                summary: text::line(&rule.message).into(),
                page: page.into(),
                url: None,
            }
        };
        self.rules.iter().map(described).collect()
    }

    /// What was found, with its places.
    pub(super) fn violations(&self) -> Vec<Violation<'_>> {
        let violation = |found: &Found| {
            Some(Violation {
                rule: self.rules.get(found.rule)?,
                breach: found.breach.clone(),
                worse: found.worse.clone(),
                address: found.address.clone(),
                at: found.at.clone()?,
            })
        };
        self.found.iter().filter_map(violation).collect()
    }
}

impl Own {
    /// Says which rules selected nothing at all: they may be meant for other plans, or be mistaken.
    pub(super) fn say_what_selects_nothing(&self, model: &mut Model) {
        let idle = self.rules.iter().enumerate();
        let idle = idle.filter(|(at, _)| self.asked && !self.useful.contains(at));
        let names: Vec<String> = idle.map(|(_, it)| format!("`{}`", it.id.value)).collect();
        let note = match names.as_slice() {
            [] => return,
            [one] => format!("the rule {one} selects nothing in the plans and states"),
            [some @ .., last] => format!(
                "the rules {} and {last} select nothing in the plans and states",
                some.join(", ")
            ),
        };
        let read = |kind| matches!(kind, InputKind::Plan | InputKind::State);
        let mut inputs = model.inputs.iter_mut();
        if let Some(input) = inputs.find(|it| read(it.kind)) {
            input.notes.push(note);
        }
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
