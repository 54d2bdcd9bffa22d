//! What work that takes long is at, on one line of the terminal that is taken away again.
//!
//! Nothing is shown of what is done within a second, nor where nobody watches: where stderr is no terminal, or a CI runner's.

use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::report::text;

/// What is done sooner is not worth a word.
const PATIENCE: Duration = Duration::from_secs(1);

/// Goes to the line's beginning and clears the line (ECMA-48, EL).
const CLEAR: &str = "\r\u{1b}[2K";

/// Shows what long work is at. Nothing is shown before `begin`.
#[derive(Default)]
pub struct Progress {
    shared: Option<Arc<Shared>>,
}

struct Shared {
    line: Mutex<Line>,
    /// Told when the work is over.
    over: Condvar,
}

struct Line {
    out: Box<dyn Write + Send>,
    columns: usize,
    patience: Duration,
    /// When the work began; none before, and after its end.
    began: Option<Instant>,
    text: String,
    shown: bool,
}

impl Progress {
    /// Shows it on a terminal that is so many columns wide.
    pub fn on(out: Box<dyn Write + Send>, columns: usize) -> Self {
        let line = Line {
            out,
            columns,
            patience: PATIENCE,
            began: None,
            text: String::new(),
            shown: false,
        };
        Progress {
            shared: Some(Arc::new(Shared {
                line: Mutex::new(line),
                over: Condvar::new(),
            })),
        }
    }

    /// The same, after another time than a second.
    #[must_use]
    pub fn after(self, patience: Duration) -> Self {
        if let Some(shared) = &self.shared {
            shared.lock().patience = patience;
        }
        self
    }

    /// Work begins.
    pub(super) fn begin(&self) {
        let Some(shared) = &self.shared else {
            return;
        };
        let patience = {
            let mut line = shared.lock();
            line.began = Some(Instant::now());
            line.patience
        };
        let shared = Arc::clone(shared);
        // A step may take long: the first line comes in the middle of it. Where no thread is to be had it comes with the next step.
        drop(std::thread::Builder::new().spawn(move || {
            let line = shared.lock();
            let waiting = |line: &mut Line| line.began.is_some();
            let waited = shared.over.wait_timeout_while(line, patience, waiting);
            let (mut line, _) = waited.unwrap_or_else(PoisonError::into_inner);
            line.draw();
        }));
    }

    /// The next step of the work.
    pub(super) fn step(&self, text: &str) {
        if let Some(shared) = &self.shared {
            let mut line = shared.lock();
            text.clone_into(&mut line.text);
            line.draw();
        }
    }

    /// Takes the line away, as something else is printed; the next step shows it again.
    pub(super) fn clear(&self) {
        if let Some(shared) = &self.shared {
            shared.lock().clear();
        }
    }

    /// The work is over.
    pub(super) fn end(&self) {
        if let Some(shared) = &self.shared {
            let mut line = shared.lock();
            line.began = None;
            line.clear();
            shared.over.notify_all();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}

impl Shared {
    /// What a thread that panicked left is a line of text all the same.
    fn lock(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    fn draw(&mut self) {
        let long = self.began.is_some_and(|it| it.elapsed() >= self.patience);
        if !long || self.text.is_empty() {
            return;
        }
        // The last column stays free: a full line would wrap, and could not be taken away.
        let mut room = self.columns.saturating_sub(1);
        let fits = |letter: &char| {
            // What is outside of ASCII may be two columns wide.
            let width = if letter.is_ascii() { 1 } else { 2 };
            let fits = width <= room;
            room = room.saturating_sub(width);
            fits
        };
        let text: String = text::line(&self.text).chars().take_while(fits).collect();
        // There is nobody to tell if that fails.
        let _ = write!(self.out, "{CLEAR}{text}").and_then(|()| self.out.flush());
        self.shown = true;
    }

    fn clear(&mut self) {
        if self.shown {
            let _ = write!(self.out, "{CLEAR}").and_then(|()| self.out.flush());
            self.shown = false;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[derive(Clone, Default)]
    struct Screen(Arc<Mutex<Vec<u8>>>);

    impl Screen {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_is_shown_cut_and_taken_away() {
        let screen = Screen::default();
        let progress = Progress::on(Box::new(screen.clone()), 12).after(Duration::ZERO);
        progress.step("too early");
        assert_eq!(screen.text(), "");
        progress.begin();
        progress.step("reading \u{1b}[2J.json");
        progress.clear();
        progress.step("ééééééé");
        progress.end();
        progress.step("too late");
        let text = screen.text();
        let drawn = text.strip_prefix("\r\u{1b}[2Ktoo early").unwrap_or(&text);
        assert_eq!(
            drawn,
            "\r\u{1b}[2Kreading \\u0\r\u{1b}[2K\r\u{1b}[2Kééééé\r\u{1b}[2K"
        );
    }

    #[test]
    fn short_work_shows_nothing_and_a_long_step_is_shown_while_it_takes() {
        let screen = Screen::default();
        let progress = Progress::on(Box::new(screen.clone()), 80);
        progress.begin();
        progress.step("one");
        drop(progress);
        assert_eq!(screen.text(), "");
        let progress = Progress::on(Box::new(screen.clone()), 80).after(Duration::from_millis(20));
        progress.begin();
        progress.step("one");
        let began = Instant::now();
        while screen.text().is_empty() && began.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(screen.text(), "\r\u{1b}[2Kone");
        drop(progress);
        assert_eq!(screen.text(), "\r\u{1b}[2Kone\r\u{1b}[2K");
    }
}
