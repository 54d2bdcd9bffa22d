//! Evaluates expressions over [`hcl_edit::expr::Expression`], with Terraform's own meaning.
//!
//! An evaluation never panics and never runs away: see [`Limits`](super::Limits). What cannot be known has a name; what Terraform refuses is
//! a [`Problem`].

mod access;
mod build;
mod call;
mod json;
mod literal;
mod logic;
mod names;
mod operate;
mod reference;
mod template;
mod uncertain;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;
use hcl_edit::template::Template;

use super::number::Number;
use super::scope::{Problem, Scope, Subject, World};
use super::syntax::{JsonExpr, Parsed, Piece, Pieces};
use super::typed::{Typed, weight_of};
use crate::source::{FileId, Origin};
use crate::value::Part;
pub(super) use logic::equal;
pub(super) use names::first_symbol;
pub(super) use operate::made;
use template::Form;

/// A value, or why there is none.
pub(super) type Outcome = Result<Typed, Problem>;

/// Evaluates an expression that was read from `file`, whose places are those of that file.
///
/// # Errors
/// What Terraform would refuse, at its place; and what exceeds the limits.
pub fn evaluate(
    expression: &Expression,
    file: FileId,
    scope: &mut dyn Scope,
    world: &mut World<'_>,
) -> Result<Typed, Problem> {
    Run::new(file, scope, world).eval(expression)
}

/// Evaluates an expression that was read from a stretch of a file.
pub(super) fn evaluate_parsed(
    parsed: &Parsed,
    frames: &Frames,
    scope: &mut dyn Scope,
    world: &mut World<'_>,
) -> Outcome {
    let mut run = Run::new(parsed.file, scope, world);
    run.frames.clone_from(frames);
    run.base = parsed.part.base;
    run.pieces = Some(&parsed.pieces);
    run.eval(&parsed.part.expression)
}

/// Evaluates a value of a JSON file.
pub(super) fn evaluate_json(
    value: &JsonExpr,
    frames: &Frames,
    scope: &mut dyn Scope,
    world: &mut World<'_>,
) -> Outcome {
    // Each template in it brings its own file.
    let file = world.sources.file_of(value.origin.span());
    let mut run = Run::new(file, scope, world);
    run.frames.clone_from(frames);
    run.json(value)
}

/// One evaluation at work.
pub(super) struct Run<'r, 'w> {
    pub(super) scope: &'r mut dyn Scope,
    pub(super) world: &'r mut World<'w>,
    file: FileId,
    text: Arc<str>,
    /// The byte of the file that the ranges of the expression count from.
    base: usize,
    /// What was read apart from the expression.
    pieces: Option<&'r Pieces>,
    /// The variables of loops and templates, the innermost last.
    pub(super) frames: Frames,
    /// True inside a template file, which sees nothing but what it was given.
    sealed: bool,
    resolved: BTreeMap<Subject, Arc<Typed>>,
    steps: usize,
    size: usize,
    /// How often something was done that may turn out to fail once what is unknown is known.
    doubts: usize,
    /// The calls so far that give a new value each time.
    calls: usize,
}

/// What a template or a loop names, innermost last.
pub(super) type Frames = Vec<(String, Arc<Typed>)>;

/// A round of a loop.
pub(super) struct Round {
    pub(super) key: Typed,
    pub(super) value: Typed,
    pub(super) presence: crate::value::Presence,
}

/// The rounds of a loop, and the unknown ones that may follow.
pub(super) struct Rounds {
    pub(super) items: Vec<Round>,
    pub(super) rest: Option<crate::value::Open>,
}

impl<'r, 'w> Run<'r, 'w> {
    /// Work in a file that begins now.
    pub(super) fn new(file: FileId, scope: &'r mut dyn Scope, world: &'r mut World<'w>) -> Self {
        Run {
            text: world.sources.text(file),
            scope,
            world,
            file,
            base: 0,
            pieces: None,
            frames: Vec::new(),
            sealed: false,
            resolved: BTreeMap::new(),
            steps: 0,
            size: 0,
            doubts: 0,
            calls: 0,
        }
    }

    /// The value of an expression.
    pub(super) fn eval(&mut self, expression: &Expression) -> Outcome {
        let range = expression.span().unwrap_or_default();
        let at = self.origin_of(range.clone());
        self.spend(1, &at)?;
        if self.world.depth >= self.world.limits.depth {
            let message = "expressions are nested too deeply to be evaluated";
            return Err(Problem::new(message, &at));
        }
        self.world.depth += 1;
        let value = self.eval_here(expression, range, at);
        self.world.depth -= 1;
        value
    }

