//! The command line: the one place that reads files, prints, and decides the exit code.
//!
//! A command a file. Reports go to stdout, everything else to stderr. Exit codes: 0 clean, 1 findings at or over the gate, 2 the work
//! could not be done.

mod args;
mod check;
mod config;
mod disk;
mod evaluate;
mod explain;
mod init;
mod key_policy;
mod output;
mod own;
mod request;
mod rules;
mod snapshot;
mod sources;
mod value;
mod world;

pub use world::{Terminal, World};

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use crate::error::Error;
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
        environment: std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect(),
    };
    ExitCode::from(run(std::env::args_os(), &mut world))
}

/// Runs the command that `args` name, the program's name first, and gives the exit code.
pub fn run(args: impl IntoIterator<Item = OsString>, world: &mut World) -> u8 {
    let parsed = Cli::command()
        .try_get_matches_from(args)
        .and_then(|matches| {
            let mut cli = Cli::from_arg_matches(&matches)?;
            cli.keep_order(&matches);
            Ok(cli)
        });
    let cli = match parsed {
        Ok(cli) => cli,
        Err(message) => return usage(&message, world),
    };
    let done = match &cli.command {
        Command::Check(args) => check::run(args, cli.color, world),
        Command::Evaluate(args) => evaluate::run(args, world),
        Command::Explain(args) => explain::run(args, world),
        Command::Rules(args) => rules::run(args, world),
        Command::Snapshot(args) => snapshot::run(args, world),
        Command::Init => init::run(world),
    };
    done.unwrap_or_else(|error| {
        world.complain(&error);
        FAILED
    })
}

/// Prints what clap has to say: help and version on stdout, mistakes on stderr.
fn usage(message: &clap::Error, world: &mut World) -> u8 {
    let text = message.render();
    if message.use_stderr() {
        world.warn(&text.to_string());
        FAILED
    } else {
        match world.print(text.to_string().as_bytes()) {
            Ok(()) => 0,
            Err(error) => {
                world.complain(&error);
                FAILED
            }
        }
    }
}

/// How reports name a path: stdin is `-` on the command line and `<stdin>` in a report.
fn name_of(path: &Path) -> String {
    if path == Path::new("-") {
        "<stdin>".to_owned()
    } else {
        path.display().to_string()
    }
}

/// The file that a path names, or stdin for `-`.
fn read(path: &Path, world: &mut World) -> Result<Vec<u8>, Error> {
    let failed =
        |error: std::io::Error| Error::new(name_of(path), format!("cannot read it: {error}"));
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        world.stdin.read_to_end(&mut bytes).map_err(failed)?;
        return Ok(bytes);
    }
    std::fs::read(path).map_err(failed)
}
