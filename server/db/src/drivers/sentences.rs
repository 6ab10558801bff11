//! Sentences about a database that cannot be used, which the tables of codes of all engines share.
//!
//! A sentence says what happened and what to mend, in words for everybody: it names tables and rights, and no address, no
//! user and no value.

use crate::DbError;

/// A right that the database's user lacks; `object` is what it is for, such as `the table posts`.
pub(super) fn missing_right(right: &str, object: &str) -> DbError {
    DbError::Unavailable(format!(
        "The database's user lacks the right {right} on {object}: grant it."
    ))
}

/// A right that only the server's own words name.
pub(super) fn missing_some_right(detail: String) -> DbError {
    DbError::Refused {
        reason: "The database's user lacks a right that this needs; the log says what the server named. Grant it.".to_owned(),
        detail,
    }
}

/// The end of a sentence about what a database lacks. A migration that fails leaves it out.
pub(crate) const NOT_MIGRATED: &str = ": its migrations are not applied. Run `cargo x db migrate`.";

/// A table that does not exist.
pub(super) fn no_table(name: &str) -> DbError {
    lacking("table", name)
}

/// A column that does not exist.
pub(super) fn no_column(name: &str) -> DbError {
    lacking("column", name)
}

fn lacking(kind: &str, name: &str) -> DbError {
    DbError::Unavailable(format!("The database has no {kind} {name}{NOT_MIGRATED}"))
}

/// A database that takes no writes.
pub(super) fn read_only() -> DbError {
    DbError::Unavailable("The database accepts no writes now: it is read-only.".to_owned())
}

/// A server without disk or memory.
pub(super) fn no_space() -> DbError {
    DbError::Unavailable("The database has no space or memory left for this.".to_owned())
}

/// A lock that another session holds.
pub(super) fn locked() -> DbError {
    DbError::Unavailable("Another session locks what this needs for too long.".to_owned())
}

/// Two transactions that cannot both be done.
pub(super) fn conflict() -> DbError {
    DbError::Conflict(
        "Another transaction changed the same rows at the same time; nothing was done.".to_owned(),
    )
}

/// A server that has failed inside.
pub(super) fn broken(detail: String) -> DbError {
    DbError::Refused {
        reason: "The database server failed inside; its own log says why.".to_owned(),
        detail,
    }
}

/// A database that is busy with something else, such as a restore.
pub(super) fn busy(detail: String) -> DbError {
    DbError::Refused {
        reason: "The database is busy with something else: this can be tried again.".to_owned(),
        detail,
    }
}

/// A server that takes no unencrypted connection.
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(super) fn encrypted_only(product: &str) -> DbError {
    DbError::Unavailable(format!(
        "The {product} server takes only encrypted connections: remove `sslmode=disable` from the database's URL."
    ))
}

/// A log-in that failed for a reason that only the server's own words tell.
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(super) fn refused(product: &str, detail: String) -> DbError {
    DbError::Refused {
        reason: format!(
            "The {product} server refused the connection; the log says why. Check the database's URL and the server."
        ),
        detail,
    }
}

/// A log-in in a way that is not supported. `methods` are those that are.
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(super) fn unknown_log_in(product: &str, method: &str, methods: &str) -> DbError {
    DbError::Unavailable(format!(
        "The {product} server wants the user to log in by {method}, which is not supported: give the database's user \
         {methods}."
    ))
}
