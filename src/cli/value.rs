//! The values of flags: what they may be, and what to say where they are not.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command, ValueEnum};

use crate::config;
use crate::policy::requests::DEMANDS;
use crate::report::{Format, Severity};
use crate::rules;
use crate::spelling::nearest;

/// `--color`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// Where stdout is a terminal; `NO_COLOR` and `CLICOLOR_FORCE` are heeded
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// `--fail-on`
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Gate {
    /// Errors alone
    Error,
    /// Warnings too
    Warning,
    /// Every finding
    Note,
}

impl From<Gate> for Severity {
    fn from(gate: Gate) -> Self {
        match gate {
            Gate::Error => Severity::Error,
            Gate::Warning => Severity::Warning,
            Gate::Note => Severity::Note,
        }
    }
}

/// What not-knowing is worth: `--undecided`, `--conditional`, `--delegated`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Worth {
    /// Not a finding; it is still counted
    Allow,
    /// A note
    Note,
    /// A warning
    Warning,
    /// An error
    Error,
}

impl From<Worth> for Option<Severity> {
    fn from(worth: Worth) -> Self {
        match worth {
            Worth::Allow => None,
            Worth::Note => Some(Severity::Note),
            Worth::Warning => Some(Severity::Warning),
            Worth::Error => Some(Severity::Error),
        }
    }
}

/// `--format json=report.json`: a form, and the file that it goes to; none is stdout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Output {
    pub(super) format: Format,
    pub(super) file: Option<PathBuf>,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((_, "")) => return Err("no file after `=`".to_owned()),
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let mut formats = Format::ALL.iter().copied();
        let format = formats.find(|it| it.word() == name).ok_or_else(|| {
            let names: Vec<String> = Format::ALL
                .iter()
                .map(|it| format!("`{}`", it.word()))
                .collect();
            format!(
                "the formats are {}, each perhaps with `=FILE`",
                names.join(", ")
            )
        })?;
        Ok(Output { format, file })
    }
}

/// `[CONFIG=]VALUE`: a value for one provider configuration, or for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scoped {
    pub(super) config: Option<String>,
    pub(super) value: String,
}

fn scoped(text: &str) -> Result<Scoped, String> {
    match text.rsplit_once('=') {
        Some(("", _)) => Err("no provider configuration before `=`".to_owned()),
        Some((config, value)) => Ok(Scoped {
            config: Some(config.to_owned()),
            value: value.to_owned(),
        }),
        None => Ok(Scoped {
            config: None,
            value: text.to_owned(),
        }),
    }
}

/// A switch that is said in words.
pub(super) fn switch(text: &str) -> Result<bool, String> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" | "on" => Ok(true),
        "false" | "0" | "no" | "off" => Ok(false),
        _ => Err("it is `true` or `false`".to_owned()),
    }
}

/// The id of a rule.
pub(super) fn rule(text: &str) -> Result<String, String> {
    if rules::find(text).is_some() {
        return Ok(text.to_owned());
    }
    Err(match nearest(text, rules::ALL.iter().map(|rule| rule.id)) {
        Some(near) => format!("there is no such rule; there is `{near}`"),
        None => "there is no such rule; `keytrail rules` lists them".to_owned(),
    })
}

/// The id of a rule, which shells complete.
#[derive(Clone, Copy, Debug)]
pub(super) struct RuleId;

impl TypedValueParser for RuleId {
    type Value = String;

    fn parse_ref(
        &self,
        cmd: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        rule.parse_ref(cmd, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let ids = rules::ALL.iter();
        Some(Box::new(
            ids.map(|it| PossibleValue::new(it.id).help(it.summary)),
        ))
    }
}

/// What `keytrail explain` has a page of. Whether there is one, the command says.
#[derive(Clone, Copy, Debug)]
pub(super) struct PageId;

impl TypedValueParser for PageId {
    type Value = String;

    fn parse_ref(
        &self,
        cmd: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<String, clap::Error> {
        StringValueParser::new().parse_ref(cmd, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let rules = rules::ALL.iter().map(|it| it.id);
        let requirements = DEMANDS.iter().map(|it| it.id);
        let topics = ["custom-rules", config::FILE];
        let all = rules.chain(requirements).chain(topics);
        Some(Box::new(all.map(PossibleValue::new)))
    }
}

/// An organization's id.
pub(super) fn organization(text: &str) -> Result<String, String> {
    config::organization(text).map(|()| text.to_owned())
}

/// An account id.
pub(super) fn account(text: &str) -> Result<String, String> {
    config::account(text).map(|()| text.to_owned())
}

/// `[CONFIG=]ID`
pub(super) fn scoped_account(text: &str) -> Result<Scoped, String> {
    let scoped = scoped(text)?;
    account(&scoped.value)?;
    Ok(scoped)
}

/// `[CONFIG=]NAME`
pub(super) fn scoped_region(text: &str) -> Result<Scoped, String> {
    let scoped = scoped(text)?;
    config::region(&scoped.value)?;
    Ok(scoped)
}

/// The ARN of somebody who reads: a user, a role, a session, a federated user, or the root of an account.
pub(super) fn reader(text: &str) -> Result<String, String> {
    config::principal(text).map(|()| text.to_owned())
}

/// `--var NAME=VALUE`
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Assignment {
    /// The variable.
    pub(super) name: String,
    /// Its value as it is written.
    pub(super) text: String,
}

impl std::fmt::Debug for Assignment {
    /// Without the value, which may be sensitive.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Assignment")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// `NAME=VALUE`
pub(super) fn variable(text: &str) -> Result<Assignment, String> {
    match text.split_once('=') {
        Some((name, text)) if !name.trim().is_empty() => Ok(Assignment {
            name: name.trim().to_owned(),
            text: text.to_owned(),
        }),
        _ => Err("a variable and its value are given as NAME=VALUE".to_owned()),
    }
}

/// `KEY=VALUE`
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("a context key and its value are given as KEY=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_twelve_digits() {
        assert_eq!(
            scoped_account("aws.security=111122223333"),
            Ok(Scoped {
                config: Some("aws.security".to_owned()),
                value: "111122223333".to_owned()
            })
        );
        assert!(scoped_account("11112222333").is_err());
        assert!(scoped_account("=111122223333").is_err());
        assert!(scoped_account("11112222333x").is_err());
    }

    #[test]
    fn a_region_looks_like_one() {
        for good in ["us-east-1", "aws.eu=us-gov-west-1", "cn-north-1"] {
            assert!(scoped_region(good).is_ok(), "{good}");
        }
        for bad in ["", "us-east", "US-EAST-1", "us east 1", "111122223333"] {
            assert!(scoped_region(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_reader_is_one_principal() {
        for good in [
            "arn:aws:iam::111122223333:role/team/auditor",
            "arn:aws-cn:sts::111122223333:assumed-role/auditor/session",
            "arn:aws:iam::111122223333:root",
        ] {
            assert_eq!(reader(good).as_deref(), Ok(good));
        }
        for bad in [
            "auditor",
            "arn:aws:iam::111122223333:role/*",
            "arn:aws:iam::1111:role/a",
            "arn:aws:s3:::bucket",
            "arn:aws:iam::111122223333:group/a",
        ] {
            assert!(reader(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_output_may_name_a_file() {
        let output: Output = "json=a=b.json".parse().unwrap();
        assert_eq!(output.file, Some(PathBuf::from("a=b.json")));
        assert!("xml".parse::<Output>().is_err());
        assert!("json=".parse::<Output>().is_err());
    }
}
