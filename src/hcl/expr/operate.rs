//! Operators and conditionals.

use std::cmp::Ordering;

use hcl_edit::expr::{BinaryOp, BinaryOperator, Conditional, UnaryOp, UnaryOperator};

use super::logic::equal;
use super::{Outcome, Run};
use crate::hcl::number::Number;
use crate::hcl::scope::Problem;
use crate::hcl::typed::{
    Data, Element, Entry, Mapping, MappingKind, Sequence, SequenceKind, Typed,
};
use crate::hcl::types::Type;
use crate::source::Origin;
use crate::value::Presence;

impl Run<'_, '_> {
    pub(super) fn unary(&mut self, operation: &UnaryOp, at: &Origin) -> Outcome {
        let value = self.eval(&operation.expr)?;
        let sensitive = value.is_sensitive();
        let result = match operation.operator.value() {
            UnaryOperator::Neg => match self.number_of(&value, &value.origin)? {
                Some(number) => Typed::number(number.negated(), at.clone()),
                None => self.derive("-", &[&value], Type::Number, at.clone()),
            },
            UnaryOperator::Not => {
                let converted = self.convert(value.clone(), &Type::Bool, &value.origin)?;
                match converted.data {
                    Data::Bool(it) => Typed::bool(!it, at.clone()),
                    Data::Null(_) => {
                        return Err(Problem::new("argument must not be null", &value.origin));
                    }
                    _ => self.derive("!", &[&value], Type::Bool, at.clone()),
                }
            }
        };
        Ok(result.marked(sensitive))
    }

    pub(super) fn binary(&mut self, operation: &BinaryOp, at: &Origin) -> Outcome {
        let operator = *operation.operator.value();
        let left = self.eval(&operation.lhs_expr)?;
        if matches!(operator, BinaryOperator::And | BinaryOperator::Or) {
            return self.connect(operation, operator, &left, at);
        }
        let right = self.eval(&operation.rhs_expr)?;
        let sensitive = left.is_sensitive() || right.is_sensitive();
        let result = match operator {
            BinaryOperator::Eq | BinaryOperator::NotEq => {
                let wanted = operator == BinaryOperator::Eq;
                match equal(&left, &right) {
                    Some(same) => Typed::bool(same == wanted, at.clone()),
                    None => {
                        self.derive(operator.as_str(), &[&left, &right], Type::Bool, at.clone())
                    }
                }
            }
            _ => self.arithmetic(operator, &left, &right, at)?,
        };
        Ok(result.marked(sensitive))
    }

    /// `&&` and `||`, whose right side is not evaluated where the left one decides.
    fn connect(
        &mut self,
        operation: &BinaryOp,
        operator: BinaryOperator,
        left: &Typed,
        at: &Origin,
    ) -> Outcome {
        let decides = operator == BinaryOperator::Or;
        let first = self.truth(left)?;
        if first == Some(decides) {
            return Ok(Typed::bool(decides, at.clone()).marked(left.is_sensitive()));
        }
        let right = self.eval(&operation.rhs_expr)?;
        let sensitive = left.is_sensitive() || right.is_sensitive();
        let result = match (first, self.truth(&right)?) {
            (_, Some(second)) if second == decides => Typed::bool(decides, at.clone()),
            (Some(_), Some(_)) => Typed::bool(!decides, at.clone()),
            _ => self.derive(operator.as_str(), &[left, &right], Type::Bool, at.clone()),
        };
        Ok(result.marked(sensitive))
    }

    fn truth(&mut self, value: &Typed) -> Result<Option<bool>, Problem> {
        match self
            .convert(value.clone(), &Type::Bool, &value.origin)?
            .data
        {
            Data::Bool(it) => Ok(Some(it)),
            Data::Null(_) => Err(Problem::new("argument must not be null", &value.origin)),
            _ => Ok(None),
        }
    }

    fn arithmetic(
        &mut self,
        operator: BinaryOperator,
        left: &Typed,
        right: &Typed,
        at: &Origin,
    ) -> Outcome {
        use BinaryOperator::{Div, Greater, GreaterEq, Less, LessEq, Minus, Mod, Mul, Plus};
        let (a, b) = (
            self.number_of(left, &left.origin)?,
            self.number_of(right, &right.origin)?,
        );
        let compares = matches!(operator, Greater | GreaterEq | Less | LessEq);
        let (Some(a), Some(b)) = (a, b) else {
            let kind = if compares { Type::Bool } else { Type::Number };
            return Ok(self.derive(operator.as_str(), &[left, right], kind, at.clone()));
        };
        if compares {
            let order = a.cmp(&b);
            let holds = match operator {
                Greater => order == Ordering::Greater,
                GreaterEq => order != Ordering::Less,
                Less => order == Ordering::Less,
                _ => order != Ordering::Greater,
            };
            return Ok(Typed::bool(holds, at.clone()));
        }
        if matches!(operator, Div | Mod) && b.is_zero() {
            return Err(Problem::new("division by zero", at));
        }
        let result = match operator {
            Plus => a.add(&b),
            Minus => a.sub(&b),
            Mul => a.mul(&b),
            Mod => a.rem(&b),
            _ => a.div(&b),
        };
        made(result, at)
    }

