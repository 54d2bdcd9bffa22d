//! Variables of the environment that stand for flags: `KEYTRAIL_FAIL_ON` for `--fail-on`.
//!
//! The one table of flags is clap's: every flag of `check` has a variable, but for those of [`WITHOUT`]. What a variable says is put on
//! the command line as if it had been typed, where the user did not type the flag; so a flag counts before its variable, and what a value
//! may be is said once. A list is separated by commas, or by line ends where it has any; what a list says is added to what the flags say.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};

use super::value::switch;
use super::world::World;
use crate::config::variable;
use crate::error::Error;

/// Flags of `check` without a variable, and why.
pub(super) const WITHOUT: &[(&str, &str)] = &[
    ("var", "Terraform's own `TF_VAR_NAME` says it"),
    ("help", "it is asked for by hand"),
    ("version", "it is asked for by hand"),
];

/// Lists with one value for each name before `=`: what a flag says of a name, its variable cannot say anew.
const NAMED: &[&str] = &["account-id", "region", "reader-context", "key-policy"];

/// What `--strict` says of what is not known: a variable that says otherwise counts less than the flag.
const UNDER_STRICT: &[&str] = &["undecided", "conditional", "delegated"];

/// The commands that heed the variables; those of `check` are all.
const COMMANDS: &[&str] = &["check", "snapshot"];

/// Puts what the environment says on the command line. `parsed` is what that says itself.
///
/// # Errors
/// Where the value of a variable is none, with the variable's name.
pub(super) fn with_variables(
    mut args: Vec<OsString>,
    parsed: &ArgMatches,
    mut command: Command,
    world: &World,
) -> Result<Vec<OsString>, Error> {
    command.build();
    let Some((name, typed)) = parsed.subcommand().filter(|it| COMMANDS.contains(&it.0)) else {
        return Ok(args);
    };
    let (Some(flags), Some(check)) = (
        command.find_subcommand(name),
        command.find_subcommand(COMMANDS.first().unwrap_or(&name)),
    ) else {
        return Ok(args);
    };
    let mut words = Vec::new();
    let mut used = Vec::new();
    for flag in flags.get_arguments() {
        let known = |long| check.get_arguments().any(|it| it.get_long() == Some(long));
        let Some(long) = flag.get_long().filter(|it| has(it) && known(*it)) else {
            continue;
        };
        let variable = variable(long);
        let Some(text) = world.variable(&variable) else {
            continue;
        };
        if is_answered(flag, flags, typed) {
            continue;
        }
        for value in values(flag, text).map_err(|why| wrong(&variable, &why))? {
            if is_named(flag, long, value.as_deref(), typed) {
                continue;
            }
            let typed_out = value.map_or(format!("--{long}"), |it| format!("--{long}={it}"));
            try_alone(&command, name, &typed_out).map_err(|why| wrong(&variable, &why))?;
            words.push(OsString::from(typed_out));
        }
        used.push(variable);
    }
    if let Some(place) = args.iter().skip(1).position(|it| it == name) {
        // Behind the command; `--var-file` of the command line comes later, and counts more.
        let place = place + 2;
        args.splice(place..place, words);
    }
    if let Err(error) = command.try_get_matches_from(&args) {
        let text = error.to_string();
        let first = text.lines().next().unwrap_or_default();
        let message = first.trim_start_matches("error: ");
        return Err(Error::new("", message)
            .with_help(format!("the environment sets `{}`", used.join("`, `"))));
    }
    Ok(args)
}

/// True for a flag that has a variable.
pub(super) fn has(long: &str) -> bool {
    !WITHOUT.iter().any(|(name, _)| *name == long)
}

fn wrong(variable: &str, why: &str) -> Error {
    Error::new("", format!("the variable `{variable}`: {why}"))
}

