//! Condition operators, and one comparison of a policy's value with a request's.
//!
//! Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Conditions with multiple context keys or values".

use super::Open;
use super::element::Values;
use super::pattern::Colons;
use super::scalar::{Decimal, Range, Time, boolean, bytes};
use super::variables::Syntax;
use crate::source::Origin;
use crate::value::Presence;

/// A condition operator, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operator {
    /// What it compares.
    pub family: Family,
    /// `Not`
    pub negated: bool,
    /// `ForAllValues:` or `ForAnyValue:`
    pub quantifier: Option<Quantifier>,
    /// `IfExists`
    pub if_exists: bool,
}

/// The families of operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Family {
    /// Strings, letter by letter or without regard to case.
    String {
        /// Without regard to case.
        folded: bool,
    },
    /// Strings with wildcards.
    Like,
    /// ARNs, segment by segment; `ArnEquals` and `ArnLike` are the same.
    Arn,
    /// Numbers.
    Numeric(Relation),
    /// Points in time.
    Date(Relation),
    /// Booleans.
    Bool,
    /// Bytes in base64.
    Binary,
    /// IP addresses and ranges.
    Ip,
    /// Whether the key is absent.
    Null,
}

/// How two ordered values relate: request to policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Relation {
    /// `Equals`
    Equal,
    /// `LessThan`
    Less,
    /// `LessThanEquals`
    AtMost,
    /// `GreaterThan`
    Greater,
    /// `GreaterThanEquals`
    AtLeast,
}

/// The set operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantifier {
    /// `ForAllValues:`
    All,
    /// `ForAnyValue:`
    Any,
}

/// Why a name is no operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BadOperator {
    /// No such operator.
    Unknown,
    /// `NullIfExists`
    NullIfExists,
    /// An operator in another case than AWS writes it; undocumented.
    Case,
}

/// The names of the operators in AWS's spelling, without prefix and suffix.
const NAMES: [(&str, Family, bool); 27] = {
    use Relation::{AtLeast, AtMost, Equal, Greater, Less};
    const EXACT: Family = Family::String { folded: false };
    const FOLDED: Family = Family::String { folded: true };
    [
        ("StringEquals", EXACT, false),
        ("StringNotEquals", EXACT, true),
        ("StringEqualsIgnoreCase", FOLDED, false),
        ("StringNotEqualsIgnoreCase", FOLDED, true),
        ("StringLike", Family::Like, false),
        ("StringNotLike", Family::Like, true),
        ("ArnEquals", Family::Arn, false),
        ("ArnLike", Family::Arn, false),
        ("ArnNotEquals", Family::Arn, true),
        ("ArnNotLike", Family::Arn, true),
        ("NumericEquals", Family::Numeric(Equal), false),
        ("NumericNotEquals", Family::Numeric(Equal), true),
        ("NumericLessThan", Family::Numeric(Less), false),
        ("NumericLessThanEquals", Family::Numeric(AtMost), false),
        ("NumericGreaterThan", Family::Numeric(Greater), false),
        ("NumericGreaterThanEquals", Family::Numeric(AtLeast), false),
        ("DateEquals", Family::Date(Equal), false),
        ("DateNotEquals", Family::Date(Equal), true),
        ("DateLessThan", Family::Date(Less), false),
        ("DateLessThanEquals", Family::Date(AtMost), false),
        ("DateGreaterThan", Family::Date(Greater), false),
        ("DateGreaterThanEquals", Family::Date(AtLeast), false),
        ("Bool", Family::Bool, false),
        ("BinaryEquals", Family::Binary, false),
        ("IpAddress", Family::Ip, false),
        ("NotIpAddress", Family::Ip, true),
        ("Null", Family::Null, false),
    ]
};

