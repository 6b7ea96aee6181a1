//! How far we are: a bar on a terminal, lines elsewhere. On standard error, for standard output
//! belongs to the report.

use std::{
    io::IsTerminal,
    sync::atomic::{AtomicU64, Ordering},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// The progress of one piece of work.
#[derive(Debug)]
pub struct Progress {
    what: &'static str,
    total: u64,
    bar: Option<ProgressBar>,
    /// The last step that was shown: percents on a terminal, tenths elsewhere.
    shown: AtomicU64,
}

impl Progress {
    /// Begins `what`, which has `total` parts.
    pub fn begin(what: &'static str, total: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{prefix} [{bar:30}] {percent:>3} % {msg}");
            let target = ProgressDrawTarget::stderr();
            ProgressBar::with_draw_target(Some(100), target)
                .with_style(
                    style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "),
                )
                .with_prefix(what)
        });
        Self { what, total: total.max(1), bar, shown: AtomicU64::new(0) }
    }

    /// Shows that `done` parts are done, if that is worth showing; `note` says more.
    pub fn at(&self, done: u64, note: impl FnOnce() -> String) {
        let percent = (done.saturating_mul(100) / self.total).min(100);
        let step = if self.bar.is_some() { percent } else { percent / 10 };
        if self.shown.fetch_max(step, Ordering::Relaxed) >= step {
            return;
        }
        match &self.bar {
            Some(bar) => {
                bar.set_message(note());
                bar.set_position(percent);
            }
            None => eprintln!("{}: {percent} %, {}", self.what, note()),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// How it goes with what has no end that is known: a line that changes on a terminal, one after the
/// other elsewhere.
#[derive(Debug)]
pub struct Ticker {
    what: &'static str,
    line: Option<ProgressBar>,
}

impl Ticker {
    /// Begins `what`.
    pub fn begin(what: &'static str) -> Self {
        let line = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{spinner} {prefix}: {wide_msg}");
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
                .with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
                .with_prefix(what)
        });
        Self { what, line }
    }

    /// Shows how it goes now.
    pub fn tick(&self, how: impl FnOnce() -> String) {
        match &self.line {
            Some(line) => {
                line.set_message(how());
                line.tick();
            }
            None => eprintln!("{}: {}", self.what, how()),
        }
    }

    /// Says something that is to stay.
    pub fn say(&self, what: &str) {
        match &self.line {
            Some(line) => line.suspend(|| eprintln!("{}: {what}", self.what)),
            None => eprintln!("{}: {what}", self.what),
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        if let Some(line) = &self.line {
            line.finish_and_clear();
        }
    }
}
