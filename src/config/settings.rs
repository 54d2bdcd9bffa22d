//! `[check]`, `[[reader]]` and `[rules]`: what the flags of `keytrail check` say, and what findings are worth.

use toml::de::DeValue;

use super::At;
use super::read::{Reader, Table, inside, nearest};
use crate::report::Severity;

/// What the flags of `check` say, as far as somebody says it. A list adds to what others say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// `--fail-on`
    pub fail_on: Option<Severity>,
    /// `--undecided`
    pub undecided: Option<Worth>,
    /// `--conditional`
    pub conditional: Option<Worth>,
    /// `--delegated`
    pub delegated: Option<Worth>,
    /// `--strict`
    pub strict: Option<bool>,
    /// `--require-trail`
    pub require_trail: Option<bool>,
    /// `--account-id`, by provider configuration; without one for all.
    pub accounts: Vec<(Option<String>, String)>,
    /// `--region`, likewise.
    pub regions: Vec<(Option<String>, String)>,
    /// `--management-account-id`
    pub management_account: Option<String>,
    /// `--control-tower`
    pub control_tower: Vec<String>,
    /// `--trusted-account`
    pub trusted_accounts: Vec<String>,
    /// `--trusted-organization`
    pub trusted_organizations: Vec<String>,
    /// `--changed-only`
    pub changed_only: Option<bool>,
    /// `--reader-context`
    pub reader_context: Vec<(String, String)>,
    /// `[[reader]]`
    pub readers: Vec<DeclaredReader>,
}

/// Somebody who must be able to read the logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclaredReader {
    /// The ARN, in which `*` may stand in a role's name or path, or the name of a role of IAM Identity Center.
    pub arn: String,
    /// True for one that queries the logs in Athena, false for one that takes them from S3 itself.
    pub athena: Option<bool>,
    /// The ARN of the role that it assumes to read.
    pub through: Option<String>,
    /// What its requests carry.
    pub context: Vec<(String, String)>,
}

/// What something is worth that is not known; none is "not a finding".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worth(pub Option<Severity>);

/// What the findings of a rule are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// There are none.
    Off,
    /// This much; an undecided one is worth no more.
    Worth(Severity),
}

/// A key of `[check]` with its default.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The key, which is the flag's name.
    pub key: &'static str,
    /// The default, as the file would say it; none where nothing is assumed.
    pub default: Option<&'static str>,
    /// What it says, for the README.
    pub about: &'static str,
}

/// The keys of `[check]`.
pub(super) const KEYS: [&str; 14] = [
    "fail-on",
    "undecided",
    "conditional",
    "delegated",
    "strict",
    "changed-only",
    "require-trail",
    "account-id",
    "region",
    "management-account-id",
    "control-tower",
    "trusted-account",
    "trusted-organization",
    "reader-context",
];

/// The keys of `[[reader]]`.
pub(super) const READER: [&str; 4] = ["arn", "via", "through", "context"];

/// The keys of `[check]`, in the order of the README.
pub const SETTINGS: &[Setting] = &[
    of(
        "fail-on",
        Some("\"error\""),
        "the least severity that makes the exit code 1: `error`, `warning` or `note`",
    ),
    of(
        "undecided",
        Some("\"warning\""),
        "what an undecided requirement or an unresolved key is worth: `allow`, `note`, `warning` or `error`",
    ),
    of(
        "conditional",
        Some("\"allow\""),
        "the same for what holds only for some values of a symbol",
    ),
    of(
        "delegated",
        Some("\"note\""),
        "the same for a named reader whom only IAM policies could allow",
    ),
    of(
        "strict",
        Some("false"),
        "the three are errors, where nothing else is said of them",
    ),
    of(
        "changed-only",
        Some("false"),
        "report only what the plans make worse",
    ),
    of(
        "require-trail",
        Some("false"),
        "exit with 2 where the inputs hold no trail",
    ),
    of(
        "account-id",
        None,
        "the account: one for all provider configurations, or a table of one each, `{ aws = \"111122223333\", \"aws.security\" = \"222222222222\" }`",
    ),
    of("region", None, "the Region, likewise"),
    of(
        "management-account-id",
        None,
        "the management account of the organization",
    ),
    of(
        "control-tower",
        None,
        "keys (address, alias or ARN) that a Control Tower landing zone uses which the inputs do not hold",
    ),
    of(
        "trusted-account",
        None,
        "accounts that are meant to use the keys: a list",
    ),
    of(
        "trusted-organization",
        None,
        "organizations that are meant to use the keys: a list",
    ),
    of(
        "reader-context",
        None,
        "what the requests of all readers carry: a table of context keys",
    ),
];

