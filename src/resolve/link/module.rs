//! References that leave a module: by its outputs into what it calls, by its variables to what calls it.

use super::{Found, Linker, MOST_INSTANCES, Site, pass};
use crate::address::{Key, Segment, Step};
use crate::input::Expression;
use crate::resolve::names::{looks_like_key, walk};
use crate::value::Value;

impl Linker<'_> {
    pub(super) fn output(
        &self,
        site: Site<'_>,
        name: &str,
        key: Option<&Key>,
        output: Option<&str>,
        found: &mut Found,
        depth: usize,
    ) {
        let Some(index) = self.index(site.input) else {
            return;
        };
        let bare: Vec<Step> = site
            .module
            .iter()
            .cloned()
            .chain([Step {
                name: name.to_owned(),
                key: None,
            }])
            .collect();
        let Some(module) = index.module(&bare) else {
            found.open.push(format!("module.{name}"));
            return;
        };
        pass(
            found,
            output.map_or(format!("module.{name}"), |output| {
                format!("module.{name}.{output}")
            }),
        );
        let walked = format!(
            "{}|{:?}|{name}|{output:?}|{key:?}|{:?}",
            site.input, site.module, site.pair
        );
        if !found.visited.insert(walked) {
            return;
        }
        let expressions: Vec<&Expression> = match output {
            Some(output) => module.outputs.get(output).into_iter().collect(),
            None => module.outputs.values().collect(),
        };
        let mut steps = index.module_instances(site.module, name);
        if steps.is_empty() {
            // It holds nothing of ours, but its outputs can still name a key.
            steps.push(Step {
                name: name.to_owned(),
                key: None,
            });
        }
        let own = site
            .pair
            .filter(|own| steps.iter().any(|step| step.key.as_ref() == Some(*own)));
        // One that stands for all, where it is not known which there are.
        let named = key.filter(|key| steps.iter().any(|step| step.key.as_ref() == Some(*key)));
        let any = steps
            .iter()
            .find_map(|step| step.key.as_ref().filter(|it| **it == Key::Unknown));
        let key = key.map(|key| named.or(any).unwrap_or(key)).cloned();
        found.unpaired |= key.is_none() && own.is_none() && steps.len() > 1 && site.key.is_some();
        if key.is_none() && own.is_none() && steps.len() > MOST_INSTANCES {
            found.crowd = found.crowd.max(Some(steps.len()));
            return found.open.push(format!("module.{name}"));
        }
        for step in steps {
            let chosen = key.as_ref().or(own);
            if chosen.is_some() && step.key.as_ref() != chosen {
                continue;
            }
            let path: Vec<Step> = site.module.iter().cloned().chain([step]).collect();
            let inner = Site::bare(site.asker, site.input, &path);
            for expression in &expressions {
                self.expression(inner, expression, found, depth);
            }
        }
    }

    pub(super) fn variable(
        &self,
        site: Site<'_>,
        written: &str,
        name: &str,
        path: &[Segment],
        found: &mut Found,
        depth: usize,
    ) {
        let Some((step, outer)) = site.module.split_last() else {
            // A root variable is known: an attribute that is unknown has its value from elsewhere, and one that is known needs no link.
            let value = self
                .inputs
                .get(site.input)
                .and_then(|loaded| loaded.document.variables.get(name));
            let taken = value.and_then(|value| walk(value, path));
            if let Some(text) = taken.and_then(Value::as_str) {
                if looks_like_key(text) {
                    found.secret |= taken.is_some_and(Value::is_sensitive);
                    self.name(site.asker, text, found, depth);
                }
            } else if value.is_none() {
                found.open.push(written.to_owned());
            }
            return;
        };
        let call = self
            .index(site.input)
            .and_then(|index| index.module(outer))
            .and_then(|module| module.calls.get(&step.name));
        let Some(call) = call else {
            return found.open.push(written.to_owned());
        };
        let site = Site {
            asker: site.asker,
            input: site.input,
            module: outer,
            key: step.key.as_ref(),
            pair: None,
            for_each: call.for_each.as_ref(),
            attribute: None,
        };
        match call.expressions.get(name) {
            Some(Expression::Constant(value)) => {
                if let Some(text) = walk(value, path)
                    .and_then(Value::as_str)
                    .filter(|text| looks_like_key(text))
                {
                    found.secret |= value.is_sensitive();
                    self.name(site.asker, text, found, depth);
                }
            }
            Some(Expression::Opaque) => found.open.push(written.to_owned()),
            Some(expression) => {
                let walked = format!(
                    "{}|{:?}|var.{name}|{path:?}",
                    site.input,
                    [outer, std::slice::from_ref(step)]
                );
                if !found.visited.insert(walked) {
                    return;
                }
                pass(
                    found,
                    format!(
                        "{}.{name}",
                        crate::address::module_path(&[outer, std::slice::from_ref(step)].concat())
                    ),
                );
                self.expression(site, expression, found, depth);
            }
            // The default, which is known.
            None => {}
        }
    }
}
