//! Where a `JSONPath` of a rule leads to: a name that no resource has selects nothing, whatever the plan.

use jsonpath_rust::parser::model::{
    Comparable, Filter, FilterAtom, FnArg, JpQuery, Literal, Segment, Selector, SingularQuery,
    SingularQuerySegment, Test, TestFunction,
};

use super::read::list;
use crate::spelling::nearest;

/// The members of the document that a rule sees.
const DOCUMENT: [&str; 2] = ["resources", "deleted"];

/// The members of a resource.
const RESOURCE: [&str; 10] = [
    "address",
    "module_address",
    "mode",
    "type",
    "name",
    "index",
    "provider_name",
    "actions",
    "values",
    "before",
];

/// What a path has come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The document of a rule.
    Document,
    /// `resources` or `deleted`.
    List,
    /// A resource.
    Resource,
    /// Inside of a resource, where there may be anything.
    Inside,
}

/// A step that leads nowhere: what is wrong with it, and what to write.
pub(super) type Astray = (String, String);

/// Follows a query from a place: where it ends, or the first step that leads nowhere.
pub(super) fn follow(query: &JpQuery, from: Place) -> Result<Place, Astray> {
    segments(&query.segments, from)
}

fn segments(all: &[Segment], from: Place) -> Result<Place, Astray> {
    let mut place = from;
    for segment in all {
        place = match segment {
            Segment::Descendant(_) => return Ok(Place::Inside),
            Segment::Selector(selector) => step(selector, place)?,
            Segment::Selectors(several) => {
                let mut places = Vec::with_capacity(several.len());
                for selector in several {
                    places.push(step(selector, place)?);
                }
                let first = places.first().copied();
                let same = places.windows(2).all(|pair| pair.first() == pair.last());
                first.filter(|_| same).unwrap_or(Place::Inside)
            }
        };
        if place == Place::Inside {
            break;
        }
    }
    Ok(place)
}

fn step(selector: &Selector, place: Place) -> Result<Place, Astray> {
    let below = match place {
        Place::Document => Place::List,
        Place::List => Place::Resource,
        Place::Resource | Place::Inside => Place::Inside,
    };
    match selector {
        Selector::Name(name) => named(name.trim_matches(['\'', '"']), place),
        Selector::Index(at) => indexed(*at, place),
        Selector::Filter(it) => filter(it, below).map(|()| below),
        Selector::Wildcard | Selector::Slice(..) => Ok(below),
    }
}

fn named(name: &str, place: Place) -> Result<Place, Astray> {
    match place {
        Place::Document if DOCUMENT.contains(&name) => Ok(Place::List),
        Place::Document => {
            let message = format!("the document of a rule has no member `{name}`");
            let found = nearest(name, DOCUMENT.into_iter());
            let help = match found {
                Some(near) => format!("there is `{near}`"),
                None if RESOURCE.contains(&name) => {
                    format!("it is one of a resource: `$.resources[*].{name}`")
                }
                None => format!(
                    "there are {}, as in `$.resources[?@.type == 'aws_kms_key']`",
                    list(&DOCUMENT)
                ),
            };
            Err((message, help))
        }
        Place::List => {
            let message = format!("a list of resources has no member `{name}`");
            Err((message, format!("`[*].{name}` is that of each resource")))
        }
        Place::Resource if RESOURCE.contains(&name) => Ok(Place::Inside),
        Place::Resource => {
            let message = format!("no resource has a member `{name}`");
            let help = match nearest(name, RESOURCE.into_iter()) {
                Some(near) => format!("there is `{near}`"),
                None if name == "resources" => {
                    "the path starts at the resource that was selected, as in `$.values.bucket`"
                        .to_owned()
                }
                None => {
                    format!("the attributes of a resource stand in its `values`: `values.{name}`")
                }
            };
            Err((message, help))
        }
        Place::Inside => Ok(Place::Inside),
    }
}

fn indexed(at: i64, place: Place) -> Result<Place, Astray> {
    let what = match place {
        Place::Document => "the document of a rule is no list",
        Place::Resource => "a resource is no list",
        Place::List if !matches!(at, 0 | -1) => "a rule is asked of one resource at a time",
        Place::List => return Ok(Place::Resource),
        Place::Inside => return Ok(Place::Inside),
    };
    let message = format!("{what}: `[{at}]` selects nothing");
    Err((message, "`$.resources[*]` are all resources".to_owned()))
}

/// What a filter reads of what it is asked of (`@`) and of the document (`$`).
fn filter(it: &Filter, place: Place) -> Result<(), Astray> {
    match it {
        Filter::Or(all) | Filter::And(all) => all.iter().try_for_each(|it| filter(it, place)),
        Filter::Atom(FilterAtom::Filter { expr, .. }) => filter(expr, place),
        Filter::Atom(FilterAtom::Test { expr, .. }) => test(expr, place),
        Filter::Atom(FilterAtom::Comparison(comparison)) => {
            let (left, right) = comparison.vals();
            comparable(left, place).and_then(|()| comparable(right, place))
        }
    }
}