    /// `a ? b : c`. Both are evaluated, as both decide the type; an error of the one that is not taken is none.
    pub(super) fn conditional(&mut self, it: &Conditional, at: &Origin) -> Outcome {
        let condition = self.eval(&it.cond_expr)?;
        let place = self.origin(&it.cond_expr);
        let known = self.condition(&condition, &place)?;
        let then = self.eval(&it.true_expr);
        let doubts = self.doubts;
        let other = self.eval(&it.false_expr);
        let result = match known {
            Some(taken) => {
                if taken {
                    self.doubts = doubts;
                }
                let (taken, left) = if taken {
                    (then?, other)
                } else {
                    (other?, then)
                };
                match left.map(|left| left.ty()) {
                    Ok(left) => self.alike(taken, &left, at)?,
                    Err(_) => taken,
                }
            }
            None => match (then, other) {
                (Ok(then), Ok(other)) => self.either(&condition, &then, &other, at)?,
                (Err(problem), Err(_)) => return Err(problem),
                // Terraform cannot tell yet whether this is an error.
                (Ok(only), Err(_)) | (Err(_), Ok(only)) => {
                    self.derive("?:", &[&condition, &only], only.ty(), at.clone())
                }
            },
        };
        Ok(result.marked(condition.is_sensitive()))
    }

    /// Converts the branch that is taken to the type that both have in common.
    fn alike(&mut self, taken: Typed, left: &Type, at: &Origin) -> Outcome {
        let own = taken.ty();
        if own == *left || *left == Type::Dynamic {
            return Ok(taken);
        }
        let Some(common) = Type::unify([&own, left]) else {
            let message = "the true and false result expressions must have consistent types";
            return Err(Problem::new(message, at));
        };
        self.convert(taken, &common, at)
    }

    /// One of two values, and nobody knows which: what both agree on is known.
    fn either(&mut self, condition: &Typed, then: &Typed, other: &Typed, at: &Origin) -> Outcome {
        let common = Type::unify([&then.ty(), &other.ty()]);
        if equal(then, other) == Some(true) && then.ty() == other.ty() {
            return Ok(then.clone());
        }
        Ok(match (&then.data, &other.data) {
            (Data::Sequence(a), Data::Sequence(b)) if !matches!(a.kind, SequenceKind::Set(_)) => {
                self.either_items(condition, a, b, at)
            }
            (Data::Mapping(a), Data::Mapping(b)) => self.either_members(condition, a, b, at),
            _ => {
                let Some(common) = common else {
                    let message =
                        "the true and false result expressions must have consistent types";
                    return Err(Problem::new(message, at));
                };
                let value = self.derive("?:", &[condition, then, other], common, at.clone());
                self.mean_either(&value, "?", condition, [then, other], at)?;
                value
            }
        })
    }

    /// The items of both lists, each of which may be there.
    fn either_items(
        &mut self,
        condition: &Typed,
        then: &Sequence,
        other: &Sequence,
        at: &Origin,
    ) -> Typed {
        let mut items = Vec::new();
        for (name, side) in [("?", then), ("!", other)] {
            let maybe = self.derived_presence(name, &[condition]);
            for item in &side.items {
                let presence = match item.presence {
                    Presence::Maybe(inner) => {
                        let inner = Typed::unknown(inner, Type::Bool, at.clone());
                        self.derived_presence(name, &[condition, &inner])
                    }
                    Presence::Present => maybe,
                    Presence::Absent => continue,
                };
                let value = item.value.clone();
                items.push(Element { presence, value });
            }
        }
        let kind = SequenceKind::Tuple;
        let rest = self.either_rest(then.rest.clone(), other.rest.as_ref());
        Typed::new(Data::Sequence(Sequence { kind, items, rest }), at.clone())
    }

    /// The members of both objects: those of one of them may be there, those of both are there.
    fn either_members(
        &mut self,
        condition: &Typed,
        then: &Mapping,
        other: &Mapping,
        at: &Origin,
    ) -> Typed {
        let mut entries = std::collections::BTreeMap::new();
        let keys = then.entries.keys().chain(other.entries.keys());
        for key in keys.collect::<std::collections::BTreeSet<_>>() {
            let entry = match (then.entries.get(key), other.entries.get(key)) {
                (Some(a), Some(b)) => {
                    let value = match self.either(condition, &a.value, &b.value, at) {
                        Ok(value) => value,
                        Err(_) => self.derive(
                            "?:",
                            &[condition, &a.value, &b.value],
                            Type::Dynamic,
                            at.clone(),
                        ),
                    };
                    let presence = match (a.presence, b.presence) {
                        (Presence::Present, Presence::Present) => Presence::Present,
                        _ => self.derived_presence("?:", &[condition]),
                    };
                    Entry {
                        presence,
                        value,
                        ..a.clone()
                    }
                }
                (Some(only), None) => Entry {
                    presence: self.derived_presence("?", &[condition]),
                    ..only.clone()
                },
                (None, Some(only)) => Entry {
                    presence: self.derived_presence("!", &[condition]),
                    ..only.clone()
                },
                (None, None) => continue,
            };
            entries.insert(key.clone(), entry);
        }
        let kind = MappingKind::Object;
        let rest = then.rest.clone().or_else(|| other.rest.clone());
        let mapping = Mapping {
            kind,
            entries,
            rest,
        };
        Typed::new(Data::Mapping(mapping), at.clone())
    }
}

/// The result of arithmetic, if it is within reach.
pub(in crate::hcl) fn made(number: Option<Number>, at: &Origin) -> Outcome {
    match number {
        Some(number) => Ok(Typed::number(number, at.clone())),
        None => Err(Problem::new(
            "this number is too large to be worked with",
            at,
        )),
    }
}
