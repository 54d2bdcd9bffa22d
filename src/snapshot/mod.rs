//! Snapshots: what an input says of keys and their policies, of trails, landing zones and whatever else uses keys, of buckets and of the
//! policies of readers, in a small file that another repository passes to `keytrail check` beside its own plan. A trail and its key in
//! different roots are judged so without credentials.
//!
//! A snapshot holds what is so once the input is applied and, where a plan changes it, what was so before: links are followed, keys have
//! their policies, and nothing sensitive is in it. It is JSON, the same for the same input, and its first member is its version:
//!
//! ```json
//! {
//!   "keytrail_snapshot": 1,
//!   "roots": [
//!     {
//!       "path": "plan.json",
//!       "kind": "plan",
//!       "complete": true,
//!       "errored": false,
//!       "resources": [
//!         {
//!           "address": "aws_kms_key.trail",
//!           "action": "create",
//!           "home": { "account": "111122223333", "region": "us-east-1", "partition": "aws" },
//!           "values": {
//!             "key_id": { "$unknown": 0 },
//!             "is_enabled": true,
//!             "policy": "{\"Version\": \"2012-10-17\", \"Statement\": []}"
//!           }
//!         }
//!       ],
//!       "symbols": [
//!         { "name": "aws_kms_key.trail.key_id", "shape": "id", "nature": "fresh", "reason": "known after apply" }
//!       ],
//!       "left_out": []
//!     }
//!   ]
//! }
//! ```
//!
//! | member | meaning |
//! |---|---|
//! | `path`, `kind` | the input as it was named, and what it was: `plan`, `state`, `hcl`, `configuration` |
//! | `complete`, `errored` | whether the plan held everything, and whether planning failed |
//! | `deferred` | the changes that were put off, each with its reason |
//! | `resources[].action` | what the plan does with it, in the words of the JSON report: `create`, `update`, `delete`, `replace`, `forget`, ...; left away where it does nothing. `"new": true` is an older form of `create` |
//! | `resources[].importing` | true where the plan takes an existing object into the state |
//! | `resources[].home` | whose it is and where |
//! | `resources[].values` | its attributes once the plan is applied, by the names of the AWS provider; none for what the plan takes away |
//! | `resources[].before` | its attributes before the plan, where the plan changes something |
//! | `waits` | for a trail and a separate policy of its key, whether the one is made after the other; `null` is not known |
//! | `symbols` | what is not known, by its number |
//! | `left_out` | what the snapshot does not hold, as sentences: what is sensitive |
//!
//! A value is JSON. What is not known in it stands as an object with one member that begins with `$`; a member of the user's own that begins
//! so has one `$` more.
//!
//! | form | meaning |
//! |---|---|
//! | `{"$unknown": 0}` | nothing but its symbol is known |
//! | `{"$text": ["arn:aws:iam::", 1, ":root"]}` | a text with symbols in it |
//! | `{"$one_of": [...]}` | the apply takes one of these names of keys |
//! | `{"$maybe": 2, "value": ...}` | an item or member that may be there; the symbol says whether |
//! | `{"$open": 3}` in a list, `"$open": 3` in an object | more items or members may follow |
//!
//! A policy or a manifest that is known is its text; one that is known in part is an object. A member that this version does not know is
//! passed over; a kind, an action, an address or a type of resources that it does not know is an error. What changes the meaning of what was
//! there before changes the version.

mod check;
mod decode;
mod encode;
mod read;
mod write;

pub use read::{is_snapshot, load};
pub use write::write;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// The version of the format.
const VERSION: u32 = 1;

/// The member that begins a snapshot, and holds its version.
const MARK: &str = "keytrail_snapshot";

/// The whole file.
#[derive(Serialize, Deserialize)]
struct File {
    keytrail_snapshot: u32,
    roots: Vec<Root>,
}

/// One input.
#[derive(Serialize, Deserialize)]
struct Root {
    #[serde(default)]
    path: String,
    #[serde(default)]
    kind: String,
    #[serde(default = "yes")]
    complete: bool,
    #[serde(default)]
    errored: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    deferred: Vec<PutOff>,
    resources: Vec<Record>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    waits: Vec<Waiting>,
    #[serde(default)]
    symbols: Vec<Described>,
    #[serde(default)]
    left_out: Vec<String>,
}

fn yes() -> bool {
    true
}

/// A resource.
#[derive(Serialize, Deserialize)]
struct Record {
    address: String,
    /// What `"action": "create"` was called first.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    new: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    action: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    importing: bool,
    home: Place,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Map<String, Json>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    values: Option<Map<String, Json>>,
}

/// A change that Terraform put off.
#[derive(Serialize, Deserialize)]
struct PutOff {
    address: String,
    reason: String,
}

/// Whether a trail and the separate policy of its key wait for each other; none where that is not known.
#[derive(Serialize, Deserialize)]
struct Waiting {
    trail: String,
    policy: String,
    trail_waits: Option<bool>,
    policy_waits: Option<bool>,
}

/// Whose it is and where.
#[derive(Serialize, Deserialize)]
struct Place {
    account: Json,
    region: Json,
    partition: Json,
}

/// A symbol.
#[derive(Serialize, Deserialize)]
struct Described {
    name: String,
    shape: String,
    nature: String,
    reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    supply: Option<String>,
}
