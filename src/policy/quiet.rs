//! The `{:?}` of what holds texts of a policy: without them, as a policy may be sensitive as a whole, which only its key knows.

use std::fmt::{Debug, Formatter, Result};

use super::exposure::{Carried, Witness};
use super::{
    Canonical, Case, Clause, Decision, Failed, Fixed, Issue, NamedCondition, NamedPrincipal,
    Outcome, Policy, Statement, Texted, Written,
};

/// Shows some fields, and that there are more.
macro_rules! shows {
    ($($name:ident: $($field:ident),*;)*) => {$(
        impl Debug for $name {
            fn fmt(&self, f: &mut Formatter<'_>) -> Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($field), &self.$field))*.finish_non_exhaustive()
            }
        }
    )*};
}

/// The same for what borrows.
macro_rules! shows_borrowed {
    ($($name:ident: $($field:ident),*;)*) => {$(
        impl Debug for $name<'_> {
            fn fmt(&self, f: &mut Formatter<'_>) -> Result {
                f.debug_struct(stringify!($name))$(.field(stringify!($field), &self.$field))*.finish_non_exhaustive()
            }
        }
    )*};
}

shows! {
    Policy: kind, open, unknown, rejected, origin;
    Statement: effect, presence, origin;
    Issue: kind, at, statement;
    Decision: verdict, explicit, cases, blocked_by, statements;
    Case: when, verdict, explicit;
    Fixed: symbol, present;
    Outcome: index, matches;
    Failed: element;
    Canonical: ;
    Witness: action, allowed_at_home, statement, hidden;
    Carried: list;
}

shows_borrowed! {
    Written: presence, at;
    Texted: negated;
    Clause: ;
    NamedPrincipal: ;
    NamedCondition: ;
}