/// True where the command line says it, or what excludes it.
fn is_answered(flag: &Arg, flags: &Command, typed: &ArgMatches) -> bool {
    let says =
        |it: &Arg| typed.value_source(it.get_id().as_str()) == Some(ValueSource::CommandLine);
    let strict = |long: &str| UNDER_STRICT.contains(&long) && typed_strict(typed);
    let list = matches!(flag.get_action(), ArgAction::Append);
    (!list && says(flag))
        || flags.get_arg_conflicts_with(flag).into_iter().any(says)
        || flags.get_arguments().any(|it| {
            says(it)
                && flags
                    .get_arg_conflicts_with(it)
                    .iter()
                    .any(|it| it.get_id() == flag.get_id())
        })
        || flag.get_long().is_some_and(strict)
}

fn typed_strict(typed: &ArgMatches) -> bool {
    let said = matches!(typed.try_contains_id("strict"), Ok(true));
    said && typed.get_one::<bool>("strict") == Some(&true)
}

/// The values of a flag in a variable; none is the flag alone.
fn values(flag: &Arg, text: &str) -> Result<Vec<Option<String>>, String> {
    match flag.get_action() {
        ArgAction::SetTrue if switch(text)? => Ok(vec![None]),
        ArgAction::SetTrue => Ok(Vec::new()),
        ArgAction::Append => {
            let ends: &[char] = if text.contains('\n') { &['\n'] } else { &[','] };
            let values = text.split(ends).map(str::trim).filter(|it| !it.is_empty());
            Ok(values.map(|it| Some(it.to_owned())).collect())
        }
        _ => Ok(vec![Some(text.trim().to_owned())]),
    }
}

/// True for a value of a name of which the command line has one.
fn is_named(flag: &Arg, long: &str, value: Option<&str>, typed: &ArgMatches) -> bool {
    let name = |text: &str| match text.split_once('=') {
        Some((name, _)) => name.to_ascii_lowercase(),
        None => String::new(),
    };
    let Some(value) = value.filter(|_| NAMED.contains(&long)) else {
        return false;
    };
    let said = typed.get_raw(flag.get_id().as_str()).into_iter().flatten();
    said.map(|it| name(&it.to_string_lossy()))
        .any(|it| it == name(value))
}

/// What is wrong with a value, seen alone.
fn try_alone(command: &Command, name: &str, word: &str) -> Result<(), String> {
    let line = ["keytrail", name, word, "--", "-"];
    let Err(error) = command.clone().try_get_matches_from(line) else {
        return Ok(());
    };
    if let Some(ContextValue::Strings(words)) = error.get(ContextKind::ValidValue) {
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        if !words.is_empty() {
            return Err(format!("it is one of `{}`", words.join("`, `")));
        }
    }
    let text =
        std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
    let first = text.lines().next().unwrap_or_default();
    Err(first.trim_start_matches("error: ").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::Cli;
    use clap::CommandFactory;

    fn check() -> Command {
        let mut command = Cli::command();
        command.build();
        command.find_subcommand("check").unwrap().clone()
    }

    #[test]
    fn what_has_no_variable_is_a_flag_and_has_a_reason() {
        for (flag, reason) in WITHOUT {
            let check = check();
            let mut flags = check.get_arguments();
            assert!(
                *flag == "version" || flags.any(|it| it.get_long() == Some(flag)),
                "{flag}"
            );
            assert!(reason.contains(' '), "{flag}");
        }
    }

    /// Of any other action nobody has said how a variable gives it.
    #[test]
    fn every_flag_is_a_switch_a_value_or_a_list() {
        for flag in check().get_arguments().filter(|it| !it.is_positional()) {
            let long = flag.get_long().unwrap_or_default();
            assert!(!long.is_empty(), "{flag:?}");
            let known = matches!(
                flag.get_action(),
                ArgAction::SetTrue | ArgAction::Set | ArgAction::Append
            );
            assert!(known || !has(long), "{long}");
        }
    }

    #[test]
    fn names_of_lists_are_flags() {
        let check = check();
        for flag in NAMED.iter().chain(UNDER_STRICT) {
            assert!(
                check.get_arguments().any(|it| it.get_long() == Some(flag)),
                "{flag}"
            );
        }
    }
}
