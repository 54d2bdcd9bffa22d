//! A check of HCL sources beside just parsing, on all cores, the files that can matter; and how both grow.
//!
//! Run with `cargo bench --bench hcl`. Sizes are folders of four files; every tenth is a root that holds a key and a trail and calls four of
//! those that hold neither. `hcl_parse` is the same comparison between whole processes.
#![expect(clippy::unwrap_used, reason = "a bench fails by panicking")]
#![expect(clippy::print_stdout, reason = "a bench says what it ran on")]

mod support;
#[path = "support/tree.rs"]
mod tree;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io::{empty, sink};
use std::path::{Path, PathBuf};

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use keytrail::cli::{self, Progress, Terminal, World};

const SIZES: &[usize] = &[100, 400, 1_600];

/// Memory beside time: allocations and their bytes of each pass.
#[global_allocator]
static MEMORY: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    for size in SIZES {
        let dir = folder(*size);
        let _ = fs::remove_dir_all(&dir);
        tree::write_tree(&dir, *size);
        let files = support::relevant(&dir);
        println!(
            "{size} folders: {} files, {} bytes; {} files, {} bytes can matter",
            size * 4,
            tree_bytes(&dir),
            files.len(),
            support::bytes(&files)
        );
    }
    divan::main();
    for size in SIZES {
        let _ = fs::remove_dir_all(folder(*size));
    }
}

/// Reads and parses the files that can matter, and nothing else.
#[divan::bench(args = SIZES)]
fn just_parse(bencher: Bencher<'_, '_>, size: usize) {
    let files = support::relevant(&folder(size));
    bencher
        .counter(BytesCount::new(support::bytes(&files)))
        .bench_local(|| support::parse(black_box(&files)).len());
}

/// Finds the roots and parses what they reach.
#[divan::bench(args = SIZES)]
fn load(bencher: Bencher<'_, '_>, size: usize) {
    let dir = folder(size);
    bencher
        .counter(BytesCount::new(support::bytes(&support::relevant(&dir))))
        .bench_local(|| support::load(black_box(&dir)).0.len());
}

/// `keytrail check DIR --format json`
#[divan::bench(args = SIZES)]
fn check(bencher: Bencher<'_, '_>, size: usize) {
    let dir = folder(size);
    bencher
        .counter(BytesCount::new(support::bytes(&support::relevant(&dir))))
        .bench_local(|| {
            let words = ["keytrail", "check", "--format", "json"].map(OsString::from);
            let mut world = World {
                stdin: &mut empty(),
                stdout: &mut sink(),
                stderr: &mut sink(),
                terminal: Terminal {
                    color: false,
                    width: 100,
                    unicode: true,
                    links: false,
                },
                progress: Progress::default(),
                environment: BTreeMap::new(),
            };
            cli::run(words.into_iter().chain([dir.clone().into()]), &mut world)
        });
}

fn folder(size: usize) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("hcl-{size}"))
}

fn tree_bytes(dir: &Path) -> usize {
    let folders = fs::read_dir(dir).unwrap().flatten();
    let files = folders.flat_map(|it| fs::read_dir(it.path()).unwrap().flatten());
    support::bytes(&files.map(|it| it.path()).collect::<Vec<_>>())
}
