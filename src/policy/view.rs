//! What a statement says, element by element, for whoever judges its text and not a request.

use super::bindings::Bindings;
use super::condition::{Condition, Constant, Family, Quantifier};
use super::element::{Entry, PrincipalType, Texts, Values};
use super::matching::Pass;
use super::request::{Caller, Context, Identity, Request};
use super::variables::Form;
use super::work::Work;
use super::{Match, Policy, PolicyKind, Statement};
use crate::source::Origin;
use crate::value::{Presence, Symbols, Text};

/// One text of a statement.
#[derive(Clone)]
pub struct Written<'a> {
    /// The text.
    pub text: &'a Text,
    /// Whether it is there.
    pub presence: Presence,
    /// Where it was written.
    pub at: &'a Origin,
}

/// The texts of `Action`, `Resource` or their `Not` forms.
#[derive(Clone)]
pub struct Texted<'a> {
    /// True for the `Not` form.
    pub negated: bool,
    /// The texts.
    pub texts: Vec<Written<'a>>,
    /// True where more may follow.
    pub open: bool,
    /// The element as a whole.
    pub at: &'a Origin,
}

/// What a condition operator compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compares {
    /// Texts, letter by letter or without regard to case.
    Exact,
    /// Texts with wildcards.
    Like,
    /// ARNs.
    Arn,
    /// Numbers.
    Number,
    /// Points in time.
    Date,
    /// Booleans.
    Bool,
    /// Bytes.
    Bytes,
    /// Addresses.
    Ip,
    /// Whether the key is there.
    Null,
}

/// A condition, taken apart.
#[derive(Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a part of the operator"
)]
pub struct Clause<'a> {
    /// The operator as it was written.
    pub operator: &'a str,
    /// What it compares; none where AWS does not document the spelling.
    pub compares: Option<Compares>,
    /// A `Not` operator.
    pub negated: bool,
    /// `IfExists`
    pub if_exists: bool,
    /// `ForAllValues:`
    pub for_all: bool,
    /// `ForAllValues:` or `ForAnyValue:`
    pub set: bool,
    /// The key as it was written.
    pub key: &'a str,
    /// Where the key was written.
    pub key_at: &'a Origin,
    /// Whether it is there.
    pub presence: Presence,
    /// The values, and for each whether the operator can read it.
    pub values: Vec<(Written<'a>, bool)>,
    /// True where more values may follow.
    pub open: bool,
    /// The list of values.
    pub at: &'a Origin,
}

impl Clause<'_> {
    /// True where the condition fails for a request that lacks the key.
    pub fn needs_the_key(&self) -> bool {
        let null = self.compares == Some(Compares::Null);
        let read = |text: &Text| text.to_literal().map(|it| it.to_ascii_lowercase());
        if null {
            let mut values = self.values.iter();
            return !self.open
                && !self.values.is_empty()
                && values.all(|(it, _)| read(it.text).as_deref() == Some("false"));
        }
        self.compares.is_some() && !self.negated && !self.if_exists && !self.for_all
    }

    /// True for `Null` `true`: the condition fails for a request that has the key.
    pub fn refuses_the_key(&self) -> bool {
        let mut values = self.values.iter();
        self.compares == Some(Compares::Null)
            && !self.open
            && !self.values.is_empty()
            && values.all(|(it, _)| {
                it.text
                    .to_literal()
                    .is_some_and(|it| it.eq_ignore_ascii_case("true"))
            })
    }
}

fn written(entry: &Entry) -> Written<'_> {
    Written {
        text: &entry.pattern.text,
        presence: entry.presence,
        at: &entry.at,
    }
}

fn texted(texts: &Texts) -> Texted<'_> {
    Texted {
        negated: texts.negated,
        texts: texts.values.entries.iter().map(written).collect(),
        open: texts.values.open.is_some(),
        at: &texts.values.at,
    }
}

