//! What is unknown and what is sensitive, through operators, templates and functions; and where each text came from.

use keytrail::hcl::{Data, Limits, World, evaluate, parse_expression};
use keytrail::source::SourceMap;
use keytrail::value::{Kind, Presence, Symbols, Value};

use super::hcl_support::{Evaluated, Module, evaluated};

const MODULE: &str = r#"
variable "account" { default = "111122223333" }
variable "secret" { default = sensitive("hunter2") }
locals {
  arn    = aws_iam_role.reader.arn
  policy = jsonencode({ Sid = "a", Principal = { AWS = local.arn } })
}
"#;

fn here(expression: &str) -> Evaluated {
    evaluated(MODULE, expression, &std::env::temp_dir())
}

#[test]
fn what_is_unknown_stays_in_the_text_by_its_name() {
    let texts = [
        ("\"a ${local.arn} b\"", "a ${aws_iam_role.reader.arn} b"),
        (
            "format(\"%s/%s\", local.arn, \"x\")",
            "${aws_iam_role.reader.arn}/x",
        ),
        (
            "join(\",\", [\"a\", local.arn])",
            "a,${aws_iam_role.reader.arn}",
        ),
        (
            "trimspace(<<X\n  ${local.arn} \nX\n)",
            "${aws_iam_role.reader.arn}",
        ),
        (
            "local.policy",
            "{\"Principal\":{\"AWS\":\"${aws_iam_role.reader.arn}\"},\"Sid\":\"a\"}",
        ),
        ("jsonencode([aws_x.y.z])", "[${jsonencode(aws_x.y.z)}]"),
        (
            "jsondecode(local.policy).Principal.AWS",
            "${aws_iam_role.reader.arn}",
        ),
        ("\"%{ if aws_x.y.z }a%{ endif }\"", "${%{ if }(aws_x.y.z)}"),
        (
            "true ? \"${local.arn}!\" : \"\"",
            "${aws_iam_role.reader.arn}!",
        ),
    ];
    for (expression, wanted) in texts {
        let found = here(expression);
        assert_eq!(found.text(), wanted, "{expression}");
    }
}

#[test]
fn what_follows_from_the_unknown_is_named_after_it() {
    let names = [
        ("upper(local.arn)", "upper(aws_iam_role.reader.arn)"),
        ("aws_x.y.z == 1", "aws_x.y.z == …"),
        ("aws_x.y.z ? 1 : 2", "?:(aws_x.y.z)"),
        ("local.arn", "aws_iam_role.reader.arn"),
        ("module.kms[\"a\"].arn", "module.kms[\"a\"].arn"),
        ("aws_kms_key.k[0].arn", "aws_kms_key.k[0].arn"),
        ("timestamp()", "timestamp(…)"),
        (
            "provider::aws::arn_parse(\"x\")",
            "provider::aws::arn_parse(…)",
        ),
        ("try(module.kms.arn, \"x\")", "try(module.kms.arn)"),
        ("can(module.kms.arn)", "can(module.kms.arn)"),
    ];
    for (expression, wanted) in names {
        let found = here(expression);
        let Data::Unknown(id, _) = found.value().data else {
            panic!("{expression}: {:?}", found.result);
        };
        assert_eq!(found.symbols.get(id).name, wanted, "{expression}");
    }
    // The same question has one name, another time or another instance has another one.
    for (expression, wanted) in [
        (
            "upper(local.arn) == upper(aws_iam_role.reader.arn)",
            Some(true),
        ),
        ("timestamp() == timestamp()", None),
        ("uuid() == uuid()", None),
        ("aws_x.y.z || true", Some(true)),
        (
            "try(aws_kms_key.k.arn, \"x\") == aws_kms_key.k.arn",
            Some(true),
        ),
        ("contains([local.arn, \"a\"], \"a\")", Some(true)),
        ("length([local.arn])==1", Some(true)),
    ] {
        let found = here(expression);
        let bool = match found.value().data {
            Data::Bool(it) => Some(it),
            _ => None,
        };
        assert_eq!(bool, wanted, "{expression}");
    }
}

