//! The disk, as the reader of sources and the functions of expressions see it.
//!
//! The only other place than the command line that reads files, and only those that the caller names, or that configurations under them do.

use std::fs::{self, File, FileType};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::hcl::{FileTrouble, Files, Folder, Listed, ListedKind};
use crate::plan;

/// Files under a folder in which `fileset` looks, at most.
const MOST_FILES: usize = 100_000;

/// Folders inside each other, at most.
const DEEPEST: usize = 64;

/// Bytes of an input, at most: many times the largest plans. What is larger is a mistake or a trap, such as a device that never ends.
pub const LARGEST: usize = 1 << 30;

/// Files from this size on are read by two threads.
const LARGE: u64 = 4 << 20;

/// The text of a plan or state without what its reader passes over ([`plan::sift`]); none where the whole text is to be read.
///
/// # Errors
/// Where the file cannot be read.
pub fn sifted(path: &Path, identities: bool) -> io::Result<Option<Vec<u8>>> {
    let about = fs::metadata(path)?;
    // A pipe can be opened and read once, and what the sieve is not sure of is read again. What is too large is refused there.
    if !about.is_file() || about.len() > LARGEST as u64 {
        return Ok(None);
    }
    // One that grows meanwhile is never read without end.
    let file = File::open(path)?.take(LARGEST as u64);
    if about.len() < LARGE {
        return plan::sift(file, identities);
    }
    plan::sift_large(file, File::open(path)?, about.len(), identities)
}

/// The whole disk, for what the user names.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

/// The disk under a folder, for functions.
#[derive(Clone, Debug)]
pub struct Fenced {
    /// Nothing is read outside of it.
    pub root: PathBuf,
    /// Where relative paths begin.
    pub base: PathBuf,
    /// That folder as reports name it.
    pub name: String,
}

fn trouble(error: &io::Error) -> FileTrouble {
    match error.kind() {
        io::ErrorKind::NotFound => FileTrouble::Missing,
        _ => FileTrouble::Unreadable(format!("it cannot be read: {}", error.kind())),
    }
}

/// Reads a regular file; a pipe or a device might never end.
fn read(path: &Path, limit: usize) -> Result<Vec<u8>, FileTrouble> {
    let unreadable = |why: &str| FileTrouble::Unreadable(why.to_owned());
    // Asked before it is opened: opening a named pipe waits for whoever writes to it.
    let about = fs::metadata(path).map_err(|error| trouble(&error))?;
    if about.is_dir() {
        return Err(unreadable("it is a folder"));
    }
    if !about.is_file() {
        return Err(unreadable("it is no regular file"));
    }
    let file = File::open(path).map_err(|error| trouble(&error))?;
    let expected = usize::try_from(about.len()).unwrap_or(limit).min(limit);
    // One byte more than expected, so that the end is found without growing.
    let mut bytes = Vec::with_capacity(expected.saturating_add(1));
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let read = file.take(most).read_to_end(&mut bytes);
    read.map_err(|error| trouble(&error))?;
    if bytes.len() > limit {
        return Err(FileTrouble::Unreadable(format!(
            "it has more than {limit} bytes"
        )));
    }
    Ok(bytes)
}

fn kind_of(path: &Path, kind: FileType) -> ListedKind {
    if kind.is_file() {
        ListedKind::File
    } else if kind.is_dir() {
        ListedKind::Folder
    } else if kind.is_symlink() && fs::metadata(path).map_or(true, |it| it.is_file()) {
        // One that leads nowhere counts as one to a file: reading it says what is wrong, as Terraform does.
        ListedKind::LinkToFile
    } else {
        ListedKind::Other
    }
}

impl Folder for Disk {
    fn real(&self, path: &Path) -> Result<PathBuf, FileTrouble> {
        path.canonicalize().map_err(|error| trouble(&error))
    }

    fn list(&self, real: &Path) -> Result<Vec<Listed>, FileTrouble> {
        let mut listed = Vec::new();
        for entry in fs::read_dir(real).map_err(|error| trouble(&error))? {
            let entry = entry.map_err(|error| trouble(&error))?;
            let kind = entry.file_type().map_err(|error| trouble(&error))?;
            let kind = kind_of(&entry.path(), kind);
            let name = entry.file_name().to_string_lossy().into_owned();
            listed.push(Listed { name, kind });
        }
        Ok(listed)
    }

    fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, FileTrouble> {
        read(path, limit)
    }

    fn fill(&self, path: &Path, into: &mut [u8]) -> Result<Option<usize>, FileTrouble> {
        let mut file = File::open(path).map_err(|error| trouble(&error))?;
        let mut length = 0;
        // Until nothing more comes: a file that just fits is said not to.
        while let Some(rest) = into.get_mut(length..).filter(|it| !it.is_empty()) {
            match file.read(rest) {
                Ok(0) => return Ok(Some(length)),
                Ok(read) => length += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(trouble(&error)),
            }
        }
        Ok(None)
    }
}

impl Files for Fenced {
    fn root(&self) -> &Path {
        &self.root
    }

    fn base(&self) -> &Path {
        &self.base
    }

    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }

    fn real(&self, path: &Path) -> Result<PathBuf, FileTrouble> {
        path.canonicalize().map_err(|error| trouble(&error))
    }

    fn read(&self, real: &Path, limit: usize) -> Result<Vec<u8>, FileTrouble> {
        read(real, limit)
    }

    fn under(&self, real: &Path) -> Result<Vec<String>, FileTrouble> {
        let mut names = Vec::new();
        let mut folders = vec![(real.to_path_buf(), String::new(), 0_usize)];
        while let Some((folder, prefix, depth)) = folders.pop() {
            for listed in Disk.list(&folder)? {
                let name = format!("{prefix}{}", listed.name);
                match listed.kind {
                    ListedKind::Folder if depth < DEEPEST => {
                        folders.push((folder.join(&listed.name), format!("{name}/"), depth + 1));
                    }
                    ListedKind::File => names.push(name),
                    ListedKind::LinkToFile if folder.join(&listed.name).is_file() => {
                        names.push(name);
                    }
                    _ => {}
                }
                if names.len() > MOST_FILES {
                    let why = format!("it holds more than {MOST_FILES} files");
                    return Err(FileTrouble::Unreadable(why));
                }
            }
        }
        names.sort();
        Ok(names)
    }
}
