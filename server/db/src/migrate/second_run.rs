//! Statements that MySQL commits by themselves, and what comes of it when one is run a second time, after a process that ended
//! before it could note it.

use super::script::{Kind, Statement, Token};

/// The outcome of running a statement again that may have been run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SecondRun {
    /// Once and twice are the same.
    Same,
    /// It is refused by one of these codes if it was run, and only then.
    Refused(Vec<u16>),
    /// Nothing tells: it may do its work twice.
    Unknown,
}

/// The code of a foreign key whose name is taken, which only its words tell from other failures.
const CANNOT_CREATE: u16 = 1005;
const DUPLICATE_KEY: &str = "errno: 121";

/// Returns whether a refusal by the server is one of `codes`.
pub(super) fn is_refusal(codes: &[u16], code: u16, message: &str) -> bool {
    codes.contains(&code) && (code != CANNOT_CREATE || message.contains(DUPLICATE_KEY))
}

/// The words after CREATE, and the code by which a second one is refused (MariaDB's and MySQL's list of errors).
const CREATED: [(&str, u16); 13] = [
    ("table", 1050),
    ("view", 1050),
    ("sequence", 1050),
    ("index", 1061),
    ("unique", 1061),
    ("fulltext", 1061),
    ("spatial", 1061),
    ("trigger", 1359),
    ("procedure", 1304),
    ("function", 1304),
    ("event", 1537),
    ("role", 1396),
    ("user", 1396),
];
/// The words after DROP, and the codes by which a second one is refused.
const DROPPED: [(&str, &[u16]); 10] = [
    ("table", &[1051]),
    ("view", &[1051, 4092]),
    ("sequence", &[1051, 4091]),
    ("index", &[1091]),
    ("trigger", &[1360]),
    ("procedure", &[1305]),
    ("function", &[1305]),
    ("event", &[1539]),
    ("role", &[1396]),
    ("user", &[1396]),
];
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
/// First words of actions of ALTER TABLE that set something to a value.
const SETTINGS: [&str; 21] = [
    "modify",
    "alter",
    "convert",
    "engine",
    "comment",
    "auto_increment",
    "default",
    "charset",
    "character",
    "collate",
    "row_format",
    "force",
    "order",
    "lock",
    "algorithm",
    "enable",
    "disable",
    "checksum",
    "key_block_size",
    "stats_persistent",
    "validation",
];

/// Tells the outcome of running `statement` a second time.
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
    let head = &tokens[..head(tokens)];
    let has = |word: &str| head.iter().any(|token| token.is(word));
    if first("create") {
        if has("temporary") || has("replace") || has("exists") {
            return SecondRun::Same;
        }
        let kind = CREATED.iter().find(|(word, _)| has(word));
        return kind.map_or(SecondRun::Unknown, |(_, code)| {
            SecondRun::Refused(vec![*code])
        });
    }
    if first("drop") {
        if has("temporary") || has("exists") {
            return SecondRun::Same;
        }
        let kind = DROPPED.iter().find(|(word, _)| has(word));
        return kind.map_or(SecondRun::Unknown, |(_, codes)| {
            SecondRun::Refused(codes.to_vec())
        });
    }
    // A pair; several may be a circle, whose names all exist afterwards.
    if first("rename") && !tokens.iter().any(|token| token.is_sign(",")) {
        return SecondRun::Refused(vec![1146]);
    }
    if first("alter") && has("table") {
        return altered(tokens);
    }
    SecondRun::Unknown
}

/// The number of tokens before the name of what is created or dropped: words alone, up to the third.
fn head(tokens: &[Token<'_>]) -> usize {
    let words = tokens
        .iter()
        .take_while(|token| token.kind == Kind::Word || token.is_sign("=") || token.is_sign("@"));
    words
        .count()
        .min(if tokens.iter().take(8).any(|token| token.is("definer")) {
            12
        } else {
            6
        })
}

/// The outcome for an ALTER TABLE: it is done as a whole, so one action tells for all.
fn altered(tokens: &[Token<'_>]) -> SecondRun {
    let table = tokens.iter().position(|token| token.is("table"));
    let mut rest = &tokens[table.map_or(tokens.len(), |at| at + 1)..];
    rest = after(rest, &["if", "exists"]);
    rest = rest.get(1..).unwrap_or_default();
    if rest.first().is_some_and(|token| token.is_sign(".")) {
        rest = rest.get(2..).unwrap_or_default();
    }
    let mut codes = Vec::new();
    let mut is_same = true;
    for action in actions(rest) {
        match acted(action) {
            SecondRun::Refused(some) => codes.extend(some),
            SecondRun::Same => {}
            SecondRun::Unknown => is_same = false,
        }
    }
    match (codes.is_empty(), is_same) {
        (false, _) => SecondRun::Refused(codes),
        (true, true) => SecondRun::Same,
        (true, false) => SecondRun::Unknown,
    }
}

/// The actions, which stand between commas outside of parentheses.
fn actions<'a, 'b>(tokens: &'a [Token<'b>]) -> Vec<&'a [Token<'b>]> {
    let mut depth = 0_i32;
    tokens
        .split(|token| {
            depth += i32::from(token.is_sign("(")) - i32::from(token.is_sign(")"));
            depth == 0 && token.is_sign(",")
        })
        .filter(|action| !action.is_empty())
        .collect()
}

