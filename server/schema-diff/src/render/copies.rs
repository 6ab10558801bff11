//! Copies of SQLite's tables: the table that changes with all that refer to it, and the end of the old ones.

use db::Dialect;

use super::names::{name, names};
use super::{Step, comments, pieces};
use crate::Change;
use crate::diff::Difference;
use crate::model::{Schema, Search, Stored, Table};

const SQLITE: Dialect = Dialect::Sqlite;

/// The copies, and the end of what they replace and of tables that go, children first.
pub(super) fn copy_and_drop(
    difference: &Difference,
    copied: &[String],
    explained: Vec<String>,
) -> Vec<Step> {
    let mut steps = Vec::new();
    let (current, wanted) = (&difference.current, &difference.wanted);
    let is_copied = |table: &str| copied.iter().any(|one| one == table);
    let kept = hidden(current, copied);
    if !copied.is_empty() {
        let called = |table: &str| copy_name(current, table);
        let mut comments = explained;
        comments.push(format!(
            "SQLite cannot change this in place. Copied: {}.",
            copied.join(", ")
        ));
        comments.push(
            "All that refer to a changed table are copied too, and refer to the copies: D1 never turns foreign keys off, and"
                .to_owned(),
        );
        comments.push(
            "DROP TABLE would delete the rows of a table that still refers to it.".to_owned(),
        );
        let mut statements: Vec<String> = kept.iter().map(|(drop, _)| drop.clone()).collect();
        // A new table that refers to a copy is made here too: it would be a child of the old table else.
        let is_new_child = |table: &Table| {
            current.table(&table.name).is_none() && copied.iter().any(|one| table.refers_to(one))
        };
        for table in &wanted.tables {
            let parent = |parent: &str| {
                if is_copied(parent) {
                    called(parent)
                } else {
                    parent.to_owned()
                }
            };
            if is_copied(&table.name) {
                let called = called(&table.name);
                statements.push(pieces::create_table(SQLITE, table, &called, parent));
            } else if is_new_child(table) {
                statements.push(pieces::create_table(SQLITE, table, &table.name, parent));
                let indexes = table.indexes.iter();
                statements
                    .extend(indexes.map(|index| pieces::create_index(SQLITE, &table.name, index)));
            }
        }
        for table in wanted.tables.iter().filter(|table| is_copied(&table.name)) {
            if let Some(present) = current.table(&table.name) {
                statements.push(copy(present, table, &called(&table.name)));
            }
        }
        steps.push(Step {
            comments,
            statements,
        });
    }
    let mut dropped = Step {
        comments: Vec::new(),
        statements: Vec::new(),
    };
    for table in current.tables.iter().rev() {
        if wanted.table(&table.name).is_none() {
            dropped
                .comments
                .extend(comments(&Change::DropTable(table.clone())));
        } else if !is_copied(&table.name) {
            continue;
        }
        let drop = format!("DROP TABLE {}", name(SQLITE, &table.name));
        dropped.statements.push(drop);
    }
    if !copied.is_empty() {
        dropped
            .comments
            .push("The old tables go, children first, and the copies take their names.".to_owned());
    }
    for table in copied {
        dropped.statements.push(format!(
            "ALTER TABLE {} RENAME TO {}",
            name(SQLITE, &copy_name(current, table)),
            name(SQLITE, table)
        ));
    }
    for table in wanted.tables.iter().filter(|table| is_copied(&table.name)) {
        let indexes = table.indexes.iter();
        dropped
            .statements
            .extend(indexes.map(|index| pieces::create_index(SQLITE, &table.name, index)));
        let present = current.table(&table.name);
        // A search that changes is made anew by a step of its own.
        let is_same =
            |search: &&Search| present.is_some_and(|one| one.search.as_ref() == Some(*search));
        if let Some(search) = table.search.as_ref().filter(is_same) {
            dropped
                .statements
                .extend(search.triggers.iter().map(|one| one.sql.clone()));
        }
        let others = present.into_iter().flat_map(|table| &table.triggers);
        dropped.statements.extend(others.map(|one| one.sql.clone()));
    }
    dropped
        .statements
        .extend(kept.into_iter().map(|(_, create)| create));
    if !dropped.statements.is_empty() {
        steps.push(dropped);
    }
    steps
}

/// Views, and triggers of other tables, that name a copied table: SQLite renames no table while one of them names what is
/// not there. Each with the statement that removes it and the one that makes it again.
fn hidden(current: &Schema, copied: &[String]) -> Vec<(String, String)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let names = |one: &&Stored| {
        let mut words = one.sql.split(|c| !is_word(c));
        words.any(|word| copied.iter().any(|table| table == word))
    };
    let views = current.views.iter().filter(names).map(|one| ("VIEW", one));
    let others = current
        .tables
        .iter()
        .filter(|table| !copied.contains(&table.name));
    let triggers = others.flat_map(|table| &table.triggers).filter(names);
    let all = views.chain(triggers.map(|one| ("TRIGGER", one)));
    all.map(|(kind, one)| {
        let drop = format!("DROP {kind} {}", name(SQLITE, &one.name));
        (drop, one.sql.clone())
    })
    .collect()
}

/// A name that no table has.
fn copy_name(current: &Schema, table: &str) -> String {
    let mut copy = format!("{table}_new");
    while current.table(&copy).is_some() {
        copy.push('_');
    }
    copy
}

fn copy(from: &Table, to: &Table, called: &str) -> String {
    let mut columns: Vec<&String> = Vec::new();
    let mut values: Vec<String> = Vec::new();
    for column in &to.columns {
        let is_computed = column
            .extra
            .as_ref()
            .is_some_and(|extra| extra.contains(" AS "));
        let Some(present) = from.column(&column.name).filter(|_| !is_computed) else {
            continue;
        };
        let given = name(SQLITE, &column.name);
        let is_filled = present.is_nullable && !column.is_nullable;
        values.push(match &column.default {
            Some(value) if is_filled => {
                format!("coalesce({given}, {})", pieces::default(SQLITE, value))
            }
            _ => given,
        });
        columns.push(&column.name);
    }
    format!(
        "INSERT INTO {} ({})\n  SELECT {} FROM {}",
        name(SQLITE, called),
        names(SQLITE, columns),
        values.join(", "),
        name(SQLITE, &from.name)
    )
}
