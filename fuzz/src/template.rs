//! Expressions and templates: brackets around one, and what comes out of a list or object that holds it, are the same; JSON comes back.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use keytrail::hcl::{Data, Typed, parse_expression, parse_template};
use keytrail::value::{PartKind, Presence, Symbols};
use serde::de::IgnoredAny;

use crate::hcl_support::{Evaluated, evaluated};

static FIXTURE: LazyLock<(PathBuf, String)> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../testdata/expr/fixture");
    let module = std::fs::read_to_string(folder.join("ctx.tf")).expect("testdata has a module");
    (folder, module)
});

/// The bytes as an expression.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    crate::deep(|| {
        let _ = parse_template(&text);
        expression(&text);
    });
}

fn eval(text: &str) -> Evaluated {
    let (folder, module) = &*FIXTURE;
    evaluated(module, text, folder)
}

fn expression(text: &str) {
    // What is no expression may be one with brackets around it.
    if let Err(problem) = parse_expression(text) {
        assert!(!problem.message.is_empty());
        return;
    }
    let found = eval(text);
    let value = match &found.result {
        Ok(value) => value,
        Err(problem) => {
            assert!(!problem.message.is_empty());
            let can = eval(&format!("can(\n{text}\n)"));
            let sure = can
                .result
                .as_ref()
                .ok()
                .is_some_and(|it| matches!(it.data, Data::Bool(true)));
            assert!(!sure, "it can, and does not: {}", problem.message);
            return;
        }
    };
    let shown = show(value, &found.symbols);
    same(&format!("(\n{text}\n)"), &shown, value);
    if !is_known(value) {
        return;
    }
    same(&format!("[\n{text}\n][0]"), &shown, value);
    same(&format!("{{ a = (\n{text}\n) }}.a"), &shown, value);
    same(&format!("try(\n{text}\n, 1)"), &shown, value);
    same(
        &format!("true ? (\n{text}\n) : (\n{text}\n)"),
        &shown,
        value,
    );
    if matches!(value.data, Data::Text(_)) {
        same(&format!("\"${{\n{text}\n}}\""), &shown, value);
        same(&format!("join(\"\", [\n{text}\n])"), &shown, value);
    }
    truth(&format!("(\n{text}\n) == (\n{text}\n)"));
    truth(&format!("can(\n{text}\n)"));
    back(text);
}

/// Another spelling of the same gives the same, unless it is more than may be done.
fn same(other: &str, shown: &str, value: &Typed) {
    let other_value = eval(other);
    let Some(found) = unless_limited(&other_value, other) else {
        return;
    };
    assert_eq!(show(found, &other_value.symbols), shown, "{other}");
    assert_eq!(
        found.is_sensitive_anywhere(),
        value.is_sensitive_anywhere(),
        "{other}"
    );
}

trait Secret {
    fn is_sensitive_anywhere(&self) -> bool;
}

impl Secret for Typed {
    fn is_sensitive_anywhere(&self) -> bool {
        self.sensitive
            || match &self.data {
                Data::Text(text) => text.is_sensitive(),
                Data::Sequence(all) => all.items.iter().any(|it| it.value.is_sensitive_anywhere()),
                Data::Mapping(all) => all
                    .entries
                    .values()
                    .any(|it| it.value.is_sensitive_anywhere()),
                _ => false,
            }
    }
}

fn truth(text: &str) {
    let found = eval(text);
    let Some(value) = unless_limited(&found, text) else {
        return;
    };
    assert!(matches!(value.data, Data::Bool(true)), "{text}: {value:?}");
}

/// The value; none where it is too much or too deep, which more brackets make it, or where a comment ate what was put behind it.
fn unless_limited<'e>(found: &'e Evaluated, text: &str) -> Option<&'e Typed> {
    match &found.result {
        Ok(value) => Some(value),
        Err(problem) => {
            let limits = [
                "nest",
                "deep",
                "too ",
                "more than",
                "limit",
                "expected",
                "large",
                "invalid",
                "unterminated",
                "syntax",
            ];
            assert!(
                limits.iter().any(|it| problem.message.contains(it)),
                "{}: {text}",
                problem.message
            );
            None
        }
    }
}

/// JSON that was written is JSON, and reads as what is written the same.
fn back(text: &str) {
    let once = eval(&format!("jsonencode(\n{text}\n)"));
    let Ok(Some(json)) = once.result.as_ref().map(Typed::as_text) else {
        return;
    };
    assert!(serde_json::from_str::<IgnoredAny>(&json).is_ok(), "{json}");
    let twice = format!("jsonencode(jsondecode(jsonencode(\n{text}\n)))");
    let again = eval(&twice);
    let Some(again) = unless_limited(&again, &twice) else {
        return;
    };
    assert_eq!(again.as_text().as_deref(), Some(json.as_str()), "{text}");
}

/// True where nothing of a value is a name for what is not known.
fn is_known(value: &Typed) -> bool {
    match &value.data {
        Data::Null(_) | Data::Bool(_) | Data::Number(_) => true,
        Data::Text(text) => text
            .parts()
            .iter()
            .all(|part| matches!(part.kind, PartKind::Literal(_))),
        Data::Sequence(all) => {
            all.rest.is_none()
                && all
                    .items
                    .iter()
                    .all(|it| it.presence == Presence::Present && is_known(&it.value))
        }
        Data::Mapping(all) => {
            all.rest.is_none()
                && all
                    .entries
                    .values()
                    .all(|it| it.presence == Presence::Present && is_known(&it.value))
        }
        Data::Unknown(..) => false,
    }
}

/// A value and its type, with the names of what is not known.
fn show(value: &Typed, symbols: &Symbols) -> String {
    match &value.data {
        Data::Null(_) => "null".to_owned(),
        Data::Bool(it) => it.to_string(),
        Data::Number(it) => it.to_string(),
        Data::Text(text) => {
            let part = |kind: &PartKind| match kind {
                PartKind::Literal(text) => text.clone(),
                PartKind::Symbol(id) => format!("\u{2}{}\u{3}", symbols.get(*id).name),
                PartKind::Hole(reason) => format!("\u{4}{reason}\u{3}"),
            };
            format!(
                "{:?}",
                text.parts()
                    .iter()
                    .map(|it| part(&it.kind))
                    .collect::<String>()
            )
        }
        Data::Sequence(all) => {
            let items: Vec<String> = (all.items.iter())
                .map(|it| show(&it.value, symbols))
                .collect();
            let kind = std::mem::discriminant(&all.kind);
            format!("{kind:?}[{}]{}", items.join(", "), all.rest.is_some())
        }
        Data::Mapping(all) => {
            let entries: Vec<String> = (all.entries.iter())
                .map(|(key, it)| format!("{key:?}: {}", show(&it.value, symbols)))
                .collect();
            let kind = std::mem::discriminant(&all.kind);
            format!("{kind:?}{{{}}}{}", entries.join(", "), all.rest.is_some())
        }
        Data::Unknown(id, _) => format!("\u{2}{}\u{3}", symbols.get(*id).name),
    }
}
