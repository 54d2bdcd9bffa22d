//! HCL sources: finds the roots, reads and evaluates them, alone or for a plan.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::{Disk, Fenced};
use super::{name_of, world::World};
use crate::error::Error;
use crate::hcl::variable::{Given as Variables, VarArgument};
use crate::hcl::{
    self, Around, Discovered, Evaluated, Folder, ListedKind, ModuleTree, Root, RootModule,
};
use crate::input::{Document, Given, Homes, Note, Unreadable};
use crate::source::{SourceMap, Span};
use crate::value::Symbols;

/// A file of variables that is larger is not read.
const LARGEST: usize = 64 << 20;

/// Messages about one root that are shown as notes, at most.
const MOST_NOTES: usize = 20;

/// What the command line says of sources.
pub(super) struct Settings {
    /// `--root`
    pub(super) roots: Vec<PathBuf>,
    /// `--var` and `--var-file` in their order.
    pub(super) arguments: Arc<[VarArgument]>,
    /// `TF_VAR_name`: names and values.
    pub(super) environment: Vec<(String, String)>,
    /// Accounts and regions.
    pub(super) given: Given,
    /// True where IAM policies, roles and users are wanted, too.
    pub(super) identities: bool,
}

/// A root module that was evaluated.
pub(super) struct Loaded {
    /// As reports name it.
    pub(super) path: String,
    /// What it says.
    pub(super) document: Document,
    /// Places whose text must not be shown.
    pub(super) secrets: Vec<Span>,
}

/// True for what is read as sources: a folder, or a file of one.
pub(super) fn is_sources(path: &Path) -> bool {
    let name = path.display().to_string();
    let endings = [".tf", ".tofu", ".tf.json", ".tofu.json"];
    path.is_dir() || endings.iter().any(|ending| name.ends_with(ending))
}

