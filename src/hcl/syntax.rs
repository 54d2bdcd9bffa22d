//! What the files of a folder say, read and not yet evaluated: blocks, attributes, and the tree of modules that call each other.

mod body;
mod expression;
mod json;
mod references;
mod shape;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

pub use body::BlockBody;
pub use expression::Expr;
pub(super) use expression::{Parsed, Part, Piece, Pieces};
pub(super) use json::{JsonExpr, JsonKind, JsonMember, JsonTemplate};

pub use crate::input::Unreadable;

use crate::input::Mode;
use crate::source::Origin;

/// `name = value`
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Where the name stands.
    pub name_origin: Origin,
    /// What it is set to.
    pub value: Expr,
}

/// What stands between the braces of a block.
#[derive(Clone, Debug)]
pub struct Body {
    /// Its attributes by name.
    pub attributes: BTreeMap<String, Attribute>,
    /// Its nested blocks in the order of the file. In JSON most nested blocks are attributes that hold an object or a list of objects;
    /// `dynamic`, `lifecycle`, `provisioner`, `connection` and `provider_meta` are blocks in both.
    pub blocks: Vec<Block>,
    /// All of it.
    pub origin: Origin,
}

impl Body {
    /// A body that holds nothing.
    pub fn empty(origin: Origin) -> Self {
        Body {
            attributes: BTreeMap::new(),
            blocks: Vec::new(),
            origin,
        }
    }

    /// The attribute's value, if it is set.
    pub fn get(&self, name: &str) -> Option<&Expr> {
        self.attributes.get(name).map(|it| &it.value)
    }

    /// The nested blocks of a type.
    pub fn all<'b>(&'b self, kind: &'b str) -> impl Iterator<Item = &'b Block> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }
}

/// `resource "aws_kms_key" "trail" { … }`
#[derive(Clone, Debug)]
pub struct Block {
    /// Its type: `resource`
    pub kind: String,
    /// Its labels.
    pub labels: Vec<String>,
    /// Type and labels, without the body: `resource "aws_kms_key" "trail"`. In JSON the key that holds the body.
    pub header: Origin,
    /// What it holds.
    pub body: BlockBody,
}

/// The blocks of one folder, overrides merged in.
#[derive(Clone, Debug)]
pub struct ModuleSource {
    /// The real path.
    pub dir: PathBuf,
    /// The folder as reports name it, relative to what the user gave: empty, or `modules/kms`.
    pub shown: String,
    /// `resource` and `data` by mode, type and name.
    pub resources: BTreeMap<(Mode, String, String), Block>,
    /// `variable` by name.
    pub variables: BTreeMap<String, Block>,
    /// The attributes of all `locals`.
    pub locals: BTreeMap<String, Attribute>,
    /// `output` by name.
    pub outputs: BTreeMap<String, Block>,
    /// `module` by name.
    pub calls: BTreeMap<String, Block>,
    /// `provider` in the order of the files.
    pub providers: Vec<Block>,
    /// `moved`
    pub moved: Vec<Block>,
    /// `import`
    pub imports: Vec<Block>,
    /// `removed`
    pub removed: Vec<Block>,
    /// `terraform`
    pub terraform: Vec<Block>,
    /// All others: `check`, `ephemeral`, `action`, and what this version does not know.
    pub others: Vec<Block>,
    /// False where none of its files holds a word that marks what must not be shown.
    pub may_hide: bool,
    /// What could not be read; the rest of it is above.
    pub unreadable: Vec<Unreadable>,
}

impl ModuleSource {
    /// A folder that holds nothing.
    pub fn new(dir: PathBuf, shown: impl Into<String>) -> Self {
        ModuleSource {
            dir,
            shown: shown.into(),
            resources: BTreeMap::new(),
            variables: BTreeMap::new(),
            locals: BTreeMap::new(),
            outputs: BTreeMap::new(),
            calls: BTreeMap::new(),
            providers: Vec::new(),
            moved: Vec::new(),
            imports: Vec::new(),
            removed: Vec::new(),
            terraform: Vec::new(),
            others: Vec::new(),
            may_hide: true,
            unreadable: Vec::new(),
        }
    }
}

/// A module with what it calls.
#[derive(Clone, Debug)]
pub struct ModuleTree {
    /// Its own blocks; shared by all calls of one folder.
    pub source: Arc<ModuleSource>,
    /// What it calls, by the name of the call: an entry for each of [`ModuleSource::calls`].
    pub calls: BTreeMap<String, Called>,
}

/// What a `module` block calls.
#[derive(Clone, Debug)]
pub enum Called {
    /// A module whose files are here.
    Module {
        /// The module.
        tree: Arc<ModuleTree>,
        /// True where `terraform init` has brought it; false for a folder of the same repository.
        remote: bool,
    },
    /// A module that cannot be read.
    Missing {
        /// Why, as a clause: lower case, without a final period.
        reason: String,
        /// What to do about it.
        help: String,
        /// True where Terraform refuses the call too, or it is beyond a limit: nothing that is called was judged, nowhere.
        refused: bool,
    },
}
