//! `keytrail evaluate`: one request against one policy, or one a line.

use std::path::Path;

use super::args::EvaluateArgs;
use super::request::Flags;
use super::world::World;
use super::{name_of, read};
use crate::error::Error;
use crate::policy::{
    self, Decision, Duplicates, Effect, Identity, Match, Policy, PolicyKind, Verdict, wire,
};
use crate::report::{reason, text};
use crate::source::SourceMap;
use crate::value::{Symbols, Value};

/// Runs the command.
pub(super) fn run(args: &EvaluateArgs, world: &mut World) -> Result<u8, Error> {
    match (&args.jsonl, &args.policy) {
        (Some(lines), _) => answer_lines(lines, world),
        (None, Some(path)) => answer(path, args, world),
        (None, None) => Err(Error::new("", "no policy was given")),
    }
}

fn answer(path: &Path, args: &EvaluateArgs, world: &mut World) -> Result<u8, Error> {
    let (mut sources, mut symbols) = (SourceMap::new(), Symbols::new());
    let policy = load(path, PolicyKind::Key, &mut sources, world)?;
    let mut identity = Vec::new();
    for file in &args.identity_policy {
        identity.push(load(file, PolicyKind::Identity, &mut sources, world)?);
    }
    let identity = if identity.is_empty() {
        Identity::Unknown
    } else {
        Identity::Complete(identity)
    };
    let request = Flags {
        sources: &mut sources,
        symbols: &mut symbols,
    }
    .request(args, identity)?;
    let decision = policy::evaluate(&policy, &request, &symbols);
    world.print(page(&decision, &policy, &symbols, world.terminal.width).as_bytes())?;
    Ok(0)
}

/// Reads a policy; what is wrong with it goes to stderr.
fn load(
    path: &Path,
    kind: PolicyKind,
    sources: &mut SourceMap,
    world: &mut World,
) -> Result<Policy, Error> {
    let name = name_of(path);
    let (_, tree) = super::policy::load(path, sources, world)?;
    let (policy, issues) = policy::parse(&Value::from_json(&tree), kind, Duplicates::Last);
    for issue in issues {
        let line = sources.location(issue.at.span()).start.line;
        world.warn(&format!(
            "warning: {}\n --> {name}:{line}\n",
            text::line(&issue.message)
        ));
    }
    Ok(policy)
}

fn page(decision: &Decision, policy: &Policy, symbols: &Symbols, width: usize) -> String {
    let mut page = decision.verdict.word().to_owned();
    if decision.explicit {
        page.push_str(" by a Deny statement");
    }
    page.push('\n');
    let mut detail = |what: String| {
        page.push_str(&text::wrap(&text::line(&what), width, "  ", "    "));
        page.push('\n');
    };
    for verdict in [
        Verdict::Allowed,
        Verdict::Denied,
        Verdict::Delegated,
        Verdict::Undecided,
    ] {
        if let Some(cases) = reason::cases(&decision.cases, verdict, symbols) {
            detail(format!("{} if {cases}", verdict.word()));
        }
    }
    let open = matches!(decision.verdict, Verdict::Undecided | Verdict::Conditional);
    if let Some(blockers) = reason::blockers(&decision.blocked_by, symbols).filter(|_| open) {
        detail(format!("not known: {blockers}"));
    }
    page.push('\n');
    for outcome in &decision.statements {
        let statement = policy.statements.get(outcome.index);
        let effect = match statement.and_then(|it| it.effect) {
            Some(Effect::Allow) => "Allow",
            Some(Effect::Deny) => "Deny",
            None => "?",
        };
        let sid = statement
            .and_then(|it| it.sid.as_ref())
            .map_or_else(String::new, |sid| {
                format!(" \"{}\"", text::line(&sid.show(symbols)))
            });
        let matches = match outcome.matches {
            Match::Yes => "yes",
            Match::No => "no",
            Match::Maybe => "maybe",
        };
        page.extend([
            "statement ",
            &outcome.index.to_string(),
            " ",
            effect,
            &sid,
            "\n",
        ]);
        let why = reason::statement(outcome, symbols);
        let first = format!("  {matches:<6} ");
        page.push_str(&text::wrap(&why, width, &first, "         "));
        page.push('\n');
    }
    page
}

fn answer_lines(path: &Path, world: &mut World) -> Result<u8, Error> {
    let name = name_of(path);
    let bytes = read(path, world)?;
    let text =
        String::from_utf8(bytes).map_err(|_| Error::new(&name, "the file is not UTF-8 text"))?;
    let mut page = String::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let at_line = |problem: String| Error::new(&name, problem).at_line(index + 1);
        let answer = wire::Line::read(line).and_then(|line| line.answer());
        let answer = answer.map_err(|problem| at_line(problem.to_string()))?;
        let json =
            serde_json::to_string(&answer).map_err(|problem| at_line(problem.to_string()))?;
        page.push_str(&json);
        page.push('\n');
    }
    world.print(page.as_bytes())?;
    Ok(0)
}
