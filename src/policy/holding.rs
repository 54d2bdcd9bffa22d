//! Whether the conditions of a statement hold: presence, set operators, and the values of a list.
//!
//! Source: IAM User Guide, "Conditions with multiple context keys or values" and "Single-valued vs. multivalued context keys".

use super::bindings::Bound;
use super::condition::{Condition, Family, Operator, Quantifier};
use super::decision::Match;
use super::matching::Pass;
use super::request::ContextValue;
use super::variables::Syntax;
use crate::source::Origin;
use crate::value::{Open, Presence, Text};

impl Pass<'_> {
    /// One key under one operator; a condition that is not there holds.
    pub(super) fn condition(&self, condition: &Condition) -> Match {
        let Some(operator) = condition.operator else {
            return self.undocumented(
                "AWS does not document condition operators in another case",
                &condition.key_at,
            );
        };
        let value = self.request.context.get(&condition.key);
        let presence = value.map_or(Presence::Absent, |value| value.presence);
        let holds = match (presence, value) {
            (Presence::Present, Some(value)) => self.present(condition, operator, value),
            (Presence::Maybe(symbol), Some(value)) => match self.bindings.get(symbol) {
                Some(Bound::Present(true)) => self.present(condition, operator, value),
                Some(_) => self.absent(condition, operator),
                None => {
                    let mark = self.mark();
                    let absent = self.absent(condition, operator);
                    let present = self.present(condition, operator, value);
                    if absent == present && absent != Match::Maybe {
                        self.drop_since(mark);
                        absent
                    } else {
                        self.holds(symbol, &condition.key_at)
                    }
                }
            },
            _ => self.absent(condition, operator),
        };
        if holds == Match::Yes {
            return holds;
        }
        match condition.presence {
            Presence::Present => holds,
            other => holds.or(self.presence(other, &condition.key_at).not()),
        }
    }

    /// The answer where the request lacks the key.
    fn absent(&self, condition: &Condition, operator: Operator) -> Match {
        if operator.family == Family::Null {
            return self.null(condition, true);
        }
        match operator.quantifier {
            Some(Quantifier::All) => Match::Yes,
            Some(Quantifier::Any) => Match::from(operator.if_exists),
            None => Match::from(operator.if_exists || operator.negated),
        }
    }

    /// `Null`: `"true"` asks for an absent key, `"false"` for a present one.
    fn null(&self, condition: &Condition, absent: bool) -> Match {
        let absent = Text::literal(
            if absent { "true" } else { "false" },
            condition.key_at.clone(),
        );
        self.any(&condition.values, &|entry, at| {
            self.meets(condition, Family::Bool, entry, at, &absent)
        })
    }

    /// The answer where the request carries the key.
    fn present(&self, condition: &Condition, operator: Operator, value: &ContextValue) -> Match {
        let empty = self.is_empty(value, &condition.key_at);
        if operator.family == Family::Null {
            return match empty {
                Match::Maybe => Match::Maybe,
                sure => self.null(condition, sure == Match::Yes && value.multivalued),
            };
        }
        if condition.values.is_empty() && operator.quantifier != Some(Quantifier::Any) {
            return self.undocumented(
                "AWS does not document a condition without values",
                &condition.key_at,
            );
        }
        match operator.quantifier {
            Some(Quantifier::All) => self.every(condition, operator, value),
            Some(Quantifier::Any) => self.some(condition, operator, value),
            None if empty == Match::Yes => self.absent(condition, operator),
            // A list needs a set operator (IAM User Guide, single-valued and multivalued context keys): without one nothing of it matches, and
            // what a negated operator makes of that is not documented. A list that may hold nothing may be as good as absent.
            None if value.multivalued && !operator.negated => {
                empty.and(self.absent(condition, operator))
            }
            None if value.multivalued => self.undocumented(
                "AWS does not document a negated operator without `ForAllValues` or `ForAnyValue` on a key that carries a list",
                &condition.key_at,
            ),
            None => value.values.first().map_or(Match::Maybe, |subject| {
                self.one(condition, operator, subject)
            }),
        }
    }

    /// Whether the key carries no value at all.
    fn is_empty(&self, value: &ContextValue, at: &Origin) -> Match {
        match (&value.open, value.values.is_empty()) {
            (_, false) => Match::No,
            (None, true) => Match::Yes,
            (Some(open), true) => match self.bindings.get(open.symbol) {
                Some(Bound::Rest(more)) => Match::from(more.is_empty()),
                _ => self.follows(open.symbol, at),
            },
        }
    }

    /// The texts of a list in the request, and the rest of it that is not known: one more text, of which nothing is known.
    fn texts<'v>(
        &self,
        value: &'v ContextValue,
    ) -> (Vec<std::borrow::Cow<'v, Text>>, Option<&'v Open>) {
        use std::borrow::Cow;
        let mut texts: Vec<Cow<'v, Text>> = value.values.iter().map(Cow::Borrowed).collect();
        let Some(open) = &value.open else {
            return (texts, None);
        };
        if let Some(Bound::Rest(more)) = self.bindings.get(open.symbol) {
            let more = more.iter();
            texts.extend(
                more.map(|text| Cow::Owned(Text::literal(text.as_str(), open.origin.clone()))),
            );
            return (texts, None);
        }
        (texts, Some(open))
    }

    /// `ForAllValues`: every value; an empty one counts as none.
    fn every(&self, condition: &Condition, operator: Operator, value: &ContextValue) -> Match {
        let (texts, rest) = self.texts(value);
        let mut all = Match::Yes;
        for subject in &texts {
            let empty = self.is_blank(subject, &condition.key_at);
            if empty != Match::Yes {
                all = all.and(empty.or(self.one(condition, operator, subject)));
            }
            if self.settled(all, Match::No) {
                return all;
            }
        }
        match rest {
            Some(open) => {
                let rest = Text::symbol(open.symbol, open.origin.clone());
                let one = self.one(condition, operator, &rest);
                let one = one.or(self.is_blank(&rest, &condition.key_at));
                all.and(one.or(self.follows(open.symbol, &condition.key_at)))
            }
            None => all,
        }
    }

    /// Whether a value of a list is the empty string, which the set operators count as none.
    fn is_blank(&self, subject: &Text, at: &Origin) -> Match {
        match self.known(subject) {
            Some(text) => Match::from(text.is_empty()),
            None => self.compare(self.tokens(subject), Vec::new(), Syntax::EXACT, at),
        }
    }

    /// `ForAnyValue`: at least one value; an empty one counts as none.
    fn some(&self, condition: &Condition, operator: Operator, value: &ContextValue) -> Match {
        let (texts, rest) = self.texts(value);
        let mut any = Match::No;
        for subject in &texts {
            let filled = self.is_blank(subject, &condition.key_at).not();
            if filled != Match::No {
                any = any.or(filled.and(self.one(condition, operator, subject)));
            }
            if self.settled(any, Match::Yes) {
                return any;
            }
        }
        match rest {
            Some(open) => {
                let rest = Text::symbol(open.symbol, open.origin.clone());
                let one = self.one(condition, operator, &rest);
                let one = one.and(self.is_blank(&rest, &condition.key_at).not());
                any.or(one.and(self.follows(open.symbol, &condition.key_at)))
            }
            None => any,
        }
    }

    /// One value of the request against the condition's list.
    fn one(&self, condition: &Condition, operator: Operator, subject: &Text) -> Match {
        let any = self.any(&condition.values, &|entry, at| {
            self.meets(condition, operator.family, entry, at, subject)
        });
        if operator.negated { any.not() } else { any }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::Read;

    /// Whether a condition holds, as the verdict of an Allow with it alone.
    fn holds(condition: &str, context: &str) -> &'static str {
        let read = Read::statements(&format!(
            r#"{{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*","Condition":{condition}}}"#
        ));
        read.verdict(&format!(
            "arn:aws:iam::111122223333:user/Bob kms:Decrypt {context}"
        ))
    }

    #[test]
    fn an_absent_key() {
        for (operator, expected) in [
            ("StringEquals", "denied"),
            ("StringNotEquals", "allowed"),
            ("ArnNotLike", "allowed"),
            ("StringEqualsIfExists", "allowed"),
            ("ForAllValues:StringEquals", "allowed"),
            ("ForAnyValue:StringEquals", "denied"),
            ("ForAnyValue:StringEqualsIfExists", "allowed"),
        ] {
            let condition = format!(r#"{{"{operator}":{{"aws:x":"v"}}}}"#);
            assert_eq!(holds(&condition, "{}"), expected, "{operator}");
        }
        assert_eq!(holds(r#"{"Null":{"aws:x":"true"}}"#, "{}"), "allowed");
        assert_eq!(holds(r#"{"Null":{"aws:x":false}}"#, "{}"), "denied");
        assert_eq!(
            holds(r#"{"Null":{"AWS:X":"false"}}"#, r#"{"aws:x":"v"}"#),
            "allowed"
        );
    }

    #[test]
    fn single_values_and_lists() {
        for (operator, list, expected) in [
            ("ForAllValues:StringEquals", r#"["a","b"]"#, "allowed"),
            ("ForAllValues:StringEquals", r#"["a","c"]"#, "denied"),
            ("ForAllValues:StringEquals", r#"[""]"#, "allowed"),
            ("ForAllValues:StringNotEquals", r#"["a","c"]"#, "denied"),
            ("ForAnyValue:StringEquals", r#"["c","a"]"#, "allowed"),
            ("ForAnyValue:StringNotEquals", r#"["a","b"]"#, "denied"),
            ("ForAnyValue:StringNotEquals", r#"["a","c"]"#, "allowed"),
            ("ForAnyValue:StringNotEquals", r#"[""]"#, "denied"),
            ("ForAnyValue:StringEquals", "[]", "denied"),
            // A list that holds nothing is as good as absent.
            ("StringEquals", "[]", "denied"),
            ("StringNotEquals", "[]", "allowed"),
            ("StringEqualsIfExists", "[]", "allowed"),
            ("StringEquals", r#"["a"]"#, "denied"),
            ("StringNotEquals", r#"["c"]"#, "undecided"),
            ("StringEquals", r#""b""#, "allowed"),
            ("StringNotEquals", r#""b""#, "denied"),
        ] {
            let condition = format!(r#"{{"{operator}":{{"aws:x":["a","b"]}}}}"#);
            let context = format!(r#"{{"aws:x":{list}}}"#);
            assert_eq!(holds(&condition, &context), expected, "{operator} {list}");
        }
    }

    #[test]
    fn every_key_and_every_operator_has_to_hold() {
        let both = r#"{"StringEquals":{"aws:x":"a","aws:y":"b"},"Bool":{"aws:z":"true"}}"#;
        assert_eq!(
            holds(both, r#"{"aws:x":"a","aws:y":"b","aws:z":"true"}"#),
            "allowed"
        );
        assert_eq!(
            holds(both, r#"{"aws:x":"a","aws:y":"c","aws:z":"true"}"#),
            "denied"
        );
        assert_eq!(holds(both, r#"{"aws:x":"a","aws:y":"b"}"#), "denied");
    }

    #[test]
    fn variables_take_the_request_s_value() {
        let own = r#"{"StringLike":{"aws:x":"${aws:y}/*"}}"#;
        assert_eq!(holds(own, r#"{"aws:x":"a/b","aws:y":"a"}"#), "allowed");
        assert_eq!(holds(own, r#"{"aws:x":"a/b","aws:y":"*"}"#), "denied");
        assert_eq!(holds(own, r#"{"aws:x":"a/b"}"#), "denied");
        let not = r#"{"StringNotLike":{"aws:x":"${aws:y}/*"}}"#;
        assert_eq!(holds(not, r#"{"aws:x":"a/b"}"#), "allowed");
        let default = r#"{"StringEquals":{"aws:x":"${aws:y, 'none'}"}}"#;
        assert_eq!(holds(default, r#"{"aws:x":"none"}"#), "allowed");
    }

    #[test]
    fn forms_that_aws_does_not_document_are_undecided() {
        let short = r#"{"ArnLike":{"aws:x":"*"}}"#;
        assert_eq!(holds(short, r#"{"aws:x":"arn:aws:s3:::b"}"#), "undecided");
        let case = r#"{"stringequals":{"aws:x":"a"}}"#;
        assert_eq!(holds(case, r#"{"aws:x":"a"}"#), "undecided");
        let empty = r#"{"StringEquals":{"aws:x":[]}}"#;
        assert_eq!(holds(empty, r#"{"aws:x":"a"}"#), "undecided");
    }

    #[test]
    fn a_variable_whose_key_may_be_absent_has_a_value_perhaps() {
        let y = r#"{"aws:x":"a","aws:y":{"maybe_absent":true,"value":"a"}}"#;
        for (text, expected) in [
            ("${aws:y}", "conditional"),
            ("${aws:y, 'a'}", "allowed"),
            ("${aws:y, 'b'}", "conditional"),
            ("${aws:y}b", "denied"),
        ] {
            let condition = format!(r#"{{"StringEquals":{{"aws:x":"{text}"}}}}"#);
            assert_eq!(holds(&condition, y), expected, "{text}");
        }
    }
}