/// The folder of a path: a source file stands for the folder that it lies in.
pub(super) fn folder_of(path: &Path) -> PathBuf {
    if path.is_dir() {
        return path.to_path_buf();
    }
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

/// The roots under a path.
pub(super) fn roots(
    path: &Path,
    settings: &Settings,
    world: &World,
    sources: &mut SourceMap,
) -> Result<Vec<(String, Root)>, Error> {
    let folder = folder_of(path);
    let (data, working) = around(world);
    let name = folder.display().to_string();
    let around = Around {
        data: data.as_deref(),
        working: working.as_deref(),
        name: folder.is_relative().then_some(name.as_str()),
    };
    let mut found = hcl::discover(&folder, around, &Disk)?;
    if !settings.roots.is_empty() {
        let named: Vec<PathBuf> = settings
            .roots
            .iter()
            .map(|it| rooted(&folder, it))
            .collect();
        found = found.with_roots(&named, &Disk)?;
    }
    let named = |root: Root| {
        let shown = match root.shown.as_str() {
            "" => name.clone(),
            below if folder.is_relative() => below.to_owned(),
            below => format!("{}/{below}", name.trim_end_matches('/')),
        };
        (shown, root)
    };
    // Where all folders call each other, which one is a root is seen no sooner than here.
    let roots = found.load(&Disk, sources)?;
    if roots.is_empty() {
        let message = "the folder holds no Terraform configuration";
        let help = "give the folder of a root module, or a plan: terraform show -json PLANFILE > plan.json";
        return Err(Error::new(name_of(path), message).with_help(help));
    }
    Ok(roots.into_iter().map(named).collect())
}

/// `--root` is relative to the folder given, or to where keytrail runs.
fn rooted(folder: &Path, root: &Path) -> PathBuf {
    let below = folder.join(root);
    if below.is_dir() {
        below
    } else {
        root.to_path_buf()
    }
}

/// The one root of the sources of a plan.
pub(super) fn root_of(
    folder: &Path,
    world: &World,
    sources: &mut SourceMap,
) -> Result<Root, Error> {
    let (data, working) = around(world);
    let name = folder.display().to_string();
    let around = Around {
        data: data.as_deref(),
        working: working.as_deref(),
        name: folder.is_relative().then_some(name.as_str()),
    };
    let found = Discovered::at(folder, around, &Disk)?;
    let found = found.with_roots(&[folder.to_path_buf()], &Disk)?;
    let mut roots = found.load(&Disk, sources)?.into_iter();
    roots.next().ok_or_else(|| {
        Error::new(
            name_of(folder),
            "the folder holds no Terraform configuration",
        )
    })
}

/// True where a folder holds files of a configuration.
pub(super) fn has_configuration(folder: &Path) -> bool {
    let listed = Disk.list(folder).unwrap_or_default();
    listed.iter().any(|it| {
        let endings = [".tf", ".tofu", ".tf.json", ".tofu.json"];
        matches!(it.kind, ListedKind::File | ListedKind::LinkToFile)
            && endings.iter().any(|ending| it.name.ends_with(ending))
    })
}

/// A root with what it is evaluated with.
struct Prepared {
    tree: Arc<ModuleTree>,
    variables: Variables,
    files: Fenced,
}

impl Prepared {
    /// None where nothing in it matters.
    fn of(path: &str, root: &Root, settings: &Settings) -> Option<Self> {
        Some(Prepared {
            tree: Arc::clone(root.tree.as_ref()?),
            variables: Variables {
                environment: settings.environment.clone(),
                arguments: Arc::clone(&settings.arguments),
                files: variable_files(&root.dir, path),
            },
            files: Fenced {
                root: root.boundary.clone(),
                base: root.dir.clone(),
                name: root.shown.clone(),
            },
        })
    }
}

/// Evaluates roots, whose names are those that reports show; the first one is the input number `first`. `plan` is a plan of the only one,
/// with what its provider configurations give.
pub(super) fn evaluate(
    roots: &[(String, Root)],
    first: usize,
    settings: &Settings,
    plan: Option<(&Document, &Homes)>,
    sources: &mut SourceMap,
    symbols: &mut Symbols,
) -> Vec<Loaded> {
    let prepared: Vec<Option<Prepared>> = roots
        .iter()
        .map(|(path, root)| Prepared::of(path, root, settings))
        .collect();
    let modules = (first..).zip(&prepared).filter_map(|(input, prepared)| {
        let prepared = prepared.as_ref()?;
        Some(RootModule {
            input,
            tree: Arc::clone(&prepared.tree),
            variables: &prepared.variables,
            given: &settings.given,
            files: &prepared.files,
            identities: settings.identities,
            plan,
        })
    });
    let modules: Vec<RootModule<'_>> = modules.collect();
    let mut evaluated = hcl::evaluate_roots(&modules, sources, symbols).into_iter();
    let mut done = Vec::with_capacity(roots.len());
    for ((path, _), prepared) in roots.iter().zip(&prepared) {
        let evaluated = prepared
            .as_ref()
            .and_then(|it| Some((it, evaluated.next()?)));
        done.push(match evaluated {
            Some((prepared, evaluated)) => loaded(path, &prepared.tree, evaluated, sources),
            None => Loaded {
                path: path.clone(),
                document: Document::of_sources(),
                secrets: Vec::new(),
            },
        });
    }
    done
}

fn loaded(path: &str, tree: &ModuleTree, evaluated: Evaluated, sources: &SourceMap) -> Loaded {
    let Evaluated {
        mut document,
        problems,
        secrets,
    } = evaluated;
    document.unreadable.splice(0..0, unreadable(tree));
    let shown = problems.iter().take(MOST_NOTES).map(|problem| {
        let place = sources.location(problem.origin.span());
        let message = format!("{}:{}: {}", place.file, place.start.line, problem.message);
        Note { message }
    });
    document.notes.extend(shown);
    let left = problems.len().saturating_sub(MOST_NOTES);
    if left > 0 {
        let message = format!("and {left} more expressions have no value");
        document.notes.push(Note { message });
    }
    Loaded {
        path: path.to_owned(),
        document,
        secrets,
    }
}

/// What could not be read in any of the modules, each folder once.
fn unreadable(tree: &ModuleTree) -> Vec<Unreadable> {
    let mut all: Vec<Unreadable> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut next: Vec<&ModuleTree> = vec![tree];
    while let Some(tree) = next.pop() {
        if !seen.insert(&tree.source.dir) {
            continue;
        }
        all.extend(tree.source.unreadable.iter().cloned());
        for called in tree.calls.values() {
            if let hcl::Called::Module { tree, .. } = called {
                next.push(tree);
            }
        }
    }
    all.sort_by_key(|it| it.origin.span());
    all
}

/// Where Terraform keeps its data, and where keytrail runs.
fn around(world: &World) -> (Option<PathBuf>, Option<PathBuf>) {
    let data = world.variable("TF_DATA_DIR").map(PathBuf::from);
    (data, std::env::current_dir().ok())
}

/// The files of a root's folder that give values to its variables, as reports name them.
fn variable_files(dir: &Path, shown: &str) -> Vec<(String, String)> {
    let mut names: Vec<String> = Disk
        .list(dir)
        .unwrap_or_default()
        .into_iter()
        .filter(|it| matches!(it.kind, ListedKind::File | ListedKind::LinkToFile))
        .map(|it| it.name)
        .filter(|name| name.ends_with(".tfvars") || name.ends_with(".tfvars.json"))
        .collect();
    names.sort();
    let read = |name: String| {
        let bytes = Folder::read(&Disk, &dir.join(&name), LARGEST).ok()?;
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let shown = match shown {
            "." => name,
            _ => format!("{}/{name}", shown.trim_end_matches('/')),
        };
        Some((shown, text))
    };
    names.into_iter().filter_map(read).collect()
}

/// The file of a `--var-file`.
pub(super) fn variable_file(path: &Path) -> Result<VarArgument, Error> {
    let name = name_of(path);
    let bytes = Folder::read(&Disk, path, LARGEST).map_err(|trouble| {
        let why = match trouble {
            hcl::FileTrouble::Missing => "there is no such file".to_owned(),
            hcl::FileTrouble::Unreadable(why) => why,
        };
        Error::new(name.clone(), why)
    })?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(VarArgument::File(name, text)),
        Err(_) => Err(Error::new(name, "the file is not UTF-8")),
    }
}
