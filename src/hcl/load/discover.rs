//! Which folders are roots.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::folder::{Folder, Listed, ListedKind, config_files, joined, shown, variable_files};
use super::remote::Remote;
use super::texts::{self, Dir, Keep, ListedDir};
use crate::error::Error;
use crate::hcl::scope::FileTrouble;
use crate::hcl::syntax::ModuleTree;
use crate::parallel;

/// Folders below a folder, at most; of what lies deeper it is said that it was not looked at.
const DEEPEST: usize = 64;

/// A folder that no other one calls, as far as can be seen without parsing; or one that could not be looked into.
#[derive(Clone, Debug)]
pub struct Root {
    /// The real path.
    pub dir: PathBuf,
    /// The folder that nothing is read outside of.
    pub boundary: PathBuf,
    /// The folder as reports name it, relative to what the user gave: empty for that folder itself.
    pub shown: String,
    /// The modules; none where nothing that it reaches can hold a trail or a key, and all of it is well formed: nothing of it was kept.
    pub tree: Option<Arc<ModuleTree>>,
}

/// The folders with configuration under what the user gave, their files read and not yet parsed.
pub struct Discovered {
    /// The real path of what the user gave.
    pub(super) given: PathBuf,
    /// The real path of the folder that nothing is read outside of: the checkout that `given` lies in, or `given`.
    pub(super) boundary: PathBuf,
    /// Where Terraform keeps its data, if not in `.terraform`.
    pub(super) data: Option<PathBuf>,
    /// What stands before the names of files.
    pub(super) name: String,
    pub(super) dirs: BTreeMap<PathBuf, Dir>,
    pub(super) roots: Vec<PathBuf>,
    /// Folders below the one given that could not be looked into, and why.
    pub(super) lost: Vec<(PathBuf, String)>,
    /// True where the user named the roots.
    pub(super) explicit: bool,
}

/// Looks for the roots under a folder: those with configuration that no other one calls. The folder itself is one if it holds configuration
/// and is not called. Hidden folders, `examples`, `test`, `tests` and the like are left out, unless they are the folder given.
///
/// Modules are followed inside of the checkout that the folder lies in (by its `.git`), else inside of the working folder if that is
/// around it, else inside of the folder.
///
/// # Errors
/// Where there is no such folder, or it cannot be read. What cannot be read below it is said by [`ModuleSource::unreadable`].
///
/// [`ModuleSource::unreadable`]: crate::hcl::ModuleSource
pub fn discover(
    given: &Path,
    around: Around<'_>,
    folder: &dyn Folder,
) -> Result<Discovered, Error> {
    let mut found = Discovered::at(given, around, folder)?;
    let (listed, lost) = found.walk(folder);
    found.lost = lost;
    found.read(listed, Keep::Likely, folder);
    found.roots = found.uncalled(folder);
    Ok(found)
}

/// What is around a folder, as whoever runs keytrail knows it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Around<'a> {
    /// Where Terraform keeps its data (`TF_DATA_DIR`), relative to each root; `.terraform` if none.
    pub data: Option<&'a Path>,
    /// The working folder.
    pub working: Option<&'a Path>,
    /// What stands before the names of files in reports: the folder as the user named it, where they are to find the files by it.
    pub name: Option<&'a str>,
}

impl Discovered {
    /// A folder of which nothing was looked at yet: for [`Discovered::with_roots`], where the roots are known.
    ///
    /// # Errors
    /// Where there is no such folder, or it cannot be read.
    pub fn at(given: &Path, around: Around<'_>, folder: &dyn Folder) -> Result<Self, Error> {
        let named = given.to_string_lossy().into_owned();
        let trouble = |trouble: FileTrouble| match trouble {
            FileTrouble::Missing => Error::new(named.clone(), "there is no such folder"),
            FileTrouble::Unreadable(why) => Error::new(named.clone(), why),
        };
        let real = folder.real(given).map_err(trouble)?;
        folder.list(&real).map_err(trouble)?;
        let working = around.working.and_then(|it| folder.real(it).ok());
        let boundary = real
            .ancestors()
            .find(|it| folder.real(&it.join(".git")).is_ok())
            .or(working.as_deref().filter(|it| real.starts_with(it)))
            .unwrap_or(&real)
            .to_path_buf();
        Ok(Discovered {
            given: real,
            boundary,
            data: around.data.map(Path::to_path_buf),
            name: around.name.unwrap_or_default().to_owned(),
            dirs: BTreeMap::new(),
            roots: Vec::new(),
            lost: Vec::new(),
            explicit: false,
        })
    }

