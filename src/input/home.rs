//! Whose account, which region, which partition: what a provider configuration gives to the resources that it makes.
//!
//! What is not known is a symbol, named by the provider configuration; the account hangs on the credentials alone. Plans and sources name
//! them alike, so that both halves of an input mean the same account.

use crate::source::Origin;
use crate::value::{Nature, Part, PartKind, Shape, Symbol, SymbolId, Symbols, Text};

/// A piece of a text that is put together here: known, or a symbol.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    /// Known text.
    Known(String),
    /// Known text that must not be shown.
    Secret(String),
    /// Unknown text with a name.
    Symbol(SymbolId),
    /// Text of which some parts are not known.
    Text(Text),
}

impl Piece {
    /// The piece as a text, said to be written at `origin`.
    pub(crate) fn text(&self, origin: &Origin) -> Text {
        text(std::slice::from_ref(self), origin)
    }
}

impl Piece {
    /// The known text.
    pub(crate) fn known(&self) -> Option<&str> {
        match self {
            Piece::Known(text) | Piece::Secret(text) => Some(text),
            Piece::Symbol(_) | Piece::Text(_) => None,
        }
    }
}

impl From<&str> for Piece {
    fn from(text: &str) -> Self {
        Piece::Known(text.to_owned())
    }
}

/// A text of pieces; neighbouring known ones are joined.
pub(crate) fn text(pieces: &[Piece], origin: &Origin) -> Text {
    let mut parts: Vec<Part> = Vec::new();
    for piece in pieces {
        match (piece, parts.last_mut()) {
            (
                Piece::Known(more),
                Some(Part {
                    kind: PartKind::Literal(text),
                    sensitive: false,
                    ..
                }),
            ) => text.push_str(more),
            (Piece::Known(text), _) => parts.push(part(PartKind::Literal(text.clone()), origin)),
            (Piece::Secret(text), _) => parts.push(Part {
                sensitive: true,
                ..part(PartKind::Literal(text.clone()), origin)
            }),
            (Piece::Symbol(id), _) => parts.push(part(PartKind::Symbol(*id), origin)),
            (Piece::Text(more), _) => parts.extend(more.parts().iter().cloned()),
        }
    }
    Text::from_parts(parts)
}

fn part(kind: PartKind, origin: &Origin) -> Part {
    Part {
        kind,
        origin: origin.clone(),
        sensitive: false,
    }
}

/// The segments of an ARN: partition, service, region, account, resource.
pub(crate) fn arn_segments(arn: &str) -> Option<[&str; 5]> {
    let mut segments = arn.splitn(6, ':');
    if segments.next() != Some("arn") {
        return None;
    }
    let segments = [
        segments.next()?,
        segments.next()?,
        segments.next()?,
        segments.next()?,
        segments.next()?,
    ];
    Some(segments)
}

/// The partition that a region lies in, by its name.
pub(crate) fn partition_of(region: &str) -> &'static str {
    // Source: AWS General Reference, ARNs and partitions; the ISO partitions from the SDKs' endpoints file.
    const PREFIXES: &[(&str, &str)] = &[
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("us-iso-", "aws-iso"),
        ("eu-isoe-", "aws-iso-e"),
        ("eusc-", "aws-eusc"),
    ];
    PREFIXES
        .iter()
        .find(|(prefix, _)| region.starts_with(prefix))
        .map_or("aws", |(_, partition)| partition)
}

/// Account, region and partition of a resource.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    pub(crate) account: Piece,
    pub(crate) region: Piece,
    pub(crate) partition: Piece,
}

impl Home {
    /// Of what no input makes.
    pub(crate) fn nowhere() -> Self {
        Home {
            account: "".into(),
            region: "".into(),
            partition: "aws".into(),
        }
    }
}

/// The form of a region's name: `us-east-1`, `us-gov-west-1`.
pub(crate) fn is_region(text: &str) -> bool {
    text.contains('-')
        && text.ends_with(|last: char| last.is_ascii_digit())
        && text
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-')
}

/// What the provider configurations of a plan give, by the plan's names for them; for a snapshot, the homes of its resources by address.
#[derive(Clone, Debug, Default)]
pub struct Homes(pub(crate) std::collections::BTreeMap<String, Home>);

/// What the command line says of provider configurations: without a name it holds for all of them.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// `--account-id [CONFIG=]ID`
    pub accounts: Vec<(Option<String>, String)>,
    /// `--region [CONFIG=]NAME`
    pub regions: Vec<(Option<String>, String)>,
    /// `--management-account-id`
    pub management_account: Option<String>,
}

impl Given {
    /// The account of a provider configuration.
    pub(crate) fn account(&self, provider: &str) -> Option<String> {
        pick(&self.accounts, provider)
    }

    /// The region of a provider configuration.
    pub(crate) fn region(&self, provider: &str) -> Option<String> {
        pick(&self.regions, provider)
    }
}

/// The value that the command line gives for a provider configuration; one without a name is for all.
fn pick(given: &[(Option<String>, String)], key: &str) -> Option<String> {
    let named = given.iter().find(|(name, _)| name.as_deref() == Some(key));
    named
        .or_else(|| given.iter().find(|(name, _)| name.is_none()))
        .map(|(_, value)| value.clone())
}

/// What is known of a provider configuration before symbols stand in for the rest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) partition: Option<String>,
}

impl Facts {
    /// The home of a provider configuration: what is known, else symbols. `input` is the number of the input, `credentials` is equal for
    /// configurations of the same credentials.
    pub(crate) fn settle(
        self,
        input: usize,
        provider: &str,
        credentials: u64,
        symbols: &mut Symbols,
    ) -> Home {
        let mut piece = |known: Option<String>, what: &str, shape: Shape, flag: &str| {
            if let Some(known) = known {
                return Piece::Known(known);
            }
            // Configurations of the same credentials share the account, and nothing else.
            let canonical = match shape {
                Shape::Account => credentials.to_string(),
                _ => provider.to_owned(),
            };
            let named = if provider == "aws" {
                String::new()
            } else {
                format!("{provider}=")
            };
            let symbol = symbols.intern(Symbol {
                key: format!("{what}:in{input}:{canonical}"),
                name: format!("{what}({provider})"),
                shape,
                nature: Nature::Named,
                reason: format!(
                    "the inputs do not say which {what} the provider configuration `{provider}` uses"
                ),
                supply: Some(flag.replace('=', &named)),
            });
            match symbols.bound(symbol) {
                Some(text) => Piece::Known(text.to_owned()),
                None => Piece::Symbol(symbol),
            }
        };
        let partition = self
            .region
            .as_deref()
            .map(|region| partition_of(region).to_owned());
        Home {
            account: piece(self.account, "account", Shape::Account, "--account-id =ID"),
            region: piece(self.region, "region", Shape::Region, "--region =NAME"),
            partition: piece(
                partition.or(self.partition),
                "partition",
                Shape::Partition,
                "--region =NAME",
            ),
        }
    }
}

/// The account of the organization's management, which owns organization trails, where nothing names it.
pub(crate) fn management(symbols: &mut Symbols) -> Piece {
    Piece::Symbol(symbols.intern(Symbol {
        key: "management".to_owned(),
        name: "management account".to_owned(),
        shape: Shape::Account,
        nature: Nature::Named,
        reason: "an organization trail belongs to the management account, which the inputs do not name".to_owned(),
        supply: Some("--management-account-id ID".to_owned()),
    }))
}
