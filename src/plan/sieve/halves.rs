//! A large file through two sieves at once: the second begins at a member of the document behind the first third, and the first ends there.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::OnceLock;

use memchr::memmem;

use super::bytes::{Stop, WINDOW};
use super::{End, Part, Sieve};

/// The members that are large, each after the comma before it. A quote that no backslash precedes begins or ends a string, and after the end
/// of one no word can stand; so a key of that name is what this is in any JSON, though perhaps not one of the document. Whether it is one the first
/// sieve finds out, which goes on where it is not.
const MEMBERS: [&[u8]; 3] = [
    br#","resource_changes":["#,
    br#","prior_state":{"#,
    br#","configuration":{"#,
];

/// [`super::sift`] for a large file of so many bytes, on two threads. `other` is the same file, opened a second time.
///
/// # Errors
/// Those of [`super::sift`].
pub fn sift_large(
    file: impl Read,
    other: impl Read + Seek + Send,
    length: u64,
    identities: bool,
) -> io::Result<Option<Vec<u8>>> {
    let cut = OnceLock::new();
    std::thread::scope(|scope| {
        let second = std::thread::Builder::new().spawn_scoped(scope, || {
            let mut other = other;
            let found = find(&mut other, length / 3).ok()??;
            other.seek(SeekFrom::Start(found)).ok()?;
            cut.set(found).ok()?;
            let mut sieve = Sieve::new(other, identities);
            sieve.members(Part::Document, 0).ok()?;
            sieve.bytes.end().is_ok_and(|it| it).then_some(sieve)
        });
        let mut first = Sieve::new(file, identities);
        first.cut = Some(&cut);
        match first.document() {
            Err(Stop::Io(error)) => return Err(error),
            Err(Stop::Unsure) => return Ok(None),
            Ok(End::Bracket) => return Ok(first.finish()),
            Ok(End::Cut) => {}
        }
        let second = second.ok().and_then(|it| it.join().ok().flatten());
        Ok(second.and_then(|second| {
            first.planned |= second.planned;
            first.changes |= second.changes;
            first.bytes.kept.push(b',');
            first.bytes.kept.extend_from_slice(&second.bytes.kept);
            first.finish()
        }))
    })
}

/// Where the key of a large member begins, at or behind a place.
fn find(file: &mut (impl Read + Seek), from: u64) -> io::Result<Option<u64>> {
    let mut start = file.seek(SeekFrom::Start(from))?;
    let finders = MEMBERS.map(memmem::Finder::new);
    let mut window = Vec::new();
    loop {
        let read = file.by_ref().take(WINDOW as u64).read_to_end(&mut window)?;
        let found = finders.iter().filter_map(|it| it.find(&window)).min();
        if let Some(found) = found {
            return Ok(Some(start + found as u64 + 1));
        }
        if read == 0 {
            return Ok(None);
        }
        // A key may lie on the edge of what was read.
        let edge = window.len().saturating_sub(32);
        start += window.drain(..edge).len() as u64;
    }
}
