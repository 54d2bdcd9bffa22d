//! Functions: the examples of Terraform's function reference, and what each refuses.

use super::hcl_support::{Evaluated, evaluated};

fn here(expression: &str) -> Evaluated {
    evaluated("", expression, &std::env::temp_dir())
}

/// An expression and its value as JSON.
const EXAMPLES: &[(&str, &str)] = &[
    ("abs(-12.4)", "12.4"),
    ("alltrue([\"true\", true])", "true"),
    ("anytrue([])", "false"),
    (
        "base64decode(base64encode(\"Hello World\"))",
        "\"Hello World\"",
    ),
    ("ceil(5.1)", "6"),
    ("chomp(\"hello\\r\\n\\n\")", "\"hello\""),
    ("chunklist([1, 2, 3], 2)", "[[1,2],[3]]"),
    ("cidrhost(\"10.12.112.0/20\", 268)", "\"10.12.113.12\""),
    ("cidrhost(\"10.12.112.0/20\", -1)", "\"10.12.127.255\""),
    (
        "cidrhost(\"fd00:fd12:3456:7890:00a2::/72\", 34)",
        "\"fd00:fd12:3456:7890::22\"",
    ),
    ("cidrnetmask(\"172.16.0.0/12\")", "\"255.240.0.0\""),
    ("cidrsubnet(\"172.16.0.0/12\", 4, 2)", "\"172.18.0.0/16\""),
    (
        "cidrsubnet(\"fd00:fd12:3456:7890::/56\", 16, 162)",
        "\"fd00:fd12:3456:7800:a200::/72\"",
    ),
    (
        "cidrsubnets(\"10.1.0.0/16\", 4, 4, 8, 4)",
        "[\"10.1.0.0/20\",\"10.1.16.0/20\",\"10.1.32.0/24\",\"10.1.48.0/20\"]",
    ),
    ("coalesce(\"a\", \"b\")", "\"a\""),
    ("coalesce(1, \"b\")", "\"1\""),
    ("coalescelist([], [\"c\", \"d\"])", "[\"c\",\"d\"]"),
    (
        "csvdecode(\"a,b,c\\n1,2,3\\n4,5,6\")",
        "[{\"a\":\"1\",\"b\":\"2\",\"c\":\"3\"},{\"a\":\"4\",\"b\":\"5\",\"c\":\"6\"}]",
    ),
    ("dirname(\"foo/bar/baz.txt\")", "\"foo/bar\""),
    ("dirname(\"baz.txt\")", "\".\""),
    ("distinct([\"a\", \"b\", \"a\"])", "[\"a\",\"b\"]"),
    ("endswith(\"hello world\", \"world\")", "true"),
    ("floor(-4.9)", "-5"),
    (
        "formatdate(\"DD MMM YYYY hh:mm ZZZ\", \"2018-01-02T23:12:01Z\")",
        "\"02 Jan 2018 23:12 UTC\"",
    ),
    (
        "formatdate(\"EEEE, DD-MMM-YY hh:mm:ss ZZZ\", \"2018-01-02T23:12:01Z\")",
        "\"Tuesday, 02-Jan-18 23:12:01 UTC\"",
    ),
    (
        "formatdate(\"EEE, DD MMM YYYY hh:mm:ss ZZZ\", \"2018-01-02T23:12:01-08:00\")",
        "\"Tue, 02 Jan 2018 23:12:01 -0800\"",
    ),
    (
        "formatdate(\"h'h'mm AA\", \"2018-01-02T23:12:01Z\")",
        "\"23h12 PM\"",
    ),
    (
        "format(\"%05d|%+d|%x|%X|%b|%o|%3s\", 12, 3, 255, 255, 5, 8, \"x\")",
        "\"00012|+3|ff|FF|101|10|  x\"",
    ),
    ("indent(2, \"a\\nb\")", "\"a\\n  b\""),
    ("index([\"a\", \"b\", \"c\"], \"b\")", "1"),
    (
        "jsonencode({ a = \"<b>&\" })",
        "\"{\\\"a\\\":\\\"\\\\u003cb\\\\u003e\\\\u0026\\\"}\"",
    ),
    ("keys(tomap({ a = 1, c = 2 }))", "[\"a\",\"c\"]"),
    ("length(\"👾🕹️\")", "2"),
    ("log(16, 2)", "4"),
    (
        "matchkeys([\"i-1\", \"i-2\", \"i-3\"], [\"us-west\", \"us-east\", \"us-east\"], [\"us-east\"])",
        "[\"i-2\",\"i-3\"]",
    ),
    ("max(12, 54, 3)", "54"),
    (
        "md5(\"hello world\")",
        "\"5eb63bbbe01eeed093cb22bb8f5acdc3\"",
    ),
    ("min(12, 54, 3)", "3"),
    ("parseint(\"bF\", 16)", "191"),
    ("parseint(\"12345\", 10)", "12345"),
    ("pow(4, 0)", "1"),
    ("range(1, 8, 2)", "[1,3,5,7]"),
    ("range(-3)", "[0,-1,-2]"),
    (
        "regexall(\"[a-z]+\", \"1234abcd5678efgh9\")",
        "[\"abcd\",\"efgh\"]",
    ),
    (
        "replace(\"hello world\", \"/w.*d/\", \"everybody\")",
        "\"hello everybody\"",
    ),
    (
        "replace(\"a-b\", \"/(\\\\w)-(\\\\w)/\", \"$2-$1\")",
        "\"b-a\"",
    ),
    (
        "replace(\"é1.22\", \"/(?P<n>\\\\d)|$/\", \"[$${n}]\")",
        "\"é[1].[2][2]\"",
    ),
    ("replace(\"\", \"/x*/\", \"-\")", "\"-\""),
    (
        "setintersection([\"a\", \"b\"], [\"b\", \"c\"], [\"b\", \"d\"])",
        "[\"b\"]",
    ),
    (
        "setproduct(toset([\"a\"]), toset([1, 2]))",
        "[[\"a\",1],[\"a\",2]]",
    ),
    (
        "sha1(\"hello world\")",
        "\"2aae6c35c94fcfb415dbe95f408b9ce91ee846ed\"",
    ),
    (
        "sha256(\"hello world\")",
        "\"b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9\"",
    ),
    ("substr(sha512(\"hello world\"), 0, 12)", "\"309ecc489c12\""),
    (
        "substr(base64sha512(\"hello world\"), 0, 8)",
        "\"MJ7MSJwS\"",
    ),
    ("signum(0)", "0"),
    ("slice([\"a\", \"b\", \"c\", \"d\"], 1, 3)", "[\"b\",\"c\"]"),
    ("split(\",\", \"foo,bar,baz\")", "[\"foo\",\"bar\",\"baz\"]"),
    ("startswith(\"hello world\", \"hello\")", "true"),
    ("strrev(\"hello\")", "\"olleh\""),
    ("substr(\"hello world\", -5, -1)", "\"world\""),
    (
        "textdecodebase64(textencodebase64(\"héllo\", \"UTF-16LE\"), \"UTF-16LE\")",
        "\"héllo\"",
    ),
    (
        "textencodebase64(\"Hello World\", \"UTF-16LE\")",
        "\"SABlAGwAbABvACAAVwBvAHIAbABkAA==\"",
    ),
    (
        "timeadd(\"2017-11-22T00:00:00Z\", \"10m\")",
        "\"2017-11-22T00:10:00Z\"",
    ),
    (
        "timecmp(\"2017-11-22T00:00:00Z\", \"2017-11-22T01:00:00Z\")",
        "-1",
    ),
    (
        "timecmp(\"2017-11-22T01:00:00Z\", \"2017-11-22T00:00:00-01:00\")",
        "0",
    ),
    ("tolist([\"a\", \"b\", 3])", "[\"a\",\"b\",\"3\"]"),
    (
        "tomap({ a = \"foo\", b = true })",
        "{\"a\":\"foo\",\"b\":\"true\"}",
    ),
    (
        "transpose({ a = [\"1\", \"2\"], b = [\"2\", \"3\"] })",
        "{\"1\":[\"a\"],\"2\":[\"a\",\"b\"],\"3\":[\"b\"]}",
    ),
    ("trim(\"foobar\", \"far\")", "\"oob\""),
    ("trimprefix(\"helloworld\", \"hello\")", "\"world\""),
    ("trimspace(\"  hello\\n\\n\")", "\"hello\""),
    ("trimsuffix(\"helloworld\", \"world\")", "\"hello\""),
    ("upper(\"алло!\")", "\"АЛЛО!\""),
    ("urlencode(\"Hello World!\")", "\"Hello+World%21\""),
    ("urldecode(\"a+b%26\")", "\"a b&\""),
    (
        "uuidv5(\"dns\", \"www.terraform.io\")",
        "\"a5008fae-b28c-5ba5-96cd-82b4c53552d6\"",
    ),
    (
        "uuidv5(\"6ba7b810-9dad-11d1-80b4-00c04fd430c8\", \"www.terraform.io\")",
        "\"a5008fae-b28c-5ba5-96cd-82b4c53552d6\"",
    ),
    (
        "yamldecode(\"{a: &foo [1, 2, 3], b: *foo}\")",
        "{\"a\":[1,2,3],\"b\":[1,2,3]}",
    ),
    (
        "yamldecode(\"x: |\\n  l1\\n  l2\\nz: !!str 1\")",
        "{\"x\":\"l1\\nl2\\n\",\"z\":\"1\"}",
    ),
    (
        "yamlencode({ foo = [1, 2, 3], bar = \"baz\" })",
        "\"\\\"bar\\\": \\\"baz\\\"\\n\\\"foo\\\":\\n- 1\\n- 2\\n- 3\\n\"",
    ),
    ("zipmap([\"a\", \"b\"], [1, 2])", "{\"a\":1,\"b\":2}"),
    (
        "cidrcontains(\"192.168.0.0/16\", \"192.168.2.0/24\")",
        "true",
    ),
    ("issensitive(sensitive(1))", "true"),
    ("core::upper(\"a\")", "\"A\""),
    (
        "{ for s in [\"a\", \"b\", \"ab\"] : substr(s, 0, 1) => s... }",
        "{\"a\":[\"a\",\"ab\"],\"b\":[\"b\"]}",
    ),
    ("0.1 + 0.2", "0.3"),
    ("{ a = 1, a = 2 }", "{\"a\":2}"),
];

