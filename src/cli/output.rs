//! Where reports go: one form to stdout, any number into files.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use super::FAILED;
use super::value::Output;
use super::world::World;
use crate::error::Error;
use crate::report::{self, Format, Report, Style};

/// The form on stdout, and the files.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outputs {
    stdout: Format,
    files: Vec<(Format, PathBuf)>,
}

impl Outputs {
    /// Sorts the `--format` flags. Stdout has the report for people unless another form is asked for. No file has two reports, and none is
    /// written over an input.
    pub(super) fn of(flags: &[Output], inputs: &[PathBuf]) -> Result<Self, Error> {
        let mut stdout = None;
        let mut files: Vec<(Format, PathBuf)> = Vec::new();
        for flag in flags {
            match &flag.file {
                Some(file) => {
                    let name = || file.display().to_string();
                    if files.iter().any(|(_, other)| is_same(file, other)) {
                        return Err(Error::new(name(), "two formats for one file"));
                    }
                    if inputs.iter().any(|input| is_same(file, input)) {
                        let what = "the report would be written over an input";
                        return Err(Error::new(name(), what));
                    }
                    files.push((flag.format, file.clone()));
                }
                None if stdout.replace(flag.format).is_some() => {
                    return Err(Error::new("", "two formats for stdout")
                        .with_help("write all but one into a file: `--format json=report.json`"));
                }
                None => {}
            }
        }
        Ok(Outputs {
            stdout: stdout.unwrap_or(Format::Human),
            files,
        })
    }

    /// True where a form names files to a code host.
    pub(super) fn name_files(&self) -> bool {
        let files = self.files.iter().map(|(format, _)| *format);
        let mut all = files.chain([self.stdout]);
        all.any(|it| !matches!(it, Format::Human | Format::Json))
    }
}

/// True where two paths lead to one file, whether it is there or not. What is no file, such as `/dev/stderr`, may have several reports.
fn is_same(one: &Path, two: &Path) -> bool {
    let whole = |path: &Path| {
        let name = path.file_name()?;
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let there = std::fs::canonicalize(path).ok();
        there.or_else(|| Some(std::fs::canonicalize(folder).ok()?.join(name)))
    };
    let is_device = |path: &Path| std::fs::metadata(path).is_ok_and(|it| !it.is_file());
    !is_device(one) && (one == two || whole(one).is_some_and(|it| Some(it) == whole(two)))
}

/// Writes all reports and gives the exit code: 2 where one could not be written, of which is complained; the others are written all the same.
/// Where `nothing` could be read there is nothing to tell people, but programs get their report.
pub(super) fn write(
    report: &Report,
    outputs: &Outputs,
    style: Style,
    nothing: bool,
    world: &mut World,
) -> Result<u8, Error> {
    let (mut open, mut failed) = (Vec::new(), false);
    for (format, file) in &outputs.files {
        match File::create(file) {
            Ok(it) => open.push((*format, file, it)),
            Err(error) => {
                world.complain(&unwritten(file, &error));
                failed = true;
            }
        }
    }
    let mut undone = report.undone.to_vec();
    let mut exit_code = report.exit_code;
    if failed {
        undone.push("another report could not be written".to_owned());
        exit_code = FAILED;
    }
    let report = Report {
        exit_code,
        undone: &undone,
        ..*report
    };
    let plain = Style {
        color: false,
        links: false,
        ..style
    };
    for (format, file, mut it) in open {
        let page = render(&report, format, plain)?;
        if let Err(error) = it.write_all(&page) {
            world.complain(&unwritten(file, &error));
            failed = true;
        }
    }
    if !(nothing && outputs.stdout == Format::Human) {
        world.print(&render(&report, outputs.stdout, style)?)?;
    }
    Ok(if failed { FAILED } else { report.exit_code })
}

fn unwritten(file: &Path, error: &std::io::Error) -> Error {
    let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
    let missing = folder.filter(|it| error.kind() == ErrorKind::NotFound && !it.exists());
    let why = match missing {
        Some(folder) => format!("there is no folder `{}`", folder.display()),
        None => error.to_string(),
    };
    Error::new(
        file.display().to_string(),
        format!("cannot write the report: {why}"),
    )
}

fn render(report: &Report, format: Format, style: Style) -> Result<Vec<u8>, Error> {
    let mut page = Vec::new();
    report::write(report, format, style, &mut page)
        .map_err(|error| Error::new("", format!("cannot write the report: {error}")))?;
    Ok(page)
}
