//! `keytrail.toml`: where it is found, and what it says that no flag says, nor a variable in its place.

use std::path::{Path, PathBuf};

use super::args::CheckArgs;
use super::value::{Gate, Scoped, Worth};
use super::world::World;
use crate::config::{self, Config, FILE, Settings};
use crate::error::Error;
use crate::hcl::{FileTrouble, Folder as _};
use crate::load::{Disk, folder_of};
use crate::report::{self, Finding, Severity, Style};
use crate::resolve::{Reader, Via};
use crate::rules;
use crate::source::SourceMap;

/// A file that is larger is not read.
const LARGEST: usize = 1 << 20;

/// Reads the configuration and fills in what the flags leave open. None where the file has mistakes, which are then told.
pub(super) fn apply(
    args: &mut CheckArgs,
    map: &mut SourceMap,
    style: Style,
    world: &mut World,
) -> Result<Option<Config>, Error> {
    let Some((path, shown)) = find(args) else {
        return Ok(Some(Config::default()));
    };
    let bytes = Disk.read(&path, LARGEST).map_err(|trouble| {
        let why = match trouble {
            FileTrouble::Missing => "there is no such file".to_owned(),
            FileTrouble::Unreadable(why) => why,
        };
        Error::new(&shown, why)
    })?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Error::new(&shown, "the file is not UTF-8").with_help("save it as UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}');
    let file = map
        .add(&shown, text)
        .map_err(|error| Error::new(&shown, error.to_string()))?;
    let known: Vec<&str> = rules::ALL.iter().map(|rule| rule.id).collect();
    let (config, problems) = config::parse(map, file, &known);
    if problems.is_empty() {
        let mut settings = config.settings.clone();
        // A path in the file is seen from the file.
        let folder = path.parent().unwrap_or(Path::new(""));
        let baseline = settings.baseline.take();
        settings.baseline = baseline.map(|it| folder.join(it).display().to_string());
        fill(args, settings);
        return Ok(Some(config));
    }
    let findings: Vec<Finding> = problems.iter().map(config::Problem::finding).collect();
    let page = report::diagnostics(&findings, map, style);
    world.warn(&page);
    Ok(None)
}

/// The file and its name in reports.
fn find(args: &CheckArgs) -> Option<(PathBuf, String)> {
    if args.no_config {
        return None;
    }
    if let Some(path) = args.config.clone() {
        let shown = path.display().to_string();
        return Some((path, shown));
    }
    let first = args.paths.first().map(|path| folder_of(path));
    let here = std::env::current_dir().ok()?.canonicalize().ok()?;
    let first = first.and_then(|folder| folder.canonicalize().ok());
    let path = first.and_then(|folder| above(&folder));
    let path = path.or_else(|| above(&here))?;
    let shown = shown(&path, &here);
    Some((path, shown))
}

/// The file of a folder or of those above it, up to the root of its repository. Outside of a repository only the folder itself counts:
/// what lies above it may be anybody's.
fn above(folder: &Path) -> Option<PathBuf> {
    let root = folder.ancestors().find(|it| it.join(".git").exists());
    let folders = folder.ancestors().take_while(|it| match root {
        Some(root) => it.starts_with(root),
        None => *it == folder,
    });
    let mut files = folders.map(|it| it.join(FILE));
    files.find(|path| path.is_file())
}

/// A path as seen from a folder.
fn shown(path: &Path, here: &Path) -> String {
    if let Ok(below) = path.strip_prefix(here) {
        return below.display().to_string();
    }
    let up = path
        .parent()
        .and_then(|folder| here.strip_prefix(folder).ok());
    match up {
        Some(steps) => format!("{}{FILE}", "../".repeat(steps.components().count())),
        None => path.display().to_string(),
    }
}

/// Adds what a list does not have yet.
fn more(list: &mut Vec<String>, new: Vec<String>) {
    for it in new {
        if !list.contains(&it) {
            list.push(it);
        }
    }
}

/// Fills in what the flags leave open. What is given for one provider configuration or one context key stands before what comes later.
fn fill(args: &mut CheckArgs, settings: Settings) {
    args.fail_on = args.fail_on.or(settings.fail_on.map(gate));
    if !args.is_strict() {
        args.undecided = args.undecided.or(settings.undecided.map(worth));
        args.conditional = args.conditional.or(settings.conditional.map(worth));
        args.delegated = args.delegated.or(settings.delegated.map(worth));
    }
    args.strict = args.strict.or(settings.strict);
    args.require_trail = args.require_trail.or(settings.require_trail);
    args.changed_only = args.changed_only.or(settings.changed_only);
    if args.baseline.is_none() {
        args.baseline = settings.baseline.map(PathBuf::from);
    }
    more(&mut args.control_tower, settings.control_tower);
    more(&mut args.trusted_account, settings.trusted_accounts);
    more(
        &mut args.trusted_organization,
        settings.trusted_organizations,
    );
    add(&mut args.given.account_id, settings.accounts);
    add(&mut args.given.region, settings.regions);
    if args.given.management_account_id.is_none() {
        args.given.management_account_id = settings.management_account;
    }
    let new = settings.readers.into_iter().map(|it| Reader {
        via: match it.athena {
            None => Via::Unsaid,
            Some(false) => Via::S3,
            Some(true) => Via::Athena,
        },
        through: it.through,
        context: it.context,
        arn: it.arn,
    });
    for reader in new {
        if !args.declared.contains(&reader) {
            args.declared.push(reader);
        }
    }
    let said = args.reader_context.clone();
    let new = settings.reader_context.into_iter();
    let unsaid = |key: &str| !said.iter().any(|(name, _)| name.eq_ignore_ascii_case(key));
    let new = new.filter(|(key, _)| unsaid(key));
    args.reader_context.extend(new);
}

fn add(all: &mut Vec<Scoped>, new: Vec<(Option<String>, String)>) {
    let new = new
        .into_iter()
        .map(|(config, value)| Scoped { config, value });
    // The first one that is given for a provider configuration is taken.
    all.extend(new);
}

fn gate(severity: Severity) -> Gate {
    match severity {
        Severity::Error => Gate::Error,
        Severity::Warning => Gate::Warning,
        Severity::Note => Gate::Note,
    }
}

fn worth(worth: config::Worth) -> Worth {
    match worth.0 {
        None => Worth::Allow,
        Some(Severity::Note) => Worth::Note,
        Some(Severity::Warning) => Worth::Warning,
        Some(Severity::Error) => Worth::Error,
    }
}
