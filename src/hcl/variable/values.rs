//! The values that a root module is given, and which of them counts.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::constant::Constant;
use super::declare::Variable;
use super::file::{self, Assignments};
use crate::hcl::expr::evaluate;
use crate::hcl::parse::parse_expression;
use crate::hcl::scope::{Problem, World};
use crate::hcl::typed::Typed;
use crate::input::Note;
use crate::source::{FileId, Origin, Span};
use crate::spelling::nearest;
use crate::value::Value;

const NOT_GIVEN: &str = "no value is given for it";
const NOT_READ: &str = "the value given for it cannot be read";
const NOT_SUITABLE: &str = "the value given for it is not of its type";
const WRONG_DEFAULT: &str = "its default is no value for it";

/// Where the values of a root module's variables come from, beside the module.
#[derive(Clone, Default)]
pub struct Given {
    /// The environment's `TF_VAR_name`: the name without `TF_VAR_`, and the text.
    pub environment: Vec<(String, String)>,
    /// The arguments of the command line, in order.
    pub arguments: Arc<[VarArgument]>,
    /// The files of the root's folder as reports show them, with their texts. Those that Terraform loads by itself are taken, in its order:
    /// `terraform.tfvars`, `terraform.tfvars.json`, then `*.auto.tfvars` and `*.auto.tfvars.json` by their names.
    pub files: Vec<(String, String)>,
}

impl fmt::Debug for Given {
    /// Without the texts, which may be sensitive.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |of: &[(String, String)]| -> Vec<String> {
            of.iter().map(|(name, _)| name.clone()).collect()
        };
        f.debug_struct("Given")
            .field("environment", &names(&self.environment))
            .field("arguments", &self.arguments)
            .field("files", &names(&self.files))
            .finish()
    }
}

/// An argument that gives values.
#[derive(Clone, PartialEq, Eq)]
pub enum VarArgument {
    /// `--var name=text`
    Var(String, String),
    /// `--var-file path`, with the file's text; JSON where the path ends with `.json`.
    File(String, String),
}

impl fmt::Debug for VarArgument {
    /// Without the text, which may be sensitive.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VarArgument::Var(name, _) => f.debug_tuple("Var").field(name).finish(),
            VarArgument::File(path, _) => f.debug_tuple("File").field(path).finish(),
        }
    }
}

/// The values of all variables that a root module declares.
#[derive(Clone, Debug, Default)]
pub struct Values {
    /// By name. What nobody gives a value is a symbol, and so is what is given a wrong one.
    pub values: BTreeMap<String, Typed>,
    /// What Terraform would refuse.
    pub problems: Vec<Problem>,
    /// What Terraform would warn of.
    pub notes: Vec<Note>,
    secrets: Vec<Span>,
}

impl Values {
    /// Finds the value of each variable. A value of `plan` (a plan's `variables`) comes before all others; then the later of environment,
    /// files and arguments counts, and then the default. `input` is the place of the input among all, for the names of what is not known.
    pub fn read(
        given: &Given,
        plan: &BTreeMap<String, Value>,
        variables: &BTreeMap<String, Variable>,
        input: usize,
        world: &mut World<'_>,
    ) -> Self {
        let mut reader = Reader {
            variables,
            world,
            found: BTreeMap::new(),
            planned: BTreeMap::new(),
            out: Values::default(),
        };
        for (name, text) in &given.environment {
            reader.environment(name, text);
        }
        for (name, text) in automatic(&given.files) {
            reader.file(name, text);
        }
        for argument in given.arguments.iter() {
            match argument {
                VarArgument::Var(name, text) => reader.argument(name, text),
                VarArgument::File(path, text) => reader.file(path, text),
            }
        }
        reader.plan(plan);
        reader.finish(input)
    }

    /// Where values were written that must never be shown: those of variables that are sensitive or ephemeral, and their defaults.
    pub fn secret_spans(&self) -> &[Span] {
        &self.secrets
    }
}

/// When Terraform loads a file of that name by itself, before those of a higher number; none where it does not.
///
/// Source: <https://developer.hashicorp.com/terraform/language/values/variables>, Variable Definitions Files.
pub(crate) fn automatic_rank(name: &str) -> Option<u8> {
    match name {
        "terraform.tfvars" => Some(0),
        "terraform.tfvars.json" => Some(1),
        _ if name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json") => Some(2),
        _ => None,
    }
}

/// The files that Terraform loads by itself, in its order.
fn automatic(files: &[(String, String)]) -> Vec<(&str, &str)> {
    let base = |path: &str| {
        let name = path.rsplit(['/', '\\']).next();
        name.unwrap_or_default().to_owned()
    };
    let mut found = Vec::new();
    for (path, text) in files {
        let name = base(path);
        if let Some(rank) = automatic_rank(&name) {
            found.push(((rank, name), (path.as_str(), text.as_str())));
        }
    }
    found.sort();
    found.into_iter().map(|(_, file)| file).collect()
}

/// A value at its place, or nothing where something is given that cannot be read.
type Found = Option<Typed>;

struct Reader<'r, 'w> {
    variables: &'r BTreeMap<String, Variable>,
    world: &'r mut World<'w>,
    found: BTreeMap<String, Found>,
    /// What a plan was made with.
    planned: BTreeMap<String, Typed>,
    out: Values,
}

impl Reader<'_, '_> {
    /// Terraform ignores names of the environment that are not declared.
    fn environment(&mut self, name: &str, text: &str) {
        if let Some(variable) = self.variables.get(name) {
            self.text(&format!("TF_VAR_{name}"), variable, text);
        }
    }

