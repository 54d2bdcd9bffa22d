//! What follows from a secret is as secret: through functions, templates, modules, loops and errors, in every form of the report, in
//! baselines and in snapshots. Looked for are the secret, every few letters of it, and what hashes and encodings make of them.

use std::fmt::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::Digest as _;

use crate::support::run::{folder, keytrail};
use keytrail::report::Format;

/// It has no four letters that anything else here has, in either direction.
const CANARY: &str = "k7Qz9XwV3bTn";

const VARIABLE: &str = "variable \"secret\" {\n  sensitive = true\n}\n\
    locals {\n  l     = var.secret\n  o     = { inner = var.secret }\n  t     = \"x$${s}y\"\n  empty = {}\n}\n";

/// Expressions of the secret that Terraform has a value for.
const VALUES: &[&str] = &[
    "var.secret",
    "local.l",
    "local.o.inner",
    "upper(var.secret)",
    "lower(var.secret)",
    "strrev(var.secret)",
    "substr(var.secret, 1, 6)",
    "title(var.secret)",
    "base64encode(var.secret)",
    "base64encode(\"x${var.secret}\")",
    "md5(var.secret)",
    "sha1(var.secret)",
    "sha256(var.secret)",
    "sha512(var.secret)",
    "base64sha256(var.secret)",
    "urlencode(\"%${var.secret}\")",
    "uuidv5(\"dns\", var.secret)",
    "format(\"a-%s\", var.secret)",
    "format(\"%q\", var.secret)",
    "join(\"-\", [\"a\", var.secret])",
    "join(var.secret, [\"a\", \"b\"])",
    "split(\"Q\", var.secret)[1]",
    "split(\"\", var.secret)",
    "join(\"\", [for c in split(\"\", var.secret) : c])",
    "jsonencode(var.secret)",
    "jsonencode({ (var.secret) = 1 })",
    "jsondecode(jsonencode({ a = var.secret })).a",
    "yamlencode({ a = var.secret })",
    "replace(var.secret, \"Q\", \"y\")",
    "replace(\"aXb\", \"X\", var.secret)",
    "\"x${var.secret}y\"",
    "\"%{ for c in split(\"\", var.secret) }${c},%{ endfor }\"",
    "var.secret == \"x\" ? var.secret : \"${var.secret}y\"",
    "try(var.secret, \"x\")",
    "coalesce(\"\", var.secret)",
    "trim(var.secret, \"k\")",
    "regex(\"7.*T\", var.secret)",
    "regexall(\"..\", var.secret)",
    "one([var.secret])",
    "lookup(local.empty, \"b\", var.secret)",
    "merge({ a = \"1\" }, { a = var.secret }).a",
    "keys({ (var.secret) = 1 })[0]",
    "tolist([var.secret])",
    "toset([var.secret])",
    "concat([\"a\"], [var.secret])",
    "flatten([[var.secret]])",
    "sort([var.secret, \"a\"])",
    "reverse([var.secret, \"a\"])",
    "slice([var.secret, \"a\"], 0, 1)",
    "chunklist([var.secret], 1)[0]",
    "[{ a = var.secret }][*].a",
    "zipmap([\"a\"], [var.secret])[\"a\"]",
    "csvdecode(\"a\\n${var.secret}\")[0].a",
    "keys(csvdecode(\"${var.secret}\\nx\")[0])[0]",
    "transpose({ a = [var.secret] })",
    "setproduct([var.secret], [\"a\"])[0][0]",
    "templatestring(local.t, { s = var.secret })",
    "templatefile(\"t.tpl\", { s = var.secret })",
    "file(\"f-${var.secret == \"\" ? 1 : 2}\")",
    "sensitive(\"k7Qz9XwV3bTn\")",
    "tostring(length(var.secret))",
    "base64decode(base64encode(var.secret))",
    "indent(2, \"a\\n${var.secret}\")",
];

