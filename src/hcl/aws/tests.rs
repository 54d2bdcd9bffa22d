//! Instances with arguments written as expressions, and what is computed of them.

mod attributes;
mod documents;
mod fake;