    fn argument(&mut self, name: &str, text: &str) {
        let shown = format!("--var {name}");
        if let Some(variable) = self.variables.get(name) {
            return self.text(&shown, variable, text);
        }
        if let Some(file) = self.add(&shown, text, true) {
            let at = Origin::new(self.world.sources.whole(file));
            let near = self.near(name);
            let message = format!(
                "a value is given for `{name}`, which the root module does not declare as a variable{near}"
            );
            self.out.problems.push(Problem::new(message, &at));
        }
    }

    /// The variable that was meant, as the end of a sentence.
    fn near(&self, name: &str) -> String {
        let near = nearest(name, self.variables.keys().map(String::as_str));
        near.map_or_else(String::new, |it| format!("; it declares `{it}`"))
    }

    /// A value from the command line or the environment.
    fn text(&mut self, shown: &str, variable: &Variable, text: &str) {
        let Some(file) = self.add(shown, text, variable.is_hidden()) else {
            self.found.insert(variable.name.clone(), None);
            return;
        };
        let span = self.world.sources.whole(file);
        let at = Origin::new(span);
        let value = if variable.takes_text() {
            Ok(Typed::string(text, at))
        } else {
            match parse_expression(text) {
                Ok(expression) => evaluate(&expression, file, &mut Constant, self.world),
                Err(problem) => {
                    let span = self.world.sources.span(file, problem.range);
                    Err(Problem::new(problem.message, &Origin::new(span)))
                }
            }
        };
        self.take(variable, value.map_err(Some), span);
    }

    fn file(&mut self, shown: &str, text: &str) {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let file = match self.world.sources.add(shown, text) {
            Ok(file) => file,
            Err(error) => return self.too_large(&error.to_string()),
        };
        let Assignments {
            all,
            problems,
            complete,
        } = file::read(shown, file, self.world);
        self.out.problems.extend(problems);
        if !complete {
            // It may set any variable, and any part of it may be a secret.
            for name in self.variables.keys() {
                self.found.insert(name.clone(), None);
            }
            if self.variables.values().any(Variable::is_hidden) {
                self.out.secrets.push(self.world.sources.whole(file));
            }
        }
        for assignment in all {
            match self.variables.get(&assignment.name) {
                Some(variable) => self.take(variable, assignment.value, assignment.span),
                None => self.out.notes.push(Note {
                    message: format!(
                        "{shown} has a value for `{}`, which the root module does not declare as a variable{}",
                        assignment.name,
                        self.near(&assignment.name)
                    ),
                }),
            }
        }
    }

    fn take(&mut self, variable: &Variable, value: Result<Typed, Option<Problem>>, span: Span) {
        if variable.is_hidden() {
            self.out.secrets.push(span);
        }
        let found = match value {
            Ok(value) => Some(value),
            Err(problem) => {
                self.out.problems.extend(problem);
                None
            }
        };
        self.found.insert(variable.name.clone(), found);
    }

    fn plan(&mut self, plan: &BTreeMap<String, Value>) {
        for (name, value) in plan {
            if let Some(variable) = self.variables.get(name) {
                if variable.is_hidden() {
                    self.out.secrets.push(value.span());
                }
                self.planned.insert(name.clone(), value.clone().into());
            }
        }
    }

    /// The plan's value, at the place of the own one where that is the same.
    fn at_own_place(&mut self, variable: &Variable, planned: &Typed, own: Option<Found>) -> Found {
        let is_set = own.is_some() || variable.has_default();
        let mut accept = |value| variable.accept(value, &variable.origin, self.world).ok();
        match own {
            Some(None) => Some(planned.clone()),
            own if is_set => {
                let own = own.flatten();
                let same = accept(own.clone()) == accept(Some(planned.clone()));
                if same { own } else { Some(planned.clone()) }
            }
            _ => Some(planned.clone()),
        }
    }

    fn add(&mut self, shown: &str, text: &str, hidden: bool) -> Option<FileId> {
        let added = if hidden {
            self.world.sources.add_part(shown, "value", text, true)
        } else {
            self.world.sources.add(shown, text)
        };
        added
            .map_err(|error| self.too_large(&error.to_string()))
            .ok()
    }

    /// There is no room for the text, and so no place in it.
    fn too_large(&mut self, message: &str) {
        let end = self.world.sources.end();
        let at = Origin::new(Span { start: end, end });
        self.out.problems.push(Problem::new(message, &at));
    }

    fn finish(mut self, input: usize) -> Values {
        for (name, variable) in self.variables {
            let mut found = self.found.remove(name);
            if let Some(planned) = self.planned.remove(name) {
                found = Some(self.at_own_place(variable, &planned, found));
                // The default, at its place.
                if found == Some(None) {
                    found = None;
                }
            }
            let value = match found {
                Some(None) => variable.unknown(input, NOT_READ, self.world),
                None if !variable.has_default() => variable.unknown(input, NOT_GIVEN, self.world),
                found => {
                    let given = found.flatten();
                    let is_given = given.is_some();
                    match variable.accept(given, &variable.origin, self.world) {
                        Ok(value) => value,
                        Err(problem) if is_given => {
                            self.out.problems.push(problem);
                            variable.unknown(input, NOT_SUITABLE, self.world)
                        }
                        // The declaration says what is wrong with it.
                        Err(_) => variable.unknown(input, WRONG_DEFAULT, self.world),
                    }
                }
            };
            self.out.values.insert(name.clone(), value);
            self.out.secrets.extend(variable.secret_spans());
        }
        self.out
    }
}
