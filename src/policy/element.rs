//! The elements of a statement: lists of texts, principals, and the statement itself with what was compiled of it.

use super::condition::{Condition, Unread};
use super::pattern::{Colons, Token};
use super::variables::{Pattern, Piece, Syntax};
use super::{Effect, Match, Statement};
use crate::source::Origin;
use crate::value::{Open, Presence, SymbolId, Text};

/// A list of texts of which any may match.
#[derive(Clone, Debug)]
pub(super) struct Values {
    /// The texts.
    pub entries: Vec<Entry>,
    /// Set where more may follow.
    pub open: Option<Open>,
    /// How its texts are read.
    pub syntax: Syntax,
    /// The element as a whole.
    pub at: Origin,
}

/// One text of a list.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The text, compiled.
    pub pattern: Pattern,
    /// Whether it is there.
    pub presence: Presence,
    /// Where it was written.
    pub at: Origin,
}

/// `Principal` or `NotPrincipal`, by type.
#[derive(Clone, Debug, Default)]
pub(super) struct Principals {
    /// `NotPrincipal`
    pub negated: bool,
    /// The lists by type, in the order they were written.
    pub lists: Vec<(PrincipalType, Values)>,
    /// The element as a whole.
    pub at: Option<Origin>,
}

/// The types of principals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalType {
    /// Accounts, users, roles, sessions, or everybody (`*`).
    Aws,
    /// An AWS service.
    Service,
    /// An identity provider.
    Federated,
    /// An S3 canonical user.
    CanonicalUser,
    /// The type is not known.
    Unknown,
}

impl PrincipalType {
    /// The key in a policy.
    pub fn name(self) -> &'static str {
        match self {
            PrincipalType::Aws => "AWS",
            PrincipalType::Service => "Service",
            PrincipalType::Federated => "Federated",
            PrincipalType::CanonicalUser => "CanonicalUser",
            PrincipalType::Unknown => "?",
        }
    }
}

/// `Action`, `NotAction`, `Resource` or `NotResource`.
#[derive(Clone, Debug)]
pub(super) struct Texts {
    /// The `Not` form.
    pub negated: bool,
    /// The texts.
    pub values: Values,
}

/// What a statement was compiled to.
#[derive(Clone, Debug, Default)]
pub(super) struct Body {
    /// The symbol of an effect that is not known.
    pub effect: Option<SymbolId>,
    /// Who.
    pub principals: Option<Principals>,
    /// What.
    pub action: Option<Texts>,
    /// On what.
    pub resource: Option<Texts>,
    /// When: all of these.
    pub conditions: Vec<Condition>,
    /// Conditions that may be there and are not known.
    pub unread: Vec<Unread>,
    /// The statement does nothing: AWS accepts it and an element is missing.
    pub dead: bool,
    /// Why nothing sure can be said of the statement, and where.
    pub doubt: Option<(String, Origin)>,
}

/// One principal that a statement names.
#[derive(Clone, PartialEq)]
pub struct NamedPrincipal<'a> {
    /// Its type.
    pub kind: PrincipalType,
    /// The text: an ARN, an account, `*`, a service.
    pub text: &'a Text,
    /// Whether it is there.
    pub presence: Presence,
    /// Where it was written.
    pub at: &'a Origin,
}

/// One condition of a statement.
#[derive(Clone)]
pub struct NamedCondition<'a> {
    /// The operator as it was written.
    pub operator: &'a str,
    /// The key as it was written.
    pub key: &'a str,
    /// Where the key was written.
    pub key_at: &'a Origin,
    /// The values, any of which may match.
    pub values: Vec<&'a Text>,
}

impl Statement {
    /// An Allow of everything to everybody.
    pub(super) fn all(at: &Origin) -> Self {
        let none = Texts {
            negated: true,
            values: Values {
                entries: Vec::new(),
                open: None,
                syntax: Syntax::EXACT,
                at: at.clone(),
            },
        };
        Statement {
            sid: None,
            effect: Some(Effect::Allow),
            presence: Presence::Present,
            origin: at.clone(),
            effect_at: at.clone(),
            body: Body {
                action: Some(none.clone()),
                resource: Some(none),
                ..Body::default()
            },
        }
    }

