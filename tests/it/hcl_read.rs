//! The text of files to blocks and expressions.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::hcl_load::Memory;
use super::hcl_support::Folder;
use keytrail::hcl::{
    Block, Expr, Files, ModuleSource, Problem, Scope, Subject, Typed, World, discover,
    parse_variables,
};
use keytrail::source::{Origin, SourceMap};
use keytrail::value::Symbols;

/// A scope in which every reference is its own name.
struct Names(Folder);

impl Scope for Names {
    fn resolve(
        &mut self,
        subject: &Subject,
        at: &Origin,
        _: &mut World<'_>,
    ) -> Result<Typed, Problem> {
        let name = Typed::string(subject.to_string(), at.clone());
        Ok(Typed::object([("id".to_owned(), name)], at.clone()))
    }

    fn files(&self) -> &dyn Files {
        &self.0
    }
}

fn value(expr: &Expr, sources: &mut SourceMap) -> Result<Typed, Problem> {
    let mut scope = Names(Folder::new(Path::new(env!("CARGO_MANIFEST_DIR"))));
    let mut symbols = Symbols::default();
    expr.evaluate(&mut scope, &mut World::new(sources, &mut symbols))
}

/// The module in one file, and what is wrong in it: line, underlined text, message.
fn read(name: &str, text: &str) -> (Arc<ModuleSource>, SourceMap, Vec<String>) {
    // Something of ours in another file, so that the folder is parsed whatever the text holds.
    let memory = Memory::new(&[
        (&format!("/r/{name}"), text),
        ("/r/zz.tf", "resource \"aws_kms_alias\" \"zz\" {}\n"),
    ]);
    let mut sources = SourceMap::new();
    let found = discover(Path::new("/r"), keytrail::hcl::Around::default(), &memory).unwrap();
    let roots = found.load(&memory, &mut sources).unwrap();
    let source = Arc::clone(&roots[0].tree.as_ref().unwrap().source);
    let wrong = source
        .unreadable
        .iter()
        .map(|it| {
            let at = sources.location(it.origin.span());
            format!("{} `{}` {}", at.start.line, at.text, it.message)
        })
        .collect();
    (source, sources, wrong)
}

fn local<'s>(source: &'s ModuleSource, name: &str) -> &'s Expr {
    &source.locals[name].value
}

fn resource<'s>(source: &'s ModuleSource, name: &str) -> &'s Block {
    let found = source.resources.iter().find(|((_, _, it), _)| it == name);
    found
        .unwrap_or_else(|| panic!("{name}: {:?}", source.resources.keys()))
        .1
}

const MAIN: &str = "# Comment
resource \"aws_kms_key\" \"k\" {
  count       = var.on ? 1 : 0 # why
  description = \"a ${var.id} }\"
  policy      = <<-EOF
    { \"a\": \"${jsonencode({ a = [1, 2] })}\" }
    resource \"x\" \"y\" {
  EOF
  depends_on  = [aws_iam_role.r, module.m]
  /* { */
  dynamic \"x\" {
    for_each = { for k, v in var.m : k =>
      v
    }
    content { a = x.value }
  }
  lifecycle { ignore_changes = [policy] }
}

