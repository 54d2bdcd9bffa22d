//! Files of variables: `terraform.tfvars`, `*.auto.tfvars`, `-var-file`, and their JSON forms.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::Path;

use super::constant::Constant;
use crate::hcl::read::parse_variables;
use crate::hcl::scope::{Problem, World};
use crate::hcl::syntax::Unreadable;
use crate::hcl::typed::Typed;
use crate::source::{FileId, NodeKind, Origin, Span, parse_json};
use crate::value::Value;

/// A value that a file gives to a name.
pub(super) struct Assignment {
    pub(super) name: String,
    /// The error is `None` where the file's problems say what is wrong.
    pub(super) value: Result<Typed, Option<Problem>>,
    /// The value as it is written.
    pub(super) span: Span,
}

/// What a file of variables says.
pub(super) struct Assignments {
    /// Each name once; of a JSON file perhaps more often, and the last one counts.
    pub(super) all: Vec<Assignment>,
    /// What is wrong with the file, beside its values.
    pub(super) problems: Vec<Problem>,
    /// False where the file may give values to more names.
    pub(super) complete: bool,
}

impl Assignments {
    fn unreadable(problem: Problem) -> Self {
        Assignments {
            all: Vec::new(),
            problems: vec![problem],
            complete: false,
        }
    }
}

/// Reads a file; a name that ends with `.json` says that it is JSON.
pub(super) fn read(name: &str, file: FileId, world: &mut World<'_>) -> Assignments {
    // Terraform looks for the letters as they are.
    if Path::new(name).extension() == Some(OsStr::new("json")) {
        json(file, world)
    } else {
        hcl(file, world)
    }
}

fn hcl(file: FileId, world: &mut World<'_>) -> Assignments {
    let (attributes, unreadable) = parse_variables(file, false, world.sources);
    let mut all = Vec::with_capacity(attributes.len());
    let mut broken = Vec::new();
    for (name, attribute) in attributes {
        let expr = attribute.value;
        let span = expr.origin().span();
        let value = if expr.is_broken() {
            broken.push(span);
            Err(None)
        } else {
            expr.evaluate(&mut Constant, world).map_err(Some)
        };
        all.push(Assignment { name, value, span });
    }
    let inside = |it: &Unreadable| {
        let at = it.origin.span();
        let holds = |value: &Span| value.start <= at.start && at.end <= value.end;
        broken.iter().any(holds)
    };
    let complete = unreadable.iter().all(inside);
    let problem = |it: Unreadable| Problem::new(it.message, &it.origin);
    Assignments {
        all,
        problems: unreadable.into_iter().map(problem).collect(),
        complete,
    }
}

/// Strings are no templates here: Terraform reads these files without names and functions.
fn json(file: FileId, world: &mut World<'_>) -> Assignments {
    let node = match parse_json(world.sources, file) {
        Ok(node) => node,
        Err(error) => {
            let at = Origin::new(error.span);
            return Assignments::unreadable(Problem::new(error.message, &at));
        }
    };
    let NodeKind::Object(members) = node.kind else {
        let start = node.span.start;
        let end = start.saturating_add(1);
        let message = "a JSON object with the names of variables is required";
        let problem = Problem::new(message, &Origin::new(Span { start, end }));
        return Assignments::unreadable(problem);
    };
    let mut all = Vec::new();
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for member in members {
        if member.key == "//" {
            continue;
        }
        if !seen.insert(member.key.clone()) {
            let message = format!("`{}` is set twice", member.key);
            problems.push(Problem::new(message, &Origin::new(member.key_span)));
        }
        all.push(Assignment {
            name: member.key,
            value: Ok(Value::from_json(&member.value).into()),
            span: member.value.span,
        });
    }
    Assignments {
        all,
        problems,
        complete: true,
    }
}