impl Statement {
    /// `Action` or `NotAction`.
    pub fn actions(&self) -> Option<Texted<'_>> {
        self.body.action.as_ref().map(texted)
    }

    /// `Resource` or `NotResource`.
    pub fn resources(&self) -> Option<Texted<'_>> {
        self.body.resource.as_ref().map(texted)
    }

    /// The types of principals that are listed, each with its texts and whether more may follow.
    pub fn principal_lists(&self) -> impl Iterator<Item = (PrincipalType, Texted<'_>)> {
        let principals = self.body.principals.iter();
        principals.flat_map(|principals| {
            principals.lists.iter().map(|(kind, values)| {
                let texts = Texted {
                    negated: principals.negated,
                    texts: values.entries.iter().map(written).collect(),
                    open: values.open.is_some(),
                    at: &values.at,
                };
                (*kind, texts)
            })
        })
    }

    /// Where `Principal` or `NotPrincipal` was written.
    pub fn principals_at(&self) -> Option<&Origin> {
        self.body.principals.as_ref()?.at.as_ref()
    }

    /// The conditions.
    pub fn clauses(&self) -> impl Iterator<Item = Clause<'_>> {
        self.body.conditions.iter().map(clause)
    }

    /// True where not all of the statement is known: an element or a condition may be there that was not read.
    pub fn is_doubtful(&self) -> bool {
        self.body.doubt.is_some() || !self.body.unread.is_empty() || self.effect.is_none()
    }

    /// Whether `Resource` or `NotResource` covers a resource.
    pub fn may_match_resource(&self, resource: &Text, symbols: &Symbols) -> Match {
        let request = Request {
            principal: Caller::Stranger,
            action: String::new(),
            resource: resource.clone(),
            account: resource.clone(),
            context: Context::new(),
            identity: Identity::Unknown,
        };
        let (bindings, work) = (Bindings::default(), Work::alone());
        let pass = Pass::new(&request, symbols, &bindings, false, &work);
        pass.resource(PolicyKind::Key, self.body.resource.as_ref())
    }

    /// Two conditions on a key that no value satisfies together, by their places in [`Statement::clauses`]. Only known texts are compared.
    pub fn contradiction(&self) -> Option<(usize, usize)> {
        let conditions = &self.body.conditions;
        let pairs = conditions.iter().enumerate().flat_map(|(one, first)| {
            let others = conditions.iter().enumerate();
            others
                .filter(move |(other, second)| *other != one && second.key == first.key)
                .map(move |(other, second)| ((one, other), first, second))
        });
        pairs
            .filter(|(_, first, second)| excludes(first, second))
            .map(|(places, ..)| places)
            .min_by_key(|(one, other)| (*one.max(other), *one))
            .map(|(one, other)| (one.min(other), one.max(other)))
    }

    /// The policy variables of the statement: each key in lower case, and where its text was written.
    pub fn variables(&self) -> Vec<(String, &Origin)> {
        let texts = [&self.body.action, &self.body.resource];
        let lists = texts.into_iter().flatten().map(|texts| &texts.values);
        let conditions = self.body.conditions.iter().map(|it| &it.values);
        let entries = lists.chain(conditions).flat_map(|it| it.entries.iter());
        entries
            .flat_map(|entry| entry.pattern.keys().map(|key| (key.to_owned(), &entry.at)))
            .collect()
    }
}

impl Policy {
    /// True where the policy is read in the version in which `${...}` is a variable.
    pub fn has_variables(&self) -> bool {
        self.variables
    }
}

fn clause(condition: &Condition) -> Clause<'_> {
    let operator = condition.operator;
    let family = operator.map(|it| it.family);
    let readable = |at: usize| {
        let constant = condition.constants.get(at);
        !matches!(constant, Some(Some(Constant::None)))
    };
    let entries = condition.values.entries.iter().enumerate();
    Clause {
        operator: &condition.name,
        compares: family.map(compares),
        negated: operator.is_some_and(|it| it.negated),
        if_exists: operator.is_some_and(|it| it.if_exists),
        for_all: operator.is_some_and(|it| it.quantifier == Some(Quantifier::All)),
        set: operator.is_some_and(|it| it.quantifier.is_some()),
        key: &condition.shown,
        key_at: &condition.key_at,
        presence: condition.presence,
        values: entries
            .map(|(at, entry)| (written(entry), readable(at)))
            .collect(),
        open: condition.values.open.is_some(),
        at: &condition.values.at,
    }
}