impl Operator {
    /// The names of all operators, without set operator and `IfExists`.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().map(|(name, ..)| *name)
    }

    /// Reads an operator's name.
    pub(super) fn read(name: &str) -> Result<Self, BadOperator> {
        let (quantifier, rest) = match name.split_once(':') {
            Some(("ForAllValues", rest)) => (Some(Quantifier::All), rest),
            Some(("ForAnyValue", rest)) => (Some(Quantifier::Any), rest),
            Some((prefix, rest))
                if ["forallvalues", "foranyvalue"].contains(&&*prefix.to_ascii_lowercase()) =>
            {
                // Neither of the two changes what may follow.
                return match Self::read(&format!("ForAnyValue:{rest}")) {
                    Ok(_) => Err(BadOperator::Case),
                    Err(error) => Err(error),
                };
            }
            Some(_) => return Err(BadOperator::Unknown),
            None => (None, name),
        };
        let (base, if_exists) = match rest.strip_suffix("IfExists") {
            Some(base) => (base, true),
            None => (rest, false),
        };
        let Some((_, family, negated)) = NAMES.iter().find(|(known, ..)| *known == base) else {
            let lower = rest.to_ascii_lowercase();
            let base = lower.strip_suffix("ifexists").unwrap_or(&lower);
            let known = NAMES
                .iter()
                .any(|(known, ..)| known.eq_ignore_ascii_case(base));
            return Err(if known {
                BadOperator::Case
            } else {
                BadOperator::Unknown
            });
        };
        if *family == Family::Null && if_exists {
            return Err(BadOperator::NullIfExists);
        }
        Ok(Operator {
            family: *family,
            negated: *negated,
            quantifier,
            if_exists,
        })
    }
}

impl Family {
    /// How the values of a policy are read under this operator.
    pub(super) fn syntax(self, variables: bool) -> Syntax {
        let (wildcards, colons, folded) = match self {
            Family::Like => (true, Colons::Plain, false),
            Family::Arn => (true, Colons::Divide, false),
            Family::String { folded } => (false, Colons::Plain, folded),
            _ => return Syntax::EXACT,
        };
        Syntax {
            wildcards,
            colons,
            folded,
            variables,
        }
    }

    /// True where values are compared as texts.
    pub(super) fn is_textual(self) -> bool {
        matches!(self, Family::String { .. } | Family::Like | Family::Arn)
    }

    /// Whether a request's value and a policy's value, both known, meet. Texts are compared elsewhere.
    pub(super) fn meets(self, request: &str, policy: &Constant) -> bool {
        match (self, policy) {
            (Family::Numeric(relation), Constant::Number(wanted)) => {
                Decimal::read(request).is_some_and(|it| relation.holds(it.cmp(wanted)))
            }
            (Family::Date(relation), Constant::Time(wanted)) => {
                Time::read(request).is_some_and(|it| relation.holds(it.cmp(wanted)))
            }
            (Family::Bool, Constant::Bool(wanted)) => boolean(request) == Some(*wanted),
            (Family::Binary, Constant::Bytes(wanted)) => {
                bytes(request).is_some_and(|it| it == *wanted)
            }
            (Family::Ip, Constant::Range(wanted)) => {
                Range::read(request).is_some_and(|it| wanted.holds(&it))
            }
            _ => false,
        }
    }

    /// Reads a policy's value.
    pub(super) fn constant(self, text: &str) -> Constant {
        let read = match self {
            Family::Numeric(_) => Decimal::read(text).map(Constant::Number),
            Family::Date(_) => Time::read(text).map(Constant::Time),
            Family::Bool | Family::Null => boolean(text).map(Constant::Bool),
            Family::Binary => bytes(text).map(Constant::Bytes),
            Family::Ip => Range::read(text).map(Constant::Range),
            Family::String { .. } | Family::Like | Family::Arn => None,
        };
        read.unwrap_or(Constant::None)
    }
}

impl Relation {
    fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Relation::Equal => order.is_eq(),
            Relation::Less => order.is_lt(),
            Relation::AtMost => order.is_le(),
            Relation::Greater => order.is_gt(),
            Relation::AtLeast => order.is_ge(),
        }
    }
}

