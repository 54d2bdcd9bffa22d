//! `keytrail completions` and `keytrail man`: what is generated of the table of flags.

use clap::CommandFactory;

use super::args::{Cli, CompletionsArgs, ManArgs};
use super::world::World;
use crate::error::Error;
use crate::spelling::nearest;

/// Prints the completions of a shell. Ids of rules are among them.
pub(super) fn completions(args: &CompletionsArgs, world: &mut World) -> Result<u8, Error> {
    let mut page = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "keytrail", &mut page);
    world.print(&page)?;
    Ok(0)
}

/// Prints a man page.
pub(super) fn man(args: &ManArgs, world: &mut World) -> Result<u8, Error> {
    let mut command = Cli::command();
    // Flags of all commands are written into each.
    command.build();
    let wanted = match &args.command {
        None => command,
        Some(name) => match command.find_subcommand(name) {
            Some(found) => found.clone(),
            None => return Err(unknown(name, &command)),
        },
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(wanted)
        .render(&mut page)
        .map_err(|error| Error::new("", format!("cannot write the page: {error}")))?;
    world.print(&page)?;
    Ok(0)
}

fn unknown(name: &str, command: &clap::Command) -> Error {
    let names = command.get_subcommands().map(clap::Command::get_name);
    let help = match nearest(name, names) {
        Some(near) => format!("there is `{near}`"),
        None => "`keytrail help` lists them".to_owned(),
    };
    Error::new("", format!("`{name}` is no command of keytrail")).with_help(help)
}
