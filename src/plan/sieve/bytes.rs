//! The bytes of a JSON text as they come from a reader: passed over value by value, checked, and copied where they are kept.
#![expect(
    clippy::inline_always,
    reason = "what is done for each byte of a large file is worth no call"
)]

use std::io::{Error, ErrorKind, Read};

use super::whole::{Around, Next, close, plain, whole};

/// Why a sieve stops.
#[derive(Debug)]
pub(super) enum Stop {
    /// The text is no JSON, or not of a form that is known here.
    Unsure,
    /// Another sieve begins here.
    Cut,
    /// The reader fails.
    Io(Error),
}

/// What is sure.
pub(super) type Sure<T> = Result<T, Stop>;

/// Values inside each other, at most. The reader of plans takes a few more.
pub(super) const DEEPEST: u32 = 100;

/// So many bytes are read at once: few enough for them to stay in the processor's own memory.
pub(super) const WINDOW: usize = 128 * 1024;

/// A reader's bytes.
pub(super) struct Bytes<R> {
    reader: R,
    /// What was read last: up to `end`.
    window: Vec<u8>,
    end: usize,
    /// The bytes before the window.
    before: u64,
    /// The next byte.
    at: usize,
    /// The bytes of a character that the window ends in.
    parted: Vec<u8>,
    /// From where bytes of the window are to be copied, while they are.
    copied: Option<usize>,
    /// The copy.
    pub(super) kept: Vec<u8>,
}

impl<R: Read> Bytes<R> {
    pub(super) fn new(reader: R) -> Self {
        Bytes {
            reader,
            window: vec![0; WINDOW],
            end: 0,
            before: 0,
            at: 0,
            parted: Vec::new(),
            copied: None,
            kept: Vec::new(),
        }
    }

    /// Where the next byte stands, from where the reader began.
    pub(super) fn place(&self) -> u64 {
        self.before + self.at as u64
    }

    /// The next byte that is no space, which is still to be taken.
    #[inline(always)]
    pub(super) fn token(&mut self) -> Sure<u8> {
        loop {
            match self.peek()? {
                b' ' | b'\n' | b'\t' | b'\r' => self.at += 1,
                byte => return Ok(byte),
            }
        }
    }

