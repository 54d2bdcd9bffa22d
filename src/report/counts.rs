//! The counts of the report, a `name=number` a line: what `$GITHUB_OUTPUT` and GitLab's `dotenv` reports take, for gates that count themselves.
//!
//! The names are those of the JSON report's `summary`, and `exit_code`.

use std::io;

use super::{Report, Summary};

pub(super) fn write(report: &Report, out: &mut impl io::Write) -> io::Result<()> {
    let Ok(serde_json::Value::Object(summary)) = serde_json::to_value(Summary::of(report)) else {
        return Err(io::Error::other("the summary is no object"));
    };
    for (name, count) in summary {
        writeln!(out, "{name}={count}")?;
    }
    writeln!(out, "exit_code={}", report.exit_code)
}
