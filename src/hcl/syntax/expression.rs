//! Expressions with the file they stand in.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey, TraversalOperator};
use hcl_edit::template::Element;

use super::json::{JsonExpr, JsonKind};
use super::references;
use crate::address;
use crate::hcl::expr;
use crate::hcl::read::{Extent, Place, read_expression};
use crate::hcl::scope::{Problem, Scope, World};
use crate::hcl::typed::Typed;
use crate::source::{FileId, Origin, SourceMap, Span};

/// An expression and where it stands: in HCL, or a value of a `.tf.json` file whose strings are templates.
#[derive(Clone)]
pub struct Expr {
    pub(super) form: Form,
    origin: Origin,
}

#[derive(Clone)]
pub(super) enum Form {
    Hcl(Arc<Parsed>),
    Json(Arc<JsonExpr>),
    Broken(Arc<str>),
    /// Read when it is first asked for.
    Late(Arc<Late>),
}

/// An expression that is read when it is first asked for, as most of what does not bear on a key is never.
pub(super) struct Late {
    text: Arc<str>,
    extent: Extent,
    place: Place,
    form: OnceLock<Form>,
}

/// An expression that was read from a stretch of a file.
pub(in crate::hcl) struct Parsed {
    /// The expression.
    pub(in crate::hcl) part: Part,
    /// The file.
    pub(in crate::hcl) file: FileId,
    /// What `hcl_edit` could not read as a part of the whole, by the byte of the file at which it begins: the expression holds an empty
    /// object or list there.
    pub(in crate::hcl) pieces: Arc<Pieces>,
}

/// An expression that was read on its own.
pub(in crate::hcl) struct Part {
    /// Its ranges count from `base`.
    pub(in crate::hcl) expression: Expression,
    /// The byte of the file at which the stretch begins.
    pub(in crate::hcl) base: usize,
}

/// Parts of an expression that were read on their own.
pub(in crate::hcl) type Pieces = BTreeMap<usize, Piece>;

/// A part of an expression that was read on its own.
pub(in crate::hcl) enum Piece {
    /// A list or object that lies too deep.
    Deep(Part),
    /// The members of a large object, in several objects.
    Members(Vec<Part>),
}

impl Expr {
    /// An expression of a file.
    pub(in crate::hcl) fn hcl(parsed: Parsed, origin: Origin) -> Self {
        let form = Form::Hcl(Arc::new(parsed));
        Expr { form, origin }
    }

    /// A value of a JSON file.
    pub(in crate::hcl) fn json(value: Arc<JsonExpr>, origin: Origin) -> Self {
        let form = Form::Json(value);
        Expr { form, origin }
    }

    /// An expression that could not be read: evaluating it says so.
    pub(in crate::hcl) fn broken(message: &str, origin: Origin) -> Self {
        let form = Form::Broken(Arc::from(message));
        Expr { form, origin }
    }

    /// An expression that is read when it is first asked for.
    pub(in crate::hcl) fn late(text: Arc<str>, extent: Extent, place: Place) -> Self {
        let origin = place.origin(extent.range.clone());
        let form = OnceLock::new();
        Expr {
            form: Form::Late(Arc::new(Late {
                text,
                extent,
                place,
                form,
            })),
            origin,
        }
    }

    pub(super) fn form(&self) -> &Form {
        let Form::Late(late) = &self.form else {
            return &self.form;
        };
        let read = || match read_expression(&late.text, &late.extent, late.place) {
            Ok(expr) => expr.form,
            Err(message) => Form::Broken(Arc::from(message)),
        };
        late.form.get_or_init(read)
    }

    /// Where it stands.
    pub fn origin(&self) -> Origin {
        self.origin.clone()
    }

    /// Its value.
    ///
    /// # Errors
    /// What Terraform would refuse, at its place; what exceeds the limits; and that it could not be read.
    pub fn evaluate(&self, scope: &mut dyn Scope, world: &mut World<'_>) -> Result<Typed, Problem> {
        self.evaluate_in(&expr::Frames::new(), scope, world)
    }

    /// Its value inside of loops: `frames` are their variables, the innermost last.
    pub(in crate::hcl) fn evaluate_in(
        &self,
        frames: &expr::Frames,
        scope: &mut dyn Scope,
        world: &mut World<'_>,
    ) -> Result<Typed, Problem> {
        match self.form() {
            Form::Hcl(parsed) => expr::evaluate_parsed(parsed, frames, scope, world),
            Form::Json(value) => expr::evaluate_json(value, frames, scope, world),
            Form::Broken(message) => Err(Problem::new(message.to_string(), &self.origin)),
            Form::Late(_) => Err(Problem::new("this could not be read", &self.origin)),
        }
    }

