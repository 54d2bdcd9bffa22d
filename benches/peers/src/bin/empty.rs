//! A program that reads its command line and does nothing: what a start costs.

use clap::Parser;

/// Does nothing.
#[derive(Parser)]
struct Args {
    /// The inputs.
    paths: Vec<std::path::PathBuf>,
}

fn main() {
    Args::parse();
}
