//! Terminal colours for the words of the report; plain text where there are none.

use super::Style;
#[cfg(feature = "human")]
use crate::policy::Verdict;

/// Puts colour around words, or nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Paint {
    color: bool,
}

impl Paint {
    pub(super) fn new(style: Style) -> Self {
        Paint { color: style.color }
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.color {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    /// The words that lead a line.
    #[cfg(feature = "human")]
    pub(super) fn strong(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// A verdict's word, whatever text stands for it.
    #[cfg(feature = "human")]
    pub(super) fn verdict(self, verdict: Verdict, text: &str) -> String {
        let code = match verdict {
            Verdict::Allowed => "32",
            Verdict::Denied => "31",
            Verdict::Delegated => "36",
            Verdict::Conditional | Verdict::Undecided => "33",
        };
        self.wrap(code, text)
    }

    /// Bad news in a line of counts.
    pub(super) fn bad(self, text: &str) -> String {
        self.wrap("31", text)
    }
}
