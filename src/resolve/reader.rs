//! Who reads: one reader, taken apart, and the people whom a policy could let read.

use std::collections::BTreeSet;

use crate::input::home::{Piece, arn_segments};
use crate::model::Key;
use crate::policy::{Caller, Match, Policy, PrincipalType};
use crate::source::Origin;
use crate::value::{Nature, Part, PartKind, Shape, Symbol, SymbolId, Symbols, Text};

/// A reader, as its request describes it.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    /// Who asks.
    pub(crate) caller: Caller,
    /// Its account.
    pub(crate) account: Text,
    /// `aws:PrincipalArn`: for a session, the role's, whose path a session's ARN does not show.
    pub(crate) principal_arn: Text,
    /// `aws:PrincipalType`
    pub(crate) kind: Option<&'static str>,
    /// `aws:username`; roles have none.
    pub(crate) user_name: Option<Text>,
    /// True for the root user of an account.
    pub(crate) root: bool,
}

impl Reader {
    /// The reader, with nothing of it to be shown.
    pub(crate) fn into_sensitive(self) -> Self {
        let caller = match self.caller {
            Caller::Aws(arn) => Caller::Aws(arn.into_sensitive()),
            other => other,
        };
        let (account, principal_arn) = (
            self.account.into_sensitive(),
            self.principal_arn.into_sensitive(),
        );
        Reader {
            caller,
            account,
            principal_arn,
            ..self
        }
    }
}

/// The parts of a text between its first five colons: for an ARN, its six segments.
pub(crate) fn segments(text: &Text) -> Vec<Text> {
    let mut segments: Vec<Vec<Part>> = vec![Vec::new()];
    for part in text.parts() {
        let PartKind::Literal(literal) = &part.kind else {
            push(&mut segments, part.clone());
            continue;
        };
        let left = 7_usize.saturating_sub(segments.len());
        for (at, piece) in literal.splitn(left.max(1), ':').enumerate() {
            if at > 0 {
                segments.push(Vec::new());
            }
            if !piece.is_empty() {
                push(
                    &mut segments,
                    Part {
                        kind: PartKind::Literal(piece.to_owned()),
                        ..part.clone()
                    },
                );
            }
        }
    }
    segments.into_iter().map(Text::from_parts).collect()
}

fn push(segments: &mut [Vec<Part>], part: Part) {
    if let Some(last) = segments.last_mut() {
        last.push(part);
    }
}

/// The account that an ARN, or a bare account id, names.
pub(crate) fn account_of(text: &Text) -> Option<Text> {
    match text.as_literal() {
        Some(id) if id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(text.clone())
        }
        _ => segments(text)
            .into_iter()
            .nth(4)
            .filter(|account| !account.parts().is_empty()),
    }
}

/// True for the principal that stands for a whole account: `arn:aws:iam::111122223333:root`, or the bare id.
pub(crate) fn is_account(text: &Text) -> bool {
    let bare = text
        .as_literal()
        .is_some_and(|id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()));
    bare || segments(text).get(5).and_then(Text::as_literal) == Some("root")
}

