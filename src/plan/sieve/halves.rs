//! A large file through two sieves at once: the second begins at a resource's change in the middle of the file, or at a member of the document
//! behind the first third, and the first ends there.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::OnceLock;

use memchr::memmem;

use super::bytes::{Stop, Sure, WINDOW};
use super::{Place, Sieve};

/// The members that are large, each after the comma before it. A quote that no backslash precedes begins or ends a string, and after the end
/// of one no word can stand; so a key of that name is what this is in any JSON, though perhaps not one of the document. Whether it is one the first
/// sieve finds out, which goes on where it is not.
const MEMBERS: [&[u8]; 3] = [
    br#","resource_changes":["#,
    br#","prior_state":{"#,
    br#","configuration":{"#,
];

/// What Terraform writes in each change, and in nothing else but drift.
const CHANGE: &[u8] = br#","change":{"actions":["#;

/// How a change begins, after the one before it; and what Terraform writes after its address.
const NEXT: &[u8] = br#"},{"address":""#;
const AFTER_ADDRESS: [&[u8]; 3] = [
    br#","module_address":""#,
    br#","mode":""#,
    br#","previous_address":""#,
];

/// A change is looked for in so many bytes: most are of a few thousand.
const NEAR: u64 = 1 << 20;

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
            let place = place(&mut other, length).ok()??;
            let (Place::Change(at) | Place::Member(at)) = place;
            other.seek(SeekFrom::Start(at)).ok()?;
            cut.set(place).ok()?;
            let mut sieve = Sieve::new(other, identities);
            let taken: Sure<()> = match place {
                Place::Change(_) => sieve.rest_from_change(),
                Place::Member(_) => sieve.rest_from_member(),
            };
            taken.ok().map(|()| sieve)
        });
        let mut first = Sieve::new(file, identities);
        first.cut = Some(&cut);
        match first.document() {
            Err(Stop::Io(error)) => return Err(error),
            Err(Stop::Unsure) => return Ok(None),
            Ok(()) => return Ok(first.finish()),
            Err(Stop::Cut) => {}
        }
        let second = second.ok().and_then(|it| it.join().ok().flatten());
        Ok(second.and_then(|second| {
            first.seen.planned |= second.seen.planned;
            first.seen.changes |= second.seen.changes;
            let (kept, more) = (&mut first.bytes.kept, &second.bytes.kept);
            // A list that is cut may hold nothing on either side.
            if kept.last() != Some(&b'[') && more.first() != Some(&b']') {
                kept.push(b',');
            }
            kept.extend_from_slice(more);
            first.finish()
        }))
    })
}

/// Where the second one is to begin: a little behind the middle, as the planned values at the start are passed over, and take less time than the
/// changes and the state.
fn place(file: &mut (impl Read + Seek), length: u64) -> io::Result<Option<Place>> {
    if let Some(change) = find_change(file, length / 20 * 11)? {
        return Ok(Some(Place::Change(change)));
    }
    Ok(find_member(file, length / 3)?.map(Place::Member))
}

/// Where a change begins not far behind a place that lies among changes. It may be something else: the first sieve finds out.
fn find_change(file: &mut (impl Read + Seek), from: u64) -> io::Result<Option<u64>> {
    let from = file.seek(SeekFrom::Start(from))?;
    let mut near = Vec::new();
    file.by_ref().take(NEAR).read_to_end(&mut near)?;
    let Some(change) = memmem::find(&near, CHANGE) else {
        return Ok(None);
    };
    let begins = |at: &usize| {
        let address = near.get(at + NEXT.len()..).unwrap_or_default();
        let mut quotes = memchr::memchr_iter(b'"', address);
        // Keys of instances stand in it, between quotes of their own.
        let end = quotes.find(|at| *at == 0 || address.get(at - 1) != Some(&b'\\'));
        let end = end.unwrap_or(address.len());
        let after = address.get(end + 1..).unwrap_or_default();
        AFTER_ADDRESS.iter().any(|it| after.starts_with(it))
    };
    let behind = near.get(change..).unwrap_or_default();
    let mut found = memmem::find_iter(behind, NEXT).map(|at| change + at);
    let bracket = |at: usize| from + at as u64 + 2;
    Ok(found.find(begins).map(bracket))
}

/// Where the key of a large member begins, at or behind a place.
fn find_member(file: &mut (impl Read + Seek), from: u64) -> io::Result<Option<u64>> {
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
