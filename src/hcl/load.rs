//! Folders to trees of modules.
//!
//! [`discover`] finds the folders that nobody calls, without parsing: it reads each file and looks for the texts that a call or a trail or a
//! key cannot do without, and where there are none, whether it is well formed. [`Discovered::load`] then parses what those roots reach, each folder once, all files of a wave in parallel. Of
//! folders that neither hold nor call anything, which most are, the texts are not kept; where such a folder is called by a root that
//! matters, they are read again.

mod circle;
mod discover;
mod files;
mod folder;
mod merge;
mod module;
mod probe;
mod reach;
mod remote;
mod texts;
mod tree;

pub use discover::{Around, Discovered, Root, discover};
pub(super) use folder::joined;
pub use folder::{Folder, Listed, ListedKind};
