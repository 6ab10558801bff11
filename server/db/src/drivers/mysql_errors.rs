//! Mapping of MySQL's and MariaDB's errors to [`DbError`], natively and in a Worker.
//!
//! Codes: dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html and mariadb.com/kb/en/mariadb-error-codes.
//! A message may contain values of a row; only names are read from it here.

use crate::DbError;
use crate::schema::TABLES;

/// Maps an error packet: its code, its SQL state and its message.
pub(super) fn from_code(code: u16, state: &str, message: &str) -> DbError {
    match code {
        1062 | 1586 => unique(message),
        1216 | 1217 | 1451 | 1452 => DbError::ForeignKey(
            after(message, "CONSTRAINT `")
                .and_then(|rest| rest.split('`').next())
                .unwrap_or("a row refers to one that does not exist, or is referred to by one that remains")
                .to_owned(),
        ),
        // 3819 is MySQL's, 4025 MariaDB's.
        3819 | 4025 => DbError::Check(first_name(message)),
        // NULL, no value, or a value of another type.
        1048 | 1263 | 1265 | 1292 | 1364 | 1366 => DbError::Check(column(message)),
        1264 | 1406 => DbError::TooLarge(format!("a value for {}", column(message))),
        1118 | 1153 | 1301 | 1390 => {
            DbError::TooLarge("a row or a statement is larger than the database allows".to_owned())
        }
        1146 => DbError::Unavailable(format!(
            "The database has no table {}: its migrations are not applied. Run `cargo x db migrate`.",
            first_name(message).rsplit('.').next().unwrap_or_default()
        )),
        1054 => DbError::Unavailable(format!(
            "The database has no column {}: its migrations are not applied. Run `cargo x db migrate`.",
            first_name(message)
        )),
        1049 => DbError::Unavailable(
            "The MySQL server has no such database: create it, or correct the name at the end of the database's URL."
                .to_owned(),
        ),
        1044 | 1045 | 1698 | 1820 | 1862 | 3118 | 4151 => DbError::Unavailable(
            "The database refused the user: check user and password in the database's URL, and the user's privileges."
                .to_owned(),
        ),
        1040 | 1203 | 1226 => DbError::Lost("the server has too many connections".to_owned()),
        1205 => DbError::Unavailable("Another write locks the row for too long.".to_owned()),
        // The server has rolled back the whole transaction: nothing was done.
        1213 => DbError::Unavailable("Two writes waited for each other; this one was rolled back.".to_owned()),
        1290 | 1792 | 1836 | 3989 => {
            DbError::Unavailable("The database accepts no writes now: it is read-only.".to_owned())
        }
        1021 | 1037 | 1038 | 1041 | 1114 => {
            DbError::Unavailable("The database has no space or memory left for this.".to_owned())
        }
        1317 | 1969 | 3024 => DbError::Timeout("the server ended the statement".to_owned()),
        // 1105 comes from a pooler that has no free connection.
        1053 | 1077 | 1079 | 1105 | 1080 | 1152 | 1154..=1161 | 1184 | 1927 | 2006 | 2013 | 3169 | 4031 => {
            DbError::Lost(format!("the server closed it ({code})"))
        }
        _ => DbError::Driver(format!("{code} {state} {message}")),
    }
}

/// Completes an error by its statement: MariaDB's message has `PRIMARY` for any table's key, and no table for a column.
pub(super) fn in_statement(error: DbError, sql: &str) -> DbError {
    match (error, written_table(sql)) {
        (DbError::Unique { table, column }, Some(written))
            if table.is_empty() || column == "PRIMARY" =>
        {
            let table = if table.is_empty() { written } else { &table };
            DbError::Unique {
                table: table.to_owned(),
                column: key_of(table).to_owned(),
            }
        }
        (DbError::Check(name), Some(table)) if is_column(table, &name) => {
            DbError::Check(format!("{table}.{name}"))
        }
        (error, _) => error,
    }
}

/// `Duplicate entry 'x' for key 'users.users_email_key'`; MariaDB leaves the table out. The value may be anything, so
/// the key is searched from the end.
fn unique(message: &str) -> DbError {
    let key = message
        .rsplit_once(" for key '")
        .map_or(message, |(_, key)| key)
        .trim_end_matches('\'');
    let (table, name) = key.rsplit_once('.').unwrap_or(("", key));
    let (table, column) = match name.strip_suffix("_key") {
        Some(both) => {
            declared(both).unwrap_or_else(|| both.split_once('_').unwrap_or((table, both)))
        }
        None => (table, name),
    };
    DbError::Unique {
        table: table.to_owned(),
        column: column.to_owned(),
    }
}

/// Splits a constraint's name into table and column. Both may have underscores, so the schema decides.
fn declared(both: &str) -> Option<(&'static str, &'static str)> {
    TABLES
        .iter()
        .flat_map(|table| table.columns)
        .find(|column| {
            both.strip_prefix(column.table)
                .and_then(|rest| rest.strip_prefix('_'))
                == Some(column.name)
        })
        .map(|column| (column.table, column.name))
}

fn key_of(table: &str) -> &'static str {
    TABLES
        .iter()
        .find(|declared| declared.name == table)
        .and_then(|declared| declared.columns.iter().find(|column| column.is_key))
        .map_or("id", |column| column.name)
}

/// True if the name is a column of that table, and not a constraint.
fn is_column(table: &str, name: &str) -> bool {
    let is_constraint = name.starts_with(table) && name.ends_with("_check");
    !is_constraint && !name.contains('.')
}

