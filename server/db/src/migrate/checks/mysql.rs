//! MySQL and MariaDB: statements are noted one by one, by a second connection, so nothing may hold them back or lock it out.

use super::shown;
use crate::migrate::script::{Kind, Statement, Token};

/// Commands that begin or end a transaction, or a part of one.
const TRANSACTION: [&[&str]; 7] = [
    &["BEGIN"],
    &["START", "TRANSACTION"],
    &["COMMIT"],
    &["ROLLBACK"],
    &["SAVEPOINT"],
    &["RELEASE", "SAVEPOINT"],
    &["XA"],
];

/// Commands of the `mysql` client, no one of which begins a statement of SQL.
const CLIENT: [&str; 22] = [
    "source",
    "system",
    "tee",
    "notee",
    "pager",
    "nopager",
    "connect",
    "charset",
    "quit",
    "exit",
    "status",
    "print",
    "rehash",
    "edit",
    "prompt",
    "go",
    "ego",
    "clear",
    "warnings",
    "nowarning",
    "resetconnection",
    "sandbox",
];

/// The first words of statements that have other statements inside.
const BLOCKS: [&str; 6] = ["begin", "if", "case", "loop", "while", "for"];

pub(in crate::migrate) fn check(statement: &Statement<'_>) -> Result<(), String> {
    let is_block = statement.begins(&["BEGIN", "NOT", "ATOMIC"]);
    if let Some(words) = TRANSACTION.iter().find(|words| statement.begins(words))
        && !is_block
    {
        return Err(format!(
            "{} controls a transaction, and each statement is applied and noted by itself: leave it out",
            words.join(" ")
        ));
    }
    if statement.begins(&["USE"]) {
        return Err(format!(
            "{} leaves the database that is migrated: write the database before a table's name",
            shown(statement, 2)
        ));
    }
    if statement.begins(&["LOAD"]) && statement.has("local") {
        return Err(
            "LOAD DATA LOCAL reads a file of another machine: write INSERT statements".to_owned(),
        );
    }
    if let Some(word) = CLIENT.iter().find(|word| statement.begins(&[word])) {
        return Err(format!(
            "`{word}` is a command of the engine's command-line client, which does not run here: leave it out"
        ));
    }
    check_settings(statement)?;
    check_locks(statement)?;
    check_body(statement)
}

fn check_settings(statement: &Statement<'_>) -> Result<(), String> {
    if !statement.begins(&["SET"]) {
        return Ok(());
    }
    if let Some(value) = assigned(&statement.tokens, "autocommit")
        && !(value.is("1") || value.is("on") || value.is("true"))
    {
        return Err(
            "autocommit begins a transaction, and each statement is applied and noted by itself: leave it out".to_owned(),
        );
    }
    if statement.tokens.iter().any(|token| {
        let text = token.text.to_ascii_uppercase();
        token.kind != Kind::Sign && text.contains("NO_BACKSLASH_ESCAPES")
    }) {
        return Err(
            "NO_BACKSLASH_ESCAPES would change how the rest of the file is read: leave it out"
                .to_owned(),
        );
    }
    Ok(())
}

/// The first token of the value that a SET statement gives to a variable.
pub(in crate::migrate) fn assigned<'a>(
    tokens: &'a [Token<'a>],
    variable: &str,
) -> Option<&'a Token<'a>> {
    let at = tokens.iter().enumerate().find_map(|(at, token)| {
        let is_assigned = |next: &Token<'_>| next.is_sign("=") || next.is_sign(":");
        (token.is(variable) && tokens.get(at + 1).is_some_and(is_assigned)).then_some(at)
    })?;
    tokens[at + 1..]
        .iter()
        .find(|token| !(token.is_sign("=") || token.is_sign(":")))
}

/// Locks that the ledger's connection would wait for. LOCK TABLES is fine: the ledger is no table of the file.
fn check_locks(statement: &Statement<'_>) -> Result<(), String> {
    let whole_server = (statement.begins(&["FLUSH"]) && statement.has("lock"))
        || (statement.begins(&["FLUSH"]) && statement.has("export"))
        || statement.begins(&["BACKUP"])
        || statement.begins(&["LOCK", "INSTANCE"]);
    if whole_server {
        return Err(format!(
            "{} locks the table in which migrations are noted: leave it out",
            shown(statement, 2)
        ));
    }
    Ok(())
}

/// The client cuts a body at its first semicolon unless another delimiter is set; with another one, several statements can
/// stand where one is noted.
fn check_body(statement: &Statement<'_>) -> Result<(), String> {
    let is_routine = statement.begins(&["CREATE"])
        && ["procedure", "function", "trigger", "event", "package"]
            .iter()
            .any(|word| statement.has(word));
    let is_block = BLOCKS.iter().any(|word| statement.begins(&[word]));
    let semicolon = statement.tokens.iter().position(|token| token.is_sign(";"));
    if semicolon.is_some_and(|at| at + 1 < statement.tokens.len()) && !is_routine && !is_block {
        return Err("several statements stand before one delimiter, and each is noted by itself: put the delimiter after each".to_owned());
    }
    if is_routine && statement.has("begin") && !statement.has("end") {
        return Err(
            "the body is cut at its first semicolon: put `DELIMITER //` on a line before the statement, `//` after it, and \
             then `DELIMITER ;`"
                .to_owned(),
        );
    }
    Ok(())
}
