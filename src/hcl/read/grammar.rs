//! Tells whether a text is well formed, without keeping anything of it.
//!
//! What no verdict hangs on is not parsed, and yet a mistake in it is to be told. [`Grammar`] goes over each byte once, allocates nothing
//! but names, and says yes only to what Terraform accepts. Where it says no the text is wrong, or so unusual that it is to be parsed to
//! know: letters beyond ASCII in names, more than one sign before a value, levels beyond [`DEEPEST`].
//!
//! Source: HCL Native Syntax Specification, <https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md>.

mod template;

use memchr::memchr;

use self::template::Template;
use super::body::NEVER_INSIDE;

/// Expressions and blocks inside each other, at most.
const DEEPEST: usize = 48;

/// Attributes of one body, at most, among whose names it is looked for one that is there twice.
const MOST_NAMES: usize = 64;

/// What newlines are in an expression.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lines {
    /// They end it: an attribute's value, or that of an object's member.
    End,
    /// White space: inside of brackets and `${ … }`.
    Pass,
}

/// Whether all went well.
type Passed = Option<()>;

/// True for the text of a file of blocks whose syntax has no mistake; false where it may have one.
pub(super) fn is_configuration(text: &str) -> bool {
    let mut grammar = Grammar::new(text, 0);
    grammar.configuration().is_some()
}

/// True for a file of attributes, as [`is_configuration`] is for blocks.
pub(super) fn is_variables(text: &str) -> bool {
    let mut grammar = Grammar::new(text, 0);
    grammar.attributes().is_some()
}

/// The end of a body whose opening brace lies before `at`, behind its closing one.
pub(in crate::hcl) fn body(text: &str, at: usize) -> Option<usize> {
    let mut grammar = Grammar::new(text, at);
    grammar.body()?;
    Some(grammar.at)
}

struct Grammar<'t> {
    bytes: &'t [u8],
    at: usize,
    depth: usize,
}

impl<'t> Grammar<'t> {
    fn new(text: &'t str, at: usize) -> Self {
        Grammar {
            bytes: text.as_bytes(),
            at,
            depth: 0,
        }
    }

    fn rest(&self) -> &'t [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Passes these bytes, where they stand here.
    fn pass(&mut self, wanted: &[u8]) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    fn expect(&mut self, wanted: &[u8]) -> Passed {
        self.pass(wanted).then_some(())
    }

    /// One level further down.
    fn inside(&mut self, what: impl FnOnce(&mut Self) -> Passed) -> Passed {
        if self.depth == DEEPEST {
            return None;
        }
        self.depth += 1;
        let passed = what(self);
        self.depth -= 1;
        passed
    }

    /// Passes white space and comments, newlines where they mean nothing.
    fn space(&mut self, lines: Lines) -> Passed {
        loop {
            match self.rest() {
                [b' ' | b'\t', ..] => self.at += 1,
                [b'\n', ..] if lines == Lines::Pass => self.at += 1,
                [b'\r', b'\n', ..] if lines == Lines::Pass => self.at += 2,
                [b'#', ..] | [b'/', b'/', ..] if lines == Lines::Pass => {
                    let rest = self.rest();
                    self.at += memchr(b'\n', rest).unwrap_or(rest.len());
                }
                [b'/', b'*', inside @ ..] => {
                    self.at += memchr::memmem::find(inside, b"*/")? + 4;
                }
                _ => return Some(()),
            }
        }
    }

    /// A newline, or what ends a line besides.
    fn at_line_end(&self) -> bool {
        matches!(
            self.rest(),
            [] | [b'\n' | b'#', ..] | [b'\r', b'\n', ..] | [b'/', b'/', ..]
        )
    }

    /// An attribute or a block ends with its line, or with the body around it.
    fn line_end(&mut self) -> Passed {
        self.space(Lines::End)?;
        (self.at_line_end() || self.byte() == Some(b'}')).then_some(())
    }

    fn configuration(&mut self) -> Passed {
        loop {
            self.space(Lines::Pass)?;
            if self.rest().is_empty() {
                return Some(());
            }
            let kind = self.word()?;
            self.space(Lines::End)?;
            let labels = self.labels()?;
            let wanted = match kind {
                b"resource" | b"data" => labels == 2,
                b"variable" | b"output" | b"module" | b"provider" => labels == 1,
                b"locals" | b"terraform" | b"moved" | b"import" | b"removed" => labels == 0,
                _ => true,
            };
            if !wanted {
                return None;
            }
            self.body()?;
            self.space(Lines::End)?;
            if !self.at_line_end() {
                return None;
            }
        }
    }

    fn attributes(&mut self) -> Passed {
        let mut names = Vec::new();
        loop {
            self.space(Lines::Pass)?;
            if self.rest().is_empty() {
                return Some(());
            }
            let name = self.word()?;
            self.space(Lines::End)?;
            self.attribute(name, &mut names)?;
            if !self.at_line_end() {
                return None;
            }
        }
    }

