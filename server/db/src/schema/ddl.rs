//! The declared schema as DDL, in an engine's own types.

use std::fmt::Write as _;

use super::{Column, TABLES, Table};
use crate::Dialect;
use crate::value::Kind;

/// The whole schema as SQL, parents first: what the first migration contains.
pub fn create_all(dialect: Dialect) -> String {
    let mut sql =
        String::from("-- Rendered from the declared schema (server/db/src/schema/tables.rs).\n");
    for table in TABLES {
        sql.push('\n');
        sql.push_str(&create(dialect, table));
    }
    sql
}

/// One table with its indexes and its full-text search as SQL.
pub fn create(dialect: Dialect, table: &Table) -> String {
    let mut sql = String::new();
    create_table(&mut sql, dialect, table);
    for columns in table.indexes {
        let name = format!("{}_{}_idx", table.name, columns.join("_"));
        let _ = writeln!(
            sql,
            "CREATE INDEX {name} ON {} ({});",
            table.name,
            columns.join(", ")
        );
    }
    if let Some(column) = table.search {
        create_search(&mut sql, dialect, table, column);
    }
    sql
}

fn create_table(sql: &mut String, dialect: Dialect, table: &Table) {
    let mut parts: Vec<String> = Vec::new();
    if dialect == Dialect::Sqlite && table.search.is_some() {
        // FTS5 knows rows by number; a declared one survives VACUUM, the hidden one does not.
        parts.push("search_id INTEGER PRIMARY KEY".to_owned());
    }
    for column in table.columns {
        parts.push(column_line(dialect, table, column));
    }
    for column in table.columns.iter().filter(|column| column.is_unique) {
        parts.push(format!(
            "CONSTRAINT {}_{}_key UNIQUE ({})",
            table.name, column.name, column.name
        ));
    }
    for column in table.columns {
        if let Some((parent, key)) = column.references {
            let name = format!("{}_{}_fkey", table.name, column.name);
            parts.push(format!(
                "CONSTRAINT {name} FOREIGN KEY ({}) REFERENCES {parent} ({key}) ON DELETE CASCADE",
                column.name
            ));
        }
        if let Some(words) = column.words {
            let list = words
                .iter()
                .map(|word| format!("'{word}'"))
                .collect::<Vec<_>>()
                .join(", ");
            let name = format!("{}_{}_check", table.name, column.name);
            parts.push(format!(
                "CONSTRAINT {name} CHECK ({} IN ({list}))",
                column.name
            ));
        }
    }
    let _ = writeln!(
        sql,
        "CREATE TABLE {} (\n  {}\n){};",
        table.name,
        parts.join(",\n  "),
        table_options(dialect)
    );
}

/// MySQL compares text by its server's own rules, where a letter equals its capital and its accented form: here bytes are
/// compared, as on the other engines.
fn table_options(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite | Dialect::Postgres => "",
        Dialect::MySql => " ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    }
}

fn column_line(dialect: Dialect, table: &Table, column: &Column) -> String {
    let mut line = format!(
        "{} {}",
        quoted(dialect, column.name),
        type_of(dialect, column)
    );
    if !column.nullable {
        line.push_str(" NOT NULL");
    }
    if column.is_key {
        // A SQLite table that is searched has its row number for a primary key.
        let by_number = dialect == Dialect::Sqlite && table.search.is_some();
        line.push_str(if by_number { " UNIQUE" } else { " PRIMARY KEY" });
    }
    line
}

/// The one column name that an engine reserves.
fn quoted(dialect: Dialect, name: &str) -> String {
    match (dialect, name) {
        (Dialect::MySql, "key") => "`key`".to_owned(),
        _ => name.to_owned(),
    }
}