data aws_region here {}
locals {
  a = { x = 1, y = \"é\" }
  b = [for s in local.a : s if s != \"x\"]
}
module \"m\" {
  source    = \"./m\"
  providers = { aws = aws.west, aws.east = aws.east }
}
";

#[test]
fn blocks_and_their_places() {
    let (source, sources, wrong) = read("main.tf", MAIN);
    assert_eq!(wrong, [""; 0]);
    let key = resource(&source, "k");
    assert_eq!(
        sources.location(key.header.span()).text,
        "resource \"aws_kms_key\" \"k\""
    );
    let count = key.body.get("count").unwrap();
    assert_eq!(
        sources.location(count.origin().span()).text,
        "var.on ? 1 : 0"
    );
    let items = key.body.get("depends_on").unwrap().items(&sources);
    let items: Vec<_> = items.iter().map(|it| it.reference().unwrap()).collect();
    assert_eq!(items, ["aws_iam_role.r", "module.m"]);
    let kinds: Vec<&str> = key.body.blocks.iter().map(|it| it.kind.as_str()).collect();
    assert_eq!(kinds, ["dynamic", "lifecycle"]);
    let content = &key.body.blocks[0].body.blocks[0];
    assert_eq!(content.kind, "content");
    let pairs = source.calls["m"]
        .body
        .get("providers")
        .unwrap()
        .pairs(&sources);
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(k, v)| (k.as_str(), v.reference().unwrap()))
        .collect();
    assert_eq!(
        pairs,
        [
            ("aws", "aws.west".to_owned()),
            ("aws.east", "aws.east".to_owned())
        ]
    );
    assert!(source.resources.contains_key(&(
        keytrail::input::Mode::Data,
        "aws_region".into(),
        "here".into()
    )));
}

#[test]
fn places_of_values_are_those_of_the_file() {
    let (source, mut sources, _) = read("main.tf", MAIN);
    let expr = resource(&source, "k")
        .body
        .get("description")
        .unwrap()
        .clone();
    let problem = value(&expr, &mut sources).unwrap_err();
    assert_eq!(sources.location(problem.origin.span()).text, "${var.id}");
    let text = "locals {\n  a = \"é ${var.x.id} b\"\n}\n";
    let (source, mut sources, _) = read("main.tf", text);
    let found = value(local(&source, "a"), &mut sources).unwrap();
    assert_eq!(found.as_text().unwrap(), "é var.x b");
}

#[test]
fn references_are_those_of_a_plan() {
    let text = r#"locals {
  a = aws_kms_key.k[0].arn
  b = module.m["a"].key.arn
  c = aws_kms_key.k[*].arn
  d = aws_kms_key.k[each.key].arn
  e = [for k in var.ks : "${k.x}${local.z}"]
  f = { (var.k) = data.aws_region.r.name, bare = path.module }
  g = coalesce(var.a, aws_kms_key.k.0.arn)
  h = resource.aws_kms_key.k.arn
}
"#;
    let (source, _, wrong) = read("main.tf", text);
    assert_eq!(wrong, [""; 0]);
    for (name, wanted) in [
        (
            "a",
            vec!["aws_kms_key.k[0].arn", "aws_kms_key.k[0]", "aws_kms_key.k"],
        ),
        (
            "b",
            vec![
                "module.m[\"a\"].key.arn",
                "module.m[\"a\"].key",
                "module.m[\"a\"]",
                "module.m",
            ],
        ),
        ("c", vec!["aws_kms_key.k"]),
        ("d", vec!["aws_kms_key.k", "each.key"]),
        ("e", vec!["var.ks", "local.z"]),
        (
            "f",
            vec![
                "var.k",
                "data.aws_region.r.name",
                "data.aws_region.r",
                "path.module",
            ],
        ),
        (
            "g",
            vec![
                "var.a",
                "aws_kms_key.k[0].arn",
                "aws_kms_key.k[0]",
                "aws_kms_key.k",
            ],
        ),
        ("h", vec!["aws_kms_key.k.arn", "aws_kms_key.k"]),
    ] {
        assert_eq!(local(&source, name).references(), wanted, "{name}");
    }
}

