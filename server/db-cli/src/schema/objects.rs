//! Views and triggers: no declaration makes one, but a migration may. What neither makes was made by hand.

use std::collections::BTreeSet;

use db::Dialect;
use db::migrate::{Migration, words};
use schema_diff::{MadeByHand, Schema, made_by_hand};

use super::lints::sql::{after, name};

/// The views and triggers that no migration makes, each as a sentence and the way on.
pub(super) fn by_hand(
    dialect: Dialect,
    schema: &Schema,
    migrations: &[Migration],
) -> Vec<(String, String)> {
    let made = made(dialect, migrations);
    let unknown = made_by_hand(schema)
        .into_iter()
        .filter(|one| !made.contains(&(one.kind, one.name.to_lowercase())));
    unknown.map(|one| sentence(dialect, &one)).collect()
}

fn sentence(dialect: Dialect, one: &MadeByHand) -> (String, String) {
    let MadeByHand { kind, name, table } = one;
    let of = |word: &str| {
        let table = table.as_ref();
        table.map_or_else(String::new, |table| format!(" {word} {table}"))
    };
    let on = if dialect == Dialect::Postgres {
        of("ON")
    } else {
        String::new()
    };
    (
        format!("the {kind} {name}{} is in no migration", of("of")),
        format!(
            "`cargo x db generate NAME --custom`, with the SQL that makes it where it is missing; or `DROP {} {name}{on}`",
            kind.to_uppercase()
        ),
    )
}

/// The views and triggers that are there after these migrations: their kinds and names.
fn made(dialect: Dialect, migrations: &[Migration]) -> BTreeSet<(&'static str, String)> {
    let mut made = BTreeSet::new();
    for migration in migrations {
        for statement in words(dialect, migration.sql) {
            for kind in ["view", "trigger"] {
                if let Some(name) = created(&statement.words, kind) {
                    made.insert((kind, name));
                }
                if let Some(name) = dropped(&statement.words, kind) {
                    made.remove(&(kind, name));
                }
            }
        }
    }
    made
}

/// The name in `CREATE … kind …`. Before the kind may stand much: `OR REPLACE`, `TEMPORARY`, `MATERIALIZED`, `CONSTRAINT`, MySQL's
/// `DEFINER = …` and `SQL SECURITY …`.
fn created(all: &[String], kind: &str) -> Option<String> {
    let rest = after(all, &["create"])?;
    // What else is created may name such a thing in its body.
    let others = ["table", "index", "function", "procedure", "view", "trigger"];
    let at = rest
        .iter()
        .position(|word| others.contains(&word.as_str()))?;
    let rest = after(&rest[at..], &[kind, "if?", "not?", "exists?"])?;
    name(rest).map(|(name, _)| name)
}

fn dropped(all: &[String], kind: &str) -> Option<String> {
    let rest = after(all, &["drop", "materialized?", kind, "if?", "exists?"])?;
    name(rest).map(|(name, _)| name)
}
