//! Mapping of SQLite's errors to [`DbError`], natively and through D1.

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
    if let Some(table) = after(message, "no such table: ") {
        let table = table.split(':').next().unwrap_or(table).trim();
        return DbError::Unavailable(format!(
            "The database has no table {table}: its migrations are not applied. Run `cargo x db migrate`."
        ));
    }
    if let Some(column) = after(message, "no such column: ") {
        let column = column.split(':').next().unwrap_or(column).trim();
        return DbError::Unavailable(format!(
            "The database has no column {column}: its migrations are not applied. Run `cargo x db migrate`."
        ));
    }
    if message.contains("string or blob too big") || message.contains("SQLITE_TOOBIG") {
        return DbError::TooLarge("a value is larger than the database allows".to_owned());
    }
    if message.contains("too many SQL variables") || message.contains("statement too long") {
        return DbError::TooLarge(message.to_owned());
    }
    if message.contains("database is locked")
        || message.contains("overloaded")
        || message.contains("Network connection lost")
    {
        return DbError::Unavailable(format!(
            "The database is busy or cannot be reached: {message}"
        ));
    }
    if message.contains("timed out") || message.contains("timeout") {
        return DbError::Timeout(message.to_owned());
    }
    DbError::Driver(message.to_owned())
}

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
}
