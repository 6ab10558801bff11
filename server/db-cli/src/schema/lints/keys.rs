//! Foreign keys without an index: deleting a parent row then reads the whole table of its children. MySQL makes one by itself.

use db::Dialect;
use db::migrate::Words;

use super::Finding;
use super::sql::{
    after, alter_table, columns, create_index, create_table, has, inside, name, parts,
};

/// A foreign key that a file makes.
#[derive(Clone)]
struct Key {
    table: String,
    columns: Vec<String>,
    /// The statement that makes it, in the file that is being read.
    number: usize,
    is_said: bool,
}

/// The foreign keys and indexes of all files so far.
#[derive(Default)]
pub(super) struct Keys {
    keys: Vec<Key>,
    /// Table, name and columns; constraints have no name here.
    indexes: Vec<(String, String, Vec<String>)>,
}

impl Keys {
    /// Reads a file. Returns the keys that have no index at its end and had one, or did not exist, before it.
    pub(super) fn lint(&mut self, dialect: Dialect, statements: &[Words]) -> Vec<Finding> {
        for key in &mut self.keys {
            key.number = 0;
        }
        let mut last_drop = 1;
        for statement in statements {
            if self.read(statement) {
                last_drop = statement.number;
            }
        }
        if dialect == Dialect::MySql {
            return Vec::new();
        }
        let mut all = Vec::new();
        for key in &mut self.keys {
            let begins = |(table, _, columns): &(String, String, Vec<String>)| {
                *table == key.table && columns.starts_with(&key.columns)
            };
            let is_indexed = self.indexes.iter().any(begins);
            if !is_indexed && !key.is_said {
                let columns = key.columns.join(", ");
                all.push(Finding {
                    number: if key.number == 0 { last_drop } else { key.number },
                    lint: "unindexed-key",
                    text: format!(
                        "{0} ({columns}) refers to another table and begins no index, so deleting a row there reads all of {0} → \
                         CREATE INDEX {0}_{1}_idx ON {0} ({columns})",
                        key.table,
                        key.columns.join("_")
                    ),
                });
            }
            key.is_said = !is_indexed;
        }
        all
    }

    /// Reads a statement. Returns whether it removes an index.
    fn read(&mut self, statement: &Words) -> bool {
        let words = &statement.words;
        if let Some((table, rest)) = create_table(words) {
            for part in inside(rest).map_or_else(Vec::new, |(body, _)| parts(body)) {
                self.define(&table, part, statement.number);
            }
        } else if let Some((index, table, rest)) = create_index(words) {
            if !has(rest, &["where"]) {
                self.indexes.push((table, index, columns(rest)));
            }
        } else if let Some((table, actions)) = alter_table(words) {
            for action in actions {
                self.alter(&table, action, statement.number);
            }
        } else if let Some(rest) =
            after(words, &["drop", "index", "concurrently?", "if?", "exists?"])
        {
            if let Some((index, _)) = name(rest) {
                self.indexes.retain(|(_, name, _)| *name != index);
            }
            return true;
        } else if let Some(rest) = after(words, &["drop", "table", "if?", "exists?"])
            && let Some((table, _)) = name(rest)
        {
            self.forget(&table);
        }
        false
    }

    fn forget(&mut self, table: &str) {
        self.keys.retain(|key| key.table != table);
        self.indexes.retain(|(at, ..)| at != table);
    }

    fn alter(&mut self, table: &str, action: &[String], number: usize) {
        if let Some(rest) = after(action, &["rename", "to"]) {
            if let Some((to, _)) = name(rest) {
                let keys = self.keys.iter_mut().map(|key| &mut key.table);
                let indexes = self.indexes.iter_mut().map(|(at, ..)| at);
                for at in keys.chain(indexes).filter(|at| *at == table) {
                    to.clone_into(at);
                }
            }
        } else if let Some(rest) = after(action, &["drop", "column?"]) {
            if let Some((column, _)) = name(rest) {
                self.keys
                    .retain(|key| key.table != table || !key.columns.contains(&column));
            }
        } else if let Some(rest) = after(action, &["add", "column?", "if?", "not?", "exists?"]) {
            self.define(table, rest, number);
        }
    }

    /// A column or a constraint.
    fn define(&mut self, table: &str, part: &[String], number: usize) {
        let unnamed = match after(part, &["constraint"]) {
            Some(rest) => name(rest).map_or(part, |(_, rest)| rest),
            None => part,
        };
        let mut index = |columns: Vec<String>| {
            self.indexes
                .push((table.to_owned(), String::new(), columns));
        };
        let key = |columns: Vec<String>| Key {
            table: table.to_owned(),
            columns,
            number,
            is_said: false,
        };
        if after(unnamed, &["foreign", "key"]).is_some() {
            self.keys.push(key(columns(unnamed)));
        } else if after(unnamed, &["primary|unique|index|key"]).is_some() {
            index(columns(unnamed));
        } else if let Some((column, rest)) = name(unnamed) {
            if has(rest, &["primary", "key"]) || has(rest, &["unique"]) {
                index(vec![column.clone()]);
            }
            if has(rest, &["references"]) {
                self.keys.push(key(vec![column]));
            }
        }
    }
}
