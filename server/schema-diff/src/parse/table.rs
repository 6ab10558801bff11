//! CREATE TABLE to the model.

use db::Dialect;
use sqlparser::ast::{
    ColumnOption, CreateTable, CreateTableOptions, ForeignKeyConstraint, Ident, IndexColumn,
    ReferentialAction, SqlOption, TableConstraint,
};

use super::column::column;
use super::{add_index, expression, index_part, last};
use crate::model::{Check, Column, ForeignKey, Index, Table, Unique};

pub(super) fn table(dialect: Dialect, create: &CreateTable) -> Result<Table, String> {
    let mut table = Table {
        name: last(&create.name),
        columns: Vec::new(),
        primary_key: Vec::new(),
        uniques: Vec::new(),
        foreign_keys: Vec::new(),
        checks: Vec::new(),
        indexes: Vec::new(),
        options: options(dialect, create),
        search: None,
        triggers: Vec::new(),
    };
    for definition in &create.columns {
        table.columns.push(column(dialect, definition)?);
        let own = vec![definition.name.value.clone()];
        for option in &definition.options {
            let name = option.name.as_ref().map(|name| name.value.clone());
            match &option.option {
                ColumnOption::PrimaryKey(_) => table.primary_key.clone_from(&own),
                ColumnOption::Unique(_) => table.uniques.push(Unique {
                    name,
                    columns: own.clone(),
                }),
                ColumnOption::ForeignKey(key) => {
                    let mut key = foreign_key(dialect, key);
                    (key.name, key.columns) = (name, own.clone());
                    table.foreign_keys.push(key);
                }
                ColumnOption::Check(check) => table.checks.push(Check {
                    name: name.or_else(|| text(check.name.as_ref())),
                    condition: expression(&check.expr),
                }),
                _ => {}
            }
        }
    }
    for constraint in &create.constraints {
        constrain(dialect, &mut table, constraint)?;
    }
    let primary_key = table.primary_key.clone();
    for column in &mut table.columns {
        // SQLite alone allows NULL in a key, where the column does not say otherwise.
        let is_key = primary_key.contains(&column.name);
        let is_row_number = column.sql_type == "integer" && primary_key.len() == 1;
        if is_key && (dialect != Dialect::Sqlite || is_row_number) {
            column.is_nullable = false;
        }
        // The table's own character set is said again by some servers.
        let is_own = |collation: &String| {
            table.options == format!("collate {collation}")
                || table.options.starts_with(&format!("collate {collation}_"))
        };
        if column.collation.as_ref().is_some_and(is_own) {
            column.collation = None;
        }
    }
    if dialect == Dialect::MySql {
        // MySQL makes an index for a foreign key that has none, with the key's name.
        let keys: Vec<Option<String>> = table.foreign_keys.iter().map(|k| k.name.clone()).collect();
        let is_implied = |index: &Index| keys.contains(&Some(index.name.clone()));
        table.indexes.retain(|index| !is_implied(index));
        keep_real_checks(&mut table);
    }
    Ok(table)
}

fn constrain(
    dialect: Dialect,
    table: &mut Table,
    constraint: &TableConstraint,
) -> Result<(), String> {
    match constraint {
        TableConstraint::PrimaryKey(key) => table.primary_key = names(&key.columns),
        TableConstraint::Unique(unique) => table.uniques.push(Unique {
            name: text(unique.name.as_ref()).or_else(|| text(unique.index_name.as_ref())),
            columns: names(&unique.columns),
        }),
        TableConstraint::ForeignKey(key) => table.foreign_keys.push(foreign_key(dialect, key)),
        TableConstraint::Check(check) => table.checks.push(Check {
            name: text(check.name.as_ref()),
            condition: expression(&check.expr),
        }),
        TableConstraint::Index(index) => {
            let index = Index {
                name: text(index.name.as_ref()).unwrap_or_default(),
                is_unique: false,
                method: None,
                parts: index.columns.iter().map(index_part).collect(),
                condition: None,
            };
            add_index(true, table, index);
        }
        TableConstraint::FulltextOrSpatial(index) => table.indexes.push(Index {
            name: text(index.opt_index_name.as_ref()).unwrap_or_default(),
            is_unique: false,
            method: Some(
                if index.fulltext {
                    "fulltext"
                } else {
                    "spatial"
                }
                .to_owned(),
            ),
            parts: index.columns.iter().map(index_part).collect(),
            condition: None,
        }),
        other => return Err(format!("the constraint `{other}` is not known")),
    }
    Ok(())
}

fn foreign_key(dialect: Dialect, key: &ForeignKeyConstraint) -> ForeignKey {
    let action = |action: &Option<ReferentialAction>| {
        let action = action.as_ref()?;
        let refuses = *action == ReferentialAction::NoAction
            || dialect == Dialect::MySql && *action == ReferentialAction::Restrict;
        (!refuses).then(|| action.to_string())
    };
    ForeignKey {
        name: text(key.name.as_ref()),
        columns: idents(&key.columns),
        parent: last(&key.foreign_table),
        parent_columns: idents(&key.referred_columns),
        on_delete: action(&key.on_delete),
        on_update: action(&key.on_update),
    }
}

/// The options after the closing parenthesis that matter.
fn options(dialect: Dialect, create: &CreateTable) -> String {
    let CreateTableOptions::Plain(all) = &create.table_options else {
        let options = create.sqlite_table_options.options.iter();
        let mut options: Vec<String> = options.map(ToString::to_string).collect();
        options.sort();
        return options.join(", ");
    };
    if dialect != Dialect::MySql {
        return String::new();
    }
    let value = |wanted: &str| {
        all.iter().find_map(|option| match option {
            SqlOption::KeyValue { key, value }
                if key.to_string().to_lowercase().ends_with(wanted) =>
            {
                Some(value.to_string().trim_matches('\'').to_lowercase())
            }
            _ => None,
        })
    };
    let collation = value("collate").or_else(|| value("charset"));
    collation.map_or_else(String::new, |collation| format!("collate {collation}"))
}

/// MariaDB lists `json_valid` for its JSON columns, which is the type and no constraint of the schema.
fn keep_real_checks(table: &mut Table) {
    let columns: Vec<Column> = table.columns.clone();
    table.checks.retain(|check| {
        !columns
            .iter()
            .any(|column| check.condition.canonical == format!("json_valid({})", column.name))
    });
}

fn names(columns: &[IndexColumn]) -> Vec<String> {
    let parts = columns.iter().map(index_part);
    parts.map(|part| part.canonical).collect()
}

fn idents(names: &[Ident]) -> Vec<String> {
    names.iter().map(|name| name.value.clone()).collect()
}

fn text(name: Option<&Ident>) -> Option<String> {
    name.map(|name| name.value.clone())
        .filter(|name| !name.is_empty())
}
