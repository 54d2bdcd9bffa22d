//! Folders to trees of modules, over folders that lie in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use keytrail::hcl::{Called, FileTrouble, Folder, Listed, ListedKind, ModuleTree, Root, discover};
use keytrail::source::SourceMap;

/// Files by absolute path, and symbolic links by path and target.
#[derive(Default)]
pub struct Memory {
    pub files: BTreeMap<PathBuf, Vec<u8>>,
    pub links: BTreeMap<PathBuf, PathBuf>,
    /// Folders that nobody may look into.
    closed: BTreeSet<PathBuf>,
}

impl Memory {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| (PathBuf::from(path), text.as_bytes().to_vec());
        Memory {
            files: files.iter().map(file).collect(),
            links: BTreeMap::new(),
            closed: BTreeSet::new(),
        }
    }

    fn link(mut self, path: &str, to: &str) -> Self {
        self.links.insert(path.into(), to.into());
        self
    }

    fn is_folder(&self, path: &Path) -> bool {
        self.files
            .keys()
            .chain(self.links.keys())
            .any(|it| it != path && it.starts_with(path))
    }
}

impl Folder for Memory {
    fn real(&self, path: &Path) -> Result<PathBuf, FileTrouble> {
        let mut real = PathBuf::new();
        let mut hops = 0;
        for part in path.components() {
            match part {
                std::path::Component::ParentDir => {
                    real.pop();
                }
                std::path::Component::CurDir => {}
                other => real.push(other),
            }
            while let Some(to) = self.links.get(&real) {
                hops += 1;
                if hops > 20 {
                    return Err(FileTrouble::Missing);
                }
                real.clone_from(to);
            }
        }
        let there = self.files.contains_key(&real) || self.is_folder(&real);
        there.then_some(real).ok_or(FileTrouble::Missing)
    }

    fn list(&self, real: &Path) -> Result<Vec<Listed>, FileTrouble> {
        if !self.is_folder(real) {
            return Err(FileTrouble::Missing);
        }
        if self.closed.contains(real) {
            return Err(FileTrouble::Unreadable("permission denied".to_owned()));
        }
        let mut found = BTreeSet::new();
        for path in self.files.keys().chain(self.links.keys()) {
            let Ok(inside) = path.strip_prefix(real) else {
                continue;
            };
            let mut parts = inside.components();
            let Some(name) = parts.next() else { continue };
            let kind = if parts.next().is_some() {
                ListedKind::Folder
            } else if self.files.contains_key(path) {
                ListedKind::File
            } else if self.real(path).is_ok_and(|it| self.files.contains_key(&it)) {
                ListedKind::LinkToFile
            } else {
                ListedKind::Other
            };
            let name = name.as_os_str().to_str().unwrap().to_owned();
            found.insert(Listed { name, kind });
        }
        Ok(found.into_iter().collect())
    }

    fn read(&self, path: &Path, limit: usize) -> Result<Vec<u8>, FileTrouble> {
        let real = self.real(path)?;
        let bytes = self.files.get(&real).ok_or(FileTrouble::Missing)?;
        if bytes.len() > limit {
            return Err(FileTrouble::Unreadable("the file is too large".to_owned()));
        }
        Ok(bytes.clone())
    }
}

fn load(memory: &Memory, given: &str) -> (Vec<Root>, SourceMap) {
    let mut sources = SourceMap::new();
    let found = discover(Path::new(given), keytrail::hcl::Around::default(), memory).unwrap();
    let roots = found.load(memory, &mut sources).unwrap();
    (roots, sources)
}

/// What the one root's tree is, and what is wrong in its folder: the underlined text and the message.
fn one(files: &[(&str, &str)]) -> (std::sync::Arc<ModuleTree>, Vec<String>) {
    let (roots, sources) = load(&Memory::new(files), "/r");
    let tree = roots[0].tree.clone().unwrap();
    let wrong = tree.source.unreadable.iter();
    let wrong = wrong
        .map(|it| {
            let at = sources.location(it.origin.span());
            format!("{}:{} `{}` {}", at.file, at.start.line, at.text, it.message)
        })
        .collect();
    (tree, wrong)
}

const KEY: &str = "resource \"aws_kms_key\" \"k\" {}\n";

