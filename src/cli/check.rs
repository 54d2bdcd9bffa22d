//! `keytrail check`: reads the inputs, judges them together, reports, and decides the exit code.

use std::path::{Path, PathBuf};

use super::args::{CheckArgs, GivenArgs, SourceArgs, VarArg};
use super::output::{self, Outputs};
use super::own::{self, Own};
use super::value::{Color, Scoped, Worth};
use super::world::World;
use super::{FAILED, name_of, read, read_plan, stdin_once};
use super::{config, exceptions, files, key_policy};
use crate::config::Config;
use crate::error::Error;
use crate::hcl::variable::VarArgument;
use crate::input::{Given, InputKind};
use crate::load::{Inputs, PlanSources, Settings, folder_of, is_sources, sifted, variable_file};
use crate::model::{Model, SubjectKind};
use crate::parallel;
use crate::report::{self, Files, Finding, Report, Severity, Unread};
use crate::resolve::{self, Loaded, Options, Reader, Trusted};
use crate::rules::{self, Gate, Selection, Violation};
use crate::source::SourceMap;
use crate::suppress;

const NO_TRAIL: &str = "the inputs hold no trail, and `--require-trail` asks for one";

/// What the command line says of the inputs.
pub(super) struct Reading<'a> {
    pub(super) paths: &'a [PathBuf],
    pub(super) sources: &'a SourceArgs,
    pub(super) given: Given,
    /// True where IAM policies, roles and users are wanted, too.
    pub(super) identities: bool,
}

/// What was read, and what was not.
pub(super) struct Read {
    pub(super) inputs: Inputs,
    pub(super) unread: Vec<Unread>,
    /// What the user's own rules say of the plans.
    pub(super) own: Own,
}

const NO_PLAN: &str = "`--changed-only` asks what a plan changes, and no input is a plan";

/// Runs the command. An input that cannot be read is complained of; the others are checked all the same.
pub(super) fn run(args: &CheckArgs, color: Color, world: &mut World) -> Result<u8, Error> {
    let outputs = Outputs::of(&args.format, &args.paths)?;
    let style = world.terminal.style(color, args.quiet);
    let (mut args, mut map) = (args.clone(), SourceMap::new());
    let Some(config) = config::apply(&mut args, &mut map, style, world)? else {
        return Ok(FAILED);
    };
    let args = &args;
    if !args.quiet && !args.no_progress {
        world.progress.begin();
    }
    let exceptions = exceptions::read(args, world)?;
    let policies = args.key_policy.iter().map(|it| it.path.as_path());
    stdin_once(args.paths.iter().map(PathBuf::as_path).chain(policies))?;
    let Read {
        mut inputs,
        unread,
        own,
    } = load(&reading(args), &config, map, world)?;
    inputs.hide();
    let trees = inputs.take_trees();
    let Inputs {
        loaded,
        map: mut sources,
        symbols,
        bases,
        ..
    } = inputs;
    let nothing = loaded.is_empty();
    if args.is_changed_only() && !nothing && !loaded.iter().any(is_plan) {
        return Err(Error::new("", NO_PLAN));
    }
    let options = Options {
        expectations: config.expectations.clone(),
        key_policies: key_policy::load(&args.key_policy, &mut sources, world)?,
        ..options(args)
    };
    let own = own.place(&loaded, &mut sources)?;
    world.progress.step("judging");
    let mut model = resolve::model(&loaded, symbols, &mut sources, &options);
    own::say_where_not_read(&mut model, &config);
    own.say_what_selects_nothing(&mut model);
    say_what_gives_nothing(&mut model, args, &loaded);
    if let Some(error) = unknown_key(&model) {
        return Err(error);
    }
    let selection = selection(args, &config);
    let violations = if selection.only.is_empty() {
        own.violations()
    } else {
        Vec::new()
    };
    let mut findings = if args.is_changed_only() {
        changed(&mut model, gate(args), &selection, &violations)
    } else {
        rules::check_with(&model, gate(args), &selection, &violations)
    };
    let all = (&mut findings, &mut model, &sources);
    exceptions::apply(args, &config, &selection, &exceptions, all);
    let trailless = args.requires_trail() && !nothing && !has_trail(&model);
    let unreadable = model.inputs.iter().any(|it| !it.unreadable.is_empty());
    let fail_on = args.fail_on.map_or(Severity::Error, Severity::from);
    let mut undone = undone(&model, &findings, trailless, world);
    let mut exit_code = if !unread.is_empty() || unreadable || trailless {
        FAILED
    } else if args.write_baseline.is_some() {
        0
    } else {
        u8::from(is_over(&findings, fail_on))
    };
    if let Err(error) = write_baseline(args, exit_code, &findings, &model, world) {
        exit_code = unwritten(&error, exit_code, &mut undone, world);
    }
    let files = if outputs.name_files() {
        files::look(&findings, &model, &sources, &bases, &unread, world)
    } else {
        Files::default()
    };
    let mut rules = rules::described();
    rules.extend(own.described());
    let (open, suppressed) = suppress::parted(&findings);
    let report = Report {
        model: &model,
        findings: open,
        suppressed,
        sources: &sources,
        files: &files,
        rules: &rules,
        unread: &unread,
        undone: &undone,
        fail_on,
        exit_code,
    };
    let exit_code = output::write(&report, &outputs, style, nothing, world)?;
    // The process ends next, and gives all of its memory back at once.
    std::mem::forget((trees, loaded, model, findings, sources));
    if trailless {
        return Err(Error::new("", NO_TRAIL));
    }
    Ok(exit_code)
}

