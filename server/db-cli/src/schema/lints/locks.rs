//! Statements that stop writes to a table that may be large, while the site is being used. A table that the same file makes
//! is empty.

use db::Dialect;
use db::migrate::Words;

use super::Finding;
use super::sql::{alter_table, create_index, create_table, has};

/// Functions that give another value for each row, so that a column with such a default is written into every row.
const VOLATILE: [&str; 6] = [
    "gen_random_uuid",
    "uuid_generate_v4",
    "random",
    "clock_timestamp",
    "nextval",
    "timeofday",
];
const ANOTHER_WAY: &str = "apply it when nobody writes, or change the table with gh-ost or pt-online-schema-change before";

pub(super) fn lint(dialect: Dialect, statements: &[Words]) -> Vec<Finding> {
    let mut new: Vec<String> = Vec::new();
    let mut all = Vec::new();
    for statement in statements {
        let words = &statement.words;
        if let Some((table, _)) = create_table(words) {
            new.push(table);
            continue;
        }
        let (table, found) = match (create_index(words), alter_table(words)) {
            (Some((_, table, _)), _) => (table, index(dialect, words)),
            (None, Some((table, actions))) => {
                let found = actions.iter().find_map(|action| match dialect {
                    Dialect::Sqlite => None,
                    Dialect::Postgres => postgres(action),
                    Dialect::MySql => mysql(action),
                });
                (table, found)
            }
            (None, None) => continue,
        };
        if let Some((what, way)) = found
            && !new.contains(&table)
        {
            all.push(Finding {
                number: statement.number,
                lint: "write-lock",
                text: format!("{what} stops writes to {table} until it is done → {way}"),
            });
        }
    }
    all
}

fn index(dialect: Dialect, words: &[String]) -> Option<(&'static str, &'static str)> {
    let is_slow = match dialect {
        Dialect::Sqlite => false,
        Dialect::Postgres => {
            !has(words, &["concurrently"]) && !has(words, &["if", "not", "exists"])
        }
        Dialect::MySql => has(words, &["fulltext"]),
    };
    let way = if dialect == Dialect::Postgres {
        "put it into a file of its own: `-- migrate: alone` before CREATE INDEX CONCURRENTLY IF NOT EXISTS"
    } else {
        ANOTHER_WAY
    };
    is_slow.then_some(("CREATE INDEX", way))
}

fn postgres(action: &[String]) -> Option<(&'static str, &'static str)> {
    const LATER: &str = "add it NOT VALID, and VALIDATE CONSTRAINT in a later migration";
    let has = |words: &[&str]| has(action, words);
    let adds = has(&["add"]);
    let is_column = adds && !has(&["constraint"]) && !has(&["foreign", "key"]);
    let is_volatile = VOLATILE.iter().any(|name| has(&[name, "("]));
    let is_serial = has(&["serial"]) || has(&["bigserial"]) || has(&["stored"]);
    if is_column && (has(&["default"]) && is_volatile || is_serial) {
        return Some((
            "ADD COLUMN with a value of its own for each row",
            "add it without a default, fill it in parts, and then set the default",
        ));
    }
    if has(&["set", "not", "null"]) {
        return Some((
            "SET NOT NULL",
            "add a CHECK (… IS NOT NULL) NOT VALID, VALIDATE CONSTRAINT in a later migration, and SET NOT NULL after that",
        ));
    }
    if action.first().is_some_and(|word| word == "alter") && has(&["type"]) {
        return Some((
            "another type",
            "add a column beside it, fill that in parts, and remove the old one in a later release",
        ));
    }
    let is_checked = has(&["foreign", "key"]) || has(&["check"]) || has(&["references"]);
    if adds && !is_column && is_checked && !has(&["not", "valid"]) {
        return Some(("a constraint that is checked for every row", LATER));
    }
    let is_index = has(&["unique"]) || has(&["primary", "key"]);
    if adds && is_index && !has(&["using", "index"]) {
        return Some((
            "a constraint that makes its index",
            "make the index by hand before, with CREATE UNIQUE INDEX CONCURRENTLY, and add the constraint USING INDEX",
        ));
    }
    None
}

fn mysql(action: &[String]) -> Option<(&'static str, &'static str)> {
    let has = |words: &[&str]| has(action, words);
    let adds = has(&["add"]);
    let what = if has(&["algorithm", "=", "copy"]) || has(&["lock", "=", "exclusive"]) {
        "ALGORITHM=COPY or LOCK=EXCLUSIVE"
    } else if has(&["modify"]) || has(&["change", "column"]) {
        "another definition of a column"
    } else if has(&["convert", "to"]) {
        "another character set"
    } else if (adds || has(&["drop"])) && has(&["primary", "key"]) {
        "another primary key"
    } else if adds && has(&["foreign", "key"]) {
        "a foreign key that is checked for every row"
    } else if adds && has(&["fulltext"]) {
        "a FULLTEXT index"
    } else {
        return None;
    };
    Some((what, ANOTHER_WAY))
}
