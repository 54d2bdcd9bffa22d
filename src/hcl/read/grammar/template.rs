//! Strings and heredocs, and what stands in them.

use memchr::memchr;

use super::{Grammar, Lines, Passed, is_word};

/// What ends a template.
#[derive(Clone, Copy)]
pub(super) enum Template<'t> {
    /// A quote.
    Quote,
    /// A line that is this word alone.
    Heredoc(&'t [u8]),
}

/// A directive of a template that is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Directive {
    If,
    Else,
    For,
}

impl Grammar<'_> {
    /// `<<NAME` or `<<-NAME`, the lines, and the one that closes it.
    pub(super) fn heredoc(&mut self) -> Passed {
        self.expect(b"<<")?;
        self.pass(b"-");
        let name = self.word()?;
        self.pass(b"\r");
        self.expect(b"\n")?;
        self.template(Template::Heredoc(name))
    }

    /// The rest of a template and what ends it.
    pub(super) fn template(&mut self, ends: Template<'_>) -> Passed {
        let mut open: Vec<Directive> = Vec::new();
        let mut line = matches!(ends, Template::Heredoc(_));
        loop {
            if line && let Template::Heredoc(name) = ends {
                let rest = self.rest();
                let length = memchr(b'\n', rest).unwrap_or(rest.len());
                let words = rest.get(..length)?.trim_ascii_end();
                match words.trim_ascii_start().strip_prefix(name) {
                    Some([]) => {
                        self.at += words.len();
                        return open.is_empty().then_some(());
                    }
                    // For `hcl_edit` this line closes it, too.
                    Some([behind, ..]) if !is_word(*behind) => return None,
                    _ => {}
                }
            }
            line = false;
            let special = |byte: &u8| matches!(byte, b'"' | b'\\' | b'\n' | b'$' | b'%');
            let rest = self.rest();
            self.at += rest.iter().position(special)?;
            match self.rest() {
                [b'$', b'$', b'{', ..] | [b'%', b'%', b'{', ..] => self.at += 3,
                [b'$', b'{', ..] => self.interpolation()?,
                [b'%', b'{', ..] => self.directive(&mut open)?,
                [b'"', ..] if matches!(ends, Template::Quote) => {
                    self.at += 1;
                    return open.is_empty().then_some(());
                }
                [b'\\', ..] if matches!(ends, Template::Quote) => self.escape()?,
                [b'\n', ..] => {
                    if matches!(ends, Template::Quote) {
                        return None;
                    }
                    self.at += 1;
                    line = true;
                }
                _ => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Passed {
        let digits = match self.rest().get(1)? {
            b'n' | b'r' | b't' | b'"' | b'\\' => 0,
            b'u' => 4,
            b'U' => 8,
            _ => return None,
        };
        let code = self.rest().get(2..2 + digits)?;
        if digits > 0 {
            let code = str::from_utf8(code).ok()?;
            let is_hex = code.bytes().all(|it| it.is_ascii_hexdigit());
            u32::from_str_radix(code, 16)
                .ok()
                .filter(|_| is_hex)
                .and_then(char::from_u32)?;
        }
        self.at += 2 + digits;
        Some(())
    }

    /// `${ … }`
    fn interpolation(&mut self) -> Passed {
        self.at += 2;
        self.pass(b"~");
        self.expression(Lines::Pass)?;
        self.end_of_mark()
    }

    fn end_of_mark(&mut self) -> Passed {
        self.space(Lines::Pass)?;
        self.pass(b"~");
        self.expect(b"}")
    }

    /// `%{ … }`
    fn directive(&mut self, open: &mut Vec<Directive>) -> Passed {
        self.at += 2;
        self.pass(b"~");
        self.space(Lines::Pass)?;
        match self.word()? {
            b"if" => {
                self.expression(Lines::Pass)?;
                open.push(Directive::If);
            }
            b"else" if open.pop()? == Directive::If => open.push(Directive::Else),
            b"endif" if open.pop()? != Directive::For => {}
            b"for" => {
                self.names()?;
                self.keyword(b"in")?;
                self.expression(Lines::Pass)?;
                open.push(Directive::For);
            }
            b"endfor" if open.pop()? == Directive::For => {}
            _ => return None,
        }
        self.end_of_mark()
    }
}
