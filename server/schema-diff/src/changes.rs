//! The changes that lead from one schema to another, and which of them lose data.

use crate::model::{Check, Column, ForeignKey, Index, Search, Table, Unique};

/// One step. Names are those of the moment: after the renames before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Removes the virtual table of a search; its words come from the table's rows.
    DropSearch(Table, Search),
    /// Gives a table another name.
    RenameTable(String, String),
    /// Gives a column another name.
    RenameColumn(String, String, String),
    /// Removes a foreign key.
    DropForeignKey(String, ForeignKey),
    /// Removes a CHECK.
    DropCheck(String, Check),
    /// Makes a table with its constraints and indexes.
    CreateTable(Table),
    /// Adds a column.
    AddColumn(String, Column),
    /// Changes type, default, nullability or collation.
    AlterColumn(String, Column, Column),
    /// Changes the primary key.
    ChangeKey(String, Vec<String>, Vec<String>),
    /// Changes what follows the closing parenthesis.
    ChangeOptions(String, String),
    /// Adds a unique constraint.
    AddUnique(String, Unique),
    /// Makes an index.
    AddIndex(String, Index),
    /// Puts one index in the place of another of its name.
    ReplaceIndex(String, Index, Index),
    /// Gives an index another name.
    RenameIndex(String, Index, String),
    /// Gives a constraint another name; true for a unique constraint, which is an index too.
    RenameConstraint(String, String, String, bool),
    /// Removes a unique constraint.
    DropUnique(String, Unique),
    /// Removes an index.
    DropIndex(String, Index),
    /// Removes a column with its values.
    DropColumn(String, Column),
    /// Adds a CHECK.
    AddCheck(String, Check),
    /// Adds a foreign key.
    AddForeignKey(String, ForeignKey),
    /// Makes the virtual table of a search and fills it.
    CreateSearch(Table, Search),
    /// Removes a table with its rows.
    DropTable(Table),
}

impl Change {
    /// A sentence without a full stop.
    pub fn describe(&self) -> String {
        let list = |columns: &[String]| columns.join(", ");
        let parts = |index: &Index| {
            let parts: Vec<&str> = index.parts.iter().map(|part| part.sql.as_str()).collect();
            parts.join(", ")
        };
        let named = |name: &Option<String>| {
            name.as_ref()
                .map_or_else(String::new, |name| format!(" {name}"))
        };
        match self {
            Self::DropSearch(table, _) => {
                format!("{}: full-text search is removed", table.name)
            }
            Self::RenameTable(from, to) => format!("{from} is renamed to {to}"),
            Self::RenameColumn(table, from, to) => format!("{table}.{from} is renamed to {to}"),
            Self::DropForeignKey(table, key) => format!(
                "{table}: the foreign key{} to {} is removed",
                named(&key.name),
                key.parent
            ),
            Self::DropCheck(table, check) => {
                format!("{table}: the CHECK{} is removed", named(&check.name))
            }
            Self::CreateTable(table) => format!("{} is new", table.name),
            Self::AddColumn(table, column) => format!("{table}.{} is new", column.name),
            Self::AlterColumn(table, from, to) => {
                format!("{table}.{}: {}", to.name, alteration(from, to))
            }
            Self::ChangeKey(table, from, to) => format!(
                "{table}: the primary key ({}) becomes ({})",
                list(from),
                list(to)
            ),
            Self::ChangeOptions(table, to) => format!("{table}: its options become `{to}`"),
            Self::AddUnique(table, unique) => {
                format!("{table}: ({}) becomes unique", list(&unique.columns))
            }
            Self::AddIndex(table, index) => {
                format!(
                    "{table}: the index {} ({}) is new",
                    index.name,
                    parts(index)
                )
            }
            Self::ReplaceIndex(table, from, to) => format!(
                "{table}: the index {} ({}) becomes ({})",
                to.name,
                parts(from),
                parts(to)
            ),
            Self::RenameIndex(table, index, to) => {
                format!("{table}: the index {} is renamed to {to}", index.name)
            }
            Self::RenameConstraint(table, from, to, _) => {
                format!("{table}: the constraint {from} is renamed to {to}")
            }
            Self::DropUnique(table, unique) => {
                format!("{table}: ({}) is no longer unique", list(&unique.columns))
            }
            Self::DropIndex(table, index) => {
                format!("{table}: the index {} is removed", index.name)
            }
            Self::DropColumn(table, column) => {
                format!("{table}.{} is removed with its values", column.name)
            }
            Self::AddCheck(table, check) => format!(
                "{table}: the CHECK{} ({}) is new",
                named(&check.name),
                check.condition.sql
            ),
            Self::AddForeignKey(table, key) => format!(
                "{table}: the foreign key{} to {} is new",
                named(&key.name),
                key.parent
            ),
            Self::CreateSearch(table, _) => format!("{}: full-text search is new", table.name),
            Self::DropTable(table) => format!("{} is removed with its rows", table.name),
        }
    }

