//! The gates of `examples/ci` work: what they run is run here, by the tools that run it there where those are on the machine.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use sha2::{Digest, Sha512};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn gate(file: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join("examples/ci").join(file)).unwrap()
}

/// A shell of a project with a plan in `infra/prod`, where `keytrail` is on the path.
fn shell(name: &str, script: &str, variables: &[(&str, &str)]) -> (i32, PathBuf, String) {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("gate-{name}"));
    let _ = std::fs::remove_dir_all(&folder);
    let root = folder.join("infra/prod");
    std::fs::create_dir_all(&root).unwrap();
    // Paths of reports start at the root of the repository.
    std::fs::create_dir(folder.join(".git")).unwrap();
    for file in ["main.tf", "plan.json"] {
        let from = Path::new(ROOT).join("examples/missing-describe").join(file);
        std::fs::copy(from, root.join(file)).unwrap();
    }
    let done = Command::new("bash")
        .args(["-euo", "pipefail", "-c", script])
        .current_dir(&folder)
        .env("PATH", path())
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let log = String::from_utf8([done.stdout, done.stderr].concat()).unwrap();
    (done.status.code().unwrap(), folder, log)
}

fn path() -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_keytrail"));
    let own = program.parent().unwrap().display();
    format!("{own}:{}", std::env::var("PATH").unwrap())
}

/// The command of a line of a gate that begins like this.
fn command(page: &str, beginning: &str) -> String {
    let lines = page
        .lines()
        .map(|line| line.trim().trim_start_matches("- "));
    let mut found = lines.filter(|line| line.starts_with(beginning));
    let line = found.next().unwrap_or_else(|| panic!("no {beginning}"));
    assert_eq!(found.next(), None, "{beginning}");
    line.trim_start_matches("run: ").to_owned()
}

#[test]
fn the_gate_of_gitlab_writes_its_three_reports() {
    let command = command(&gate("gitlab-ci.yml"), "./keytrail check");
    let command = command.replace("./keytrail", "keytrail");
    let (code, folder, log) = shell("gitlab", &command, &[("ROOT", "infra/prod")]);
    assert_eq!(code, 1, "{log}");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let quality: serde_json::Value = serde_json::from_str(&read("gl-code-quality.json")).unwrap();
    assert_eq!(quality[0]["check_name"], "trail-key-denies-describe");
    assert_eq!(quality[0]["location"]["path"], "infra/prod/main.tf");
    assert!(read("keytrail.xml").contains("<testsuite"));
    assert!(read("keytrail.env").lines().any(|line| line == "errors=1"));
    // The names of variables of GitLab.
    for line in read("keytrail.env").lines() {
        let (name, number) = line.split_once('=').unwrap();
        assert!(
            name.bytes().all(|it| it.is_ascii_lowercase() || it == b'_'),
            "{line}"
        );
        assert!(number.parse::<u64>().is_ok(), "{line}");
    }
}

#[test]
fn the_gate_of_atlantis_reads_the_plan_and_its_sources() {
    let command = command(&gate("atlantis.yaml"), "run: keytrail check");
    let script = format!(
        "cd infra/prod && mkdir ../../plans && mv plan.json ../../plans/prod.tfplan.json && {command}"
    );
    let variables = [("PLANFILE", "../../plans/prod.tfplan")];
    let (code, _, log) = shell("atlantis", &script, &variables);
    assert_eq!(code, 1, "{log}");
    assert!(log.contains("main.tf:33:13"), "{log}");
    assert!(!log.contains('\u{1b}'), "{log}");
}

#[test]
fn the_hook_of_pre_commit_reads_the_sources() {
    let hooks = std::fs::read_to_string(Path::new(ROOT).join(".pre-commit-hooks.yaml")).unwrap();
    let entry = hooks
        .lines()
        .find_map(|line| line.trim().strip_prefix("entry: "));
    let page = gate("pre-commit-config.yaml");
    let arguments = page
        .lines()
        .rev()
        .find_map(|line| line.trim().strip_prefix("args: "));
    let arguments = arguments.unwrap().trim_matches(['[', ']']).replace(',', "");
    let command = format!("rm infra/prod/plan.json && {} {arguments}", entry.unwrap());
    let (code, _, log) = shell("pre-commit", &command, &[]);
    assert_eq!(code, 1, "{log}");
    assert!(log.contains("trail-key-denies-describe"), "{log}");
}

/// HMAC (RFC 2104) with SHA-512, hexadecimal.
fn signature(key: &[u8], text: &[u8]) -> String {
    let pad = |byte: u8| -> Vec<u8> {
        let padded = key.iter().copied().chain(std::iter::repeat(0)).take(128);
        padded.map(|it| it ^ byte).collect()
    };
    let inner = Sha512::digest([pad(0x36), text.to_vec()].concat());
    let outer = Sha512::digest([pad(0x5c), inner.to_vec()].concat());
    let digits = outer.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digit = |it: u8| char::from_digit(u32::from(it), 16).unwrap();
    digits.map(digit).collect()
}

