//! Logging of statements, to find slow ones. Parameters are logged by kind and size only: their values may be private.

use std::fmt::Write as _;
use std::time::Duration;

use crate::{DbError, Rows, Statement, Value};

/// Logs the statements of one round trip, and their outcome.
pub(crate) fn statements(
    statements: &[Statement],
    rows: Result<&[Rows], &DbError>,
    took: Duration,
) {
    let took = took.as_secs_f64() * 1000.0;
    match rows {
        Ok(rows) => log::info!(
            "sql {took:.2} ms, {} in one round trip",
            statements.len().max(rows.len())
        ),
        Err(error) => log::info!("sql {took:.2} ms, failed: {error}"),
    }
    for (n, statement) in statements.iter().enumerate() {
        let outcome = rows.ok().and_then(|rows| rows.get(n));
        let (found, affected) = outcome.map_or((0, 0), |rows| (rows.len(), rows.affected));
        log::info!(
            "sql {} ({}) -> {found} rows, {affected} changed",
            statement.sql,
            redacted(&statement.values)
        );
    }
}

fn redacted(values: &[Value]) -> String {
    let mut out = String::new();
    for value in values {
        if !out.is_empty() {
            out.push_str(", ");
        }
        out.push_str(value.kind());
        if let Some(size) = value.size() {
            // Writing to a String cannot fail.
            let _ = write!(out, " of {size} bytes");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logged_parameters_show_no_values() {
        let values = [
            Value::Text("secret".into()),
            Value::Bytes(vec![7; 3]),
            Value::Int(4711),
            Value::Null,
        ];
        assert_eq!(
            redacted(&values),
            "text of 6 bytes, bytes of 3 bytes, a whole number, NULL"
        );
    }
}