/// The table that a statement writes to.
fn written_table(sql: &str) -> Option<&str> {
    ["INSERT INTO ", "UPDATE ", "REPLACE INTO "]
        .iter()
        .find_map(|verb| sql.trim_start().strip_prefix(verb))
        .map(|rest| rest.trim_start_matches('`'))
        .and_then(|rest| rest.split(['`', ' ', '(']).next())
        .filter(|table| !table.is_empty())
}

/// `… column 'text' at row 1`, ``… for column `db`.`table`.`text` at row 1``, `Field 'text' doesn't have …`.
fn column(message: &str) -> String {
    let from = message
        .rfind("olumn ")
        .or_else(|| message.rfind("Field "))
        .map_or(message, |at| &message[at + "olumn ".len()..]);
    let path = from.split(" at row").next().unwrap_or(from);
    let last = path.rsplit('.').next().unwrap_or(path);
    first_name(last)
}

/// The first name between quotes of either kind, or the first word.
fn first_name(message: &str) -> String {
    let quoted = message
        .find(['\'', '`'])
        .map(|at| &message[at + 1..])
        .and_then(|rest| rest.split(['\'', '`']).next());
    quoted
        .unwrap_or_else(|| message.split_whitespace().next().unwrap_or_default())
        .to_owned()
}

fn after<'a>(message: &'a str, marker: &str) -> Option<&'a str> {
    message.split_once(marker).map(|(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unique(table: &str, column: &str) -> DbError {
        DbError::Unique {
            table: table.into(),
            column: column.into(),
        }
    }

    #[test]
    fn unique_violations_of_mysql_and_mariadb() {
        for (message, expected) in [
            (
                "Duplicate entry 'a@b.cz' for key 'users.users_email_key'",
                unique("users", "email"),
            ),
            (
                "Duplicate entry 'a@b.cz' for key 'users_email_key'",
                unique("users", "email"),
            ),
            (
                "Duplicate entry 'x' for key 'api_tokens_token_hash_key'",
                unique("api_tokens", "token_hash"),
            ),
            (
                "Duplicate entry 'x for key 'posts_slug_key'' for key 'users_handle_key'",
                unique("users", "handle"),
            ),
            (
                "Duplicate entry 'one' for key 'scratch_text_key'",
                unique("scratch", "text"),
            ),
        ] {
            assert_eq!(from_code(1062, "23000", message), expected, "{message}");
        }
        let keys = from_code(1062, "23000", "Duplicate entry 'x' for key 'PRIMARY'");
        assert_eq!(
            in_statement(keys, "INSERT INTO `post_slugs` (`slug`) VALUES (?)"),
            unique("post_slugs", "slug")
        );
        let keys = from_code(1062, "23000", "Duplicate entry 'x' for key 'users.PRIMARY'");
        assert_eq!(
            in_statement(keys, "INSERT INTO `users` (`id`) VALUES (?)"),
            unique("users", "id")
        );
    }

    #[test]
    fn other_violations_name_their_constraint() {
        for (code, message, expected) in [
            (
                1452,
                "Cannot add or update a child row: a foreign key constraint fails (`db`.`c`, CONSTRAINT `c_parent_id_fkey` FOREIGN KEY (`parent_id`) REFERENCES `p` (`id`))",
                DbError::ForeignKey("c_parent_id_fkey".into()),
            ),
            (
                3819,
                "Check constraint 'posts_status_check' is violated.",
                DbError::Check("posts_status_check".into()),
            ),
            (
                4025,
                "CONSTRAINT `posts_status_check` failed for `db`.`posts`",
                DbError::Check("posts_status_check".into()),
            ),
            (
                1048,
                "Column 'text' cannot be null",
                DbError::Check("text".into()),
            ),
            (
                1364,
                "Field 'text' doesn't have a default value",
                DbError::Check("text".into()),
            ),
            (
                1366,
                "Incorrect integer value: 'it's mine' for column `db`.`users`.`post_count` at row 1",
                DbError::Check("post_count".into()),
            ),
            (
                1406,
                "Data too long for column 'name' at row 1",
                DbError::TooLarge("a value for name".into()),
            ),
        ] {
            assert_eq!(from_code(code, "", message), expected, "{message}");
        }
        let null = from_code(1048, "", "Column 'text' cannot be null");
        assert_eq!(
            in_statement(null, "INSERT INTO `scratch` VALUES (?)"),
            DbError::Check("scratch.text".into())
        );
    }

    #[test]
    fn errors_say_what_to_do_and_show_no_secret() {
        let missing = from_code(1146, "42S02", "Table 'site.posts' doesn't exist");
        assert!(matches!(missing, DbError::Unavailable(text)
            if text.contains("no table posts:") && text.contains("cargo x db migrate")));
        let refused = from_code(
            1045,
            "28000",
            "Access denied for user 'w'@'h' (using password: YES)",
        );
        assert!(matches!(refused, DbError::Unavailable(text) if text.contains("password")));
        assert!(
            matches!(from_code(1049, "42000", "Unknown database 'nowhere'"),
            DbError::Unavailable(text) if text.contains("no such database"))
        );
    }

    #[test]
    fn any_message_is_mapped() {
        for code in [1062, 1048, 1146, 1366, 1406, 1452, 3819, 4025] {
            for message in [
                "",
                "'",
                "`",
                "é column é",
                "for key '",
                " for key '_key'",
                "Column ",
            ] {
                let _ = in_statement(from_code(code, "", message), "UPDATE ");
            }
        }
    }
}
