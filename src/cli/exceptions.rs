//! What puts findings aside: the day, the baseline, and what is said of them.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::args::CheckArgs;
use super::world::World;
use crate::config::{Config, Day};
use crate::error::Error;
use crate::hcl::{FileTrouble, Folder as _};
use crate::load::Disk;
use crate::model::Model;
use crate::report::Finding;
use crate::rules::{self, Selection};
use crate::source::SourceMap;
use crate::suppress::{self, Baseline, Exceptions};

/// The variable that says which day it is, for runs that must not depend on it.
const TODAY: &str = "KEYTRAIL_TODAY";

/// The day, in UTC.
fn today(world: &World) -> Result<Day, Error> {
    if let Some(text) = world.variable(TODAY) {
        let wrong = || {
            Error::new(
                "",
                format!("the variable `{TODAY}`: a day is written `2027-01-31`"),
            )
        };
        return Day::parse(text).ok_or_else(wrong);
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    Ok(Day::of_epoch(now.map_or(0, |it| it.as_secs())))
}

/// True where instances that share a finding may have to be taken apart.
pub(super) fn may_part(args: &CheckArgs, config: &Config) -> bool {
    let baseline = args.baseline.is_some() || args.write_baseline.is_some();
    !args.no_ignores && (baseline || !config.ignores.is_empty())
}

/// What is read before the work starts: a mistake in it should not come after it.
pub(super) struct Read {
    today: Day,
    baseline: Option<Baseline>,
}

/// Reads the day and the baseline. One that is to be written is not read.
pub(super) fn read(args: &CheckArgs, world: &World) -> Result<Read, Error> {
    let today = today(world)?;
    let named = args.baseline.as_deref();
    let named = named.filter(|_| !args.no_ignores && args.write_baseline.is_none());
    let baseline = named.map(baseline).transpose()?;
    Ok(Read { today, baseline })
}

fn baseline(path: &Path) -> Result<Baseline, Error> {
    let shown = path.display().to_string();
    let bytes = Disk
        .read(path, suppress::LARGEST)
        .map_err(|trouble| match trouble {
            FileTrouble::Missing => Error::new(&shown, "there is no such baseline")
                .with_help("`--write-baseline FILE` writes one"),
            FileTrouble::Unreadable(why) => Error::new(&shown, why),
        })?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::new(&shown, "this is no baseline: it is not UTF-8"))?;
    Baseline::parse(&text)
        .map_err(|why| Error::new(&shown, why).with_help("`--write-baseline FILE` writes one"))
}

/// Puts findings aside.
pub(super) fn apply(
    args: &CheckArgs,
    config: &Config,
    selection: &Selection,
    read: &Read,
    (findings, model, sources): (&mut Vec<Finding>, &mut Model, &SourceMap),
) {
    if args.no_ignores {
        return;
    }
    let own = config.rules.iter().map(|rule| rule.id.value.as_str());
    let known: Vec<&str> = rules::ALL.iter().map(|rule| rule.id).chain(own).collect();
    let exceptions = Exceptions {
        ignores: &config.ignores,
        known: &known,
        baseline: read.baseline.as_ref(),
        today: read.today,
        selection,
        changed_only: args.is_changed_only(),
    };
    let gone = suppress::apply(findings, model, sources, &exceptions);
    if gone > 0
        && let Some(input) = model.inputs.first_mut()
    {
        let are = if gone == 1 {
            "entry of the baseline finds"
        } else {
            "entries of the baseline find"
        };
        input.notes.push(format!(
            "{gone} {are} nothing any more: write it anew with `--write-baseline`"
        ));
    }
}

/// Writes the baseline. Nothing is written where not everything could be read.
pub(super) fn write(
    path: &Path,
    findings: &[Finding],
    model: &Model,
    world: &mut World,
) -> Result<(), Error> {
    let written = Baseline::write(findings, model);
    let shown = path.display().to_string();
    std::fs::write(path, &written.text)
        .map_err(|error| Error::new(&shown, format!("cannot write the baseline: {error}")))?;
    let findings = match written.findings {
        1 => "1 finding".to_owned(),
        many => format!("{many} findings"),
    };
    let mut line = format!("wrote `{shown}`: {findings}");
    if written.hidden > 0 {
        let _ = write!(
            line,
            "; {} of sensitive policies cannot be in it, as nothing of these may be written down: put them aside with `[[ignore]]`",
            written.hidden
        );
    }
    world.warn(&format!("{}\n", crate::report::text::line(&line)));
    Ok(())
}
