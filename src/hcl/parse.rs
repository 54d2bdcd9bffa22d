//! Reads expressions and templates: `hcl_edit`, and what Terraform accepts beyond it.

use std::ops::Range;

use hcl_edit::expr::Expression;
use hcl_edit::parser::{self, Error};
use hcl_edit::template::Template;

use super::mend::mended;

/// Why a text is no expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxProblem {
    /// What is wrong: lower case, without a final period.
    pub message: String,
    /// Where, in bytes of the text.
    pub range: Range<usize>,
}

/// The keys that one text may define twice; each is found by parsing again.
const DUPLICATES: usize = 32;

/// Reads an expression. The places in it are those of `text`, also where `text` had to be rewritten to be read.
///
/// # Errors
/// Where it is no expression for Terraform, or one that `hcl_edit` cannot read.
pub fn parse_expression(text: &str) -> Result<Expression, SyntaxProblem> {
    // An attribute's value may be followed by a newline, as one that ends with a heredoc is.
    lenient(text.trim_end(), false, |it| {
        parser::parse_expr(it.trim_end())
    })
}

/// Reads a template, as a file for `templatefile` is one.
///
/// # Errors
/// As [`parse_expression`].
pub fn parse_template(text: &str) -> Result<Template, SyntaxProblem> {
    lenient(text, true, parser::parse_template)
}

fn lenient<T>(
    text: &str,
    template: bool,
    parse: impl Fn(&str) -> Result<T, Error>,
) -> Result<T, SyntaxProblem> {
    let first = match parse(text) {
        Ok(parsed) => return Ok(parsed),
        Err(error) => error,
    };
    let mut attempt = mended(text, template);
    for round in 0..DUPLICATES {
        match parse(&attempt) {
            Ok(parsed) => return Ok(parsed),
            Err(error) => match renamed(&attempt, &error, round) {
                Some(next) => attempt = next,
                None if attempt == text => break,
                None => return Err(problem(&error)),
            },
        }
    }
    Err(problem(&first))
}

fn problem(error: &Error) -> SyntaxProblem {
    let offset = error.location().offset();
    SyntaxProblem {
        message: error.message().replace('\n', "; "),
        range: offset..offset + 1,
    }
}

/// Terraform lets an object name a key twice, and the last one counts: the second gets another name of the same length.
fn renamed(text: &str, error: &Error, round: usize) -> Option<String> {
    if !error.message().contains("redefined object key") {
        return None;
    }
    let start = error.location().offset();
    let rest = text.get(start..)?;
    let quote = usize::from(rest.starts_with('"'));
    let word = |letter: &char| letter.is_ascii_alphanumeric() || "_-".contains(*letter);
    let name: String = rest.chars().skip(quote).take_while(word).collect();
    if name.is_empty() {
        return None;
    }
    // Letters that spell the number of the round, from the end: unlike any key of the text, or the next round changes it again.
    let mut number = round;
    let mut other = Vec::with_capacity(name.len());
    for _ in 0..name.len() {
        other.push(b'A' + u8::try_from(number % 26).unwrap_or(0));
        number /= 26;
    }
    let other = String::from_utf8(other).ok()?;
    let from = start + quote;
    let mut out = text.to_owned();
    out.replace_range(from..from + name.len(), &other);
    Some(out)
}

#[cfg(test)]
mod tests {
    use hcl_edit::expr::{Array, FuncArgs, Object, ObjectValue, ObjectValueTerminator};
    use hcl_edit::template as tpl;
    use hcl_edit::visit_mut::{self, VisitMut};

    use super::*;
    use crate::hcl::read;

    /// Forgets the white space that `hcl_edit` compares.
    struct Bare;

    impl VisitMut for Bare {
        fn visit_array_mut(&mut self, it: &mut Array) {
            it.set_trailing("");
            visit_mut::visit_array_mut(self, it);
        }

        fn visit_object_mut(&mut self, it: &mut Object) {
            it.set_trailing("");
            visit_mut::visit_object_mut(self, it);
        }

        fn visit_object_value_mut(&mut self, it: &mut ObjectValue) {
            it.set_terminator(ObjectValueTerminator::Newline);
            visit_mut::visit_object_value_mut(self, it);
        }

        fn visit_func_args_mut(&mut self, it: &mut FuncArgs) {
            it.set_trailing("");
            visit_mut::visit_func_args_mut(self, it);
        }

        fn visit_if_template_expr_mut(&mut self, it: &mut tpl::IfTemplateExpr) {
            it.set_preamble("");
            visit_mut::visit_if_template_expr_mut(self, it);
        }

        fn visit_else_template_expr_mut(&mut self, it: &mut tpl::ElseTemplateExpr) {
            it.set_preamble("");
            it.set_trailing("");
            visit_mut::visit_else_template_expr_mut(self, it);
        }

        fn visit_if_directive_mut(&mut self, it: &mut tpl::IfDirective) {
            it.endif_expr.set_preamble("");
            it.endif_expr.set_trailing("");
            visit_mut::visit_if_directive_mut(self, it);
        }

        fn visit_for_template_expr_mut(&mut self, it: &mut tpl::ForTemplateExpr) {
            it.set_preamble("");
            visit_mut::visit_for_template_expr_mut(self, it);
        }

        fn visit_for_directive_mut(&mut self, it: &mut tpl::ForDirective) {
            it.endfor_expr.set_preamble("");
            it.endfor_expr.set_trailing("");
            visit_mut::visit_for_directive_mut(self, it);
        }
    }