const fn of(key: &'static str, default: Option<&'static str>, about: &'static str) -> Setting {
    Setting {
        key,
        default,
        about,
    }
}

const SEVERITIES: [(&str, Severity); 3] = [
    ("error", Severity::Error),
    ("warning", Severity::Warning),
    ("note", Severity::Note),
];

const WORTHS: [(&str, Worth); 4] = [
    ("allow", Worth(None)),
    ("note", Worth(Some(Severity::Note))),
    ("warning", Worth(Some(Severity::Warning))),
    ("error", Worth(Some(Severity::Error))),
];

const LEVELS: [(&str, Level); 4] = [
    ("error", Level::Worth(Severity::Error)),
    ("warning", Level::Worth(Severity::Warning)),
    ("note", Level::Worth(Severity::Note)),
    ("off", Level::Off),
];

/// Reads `[check]`.
pub(super) fn check(reader: &mut Reader<'_>, table: &Table<'_>) -> Settings {
    reader.only(table, &KEYS, "setting");
    let management = reader.text(table, "management-account-id");
    Settings {
        fail_on: reader.word(table, "fail-on", &SEVERITIES),
        undecided: reader.word(table, "undecided", &WORTHS),
        conditional: reader.word(table, "conditional", &WORTHS),
        delegated: reader.word(table, "delegated", &WORTHS),
        strict: reader.flag(table, "strict"),
        require_trail: reader.flag(table, "require-trail"),
        accounts: scoped(reader, table, "account-id", &account),
        regions: scoped(reader, table, "region", &region),
        control_tower: {
            let keys = reader.texts(table, "control-tower").into_iter();
            keys.map(|it| it.value).collect()
        },
        trusted_accounts: listed(reader, table, "trusted-account", &account),
        trusted_organizations: listed(reader, table, "trusted-organization", &organization),
        changed_only: reader.flag(table, "changed-only"),
        management_account: management.and_then(|it| checked(reader, it, &account)),
        reader_context: pairs(reader, table, "reader-context"),
        readers: Vec::new(),
    }
}

/// Reads one `[[reader]]`.
pub(super) fn reader(reader: &mut Reader<'_>, table: &Table<'_>, settings: &mut Settings) {
    reader.only(table, &READER, "key of a reader");
    let arn = reader.needed(table, "arn", "the reader");
    let arn = arn.and_then(|it| checked(reader, it, &declared));
    let athena = reader.word(table, "via", &[("s3", false), ("athena", true)]);
    let through = reader.text(table, "through");
    let through = through.and_then(|it| checked(reader, it, &role));
    let context = pairs(reader, table, "context");
    settings.readers.extend(arn.map(|arn| DeclaredReader {
        arn,
        athena,
        through,
        context,
    }));
}

/// Reads `[rules]`.
pub(super) fn levels(
    reader: &mut Reader<'_>,
    table: &Table<'_>,
    known: &[&str],
) -> Vec<(String, Level)> {
    let mut levels = Vec::new();
    for (key, _) in table.entries() {
        let name = key.get_ref();
        if known.contains(&name.as_ref()) {
            let level = reader.word(table, name, &LEVELS);
            levels.extend(level.map(|level| (name.to_string(), level)));
        } else {
            let near = nearest(name, known.iter().copied());
            let help = near.map_or_else(
                || "`keytrail rules` lists them".to_owned(),
                |near| format!("there is `{near}`; `keytrail rules` lists all"),
            );
            reader.problem(key.span(), format!("there is no rule `{name}`"), Some(help));
        }
    }
    levels.sort_by(|one, two| one.0.cmp(&two.0));
    levels
}

