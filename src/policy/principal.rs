//! Whether a `Principal` or `NotPrincipal` element names the caller, and how.
//!
//! Sources: IAM User Guide, "AWS JSON policy elements: Principal" and "`NotPrincipal`"; KMS Developer Guide, "Key policies".

use super::bindings::Atom;
use super::decision::Match;
use super::element::{Entry, PrincipalType, Principals};
use super::matching::Pass;
use super::pattern::{Token, characters};
use super::request::Caller;
use super::variables::Syntax;
use crate::source::Origin;
use crate::value::Text;

/// How a statement's principals reach the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    /// The caller is named, or is everybody in its own account.
    pub direct: Match,
    /// The caller or its account is named.
    pub any: Match,
}

impl Reach {
    const NO: Reach = Reach {
        direct: Match::No,
        any: Match::No,
    };

    fn or(self, other: Reach) -> Reach {
        Reach {
            direct: self.direct.or(other.direct),
            any: self.any.or(other.any),
        }
    }

    fn both(answer: Match) -> Reach {
        Reach {
            direct: answer,
            any: answer,
        }
    }
}

/// How one principal of a policy names the caller.
#[derive(Clone, Copy, Debug)]
struct Named {
    /// `*`
    everybody: Match,
    /// The caller itself, letter by letter.
    itself: Match,
    /// The role of the caller's session, or the user behind a federated session.
    behind: Match,
    /// The caller's account.
    account: Match,
}

impl Named {
    const NO: Named = Named {
        everybody: Match::No,
        itself: Match::No,
        behind: Match::No,
        account: Match::No,
    };
}

/// An ARN of a caller, taken apart.
struct Parts<'a, T> {
    partition: &'a [T],
    account: &'a [T],
    /// `user/Bob`, `assumed-role/R/s`, `root`.
    resource: &'a [T],
}

fn parts<T: Copy + PartialEq>(arn: &[T], colon: T) -> Option<Parts<'_, T>> {
    let mut pieces = arn.splitn(6, |letter| *letter == colon);
    let (_, partition, _, _) = (
        pieces.next()?,
        pieces.next()?,
        pieces.next()?,
        pieces.next()?,
    );
    Some(Parts {
        partition,
        account: pieces.next()?,
        resource: pieces.next()?,
    })
}

