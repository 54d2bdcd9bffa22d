//! Policies in the expressions of a configuration: where each of their nodes was written, and what is left of them where something is
//! not known.

use keytrail::hcl::Typed;
use keytrail::policy::wire::RequestLine;
use keytrail::policy::{Duplicates, PolicyKind, Verdict, answer, parse};
use keytrail::value::json::{TextError, read};
use keytrail::value::{Kind, Presence, Value};
use serde_json::json;

use super::hcl_support::{Evaluated, evaluated};

const MODULE: &str = r#"
variable "account" { default = "111122223333" }
variable "secret" { default = sensitive("hunter2") }
locals {
  arn = aws_iam_role.reader.arn
}
"#;

fn here(expression: &str) -> Evaluated {
    evaluated(MODULE, expression, &std::env::temp_dir())
}

/// Reads a text that an expression gives.
fn read_in(found: &mut Evaluated, value: &Typed) -> Result<Value, TextError> {
    let value = Value::from(value.clone());
    let text = value.to_text().unwrap();
    read(&text, &value.origin, &found.sources, &mut found.symbols)
}

fn policy(expression: &str) -> (Evaluated, Result<Value, TextError>) {
    let mut found = here(expression);
    let value = found.value().clone();
    let read = read_in(&mut found, &value);
    (found, read)
}

/// Each string, number and key with what is underlined for it.
fn places(found: &Evaluated, value: &Value, out: &mut Vec<(String, String)>) {
    let at = |span| found.at(span);
    match &value.kind {
        Kind::Text(text) => out.push((text.show(&found.symbols), at(value.span()))),
        Kind::Number(it) => out.push((it.clone(), at(value.span()))),
        Kind::List(list) => {
            for item in &list.items {
                places(found, &item.value, out);
            }
        }
        Kind::Object(object) => {
            for member in &object.members {
                out.push((member.key.clone(), at(member.key_origin.span())));
                places(found, &member.value, out);
            }
        }
        _ => {}
    }
}

