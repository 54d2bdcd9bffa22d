//! Terminal colours for the words of the report; plain text where there are none.

use miette::GraphicalTheme;

use super::Style;
use crate::policy::Verdict;
use crate::report::Severity;

/// How miette draws a finding: the place to mend in the colour of the severity, the other places in another. `primaries` says of each
/// label, in the order they are drawn in, which it is.
pub(super) fn theme(style: Style, severity: Severity, primaries: &[bool]) -> GraphicalTheme {
    let mut theme = match (style.unicode, style.color) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::unicode_nocolor(),
        (false, true) => GraphicalTheme::ascii(),
        (false, false) => GraphicalTheme::none(),
    };
    let styles = &theme.styles;
    let loud = match severity {
        Severity::Error => styles.error,
        Severity::Warning => styles.warning,
        Severity::Note => styles.advice,
    };
    if !primaries.is_empty() {
        let quiet = styles.help;
        theme.styles.highlights = primaries
            .iter()
            .map(|primary| if *primary { loud } else { quiet })
            .collect();
    }
    theme
}

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
    pub(super) fn strong(self, text: &str) -> String {
        self.wrap("1", text)
    }

    /// A verdict's word, whatever text stands for it.
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
