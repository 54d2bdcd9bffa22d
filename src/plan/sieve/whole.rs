//! What lies whole in a stretch of bytes: passed over with all of its state at hand, which is most of the work of a sieve.
#![expect(
    clippy::inline_always,
    reason = "what is done for each byte of a large file is worth no call"
)]

use super::bytes::{DEEPEST, Stop, Sure};

/// The lists and objects around a value that are passed over with it.
pub(super) struct Around {
    /// One bit a level, the innermost last: 1 is an object.
    objects: u128,
    pub(super) levels: u32,
    most: u32,
}

impl Around {
    pub(super) fn of(depth: u32) -> Self {
        Around {
            objects: 0,
            levels: 0,
            most: DEEPEST.saturating_sub(depth),
        }
    }

    pub(super) fn enter(&mut self, object: bool) -> Sure<()> {
        if self.levels >= self.most {
            return Err(Stop::Unsure);
        }
        self.objects = self.objects << 1 | u128::from(object);
        self.levels += 1;
        Ok(())
    }

    fn leave(&mut self) {
        self.objects >>= 1;
        self.levels -= 1;
    }

    fn is_object(&self) -> bool {
        self.objects & 1 == 1
    }

    /// What comes after this byte, which stands behind a value.
    #[inline(always)]
    pub(super) fn after(&mut self, byte: u8) -> Sure<Next> {
        let object = self.is_object();
        if byte == b',' {
            return Ok(Next::item(object));
        }
        if byte != close(object) {
            return Err(Stop::Unsure);
        }
        self.leave();
        Ok(Next::End)
    }
}

/// What comes next of a value that is passed over.
#[derive(Clone, Copy)]
pub(super) enum Next {
    /// A key and its colon.
    Key,
    Value,
    /// What follows a value.
    End,
}

impl Next {
    #[inline(always)]
    pub(super) fn item(object: bool) -> Self {
        if object { Next::Key } else { Next::Value }
    }
}

/// The bracket that closes an object, or a list.
#[inline(always)]
pub(super) fn close(object: bool) -> u8 {
    if object { b'}' } else { b']' }
}

/// Takes what is whole of these bytes from `at` on; gives where it ends.
pub(super) fn whole(bytes: &[u8], at: usize, around: &mut Around, next: &mut Next) -> Sure<usize> {
    let mut taken = at;
    loop {
        let Some((byte, mut at)) = token(bytes, taken) else {
            return Ok(taken);
        };
        let then = match *next {
            Next::Key => {
                if byte != b'"' {
                    return Err(Stop::Unsure);
                }
                let Some(end) = quoted(bytes, at)? else {
                    return Ok(taken);
                };
                let Some((byte, end)) = token(bytes, end) else {
                    return Ok(taken);
                };
                if byte != b':' {
                    return Err(Stop::Unsure);
                }
                at = end;
                Next::Value
            }
            Next::Value => match byte {
                b'"' => {
                    let Some(end) = quoted(bytes, at)? else {
                        return Ok(taken);
                    };
                    at = end;
                    Next::End
                }
                b'{' | b'[' => {
                    let object = byte == b'{';
                    let Some((byte, end)) = token(bytes, at) else {
                        return Ok(taken);
                    };
                    if byte == close(object) {
                        at = end;
                        Next::End
                    } else {
                        around.enter(object)?;
                        Next::item(object)
                    }
                }
                b't' | b'f' | b'n' => {
                    let word: &[u8] = match byte {
                        b't' => b"rue",
                        b'f' => b"alse",
                        _ => b"ull",
                    };
                    let Some(found) = bytes.get(at..at + word.len()) else {
                        return Ok(taken);
                    };
                    if found != word {
                        return Err(Stop::Unsure);
                    }
                    at += word.len();
                    Next::End
                }
                // Numbers are rare.
                _ => return Ok(taken),
            },
            Next::End => {
                if around.levels == 0 {
                    return Ok(taken);
                }
                around.after(byte)?
            }
        };
        *next = then;
        taken = at;
    }
}

/// The next byte that is no space, and what is behind it.
#[inline(always)]
fn token(bytes: &[u8], mut at: usize) -> Option<(u8, usize)> {
    loop {
        let byte = *bytes.get(at)?;
        at += 1;
        if !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
            return Some((byte, at));
        }
    }
}

/// The end of a string of which the first quote lies before `at`; none where it is not whole.
#[inline(always)]
fn quoted(bytes: &[u8], mut at: usize) -> Sure<Option<usize>> {
    loop {
        let Some((length, ascii)) = plain(bytes.get(at..).unwrap_or_default()) else {
            return Ok(None);
        };
        if !ascii {
            let text = bytes.get(at..at + length).unwrap_or_default();
            std::str::from_utf8(text).map_err(|_| Stop::Unsure)?;
        }
        at += length;
        match bytes.get(at..).unwrap_or_default() {
            [b'"', ..] => return Ok(Some(at + 1)),
            [
                b'\\',
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't',
                ..,
            ] => at += 2,
            [b'\\', b'u', a, b, c, d, ..]
                if [a, b, c, d].into_iter().all(u8::is_ascii_hexdigit) =>
            {
                at += 6;
            }
            [b'\\', b'u', _, _, _, _, ..] => return Err(Stop::Unsure),
            [b'\\', b'u', ..] | [b'\\'] => return Ok(None),
            _ => return Err(Stop::Unsure),
        }
    }
}

/// How many bytes of a text stand before the first quote, backslash or control character, and true where they are surely ASCII; none where
/// there is none.
#[inline(always)]
pub(super) fn plain(text: &[u8]) -> Option<(usize, bool)> {
    const ONES: u64 = u64::MAX / 0xff;
    // The lowest byte that is zero has its high bit set; of higher ones some that are not may have it, too.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word;
    let all = |byte: u8| ONES * u64::from(byte);
    let (words, rest) = text.as_chunks::<8>();
    let (mut length, mut seen) = (0, 0);
    for word in words {
        let word = u64::from_le_bytes(*word);
        let control = word.wrapping_sub(all(b' ')) & !word;
        let found = control | zeros(word ^ all(b'"')) | zeros(word ^ all(b'\\'));
        let found = found & all(0x80);
        seen |= word;
        if found != 0 {
            let length = length + (found.trailing_zeros() / 8) as usize;
            return Some((length, seen & all(0x80) == 0));
        }
        length += 8;
    }
    let is_plain = |it: &u8| *it >= b' ' && !matches!(it, b'"' | b'\\');
    let more = rest.iter().position(|it| !is_plain(it))?;
    let ascii = seen & all(0x80) == 0 && rest.is_ascii();
    Some((length + more, ascii))
}