    /// Nothing is read outside of this folder.
    pub fn boundary(&self) -> &Path {
        &self.boundary
    }

    /// The folders that are roots as far as can be seen without parsing, in the order of their paths.
    pub fn roots(&self) -> &[PathBuf] {
        &self.roots
    }

    /// Takes these folders for the roots, whoever calls them: `--root`.
    ///
    /// # Errors
    /// Where one of them is no folder, or holds no configuration.
    pub fn with_roots(mut self, roots: &[PathBuf], folder: &dyn Folder) -> Result<Self, Error> {
        self.explicit = true;
        self.roots.clear();
        self.lost.clear();
        for root in roots {
            let named = root.to_string_lossy().into_owned();
            let real = folder
                .real(root)
                .map_err(|_| Error::new(named.clone(), "there is no such folder"))?;
            self.ensure(std::slice::from_ref(&real), Keep::All, folder);
            if self.dirs.get(&real).is_none_or(|it| it.files.is_empty()) {
                return Err(Error::new(named, "the folder holds no configuration"));
            }
            self.roots.push(real);
        }
        self.roots.sort();
        self.roots.dedup();
        Ok(self)
    }

    /// The folder as reports name it.
    pub(super) fn shown(&self, dir: &Path) -> String {
        joined(&self.name, &shown(dir, &self.given))
    }

    /// The folders under the given one, and those of them that could not be looked into.
    fn walk(&self, folder: &dyn Folder) -> (Vec<ListedDir>, Vec<(PathBuf, String)>) {
        let (mut found, mut lost) = (Vec::new(), Vec::new());
        let mut level = vec![self.given.clone()];
        for _ in 0..DEEPEST {
            let lists = parallel::map(&level, |dir| {
                let listed = match folder.list(dir) {
                    Ok(listed) => listed,
                    Err(FileTrouble::Missing) => return Err("it is not there".to_owned()),
                    Err(FileTrouble::Unreadable(why)) => return Err(why),
                };
                let is_wanted =
                    |it: &&Listed| it.kind == ListedKind::Folder && !is_left_out(&it.name);
                let folders = listed.iter().filter(is_wanted);
                let folders: Vec<PathBuf> = folders.map(|it| dir.join(&it.name)).collect();
                Ok((folders, config_files(&listed), variable_files(&listed)))
            });
            let mut below = Vec::new();
            for (dir, listed) in level.into_iter().zip(lists) {
                let (folders, files, variables) = match listed {
                    Ok(listed) => listed,
                    Err(why) => {
                        lost.push((dir, why));
                        continue;
                    }
                };
                below.extend(folders);
                if !files.is_empty() {
                    found.push(ListedDir {
                        path: dir,
                        files,
                        variables,
                    });
                }
            }
            level = below;
        }
        let deep = level.into_iter().next();
        lost.extend(deep.map(|dir| (dir, "it lies too deep".to_owned())));
        (found, lost)
    }

    /// Reads the files of folders.
    fn read(&mut self, listed: Vec<ListedDir>, keep: Keep, folder: &dyn Folder) {
        let read = texts::read(listed, keep, &self.boundary, folder);
        self.dirs.extend(read);
    }

    /// Reads the folders that are not read yet, and where all texts are to be kept, those whose texts were not.
    pub(super) fn ensure(&mut self, dirs: &[PathBuf], keep: Keep, folder: &dyn Folder) {
        let mut listed = Vec::new();
        for path in dirs.iter().collect::<BTreeSet<_>>() {
            match self.dirs.get_mut(path) {
                Some(dir) if keep == Keep::All && !dir.is_kept() => {
                    let files = std::mem::take(&mut dir.files).into_iter();
                    listed.push(ListedDir {
                        path: path.clone(),
                        files: files.map(|it| it.file).collect(),
                        variables: Vec::new(),
                    });
                }
                Some(_) => {}
                None => {
                    let names = folder.list(path).unwrap_or_default();
                    listed.push(ListedDir {
                        path: path.clone(),
                        files: config_files(&names),
                        variables: Vec::new(),
                    });
                }
            }
        }
        self.read(listed, keep, folder);
    }