    fn bare(text: &str) -> Result<Expression, SyntaxProblem> {
        let mut parsed = parse_expression(text)?;
        Bare.visit_expr_mut(&mut parsed);
        Ok(parsed)
    }

    #[test]
    fn what_terraform_accepts_is_read() {
        for text in [
            "1e400",
            "{ for k in [\"a\"] : k => true ? \"x\" :\n  \"y\" }",
            "{ a = 1, a = 2, \"a\" = 3 }",
            "{ Condition = { x = 1 }\n Condition = { y = 1 } }",
            "{ a = <<X\nv\nX\n, b = 2 }",
            "<<X\nv\nX\n",
            "1 /* c */",
            "\"${ /* c */ a }\"",
            "<<X\n${ # c\n a /* c */ }\nX",
        ] {
            assert!(parse_expression(text).is_ok(), "{text}");
        }
        let problem = parse_expression("[1,\n 2 3]").unwrap_err();
        assert_eq!(problem.range.start, 7);
        assert!(parse_template("a ${1e400} b").is_ok());
    }

    /// Comments are white space, wherever a token ends (HCL native syntax specification, Comments and Whitespace). `·` is a place for a
    /// comment, `¶` one for a newline, too.
    #[test]
    fn a_comment_may_stand_between_any_two_tokens() {
        const EXPRESSIONS: &[&str] = &[
            "1·+·2·*·-·3·%·4·/ ·5",
            "a·==·b·&&·!·c·||·d·>=·e",
            "a·?·b·:·c",
            "a·?·b·?·c·:·d·:·!·e",
            "(¶a¶+¶b¶)·*·c",
            "(¶a¶?¶b¶:¶c¶)",
            "[¶]",
            "[¶a¶,¶b¶,¶]",
            "{¶}",
            "{¶a·=·1·\n¶b·:·2·,¶\"c\"·=·3¶}",
            "{¶(¶a¶)·=·{¶b·=·[¶c¶]·,¶}·,¶\"${¶d¶}\"·=·-·1¶}",
            "f·(¶)",
            "f·(¶a¶,¶b¶,¶)",
            "f·(¶a¶...¶)",
            "f·(¶-¶a¶==¶b¶?¶[¶c¶]¶:¶d¶[¶0¶]¶)",
            "provider·::·aws·::·f·(¶a¶)",
            "a·.·b·.·0·.·*·.·c",
            "a·[¶0¶]·[¶\"x\"¶]·[¶*¶]·.·d",
            "[¶for¶ k¶,¶v¶ in¶ a¶:¶v¶.¶b¶ if¶ k¶!=¶c¶]",
            "[¶for¶ v¶ in¶ a¶?¶b¶:¶c¶:¶v¶]",
            "{¶for¶ v¶ in¶ a¶:¶v¶=>¶v¶...¶if¶ true¶}",
            "{¶for¶ k¶,¶v¶ in¶ {¶a·=·1·\n¶}¶:¶k¶=>¶{¶b·=·v¶}¶}",
            "[¶{¶a·=·1·\n¶b·=·2·,¶}¶,¶f·(¶{¶c·=·3¶}¶)¶]",
            "\"a ${¶b¶+¶\"c ${¶d¶}\"¶} /* e */\"",
            "\"${~¶b¶~}%{¶if¶ c¶}d%{~¶else¶}# e%{¶endif¶}\"",
            "\"%{¶for¶ k¶,¶v¶ in¶ a¶}// ${¶v¶}%{¶endfor¶~}\"",
            "<<X\n# a /* ${¶b¶[¶0¶]¶} */\n%{¶if¶ c¶==¶d¶}\ne%{¶endif¶}\nX",
            "{¶a·=·<<-X\n  \" ${¶b¶}\n  X\n¶c·=·1¶}",
            "f·(¶<<X\n//\nX\n¶,¶b¶)",
        ];
        const INLINE: &[&str] = &["/**/", " /* c */ ", "/* \" { ${ é\n ] # */", "/***//* / */"];
        const LINES: &[&str] = &[
            "\n",
            "\r\n",
            " # c \" } ]\n",
            "// ${ /* é\n\n",
            " #\r\n //\n",
        ];
        let plain = |text: &str| text.replace(['·', '¶'], "");
        for expression in EXPRESSIONS {
            let wanted = bare(&plain(expression)).unwrap_or_else(|it| {
                panic!("{expression}: {}", it.message);
            });
            let places: Vec<(usize, char)> = expression
                .char_indices()
                .filter(|(_, it)| "·¶".contains(*it))
                .collect();
            let mut tried = Vec::new();
            for (at, mark) in places {
                let (before, after) = expression.split_at(at);
                let after = after.strip_prefix(mark).unwrap();
                let lines = if mark == '¶' { LINES } else { &[] };
                for comment in INLINE.iter().chain(lines) {
                    tried.push(format!("{}{comment}{}", plain(before), plain(after)));
                }
            }
            for comment in INLINE {
                tried.push(expression.replace(['·', '¶'], comment));
                tried.push(expression.replace('·', comment).replace('¶', " # c\n"));
            }
            for text in tried {
                // Names with comments in them are read to know.
                let sound = read::grammar::body(&format!("a = {text}\n}}"), 0).is_some();
                assert!(sound || text.contains("::"), "{text}");
                match bare(&text) {
                    Ok(found) => assert_eq!(found, wanted, "{text}"),
                    Err(problem) => panic!("{text}\n{}", problem.message),
                }
            }
        }
    }
}
