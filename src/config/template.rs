//! Texts with names of the run in braces: `arn:aws:cloudtrail:{region}:{account}:trail/main`.

use crate::address::Address;

/// A text with names in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    /// Its parts in order; no two texts follow each other.
    pub parts: Vec<Piece>,
    /// The text as it was written.
    pub written: String,
}

/// A part of a [`Template`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// As it stands.
    Text(String),
    /// What the run puts in.
    Name(Name),
}

/// A name that the run puts something in for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// `{account}`: the account that owns the key.
    Account,
    /// `{region}`: the key's Region.
    Region,
    /// `{partition}`: the key's partition.
    Partition,
    /// `{key}`: the key's ARN.
    Key,
    /// `{aws_cloudtrail.main}`: the ARN of a trail or an event data store of the inputs.
    Subject(String),
}

/// The names that are no addresses.
const NAMES: [(&str, Name); 4] = [
    ("account", Name::Account),
    ("region", Name::Region),
    ("partition", Name::Partition),
    ("key", Name::Key),
];

impl Template {
    /// Reads a text.
    ///
    /// # Errors
    /// What is wrong with its braces, and what to do about it.
    pub(super) fn parse(text: &str) -> Result<Self, (String, String)> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            if before.ends_with('$') {
                let help = "write `{account}` for the key's account".to_owned();
                return Err(("`${` has no meaning here".to_owned(), help));
            }
            let Some((name, behind)) = after.split_once('}') else {
                let help = "names stand in braces: `{account}`".to_owned();
                return Err(("a brace is not closed".to_owned(), help));
            };
            if !before.is_empty() {
                parts.push(Piece::Text(before.to_owned()));
            }
            parts.push(Piece::Name(named(name)?));
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Piece::Text(rest.to_owned()));
        }
        Ok(Template {
            parts,
            written: text.to_owned(),
        })
    }

    /// The text, where it holds no names.
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Piece::Text(text)] => Some(text),
            [] => Some(""),
            _ => None,
        }
    }

    /// The text with something likely for each name, to look at its form.
    pub(super) fn sample(&self) -> String {
        let text = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Name(Name::Account) => "111122223333".to_owned(),
            Piece::Name(Name::Region) => "us-east-1".to_owned(),
            Piece::Name(Name::Partition) => "aws".to_owned(),
            Piece::Name(Name::Key | Name::Subject(_)) => {
                "arn:aws:kms:us-east-1:111122223333:key/k".to_owned()
            }
        };
        self.parts.iter().map(text).collect()
    }
}

fn named(name: &str) -> Result<Name, (String, String)> {
    let known = NAMES.iter().find(|(word, _)| *word == name);
    let subject = || {
        let address = Address::parse(name)?;
        (!address.data).then(|| Name::Subject(name.to_owned()))
    };
    let found = known.map(|(_, name)| name.clone()).or_else(subject);
    found.ok_or_else(|| {
        let help = "there are `{account}`, `{region}`, `{partition}` and `{key}` of the key, and the address of a trail for its ARN, `{aws_cloudtrail.main}`";
        (format!("`{{{name}}}` stands for nothing"), help.to_owned())
    })
}