#[test]
fn each_form_of_a_text_is_underlined_where_it_is_written() {
    let pair = |text: &str, at: &str| (text.to_owned(), at.to_owned());
    for (expression, wanted) in [
        (
            "<<X\n{\n  \"Sid\": \"a${local.arn}b\",\n  \"n\": [12]\n}\nX\n",
            vec![
                pair("Sid", "\"Sid\""),
                pair("a${aws_iam_role.reader.arn}b", "\"a${local.arn}b\""),
                pair("n", "\"n\""),
                pair("12", "12"),
            ],
        ),
        (
            "<<-X\n    {\n      \"Sid\": \"a${var.account}b\"\n    }\n  X\n",
            vec![
                pair("Sid", "\"Sid\""),
                pair("a111122223333b", "\"a${var.account}b\""),
            ],
        ),
        (
            r#""{\"Sid\": \"abc\", \"n\": 7}""#,
            vec![
                pair("Sid", r#"\"Sid\""#),
                pair("abc", r#"\"abc\""#),
                pair("n", r#"\"n\""#),
                pair("7", "7"),
            ],
        ),
        (
            "jsonencode({ Sid = \"abc\", n = 1 + 6 })",
            vec![
                pair("Sid", "Sid"),
                pair("abc", "\"abc\""),
                pair("n", "n"),
                pair("7", "1 + 6"),
            ],
        ),
        (
            "<<X\n${jsonencode({ Sid = \"x${aws_x.y.z}\" })}\nX\n",
            vec![
                pair("Sid", "Sid"),
                pair("x${aws_x.y.z}", "\"x${aws_x.y.z}\""),
            ],
        ),
    ] {
        let (found, value) = policy(expression);
        let value = value.unwrap();
        let mut all = Vec::new();
        places(&found, &value, &mut all);
        assert_eq!(all, wanted, "{expression}");
    }
    let (found, value) = policy(r#""{\"Sid\": \"abc\"}""#);
    let at = found
        .sources
        .location(value.unwrap().get("Sid").unwrap().span());
    assert_eq!((at.start.line, at.start.column, at.end.column), (1, 12, 19));
}

#[test]
fn a_letter_of_a_private_plane_is_a_letter() {
    let (_, value) = policy("\"[\\\"\u{10_0000}\\\", \\\"${local.arn}\\\"]\"");
    let items: Vec<bool> = value
        .unwrap()
        .items()
        .map(|it| it.as_str().is_some())
        .collect();
    assert_eq!(items, [true, false]);
    let found = here("jsondecode(\"[\\\"\u{10_0000}\\\", \\\"${local.arn}\\\"]\")[0]");
    assert_eq!(found.value().as_text().unwrap(), "\u{10_0000}");
}

/// How many items or members there are, how many of them may be there, and whether more may follow.
fn shape(expression: &str) -> (usize, usize, bool) {
    let (_, value) = policy(expression);
    match value.unwrap().kind {
        Kind::List(list) => {
            let there = list.items.iter().map(|it| it.presence);
            (list.items.len(), maybes(there), list.open.is_some())
        }
        Kind::Object(object) => {
            let there = object.members.iter().map(|it| it.presence);
            (object.members.len(), maybes(there), object.open.is_some())
        }
        other => panic!("{expression}: {other:?}"),
    }
}

fn maybes(all: impl Iterator<Item = Presence>) -> usize {
    all.filter(|it| *it != Presence::Present).count()
}

#[test]
fn the_structure_is_known_as_far_as_it_can_be() {
    for (expression, wanted) in [
        (
            "jsonencode([for x in aws_x.y.z : { id = x }])",
            (1, 1, true),
        ),
        ("jsonencode(concat([\"a\"], aws_x.y.z))", (1, 0, true)),
        ("jsonencode(merge({ a = 1 }, aws_x.y.z))", (1, 0, true)),
        (
            "jsonencode(concat([\"a\"], aws_x.y.z ? [\"b\"] : []))",
            (2, 1, false),
        ),
        (
            "aws_x.y.z ? jsonencode([1]) : jsonencode([1, 2])",
            (2, 1, false),
        ),
        (
            "<<X\n[\"a\"%{ if aws_x.y.z }, \"b\"%{ endif }]\nX\n",
            (2, 1, false),
        ),
        (
            "<<X\n[\n%{ if aws_x.y.z ~}\n\"b\",\n%{ else ~}\n\"c\", \"d\",\n%{ endif ~}\n\"a\"\n]\nX\n",
            (4, 3, false),
        ),
        (
            "<<X\n[\n%{ for i, x in aws_x.y.z ~}\n{ \"id\": \"${x}\" }%{ if i < 3 },%{ endif }\n%{ endfor ~}\n]\nX\n",
            (1, 1, true),
        ),
        (
            "<<X\n[%{ for x in concat([\"a\"], aws_x.y.z) }\"${x}\",%{ endfor } \"b\"]\nX\n",
            (3, 1, true),
        ),
        (
            "<<X\n[%{ for x in [for y in [\"a\", aws_x.y.z] : y if y == \"a\"] }\"${x}\",%{ endfor } \"b\"]\nX\n",
            (3, 1, false),
        ),
        ("\"[\\\"a\\\", ${join(\",\", aws_x.y.z)}]\"", (1, 0, true)),
        ("\"[\\\"a\\\", ${jsonencode(aws_x.y.z)}]\"", (2, 0, false)),
        ("\"{\\\"a\\\": 1 ${aws_x.y.z}}\"", (1, 0, true)),
        ("\"{\\\"a${aws_x.y.z}\\\": 1}\"", (0, 0, true)),
    ] {
        assert_eq!(shape(expression), wanted, "{expression}");
    }
    let (found, across) = policy("\"{\\\"a\\\": ${aws_x.y.z}1}\"");
    let Err(TextError::Unknown { at, reason, .. }) = across else {
        panic!("{across:?}");
    };
    assert_eq!(found.at(at.span()), "aws_x.y.z");
    assert!(reason.contains("`aws_x.y.z`"), "{reason}");
    // Two texts under one condition are not one text.
    let (_, two) =
        policy("\"[\\\"%{ if aws_x.y.z }a%{ endif }\\\", \\\"%{ if aws_x.y.z }b%{ endif }\\\"]\"");
    let two = two.unwrap();
    let items: Vec<&Value> = two.items().collect();
    assert_ne!(items[0], items[1]);
}

#[test]
fn a_mark_goes_into_the_structure() {
    for expression in [
        "jsonencode(concat([var.secret], aws_x.y.z))",
        "<<X\n[%{ if aws_x.y.z }\"${var.secret}\"%{ endif }]\nX\n",
        "<<X\n[%{ if var.secret == aws_x.y.z }\"a\"%{ endif }]\nX\n",
        "\"{\\\"${var.secret}\\\": 1}\"",
        "var.secret == aws_x.y.z ? jsonencode([1]) : jsonencode([2])",
    ] {
        let (_, value) = policy(expression);
        let value = value.unwrap();
        let secret = value.sensitive || value.items().all(|it| it.sensitive);
        assert!(secret, "{expression}: {value:?}");
        assert!(!format!("{value:?}").contains("hunter2"), "{expression}");
    }
}

/// Policies in which `aws_x.y.c` is a condition, `aws_x.y.l` a list of texts, `aws_x.y.r` a raw text.
const POLICIES: &[&str] = &[
    r#"{"Statement": [S %{ if aws_x.y.c }, D%{ endif }]}"#,
    r#"{"Statement": [%{ if aws_x.y.c }S%{ else }D%{ endif }]}"#,
    r#"{"Statement": %{ if aws_x.y.c }[S]%{ else }[D, S]%{ endif }}"#,
    r#"{"Statement": [S]%{ if aws_x.y.c }, "Id": "x"%{ endif }}"#,
    r#"%{ if aws_x.y.c }{"Statement": S}%{ else }{"Statement": D}%{ endif }"#,
    r#"{%{ if aws_x.y.c }"Statement": [S],%{ else }"Statement": [D],%{ endif } "Version": "2012-10-17"}"#,
    r#"{"Statement": [{"Effect": "%{ if aws_x.y.c }Allow%{ else }Deny%{ endif }", "Principal": "*", "Action": "*", "Resource": "*"}]}"#,
    r#"{"Statement": [{"Effect": %{ if aws_x.y.c }"Allow"%{ else }"Deny"%{ endif }, "Principal": "*", "Action": "*", "Resource": "*"}]}"#,
    r#"{"Statement": [{%{ if aws_x.y.c }"Effect": "Allow",%{ else }"Effect": "Deny",%{ endif } "Principal": "*", "Action": "*", "Resource": "*"}]}"#,
    r#"{"Statement": [S, {"Effect": "Deny", "Principal": "*", %{ if aws_x.y.c }"Action": "a:a"%{ else }"NotAction": "a:a"%{ endif }, "Resource": "*"}]}"#,
    r#"{"Statement": [S, {"Effect": "Deny", "Principal": "*", %{ if aws_x.y.c }"Action": "a:a"%{ else }"Action": "*"%{ endif }, "Resource": "*"}]}"#,
    r#"{"Statement": [S, {"Effect": "Deny", "Principal": "*", %{ if aws_x.y.c }"Action": "*",%{ endif } "Resource": "*"}]}"#,
    r#"{"Statement": [{"Effect": "Allow", %{ if aws_x.y.c }"Principal": {"AWS": "444455556666"}%{ else }"Principal": "*"%{ endif }, "Action": "*", "Resource": "*"}]}"#,
    r#"{"Statement": [S, {"Effect": "Deny", %{ if aws_x.y.c }"NotPrincipal": {"Service": "cloudtrail.amazonaws.com"}%{ else }"Principal": {"Service": "cloudtrail.amazonaws.com"}%{ endif }, "Action": "*", "Resource": "*"}]}"#,
    r#"{"Statement": [S, {"Effect": "Deny", "NotPrincipal": {"Service": [%{ if aws_x.y.c }"cloudtrail.amazonaws.com"%{ else }"x.amazonaws.com"%{ endif }]}, "Action": "*", "Resource": "*"}]}"#,
    r#"{"Statement": [S, {"Effect": "Deny", "NotPrincipal": {%{ if aws_x.y.c }"Service": "cloudtrail.amazonaws.com"%{ else }"Service": "x.amazonaws.com"%{ endif }}, "Action": "*", "Resource": "*"}]}"#,
    r#"{"Statement": [S, {"Effect": "Deny", "NotPrincipal": {%{ if aws_x.y.c }"Service": [%{ if aws_x.y.l == [] }"cloudtrail.amazonaws.com"%{ endif }]%{ else }"AWS": "111122223333"%{ endif }}, "Action": "*", "Resource": "*"}]}"#,
    r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"%{ if aws_x.y.c }, "Condition": {"StringEquals": {"aws:a": "no"}}%{ endif }}]}"#,
    r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {%{ if aws_x.y.c }"StringEquals": {"aws:a": "no"}%{ else }"StringEquals": {"aws:a": "yes"}%{ endif }}}]}"#,
    r#"{"Statement": [S, {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:a": "no"%{ if aws_x.y.c }, "aws:a": "yes"%{ endif }}}}]}"#,
    r#"{"Statement": [S, {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"%{ if aws_x.y.c }, "Condition": {%{ if aws_x.y.l == [] }"StringEquals": {"aws:a": "no"}%{ endif }}%{ endif }}]}"#,
    r#"{"Statement": [S, {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:a": ["no"%{ if aws_x.y.c }, "yes"%{ endif }]}}}]}"#,
    r#"{"Statement": [S, {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:a": [%{ for x in aws_x.y.l }"${x}",%{ endfor } "no"]}}}]}"#,
    r#"{"Statement": [S, {"Effect": "Deny", "Principal": "*", "Action": ["a:a"%{ for x in aws_x.y.l }, "${x}"%{ endfor }], "Resource": "*"}]}"#,
    r#"{"Statement": [S, {"Effect": "Deny", "Principal": "*", "NotAction": ["a:a"%{ for x in aws_x.y.l }, "${x}"%{ endfor }], "Resource": "*"}]}"#,
    r#"{"Statement": [S %{ for x in aws_x.y.l }, {"Effect": "Deny", "Principal": "*", "Action": "${x}", "Resource": "*"}%{ endfor }]}"#,
    r#"{"Statement": ${jsonencode([for x in aws_x.y.l : {Effect = "Deny", Principal = "*", Action = x, Resource = "*"}])}}"#,
    r#"{"Statement": [S, {"Effect": "Deny", "Principal": "*", "Action": ${jsonencode(concat(["a:a"], aws_x.y.l))}, "Resource": "*"}]}"#,
    r#"{"Statement": [S, {"Effect": "Deny", "Principal": "*" ${aws_x.y.r}}]}"#,
    r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Resource": "*" ${aws_x.y.r}}]}"#,
    r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}] ${aws_x.y.r}}"#,
];

