//! The version of the site that is being served while the next one is made: what it reads must stay until the next version
//! is served. A column or table is removed in two steps: first nothing declares it any more and it is kept, able to be left
//! out of new rows; when the version that does so is served, it goes.

use std::collections::BTreeMap;

use db::schema::TABLES;
use serde::{Deserialize, Serialize};

use crate::model::{Column, Expression, Schema, Table};
use crate::order;

/// The tables and columns that the served version reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Served {
    /// The columns of each table.
    pub tables: BTreeMap<String, Vec<String>>,
}

impl Served {
    /// The tables and columns that this version declares.
    pub fn declared() -> Self {
        let tables = TABLES.iter().map(|table| {
            let columns = table.columns.iter().map(|column| column.name.to_owned());
            (table.name.to_owned(), columns.collect())
        });
        Self {
            tables: tables.collect(),
        }
    }

    /// True if it reads a table.
    pub fn reads_table(&self, table: &str) -> bool {
        self.tables.contains_key(table)
    }

    /// True if it reads a column.
    pub fn reads(&self, table: &str, column: &str) -> bool {
        let columns = self.tables.get(table);
        columns.is_some_and(|columns| columns.iter().any(|one| one == column))
    }

    /// Adds to `wanted` what this version reads and `current` has. Returns the schema with the names of what was added.
    ///
    /// # Errors
    /// A sentence about what cannot be kept.
    pub fn keep(&self, current: &Schema, wanted: &Schema) -> Result<(Schema, Vec<String>), String> {
        let mut schema = wanted.clone();
        let mut kept = Vec::new();
        for table in &current.tables {
            if !self.reads_table(&table.name) {
                continue;
            }
            match schema.tables.iter_mut().find(|one| one.name == table.name) {
                Some(wanted) => {
                    let gone = table.columns.iter().filter(|column| {
                        self.reads(&table.name, &column.name)
                            && wanted.column(&column.name).is_none()
                    });
                    let gone: Vec<Column> = gone.cloned().collect();
                    for column in gone {
                        keep_column(table, wanted, &column)?;
                        kept.push(format!("{}.{}", table.name, column.name));
                    }
                }
                None => {
                    kept.push(table.name.clone());
                    schema.tables.push(table.clone());
                }
            }
        }
        schema.tables = order::parents_first(schema.tables);
        Ok((schema, kept))
    }
}

/// Adds a column, with everything that is about it, so that a version which does not know it can insert rows.
fn keep_column(current: &Table, wanted: &mut Table, column: &Column) -> Result<(), String> {
    let name = &column.name;
    let by_hand = |why: &str| {
        Err(format!(
            "{}.{name} is read by the version that is served and {why}: it cannot be kept by itself. Leave it declared until a \
             version is served that does without it",
            current.name
        ))
    };
    if current.primary_key.contains(name) {
        return by_hand("is a part of the primary key");
    }
    let is_searched = current
        .search
        .as_ref()
        .is_some_and(|search| mentions(&search.table.sql, name));
    if is_searched && current.search != wanted.search {
        return by_hand("full-text search looks at it");
    }
    let mut kept = column.clone();
    if kept.default.is_none() && kept.extra.is_none() {
        kept.is_nullable = true;
    }
    wanted.columns.push(kept);
    let has = |columns: &[String]| columns.iter().all(|one| wanted.column(one).is_some());
    let uniques = current.uniques.iter();
    let uniques = uniques.filter(|one| one.columns.contains(name) && has(&one.columns));
    let keys = current.foreign_keys.iter();
    let keys = keys.filter(|one| one.columns.contains(name) && has(&one.columns));
    let checks = current.checks.iter();
    let checks =
        checks.filter(|one| is_about(&one.condition, name) && !wanted.checks.contains(one));
    let indexes = current.indexes.iter();
    let indexes = indexes.filter(|one| {
        let parts = one.parts.iter().chain(&one.condition);
        let is_new = wanted.indexes.iter().all(|other| other.name != one.name);
        is_new && parts.into_iter().any(|part| is_about(part, name))
    });
    let (uniques, keys): (Vec<_>, Vec<_>) = (uniques.cloned().collect(), keys.cloned().collect());
    let (checks, indexes): (Vec<_>, Vec<_>) =
        (checks.cloned().collect(), indexes.cloned().collect());
    wanted.uniques.extend(uniques);
    wanted.foreign_keys.extend(keys);
    wanted.checks.extend(checks);
    wanted.indexes.extend(indexes);
    wanted.indexes.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(())
}

