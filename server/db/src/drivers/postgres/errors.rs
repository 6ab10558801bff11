//! What PostgreSQL says when something fails, as a [`DbError`] (codes: postgresql.org/docs/current/errcodes-appendix.html).

use postgres_protocol::message::backend::ErrorResponseBody;
use tokio_postgres::error::DbError as Told;

use crate::DbError;

/// The connection broke.
pub(super) fn lost(error: std::io::Error) -> DbError {
    DbError::Lost(error.to_string())
}

/// The other side does not speak as a PostgreSQL server does.
pub(super) fn no_postgres() -> DbError {
    DbError::Lost(
        "what answers at its address does not speak as a PostgreSQL server does; check host and port in its URL"
            .to_owned(),
    )
}

/// What tokio-postgres gives.
pub(super) fn from(error: &tokio_postgres::Error) -> DbError {
    use std::error::Error as _;

    if let Some(told) = error.as_db_error() {
        return of(told);
    }
    let mut cause = error.to_string();
    if let Some(source) = error.source() {
        cause = format!("{cause}: {source}");
        if source.is::<std::io::Error>() {
            return DbError::Lost(cause);
        }
    }
    // tokio-postgres tells by its words alone whether the server or a value was at fault.
    let is_of_the_server = ["unexpected message", "error parsing response"]
        .iter()
        .any(|words| cause.starts_with(words));
    if error.is_closed() || is_of_the_server {
        DbError::Lost(cause)
    } else {
        DbError::Driver(cause)
    }
}

fn of(told: &Told) -> DbError {
    Said {
        code: told.code().code(),
        message: told.message(),
        detail: told.detail().unwrap_or(""),
        table: told.table().unwrap_or(""),
        column: told.column().unwrap_or(""),
        constraint: told.constraint().unwrap_or(""),
    }
    .meaning()
}

/// An error that comes instead of a greeting.
pub(super) fn of_response(body: &ErrorResponseBody) -> DbError {
    use postgres_protocol::message::backend::ErrorFields;
    fn field(fields: &mut ErrorFields<'_>) -> Option<(u8, String)> {
        let field = fallible_iterator::FallibleIterator::next(fields).ok()??;
        Some((
            field.type_(),
            String::from_utf8_lossy(field.value_bytes()).into_owned(),
        ))
    }
    let mut fields = body.fields();
    let (mut code, mut message) = (String::new(), String::new());
    while let Some((kind, value)) = field(&mut fields) {
        match kind {
            b'C' => code = value,
            b'M' => message = value,
            _ => {}
        }
    }
    match code.as_str() {
        "28P01" | "28000" => DbError::Unavailable(
            "The PostgreSQL server refuses the user or the password: check both in the database's URL."
                .to_owned(),
        ),
        "3D000" => DbError::Unavailable(
            "The PostgreSQL server has no such database: create it, or mend its name in the database's URL."
                .to_owned(),
        ),
        _ => Said {
            code: &code,
            message: &message,
            ..Said::default()
        }
        .meaning(),
    }
}

/// What an error says.
#[derive(Default)]
struct Said<'a> {
    code: &'a str,
    message: &'a str,
    detail: &'a str,
    table: &'a str,
    column: &'a str,
    constraint: &'a str,
}

impl Said<'_> {
    fn meaning(&self) -> DbError {
        let message = self.message;
        let unavailable = |why: &str| DbError::Unavailable(format!("{why} ({message})"));
        match self.code {
            "23505" => DbError::Unique {
                table: self.table.to_owned(),
                column: key_column(self.detail)
                    .unwrap_or(self.constraint)
                    .to_owned(),
            },
            "23503" => DbError::ForeignKey(self.constraint.to_owned()),
            "23514" => DbError::Check(self.constraint.to_owned()),
            "23502" => DbError::Check(format!("{}.{}", self.table, self.column)),
            "22001" | "54000" | "22003" | "22008" => DbError::TooLarge(message.to_owned()),
            "42P01" | "42703" | "3F000" => unavailable(
                "The database has not the tables that this version needs: its migrations are not applied. Run \
                 `cargo x db migrate`.",
            ),
            "57014" => DbError::Timeout(message.to_owned()),
            // Refused or ended for now: another connection may be better.
            "53300" | "57P01" | "57P02" | "57P03" | "58000" => DbError::Lost(message.to_owned()),
            "25006" => unavailable("The database takes no writes now: it is read-only."),
            "53100" | "53200" | "53400" => unavailable("The database server is out of room."),
            "40001" | "40P01" => {
                unavailable("Others changed the same rows at the same time; nothing was done.")
            }
            code if code.starts_with("08") => DbError::Lost(message.to_owned()),
            code => DbError::Driver(format!("{code} {message}")),
        }
    }
}

/// The first column in `Key (email)=(…) already exists.`
fn key_column(detail: &str) -> Option<&str> {
    let rest = detail.strip_prefix("Key (")?;
    rest.split([')', ',']).next().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_a_meaning() {
        let said = |code| {
            Said {
                code,
                message: "m",
                detail: "Key (email)=(a@b) already exists.",
                table: "users",
                column: "name",
                constraint: "users_email_key",
            }
            .meaning()
        };
        assert_eq!(
            said("23505"),
            DbError::Unique {
                table: "users".into(),
                column: "email".into()
            }
        );
        assert_eq!(said("23502"), DbError::Check("users.name".into()));
        assert!(
            matches!(said("42P01"), DbError::Unavailable(why) if why.contains("cargo x db migrate"))
        );
        assert!(matches!(said("57P01"), DbError::Lost(_)));
        assert!(matches!(said("57014"), DbError::Timeout(_)));
        assert!(matches!(said("25006"), DbError::Unavailable(_)));
        assert_eq!(said("22012"), DbError::Driver("22012 m".into()));
    }
}