#[test]
fn what_is_wrong_takes_nothing_else_with_it() {
    let good = "resource \"aws_kms_key\" \"good\" {\n  policy = \"p\"\n}\n";
    for (bad, wanted) in [
        (
            "resource \"x\" \"bad\" {\n  a = [1,\n}\n",
            "3 `}` expected `]`, found `}`",
        ),
        (
            "resource \"x\" \"bad\" {\n  a = \"b\n}\n",
            "2 `\"b` this string is not closed",
        ),
        (
            "resource \"x\" \"bad\" {\n  a = <<E\n}\n",
            "2 `<<E` this heredoc is not closed",
        ),
        (
            "resource \"x\" \"bad\" {\n  a = 1\n",
            "3 `resource \"aws_kms_key\" \"good\"` `resource` inside another block",
        ),
        (
            "resource \"x\" \"bad\" {\n  a = f(\n\n",
            "2 `(` this bracket is not closed",
        ),
        ("}\n", "1 `}` this brace closes nothing"),
        (
            "resource \"x\" \"bad\" {\n  a b c\n}\n",
            "2 `\n` expected `{` or a label",
        ),
        (
            "resource \"x\" \"bad\" {\n  ! = 1\n}\n",
            "2 `!` expected the name",
        ),
        ("???\n", "1 `?` expected the name"),
        ("/* x\n", "1 `/` expected the name"),
    ] {
        let text = format!("{bad}{good}{good}").replacen("\"good\"", "\"good\"", 1);
        let text = text.replacen("\"good\"", "\"first\"", 1);
        let wanted = wanted.replace("\"good\"", "\"first\"");
        let (source, _, wrong) = read("main.tf", &text);
        assert_eq!(wrong.len(), 1, "{text}\n{wrong:#?}");
        assert!(wrong[0].starts_with(&wanted), "{wrong:?}");
        assert_eq!(resource(&source, "good").body.attributes.len(), 1);
        assert_eq!(resource(&source, "first").body.attributes.len(), 1);
    }
    // One expression: the block stays, and evaluating the attribute says what is wrong.
    for kind in ["aws_kms_key", "x"] {
        let text = format!("resource \"{kind}\" \"bad\" {{\n  a = 1 +\n  b = 2\n}}\n");
        let (source, mut sources, wrong) = read("main.tf", &text);
        assert_eq!(wrong.len(), 1);
        assert!(wrong.iter().all(|it| it.starts_with("2 ")), "{wrong:?}");
        let bad = resource(&source, "bad");
        assert!(bad.body.get("a").unwrap().is_broken() && !bad.body.get("b").unwrap().is_broken());
        assert!(value(bad.body.get("a").unwrap(), &mut sources).is_err());
    }
}

#[test]
fn what_hcl_edit_refuses_and_terraform_reads() {
    let text = "variable \"v\" {
  type = \"string\"
}
resource \"aws_kms_key\" \"k\" {
  a = \"${var.x.id}\"
  b = { a = 1, a = 2 }
  c = { x = <<E
t
E
    , y = 1
  }
  d = { for k in [\"a\"] : k => true ? 1 :
    2 }
  tags {
    \"Name\" = 1
  }
}\r\nlocals { z = 1 }";
    let (source, mut sources, wrong) = read("main.tf", text);
    assert_eq!(wrong, [""; 0]);
    let key = resource(&source, "k").clone();
    for name in ["a", "b", "c", "d"] {
        value(key.body.get(name).unwrap(), &mut sources).unwrap();
    }
    assert_eq!(
        source.variables["v"]
            .body
            .get("type")
            .unwrap()
            .literal()
            .unwrap(),
        "string"
    );
    assert!(source.locals.contains_key("z"));
}

/// Comments are white space between any two tokens, inside brackets with the newline that ends them.
#[test]
fn comments_may_stand_anywhere() {
    let text = r#"locals /* c */ {
  a /* c */ = /* c */ "x" /* c */ # c
  b = /* c
  */ [ # ]
    /* " */ "y", // "
    "z" /* , */ , # c
    # c
  ] /* c */ [ /* c */ 0 /* c */ ] # c
  c = { # }
    k /* c */ = /* c */ "v" /* c */, # c
    l /* c */ : /* } */ "w" # c
    # c
  }
  d = join /* c */ ( # )
    "," /* c */, # ,
    [for /* c */ v # c
      in /* c */ ["p", "q"] # c
    : /* c */ v # c
    if # c
      v != "q" /* c */],
  )
  e = "${ /* } */ lower("A") # }"
  }-${ # c
    upper(/* c */ "x" # c
    )}" // c
  f = <<-EOT
    # no comment ${ /* c */ "x" # }
    } /* no comment */
  EOT
  g = true /* c */ ? /* c */ 1 /* c */ + /* c */ 2 : /* c */ ! /* c */ false ? 4 : 5
  h = { for /* c */ k, /* c */ v in { a = 1 # c
    b = 2 /* c */ } : /* c */ k => /* c */ v /* c */ }
  i = (# c
    1 # c
    + 2 # c
  )
} /* c */

