//! Terraform's and OpenTofu's JSON: plans (`terraform show -json PLANFILE`), states, and bare configurations.
//!
//! The only reader of that JSON. It visits what keytrail needs and skips the rest without building it; of a file the rest is not even held
//! in memory ([`sift`]). `after_unknown` and the sensitivity
//! marks are laid over the values, so that whoever reads a [`Value`](crate::value::Value) sees known, unknown and sensitive apart.

mod bucket;
mod configuration;
mod decode;
mod draw;
mod every;
mod identify;
mod mistaken;
mod overlay;
mod page;
mod read;
mod resource;
mod scan;
mod sheet;
mod sieve;

pub use every::every;
pub use read::{load, load_beside_others};
pub use sieve::{sift, sift_large};
