//! The sentences for what is refused and what fails: each names the file, the statement and its line.

use super::Migration;
use super::script::{ScriptError, Statement};
use crate::DbError;
use crate::drivers::sentences::NOT_MIGRATED;

/// The error for a file that is not run at all.
pub(super) fn refused(migration: &Migration, number: usize, refusal: &ScriptError) -> DbError {
    let ScriptError { line, why } = refusal;
    DbError::Unavailable(format!(
        "migration {}, statement {number} (line {line}): {why}. Nothing of this file was run.",
        migration.name
    ))
}

/// The error for a statement that failed; `left` says what stays applied.
pub(super) fn failed_at(
    migration: &Migration,
    statement: &Statement<'_>,
    error: &DbError,
    left: &str,
) -> DbError {
    let first: String = statement
        .text
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .take(80)
        .collect();
    DbError::Driver(format!(
        "migration {}, statement {} (line {}: {first} …): {}; {left}",
        migration.name,
        statement.number,
        statement.line,
        error.to_string().replace(NOT_MIGRATED, "")
    ))
}

/// The error for a file whose statements were run, but which could not be noted or committed.
pub(super) fn not_noted(migration: &Migration, error: &DbError, left: &str) -> DbError {
    DbError::Driver(format!(
        "migration {}, after its last statement: {error}; {left}",
        migration.name
    ))
}