fn compares(family: Family) -> Compares {
    match family {
        Family::String { .. } => Compares::Exact,
        Family::Like => Compares::Like,
        Family::Arn => Compares::Arn,
        Family::Numeric(_) => Compares::Number,
        Family::Date(_) => Compares::Date,
        Family::Bool => Compares::Bool,
        Family::Binary => Compares::Bytes,
        Family::Ip => Compares::Ip,
        Family::Null => Compares::Null,
    }
}

/// True where the first condition allows only texts that are listed, and the second allows none of them.
fn excludes(first: &Condition, second: &Condition) -> bool {
    let sure = |it: &Condition| it.presence == Presence::Present && it.values.open.is_none();
    let (Some(one), Some(other)) = (first.operator, second.operator) else {
        return false;
    };
    if !sure(first) || !sure(second) || one.quantifier.is_some() || other.quantifier.is_some() {
        return false;
    }
    let lists = one.family == Family::String { folded: false } && !one.negated && !one.if_exists;
    if !lists {
        return false;
    }
    if other.family == Family::Null {
        return clause(second).refuses_the_key();
    }
    if !matches!(
        other.family,
        Family::String { .. } | Family::Like | Family::Arn
    ) {
        return false;
    }
    let listed: Option<Vec<&str>> = first.values.entries.iter().map(exact).collect();
    let Some(listed) = listed.filter(|listed| !listed.is_empty()) else {
        return false;
    };
    listed
        .iter()
        .all(|text| refused(&second.values, other.negated, text))
}

fn exact(entry: &Entry) -> Option<&str> {
    match &entry.pattern.form {
        Form::Exact(text) if entry.presence == Presence::Present => Some(text),
        _ => None,
    }
}

