//! Bytes to text.

use std::borrow::Cow;
use std::sync::Arc;

/// The text of a file, or of as much of it as can be shown, and what is wrong with it.
#[derive(Clone, Debug)]
pub(in crate::hcl) struct FileText {
    pub(in crate::hcl) text: Arc<str>,
    /// The byte that cannot be read, and why.
    pub(in crate::hcl) trouble: Option<(usize, &'static str)>,
}

/// The same of bytes that lie elsewhere.
#[derive(Clone, Debug)]
pub(in crate::hcl) struct Decoded<'b> {
    pub(in crate::hcl) text: Cow<'b, str>,
    pub(in crate::hcl) trouble: Option<(usize, &'static str)>,
}

impl Decoded<'_> {
    /// A text that stays.
    pub(in crate::hcl) fn kept(self) -> FileText {
        FileText {
            text: Arc::from(self.text),
            trouble: self.trouble,
        }
    }
}

/// Decodes the bytes of a file. A byte order mark is no part of the text.
pub(in crate::hcl) fn decoded(bytes: &[u8]) -> Decoded<'_> {
    const MARK: &[u8] = "\u{feff}".as_bytes();
    let bytes = bytes.strip_prefix(MARK).unwrap_or(bytes);
    let (text, trouble) = match str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), nul(bytes)),
        Err(error) => {
            let trouble = (error.valid_up_to(), "the file is not UTF-8");
            (String::from_utf8_lossy(bytes), Some(trouble))
        }
    };
    Decoded { text, trouble }
}

fn nul(bytes: &[u8]) -> Option<(usize, &'static str)> {
    let at = memchr::memchr(0, bytes)?;
    Some((at, "the file holds a NUL byte, which no configuration may"))
}
