//! Classification of statements by their tokens: reads, writes and transaction control, cacheable statements, and the
//! statements that Hyperdrive rejects.
//! Absent: a parser. Quotes and comments are skipped, and the remaining tokens are compared.

use crate::dialect::Dialect;
use crate::lexer::tokenize;

/// The effect of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Read,
    Write,
    Begin,
    Commit,
    /// ROLLBACK, SET, SHOW and all others.
    Other,
}

/// The reason why a request is not forwarded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rejection {
    /// The name of its counter.
    pub(crate) kind: &'static str,
    /// The error message for the client.
    pub(crate) message: String,
}

impl Rejection {
    /// Rejects a feature that Hyperdrive does not support.
    pub(crate) fn unsupported(kind: &'static str, feature: &str) -> Self {
        Self {
            kind,
            message: format!("{feature} is not supported by Hyperdrive"),
        }
    }
}

const WRITE_KEYWORDS: &[&str] = &[
    "INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "CREATE", "ALTER", "DROP", "TRUNCATE",
    "GRANT", "REVOKE", "CALL", "DO", "RENAME",
];

/// Volatile functions and keywords: their result differs between calls or transactions.
const VOLATILE: &[&str] = &[
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

/// Those of [`VOLATILE`] that need no parentheses.
const VOLATILE_KEYWORDS: &[&str] = &[
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

pub(crate) fn effect(dialect: Dialect, text: &str) -> Effect {
    let tokens = tokenize(dialect, text).list;
    match first_word(&tokens) {
        "BEGIN" | "START" => Effect::Begin,
        "COMMIT" | "END" => Effect::Commit,
        // Only in WITH: the UPDATE in SELECT … FOR UPDATE writes nothing.
        "WITH" if tokens.iter().any(|word| is_data_write(word)) => Effect::Write,
        "SELECT" | "VALUES" | "TABLE" | "WITH" => Effect::Read,
        word if WRITE_KEYWORDS.contains(&word) => Effect::Write,
        _ => Effect::Other,
    }
}

fn is_data_write(word: &str) -> bool {
    matches!(word, "INSERT" | "UPDATE" | "DELETE" | "MERGE")
}

pub(crate) fn is_cacheable(dialect: Dialect, text: &str) -> bool {
    if effect(dialect, text) != Effect::Read {
        return false;
    }
    let tokens = tokenize(dialect, text).list;
    tokens.iter().enumerate().all(|(at, word)| {
        let next = tokens.get(at + 1).map_or("", String::as_str);
        let is_volatile = VOLATILE.contains(&word.as_str())
            && (next == "(" || VOLATILE_KEYWORDS.contains(&word.as_str()))
            || word.starts_with("PG_") && next == "(";
        let is_locking = (word == "FOR" && matches!(next, "UPDATE" | "SHARE" | "NO" | "KEY"))
            || (word == "LOCK" && next == "IN");
        let is_variable = dialect == Dialect::Mysql && word == "@";
        !(is_volatile
            || is_locking
            || is_variable
            || word == "INTO"
            || word == ";" && !next.is_empty())
    })
}

/// Returns the reason if Hyperdrive rejects one of the statements in `text`.
pub(crate) fn rejection(dialect: Dialect, text: &str, in_transaction: bool) -> Option<Rejection> {
    let tokens = tokenize(dialect, text).list;
    let mut rest = tokens.as_slice();
    loop {
        let end = rest
            .iter()
            .position(|word| word == ";")
            .unwrap_or(rest.len());
        let found = match dialect {
            Dialect::Postgres => postgres_rejection(&rest[..end], in_transaction),
            Dialect::Mysql => mysql_rejection(&rest[..end]),
        };
        if found.is_some() || end == rest.len() {
            return found;
        }
        rest = &rest[end + 1..];
        if dialect == Dialect::Mysql && !rest.is_empty() {
            return Some(Rejection::unsupported(
                "multi_statements",
                "more than one statement",
            ));
        }
    }
}

fn postgres_rejection(tokens: &[String], in_transaction: bool) -> Option<Rejection> {
    let second = tokens.get(1).map_or("", String::as_str);
    let is_advisory_lock =
        |word: &String| word.starts_with("PG_ADVISORY") || word.starts_with("PG_TRY_ADVISORY");
    let has = |wanted: &str| tokens.iter().any(|word| word == wanted);
    let (kind, feature) = match first_word(tokens) {
        _ if tokens.iter().any(is_advisory_lock) => ("advisory_lock", "an advisory lock"),
        "PREPARE" if second != "TRANSACTION" => ("prepare", "PREPARE"),
        "EXECUTE" => ("execute", "EXECUTE"),
        "DEALLOCATE" => ("deallocate", "DEALLOCATE"),
        "DISCARD" => ("discard", "DISCARD"),
        "LISTEN" | "UNLISTEN" => ("listen", "LISTEN"),
        "NOTIFY" => ("notify", "NOTIFY"),
        "COPY" => ("copy", "COPY"),
        "DECLARE" if has("HOLD") && !has("WITHOUT") => ("held_cursor", "a cursor WITH HOLD"),
        "SET" if !in_transaction && !matches!(second, "LOCAL" | "TRANSACTION" | "CONSTRAINTS") => {
            ("set", "SET outside a transaction")
        }
        "RESET" if !in_transaction => ("set", "RESET outside a transaction"),
        _ => return None,
    };
    Some(Rejection::unsupported(kind, feature))
}

fn mysql_rejection(tokens: &[String]) -> Option<Rejection> {
    let (kind, feature) = match first_word(tokens) {
        "USE" => ("use", "USE"),
        "PREPARE" => ("prepare", "PREPARE"),
        "EXECUTE" => ("execute", "EXECUTE"),
        "DEALLOCATE" => ("deallocate", "DEALLOCATE PREPARE"),
        "LOAD" if tokens.iter().any(|word| word == "LOCAL") => ("local_infile", "LOAD DATA LOCAL"),
        _ => return None,
    };
    Some(Rejection::unsupported(kind, feature))
}

/// Returns the statement with `?` in place of each literal.
pub(crate) fn normalize(dialect: Dialect, text: &str) -> String {
    tokenize(dialect, text).normalized
}

fn first_word(tokens: &[String]) -> &str {
    tokens
        .iter()
        .map(String::as_str)
        .find(|word| *word != "(")
        .unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use Dialect::{Mysql, Postgres};

    #[test]
    fn statements_are_classified() {
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
            ("ROLLBACK", Effect::Other),
            ("", Effect::Other),
        ] {
            assert_eq!(effect(Postgres, text), expected, "{text}");
            assert_eq!(effect(Mysql, text), expected, "{text}");
        }
    }

    #[test]
    fn only_stable_reads_are_cacheable() {
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
    fn unsupported_statements_are_rejected() {
        let postgres = |text, in_transaction| {
            rejection(Postgres, text, in_transaction).map(|rejection| rejection.kind)
        };
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
        let mysql = |text| rejection(Mysql, text, false).map(|rejection| rejection.kind);
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
    fn literals_are_replaced() {
        assert_eq!(
            normalize(
                Mysql,
                "SELECT 'it''s \\' a',\"b\", 12.5, x'00' FROM `a1` -- secret\nWHERE a=1"
            ),
            "SELECT ?,?, ?, ? FROM `a1` \nWHERE a=?"
        );
        assert_eq!(
            normalize(Postgres, "SELECT $1, $a$ secret $a$, E'\\''"),
            "SELECT $1, ?, ?"
        );
    }
}