const ALLOW: &str = r#"{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}"#;
const DENY: &str = r#"{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}"#;

/// The answer, where the expression is a policy that AWS takes.
fn verdict(template: &str) -> Option<Verdict> {
    let text = template.replace("[S", &format!("[{ALLOW}"));
    let text = text.replace("S]", &format!("{ALLOW}]"));
    let text = text
        .replace(" S}", &format!(" {ALLOW}}}"))
        .replace(" D}", &format!(" {DENY}}}"));
    let text = text
        .replace("}S%", &format!("}}{ALLOW}%"))
        .replace("}D%", &format!("}}{DENY}%"));
    let text = text
        .replace(" D%", &format!(" {DENY}%"))
        .replace("[D", &format!("[{DENY}"));
    let (mut found, value) = policy(&format!("<<X\n{text}\nX\n"));
    let value = match value {
        Ok(value) => value,
        Err(TextError::Unknown { .. }) => return Some(Verdict::Undecided),
        Err(TextError::Invalid(_)) => return None,
    };
    let (policy, _) = parse(&value, PolicyKind::Key, Duplicates::Last);
    if policy.rejected {
        return None;
    }
    let request: RequestLine = serde_json::from_value(json!({
        "principal": "cloudtrail.amazonaws.com",
        "action": "kms:Decrypt",
        "resource": "arn:aws:kms:us-east-1:111122223333:key/1",
        "account": "111122223333",
        "context": {"aws:a": "yes"},
    }))
    .unwrap();
    let request = request.request(&mut found.symbols).unwrap();
    Some(answer(&policy, &request, &found.symbols).verdict)
}

#[test]
fn what_is_sure_of_a_policy_in_part_is_so_however_it_turns_out() {
    let mut sure = 0;
    for template in POLICIES {
        let unknown = verdict(template).unwrap_or_else(|| panic!("{template}"));
        let mut possible = Vec::new();
        for c in ["true", "false"] {
            for l in ["[]", "[\"kms:Decrypt\"]", "[\"a:a\", \"yes\"]"] {
                for r in [
                    "",
                    ", \\\"Action\\\": \\\"*\\\", \\\"Resource\\\": \\\"*\\\"",
                    ", \\\"Action\\\": \\\"kms:*\\\"",
                ] {
                    let known = template
                        .replace("aws_x.y.c", c)
                        .replace("aws_x.y.l", l)
                        .replace("aws_x.y.r", &format!("\"{r}\""));
                    possible.extend(verdict(&known));
                }
            }
        }
        assert!(!possible.is_empty(), "{template}");
        if matches!(unknown, Verdict::Allowed | Verdict::Denied) {
            sure += 1;
            assert!(
                possible.iter().all(|it| *it == unknown),
                "{template}: {unknown:?}, {possible:?}"
            );
        }
    }
    assert!(sure > 0);
}