#[test]
fn lists_and_objects_are_known_in_part() {
    let shape = |expression: &str| {
        let found = here(expression);
        match Value::from(found.value().clone()).kind {
            Kind::List(list) => {
                let maybe = list
                    .items
                    .iter()
                    .filter(|it| it.presence != Presence::Present);
                (list.items.len(), maybe.count(), list.open.is_some())
            }
            Kind::Object(object) => {
                let maybe = object
                    .members
                    .iter()
                    .filter(|it| it.presence != Presence::Present);
                (object.members.len(), maybe.count(), object.open.is_some())
            }
            other => panic!("{expression}: {other:?}"),
        }
    };
    assert_eq!(shape("concat([1], aws_x.y.z, [2])"), (2, 0, true));
    assert_eq!(shape("concat([1], aws_x.y.z ? [2, 3] : [])"), (3, 2, false));
    assert_eq!(shape("merge({ a = 1 }, aws_x.y.z)"), (1, 0, true));
    assert_eq!(shape("[for x in aws_x.y.z : { id = x }]"), (1, 1, true));
    assert_eq!(
        shape("[for x in [1, aws_x.y.z] : x if x == 1]"),
        (2, 1, false)
    );
    assert_eq!(shape("{ (aws_x.y.z) = 1, b = 2 }"), (1, 0, true));
    assert_eq!(
        shape("aws_x.y.z ? { a = 1 } : { a = 1, b = 2 }"),
        (2, 1, false)
    );
    // What an unknown map is laid over is not known any more.
    assert!(!here("merge({ a = 1 }, aws_x.y.z).a").value().is_known());
    assert!(here("merge(aws_x.y.z, { a = 1 }).a").value().is_known());
}

#[test]
fn a_mark_goes_wherever_the_secret_goes() {
    for expression in [
        "var.secret",
        "\"a${var.secret}b\"",
        "upper(var.secret)",
        "jsonencode({ a = var.secret })",
        "[var.secret][0]",
        "{ for k in [var.secret] : k => 1 }",
        "var.secret == \"x\"",
        "var.secret == \"x\" ? 1 : 2",
        "length(sensitive([1, 2]))",
        "format(\"%s\", var.secret)",
        "replace(\"a\", \"a\", var.secret)",
        "keys({ (var.secret) = 1 })",
        "jsondecode(jsonencode({ a = var.secret })).a",
        "\"%{ if var.secret == \"x\" }a%{ endif }\"",
        "[for x in sensitive([1]) : x]",
        "aws_x.y[var.secret]",
    ] {
        let found = here(expression);
        assert!(
            found.value().is_sensitive(),
            "{expression}: {:?}",
            found.result
        );
        let shown = format!(
            "{:?} {:?}",
            found.result,
            Value::from(found.value().clone())
        );
        assert!(!shown.contains("hunter2"), "{expression}: {shown}");
    }
    let open = here("nonsensitive(var.secret)");
    assert!(!open.value().is_sensitive());
    let parts = here("\"a${var.secret}b\"");
    let Data::Text(text) = &parts.value().data else {
        panic!()
    };
    let marks: Vec<bool> = text.parts().iter().map(|part| part.sensitive).collect();
    assert_eq!(marks, [false, true, false]);
    let problem = here("tonumber(var.secret)").problem() + &here("{}[var.secret]").problem();
    assert!(!problem.contains("hunter2"), "{problem}");
}

#[test]
fn every_piece_of_a_text_knows_where_it_was_written() {
    let parts = |expression: &str| here(expression).parts();
    let pair = |text: &str, at: &str| (text.to_owned(), at.to_owned());
    assert_eq!(
        parts("\"ab\\\"c${var.account}\""),
        [
            pair("ab", "ab"),
            pair("\"", "\\\""),
            pair("c", "c"),
            pair("111122223333", "111122223333")
        ]
    );
    assert_eq!(
        parts("<<-X\n    {\n      \"a\": 1\n    }\n  X\n"),
        [
            pair("{\n", "{\n"),
            pair("  \"a\": 1\n", "  \"a\": 1\n"),
            pair("}\n", "}\n")
        ]
    );
    assert_eq!(
        parts("<<X\na\nb $${c}\nX\n"),
        [
            pair("a\nb ", "a\nb "),
            pair("${", "$${"),
            pair("c}\n", "c}\n"),
        ]
    );
    // A key and a value of `jsonencode` lie where the object has them.
    let found = here("jsonencode({ Sid = \"a\" })");
    let at: Vec<(String, String)> = found.parts();
    assert!(at.contains(&pair("\"Sid\":", "Sid")), "{at:?}");
    assert!(at.contains(&pair("a", "a")), "{at:?}");
    // What is decoded lies in the text it was decoded from.
    let found = here("jsondecode(<<X\n{\"Sid\": \"abc\"}\nX\n).Sid");
    assert_eq!(found.at(found.value().span()), "\"abc\"");
    let found = here("local.policy");
    let steps: Vec<&str> = found
        .value()
        .via
        .steps()
        .map(|it| it.text.as_str())
        .collect();
    assert_eq!(steps, ["local.policy"]);
    let found = here("local.arn");
    let steps: Vec<&str> = found
        .value()
        .via
        .steps()
        .map(|it| it.text.as_str())
        .collect();
    assert_eq!(steps, ["local.arn", "aws_iam_role.reader.arn"]);
}

