//! `keytrail check`: reads the inputs, judges them together, reports, and decides the exit code.

use std::path::Path;

use super::args::CheckArgs;
use super::output::{self, Outputs};
use super::value::{Color, Scoped, Worth};
use super::world::World;
use super::{FAILED, name_of, read};
use crate::error::Error;
use crate::input::Given;
use crate::model::{Model, SubjectKind};
use crate::plan;
use crate::report::{Finding, Report, Severity, Unread};
use crate::resolve::{self, Loaded, Options};
use crate::rules::{self, Gate};
use crate::source::SourceMap;
use crate::value::Symbols;

/// What was read, and what was not.
#[derive(Default)]
struct Inputs {
    loaded: Vec<Loaded>,
    unread: Vec<Unread>,
    sources: SourceMap,
    symbols: Symbols,
}

/// Runs the command. An input that cannot be read is complained of; the others are checked all the same.
pub(super) fn run(args: &CheckArgs, color: Color, world: &mut World) -> Result<u8, Error> {
    let outputs = Outputs::of(&args.format)?;
    let Inputs {
        loaded,
        unread,
        mut sources,
        symbols,
    } = load(args, world);
    let nothing = loaded.is_empty();
    let model = resolve::model(&loaded, symbols, &mut sources, &options(args));
    let findings = rules::check(&model, gate(args));
    let trailless = args.require_trail && !nothing && !has_trail(&model);
    let exit_code = if !unread.is_empty() || trailless {
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
    if trailless {
        return Err(Error::new(
            "",
            "the inputs hold no trail, and `--require-trail` asks for one",
        ));
    }
    Ok(exit_code)
}

fn load(args: &CheckArgs, world: &mut World) -> Inputs {
    let mut inputs = Inputs::default();
    for path in &args.paths {
        let name = name_of(path);
        let id = format!("in{}", inputs.loaded.len());
        let plan = refuse_sources(path)
            .and_then(|()| read(path, world))
            .and_then(|bytes| {
                plan::load(&bytes, &name, &id, &mut inputs.sources, &mut inputs.symbols)
            });
        match plan {
            Ok(document) => inputs.loaded.push(Loaded {
                path: name,
                document,
            }),
            Err(error) => {
                world.complain(&error);
                inputs.unread.push(Unread {
                    path: name,
                    problem: error.message,
                });
            }
        }
    }
    inputs
}

/// A directory or a source file: this version reads what `show -json` prints, and says how to get it.
fn refuse_sources(path: &Path) -> Result<(), Error> {
    let name = path.display().to_string();
    let is_source = [".tf", ".tofu", ".tf.json", ".tofu.json"]
        .iter()
        .any(|ending| name.ends_with(ending));
    let (what, folder) = if path.is_dir() {
        ("this is a directory", name.as_str())
    } else if is_source {
        let folder = path
            .parent()
            .and_then(Path::to_str)
            .filter(|it| !it.is_empty());
        ("this is a source file", folder.unwrap_or("."))
    } else {
        return Ok(());
    };
    Err(Error::new(
        &name,
        format!("{what}, and HCL sources are not read yet: keytrail reads plans"),
    )
    .with_help(format!(
        "make a plan of it and check that:\n\
                 terraform -chdir={folder} plan -out=tfplan\n\
                 terraform -chdir={folder} show -json tfplan | keytrail check -"
    )))
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
