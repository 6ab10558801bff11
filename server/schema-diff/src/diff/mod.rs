//! The difference of two schemas: an ordered list of changes. A rename is asked for, never guessed.

mod rename;
mod tables;

use std::collections::BTreeMap;

use db::Dialect;

use crate::Change;
use crate::model::{Column, Schema, Table};
pub use rename::Renames;

/// The way from one schema to another.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The changes, in an order in which they can be made.
    pub changes: Vec<Change>,
    /// The first schema after the renames.
    pub current: Schema,
    /// The second schema.
    pub wanted: Schema,
    /// Removals with additions that could be a rename, and the option that says so.
    pub hints: Vec<String>,
}

impl Difference {
    /// The sentences for changes that cannot be made on a table with rows.
    pub fn refusals(&self) -> Vec<String> {
        let no_value = |column: &Column| {
            !column.is_nullable && column.default.is_none() && column.extra.is_none()
        };
        let is_row_number = |table: &str, column: &Column| {
            let table = self.wanted.table(table);
            self.wanted.dialect == Dialect::Sqlite
                && column.sql_type == "integer"
                && table.is_some_and(|table| table.primary_key == [column.name.clone()])
        };
        let refused = self.changes.iter().filter_map(|change| match change {
            Change::AddColumn(table, column)
                if no_value(column) && !is_row_number(table, column) =>
            {
                Some(format!(
                    "{table}.{0} is new, allows no NULL and has no default, so rows that exist would have no value: declare it \
                     with `=> default(…)` or as an Option",
                    column.name
                ))
            }
            Change::AlterColumn(table, from, to)
                if from.sql_type != to.sql_type
                    && [from, to].iter().any(|one| means_more(&one.sql_type)) =>
            {
                Some(format!(
                    "{table}.{}: values of {} would mean something else as {}: declare a new column beside it, fill that by a \
                     migration of your own (`cargo x db generate --custom`), and then remove the old one",
                    to.name, from.sql_type, to.sql_type
                ))
            }
            _ => None,
        });
        refused.collect()
    }
}

/// True for types whose values engines convert each in its own way: times and bytes.
fn means_more(sql_type: &str) -> bool {
    ["timestamp", "datetime", "date", "bytea", "blob", "longblob"]
        .iter()
        .any(|name| sql_type.starts_with(name))
}

/// Compares `current` with `wanted`, after `renames`.
///
/// # Errors
/// A sentence about a rename that names what does not exist.
pub fn diff(current: &Schema, wanted: &Schema, renames: &Renames) -> Result<Difference, String> {
    let (current, renamed) = renames.apply(current, wanted)?;
    let mut steps = Steps::default();
    for change in renamed {
        steps.add(1, change);
    }
    for table in &wanted.tables {
        match current.table(&table.name) {
            None => {
                steps.add(4, Change::CreateTable(table.clone()));
                if let Some(search) = &table.search {
                    steps.add(13, Change::CreateSearch(table.clone(), search.clone()));
                }
            }
            Some(present) => tables::compare(current.dialect, present, table, &mut steps),
        }
    }
    // Children first: no foreign key refers to a table that is gone.
    let gone = |table: &&Table| wanted.table(&table.name).is_none();
    for table in current.tables.iter().rev().filter(gone) {
        if let Some(search) = &table.search {
            steps.add(0, Change::DropSearch(table.clone(), search.clone()));
        }
        steps.add(14, Change::DropTable(table.clone()));
    }
    around_types(&current, wanted, &mut steps);
    let changes = steps.into_changes();
    let hints = hints(&changes);
    Ok(Difference {
        changes,
        current,
        wanted: wanted.clone(),
        hints,
    })
}

/// A sentence, without a full stop, for each constraint of SQLite that has another name than the declared one and differs in nothing
/// else. [`diff`] leaves these out: SQLite cannot rename a constraint, shows at most the name of a CHECK, in the error about a row
/// that breaks it, and a copy of the table with all that refer to it is too much for that.
pub fn other_names(current: &Schema, wanted: &Schema) -> Vec<String> {
    if current.dialect != Dialect::Sqlite {
        return Vec::new();
    }
    let pairs = current.tables.iter().filter_map(|table| {
        let wanted = wanted.table(&table.name)?;
        Some((table, tables::names(table, wanted)))
    });
    pairs
        .flat_map(|(table, names)| {
            names.into_iter().map(|(from, to)| {
                format!("{}: the constraint {from} is declared as {to}", table.name)
            })
        })
        .collect()
}

/// Changes by the number of their turn.
#[derive(Default)]
struct Steps(BTreeMap<u8, Vec<Change>>);

impl Steps {
    fn add(&mut self, turn: u8, change: Change) {
        let changes = self.0.entry(turn).or_default();
        if !changes.contains(&change) {
            changes.push(change);
        }
    }

    fn into_changes(self) -> Vec<Change> {
        self.0.into_values().flatten().collect()
    }
}

/// A server refuses another type for a column while a foreign key stands on it: the keys are removed and made again.
fn around_types(current: &Schema, wanted: &Schema, steps: &mut Steps) {
    if current.dialect == Dialect::Sqlite {
        return;
    }
    let altered: Vec<(String, String)> = steps.0.values().flatten().filter_map(retyped).collect();
    let is_altered = |table: &str, columns: &[String]| {
        altered
            .iter()
            .any(|(at, column)| at == table && columns.contains(column))
    };
    for table in &current.tables {
        let Some(after) = wanted.table(&table.name) else {
            continue;
        };
        for key in &table.foreign_keys {
            let touches = is_altered(&table.name, &key.columns)
                || is_altered(&key.parent, &key.parent_columns);
            let kept = after.foreign_keys.iter().find(|other| *other == key);
            if let (true, Some(kept)) = (touches, kept) {
                steps.add(2, Change::DropForeignKey(table.name.clone(), key.clone()));
                steps.add(12, Change::AddForeignKey(table.name.clone(), kept.clone()));
            }
        }
    }
}

fn retyped(change: &Change) -> Option<(String, String)> {
    match change {
        Change::AlterColumn(table, from, to)
            if from.sql_type != to.sql_type || from.collation != to.collation =>
        {
            Some((table.clone(), to.name.clone()))
        }
        _ => None,
    }
}

/// Sentences about removals beside something new that looks like what is removed.
fn hints(changes: &[Change]) -> Vec<String> {
    let mut hints = Vec::new();
    for change in changes {
        match change {
            Change::DropColumn(table, old) => {
                for other in changes {
                    if let Change::AddColumn(at, new) = other
                        && at == table
                        && new.sql_type == old.sql_type
                    {
                        hints.push(format!(
                            "{table}.{0} is removed and {table}.{1} is new: if it is the same column, say `--rename {table}.{0}:{1}`",
                            old.name, new.name
                        ));
                    }
                }
            }
            Change::DropTable(old) => {
                for other in changes {
                    if let Change::CreateTable(new) = other
                        && alike(old, new)
                    {
                        hints.push(format!(
                            "{0} is removed and {1} is new: if it is the same table, say `--rename {0}:{1}`",
                            old.name, new.name
                        ));
                    }
                }
            }
            _ => {}
        }
    }
    hints
}

/// True if most columns of one table are in the other.
fn alike(old: &Table, new: &Table) -> bool {
    let shared = old
        .columns
        .iter()
        .filter(|column| new.column(&column.name).is_some());
    shared.count() * 2 > old.columns.len().max(new.columns.len())
}
