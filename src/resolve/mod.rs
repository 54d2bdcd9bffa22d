//! From modules and plans to the [`Model`]: links, effective policies, requests and their verdicts.

mod assume;
mod bucket;
mod context;
mod document;
mod index;
mod join;
mod judge;
mod keys;
mod link;
mod names;
mod reader;
mod scope;
mod separate;
mod subject;
mod unify;

pub use join::join;

use crate::input::{Document, Given, Homes, MissingModule, RemoteModule};
use crate::model::{Input, LinkStatus, Model, RemoteFiles, Subject};
use crate::policy::Verdict;
use crate::source::SourceMap;
use crate::value::Symbols;

use index::Index;

/// What the user supplies that the inputs do not hold.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Accounts and regions.
    pub given: Given,
    /// `--reader ARN`
    pub readers: Vec<String>,
    /// `--reader-context KEY=VALUE`
    pub reader_context: Vec<(String, String)>,
}

/// An input that was read, with the name that reports show.
#[derive(Debug)]
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
    let linker = link::Linker::new(loaded, &index, &scopes);
    let buckets = bucket::Buckets::new(inputs, &linker);
    let mut tables = Tables {
        symbols: &mut symbols,
        sources,
    };
    let mut keys = keys::collect(inputs, &scopes, &linker, &mut tables);
    let from = subject::Subjects {
        inputs,
        scopes: &scopes,
        linker: &linker,
        buckets: &buckets,
    };
    let subjects = subject::collect(&from, &mut keys, &mut tables);
    let (assumptions, conflicts) = assume::together(&subjects);
    let mut model = Model {
        inputs: loaded
            .iter()
            .enumerate()
            .map(|(at, loaded)| input(at, loaded, tables.sources))
            .collect(),
        keys: keys.list,
        subjects,
        symbols,
        assumptions,
        conflicts,
        not_seen: Vec::new(),
    };
    for (at, input) in model.inputs.iter_mut().enumerate() {
        input.notes.extend(scopes.notes(at).cloned());
    }
    model.not_seen = not_seen(&model);
    model
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
    for it in modules {
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
        lines.push("SCPs, RCPs, grants, permission boundaries, the bucket policy".to_owned());
    }
    lines
}
