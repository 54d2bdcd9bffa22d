//! Reads the files of folders, and keeps the texts of those that a verdict may hang on.

use std::ops::Range;
use std::path::{Path, PathBuf};

use super::discover::{is_local, is_remote};
use super::folder::{ConfigFile, Folder, plain};
use super::probe::probe;
use crate::hcl::read::{self, Decoded, FileText, LARGEST_FILE, decoded};
use crate::hcl::scope::FileTrouble;
use crate::parallel;

/// Files of one folder that are read one after the other, at most.
const TOGETHER: usize = 16;

/// Bytes that a thread reads files into, before it is known whether they are to be kept.
const BUFFER: usize = 1 << 20;

/// A folder with the files in it that count.
pub(super) struct ListedDir {
    /// The real path.
    pub(super) path: PathBuf,
    /// The configuration files.
    pub(super) files: Vec<ConfigFile>,
    /// Files with values of variables that Terraform loads by itself.
    pub(super) variables: Vec<ConfigFile>,
}

/// A folder and its files, read.
pub(super) struct Dir {
    pub(super) files: Vec<DirFile>,
    /// The folders of local modules that it may call.
    pub(super) calls: Vec<PathBuf>,
    /// True where a verdict may hang on what is declared here, or is called and is not of this repository; and where a mistake is to be
    /// told: something could not be read, or may not be well formed.
    pub(super) matters: bool,
}

impl Dir {
    /// True where a configuration is in it.
    pub(super) fn has_files(&self) -> bool {
        !self.files.is_empty()
    }

    /// True where the texts of its files are here.
    pub(super) fn is_kept(&self) -> bool {
        self.files.iter().all(|it| it.text.is_some())
    }
}

/// A file, read.
pub(super) struct DirFile {
    pub(super) file: ConfigFile,
    /// None where it was not kept: no verdict hangs on the folder by itself. The trouble is a clause.
    pub(super) text: Option<Result<FileText, String>>,
    /// True where a word is in it that marks what must not be shown.
    pub(super) hides: bool,
}

/// Which texts are kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// All.
    All,
    /// Those of folders that matter or call others. Most folders of a large repository do neither, and their texts, which are read all the
    /// same to know that, are passed through the same few pages of memory.
    Likely,
}

/// Files of one folder that are read together.
struct Chunk<'l> {
    dir: &'l Path,
    files: &'l [ConfigFile],
    /// Those of the folder, with its first files.
    variables: &'l [ConfigFile],
    keep: Keep,
}

/// What was seen in a chunk.
struct Seen {
    texts: Vec<(Option<Result<FileText, String>>, bool)>,
    calls: Vec<PathBuf>,
    matters: bool,
}

/// Reads folders.
pub(super) fn read(
    listed: Vec<ListedDir>,
    keep: Keep,
    boundary: &Path,
    folder: &dyn Folder,
) -> Vec<(PathBuf, Dir)> {
    let mut chunks = Vec::new();
    for listed in &listed {
        let few = listed.files.len() <= TOGETHER;
        let mut variables = listed.variables.as_slice();
        chunks.extend(listed.files.chunks(TOGETHER).map(|files| Chunk {
            dir: &listed.path,
            files,
            variables: std::mem::take(&mut variables),
            // What is in the others of the same folder is not known.
            keep: if few { keep } else { Keep::All },
        }));
    }
    let buffer = || vec![0; BUFFER];
    let seen = parallel::map_with(&chunks, buffer, |buffer, chunk| {
        see(chunk, buffer, boundary, folder)
    });
    let mut seen = seen.into_iter();
    let mut out = Vec::with_capacity(listed.len());
    for ListedDir { path, files, .. } in listed {
        let mut dir = Dir {
            files: Vec::with_capacity(files.len()),
            calls: Vec::new(),
            matters: false,
        };
        let mut texts = Vec::new();
        for seen in seen.by_ref().take(files.len().div_ceil(TOGETHER)) {
            texts.extend(seen.texts);
            dir.calls.extend(seen.calls);
            dir.matters |= seen.matters;
        }
        let files = files.into_iter().zip(texts);
        dir.files
            .extend(files.map(|(file, (text, hides))| DirFile { file, text, hides }));
        dir.calls.sort();
        dir.calls.dedup();
        out.push((path, dir));
    }
    out
}