fn type_of(dialect: Dialect, column: &Column) -> String {
    let fixed = match (dialect, column.kind) {
        (Dialect::Sqlite, Kind::Text | Kind::Uuid) => "TEXT",
        (Dialect::Sqlite, Kind::Bool | Kind::Int | Kind::Time) => "INTEGER",
        (Dialect::Sqlite, Kind::Float) => "REAL",
        (Dialect::Sqlite, Kind::Bytes) => "BLOB",
        (Dialect::Postgres, Kind::Text) => "text",
        (Dialect::Postgres, Kind::Uuid) => "uuid",
        (Dialect::Postgres, Kind::Bool) => "boolean",
        (Dialect::Postgres, Kind::Int) => "bigint",
        (Dialect::Postgres, Kind::Time) => "timestamptz(3)",
        (Dialect::Postgres, Kind::Float) => "double precision",
        (Dialect::Postgres, Kind::Bytes) => "bytea",
        (Dialect::MySql, Kind::Text) => {
            return column
                .max
                .map_or_else(|| "LONGTEXT".to_owned(), |max| format!("VARCHAR({max})"));
        }
        (Dialect::MySql, Kind::Uuid) => "CHAR(36) CHARACTER SET ascii",
        (Dialect::MySql, Kind::Bool) => "TINYINT(1)",
        (Dialect::MySql, Kind::Int) => "BIGINT",
        (Dialect::MySql, Kind::Time) => "DATETIME(3)",
        (Dialect::MySql, Kind::Float) => "DOUBLE",
        (Dialect::MySql, Kind::Bytes) => "LONGBLOB",
    };
    fixed.to_owned()
}

fn create_search(sql: &mut String, dialect: Dialect, table: &Table, column: &str) {
    let name = table.name;
    match dialect {
        Dialect::Sqlite => {
            let _ = write!(
                sql,
                "CREATE VIRTUAL TABLE {name}_fts USING fts5({column}, content='{name}', content_rowid='search_id', \
                 tokenize='unicode61 remove_diacritics 2', prefix='2 3');\n\
                 CREATE TRIGGER {name}_fts_insert AFTER INSERT ON {name} BEGIN\n  \
                 INSERT INTO {name}_fts (rowid, {column}) VALUES (new.search_id, new.{column});\nEND;\n\
                 CREATE TRIGGER {name}_fts_delete AFTER DELETE ON {name} BEGIN\n  \
                 INSERT INTO {name}_fts ({name}_fts, rowid, {column}) VALUES ('delete', old.search_id, old.{column});\nEND;\n\
                 CREATE TRIGGER {name}_fts_update AFTER UPDATE OF {column} ON {name} BEGIN\n  \
                 INSERT INTO {name}_fts ({name}_fts, rowid, {column}) VALUES ('delete', old.search_id, old.{column});\n  \
                 INSERT INTO {name}_fts (rowid, {column}) VALUES (new.search_id, new.{column});\nEND;\n"
            );
        }
        Dialect::Postgres => {
            let _ = writeln!(
                sql,
                "CREATE INDEX {name}_{column}_idx ON {name} USING gin (to_tsvector('simple', {column}));"
            );
        }
        Dialect::MySql => {
            let _ = writeln!(
                sql,
                "CREATE FULLTEXT INDEX {name}_{column}_idx ON {name} ({column});"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_migrations_are_the_declared_schema() {
        for dialect in Dialect::ALL {
            let path = format!(
                "{}/../../migrations/{}/0001_initial.sql",
                env!("CARGO_MANIFEST_DIR"),
                dialect.name()
            );
            let written = std::fs::read_to_string(&path).unwrap_or_default();
            let rendered = create_all(dialect);
            if std::env::var_os("UPDATE_MIGRATIONS").is_some() {
                std::fs::write(&path, &rendered).expect("the migration can be written");
            } else {
                assert!(
                    written == rendered,
                    "{path} is not the declared schema; UPDATE_MIGRATIONS=1 writes it"
                );
            }
        }
    }

    #[test]
    fn every_reference_cascades_to_a_declared_key_and_has_an_index() {
        for table in TABLES {
            for column in table.columns {
                let Some((parent, key)) = column.references else {
                    continue;
                };
                let target = TABLES
                    .iter()
                    .find(|t| t.name == parent)
                    .and_then(|t| t.columns.iter().find(|c| c.name == key));
                assert!(
                    target.is_some_and(|c| c.is_key),
                    "{}.{} refers to no key",
                    table.name,
                    column.name
                );
                let indexed = table
                    .indexes
                    .iter()
                    .any(|columns| columns.first() == Some(&column.name));
                assert!(
                    indexed,
                    "{}.{} needs an index: its parent's deletion looks it up",
                    table.name, column.name
                );
            }
        }
    }

    #[test]
    fn names_are_plain_snake_case() {
        for name in TABLES
            .iter()
            .flat_map(|t| t.columns.iter().map(|c| c.name).chain([t.name]))
        {
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
                "{name}"
            );
        }
    }
}
