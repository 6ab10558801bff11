//! What a statement is, by its words: a read, a write, the end of a transaction; what is refused, and what may be
//! cached. Owns the lists of Hyperdrive's refusals in SQL.
//! Absent: understanding SQL. Quotes and comments are skipped, and the words that are left are compared.

use crate::words::split;

/// Which language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Postgres,
    Mysql,
}

/// What a statement does to the state of things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Read,
    Write,
    Begin,
    Commit,
    /// Anything else: ROLLBACK, SET, SHOW and the like.
    None,
}

/// Why a statement is not passed on: the kind that is counted, and what the client is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) kind: &'static str,
    pub(crate) message: String,
}

pub(crate) fn refuse(kind: &'static str, what: &str) -> Refusal {
    Refusal {
        kind,
        message: format!("{what} is not supported by Hyperdrive"),
    }
}

const WRITES: &[&str] = &[
    "INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "CREATE", "ALTER", "DROP", "TRUNCATE",
    "GRANT", "REVOKE", "CALL", "DO", "RENAME",
];

/// Functions, and keywords that act like some, whose result is another each time or each transaction.
const CHANGING: &[&str] = &[
    "BENCHMARK",
    "CLOCK_TIMESTAMP",
    "CONNECTION_ID",
    "CURDATE",
    "CURRENT_DATE",
    "CURRENT_ROLE",
    "CURRENT_SETTING",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "CURRENT_USER",
    "CURRVAL",
    "CURTIME",
    "FOUND_ROWS",
    "GEN_RANDOM_UUID",
    "GET_LOCK",
    "LASTVAL",
    "LAST_INSERT_ID",
    "LOCALTIME",
    "LOCALTIMESTAMP",
    "NEXTVAL",
    "NOW",
    "RAND",
    "RANDOM",
    "RELEASE_LOCK",
    "ROW_COUNT",
    "SESSION_USER",
    "SETVAL",
    "SET_CONFIG",
    "SLEEP",
    "STATEMENT_TIMESTAMP",
    "SYSDATE",
    "TIMEOFDAY",
    "TRANSACTION_TIMESTAMP",
    "TXID_CURRENT",
    "UNIX_TIMESTAMP",
    "USER",
    "UTC_DATE",
    "UTC_TIME",
    "UTC_TIMESTAMP",
    "UUID",
    "UUID_GENERATE_V4",
    "UUID_SHORT",
    "VERSION",
];

/// One of those that are changing even when no bracket follows.
const BARE: &[&str] = &[
    "CURRENT_DATE",
    "CURRENT_ROLE",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "CURRENT_USER",
    "LOCALTIME",
    "LOCALTIMESTAMP",
    "SESSION_USER",
    "UTC_DATE",
    "UTC_TIME",
    "UTC_TIMESTAMP",
];

/// What the statement does.
pub(crate) fn effect(engine: Engine, text: &str) -> Effect {
    let words = split(engine, text).list;
    match first(&words) {
        "BEGIN" | "START" => Effect::Begin,
        "COMMIT" | "END" => Effect::Commit,
        "SELECT" | "VALUES" | "TABLE" | "WITH" if words.iter().any(|word| is_data_write(word)) => {
            // FOR UPDATE locks and writes nothing; in WITH, the words are those of a write.
            if first(&words) == "WITH" {
                Effect::Write
            } else {
                Effect::Read
            }
        }
        "SELECT" | "VALUES" | "TABLE" | "WITH" => Effect::Read,
        word if WRITES.contains(&word) => Effect::Write,
        _ => Effect::None,
    }
}

fn is_data_write(word: &str) -> bool {
    matches!(word, "INSERT" | "UPDATE" | "DELETE" | "MERGE")
}

