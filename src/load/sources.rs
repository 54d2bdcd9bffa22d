//! HCL sources: finds the roots, reads and evaluates them, alone or for a plan.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Settings;
use super::disk::{Disk, Fenced};
use crate::error::Error;
use crate::hcl::variable::{Given as Variables, VarArgument, automatic_rank};
use crate::hcl::{
    self, Around, Discovered, Evaluated, Folder, Listed, ModuleTree, Root, RootModule,
};
use crate::input::{Document, Homes, Note, Unreadable};
use crate::source::{Origin, SourceMap, Span};
use crate::value::Symbols;

/// A file of variables that is larger is not read.
const LARGEST: usize = 64 << 20;

/// Messages about one root that are shown as notes, at most.
const MOST_NOTES: usize = 20;

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
pub fn is_sources(path: &Path) -> bool {
    let name = path.display().to_string();
    let endings = [".tf", ".tofu", ".tf.json", ".tofu.json"];
    path.is_dir() || endings.iter().any(|ending| name.ends_with(ending))
}

/// The folder of a path: a source file stands for the folder that it lies in.
pub fn folder_of(path: &Path) -> PathBuf {
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
    sources: &mut SourceMap,
) -> Result<Vec<(String, Root)>, Error> {
    let folder = folder_of(path);
    let name = folder.display().to_string();
    let around = Around {
        data: settings.data.as_deref(),
        working: settings.working.as_deref(),
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
        return Err(Error::new(path.display().to_string(), message).with_help(instead_of(&folder)));
    }
    Ok(roots.into_iter().map(named).collect())
}

/// What to give instead of a folder without a configuration: what it holds besides, or the next one above that has one.
fn instead_of(folder: &Path) -> String {
    let listed = Disk.list(folder).unwrap_or_default();
    let mut names: Vec<&str> = listed.iter().map(|it| it.name.as_str()).collect();
    names.sort_unstable();
    let ends = |ending: &str| names.iter().find(|name| name.ends_with(ending));
    if let Some(plan) = ends("plan.json").or_else(|| ends("state.json")) {
        let plan = folder.join(plan);
        return format!("it holds a plan: `keytrail check {}`", plan.display());
    }
    if ends("terragrunt.hcl").is_some() {
        return "Terragrunt makes the configuration when it runs; give its plan: `terragrunt show -json PLANFILE > plan.json`".to_owned();
    }
    let mut above = folder.ancestors().skip(1).map(|it| match it.as_os_str() {
        name if name.is_empty() => Path::new("."),
        _ => it,
    });
    let further = ["..", "../..", "../../.."].map(Path::new);
    let further = further.into_iter().filter(|_| folder.is_relative());
    let found = above
        .by_ref()
        .chain(further)
        .find(|it| has_configuration(it));
    match found {
        Some(above) => format!(
            "a folder above it holds one: `keytrail check {}`",
            above.display()
        ),
        None => "give the folder of a root module, or a plan: `terraform show -json PLANFILE > plan.json`".to_owned(),
    }
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
    settings: &Settings,
    sources: &mut SourceMap,
) -> Result<Root, Error> {
    let name = folder.display().to_string();
    let around = Around {
        data: settings.data.as_deref(),
        working: settings.working.as_deref(),
        name: folder.is_relative().then_some(name.as_str()),
    };
    let found = Discovered::at(folder, around, &Disk)?;
    let found = found.with_roots(&[folder.to_path_buf()], &Disk)?;
    let mut roots = found.load(&Disk, sources)?.into_iter();
    roots.next().ok_or_else(|| {
        Error::new(
            folder.display().to_string(),
            "the folder holds no Terraform configuration",
        )
    })
}

/// True where a folder holds files of a configuration.
pub(super) fn has_configuration(folder: &Path) -> bool {
    let listed = Disk.list(folder).unwrap_or_default();
    listed.iter().any(|it| {
        let endings = [".tf", ".tofu", ".tf.json", ".tofu.json"];
        it.is_file() && endings.iter().any(|ending| it.name.ends_with(ending))
    })
}

/// Texts, or what else there is to say, by the names of files.
type Named = Vec<(String, String)>;

/// A root with what it is evaluated with.
struct Prepared {
    tree: Arc<ModuleTree>,
    variables: Variables,
    /// Files with values of variables that cannot be read, and why.
    lost: Named,
    files: Fenced,
}

