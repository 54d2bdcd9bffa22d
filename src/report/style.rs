//! How a report for people looks.

/// How the report looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Style {
    /// With terminal colours.
    pub color: bool,
    /// Columns of a line.
    pub width: usize,
    /// With characters outside of ASCII.
    pub unicode: bool,
    /// The ids of rules lead to their pages (OSC 8).
    pub links: bool,
    /// Findings alone: nothing where there are none.
    pub quiet: bool,
}

impl Default for Style {
    fn default() -> Self {
        Style {
            color: false,
            width: 80,
            unicode: true,
            links: false,
            quiet: false,
        }
    }
}
