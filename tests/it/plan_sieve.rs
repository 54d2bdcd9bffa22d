//! What a file leaves behind the sieve reads as the whole of it does.

use std::io::Cursor;
use std::path::{Path, PathBuf};
#[cfg(unix)]
use std::process::Command;

use keytrail::plan;
use keytrail::source::SourceMap;
use keytrail::value::Symbols;

use crate::support::run::{EMPTY_PLAN, keytrail};

fn plans(dir: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            plans(&path, out);
        } else if path.extension().is_some_and(|it| it == "json") {
            out.push(path);
        }
    }
}

/// The document with its virtual texts, or the error.
fn read(bytes: &[u8]) -> Result<String, String> {
    let (mut map, mut symbols) = (SourceMap::new(), Symbols::new());
    let read = plan::load_beside_others(bytes, "plan.json", "in0", &mut map, &mut symbols);
    let document = read.map_err(|error| format!("{error:?}"))?;
    let texts = map.files().map(|file| map.text(file).to_string());
    Ok(format!(
        "{document:?}\n{}",
        texts.collect::<Vec<_>>().join("\n")
    ))
}

#[test]
fn every_plan_of_the_tests_is_the_same_behind_it() {
    let mut paths = Vec::new();
    plans(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata"),
        &mut paths,
    );
    plans(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"),
        &mut paths,
    );
    let (mut sifted, mut less) = (0, 0);
    for path in &paths {
        let whole = std::fs::read(path).unwrap();
        let Some(left) = plan::sift(&whole[..], true).unwrap() else {
            continue;
        };
        assert_eq!(read(&left), read(&whole), "{}", path.display());
        let length = whole.len() as u64;
        let large = plan::sift_large(&whole[..], Cursor::new(&whole), length, true).unwrap();
        assert_eq!(large, Some(left.clone()), "{}", path.display());
        sifted += 1;
        less += usize::from(left.len() < whole.len());
    }
    assert!(sifted > paths.len() / 2, "{sifted} of {}", paths.len());
    assert!(less > sifted / 2, "{less} of {sifted}");
}

/// A pipe can be opened and read once.
#[cfg(unix)]
#[test]
fn a_named_pipe_is_read() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plan-pipe");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let pipe = folder.join("plan.json");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::write(pipe, EMPTY_PLAN).unwrap()
    });
    let ended = keytrail(&["check", pipe.to_str().unwrap()]);
    writer.join().unwrap();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
}

/// Several inputs are read at once: their order decides everything else.
#[test]
fn several_plans_are_reported_in_the_order_in_which_they_are_given() {
    let mut paths = Vec::new();
    plans(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("examples"),
        &mut paths,
    );
    paths.retain(|path| path.ends_with("plan.json"));
    let mut words = vec!["check", "--format", "json", "--no-source", "no-such.json"];
    words.extend(paths.iter().map(|path| path.to_str().unwrap()));
    let first = keytrail(&words);
    assert_eq!(first.code, 2);
    for _ in 0..5 {
        assert_eq!(keytrail(&words).stdout, first.stdout);
    }
    let report: serde_json::Value = serde_json::from_str(&first.stdout).unwrap();
    let inputs = report["inputs"].as_array().unwrap().iter();
    let inputs: Vec<&str> = inputs.map(|it| it["path"].as_str().unwrap()).collect();
    // What could not be read comes last.
    let given = words[5..].iter().chain(&words[4..5]);
    assert_eq!(inputs, given.copied().collect::<Vec<_>>());
}

#[test]
fn a_library_reads_the_file_of_a_plan() {
    let read = |path: &str| {
        let mut inputs = keytrail::Inputs::new();
        let read = inputs.plan_file(path).map(|it| it.loaded.len());
        read.map_err(|error| error.message)
    };
    assert_eq!(read("examples/missing-describe/plan.json"), Ok(1));
    let missing = read("examples/missing-describe/none.json").unwrap_err();
    assert_eq!(missing, "cannot read it: entity not found");
    assert!(read("examples").unwrap_err().contains("it is a folder"));
    // What the sieve is not sure of is read as a whole, and said.
    let broken = crate::support::run::file("library.json", "{\"format_version\":\"1.2\",");
    assert!(read(&broken).unwrap_err().contains("truncated"));
}
