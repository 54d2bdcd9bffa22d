//! Templates: quoted strings, heredocs and files, with interpolations and directives.

use std::ops::Range;
use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::template::{Directive, Element, ForDirective, ForTemplateExpr, Template};

use super::literal::{self, Token, tokens};
use super::{Outcome, Run};
use crate::hcl::scope::Problem;
use crate::hcl::typed::{Data, Typed};
use crate::source::Origin;
use crate::value::{Part, PartKind, Presence, Text};

/// Which rules a template's text follows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `"…"`
    Quoted,
    /// `<<X`, or a file.
    Lines,
    /// `<<-X`
    Flush,
}

/// A node of a template, its text decoded.
pub(super) enum Node<'t> {
    Literal(Token),
    Interpolation(&'t Expression, Range<usize>),
    If {
        condition: &'t Expression,
        then: Vec<Node<'t>>,
        /// What follows the `else`, which is a mark of its own.
        other: Option<Vec<Node<'t>>>,
        range: Range<usize>,
    },
    For {
        directive: &'t ForDirective,
        body: Vec<Node<'t>>,
        range: Range<usize>,
    },
}

/// Whether the marks before and after a stretch of elements have a `~` on its side.
#[derive(Clone, Copy)]
struct Strip {
    before: bool,
    after: bool,
}

impl Run<'_, '_> {
    /// The value of a template: that of its expression where it is nothing else, else text.
    pub(super) fn template(&mut self, template: &Template, form: Form, whole: Origin) -> Outcome {
        if let Some(Element::Interpolation(only)) = template.as_single_element() {
            return self.eval(&only.expr);
        }
        let none = Strip {
            before: false,
            after: false,
        };
        let elements: Vec<&Element> = template.iter().collect();
        let mut nodes = self.nodes(&elements, form, none)?;
        if form == Form::Flush {
            flush(&mut nodes);
        }
        let mut parts = Vec::new();
        let marked = self.render(&nodes, &mut parts)?;
        let mut text = Typed::text(Text::from_parts(parts), whole);
        text.sensitive |= marked;
        Ok(text)
    }

    /// The text of a quoted string without interpolations, whose quotes `range` holds.
    pub(super) fn quoted(&mut self, range: Range<usize>) -> Outcome {
        let whole = self.origin_of(range.clone());
        let inner = range.start + 1..range.end.saturating_sub(1);
        let raw = self.source(&inner).to_owned();
        let chunks = literal::decode(&raw, inner.start, true).map_err(|bad| self.bad(bad))?;
        let mut parts = Vec::new();
        for chunk in chunks {
            self.push(&mut parts, &chunk.text, chunk.range)?;
        }
        Ok(Typed::text(Text::from_parts(parts), whole))
    }

    fn bad(&self, bad: literal::BadText) -> Problem {
        Problem::new(bad.message, &self.origin_of(bad.range))
    }

