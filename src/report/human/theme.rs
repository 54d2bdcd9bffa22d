//! The colours and characters of a drawn finding.

use miette::GraphicalTheme;

use crate::report::{Severity, Style};

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
