//! ARNs taken apart, with what is unknown in them.

use crate::value::{Part, PartKind, Shape, Symbols, Text};

/// The pieces of an ARN: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Arn {
    pub(super) partition: Text,
    pub(super) service: Text,
    pub(super) region: Text,
    pub(super) account: Text,
    pub(super) resource: Text,
}

/// The colons before the resource.
const COLONS: usize = 5;

impl Arn {
    /// Takes a text apart; none where it is no ARN, or where a symbol in it may hold a colon that counts.
    pub(super) fn read(text: &Text, symbols: &Symbols) -> Option<Self> {
        let mut pieces: Vec<Vec<Part>> = vec![Vec::new()];
        for part in text.parts() {
            let PartKind::Literal(known) = &part.kind else {
                if pieces.len() <= COLONS && may_hold_colon(part, symbols) {
                    return None;
                }
                pieces.last_mut()?.push(part.clone());
                continue;
            };
            let left = (COLONS + 1).saturating_sub(pieces.len());
            for (at, piece) in known.splitn(left + 1, ':').enumerate() {
                if at > 0 {
                    pieces.push(Vec::new());
                }
                if !piece.is_empty() {
                    pieces.last_mut()?.push(Part {
                        kind: PartKind::Literal(piece.to_owned()),
                        ..part.clone()
                    });
                }
            }
        }
        let mut pieces = pieces.into_iter().map(Text::from_parts);
        if pieces.next()?.to_literal()? != "arn" {
            return None;
        }
        let arn = Arn {
            partition: pieces.next()?,
            service: pieces.next()?,
            region: pieces.next()?,
            account: pieces.next()?,
            resource: pieces.next()?,
        };
        Some(arn)
    }
}

fn may_hold_colon(part: &Part, symbols: &Symbols) -> bool {
    use Shape::{Account, Id, Name, Number, Partition, Region};
    match part.kind {
        PartKind::Symbol(id) => !matches!(
            symbols.get(id).shape,
            Account | Id | Name | Number | Partition | Region
        ),
        _ => true,
    }
}

/// The known text that a text begins with.
pub(super) fn beginning(text: &Text) -> &str {
    match text.parts().first().map(|part| &part.kind) {
        Some(PartKind::Literal(known)) => known,
        _ => "",
    }
}

/// What follows a known beginning.
pub(super) fn after(text: &Text, prefix: &str) -> Option<Text> {
    let mut parts = text.parts().to_vec();
    let first = parts.first_mut()?;
    let PartKind::Literal(known) = &first.kind else {
        return None;
    };
    let rest = known.strip_prefix(prefix)?.to_owned();
    if rest.is_empty() {
        parts.remove(0);
    } else {
        first.kind = PartKind::Literal(rest);
    }
    Some(Text::from_parts(parts))
}

/// The symbol that is the whole text, with its shape.
pub(super) fn only_symbol(text: &Text, symbols: &Symbols) -> Option<Shape> {
    match text.parts() {
        [
            Part {
                kind: PartKind::Symbol(id),
                ..
            },
        ] => Some(symbols.get(*id).shape),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Origin, Span};
    use crate::value::{Nature, Symbol};

    fn literal(text: &str) -> Text {
        Text::literal(text, Origin::new(Span { start: 0, end: 0 }))
    }

    fn with_symbol(symbols: &mut Symbols, before: &str, shape: Shape, after: &str) -> Text {
        let symbol = symbols.intern(Symbol {
            key: format!("{shape:?}"),
            name: "x".to_owned(),
            shape,
            nature: Nature::Named,
            reason: String::new(),
            supply: None,
        });
        let mut text = literal(before);
        text.append(Text::symbol(symbol, Origin::new(Span { start: 0, end: 0 })));
        text.append(literal(after));
        text
    }

    #[test]
    fn colons_of_the_resource_are_its_own() {
        let text = literal("arn:aws:logs:us-east-1:111122223333:log-group:a:b");
        let arn = Arn::read(&text, &Symbols::new()).unwrap();
        assert_eq!(arn.resource, literal("log-group:a:b"));
        assert_eq!(arn.account, literal("111122223333"));
        let bucket = Arn::read(&literal("arn:aws:s3:::b"), &Symbols::new()).unwrap();
        assert_eq!(bucket.account, Text::default());
        for no in ["", "arn", "arn:aws:s3::b", "urn:aws:s3:::b"] {
            assert_eq!(Arn::read(&literal(no), &Symbols::new()), None);
        }
    }

    #[test]
    fn a_symbol_without_colons_is_a_piece() {
        let mut symbols = Symbols::new();
        let mut read = |shape| {
            let text = with_symbol(&mut symbols, "arn:aws:kms:us-east-1:", shape, ":key/1");
            Arn::read(&text, &symbols).map(|arn| arn.resource)
        };
        assert_eq!(read(Shape::Account), Some(literal("key/1")));
        assert_eq!(read(Shape::Text), None);
    }
}
