//! `csvdecode`.

use super::Call;
use crate::hcl::expr::{Outcome, Run};
use crate::hcl::typed::{SequenceKind, Typed};
use crate::hcl::types::Type;

/// One object a row, with the names of the first row.
pub(super) fn csvdecode(run: &mut Run<'_, '_>, call: &Call) -> Outcome {
    let text = call.text(0);
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    let wrong = |error: csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        call.wrong_at(
            0,
            format!("it is no CSV with equally many fields a line: line {line}"),
        )
    };
    let header = reader.headers().map_err(wrong)?.clone();
    if header.is_empty() {
        return Err(call.wrong_at(0, "missing header line"));
    }
    let names: std::collections::BTreeSet<&str> = header.iter().collect();
    if names.len() < header.len() {
        return Err(call.wrong_at(0, "duplicate column name"));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(wrong)?;
        run.spend(record.len(), &call.at)?;
        let fields = header.iter().zip(&record);
        let members = fields.map(|(name, field)| (name.to_owned(), call.string(field)));
        rows.push(Typed::object(members, call.at.clone()));
    }
    let columns = header.iter().map(|name| (name.to_owned(), Type::String));
    let kind = SequenceKind::List(Type::Object(columns.collect()));
    Ok(Typed::sequence(kind, rows, call.at.clone()))
}
