//! The way to folders and files, and which files of a folder count.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use crate::hcl::scope::FileTrouble;
use crate::hcl::variable::automatic_rank;

/// The only way to the folders of a configuration. It does what it is told; that nothing outside the user's folder or checkout is read is
/// this module's duty.
pub trait Folder: Sync {
    /// The absolute path with every symbolic link followed.
    ///
    /// # Errors
    /// [`FileTrouble::Missing`] where there is nothing.
    fn real(&self, path: &Path) -> Result<PathBuf, FileTrouble>;

    /// What lies in a folder, in any order.
    ///
    /// # Errors
    /// Where it is no folder or cannot be read.
    fn list(&self, real: &Path) -> Result<Vec<Listed>, FileTrouble>;

    /// The bytes of a file, which is larger than `limit` at no time.
    ///
    /// # Errors
    /// Where it is no file, too large, or cannot be read.
    fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, FileTrouble>;

    /// Puts the bytes of a file at the beginning of `into`, and says how many there are; `None` where they do not fit. The file was listed
    /// as a [`ListedKind::File`], which need not be asked again.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn fill(&self, path: &Path, into: &mut [u8]) -> Result<Option<usize>, FileTrouble> {
        let bytes = self.read(path, usize::MAX)?;
        let Some(begin) = into.get_mut(..bytes.len()) else {
            return Ok(None);
        };
        begin.copy_from_slice(&bytes);
        Ok(Some(bytes.len()))
    }
}

/// A name in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// The name. One that is not UTF-8 is another in UTF-8, under which nothing is there, so that it is told of.
    pub name: String,
    /// What it names.
    pub kind: ListedKind,
}

impl Listed {
    /// True for whatever Terraform would read as a file: all but a folder. What cannot be read as one is told of.
    pub fn is_file(&self) -> bool {
        self.kind != ListedKind::Folder
    }
}

/// What a name in a folder stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListedKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A symbolic link to a file.
    LinkToFile,
    /// Anything else: a link to a folder or to nothing, a device.
    Other,
}

/// A file of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ConfigFile {
    /// Its name in its folder.
    pub(super) name: String,
    /// True for `.tf.json` and `.tofu.json`.
    pub(super) json: bool,
    /// True for `override.tf` and `*_override.tf`.
    pub(super) is_override: bool,
    /// True for a symbolic link, and for what may be no file at all.
    pub(super) link: bool,
}

/// The files with values of variables that Terraform loads by itself, in the order of their names.
pub(super) fn variable_files(listed: &[Listed]) -> Vec<ConfigFile> {
    let file = |it: &Listed| {
        automatic_rank(&it.name).map(|_| ConfigFile {
            name: it.name.clone(),
            json: it.name.strip_suffix(".json").is_some(),
            is_override: false,
            link: it.kind != ListedKind::File,
        })
    };
    let mut files: Vec<ConfigFile> = listed
        .iter()
        .filter(|it| it.is_file())
        .filter_map(file)
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

/// The configuration files among the names, the primary ones first, each kind in the order of their names.
///
/// Source: `configFileSet` and `IsIgnoredFile` in Terraform's `internal/configs/parser_config_dir.go`; a `.tofu` file hides the `.tf` file
/// of the same name (<https://opentofu.org/docs/language/files/>).
pub(super) fn config_files(listed: &[Listed]) -> Vec<ConfigFile> {
    let names: BTreeSet<&str> = listed
        .iter()
        .filter(|it| it.is_file())
        .map(|it| it.name.as_str())
        .collect();
    let mut files: Vec<ConfigFile> = listed
        .iter()
        .filter(|it| it.is_file())
        .filter_map(|it| config_file(it, &names))
        .collect();
    files.sort_by(|a, b| (a.is_override, &a.name).cmp(&(b.is_override, &b.name)));
    files
}

fn config_file(listed: &Listed, names: &BTreeSet<&str>) -> Option<ConfigFile> {
    const ENDINGS: [(&str, bool, Option<&str>); 4] = [
        (".tf", false, Some(".tofu")),
        (".tofu", false, None),
        (".tf.json", true, Some(".tofu.json")),
        (".tofu.json", true, None),
    ];
    let name = listed.name.as_str();
    let ignored = name.starts_with('.')
        || name.ends_with('~')
        || (name.starts_with('#') && name.ends_with('#'));
    if ignored {
        return None;
    }
    let ending = ENDINGS.iter().find(|(ending, ..)| name.ends_with(ending));
    let (ending, json, hidden_by) = ending?;
    let base = name.strip_suffix(ending)?;
    if hidden_by.is_some_and(|other| names.contains(format!("{base}{other}").as_str())) {
        return None;
    }
    Some(ConfigFile {
        name: name.to_owned(),
        json: *json,
        is_override: base == "override" || base.ends_with("_override"),
        link: listed.kind != ListedKind::File,
    })
}

/// A path without `.` and `..`, by its words alone.
pub(super) fn plain(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// A relative path behind a folder's name: `infra` and `../kms` are `kms`.
pub(in crate::hcl) fn joined(name: &str, path: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    let all = name.split('/').chain(path.split('/'));
    for word in all.filter(|word| !matches!(*word, "" | ".")) {
        if word == ".." && words.last().is_some_and(|last| *last != "..") {
            words.pop();
        } else {
            words.push(word);
        }
    }
    words.join("/")
}

/// A path as reports show it, relative to `from` where that is not too far up, with `/`.
pub(super) fn shown(path: &Path, from: &Path) -> String {
    let mut up = 0;
    let mut base = from;
    let inside = loop {
        if let Ok(inside) = path.strip_prefix(base) {
            break inside;
        }
        up += 1;
        match base.parent() {
            Some(parent) => base = parent,
            None => break path,
        }
    };
    let words = inside
        .components()
        .map(|it| it.as_os_str().to_string_lossy());
    let words = std::iter::repeat_n("..".into(), up).chain(words);
    words.collect::<Vec<_>>().join("/")
}
