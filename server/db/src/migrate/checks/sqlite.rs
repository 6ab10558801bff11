//! SQLite and D1: a file is one transaction, and the main database is the only one.

use super::shown;
use crate::migrate::script::Statement;

/// Commands that begin or end a transaction, or a part of one.
const TRANSACTION: [&str; 6] = ["BEGIN", "COMMIT", "END", "ROLLBACK", "SAVEPOINT", "RELEASE"];

pub(in crate::migrate) fn check(statement: &Statement<'_>) -> Result<(), String> {
    if let Some(word) = TRANSACTION.iter().find(|word| statement.begins(&[word])) {
        return Err(format!(
            "{word} controls a transaction, and every file is one transaction already: leave it out"
        ));
    }
    if let Some(word) = ["ATTACH", "DETACH"]
        .iter()
        .find(|word| statement.begins(&[word]))
    {
        return Err(format!(
            "{word} leaves the database that is migrated: leave it out"
        ));
    }
    if statement.begins(&["VACUUM"]) {
        return Err(
            "VACUUM cannot run in a transaction, and every file is one: leave it out".to_owned(),
        );
    }
    if statement
        .tokens
        .first()
        .is_some_and(|token| token.is_sign("."))
    {
        return Err(format!(
            "`{}` is a command of the engine's command-line client, which does not run here: leave it out",
            shown(statement, 2).replace(' ', "").to_ascii_lowercase()
        ));
    }
    Ok(())
}

/// The checks for a D1, which has no temporary tables either.
pub(in crate::migrate) fn check_d1(statement: &Statement<'_>) -> Result<(), String> {
    check(statement)?;
    if statement.begins(&["CREATE", "TEMP"]) || statement.begins(&["CREATE", "TEMPORARY"]) {
        return Err(format!(
            "{}: D1 has no temporary tables: create an ordinary one, and drop it at the end of the file",
            shown(statement, 3)
        ));
    }
    Ok(())
}
