//! `keytrail rules`: the table of all rules.

use serde::Serialize;

use super::args::{RulesArgs, TableFormat};
use super::world::World;
use crate::error::Error;
use crate::policy::requests::DEMANDS;
use crate::report::text;
use crate::rules::{ALL, Rule};

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    severity: &'a str,
    effect: &'a str,
    on_by_default: bool,
    summary: &'a str,
}

impl<'a> From<&&'a Rule> for Row<'a> {
    fn from(rule: &&'a Rule) -> Self {
        Row {
            id: rule.id,
            severity: rule.severity.word(),
            effect: rule.effect.word(),
            on_by_default: rule.is_on_by_default(),
            summary: rule.summary,
        }
    }
}

/// Runs the command.
pub(super) fn run(args: &RulesArgs, world: &mut World) -> Result<u8, Error> {
    let rows: Vec<Row> = ALL.iter().map(Row::from).collect();
    let mut page = match args.format {
        TableFormat::Human => table(&rows, world.terminal.width),
        TableFormat::Json => serde_json::to_string_pretty(&rows)
            .map_err(|error| Error::new("", format!("cannot write the table: {error}")))?,
    };
    page.push('\n');
    world.print(page.as_bytes())?;
    Ok(0)
}

/// The summary stands beside its rule where there is room, else under it.
fn table(rows: &[Row], width: usize) -> String {
    let widest = rows.iter().map(|row| row.id.len()).max().unwrap_or(0);
    let mut page = String::new();
    let heading = format!(
        "{:<widest$}  {:<7}  {:<14}  {}\n",
        "rule", "worth", "what happens", "what it finds"
    );
    if heading.len() <= width {
        page.push_str(&heading);
    }
    for row in rows {
        let head = format!(
            "{:<widest$}  {:<7}  {:<14}  ",
            row.id, row.severity, row.effect
        );
        let indent = if head.len() + 40 <= width {
            " ".repeat(head.len())
        } else {
            page.push_str(head.trim_end());
            page.push('\n');
            "    ".to_owned()
        };
        let first = if indent.len() == head.len() {
            &head
        } else {
            &indent
        };
        let off = if row.on_by_default {
            ""
        } else {
            " (off by default: `--enable`)"
        };
        let summary = format!("{}{off}", row.summary);
        page.push_str(&text::wrap(&summary, width, first, &indent));
        page.push('\n');
    }
    page.push_str("\nrequirements\n");
    for demand in DEMANDS {
        let first = format!("{:<widest$}  ", demand.id);
        let indent = " ".repeat(first.len());
        page.push_str(&text::wrap(demand.why, width, &first, &indent));
        page.push('\n');
    }
    page.push_str(
        "\n`keytrail explain ID` prints the page of a rule, or the request of a requirement.",
    );
    page
}
