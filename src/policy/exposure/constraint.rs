//! What an outsider's choices must not be: an account, an organization or a bucket that the policy names is not a stranger's.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Target;
use super::ask::{literal, nowhere, symbol_of};
use crate::policy::Policy;
use crate::policy::bindings::{Atom, Bindings, Bound};
use crate::policy::pattern::{Colons, Token, characters};
use crate::value::{PartKind, Shape, SymbolId, Symbols, Text};

/// What symbols must not be.
#[derive(Clone, Debug)]
pub(super) struct Constraints {
    ours: Arc<Ours>,
    /// The account of a stranger.
    account: Option<SymbolId>,
    organization: Option<SymbolId>,
    /// Texts that name nothing of ours.
    apart: Vec<SymbolId>,
    /// Rests of lists, and what they do not hold.
    without: Vec<(SymbolId, Vec<String>)>,
}

/// What is somebody's who is no stranger.
#[derive(Debug)]
struct Ours {
    /// Every account that is known: the key's, the trusted ones, and those that the policies name.
    accounts: Vec<Text>,
    /// Every organization that is known.
    organizations: Vec<Text>,
    /// Symbols of the policies: what they stand for names no stranger.
    named: Vec<SymbolId>,
    /// The start of the ARN of each bucket that the policies name.
    buckets: Vec<String>,
    keys: Vec<String>,
}

/// What was named already.
struct Seen {
    accounts: BTreeSet<String>,
    organizations: BTreeSet<String>,
    symbols: BTreeSet<SymbolId>,
}

impl Constraints {
    pub(super) fn new(policies: &[&Policy], target: &Target<'_>) -> Self {
        Constraints {
            ours: Arc::new(Ours::new(policies, target)),
            account: None,
            organization: None,
            apart: Vec::new(),
            without: Vec::new(),
        }
    }

    pub(super) fn fresh_account(&mut self, id: Option<SymbolId>) {
        self.account = id;
    }

    pub(super) fn fresh_organization(&mut self, id: SymbolId) {
        self.organization = Some(id);
    }

    pub(super) fn names_nothing_of_ours(&mut self, id: SymbolId) {
        self.apart.push(id);
    }

    /// The rest of a list names none of the keys that start so: those of the policies are told apart elsewhere, and the others are not there.
    pub(super) fn not_among(&mut self, id: SymbolId, start: &str, others: &[&str]) {
        let keys = self.ours.keys.iter().map(String::as_str);
        let keys = keys.chain(others.iter().copied());
        let names = keys.filter_map(|key| key.strip_prefix(start));
        let names = names.map(str::to_owned).collect();
        self.without.push((id, names));
    }

    /// Comparisons that cut the stranger's account and organization at every known one.
    pub(super) fn atoms(&self, id: SymbolId, bindings: &Bindings) -> Vec<Atom> {
        let known = if Some(id) == self.account {
            &self.ours.accounts
        } else if Some(id) == self.organization {
            &self.ours.organizations
        } else {
            return Vec::new();
        };
        known
            .iter()
            .map(|text| Atom::Text {
                subject: vec![Token::Symbol { id, wild: false }],
                pattern: tokens(text, bindings),
                colons: Colons::Plain,
                folded: false,
            })
            .collect()
    }

    /// False where what is bound cannot be.
    pub(super) fn hold(&self, bindings: &Bindings, symbols: &Symbols) -> bool {
        let text = |id: Option<SymbolId>| id.and_then(|id| bindings.text(id));
        if let Some(account) = text(self.account)
            && (is_known(account, &self.ours.accounts, bindings)
                || self.is_named(account, bindings, symbols))
        {
            return false;
        }
        if let Some(organization) = text(self.organization)
            && is_known(organization, &self.ours.organizations, bindings)
        {
            return false;
        }
        if self
            .apart
            .iter()
            .filter_map(|id| bindings.text(*id))
            .any(|text| self.names_ours(text, bindings))
        {
            return false;
        }
        self.without.iter().all(|(id, forbidden)| {
            let Some(Bound::Rest(texts)) = bindings.get(*id) else {
                return true;
            };
            let is_forbidden = |text: &String| {
                forbidden
                    .iter()
                    .any(|other| other.eq_ignore_ascii_case(text))
            };
            !texts.iter().any(is_forbidden)
        })
    }

    /// An unknown part of the policy, taken to be something, names a stranger.
    fn is_named(&self, account: &str, bindings: &Bindings, symbols: &Symbols) -> bool {
        self.ours.named.iter().any(|id| match bindings.get(*id) {
            Some(Bound::Text(text)) => {
                let shape = symbols.get(*id).shape;
                matches!(
                    shape,
                    Shape::Arn | Shape::Account | Shape::Text | Shape::Name
                ) && text.contains(account)
            }
            Some(Bound::Rest(texts)) => texts.iter().any(|text| text.contains(account)),
            _ => false,
        })
    }

    fn names_ours(&self, text: &str, bindings: &Bindings) -> bool {
        let accounts = self.ours.accounts.iter();
        let mut accounts = accounts.filter_map(|it| spelled(it, bindings));
        accounts.any(|account| account.len() == 12 && text.contains(&account))
            || self.ours.buckets.iter().any(|bucket| text.contains(bucket))
    }