/// Whether the cache may answer it.
pub(crate) fn is_cacheable(engine: Engine, text: &str) -> bool {
    if effect(engine, text) != Effect::Read {
        return false;
    }
    let words = split(engine, text).list;
    words.iter().enumerate().all(|(at, word)| {
        let next = words.get(at + 1).map_or("", String::as_str);
        let is_changing = CHANGING.contains(&word.as_str())
            && (next == "(" || BARE.contains(&word.as_str()))
            || word.starts_with("PG_") && next == "(";
        let is_locking = (word == "FOR" && matches!(next, "UPDATE" | "SHARE" | "NO" | "KEY"))
            || (word == "LOCK" && next == "IN");
        let is_variable = engine == Engine::Mysql && word == "@";
        !(is_changing
            || is_locking
            || is_variable
            || word == "INTO"
            || word == ";" && !next.is_empty())
    })
}

/// Whether Hyperdrive refuses it.
pub(crate) fn refusal(engine: Engine, text: &str, in_transaction: bool) -> Option<Refusal> {
    let words = split(engine, text).list;
    let mut rest = words.as_slice();
    loop {
        let end = rest
            .iter()
            .position(|word| word == ";")
            .unwrap_or(rest.len());
        let found = match engine {
            Engine::Postgres => refused_by_postgres(&rest[..end], in_transaction),
            Engine::Mysql => refused_by_mysql(&rest[..end]),
        };
        if found.is_some() || end == rest.len() {
            return found;
        }
        rest = &rest[end + 1..];
        if engine == Engine::Mysql && !rest.is_empty() {
            return Some(refuse("multi_statements", "more than one statement"));
        }
    }
}

fn refused_by_postgres(words: &[String], in_transaction: bool) -> Option<Refusal> {
    let second = words.get(1).map_or("", String::as_str);
    if words
        .iter()
        .any(|word| word.starts_with("PG_ADVISORY") || word.starts_with("PG_TRY_ADVISORY"))
    {
        return Some(refuse("advisory_lock", "an advisory lock"));
    }
    match first(words) {
        "PREPARE" if second != "TRANSACTION" => Some(refuse("prepare", "PREPARE")),
        "EXECUTE" => Some(refuse("execute", "EXECUTE")),
        "DEALLOCATE" => Some(refuse("deallocate", "DEALLOCATE")),
        "DISCARD" => Some(refuse("discard", "DISCARD")),
        "LISTEN" | "UNLISTEN" => Some(refuse("listen", "LISTEN")),
        "NOTIFY" => Some(refuse("notify", "NOTIFY")),
        "COPY" => Some(refuse("copy", "COPY")),
        "DECLARE"
            if words.iter().any(|word| word == "HOLD")
                && !words.iter().any(|word| word == "WITHOUT") =>
        {
            Some(refuse("held_cursor", "a cursor WITH HOLD"))
        }
        "SET" if !in_transaction && !matches!(second, "LOCAL" | "TRANSACTION" | "CONSTRAINTS") => {
            Some(refuse("set", "SET outside a transaction"))
        }
        "RESET" if !in_transaction => Some(refuse("set", "RESET outside a transaction")),
        _ => None,
    }
}

fn refused_by_mysql(words: &[String]) -> Option<Refusal> {
    match first(words) {
        "USE" => Some(refuse("use", "USE")),
        "PREPARE" => Some(refuse("prepare", "PREPARE")),
        "EXECUTE" => Some(refuse("execute", "EXECUTE")),
        "DEALLOCATE" => Some(refuse("deallocate", "DEALLOCATE PREPARE")),
        "LOAD" if words.iter().any(|word| word == "LOCAL") => {
            Some(refuse("local_infile", "LOAD DATA LOCAL"))
        }
        _ => None,
    }
}

/// The statement without what was filled in: `?` for each text and number.
pub(crate) fn without_literals(engine: Engine, text: &str) -> String {
    split(engine, text).plain
}

