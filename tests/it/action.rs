//! The GitHub Action, its steps run as a runner runs those of a composite action: inputs and outputs by `action.yml`, `bash` with the
//! runner's flags, and the files behind `GITHUB_OUTPUT` and `GITHUB_STEP_SUMMARY`. Bash is not everywhere, so this is for Unix.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use saphyr::{LoadableYamlNode, YamlOwned};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const KEYTRAIL: &str = env!("CARGO_BIN_EXE_keytrail");

/// What a step, or the action, gives.
type Outputs = BTreeMap<String, String>;

/// A run of the action.
struct Run {
    code: i32,
    outputs: Outputs,
    log: String,
    summary: String,
}

/// A job's environment.
struct Job {
    folder: PathBuf,
    /// In front of `PATH`.
    tools: Option<PathBuf>,
    os: &'static str,
}

fn yaml(file: &str) -> YamlOwned {
    let text = std::fs::read_to_string(Path::new(ROOT).join(file)).unwrap();
    let mut documents = YamlOwned::load_from_str(&text).unwrap();
    assert_eq!(documents.len(), 1, "{file}");
    documents.remove(0)
}

fn text(node: &YamlOwned) -> &str {
    node.as_str().unwrap_or_else(|| panic!("no text: {node:?}"))
}

/// The members of a mapping in their order.
fn members(node: &YamlOwned) -> Vec<(&str, &YamlOwned)> {
    let mapping = node.as_mapping().unwrap();
    mapping.iter().map(|(key, it)| (text(key), it)).collect()
}

fn member<'a>(node: &'a YamlOwned, name: &str) -> Option<&'a YamlOwned> {
    let found = members(node).into_iter().find(|(key, _)| *key == name);
    found.map(|(_, it)| it)
}

