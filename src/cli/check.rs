//! `keytrail check`: reads the inputs, judges them together, reports, and decides the exit code.

use std::path::{Path, PathBuf};

use super::args::{CheckArgs, VarArg};
use super::output::{self, Outputs};
use super::sources::{self, Settings};
use super::value::{Color, Scoped, Worth};
use super::world::World;
use super::{FAILED, name_of, read};
use crate::error::Error;
use crate::hcl::variable::VarArgument;
use crate::hcl::{ModuleTree, Root};
use crate::input::{ConfigResource, Document, Given, InputKind};
use crate::model::{Model, SubjectKind};
use crate::plan;
use crate::report::{Finding, Report, Severity, Unread};
use crate::resolve::{self, Loaded, Options};
use crate::rules::{self, Gate};
use crate::source::{SourceMap, Span};
use crate::value::Symbols;

/// What was read, and what was not.
#[derive(Default)]
struct Inputs {
    loaded: Vec<Loaded>,
    unread: Vec<Unread>,
    sources: SourceMap,
    symbols: Symbols,
    /// Places whose text must not be shown.
    secrets: Vec<Span>,
    /// What the sources were read to, which is not needed any more.
    trees: Vec<Root>,
}

/// Runs the command. An input that cannot be read is complained of; the others are checked all the same.
pub(super) fn run(args: &CheckArgs, color: Color, world: &mut World) -> Result<u8, Error> {
    let outputs = Outputs::of(&args.format)?;
    let Inputs {
        loaded,
        unread,
        mut sources,
        symbols,
        secrets,
        trees,
    } = load(args, world)?;
    for secret in secrets {
        sources.hide(secret);
    }
    let nothing = loaded.is_empty();
    let model = resolve::model(&loaded, symbols, &mut sources, &options(args));
    let findings = rules::check(&model, gate(args));
    let trailless = args.require_trail && !nothing && !has_trail(&model);
    let unreadable = model.inputs.iter().any(|it| !it.unreadable.is_empty());
    let exit_code = if !unread.is_empty() || unreadable || trailless {
        FAILED
    } else {
        u8::from(is_over(&findings, args.fail_on.into()))
    };
    let report = Report {
        model: &model,
        findings: &findings,
        sources: &sources,
        unread: &unread,
        exit_code,
    };
    let style = world.terminal.style(color, args.quiet);
    output::write(&report, &outputs, style, nothing, world)?;
    drop_aside((trees, loaded, model, findings, sources));
    if trailless {
        return Err(Error::new(
            "",
            "the inputs hold no trail, and `--require-trail` asks for one",
        ));
    }
    Ok(exit_code)
}

/// Frees memory while the process goes on, or ends: large trees take their time, for which nobody should wait.
fn drop_aside<T: Send + 'static>(value: T) {
    // Where no thread is to be had, it is dropped here.
    drop(std::thread::Builder::new().spawn(move || drop(value)));
}

fn load(args: &CheckArgs, world: &mut World) -> Result<Inputs, Error> {
    let settings = settings(args, world)?;
    let options = options(args);
    let mut inputs = Inputs::default();
    for path in &args.paths {
        let read = if sources::is_sources(path) {
            inputs.sources(path, &settings, world)
        } else {
            inputs.plan(path, args, &settings, &options, world)
        };
        if let Err(error) = read {
            world.complain(&error);
            inputs.unread.push(Unread {
                path: name_of(path),
                problem: error.message,
            });
        }
    }
    Ok(inputs)
}

impl Inputs {
    /// Reads the roots under a folder.
    fn sources(&mut self, path: &Path, settings: &Settings, world: &World) -> Result<(), Error> {
        let roots = sources::roots(path, settings, world, &mut self.sources)?;
        let first = self.loaded.len();
        let (map, symbols) = (&mut self.sources, &mut self.symbols);
        for loaded in sources::evaluate(&roots, first, settings, None, map, symbols) {
            self.secrets.extend(loaded.secrets);
            self.loaded.push(Loaded {
                path: loaded.path,
                document: loaded.document,
            });
        }
        self.trees.extend(roots.into_iter().map(|(_, root)| root));
        Ok(())
    }

