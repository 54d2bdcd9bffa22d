//! What sets policies, for a snapshot.

use super::{Builder, Source, is_key};
use crate::resolve::index::At;
use crate::resolve::link::Linker;
use crate::resolve::scope::Scopes;
use crate::resolve::separate::Separate;
use crate::resolve::{Inputs, Tables};

/// What sets the policy of a key, or what another resource sets as one.
pub(crate) fn effective(
    at: At,
    (inputs, scopes, linker): (Inputs<'_>, &Scopes, &Linker<'_>),
    separate: &Separate,
    tables: &mut Tables<'_>,
) -> Option<Source> {
    let it = linker.resource(at)?;
    let loaded = inputs.loaded.get(at.input)?;
    let builder = Builder {
        at,
        it,
        scope: scopes.of(at.input, &loaded.document, inputs.index.get(at.input)?, it),
        inputs,
        linker,
    };
    if is_key(it) {
        return Some(builder.source(separate, tables).0);
    }
    let set = builder.attribute(at, tables);
    Some(set.unwrap_or_else(|| builder.not_shown()))
}

/// The policy that the configuration sets on a key itself; none where it sets none.
pub(crate) fn configured(
    at: At,
    (inputs, scopes, linker): (Inputs<'_>, &Scopes, &Linker<'_>),
    tables: &mut Tables<'_>,
) -> Option<Source> {
    let it = linker.resource(at)?;
    let loaded = inputs.loaded.get(at.input)?;
    let builder = Builder {
        at,
        it,
        scope: scopes.of(at.input, &loaded.document, inputs.index.get(at.input)?, it),
        inputs,
        linker,
    };
    let set = builder.configured().then(|| builder.attribute(at, tables));
    set.flatten()
}