/// Expressions that fail over the secret, or hang on what is not known.
const ERRORS: &[&str] = &[
    "tonumber(var.secret)",
    "tobool(var.secret)",
    "jsondecode(var.secret)",
    "jsondecode(\"{${var.secret}\")",
    "yamldecode(\"a: [${var.secret}\")",
    "csvdecode(\"\\\"${var.secret}\")",
    "regex(\"[0-9]{40}\", var.secret)",
    "regex(\"(${var.secret}\", \"a\")",
    "index([\"a\"], var.secret)",
    "lookup(local.empty, var.secret)",
    "{ a = 1 }[var.secret]",
    "[1][var.secret]",
    "var.secret.foo",
    "var.secret[0]",
    "local.empty[var.secret]",
    "file(var.secret)",
    "file(\"./${var.secret}\")",
    "filesha256(var.secret)",
    "fileset(path.module, \"[${var.secret}\")",
    "templatefile(var.secret, {})",
    "templatefile(\"bad.tpl\", { (var.secret) = 1 })",
    "templatestring(var.secret, {})",
    "cidrhost(var.secret, 1)",
    "cidrsubnet(var.secret, 8, 1)",
    "parseint(var.secret, 10)",
    "timeadd(var.secret, \"1h\")",
    "timeadd(\"2020-01-01T00:00:00Z\", var.secret)",
    "formatdate(\"YYYY\", var.secret)",
    "formatdate(\"'${var.secret}\", \"2020-01-01T00:00:00Z\")",
    "base64decode(\"!${var.secret}\")",
    "format(\"%d\", var.secret)",
    "format(\"%y${var.secret}\", 1)",
    "substr(\"abc\", var.secret, 1)",
    "range(var.secret)",
    "var.secret + 1",
    "-var.secret",
    "var.secret && true",
    "var.secret ? 1 : 2",
    "one([var.secret, var.secret])",
    "merge(var.secret)",
    "keys(var.secret)",
    "setproduct(var.secret)",
    "sum([var.secret])",
    "nosuch(var.secret)",
    "split(1, var.secret)",
    "[for x in var.secret : x]",
    "{ for x in [var.secret, var.secret] : x => 1 }",
    "aws_x.y[var.secret]",
    "module.m[var.secret]",
    "data.aws_iam_policy_document.d[var.secret].json",
    "path.x[var.secret]",
    "terraform.workspace[var.secret]",
    "provider::aws::arn_parse(var.secret)",
    "provider::aws::trim_iam_role_path(var.secret)",
    "{ (var.secret) = aws_x.y.z }[aws_x.y.z]",
    "merge({ (var.secret) = 1 }, aws_x.y.z)[\"b\"]",
    "merge({ a = 1 }, aws_x.y.z)[var.secret]",
    "\"${aws_x.y.z}-${var.secret}\"",
    "cidrhost(\"${var.secret}/24\", 300)",
    "uuidv5(\"${var.secret}\", \"b\")",
    "can(var.secret.x).y",
];

/// Where the expression stands: `@`. Each is a root of its own.
const PLACES: &[(&str, &str)] = &[
    (
        "condition",
        "resource \"aws_kms_key\" \"k\" {\n  policy = jsonencode({ Version = \"2012-10-17\", Statement = [{ Sid = \"A\", Effect = \"Allow\", Principal = { Service = \"cloudtrail.amazonaws.com\" }, Action = \"kms:*\", Resource = \"*\", Condition = { StringEquals = { \"aws:SourceArn\" = @ } } }] })\n}\n",
    ),
    (
        "statement",
        "resource \"aws_kms_key\" \"k\" {\n  policy = jsonencode({ Statement = [{ Sid = @, Effect = \"Allow\", Principal = { AWS = @ }, Action = [\"kms:Decrypt\", @], Resource = @, Condition = { StringLike = { (@) = \"x\" } } }] })\n}\n",
    ),
    (
        "policy",
        "resource \"aws_kms_key\" \"k\" {\n  policy = @\n}\n",
    ),
    (
        "document",
        "data \"aws_iam_policy_document\" \"p\" {\n  statement {\n    sid       = @\n    actions   = [\"kms:*\", @]\n    resources = [@]\n    principals {\n      type        = \"AWS\"\n      identifiers = [@]\n    }\n    condition {\n      test     = \"StringLike\"\n      variable = @\n      values   = [@]\n    }\n  }\n}\nresource \"aws_kms_key\" \"k\" {\n  policy = data.aws_iam_policy_document.p.json\n}\n",
    ),
    (
        "names",
        "resource \"aws_kms_key\" \"k\" {}\nresource \"aws_kms_alias\" \"a\" {\n  name          = @\n  target_key_id = aws_kms_key.k.id\n}\nresource \"aws_cloudtrail\" \"named\" {\n  name           = @\n  s3_bucket_name = @\n  s3_key_prefix  = @\n  kms_key_id     = @\n}\n",
    ),
    (
        "repeated",
        "resource \"aws_kms_key\" \"k\" {}\nresource \"aws_cloudtrail\" \"c\" {\n  count          = @\n  name           = \"c\"\n  s3_bucket_name = \"b\"\n  kms_key_id     = \"x\"\n}\nresource \"aws_cloudtrail\" \"e\" {\n  for_each       = toset([@])\n  name           = \"c\"\n  s3_bucket_name = \"b\"\n  kms_key_id     = each.key\n}\nresource \"aws_cloudtrail\" \"m\" {\n  for_each       = { (@) = @ }\n  name           = \"c\"\n  s3_bucket_name = \"b\"\n  kms_key_id     = each.value\n}\nresource \"aws_cloudtrail\" \"w\" {\n  for_each       = @\n  name           = \"c\"\n  s3_bucket_name = \"b\"\n  kms_key_id     = \"x\"\n}\n",
    ),
    (
        "module",
        "module \"m\" {\n  source = \"../m\"\n  in     = @\n}\nprovider \"aws\" {\n  region = @\n}\nresource \"aws_kms_key\" \"k\" {\n  policy = jsonencode({ Statement = [{ Effect = \"Allow\", Principal = { AWS = module.m.out }, Action = \"kms:*\", Resource = \"*\" }] })\n}\nresource \"aws_cloudtrail\" \"m\" {\n  name           = \"m\"\n  s3_bucket_name = \"b\"\n  kms_key_id     = module.m.out\n}\n",
    ),
];

