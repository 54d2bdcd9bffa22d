//! Writes the seeds into `corpus/TARGET/`, where cargo-fuzz looks for them: `cargo run --example seed`, in `fuzz`.

use std::fs;
use std::path::Path;

use keytrail_fuzz::seeds;

fn main() -> std::io::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for target in seeds::TARGETS {
        let folder = corpus.join(target);
        fs::create_dir_all(&folder)?;
        let all = seeds::of(target);
        for (number, seed) in all.iter().enumerate() {
            fs::write(folder.join(format!("seed-{number:04}")), seed)?;
        }
        println!("{target}: {} seeds", all.len());
    }
    Ok(())
}