    /// An account number that is nobody's that is known, and that reads like an example.
    pub(super) fn stranger(&self, bindings: &Bindings) -> String {
        const EXAMPLES: [&str; 6] = [
            "999988887777",
            "444455556666",
            "777788889999",
            "123456789012",
            "222233334444",
            "555566667777",
        ];
        let free = |account: &str| !is_known(account, &self.ours.accounts, bindings);
        let example = EXAMPLES.into_iter().find(|account| free(account));
        if let Some(account) = example {
            return account.to_owned();
        }
        (0..1_000_u32)
            .map(|number| format!("9999{number:08}"))
            .find(|account| free(account))
            .unwrap_or_default()
    }

    /// True for the symbol of the stranger's account.
    pub(super) fn is_account(&self, id: SymbolId) -> bool {
        self.account == Some(id)
    }

    /// True for the symbol of the stranger's organization.
    pub(super) fn is_organization(&self, id: SymbolId) -> bool {
        self.organization == Some(id)
    }

    /// The symbols that the policies hold.
    pub(super) fn named(&self) -> &[SymbolId] {
        &self.ours.named
    }
}

impl Ours {
    fn new(policies: &[&Policy], target: &Target<'_>) -> Self {
        let organizations = target.organizations.iter().filter_map(Text::as_literal);
        let mut this = Ours {
            accounts: vec![target.account.clone()],
            organizations: organizations
                .map(|id| literal(id.trim_start_matches("o-")))
                .collect(),
            named: Vec::new(),
            buckets: Vec::new(),
            keys: policies.iter().flat_map(|policy| policy.keys()).collect(),
        };
        this.accounts.extend(target.accounts.iter().cloned());
        let literals = |texts: &[Text]| texts.iter().filter_map(Text::to_literal).collect();
        let mut seen = Seen {
            accounts: literals(&this.accounts),
            organizations: literals(&this.organizations),
            symbols: this.accounts.iter().filter_map(symbol_of).collect(),
        };
        for policy in policies {
            for statement in &policy.statements {
                for pattern in statement.patterns() {
                    this.name(&pattern.text, &mut seen);
                }
                this.named.extend(statement.deciding());
            }
            this.named
                .extend(policy.open.iter().map(|open| open.symbol));
        }
        this.named.sort_unstable();
        this.named.dedup();
        this
    }

    /// Takes note of what a text of a policy names.
    fn name(&mut self, text: &Text, seen: &mut Seen) {
        for part in text.parts() {
            match &part.kind {
                PartKind::Symbol(id) => {
                    self.named.push(*id);
                    if seen.symbols.insert(*id) {
                        self.accounts.push(Text::symbol(*id, nowhere()));
                    }
                }
                PartKind::Literal(known) => {
                    for account in accounts_in(known) {
                        if seen.accounts.insert(account.to_owned()) {
                            self.accounts.push(literal(account));
                        }
                    }
                    // The symbol of a stranger's organization stands for what follows `o-`.
                    for organization in organizations_in(known) {
                        let organization = organization.trim_start_matches("o-");
                        if seen.organizations.insert(organization.to_owned()) {
                            self.organizations.push(literal(organization));
                        }
                    }
                    self.buckets.extend(bucket_in(known));
                }
                PartKind::Hole(_) => {}
            }
        }
    }
}

fn is_known(wanted: &str, known: &[Text], bindings: &Bindings) -> bool {
    let mut known = known.iter();
    known.any(|text| spelled(text, bindings).as_deref() == Some(wanted))
}

fn tokens(text: &Text, bindings: &Bindings) -> Vec<Token> {
    let mut out = Vec::new();
    for part in text.parts() {
        match &part.kind {
            PartKind::Literal(text) => out.extend(characters(text)),
            PartKind::Symbol(id) => match bindings.text(*id) {
                Some(text) => out.extend(characters(text)),
                None => out.push(Token::Symbol {
                    id: *id,
                    wild: false,
                }),
            },
            PartKind::Hole(_) => out.push(Token::Hole),
        }
    }
    out
}

/// The text, where all of it is known or bound.
pub(super) fn spelled(text: &Text, bindings: &Bindings) -> Option<String> {
    let mut out = String::new();
    for part in text.parts() {
        match &part.kind {
            PartKind::Literal(text) => out.push_str(text),
            PartKind::Symbol(id) => out.push_str(bindings.text(*id)?),
            PartKind::Hole(_) => return None,
        }
    }
    Some(out)
}

/// The account numbers in a text: twelve digits and no more.
pub(crate) fn accounts_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_digit())
        .filter(|run| run.len() == 12)
}

/// The organizations in a text: `o-` and ten letters or more (Organizations API Reference, Organization).
pub(crate) fn organizations_in(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-')
        .filter(|run| run.starts_with("o-") && run.len() >= 4)
}

/// `:s3:::name` of the ARN of a bucket whose whole name is known.
fn bucket_in(text: &str) -> Option<String> {
    let (_, rest) = text.split_once(":s3:::")?;
    let name = rest.split('/').next()?;
    (!name.is_empty() && !name.contains(['*', '?', '$'])).then(|| format!(":s3:::{name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_text_names() {
        let accounts: Vec<&str> =
            accounts_in("arn:aws:iam::111122223333:role/r-4444555566661").collect();
        assert_eq!(accounts, ["111122223333"]);
        let organizations: Vec<&str> = organizations_in("o-abcd123456/r-ab12/ou-*").collect();
        assert_eq!(organizations, ["o-abcd123456"]);
        assert_eq!(
            bucket_in("arn:aws:s3:::logs/AWSLogs/*").as_deref(),
            Some(":s3:::logs")
        );
        assert_eq!(bucket_in("arn:aws:s3:::logs-*"), None);
    }
}