impl Prepared {
    /// None where nothing in it matters.
    fn of(path: &str, root: &Root, settings: &Settings) -> Option<Self> {
        let tree = Arc::clone(root.tree.as_ref()?);
        let (files, lost) = variable_files(&root.dir, path);
        Some(Prepared {
            tree,
            variables: Variables {
                environment: settings.environment.clone(),
                arguments: Arc::clone(&settings.arguments),
                files,
            },
            lost,
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
        let Some((prepared, evaluated)) = evaluated else {
            done.push(Loaded {
                path: path.clone(),
                document: Document::of_sources(),
                secrets: Vec::new(),
            });
            continue;
        };
        let mut loaded = loaded(path, &prepared.tree, evaluated, sources);
        let lost = prepared.lost.iter();
        let lost = lost.filter_map(|(name, why)| nothing_of(name, why, sources));
        loaded.document.unreadable.extend(lost);
        done.push(loaded);
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
        for (name, called) in &tree.calls {
            match called {
                hcl::Called::Module { tree, .. } => next.push(tree),
                hcl::Called::Missing {
                    reason,
                    help,
                    refused: true,
                } => {
                    let call = tree.source.calls.get(name);
                    all.extend(call.map(|call| Unreadable {
                        message: reason.clone(),
                        origin: call.header.clone(),
                        help: Some(help.clone()),
                    }));
                }
                hcl::Called::Missing { refused: false, .. } => {}
            }
        }
    }
    all.sort_by_key(|it| it.origin.span());
    // A circle of calls is told of by each folder that lies on it.
    all.dedup_by(|a, b| a.origin.span() == b.origin.span() && a.message == b.message);
    all
}

/// A file that cannot be read; none where the map is full.
fn nothing_of(name: &str, why: &str, sources: &mut SourceMap) -> Option<Unreadable> {
    let file = sources.add(name, "").ok()?;
    Some(Unreadable {
        message: format!("nothing of this file is read: {why}"),
        origin: Origin::new(sources.whole(file)),
        help: None,
    })
}

/// The files of a root's folder that give values to its variables without being asked to, as reports name them; and those of them that
/// cannot be read, with the reasons.
fn variable_files(dir: &Path, shown: &str) -> (Named, Named) {
    let mut names: Vec<String> = Disk
        .list(dir)
        .unwrap_or_default()
        .into_iter()
        .filter(Listed::is_file)
        .map(|it| it.name)
        .filter(|name| automatic_rank(name).is_some())
        .collect();
    names.sort();
    let (mut files, mut lost) = (Vec::new(), Vec::new());
    for name in names {
        let read = Folder::read(&Disk, &dir.join(&name), LARGEST).map_err(why);
        let read = read.and_then(|bytes| {
            String::from_utf8(bytes).map_err(|_| "the file is not UTF-8".to_owned())
        });
        let shown = match shown {
            "." => name,
            _ => format!("{}/{name}", shown.trim_end_matches('/')),
        };
        match read {
            Ok(text) => files.push((shown, text)),
            Err(why) => lost.push((shown, why)),
        }
    }
    (files, lost)
}

fn why(trouble: hcl::FileTrouble) -> String {
    match trouble {
        hcl::FileTrouble::Missing => "there is no such file".to_owned(),
        hcl::FileTrouble::Unreadable(why) => why,
    }
}

/// The file of a `--var-file`.
///
/// # Errors
/// Where it cannot be read, is not UTF-8, or is no such file: whether anything asks for its values or not.
pub fn variable_file(path: &Path) -> Result<VarArgument, Error> {
    let name = path.display().to_string();
    let bytes = Folder::read(&Disk, path, LARGEST)
        .map_err(|trouble| Error::new(name.clone(), why(trouble)))?;
    let Ok(text) = String::from_utf8(bytes) else {
        return Err(Error::new(name, "the file is not UTF-8"));
    };
    let mut sources = SourceMap::new();
    let file = sources
        .add(name.clone(), text.as_str())
        .map_err(|error| Error::new(name.clone(), error.to_string()))?;
    let json = path.extension().is_some_and(|it| it == "json");
    let (_, wrong) = hcl::parse_variables(file, json, &mut sources);
    if let Some(wrong) = wrong.into_iter().next() {
        let line = sources.location(wrong.origin.span()).start.line;
        let help = "a file of variables holds lines of `name = value`, or is JSON where its name ends with `.json`";
        let help = wrong.help.unwrap_or_else(|| help.to_owned());
        let line = usize::try_from(line).unwrap_or(usize::MAX);
        return Err(Error::new(name, wrong.message)
            .at_line(line)
            .with_help(help));
    }
    Ok(VarArgument::File(name, text))
}