/// `${{ … }}` replaced, for the few kinds of expression that the action uses.
fn expand(template: &str, known: &dyn Fn(&str) -> String) -> String {
    let mut page = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${{") {
        let (expression, after) = after.split_once("}}").unwrap();
        page.push_str(before);
        page.push_str(&known(expression.trim()));
        rest = after;
    }
    page.push_str(rest);
    page
}

impl Job {
    /// `name` is the test's own. The workspace is a repository, which the reports' paths begin at.
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("action-{name}"));
        let _ = std::fs::remove_dir_all(&folder);
        for inner in ["workspace/.git", "temp"] {
            std::fs::create_dir_all(folder.join(inner)).unwrap();
        }
        Job {
            folder,
            tools: None,
            os: "Linux",
        }
    }

    fn workspace(&self) -> PathBuf {
        self.folder.join("workspace")
    }

    /// Copies an example into the workspace.
    fn with_example(self, name: &str) -> Self {
        let to = self.workspace().join(name);
        std::fs::create_dir_all(&to).unwrap();
        for file in std::fs::read_dir(Path::new(ROOT).join("examples").join(name)).unwrap() {
            let file = file.unwrap().path();
            if file.is_file() {
                std::fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
            }
        }
        self
    }

    /// Runs the action with the built keytrail.
    fn run(&self, with: &[(&str, &str)]) -> Run {
        let mut all = vec![("binary", KEYTRAIL)];
        all.extend_from_slice(with);
        self.run_with(&all)
    }

    fn run_with(&self, with: &[(&str, &str)]) -> Run {
        let action = yaml("action.yml");
        let declared = members(member(&action, "inputs").unwrap());
        for (name, _) in with {
            assert!(declared.iter().any(|(it, _)| it == name), "no input {name}");
        }
        let summary = self.folder.join("summary.md");
        std::fs::write(&summary, "").unwrap();
        let mut steps: BTreeMap<String, Outputs> = BTreeMap::new();
        let (mut code, mut log) = (0, String::new());
        let runs = member(&action, "runs").unwrap();
        for step in member(runs, "steps").unwrap().as_sequence().unwrap() {
            assert_eq!(member(step, "shell").map(text), Some("bash"));
            let known = |expression: &str| -> String {
                match expression.split('.').collect::<Vec<_>>().as_slice() {
                    ["inputs", name] => {
                        let given = with.iter().find(|(it, _)| it == name);
                        let declared = declared.iter().find(|(it, _)| it == name);
                        let (_, input) = declared.unwrap_or_else(|| panic!("no input {name}"));
                        let default = text(member(input, "default").unwrap());
                        given.map_or(default, |(_, value)| value).to_owned()
                    }
                    ["steps", step, "outputs", name] => {
                        let outputs = steps.get(*step).unwrap();
                        outputs.get(*name).cloned().unwrap_or_default()
                    }
                    _ => panic!("an expression that no runner of this test knows: {expression}"),
                }
            };
            let output = self.folder.join("output");
            std::fs::write(&output, "").unwrap();
            let script = self.folder.join("step.sh");
            let run = text(member(step, "run").unwrap());
            assert!(!run.contains("${{"), "an input inside of a script: {run}");
            std::fs::write(&script, run).unwrap();
            let mut command = Command::new("bash");
            command.args(["--noprofile", "--norc", "-e", "-o", "pipefail"]);
            command.arg(&script).current_dir(self.workspace());
            for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("KEYTRAIL_")) {
                command.env_remove(name);
            }
            for (name, value) in members(member(step, "env").unwrap()) {
                command.env(name, expand(text(value), &known));
            }
            let temp = self.folder.join("temp");
            command.env("GITHUB_ACTION_PATH", ROOT);
            command.env("GITHUB_WORKSPACE", self.workspace());
            command.env("GITHUB_OUTPUT", &output);
            command.env("GITHUB_STEP_SUMMARY", &summary);
            command.env("GITHUB_ACTIONS", "true");
            command.env("CI", "true");
            command.env("RUNNER_TEMP", temp);
            command.env("RUNNER_OS", self.os).env("RUNNER_ARCH", "X64");
            if let Some(tools) = &self.tools {
                let path = std::env::var("PATH").unwrap();
                command.env("PATH", format!("{}:{path}", tools.display()));
            }
            let done = command.output().unwrap();
            log.push_str(&String::from_utf8(done.stdout).unwrap());
            log.push_str(&String::from_utf8(done.stderr).unwrap());
            let lines = std::fs::read_to_string(&output).unwrap();
            let pairs = lines.lines().map(|line| line.split_once('=').unwrap());
            let outputs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
            steps.insert(
                text(member(step, "id").unwrap()).to_owned(),
                outputs.collect(),
            );
            code = done.status.code().unwrap();
            if code != 0 {
                break;
            }
        }
        let outputs = members(member(&action, "outputs").unwrap());
        let outputs = outputs.into_iter().map(|(name, output)| {
            let value = text(member(output, "value").unwrap());
            let known = |expression: &str| {
                let parts: Vec<&str> = expression.split('.').collect();
                let ["steps", step, "outputs", output] = parts.as_slice() else {
                    panic!("{expression}");
                };
                let found = steps.get(*step).and_then(|it| it.get(*output));
                found.cloned().unwrap_or_default()
            };
            (name.to_owned(), expand(value, &known))
        });
        Run {
            code,
            outputs: outputs.collect(),
            log,
            summary: std::fs::read_to_string(summary).unwrap(),
        }
    }
}

impl Run {
    fn output(&self, name: &str) -> &str {
        self.outputs.get(name).unwrap()
    }

    /// The lines that the runner takes for commands.
    fn commands(&self) -> Vec<&str> {
        let (mut commands, mut pause) = (Vec::new(), None);
        for line in self.log.lines() {
            match pause {
                Some(token) => {
                    if line == format!("::{token}::") {
                        pause = None;
                    }
                }
                None => match line.strip_prefix("::stop-commands::") {
                    Some(token) => pause = Some(token),
                    None if line.starts_with("::") => commands.push(line),
                    None => {}
                },
            }
        }
        commands
    }
}

