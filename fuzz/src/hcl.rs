//! Folders of sources: reports are sound, the same every time, and a line above moves places and nothing else.

use std::path::{Component, Path, PathBuf};

use keytrail::source::SourceMap;
use keytrail::{Format, Inputs, Options, Report};

use crate::report::{look, message, written};

/// What begins a file in the bytes: its name follows, up to the end of the line.
pub const FILE: &str = "\u{1}file ";

/// Files of one input, at most.
const MOST: usize = 16;

/// The bytes as files, each behind a line with its name.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut files = files(&text);
    files.truncate(MOST);
    let folder = Folder::new();
    let Some(report) = folder.checked(&files) else {
        return;
    };
    look(&report);
    if data.len().is_multiple_of(4) {
        let again = folder.checked(&files).expect("it was read before");
        assert_eq!(
            written(&again, Format::Json),
            written(&report, Format::Json)
        );
    }
    // What functions read of a file would have another line, too.
    if text.contains("file") || text.contains('\u{feff}') {
        return;
    }
    let moved: Vec<(PathBuf, String)> = files
        .iter()
        .map(|(path, text)| {
            let name = path.to_string_lossy();
            let line = match () {
                () if name.ends_with(".json") => "\n",
                () if is_hcl(&name) => "# a comment\n",
                () => "",
            };
            (path.clone(), format!("{line}{text}"))
        })
        .collect();
    let below = folder.checked(&moved).expect("it was read before");
    assert_eq!(
        said(&below, 0),
        said(&report, 1),
        "a line above changes what is found"
    );
}

fn is_hcl(name: &str) -> bool {
    [".tf", ".tofu", ".tfvars"]
        .iter()
        .any(|it| name.ends_with(it))
}

/// Findings, with the lines of sources as they are so many lines further down.
fn said(report: &Report, further: u32) -> Vec<String> {
    let at = |map: &SourceMap, span| {
        let place = map.location(span);
        let source = place.part.is_none() && (is_hcl(&place.file) || place.file.ends_with(".json"));
        let line = place.start.line + if source { further } else { 0 };
        format!("{}:{line}:{}", place.file, place.start.column)
    };
    let findings = report.findings().iter();
    findings
        .map(|it| {
            let labels: Vec<String> = it
                .labels
                .iter()
                .map(|label| at(report.map(), label.span))
                .collect();
            format!("{} {} {} {labels:?}", it.rule, it.address, it.fingerprint)
        })
        .collect()
}

/// The files of a text; what comes before the first name is `main.tf`.
fn files(text: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    for (at, piece) in text.split(FILE).enumerate() {
        let (name, text) = if at == 0 {
            ("main.tf", piece)
        } else {
            piece.split_once('\n').unwrap_or((piece, ""))
        };
        if at == 0 && text.is_empty() {
            continue;
        }
        if let Some(path) = path(name) {
            files.push((path, text.to_owned()));
        }
    }
    files
}

/// A name as a path inside of a folder.
fn path(name: &str) -> Option<PathBuf> {
    let path = Path::new(name.trim());
    let inside = path
        .components()
        .all(|it| matches!(it, Component::Normal(name) if name.len() < 100));
    let small = path.components().count() <= 6 && name.len() < 200;
    (inside && small && !name.trim().is_empty() && !name.contains('\0')).then(|| path.to_path_buf())
}

/// A folder of this process.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let thread = format!("{:?}", std::thread::current().id());
        let thread: String = thread.chars().filter(char::is_ascii_digit).collect();
        Folder(std::env::temp_dir().join(format!("keytrail-fuzz-{}-{thread}", std::process::id())))
    }

    /// Writes the files and checks the folder.
    fn checked(&self, files: &[(PathBuf, String)]) -> Option<Report> {
        self.clear();
        std::fs::create_dir_all(&self.0).expect("a folder in the temporary one");
        for (path, text) in files {
            let path = self.0.join(path);
            // A name may be both a file and a folder here; what comes first stays.
            if path
                .parent()
                .is_some_and(|it| std::fs::create_dir_all(it).is_ok())
            {
                let _ = std::fs::write(path, text);
            }
        }
        let mut inputs = Inputs::new();
        inputs.settings.identities = true;
        match inputs.sources(&self.0) {
            Ok(_) => Some(keytrail::check(inputs, Options::default())),
            Err(error) => {
                message(&error);
                None
            }
        }
    }

    fn clear(&self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.clear();
    }
}
