//! The errors of work that could not be done.
//!
//! An [`Error`] means that an input was not judged. What an input says that is wrong is a finding, never an error.

/// Work that could not be done, with what to do about it.
///
/// No text of the input is ever part of an error: it might be sensitive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.text())]
pub struct Error {
    /// What happened: lower case, without a final period.
    pub message: String,
    /// The input, as the user named it; empty where no input is to blame.
    pub path: String,
    /// The line in that input, from 1.
    pub line: Option<usize>,
    /// What to do, as a sentence or a command.
    pub help: Option<String>,
}

impl Error {
    /// An error about the input `path`.
    pub fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Error {
            message: message.into(),
            path: path.into(),
            line: None,
            help: None,
        }
    }

    /// The same error, at a line.
    #[must_use]
    pub fn at_line(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }

    /// The same error, with what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn text(&self) -> String {
        match (self.path.as_str(), self.line) {
            ("", _) => self.message.clone(),
            (path, None) => format!("{path}: {}", self.message),
            (path, Some(line)) => format!("{path}:{line}: {}", self.message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_its_input_and_line() {
        let error = Error::new("plan.json", "the file is empty");
        assert_eq!(error.to_string(), "plan.json: the file is empty");
        assert_eq!(
            error.at_line(3).to_string(),
            "plan.json:3: the file is empty"
        );
        assert_eq!(
            Error::new("", "no input was given").to_string(),
            "no input was given"
        );
    }
}
