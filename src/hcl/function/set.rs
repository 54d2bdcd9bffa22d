//! Functions of sets.

use super::Call;
use super::list::item_type;
use crate::hcl::expr::{Outcome, Run, equal};
use crate::hcl::scope::Problem;
use crate::hcl::typed::{SequenceKind, Typed};
use crate::hcl::types::Type;

/// The sets of all arguments as lists in the type that all have in common, and that type.
fn sets(run: &mut Run<'_, '_>, call: &Call) -> Result<(Vec<Vec<Typed>>, Type), Problem> {
    let types: Vec<Type> = call.values.iter().map(item_type).collect();
    let Some(of) = Type::unify(&types) else {
        return Err(call.wrong("given sets must all have compatible element types"));
    };
    let mut out = Vec::new();
    for at in 0..call.values.len() {
        let mut set = Vec::new();
        for item in call.items(at)? {
            set.push(run.convert(item.clone(), &of, &item.origin)?);
        }
        out.push(set);
    }
    Ok((out, of))
}

fn made(run: &mut Run<'_, '_>, call: &Call, of: &Type, items: Vec<Typed>) -> Outcome {
    let list = Typed::sequence(SequenceKind::Tuple, items, call.at.clone());
    run.convert(list, &Type::set(of.clone()), &call.at)
}

pub(super) fn union(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let (sets, of) = sets(run, call)?;
    made(run, call, &of, sets.into_iter().flatten().collect())
}

fn holds(set: &[Typed], item: &Typed) -> bool {
    set.iter().any(|it| equal(it, item) == Some(true))
}

pub(super) fn intersection(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let (sets, of) = sets(run, call)?;
    let (first, others) = sets
        .split_first()
        .ok_or_else(|| call.wrong("it needs a set"))?;
    let common = first
        .iter()
        .filter(|item| others.iter().all(|set| holds(set, item)));
    made(run, call, &of, common.cloned().collect())
}

pub(super) fn subtract(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let (sets, of) = sets(run, call)?;
    let (first, others) = sets
        .split_first()
        .ok_or_else(|| call.wrong("it needs a set"))?;
    let left = first
        .iter()
        .filter(|item| !others.iter().any(|set| holds(set, item)));
    made(run, call, &of, left.cloned().collect())
}

/// All combinations: a set of tuples of sets, else a list.
pub(super) fn product(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    if call.values.len() < 2 {
        return Err(call.wrong("at least two arguments are required"));
    }
    let mut rows: Vec<Vec<Typed>> = vec![Vec::new()];
    let mut types = Vec::new();
    let mut all_sets = true;
    for value in &call.values {
        all_sets &= matches!(value.ty(), Type::Set(_));
        let value = run.convert(value.clone(), &Type::list(Type::Dynamic), &value.origin)?;
        let of = item_type(&value);
        let column = Call {
            name: call.name.clone(),
            values: vec![value],
            at: call.at.clone(),
        };
        let column = column.items(0)?.into_iter().cloned().collect::<Vec<_>>();
        run.spend(rows.len().saturating_mul(column.len()), &call.at)?;
        let longer = |row: Vec<Typed>| {
            let with = |item: &Typed| row.iter().chain([item]).cloned().collect::<Vec<_>>();
            column.iter().map(with).collect::<Vec<_>>()
        };
        rows = rows.into_iter().flat_map(longer).collect();
        types.push(of);
    }
    let of = Type::Tuple(types);
    let items: Vec<Typed> = rows
        .into_iter()
        .map(|row| Typed::tuple(row, call.at.clone()))
        .collect();
    if all_sets {
        return made(run, call, &of, items);
    }
    Ok(Typed::sequence(
        SequenceKind::List(of),
        items,
        call.at.clone(),
    ))
}
