//! The whole of it for users of the library: inputs in, a report out.

use std::io;

use crate::load::Inputs;
use crate::model::Model;
use crate::report::{self, Described, Files, Finding, Format, Severity, Style, Summary};
use crate::resolve;
use crate::rules::{self, Gate, Selection};
use crate::source::SourceMap;

/// What inputs do not say, and what findings are worth. The default is that of `keytrail check`.
#[derive(Clone, Debug)]
pub struct Options {
    /// Readers, keys outside of the inputs, expectations, trust.
    pub world: resolve::Options,
    /// Which rules run.
    pub selection: Selection,
    /// What not-knowing is worth.
    pub gate: Gate,
    /// The least severity that makes the exit code 1.
    pub fail_on: Severity,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            world: resolve::Options::default(),
            selection: Selection::default(),
            gate: Gate::default(),
            fail_on: Severity::Error,
        }
    }
}

/// What was found, with all that it rests on.
#[derive(Debug)]
pub struct Report {
    model: Model,
    findings: Vec<Finding>,
    map: SourceMap,
    files: Files,
    rules: Vec<Described>,
    undone: Vec<String>,
    fail_on: Severity,
    exit_code: u8,
}

/// Judges inputs together, as one world.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use keytrail::{Format, Inputs, Options, Severity, Style};
///
/// let plan = std::fs::read("examples/missing-describe/plan.json")?;
/// let mut inputs = Inputs::new();
/// inputs.plan("plan.json", &plan)?;
///
/// let report = keytrail::check(inputs, Options::default());
/// let rules: Vec<&str> = report.findings().iter().map(|it| it.rule.as_ref()).collect();
/// assert_eq!(rules, ["trail-key-denies-describe"]);
/// assert!(report.findings().iter().all(|it| it.severity == Severity::Error));
/// assert_eq!(report.exit_code(), 1);
///
/// let mut json = Vec::new();
/// report.write(Format::Json, Style::default(), &mut json)?;
/// assert!(json.starts_with(b"{"));
/// # Ok(())
/// # }
/// ```
///
/// Sources are read from the disk. What they do not say is said beside them:
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use keytrail::{Inputs, Options};
///
/// let mut inputs = Inputs::new();
/// inputs.settings.given.accounts = vec![(None, "111122223333".to_owned())];
/// inputs.sources("examples/missing-describe")?;
/// let report = keytrail::check(inputs, Options::default());
/// let trail = &report.model().subjects[0];
/// assert_eq!(trail.address.to_string(), "aws_cloudtrail.main");
/// # Ok(())
/// # }
/// ```
///
/// Every finding counts: comments in the sources, `keytrail.toml` and baselines are the program's ([`config`](crate::config),
/// [`suppress`](crate::suppress)).
pub fn check(mut inputs: Inputs, options: Options) -> Report {
    inputs.hide();
    let Inputs {
        settings,
        loaded,
        mut map,
        symbols,
        ..
    } = inputs;
    let Options {
        mut world,
        selection,
        gate,
        fail_on,
    } = options;
    // What was said when the inputs were read holds for the judgement, too.
    world.given = settings.given;
    let model = resolve::model(&loaded, symbols, &mut map, &world);
    let findings = rules::check(&model, gate, &selection);
    let unreadable = model.inputs.iter().any(|it| !it.unreadable.is_empty());
    let exit_code = if unreadable {
        2
    } else {
        u8::from(findings.iter().any(|it| it.severity >= fail_on))
    };
    let undone = report::untold(&model, &findings).into_iter().collect();
    Report {
        model,
        findings,
        undone,
        map,
        files: Files::default(),
        rules: rules::described(),
        fail_on,
        exit_code,
    }
}

impl Report {
    /// What was found, the gravest first.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// What the inputs mean: trails and keys, and the verdict of each request, also where nothing is wrong.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Where everything was written: the file, line and column of a finding's labels.
    pub fn map(&self) -> &SourceMap {
        &self.map
    }

    /// What `keytrail check` would end with: 0 clean, 1 a finding at or over `fail_on`, 2 a part of the inputs cannot be read.
    pub fn exit_code(&self) -> u8 {
        self.exit_code
    }

    /// The counts.
    pub fn summary(&self) -> Summary {
        Summary::of(&self.parts())
    }

    /// Writes the report in one form.
    ///
    /// # Errors
    /// Those of the output.
    pub fn write(&self, format: Format, style: Style, mut out: impl io::Write) -> io::Result<()> {
        report::write(&self.parts(), format, style, &mut out)
    }

    fn parts(&self) -> report::Report<'_> {
        report::Report {
            model: &self.model,
            findings: &self.findings,
            suppressed: &[],
            sources: &self.map,
            files: &self.files,
            rules: &self.rules,
            unread: &[],
            undone: &self.undone,
            fail_on: self.fail_on,
            exit_code: self.exit_code,
        }
    }
}
