//! PostgreSQL and MySQL, which change tables in place.

use db::Dialect;

use super::names::{name, names};
use super::{Step, comments, pieces};
use crate::Change;
use crate::diff::Difference;
use crate::model::{Column, ForeignKey, Table};

pub(super) fn steps(difference: &Difference) -> Vec<Step> {
    let step = |change: &Change| Step {
        comments: comments(change),
        statements: statements(difference, change),
    };
    difference.changes.iter().map(step).collect()
}

fn statements(difference: &Difference, change: &Change) -> Vec<String> {
    let dialect = difference.wanted.dialect;
    let is_mysql = dialect == Dialect::MySql;
    let n = |given: &str| name(dialect, given);
    let alter = |table: &str, rest: &str| format!("ALTER TABLE {} {rest}", n(table));
    let drop_constraint = |table: &str, given: Option<&String>| {
        let given = given.map_or_else(String::new, |given| n(given));
        vec![alter(table, &format!("DROP CONSTRAINT {given}"))]
    };
    match change {
        Change::DropSearch(..) | Change::CreateSearch(..) => Vec::new(),
        Change::RenameTable(from, to) => {
            let mut all = vec![alter(from, &format!("RENAME TO {}", n(to)))];
            if !is_mysql {
                // PostgreSQL keeps the old name for the key.
                let (from, to) = (n(&format!("{from}_pkey")), n(&format!("{to}_pkey")));
                all.push(format!("ALTER INDEX IF EXISTS {from} RENAME TO {to}"));
            }
            all
        }
        Change::RenameColumn(table, from, to) => {
            vec![alter(
                table,
                &format!("RENAME COLUMN {} TO {}", n(from), n(to)),
            )]
        }
        Change::DropForeignKey(table, key) if is_mysql => {
            let given = key.name.as_ref().map_or_else(String::new, |given| n(given));
            let mut rest = format!("DROP FOREIGN KEY {given}");
            let present = difference.current.table(table);
            if present.is_some_and(|table| !is_indexed(table, key)) {
                // The index that MySQL had made for the key.
                rest.push_str(&format!(", DROP INDEX {given}"));
            }
            vec![alter(table, &rest)]
        }
        Change::DropForeignKey(table, key) => drop_constraint(table, key.name.as_ref()),
        Change::DropCheck(table, check) => drop_constraint(table, check.name.as_ref()),
        Change::CreateTable(table) => {
            let create = pieces::create_table(dialect, table, &table.name, str::to_owned);
            let indexes = table.indexes.iter();
            let indexes = indexes.map(|index| pieces::create_index(dialect, &table.name, index));
            [create].into_iter().chain(indexes).collect()
        }
        Change::AddColumn(table, column) => {
            let definition = pieces::column(dialect, column);
            vec![alter(table, &format!("ADD COLUMN {definition}"))]
        }
        Change::AlterColumn(table, from, to) => alter_column(dialect, table, from, to),
        Change::ChangeKey(table, from, to) => {
            let drop = match (is_mysql, from.is_empty()) {
                (_, true) => String::new(),
                (true, false) => "DROP PRIMARY KEY".to_owned(),
                (false, false) => format!("DROP CONSTRAINT {}", n(&format!("{table}_pkey"))),
            };
            let add = if to.is_empty() {
                String::new()
            } else {
                format!("ADD PRIMARY KEY ({})", names(dialect, to))
            };
            let both: Vec<String> = [drop, add]
                .into_iter()
                .filter(|one| !one.is_empty())
                .collect();
            vec![alter(table, &both.join(", "))]
        }
        Change::ChangeOptions(table, options) => options
            .strip_prefix("collate ")
            .map(|collation| {
                let charset = collation.split('_').next().unwrap_or(collation);
                alter(
                    table,
                    &format!("CONVERT TO CHARACTER SET {charset} COLLATE {collation}"),
                )
            })
            .into_iter()
            .collect(),
        Change::AddUnique(table, unique) => {
            vec![alter(
                table,
                &format!("ADD {}", pieces::unique(dialect, unique)),
            )]
        }
        Change::AddIndex(table, index) => vec![pieces::create_index(dialect, table, index)],
        Change::ReplaceIndex(table, from, to) => {
            let create = pieces::create_index(dialect, table, to);
            let mut all = drop_index(difference, table, &from.name);
            all.push(create);
            all
        }
        Change::RenameIndex(table, index, to) => {
            vec![rename_index(dialect, table, &index.name, to)]
        }
        Change::RenameConstraint(table, from, to, true) if is_mysql => {
            vec![rename_index(dialect, table, from, to)]
        }
        Change::RenameConstraint(table, from, to, _) => {
            vec![alter(
                table,
                &format!("RENAME CONSTRAINT {} TO {}", n(from), n(to)),
            )]
        }
        Change::DropUnique(table, unique) if is_mysql => {
            let given = unique.name.clone().unwrap_or_default();
            drop_index(difference, table, &given)
        }
        Change::DropUnique(table, unique) => drop_constraint(table, unique.name.as_ref()),
        Change::DropIndex(table, index) => drop_index(difference, table, &index.name),
        Change::DropColumn(table, column) => {
            vec![alter(table, &format!("DROP COLUMN {}", n(&column.name)))]
        }
        Change::AddCheck(table, check) => {
            vec![alter(
                table,
                &format!("ADD {}", pieces::check(dialect, check)),
            )]
        }
        Change::AddForeignKey(table, key) => {
            let key = pieces::foreign_key(dialect, key, &key.parent);
            vec![alter(table, &format!("ADD {key}"))]
        }
        Change::DropTable(table) => vec![format!("DROP TABLE {}", n(&table.name))],
    }
}

