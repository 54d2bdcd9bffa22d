//! The references of an expression, without evaluating it.

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ForExpr, Object, ObjectKey, Traversal, TraversalOperator};
use hcl_edit::template::{Directive, Element, Template};

use super::expression::{Parsed, Part, Piece, Pieces, step};
use super::json::{JsonExpr, JsonKind};
use crate::source::Span;

/// The text of an expression that is nothing but a reference without computed parts.
pub(super) fn whole(expression: &Expression) -> Option<String> {
    match expression {
        Expression::Variable(name) => Some(name.to_string()),
        Expression::Parenthesis(inner) => whole(inner.inner()),
        Expression::Traversal(it) => {
            let Expression::Variable(name) = &it.expr else {
                return None;
            };
            let mut text = name.to_string();
            for operator in &it.operators {
                text.push_str(&step(operator.value())?);
            }
            Some(text)
        }
        Expression::StringTemplate(it) => match it.as_single_element()? {
            Element::Interpolation(only) => whole(&only.expr),
            _ => None,
        },
        _ => None,
    }
}

/// Steps of a reference of which every shorter form is listed; no resource or module has attributes deeper inside each other.
const LONGEST: usize = 64;

/// Collects references in source order.
#[derive(Default)]
pub(super) struct References {
    found: Vec<String>,
    /// The variables of the loops around.
    bound: Vec<String>,
    /// What `sensitive` is called with, unless that is a reference: bytes of the file.
    secrets: Vec<Range<usize>>,
    /// The same in strings of JSON files: the whole string.
    secret_strings: Vec<Span>,
}

impl References {
    /// What was found.
    pub(super) fn into_list(self) -> Vec<String> {
        self.found
    }

    /// What `sensitive` is called with: bytes of the file of an expression, and strings of a JSON value.
    pub(super) fn into_secrets(self) -> (Vec<Range<usize>>, Vec<Span>) {
        (self.secrets, self.secret_strings)
    }

    /// Those of an expression.
    pub(super) fn parsed(&mut self, parsed: &Parsed) {
        self.part(&parsed.part, &parsed.pieces);
    }

    /// Those of a JSON value.
    pub(super) fn json(&mut self, value: &JsonExpr) {
        match &value.kind {
            JsonKind::Template(it) => {
                self.template(&it.template, &Walk::plain(it.base));
                if !self.secrets.is_empty() {
                    self.secrets.clear();
                    self.secret_strings.push(value.origin.span());
                }
            }
            JsonKind::Array(items) => items.iter().for_each(|item| self.json(item)),
            JsonKind::Object(members) => {
                for member in members {
                    self.json(&member.key);
                    self.json(&member.value);
                }
            }
            _ => {}
        }
    }

    fn part(&mut self, part: &Part, pieces: &Pieces) {
        let walk = Walk {
            base: part.base,
            pieces: Some(pieces),
        };
        self.expression(&part.expression, &walk);
    }

    fn expression(&mut self, expression: &Expression, walk: &Walk<'_>) {
        match expression {
            Expression::Null(_)
            | Expression::Bool(_)
            | Expression::Number(_)
            | Expression::String(_) => {}
            Expression::Array(items) => {
                if !self.piece(expression, walk) {
                    items.iter().for_each(|item| self.expression(item, walk));
                }
            }
            Expression::Object(members) => {
                if self.piece(expression, walk) {
                    return;
                }
                self.members(members, walk);
            }
            Expression::StringTemplate(it) => self.template(it, walk),
            Expression::HeredocTemplate(it) => self.template(&it.template, walk),
            Expression::Parenthesis(it) => self.expression(it.inner(), walk),
            Expression::Variable(name) => self.traversal(name.as_str(), &[]),
            Expression::Conditional(it) => {
                self.expression(&it.cond_expr, walk);
                self.expression(&it.true_expr, walk);
                self.expression(&it.false_expr, walk);
            }
            Expression::FuncCall(it) => {
                if it.name.namespace.is_empty() && it.name.name.as_str() == "sensitive" {
                    let written = it.args.iter().filter(|item| whole(item).is_none());
                    let spans = written.filter_map(hcl_edit::Span::span);
                    self.secrets
                        .extend(spans.map(|it| walk.base + it.start..walk.base + it.end));
                }
                it.args.iter().for_each(|item| self.expression(item, walk));
            }
            Expression::Traversal(it) => self.steps(it, walk),
            Expression::UnaryOp(it) => self.expression(&it.expr, walk),
            Expression::BinaryOp(it) => {
                self.expression(&it.lhs_expr, walk);
                self.expression(&it.rhs_expr, walk);
            }
            Expression::ForExpr(it) => self.comprehension(it, walk),
        }
    }