impl Pass<'_> {
    /// Whether the caller belongs to the account that owns the resource.
    pub(super) fn same_account(&self) -> Match {
        let Caller::Aws(caller) = &self.request.principal else {
            return Match::No;
        };
        let at = Origin::clone(
            caller
                .parts()
                .first()
                .map_or(&self.no_place(), |part| &part.origin),
        );
        if let (Some(caller), Some(owner)) = (self.known(caller), self.known(&self.request.account))
        {
            let account = parts(caller.as_bytes(), b':').map(|parts| parts.account);
            return Match::from(account == Some(owner.as_bytes()));
        }
        let caller = self.tokens(caller);
        let owner = self.tokens(&self.request.account);
        match parts(&caller, Token::Char(':')) {
            Some(parts) => self.compare(parts.account.to_vec(), owner, Syntax::EXACT, &at),
            None => self.nameless(&caller, owner, &at),
        }
    }

    fn no_place(&self) -> Origin {
        let part = self.request.resource.parts().first();
        part.map_or_else(
            || Origin::new(crate::source::Span { start: 0, end: 0 }),
            |part| part.origin.clone(),
        )
    }

    /// How the element reaches the caller; a statement without one (an identity-based policy) reaches its owner.
    pub(super) fn reach(&self, principals: Option<&Principals>) -> Reach {
        let Some(principals) = principals else {
            return Reach::both(Match::Yes);
        };
        if principals.negated {
            return Reach::both(self.not_listed(principals));
        }
        let mut reach = Reach::NO;
        for (kind, values) in &principals.lists {
            if values.is_plain() {
                let levels = values.entries.iter().map(|entry| self.level(*kind, entry));
                reach = levels.fold(reach, Reach::or);
                continue;
            }
            // The two answers are asked for apart, since each is a disjunction over what the list may hold.
            let direct = self.any(values, &|entry, _| self.level(*kind, entry).direct);
            let any = self.any(values, &|entry, _| self.level(*kind, entry).any);
            reach = reach.or(Reach { direct, any });
            if self.settled(reach.direct, Match::Yes) {
                break;
            }
        }
        reach
    }

    fn level(&self, kind: PrincipalType, entry: &Entry) -> Reach {
        let named = self.named(kind, entry);
        match &self.request.principal {
            Caller::Service(_) => Reach::both(named.everybody.or(named.itself)),
            Caller::Stranger => Reach {
                direct: Match::No,
                any: named.everybody,
            },
            Caller::Aws(caller) => {
                let everybody = match named.everybody {
                    Match::No => Match::No,
                    sure => sure.and(self.same_account()),
                };
                let own_root = match named.account {
                    Match::No => Match::No,
                    account => account.and(self.is_root(caller)),
                };
                let direct = everybody.or(named.itself).or(named.behind).or(own_root);
                Reach {
                    direct,
                    any: direct.or(named.everybody).or(named.account),
                }
            }
        }
    }

    fn is_root(&self, caller: &Text) -> Match {
        match self.known(caller) {
            Some(caller) => Match::from(caller.ends_with(":root")),
            None => Match::from(self.tokens(caller).ends_with(&letters(":root"))),
        }
    }

    /// `NotPrincipal`: everybody who is not listed. AWS documents that user, role, session and account are to be listed together, and not what
    /// happens where only the account, or only the role of a session, is.
    fn not_listed(&self, principals: &Principals) -> Match {
        let (mut listed, mut loosely) = (Match::No, Match::No);
        for (kind, values) in &principals.lists {
            listed = listed.or(self.any(values, &|entry, _| {
                let named = self.named(*kind, entry);
                let own_root = match (&self.request.principal, named.account) {
                    (Caller::Aws(caller), account) if account != Match::No => {
                        account.and(self.is_root(caller))
                    }
                    _ => Match::No,
                };
                named.everybody.or(named.itself).or(own_root)
            }));
            loosely = loosely.or(self.any(values, &|entry, _| {
                let named = self.named(*kind, entry);
                named.behind.or(named.account)
            }));
        }
        if listed == Match::Yes || loosely == Match::No {
            return listed.not();
        }
        if loosely == Match::Yes {
            let at = principals.at.clone().unwrap_or_else(|| self.no_place());
            self.undocumented(
                "AWS does not document a `NotPrincipal` that lists the account or the role and not the caller itself",
                &at,
            );
        }
        Match::Maybe
    }

    /// How one principal of the policy names the caller.
    fn named(&self, kind: PrincipalType, entry: &Entry) -> Named {
        match (kind, &self.request.principal) {
            (PrincipalType::Service, Caller::Service(service)) => self.service(entry, service),
            (PrincipalType::Aws, Caller::Service(_))
            | (PrincipalType::Aws | PrincipalType::Unknown, Caller::Stranger) => Named {
                everybody: self.is_everybody(entry),
                ..Named::NO
            },
            (PrincipalType::Aws | PrincipalType::Unknown, Caller::Aws(caller)) => {
                self.aws(entry, caller)
            }
            (PrincipalType::Unknown, Caller::Service(service)) => Named {
                everybody: self.is_everybody(entry),
                ..self.service(entry, service)
            },
            _ => Named::NO,
        }
    }

    /// Service names are compared letter by letter; `*` is no service.
    fn service(&self, entry: &Entry, service: &str) -> Named {
        let itself = match entry.pattern.matches(service) {
            Some(same) => Match::from(same),
            None => self.principal_is(entry, letters(service)),
        };
        Named {
            itself,
            ..Named::NO
        }
    }

    fn is_everybody(&self, entry: &Entry) -> Match {
        match entry.pattern.matches("*") {
            Some(same) => Match::from(same),
            None => self.principal_is(entry, letters("*")),
        }
    }

    fn principal_is(&self, entry: &Entry, wanted: Vec<Token>) -> Match {
        match self.resolve(&entry.pattern, &entry.at) {
            Ok(principal) => self.compare(principal, wanted, Syntax::EXACT, &entry.at),
            Err(answer) => answer,
        }
    }

    fn aws(&self, entry: &Entry, caller: &Text) -> Named {
        if let (Some(principal), Some(caller)) =
            (self.known(&entry.pattern.text), self.known(caller))
        {
            return known(&principal, &caller);
        }
        let caller = self.tokens(caller);
        let mut named = Named {
            everybody: self.is_everybody(entry),
            itself: self.principal_is(entry, caller.clone()),
            ..Named::NO
        };
        let Some(parts) = parts(&caller, Token::Char(':')) else {
            if let Ok(principal) = self.resolve(&entry.pattern, &entry.at) {
                named.account = self.nameless(&caller, principal, &entry.at);
            }
            return named;
        };
        let arn = |resource: &[Token]| {
            let pieces = [
                &letters("arn:"),
                parts.partition,
                &letters(":iam::"),
                parts.account,
            ];
            let mut arn: Vec<Token> = pieces.concat();
            arn.push(Token::Char(':'));
            arn.extend_from_slice(resource);
            arn
        };
        if let Some((kind, name)) = behind(parts.resource, Token::Char('/'), &|word| letters(word))
        {
            let plain = [kind.as_slice(), name].concat();
            let any = [Token::Any { within: false }, Token::Char('/')];
            let with_path = [kind.as_slice(), &any, name].concat();
            named.behind = self
                .principal_is(entry, arn(&plain))
                .or(self.principal_is(entry, arn(&with_path)));
        }
        named.account = self
            .principal_is(entry, parts.account.to_vec())
            .or(self.principal_is(entry, arn(&letters("root"))));
        named
    }

    /// A caller of whom only the name of its ARN is known, and an account that a policy names or that owns the key.
    fn nameless(&self, caller: &[Token], principal: Vec<Token>, at: &Origin) -> Match {
        let id = caller.iter().find_map(|token| match token {
            Token::Symbol { id, .. } => Some(*id),
            _ => None,
        });
        let names_an_account = principal.len() == 12
            || principal.ends_with(&letters(":root"))
            || principal
                .iter()
                .any(|token| matches!(token, Token::Symbol { .. } | Token::Hole));
        if !names_an_account {
            return Match::No;
        }
        match id {
            Some(caller) => {
                self.undocumented(&self.symbols.get(caller).reason, at);
                if let Some(last) = self.blockers.borrow_mut().last_mut() {
                    last.symbol = Some(caller);
                }
                self.record(|| Atom::Caller { caller, principal });
                Match::Maybe
            }
            None => Match::No,
        }
    }
}