#[test]
fn a_bad_plan_fails_the_step_and_is_told_everywhere() {
    let job = Job::new("bad").with_example("missing-describe");
    let run = job.run(&[("paths", "missing-describe/plan.json")]);
    assert_eq!(run.code, 1, "{}", run.log);
    assert_eq!(run.output("exit-code"), "1");
    assert_eq!(run.output("errors"), "1");
    for count in ["warnings", "notes", "suppressed", "undecided"] {
        assert_eq!(run.output(count), "0", "{count}");
    }
    assert!(
        run.log.contains("error[trail-key-denies-describe]")
            || run.log.contains("trail-key-denies-describe")
    );
    let commands = run.commands();
    assert!(
        commands
            .iter()
            .any(|it| it.starts_with("::error file=missing-describe/main.tf,")),
        "{commands:?}"
    );
    assert!(
        run.summary.contains("aws_cloudtrail.main"),
        "{}",
        run.summary
    );
    assert_eq!(run.output("sarif-file"), "keytrail.sarif");
    let sarif = std::fs::read_to_string(job.workspace().join("keytrail.sarif")).unwrap();
    let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(
        sarif["runs"][0]["results"][0]["ruleId"],
        "trail-key-denies-describe"
    );
    let report = std::fs::read_to_string(run.output("report-file")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["summary"]["errors"], 1);
}

#[test]
fn a_good_plan_passes() {
    let job = Job::new("good").with_example("three-statements");
    let run = job.run(&[("paths", "three-statements/plan.json")]);
    assert_eq!(run.code, 0, "{}", run.log);
    assert_eq!((run.output("exit-code"), run.output("errors")), ("0", "0"));
    assert_eq!(run.commands(), Vec::<&str>::new());
    assert!(job.workspace().join("keytrail.sarif").is_file());
    assert!(!run.summary.is_empty());
}

#[test]
fn soft_fail_lets_findings_pass_and_nothing_else() {
    let job = Job::new("soft").with_example("missing-describe");
    let soft = ("soft-fail", "true");
    let run = job.run(&[("paths", "missing-describe/plan.json"), soft]);
    assert_eq!((run.code, run.output("exit-code")), (0, "1"), "{}", run.log);
    let run = job.run(&[("paths", "missing.json"), soft]);
    assert_eq!((run.code, run.output("exit-code")), (2, "2"), "{}", run.log);
    let run = job.run(&[
        ("paths", "missing-describe/plan.json"),
        ("soft-fail", "yes"),
    ]);
    assert_eq!((run.code, run.output("exit-code")), (2, "2"), "{}", run.log);
    assert!(
        run.log.contains("`soft-fail` is true or false"),
        "{}",
        run.log
    );
}

#[test]
fn what_cannot_be_read_is_exit_code_two_and_leaves_no_old_sarif() {
    let job = Job::new("unread").with_example("missing-describe");
    std::fs::write(job.workspace().join("keytrail.sarif"), "old").unwrap();
    let run = job.run(&[
        ("paths", "missing-describe/plan.json"),
        ("fail-on", "nonsense"),
    ]);
    assert_eq!((run.code, run.output("exit-code")), (2, "2"), "{}", run.log);
    assert_eq!(
        (run.output("sarif-file"), run.output("report-file")),
        ("", "")
    );
    assert!(!job.workspace().join("keytrail.sarif").exists());
    let commands = run.commands();
    assert!(
        commands.iter().any(|it| it.contains("could not be done")),
        "{commands:?}"
    );
}

