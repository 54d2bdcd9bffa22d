//! Policies that are given as files of their own, to `evaluate` and to `--key-policy`.

use std::path::Path;

use super::world::World;
use super::{name_of, read_within};
use crate::error::Error;
use crate::source::{FileId, Node, SourceMap, parse_json};
use crate::value::Value;

/// What a file of policies must hold, and where it comes from.
const PRINTED: &str = "`aws kms get-key-policy --key-id ID --policy-name default --query Policy --output text` prints a key's policy";

/// Bytes of a file of one policy, at most; AWS takes 32 KiB of it.
const LARGEST: u64 = 1 << 20;

/// Reads a policy's JSON.
///
/// # Errors
/// Where the file cannot be read, is not JSON, or is something else than a policy.
pub(super) fn load(
    path: &Path,
    sources: &mut SourceMap,
    world: &mut World,
) -> Result<(FileId, Node), Error> {
    let name = name_of(path);
    let bytes = read_within(path, LARGEST, world)?;
    let text =
        String::from_utf8(bytes).map_err(|_| Error::new(&name, "the policy is not UTF-8 text"))?;
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(Error::new(&name, "the file is empty").with_help(PRINTED));
    }
    let file = sources
        .add(&name, text)
        .map_err(|error| Error::new(&name, error.to_string()))?;
    let tree = parse_json(sources, file).map_err(|error| {
        let place = sources.location(error.span).start;
        let problem = format!(
            "the policy is not JSON: {} (column {})",
            error.message, place.column
        );
        Error::new(&name, problem).at_line(place.line as usize)
    })?;
    let value = Value::from_json(&tree);
    if value.get("Statement").is_some() {
        return Ok((file, tree));
    }
    let has = |keys: &[&str]| keys.iter().any(|key| value.get(key).is_some());
    let (what, help) = if has(&["planned_values", "resource_changes", "values"]) {
        (
            "this is a plan or a state, not a policy",
            "`keytrail check` reads plans and states, and judges every key policy in them",
        )
    } else if has(&["Policy"]) {
        ("the policy stands in it as a text", PRINTED)
    } else {
        ("this is no policy: it has no `Statement`", PRINTED)
    };
    Err(Error::new(&name, what).at_line(1).with_help(help))
}