/// The severity of a custom rule.
pub(super) fn severity(reader: &mut Reader<'_>, table: &Table<'_>) -> Option<Severity> {
    reader.word(table, "severity", &SEVERITIES)
}

type Form = dyn Fn(&str) -> Result<(), String>;

fn checked(reader: &mut Reader<'_>, text: At<String>, form: &Form) -> Option<String> {
    match form(&text.value) {
        Ok(()) => Some(text.value),
        Err(problem) => {
            reader.at(&text, problem, None);
            None
        }
    }
}

/// A text for all provider configurations, or a table of one for each.
fn scoped(
    reader: &mut Reader<'_>,
    table: &Table<'_>,
    key: &str,
    form: &Form,
) -> Vec<(Option<String>, String)> {
    let Some(value) = table.get(key) else {
        return Vec::new();
    };
    match value.get_ref() {
        DeValue::String(_) => {
            let text = reader.text(table, key);
            let text = text.and_then(|it| checked(reader, it, form));
            text.map(|text| (None, text)).into_iter().collect()
        }
        DeValue::Table(_) => {
            let Some(inner) = reader.table(table, key) else {
                return Vec::new();
            };
            let mut found = Vec::new();
            for (name, _) in inner.entries() {
                let text = reader.text(&inner, name.get_ref());
                let text = text.and_then(|it| checked(reader, it, form));
                found.extend(text.map(|text| (Some(name.get_ref().to_string()), text)));
            }
            found
        }
        _ => {
            reader.mistyped(
                key,
                value,
                "a text, or a table of one for each provider configuration",
            );
            Vec::new()
        }
    }
}

/// A table of context keys with a text, or several, each.
pub(super) fn pairs(
    reader: &mut Reader<'_>,
    table: &Table<'_>,
    key: &str,
) -> Vec<(String, String)> {
    let Some(inner) = reader.table(table, key) else {
        return Vec::new();
    };
    let mut pairs = Vec::new();
    for (name, _) in inner.entries() {
        for text in reader.texts(&inner, name.get_ref()) {
            pairs.push((name.get_ref().to_string(), text.value));
        }
    }
    pairs
}

/// The variable of the environment that stands for a key of `[check]`: `KEYTRAIL_FAIL_ON`.
pub fn variable(key: &str) -> String {
    format!("KEYTRAIL_{}", key.replace('-', "_").to_ascii_uppercase())
}

impl Settings {
    /// What the environment says. `get` gives the value of a variable that is set.
    ///
    /// # Errors
    /// The variable, and what its value is not.
    pub fn of_environment<'e>(
        get: &dyn Fn(&str) -> Option<&'e str>,
    ) -> Result<Self, (String, String)> {
        let mut settings = Settings::default();
        for key in KEYS {
            let name = variable(key);
            if let Some(text) = get(&name) {
                settings.set(key, text).map_err(|problem| (name, problem))?;
            }
        }
        Ok(settings)
    }

    fn set(&mut self, key: &str, text: &str) -> Result<(), String> {
        match key {
            "fail-on" => self.fail_on = Some(pick(text, &SEVERITIES)?),
            "undecided" => self.undecided = Some(pick(text, &WORTHS)?),
            "conditional" => self.conditional = Some(pick(text, &WORTHS)?),
            "delegated" => self.delegated = Some(pick(text, &WORTHS)?),
            "strict" => self.strict = Some(pick(text, &FLAGS)?),
            "changed-only" => self.changed_only = Some(pick(text, &FLAGS)?),
            "control-tower" => self.control_tower = vec![text.to_owned()],
            "trusted-account" => {
                account(text)?;
                self.trusted_accounts = vec![text.to_owned()];
            }
            "trusted-organization" => {
                organization(text)?;
                self.trusted_organizations = vec![text.to_owned()];
            }
            "require-trail" => self.require_trail = Some(pick(text, &FLAGS)?),
            "account-id" => self.accounts = vec![one(text, &account)?],
            "region" => self.regions = vec![one(text, &region)?],
            "management-account-id" => {
                account(text)?;
                self.management_account = Some(text.to_owned());
            }
            _ => match text.split_once('=') {
                Some((key, value)) if !key.is_empty() => {
                    self.reader_context = vec![(key.to_owned(), value.to_owned())];
                }
                _ => return Err("it is given as KEY=VALUE".to_owned()),
            },
        }
        Ok(())
    }
}