/// A policy's value that is no text, read once.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Constant {
    /// Not a value of the operator's kind: it matches nothing.
    None,
    /// A number.
    Number(Decimal),
    /// A point in time.
    Time(Time),
    /// A boolean.
    Bool(bool),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Addresses.
    Range(Range),
}

/// One key under one operator.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    /// The operator as it was written.
    pub name: String,
    /// The operator; none where its case is not AWS's and nobody documents what that does.
    pub operator: Option<Operator>,
    /// The key, lower-cased.
    pub key: String,
    /// The key as it was written.
    pub shown: String,
    /// Where the key was written.
    pub key_at: Origin,
    /// Whether the condition is there.
    pub presence: Presence,
    /// The values, any of which may match.
    pub values: Values,
    /// The values as constants, beside `values`; empty for textual operators.
    pub constants: Vec<Option<Constant>>,
}

/// A part of a condition block that is not known: there may be more conditions.
#[derive(Clone, Debug)]
pub(super) struct Unread {
    /// The unknown rest.
    pub open: Open,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::*;

    #[test]
    fn every_name_is_that_of_an_operator() {
        let all: Vec<&str> = Operator::names().collect();
        assert!(all.contains(&"StringEquals") && all.contains(&"Null") && all.len() > 20);
        for name in all {
            assert!(Operator::read(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn operators_are_taken_apart() {
        let read = |name| Operator::read(name).unwrap();
        assert_eq!(
            read("ForAllValues:StringNotLikeIfExists"),
            Operator {
                family: Family::Like,
                negated: true,
                quantifier: Some(Quantifier::All),
                if_exists: true
            }
        );
        assert_eq!(read("ArnEquals").family, read("ArnLike").family);
        assert!(read("NotIpAddress").negated);
        for (name, error) in [
            ("StringIs", BadOperator::Unknown),
            ("ForSome:StringEquals", BadOperator::Unknown),
            ("NullIfExists", BadOperator::NullIfExists),
            ("stringequals", BadOperator::Case),
            ("foranyvalue:StringLike", BadOperator::Case),
            ("forallvalues:StringLike", BadOperator::Case),
            ("foranyvalue:StringIs", BadOperator::Unknown),
            ("forallvalues:NullIfExists", BadOperator::NullIfExists),
            ("StringEqualsifexists", BadOperator::Case),
        ] {
            assert_eq!(Operator::read(name), Err(error), "{name}");
        }
    }

    #[test]
    fn values_of_the_wrong_kind_meet_nothing() {
        let meets = |name: &str, request: &str, policy: &str| {
            let family = Operator::read(name).unwrap().family;
            family.meets(request, &family.constant(policy))
        };
        assert!(meets("NumericEquals", "10.0", "010"));
        assert!(!meets("NumericEquals", "abc", "abc"));
        assert!(meets("DateLessThan", "2024-01-01T00:00:00Z", "1735689600"));
        for (name, below, same, above) in [
            ("NumericEquals", false, true, false),
            ("NumericLessThan", true, false, false),
            ("NumericLessThanEquals", true, true, false),
            ("NumericGreaterThan", false, false, true),
            ("NumericGreaterThanEquals", false, true, true),
            ("DateEquals", false, true, false),
            ("DateLessThan", true, false, false),
            ("DateLessThanEquals", true, true, false),
            ("DateGreaterThan", false, false, true),
            ("DateGreaterThanEquals", false, true, true),
        ] {
            let found = ["1", "2", "3"].map(|request| meets(name, request, "2"));
            assert_eq!(found, [below, same, above], "{name}");
        }
        assert!(meets("Bool", "TRUE", "true"));
        assert!(!meets("Bool", "yes", "yes"));
        assert!(meets("BinaryEquals", "QmluYXJ5", "QmluYXJ5"));
        assert!(!meets("IpAddress", "10.0.0.1", "::/0"));
    }
}
