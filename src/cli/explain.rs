//! `keytrail explain`: the page of a rule, or the requests of a requirement.

use super::args::ExplainArgs;
use super::world::World;
use crate::config;
use crate::error::Error;
use crate::policy::requests;
use crate::report::text;
use crate::rules::ALL;
use crate::spelling::nearest;

/// Runs the command.
pub(super) fn run(args: &ExplainArgs, world: &mut World) -> Result<u8, Error> {
    let page = ALL
        .iter()
        .find(|rule| rule.id == args.id)
        .map(|rule| rule.page.to_owned())
        .or_else(|| requests::describe(requirement(&args.id)))
        .or_else(|| topic(&args.id))
        .ok_or_else(|| unknown(&args.id))?;
    let page = fill(&page, world.terminal.width);
    world.print(format!("{}\n", page.trim_end()).as_bytes())?;
    Ok(0)
}

/// What is neither a rule nor a requirement.
fn topic(word: &str) -> Option<String> {
    match word {
        "custom-rules" => Some(config::CUSTOM_RULES.to_owned()),
        // As it is written down, to be copied.
        config::FILE => Some(format!("```toml\n{}```", config::TEMPLATE)),
        _ => None,
    }
}

/// The word of the report's table (`encrypt`, `read`) stands for the requirement.
fn requirement(word: &str) -> &str {
    match word {
        "encrypt" => "cloudtrail-encrypt",
        "describe" => "cloudtrail-describe",
        "decrypt" => "cloudtrail-decrypt",
        "read" => "reader-decrypt",
        other => other,
    }
}

/// Fills the paragraphs of a page anew to the width; code, tables and headings stay as they are.
fn fill(page: &str, width: usize) -> String {
    let mut out = Vec::new();
    let (mut paragraph, mut code): (Vec<&str>, bool) = (Vec::new(), false);
    let flush = |paragraph: &mut Vec<&str>, out: &mut Vec<String>| {
        if let Some(first) = paragraph.first() {
            let indent = if first.starts_with("- ") { "  " } else { "" };
            out.push(text::wrap(&paragraph.join(" "), width, "", indent));
            paragraph.clear();
        }
    };
    for line in page.lines() {
        let fence = line.starts_with("```");
        let kept = code || fence || line.is_empty() || line.starts_with(['#', '|']);
        if kept || line.starts_with("- ") {
            flush(&mut paragraph, &mut out);
        }
        if kept {
            out.push(line.to_owned());
        } else {
            paragraph.push(line.trim());
        }
        code ^= fence;
    }
    flush(&mut paragraph, &mut out);
    out.join("\n")
}

fn unknown(id: &str) -> Error {
    let ids = ALL
        .iter()
        .map(|rule| rule.id)
        .chain(requests::DEMANDS.iter().map(|demand| demand.id));
    let help = match nearest(id, ids) {
        Some(near) => format!("there is `{near}`; `keytrail rules` lists rules and requirements"),
        None => "`keytrail rules` lists rules and requirements".to_owned(),
    };
    Error::new("", format!("`{id}` is no rule and no requirement")).with_help(help)
}
