//! Statements that MySQL commits by themselves, and what is known when the process that began one ended before it could note
//! it as done.

use super::script::{Kind, Statement, Token};

/// The way to tell whether a statement was run, by another process, that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SecondRun {
    /// Nobody needs to know: once and twice are the same.
    Same,
    /// The definitions of what it names differ from those before it.
    Shown,
    /// There is none, and it may do its work twice.
    Unknown,
}

/// First words of statements that leave everything as it is, or as it was after the first time.
const SAME: [&str; 14] = [
    "set",
    "select",
    "show",
    "explain",
    "describe",
    "desc",
    "use",
    "lock",
    "unlock",
    "prepare",
    "deallocate",
    "flush",
    "grant",
    "revoke",
];
/// The kinds of things that have a definition.
const DEFINED: [&str; 11] = [
    "table",
    "view",
    "sequence",
    "index",
    "unique",
    "fulltext",
    "spatial",
    "trigger",
    "procedure",
    "function",
    "event",
];
/// Words of statements whose work is not, or not for long, in the definition of what they name: rows of a partition, files of a
/// table, a function of a library, an event that happens once.
const NOT_SHOWN: [&str; 6] = ["exchange", "truncate", "discard", "import", "soname", "at"];

/// Tells how to know whether `statement` was run.
pub(super) fn second_run(statement: &Statement<'_>) -> SecondRun {
    let tokens = &statement.tokens;
    let first = |word: &str| tokens.first().is_some_and(|token| token.is(word));
    // Of a table; `ANALYZE UPDATE` runs what follows, and so does `SET STATEMENT`.
    let of_table = ["analyze", "optimize", "check", "repair"];
    if of_table.iter().any(|word| first(word)) {
        return match statement.has("table") || statement.has("tables") {
            true => SecondRun::Same,
            false => SecondRun::Unknown,
        };
    }
    if SAME.iter().any(|word| first(word)) {
        let runs_another = statement.begins(&["SET", "STATEMENT"]) || statement.has("analyze");
        // What is called may write.
        let calls = first("select") && tokens.iter().any(|token| token.is_sign("("));
        return match runs_another || calls {
            true => SecondRun::Unknown,
            false => SecondRun::Same,
        };
    }
    let (creates, drops) = (first("create"), first("drop"));
    let head = &tokens[..head(tokens)];
    let has = |word: &str| head.iter().any(|token| token.is(word));
    if creates && (has("temporary") || has("replace") || has("exists")) {
        return SecondRun::Same;
    }
    if drops && (has("temporary") || has("exists")) {
        return SecondRun::Same;
    }
    // How a dump of the client fills a table.
    let switches_keys =
        statement.has("keys") && (statement.has("disable") || statement.has("enable"));
    if first("alter") && switches_keys {
        return SecondRun::Same;
    }
    // A server that ends in the middle may have done a part of what names several.
    let names_several = tokens.iter().any(|token| token.is_sign(","));
    let is_whole = creates || first("alter") || (drops || first("rename")) && !names_several;
    let is_defined = DEFINED.iter().any(|word| has(word));
    let is_shown = !NOT_SHOWN.iter().any(|word| statement.has(word));
    match is_whole && is_defined && is_shown {
        true => SecondRun::Shown,
        false => SecondRun::Unknown,
    }
}

/// The number of tokens before the name of what is created, dropped or altered: words alone, of which a definer makes more.
fn head(tokens: &[Token<'_>]) -> usize {
    let words = tokens
        .iter()
        .take_while(|token| token.kind == Kind::Word || token.is_sign("=") || token.is_sign("@"));
    let has_definer = tokens.iter().take(8).any(|token| token.is("definer"));
    words.count().min(if has_definer { 12 } else { 6 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dialect;
    use crate::migrate::script;

    #[test]
    fn the_way_to_know_whether_a_statement_was_run() {
        use SecondRun::{Same, Shown, Unknown};
        for (text, expected) in [
            ("CREATE TABLE a (x INT)", Shown),
            ("CREATE TABLE IF NOT EXISTS a (x INT)", Same),
            ("CREATE TEMPORARY TABLE a (x INT)", Same),
            ("CREATE OR REPLACE VIEW v AS SELECT 1", Same),
            ("CREATE ALGORITHM = MERGE VIEW v AS SELECT 1", Shown),
            ("CREATE UNIQUE INDEX i ON a (x)", Shown),
            (
                "CREATE DEFINER = CURRENT_USER TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.x = 1",
                Shown,
            ),
            ("CREATE TABLE `if exists` (x INT)", Shown),
            ("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1", Shown),
            (
                "CREATE EVENT e ON SCHEDULE AT '2026-01-01' DO SELECT 1",
                Unknown,
            ),
            ("CREATE FUNCTION f RETURNS INTEGER SONAME 'f.so'", Unknown),
            ("CREATE USER u", Unknown),
            ("CREATE DATABASE d", Unknown),
            ("DROP TABLE a", Shown),
            ("DROP TABLE a, b", Unknown),
            ("DROP TABLE IF EXISTS a, b", Same),
            ("DROP TRIGGER t", Shown),
            ("DROP INDEX i ON a", Shown),
            ("DROP ROLE r", Unknown),
            ("RENAME TABLE a TO b", Shown),
            ("RENAME TABLE a TO c, b TO a, c TO b", Unknown),
            ("RENAME USER a TO b", Unknown),
            ("ALTER TABLE a ADD COLUMN y INT", Shown),
            ("ALTER TABLE db.a ADD y INT, ADD INDEX (y)", Shown),
            ("ALTER TABLE a ADD INDEX (y)", Shown),
            ("ALTER TABLE a ADD FOREIGN KEY (x) REFERENCES b (x)", Shown),
            ("ALTER TABLE a MODIFY x BIGINT, ENGINE = InnoDB", Shown),
            (
                "ALTER ONLINE TABLE a DROP COLUMN y, DROP FOREIGN KEY f",
                Shown,
            ),
            ("ALTER TABLE a EXCHANGE PARTITION p WITH TABLE b", Unknown),
            ("ALTER TABLE a TRUNCATE PARTITION p", Unknown),
            ("ALTER TABLE a IMPORT TABLESPACE", Unknown),
            ("ALTER TABLE a DISABLE KEYS", Same),
            ("/*!40000 ALTER TABLE `a` ENABLE KEYS */", Same),
            ("ALTER DATABASE d CHARACTER SET utf8mb4", Unknown),
            ("ALTER PROCEDURE p COMMENT 'c'", Shown),
            ("CALL p()", Unknown),
            ("INSERT INTO a VALUES (1)", Unknown),
            ("SET NAMES utf8mb4", Same),
            (
                "SET STATEMENT max_statement_time = 1 FOR UPDATE a SET x = x + 1",
                Unknown,
            ),
            ("SELECT x FROM a", Same),
            ("SELECT writes(1)", Unknown),
            ("DO writes(1)", Unknown),
            ("ANALYZE UPDATE a SET x = x + 1", Unknown),
            ("ANALYZE TABLE a", Same),
            ("TRUNCATE TABLE a", Unknown),
        ] {
            let all = script::parse(Dialect::MySql.script_syntax(), text, |_| Ok(())).expect(text);
            assert_eq!(second_run(&all[0]), expected, "{text}");
        }
    }
}