/// Why the work could not be done in whole, where no input and no finding says it. What stderr would not have otherwise is said there.
fn undone(model: &Model, findings: &[Finding], trailless: bool, world: &mut World) -> Vec<String> {
    let untold = report::untold(model, findings);
    if let Some(why) = &untold {
        world.complain(&Error::new("", why.clone()));
    }
    let trailless = trailless.then(|| NO_TRAIL.to_owned());
    untold.into_iter().chain(trailless).collect()
}

/// Complains of a baseline that is not written: the exit code that this makes.
fn unwritten(error: &Error, exit_code: u8, undone: &mut Vec<String>, world: &mut World) -> u8 {
    world.complain(error);
    if exit_code != FAILED {
        undone.push(error.message.clone());
    }
    FAILED
}

/// Says of values for variables that nothing asks for them: a plan was made with its own.
fn say_what_gives_nothing(model: &mut Model, args: &CheckArgs, loaded: &[Loaded]) {
    let evaluated =
        |it: &Loaded| it.document.kind == InputKind::Sources || it.document.sources.is_some();
    let flag = match args.sources.variables.first() {
        Some(_) if loaded.iter().any(evaluated) => return,
        Some(VarArg::Var(it)) => format!("--var {}=…", it.name),
        Some(VarArg::File(path)) => format!("--var-file {}", name_of(path)),
        None => return,
    };
    if let Some(input) = model.inputs.first_mut() {
        input.notes.push(format!(
            "`{flag}` is not used: no sources are evaluated, and a plan has the values that it was made with"
        ));
    }
}

fn write_baseline(
    args: &CheckArgs,
    exit_code: u8,
    findings: &[Finding],
    model: &Model,
    world: &mut World,
) -> Result<(), Error> {
    match &args.write_baseline {
        Some(path) if exit_code == FAILED => Err(Error::new(
            path.display().to_string(),
            "the baseline is not written, as not everything could be judged",
        )),
        Some(path) => exceptions::write(path, findings, model, world),
        None => Ok(()),
    }
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

fn reading(args: &CheckArgs) -> Reading<'_> {
    Reading {
        paths: &args.paths,
        sources: &args.sources,
        given: given(&args.given),
        identities: !(args.reader.is_empty() && args.declared.is_empty()),
    }
}