/// Ends with the test.
struct Service(Child);

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// One request over a connection: the first line, the headers, the body.
fn request(stream: &TcpStream) -> (String, String, Vec<u8>) {
    let mut reader = BufReader::new(stream);
    let (mut first, mut headers) = (String::new(), String::new());
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            break;
        }
        headers.push_str(&line.to_lowercase());
    }
    let length = headers
        .lines()
        .find_map(|it| it.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |it| it.trim().parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    (first, headers, body)
}

fn answer(mut stream: &TcpStream, body: &[u8]) {
    let head = format!("HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
}

fn post(port: &str, signature: &str, payload: &str) -> String {
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
    let head = format!(
        "POST / HTTP/1.0\r\nX-TFC-Task-Signature: {signature}\r\nContent-Length: {}\r\n\r\n{payload}",
        payload.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap().to_owned()
}

#[test]
fn the_run_task_judges_the_plan_and_answers() {
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("SKIPPED: no python3 to run examples/ci/run-task.py with");
        return;
    }
    // Terraform's side: it has the plan, and takes the answer.
    let terraform = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", terraform.local_addr().unwrap());
    let mut service = Command::new("python3")
        .arg(Path::new(ROOT).join("examples/ci/run-task.py"))
        .arg("0")
        .env("PATH", path())
        .env("KEYTRAIL_HMAC_KEY", "secret")
        .env("KEYTRAIL_TERRAFORM_URL", &url)
        .stdout(Stdio::piped())
        .spawn()
        .map(Service)
        .unwrap();
    let mut line = String::new();
    let stdout = service.0.stdout.take().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let port = line.trim().rsplit(':').next().unwrap();

    let payload = |plan: &str| {
        let payload = serde_json::json!({
            "payload_version": 1, "stage": "post_plan", "access_token": "t0ken",
            "plan_json_api_url": plan, "task_result_callback_url": format!("{url}/callback"),
        });
        payload.to_string()
    };
    let good = payload(&format!("{url}/plan"));
    assert!(post(port, "0", &good).contains("401"));
    let test = r#"{"stage": "test", "access_token": "test-token"}"#;
    assert!(post(port, &signature(b"secret", test.as_bytes()), test).contains("200"));

    let result = |payload: &str, plan: Option<&[u8]>| -> serde_json::Value {
        let sent = post(port, &signature(b"secret", payload.as_bytes()), payload);
        assert!(sent.contains("200"), "{sent}");
        if let Some(plan) = plan {
            let (stream, _) = terraform.accept().unwrap();
            let (first, headers, _) = request(&stream);
            assert!(first.starts_with("GET /plan "), "{first}");
            assert!(headers.contains("authorization: bearer t0ken"), "{headers}");
            answer(&stream, plan);
        }
        let (stream, _) = terraform.accept().unwrap();
        let (first, headers, body) = request(&stream);
        assert!(first.starts_with("PATCH /callback "), "{first}");
        assert!(headers.contains("application/vnd.api+json"), "{headers}");
        answer(&stream, b"");
        serde_json::from_slice(&body).unwrap()
    };
    let read = |example: &str| {
        std::fs::read(
            Path::new(ROOT)
                .join("examples")
                .join(example)
                .join("plan.json"),
        )
        .unwrap()
    };
    let status = |result: &serde_json::Value| {
        assert_eq!(result["data"]["type"], "task-results");
        result["data"]["attributes"]["status"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let bad = result(&good, Some(&read("missing-describe")));
    assert_eq!(status(&bad), "failed");
    assert_eq!(
        bad["data"]["attributes"]["message"],
        "1 errors, 0 warnings, 0 notes, 0 undecided"
    );
    let outcome = &bad["data"]["relationships"]["outcomes"]["data"][0]["attributes"];
    assert!(
        outcome["body"]
            .as_str()
            .unwrap()
            .contains("trail-key-denies-describe")
    );
    assert_eq!(
        status(&result(&good, Some(&read("three-statements")))),
        "passed"
    );
    // Nothing that was not read passes, and the token goes nowhere else.
    assert_eq!(status(&result(&good, Some(b"no plan"))), "failed");
    assert_eq!(
        status(&result(&payload("http://127.0.0.1:1/plan"), None)),
        "failed"
    );
}

/// What the documents of the gates say of the action is what the action has.
#[test]
fn the_page_of_the_gates_names_every_output() {
    let page = gate("README.md");
    let action = std::fs::read_to_string(Path::new(ROOT).join("action.yml")).unwrap();
    let (_, outputs) = action.split_once("\noutputs:\n").unwrap();
    let (outputs, _) = outputs.split_once("\nruns:\n").unwrap();
    let names = outputs
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.strip_suffix(':'));
    let names: Vec<&str> = names.filter(|name| !name.starts_with(' ')).collect();
    assert!(names.len() > 5, "{names:?}");
    for name in names {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}
