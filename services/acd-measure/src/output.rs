//! What a command ends with, on standard output.

use std::{fmt::Display, io::Write};

use serde::Serialize;

/// Prints a report, as JSON for programs or as text for people.
pub fn print(report: &(impl Display + Serialize), json: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, report)?;
        writeln!(out)?;
    } else {
        write!(out, "{report}")?;
    }
    Ok(out.flush()?)
}