    /// A statement that counts what this step would lose, if it loses anything; its table and its column, for people.
    pub fn loss(&self) -> Option<Loss> {
        match self {
            Self::DropTable(table) => Some(Loss {
                table: table.name.clone(),
                column: None,
                what: format!("every row of {}", table.name),
            }),
            Self::DropColumn(table, column) => Some(Loss {
                table: table.clone(),
                column: Some(column.name.clone()),
                what: format!("every value of {table}.{}", column.name),
            }),
            Self::AlterColumn(table, from, to) if !keeps_values(&from.sql_type, &to.sql_type) => {
                Some(Loss {
                    table: table.clone(),
                    column: Some(to.name.clone()),
                    what: format!(
                        "values of {table}.{} that {} does not hold",
                        to.name, to.sql_type
                    ),
                })
            }
            _ => None,
        }
    }
}

/// The data that a step would lose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The table.
    pub table: String,
    /// The column, unless it is the whole table.
    pub column: Option<String>,
    /// Words for people.
    pub what: String,
}

impl Loss {
    /// The statement that counts the rows with something to lose.
    pub fn count(&self) -> String {
        let counted = self.column.as_deref().unwrap_or("*");
        format!("SELECT COUNT({counted}) FROM {}", self.table)
    }
}

fn alteration(from: &Column, to: &Column) -> String {
    let mut all = Vec::new();
    if from.sql_type != to.sql_type {
        all.push(format!("{} becomes {}", from.sql_type, to.sql_type));
    }
    match (from.is_nullable, to.is_nullable) {
        (true, false) => all.push("NULL is no longer allowed".to_owned()),
        (false, true) => all.push("NULL becomes allowed".to_owned()),
        _ => {}
    }
    if from.default != to.default {
        all.push(match &to.default {
            Some(value) => format!("the default becomes {}", value.sql),
            None => "the default is removed".to_owned(),
        });
    }
    if from.collation != to.collation {
        let name = to.collation.as_deref().unwrap_or("the table's own");
        all.push(format!("the collation becomes {name}"));
    }
    if from.extra != to.extra {
        all.push(format!(
            "`{}` becomes `{}`",
            from.extra.as_deref().unwrap_or_default(),
            to.extra.as_deref().unwrap_or_default()
        ));
    }
    all.join(", ")
}

/// True if every value of one type is a value of the other.
fn keeps_values(from: &str, to: &str) -> bool {
    let length = |sql_type: &str| -> Option<u32> {
        let number = sql_type.strip_prefix("varchar(")?.strip_suffix(')')?;
        number.parse().ok()
    };
    if from == to {
        return true;
    }
    let is_text = |sql_type: &str| sql_type == "text" || sql_type.ends_with("text");
    match (length(from), length(to)) {
        (Some(from), Some(to)) => from <= to,
        (Some(_), None) => is_text(to),
        _ => {
            let wider = [
                ("smallint", "integer"),
                ("smallint", "bigint"),
                ("integer", "bigint"),
                ("integer", "text"),
                ("bigint", "text"),
                ("uuid", "text"),
                ("boolean", "bigint"),
                ("boolean", "text"),
                ("char(36)", "longtext"),
                ("tinyint(1)", "bigint"),
                ("bigint", "longtext"),
                ("real", "text"),
            ];
            wider.contains(&(from, to))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrower_types_lose_values_and_wider_ones_do_not() {
        for (from, to, keeps) in [
            ("varchar(30)", "varchar(80)", true),
            ("varchar(80)", "varchar(30)", false),
            ("varchar(80)", "longtext", true),
            ("longtext", "varchar(80)", false),
            ("bigint", "text", true),
            ("text", "bigint", false),
            ("uuid", "text", true),
            ("text", "uuid", false),
            ("timestamptz(3)", "bigint", false),
        ] {
            assert_eq!(keeps_values(from, to), keeps, "{from} to {to}");
        }
    }
}