fn missing(tree: &ModuleTree, name: &str) -> String {
    match &tree.calls[name] {
        Called::Missing {
            reason,
            help,
            refused,
        } => {
            let by = if *refused { "refused" } else { "noted" };
            format!("{reason}; {help}; {by}")
        }
        Called::Module { .. } => panic!("`{name}` is there"),
    }
}

fn called<'t>(tree: &'t ModuleTree, name: &str) -> (&'t ModuleTree, bool) {
    match &tree.calls[name] {
        Called::Module { tree, remote } => (tree, *remote),
        Called::Missing { reason, .. } => panic!("{reason}"),
    }
}

#[test]
fn roots_are_what_nobody_calls() {
    let memory = Memory::new(&[
        (
            "/r/live/a/main.tf",
            "module \"m\" {\n  source = \"../../modules/m\"\n}\n",
        ),
        ("/r/live/b/main.tf", "locals {}\n"),
        ("/r/modules/m/main.tf", KEY),
        ("/r/modules/lonely/main.tf", KEY),
        ("/r/examples/x/main.tf", KEY),
        ("/r/tests/x/main.tf", KEY),
        ("/r/.terraform/modules/x/main.tf", KEY),
        ("/r/docs/readme.md", ""),
    ]);
    let (roots, _) = load(&memory, "/r");
    let found: Vec<(&str, bool)> = roots
        .iter()
        .map(|root| (root.shown.as_str(), root.tree.is_some()))
        .collect();
    assert_eq!(
        found,
        [
            ("live/a", true),
            ("live/b", false),
            ("modules/lonely", true)
        ]
    );
    let tree = roots[0].tree.as_ref().unwrap();
    let (inner, remote) = called(tree, "m");
    assert_eq!((inner.source.shown.as_str(), remote), ("modules/m", false));
    // A folder that is named is a root, whatever its name.
    let (roots, _) = load(&memory, "/r/examples");
    assert_eq!(roots[0].shown, "x");
    let error = discover(
        Path::new("/nowhere"),
        keytrail::hcl::Around::default(),
        &memory,
    )
    .err()
    .unwrap();
    assert_eq!(error.message, "there is no such folder");
}

#[test]
fn a_call_in_a_comment_hides_no_root() {
    let memory = Memory::new(&[
        (
            "/r/a/main.tf",
            "/* module \"m\" {\n  source = \"../m\"\n} */\n",
        ),
        ("/r/m/main.tf", KEY),
    ]);
    let (roots, _) = load(&memory, "/r");
    assert!(
        roots
            .iter()
            .any(|root| root.shown == "m" && root.tree.is_some())
    );
}

#[test]
fn named_roots_are_taken_as_they_are() {
    let memory = Memory::new(&[
        ("/r/main.tf", "module \"m\" {\n  source = \"./m\"\n}\n"),
        ("/r/m/main.tf", KEY),
        ("/r/x/readme.md", ""),
    ]);
    let find = || discover(Path::new("/r"), keytrail::hcl::Around::default(), &memory).unwrap();
    let named = find().with_roots(&["/r/m".into()], &memory).unwrap();
    let roots = named.load(&memory, &mut SourceMap::new()).unwrap();
    assert_eq!(roots.len(), 1);
    assert_eq!(roots[0].shown, "m");
    let error = find().with_roots(&["/r/x".into()], &memory).err().unwrap();
    assert_eq!(error.message, "the folder holds no configuration");
}

