//! Which folders are roots.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::folder::{ConfigFile, Folder, ListedKind, config_files, joined, plain, shown};
use super::parallel;
use super::probe::{Probe, probe};
use super::remote::Remote;
use crate::error::Error;
use crate::hcl::read::{FileText, LARGEST_FILE, decoded};
use crate::hcl::scope::FileTrouble;
use crate::hcl::syntax::ModuleTree;

/// Folders below a folder, at most; what lies deeper is not looked at.
const DEEPEST: usize = 64;

/// A folder that no other one calls, as far as can be seen without parsing.
#[derive(Clone, Debug)]
pub struct Root {
    /// The real path.
    pub dir: PathBuf,
    /// The folder that nothing is read outside of.
    pub boundary: PathBuf,
    /// The folder as reports name it, relative to what the user gave: empty for that folder itself.
    pub shown: String,
    /// The modules; none where nothing that it reaches can hold a trail or a key, and so nothing was parsed.
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
    /// True where the user named the roots.
    pub(super) explicit: bool,
}

/// A folder and its files, read.
pub(super) struct Dir {
    pub(super) files: Vec<DirFile>,
}

/// A file, read.
pub(super) struct DirFile {
    pub(super) file: ConfigFile,
    pub(super) text: Result<FileText, String>,
    pub(super) probe: Probe,
}

