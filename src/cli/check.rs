//! `keytrail check`: reads the inputs, judges them together, reports, and decides the exit code.

use std::path::{Path, PathBuf};

use super::args::{CheckArgs, VarArg};
use super::output::{self, Outputs};
use super::own::{self, Own};
use super::sources::{self, Settings};
use super::value::{Color, Scoped, Worth};
use super::world::World;
use super::{FAILED, name_of, read};
use super::{config, key_policy};
use crate::config::Config;
use crate::error::Error;
use crate::hcl::variable::VarArgument;
use crate::hcl::{ModuleTree, Root};
use crate::input::{ConfigResource, Document, Given, InputKind};
use crate::model::{Model, SubjectKind};
use crate::plan;
use crate::report::{Finding, Report, Severity, Unread};
use crate::resolve::{self, Loaded, Options, Reader, Trusted};
use crate::rules::{self, Gate, Selection, Violation};
use crate::snapshot;
use crate::source::{SourceMap, Span};
use crate::value::Symbols;

/// What the command line says of the inputs.
pub(super) struct Reading<'a> {
    pub(super) paths: &'a [PathBuf],
    /// `--source`
    pub(super) source: Option<&'a Path>,
    /// `--no-source`
    pub(super) no_source: bool,
    /// `--root`
    pub(super) root: &'a [PathBuf],
    /// `--var` and `--var-file` in their order.
    pub(super) variables: &'a [VarArg],
    pub(super) given: Given,
    /// True where IAM policies, roles and users are wanted, too.
    pub(super) identities: bool,
}

/// What was read, and what was not.
#[derive(Default)]
pub(super) struct Inputs {
    pub(super) loaded: Vec<Loaded>,
    pub(super) unread: Vec<Unread>,
    pub(super) sources: SourceMap,
    pub(super) symbols: Symbols,
    /// Places whose text must not be shown.
    pub(super) secrets: Vec<Span>,
    /// What the sources were read to, which is not needed any more.
    pub(super) trees: Vec<Root>,
    /// What the user's own rules say of the plans.
    pub(super) own: Own,
}

/// Runs the command. An input that cannot be read is complained of; the others are checked all the same.
pub(super) fn run(args: &CheckArgs, color: Color, world: &mut World) -> Result<u8, Error> {
    let outputs = Outputs::of(&args.format)?;
    let style = world.terminal.style(color, args.quiet);
    let (mut args, mut map) = (args.clone(), SourceMap::new());
    let Some(config) = config::apply(&mut args, &mut map, style, world)? else {
        return Ok(FAILED);
    };
    let args = &args;
    let Inputs {
        loaded,
        unread,
        mut sources,
        symbols,
        secrets,
        trees,
        own,
    } = load(&reading(args), &config, map, world)?;
    for secret in secrets {
        sources.hide(secret);
    }
    let nothing = loaded.is_empty();
    if args.is_changed_only() && !nothing && !loaded.iter().any(is_plan) {
        return Err(Error::new(
            "",
            "`--changed-only` asks what a plan changes, and no input is a plan",
        ));
    }
    let options = Options {
        expectations: config.expectations.clone(),
        key_policies: key_policy::load(&args.key_policy, &mut sources, world)?,
        ..options(args)
    };
    let own = own.place(&loaded, &mut sources)?;
    let mut model = resolve::model(&loaded, symbols, &mut sources, &options);
    own::say_where_not_read(&mut model, &config);
    if let Some(error) = unknown_key(&model) {
        return Err(error);
    }
    let selection = selection(args, &config);
    let violations = if selection.only.is_empty() {
        own.violations()
    } else {
        Vec::new()
    };
    let findings = if args.is_changed_only() {
        changed(&mut model, gate(args), &selection, &violations)
    } else {
        rules::check_with(&model, gate(args), &selection, &violations)
    };
    let trailless = args.requires_trail() && !nothing && !has_trail(&model);
    let unreadable = model.inputs.iter().any(|it| !it.unreadable.is_empty());
    let exit_code = if !unread.is_empty() || unreadable || trailless {
        FAILED
    } else {
        let least = args.fail_on.map_or(Severity::Error, Severity::from);
        u8::from(is_over(&findings, least))
    };
    let report = Report {
        model: &model,
        findings: &findings,
        sources: &sources,
        unread: &unread,
        exit_code,
    };
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

fn is_plan(loaded: &Loaded) -> bool {
    loaded.document.kind == InputKind::Plan
}

/// What the plans make worse. The report says that there is more.
fn changed(
    model: &mut Model,
    gate: Gate,
    selection: &Selection,
    violations: &[Violation<'_>],
) -> Vec<Finding> {
    let (findings, others) = rules::check_changed(model, gate, selection, violations);
    let mut inputs = model.inputs.iter_mut();
    let plan = inputs.find(|it| it.kind == InputKind::Plan);
    if let Some(plan) = plan.filter(|_| others > 0) {
        let were = if others == 1 {
            "1 finding that was there before is".to_owned()
        } else {
            format!("{others} findings that were there before are")
        };
        plan.notes
            .push(format!("{were} left out (`--changed-only`)"));
    }
    findings
}

/// Frees memory while the process goes on, or ends: large trees take their time, for which nobody should wait.
fn drop_aside<T: Send + 'static>(value: T) {
    // Where no thread is to be had, it is dropped here.
    drop(std::thread::Builder::new().spawn(move || drop(value)));
}

fn reading(args: &CheckArgs) -> Reading<'_> {
    Reading {
        paths: &args.paths,
        source: args.source.as_deref(),
        no_source: args.no_source,
        root: &args.root,
        variables: &args.variables,
        given: options(args).given,
        identities: !(args.reader.is_empty() && args.declared.is_empty()),
    }
}