    /// A static reference as text: `aws.security`, `aws_kms_key.k[0]`; also in quotes, as Terraform 0.11 and JSON write it.
    pub fn reference(&self) -> Option<String> {
        match self.form() {
            Form::Hcl(parsed) => match &parsed.part.expression {
                Expression::String(text) => traversal_text(text.value()),
                other => references::whole(other),
            },
            Form::Json(value) => match &value.kind {
                JsonKind::Literal(text) => traversal_text(&text.to_literal()?),
                JsonKind::Template(it) => match it.template.as_single_element() {
                    Some(Element::Interpolation(only)) => references::whole(&only.expr),
                    _ => None,
                },
                _ => None,
            },
            Form::Broken(_) | Form::Late(_) => None,
        }
    }

    /// The text of a string without interpolations.
    pub fn literal(&self) -> Option<String> {
        match self.form() {
            Form::Hcl(parsed) => literal(&parsed.part.expression),
            Form::Json(value) => match &value.kind {
                JsonKind::Literal(text) => text.to_literal(),
                _ => None,
            },
            Form::Broken(_) | Form::Late(_) => None,
        }
    }

    /// The members of an object as they are written, `{ aws = aws.security }`: the key's text, and the value. Empty where it is no
    /// object; a key that has to be evaluated is left out.
    pub fn pairs(&self, sources: &SourceMap) -> Vec<(String, Expr)> {
        match self.form() {
            Form::Hcl(parsed) => parsed.pairs(sources),
            Form::Json(value) => match &value.kind {
                JsonKind::Object(members) => members
                    .iter()
                    .filter(|member| member.name != "//")
                    .map(|it| (it.name.clone(), inner_json(&it.value)))
                    .collect(),
                _ => Vec::new(),
            },
            Form::Broken(_) | Form::Late(_) => Vec::new(),
        }
    }

    /// The items of a list as they are written, `[aws_kms_key.k, module.kms]`; empty where it is no list.
    pub fn items(&self, sources: &SourceMap) -> Vec<Expr> {
        match self.form() {
            Form::Hcl(parsed) => parsed.items(sources),
            Form::Json(value) => match &value.kind {
                JsonKind::Array(items) => items.iter().map(inner_json).collect(),
                _ => Vec::new(),
            },
            Form::Broken(_) | Form::Late(_) => Vec::new(),
        }
    }

    /// The references that it makes, as `terraform show -json` lists them: in source order, each with its shorter forms down to the
    /// subject (`aws_kms_key.k[0].arn`, `aws_kms_key.k[0]`, `aws_kms_key.k`), repetitions kept. A splat or an index that is computed
    /// ends a reference, and those inside the index follow it.
    ///
    /// Source: `marshalExpression` in Terraform's `internal/command/jsonconfig/expression.go`.
    pub fn references(&self) -> Vec<String> {
        let mut found = references::References::default();
        match self.form() {
            Form::Hcl(parsed) => found.parsed(parsed),
            Form::Json(value) => found.json(value),
            Form::Broken(_) | Form::Late(_) => {}
        }
        found.into_list()
    }

    /// Where it writes out what it then calls [sensitive](https://developer.hashicorp.com/terraform/language/functions/sensitive).
    pub fn secret_spans(&self, sources: &SourceMap) -> Vec<Span> {
        // Most of what is read late is never read.
        if let Form::Late(late) = &self.form
            && let Some(text) = late.text.get(late.extent.range.clone())
            && !text.contains("sensitive")
        {
            return Vec::new();
        }
        let mut found = references::References::default();
        match self.form() {
            Form::Hcl(parsed) => found.parsed(parsed),
            Form::Json(value) => found.json(value),
            Form::Broken(_) | Form::Late(_) => {}
        }
        let (ranges, mut spans) = found.into_secrets();
        if let Form::Hcl(parsed) = self.form() {
            spans.extend(ranges.into_iter().map(|it| sources.span(parsed.file, it)));
        }
        spans
    }

    /// True where it could not be read, which [`Expr::evaluate`] says too.
    pub fn is_broken(&self) -> bool {
        matches!(self.form(), Form::Broken(_))
    }
}

