//! SQLite and D1. What SQLite changes in place is changed in place; else the table is copied, with all that refer to it,
//! because DROP TABLE on D1 deletes the rows of referring tables: foreign keys are never off there.

use db::Dialect;

use super::copies::copy_and_drop;
use super::names::name;
use super::pieces::is_literal;
use super::{Step, comments, pieces};
use crate::Change;
use crate::diff::Difference;
use crate::model::{Check, Column, ForeignKey, Search, Table};

const SQLITE: Dialect = Dialect::Sqlite;

pub(super) fn steps(difference: &Difference) -> Vec<Step> {
    let copied = copied(difference);
    let is_copied = |table: &str| copied.iter().any(|one| one == table);
    let (mut before, mut after, mut explained) = (Vec::new(), Vec::new(), Vec::new());
    for change in &difference.changes {
        let statements = match change {
            Change::DropTable(_) => continue,
            Change::CreateTable(table) if copied.iter().any(|one| table.refers_to(one)) => {
                explained.extend(comments(change));
                continue;
            }
            Change::DropSearch(_, search) => drop_search(search),
            Change::CreateSearch(_, search) => create_search(search),
            change if is_copied(table_of(change)) => {
                let is_rename =
                    matches!(change, Change::RenameTable(..) | Change::RenameColumn(..));
                if !is_rename {
                    explained.extend(comments(change));
                    continue;
                }
                in_place(difference, change)
            }
            change => in_place(difference, change),
        };
        if statements.is_empty() {
            continue;
        }
        let step = Step {
            comments: comments(change),
            statements,
        };
        // A column that refers to a copied table would make its own table a child of the old one.
        let is_new_child = match change {
            Change::AddColumn(table, column) => difference.changes.iter().any(|other| {
                matches!(other, Change::AddForeignKey(at, key) if at == table
                    && is_copied(&key.parent)
                    && inline_key(difference, table, key) == Some(column))
            }),
            _ => false,
        };
        let is_late = is_new_child
            || matches!(
                change,
                Change::CreateSearch(..) | Change::AddIndex(..) | Change::DropColumn(..)
            );
        if is_late {
            after.push(step)
        } else {
            before.push(step)
        }
    }
    before.extend(copy_and_drop(difference, &copied, explained));
    before.extend(after);
    before
}

/// The table that a change is about.
fn table_of(change: &Change) -> &str {
    match change {
        Change::DropSearch(table, _)
        | Change::CreateSearch(table, _)
        | Change::CreateTable(table)
        | Change::DropTable(table) => &table.name,
        Change::RenameTable(_, table)
        | Change::RenameColumn(table, ..)
        | Change::DropForeignKey(table, _)
        | Change::DropCheck(table, _)
        | Change::AddColumn(table, _)
        | Change::AlterColumn(table, ..)
        | Change::ChangeKey(table, ..)
        | Change::ChangeOptions(table, _)
        | Change::AddUnique(table, _)
        | Change::AddIndex(table, _)
        | Change::ReplaceIndex(table, ..)
        | Change::RenameIndex(table, ..)
        | Change::RenameConstraint(table, ..)
        | Change::DropUnique(table, _)
        | Change::DropIndex(table, _)
        | Change::DropColumn(table, _)
        | Change::AddCheck(table, _)
        | Change::AddForeignKey(table, _) => table,
    }
}

/// The tables that must be copied, with all that refer to them, parents first.
fn copied(difference: &Difference) -> Vec<String> {
    let changes = difference.changes.iter();
    let mut copied: Vec<&str> = changes
        .filter(|change| needs_copy(difference, change))
        .map(table_of)
        .collect();
    let kept: Vec<&Table> = difference
        .current
        .tables
        .iter()
        .filter(|table| difference.wanted.table(&table.name).is_some())
        .collect();
    // As often as there are tables: each round reaches the children of the last one.
    for _ in 0..kept.len() {
        for table in &kept {
            let refers = copied.iter().any(|parent| table.refers_to(parent));
            if refers && !copied.contains(&table.name.as_str()) {
                copied.push(&table.name);
            }
        }
    }
    let wanted = difference.wanted.tables.iter();
    wanted
        .filter(|table| copied.contains(&table.name.as_str()))
        .map(|table| table.name.clone())
        .collect()
}

fn needs_copy(difference: &Difference, change: &Change) -> bool {
    match change {
        Change::DropForeignKey(..)
        | Change::DropCheck(..)
        | Change::AlterColumn(..)
        | Change::ChangeKey(..)
        | Change::ChangeOptions(..)
        | Change::AddUnique(..)
        | Change::DropUnique(..) => true,
        Change::AddColumn(table, column) => {
            let is_key = difference
                .wanted
                .table(table)
                .is_some_and(|table| table.primary_key.contains(&column.name));
            let has_value = match &column.default {
                Some(value) => is_literal(value),
                None => column.is_nullable,
            };
            is_key || column.extra.is_some() || !has_value
        }
        Change::DropColumn(table, column) => {
            let present = difference.current.table(table);
            present.is_some_and(|table| {
                table.primary_key.contains(&column.name)
                    || table
                        .uniques
                        .iter()
                        .any(|one| one.columns.contains(&column.name))
            })
        }
        Change::AddCheck(table, check) => inline_check(difference, table, check).is_none(),
        Change::AddForeignKey(table, key) => inline_key(difference, table, key).is_none(),
        Change::DropSearch(..)
        | Change::RenameTable(..)
        | Change::RenameColumn(..)
        | Change::CreateTable(_)
        | Change::AddIndex(..)
        | Change::ReplaceIndex(..)
        | Change::RenameIndex(..)
        | Change::RenameConstraint(..)
        | Change::DropIndex(..)
        | Change::CreateSearch(..)
        | Change::DropTable(_) => false,
    }
}

