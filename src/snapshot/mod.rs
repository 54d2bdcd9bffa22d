//! Snapshots: what an input says of keys, policies, aliases, trails, buckets and the policies of readers, in a small file that another
//! repository passes to `keytrail check` beside its own plan. A trail and its key in different roots are judged so without credentials.
//!
//! A snapshot holds what is so once the input is applied: links are followed, a key has its effective policy, and nothing sensitive is in
//! it. It is JSON, the same for the same input, and its first member is its version:
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
//!           "new": true,
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
//! | `resources[].new` | true where the apply makes the object |
//! | `resources[].home` | whose it is and where |
//! | `resources[].values` | its attributes, by the names of the AWS provider |
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
//! | `{"$one_of": [...]}` | the apply takes one of these |
//! | `{"$maybe": 2, "value": ...}` | an item or member that may be there; the symbol says whether |
//! | `{"$open": 3}` in a list, `"$open": 3` in an object | more items or members may follow |
//!
//! A policy that is known is its text; one that is known in part is an object. A member that this version does not know is passed over; what
//! changes the meaning of a snapshot changes the version.

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
    resources: Vec<Record>,
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
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    new: bool,
    home: Place,
    values: Map<String, Json>,
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