    fn eval_here(&mut self, expression: &Expression, range: Range<usize>, at: Origin) -> Outcome {
        match expression {
            Expression::Null(_) => Ok(Typed::null(at)),
            Expression::Bool(it) => Ok(Typed::bool(*it.value(), at)),
            Expression::Number(_) => self.number(&range, at),
            Expression::String(_) => self.quoted(range),
            Expression::Array(_) | Expression::Object(_) => {
                self.list_or_object(expression, &range, at)
            }
            Expression::StringTemplate(it) => self.template(it, Form::Quoted, at),
            Expression::HeredocTemplate(it) => {
                let form = it.indent().map_or(Form::Lines, |_| Form::Flush);
                let flush = self.source(&range).starts_with("<<-");
                let form = if flush { Form::Flush } else { form };
                self.template(&it.template, form, at)
            }
            Expression::Parenthesis(it) => self.eval(it.inner()),
            Expression::Variable(name) => self.variable(name, &[], at),
            Expression::Conditional(it) => self.conditional(it, &at),
            Expression::FuncCall(it) => self.call(it, &at),
            Expression::Traversal(it) => self.traversal(it, at),
            Expression::UnaryOp(it) => self.unary(it, &at),
            Expression::BinaryOp(it) => self.binary(it, &at),
            Expression::ForExpr(it) => self.comprehension(it, &at),
        }
    }

    /// The value of a template file, which sees nothing but the variables it is given.
    pub(super) fn template_file(
        &mut self,
        template: &Template,
        file: FileId,
        variables: Frames,
        at: Origin,
    ) -> Outcome {
        let text = self.world.sources.text(file);
        let before = (
            std::mem::replace(&mut self.file, file),
            std::mem::replace(&mut self.text, text),
            std::mem::replace(&mut self.base, 0),
            self.pieces.take(),
            std::mem::replace(&mut self.frames, variables),
            std::mem::replace(&mut self.sealed, true),
        );
        let value = self.template(template, Form::Lines, at);
        (
            self.file,
            self.text,
            self.base,
            self.pieces,
            self.frames,
            self.sealed,
        ) = before;
        value
    }

    /// The part of the expression that was read on its own and begins where `range` does, if there is one.
    fn piece(&self, range: &Range<usize>) -> Option<&'r Piece> {
        let piece = self.pieces?.get(&(self.base + range.start))?;
        match piece {
            // The part itself begins there too.
            Piece::Deep(part) if part.base == self.base => None,
            _ => Some(piece),
        }
    }

    /// Works with ranges that count from another byte.
    fn based<T>(&mut self, base: usize, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.base, base);
        let value = work(self);
        self.base = before;
        value
    }

    fn list_or_object(
        &mut self,
        expression: &Expression,
        range: &Range<usize>,
        at: Origin,
    ) -> Outcome {
        match (self.piece(range), expression) {
            (Some(Piece::Deep(part)), _) => self.based(part.base, |run| run.eval(&part.expression)),
            (Some(Piece::Members(parts)), _) => self.large_object(parts, at),
            (None, Expression::Array(it)) => self.tuple(it, at),
            (None, Expression::Object(it)) => self.object(it, at),
            (None, other) => self.eval(other),
        }
    }

    /// True inside a template file.
    pub(super) fn in_template(&self) -> bool {
        self.sealed
    }

    /// A number, read from the original: `hcl_edit` keeps a float at most.
    fn number(&mut self, range: &Range<usize>, at: Origin) -> Outcome {
        let mut text = self.source(range).to_owned();
        text.retain(|letter| !letter.is_whitespace());
        match Number::parse(&text) {
            Some(number) => Ok(Typed::number(number, at)),
            None => Err(Problem::new(
                "this number is too large to be worked with",
                &at,
            )),
        }
    }

    /// The text of a range of the file.
    pub(super) fn source(&self, range: &Range<usize>) -> &str {
        let range = self.base + range.start..self.base + range.end;
        self.text.get(range).unwrap_or_default()
    }

    /// The text at a place of the file.
    pub(super) fn written(&self, at: &Origin) -> String {
        let base = self.world.sources.span(self.file, 0..0).start;
        let offset = |at: u32| at.saturating_sub(base) as usize;
        let span = at.span();
        let range = offset(span.start)..offset(span.end);
        self.text.get(range).unwrap_or_default().to_owned()
    }

    /// The place of a range of the file.
    pub(super) fn origin_of(&self, range: Range<usize>) -> Origin {
        let range = self.base + range.start..self.base + range.end;
        Origin::new(self.world.sources.span(self.file, range))
    }

    /// The place of a node.
    pub(super) fn origin(&self, of: &impl hcl_edit::Span) -> Origin {
        self.origin_of(of.span().unwrap_or_default())
    }

    /// Counts what is evaluated.
    pub(super) fn spend(&mut self, steps: usize, at: &Origin) -> Result<(), Problem> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > self.world.limits.steps {
            let message = "this takes too many steps to be evaluated";
            return Err(Problem::new(message, at));
        }
        self.world.spend(steps, 0, at)
    }

    /// Counts what is made.
    pub(super) fn spend_size(&mut self, size: usize, at: &Origin) -> Result<(), Problem> {
        self.size = self.size.saturating_add(size);
        if self.size > self.world.limits.size {
            let message = "the value grows too large to be evaluated";
            return Err(Problem::new(message, at));
        }
        self.world.spend(0, size, at)
    }

    /// Counts parts that are added to a text.
    pub(super) fn grow(&mut self, parts: &[Part], at: &Origin) -> Result<(), Problem> {
        self.spend_size(parts.iter().map(weight_of).sum(), at)
    }
}
