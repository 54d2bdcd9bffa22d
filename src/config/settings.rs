//! `[check]`, `[[reader]]` and `[rules]`: what the flags of `keytrail check` say, and what findings are worth.

use toml::Spanned;
use toml::de::{DeString, DeValue};

use super::At;
use super::read::{Reader, Table, inside};
use crate::policy::keys;
use crate::report::Severity;
use crate::spelling::nearest;

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
    /// `--baseline`
    pub baseline: Option<String>,
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
pub(super) const KEYS: [&str; 15] = [
    "fail-on",
    "undecided",
    "conditional",
    "delegated",
    "strict",
    "changed-only",
    "require-trail",
    "baseline",
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
        "baseline",
        None,
        "a file that `--write-baseline` wrote: what is in it does not count; in `keytrail.toml` a path is seen from the folder of that file",
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
        baseline: reader.text(table, "baseline").map(|it| it.value),
        accounts: scoped(reader, table, "account-id", &account),
        regions: scoped(reader, table, "region", &region),
        control_tower: {
            let keys = reader.names(table, "control-tower").into_iter();
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
    own: &[&str],
) -> Vec<(String, Level)> {
    let mut levels = Vec::new();
    for (key, _) in table.entries() {
        let name = key.get_ref();
        if known.contains(&name.as_ref()) {
            let level = reader.word(table, name, &LEVELS);
            levels.extend(level.map(|level| (name.to_string(), level)));
        } else if own.contains(&name.as_ref()) {
            let help = "its `severity` stands in its `[[rule]]`; without the `[[rule]]` it is off";
            let message = format!("`{name}` is a rule of this file");
            reader.problem(key.span(), message, Some(help.to_owned()));
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
                if name.get_ref().trim().is_empty() {
                    let message = "the name of a provider configuration is empty".to_owned();
                    let help = format!("`{key} = \"…\"` is for all of them");
                    reader.problem(name.span(), message, Some(help));
                    continue;
                }
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

/// Notes a key that no request carries. A request to AWS STS carries others than one to KMS.
fn context_key(reader: &mut Reader<'_>, name: &Spanned<DeString<'_>>) {
    let key = name.get_ref();
    let known = keys::find(key).is_some();
    let elsewhere = key.split_once(':').is_some_and(|(service, rest)| {
        !rest.is_empty()
            && !["aws", "kms"]
                .iter()
                .any(|it| service.eq_ignore_ascii_case(it))
    });
    if !known && !elsewhere {
        let near = nearest(key, keys::all().map(|it| it.name));
        let help = near.map(|near| format!("there is `{near}`"));
        reader.problem(name.span(), format!("no request carries `{key}`"), help);
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
    for (name, value) in inner.entries() {
        if value.get_ref().is_table() {
            let message = format!(
                "`{}` is a table, and a context key has a text or a list of texts",
                name.get_ref()
            );
            let help = "put the key in quotes: `\"aws:PrincipalTag/team\" = …`".to_owned();
            reader.problem(value.span(), message, Some(help));
            continue;
        }
        context_key(reader, name);
        for text in reader.texts(&inner, name.get_ref()) {
            pairs.push((name.get_ref().to_string(), text.value));
        }
    }
    pairs
}

/// The variable of the environment that stands for a flag, and for the key of `[check]` of its name: `KEYTRAIL_FAIL_ON`.
pub fn variable(key: &str) -> String {
    format!("KEYTRAIL_{}", key.replace('-', "_").to_ascii_uppercase())
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
    right
        .then_some(())
        .ok_or_else(|| match text.chars().count() {
            0 => "an account id has 12 digits, and this is empty".to_owned(),
            1 => "an account id has 12 digits, this has 1 character".to_owned(),
            12 => "an account id has 12 digits and nothing else".to_owned(),
            length => format!("an account id has 12 digits, this has {length} characters"),
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

/// The partitions of AWS (AWS General Reference, Amazon Resource Names; the ISO ones by the endpoints of the SDKs).
const PARTITIONS: [&str; 8] = [
    "aws",
    "aws-cn",
    "aws-us-gov",
    "aws-iso",
    "aws-iso-b",
    "aws-iso-e",
    "aws-iso-f",
    "aws-eusc",
];

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
    let (kind, name) = resource.split_once('/').unwrap_or((resource, ""));
    let wanted = match (*service, kind) {
        ("iam", "root") if *resource == "root" => 0,
        ("iam", "user" | "role") | ("sts", "federated-user") => 1,
        ("sts", "assumed-role") => 2,
        _ => {
            return Err(
                "it is a user, a role, a role session, a federated user or `root`".to_owned(),
            );
        }
    };
    if !PARTITIONS.contains(partition) {
        return Err(format!(
            "there is no partition `{partition}`: most accounts are in `aws`"
        ));
    }
    // A path may stand before the name, and none of its parts is empty.
    let parts = name.split('/');
    if wanted == 1 && parts.clone().any(str::is_empty) {
        let kind = kind.replace('-', " ");
        return Err(format!("it names no {kind}: the name is empty"));
    }
    if wanted == 2 && (parts.clone().count() != 2 || parts.clone().any(str::is_empty)) {
        return Err(
            "a role session is `assumed-role/ROLE/SESSION`; without a session give the role, `arn:aws:iam::ACCOUNT:role/ROLE`".to_owned(),
        );
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
