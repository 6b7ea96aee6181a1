//! Questions that a report answers, and what was found.

use std::fmt::{self, Write};

use serde::Serialize;

/// The most findings that are kept word by word; the rest is only counted.
const SHOWN: usize = 20;

/// Findings of one kind.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// How many there are.
    pub count: usize,
    /// The first of them.
    pub shown: Vec<String>,
}

impl Findings {
    /// Adds one.
    pub fn add(&mut self, finding: String) {
        self.count += 1;
        if self.shown.len() < SHOWN {
            self.shown.push(finding);
        }
    }
}

/// A question and its answer.
#[derive(Clone, Debug, Serialize)]
pub struct Check {
    /// The question.
    pub name: &'static str,
    /// Whether the answer is as it should be.
    pub passed: bool,
    /// What was looked at, or what was found.
    pub detail: String,
}

impl Check {
    /// Passed when nothing was found; `fine` says what was looked at.
    pub fn nothing_in(name: &'static str, found: &Findings, fine: String) -> Self {
        if found.count == 0 {
            return Self { name, passed: true, detail: fine };
        }
        let mut detail = format!("{} times", found.count);
        for one in &found.shown {
            let _ = write!(detail, "\n      {one}");
        }
        Self { name, passed: false, detail }
    }
}

/// The checks, one a line.
pub fn list(f: &mut fmt::Formatter<'_>, checks: &[Check]) -> fmt::Result {
    for check in checks {
        let mark = if check.passed { "ok    " } else { "FAILED" };
        writeln!(f, "  {mark}  {}: {}", check.name, check.detail)?;
    }
    Ok(())
}
