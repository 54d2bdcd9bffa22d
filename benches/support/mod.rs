//! What the benches of HCL share: the disk, the files that can matter, and parsing them and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use hcl_edit::structure::Body;
use keytrail::hcl::{
    self, Called, FileTrouble, Folder, Listed, ListedKind, ModuleSource, ModuleTree, Root,
};
use keytrail::source::SourceMap;

/// The disk. Nothing in a tree that a bench makes is a link.
pub(crate) struct Disk;

impl Folder for Disk {
    fn real(&self, path: &Path) -> Result<PathBuf, FileTrouble> {
        path.canonicalize().map_err(|_| FileTrouble::Missing)
    }

    fn list(&self, real: &Path) -> Result<Vec<Listed>, FileTrouble> {
        let entries = fs::read_dir(real).map_err(|_| FileTrouble::Missing)?;
        let listed = entries.flatten().filter_map(|entry| {
            let kind = match entry.file_type().ok()? {
                it if it.is_file() => ListedKind::File,
                it if it.is_dir() => ListedKind::Folder,
                _ => ListedKind::Other,
            };
            let name = entry.file_name().into_string().ok()?;
            Some(Listed { name, kind })
        });
        Ok(listed.collect())
    }

    fn read(&self, path: &Path, _: usize) -> Result<Vec<u8>, FileTrouble> {
        fs::read(path).map_err(|_| FileTrouble::Missing)
    }
}

/// Finds the roots under a folder and parses what they reach.
pub(crate) fn load(dir: &Path) -> (Vec<Root>, SourceMap) {
    let mut sources = SourceMap::new();
    let found = hcl::discover(dir, hcl::Around::default(), &Disk).unwrap();
    let roots = found.load(&Disk, &mut sources).unwrap();
    (roots, sources)
}

/// The files of modules that a root reaches which holds or calls, at any depth, a key, a trail or what belongs to them.
pub(crate) fn relevant(dir: &Path) -> Vec<PathBuf> {
    let (roots, _) = load(dir);
    let mut folders = BTreeSet::new();
    for tree in roots.iter().filter_map(|root| root.tree.as_ref()) {
        let mut reached = BTreeMap::new();
        reach(tree, &mut reached);
        if reached.values().any(|it| holds(it)) {
            folders.extend(reached.into_keys());
        }
    }
    let mut files: Vec<PathBuf> = folders
        .iter()
        .flat_map(|dir| fs::read_dir(dir).unwrap().flatten())
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|it| it == "tf"))
        .collect();
    files.sort();
    files
}

fn reach<'t>(tree: &'t ModuleTree, found: &mut BTreeMap<PathBuf, &'t ModuleSource>) {
    if found
        .insert(tree.source.dir.clone(), &tree.source)
        .is_some()
    {
        return;
    }
    for called in tree.calls.values() {
        if let Called::Module { tree, .. } = called {
            reach(tree, found);
        }
    }
}

fn holds(module: &ModuleSource) -> bool {
    let mut kinds = module.resources.keys().map(|(_, kind, _)| kind);
    kinds.any(|kind| kind.starts_with("aws_kms_") || kind.starts_with("aws_cloudtrail"))
}

/// Reads and parses files on all cores with `hcl_edit`, and does nothing else.
pub(crate) fn parse(files: &[PathBuf]) -> Vec<Body> {
    let next = AtomicUsize::new(0);
    let one_thread = || {
        let mut bodies = Vec::new();
        while let Some(path) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let text = fs::read_to_string(path).unwrap();
            bodies.extend(hcl_edit::parser::parse_body(&text).ok());
        }
        bodies
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(one_thread)).collect();
        let mut bodies = one_thread();
        for other in others {
            bodies.extend(other.join().unwrap());
        }
        bodies
    })
}

/// Bytes of files.
pub(crate) fn bytes(files: &[PathBuf]) -> usize {
    let lengths = files.iter().map(|it| fs::metadata(it).unwrap().len());
    usize::try_from(lengths.sum::<u64>()).unwrap()
}
