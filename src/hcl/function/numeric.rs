//! Functions of numbers.

use super::Call;
use crate::hcl::expr::{Outcome, Run, made};
use crate::hcl::number::Number;
use crate::hcl::scope::Problem;
use crate::hcl::typed::{Data, SequenceKind, Typed};
use crate::hcl::types::Type;

/// The most numbers that `range` gives, as in Terraform.
const LONGEST_RANGE: usize = 1024;

fn number(call: &Call, at: usize) -> Result<&Number, Problem> {
    match &call.value(at)?.data {
        Data::Number(number) => Ok(number),
        _ => Err(call.wrong_at(at, "a number is required")),
    }
}

fn numbers(call: &Call) -> Result<Vec<&Number>, Problem> {
    (0..call.values.len()).map(|at| number(call, at)).collect()
}

fn give(call: &Call, number: Number) -> Typed {
    Typed::number(number, call.at.clone())
}

pub(super) fn abs(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    Ok(give(call, number(call, 0)?.clone().abs()))
}

pub(super) fn ceil(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    Ok(give(call, number(call, 0)?.ceil()))
}

pub(super) fn floor(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    Ok(give(call, number(call, 0)?.floor()))
}

pub(super) fn max(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let most = numbers(call)?.into_iter().max().cloned();
    most.map(|it| give(call, it))
        .ok_or_else(|| call.wrong("it needs a number"))
}

pub(super) fn min(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let least = numbers(call)?.into_iter().min().cloned();
    least
        .map(|it| give(call, it))
        .ok_or_else(|| call.wrong("it needs a number"))
}

pub(super) fn signum(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let number = number(call, 0)?;
    let one = Number::from_usize(1);
    Ok(give(
        call,
        match (number.is_zero(), number.is_negative()) {
            (true, _) => Number::zero(),
            (_, true) => one.negated(),
            _ => one,
        },
    ))
}

/// Terraform works these two out in floating point of 64 bits.
fn float(call: &Call, value: f64) -> Outcome {
    let number = Number::from_f64(value).map(|number| give(call, number));
    number.ok_or_else(|| call.wrong("the result is not a finite number"))
}

pub(super) fn log(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let (of, base) = (number(call, 0)?.to_f64(), number(call, 1)?.to_f64());
    float(call, of.ln() / base.ln())
}

pub(super) fn pow(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let (of, power) = (number(call, 0)?.to_f64(), number(call, 1)?.to_f64());
    float(call, of.powf(power))
}

pub(super) fn parseint(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    if call.value(0)?.ty() != Type::String {
        return Err(call.wrong_at(0, "first argument must be a string"));
    }
    let base = call.integer(1)?;
    if !(2..=62).contains(&base) {
        return Err(call.wrong_at(1, "base must be a whole number between 2 and 62 inclusive"));
    }
    let number = Number::parse_radix(&call.text(0), u32::try_from(base).unwrap_or(10));
    let number = number.map(|number| give(call, number));
    number.ok_or_else(|| call.wrong_at(0, format!("it is no integer of base {base}")))
}

pub(super) fn range(_: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let one = Number::from_usize(1);
    let given = numbers(call)?;
    let zero = Number::zero();
    let (start, end, step) = match given.as_slice() {
        [end] if end.is_negative() => (&zero, *end, one.negated()),
        [end] => (&zero, *end, one),
        [start, end] if end < start => (*start, *end, one.negated()),
        [start, end] => (*start, *end, one),
        [start, end, step] => (*start, *end, (*step).clone()),
        _ => return Err(call.wrong("it takes one, two or three numbers")),
    };
    let up = start < end;
    if step.is_zero() || start != end && up == step.is_negative() {
        let message = "the step must not be zero and must lead from the start to the end";
        return Err(call.wrong(message));
    }
    let mut items = Vec::new();
    let mut next = start.clone();
    while if step.is_negative() {
        &next > end
    } else {
        &next < end
    } {
        if items.len() >= LONGEST_RANGE {
            let message = "more than 1024 values were generated; either decrease the difference between start and end or use a larger step";
            return Err(call.wrong(message));
        }
        items.push(give(call, next.clone()));
        let Data::Number(sum) = made(next.add(&step), &call.at)?.data else {
            break;
        };
        next = sum;
    }
    let kind = SequenceKind::List(Type::Number);
    Ok(Typed::sequence(kind, items, call.at.clone()))
}

pub(super) fn sum(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let mut total: Option<Number> = None;
    for item in call.items(0)? {
        let Some(next) = run.number_of(item, &item.origin)? else {
            return Ok(call.unknown(run, Type::Number));
        };
        let sum = match &total {
            Some(total) => total.add(&next),
            None => Some(next),
        };
        total = Some(sum.ok_or_else(|| call.wrong("the sum is too large"))?);
    }
    match total {
        Some(total) => Ok(give(call, total)),
        None => Err(call.wrong("cannot sum an empty list")),
    }
}
