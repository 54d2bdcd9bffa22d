//! A `JSONPath`, and which values it could read.

use jsonpath_rust::parser::model::{JpQuery, Segment, Selector};
use serde_json::Value;

/// A `JSONPath`.
#[derive(Clone, Debug)]
pub struct Query {
    /// As it is run.
    pub parsed: JpQuery,
    /// As it was written.
    pub text: String,
}

impl Query {
    /// True where what it finds could hang on the value at the end of a way, which starts where the query does: the way leads along the
    /// query's own, or a filter reads what lies on it. A value inside of what is found is no such value.
    pub fn reads(&self, way: &[String]) -> bool {
        reads(&self.parsed.segments, way)
    }

    /// How often it goes through everything below a place.
    pub(super) fn descents(&self) -> usize {
        // A text that holds dots counts, too.
        self.text.matches("..").count()
    }

    /// True where it selects by what it finds.
    pub fn has_filter(&self) -> bool {
        self.text.contains('?')
    }

    /// True where it looks at values with a function.
    pub fn has_function(&self) -> bool {
        let names = ["match(", "search(", "length(", "count(", "value("];
        names.iter().any(|name| self.text.contains(name))
    }

    /// The texts and numbers that it holds, and numbers beside them.
    pub fn literals(&self) -> Vec<Value> {
        let mut values = Vec::new();
        let (mut word, mut quote) = (String::new(), None);
        for letter in self.text.chars().chain([' ']) {
            match (quote, letter) {
                (None, '\'' | '"') => quote = Some(letter),
                (Some(open), _) if letter == open => {
                    values.push(Value::String(std::mem::take(&mut word)));
                    quote = None;
                }
                (Some(_), _) | (None, '0'..='9' | '.' | '-' | '+' | 'e' | 'E') => word.push(letter),
                (None, _) => values.extend(numbers(&std::mem::take(&mut word))),
            }
        }
        values
    }
}

/// A number and those beside it; none where the text is no number.
fn numbers(text: &str) -> Vec<Value> {
    if let Ok(whole) = text.parse::<i64>() {
        let beside = [whole, whole.saturating_sub(1), whole.saturating_add(1)];
        return beside.map(Value::from).to_vec();
    }
    let number = text.parse::<f64>();
    number.map_or_else(
        |_| Vec::new(),
        |it| [it, it - 1.0, it + 1.0].map(Value::from).to_vec(),
    )
}

fn reads(segments: &[Segment], way: &[String]) -> bool {
    match (segments.split_first(), way.split_first()) {
        // The query ends on the way: the value lies inside of what it finds.
        (None, _) => false,
        // The way ends on the query's: what the query looks for lies inside of the value.
        (Some(_), None) | (Some((Segment::Descendant(_), _)), _) => true,
        (Some((Segment::Selector(selector), rest)), Some((step, after))) => {
            one(selector, rest, step, after)
        }
        (Some((Segment::Selectors(all), rest)), Some((step, after))) => {
            all.iter().any(|selector| one(selector, rest, step, after))
        }
    }
}

fn one(selector: &Selector, rest: &[Segment], step: &str, after: &[String]) -> bool {
    match selector {
        Selector::Name(name) => unquoted(name) == step && reads(rest, after),
        Selector::Filter(filter) => mentions(&format!("{filter:?}"), after) || reads(rest, after),
        Selector::Wildcard | Selector::Index(_) | Selector::Slice(..) => reads(rest, after),
    }
}

fn unquoted(name: &str) -> &str {
    name.trim_matches(['\'', '"'])
}

/// True where a filter says every name on a way, or takes whatever there is. Its text is that of its parsed form: its own has no gaps
/// between names.
fn mentions(filter: &str, way: &[String]) -> bool {
    let edge = |letter: char| !letter.is_alphanumeric() && !matches!(letter, '_' | '-');
    let is_index = |step: &String| step.bytes().all(|byte| byte.is_ascii_digit());
    let said = |step: &String| {
        is_index(step)
            || filter.split(edge).any(|word| word == step)
            || step.contains(edge) && filter.contains(step.as_str())
    };
    let any = ["Wildcard", "Descendant"]
        .iter()
        .any(|it| filter.contains(it));
    any || way.iter().all(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonpath_rust::parser::parse_json_path;

    fn reads(text: &str, way: &str) -> bool {
        let query = Query {
            parsed: parse_json_path(text).unwrap(),
            text: text.to_owned(),
        };
        let way: Vec<String> = way.split('/').map(str::to_owned).collect();
        query.reads(&way)
    }

    #[test]
    fn a_query_reads_what_lies_on_its_way_and_what_its_filters_say() {
        for (query, way) in [
            ("$.values.tags.owner", "values/tags"),
            ("$.values.rules[*].port", "values/rules"),
            ("$.values.rules[0].port", "values/rules/0"),
            ("$.values['a.b'].c", "values/a.b"),
            ("$..port", "values/id"),
            ("$.resources[?@.values.on == true]", "resources/0/values/on"),
            (
                "$.resources[?@.values.tags.team == 'a']",
                "resources/0/values/tags",
            ),
            (
                "$.resources[?@.values.rules[0].port == 1]",
                "resources/0/values/rules/0/port",
            ),
            ("$.resources[?@.values.*]", "resources/0/values/id"),
            (
                "$.resources[*].values.disks[?@.size > 1]",
                "resources/0/values/disks/3/size",
            ),
        ] {
            assert!(reads(query, way), "{query} {way}");
        }
        for (query, way) in [
            ("$.values.tags.owner", "values/id"),
            ("$.values.tags", "values/tags/owner"),
            ("$.values.cidrs[*]", "values/id"),
            ("$.resources[*]", "resources/0/values/id"),
            ("$.resources[?@.type == 't']", "resources/0/values/id"),
            ("$.resources[?@.values.on == true]", "resources/0/values/id"),
            (
                "$.resources[?match(@.values.name, 'a.b')]",
                "resources/0/values/id",
            ),
        ] {
            assert!(!reads(query, way), "{query} {way}");
        }
    }
}
