//! Every public plan and state of the corpus loads, or gives one clear error.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use keytrail::plan;
use keytrail::source::SourceMap;
use keytrail::value::Symbols;

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, out);
        } else {
            out.push(path);
        }
    }
}

#[test]
fn every_document_loads_or_says_what_it_is() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus");
    let corpus = std::env::var_os("KEYTRAIL_CORPUS").map_or(corpus, PathBuf::from);
    if !corpus.is_dir() {
        // Past the test runner, which hides what a passing test prints.
        let message = format!(
            "SKIPPED: {} is absent: no public document was read",
            corpus.display()
        );
        writeln!(std::io::stderr(), "{message}").unwrap();
        return;
    }
    let mut paths = Vec::new();
    for part in ["plans", "generated", "generated-1.15.5"] {
        files(&corpus.join(part), &mut paths);
    }
    let (mut loaded, mut resources, mut errors) = (0, 0, Vec::new());
    for path in &paths {
        let name = path.strip_prefix(&corpus).unwrap().display().to_string();
        let known = Path::new(&name)
            .extension()
            .is_some_and(|it| it == "json" || it == "tfstate");
        if !known && !name.starts_with("plans") {
            continue;
        }
        let bytes = std::fs::read(path).unwrap();
        let (mut map, mut symbols) = (SourceMap::new(), Symbols::new());
        match plan::load(&bytes, &name, "in0", &mut map, &mut symbols) {
            Ok(plan) => {
                loaded += 1;
                resources += plan.resources.len();
                if !plan.notes.is_empty() {
                    eprintln!("{name}: {:?}", plan.notes);
                }
            }
            Err(error) => errors.push(error.to_string()),
        }
    }
    eprintln!(
        "{loaded} loaded with {resources} resources, {} errors",
        errors.len()
    );
    for error in &errors {
        eprintln!("{error}");
    }
    assert!(loaded > 600);
    let deserved = ["state file", ".tf.json", "neither", "expected a list"];
    for error in errors {
        assert!(deserved.iter().any(|it| error.contains(it)), "{error}");
    }
}
