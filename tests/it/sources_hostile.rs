//! Configurations that ask for more than there is: `check` ends soon, with a clear message, and without much memory.
//!
//! Each runs in a process of its own, which the test ends where it does not end itself.

#![expect(
    clippy::format_collect,
    clippy::too_many_lines,
    reason = "inputs are put together, and each is named beside the others of its kind"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Far more than any takes on a machine that has nothing else to do; what has no limit takes years.
const LIMIT: Duration = Duration::from_mins(5);

/// MiB.
const MEMORY: usize = 3_000;

struct Case {
    name: &'static str,
    files: Vec<(String, Vec<u8>)>,
    /// What the report or the messages say.
    says: &'static str,
}

/// A configuration in one file.
fn one(name: &'static str, text: String, says: &'static str) -> Case {
    files(name, vec![("main.tf", text)], says)
}

fn files(name: &'static str, files: Vec<(&str, String)>, says: &'static str) -> Case {
    let file = |(name, text): (&str, String)| (name.to_owned(), text.into_bytes());
    Case {
        name,
        files: files.into_iter().map(file).collect(),
        says,
    }
}

/// A key with a policy, and a trail that uses it.
fn key(policy: &str) -> String {
    format!(
        "resource \"aws_kms_key\" \"k\" {{\n  policy = {policy}\n}}\nresource \"aws_cloudtrail\" \"t\" {{\n  name           = \"t\"\n  s3_bucket_name = \"b\"\n  kms_key_id     = aws_kms_key.k.arn\n}}\n"
    )
}

fn nested(open: &str, inside: &str, close: &str) -> String {
    const DEEP: usize = 10_000;
    key(&format!(
        "{}{inside}{}",
        open.repeat(DEEP),
        close.repeat(DEEP)
    ))
}

/// Locals `a0` to `a{count}`, of which each is made of the one before.
fn chain(count: usize, first: &str, next: &str) -> String {
    let locals: String = (0..count)
        .map(|at| {
            format!(
                "  a{} = {}\n",
                at + 1,
                next.replace('@', &format!("local.a{at}"))
            )
        })
        .collect();
    format!(
        "locals {{\n  a0 = {first}\n{locals}}}\n{}",
        key(&format!("local.a{count}"))
    )
}

fn module(name: &str, source: &str) -> String {
    format!("module \"{name}\" {{\n  source = \"{source}\"\n}}\n")
}

/// Modules that each call the next one twice.
fn doubling(name: &'static str, levels: usize, last: &str, says: &'static str) -> Case {
    let twice = |source: &str| module("a", source) + &module("b", source);
    let mut files = vec![("main.tf".to_owned(), twice("./m1") + &key("\"x\""))];
    for level in 1..levels {
        let file = format!("m{level}/main.tf");
        files.push((file, twice(&format!("../m{}", level + 1))));
    }
    files.push((format!("m{levels}/main.tf"), last.to_owned()));
    let file = |(name, text): (String, String)| (name, text.into_bytes());
    Case {
        name,
        files: files.into_iter().map(file).collect(),
        says,
    }
}

/// A root that makes all instances that there may be, one that makes a few too many after it, and one that has a key and a trail.
fn roots(name: &'static str, says: &'static str) -> Case {
    let aliases = |count: usize| {
        format!(
            "resource \"aws_kms_alias\" \"a\" {{\n  count         = {count}\n  target_key_id = \"x\"\n}}\n"
        )
    };
    let all = vec![
        ("a/main.tf", aliases(49_990)),
        ("b/main.tf", aliases(1_000)),
        (
            "c/main.tf",
            key("jsonencode({ Version = \"2012-10-17\", Statement = [] })"),
        ),
    ];
    files(name, all, says)
}