#[test]
fn modules_are_found_or_said_to_be_missing() {
    let main = "module \"self\" { source = \"./\" }
module \"up\" { source = \"../out\" }
module \"gone\" { source = \"./gone\" }
module \"brought\" { source = \"terraform-aws-modules/kms/aws\" }
module \"not_brought\" { source = \"git::https://example.com/x.git\" }
module \"computed\" { source = \"./${var.x}\" }
module \"none\" { }
module \"a\" { source = \"./a\" }
resource \"aws_kms_key\" \"k\" {}
";
    let list = r#"{"Modules":[{"Key":"","Source":"","Dir":"."},
      {"Key":"brought","Source":"registry.terraform.io/terraform-aws-modules/kms/aws","Version":"1.0.0","Dir":".terraform/modules/brought"},
      {"Key":"brought.inner","Source":"x/y/z","Dir":".terraform/modules/brought.inner"}]}"#;
    let (tree, wrong) = one(&[
        ("/r/main.tf", main),
        ("/out/main.tf", KEY),
        ("/r/a/main.tf", "module \"b\" {\n source = \"../b\"\n}\n"),
        ("/r/b/main.tf", "module \"a\" {\n source = \"../a\"\n}\n"),
        ("/r/.terraform/modules/modules.json", list),
        (
            "/r/.terraform/modules/brought/main.tf",
            "module \"inner\" {\n source = \"x/y/z\"\n}\nmodule \"sub\" {\n source = \"./modules/sub\"\n}\n",
        ),
        ("/r/.terraform/modules/brought/modules/sub/main.tf", KEY),
        ("/r/.terraform/modules/brought.inner/main.tf", KEY),
    ]);
    assert_eq!(
        wrong,
        [
            "main.tf:1 `module \"self\"` modules call each other in a circle, `.` → `.`, and their calls are not followed"
        ]
    );
    for (name, wanted) in [
        ("self", "calls a module that it is itself a part of"),
        ("up", "module `up` (source `../out`) lies outside"),
        (
            "gone",
            "module `gone` (source `./gone`) is not there; check the path; refused",
        ),
        (
            "not_brought",
            "module `not_brought` (source `git::https://example.com/x.git`) is not downloaded; run `terraform init`; noted",
        ),
        ("computed", "no plain text"),
        ("none", "has no source; give it a `source`; refused"),
    ] {
        let found = missing(&tree, name);
        assert!(found.contains(wanted), "{found}");
    }
    let (brought, remote) = called(&tree, "brought");
    assert!(remote && called(brought, "inner").1 && !called(brought, "sub").1);
    assert_eq!(called(brought, "sub").0.source.resources.len(), 1);
    assert!(missing(called(&tree, "a").0, "b").contains("itself a part of"));
}

/// Terraform refuses a circle of calls from wherever it is called, so none of the calls in it is followed, and nothing depends on where it
/// is entered.
#[test]
fn calls_in_a_circle_are_not_followed_and_told_of_once() {
    let call = |name: &str| format!("module \"{name}\" {{\n source = \"../{name}\"\n}}\n");
    let keyed = |names: &[&str]| names.iter().map(|it| call(it)).collect::<String>() + KEY;
    let files = [
        ("/r/main/main.tf", call("b") + &call("leaf")),
        ("/r/a/main.tf", keyed(&["b"])),
        ("/r/b/main.tf", keyed(&["c", "leaf"])),
        ("/r/c/main.tf", keyed(&["a"])),
        ("/r/empty/main.tf", call("leaf") + &call("empty")),
        ("/r/itself/main.tf", keyed(&["itself"])),
        ("/r/leaf/main.tf", KEY.to_owned()),
    ];
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(path, text)| (*path, text.as_str()))
        .collect();
    let (roots, sources) = load(&Memory::new(&files), "/r");
    // `b` is called by a root that is no part of the circle, `a` and `c` by parts of it alone. Something seems to call `empty` from outside
    // of its circle: itself, which is no call by another folder.
    let found: Vec<&str> = roots.iter().map(|root| root.shown.as_str()).collect();
    assert_eq!(found, ["a", "c", "empty", "itself", "main"]);
    let tree = |name: &str| {
        let root = roots.iter().find(|it| it.shown == name);
        root.and_then(|it| it.tree.as_deref()).unwrap()
    };
    let (b, _) = called(tree("main"), "b");
    assert_eq!(called(b, "leaf").0.source.resources.len(), 1);
    for (tree, name) in [
        (b, "c"),
        (tree("a"), "b"),
        (tree("c"), "a"),
        (tree("itself"), "itself"),
    ] {
        assert!(missing(tree, name).contains("is itself a part of"));
    }
    assert_eq!(called(tree("empty"), "leaf").0.source.resources.len(), 1);
    let circle = "a/main.tf:1 `module \"b\"` modules call each other in a circle, `a` → `b` → `c` → `a`, and their calls are not followed";
    for tree in [b, tree("a"), tree("c")] {
        let [it] = tree.source.unreadable.as_slice() else {
            panic!("{:?}", tree.source.unreadable);
        };
        let at = sources.location(it.origin.span());
        let said = format!("{}:{} `{}` {}", at.file, at.start.line, at.text, it.message);
        assert_eq!(said, circle);
    }
    let itself = &tree("itself").source.unreadable;
    assert!(itself[0].message.contains("`itself` → `itself`,"));
    assert!(tree("main").source.unreadable.is_empty());
}