resource "aws_kms_key" /* c */ "k" /* c */ { /* c */
  description /* c */ = "d" /* c */
} // c
"#;
    let (source, mut sources, wrong) = read("main.tf", text);
    assert_eq!(wrong, [""; 0]);
    for (name, wanted) in [
        ("a", "x"),
        ("b", "y"),
        ("d", "p"),
        ("e", "a-X"),
        ("f", "# no comment x /* no comment */\n"),
    ] {
        let found = value(local(&source, name), &mut sources).unwrap();
        assert_eq!(format!("{found:?}"), format!("{wanted:?}"), "{name}");
    }
    for (name, wanted) in [("g", "3"), ("i", "3")] {
        let found = value(local(&source, name), &mut sources).unwrap();
        assert_eq!(format!("{found:?}"), wanted, "{name}");
    }
    let place = |expr: &Expr| sources.location(expr.origin().span()).text;
    assert_eq!(place(local(&source, "a")), "\"x\"");
    let pairs = local(&source, "c").pairs(&sources);
    let pairs: Vec<(&str, String)> = pairs.iter().map(|it| (&*it.0, place(&it.1))).collect();
    assert_eq!(
        pairs,
        [("k", "\"v\"".to_owned()), ("l", "\"w\"".to_owned())]
    );
    let key = resource(&source, "k");
    assert_eq!(place(key.body.get("description").unwrap()), "\"d\"");
    // A newline still ends what it ends.
    for wrong in [
        "a = # c\n  1",
        "a = 1 +# c\n  1",
        "a /* c */ # c\n = 1",
        "a = { b = # c\n 1 }",
    ] {
        let (.., problems) = read("main.tf", &format!("locals {{\n  {wrong}\n}}\n"));
        assert!(!problems.is_empty(), "{wrong}");
    }
}

#[test]
fn deep_and_large_expressions_are_read() {
    let nest = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    let object =
        |levels: usize| format!("{}aws_x.y{}", "{ a = ".repeat(levels), "}".repeat(levels));
    let text = format!(
        "locals {{\n  a = {}\n  b = {}\n  c = {}\n  d = 1\n}}\n",
        nest(150),
        object(100),
        nest(10_000)
    );
    let (source, mut sources, wrong) = read("main.tf", &text);
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    assert!(wrong[0].contains("nest"), "{wrong:?}");
    let a = value(local(&source, "a"), &mut sources).unwrap();
    assert!(format!("{a:?}").starts_with("[[[["));
    value(local(&source, "b"), &mut sources).unwrap();
    assert_eq!(local(&source, "b").references(), ["aws_x.y"]);
    assert!(value(local(&source, "d"), &mut sources).is_ok());

    let started = Instant::now();
    let keys: Vec<String> = (0..50_000)
        .map(|at| format!("  k{at} = [\"v{at}\", var.x.id] # {{\n"))
        .collect();
    let keys = keys.concat();
    let text = format!("locals {{\n  a = merge({{\n{keys}}}, {{}})\n  b = {{\n{keys}}}\n}}\n");
    let (source, mut sources, wrong) = read("main.tf", &text);
    assert_eq!(wrong, [""; 0]);
    assert!(
        started.elapsed() < Duration::from_secs(10),
        "{:?}",
        started.elapsed()
    );
    let pairs = local(&source, "b").pairs(&sources);
    assert_eq!(pairs.len(), 50_000);
    assert_eq!(pairs[49_999].0, "k49999");
    assert_eq!(
        sources.location(pairs[777].1.origin().span()).text,
        "[\"v777\", var.x.id]"
    );
    assert_eq!(local(&source, "a").references().len(), 100_000);
    let keytrail::hcl::Data::Mapping(all) = value(local(&source, "b"), &mut sources).unwrap().data
    else {
        panic!("no object");
    };
    assert_eq!(all.entries.len(), 50_000);
    let at = &all.entries["k31234"];
    assert_eq!(sources.location(at.key_origin.span()).text, "k31234");
}

