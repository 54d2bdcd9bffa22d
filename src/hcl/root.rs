//! A root module, evaluated as a whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::engine::{Engine, Known};
use super::scope::{Files, Problem, World};
use super::secret;
use super::syntax::ModuleTree;
use super::variable::{self, Values, Variable};
use crate::input::{Document, Given, Homes, Unreadable};
use crate::source::{SourceMap, Span};
use crate::value::Symbols;

/// A stack for expressions that lead to each other through locals and modules, as deep as [`Limits`](super::Limits) lets them.
const STACK: usize = 256 << 20;

/// A root module and what is known from elsewhere.
#[derive(Clone)]
pub struct RootModule<'r> {
    /// The number of the input.
    pub input: usize,
    /// Its files and those of the modules that it calls.
    pub tree: Arc<ModuleTree>,
    /// Where the values of its variables come from.
    pub variables: &'r variable::Given,
    /// What the command line says of accounts and regions.
    pub given: &'r Given,
    /// The files that functions may read.
    pub files: &'r (dyn Files + Sync),
    /// True where IAM policies, roles and users are wanted, too.
    pub identities: bool,
    /// A plan of the same sources, with what its provider configurations give.
    pub plan: Option<(&'r Document, &'r Homes)>,
}

/// What a root module comes to.
pub struct Evaluated {
    /// Every resource of the types that keytrail reads, in every instance.
    pub document: Document,
    /// What Terraform would refuse. What hangs on it is unknown in the document.
    pub problems: Vec<Problem>,
    /// Places that hold values which must not be shown: what sensitive variables are set to.
    pub secrets: Vec<Span>,
}

/// Works out root modules, one after the other.
pub fn evaluate_roots(
    roots: &[RootModule<'_>],
    sources: &mut SourceMap,
    symbols: &mut Symbols,
) -> Vec<Evaluated> {
    if roots.is_empty() {
        return Vec::new();
    }
    let each = |world: &mut World<'_>| roots.iter().map(|it| evaluated(it, world)).collect();
    let done = std::thread::scope(|threads| {
        let work = || each(&mut World::new(&mut *sources, &mut *symbols));
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(threads, work);
        match thread.ok()?.join() {
            Ok(evaluated) => Some(evaluated),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    });
    // Where no thread is to be had, this one's stack has to do.
    done.unwrap_or_else(|| each(&mut World::new(sources, symbols)))
}

fn evaluated(root: &RootModule<'_>, world: &mut World<'_>) -> Evaluated {
    world.begin();
    // What Terraform refuses before it evaluates anything.
    let mut refused = Vec::new();
    let mut secrets = secret::spans(&root.tree, world);
    let mut variables = BTreeMap::new();
    for (name, block) in &root.tree.source.variables {
        let (variable, wrong) = Variable::declare(name, block, world);
        refused.extend(wrong);
        variables.insert(name.clone(), variable);
    }
    let none = BTreeMap::new();
    let planned = root.plan.map_or(&none, |(plan, _)| &plan.variables);
    let values = Values::read(root.variables, planned, &variables, root.input, world);
    secrets.extend(values.secret_spans());
    refused.extend(values.problems);
    let known = root.plan.map(|(document, homes)| Known { document, homes });
    let mut engine = Engine::new(
        root.input,
        Arc::clone(&root.tree),
        values.values,
        root.given,
        root.files,
        known,
    );
    engine.identities = root.identities;
    let mut evaluated = engine.document(world);
    evaluated.document.notes.extend(values.notes);
    let refused = refused.into_iter().map(|problem| Unreadable {
        message: problem.message,
        origin: problem.origin,
        help: None,
    });
    evaluated.document.unreadable.extend(refused);
    evaluated.secrets.splice(0..0, secrets);
    evaluated
}