/// Reads the inputs. One that cannot be read is complained of.
pub(super) fn load(
    args: &Reading<'_>,
    config: &Config,
    map: SourceMap,
    world: &mut World,
) -> Result<Inputs, Error> {
    let settings = settings(args, world)?;
    let mut inputs = Inputs {
        sources: map,
        own: Own::of(config),
        ..Inputs::default()
    };
    for path in args.paths {
        let read = if sources::is_sources(path) {
            inputs.sources(path, &settings, world)
        } else {
            inputs.plan(path, args, &settings, world)
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
        args: &Reading<'_>,
        settings: &Settings,
        world: &mut World,
    ) -> Result<(), Error> {
        let name = name_of(path);
        let input = self.loaded.len();
        let bytes = read(path, world)?;
        if snapshot::is_snapshot(&bytes) {
            let (map, symbols) = (&mut self.sources, &mut self.symbols);
            let roots = snapshot::load(&bytes, &name, input, &args.given, map, symbols)?;
            let roots = roots.into_iter();
            self.loaded
                .extend(roots.map(|(path, document)| Loaded { path, document }));
            return Ok(());
        }
        let id = format!("in{input}");
        let load = match args.paths {
            [_] => plan::load,
            _ => plan::load_beside_others,
        };
        let mut document = load(&bytes, &name, &id, &mut self.sources, &mut self.symbols)?;
        if matches!(document.kind, InputKind::Plan | InputKind::State) {
            self.own.read(&bytes, &name, input)?;
        }
        if let Some(folder) = source_of(path, &document, args) {
            let root = sources::root_of(&folder, world, &mut self.sources)?;
            let named = args.source.is_some();
            if named
                || root
                    .tree
                    .as_deref()
                    .is_some_and(|tree| belongs(&document, tree))
            {
                let options = Options {
                    given: args.given.clone(),
                    ..Options::default()
                };
                let homes = resolve::homes(input, &document, &mut self.symbols, &options);
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
fn source_of(path: &Path, document: &Document, args: &Reading<'_>) -> Option<PathBuf> {
    if document.kind != InputKind::Plan || args.no_source {
        return None;
    }
    if let Some(folder) = args.source {
        return Some(folder.to_path_buf());
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

fn settings(args: &Reading<'_>, world: &World) -> Result<Settings, Error> {
    let mut arguments = Vec::new();
    for it in args.variables {
        arguments.push(match it {
            VarArg::Var(it) => VarArgument::Var(it.name.clone(), it.text.clone()),
            VarArg::File(path) => sources::variable_file(path)?,
        });
    }
    Ok(Settings {
        roots: args.root.to_vec(),
        environment: world.terraform_variables(),
        arguments: arguments.into(),
        given: args.given.clone(),
        identities: args.identities,
    })
}

/// The accounts and Regions of the command line.
pub(super) fn given(accounts: &[Scoped], regions: &[Scoped], management: Option<&String>) -> Given {
    let scoped = |values: &[Scoped]| {
        values
            .iter()
            .map(|it| (it.config.clone(), it.value.clone()))
            .collect()
    };
    Given {
        accounts: scoped(accounts),
        regions: scoped(regions),
        management_account: management.cloned(),
    }
}

fn options(args: &CheckArgs) -> Options {
    let management = args.management_account_id.as_ref();
    Options {
        given: given(&args.account_id, &args.region, management),
        readers: {
            let declared = |arn: &&String| args.declared.iter().any(|it| it.arn == **arn);
            let flags = args.reader.iter().filter(|arn| !declared(arn));
            let flags = flags.map(Reader::new);
            flags.chain(args.declared.iter().cloned()).collect()
        },
        reader_context: args.reader_context.clone(),
        control_tower: args.control_tower.clone(),
        key_policies: Vec::new(),
        compare: args.changed_only,
        expectations: Vec::new(),
        trusted: Trusted {
            accounts: args.trusted_account.clone(),
            organizations: args.trusted_organization.clone(),
        },
    }
}

fn selection(args: &CheckArgs, config: &Config) -> Selection {
    Selection {
        only: args.only.clone(),
        enabled: args.enable.clone(),
        disabled: args.disable.clone(),
        levels: config.levels.clone(),
    }
}

fn gate(args: &CheckArgs) -> Gate {
    let usual = if args.is_strict() {
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

/// A key that `--control-tower` names and no input holds.
fn unknown_key(model: &Model) -> Option<Error> {
    let mut zones = model
        .subjects
        .iter()
        .filter(|it| it.synthetic && it.kind == SubjectKind::LandingZone);
    let link = &zones.find(|it| it.link.keys.is_empty())?.link;
    let reason = link
        .reason
        .as_deref()
        .unwrap_or("the inputs hold no such key");
    let mut error = Error::new("", format!("`--control-tower`: {reason}"));
    error.help.clone_from(&link.remedy);
    Some(error)
}

fn has_trail(model: &Model) -> bool {
    model
        .subjects
        .iter()
        .any(|subject| subject.kind == SubjectKind::Trail)
}