const FLAGS: [(&str, bool); 4] = [("true", true), ("false", false), ("1", true), ("0", false)];

fn pick<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, String> {
    let found = words.iter().find(|(word, _)| *word == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        format!("it is one of {}", super::read::list(&names))
    })
}

fn one(text: &str, form: &Form) -> Result<(Option<String>, String), String> {
    let (config, value) = match text.rsplit_once('=') {
        Some((config, value)) => (Some(config.to_owned()), value),
        None => (None, text),
    };
    form(value)?;
    Ok((config, value.to_owned()))
}

/// The texts of a list, those that have the form.
fn listed(reader: &mut Reader<'_>, table: &Table<'_>, key: &str, form: &Form) -> Vec<String> {
    let texts = reader.texts(table, key).into_iter();
    texts.filter_map(|it| checked(reader, it, form)).collect()
}

/// An organization's id (AWS Organizations API Reference, Organization).
///
/// # Errors
/// What its form is.
pub fn organization(text: &str) -> Result<(), String> {
    let id = text.strip_prefix("o-").unwrap_or_default();
    let is_letter = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    if (10..=32).contains(&id.len()) && id.bytes().all(is_letter) {
        Ok(())
    } else {
        Err("an organization's id is `o-` and 10 to 32 lower-case letters and digits".to_owned())
    }
}

/// An account id.
///
/// # Errors
/// What its form is.
pub fn account(text: &str) -> Result<(), String> {
    let right = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    right.then_some(()).ok_or_else(|| {
        let length = text.chars().count();
        format!("an account id has 12 digits, this has {length} characters")
    })
}

/// The name of a Region.
///
/// # Errors
/// What its form is.
pub fn region(text: &str) -> Result<(), String> {
    let letters = text
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    let right = letters
        && text.matches('-').count() >= 2
        && text.starts_with(|letter: char| letter.is_ascii_lowercase())
        && text.ends_with(|letter: char| letter.is_ascii_digit());
    right
        .then_some(())
        .ok_or_else(|| "a region looks like `us-east-1`".to_owned())
}

/// The ARN of one user, role, session, federated user or root of an account.
///
/// # Errors
/// What its form is.
pub fn principal(text: &str) -> Result<(), String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, service, "", id, resource] = parts.as_slice() else {
        return Err("it is an ARN like `arn:aws:iam::111122223333:role/auditor`".to_owned());
    };
    account(id)?;
    let known = match *service {
        "iam" => {
            *resource == "root" || resource.starts_with("user/") || resource.starts_with("role/")
        }
        "sts" => resource.starts_with("assumed-role/") || resource.starts_with("federated-user/"),
        _ => false,
    };
    if !partition.starts_with("aws") || !known {
        return Err("it is a user, a role, a role session, a federated user or `root`".to_owned());
    }
    if text.contains(['*', '?']) {
        return Err("it is one principal, without wildcards".to_owned());
    }
    Ok(())
}

/// A role.
fn role(text: &str) -> Result<(), String> {
    principal(text)?;
    let is_role = text.contains(":iam::") && text.contains(":role/");
    let wrong = || "it is a role that the reader assumes".to_owned();
    is_role.then_some(()).ok_or_else(wrong)
}

/// A principal, or a pattern of roles.
fn declared(text: &str) -> Result<(), String> {
    let name = |letter: char| letter.is_ascii_alphanumeric() || "+=,.@_-*".contains(letter);
    if text.starts_with("AWSReservedSSO_") && text.chars().all(name) {
        return Ok(());
    }
    match text.split_once(":role/") {
        // In a role's name and path a star stands for what nobody knows beforehand.
        Some((start, rest)) => principal(&format!("{start}:role/{}", rest.replace('*', "x"))),
        None => principal(text),
    }
}

/// The place of the value of a key.
pub(super) fn place(table: &Table<'_>, key: &str) -> std::ops::Range<usize> {
    table.get(key).map_or_else(|| table.place.clone(), inside)
}
