//! The least that a check of HCL sources can cost, as a process of its own: reading and parsing the files that can matter, on all cores.
//!
//! ```text
//! cargo bench --bench hcl_parse -- list DIR > FILES     the files of DIR that can matter, one a line
//! cargo bench --bench hcl_parse -- parse FILES          reads and parses them
//! ```
//!
//! To be compared with the wall time of `keytrail check DIR`. It uses the system's allocator, as `keytrail` does, which `--bench hcl` counts
//! on.
#![expect(clippy::unwrap_used, reason = "a bench fails by panicking")]
#![expect(clippy::print_stdout, reason = "a command line")]

mod support;

use std::path::{Path, PathBuf};

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|it| it != "--bench")
        .collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["list", dir] => {
            for path in support::relevant(Path::new(dir)) {
                println!("{}", path.display());
            }
        }
        ["parse", list] => {
            let list = std::fs::read_to_string(list).unwrap();
            let files: Vec<PathBuf> = list.lines().map(PathBuf::from).collect();
            let parsed = support::parse(&files).len();
            let bytes = support::bytes(&files);
            println!("{parsed} of {} files parsed, {bytes} bytes", files.len());
        }
        _ => println!("hcl_parse: give it `list DIR`, or `parse FILES`"),
    }
}
