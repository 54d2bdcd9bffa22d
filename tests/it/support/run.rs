//! The binary, from outside.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// How a run ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// A plan without a trail or a key.
pub const EMPTY_PLAN: &str = r#"{"format_version":"1.2","terraform_version":"1.15.5","planned_values":{"root_module":{}},"resource_changes":[],"configuration":{"root_module":{}},"complete":true,"errored":false}"#;

/// Runs keytrail, with nothing on stdin.
pub fn keytrail(args: &[&str]) -> Ended {
    with_stdin(args, "")
}

/// Runs keytrail with text on stdin.
pub fn with_stdin(args: &[&str], stdin: &str) -> Ended {
    let mut child = Command::new(env!("CARGO_BIN_EXE_keytrail"))
        .args(args)
        .env_remove("NO_COLOR")
        .env_remove("CLICOLOR_FORCE")
        .env_remove("FORCE_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads no stdin may be gone already.
    let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace("\r\n", "\n");
    Ended {
        code: output.status.code().unwrap_or(-1),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// Writes a file that a run reads; `name` is the test's own.
pub fn file(name: &str, text: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// Writes a folder that a run reads, and nothing else in it; `name` is the test's own.
pub fn folder(name: &str, files: &[(&str, &str)]) -> String {
    let root = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&root);
    for (name, text) in files {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    root.display().to_string()
}

/// A report without what SARIF says of itself: the pages of the rules name whatever they like.
pub fn without_pages(format: &str, report: &str) -> String {
    if format != "sarif" {
        return report.to_owned();
    }
    let mut log: serde_json::Value = serde_json::from_str(report).unwrap();
    log["runs"][0]["tool"] = serde_json::Value::Null;
    log.to_string()
}
