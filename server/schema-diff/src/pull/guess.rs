//! A column of a database as a declared one, as far as declarations go.

use db::Dialect;
use db::schema::{Column as Declared, DefaultValue, Kind};

use super::names::{id_type, type_name};
use crate::model::{Column, ForeignKey, Table};

/// A column in both forms: as data, from which its DDL is made, and as words.
pub(super) struct Guess {
    pub(super) column: Declared,
    pub(super) rust_type: String,
}

impl Guess {
    /// Its line in a declaration.
    pub(super) fn line(&self) -> String {
        let Declared {
            name,
            is_key,
            is_unique,
            references,
            max,
            default,
            ..
        } = &self.column;
        let mut rules: Vec<String> = Vec::new();
        if *is_key {
            rules.push("key()".to_owned());
        }
        if *is_unique {
            rules.push("unique()".to_owned());
        }
        if let Some((table, column)) = references {
            rules.push(format!("cascades({table}::{column})"));
        }
        if let Some(characters) = max {
            rules.push(format!("max({characters})"));
        }
        if let Some(value) = default {
            rules.push(format!("default(DefaultValue::{value:?})"));
        }
        let rules = rules.join(".");
        let arrow = if rules.is_empty() { "" } else { " => " };
        format!("{name}: {}{arrow}{rules},", self.rust_type)
    }
}

/// The column that gives rows a number for full-text search, on the engine that needs one: declarations have it by `search`.
pub(super) fn is_row_number(table: &Table, column: &Column) -> bool {
    table.search.is_some()
        && column.sql_type == "integer"
        && table.primary_key == [column.name.clone()]
}

/// The columns of the key as it is declared.
pub(super) fn key(table: &Table) -> Vec<String> {
    let number = |column: &&Column| is_row_number(table, column);
    if table.columns.iter().any(|column| number(&column)) {
        let unnamed = table.uniques.iter().find(|unique| unique.name.is_none());
        return unnamed.map_or_else(Vec::new, |unique| unique.columns.clone());
    }
    table.primary_key.clone()
}

pub(super) fn column(dialect: Dialect, table: &Table, column: &Column) -> Guess {
    let own = [column.name.clone()];
    let reference = table
        .foreign_keys
        .iter()
        .find(|key| key.columns == own && key.parent_columns.len() == 1 && cascades(key));
    let check = words(table, &column.name);
    let key = key(table);
    let is_key = key.contains(&column.name);
    let is_named_unique = |columns: &[String]| columns == own && key != own;
    let is_unique = table
        .uniques
        .iter()
        .any(|one| is_named_unique(&one.columns));
    let kind = kind(dialect, column);
    let leak = |text: &str| -> &'static str { text.to_owned().leak() };
    let mut declared = Declared::new::<String>(leak(&table.name), leak(&column.name));
    declared.kind = kind;
    declared.is_nullable = column.is_nullable;
    declared.is_key = is_key;
    declared.is_unique = is_unique;
    declared.references = reference.map(|key| (leak(&key.parent), leak(&key.parent_columns[0])));
    declared.max = length(&column.sql_type).filter(|_| kind == Kind::Text);
    declared.default = column
        .default
        .as_ref()
        .and_then(|value| default(kind, &value.canonical));
    declared.words = check.as_ref().map(|words| -> &'static [&'static str] {
        words
            .iter()
            .map(|word| leak(word))
            .collect::<Vec<_>>()
            .leak()
    });
    let plain = match kind {
        Kind::Bool => "bool".to_owned(),
        Kind::Int => "i64".to_owned(),
        Kind::Float => "f64".to_owned(),
        Kind::Bytes => "Vec<u8>".to_owned(),
        Kind::Time => "Timestamp".to_owned(),
        Kind::Uuid => match declared.references {
            Some((parent, _)) => id_type(parent),
            None if key == own => id_type(&table.name),
            None => id_type(&column.name),
        },
        Kind::Text if check.is_some() => type_name(&column.name),
        Kind::Text => "String".to_owned(),
    };
    let rust_type = if column.is_nullable {
        format!("Option<{plain}>")
    } else {
        plain
    };
    Guess {
        column: declared,
        rust_type,
    }
}

/// True for the only kind of foreign key that declarations have.
fn cascades(key: &ForeignKey) -> bool {
    key.on_delete.as_deref() == Some("CASCADE") && key.on_update.is_none()
}

/// The kind of storage; where an engine's type is wider or narrower, the difference is said beside the column.
fn kind(dialect: Dialect, column: &Column) -> Kind {
    let name = column.sql_type.split('(').next().unwrap_or_default();
    let name = name.trim_end_matches(" unsigned");
    let is_id = dialect == Dialect::MySql
        && column.sql_type == "char(36)"
        && column.collation.as_deref() == Some("ascii");
    match name {
        "uuid" => Kind::Uuid,
        _ if is_id => Kind::Uuid,
        "boolean" => Kind::Bool,
        "tinyint" if column.sql_type == "tinyint(1)" => Kind::Bool,
        // SQLite keeps times as numbers: the name is all that tells them.
        "integer" | "bigint" if dialect == Dialect::Sqlite && column.name.ends_with("_at") => {
            Kind::Time
        }
        "bigint" | "integer" | "smallint" | "mediumint" | "tinyint" => Kind::Int,
        "timestamptz" | "timestamp" | "datetime" => Kind::Time,
        "double precision" | "double" | "real" | "float" | "numeric" | "decimal" => Kind::Float,
        "bytea" | "blob" | "longblob" | "mediumblob" | "tinyblob" | "varbinary" | "binary" => {
            Kind::Bytes
        }
        _ => Kind::Text,
    }
}

fn length(sql_type: &str) -> Option<u16> {
    let (name, rest) = sql_type.split_once('(')?;
    let length = rest.strip_suffix(')')?.parse().ok()?;
    ["varchar", "char"].contains(&name).then_some(length)
}

fn default(kind: Kind, canonical: &str) -> Option<DefaultValue> {
    let text = canonical
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''));
    match (kind, text) {
        (Kind::Bool, None) => match canonical {
            "true" | "1" => Some(DefaultValue::Bool(true)),
            "false" | "0" => Some(DefaultValue::Bool(false)),
            _ => None,
        },
        (Kind::Int, None) => canonical.parse().ok().map(DefaultValue::Int),
        (Kind::Text, Some(text)) => Some(DefaultValue::Text(text.replace("''", "'").leak())),
        _ => None,
    }
}

/// The words of a CHECK that allows nothing else in this column.
fn words(table: &Table, column: &str) -> Option<Vec<String>> {
    let begin = format!("({column} in (");
    let mut lists = table.checks.iter().filter_map(|check| {
        let list = check.condition.canonical.strip_prefix(&begin)?;
        list.strip_suffix("))")
    });
    let list = lists.next()?;
    let words = list.split(", ").map(|word| {
        let word = word.strip_prefix('\'')?.strip_suffix('\'')?;
        Some(word.to_owned())
    });
    words.collect()
}
