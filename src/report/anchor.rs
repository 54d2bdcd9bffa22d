//! Places for programs that know files and lines and nothing else: a file that there is, and a region of it.

use super::files::Home;
use super::{Finding, Report};
use crate::source::{Origin, Place, Span};

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Anchor {
    /// The file.
    pub(super) home: Home,
    /// Where in the file. Of what lies inside a plan nobody knows that: the start of the file stands for it.
    pub(super) region: Region,
    /// The same with all its lines, where `region` is one line of several.
    pub(super) whole: Option<Region>,
    /// What lies inside the file and has lines of its own: `aws_kms_key.trail › policy`, line 12.
    pub(super) inside: Option<(String, u32)>,
}

/// A stretch of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Region {
    /// Where it starts.
    pub(super) start: Place,
    /// Where it ends, exclusive.
    pub(super) end: Place,
}

impl Region {
    /// The first character of a file.
    const FIRST: Region = Region {
        start: Place { line: 1, column: 1 },
        end: Place { line: 1, column: 2 },
    };

    /// True where it does not reach over the end of a line.
    pub(super) fn is_one_line(self) -> bool {
        self.start.line == self.end.line
    }
}

/// The place of a span; none where no file holds it.
pub(super) fn at(span: Span, report: &Report) -> Option<Anchor> {
    let sources = report.sources;
    let file = sources.file_of(span);
    let (_, part) = sources.name(file);
    let home = report.files.of(file, sources)?;
    let Some(part) = part else {
        let (region, whole) = narrowed(span, report);
        return Some(Anchor {
            home,
            region,
            whole,
            inside: None,
        });
    };
    let line = sources.location(span).start.line;
    Some(Anchor {
        inside: Some((part.to_owned(), line)),
        ..Anchor::of_file(home)
    })
}

/// The place to mend. Where that is in no file, such as AWS's default policy, the next place of the finding that is, or else its subject, its
/// key, its input, or whatever was read.
pub(super) fn of(finding: &Finding, report: &Report) -> Anchor {
    let mut labels: Vec<_> = finding.labels.iter().collect();
    labels.sort_by_key(|it| (!it.primary, !it.defect));
    let labels = labels.into_iter().map(|it| it.span);
    let model = report.model;
    let subject = finding.subject.as_deref();
    let subject = subject.and_then(|id| model.subject_of_id(id));
    let key = finding.key.as_deref().and_then(|id| model.key_of_id(id));
    let headers = [subject.map(|it| &it.origin), key.map(|it| &it.origin)];
    let headers = headers.into_iter().flatten().map(Origin::span);
    let mut places = labels.chain(headers);
    if let Some(found) = places.find_map(|span| at(span, report)) {
        return found;
    }
    let about = finding.subject.as_ref().or(finding.key.as_ref());
    let about = about.and_then(|id| id.split(':').next());
    let own = model
        .inputs
        .iter()
        .filter(|it| Some(it.id.as_str()) == about);
    let paths = own.chain(&model.inputs).map(|it| it.path.as_str());
    let unread = report.unread.iter().map(|it| it.path.as_str());
    let home = paths.chain(unread).find_map(|it| report.files.input(it));
    Anchor::of_file(home.unwrap_or_else(|| Home::Repository(super::files::STREAM.to_owned())))
}

impl Anchor {
    /// A file as a whole.
    pub(super) fn of_file(home: Home) -> Self {
        Anchor {
            home,
            region: Region::FIRST,
            whole: None,
            inside: None,
        }
    }
}

/// A span as a region of its file. Of several lines the first one that says something, and all of them: code hosts show what they can on a
/// line that a change touches, and they want every line of a region to be touched.
fn narrowed(span: Span, report: &Report) -> (Region, Option<Region>) {
    let (start, mut end) = report.sources.written(span);
    if start == end {
        end.column = end.column.saturating_add(1);
    }
    let whole = Region { start, end };
    if whole.is_one_line() {
        return (whole, None);
    }
    let text = report.sources.written_text(span);
    let lines = text.lines().zip(start.line..);
    let mut telling = lines.filter(|(line, _)| line.contains(char::is_alphanumeric));
    let Some((line, number)) = telling.next() else {
        return (whole, None);
    };
    let first = if number == start.line {
        start.column
    } else {
        1
    };
    let columns = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let spaces = columns(line) - columns(line.trim_start());
    let place = |column: u32| Place {
        line: number,
        column: first.saturating_add(column),
    };
    let region = Region {
        start: place(spaces),
        end: place(columns(line.trim_end())),
    };
    (region, Some(whole))
}