/// The new columns of a table.
fn added<'a>(difference: &'a Difference, table: &str) -> Vec<&'a Column> {
    let changes = difference.changes.iter();
    let new = changes.filter_map(|change| match change {
        Change::AddColumn(at, column) if at == table => Some(column),
        _ => None,
    });
    new.collect()
}

/// The new column that a CHECK is about, if it is about no other.
fn inline_check<'a>(difference: &'a Difference, table: &str, check: &Check) -> Option<&'a Column> {
    let wanted = difference.wanted.table(table)?;
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let words: Vec<&str> = check.condition.canonical.split(|c| !is_word(c)).collect();
    let mut named = wanted
        .columns
        .iter()
        .filter(|column| words.contains(&column.name.as_str()));
    let (one, more) = (named.next()?, named.next());
    let mut new = added(difference, table).into_iter();
    new.find(|column| more.is_none() && column.name == one.name)
}

/// The new column that a foreign key is about: SQLite adds one whose rows all have NULL.
fn inline_key<'a>(difference: &'a Difference, table: &str, key: &ForeignKey) -> Option<&'a Column> {
    let mut new = added(difference, table).into_iter();
    new.find(|column| {
        key.columns == [column.name.clone()] && column.is_nullable && column.default.is_none()
    })
}

fn in_place(difference: &Difference, change: &Change) -> Vec<String> {
    let n = |given: &str| name(SQLITE, given);
    match change {
        Change::RenameTable(from, to) => {
            vec![format!("ALTER TABLE {} RENAME TO {}", n(from), n(to))]
        }
        Change::RenameColumn(table, from, to) => vec![format!(
            "ALTER TABLE {} RENAME COLUMN {} TO {}",
            n(table),
            n(from),
            n(to)
        )],
        Change::CreateTable(table) => {
            let create = pieces::create_table(SQLITE, table, &table.name, str::to_owned);
            let indexes = table.indexes.iter();
            let indexes = indexes.map(|index| pieces::create_index(SQLITE, &table.name, index));
            [create].into_iter().chain(indexes).collect()
        }
        Change::AddColumn(table, column) => {
            vec![add_column(difference, table, column)]
        }
        Change::AddIndex(table, index) => vec![pieces::create_index(SQLITE, table, index)],
        Change::ReplaceIndex(table, from, to) => vec![
            format!("DROP INDEX {}", n(&from.name)),
            pieces::create_index(SQLITE, table, to),
        ],
        Change::RenameIndex(table, index, to) => {
            let mut renamed = index.clone();
            to.clone_into(&mut renamed.name);
            vec![
                format!("DROP INDEX {}", n(&index.name)),
                pieces::create_index(SQLITE, table, &renamed),
            ]
        }
        Change::DropIndex(_, index) => vec![format!("DROP INDEX {}", n(&index.name))],
        Change::DropColumn(table, column) => vec![format!(
            "ALTER TABLE {} DROP COLUMN {}",
            n(table),
            n(&column.name)
        )],
        // Those of a new column stand in its definition; all others make a copy.
        _ => Vec::new(),
    }
}

fn add_column(difference: &Difference, table: &str, column: &Column) -> String {
    let mut sql = format!(
        "ALTER TABLE {} ADD COLUMN {}",
        name(SQLITE, table),
        pieces::column(SQLITE, column)
    );
    for change in &difference.changes {
        match change {
            Change::AddForeignKey(at, key)
                if at == table && inline_key(difference, table, key) == Some(column) =>
            {
                let named = key.name.as_ref();
                let named = named.map_or_else(String::new, |given| {
                    format!("CONSTRAINT {} ", name(SQLITE, given))
                });
                let references = pieces::references(SQLITE, key, &key.parent);
                sql.push_str(&format!(" {named}{references}"));
            }
            Change::AddCheck(at, check)
                if at == table && inline_check(difference, table, check) == Some(column) =>
            {
                sql.push_str(&format!(" {}", pieces::check(SQLITE, check)));
            }
            _ => {}
        }
    }
    sql
}

fn drop_search(search: &Search) -> Vec<String> {
    let triggers = search.triggers.iter();
    let triggers = triggers.map(|one| format!("DROP TRIGGER {}", name(SQLITE, &one.name)));
    let table = format!("DROP TABLE {}", name(SQLITE, &search.table.name));
    triggers.chain([table]).collect()
}

fn create_search(search: &Search) -> Vec<String> {
    let table = name(SQLITE, &search.table.name);
    let fill = format!("INSERT INTO {table} ({table}) VALUES ('rebuild')");
    let triggers = search.triggers.iter().map(|one| one.sql.clone());
    [search.table.sql.clone(), fill]
        .into_iter()
        .chain(triggers)
        .collect()
}
