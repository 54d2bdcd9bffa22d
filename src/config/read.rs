//! Values of a TOML document with their places, and what to say where they are of another kind.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::{At, Problem};
use crate::source::{FileId, SourceMap, Span};
use crate::spelling::nearest;

/// The reading of one file.
pub(super) struct Reader<'s> {
    sources: &'s SourceMap,
    file: FileId,
    pub(super) problems: Vec<Problem>,
}

/// A table of the file, and the place to point at for the table as a whole.
#[derive(Clone)]
pub(super) struct Table<'t> {
    table: &'t DeTable<'t>,
    pub(super) place: Range<usize>,
}

type Entry<'t> = (&'t Spanned<DeString<'t>>, &'t Spanned<DeValue<'t>>);

impl<'t> Table<'t> {
    /// The whole document.
    pub(super) fn top(root: &'t Spanned<DeTable<'t>>) -> Self {
        Table {
            table: root.get_ref(),
            place: root.span(),
        }
    }

    /// A value and its key.
    pub(super) fn entry(&self, key: &str) -> Option<Entry<'t>> {
        self.entries().find(|(name, _)| name.get_ref() == key)
    }

    /// A value.
    pub(super) fn get(&self, key: &str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.entry(key).map(|(_, value)| value)
    }

    /// All values, in the order of the file.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry<'t>> {
        let mut entries: Vec<Entry<'t>> = self.table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        entries.into_iter()
    }
}