/// True where a list of a condition surely turns a text down.
fn refused(values: &Values, negated: bool, text: &str) -> bool {
    let mut matches = values.entries.iter().map(|entry| {
        let sure = entry.presence == Presence::Present;
        entry.pattern.matches(text).filter(|_| sure)
    });
    if negated {
        matches.any(|it| it == Some(true))
    } else {
        matches.all(|it| it == Some(false))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

    use super::super::testing::Read;
    use super::*;

    fn with(condition: &str) -> Read {
        Read::statements(&format!(
            r#"{{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*","Condition":{condition}}}"#
        ))
    }

    #[test]
    fn resources_are_those_of_either_element() {
        for (element, expected) in [
            (r#""Resource":["a","b"]"#, Some(2)),
            (r#""NotResource":"a""#, Some(1)),
            (r#""Sid":"none""#, None),
        ] {
            let read = Read::statements(&format!(
                r#"{{"Effect":"Allow","Principal":"*","Action":"kms:*",{element}}}"#
            ));
            let found = read.policy.statements[0].resources();
            assert_eq!(found.map(|it| it.texts.len()), expected, "{element}");
        }
    }

    #[test]
    fn conditions_that_exclude_each_other() {
        for (condition, excluded) in [
            (
                r#"{"StringEquals":{"a:b":"x"},"StringLike":{"a:b":"y*"}}"#,
                true,
            ),
            (
                r#"{"StringEquals":{"a:b":["x","yy"]},"StringLike":{"A:B":"y*"}}"#,
                false,
            ),
            (
                r#"{"StringEquals":{"a:b":"x"},"StringNotEquals":{"a:b":["x","z"]}}"#,
                true,
            ),
            (
                r#"{"StringEquals":{"a:b":"x"},"StringNotEqualsIgnoreCase":{"a:b":"X"}}"#,
                true,
            ),
            (
                r#"{"StringEquals":{"a:b":"x"},"Null":{"a:b":"true"}}"#,
                true,
            ),
            (
                r#"{"StringEquals":{"a:b":"x"},"Null":{"a:b":"false"}}"#,
                false,
            ),
            (
                r#"{"StringEqualsIfExists":{"a:b":"x"},"Null":{"a:b":"true"}}"#,
                false,
            ),
            (
                r#"{"ForAnyValue:StringEquals":{"a:b":"x"},"StringEquals":{"a:b":"y"}}"#,
                false,
            ),
            (r#"{"StringEquals":{"a:b":"x","a:c":"y"}}"#, false),
            (
                r#"{"StringEquals":{"a:b":"5"},"NumericLessThan":{"a:b":"3"}}"#,
                false,
            ),
            (
                r#"{"StringEquals":{"a:b":"x"},"stringnotequals":{"a:b":"x"}}"#,
                false,
            ),
            (
                r#"{"StringEquals":{"a:b":"${aws:username}"},"StringLike":{"a:b":"y*"}}"#,
                false,
            ),
        ] {
            let read = with(condition);
            let found = read.policy.statements[0].contradiction().is_some();
            assert_eq!(found, excluded, "{condition}");
        }
    }

    #[test]
    fn a_condition_needs_its_key_or_refuses_it() {
        for (condition, needs, refuses) in [
            (r#"{"StringEquals":{"a:b":"x"}}"#, true, false),
            (r#"{"StringEqualsIfExists":{"a:b":"x"}}"#, false, false),
            (r#"{"StringNotEquals":{"a:b":"x"}}"#, false, false),
            (r#"{"ForAllValues:StringEquals":{"a:b":"x"}}"#, false, false),
            (r#"{"ForAnyValue:StringEquals":{"a:b":"x"}}"#, true, false),
            (r#"{"Null":{"a:b":"false"}}"#, true, false),
            (r#"{"Null":{"a:b":"True"}}"#, false, true),
            (r#"{"Null":{"a:b":["true","false"]}}"#, false, false),
            (r#"{"Null":{"a:b":[]}}"#, false, false),
            (r#"{"Bool":{"a:b":"true"}}"#, true, false),
        ] {
            let read = with(condition);
            let clause = read.policy.statements[0].clauses().next().unwrap();
            let found = (clause.needs_the_key(), clause.refuses_the_key());
            assert_eq!(found, (needs, refuses), "{condition}");
        }
    }

    #[test]
    fn values_that_an_operator_cannot_read() {
        for (operator, value, compares) in [
            ("IpAddress", "10.0.0.0/8", Compares::Ip),
            ("NumericLessThan", "-5.0", Compares::Number),
            ("DateLessThan", "2030-01-01", Compares::Date),
            ("Bool", "True", Compares::Bool),
            ("BinaryEquals", "QmluYXJ5", Compares::Bytes),
            ("Null", "false", Compares::Null),
        ] {
            let read = with(&format!(r#"{{"{operator}":{{"a:b":["{value}","t!n"]}}}}"#));
            let clause = read.policy.statements[0].clauses().next().unwrap();
            let readable: Vec<bool> = clause.values.iter().map(|(_, it)| *it).collect();
            let expected = (Some(compares), vec![true, false]);
            assert_eq!((clause.compares, readable), expected, "{operator}");
        }
    }

    #[test]
    fn a_statement_shows_its_principals_and_its_variables() {
        let statement = r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:*","Resource":"arn:aws:kms:*:*:key/${aws:PrincipalTag/Team}","Condition":{"StringLike":{"a:b":"${aws:username}"}}}"#;
        for (version, variables) in [
            ("2012-10-17", vec!["aws:principaltag/team", "aws:username"]),
            ("2008-10-17", vec![]),
        ] {
            let text = format!(r#"{{"Version":"{version}","Statement":{statement}}}"#);
            let read = Read::new(&text, PolicyKind::Key);
            let statement = &read.policy.statements[0];
            let at = statement.principals_at().unwrap();
            assert_eq!(read.underlined(at), r#"{"AWS":"*"}"#);
            let found = statement.variables();
            let found: Vec<&str> = found.iter().map(|(key, _)| key.as_str()).collect();
            assert_eq!(found, variables, "{version}");
            assert_eq!(read.policy.has_variables(), !variables.is_empty());
        }
    }
}
