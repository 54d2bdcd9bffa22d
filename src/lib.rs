//! keytrail says, before a change is applied, whether CloudTrail will be able to deliver encrypted logs with a KMS key, and who will be
//! able to read them.

pub mod address;
pub mod error;
pub mod plan;
pub mod policy;
pub mod source;
pub mod value;
