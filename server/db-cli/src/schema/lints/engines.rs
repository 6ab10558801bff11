//! SQL in the folder of an engine that does not take it.

use db::Dialect::{self, MySql, Postgres, Sqlite};
use db::migrate::Words;

use super::Finding;
use super::sql::has;

/// Words, and the engines that know them.
const PHRASES: &[(&[&str], &[Dialect])] = &[
    (&["pragma"], &[Sqlite]),
    (&["autoincrement"], &[Sqlite]),
    (&["create", "virtual", "table"], &[Sqlite]),
    (&["without", "rowid"], &[Sqlite]),
    (&["insert", "or"], &[Sqlite]),
    (&["concurrently"], &[Postgres]),
    (&["timestamptz"], &[Postgres]),
    (&["bytea"], &[Postgres]),
    (&["bigserial"], &[Postgres]),
    (&["using", "gin"], &[Postgres]),
    (&[":", ":"], &[Postgres]),
    (&["create", "extension"], &[Postgres]),
    (&["validate", "constraint"], &[Postgres]),
    (&["auto_increment"], &[MySql]),
    (&["engine", "="], &[MySql]),
    (&["modify", "column"], &[MySql]),
    (&["change", "column"], &[MySql]),
    (&["create", "fulltext", "index"], &[MySql]),
    (&["on", "duplicate", "key"], &[MySql]),
    (&["on", "conflict"], &[Sqlite, Postgres]),
    (&["jsonb"], &[Sqlite, Postgres]),
    (&["replace", "into"], &[Sqlite, MySql]),
];

pub(super) fn lint(dialect: Dialect, statements: &[Words]) -> Vec<Finding> {
    let mut all = Vec::new();
    for statement in statements {
        let finding = |what: &str, engines: &[Dialect]| {
            let engines: Vec<&str> = engines.iter().map(|engine| engine.name()).collect();
            Finding {
                number: statement.number,
                lint: "wrong-engine",
                text: format!(
                    "{what} is known to {} and not to {} → write it as {2} does, in the file of {2}",
                    engines.join(" and "),
                    dialect.name(),
                    dialect.name()
                ),
            }
        };
        let quoted = statement.words.iter().any(|word| word.starts_with('`'));
        if quoted && dialect == Postgres {
            all.push(finding("a name in backticks", &[Sqlite, MySql]));
        }
        let wrong = PHRASES
            .iter()
            .find(|(phrase, engines)| !engines.contains(&dialect) && has(&statement.words, phrase));
        if let Some((phrase, engines)) = wrong {
            all.push(finding(
                &phrase.join(" ").to_uppercase().replace(": :", "::"),
                engines,
            ));
        }
    }
    all
}