fn first(words: &[String]) -> &str {
    words
        .iter()
        .map(String::as_str)
        .find(|word| *word != "(")
        .unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use Engine::{Mysql, Postgres};

    #[test]
    fn effects() {
        for (text, expected) in [
            ("select 1", Effect::Read),
            ("/* insert */ (SELECT 1) -- update", Effect::Read),
            ("SELECT * FROM a FOR UPDATE", Effect::Read),
            ("WITH a AS (SELECT 1) SELECT * FROM a", Effect::Read),
            (
                "with a as (delete from b returning *) select * from a",
                Effect::Write,
            ),
            ("Insert into a values ('select')", Effect::Write),
            ("BEGIN", Effect::Begin),
            ("start transaction", Effect::Begin),
            ("COMMIT;", Effect::Commit),
            ("ROLLBACK", Effect::None),
            ("", Effect::None),
        ] {
            assert_eq!(effect(Postgres, text), expected, "{text}");
            assert_eq!(effect(Mysql, text), expected, "{text}");
        }
    }

    #[test]
    fn what_changes_by_itself_is_not_cached() {
        for text in [
            "SELECT id FROM posts WHERE title = 'now()' AND random > $1",
            "select \"now\" from a",
            "SELECT version FROM a",
            "SELECT 1;",
        ] {
            assert!(is_cacheable(Postgres, text), "{text}");
        }
        for text in [
            "SELECT now()",
            "SELECT CURRENT_TIMESTAMP",
            "SELECT lastval (), 1",
            "SELECT pg_backend_pid()",
            "SELECT 1 FROM a FOR UPDATE",
            "SELECT 1 FROM a FOR NO KEY UPDATE",
            "SELECT a INTO b FROM c",
            "INSERT INTO a VALUES (1)",
            "SELECT 1; SELECT 2",
        ] {
            assert!(!is_cacheable(Postgres, text), "{text}");
        }
        assert!(!is_cacheable(Mysql, "SELECT LAST_INSERT_ID()"));
        assert!(!is_cacheable(Mysql, "SELECT @@version"));
        assert!(!is_cacheable(Mysql, "SELECT 1 LOCK IN SHARE MODE"));
    }

    #[test]
    fn refusals() {
        let postgres = |text, inside| refusal(Postgres, text, inside).map(|refusal| refusal.kind);
        assert_eq!(postgres("prepare a as select 1", false), Some("prepare"));
        assert_eq!(
            postgres("SELECT pg_try_advisory_xact_lock(1)", false),
            Some("advisory_lock")
        );
        assert_eq!(postgres("SET a = 1", false), Some("set"));
        assert_eq!(postgres("SELECT 1; DISCARD ALL", false), Some("discard"));
        assert_eq!(postgres("SET a = 1", true), None);
        assert_eq!(postgres("SET LOCAL a = 1", false), None);
        assert_eq!(postgres("SELECT 'LISTEN'", false), None);
        let mysql = |text| refusal(Mysql, text, false).map(|refusal| refusal.kind);
        assert_eq!(mysql("use other"), Some("use"));
        assert_eq!(mysql("SELECT 1; SELECT 2"), Some("multi_statements"));
        assert_eq!(mysql("SELECT ';\\'; SELECT 2';"), None);
        assert_eq!(mysql("SET time_zone = '+00:00'"), None);
        assert_eq!(
            mysql("LOAD DATA LOCAL INFILE 'a' INTO TABLE b"),
            Some("local_infile")
        );
    }

    #[test]
    fn literals_are_left_out() {
        assert_eq!(
            without_literals(
                Mysql,
                "SELECT 'it''s \\' a',\"b\", 12.5, x'00' FROM `a1` -- secret\nWHERE a=1"
            ),
            "SELECT ?,?, ?, ? FROM `a1` \nWHERE a=?"
        );
        assert_eq!(
            without_literals(Postgres, "SELECT $1, $a$ secret $a$, E'\\''"),
            "SELECT $1, ?, ?"
        );
    }
}