    /// True where nothing but space follows.
    pub(super) fn end(&mut self) -> Sure<bool> {
        loop {
            while let Some(byte) = self.rest_of_window().first() {
                if !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
                    return Ok(false);
                }
                self.at += 1;
            }
            if !self.fill()? {
                return Ok(true);
            }
        }
    }

    /// Takes and keeps a bracket, after which a member or an item follows, or the end.
    pub(super) fn open(&mut self, bracket: u8, depth: u32) -> Sure<()> {
        if depth >= DEEPEST {
            return Err(Stop::Unsure);
        }
        self.take(bracket)?;
        self.kept.push(bracket);
        Ok(())
    }

    /// True where another member or item follows, before which the comma is taken; else the bracket is.
    pub(super) fn goes_on(&mut self, begun: &mut bool, close: u8) -> Sure<bool> {
        if self.token()? == close {
            self.at += 1;
            return Ok(false);
        }
        if std::mem::replace(begun, true) {
            self.take(b',')?;
        }
        Ok(true)
    }

    /// Takes and keeps a key and its colon; gives what stands between the quotes, where it is no escape.
    pub(super) fn key(&mut self, comma: bool) -> Sure<&[u8]> {
        if comma {
            self.kept.push(b',');
        }
        let start = self.kept.len() + 1;
        self.token()?;
        self.copied(|bytes| {
            bytes.take(b'"')?;
            bytes.string()
        })?;
        let end = self.kept.len() - 1;
        self.take(b':')?;
        self.kept.push(b':');
        let key = self.kept.get(start..end).unwrap_or_default();
        if key.contains(&b'\\') {
            return Err(Stop::Unsure);
        }
        Ok(key)
    }

    /// Takes and keeps a value that lies so many levels inside others.
    pub(super) fn keep(&mut self, depth: u32) -> Sure<()> {
        self.token()?;
        self.copied(|bytes| bytes.skip(depth))
    }

    /// Copies what is taken meanwhile.
    fn copied(&mut self, take: impl FnOnce(&mut Self) -> Sure<()>) -> Sure<()> {
        self.copied = Some(self.at);
        take(self)?;
        self.copy();
        self.copied = None;
        Ok(())
    }

    fn copy(&mut self) {
        if let Some(from) = self.copied {
            let bytes = self.window.get(from..self.at).unwrap_or_default();
            self.kept.extend_from_slice(bytes);
        }
    }

    /// Passes over a value that lies so many levels inside others.
    pub(super) fn skip(&mut self, depth: u32) -> Sure<()> {
        self.pass(Around::of(depth), Next::Value)
    }

    /// Passes over what follows of an object that lies so many levels inside others, after one of its members.
    pub(super) fn rest(&mut self, depth: u32) -> Sure<()> {
        let mut around = Around::of(depth);
        around.enter(true)?;
        self.pass(around, Next::End)
    }

    /// Takes what comes next, and all that follows of the lists and objects around it.
    fn pass(&mut self, mut around: Around, mut next: Next) -> Sure<()> {
        loop {
            let window = self.window.get(..self.end).unwrap_or_default();
            self.at = whole(window, self.at, &mut around, &mut next)?;
            // What is not whole in the window, or the end.
            match next {
                Next::Key => {
                    self.member()?;
                    next = Next::Value;
                }
                Next::Value => next = self.value(&mut around)?,
                Next::End if around.levels == 0 => return Ok(()),
                Next::End => {
                    let byte = self.token()?;
                    self.at += 1;
                    next = around.after(byte)?;
                }
            }
        }
    }

    /// Takes a value, or the bracket that opens one.
    fn value(&mut self, around: &mut Around) -> Sure<Next> {
        match self.token()? {
            b'"' => {
                self.at += 1;
                self.string()?;
            }
            open @ (b'{' | b'[') => {
                self.at += 1;
                let object = open == b'{';
                if self.token()? != close(object) {
                    around.enter(object)?;
                    return Ok(Next::item(object));
                }
                self.at += 1;
            }
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            _ => self.number()?,
        }
        Ok(Next::End)
    }

    /// Takes a key and its colon.
    #[inline(always)]
    fn member(&mut self) -> Sure<()> {
        self.take(b'"')?;
        self.string()?;
        self.take(b':')
    }

    /// Takes what follows of a string after its first quote.
    #[inline(always)]
    fn string(&mut self) -> Sure<()> {
        loop {
            let Some((length, ascii)) = plain(self.rest_of_window()) else {
                if !self.is_text(self.end) {
                    return Err(Stop::Unsure);
                }
                self.at = self.end;
                if !self.fill()? {
                    return Err(Stop::Unsure);
                }
                continue;
            };
            let end = self.at + length;
            let text = ascii && self.parted.is_empty() || self.is_text(end);
            if !text || !self.parted.is_empty() {
                return Err(Stop::Unsure);
            }
            self.at = end;
            match self.next()? {
                b'"' => return Ok(()),
                b'\\' => self.escape()?,
                _ => return Err(Stop::Unsure),
            }
        }
    }

    #[inline]
    fn escape(&mut self) -> Sure<()> {
        match self.next()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(()),
            b'u' => {
                for _ in 0..4 {
                    if !self.next()?.is_ascii_hexdigit() {
                        return Err(Stop::Unsure);
                    }
                }
                Ok(())
            }
            _ => Err(Stop::Unsure),
        }
    }

    /// A number, as RFC 8259 has it. Something follows it: a document is an object.
    fn number(&mut self) -> Sure<()> {
        if self.peek()? == b'-' {
            self.at += 1;
        }
        if self.peek()? == b'0' {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek()? == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek()?, b'e' | b'E') {
            self.at += 1;
            if matches!(self.peek()?, b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Sure<()> {
        if !self.next()?.is_ascii_digit() {
            return Err(Stop::Unsure);
        }
        while self.peek()?.is_ascii_digit() {
            self.at += 1;
        }
        Ok(())
    }

    fn word(&mut self, word: &[u8]) -> Sure<()> {
        for &byte in word {
            if self.next()? != byte {
                return Err(Stop::Unsure);
            }
        }
        Ok(())
    }

    /// Takes a byte that must come next, but for space.
    #[inline(always)]
    fn take(&mut self, byte: u8) -> Sure<()> {
        if self.token()? != byte {
            return Err(Stop::Unsure);
        }
        self.at += 1;
        Ok(())
    }

    /// Takes the next byte.
    #[inline(always)]
    fn next(&mut self) -> Sure<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Ok(byte)
    }

    /// The next byte, which is still to be taken.
    #[inline(always)]
    fn peek(&mut self) -> Sure<u8> {
        loop {
            if let Some(&byte) = self.rest_of_window().first() {
                return Ok(byte);
            }
            if !self.fill()? {
                return Err(Stop::Unsure);
            }
        }
    }

    #[inline(always)]
    fn rest_of_window(&self) -> &[u8] {
        self.window.get(self.at..self.end).unwrap_or_default()
    }

    /// True where the window goes on in UTF-8 up to a place.
    fn is_text(&mut self, end: usize) -> bool {
        let mut text = self.window.get(self.at..end).unwrap_or_default();
        while !self.parted.is_empty()
            && let Some((byte, rest)) = text.split_first()
        {
            self.parted.push(*byte);
            text = rest;
            match std::str::from_utf8(&self.parted) {
                Ok(_) => self.parted.clear(),
                Err(error) if error.error_len().is_some() => return false,
                Err(_) => {}
            }
        }
        match std::str::from_utf8(text) {
            Ok(_) => true,
            Err(error) => {
                let rest = text.get(error.valid_up_to()..).unwrap_or_default();
                self.parted.extend_from_slice(rest);
                error.error_len().is_none()
            }
        }
    }

    /// Reads on; false where nothing follows. All that was read is taken.
    #[cold]
    fn fill(&mut self) -> Sure<bool> {
        self.copy();
        self.copied = self.copied.and(Some(0));
        self.before += self.end as u64;
        (self.at, self.end) = (0, 0);
        loop {
            match self.reader.read(&mut self.window) {
                Ok(read) => {
                    self.end = read;
                    return Ok(read > 0);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Stop::Io(error)),
            }
        }
    }
}
