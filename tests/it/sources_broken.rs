//! Every prefix of every configuration, and every one with a byte less: `check` says something of it, and never panics or hangs.
//!
//! `KEYTRAIL_BROKEN_ALL=1` runs all of them, otherwise a deterministic sample runs.

use std::time::Duration;

use crate::support::hurt::{Bench, Input, Watched, inputs, keep};
use crate::support::mutate::Random;

/// A case of the sample runs one in so many.
const SAMPLE: usize = 300;

#[derive(Clone, Copy)]
enum Hurt {
    Cut(usize),
    Without(usize),
}

fn hurt(bytes: &[u8], how: Hurt) -> Vec<u8> {
    match how {
        Hurt::Cut(at) => bytes[..at].to_vec(),
        Hurt::Without(at) => [&bytes[..at], &bytes[at + 1..]].concat(),
    }
}

/// Runs the inputs whose number leaves `part` of `parts`; how many cases there were, and what is wrong.
fn run_part(all: bool, part: usize, parts: usize, watched: &Watched) -> (usize, Vec<String>) {
    let mut bench = Bench::new(&format!("broken-{part}"), watched);
    let mut random = Random(11);
    let (mut cases, mut wrong) = (0, Vec::new());
    for (number, input) in inputs().iter().enumerate() {
        let length = input.bytes.len();
        for at in 0..length {
            for how in [Hurt::Cut(at), Hurt::Without(at)] {
                let chosen = random.below(SAMPLE) == 0;
                if number % parts != part || !(all || chosen) {
                    continue;
                }
                cases += 1;
                let bytes = hurt(&input.bytes, how);
                let format = ["human", "json"][at % 2];
                if let Err(why) = bench.check(input, &bytes, format) {
                    wrong.push(told(input, &bytes, &why));
                }
            }
        }
    }
    (cases, wrong)
}

fn told(input: &Input, bytes: &[u8], why: &str) -> String {
    let file = input.folder.join(&input.file);
    let kept = keep(&format!("broken-{}", bytes.len()), bytes);
    format!("{}: {why}; the text is in {kept}", file.display())
}

#[test]
fn no_prefix_and_no_missing_byte_makes_it_panic_or_hang() {
    let all = std::env::var_os("KEYTRAIL_BROKEN_ALL").is_some();
    let watched = Watched::new(Duration::from_mins(5));
    let parts = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (cases, wrong) = std::thread::scope(|scope| {
        let parts: Vec<_> = (0..parts)
            .map(|part| {
                let watched = &watched;
                scope.spawn(move || run_part(all, part, parts, watched))
            })
            .collect();
        parts.into_iter().fold((0, Vec::new()), |mut run, part| {
            let (cases, wrong) = part.join().unwrap();
            run.0 += cases;
            run.1.extend(wrong);
            run
        })
    });
    println!("{cases} broken configurations");
    assert!(cases > 1_000, "{cases}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
