//! Migrations as programs read them that run none: their statements as words, and the cascades that they would fire.

use super::script::{self, Kind};
use super::sqlite::{apply, cascade};
use super::{Migration, checks};
use crate::drivers::sqlite::Sqlite;
use crate::{DbError, Dialect};

/// A statement of a migration, cut where the runner cuts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Its place among the statements, from 1.
    pub number: usize,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// Keywords and plain names in small letters; quoted names and strings with their quotes; other characters one by one.
    pub words: Vec<String>,
}

/// A statement that would delete or detach rows of other tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cascading {
    /// Its place among the statements, from 1.
    pub number: usize,
    /// The statement, as a person would name it: `DROP TABLE users`.
    pub what: String,
    /// The tables whose rows go, or lose their reference.
    pub children: Vec<String>,
}

/// Cuts a migration into statements. An unfinished one ends the list: the runner says what is wrong with it.
pub fn words(dialect: Dialect, text: &str) -> Vec<Words> {
    let text = text.replace("\r\n", "\n");
    let statements = script::parse(dialect.script_syntax(), &text, |_| Ok(()));
    let statements = statements.unwrap_or_default().into_iter();
    statements
        .map(|statement| Words {
            number: statement.number,
            line: statement.line,
            words: statement
                .tokens
                .iter()
                .map(|token| match token.kind {
                    Kind::Word => token.text.to_lowercase(),
                    _ => token.text.to_owned(),
                })
                .collect(),
        })
        .collect()
}

/// Migrations replayed one after the other on an empty database, by SQLite's rules.
pub struct Replay {
    sqlite: Sqlite,
    /// Those that were applied.
    applied: Vec<Migration>,
}

impl Replay {
    /// An empty database in memory.
    ///
    /// # Errors
    /// [`DbError::Unavailable`] when there is not enough memory.
    pub fn new() -> Result<Self, DbError> {
        let sqlite = Sqlite::in_memory()?;
        Ok(Self {
            sqlite,
            applied: Vec::new(),
        })
    }

    /// Applies the next migration, as far as it can be. Returns its first statement that would delete rows of other tables on D1.
    ///
    /// # Errors
    /// Why it would not be run at all.
    pub async fn next(&mut self, migration: &Migration) -> Result<Option<Cascading>, DbError> {
        let text = migration.text(Dialect::Sqlite);
        let statements = checks::statements(Dialect::Sqlite, migration, &text, checks::sqlite)?;
        let found = cascade(&self.sqlite, &statements).await?;
        self.applied.push(*migration);
        // Whoever replays it by the rules of D1 hears why it fails; what was found stays true.
        if apply(&self.sqlite, &self.applied).await.is_err() {
            self.applied.pop();
        }
        Ok(found.map(|found| Cascading {
            number: found.number,
            what: found.what,
            children: found.children,
        }))
    }
}