/// Reads the inputs. One that cannot be read is complained of.
pub(super) fn load(
    args: &Reading<'_>,
    config: &Config,
    map: SourceMap,
    world: &mut World,
) -> Result<Read, Error> {
    let mut inputs = Inputs::with(settings(args, world)?);
    inputs.map = map;
    let (mut own, mut unread) = (Own::of(config), Vec::new());
    let mut ahead = if own.is_empty() {
        read_ahead(args)
    } else {
        Vec::new()
    };
    for (at, path) in args.paths.iter().enumerate() {
        let (number, all) = (at + 1, args.paths.len());
        let count = if all > 1 {
            format!(" ({number} of {all})")
        } else {
            String::new()
        };
        world
            .progress
            .step(&format!("reading {}{count}", name_of(path)));
        let read = if is_sources(path) {
            inputs.sources(path).map(drop)
        } else {
            let text = ahead.get_mut(at).and_then(Option::take);
            plan(path, text, args, &mut inputs, &mut own, world)
        };
        if let Err(error) = read {
            world.complain(&error);
            unread.push(Unread {
                path: name_of(path),
                problem: error.message,
            });
        }
    }
    Ok(Read {
        inputs,
        unread,
        own,
    })
}

/// The plans and states among several inputs, read at once, each without what its reader passes over. None of what is better read as a whole, or
/// cannot be read.
fn read_ahead(args: &Reading<'_>) -> Vec<Option<Vec<u8>>> {
    if args.paths.len() < 2 {
        return Vec::new();
    }
    parallel::map_large(args.paths, |path| {
        let own = path != Path::new("-") && !is_sources(path);
        let text = own.then(|| sifted(path, args.identities).ok().flatten());
        text.flatten()
    })
}

/// Reads a plan or state, of which the text may be there, and the sources of a plan.
fn plan(
    path: &Path,
    text: Option<Vec<u8>>,
    args: &Reading<'_>,
    inputs: &mut Inputs,
    own: &mut Own,
    world: &mut World,
) -> Result<(), Error> {
    let name = name_of(path);
    let input = inputs.loaded.len();
    let bytes = match text {
        Some(text) => text,
        None if own.is_empty() => read_plan(path, args.identities, world)?,
        // The user's own rules see everything.
        None => read(path, world)?,
    };
    let alone = args.paths.len() == 1;
    let beside = folder_of(path);
    let mut asked = Ok(());
    inputs.read(&name, &bytes, alone, |document| {
        if matches!(document.kind, InputKind::Plan | InputKind::State) {
            asked = own.read(&bytes, &name, input);
        }
        match args.sources.source.as_deref() {
            _ if args.sources.no_source || asked.is_err() => PlanSources::Nowhere,
            Some(folder) => PlanSources::At(folder),
            None => PlanSources::Perhaps(&beside),
        }
    })?;
    if asked.is_err() {
        inputs.loaded.pop();
    }
    asked
}

fn settings(args: &Reading<'_>, world: &World) -> Result<Settings, Error> {
    let mut arguments = Vec::new();
    for it in &args.sources.variables {
        arguments.push(match it {
            VarArg::Var(it) => VarArgument::Var(it.name.clone(), it.text.clone()),
            VarArg::File(path) => variable_file(path)?,
        });
    }
    Ok(Settings {
        roots: args.sources.root.clone(),
        environment: world.terraform_variables(),
        arguments: arguments.into(),
        given: args.given.clone(),
        identities: args.identities,
        data: world.variable("TF_DATA_DIR").map(PathBuf::from),
        working: std::env::current_dir().ok(),
    })
}

/// The accounts and Regions of the command line.
pub(super) fn given(args: &GivenArgs) -> Given {
    let scoped = |values: &[Scoped]| {
        values
            .iter()
            .map(|it| (it.config.clone(), it.value.clone()))
            .collect()
    };
    Given {
        accounts: scoped(&args.account_id),
        regions: scoped(&args.region),
        management_account: args.management_account_id.clone(),
    }
}

fn options(args: &CheckArgs) -> Options {
    Options {
        given: given(&args.given),
        readers: {
            let declared = |arn: &&String| args.declared.iter().any(|it| it.arn == **arn);
            let flags = args.reader.iter().filter(|arn| !declared(arn));
            let flags = flags.map(Reader::new);
            flags.chain(args.declared.iter().cloned()).collect()
        },
        reader_context: args.reader_context.clone(),
        control_tower: args.control_tower.clone(),
        key_policies: Vec::new(),
        compare: args.is_changed_only(),
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
        apart: exceptions::may_part(args, config),
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
    let mut counted = findings.iter().filter(|it| it.suppressed.is_none());
    counted.any(|finding| finding.severity >= least)
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