fn deep() -> Vec<Case> {
    let too_deep = "nesting depth";
    let blocks = |count: usize| ("a {\n".repeat(count), "}\n".repeat(count));
    let (open, close) = blocks(10_000);
    vec![
        one("parentheses", nested("(", "1", ")"), too_deep),
        one("lists", nested("[", "1", "]"), too_deep),
        one("objects", nested("{ a = ", "1", "}"), too_deep),
        one("open-lists", nested("[", "1", ""), ""),
        one("templates", nested("\"${", "1", "}\""), too_deep),
        one("calls", nested("upper(", "\"a\"", ")"), too_deep),
        one("nots", nested("!", "true", ""), ""),
        one("conditionals", nested("true ? ", "1", " : 2"), too_deep),
        one("loops", nested("[for x in ", "[]", " : x]"), too_deep),
        one("indexes-in-indexes", nested("local.a[", "0", "]"), too_deep),
        one(
            "directives",
            key(&format!(
                "\"{}x{}\"",
                "%{ if true }".repeat(10_000),
                "%{ endif }".repeat(10_000)
            )),
            too_deep,
        ),
        one(
            "heredocs",
            key(&format!(
                "{}x{}",
                "<<A\n${<<A\n".repeat(2_000),
                "\nA\n}\nA\n".repeat(2_000)
            )),
            "",
        ),
        one("sums", key(&("1 + ".repeat(1_000_000) + "2")), ""),
        one(
            "attributes",
            key(&("local.a".to_owned() + &".b".repeat(100_000))),
            "",
        ),
        one(
            "indexes",
            key(&("local.a".to_owned() + &"[0]".repeat(100_000))),
            "",
        ),
        one(
            "members-of-unknown",
            key(&("aws_s3_bucket.b.tags".to_owned() + &".b".repeat(20_000)))
                + "resource \"aws_s3_bucket\" \"b\" {}\n",
            "",
        ),
        one("blocks", format!("{open}{close}{}", key("\"x\"")), ""),
        one(
            "blocks-of-a-document",
            format!(
                "data \"aws_iam_policy_document\" \"d\" {{\n{}{}}}\n{}",
                open.replace('a', "statement"),
                close,
                key("data.aws_iam_policy_document.d.json")
            ),
            "",
        ),
        one(
            "dynamic-blocks",
            format!(
                "data \"aws_iam_policy_document\" \"d\" {{\n{}{}}}\n{}",
                "dynamic \"statement\" {\nfor_each = [1, 2]\ncontent {\n".repeat(24),
                "}\n}\n".repeat(24),
                key("data.aws_iam_policy_document.d.json")
            ),
            "more than 50000 instances",
        ),
        one(
            "types",
            format!(
                "variable \"x\" {{\n  type = {}string{}\n}}\n{}",
                "list(".repeat(10_000),
                ")".repeat(10_000),
                key("var.x")
            ),
            "",
        ),
        one(
            "json-in-a-call",
            key(&format!(
                "jsondecode(\"{}{}\")",
                "[".repeat(10_000),
                "]".repeat(10_000)
            )),
            "",
        ),
        one(
            "json-policy",
            key(&format!("\"{}{}\"", "[".repeat(10_000), "]".repeat(10_000))),
            "policy-invalid",
        ),
        one(
            "yaml",
            key(&format!(
                "yamldecode(\"{}{}\")",
                "[".repeat(10_000),
                "]".repeat(10_000)
            )),
            "",
        ),
        files(
            "json-file",
            vec![(
                "main.tf.json",
                format!(
                    "{{\"locals\":{{\"a\":{}{}}},\"resource\":{{\"aws_cloudtrail\":{{\"t\":{{\"name\":\"t\",\"kms_key_id\":\"${{local.a}}\"}}}}}}}}",
                    "[".repeat(10_000),
                    "]".repeat(10_000)
                ),
            )],
            "",
        ),
        one("locals", chain(10_000, "\"x\"", "@"), "nested too deeply"),
    ]
}

