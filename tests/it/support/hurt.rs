//! Inputs that are broken on purpose, and what keytrail does with them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::check;

/// A file of a configuration in `testdata/`, and the folder that it is checked in.
#[derive(Clone, Debug)]
pub struct Input {
    pub folder: PathBuf,
    /// Relative to the folder.
    pub file: PathBuf,
    pub bytes: Vec<u8>,
}

/// The files of configurations: in `sources`, and those of the rules.
pub fn inputs() -> Vec<Input> {
    let testdata = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut folders = below(&testdata.join("sources"));
    for rule in below(&testdata.join("rules")) {
        folders.extend(below(&rule));
    }
    let mut inputs = Vec::new();
    for folder in folders {
        let mut files = Vec::new();
        under(&folder, &mut files);
        for path in files {
            let file = path.strip_prefix(&folder).unwrap().to_path_buf();
            let name = file.to_string_lossy();
            if !["plan.json", "expected.txt", "underlined.txt"].contains(&name.as_ref()) {
                inputs.push(Input {
                    bytes: std::fs::read(&path).unwrap(),
                    folder: folder.clone(),
                    file,
                });
            }
        }
    }
    inputs
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

fn under(folder: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            under(&path, out);
        } else {
            out.push(path);
        }
    }
}

/// A folder of its own with a copy of a configuration, of which one file is written again and again.
pub struct Bench {
    folder: PathBuf,
    of: PathBuf,
    watched: Watched,
}

impl Bench {
    pub fn new(name: &str, watched: &Watched) -> Self {
        let folder = std::env::temp_dir().join(format!("keytrail-{name}-{}", std::process::id()));
        Bench {
            folder,
            of: PathBuf::new(),
            watched: watched.clone(),
        }
    }

    /// Checks the configuration of an input with other bytes in its place. What is wrong, if it panics.
    pub fn check(&mut self, input: &Input, bytes: &[u8], format: &str) -> Result<(), String> {
        if self.of != input.folder {
            let _ = std::fs::remove_dir_all(&self.folder);
            let mut files = Vec::new();
            under(&input.folder, &mut files);
            for path in files {
                let copy = self.folder.join(path.strip_prefix(&input.folder).unwrap());
                std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
                std::fs::copy(path, copy).unwrap();
            }
            self.of.clone_from(&input.folder);
        }
        let path = self.folder.join(&input.file);
        std::fs::write(&path, bytes).unwrap();
        let folder = self.folder.display().to_string();
        let sources = ["check", &folder, "--format", format];
        let plan = self.folder.join("plan.json").display().to_string();
        let both = ["check", &plan, "--source", &folder, "--format", format];
        let at = format!("{} of {}", path.display(), input.folder.display());
        let mut found = self.run(&sources, &at);
        if found.is_ok() && bytes.len().is_multiple_of(4) && Path::new(&plan).exists() {
            found = self.run(&both, &at);
        }
        std::fs::write(&path, &input.bytes).unwrap();
        found
    }

    fn run(&self, args: &[&str], at: &str) -> Result<(), String> {
        let ended = self
            .watched
            .during(at, || catch_unwind(AssertUnwindSafe(|| check::run(args))));
        match ended {
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
                Err(format!("it panics: {}", text.unwrap_or_default()))
            }
            Ok(ended) if ended.code > 2 => Err(format!("exit code {}", ended.code)),
            Ok(ended) if ended.code == 2 && ended.stderr.is_empty() && ended.stdout.is_empty() => {
                Err("it fails and says nothing".to_owned())
            }
            Ok(_) => Ok(()),
        }
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Ends the process where a piece of work takes too long: no test could.
#[derive(Clone)]
pub struct Watched(Arc<Mutex<Vec<Option<Work>>>>);

/// When a piece of work began, and what it is.
type Work = (Instant, String);

impl Watched {
    pub fn new(limit: Duration) -> Self {
        let watched = Watched(Arc::default());
        let work = Arc::downgrade(&watched.0);
        std::thread::spawn(move || {
            while let Some(work) = work.upgrade() {
                for (since, at) in work.lock().unwrap().iter().flatten() {
                    if since.elapsed() > limit {
                        eprintln!("HANGS for {limit:?}: {at} (the folder is left as it is)");
                        std::process::exit(101);
                    }
                }
                drop(work);
                std::thread::sleep(Duration::from_millis(200));
            }
        });
        watched
    }

    pub fn during<T>(&self, at: &str, work: impl FnOnce() -> T) -> T {
        let slot = {
            let mut all = self.0.lock().unwrap();
            let free = all.iter().position(Option::is_none);
            let slot = free.unwrap_or(all.len());
            if slot == all.len() {
                all.push(None);
            }
            all[slot] = Some((Instant::now(), at.to_owned()));
            slot
        };
        let done = work();
        self.0.lock().unwrap()[slot] = None;
        done
    }
}

/// The most memory that this process has had so far, in MiB, where the system tells.
pub fn peak_memory() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|it| it.starts_with("VmHWM:"))?;
    let kib: usize = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024)
}

/// Writes bytes that something goes wrong with to a file, for who looks into it.
pub fn keep(name: &str, bytes: &[u8]) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).unwrap();
    path.display().to_string()
}