/// Looks for the roots under a folder: those with configuration that no other one calls. The folder itself is one if it holds configuration
/// and is not called. Hidden folders, `examples`, `test`, `tests` and the like are left out, unless they are the folder given.
///
/// Modules are followed inside of the checkout that the folder lies in (by its `.git`), else inside of the working folder if that is
/// around it, else inside of the folder.
///
/// # Errors
/// Where there is no such folder, or it cannot be read. What cannot be read below it is said by [`ModuleSource::unreadable`], or by the
/// folder not being found.
///
/// [`ModuleSource::unreadable`]: crate::hcl::ModuleSource
pub fn discover(
    given: &Path,
    around: Around<'_>,
    folder: &dyn Folder,
) -> Result<Discovered, Error> {
    let mut found = Discovered::at(given, around, folder)?;
    let listed = found.walk(folder);
    found.read(listed, folder);
    found.roots = found.uncalled();
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

/// A folder with the configuration files in it.
pub(super) type ListedDir = (PathBuf, Vec<ConfigFile>);

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
        for root in roots {
            let named = root.to_string_lossy().into_owned();
            let real = folder
                .real(root)
                .map_err(|_| Error::new(named.clone(), "there is no such folder"))?;
            self.ensure(std::slice::from_ref(&real), folder);
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

    /// The folders under the given one.
    fn walk(&self, folder: &dyn Folder) -> Vec<ListedDir> {
        let mut found = Vec::new();
        let mut level = vec![self.given.clone()];
        for _ in 0..DEEPEST {
            let lists = parallel::map(&level, |dir| folder.list(dir).unwrap_or_default());
            let mut below = Vec::new();
            for (dir, listed) in level.into_iter().zip(lists) {
                let folders = listed
                    .iter()
                    .filter(|it| it.kind == ListedKind::Folder && !is_left_out(&it.name));
                below.extend(folders.map(|it| dir.join(&it.name)));
                let files = config_files(&listed);
                if !files.is_empty() {
                    found.push((dir, files));
                }
            }
            if below.is_empty() {
                break;
            }
            level = below;
        }
        found
    }

    /// Reads the files of folders.
    fn read(&mut self, listed: Vec<ListedDir>, folder: &dyn Folder) {
        let mut wanted: Vec<(PathBuf, ConfigFile)> = Vec::new();
        for (dir, files) in listed {
            wanted.extend(files.into_iter().map(|file| (dir.clone(), file)));
            self.dirs.entry(dir).or_insert(Dir { files: Vec::new() });
        }
        let boundary = &self.boundary;
        let texts = parallel::map(&wanted, |(dir, file)| {
            let text = read_file(&dir.join(&file.name), file.link, boundary, folder);
            let found = text.as_ref().map(|it| probe(&it.text, file.json));
            (found.unwrap_or_default(), text)
        });
        for ((dir, file), (probe, text)) in wanted.into_iter().zip(texts) {
            if let Some(it) = self.dirs.get_mut(&dir) {
                it.files.push(DirFile { file, text, probe });
            }
        }
    }

    /// Reads the folders that are not read yet.
    pub(super) fn ensure(&mut self, dirs: &[PathBuf], folder: &dyn Folder) {
        let new: BTreeSet<&PathBuf> = dirs
            .iter()
            .filter(|dir| !self.dirs.contains_key(*dir))
            .collect();
        let list = |dir: &PathBuf| {
            let listed = folder.list(dir).unwrap_or_default();
            (dir.clone(), config_files(&listed))
        };
        let listed = new.into_iter().map(list).collect();
        self.read(listed, folder);
    }

    /// True where a folder may be read.
    pub(super) fn allows(&self, real: &Path, root: &Path) -> bool {
        let data = self.data.as_ref().map(|data| root.join(data));
        real.starts_with(&self.boundary) || data.is_some_and(|data| real.starts_with(data))
    }

    /// The folders of local modules that a folder may call.
    fn local_calls(&self, dir: &Path) -> Vec<PathBuf> {
        let files = self.dirs.get(dir).map(|it| it.files.as_slice());
        let sources = files
            .unwrap_or_default()
            .iter()
            .flat_map(|it| it.probe.sources.iter());
        sources
            .filter(|source| is_local(source))
            .map(|source| plain(&dir.join(source)))
            .collect()
    }

    fn uncalled(&self) -> Vec<PathBuf> {
        let mut called = BTreeSet::new();
        for dir in self.dirs.keys() {
            called.extend(self.local_calls(dir).into_iter().filter(|it| it != dir));
        }
        let free = self.dirs.keys().filter(|dir| !called.contains(*dir));
        free.cloned().collect()
    }

    /// The folders that something of a type that a verdict can hang on can be reached from.
    pub(super) fn relevant(&mut self, folder: &dyn Folder) -> BTreeSet<PathBuf> {
        let outside: Vec<PathBuf> = self.outside(folder);
        self.ensure(&outside, folder);
        let mut callers: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
        let mut found = BTreeSet::new();
        let mut next = Vec::new();
        for (dir, it) in &self.dirs {
            for called in self.local_calls(dir) {
                callers.entry(called).or_default().push(dir.clone());
            }
            // Whoever calls what is not here may call anything.
            let remote = |source: &String| is_remote(source);
            if it.files.iter().any(|file| {
                file.probe.wanted || file.probe.sources.iter().any(remote) || file.text.is_err()
            }) {
                next.push(dir.clone());
            }
        }
        while let Some(dir) = next.pop() {
            if found.insert(dir.clone()) {
                next.extend(callers.get(&dir).into_iter().flatten().cloned());
            }
        }
        found
    }

    /// The folders outside of the given one that those inside call, and those that these call.
    fn outside(&self, folder: &dyn Folder) -> Vec<PathBuf> {
        let calls = self.dirs.keys().flat_map(|dir| self.local_calls(dir));
        let mut found: BTreeSet<PathBuf> = calls
            .filter(|it| !self.dirs.contains_key(it) && it.starts_with(&self.boundary))
            .collect();
        found.retain(|it| folder.real(it).is_ok_and(|real| real == *it));
        found.into_iter().collect()
    }

    /// What `terraform init` has brought for a root.
    pub(super) fn remote(&self, root: &Path, folder: &dyn Folder) -> Remote {
        Remote::read(root, self.data.as_deref(), folder)
    }
}

/// Reads a file; the trouble is a clause.
fn read_file(
    path: &Path,
    link: bool,
    boundary: &Path,
    folder: &dyn Folder,
) -> Result<FileText, String> {
    let text = |trouble: FileTrouble| match trouble {
        FileTrouble::Missing => "the file is not there".to_owned(),
        FileTrouble::Unreadable(why) => why,
    };
    if link && !folder.real(path).map_err(text)?.starts_with(boundary) {
        return Err("the file is a link to a file outside of the repository".to_owned());
    }
    let bytes = folder.read(path, LARGEST_FILE).map_err(text)?;
    Ok(decoded(bytes))
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
fn is_remote(source: &str) -> bool {
    if is_local(source) || source.is_empty() || source.contains("${") {
        return false;
    }
    let words: Vec<&str> = source.split('/').collect();
    let host = words.first().is_some_and(|it| it.contains('.'));
    let git = matches!(words.first(), Some(&("github.com" | "bitbucket.org")));
    source.contains(':') || git || words.len() > if host { 3 } else { 2 }
}