fn large() -> Vec<Case> {
    let much = "too much work";
    let unknown = "resource \"aws_s3_bucket\" \"b\" {}\n";
    let counted = |count: &str| {
        format!(
            "resource \"aws_kms_key\" \"k\" {{\n  count  = {count}\n  policy = \"x${{count.index}}\"\n}}\nresource \"aws_cloudtrail\" \"t\" {{\n  name       = \"t\"\n  kms_key_id = aws_kms_key.k[7].arn\n}}\n"
        )
    };
    let each = "resource \"aws_kms_key\" \"k\" {\n  for_each = toset([for i in setproduct(range(1000), range(100)) : \"${i[0]}-${i[1]}\"])\n}\nresource \"aws_cloudtrail\" \"t\" {\n  name       = \"t\"\n  kms_key_id = aws_kms_key.k[\"1-1\"].arn\n}\n";
    let splat = "resource \"aws_kms_key\" \"k\" {\n  count = 20000\n}\nresource \"aws_cloudtrail\" \"t\" {\n  count      = 20000\n  name       = \"t${count.index}\"\n  kms_key_id = aws_kms_key.k[*].arn[count.index]\n}\n";
    let object: String = (0..50_000)
        .map(|at| format!("  k{at} = \"v{at}\"\n"))
        .collect();
    let same: String = (0..50_000).map(|at| format!("  k = \"v{at}\"\n")).collect();
    let wrong: String = (0..50_000)
        .map(|at| format!("  a{at} = [1,, {at}]\n"))
        .collect();
    let many: String = (0..300)
        .map(|at| format!("resource \"aws_kms_key\" \"k{at}\" {{\n  policy = jsonencode([for x in range(1024) : [for y in range(900) : \"x${{{at}}}\"]])\n}}\n"))
        .collect();
    let bomb: String = (b'a'..b'l')
        .map(|it| (char::from(it), char::from(it + 1)))
        .map(|(it, next)| {
            format!(
                "{next}: &{next} [{}]\\n",
                vec![format!("*{it}"); 8].join(",")
            )
        })
        .collect();
    vec![
        one(
            "loops-in-loops",
            key("[for a in range(1024) : [for b in range(1024) : [for c in range(1024) : \"x\"]]]"),
            "too large",
        ),
        one(
            "doubled-text",
            chain(60, "\"x\"", "\"${@}${@}\""),
            "too large",
        ),
        one(
            "doubled-symbols",
            chain(60, "aws_s3_bucket.b.id", "\"${@}${@}\"") + unknown,
            "too large",
        ),
        one(
            "doubled-list",
            chain(60, "[\"x\"]", "concat(@, @)"),
            "too large",
        ),
        one(
            "doubled-nesting",
            chain(60, "[\"x\"]", "[@, @]"),
            "too large",
        ),
        one(
            "doubled-branches",
            chain(
                60,
                "aws_s3_bucket.b.id",
                "aws_s3_bucket.b.tags[\"t\"] == \"x\" ? \"${@}y\" : \"${@}z\"",
            ) + unknown,
            "",
        ),
        one(
            "long-value-beside-a-symbol",
            key(&format!(
                "jsonencode({{ Version = \"2012-10-17\", Statement = [{{ Effect = \"Allow\", Principal = {{ Service = \"cloudtrail.amazonaws.com\" }}, Action = \"kms:*\", Resource = \"*\", Condition = {{ StringLike = {{ \"kms:EncryptionContext:aws:s3:arn\" = \"${{terraform.workspace}}{}*\" }} }} }}] }})",
                ".arn}".repeat(1_400)
            )),
            "",
        ),
        one("many-loops", many, much),
        one("count", counted("1000000000"), "more than 50000 instances"),
        one("count-below-the-limit", counted("40000"), ""),
        one("each-of-many", each.to_owned(), "the value grows too large"),
        one("splats-of-many", splat.to_owned(), much),
        one(
            "keys",
            format!(
                "locals {{\n  o = {{\n{object}}}\n}}\n{}",
                key("local.o.k77")
            ),
            "",
        ),
        one(
            "same-keys",
            format!("locals {{\n  o = {{\n{same}}}\n}}\n{}", key("local.o.k")),
            "",
        ),
        one(
            "wrong-expressions",
            format!("locals {{\n{wrong}}}\n{}", key("local.a1")),
            "source-unreadable",
        ),
        one(
            "product",
            key("setproduct(range(1000), range(1000), range(1000))"),
            "",
        ),
        one("range", key("range(0, 1e12)"), ""),
        one("pad", key("format(\"%999999999d\", 1)"), ""),
        one("indent", key("indent(1000000000, \"a\\nb\")"), ""),
        one("power", key("pow(pow(10, 300), 300)"), ""),
        one("exponent", key("tostring(1e-999999999)"), ""),
        one("digits", key(&"1".repeat(1_000_000)), ""),
        one("squares", chain(40, "12345678901234567890", "@ * @"), ""),
        one(
            "pattern",
            key("regex(\"((a{0,1000}){0,1000}){0,1000}\", \"aaa\")"),
            "",
        ),
        one(
            "aliases",
            key(&format!(
                "yamldecode(\"a: &a [x,x,x,x,x,x,x,x,x]\\n{bomb}\")"
            )),
            "too large",
        ),
        one(
            "comments-30-mb",
            format!("# {}\n", "x".repeat(97)).repeat(300_000) + &key("\"x\""),
            "policy-invalid",
        ),
        one(
            "text-30-mb",
            key(&format!("\"{}\"", "x".repeat(30_000_000))),
            "",
        ),
        one("braces-30-mb", "{".repeat(30_000_000) + &key("\"x\""), ""),
        one("quotes-30-mb", "\"".repeat(30_000_000) + &key("\"x\""), ""),
        one(
            "open-templates",
            key(&format!("\"{}", "${".repeat(2_000_000))),
            "",
        ),
        one("open-comments", "/* ".repeat(1_000_000) + &key("\"x\""), ""),
    ]
}