#[test]
fn inputs_are_arguments_and_never_script() {
    let job = Job::new("script");
    let odd = "plan $(touch pwned) `touch pwned`;touch pwned\"'&|\\.json";
    let plan = Path::new(ROOT).join("examples/missing-describe/plan.json");
    std::fs::copy(plan, job.workspace().join(odd)).unwrap();
    let paths = format!("\n  {odd}  \r\n\n");
    let args = "--undecided=error\n--reader=arn:aws:iam::111122223333:role/$(touch pwned)";
    let run = job.run(&[
        ("paths", paths.as_str()),
        ("args", args),
        ("account-id", "111122223333"),
    ]);
    assert_eq!(run.code, 1, "{}", run.log);
    assert!(!job.workspace().join("pwned").exists());
    let run = job.run(&[
        ("paths", "$(touch pwned)"),
        ("sarif-file", "$(touch pwned).sarif"),
    ]);
    assert_eq!(run.code, 2, "{}", run.log);
    assert!(!job.workspace().join("pwned").exists());
}

#[test]
fn a_path_that_looks_like_a_flag_is_a_path() {
    let job = Job::new("flag");
    let run = job.run(&[("paths", "--help")]);
    assert_eq!(run.code, 2, "{}", run.log);
}

#[test]
fn another_folder_and_another_sarif_file() {
    let job = Job::new("elsewhere").with_example("missing-describe");
    let run = job.run(&[
        ("working-directory", "missing-describe"),
        ("paths", "plan.json"),
        ("sarif-file", "out.sarif"),
        ("annotations", "false"),
        ("summary", "false"),
    ]);
    assert_eq!(run.code, 1, "{}", run.log);
    assert_eq!(run.output("sarif-file"), "missing-describe/out.sarif");
    assert!(job.workspace().join("missing-describe/out.sarif").is_file());
    assert_eq!(run.commands(), Vec::<&str>::new());
    assert_eq!(run.summary, "");
    let run = job.run(&[("working-directory", "nowhere")]);
    assert_eq!(run.code, 2, "{}", run.log);
}

/// A release on a server of its own: the archive, its checksum, and a program that tells its arguments.
fn release(job: &Job, checksum: &str) -> String {
    let folder = job.folder.join("releases/v1.2.3");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(KEYTRAIL, folder.join("keytrail")).unwrap();
    let archive = "keytrail-x86_64-unknown-linux-musl.tar.gz";
    let tar = Command::new("tar")
        .args(["-czf", archive, "keytrail"])
        .current_dir(&folder)
        .status();
    assert!(tar.unwrap().success());
    let line = if checksum.is_empty() {
        let sum = Command::new("bash")
            .args([
                "-c",
                &format!("sha256sum {archive} 2> /dev/null || shasum -a 256 {archive}"),
            ])
            .current_dir(&folder)
            .output();
        String::from_utf8(sum.unwrap().stdout).unwrap()
    } else {
        format!("{checksum}  {archive}\n")
    };
    // The first line is of another file whose name ends alike.
    let other = format!("{}  not-{archive}\n", "0".repeat(64));
    std::fs::write(folder.join("SHA256SUMS"), other + &line).unwrap();
    format!("file://{}/releases", job.folder.display())
}

/// A `gh` that ends with this code and keeps its arguments.
fn gh(job: &mut Job, code: u8) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let tools = job.folder.join("tools");
    std::fs::create_dir_all(&tools).unwrap();
    let (gh, said) = (tools.join("gh"), tools.join("said"));
    let script = format!(
        "#!/bin/sh\necho \"$@\" > '{}'\nexit {code}\n",
        said.display()
    );
    std::fs::write(&gh, script).unwrap();
    std::fs::set_permissions(&gh, PermissionsExt::from_mode(0o755)).unwrap();
    job.tools = Some(tools);
    said
}

#[test]
fn a_release_is_run_when_its_checksum_and_attestation_hold() {
    let mut job = Job::new("release").with_example("missing-describe");
    let releases = release(&job, "");
    let said = gh(&mut job, 0);
    let with = [
        ("version", "v1.2.3"),
        ("releases", releases.as_str()),
        ("token", "t0ken"),
        ("paths", "missing-describe/plan.json"),
    ];
    let run = job.run_with(&with);
    assert_eq!((run.code, run.output("errors")), (1, "1"), "{}", run.log);
    let said = std::fs::read_to_string(said).unwrap();
    assert!(
        said.contains("--signer-workflow keytrail/keytrail/.github/workflows/release.yml"),
        "{said}"
    );
    assert!(said.contains("--source-ref refs/tags/v1.2.3"), "{said}");
    assert!(!said.contains("t0ken") && !run.log.contains("t0ken"));
}