/// A reader as the user declares it: its ARN, one with `*` in it, or the name of a role of IAM Identity Center in the account of the key.
/// Such a role has the Region in its path unless it is us-east-1 (IAM Identity Center User Guide, Referencing permission sets in resource
/// policies), so that it is one of two.
pub(crate) fn declared(
    arn: &str,
    key: &Key,
    origin: &Origin,
    symbols: &mut Symbols,
) -> Vec<Reader> {
    let literal = |text: &str| Text::literal(text, origin.clone());
    let is_arn = arn.starts_with("arn:");
    if is_arn && !arn.contains('*') {
        return vec![named(arn, origin, symbols)];
    }
    let mut unknown = |what: String, shape| {
        let symbol = symbols.intern(Symbol {
            key: format!("declared:{arn}:{what}"),
            name: what,
            shape,
            nature: Nature::Undocumented,
            reason: "the reader is declared by a pattern".to_owned(),
            supply: Some("its ARN, without `*`".to_owned()),
        });
        Text::symbol(symbol, origin.clone())
    };
    let mut name = Text::default();
    for (at, piece) in arn.split('*').enumerate() {
        if at > 0 {
            name.append(unknown(format!("`*` {at} of {arn}"), Shape::Text));
        }
        if !piece.is_empty() {
            name.append(literal(piece));
        }
    }
    let mut texts = vec![name.clone()];
    if !is_arn {
        let mut start = literal("arn:");
        start.append(segments(&key.arn).get(1).cloned().unwrap_or_default());
        start.append(literal(":iam::"));
        start.append(key.account.clone());
        start.append(literal(":role/aws-reserved/sso.amazonaws.com/"));
        let mut regional = start.clone();
        regional.append(unknown(format!("Region of {arn}"), Shape::Region));
        regional.append(literal("/"));
        texts = vec![start, regional];
        for text in &mut texts {
            text.append(name.clone());
        }
    }
    let reader = |text: Text| Reader {
        caller: Caller::Aws(text.clone()),
        account: account_of(&text).unwrap_or_else(|| key.account.clone()),
        principal_arn: text,
        kind: Some("AssumedRole"),
        user_name: None,
        root: false,
    };
    texts.into_iter().map(reader).collect()
}

/// A reader of a known ARN.
pub(crate) fn named(arn: &str, origin: &Origin, symbols: &mut Symbols) -> Reader {
    let literal = |text: &str| Text::literal(text, origin.clone());
    let [partition, service, _, account, resource] =
        arn_segments(arn).unwrap_or(["", "", "", "", ""]);
    let (kind, name) = resource.split_once('/').unwrap_or((resource, ""));
    let mut reader = Reader {
        caller: Caller::Aws(literal(arn)),
        account: literal(account),
        principal_arn: literal(arn),
        kind: None,
        user_name: None,
        root: resource == "root",
    };
    match (service, kind) {
        ("iam", "root") => reader.kind = Some("Account"),
        ("iam", "user") => {
            reader.kind = Some("User");
            reader.user_name = name.rsplit('/').next().map(literal);
        }
        ("iam", "role") => reader.kind = Some("AssumedRole"),
        ("sts", "assumed-role") => {
            let role = name.split('/').next().unwrap_or_default();
            let path = symbols.intern(Symbol {
                key: format!("path:{arn}"),
                name: format!("path of the role {role}"),
                shape: Shape::Text,
                nature: Nature::Undocumented,
                reason: "the role's path is not in a session's ARN".to_owned(),
                supply: Some("--reader with the role's ARN".to_owned()),
            });
            let mut text = literal(&format!("arn:{partition}:iam::{account}:role/"));
            text.append(Text::symbol(path, origin.clone()));
            text.append(literal(role));
            reader.kind = Some("AssumedRole");
            reader.principal_arn = text;
        }
        ("sts", "federated-user") => reader.kind = Some("FederatedUser"),
        _ => {}
    }
    reader
}

/// A role or user of an account whose name nobody has chosen yet.
pub(crate) fn anyone(
    kind: Kind,
    partition: &Piece,
    account: &Text,
    origin: &Origin,
    symbols: &mut Symbols,
) -> Reader {
    let (word, path, reason) = match kind {
        Kind::Role => (
            "any role",
            ":role/",
            "any role of the account may be the reader",
        ),
        Kind::User => (
            "any user",
            ":user/",
            "any user of the account may be the reader",
        ),
    };
    let name = free(word, Shape::Name, reason, symbols);
    let mut arn = Text::literal("arn:", origin.clone());
    arn.append(partition.text(origin));
    arn.append(Text::literal(":iam::", origin.clone()));
    arn.append(account.clone());
    arn.append(Text::literal(path, origin.clone()));
    arn.append(Text::symbol(name, origin.clone()));
    Reader {
        caller: Caller::Aws(arn.clone()),
        account: account.clone(),
        principal_arn: arn,
        kind: Some(match kind {
            Kind::Role => "AssumedRole",
            Kind::User => "User",
        }),
        user_name: match kind {
            Kind::Role => None,
            Kind::User => Some(Text::symbol(name, origin.clone())),
        },
        root: false,
    }
}

