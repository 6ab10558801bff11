//! Renames, as they are asked for: `table:new`, `table.column:new`.

use std::str::FromStr;

use crate::Change;
use crate::model::{Expression, Schema, Table};

/// The renames of one difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renames(Vec<Rename>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rename {
    table: String,
    column: Option<String>,
    to: String,
}

impl FromStr for Rename {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("`{text}` is no rename: write `table:new_name` or `table.column:new_name`");
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        };
        let (from, to) = text.split_once(':').ok_or_else(wrong)?;
        let (table, column) = match from.split_once('.') {
            Some((table, column)) => (table, Some(column)),
            None => (from, None),
        };
        if ![table, to].into_iter().chain(column).all(is_name) {
            return Err(wrong());
        }
        Ok(Self {
            table: table.to_owned(),
            column: column.map(str::to_owned),
            to: to.to_owned(),
        })
    }
}

impl Renames {
    /// Parses `table:new` and `table.column:new`.
    ///
    /// # Errors
    /// A sentence about the first that is written wrongly.
    pub fn parse<'a>(all: impl IntoIterator<Item = &'a str>) -> Result<Self, String> {
        let mut renames: Vec<Rename> = all
            .into_iter()
            .map(str::parse)
            .collect::<Result<_, String>>()?;
        // Tables first: a column's table may be named by its old name or by its new one.
        renames.sort_by_key(|rename| rename.column.is_some());
        Ok(Self(renames))
    }

    /// Each rename: the table, the column if it is one, and the new name.
    pub fn names(&self) -> impl Iterator<Item = (&str, Option<&str>, &str)> {
        let renames = self.0.iter();
        renames.map(|Rename { table, column, to }| (table.as_str(), column.as_deref(), to.as_str()))
    }

    /// Renames in a copy of `current`. Returns it with the changes.
    pub(super) fn apply(
        &self,
        current: &Schema,
        wanted: &Schema,
    ) -> Result<(Schema, Vec<Change>), String> {
        let mut schema = current.clone();
        let mut changes = Vec::new();
        for Rename { table, column, to } in &self.0 {
            let table = match self.table(table) {
                Some(renamed) if column.is_some() => renamed,
                _ => table,
            };
            let present = schema.table(table).ok_or_else(|| {
                format!("there is no table {table} to rename: name it as it is before the change")
            })?;
            let (is_taken, is_wanted, what) = match column {
                None => (
                    schema.table(to).is_some(),
                    wanted.table(to).is_some(),
                    table.clone(),
                ),
                Some(column) => {
                    present.column(column).ok_or_else(|| {
                        format!("there is no column {table}.{column} to rename: name it as it is before the change")
                    })?;
                    let wanted = wanted.table(table).and_then(|table| table.column(to));
                    let is_taken = present.column(to).is_some();
                    (is_taken, wanted.is_some(), format!("{table}.{column}"))
                }
            };
            if is_taken {
                return Err(format!(
                    "{what} cannot be renamed to {to}, which exists already"
                ));
            }
            if !is_wanted {
                return Err(format!(
                    "{what} cannot be renamed to {to}, which is not declared: change the declaration first"
                ));
            }
            match column {
                None => {
                    rename_table(&mut schema, table, to);
                    changes.push(Change::RenameTable(table.clone(), to.clone()));
                }
                Some(column) => {
                    rename_column(&mut schema, table, column, to);
                    changes.push(Change::RenameColumn(
                        table.clone(),
                        column.clone(),
                        to.clone(),
                    ));
                }
            }
        }
        Ok((schema, changes))
    }

    /// The new name of a table.
    fn table(&self, old: &str) -> Option<&String> {
        let mut renames = self.0.iter();
        renames
            .find(|rename| rename.column.is_none() && rename.table == old)
            .map(|rename| &rename.to)
    }
}

fn rename_table(schema: &mut Schema, from: &str, to: &str) {
    for table in &mut schema.tables {
        if table.name == from {
            to.clone_into(&mut table.name);
        }
        for key in table
            .foreign_keys
            .iter_mut()
            .filter(|key| key.parent == from)
        {
            to.clone_into(&mut key.parent);
        }
        for trigger in &mut table.triggers {
            trigger.sql = replace_name(&trigger.sql, from, to);
        }
    }
    for view in &mut schema.views {
        view.sql = replace_name(&view.sql, from, to);
    }
}

fn rename_column(schema: &mut Schema, at: &str, from: &str, to: &str) {
    let rename = |columns: &mut Vec<String>| {
        for column in columns.iter_mut().filter(|column| *column == from) {
            to.clone_into(column);
        }
    };
    for table in &mut schema.tables {
        if table.name == at {
            rename_within(table, from, to);
        }
        let is_own = table.name == at;
        for key in &mut table.foreign_keys {
            if is_own {
                rename(&mut key.columns);
            }
            if key.parent == at {
                rename(&mut key.parent_columns);
            }
        }
    }
}

fn rename_within(table: &mut Table, from: &str, to: &str) {
    let new = |name: &mut String| {
        if name == from {
            to.clone_into(name);
        }
    };
    table
        .columns
        .iter_mut()
        .for_each(|column| new(&mut column.name));
    table.primary_key.iter_mut().for_each(new);
    let columns = table
        .uniques
        .iter_mut()
        .flat_map(|unique| &mut unique.columns);
    columns.for_each(new);
    let indexes = table.indexes.iter_mut();
    let in_indexes = indexes.flat_map(|index| index.parts.iter_mut().chain(&mut index.condition));
    let in_checks = table.checks.iter_mut().map(|check| &mut check.condition);
    for trigger in &mut table.triggers {
        trigger.sql = replace_name(&trigger.sql, from, to);
    }
    for expression in in_indexes.chain(in_checks) {
        *expression = Expression {
            sql: replace_name(&expression.sql, from, to),
            canonical: replace_name(&expression.canonical, from, to),
        };
    }
}

/// Replaces a name in SQL, but not in strings.
fn replace_name(sql: &str, from: &str, to: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut word = String::new();
    let mut is_text = false;
    for c in sql.chars().chain(['\0']) {
        if !is_text && (c.is_alphanumeric() || c == '_') {
            word.push(c);
            continue;
        }
        out.push_str(if word == from { to } else { &word });
        word.clear();
        is_text ^= c == '\'';
        if c != '\0' {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renames_are_read_or_refused() {
        assert_eq!(
            Renames::parse(["a.b:c", "a:d"]).expect("renames").0.len(),
            2
        );
        for wrong in ["a", "a:", ":b", "a.b", "a.:c", "a.b.c:d", "a b:c", "a:b;"] {
            let error = Renames::parse([wrong]).expect_err(wrong);
            assert!(error.contains("table.column:new_name"), "{error}");
        }
    }

    #[test]
    fn a_name_is_replaced_outside_strings() {
        let sql = "role in ('role', 'a') and roles > 0 or role is null";
        let expected = "kind in ('role', 'a') and roles > 0 or kind is null";
        assert_eq!(replace_name(sql, "role", "kind"), expected);
    }
}
