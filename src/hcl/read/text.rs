//! Bytes to text.

use std::sync::Arc;

/// The text of a file, or of as much of it as can be shown, and what is wrong with it.
#[derive(Clone, Debug)]
pub(in crate::hcl) struct FileText {
    pub(in crate::hcl) text: Arc<str>,
    /// The byte that cannot be read, and why.
    pub(in crate::hcl) trouble: Option<(usize, &'static str)>,
}

/// Decodes the bytes of a file. A byte order mark is no part of the text.
pub(in crate::hcl) fn decoded(bytes: Vec<u8>) -> FileText {
    let (text, mut trouble) = match String::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            (text, Some((valid, "the file is not UTF-8")))
        }
    };
    if trouble.is_none()
        && text.as_bytes().contains(&0)
        && let Some(at) = text.bytes().position(|byte| byte == 0)
    {
        trouble = Some((at, "the file holds a NUL byte, which no configuration may"));
    }
    match text.strip_prefix('\u{feff}') {
        Some(rest) => FileText {
            text: Arc::from(rest),
            trouble: trouble.map(|(at, why)| (at.saturating_sub(3), why)),
        },
        None => FileText {
            text: Arc::from(text),
            trouble,
        },
    }
}
