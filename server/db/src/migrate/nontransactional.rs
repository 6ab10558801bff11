//! Tables of MySQL whose changes no transaction takes back, and everything that may change one without naming it.

use crate::drivers::native::MySql;
use crate::{DbError, Driver, Statement, Value};

/// Those tables; the ones of other databases with their database's name.
const TABLES: &str = "SELECT LOWER(IF(t.table_schema = DATABASE(), t.table_name, CONCAT(t.table_schema, '.', t.table_name))), '' \
     FROM information_schema.tables AS t JOIN information_schema.engines AS e ON e.engine = t.engine \
     WHERE t.table_schema NOT IN ('information_schema', 'performance_schema', 'mysql', 'sys') \
     AND COALESCE(e.transactions, 'NO') <> 'YES'";
/// Names, and what is done when they are used: a table by its trigger, a view, a routine.
const INDIRECT: &str = "SELECT LOWER(event_object_table), LOWER(action_statement) FROM information_schema.triggers \
     WHERE trigger_schema = DATABASE() \
     UNION ALL SELECT LOWER(table_name), LOWER(view_definition) FROM information_schema.views WHERE table_schema = DATABASE() \
     UNION ALL SELECT LOWER(routine_name), LOWER(COALESCE(routine_definition, '')) FROM information_schema.routines \
     WHERE routine_schema = DATABASE()";

/// The names, in small letters, by which a statement may change such a table: `table`, or `database.table`.
pub(super) async fn nontransactional(session: &MySql) -> Result<Vec<String>, DbError> {
    let tables = pairs(session, TABLES).await?;
    let mut names: Vec<String> = tables.into_iter().map(|(name, _)| name).collect();
    if names.is_empty() {
        return Ok(names);
    }
    let mut rest = pairs(session, INDIRECT).await?;
    // A trigger may call a routine that changes a view.
    loop {
        let (found, others): (Vec<_>, Vec<_>) = rest
            .into_iter()
            .partition(|(_, body)| names_any(body, &names));
        if found.is_empty() {
            return Ok(names);
        }
        names.extend(found.into_iter().map(|(name, _)| name));
        rest = others;
    }
}

/// True if the words of a body are those of one of these names.
fn names_any(body: &str, names: &[String]) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || "_$".contains(character);
    let words: Vec<&str> = body.split(|character| !is_part(character)).collect();
    names
        .iter()
        .any(|name| name.split('.').all(|part| words.contains(&part)))
}

async fn pairs(session: &MySql, sql: &str) -> Result<Vec<(String, String)>, DbError> {
    let rows = session.read(&[Statement::plain(sql)]).await?;
    let cells = rows.into_iter().flat_map(|rows| rows.cells);
    let texts: Vec<String> = cells
        .map(|cell| match cell {
            Value::Text(text) => text,
            _ => String::new(),
        })
        .collect();
    let pairs = texts
        .chunks_exact(2)
        .map(|two| (two[0].clone(), two[1].clone()));
    Ok(pairs.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_searched_for_whole_names() {
        let names = ["a".to_owned(), "other.log".to_owned()];
        for (body, expected) in [
            ("update `a` set x = 1", true),
            ("update a_b set a_c = 1", false),
            ("insert into other.log values (1)", true),
            ("insert into `other` . `log` values (1)", true),
            ("insert into log values (1)", false),
        ] {
            assert_eq!(names_any(body, &names), expected, "{body}");
        }
    }
}