/// A message with no more of a long text than people read.
fn clipped(text: String) -> String {
    const MOST: usize = 400;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// What a value is, for people.
fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "`true` or `false`",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

impl<'s> Reader<'s> {
    pub(super) fn new(sources: &'s SourceMap, file: FileId) -> Self {
        Reader {
            sources,
            file,
            problems: Vec::new(),
        }
    }

    /// The place of a range of the file.
    pub(super) fn span(&self, range: Range<usize>) -> Span {
        self.sources.span(self.file, range)
    }

    /// Notes something that is wrong.
    pub(super) fn problem(&mut self, at: Range<usize>, message: String, help: Option<String>) {
        let span = self.span(at);
        self.problems.push(Problem {
            message: clipped(message),
            help: help.map(clipped),
            span,
        });
    }

    /// Notes a value of another kind.
    pub(super) fn mistyped(&mut self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let message = format!("`{key}` is {wanted}, and this is {}", kind(value.get_ref()));
        self.problem(value.span(), message, None);
    }

    /// Notes keys that nobody reads, with the nearest that somebody does.
    pub(super) fn only(&mut self, table: &Table<'_>, known: &[&str], noun: &str) {
        for (key, _) in table.entries() {
            let name = key.get_ref();
            if !known.contains(&name.as_ref()) {
                let help = nearest(name, known.iter().copied()).map_or_else(
                    || format!("there are {}", list(known)),
                    |near| format!("there is `{near}`"),
                );
                self.problem(
                    key.span(),
                    format!("there is no {noun} `{name}`"),
                    Some(help),
                );
            }
        }
    }

    /// A table in a table.
    pub(super) fn table<'t>(&mut self, within: &Table<'t>, key: &str) -> Option<Table<'t>> {
        let (name, value) = within.entry(key)?;
        let DeValue::Table(table) = value.get_ref() else {
            self.mistyped(key, value, "a table");
            return None;
        };
        let place = name.span();
        Some(Table { table, place })
    }

    /// The tables of a list of tables; one table stands for a list of one.
    pub(super) fn tables<'t>(&mut self, within: &Table<'t>, key: &str) -> Vec<Table<'t>> {
        let Some((name, value)) = within.entry(key) else {
            return Vec::new();
        };
        let one = |table: &'t DeTable<'t>, whole: Range<usize>| {
            let first = table.keys().map(Spanned::span).min_by_key(|at| at.start);
            Table {
                table,
                place: first.unwrap_or(whole),
            }
        };
        match value.get_ref() {
            DeValue::Table(table) => vec![one(table, name.span())],
            DeValue::Array(array) => {
                let mut tables = Vec::new();
                for value in array {
                    match value.get_ref() {
                        DeValue::Table(table) => tables.push(one(table, value.span())),
                        _ => self.mistyped(key, value, "a list of tables"),
                    }
                }
                tables
            }
            _ => {
                self.mistyped(key, value, "a list of tables");
                Vec::new()
            }
        }
    }

    /// A text that must be there.
    pub(super) fn needed(&mut self, table: &Table<'_>, key: &str, of: &str) -> Option<At<String>> {
        if table.get(key).is_none() {
            let message = format!("{of} has no `{key}`");
            self.problem(table.place.clone(), message, None);
        }
        let text = self.text(table, key)?;
        if text.value.trim().is_empty() {
            self.at(&text, format!("`{key}` is empty"), None);
            return None;
        }
        Some(text)
    }

    /// Texts none of which is empty.
    pub(super) fn names(&mut self, table: &Table<'_>, key: &str) -> Vec<At<String>> {
        let mut texts = self.texts(table, key);
        texts.retain(|text| {
            let is_empty = text.value.trim().is_empty();
            if is_empty {
                self.at(text, format!("`{key}` holds an empty text"), None);
            }
            !is_empty
        });
        texts
    }

    /// A text.
    pub(super) fn text(&mut self, table: &Table<'_>, key: &str) -> Option<At<String>> {
        let value = table.get(key)?;
        let DeValue::String(text) = value.get_ref() else {
            self.mistyped(key, value, "a text");
            return None;
        };
        Some(At {
            value: text.to_string(),
            span: self.span(inside(value)),
        })
    }

    /// `true` or `false`
    pub(super) fn flag(&mut self, table: &Table<'_>, key: &str) -> Option<bool> {
        let value = table.get(key)?;
        let flag = value.get_ref().as_bool();
        if flag.is_none() {
            self.mistyped(key, value, "`true` or `false`");
        }
        flag
    }

    /// A list of texts; a text stands for a list of one.
    pub(super) fn texts(&mut self, table: &Table<'_>, key: &str) -> Vec<At<String>> {
        let Some(value) = table.get(key) else {
            return Vec::new();
        };
        let Some(items) = items(value) else {
            self.mistyped(key, value, "a text or a list of texts");
            return Vec::new();
        };
        if items.is_empty() {
            self.problem(value.span(), format!("`{key}` is an empty list"), None);
        }
        let mut texts = Vec::new();
        for item in items {
            match item.get_ref() {
                DeValue::String(text) => texts.push(At {
                    value: text.to_string(),
                    span: self.span(inside(item)),
                }),
                _ => self.mistyped(key, item, "a text or a list of texts"),
            }
        }
        texts
    }

    /// A text that must be one of some words.
    pub(super) fn word<T: Copy>(
        &mut self,
        table: &Table<'_>,
        key: &str,
        words: &[(&str, T)],
    ) -> Option<T> {
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let value = table.get(key)?;
        let DeValue::String(_) = value.get_ref() else {
            self.mistyped(key, value, &one_of(&names));
            return None;
        };
        let text = self.text(table, key)?;
        let found = words.iter().find(|(word, _)| *word == text.value);
        if found.is_none() {
            let message = format!("`{key}` is {}, and not `{}`", one_of(&names), text.value);
            self.at(&text, message, None);
        }
        found.map(|(_, value)| *value)
    }

    /// Notes something that is wrong with a value.
    pub(super) fn at<T>(&mut self, value: &At<T>, message: String, help: Option<String>) {
        let span = value.span;
        self.problems.push(Problem {
            message: clipped(message),
            help: help.map(clipped),
            span,
        });
    }
}

/// The items of a list, or the one value.
pub(super) fn items<'t>(value: &'t Spanned<DeValue<'t>>) -> Option<Vec<&'t Spanned<DeValue<'t>>>> {
    match value.get_ref() {
        DeValue::Array(array) => Some(array.iter().collect()),
        DeValue::Table(_) => None,
        _ => Some(vec![value]),
    }
}

/// A value's place; of a text on one line without its quotes.
pub(super) fn inside(value: &Spanned<DeValue<'_>>) -> Range<usize> {
    let span = value.span();
    match value.get_ref() {
        DeValue::String(text) if span.len() == text.len() + 2 => span.start + 1..span.end - 1,
        _ => span,
    }
}

/// `a`, `b` and `c`, each in backticks.
pub(super) fn list(names: &[&str]) -> String {
    join(names, "and")
}

fn one_of(names: &[&str]) -> String {
    join(names, "or")
}

fn join(names: &[&str], word: &str) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [many @ .., last] if !many.is_empty() => format!("{} {word} {last}", many.join(", ")),
        _ => names.concat(),
    }
}
