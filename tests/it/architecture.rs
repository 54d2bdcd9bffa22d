//! The layering that the crate's documentation promises, held over the source text.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Each module, and the modules of this crate that it may use. From the bottom up.
const MAY_USE: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("error", &[]),
    ("spelling", &[]),
    ("address", &[]),
    ("parallel", &[]),
    ("value", &["source"]),
    ("input", &["source", "value", "address"]),
    ("policy", &["source", "value", "spelling"]),
    ("plan", &["source", "value", "address", "error", "input"]),
    (
        "snapshot",
        &["source", "value", "address", "error", "input", "plan"],
    ),
    (
        "hcl",
        &[
            "source", "value", "spelling", "address", "error", "input", "parallel",
        ],
    ),
    ("model", &["source", "value", "address", "input", "policy"]),
    (
        "report",
        &["source", "value", "input", "policy", "model", "parallel"],
    ),
    (
        "config",
        &["source", "spelling", "address", "policy", "report"],
    ),
    (
        "resolve",
        &[
            "source", "value", "spelling", "address", "input", "policy", "model", "config",
        ],
    ),
    (
        "rules",
        &[
            "source", "value", "spelling", "address", "input", "policy", "model", "report",
            "config", "parallel",
        ],
    ),
    (
        "suppress",
        &[
            "source", "value", "spelling", "address", "input", "policy", "model", "report",
            "config", "rules",
        ],
    ),
    (
        "load",
        &[
            "source", "value", "error", "input", "plan", "snapshot", "hcl", "resolve",
        ],
    ),
    (
        "check",
        &["source", "model", "report", "resolve", "rules", "load"],
    ),
    (
        "cli",
        &[
            "source", "value", "spelling", "error", "input", "plan", "hcl", "policy", "model",
            "report", "config", "resolve", "rules", "load", "snapshot", "suppress", "parallel",
        ],
    ),
];

/// What reaches out of the process, and the one module that may. The folders that `load` reads are the one exception.
const ONLY_CLI: &[&str] = &[
    "std::fs",
    "std::env",
    "std::process",
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "io::stdin",
    "io::stdout",
    "io::stderr",
    "println!",
    "print!",
    "eprintln!",
    "eprint!",
    "SystemTime",
    "Instant",
];

/// Crates with one place in the architecture.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("clap::", &["cli"]),
    ("strsim::", &["spelling"]),
    ("terminal_size::", &["cli"]),
    ("miette::", &["report"]),
    ("base64::", &["policy", "hcl"]),
    ("hcl_edit::", &["hcl"]),
    ("num_bigint::", &["hcl"]),
    ("regex::", &["hcl", "config"]),
    ("toml::", &["config"]),
    ("jsonpath_rust::", &["config", "rules"]),
    ("chrono::", &["hcl"]),
    ("saphyr_parser::", &["hcl"]),
    (
        "serde_json::",
        &[
            "input", "plan", "policy", "config", "rules", "report", "cli", "snapshot", "suppress",
        ],
    ),
];

/// What opens a connection or starts a program: nothing may, the command line neither. (`std::net` reads addresses, too.)
const NOBODY: &[&str] = &[
    "TcpStream",
    "TcpListener",
    "UdpSocket",
    "UnixStream",
    "UnixListener",
    "UnixDatagram",
    "ToSocketAddrs",
    "Command::new",
    "process::Stdio",
];

/// Crates that speak to a network or start programs, or make it easy to. None may be in `Cargo.lock`, for the tests neither.
const NO_CRATE: &[&str] = &[
    "async-std",
    "attohttpc",
    "aws-config",
    "aws-sdk-kms",
    "curl",
    "curl-sys",
    "duct",
    "h2",
    "hickory-resolver",
    "http",
    "hyper",
    "isahc",
    "jsonrpc",
    "minreq",
    "mio",
    "native-tls",
    "openssl",
    "openssl-sys",
    "quinn",
    "reqwest",
    "rusoto_core",
    "rustls",
    "self_update",
    "sentry",
    "smol",
    "socket2",
    "ssh2",
    "surf",
    "tokio",
    "tonic",
    "trust-dns-resolver",
    "tungstenite",
    "ureq",
    "webbrowser",
    "zbus",
];

/// Modules whose output must not depend on a hash.
const ORDERED: &[&str] = &["report", "rules", "cli"];

/// A source file without its comments and its tests.
struct File {
    path: PathBuf,
    /// The module under the crate's root.
    module: String,
    /// How deep the file's own module lies: 1 for `src/value.rs` and `src/plan/mod.rs`.
    depth: usize,
    code: String,
}

