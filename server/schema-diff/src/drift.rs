//! Differences as what is wrong with a database: sentences for `cargo x db check`.

use db::Dialect;

use crate::Change;
use crate::model::{Column, Schema};
use crate::render::definition;

/// A view or a trigger, which no declaration makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeByHand {
    /// `view` or `trigger`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// The table of a trigger.
    pub table: Option<String>,
}

/// The views and triggers of a database, without those of full-text search.
pub fn made_by_hand(schema: &Schema) -> Vec<MadeByHand> {
    let views = schema.views.iter().map(|view| MadeByHand {
        kind: "view",
        name: view.name.clone(),
        table: None,
    });
    let triggers = schema.tables.iter().flat_map(|table| {
        table.triggers.iter().map(|trigger| MadeByHand {
            kind: "trigger",
            name: trigger.name.clone(),
            table: Some(table.name.clone()),
        })
    });
    views.chain(triggers).collect()
}

/// Says what is wrong with a database that needs this change, in a sentence without a full stop. `None` for a change that only
/// goes with others.
pub fn drift(dialect: Dialect, change: &Change) -> Option<String> {
    let column = |column: &Column| definition(dialect, column);
    let or_unnamed = |name: &Option<String>| {
        name.as_ref()
            .map_or_else(|| "without a name".to_owned(), Clone::clone)
    };
    Some(match change {
        Change::RenameTable(..)
        | Change::RenameColumn(..)
        | Change::RenameIndex(..)
        | Change::RenameConstraint(..) => change.describe(),
        Change::CreateTable(table) => format!("the table {} is missing", table.name),
        Change::DropTable(table) => format!("the table {} is not declared", table.name),
        Change::AddColumn(table, column) => {
            format!("the column {table}.{} is missing", column.name)
        }
        Change::DropColumn(table, column) => {
            format!("the column {table}.{} is not declared", column.name)
        }
        Change::AlterColumn(table, from, to) => format!(
            "{table}.{} is `{}`, declared as `{}`",
            to.name,
            column(from),
            column(to)
        ),
        Change::ChangeKey(table, from, to) => format!(
            "the primary key of {table} is ({}), declared as ({})",
            from.join(", "),
            to.join(", ")
        ),
        Change::ChangeOptions(table, to) => {
            format!("the options of {table} differ, declared as `{to}`")
        }
        Change::AddUnique(table, unique) => {
            format!("{table} ({}) is not unique", unique.columns.join(", "))
        }
        Change::DropUnique(table, unique) => format!(
            "{table} ({}) is unique, which is not declared",
            unique.columns.join(", ")
        ),
        Change::AddIndex(table, index) => format!("{table}: the index {} is missing", index.name),
        Change::DropIndex(table, index) => {
            format!("{table}: the index {} is not declared", index.name)
        }
        Change::ReplaceIndex(table, _, to) => {
            format!(
                "{table}: the index {} is another than the declared one",
                to.name
            )
        }
        Change::AddCheck(table, check) => format!(
            "{table}: the CHECK {} ({}) is missing",
            or_unnamed(&check.name),
            check.condition.sql
        ),
        Change::DropCheck(table, check) => format!(
            "{table}: the CHECK {} ({}) is not declared",
            or_unnamed(&check.name),
            check.condition.sql
        ),
        Change::AddForeignKey(table, key) => format!(
            "{table}: the foreign key {} to {} is missing",
            or_unnamed(&key.name),
            key.parent
        ),
        Change::DropForeignKey(table, key) => format!(
            "{table}: the foreign key {} to {} is not declared",
            or_unnamed(&key.name),
            key.parent
        ),
        Change::CreateSearch(table, _) => {
            format!(
                "{}: full-text search is missing or another than declared",
                table.name
            )
        }
        Change::DropSearch(..) => return None,
    })
}
