//! `acd reference`: the tables of docs/reference that are made from the code.
//!
//! A page marks the place of a table with two comments, and its other text is written by hand:
//!
//! ```text
//! <!-- table: limits times -->
//! | What | Limit |
//! <!-- end of table -->
//! ```

mod markdown;
mod settings;
mod tables;

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::{Context, bail};

const BEGIN: &str = "<!-- table: ";
const END: &str = "<!-- end of table -->";

#[derive(Debug, clap::Args)]
#[group(skip)]
pub(crate) struct Args {
    /// The pages whose tables are written, in the root of the repository
    #[arg(required = true, value_name = "PAGE")]
    pages: Vec<PathBuf>,
    /// Change nothing, and fail when a page is not up to date
    #[arg(long)]
    check: bool,
}

/// Writes or checks the pages. `commands` is the whole command line, for the tables of its settings.
pub(crate) fn run(args: &Args, mut commands: clap::Command) -> anyhow::Result<ExitCode> {
    // Only then do arguments have their defaults and subcommands the global flags.
    commands.build();
    let mut stale = Vec::new();
    for path in &args.pages {
        let name = path.display();
        let before = fs::read_to_string(path).with_context(|| format!("read {name}"))?;
        let after = page(&before, |name| tables::table(&commands, name))
            .with_context(|| format!("in {name}"))?;
        if before == after {
            continue;
        }
        if args.check {
            stale.push(name.to_string());
        } else {
            fs::write(path, after).with_context(|| format!("write {name}"))?;
        }
    }
    if stale.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    bail!("not up to date: {}; run scripts/generate-docs.sh", stale.join(", "))
}

/// The page with each of its tables made again by `table`, which knows them by name.
fn page(text: &str, table: impl Fn(&str) -> anyhow::Result<String>) -> anyhow::Result<String> {
    let mut made = String::new();
    let mut tables = 0;
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        made.push_str(line);
        made.push('\n');
        let name = line.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(" -->"));
        let Some(name) = name else {
            continue;
        };
        if !lines.any(|line| line == END) {
            bail!("the table {name:?} has no {END}");
        }
        made.push_str(&table(name)?);
        made.push_str(END);
        made.push('\n');
        tables += 1;
    }
    if tables == 0 {
        bail!("there is no line {BEGIN}NAME -->");
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    fn upper(name: &str) -> anyhow::Result<String> {
        anyhow::ensure!(!name.is_empty(), "no name");
        Ok(format!("{}\n", name.to_uppercase()))
    }

    #[test]
    fn makes_the_tables_again_and_leaves_the_rest() {
        let before = format!("# Title\n\n{BEGIN}a b -->\nold\nold\n{END}\nText.\n");
        let after = page(&before, upper).unwrap();
        assert_eq!(after, format!("# Title\n\n{BEGIN}a b -->\nA B\n{END}\nText.\n"));
        assert_eq!(page(&after, upper).unwrap(), after);
    }

    #[test]
    fn refuses_a_page_without_a_table_and_a_table_without_an_end() {
        for bad in ["# Title\n", &format!("{BEGIN}a -->\n")] {
            assert!(page(bad, upper).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_unknown_table_is_refused() {
        let mut commands = Cli::command();
        commands.build();
        for bad in ["", "nothing", "settings", "settings nothing", "settings api Nothing"] {
            assert!(tables::table(&commands, bad).is_err(), "{bad}");
        }
    }
}
