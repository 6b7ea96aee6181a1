//! The tables by name.

use std::fs;

use acd_api::{PROBLEMS, PROBLEMS_OF_BALANCERS};
use acd_process::limits::Limit;
use anyhow::{Context, bail};
use clap::Command;

use super::{markdown::markdown, settings};

/// The file with the settings of the stack.
const EXAMPLE: &str = ".env.example";

/// A table in Markdown, each line with its end. `commands` is the whole command line, built.
///
/// # Errors
/// When there is no table of this name, or `.env.example` can't be read.
pub(super) fn table(commands: &Command, name: &str) -> anyhow::Result<String> {
    let (kind, rest) = name.split_once(' ').unwrap_or((name, ""));
    Ok(match (kind, rest) {
        ("problems", "") => problems(),
        ("limits", "counts") => limits(counts()),
        ("limits", "times") => limits(times()),
        ("metrics", "") => metrics(),
        ("settings", ".env.example") => {
            let text = fs::read_to_string(EXAMPLE).with_context(|| format!("read {EXAMPLE}"))?;
            settings::of_stack(&text)?
        }
        ("settings", command) => settings::of_command(commands, command)?,
        _ => bail!("there is no table {name:?}"),
    })
}

fn problems() -> String {
    let mut kinds: Vec<_> = PROBLEMS.iter().chain(PROBLEMS_OF_BALANCERS).collect();
    kinds.sort_by_key(|kind| kind.status);
    let rows = kinds.into_iter().map(|kind| {
        let (status, code) = (kind.status.as_u16().to_string(), format!("`{}`", kind.code));
        [status, code, kind.title.to_owned(), kind.when.to_owned(), kind.retry.to_owned()]
    });
    markdown(["Status", "Type", "Title", "When", "Retry"], rows)
}

/// Of each crate, from the inside to the outside.
fn counts() -> Vec<Limit> {
    let skills = acd_core::skill::MAX_SKILLS.to_string();
    let id = format!("1 to {} of `A-Z a-z 0-9 . _ -`", acd_core::ids::MAX_ID);
    let skill = format!("1 to {} characters", acd_core::skill::MAX_SKILL);
    let core = vec![
        Limit::new("id of a center, contact, agent; reason of a presence", id),
        Limit::new("skill", skill),
        Limit::new("skills of an agent, of a contact", skills),
    ];
    [core, acd_api::limits::counts(), acd_store::limits::counts(), acd_dispatcher::limits::counts()]
        .concat()
}

fn times() -> Vec<Limit> {
    [acd_store::limits::times(), acd_api::limits::times(), acd_dispatcher::limits::times()].concat()
}

fn limits(rows: Vec<Limit>) -> String {
    let rows = rows.into_iter().map(|Limit { what, value }| [what.to_owned(), value]);
    markdown(["What", "Limit"], rows)
}

fn metrics() -> String {
    let all = [acd_store::scrape::METRICS, acd_dispatcher::METRICS, acd_api::METRICS].concat();
    let rows = all.iter().map(|metric| {
        let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        let name = format!("`{}`", metric.name);
        [name, metric.kind.as_str().to_owned(), labels.join(", "), metric.help.to_owned()]
    });
    markdown(["Metric", "Kind", "Labels", "Meaning"], rows)
}
