//! A resource of a plan with all of its values, for rules of the user's own.

use std::fmt;

use serde_json::Value;

/// An instance as a plan or a state shows it, whatever its type.
#[derive(Clone)]
pub struct Planned {
    /// Its address as Terraform prints it.
    pub address: String,
    /// The header of a block that makes it: `resource "aws_kms_key" "trail"`.
    pub header: String,
    /// `{"resources": [it]}`, or `{"deleted": [it]}` for one that the plan destroys.
    pub document: Value,
    /// The ways through the document to the values that only the apply can know; the document holds nothing there.
    pub unknown: Vec<Vec<String>>,
    /// What it was before the plan.
    pub before: Before,
}

/// What a resource was before the plan.
#[derive(Clone)]
pub enum Before {
    /// There was none, or nobody can tell what it was.
    Nothing,
    /// What it is: the plan does not change it.
    Same,
    /// A document of the same form, in which the resource stands under `resources`.
    Other(Value),
}

impl fmt::Debug for Planned {
    /// Without its values, which may be sensitive.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Planned")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}