impl Parsed {
    pub(super) fn pairs(&self, sources: &SourceMap) -> Vec<(String, Expr)> {
        let text = sources.text(self.file);
        let mut pairs = Vec::new();
        for part in self.part.members(&self.pieces) {
            let Expression::Object(object) = &part.expression else {
                continue;
            };
            for (key, value) in object {
                let key = match key {
                    // What `hcl_edit` knows of a name may be rewritten.
                    ObjectKey::Ident(name) => {
                        let range = part.range(name.span());
                        text.get(range).map(str::to_owned)
                    }
                    // `aws.west = aws.west` is no key in an expression, and one in `providers`.
                    ObjectKey::Expression(it) => literal(it).or_else(|| references::whole(it)),
                };
                if let Some(key) = key {
                    pairs.push((key, self.inner(part, value.expr(), sources)));
                }
            }
        }
        pairs
    }

    fn items(&self, sources: &SourceMap) -> Vec<Expr> {
        let part = match self.pieces.get(&self.part.start()) {
            Some(Piece::Deep(part)) => part,
            _ => &self.part,
        };
        match &part.expression {
            Expression::Array(items) => {
                let item = |it| self.inner(part, it, sources);
                items.iter().map(item).collect()
            }
            _ => Vec::new(),
        }
    }

    /// An expression inside a part of this one.
    pub(super) fn inner(&self, part: &Part, expression: &Expression, sources: &SourceMap) -> Expr {
        let range = part.range(expression.span());
        let origin = Origin::new(sources.span(self.file, range));
        let parsed = Parsed {
            part: Part {
                expression: expression.clone(),
                base: part.base,
            },
            file: self.file,
            pieces: Arc::clone(&self.pieces),
        };
        Expr::hcl(parsed, origin)
    }
}

impl Part {
    /// The bytes of the file that a span in this part covers.
    pub(in crate::hcl) fn range(&self, span: Option<Range<usize>>) -> Range<usize> {
        let span = span.unwrap_or_default();
        self.base + span.start..self.base + span.end
    }

    /// The byte of the file at which it begins.
    fn start(&self) -> usize {
        self.range(self.expression.span()).start
    }

    /// The expression, or the parts that its members lie in.
    pub(super) fn members<'p>(&'p self, pieces: &'p Pieces) -> Vec<&'p Part> {
        match pieces.get(&self.start()) {
            Some(Piece::Members(parts)) => parts.iter().collect(),
            Some(Piece::Deep(part)) => vec![part],
            None => vec![self],
        }
    }
}

fn inner_json(value: &Arc<JsonExpr>) -> Expr {
    Expr::json(Arc::clone(value), value.origin.clone())
}

fn literal(expression: &Expression) -> Option<String> {
    let template = match expression {
        Expression::String(text) => return Some(text.value().clone()),
        Expression::Parenthesis(inner) => return literal(inner.inner()),
        Expression::HeredocTemplate(it) => &it.template,
        _ => return None,
    };
    let mut out = String::new();
    for element in template {
        match element {
            Element::Literal(text) => out.push_str(text.value()),
            _ => return None,
        }
    }
    Some(out)
}

/// A text that is nothing but a reference without computed parts.
fn traversal_text(text: &str) -> Option<String> {
    let parsed = crate::hcl::parse_expression(text.trim()).ok()?;
    match &parsed {
        Expression::Variable(_) | Expression::Traversal(_) => references::whole(&parsed),
        _ => None,
    }
}

/// The text of an operator that is no splat and needs no evaluation.
pub(super) fn step(operator: &TraversalOperator) -> Option<String> {
    match operator {
        TraversalOperator::GetAttr(name) => Some(format!(".{}", name.as_str())),
        TraversalOperator::LegacyIndex(index) => Some(format!("[{}]", index.value())),
        TraversalOperator::Index(Expression::Number(number)) => {
            Some(format!("[{}]", number.value()))
        }
        TraversalOperator::Index(Expression::String(key)) => {
            Some(format!("[{}]", address::quote(key.value())))
        }
        _ => None,
    }
}

impl fmt::Debug for Expr {
    /// Without its text, which may be sensitive.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let form = match self.form {
            Form::Hcl(_) => "Hcl",
            Form::Json(_) => "Json",
            Form::Broken(_) => "Broken",
            Form::Late(_) => "Late",
        };
        f.debug_tuple(form).field(&self.origin.span()).finish()
    }
}