fn files() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.extend(file(&root, &path));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(found.len() > 10, "the sources were not found");
    found
}

/// `src/lib.rs` and `src/main.rs` are no module.
fn file(root: &Path, path: &Path) -> Option<File> {
    let inside = path.strip_prefix(root).unwrap().with_extension("");
    let mut parts: Vec<String> = inside
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    if parts == ["lib"] || parts == ["main"] || parts.last().is_some_and(|last| last == "tests") {
        return None;
    }
    let text = std::fs::read_to_string(path).unwrap();
    let code = text
        .split("#[cfg(test)]")
        .next()
        .unwrap()
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .fold(String::new(), |code, line| code + line + "\n");
    Some(File {
        path: path.to_path_buf(),
        module: parts[0].clone(),
        depth: parts.len(),
        code,
    })
}

/// The modules that follow `crate::`, also inside `crate::{a, b::c}`.
fn used(code: &str) -> BTreeSet<String> {
    let word = |text: &str| -> String {
        text.trim_start()
            .chars()
            .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
            .collect()
    };
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let Some(group) = rest.strip_prefix('{') else {
            found.insert(word(rest));
            continue;
        };
        let mut depth = 1;
        let mut start = true;
        for (at, letter) in group.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 1 => {
                    start = true;
                    continue;
                }
                _ if start && !letter.is_whitespace() => {
                    found.insert(word(&group[at..]));
                    start = false;
                }
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    found.remove("");
    found
}

#[test]
fn modules_use_only_what_lies_below_them() {
    for file in files() {
        let Some((_, allowed)) = MAY_USE.iter().find(|(module, _)| *module == file.module) else {
            panic!(
                "{} is in no layer: add `{}` to the table",
                file.path.display(),
                file.module
            );
        };
        for module in used(&file.code) {
            assert!(
                module == file.module || allowed.contains(&module.as_str()),
                "{} uses crate::{module}, which `{}` may not",
                file.path.display(),
                file.module
            );
        }
        // `super::` must not lead past the layer's own module.
        let upwards = "super::".repeat(file.depth);
        assert!(
            !file.code.contains(&upwards),
            "{} leaves its layer through super::",
            file.path.display()
        );
    }
}

#[test]
fn the_table_has_no_cycle() {
    for (index, (module, allowed)) in MAY_USE.iter().enumerate() {
        for below in *allowed {
            assert!(
                MAY_USE[..index].iter().any(|(earlier, _)| earlier == below),
                "`{module}` uses `{below}`, which is not below it"
            );
        }
    }
}

#[test]
fn only_the_command_line_reaches_out() {
    for file in files().iter().filter(|file| file.module != "cli") {
        for word in ONLY_CLI {
            let disk = *word == "std::fs" && file.path.ends_with("load/disk.rs");
            assert!(
                disk || !file.code.contains(word),
                "{} uses {word}",
                file.path.display()
            );
        }
    }
}

#[test]
fn nobody_opens_a_connection_or_starts_a_program() {
    for file in files() {
        for word in NOBODY {
            assert!(
                !file.code.contains(word),
                "{} uses {word}",
                file.path.display()
            );
        }
    }
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock");
    let lock = std::fs::read_to_string(lock).unwrap();
    let names: BTreeSet<&str> = lock
        .lines()
        .filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
        .collect();
    assert!(names.contains("serde_json"), "{names:?}");
    for name in NO_CRATE {
        assert!(!names.contains(name), "Cargo.lock has {name}");
    }
}

#[test]
fn dependencies_stay_in_their_place() {
    for file in files() {
        for (name, modules) in ONLY_IN {
            assert!(
                !file.code.contains(name) || modules.contains(&file.module.as_str()),
                "{} uses {name}",
                file.path.display()
            );
        }
    }
}

#[test]
fn output_never_depends_on_a_hash() {
    for file in files()
        .iter()
        .filter(|file| ORDERED.contains(&file.module.as_str()))
    {
        for word in ["HashMap", "HashSet"] {
            assert!(
                !file.code.contains(word),
                "{} uses {word}",
                file.path.display()
            );
        }
    }
}

#[test]
fn files_stay_readable() {
    for file in files() {
        let lines = std::fs::read_to_string(&file.path).unwrap().lines().count();
        assert!(lines <= 800, "{} has {lines} lines", file.path.display());
    }
}

#[test]
fn paths_are_found_in_groups() {
    let code = "use crate::{source::{Span, Origin}, value::Text};\nfn f(a: crate::plan::Plan) {}";
    let found: Vec<String> = used(code).into_iter().collect();
    assert_eq!(found, ["plan", "source", "value"]);
}
