//! What the user says of provider configurations that no input has.

use super::Options;
use super::scope::Scopes;
use crate::spelling::nearest;

/// So many names are listed.
const MOST: usize = 8;

/// What to say of accounts and Regions that were given for nothing.
pub(super) fn unused(options: &Options, scopes: &Scopes) -> Vec<String> {
    let known: Vec<&str> = scopes.configurations();
    if known.is_empty() {
        return Vec::new();
    }
    let given = &options.given;
    let flags = [
        ("--account-id", &given.accounts),
        ("--region", &given.regions),
    ];
    let all = flags.into_iter().flat_map(|(flag, all)| {
        let named = all
            .iter()
            .filter_map(|(name, value)| Some((name.as_deref()?, value)));
        named.map(move |(name, value)| (flag, name, value))
    });
    let lost = all.filter(|(_, name, _)| !known.contains(name));
    let note = |(flag, name, value): (&str, &str, &String)| {
        format!(
            "`{flag} {name}={value}` is not used: no input has a provider configuration `{name}`, and there {}",
            meant(name, &known)
        )
    };
    lost.map(note).collect()
}

/// The closest of the names, else all of them.
fn meant(name: &str, known: &[&str]) -> String {
    if let Some(near) = nearest(name, known.iter().copied()) {
        return format!("is `{near}`");
    }
    let names: Vec<String> = known
        .iter()
        .take(MOST)
        .map(|it| format!("`{it}`"))
        .collect();
    let more = match known.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let word = if known.len() == 1 { "is" } else { "are" };
    format!("{word} {}{more}", names.join(", "))
}