#[test]
fn a_folder_that_many_call_is_read_and_parsed_once() {
    let call = |name: &str, to: &str| format!("module \"{name}\" {{\n source = \"../{to}\"\n}}\n");
    let (a, b) = (
        call("one", "leaf") + &call("two", "leaf"),
        call("x", "leaf"),
    );
    let memory = Memory::new(&[
        ("/r/a/main.tf", &a),
        ("/r/b/main.tf", &b),
        ("/r/leaf/main.tf", KEY),
    ]);
    let (roots, sources) = load(&memory, "/r");
    assert_eq!(roots.len(), 2);
    let trees: Vec<&ModuleTree> = roots.iter().filter_map(|it| it.tree.as_deref()).collect();
    let leaf = &called(trees[0], "one").0.source;
    assert!(std::sync::Arc::ptr_eq(
        leaf,
        &called(trees[0], "two").0.source
    ));
    assert!(std::sync::Arc::ptr_eq(
        leaf,
        &called(trees[1], "x").0.source
    ));
    assert_eq!(sources.below("leaf").len(), 1);
}

#[test]
fn a_checkout_is_read_as_a_whole_and_nothing_beyond_it() {
    let memory = Memory::new(&[
        ("/repo/.git/HEAD", ""),
        (
            "/repo/live/main.tf",
            "module \"m\" {\n source = \"../m\"\n}\nmodule \"l\" {\n source = \"./l\"\n}\n",
        ),
        ("/repo/m/main.tf", KEY),
        ("/secret/main.tf", KEY),
    ])
    .link("/repo/live/l", "/secret")
    .link("/repo/live/x.tf", "/secret/main.tf")
    .link("/repo/live/loop", "/repo/live/loop")
    .link("/repo/live/loop.tf", "/repo/live/loop.tf")
    .link("/repo/live/up", "/repo");
    let (roots, _) = load(&memory, "/repo/live");
    assert_eq!(roots.len(), 1);
    let tree = roots[0].tree.as_ref().unwrap();
    assert_eq!(called(tree, "m").0.source.shown, "../m");
    assert!(missing(tree, "l").contains("lies outside"));
    let wrong = &tree.source.unreadable;
    assert_eq!(wrong.len(), 2);
    assert!(wrong[0].message.contains("the file is not there"));
    assert!(wrong[1].message.contains("outside of the repository"));
}

/// Nothing is known of a folder that nothing was parsed of: it must never be taken for one without trails.
#[test]
fn a_root_is_parsed_however_far_away_its_keys_are() {
    let call = |source: &str| format!("module \"m\" {{\n source = {source}\n}}\n");
    let (a, b, c) = (call("\"../../a\""), call("\"../b\""), call("\"../c\""));
    let linked = call("\"./linked\"");
    let far = Memory::new(&[
        ("/repo/.git/HEAD", ""),
        ("/repo/live/prod/main.tf", &a),
        ("/repo/a/main.tf", &b),
        ("/repo/b/main.tf", &c),
        ("/repo/c/main.tf", KEY),
        ("/repo/d/main.tf", &linked),
    ])
    .link("/repo/d/linked", "/repo/a");
    for (given, next) in [("/repo/live/prod", "a"), ("/repo/d", "a")] {
        for named in [false, true] {
            let around = keytrail::hcl::Around::default();
            let mut found = discover(Path::new(given), around, &far).unwrap();
            if named {
                found = keytrail::hcl::Discovered::at(Path::new(given), around, &far).unwrap();
                found = found.with_roots(&[given.into()], &far).unwrap();
            }
            let roots = found.load(&far, &mut SourceMap::new()).unwrap();
            assert_eq!(roots.len(), 1, "{given}");
            let tree = roots[0].tree.as_ref().expect(given);
            let (first, _) = called(tree, "m");
            assert!(first.source.shown.ends_with(next), "{}", first.source.shown);
            let (third, _) = called(called(first, "m").0, "m");
            assert_eq!(third.source.resources.len(), 1);
        }
    }
    // What is called through a link is called.
    let (roots, _) = load(&far, "/repo");
    let found: Vec<&str> = roots.iter().map(|root| root.shown.as_str()).collect();
    assert_eq!(found, ["d", "live/prod"]);
    for (source, why) in [
        ("\"../out\"", "lies outside"),
        ("\"./gone\"", "is not there"),
        ("\"./${var.x}\"", "no plain text"),
        ("var.x", "no plain text"),
    ] {
        let main = call(source);
        let memory = Memory::new(&[("/r/main.tf", &main), ("/out/main.tf", KEY)]);
        let (roots, _) = load(&memory, "/r");
        let found = missing(roots[0].tree.as_ref().expect(source), "m");
        assert!(found.contains(why), "{found}");
    }
}

