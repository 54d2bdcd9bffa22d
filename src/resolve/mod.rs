//! From modules and plans to the [`Model`]: links, effective policies, requests and their verdicts.

mod assume;
mod bucket;
mod change;
mod context;
mod declared;
mod delivery;
mod document;
mod expect;
mod given;
mod grant;
mod identity;
mod identity_link;
mod index;
mod join;
mod judge;
mod keys;
mod link;
mod lockout;
mod manifest;
mod named;
mod names;
mod order;
mod outside;
mod policies;
mod reader;
mod scope;
mod separate;
mod settle;
mod size;
mod subject;
mod tower;
mod trust;
mod trusted;
mod unify;
mod world;

pub use declared::{KeyPolicy, Reader, Via};
pub use join::join;
pub use settle::settle;

use crate::config::Expectation;
use crate::input::{Document, Given, Homes, MissingModule, RemoteModule};
use crate::model::{Input, Key, LinkStatus, Model, PolicyState, RemoteFiles, Subject};
use crate::policy::Verdict;
use crate::source::SourceMap;
use crate::value::Symbols;

use index::Index;

/// What the user supplies that the inputs do not hold.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// True where the findings before the plans are wanted, too (`--changed-only`).
    pub compare: bool,
    /// Accounts and regions.
    pub given: Given,
    /// Who must be able to read: `--reader ARN`, and those of the configuration file.
    pub readers: Vec<Reader>,
    /// What the requests of all of them carry: `--reader-context KEY=VALUE`
    pub reader_context: Vec<(String, String)>,
    /// `--control-tower KEY`: the address, alias or ARN of a key that a landing zone outside the inputs uses
    pub control_tower: Vec<String>,
    /// The policies of keys outside the inputs: `--key-policy ARN=FILE`.
    pub key_policies: Vec<KeyPolicy>,
    /// What the user's file expects of keys.
    pub expectations: Vec<Expectation>,
    /// Accounts and organizations that are meant to use the keys.
    pub trusted: Trusted,
}

/// Whom the user trusts with the keys.
#[derive(Clone, Debug, Default)]
pub struct Trusted {
    /// `--trusted-account ID`
    pub accounts: Vec<String>,
    /// `--trusted-organization ID`
    pub organizations: Vec<String>,
}

/// An input that was read, with the name that reports show.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// As the user named it.
    pub path: String,
    /// What it says.
    pub document: Document,
}

/// What the provider configurations of a plan give, for whoever evaluates its sources.
pub fn homes(input: usize, plan: &Document, symbols: &mut Symbols, options: &Options) -> Homes {
    let index = Index::new(plan);
    scope::homes(input, plan, &index, symbols, options)
}

/// The inputs with their look-ups.
#[derive(Clone, Copy)]
struct Inputs<'a> {
    loaded: &'a [Loaded],
    index: &'a [Index<'a>],
    options: &'a Options,
}

/// The tables that grow while the model is built.
struct Tables<'t> {
    symbols: &'t mut Symbols,
    sources: &'t mut SourceMap,
}

/// Puts the inputs together and decides every requirement. `loaded[i]` is the input with the id `in<i>`.
pub fn model(
    loaded: &[Loaded],
    mut symbols: Symbols,
    sources: &mut SourceMap,
    options: &Options,
) -> Model {
    let standing = world::standing(loaded);
    let world = world::settle(&standing);
    let loaded = &*world.loaded;
    let index: Vec<Index<'_>> = loaded
        .iter()
        .map(|loaded| Index::new(&loaded.document))
        .collect();
    let inputs = Inputs {
        loaded,
        index: &index,
        options,
    };
    let scopes = scope::Scopes::new(loaded, &index, &mut symbols, options);
    let mut tables = Tables {
        symbols: &mut symbols,
        sources: &mut *sources,
    };
    let mut model = judged(inputs, &scopes, &mut tables);
    for reading in &world.readings {
        let loaded = &*reading.of(loaded);
        let index: Vec<Index<'_>> = loaded.iter().map(|it| Index::new(&it.document)).collect();
        let other = Inputs {
            loaded,
            index: &index,
            options,
        };
        let other = judged(other, &scopes, &mut tables);
        world::disagree(&mut model, &other, reading);
    }
    model.trust = trusted::trust(&model, &scopes, options);
    change::compare(&mut model, inputs, &scopes, &mut tables);
    model.symbols = symbols;
    for (at, input) in model.inputs.iter_mut().enumerate() {
        input.notes.extend(scopes.notes(at).cloned());
        let left_out = world.notes.iter().filter(|(of, _)| *of == at);
        input.notes.extend(left_out.map(|(_, note)| note.clone()));
    }
    for (at, note) in outside::unused(&options.key_policies, &model.keys, sources) {
        if let Some(input) = model.inputs.get_mut(at) {
            input.notes.push(note);
        }
    }
    if let Some(input) = model.inputs.first_mut() {
        input.notes.extend(given::unused(options, &scopes));
    }
    model.not_seen = not_seen(&model);
    model
}

