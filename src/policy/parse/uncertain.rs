//! Statements whose elements are not all known: what is not known may match anything.

use crate::policy::Statement;
use crate::policy::element::{Principals, Texts, Values};
use crate::policy::variables::Syntax;
use crate::source::Origin;
use crate::value::{Member, Presence};

/// True where several members of a kind stand, and nobody knows which of them counts.
pub(super) fn is_contested(members: &[&Member], is_of_kind: impl Fn(&str) -> bool) -> bool {
    let of_kind = || members.iter().filter(|member| is_of_kind(&member.key));
    of_kind().count() > 1 && of_kind().any(|member| member.presence != Presence::Present)
}

impl Statement {
    /// Takes an element (`Resource`, if it is no other) as one that anything matches; the statement is in doubt already.
    pub(super) fn leave_open(&mut self, family: &[&str]) {
        let at = self.origin.clone();
        let body = &mut self.body;
        match family.first() {
            Some(&"Effect") => (self.effect, body.effect) = (None, None),
            Some(&"Principal") => body.principals = Some(nobody_excepted(&at)),
            Some(&"Action") => body.action = Some(anything(Syntax::ACTION, &at)),
            _ => body.resource = Some(anything(Syntax::resource(false), &at)),
        }
    }

    /// Takes the elements that are missing as ones that anything matches: they may be among those that are not known.
    pub(super) fn fill_open(&mut self) {
        for (family, missing) in [
            ("Action", self.body.action.is_none()),
            ("Resource", self.body.resource.is_none()),
            ("Principal", self.body.principals.is_none()),
        ] {
            if missing {
                self.leave_open(&[family]);
            }
        }
    }
}

/// `NotPrincipal` that names nobody.
pub(super) fn nobody_excepted(at: &Origin) -> Principals {
    Principals {
        negated: true,
        lists: Vec::new(),
        at: Some(at.clone()),
    }
}

/// `NotAction` or `NotResource` that names nothing.
fn anything(syntax: Syntax, at: &Origin) -> Texts {
    Texts {
        negated: true,
        values: Values::empty(syntax, at.clone()),
    }
}
