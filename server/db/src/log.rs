//! Statements in the log, for whoever looks for a slow one. Parameters are told by their kinds and sizes: values may be
//! private.

use std::fmt::Write as _;
use std::time::Duration;

use crate::{DbError, Rows, Statement, Value};

/// Logs what was asked together, and what came of it.
pub(crate) fn statements(
    statements: &[Statement],
    rows: Result<&[Rows], &DbError>,
    took: Duration,
) {
    let took = took.as_secs_f64() * 1000.0;
    match rows {
        Ok(rows) => log::info!(
            "sql {took:.2} ms, {} together",
            statements.len().max(rows.len())
        ),
        Err(error) => log::info!("sql {took:.2} ms, failed: {error}"),
    }
    for (n, statement) in statements.iter().enumerate() {
        let came = rows.ok().and_then(|rows| rows.get(n));
        let (found, affected) = came.map_or((0, 0), |rows| (rows.len(), rows.affected));
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
    fn no_value_is_shown() {
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
