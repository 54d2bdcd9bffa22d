//! Whom a statement names: services, people, everybody.

use crate::policy::exposure::Answer;
use crate::policy::{PrincipalType, Statement};
use crate::source::Origin;
use crate::value::{PartKind, SymbolId, Text};

/// A service that a statement names.
pub(in crate::rules) struct Service<'s> {
    /// `logs.us-east-1.amazonaws.com`; a region that is not known is taken to be some region.
    pub(in crate::rules) name: String,
    /// Where it is named.
    pub(in crate::rules) at: &'s Origin,
    /// The region that is not known: the service is there whatever it is.
    region: Option<SymbolId>,
}

impl<'s> Service<'s> {
    /// A service of a known name.
    pub(in crate::rules) fn new(name: &str, at: &'s Origin) -> Self {
        Service {
            name: name.to_owned(),
            at,
            region: None,
        }
    }

    /// An answer that hangs on the service's own region hangs on nothing.
    pub(in crate::rules) fn settle(&self, answer: Answer) -> Answer {
        match answer {
            Answer::Unsure(witness, on)
                if self.region.is_some() && on.iter().all(|it| it.symbol == self.region) =>
            {
                Answer::Yes(witness)
            }
            other => other,
        }
    }
}

/// The services that a statement names, each once.
pub(super) fn services(statement: &Statement) -> Vec<Service<'_>> {
    let mut out: Vec<Service<'_>> = Vec::new();
    if statement.names_everybody_but() {
        return out;
    }
    let named = statement.principals();
    for it in named.filter(|it| it.kind == PrincipalType::Service) {
        let (name, region) = match it.text.as_literal() {
            Some(known) => (known.to_owned(), None),
            None => match regional(it.text) {
                Some((name, region)) => (name, Some(region)),
                None => continue,
            },
        };
        if !out.iter().any(|known| known.name == name) {
            out.push(Service {
                name,
                at: it.at,
                region,
            });
        }
    }
    out
}

/// `logs.${region}.amazonaws.com`
fn regional(text: &Text) -> Option<(String, SymbolId)> {
    let [start, region, end] = text.parts() else {
        return None;
    };
    match (&start.kind, &region.kind, &end.kind) {
        (PartKind::Literal(start), PartKind::Symbol(region), PartKind::Literal(end))
            if start.ends_with('.') && end.starts_with(".amazonaws.com") =>
        {
            Some((format!("{start}us-east-1{end}"), *region))
        }
        _ => None,
    }
}

/// The AWS principals that a statement names.
pub(super) fn people(statement: &Statement) -> impl Iterator<Item = (&Text, &Origin)> {
    let named = (!statement.names_everybody_but()).then(|| statement.principals());
    named
        .into_iter()
        .flatten()
        .filter(|it| it.kind == PrincipalType::Aws)
        .map(|it| (it.text, it.at))
}

/// Whether a statement may reach somebody whom it does not name: `*`, a `NotPrincipal`, or a text that may be `*`.
pub(in crate::rules) fn may_reach_everybody(statement: &Statement) -> bool {
    statement.names_everybody_but()
        || statement.principals().any(|it| match it.kind {
            PrincipalType::Aws | PrincipalType::Unknown => {
                let mut parts = it.text.parts().iter();
                // A text that starts with something else is not `*`, whatever follows.
                parts.all(|part| match &part.kind {
                    PartKind::Literal(known) => known.is_empty() || known == "*",
                    PartKind::Symbol(_) | PartKind::Hole(_) => true,
                })
            }
            _ => false,
        })
        || statement.may_name_more()
}
