//! Tables of settings: those of commands from clap's definition, those of the stack from
//! `.env.example`.

use anyhow::{Context, bail};
use clap::{Arg, ArgAction, Command};

use super::markdown::markdown;

/// Where the settings of the stack begin in `.env.example`.
const STACK: &str = "# --- The stack of compose.yaml";

/// The settings of a command, or of one group of them: `api`, `simulator run`, `api Redis`. Commands
/// are written in small letters, groups begin with a capital.
///
/// # Errors
/// When there is no such command, or it has no such group.
pub(super) fn of_command(root: &Command, name: &str) -> anyhow::Result<String> {
    let (mut command, mut group) = (root, None);
    for word in name.split(' ').filter(|word| *word != "acd") {
        if word.starts_with(char::is_uppercase) {
            group = Some(word);
        } else {
            let found = command.find_subcommand(word);
            command = found.with_context(|| format!("there is no command {word:?}"))?;
        }
    }
    let standalone = root.find_subcommand("standalone");
    let shown = |arg: &&Arg| {
        let is_of_clap = matches!(arg.get_id().as_str(), "help" | "version");
        !arg.is_hide_set() && !is_of_clap && arg.get_help_heading() == group
    };
    let rows: Vec<_> =
        command.get_arguments().filter(shown).map(|arg| row(arg, standalone)).collect();
    if name.is_empty() || rows.is_empty() {
        bail!("{name:?} has no settings");
    }
    Ok(markdown(["Flag", "Variable", "Default", "Meaning"], rows))
}

/// A flag, with the default that it has in `acd standalone` when that is another.
fn row(arg: &Arg, standalone: Option<&Command>) -> [String; 4] {
    let code = |text: &str| if text.is_empty() { String::new() } else { format!("`{text}`") };
    let flag = arg.get_long().map(|long| format!("--{long}")).unwrap_or_default();
    let variable = arg.get_env().map(|name| name.to_string_lossy().into_owned());
    let mut default = code(&default(arg));
    let there = standalone
        .and_then(|command| command.get_arguments().find(|other| other.get_id() == arg.get_id()));
    if let Some(other) = there.filter(|other| !other.is_hide_default_value_set()).map(self::default)
        && code(&other) != default
    {
        default = format!("{default}; standalone `{other}`");
    }
    let help = arg.get_long_help().or_else(|| arg.get_help());
    let mut help = help.map(ToString::to_string).unwrap_or_default();
    for (place, value) in arg.get_possible_values().iter().enumerate() {
        if matches!(arg.get_action(), ArgAction::SetTrue) {
            break;
        }
        help.push_str(if place == 0 { ": " } else { "; " });
        help.push_str(&code(value.get_name()));
        if let Some(about) = value.get_help() {
            help.extend([" (", &about.to_string(), ")"]);
        }
    }
    [code(&flag), code(&variable.unwrap_or_default()), default, help]
}

/// A flag that is only given or not has none.
fn default(arg: &Arg) -> String {
    let takes_value = !matches!(arg.get_action(), ArgAction::SetTrue);
    let values = arg.get_default_values().iter().filter(|_| takes_value);
    values.map(|value| value.to_string_lossy()).collect::<Vec<_>>().join(",")
}

/// The settings of the stack: the variables after its heading, each with the comment above it.
///
/// # Errors
/// When the heading is not there, or a line is neither a comment nor a variable.
pub(super) fn of_stack(example: &str) -> anyhow::Result<String> {
    let lines = example.lines().skip_while(|line| !line.starts_with(STACK)).skip(1);
    let (mut rows, mut comment, mut told) = (Vec::new(), String::new(), false);
    for line in lines {
        let text = line.strip_prefix('#').with_context(|| format!("not a comment: {line:?}"))?;
        if let Some(text) = text.strip_prefix(' ') {
            if told {
                comment.clear();
            }
            told = false;
            comment.push_str(if comment.is_empty() { "" } else { " " });
            comment.push_str(text);
            continue;
        }
        let (name, value) = text.split_once('=').with_context(|| format!("no value: {line:?}"))?;
        let value = if value.is_empty() { String::new() } else { format!("`{value}`") };
        // A comment belongs to every variable up to the next one, and is written once.
        let comment = if told { String::new() } else { comment.clone() };
        rows.push([format!("`{name}`"), value, comment]);
        told = true;
    }
    if rows.is_empty() {
        bail!("there is no line {STACK:?} with variables after it");
    }
    Ok(markdown(["Variable", "Default", "Meaning"], rows))
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use clap::CommandFactory;

    use super::*;
    use crate::cli::Cli;

    fn read(file: &str) -> String {
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file)).unwrap()
    }

    /// Calls `see` with each flag that a user can set, of all commands.
    fn each_flag(command: &Command, see: &mut impl FnMut(&Command, &Arg)) {
        let is_of_clap = |arg: &&Arg| matches!(arg.get_id().as_str(), "help" | "version");
        let arguments = command.get_arguments().filter(|arg| !is_of_clap(arg));
        arguments.filter(|arg| !arg.is_hide_set()).for_each(|arg| see(command, arg));
        command
            .get_subcommands()
            .filter(|command| !command.is_hide_set() && command.get_name() != "help")
            .for_each(|command| each_flag(command, see));
    }

    #[test]
    fn the_page_has_every_flag_and_variable_of_every_command() {
        let page = read("docs/reference/settings.md");
        let mut root = Cli::command();
        root.build();
        let mut seen = 0;
        each_flag(&root, &mut |command, arg| {
            let flag = format!("`--{}`", arg.get_long().unwrap());
            assert!(page.contains(&flag), "{} {flag}", command.get_name());
            if let Some(name) = arg.get_env() {
                assert!(page.contains(&format!("`{}`", name.to_str().unwrap())), "{name:?}");
            }
            seen += 1;
        });
        assert!(seen > 50, "{seen} flags");
    }

    #[test]
    fn the_example_has_every_variable_of_the_roles_with_its_default() {
        let example = read(".env.example");
        let mut root = Cli::command();
        root.build();
        for role in ["api", "dispatcher"] {
            for arg in root.find_subcommand(role).unwrap().get_arguments() {
                if let (Some(name), false) = (arg.get_env(), arg.is_hide_set()) {
                    let line = format!("#{}={}", name.to_str().unwrap(), default(arg));
                    assert!(example.lines().any(|found| found == line), "no line {line}");
                }
            }
        }
    }

    #[test]
    fn a_comment_of_the_example_belongs_to_the_variables_below() {
        let table =
            of_stack(&format!("#A=1\n{STACK}\n# Two\n# lines.\n#B=2\n#C=\n# Next.\n#D=x y\n"));
        let rows = "| `B` | `2` | Two lines. |\n| `C` |  |  |\n| `D` | `x y` | Next. |\n";
        assert!(table.unwrap().ends_with(rows));
        for bad in ["", STACK, &format!("{STACK}\nB=2\n"), &format!("{STACK}\n#B\n")] {
            assert!(of_stack(bad).is_err(), "{bad}");
        }
    }
}