    /// Decodes the elements. A `~` takes white space off the one token beside it, and only where that is a literal.
    fn nodes<'t>(
        &mut self,
        elements: &[&'t Element],
        form: Form,
        strip: Strip,
    ) -> Result<Vec<Node<'t>>, Problem> {
        let mut nodes = Vec::new();
        for (at, element) in elements.iter().enumerate() {
            let range = element.span().unwrap_or_default();
            match element {
                Element::Literal(_) => {
                    let raw = self.source(&range).to_owned();
                    let mut tokens = tokens(&raw, range.start, form == Form::Quoted)
                        .map_err(|bad| self.bad(bad))?;
                    let before = at.checked_sub(1).and_then(|at| elements.get(at));
                    if before.map_or(strip.before, |mark| closes_stripped(mark))
                        && let Some(first) = tokens.first_mut()
                    {
                        first.trim_start();
                    }
                    if elements
                        .get(at + 1)
                        .map_or(strip.after, |mark| opens_stripped(mark))
                        && let Some(last) = tokens.last_mut()
                    {
                        last.trim_end();
                    }
                    nodes.extend(tokens.into_iter().map(Node::Literal));
                }
                Element::Interpolation(it) => nodes.push(Node::Interpolation(&it.expr, range)),
                Element::Directive(it) => nodes.push(self.directive(it, form, range)?),
            }
        }
        Ok(nodes)
    }

    fn directive<'t>(
        &mut self,
        directive: &'t Directive,
        form: Form,
        range: Range<usize>,
    ) -> Result<Node<'t>, Problem> {
        match directive {
            Directive::If(it) => {
                let elements: Vec<&Element> = it.if_expr.template.iter().collect();
                let end = it.endif_expr.strip.strip_start();
                let next = it.else_expr.as_ref();
                let strip = Strip {
                    before: it.if_expr.strip.strip_end(),
                    after: next.map_or(end, |it| it.strip.strip_start()),
                };
                let then = self.nodes(&elements, form, strip)?;
                let mut other = None;
                if let Some(it) = next {
                    let elements: Vec<&Element> = it.template.iter().collect();
                    let strip = Strip {
                        before: it.strip.strip_end(),
                        after: end,
                    };
                    other = Some(self.nodes(&elements, form, strip)?);
                }
                Ok(Node::If {
                    condition: &it.if_expr.cond_expr,
                    then,
                    other,
                    range,
                })
            }
            Directive::For(it) => {
                let elements: Vec<&Element> = it.for_expr.template.iter().collect();
                let strip = Strip {
                    before: it.for_expr.strip.strip_end(),
                    after: it.endfor_expr.strip.strip_start(),
                };
                let body = self.nodes(&elements, form, strip)?;
                Ok(Node::For {
                    directive: it,
                    body,
                    range,
                })
            }
        }
    }

    /// Appends the text of the nodes; true where a sensitive value decided what it is.
    pub(super) fn render(
        &mut self,
        nodes: &[Node<'_>],
        out: &mut Vec<Part>,
    ) -> Result<bool, Problem> {
        let mut marked = false;
        for node in nodes {
            match node {
                Node::Literal(token) => {
                    for chunk in &token.chunks {
                        self.push(out, &chunk.text, chunk.range.clone())?;
                    }
                }
                Node::Interpolation(expression, range) => {
                    let value = self.eval(expression)?;
                    self.interpolate(&value, range.clone(), out)?;
                }
                Node::If {
                    condition,
                    then,
                    other,
                    range,
                } => {
                    let value = self.eval(condition)?;
                    marked |= value.is_sensitive();
                    let at = self.origin_of(range.clone());
                    match self.condition(&value, &at)? {
                        Some(true) => marked |= self.render(then, out)?,
                        Some(false) => {
                            if let Some(other) = other {
                                marked |= self.render(other, out)?;
                            }
                        }
                        None => {
                            let other = other.as_deref().unwrap_or_default();
                            self.one_of_two(&value, then, other, &at, out)?;
                        }
                    }
                }
                Node::For {
                    directive,
                    body,
                    range,
                } => marked |= self.repeat(directive, body, range.clone(), out)?,
            }
        }
        Ok(marked)
    }

    fn repeat(
        &mut self,
        directive: &ForDirective,
        body: &[Node<'_>],
        range: Range<usize>,
        out: &mut Vec<Part>,
    ) -> Result<bool, Problem> {
        let intro = &directive.for_expr;
        let collection = self.eval(&intro.collection_expr)?;
        let mut marked = collection.sensitive;
        let at = self.origin_of(range);
        let Some(rounds) = self.rounds(&collection, &at)? else {
            self.each(intro, body, &collection, &at, out)?;
            return Ok(marked);
        };
        for round in rounds.items {
            if round.presence == Presence::Present {
                marked |= self.round(intro, body, (round.key, round.value), &at, out)?;
            } else {
                self.maybe_round(intro, body, round, &at, out)?;
            }
        }
        if rounds.rest.is_some() {
            self.each(intro, body, &collection, &at, out)?;
        }
        Ok(marked)
    }

    /// The text of one round of a loop.
    pub(super) fn round(
        &mut self,
        intro: &ForTemplateExpr,
        body: &[Node<'_>],
        (key, value): (Typed, Typed),
        at: &Origin,
        out: &mut Vec<Part>,
    ) -> Result<bool, Problem> {
        let depth = self.frames.len();
        if let Some(name) = &intro.key_var {
            self.frames.push((name.to_string(), Arc::new(key)));
        }
        let name = intro.value_var.to_string();
        self.frames.push((name, Arc::new(value)));
        let done = self.spend(1, at).and_then(|()| self.render(body, out));
        self.frames.truncate(depth);
        done
    }

    /// Appends a value in a text, as `${…}` does.
    fn interpolate(
        &mut self,
        value: &Typed,
        range: Range<usize>,
        out: &mut Vec<Part>,
    ) -> Result<(), Problem> {
        let at = self.origin_of(range);
        if value.is_null() {
            let message = "the expression result is null; a string template cannot include it";
            return Err(Problem::new(message, &at));
        }
        if matches!(value.data, Data::Sequence(_) | Data::Mapping(_)) {
            let message = "cannot include the given value in a string template: string required";
            return Err(Problem::new(message, &at));
        }
        let text = self.text_parts(value, &at)?;
        self.grow(&text, &at)?;
        out.extend(text);
        Ok(())
    }

    /// Appends text that was written here; text that goes on where the last piece ended becomes one piece with it.
    pub(super) fn push(
        &mut self,
        out: &mut Vec<Part>,
        text: &str,
        range: Range<usize>,
    ) -> Result<(), Problem> {
        let origin = self.origin_of(range);
        self.spend_size(text.len(), &origin)?;
        if text.is_empty() {
            return Ok(());
        }
        let straight = |origin: &Origin, length: usize| origin.span().len() as usize == length;
        if let Some(Part {
            kind: PartKind::Literal(last),
            origin: before,
            sensitive: false,
        }) = out.last_mut()
            && before.span().end == origin.span().start
            && straight(before, last.len())
            && straight(&origin, text.len())
        {
            last.push_str(text);
            *before = Origin::new(before.span().to(origin.span()));
            return Ok(());
        }
        out.push(Part {
            kind: PartKind::Literal(text.to_owned()),
            origin,
            sensitive: false,
        });
        Ok(())
    }
}

/// Takes the indent that all lines share off each of them: `<<-`. Only literal text at the start of a line counts and is cut.
fn flush(nodes: &mut [Node<'_>]) {
    let mut least = usize::MAX;
    at_line_starts(nodes, &mut true, &mut |token| {
        // A mark at the start of a line has no indent.
        let indent = token.map_or(Some(0), |token| token.indent());
        least = least.min(indent.unwrap_or(usize::MAX));
    });
    if least == 0 || least == usize::MAX {
        return;
    }
    at_line_starts(nodes, &mut true, &mut |token| {
        if let Some(token) = token
            && token.indent().is_some()
        {
            token.dedent(least);
        }
    });
}

/// Calls `then` with what stands at the start of each line: a literal, or nothing for a mark.
fn at_line_starts(
    nodes: &mut [Node<'_>],
    newline: &mut bool,
    then: &mut impl FnMut(Option<&mut Token>),
) {
    let mark = |newline: &mut bool, then: &mut dyn FnMut(Option<&mut Token>)| {
        if std::mem::take(newline) {
            then(None);
        }
    };
    for node in nodes {
        match node {
            Node::Literal(token) => {
                let ends = token.ends_line();
                if std::mem::replace(newline, ends) {
                    then(Some(token));
                }
            }
            Node::Interpolation(..) => mark(newline, then),
            Node::If {
                then: first, other, ..
            } => {
                mark(newline, then);
                at_line_starts(first, newline, then);
                if let Some(other) = other {
                    mark(newline, then);
                    at_line_starts(other, newline, then);
                }
                mark(newline, then);
            }
            Node::For { body, .. } => {
                mark(newline, then);
                at_line_starts(body, newline, then);
                mark(newline, then);
            }
        }
    }
}

/// True where the mark before a text ends with `~}`.
fn closes_stripped(mark: &Element) -> bool {
    match mark {
        Element::Literal(_) => false,
        Element::Interpolation(it) => it.strip.strip_end(),
        Element::Directive(it) => match &**it {
            Directive::If(it) => it.endif_expr.strip.strip_end(),
            Directive::For(it) => it.endfor_expr.strip.strip_end(),
        },
    }
}

/// True where the mark after a text starts with `${~` or `%{~`.
fn opens_stripped(mark: &Element) -> bool {
    match mark {
        Element::Literal(_) => false,
        Element::Interpolation(it) => it.strip.strip_start(),
        Element::Directive(it) => match &**it {
            Directive::If(it) => it.if_expr.strip.strip_start(),
            Directive::For(it) => it.for_expr.strip.strip_start(),
        },
    }
}