#[test]
fn files_hide_and_override_each_other() {
    let (tree, wrong) = one(&[
        (
            "/r/a.tf",
            "resource \"aws_kms_key\" \"k\" {\n  description = \"tf\"\n}\n",
        ),
        (
            "/r/a.tofu",
            "resource \"aws_kms_key\" \"k\" {
  description = \"tofu\"
  policy = \"p\"
  lifecycle {
    prevent_destroy = true
  }
  tags {
    a = 1
  }
  dynamic \"timeouts\" {
    for_each = []
  }
}
locals {
  a = 1
}
provider \"aws\" {
  region = \"x\"
}
",
        ),
        ("/r/.hidden.tf", "}"),
        ("/r/x.tf~", "}"),
        ("/r/#x.tf#", "}"),
        (
            "/r/b_override.tf",
            "resource \"aws_kms_key\" \"k\" {
  description = \"override\"
  lifecycle {
    ignore_changes = all
  }
  timeouts {
  }
}
locals {
  a = 2
  b = 1
}
provider \"aws\" {
  region = \"y\"
}
",
        ),
        (
            "/r/override.tf.json",
            r#"{"resource": {"aws_kms_key": {"k": {"tags": {"b": 2}}, "gone": {}}}}"#,
        ),
    ]);
    let key = tree.source.resources.values().next().unwrap();
    assert_eq!(tree.source.resources.len(), 1);
    assert_eq!(
        key.body.get("description").unwrap().literal().unwrap(),
        "override"
    );
    assert_eq!(key.body.get("policy").unwrap().literal().unwrap(), "p");
    let kinds: Vec<&str> = key.body.blocks.iter().map(|it| it.kind.as_str()).collect();
    assert_eq!(kinds, ["lifecycle", "timeouts"]);
    assert_eq!(key.body.blocks[0].body.attributes.len(), 2);
    assert!(key.body.get("tags").is_some());
    assert_eq!(tree.source.providers.len(), 1);
    let region = tree.source.providers[0].body.get("region").unwrap();
    assert_eq!(region.literal().unwrap(), "y");
    assert_eq!(
        wrong,
        [
            "b_override.tf:11 `b` `local.b` is overridden here and set nowhere",
            "override.tf.json:1 `\"gone\"` `aws_kms_key.gone` is overridden here and declared nowhere",
        ]
    );
}

#[test]
fn what_is_declared_twice_is_said_and_the_first_stands() {
    let (tree, wrong) = one(&[(
        "/r/main.tf",
        "resource \"aws_kms_key\" \"k\" {\n  policy = 1\n  policy = 2\n}\nresource \"aws_kms_key\" \"k\" {}\nvariable \"v\" {}\nvariable \"v\" {}\nlocals {\n  a = 1\n}\nlocals {\n  a = 2\n}\nresource \"x\" {}\na = 1\n",
    )]);
    assert_eq!(tree.source.resources.len(), 1);
    assert_eq!(wrong.len(), 6, "{wrong:#?}");
    assert!(
        wrong
            .iter()
            .any(|it| it == "main.tf:3 `policy` `policy` is set twice")
    );
    assert!(wrong.iter().any(|it| it.starts_with(
        "main.tf:5 `resource \"aws_kms_key\" \"k\"` `aws_kms_key.k` is declared twice"
    )));
    assert!(
        wrong
            .iter()
            .any(|it| it
                .starts_with("main.tf:14 `resource \"x\"` a `resource` block has two labels"))
    );
    assert!(
        wrong
            .iter()
            .any(|it| it.starts_with("main.tf:15 `a` `a` is set outside"))
    );
}