#[test]
fn try_and_can_are_lazy_and_errors_have_places() {
    let found = here("try(local.nope, [1][5], jsondecode(\"{\"), 7)");
    assert_eq!(format!("{:?}", found.value()), "7");
    assert_eq!(format!("{:?}", here("try([1][5], {}.a, 7)").value()), "7");
    assert_eq!(format!("{:?}", here("can(local.nope)").value()), "false");
    assert_eq!(format!("{:?}", here("false ? [][0] : 1").value()), "1");
    for (expression, place) in [
        ("[1, 2][7]", "[7]"),
        ("{ a = 1 }.b", ".b"),
        ("1 + (2 - \"x\")", "\"x\""),
        ("\"x${null}\"", "${null}"),
        ("upper([])", "[]"),
        ("nofunction(1)", "nofunction(1)"),
        ("local.nope + 1", "local.nope"),
        ("1 / 0", "1 / 0"),
        ("true ? [] : \"x\"", "true ? [] : \"x\""),
        ("\"a\nb\"", "\n"),
        ("{ a.b = 1 }", "a.b"),
        ("toset([1])[0]", "[0]"),
    ] {
        let found = here(expression);
        let problem = found.result.as_ref().expect_err(expression);
        let at = found.at(problem.origin.span());
        assert!(
            at.trim_start_matches(['.', '['])
                .starts_with(place.trim_start_matches(['.', '[']).trim_end_matches(']')),
            "{expression}: {at} {problem:?}"
        );
        assert!(
            !problem.message.ends_with('.') && !problem.message.starts_with(char::is_uppercase),
            "{problem:?}"
        );
    }
}

#[test]
fn nothing_runs_or_grows_without_end() {
    let run = |expression: &str, limits: Limits| {
        let (mut sources, mut symbols) = (SourceMap::new(), Symbols::new());
        let module = sources.add("ctx.tf", MODULE).unwrap();
        let file = sources.add("expression.tf", expression).unwrap();
        let mut scope = Module::read(MODULE, module, &std::env::temp_dir());
        let mut world = World::new(&mut sources, &mut symbols);
        world.limits = limits;
        let parsed = parse_expression(expression).unwrap();
        evaluate(&parsed, file, &mut scope, &mut world)
            .map(|value| format!("{value:?}"))
            .map_err(|problem| problem.message)
    };
    let range = "range(1000)";
    let nested = format!("[for a in {range} : [for b in {range} : [for c in {range} : 1]]]");
    assert!(
        run(&nested, Limits::default())
            .unwrap_err()
            .ends_with("to be evaluated")
    );
    // Not even `try` hides that the limit is reached.
    let tried = format!("try({nested}, 1)");
    assert!(
        run(&tried, Limits::default())
            .unwrap_err()
            .ends_with("to be evaluated")
    );
    let long =
        "\"${[for i in range(1000) : join(\"\", [for j in range(1000) : \"0123456789\"])][0]}\"";
    let small = Limits {
        size: 1 << 20,
        ..Limits::default()
    };
    assert!(run(long, small).unwrap_err().contains("too large"));
    let deep = format!("{}1{}", "(".repeat(60), ")".repeat(60));
    assert_eq!(run(&deep, Limits::default()).unwrap(), "1");
    let flat = Limits {
        depth: 20,
        ..Limits::default()
    };
    assert!(run(&deep, flat).unwrap_err().contains("nested too deeply"));
    let bomb = "a: &a [x,x,x,x,x,x,x,x]\\n".to_owned()
        + &(0..9).fold(String::new(), |all, at| {
            let (from, to) = (char::from(b'a' + at), char::from(b'b' + at));
            all + &format!("{to}: &{to} [{}]\\n", vec![format!("*{from}"); 8].join(","))
        });
    assert!(
        run(&format!("yamldecode(\"{bomb}\")"), Limits::default())
            .unwrap_err()
            .contains("too large")
    );
    assert!(
        run(
            "pow(10, 300) * 1e99999 * 1e99999 * 1e99999 * 1e99999",
            Limits::default()
        )
        .is_err()
    );
    assert!(run("replace(\"aaaa\", \"\", \"x\")", Limits::default()).is_ok());
}
