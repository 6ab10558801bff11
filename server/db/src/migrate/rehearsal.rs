//! Cascades that a file of SQLite would fire: with foreign keys on, DROP TABLE first deletes every row of the table, and with
//! it, or instead of it, the rows of every table that refers to it. So do REPLACE and a DELETE without a condition.
//!
//! The changes to tables are rehearsed on an empty copy of the schema, in memory, so that each statement is looked at in
//! the schema that it will meet.

use std::collections::HashSet;

use super::script::{Statement, Token};
use crate::drivers::sqlite::Sqlite;
use crate::{DbError, Driver, Rows, Value};

/// The statement that returns the tables of a database, as [`Rehearsal::new`] takes them.
pub(super) const TABLES: &str = "SELECT sql FROM sqlite_master WHERE sql LIKE 'CREATE TABLE%'";

/// A statement that deletes rows of other tables.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cascade {
    pub(super) number: usize,
    pub(super) line: usize,
    /// The statement, as a person would name it: `DROP TABLE users`.
    pub(super) what: String,
    /// The tables that lose rows or references, by name.
    pub(super) children: Vec<String>,
}

/// An empty copy of a database.
pub(super) struct Rehearsal {
    schema: Sqlite,
    /// Tables that the file has emptied, in small letters.
    emptied: HashSet<String>,
}

impl Rehearsal {
    /// Copies the tables that [`TABLES`] returned.
    pub(super) fn new(tables: &Rows) -> Result<Self, DbError> {
        let schema = Sqlite::in_memory()?;
        schema.script("PRAGMA foreign_keys = OFF")?;
        for sql in &tables.cells {
            if let Value::Text(sql) = sql {
                // What cannot be copied has no rows that a cascade could reach.
                let _ = schema.script(sql);
            }
        }
        Ok(Self {
            schema,
            emptied: HashSet::new(),
        })
    }