/// Where the bytes of a file are.
enum Bytes {
    /// In the buffer.
    At(Range<usize>),
    Own(Vec<u8>),
    /// It could not be read.
    Nowhere(String),
}

fn see(chunk: &Chunk<'_>, buffer: &mut [u8], boundary: &Path, folder: &dyn Folder) -> Seen {
    let mut used = 0;
    let mut all = Vec::with_capacity(chunk.files.len() + chunk.variables.len());
    for file in chunk.files.iter().chain(chunk.variables) {
        let path = chunk.dir.join(&file.name);
        let found = if file.link {
            linked(&path, boundary, folder).map(Bytes::Own)
        } else {
            let rest = buffer.get_mut(used..).unwrap_or_default();
            match folder.fill(&path, rest) {
                Ok(Some(length)) => {
                    let at = used..used + length;
                    used = at.end;
                    Ok(Bytes::At(at))
                }
                Ok(None) => folder.read(&path, LARGEST_FILE).map(Bytes::Own),
                Err(why) => Err(why),
            }
            .map_err(clause)
        };
        all.push(found.unwrap_or_else(Bytes::Nowhere));
    }
    let mut seen = Seen {
        texts: Vec::with_capacity(all.len()),
        calls: Vec::new(),
        matters: false,
    };
    let mut all = all.iter().map(|bytes| match bytes {
        Bytes::At(at) => Ok(decoded(buffer.get(at.clone()).unwrap_or_default())),
        Bytes::Own(bytes) => Ok(decoded(bytes)),
        Bytes::Nowhere(why) => Err(why.clone()),
    });
    let mut texts = Vec::with_capacity(chunk.files.len());
    for (file, text) in chunk.files.iter().zip(all.by_ref()) {
        let text = match text {
            Ok(text) => text,
            Err(why) => {
                seen.matters = true;
                texts.push((Err(why), false));
                continue;
            }
        };
        let found = probe(&text.text, file.json);
        seen.matters |=
            found.wanted || found.computed || found.sources.iter().any(|it| is_remote(it));
        let local = found.sources.iter().filter(|it| is_local(it));
        seen.calls
            .extend(local.map(|source| plain(&chunk.dir.join(source))));
        texts.push((Ok(text), found.hides));
    }
    // Nothing of it is parsed where all of it is sound; what may not be is parsed for the mistake to be told.
    let is_sound = |text: &Result<Decoded<'_>, String>, read: fn(&str, bool) -> bool, json| {
        let text = text.as_ref().ok().filter(|it| it.trouble.is_none());
        text.is_some_and(|it| read(&it.text, json))
    };
    seen.matters = seen.matters
        || !texts
            .iter()
            .zip(chunk.files)
            .all(|((text, _), file)| is_sound(text, read::is_sound, file.json))
        || !all
            .zip(chunk.variables)
            .all(|(text, file)| is_sound(&text, read::are_sound_variables, file.json));
    let keep = chunk.keep == Keep::All || seen.matters || !seen.calls.is_empty();
    let kept = texts.into_iter().map(|(text, hides)| {
        let text = keep.then(|| text.map(Decoded::kept));
        (text, hides)
    });
    seen.texts.extend(kept);
    seen
}

/// Reads what a link leads to.
fn linked(path: &Path, boundary: &Path, folder: &dyn Folder) -> Result<Vec<u8>, String> {
    if !folder.real(path).map_err(clause)?.starts_with(boundary) {
        return Err("the file is a link to a file outside of the repository".to_owned());
    }
    folder.read(path, LARGEST_FILE).map_err(clause)
}

fn clause(trouble: FileTrouble) -> String {
    match trouble {
        FileTrouble::Missing => "the file is not there".to_owned(),
        FileTrouble::Unreadable(why) => why,
    }
}
