//! Mutated configurations, expressions and texts: nothing panics, hangs or takes memory without end.
//!
//! A few run always. `KEYTRAIL_FUZZ_MINUTES=10 cargo test --release --test it hcl_fuzz -- --nocapture` runs for that long, with the seed
//! `KEYTRAIL_FUZZ_SEED` where one is given, and looks at the memory, too.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use super::hcl_support::evaluated;
use crate::support::hurt::{Bench, Input, Watched, inputs, keep, peak_memory};
use crate::support::mutate::{Random, mutated};
use keytrail::hcl::parse_template;
use keytrail::source::{Origin, SourceMap};
use keytrail::value::{Nature, Part, PartKind, Shape, Symbol, Symbols, Text, json};

/// Runs of each kind where no time is given.
const USUAL: usize = 400;

/// A run that takes longer hangs: five seconds, on a machine that has other things to do.
const LIMIT: Duration = Duration::from_secs(15);

/// What is mutated.
struct Corpus {
    inputs: Vec<Input>,
    files: Vec<Vec<u8>>,
    module: String,
    expressions: Vec<Vec<u8>>,
    policies: Vec<Vec<u8>>,
}

impl Corpus {
    fn new() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
        let inputs = inputs();
        let vectors = std::fs::read_to_string(root.join("expr/vectors.jsonl")).unwrap();
        let expression = |line: &str| {
            // A number that no float holds is left out.
            let vector: serde_json::Value = serde_json::from_str(line).ok()?;
            vector["expr"].as_str().map(|it| it.as_bytes().to_vec())
        };
        let vectors_of_policies = std::fs::read_to_string(root.join("iam/vectors.jsonl")).unwrap();
        let policy = |line: &str| {
            let vector: serde_json::Value = serde_json::from_str(line).unwrap();
            vector["policy"].to_string().into_bytes()
        };
        Corpus {
            files: inputs.iter().map(|it| it.bytes.clone()).collect(),
            inputs,
            module: std::fs::read_to_string(root.join("expr/fixture/ctx.tf")).unwrap(),
            expressions: vectors.lines().filter_map(expression).collect(),
            policies: vectors_of_policies.lines().step_by(7).map(policy).collect(),
        }
    }

    /// One run; what was run, and what is wrong.
    fn run(
        &self,
        kind: usize,
        random: &mut Random,
        bench: &mut Bench,
        watched: &Watched,
    ) -> (Vec<u8>, Result<(), String>) {
        match kind {
            0 => {
                let input = &self.inputs[random.below(self.inputs.len())];
                let bytes = mutated(&input.bytes, &self.files, random);
                let format = ["human", "json"][random.below(2)];
                let done = bench.check(input, &bytes, format);
                (bytes, done)
            }
            1 => {
                let expression = &self.expressions[random.below(self.expressions.len())];
                let bytes = mutated(expression, &self.expressions, random);
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/expr/fixture");
                let done = tried(watched, &text, || {
                    let _ = parse_template(&text);
                    let found = evaluated(&self.module, &text, &root);
                    if let Err(problem) = found.result {
                        assert!(!problem.message.is_empty());
                    }
                });
                (bytes, done)
            }
            _ => {
                let policy = &self.policies[random.below(self.policies.len())];
                let bytes = mutated(policy, &self.policies, random);
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let seed = random.next();
                let done = tried(watched, &text, || read_with_holes(&text, &mut Random(seed)));
                (bytes, done)
            }
        }
    }
}

