//! Whom the owner of the keys trusts: who says so, and whoever the inputs belong to.

use super::Options;
use super::reader::account_of;
use super::scope::Scopes;
use crate::model::{Model, Trust};
use crate::source::{Origin, Span};
use crate::value::Text;

/// The accounts and organizations of the user's flags, of the inputs' providers, keys and trails, and of the data source that names the
/// organization.
pub(crate) fn trust(model: &Model, scopes: &Scopes, options: &Options) -> Trust {
    let nowhere = Origin::new(Span { start: 0, end: 0 });
    let trusted = &options.trusted;
    let mut accounts: Vec<Text> = Vec::new();
    let mut add = |account: Text| {
        if !accounts.contains(&account) {
            accounts.push(account);
        }
    };
    for account in trusted
        .accounts
        .iter()
        .chain(&options.given.management_account)
    {
        add(Text::literal(account.as_str(), nowhere.clone()));
    }
    for account in scopes.accounts(&nowhere) {
        add(account);
    }
    for key in &model.keys {
        add(key.account.clone());
    }
    for subject in &model.subjects {
        account_of(&subject.arn).into_iter().for_each(&mut add);
    }
    let mut organizations = trusted.organizations.clone();
    organizations.extend(scopes.home(&nowhere).map(|(_, id)| id));
    organizations.sort();
    organizations.dedup();
    Trust {
        accounts,
        organizations,
    }
}
