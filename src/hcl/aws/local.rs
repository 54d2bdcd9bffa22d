//! Data sources of the small providers that work without a network: templates, local files, and what only passes a value on.

use std::sync::Arc;

use super::facts::{Facts, text_of};
use crate::hcl::expr::Run;
use crate::hcl::function::{Call, read_base64, read_text, render_template};
use crate::hcl::scope::{Files, Problem, Scope, Subject, World};
use crate::hcl::typed::{Data, Typed};
use crate::source::Origin;

pub(super) fn special(name: &str, facts: &mut Facts<'_, '_>) -> Result<Option<Typed>, Problem> {
    let kind = facts.of.kind().to_owned();
    match (kind.as_str(), name) {
        ("template_file", "rendered") => template(facts),
        ("local_file" | "local_sensitive_file", "content" | "content_base64") => {
            let secret = kind == "local_sensitive_file";
            Ok(file(name, facts)?.map(|value| value.marked(secret)))
        }
        ("null_data_source", "outputs") => facts.argument("inputs"),
        _ => Ok(None),
    }
}

/// The text of `template`, or of the file that `filename` names, with the texts of `vars` (`HashiCorp`, data source `template_file`).
fn template(facts: &mut Facts<'_, '_>) -> Result<Option<Typed>, Problem> {
    let text = match facts.argument("template")? {
        Some(text) => text,
        None => match facts.argument("filename")? {
            Some(name) if name.is_known() => alone(facts, "file", vec![name], read_text)?,
            _ => return Ok(None),
        },
    };
    let mut variables = Vec::new();
    if let Some(vars) = facts.argument("vars")? {
        let Data::Mapping(mapping) = &vars.data else {
            return Ok(None);
        };
        let Some(members) = mapping.complete() else {
            return Ok(None);
        };
        for (name, value) in members {
            let Some(text) = text_of(value) else {
                let message = "a variable of a template is a string";
                return Err(Problem::new(message, &value.origin));
            };
            let value = Typed::text(text, value.origin.clone());
            variables.push((name.clone(), Arc::new(value)));
        }
    }
    if !text.is_known() {
        return Ok(None);
    }
    let render = |run: &mut Run<'_, '_>, call: &Call| render_template(run, call, variables.clone());
    alone(facts, "template_file", vec![text], render).map(Some)
}

fn file(name: &str, facts: &mut Facts<'_, '_>) -> Result<Option<Typed>, Problem> {
    match facts.argument("filename")? {
        Some(path) if path.is_known() => {
            let read = if name == "content" {
                read_text
            } else {
                read_base64
            };
            alone(facts, "file", vec![path], read).map(Some)
        }
        _ => Ok(None),
    }
}

/// Calls a function where no name of the configuration is seen.
fn alone(
    facts: &mut Facts<'_, '_>,
    name: &str,
    values: Vec<Typed>,
    function: impl FnOnce(&mut Run<'_, '_>, &Call) -> Result<Typed, Problem>,
) -> Result<Typed, Problem> {
    let call = Call {
        name: name.to_owned(),
        values,
        at: facts.origin.clone(),
    };
    let file = facts.world.sources.file_of(facts.origin.span());
    let mut scope = Alone {
        files: facts.of.files(),
    };
    let mut run = Run::new(file, &mut scope, facts.world);
    function(&mut run, &call)
}

/// A scope without names.
struct Alone<'f> {
    files: &'f dyn Files,
}

impl Scope for Alone<'_> {
    fn resolve(
        &mut self,
        subject: &Subject,
        at: &Origin,
        _: &mut World<'_>,
    ) -> Result<Typed, Problem> {
        let message =
            format!("`{subject}` is not seen from a template, which has its variables alone");
        Err(Problem::new(message, at))
    }

    fn files(&self) -> &dyn Files {
        self.files
    }
}