fn letters(text: &str) -> Vec<Token> {
    characters(text).collect()
}

/// The kind and name of what stands behind a session: `role/` and the role's name (its path is not part of the session's ARN), or `user/` and the
/// federated user's name.
fn behind<'a, T: Copy + PartialEq>(
    resource: &'a [T],
    slash: T,
    word: &dyn Fn(&str) -> Vec<T>,
) -> Option<(Vec<T>, &'a [T])> {
    if let Some(rest) = resource.strip_prefix(word("assumed-role/").as_slice()) {
        let name = rest.split(|letter| *letter == slash).next()?;
        return Some((word("role/"), name));
    }
    let name = resource.strip_prefix(word("federated-user/").as_slice())?;
    Some((word("user/"), name))
}

/// The same for texts that are known.
fn known(principal: &str, caller: &str) -> Named {
    let mut named = Named {
        everybody: Match::from(principal == "*"),
        itself: Match::from(principal == caller),
        ..Named::NO
    };
    if principal.contains('*') {
        return named;
    }
    let mut caller = caller.splitn(6, ':').skip(1);
    let (partition, account) = (caller.next(), caller.nth(2));
    let (Some(partition), Some(account), Some(resource)) = (partition, account, caller.next())
    else {
        return named;
    };
    if principal == account {
        named.account = Match::Yes;
        return named;
    }
    let mut parts = principal.splitn(6, ':');
    let head = (
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
        parts.next(),
    );
    if head
        != (
            Some("arn"),
            Some(partition),
            Some("iam"),
            Some(""),
            Some(account),
        )
    {
        return named;
    }
    let Some(target) = parts.next() else {
        return named;
    };
    let (kind, name) = if let Some(rest) = resource.strip_prefix("assumed-role/") {
        ("role/", rest.split('/').next())
    } else {
        ("user/", resource.strip_prefix("federated-user/"))
    };
    named.account = Match::from(target == "root");
    named.behind = Match::from(name.is_some_and(|name| {
        target
            .strip_prefix(kind)
            .is_some_and(|path| path.rsplit('/').next() == Some(name))
    }));
    named
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    #[test]
    fn a_principal_names_a_caller_itself_or_what_stands_behind_it() {
        let session = "arn:aws:sts::111122223333:assumed-role/R/s";
        let behind = |principal| known(principal, session).behind;
        assert_eq!(behind("arn:aws:iam::111122223333:role/R"), Match::Yes);
        assert_eq!(behind("arn:aws:iam::111122223333:role/path/R"), Match::Yes);
        assert_eq!(behind("arn:aws:iam::111122223333:role/R2"), Match::No);
        assert_eq!(behind("arn:aws:iam::444455556666:role/R"), Match::No);
        assert_eq!(behind("arn:aws-cn:iam::111122223333:role/R"), Match::No);
        assert_eq!(behind("arn:aws:iam::111122223333:role/*"), Match::No);
        assert_eq!(known(session, session).itself, Match::Yes);
        assert_eq!(
            known("arn:aws:sts::111122223333:assumed-role/R/*", session).itself,
            Match::No
        );
    }

    #[test]
    fn an_account_is_its_number_or_its_root() {
        let user = "arn:aws:iam::111122223333:user/Bob";
        for principal in ["111122223333", "arn:aws:iam::111122223333:root"] {
            assert_eq!(known(principal, user).account, Match::Yes, "{principal}");
        }
        for principal in [
            "444455556666",
            "arn:aws:iam::1111:root",
            "arn:aws:iam::111122223333:user/bob",
        ] {
            assert_eq!(known(principal, user).account, Match::No, "{principal}");
            assert_eq!(known(principal, user).itself, Match::No, "{principal}");
        }
    }
}
