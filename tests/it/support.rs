//! What the tests share.

pub mod adverse;
pub mod check;
pub mod holes;
pub mod hurt;
pub mod loaded;
pub mod masks;
pub mod mutate;
pub mod run;
pub mod sketch;
pub mod world;

use std::path::PathBuf;

/// Compares with a file under `testdata/`, which `KEYTRAIL_BLESS=1` rewrites.
pub fn expect(file: &str, found: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("testdata")
        .join(file);
    if std::env::var_os("KEYTRAIL_BLESS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, found).unwrap();
        return;
    }
    let wanted = std::fs::read_to_string(&path)
        .unwrap_or_default()
        .replace("\r\n", "\n");
    assert!(
        wanted == found,
        "{} differs (KEYTRAIL_BLESS=1 rewrites it). Found:\n{found}",
        path.display()
    );
}