/// What kind of principal anybody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Role,
    User,
}

/// What a reader may choose.
fn free(name: &str, shape: Shape, reason: &str, symbols: &mut Symbols) -> SymbolId {
    symbols.intern(Symbol {
        key: format!("anyone:{name}"),
        name: name.to_owned(),
        shape,
        nature: Nature::Free,
        reason: reason.to_owned(),
        supply: None,
    })
}

/// The root user of an account.
pub(crate) fn root_user(partition: &Piece, account: &Text, origin: &Origin) -> Reader {
    let mut arn = Text::literal("arn:", origin.clone());
    arn.append(partition.text(origin));
    arn.append(Text::literal(":iam::", origin.clone()));
    arn.append(account.clone());
    arn.append(Text::literal(":root", origin.clone()));
    Reader {
        caller: Caller::Aws(arn.clone()),
        account: account.clone(),
        principal_arn: arn,
        kind: Some("Account"),
        user_name: None,
        root: true,
    }
}

/// Everybody whom a policy could allow an action, one of each kind: the principals that its Allow statements for the action name, or bind
/// their `*` to; a role and a user of each account that they name, of the key's own account, and, for `*`, of any other. The root user of
/// the key's account comes last.
pub(crate) fn candidates(
    policy: &Policy,
    action: &str,
    partition: &Piece,
    own: &Text,
    origin: &Origin,
    symbols: &mut Symbols,
) -> Vec<Reader> {
    let mut readers = Vec::new();
    let mut accounts: Vec<Text> = vec![own.clone()];
    let mut seen = BTreeSet::new();
    let mut everybody = false;
    for statement in policy.statements.iter().filter(|it| it.may_allow()) {
        if statement.may_match_action(action) == Match::No {
            continue;
        }
        let named = statement.principals();
        for principal in named.filter(|principal| principal.kind == PrincipalType::Aws) {
            let text = principal.text;
            if text.as_literal() == Some("*") {
                everybody = true;
            } else if !is_possible(text) {
                // AWS refuses it, and it matches nobody.
            } else if is_account(text) {
                accounts.extend(account_of(text));
            } else if seen.insert(format!("{text:?}")) {
                readers.push(of_text(text, own, origin, symbols));
            }
        }
        for condition in statement.conditions() {
            let key = condition.key.to_ascii_lowercase();
            for value in &condition.values {
                match key.as_str() {
                    "kms:calleraccount" | "aws:principalaccount" if is_twelve(value) => {
                        accounts.push((*value).clone());
                    }
                    "aws:principalarn" => {
                        accounts.extend(account_of(value).filter(is_twelve));
                        if is_possible(value) && seen.insert(format!("{value:?}")) {
                            readers.push(of_text(value, own, origin, symbols));
                        }
                    }
                    _ => {}
                }
            }
        }
    }
    if everybody {
        let reason = "anybody's account may be the reader's";
        let account = free("any account", Shape::Account, reason, symbols);
        accounts.push(Text::symbol(account, origin.clone()));
    }
    let mut known = BTreeSet::new();
    for account in accounts {
        if known.insert(format!("{account:?}")) {
            for kind in [Kind::Role, Kind::User] {
                readers.push(anyone(kind, partition, &account, origin, symbols));
            }
        }
    }
    readers.push(root_user(partition, own, origin));
    readers
}

/// The users and roles that some Allow statement names at all: who may have been meant to read.
pub(crate) fn meant(
    policy: &Policy,
    own: &Text,
    origin: &Origin,
    symbols: &mut Symbols,
) -> Vec<Reader> {
    let mut readers = Vec::new();
    for statement in policy.statements.iter().filter(|it| it.may_allow()) {
        let named = statement
            .principals()
            .filter(|it| it.kind == PrincipalType::Aws);
        for principal in named.filter(|it| is_possible(it.text) && !is_account(it.text)) {
            readers.push(of_text(principal.text, own, origin, symbols));
        }
    }
    readers
}