    /// A body behind its opening brace, its closing brace too.
    fn body(&mut self) -> Passed {
        self.inside(|it| {
            let mut names = Vec::new();
            loop {
                it.space(Lines::Pass)?;
                if it.pass(b"}") {
                    return Some(());
                }
                let name = it.word()?;
                it.space(Lines::End)?;
                if it.byte() == Some(b'=') {
                    it.attribute(name, &mut names)?;
                } else {
                    let labels = it.labels()?;
                    let top = NEVER_INSIDE.iter().any(|kind| kind.as_bytes() == name);
                    // A brace is missing before it.
                    if top && labels > 0 {
                        return None;
                    }
                    it.body()?;
                }
                it.line_end()?;
            }
        })
    }

    /// `= value`
    fn attribute(&mut self, name: &'t [u8], names: &mut Vec<&'t [u8]>) -> Passed {
        self.expect(b"=")?;
        if names.len() == MOST_NAMES || names.contains(&name) {
            return None;
        }
        names.push(name);
        self.expression(Lines::End)?;
        self.space(Lines::End)
    }

    /// The labels of a block and its opening brace. Gives how many there are.
    fn labels(&mut self) -> Option<usize> {
        let mut count = 0;
        loop {
            self.space(Lines::End)?;
            if self.pass(b"{") {
                return Some(count);
            }
            if self.pass(b"\"") {
                let odd = |byte: &u8| matches!(byte, b'"' | b'\\' | b'$' | b'%' | b'\n');
                self.at += self.rest().iter().position(odd)?;
                self.expect(b"\"")?;
            } else {
                self.word()?;
            }
            count += 1;
        }
    }

