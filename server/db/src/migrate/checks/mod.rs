//! Statements that no migration may have, by engine: what would end the runner's transaction, lock or move its ledger, or
//! speak to the engine's own client.

#[cfg(feature = "native")]
mod mysql;
#[cfg(feature = "native")]
mod postgres;
mod sqlite;

use super::script::{self, ALONE, Kind, ScriptError, Statement, Token};
use super::{Migration, failure};
use crate::{DbError, Dialect};

#[cfg(feature = "native")]
pub(super) use self::mysql::check as mysql;
#[cfg(feature = "native")]
pub(super) use self::postgres::check as postgres;
pub(super) use self::sqlite::{check as sqlite, check_d1 as d1};

/// A check of one statement: an error is the reason not to run its file.
pub(super) type Check = fn(&Statement<'_>) -> Result<(), String>;

/// The statements of `text`, the file as the engine's client reads it, if all of them may be run.
pub(super) fn statements<'a>(
    dialect: Dialect,
    migration: &Migration,
    text: &'a str,
    check: Check,
) -> Result<Vec<Statement<'a>>, DbError> {
    let check = |statement: &Statement<'a>| {
        check_ledger(statement)?;
        check(statement)
    };
    let statements = script::parse(dialect.script_syntax(), text, check)
        .map_err(|(number, refusal)| failure::refused(migration, number, &refusal))?;
    match statements.iter().find(|statement| statement.is_alone) {
        Some(alone) if statements.len() > 1 => {
            let refusal = ScriptError {
                line: alone.line,
                why: format!(
                    "`{ALONE}` runs a statement without a transaction, so that it cannot be taken back with the others of this \
                     file: put it into a migration of its own"
                ),
            };
            Err(failure::refused(migration, alone.number, &refusal))
        }
        _ => Ok(statements),
    }
}

/// Refuses to touch the ledger: a dump of a migrated database would put another one in its place.
fn check_ledger(statement: &Statement<'_>) -> Result<(), String> {
    let ledger = statement
        .tokens
        .iter()
        .filter(|token| token.kind != Kind::Text)
        .filter_map(Token::name)
        .map(|name| name.to_ascii_lowercase())
        .find(|name| name == "schema_migrations" || name == "d1_migrations");
    match ledger {
        Some(name) => Err(format!(
            "{name} is the table in which migrations are noted, and no migration may name it: leave the statement out"
        )),
        None => Ok(()),
    }
}

/// The first words, in capitals, for sentences.
fn shown(statement: &Statement<'_>, count: usize) -> String {
    let words = statement.tokens.iter().take(count);
    words
        .map(|token| token.text.to_ascii_uppercase())
        .collect::<Vec<_>>()
        .join(" ")
}
