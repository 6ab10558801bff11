//! Mapping of PostgreSQL's errors to [`DbError`] (codes: postgresql.org/docs/current/errcodes-appendix.html).

use postgres_protocol::message::backend::ErrorResponseBody;
use tokio_postgres::error::DbError as ServerError;

use crate::DbError;
use crate::drivers::sentences;
use crate::drivers::server_options::Tls;

const PRODUCT: &str = "PostgreSQL";

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

/// Maps an error of tokio-postgres in the statement `sql`.
pub(super) fn from(error: &tokio_postgres::Error, sql: &str) -> DbError {
    use std::error::Error as _;

    if let Some(server_error) = error.as_db_error() {
        return from_server_error(server_error, sql);
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

/// The name of the table that a statement did not find, if that is its error.
pub(super) fn missing_table(error: &tokio_postgres::Error) -> Option<&str> {
    let error = error.as_db_error()?;
    if error.code().code() != "42P01" {
        return None;
    }
    quoted(error.message())
}

fn from_server_error(error: &ServerError, sql: &str) -> DbError {
    Fields {
        code: error.code().code(),
        message: error.message(),
        detail: error.detail().unwrap_or(""),
        table: error.table().unwrap_or(""),
        column: error.column().unwrap_or(""),
        constraint: error.constraint().unwrap_or(""),
    }
    .to_error(sql)
}

/// Maps an error response of the log-in.
pub(super) fn from_response(body: &ErrorResponseBody, tls: &Tls) -> DbError {
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
    at_log_in(&code, &message, tls)
}

/// Maps a refusal of the log-in. It is never a failure of the site, whatever the code.
fn at_log_in(code: &str, message: &str, tls: &Tls) -> DbError {
    // PostgreSQL says `no encryption`, formerly `SSL off`; services and poolers have words of their own.
    let words = message.to_ascii_lowercase();
    let is_about_encryption = ["encrypt", "ssl", "tls", "insecure"]
        .iter()
        .any(|word| words.contains(word));
    if *tls == Tls::Off && is_about_encryption {
        return sentences::encrypted_only(PRODUCT);
    }
    match code {
        "28000" if words.contains("pg_hba.conf") => DbError::Refused {
            reason: "The PostgreSQL server accepts no connection from here with this user and database: pg_hba.conf decides \
                     that."
                .to_owned(),
            detail: format!("{code} {message}"),
        },
        "28P01" | "28000" => DbError::Unavailable(
            "The PostgreSQL server refused the user or the password: check both in the database's URL."
                .to_owned(),
        ),
        "3D000" => DbError::Unavailable(
            "The PostgreSQL server has no such database: create it, or correct its name in the database's URL."
                .to_owned(),
        ),
        // Too many connections, starting, stopping, or a broken line to a pooler's server: another attempt may work.
        "53300" | "57P01" | "57P02" | "57P03" | "58000" | "08000" | "08001" | "08003" | "08006" => {
            DbError::Lost(message.to_owned())
        }
        "42501" => missing_right(message, "CONNECT"),
        _ => sentences::refused(PRODUCT, format!("{code} {message}")),
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
    /// Maps the error of the statement `sql`. What is not listed is a mistake in a statement: a failure of the site.
    fn to_error(&self, sql: &str) -> DbError {
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
            // A table, a column, a schema, a function or another object.
            "42P01" | "42703" | "3F000" | "42883" | "42704" => unavailable(&format!(
                "The database lacks what this needs{}",
                sentences::NOT_MIGRATED
            )),
            "42501" => missing_right(message, verb(sql)),
            "57014" | "25P04" => DbError::Timeout(message.to_owned()),
            // Refused or closed for now: another connection may work.
            "53300" | "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "58000" => {
                DbError::Lost(message.to_owned())
            }
            // A replica that had to apply a change which the statement was in the way of.
            "40001" | "40P01" if message.contains("recovery") => DbError::Lost(message.to_owned()),
            "40001" | "40P01" => sentences::conflict(),
            "25006" => sentences::read_only(),
            "53100" | "53200" | "53400" | "53000" => sentences::no_space(),
            "55P03" => sentences::locked(),
            code if code.starts_with("08") => DbError::Lost(message.to_owned()),
            // Not in a state for this; refused by an operator.
            code if code.starts_with("55") || code.starts_with("57") => {
                sentences::busy(format!("{code} {message}"))
            }
            code if code.starts_with("28") => {
                sentences::missing_some_right(format!("{code} {message}"))
            }
            // The system's own errors, a foreign server's, a snapshot's, a configuration's, and internal ones.
            code if ["58", "HV", "72", "F0", "XX"]
                .iter()
                .any(|class| code.starts_with(class)) =>
            {
                sentences::broken(format!("{code} {message}"))
            }
            code => DbError::Driver(format!("{code} {message}")),
        }
    }
}

/// The right that a statement needs on a table.
fn verb(sql: &str) -> &'static str {
    let first = sql.split_whitespace().next().unwrap_or_default();
    ["INSERT", "UPDATE", "DELETE", "CREATE"]
        .into_iter()
        .find(|verb| first.eq_ignore_ascii_case(verb))
        .unwrap_or("SELECT")
}

/// Names the right and its object from `permission denied for table posts`.
fn missing_right(message: &str, verb: &str) -> DbError {
    let object = message.strip_prefix("permission denied for ");
    let Some((kind, name)) = object.and_then(|object| object.split_once(' ')) else {
        return sentences::missing_some_right(message.to_owned());
    };
    let right = match (kind, verb) {
        ("schema", "CREATE") => "CREATE",
        ("schema" | "sequence" | "type" | "language", _) => "USAGE",
        ("function" | "procedure" | "routine", _) => "EXECUTE",
        (_, verb) => verb,
    };
    sentences::missing_right(right, &format!("the {kind} {}", name.trim_matches('"')))
}

/// The error for a table in a schema that the user may not use, which PostgreSQL passes over.
pub(super) fn hidden_in(schema: &str) -> DbError {
    sentences::missing_right("USAGE", &format!("the schema {schema}"))
}

/// The quotation marks of the languages that PostgreSQL speaks; which one opens depends on the language.
const QUOTES: [char; 6] = ['"', '\u{ab}', '\u{bb}', '\u{201c}', '\u{201d}', '\u{201e}'];

/// The name in quotes, without its schema.
fn quoted(message: &str) -> Option<&str> {
    let from = message.find(QUOTES)?;
    let inner = &message[from + message[from..].chars().next()?.len_utf8()..];
    let name = inner.split(QUOTES).next()?.trim_matches(['\u{a0}', ' ']);
    name.rsplit('.').next()
}

/// The first column in `Key (email)=(…) already exists.`
fn key_column(detail: &str) -> Option<&str> {
    let rest = detail.strip_prefix("Key (")?;
    rest.split([')', ',']).next().map(str::trim)
}

#[cfg(test)]
mod tests;