/// Reads a text as JSON in which symbols stand between the words.
fn read_with_holes(text: &str, random: &mut Random) {
    let (mut sources, mut symbols) = (SourceMap::new(), Symbols::new());
    let file = sources.add("policy.json", text).unwrap();
    let whole = Origin::new(sources.whole(file));
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let cut = rest
            .char_indices()
            .map(|(at, _)| at)
            .nth(1 + random.below(90));
        let (literal, after) = rest.split_at(cut.unwrap_or(rest.len()));
        let kind = PartKind::Literal(literal.to_owned());
        parts.push(Part {
            kind,
            origin: whole.clone(),
            sensitive: false,
        });
        let shapes = [
            Shape::Text,
            Shape::Number,
            Shape::Bool,
            Shape::Account,
            Shape::Arn,
            Shape::Rest,
        ];
        let symbol = symbols.intern(Symbol {
            key: random.below(4).to_string(),
            name: "aws_iam_role.r.arn".to_owned(),
            shape: shapes[random.below(shapes.len())],
            nature: Nature::Named,
            reason: "known after apply".to_owned(),
            supply: None,
        });
        if cut.is_some() {
            parts.push(Part {
                kind: PartKind::Symbol(symbol),
                origin: whole.clone(),
                sensitive: random.below(9) == 0,
            });
        }
        rest = after;
    }
    let _ = json::read(&Text::from_parts(parts), &whole, &sources, &mut symbols);
}

fn tried(watched: &Watched, text: &str, work: impl FnOnce()) -> Result<(), String> {
    let at: String = text.chars().take(2_000).collect();
    watched
        .during(&at, || catch_unwind(AssertUnwindSafe(work)))
        .map_err(|_| "it panics".to_owned())
}

/// Runs one kind; how many runs there were, the longest, and what is wrong.
fn fuzz(
    kind: usize,
    corpus: &Corpus,
    seed: u64,
    until: Option<Instant>,
    watched: &Watched,
) -> (usize, Duration, Vec<String>) {
    let mut random = Random(seed.wrapping_add(kind as u64));
    let mut bench = Bench::new(&format!("fuzz-{kind}"), watched);
    let (mut runs, mut longest, mut wrong) = (0, Duration::ZERO, Vec::new());
    while wrong.len() < 20 && until.map_or(runs < USUAL, |until| Instant::now() < until) {
        let since = Instant::now();
        let (bytes, done) = corpus.run(kind, &mut random, &mut bench, watched);
        let took = since.elapsed();
        runs += 1;
        if took > longest {
            longest = took;
            if took > LIMIT / 10 {
                eprintln!("{took:?}: {}", keep(&format!("slow-{kind}"), &bytes));
            }
        }
        if let Err(why) = done {
            let kept = keep(&format!("fuzz-{kind}-{}", wrong.len()), &bytes);
            wrong.push(format!("{why}: {kept}"));
        }
    }
    (runs, longest, wrong)
}

#[test]
fn no_mutation_makes_it_panic_or_hang() {
    let minutes = std::env::var("KEYTRAIL_FUZZ_MINUTES").ok();
    let minutes: Option<f64> = minutes.map(|it| it.parse().unwrap());
    let seed = std::env::var("KEYTRAIL_FUZZ_SEED").ok();
    let seed = seed.map_or(23, |it| it.parse().unwrap());
    let until = minutes.map(|it| Instant::now() + Duration::from_secs_f64(it * 60.0));
    let watched = Watched::new(if until.is_some() { LIMIT } else { LIMIT * 20 });
    let corpus = Corpus::new();
    let (watched, corpus) = (&watched, &corpus);
    let found: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..3)
            .map(|kind| {
                // The stack that an evaluation of a root module has.
                let thread = std::thread::Builder::new().stack_size(256 << 20);
                thread
                    .spawn_scoped(scope, move || fuzz(kind, corpus, seed, until, watched))
                    .unwrap()
            })
            .collect();
        threads.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let mut wrong = Vec::new();
    for ((runs, longest, errors), kind) in found.into_iter().zip(["checks", "expressions", "texts"])
    {
        println!("{runs} {kind}, the longest took {longest:?}");
        assert!(runs > 0);
        wrong.extend(errors);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    if let (Some(_), Some(peak)) = (minutes, peak_memory()) {
        println!("at most {peak} MiB of memory");
        assert!(peak < 3_000, "{peak} MiB");
    }
}