    /// The conditions, all of which must hold, in order.
    pub fn conditions(&self) -> impl Iterator<Item = NamedCondition<'_>> {
        self.body.conditions.iter().map(|condition| NamedCondition {
            operator: &condition.name,
            key: &condition.shown,
            key_at: &condition.key_at,
            values: condition
                .values
                .entries
                .iter()
                .map(|entry| &entry.pattern.text)
                .collect(),
        })
    }

    /// The principals that `Principal` names, in order; those of a `NotPrincipal` where [`Statement::names_everybody_but`] says so.
    pub fn principals(&self) -> impl Iterator<Item = NamedPrincipal<'_>> {
        self.body.principals.iter().flat_map(|principals| {
            principals.lists.iter().flat_map(|(kind, values)| {
                values.entries.iter().map(|entry| NamedPrincipal {
                    kind: *kind,
                    text: &entry.pattern.text,
                    presence: entry.presence,
                    at: &entry.at,
                })
            })
        })
    }

    /// True where the statement may name more principals than [`Statement::principals`] holds.
    pub fn may_name_more(&self) -> bool {
        let principals = self.body.principals.as_ref();
        principals.is_some_and(|it| it.lists.iter().any(|(_, values)| values.open.is_some()))
    }

    /// The texts of `Action` or `NotAction` in order, each with its place.
    pub fn each_action(&self) -> impl Iterator<Item = (&Text, &Origin)> {
        self.body.action.iter().flat_map(|texts| {
            let entries = texts.values.entries.iter();
            entries.map(|entry| (&entry.pattern.text, &entry.at))
        })
    }

    /// True where the principals are those of a `NotPrincipal`.
    pub fn names_everybody_but(&self) -> bool {
        self.body
            .principals
            .as_ref()
            .is_some_and(|principals| principals.negated)
    }

    /// Whether the statement's `Action` or `NotAction` covers an action; maybe, where a text of it is not known.
    pub fn may_match_action(&self, action: &str) -> Match {
        let Some(texts) = &self.body.action else {
            return Match::No;
        };
        let any = texts.values.entries.iter().map(|entry| {
            let found = match entry.pattern.matches(action) {
                Some(found) => Match::from(found),
                None => possible_action(entry.pattern.pieces(), action),
            };
            match entry.presence {
                Presence::Present => found,
                _ => found.and(Match::Maybe),
            }
        });
        let open = texts.values.open.as_ref().map(|_| Match::Maybe);
        let any = any.chain(open).fold(Match::No, Match::or);
        let matches = if texts.negated { any.not() } else { any };
        if self.body.dead { Match::No } else { matches }
    }

    /// True where the statement is an Allow, or its effect is not known.
    pub fn may_allow(&self) -> bool {
        self.effect != Some(Effect::Deny)
    }

    /// True where AWS accepts the statement and it does nothing, because an element that it needs is missing.
    pub fn has_no_effect(&self) -> bool {
        self.body.dead
    }

    /// The compiled texts of all lists.
    pub(super) fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        let lists = self.lists();
        lists.flat_map(|values| values.entries.iter().map(|entry| &entry.pattern))
    }

    fn lists(&self) -> impl Iterator<Item = &Values> {
        let texts = [&self.body.action, &self.body.resource];
        let lists = texts.into_iter().flatten().map(|texts| &texts.values);
        let conditions = self.body.conditions.iter().map(|it| &it.values);
        let principals = self.body.principals.iter();
        let principals = principals.flat_map(|it| it.lists.iter().map(|(_, values)| values));
        lists.chain(conditions).chain(principals)
    }

    /// The symbols that decide what of the statement is there: its effect, what may be there, and the rests of lists and conditions.
    pub(super) fn deciding(&self) -> impl Iterator<Item = SymbolId> {
        let entries = self.lists().flat_map(|values| &values.entries);
        let conditions = self.body.conditions.iter().map(|it| it.presence);
        let presences = entries.map(|it| it.presence).chain(conditions);
        let maybe = presences
            .chain([self.presence])
            .filter_map(|presence| match presence {
                Presence::Maybe(symbol) => Some(symbol),
                _ => None,
            });
        let rests = self.lists().filter_map(|values| values.open.as_ref());
        let rests = rests.chain(self.body.unread.iter().map(|it| &it.open));
        maybe
            .chain(rests.map(|open| open.symbol))
            .chain(self.body.effect)
    }
}

/// Without the symbols' table an unknown piece may be any text.
fn possible_action(pieces: &[Piece], action: &str) -> Match {
    let tokens: Vec<Token> = pieces
        .iter()
        .map(|piece| match piece {
            Piece::Token(token @ (Token::Char(_) | Token::Any { .. } | Token::One { .. })) => {
                *token
            }
            _ => Token::Any { within: false },
        })
        .collect();
    if super::pattern::glob(&tokens, action, true) {
        Match::Maybe
    } else {
        Match::No
    }
}

impl Values {
    /// An empty list.
    pub(super) fn empty(syntax: Syntax, at: Origin) -> Self {
        Values {
            entries: Vec::new(),
            open: None,
            syntax,
            at,
        }
    }

    /// True where it surely holds nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.open.is_none()
    }

    /// True where every text is surely there and none stands for several.
    pub(super) fn is_plain(&self) -> bool {
        self.open.is_none()
            && self.entries.iter().all(|entry| {
                entry.presence == Presence::Present && entry.pattern.as_symbol().is_none()
            })
    }

    /// The list of one text.
    pub(super) fn one(text: &Text, syntax: Syntax, at: Origin) -> Self {
        Values {
            entries: vec![Entry {
                pattern: Pattern::new(text, syntax),
                presence: Presence::Present,
                at: at.clone(),
            }],
            open: None,
            syntax,
            at,
        }
    }
}

impl Syntax {
    /// A `Resource`.
    pub(super) fn resource(variables: bool) -> Self {
        Syntax {
            wildcards: true,
            colons: Colons::Resource,
            folded: false,
            variables,
        }
    }
}