fn rename_index(dialect: Dialect, table: &str, from: &str, to: &str) -> String {
    let (from, to) = (name(dialect, from), name(dialect, to));
    if dialect == Dialect::MySql {
        let table = name(dialect, table);
        format!("ALTER TABLE {table} RENAME INDEX {from} TO {to}")
    } else {
        format!("ALTER INDEX {from} RENAME TO {to}")
    }
}

fn drop_index(difference: &Difference, table: &str, index: &str) -> Vec<String> {
    let dialect = difference.wanted.dialect;
    let index_name = name(dialect, index);
    if dialect != Dialect::MySql {
        return vec![format!("DROP INDEX {index_name}")];
    }
    let mut parts = Vec::new();
    if let Some(wanted) = difference.wanted.table(table) {
        for key in wanted
            .foreign_keys
            .iter()
            .filter(|key| !is_indexed(wanted, key))
        {
            // MySQL refuses a foreign key without an index: this is the one that it makes itself for a new key.
            let own = key
                .name
                .as_ref()
                .map_or_else(String::new, |own| name(dialect, own));
            parts.push(format!(
                "ADD INDEX {own} ({})",
                names(dialect, &key.columns)
            ));
        }
    }
    parts.push(format!("DROP INDEX {index_name}"));
    let table = name(dialect, table);
    vec![format!("ALTER TABLE {table} {}", parts.join(", "))]
}

/// True if some index begins with the columns of a foreign key.
fn is_indexed(table: &Table, key: &ForeignKey) -> bool {
    let begins = |columns: &[String]| columns.starts_with(&key.columns);
    let ordinary = table.indexes.iter().filter(|index| index.method.is_none());
    let mut indexes = ordinary.map(|index| {
        let parts = index.parts.iter().map(|part| part.canonical.clone());
        parts.collect::<Vec<_>>()
    });
    begins(&table.primary_key)
        || table.uniques.iter().any(|unique| begins(&unique.columns))
        || indexes.any(|columns| begins(&columns))
}

fn alter_column(dialect: Dialect, table: &str, from: &Column, to: &Column) -> Vec<String> {
    let (table, column) = (name(dialect, table), name(dialect, &to.name));
    let mut all = Vec::new();
    let is_filled = from.is_nullable && !to.is_nullable;
    if let (true, Some(value)) = (is_filled, &to.default) {
        all.push(format!(
            "UPDATE {table} SET {column} = {} WHERE {column} IS NULL",
            value.sql
        ));
    }
    if dialect == Dialect::MySql {
        let definition = pieces::column(dialect, to);
        all.push(format!("ALTER TABLE {table} MODIFY COLUMN {definition}"));
        return all;
    }
    let alter = |rest: String| format!("ALTER TABLE {table} ALTER COLUMN {column} {rest}");
    let is_retyped = from.sql_type != to.sql_type || from.collation != to.collation;
    if is_retyped {
        if from.default.is_some() {
            all.push(alter("DROP DEFAULT".to_owned()));
        }
        let collation = to.collation.as_ref();
        let collation =
            collation.map_or_else(String::new, |collation| format!(" COLLATE \"{collation}\""));
        let value = converted(&column, &from.sql_type, &to.sql_type);
        all.push(alter(format!(
            "TYPE {}{collation} USING {value}",
            to.sql_type
        )));
    }
    if from.default != to.default || is_retyped && to.default.is_some() {
        match &to.default {
            Some(value) => all.push(alter(format!("SET DEFAULT {}", value.sql))),
            None if !is_retyped => all.push(alter("DROP DEFAULT".to_owned())),
            None => {}
        }
    }
    match (from.is_nullable, to.is_nullable) {
        (true, false) => all.push(alter("SET NOT NULL".to_owned())),
        (false, true) => all.push(alter("DROP NOT NULL".to_owned())),
        _ => {}
    }
    all
}

/// A value of one type as one of another, in PostgreSQL.
fn converted(column: &str, from: &str, to: &str) -> String {
    match (from, to) {
        ("boolean", "bigint" | "double precision") => format!("{column}::integer::{to}"),
        ("bigint" | "integer", "boolean") => format!("{column} <> 0"),
        _ => format!("{column}::{to}"),
    }
}