/// The tokens after these keywords, if they stand there.
fn after<'a, 'b>(tokens: &'a [Token<'b>], words: &[&str]) -> &'a [Token<'b>] {
    let stands =
        words.len() <= tokens.len() && words.iter().zip(tokens).all(|(word, token)| token.is(word));
    if stands {
        &tokens[words.len()..]
    } else {
        tokens
    }
}

/// The outcome for one action of ALTER TABLE.
fn acted(action: &[Token<'_>]) -> SecondRun {
    let is = |at: usize, word: &str| action.get(at).is_some_and(|token| token.is(word));
    let is_safe = action
        .windows(2)
        .any(|two| two[1].is("exists") && (two[0].is("if") || two[0].is("not")));
    if SETTINGS.iter().any(|word| is(0, word)) || is_safe {
        return SecondRun::Same;
    }
    if is(0, "add") {
        return added(&action[1..]);
    }
    if is(0, "drop") {
        return SecondRun::Refused(vec![if is(1, "partition") { 1507 } else { 1091 }]);
    }
    if is(0, "change") {
        let names = after(&action[1..], &["column"]);
        let name = |at: usize| {
            names
                .get(at)
                .and_then(Token::name)
                .map(|name| name.to_lowercase())
        };
        return if name(0) == name(1) {
            SecondRun::Same
        } else {
            SecondRun::Refused(vec![1054])
        };
    }
    if is(0, "rename") {
        return SecondRun::Refused(vec![if is(1, "column") {
            1054
        } else if is(1, "index") || is(1, "key") {
            1176
        } else {
            1146
        }]);
    }
    SecondRun::Unknown
}

/// The outcome for adding something; it must have a name to be known again.
fn added(what: &[Token<'_>]) -> SecondRun {
    let is = |at: usize, words: &[&str]| {
        let token = what.get(at);
        token.is_some_and(|token| words.iter().any(|word| token.is(word)))
    };
    let is_name =
        |at: usize| what.get(at).is_some_and(|token| token.name().is_some()) && !is(at, &["using"]);
    let named = |at: usize, codes: &[u16]| {
        if is_name(at) {
            SecondRun::Refused(codes.to_vec())
        } else {
            SecondRun::Unknown
        }
    };
    if is(0, &["constraint"]) {
        let kinds = ["primary", "unique", "foreign", "check"];
        return match (is(1, &kinds), is(1, &["primary"]) || is(2, &["primary"])) {
            (_, true) => SecondRun::Refused(vec![1068]),
            (true, false) => SecondRun::Unknown,
            (false, false) => SecondRun::Refused(vec![1061, 1826, 3822, CANNOT_CREATE]),
        };
    }
    if is(0, &["primary"]) {
        return SecondRun::Refused(vec![1068]);
    }
    if is(0, &["index", "key"]) {
        return named(1, &[1061]);
    }
    if is(0, &["unique", "fulltext", "spatial"]) {
        return named(if is(1, &["index", "key"]) { 2 } else { 1 }, &[1061]);
    }
    if is(0, &["foreign", "check", "period", "system"]) {
        return SecondRun::Unknown;
    }
    SecondRun::Refused(vec![if is(0, &["partition"]) { 1517 } else { 1060 }])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dialect;
    use crate::migrate::script;

    #[test]
    fn a_second_run_is_known_by_the_refusal() {
        let refused = |codes: &[u16]| SecondRun::Refused(codes.to_vec());
        for (text, expected) in [
            ("CREATE TABLE a (x INT)", refused(&[1050])),
            ("CREATE TABLE IF NOT EXISTS a (x INT)", SecondRun::Same),
            ("CREATE TEMPORARY TABLE a (x INT)", SecondRun::Same),
            ("CREATE OR REPLACE VIEW v AS SELECT 1", SecondRun::Same),
            (
                "CREATE ALGORITHM = MERGE VIEW v AS SELECT 1",
                refused(&[1050]),
            ),
            ("CREATE UNIQUE INDEX i ON a (x)", refused(&[1061])),
            (
                "CREATE DEFINER = CURRENT_USER TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET NEW.x = 1",
                refused(&[1359]),
            ),
            ("CREATE TABLE `if exists` (x INT)", refused(&[1050])),
            ("DROP TABLE a, b", refused(&[1051])),
            ("DROP TABLE IF EXISTS a", SecondRun::Same),
            ("DROP TRIGGER t", refused(&[1360])),
            ("RENAME TABLE a TO b", refused(&[1146])),
            ("RENAME TABLE a TO c, b TO a, c TO b", SecondRun::Unknown),
            ("ALTER TABLE a ADD COLUMN y INT", refused(&[1060])),
            (
                "ALTER TABLE db.a ADD y INT, ADD INDEX (y)",
                refused(&[1060]),
            ),
            ("ALTER TABLE a ADD INDEX (y)", SecondRun::Unknown),
            (
                "ALTER TABLE a ADD INDEX USING BTREE (y)",
                SecondRun::Unknown,
            ),
            ("ALTER TABLE a ADD UNIQUE KEY named (y)", refused(&[1061])),
            (
                "ALTER TABLE a ADD COLUMN IF NOT EXISTS y INT",
                SecondRun::Same,
            ),
            (
                "ALTER TABLE a ADD COLUMN IF NOT EXISTS y INT, ADD INDEX (y)",
                SecondRun::Unknown,
            ),
            ("ALTER TABLE a ADD PRIMARY KEY (x)", refused(&[1068])),
            (
                "ALTER TABLE a ADD FOREIGN KEY (x) REFERENCES b (x)",
                SecondRun::Unknown,
            ),
            (
                "ALTER TABLE a ADD CONSTRAINT FOREIGN KEY (x) REFERENCES b (x)",
                SecondRun::Unknown,
            ),
            (
                "ALTER TABLE a ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES b (x)",
                refused(&[1061, 1826, 3822, 1005]),
            ),
            (
                "ALTER TABLE a MODIFY x BIGINT, ENGINE = InnoDB",
                SecondRun::Same,
            ),
            ("ALTER TABLE a CHANGE x y INT", refused(&[1054])),
            ("ALTER TABLE a CHANGE x X INT", SecondRun::Same),
            (
                "ALTER TABLE a DROP COLUMN y, DROP FOREIGN KEY f",
                refused(&[1091, 1091]),
            ),
            ("ALTER TABLE a RENAME TO b", refused(&[1146])),
            ("ALTER TABLE a RENAME COLUMN x TO y", refused(&[1054])),
            (
                "ALTER TABLE a EXCHANGE PARTITION p WITH TABLE b",
                SecondRun::Unknown,
            ),
            ("CALL p()", SecondRun::Unknown),
            ("INSERT INTO a VALUES (1)", SecondRun::Unknown),
            ("SET NAMES utf8mb4", SecondRun::Same),
            (
                "SET STATEMENT max_statement_time = 1 FOR UPDATE a SET x = x + 1",
                SecondRun::Unknown,
            ),
            ("SELECT x FROM a", SecondRun::Same),
            ("SELECT writes(1)", SecondRun::Unknown),
            ("DO writes(1)", SecondRun::Unknown),
            ("ANALYZE UPDATE a SET x = x + 1", SecondRun::Unknown),
            ("ANALYZE TABLE a", SecondRun::Same),
            ("TRUNCATE TABLE a", SecondRun::Unknown),
        ] {
            let all = script::parse(Dialect::MySql.script_syntax(), text, |_| Ok(())).expect(text);
            assert_eq!(second_run(&all[0]), expected, "{text}");
        }
    }

    #[test]
    fn a_foreign_key_is_known_by_its_words() {
        assert!(is_refusal(
            &[1005],
            1005,
            "Can't create table (errno: 121 \"Duplicate key\")"
        ));
        assert!(!is_refusal(
            &[1005],
            1005,
            "Can't create table (errno: 150 \"wrongly formed\")"
        ));
        assert!(!is_refusal(&[1050], 1146, "no such table"));
    }
}
