//! The command line: the one place that reads files, prints, and decides the exit code.
//!
//! A command a file. Reports go to stdout, everything else to stderr. Exit codes: 0 clean, 1 findings at or over the gate, 2 the work
//! could not be done.

mod args;
mod check;
mod config;
mod environment;
mod evaluate;
mod exceptions;
mod explain;
mod files;
mod generate;
mod init;
mod key_policy;
mod output;
mod own;
mod policy;
mod progress;
mod request;
mod rules;
mod schema;
mod snapshot;
mod usage;
mod value;
mod world;

pub use progress::Progress;
pub use world::{Terminal, World};

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use crate::error::Error;
use crate::load::{self, folder_of, sifted};
use crate::report::files::STDIN;
use crate::spelling::nearest;
use args::{Cli, Command};

/// The exit code of work that could not be done.
const FAILED: u8 = 2;

/// Runs keytrail in this process's world.
pub fn main() -> ExitCode {
    let (mut stdin, mut stdout, mut stderr) =
        (std::io::stdin(), std::io::stdout(), std::io::stderr());
    let mut world = World {
        stdin: &mut stdin,
        stdout: &mut stdout,
        stderr: &mut stderr,
        terminal: Terminal::of_process(),
        progress: world::watched(),
        environment: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
    };
    ExitCode::from(run(std::env::args_os(), &mut world))
}

/// Runs the command that `args` name, the program's name first, and gives the exit code.
pub fn run(args: impl IntoIterator<Item = OsString>, world: &mut World) -> u8 {
    let cli = match parse(args.into_iter().collect(), world) {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let done = match &cli.command {
        Command::Check(args) => check::run(args, cli.color, world),
        Command::Evaluate(args) => evaluate::run(args, world),
        Command::Explain(args) => explain::run(args, world),
        Command::Rules(args) => rules::run(args, world),
        Command::Snapshot(args) => snapshot::run(args, world),
        Command::Init => init::run(world),
        Command::Schema(args) => schema::run(args, world),
        Command::Completions(args) => generate::completions(args, world),
        Command::Man(args) => generate::man(args, world),
    };
    done.unwrap_or_else(|error| {
        world.complain(&error);
        FAILED
    })
}

/// The commands and flags, for tests and for what is generated of them.
#[doc(hidden)]
pub fn command() -> clap::Command {
    Cli::command()
}

/// The variable of the environment that stands for a flag of `check`; none with the reason why.
///
/// # Errors
/// The reason.
#[doc(hidden)]
pub fn variable(flag: &str) -> Result<String, &'static str> {
    match environment::WITHOUT.iter().find(|(name, _)| *name == flag) {
        Some((_, reason)) => Err(reason),
        None => Ok(crate::config::variable(flag)),
    }
}

/// Reads the command line, with the variables that stand for flags. Where it is wrong that is said, and the exit code given.
fn parse(args: Vec<OsString>, world: &mut World) -> Result<Cli, u8> {
    let words: Vec<String> = args
        .iter()
        .skip(1)
        .map(|it| it.to_string_lossy().into_owned())
        .collect();
    let typed = Cli::command().try_get_matches_from(&args);
    let typed = typed.map_err(|error| usage::answer(&error, &words, world))?;
    let args = environment::with_variables(args, &typed, Cli::command(), world);
    let args = args.map_err(|error| {
        world.complain(&error);
        FAILED
    })?;
    let matches = Cli::command().try_get_matches_from(args);
    let cli = matches.and_then(|matches| {
        let mut cli = Cli::from_arg_matches(&matches)?;
        cli.keep_order(&matches);
        Ok(cli)
    });
    cli.map_err(|error| usage::answer(&error, &words, world))
}

/// How reports name a path: stdin is `-` on the command line and `<stdin>` in a report.
fn name_of(path: &Path) -> String {
    if path == Path::new("-") {
        STDIN.to_owned()
    } else {
        path.display().to_string()
    }
}

