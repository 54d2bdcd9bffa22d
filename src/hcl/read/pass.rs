//! Passes a body without keeping anything of it.

use super::body::{DEEPEST, NEVER_INSIDE, Reader};
use super::scan::extent;

/// Attributes of one body, at most, among whose names it is looked for one that is there twice.
const MOST_NAMES: usize = 64;

impl Reader<'_> {
    /// Passes a body behind its opening brace, its closing brace too. False where something in it is wrong, or so unusual that it is to be
    /// read to know: where the reader then stands is not said.
    pub(super) fn pass(&mut self, depth: usize) -> bool {
        let mut names = Vec::new();
        loop {
            self.space();
            if self.rest().starts_with('}') {
                self.at += 1;
                return true;
            }
            let Some(name) = self.pass_word() else {
                return false;
            };
            self.blank();
            let passed = if self.rest().starts_with('=') {
                let name = self.text.get(name).unwrap_or_default();
                if names.len() == MOST_NAMES || names.contains(&name) {
                    return false;
                }
                names.push(name);
                self.pass_value()
            } else {
                let kind = self.text.get(name).unwrap_or_default();
                let usual = !NEVER_INSIDE.contains(&kind) && depth < DEEPEST;
                usual && self.pass_labels() && self.pass(depth + 1)
            };
            if !passed || self.line_end().is_err() {
                return false;
            }
        }
    }

    /// `= value`
    fn pass_value(&mut self) -> bool {
        self.at += 1;
        if self.rest().starts_with('=') {
            return false;
        }
        match extent(self.stretch(), self.at, false) {
            Ok(found) if !found.range.is_empty() => {
                self.at = found.range.end.max(self.at);
                true
            }
            _ => false,
        }
    }

    /// The labels of a block and its opening brace.
    fn pass_labels(&mut self) -> bool {
        loop {
            self.blank();
            if self.rest().starts_with('{') {
                self.at += 1;
                return true;
            }
            if self.pass_word().is_some() {
                continue;
            }
            let Some(inside) = self.rest().strip_prefix('"') else {
                return false;
            };
            let Some(length) = inside.find(['"', '\\', '$', '%', '\n']) else {
                return false;
            };
            if !inside.get(length..).is_some_and(|it| it.starts_with('"')) {
                return false;
            }
            self.at += length + 2;
        }
    }
}