#[test]
fn the_examples_of_the_reference_hold() {
    let mut wrong = Vec::new();
    for (expression, wanted) in EXAMPLES {
        // Go through `jsonencode`, which prints them all.
        let found = here(&format!("nonsensitive(jsonencode({expression}))"));
        let found = match &found.result {
            Ok(_) => found.text(),
            Err(problem) => problem.message.clone(),
        };
        let escaped = wanted.replace('&', "\\u0026");
        if found != *wanted && found != escaped {
            wrong.push(format!("{expression}\n  found  {found}\n  wanted {wanted}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn a_regular_expression_that_is_too_large_is_called_so() {
    for (pattern, wanted) in [
        ("(", "invalid regular expression pattern"),
        ("(\\\\w{1000}){1000}", "the regular expression is too large"),
    ] {
        let found = here(&format!("regex(\"{pattern}\", \"a\")"));
        let problem = found.result.unwrap_err();
        assert!(problem.message.contains(wanted), "{}", problem.message);
    }
}

#[test]
fn what_terraform_refuses_is_a_problem() {
    for expression in [
        "upper()",
        "upper(\"a\", \"b\")",
        "upper(null)",
        "chunklist([1], -1)",
        "regex(\"(\", \"a\")",
        "regex(\"b\", \"a\")",
        "jsondecode(\"{\")",
        "yamldecode(\"[\")",
        "csvdecode(\"a,b\\n1\")",
        "base64decode(\"?\")",
        "cidrsubnet(\"10.0.0.0/8\", 30, 0)",
        "cidrnetmask(\"fd00::/8\")",
        "cidrsubnets(\"10.0.0.0/30\", 2, 2, 2, 2, 2)",
        "formatdate(\"Q\", \"2018-01-02T23:12:01Z\")",
        "timeadd(\"2018\", \"1h\")",
        "format(\"%d\", 1.5)",
        "format(\"%s\")",
        "format(\"%[99999999999999999999]d%d\", 1)",
        "format(\"%s\", 1, 2)",
        "range(2000)",
        "range(0, 5, -1)",
        "sum([])",
        "parseint(\"8\", 8)",
        "slice([1], 0, 2)",
        "element([1], -1)",
        "lookup({ a = 1 }, \"b\")",
        "merge({ a = 1 }, [1])",
        "concat([1], \"a\")",
        "keys([1])",
        "zipmap([\"a\"], [])",
        "tonumber([])",
        "tobool(1)",
        "tolist({})",
        "uuidv5(\"x\", \"y\")",
        "can()",
        "try()",
        "nosuch(1)",
        "{ for x in [1, 2] : \"a\" => x }",
    ] {
        let found = here(expression);
        assert!(found.result.is_err(), "{expression}: {:?}", found.result);
    }
}

#[test]
fn a_deep_expression_fits_the_stack_of_a_thread() {
    let chain = vec!["[1]"; 120].join(" == ");
    let nested = format!("{}{chain}{}", "[".repeat(50), "]".repeat(50));
    assert!(here(&nested).result.is_ok());
}