/// Keys, subjects and verdicts of one time. The symbols stay in the tables.
fn judged(inputs: Inputs<'_>, scopes: &scope::Scopes, tables: &mut Tables<'_>) -> Model {
    let linker = link::Linker::new(inputs.loaded, inputs.index, scopes);
    let buckets = bucket::Buckets::new(inputs, &linker);
    let mut keys = keys::collect(inputs, scopes, &linker, tables);
    let identities = if inputs.options.readers.is_empty() {
        // Nobody asks for them.
        identity::Identities::default()
    } else {
        identity::Identities::new(inputs, scopes, &linker)
    };
    let from = subject::Subjects {
        inputs,
        scopes,
        linker: &linker,
        buckets: &buckets,
        identities: &identities,
    };
    lockout::judge(&from, &mut keys, tables);
    let subjects = subject::collect(&from, &mut keys, tables);
    let orders = order::of_trails(inputs, &linker, &keys, &subjects);
    let expecting = expect::Expecting {
        inputs,
        from: &from,
        keys: &keys.list,
        subjects: &subjects,
    };
    let expected = expecting.judge(tables);
    let (assumptions, conflicts) = assume::together(&subjects);
    let loaded = inputs.loaded.iter().enumerate();
    Model {
        inputs: loaded
            .map(|(at, loaded)| input(at, loaded, tables.sources))
            .collect(),
        keys: keys.list,
        subjects,
        assumptions,
        orders,
        conflicts,
        expectations: expected.judged,
        unmatched: expected.unmatched,
        ..Model::default()
    }
}

fn input(at: usize, loaded: &Loaded, sources: &SourceMap) -> Input {
    let document = &loaded.document;
    let remote = |module: &RemoteModule| RemoteFiles {
        module: module.clone(),
        files: sources.below(&module.folder),
    };
    Input {
        id: format!("in{at}"),
        path: loaded.path.clone(),
        kind: document.kind,
        terraform_version: document.terraform_version.clone(),
        format_version: document.format_version.clone(),
        complete: document.complete,
        errored: document.errored,
        deferred: document
            .deferred
            .iter()
            .map(|it| (it.address.clone(), it.reason.clone()))
            .collect(),
        notes: document
            .notes
            .iter()
            .map(|note| note.message.clone())
            .chain(missing(&document.missing))
            .collect(),
        sources: document.sources.clone(),
        unreadable: document.unreadable.clone(),
        differences: document.differences.clone(),
        remote: document.remote.iter().map(remote).collect(),
        missing: document.missing.clone(),
    }
}

/// What is not there of the modules, each remedy once.
fn missing(modules: &[MissingModule]) -> Vec<String> {
    let mut remedies: Vec<(&str, Vec<&str>)> = Vec::new();
    for it in modules.iter().filter(|it| !it.refused) {
        match remedies.iter_mut().find(|(help, _)| *help == it.help) {
            Some((_, reasons)) if reasons.contains(&it.reason.as_str()) => {}
            Some((_, reasons)) => reasons.push(&it.reason),
            None => remedies.push((&it.help, vec![&it.reason])),
        }
    }
    let told = |(help, reasons): (&str, Vec<&str>)| {
        let shown: Vec<&str> = reasons.iter().copied().take(3).collect();
        let more = match reasons.len() - shown.len() {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        format!(
            "{}{more}: nothing in there is checked; {help}",
            shown.join("; ")
        )
    };
    remedies.into_iter().map(told).collect()
}

/// What could change an answer and was not looked at, in two lines at most.
fn not_seen(model: &Model) -> Vec<String> {
    let mut lines = Vec::new();
    let linked = |subject: &&Subject| {
        matches!(
            subject.link.status,
            LinkStatus::Resolved | LinkStatus::Candidates
        )
    };
    let mut accounts: Vec<String> = Vec::new();
    for subject in model.subjects.iter().filter(linked) {
        for requirement in subject
            .requirements
            .iter()
            .filter(|it| it.verdict == Verdict::Delegated)
        {
            let account = match &requirement.request.principal {
                crate::policy::Caller::Aws(arn) => reader::account_of(arn),
                _ => None,
            };
            // The ARN of a role that this plan makes does not show its account.
            let account =
                account.or_else(|| Some(model.keys.get(requirement.key)?.account.clone()));
            let shown = account.filter(|account| !account.is_sensitive());
            accounts.extend(shown.map(|account| account.show(&model.symbols)));
        }
    }
    accounts.sort();
    accounts.dedup();
    if !accounts.is_empty() {
        lines.push(format!("IAM policies of account {}", accounts.join(", ")));
    }
    if model.subjects.iter().any(|subject| linked(&subject)) {
        let mut line = "SCPs, RCPs, grants, permission boundaries, the bucket policy".to_owned();
        let judged = |key: &Key| key.outside && key.state != PolicyState::External;
        if model.keys.iter().any(judged) {
            line.push_str(", keys outside the inputs but for their policies");
        }
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Origin, Span};

    /// Three reasons are shown, and each of them once; what Terraform refuses is told elsewhere.
    #[test]
    fn each_remedy_is_told_once_with_its_reasons() {
        let module = |(reason, help, refused): (&str, &str, bool)| MissingModule {
            module: "module.m".to_owned(),
            reason: reason.to_owned(),
            help: help.to_owned(),
            call: Origin::new(Span { start: 0, end: 0 }),
            refused,
        };
        let modules = [
            ("no a", "init", false),
            ("no b", "log in", false),
            ("no a", "init", false),
            ("no c", "init", false),
            ("no d", "refuse", true),
            ("no e", "init", false),
            ("no f", "init", false),
        ];
        assert_eq!(
            missing(&modules.map(module)),
            [
                "no a; no c; no e; and 1 more: nothing in there is checked; init",
                "no b: nothing in there is checked; log in"
            ]
        );
        assert!(missing(&[]).is_empty());
    }
}
