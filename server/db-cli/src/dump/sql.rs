//! Rows as INSERT statements, which the engine's own client takes: `sqlite3` and wrangler, `psql`, `mariadb` and `mysql`.

use std::fs::File;
use std::io::{BufWriter, Write};

use anyhow::Result;
use db::schema::Table;
use db::{Dialect, Value};

use super::line::hex;

/// The most rows of a statement.
const MAX_ROWS: usize = 100;
/// The bytes after which a statement ends. D1 takes statements of 100,000.
const MAX_BYTES: usize = 64_000;

/// Writes a file of SQL.
pub(super) struct SqlWriter {
    output: BufWriter<File>,
    dialect: Dialect,
    /// The statement that is being made, and the number of its rows.
    statement: String,
    rows: usize,
}

impl SqlWriter {
    /// Begins the file.
    ///
    /// # Errors
    /// The disk's.
    pub(super) fn create(file: File, dialect: Dialect, is_anonymised: bool) -> Result<Self> {
        let mut output = BufWriter::new(file);
        let anonymised = if is_anonymised { ", anonymised" } else { "" };
        writeln!(
            output,
            "-- The rows of a site{anonymised}, for an empty database of {} with the same migrations.",
            dialect.name()
        )?;
        output.write_all(
            match dialect {
                // wrangler takes these words out, and no others: D1 runs a file as one.
                Dialect::Sqlite => "PRAGMA foreign_keys = ON;\nBEGIN TRANSACTION;\n",
                Dialect::Postgres => {
                    "SET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\nBEGIN;\n"
                }
                Dialect::MySql => {
                    "SET NAMES utf8mb4;\nSET SESSION sql_mode = 'TRADITIONAL,NO_ENGINE_SUBSTITUTION';\nSTART TRANSACTION;\n"
                }
            }
            .as_bytes(),
        )?;
        Ok(Self {
            output,
            dialect,
            statement: String::new(),
            rows: 0,
        })
    }

    /// Adds a row.
    pub(super) fn row(&mut self, table: &Table, row: &[Value]) -> Result<()> {
        let values: Vec<String> = row
            .iter()
            .map(|value| literal(self.dialect, value))
            .collect();
        let values = format!("({})", values.join(", "));
        if self.rows == MAX_ROWS || self.statement.len() + values.len() > MAX_BYTES {
            self.end()?;
        }
        if self.rows == 0 {
            let quote = match self.dialect {
                Dialect::MySql => '`',
                Dialect::Sqlite | Dialect::Postgres => '"',
            };
            let names = table
                .columns
                .iter()
                .map(|column| format!("{quote}{}{quote}", column.name));
            let names = names.collect::<Vec<_>>().join(", ");
            self.statement = format!("INSERT INTO {} ({names}) VALUES\n{values}", table.name);
        } else {
            self.statement.push_str(",\n");
            self.statement.push_str(&values);
        }
        self.rows += 1;
        Ok(())
    }

    /// Ends the statement.
    pub(super) fn end(&mut self) -> Result<()> {
        if self.rows > 0 {
            self.statement.push_str(";\n");
            self.output.write_all(self.statement.as_bytes())?;
        }
        self.statement.clear();
        self.rows = 0;
        Ok(())
    }

    /// Ends the file, and returns once it is on the disk.
    pub(super) fn finish(mut self) -> Result<()> {
        self.end()?;
        self.output.write_all(b"COMMIT;\n")?;
        let file = self
            .output
            .into_inner()
            .map_err(|error| error.into_error())?;
        file.sync_all()?;
        Ok(())
    }
}

fn literal(dialect: Dialect, value: &Value) -> String {
    match (value, dialect) {
        (Value::Null, _) => "NULL".to_owned(),
        (Value::Bool(truth), Dialect::Postgres) => truth.to_string(),
        (Value::Bool(truth), _) => u8::from(*truth).to_string(),
        (Value::Int(number), _) => number.to_string(),
        (Value::Float(number), _) => format!("{number:?}"),
        (Value::Text(text), Dialect::Sqlite) => sqlite_text(text),
        (Value::Text(text), Dialect::Postgres) => quoted(text),
        (Value::Text(text), Dialect::MySql) => mysql_text(text),
        (Value::Bytes(bytes), Dialect::Postgres) => format!("'\\x{}'", hex(bytes)),
        (Value::Bytes(bytes), _) => format!("X'{}'", hex(bytes)),
        (Value::Uuid(id), _) => format!("'{id}'"),
        (Value::Time(time), Dialect::Sqlite) => time.as_millis().to_string(),
        (Value::Time(time), Dialect::Postgres) => format!("'{}'", time.rfc3339()),
        (Value::Time(time), Dialect::MySql) => {
            let text = time.rfc3339();
            format!("'{}'", text.trim_end_matches('Z').replace('T', " "))
        }
    }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A text for the shell of SQLite, which takes `\r\n` for `\n`, and for wrangler, which takes words of transactions out of
/// texts too: in their places stand names that the text does not have.
fn sqlite_text(text: &str) -> String {
    let mut literal = quoted(text);
    for (part, value) in [
        ("\r", "char(13)"),
        ("BEGIN TRANSACTION", "'BEGIN'||' TRANSACTION'"),
        ("COMMIT;", "'COMMIT'||';'"),
    ] {
        if text.contains(part) {
            let numbers = 0..;
            let mut names = numbers.map(|n| format!("\\r{n}"));
            let name = names.find(|name| !literal.contains(name.as_str()));
            let name = name.unwrap_or_default();
            literal = format!(
                "replace({}, '{name}', {value})",
                literal.replace(part, &name)
            );
        }
    }
    literal
}

fn mysql_text(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('\'');
    for character in text.chars() {
        match character {
            '\'' => literal.push_str("''"),
            '\\' => literal.push_str("\\\\"),
            '\r' => literal.push_str("\\r"),
            '\n' => literal.push_str("\\n"),
            '\u{1a}' => literal.push_str("\\Z"),
            other => literal.push(other),
        }
    }
    literal.push('\'');
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_literals_of_each_dialect() {
        let text = |dialect, text: &str| literal(dialect, &Value::Text(text.to_owned()));
        for (given, sqlite, postgres, mysql) in [
            ("it's", "'it''s'", "'it''s'", "'it''s'"),
            ("a\\b", r"'a\b'", r"'a\b'", r"'a\\b'"),
            (
                "a\r\nb",
                "replace('a\\r0\nb', '\\r0', char(13))",
                "'a\r\nb'",
                "'a\\r\\nb'",
            ),
            (
                "\\r0\r",
                "replace('\\r0\\r1', '\\r1', char(13))",
                "'\\r0\r'",
                "'\\\\r0\\r'",
            ),
            (
                "COMMIT;",
                "replace('\\r0', '\\r0', 'COMMIT'||';')",
                "'COMMIT;'",
                "'COMMIT;'",
            ),
            (
                "\rBEGIN TRANSACTION;",
                "replace(replace('\\r0\\r1;', '\\r0', char(13)), '\\r1', 'BEGIN'||' TRANSACTION')",
                "'\rBEGIN TRANSACTION;'",
                "'\\rBEGIN TRANSACTION;'",
            ),
        ] {
            assert_eq!(text(Dialect::Sqlite, given), sqlite);
            assert_eq!(text(Dialect::Postgres, given), postgres);
            assert_eq!(text(Dialect::MySql, given), mysql);
        }
    }
}