    /// True where a folder may be read.
    pub(super) fn allows(&self, real: &Path, root: &Path) -> bool {
        let data = self.data.as_ref().map(|data| root.join(data));
        real.starts_with(&self.boundary) || data.is_some_and(|data| real.starts_with(data))
    }

    fn uncalled(&self, folder: &dyn Folder) -> Vec<PathBuf> {
        let mut called = BTreeSet::new();
        for (path, dir) in &self.dirs {
            let all = dir.calls.iter();
            called.extend(
                all.filter_map(|it| self.real(it, folder))
                    .filter(|it| it != path),
            );
        }
        let free = self.dirs.keys().filter(|path| !called.contains(*path));
        free.cloned().collect()
    }

    /// The folders that something of a type that a verdict can hang on can be reached from.
    pub(super) fn relevant(&mut self, folder: &dyn Folder) -> BTreeSet<PathBuf> {
        let led = self.follow(folder);
        let mut callers: BTreeMap<&PathBuf, Vec<&PathBuf>> = BTreeMap::new();
        let mut found = BTreeSet::new();
        let mut next = Vec::new();
        for (path, dir) in &self.dirs {
            // What the user names is read, whatever it holds: a mistake in it is told.
            let is_named = *path == self.given || self.explicit && self.roots.contains(path);
            let mut matters = dir.matters || is_named;
            for called in &dir.calls {
                match led.get(called) {
                    Some(Some(real)) if self.dirs.get(real).is_some_and(Dir::has_files) => {
                        callers.entry(real).or_default().push(path);
                    }
                    // Whoever calls what is not here may call anything.
                    _ => matters = true,
                }
            }
            if matters {
                next.push(path);
            }
        }
        while let Some(dir) = next.pop() {
            if found.insert(dir.clone()) {
                next.extend(callers.get(dir).into_iter().flatten());
            }
        }
        found
    }

    /// Reads the folders that the known ones call, and those that these call, however far. Gives the folder that each path of a call leads
    /// to: none where nothing is there, or nothing that may be read.
    fn follow(&mut self, folder: &dyn Folder) -> BTreeMap<PathBuf, Option<PathBuf>> {
        let mut led = BTreeMap::new();
        let mut new: Vec<PathBuf> = self.dirs.keys().cloned().collect();
        while !new.is_empty() {
            let mut outside = BTreeSet::new();
            let dirs = new.iter().filter_map(|path| self.dirs.get(path));
            for called in dirs.flat_map(|dir| &dir.calls) {
                if led.contains_key(called) {
                    continue;
                }
                let real = self.real(called, folder);
                if let Some(real) = real.as_ref().filter(|it| !self.dirs.contains_key(*it)) {
                    outside.insert(real.clone());
                }
                led.insert(called.clone(), real);
            }
            new = outside.into_iter().collect();
            self.ensure(&new, Keep::Likely, folder);
        }
        led
    }

    /// The folder that the path of a call leads to, links followed, where it may be read.
    fn real(&self, called: &Path, folder: &dyn Folder) -> Option<PathBuf> {
        if self.dirs.contains_key(called) {
            return Some(called.to_path_buf());
        }
        let real = folder.real(called).ok()?;
        real.starts_with(&self.boundary).then_some(real)
    }

    /// What `terraform init` has brought for a root.
    pub(super) fn remote(&self, root: &Path, folder: &dyn Folder) -> Remote {
        Remote::read(root, self.data.as_deref(), folder)
    }
}

/// True for folders that are no configurations that somebody applies.
fn is_left_out(name: &str) -> bool {
    name.starts_with('.')
        || matches!(
            name,
            "example" | "examples" | "test" | "tests" | "testdata" | "test-fixtures"
        )
}

/// True for a folder of the same repository.
pub(super) fn is_local(source: &str) -> bool {
    ["./", "../", ".\\", "..\\"]
        .iter()
        .any(|it| source.starts_with(it))
        || matches!(source, "." | "..")
}

/// True for what may be the source of a module that `terraform init` brings, and is not that of a provider, `hashicorp/aws`.
pub(super) fn is_remote(source: &str) -> bool {
    if is_local(source) || source.is_empty() || source.contains("${") {
        return false;
    }
    let words: Vec<&str> = source.split('/').collect();
    let host = words.first().is_some_and(|it| it.contains('.'));
    let git = matches!(words.first(), Some(&("github.com" | "bitbucket.org")));
    source.contains(':') || git || words.len() > if host { 3 } else { 2 }
}
