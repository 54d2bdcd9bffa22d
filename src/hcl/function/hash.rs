//! Digests, and UUIDs made of names.

use std::fmt::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use uuid::{Builder, Uuid};

use super::{Call, file};
use crate::hcl::expr::{Outcome, Run};

/// The digest that a function's name says, spelt as it says: `base64sha256`, `filemd5`, `sha1`.
fn digested(name: &str, bytes: &[u8]) -> String {
    let name = name.strip_prefix("file").unwrap_or(name);
    let (base64, name) = match name.strip_prefix("base64") {
        Some(rest) => (true, rest),
        None => (false, name),
    };
    let digest: Vec<u8> = match name {
        "md5" => Md5::digest(bytes).to_vec(),
        "sha1" => Sha1::digest(bytes).to_vec(),
        "sha256" => Sha256::digest(bytes).to_vec(),
        _ => Sha512::digest(bytes).to_vec(),
    };
    if base64 {
        return BASE64_STANDARD.encode(digest);
    }
    digest.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

pub(super) fn digest(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    Ok(call.string(digested(&call.name, call.text(0).as_bytes())))
}

pub(super) fn file_digest(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let bytes = file::bytes(run, call)?;
    Ok(call.string(digested(&call.name, &bytes)))
}

pub(super) fn uuidv5(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let space = match call.text(0).as_str() {
        "dns" => Uuid::NAMESPACE_DNS,
        "url" => Uuid::NAMESPACE_URL,
        "oid" => Uuid::NAMESPACE_OID,
        "x500" => Uuid::NAMESPACE_X500,
        other => Uuid::parse_str(other).map_err(|_| {
            call.wrong_at(0, "it is neither `dns`, `url`, `oid`, `x500` nor a UUID")
        })?,
    };
    // RFC 9562, section 5.5: the first sixteen bytes of the SHA-1 of the namespace and the name.
    let hash = Sha1::new()
        .chain_update(space.as_bytes())
        .chain_update(call.text(1).as_bytes())
        .finalize();
    let mut bytes = [0; 16];
    for (to, from) in bytes.iter_mut().zip(hash) {
        *to = from;
    }
    let id = Builder::from_sha1_bytes(bytes).into_uuid();
    Ok(call.string(id.to_string()))
}