    /// Reads a plan or state, and the sources of a plan.
    fn plan(
        &mut self,
        path: &Path,
        args: &CheckArgs,
        settings: &Settings,
        options: &Options,
        world: &mut World,
    ) -> Result<(), Error> {
        let name = name_of(path);
        let input = self.loaded.len();
        let bytes = read(path, world)?;
        let id = format!("in{input}");
        let mut document = plan::load(&bytes, &name, &id, &mut self.sources, &mut self.symbols)?;
        if let Some(folder) = source_of(path, &document, args) {
            let root = sources::root_of(&folder, world, &mut self.sources)?;
            let named = args.source.is_some();
            if named
                || root
                    .tree
                    .as_deref()
                    .is_some_and(|tree| belongs(&document, tree))
            {
                let homes = resolve::homes(input, &document, &mut self.symbols, options);
                let named = [(folder.display().to_string(), root)];
                let plan = Some((&document, &homes));
                let (map, symbols) = (&mut self.sources, &mut self.symbols);
                for written in sources::evaluate(&named, input, settings, plan, map, symbols) {
                    self.secrets.extend(written.secrets);
                    document.sources = Some(written.path);
                    resolve::join(&mut document, &written.document, &self.sources, symbols);
                }
            }
        }
        self.loaded.push(Loaded {
            path: name,
            document,
        });
        Ok(())
    }
}

/// The folder that may hold the sources of a plan: the one that is named, or the plan's own.
fn source_of(path: &Path, document: &Document, args: &CheckArgs) -> Option<PathBuf> {
    if document.kind != InputKind::Plan || args.no_source {
        return None;
    }
    if let Some(folder) = &args.source {
        return Some(folder.clone());
    }
    let own = if path == Path::new("-") {
        Path::new("")
    } else {
        path.parent()?
    };
    let own = if own.as_os_str().is_empty() {
        Path::new(".")
    } else {
        own
    };
    sources::has_configuration(own).then(|| own.to_path_buf())
}

/// True where a plan was made of these sources, as far as the names of its blocks tell.
fn belongs(plan: &Document, tree: &ModuleTree) -> bool {
    let planned = &plan.configuration.root;
    let has = |it: &ConfigResource| {
        let key = (it.mode, it.kind.clone(), it.name.clone());
        tree.source.resources.contains_key(&key)
    };
    let calls = planned.calls.keys();
    let mut calls = calls.filter(|name| !tree.source.calls.contains_key(*name));
    let any = !planned.resources.is_empty() || !planned.calls.is_empty();
    any && planned.resources.iter().all(has) && calls.next().is_none()
}

fn settings(args: &CheckArgs, world: &World) -> Result<Settings, Error> {
    let mut arguments = Vec::new();
    for it in &args.variables {
        arguments.push(match it {
            VarArg::Var(it) => VarArgument::Var(it.name.clone(), it.text.clone()),
            VarArg::File(path) => sources::variable_file(path)?,
        });
    }
    Ok(Settings {
        roots: args.root.clone(),
        environment: world.terraform_variables(),
        arguments: arguments.into(),
        given: options(args).given,
    })
}

fn options(args: &CheckArgs) -> Options {
    let scoped = |values: &[Scoped]| {
        values
            .iter()
            .map(|it| (it.config.clone(), it.value.clone()))
            .collect()
    };
    Options {
        given: Given {
            accounts: scoped(&args.account_id),
            regions: scoped(&args.region),
            management_account: args.management_account_id.clone(),
        },
        readers: args.reader.clone(),
        reader_context: args.reader_context.clone(),
    }
}

fn gate(args: &CheckArgs) -> Gate {
    let usual = if args.strict {
        Gate {
            undecided: Some(Severity::Error),
            conditional: Some(Severity::Error),
            delegated: Some(Severity::Error),
        }
    } else {
        Gate::default()
    };
    let worth = |said: Option<Worth>, usual| said.map_or(usual, Option::<Severity>::from);
    Gate {
        undecided: worth(args.undecided, usual.undecided),
        conditional: worth(args.conditional, usual.conditional),
        delegated: worth(args.delegated, usual.delegated),
    }
}

fn is_over(findings: &[Finding], least: Severity) -> bool {
    findings.iter().any(|finding| finding.severity >= least)
}

fn has_trail(model: &Model) -> bool {
    model
        .subjects
        .iter()
        .any(|subject| subject.kind == SubjectKind::Trail)
}
