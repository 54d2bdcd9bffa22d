//! Where reports go: one form to stdout, any number into files.

use std::path::PathBuf;

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
    /// Sorts the `--format` flags. Stdout has the report for people unless another form is asked for.
    pub(super) fn of(flags: &[Output]) -> Result<Self, Error> {
        let mut stdout = None;
        let mut files = Vec::new();
        for flag in flags {
            match &flag.file {
                Some(file) => files.push((flag.format, file.clone())),
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
}

/// Writes all reports. Where `nothing` could be read there is nothing to tell people, but programs get their report.
pub(super) fn write(
    report: &Report,
    outputs: &Outputs,
    style: Style,
    nothing: bool,
    world: &mut World,
) -> Result<(), Error> {
    for (format, file) in &outputs.files {
        let plain = Style {
            color: false,
            ..style
        };
        let page = render(report, *format, plain)?;
        std::fs::write(file, page).map_err(|error| {
            Error::new(
                file.display().to_string(),
                format!("cannot write the report: {error}"),
            )
        })?;
    }
    if nothing && outputs.stdout == Format::Human {
        return Ok(());
    }
    world.print(&render(report, outputs.stdout, style)?)
}

fn render(report: &Report, format: Format, style: Style) -> Result<Vec<u8>, Error> {
    let mut page = Vec::new();
    report::write(report, format, style, &mut page)
        .map_err(|error| Error::new("", format!("cannot write the report: {error}")))?;
    Ok(page)
}