    /// Rehearses a file. Returns its first cascade.
    pub(super) async fn cascade(
        mut self,
        statements: &[Statement<'_>],
    ) -> Result<Option<Cascade>, DbError> {
        for statement in statements {
            if let Some((what, table)) = emptying(&statement.tokens) {
                let children = self.children(&table).await?;
                if !children.is_empty() {
                    return Ok(Some(Cascade {
                        number: statement.number,
                        line: statement.line,
                        what: format!("{what} {table}"),
                        children,
                    }));
                }
                self.emptied.insert(table.to_lowercase());
            }
            if ["CREATE", "ALTER", "DROP"]
                .iter()
                .any(|word| statement.begins(&[word]))
            {
                // A statement that fails here will fail there, and says why.
                let _ = self.schema.script(statement.text);
            }
        }
        Ok(None)
    }

    /// The tables whose rows go, or lose their reference, with those of `table`.
    async fn children(&self, table: &str) -> Result<Vec<String>, DbError> {
        let sql = "SELECT DISTINCT m.name FROM sqlite_master AS m, pragma_foreign_key_list(m.name) AS k \
                   WHERE m.type = 'table' AND lower(k.\"table\") = lower(?) AND lower(m.name) <> lower(?) \
                   AND k.on_delete IN ('CASCADE', 'SET NULL', 'SET DEFAULT') ORDER BY m.name";
        let statement = crate::Statement {
            sql: sql.to_owned(),
            values: vec![Value::Text(table.to_owned()), Value::Text(table.to_owned())],
        };
        let rows = self.schema.read(&[statement]).await?;
        let names = rows.into_iter().flat_map(|rows| rows.cells);
        Ok(names
            .filter_map(|name| match name {
                Value::Text(name) if !self.emptied.contains(&name.to_lowercase()) => Some(name),
                _ => None,
            })
            .collect())
    }
}

/// The table all or any of whose rows a statement deletes without naming them, and the words that do so.
fn emptying(tokens: &[Token<'_>]) -> Option<(&'static str, String)> {
    let begins = |words: &[&str]| {
        words
            .iter()
            .enumerate()
            .all(|(at, word)| tokens.get(at).is_some_and(|token| token.is(word)))
    };
    let (what, at) = if begins(&["DROP", "TABLE", "IF", "EXISTS"]) {
        ("DROP TABLE", 4)
    } else if begins(&["DROP", "TABLE"]) {
        ("DROP TABLE", 2)
    } else if begins(&["REPLACE", "INTO"]) {
        ("REPLACE INTO", 2)
    } else if begins(&["INSERT", "OR", "REPLACE", "INTO"]) {
        ("INSERT OR REPLACE INTO", 4)
    } else if begins(&["UPDATE", "OR", "REPLACE"]) {
        ("UPDATE OR REPLACE", 3)
    } else if begins(&["DELETE", "FROM"]) && !tokens.iter().any(|token| token.is("where")) {
        ("DELETE FROM", 2)
    } else {
        return None;
    };
    let is_qualified = tokens.get(at + 1).is_some_and(|token| token.is_sign("."));
    let name = tokens.get(if is_qualified { at + 2 } else { at })?.name()?;
    Some((what, name))
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::migrate::script;
    use crate::{Dialect, Rows};

    const SCHEMA: &str = "CREATE TABLE users (id TEXT PRIMARY KEY, boss TEXT REFERENCES users (id) ON DELETE CASCADE);
        CREATE TABLE posts (id TEXT PRIMARY KEY, author TEXT REFERENCES \"Users\" (id) ON DELETE CASCADE);
        CREATE TABLE notes (post TEXT REFERENCES posts ON DELETE SET NULL);
        CREATE TABLE strict_notes (post TEXT REFERENCES posts);";

    fn first(file: &str) -> Option<String> {
        let text = format!("{SCHEMA}{file}");
        let all = script::parse(Dialect::Sqlite.script_syntax(), &text, |_| Ok(())).expect(file);
        let rehearsal = Rehearsal::new(&Rows::default()).expect("a copy");
        let cascade = block_on(rehearsal.cascade(&all)).expect(file)?;
        Some(format!("{}: {}", cascade.what, cascade.children.join(" ")))
    }

    #[test]
    fn cascades_are_found_in_the_schema_of_their_moment() {
        for (file, expected) in [
            ("DROP TABLE users;", Some("DROP TABLE users: posts")),
            (
                "DROP TABLE IF EXISTS main.[USERS];",
                Some("DROP TABLE USERS: posts"),
            ),
            (
                "PRAGMA defer_foreign_keys = ON; DROP TABLE `posts`;",
                Some("DROP TABLE posts: notes"),
            ),
            (
                "ALTER TABLE users RENAME TO old; CREATE TABLE users (id); DROP TABLE old;",
                Some("DROP TABLE old: posts"),
            ),
            (
                "INSERT OR REPLACE INTO users SELECT * FROM users;",
                Some("INSERT OR REPLACE INTO users: posts"),
            ),
            (
                "REPLACE INTO posts VALUES (1, 2);",
                Some("REPLACE INTO posts: notes"),
            ),
            (
                "UPDATE OR REPLACE users SET id = 1;",
                Some("UPDATE OR REPLACE users: posts"),
            ),
            ("DELETE FROM users;", Some("DELETE FROM users: posts")),
            (
                "CREATE TABLE later (u REFERENCES notes ON DELETE SET DEFAULT); DROP TABLE notes;",
                Some("DROP TABLE notes: later"),
            ),
            ("DROP TABLE notes; DROP TABLE strict_notes;", None),
            (
                "DROP TABLE notes; DROP TABLE posts; DROP TABLE users;",
                None,
            ),
            (
                "DELETE FROM notes; DELETE FROM posts; DELETE FROM users;",
                None,
            ),
            ("DELETE FROM users WHERE id = 'x';", None),
            ("DROP VIEW users; DROP INDEX users;", None),
            // The safe way: copies first, children first, then the names.
            (
                "CREATE TABLE users_new (id TEXT PRIMARY KEY); \
                 CREATE TABLE posts_new (id TEXT PRIMARY KEY, author TEXT REFERENCES users_new (id) ON DELETE CASCADE); \
                 CREATE TABLE notes_new (post TEXT REFERENCES posts_new ON DELETE SET NULL); \
                 DROP TABLE notes; DROP TABLE posts; DROP TABLE users; \
                 ALTER TABLE users_new RENAME TO users; ALTER TABLE posts_new RENAME TO posts; \
                 ALTER TABLE notes_new RENAME TO notes;",
                None,
            ),
        ] {
            assert_eq!(first(file).as_deref(), expected, "{file}");
        }
    }
}
