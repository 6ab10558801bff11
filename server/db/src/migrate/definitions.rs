//! Definitions on MySQL: what the server knows of everything that a statement names, before it and after it. Where they are equal, the
//! statement was not run.

use super::checksum::checksum;
use super::script::Statement as Part;
use crate::drivers::native::MySql;
use crate::{DbError, Driver, Statement, Value};

/// The longest name that the servers take, in characters (MariaDB's and MySQL's "Identifier Names").
const LONGEST_NAME: usize = 64;

/// The checksum of the definitions of all tables, views, sequences, routines, events and triggers whose names stand in a
/// statement. It does not change with rows.
///
/// # Errors
/// A [`DbError`] of the connection. A definition that the server cannot show is taken for its sentence about that.
pub(super) async fn definitions(session: &MySql, statement: &Part<'_>) -> Result<String, DbError> {
    let names = names(statement);
    let places = vec!["?"; names.len()].join(", ");
    let named = |schema: &str, name: &str| {
        format!("({schema} = DATABASE() OR {schema} IN ({places})) AND {name} IN ({places})")
    };
    let things = format!(
        "SELECT CONVERT('TABLE' USING utf8mb4), CONVERT(table_schema USING utf8mb4), CONVERT(table_name USING utf8mb4) \
         FROM information_schema.tables WHERE {} \
         UNION ALL SELECT routine_type, routine_schema, routine_name FROM information_schema.routines WHERE {} \
         UNION ALL SELECT 'EVENT', event_schema, event_name FROM information_schema.events WHERE {} ORDER BY 1, 2, 3",
        named("table_schema", "table_name"),
        named("routine_schema", "routine_name"),
        named("event_schema", "event_name"),
    );
    let mut all = Vec::new();
    for thing in cells(session, &things, &names, 6).await?.chunks_exact(3) {
        let [Value::Text(kind), Value::Text(schema), Value::Text(name)] = thing else {
            continue;
        };
        let show = format!("SHOW CREATE {kind} {}.{}", quoted(schema), quoted(name));
        all.push(match cells(session, &show, &[], 0).await {
            Ok(cells) => without_counter(&format!("{cells:?}")),
            Err(error @ (DbError::Lost(_) | DbError::Timeout(_))) => return Err(error),
            Err(error) => error.to_string(),
        });
    }
    let triggers = format!(
        "SELECT trigger_schema, trigger_name, event_object_table, action_timing, event_manipulation, \
         CAST(action_order AS SIGNED), action_statement, CAST(created AS CHAR) \
         FROM information_schema.triggers WHERE {} ORDER BY 1, 2",
        named("trigger_schema", "trigger_name"),
    );
    let triggers = cells(session, &triggers, &names, 2).await?;
    all.push(format!("{triggers:?}"));
    Ok(checksum(&all.join("\n")))
}

/// Every name in a statement, and every word that could be one.
fn names(statement: &Part<'_>) -> Vec<String> {
    // A string may be a name too (ANSI_QUOTES).
    let names = statement.tokens.iter().filter_map(|token| token.name());
    let mut names: Vec<String> = names
        .filter(|name| name.chars().count() <= LONGEST_NAME)
        .map(|name| name.to_lowercase())
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The definition without the number of the next row.
fn without_counter(definition: &str) -> String {
    const COUNTER: &str = " AUTO_INCREMENT=";
    let mut parts = definition.split(COUNTER);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + part.trim_start_matches(|digit: char| digit.is_ascii_digit())
    })
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// The cells of all rows of a statement in which the names stand `times` times.
async fn cells(
    session: &MySql,
    sql: &str,
    names: &[String],
    times: usize,
) -> Result<Vec<Value>, DbError> {
    let values = std::iter::repeat_n(names, times).flatten();
    let statement = Statement {
        sql: sql.to_owned(),
        values: values.cloned().map(Value::Text).collect(),
    };
    let rows = session.read(&[statement]).await?;
    Ok(rows.into_iter().flat_map(|rows| rows.cells).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_the_next_row_is_no_part_of_a_definition() {
        for (text, expected) in [
            (
                "id INT AUTO_INCREMENT) ENGINE=InnoDB AUTO_INCREMENT=42 CHARSET=utf8mb4",
                "id INT AUTO_INCREMENT) ENGINE=InnoDB CHARSET=utf8mb4",
            ),
            ("ENGINE=InnoDB AUTO_INCREMENT=7", "ENGINE=InnoDB"),
            ("nothing of it", "nothing of it"),
        ] {
            assert_eq!(without_counter(text), expected);
        }
    }
}
