//! Mapping of PostgreSQL's errors to [`DbError`] (codes: postgresql.org/docs/current/errcodes-appendix.html).

use postgres_protocol::message::backend::ErrorResponseBody;
use tokio_postgres::error::DbError as ServerError;

use crate::DbError;

/// The error for a connection that broke.
pub(super) fn lost(error: std::io::Error) -> DbError {
    DbError::Lost(error.to_string())
}

/// The error for a server that does not speak the protocol.
pub(super) fn not_postgres() -> DbError {
    DbError::Lost(
        "the server at this address does not speak the PostgreSQL protocol; check host and port in the database's URL"
            .to_owned(),
    )
}

/// Maps an error of tokio-postgres.
pub(super) fn from(error: &tokio_postgres::Error) -> DbError {
    use std::error::Error as _;

    if let Some(server_error) = error.as_db_error() {
        return from_server_error(server_error);
    }
    let mut cause = error.to_string();
    if let Some(source) = error.source() {
        cause = format!("{cause}: {source}");
        if source.is::<std::io::Error>() {
            return DbError::Lost(cause);
        }
    }
    // Only the text tells whether the server or a value was at fault.
    let is_server_error = ["unexpected message", "error parsing response"]
        .iter()
        .any(|words| cause.starts_with(words));
    if error.is_closed() || is_server_error {
        DbError::Lost(cause)
    } else {
        DbError::Driver(cause)
    }
}

fn from_server_error(error: &ServerError) -> DbError {
    Fields {
        code: error.code().code(),
        message: error.message(),
        detail: error.detail().unwrap_or(""),
        table: error.table().unwrap_or(""),
        column: error.column().unwrap_or(""),
        constraint: error.constraint().unwrap_or(""),
    }
    .to_error()
}

/// Maps an error response of the log-in.
pub(super) fn from_response(body: &ErrorResponseBody) -> DbError {
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
            "The PostgreSQL server refused the user or the password: check both in the database's URL."
                .to_owned(),
        ),
        "3D000" => DbError::Unavailable(
            "The PostgreSQL server has no such database: create it, or correct its name in the database's URL."
                .to_owned(),
        ),
        _ => Fields {
            code: &code,
            message: &message,
            ..Fields::default()
        }
        .to_error(),
    }
}

/// The fields of an error response.
#[derive(Default)]
struct Fields<'a> {
    code: &'a str,
    message: &'a str,
    detail: &'a str,
    table: &'a str,
    column: &'a str,
    constraint: &'a str,
}

impl Fields<'_> {
    fn to_error(&self) -> DbError {
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
                "The database lacks tables that this version needs: its migrations are not applied. Run \
                 `cargo x db migrate`.",
            ),
            "57014" => DbError::Timeout(message.to_owned()),
            // Refused or closed for now: another connection may work.
            "53300" | "57P01" | "57P02" | "57P03" | "58000" => DbError::Lost(message.to_owned()),
            "25006" => unavailable("The database accepts no writes now: it is read-only."),
            "53100" | "53200" | "53400" => {
                unavailable("The database server is out of space or memory.")
            }
            "40001" | "40P01" => unavailable(
                "Another transaction changed the same rows at the same time; nothing was done.",
            ),
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
    fn codes_are_mapped() {
        let mapped = |code| {
            Fields {
                code,
                message: "m",
                detail: "Key (email)=(a@b) already exists.",
                table: "users",
                column: "name",
                constraint: "users_email_key",
            }
            .to_error()
        };
        assert_eq!(
            mapped("23505"),
            DbError::Unique {
                table: "users".into(),
                column: "email".into()
            }
        );
        assert_eq!(mapped("23502"), DbError::Check("users.name".into()));
        assert!(
            matches!(mapped("42P01"), DbError::Unavailable(why) if why.contains("cargo x db migrate"))
        );
        assert!(matches!(mapped("57P01"), DbError::Lost(_)));
        assert!(matches!(mapped("57014"), DbError::Timeout(_)));
        assert!(matches!(mapped("25006"), DbError::Unavailable(_)));
        assert_eq!(mapped("22012"), DbError::Driver("22012 m".into()));
    }
}
