//! PostgreSQL: a file is one transaction, sent in UTF-8, with backslashes that mean themselves.

use super::shown;
use crate::migrate::script::{ALONE, Kind, Statement};

/// Commands that begin or end a transaction, or a part of one.
const TRANSACTION: [&[&str]; 9] = [
    &["BEGIN"],
    &["START", "TRANSACTION"],
    &["COMMIT"],
    &["END"],
    &["ROLLBACK"],
    &["ABORT"],
    &["SAVEPOINT"],
    &["RELEASE"],
    &["PREPARE", "TRANSACTION"],
];

/// Statements that PostgreSQL refuses in a transaction, or whose effect cannot be used in it: how they begin, what else they
/// have, and the words by which they can be run again.
const OUTSIDE: [(&[&str], &[&str], &str); 6] = [
    (&["CREATE", "INDEX"], &["concurrently"], "IF NOT EXISTS"),
    (
        &["CREATE", "UNIQUE", "INDEX"],
        &["concurrently"],
        "IF NOT EXISTS",
    ),
    (&["DROP", "INDEX"], &["concurrently"], "IF EXISTS"),
    (&["REINDEX"], &["concurrently"], ""),
    (&["ALTER", "TYPE"], &["add", "value"], "IF NOT EXISTS"),
    (&["VACUUM"], &[], ""),
];

/// Settings by which the text itself is read, and the values that they may be given.
const READING: [(&str, &[&str]); 2] = [
    ("standard_conforming_strings", &["on", "true", "1", "yes"]),
    ("client_encoding", &["utf8", "utf-8", "unicode"]),
];

pub(in crate::migrate) fn check(statement: &Statement<'_>) -> Result<(), String> {
    let is_at = |at: usize| move |words: &&&[&str]| statement.begins_at(at, words);
    // The client takes a function named `begin` for the beginning of a body, and sends what follows with it.
    let inner = statement
        .tokens
        .iter()
        .enumerate()
        .filter(|(_, token)| token.kind == Kind::Delimiter);
    let inner = inner.filter_map(|(at, _)| {
        TRANSACTION
            .iter()
            .filter(|words| words[0] != "END")
            .find(is_at(at + 1))
    });
    if let Some(words) = TRANSACTION
        .iter()
        .find(is_at(0))
        .or(inner.into_iter().next())
    {
        return Err(format!(
            "{} controls a transaction, and every file is one transaction already: leave it out",
            words.join(" ")
        ));
    }
    if statement.begins(&["COPY"]) && ["stdin", "stdout"].iter().any(|word| statement.has(word)) {
        return Err(format!(
            "{} … FROM stdin is not taken here: write INSERT statements, as `pg_dump --inserts` does",
            shown(statement, 2)
        ));
    }
    let is_kept = ["ROLE", "USER", "DATABASE"]
        .iter()
        .any(|what| statement.begins(&["ALTER", what]));
    if is_kept && statement.has("set") && statement.has("search_path") {
        return Err(
            "a search_path that outlives the migration would lead the site and the next migration to other tables: set it \
             by hand, before the first migration"
                .to_owned(),
        );
    }
    check_alone(statement)?;
    check_reading(statement)
}

/// Statements that cannot run in a transaction are marked, and are such that they can be run again after a failure.
fn check_alone(statement: &Statement<'_>) -> Result<(), String> {
    let found = OUTSIDE.iter().find(|(words, inside, _)| {
        let has = |word: &&str| statement.has(word);
        statement.begins(words) && inside.iter().all(has)
    });
    match found {
        None if statement.is_alone => Err(format!(
            "`{ALONE}` is for statements that cannot run in a transaction, and {} can: leave the comment out",
            shown(statement, 2)
        )),
        None => Ok(()),
        Some(_) if !statement.is_alone => Err(format!(
            "{} cannot run in a transaction, and every file is one: put it into a migration of its own, with `{ALONE}` on \
             the line before it",
            shown(statement, 3)
        )),
        Some((.., again)) if !again.is_empty() && !statement.has("exists") => Err(format!(
            "it cannot be taken back when it is interrupted, and has to be such that it can be run again: write {again}"
        )),
        Some(_) => Ok(()),
    }
}

/// Refuses to change how the text is read. Functions have settings of their own.
fn check_reading(statement: &Statement<'_>) -> Result<(), String> {
    let is_set = statement.begins(&["SET"]);
    for (setting, allowed) in READING {
        let names = |word: &str| word.trim_matches('\'').eq_ignore_ascii_case(setting);
        let named = statement.tokens.iter().position(|token| match token.kind {
            Kind::Text => !is_set && statement.has("set_config") && names(token.text),
            Kind::Word => is_set && names(token.text),
            Kind::Blank | Kind::Name | Kind::Sign | Kind::Enclosure | Kind::Delimiter => false,
        });
        let Some(at) = named else {
            continue;
        };
        let value = statement.tokens.get(at + 2).map_or("", |token| token.text);
        let value = value.trim_matches('\'').to_ascii_lowercase();
        if !allowed.contains(&value.as_str()) {
            return Err(format!(
                "{setting} is `{}` for every migration and cannot be another: leave the setting out",
                allowed[0]
            ));
        }
    }
    let encodes = statement.begins(&["SET", "NAMES"]);
    if encodes
        && !statement.tokens.iter().any(|token| {
            READING[1]
                .1
                .contains(&token.text.trim_matches('\'').to_ascii_lowercase().as_str())
        })
    {
        return Err("a migration is UTF-8: leave SET NAMES out".to_owned());
    }
    Ok(())
}
