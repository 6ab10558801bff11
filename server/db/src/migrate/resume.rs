//! Resuming a file on MySQL: the session of the run that failed is gone, and with it what its statements had set. Settings
//! are made again; what cannot be made again, and is needed, is refused.

use std::collections::HashMap;

use super::script::{Kind, Statement, Token};

/// Functions whose value depends on their arguments alone.
const PURE: [&str; 18] = [
    "replace",
    "concat",
    "concat_ws",
    "if",
    "ifnull",
    "nullif",
    "coalesce",
    "cast",
    "convert",
    "trim",
    "upper",
    "lower",
    "left",
    "right",
    "substring",
    "hex",
    "unhex",
    "select",
];
/// Values that differ from one moment or statement to the next.
const CHANGING: [&str; 14] = [
    "from",
    "exists",
    "current_timestamp",
    "current_date",
    "current_time",
    "localtime",
    "localtimestamp",
    "utc_timestamp",
    "utc_date",
    "utc_time",
    "last_insert_id",
    "identity",
    "warning_count",
    "error_count",
];
/// Functions that tell about the statement before.
const OF_LAST: [&str; 4] = ["last_insert_id", "row_count", "found_rows", "identity"];

/// Values that tell about the statement before, and would tell about the note instead.
const OF_BEFORE: [&str; 6] = [
    "row_count",
    "found_rows",
    "warning_count",
    "error_count",
    "warnings",
    "diagnostics",
];