fn is_about(expression: &Expression, column: &str) -> bool {
    mentions(&expression.canonical, column)
}

fn mentions(sql: &str, column: &str) -> bool {
    let mut words = sql.split(|c: char| !c.is_alphanumeric() && c != '_');
    words.any(|word| word == column)
}

#[cfg(test)]
mod tests {
    use db::Dialect;

    use super::*;
    use crate::parse::from_ddl;
    use crate::{Renames, diff};

    fn served(tables: &[(&str, &[&str])]) -> Served {
        let tables = tables.iter().map(|(table, columns)| {
            let columns = columns.iter().map(|column| (*column).to_owned());
            ((*table).to_owned(), columns.collect())
        });
        Served {
            tables: tables.collect(),
        }
    }

    fn changes(
        dialect: Dialect,
        served: &Served,
        before: &str,
        after: &str,
    ) -> (Vec<String>, Vec<String>) {
        let read = |sql: &str| from_ddl(dialect, sql).expect("a schema");
        let (current, wanted) = (read(before), read(after));
        let (wanted, kept) = served.keep(&current, &wanted).expect("kept");
        let difference = diff(&current, &wanted, &Renames::default()).expect("a difference");
        (
            difference
                .changes
                .iter()
                .map(crate::Change::describe)
                .collect(),
            kept,
        )
    }

    #[test]
    fn a_column_that_is_read_stays_and_may_be_left_out_of_new_rows() {
        let before = "CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY, bio VARCHAR(9) NOT NULL, nick VARCHAR(9) NOT NULL, \
                      CONSTRAINT nick_key UNIQUE (nick), CONSTRAINT bio_check CHECK (bio <> ''));\n\
                      CREATE INDEX users_bio ON users (bio, id);";
        let after = "CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY);";
        for dialect in Dialect::ALL {
            let (changed, kept) = changes(
                dialect,
                &served(&[("users", &["id", "bio"])]),
                before,
                after,
            );
            assert_eq!(kept, ["users.bio"]);
            assert_eq!(
                changed,
                [
                    "users.bio: NULL becomes allowed",
                    "users: (nick) is no longer unique",
                    "users.nick is removed with its values"
                ],
                "{}",
                dialect.name()
            );
            // When the version without it is served, it goes.
            let (changed, kept) = changes(dialect, &served(&[("users", &["id"])]), before, after);
            assert_eq!(kept, [""; 0]);
            assert!(changed.contains(&"users.bio is removed with its values".to_owned()));
        }
    }

    #[test]
    fn a_table_that_is_read_stays_whole() {
        let before = "CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY);\n\
                      CREATE TABLE tags (id BIGINT NOT NULL PRIMARY KEY, user_id BIGINT NOT NULL REFERENCES users (id));\n\
                      CREATE TABLE logs (id BIGINT NOT NULL PRIMARY KEY);";
        let after = "CREATE TABLE users (id BIGINT NOT NULL PRIMARY KEY);";
        let reads = served(&[("users", &["id"]), ("tags", &["id", "user_id"])]);
        let (changed, kept) = changes(Dialect::Postgres, &reads, before, after);
        assert_eq!(kept, ["tags"]);
        assert_eq!(changed, ["logs is removed with its rows"]);
    }

    #[test]
    fn a_key_is_not_kept_by_itself() {
        let read = |sql: &str| from_ddl(Dialect::Sqlite, sql).expect("a schema");
        let before = read("CREATE TABLE a (x TEXT NOT NULL PRIMARY KEY, y TEXT);");
        let after = read("CREATE TABLE a (y TEXT);");
        let refused = served(&[("a", &["x", "y"])]).keep(&before, &after);
        assert!(
            refused.is_err_and(|why| why.contains("a.x is read by the version that is served"))
        );
    }
}
