//! Where the files of a report lie, for the forms that name them to a code host.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use super::world::World;
use crate::load::Bases;
use crate::model::Model;
use crate::report::files::{STDIN, STREAM};
use crate::report::{Files, Finding, Unread, files::Home};
use crate::source::{Origin, SourceMap, Span};

/// Looks for the files that a report can name: those of labels, of resources, and the inputs. Links are followed, as code hosts know no file by
/// the name of a link to it.
pub(super) fn look(
    findings: &[Finding],
    model: &Model,
    sources: &SourceMap,
    bases: &Bases,
    unread: &[Unread],
    world: &World,
) -> Files {
    let Some(here) = here() else {
        return Files::default();
    };
    let root = root(&here, model, world);
    let lie = |base: &Path, name: &str, may_miss: bool| {
        if name == STDIN {
            return Some(Home::Repository(STREAM.to_owned()));
        }
        let path = base.join(name);
        let there = path.is_file() || may_miss && !path.is_dir();
        there.then(|| home(&path, &root)).flatten()
    };
    let mut files = BTreeMap::new();
    let mut asked = BTreeSet::new();
    for span in spans(findings, model) {
        let file = sources.file_of(span);
        if asked.insert(file) {
            let base = bases.of(span).unwrap_or(&here);
            let (name, _) = sources.name(file);
            files.extend(lie(base, name, false).map(|home| (file, home)));
        }
    }
    let read = model.inputs.iter().map(|it| (&it.path, false));
    let inputs = read.chain(unread.iter().map(|it| (&it.path, true)));
    let inputs =
        inputs.filter_map(|(name, may_miss)| Some((name.clone(), lie(&here, name, may_miss)?)));
    Files::new(files, inputs.collect())
}

/// All places that a report can name.
fn spans(findings: &[Finding], model: &Model) -> Vec<Span> {
    let labels = findings.iter().flat_map(|it| &it.labels);
    let mut all: Vec<Span> = labels.map(|it| it.span).collect();
    for subject in &model.subjects {
        let way = subject.link.way.iter().map(|it| &it.origin);
        let origins = way.chain([&subject.origin, &subject.link.origin]);
        all.extend(origins.map(Origin::span));
    }
    all.extend(model.keys.iter().map(|it| it.origin.span()));
    all
}

fn here() -> Option<PathBuf> {
    std::env::current_dir().ok()?.canonicalize().ok()
}

/// The root of the repository: of this folder, of the first input, or what the runner checked out; else this folder.
fn root(here: &Path, model: &Model, world: &World) -> PathBuf {
    let repository = |folder: &Path| {
        let mut folders = folder.ancestors();
        let root = folders.find(|it| it.join(".git").exists());
        root.map(Path::to_path_buf)
    };
    let first = || {
        let input = here.join(&model.inputs.first()?.path);
        repository(&input.canonicalize().ok()?)
    };
    let workspace = || {
        let folder = world.variable("GITHUB_WORKSPACE")?;
        let folder = Path::new(folder).canonicalize().ok()?;
        here.starts_with(&folder).then_some(folder)
    };
    let found = repository(here).or_else(first).or_else(workspace);
    found.unwrap_or_else(|| here.to_path_buf())
}

/// The place of a file, which may be missing.
fn home(path: &Path, root: &Path) -> Option<Home> {
    let path = path.canonicalize().unwrap_or_else(|_| plain(path));
    match path.strip_prefix(root) {
        Ok(inside) => Some(Home::Repository(slashed(inside)?)),
        Err(_) => Some(Home::Machine(slashed(&path)?)),
    }
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// A path with forward slashes; none where it is not Unicode.
fn slashed(path: &Path) -> Option<String> {
    let text = path.to_str()?;
    let text = if cfg!(windows) {
        text.trim_start_matches(r"\\?\").replace('\\', "/")
    } else {
        text.to_owned()
    };
    (!text.is_empty()).then_some(text)
}