fn test(it: &Test, place: Place) -> Result<(), Astray> {
    match it {
        Test::RelQuery(all) => segments(all, place).map(|_| ()),
        // What `$` is hangs on where the whole query starts.
        Test::AbsQuery(_) => Ok(()),
        Test::Function(of) => function(of, place),
    }
}

fn function(it: &TestFunction, place: Place) -> Result<(), Astray> {
    match it {
        TestFunction::Custom(_, all) => all.iter().try_for_each(|it| argument(it, place)),
        TestFunction::Length(one) => argument(one, place),
        TestFunction::Value(one) | TestFunction::Count(one) => argument(one, place),
        TestFunction::Search(one, other) | TestFunction::Match(one, other) => {
            expression(other)?;
            argument(one, place).and_then(|()| argument(other, place))
        }
    }
}

/// A regular expression that is none matches nothing.
fn expression(it: &FnArg) -> Result<(), Astray> {
    let FnArg::Literal(Literal::String(text)) = it else {
        return Ok(());
    };
    let built = regex::RegexBuilder::new(text).size_limit(1 << 20).build();
    built.map(|_| ()).map_err(|_| {
        let message = format!("`{text}` is no regular expression, and matches nothing");
        (
            message,
            "a letter with a meaning is written `[(]`".to_owned(),
        )
    })
}

fn argument(it: &FnArg, place: Place) -> Result<(), Astray> {
    match it {
        FnArg::Literal(_) => Ok(()),
        FnArg::Test(it) => test(it, place),
        FnArg::Filter(it) => filter(it, place),
    }
}

fn comparable(it: &Comparable, place: Place) -> Result<(), Astray> {
    match it {
        Comparable::Literal(_) | Comparable::SingularQuery(SingularQuery::Root(_)) => Ok(()),
        Comparable::Function(it) => function(it, place),
        Comparable::SingularQuery(SingularQuery::Current(all)) => {
            let mut at = place;
            for segment in all {
                at = match segment {
                    SingularQuerySegment::Name(name) => named(name.trim_matches(['\'', '"']), at)?,
                    SingularQuerySegment::Index(index) => indexed(*index, at)?,
                };
            }
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonpath_rust::parser::parse_json_path;

    fn from(place: Place, text: &str) -> Result<Place, Astray> {
        follow(&parse_json_path(text).unwrap(), place)
    }

    #[test]
    fn a_path_that_can_select_something_is_followed() {
        for (text, end) in [
            ("$", Place::Document),
            ("$.*", Place::List),
            ("$.resources", Place::List),
            ("$['resources','deleted'][*]", Place::Resource),
            ("$.resources[0]", Place::Resource),
            ("$.resources[-1]", Place::Resource),
            (
                "$.resources[?@.type == 'a' && @['values'].x == 1]",
                Place::Resource,
            ),
            (
                "$.resources[?search(@.values.bucket, 'a')]",
                Place::Resource,
            ),
            (
                "$.resources[?@.values.rules[?@.port == 1]]",
                Place::Resource,
            ),
            ("$.deleted[?!(@.name == 'a')].values.tags", Place::Inside),
            ("$.resources[*].actions[0]", Place::Inside),
            ("$..anything", Place::Inside),
        ] {
            assert_eq!(from(Place::Document, text), Ok(end), "{text}");
        }
        assert_eq!(from(Place::Resource, "$.values.a"), Ok(Place::Inside));
        assert_eq!(from(Place::Inside, "$.a.b"), Ok(Place::Inside));
    }

    #[test]
    fn a_step_that_leads_nowhere_is_told_with_what_was_meant() {
        for (text, message, help) in [
            (
                "$.resource[*]",
                "the document of a rule has no member `resource`",
                "there is `resources`",
            ),
            (
                "$.aws_kms_key",
                "no member `aws_kms_key`",
                "there are `resources` and `deleted`, as in",
            ),
            (
                "$.values.bucket",
                "no member `values`",
                "`$.resources[*].values`",
            ),
            ("$[0]", "is no list", "`$.resources[*]`"),
            (
                "$.resources.values",
                "a list of resources has no member `values`",
                "`[*].values`",
            ),
            (
                "$.resources[2]",
                "one resource at a time",
                "`$.resources[*]`",
            ),
            (
                "$.resources[?@.typ == 'a']",
                "no resource has a member `typ`",
                "there is `type`",
            ),
            (
                "$.resources[?@.bucket_name]",
                "`bucket_name`",
                "`values.bucket_name`",
            ),
            (
                "$.resources[?match(@.kind_of, 'a')]",
                "`kind_of`",
                "`values.kind_of`",
            ),
            (
                "$.resources[?@.type == 'a' || !@.valeus.x]",
                "`valeus`",
                "there is `values`",
            ),
            ("$.resources[*].acl_of", "`acl_of`", "`values.acl_of`"),
        ] {
            let (said, advice) = from(Place::Document, text).unwrap_err();
            assert!(said.contains(message), "{text}: {said}");
            assert!(advice.contains(help), "{text}: {advice}");
        }
        let (said, advice) = from(Place::Resource, "$.resources[*].values").unwrap_err();
        assert!(
            said.contains("`resources`") && advice.contains("starts at"),
            "{said} {advice}"
        );
    }
}