    fn members(&mut self, members: &Object, walk: &Walk<'_>) {
        for (key, value) in members {
            if let ObjectKey::Expression(key) = key {
                self.expression(key, walk);
            }
            self.expression(value.expr(), walk);
        }
    }

    /// True where the expression was read on its own; its references are then found.
    fn piece(&mut self, expression: &Expression, walk: &Walk<'_>) -> bool {
        let Some(pieces) = walk.pieces.filter(|it| !it.is_empty()) else {
            return false;
        };
        let start = walk.base + expression.span().unwrap_or_default().start;
        match pieces.get(&start) {
            Some(Piece::Deep(part)) if part.base != walk.base => self.part(part, pieces),
            Some(Piece::Members(parts)) => {
                for part in parts {
                    if let Expression::Object(members) = &part.expression {
                        self.members(members, &walk.at(part.base));
                    }
                }
            }
            _ => return false,
        }
        true
    }

    fn comprehension(&mut self, it: &ForExpr, walk: &Walk<'_>) {
        self.expression(&it.intro.collection_expr, walk);
        let outside = self.bound.len();
        let names = [it.intro.key_var.as_ref(), Some(&it.intro.value_var)];
        let names = names.into_iter().flatten();
        self.bound.extend(names.map(ToString::to_string));
        let parts = [
            it.key_expr.as_ref(),
            Some(&it.value_expr),
            it.cond.as_ref().map(|it| &it.expr),
        ];
        for part in parts.into_iter().flatten() {
            self.expression(part, walk);
        }
        self.bound.truncate(outside);
    }

    fn template(&mut self, template: &Template, walk: &Walk<'_>) {
        for element in template {
            match element {
                Element::Literal(_) => {}
                Element::Interpolation(it) => self.expression(&it.expr, walk),
                Element::Directive(it) => match &**it {
                    Directive::If(it) => {
                        self.expression(&it.if_expr.cond_expr, walk);
                        self.template(&it.if_expr.template, walk);
                        if let Some(other) = &it.else_expr {
                            self.template(&other.template, walk);
                        }
                    }
                    Directive::For(it) => {
                        let it = &it.for_expr;
                        self.expression(&it.collection_expr, walk);
                        let outside = self.bound.len();
                        let names = [it.key_var.as_ref(), Some(&it.value_var)];
                        let names = names.into_iter().flatten();
                        self.bound.extend(names.map(ToString::to_string));
                        self.template(&it.template, walk);
                        self.bound.truncate(outside);
                    }
                },
            }
        }
    }

    /// A reference up to its first computed part, then what the computed parts refer to.
    fn steps(&mut self, traversal: &Traversal, walk: &Walk<'_>) {
        let Expression::Variable(name) = &traversal.expr else {
            self.expression(&traversal.expr, walk);
            self.indexes(traversal, 0, walk);
            return;
        };
        let steps: Vec<String> = traversal
            .operators
            .iter()
            .take(LONGEST)
            .map_while(|operator| step(operator.value()))
            .collect();
        self.traversal(name.as_str(), &steps);
        self.indexes(traversal, steps.len(), walk);
    }

    fn indexes(&mut self, traversal: &Traversal, from: usize, walk: &Walk<'_>) {
        for operator in traversal.operators.iter().skip(from) {
            if let TraversalOperator::Index(index) = operator.value() {
                self.expression(index, walk);
            }
        }
    }

    /// Adds a reference and its shorter forms.
    fn traversal(&mut self, first: &str, steps: &[String]) {
        if self.bound.iter().any(|name| name == first) {
            return;
        }
        let is_name = |at: usize| steps.get(at).is_some_and(|step| step.starts_with('.'));
        // `resource.aws_kms_key.k` is `aws_kms_key.k` with its full name.
        if first == "resource"
            && is_name(1)
            && let Some((kind, rest)) = steps.split_first()
        {
            return self.traversal(kind.trim_start_matches('.'), rest);
        }
        // How many steps the shortest form has; a module's output belongs to its subject and its call is listed too.
        let shortest = match first {
            "self" => 0,
            "data" | "ephemeral" => 2,
            _ => 1,
        };
        if !(0..shortest).all(is_name) {
            return;
        }
        for length in (shortest..=steps.len()).rev() {
            let path: String = steps.iter().take(length).map(String::as_str).collect();
            self.found.push(format!("{first}{path}"));
        }
    }
}

/// The part of an expression that is gone through.
struct Walk<'p> {
    base: usize,
    pieces: Option<&'p Pieces>,
}

impl Walk<'_> {
    fn plain(base: usize) -> Self {
        Walk { base, pieces: None }
    }

    fn at(&self, base: usize) -> Self {
        Walk { base, ..*self }
    }
}
