//! The way from a subject to its key, and out of modules that are not the user's own.

use super::finding::label;
use crate::address::{Address, Step, parse_module_path};
use crate::model::{Key, Link, Model, RemoteFiles};
use crate::report::{Finding, Label};
use crate::source::Span;

/// So many places of a way are labelled.
const MOST: usize = 5;

/// Labels the places between the attribute that names the key and the key, where there are any. Without sources none is known.
pub(super) fn follow(finding: &mut Finding, link: &Link, key: Option<&Key>) {
    let way = &link.way;
    let mut labels: Vec<Label> = way
        .iter()
        .zip(way.iter().skip(1))
        .map(|(named, next)| label(&next.origin, defined(&named.text), false))
        .collect();
    if let Some(key) = key.filter(|_| way.len() > 1) {
        let text = if key.policy_addresses.is_empty() {
            format!("`{}`", key.address)
        } else {
            format!("sets the policy of `{}`", key.address)
        };
        labels.push(label(&key.origin, text, false));
    }
    labels.retain(|new| !finding.labels.iter().any(|old| touch(old.span, new.span)));
    let mut free: Vec<Label> = Vec::new();
    for new in labels {
        if !free.iter().any(|old| touch(old.span, new.span)) {
            free.push(new);
        }
    }
    if free.len() > MOST {
        free.drain(2..free.len() - (MOST - 2));
    }
    finding.labels.append(&mut free);
}

fn touch(one: Span, two: Span) -> bool {
    one.start < two.end && two.start < one.end || one == two
}

/// What stands at the place that a reference leads to.
fn defined(reference: &str) -> String {
    let first = reference.split('.').next().unwrap_or_default();
    match first {
        "local" => format!("`{reference}` is set here"),
        "var" | "module" => format!("`{reference}` is given here"),
        _ => format!("through `{reference}`"),
    }
}

/// Anchors a finding in the user's own configuration: what lies in a module of somebody else is mended at the call of that module.
pub(super) fn anchor(finding: &mut Finding, model: &Model) {
    let Some(at) = finding.labels.iter().position(|it| it.primary) else {
        return;
    };
    let Some(old) = finding.labels.get(at) else {
        return;
    };
    let Some(remote) = remote(old.span, finding, model) else {
        return;
    };
    let mut inside = old.clone();
    inside.primary = false;
    if inside.text.is_empty() || inside.text == "here" {
        "here, in the module".clone_into(&mut inside.text);
    }
    let module = &remote.module;
    let call = label(
        &module.call,
        format!("in what `{}` brings", module.called),
        true,
    );
    finding.labels.remove(at);
    finding.labels.retain(|it| !touch(it.span, call.span));
    finding.labels.splice(0..0, [call, inside]);
}

/// The module that a place lies in, where that is not the user's own. Of several calls of one module the one that the finding is about.
fn remote<'m>(span: Span, finding: &Finding, model: &'m Model) -> Option<&'m RemoteFiles> {
    let holds = |it: &&RemoteFiles| {
        let inside = |file: &Span| file.start <= span.start && span.end <= file.end;
        it.files.iter().any(inside)
    };
    let about: Vec<(&str, Vec<Step>)> = [&finding.key, &finding.subject]
        .into_iter()
        .flatten()
        .filter_map(|id| {
            let (input, address) = id.split_once(':')?;
            Some((input, Address::parse(address)?.configuration().module))
        })
        .collect();
    let fits = |it: &RemoteFiles| {
        let own = parse_module_path(&it.module.module).unwrap_or_default();
        about.iter().any(|(_, module)| module.starts_with(&own))
    };
    let own = |id: &str| about.is_empty() || about.iter().any(|(input, _)| *input == id);
    let inputs = model.inputs.iter().filter(|it| own(&it.id));
    let all: Vec<&RemoteFiles> = inputs.flat_map(|it| &it.remote).filter(holds).collect();
    let best = all.iter().copied().find(|it| fits(it));
    best.or_else(|| all.first().copied())
}