/// True if a statement changes rows and can be noted in its own transaction: no lock of tables ends with it, and the next
/// statement does not ask about it.
pub(super) fn can_be_noted_with(
    before: &[Statement<'_>],
    statement: &Statement<'_>,
    next: Option<&Statement<'_>>,
) -> bool {
    let changes_rows = ["INSERT", "UPDATE", "DELETE", "REPLACE"];
    let changes_rows = changes_rows.iter().any(|word| statement.begins(&[word]));
    let asks = |next: &Statement<'_>| OF_BEFORE.iter().any(|word| next.has(word));
    changes_rows && !holds_locks(before) && !next.is_some_and(asks)
}

/// True if the session holds locks of tables after these statements: whoever opens one may have to wait for it.
pub(super) fn holds_locks(before: &[Statement<'_>]) -> bool {
    let mut latest = before.iter().rev();
    let latest = latest.find(|one| one.begins(&["LOCK"]) || one.begins(&["UNLOCK"]));
    latest.is_some_and(|one| one.begins(&["LOCK"]))
}

/// True if a statement names one of these tables, which are in small letters: `table`, or `database.table`.
pub(super) fn names_any(statement: &Statement<'_>, tables: &[String]) -> bool {
    tables.iter().any(|table| {
        let mut parts = table.split('.');
        parts.all(|part| names_table(&statement.tokens, part))
    })
}

/// The session after the statements that are done, as far as the text tells.
#[derive(Default)]
struct Session<'a> {
    /// Statements to run again, in order.
    again: Vec<&'a str>,
    /// Variables, and whether their values can be had again.
    variables: HashMap<String, bool>,
    /// True once a statement ran whose effect on variables is not in the text.
    is_opaque: bool,
    /// Temporary tables.
    temporary: Vec<String>,
    /// True if a prepared statement cannot be prepared again.
    has_lost_prepared: bool,
}

/// The statements to run before the rest of a file.
///
/// # Errors
/// The reason that the rest cannot be run in a new session, and the statement that needs the old one.
pub(super) fn again<'a>(
    done: &[Statement<'a>],
    rest: &[Statement<'a>],
) -> Result<Vec<&'a str>, String> {
    let mut session = Session::default();
    for statement in done {
        session.after(statement)?;
    }
    session.check(done.is_empty(), rest)?;
    Ok(session.again)
}

impl<'a> Session<'a> {
    fn after(&mut self, statement: &Statement<'a>) -> Result<(), String> {
        let tokens = &statement.tokens;
        if statement.begins(&["SET"]) {
            return self.set(statement);
        }
        if statement.begins(&["LOCK"]) {
            self.unlock();
            self.again.push(statement.text);
        } else if statement.begins(&["UNLOCK"]) {
            self.unlock();
        } else if statement.begins(&["PREPARE"]) {
            if user_variables(tokens).is_empty() {
                self.again.push(statement.text);
            } else {
                self.has_lost_prepared = true;
            }
        } else if statement.begins(&["CREATE", "TEMPORARY"])
            || statement.begins(&["CREATE", "OR", "REPLACE", "TEMPORARY"])
        {
            let name = tokens.iter().skip_while(|token| !token.is("table")).skip(1);
            let name =
                name.filter(|token| !["if", "not", "exists"].iter().any(|word| token.is(word)));
            self.temporary.extend(name.filter_map(Token::name).next());
        } else if statement.begins(&["EXECUTE"])
            || statement.begins(&["CALL"])
            || statement.begins(&["BEGIN"])
        {
            self.is_opaque = true;
            self.variables.clear();
        } else if statement.has("into") || has_assignment(tokens) {
            for name in user_variables(tokens) {
                self.variables.insert(name, false);
            }
        }
        Ok(())
    }

    fn set(&mut self, statement: &Statement<'a>) -> Result<(), String> {
        let tokens = &statement.tokens;
        // SET STATEMENT is a prefix of another statement; the others are no settings of the session.
        if ["statement", "password", "global", "persist"]
            .iter()
            .any(|word| tokens.get(1).is_some_and(|token| token.is(word)))
        {
            return Ok(());
        }
        let names = user_variables(tokens);
        let is_lost = |name: &String| self.is_lost(name);
        // A variable on the left is looked at too: one that is lost stays lost unless it is set from literals alone.
        let first = names.first().cloned();
        let reads_lost = names.iter().skip(1).any(is_lost);
        if !changes(tokens) && !reads_lost {
            for name in names {
                self.variables.insert(name, true);
            }
            self.again.push(statement.text);
            return Ok(());
        }
        let is_variable = tokens.get(1).is_some_and(|token| token.is_sign("@"))
            && tokens.get(2).is_some_and(|token| !token.is_sign("@"));
        match first {
            Some(_) if is_variable => {
                for name in names {
                    self.variables.insert(name, false);
                }
                Ok(())
            }
            _ => Err(format!(
                "statement {} (line {}) computed a setting of the session, which cannot be computed again",
                statement.number, statement.line
            )),
        }
    }

    fn unlock(&mut self) {
        self.again.retain(|text| {
            !text
                .get(..4)
                .is_some_and(|word| word.eq_ignore_ascii_case("lock"))
        });
    }

    fn is_lost(&self, name: &str) -> bool {
        self.variables
            .get(name)
            .map_or(self.is_opaque, |is_kept| !is_kept)
    }

    /// Refuses what the rest needs and nobody can give it.
    fn check(&mut self, is_first_run: bool, rest: &[Statement<'_>]) -> Result<(), String> {
        let (mut has_written, mut has_prepared) = (is_first_run, !self.has_lost_prepared);
        for statement in rest {
            let needs = |what: &str| {
                Err(format!(
                    "statement {} (line {}) needs {what}, which ended with the session of the run that failed",
                    statement.number, statement.line
                ))
            };
            let tokens = &statement.tokens;
            let names = user_variables(tokens);
            let sets =
                statement.begins(&["SET"]) && tokens.get(1).is_some_and(|token| token.is_sign("@"));
            for name in names.iter().skip(usize::from(sets)) {
                if self.is_lost(name) {
                    return needs(&format!("the variable @{name}"));
                }
            }
            if let Some(set) = names.first().filter(|_| sets) {
                self.variables.insert(set.clone(), true);
            }
            if let Some(table) = self
                .temporary
                .iter()
                .find(|table| names_table(tokens, table))
            {
                return needs(&format!("the temporary table {table}"));
            }
            has_prepared |= statement.begins(&["PREPARE"]);
            if statement.begins(&["EXECUTE"]) && !has_prepared {
                return needs("a prepared statement");
            }
            if let Some(function) = OF_LAST
                .iter()
                .find(|word| statement.has(word))
                .filter(|_| !has_written)
            {
                return needs(&format!("{}()", function.to_ascii_uppercase()));
            }
            has_written |= !statement.begins(&["SET"]);
        }
        Ok(())
    }
}

/// The names of `@name`, in small letters; `@@name` is a setting.
fn user_variables(tokens: &[Token<'_>]) -> Vec<String> {
    let mut all = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let is_alone = !at
            .checked_sub(1)
            .and_then(|before| tokens.get(before))
            .is_some_and(|token| token.is_sign("@"));
        if token.is_sign("@")
            && is_alone
            && let Some(name) = tokens.get(at + 1).and_then(Token::name)
        {
            all.push(name.to_lowercase());
        }
    }
    all
}

fn has_assignment(tokens: &[Token<'_>]) -> bool {
    tokens
        .windows(2)
        .any(|two| two[0].is_sign(":") && two[1].is_sign("="))
}

fn names_table(tokens: &[Token<'_>], table: &str) -> bool {
    tokens.iter().any(|token| {
        token.kind != Kind::Text
            && token
                .name()
                .is_some_and(|name| name.eq_ignore_ascii_case(table))
    })
}

/// True if a value may be another one when it is computed again.
fn changes(tokens: &[Token<'_>]) -> bool {
    let calls_impure = tokens.windows(2).any(|two| {
        let is_call = two[1].is_sign("(") && two[0].kind == Kind::Word;
        is_call && !PURE.iter().any(|word| two[0].is(word))
    });
    calls_impure
        || tokens
            .iter()
            .any(|token| CHANGING.iter().any(|word| token.is(word)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Dialect;
    use crate::migrate::script;

    #[test]
    fn settings_are_made_again_and_lost_values_are_refused() {
        // Before `|` stands what is done.
        for (text, expected) in [
            (
                "SET @x = 5; CREATE TABLE v (a INT); | INSERT INTO v VALUES (@x)",
                Ok("SET @x = 5"),
            ),
            (
                "SET @x = 5; SET @y = @x + 1; | SELECT @y",
                Ok("SET @x = 5|SET @y = @x + 1"),
            ),
            (
                "/*!40101 SET NAMES utf8mb4 */; | SELECT 1",
                Ok("/*!40101 SET NAMES utf8mb4 */"),
            ),
            (
                "SET sql_mode = REPLACE(@@sql_mode, 'A', ''); | SELECT 1",
                Ok("SET sql_mode = REPLACE(@@sql_mode, 'A', '')"),
            ),
            (
                "SET foreign_key_checks = 0; INSERT INTO a VALUES (1); | SELECT 1",
                Ok("SET foreign_key_checks = 0"),
            ),
            (
                "LOCK TABLES a WRITE; | INSERT INTO a VALUES (1)",
                Ok("LOCK TABLES a WRITE"),
            ),
            ("LOCK TABLES a WRITE; UNLOCK TABLES; | SELECT 1", Ok("")),
            (
                "SET STATEMENT max_statement_time = 1 FOR INSERT INTO a VALUES (1); | SELECT 1",
                Ok(""),
            ),
            (
                "PREPARE s FROM 'SELECT 1'; | EXECUTE s",
                Ok("PREPARE s FROM 'SELECT 1'"),
            ),
            ("SET @n = (SELECT COUNT(*) FROM a); | SELECT 1", Ok("")),
            (
                "SET @n = (SELECT COUNT(*) FROM a); | SET @n = 1; SELECT @n",
                Ok(""),
            ),
            (
                "SET @n = (SELECT COUNT(*) FROM a); | SELECT @n",
                Err("the variable @n"),
            ),
            ("SET @now = NOW(); | SELECT @NOW", Err("the variable @now")),
            (
                "SELECT a INTO @first FROM t; | SELECT @first",
                Err("the variable @first"),
            ),
            ("SELECT @a := 1; | SELECT @a", Err("the variable @a")),
            ("CALL p(@out); | SELECT @out", Err("the variable @out")),
            (
                "SET @n = NOW(); SET @m = @n; | SELECT @m",
                Err("the variable @m"),
            ),
            (
                "SET time_zone = (SELECT z FROM zones); | SELECT 1",
                Err("a setting of the session"),
            ),
            (
                "CREATE TEMPORARY TABLE IF NOT EXISTS `kept` (a INT); | INSERT INTO a SELECT * FROM kept",
                Err("the temporary table kept"),
            ),
            (
                "SET @s = 'SELECT 1'; PREPARE s FROM @s; | EXECUTE s",
                Err("a prepared statement"),
            ),
            (
                "INSERT INTO a VALUES (1); | INSERT INTO b VALUES (LAST_INSERT_ID())",
                Err("LAST_INSERT_ID()"),
            ),
            (
                "INSERT INTO a VALUES (1); | INSERT INTO a VALUES (2); INSERT INTO b VALUES (LAST_INSERT_ID())",
                Ok(""),
            ),
        ] {
            let all = script::parse(Dialect::MySql.script_syntax(), text, |_| Ok(())).expect(text);
            let done = all
                .iter()
                .position(|statement| statement.text.starts_with('|'))
                .expect(text);
            let rest = text.split_once('|').expect(text).1;
            let rest = script::parse(Dialect::MySql.script_syntax(), rest, |_| Ok(())).expect(text);
            let again = again(&all[..done], &rest).map(|all| all.join("|"));
            match (&again, expected) {
                (Ok(given), Ok(wanted)) => assert_eq!(given, wanted, "{text}"),
                (Err(given), Err(wanted)) => assert!(given.contains(wanted), "{text}: {given}"),
                _ => panic!("{text}: {again:?}"),
            }
        }
    }
}
