use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::hcl::read::{self, Place};
use crate::source::SourceMap;

/// What is wrong with a configuration, read as a whole.
fn wrong(text: &str) -> Vec<String> {
    let mut sources = SourceMap::new();
    let file = sources.add("main.tf", text).unwrap();
    let read = read::hcl(&Arc::from(text), Place::of(file, &sources));
    read.unreadable.into_iter().map(|it| it.message).collect()
}

/// A block whose expressions are read at once.
fn block(inside: &str) -> String {
    format!("check \"c\" {{\n{inside}\n}}\n")
}

/// One line each, or a block.
const SOUND: &[&str] = &[
    "",
    "a = 1.5e-3 # c",
    "a = -1 + 2 * 3 % 4 / b >= c && !d || e != f == g // c",
    "a = x ? y ? 1 : 2 : -z",
    "a = data.x[0].y.*.z[*].0[\"k\"][a.b]\nb = { c.d = e.f, g.h : i\n}",
    "a = f(b, [1, 2,], c...)\nb = provider::aws::f()",
    "a = { b = 1, \"c ${d}\" : 2\n (e) = 3\n 4 = 5\n\n for_each = 6 # c\n}",
    "a = { for k, v in b : k => v... if c }\nb = [for v in c : v if d]\nc = [ # c\n for/**/k in (\na\n) : k\n]",
    "a = \"$${b} %%{ \\n\\u00e9\\U0001F600 ${~ b ~} $ % # /* \"",
    "a = \"%{ if b ~}${\"c ${d}\"}%{ else }e%{ endif }%{ for k, v in f }${k}%{~ endfor ~}\"",
    "a = <<E\n \" \\ # ${b\n.c} %{ if d }\n E2\n%{ endif }\n  E\nb = <<-E_1\n\nE_1\nc = [<<E\nE\n, 1]",
    "a = 1 /* c\n */ /**/ // c\nb {}\nb \"c\" d { e = 1 }\nb { c { d = [] } }\nresource {\n}",
    "a = [\n1\n,\n2 # c\n]\nb = (\n1\n+\n2\n)\r\nc = 1\r\n",
    "a = true\nb = null\nc = for_each\nd = if\n",
];

const BROKEN: &[&str] = &[
    "a",
    "a =",
    "a = =",
    "a == 1",
    "a = 1 2",
    "a = 1 +",
    "a = * 1",
    "a = [1 2]",
    "a = [1,,2]",
    "a = (1",
    "a = (1]",
    "a = {b = 1, , c = 2}",
    "a = {b 1}",
    "a = {b = 1 c = 2}",
    "a = {b\n= 1}",
    "a = {b => 1}",
    "a = f(b c)",
    "a = f(b... , c)",
    "a = \"b",
    "a = \"b\nc\"",
    "a = \"\\q\"",
    "a = \"\\ud800\"",
    "a = \"\\u12g4\"",
    "a = \"${b\"",
    "a = \"${}\"",
    "a = \"%{ if b }\"",
    "a = \"%{ if b }%{ endfor }\"",
    "a = \"%{ else }%{ endif }\"",
    "a = \"%{ if b }%{ else }%{ else }%{ endif }\"",
    "a = \"%{ for b }%{ endfor }\"",
    "a = \"%{ b }\"",
    "a = <<E\n%{ if b }\nE",
    "a = <<E\nb",
    "a = <<E b\nE",
    "a = b ? c",
    "a = b ? : c",
    "a = b.",
    "a = b[",
    "a = b[]",
    "a = [for b in c]",
    "a = [for b c : d]",
    "a = {for b in c : d}",
    "a = 1x",
    "a = 1.",
    "a = 1e",
    "a = 1\na = 2",
    "a {",
    "a b }",
    "a \"b {}",
    "a = 1 }",
    "a = 1 b = 2",
    "a {} b {}",
    "a {\nresource b c {}\n}",
    "a = 1 /* c",
    "resource a b {\n}",
    "= 1",
    "\"${a}\" {}",
];

#[test]
fn what_terraform_accepts_is_sound() {
    for inside in SOUND {
        let text = block(inside);
        assert!(is_configuration(&text), "{text}");
        assert_eq!(wrong(&text), [""; 0], "{text}");
        assert!(is_variables(inside) || inside.contains("{}"), "{text}");
        let end = body(&format!("{inside}\n}} a"), 0);
        assert_eq!(end, Some(inside.len() + 2), "{text}");
    }
    for text in [
        "resource \"a\" b {}\ndata/**/a b {\n}// c\nlocals {\n}\nvariable a {}\nlanguage = 1",
        "a = 1",
    ] {
        assert!(!is_configuration(text), "{text}");
    }
    assert!(is_configuration("\u{feff}".trim_start_matches('\u{feff}')));
    assert!(!is_variables("a {}\n") && !is_variables("a = 1\na = 2"));
}

#[test]
fn a_mistake_is_found() {
    for inside in BROKEN {
        let text = block(inside);
        assert!(!is_configuration(&text), "{text}");
        assert_ne!(wrong(&text), [""; 0], "{text}");
    }
    for text in [
        "resource a {}",
        "variable {}",
        "locals a {}",
        "a {}}",
        "{}",
        "check c {\n",
        "check c\n{}",
    ] {
        assert!(!is_configuration(text), "{text}");
    }
}

/// What is unusual is read to know.
#[test]
fn what_is_too_deep_is_not_said_to_be_sound() {
    let nested = |count: usize| block(&format!("a = {}1{}", "(".repeat(count), ")".repeat(count)));
    assert!(is_configuration(&nested(DEEPEST - 2)));
    assert!(!is_configuration(&nested(DEEPEST)));
    for open in ["[", "(", "{a=", "\"${", "a{", "f(", "a[", "a?"] {
        assert!(!is_configuration(&open.repeat(100_000)));
        assert!(!is_configuration(&block(&format!(
            "a = {}",
            open.repeat(100_000)
        ))));
    }
}

proptest! {
    /// What is said to be sound can be read.
    #[test]
    fn nothing_broken_is_sound(
        from in prop::sample::select(SOUND),
        other in prop::sample::select(SOUND),
        cut in any::<prop::sample::Index>(),
        length in 0_usize..4,
        paste in any::<prop::sample::Index>(),
        piece in 0_usize..6,
    ) {
        let place = |text: &str, at: usize| (0..=at).rev().find(|it| text.is_char_boundary(*it)).unwrap_or(0);
        let at = place(from, cut.index(from.len() + 1));
        let end = place(from, (at + length).min(from.len())).max(at);
        let begin = place(other, paste.index(other.len() + 1));
        let stop = place(other, (begin + piece).min(other.len())).max(begin);
        let parts = (from.get(..at), other.get(begin..stop), from.get(end..));
        let (Some(head), Some(middle), Some(tail)) = parts else {
            return Ok(());
        };
        let text = block(&format!("{head}{middle}{tail}"));
        if is_configuration(&text) {
            prop_assert_eq!(wrong(&text), [""; 0], "{}", text);
        }
    }
}
