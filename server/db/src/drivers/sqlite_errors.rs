//! Mapping of SQLite's errors to [`DbError`], natively and through D1.

use super::sentences;
use crate::DbError;

/// Maps SQLite's own message.
pub(super) fn from_message(message: &str) -> DbError {
    if let Some(columns) = after(message, "UNIQUE constraint failed: ") {
        let first = columns.split([',', ':']).next().unwrap_or(columns).trim();
        let (table, column) = first.split_once('.').unwrap_or(("", first));
        return DbError::Unique {
            table: table.to_owned(),
            column: column.to_owned(),
        };
    }
    if message.contains("FOREIGN KEY constraint failed") {
        return DbError::ForeignKey("a row refers to one that does not exist".to_owned());
    }
    for rule in ["CHECK constraint failed: ", "NOT NULL constraint failed: "] {
        if let Some(name) = after(message, rule) {
            return DbError::Check(name.split(':').next().unwrap_or(name).trim().to_owned());
        }
    }
    let name = |rest: &str| rest.split(':').next().unwrap_or(rest).trim().to_owned();
    if let Some(table) = after(message, "no such table: ") {
        return sentences::no_table(&name(table));
    }
    if let Some(column) = after(message, "no such column: ") {
        return sentences::no_column(&name(column));
    }
    let state = STATES
        .iter()
        .find(|state| state.words.iter().any(|words| message.contains(words)));
    state.map_or_else(
        || DbError::Driver(message.to_owned()),
        |state| (state.error)(message),
    )
}

/// The error of messages that hold any of some words.
struct State {
    words: &'static [&'static str],
    error: fn(&str) -> DbError,
}

/// The states of a database in which a good statement fails, and the limits of one. The first that fits is taken.
///
/// D1's messages: developers.cloudflare.com/d1/observability/debug-d1/#error-list and, for limits of an account,
/// developers.cloudflare.com/d1/platform/limits. SQLite's: sqlite.org/rescode.html.
const STATES: &[State] = &[
    State {
        words: &["string or blob too big", "SQLITE_TOOBIG"],
        error: |_| DbError::TooLarge("a value is larger than the database allows".to_owned()),
    },
    State {
        words: &["too many SQL variables", "statement too long"],
        error: |message| DbError::TooLarge(message.to_owned()),
    },
    // The statement asks too much of D1: again, it would ask as much.
    State {
        words: &[
            "storage operation exceeded timeout",
            "exceeded its memory limit",
            "exceeded its CPU time limit",
        ],
        error: |message| {
            DbError::Timeout(format!(
                "D1 stopped the statement, which takes too much: {message}"
            ))
        },
    },
    // D1 is restarting or cannot be reached, or has not begun because too much is waiting. D1 itself asks again too, but not
    // from here.
    State {
        words: &[
            "reset because its code was updated",
            "caused object to be reset",
            "Network connection lost",
            "due to transient issue on remote node",
            "Can't read from request stream because client disconnected",
            "is overloaded",
            "internal error",
            "Internal error",
            "Failed to parse body as JSON",
            "no longer active. Reconnect or retry",
        ],
        error: |message| DbError::Lost(message.to_owned()),
    },
    State {
        words: &[
            "long-running import",
            "long-running export",
            "database is locked",
            "database table is locked",
        ],
        error: |_| sentences::busy(),
    },
    State {
        words: &[
            "Exceeded maximum DB size",
            "maximum account storage limit",
            "database or disk is full",
            "out of memory",
        ],
        error: |_| sentences::no_space(),
    },
    State {
        words: &[
            "exceeded the daily",
            "Exceeded daily",
            "Too many API requests",
        ],
        error: |_| {
            DbError::Unavailable(
                "Cloudflare's limit for this account or this request is reached: the dashboard names it.".to_owned(),
            )
        },
    },
    State {
        words: &["attempt to write a readonly database"],
        error: |_| sentences::read_only(),
    },
    State {
        words: &[
            "disk I/O error",
            "database disk image is malformed",
            "file is not a database",
            "unable to open database file",
        ],
        error: |message| {
            DbError::Unavailable(format!("The database's file cannot be used: {message}."))
        },
    },
    State {
        words: &["timed out", "timeout"],
        error: |message| DbError::Timeout(message.to_owned()),
    },
];

fn after<'a>(message: &'a str, marker: &str) -> Option<&'a str> {
    message.split_once(marker).map(|(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_sqlite_and_d1() {
        let unique = DbError::Unique {
            table: "users".into(),
            column: "email".into(),
        };
        assert_eq!(
            from_message("UNIQUE constraint failed: users.email"),
            unique
        );
        assert_eq!(
            from_message("D1_ERROR: UNIQUE constraint failed: users.email: SQLITE_CONSTRAINT"),
            unique
        );
        assert_eq!(
            from_message(
                "D1_ERROR: CHECK constraint failed: posts_status_check: SQLITE_CONSTRAINT"
            ),
            DbError::Check("posts_status_check".into())
        );
        assert!(
            matches!(from_message("D1_ERROR: no such table: posts: SQLITE_ERROR"),
            DbError::Unavailable(text) if text.contains("no table posts:") && text.contains("cargo x db migrate"))
        );
    }

    #[test]
    fn passing_failures_of_d1_may_be_asked_again() {
        for message in [
            "D1 DB reset because its code was updated.",
            "Internal error while starting up D1 DB storage caused object to be reset.",
            "Internal error in D1 DB storage caused object to be reset.",
            "Network connection lost.",
            "Cannot resolve D1 DB due to transient issue on remote node.",
            "Can't read from request stream because client disconnected.",
            "D1 DB is overloaded. Requests queued for too long.",
            "D1 DB is overloaded. Too many requests queued.",
            "internal error; reference = 8fn2k1",
            "Failed to parse body as JSON, got: error code: 1101",
        ] {
            for message in [message.to_owned(), format!("D1_ERROR: {message}")] {
                assert!(
                    matches!(from_message(&message), DbError::Lost(_)),
                    "{message}"
                );
            }
        }
    }

    #[test]
    fn states_of_a_database_are_not_failures_of_the_site() {
        for message in [
            "D1 DB storage operation exceeded timeout which caused object to be reset.",
            "D1 DB's isolate exceeded its memory limit and was reset.",
            "D1 DB exceeded its CPU time limit and was reset.",
            "Currently processing a long-running export.",
            "Exceeded maximum DB size",
            "Your account has exceeded D1's maximum account storage limit, please contact Cloudflare to raise your limit",
            "Too many API requests by single worker invocation.",
            "You have exceeded the daily D1 read operations limit for the free tier.",
            "attempt to write a readonly database: SQLITE_READONLY",
            "database is locked",
            "disk I/O error",
            "database disk image is malformed",
            "database or disk is full",
        ] {
            let error = from_message(&format!("D1_ERROR: {message}"));
            assert!(error.is_unavailable(), "{message}: {error:?}");
            assert!(
                !matches!(error, DbError::Lost(_)),
                "{message}: asked again in vain"
            );
        }
        for message in [
            "near \"SELEC\": syntax error: SQLITE_ERROR",
            "no such function: nonsense: SQLITE_ERROR",
        ] {
            assert!(!from_message(message).is_unavailable(), "{message}");
        }
    }
}
