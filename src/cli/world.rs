//! What a command sees of the process: streams and the terminal. Tests hand in their own.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Read, Write};

use super::progress::Progress;
use super::value::Color;
use crate::error::Error;
use crate::report::{Style, text};

/// The streams and the terminal.
pub struct World<'a> {
    /// What `-` reads.
    pub stdin: &'a mut dyn Read,
    /// Where reports go.
    pub stdout: &'a mut dyn Write,
    /// Where everything else goes.
    pub stderr: &'a mut dyn Write,
    /// What stdout is shown on.
    pub terminal: Terminal,
    /// What long work is at, where somebody watches.
    pub progress: Progress,
    /// The environment, by name.
    pub environment: BTreeMap<String, String>,
}

/// What stdout is shown on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// True where colours are welcome unless the user says otherwise.
    pub color: bool,
    /// Columns.
    pub width: usize,
    /// True where characters outside of ASCII are shown.
    pub unicode: bool,
    /// True where a text can lead to an address (OSC 8).
    pub links: bool,
}

/// Variables that CI systems set (GitHub Actions, GitLab CI/CD, `CircleCI` and others set `CI`; the rest is of Azure Pipelines, Jenkins, `TeamCity`
/// and AWS `CodeBuild`).
const CI: &[&str] = &[
    "CI",
    "TF_BUILD",
    "JENKINS_URL",
    "TEAMCITY_VERSION",
    "CODEBUILD_BUILD_ID",
];

/// Where this process shows what long work is at: on stderr, where that is a terminal on which a line can be taken away, and somebody's.
pub(super) fn watched() -> Progress {
    let set = |name: &str| std::env::var_os(name).filter(|it| !it.is_empty() && it != "false");
    let dumb = set("TERM").is_some_and(|it| it == "dumb");
    if dumb || !io::stderr().is_terminal() || CI.iter().any(|name| set(name).is_some()) {
        return Progress::default();
    }
    let size = terminal_size::terminal_size_of(io::stderr());
    let columns = size.map_or(USUAL, |(width, _)| usize::from(width.0));
    Progress::on(Box::new(io::stderr()), columns)
}

/// Columns of a terminal that does not say how many it has.
const USUAL: usize = 80;

/// Columns where stdout is a file or a pipe.
const WIDTH: usize = 100;

/// Nobody reads longer lines, however wide the terminal is.
const WIDEST: usize = 120;

impl Terminal {
    /// The terminal of this process, by stdout, `NO_COLOR`, `CLICOLOR_FORCE`, `FORCE_COLOR`, `FORCE_HYPERLINK`, `TERM` and its like, and
    /// the locale.
    pub fn of_process() -> Self {
        let is_terminal = io::stdout().is_terminal();
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is = |name: &str, value: &str| std::env::var_os(name).is_some_and(|it| it == value);
        let forced = ["CLICOLOR_FORCE", "FORCE_COLOR"]
            .into_iter()
            .any(|name| set(name) && !is(name, "0") && !is(name, "false"));
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
            .unwrap_or_default()
            .to_ascii_lowercase();
        let utf8 = cfg!(windows) || locale.contains("utf-8") || locale.contains("utf8");
        Terminal {
            color: !set("NO_COLOR") && (forced || is_terminal && !is("TERM", "dumb")),
            width: terminal_size::terminal_size()
                .filter(|_| is_terminal)
                .map_or(WIDTH, |(width, _)| usize::from(width.0).clamp(40, WIDEST)),
            unicode: !is_terminal || utf8 && !is("TERM", "linux"),
            links: is_terminal && !is("TERM", "dumb") && supports_hyperlinks::supports_hyperlinks(),
        }
    }

    /// The style of a report on this terminal.
    pub(super) fn style(self, color: Color, quiet: bool) -> Style {
        Style {
            color: match color {
                Color::Auto => self.color,
                Color::Always => true,
                Color::Never => false,
            },
            width: self.width,
            unicode: self.unicode,
            links: self.links,
            quiet,
        }
    }
}

impl World<'_> {
    /// A variable of the environment that is set to something.
    pub(super) fn variable(&self, name: &str) -> Option<&str> {
        self.environment
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// `TF_VAR_name`: names and values.
    pub(super) fn terraform_variables(&self) -> Vec<(String, String)> {
        let named = self.environment.iter();
        named
            .filter_map(|(name, value)| {
                let name = name.strip_prefix("TF_VAR_")?;
                Some((name.to_owned(), value.clone()))
            })
            .collect()
    }

    /// Prints to stdout. A reader that has gone away is no error: it has seen what it wanted.
    pub(super) fn print(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.progress.end();
        let written = self
            .stdout
            .write_all(bytes)
            .and_then(|()| self.stdout.flush());
        match written {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Error::new("", format!("cannot write to stdout: {error}")))
            }
            _ => Ok(()),
        }
    }

    /// Prints to stderr; there is nobody to tell if that fails.
    pub(super) fn warn(&mut self, text: &str) {
        self.progress.clear();
        let _ = self.stderr.write_all(text.as_bytes());
    }

    /// Prints an error: what happened, where, what to do.
    pub(super) fn complain(&mut self, error: &Error) {
        let mut page = format!("error: {}\n", text::line(&error.message));
        let place = match error.line {
            Some(line) => format!("{}:{line}", error.path),
            None => error.path.clone(),
        };
        if !place.is_empty() {
            page.extend([" --> ", &text::line(&place), "\n"]);
        }
        if let Some(help) = &error.help {
            let mut word = "help:";
            for line in text::lines(help) {
                page.extend([word, " ", &line, "\n"]);
                word = "     ";
            }
        }
        self.warn(&text::guard(&page));
    }
}
