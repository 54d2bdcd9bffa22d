//! Types and marks: `tostring` and its kin, `sensitive`, and what nobody can know.

use super::Call;
use crate::hcl::expr::{Outcome, Run};
use crate::hcl::typed::{Data, Typed};
use crate::hcl::types::Type;
use crate::value::Text;

fn to(run: &mut Run<'_, '_>, call: &Call, kind: &Type) -> Outcome {
    let value = call.value(0)?;
    run.convert(value.clone(), kind, &value.origin)
}

pub(super) fn tostring(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    to(run, call, &Type::String)
}

pub(super) fn tonumber(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    to(run, call, &Type::Number)
}

pub(super) fn tobool(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    to(run, call, &Type::Bool)
}

pub(super) fn tolist(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    to(run, call, &Type::list(Type::Dynamic))
}

pub(super) fn toset(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    to(run, call, &Type::set(Type::Dynamic))
}

pub(super) fn tomap(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    to(run, call, &Type::map(Type::Dynamic))
}

/// `ephemeralasnull`: what is ephemeral is nowhere in a policy.
pub(super) fn identity(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    call.value(0).cloned()
}

pub(super) fn sensitive(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    Ok(call.value(0)?.clone().marked(true))
}

pub(super) fn issensitive(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    Ok(call.bool(call.value(0)?.sensitive))
}

/// Takes the mark off the value and all that is in it.
pub(super) fn nonsensitive(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    Ok(unmarked(call.value(0)?.clone()))
}

/// Marking marks all that is in a value, so unmarking unmarks all.
fn unmarked(mut value: Typed) -> Typed {
    value.sensitive = false;
    match &mut value.data {
        Data::Text(text) => {
            let mut parts = text.parts().to_vec();
            for part in &mut parts {
                part.sensitive = false;
            }
            *text = Text::from_parts(parts);
        }
        Data::Sequence(it) => {
            for item in &mut it.items {
                item.value = unmarked(item.value.clone());
            }
        }
        Data::Mapping(it) => {
            for entry in it.entries.values_mut() {
                entry.value = unmarked(entry.value.clone());
            }
        }
        _ => {}
    }
    value
}

/// `timestamp`, `uuid` and the like.
pub(super) fn unknowable(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let reason = match call.name.as_str() {
        "bcrypt" => "it is made with a new random salt each time",
        "rsadecrypt" => "keytrail decrypts nothing",
        "uuid" => "it is new each time",
        _ => "only the run of Terraform knows the time",
    };
    let sensitive = call.values.iter().any(Typed::is_sensitive);
    let value = run.unknowable(&call.name, reason, Type::String, call.at.clone());
    Ok(value.marked(sensitive))
}
