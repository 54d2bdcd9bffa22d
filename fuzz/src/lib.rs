//! What keytrail must hold for any input, one module a fuzz target.
//!
//! Every `run` takes bytes, and panics where keytrail breaks a law: a round trip, an agreement between two ways to the same answer, or what
//! an answer promises. That nothing panics, overflows, runs long or takes memory is watched by what calls it. `tests/seeds.rs` runs them
//! over the seeds, without libFuzzer.

pub mod address;
pub mod differential;
pub mod hcl;
pub mod json;
pub mod mutate;
pub mod plan;
pub mod policy;
mod report;
pub mod seeds;
pub mod template;

#[allow(dead_code, reason = "each target uses a part of it")]
mod support;

#[allow(dead_code, reason = "the target of templates uses a part of it")]
#[path = "../../tests/it/hcl_support.rs"]
mod hcl_support;

/// The stack of an evaluation of a root module.
const STACK: usize = 256 << 20;

/// Runs on a stack as large as that on which keytrail evaluates a root module.
fn deep(work: impl FnOnce() + Send) {
    std::thread::scope(|threads| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let thread = thread.spawn_scoped(threads, work).expect("a thread");
        if let Err(panic) = thread.join() {
            std::panic::resume_unwind(panic);
        }
    });
}

/// Bytes that decide what is done, before those that it is done to.
fn split(data: &[u8]) -> Option<(u64, &str)> {
    let (head, rest) = data.split_first_chunk::<HEAD>()?;
    Some((u64::from_le_bytes(*head), std::str::from_utf8(rest).ok()?))
}

/// How many they are.
pub const HEAD: usize = 8;