    /// A name of ASCII letters.
    fn word(&mut self) -> Option<&'t [u8]> {
        let rest = self.rest();
        if !rest.first()?.is_ascii_alphabetic() && rest.first() != Some(&b'_') {
            return None;
        }
        let length = rest.iter().position(|it| !is_word(*it));
        let (word, behind) = rest.split_at_checked(length.unwrap_or(rest.len()))?;
        // It may go on with letters of other scripts.
        let goes_on = behind.first().is_some_and(|byte| !byte.is_ascii());
        self.at += word.len();
        (!goes_on).then_some(word)
    }

    /// An expression, with the white space before it.
    fn expression(&mut self, lines: Lines) -> Passed {
        self.inside(|it| {
            it.operation(lines)?;
            it.space(lines)?;
            if !it.pass(b"?") {
                return Some(());
            }
            it.expression(lines)?;
            it.space(lines)?;
            it.expect(b":")?;
            it.expression(lines)
        })
    }

    fn operation(&mut self, lines: Lines) -> Passed {
        const OPERATORS: [&[u8]; 13] = [
            b"==", b"!=", b"<=", b">=", b"&&", b"||", b"<", b">", b"+", b"-", b"*", b"/", b"%",
        ];
        loop {
            self.space(lines)?;
            if self.pass(b"-") || self.pass(b"!") {
                self.space(lines)?;
            }
            self.term(lines)?;
            self.space(lines)?;
            let comment = self.rest().starts_with(b"//");
            if comment || !OPERATORS.iter().any(|it| self.pass(it)) {
                return Some(());
            }
        }
    }

    fn term(&mut self, lines: Lines) -> Passed {
        match self.byte()? {
            b'0'..=b'9' => self.number(),
            b'"' => {
                self.at += 1;
                self.template(Template::Quote)
            }
            b'<' => self.heredoc(),
            b'(' => {
                self.at += 1;
                self.expression(Lines::Pass)?;
                self.space(Lines::Pass)?;
                self.expect(b")")?;
                self.operators(lines)
            }
            b'[' => {
                self.at += 1;
                self.list()?;
                self.operators(lines)
            }
            b'{' => {
                self.at += 1;
                self.object()?;
                self.operators(lines)
            }
            _ => {
                self.word()?;
                let mut called = false;
                while self.pass(b"::") {
                    self.word()?;
                    called = true;
                }
                self.space(lines)?;
                if self.pass(b"(") {
                    self.items(b")")?;
                } else if called {
                    return None;
                }
                self.operators(lines)
            }
        }
    }

    /// Digits, a fraction, an exponent.
    fn number(&mut self) -> Passed {
        self.digits()?;
        if let [b'.', b'0'..=b'9', ..] = self.rest() {
            self.at += 1;
            self.digits()?;
        }
        if self.pass(b"e") || self.pass(b"E") {
            let _ = self.pass(b"+") || self.pass(b"-");
            self.digits()?;
        }
        // `1a` is no number and a name.
        let goes_on = |byte: u8| byte.is_ascii_alphabetic() || b"_.".contains(&byte);
        (!self.byte().is_some_and(goes_on)).then_some(())
    }

    fn digits(&mut self) -> Passed {
        let digits = self.rest().iter().take_while(|it| it.is_ascii_digit());
        let count = digits.count();
        self.at += count;
        (count > 0).then_some(())
    }

    /// What follows a value: `.name`, `.0`, `.*`, `[index]`, `[*]`.
    fn operators(&mut self, lines: Lines) -> Passed {
        loop {
            let before = self.at;
            self.space(lines)?;
            match self.rest() {
                [b'.', b'.', b'.', ..] => {
                    self.at = before;
                    return Some(());
                }
                [b'.', ..] => {
                    self.at += 1;
                    self.space(lines)?;
                    match self.byte()? {
                        b'0' | b'*' => self.at += 1,
                        b'1'..=b'9' => self.digits()?,
                        _ => {
                            self.word()?;
                        }
                    }
                }
                [b'[', ..] => {
                    self.at += 1;
                    self.space(Lines::Pass)?;
                    if !self.pass(b"*") {
                        self.expression(Lines::Pass)?;
                    }
                    self.space(Lines::Pass)?;
                    self.expect(b"]")?;
                }
                _ => {
                    self.at = before;
                    return Some(());
                }
            }
        }
    }

    /// Expressions after commas, up to a closing bracket; the last argument of a function may be followed by `...`.
    fn items(&mut self, close: &[u8]) -> Passed {
        loop {
            self.space(Lines::Pass)?;
            if self.pass(close) {
                return Some(());
            }
            self.expression(Lines::Pass)?;
            self.space(Lines::Pass)?;
            if close == b")" && self.pass(b"...") {
                self.space(Lines::Pass)?;
                return self.expect(close);
            }
            if !self.pass(b",") {
                return self.expect(close);
            }
        }
    }

    /// A list, or the loop that makes one, behind its opening bracket.
    fn list(&mut self) -> Passed {
        self.space(Lines::Pass)?;
        if self.at_loop() {
            self.iteration()?;
            self.expression(Lines::Pass)?;
            return self.end_of_loop(b"]");
        }
        self.items(b"]")
    }

    /// An object, or the loop that makes one, behind its opening brace.
    fn object(&mut self) -> Passed {
        self.space(Lines::Pass)?;
        if self.at_loop() {
            self.iteration()?;
            self.expression(Lines::Pass)?;
            self.space(Lines::Pass)?;
            self.expect(b"=>")?;
            self.expression(Lines::Pass)?;
            self.space(Lines::Pass)?;
            self.pass(b"...");
            return self.end_of_loop(b"}");
        }
        loop {
            self.space(Lines::Pass)?;
            match self.byte()? {
                b'}' => {
                    self.at += 1;
                    return Some(());
                }
                b'(' => {
                    self.at += 1;
                    self.expression(Lines::Pass)?;
                    self.space(Lines::Pass)?;
                    self.expect(b")")?;
                }
                b'"' => {
                    self.at += 1;
                    self.template(Template::Quote)?;
                }
                b'0'..=b'9' => self.number()?,
                // `providers = { aws.east = aws }`
                _ => {
                    self.word()?;
                    while self.pass(b".") {
                        self.word()?;
                    }
                }
            }
            self.space(Lines::End)?;
            if matches!(self.rest(), [b'=', b'=' | b'>', ..])
                || !(self.pass(b"=") || self.pass(b":"))
            {
                return None;
            }
            self.expression(Lines::End)?;
            self.space(Lines::End)?;
            let ends = self.at_line_end() && !self.rest().is_empty();
            if !ends && self.byte() != Some(b'}') {
                self.expect(b",")?;
            }
        }
    }

    /// True before `for` and something else.
    fn at_loop(&self) -> bool {
        let behind = self.rest().strip_prefix(b"for").and_then(<[u8]>::first);
        behind.is_some_and(|it| it.is_ascii_whitespace() || matches!(it, b'#' | b'/'))
    }

    /// `for key, value in list :`
    fn iteration(&mut self) -> Passed {
        self.keyword(b"for")?;
        self.names()?;
        self.keyword(b"in")?;
        self.expression(Lines::Pass)?;
        self.space(Lines::Pass)?;
        self.expect(b":")
    }

    /// The names that a loop gives to what it goes over.
    fn names(&mut self) -> Passed {
        self.space(Lines::Pass)?;
        self.word()?;
        self.space(Lines::Pass)?;
        if self.pass(b",") {
            self.space(Lines::Pass)?;
            self.word()?;
        }
        self.space(Lines::Pass)
    }

    /// A condition, if there is one, and the closing bracket.
    fn end_of_loop(&mut self, close: &[u8]) -> Passed {
        self.space(Lines::Pass)?;
        if !self.pass(close) {
            self.keyword(b"if")?;
            self.expression(Lines::Pass)?;
            self.space(Lines::Pass)?;
            self.expect(close)?;
        }
        Some(())
    }

    fn keyword(&mut self, wanted: &[u8]) -> Passed {
        (self.word()? == wanted).then_some(())
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-".contains(&byte)
}

#[cfg(test)]
mod tests;
