//! Errors in flags, variables and `.env`, in one line.

use std::{error::Error, fmt};

use clap::{
    Arg, Command,
    error::{ContextKind, ContextValue},
};

/// A wrong flag, variable or `.env`: exit code 2.
#[derive(Debug)]
pub(crate) struct Usage(pub(crate) String);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Usage {}

/// Sets the variables of `.env` in the working directory that the environment does not set.
pub(crate) fn read_env_file() -> anyhow::Result<()> {
    match dotenvy::from_path(".env") {
        Err(error) if !error.not_found() => Err(Usage(format!(".env: {error}")).into()),
        _ => Ok(()),
    }
}

/// Clap's message in one line, with the name of the variable when the value came from one.
pub(crate) fn condense(error: &clap::Error, mut command: Command) -> Usage {
    // Needed before arguments can be displayed.
    command.build();
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text);
    let paragraphs = text.split("\n\n").map(str::trim);
    let told = paragraphs.filter(|p| !p.starts_with("Usage:") && !p.starts_with("For more info"));
    let mut words = told.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ");

    if let Some(arg) = error.get(ContextKind::InvalidArg).and_then(|arg| find(&command, arg)) {
        if let (true, Some(ContextValue::String(value))) =
            (arg.is_hide_env_values_set(), error.get(ContextKind::InvalidValue))
        {
            words = words.replace(value.as_str(), "…");
        }
        if let Some(variable) = variable(arg) {
            words.push_str(" (from ");
            words.push_str(&variable);
            words.push(')');
        }
    }
    Usage(words)
}

/// The argument that clap calls, for example, `--listen <ADDRESS:PORT>`.
fn find<'a>(command: &'a Command, shown: &ContextValue) -> Option<&'a Arg> {
    let ContextValue::String(shown) = shown else {
        return None;
    };
    let here = command.get_arguments().find(|arg| arg.to_string() == *shown);
    here.or_else(|| {
        command.get_subcommands().find_map(|sub| find(sub, &ContextValue::String(shown.clone())))
    })
}

/// The variable that gave the value, when it was not a flag.
fn variable(arg: &Arg) -> Option<String> {
    let name = arg.get_env()?;
    std::env::var_os(name)?;
    let flag = format!("--{}", arg.get_long()?);
    let is_flag = |word: String| word == flag || word.starts_with(&format!("{flag}="));
    let given = std::env::args_os().filter_map(|word| word.into_string().ok()).any(is_flag);
    (!given).then(|| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command() -> Command {
        let url = Arg::new("url").long("url").env("ACD_TEST_UNSET_URL").hide_env_values(true);
        let number = Arg::new("number").long("number").value_parser(clap::value_parser!(u16));
        let url = url.value_parser(|_: &str| Err::<String, _>("not a URL"));
        Command::new("acd").subcommand(Command::new("role").arg(url).arg(number))
    }

    fn told(words: &[&str]) -> String {
        let error = command().try_get_matches_from(words).unwrap_err();
        condense(&error, command()).to_string()
    }

    #[test]
    fn a_wrong_value_is_one_line_that_names_the_flag() {
        let line = told(&["acd", "role", "--number", "many"]);
        assert!(line.contains("--number") && line.contains("many"), "{line}");
        assert!(!line.contains('\n') && !line.contains("Usage"), "{line}");
        assert!(told(&["acd", "role", "--numbr", "1"]).contains("--number"));
    }

    #[test]
    fn a_secret_is_not_repeated() {
        let line = told(&["acd", "role", "--url", "redis://:pa55@host"]);
        assert!(line.contains("--url") && line.contains("not a URL"), "{line}");
        assert!(!line.contains("pa55"), "{line}");
    }
}
