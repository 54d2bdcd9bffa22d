//! Makes what keytrail is measured with.
//!
//! ```text
//! inputs plan FILE BYTES KEYS TRAILS STATEMENTS [foreign]
//! inputs tree FOLDER FOLDERS
//! ```

#[path = "../../../support/plans.rs"]
mod plans;
#[path = "../../../support/tree.rs"]
mod tree;

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["plan", file, bytes, keys, trails, statements, ref more @ ..]
            if matches!(more, [] | ["foreign"]) =>
        {
            let size = plans::Size {
                bytes: bytes.parse()?,
                keys: keys.parse()?,
                trails: trails.parse()?,
                statements: statements.parse()?,
                foreign: !more.is_empty(),
            };
            let mut out = BufWriter::new(File::create(file)?);
            plans::write(size, &mut out)?;
            out.flush()?;
        }
        ["tree", folder, folders] => tree::write_tree(Path::new(folder), folders.parse()?),
        _ => {
            return Err(
                "give it `plan FILE BYTES KEYS TRAILS STATEMENTS [foreign]`, or `tree FOLDER FOLDERS`".into(),
            );
        }
    }
    Ok(())
}