/// Says of stdin that it is named twice: it can be read once.
fn stdin_once<'p>(paths: impl Iterator<Item = &'p Path>) -> Result<(), Error> {
    if paths.filter(|path| *path == Path::new("-")).count() > 1 {
        let help = "write the other one to a file, and name that";
        return Err(Error::new(
            "",
            "`-` is given more than once, and stdin can be read once",
        )
        .with_help(help));
    }
    Ok(())
}

/// The plan or state that a path names, without what its reader passes over, as far as that is sure.
fn read_plan(path: &Path, identities: bool, world: &mut World) -> Result<Vec<u8>, Error> {
    if path != Path::new("-") {
        let text = sifted(path, identities).map_err(|error| unread(path, &error))?;
        if let Some(text) = text {
            return Ok(text);
        }
    }
    read(path, world)
}

fn unread(path: &Path, error: &io::Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound => missing(path),
        kind => Error::new(name_of(path), format!("cannot read it: {kind}")),
    }
}

/// Bytes of an input, at most.
const LARGEST: u64 = load::LARGEST as u64;

/// The file that a path names, or stdin for `-`. Pipes and devices are read like files, up to the same limit.
fn read(path: &Path, world: &mut World) -> Result<Vec<u8>, Error> {
    read_within(path, LARGEST, world)
}

/// [`read`] with a limit of its own, a power of two.
fn read_within(path: &Path, largest: u64, world: &mut World) -> Result<Vec<u8>, Error> {
    let failed = |error: io::Error| unread(path, &error);
    let too_large = || {
        let most = match largest >> 30 {
            0 => format!("{} MiB", largest >> 20),
            most => format!("{most} GiB"),
        };
        let message = format!("it has more than {most}, which is more than is read");
        let error = Error::new(name_of(path), message);
        if largest < LARGEST {
            return error;
        }
        error.with_help("the plan of a part of the configuration is smaller; `keytrail check FOLDER` reads its sources")
    };
    let mut bytes = Vec::new();
    // One byte more, so that a file that just fits is told from one that does not.
    if path == Path::new("-") {
        let mut limited = (&mut *world.stdin).take(largest + 1);
        limited.read_to_end(&mut bytes).map_err(failed)?;
    } else {
        let file = File::open(path).map_err(failed)?;
        let expected = file.metadata().map_or(0, |it| it.len());
        if expected > largest {
            return Err(too_large());
        }
        // One that grows while it is read is read as far as it has come.
        let length = usize::try_from(expected).unwrap_or(0).saturating_add(1);
        let reserved = bytes.try_reserve_exact(length);
        reserved.map_err(|_| failed(ErrorKind::OutOfMemory.into()))?;
        let mut limited = file.take(largest + 1);
        limited.read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() as u64 > largest {
        return Err(too_large());
    }
    Ok(bytes)
}

/// So many names of a folder are compared with one that is not there.
const MOST_NAMES: usize = 10_000;

/// A path that leads nowhere, with the name beside it that was meant.
fn missing(path: &Path) -> Error {
    if path.is_symlink() {
        let message = "it is a link, and leads to a file that is not there";
        return Error::new(name_of(path), message);
    }
    let error = Error::new(name_of(path), "there is no such file or folder");
    let folder = folder_of(path);
    let names = std::fs::read_dir(&folder).into_iter().flatten();
    let names = names.take(MOST_NAMES).flatten();
    let mut names: Vec<String> = names
        .filter_map(|it| it.file_name().into_string().ok())
        .collect();
    names.sort();
    let wanted = path.file_name().unwrap_or_default().to_string_lossy();
    if let Some(near) = nearest(&wanted, names.iter().map(String::as_str)) {
        let near = path.with_file_name(near);
        return error.with_help(format!("there is `{}`", near.display()));
    }
    if path.to_string_lossy().starts_with('-') {
        return error.with_help("what follows `--` is a path; flags stand before it");
    }
    match std::env::current_dir() {
        Ok(here) if path.is_relative() => {
            error.with_help(format!("it was looked for in `{}`", here.display()))
        }
        _ => error,
    }
}