/// Texts in which patterns are looked for again and again.
fn patterns() -> Vec<Case> {
    let many = |name, call: &str, says| {
        let locals: String = (0..200).map(|at| format!("  a{at} = {call}\n")).collect();
        let all: Vec<String> = (0..200).map(|at| format!("local.a{at}")).collect();
        let text = "join(\"\", [for i in range(1000) : join(\"\", [for j in range(50) : \"ab\"])])";
        let policy = format!("jsonencode([{}])", all.join(", "));
        let text = format!("locals {{\n  text = {text}\n{locals}}}\n{}", key(&policy));
        one(name, text, says)
    };
    let steps = "takes too many steps";
    vec![
        many(
            "patterns-all",
            r#"regexall("(a*b*)*c|a", local.text)"#,
            steps,
        ),
        many(
            "patterns-replaced",
            r#"replace(local.text, "/(a*b*)*c|a/", "x")"#,
            steps,
        ),
        many(
            "patterns-small",
            r#"regex("(a|b|ab)*$", local.text)"#,
            "takes too much work",
        ),
        many(
            "patterns-large",
            r#"regex("((a|b|ab){1,30}){1,9}$", local.text)"#,
            steps,
        ),
    ]
}

/// Files about which much is to be said.
fn reported() -> Vec<Case> {
    let keys: Vec<String> = (0..20_000)
        .map(|at| format!(r#""k{at}":{{"policy":"x"}}"#))
        .collect();
    let in_json = format!(
        r#"{{"resource":{{"aws_kms_key":{{{}}},"aws_cloudtrail":{{"t":{{"name":"t","s3_bucket_name":"b","kms_key_id":"${{aws_kms_key.k7.arn}}"}}}}}}}}"#,
        keys.join(",")
    );
    let key = |at| format!("resource \"aws_kms_key\" \"k{at}\" {{\n  policy = \"x\"\n}}\n");
    let in_lines: String = (0..20_000).map(key).collect();
    let names = |text: String| text + &self::key("\"x\"");
    vec![
        files(
            "keys-on-one-line",
            vec![("main.tf.json", in_json)],
            "policy-invalid",
        ),
        one("keys-on-many-lines", names(in_lines), "policy-invalid"),
    ]
}

fn modules() -> Vec<Case> {
    let leaf = key("\"x\"");
    let mut many = module("a", "./a").replace("}\n", "  count = 10000\n}\n");
    let inner = module("b", "../b").replace("}\n", "  count = 10000\n}\n");
    many.push_str(&key("\"x\""));
    let circle = vec![
        ("main.tf", module("a", "./a") + &leaf),
        ("a/main.tf", module("b", "../b") + &leaf),
        ("b/main.tf", module("a", "../a")),
    ];
    // Modules that all call each other: nobody calls the first one alone, and there is no root.
    let mut web = Vec::new();
    for at in 0..200 {
        let calls: String = (0..5)
            .map(|call| {
                module(
                    &format!("m{call}"),
                    &format!("../m{}", (at * 7 + call * 31 + 1) % 200),
                )
            })
            .map(|call| call.replace("}\n", "  for_each = toset([\"a\", \"b\"])\n}\n"))
            .collect();
        web.push((format!("m{at}/main.tf"), (calls + &leaf).into_bytes()));
    }
    let web = Case {
        name: "web",
        files: web,
        says: "policy-invalid",
    };
    let self_template = vec![
        ("main.tf", key("templatefile(\"t.tftpl\", {})")),
        ("t.tftpl", "${templatefile(\"t.tftpl\", {})}".to_owned()),
    ];
    let ring: String = (0..1_000)
        .map(|at| format!("  a{at} = local.a{}\n", (at + 1) % 1_000))
        .collect();
    vec![
        web,
        files("circle", circle, "in a circle"),
        one("itself", module("a", "./") + &leaf, "in a circle"),
        doubling("doubled-40", 40, &leaf, ""),
        doubling("doubled-28", 28, &leaf, "more than 50000 instances"),
        doubling(
            "doubled-28-of-nothing",
            28,
            "output \"x\" {\n  value = 1\n}\n",
            "policy-invalid",
        ),
        files(
            "counted",
            vec![
                ("main.tf", many),
                ("a/main.tf", inner),
                ("b/main.tf", leaf.clone()),
            ],
            "more than 50000 instances",
        ),
        roots(
            "roots",
            "all root modules together make more than 50000 instances",
        ),
        // The small one among the large ones.
        roots(
            "roots-small",
            "the policy of `aws_kms_key.k` would be refused",
        ),
        files("template-of-itself", self_template, "templatefile"),
        one(
            "ring",
            format!("locals {{\n{ring}}}\n{}", key("local.a0")),
            "nested too deeply",
        ),
        one(
            "cycle",
            format!(
                "locals {{\n  a = local.b\n  b = local.a\n}}\n{}",
                key("local.a")
            ),
            "depends on itself",
        ),
    ]
}

/// Writes a configuration to a fresh folder.
fn write(case: &Case) -> PathBuf {
    let folder = folder(case.name);
    for (name, bytes) in &case.files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("hostile-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Checks a folder; what it says, or what is wrong.
fn check(folder: &Path) -> Result<String, String> {
    let out = folder.with_extension("out");
    let file = std::fs::File::create(&out).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_keytrail"))
        .args([
            "check",
            "--account-id",
            "111122223333",
            "--region",
            "us-east-1",
        ])
        .arg(folder)
        .stdin(Stdio::null())
        .stdout(file.try_clone().unwrap())
        .stderr(file)
        .spawn()
        .unwrap();
    let since = Instant::now();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|it| it.strip_prefix("VmHWM:"));
        let kib = line.and_then(|it| it.split_whitespace().next()?.parse::<usize>().ok());
        peak = peak.max(kib.unwrap_or_default() / 1024);
        if since.elapsed() > LIMIT || peak > MEMORY {
            child.kill().unwrap();
            child.wait().unwrap();
            return Err(format!(
                "after {:?} it has {peak} MiB and is not done",
                since.elapsed()
            ));
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    println!("{}: {:?}, {peak} MiB", folder.display(), since.elapsed());
    let said = String::from_utf8(std::fs::read(&out).unwrap()).unwrap();
    if ended.code().is_none_or(|code| code > 2) || said.contains("panicked") {
        let end: String = said
            .chars()
            .rev()
            .take(2_000)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        return Err(format!("{ended}: {end}"));
    }
    Ok(said)
}

fn hold(cases: &[Case]) {
    let mut wrong = Vec::new();
    for case in cases {
        let folder = write(case);
        // A message may be broken over lines.
        match check(&folder).map(|it| it.split_whitespace().collect::<Vec<_>>().join(" ")) {
            Ok(said) if !said.contains(case.says) => {
                let start: String = said.chars().take(1_500).collect();
                wrong.push(format!(
                    "{}: it does not say `{}`: {start}",
                    case.name, case.says
                ));
            }
            Ok(_) => {}
            Err(why) => wrong.push(format!("{}: {why}", case.name)),
        }
        let _ = std::fs::remove_dir_all(folder);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nesting_has_a_limit() {
    hold(&deep());
}

#[test]
fn work_and_size_have_limits() {
    hold(&large());
}

#[test]
fn patterns_are_not_looked_for_without_end() {
    hold(&patterns());
}

#[test]
fn reports_grow_with_what_is_said() {
    hold(&reported());
}

#[test]
fn modules_and_names_that_lead_to_themselves_end() {
    hold(&modules());
}

#[test]
fn what_is_no_text_is_said_to_be_none() {
    let whole = key("\"x\"").into_bytes();
    let with = |bytes: &[u8]| vec![("main.tf".to_owned(), [bytes, &whole].concat())];
    let says = "source-unreadable";
    let cases = [
        ("not-utf8", b"# \xff\xc3\x28\n".as_slice()),
        ("nul", b"# \0\n"),
        ("utf16", b"\xff\xfe#\0\n\0"),
    ];
    let cases = cases.map(|(name, bytes)| Case {
        name,
        files: with(bytes),
        says,
    });
    hold(&cases);
}

#[test]
#[cfg(unix)]
fn what_is_no_file_is_not_waited_for() {
    use std::os::unix::fs::symlink;
    let folder = folder("no-files");
    std::fs::write(folder.join("main.tf"), key("file(\"/dev/zero\")")).unwrap();
    std::fs::create_dir(folder.join("folder.tf")).unwrap();
    let made = Command::new("mkfifo").arg(folder.join("pipe.tf")).status();
    assert!(made.unwrap().success());
    for (to, name) in [
        ("self", "self"),
        ("b.tf", "a.tf"),
        ("a.tf", "b.tf"),
        (".", "here"),
        ("..", "up"),
        ("/dev/zero", "zero.tf"),
        ("/dev/zero", "terraform.tfvars"),
        ("/dev/zero", "zero.auto.tfvars"),
        ("/", "disk"),
    ] {
        symlink(to, folder.join(name)).unwrap();
    }
    let said = check(&folder).unwrap();
    assert!(said.contains("1 trail, 1 key"), "{said}");
    std::fs::remove_dir_all(folder).unwrap();
}