#[test]
fn hostile_texts_end() {
    for text in [
        "a {\n".repeat(20_000),
        "resource \"a\" \"b\" {\n  x = (\n".repeat(20_000),
        "locals {\n a = <<E\n".repeat(20_000),
        "\"${".repeat(20_000),
        format!("locals {{ a = {} }}", "\"${".repeat(20_000)),
        format!("locals {{ a = {} }}", "(".repeat(20_000)),
        format!("locals {{ a = {}1 }}", "-".repeat(20_000)),
        format!("locals {{ a = {}1 }}", "f(\"${{ a = ".repeat(60)),
        format!("locals {{ a = 1{} }}", " + 1".repeat(20_000)),
        format!("locals {{ a = {}1{} }}", "(".repeat(60), ")".repeat(60)),
        "}".repeat(100_000),
        "/*".repeat(100_000),
        format!("locals {{ a = [{}] }}", "/**/".repeat(100_000)),
        format!("locals {{ a = [{}1 1] }}", "/* */\n# c\n".repeat(50_000)),
        format!(
            "locals {{ a = <<E\n{}\nE\n }}",
            "${ /* c */ 1 }  \n".repeat(2_000)
        ),
        format!("locals {{ a = [<<E\n{}x\nE\n 1] }}", " \n".repeat(100_000)),
        "a = 1\n".repeat(50_000),
    ] {
        let started = Instant::now();
        let _ = read("main.tf", &text);
        let _ = read("main.tf.json", &text);
        let head: String = text.chars().take(30).collect();
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "{head}: {:?}",
            started.elapsed()
        );
    }
}

const JSON: &str = r#"{
  "//": "comment",
  "resource": {
    "aws_kms_key": {
      "k": {
        "//": "comment",
        "description": "key of ${var.x.id}",
        "policy": "{\"a\": \"é ${var.x.id}\", \"b\": 1}",
        "plain": "a\tb $5",
        "count": 1,
        "depends_on": ["aws_iam_role.r"],
        "provider": "aws.west",
        "lifecycle": {"prevent_destroy": true},
        "dynamic": {"x": [{"for_each": ["a"], "content": {"a": "${x.value}"}}]},
        "statement": [{"a": "${var.y}"}]
      }
    }
  },
  "data": {"aws_region": {"here": [{}]}},
  "locals": {"a": 1, "b": {"${var.x.id}": [true, null, 1.5]}},
  "module": [{"m": {"source": "./m", "providers": {"aws": "aws.west"}}}],
  "variable": {"v": {"type": "map(string)"}},
  "provider": {"aws": [{"region": "a"}, {"alias": "west"}]},
  "output": {"o": {"value": "${aws_kms_key.k[0].arn}"}}
}
"#;