/// False for a principal that cannot exist: a wildcard inside it, or an account that is not of twelve digits (IAM User Guide, Principal).
fn is_possible(text: &Text) -> bool {
    let Some(literal) = text.as_literal() else {
        return true;
    };
    let account = arn_segments(literal).map_or(literal, |[_, _, _, account, _]| account);
    !literal.contains(['*', '?'])
        && account.len() == 12
        && account.bytes().all(|it| it.is_ascii_digit())
}

fn is_twelve(text: &Text) -> bool {
    text.as_literal()
        .is_none_or(|id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A principal of a policy as a reader; what its text does not show is not known.
pub(crate) fn of_text(text: &Text, own: &Text, origin: &Origin, symbols: &mut Symbols) -> Reader {
    if let Some(arn) = text.as_literal() {
        return named(arn, origin, symbols);
    }
    let kind = match segments(text)
        .get(5)
        .and_then(|resource| resource.parts().first())
        .map(|part| &part.kind)
    {
        Some(PartKind::Literal(start)) if start.starts_with("role/") => Some("AssumedRole"),
        Some(PartKind::Literal(start)) if start.starts_with("user/") => Some("User"),
        _ => None,
    };
    Reader {
        caller: Caller::Aws(text.clone()),
        // The ARN of a resource of this plan: its account is the provider's, which is most often the key's.
        account: account_of(text).unwrap_or_else(|| own.clone()),
        principal_arn: text.clone(),
        kind,
        user_name: None,
        root: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn origin() -> Origin {
        Origin::new(Span { start: 0, end: 0 })
    }

    #[test]
    fn an_arn_is_taken_apart_around_its_symbols() {
        let mut symbols = Symbols::new();
        let role = anyone(
            Kind::Role,
            &"aws".into(),
            &Text::literal("111122223333", origin()),
            &origin(),
            &mut symbols,
        );
        let parts = segments(&role.principal_arn);
        assert_eq!(parts.len(), 6);
        assert_eq!(
            parts.get(4).and_then(Text::as_literal),
            Some("111122223333")
        );
        assert_eq!(
            account_of(&role.principal_arn)
                .unwrap()
                .to_literal()
                .as_deref(),
            Some("111122223333")
        );
        assert!(is_account(
            &root_user(&"aws".into(), &role.account, &origin()).principal_arn
        ));
        assert!(!is_account(&role.principal_arn));
    }

    #[test]
    fn a_bare_account_has_twelve_digits() {
        for (text, account) in [
            ("111122223333", true),
            ("11112222333", false),
            ("11112222333x", false),
        ] {
            let text = Text::literal(text, origin());
            assert_eq!(account_of(&text).is_some(), account, "{text:?}");
            assert_eq!(is_account(&text), account, "{text:?}");
        }
    }

    #[test]
    fn what_kind_of_principal_an_arn_names_is_known_of_roles_and_users() {
        let mut symbols = Symbols::new();
        let name = Symbol::for_test("name", Shape::Name, Nature::Undocumented);
        let name = symbols.intern(name);
        for (start, kind) in [
            ("iam::111122223333:role/", Some("AssumedRole")),
            ("iam::111122223333:user/", Some("User")),
            ("sts::111122223333:federated-user/", None),
        ] {
            let mut arn = Text::literal(format!("arn:aws:{start}"), origin());
            arn.append(Text::symbol(name, origin()));
            let own = Text::literal("111122223333", origin());
            assert_eq!(of_text(&arn, &own, &origin(), &mut symbols).kind, kind);
        }
    }

    #[test]
    fn a_session_hides_the_path_of_its_role() {
        let mut symbols = Symbols::new();
        let reader = named(
            "arn:aws:sts::111122223333:assumed-role/Audit/jane",
            &origin(),
            &mut symbols,
        );
        assert_eq!(
            reader.principal_arn.show(&symbols),
            "arn:aws:iam::111122223333:role/${path of the role Audit}Audit"
        );
        assert_eq!(reader.kind, Some("AssumedRole"));
        let user = named(
            "arn:aws:iam::111122223333:user/team/bob",
            &origin(),
            &mut symbols,
        );
        assert_eq!(
            (
                user.kind,
                user.user_name.as_ref().and_then(Text::as_literal)
            ),
            (Some("User"), Some("bob"))
        );
    }
}
