//! Parts of statements that every dialect has: definitions of columns, constraints, indexes and whole tables.

use db::Dialect;

use super::names::{name, names};
use crate::model::{Check, Column, Expression, ForeignKey, Index, Table, Unique};

/// A column's definition.
pub(super) fn column(dialect: Dialect, column: &Column) -> String {
    // SQLite and PostgreSQL are declared with types in capitals and in small letters, MySQL's in capitals.
    let sql_type = if dialect == Dialect::Postgres {
        column.sql_type.clone()
    } else {
        column.sql_type.to_uppercase()
    };
    let mut sql = format!("{} {sql_type}", name(dialect, &column.name));
    if let Some(collation) = &column.collation {
        let is_charset = dialect == Dialect::MySql && !collation.contains('_');
        let word = if is_charset {
            "CHARACTER SET"
        } else {
            "COLLATE"
        };
        let quoted = if dialect == Dialect::Postgres {
            format!("\"{}\"", collation.replace('"', ""))
        } else {
            collation.clone()
        };
        sql.push_str(&format!(" {word} {quoted}"));
    }
    if !column.is_nullable {
        sql.push_str(" NOT NULL");
    }
    if let Some(value) = &column.default {
        sql.push_str(&format!(" DEFAULT {}", default(dialect, value)));
    }
    if let Some(extra) = &column.extra {
        sql.push_str(&format!(" {extra}"));
    }
    sql
}

/// A default: SQLite wants parentheses around what is no literal.
pub(super) fn default(dialect: Dialect, value: &Expression) -> String {
    if dialect == Dialect::Sqlite && !is_literal(value) {
        format!("({})", value.sql)
    } else {
        value.sql.clone()
    }
}

/// True if a default is a literal, which SQLite can add to a table that has rows.
pub(super) fn is_literal(value: &Expression) -> bool {
    let text = value.canonical.as_str();
    let is_text = text.len() > 1 && text.starts_with('\'') && text.ends_with('\'');
    is_text
        || text.trim_matches(['(', ')', '-']).parse::<f64>().is_ok()
        || ["true", "false", "null"].contains(&text)
}

fn constraint(dialect: Dialect, given: Option<&String>, rest: &str) -> String {
    match given {
        Some(given) => format!("CONSTRAINT {} {rest}", name(dialect, given)),
        None => rest.to_owned(),
    }
}

/// A unique constraint.
pub(crate) fn unique(dialect: Dialect, unique: &Unique) -> String {
    let rest = format!("UNIQUE ({})", names(dialect, &unique.columns));
    constraint(dialect, unique.name.as_ref(), &rest)
}

/// A CHECK.
pub(crate) fn check(dialect: Dialect, check: &Check) -> String {
    let rest = format!("CHECK ({})", check.condition.sql);
    constraint(dialect, check.name.as_ref(), &rest)
}

/// A foreign key to `parent`, which may be a copy of the one that it names.
pub(crate) fn foreign_key(dialect: Dialect, key: &ForeignKey, parent: &str) -> String {
    let rest = format!(
        "FOREIGN KEY ({}) {}",
        names(dialect, &key.columns),
        references(dialect, key, parent)
    );
    constraint(dialect, key.name.as_ref(), &rest)
}

/// A foreign key from REFERENCES on.
pub(super) fn references(dialect: Dialect, key: &ForeignKey, parent: &str) -> String {
    let mut sql = format!("REFERENCES {}", name(dialect, parent));
    if !key.parent_columns.is_empty() {
        sql.push_str(&format!(" ({})", names(dialect, &key.parent_columns)));
    }
    if let Some(action) = &key.on_delete {
        sql.push_str(&format!(" ON DELETE {action}"));
    }
    if let Some(action) = &key.on_update {
        sql.push_str(&format!(" ON UPDATE {action}"));
    }
    sql
}

/// CREATE INDEX.
pub(crate) fn create_index(dialect: Dialect, table: &str, index: &Index) -> String {
    let fulltext = ["fulltext", "spatial"];
    let method = index.method.as_deref();
    let word = match method.filter(|method| fulltext.contains(method)) {
        Some(method) => format!("{} ", method.to_uppercase()),
        None if index.is_unique => "UNIQUE ".to_owned(),
        None => String::new(),
    };
    let using = method
        .filter(|method| !fulltext.contains(method))
        .map_or_else(String::new, |method| format!("USING {method} "));
    let parts: Vec<&str> = index.parts.iter().map(|part| part.sql.as_str()).collect();
    let mut sql = format!(
        "CREATE {word}INDEX {} ON {} {using}({})",
        name(dialect, &index.name),
        name(dialect, table),
        parts.join(", ")
    );
    if let Some(condition) = &index.condition {
        sql.push_str(&format!(" WHERE {}", condition.sql));
    }
    sql
}

/// CREATE TABLE under the name `called`; `parent` gives the name by which a foreign key's table goes at the moment.
pub(super) fn create_table(
    dialect: Dialect,
    table: &Table,
    called: &str,
    parent: impl Fn(&str) -> String,
) -> String {
    let own_key = match table.primary_key.as_slice() {
        [one] => Some(one),
        _ => None,
    };
    let mut parts: Vec<String> = Vec::new();
    for definition in &table.columns {
        let mut sql = column(
            dialect,
            &Column {
                extra: None,
                default: None,
                ..definition.clone()
            },
        );
        if own_key == Some(&definition.name) {
            let is_row_number = dialect == Dialect::Sqlite && definition.sql_type == "integer";
            if is_row_number {
                sql = sql.replace(" NOT NULL", "");
            }
            sql.push_str(" PRIMARY KEY");
        }
        if let Some(extra) = &definition.extra {
            sql.push_str(&format!(" {extra}"));
        }
        if let Some(value) = &definition.default {
            sql.push_str(&format!(" DEFAULT {}", default(dialect, value)));
        }
        parts.push(sql);
    }
    if own_key.is_none() && !table.primary_key.is_empty() {
        parts.push(format!(
            "PRIMARY KEY ({})",
            names(dialect, &table.primary_key)
        ));
    }
    parts.extend(table.uniques.iter().map(|one| unique(dialect, one)));
    let keys = table.foreign_keys.iter();
    parts.extend(keys.map(|key| foreign_key(dialect, key, &parent(&key.parent))));
    parts.extend(table.checks.iter().map(|one| check(dialect, one)));
    let options = match (dialect, table.options.strip_prefix("collate ")) {
        (Dialect::MySql, Some(collation)) => {
            let charset = collation.split('_').next().unwrap_or(collation);
            format!(" ENGINE=InnoDB DEFAULT CHARACTER SET {charset} COLLATE {collation}")
        }
        _ if table.options.is_empty() => String::new(),
        _ => format!(" {}", table.options),
    };
    format!(
        "CREATE TABLE {} (\n  {}\n){options}",
        name(dialect, called),
        parts.join(",\n  ")
    )
}
