//! What holds for every report.

use keytrail::report::text::is_unsafe;
use keytrail::{Format, Report, Style};

/// Writes every form: those for programs are what they say, nothing in any of them drives a terminal, and every place is one.
pub(crate) fn look(report: &Report) {
    for format in Format::ALL {
        let page = written(report, *format);
        // Emoji of the form's own have a mark that makes them colourful.
        let own = ["⚠\u{fe0f}", "ℹ\u{fe0f}"];
        let text = own
            .iter()
            .fold(page.clone(), |page, it| page.replace(it, ""));
        for letter in text.chars().filter(|letter| *letter != '\n') {
            assert!(
                !is_unsafe(letter),
                "{letter:?} in {}: {page}",
                format.word()
            );
        }
        if matches!(format, Format::Json | Format::Sarif | Format::Gitlab) {
            let read: Result<serde_json::Value, _> = serde_json::from_str(&page);
            assert!(read.is_ok(), "{}: {read:?}\n{page}", format.word());
        }
    }
    let map = report.map();
    for label in report.findings().iter().flat_map(|it| &it.labels) {
        assert!(label.span.start <= label.span.end && label.span.end <= map.end());
        let at = map.location(label.span);
        assert!(
            at.start.line >= 1 && at.start.column >= 1 && at.start <= at.end,
            "{at:?}"
        );
        assert_eq!(
            map.file_of(label.span),
            map.file_of(keytrail::source::Span {
                start: label.span.end,
                ..label.span
            })
        );
    }
    let mut prints: Vec<&str> = report
        .findings()
        .iter()
        .map(|it| it.fingerprint.as_str())
        .collect();
    prints.sort_unstable();
    let all = prints.len();
    prints.dedup();
    assert_eq!(prints.len(), all, "two findings share a fingerprint");
    let worst = report
        .findings()
        .iter()
        .any(|it| it.severity == keytrail::Severity::Error);
    assert!(report.exit_code() == 2 || report.exit_code() == u8::from(worst));
}

/// One form of a report.
pub(crate) fn written(report: &Report, format: Format) -> String {
    let mut page = Vec::new();
    report
        .write(format, Style::default(), &mut page)
        .expect("memory takes all");
    String::from_utf8(page).expect("reports are UTF-8")
}

/// A message of an error, which a terminal may show.
pub(crate) fn message(error: &keytrail::Error) {
    let text = error.to_string();
    assert!(!text.is_empty());
}
