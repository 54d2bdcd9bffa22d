//! Whether a `Principal` or `NotPrincipal` element names the caller, and how.
//!
//! Sources: IAM User Guide, "AWS JSON policy elements: Principal" and "`NotPrincipal`"; KMS Developer Guide, "Key policies".

use super::bindings::Atom;
use super::decision::Match;
use super::element::{Entry, PrincipalType, Principals};
use super::matching::{Pass, TOO_MUCH};
use super::pattern::{Token, characters, differ};
use super::request::Caller;
use super::variables::Syntax;
use super::work::PRINCIPAL;
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
    pub(super) fn same_account(&self, caller: &Text) -> Match {
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
        if !self.work.take(PRINCIPAL) {
            return Reach::both(self.undocumented(TOO_MUCH, &entry.at));
        }
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
                    sure => sure.and(self.same_account(caller)),
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
                let own_root = match &self.request.principal {
                    Caller::Aws(caller) => named.account.and(self.is_root(caller)),
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
            None => self.principal_is(entry, &letters(service)),
        };
        Named {
            itself,
            ..Named::NO
        }
    }

    fn is_everybody(&self, entry: &Entry) -> Match {
        match entry.pattern.matches("*") {
            Some(same) => Match::from(same),
            None => self.principal_is(entry, &letters("*")),
        }
    }

    fn principal_is(&self, entry: &Entry, wanted: &[Token]) -> Match {
        self.is(&self.tokens(&entry.pattern.text), wanted, &entry.at)
    }

    fn is(&self, principal: &[Token], wanted: &[Token], at: &Origin) -> Match {
        if differ(principal, wanted, false, self.symbols) {
            return Match::No;
        }
        self.compare(principal.to_vec(), wanted.to_vec(), Syntax::EXACT, at)
    }

    fn aws(&self, entry: &Entry, caller: &Text) -> Named {
        let forms = self.caller.get_or_init(|| self.forms(caller));
        if let Some(known) = &forms.known
            && let Some(principal) = self.known(&entry.pattern.text)
        {
            return known.named_by(&principal);
        }
        let everybody = self.is_everybody(entry);
        let principal = self.tokens(&entry.pattern.text);
        let is = |wanted: &Vec<Token>| self.is(&principal, wanted, &entry.at);
        let any = |wanted: &[Vec<Token>]| wanted.iter().map(is).fold(Match::No, Match::or);
        let itself = is(&forms.itself);
        let account = match forms.account.as_slice() {
            [] => self.nameless(&forms.itself, principal.clone(), &entry.at),
            account => any(account),
        };
        Named {
            everybody,
            itself,
            behind: any(&forms.behind),
            account,
        }
    }

    fn forms(&self, caller: &Text) -> CallerForms {
        let known = self.known(caller).map(|it| KnownCaller::new(&it));
        let itself = self.tokens(caller);
        let mut forms = CallerForms {
            known,
            behind: Vec::new(),
            account: Vec::new(),
            itself,
        };
        let Some(parts) = parts(&forms.itself, Token::Char(':')) else {
            return forms;
        };
        let arn = |resource: &[Token]| {
            let (start, service) = (letters("arn:"), letters(":iam::"));
            let head = [&start, parts.partition, &service, parts.account];
            [head.concat().as_slice(), &letters(":"), resource].concat()
        };
        if let Some((kind, name)) = behind(parts.resource, Token::Char('/'), &|word| letters(word))
        {
            let plain = [kind.as_slice(), name].concat();
            let any = [Token::Any { within: false }, Token::Char('/')];
            let with_path = [kind.as_slice(), &any, name].concat();
            forms.behind = vec![arn(&plain), arn(&with_path)];
        }
        forms.account = vec![parts.account.to_vec(), arn(&letters("root"))];
        forms
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

/// The ARN of a caller, and all that a principal may name it by. Made once for a pass, as a policy may name hundreds.
#[derive(Debug)]
pub(super) struct CallerForms {
    /// Where the whole ARN is known.
    known: Option<KnownCaller>,
    itself: Vec<Token>,
    /// The role of its session, or the user behind it, without a path and with any.
    behind: Vec<Vec<Token>>,
    /// Its account's number and its root; nothing where the ARN is not known that far.
    account: Vec<Vec<Token>>,
}

/// The ARN of a caller that is known.
#[derive(Debug)]
struct KnownCaller {
    itself: String,
    parts: Option<KnownParts>,
}

#[derive(Debug)]
struct KnownParts {
    account: String,
    /// What the ARNs of its account's users and roles begin with.
    head: String,
    /// What stands behind its session: `role/` or `user/`, and the name.
    behind: Option<(&'static str, String)>,
}

impl KnownCaller {
    fn new(caller: &str) -> Self {
        let parts = || {
            let mut pieces = caller.splitn(6, ':').skip(1);
            let (partition, account) = (pieces.next()?, pieces.nth(2)?);
            let resource = pieces.next()?;
            let behind = if let Some(rest) = resource.strip_prefix("assumed-role/") {
                rest.split('/').next().map(|name| ("role/", name))
            } else {
                let name = resource.strip_prefix("federated-user/");
                name.map(|name| ("user/", name))
            };
            Some(KnownParts {
                head: format!("arn:{partition}:iam::{account}:"),
                account: account.to_owned(),
                behind: behind.map(|(kind, name)| (kind, name.to_owned())),
            })
        };
        KnownCaller {
            parts: parts(),
            itself: caller.to_owned(),
        }
    }

    /// How a principal names it.
    fn named_by(&self, principal: &str) -> Named {
        let mut named = Named {
            everybody: Match::from(principal == "*"),
            itself: Match::from(principal == self.itself),
            ..Named::NO
        };
        let Some(parts) = self.parts.as_ref().filter(|_| !principal.contains('*')) else {
            return named;
        };
        if principal == parts.account {
            named.account = Match::Yes;
            return named;
        }
        let Some(target) = principal.strip_prefix(&parts.head) else {
            return named;
        };
        named.account = Match::from(target == "root");
        named.behind = Match::from(parts.behind.as_ref().is_some_and(|(kind, name)| {
            target
                .strip_prefix(kind)
                .is_some_and(|path| path.rsplit('/').next() == Some(name))
        }));
        named
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    fn by(principal: &str, caller: &str) -> Named {
        KnownCaller::new(caller).named_by(principal)
    }

    #[test]
    fn a_principal_names_a_caller_itself_or_what_stands_behind_it() {
        let session = "arn:aws:sts::111122223333:assumed-role/R/s";
        let behind = |principal| by(principal, session).behind;
        assert_eq!(behind("arn:aws:iam::111122223333:role/R"), Match::Yes);
        assert_eq!(behind("arn:aws:iam::111122223333:role/path/R"), Match::Yes);
        assert_eq!(behind("arn:aws:iam::111122223333:role/R2"), Match::No);
        assert_eq!(behind("arn:aws:iam::444455556666:role/R"), Match::No);
        assert_eq!(behind("arn:aws-cn:iam::111122223333:role/R"), Match::No);
        assert_eq!(behind("arn:aws:iam::111122223333:role/*"), Match::No);
        assert_eq!(by(session, session).itself, Match::Yes);
        assert_eq!(
            by("arn:aws:sts::111122223333:assumed-role/R/*", session).itself,
            Match::No
        );
    }

    #[test]
    fn an_account_is_its_number_or_its_root() {
        let user = "arn:aws:iam::111122223333:user/Bob";
        for principal in ["111122223333", "arn:aws:iam::111122223333:root"] {
            assert_eq!(by(principal, user).account, Match::Yes, "{principal}");
        }
        for principal in [
            "444455556666",
            "arn:aws:iam::1111:root",
            "arn:aws:iam::111122223333:user/bob",
        ] {
            assert_eq!(by(principal, user).account, Match::No, "{principal}");
            assert_eq!(by(principal, user).itself, Match::No, "{principal}");
        }
    }
}
