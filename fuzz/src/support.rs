//! What the tests of keytrail have for the same laws.

#[path = "../../tests/it/support/holes.rs"]
pub mod holes;
#[path = "../../tests/it/support/masks.rs"]
pub mod masks;
#[path = "../../tests/it/support/mutate.rs"]
pub mod mutate;
