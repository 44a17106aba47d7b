//! How a command ends: the code for a script, and what a person reads.

use std::{error::Error, fmt, process::ExitCode};

use crate::screen;

/// What a failed command means to the script that ran it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Code {
    /// It was tried and went wrong.
    Failed = 1,
    /// It was asked for in a way that makes no sense.
    Usage = 2,
    /// What it needs cannot be reached: no rig is up there, or the server is away.
    Unreachable = 3,
    /// It was understood and is not done: it may not, or it would harm.
    Refused = 4,
    /// A person pressed Ctrl-C.
    Interrupted = 130,
    /// Nobody reads the result any more, as in `rig tail | head`.
    Unread = 0,
}

/// Why a command did not do what it was asked for.
#[derive(Debug)]
pub(crate) struct Failure {
    code: Code,
    what: String,
    advice: Option<String>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Failure {
    /// It was tried and went wrong.
    pub(crate) fn failed(what: impl Into<String>) -> Self {
        Self::new(Code::Failed, what)
    }

    /// It was asked for in a way that makes no sense.
    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::new(Code::Usage, what)
    }

    /// What it needs cannot be reached.
    pub(crate) fn unreachable(what: impl Into<String>) -> Self {
        Self::new(Code::Unreachable, what)
    }

    /// It was understood and is not done.
    pub(crate) fn refused(what: impl Into<String>) -> Self {
        Self::new(Code::Refused, what)
    }

    /// A person pressed Ctrl-C: nothing needs saying.
    pub(crate) fn interrupted() -> Self {
        Self::new(Code::Interrupted, "")
    }

    /// Nobody reads the result any more: the command ends in peace.
    pub(crate) fn unread() -> Self {
        Self::new(Code::Unread, "")
    }

    fn new(code: Code, what: impl Into<String>) -> Self {
        Self { code, what: what.into(), advice: None, source: None }
    }

    /// With what lies behind it; its chain of causes is printed.
    pub(crate) fn because(self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: Some(source.into()), ..self }
    }

    /// With what the reader does now, best as a command.
    pub(crate) fn advice(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

/// Tells the person how it ended, and the script.
pub(crate) fn code_of(result: Result<(), Failure>) -> ExitCode {
    let Err(failure) = result else {
        return ExitCode::SUCCESS;
    };
    if !failure.what.is_empty() {
        screen::failure(&sentence(&failure), failure.advice.as_deref());
    }
    ExitCode::from(failure.code as u8)
}

/// An error with its causes in one line; a cause that its effect already quotes is not said twice.
pub(crate) fn sentence(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let said = next.to_string();
        if !text.contains(&said) {
            text = format!("{text}: {said}");
        }
        cause = next.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_its_causes_once() {
        let failure = Failure::unreachable("the bus is away")
            .because(std::io::Error::other("connection refused"))
            .advice("rig up");
        assert_eq!(sentence(&failure), "the bus is away: connection refused");
        assert_eq!(failure.code, Code::Unreachable);

        let quoting = Failure::failed("cannot read x: denied").because(std::io::Error::other("denied"));
        assert_eq!(sentence(&quoting), "cannot read x: denied");
    }
}
