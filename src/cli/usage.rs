//! What a wrong command line is answered with: clap's words, or better ones for what people do most often.

use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::FAILED;
use super::world::World;
use crate::error::Error;

/// What can be checked.
const GIVE: &str = "give a plan, a state, or a folder of sources:
  terraform show -json PLANFILE > plan.json && keytrail check plan.json
  keytrail check .";

/// What can be explained.
const NAME: &str = "`keytrail rules` lists rules and requirements, and `keytrail explain keytrail.toml` is about the file";

/// What has completions.
const SHELLS: &str = "there are completions of `bash`, `elvish`, `fish`, `powershell` and `zsh`: `keytrail completions bash`";

/// Flags of Terraform's that keytrail has with two dashes.
const TERRAFORM: [&str; 2] = ["var-file", "var"];

/// Prints what clap has to say: help and version on stdout, mistakes on stderr. `words` are the words of the command line.
pub(super) fn answer(message: &clap::Error, words: &[String], world: &mut World) -> u8 {
    if let Some(error) = better(message, words) {
        world.complain(&error);
        return FAILED;
    }
    let text = message.render().to_string();
    if message.use_stderr() {
        world.warn(&text);
        return FAILED;
    }
    match world.print(text.as_bytes()) {
        Ok(()) => 0,
        Err(error) => {
            world.complain(&error);
            FAILED
        }
    }
}

fn better(message: &clap::Error, words: &[String]) -> Option<Error> {
    let said = |kind| match message.get(kind) {
        Some(ContextValue::String(word)) => Some(word.as_str()),
        Some(ContextValue::Strings(words)) => words.first().map(String::as_str),
        _ => None,
    };
    match message.kind() {
        ErrorKind::InvalidSubcommand => not_a_command(said(ContextKind::InvalidSubcommand)?),
        ErrorKind::MissingRequiredArgument => {
            let (what, help) = match said(ContextKind::InvalidArg)? {
                wanted if wanted.starts_with("<PATH>") => ("nothing was given to read", GIVE),
                "<RULE|REQUIREMENT>" => ("nothing was given to explain", NAME),
                "<SHELL>" => ("no shell was given", SHELLS),
                _ => return None,
            };
            Some(Error::new("", what).with_help(help))
        }
        ErrorKind::UnknownArgument => one_dash(said(ContextKind::InvalidArg)?, words),
        _ => None,
    }
}

/// `keytrail plan.json`
fn not_a_command(word: &str) -> Option<Error> {
    let path = Path::new(word);
    let is_input = path.exists() || word == "-" || path.extension().is_some();
    let error = Error::new("", format!("`{word}` is no command of keytrail"));
    is_input.then(|| error.with_help(format!("to check it: `keytrail check {word}`")))
}

/// `keytrail check . -var-file=prod.tfvars`: clap sees a `-v`.
fn one_dash(flag: &str, words: &[String]) -> Option<Error> {
    let written = words.iter().find(|word| {
        let flags = word.strip_prefix(flag).is_some_and(|rest| !rest.is_empty());
        flags && flag.len() == 2 && !word.starts_with("--")
    })?;
    let name = written.trim_start_matches('-').split('=').next()?;
    let error = Error::new("", format!("`-{name}` is no flag of keytrail"));
    Some(if TERRAFORM.contains(&name) {
        error.with_help(format!("with two dashes it is: `--{name}`"))
    } else {
        error.with_help(
            "flags of more than one letter have two dashes; `keytrail help check` lists them",
        )
    })
}
