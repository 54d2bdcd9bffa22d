//! Reads a file and checks that it is JSON, which is the least that a reader of a plan can do.

use serde::de::IgnoredAny;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os().nth(1).ok_or("give a file")?;
    let bytes = std::fs::read(path)?;
    let IgnoredAny = serde_json::from_slice(&bytes)?;
    Ok(())
}
