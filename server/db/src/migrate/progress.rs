//! Progress: what is told to whoever waits for migrations, before each statement.

use std::fmt;

use super::script::Statement;

/// Receives each step, in order.
pub type Watch<'a> = &'a (dyn Fn(&Step<'_>) + Sync);

/// For callers that nobody watches.
pub(super) const UNWATCHED: Watch<'static> = &|_| ();

/// The beginning of a line that matters until the next one, as cargo's are.
const PASSING: &str = "   Migrating";

/// A step of applying migrations. Its `Display` is a line for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// A statement is about to be run.
    Runs {
        /// The file.
        file: File<'a>,
        /// The statement's number in it, from 1.
        statement: usize,
        /// The number of the file's statements.
        statements: usize,
    },
    /// A file is about to be sent as a whole.
    Sends {
        /// The file.
        file: File<'a>,
        /// The number of its statements.
        statements: usize,
    },
    /// A statement is noted as done, and not run: a process that ended had run it before it could note it.
    WasDone {
        /// The file.
        file: File<'a>,
        /// The statement's number in it, from 1.
        statement: usize,
        /// Its first line in the file, from 1.
        line: usize,
    },
}

/// A file among those that a database lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its number among them, from 1.
    pub at: usize,
    /// Their number.
    pub of: usize,
}

/// A file that is being applied, and whoever watches.
#[derive(Clone, Copy)]
pub(super) struct Watched<'a> {
    pub(super) file: File<'a>,
    pub(super) watch: Watch<'a>,
}

impl Watched<'_> {
    /// Tells that one of `all` statements is about to be run.
    pub(super) fn runs(self, statement: &Statement<'_>, all: &[Statement<'_>]) {
        (self.watch)(&Step::Runs {
            file: self.file,
            statement: statement.number,
            statements: all.len(),
        });
    }

    /// Tells that the whole file is about to be sent.
    #[cfg(feature = "native")]
    pub(super) fn sends(self, all: &[Statement<'_>]) {
        (self.watch)(&Step::Sends {
            file: self.file,
            statements: all.len(),
        });
    }

    /// Tells that a statement is noted as done, and not run.
    #[cfg(feature = "native")]
    pub(super) fn was_done(self, statement: &Statement<'_>) {
        (self.watch)(&Step::WasDone {
            file: self.file,
            statement: statement.number,
            line: statement.line,
        });
    }
}

impl fmt::Display for File<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} of {})", self.name, self.at, self.of)
    }
}

impl fmt::Display for Step<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Runs {
                file,
                statement,
                statements,
            } => write!(f, "{PASSING} {file}, statement {statement} of {statements}"),
            Self::Sends { file, statements } => {
                write!(f, "{PASSING} {file}, {statements} statements at once")
            }
            Self::WasDone {
                file,
                statement,
                line,
            } => write!(
                f,
                "resumed: {}, statement {statement} (line {line}): noted as done, and not run again. A process had begun it and ended, and \
                 the definitions of what it names are others since: look at them if somebody else may have changed them.",
                file.name
            ),
        }
    }
}
