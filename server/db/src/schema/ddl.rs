//! The declared schema as DDL, in each dialect's own types.

use std::fmt::Write as _;

use super::{Column, TABLES, Table};
use crate::Dialect;

/// The whole schema as SQL, parents first: what all migrations together lead to.
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
        let columns: Vec<&str> = columns.iter().map(|column| column.name).collect();
        let name = format!("{}_{}_idx", table.name, columns.join("_"));
        let _ = writeln!(
            sql,
            "CREATE INDEX {name} ON {} ({});",
            table.name,
            columns.join(", ")
        );
    }
    if let Some(column) = &table.search {
        sql.push_str(&dialect.create_search(table, column));
    }
    sql
}

fn create_table(sql: &mut String, dialect: Dialect, table: &Table) {
    // Searched rows are known by number, and that is their primary key then; the declared one is only unique.
    let row_number = table.search.and_then(|_| dialect.row_number_column());
    let key_rule = if row_number.is_some() {
        " UNIQUE"
    } else {
        " PRIMARY KEY"
    };
    let keys = table.columns.iter().filter(|column| column.is_key);
    let keys: Vec<&str> = keys.map(|column| column.name).collect();
    let mut parts: Vec<String> = row_number.map(str::to_owned).into_iter().collect();
    for column in table.columns {
        let name = dialect.ddl_name(column.name);
        let not_null = if column.is_nullable { "" } else { " NOT NULL" };
        let key = if keys == [column.name] { key_rule } else { "" };
        let default = column.default.map_or_else(String::new, |value| {
            format!(" DEFAULT {}", dialect.default_value(value))
        });
        parts.push(format!(
            "{name} {}{not_null}{default}{key}",
            dialect.column_type(column)
        ));
    }
    if keys.len() > 1 {
        parts.push(format!("PRIMARY KEY ({})", keys.join(", ")));
    }
    let constraint =
        |column: &Column, suffix| format!("CONSTRAINT {}_{}_{suffix}", table.name, column.name);
    for column in table.columns.iter().filter(|column| column.is_unique) {
        let name = constraint(column, "key");
        parts.push(format!("{name} UNIQUE ({})", column.name));
    }
    for column in table.columns {
        if let Some((parent, key)) = column.references {
            let name = constraint(column, "fkey");
            parts.push(format!(
                "{name} FOREIGN KEY ({}) REFERENCES {parent} ({key}) ON DELETE CASCADE",
                column.name
            ));
        }
        if let Some(words) = column.words {
            let list: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
            let name = constraint(column, "check");
            parts.push(format!(
                "{name} CHECK ({} IN ({}))",
                column.name,
                list.join(", ")
            ));
        }
    }
    let _ = writeln!(
        sql,
        "CREATE TABLE {} (\n  {}\n){};",
        table.name,
        parts.join(",\n  "),
        dialect.table_options()
    );
}

#[cfg(test)]
mod tests {
    use super::*;

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
                let first_key = table.columns.iter().find(|column| column.is_key);
                let indexed = first_key == Some(column)
                    || table
                        .indexes
                        .iter()
                        .any(|columns| columns.first() == Some(column));
                assert!(
                    indexed,
                    "{}.{} needs an index: its parent's deletion looks it up",
                    table.name, column.name
                );
            }
        }
    }

    #[test]
    fn a_key_of_several_columns_is_one_constraint() {
        const LEFT: Column = Column::new::<i64>("pairs", "left_id").key();
        const RIGHT: Column = Column::new::<i64>("pairs", "right_id").key();
        const PAIRS: Table = Table::new("pairs", &[LEFT, RIGHT], &[]);
        for dialect in Dialect::ALL {
            let sql = create(dialect, &PAIRS);
            assert_eq!(sql.matches("PRIMARY KEY").count(), 1, "{sql}");
            assert!(sql.contains("PRIMARY KEY (left_id, right_id)"), "{sql}");
        }
    }

    #[test]
    fn a_default_is_written_in_each_dialect() {
        use super::super::DefaultValue::{self, Bool, Int, Text};
        let create = |dialect, default: DefaultValue| {
            let column = Column::new::<String>("notes", "text").default(default);
            let columns: &'static [Column] = Box::leak(Box::new([column]));
            create(dialect, &Table::new("notes", columns, &[]))
        };
        for (default, sqlite, postgres, mysql) in [
            (Int(-3), "-3", "-3", "-3"),
            (Bool(true), "1", "true", "1"),
            (Text("it's"), "'it''s'", "'it''s'", "'it''s'"),
        ] {
            for (dialect, expected) in Dialect::ALL.into_iter().zip([sqlite, postgres, mysql]) {
                let sql = create(dialect, default);
                assert!(
                    sql.contains(&format!("NOT NULL DEFAULT {expected}\n")),
                    "{sql}"
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