#[test]
fn files_that_nobody_can_read_are_said() {
    let mut memory = Memory::new(&[
        ("/r/a.tf", KEY),
        ("/r/nul.tf", "a\0"),
        ("/r/bom.tf", "\u{feff}resource \"aws_kms_key\" \"bom\" {}\n"),
        ("/r/x.tf.json", "{\n  \"locals\": }"),
    ]);
    memory
        .files
        .insert("/r/utf.tf".into(), b"# x\n\xff\xfe".to_vec());
    let (roots, sources) = load(&memory, "/r");
    let tree = roots[0].tree.as_ref().unwrap();
    assert_eq!(tree.source.resources.len(), 2);
    let places: Vec<String> = tree
        .source
        .unreadable
        .iter()
        .map(|it| {
            let at = sources.location(it.origin.span());
            format!("{}:{} {}", at.file, at.start.line, it.message)
        })
        .collect();
    assert_eq!(
        places,
        [
            "nul.tf:1 nothing of this file is read: the file holds a NUL byte, which no configuration may",
            "utf.tf:2 nothing of this file is read: the file is not UTF-8",
            "x.tf.json:2 expected a JSON value, found `}`",
        ]
    );
    let bom = &tree.source.resources[&(
        keytrail::input::Mode::Managed,
        "aws_kms_key".into(),
        "bom".into(),
    )];
    assert_eq!(sources.location(bom.header.span()).start.column, 1);
}

#[test]
fn modules_that_call_each_other_often_end() {
    // Each folder calls the next one twice: 2^60 calls, one tree a folder.
    let mut files = Vec::new();
    for at in 0..25 {
        let text = format!(
            "module \"a\" {{\n source = \"../m{0}\"\n}}\nmodule \"b\" {{\n source = \"../m{0}\"\n}}\n{KEY}",
            at + 1
        );
        files.push((format!("/r/m{at}/main.tf"), text));
    }
    files.push(("/r/m25/main.tf".to_owned(), KEY.to_owned()));
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let started = Instant::now();
    let (roots, _) = load(&Memory::new(&files), "/r");
    assert_eq!(roots.len(), 1);
    assert!(started.elapsed() < Duration::from_secs(5));
    // All call all, remote modules among them.
    let calls: Vec<String> = (0..12)
        .map(|at| format!("module \"m{at}\" {{\n source = \"../m{at}\"\n}}\nmodule \"r{at}\" {{\n source = \"a/b/c{at}\"\n}}\n"))
        .collect();
    let files: Vec<(String, String)> = (0..12)
        .map(|at| (format!("/r/m{at}/main.tf"), calls.concat() + KEY))
        .collect();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let started = Instant::now();
    let (roots, _) = load(&Memory::new(&files), "/r");
    // None of these calls is followed, so each folder is judged by itself.
    assert_eq!(roots.iter().filter(|it| it.tree.is_some()).count(), 12);
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "{:?}",
        started.elapsed()
    );
}

#[test]
fn a_folder_that_cannot_be_looked_into_is_told_of() {
    let deep = format!("/r{}/main.tf", "/d".repeat(70));
    let mut memory = Memory::new(&[
        ("/r/main.tf", "locals {\n}\n"),
        ("/r/a/main.tf", "locals {\n}\n"),
        ("/r/b/main.tf", "locals {\n}\n"),
        (&deep, "locals {\n}\n"),
    ]);
    memory.closed.insert("/r/b".into());
    let (roots, sources) = load(&memory, "/r");
    let said = |root: &Root| -> Vec<String> {
        let wrong = root.tree.iter().flat_map(|it| &it.source.unreadable);
        wrong
            .map(|it| {
                let place = sources.location(it.origin.span());
                format!("{}: {}", place.file, it.message)
            })
            .collect()
    };
    let all: Vec<(&str, Vec<String>)> = roots
        .iter()
        .map(|it| (it.shown.as_str(), said(it)))
        .collect();
    let too_deep = "d/".repeat(63) + "d";
    let why =
        |name: &str, why: &str| vec![format!("{name}: nothing of this folder is read: {why}")];
    assert_eq!(
        all,
        [
            ("", vec![]),
            ("a", vec![]),
            ("b", why("b", "permission denied")),
            (too_deep.as_str(), why(&too_deep, "it lies too deep")),
        ]
    );
    // What is not asked for is not told of.
    let found = discover(Path::new("/r"), keytrail::hcl::Around::default(), &memory).unwrap();
    let found = found.with_roots(&[PathBuf::from("/r/a")], &memory).unwrap();
    assert_eq!(found.load(&memory, &mut SourceMap::new()).unwrap().len(), 1);
}
