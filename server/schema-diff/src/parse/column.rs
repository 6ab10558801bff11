//! Columns: their types by one name each, their defaults and collations.

use db::Dialect;
use sqlparser::ast::{ColumnDef, ColumnOption};

use super::{expression, last};
use crate::model::{Column, Expression};

pub(super) fn column(dialect: Dialect, definition: &ColumnDef) -> Result<Column, String> {
    let sql_type = sql_type(&definition.data_type.to_string());
    let mut column = Column {
        name: definition.name.value.clone(),
        sql_type,
        is_nullable: true,
        default: None,
        collation: None,
        extra: None,
    };
    let mut charset = None;
    for option in &definition.options {
        match &option.option {
            ColumnOption::Null
            | ColumnOption::PrimaryKey(_)
            | ColumnOption::Unique(_)
            | ColumnOption::ForeignKey(_)
            | ColumnOption::Check(_)
            | ColumnOption::Comment(_) => {}
            ColumnOption::NotNull => column.is_nullable = false,
            ColumnOption::Default(value) => column.default = default(&column, expression(value)),
            ColumnOption::CharacterSet(name) => charset = Some(last(name).to_lowercase()),
            ColumnOption::Collation(name) => column.collation = Some(last(name).to_lowercase()),
            ColumnOption::DialectSpecific(tokens) => {
                let words: Vec<String> = tokens.iter().map(ToString::to_string).collect();
                column.extra = Some(words.join(" ").to_uppercase());
            }
            other @ (ColumnOption::Generated { .. }
            | ColumnOption::Identity(_)
            | ColumnOption::OnUpdate(_)) => column.extra = Some(other.to_string()),
            other => {
                return Err(format!(
                    "`{other}` of the column {} is not known",
                    column.name
                ));
            }
        }
    }
    if dialect == Dialect::MySql {
        column.collation = collation(charset, column.collation);
    }
    Ok(column)
}

/// The collation; a character set's default one goes by the set's own name.
fn collation(charset: Option<String>, collation: Option<String>) -> Option<String> {
    let Some(charset) = charset else {
        return collation;
    };
    let default = format!("{charset}_general_ci");
    Some(
        collation
            .filter(|collation| *collation != default)
            .unwrap_or(charset),
    )
}

/// `None` for the default that a column has anyway. Some servers put numbers in quotes.
fn default(column: &Column, value: Expression) -> Option<Expression> {
    if value.canonical == "null" {
        return None;
    }
    let bare = value.canonical.trim_matches('\'');
    let is_number = bare.parse::<f64>().is_ok() && !column.sql_type.contains("char");
    let is_text = column.sql_type.contains("text");
    let canonical = if is_number && !is_text {
        bare.to_owned()
    } else {
        value.canonical
    };
    let canonical = match canonical.as_str() {
        "true" if column.sql_type == "tinyint(1)" => "1".to_owned(),
        "false" if column.sql_type == "tinyint(1)" => "0".to_owned(),
        "now" | "now()" => "current_timestamp".to_owned(),
        _ => canonical,
    };
    Some(Expression {
        sql: value.sql,
        canonical,
    })
}

/// A type by the name that the declarations use.
fn sql_type(text: &str) -> String {
    let text = text.to_lowercase().replace(", ", ",");
    if let Some(signed) = text.strip_suffix(" unsigned") {
        return format!("{} unsigned", sql_type(signed));
    }
    let (name, rest) = text.split_once('(').unwrap_or((&text, ""));
    let (arguments, end) = rest.split_once(')').unwrap_or((rest, ""));
    let name = match (name.trim(), end.trim()) {
        ("int8", _) => "bigint",
        ("int4" | "int", _) => "integer",
        ("int2", _) => "smallint",
        ("bool", _) => "boolean",
        ("float8", _) => "double precision",
        ("character varying", _) => "varchar",
        ("character", _) => "char",
        ("timestamp", "with time zone") | ("timestamp with time zone", _) => "timestamptz",
        ("timestamp", "without time zone") => "timestamp",
        ("", _) => "blob",
        (name, _) => name,
    };
    // The width of a whole number is only how it is shown.
    let is_whole = ["bigint", "integer", "smallint", "mediumint"].contains(&name);
    if arguments.is_empty() || is_whole {
        name.to_owned()
    } else {
        format!("{name}({arguments})")
    }
}
