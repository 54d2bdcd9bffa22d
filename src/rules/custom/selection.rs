//! What a rule selects of a resource, and whether it surely does.

use jsonpath_rust::query::js_path_process;
use serde_json::{Map, Value, json};

use crate::config::Query;
use crate::input::Planned;

/// So many unknown values are tried; with more of them nothing is sure.
const MOST: usize = 64;

/// A node of the document that is selected.
#[derive(Debug, PartialEq)]
pub(super) struct Pick {
    /// Its JSON pointer.
    pub(super) pointer: String,
    /// True where it is selected whatever the unknown values are.
    pub(super) sure: bool,
}

/// The nodes that a query selects, in whatever world.
pub(super) fn picked(query: &Query, planned: &Planned) -> Vec<Pick> {
    let base = select(query, &planned.document);
    let read = |way: &&Vec<String>| query.reads(way);
    let open: Vec<&Vec<String>> = planned.unknown.iter().filter(read).collect();
    let mut picks: Vec<Pick> = base
        .iter()
        .map(|pointer| Pick {
            pointer: pointer.clone(),
            sure: true,
        })
        .collect();
    if open.is_empty() {
        return picks;
    }
    // What functions look at has more values than the query names.
    let certain = open.len() <= MOST && !query.has_function();
    let mut join = |world: Vec<String>| {
        for pick in &mut picks {
            pick.sure &= world.contains(&pick.pointer);
        }
        for pointer in world {
            if !picks.iter().any(|pick| pick.pointer == pointer) {
                picks.push(Pick {
                    pointer,
                    sure: false,
                });
            }
        }
    };
    for way in open.into_iter().take(MOST) {
        for value in values(query) {
            let mut document = planned.document.clone();
            set(&mut document, way, value);
            join(select(query, &document));
        }
    }
    if !certain {
        // The resource itself, if nothing of it was selected.
        if picks.is_empty() && names_type(query, &planned.document) {
            picks.extend(
                ["/resources/0", "/deleted/0"]
                    .map(str::to_owned)
                    .into_iter()
                    .filter_map(|pointer| {
                        planned.document.pointer(&pointer)?;
                        Some(Pick {
                            pointer,
                            sure: false,
                        })
                    }),
            );
        }
        for pick in &mut picks {
            pick.sure = false;
        }
    }
    picks
}

/// False where the query names types, and not that of the resource.
fn names_type(query: &Query, document: &Value) -> bool {
    let kind = |list: &str| document.pointer(&format!("/{list}/0/type"));
    let kind = kind("resources").or_else(|| kind("deleted"));
    let kind = kind.and_then(Value::as_str).unwrap_or_default();
    !query.text.contains("@.type") || query.text.contains(kind)
}

/// The pointers of the nodes that a query selects.
fn select(query: &Query, document: &Value) -> Vec<String> {
    let found = js_path_process(&query.parsed, document).unwrap_or_default();
    let ways = found.into_iter().map(jsonpath_rust::query::QueryRef::path);
    ways.filter_map(|path| pointer(&path)).collect()
}

/// The JSON pointer of a normalized path: `$['resources'][0]` is `/resources/0`.
fn pointer(path: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = path.strip_prefix('$')?;
    while let Some(inner) = rest.strip_prefix('[') {
        out.push('/');
        let Some(quoted) = inner.strip_prefix('\'') else {
            let (index, behind) = inner.split_once(']')?;
            out.push_str(index);
            rest = behind;
            continue;
        };
        let mut letters = quoted.chars();
        loop {
            match letters.next()? {
                '\'' => break,
                '\\' => match letters.next()? {
                    'u' => {
                        let code: String = letters.by_ref().take(4).collect();
                        out.push(char::from_u32(u32::from_str_radix(&code, 16).ok()?)?);
                    }
                    'n' => out.push('\n'),
                    't' => out.push('\t'),
                    'r' => out.push('\r'),
                    'b' => out.push('\u{8}'),
                    'f' => out.push('\u{c}'),
                    other => out.push(other),
                },
                '~' => out.push_str("~0"),
                '/' => out.push_str("~1"),
                other => out.push(other),
            }
        }
        rest = letters.as_str().strip_prefix(']')?;
    }
    rest.is_empty().then_some(out)
}

/// The values that the query could tell apart: those that it names, and one of each kind that it does not.
fn values(query: &Query) -> Vec<Value> {
    let mut values = vec![
        Value::Bool(true),
        Value::Bool(false),
        json!("\u{1}another text"),
        json!(0),
        json!(1e18),
        json!([]),
    ];
    values.extend(query.literals());
    values
}

/// Puts a value into a document, and what leads to it.
pub(super) fn set(document: &mut Value, way: &[String], value: Value) {
    let mut place = document;
    for step in way {
        if let (Value::Array(items), Ok(at)) = (&*place, step.parse::<usize>()) {
            // No plan marks an element far behind the end of its list.
            if at > items.len().saturating_add(MOST) {
                return;
            }
        } else if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = match place {
            Value::Array(items) => {
                let Ok(at) = step.parse::<usize>() else {
                    return;
                };
                while items.len() <= at {
                    items.push(Value::Null);
                }
                let Some(item) = items.get_mut(at) else {
                    return;
                };
                item
            }
            Value::Object(members) => members.entry(step.clone()).or_insert(Value::Null),
            _ => return,
        };
    }
    *place = value;
}