#[test]
fn nothing_of_a_release_is_run_that_is_not_what_it_should_be() {
    for (what, checksum, code) in [
        ("checksum", "f".repeat(64), 0),
        ("attestation", String::new(), 1),
    ] {
        let mut job = Job::new(what);
        let releases = release(&job, &checksum);
        gh(&mut job, code);
        let run = job.run_with(&[
            ("version", "1.2.3"),
            ("releases", releases.as_str()),
            ("token", "t0ken"),
            ("paths", "."),
        ]);
        assert_eq!(run.code, 2, "{}", run.log);
        assert!(run.log.contains(what), "{}", run.log);
        assert!(!job.workspace().join("keytrail.sarif").exists());
    }
}

#[test]
fn what_has_no_release_is_refused_before_anything_is_fetched() {
    let mut job = Job::new("refused");
    for version in ["latest", "1.2", "1.2.3; touch pwned", "../1.2.3", ""] {
        let run = job.run_with(&[("version", version), ("token", "")]);
        assert_eq!(run.code, 2, "{}", run.log);
        assert!(run.log.contains("write it like 0.1.0"), "{}", run.log);
    }
    job.os = "Plan9";
    let run = job.run_with(&[("token", "")]);
    assert_eq!(run.code, 2, "{}", run.log);
    assert!(run.log.contains("no release for Plan9"), "{}", run.log);
    let run = job.run_with(&[("binary", "./missing"), ("token", "")]);
    assert_eq!(run.code, 2, "{}", run.log);
    assert!(run.log.contains("`binary` names no program"), "{}", run.log);
}

#[test]
fn the_pinned_release_is_this_version_and_every_input_is_used() {
    let action = yaml("action.yml");
    let inputs = members(member(&action, "inputs").unwrap());
    let page = std::fs::read_to_string(Path::new(ROOT).join("action.yml")).unwrap();
    for (name, input) in &inputs {
        assert!(
            page.contains(&format!("${{{{ inputs.{name} }}}}")),
            "{name}"
        );
        assert!(member(input, "description").is_some(), "{name}");
        assert!(
            name.bytes().all(|it| it.is_ascii_lowercase() || it == b'-'),
            "{name}"
        );
    }
    let (_, version) = inputs.iter().find(|(name, _)| *name == "version").unwrap();
    assert_eq!(
        text(member(version, "default").unwrap()),
        env!("CARGO_PKG_VERSION")
    );
}

/// Whoever can move a tag can run what they like in a workflow: every action is pinned by its commit, with its version beside it.
#[test]
fn workflows_pin_actions_and_have_no_permissions_by_default() {
    let folder = Path::new(ROOT).join(".github/workflows");
    let mut uses = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let file = file.unwrap().path();
        let page = std::fs::read_to_string(&file).unwrap();
        assert!(page.contains("\npermissions: {}\n"), "{}", file.display());
        for line in page.lines().filter(|line| line.contains("uses: ")) {
            let (_, action) = line.split_once("uses: ").unwrap();
            if action.starts_with("$/") {
                continue;
            }
            let (_, pin) = action.split_once('@').unwrap();
            let (commit, version) = pin.split_once(" # v").unwrap_or_else(|| panic!("{line}"));
            assert!(
                commit.len() == 40 && commit.bytes().all(|it| it.is_ascii_hexdigit()),
                "{line}"
            );
            assert!(version.split('.').count() == 3, "{line}");
            uses += 1;
        }
    }
    assert!(uses > 0);
}