#[test]
fn json_gives_the_same_blocks() {
    let (source, mut sources, wrong) = read("main.tf.json", JSON);
    assert_eq!(wrong, [""; 0]);
    let key = resource(&source, "k").clone();
    assert_eq!(sources.location(key.header.span()).text, "\"k\"");
    let get = |name: &str| key.body.get(name).unwrap().clone();
    let description = value(&get("description"), &mut sources).unwrap();
    let keytrail::hcl::Data::Text(text) = description.data else {
        panic!("no text");
    };
    assert_eq!(text.to_literal().unwrap(), "key of var.x");
    let first = text.parts()[0].origin.span();
    assert_eq!(sources.location(first).text, "key of ");
    let problem = value(&get("statement"), &mut sources).unwrap();
    assert!(format!("{problem:?}").contains("var.y"));
    assert_eq!(get("plain").literal().unwrap(), "a\tb $5");
    assert_eq!(get("provider").reference().unwrap(), "aws.west");
    let items = get("depends_on").items(&sources);
    assert_eq!(items[0].reference().unwrap(), "aws_iam_role.r");
    assert_eq!(get("policy").references(), ["var.x.id", "var.x"]);
    let kinds: Vec<&str> = key.body.blocks.iter().map(|it| it.kind.as_str()).collect();
    assert_eq!(kinds, ["lifecycle", "dynamic"]);
    assert_eq!(key.body.blocks[1].labels, ["x"]);
    assert_eq!(key.body.blocks[1].body.blocks[0].kind, "content");
    assert_eq!(source.providers.len(), 2);
    assert_eq!(
        source.variables["v"]
            .body
            .get("type")
            .unwrap()
            .literal()
            .unwrap(),
        "map(string)"
    );
    let pairs = source.calls["m"]
        .body
        .get("providers")
        .unwrap()
        .pairs(&sources);
    assert_eq!(pairs[0].1.reference().unwrap(), "aws.west");
    let arn = source.outputs["o"].body.get("value").unwrap();
    assert_eq!(
        arn.references(),
        ["aws_kms_key.k[0].arn", "aws_kms_key.k[0]", "aws_kms_key.k"]
    );
    assert_eq!(arn.reference().unwrap(), "aws_kms_key.k[0].arn");
}

#[test]
fn json_strings_are_templates() {
    let text = r#"{"locals": {
        "a": "key of ${var.x.id}!", "b": "{\"a\": \"é ${var.x.id}\"}", "c": "\u00e9\ud83d\ude00$${a}\n",
        "d": "${var.x}", "e": "${", "f": {"${var.x.id}": 1e2}}}"#;
    let (source, mut sources, wrong) = read("main.tf.json", text);
    let wrong: Vec<&str> = wrong.iter().map(|it| &it[..3]).collect();
    assert_eq!(wrong.len(), 1, "{wrong:?}");
    let mut get = |name: &str| value(local(&source, name), &mut sources);
    // `var.x` of this scope is an object with an `id`.
    assert_eq!(get("a").unwrap().as_text().unwrap(), "key of var.x!");
    assert_eq!(get("b").unwrap().as_text().unwrap(), "{\"a\": \"é var.x\"}");
    assert_eq!(get("c").unwrap().as_text().unwrap(), "é😀${a}\n");
    assert!(matches!(
        get("d").unwrap().data,
        keytrail::hcl::Data::Mapping(_)
    ));
    assert!(get("e").is_err());
    let keytrail::hcl::Data::Mapping(found) = get("f").unwrap().data else {
        panic!("no object");
    };
    assert_eq!(found.entries.keys().collect::<Vec<_>>(), ["var.x"]);
}

#[test]
fn values_of_variables_are_read() {
    let mut sources = SourceMap::new();
    let mut parse = |text: &str, json: bool| {
        let file = sources.add("x.tfvars", text).unwrap();
        let (found, wrong) = parse_variables(file, json, &mut sources);
        let found: BTreeMap<String, String> = found
            .into_iter()
            .filter_map(|(name, it)| Some((name, it.value.literal()?)))
            .collect();
        (found, wrong.len())
    };
    let (found, wrong) = parse("a = \"x\"\n# c\nb = [\nc = \"y\"\nd {}\n", false);
    assert_eq!(found.keys().collect::<Vec<_>>(), ["a", "c"]);
    assert_eq!(wrong, 2);
    let (found, wrong) = parse("{\"a\": \"x\", \"//\": 1, \"b\": \"y\"}", true);
    assert_eq!((found.len(), wrong), (2, 0));
    assert_eq!(parse("[", true).1, 1);
}

#[test]
fn every_prefix_and_deletion_is_survived() {
    for (name, text) in [("main.tf", MAIN), ("main.tf.json", JSON)] {
        for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
            let _ = read(name, &text[..at]);
            let mut less = text.to_owned();
            less.remove(at);
            let (source, mut sources, _) = read(name, &less);
            for block in source.resources.values() {
                for attribute in block.body.attributes.values() {
                    let _ = attribute.value.references();
                    let _ = value(&attribute.value, &mut sources);
                }
            }
        }
    }
}