const TRAIL: &str = "resource \"aws_cloudtrail\" \"t\" {\n  name           = \"t\"\n  s3_bucket_name = \"b\"\n  kms_key_id     = aws_kms_key.k.arn\n}\n";

fn windows(of: &str, length: usize) -> impl Iterator<Item = String> + '_ {
    (0..=of.len() - length).map(move |at| of[at..at + length].to_owned())
}

/// What must not be in a text: the first in any case, the others letter by letter.
fn needles() -> (Vec<String>, Vec<String>) {
    let backwards: String = CANARY.chars().rev().collect();
    let mut plain: Vec<String> = windows(&CANARY.to_lowercase(), 4).collect();
    plain.extend(windows(&backwards.to_lowercase(), 4));
    let mut exact = Vec::new();
    for before in ["", "x", "xx"] {
        let encoded = STANDARD.encode(format!("{before}{CANARY}"));
        let own = encoded.trim_end_matches('=');
        exact.extend(windows(&own[usize::from(!before.is_empty()) * 4..], 6));
    }
    let hex = |bytes: &[u8]| {
        bytes.iter().fold(String::new(), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
    };
    exact.extend(windows(&hex(CANARY.as_bytes()), 8));
    for digest in [
        md5::Md5::digest(CANARY).to_vec(),
        sha1::Sha1::digest(CANARY).to_vec(),
        sha2::Sha256::digest(CANARY).to_vec(),
        sha2::Sha512::digest(CANARY).to_vec(),
    ] {
        exact.push(hex(&digest)[..12].to_owned());
        exact.push(STANDARD.encode(&digest)[..10].to_owned());
    }
    (plain, exact)
}

/// What a text tells of the canary, also where its letters stand apart.
fn told(text: &str, (plain, exact): &(Vec<String>, Vec<String>)) -> Option<String> {
    let low = text.to_lowercase();
    let pieces = low.split(|letter: char| !letter.is_ascii_alphanumeric());
    let joined: String = pieces.filter(|piece| piece.len() == 1).collect();
    let found = plain
        .iter()
        .find(|it| low.contains(*it) || joined.contains(*it));
    let found = found.or_else(|| exact.iter().find(|it| text.contains(*it)))?;
    let line = text
        .lines()
        .find(|line| line.to_lowercase().contains(&found.to_lowercase()));
    Some(format!(
        "`{found}` in {}",
        line.unwrap_or("letters that stand apart")
    ))
}

/// The folder with a root for each of some expressions in each place.
fn written(name: &str, expressions: &[&str], secret: &str) -> (String, usize) {
    let mut files: Vec<(String, String)> = vec![(
        "m/main.tf".to_owned(),
        "variable \"in\" {}\nlocals {\n  z = \"z${var.in}\"\n}\noutput \"out\" {\n  value = var.in\n}\n".to_owned(),
    )];
    let mut roots = 0;
    for (at, expression) in expressions.iter().enumerate() {
        for (place, text) in PLACES {
            let main = format!("{VARIABLE}{}{TRAIL}", text.replace('@', expression));
            let root = format!("r{at:02}-{place}");
            files.push((format!("{root}/main.tf"), main.replace(CANARY, secret)));
            files.push((
                format!("{root}/terraform.tfvars"),
                format!("secret = \"{secret}\"\n"),
            ));
            files.push((format!("{root}/t.tpl"), "v=${s}!".to_owned()));
            files.push((format!("{root}/bad.tpl"), "${nosuch} %{x".to_owned()));
            files.push((format!("{root}/f-2"), "two".to_owned()));
            roots += 1;
        }
    }
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    (folder(name, &files), roots)
}

/// All that a run says and writes over the folder, by its name.
fn said(path: &str) -> Vec<(String, String)> {
    let out = |name: &str| Path::new(path).join(name).display().to_string();
    let forms: Vec<String> = Format::ALL
        .iter()
        .map(|it| format!("{}={}", it.word(), out(&format!("{}.out", it.word()))))
        .collect();
    let base = out("base.json");
    let mut args = vec![
        "check",
        path,
        "--undecided",
        "error",
        "--conditional",
        "error",
    ];
    for form in &forms {
        args.extend(["--format", form]);
    }
    args.extend(["--write-baseline", &base]);
    let ended = keytrail(&args);
    assert!(ended.code <= 2 && ended.code >= 0, "{}", ended.stderr);
    let mut all = vec![
        ("stdout".to_owned(), ended.stdout),
        ("stderr".to_owned(), ended.stderr),
    ];
    for format in Format::ALL {
        let page = std::fs::read_to_string(out(&format!("{}.out", format.word()))).unwrap();
        all.push((format.word().to_owned(), page));
    }
    // A baseline is not written where something could not be read.
    all.push((
        "baseline".to_owned(),
        std::fs::read_to_string(&base).unwrap_or_default(),
    ));
    let snapshot = keytrail(&["snapshot", path]);
    all.push(("snapshot".to_owned(), snapshot.stdout));
    all.push(("what snapshot says".to_owned(), snapshot.stderr));
    all
}

fn hold(name: &str, expressions: &[&str]) {
    let needles = needles();
    for (part, some) in expressions.chunks(8).enumerate() {
        let (path, roots) = written(&format!("derived-{name}-{part}"), some, CANARY);
        let all = said(&path);
        assert!(all[0].1.len() > roots * 100, "{}", all[1].1);
        for (form, text) in &all {
            // What a name of a folder holds is no secret.
            if let Some(told) = told(&text.replace(&path, ""), &needles) {
                panic!("{some:?}, {form}: {told}");
            }
        }
        std::fs::remove_dir_all(path).unwrap();
    }
}

#[test]
fn what_is_made_of_a_secret_is_not_shown() {
    hold("values", VALUES);
}

#[test]
fn what_fails_over_a_secret_does_not_show_it() {
    hold("errors", ERRORS);
}

/// Of two secrets that decide nothing, of other letters and another length, everything that is said is the same to the byte: no
/// fingerprint, no order, no number and no width hangs on them.
#[test]
fn another_secret_changes_nothing() {
    let expressions = [
        "var.secret",
        "sha256(var.secret)",
        "\"x${var.secret}y\"",
        "tonumber(var.secret)",
        "{ a = 1 }[var.secret]",
        "join(\"\", [for c in split(\"\", var.secret) : c])",
    ];
    let (path, _) = written("derived-same", &expressions, CANARY);
    let first = said(&path);
    let (path, _) = written("derived-same", &expressions, "longer-and-other-letters-8");
    let second = said(&path);
    for ((form, one), (_, other)) in first.iter().zip(&second) {
        let different = one.lines().zip(other.lines()).find(|(a, b)| a != b);
        assert!(one == other, "{form}: {different:?}");
    }
    std::fs::remove_dir_all(path).unwrap();
}

/// `nonsensitive` is Terraform's own way to say that a value may be shown; and the tests above would see one.
#[test]
fn what_is_declared_harmless_is_shown() {
    let (path, _) = written("derived-plain", &["nonsensitive(var.secret)"], CANARY);
    let needles = needles();
    let shown = said(&path)
        .into_iter()
        .filter(|(_, text)| told(&text.replace(&path, ""), &needles).is_some());
    let shown: Vec<String> = shown.map(|(form, _)| form).collect();
    for form in [
        "stdout", "human", "json", "sarif", "markdown", "gitlab", "junit", "snapshot",
    ] {
        assert!(shown.iter().any(|it| it == form), "{form} of {shown:?}");
    }
    std::fs::remove_dir_all(path).unwrap();
}
