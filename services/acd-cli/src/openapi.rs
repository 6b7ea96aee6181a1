//! `acd openapi`.

use std::{io::Write, process::ExitCode};

use anyhow::Context;

pub(crate) fn run() -> anyhow::Result<ExitCode> {
    let mut text =
        serde_json::to_string_pretty(&acd_api::openapi()).context("write the document")?;
    text.push('\n');
    // Not println!, which panics when a pager closes the pipe early.
    std::io::stdout().write_all(text.as_bytes()).context("write to standard output")?;
    Ok(ExitCode::SUCCESS)
}
