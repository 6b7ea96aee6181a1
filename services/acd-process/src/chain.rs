//! Formats an error and its causes in one line.

use std::error::Error;

/// The error and its causes, separated by colons, for the log.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        // Some errors repeat their cause in their own text.
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    enum Outer {
        #[error("can't read")]
        Silent(#[source] io::Error),
        #[error("can't read: {0}")]
        Repeats(#[source] io::Error),
    }

    #[test]
    fn each_cause_is_told_once() {
        let cause = || io::Error::other("no disk");
        assert_eq!(chain(&Outer::Silent(cause())), "can't read: no disk");
        assert_eq!(chain(&Outer::Repeats(cause())), "can't read: no disk");
    }
}
