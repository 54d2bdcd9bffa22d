//! The values of a `.tf.json` file: JSON whose strings are templates.

use std::sync::Arc;

use hcl_edit::template::Template;

use crate::source::{FileId, Origin};
use crate::value::Text;

/// A JSON value as an expression.
pub(in crate::hcl) struct JsonExpr {
    /// What it is.
    pub(in crate::hcl) kind: JsonKind,
    /// Where it stands, quotes and brackets included.
    pub(in crate::hcl) origin: Origin,
}

/// The kinds of JSON values.
pub(in crate::hcl) enum JsonKind {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number as it is spelt.
    Number(String),
    /// A string that no template is in.
    Literal(Text),
    /// A string with `${…}` or `%{…}`.
    Template(JsonTemplate),
    /// A string that is no template, and why.
    Broken(String),
    /// An array.
    Array(Vec<Arc<JsonExpr>>),
    /// An object, its members in order.
    Object(Vec<JsonMember>),
}

/// A member of an object.
pub(in crate::hcl) struct JsonMember {
    /// The key, decoded and not evaluated.
    pub(in crate::hcl) name: String,
    /// The key, which is a string like any other.
    pub(in crate::hcl) key: JsonExpr,
    /// Its value.
    pub(in crate::hcl) value: Arc<JsonExpr>,
}

/// A template in a string.
pub(in crate::hcl) struct JsonTemplate {
    /// Its ranges count from `base`.
    pub(in crate::hcl) template: Template,
    /// The file that it lies in: one of its own where the string has escape sequences.
    pub(in crate::hcl) file: FileId,
    /// The byte of the file at which it begins.
    pub(in crate::hcl) base: usize,
}
